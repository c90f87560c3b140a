//! Messages written into the caller's buffer.

mod error;
mod names;

pub use error::{AsName, BuildError};
pub use names::Compression;

use super::{Class, DoesNotFit, Edns, Flags, HEADER_LEN, RData, Rcode, Section, Type, copy};
use crate::name::Name;
use names::Written;

/// Writes a message: questions, then records section by section, names compressed.
///
/// A question or record that does not fit is taken back whole, so that the message stays as it was before the call;
/// the same goes for every other error.
///
/// ```
/// use dotlocal::wire::{Builder, Class, Flags, Message, RData, Rcode, Section, Type};
///
/// let mut buf = [0; 64];
/// let mut builder = Builder::new(&mut buf, 7, Flags::QR.with(Flags::AA));
/// let address = RData::A([192, 0, 2, 7].into());
/// builder.record(Section::Answer, "cam.local", Class::IN, 120, &address)?;
/// let message = builder.finish();
/// assert_eq!(message.len(), 12 + 11 + 10 + 4);
/// # Ok::<(), dotlocal::wire::BuildError>(())
/// ```
///
/// In mDNS the id is 0 and no recursion desired (RFC 6762 section 18), more names are compressed, and the top bit of the
/// class has a meaning of its own. A query, and the announcement of a service:
///
/// ```
/// use dotlocal::wire::{BuildError, Builder, Class, Compression, Flags, RData, Section, Srv, Type};
/// use dotlocal::{name, txt};
///
/// fn query(buf: &mut [u8]) -> Result<&[u8], BuildError> {
///     let mut builder = Builder::new(buf, 0, Flags::default());
///     builder.question_of(name!("_http._tcp.local"), Type::PTR, Class::IN_UNICAST_RESPONSE)?;
///     Ok(builder.finish())
/// }
///
/// fn announcement(buf: &mut [u8]) -> Result<&[u8], BuildError> {
///     let (host, instance) = (name!("cam.local"), name!(r"Kitchen\032Cam._http._tcp.local"));
///     let srv = RData::Srv(Srv { priority: 0, weight: 0, port: 80, target: host });
///     let mut builder =
///         Builder::new(buf, 0, Flags::QR.with(Flags::AA)).with_compression(Compression::Multicast);
///     builder
///         .record(Section::Answer, name!("_http._tcp.local"), Class::IN, 4500, &RData::Ptr(instance))?
///         .record(Section::Answer, instance, Class::IN_CACHE_FLUSH, 120, &srv)?
///         .record(Section::Answer, instance, Class::IN_CACHE_FLUSH, 4500, &RData::Txt(txt!("path=/")))?
///         .record(Section::Answer, host, Class::IN_CACHE_FLUSH, 120, &RData::A([192, 0, 2, 7].into()))?;
///     Ok(builder.finish())
/// }
/// # let (mut buf, mut other) = ([0; 512], [0; 512]);
/// # let (query, announcement) = (query(&mut buf)?, announcement(&mut other)?);
/// # let message = dotlocal::wire::Message::parse(query).unwrap();
/// # assert!(message.questions().all(|question| question.unwrap().unicast_response()));
/// # assert_eq!(message.header().flags(), Flags::default());
/// # let message = dotlocal::wire::Message::parse(announcement).unwrap();
/// # assert_eq!(message.records().filter(|record| record.as_ref().unwrap().cache_flush()).count(), 3);
/// # Ok::<(), BuildError>(())
/// ```
#[derive(Debug)]
pub struct Builder<'b> {
    buf: &'b mut [u8],
    /// Where the message begins: behind its length, when it is for a stream.
    start: usize,
    /// Where what is written ends, and where it must end.
    len: usize,
    limit: usize,
    names: Written,
    compression: Compression,
    section: Option<Section>,
}

/// A point to come back to.
struct Mark {
    len: usize,
    names: usize,
    section: Option<Section>,
    /// What the header counts.
    counts: [u8; 8],
}

/// A record's fields between its names.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RecordHead {
    pub(crate) section: Section,
    pub(crate) rtype: Type,
    pub(crate) class: u16,
    pub(crate) ttl_secs: u32,
}

impl<'b> Builder<'b> {
    /// Begins a message in `buf`, at most 65 535 octets of it. Nothing fits a buffer of fewer than 12 octets. The
    /// reserved bit of `flags` is sent as zero.
    pub fn new(buf: &'b mut [u8], id: u16, flags: Flags) -> Self {
        Self::at(0, buf, id, flags)
    }

    /// Begins a message for a stream: [`finish`](Self::finish) puts its length before it as 16 bits (RFC 1035
    /// section 4.2.2), and two octets of `buf` are kept for that.
    pub fn for_stream(buf: &'b mut [u8], id: u16, flags: Flags) -> Self {
        Self::at(PREFIX, buf, id, flags)
    }

