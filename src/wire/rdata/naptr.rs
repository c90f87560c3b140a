//! NAPTR (RFC 3403 section 4).

use core::fmt;

use super::{Builder, CharStr, DoesNotFit, PutData, Type, read_fields};
use crate::ink::Ink;
use crate::name::Name;

/// A step of rewriting a name or address into another (RFC 3403 section 4).
#[derive(Clone, Copy, Debug)]
pub struct Naptr<'m> {
    /// Lower is tried first.
    pub order: u16,
    /// Lower is preferred among those of one order.
    pub preference: u16,
    /// Single letters that say what comes next: `S`, `A`, `U`, `P`, or none.
    pub flags: CharStr<'m>,
    /// The services that are to be had so.
    pub services: CharStr<'m>,
    /// A substitution expression; empty when there is a replacement.
    pub regexp: CharStr<'m>,
    /// The next name to ask; the root when there is an expression.
    pub replacement: Name<'m>,
}

impl Naptr<'_> {
    pub(super) fn ink(&self, ink: &mut impl Ink) -> fmt::Result {
        for number in [self.order, self.preference] {
            ink.number(number.into())?;
            ink.text(" ")?;
        }
        for string in [self.flags, self.services, self.regexp] {
            string.ink(ink)?;
            ink.text(" ")?;
        }
        self.replacement.ink_absolute(ink)
    }
}

read_fields!(Naptr for NAPTR, |fields| Naptr {
    order: fields.word(),
    preference: fields.word(),
    flags: fields.string(),
    services: fields.string(),
    regexp: fields.string(),
    replacement: fields.name(),
});

impl PutData for Naptr<'_> {
    fn put(&self, rtype: Type, to: &mut Builder<'_>) -> Result<(), DoesNotFit> {
        to.put([self.order, self.preference].map(u16::to_be_bytes).as_flattened())?;
        for string in [self.flags, self.services, self.regexp] {
            string.put(to)?;
        }
        to.put_name_of(rtype, &self.replacement)
    }
}
