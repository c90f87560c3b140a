//! Others who use a name of ours (RFC 6762 sections 8.1, 8.2 and 9).

use super::slot::{Claim, Kinds, News};
use super::tie_break::Proposal;
use super::{OwnName, Responder};
use crate::time::Instant;
use crate::wire::{Checked, Class, Record, Type};

impl Responder<'_, '_> {
    /// Looks through a response for records of our names with other data than ours. Tells whether any concerned us.
    pub(super) fn hear_claims(&mut self, message: &Checked<'_>, now: Instant) -> bool {
        let mut used = false;
        for index in 0..self.slots.len() {
            let conflicts = message.records().any(|record| self.is_conflict(index, &record));
            if conflicts {
                self.lose_or_contest(index, now);
                used = true;
            }
        }
        used
    }

    /// Whether `record` says that somebody else holds the name of slot `index`.
    fn is_conflict(&self, index: usize, record: &Record<'_>) -> bool {
        let Some(slot) = self.slot(index) else { return false };
        let contested = match slot.claim {
            // M-8.1-6: before our first probe is out nobody can answer it; such a conflict is stale or forged (S4).
            Claim::Probing { sent: 1.., .. } => true,
            claim => claim.is_ours(),
        };
        // A goodbye claims nothing.
        if !contested || record.ttl_secs() == 0 || record.class() != Class::IN {
            return false;
        }
        if !self.name_of(slot).is_some_and(|own| own.is(&record.name())) {
            return false;
        }
        let kinds = self.matching(index, &record.name(), record.rtype());
        if kinds == Kinds::NSEC {
            // We have no such record. The probe asked for every type; later it is no business of ours.
            return matches!(slot.claim, Claim::Probing { .. }) && record.rtype() != Type::NSEC;
        }
        self.same_data(index, record).is_empty()
    }

    /// While probing the name is lost at once (M-8.1-5); a name that is ours goes back to probing (M-9-1).
    fn lose_or_contest(&mut self, index: usize, now: Instant) {
        let Some(slot) = self.slot_mut(index) else { return };
        slot.news.add(News::CONFLICT);
        if matches!(slot.claim, Claim::Probing { .. }) {
            slot.news.add(News::RENAMED);
            self.count_up(index);
        }
        self.conflicts.note(now);
        let due = now.after(self.jitter.between(0, 250) + self.conflicts.wait(now));
        self.probe_from(index, due);
    }

    /// The next number that no other name of ours has (M-9-3).
    fn count_up(&mut self, index: usize) {
        loop {
            let Some(slot) = self.slot_mut(index) else { return };
            slot.number = slot.number.wrapping_add(1).max(2);
            let own = self.slot(index).and_then(|slot| self.name_of(slot));
            if !own.is_some_and(|own| self.has_name(&own, index)) {
                return;
            }
        }
    }

    /// Whether a slot other than `except` has this name, as it is now.
    pub(super) fn has_name(&self, name: &OwnName<'_>, except: usize) -> bool {
        let others =
            (0..).zip(self.slots.iter()).filter(|&(index, slot)| index != except && !slot.is_going());
        others.filter_map(|(_, slot)| self.name_of(slot)).any(|own| own.is_own(name))
    }

    /// Reads the probes in a query: a tie is broken, a name that is ours will be defended.
    pub(super) fn hear_probes(&mut self, message: &Checked<'_>, now: Instant) {
        for index in 0..self.slots.len() {
            let Some((own, claim)) =
                self.slot(index).and_then(|slot| Some((self.name_of(slot)?, slot.claim)))
            else {
                continue;
            };
            if !message.authorities().any(|record| own.is(&record.name())) {
                continue;
            }
            match claim {
                Claim::Probing { sent: 1.., .. }
                    if self.proposal_loses(index, Proposal::new(message, own)) =>
                {
                    // M-8.2-1: the winner will be there in a second, or it was never there at all.
                    self.probe_from(index, now.after(1_000));
                }
                claim if claim.is_ours() => {
                    if let Some(slot) = self.slot_mut(index) {
                        slot.defend = true;
                    }
                }
                _ => {}
            }
        }
    }
}

/// Bounds the rate of probing where every name is taken (M-8.1-7, S5).
#[derive(Clone, Copy, Debug)]
pub(super) struct Conflicts {
    count: u8,
    since: Instant,
}

impl Conflicts {
    pub(super) const NONE: Conflicts = Conflicts { count: 0, since: Instant::from_millis(0) };

    fn note(&mut self, now: Instant) {
        if self.count == 0 || now.millis_since(self.since) > 10_000 {
            *self = Conflicts { count: 0, since: now };
        }
        // Once fifteen came within ten seconds, only ten seconds of peace end the waiting.
        if self.count >= 15 {
            self.since = now;
        }
        self.count = self.count.saturating_add(1);
    }

    /// What to wait before the next probe, beside the usual.
    pub(super) fn wait(&self, now: Instant) -> u32 {
        let recent = now.millis_since(self.since) <= 10_000;
        if self.count >= 15 && recent { 5_000 } else { 0 }
    }
}
