//! The sockets of a resolver on this machine's loopback, with servers that the tests speak for: no network needed, and rights
//! for one test only, which is skipped without. Real servers are asked in `neighbours`.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

use std::env;
use std::ffi::OsStr;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, UdpSocket};
use std::process::Command;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use dotlocal::adapter::std::{Link, PollSet, Random, ResolverSockets, Traffic, now, server_address};
use dotlocal::lookup::{self, LookupStorage, Lookups};
use dotlocal::mdns::{self, Endpoint, EndpointStorage};
use dotlocal::resolver::{Config, Event, Failure, Resolver, ResolverStorage};
use dotlocal::{Channel, Destination, Families, Meta, Transmit};

use server::{Server, TC, a, nobody, reply};

#[path = "loopback/errors.rs"]
mod errors;
#[path = "loopback/server.rs"]
mod server;

/// What a lookup waits for at most, in milliseconds: no test here waits so long.
const TIMEOUT: u32 = 20_000;

/// The addresses that are told, or why there are none. What is drawn is `random`, if that is given.
fn look_up(
    servers: &[SocketAddr],
    random: Option<u32>,
    sockets: &mut ResolverSockets,
) -> Result<Vec<String>, Failure> {
    let mut source = Random::open().unwrap();
    let mut draw = || random.unwrap_or_else(|| source.draw());
    let mut storage = ResolverStorage::<3, 1, 1024, 1024>::new();
    let mut resolver = Resolver::new(&mut storage, &mut draw, Config::new());
    resolver.set_servers(servers).unwrap();
    resolver.lookup("cam.example", Families::V4, TIMEOUT).unwrap();
    let end = Instant::now() + Duration::from_millis(TIMEOUT.into());
    let mut told = None;
    while told.is_none() {
        assert!(Instant::now() < end, "the machine tells nothing");
        let mut on_event = |resolver: &mut Resolver<'_>, event| {
            told = Some(match event {
                Event::Found { request, .. } => {
                    Ok(resolver.addresses(request).map(|found| found.address.to_string()).collect())
                }
                Event::Failed { failure, .. } => Err(failure),
            });
        };
        sockets.turn(&mut resolver, &mut on_event).unwrap();
        if told.is_none() {
            PollSet::new().resolver(sockets).due(resolver.poll_timeout()).wait().unwrap();
        }
    }
    told.unwrap()
}

fn looked_up(servers: &[SocketAddr]) -> Result<Vec<String>, Failure> {
    look_up(servers, None, &mut ResolverSockets::new())
}

#[test]
fn a_server_is_asked_over_ipv4_and_ipv6() {
    assert_eq!(looked_up(&[Server::new().serves_addresses()]).unwrap(), ["192.0.2.7"]);
    if UdpSocket::bind((Ipv6Addr::LOCALHOST, 0)).is_ok() {
        assert_eq!(looked_up(&[Server::at(Ipv6Addr::LOCALHOST).serves_addresses()]).unwrap(), ["192.0.2.7"]);
    }
}

#[test]
fn a_server_may_be_written_as_a_mapped_address_or_with_a_scope_that_it_does_not_need() {
    if UdpSocket::bind((Ipv6Addr::LOCALHOST, 0)).is_err() {
        return;
    }
    let mapped = |server: SocketAddr| format!("[::ffff:{}]:{}", server.ip(), server.port());
    let by_udp = server_address(&mapped(Server::new().serves_addresses())).unwrap();
    assert_eq!(looked_up(&[by_udp]).unwrap(), ["192.0.2.7"]);
    let by_tcp = Server::new().then_by_tcp(|stream, query| {
        let reply = reply(query, 0, &a(7));
        stream.write_all(&[&(reply.len() as u16).to_be_bytes(), reply.as_slice()].concat()).unwrap();
    });
    assert_eq!(looked_up(&[server_address(&mapped(by_tcp)).unwrap()]).unwrap(), ["192.0.2.7"]);
    let scoped = Server::at(Ipv6Addr::LOCALHOST).serves_addresses();
    let scoped = server_address(&format!("[::1%lo]:{}", scoped.port())).unwrap();
    assert_eq!(looked_up(&[scoped]).unwrap(), ["192.0.2.7"]);
}

