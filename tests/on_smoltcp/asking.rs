//! Names of all kinds on one link: those of the link by multicast, all others by a DNS server.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};

use dotlocal::Families;
use dotlocal::adapter::smoltcp::{Link, LinkStorage, ServerStorage};
use dotlocal::lookup::{Event, LookupId, LookupStorage, Lookups};
use dotlocal::mdns::{self, Endpoint, EndpointStorage};
use dotlocal::resolver::{self, Resolver, ResolverStorage};
use smoltcp::iface::{Interface, SocketSet, SocketStorage};
use smoltcp::time::{Duration, Instant};

use super::board::{self, Port, V4, V6, leak};
use super::frames::{self, BOARD, Sent};

const SERVER: &str = "192.0.2.1:53";

type Told = Event<mdns::Event>;

/// A board that looks names up: two sockets to ask servers, room for datagrams of 512 octets from them.
pub struct Desk {
    pub millis: i64,
    pub port: Port,
    pub interface: Interface,
    pub sockets: SocketSet<'static>,
    pub link: Link<2>,
    pub names: Lookups<'static, 'static, Endpoint<'static, 'static>>,
    events: Vec<Told>,
}

/// A query that went to a server: when, from where, what.
pub struct Asked {
    at: i64,
    from: SocketAddr,
    octets: Vec<u8>,
}

impl Desk {
    fn new() -> Self {
        Self::with::<0, 512>()
    }

    /// With room for a stream, and for the octets of queries in each socket.
    pub fn with<const STREAM: usize, const SENT: usize>() -> Self {
        let mut port = Port::new();
        let mut interface = board::interface(&mut port, BOARD);
        board::set_addresses(&mut interface, &[V4, V6]);
        let mut sockets = SocketSet::new(&mut leak([SocketStorage::EMPTY; 5])[..]);
        let buffers = leak(LinkStorage::<1500, 1440>::new());
        let link = Link::with_servers(&mut sockets, buffers, leak(ServerStorage::<2, 512, SENT>::new()));
        let mut drawn = 0x1234_5678_u32;
        let draw = leak(move || {
            drawn = drawn.wrapping_mul(0x9E37_79B9).wrapping_add(0x7F4A_7C15);
            drawn ^ (drawn >> 15)
        });
        let storage = leak(ResolverStorage::<2, 4, 2048, STREAM>::new());
        let resolver = Resolver::new(storage, draw, resolver::Config::new());
        let storage = leak(EndpointStorage::<2, 1, 0, 2, 1024>::new());
        let endpoint = Endpoint::new(storage, mdns::Config::new(7));
        let mut names = Lookups::new(leak(LookupStorage::<4, 4, 2>::new()), endpoint, resolver);
        names.resolver().set_servers(&[SERVER.parse().unwrap()]).unwrap();
        names.multicast().set_hostname("cam").unwrap();
        let mut desk = Self { millis: 5_000, port, interface, sockets, link, names, events: Vec::new() };
        desk.run(5_000);
        desk
    }

    pub fn turn(&mut self) {
        let events = &mut self.events;
        let now = Instant::from_millis(self.millis);
        let on_event = &mut |_: &mut _, event| events.push(event);
        let (link, names) = (&mut self.link, &mut self.names);
        link.turn(now, &mut self.interface, &mut self.port, &mut self.sockets, names, on_event).unwrap();
    }

    /// Goes on for so long; whoever is asked for its hardware address says it.
    pub fn run(&mut self, millis: i64) -> Vec<(i64, Sent)> {
        let (start, end) = (self.millis, self.millis + millis);
        let mut sent = Vec::new();
        for _ in 0..10_000 {
            self.turn();
            let frames: Vec<_> =
                self.port.from_board.drain(..).filter_map(|frame| frames::read(&frame)).collect();
            for frame in &frames {
                if let Sent::WhoHas(host @ IpAddr::V4(_)) = frame {
                    let ours = self.interface.ipv4_addr().unwrap();
                    self.port.to_board.push_back(frames::is_at(ours.into(), *host));
                }
            }
            sent.extend(frames.into_iter().map(|frame| (self.millis - start, frame)));
            let delay = if self.port.to_board.is_empty() {
                self.delay().map_or(i64::MAX, |delay| delay.total_millis() as i64)
            } else {
                0
            };
            if delay > end - self.millis {
                self.millis = end;
                return sent;
            }
            self.millis += delay;
        }
        panic!("the loop does not sleep");
    }

