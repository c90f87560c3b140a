//! Figures: how soon a browse is complete when packets are lost, and what a browse for a thousand instances costs.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use dotlocal::mdns::{Config, Querier, QuerierEvent, QuerierStorage, Responder, ResponderStorage};
use dotlocal::{Destination, Meta};
use typed_arena::Arena;

use super::draw::{Birth, addresses, skew};
use super::finder::Wanted;
use super::host::{Device, Part, Told, Unit};
use super::link::Weather;
use super::plan::{Act, Plan};
use super::rules::questions::most;
use super::wish::{Offer, Wish, folded_name};
use super::world::World;
use crate::support::octets::decode;
use crate::support::prng::Prng;
use crate::support::{Clock, HOUR, MINUTE, Machine, SECOND};

/// Services that a browse has to find, each on a host of its own.
const SERVICES: usize = 8;

/// Names that live as long as the tests.
fn name(stem: &str, number: usize) -> &'static str {
    format!("{stem} {number}").leak()
}

/// Hosts with a service each, established, and one that is to look for them.
fn crowd(seed: u64) -> Plan {
    let mut prng = Prng(seed);
    let birth = |host| {
        let instance = name("Printer", host);
        let offer = Offer {
            key: 1,
            instance,
            service_type: "_ipp._tcp",
            subtypes: &[],
            port: 600 + host as u16,
            txt: host.to_string(),
        };
        let is_seeker = host == SERVICES;
        let wish = Wish {
            label: ["a", "b", "c", "d", "e", "f", "g", "h", "seeker"][host],
            addresses: addresses(host, if host % 2 == 0 { 0 } else { 2 }),
            offers: if is_seeker { Vec::new() } else { vec![offer] },
            next_key: 1,
        };
        let part = if is_seeker { Part::Endpoint } else { Part::Responder };
        Birth { part, wish, skew: skew(&mut prng), buffer: 1_440, seed: prng.next() as u32 }
    };
    let births: Vec<Birth> = (0..=SERVICES).map(birth).collect();
    let acts = (0..=SERVICES).map(|host| (0, Act::Boot(host))).collect();
    Plan { seed, births, weather: Weather::CALM, acts, end: 0 }
}

/// The services that the one who looks is shown as they are.
fn shown(world: &World<'_>) -> BTreeSet<usize> {
    let Some(device) = &world.devices[SERVICES] else { return BTreeSet::new() };
    let views: Vec<_> =
        world.judge.shown(SERVICES).iter().filter_map(|(id, _)| device.instance(*id)).collect();
    let is_shown = |host: &usize| {
        let wish = &world.judge.models[*host].wish;
        let offer = &wish.offers[0];
        let addresses: BTreeSet<IpAddr> = wish.addresses.iter().map(|(ip, _)| *ip).collect();
        let text = vec![format!("v={}", offer.txt).into_bytes()];
        views.iter().any(|view| {
            view.name.0[0] == offer.instance.as_bytes()
                && view.port == offer.port
                && view.txt.as_ref() == Some(&text)
                && view.addresses == addresses
        })
    };
    (0..SERVICES).filter(is_shown).collect()
}

