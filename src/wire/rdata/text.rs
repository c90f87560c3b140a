//! Character strings (RFC 1035 section 3.3) and the types made of them: HINFO (section 3.3.2) and CAA (RFC 8659).

use core::fmt;

use super::{Builder, DoesNotFit, PutData, Type, read_fields};
use crate::ink::Ink;

/// A string of up to 255 octets (RFC 1035 section 3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CharStr<'m>(&'m [u8]);

impl<'m> CharStr<'m> {
    /// The string of these octets; `None` for more than 255.
    pub const fn new(octets: &'m [u8]) -> Option<Self> {
        if octets.len() <= 255 { Some(Self(octets)) } else { None }
    }

    /// Octets that were found behind their length.
    pub(super) const fn trusted(octets: &'m [u8]) -> Self {
        Self(octets)
    }

    /// The octets without their length.
    pub const fn as_octets(&self) -> &'m [u8] {
        self.0
    }

    pub(super) fn ink(&self, ink: &mut impl Ink) -> fmt::Result {
        crate::wire::show::quoted(ink, self.0)
    }

    pub(super) fn put(&self, to: &mut Builder<'_>) -> Result<(), DoesNotFit> {
        to.put(&[self.0.len() as u8])?;
        to.put(self.0)
    }
}

/// Processor and operating system of a host (RFC 1035 section 3.3.2); in answers to ANY often no more than `RFC8482`
/// (RFC 8482 section 4.2).
#[derive(Clone, Copy, Debug)]
pub struct Hinfo<'m> {
    /// The processor.
    pub cpu: CharStr<'m>,
    /// The operating system.
    pub os: CharStr<'m>,
}

impl Hinfo<'_> {
    pub(super) fn ink(&self, ink: &mut impl Ink) -> fmt::Result {
        self.cpu.ink(ink)?;
        ink.text(" ")?;
        self.os.ink(ink)
    }
}

read_fields!(Hinfo for HINFO, |fields| Hinfo { cpu: fields.string(), os: fields.string() });

impl PutData for Hinfo<'_> {
    fn put(&self, _: Type, to: &mut Builder<'_>) -> Result<(), DoesNotFit> {
        self.cpu.put(to)?;
        self.os.put(to)
    }
}

/// Who may issue certificates for a domain, or who wants to hear of it (RFC 8659).
#[derive(Clone, Copy, Debug)]
pub struct Caa<'m> {
    /// Bit 0x80: an issuer that does not know the tag must not issue.
    pub flags: u8,
    /// What the value is: `issue`, `issuewild`, `iodef`, …
    pub tag: CharStr<'m>,
    /// The value, without a length before it.
    pub value: &'m [u8],
}

impl Caa<'_> {
    pub(super) fn ink(&self, ink: &mut impl Ink) -> fmt::Result {
        ink.number(self.flags.into())?;
        ink.text(" ")?;
        ink.escaped(self.tag.as_octets(), b"\"", false)?;
        ink.text(" ")?;
        crate::wire::show::quoted(ink, self.value)
    }
}

read_fields!(Caa for CAA, |fields| Caa {
    flags: fields.octet(),
    tag: fields.string(),
    value: fields.rest(),
});

impl PutData for Caa<'_> {
    fn put(&self, _: Type, to: &mut Builder<'_>) -> Result<(), DoesNotFit> {
        to.put(&[self.flags])?;
        self.tag.put(to)?;
        to.put(self.value)
    }
}