    pub fn delay(&mut self) -> Option<Duration> {
        let now = Instant::from_millis(self.millis);
        self.link.poll_delay(now, &mut self.interface, &self.sockets, &self.names)
    }

    pub fn look_up(&mut self, name: &str) -> LookupId {
        self.names.lookup(name, 80, Families::V4, 5_000).unwrap()
    }

    pub fn answer(&mut self, asked: &Asked, flags: u16, addresses: &[[u8; 4]]) {
        let octets = reply(&asked.octets, flags, addresses);
        self.port.to_board.push_back(frames::datagram(SERVER.parse().unwrap(), asked.from, &octets));
    }

    pub fn found(&self, lookup: LookupId) -> Vec<String> {
        self.names.addresses(lookup).map(|found| found.address.to_string()).collect()
    }
}

pub fn asked(sent: &[(i64, Sent)]) -> Vec<Asked> {
    let of_server = |(at, frame): &(i64, Sent)| match frame {
        Sent::Datagram { from, to, octets, .. } if *to == SERVER.parse().unwrap() => {
            Some(Asked { at: *at, from: *from, octets: octets.clone() })
        }
        _ => None,
    };
    sent.iter().filter_map(of_server).collect()
}

/// A reply with these addresses, and the question as it was asked.
pub fn reply(query: &[u8], flags: u16, addresses: &[[u8; 4]]) -> Vec<u8> {
    let mut end = 12;
    while query[end] != 0 {
        end += usize::from(query[end]) + 1;
    }
    let counts = [flags, 1, addresses.len() as u16, 0, 0].map(u16::to_be_bytes).concat();
    let mut octets = [&query[..2], &counts, &query[12..end + 5]].concat();
    for address in addresses {
        octets.extend([0xC0, 12, 0, 1, 0, 1, 0, 0, 1, 0, 0, 4]);
        octets.extend(address);
    }
    octets
}

pub const ANSWER: u16 = 0x8180;
pub const CUT: u16 = 0x8380;
const AAAA: u8 = 28;

#[test]
fn a_name_of_the_internet_is_asked_of_the_server_from_a_port_of_its_own() {
    let mut desk = Desk::new();
    let [one, two] = ["one.example", "two.example"].map(|name| desk.look_up(name));
    let sent = asked(&desk.run(10));
    assert_eq!(sent.len(), 2);
    assert_ne!(sent[0].from.port(), sent[1].from.port());
    assert!(sent.iter().all(|asked| asked.from.ip() == V4.parse::<IpAddr>().unwrap()));
    // A stranger at the port is not heard, nor is the server at another one.
    let stranger = reply(&sent[0].octets, ANSWER, &[[203, 0, 113, 66]]);
    desk.port.to_board.push_back(frames::datagram("192.0.2.66:53".parse().unwrap(), sent[0].from, &stranger));
    let mut elsewhere = sent[0].from;
    elsewhere.set_port(9);
    desk.port.to_board.push_back(frames::datagram(SERVER.parse().unwrap(), elsewhere, &stranger));
    desk.run(10);
    assert!(desk.found(one).is_empty() && desk.found(two).is_empty());
    for asked in &sent {
        let last = asked.octets[13].to_ascii_lowercase();
        desk.answer(asked, ANSWER, &[[203, 0, 113, last]]);
    }
    desk.run(100);
    assert_eq!(desk.found(one), ["203.0.113.111:80"]);
    assert_eq!(desk.found(two), ["203.0.113.116:80"]);
    let is_found = |event: &&Told| matches!(event, Event::Found { .. });
    assert_eq!(desk.events.iter().filter(is_found).count(), 2);
    // Its sockets serve the next ones, from other ports, and what is asked again.
    for name in ["three.example", "four.example"] {
        desk.look_up(name);
    }
    let more = asked(&desk.run(10));
    let ports: BTreeSet<_> = sent.iter().chain(&more).map(|asked| asked.from.port()).collect();
    assert_eq!((more.len(), ports.len()), (2, 4));
    let again = asked(&desk.run(1_500));
    assert!(again.len() >= 2 && again.iter().all(|asked| ports.contains(&asked.from.port())));
    assert_eq!(desk.link.counters().unsent, 0);
}

