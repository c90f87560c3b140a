//! Records in the cache: RFC 6762 sections 5.2 and 10.

use super::*;
use crate::support::octets::{Compression, encode};
use crate::support::{HOUR, MINUTE, OTHER};
use dotlocal::mdns::{Config, Families, LookupFailure, QuerierStorage, Until};
use dotlocal::wire::Type;
use dotlocal::{Disposition, Instant, Meta, Reason};
use std::collections::BTreeSet;

/// A resolve of the printer whose SRV has come at time 0.
fn followed(seed: u32) -> (Script<Querier>, RequestId) {
    let mut t = new(seed);
    let request = t.machine.resolve("Printer", "_ipp._tcp").unwrap();
    t.expect_at(0, "? Printer._ipp._tcp.local SRV, Printer._ipp._tcp.local TXT");
    t.hear_at(0, NEIGHBOUR, PRINTER);
    (t, request)
}

// M-5.2-3
#[test]
fn a_record_in_use_is_asked_for_at_80_85_90_and_95_percent_and_then_gone() {
    let mut first = BTreeSet::new();
    for seed in 0..10 {
        let (mut t, request) = followed(seed);
        for percent in [80, 85, 90, 95] {
            let mut seen = Vec::new();
            // SRV, A and AAAA of 120 s each.
            while seen.len() < 3 {
                let from = 1_200 * percent;
                let (at, _, message) = t.next_within(from..=from + 2_400);
                first.extend((percent == 80).then_some(at));
                seen.extend(message.questions.iter().map(|question| (at, question.to_string())));
            }
            assert_eq!(seen.len(), 3, "{seen:?}");
        }
        t.at(119_999);
        let is_lost =
            |t: &Script<Querier>| t.events().any(|(_, event)| matches!(event, QuerierEvent::Lost { .. }));
        assert!(!is_lost(&t));
        t.expect_at(120_000, "? Printer._ipp._tcp.local SRV");
        assert!(is_lost(&t));
        t.call(|machine| machine.cancel(request));
    }
    assert!(first.len() >= 5, "{first:?}");
}

// M-5.2-3
#[test]
fn a_renewed_record_is_asked_for_by_its_new_life() {
    let (mut t, request) = followed(7);
    let question = "? Printer._ipp._tcp.local SRV, printer.local A, printer.local AAAA";
    let refresh = t.expect_within(96_000..=98_400, question);
    let renewed = refresh + 100;
    t.hear_at(
        renewed,
        NEIGHBOUR,
        "! Printer._ipp._tcp.local 1000 flush SRV 631 printer.local, printer.local 1000 flush A 192.0.2.20,
        printer.local 1000 flush AAAA fe80::20",
    );
    let first = t.expect_within(renewed + 800_000..=renewed + 820_000, question);
    t.expect_within(first + 50_000..=first + 50_000, question);
    t.call(|machine| machine.cancel(request));
}

// M-5.2-3
#[test]
fn a_record_that_nobody_uses_is_never_asked_for() {
    let (mut t, request) = followed(7);
    t.call(|machine| machine.cancel(request));
    t.expect_silence_until(HOUR * 2);
    assert_eq!(t.deadline(), None, "it has expired all the same");
}

// M-10.2-1, M-10.2-3
#[test]
fn a_cache_flush_ends_the_others_of_the_set_in_a_second_but_not_those_of_the_same_burst() {
    let (mut t, _, instance, now) = with_printer(7);
    let addresses = |t: &Script<Querier>| -> Vec<String> {
        t.machine.instance(instance).unwrap().addresses().map(|ip| ip.to_string()).collect()
    };
    t.hear_at(now + 900, NEIGHBOUR, "! printer.local 120 flush A 192.0.2.21");
    t.expect_within(
        now + 900..=now + 1_000,
        "? _ipp._tcp.local PTR | known _ipp._tcp.local 4499 PTR Printer._ipp._tcp.local",
    );
    t.at(now + 2_500);
    assert_eq!(addresses(&t), ["192.0.2.20", "fe80::20", "192.0.2.21"], "all within a second of each other");
    t.hear_at(
        now + 2_600,
        NEIGHBOUR,
        "! printer.local 120 flush A 192.0.2.22, printer.local 120 flush A 192.0.2.21",
    );
    t.at(now + 2_700);
    assert_eq!(addresses(&t), ["192.0.2.20", "fe80::20", "192.0.2.21", "192.0.2.22"]);
    t.expect_within(
        now + 2_700..=now + 3_100,
        "? _ipp._tcp.local PTR | known _ipp._tcp.local 4497 PTR Printer._ipp._tcp.local",
    );
    t.at(now + 3_601);
    assert_eq!(addresses(&t), ["fe80::20", "192.0.2.21", "192.0.2.22"]);
    t.call(|machine| machine.link_down());
}