// R-5452-1
#[test]
fn a_query_leaves_from_the_port_that_was_drawn_or_from_another_one_where_that_is_taken() {
    // A port that is free now; others of this machine may take it at any time.
    let drawn = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).unwrap().local_addr().unwrap().port();
    let random = Some(0x1234_0000 | u32::from(drawn));
    for is_taken in [false, true] {
        let holder = is_taken.then(|| UdpSocket::bind((Ipv4Addr::UNSPECIFIED, drawn)).unwrap());
        let server = Server::new();
        let (address, heard) = (server.address, mpsc::channel());
        let (tell, told) = heard;
        thread::spawn(move || {
            let (query, from) = server.asked();
            tell.send((query[0], query[1], from.port())).unwrap();
            server.udp.send_to(&reply(&query, 0, &a(7)), from).unwrap();
        });
        let mut sockets = ResolverSockets::new();
        assert_eq!(look_up(&[address], random, &mut sockets).unwrap(), ["192.0.2.7"]);
        let (high, low, port) = told.recv().unwrap();
        assert_eq!(([high, low], port == drawn), ([0x12, 0x34], !is_taken));
        drop(holder);
        // What is done is closed.
        UdpSocket::bind((Ipv4Addr::UNSPECIFIED, drawn)).unwrap();
    }
}

#[test]
fn what_others_send_and_datagrams_without_octets_end_nothing() {
    let server = Server::new();
    let address = server.address;
    thread::spawn(move || {
        let (query, from) = server.asked();
        let stranger = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        stranger.send_to(&reply(&query, 0, &a(66)), from).unwrap();
        stranger.send_to(&[], from).unwrap();
        server.udp.send_to(&[], from).unwrap();
        server.udp.send_to(&reply(&query, 0, &a(7)), from).unwrap();
    });
    assert_eq!(looked_up(&[address]).unwrap(), ["192.0.2.7"]);
}

// R-7766-1
#[test]
fn an_answer_comes_by_tcp_an_octet_at_a_time() {
    let address = Server::new().then_by_tcp(|stream, query| {
        let reply = reply(query, 0, &a(7));
        for octet in [&(reply.len() as u16).to_be_bytes(), reply.as_slice()].concat() {
            stream.write_all(&[octet]).unwrap();
            thread::sleep(Duration::from_millis(1));
        }
        // It stays open until the other side closes it.
        assert_eq!(stream.read(&mut [0]).unwrap(), 0);
    });
    assert_eq!(looked_up(&[address]).unwrap(), ["192.0.2.7"]);
}

#[test]
fn a_connection_that_ends_in_the_middle_leaves_what_came_by_udp() {
    for is_reset in [false, true] {
        let address = Server::new().then_by_tcp(move |stream, query| {
            stream.write_all(&[0, 44]).unwrap();
            stream.write_all(&reply(query, 0, &a(7))[..20]).unwrap();
            if is_reset {
                // What is left unread makes it a reset.
                socket2::SockRef::from(&*stream).set_linger(Some(Duration::ZERO)).unwrap();
            }
        });
        let start = Instant::now();
        assert_eq!(looked_up(&[address]).unwrap(), ["192.0.2.1"]);
        assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    }
}

#[test]
fn a_connection_that_is_refused_leaves_what_came_by_udp() {
    let server = Server::new();
    let address = server.address;
    thread::spawn(move || {
        for _ in 0..2 {
            let (query, from) = server.asked();
            server.udp.send_to(&reply(&query, TC, &a(1)), from).unwrap();
        }
    });
    let start = Instant::now();
    assert_eq!(looked_up(&[address]).unwrap(), ["192.0.2.1"]);
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}

#[test]
fn where_nobody_is_at_the_port_the_next_server_is_asked_at_once() {
    let (_holder, nobody) = nobody();
    let start = Instant::now();
    assert_eq!(looked_up(&[nobody, Server::new().serves_addresses()]).unwrap(), ["192.0.2.7"]);
    assert!(start.elapsed() < Duration::from_millis(900), "{:?}", start.elapsed());
    assert_eq!(looked_up(&[nobody]), Err(Failure::Unreachable { servers: 1 }));
    // An address of a link needs to be told which link.
    let no_scope = "[fe80::1]:53".parse().unwrap();
    assert_eq!(looked_up(&[no_scope, nobody]), Err(Failure::Unreachable { servers: 2 }));
}

