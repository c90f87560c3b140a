//! Whom a lookup asks, by what was typed.

use dotlocal::lookup::{Event, Failure, InvalidName, LookupError, Reserved, Search, Source};
use dotlocal::name;
use dotlocal::name::Name;
use dotlocal::{Families, Meta, mdns};

use crate::desk::Desk;
use crate::lab::soa;
use crate::support::octets::{Compression, encode};
use crate::support::{Msg, NEIGHBOUR};

// R-LIT-1
#[test]
fn addresses_are_found_at_once_and_nobody_is_asked() {
    for (typed, found) in [
        ("192.168.1.20", "192.168.1.20:80"),
        ("2001:db8::7", "[2001:db8::7]:80"),
        ("fe80::1%2", "[fe80::1%2]:80"),
        // Without a scope that of the link is meant.
        ("fe80::1", "[fe80::1%3]:80"),
    ] {
        let mut t = Desk::new();
        let lookup = t.lookup(typed);
        t.found(lookup, true, &[found]);
        assert_eq!(t.names.source(lookup), Some(Source::Literal));
        assert_eq!(t.names.addresses(lookup).next().unwrap().ttl_secs, None);
        t.at(10_000);
        assert_eq!((t.questions(), t.heard()), (vec![], vec![]));
    }
    let mut t = Desk::new();
    let lookup = t.lookup_with("192.168.1.20", Families::V6);
    t.failed(lookup, Failure::NoSuchFamily);
    for (typed, error) in [
        ("1.2.3", LookupError::Name(InvalidName::Number)),
        ("0x7f.1", LookupError::Name(InvalidName::Number)),
        ("", LookupError::Name(InvalidName::Empty)),
        ("fe80::1%eth0", LookupError::Interface),
        ("münchen.example", LookupError::Name(InvalidName::NonAscii)),
    ] {
        assert_eq!(t.names.lookup(typed, 80, Families::Both, 5_000), Err(error), "{typed}");
    }
}

// R-6761-1
#[test]
fn localhost_is_this_device_and_nobody_is_asked() {
    for typed in ["localhost", "LOCALHOST.", "a.localhost"] {
        let mut t = Desk::new();
        let lookup = t.lookup(typed);
        t.found(lookup, true, &["[::1]:80", "127.0.0.1:80"]);
        assert_eq!(t.names.source(lookup), Some(Source::Local));
        let lookup = t.lookup_with(typed, Families::V4);
        t.found(lookup, true, &["127.0.0.1:80"]);
        t.at(10_000);
        assert_eq!((t.questions(), t.heard()), (vec![], vec![]));
    }
}

// R-6761-1, R-7686-1
#[test]
fn names_that_exist_nowhere_are_not_asked_for() {
    for (typed, reserved) in
        [("x.invalid", Reserved::Invalid), ("abc.onion", Reserved::Onion), ("local", Reserved::Local)]
    {
        let mut t = Desk::new();
        let lookup = t.lookup(typed);
        t.failed(lookup, Failure::Nowhere(reserved));
        t.at(10_000);
        assert_eq!((t.questions(), t.heard()), (vec![], vec![]));
    }
    // These are names like others.
    for typed in ["cam.test", "cam.example", "cam.home.arpa", "20.1.168.192.in-addr.arpa"] {
        let mut t = Desk::new();
        t.lookup_with(typed, Families::V4);
        assert_eq!((t.questions(), t.heard()), (vec![format!("{typed} a")], vec![]));
    }
}

