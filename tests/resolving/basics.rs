//! Lookups that go well, and their requests.

use dotlocal::Families;
use dotlocal::resolver::{Event, Failure, RequestError};
use dotlocal::wire::Type;

use crate::lab::{FIRST, Lab, THIRD, TIMEOUT};

#[test]
fn a_host_is_looked_up() {
    let mut t = Lab::new(&[FIRST]);
    t.drain();
    assert_eq!(t.resolver.poll_timeout(), None);
    let lookup = t.lookup("cam.example", Families::V4);
    let asked = t.asked_at(0, FIRST, "cam.example a");
    assert_eq!(asked.payload_size(), Some(1232));
    t.at(30).answer(&asked, "| ans cam.example 300 A 192.0.2.7, cam.example 200 A 192.0.2.8");
    t.found(lookup, true, &["192.0.2.7", "192.0.2.8"]);
    assert_eq!(t.resolver.canonical_name(lookup).unwrap().to_string(), "cam.example");
    assert_eq!(t.resolver.channels().count(), 0);
    assert!(format!("{:?}", t.resolver).contains("state: Found"));
    t.silent_until(20_000);
    // It stays as it was found.
    assert_eq!(t.addresses(lookup).len(), 2);
    t.resolver.cancel(lookup);
    assert_eq!(t.addresses(lookup).len(), 0);
}

// R-8305-1
#[test]
fn a_family_is_not_held_back_for_the_other_one_for_more_than_50_ms() {
    let both = |t: &mut Lab| {
        let lookup = t.lookup("cam.example", Families::Both);
        (lookup, t.asked_at(t.now, FIRST, "cam.example aaaa"), t.asked_at(t.now, FIRST, "cam.example a"))
    };
    // IPv4 first: it waits 50 ms.
    let mut t = Lab::new(&[FIRST]);
    let (lookup, six, four) = both(&mut t);
    t.at(100).answer(&four, "| ans cam.example 300 A 192.0.2.7");
    assert_eq!(t.at(149).told(), []);
    t.at(150).found(lookup, false, &["192.0.2.7"]);
    t.at(400).answer(&six, "| ans cam.example 300 AAAA 2001:db8::7");
    t.found(lookup, true, &["2001:db8::7", "192.0.2.7"]);
    // IPv6 first: that is tried first anyway.
    let mut t = Lab::new(&[FIRST]);
    let (lookup, six, four) = both(&mut t);
    t.at(100).answer(&six, "| ans cam.example 300 AAAA 2001:db8::7");
    t.found(lookup, false, &["2001:db8::7"]);
    t.at(120).answer(&four, "| ans cam.example 300 A 192.0.2.7");
    t.found(lookup, true, &["2001:db8::7", "192.0.2.7"]);
    // Both in time: told once.
    let mut t = Lab::new(&[FIRST]);
    let (lookup, six, four) = both(&mut t);
    t.at(100).answer(&four, "| ans cam.example 300 A 192.0.2.7");
    t.at(149).answer(&six, "| ans cam.example 300 AAAA 2001:db8::7");
    t.found(lookup, true, &["2001:db8::7", "192.0.2.7"]);
    // The other one has nothing.
    let mut t = Lab::new(&[FIRST]);
    let (lookup, six, four) = both(&mut t);
    t.at(100).answer(&four, "| ans cam.example 300 A 192.0.2.7");
    t.at(110).answer(&six, "| auth example 60 SOA \\# 22 00 00 00000000 00000000 00000000 00000000 0000003c");
    t.found(lookup, true, &["192.0.2.7"]);
}

#[test]
fn the_other_family_is_given_up_at_the_deadline() {
    let mut t = Lab::new(&[FIRST]);
    let lookup = t.lookup("cam.example", Families::Both);
    t.asked_at(0, FIRST, "cam.example aaaa");
    let four = t.asked_at(0, FIRST, "cam.example a");
    t.at(10).answer(&four, "| ans cam.example 300 A 192.0.2.7");
    t.at(60).found(lookup, false, &["192.0.2.7"]);
    assert!(t.at(4_999).told().is_empty());
    t.at(5_000).found(lookup, true, &["192.0.2.7"]);
    t.sent();
    t.silent_until(60_000);
}

#[test]
fn a_call_that_brings_the_time_alone_ends_what_is_over() {
    let mut t = Lab::new(&[FIRST]);
    let lookup = t.lookup("cam.example", Families::V4);
    t.now = u64::from(TIMEOUT);
    t.resolver.handle_timeout(t.instant());
    let failure = Failure::Timeout { servers: 1 };
    assert_eq!(t.resolver.poll_event(), Some(Event::Failed { request: lookup, failure }));
}

