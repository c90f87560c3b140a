//! What the application asks for, and how often the link is asked.

use core::fmt;
use core::ops::RangeInclusive;

use super::marks;
use crate::cache::Marks;
use crate::cache::NameId;
use crate::dns_sd::ServiceTypeError;
use crate::families::Families;
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

/// How long a request is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Until {
    /// Until it is answered, or has failed: it ends by itself.
    Answered {
        /// When it fails at the latest, in milliseconds from the next call that brings the time; at most
        /// [`Instant::HORIZON_MILLIS`].
        timeout_millis: u32,
    },
    /// Until it is cancelled; changes are told as they come.
    Cancelled,
}

/// Why a lookup, or a request for records, found nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum LookupFailure {
    /// Nobody on the link has answered in time: the name is free, or its host is off.
    Timeout,
    /// The name exists, and its owner says that it has no such record (RFC 6762 section 6.1).
    NoData,
}

impl fmt::Display for LookupFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Timeout => {
                "nobody on the link answers to this name: check its spelling, and that the host is on"
            }
            Self::NoData => "the name is there, but has no address of this family, or no record of this type",
        })
    }
}

impl core::error::Error for LookupFailure {}

/// Why a request was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum RequestError {
    /// The text is not a service type.
    Type(ServiceTypeError),
    /// The text is not a domain name.
    Name(NameTextError),
    /// The name ends neither in `.local` nor as those of addresses do, and so is not one that multicast answers (RFC 6762
    /// sections 3 and 4).
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
    /// What it is about.
    pub(super) name: NameId,
    pub(super) kind: Kind,
    pub(super) state: State,
    pub(super) ends: Ends,
    /// An answer has come, and the rest has a second to follow.
    pub(super) is_answered: bool,
    /// What a resolve was told of its instance; of others, whether they were told anything.
    pub(super) told: Told,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Kind {
    /// The instances of a service type.
    Browse,
    /// The addresses of a host.
    Lookup(Families),
    /// The service types that there are.
    Types,
    /// One instance.
    Resolve,
    /// Records of a type.
    Records(Type),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum State {
    Free,
    /// It begins with the next call that brings the time.
    Fresh,
    Open,
    Done,
    Failed(LookupFailure),
}

/// When a request ends by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Ends {
    Never,
    /// So long after it has begun.
    After(u32),
    At(Instant),
}

/// What a request was told of an instance or a record; two bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    Nothing = 0,
    Found = 1,
    Resolved = 2,
    /// Resolved, and something has changed since.
    Changed = 3,
}

impl Told {
    /// What request number `index` was told.
    pub(super) fn of(told: u32, index: usize) -> Told {
        match told >> (2 * index) & 3 {
            0 => Told::Nothing,
            1 => Told::Found,
            2 => Told::Resolved,
            _ => Told::Changed,
        }
    }

    pub(super) fn set(self, told: u32, index: usize) -> u32 {
        let shift = 2 * index;
        told & !(3 << shift) | (self as u32) << shift
    }

    /// Everybody who was told that it is resolved has a change to hear of.
    pub(super) fn changed(told: u32) -> u32 {
        told | (told >> 1 & 0x5555_5555)
    }
}

impl Request {
    pub(super) const FREE: Request = Request {
        generation: 0,
        name: NameId::NONE,
        kind: Kind::Browse,
        state: State::Free,
        ends: Ends::Never,
        is_answered: false,
        told: Told::Nothing,
    };

    /// Whether it still wants something.
    pub(super) fn is_open(&self) -> bool {
        matches!(self.state, State::Fresh | State::Open)
    }

    /// Why it wants its name.
    pub(super) fn marks(&self) -> Marks {
        match self.kind {
            Kind::Lookup(Families::Both) => marks::V4.with(marks::V6),
            Kind::Lookup(Families::V4) => marks::V4,
            Kind::Lookup(Families::V6) => marks::V6,
            Kind::Browse => marks::BROWSE,
            Kind::Types => marks::TYPES,
            Kind::Resolve => marks::INSTANCE.with(marks::RESOLVE),
            Kind::Records(_) => marks::RECORDS,
        }
    }

    /// Whether it asks for records of this type under its name, by the type.
    pub(super) fn is_for_records(&self, rtype: Type) -> bool {
        matches!(self.kind, Kind::Records(of) if of == rtype || of == Type::ANY)
    }
}

/// The wait behind the question number `asked`, which was the first, second …: a second, doubled each time, an hour
/// at most (RFC 6762 section 5.2).
pub(super) fn interval_millis(asked: u8) -> u32 {
    let doublings = u32::from(asked.saturating_sub(1)).min(12);
    (1_000 << doublings).min(3_600_000)
}

/// The wait before a first question in milliseconds, so that devices that wake together do not ask together (RFC 6762 section 5.2).
pub(super) const FIRST_WAIT: RangeInclusive<u32> = 20..=120;

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
