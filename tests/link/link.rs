//! The link: who hears a datagram, when, and who does not. And the clocks of its hosts.

use std::net::SocketAddr;
use std::rc::Rc;

use dotlocal::Destination;

use super::wish::key;
use crate::support::prng::Prng;
use crate::support::{Msg, R, Section};

/// A datagram on the wire, read with the kit's own reader.
pub(crate) struct Packet {
    /// The node that sent it; the hosts come first, the observer is the last.
    pub(crate) from: usize,
    pub(crate) source: SocketAddr,
    pub(crate) to: Destination,
    pub(crate) at: u64,
    pub(crate) octets: Vec<u8>,
    pub(crate) message: Msg,
    /// The key of each record, beside the record.
    pub(crate) records: Vec<(Section, R, R)>,
}

impl Packet {
    pub(crate) fn new(
        from: usize,
        source: SocketAddr,
        to: Destination,
        at: u64,
        octets: Vec<u8>,
        message: Msg,
    ) -> Self {
        let records = message.records.iter();
        let records = records.map(|(section, record)| (*section, key(record), record.clone())).collect();
        Self { from, source, to, at, octets, message, records }
    }

    pub(crate) fn is_multicast(&self) -> bool {
        self.to == Destination::Multicast
    }

    /// The records of a response that claim something: answers and additionals.
    pub(crate) fn said(&self) -> impl Iterator<Item = &(Section, R, R)> {
        let response = self.message.is_response();
        self.records.iter().filter(move |(section, ..)| response && *section != Section::Authority)
    }

    /// The records that a probe proposes (RFC 6762 section 8.1).
    pub(crate) fn proposed(&self) -> impl Iterator<Item = &(Section, R, R)> {
        let query = !self.message.is_response();
        self.records.iter().filter(move |(section, ..)| query && *section == Section::Authority)
    }

    /// What a querier knows already (RFC 6762 section 7.1).
    pub(crate) fn known(&self) -> impl Iterator<Item = &(Section, R, R)> {
        let query = !self.message.is_response();
        self.records.iter().filter(move |(section, ..)| query && *section == Section::Answer)
    }
}

/// What the link does to datagrams. Chances are out of a thousand.
#[derive(Clone, Debug)]
pub(crate) struct Weather {
    pub(crate) delay: (u64, u64),
    pub(crate) loss: usize,
    pub(crate) duplicate: usize,
    /// How much later the second copy may come.
    pub(crate) late: u64,
    /// A bridge sends our own packet back to us.
    pub(crate) reflect: usize,
    pub(crate) reflect_late: u64,
    /// Larger datagrams are dropped.
    pub(crate) mtu: usize,
}

impl Weather {
    pub(crate) const CALM: Self =
        Self { delay: (0, 2), loss: 0, duplicate: 0, late: 0, reflect: 0, reflect_late: 0, mtu: 9_000 };
}

/// One copy of a datagram for one node.
pub(crate) struct Fate {
    pub(crate) to: usize,
    /// `None`: lost.
    pub(crate) at: Option<u64>,
}

pub(crate) struct Link {
    pub(crate) weather: Weather,
    /// The side of a partition that each node is on.
    pub(crate) sides: Vec<u8>,
    pub(crate) prng: Prng,
}

impl Link {
    /// What becomes of `packet`. `reaches` says which nodes it is for.
    pub(crate) fn carry(&mut self, packet: &Rc<Packet>, reaches: impl Fn(usize) -> bool) -> Vec<Fate> {
        let mut fates = Vec::new();
        for to in 0..self.sides.len() {
            if to == packet.from {
                if packet.is_multicast() && self.chance(self.weather.reflect) {
                    let at = packet.at + 1 + self.up_to(self.weather.reflect_late);
                    fates.push(Fate { to, at: Some(at) });
                }
            } else if reaches(to) {
                let passes = self.sides[to] == self.sides[packet.from]
                    && packet.octets.len() <= self.weather.mtu
                    && !self.chance(self.weather.loss);
                let (low, high) = self.weather.delay;
                let at = packet.at + low + self.up_to(high - low);
                fates.push(Fate { to, at: passes.then_some(at) });
                if passes && self.chance(self.weather.duplicate) {
                    fates.push(Fate { to, at: Some(at + self.up_to(self.weather.late)) });
                }
            }
        }
        fates
    }

    fn chance(&mut self, of_thousand: usize) -> bool {
        of_thousand > 0 && self.prng.below(1_000) < of_thousand
    }

    fn up_to(&mut self, most: u64) -> u64 {
        self.prng.below(most as usize + 1) as u64
    }
}

/// A host's clock: what it shows at the beginning, and by how much it runs wrong.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Skew {
    pub(crate) start: u32,
    /// Millionths.
    pub(crate) rate: i64,
}

impl Skew {
    /// Milliseconds of this clock since the beginning.
    pub(crate) fn local(self, at: u64) -> u64 {
        let at = at as i64;
        (at + (at * self.rate).div_euclid(1_000_000)) as u64
    }

    /// The first moment at which the clock shows `local` or more.
    pub(crate) fn global(self, local: u64) -> u64 {
        let guess = (i128::from(local) * 1_000_000 / i128::from(1_000_000 + self.rate)) as u64;
        let mut at = guess.saturating_sub(2);
        while self.local(at) < local {
            at += 1;
        }
        at
    }
}