// R-5452-3, N8
#[test]
fn one_query_is_open_for_one_question_however_many_ask_it() {
    let mut t =
        Lab::with(dotlocal::resolver::ResolverStorage::<1, 16, 4096>::new(), Default::default(), &[FIRST], 3);
    let lookups: Vec<_> = (0..16).map(|_| t.lookup("cam.example", Families::V4)).collect();
    let asked = t.asked_at(0, FIRST, "cam.example a");
    t.silent_until(500).answer(&asked, "| ans cam.example 300 A 192.0.2.7");
    let told: Vec<_> =
        lookups.iter().map(|&request| (500, Event::Found { request, is_complete: true })).collect();
    assert_eq!(t.told(), told);
    for lookup in lookups {
        assert_eq!(t.addresses(lookup), ["192.0.2.7"]);
    }
    t.silent_until(10_000);
}

#[test]
fn a_cancelled_request_ends_all_traffic_for_it_alone() {
    let mut t = Lab::new(&[FIRST]);
    let one = t.lookup("cam.example", Families::V4);
    let other = t.lookup("cam.example", Families::V4);
    let asked = t.asked_at(0, FIRST, "cam.example a");
    t.resolver.cancel(one);
    t.at(10).answer(&asked, "| ans cam.example 300 A 192.0.2.7");
    t.found(other, true, &["192.0.2.7"]);
    let third = t.lookup("door.example", Families::V4);
    t.asked_at(10, FIRST, "door.example a");
    t.resolver.cancel(third);
    t.silent_until(20_000);
    assert_eq!(t.resolver.channels().count(), 0);
    // A stale handle is nobody's.
    let fourth = t.lookup("cam.example", Families::V4);
    t.resolver.cancel(third);
    t.found(fourth, true, &["192.0.2.7"]);
}

#[test]
fn a_full_table_is_an_error_for_the_new_request_alone() {
    let mut t = Lab::new(&[FIRST]);
    let lookups: Vec<_> =
        (0..4).map(|number| t.lookup(&format!("cam{number}.example"), Families::V4)).collect();
    let error = t.resolver.lookup("cam4.example", Families::V4, TIMEOUT).unwrap_err();
    assert_eq!(error, RequestError::Full { capacity: 4 });
    assert!(error.to_string().contains("LOOKUPS"));
    let asked = t.sent();
    assert_eq!(asked.len(), 4);
    for (asked, lookup) in asked.iter().zip(lookups) {
        t.answer(asked, &format!("| ans {} 300 A 192.0.2.7", asked.name()));
        t.found(lookup, true, &["192.0.2.7"]);
    }
    // A request that was found counts until it is cancelled, one that has failed does not.
    assert!(t.resolver.lookup("cam4.example", Families::V4, TIMEOUT).is_err());
}

// M-3-1, M-4-1, R-ARPA-1
#[test]
fn names_of_multicast_never_go_to_a_server() {
    let mut t = Lab::new(&[FIRST]);
    for name in ["printer.local", "local", "a.b.LOCAL.", "1.2.254.169.in-addr.arpa", "0.a.e.f.ip6.arpa"] {
        assert_eq!(t.resolver.lookup(name, Families::Both, TIMEOUT), Err(RequestError::Multicast));
        assert_eq!(t.resolver.records(name, Type::PTR, TIMEOUT), Err(RequestError::Multicast));
    }
    t.silent_until(1_000);
    // Those of private networks do.
    t.records("20.1.168.192.in-addr.arpa", Type::PTR);
    t.asked_at(1_000, FIRST, "20.1.168.192.in-addr.arpa ptr");
}

// R-6761-1, R-7686-1
#[test]
fn names_that_servers_are_not_asked_for_are_refused() {
    let mut t = Lab::new(&[FIRST]);
    for name in ["localhost", "a.LOCALHOST.", "x.invalid", "invalid", "abc.onion", "Onion."] {
        assert_eq!(t.resolver.lookup(name, Families::Both, TIMEOUT), Err(RequestError::Reserved));
        assert_eq!(t.resolver.records(name, Type::TXT, TIMEOUT), Err(RequestError::Reserved));
    }
    assert!(RequestError::Reserved.to_string().contains("lookup::Lookups"));
    t.silent_until(1_000);
    for name in ["cam.test", "localhost.example", "invalid.example"] {
        let lookup = t.lookup(name, Families::V4);
        t.asked_at(1_000, FIRST, &format!("{name} a"));
        t.resolver.cancel(lookup);
    }
}

