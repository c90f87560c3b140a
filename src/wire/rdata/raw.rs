//! RDATA in its message.

use crate::name::{Known, Labels, Name, read_name};
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
    /// mDNS does (RFC 6762 section 18.14). Other types as they came, also RP, AFSDB, NAPTR, DNAME, SVCB and HTTPS, in
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
        // Where there is no name, all stands behind it.
        let ([first, second], piece) = (names, octets(self.start(), first_name));
        let labels = first.map(|name| name.labels());
        Ok(Uncompressed { piece, labels, second, behind: octets(at, self.end()) })
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
    /// What is left of what stands before the names, of a label, or of what stands behind them.
    piece: &'m [u8],
    /// What is left of the name at hand.
    labels: Option<Labels<'m>>,
    second: Option<Name<'m>>,
    behind: &'m [u8],
}

impl<'m> Uncompressed<'m> {
    /// The octets before the only name and that name, where the data ends with it. Nothing of it may have been read.
    pub(crate) fn split_target(self) -> Option<(&'m [u8], Name<'m>)> {
        let target = self.labels.filter(|_| self.second.is_none() && self.behind.is_empty())?;
        Some((self.piece, target.name()))
    }

    /// Octets that stand for themselves.
    pub(crate) fn of_octets(octets: &'m [u8]) -> Self {
        Self { piece: octets, labels: None, second: None, behind: &[] }
    }
}

impl Iterator for Uncompressed<'_> {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        loop {
            if let Some((&octet, rest)) = self.piece.split_first() {
                self.piece = rest;
                return Some(octet);
            }
            let Some(labels) = &mut self.labels else {
                self.piece = core::mem::take(&mut self.behind);
                if self.piece.is_empty() {
                    return None;
                }
                continue;
            };
            let label = labels.next();
            if label.is_none() {
                self.labels = self.second.take().map(|name| name.labels());
            }
            self.piece = label.unwrap_or(&[]);
            return Some(self.piece.len() as u8);
        }
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
