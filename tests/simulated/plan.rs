//! What happens in a run: the hosts, the weather on the link, and the acts, all drawn from one seed.

use super::draw::{ADDRESS_SETS, Birth, LABELS, addresses, offer, skew, weather};
use super::host::{Part, SERVICES};
use super::link::Weather;
use super::wish::Wish;
use crate::support::SECOND;
use crate::support::prng::Prng;

/// Something that happens to a host, to the link, or among the neighbours. What it needs beside, such as the record
/// that is asked for, is drawn when it happens.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    /// Switched on, or restarted after a crash without a goodbye.
    Boot(usize),
    Crash(usize),
    Stop(usize),
    LinkDown(usize),
    LinkUp(usize),
    Txt(usize),
    Port(usize),
    Addresses(usize),
    Hostname(usize),
    Register(usize),
    Unregister(usize),
    /// Calls for which there is no room.
    Overfill(usize),
    Weather(Weather),
    Split(Vec<u8>),
    /// The partition ends. The hosts are told, or find out by themselves.
    Merge {
        told: bool,
    },
    /// The observer asks.
    Ask,
    /// A twin announces a record of a host, or says goodbye to it.
    Twin,
    /// Somebody answers with other data under a host's name.
    Rival,
    /// Somebody probes for a host's name.
    Probe,
    /// Somebody who wants every name that is probed for, for so long.
    Stubborn(u64),
}

pub(crate) struct Plan {
    pub(crate) seed: u64,
    pub(crate) births: Vec<Birth>,
    pub(crate) weather: Weather,
    pub(crate) acts: Vec<(u64, Act)>,
    pub(crate) end: u64,
}

impl Plan {
    /// Hosts on a calm link, switched on within the first `within` milliseconds.
    pub(crate) fn calm(seed: u64, wishes: Vec<Wish>, within: u64) -> Self {
        let mut prng = Prng(seed);
        let births: Vec<Birth> = wishes
            .into_iter()
            .map(|wish| Birth {
                part: Part::Responder,
                wish,
                skew: skew(&mut prng),
                buffer: 1_440,
                seed: prng.next() as u32,
            })
            .collect();
        let boot = |host| (prng.below(within as usize + 1) as u64, Act::Boot(host));
        let acts = (0..births.len()).map(boot).collect();
        Self { seed, births, weather: Weather::CALM, acts, end: 0 }
    }

    /// Everything from one number.
    pub(crate) fn draw(seed: u64) -> Self {
        let mut prng = Prng(seed ^ 0x0D07_10CA_1000);
        let hosts = match prng.below(10) {
            0..6 => 2 + prng.below(3),
            6..9 => 2 + prng.below(7),
            _ => 2 + prng.below(19),
        };
        let labels = 1 + prng.below(LABELS.len());
        let births: Vec<Birth> = (0..hosts)
            .map(|host| {
                let addresses = addresses(host, prng.below(ADDRESS_SETS));
                let mut wish =
                    Wish { label: LABELS[prng.below(labels)], addresses, offers: Vec::new(), next_key: 0 };
                for _ in 0..prng.below(SERVICES + 1) {
                    let more = offer(&mut prng, &mut wish);
                    wish.offers.extend(more);
                }
                let buffer = prng.pick(&[1_440, 1_440, 512, 400]);
                Birth { part: Part::Responder, wish, skew: skew(&mut prng), buffer, seed: prng.next() as u32 }
            })
            .collect();
        let mut plan = Self { seed, births, weather: weather(&mut prng), acts: Vec::new(), end: 0 };
        plan.begin(&mut prng);
        plan
    }

    /// Three parts: trouble, questions, and a calm end in which all has to settle.
    fn begin(&mut self, prng: &mut Prng) {
        let hosts = self.births.len();
        let spread = prng.pick(&[1, 250, 5_000]);
        for host in 0..hosts {
            self.acts.push((prng.below(spread) as u64, Act::Boot(host)));
        }
        let questions = (5 + prng.below(25) as u64) * SECOND;
        for _ in 0..prng.below(3 * hosts.min(8)) {
            self.trouble(prng, questions);
        }
        if prng.below(2) == 0 {
            self.acts.push((questions, Act::Weather(mild(prng))));
        }
        let mut at = questions + prng.pick(&[2, 2, 35, 1_200]) * SECOND;
        for _ in 0..prng.below(40) {
            let act = match prng.below(12) {
                0 => Act::Twin,
                1 => Act::Probe,
                2 if prng.below(4) == 0 => Act::Rival,
                3 => call(prng, hosts),
                _ => Act::Ask,
            };
            self.acts.push((at, act));
            at += prng.pick(&[5, 60, 300, 900, 1_000, 3_000, 31_000]);
        }
        self.acts.push((at, Act::Weather(Weather::CALM)));
        self.acts.push((at, Act::Merge { told: true }));
        self.end = at + if hosts > 8 { 40 } else { 16 } * SECOND;
    }

    fn trouble(&mut self, prng: &mut Prng, until: u64) {
        let hosts = self.births.len();
        let at = prng.below(until as usize) as u64;
        let host = prng.below(hosts);
        let mut add = |later: u64, act| self.acts.push((at + later, act));
        match prng.below(16) {
            0 => {
                add(0, Act::Split((0..=hosts).map(|_| prng.below(2) as u8).collect()));
                add(1 + prng.below(10_000) as u64, Act::Merge { told: prng.below(2) == 0 });
            }
            1 => {
                add(0, Act::Crash(host));
                add(prng.below(5_000) as u64, Act::Boot(host));
            }
            2 => {
                add(0, Act::Stop(host));
                if prng.below(3) > 0 {
                    add(prng.below(5_000) as u64, Act::LinkUp(host));
                }
            }
            3 => {
                add(0, Act::LinkDown(host));
                add(1 + prng.below(5_000) as u64, Act::LinkUp(host));
            }
            4 => {
                for turn in 0..10 {
                    add(turn * 100, Act::LinkDown(host));
                    add(turn * 100 + 50, Act::LinkUp(host));
                }
            }
            5 => add(0, Act::Weather(weather(prng))),
            6 => add(0, Act::Rival),
            7 => add(0, Act::Probe),
            8 if prng.below(4) == 0 => add(0, Act::Stubborn(prng.below(15_000) as u64)),
            8 => add(0, Act::Twin),
            9..12 => add(0, Act::Ask),
            _ => add(0, call(prng, hosts)),
        }
    }
}

/// A change that an application makes.
fn call(prng: &mut Prng, hosts: usize) -> Act {
    let host = prng.below(hosts);
    match prng.below(8) {
        0 => Act::Port(host),
        1 => Act::Addresses(host),
        2 => Act::Hostname(host),
        3 => Act::Register(host),
        4 => Act::Unregister(host),
        5 => Act::Overfill(host),
        _ => Act::Txt(host),
    }
}

/// The questions are to be answered, mostly.
fn mild(prng: &mut Prng) -> Weather {
    Weather { loss: prng.pick(&[0, 0, 20]), mtu: 1_500, ..weather(prng) }
}