// M-7.1-4, M-18.3-1
#[test]
fn known_answers_and_proposals_in_queries_are_no_answers() {
    let mut t = new(7);
    t.machine.browse("_ipp._tcp").unwrap();
    t.expect_within(20..=120, "? _ipp._tcp.local PTR");
    t.hear_at(200, OTHER, "? _ipp._tcp.local PTR | known _ipp._tcp.local 4500 PTR Printer._ipp._tcp.local");
    t.expect_no_event();
    t.call(|machine| machine.link_down());
}

#[test]
fn records_of_other_sections_and_classes_are_no_answers() {
    let mut t = new(7);
    let browse = t.machine.browse("_ipp._tcp").unwrap();
    let asked = t.expect_within(20..=120, "? _ipp._tcp.local PTR");
    for no_answer in [
        "! auth _ipp._tcp.local 4500 PTR Printer._ipp._tcp.local",
        "! _ipp._tcp.local 4500 CLASS3 PTR Printer._ipp._tcp.local",
        "! _ipp._tcp.local 0 PTR Printer._ipp._tcp.local",
        "! _ipp._tcp.local 4500 CNAME Printer._ipp._tcp.local",
        "! _http._tcp.local 4500 PTR Printer._ipp._tcp.local",
        // What is no instance of the type, such as a name whose dot was taken for the end of a label.
        "! _ipp._tcp.local 4500 PTR Printer.2._ipp._tcp.local",
        "! _ipp._tcp.local 4500 PTR Printer._http._tcp.local",
        "! _ipp._tcp.local 4500 PTR _ipp._tcp.local",
        "! _ipp._tcp.local 4500 PTR .",
    ] {
        t.hear_at(asked, NEIGHBOUR, no_answer);
        t.expect_no_event();
    }
    t.hear_at(asked, NEIGHBOUR, "! ans | add _ipp._tcp.local 4500 PTR Printer._ipp._tcp.local");
    found(&mut t, browse);
    t.call(|machine| machine.cancel(browse));
}

// S9
#[test]
fn what_nobody_wants_under_a_name_that_is_wanted_is_not_for_us() {
    let (mut t, browse, _, now) = with_printer(7);
    for unwanted in [
        r#"! printer.local 120 TXT "a""#,
        "! _ipp._tcp.local 4500 SRV 1 printer.local",
        "! _ipp._tcp.local 0 PTR Other._ipp._tcp.local",
        "! printer.local 0 A 192.0.2.77",
    ] {
        let disposition = t.hear_at(now, NEIGHBOUR, unwanted);
        assert_eq!(disposition, Disposition::Ignored(Reason::NotForUs), "{unwanted}");
    }
    t.call(|machine| machine.cancel(browse));
}

// M-5.2-3
#[test]
fn records_of_one_set_are_renewed_by_one_question_though_they_came_one_after_the_other() {
    let renewed = |seed, second: &str| {
        let mut t = new(seed);
        let request = t.machine.lookup("cam.local", Families::V4, Until::Cancelled).unwrap();
        let asked = t.expect_within(20..=120, "? cam.local A");
        t.hear_at(asked, NEIGHBOUR, "! cam.local 120 flush A 192.0.2.9");
        t.hear_at(asked, NEIGHBOUR, second);
        let renewed = t.expect_within(asked + 96_000..=asked + 98_400, "? cam.local A");
        t.call(|machine| machine.cancel(request));
        renewed
    };
    for seed in 0..10 {
        let alone = renewed(seed, "! dam.local 120 flush A 192.0.2.10");
        assert_eq!(alone, renewed(seed, "! cam.local 120 flush A 192.0.2.10"), "{seed}");
    }
}

