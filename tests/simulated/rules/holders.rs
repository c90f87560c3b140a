//! One name, one holder: two who hold one name find out, and one of them gives way (RFC 6762 sections 8 and 9).

use std::collections::BTreeMap;

use crate::findings::Findings;
use crate::invariant::Invariant;
use crate::link::Packet;
use crate::support::{Name, R, Section};
use crate::wish::{Model, Own};

type Pair = (usize, usize, Name);

/// What pairs of hosts could know of each other.
#[derive(Default)]
pub(crate) struct Holders {
    /// Since when both could know: one heard the other probe or answer under the name, and nothing was lost since.
    could_know: BTreeMap<Pair, u64>,
    /// Since when both hold it.
    both: BTreeMap<Pair, u64>,
}

impl Holders {
    pub(crate) fn heard(&mut self, at: u64, packet: &Packet, to: usize, models: &[Model]) {
        if packet.from == to || packet.from >= models.len() || to >= models.len() {
            return;
        }
        for (section, key, record) in packet.said().chain(packet.proposed()) {
            let claims = match section {
                Section::Answer => record.flush && record.ttl > 0,
                Section::Authority => true,
                Section::Additional => false,
            };
            // By unicast a claim counts for those who have just asked alone (RFC 6762 section 6): for who probes.
            let is_theirs = |model: &Model| {
                let mut names = model.names.values().filter(|held| held.name == key.name);
                names.any(|held| packet.is_multicast() || !held.established)
            };
            if claims && is_theirs(&models[to]) && contradicts(&models[to], key) {
                self.could_know.entry(pair(packet.from, to, &key.name)).or_insert(at);
            }
        }
    }

    pub(crate) fn lost(&mut self, packet: &Packet, to: usize) {
        if packet.from == to {
            return;
        }
        let (low, high) = (packet.from.min(to), packet.from.max(to));
        self.could_know.retain(|(a, b, _), _| (*a, *b) != (low, high));
    }

    /// Looks who holds what at `at`.
    pub(crate) fn check(&mut self, at: u64, models: &[Model], findings: &mut Findings) {
        let mut holders: BTreeMap<&Name, Vec<usize>> = BTreeMap::new();
        for (host, model) in models.iter().enumerate() {
            for held in model.names.values().filter(|held| held.established) {
                holders.entry(&held.name).or_default().push(host);
            }
        }
        let mut both = BTreeMap::new();
        for (name, hosts) in holders.into_iter().filter(|(_, hosts)| hosts.len() > 1) {
            for (index, a) in hosts.iter().enumerate() {
                for b in &hosts[index + 1..] {
                    let pair = pair(*a, *b, name);
                    let since = *self.both.get(&pair).unwrap_or(&at);
                    let knew = self.could_know.get(&pair).map(|knew| since.max(*knew));
                    if knew.is_some_and(|knew| at - knew > 10_000) {
                        let text = format!("hosts {a} and {b} hold {name} since {} ms", at - since);
                        findings.note(at, *a, Invariant::OneHolder, text);
                    }
                    both.insert(pair, since);
                }
            }
        }
        self.both = both;
    }

    /// At the end of a run, of which the last part was calm.
    pub(crate) fn finish(&self, at: u64, findings: &mut Findings) {
        for ((a, b, name), since) in self.both.iter().filter(|(_, since)| at - *since > 10_000) {
            let text = format!("hosts {a} and {b} hold {name} at the end, since {} ms", at - since);
            findings.note(at, *a, Invariant::OneHolder, text);
        }
    }
}

/// Whether the host has other data of this name and type. Equal data is no conflict: two services may well have the
/// same TXT, and as long as their hosts want one name the same SRV.
fn contradicts(model: &Model, key: &R) -> bool {
    let ours = model.proposals();
    let other = |own: &Own| own.key.name == key.name && own.key.rtype == key.rtype;
    !ours.iter().any(|own| own.key == *key) && ours.iter().any(other)
}

fn pair(a: usize, b: usize, name: &Name) -> Pair {
    (a.min(b), a.max(b), name.clone())
}