/// Milliseconds from the call until a browse has shown each service as it is, and until it shows all at once.
fn times(seed: u64, loss: usize, at_once: bool) -> (u64, u64) {
    let arena = Arena::new();
    let mut world = World::new(&arena, crowd(seed));
    let start = 10 * SECOND + seed % 1_000;
    world.run_until(start);
    world.link.weather = Weather { loss, delay: (1, 5), ..Weather::CALM };
    world.look_for(SERVICES, Wanted::Browse("_ipp._tcp"));
    let (mut seen, mut each) = (BTreeSet::new(), None);
    loop {
        let elapsed = world.now - start;
        let now = shown(&world);
        seen.extend(now.iter().copied());
        if seen.len() == SERVICES {
            each.get_or_insert(elapsed);
        }
        if let Some(each) = each.filter(|_| now.len() == SERVICES || !at_once) {
            return (each, elapsed);
        }
        assert!(elapsed <= 24 * HOUR, "seed {seed}: {seen:?} of {SERVICES}\n{}", world.record.lines());
        // To half a percent.
        world.run_until(world.now + (elapsed / 200).max(10));
        let broken = &world.judge.findings.first;
        assert!(broken.is_none(), "seed {seed}: {broken:?}\n{}", world.record.lines());
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "takes minutes without optimisation: add --release")]
fn a_browse_becomes_complete_however_many_packets_are_lost() {
    const SEEDS: u64 = 100;
    println!(
        "{SERVICES} services, {SEEDS} seeds: seconds until a browse has shown each as it is, and all at once"
    );
    println!("| packets lost | each: median | 90 % | worst | all: median | 90 % | worst |");
    println!("| ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    for loss in [0, 100, 300, 600] {
        // Where six of ten packets are lost, half of the records of two minutes end before they are renewed.
        let at_once = loss < 600;
        let times = (0..SEEDS).map(|seed| times(seed, loss, at_once));
        let (each, all): (Vec<u64>, Vec<u64>) = times.unzip();
        let mut row = format!("| {} % |", loss / 10);
        for mut times in [each, if at_once { all } else { Vec::new() }] {
            times.sort_unstable();
            for percent in [50, 90, 100] {
                let millis = times.get(times.len().saturating_sub(1) * percent / 100);
                row +=
                    &millis.map_or(" |".to_owned(), |millis| format!(" {:.2} |", *millis as f64 / 1_000.0));
            }
            // The question waits for 120 ms, and so does what answers it.
            assert!(loss > 0 || times.last().is_some_and(|worst| *worst <= SECOND), "{times:?}");
        }
        println!("{row}");
    }
}

const HOSTS: usize = 10;
/// Octets of the cache of the one who looks.
const CACHE: usize = 196_608;
/// Services of each, at most.
const EACH: usize = 100;

/// What a node of the large link sent.
#[derive(Default)]
struct Sent {
    packets: usize,
    octets: usize,
    /// How often each question was asked.
    questions: BTreeMap<(String, u16), usize>,
    known: usize,
}

/// A link without loss, delay or weather, on which all hear all.
struct Large<'s> {
    nodes: Vec<(Device<'s>, Clock, SocketAddr)>,
    sent: Vec<Sent>,
    /// What was ever found, and what is shown now.
    found: BTreeSet<String>,
    shown: BTreeSet<String>,
    no_room: usize,
}

impl Large<'_> {
    fn run_until(&mut self, end: u64) {
        loop {
            // What is due at one moment is handed over in the order of the nodes.
            let due = |(index, (device, clock, _)): (usize, &(Device<'_>, Clock, SocketAddr))| {
                Some((clock.deadline(device)?, index))
            };
            let next = self.nodes.iter().enumerate().filter_map(due).min();
            let Some((at, node)) = next.filter(|(at, _)| *at <= end) else { break };
            self.nodes.iter_mut().for_each(|(_, clock, _)| clock.now = at);
            let (device, clock, _) = &mut self.nodes[node];
            device.handle_timeout(clock.instant());
            self.drain(node);
        }
        self.nodes.iter_mut().for_each(|(_, clock, _)| clock.now = end);
    }

    /// A drain without a bound on its length: hundreds of instances may be told at once.
    fn drain(&mut self, node: usize) {
        let mut buf = [0; 1_440];
        loop {
            let (device, clock, source) = &mut self.nodes[node];
            let (now, source) = (clock.instant(), *source);
            if let Some(transmit) = device.poll_transmit(now, &mut buf) {
                let (to, octets) = (transmit.to, transmit.bytes.to_vec());
                self.carry(node, source, to, &octets);
                continue;
            }
            match device.poll_event() {
                Some(Told::Other(QuerierEvent::Found { .. }, Some(view))) => {
                    let name = folded_name(&view.name).to_string();
                    self.shown.insert(name.clone());
                    self.found.insert(name);
                }
                Some(Told::Other(QuerierEvent::Lost { .. }, Some(view))) => {
                    self.shown.remove(&folded_name(&view.name).to_string());
                }
                Some(Told::Other(QuerierEvent::NoRoom, _)) => self.no_room += 1,
                Some(_) => {}
                None => break,
            }
        }
    }

    fn carry(&mut self, from: usize, source: SocketAddr, to: Destination, octets: &[u8]) {
        let message = decode(octets).unwrap_or_else(|text| panic!("{text}"));
        let sent = &mut self.sent[from];
        sent.packets += 1;
        sent.octets += octets.len();
        sent.known += message.records.len();
        for question in &message.questions {
            *sent.questions.entry((question.name.to_string(), question.qtype)).or_default() += 1;
        }
        for node in (0..self.nodes.len()).filter(|node| *node != from) {
            let (device, clock, address) = &mut self.nodes[node];
            let multicast = match to {
                Destination::Multicast => true,
                Destination::Unicast(to) if to == *address => false,
                Destination::Unicast(_) => continue,
            };
            device.handle_datagram(clock.instant(), Meta::mdns(source, multicast), octets);
            self.drain(node);
        }
    }
}

