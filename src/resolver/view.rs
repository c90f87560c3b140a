//! What was found, read from the cache in place.

use core::net::IpAddr;

use super::request::{Request, State};
use super::settle::{FAILED, FREE, HELD, held, set_held};
use super::{RequestId, Resolver};
use crate::cache::{Cache, Entry, EntryFlags, FoundRecord};
use crate::name::Name;
use crate::wire::Type;

/// An address that a lookup has found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct FoundAddress {
    /// The address.
    pub address: IpAddr,
    /// How long it may still be used, in seconds, as may the aliases that lead to it; 0 for this once, 30 where it is over
    /// and no server answers.
    pub ttl_secs: u32,
    /// [`Resolver::failed`] was called for it.
    pub has_failed: bool,
}

/// What is shown of a record that is over and used all the same (RFC 8767 section 4).
const STALE_MILLIS: u32 = 30_000;

impl Resolver<'_> {
    /// The addresses that a lookup has found, those of IPv6 first, in the order in which they came; none for a stale handle.
    pub fn addresses(&self, request: RequestId) -> impl Iterator<Item = FoundAddress> + Clone {
        self.addresses_for_millis(request).map(|(found, _)| found)
    }

    /// The same, each with how long it may still be used to the millisecond: who counts on from seconds loses one.
    pub(crate) fn addresses_for_millis(
        &self,
        request: RequestId,
    ) -> impl Iterator<Item = (FoundAddress, u32)> + Clone {
        let index = self.index_of(request).unwrap_or(0);
        let alias_millis = self.alias_millis(index);
        self.held_by(request).filter_map(move |entry| {
            let has_failed = held(&entry, index) == FAILED;
            let address = self.cache.address(&entry)?;
            let millis = self.remaining_millis(&entry).min(alias_millis);
            Some((FoundAddress { address, ttl_secs: millis / 1_000, has_failed }, millis))
        })
    }

    /// The records that a request has found; none for a stale handle.
    pub fn found_records(&self, request: RequestId) -> impl Iterator<Item = FoundRecord<'_>> + Clone {
        self.held_by(request)
            .map(|entry| FoundRecord::new(&self.cache, entry, self.remaining_millis(&entry) / 1_000))
    }

    /// The name that the aliases of what was asked for lead to, or that name itself, in the case in which the cache met it
    /// first; `None` for a stale handle, and while nothing is found.
    pub fn canonical_name(&self, request: RequestId) -> Option<Name<'_>> {
        let ends = self.requests.get(self.index_of(request)?)?.ends;
        ends.iter().find_map(|end| self.cache.named(*end)).map(|name| self.cache.name(name))
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
        self.restart_if_all_failed(index);
    }

    /// Asks anew for a lookup that is complete and has nothing that works.
    pub(super) fn restart_if_all_failed(&mut self, index: usize) {
        let Some(slot) = self.requests.get(index).copied().filter(|slot| slot.state == State::Found) else {
            return;
        };
        let (mut entry, mut has_failed, mut has_any) = (self.cache.before_entries(), false, false);
        while self.cache.step(&mut entry) {
            match held(&entry, index) {
                FAILED => has_failed = true,
                HELD => {
                    has_any |= self.cache.address(&entry).is_some() && !entry.flags.has(EntryFlags::NEGATIVE)
                }
                _ => {}
            }
        }
        if has_any || !has_failed {
            return;
        }
        self.cache.for_each_entry(|entry| {
            if held(entry, index) != FREE {
                set_held(entry, index, FREE);
                entry.flags.set(EntryFlags::DEAD, true);
            }
        });
        let (generation, name, kind, timeout_millis) =
            (slot.generation, slot.name, slot.kind, slot.timeout_millis);
        let fresh = Request { generation, name, kind, timeout_millis, state: State::Fresh, ..Request::FREE };
        if let Some(slot) = self.requests.get_mut(index) {
            (*slot, self.is_stale) = (fresh, true);
        }
    }

    /// What a request has found.
    fn held_by(&self, request: RequestId) -> Held<'_> {
        let index = self.index_of(request);
        let slot = index.and_then(|index| self.requests.get(index)).copied().unwrap_or(Request::FREE);
        let number = if index.is_some() { 0 } else { slot.ends.len() };
        let entry = self.cache.before_entries();
        Held { cache: &self.cache, index: index.unwrap_or(0), slot, number, entry }
    }

    /// How long the aliases of a request may still be used: behind one that has ended there may be another host.
    fn alias_millis(&self, index: usize) -> u32 {
        let (mut entry, mut millis) = (self.cache.before_entries(), u32::MAX);
        while self.cache.step(&mut entry) {
            if entry.rtype == Type::CNAME && held(&entry, index) != FREE {
                millis = millis.min(self.remaining_millis(&entry));
            }
        }
        millis
    }

    fn remaining_millis(&self, entry: &Entry) -> u32 {
        match entry.expires.millis_until(self.now) {
            0..1_000 if entry.ttl_secs > 0 && self.config.serves_stale => STALE_MILLIS,
            millis => millis,
        }
    }
}

/// The entries that a request has found, type by type.
#[derive(Clone)]
struct Held<'r> {
    cache: &'r Cache<'r>,
    index: usize,
    slot: Request,
    number: usize,
    entry: Entry,
}

impl Iterator for Held<'_> {
    type Item = Entry;

    fn next(&mut self) -> Option<Entry> {
        while let Some(end) = self.slot.ends.get(self.number) {
            let name = self.cache.named(*end);
            let rtype = self.slot.types().get(self.number).copied().flatten();
            while self.cache.step(&mut self.entry) {
                let entry = self.entry;
                if Some(entry.name) == name
                    && (Some(entry.rtype) == rtype || rtype == Some(Type::ANY))
                    && held(&entry, self.index) != FREE
                    && !entry.flags.has(EntryFlags::NEGATIVE)
                {
                    return Some(entry);
                }
            }
            (self.number, self.entry) = (self.number + 1, self.cache.before_entries());
        }
        None
    }
}
