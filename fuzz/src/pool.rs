//! What the application of a fuzzed responder has to say: texts, addresses and records, right ones and wrong ones.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::LazyLock;

use dotlocal::mdns::{ExtraRecord, HostId, RecordSet, Service};
use dotlocal::name;
use dotlocal::wire::Type;

use crate::{Input, Seen, parse_text, wire};

/// Labels, among them what is cut when a number is put behind it, what renames lead to, and what is none.
pub static TEXTS: [&str; 16] = [
    "cam",
    "kitchen-cam",
    "Kitchen Cam",
    "CAM",
    "cam-2",
    "Kitchen Cam (2)",
    "Küche",
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxé9",
    "éééééééééééééééééééééééééééééé\u{1F600}",
    "Dr. Smith",
    "\0\\",
    "",
    ".",
    "cam.local",
    "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy",
];

static TYPES: [&str; 8] = [
    "_http._tcp",
    "_ipp._tcp",
    "_HTTP._tcp",
    "_fifteen-letters._udp",
    "http.tcp",
    "",
    "_sixteen--letters._udp",
    "_http._tcp.local",
];

static SUBTYPES: [&[&str]; 6] = [
    &[],
    &["_printer"],
    &["_a", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"],
    &["_a", "_b", "_c", "_d", "_e", "_f", "_g", "_h"],
    &["_a", "_b", "_c", "_d", "_e", "_f", "_g", "_h", "_i"],
    &["_a", ""],
];

/// Pairs of a TXT record; the third does not fit the area of any storage here, the last two have keys that are none.
pub static PAIRS: [&[(&str, &str)]; 6] = [
    &[],
    &[("path", "/"), ("paper", "A4")],
    &[("note", LONG), ("more", LONG), ("most", LONG)],
    &[("note", LONG)],
    &[("", "x")],
    &[("a=b", "x")],
];

const LONG: &str =
    "a text that is so long that three of it do not fit the room that a storage has for TXT, and one does";

pub static OCTETS: [&[u8]; 5] = [b"", b"\0", b"\x05ab", b"\x03tls\x07path=/\xff", &{
    let mut octets = [b'o'; 1400];
    let mut at = 0;
    while at < octets.len() {
        octets[at] = 199;
        at += 200;
    }
    octets
}];

/// Addresses of the device with their prefixes, more than a small storage holds in the last.
pub static ADDRESSES: [&[(IpAddr, u8)]; 8] = [
    &[(v4(192, 0, 2, 7), 24)],
    &[(v4(192, 0, 2, 7), 24), (v6(0xFE80, 7), 64)],
    &[],
    &[(v4(192, 0, 2, 8), 24), (v4(192, 0, 2, 7), 24), (v6(0xFE80, 7), 64)],
    &[(v6(0xFE80, 7), 64)],
    &[(v4(192, 0, 2, 7), 0)],
    &[(v4(192, 0, 2, 8), 33), (v6(0x2001, 8), 255)],
    &[
        (v4(192, 0, 2, 1), 24),
        (v4(192, 0, 2, 2), 24),
        (v4(192, 0, 2, 3), 24),
        (v4(192, 0, 2, 4), 24),
        (v4(192, 0, 2, 5), 24),
        (v6(0xFE80, 1), 64),
        (v6(0xFE80, 2), 64),
        (v6(0xFE80, 3), 64),
        (v6(0xFE80, 4), 64),
        (v6(0xFE80, 5), 64),
    ],
];

/// Addresses of other hosts.
pub static OTHERS: [&[IpAddr]; 4] = [
    &[v4(192, 0, 2, 70)],
    &[],
    &[v6(0xFE80, 70), v4(192, 0, 2, 70)],
    &[v4(192, 0, 2, 71), v4(192, 0, 2, 72), v6(0xFE80, 70)],
];

pub const fn v4(a: u8, b: u8, c: u8, d: u8) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(a, b, c, d))
}

pub const fn v6(first: u16, last: u16) -> IpAddr {
    IpAddr::V6(Ipv6Addr::new(first, 0, 0, 0, 0, 0, 0, last))
}

