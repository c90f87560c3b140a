//! Reads the fields of RDATA, none of which may leave it (RFC 9267 section 5).

use super::RawData;
use crate::name::{Known, Name, read_name};
use crate::wire::{CharStr, CheckError, Fault};

/// What is left of some RDATA.
///
/// A field that is not there reads as nothing, and the first error is kept for the end: types of many fields then need
/// one branch instead of one a field.
#[derive(Debug)]
pub(super) struct Fields<'m> {
    message: &'m [u8],
    rest: &'m [u8],
    /// Where the data begins and ends.
    start: u16,
    end: u16,
    known: Known,
    error: Option<CheckError>,
}

impl<'m> RawData<'m> {
    /// Reads fields that must be all of the data.
    #[inline]
    pub(super) fn fields<T>(&self, read: impl FnOnce(&mut Fields<'m>) -> T) -> Result<T, CheckError> {
        let mut fields = Fields::of(self);
        let value = read(&mut fields);
        fields.end().map_or(Ok(value), Err)
    }
}

impl<'m> Fields<'m> {
    fn of(data: &RawData<'m>) -> Self {
        Self {
            message: data.message,
            rest: data.as_octets(),
            start: data.start() as u16,
            end: data.end() as u16,
            known: data.owner,
            error: None,
        }
    }

    fn end(mut self) -> Option<CheckError> {
        if !self.rest.is_empty() {
            self.fail(wrong_length(self.start));
        }
        self.error
    }

    pub(super) fn octet(&mut self) -> u8 {
        u8::from_be_bytes(self.array())
    }

    pub(super) fn word(&mut self) -> u16 {
        u16::from_be_bytes(self.array())
    }

    pub(super) fn long(&mut self) -> u32 {
        u32::from_be_bytes(self.array())
    }

    /// The next `N` octets.
    #[inline]
    pub(super) fn array<const N: usize>(&mut self) -> [u8; N] {
        match self.rest.split_first_chunk() {
            Some((array, rest)) => {
                self.rest = rest;
                *array
            }
            None => {
                self.fail(wrong_length(self.start));
                [0; N]
            }
        }
    }

    /// A string behind its length.
    pub(super) fn string(&mut self) -> CharStr<'m> {
        let len = self.octet();
        match self.rest.split_at_checked(len.into()) {
            Some((octets, rest)) => {
                self.rest = rest;
                CharStr::trusted(octets)
            }
            None => {
                self.fail(wrong_length(self.start));
                CharStr::trusted(&[])
            }
        }
    }

    /// A name, which must end inside the data (P23).
    #[inline]
    pub(super) fn name(&mut self) -> Name<'m> {
        let end = usize::from(self.end);
        let error = match read_name(self.message, end - self.rest.len(), self.known) {
            Ok(found) if found.end() <= end => {
                self.rest = self.message.get(found.end()..end).unwrap_or(&[]);
                return found.known.name(self.message);
            }
            Err(error) if error.at() < end => error,
            // Behind the data is another record: what is there is no matter of this one.
            _ => wrong_length(self.start),
        };
        self.fail(error);
        Name::ROOT
    }

    /// All that is left.
    #[inline]
    pub(super) fn rest(&mut self) -> &'m [u8] {
        core::mem::take(&mut self.rest)
    }

    /// Ends the reading with an error at the octets that are `left`.
    pub(super) fn fail_before(&mut self, left: usize, fault: Fault) {
        self.fail(CheckError::new(usize::from(self.end) - left, fault));
    }

    #[inline]
    fn fail(&mut self, error: CheckError) {
        self.error = self.error.or(Some(error));
        self.rest = &[];
    }
}

#[cold]
fn wrong_length(start: u16) -> CheckError {
    CheckError::new(start.into(), Fault::RdataLength)
}