// M-3-1, M-4-1
#[test]
fn names_of_the_link_are_asked_for_by_multicast_alone() {
    let mut t = Desk::new();
    let lookup = t.lookup("printer.local");
    assert_eq!(t.heard(), ["? printer.local A QU, printer.local AAAA QU".replace(" QU", "")]);
    t.at(40).hear("! printer.local 120 flush A 192.0.2.20");
    assert_eq!(t.told, []);
    t.at(90).found(lookup, false, &["192.0.2.20:80"]);
    assert_eq!(t.names.source(lookup), Some(Source::Multicast));
    t.at(300).hear("! printer.local 120 flush AAAA fe80::20");
    t.found(lookup, true, &["[fe80::20%3]:80", "192.0.2.20:80"]);
    assert_eq!(
        t.names.addresses(lookup).map(|found| found.ttl_secs).collect::<Vec<_>>(),
        [Some(120), Some(119)]
    );
    t.at(60_000);
    assert_eq!(t.questions(), [""; 0]);
    // IPv6 alone in the beginning is told at once.
    let mut t = Desk::new();
    let lookup = t.lookup("door.local");
    t.at(40).hear("! door.local 120 flush AAAA fe80::21");
    t.found(lookup, false, &["[fe80::21%3]:80"]);
    t.at(1_040).found(lookup, true, &["[fe80::21%3]:80"]);
    // Once IPv4 was told, more of it is told at once.
    let mut t = Desk::new();
    let lookup = t.lookup("gate.local");
    t.at(40).hear("! gate.local 120 flush A 192.0.2.22");
    t.at(90).found(lookup, false, &["192.0.2.22:80"]);
    t.at(100).hear("! gate.local 120 flush A 192.0.2.22, gate.local 120 flush A 192.0.2.23");
    t.found(lookup, false, &["192.0.2.22:80", "192.0.2.23:80"]);
    // What comes together is told at once.
    let mut t = Desk::new();
    let lookup = t.lookup_with("hub.local", Families::V4);
    let all = [1, 2, 3, 4].map(|last| format!("192.0.2.{last}"));
    t.at(40).hear(&format!("! {}", all.clone().map(|ip| format!("hub.local 120 flush A {ip}")).join(", ")));
    let all = all.map(|ip| format!("{ip}:80"));
    t.found(lookup, true, &all.each_ref().map(String::as_str));
    // Nobody is there.
    let mut t = Desk::new();
    let lookup = t.lookup("nobody.local");
    t.at(5_000).failed(lookup, Failure::Link(mdns::LookupFailure::Timeout));
    t.lookup("7.1.254.169.in-addr.arpa");
    assert_eq!(t.questions(), [""; 0]);
}

