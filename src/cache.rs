//! A bounded store of names, records and questions in the caller's bytes.
//!
//! Names stand at the front, each once: a label and a compression pointer to the rest, as in a message, so that they
//! are read as names of messages are; the first labels of a long one stand in a piece. Records and questions stand at
//! the back, the oldest last, and refer to names by their place. What is removed leaves no gap. Places change with that;
//! the id of a name does not. Places are counted in fours, so that 16 bits reach 262 140 octets.

mod item;
mod names;
mod record;
#[cfg(test)]
mod tests;

pub(crate) use item::{Entry, EntryFlags, ItemAt, Question};
use names::START;
pub(crate) use names::{Marks, NameAt, NameId};
pub(crate) use record::Data;
pub use record::FoundRecord;

use crate::wire::RawData;

/// The store.
#[derive(Debug)]
pub(crate) struct Cache<'s> {
    octets: &'s mut [u8],
    /// Where the names end.
    names: usize,
    /// Where the newest item begins.
    items: usize,
    next_id: u16,
    /// Counts removals, after which an item may stand elsewhere.
    version: u16,
}

/// The store has no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CacheFull {
    /// Octets that are needed.
    pub(crate) needed: usize,
}

impl<'s> Cache<'s> {
    /// An empty store; of more than 262 140 octets the rest stays unused.
    pub(crate) fn new(octets: &'s mut [u8]) -> Self {
        let items = (octets.len() / UNIT).min(u16::MAX.into()) * UNIT;
        let octets = octets.get_mut(..items).unwrap_or_default();
        Self { octets, names: START.min(items), items, next_id: 1, version: 0 }
    }

    /// Octets that there are.
    pub(crate) fn capacity(&self) -> usize {
        self.octets.len()
    }

    /// Octets that nothing is stored in.
    pub(crate) fn free(&self) -> usize {
        self.items - self.names
    }

    pub(crate) fn version(&self) -> u16 {
        self.version
    }

    /// Where the oldest item stands; a walk goes on by [`newer`](Self::newer) while [`is_item`](Self::is_item) holds.
    pub(crate) fn oldest(&self) -> ItemAt {
        ItemAt::of(self.octets.len())
    }

    /// Where the item that was stored next stands.
    pub(crate) fn newer(&self, at: ItemAt) -> ItemAt {
        ItemAt::of(at.end().saturating_sub(in_units(self.len_of(at))))
    }

    /// Whether an item stands there.
    pub(crate) fn is_item(&self, at: ItemAt) -> bool {
        at.end() > self.items
    }

    /// The records, oldest first.
    pub(crate) fn entries(&self) -> impl Iterator<Item = Entry> + Clone {
        self.all().filter_map(|at| self.entry(at))
    }

    /// The questions, oldest first.
    pub(crate) fn questions(&self) -> impl Iterator<Item = Question> + Clone {
        self.all().filter_map(|at| self.question(at))
    }

    fn all(&self) -> Items<'_> {
        Items { cache: self, next: self.oldest() }
    }

    /// A record's data as messages have it, but for a [`target`](Self::target), of which the place stands there.
    pub(crate) fn data(&self, entry: &Entry) -> &[u8] {
        let (start, end) = self.data_range(entry.at);
        self.octets.get(start..end).unwrap_or(&[])
    }

    /// The same, to be read by its type; for records without a target.
    pub(crate) fn raw_data(&self, entry: &Entry) -> RawData<'_> {
        RawData::of_stored(self.data(entry), entry.rtype)
    }

    /// The name that the data ends with, of a PTR, SRV or CNAME.
    pub(crate) fn target(&self, entry: &Entry) -> Option<NameAt> {
        Entry::front_of(entry.rtype)?;
        self.data(entry).last_chunk().copied().map(NameAt::from_octets)
    }

    /// Stores a record whose data is `front` and behind it the name `target`; `reserve` octets are to stay free.
    ///
    /// Never inlined: names are stored before it, and need no room for its iterators.
    #[inline(never)]
    pub(crate) fn insert_entry(
        &mut self,
        entry: Entry,
        front: impl Iterator<Item = u8> + Clone,
        target: Option<NameAt>,
        reserve: usize,
    ) -> Result<(), CacheFull> {
        let target = target.map(NameAt::to_octets);
        let len = front.clone().count() + if target.is_some() { 2 } else { 0 };
        let at = self.reserve(Entry::FIXED + len, reserve)?;
        let (start, end) = self.data_range(at);
        let slots = self.octets.get_mut(start..).into_iter().flatten();
        slots.zip(front).for_each(|(slot, octet)| *slot = octet);
        if let Some(target) = target {
            self.put(end.saturating_sub(target.len()), target);
        }
        self.set_entry(&Entry { at, ..entry });
        Ok(())
    }

    /// Stores a question; `reserve` octets are to stay free.
    pub(crate) fn insert_question(&mut self, question: Question, reserve: usize) -> Result<(), CacheFull> {
        let at = self.reserve(Question::FIXED, reserve)?;
        self.set_question(&Question { at, ..question });
        Ok(())
    }

    /// Removes an item. The newer ones move up: the next one then stands where it stood.
    pub(crate) fn remove(&mut self, at: ItemAt) {
        let len = in_units(self.len_of(at));
        for from in (self.items..at.end().saturating_sub(len)).rev() {
            self.move_octet(from, from + len);
        }
        self.items += len;
        self.version = self.version.wrapping_add(1);
    }

    /// Octet by octet, as `copy_within` has panic paths.
    fn move_octet(&mut self, from: usize, to: usize) {
        let moved = self.octets.get(from).copied();
        if let (Some(slot), Some(octet)) = (self.octets.get_mut(to), moved) {
            *slot = octet;
        }
    }

    fn data_range(&self, at: ItemAt) -> (usize, usize) {
        let end = at.end().saturating_sub(Entry::FIXED);
        (at.end().saturating_sub(self.len_of(at)).min(end), end)
    }

    /// `N` octets from `at` on; zeros where there are none.
    fn chunk<const N: usize>(&self, at: usize) -> [u8; N] {
        self.octets.get(at..).and_then(|rest| rest.first_chunk().copied()).unwrap_or([0; N])
    }

    fn put<const N: usize>(&mut self, at: usize, octets: [u8; N]) {
        if let Some(slot) = self.octets.get_mut(at..).and_then(|rest| rest.first_chunk_mut()) {
            *slot = octets;
        }
    }
}

/// The items of a store, oldest first.
#[derive(Clone)]
struct Items<'c> {
    cache: &'c Cache<'c>,
    next: ItemAt,
}

impl Iterator for Items<'_> {
    type Item = ItemAt;

    /// Never inlined, as walks are many and the bounds of each would be code.
    #[inline(never)]
    fn next(&mut self) -> Option<ItemAt> {
        let at = self.next;
        self.next = self.cache.newer(at);
        self.cache.is_item(at).then_some(at)
    }
}

/// What places are counted in.
const UNIT: usize = 4;

/// As many octets as `len` take up in whole units.
fn in_units(len: usize) -> usize {
    len.div_ceil(UNIT) * UNIT
}
