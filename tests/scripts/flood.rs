//! Storms, from true and from invented sources: what we send, keep and count stays within bounds, and the next good
//! packet is served.

use super::*;
use crate::support::{HOUR, LEGACY, MINUTE, NEIGHBOUR, OTHER, SECOND};
use core::net::SocketAddr;
use dotlocal::mdns::{Counters, ExtraRecord};
use dotlocal::wire::Type;
use dotlocal::{Destination, Disposition, Reason};

const A: &str = "! cam.local 120 flush A 192.0.2.7 | add cam.local 120 flush NSEC A";

/// One of 60,000 sources on the link.
fn source(nth: u64, port: u16) -> SocketAddr {
    let octets = [192, 0, 2, (nth % 250) as u8];
    SocketAddr::from((octets, if port == 5353 { port } else { port + (nth / 250) as u16 }))
}

/// The most datagrams of `times` in any second.
fn most_in_a_second(times: &[u64]) -> usize {
    let within = |from: &u64| times.iter().filter(|at| (*from..*from + SECOND).contains(at)).count();
    times.iter().map(within).max().unwrap_or(0)
}

// N3
#[test]
fn a_storm_of_legacy_queries_brings_twenty_replies_in_any_second_at_most() {
    // The first query, then a storm: at once, before a second has passed, and much later.
    for (pause, each) in [(0, 1), (500, 1), (999, 2), (1_000, 3), (10_000, 1), (10_000, 7), (HOUR, 1)] {
        let (mut t, now) = settled(host(7));
        let mut times = Vec::new();
        t.hear_at(now, LEGACY, "? id=1 cam.local A");
        times.extend(t.sent_until(now + pause).iter().map(|sent| sent.0));
        let start = now + pause;
        for nth in 0..4_000 / each {
            let at = start + nth * each;
            let disposition = t.hear_at(at, source(nth, 20_000), "? id=1 cam.local A");
            let sent = t.sent_until(at);
            assert_eq!(disposition == Disposition::Used, !sent.is_empty());
            if sent.is_empty() {
                assert_eq!(disposition, Disposition::Ignored(Reason::Busy));
            }
            assert!(sent.iter().all(|(_, to, _)| *to == Destination::Unicast(source(nth, 20_000))));
            times.extend(sent.iter().map(|sent| sent.0));
        }
        assert!(most_in_a_second(&times) <= 20, "{} after {pause} ms", most_in_a_second(&times));
        assert!(times.len() >= 4 * 8, "some are answered all the time: {}", times.len());
        // Who asks as mDNS asks is answered in the middle of it, and when it is over everybody is.
        t.hear_at(start + 4_000, NEIGHBOUR, "? cam.local A");
        t.expect_at(start + 4_000, A);
        t.hear_at(start + 6_000, LEGACY, "? id=2 cam.local AAAA");
        t.expect_unicast_at(start + 6_000, LEGACY, "! id=2 q cam.local AAAA | ans cam.local 10 NSEC A");
    }
}

