//! What a caller may do wrong, and what to write instead.

use core::fmt;

use super::extra::RecordsError;
use super::service::{LabelError, ServiceError, check_label};
use crate::wire::TxtError;

/// Why a text is no host name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum HostnameError {
    /// Nothing at all.
    Empty,
    /// More than 63 octets.
    TooLong {
        /// How many.
        octets: usize,
    },
    /// `kitchen-cam.local`, where `kitchen-cam` is meant.
    Dotted,
    /// Another name of ours is this one already.
    Duplicate,
}

impl fmt::Display for HostnameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the host name is empty: write \"kitchen-cam\""),
            Self::TooLong { octets } => write!(f, "the host name has {octets} octets: shorten it to 63"),
            Self::Dotted => {
                f.write_str("a host name is one label: write \"kitchen-cam\", \".local\" is added")
            }
            Self::Duplicate => f.write_str("this name is registered already: give another"),
        }
    }
}

impl core::error::Error for HostnameError {}

/// Why a name was not registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum RegisterError {
    /// The service itself is wrong.
    Service(ServiceError),
    /// The name of the other host is not a host name.
    Host(HostnameError),
    /// The records cannot be published.
    Records(RecordsError),
    /// All slots are taken; one that is saying goodbye is free after the next drain, once
    /// [`Withdrawn`](super::ResponderEvent::Withdrawn) was told.
    Full {
        /// The slots that there are, beside that of the host.
        capacity: usize,
    },
    /// The name is registered already.
    Duplicate,
    /// The service is to run on a host that was unregistered.
    UnknownHost,
}

impl fmt::Display for RegisterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Service(error) => error.fmt(f),
            Self::Host(error) => error.fmt(f),
            Self::Records(error) => error.fmt(f),
            Self::UnknownHost => f.write_str("the host of this service is gone: register it again"),
            Self::Full { capacity } => {
                write!(
                    f,
                    "all {capacity} names beside the host's are taken: raise NAMES in the storage, or unregister one and wait \
                     until it is withdrawn"
                )
            }
            Self::Duplicate => {
                f.write_str("this name is registered already: give another, or change the one there")
            }
        }
    }
}

impl core::error::Error for RegisterError {}

/// Why what is registered was not changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum ChangeError {
    /// The handle is stale: what it stood for has been withdrawn. Or there is no host name yet.
    Unknown,
    /// Services run on this host.
    InUse,
    /// Another name of ours is this one already.
    Duplicate,
    /// Not an instance name: 1 to 63 octets are one.
    Instance {
        /// How many it has.
        octets: usize,
    },
    /// The records cannot be published.
    Records(RecordsError),
    /// The TXT data does not fit the area of the slot.
    TxtTooLong {
        /// Octets that it needs.
        needed: usize,
        /// Octets that there are.
        capacity: usize,
    },
    /// The TXT data cannot be published.
    Txt(TxtError),
}

impl fmt::Display for ChangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => {
                f.write_str("there is no such name: register it again, or set the host name first")
            }
            Self::InUse => f.write_str("services run on this host: unregister them first"),
            Self::Duplicate => f.write_str("this name is registered already: give another"),
            Self::Instance { octets } => {
                write!(f, "an instance name has 1 to 63 octets, not {octets}: write \"Kitchen Cam\"")
            }
            Self::Records(error) => error.fmt(f),
            Self::TxtTooLong { needed, capacity } => {
                write!(f, "TXT of {needed} octets does not fit: raise TXT in the storage from {capacity}")
            }
            Self::Txt(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for ChangeError {}

/// Whether `label` may be a host name: one label, of at most 63 octets.
pub(super) fn check_hostname(label: &str) -> Result<(), HostnameError> {
    check_label(label).map_err(|error| match error {
        LabelError::Empty => HostnameError::Empty,
        LabelError::TooLong { octets } => HostnameError::TooLong { octets },
    })?;
    if label.bytes().any(|octet| octet == b'.') { Err(HostnameError::Dotted) } else { Ok(()) }
}
