//! The checker: it sees what passes on the link and what the applications ask for, and puts it before the rules.

use std::net::SocketAddr;

use dotlocal::Meta;

use super::draw::Birth;
use super::findings::Findings;
use super::host::{Device, News, Told, Whose};
use super::invariant::{Invariant, Scene};
use super::link::{Packet, Skew};
use super::rules::answers::Answers;
use super::rules::caches::Cache;
use super::rules::claims::Claims;
use super::rules::form;
use super::rules::holders::Holders;
use super::wish::{Model, Own, Power, lists_a_type};
use crate::support::{Name, R, kind};

pub(crate) struct Judge {
    pub(crate) models: Vec<Model>,
    skews: Vec<Skew>,
    answers: Vec<Answers>,
    claims: Vec<Claims>,
    holders: Holders,
    cache: Cache,
    pub(crate) findings: Findings,
    now: u64,
}

/// The rules of one host and the scene before them.
macro_rules! on_stage {
    ($judge:ident, $host:expr, |$scene:ident| $body:expr) => {{
        let local = $judge.skews[$host].local($judge.now);
        let $scene = Scene { at: $judge.now, local, host: $host, model: &$judge.models[$host] };
        $body
    }};
}

impl Judge {
    pub(crate) fn new(births: &[Birth]) -> Self {
        let hosts = births.len();
        Self {
            models: births.iter().map(|birth| Model::new(birth.wish.clone())).collect(),
            skews: births.iter().map(|birth| birth.skew).collect(),
            answers: (0..hosts).map(|_| Answers::default()).collect(),
            claims: (0..hosts).map(|_| Claims::default()).collect(),
            holders: Holders::default(),
            cache: Cache::default(),
            findings: Findings::default(),
            now: 0,
        }
    }

