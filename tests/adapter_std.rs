//! The socket adapter on this machine's loopback: no rights, no network and no IPv6 needed.
//!
//! Other tests use the same port and group at the same time, so each one here listens for its own datagrams only.
//! What happens on real links (changes, other interfaces, neighbours) is tried in `neighbours`.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::os::fd::AsFd;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use dotlocal::adapter::std::{Link, LinkError, PollSet, Traffic, interfaces, wait};
use dotlocal::mdns::{
    Config, Endpoint, EndpointStorage, Event, Families, Querier, QuerierEvent, QuerierStorage, Responder,
    ResponderEvent, ResponderStorage, Until,
};
use dotlocal::{Destination, Meta};

const LOCALHOST: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

fn open(families: Families) -> Link {
    Link::open("lo", families).unwrap()
}

/// A datagram that no other test, and no other run of this one, sends.
fn mine(text: &str) -> Vec<u8> {
    format!("{text}, {}", std::process::id()).into_bytes()
}

/// Waits up to five seconds for the datagram `wanted` on `link`.
fn hear(link: &mut Link, wanted: &[u8]) -> Option<Meta> {
    hear_within(link, wanted, Duration::from_secs(5))
}

fn hear_within(link: &mut Link, wanted: &[u8], limit: Duration) -> Option<Meta> {
    let end = Instant::now() + limit;
    let mut buf = [0; 1500];
    loop {
        while let Some((meta, len)) = link.receive(&mut buf).unwrap() {
            if &buf[..len] == wanted {
                return Some(meta);
            }
        }
        let left = end.checked_duration_since(Instant::now())?;
        wait(&[link], &[], Some(left)).unwrap();
    }
}

// M-5.1-1, M-15-1
#[test]
fn two_links_on_one_machine_hear_each_others_multicast_and_their_own() {
    let mut links = [open(Families::V4), open(Families::V4)];
    let datagram = mine("from the first of two");
    links[0].send(Destination::Multicast, &datagram);
    for link in &mut links {
        let meta = hear(link, &datagram).unwrap();
        assert_eq!(meta, Meta::mdns(SocketAddr::new(LOCALHOST, 5353), true));
    }
}

#[test]
fn a_multicast_goes_out_once_on_each_family_that_works() {
    let mut hearer = open(Families::Both);
    let sender = open(Families::Both);
    let datagram = mine("once a family");
    sender.send(Destination::Multicast, &datagram);
    let mut sources = Vec::new();
    while let Some(meta) = hear_within(&mut hearer, &datagram, Duration::from_millis(300)) {
        assert!(meta.multicast);
        sources.push(meta.source.ip());
    }
    let (v4, v6): (Vec<IpAddr>, Vec<IpAddr>) = sources.into_iter().partition(IpAddr::is_ipv4);
    assert_eq!(v4, [LOCALHOST]);
    assert!(v6.len() <= 1, "{v6:?}");
}

#[test]
fn what_was_sent_to_our_address_is_told_from_multicast() {
    let mut link = open(Families::V4);
    let question = mine("to one host");
    // Unicast reaches only one of the sockets on the port, and other tests have theirs: ask from many ports.
    let heard = (0..500).find_map(|_| {
        let asker = UdpSocket::bind((LOCALHOST, 0)).unwrap();
        asker.send_to(&question, (LOCALHOST, 5353)).unwrap();
        let meta = hear_within(&mut link, &question, Duration::from_millis(20))?;
        Some((meta, asker))
    });
    let (meta, asker) = heard.expect("one of 500 datagrams");
    assert!(!meta.multicast);
    assert_eq!(meta.source.ip(), LOCALHOST);
    if meta.source == asker.local_addr().unwrap() {
        link.send(Destination::Unicast(meta.source), b"the reply");
        asker.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        let mut buf = [0; 100];
        let (len, from) = asker.recv_from(&mut buf).unwrap();
        assert_eq!((&buf[..len], from), (&b"the reply"[..], SocketAddr::new(LOCALHOST, 5353)));
    }
}

