//! One-shot lookups of hosts: RFC 6762 sections 5.1 and 5.2.

use super::*;
use crate::support::octets::{Compression, encode};
use crate::support::{HOUR, LEGACY, MINUTE};
use dotlocal::mdns::{Config, Event, Families, LookupFailure, QuerierStorage, RequestError, Until};
use dotlocal::{Disposition, Instant, Meta, Reason};

const BOTH: &str = "? cam.local A, cam.local AAAA";

fn lookup(t: &mut Script<Querier>, families: Families) -> RequestId {
    t.machine.lookup("cam.local", families, Until::Answered { timeout_millis: 5_000 }).unwrap()
}

fn address(request: RequestId, address: &str) -> QuerierEvent {
    QuerierEvent::Address { request, address: address.parse().unwrap(), ttl_secs: 120 }
}

// M-3-1, M-5.2-1, M-5.2-2
#[test]
fn a_lookup_asks_at_once_then_after_one_and_two_seconds_and_fails_in_time() {
    let mut t = new(7);
    let request = lookup(&mut t, Families::Both);
    t.expect_at(0, BOTH);
    t.expect_at(1_000, BOTH);
    t.expect_at(3_000, BOTH);
    t.expect_event_at(5_000, QuerierEvent::Failed { request, reason: LookupFailure::Timeout });
    t.expect_silence_until(HOUR);
    assert_eq!(t.deadline(), None);
}

// M-5.2-4
#[test]
fn both_families_end_a_lookup_at_once() {
    let mut t = new(7);
    let request = lookup(&mut t, Families::Both);
    t.expect_at(0, BOTH);
    t.hear_at(30, NEIGHBOUR, "! CAM.local 120 flush A 192.0.2.9 | add cam.local 120 flush AAAA fe80::9");
    t.expect_event(address(request, "192.0.2.9"));
    t.expect_event(address(request, "fe80::9"));
    t.expect_event(QuerierEvent::Done { request });
    t.expect_silence_until(MINUTE);
}

// M-5.2-4
#[test]
fn one_family_ends_a_lookup_a_second_later_and_only_the_other_one_is_asked() {
    let mut t = new(7);
    let request = lookup(&mut t, Families::Both);
    t.expect_at(0, BOTH);
    t.hear_at(30, NEIGHBOUR, "! cam.local 120 flush A 192.0.2.9");
    t.expect_event(address(request, "192.0.2.9"));
    t.expect_at(1_000, "? cam.local AAAA");
    t.expect_event_at(1_030, QuerierEvent::Done { request });
    t.expect_silence_until(MINUTE);
}

#[test]
fn one_family_alone_is_asked_and_told() {
    for (families, question, answer) in
        [(Families::V4, "? cam.local A", "192.0.2.9"), (Families::V6, "? cam.local AAAA", "fe80::9")]
    {
        let mut t = new(7);
        let request = lookup(&mut t, families);
        t.expect_at(0, question);
        t.hear_at(30, NEIGHBOUR, "! cam.local 120 flush A 192.0.2.9, cam.local 120 flush AAAA fe80::9");
        t.expect_event(address(request, answer));
        t.expect_event(QuerierEvent::Done { request });
        t.expect_silence_until(MINUTE);
    }
}

// M-6.1-1
#[test]
fn a_negative_answer_settles_a_family() {
    let mut t = new(7);
    let request = lookup(&mut t, Families::Both);
    t.expect_at(0, BOTH);
    t.hear_at(30, NEIGHBOUR, "! cam.local 120 flush A 192.0.2.9 | add cam.local 120 flush NSEC A");
    t.expect_event(address(request, "192.0.2.9"));
    t.expect_event(QuerierEvent::Done { request });

    let request =
        t.machine.lookup("cam.local", Families::V6, Until::Answered { timeout_millis: 5_000 }).unwrap();
    // It was said just now.
    t.expect_event_at(30, QuerierEvent::Failed { request, reason: LookupFailure::NoData });
    t.expect_silence_until(2 * MINUTE + 31);
    let request = lookup(&mut t, Families::V6);
    t.expect_at(2 * MINUTE + 31, "? cam.local AAAA");
    let denial = "! cam.local 120 flush NSEC A";
    assert_eq!(t.hear_at(2 * MINUTE + 60, NEIGHBOUR, denial), Disposition::Used);
    t.expect_event(QuerierEvent::Failed { request, reason: LookupFailure::NoData });
    t.expect_silence_until(HOUR);
}

