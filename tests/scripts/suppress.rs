//! Known answers and answers of others: RFC 6762 section 7.

use super::*;
use crate::support::{MINUTE, NEIGHBOUR, OTHER};

// M-7.1-1, M-7.1-2
#[test]
fn a_known_answer_with_half_its_life_left_is_not_repeated() {
    for (known, answered) in [
        ("_http._tcp.local 2250 PTR Web._http._tcp.local", false),
        ("_http._tcp.local 2249 PTR Web._http._tcp.local", true),
        ("_http._tcp.local 4500 flush PTR WEB._http._tcp.LOCAL", false),
        ("_http._tcp.local 4500 PTR Other._http._tcp.local", true),
        ("_http._tcp.local 4500 CLASS3 PTR Web._http._tcp.local", true),
        ("_ipp._tcp.local 4500 PTR Web._http._tcp.local", true),
    ] {
        let (mut t, now) = service_settled();
        t.hear_at(now, NEIGHBOUR, &format!("? _http._tcp.local PTR | known {known}"));
        if answered {
            t.expect_within(now + 20..=now + 120, PTR);
        }
        t.expect_silence_until(now + MINUTE);
    }
}

// M-7.1-1
#[test]
fn all_addresses_must_be_known() {
    let mut t = host(7);
    let addresses = ["192.0.2.7", "192.0.2.8"].map(|ip| (ip.parse().unwrap(), 24));
    t.machine.set_addresses(&addresses).unwrap();
    let (mut t, now) = settled(t);
    t.hear_at(now, NEIGHBOUR, "? cam.local A | known cam.local 120 A 192.0.2.7");
    t.expect_at(
        now,
        "! cam.local 120 flush A 192.0.2.7, cam.local 120 flush A 192.0.2.8 | add cam.local 120 flush NSEC A",
    );
    t.hear_at(
        now + 5_000,
        NEIGHBOUR,
        "? cam.local A | known cam.local 120 A 192.0.2.8, cam.local 60 A 192.0.2.7",
    );
    t.expect_silence_until(now + MINUTE);
}

// M-7.2-2, M-6-5
#[test]
fn a_query_with_tc_is_answered_when_its_known_answers_have_come() {
    let (mut t, now) = service_settled();
    t.hear_at(now, NEIGHBOUR, "?tc _http._tcp.local PTR");
    t.expect_within(now + 400..=now + 500, PTR);

    let now = now + MINUTE;
    t.hear_at(
        now,
        NEIGHBOUR,
        "?tc _http._tcp.local PTR | known _http._tcp.local 4500 PTR a._http._tcp.local",
    );
    t.hear_at(now + 100, NEIGHBOUR, "?tc | known _http._tcp.local 4500 PTR b._http._tcp.local");
    t.hear_at(now + 200, NEIGHBOUR, "? | known _http._tcp.local 4500 PTR Web._http._tcp.local");
    t.expect_silence_until(now + MINUTE);

    let now = now + MINUTE;
    t.hear_at(now, NEIGHBOUR, "?tc _http._tcp.local PTR");
    t.hear_at(now + 300, NEIGHBOUR, "?tc | known _http._tcp.local 4500 PTR b._http._tcp.local");
    t.hear_at(now + 310, OTHER, "? | known _http._tcp.local 4500 PTR Web._http._tcp.local");
    t.expect_within(now + 700..=now + 800, PTR);
}

// M-7.4-1
#[test]
fn an_answer_that_another_has_given_is_not_repeated() {
    let (mut t, now) = service_settled();
    t.hear_at(now, NEIGHBOUR, "? _http._tcp.local PTR");
    t.hear_at(now + 10, OTHER, "! _http._tcp.local 4500 PTR Web._http._tcp.local");
    t.expect_silence_until(now + MINUTE);
    t.hear_at(now + MINUTE, NEIGHBOUR, "? _http._tcp.local PTR");
    t.hear_at(now + MINUTE + 10, OTHER, "! _http._tcp.local 4499 PTR Web._http._tcp.local");
    t.expect_within(now + MINUTE + 20..=now + MINUTE + 120, PTR);
}

// M-6.6-2, S11
#[test]
fn a_record_of_ours_with_less_than_half_its_life_is_rescued() {
    let (mut t, now) = settled(host(7));
    t.hear_at(now, NEIGHBOUR, "! cam.local 60 flush A 192.0.2.7");
    t.expect_silence_until(now + 5_000);
    let answer = "! cam.local 120 flush A 192.0.2.7 | add cam.local 120 flush NSEC A";
    t.hear_at(now + 5_000, NEIGHBOUR, "! cam.local 59 flush A 192.0.2.7");
    t.expect_at(now + 5_000, answer);
    t.hear_at(now + 10_000, NEIGHBOUR, "! cam.local 0 flush A 192.0.2.7");
    t.expect_at(now + 10_000, answer);
}

