//! Messages written into the caller's buffer.

mod label;

use core::fmt;

pub(crate) use label::Label;

use super::{Class, Flags, HEADER_LEN, RData, Section, Type};
use crate::name::{Name, NameBuf, NameTextError};

/// Writes a message: questions, then records section by section, names compressed.
///
/// A question or record that does not fit is taken back whole, so that the message stays as it was before the call;
/// the same goes for every other error.
///
/// ```
/// use dotlocal::wire::{Builder, Class, Flags, Message, RData, Section, Type};
///
/// let mut buf = [0; 64];
/// let mut builder = Builder::new(&mut buf, 7, Flags::QR.with(Flags::AA));
/// let address = RData::A([192, 0, 2, 7].into());
/// builder.record(Section::Answer, "cam.local", Class::IN, 120, &address)?;
/// let message = builder.finish();
/// assert_eq!(message.len(), 12 + 11 + 10 + 4);
/// # Ok::<(), dotlocal::wire::BuildError>(())
/// ```
#[derive(Debug)]
pub struct Builder<'b> {
    buf: &'b mut [u8],
    len: usize,
    /// Offsets of names and name endings that were written, in ascending order. 16 entries: PTR, SRV, TXT and
    /// addresses of one service have 5 distinct endings, a subtype and the type enumeration add 5.
    names: [u16; 16],
    known: usize,
    section: Option<Section>,
}

/// Why a question or record was not added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum BuildError {
    /// The buffer has no room for it.
    DoesNotFit,
    /// A question behind a record, or a record of a section before that of the last one.
    OutOfOrder,
    /// The name is none.
    Name(NameTextError),
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DoesNotFit => {
                f.write_str("the buffer has no room for it: finish this message and begin another one")
            }
            Self::OutOfOrder => f.write_str(
                "questions come first, then answer, authority and additional records: add them in this order",
            ),
            Self::Name(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for BuildError {}

impl From<DoesNotFit> for BuildError {
    fn from(_: DoesNotFit) -> Self {
        Self::DoesNotFit
    }
}

/// The buffer has no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DoesNotFit;

/// A record's fields between its names.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RecordHead {
    pub(crate) section: Section,
    pub(crate) rtype: Type,
    pub(crate) class: u16,
    pub(crate) ttl_secs: u32,
}