// M-5.2-3
#[test]
fn records_of_one_set_that_came_two_seconds_apart_are_renewed_by_one_question_too() {
    let mut t = new(7);
    let request = t.machine.lookup("cam.local", Families::V4, Until::Cancelled).unwrap();
    let asked = t.expect_within(20..=120, "? cam.local A");
    t.hear_at(asked, NEIGHBOUR, "! cam.local 120 A 192.0.2.9");
    t.hear_at(asked + 2_000, NEIGHBOUR, "! cam.local 120 A 192.0.2.10");
    let renewed = t.expect_within(asked + 96_000..=asked + 98_400, "? cam.local A");
    t.expect_silence_until(renewed + 5_000);
    t.call(|machine| machine.cancel(request));
}

// D-4.1.4-3, D-4.1-6
#[test]
fn broken_data_hides_nothing_else() {
    let mut t = new(7);
    let browse = t.machine.browse("_ipp._tcp").unwrap();
    let asked = t.expect_within(20..=120, "? _ipp._tcp.local PTR");
    t.hear_at(
        asked,
        NEIGHBOUR,
        r#"! _ipp._tcp.local 4500 PTR Printer._ipp._tcp.local, printer.local 120 A \# 3 c00002,
        Printer._ipp._tcp.local 120 SRV \# 6 000000000277, Printer._ipp._tcp.local 4500 TXT \# 2 05aa
        | add Printer._ipp._tcp.local 120 flush SRV 631 printer.local, Printer._ipp._tcp.local 4500 flush TXT "rp=q",
        printer.local 120 flush A 192.0.2.20"#,
    );
    let instance = found(&mut t, browse);
    t.expect_event(QuerierEvent::Resolved { request: browse, instance });
    t.call(|machine| machine.link_down());
}

// S9, N6
#[test]
fn strangers_records_are_not_stored_and_a_full_cache_is_told() {
    let storage = Box::leak(Box::new(QuerierStorage::<2, 400>::new()));
    let mut t = Script::new(Querier::new(storage, Config::new(7)));
    let browse = t.machine.browse("_ipp._tcp").unwrap();
    let asked = t.expect_within(20..=120, "? _ipp._tcp.local PTR");
    for n in 0..1_000 {
        t.hear_at(
            asked,
            OTHER,
            &format!(
                "! host-{n}.local 120 flush A 10.0.0.1, _http._tcp.local 4500 PTR h{n}._http._tcp.local"
            ),
        );
    }
    t.hear_at(asked, NEIGHBOUR, PRINTER);
    let instance = found(&mut t, browse);
    t.expect_event(QuerierEvent::Resolved { request: browse, instance });
    t.hear_at(
        asked,
        NEIGHBOUR,
        "! _ipp._tcp.local 4500 PTR Other-printer-with-a-name-that-is-long._ipp._tcp.local",
    );
    t.hear_at(
        asked,
        NEIGHBOUR,
        "! _ipp._tcp.local 4500 PTR Third-printer-with-a-name-that-is-long._ipp._tcp.local",
    );
    t.expect_event(QuerierEvent::NoRoom);
    assert_eq!(label(&t, instance), "Printer");
    t.call(|machine| machine.link_down());
}

// S9
#[test]
fn what_no_request_needs_makes_room_for_what_one_needs() {
    let storage = Box::leak(Box::new(QuerierStorage::<2, 440>::new()));
    let mut t = Script::new(Querier::new(storage, Config::new(7)));
    let first = t.machine.browse("_ipp._tcp").unwrap();
    let asked = t.expect_within(20..=120, "? _ipp._tcp.local PTR");
    t.hear_at(asked, NEIGHBOUR, PRINTER);
    t.call(|machine| machine.cancel(first));
    // The records of the first browse are still there, and would leave no room for those of the second one.
    let second = t.machine.browse("_http._tcp").unwrap();
    let asked = t.expect_within(asked..=asked + 120, "? _http._tcp.local PTR");
    t.hear_at(
        asked,
        NEIGHBOUR,
        r#"! _http._tcp.local 4500 PTR Web._http._tcp.local | add Web._http._tcp.local 120 flush SRV 80 web.local,
        Web._http._tcp.local 4500 flush TXT "", web.local 120 flush A 192.0.2.30, web.local 120 flush AAAA fe80::30"#,
    );
    let instance = found(&mut t, second);
    t.expect_event(QuerierEvent::Resolved { request: second, instance });
    assert!(!t.events().any(|(_, event)| *event == QuerierEvent::NoRoom));
    t.call(|machine| machine.cancel(second));
}

