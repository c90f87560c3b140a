//! What a host owes to those who ask, and that it says nothing else (RFC 6762 sections 5.4, 6, 7 and 6.6).

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use dotlocal::{Destination, Meta};

use crate::findings::Findings;
use crate::host::{REPLIES, Whose};
use crate::invariant::{Invariant, Scene};
use crate::link::Packet;
use crate::support::{Msg, Name, Q, R, Section};
use crate::wish::{Own, Power, denial, folded_name};

/// A query that a host has heard. Times are of the host's clock.
pub(crate) struct Asked {
    pub(crate) source: SocketAddr,
    pub(crate) multicast: bool,
    pub(crate) id: u16,
    pub(crate) questions: Vec<Q>,
    names: Vec<Name>,
    /// Known answers, with their TTL.
    known: Vec<(R, u32)>,
    /// Shared records and queries with TC are not answered before.
    earliest: u64,
    latest: u64,
    /// With TC, of something that is there: it has a place until its known answers are gathered, whatever they leave of it.
    gathers: bool,
}

/// Who has to get a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum To {
    Group,
    Asker,
    Either,
}

#[derive(Debug)]
struct Owed {
    record: R,
    to: To,
    source: SocketAddr,
    since: u64,
    due: u64,
    more_follows: bool,
    why: Why,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    Question,
    Probe,
    Rescue,
}

/// What one host has heard and said.
#[derive(Default)]
pub(crate) struct Answers {
    pub(crate) asked: Vec<Asked>,
    owed: Vec<Owed>,
    /// When each record was multicast last.
    last: BTreeMap<R, u64>,
    /// Withdrawn since it was multicast last: a host that has it again need not know of that.
    pub(crate) withdrawn: BTreeSet<R>,
    /// Multicast at any time since the host was switched on: what a goodbye may be for.
    pub(crate) ever: BTreeSet<R>,
    /// When somebody last probed for a name.
    probed: BTreeMap<Name, u64>,
    /// When a record was last seen with less than half its TTL.
    fading: BTreeMap<R, u64>,
    /// Since when a name's records are to be announced, and how often each has been.
    news: BTreeMap<Whose, u64>,
    announced: BTreeMap<R, u8>,
    legacy: Vec<u64>,
    /// When it last replied to single hosts.
    replied: Vec<u64>,
}

impl Answers {
    /// The names or data of `whose` are new: up to eight announcements are due (8.3, 8.4).
    pub(crate) fn has_news(&mut self, scene: &Scene<'_>, whose: Whose) {
        self.news.insert(whose, scene.local);
        let of = |key: &&R| scene.model.holds(key).is_some_and(|own| own.whose == whose);
        let again: Vec<R> = self.announced.keys().filter(of).cloned().collect();
        self.announced.retain(|key, _| !again.contains(key));
        // An NSEC says what the name has, so it is news as well.
        self.announced.retain(|key, _| key.rtype != crate::support::kind::NSEC);
    }

    /// A name is probed for again.
    pub(crate) fn probes_again(&mut self, old: Option<&Name>) {
        self.owed.retain(|owed| Some(&owed.record.name) != old);
    }

    /// A datagram reaches the host.
    pub(crate) fn heard(&mut self, scene: &Scene<'_>, packet: &Packet, meta: &Meta) {
        let (own, model) = (packet.from == scene.host, scene.model);
        self.asked.retain(|asked| asked.latest + 2_000 > scene.local);
        if model.power != Power::Up {
            return;
        }
        if packet.message.is_response() {
            if packet.source.port() == 5353 && meta.multicast {
                self.heard_answers(scene, packet, own);
            }
            return;
        }
        for (_, key, _) in packet.proposed() {
            self.probed.insert(key.name.clone(), scene.local);
        }
        if packet.message.questions.is_empty() {
            self.heard_more(scene, packet);
        } else {
            self.heard_query(scene, packet, meta, own);
        }
    }

