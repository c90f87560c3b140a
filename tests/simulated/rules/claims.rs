//! Probing: how long a claim takes, who gives way, and how fast (RFC 6762 sections 8.1, 8.2 and 9).

use std::collections::{BTreeMap, VecDeque};

use crate::findings::Findings;
use crate::host::{News, Whose};
use crate::invariant::{Invariant, Scene};
use crate::link::Packet;
use crate::support::octets::{Compression, encode};
use crate::support::{Msg, Name, R, Section};
use crate::wish::{Power, folded_name};

/// A record as tie-breaks compare it: class, type, uncompressed RDATA.
type Proposed = (u16, u16, Vec<u8>);

struct Claim {
    /// The start, or the last thing that another host did about the name.
    base: u64,
    disturbed: bool,
}

/// The claims of one host. Times are of its clock.
#[derive(Default)]
pub(crate) struct Claims {
    open: BTreeMap<Whose, Claim>,
    host_since: u64,
    probes: BTreeMap<Name, Vec<u64>>,
    /// The set that was proposed last, of names that are being probed for.
    proposals: BTreeMap<Name, Vec<Proposed>>,
    /// No probe for the name until then.
    deferred: BTreeMap<Name, u64>,
    /// When another host was last heard under a name of ours.
    rivals: BTreeMap<Name, u64>,
    /// And whether the host cannot but take it for one.
    conflicts: VecDeque<(u64, bool)>,
    /// When the attempt began of each name that is probed for.
    began: BTreeMap<Whose, u64>,
    /// What was said before changed more often than anybody can remember, by the link's clock.
    forgotten: u64,
    changes: VecDeque<u64>,
    /// When the host last got another name, by the link's clock: the data of its services changes with it.
    host_renamed: Option<u64>,
    /// No new attempt for the name before then.
    wait_until: BTreeMap<Whose, u64>,
    /// The last of them: a host may count its conflicts and not those of each name.
    host_waits_until: u64,
}

impl Claims {
    pub(crate) fn begin(&mut self, scene: &Scene<'_>, whose: Whose) {
        self.open.insert(whose, Claim { base: scene.local, disturbed: false });
        if whose == Whose::Host {
            self.deferred.clear();
            // A name that the user chooses, perhaps again or in another spelling, is a new claim.
            self.probes.retain(|name, _| name.0.len() > 2);
        }
    }

    pub(crate) fn end(&mut self, whose: Whose) {
        self.open.remove(&whose);
    }

    /// All names are probed for anew, perhaps on another link.
    pub(crate) fn link_changed(&mut self) {
        let before = std::mem::take(self);
        let Self { rivals, conflicts, host_waits_until, forgotten, changes, host_renamed, .. } = before;
        *self =
            Self { rivals, conflicts, host_waits_until, forgotten, changes, host_renamed, ..Self::default() };
    }

    /// The host is switched on: of what it said before it knows nothing.
    pub(crate) fn boots(at: u64) -> Self {
        Self { forgotten: at, ..Self::default() }
    }

    /// What is proposed has changed.
    pub(crate) fn has_news(&mut self, at: u64) {
        self.proposals.clear();
        self.has_changed(at);
    }

    fn has_changed(&mut self, at: u64) {
        self.changes.push_back(at);
        if self.changes.len() > REMEMBERED_CHANGES {
            self.forgotten = self.changes.pop_front().unwrap_or(at);
        }
    }

    /// `old` is the name that the event found.
    pub(crate) fn told(
        &mut self,
        scene: &Scene<'_>,
        whose: Whose,
        news: News,
        old: Option<&Name>,
        findings: &mut Findings,
    ) {
        match news {
            News::Established => {
                if let Some(held) = scene.model.names.get(&whose) {
                    self.check_established(scene, &held.name, findings);
                    self.proposals.remove(&held.name);
                }
                self.open.remove(&whose);
                if whose == Whose::Host {
                    self.host_since = scene.local;
                }
            }
            News::Probing => {
                self.began.insert(whose, scene.local);
                self.open.entry(whose).or_insert(Claim { base: scene.local, disturbed: true });
                old.map(|old| self.proposals.remove(old));
            }
            News::Conflict | News::Renamed => {
                let heard = old.and_then(|old| self.rivals.get(old));
                if heard.is_none_or(|at| scene.local - at > 10_000) {
                    let name = old.map_or("a name".to_owned(), Name::to_string);
                    findings.add(scene, Invariant::NoRival, format!("{news:?} about {name}"));
                }
                old.map(|old| self.proposals.remove(old));
                if whose == Whose::Host {
                    self.host_renamed = Some(scene.at);
                    self.has_changed(scene.at);
                    // What points to the host is proposed with its new name from now on.
                    self.proposals.clear();
                }
            }
            News::Withdrawn | News::TooLarge => self.end(whose),
        }
    }