#[test]
fn an_empty_datagram_does_not_say_that_the_server_cannot_be_reached() {
    let mut desk = Desk::new();
    let lookup = desk.look_up("one.example");
    let sent = asked(&desk.run(10));
    desk.port.to_board.push_back(frames::datagram(SERVER.parse().unwrap(), sent[0].from, &[]));
    desk.run(10);
    desk.answer(&sent[0], ANSWER, &[[203, 0, 113, 7]]);
    desk.run(10);
    assert_eq!(desk.found(lookup), ["203.0.113.7:80"]);
}

#[test]
fn names_of_the_link_are_asked_of_the_link_and_our_own_is_answered_for() {
    let mut desk = Desk::new();
    let printer = desk.look_up("printer.local");
    let sent = desk.run(1_000);
    assert!(asked(&sent).is_empty());
    let to_group = |(_, frame): &&(i64, Sent)| match frame {
        Sent::Datagram { to, .. } => to.ip().is_multicast(),
        _ => false,
    };
    assert!(sent.iter().filter(to_group).count() >= 2);
    let mut answer = vec![0, 0, 0x84, 0, 0, 0, 0, 1, 0, 0, 0, 0];
    answer.extend(b"\x07printer\x05local\0\0\x01\x80\x01\0\0\0\x78\0\x04\xC0\0\x02\x09");
    let (from, group) = ("192.0.2.9:5353".parse().unwrap(), "224.0.0.251:5353".parse().unwrap());
    desk.port.to_board.push_back(frames::datagram(from, group, &answer));
    desk.run(100);
    assert_eq!(desk.found(printer), ["192.0.2.9:80"]);
    // The endpoint below was told the addresses, and is found.
    let query = board::query("cam.local", false);
    desk.port.to_board.push_back(frames::datagram(from, group, &query));
    assert!(desk.run(500).iter().any(|sent| to_group(&sent)));
}

#[test]
fn more_queries_than_sockets_wait_for_their_turn() {
    let mut desk = Desk::new();
    let names = ["one.example", "two.example", "three.example"];
    let lookups = names.map(|name| desk.look_up(name));
    let sent = asked(&desk.run(10));
    assert_eq!((sent.len(), desk.link.counters().unsent), (2, 1));
    sent.iter().for_each(|asked| desk.answer(asked, ANSWER, &[[203, 0, 113, 1]]));
    // The third is asked anew by its schedule, when the others have theirs.
    let sent = asked(&desk.run(4_000));
    assert!(!sent.is_empty() && sent[0].at > 100, "{}", sent.len());
    desk.answer(sent.last().unwrap(), ANSWER, &[[203, 0, 113, 3]]);
    desk.run(100);
    assert_eq!(lookups.map(|lookup| desk.found(lookup).len()), [1, 1, 1]);
}

#[test]
fn a_query_that_is_longer_than_its_socket_holds_leaves_the_port_to_the_next_one() {
    // Two of a kind draw the same ports.
    let [ports, few] = [Desk::new(), Desk::with::<0, 64>()].map(|mut desk| {
        desk.look_up("a-name-that-is-too-long-by-far-for-so-small-a-socket.example");
        let long = desk.run(10);
        desk.look_up("one.example");
        let sent = asked(&desk.run(10));
        assert_eq!(asked(&long).len() as u32 + desk.link.counters().unsent, 1);
        assert_eq!(sent.len(), 1);
        (sent[0].from.port(), sent[0].octets.clone())
    });
    assert_eq!(ports, few);
}