    fn heard_answers(&mut self, scene: &Scene<'_>, packet: &Packet, own: bool) {
        for (_, key, record) in packet.said() {
            let Some(held) = scene.model.holds(key) else {
                let denies = scene.model.denies(key) && record.ttl >= 120;
                self.owed.retain(|owed| !denies || owed.record != *key || owed.to == To::Asker);
                continue;
            };
            if record.ttl < held.ttl / 2 {
                self.fading.insert(key.clone(), scene.local);
                if !own {
                    let due = allowed(&self.last, held, scene.local + 125, SECOND_GAP);
                    self.owed.push(Owed {
                        record: key.clone(),
                        to: To::Group,
                        source: packet.source,
                        since: scene.local,
                        due,
                        more_follows: false,
                        why: Why::Rescue,
                    });
                }
            } else if record.ttl >= held.ttl {
                // Another has said it for us (7.4).
                self.owed.retain(|owed| owed.record != *key || owed.to == To::Asker);
            }
        }
    }

    /// The rest of the known answers of a query with TC (7.2).
    fn heard_more(&mut self, scene: &Scene<'_>, packet: &Packet) {
        let more = packet.message.flags & Msg::TC != 0;
        for owed in self.owed.iter_mut().filter(|owed| owed.more_follows && owed.source == packet.source) {
            owed.due = if more { owed.due.max(scene.local + TC_LATEST) } else { owed.due };
        }
        for asked in self.asked.iter_mut().filter(|asked| asked.source == packet.source) {
            asked.latest = if more { asked.latest.max(scene.local + TC_LATEST) } else { asked.latest };
        }
        let suppressed = |owed: &Owed| {
            let ttl = scene.model.holds(&owed.record).map_or(u32::MAX, |own| own.ttl);
            let listed =
                |(_, key, record): &(Section, R, R)| *key == owed.record && record.ttl >= ttl.div_ceil(2);
            owed.more_follows && owed.source == packet.source && packet.known().any(listed)
        };
        self.owed.retain(|owed| !suppressed(owed));
    }

    fn heard_query(&mut self, scene: &Scene<'_>, packet: &Packet, meta: &Meta, own: bool) {
        let (now, model, message) = (scene.local, scene.model, &packet.message);
        let legacy = meta.source.port() != 5353;
        let tc = message.flags & Msg::TC != 0 && !legacy;
        let is_probe = packet.proposed().next().is_some();
        let mut asked = Asked {
            source: meta.source,
            multicast: meta.multicast,
            id: message.id,
            questions: message.questions.clone(),
            names: message.questions.iter().map(|question| folded_name(&question.name)).collect(),
            known: packet.known().map(|(_, key, record)| (key.clone(), record.ttl)).collect(),
            earliest: now,
            latest: now + 10,
            gathers: false,
        };
        let matching: Vec<(Own, bool)> = asked.matching(model);
        asked.gathers = tc && !matching.is_empty();
        let shared = matching.iter().any(|(own, _)| own.shared);
        if shared {
            (asked.earliest, asked.latest) = (now + 20, now + 120);
        }
        if tc {
            (asked.earliest, asked.latest) = (now + 400, now + TC_LATEST);
        }
        let gathering = self.asked.iter().filter(|asked| asked.gathers && asked.latest >= now).count();
        let waiting: BTreeSet<_> = self
            .owed
            .iter()
            .filter(|owed| !owed.more_follows && owed.to != To::Group)
            .map(|owed| (owed.source, owed.since))
            .collect();
        // A host keeps few replies for single hosts, and sends few a second: then the group is told (5.4).
        self.replied.retain(|at| at + 1_000 > now);
        let crowded = waiting.len() + gathering >= REPLIES || self.replied.len() >= REPLIES_A_SECOND;
        self.legacy.retain(|at| at + 1_000 > now);
        if legacy {
            self.legacy.push(now);
        }
        // How many legacy replies a second are too many is the host's choice (6.7).
        let storm = legacy && (self.legacy.len() > 3 || crowded);
        if crowded {
            asked.earliest = now;
        }
        if !own && !storm {
            for (record, wants_unicast) in matching {
                let quarter = u64::from(record.ttl) * 250;
                let ago = self.last.get(&record.key).map(|last| now - last);
                let to = match ago {
                    _ if legacy => To::Asker,
                    _ if crowded || !meta.multicast || tc && wants_unicast => To::Either,
                    _ if !wants_unicast => To::Group,
                    // A probe wants to be told at once, by which way ever (8.1).
                    _ if is_probe => To::Either,
                    Some(ago) if ago + 20 < quarter && !self.withdrawn.contains(&record.key) => To::Asker,
                    Some(ago) if ago < quarter + 20 => To::Either,
                    // Its data has changed since.
                    None if !record.shared && self.last.keys().any(|other| same_set(other, &record.key)) => {
                        To::Either
                    }
                    _ => To::Group,
                };
                let gap = if is_probe { DEFENCE_GAP } else { SECOND_GAP };
                let by_group = to == To::Group || crowded && to == To::Either;
                let due =
                    if by_group { allowed(&self.last, &record, asked.latest, gap) } else { asked.latest };
                self.owed.push(Owed {
                    record: record.key,
                    to,
                    source: meta.source,
                    since: now,
                    due,
                    more_follows: tc,
                    why: if is_probe { Why::Probe } else { Why::Question },
                });
            }
        }
        self.asked.push(asked);
    }

