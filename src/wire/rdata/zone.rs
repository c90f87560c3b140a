//! SOA (RFC 1035 section 3.3.13).

use core::fmt;

use super::{Builder, DoesNotFit, PutData, Type, read_fields};
use crate::ink::Ink;
use crate::name::Name;

/// The start of a zone of authority: its source, its keeper, and how long things hold (RFC 1035 section 3.3.13).
#[derive(Clone, Copy, Debug)]
pub struct Soa<'m> {
    /// The primary name server.
    pub mname: Name<'m>,
    /// The mailbox of who is responsible, its first label what stands before the `@`.
    pub rname: Name<'m>,
    /// The version of the zone, in serial number arithmetic (RFC 1982).
    pub serial: u32,
    /// When secondaries look for a new version, in seconds.
    pub refresh_secs: u32,
    /// When they try again after a failure, in seconds.
    pub retry_secs: u32,
    /// When they give the zone up, in seconds.
    pub expire_secs: u32,
    /// Bounds how long a negative answer is kept, in seconds (RFC 2308 section 4).
    pub minimum_secs: u32,
}

impl Soa<'_> {
    /// How long a negative answer may be kept that came with this record and its TTL: the lesser of the TTL and the
    /// minimum (RFC 2308 section 5).
    pub fn negative_ttl_secs(&self, ttl_secs: u32) -> u32 {
        self.minimum_secs.min(ttl_secs)
    }

    fn times(&self) -> [u32; 5] {
        [self.serial, self.refresh_secs, self.retry_secs, self.expire_secs, self.minimum_secs]
    }

    pub(super) fn ink(&self, ink: &mut impl Ink) -> fmt::Result {
        self.mname.ink_absolute(ink)?;
        ink.text(" ")?;
        self.rname.ink_absolute(ink)?;
        self.times().into_iter().try_for_each(|time| {
            ink.text(" ")?;
            ink.number(time)
        })
    }
}

read_fields!(Soa for SOA, |fields| Soa {
    mname: fields.name(),
    rname: fields.name(),
    serial: fields.long(),
    refresh_secs: fields.long(),
    retry_secs: fields.long(),
    expire_secs: fields.long(),
    minimum_secs: fields.long(),
});

impl PutData for Soa<'_> {
    fn put(&self, rtype: Type, to: &mut Builder<'_>) -> Result<(), DoesNotFit> {
        to.put_name_of(rtype, &self.mname)?;
        to.put_name_of(rtype, &self.rname)?;
        to.put(self.times().map(u32::to_be_bytes).as_flattened())
    }
}