#[test]
fn with_other_addresses_all_is_asked_anew() {
    let mut desk = Desk::new();
    let lookup = desk.look_up("one.example");
    let before = asked(&desk.run(10));
    assert_eq!(before.len(), 1);
    // The hardware address of the server is asked for a second after it was asked for last, at the earliest.
    desk.run(990);
    board::set_addresses(&mut desk.interface, &["192.0.2.17"]);
    let sent = asked(&desk.run(10));
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].from.ip(), "192.0.2.17".parse::<IpAddr>().unwrap());
    assert_ne!(sent[0].from.port(), before[0].from.port(), "it is more than a repetition");
    desk.answer(&sent[0], ANSWER, &[[203, 0, 113, 1]]);
    desk.run(100);
    assert_eq!(desk.found(lookup), ["203.0.113.1:80"]);
}

#[test]
fn addresses_come_in_the_order_of_those_that_the_interface_has() {
    let mut desk = Desk::new();
    let lookup = desk.names.lookup("both.example", 80, Families::Both, 5_000).unwrap();
    for asked in asked(&desk.run(10)) {
        let mut octets = reply(&asked.octets, ANSWER, &[[203, 0, 113, 1]]);
        // Behind the header and the name stands the type.
        if octets[12 + "\x04both\x07example\0".len() + 1] == AAAA {
            octets.truncate(octets.len() - 16);
            octets.extend([0xC0, 12, 0, AAAA, 0, 1, 0, 0, 1, 0, 0, 16, 0x20, 1, 0xD, 0xB8]);
            octets.extend([9; 12]);
        }
        desk.port.to_board.push_back(frames::datagram(SERVER.parse().unwrap(), asked.from, &octets));
    }
    desk.run(500);
    // It has no IPv6 address that reaches further than the link.
    let found = desk.found(lookup);
    assert!(found.len() == 2 && found[0] == "203.0.113.1:80", "{found:?}");
}

#[test]
fn what_another_poll_has_taken_in_is_handed_in_by_the_next_turn() {
    let mut desk = Desk::new();
    let lookup = desk.look_up("one.example");
    let sent = asked(&desk.run(10));
    desk.answer(&sent[0], ANSWER, &[[203, 0, 113, 1]]);
    let now = Instant::from_millis(desk.millis);
    desk.interface.poll(now, &mut desk.port, &mut desk.sockets);
    desk.run(0);
    assert_eq!(desk.found(lookup), ["203.0.113.1:80"]);
    // By its delay alone.
    desk.look_up("two.example");
    let sent = asked(&desk.run(10));
    assert_ne!(desk.delay(), Some(Duration::ZERO));
    desk.answer(&sent[0], ANSWER, &[[203, 0, 113, 2]]);
    desk.interface.poll(now, &mut desk.port, &mut desk.sockets);
    assert_eq!(desk.delay(), Some(Duration::ZERO));
}

/// Without TCP what came by UDP is used.
#[test]
fn an_answer_that_is_cut_counts_as_far_as_it_came() {
    let mut desk = Desk::new();
    let [part, none] = ["part.example", "none.example"].map(|name| desk.look_up(name));
    let sent = asked(&desk.run(10));
    desk.answer(&sent[0], CUT, &[[203, 0, 113, 1]]);
    desk.answer(&sent[1], CUT, &[]);
    assert!(asked(&desk.run(1_000)).is_empty());
    assert_eq!(desk.found(part), ["203.0.113.1:80"]);
    assert!(desk.events.iter().any(|event| matches!(event, Event::Failed { lookup, .. } if *lookup == none)));
}

