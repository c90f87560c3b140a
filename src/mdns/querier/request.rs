//! What the application asks for, and how often the link is asked.

use core::fmt;

use crate::cache::EntryId;
use crate::dns_sd::ServiceTypeError;
use crate::jitter::Jitter;
use crate::name::NameTextError;
use crate::time::Instant;
use crate::wire::Type;

/// A request. It turns stale when the request has ended or was cancelled, and fits again only after 65 536 further
/// requests in its slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct RequestId {
    pub(super) index: u16,
    pub(super) generation: u16,
}

/// The address families that are of interest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Families {
    /// IPv4 and IPv6.
    #[default]
    Both,
    /// IPv4 alone.
    V4,
    /// IPv6 alone.
    V6,
}

impl Families {
    /// Whether IPv4 is among them.
    pub const fn v4(self) -> bool {
        matches!(self, Self::Both | Self::V4)
    }

    /// Whether IPv6 is among them.
    pub const fn v6(self) -> bool {
        matches!(self, Self::Both | Self::V6)
    }
}

/// Why a lookup found no address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum LookupFailure {
    /// Nobody on the link has answered in time: the name is free, or its host is off.
    Timeout,
    /// The host exists and says that it has no address of these families (RFC 6762 section 6.1).
    NoData,
}

impl fmt::Display for LookupFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Timeout => {
                "nobody on the link answers to this name: check its spelling, and that the host is on"
            }
            Self::NoData => "the host is there, but has no address of this family: ask for the other one",
        })
    }
}

impl core::error::Error for LookupFailure {}

/// Why a request was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum RequestError {
    /// The service type is none.
    Type(ServiceTypeError),
    /// The name is none.
    Name(NameTextError),
    /// The name does not end in `.local`, and so is not one that multicast answers (RFC 6762 section 3).
    NotLocal,
    /// The instance name has not 1 to 63 octets.
    Instance {
        /// Its octets.
        octets: usize,
    },
    /// All request slots are taken.
    Full {
        /// The slots that there are.
        capacity: usize,
    },
    /// The cache has no room for the name.
    CacheFull {
        /// Octets that it needs.
        needed: usize,
    },
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Type(error) => error.fmt(f),
            Self::Name(error) => error.fmt(f),
            Self::NotLocal => {
                f.write_str("multicast answers names that end in \".local\": write \"printer.local\"")
            }
            Self::Instance { octets } => {
                write!(
                    f,
                    "an instance name has 1 to 63 octets, not {octets}: write the name that a browse shows"
                )
            }
            Self::Full { capacity } => {
                write!(f, "all {capacity} requests are taken: raise REQUESTS in the storage, or cancel one")
            }
            Self::CacheFull { needed } => {
                write!(
                    f,
                    "the cache has no {needed} octets left: raise CACHE in the storage, or cancel a request"
                )
            }
        }
    }
}

impl core::error::Error for RequestError {}

/// A slot for a request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Request {
    pub(super) generation: u16,
    pub(super) kind: Kind,
    /// The cache entry that holds the name.
    pub(super) anchor: EntryId,
    pub(super) schedule: Schedule,
    /// When a lookup ends.
    pub(super) deadline: Option<Instant>,
    /// The deadline is that of the other family already.
    pub(super) has_address: bool,
    /// How a lookup has ended, until it is told.
    pub(super) end: End,
}

/// How a lookup has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum End {
    NotYet,
    Done,
    Failed(LookupFailure),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Kind {
    Free,
    /// The addresses of a host. What a negative answer has denied is asked no more.
    Lookup {
        families: Families,
        timeout_millis: u32,
        denied_v4: bool,
        denied_v6: bool,
    },
    /// The instances of a service type.
    Browse,
    /// One instance.
    Resolve,
}

/// When a question is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Schedule {
    Over,
    /// From the next call that brings the time.
    Waiting,
    /// The next one is due; so many were asked.
    Asking {
        due: Instant,
        asked: u8,
    },
}

impl Request {
    pub(super) const FREE: Request = Request {
        generation: 0,
        kind: Kind::Free,
        anchor: EntryId::NONE,
        schedule: Schedule::Over,
        deadline: None,
        has_address: false,
        end: End::NotYet,
    };

    /// The types that the request asks for under its own name.
    pub(super) fn asks_for(&self, rtype: Type) -> bool {
        match self.kind {
            Kind::Free => false,
            Kind::Lookup { families, .. } => {
                rtype == Type::A && families.v4() || rtype == Type::AAAA && families.v6()
            }
            Kind::Browse => rtype == Type::PTR,
            Kind::Resolve => rtype == Type::SRV || rtype == Type::TXT,
        }
    }
}

/// The wait behind the question number `asked`, which was the first, second …: a second, doubled each time, an hour
/// at most (RFC 6762 section 5.2).
pub(super) fn interval_millis(asked: u8) -> u32 {
    let doublings = u32::from(asked.saturating_sub(1)).min(12);
    (1_000 << doublings).min(3_600_000)
}

/// The wait before a first question, so that devices that wake together do not ask together (RFC 6762 section 5.2).
pub(super) fn first_wait(jitter: &mut Jitter) -> u32 {
    jitter.between(20, 120)
}

#[cfg(test)]
mod tests {
    use super::*;

    // M-5.2-2
    #[test]
    fn intervals_double_from_a_second_to_an_hour() {
        let first: [u32; 4] = core::array::from_fn(|asked| interval_millis(asked as u8 + 1));
        assert_eq!(first, [1_000, 2_000, 4_000, 8_000]);
        assert_eq!(interval_millis(12), 2_048_000);
        assert_eq!([13, 14, 255].map(interval_millis), [3_600_000; 3]);
    }
}