#[test]
fn a_connection_is_sent_to_as_it_takes_octets() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let server = listener.local_addr().unwrap();
    // More than the system keeps for either side.
    let long = vec![7; 16 << 20];
    let expected = long.clone();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut heard = vec![0; expected.len()];
        stream.read_exact(&mut heard).unwrap();
        assert!(heard == expected);
        stream.write_all(b"all").unwrap();
    });
    let (start, mut buf) = (Instant::now(), [0; 512]);
    let mut sockets = ResolverSockets::new();
    let channel = Channel::Tcp(0);
    sockets.send(&Transmit { to: Destination::Unicast(server), channel, bytes: &long });
    let received = loop {
        if let Some(received) = sockets.receive(&mut buf).unwrap() {
            break received;
        }
        PollSet::new().resolver(&sockets).at_most(Duration::from_secs(10)).wait().unwrap();
    };
    assert_eq!((received, &buf[..3]), ((Meta::server(server, channel), 3), b"all".as_slice()));
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
}

#[test]
fn one_sleep_serves_links_and_resolvers() {
    let mut link = Link::open("lo", Families::V4).unwrap();
    let mut sockets = ResolverSockets::new();
    let server = Server::new();
    let to = Destination::Unicast(server.address);
    let channel = Channel::Udp(0);
    let start = Instant::now();
    sockets.send(&Transmit { to, channel, bytes: b"query" });
    let (_, from) = server.asked();
    // Others of this machine may speak on the link too: what comes there is read away.
    let mut buf = [0; 512];
    let mut received = None;
    server.udp.send_to(b"reply", from).unwrap();
    while received.is_none() && start.elapsed() < Duration::from_secs(10) {
        PollSet::new().link(&link).resolver(&sockets).at_most(Duration::from_secs(10)).wait().unwrap();
        while link.receive(&mut buf).unwrap().is_some() {}
        received = sockets.receive(&mut buf).unwrap();
    }
    assert_eq!(received, Some((Meta::server(server.address, channel), 5)));
    assert!(buf.starts_with(b"reply"));
    link.send(Destination::Multicast, b"wake up");
    PollSet::new().link(&link).resolver(&sockets).at_most(Duration::from_secs(60)).wait().unwrap();
    assert!(start.elapsed() < Duration::from_secs(10));

    // A refusal at once is no sleep.
    let nowhere = Destination::Unicast("[fe80::1]:53".parse().unwrap());
    sockets.send(&Transmit { to: nowhere, channel, bytes: b"query" });
    PollSet::new().resolver(&sockets).at_most(Duration::from_secs(60)).wait().unwrap();
    assert_eq!(
        sockets.receive(&mut buf).unwrap(),
        Some((Meta::server("[fe80::1]:53".parse().unwrap(), channel), 0))
    );
    assert!(start.elapsed() < Duration::from_secs(10));
    let due = now().after(30);
    PollSet::new()
        .resolver(&sockets)
        .at_most(Duration::from_secs(60))
        .due(Some(due))
        .due(None)
        .wait()
        .unwrap();
    assert!(due.is_due(now()));
    assert!(start.elapsed() < Duration::from_secs(10));
}

#[test]
fn a_server_that_cannot_be_reached_closes_the_socket_of_no_other() {
    let (server, channel) = (Server::new(), Channel::Udp(0));
    let nowhere: SocketAddr = "[fe80::1]:53".parse().unwrap();
    let mut sockets = ResolverSockets::new();
    for to in [server.address, nowhere] {
        sockets.send(&Transmit { to: Destination::Unicast(to), channel, bytes: b"query" });
    }
    let mut buf = [0; 512];
    assert_eq!(sockets.receive(&mut buf).unwrap(), Some((Meta::server(nowhere, channel), 0)));
    let (_, from) = server.asked();
    server.udp.send_to(b"reply", from).unwrap();
    PollSet::new().resolver(&sockets).at_most(Duration::from_secs(10)).wait().unwrap();
    assert_eq!(sockets.receive(&mut buf).unwrap(), Some((Meta::server(server.address, channel), 5)));
}