    /// Time passes; what was due before is overdue. `silent`: nothing has happened for a while.
    pub(crate) fn until(&mut self, at: u64, silent: bool, _: &[Option<Device<'_>>]) {
        if at == self.now {
            return;
        }
        self.now = at;
        for host in 0..self.models.len() {
            let due = self.answers[host].next_due();
            on_stage!(self, host, |scene| {
                if due.is_some_and(|due| due < scene.local) {
                    self.answers[host].overdue(&scene, &mut self.findings);
                }
                if !self.claims[host].is_idle() {
                    self.claims[host].overdue(&scene, &mut self.findings);
                }
            });
        }
        if !self.cache.is_idle() {
            self.cache.check(at, &self.models, &mut self.findings);
        }
        if silent {
            self.compare_holders();
        }
    }

    /// Who holds what: at every change, and now and then.
    pub(crate) fn compare_holders(&mut self) {
        self.holders.check(self.now, &self.models, &mut self.findings);
    }

    /// After the calm end nobody shares a name, whoever heard whom.
    pub(crate) fn finish(&mut self) {
        self.holders.check(self.now, &self.models, &mut self.findings);
        self.holders.finish(self.now, &mut self.findings);
    }

    pub(crate) fn broken(&mut self, host: usize, invariant: Invariant, text: String) {
        self.findings.note(self.now, host, invariant, text);
    }

    /// The host is switched on.
    pub(crate) fn boots(&mut self, host: usize) {
        self.answers[host] = Answers::default();
        self.claims[host] = Claims::boots(self.now);
        self.models[host].names.clear();
        self.models[host].power = Power::Up;
        self.models[host].host_was_named = false;
        self.begin_all(host);
    }

    /// The host is told that the link is up.
    pub(crate) fn link_up(&mut self, host: usize) {
        self.models[host].power = Power::Up;
        self.models[host].host_was_named = false;
        self.cache.excuse(host, self.now);
        self.models[host].unsettle();
        self.answers[host].forget_owed();
        self.claims[host].link_changed();
        self.begin_all(host);
    }

    /// The host goes down, stops, or crashes.
    pub(crate) fn leaves(&mut self, host: usize, power: Power) {
        self.cache.excuse(host, self.now);
        self.models[host].power = power;
        self.models[host].unsettle();
        self.answers[host].forget_owed();
        self.claims[host].link_changed();
    }

    fn begin_all(&mut self, host: usize) {
        let offers = self.models[host].wish.offers.iter().map(|offer| Whose::Offer(offer.key));
        for whose in std::iter::once(Whose::Host).chain(offers.collect::<Vec<_>>()) {
            on_stage!(self, host, |scene| self.claims[host].begin(&scene, whose));
        }
    }

    /// The application claims a name.
    pub(crate) fn begins(&mut self, host: usize, whose: Whose) {
        if self.models[host].power == Power::Up {
            on_stage!(self, host, |scene| self.claims[host].begin(&scene, whose));
        }
    }

    /// The application gives a name up. If a change of it was not told yet, its goodbye does not undo what was told.
    pub(crate) fn ends(&mut self, host: usize, whose: Whose) {
        self.cache.forget(host);
        self.claims[host].end(whose);
    }

    /// The application changes data of a name.
    pub(crate) fn has_news(&mut self, host: usize, whose: Whose) {
        self.claims[host].has_news(self.now);
        on_stage!(self, host, |scene| self.answers[host].has_news(&scene, whose));
    }

    /// Records that a call has withdrawn or replaced, and how soon the neighbours have to know.
    pub(crate) fn withdrawn(&mut self, host: usize, before: &[Own], within: impl Fn(&Own) -> Option<u64>) {
        for own in before.iter().filter(|own| self.models[host].holds(&own.key).is_none()) {
            self.answers[host].withdrawn.insert(own.key.clone());
            // That the link has a type is withdrawn by nobody: others may have services of it (RFC 6763 section 9).
            if !lists_a_type(&own.key) && self.answers[host].ever.contains(&own.key) {
                self.cache.withdrawn(host, own.key.clone(), own.ttl, self.now, within(own));
            }
        }
    }

    /// What the machine told in one drain; names and records follow.
    pub(crate) fn told(&mut self, host: usize, device: &Device<'_>, events: &[Told]) {
        let events: Vec<(Whose, News)> = events.iter().filter_map(Told::own).collect();
        let before: Vec<(Whose, Name)> =
            self.models[host].names.iter().map(|(whose, held)| (*whose, held.name.clone())).collect();
        self.models[host].told(device, &events);
        for (whose, news) in &events {
            let old = before.iter().find(|(of, _)| of == whose).map(|(_, name)| name);
            on_stage!(self, host, |scene| {
                self.claims[host].told(&scene, *whose, *news, old, &mut self.findings);
                match news {
                    News::Established => {
                        self.answers[host].has_news(&scene, *whose);
                        // The records that point to the host are told anew.
                        let pointing: Vec<Whose> = scene.model.names.keys().copied().collect();
                        if *whose == Whose::Host {
                            pointing.into_iter().for_each(|of| self.answers[host].has_news(&scene, of));
                        }
                    }
                    News::Conflict | News::Renamed => self.cache.excuse(host, self.now),
                    News::Probing => self.answers[host].probes_again(old),
                    News::Withdrawn | News::TooLarge => {}
                }
            });
        }
        if !events.is_empty() {
            self.compare_holders();
        }
    }

    /// A datagram reaches a host.
    pub(crate) fn heard(&mut self, host: usize, packet: &Packet, source: SocketAddr) {
        let meta = Meta::mdns(source, packet.is_multicast());
        self.holders.heard(self.now, packet, host, &self.models);
        on_stage!(self, host, |scene| {
            self.claims[host].heard(&scene, packet);
            self.answers[host].heard(&scene, packet, &meta);
        });
    }

    /// A host sends. `stopped_now`: in the very moment in which it was stopped.
    pub(crate) fn sent(&mut self, packet: &Packet, stopped_now: bool) {
        let host = packet.from;
        on_stage!(self, host, |scene| {
            if form::silence(&scene, packet, stopped_now, &mut self.findings) {
                return;
            }
            form::check(&scene, packet, &self.answers[host].asked, &mut self.findings);
            let ever = &self.answers[host].ever;
            // A service of a host that is being renamed points to its new name already.
            let same_set =
                |key: &R| ever.iter().any(|other| other.name == key.name && other.rtype == key.rtype);
            // Who loses a name withdraws all that stood under it, as it is now.
            let was_name = |key: &R| {
                [kind::A, kind::AAAA].contains(&key.rtype) && ever.iter().any(|other| other.name == key.name)
            };
            let was_said =
                |key: &R, record: &R| ever.contains(key) || record.flush && same_set(key) || was_name(key);
            let alien = packet.said().find(|(_, key, record)| record.ttl == 0 && !was_said(key, record));
            if let Some((_, _, record)) = alien {
                let text = format!("{record}: a goodbye for what was never announced");
                self.findings.add(&scene, Invariant::Untrue, text);
            }
            if packet.message.is_response() {
                self.answers[host].sent(&scene, packet, &mut self.findings);
            } else {
                self.claims[host].probed(&scene, packet, &mut self.findings);
            }
        });
    }

    /// A datagram does not reach `to`, which may be the observer.
    pub(crate) fn lost(&mut self, packet: &Packet, to: usize) {
        self.holders.lost(packet, to);
        if to == self.models.len() && packet.is_multicast() {
            self.cache.excuse(packet.from, self.now);
        }
    }

    /// The observer hears a host.
    pub(crate) fn observed(&mut self, packet: &Packet) {
        if packet.from < self.models.len() && packet.source.port() == 5353 {
            self.cache.heard(self.now, packet);
        }
    }
}

/// How soon a neighbour has to know of a change: the announcement may wait for a second, and so does the second
/// one; what the cache got in the second before outlives the first (10.2). `slowest`: the slowest copy on the link.
pub(crate) fn after_change(slowest: u64) -> impl Fn(&Own) -> Option<u64> {
    move |_| Some(3_300 + slowest)
}

/// A goodbye goes out at once, and the record lives for one second after it (10.1).
pub(crate) fn after_goodbye(slowest: u64) -> impl Fn(&Own) -> Option<u64> {
    move |_| Some(1_100 + slowest)
}

/// A host with another name says goodbye to the addresses under the old one; its services point to the new name once
/// it is established.
pub(crate) fn after_new_name(slowest: u64) -> impl Fn(&Own) -> Option<u64> {
    move |own| matches!(own.key.rtype, kind::A | kind::AAAA).then_some(1_100 + slowest)
}