/// RFC 2181 section 4.1. All of 127.0.0.0/8 is ours; the system alone would reply from 127.0.0.1.
#[test]
fn a_unicast_reply_leaves_from_the_address_that_was_asked() {
    let mut link = open(Families::V4);
    let ours = IpAddr::from([127, 0, 0, 53]);
    let question = mine("to another address");
    let asker = (0..500).find_map(|_| {
        let asker = UdpSocket::bind((LOCALHOST, 0)).unwrap();
        asker.send_to(&question, (ours, 5353)).unwrap();
        let meta = hear_within(&mut link, &question, Duration::from_millis(20))?;
        (meta.source == asker.local_addr().unwrap()).then_some(asker)
    });
    let asker = asker.expect("one of 500 datagrams");
    link.send(Destination::Unicast(asker.local_addr().unwrap()), b"the reply");
    asker.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let (_, from) = asker.recv_from(&mut [0; 100]).unwrap();
    assert_eq!(from, SocketAddr::new(ours, 5353));
}

/// Who asks so would get as many answers as there are hosts, and we have no such address to answer from.
#[test]
fn what_was_broadcast_is_not_heard() {
    let mut link = open(Families::V4);
    let asker = UdpSocket::bind((LOCALHOST, 0)).unwrap();
    asker.set_broadcast(true).unwrap();
    let question = mine("to all hosts of 127/8");
    asker.send_to(&question, "127.255.255.255:5353").unwrap();
    assert_eq!(hear_within(&mut link, &question, Duration::from_millis(300)), None);
}

// M-5.1-1
#[test]
fn a_one_shot_query_from_another_port_is_heard_with_that_port() {
    let mut link = open(Families::V4);
    let asker = UdpSocket::bind((LOCALHOST, 0)).unwrap();
    let question = mine("one shot");
    asker.send_to(&question, "224.0.0.251:5353").unwrap();
    let meta = hear(&mut link, &question).unwrap();
    assert!(meta.multicast);
    assert_eq!(meta.source, asker.local_addr().unwrap());
}

#[test]
fn a_datagram_longer_than_the_buffer_is_handed_on_cut() {
    let mut link = open(Families::V4);
    let sender = open(Families::V4);
    sender.send(Destination::Multicast, &[b'y'; 600]);
    let end = Instant::now() + Duration::from_secs(5);
    let mut buf = [0; 512];
    loop {
        assert!(Instant::now() < end);
        wait(&[&link], &[], Some(Duration::from_millis(100))).unwrap();
        if let Some((_, len)) = link.receive(&mut buf).unwrap()
            && buf.starts_with(b"yyyy")
        {
            assert_eq!(len, 512);
            break;
        }
    }
}

#[test]
fn an_interface_that_is_not_there_is_named_in_the_error() {
    let error = Link::open("no-such-link0", Families::Both).unwrap_err();
    assert!(matches!(&error, LinkError::NoSuchInterface { name } if name == "no-such-link0"));
    assert_eq!(
        error.to_string(),
        "there is no network interface \"no-such-link0\": choose one that the system lists"
    );
}

// M-15.1-1
#[test]
fn of_two_links_on_one_port_both_know_that_it_is_shared() {
    let first = open(Families::V4);
    let second = open(Families::V4);
    assert!(second.port_is_shared());
    assert!(first.port_is_shared(), "the first was alone when it was opened, and is not any more");
}

#[test]
fn only_the_wanted_families_have_addresses() {
    let v4 = open(Families::V4);
    assert!(v4.addresses().contains(&(LOCALHOST, 8)));
    assert!(v4.addresses().iter().all(|(address, _)| address.is_ipv4()));
    assert!(open(Families::Both).addresses().contains(&(LOCALHOST, 8)));
    // Loopback has no multicast on IPv6 unless somebody has made a route for it.
    match Link::open("lo", Families::V6) {
        Ok(link) => assert!(link.addresses().iter().all(|(address, _)| address.is_ipv6())),
        Err(error) => {
            assert!(matches!(error, LinkError::NoMulticast { ref name, .. } if name == "lo"), "{error}")
        }
    }
}

#[test]
fn the_interfaces_of_this_machine_are_listed_with_loopback_among_them() {
    let all = interfaces().unwrap();
    let lo = all.iter().find(|interface| interface.name == "lo").unwrap();
    assert!(lo.loopback && lo.up);
    assert!(lo.addresses.contains(&(LOCALHOST, 8)));
    let link = open(Families::V4);
    assert_eq!((link.name(), link.index(), link.is_up()), ("lo", lo.index, true));
}

