//! Queries of others: RFC 6762 sections 7.3 and 10.5; and what is confirmed: section 10.4.

use super::*;
use crate::support::{MINUTE, OTHER};
use dotlocal::Disposition;
use dotlocal::mdns::{Families, Until};

const QUESTION: &str = "? _ipp._tcp.local PTR";

/// A browse that has asked once, and found nothing.
fn asked_once() -> (Script<Querier>, RequestId, u64) {
    let mut t = new(7);
    let browse = t.machine.browse("_ipp._tcp").unwrap();
    let asked = t.expect_within(20..=120, QUESTION);
    (t, browse, asked)
}

// M-7.3-1
#[test]
fn the_same_question_of_another_counts_as_ours() {
    // The first one, before it has left, and the second one.
    let mut t = new(7);
    let browse = t.machine.browse("_ipp._tcp").unwrap();
    assert_eq!(t.hear_at(5, OTHER, QUESTION), Disposition::Used);
    t.expect_at(1_005, QUESTION);
    t.hear_at(1_990, OTHER, QUESTION);
    t.hear_at(2_900, OTHER, QUESTION);
    // Long before ours it is not in its place.
    t.hear_at(4_000, OTHER, QUESTION);
    t.expect_at(2_900 + 4_000, QUESTION);
    t.call(|machine| machine.cancel(browse));
}

// M-7.3-1
#[test]
fn a_question_that_gets_others_answers_than_ours_would_does_not() {
    let listed = format!("{QUESTION} | known _ipp._tcp.local 4500 PTR Printer._ipp._tcp.local");
    for question in [
        // The answer would go to the asker alone.
        "? _ipp._tcp.local PTR QU",
        "? _ipp._tcp.local ANY",
        "? _http._tcp.local PTR",
        "? _ipp._tcp.local PTR CLASS3",
        // More known answers may follow.
        "?tc _ipp._tcp.local PTR",
        // We do not know that one.
        &listed,
        "? _ipp._tcp.local PTR | auth _ipp._tcp.local 120 PTR Printer._ipp._tcp.local",
    ] {
        let (mut t, browse, asked) = asked_once();
        t.expect_at(asked + 1_000, QUESTION);
        t.hear_at(asked + 2_500, OTHER, question);
        t.expect_at(asked + 3_000, QUESTION);
        t.call(|machine| machine.cancel(browse));
    }
    // What both know keeps nothing from us.
    let (mut t, browse, _, now) = with_printer(7);
    while t.next_or_none(now + 2_000).is_some() {}
    t.hear_at(now + 2_500, OTHER, &listed);
    t.expect_silence_until(now + 6_499);
    t.call(|machine| machine.cancel(browse));
}

// M-7.3-1
#[test]
fn our_own_question_that_comes_back_is_not_counted_twice() {
    let (mut t, browse, asked) = asked_once();
    for after in [1, 30, 900] {
        t.hear_at(asked + after, OTHER, QUESTION);
    }
    t.expect_at(asked + 1_000, QUESTION);
    t.hear_at(asked + 1_001, OTHER, QUESTION);
    t.expect_at(asked + 3_000, QUESTION);
    t.call(|machine| machine.cancel(browse));
}

// M-10.5-1
#[test]
fn a_record_that_others_ask_for_in_vain_is_confirmed_or_lost_in_ten_seconds() {
    for answered in [true, false] {
        let (mut t, browse, instance, now) = with_printer(7);
        while t.next_or_none(now + 8_000).is_some() {}
        let question = "? Printer._ipp._tcp.local SRV";
        t.hear_at(now + 8_000, OTHER, question);
        // The same packet by another way is no second one.
        t.hear_at(now + 8_050, OTHER, question);
        t.expect_silence_until(now + 9_000);
        t.hear_at(now + 9_000, OTHER, question);
        t.expect_at(now + 9_000, question);
        if answered {
            t.hear_at(now + 9_100, NEIGHBOUR, PRINTER);
            while t.next_or_none(now + 25_000).is_some() {}
            assert!(!t.events().any(|(_, event)| matches!(event, QuerierEvent::Lost { .. })));
        } else {
            t.expect_at(now + 10_000, question);
            while t.next_or_none(now + 18_999).is_some() {}
            assert_eq!(t.machine.instance(instance).unwrap().port(), 631);
            while t.next_or_none(now + 19_001).is_some() {}
            assert_eq!(t.machine.instance(instance).unwrap().port(), 0);
        }
        t.call(|machine| machine.cancel(browse));
    }
}