    fn check_established(&self, scene: &Scene<'_>, name: &Name, findings: &mut Findings) {
        let probes = self.probes.get(name).map_or(&[][..], Vec::as_slice);
        let enough = probes.len() >= 3 && probes.last().is_some_and(|last| scene.local - last >= 250);
        if !enough {
            let text = format!("{name} is established at {}, its probes were at {probes:?}", scene.local);
            findings.add(scene, Invariant::ThreeProbes, text);
        }
        if self.deferred.get(name).is_some_and(|until| scene.local < until + 750) {
            findings.add(scene, Invariant::TieBreak, format!("{name} is established after a lost tie-break"));
        }
    }

    /// A datagram reaches the host; its own, sent back, are no reason for anything (S3 of the attacks), as long as it
    /// can remember what it said.
    pub(crate) fn heard(&mut self, scene: &Scene<'_>, packet: &Packet) {
        let own = packet.from == scene.host;
        if scene.model.power != Power::Up {
            return;
        }
        let fresh = own && packet.at >= self.forgotten;
        if fresh {
            // A probe of ours from before a change may win a tie-break.
            for (whose, held) in &scene.model.names {
                let open = self
                    .open
                    .get_mut(whose)
                    .filter(|_| packet.proposed().any(|(_, key, _)| key.name == held.name));
                if let Some(claim) = open {
                    *claim = Claim { base: scene.local, disturbed: true };
                }
            }
            return;
        }
        let ours = scene.model.proposals();
        let mut disturbed = Vec::new();
        // Who loses its host name has other data under all names that point to it.
        let host = scene.model.names.get(&Whose::Host);
        let host_is_lost = packet.said().any(|(_, key, _)| {
            host.is_some_and(|host| key.name == host.name) && !ours.iter().any(|own| own.key == *key)
        });
        for (whose, held) in &scene.model.names {
            let about = |(_, key, _): &&(Section, R, R)| key.name == held.name;
            let other =
                |(_, key, _): &(Section, R, R)| host_is_lost || !ours.iter().any(|own| own.key == *key);
            if packet.said().chain(packet.proposed()).filter(about).any(|entry| !own || other(entry)) {
                disturbed.push(*whose);
            }
            if packet.said().chain(packet.proposed()).filter(about).any(other) {
                self.rivals.insert(held.name.clone(), scene.local);
            }
            let conflict = packet.said().filter(about).any(|entry| entry.2.ttl > 0 && other(entry));
            let last_probe = self.probes.get(&held.name).and_then(|probes| probes.last());
            let deferred = self.deferred.get(&held.name).is_some_and(|until| scene.local < *until);
            let began = self.began.get(whose).copied().unwrap_or(0);
            let probed =
                !deferred && last_probe.is_some_and(|last| *last >= began && scene.local - last <= 260);
            // A name that is probed for anew loses nothing before its first probe is out.
            let stands = held.established && !self.open.contains_key(whose);
            // For ten seconds after a change a host may take another's data for its own old data.
            let settled = |change: Option<u64>| change.is_none_or(|change| change + 10_000 < scene.at);
            let certain = settled(self.changes.back().copied())
                && (*whose == Whose::Host || settled(self.host_renamed));
            if conflict && (stands || probed) {
                self.count_conflict(*whose, scene.local, certain);
            }
            if !own {
                self.break_tie(scene, packet, &held.name);
            }
        }
        let all = disturbed.contains(&Whose::Host);
        for (whose, claim) in &mut self.open {
            if all || disturbed.contains(whose) {
                *claim = Claim { base: scene.local, disturbed: true };
            }
        }
    }