// S9
#[test]
fn a_denial_stays_while_somebody_needs_it_though_the_cache_is_full() {
    let storage = Box::leak(Box::new(QuerierStorage::<2, 400>::new()));
    let mut t = Script::new(Querier::new(storage, Config::new(7)));
    let lookup = t.machine.lookup("cam.local", Families::V6, Until::Cancelled).unwrap();
    let asked = t.expect_within(20..=120, "? cam.local AAAA");
    t.hear_at(asked, NEIGHBOUR, "! cam.local 4500 flush NSEC A");
    let browse = t.machine.browse("_ipp._tcp").unwrap();
    let asked = t.expect_within(asked + 20..=asked + 120, "? _ipp._tcp.local PTR");
    for n in 0..20 {
        t.hear_at(asked, OTHER, &format!("! _ipp._tcp.local 4500 PTR i{n}._ipp._tcp.local"));
    }
    t.expect_event(QuerierEvent::NoRoom);
    let sent = t.sent_until(MINUTE);
    assert!(sent.iter().all(|(_, _, message)| !message.to_string().contains("cam.local")), "{sent:?}");
    t.call(|machine| machine.cancel(browse));
    t.call(|machine| machine.cancel(lookup));
}

// M-10.2-1, M-10.2-3
#[test]
fn a_record_of_just_a_second_is_not_flushed() {
    for (age, kept) in [(1_000, true), (1_001, false)] {
        let (mut t, request) = followed(7);
        t.hear_at(age, NEIGHBOUR, "! printer.local 120 flush A 192.0.2.21");
        t.at(5_000);
        let asked = t
            .machine
            .lookup("printer.local", Families::V4, Until::Answered { timeout_millis: 1_000 })
            .unwrap();
        t.at(5_001);
        let told = t.events().filter(|(_, event)| match event {
            QuerierEvent::Address { request, .. } => *request == asked,
            _ => false,
        });
        assert_eq!(told.count(), if kept { 2 } else { 1 }, "{age} ms");
        t.call(|machine| machine.cancel(request));
    }
}

// D-2181-1
#[test]
fn a_record_that_comes_just_behind_another_gives_that_no_longer_life() {
    let mut t = new(7);
    let lookup = t.machine.lookup("cam.local", Families::V4, Until::Cancelled).unwrap();
    let asked = t.expect_within(20..=120, "? cam.local A");
    t.hear_at(asked, NEIGHBOUR, "! cam.local 120 flush A 192.0.2.20");
    t.hear_at(asked + 500, NEIGHBOUR, "! cam.local 120 flush A 192.0.2.21");
    t.sent_until(asked + 125_000);
    let lost: Vec<_> =
        t.events().filter(|(_, event)| matches!(event, QuerierEvent::AddressLost { .. })).collect();
    assert_eq!(lost.iter().map(|(at, _)| at - asked).collect::<Vec<_>>(), [120_000, 120_500]);
    t.call(|machine| machine.cancel(lookup));
}

// S11, D-4.1-6
#[test]
fn a_broken_record_is_not_kept_and_flushes_nothing() {
    for broken in [
        r"printer.local 120 flush A \# 3 c00002",
        r"printer.local 120 flush AAAA \# 3 c00002",
        r"Printer._ipp._tcp.local 4500 flush TXT \# 3 056162",
        r"Printer._ipp._tcp.local 120 flush SRV \# 6 000000000277",
    ] {
        let (mut t, browse, instance, now) = with_printer(7);
        while t.next_or_none(now + 5_000).is_some() {}
        t.hear_at(now + 5_000, OTHER, &format!("! {broken}"));
        t.expect_no_event();
        while t.next_or_none(now + 6_500).is_some() {}
        let view = t.machine.instance(instance).unwrap();
        assert_eq!((view.port(), view.addresses().count()), (631, 2));
        assert_eq!(view.txt().unwrap().get("rp"), Some(Some(b"q".as_slice())));
        t.call(|machine| machine.cancel(browse));
    }
}

