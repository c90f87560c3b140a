//! RDATA in its message.

use crate::name::{Known, Name, NameOctets, read_name};
use crate::wire::{CheckError, Fault, Type};

/// The data of a record in its message, as it came.
#[derive(Clone, Copy, Debug)]
pub struct RawData<'m> {
    pub(super) message: &'m [u8],
    rtype: Type,
    start: u16,
    len: u16,
    /// The owner name, in which the names of the data often end.
    pub(super) owner: Known,
}

impl<'m> RawData<'m> {
    #[inline]
    pub(in crate::wire) fn new(message: &'m [u8], rtype: Type, start: u16, len: u16, owner: Known) -> Self {
        Self { message, rtype, start, len, owner }
    }

    /// Data that is kept elsewhere than in a message, its names expanded.
    pub(crate) fn of_stored(octets: &'m [u8], rtype: Type) -> Self {
        Self::new(octets, rtype, 0, octets.len() as u16, Known::NONE)
    }

    /// The type whose data this is.
    pub fn rtype(&self) -> Type {
        self.rtype
    }

    /// The owner name of the record.
    #[inline]
    pub(in crate::wire) fn owner(&self) -> Name<'m> {
        self.owner.name(self.message)
    }

    /// The octets as they came.
    #[inline]
    pub fn as_octets(&self) -> &'m [u8] {
        self.message.get(self.start()..self.end()).unwrap_or(&[])
    }

    /// The octets with names expanded, for the types in which RFC 1035 allows compression, and SRV and NSEC, where
    /// mDNS does (RFC 6762 section 18.14). Other types as they came, also RP, AFDB, NAPTR, DNAME, SVCB and HTTPS, in
    /// which pointers are read but should not be.
    ///
    /// # Errors
    /// A broken name, or data too short for its type.
    pub fn uncompressed(&self) -> Result<Uncompressed<'m>, CheckError> {
        let (prefix, count) = names_in(self.rtype);
        let first_name = self.start() + prefix;
        let mut names = [None; 2];
        let mut at = first_name;
        for slot in names.iter_mut().take(count) {
            let found = read_name(self.message, at, self.owner)
                .map_err(|error| if error.at() < self.end() { error } else { self.wrong_length() })?;
            (*slot, at) = (Some(found.known.name(self.message)), found.end());
        }
        if at > self.end() {
            return Err(self.wrong_length());
        }
        let octets = |from: usize, to: usize| self.message.get(from..to).unwrap_or(&[]);
        if count == 0 {
            return Ok(Uncompressed { names, name: None, before: self.as_octets(), behind: &[] });
        }
        let (before, behind) = (octets(self.start(), first_name), octets(at, self.end()));
        Ok(Uncompressed { names, name: None, before, behind })
    }

    #[inline]
    pub(super) fn start(&self) -> usize {
        self.start.into()
    }

    #[inline]
    pub(super) fn end(&self) -> usize {
        self.start() + usize::from(self.len)
    }

    #[inline]
    pub(super) fn wrong_length(&self) -> CheckError {
        self.error(Fault::RdataLength)
    }

    #[inline]
    pub(in crate::wire) fn error(&self, fault: Fault) -> CheckError {
        CheckError::new(self.start(), fault)
    }
}

/// Where the names stand that senders compress: octets before them, and how many (D-4.1.4-3).
pub(in crate::wire) fn names_in(rtype: Type) -> (usize, usize) {
    match rtype {
        Type::NS | Type::MD | Type::MF | Type::CNAME | Type::MB | Type::MG | Type::MR | Type::PTR => (0, 1),
        Type::NSEC => (0, 1),
        Type::SOA | Type::MINFO => (0, 2),
        Type::MX => (2, 1),
        Type::SRV => (6, 1),
        _ => (0, 0),
    }
}

/// From which octet of uncompressed data on letters are compared without regard to case: where names begin.
pub(crate) fn folds_from(rtype: Type) -> usize {
    match rtype {
        Type::PTR | Type::CNAME => 0,
        Type::SRV => 6,
        _ => usize::MAX,
    }
}

/// The octets of [`RawData::uncompressed`].
#[derive(Clone, Debug)]
pub struct Uncompressed<'m> {
    before: &'m [u8],
    name: Option<NameOctets<'m>>,
    names: [Option<Name<'m>>; 2],
    behind: &'m [u8],
}

impl Iterator for Uncompressed<'_> {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        if let Some((&octet, rest)) = self.before.split_first() {
            self.before = rest;
            return Some(octet);
        }
        loop {
            if let Some(octet) = self.name.as_mut().and_then(Iterator::next) {
                return Some(octet);
            }
            let [first, second] = &mut self.names;
            let Some(name) = first.take().or_else(|| second.take()) else { break };
            self.name = Some(name.octets());
        }
        self.name = None;
        let (&octet, rest) = self.behind.split_first()?;
        self.behind = rest;
        Some(octet)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_case_of_letters_counts_but_in_names() {
        for (rtype, at) in [(Type::PTR, 0), (Type::CNAME, 0), (Type::SRV, 6), (Type::TXT, usize::MAX)] {
            assert_eq!(folds_from(rtype), at, "{rtype}");
        }
    }
}