    fn count_conflict(&mut self, whose: Whose, now: u64, certain: bool) {
        self.conflicts.push_back((now, certain));
        self.conflicts.retain(|(at, _)| at + 10_000 >= now);
        if self.conflicts.iter().filter(|(_, certain)| *certain).count() >= 15 {
            self.wait_until.insert(whose, now + 5_000);
        }
        // A careful host may count more than we see, and may go on waiting until there has been peace for ten seconds.
        if self.conflicts.len() >= 10 || now < self.host_waits_until + 10_000 && self.host_waits_until > 0 {
            self.host_waits_until = now + 5_000;
        }
    }

    fn break_tie(&mut self, scene: &Scene<'_>, packet: &Packet, name: &Name) {
        let theirs = proposal(packet, name);
        let Some(ours) = self.proposals.get(name).filter(|_| !theirs.is_empty()) else { return };
        // Slices compare as section 8.2.1 says: pair by pair, and what ends first comes first.
        if theirs > *ours {
            self.deferred.insert(name.clone(), scene.local + 1_000);
            self.proposals.remove(name);
        }
    }

    /// The host sends a probe.
    pub(crate) fn probed(&mut self, scene: &Scene<'_>, packet: &Packet, findings: &mut Findings) {
        let now = scene.local;
        for question in &packet.message.questions {
            let name = folded_name(&question.name);
            if self.deferred.get(&name).is_some_and(|until| now < *until) {
                findings.add(scene, Invariant::TieBreak, format!("a probe for {name}"));
            }
            let probes = self.probes.entry(name.clone()).or_default();
            let gap = probes.last().map(|last| now - last);
            if gap.is_some_and(|gap| gap < 250) {
                findings.add(scene, Invariant::ThreeProbes, format!("{name} was probed for {gap:?} ms ago"));
            }
            let goes_on = gap.is_some_and(|gap| gap < 260) && self.proposals.contains_key(&name);
            let whose = scene.model.names.iter().find(|(_, held)| held.name == name).map(|(whose, _)| *whose);
            let wait = whose.and_then(|whose| self.wait_until.get(&whose));
            if !goes_on && wait.is_some_and(|until| now < *until) {
                let text = format!("a probe for {name} at {now}, conflicts at {:?}", self.conflicts);
                findings.add(scene, Invariant::ManyConflicts, text);
            }
            probes.push(now);
            if probes.len() > 3 {
                probes.remove(0);
            }
            self.proposals.insert(name.clone(), proposal(packet, &name));
        }
    }

    /// Claims that should have ended before now.
    pub(crate) fn overdue(&mut self, scene: &Scene<'_>, findings: &mut Findings) {
        if scene.model.power != Power::Up || scene.model.wish.addresses.is_empty() {
            return;
        }
        let host_is_open = self.open.contains_key(&Whose::Host);
        for (whose, claim) in &self.open {
            if host_is_open && *whose != Whose::Host {
                continue;
            }
            let base = if *whose == Whose::Host { claim.base } else { claim.base.max(self.host_since) };
            let most = if claim.disturbed { 2_000 } else { 1_000 };
            // Whoever begins before the wait is over waits for as long.
            let waits = base < self.host_waits_until + 10_000 && self.host_waits_until > 0;
            let due = base + most + if waits { 5_000 } else { 0 };
            if due + SLACK < scene.local {
                let text = format!(
                    "{whose:?} since {} ms, last disturbed {} ms ago",
                    scene.local,
                    scene.local - base
                );
                findings.add(scene, Invariant::EstablishedInTime, text);
            }
        }
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.open.is_empty()
    }
}

/// The set that a probe proposes for `name`, in the order of a tie-break.
fn proposal(packet: &Packet, name: &Name) -> Vec<Proposed> {
    let records = packet.proposed().filter(|(_, key, _)| key.name == *name);
    let mut set: Vec<_> = records.map(|(_, _, record)| (record.class, record.rtype, rdata(record))).collect();
    set.sort();
    set
}

/// Uncompressed RDATA.
fn rdata(record: &R) -> Vec<u8> {
    let alone = R { name: Name(Vec::new()), ..record.clone() };
    let message = Msg { id: 0, flags: 0, questions: Vec::new(), records: vec![(Section::Answer, alone)] };
    // Behind the header: a root name, type, class, TTL and length.
    encode(&message, Compression::None).split_off(12 + 11)
}

/// Changes of its data after which a host need not know what it said before them (S3 of the attacks).
pub(crate) const REMEMBERED_CHANGES: usize = 6;

/// A driver wakes in time, a clock in whole milliseconds.
const SLACK: u64 = 5;