// M-10.5-1
#[test]
fn an_answer_or_a_known_answer_takes_the_doubt_away() {
    let known = "? _ipp._tcp.local PTR | known _ipp._tcp.local 4000 PTR Printer._ipp._tcp.local";
    let (mut t, browse, _, now) = with_printer(7);
    while t.next_or_none(now + 20_000).is_some() {}
    t.hear_at(now + 20_000, OTHER, QUESTION);
    t.hear_at(now + 20_100, NEIGHBOUR, "! _ipp._tcp.local 4500 PTR Printer._ipp._tcp.local");
    t.hear_at(now + 21_000, OTHER, QUESTION);
    for after in 22..30 {
        t.hear_at(now + after * 1_000, OTHER, known);
    }
    while t.next_or_none(now + 60_000).is_some() {}
    assert!(!t.events().any(|(_, event)| matches!(event, QuerierEvent::Lost { .. })));
    t.call(|machine| machine.cancel(browse));
}

// M-10.4-1
#[test]
fn what_did_not_work_is_asked_for_twice_and_lost_in_ten_seconds() {
    let (mut t, browse, instance, now) = with_printer(7);
    while t.next_or_none(now + 60_000).is_some() {}
    let from = now + 60_000;
    t.call(|machine| machine.reconfirm(instance));
    let all = "? _ipp._tcp.local PTR, Printer._ipp._tcp.local SRV, Printer._ipp._tcp.local TXT, printer.local A, printer.local AAAA";
    t.expect_at(from, all);
    t.expect_at(from + 1_000, all);
    t.hear_at(from + 2_000, NEIGHBOUR, "! printer.local 120 flush A 192.0.2.20");
    // The browse has its own time, which that did not change.
    t.expect_at(now - 5 + 63_000, QUESTION);
    let lost =
        t.expect_event_within(from + 2_000..=from + 10_000, QuerierEvent::Lost { request: browse, instance });
    assert_eq!(lost, from + 10_000);
    t.call(|machine| machine.cancel(browse));

    // Answered, it stays, and is as good as new.
    let (mut t, browse, instance, now) = with_printer(7);
    while t.next_or_none(now + 60_000).is_some() {}
    t.call(|machine| machine.reconfirm(instance));
    t.expect_at(now + 60_000, all);
    t.hear_at(now + 60_030, NEIGHBOUR, PRINTER);
    while let Some((_, sent)) = t.next_or_none(now + 60_000 + 96_000) {
        assert!(sent.starts_with(QUESTION), "{sent}");
    }
    assert!(!t.events().any(|(_, event)| matches!(event, QuerierEvent::Lost { .. })));
    t.call(|machine| machine.cancel(browse));
    t.call(|machine| machine.reconfirm(instance));
    t.expect_silence_until(now + 10 * MINUTE);
}

// M-10.4-1
#[test]
fn an_address_that_did_not_work_just_before_its_life_ends_is_asked_for_as_well() {
    let mut t = new(7);
    let request = t.machine.lookup("cam.local", Families::V4, Until::Cancelled).unwrap();
    let asked = t.expect_within(20..=120, "? cam.local A");
    t.hear_at(asked, NEIGHBOUR, "! cam.local 120 flush A 192.0.2.9");
    let from = asked + 112_000;
    while t.next_or_none(from).is_some() {}
    t.call(|machine| machine.reconfirm_request(request));
    t.expect_at(from, "? cam.local A");
    t.hear_at(from + 50, NEIGHBOUR, "! cam.local 120 flush A 192.0.2.9");
    t.expect_silence_until(from + 90_000);
    assert!(!t.events().any(|(_, event)| matches!(event, QuerierEvent::AddressLost { .. })));
    t.call(|machine| machine.cancel(request));
}

