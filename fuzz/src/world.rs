//! What there is on the link of a fuzzed querier, and what its application looks for.

use std::sync::LazyLock;

use dotlocal::mdns::{Families, Until};
use dotlocal::wire::{Section, Type};

use crate::{Input, Seen, parse_text, wire};

pub static BROWSED: [&str; 8] = [
    "_http._tcp",
    "_ipp._tcp",
    "_printer._sub._http._tcp",
    "_services._dns-sd._udp",
    "_HTTP._tcp",
    "_a._sub._ipp._tcp",
    "http.tcp",
    "",
];

pub static INSTANCES: [&str; 6] =
    ["Cam", "Printer", "loop", "CAM", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", ""];

/// Hosts, an alias, the first of a ring, one of a chain, one that is its own alias, and what is none.
pub static HOSTS: [&str; 11] = [
    "cam.local",
    "tv.local",
    "alias.local",
    "ring.local",
    "chain1.local",
    "self.local",
    "CAM.local",
    "nobody.local",
    "local",
    "example.com",
    "a..local",
];

/// Names under which records of any type are asked for.
pub static OWNERS: [&str; 12] = [
    "_http._tcp.local",
    "cam.local",
    "Cam._http._tcp.local",
    "alias.local",
    "b._dns-sd._udp.local",
    "7.2.0.192.in-addr.arpa",
    "ring.local",
    "_services._dns-sd._udp.local",
    "nobody.local",
    "Printer._ipp._tcp.local",
    "n7._http._tcp.local",
    "example.com",
];

pub static ASKED_TYPES: [Type; 12] = [
    Type::ANY,
    Type::PTR,
    Type::A,
    Type::AAAA,
    Type::SRV,
    Type::TXT,
    Type::CNAME,
    Type::HINFO,
    Type::NSEC,
    Type(999),
    Type::OPT,
    Type(0),
];

pub fn families(input: &mut Input<'_>) -> Families {
    input.pick(&[Families::Both, Families::V4, Families::V6])
}

pub fn until(input: &mut Input<'_>) -> Until {
    let timeout_millis = input.pick(&[0, 5_000, 1_000, 100, 1, 3_600_000, u32::MAX]);
    if timeout_millis == 0 && input.byte() & 1 == 0 {
        Until::Cancelled
    } else {
        Until::Answered { timeout_millis }
    }
}

fn answer(name: &str, rtype: Type, class: u16, ttl: u32, data: Vec<u8>) -> Seen {
    Seen { section: Some(Section::Answer), name: octets(name), rtype: rtype.0, class, ttl, data }
}

/// The records of the link.
pub static WORLD: LazyLock<Vec<Seen>> = LazyLock::new(|| {
    let mut world = Vec::new();
    let mut add = |name: &str, rtype, class, ttl, data| world.push(answer(name, rtype, class, ttl, data));
    for (kind, instance, host) in [
        ("_http._tcp", "Cam", "cam.local"),
        ("_ipp._tcp", "Printer", "tv.local"),
        ("_http._tcp", "Printer", "cam.local"),
        ("_http._tcp", "loop", "loop._http._tcp.local"),
        ("_ipp._tcp", "loop", "alias.local"),
        ("_http._tcp", "lost", "nobody.local"),
    ] {
        let (kind, instance) = (format!("{kind}.local"), format!("{instance}.{kind}.local"));
        add(&kind, Type::PTR, 1, 4_500, octets(&instance));
        add(&instance, Type::SRV, 0x8001, 120, [&[0, 0, 0, 0, 2, 119], &octets(host)[..]].concat());
        add(&instance, Type::TXT, 0x8001, 4_500, b"\x05paper".to_vec());
        add(&format!("_printer._sub.{kind}"), Type::PTR, 1, 120, octets(&instance));
        add("_services._dns-sd._udp.local", Type::PTR, 1, 4_500, octets(&kind));
    }
    for (host, last) in [("cam.local", 7), ("tv.local", 8), ("chain3.local", 9)] {
        add(host, Type::A, 0x8001, 120, vec![192, 0, 2, last]);
        add(host, Type::AAAA, 0x8001, 120, [&[0xFE, 0x80][..], &[0; 13], &[last]].concat());
        add(host, Type::NSEC, 0x8001, 120, [&octets(host)[..], b"\0\x04\x40\0\0\0"].concat());
        add(&format!("{last}.2.0.192.in-addr.arpa"), Type::PTR, 0x8001, 120, octets(host));
    }
    for (alias, of) in [
        ("alias.local", "cam.local"),
        ("ring.local", "ring2.local"),
        ("ring2.local", "ring.local"),
        ("self.local", "self.local"),
        ("chain1.local", "chain2.local"),
        ("chain2.local", "chain3.local"),
        ("alias.local", "tv.local"),
    ] {
        add(alias, Type::CNAME, 0x8001, 120, octets(of));
    }
    add("cam.local", Type::HINFO, 0x8001, 4_500, b"\x01a\x01b".to_vec());
    add("cam.local", Type(999), 1, 11, vec![7; 9]);
    add("cam.local", Type(999), 1, 4_500, vec![8; 1_300]);
    add(
        "Cam._http._tcp.local",
        Type::TXT,
        0x8001,
        4_500,
        [&[199][..], &[b'o'; 199], &[199], &[b'p'; 199]].concat(),
    );
    add(
        "Cam._http._tcp.local",
        Type::NSEC,
        0x8001,
        120,
        [&octets("Cam._http._tcp.local")[..], b"\0\x05\0\0\x80\0\x40"].concat(),
    );
    add("b._dns-sd._udp.local", Type::PTR, 1, 120, octets("example.com"));
    add("_http._tcp.local", Type::PTR, 0x8001, 120, octets("_http._tcp.local"));
    add("_http._tcp.local", Type::PTR, 1, 120, octets("a.b._http._tcp.local"));
    add("_http._tcp.local", Type::TXT, 1, 120, b"\0".to_vec());
    // The input's first choice comes first.
    world.reverse();
    world
});

/// The names that the records have, and that are asked for.
pub static NAMES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let asked = OWNERS.iter().chain(&HOSTS[..8]).map(|name| octets(name));
    let types = BROWSED[..6].iter().map(|kind| octets(&format!("{kind}.local")));
    asked.chain(types).collect()
});