    fn at(start: usize, buf: &'b mut [u8], id: u16, flags: Flags) -> Self {
        let mut builder = Self {
            buf,
            start,
            len: start + HEADER_LEN,
            limit: 0,
            names: Written::NONE,
            compression: Compression::Unicast,
            section: None,
        };
        builder.set_limit(super::MAX_MESSAGE);
        let [a, b] = id.to_be_bytes();
        let [c, d] = flags.sent().to_be_bytes();
        match builder.buf.get_mut(start..).and_then(|rest| rest.first_chunk_mut::<HEADER_LEN>()) {
            Some(header) => *header = [a, b, c, d, 0, 0, 0, 0, 0, 0, 0, 0],
            None => builder.buf = &mut [],
        }
        builder
    }

    /// Sets which names are compressed; [`Compression::Unicast`] when it is not called.
    #[must_use]
    pub fn with_compression(self, compression: Compression) -> Self {
        Self { compression, ..self }
    }

    /// Sets how long the message may become, below the length of the buffer: for the size that a peer takes, or to
    /// keep room for what comes last. What stands already stays.
    pub fn set_limit(&mut self, octets: usize) {
        self.limit = self.buf.len().min(self.start + octets.min(super::MAX_MESSAGE));
    }

    /// Adds a question of class IN.
    ///
    /// # Errors
    /// No room, a record stands already, or `name` is no name.
    pub fn question(&mut self, name: impl AsName, qtype: Type) -> Result<&mut Self, BuildError> {
        self.question_of(name, qtype, Class::IN)
    }

    /// Adds a question of any class; [`Class::IN_UNICAST_RESPONSE`] asks for a unicast response in mDNS (RFC 6762
    /// section 18.12).
    ///
    /// # Errors
    /// No room, a record stands already, or `name` is no name.
    pub fn question_of(
        &mut self,
        name: impl AsName,
        qtype: Type,
        class: Class,
    ) -> Result<&mut Self, BuildError> {
        if self.section.is_some() {
            return Err(BuildError::OutOfOrder);
        }
        name.as_name(|name| self.put_question(&name, qtype, class.0)).map_err(BuildError::Name)??;
        Ok(self)
    }

