//! A neighbour's cache, by the rules of RFC 6762 section 10, and what must have left it.

use std::collections::BTreeMap;

use crate::findings::Findings;
use crate::invariant::Invariant;
use crate::link::Packet;
use crate::support::R;
use crate::wish::Model;

struct Entry {
    received: u64,
    expires: u64,
}

/// A record that a host has withdrawn or replaced.
struct Gone {
    host: usize,
    key: R,
    at: u64,
    /// When it has to have left the cache, unless the word of it was lost.
    soon: Option<u64>,
    /// When it has to have left in any case.
    at_last: u64,
}

/// What the observer has heard of all hosts.
#[derive(Default)]
pub(crate) struct Cache {
    entries: BTreeMap<R, Entry>,
    gone: Vec<Gone>,
    /// When a host could last not make itself heard.
    excused: BTreeMap<usize, u64>,
}

impl Cache {
    /// A response has arrived.
    pub(crate) fn heard(&mut self, at: u64, packet: &Packet) {
        for (_, key, record) in packet.said() {
            if record.ttl == 0 {
                if let Some(entry) = self.entries.get_mut(key) {
                    entry.expires = entry.expires.min(at + SECOND);
                }
                continue;
            }
            if record.flush {
                let others = self.entries.iter_mut().filter(|(other, entry)| {
                    other.name == key.name
                        && other.rtype == key.rtype
                        && *other != key
                        && entry.received + SECOND < at + FAST_CLOCK
                });
                others.for_each(|(_, entry)| entry.expires = entry.expires.min(at + SECOND));
            }
            let expires = at + u64::from(record.ttl) * SECOND;
            self.entries.insert(key.clone(), Entry { received: at, expires });
            // Overtaken by its goodbye: the copy that comes late is believed, as on every link.
            for gone in self.gone.iter_mut().filter(|gone| gone.key == *key) {
                gone.soon = None;
            }
            self.gone.retain(|gone| gone.key != *key || packet.at <= gone.at);
        }
    }

    /// `host` has it no more since `at`; its neighbours have to know after `within`.
    pub(crate) fn withdrawn(&mut self, host: usize, key: R, ttl: u32, at: u64, within: Option<u64>) {
        let is_excused = self.excused.get(&host) == Some(&at);
        let soon = within.filter(|_| !is_excused).map(|within| at + within);
        let at_last = at + u64::from(ttl) * SECOND + LATEST_COPY;
        self.gone.push(Gone { host, key, at, soon, at_last });
    }

    /// The word of it may not have come, or the host could not give it.
    pub(crate) fn excuse(&mut self, host: usize, at: u64) {
        self.excused.insert(host, at);
        self.forget(host);
    }

    /// What it has changed is overtaken by another change.
    pub(crate) fn forget(&mut self, host: usize) {
        self.gone.iter_mut().filter(|gone| gone.host == host).for_each(|gone| gone.soon = None);
    }

    pub(crate) fn check(&mut self, at: u64, models: &[Model], findings: &mut Findings) {
        let entries = &self.entries;
        self.gone.retain(|gone| {
            let has = entries.get(&gone.key).is_some_and(|entry| entry.expires > at);
            if !has || models.iter().any(|model| model.holds(&gone.key).is_some()) {
                return has && at <= gone.at_last;
            }
            let invariant = match gone.soon {
                Some(soon) if at > soon => Invariant::Goodbye,
                _ if at > gone.at_last => Invariant::Lifetime,
                _ => return true,
            };
            let text = format!("{:?} was withdrawn {} ms ago", gone.key.to_string(), at - gone.at);
            findings.note(at, gone.host, invariant, text);
            false
        });
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.gone.is_empty()
    }
}

const SECOND: u64 = 1_000;
/// By so much less two announcements, a second apart by a fast clock, may be apart.
const FAST_CLOCK: u64 = 20;
/// The link brings nothing later.
const LATEST_COPY: u64 = 10 * SECOND;