// N3
#[test]
fn replies_of_several_packets_are_no_way_around_the_bound() {
    static FILLED: [u8; 1_200] = [1; 1_200];
    const LARGE: ExtraRecord<'static> = ExtraRecord::new(Type(998), &FILLED);
    static LONG: [ExtraRecord<'static>; 3] =
        [LARGE, ExtraRecord::new(Type(999), &FILLED), ExtraRecord::new(Type(1_000), &FILLED)];
    let mut t = host(7).with_buffer(9_000);
    t.machine.set_host_records(&LONG).unwrap();
    t.sent_until(10 * SECOND);
    let mut times = Vec::new();
    for nth in 0..40 {
        t.hear_at(10 * SECOND + nth * 50, source(nth, 5353), "? cam.local ANY QU");
        let sent = t.sent_until(10 * SECOND + nth * 50);
        times.extend(sent.iter().filter(|sent| sent.1 != Destination::Multicast).map(|sent| sent.0));
    }
    assert!((20..=40).contains(&times.len()), "{}", times.len());
    assert!(most_in_a_second(&times) <= 20, "{}", most_in_a_second(&times));
    assert!(t.machine.counters().limited > 0);
}

// N3
#[test]
fn a_few_legacy_queries_each_second_are_all_answered() {
    let (mut t, now) = settled(host(7));
    for nth in 0..100 {
        t.hear_at(now + nth * 150, source(nth, 20_000), "? id=1 cam.local A");
        t.next_within(now + nth * 150..=now + nth * 150);
    }
}

// S9, M-7.2-2
#[test]
fn queries_that_never_end_take_no_more_than_the_reply_slots() {
    let (mut t, now) = service_settled();
    t.hear_at(now, source(0, 5353), "?tc _http._tcp.local PTR");
    t.hear_at(now, source(1, 5353), "?tc _http._tcp.local PTR");
    // Both slots are taken: the others' query is answered without waiting for what they know.
    for nth in 2..250 {
        t.hear_at(now + 1, source(nth, 5353), "?tc _http._tcp.local PTR");
    }
    let at = t.expect_within(now + 21..=now + 121, PTR);
    // The two that wait are owed an answer that the group has had less than a second ago.
    t.expect_silence_until(at + 999);
    let sent = t.sent_until(now + MINUTE);
    assert_eq!(sent.len(), 1, "{sent:?}");
    // A sender that always goes on: each part puts its own answer off, and nobody else's.
    let now = now + MINUTE;
    let more = "?tc | known _http._tcp.local 4500 PTR a._http._tcp.local";
    t.hear_at(now, source(0, 5353), "?tc _http._tcp.local PTR");
    for nth in 1..50 {
        t.hear_at(now + nth * 200, source(0, 5353), more);
        if nth == 10 {
            t.hear_at(now + nth * 200, NEIGHBOUR, "? _http._tcp.local PTR");
            t.expect_within(now + 2_020..=now + 2_120, PTR);
        }
    }
    t.expect_within(now + 10_200..=now + 10_300, PTR);
    t.expect_silence_until(now + MINUTE);
}

// S9
#[test]
fn a_flood_of_any_kind_leaves_what_we_send_bounded_and_the_next_packet_served() {
    for text in [
        "? _http._tcp.local PTR, cam.local A, cam.local AAAA",
        "? _http._tcp.local PTR QU, cam.local A QU",
        "?tc _http._tcp.local PTR, cam.local A",
        "?tc | known _http._tcp.local 4500 PTR a._http._tcp.local",
        "? cam.local ANY QU | auth cam.local 120 A 192.0.2.9",
        "! cam.local 0 flush A 192.0.2.7",
        "! _http._tcp.local 0 PTR Web._http._tcp.local",
        "! cam.local 0 flush A 192.0.2.9, other.local 120 flush A 192.0.2.9",
    ] {
        let (mut t, now) = service_settled();
        let mut sent = Vec::new();
        for nth in 0..5_000 {
            t.hear_at(now + nth, source(nth, 5353), text);
            sent.extend(t.sent_until(now + nth));
        }
        let times = |group: bool| -> Vec<u64> {
            let wanted = sent.iter().filter(|(_, to, _)| (*to == Destination::Multicast) == group);
            wanted.map(|sent| sent.0).collect()
        };
        // Each record is multicast once a second, but a name that is probed for four times as often.
        let most = if text.contains("auth") { 5 } else { 3 };
        assert!(most_in_a_second(&times(true)) <= most, "{text}: {}", most_in_a_second(&times(true)));
        assert!(most_in_a_second(&times(false)) <= 20, "{text}: {}", most_in_a_second(&times(false)));
        t.expect_no_event();
        t.sent_until(now + MINUTE);
        t.hear_at(now + MINUTE, NEIGHBOUR, "? _http._tcp.local PTR");
        t.expect_within(now + MINUTE + 20..=now + MINUTE + 120, PTR);
        t.expect_silence_until(now + HOUR);
    }
}

// S9, S5
#[test]
fn rivals_from_everywhere_make_us_probe_at_a_bounded_rate_and_then_leave_us_alone() {
    let (mut t, now) = settled(host(7));
    let mut sent = Vec::new();
    for nth in 0..60_000 {
        let at = now + nth;
        let name = t.machine.name(Claimed::Host).unwrap().to_string();
        t.hear_at(at, source(nth, 5353), &format!("! {name} 120 flush A 192.0.2.9"));
        sent.extend(t.sent_until(at));
    }
    let probes: Vec<u64> =
        sent.iter().filter(|(_, _, message)| !message.is_response()).map(|sent| sent.0).collect();
    // M-8.1-7: fifteen in the first seconds, then one each five seconds.
    assert!(probes.len() <= 16 + 12, "{probes:?}");
    assert!(probes[16..].windows(2).all(|pair| pair[1] - pair[0] >= 5_000), "{probes:?}");
    let end = now + 60_000;
    t.sent_until(end + 10_000);
    let name = t.machine.name(Claimed::Host).unwrap().to_string();
    t.hear_at(end + MINUTE, OTHER, &format!("? {name} A"));
    t.expect_at(end + MINUTE, &A.replace("cam.local", &name));
    let renamed = t.events().filter(|(_, event)| matches!(event, ResponderEvent::Renamed { .. })).count();
    assert!((15..=28).contains(&renamed), "{renamed}");
}

#[test]
fn each_counter_counts_its_own() {
    let (mut t, now) = settled(host(7));
    let start = t.machine.counters();
    assert_eq!(start, Counters::default());
    let mut expected = start;
    t.hear_at(now, NEIGHBOUR, "? other.local A");
    expected.received = 1;
    assert_eq!(t.machine.counters(), expected);
    t.hear_octets_at(now, NEIGHBOUR, b"rubbish");
    (expected.received, expected.malformed) = (2, 1);
    assert_eq!(t.machine.counters(), expected);
    // What is sound and of another protocol is not malformed.
    t.hear_at(now, NEIGHBOUR, "? flags=0x2800 cam.local A");
    expected.received = 3;
    assert_eq!(t.machine.counters(), expected);
    t.hear_at(now, NEIGHBOUR, "? cam.local A");
    t.expect_at(now, A);
    (expected.received, expected.answered) = (4, 1);
    assert_eq!(t.machine.counters(), expected);
    t.hear_at(now + 5_000, NEIGHBOUR, "? cam.local A | known cam.local 120 A 192.0.2.7");
    (expected.received, expected.suppressed) = (5, 1);
    assert_eq!(t.machine.counters(), expected);
    // An answer that waits, and that another gives.
    t.hear_at(now + 10_000, NEIGHBOUR, "? cam.local A");
    t.expect_at(now + 10_000, A);
    t.hear_at(now + 10_001, NEIGHBOUR, "? cam.local A");
    t.hear_at(now + 10_002, OTHER, "! cam.local 120 flush A 192.0.2.7");
    (expected.received, expected.answered, expected.suppressed) = (8, 3, 2);
    assert_eq!(t.machine.counters(), expected);
    t.expect_silence_until(now + MINUTE);
    for nth in 0..100 {
        t.hear_at(now + MINUTE, source(nth, 20_000), "? id=1 cam.local A");
        t.sent_until(now + MINUTE);
    }
    let storm = t.machine.counters();
    assert_eq!(storm.received, expected.received + 100);
    assert!(storm.limited >= 80, "{storm:?}");
    // A query that is turned away is not an answered one.
    assert_eq!(storm.answered + storm.limited, expected.answered + 100, "{storm:?}");
}