    /// Adds a record. Names in its data are compressed as [`Compression`] says. [`Class::IN_CACHE_FLUSH`] has the
    /// cache-flush bit of mDNS (RFC 6762 section 18.13).
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
                self.put_record(head, |builder| builder.put_name(&owner), |builder| data.put(builder))
            })
            .map_err(BuildError::Name)??;
        Ok(self)
    }

    /// Adds the pseudo-record of EDNS (RFC 6891 section 6.1). A response code other than [`Rcode::NOERROR`] is also set
    /// in the header, which has the lower four bits of it. A message has one of these at most: call it once, last.
    ///
    /// ```
    /// use dotlocal::name;
    /// use dotlocal::wire::{Edns, Message, Type};
    ///
    /// let mut buf = [0; 64];
    /// let mut builder = Message::query(&mut buf, 7);
    /// let query = builder.question(name!("example.com"), Type::A)?.edns(&Edns::new(1232))?.finish();
    /// # assert_eq!(query.len(), 12 + 17 + 11);
    /// # Ok::<(), dotlocal::wire::BuildError>(())
    /// ```
    ///
    /// # Errors
    /// No room.
    pub fn edns(&mut self, edns: &Edns<'_>) -> Result<&mut Self, BuildError> {
        let (class, ttl_secs) = edns.fields();
        let head = RecordHead { section: Section::Additional, rtype: Type::OPT, class, ttl_secs };
        self.put_record(
            head,
            |builder| builder.put_name(&Name::ROOT),
            |builder| builder.put(edns.options.as_octets()),
        )?;
        if edns.rcode != Rcode::NOERROR {
            self.set_word(2, self.flags().with_rcode(edns.rcode).sent());
        }
        Ok(self)
    }

    /// The flags as they stand.
    pub fn flags(&self) -> Flags {
        Flags(super::u16_at(self.written(), 2).unwrap_or(0))
    }

    /// Sets flags beside those that are set: TC, when not all has found room.
    pub fn set_flags(&mut self, flags: Flags) {
        self.set_word(2, self.flags().with(flags).sent());
    }

    /// Sets the transaction id. For a finished message: [`Message::set_id`](super::Message::set_id).
    pub fn set_id(&mut self, id: u16) {
        self.set_word(0, id);
    }

    /// The octets that the message has so far, without a length before it.
    pub fn len(&self) -> usize {
        self.written().len()
    }

    /// Whether no question and no record stands in it yet.
    pub fn is_empty(&self) -> bool {
        self.len() <= HEADER_LEN
    }

    /// The section that records were written to last.
    pub(crate) fn section(&self) -> Option<Section> {
        self.section
    }

    /// The message, for a stream behind its length. The builder is left without a buffer, and refuses everything after
    /// this.
    pub fn finish(&mut self) -> &'b mut [u8] {
        let len = self.len;
        let buf = core::mem::take(&mut self.buf);
        if let (PREFIX, Some(prefix)) = (self.start, buf.first_chunk_mut()) {
            // A message has at most 65 535 octets.
            *prefix = ((len - PREFIX) as u16).to_be_bytes();
        }
        buf.get_mut(..len).unwrap_or_default()
    }

    /// Adds a question as it goes over the wire: `class` with its QU bit.
    pub(crate) fn put_question(
        &mut self,
        name: &Name<'_>,
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
    pub(crate) fn put_record(
        &mut self,
        head: RecordHead,
        owner: impl FnOnce(&mut Self) -> Result<(), DoesNotFit>,
        data: impl FnOnce(&mut Self) -> Result<(), DoesNotFit>,
    ) -> Result<(), DoesNotFit> {
        self.whole(|builder| builder.put_part(head, owner, data))
    }

    /// Adds a record as part of something [`whole`](Self::whole): what does not fit is not taken back.
    pub(crate) fn put_part(
        &mut self,
        head: RecordHead,
        owner: impl FnOnce(&mut Self) -> Result<(), DoesNotFit>,
        data: impl FnOnce(&mut Self) -> Result<(), DoesNotFit>,
    ) -> Result<(), DoesNotFit> {
        owner(self)?;
        let ([a, b], [c, d]) = (head.rtype.0.to_be_bytes(), head.class.to_be_bytes());
        let [e, f, g, h] = head.ttl_secs.to_be_bytes();
        self.put(&[a, b, c, d, e, f, g, h, 0, 0])?;
        let data_start = self.len();
        data(self)?;
        // A message has at most 65 535 octets.
        self.set_word(data_start - 2, (self.len() - data_start) as u16);
        self.section = Some(head.section);
        self.count(COUNTS + 2 + 2 * head.section as usize)
    }

    /// Runs `write`; if something in it does not fit, the message is as it was before.
    pub(crate) fn whole(
        &mut self,
        write: impl FnOnce(&mut Self) -> Result<(), DoesNotFit>,
    ) -> Result<(), DoesNotFit> {
        let mark = self.mark();
        let result = write(self);
        if result.is_err() {
            self.take_back(mark);
        }
        result
    }

    fn mark(&mut self) -> Mark {
        let counts = self.chunk_mut(COUNTS).copied().unwrap_or_default();
        Mark { len: self.len, names: self.names.mark(), section: self.section, counts }
    }

    fn take_back(&mut self, mark: Mark) {
        (self.len, self.section) = (mark.len, mark.section);
        self.names.take_back(mark.names);
        if let Some(counts) = self.chunk_mut(COUNTS) {
            *counts = mark.counts;
        }
    }

    /// Writes octets as they are.
    pub(crate) fn put(&mut self, octets: &[u8]) -> Result<(), DoesNotFit> {
        copy(octets, self.room(octets.len())?);
        Ok(())
    }

    /// The next `len` octets, to be written.
    #[inline]
    fn room(&mut self, len: usize) -> Result<&mut [u8], DoesNotFit> {
        let start = self.len;
        let end = start + len;
        if end > self.limit {
            return Err(DoesNotFit);
        }
        let room = self.buf.get_mut(start..end).ok_or(DoesNotFit)?;
        self.len = end;
        Ok(room)
    }

    /// Counts one more at an offset of the header.
    fn count(&mut self, at: usize) -> Result<(), DoesNotFit> {
        let counted =
            super::u16_at(self.written(), at).and_then(|counted| counted.checked_add(1)).ok_or(DoesNotFit)?;
        self.set_word(at, counted);
        Ok(())
    }

    fn written(&self) -> &[u8] {
        self.buf.get(self.start..self.len).unwrap_or(&[])
    }

    fn set_word(&mut self, at: usize, word: u16) {
        if let Some(slot) = self.chunk_mut(at) {
            *slot = word.to_be_bytes();
        }
    }

    /// The octets at an offset of the message.
    fn chunk_mut<const N: usize>(&mut self, at: usize) -> Option<&mut [u8; N]> {
        self.buf.get_mut(self.start + at..)?.first_chunk_mut()
    }
}

/// Offset of the header's counts: questions, answers, authority, additional.
const COUNTS: usize = 4;

/// Octets of the length before a message of a stream.
const PREFIX: usize = 2;

#[cfg(test)]
mod tests;
