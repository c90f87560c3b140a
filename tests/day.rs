//! What a device does in a day: datagrams that it sends and hears, and how often it wakes, on links of three sizes.
//!
//! `cargo test --release --test day -- --nocapture` prints the table of the README. All hosts are endpoints of this crate
//! in virtual time, so that all find each other and keep what they found fresh, as Apple's and Avahi's do while somebody
//! looks at a list. Whoever is not there does not answer.

mod support;

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use dotlocal::mdns::{Config, Endpoint, EndpointStorage, Families, RequestId, Service, Until};
use dotlocal::{Destination, Disposition, Instant, Meta};
use support::prng::Prng;

const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// What appliances offer, and people look for.
const TYPES: [&str; 5] = ["_http._tcp", "_ipp._tcp", "_hap._tcp", "_googlecast._tcp", "_airplay._tcp"];
/// The node that is counted.
const CAMERA: usize = 0;

type Storage = EndpointStorage<'static, 1, 2, 0, 4, 32_768, 8>;

/// What happens to a host by the will of its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Act {
    /// It starts, or comes back to the link.
    Arrive,
    Leave,
    /// A person opens a list of this type, or closes it.
    Look(usize),
    Close,
    /// Something connects to the camera by its name.
    Connect,
}

struct Node {
    endpoint: Endpoint<'static, 'static>,
    source: SocketAddr,
    is_there: bool,
    browses: Vec<RequestId>,
    due: Option<u64>,
    day: Day,
}

/// What the table tells of a host.
#[derive(Clone, Copy, Debug, Default)]
struct Day {
    sent: usize,
    octets: usize,
    /// Datagrams that came, and those of them that were used.
    heard: usize,
    used: usize,
    /// Deadlines of its own.
    deadlines: usize,
}

/// A link without loss, on which all hear all at once.
struct Link {
    now: u64,
    nodes: Vec<Node>,
    acts: BinaryHeap<Reverse<(u64, usize, Act)>>,
}

fn leaked(text: String) -> &'static str {
    text.leak()
}

impl Link {
    fn new() -> Self {
        Self { now: 0, nodes: Vec::new(), acts: BinaryHeap::new() }
    }

    fn add(&mut self, host: &str, service: Option<&'static str>) -> usize {
        let index = self.nodes.len();
        let address = IpAddr::from(Ipv4Addr::new(192, 0, 2, index as u8 + 1));
        let storage = Box::leak(Box::new(Storage::new()));
        let mut endpoint = Endpoint::new(storage, Config::new(index as u32 * 7_919 + 3));
        let label = leaked(format!("{host}-{index}"));
        endpoint.set_hostname(label).expect("a label");
        endpoint.set_addresses(&[(address, 24)]).expect("room for one");
        if let Some(service) = service {
            let service = Service::new(service, 80).instance(label).txt(&[("path", "/")]);
            endpoint.register(service).expect("room for one");
        }
        endpoint.link_down();
        let source = SocketAddr::new(address, 5353);
        let (browses, day) = (Vec::new(), Day::default());
        self.nodes.push(Node { endpoint, source, is_there: false, browses, due: None, day });
        index
    }

    fn plan(&mut self, at: u64, node: usize, act: Act) {
        self.acts.push(Reverse((at, node, act)));
    }

    fn instant(&self) -> Instant {
        Instant::from_millis(self.now as u32)
    }

    fn run(&mut self) {
        loop {
            let deadline = (0..self.nodes.len()).filter_map(|node| Some((self.nodes[node].due?, node))).min();
            let act = self.acts.peek().map(|Reverse((at, ..))| *at);
            let Some(next) = deadline.map(|(at, _)| at).into_iter().chain(act).min() else { break };
            if next > DAY {
                break;
            }
            self.now = next;
            match deadline.filter(|(at, _)| *at == next) {
                Some((_, node)) => {
                    self.nodes[node].day.deadlines += 1;
                    let now = self.instant();
                    self.nodes[node].endpoint.handle_timeout(now);
                    self.drain(node);
                }
                None => {
                    let Reverse((_, node, act)) = self.acts.pop().expect("there is one");
                    self.act(node, act);
                }
            }
        }
    }

    fn act(&mut self, index: usize, act: Act) {
        let now = self.instant();
        let node = &mut self.nodes[index];
        node.endpoint.handle_timeout(now);
        match act {
            Act::Arrive => {
                node.is_there = true;
                node.endpoint.link_up();
            }
            Act::Leave => {
                // Phones say no goodbye.
                node.is_there = false;
                node.endpoint.link_down();
            }
            Act::Look(kind) => node.browses.extend(node.endpoint.browse(TYPES[kind])),
            Act::Close => {
                if let Some(browse) = node.browses.pop() {
                    node.endpoint.cancel(browse);
                }
            }
            Act::Connect => {
                let until = Until::Answered { timeout_millis: 5_000 };
                let _ = node.endpoint.lookup("kitchen-cam-0.local", Families::V4, until);
            }
        }
        self.drain(index);
    }

