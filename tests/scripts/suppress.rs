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
