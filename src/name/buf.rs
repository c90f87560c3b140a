//! A name in a buffer of its own.

use core::fmt;
use core::str::FromStr;

use super::{MAX_NAME, Name, NameTextError, presentation};
use crate::wire::{CheckError, Fault};

/// An owned name: 256 octets, no heap. For names that come as text or must outlive their message.
#[derive(Clone, Copy)]
pub struct NameBuf {
    octets: [u8; MAX_NAME],
    len: u8,
}

impl NameBuf {
    /// The name, borrowed.
    pub fn name(&self) -> Name<'_> {
        Name::trusted(self.as_octets(), 0)
    }

    /// The uncompressed octets, 1 to 255.
    pub fn as_octets(&self) -> &[u8] {
        self.octets.get(..self.len.into()).unwrap_or(&[0])
    }

    /// A copy of `octets`, which must be one whole uncompressed name.
    pub(crate) fn from_iter(octets: impl Iterator<Item = u8>) -> Result<Self, CheckError> {
        let mut buf = Self { octets: [0; MAX_NAME], len: 0 };
        for octet in octets {
            let Some(slot) = buf.octets.get_mut(usize::from(buf.len)) else {
                return Err(CheckError::new(0, Fault::NameTooLong));
            };
            *slot = octet;
            buf.len += 1;
        }
        Ok(buf)
    }
}

impl From<Name<'_>> for NameBuf {
    fn from(name: Name<'_>) -> Self {
        // A `Name` has at most 255 octets.
        Self::from_iter(name.octets()).unwrap_or(Self { octets: [0; MAX_NAME], len: 1 })
    }
}

impl FromStr for NameBuf {
    type Err = NameTextError;

    /// Reads the presentation format: labels between dots, `\.` and `\\` and `\DDD` for octets of a label, one
    /// trailing dot allowed, `.` for the root.
    fn from_str(text: &str) -> Result<Self, NameTextError> {
        let mut buf = Self { octets: [0; MAX_NAME], len: 0 };
        buf.len = presentation::parse(text, &mut buf.octets)?;
        Ok(buf)
    }
}

impl PartialEq for NameBuf {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for NameBuf {}

impl fmt::Display for NameBuf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.name().fmt(f)
    }
}

impl fmt::Debug for NameBuf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.name(), f)
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for NameBuf {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::Format::format(&self.name(), f);
    }
}