// M-10.4-1
#[test]
fn an_address_that_did_not_work_is_confirmed_by_its_request() {
    let mut t = new(7);
    let request = t.machine.lookup("cam.local", Families::V4, Until::Cancelled).unwrap();
    t.expect_within(20..=120, "? cam.local A");
    t.hear_at(130, NEIGHBOUR, "! cam.local 120 flush A 192.0.2.9");
    t.at(5_000);
    t.call(|machine| machine.reconfirm_request(request));
    t.expect_at(5_000, "? cam.local A");
    t.expect_at(6_000, "? cam.local A");
    let address = "192.0.2.9".parse().unwrap();
    t.expect_event_at(15_000, QuerierEvent::AddressLost { request, address });
    t.call(|machine| machine.cancel(request));
    t.call(|machine| machine.reconfirm_request(request));
    t.expect_silence_until(MINUTE);
}

// M-10.4-1
#[test]
fn what_is_doubted_again_just_before_its_end_leaves_no_deadline_behind() {
    let mut t = new(7);
    let request = t.machine.lookup("cam.local", Families::V4, Until::Cancelled).unwrap();
    let asked = t.expect_within(20..=120, "? cam.local A");
    t.hear_at(asked + 10, NEIGHBOUR, "! cam.local 120 flush A 192.0.2.9");
    t.at(5_000);
    t.call(|machine| machine.reconfirm_request(request));
    t.expect_at(5_000, "? cam.local A");
    t.expect_at(6_000, "? cam.local A");
    // Its end is less than nine seconds away, and it was asked for just now: both questions for it are past.
    t.at(6_500);
    t.call(|machine| machine.reconfirm_request(request));
    t.expect_event_at(15_000, QuerierEvent::AddressLost { request, address: "192.0.2.9".parse().unwrap() });
    t.call(|machine| machine.cancel(request));
}

// M-7.3-1
#[test]
fn known_answers_to_other_questions_do_not_keep_one_from_counting_as_ours() {
    for known in [
        r#"Printer._ipp._tcp.local 4500 TXT "x""#,
        "Other._ipp._tcp.local 120 SRV 1 other.local",
        r#"Other._ipp._tcp.local 4500 TXT "x""#,
    ] {
        let mut t = new(7);
        let request = t.machine.resolve("Printer", "_ipp._tcp").unwrap();
        let both = "? Printer._ipp._tcp.local SRV, Printer._ipp._tcp.local TXT";
        t.expect_at(0, both);
        t.expect_at(1_000, both);
        t.hear_at(2_500, OTHER, &format!("? Printer._ipp._tcp.local SRV | known {known}"));
        t.expect_at(3_000, "? Printer._ipp._tcp.local TXT");
        t.expect_at(6_500, "? Printer._ipp._tcp.local SRV");
        t.call(|machine| machine.cancel(request));
    }
}

// M-10.5-1, S12
#[test]
fn two_questions_in_vain_count_whatever_the_clock_shows() {
    for start in (40_000..50_000).step_by(256) {
        let mut t = Script::starting_at(machines::querier(7), start);
        let request = t.machine.lookup("cam.local", Families::V4, Until::Cancelled).unwrap();
        let asked = t.expect_within(20..=120, "? cam.local A");
        t.hear_at(asked, NEIGHBOUR, "! cam.local 120 flush A 192.0.2.9");
        t.hear_at(20_000, OTHER, "? cam.local A");
        t.hear_at(21_000, OTHER, "? cam.local A");
        t.expect_at(21_000, "? cam.local A");
        t.call(|machine| machine.cancel(request));
    }
}

// M-10.4-1, M-7.1-5
#[test]
fn a_record_of_one_host_that_is_to_be_confirmed_is_not_listed_as_known() {
    let mut t = new(7);
    let request = t.machine.lookup("cam.local", Families::V4, Until::Cancelled).unwrap();
    let asked = t.expect_within(20..=120, "? cam.local A");
    t.hear_at(asked, NEIGHBOUR, "! cam.local 15 flush A 192.0.2.9");
    t.at(asked + 2_000);
    t.call(|machine| machine.reconfirm_request(request));
    t.expect_at(asked + 2_000, "? cam.local A");
    t.call(|machine| machine.cancel(request));
}