    fn drain(&mut self, from: usize) {
        let mut buf = [0; 1_440];
        let now = self.instant();
        loop {
            let node = &mut self.nodes[from];
            let source = node.source;
            let Some(transmit) = node.endpoint.poll_transmit(now, &mut buf) else {
                match node.endpoint.poll_event() {
                    Some(_) => continue,
                    None => break,
                }
            };
            if node.is_there {
                node.day.sent += 1;
                node.day.octets += transmit.bytes.len();
                self.carry(from, source, transmit.to, transmit.bytes);
            }
        }
        let node = &mut self.nodes[from];
        let ahead = node.endpoint.poll_timeout().map(|at| u64::from(at.millis_until(now)));
        node.due = ahead.map(|millis| self.now + millis.max(1));
    }

    fn carry(&mut self, from: usize, source: SocketAddr, to: Destination, octets: &[u8]) {
        let now = self.instant();
        for to_node in (0..self.nodes.len()).filter(|node| *node != from) {
            let node = &mut self.nodes[to_node];
            let multicast = match to {
                Destination::Multicast => true,
                Destination::Unicast(to) if to == node.source => false,
                Destination::Unicast(_) => continue,
            };
            if !node.is_there {
                continue;
            }
            node.day.heard += 1;
            let disposition = node.endpoint.handle_datagram(now, Meta::mdns(source, multicast), octets);
            if disposition == Disposition::Used {
                node.day.used += 1;
                self.drain(to_node);
            }
        }
    }
}

/// A link with so many hosts: a fifth are phones and laptops, the others appliances that are always there.
fn day(hosts: usize, browses: bool) -> Day {
    let mut prng = Prng(hosts as u64);
    let mut link = Link::new();
    link.add("kitchen-cam", Some("_http._tcp"));
    link.plan(0, CAMERA, Act::Arrive);
    if browses {
        link.plan(MINUTE, CAMERA, Act::Look(1));
    }
    for host in 1..hosts {
        if host % 5 == 1 {
            let phone = link.add("phone", None);
            visits(&mut link, phone, &mut prng);
        } else {
            let appliance = link.add("thing", Some(prng.pick(&TYPES)));
            link.plan(prng.below(MINUTE as usize) as u64, appliance, Act::Arrive);
            // Once a day each loses its power.
            let restart = prng.below(DAY as usize) as u64;
            link.plan(restart, appliance, Act::Leave);
            link.plan(restart + 20 * SECOND, appliance, Act::Arrive);
        }
    }
    link.run();
    link.nodes[CAMERA].day
}

/// Six times a day a phone comes for about an hour; each time its owner looks at two lists for five minutes, one of
/// them the camera's, and connects to the camera once.
fn visits(link: &mut Link, phone: usize, prng: &mut Prng) {
    for visit in 0..6 {
        let at = visit * 4 * HOUR + prng.below(2 * HOUR as usize) as u64;
        link.plan(at, phone, Act::Arrive);
        for kind in [0, 1 + prng.below(TYPES.len() - 1)] {
            let look = at + MINUTE + prng.below(30 * MINUTE as usize) as u64;
            link.plan(look, phone, Act::Look(kind));
            link.plan(look + 5 * MINUTE, phone, Act::Close);
        }
        link.plan(at + 2 * MINUTE, phone, Act::Connect);
        link.plan(at + HOUR, phone, Act::Leave);
    }
}

/// A device that nobody asks and that asks nothing is silent once it has announced itself.
#[test]
fn alone_on_the_link_a_device_announces_itself_and_sleeps() {
    let alone = day(1, false);
    // Three probes, two announcements (RFC 6762 sections 8.1 and 8.3).
    assert_eq!((alone.sent, alone.heard), (5, 0), "{alone:?}");
    assert!(alone.deadlines <= 6, "{alone:?}");
}

/// A list that stays open and finds nobody is asked for ever more rarely, at last once an hour (RFC 6762 section 5.2).
#[test]
fn a_browse_that_finds_nobody_costs_some_thirty_packets_a_day() {
    let (alone, looking) = (day(1, false), day(1, true));
    let asked = looking.sent - alone.sent;
    assert!((24..40).contains(&asked), "{looking:?}");
}

#[test]
#[cfg_attr(debug_assertions, ignore = "takes minutes without optimisation: add --release")]
fn a_day_on_three_links() {
    println!("| link | sends | octets | hears | used | own deadlines |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: |");
    for (name, hosts) in [("quiet, 2 hosts", 2), ("home, 30 hosts", 30), ("busy, 200 hosts", 200)] {
        for (does, browses) in [("is found", false), ("and browses all day", true)] {
            let Day { sent, octets, heard, used, deadlines } = day(hosts, browses);
            println!("| {name}; {does} | {sent} | {octets} | {heard} | {used} | {deadlines} |");
        }
    }
}
