//! What a responder pays for packets of strangers, beside the check of the same packet, which is the least that any
//! machine pays.

use std::hint::black_box;

use dotlocal::mdns::{Config, ExtraRecord, PORT, RecordSet, Responder, ResponderStorage, Service};
use dotlocal::name::Name;
use dotlocal::wire::{Message, Type};
use dotlocal::{Disposition, Instant, Meta, Reason, name};

use crate::corpus;

/// A packet, and what it is.
#[derive(Clone)]
pub struct Packet {
    pub name: String,
    octets: Vec<u8>,
}

impl Packet {
    /// Octets of it.
    pub fn size(&self) -> usize {
        self.octets.len()
    }
}

/// What is done with a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Way {
    pub name: &'static str,
    /// How many records are registered; `None` for the check alone.
    records: Option<usize>,
    /// Whether the machine is drained behind it.
    drained: bool,
}

/// The yardstick first.
pub const WAYS: [Way; 9] = [
    Way { name: CHECK, records: None, drained: false },
    Way { name: "0 records", records: Some(0), drained: false },
    Way { name: "1 record", records: Some(1), drained: false },
    Way { name: "10 records", records: Some(10), drained: false },
    Way { name: "100 records", records: Some(100), drained: false },
    Way { name: "0, drained", records: Some(0), drained: true },
    Way { name: "1, drained", records: Some(1), drained: true },
    Way { name: "10, drained", records: Some(10), drained: true },
    Way { name: "100, drained", records: Some(100), drained: true },
];

pub const CHECK: &str = "check of a stranger's";

/// Messages of the package of which nothing is ours.
const SAMPLES: [&str; 4] =
    ["A query", "AirPlay-like announcement", "PTR query, 40 known answers", "240-record mDNS message"];

/// Packets of captures.
const CAPTURES: [&str; 3] = ["mdns-captures", "mdns-fixtures", "mdns-iot"];

/// All packets: those of the package, and those of the captures where `DOTLOCAL_CORPUS` names the folder that has them.
/// A packet with a name that is ours too is left out; of the captures those are all with the list of service types.
///
/// # Panics
/// A file of the folder cannot be read.
pub fn packets() -> Vec<Packet> {
    let samples = corpus::samples().filter(|sample| SAMPLES.contains(&sample.name));
    let mut packets: Vec<_> =
        samples.map(|sample| Packet { name: sample.name.into(), octets: sample.octets() }).collect();
    if let Some(folder) = std::env::var_os("DOTLOCAL_CORPUS") {
        for file in CAPTURES {
            let octets = std::fs::read(std::path::Path::new(&folder).join(file).with_extension("dnsc"));
            let octets = octets.unwrap_or_else(|error| panic!("{file}: {error}"));
            packets.extend(
                rows(&octets)
                    .zip(0..)
                    .map(|(row, number)| Packet { name: format!("{file} {number}"), octets: row.into() }),
            );
        }
    }
    let mut all = Machine::new(100);
    packets.retain(|packet| {
        all.handle(&packet.octets) == Disposition::Ignored(Reason::NotForUs)
            && !has_a_type_list(&packet.octets)
    });
    packets
}

/// Whether the list of service types is asked for or told of, which is a name of everybody with a service.
fn has_a_type_list(octets: &[u8]) -> bool {
    let is_list = |name: Name<'_>| name == name!("_services._dns-sd._udp.local");
    let message = Message::parse(octets).and_then(|message| message.check());
    message.is_ok_and(|message| {
        message.questions().any(|question| is_list(question.name()))
            || message.records().any(|record| is_list(record.name()))
    })
}

/// The messages of a row, each behind its length.
fn rows(mut octets: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (len, rest) = octets.split_first_chunk()?;
        let (row, rest) = rest.split_at_checked(u16::from_be_bytes(*len).into())?;
        octets = rest;
        Some(row)
    })
}

