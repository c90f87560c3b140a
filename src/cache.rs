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

use item::ItemAt;
use item::QUESTION;
pub(crate) use item::{Entry, EntryFlags, Question};
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

    /// Whether no record and no question is stored.
    pub(crate) fn is_empty(&self) -> bool {
        self.items == self.octets.len()
    }

    pub(crate) fn version(&self) -> u16 {
        self.version
    }

    /// What stands before the oldest record: from there [`step`](Self::step) walks over all.
    ///
    /// Never inlined, as walks are many.
    #[inline(never)]
    pub(crate) fn before_entries(&self) -> Entry {
        Entry { next: self.oldest(), ..Entry::NOWHERE }
    }

    /// The same of questions.
    #[inline(never)]
    pub(crate) fn before_questions(&self) -> Question {
        Question { next: self.oldest(), ..Question::NOWHERE }
    }

    /// The records, oldest first.
    pub(crate) fn entries(&self) -> Entries<'_> {
        Entries { cache: self, entry: self.before_entries() }
    }

    /// Changes records.
    pub(crate) fn for_each_entry(&mut self, mut change: impl FnMut(&mut Entry)) {
        let mut entry = self.before_entries();
        while self.step(&mut entry) {
            change(&mut entry);
            self.set_entry(&entry);
        }
    }

    /// The first record that is the one asked for.
    pub(crate) fn find_entry(&self, mut is_it: impl FnMut(&Entry) -> bool) -> Option<Entry> {
        let mut entry = self.before_entries();
        while self.step(&mut entry) {
            if is_it(&entry) {
                return Some(entry);
            }
        }
        None
    }

    /// Whether a record is one of those asked for.
    pub(crate) fn any_entry(&self, is_it: impl FnMut(&Entry) -> bool) -> bool {
        self.find_entry(is_it).is_some()
    }

    /// The first question that is the one asked for.
    pub(crate) fn find_question(&self, mut is_it: impl FnMut(&Question) -> bool) -> Option<Question> {
        let mut question = self.before_questions();
        while self.step_question(&mut question) {
            if is_it(&question) {
                return Some(question);
            }
        }
        None
    }

    fn oldest(&self) -> ItemAt {
        ItemAt::of(self.octets.len())
    }

    /// A record's data as messages have it, but for a [`target`](Entry::target), of which the place stands there.
    pub(crate) fn data(&self, entry: &Entry) -> &[u8] {
        let (start, end) = self.data_range(entry.at);
        self.octets.get(start..end).unwrap_or(&[])
    }

    /// The same, to be read by its type; for records without a target.
    pub(crate) fn raw_data(&self, entry: &Entry) -> RawData<'_> {
        RawData::of_stored(self.data(entry), entry.rtype)
    }

    /// Stores a record whose data is `front` and behind it the target; `reserve` octets are to stay free.
    ///
    /// Never inlined: names are stored before it, and need no room for its iterators.
    #[inline(never)]
    pub(crate) fn insert_entry(
        &mut self,
        entry: &mut Entry,
        front: impl Iterator<Item = u8> + Clone,
        reserve: usize,
    ) -> Result<(), CacheFull> {
        let len = front.clone().count() + if entry.target().is_some() { 2 } else { 0 };
        let at = self.reserve(Entry::FIXED + len, 0, reserve)?;
        let (start, _) = self.data_range(at);
        let slots = self.octets.get_mut(start..).unwrap_or_default();
        slots.iter_mut().zip(front).for_each(|(slot, octet)| *slot = octet);
        entry.at = at;
        self.set_entry(entry);
        Ok(())
    }

    /// Stores a question; `reserve` octets are to stay free.
    pub(crate) fn insert_question(
        &mut self,
        question: &mut Question,
        reserve: usize,
    ) -> Result<(), CacheFull> {
        question.at = self.reserve(Question::FIXED, QUESTION, reserve)?;
        self.set_question(question);
        Ok(())
    }

    /// Removes a record. The newer ones move up, so that a walk goes on where it stood.
    pub(crate) fn remove(&mut self, entry: &mut Entry) {
        entry.next = entry.at;
        self.remove_item(entry.at);
    }

    /// The same of a question.
    pub(crate) fn remove_question(&mut self, question: &mut Question) {
        question.next = question.at;
        self.remove_item(question.at);
    }

    fn remove_item(&mut self, at: ItemAt) {
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

/// The records of a store, oldest first.
#[derive(Clone)]
pub(crate) struct Entries<'c> {
    cache: &'c Cache<'c>,
    entry: Entry,
}

impl Iterator for Entries<'_> {
    type Item = Entry;

    fn next(&mut self) -> Option<Entry> {
        self.cache.step(&mut self.entry).then_some(self.entry)
    }
}

/// What places are counted in.
const UNIT: usize = 4;

/// As many octets as `len` take up in whole units.
fn in_units(len: usize) -> usize {
    len.div_ceil(UNIT) * UNIT
}
