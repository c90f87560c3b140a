//! What was found, read from the cache in place.

use core::net::IpAddr;

use super::request::State;
use super::settle::{FAILED, FREE, HELD, held, set_held};
use super::{RequestId, Resolver};
use crate::cache::{Entry, EntryFlags, FoundRecord};
use crate::name::Name;
use crate::wire::Type;

/// An address that a lookup has found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct FoundAddress {
    /// The address.
    pub address: IpAddr,
    /// How long it may still be used, in seconds; 0 for this once, 30 where it is over and no server answers.
    pub ttl_secs: u32,
    /// [`Resolver::failed`] was called for it.
    pub has_failed: bool,
}

/// What is shown of a record that is over and used all the same (RFC 8767 section 4).
const STALE_SECS: u32 = 30;

impl Resolver<'_> {
    /// The addresses that a lookup has found, those of IPv6 first, in the order in which they came; none for a stale handle.
    pub fn addresses(&self, request: RequestId) -> impl Iterator<Item = FoundAddress> + Clone {
        let index =
            self.index_of(request).filter(|index| self.requests.get(*index).is_some_and(Self::is_lookup));
        let found = [Type::AAAA, Type::A].into_iter().filter_map(move |rtype| Some((index?, rtype)));
        found.flat_map(|(index, rtype)| self.entries_of(index, rtype)).filter_map(move |entry| {
            let has_failed = held(&entry, index?) == FAILED;
            let address = self.cache.address(&entry)?;
            Some(FoundAddress { address, ttl_secs: self.remaining_secs(&entry), has_failed })
        })
    }

    /// The records that a request for them has found; none for a stale handle.
    pub fn found_records(&self, request: RequestId) -> impl Iterator<Item = FoundRecord<'_>> + Clone {
        let index = self.index_of(request);
        let types = index.and_then(|index| self.requests.get(index)).map(|request| request.types());
        let types = types.into_iter().flatten().flatten();
        types
            .flat_map(move |rtype| index.into_iter().flat_map(move |index| self.entries_of(index, rtype)))
            .map(|entry| FoundRecord::new(&self.cache, entry, self.remaining_secs(&entry)))
    }

    /// The name that the aliases of what was asked for lead to, or that name itself; `None` for a stale handle, and while
    /// nothing is found.
    pub fn canonical_name(&self, request: RequestId) -> Option<Name<'_>> {
        let index = self.index_of(request)?;
        let mut types = self.requests.get(index)?.types().into_iter().flatten();
        let found = types.find_map(|rtype| self.found_at(index, rtype))?;
        Some(self.cache.name(found))
    }

    /// An address did not work: nobody was there, or a connection was refused. Once that is so for all of a lookup, it
    /// asks anew, past the cache, and is told of as before.
    pub fn failed(&mut self, request: RequestId, address: IpAddr) {
        let Some(index) = self.index_of(request) else { return };
        let mut entry = self.cache.before_entries();
        while self.cache.step(&mut entry) {
            if held(&entry, index) == HELD && self.cache.address(&entry) == Some(address) {
                set_held(&mut entry, index, FAILED);
                self.cache.set_entry(&entry);
            }
        }
        if self.addresses(request).all(|found| found.has_failed) {
            self.for_each_entry(|entry| {
                if held(entry, index) != FREE {
                    set_held(entry, index, FREE);
                    entry.flags.set(EntryFlags::DEAD, true);
                }
            });
            if let Some(slot) = self.requests.get_mut(index) {
                (slot.state, slot.has_news, slot.failed, slot.held_until) = (State::Fresh, false, 0, None);
                self.is_stale = true;
            }
        }
    }

    fn entries_of(&self, index: usize, rtype: Type) -> impl Iterator<Item = Entry> + Clone {
        let name = self.found_at(index, rtype);
        self.cache.entries().filter(move |entry| {
            Some(entry.name) == name
                && (entry.rtype == rtype || rtype == Type::ANY)
                && held(entry, index) != FREE
                && !entry.flags.has(EntryFlags::NEGATIVE)
        })
    }

    fn remaining_secs(&self, entry: &Entry) -> u32 {
        match entry.expires.millis_until(self.now) / 1_000 {
            0 if entry.ttl_secs > 0 && self.config.serves_stale => STALE_SECS,
            secs => secs,
        }
    }
}
