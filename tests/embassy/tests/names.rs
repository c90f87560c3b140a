//! Lookups of all names on a wire, with a virtual clock, and servers on stacks of their own.

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use dotlocal::Families;
use dotlocal::adapter::embassy::{self, Mdns, Names, NamesResources, NotFound, link_local};
use dotlocal::lookup::{Failure, LookupError, LookupStorage, Lookups, Source};
use dotlocal::mdns::{self, Endpoint, EndpointStorage, QuerierEvent, Until};
use dotlocal::resolver::{self, Resolver, ResolverStorage};
use dotlocal_embassy::world::{World, leak, v4};
use embassy_net::Stack;
use embassy_net::tcp::TcpSocket;
use embassy_net::udp::{PacketMetadata, UdpSocket};
use embassy_time::{Duration, with_timeout};

/// A board that looks names up, without addresses.
struct Desk {
    mdns: Mdns<'static, Names<'static>>,
    stack: Stack<'static>,
    runner: usize,
    /// How many numbers were drawn.
    drawn: Arc<AtomicU32>,
}

fn desk<const QUERIES: usize>(world: &mut World) -> Desk {
    desk_with_room::<2, QUERIES>(world)
}

/// One whose endpoint has room for some addresses.
fn desk_with_room<const ADDRESSES: usize, const QUERIES: usize>(world: &mut World) -> Desk {
    let (stack, _) = world.stack();
    let drawn = Arc::new(AtomicU32::new(0));
    let draws = Arc::clone(&drawn);
    let random = leak(move || {
        let draw = draws.fetch_add(1, Ordering::Relaxed) + 1;
        draw.wrapping_mul(0x9E37_79B9).rotate_left(11)
    });
    let endpoint = leak(EndpointStorage::new());
    let endpoint = Endpoint::new::<ADDRESSES, 2, 0, 3, 2048, 2>(endpoint, mdns::Config::new(7));
    let resolver = leak(ResolverStorage::<1, 3, 2048, 1024>::new());
    let resolver = Resolver::new(resolver, random, resolver::Config::new());
    let names = Lookups::new(leak(LookupStorage::<3, 4>::new()), endpoint, resolver);
    let resources = leak(NamesResources::<'static, QUERIES>::new());
    let (mdns, mut runner) = embassy::with_lookups(stack, resources, names).unwrap();
    let runner = world.tasks.start(async move { runner.run().await });
    // Whoever reads the rest does not get what is told of lookups.
    world.tasks.start(async move {
        loop {
            mdns.next_event().await;
        }
    });
    Desk { mdns, stack, runner, drawn }
}

/// What became of a lookup, and when.
type Outcome = Rc<RefCell<Option<Result<Vec<SocketAddr>, NotFound>>>>;

fn lookup(world: &mut World, desk: &Desk, name: &'static str) -> Outcome {
    let outcome = Outcome::default();
    let (seen, mdns) = (Rc::clone(&outcome), desk.mdns);
    world.tasks.start(async move {
        let found = mdns.lookup(name, 80, Families::V4, 5_000).await;
        *seen.borrow_mut() = Some(found.map(|found| {
            mdns.with_lookups(|names| names.addresses(found.id()).map(|found| found.address).collect())
        }));
    });
    outcome
}

fn expect(world: &mut World, desk: &Desk, name: &'static str, address: &str) {
    let outcome = lookup(world, desk, name);
    world.until(name, 5_500, || outcome.borrow().is_some());
    assert_eq!(outcome.take(), Some(Ok(vec![address.parse().unwrap()])), "{name}");
}

/// A server at 192.0.2.`last` that has one address for all names, and counts the queries by UDP and TCP.
fn server(world: &mut World, last: u8, address: [u8; 4]) -> Rc<Cell<(u32, u32)>> {
    let (stack, asked) = server_by_udp(world, last, address);
    let by_tcp = Rc::clone(&asked);
    world.tasks.start(async move {
        let mut socket = TcpSocket::new(stack, leak([0; 1024]), leak([0; 1024]));
        loop {
            socket.accept(53).await.unwrap();
            by_tcp.set((by_tcp.get().0, by_tcp.get().1 + 1));
            let mut buf = [0; 512];
            let mut len = 0;
            while len < 2 || len < 2 + usize::from(u16::from_be_bytes([buf[0], buf[1]])) {
                len += socket.read(&mut buf[len..]).await.unwrap();
            }
            let reply = reply(&buf[2..len], address, false);
            let octets = [&(reply.len() as u16).to_be_bytes()[..], &reply].concat();
            // In two pieces.
            for piece in octets.chunks(20) {
                assert_eq!(socket.write(piece).await, Ok(piece.len()));
                socket.flush().await.unwrap();
            }
            let _ = with_timeout(Duration::from_secs(1), socket.read(&mut buf)).await;
            socket.abort();
            let _ = socket.flush().await;
        }
    });
    asked
}

/// The same without TCP, but the answers for names that begin with `t` are cut.
fn server_by_udp(world: &mut World, last: u8, address: [u8; 4]) -> (Stack<'static>, Rc<Cell<(u32, u32)>>) {
    let stack = world.stack_at(last);
    let asked = Rc::new(Cell::new((0, 0)));
    let by_udp = Rc::clone(&asked);
    world.tasks.start(async move {
        let (rx_meta, tx_meta) = (leak([PacketMetadata::EMPTY; 4]), leak([PacketMetadata::EMPTY; 4]));
        let mut socket = UdpSocket::new(stack, rx_meta, leak([0; 2048]), tx_meta, leak([0; 2048]));
        socket.bind(53).unwrap();
        let mut buf = [0; 512];
        loop {
            let (len, from) = socket.recv_from(&mut buf).await.unwrap();
            by_udp.set((by_udp.get().0 + 1, by_udp.get().1));
            let is_cut = buf[13].eq_ignore_ascii_case(&b't');
            socket.send_to(&reply(&buf[..len], address, is_cut), from.endpoint).await.unwrap();
        }
    });
    (stack, asked)
}

/// The answer to a query for one name.
fn reply(query: &[u8], address: [u8; 4], is_cut: bool) -> Vec<u8> {
    let end = 12 + query[12..].iter().position(|octet| *octet == 0).unwrap() + 5;
    let mut octets = query[..end].to_vec();
    octets[2] = 0x81 | if is_cut { 2 } else { 0 };
    octets[3] = 0x80;
    octets[6..12].copy_from_slice(&[0, u8::from(!is_cut), 0, 0, 0, 0]);
    if !is_cut {
        octets.extend([0xC0, 12, 0, 1, 0, 1, 0, 0, 1, 44, 0, 4]);
        octets.extend(address);
    }
    octets
}

#[test]
fn each_name_is_looked_up_where_it_is_known() {
    let mut world = World::begin();
    let cam = world.named_board("cam");
    let asked = server(&mut world, 53, [198, 51, 100, 7]);
    let desk = desk::<4>(&mut world);
    desk.stack.set_config_v4(v4(50, &[53]));
    world.pass(2_000);
    expect(&mut world, &desk, "192.0.2.77", "192.0.2.77:80");
    expect(&mut world, &desk, "localhost", "127.0.0.1:80");
    expect(&mut world, &desk, "cam.local", &format!("{}:80", cam.v4()));
    assert_eq!((asked.get(), desk.drawn.load(Ordering::Relaxed)), ((0, 0), 0));
    expect(&mut world, &desk, "api.example.com", "198.51.100.7:80");
    assert_eq!(asked.get(), (1, 0));
    // What was cut comes by TCP.
    expect(&mut world, &desk, "tall.example.com", "198.51.100.7:80");
    assert_eq!(asked.get(), (2, 1));
    expect(&mut world, &desk, "tiny.example.com", "198.51.100.7:80");
    assert_eq!(asked.get(), (3, 2));

    let found = Rc::new(Cell::new(None));
    let (seen, mdns) = (Rc::clone(&found), desk.mdns);
    world.tasks.start(async move {
        let found = mdns.lookup("api.example.com", 443, Families::V4, 5_000).await.unwrap();
        seen.set(Some((found.source(), found.next_address())));
    });
    world.pass(100);
    assert_eq!(found.get(), Some((Some(Source::Unicast), Some("198.51.100.7:443".parse().unwrap()))));
}

#[test]
fn an_endpoint_with_room_for_one_address_has_that_of_ipv4() {
    let mut world = World::begin();
    let desk = desk_with_room::<1, 1>(&mut world);
    desk.stack.set_config_v6(link_local([2, 0, 0, 0, 0, 1]));
    desk.stack.set_config_v4(v4(50, &[]));
    desk.mdns.set_hostname("desk").unwrap();
    let asking = world.board();
    asking.set_v4(51);
    world.pass(3_000);
    let found = Rc::new(RefCell::new(Vec::new()));
    let seen = Rc::clone(&found);
    world.tasks.start(async move {
        let until = Until::Answered { timeout_millis: 1_000 };
        let mut request =
            asking.mdns.request(|mdns| mdns.lookup("desk.local", Families::Both, until)).unwrap();
        while let Some(event) = request.next().await {
            if let QuerierEvent::Address { address, .. } = event {
                seen.borrow_mut().push(address.to_string());
            }
        }
    });
    world.pass(1_500);
    assert_eq!(found.take(), ["192.0.2.50"]);
}

#[test]
fn the_servers_are_those_of_the_stack() {
    let mut world = World::begin();
    let desk = desk::<2>(&mut world);
    // A stack without addresses has no servers, and no number is drawn before there is one.
    let outcome = lookup(&mut world, &desk, "none.example.com");
    world.pass(4_990);
    assert_eq!(outcome.take(), None);
    world.pass(20);
    let none = NotFound::Failed(Failure::Servers(resolver::Failure::NoServers));
    assert_eq!((outcome.take(), desk.drawn.load(Ordering::Relaxed)), (Some(Err(none)), 0));
    let outcome = lookup(&mut world, &desk, "api.example.com");
    server(&mut world, 53, [198, 51, 100, 7]);
    server(&mut world, 54, [198, 51, 100, 8]);
    world.pass(2_000);
    // More than the resolver has room for: the first counts.
    desk.stack.set_config_v4(v4(50, &[53, 54]));
    world.pass(700);
    assert_eq!(outcome.take(), Some(Ok(vec!["198.51.100.7:80".parse().unwrap()])));
    desk.stack.set_config_v4(v4(50, &[54]));
    world.pass(100);
    expect(&mut world, &desk, "other.example.com", "198.51.100.8:80");
    // What was known is asked for again on another network.
    desk.stack.set_config_v4(v4(51, &[54]));
    world.pass(100);
    expect(&mut world, &desk, "api.example.com", "198.51.100.8:80");
}

#[test]
fn a_server_that_is_not_there_is_told_in_time_and_keeps_nobody_awake() {
    let mut world = World::begin();
    let desk = desk::<2>(&mut world);
    desk.stack.set_config_v4(v4(50, &[99]));
    world.pass(100);
    let outcome = lookup(&mut world, &desk, "api.example.com");
    world.pass(4_900);
    assert_eq!(outcome.take(), None);
    world.pass(200);
    let timeout = NotFound::Failed(Failure::Servers(resolver::Failure::Timeout { servers: 1 }));
    assert_eq!(outcome.take(), Some(Err(timeout)));
    let polls = world.tasks.polls(desk.runner);
    world.pass(60_000);
    assert!(world.tasks.polls(desk.runner) - polls < 10);
}

#[test]
fn a_server_without_tcp_is_told_at_once_and_holds_up_nobody() {
    let mut world = World::begin();
    server_by_udp(&mut world, 53, [198, 51, 100, 7]);
    let desk = desk::<2>(&mut world);
    desk.stack.set_config_v4(v4(50, &[53]));
    world.pass(100);
    for _ in 0..2 {
        let outcome = lookup(&mut world, &desk, "tall.example.com");
        expect(&mut world, &desk, "api.example.com", "198.51.100.7:80");
        world.pass(100);
        assert!(matches!(outcome.take(), Some(Err(NotFound::Failed(Failure::Servers(_))))));
    }
}

#[test]
fn fewer_sockets_than_queries_take_longer_and_lose_nothing() {
    let mut world = World::begin();
    server(&mut world, 53, [198, 51, 100, 7]);
    let desk = desk::<1>(&mut world);
    desk.stack.set_config_v4(v4(50, &[53]));
    world.pass(100);
    let outcomes =
        ["a.example.com", "b.example.com", "c.example.com"].map(|name| lookup(&mut world, &desk, name));
    world.pass(5_500);
    for outcome in outcomes {
        assert_eq!(outcome.take(), Some(Ok(vec!["198.51.100.7:80".parse().unwrap()])));
    }
}

#[test]
fn a_lookup_that_is_dropped_or_has_failed_leaves_its_place_to_others() {
    let mut world = World::begin();
    let desk = desk::<2>(&mut world);
    desk.stack.set_config_v4(v4(50, &[99]));
    world.pass(100);
    for _ in 0..3 {
        let mdns = desk.mdns;
        let tasks = ["a.example.com", "b.local", "c.example.com"].map(|name| {
            world.tasks.start(async move { drop(mdns.lookup(name, 80, Families::Both, 5_000).await) })
        });
        world.pass(500);
        let outcome = lookup(&mut world, &desk, "d.example.com");
        world.pass(10);
        assert_eq!(outcome.take(), Some(Err(NotFound::Refused(LookupError::Full { capacity: 3 }))));
        tasks.iter().for_each(|task| world.tasks.end(*task));
    }
    for name in ["a.example.com", "b.local", "c.example.com", "x.invalid"] {
        let outcome = lookup(&mut world, &desk, name);
        world.pass(6_000);
        assert!(matches!(outcome.take(), Some(Err(NotFound::Failed(_)))), "{name}");
    }
}

#[test]
fn addresses_that_fail_are_asked_for_anew() {
    let mut world = World::begin();
    let asked = server(&mut world, 53, [198, 51, 100, 7]);
    let desk = desk::<2>(&mut world);
    desk.stack.set_config_v4(v4(50, &[53]));
    world.pass(100);
    let tried = Rc::<RefCell<Vec<_>>>::default();
    let (seen, mdns) = (Rc::clone(&tried), desk.mdns);
    world.tasks.start(async move {
        let mut found = mdns.lookup("api.example.com", 80, Families::V4, 5_000).await.unwrap();
        for _ in 0..2 {
            while let Some(address) = found.next_address() {
                seen.borrow_mut().push(address);
                found.failed(address);
            }
            assert_eq!(found.next().await, Ok(true));
        }
    });
    world.pass(3_000);
    assert_eq!(tried.borrow().len(), 2);
    assert_eq!(asked.get(), (3, 0));
}