/// What can be given as a name: a [`Name`], a [`NameBuf`], or text in presentation format.
pub trait AsName {
    /// Calls `with` with the name.
    ///
    /// # Errors
    /// The text is no name.
    fn as_name<R>(&self, with: impl FnOnce(Name<'_>) -> R) -> Result<R, NameTextError>;
}

impl AsName for Name<'_> {
    fn as_name<R>(&self, with: impl FnOnce(Name<'_>) -> R) -> Result<R, NameTextError> {
        Ok(with(*self))
    }
}

impl AsName for NameBuf {
    fn as_name<R>(&self, with: impl FnOnce(Name<'_>) -> R) -> Result<R, NameTextError> {
        Ok(with(self.name()))
    }
}

impl AsName for str {
    fn as_name<R>(&self, with: impl FnOnce(Name<'_>) -> R) -> Result<R, NameTextError> {
        self.parse::<NameBuf>().map(|name| with(name.name()))
    }
}

impl<T: AsName + ?Sized> AsName for &T {
    fn as_name<R>(&self, with: impl FnOnce(Name<'_>) -> R) -> Result<R, NameTextError> {
        (**self).as_name(with)
    }
}

impl<'b> Builder<'b> {
    /// Begins a message in `buf`, at most 65 535 octets of it. Nothing fits a buffer of fewer than 12 octets.
    pub fn new(buf: &'b mut [u8], id: u16, flags: Flags) -> Self {
        let limit = buf.len().min(super::MAX_MESSAGE);
        let buf = buf.get_mut(..limit).unwrap_or_default();
        let mut builder = Self { buf, len: HEADER_LEN, names: [0; 16], known: 0, section: None };
        match builder.buf.first_chunk_mut::<HEADER_LEN>() {
            Some(header) => *header = [0; HEADER_LEN],
            None => builder.buf = &mut [],
        }
        builder.set_word(0, id);
        builder.set_word(2, flags.0);
        builder
    }

    /// Adds a question of class IN.
    ///
    /// # Errors
    /// No room, a record stands already, or `name` is no name.
    pub fn question(&mut self, name: impl AsName, qtype: Type) -> Result<&mut Self, BuildError> {
        if self.section.is_some() {
            return Err(BuildError::OutOfOrder);
        }
        name.as_name(|name| self.put_question(name.labels().map(Label::from), qtype, Class::IN.0))
            .map_err(BuildError::Name)??;
        Ok(self)
    }

    /// Adds a record. Names in its data are compressed where RFC 1035 and RFC 6762 section 18.14 allow it.
    ///
    /// # Errors
    /// No room, a later section has begun, or `owner` is no name.
    pub fn record(
        &mut self,
        section: Section,
        owner: impl AsName,
        class: Class,
        ttl_secs: u32,
        data: &RData<'_>,
    ) -> Result<&mut Self, BuildError> {
        if self.section > Some(section) {
            return Err(BuildError::OutOfOrder);
        }
        let head = RecordHead { section, rtype: data.rtype(), class: class.0, ttl_secs };
        owner
            .as_name(|owner| {
                self.put_record(owner.labels().map(Label::from), head, |builder| builder.put_data(data))
            })
            .map_err(BuildError::Name)??;
        Ok(self)
    }

    /// Adds the pseudo-record that offers EDNS with a UDP payload size (RFC 6891 section 6.1), 512 at least.
    ///
    /// # Errors
    /// No room.
    pub fn edns(&mut self, payload_size: u16) -> Result<&mut Self, BuildError> {
        let size = Class(payload_size.max(512));
        self.record(Section::Additional, Name::ROOT, size, 0, &RData::Other(Type::OPT, &[]))
    }

    /// Sets flags beside those given at the beginning.
    pub fn set_flags(&mut self, flags: Flags) {
        let set = super::u16_at(self.buf, 2).unwrap_or(0) | flags.0;
        self.set_word(2, set);
    }

    /// The octets that the message has so far.
    pub fn len(&self) -> usize {
        self.written().len()
    }

    /// Whether no question and no record stands in it yet.
    pub fn is_empty(&self) -> bool {
        self.len <= HEADER_LEN
    }

    /// The message. The builder is left without a buffer, and refuses everything after this.
    pub fn finish(&mut self) -> &'b mut [u8] {
        let len = self.len;
        core::mem::take(&mut self.buf).get_mut(..len).unwrap_or_default()
    }

    /// Whether the question stands in the message.
    pub(crate) fn has_question(&self, name: &Name<'_>, qtype: Type) -> bool {
        let Ok(message) = super::Message::parse(self.written()) else { return false };
        message.questions().flatten().any(|asked| asked.qtype() == qtype && asked.name() == *name)
    }

    /// Adds a question as it goes over the wire: `class` with its QU bit.
    pub(crate) fn put_question<'n>(
        &mut self,
        name: impl Iterator<Item = Label<'n>> + Clone,
        qtype: Type,
        class: u16,
    ) -> Result<(), DoesNotFit> {
        self.whole(|builder| {
            builder.put_name(name)?;
            builder.put(&qtype.0.to_be_bytes())?;
            builder.put(&class.to_be_bytes())?;
            builder.count(COUNTS)
        })
    }

    /// Adds a record whose data `data` writes.
    pub(crate) fn put_record<'n>(
        &mut self,
        owner: impl Iterator<Item = Label<'n>> + Clone,
        head: RecordHead,
        data: impl FnOnce(&mut Self) -> Result<(), DoesNotFit>,
    ) -> Result<(), DoesNotFit> {
        self.whole(|builder| {
            builder.put_name(owner)?;
            let start = builder.put_head(head)?;
            data(builder)?;
            builder.set_word(start - 2, (builder.len - start) as u16);
            builder.section = Some(head.section);
            builder.count(COUNTS + 2 + 2 * head.section as usize)
        })
    }

    /// Runs `write`; if something in it does not fit, the message is as it was before.
    pub(crate) fn whole(
        &mut self,
        write: impl FnOnce(&mut Self) -> Result<(), DoesNotFit>,
    ) -> Result<(), DoesNotFit> {
        let (len, known, section) = (self.len, self.known, self.section);
        let counts: Option<[u8; 8]> = self.buf.get(COUNTS..).and_then(|rest| rest.first_chunk()).copied();
        let result = write(self);
        if result.is_err() {
            (self.len, self.known, self.section) = (len, known, section);
            if let (Some(counts), Some(slot)) =
                (counts, self.buf.get_mut(COUNTS..).and_then(|rest| rest.first_chunk_mut()))
            {
                *slot = counts;
            }
        }
        result
    }

    /// Writes a name, its longest ending that was written before as a pointer.
    ///
    /// Endings are compared octet by octet, case included (the case of a name is kept), and never by a hash alone: a
    /// wrong pointer is a wrong name.
    pub(crate) fn put_name<'n>(
        &mut self,
        mut labels: impl Iterator<Item = Label<'n>> + Clone,
    ) -> Result<(), DoesNotFit> {
        // A name must never point into itself: `a.a.local`.
        let before = self.known;
        loop {
            let rest = labels.clone();
            let Some(label) = labels.next() else { return self.put(&[0]) };
            if let Some(offset) = self.find(before, rest) {
                return self.put(&(0xC000 | offset).to_be_bytes());
            }
            // A pointer has 14 bits.
            if let (Some(entry), ..0x4000) = (self.names.get_mut(self.known), self.len) {
                *entry = self.len as u16;
                self.known += 1;
            }
            self.put(&[label.len() as u8])?;
            self.put(label.head())?;
            self.put(label.tail())?;
        }
    }

    /// Writes a name that must not be compressed.
    pub(crate) fn put_plain_name<'n>(
        &mut self,
        labels: impl Iterator<Item = Label<'n>>,
    ) -> Result<(), DoesNotFit> {
        for label in labels {
            self.put(&[label.len() as u8])?;
            self.put(label.head())?;
            self.put(label.tail())?;
        }
        self.put(&[0])
    }