// M-6.6-2, M-6-4
#[test]
fn a_shared_record_is_rescued_after_a_random_wait() {
    let (mut t, now) = service_settled();
    t.hear_at(now, OTHER, "! _services._dns-sd._udp.local 0 PTR _http._tcp.local");
    t.expect_within(now + 20..=now + 120, "! _services._dns-sd._udp.local 4500 PTR _http._tcp.local");
    t.expect_silence_until(now + MINUTE);
}

// M-7.2-2, M-6-5
#[test]
fn known_answers_in_three_packets_are_joined_by_their_source_and_each_one_with_tc_extends_the_wait() {
    let part =
        |tc: &str, known: &str| format!("?{tc} | known _http._tcp.local 4500 PTR {known}._http._tcp.local");
    let first = "?tc _http._tcp.local PTR | known _http._tcp.local 4500 PTR a._http._tcp.local";
    let mut waits = std::collections::BTreeSet::new();
    for seed in 0..40 {
        // Only the third one knows us, and comes when the first wait would be over.
        let (mut t, now) = settled(host_with_service(seed).0);
        t.hear_at(now, NEIGHBOUR, first);
        t.hear_at(now + 390, NEIGHBOUR, &part("tc", "b"));
        t.hear_at(now + 780, NEIGHBOUR, &part("", "Web"));
        t.expect_silence_until(now + MINUTE);
        // Nobody knows us: the wait counts from the last packet that promised more.
        let now = now + MINUTE;
        t.hear_at(now, NEIGHBOUR, first);
        t.hear_at(now + 390, NEIGHBOUR, &part("tc", "b"));
        t.hear_at(now + 780, NEIGHBOUR, &part("", "c"));
        waits.insert((t.expect_within(now + 790..=now + 890, PTR) - now - 790) / 20);
        // Another host, or another program there, knows nothing for this one.
        for other in [OTHER, core::net::SocketAddr::new(NEIGHBOUR.ip(), 5_354)] {
            let now = t.now() + MINUTE;
            t.hear_at(now, NEIGHBOUR, first);
            t.hear_at(now + 100, other, &part("", "Web"));
            t.expect_within(now + 400..=now + 500, PTR);
        }
        // What comes after the answer is too late.
        let now = t.now() + MINUTE;
        t.hear_at(now, NEIGHBOUR, first);
        t.expect_within(now + 400..=now + 500, PTR);
        t.hear_at(now + 501, NEIGHBOUR, &part("tc", "Web"));
        t.expect_silence_until(now + MINUTE);
    }
    assert!(waits.len() >= 5, "the waits are spread: {waits:?}");
}

// M-7.2-2
#[test]
fn known_answers_hold_for_all_that_their_sender_has_asked_for() {
    let known = "? | known _http._tcp.local 4500 PTR Web._http._tcp.local";
    // The first packet comes twice, as over two paths.
    let (mut t, now) = service_settled();
    t.hear_at(now, NEIGHBOUR, "?tc _http._tcp.local PTR");
    t.hear_at(now + 1, NEIGHBOUR, "?tc _http._tcp.local PTR");
    t.hear_at(now + 100, NEIGHBOUR, known);
    t.expect_silence_until(now + MINUTE);
    // Two queries of one host, with a list each.
    let now = now + MINUTE;
    t.hear_at(now, NEIGHBOUR, "?tc _services._dns-sd._udp.local PTR");
    t.hear_at(now + 1, NEIGHBOUR, "? | known _services._dns-sd._udp.local 4500 PTR _http._tcp.local");
    t.hear_at(now + 2, NEIGHBOUR, "?tc _http._tcp.local PTR");
    t.hear_at(now + 3, NEIGHBOUR, known);
    t.expect_silence_until(now + MINUTE);
}

// M-7.2-2, M-6-5
#[test]
fn a_query_that_is_cut_waits_whatever_it_asks_for() {
    for question in ["cam.local A", "cam.local A QU", "cam.local AAAA"] {
        let (mut t, now) = settled(host(7));
        t.hear_at(now, NEIGHBOUR, &format!("?tc {question}"));
        let (at, to, _) = t.next_within(now + 400..=now + 500);
        assert_eq!(to, dotlocal::Destination::Multicast);
        t.expect_silence_until(at + MINUTE);
        // One who asks meanwhile does not wait with it, and what he hears is enough for both.
        let now = at + MINUTE;
        t.hear_at(now, NEIGHBOUR, &format!("?tc {question}"));
        t.hear_at(now + 50, OTHER, &format!("? {}", question.replace(" QU", "")));
        assert_eq!(t.next_within(now + 50..=now + 50).1, dotlocal::Destination::Multicast);
        t.expect_silence_until(now + 1_049);
        t.sent_until(now + MINUTE);
    }
}