/// One way to treat a packet, again and again.
pub fn run(packet: Packet, way: Way) -> Box<dyn FnMut(u64)> {
    let octets = packet.octets;
    let Some(records) = way.records else {
        return Box::new(move |times| (0..times).for_each(|_| check(&octets)));
    };
    let mut machine = Machine::new(records);
    if way.drained {
        Box::new(move |times| (0..times).for_each(|_| machine.handle_and_drain(&octets)))
    } else {
        Box::new(move |times| {
            (0..times).for_each(|_| {
                black_box(machine.handle(&octets));
            });
        })
    }
}

/// Does the way ten times with each packet, for a counter that begins a new part at each [`mark`], so that the second
/// part and every other behind it is that of a packet.
pub fn count(way: Way) {
    for packet in packets() {
        println!("{}\t{}", packet.name, packet.size());
        let mut run = run(packet, way);
        run(1);
        mark();
        run(TIMES);
        mark();
    }
}

/// What the counter looks out for.
#[inline(never)]
pub fn mark() {
    black_box(());
}

const TIMES: u64 = 10;

/// What every machine pays at least.
#[inline(never)]
fn check(octets: &[u8]) {
    black_box(Message::parse(black_box(octets)).and_then(|message| message.check())).ok();
}

/// A responder with everything established and quiet.
struct Machine {
    responder: Responder<'static, 'static>,
    now: Instant,
    buf: Vec<u8>,
}

impl Machine {
    /// With so many records: 0, 1, 10 or 100.
    fn new(records: usize) -> Self {
        let storage = Box::leak(Box::new(ResponderStorage::<'static, 2, 32, 0>::new()));
        let mut responder = Responder::new(storage, Config::new(1));
        static EXTRA: [ExtraRecord<'static>; 2] =
            [ExtraRecord::new(Type::HINFO, b"\x03ARM\x05board"), ExtraRecord::new(Type(65_400), b"any")];
        let set = |count| RecordSet::shared(name!("about.kitchen-cam.local"), &EXTRA[..count]);
        match records {
            0 => {}
            1 => drop(responder.register_records(set(1)).unwrap()),
            _ => {
                // Four with the reverse ones, then four of each service.
                responder.set_hostname("kitchen-cam").unwrap();
                let addresses =
                    ["192.0.2.200".parse().unwrap(), "2001:db8::1c2f:9aff:fe3b:4d71".parse().unwrap()];
                responder.set_addresses(&addresses.map(|address| (address, 24))).unwrap();
                for nth in 0..(records - 4) / 4 {
                    let instance = format!("Kitchen Cam {nth}").leak();
                    let service_type =
                        ["_coap._udp", "_mqtt._tcp", "_modbus._tcp", "_opcua-tcp._tcp"][nth % 4];
                    responder.register(Service::new(service_type, 5683).instance(instance)).unwrap();
                }
                if (records - 4) % 4 == 2 {
                    responder.register_records(set(2)).unwrap();
                }
            }
        }
        let mut machine = Self { responder, now: Instant::from_millis(0), buf: vec![0; 1_440] };
        // Beyond probes, announcements, and what is remembered of them.
        for _ in 0..40 {
            machine.now = machine.now.after(500);
            machine.drain();
        }
        machine
    }

    #[inline(never)]
    fn handle(&mut self, octets: &[u8]) -> Disposition {
        let meta = Meta { source: ([192, 0, 2, 77], PORT).into(), multicast: true };
        self.responder.handle_datagram(black_box(self.now), black_box(meta), black_box(octets))
    }

    #[inline(never)]
    fn handle_and_drain(&mut self, octets: &[u8]) {
        black_box(self.handle(octets));
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(transmit) = self.responder.poll_transmit(black_box(self.now), &mut self.buf) {
            black_box(transmit);
        }
        while let Some(event) = self.responder.poll_event() {
            black_box(event);
        }
        black_box(self.responder.poll_timeout());
    }
}
