//! The invariants of hosts that look for others.

use std::fmt;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Invariant {
    Unwanted,
    OneSecond,
    TooOften,
    TooEarly,
    Qu,
    KnownAnswer,
    KnownMissing,
    Unsupported,
    TooSoon,
    Incomplete,
    Sequence,
    Cancelled,
    Lookup,
    NoRoom,
    Silence,
    Form,
    Driver,
}

impl fmt::Display for Invariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unwanted => "a question is asked for an open request, or for what it leads to (RFC 6762 section 5.2)",
            Self::OneSecond => "a question is not repeated within a second, whoever wants it (5.2)",
            Self::TooOften => {
                "a question is asked at once, then after waits that double from a second to an hour, and for a record in \
                 use once at 80, 85, 90 and 95 % of its life (5.2)"
            }
            Self::TooEarly => "the first question of a browse waits for 20 ms (5.2)",
            Self::Qu => "a first question alone may ask for unicast answers (5.4)",
            Self::KnownAnswer => {
                "a known answer was heard, has more than half of its life, is told with what is left, and not as unique (7.1)"
            }
            Self::KnownMissing => "what is known is not asked for: it is listed while more than half of its life is left (7.1)",
            Self::Unsupported => "what is shown was heard, and its life is not over (10)",
            Self::TooSoon => {
                "an instance is lost when its life is over, a second after its goodbye, or when it was asked for twice in \
                 vain (10.1, 10.4, 10.5)"
            }
            Self::Incomplete => {
                "once the link has lost nothing for so long that the back-off has asked again, all that is there is shown (5.2)"
            }
            Self::Sequence => "an instance is found, then resolved, then updated, then lost",
            Self::Cancelled => "nothing is told of a request that has ended",
            Self::Lookup => {
                "a lookup ends in time, with all that was heard: a second after its first address, or at its deadline"
            }
            Self::NoRoom => "what is wanted fits the cache",
            Self::Silence => "a host that is stopped or has no link is silent",
            Self::Form => "a query has no flag but TC, id 0, and its sections (18)",
            Self::Driver => "a drain ends, and leaves no deadline in the past",
        })
    }
}
