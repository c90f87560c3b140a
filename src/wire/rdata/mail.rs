//! MX (RFC 1035 section 3.3.9), MINFO (section 3.3.7), AFSDB and RP (RFC 1183): a number and a name, or two names.

use core::fmt;

use super::{Builder, DoesNotFit, PutData, Type, read_fields};
use crate::ink::Ink;
use crate::name::Name;

/// A mail exchange (RFC 1035 section 3.3.9).
#[derive(Clone, Copy, Debug)]
pub struct Mx<'m> {
    /// Lower is tried first.
    pub preference: u16,
    /// The host that takes the mail; the root says that the domain takes none (RFC 7505).
    pub exchange: Name<'m>,
}

/// An AFS database or, with other subtypes, a cell's server (RFC 1183 section 1).
#[derive(Clone, Copy, Debug)]
pub struct Afsdb<'m> {
    /// 1 for an AFS volume location server, 2 for a DCE server.
    pub subtype: u16,
    /// The host.
    pub hostname: Name<'m>,
}

/// Who answers for a mailing list or mailbox (RFC 1035 section 3.3.7).
#[derive(Clone, Copy, Debug)]
pub struct Minfo<'m> {
    /// The mailbox that is responsible.
    pub rmailbx: Name<'m>,
    /// The mailbox that gets the errors.
    pub emailbx: Name<'m>,
}

/// A responsible person (RFC 1183 section 2.2).
#[derive(Clone, Copy, Debug)]
pub struct Rp<'m> {
    /// The person's mailbox, its first label what stands before the `@`.
    pub mbox: Name<'m>,
    /// A name with TXT records that say more.
    pub txt: Name<'m>,
}

macro_rules! number_and_name {
    ($data:ident for $rtype:ident: $number:ident, $name:ident) => {
        read_fields!($data for $rtype, |fields| $data { $number: fields.word(), $name: fields.name() });

        impl $data<'_> {
            pub(super) fn ink(&self, ink: &mut impl Ink) -> fmt::Result {
                ink.number(self.$number.into())?;
                ink.text(" ")?;
                self.$name.ink_absolute(ink)
            }
        }

        impl PutData for $data<'_> {
            fn put(&self, rtype: Type, to: &mut Builder<'_>) -> Result<(), DoesNotFit> {
                to.put(&self.$number.to_be_bytes())?;
                to.put_name_of(rtype, &self.$name)
            }
        }
    };
}

macro_rules! two_names {
    ($data:ident for $rtype:ident: $first:ident, $second:ident) => {
        read_fields!($data for $rtype, |fields| $data { $first: fields.name(), $second: fields.name() });

        impl $data<'_> {
            pub(super) fn ink(&self, ink: &mut impl Ink) -> fmt::Result {
                self.$first.ink_absolute(ink)?;
                ink.text(" ")?;
                self.$second.ink_absolute(ink)
            }
        }

        impl PutData for $data<'_> {
            fn put(&self, rtype: Type, to: &mut Builder<'_>) -> Result<(), DoesNotFit> {
                to.put_name_of(rtype, &self.$first)?;
                to.put_name_of(rtype, &self.$second)
            }
        }
    };
}

number_and_name!(Mx for MX: preference, exchange);
number_and_name!(Afsdb for AFSDB: subtype, hostname);
two_names!(Minfo for MINFO: rmailbx, emailbx);
two_names!(Rp for RP: mbox, txt);
