//! The one reader of the frame: a position that moves over questions and records.

use super::{CheckError, Fault, HEADER_LEN, Question, RawData, Record, Section, Type};
use crate::name::{Known, Name, read_name};

#[derive(Clone, Copy, Debug)]
pub(super) struct Walk<'m> {
    octets: &'m [u8],
    at: usize,
    /// The last owner name, in which the next one often ends.
    known: Known,
}

impl<'m> Walk<'m> {
    #[inline]
    pub(super) fn new(octets: &'m [u8]) -> Self {
        Self { octets, at: HEADER_LEN, known: Known::NONE }
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    #[inline]
    pub(super) fn question(&mut self) -> Result<Question<'m>, CheckError> {
        let name = self.name()?;
        let [a, b, c, d] = self.fields()?;
        Ok(Question::new(name, u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])))
    }

    #[inline]
    pub(super) fn record(&mut self, section: Section) -> Result<Record<'m>, CheckError> {
        let name = self.name()?;
        let [a, b, c, d, e, f, g, h, i, j] = self.fields()?;
        let len = u16::from_be_bytes([i, j]);
        let start = self.at;
        let end = start + usize::from(len);
        if end > self.octets.len() {
            return Err(CheckError::new(start - 2, Fault::Truncated));
        }
        self.at = end;
        let rtype = Type(u16::from_be_bytes([a, b]));
        // A message has at most 65 535 octets.
        let data = RawData::new(self.octets, rtype, start as u16, len, self.known);
        let (class, ttl) = (u16::from_be_bytes([c, d]), u32::from_be_bytes([e, f, g, h]));
        Ok(Record::new(name, section, class, ttl, data))
    }

    #[inline]
    fn name(&mut self) -> Result<Name<'m>, CheckError> {
        let (name, end, known) = read_name(self.octets, self.at, self.known)?;
        (self.at, self.known) = (end, known);
        Ok(name)
    }

    #[inline]
    fn fields<const N: usize>(&mut self) -> Result<[u8; N], CheckError> {
        let fields = self.octets.get(self.at..).and_then(|rest| rest.first_chunk());
        self.at += N;
        fields.copied().ok_or(CheckError::new(self.octets.len(), Fault::Truncated))
    }
}