/// A resolver that was given room for a stream asks by TCP; where the link has none it is told that nobody is there, and
/// does not wait for it.
#[test]
fn what_is_asked_by_tcp_reaches_nobody() {
    let mut desk = Desk::with::<512, 512>();
    let lookup = desk.look_up("part.example");
    let sent = asked(&desk.run(10));
    desk.answer(&sent[0], CUT, &[]);
    let again = asked(&desk.run(500));
    assert_eq!(again.len(), 1, "by UDP, at once");
    desk.answer(&again[0], ANSWER, &[[203, 0, 113, 1]]);
    desk.run(100);
    assert_eq!(desk.found(lookup), ["203.0.113.1:80"]);
}

#[test]
fn after_the_link_was_down_all_is_asked_anew() {
    let mut desk = Desk::new();
    let lookup = desk.look_up("one.example");
    assert_eq!(asked(&desk.run(10)).len(), 1);
    desk.link.link_down();
    desk.run(10);
    desk.link.link_up();
    let sent = asked(&desk.run(50));
    assert_eq!(sent.len(), 1);
    desk.answer(&sent[0], ANSWER, &[[203, 0, 113, 1]]);
    desk.run(100);
    assert_eq!(desk.found(lookup), ["203.0.113.1:80"]);
}

#[test]
fn the_link_comes_and_goes_for_the_endpoint_below_too() {
    let mut desk = Desk::new();
    desk.link.link_down();
    desk.look_up("printer.local");
    assert_eq!(desk.run(2_000), []);
    desk.link.link_up();
    let claims = |(_, frame): &&(i64, Sent)| match frame {
        Sent::Datagram { octets, .. } => octets.windows(5).any(|label| label == b"\x03cam\x05"),
        _ => false,
    };
    // Three probes and two announcements of each family.
    assert_eq!(desk.run(5_000).iter().filter(claims).count(), 10);
}

/// Of a device without multicast DNS.
#[test]
fn a_resolver_alone_asks_anew_with_other_addresses_and_on_another_link() {
    let mut desk = Desk::new();
    let mut source = 7_u32;
    let mut draw = || {
        source = source.wrapping_mul(0x9E37_79B9).wrapping_add(0x7F4A_7C15);
        source
    };
    let mut storage = ResolverStorage::<1, 1, 512, 0>::new();
    let mut resolver = Resolver::new(&mut storage, &mut draw, resolver::Config::new());
    resolver.set_servers(&[SERVER.parse().unwrap()]).unwrap();
    resolver.lookup("one.example", Families::V4, 60_000).unwrap();
    let mut from = Vec::new();
    let changes: [fn(&mut Desk); 3] = [
        |_| {},
        |desk| board::set_addresses(&mut desk.interface, &["192.0.2.17"]),
        |desk| desk.link.link_up(),
    ];
    for change in changes {
        // The hardware address of the server is asked for once a second.
        desk.millis += 1_001;
        change(&mut desk);
        for _ in 0..3 {
            let now = Instant::from_millis(desk.millis);
            let Desk { link, interface, port, sockets, .. } = &mut desk;
            link.turn(now, interface, port, sockets, &mut resolver, &mut |_, _| {}).unwrap();
            let frames = desk.port.from_board.drain(..).filter_map(|frame| frames::read(&frame));
            let sent: Vec<_> = frames.map(|frame| (desk.millis, frame)).collect();
            from.extend(asked(&sent).iter().map(|asked| asked.from));
            let ours = desk.interface.ipv4_addr().unwrap();
            desk.port.to_board.push_back(frames::is_at(ours.into(), "192.0.2.1".parse().unwrap()));
        }
    }
    let addresses: Vec<_> = from.iter().map(|from| from.ip().to_string()).collect();
    assert_eq!(addresses, [V4, "192.0.2.17", "192.0.2.17"]);
    // What is only repeated comes from the port of before.
    let ports: BTreeSet<_> = from.iter().map(SocketAddr::port).collect();
    assert_eq!(ports.len(), 3);
}