#[test]
fn what_is_kept_though_nobody_wants_it_any_more_ends_with_its_goodbye() {
    let (mut t, browse, _, now) = with_printer(7);
    t.call(|machine| machine.cancel(browse));
    t.hear_at(
        now + 5_000,
        NEIGHBOUR,
        "! printer.local 0 flush A 192.0.2.20, printer.local 0 flush AAAA fe80::20",
    );
    t.expect_silence_until(now + 10_000);
    let request = t.machine.lookup("printer.local", Families::Both, Until::Cancelled).unwrap();
    t.expect_within(now + 10_020..=now + 10_120, "? printer.local A, printer.local AAAA");
    t.call(|machine| machine.cancel(request));
}

// S12, M-6-12
#[test]
fn after_forty_days_no_old_question_lets_unicast_in() {
    let mut machine = machines::endpoint(7);
    machine.set_addresses(&[("192.0.2.7".parse().unwrap(), 24)]).unwrap();
    machine.browse("_ipp._tcp").unwrap();
    let (mut millis, mut passed) = (0_u32, 0_u64);
    while passed < 40 * 24 * HOUR {
        let now = Instant::from_millis(millis);
        machine.handle_timeout(now);
        while machine.poll_transmit(now, &mut [0; 1440]).is_some() {}
        let wait = machine.poll_timeout().unwrap().millis_until(now);
        (millis, passed) = (millis.wrapping_add(wait), passed + u64::from(wait));
    }
    let answer =
        encode(&"! _ipp._tcp.local 4500 PTR Evil._ipp._tcp.local".parse().unwrap(), Compression::None);
    let meta = Meta::mdns(NEIGHBOUR, false);
    let disposition = machine.handle_datagram(Instant::from_millis(millis), meta, &answer);
    assert_eq!(disposition, Disposition::Ignored(Reason::Unsolicited));
}

// S10
#[test]
fn records_of_a_second_are_not_asked_for_without_end() {
    let mut machine = machines::querier(7);
    machine.resolve("P", "_ipp._tcp").unwrap();
    let answer = r#"! P._ipp._tcp.local 1 flush SRV 1 p.local, P._ipp._tcp.local 1 flush TXT "", p.local 1 flush A 192.0.2.2"#;
    let answer = encode(&answer.parse().unwrap(), Compression::None);
    let meta = Meta::mdns(NEIGHBOUR, true);
    let mut sent = 0;
    for millis in 0..120_000 {
        let now = Instant::from_millis(millis);
        if millis % 1_000 == 1 {
            machine.handle_datagram(now, meta, &answer);
        }
        while machine.poll_transmit(now, &mut [0; 1440]).is_some() {
            sent += 1;
        }
        while machine.poll_event().is_some() {}
    }
    assert!(sent < 30, "{sent} questions in two minutes");
}

// M-5.2-2
#[test]
fn what_was_asked_for_to_renew_it_is_not_asked_for_again_within_a_second() {
    for seed in 0..10 {
        let mut t = new(seed);
        let request = t.machine.lookup("cam.local", Families::V4, Until::Cancelled).unwrap();
        t.expect_within(20..=120, "? cam.local A");
        t.hear_at(1_000, NEIGHBOUR, "! cam.local 10 flush A 192.0.2.9");
        t.expect_within(9_000..=9_200, "? cam.local A");
        let last = t.expect_within(10_000..=10_200, "? cam.local A");
        // It is gone after 11 seconds, and missing.
        t.expect_within(last + 1_000..=11_200, "? cam.local A");
        t.call(|machine| machine.cancel(request));
    }
}