/// Many records, of names or data that differ.
pub fn flood(input: &mut Input<'_>) -> Vec<Seen> {
    let (kind, ttl, first, count) =
        (input.byte(), input.pick(&[4_500, 120, 10, 1, 0]), input.byte(), input.byte() % 64);
    let mut records = Vec::new();
    for number in (0..count).map(|nth| first.wrapping_add(nth)) {
        let instance = format!("n{number}._http._tcp.local");
        let mut add = |name: &str, rtype, class, data| records.push(answer(name, rtype, class, ttl, data));
        match kind % 6 {
            0 => add("_http._tcp.local", Type::PTR, 1, octets(&instance)),
            1 => {
                add("_http._tcp.local", Type::PTR, 1, octets(&instance));
                let host = octets(&format!("h{}.local", number % 8));
                add(&instance, Type::SRV, 0x8001, [&[0, 0, 0, 0, 0, number], &host[..]].concat());
                add(&instance, Type::TXT, 0x8001, b"\x05paper".to_vec());
                add(&format!("h{}.local", number % 8), Type::A, 0x8001, vec![192, 0, 2, number % 8]);
            }
            2 => add("cam.local", Type::A, 1, vec![192, 0, 2, number]),
            3 => add("cam.local", Type(999), 1, vec![number; 200]),
            4 => add(&format!("n{number}.local"), Type::A, 0x8001, vec![192, 0, 2, number]),
            _ => add("_services._dns-sd._udp.local", Type::PTR, 1, octets(&format!("_n{number}._tcp.local"))),
        }
    }
    records
}

pub fn octets(text: &str) -> Vec<u8> {
    wire(&parse_text(text).unwrap())
}
