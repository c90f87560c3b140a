//! A service to be registered.

use core::fmt;

use super::handle::{Handle, HostId};
use super::kinds::Kinds;
use crate::dns_sd::{ServiceTypeError, TxtData, check_registered};
use crate::name::{MAX_LABEL, MAX_NAME};
use crate::wire::TxtError;

/// A service that this device offers. All text is borrowed and costs no RAM.
///
/// ```
/// use dotlocal::mdns::Service;
///
/// let service = Service::new("_http._tcp", 80).instance("Kitchen Cam").txt(&[("path", "/")]);
/// # let _ = service;
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Service<'a> {
    pub(super) service_type: &'a str,
    pub(super) instance: &'a str,
    pub(super) subtypes: &'a [&'a str],
    pub(super) txt: Txt<'a>,
    pub(super) port: u16,
    pub(super) priority: u16,
    pub(super) weight: u16,
    pub(super) host: Handle,
}

/// Where a service's TXT data is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Txt<'a> {
    Borrowed(TxtData<'a>),
    /// So many octets of the slot's area.
    Copied(u16),
}

impl<'a> Service<'a> {
    /// A service of type `service_type`, such as `_http._tcp`, at `port`. It still needs
    /// [`instance`](Self::instance).
    pub const fn new(service_type: &'a str, port: u16) -> Self {
        let txt = Txt::Borrowed(TxtData::Pairs(&[]));
        Self {
            service_type,
            instance: "",
            subtypes: &[],
            txt,
            port,
            priority: 0,
            weight: 0,
            host: Handle::HOST,
        }
    }

    /// The name that people see: 1 to 63 octets of text, dots and blanks included (RFC 6763 section 4.1.1).
    #[must_use]
    pub const fn instance(mut self, instance: &'a str) -> Self {
        self.instance = instance;
        self
    }

    /// Attributes of the TXT record, such as `("path", "/")`. An attribute without a value needs
    /// [`txt_octets`](Self::txt_octets).
    #[must_use]
    pub const fn txt(mut self, pairs: &'a [(&'a str, &'a str)]) -> Self {
        self.txt = Txt::Borrowed(TxtData::Pairs(pairs));
        self
    }

    /// The TXT record as octets, each string behind its length: those of [`txt!`](crate::txt!), as in
    /// `.txt_octets(txt!("path=/", "tls").as_octets())`, or of [`Txt::build`](crate::wire::Txt::build).
    #[must_use]
    pub const fn txt_octets(mut self, octets: &'a [u8]) -> Self {
        self.txt = Txt::Borrowed(TxtData::Octets(octets));
        self
    }

    /// Subtypes under which the service is found too, such as `_printer` (RFC 6763 section 7.1); at most 8.
    #[must_use]
    pub const fn subtypes(mut self, subtypes: &'a [&'a str]) -> Self {
        self.subtypes = subtypes;
        self
    }

    /// Priority and weight of the SRV record (RFC 2782), 0 and 0 unless told otherwise.
    #[must_use]
    pub const fn priority(mut self, priority: u16, weight: u16) -> Self {
        self.priority = priority;
        self.weight = weight;
        self
    }

    /// Where the service runs, when that is not this device.
    #[must_use]
    pub const fn host(mut self, host: HostId) -> Self {
        self.host = host.0;
        self
    }

    /// Checks everything that is said of the service.
    pub(super) fn check(&self) -> Result<(), ServiceError> {
        check_registered(self.service_type).map_err(ServiceError::Type)?;
        check_label(self.instance).map_err(|error| match error {
            LabelError::Empty => ServiceError::NoInstance,
            LabelError::TooLong { octets } => ServiceError::InstanceTooLong { octets },
        })?;
        if self.subtypes.len() > Kinds::MAX_SUBTYPES {
            return Err(ServiceError::TooManySubtypes { given: self.subtypes.len() });
        }
        for (index, subtype) in self.subtypes.iter().enumerate() {
            // The longest name is that of the instance or of a subtype; the type itself is short.
            check_label(subtype).map_err(|_| ServiceError::Subtype { index })?;
        }
        const { assert!(2 * (1 + MAX_LABEL) + 30 < MAX_NAME) };
        match &self.txt {
            Txt::Borrowed(txt) => txt.check().map_err(ServiceError::Txt),
            Txt::Copied(_) => Ok(()),
        }
    }
}

/// Why a text is no label.
pub(super) enum LabelError {
    Empty,
    TooLong { octets: usize },
}

pub(super) fn check_label(text: &str) -> Result<(), LabelError> {
    match text.len() {
        0 => Err(LabelError::Empty),
        1..=MAX_LABEL => Ok(()),
        octets => Err(LabelError::TooLong { octets }),
    }
}

/// Why a service cannot be registered as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum ServiceError {
    /// The text is not a service type.
    Type(ServiceTypeError),
    /// No instance name was given.
    NoInstance,
    /// The instance name is longer than 63 octets.
    InstanceTooLong {
        /// Its octets.
        octets: usize,
    },
    /// The subtype at `index` is empty or longer than 63 octets.
    Subtype {
        /// Which one, from 0.
        index: usize,
    },
    /// More than 8 subtypes.
    TooManySubtypes {
        /// How many.
        given: usize,
    },
    /// The TXT data cannot be published.
    Txt(TxtError),
}

impl fmt::Display for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Type(error) => error.fmt(f),
            Self::NoInstance => {
                f.write_str("a service needs an instance name: add .instance(\"Kitchen Cam\")")
            }
            Self::InstanceTooLong { octets } => {
                write!(f, "the instance name has {octets} octets: shorten it to 63")
            }
            Self::Subtype { index } => {
                write!(f, "subtype {index} is not a label of 1 to 63 octets: write \"_printer\"")
            }
            Self::TooManySubtypes { given } => write!(f, "a service has at most 8 subtypes, not {given}"),
            Self::Txt(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for ServiceError {}
