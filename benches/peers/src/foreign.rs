//! What a quiet machine pays for packets of strangers, beside the check of the same packet, which is the least that any
//! machine pays.

mod machine;

use std::cell::RefCell;
use std::hint::black_box;
use std::rc::Rc;

use dotlocal::name::Name;
use dotlocal::wire::Message;
use dotlocal::{Disposition, Reason, name};

use crate::{Run, corpus};
use machine::{Machine, Sort};

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
#[derive(Clone, Copy, Debug)]
pub struct Way {
    pub name: &'static str,
    /// The machine that takes it, with so many records; `None` for the check alone.
    machine: Option<(Sort, usize)>,
    /// Whether the machine is drained behind it.
    drained: bool,
}

/// The machines, by the records that are theirs.
const MACHINES: [(&str, Sort, [usize; 4]); 3] = [
    ("responder", Sort::Responder, [0, 1, 10, 100]),
    ("querier", Sort::Querier, [0, 10, 100, 1_000]),
    ("endpoint", Sort::Endpoint, [0, 10, 100, 1_000]),
];

/// All ways, the yardstick first.
pub fn ways() -> Vec<Way> {
    let mut ways = vec![Way { name: CHECK, machine: None, drained: false }];
    for (name, sort, counts) in MACHINES {
        for (drained, behind) in [(false, ""), (true, ", drained")] {
            ways.extend(counts.map(|records| {
                let name = format!("{name} {records}{behind}").leak();
                Way { name, machine: Some((sort, records)), drained }
            }));
        }
    }
    ways
}

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
    let mut all = Machine::new(Sort::Responder, 100);
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

/// A way that is ready to be gone: its machine is the same for all packets.
#[derive(Clone)]
pub struct Ready {
    way: Way,
    machine: Option<Rc<RefCell<Machine>>>,
}

impl Way {
    pub fn ready(self) -> Ready {
        let machine = self.machine.map(|(sort, records)| Rc::new(RefCell::new(Machine::new(sort, records))));
        Ready { way: self, machine }
    }
}

impl Ready {
    /// Treats a packet so, again and again.
    ///
    /// # Panics
    /// The packet is none of a stranger's to the machine.
    pub fn run(&self, packet: &Packet) -> Run {
        let (octets, drained) = (packet.octets.clone(), self.way.drained);
        let Some(machine) = self.machine.clone() else {
            return Box::new(move |times| (0..times).for_each(|_| check(&octets)));
        };
        let heard = machine.borrow_mut().handle_and_drain(&octets);
        assert_eq!(heard, Disposition::Ignored(Reason::NotForUs), "{} by {}", packet.name, self.way.name);
        Box::new(move |times| {
            let mut machine = machine.borrow_mut();
            for _ in 0..times {
                black_box(if drained { machine.handle_and_drain(&octets) } else { machine.handle(&octets) });
            }
        })
    }
}

/// Goes the way ten times with each packet, for a counter that begins a new part at each [`mark`], so that the second
/// part and every other behind it is that of a packet.
pub fn count(way: Way) {
    let ready = way.ready();
    for packet in packets() {
        println!("{}\t{}", packet.name, packet.size());
        let mut run = ready.run(&packet);
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
