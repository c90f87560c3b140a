//! Answers that need not be given: the asker knows them, or somebody else has given them (RFC 6762 section 7).

use super::Responder;
use super::kinds::Kinds;
use super::records::Hold;
use super::slot::Flags;
use crate::driver::{Disposition, Meta};
use crate::time::Instant;
use crate::wire::{Checked, Record, Type, Uncompressed};

impl Responder<'_, '_> {
    /// The kinds of slot `index` that the known answers of a query hold in whole (M-7.1-1, M-7.1-2).
    pub(super) fn known(&self, index: usize, message: &Checked<'_>) -> Kinds {
        let mut unknown = Kinds::NONE;
        let mut records = self.records(index);
        while let Some(own) = records.next() {
            // At least half of the true TTL is left: otherwise our answer would refresh it.
            let is_known = |record: Record<'_>| {
                u64::from(record.ttl_secs()) * 2 >= own.ttl_secs.into() && own.says(&record)
            };
            if !message.answers().any(is_known) {
                unknown = unknown.with(own.kind);
            }
        }
        Kinds::ALL.without(unknown)
    }

    /// Takes out of what slot `index` is asked for what the asker knows, and what he needs not be told beside it.
    /// `waits`: an answer for another asker waits, who may not know it.
    pub(super) fn leave_out_known(&mut self, index: usize, message: &Checked<'_>, waits: bool) {
        let Some(slot) = self.slot(index) else { return };
        let asked = slot.asked.with(slot.written);
        if asked.is_empty() && !slot.is_host() {
            return;
        }
        let known = self.known(index, message);
        let Some(slot) = self.slot_mut(index) else { return };
        slot.asked = slot.asked.without(known);
        slot.written = slot.written.without(known);
        let helps = Kinds::ALL.without(known);
        slot.helps = if waits { slot.helps.with(helps) } else { helps };
        if asked.has(known) {
            self.counters.suppressed = self.counters.suppressed.wrapping_add(1);
        }
    }

    /// Takes a response of another: who claims a name of ours, what it says for us we need not say (M-7.4-1), and what
    /// it says wrongly of our records is set right (M-6.6-2).
    pub(super) fn hear_response(&mut self, message: &Checked<'_>, meta: &Meta) -> Disposition {
        let mut disposition = Disposition::NOT_FOR_US;
        let mut spread = None;
        for record in message.records() {
            if !self.interest.has(&record.name()) {
                continue;
            }
            // Under a name that is not its own, a slot has pointers to names of ours alone: the lists of types that others
            // send cost one look at their data.
            let points_to_ours = || {
                let target = record.raw_data().uncompressed().ok().and_then(Uncompressed::split_target);
                target.is_some_and(|(_, target)| self.interest.has(&target))
            };
            let may_point = record.rtype() == Type::PTR && points_to_ours();
            for index in 0..self.slots.len() {
                if !may_point && !self.is_named(index, &record) {
                    continue;
                }
                let own = self.own_that_says(index, &record);
                if let Some((kind, ttl_secs, hold)) = own {
                    disposition = Disposition::Used;
                    if meta.multicast {
                        // Shared records are rescued by all who have them, so not by all at once.
                        let spread = *spread.get_or_insert_with(|| self.jitter.between(20, 120));
                        let due = self.now.after(if hold == Hold::Shared { spread } else { 0 });
                        self.hear_same(index, kind, ttl_secs, &record, due);
                    }
                } else if (meta.multicast || self.has_asked(index)) && self.is_conflict(index, &record) {
                    disposition = Disposition::Used;
                    self.lose_or_contest(index);
                }
            }
        }
        disposition
    }

    /// Whether a claim that comes by unicast may be an answer to our probe. Others count by multicast alone (M-6-12), since
    /// only of that it is certain that it comes from the link.
    fn has_asked(&self, index: usize) -> bool {
        self.slot(index).is_some_and(|slot| slot.claim.has_asked())
    }

    fn own_that_says(&self, index: usize, record: &Record<'_>) -> Option<(Kinds, u32, Hold)> {
        let mut records = self.records(index);
        while let Some(own) = records.next() {
            if own.says(record) {
                return Some((own.kind, own.ttl_secs, own.hold));
            }
        }
        None
    }

    /// Another has said what we would say.
    fn hear_same(&mut self, index: usize, kind: Kinds, ttl_secs: u32, record: &Record<'_>, due: Instant) {
        let now = self.now;
        let (mut records, mut addresses) = (self.records(index), 0);
        while let Some(own) = records.next() {
            addresses += usize::from(own.kind == kind);
        }
        let Some(slot) = self.slot_mut(index).filter(|slot| slot.claim.is_ours()) else { return };
        if record.ttl_secs() < ttl_secs / 2 {
            slot.pend(kind, due, now);
            self.is_stale = true;
        } else if record.ttl_secs() >= ttl_secs
            && addresses < 2
            && slot.pending.has(kind)
            && !slot.flags.has(Flags::ANNOUNCES)
        {
            // One address of several does not stand for the set.
            slot.pending = slot.pending.without(kind);
            self.counters.suppressed = self.counters.suppressed.wrapping_add(1);
        }
    }
}