#[test]
fn names_of_the_table_are_known_to_this_device() {
    const HOSTS: [(Name<'static>, core::net::IpAddr); 3] = [
        (name!("hub"), core::net::IpAddr::V4(core::net::Ipv4Addr::new(192, 0, 2, 1))),
        (name!("api.example"), core::net::IpAddr::V4(core::net::Ipv4Addr::new(192, 0, 2, 2))),
        (name!("hub"), core::net::IpAddr::V6(core::net::Ipv6Addr::LOCALHOST)),
    ];
    let mut t = Desk::new();
    t.names.set_hosts(&HOSTS);
    let lookup = t.lookup("HUB");
    t.found(lookup, true, &["[::1]:80", "192.0.2.1:80"]);
    assert_eq!(t.names.source(lookup), Some(Source::Local));
    let lookup = t.lookup_with("api.example.", Families::V6);
    t.failed(lookup, Failure::NoSuchFamily);
    assert_eq!((t.questions(), t.heard()), (vec![], vec![]));
    // It says nothing of others.
    t.lookup_with("door.example", Families::V4);
    assert_eq!(t.questions(), ["door.example a"]);
}

#[test]
fn names_of_the_internet_are_asked_for_at_the_servers() {
    let mut t = Desk::new();
    let lookup = t.lookup("api.example");
    assert_eq!(t.heard(), [""; 0]);
    t.at(20).answer("api.example a", "| ans api.example 60 CNAME edge.example, edge.example 30 A 192.0.2.20");
    t.answer(
        "api.example aaaa",
        "| ans api.example 60 CNAME edge.example, edge.example 30 AAAA 2001:db8::20",
    );
    t.found(lookup, true, &["[2001:db8::20]:80", "192.0.2.20:80"]);
    assert_eq!(t.names.source(lookup), Some(Source::Unicast));
    assert_eq!(t.names.canonical_name(lookup).unwrap(), name!("edge.example"));
    assert_eq!(t.names.addresses(lookup).next().unwrap().ttl_secs, Some(30));
    t.names.cancel(lookup);
    assert_eq!(t.names.canonical_name(lookup), None);
    // What is left is counted to the millisecond, and rounded once.
    t.at(1_400);
    let late = t.lookup("api.example");
    t.found(late, true, &["[2001:db8::20]:80", "192.0.2.20:80"]);
    assert_eq!(t.names.addresses(late).next().unwrap().ttl_secs, Some(28));
    t.at(2_000);
    assert_eq!(t.names.addresses(late).next().unwrap().ttl_secs, Some(28));
    t.names.cancel(late);
    // A stale handle is nobody's.
    assert_eq!((t.addresses(lookup), t.names.source(lookup)), (vec![], None));
    let next = t.lookup("api.example");
    t.names.cancel(lookup);
    t.found(next, true, &["[2001:db8::20]:80", "192.0.2.20:80"]);
    t.names.cancel(next);
    // Its slots are free again.
    for _ in 0..10 {
        let lookup = t.lookup("api.example");
        t.found(lookup, true, &["[2001:db8::20]:80", "192.0.2.20:80"]);
        t.names.cancel(lookup);
    }
}

const DOMAINS: [Name<'static>; 2] = [name!("lab.example"), name!("example")];

// R-SEARCH-1
#[test]
fn short_names_are_looked_for_in_the_search_list_and_on_the_link_in_the_end() {
    let no_such = |t: &mut Desk, name: &str| {
        t.reply(&format!("{name} a"), 0x8183, &format!("| auth {}", soa("example.", 60, 60)));
    };
    let mut t = Desk::new();
    t.names.set_search(Search::new(&DOMAINS).or_local(true));
    let lookup = t.lookup_with("cam", Families::V4);
    no_such(&mut t, "cam.lab.example");
    no_such(&mut t, "cam.example");
    t.reply("cam. a", 0x8183, "");
    assert_eq!(t.heard(), ["? cam.local A"]);
    t.at(20).hear("! cam.local 120 flush A 192.0.2.7");
    t.found(lookup, true, &["192.0.2.7:80"]);
    assert_eq!(t.names.source(lookup), Some(Source::Multicast));
    t.names.cancel(lookup);
    // The first that is there ends it.
    let lookup = t.lookup_with("door", Families::V4);
    no_such(&mut t, "door.lab.example");
    t.answer("door.example a", "| ans door.example 60 A 192.0.2.8");
    t.found(lookup, true, &["192.0.2.8:80"]);
    t.names.cancel(lookup);
    // A dot at the end: that one alone.
    let lookup = t.lookup_with("gate.", Families::V4);
    t.reply("gate. a", 0x8183, "");
    t.failed(lookup, Failure::Servers(dotlocal::resolver::Failure::NoName));
    assert_eq!((t.questions(), t.heard()), (vec![], vec![]));
}

#[test]
fn what_is_told_apart_is_told_by_its_own_call_and_what_nobody_reads_holds_up_no_lookup() {
    let mut t = Desk::new();
    // Of a request of its own the querier tells something at once, and nobody reads it.
    let until = mdns::Until::Answered { timeout_millis: 1 };
    let unread = t.names.multicast().lookup("nobody.local", Families::V4, until).unwrap();
    let lookups = ["printer.local", "192.168.1.20"].map(|name| {
        let lookup = t.names.lookup(name, 80, Families::V4, 5_000).unwrap();
        t.names.tell_apart(lookup);
        lookup
    });
    let mut buf = [0; 1_440];
    for millis in [0, 200] {
        t.now = millis;
        t.names.handle_timeout(t.instant());
        while t.names.poll_transmit(t.instant(), &mut buf).is_some() {}
    }
    let message: Msg = "! printer.local 120 flush A 192.0.2.20".parse().unwrap();
    let octets = encode(&message, Compression::Suffixes);
    t.names.handle_datagram(t.instant(), Meta::mdns(NEIGHBOUR, true), &octets);
    for lookup in lookups {
        let found = Event::Found { lookup, is_complete: true };
        assert_eq!((t.names.poll_event_of(lookup), t.names.poll_event_of(lookup)), (Some(found), None));
    }
    assert_eq!(t.addresses(lookups[0]), ["192.0.2.20:80"]);
    let reason = mdns::LookupFailure::Timeout;
    let unread = mdns::QuerierEvent::Failed { request: unread, reason };
    assert_eq!(t.names.poll_event(), Some(Event::Multicast(unread)));
    assert_eq!(t.names.poll_event(), None);
    t.names.cancel(lookups[1]);
    let local = t.names.lookup("localhost", 80, Families::V4, 5_000).unwrap();
    t.names.tell_apart(local);
    t.names.handle_timeout(t.instant());
    assert_eq!(t.names.poll_event(), None);
    assert!(t.names.poll_event_of(local).is_some());
}