#[test]
fn a_denial_counts_for_its_own_name_and_types_alone() {
    for (nsec, still_asked) in [
        ("! cam.local 120 flush NSEC A AAAA", BOTH),
        ("! cam.local 120 flush NSEC AAAA", "? cam.local AAAA"),
        ("! dam.local 120 flush NSEC TXT", BOTH),
        ("! cam.local 0 flush NSEC TXT", BOTH),
        ("! cam.local 120 flush NSEC TXT", ""),
    ] {
        let mut t = new(7);
        let request = lookup(&mut t, Families::Both);
        t.expect_at(0, BOTH);
        t.hear_at(10, NEIGHBOUR, nsec);
        if still_asked.is_empty() {
            t.expect_event(QuerierEvent::Failed { request, reason: LookupFailure::NoData });
        } else {
            t.expect_at(1_000, still_asked);
            t.expect_at(3_000, still_asked);
            t.expect_event_at(5_000, QuerierEvent::Failed { request, reason: LookupFailure::Timeout });
        }
        t.expect_silence_until(MINUTE);
    }
}

#[test]
fn a_name_that_is_known_is_told_without_a_packet() {
    let (mut t, _, _, now) = with_printer(7);
    let request =
        t.machine.lookup("Printer.local", Families::Both, Until::Answered { timeout_millis: 5_000 }).unwrap();
    t.at(now + 1);
    t.expect_silence_until(now + 2);
    assert!(t.events().any(|(_, event)| *event == QuerierEvent::Done { request }));
}

#[test]
fn a_lookup_that_joins_another_one_is_asked_at_once_and_a_browse_in_its_turn() {
    let mut t = new(7);
    let first = t.machine.lookup("cam.local", Families::V4, Until::Cancelled).unwrap();
    let from = t.expect_within(20..=120, "? cam.local A");
    for after in [1, 3, 7, 15] {
        t.expect_at(from + after * 1_000, "? cam.local A");
    }
    t.at(from + 20_000);
    let second = lookup(&mut t, Families::V4);
    for after in [20, 21, 23] {
        t.expect_at(from + after * 1_000, "? cam.local A");
    }
    t.expect_event_at(
        from + 25_000,
        QuerierEvent::Failed { request: second, reason: LookupFailure::Timeout },
    );
    t.call(|machine| machine.cancel(first));

    for (service_type, question) in [
        ("_ipp._tcp", "? _ipp._tcp.local PTR"),
        ("_services._dns-sd._udp", "? _services._dns-sd._udp.local PTR"),
    ] {
        let mut t = new(7);
        t.machine.browse(service_type).unwrap();
        let from = t.expect_within(20..=120, question);
        t.expect_at(from + 1_000, question);
        t.machine.browse(service_type).unwrap();
        t.expect_at(from + 3_000, question);
        t.call(|machine| machine.link_down());
    }
}

// M-6.1-1, M-5.2-1
#[test]
fn what_was_denied_is_asked_for_anew_when_that_holds_no_longer() {
    let mut t = new(7);
    let request = t.machine.lookup("cam.local", Families::V6, Until::Cancelled).unwrap();
    let asked = t.expect_within(20..=120, "? cam.local AAAA");
    t.hear_at(asked, NEIGHBOUR, "! cam.local 120 flush NSEC A");
    // Whoever else has heard it waits for the same moment.
    let again = t.expect_within(asked + 120_020..=asked + 120_120, "? cam.local AAAA");
    t.expect_at(again + 1_000, "? cam.local AAAA");
    t.expect_at(again + 3_000, "? cam.local AAAA");
    t.call(|machine| machine.cancel(request));
}

