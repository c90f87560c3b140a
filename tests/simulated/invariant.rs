//! The invariants, and how a broken one is noted.

use std::fmt;

use super::findings::Findings;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Invariant {
    OneHolder,
    EstablishedInTime,
    NoRival,
    ThreeProbes,
    TieBreak,
    ManyConflicts,
    OneSecond,
    Unprovoked,
    TooEarly,
    Unanswered,
    NotRescued,
    Form,
    Untrue,
    Goodbye,
    Lifetime,
    Silence,
    Driver,
    Tables,
}

impl fmt::Display for Invariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OneHolder => "two hosts hold one unique name 10 s after both could know (RFC 6762 sections 8, 9)",
            Self::EstablishedInTime => {
                "a name is established 1 s after its claim began, 2 s after its last conflict, 5 s more after fifteen (8.1, 8.2)"
            }
            Self::NoRival => "a conflict needs another host that speaks under the name (6.6, 9)",
            Self::ThreeProbes => "a name is used after three probes, 250 ms apart and 250 ms ago (8.1)",
            Self::TieBreak => "who loses a tie-break sends no probe for a second (8.2)",
            Self::ManyConflicts => "after fifteen conflicts in ten seconds a probe waits for five (8.1)",
            Self::OneSecond => "a record is multicast once a second, in defence against a probe once in 250 ms (6)",
            Self::Unprovoked => "what is multicast was asked for, announced, defended or rescued (6, 8.3, 6.6)",
            Self::TooEarly => "a shared record is answered after 20 ms, a query with TC after 400 ms (6, 7.2)",
            Self::Unanswered => {
                "a query is answered within 10 ms, 120 ms where shared, 500 ms with TC, and where it was asked for (5.4, 6)"
            }
            Self::NotRescued => "our record seen with less than half its TTL is announced again (6.6, 10.1)",
            Self::Form => "a message has the form that its purpose needs (5.4, 6, 6.7, 8.1, 10.2, 18)",
            Self::Untrue => "a host speaks only of records that it has, with their TTLs (6, 10)",
            Self::Goodbye => "what was withdrawn is in no cache a second after its goodbye (8.4, 10.1)",
            Self::Lifetime => "what was withdrawn is in no cache after its TTL (10)",
            Self::Silence => "a host that is stopped or has no link is silent (10.1)",
            Self::Driver => "a drain ends, and leaves no deadline in the past",
            Self::Tables => "a call for which there is no room fails, and leaves the old in place",
        })
    }
}

/// What a rule looks at: a host at a moment, by the link's clock and by its own.
pub(crate) struct Scene<'m> {
    pub(crate) at: u64,
    pub(crate) local: u64,
    pub(crate) host: usize,
    pub(crate) model: &'m super::wish::Model,
}

impl Findings {
    pub(crate) fn add(&mut self, scene: &Scene<'_>, invariant: Invariant, text: impl Into<String>) {
        self.note(scene.at, scene.host, invariant, text.into());
    }
}