    /// The host sends a response while it is up.
    pub(crate) fn sent(&mut self, scene: &Scene<'_>, packet: &Packet, findings: &mut Findings) {
        let now = scene.local;
        let said = |key: &R| packet.said().any(|(_, other, record)| other == key && record.ttl > 0);
        let Destination::Unicast(to) = packet.to else {
            for (section, key, record) in packet.said().filter(|(_, _, record)| record.ttl > 0) {
                self.check_gap(scene, key, record, findings);
                if *section == Section::Answer {
                    self.check_cause(scene, key, record, findings);
                }
            }
            for (_, key, _) in packet.said().filter(|(_, _, record)| record.ttl > 0) {
                self.last.insert(key.clone(), now);
                self.withdrawn.remove(key);
                self.ever.insert(key.clone());
            }
            self.owed.retain(|owed| owed.to == To::Asker || !said(&owed.record));
            // One record defends its name: the others need no haste.
            let defends = |owed: &Owed| {
                packet.said().any(|(_, key, record)| key.name == owed.record.name && record.ttl > 0)
            };
            let last = &self.last;
            for owed in self.owed.iter_mut().filter(|owed| owed.why == Why::Probe && defends(owed)) {
                let own = scene.model.holds(&owed.record);
                owed.due = own.map_or(owed.due, |own| allowed(last, own, owed.due, SECOND_GAP));
            }
            return;
        };
        self.replied.push(now);
        let asks = |asked: &Asked| asked.source == to && asked.latest + 20 >= now;
        if !self.asked.iter().any(asks) {
            let text = format!("{to} has not asked: {}", packet.message);
            findings.add(scene, Invariant::Unprovoked, text);
        }
        self.owed.retain(|owed| owed.to == To::Group || owed.source != to || !said(&owed.record));
    }

    fn check_gap(&self, scene: &Scene<'_>, key: &R, record: &R, findings: &mut Findings) {
        let Some(ago) = self.last.get(key).map(|last| scene.local - last) else { return };
        // Whoever probes may be told four times a second; the probe may come as late as the second itself.
        let recently = |at: &u64| scene.local - at < SECOND_GAP;
        let probed = self.probed.get(&key.name).is_some_and(recently);
        let gap = if probed { DEFENCE_GAP } else { SECOND_GAP };
        if ago < gap {
            findings.add(scene, Invariant::OneSecond, format!("{record} was multicast {ago} ms ago"));
        }
    }

    fn check_cause(&mut self, scene: &Scene<'_>, key: &R, record: &R, findings: &mut Findings) {
        let (now, model) = (scene.local, scene.model);
        let set = |other: &R| other == key || record.flush && same_set(other, key);
        let faded = self.fading.iter().any(|(other, at)| set(other) && now - at <= 1_150);
        let probed = self.probed.get(&key.name).is_some_and(|at| now - at <= 1_150);
        let whose = model.holds(key).map(|own| own.whose).or_else(|| model.owner_of(&key.name));
        let whose = whose.unwrap_or(Whose::Host);
        if faded || probed {
            return;
        }
        let mut early = None;
        for asked in
            self.asked.iter().filter(|asked| asked.latest + 1_020 >= now && asked.asks_for(model, key))
        {
            if asked.earliest <= now {
                return;
            }
            early = Some(asked.earliest - now);
        }
        if self.news.contains_key(&whose) {
            let count = self.announced.entry(key.clone()).or_insert(0);
            *count += 1;
            if *count <= ANNOUNCEMENTS {
                return;
            }
        }
        if let Some(early) = early {
            findings.add(scene, Invariant::TooEarly, format!("{record}: {early} ms too early"));
        } else {
            findings.add(scene, Invariant::Unprovoked, format!("{record}: nobody asked for it"));
        }
    }