#[test]
fn one_loop_looks_names_up_at_servers_and_on_the_link() {
    let mut link = Link::open("lo", Families::V4).unwrap();
    let (tell, sent) = mpsc::channel();
    link.set_trace(Some(Box::new(move |traffic, _| {
        if let Traffic::Sent(to) = traffic {
            tell.send(to).unwrap();
        }
    })));
    let host = format!("lookups-{}", std::process::id());
    let config = |seed| mdns::Config::new(seed).unicast_answers(false);
    // The host that is looked for speaks on a link of its own.
    let mut other_link = Link::open("lo", Families::V4).unwrap();
    let mut other_storage = EndpointStorage::<8, 1, 0, 0, 0>::new();
    let mut other = Endpoint::new(&mut other_storage, config(1));
    other.set_hostname(&host).unwrap();

    let mut source = Random::open().unwrap();
    let mut draw = || source.draw();
    let mut storage = EndpointStorage::<8, 1, 0, 1, 1024>::new();
    let mut at_servers = ResolverStorage::<1, 1, 1024>::new();
    let mut lookups = LookupStorage::<2, 4, 8>::new();
    let endpoint = Endpoint::new(&mut storage, config(2));
    let resolver = Resolver::new(&mut at_servers, &mut draw, Config::new());
    let mut names = Lookups::new(&mut lookups, endpoint, resolver);
    names.resolver().set_servers(&[Server::new().serves_addresses()]).unwrap();
    let local = names.lookup(&format!("{host}.local"), 80, Families::V4, TIMEOUT).unwrap();
    let unicast = names.lookup("cam.example", 80, Families::V4, TIMEOUT).unwrap();

    let mut sockets = ResolverSockets::new();
    let mut told = Vec::new();
    let end = Instant::now() + Duration::from_millis(TIMEOUT.into());
    while told.len() < 2 {
        assert!(Instant::now() < end, "{told:?}");
        other_link.turn(&mut other, &mut |_, _| {}).unwrap();
        link.update(names.multicast()).unwrap();
        names.set_addresses(link.addresses()).unwrap();
        let on_event = |names: &mut Lookups<'_, '_, _>, event| match event {
            lookup::Event::Found { lookup, is_complete: true } => {
                let found: Vec<_> = names.addresses(lookup).map(|found| found.address.to_string()).collect();
                told.push((lookup, found));
            }
            lookup::Event::Failed { failure, .. } => panic!("{failure}"),
            _ => {}
        };
        sockets.turn_lookups(&mut names, Some(&mut link), on_event).unwrap();
        if told.len() < 2 {
            let set = PollSet::new().link(&other_link).due(other.poll_timeout());
            set.link(&link).resolver(&sockets).due(names.poll_timeout()).wait().unwrap();
        }
    }
    assert_eq!(sent.try_recv(), Ok(Destination::Multicast));
    told.sort_by_key(|(lookup, _)| *lookup == unicast);
    let expected = [(local, vec!["127.0.0.1:80".to_owned()]), (unicast, vec!["192.0.2.7:80".to_owned()])];
    assert_eq!(told, expected);
}

/// Runs this test once more, with a loopback of its own that it may change: `true` in there. `false` when that is done, or
/// where this machine cannot do it.
fn has_own_loopback(test: &str) -> bool {
    const INSIDE: &str = "DOTLOCAL_OWN_LOOPBACK";
    if env::var_os(INSIDE).is_some() {
        return true;
    }
    let unshare =
        |arguments: &[&OsStr]| Command::new("unshare").arg("--net").args(arguments).env(INSIDE, "1").output();
    let up = ["ip", "link", "set", "lo", "up"].map(OsStr::new);
    if !unshare(&up).is_ok_and(|tried| tried.status.success()) {
        eprintln!("{test} skipped: it needs root, and the programs unshare and ip");
        return false;
    }
    let again = r#"ip link set lo up && exec "$0" --exact "$1""#;
    let program = env::current_exe().unwrap();
    let done = unshare(
        &["sh", "-c", again]
            .map(OsStr::new)
            .into_iter()
            .chain([program.as_os_str(), test.as_ref()])
            .collect::<Vec<_>>(),
    )
    .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stdout));
    false
}

