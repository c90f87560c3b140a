//! A service instance as the cache knows it.

use core::net::IpAddr;

use super::store::latest;
use super::tell::address_of;
use crate::cache::{Cache, EntryId};
use crate::name::Name;
use crate::wire::{Txt, Type};

/// An instance that an event has named. It stays the same until the instance is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct InstanceId(pub(super) EntryId);

/// What is known of a service instance, read from the cache in place. Valid until the next call to the machine.
#[derive(Clone, Copy, Debug)]
pub struct Instance<'c> {
    cache: &'c Cache<'c>,
    name: Name<'c>,
}

impl<'c> Instance<'c> {
    pub(super) fn new(cache: &'c Cache<'_>, name: Name<'c>) -> Self {
        Self { cache, name }
    }

    /// The whole name: `Kitchen\032Cam._http._tcp.local`.
    pub fn name(&self) -> Name<'c> {
        self.name
    }

    /// The instance name alone, as people see it: UTF-8 by the rules, any octets in fact.
    pub fn label(&self) -> &'c [u8] {
        self.name.split_first().map_or(&[], |(label, _)| label)
    }

    /// The service type with its domain: `_http._tcp.local`.
    pub fn service_type(&self) -> Name<'c> {
        self.name.split_first().map_or(Name::ROOT, |(_, rest)| rest)
    }

    /// The host that runs the service; `None` until it is known.
    pub fn host(&self) -> Option<Name<'c>> {
        latest(self.cache, &self.name, Type::SRV).map(|srv| srv.target(6))
    }

    /// The port; 0 until it is known.
    pub fn port(&self) -> u16 {
        let srv = latest(self.cache, &self.name, Type::SRV);
        srv.and_then(|srv| srv.data.get(4..)?.first_chunk().copied()).map_or(0, u16::from_be_bytes)
    }

    /// The attributes; `None` until they are known.
    pub fn txt(&self) -> Option<Txt<'c>> {
        Txt::from_octets(latest(self.cache, &self.name, Type::TXT)?.data)
    }

    /// The addresses of the host that are known.
    pub fn addresses(&self) -> impl Iterator<Item = IpAddr> + use<'c> {
        let host = self.host();
        let entries = self.cache.entries().filter(move |entry| host.is_some_and(|host| entry.name() == host));
        entries.filter(|entry| entry.is_live(entry.head.rtype)).filter_map(|entry| address_of(&entry))
    }
}
