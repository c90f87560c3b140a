//! Records on their way into the cache, and out of it when it is full.

use super::Querier;
use super::marks;
use super::question::{ASKING, DENIED};
use crate::cache::{CacheFull, Data, Entry, EntryFlags, NameAt, Question};
use crate::wire::{Record, Type};

/// What a record was to us.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Heard {
    Nothing,
    /// Known before, or wanted and without room.
    Again,
    New,
}

impl Querier<'_> {
    /// The data of a record whose owner name stands at `name`; `None` when it does not fit its type.
    pub(super) fn read<'m>(&self, name: NameAt, record: &Record<'m>) -> Option<Data<'m>> {
        Data::of(record).filter(|data| {
            // The PTRs of a service type lead to its instances.
            let is_browsed = record.rtype() == Type::PTR && self.cache.marks(name).any(marks::BROWSE);
            !is_browsed || data.target.is_some_and(|target| target.instance_of(&record.name()).is_some())
        })
    }

    /// Stores a record that is not there.
    pub(super) fn store(
        &mut self,
        record: &Record<'_>,
        name: NameAt,
        data: &Data<'_>,
        ttl_secs: u32,
        spread: u8,
    ) -> Heard {
        let rtype = record.rtype();
        let reserve = self.reserve_for(name, rtype);
        let mut stored = self.try_to_store(record, data, ttl_secs, spread, reserve);
        if stored.is_err() {
            self.evict_unwanted();
            stored = self.try_to_store(record, data, ttl_secs, spread, reserve);
        }
        self.has_news = true;
        match stored {
            Ok(name) => {
                self.has_changed = true;
                self.touch(name, rtype);
                Heard::New
            }
            Err(_) => {
                self.no_room = true;
                self.give_up_unresolved();
                Heard::Again
            }
        }
    }

    fn try_to_store(
        &mut self,
        record: &Record<'_>,
        data: &Data<'_>,
        ttl_secs: u32,
        spread: u8,
        reserve: usize,
    ) -> Result<NameAt, CacheFull> {
        // The cache knows the place of the name better.
        let mut entry = Entry { spread, ..Entry::new(NameAt::NOWHERE, record.rtype(), ttl_secs, self.now) };
        entry.flags.set(EntryFlags::UNIQUE, is_unique(record));
        self.set_own(&mut entry);
        self.cache.insert_record(&record.name(), &mut entry, data, reserve)
    }

    /// Removes what no open request needs.
    pub(super) fn evict_unwanted(&mut self) {
        let mut entry = self.cache.before_entries();
        while self.cache.step(&mut entry) {
            if self.is_in_vain(&entry) {
                self.cache.remove(&mut entry);
            }
        }
        let mut question = self.cache.before_questions();
        while self.cache.step_question(&mut question) {
            if self.is_denied_in_vain(&question) {
                self.cache.remove_question(&mut question);
            }
        }
        self.cache.sweep(marks::WANTED);
        (self.has_changed, self.is_stale) = (true, true);
    }

    fn is_in_vain(&self, entry: &Entry) -> bool {
        let marks = self.cache.marks(entry.name);
        let is_own = entry.flags.has(EntryFlags::OWN) && marks.any(marks::WANTED);
        entry.told == 0 && !is_own && !marks.any(marks::TO_TELL) && !self.is_wanted(entry.name, entry.rtype)
    }

    fn is_denied_in_vain(&self, question: &Question) -> bool {
        question.state == DENIED && !self.is_wanted(question.name, question.qtype)
    }

    /// Instances that were asked for three times and did not answer make room, once everybody is told: they may be a
    /// flood (S9).
    fn give_up_unresolved(&mut self) {
        let mut question = self.cache.before_questions();
        while self.cache.step_question(&mut question) {
            if let Question { name, qtype: Type::SRV, state: ASKING, asked: 3.., .. } = question
                && !self.cache.marks(name).any(marks::RESOLVED)
            {
                self.cache.add_marks(name, marks::SILENT);
            }
        }
        let mut pointer = self.cache.before_entries();
        while self.cache.step(&mut pointer) {
            if pointer.is_live(Type::PTR)
                && let Some(instance) = pointer.target()
                && self.cache.marks(instance).any(marks::SILENT)
            {
                pointer.flags.set(EntryFlags::DEAD, true);
                self.cache.set_entry(&pointer);
                (self.has_changed, self.is_stale) = (true, true);
            }
        }
    }

    /// Request number `index` has ended: what it was told of is nothing to the next one in its slot.
    pub(super) fn forget_told(&mut self, index: usize) {
        self.cache.for_each_entry(|entry| entry.told &= !(3 << (2 * index)));
    }
}

/// Whether one host alone has such records. The PTRs of services are shared, whatever a sender says of them: the bit
/// there would let one host remove the services of all others (RFC 6762 section 10.2).
pub(super) fn is_unique(record: &Record<'_>) -> bool {
    record.cache_flush() && (record.rtype() != Type::PTR || record.name().ends_with(&crate::name!("arpa")))
}

#[cfg(test)]
mod tests;