// M-10.3-1, M-6.1-1
#[test]
fn a_link_that_comes_back_has_what_was_denied_on_it_asked_for_while_somebody_needs_it() {
    for is_needed in [true, false] {
        let mut t = new(7);
        let request = t.machine.lookup("cam.local", Families::V6, Until::Cancelled).unwrap();
        let asked = t.expect_within(20..=120, "? cam.local AAAA");
        t.hear_at(asked + 5, NEIGHBOUR, "! cam.local 120 flush NSEC A");
        t.expect_silence_until(10_000);
        if !is_needed {
            t.machine.cancel(request);
        }
        t.call(|machine| machine.link_up());
        if is_needed {
            t.expect_within(10_020..=10_120, "? cam.local AAAA");
            t.call(|machine| machine.cancel(request));
        }
        t.expect_silence_until(HOUR);
    }
}

// M-6-12, M-5.4-1, N2
#[test]
fn unicast_answers_count_for_two_seconds_behind_a_question_that_asked_for_them() {
    let start = || {
        let mut t = Script::new(machines::endpoint(7));
        t.machine.set_addresses(&[("192.0.2.7".parse().unwrap(), 24)]).unwrap();
        t.machine.lookup("cam.local", Families::V4, Until::Answered { timeout_millis: 60_000 }).unwrap();
        t.expect_at(0, "? cam.local A QU");
        t
    };
    let answer = "! cam.local 120 flush A 192.0.2.9";
    let mut t = start();
    assert_eq!(t.hear_direct_at(500, NEIGHBOUR, answer), Disposition::Used);
    t.expect_event_where("the address", |event| {
        matches!(event, Event::Querier(QuerierEvent::Address { .. })).then_some(())
    });

    let mut t = start();
    t.expect_at(1_000, "? cam.local A");
    assert_eq!(t.hear_direct_at(2_000, NEIGHBOUR, answer), Disposition::Ignored(Reason::Unsolicited));
    assert_eq!(t.hear_direct_at(2_000, LEGACY, answer), Disposition::Ignored(Reason::WrongPort));
    assert_eq!(t.hear_at(2_000, LEGACY, answer), Disposition::Ignored(Reason::WrongPort));
    t.call(|machine| machine.link_down());
    t.expect_silence_until(HOUR);
}

// M-5.4-1
#[test]
fn a_first_question_asks_for_unicast_answers_unless_the_port_is_shared() {
    for (ask, question) in [(true, "? cam.local A QU"), (false, "? cam.local A")] {
        let mut t = Script::new(machines::endpoint(7));
        t.machine.set_addresses(&[("192.0.2.7".parse().unwrap(), 24)]).unwrap();
        t.machine.ask_for_unicast(!ask);
        t.machine.ask_for_unicast(ask);
        t.machine.lookup("cam.local", Families::V4, Until::Cancelled).unwrap();
        t.expect_within(20..=120, question);
        t.call(|machine| machine.link_down());
    }
}

#[test]
fn a_lookup_that_told_an_address_is_done_though_the_address_is_gone_again() {
    let mut t = new(7);
    let request = lookup(&mut t, Families::Both);
    t.expect_at(0, BOTH);
    t.hear_at(5, NEIGHBOUR, "! cam.local 120 flush A 192.0.2.20");
    t.hear_at(5, NEIGHBOUR, "! cam.local 0 flush A 192.0.2.20");
    t.expect_at(1_000, "? cam.local AAAA");
    t.expect_event_at(1_005, QuerierEvent::Done { request });
    t.expect_silence_until(MINUTE);
}

