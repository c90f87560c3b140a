//! Requests and neighbours side by side: what concerns one of them leaves the others alone.

use super::*;
use crate::support::{MINUTE, OTHER};
use dotlocal::mdns::{Config, Families, QuerierStorage, RequestError, Until};
use dotlocal::wire::Type;
use std::collections::BTreeSet;

const QUESTION: &str = "? _ipp._tcp.local PTR";
const SCANNER: &str = r#"! _ipp._tcp.local 4500 PTR Scanner._ipp._tcp.local
    | add Scanner._ipp._tcp.local 120 flush SRV 632 scanner.local, Scanner._ipp._tcp.local 4500 flush TXT "rp=s",
    scanner.local 120 flush A 192.0.2.21, scanner.local 120 flush AAAA fe80::21"#;

/// A browse that has found the printer and the scanner; the time is that of the second answer.
fn with_two(seed: u32) -> (Script<Querier>, RequestId, [InstanceId; 2], u64) {
    let (mut t, browse, printer, now) = with_printer(seed);
    t.hear_at(now + 10, OTHER, SCANNER);
    let scanner = found(&mut t, browse);
    t.expect_event(QuerierEvent::Resolved { request: browse, instance: scanner });
    (t, browse, [printer, scanner], now + 10)
}

#[test]
fn an_instance_that_is_lost_is_gone_though_its_records_and_other_instances_are_there() {
    let (mut t, browse, [printer, scanner], now) = with_two(7);
    let resolve = t.machine.resolve("Scanner", "_ipp._tcp").unwrap();
    t.hear_at(now + 10, NEIGHBOUR, "! _ipp._tcp.local 0 PTR Printer._ipp._tcp.local");
    t.sent_until(now + 2_000);
    assert!(t.events().any(|(_, event)| *event == QuerierEvent::Lost { request: browse, instance: printer }));
    assert!(t.machine.instance(printer).is_none());
    assert_eq!(t.machine.instance(scanner).unwrap().port(), 632);
    t.call(|machine| machine.cancel(browse));
    t.call(|machine| machine.cancel(resolve));
}

// M-10.4-1
#[test]
fn what_did_not_work_is_asked_for_of_its_own_instance_alone() {
    let (mut t, browse, [printer, _], now) = with_two(7);
    t.sent_until(now + MINUTE);
    t.call(|machine| machine.reconfirm(printer));
    t.expect_at(
        now + MINUTE,
        "? _ipp._tcp.local PTR, Printer._ipp._tcp.local SRV, Printer._ipp._tcp.local TXT, printer.local A,
        printer.local AAAA | known _ipp._tcp.local 4440 PTR Scanner._ipp._tcp.local",
    );
    t.call(|machine| machine.cancel(browse));
}

#[test]
fn a_host_that_is_gone_casts_doubt_on_what_leads_to_it_alone() {
    let (mut t, browse, instances, now) = with_two(7);
    t.sent_until(now + MINUTE);
    t.hear_at(now + MINUTE, OTHER, SCANNER);
    t.sent_until(now + 2 * MINUTE + 20_000);
    let lost = instances.map(|instance| {
        t.events().any(|(_, event)| *event == QuerierEvent::Lost { request: browse, instance })
    });
    assert_eq!(lost, [true, false]);
    t.call(|machine| machine.cancel(browse));
}

#[test]
fn two_resolves_are_told_each_of_its_own_instance() {
    let mut t = new(7);
    let requests = ["Printer", "Scanner"].map(|name| t.machine.resolve(name, "_ipp._tcp").unwrap());
    t.sent_until(10);
    t.hear_at(10, NEIGHBOUR, PRINTER);
    t.hear_at(10, OTHER, SCANNER);
    for changed in [
        r#"! Scanner._ipp._tcp.local 4500 flush TXT "rp=t""#,
        "! Scanner._ipp._tcp.local 120 flush SRV 633 scanner.local",
    ] {
        t.hear_at(20, OTHER, changed);
        let told = t.expect_event_where("the scanner has changed", |event| match event {
            QuerierEvent::Updated { request, .. } => Some(*request),
            _ => None,
        });
        assert_eq!(told, requests[1]);
        t.expect_no_event();
    }
    for request in requests {
        t.machine.cancel(request);
    }
}