/// Extra records: few and many, small ones and such as fill a packet, or none; then what cannot be published.
pub static EXTRA: [&[ExtraRecord<'static>]; 10] = [
    &[HINFO],
    &[ExtraRecord::new(Type::HINFO, b"\x03two\x00"), SHORT_LIVED],
    &[SHORT_LIVED, HIGH, HINFO],
    &[
        HINFO,
        ExtraRecord::new(Type::TXT, &FILLED),
        ExtraRecord::new(Type::PTR, b"\x05other\x05local\0"),
        ExtraRecord::new(Type(998), &FILLED),
        ExtraRecord::new(Type(999), &FILLED),
    ],
    &[ExtraRecord::new(Type(1000), &[7; 9_000]), ExtraRecord::new(Type(1001), &[7; 8_000])],
    &[ExtraRecord::new(Type(1002), b""); 1],
    &[],
    &[ExtraRecord::new(Type::A, b"\x01\x02\x03\x04"), ExtraRecord::new(Type::NSEC, b"")],
    &[HINFO; 16],
    &[ExtraRecord::new(Type(1003), &[0; 65_536])],
];

const HINFO: ExtraRecord<'static> = ExtraRecord::new(Type::HINFO, b"\x03one\x00");
const SHORT_LIVED: ExtraRecord<'static> = ExtraRecord::new(Type::CAA, b"\x00\x05issue").ttl_secs(9);
/// Of a type that the first window of an NSEC bitmap cannot hold.
const HIGH: ExtraRecord<'static> = ExtraRecord::new(Type(300), b"high").ttl_secs(77);
static FILLED: [u8; 1024] = [3; 1024];

/// A service of these numbers.
pub fn service(input: &mut Input<'_>, host: Option<HostId>) -> Service<'static> {
    let service = Service::new(input.pick(&TYPES), input.byte().into()).instance(input.pick(&TEXTS));
    let service = service.subtypes(input.pick(&SUBTYPES));
    let service = match input.byte() {
        0 => service,
        text @ 1..128 => service.txt(PAIRS[usize::from(text) % PAIRS.len()]),
        text => service.txt_octets(OCTETS[usize::from(text) % OCTETS.len()]).priority(1, text.into()),
    };
    host.map_or(service, |host| service.host(host))
}

/// Records under a name of their own.
pub fn record_set(input: &mut Input<'_>) -> RecordSet<'static> {
    let records = input.pick(&EXTRA);
    match input.byte() % 6 {
        0 => RecordSet::unique(name!("about.local"), records),
        1 => RecordSet::shared(name!("list.local"), records),
        2 => RecordSet::unique(name!("CAM.local"), records),
        3 => RecordSet::unique(name!("Kitchen Cam (2)._http._tcp.local"), records),
        4 => RecordSet::shared(name!("menu.example"), records),
        _ => RecordSet::unique(name!("."), records),
    }
}

/// Names that the device may speak for beside those that it claims, and some that it never does.
pub fn common_names() -> Vec<Vec<u8>> {
    let of_types = TYPES[..4].iter().map(|kind| format!("{kind}.local"));
    let of_subtypes = ["_printer", "_a", "_h"].map(|subtype| format!("{subtype}._sub._http._tcp.local"));
    let reverse = ["7", "8", "70", "1"].map(|last| format!("{last}.2.0.192.in-addr.arpa"));
    let others =
        ["_services._dns-sd._udp.local", "about.local", "list.local", "menu.example", "tv.local", "."];
    let texts = of_types.chain(of_subtypes).chain(reverse).chain(others.map(str::to_owned));
    texts.map(|text| wire(&parse_text(&text).unwrap())).collect()
}

/// Whether records of this name are everybody's: service types, subtypes, the list of types, shared sets.
pub fn is_shared(name: &[u8]) -> bool {
    static SHARED: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
        let others = ["_services._dns-sd._udp.local", "list.local", "menu.example"].map(str::to_owned);
        let texts = TYPES[..4].iter().map(|kind| format!("{kind}.local")).chain(others);
        texts.map(|text| wire(&parse_text(&text.to_lowercase()).unwrap())).collect()
    });
    let lower = name.to_ascii_lowercase();
    let below = lower.windows(5).position(|octets| octets == b"\x04_sub").map(|at| &lower[at + 5..]);
    SHARED.iter().any(|shared| *shared == lower || below.is_some_and(|below| below == shared))
}

/// Whether a record was registered with its TTL (RFC 6762 section 10: 120 s where a host name is in it).
pub fn has_its_ttl(seen: &Seen, is_legacy: bool) -> bool {
    let ttls: &[u32] = match Type(seen.rtype) {
        Type::A | Type::AAAA | Type::SRV | Type::NSEC => &[120],
        Type::CAA => &[9],
        Type(300) => &[77],
        Type::PTR if is_shared(&seen.name) => &[4_500],
        _ => &[120, 4_500],
    };
    ttls.iter().any(|&ttl| seen.ttl == if is_legacy { ttl.min(10) } else { ttl })
}
