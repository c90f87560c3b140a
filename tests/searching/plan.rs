//! What happens in a run: hosts that are found and hosts that look for them, the weather, and the acts, all drawn from
//! one seed.

use super::draw::{ADDRESS_SETS, Birth, LABELS, addresses, offer, skew, weather};
use super::host::{Part, SERVICES};
use super::link::Weather;
use super::wish::Wish;
use crate::support::SECOND;
use crate::support::prng::Prng;

/// Something that happens to a host, to the link, or among the neighbours. What it needs beside is drawn when it
/// happens.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    /// Switched on, or restarted after a crash without a goodbye.
    Boot(usize),
    Crash(usize),
    Stop(usize),
    LinkDown(usize),
    LinkUp(usize),
    /// Told to be on another network, though it is not.
    Network(usize),
    Txt(usize),
    Port(usize),
    Addresses(usize),
    Hostname(usize),
    Register(usize),
    Unregister(usize),
    /// The application looks for something more.
    Want(usize),
    /// It looks for something no more.
    Cancel(usize),
    /// What it has found does not work.
    Reconfirm(usize),
    Weather(Weather),
    Split(Vec<u8>),
    /// The partition ends, and nobody is told.
    Merge,
    /// The observer asks, announces for another, lies, or probes.
    Ask,
    Twin,
    Rival,
    Probe,
    /// A small device, which has no word for what it has not, announces its one address.
    Announce,
}

pub(crate) struct Plan {
    pub(crate) seed: u64,
    pub(crate) births: Vec<Birth>,
    pub(crate) weather: Weather,
    pub(crate) acts: Vec<(u64, Act)>,
    pub(crate) end: u64,
}

impl Plan {
    /// Everything from one number.
    pub(crate) fn draw(seed: u64) -> Self {
        let mut prng = Prng(seed ^ 0x5EA2_C415_6000);
        let most = prng.pick(&[4, 4, 4, 4, 9]);
        let hosts = 2 + prng.below(most);
        let births: Vec<Birth> = (0..hosts)
            .map(|host| {
                let part = match host {
                    0 => prng.pick(&[Part::Querier, Part::Endpoint]),
                    1 => prng.pick(&[Part::Responder, Part::Endpoint]),
                    _ => prng.pick(&[Part::Endpoint, Part::Endpoint, Part::Querier, Part::Responder]),
                };
                let addresses = addresses(host, prng.below(ADDRESS_SETS));
                let label = LABELS[host % LABELS.len()];
                let mut wish = Wish { label, addresses, offers: Vec::new(), next_key: 0 };
                let offers = if part == Part::Querier { 0 } else { prng.below(SERVICES + 1) };
                for _ in 0..offers {
                    let more = offer(&mut prng, &mut wish);
                    wish.offers.extend(more);
                }
                let buffer = prng.pick(&[1_440, 1_440, 512]);
                Birth { part, wish, skew: skew(&mut prng), buffer, seed: prng.next() as u32 }
            })
            .collect();
        let weather = if prng.one_in(4) { Weather::CALM } else { weather(&mut prng) };
        let mut plan = Self { seed, births, weather, acts: Vec::new(), end: 0 };
        plan.begin(&mut prng);
        plan
    }

    /// Trouble, and a calm end in which all has to settle: short, or longer than a life of two minutes, or than one of
    /// 75 minutes.
    fn begin(&mut self, prng: &mut Prng) {
        let hosts = self.births.len();
        let spread = prng.pick(&[1, 250, 5_000]);
        for host in 0..hosts {
            self.acts.push((prng.below(spread) as u64, Act::Boot(host)));
            for _ in 0..prng.below(4) {
                self.acts.push((prng.below(10_000) as u64, Act::Want(host)));
            }
        }
        let calm = prng.pick(&[5, 30, 30, 120, 600]) * SECOND;
        for _ in 0..prng.below(6 * hosts) {
            self.trouble(prng, calm);
        }
        self.acts.push((calm, Act::Weather(Weather::CALM)));
        self.acts.push((calm, Act::Merge));
        self.end = calm + prng.pick(&[20, 150, 150, 150, 700, 700, 6_000]) * SECOND;
        // In the calm things come and go as well.
        for _ in 0..prng.below(8) {
            let at = calm + prng.below((self.end - calm) as usize) as u64;
            let act = self.call(prng);
            self.acts.push((at, act));
        }
    }

    fn trouble(&mut self, prng: &mut Prng, until: u64) {
        let hosts = self.births.len();
        let at = prng.below(until as usize) as u64;
        let host = prng.below(hosts);
        let call = self.call(prng);
        let mut add = |later: u64, act| self.acts.push(((at + later).min(until), act));
        match prng.below(20) {
            0 => {
                add(0, Act::Split((0..=hosts).map(|_| prng.below(2) as u8).collect()));
                add(1 + prng.below(60_000) as u64, Act::Merge);
            }
            1 => {
                add(0, Act::Crash(host));
                if prng.below(3) > 0 {
                    add(prng.below(5_000) as u64, Act::Boot(host));
                }
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
            6 if prng.one_in(4) => add(0, Act::Rival),
            7 => add(0, Act::Probe),
            8 => add(0, Act::Twin),
            12 | 13 => (0..5).for_each(|turn| add(turn * 2_000, Act::Announce)),
            9 | 10 => add(0, Act::Ask),
            11 if prng.one_in(2) => add(0, Act::Network(host)),
            _ => add(0, call),
        }
    }

    /// What an application does.
    fn call(&self, prng: &mut Prng) -> Act {
        let host = prng.below(self.births.len());
        match prng.below(13) {
            0 => Act::Port(host),
            1 => Act::Addresses(host),
            2 if prng.one_in(2) => Act::Hostname(host),
            3 => Act::Register(host),
            4 => Act::Unregister(host),
            5 | 6 => Act::Txt(host),
            7 | 8 => Act::Cancel(host),
            9 => Act::Reconfirm(host),
            _ => Act::Want(host),
        }
    }
}