#[test]
fn without_a_server_nothing_is_asked_and_that_is_told() {
    let mut t = Lab::new(&[]);
    let lookup = t.lookup("cam.example", Families::Both);
    t.failed(lookup, Failure::NoServers);
    assert!(Failure::NoServers.to_string().contains("DHCP"));
}

#[test]
fn servers_can_be_changed_while_a_query_is_open() {
    let mut t = Lab::new(&[FIRST]);
    let lookup = t.lookup("cam.example", Families::V4);
    let old = t.asked_at(0, FIRST, "cam.example a");
    t.at(100).resolver.set_servers(&["192.0.2.2:53".parse().unwrap()]).unwrap();
    let new = t.asked_at(100, "192.0.2.2:53", "cam.example a");
    t.answer(&old, "| ans cam.example 300 A 192.0.2.66");
    assert_eq!(t.told(), []);
    t.answer(&new, "| ans cam.example 300 A 192.0.2.7");
    t.found(lookup, true, &["192.0.2.7"]);
    let five: Vec<_> = (1..=4).map(|last| ([192, 0, 2, last], 53).into()).collect();
    assert_eq!(
        t.resolver.set_servers(&five).unwrap_err().to_string(),
        "there is room for 3 DNS servers: raise SERVERS in the storage, or give fewer"
    );
}

#[test]
fn servers_that_are_set_again_as_they_are_do_not_make_queries_begin_anew() {
    let mut t = Lab::new(&[FIRST, THIRD]);
    let lookup = t.lookup("cam.example", Families::V4);
    let asked = t.asked_at(0, FIRST, "cam.example a");
    for turn in 1..=5 {
        t.resolver.set_servers(&[FIRST, THIRD].map(|server| server.parse().unwrap())).unwrap();
        t.silent_until(20 * turn);
    }
    t.answer(&asked, "| ans cam.example 300 A 192.0.2.7");
    t.found(lookup, true, &["192.0.2.7"]);
}

#[test]
fn records_of_any_type_are_looked_up() {
    let mut t = Lab::new(&[FIRST]);
    let request = t.records("example", Type::TXT);
    let asked = t.asked_at(0, FIRST, "example. txt");
    t.answer(&asked, "| ans example. 300 TXT \"v=1\" \"x\", example. 300 TXT \"b\"");
    assert_eq!(t.told(), [(0, Event::Found { request, is_complete: true })]);
    let shown: Vec<_> = t
        .resolver
        .found_records(request)
        .map(|record| format!("{} {}", record.ttl_secs(), record.data().unwrap()))
        .collect();
    assert_eq!(shown, ["300 \"v=1\" \"x\"", "300 \"b\""]);
    let request = t.records("_sip._tcp.example", Type::SRV);
    let asked = t.asked_at(0, FIRST, "_sip._tcp.example srv");
    t.answer(&asked, "| ans _sip._tcp.example 300 SRV 1 2 5060 sip.example");
    t.told();
    let shown: Vec<_> =
        t.resolver.found_records(request).map(|record| record.data().unwrap().to_string()).collect();
    assert_eq!(shown, ["1 2 5060 sip.example."]);
}

// V-2782-1
#[test]
fn a_service_at_the_root_is_not_offered() {
    let mut t = Lab::new(&[FIRST]);
    let request = t.records("_sip._tcp.example", Type::SRV);
    let asked = t.asked_at(0, FIRST, "_sip._tcp.example srv");
    t.answer(&asked, "| ans _sip._tcp.example 300 SRV 0 .");
    t.failed(request, Failure::NoService);
}

#[test]
fn what_is_told_apart_is_told_by_its_own_call_alone() {
    let mut t = Lab::new(&[FIRST]);
    let [other, apart] = [0, 1].map(|_| t.lookup("cam.example", Families::V4));
    t.resolver.tell_apart(apart);
    let asked = t.asked_at(0, FIRST, "cam.example a");
    t.at(30).answer(&asked, "| ans cam.example 300 A 192.0.2.7");
    t.found(other, true, &["192.0.2.7"]);
    let found = Event::Found { request: apart, is_complete: true };
    let told: [_; 2] = core::array::from_fn(|_| t.resolver.poll_event_of(apart));
    assert_eq!(told, [Some(found), None]);
    // A request in the slot of one that was told apart is told with all others again.
    t.resolver.cancel(apart);
    assert_eq!(t.resolver.poll_event_of(apart), None);
    let again = t.lookup("cam.example", Families::V4);
    t.found(again, true, &["192.0.2.7"]);
}
