//! SRV (RFC 2782) and URI (RFC 7553): where a service is, with priority and weight.

use core::fmt;

use super::{Builder, DoesNotFit, PutData, Type, read_fields};
use crate::ink::Ink;
use crate::name::Name;

/// Where a service runs (RFC 2782).
#[derive(Clone, Copy, Debug)]
pub struct Srv<'m> {
    /// Lower is tried first.
    pub priority: u16,
    /// Share among targets of one priority.
    pub weight: u16,
    /// The port.
    pub port: u16,
    /// The host that runs the service; see [`is_available`](Self::is_available).
    pub target: Name<'m>,
}

impl Srv<'_> {
    /// Whether there is such a service: a target of `.` says that it is decidedly not available.
    pub fn is_available(&self) -> bool {
        !self.target.is_root()
    }

    pub(super) fn ink(&self, ink: &mut impl Ink) -> fmt::Result {
        for number in [self.priority, self.weight, self.port] {
            ink.number(number.into())?;
            ink.text(" ")?;
        }
        self.target.ink_absolute(ink)
    }
}

read_fields!(Srv for SRV, |fields| Srv {
    priority: fields.word(),
    weight: fields.word(),
    port: fields.word(),
    target: fields.name(),
});

impl PutData for Srv<'_> {
    fn put(&self, rtype: Type, to: &mut Builder<'_>) -> Result<(), DoesNotFit> {
        to.put([self.priority, self.weight, self.port].map(u16::to_be_bytes).as_flattened())?;
        to.put_name_of(rtype, &self.target)
    }
}

/// Where a resource is (RFC 7553).
#[derive(Clone, Copy, Debug)]
pub struct Uri<'m> {
    /// Lower is tried first.
    pub priority: u16,
    /// Share among targets of one priority.
    pub weight: u16,
    /// The URI, without a length before it; RFC 7553 section 4.4 wants an octet at least.
    pub target: &'m [u8],
}

impl Uri<'_> {
    pub(super) fn ink(&self, ink: &mut impl Ink) -> fmt::Result {
        for number in [self.priority, self.weight] {
            ink.number(number.into())?;
            ink.text(" ")?;
        }
        crate::wire::show::quoted(ink, self.target)
    }
}

read_fields!(Uri for URI, |fields| Uri {
    priority: fields.word(),
    weight: fields.word(),
    target: fields.rest(),
});

impl PutData for Uri<'_> {
    fn put(&self, _: Type, to: &mut Builder<'_>) -> Result<(), DoesNotFit> {
        to.put([self.priority, self.weight].map(u16::to_be_bytes).as_flattened())?;
        to.put(self.target)
    }
}