/// Lets one browse for so many instances, each host with a tenth of them. Tells how many were found.
fn browse_for(count: usize) -> usize {
    type Speaker = ResponderStorage<'static, 1, { EACH + 1 }, 16, 4>;
    let speakers: Vec<_> = (0..HOSTS).map(|_| Box::leak(Box::new(Speaker::new()))).collect();
    let seeker = Box::leak(Box::new(QuerierStorage::<2, CACHE>::new()));
    let address = |node: usize| IpAddr::from(Ipv4Addr::new(192, 0, 2, node as u8 + 1));
    let node = |index: usize, unit| (Device::new(unit), Clock::new(), SocketAddr::new(address(index), 5353));
    let mut large = Large {
        nodes: Vec::new(),
        sent: Vec::new(),
        found: BTreeSet::new(),
        shown: BTreeSet::new(),
        no_room: 0,
    };
    large.sent.resize_with(HOSTS + 1, Sent::default);
    for (host, storage) in speakers.into_iter().enumerate() {
        let responder = Responder::new(storage, Config::new(host as u32));
        let mut speaker = node(host, Unit::Responder(responder));
        let wish = Wish {
            label: name("host", host),
            addresses: vec![(address(host), 24)],
            offers: Vec::new(),
            next_key: 0,
        };
        speaker.0.set_hostname(wish.label);
        assert!(speaker.0.set_addresses(&wish));
        large.nodes.push(speaker);
    }
    let querier = Querier::new(seeker, Config::new(99));
    large.nodes.push(node(HOSTS, Unit::Querier(querier)));
    // A few at a time: a drain is short.
    for service in 0..count / HOSTS {
        for host in 0..HOSTS {
            let offer = Offer {
                key: service as u32,
                instance: name("Printer", host * EACH + service),
                service_type: "_ipp._tcp",
                subtypes: &[],
                port: 631,
                txt: "0".to_owned(),
            };
            assert!(large.nodes[host].0.register(&offer));
            large.drain(host);
        }
        large.run_until(service as u64 * 100);
    }
    large.run_until(MINUTE);
    large.nodes[HOSTS].0.want(&Wanted::Browse("_ipp._tcp")).expect("room for a browse");
    large.drain(HOSTS);
    println!("{count} instances on one link of {HOSTS} hosts, in a cache of {CACHE} octets");
    println!(
        "| after | shown | ever found | packets | octets | questions | RFC bound | known answers | NoRoom |"
    );
    println!("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    for (text, after) in [("1 s", SECOND), ("10 s", 10 * SECOND), ("1 min", MINUTE), ("10 min", 10 * MINUTE)]
    {
        large.run_until(MINUTE + after);
        let sent = &large.sent[HOSTS];
        let questions: usize = sent.questions.values().sum();
        let bound = bound(count as u64, after);
        println!(
            "| {text} | {} | {} | {} | {} | {questions} | {bound} | {} | {} |",
            large.shown.len(),
            large.found.len(),
            sent.packets,
            sent.octets,
            sent.known,
            large.no_room
        );
        assert!(questions as u64 <= bound, "{questions} questions, {bound} are allowed");
    }
    large.found.len()
}

/// How many questions RFC 6762 section 5.2 allows after so long: the browse's own; SRV and TXT of each instance and
/// both families of each host, should they not come by themselves; and, of each life of two minutes, four renewals.
fn bound(instances: u64, after: u64) -> u64 {
    let hosts = HOSTS as u64;
    let renewals = 4 * (after / (120 * SECOND));
    most(after) * (1 + 2 * instances + 2 * hosts) + renewals * (instances + hosts)
}

#[test]
#[cfg_attr(debug_assertions, ignore = "takes minutes without optimisation: add --release")]
fn a_browse_for_many_instances_asks_no_more_than_it_may() {
    assert_eq!(browse_for(1_000), 1_000);
}