#[test]
fn waiting_ends_with_the_time_and_not_before() {
    let link = open(Families::V4);
    let quiet = Duration::from_micros(1_500);
    // Other tests' datagrams may end a wait early; they are left unread, so each round gets a link of its own.
    let waited = (0..100).any(|_| {
        let link = open(Families::V4);
        let start = Instant::now();
        wait(&[&link], &[], Some(quiet)).unwrap();
        start.elapsed() >= quiet
    });
    assert!(waited);
    let earlier = link.now();
    wait(&[], &[], Some(Duration::from_millis(30))).unwrap();
    assert!((30..10_000).contains(&link.now().millis_since(earlier)));
}

#[test]
fn waiting_ends_with_a_datagram_and_with_input_of_the_caller() {
    let link = open(Families::V4);
    let start = Instant::now();
    open(Families::V4).send(Destination::Multicast, b"wake up");
    wait(&[&link], &[], Some(Duration::from_secs(60))).unwrap();

    let (mine, theirs) = (UdpSocket::bind((LOCALHOST, 0)).unwrap(), UdpSocket::bind((LOCALHOST, 0)).unwrap());
    theirs.send_to(b"x", mine.local_addr().unwrap()).unwrap();
    wait(&[], &[mine.as_fd()], None).unwrap();
    assert!(start.elapsed() < Duration::from_secs(60));
}

#[test]
fn a_trace_is_told_of_each_datagram_both_ways() {
    let mut link = open(Families::V4);
    let (told, telling) = mpsc::channel();
    let datagram = mine("traced");
    let traced = datagram.clone();
    link.set_trace(Some(Box::new(move |traffic, bytes| {
        if bytes == traced {
            let _ = told.send(match traffic {
                Traffic::Sent(to) => format!("sent {to:?}"),
                Traffic::Received(meta) => format!("received from {}", meta.source),
                Traffic::Unsent(to, error) => format!("not sent {to:?}: {error}"),
                Traffic::Unreachable(..) => "not of a link".to_owned(),
            });
        }
    })));
    link.send(Destination::Multicast, &datagram);
    hear(&mut link, &datagram).unwrap();
    // Not a family of this link: nobody tries to send it.
    link.send(Destination::Unicast("[2001:db8::1]:5353".parse().unwrap()), &datagram);
    link.set_trace(None);
    link.send(Destination::Multicast, &datagram);
    assert_eq!(telling.iter().collect::<Vec<_>>(), ["sent Multicast", "received from 127.0.0.1:5353"]);
}

#[test]
fn nothing_has_changed_on_a_quiet_machine() {
    let mut link = open(Families::V4);
    assert_eq!(link.changed().unwrap(), None);
}

/// Turns until the endpoint has its host name.
fn establish(link: &mut Link, endpoint: &mut Endpoint<'_, '_>) {
    let (end, mut is_ours) = (Instant::now() + Duration::from_secs(10), false);
    while !is_ours {
        assert!(Instant::now() < end, "no name in ten seconds");
        let mut on_event = |_: &mut Endpoint<'_, '_>, event| {
            is_ours |= matches!(event, Event::Responder(ResponderEvent::Established(_)));
        };
        link.turn(endpoint, &mut on_event).unwrap();
        if !is_ours {
            let set = PollSet::new().link(link).due(endpoint.poll_timeout());
            set.at_most(Duration::from_secs(1)).wait().unwrap();
        }
    }
}

#[test]
fn each_endpoint_that_comes_after_another_on_one_link_is_told_the_addresses() {
    let mut link = open(Families::V4);
    for number in ["first", "second"] {
        let host = format!("adapter-{number}-{}", std::process::id());
        let mut storage = EndpointStorage::<8, 1, 0, 0, 0>::new();
        let mut endpoint = Endpoint::new(&mut storage, Config::new(3).unicast_answers(false));
        endpoint.set_hostname(&host).unwrap();
        establish(&mut link, &mut endpoint);
    }
}

/// Else nobody could connect to what was found there: the docs' own loops say nothing of scopes.
#[test]
fn link_local_addresses_that_an_endpoint_finds_have_the_scope_of_its_link() {
    let mut link = open(Families::V4);
    let mut storage = EndpointStorage::<8, 1, 0, 0, 0>::new();
    let mut endpoint = Endpoint::new(&mut storage, Config::new(5).unicast_answers(false));
    link.update(&mut endpoint).unwrap();
    let expected = format!("[fe80::7%{}]:631", link.index());
    assert_eq!(endpoint.socket_addr("fe80::7".parse().unwrap(), 631).to_string(), expected);
    assert_eq!(endpoint.socket_addr(LOCALHOST, 631), (LOCALHOST, 631).into());
}