// M-7.4-1
#[test]
fn only_the_same_answer_with_a_life_no_shorter_stands_for_ours() {
    for (heard, answered) in [
        ("! _http._tcp.local 4500 PTR Web._http._tcp.local", false),
        ("! _http._tcp.local 9000 PTR WEB._http._tcp.LOCAL", false),
        ("! ans | add _http._tcp.local 4500 PTR Web._http._tcp.local", false),
        ("! _http._tcp.local 4499 PTR Web._http._tcp.local", true),
        ("! _http._tcp.local 4500 PTR Other._http._tcp.local", true),
        ("! _http._tcp.local 4500 CLASS3 PTR Web._http._tcp.local", true),
        ("! _ipp._tcp.local 4500 PTR Web._http._tcp.local", true),
        // Of a query nothing is learned but what its sender knows.
        ("? _http._tcp.local PTR | known _http._tcp.local 4500 PTR Web._http._tcp.local", true),
    ] {
        let (mut t, now) = service_settled();
        t.hear_at(now, NEIGHBOUR, "? _http._tcp.local PTR");
        t.hear_at(now + 10, OTHER, heard);
        let sent = t.sent_until(now + MINUTE);
        assert_eq!(!sent.is_empty(), answered, "{heard}");
        // Said to us alone, it leaves the others without.
        let now = now + MINUTE;
        t.hear_at(now, NEIGHBOUR, "? _http._tcp.local PTR");
        t.hear_direct_at(now + 10, OTHER, heard);
        assert_eq!(t.sent_until(now + MINUTE).len(), 1, "{heard}");
    }
}

// M-6.6-2, S11, M-10-1
#[test]
fn a_sleep_proxy_that_says_our_data_with_other_lives_is_a_twin_that_is_set_right() {
    let twin = |ttl: u32| {
        format!(
            r#"! cam.local {ttl} flush A 192.0.2.7, Web._http._tcp.local {ttl} flush SRV 80 cam.local,
            Web._http._tcp.local {ttl} flush TXT "path=/", _http._tcp.local {ttl} PTR Web._http._tcp.local"#
        )
    };
    for (ttl, rescued) in [
        (
            0,
            &["cam.local A", "Web._http._tcp.local SRV", "Web._http._tcp.local TXT", "_http._tcp.local PTR"]
                [..],
        ),
        (
            59,
            &["cam.local A", "Web._http._tcp.local SRV", "Web._http._tcp.local TXT", "_http._tcp.local PTR"],
        ),
        (60, &["Web._http._tcp.local TXT", "_http._tcp.local PTR"]),
        (2_249, &["Web._http._tcp.local TXT", "_http._tcp.local PTR"]),
        (2_250, &[]),
        (86_400, &[]),
    ] {
        let (mut t, now) = service_settled();
        t.hear_at(now, OTHER, &twin(ttl));
        let sent = all_until(&mut t, now + MINUTE);
        let mut said: Vec<_> = sent
            .iter()
            .flat_map(|(_, message)| message.section(crate::support::Section::Answer))
            .map(|record| format!("{} {}", record.name, crate::support::kind::name(record.rtype)))
            .collect();
        let mut expected: Vec<_> = rescued.iter().map(ToString::to_string).collect();
        said.sort();
        expected.sort();
        assert_eq!(said, expected, "TTL {ttl}: {sent:?}");
        t.expect_no_event();
        assert_eq!(t.machine.name(Claimed::Host).unwrap().to_string(), "cam.local");
    }
    // What a proxy says while we probe, awake again, is ours as well.
    let (mut t, _) = host_with_service(7);
    let (first, _, _) = t.next_within(0..=250);
    t.hear_at(first + 10, OTHER, &twin(4_500));
    t.sent_until(first + MINUTE);
    assert!(!t.events().any(|(_, event)| matches!(event, ResponderEvent::Conflict(_))));
}

// M-8.3-1
#[test]
fn an_announcement_goes_out_whoever_says_the_same() {
    let (t, service) = host_with_service(7);
    let (mut t, now) = settled(t);
    t.machine.set_txt(service, &[("v", "1")]).unwrap();
    t.next_within(now..=now);
    t.at(now + 100);
    t.machine.set_txt(service, &[("v", "2")]).unwrap();
    t.hear_at(now + 500, NEIGHBOUR, "! _http._tcp.local 4500 PTR Web._http._tcp.local");
    for announced in [1_000, 2_000] {
        let (_, _, message) = t.next_within(now + announced..=now + announced);
        assert!(message.to_string().contains("4500 PTR Web"), "{message}");
    }
    t.expect_silence_until(now + MINUTE);
}
