//! Answers that need not be given: the asker knows them, or somebody else has given them (RFC 6762 section 7).

use super::Responder;
use super::slot::Kinds;
use crate::time::Instant;
use crate::wire::{Checked, RData, Record, Section};
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
            let all = match kind {
                Kinds::A | Kinds::AAAA => {
                    self.addresses.iter().filter(|ip| ip.is_ipv4() == (kind == Kinds::A)).all(|ip| {
                        message.answers().any(|record| listed(&record) && address_of(&record) == Some(ip))
                    })
                }
                _ => message.answers().any(|record| listed(&record)),
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
        for record in message.records().filter(|record| record.section() != Section::Authority) {
            for index in 0..self.slot_count() {
                let kind = self.same_data(index, &record);
                let Some(slot) = self.slot_mut(index).filter(|slot| slot.claim.is_ours()) else { continue };
                if kind.is_empty() {
                    continue;
                }
                used = true;
                if record.ttl_secs() < kind.ttl_secs() / 2 {
                    slot.pend(kind, now, now);
                } else if record.ttl_secs() >= kind.ttl_secs() && !kind.has(Kinds::A.with(Kinds::AAAA)) {
                    // One address of several does not stand for the set, so addresses are always answered.
                    slot.pending = slot.pending.without(kind);
                }
            }
        }
        used
    }
}

fn address_of(record: &Record<'_>) -> Option<IpAddr> {
    match record.data() {
        Ok(RData::A(ip)) => Some(ip.into()),
        Ok(RData::Aaaa(ip)) => Some(ip.into()),
        _ => None,
    }
}
