//! Questions and records.

use super::{CheckError, Class, FromRData, RData, RawData, Section, Type};
use crate::name::Name;

/// A question.
#[derive(Clone, Copy, Debug)]
pub struct Question<'m> {
    name: Name<'m>,
    qtype: Type,
    class: u16,
}

impl<'m> Question<'m> {
    pub(super) fn new(name: Name<'m>, qtype: u16, class: u16) -> Self {
        Self { name, qtype: Type(qtype), class }
    }

    /// The name asked for.
    pub fn name(&self) -> Name<'m> {
        self.name
    }

    /// The type asked for.
    pub fn qtype(&self) -> Type {
        self.qtype
    }

    /// The class, without the unicast-response bit.
    pub fn class(&self) -> Class {
        Class(self.class & !Class::TOP)
    }

    /// The unicast-response (QU) bit of mDNS (RFC 6762 section 18.12).
    pub fn unicast_response(&self) -> bool {
        self.class & Class::TOP != 0
    }

    /// The 16 bits of the class field as they came.
    pub fn raw_class(&self) -> u16 {
        self.class
    }
}

/// A resource record, its data untouched.
#[derive(Clone, Copy, Debug)]
pub struct Record<'m> {
    data: RawData<'m>,
    section: Section,
    class: u16,
    ttl: u32,
}

impl<'m> Record<'m> {
    #[inline]
    pub(super) fn new(section: Section, class: u16, ttl: u32, data: RawData<'m>) -> Self {
        Self { data, section, class, ttl }
    }

    /// The owner name.
    #[inline]
    pub fn name(&self) -> Name<'m> {
        self.data.owner()
    }

    /// The section that the record stands in.
    pub fn section(&self) -> Section {
        self.section
    }

    /// The type.
    pub fn rtype(&self) -> Type {
        self.data.rtype()
    }

    /// The class, without the cache-flush bit. For OPT, whose class is a payload size, all 16 bits.
    pub fn class(&self) -> Class {
        if self.rtype() == Type::OPT { Class(self.class) } else { Class(self.class & !Class::TOP) }
    }

    /// The cache-flush bit of mDNS (RFC 6762 section 18.13); never set for OPT.
    pub fn cache_flush(&self) -> bool {
        self.rtype() != Type::OPT && self.class & Class::TOP != 0
    }

    /// The 16 bits of the class field as they came.
    pub fn raw_class(&self) -> u16 {
        self.class
    }

    /// Time to live in seconds; 0 when the top bit is set (RFC 2181 section 8; RFC 8767 section 4 would take such a
    /// value as large).
    pub fn ttl_secs(&self) -> u32 {
        if self.ttl >> 31 == 0 { self.ttl } else { 0 }
    }

    /// The 32 bits of the TTL field as they came; OPT keeps flags there.
    pub fn raw_ttl(&self) -> u32 {
        self.ttl
    }

    /// The data as it came, 0 to 65 535 octets; names in it may be compressed.
    pub fn raw_data(&self) -> RawData<'m> {
        self.data
    }

    /// The data by its type, whichever that is.
    ///
    /// # Errors
    /// Data that does not fit its type. The other records of the message stay readable.
    #[inline]
    pub fn data(&self) -> Result<RData<'m>, CheckError> {
        RData::read(&self.data)
    }

    /// The data as a `T`, or `None` when the record has another type. A program pays only for the types that it asks
    /// for.
    ///
    /// ```
    /// use dotlocal::wire::{CheckError, Message, Srv};
    ///
    /// fn ports(datagram: &[u8]) -> Result<(), CheckError> {
    ///     for record in Message::parse(datagram)?.answers() {
    ///         if let Some(srv) = record?.read::<Srv>()? {
    ///             println!("{}:{}", srv.target, srv.port);
    ///         }
    ///     }
    ///     Ok(())
    /// }
    /// # ports(&[0; 12]).unwrap();
    /// ```
    ///
    /// # Errors
    /// Data that does not fit its type. The other records of the message stay readable.
    #[inline]
    pub fn read<T: FromRData<'m>>(&self) -> Result<Option<T>, CheckError> {
        if T::is_for(self.rtype()) { T::read(&self.data).map(Some) } else { Ok(None) }
    }
}
