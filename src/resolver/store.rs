//! Answers on their way into the cache, and out of it when it is full.

use super::{Failure, Resolver};
use crate::cache::{Cache, CacheFull, Data, Entry, EntryFlags, Marks, NameAt, NameId};
use crate::name::Name;
use crate::wire::{Record, Type, Uncompressed};

/// A request or query is about the name; good while room is made.
const WANTED: Marks = Marks::bit(0);

/// For how long a failure is remembered, so that servers that fail are not hammered (R-9520-1).
const FAILURE_SECS: u32 = 5;

/// Longer lives are cut (R-TTL-1).
const MAX_SECS: u32 = 7 * 86_400;

impl Resolver<'_> {
    /// Stores a record for those who wait, a bit pair for each, and for others while it lives.
    pub(super) fn store(&mut self, record: &Record<'_>, ttl_secs: u32, told: u32) -> Result<(), CacheFull> {
        // What does not fit its type was left out before.
        let Some(data) = Data::of(record) else { return Ok(()) };
        let mut entry = self.new_entry(record.rtype(), ttl_secs, told);
        self.insert(&record.name(), &mut entry, &data)
    }

    /// Remembers that there is nothing under a name of a message.
    pub(super) fn store_denial(
        &mut self,
        name: &Name<'_>,
        qtype: Type,
        denial: Failure,
        ttl_secs: u32,
        told: u32,
    ) -> Result<(), CacheFull> {
        // Of a name that has something else it is the type alone that is not there, whatever the server says.
        let has_others = self.cache.find_name(name).is_some_and(|name| {
            let is_other = |entry: &Entry| entry.name == name && entry.rtype != qtype;
            let is_there =
                |entry: &Entry| !entry.flags.has(EntryFlags::NEGATIVE) && self.counts(entry, false);
            self.cache.any_entry(|entry| is_other(entry) && is_there(entry))
        });
        let denial = if has_others { Failure::NoData } else { denial };
        let rtype = if denial == Failure::NoName { Type::ANY } else { qtype };
        let mut entry = self.new_entry(rtype, ttl_secs, told);
        mark_failure(&mut entry, denial);
        self.insert(name, &mut entry, &Data::none(rtype, *name))
    }

    /// Remembers for seconds why a question was not answered, where there is room for that, so that servers that fail are
    /// not hammered.
    pub(super) fn remember_failure(&mut self, name: NameId, qtype: Type, failure: Failure) {
        if let Some(name) = self.cache.named(name) {
            let mut entry = Entry { name, ..self.new_entry(qtype, FAILURE_SECS, 0) };
            if mark_failure(&mut entry, failure) {
                if Entry::front_of(qtype).is_some() {
                    entry.target = name;
                }
                let _ = self.cache.insert_entry(&mut entry, Uncompressed::of_octets(&[]), 0);
            }
        }
    }

    fn insert(&mut self, owner: &Name<'_>, entry: &mut Entry, data: &Data<'_>) -> Result<(), CacheFull> {
        self.with_room(&mut |cache| cache.insert_record(owner, entry, data, 0).map(|_| ()))
    }

    fn new_entry(&self, rtype: Type, ttl_secs: u32, told: u32) -> Entry {
        Entry { told, ..Entry::new(NameAt::NOWHERE, rtype, ttl_secs.min(MAX_SECS), self.now) }
    }

    /// Ends what the cache has of a name and type: a new answer replaces it. Requests that have it keep it.
    pub(super) fn replace(&mut self, name: &Name<'_>, rtype: Type) {
        let Some(name) = self.cache.find_name(name) else { return };
        let mut entry = self.cache.before_entries();
        while self.cache.step(&mut entry) {
            if entry.name == name
                && (entry.rtype == rtype || entry.flags.has(EntryFlags::NEGATIVE) && entry.rtype == Type::ANY)
            {
                if entry.told == 0 {
                    self.cache.remove(&mut entry);
                    continue;
                }
                entry.flags.set(EntryFlags::DEAD, true);
                self.cache.set_entry(&entry);
            }
        }
    }

    /// Runs `store`, with ever more of the oldest answers gone, until it fits or nothing is left to go: names that an attempt
    /// has left behind go too, and are no room gained.
    fn with_room(
        &mut self,
        store: &mut dyn FnMut(&mut Cache<'_>) -> Result<(), CacheFull>,
    ) -> Result<(), CacheFull> {
        loop {
            let before = self.cache.free();
            let stored = store(&mut self.cache);
            if stored.is_ok() {
                return stored;
            }
            self.evict();
            if self.cache.free() <= before {
                return stored;
            }
        }
    }

    /// Stores the name of a request.
    pub(super) fn put_name(&mut self, name: &Name<'_>) -> Result<NameId, CacheFull> {
        let mut id = NameId::NONE;
        self.with_room(&mut |cache| {
            id = cache.put_name(name, 0).map(|at| cache.id(at))?;
            Ok(())
        })?;
        Ok(id)
    }

    /// Removes what no request has: all that is over, or else the oldest answer; and the names that nothing refers to then.
    fn evict(&mut self) {
        if !self.end_lives()
            && let Some(mut oldest) = self.cache.find_entry(|entry| entry.told == 0)
        {
            self.cache.remove(&mut oldest);
        }
        self.sweep();
    }

    /// Removes the records that are over, but for those that may still be served stale; what a request still has is no
    /// answer to others any more.
    pub(super) fn end_lives(&mut self) -> bool {
        let (now, before) = (self.now, self.cache.free());
        let mut entry = self.cache.before_entries();
        while self.cache.step(&mut entry) {
            let is_dead = entry.flags.has(EntryFlags::DEAD);
            if is_dead || entry.expires.is_due(now) && !self.is_usable_stale(&entry) {
                if entry.told == 0 {
                    self.cache.remove(&mut entry);
                    continue;
                }
                entry.flags.set(EntryFlags::DEAD, true);
                self.cache.set_entry(&entry);
            }
        }
        self.cache.free() != before
    }

    /// Removes the names that nothing refers to.
    fn sweep(&mut self) {
        self.cache.keep_marks(Marks::NONE);
        let mut keep = |id| {
            if let Some(name) = self.cache.named(id) {
                self.cache.add_marks(name, WANTED);
            }
        };
        self.requests.iter().for_each(|request| keep(request.name));
        self.queries.iter().for_each(|query| keep(query.name));
        self.cache.sweep(WANTED);
    }
}

/// Makes an entry say why there is nothing; tells whether that can be said.
fn mark_failure(entry: &mut Entry, failure: Failure) -> bool {
    let octet = failure.to_octet();
    entry.flags.set(EntryFlags::NEGATIVE, true);
    entry.doubted = octet.unwrap_or(0);
    octet.is_some()
}
