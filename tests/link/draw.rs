//! What a run is made of, drawn from a seed: hosts with their wishes and clocks, and the weather on the link.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::host::{Part, SERVICES};
use super::link::{Skew, Weather};
use super::wish::{Offer, Wish};
use crate::support::prng::Prng;

/// A host before it is switched on.
#[derive(Clone, Debug)]
pub(crate) struct Birth {
    pub(crate) part: Part,
    pub(crate) wish: Wish,
    pub(crate) skew: Skew,
    /// Size of its transmit buffer.
    pub(crate) buffer: usize,
    pub(crate) seed: u32,
}

pub(crate) fn weather(prng: &mut Prng) -> Weather {
    let low = prng.below(5) as u64;
    Weather {
        delay: (low, low + prng.pick(&[0, 2, 20, 100])),
        loss: prng.pick(&[0, 0, 10, 100, 300]),
        duplicate: prng.pick(&[0, 0, 50, 300]),
        late: prng.pick(&[1, 100, 3_000]),
        reflect: prng.pick(&[0, 0, 100, 1_000]),
        reflect_late: prng.pick(&[1, 100, 3_000]),
        mtu: prng.pick(&[1_500, 1_500, 1_500, 450]),
    }
}

/// A clock that starts anywhere, often shortly before its wrap, and runs up to one in a hundred wrong.
pub(crate) fn skew(prng: &mut Prng) -> Skew {
    let start = prng.pick(&[0, u32::MAX - 500, u32::MAX - 20_000, 0x7FFF_0000, 123_456_789]);
    Skew { start, rate: prng.below(20_001) as i64 - 10_000 }
}

/// One more service, if the host has not got one of that name.
pub(crate) fn offer(prng: &mut Prng, wish: &mut Wish) -> Option<Offer> {
    wish.next_key += 1;
    let key = wish.next_key;
    let (instance, service_type) = (prng.pick(&INSTANCES), prng.pick(&TYPES));
    let subtypes = prng.pick::<&[&str]>(&[&[], &["_printer"], &["_a", "_b"]]);
    let has =
        |offer: &Offer| offer.instance.eq_ignore_ascii_case(instance) && offer.service_type == service_type;
    let port = 1 + prng.below(65_535) as u16;
    let free = wish.offers.len() < SERVICES && !wish.offers.iter().any(has);
    free.then(|| Offer { key, instance, service_type, subtypes, port, txt: "0".to_owned() })
}

/// The addresses of a host; no two hosts have one in common.
pub(crate) fn addresses(host: usize, set: usize) -> Vec<(IpAddr, u8)> {
    let v4 = |group| IpAddr::from(Ipv4Addr::new(10, 0, group, host as u8 + 1));
    let v6 = |group| IpAddr::from(Ipv6Addr::new(0xFE80, 0, 0, 0, 0, 0, group, host as u16 + 1));
    match set {
        0 => vec![(v4(0), 16)],
        1 => vec![(v4(1), 16)],
        2 => vec![(v4(0), 16), (v6(0), 64)],
        3 => vec![(v4(0), 16), (v4(2), 16)],
        _ => vec![(v4(1), 16), (v6(0), 64), (v6(1), 64)],
    }
}

pub(crate) const ADDRESS_SETS: usize = 5;

/// Names that meet: few, one in two spellings, and one that has no room for a number.
pub(crate) const LABELS: [&str; 5] =
    ["cam", "Cam", "door", "küche", "a-name-of-sixty-three-octets-to-which-no-number-can-be-appended"];
pub(crate) const INSTANCES: [&str; 4] = ["Web", "Kitchen Cam", "web", "Küche. Ost"];
pub(crate) const TYPES: [&str; 2] = ["_http._tcp", "_ipp._tcp"];
