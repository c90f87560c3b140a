//! Records on their way into the store and out of it.

use core::net::IpAddr;

use super::{Cache, CacheFull, Entry, NameAt};
use crate::name::Name;
use crate::wire::{CheckError, Fault, FromRData, RData, Record, Srv, Txt, Type, Uncompressed};

/// The data of a record as it is kept: octets, and for some types the name behind them.
#[derive(Clone, Debug)]
pub(crate) struct Data<'m> {
    front: Uncompressed<'m>,
    pub(crate) target: Option<Name<'m>>,
}

impl<'m> Data<'m> {
    /// Of a record that has none, and leads to itself where its type leads anywhere.
    pub(crate) fn none(rtype: Type, owner: Name<'m>) -> Self {
        let target = Entry::front_of(rtype).map(|_| owner);
        Self { front: Uncompressed::of_octets(&[]), target }
    }

    /// Of `record`; `None` when the data does not fit its type.
    pub(crate) fn of(record: &Record<'m>) -> Option<Self> {
        let (raw, rtype) = (record.raw_data(), record.rtype());
        let data = raw.uncompressed().ok()?;
        if Entry::front_of(rtype).is_some() {
            let (front, target) = data.split_target()?;
            return Some(Self { front: Uncompressed::of_octets(front), target: Some(target) });
        }
        let octets = raw.as_octets();
        let fits = match rtype {
            Type::A => octets.len() == 4,
            Type::AAAA => octets.len() == 16,
            Type::TXT => Txt::from_octets(octets).is_some(),
            _ => true,
        };
        fits.then_some(Self { front: data, target: None })
    }
}

impl Cache<'_> {
    /// The entry that holds the very record. Names in data are compared as names are, everything else to the bit.
    pub(crate) fn find_record(&self, name: NameAt, rtype: Type, data: &Data<'_>) -> Option<Entry> {
        let target = match &data.target {
            Some(target) => Some(self.find_name(target)?),
            None => None,
        };
        self.find_entry(|entry| {
            entry.name == name
                && entry.rtype == rtype
                && entry.target() == target
                && data.front.clone().eq(self.front(entry).iter().copied())
        })
    }

    /// Stores a record of `owner`; `entry` has all but the places of names. `reserve` octets are to stay free.
    pub(crate) fn insert_record(
        &mut self,
        owner: &Name<'_>,
        entry: &mut Entry,
        data: &Data<'_>,
        reserve: usize,
    ) -> Result<NameAt, CacheFull> {
        entry.name = self.put_name(owner, reserve)?;
        if let Some(target) = &data.target {
            entry.target = self.put_name(target, reserve)?;
        }
        self.insert_entry(entry, data.front.clone(), reserve)?;
        Ok(entry.name)
    }

    /// A record's data before the name that it ends with.
    pub(crate) fn front(&self, entry: &Entry) -> &[u8] {
        let data = self.data(entry);
        data.get(..Entry::front_of(entry.rtype).unwrap_or(data.len())).unwrap_or(&[])
    }

    /// The address that a record holds.
    pub(crate) fn address(&self, entry: &Entry) -> Option<IpAddr> {
        let data = self.data(entry);
        match entry.rtype {
            Type::A => <[u8; 4]>::try_from(data).ok().map(IpAddr::from),
            Type::AAAA => <[u8; 16]>::try_from(data).ok().map(IpAddr::from),
            _ => None,
        }
    }

    /// What an SRV holds.
    pub(crate) fn srv(&self, entry: &Entry) -> Option<Srv<'_>> {
        let &[p0, p1, w0, w1, port0, port1] = self.data(entry).first_chunk::<6>()?;
        let [priority, weight, port] = [[p0, p1], [w0, w1], [port0, port1]].map(u16::from_be_bytes);
        Some(Srv { priority, weight, port, target: self.name(entry.target()?) })
    }
}

/// A record that was asked for by its type, read from the cache in place. Valid until the next call to the machine.
#[derive(Clone, Copy, Debug)]
pub struct FoundRecord<'c> {
    cache: &'c Cache<'c>,
    entry: Entry,
    ttl_secs: u32,
}

impl<'c> FoundRecord<'c> {
    pub(crate) fn new(cache: &'c Cache<'_>, entry: Entry, ttl_secs: u32) -> Self {
        Self { cache, entry, ttl_secs }
    }

    /// The owner name.
    pub fn name(&self) -> Name<'c> {
        self.cache.name(self.entry.name)
    }

    /// The type.
    pub fn rtype(&self) -> Type {
        self.entry.rtype
    }

    /// How long it may still be used, in seconds.
    pub fn ttl_secs(&self) -> u32 {
        self.ttl_secs
    }

    /// The data by its type, whichever that is.
    ///
    /// # Errors
    /// Data that does not fit its type.
    pub fn data(&self) -> Result<RData<'c>, CheckError> {
        let target = self.target().unwrap_or(Name::ROOT);
        match self.entry.rtype {
            Type::PTR => Ok(RData::Ptr(target)),
            Type::CNAME => Ok(RData::Cname(target)),
            Type::SRV => {
                self.cache.srv(&self.entry).map(RData::Srv).ok_or(CheckError::new(0, Fault::Truncated))
            }
            _ => RData::read(&self.cache.raw_data(&self.entry)),
        }
    }

    /// The name that a PTR, CNAME or SRV leads to: of an address the name of its host.
    pub fn target(&self) -> Option<Name<'c>> {
        self.entry.target().map(|target| self.cache.name(target))
    }
}