#[test]
fn servers_are_asked_anew_where_the_link_has_other_addresses() {
    if !has_own_loopback("servers_are_asked_anew_where_the_link_has_other_addresses") {
        return;
    }
    let mut link = Link::open("lo", Families::V4).unwrap();
    let mut source = Random::open().unwrap();
    let mut draw = || source.draw();
    let mut storage = EndpointStorage::<8, 1, 0, 1, 1024>::new();
    let mut at_servers = ResolverStorage::<1, 1, 1024>::new();
    let mut lookups = LookupStorage::<1, 4, 8>::new();
    let endpoint = Endpoint::new(&mut storage, mdns::Config::new(2));
    let resolver = Resolver::new(&mut at_servers, &mut draw, Config::new());
    let mut names = Lookups::new(&mut lookups, endpoint, resolver);
    let mut asked = 0;
    let server = Server::new().serve(move |_, _| {
        asked += 1;
        Some((0, a(asked)))
    });
    names.resolver().set_servers(&[server]).unwrap();
    let (mut sockets, mut found) = (ResolverSockets::new(), Vec::new());
    for round in 0..3 {
        if round == 2 {
            let added = Command::new("ip").args(["addr", "add", "198.51.100.1/24", "dev", "lo"]).status();
            assert!(added.unwrap().success());
        }
        let lookup = names.lookup("cam.example", 80, Families::V4, TIMEOUT).unwrap();
        while found.len() == round {
            link.update(names.multicast()).unwrap();
            let on_event = |names: &mut Lookups<'_, '_, _>, event| match event {
                lookup::Event::Found { .. } => {
                    found.extend(names.addresses(lookup).map(|found| found.address.to_string()))
                }
                lookup::Event::Failed { failure, .. } => panic!("{failure}"),
                _ => {}
            };
            sockets.turn_lookups(&mut names, Some(&mut link), on_event).unwrap();
            if found.len() == round {
                PollSet::new().link(&link).resolver(&sockets).due(names.poll_timeout()).wait().unwrap();
            }
        }
        names.cancel(lookup);
    }
    assert_eq!(found, ["192.0.2.1:80", "192.0.2.1:80", "192.0.2.2:80"]);
}

#[test]
fn a_trace_is_told_of_all_that_is_sent_received_and_refused() {
    let mut sockets = ResolverSockets::new();
    let (tell, told) = mpsc::channel();
    sockets.set_trace(Some(Box::new(move |traffic, octets| {
        let what = match traffic {
            Traffic::Sent(Destination::Unicast(to)) => format!("sent to {to}"),
            Traffic::Received(meta) => format!("received from {}", meta.source),
            Traffic::Unreachable(server, _) => format!("nobody at {server}"),
            other => format!("{other:?}"),
        };
        tell.send((what, octets.first().copied())).unwrap();
    })));
    let (_holder, nobody) = nobody();
    let server = Server::new().then_by_tcp(|stream, query| {
        let reply = reply(query, 0, &a(7));
        let octets = [&(reply.len() as u16).to_be_bytes(), reply.as_slice()].concat();
        stream.write_all(&octets).unwrap();
    });
    let random = Some(0x1234_FEDC);
    assert_eq!(look_up(&[nobody, server], random, &mut sockets).unwrap(), ["192.0.2.7"]);
    sockets.set_trace(None);
    let told: Vec<_> = told.iter().collect();
    let (sent, received) = (format!("sent to {server}"), format!("received from {server}"));
    let expected = [
        (format!("sent to {nobody}"), Some(0x12)),
        (format!("nobody at {nobody}"), None),
        (sent.clone(), Some(0x12)),
        (received.clone(), Some(0x12)),
        (sent, Some(0x12)),
    ];
    assert_eq!(told[..5], expected);
    assert!(told.len() > 5 && told[5..].iter().all(|(what, _)| *what == received), "{told:?}");
}
