//! The one reader of the frame: a position that moves over questions and records.

use byteorder::{BigEndian, ByteOrder as _};

use super::field;
use super::{CheckError, Fault, HEADER_LEN, Question, RawData, Record, Section, Type};
use crate::name::{Known, Name, read_name};

#[derive(Clone, Copy, Debug)]
pub(super) struct Walk<'m> {
    octets: &'m [u8],
    at: usize,
    /// The last owner or question name, in which the next one often ends.
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
        self.name()?;
        let fields: &[u8; 4] = self.fields()?;
        Ok(Question::new(
            self.last_name(),
            BigEndian::read_u16(&fields[field::TYPE]),
            BigEndian::read_u16(&fields[field::CLASS]),
        ))
    }

    #[inline]
    pub(super) fn record(&mut self, section: Section) -> Result<Record<'m>, CheckError> {
        let (fields, start) = self.pass_record()?;
        let len = BigEndian::read_u16(&fields[field::LEN]);
        let rtype = Type(BigEndian::read_u16(&fields[field::TYPE]));
        // A message has at most 65 535 octets.
        let data = RawData::new(self.octets, rtype, start as u16, len, self.known);
        let (class, ttl) =
            (BigEndian::read_u16(&fields[field::CLASS]), BigEndian::read_u32(&fields[field::TTL]));
        Ok(Record::new(section, class, ttl, data))
    }

    /// Moves behind a record. Returns the fields between its name and its data, and where the data begins.
    #[inline(always)]
    pub(super) fn pass_record(&mut self) -> Result<(&'m [u8; field::ALL], usize), CheckError> {
        self.name()?;
        let fields: &[u8; field::ALL] = self.fields()?;
        let start = self.at;
        self.at += usize::from(BigEndian::read_u16(&fields[field::LEN]));
        if self.at > self.octets.len() {
            return Err(truncated(start - 2));
        }
        Ok((fields, start))
    }

    /// Where the last owner or question name is. Equal places are equal names.
    #[inline]
    pub(super) fn last_name_at(&self) -> u16 {
        self.known.at()
    }

    /// The last owner or question name.
    #[inline]
    pub(super) fn last_name(&self) -> Name<'m> {
        self.known.name(self.octets)
    }

    #[inline]
    fn name(&mut self) -> Result<(), CheckError> {
        let found = read_name(self.octets, self.at, self.known)?;
        (self.at, self.known) = (found.end(), found.known);
        Ok(())
    }

    #[inline]
    fn fields<const N: usize>(&mut self) -> Result<&'m [u8; N], CheckError> {
        let fields = self.octets.get(self.at..).and_then(|rest| rest.first_chunk());
        self.at += N;
        fields.ok_or_else(|| truncated(self.octets.len()))
    }
}

#[cold]
fn truncated(at: usize) -> CheckError {
    CheckError::new(at, Fault::Truncated)
}