    /// Writes octets as they are.
    pub(crate) fn put(&mut self, octets: &[u8]) -> Result<(), DoesNotFit> {
        let end = self.len + octets.len();
        self.buf.get_mut(self.len..end).ok_or(DoesNotFit)?.copy_from_slice(octets);
        self.len = end;
        Ok(())
    }

    fn put_data(&mut self, data: &RData<'_>) -> Result<(), DoesNotFit> {
        match data {
            RData::A(address) => self.put(&address.octets()),
            RData::Aaaa(address) => self.put(&address.octets()),
            RData::Ptr(name) | RData::Cname(name) => self.put_name(name.labels().map(Label::from)),
            RData::Srv(srv) => {
                self.put_srv_head(srv.priority(), srv.weight(), srv.port())?;
                self.put_name(srv.target().labels().map(Label::from))
            }
            RData::Txt(txt) => self.put(txt.as_octets()),
            RData::Nsec(nsec) => {
                self.put_name(nsec.next().labels().map(Label::from))?;
                self.put(nsec.windows())
            }
            RData::Other(_, octets) => self.put(octets),
        }
    }

    /// Writes the fields of SRV before its target.
    pub(crate) fn put_srv_head(&mut self, priority: u16, weight: u16, port: u16) -> Result<(), DoesNotFit> {
        [priority, weight, port].iter().try_for_each(|word| self.put(&word.to_be_bytes()))
    }

    /// Writes a record's fixed fields and tells where its data begins.
    fn put_head(&mut self, head: RecordHead) -> Result<usize, DoesNotFit> {
        self.put(&head.rtype.0.to_be_bytes())?;
        self.put(&head.class.to_be_bytes())?;
        self.put(&head.ttl_secs.to_be_bytes())?;
        self.put(&[0, 0])?;
        Ok(self.len)
    }

    /// Counts one more at an offset of the header.
    fn count(&mut self, at: usize) -> Result<(), DoesNotFit> {
        let counted =
            super::u16_at(self.buf, at).and_then(|counted| counted.checked_add(1)).ok_or(DoesNotFit)?;
        self.set_word(at, counted);
        Ok(())
    }

    /// Where these labels stand as a whole name among the first `known` entries.
    fn find<'n>(&self, known: usize, labels: impl Iterator<Item = Label<'n>> + Clone) -> Option<u16> {
        let written = self.written();
        self.names.iter().copied().take(known).find(|&offset| {
            let mut there = Name::trusted(written, offset.into()).labels();
            labels.clone().all(|label| there.next().is_some_and(|octets| label.is(octets)))
                && there.next().is_none()
        })
    }

    fn written(&self) -> &[u8] {
        self.buf.get(..self.len).unwrap_or(&[])
    }

    fn set_word(&mut self, at: usize, word: u16) {
        if let Some(slot) = self.buf.get_mut(at..).and_then(|rest| rest.first_chunk_mut()) {
            *slot = word.to_be_bytes();
        }
    }
}

/// Offset of the header's counts: questions, answers, authority, additional.
const COUNTS: usize = 4;

#[cfg(test)]
mod tests;