#[test]
fn a_lookup_waits_for_the_link_but_no_longer_than_its_time() {
    for before in [true, false] {
        let mut t = new(7);
        if before {
            t.machine.link_down();
        }
        let request = lookup(&mut t, Families::Both);
        if !before {
            t.machine.link_down();
        }
        t.expect_event_at(5_000, QuerierEvent::Failed { request, reason: LookupFailure::Timeout });
        t.expect_silence_until(HOUR);

        let request =
            t.machine.lookup("cam.local", Families::Both, Until::Answered { timeout_millis: 5_000 }).unwrap();
        t.expect_silence_until(HOUR + 3_000);
        t.call(|machine| machine.link_up());
        t.expect_at(HOUR + 3_000, BOTH);
        t.expect_at(HOUR + 4_000, BOTH);
        t.expect_event_at(HOUR + 5_000, QuerierEvent::Failed { request, reason: LookupFailure::Timeout });
        t.expect_silence_until(2 * HOUR);
    }
}

// S9
#[test]
fn a_lookup_is_refused_unless_its_questions_fit_the_cache_too() {
    for len in 1..=63 {
        let name = format!("{:a<len$}.local", "");
        let storage = Box::leak(Box::new(QuerierStorage::<1, 96>::new()));
        let mut t = Script::new(Querier::new(storage, Config::new(7)));
        match t.machine.lookup(&name, Families::Both, Until::Cancelled) {
            Ok(_) => {
                t.expect_within(20..=120, &format!("? {name} A, {name} AAAA"));
                t.expect_no_event();
                t.call(|machine| machine.link_down());
            }
            // Beside the label: id, marks, length, pointer, and what fills up the fours behind `local`; two questions.
            Err(error) => assert_eq!(error, RequestError::CacheFull { needed: len + 12 + 2 * 16 }),
        }
    }
}

#[test]
fn what_is_no_local_name_is_refused_with_a_hint() {
    let mut machine = machines::querier(7);
    let mut refused =
        |name| machine.lookup(name, Families::Both, Until::Answered { timeout_millis: 1 }).unwrap_err();
    for name in ["printer", "example.com", "local", "printer.local.lan", "."] {
        let error = refused(name);
        assert_eq!(error, RequestError::NotLocal, "{name}");
        assert!(error.to_string().contains("printer.local"), "{error}");
    }
    assert!(matches!(refused("a..local"), RequestError::Name(_)));
    for _ in 0..8 {
        machine.lookup("a.local", Families::Both, Until::Answered { timeout_millis: 1 }).unwrap();
    }
    let error = machine.lookup("b.local", Families::Both, Until::Answered { timeout_millis: 1 }).unwrap_err();
    assert_eq!(error, RequestError::Full { capacity: 8 });
    assert!(error.to_string().contains("REQUESTS"), "{error}");
}

#[test]
fn an_answer_that_is_gone_before_it_was_told_or_comes_too_late_is_none() {
    let answer = encode(&"! cam.local 120 flush A 192.0.2.9".parse().unwrap(), Compression::None);
    let meta = Meta::mdns(NEIGHBOUR, true);
    for is_gone in [true, false] {
        let mut machine = machines::querier(7);
        let until = Until::Answered { timeout_millis: 5_000 };
        let request = machine.lookup("cam.local", Families::V4, until).unwrap();
        // Another one, which keeps the records wanted.
        let other = machine.lookup("cam.local", Families::V4, Until::Cancelled).unwrap();
        let told = |machine: &mut Querier, now| {
            while machine.poll_transmit(now, &mut [0; 1440]).is_some() {}
            let of_other = |event: &QuerierEvent| *event == address(other, "192.0.2.9");
            let events = std::iter::from_fn(|| machine.poll_event());
            events.filter(|event| !of_other(event)).collect::<Vec<_>>()
        };
        let start = Instant::from_millis(0);
        machine.handle_timeout(start);
        if is_gone {
            machine.handle_datagram(start, meta, &answer);
            machine.network_changed();
            assert_eq!(told(&mut machine, start), []);
            machine.handle_timeout(start.after(5_000));
        } else {
            machine.handle_datagram(start.after(9_000), meta, &answer);
        }
        let failed = QuerierEvent::Failed { request, reason: LookupFailure::Timeout };
        assert_eq!(told(&mut machine, start.after(9_000)), [failed]);
    }
}