#[test]
fn more_addresses_than_there_is_room_for_are_told_once_and_hold_up_nothing() {
    let mut link = open(Families::V4);
    let mut storage = EndpointStorage::<0, 2, 0, 0, 0>::new();
    let mut endpoint = Endpoint::new(&mut storage, Config::new(4).unicast_answers(false));
    // Another host has addresses of its own.
    let host = format!("adapter-room-{}", std::process::id());
    endpoint.register_host(&host, &[LOCALHOST]).unwrap();
    let mut told = Vec::new();
    let error = link.turn(&mut endpoint, &mut |_, event| told.push(event)).unwrap_err();
    assert!(error.to_string().contains("room for 0 addresses"), "{error}");
    // The turn has done its work, and there is one for the next too.
    assert!(matches!(told[..], [Event::Responder(ResponderEvent::Probing(_))]), "{told:?}");
    link.turn(&mut endpoint, &mut |_, _| {}).unwrap();
}

#[test]
fn an_endpoint_on_a_link_is_found_by_another_one() {
    let host = format!("adapter-test-{}", std::process::id());
    let mut links = [open(Families::V4), open(Families::V4)];
    let (mut first, mut second) =
        (EndpointStorage::<8, 1, 0, 0, 0>::new(), EndpointStorage::<8, 1, 0, 1, 512>::new());
    let config = |seed, link: &Link| Config::new(seed).unicast_answers(!link.port_is_shared());
    let mut endpoints =
        [Endpoint::new(&mut first, config(1, &links[0])), Endpoint::new(&mut second, config(2, &links[1]))];
    endpoints[0].set_hostname(&host).unwrap();
    endpoints[1]
        .lookup(&format!("{host}.local"), Families::V4, Until::Answered { timeout_millis: 10_000 })
        .unwrap();

    // Nobody says which addresses there are: the links tell their endpoints.
    let mut found = None;
    let end = Instant::now() + Duration::from_secs(10);
    while found.is_none() {
        assert!(Instant::now() < end, "nothing found in ten seconds");
        for (link, endpoint) in links.iter_mut().zip(&mut endpoints) {
            link.turn(endpoint, &mut |_, event| {
                if let Event::Querier(QuerierEvent::Address { address, .. }) = event {
                    found = Some(address);
                }
            })
            .unwrap();
        }
        let now = links[0].now();
        let sleep =
            endpoints.iter().filter_map(Endpoint::poll_timeout).map(|due| due.millis_until(now)).min();
        wait(&links.each_ref(), &[], sleep.map(|millis| Duration::from_millis(millis.into()))).unwrap();
    }
    assert_eq!(found, Some(LOCALHOST));
}

#[test]
fn a_responder_alone_is_found_by_a_querier_alone() {
    let host = format!("adapter-alone-{}", std::process::id());
    let mut links = [open(Families::V4), open(Families::V4)];
    let (mut names, mut finds) = (ResponderStorage::<8, 1, 0>::new(), QuerierStorage::<1, 512>::new());
    let mut responder = Responder::new(&mut names, Config::new(1).unicast_answers(false));
    let mut querier = Querier::new(&mut finds, Config::new(2));
    responder.set_hostname(&host).unwrap();
    querier.lookup(&format!("{host}.local"), Families::V4, Until::Cancelled).unwrap();
    let (end, mut found) = (Instant::now() + Duration::from_secs(15), None);
    while found.is_none() {
        assert!(Instant::now() < end, "not found in fifteen seconds");
        let [first, second] = &mut links;
        first.turn(&mut responder, &mut |_, _| {}).unwrap();
        let mut on_event = |_: &mut Querier<'_>, event| {
            if let QuerierEvent::Address { address, .. } = event {
                found = Some(address);
            }
        };
        second.turn(&mut querier, &mut on_event).unwrap();
        let set = PollSet::new().link(first).link(second);
        let set = set.due(responder.poll_timeout()).due(querier.poll_timeout());
        set.at_most(Duration::from_millis(100)).wait().unwrap();
    }
    assert_eq!(found, Some(LOCALHOST));
}