// M-10.5-1
#[test]
fn what_others_ask_for_in_vain_is_doubted_and_nothing_beside_it() {
    let (mut t, browse, _, now) = with_two(7);
    t.sent_until(now + 20_000);
    let question = "? Scanner._ipp._tcp.local SRV";
    t.hear_at(now + 20_000, OTHER, question);
    t.hear_at(now + 21_000, OTHER, question);
    t.expect_at(now + 21_000, question);
    t.expect_at(now + 22_000, question);
    t.call(|machine| machine.cancel(browse));
}

#[test]
fn a_request_that_ends_takes_its_own_question_with_it() {
    let mut t = new(7);
    let requests = [("cam", Type::TXT), ("cam", Type::HINFO), ("dam", Type::TXT)]
        .map(|(name, rtype)| t.machine.records(&format!("{name}.local"), rtype, Until::Cancelled).unwrap());
    let asked = t.expect_within(20..=120, "? cam.local TXT, cam.local HINFO, dam.local TXT");
    t.call(|machine| machine.cancel(requests[0]));
    t.expect_at(asked + 1_000, "? cam.local HINFO, dam.local TXT");
    t.call(|machine| machine.link_down());
}

// S9
#[test]
fn a_request_that_is_refused_for_lack_of_room_takes_nothing_from_the_others() {
    let storage = Box::leak(Box::new(QuerierStorage::<3, 512>::new()));
    let mut t = Script::new(Querier::new(storage, Config::new(7)));
    let browse = t.machine.browse("_ipp._tcp").unwrap();
    let asked = t.expect_within(20..=120, QUESTION);
    t.machine.lookup("cam.local", Families::V4, Until::Answered { timeout_millis: 60_000 }).unwrap();
    t.expect_at(asked, "? cam.local A");
    t.hear_at(asked + 1, NEIGHBOUR, PRINTER);
    let instance = found(&mut t, browse);
    t.expect_event(QuerierEvent::Resolved { request: browse, instance });
    t.at(asked + 500);
    let long = ["a", "b", "c"].map(|letter| letter.repeat(63)).join(".") + ".local";
    let refused = t.machine.lookup(&long, Families::V4, Until::Cancelled);
    assert!(matches!(refused, Err(RequestError::CacheFull { .. })), "{refused:?}");
    t.expect_no_event();
    let view = t.machine.instance(instance).unwrap();
    assert_eq!((view.port(), view.addresses().count(), view.txt().is_some()), (631, 2, true));
    // Each is asked for again in its own time.
    let known = "? _ipp._tcp.local PTR, cam.local A | known _ipp._tcp.local 4499 PTR Printer._ipp._tcp.local";
    t.expect_at(asked + 1_000, known);
    t.call(|machine| machine.link_down());
}

// M-5.2-3
#[test]
fn what_came_in_packets_of_its_own_is_renewed_in_its_own_time() {
    let mut t = new(7);
    let names = ["a", "b", "c", "d", "e", "f"];
    for name in names {
        t.machine.lookup(&format!("{name}.local"), Families::V4, Until::Cancelled).unwrap();
    }
    t.sent_until(120);
    for name in names {
        t.hear_at(120, NEIGHBOUR, &format!("! {name}.local 120 flush A 192.0.2.9"));
    }
    t.expect_silence_until(90_000);
    let renewed: BTreeSet<_> = t.sent_until(100_000).iter().map(|(at, ..)| *at).collect();
    assert!(renewed.len() > 3, "{renewed:?}");
    t.call(|machine| machine.link_down());
}

// M-5.2-1
#[test]
fn a_first_question_keeps_its_wait_whatever_is_to_be_asked_again_meanwhile() {
    let mut waits = BTreeSet::new();
    for seed in 0..20 {
        let mut t = new(seed);
        t.machine.browse("_ipp._tcp").unwrap();
        let asked = t.expect_within(20..=120, QUESTION);
        t.expect_at(asked + 1_000, QUESTION);
        // The third time it is asked for at 3,000 ms.
        let from = asked + 2_950;
        t.at(from);
        t.machine.browse("_http._tcp").unwrap();
        let sent = t.sent_until(from + 150);
        let first = sent.iter().find(|(_, _, message)| message.to_string().contains("_http"));
        waits.insert(first.unwrap().0 - from);
        t.call(|machine| machine.link_down());
    }
    assert!(waits.len() > 10, "{waits:?}");
}

