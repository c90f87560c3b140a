//! What was found, as the cache knows it.

use core::net::{IpAddr, SocketAddr};

use super::follow::latest;
use super::socket_addr;
use crate::cache::{Cache, Entry, NameAt, NameId};
use crate::name::Name;
use crate::wire::{Srv, Txt, Type};

/// An instance that an event has named. It stays the same until the instance is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct InstanceId(pub(super) NameId);

/// A record that an event has named. It turns stale when something is removed from the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct RecordId {
    at: u16,
    version: u16,
}

impl RecordId {
    pub(super) fn of(cache: &Cache<'_>, entry: &Entry) -> Self {
        Self { at: entry.number(), version: cache.version() }
    }

    pub(super) fn entry(self, cache: &Cache<'_>) -> Option<Entry> {
        cache.numbered(self.at).filter(|_| self.version == cache.version())
    }
}

/// What is known of a service instance, read from the cache in place. Valid until the next call to the machine.
#[derive(Clone, Copy, Debug)]
pub struct Instance<'c> {
    cache: &'c Cache<'c>,
    name: NameAt,
    scope_id: u32,
}

impl<'c> Instance<'c> {
    pub(super) fn new(cache: &'c Cache<'_>, name: NameAt, scope_id: u32) -> Self {
        Self { cache, name, scope_id }
    }

    /// The whole name: `Kitchen\032Cam._http._tcp.local`.
    pub fn name(&self) -> Name<'c> {
        self.cache.name(self.name)
    }

    /// The instance name alone, as people see it: UTF-8 by the rules, any octets in fact.
    pub fn label(&self) -> &'c [u8] {
        self.name().split_first().map_or(&[], |(label, _)| label)
    }

    /// The service type with its domain: `_http._tcp.local`.
    pub fn service_type(&self) -> Name<'c> {
        self.name().split_first().map_or(Name::ROOT, |(_, rest)| rest)
    }

    /// The host that runs the service; `None` until it is known.
    pub fn host(&self) -> Option<Name<'c>> {
        self.host_at().map(|host| self.cache.name(host))
    }

    /// The port; 0 until it is known.
    pub fn port(&self) -> u16 {
        self.srv().map_or(0, |srv| srv.port)
    }

    /// Where the service is, with priority and weight (RFC 2782); `None` until it is known.
    pub fn srv(&self) -> Option<Srv<'c>> {
        self.cache.srv(&self.latest(Type::SRV)?)
    }

    /// The attributes; `None` until they are known.
    pub fn txt(&self) -> Option<Txt<'c>> {
        Txt::from_octets(self.cache.data(&self.latest(Type::TXT)?))
    }

    /// The addresses of the host that are known.
    pub fn addresses(&self) -> impl Iterator<Item = IpAddr> + use<'c> {
        let (cache, host) = (self.cache, self.host_at());
        let of_host = move |entry: &Entry| Some(entry.name) == host && entry.is_live(entry.rtype);
        cache.entries().filter(of_host).filter_map(|entry| cache.address(&entry))
    }

    /// Where to connect: the addresses with the port, link-local ones with the scope of this link. They come in no order;
    /// `lookup::in_order` gives that in which to try them.
    pub fn socket_addrs(&self) -> impl Iterator<Item = SocketAddr> + use<'c> {
        let (port, scope_id) = (self.port(), self.scope_id);
        self.addresses().map(move |address| socket_addr(address, port, scope_id))
    }

    pub(super) fn host_at(&self) -> Option<NameAt> {
        self.latest(Type::SRV)?.target()
    }

    fn latest(&self, rtype: Type) -> Option<Entry> {
        latest(self.cache, self.name, rtype)
    }
}
