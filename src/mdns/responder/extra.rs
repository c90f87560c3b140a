//! Records of any type beside those of hosts and services.

use core::fmt;

use super::kinds::Kinds;
use crate::name::Name;
use crate::wire::{MAX_MESSAGE, Type};

/// A record of any type, under the name that it is registered with.
///
/// ```
/// use dotlocal::mdns::ExtraRecord;
/// use dotlocal::wire::Type;
///
/// static ABOUT: [ExtraRecord<'static>; 1] = [ExtraRecord::new(Type::HINFO, b"\x0AESP32-C3\x08dotlocal")];
/// # let _ = ABOUT;
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ExtraRecord<'a> {
    pub(super) rtype: Type,
    /// 0 for what RFC 6762 advises.
    pub(super) ttl_secs: u32,
    pub(super) data: &'a [u8],
}

impl<'a> ExtraRecord<'a> {
    /// A record of class IN that lives for 75 minutes, or 2 under a host name; `data` as it goes over the wire, names
    /// in it not compressed.
    pub const fn new(rtype: Type, data: &'a [u8]) -> Self {
        Self { rtype, ttl_secs: 0, data }
    }

    /// Another time to live in seconds, above 0: 120 for what has a host name in its data (RFC 6762 section 10).
    #[must_use]
    pub const fn ttl_secs(mut self, ttl_secs: u32) -> Self {
        self.ttl_secs = ttl_secs;
        self
    }
}

/// Records under a name of their own.
#[derive(Clone, Copy, Debug)]
pub struct RecordSet<'a> {
    pub(super) name: Name<'a>,
    pub(super) records: &'a [ExtraRecord<'a>],
    pub(super) shared: bool,
}

impl<'a> RecordSet<'a> {
    /// Records of this device alone: the name is probed for before they are answered (RFC 6762 section 8.1). A name
    /// that another has is lost: it cannot be renamed.
    pub const fn unique(name: Name<'a>, records: &'a [ExtraRecord<'a>]) -> Self {
        Self { name, records, shared: false }
    }

    /// Records that others may have under this name too, such as PTR (RFC 6762 section 2).
    pub const fn shared(name: Name<'a>, records: &'a [ExtraRecord<'a>]) -> Self {
        Self { name, records, shared: true }
    }
}

/// Why extra records cannot be published as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum RecordsError {
    /// None at all.
    Empty,
    /// More than can stand under one name.
    TooMany {
        /// How many can.
        most: usize,
    },
    /// The record at `index` has a type that is published already under this name, or that no record has.
    Type {
        /// Which one, from 0.
        index: usize,
    },
    /// The data of the record at `index` is longer than 65 535 octets.
    TooLong {
        /// Which one, from 0.
        index: usize,
    },
}

impl fmt::Display for RecordsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("a set of records needs at least one"),
            Self::TooMany { most } => write!(f, "at most {most} extra records stand under this name"),
            Self::Type { index } => write!(
                f,
                "record {index} has a type that this name has already or that is no record's: use what sets it"
            ),
            Self::TooLong { index } => write!(f, "the data of record {index} is longer than 65535 octets"),
        }
    }
}

impl core::error::Error for RecordsError {}

/// Checks `records`, whose kinds begin with `first`, beside `taken` types.
pub(super) fn check_extra(
    records: &[ExtraRecord<'_>],
    first: Kinds,
    taken: &[Type],
) -> Result<(), RecordsError> {
    let most = first.count_to_last();
    if records.len() > most {
        return Err(RecordsError::TooMany { most });
    }
    for (index, record) in records.iter().enumerate() {
        let none = [Type::ANY, Type::NSEC, Type::OPT, Type(0)];
        if none.contains(&record.rtype) || taken.contains(&record.rtype) {
            return Err(RecordsError::Type { index });
        }
        if record.data.len() > MAX_MESSAGE {
            return Err(RecordsError::TooLong { index });
        }
    }
    Ok(())
}
