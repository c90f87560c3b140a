//! Reads the fields of RDATA, none of which may leave it (RFC 9267 section 5).

use super::RawData;
use crate::name::{Known, Name, read_name};
use crate::wire::{CharStr, CheckError, Fault};

/// What is left of some RDATA.
#[derive(Debug)]
pub(super) struct Fields<'m> {
    message: &'m [u8],
    rest: &'m [u8],
    /// Where the RDATA ends.
    end: usize,
    known: Known,
    wrong_length: CheckError,
}

impl<'m> RawData<'m> {
    /// Reads fields that must be all of the data.
    #[inline]
    pub(super) fn fields<T>(
        &self,
        read: impl FnOnce(&mut Fields<'m>) -> Result<T, CheckError>,
    ) -> Result<T, CheckError> {
        let mut fields = Fields {
            message: self.message,
            rest: self.as_octets(),
            end: self.end(),
            known: self.known,
            wrong_length: self.wrong_length(),
        };
        let value = read(&mut fields)?;
        if fields.rest.is_empty() { Ok(value) } else { Err(fields.wrong_length) }
    }
}

impl<'m> Fields<'m> {
    #[inline]
    pub(super) fn octet(&mut self) -> Result<u8, CheckError> {
        self.array().map(|[octet]| octet)
    }

    #[inline]
    pub(super) fn word(&mut self) -> Result<u16, CheckError> {
        self.array().map(u16::from_be_bytes)
    }

    #[inline]
    pub(super) fn long(&mut self) -> Result<u32, CheckError> {
        self.array().map(u32::from_be_bytes)
    }

    /// The next `N` octets.
    #[inline]
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], CheckError> {
        let (array, rest) = self.rest.split_first_chunk().ok_or(self.wrong_length)?;
        self.rest = rest;
        Ok(*array)
    }

    /// The next `len` octets.
    #[inline]
    pub(super) fn octets(&mut self, len: usize) -> Result<&'m [u8], CheckError> {
        let (octets, rest) = self.rest.split_at_checked(len).ok_or(self.wrong_length)?;
        self.rest = rest;
        Ok(octets)
    }

    /// A string behind its length.
    pub(super) fn string(&mut self) -> Result<CharStr<'m>, CheckError> {
        let len = self.octet()?;
        self.octets(len.into()).map(CharStr::trusted)
    }

    /// A name, which must end inside the data (P23).
    #[inline]
    pub(super) fn name(&mut self) -> Result<Name<'m>, CheckError> {
        let (name, end, _) = read_name(self.message, self.at(), self.known)?;
        self.rest = self.message.get(end..self.end).ok_or(self.wrong_length)?;
        Ok(name)
    }

    /// All that is left.
    #[inline]
    pub(super) fn rest(&mut self) -> &'m [u8] {
        core::mem::take(&mut self.rest)
    }

    /// Where the next field begins.
    #[inline]
    pub(super) fn at(&self) -> usize {
        self.end - self.rest.len()
    }

    pub(super) fn error(&self, fault: Fault) -> CheckError {
        CheckError::new(self.at(), fault)
    }
}
