//! Answers that need not be given: the asker knows them, or somebody else has given them (RFC 6762 section 7).

use super::Responder;
use super::data::OwnData;
use super::slot::Kinds;
use crate::time::Instant;
use crate::wire::{Checked, Record, Section};
use core::net::IpAddr;

impl Responder<'_, '_> {
    /// The kinds among `asked` that the known answers of a query hold in whole (M-7.1-1, M-7.1-2).
    pub(super) fn known(&self, index: usize, asked: Kinds, message: &Checked<'_>) -> Kinds {
        let mut known = Kinds::NONE;
        for kind in asked.each() {
            // At least half of the true TTL is left: otherwise our answer would refresh it.
            let listed = |record: &Record<'_>| {
                u64::from(record.ttl_secs()) * 2 >= u64::from(kind.ttl_secs())
                    && self.same_data(index, record).has(kind)
            };
            let knows = |ip: Option<IpAddr>| {
                let same =
                    |record: &Record<'_>| ip.is_none_or(|ip| OwnData::Address(ip).is(record.raw_data()));
                message.answers().any(|record| same(&record) && listed(&record))
            };
            // An address stands for itself alone; every other kind is one record.
            let all = match kind {
                Kinds::A | Kinds::AAAA => self.addresses_of(kind).all(|ip| knows(Some(ip))),
                _ => knows(None),
            };
            if all {
                known = known.with(kind);
            }
        }
        known
    }

    /// Reads another's multicast response: what it says for us we need not say (M-7.4-1), and what it says wrongly of
    /// our records is set right (M-6.6-2). Tells whether any of it is ours.
    pub(super) fn hear_answers(&mut self, message: &Checked<'_>, now: Instant) -> bool {
        let mut used = false;
        // Shared records are rescued by all who have them, so not by all at once.
        let spread = self.jitter.between(20, 120);
        for record in message.records().filter(|record| record.section() != Section::Authority) {
            for index in 0..self.slots.len() {
                let kind = self.same_data(index, &record);
                let wait = if kind.is_shared() { spread } else { 0 };
                let Some(slot) = self.slot_mut(index).filter(|slot| slot.claim.is_ours()) else { continue };
                if kind.is_empty() {
                    continue;
                }
                used = true;
                if record.ttl_secs() < kind.ttl_secs() / 2 {
                    slot.pend(kind, now.after(wait), now);
                } else if record.ttl_secs() >= kind.ttl_secs() && !kind.has(Kinds::A.with(Kinds::AAAA)) {
                    // One address of several does not stand for the set, so addresses are always answered.
                    slot.pending = slot.pending.without(kind);
                }
            }
        }
        used
    }
}
