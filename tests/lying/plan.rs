//! What a run is made of, drawn from a seed: servers, lookups, the resolver's settings, and who attacks.

use dotlocal::Families;
use dotlocal::resolver::Config;

use super::server::{Manner, Server, Tcp};
use super::zone;
use crate::support::prng::Prng;

/// What a test keeps from being drawn, and a forger so knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Held {
    Nothing,
    Id,
    IdAndPort,
}

/// A lookup that is to come.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wish {
    pub(crate) at: u64,
    pub(crate) name: &'static str,
    pub(crate) families: Families,
}

#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    pub(crate) servers: Vec<Server>,
    pub(crate) wishes: Vec<Wish>,
    /// Of each lookup, in milliseconds.
    pub(crate) timeout: u32,
    pub(crate) config: Config,
    pub(crate) serves_stale: bool,
    pub(crate) has_stream: bool,
    /// What the clock shows in the beginning.
    pub(crate) start: u32,
    pub(crate) is_attacked: bool,
    pub(crate) held: Held,
}

impl Plan {
    /// Every tenth run is under attack; in every fourth one server is good enough.
    pub(crate) fn draw(seed: u64) -> Self {
        let mut prng = Prng(seed.wrapping_mul(0x5851_F42D_4C95_7F2D));
        let prng = &mut prng;
        let is_attacked = seed % 10 == 7;
        let suffices = seed.is_multiple_of(4);
        let mut servers: Vec<_> = (0..1 + prng.below(4)).map(|index| server(prng, index)).collect();
        if suffices {
            let good = prng.below(servers.len());
            servers[good].tcp = Tcp::Works;
            servers[good].loss = 0;
            servers[good].manner = prng.pick(&GOOD);
            // Cookies are a part of EDNS: who wants them has it (RFC 7873 section 4).
            servers[good].has_edns |= servers[good].manner == Manner::WantsCookie;
            servers.retain(|server| server.lets_others_answer(true));
        }
        let mut wishes: Vec<_> = (0..1 + prng.below(4)).map(|_| wish(prng)).collect();
        wishes.sort_by_key(|wish| wish.at);
        let serves_stale = prng.one_in(8);
        Self {
            seed,
            servers,
            wishes,
            timeout: if suffices { 60_000 } else { prng.pick(&[1_000, 3_000, 5_000, 10_000, 60_000]) },
            config: Config::new()
                .mixes_case(!prng.one_in(8))
                .chooses_ports(is_attacked || !prng.one_in(8))
                .serves_stale(serves_stale),
            serves_stale,
            has_stream: suffices || !prng.one_in(3),
            start: prng.pick(&[0, 123_456_789, u32::MAX - 2_000, 0x7FFF_F000]),
            is_attacked,
            held: Held::Nothing,
        }
    }

    /// The same under attack, with one lookup and letters as they are: what the forger has to guess is what is not held.
    pub(crate) fn attacked(seed: u64, held: Held) -> Self {
        let mut plan = Self::draw(seed);
        plan.wishes.truncate(1);
        plan.wishes[0].families = Families::V4;
        // The forger has time to send all that it has.
        plan.servers.iter_mut().for_each(|server| server.delay = (100, 120));
        let config = Config::new().mixes_case(false);
        Self { is_attacked: true, held, config, ..plan }
    }

    /// Whether every lookup has to succeed: one server is good enough, and none of the others has the last word.
    pub(crate) fn must_succeed(&self) -> bool {
        self.timeout == 60_000
            && self.held == Held::Nothing
            && self.servers.iter().any(|server| server.is_sure(self.has_stream))
            && self.servers.iter().all(|server| server.lets_others_answer(self.has_stream))
    }
}

/// How a server may be from which everything can be had.
const GOOD: [Manner; 6] = [
    Manner::Honest,
    Manner::Slow(1_500),
    Manner::KnowsNoEdns(1),
    Manner::KnowsNoEdns(4),
    Manner::ChangesCase,
    Manner::WantsCookie,
];

fn server(prng: &mut Prng, index: usize) -> Server {
    let manners = [
        Manner::Honest,
        Manner::Honest,
        Manner::Honest,
        Manner::Dead,
        Manner::Unreachable,
        Manner::Slow(prng.pick(&[400, 1_500, 2_000, 9_000])),
        Manner::Lame,
        Manner::Fails(prng.pick(&[2, 5, 1, 4])),
        Manner::KnowsNoEdns(prng.pick(&[1, 4])),
        Manner::DropsEdns,
        Manner::ChangesCase,
        Manner::Truncates { empty: prng.one_in(2) },
        Manner::WantsCookie,
        Manner::Lies,
        Manner::Lies,
        Manner::Lies,
    ];
    let ways = [
        Tcp::Works,
        Tcp::Works,
        Tcp::Works,
        Tcp::Works,
        Tcp::Refuses,
        Tcp::Dead,
        Tcp::Cuts,
        Tcp::Trickles(prng.pick(&[0, 5, 300])),
        Tcp::Lengthens(prng.pick(&[-20, -1, 1, 300, 40_000])),
        Tcp::Lies,
    ];
    let manner = prng.pick(&manners);
    let low = prng.pick(&[0, 1, 10, 40, 200]);
    let knows_edns = !matches!(manner, Manner::KnowsNoEdns(_) | Manner::DropsEdns);
    let address = match index % 3 {
        2 => format!("[2001:db8::53:{index}]:53"),
        _ => format!("192.0.2.{}:53", 1 + index),
    };
    Server {
        address: address.parse().unwrap(),
        manner,
        tcp: prng.pick(&ways),
        has_edns: knows_edns && (manner == Manner::WantsCookie || !prng.one_in(4)),
        has_cookies: prng.one_in(2),
        delay: (low, low + prng.pick(&[0, 5, 100])),
        loss: prng.pick(&[0, 0, 50, 200, 500]),
        twice: prng.pick(&[0, 0, 100]),
    }
}

fn wish(prng: &mut Prng) -> Wish {
    Wish {
        at: prng.pick(&[0, 0, 10, 700, 5_000, 20_000, 70_000]),
        name: prng.pick(&zone::NAMES),
        families: prng.pick(&[Families::Both, Families::Both, Families::V4, Families::V6]),
    }
}