// M-5.2-2
#[test]
fn doubts_and_haste_do_not_ask_again_within_a_second() {
    let mut t = new(7);
    let browse = t.machine.browse("_ipp._tcp").unwrap();
    let asked = t.expect_within(20..=120, "? _ipp._tcp.local PTR");
    t.hear_at(asked + 10, NEIGHBOUR, PRINTER);
    let until = Until::Answered { timeout_millis: 5_000 };
    t.machine.records("_ipp._tcp.local", Type::ANY, until).unwrap();
    t.expect_at(asked + 10, "? _ipp._tcp.local ANY");
    t.call(|machine| machine.reconfirm_request(browse));
    let (at, _, message) = t.next_within(asked..=asked + 2_000);
    assert_eq!((at, message.questions.len()), (asked + 1_000, 1), "{message}");
    t.call(|machine| machine.link_down());
}

// S12
#[test]
fn after_weeks_without_a_link_all_is_asked_at_once() {
    let mut t = new(7);
    t.machine.browse("_ipp._tcp").unwrap();
    t.expect_within(20..=120, "? _ipp._tcp.local PTR");
    t.call(|machine| machine.link_down());
    let weeks = 6 * 7 * 24 * HOUR;
    t.expect_silence_until(weeks);
    t.call(|machine| machine.link_up());
    t.expect_within(weeks..=weeks + 120, "? _ipp._tcp.local PTR");
    t.call(|machine| machine.link_down());
}

#[test]
fn a_record_that_was_denied_before_it_came_is_renewed() {
    let mut t = new(7);
    let request = t.machine.lookup("cam.local", Families::V4, Until::Cancelled).unwrap();
    let asked = t.expect_within(20..=120, "? cam.local A");
    t.hear_at(asked, NEIGHBOUR, "! cam.local 4500 flush NSEC AAAA");
    t.hear_at(asked + 2_000, NEIGHBOUR, "! cam.local 120 flush A 192.0.2.9");
    t.expect_within(asked + 98_000..=asked + 100_400, "? cam.local A");
    t.call(|machine| machine.cancel(request));
}

// S9
#[test]
fn a_lookup_ends_and_tells_what_it_found_though_the_cache_is_full() {
    let storage = Box::leak(Box::new(QuerierStorage::<3, 400>::new()));
    let mut t = Script::new(Querier::new(storage, Config::new(7)));
    t.machine.browse("_ipp._tcp").unwrap();
    let until = Until::Answered { timeout_millis: 5_000 };
    let request = t.machine.lookup("cam.local", Families::V4, until).unwrap();
    let other = t.machine.lookup("tv.local", Families::V4, until).unwrap();
    t.expect_at(0, "? cam.local A, tv.local A");
    t.expect_within(20..=120, "? _ipp._tcp.local PTR");
    let flood = (0..20).map(|n| format!("_ipp._tcp.local 4500 PTR Printer-{n}._ipp._tcp.local"));
    let flood = format!("! {}", flood.collect::<Vec<_>>().join(", "));
    t.hear_at(200, OTHER, &flood);
    t.expect_event(QuerierEvent::NoRoom);
    // What does not fit is not ignored: it is told, and makes room.
    let one_more = "! _ipp._tcp.local 4500 PTR Printer-20._ipp._tcp.local";
    assert_eq!(t.hear_at(200, OTHER, one_more), Disposition::Used);
    t.hear_at(200, NEIGHBOUR, "! cam.local 120 flush A 192.0.2.9");
    t.expect_event(QuerierEvent::Address { request, address: [192, 0, 2, 9].into(), ttl_secs: 120 });
    t.expect_event(QuerierEvent::Done { request });
    t.sent_until(5_001);
    let failed = QuerierEvent::Failed { request: other, reason: LookupFailure::Timeout };
    assert!(t.events().any(|(at, event)| (at, *event) == (5_000, failed)));
    t.call(|machine| machine.link_down());
}

// M-10.3-1, M-5.2-3
#[test]
fn a_life_of_ten_seconds_is_renewed_in_its_own_time_though_the_link_comes_back() {
    let mut t = new(7);
    let request = t.machine.lookup("cam.local", Families::V4, Until::Cancelled).unwrap();
    let asked = t.expect_within(20..=120, "? cam.local A");
    t.hear_at(asked, NEIGHBOUR, "! cam.local 10 flush A 192.0.2.9");
    t.call(|machine| machine.link_up());
    t.expect_within(asked + 8_000..=asked + 8_200, "? cam.local A");
    t.call(|machine| machine.cancel(request));
}