    /// What should have been said before now, by the host's own clock.
    pub(crate) fn overdue(&mut self, scene: &Scene<'_>, findings: &mut Findings) {
        let now = scene.local;
        self.owed.retain(|owed| {
            if owed.due + 1 >= now {
                return true;
            }
            let has = scene.model.holds(&owed.record).is_some() || scene.model.denies(&owed.record);
            if has && scene.model.power == Power::Up {
                let invariant = match owed.why {
                    Why::Rescue => Invariant::NotRescued,
                    Why::Question | Why::Probe => Invariant::Unanswered,
                };
                let (since, due) = (now - owed.since, now - owed.due);
                let (record, to, source) = (&owed.record, owed.to, owed.source);
                findings.add(
                    scene,
                    invariant,
                    format!("{record} to {to:?}, heard from {source} {since} ms ago, was due {due} ms ago"),
                );
            }
            false
        });
    }

    /// Nothing is owed by a host that is not there, nor to those on a link that may be another one. What was multicast
    /// before still counts for its second.
    pub(crate) fn forget_owed(&mut self) {
        self.owed.clear();
    }

    pub(crate) fn next_due(&self) -> Option<u64> {
        self.owed.iter().map(|owed| owed.due).min()
    }
}

impl Asked {
    /// Each record that answers, and whether it is wanted by unicast; what the asker knows is left out (7.1).
    fn matching(&self, model: &crate::wish::Model) -> Vec<(Own, bool)> {
        let mut found: Vec<(Own, bool)> = Vec::new();
        for (question, name) in self.questions.iter().zip(&self.names) {
            if !matches!(question.class, 1 | 255) {
                continue;
            }
            let before = found.len();
            let fits = |own: &&Own| own.key.name == *name && [255, own.key.rtype].contains(&question.qtype);
            let mut known = false;
            for own in model.records.iter().filter(fits) {
                known |= self.knows(&own.key, own.ttl);
                if !self.knows(&own.key, own.ttl) && !found.iter().any(|(other, _)| other.key == own.key) {
                    found.push((own.clone(), question.qu));
                }
            }
            if let Some(whose) = model.owner_of(name)
                && found.len() == before
                && !known
                && !model.records.iter().any(|own| fits(&own))
            {
                found.push((Own { key: denial(name), ttl: 120, shared: false, whose }, question.qu));
            }
        }
        found
    }

    fn knows(&self, key: &R, ttl: u32) -> bool {
        self.known.iter().any(|(known, left)| known == key && left * 2 >= ttl)
    }

    /// Whether this query is a reason to say `key`: it asks for it or for another of its RRset, and does not know it.
    fn asks_for(&self, model: &crate::wish::Model, key: &R) -> bool {
        let ttl = model.holds(key).map_or(120, |own| own.ttl);
        let shared = model.holds(key).is_some_and(|own| own.shared);
        let fits = |question: &Q, name: &Name| {
            *name == key.name
                && (question.qtype == 255
                    || question.qtype == key.rtype
                    || key.rtype == crate::support::kind::NSEC)
        };
        let asked = self.questions.iter().zip(&self.names).any(|(question, name)| fits(question, name));
        let set = |own: &&Own| same_set(&own.key, key);
        let lacks_a_sibling =
            || !shared && model.records.iter().filter(set).any(|own| !self.knows(&own.key, own.ttl));
        asked && (!self.knows(key, ttl) || lacks_a_sibling())
    }
}

/// `due`, or when the record may be multicast again; changed data of a unique record may wait for its old data.
fn allowed(last: &BTreeMap<R, u64>, own: &Own, due: u64, gap: u64) -> u64 {
    let same = |other: &R| *other == own.key || !own.shared && same_set(other, &own.key);
    let last = last.iter().filter(|(other, _)| same(other)).map(|(_, last)| last + gap);
    last.fold(due, u64::max)
}

/// Of one RRset.
fn same_set(a: &R, b: &R) -> bool {
    a.name == b.name && a.rtype == b.rtype
}

const SECOND_GAP: u64 = 1_000;
const DEFENCE_GAP: u64 = 250;
const TC_LATEST: u64 = 500;
/// What a host sends to single hosts in any second without holding back, a little less than in the long run.
const REPLIES_A_SECOND: usize = 8;
/// At most so often (8.3).
const ANNOUNCEMENTS: u8 = 8;