#[test]
fn an_alias_that_a_lookup_has_followed_serves_a_service_as_well() {
    let mut t = new(7);
    t.machine.lookup("www.local", Families::V4, Until::Cancelled).unwrap();
    let asked = t.expect_within(20..=120, "? www.local A");
    t.hear_at(asked, NEIGHBOUR, "! www.local 120 flush CNAME cam.local, cam.local 120 flush A 192.0.2.9");
    t.machine.resolve("Web", "_http._tcp").unwrap();
    t.expect_at(asked, "? Web._http._tcp.local SRV, Web._http._tcp.local TXT");
    t.hear_at(
        asked,
        NEIGHBOUR,
        r#"! Web._http._tcp.local 120 flush SRV 80 www.local, Web._http._tcp.local 4500 flush TXT """#,
    );
    t.expect_within(asked + 20..=asked + 120, "? cam.local AAAA");
    t.call(|machine| machine.link_down());
}

#[test]
fn a_change_of_one_instance_is_told_of_it_alone() {
    for changed in [
        r#"! Scanner._ipp._tcp.local 4500 flush TXT "rp=t""#,
        "! Scanner._ipp._tcp.local 120 flush SRV 633 scanner.local",
        "! scanner.local 120 flush A 192.0.2.22",
    ] {
        let (mut t, browse, [_, scanner], now) = with_two(7);
        t.hear_at(now + 20, OTHER, changed);
        t.expect_event(QuerierEvent::Updated { request: browse, instance: scanner });
        t.expect_no_event();
        t.call(|machine| machine.cancel(browse));
    }
}

#[test]
fn a_host_that_has_an_address_left_casts_no_doubt() {
    let (mut t, browse, _, now) = with_printer(7);
    t.sent_until(now + 10_000);
    t.hear_at(now + 10_000, NEIGHBOUR, "! printer.local 0 flush A 192.0.2.20");
    let sent = t.sent_until(now + 25_000);
    assert!(sent.iter().all(|(_, _, message)| !message.to_string().contains("SRV")), "{sent:?}");
    t.call(|machine| machine.cancel(browse));
}

#[test]
fn what_is_told_apart_holds_up_nobody_and_is_told_by_its_own_call_alone() {
    let mut t = new(7);
    let other = t.machine.browse("_ipp._tcp").unwrap();
    let apart = t.machine.browse("_ipp._tcp").unwrap();
    t.call(|machine| machine.tell_apart(apart));
    let asked = t.expect_within(20..=120, QUESTION);
    t.hear_at(asked + 5, NEIGHBOUR, PRINTER);
    let printer = found(&mut t, other);
    t.expect_event(QuerierEvent::Resolved { request: other, instance: printer });
    // It coalesces: who asks late hears what has become of it.
    t.hear_at(asked + 10, NEIGHBOUR, r#"! Printer._ipp._tcp.local 4500 flush TXT "rp=r""#);
    t.expect_event(QuerierEvent::Updated { request: other, instance: printer });
    t.expect_no_event();
    let told: [_; 3] = core::array::from_fn(|_| t.machine.poll_event_of(apart));
    let found_and_resolved = [
        QuerierEvent::Found { request: apart, instance: printer },
        QuerierEvent::Resolved { request: apart, instance: printer },
    ];
    assert_eq!(told, [Some(found_and_resolved[0]), Some(found_and_resolved[1]), None]);
    // A request in the slot of one that was told apart is told with all others again.
    t.call(|machine| machine.cancel(apart));
    assert_eq!(t.machine.poll_event_of(apart), None);
    let again = t.call(|machine| machine.browse("_ipp._tcp")).unwrap();
    assert_eq!(found(&mut t, again), printer);
    t.call(|machine| machine.cancel(other));
}
