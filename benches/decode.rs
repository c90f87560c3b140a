//! Decoding of an announcement like that of an AirPlay receiver: four services of one host.
//!
//! `check` is what a machine pays for every datagram on the link. `walk` does what a curious reader does: every label
//! of every name, through the pointers, and all data by its type. `benches/peers` measures the same work beside other
//! decoders and the least code that could do it.

#![allow(clippy::unwrap_used, reason = "a bench may panic")]

use std::hint::black_box;

use criterion::{Criterion, Throughput};
use dotlocal::name::{Name, NameBuf};
use dotlocal::wire::{Builder, Class, Flags, Message, RData, Section, Srv, Txt, Type};

const HOST: &str = "Living-Room.local";
const FLUSH: Class = Class(0x8001);
/// A bitmap with A and AAAA, and one with TXT and SRV.
const HOST_TYPES: &[u8] = &[0, 4, 0x40, 0, 0, 8];
const SERVICE_TYPES: &[u8] = &[0, 5, 0, 0, 0x80, 0, 0x40];

const SERVICES: [(&str, &str, u16, &[&str]); 4] = [
    (
        r"Living\032Room",
        "_airplay._tcp.local",
        7000,
        &[
            "acl=0",
            "deviceid=02:00:00:00:00:01",
            "features=0x4A7FDFD5,0xBC157FDE",
            "flags=0x18644",
            "srcvers=760.20",
        ],
    ),
    (
        r"020000000001@Living\032Room",
        "_raop._tcp.local",
        7000,
        &[
            "cn=0,1,2,3",
            "da=true",
            "et=0,3,5",
            "md=0,1,2",
            "am=Receiver1,1",
            "tp=UDP",
            "vn=65537",
            "vs=760.20",
        ],
    ),
    (
        r"Living\032Room",
        "_companion-link._tcp.local",
        49153,
        &["rpMac=0", "rpHN=000000000000", "rpFl=0xB67A2"],
    ),
    (r"70-35-60-63\.1\032Living\032Room", "_sleep-proxy._udp.local", 60162, &[]),
];

fn announcement(buf: &mut [u8]) -> &[u8] {
    let host: NameBuf = HOST.parse().unwrap();
    let mut builder = Builder::new(buf, 0, Flags::QR.with(Flags::AA));
    for (instance, service_type, port, strings) in SERVICES {
        let instance: NameBuf = format!("{instance}.{service_type}").parse().unwrap();
        let service_type: NameBuf = service_type.parse().unwrap();
        let text: Vec<u8> = strings.iter().flat_map(|s| [&[s.len() as u8], s.as_bytes()].concat()).collect();
        let mut add = |owner: Name<'_>, class, ttl_secs, data| {
            builder.record(Section::Answer, owner, class, ttl_secs, &data).unwrap();
        };
        add(service_type.name(), Class::IN, 4500, RData::Ptr(instance.name()));
        add(
            instance.name(),
            FLUSH,
            120,
            RData::Srv(Srv { priority: 0, weight: 0, port, target: host.name() }),
        );
        add(instance.name(), FLUSH, 4500, RData::Txt(Txt::from_octets(&text).unwrap()));
    }
    for address in ["192.0.2.17", "fe80::1234:5678:9abc:def0", "2001:db8::1234:5678:9abc:def0"] {
        let data = match address.parse().unwrap() {
            std::net::IpAddr::V4(address) => RData::A(address),
            std::net::IpAddr::V6(address) => RData::Aaaa(address),
        };
        builder.record(Section::Additional, HOST, FLUSH, 120, &data).unwrap();
    }
    let mut nsec = |owner: NameBuf, windows| {
        // The name itself, uncompressed, and the bitmap.
        let data = [owner.as_octets(), windows].concat();
        builder.record(Section::Additional, owner, FLUSH, 120, &RData::Other(Type::NSEC, &data)).unwrap();
    };
    for (instance, service_type, ..) in SERVICES {
        nsec(format!("{instance}.{service_type}").parse().unwrap(), SERVICE_TYPES);
    }
    nsec(host, HOST_TYPES);
    builder.finish()
}

/// Checks the message, then reads all of it. The sum keeps the optimiser from leaving anything out.
fn walk(octets: &[u8]) -> Option<u32> {
    let message = Message::parse(octets).ok()?.check().ok()?;
    let questions: u32 = message.questions().map(|question| name(question.name())).sum();
    let mut sum = questions;
    for record in message.records() {
        sum += name(record.name());
        sum += match record.data().ok()? {
            RData::A(address) => bytes(&address.octets()),
            RData::Aaaa(address) => bytes(&address.octets()),
            RData::Ptr(target) | RData::Cname(target) => name(target),
            RData::Srv(srv) => u32::from(srv.port) + name(srv.target),
            RData::Txt(txt) => txt.strings().map(bytes).sum(),
            RData::Nsec(nsec) => name(nsec.next) + bytes(nsec.types.as_octets()),
            _ => 0,
        };
    }
    Some(sum)
}

fn name(name: Name<'_>) -> u32 {
    name.labels().map(bytes).sum()
}

fn bytes(octets: &[u8]) -> u32 {
    octets.iter().map(|&octet| u32::from(octet)).sum()
}

fn main() {
    let mut buf = [0; 1500];
    let octets = announcement(&mut buf);
    assert!(walk(octets).is_some());
    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group(format!("announcement of {} octets", octets.len()));
    group.throughput(Throughput::Bytes(octets.len() as u64));
    group.bench_function("check", |bencher| {
        bencher.iter(|| Message::parse(black_box(octets)).is_ok_and(|message| message.check().is_ok()));
    });
    group.bench_function("walk", |bencher| bencher.iter(|| walk(black_box(octets))));
    group.finish();
    criterion.final_summary();
}
