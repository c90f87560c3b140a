//! Records that are asked for by their type, reverse addresses, aliases, and requests that go on.

use super::*;
use crate::support::{HOUR, MINUTE};
use dotlocal::mdns::{Families, LookupFailure, RecordId, RequestError, Until};
use dotlocal::wire::Type;
use dotlocal::{Disposition, Reason};

const ONCE: Until = Until::Answered { timeout_millis: 5_000 };

fn record(t: &mut Script<Querier>, request: RequestId) -> RecordId {
    t.expect_event_where("a record", |event| match event {
        QuerierEvent::Record { request: of, record } if *of == request => Some(*record),
        _ => None,
    })
}

#[test]
fn a_unique_record_ends_a_request_for_its_type_at_once() {
    let mut t = new(7);
    let request = t.machine.records("cam.local", Type::HINFO, ONCE).unwrap();
    t.expect_at(0, "? cam.local HINFO");
    t.expect_at(1_000, "? cam.local HINFO");
    t.hear_at(
        1_040,
        NEIGHBOUR,
        r"! CAM.local 120 flush HINFO \# 8 03415243034c4e58, cam.local 120 flush A 192.0.2.9",
    );
    let found = record(&mut t, request);
    t.expect_event(QuerierEvent::Done { request });
    assert_eq!(t.machine.record(found).unwrap().rtype(), Type::HINFO);
    t.expect_silence_until(HOUR);
}

#[test]
fn a_record_is_wanted_by_a_request_for_its_name_and_its_type_alone() {
    let mut t = new(7);
    t.machine.records("cam.local", Type::HINFO, ONCE).unwrap();
    t.machine.records("dam.local", Type::TXT, ONCE).unwrap();
    t.expect_at(0, "? cam.local HINFO, dam.local TXT");
    for (answer, disposition) in [
        (r#"! cam.local 120 TXT "a""#, Disposition::Ignored(Reason::NotForUs)),
        (r"! dam.local 120 HINFO \# 8 03415243034c4e58", Disposition::Ignored(Reason::NotForUs)),
        (r#"! dam.local 120 TXT "a""#, Disposition::Used),
    ] {
        assert_eq!(t.hear_at(10, NEIGHBOUR, answer), disposition, "{answer}");
    }
    t.call(|machine| machine.link_down());
}

#[test]
fn a_name_that_has_other_records_is_asked_for_its_addresses() {
    let mut t = new(7);
    t.machine.records("cam.local", Type::HINFO, Until::Cancelled).unwrap();
    let asked = t.expect_within(20..=120, "? cam.local HINFO");
    t.hear_at(asked, NEIGHBOUR, r"! cam.local 120 flush HINFO \# 8 03415243034c4e58");
    t.machine.lookup("cam.local", Families::V4, ONCE).unwrap();
    t.expect_at(asked, "? cam.local A");
    t.call(|machine| machine.link_down());
}

// M-5.2-3
#[test]
fn a_unique_record_is_asked_for_again_when_its_life_ends_and_no_sooner() {
    let mut t = new(7);
    let request = t.machine.records("cam.local", Type::TXT, Until::Cancelled).unwrap();
    let asked = t.expect_within(20..=120, "? cam.local TXT");
    t.hear_at(asked, NEIGHBOUR, r#"! cam.local 120 flush TXT "a""#);
    t.expect_within(asked + 96_000..=asked + 98_400, "? cam.local TXT");
    t.call(|machine| machine.cancel(request));
}

#[test]
fn a_record_is_told_once_whatever_others_find_behind_it() {
    let mut t = new(7);
    let request = t.machine.records("_ipp._tcp.local", Type::PTR, Until::Cancelled).unwrap();
    let browse = t.machine.browse("_ipp._tcp").unwrap();
    let asked = t.expect_within(20..=120, "? _ipp._tcp.local PTR");
    t.hear_at(asked, NEIGHBOUR, PRINTER);
    let instance = found(&mut t, browse);
    t.expect_event(QuerierEvent::Resolved { request: browse, instance });
    record(&mut t, request);
    t.expect_no_event();
    t.call(|machine| machine.link_down());
}

// M-5.2-2
#[test]
fn a_question_that_was_asked_for_the_sake_of_a_record_waits_a_second_for_its_own_time() {
    let mut t = new(7);
    let request = t.machine.records("_ipp._tcp.local", Type::PTR, Until::Cancelled).unwrap();
    let asked = t.expect_within(20..=120, "? _ipp._tcp.local PTR");
    for wait in [1_000, 3_000, 7_000, 15_000] {
        t.expect_at(asked + wait, "? _ipp._tcp.local PTR");
    }
    // Of ten seconds of life 80 to 82 percent are over half a second before the next time of the question.
    t.hear_at(asked + 22_400, NEIGHBOUR, "! _ipp._tcp.local 10 PTR Printer._ipp._tcp.local");
    let renewed = t.expect_within(asked + 30_400..=asked + 30_600, "? _ipp._tcp.local PTR");
    t.expect_at(renewed + 1_000, "? _ipp._tcp.local PTR");
    t.expect_silence_until(renewed + 32_999);
    t.call(|machine| machine.cancel(request));
}

#[test]
fn what_a_name_has_of_other_types_answers_no_request() {
    let mut t = new(7);
    let lookup = t.machine.lookup("cam.local", Families::V4, Until::Cancelled).unwrap();
    let asked = t.expect_within(20..=120, "? cam.local A");
    t.hear_at(asked, NEIGHBOUR, "! cam.local 120 flush A 192.0.2.9");
    t.expect_silence_until(1_000);
    let request = t.machine.records("cam.local", Type::TXT, ONCE).unwrap();
    for at in [1_000, 2_000, 4_000] {
        t.expect_at(at, "? cam.local TXT");
    }
    t.expect_event_at(6_000, QuerierEvent::Failed { request, reason: LookupFailure::Timeout });
    t.call(|machine| machine.cancel(lookup));
}

#[test]
fn a_record_can_be_read_with_its_event() {
    let mut machine = machines::querier(7);
    let now = dotlocal::Instant::from_millis;
    let request = machine.records("Printer._ipp._tcp.local", Type::ANY, Until::Cancelled).unwrap();
    machine.handle_timeout(now(0));
    let answer = r#"! Printer._ipp._tcp.local 120 flush SRV 1 2 631 printer.local, Printer._ipp._tcp.local 4500 flush TXT "rp=q",
        Printer._ipp._tcp.local 120 HINFO \# 8 03415243034c4e58, Printer._ipp._tcp.local 120 CNAME alias.local"#;
    let octets =
        crate::support::octets::encode(&answer.parse().unwrap(), crate::support::octets::Compression::None);
    machine.handle_datagram(now(2_500), dotlocal::Meta::mdns(NEIGHBOUR, true), &octets);
    machine.handle_timeout(now(5_000));
    let mut found = Vec::new();
    while let Some(event) = machine.poll_event() {
        let QuerierEvent::Record { request: of, record } = event else { panic!("{event:?}") };
        assert_eq!(of, request);
        let view = machine.record(record).unwrap();
        assert_eq!(view.name().to_string(), "Printer._ipp._tcp.local");
        found.push(format!("{} {} {}", view.ttl_secs(), view.rtype(), view.data().unwrap()));
        let target = view.target().map(|target| target.to_string());
        let expected = match view.rtype() {
            Type::SRV => Some("printer.local"),
            Type::CNAME => Some("alias.local"),
            _ => None,
        };
        assert_eq!(target.as_deref(), expected);
    }
    assert_eq!(
        found,
        [
            "117 SRV 1 2 631 printer.local.",
            r#"4497 TXT "rp=q""#,
            r#"117 HINFO "ARC" "LNX""#,
            "117 CNAME alias.local."
        ]
    );
}

// M-4-1, R-ARPA-1
#[test]
fn an_address_has_its_names_by_multicast() {
    let mut t = new(7);
    let request = t.machine.lookup_address("169.254.1.2".parse().unwrap(), ONCE).unwrap();
    t.expect_at(0, "? 2.1.254.169.in-addr.arpa PTR");
    t.hear_at(20, NEIGHBOUR, "! 2.1.254.169.in-addr.arpa 120 flush PTR cam.local");
    record(&mut t, request);
    t.expect_event(QuerierEvent::Done { request });

    let request = t.machine.lookup_address("fe80::9".parse().unwrap(), ONCE).unwrap();
    let name = "9.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.e.f.ip6.arpa";
    t.expect_at(20, &format!("? {name} PTR"));
    // Two names for one address, and none of them says that there are no others: a second for the rest.
    t.hear_at(50, NEIGHBOUR, &format!("! {name} 120 PTR cam.local"));
    t.hear_at(500, NEIGHBOUR, &format!("! {name} 120 PTR other.local"));
    let known = format!("? {name} PTR | known {name} 119 PTR cam.local, {name} 119 PTR other.local");
    t.expect_at(1_020, &known);
    t.expect_event_at(1_050, QuerierEvent::Done { request });
    assert_eq!(t.events().filter(|(_, event)| matches!(event, QuerierEvent::Record { .. })).count(), 3);
    t.expect_silence_until(HOUR);
}

// S-11-1
#[test]
fn domains_to_browse_are_found() {
    let mut t = new(7);
    let request = t.machine.records("b._dns-sd._udp.local", Type::PTR, Until::Cancelled).unwrap();
    t.expect_within(20..=120, "? b._dns-sd._udp.local PTR");
    t.hear_at(200, NEIGHBOUR, "! b._dns-sd._udp.local 4500 PTR example.com");
    let domain = record(&mut t, request);
    assert_eq!(t.machine.record(domain).unwrap().data().unwrap().to_string(), "example.com.");
    t.expect_within(
        1_000..=1_120,
        "? b._dns-sd._udp.local PTR | known b._dns-sd._udp.local 4499 PTR example.com",
    );
    t.hear_at(1_200, NEIGHBOUR, "! b._dns-sd._udp.local 0 PTR example.com");
    t.at(2_200);
    t.expect_event_where("lost", |event| matches!(event, QuerierEvent::RecordLost { .. }).then_some(()));
    t.call(|machine| machine.cancel(request));
}

#[test]
fn nobody_and_no_such_record_are_two_failures() {
    let mut t = new(7);
    let request = t.machine.records("cam.local", Type::TXT, ONCE).unwrap();
    t.expect_at(0, "? cam.local TXT");
    t.hear_at(20, NEIGHBOUR, "! cam.local 120 flush NSEC A");
    t.expect_event(QuerierEvent::Failed { request, reason: LookupFailure::NoData });
    let texts = [LookupFailure::Timeout, LookupFailure::NoData].map(|reason| reason.to_string());
    assert!(texts[0].contains("nobody") && texts[1].contains("no record of this type"), "{texts:?}");
    // The form that mDNS has for it cannot deny this one (RFC 6762 section 6.1).
    let request = t.machine.records("cam.local", Type(257), ONCE).unwrap();
    t.expect_at(20, "? cam.local TYPE257");
    t.hear_at(40, NEIGHBOUR, "! cam.local 120 flush NSEC A");
    t.expect_at(1_020, "? cam.local TYPE257");
    t.expect_at(3_020, "? cam.local TYPE257");
    t.expect_event_at(5_020, QuerierEvent::Failed { request, reason: LookupFailure::Timeout });
    // Nor all that there are, of which it is one itself.
    let request = t.machine.records("cam.local", Type::ANY, ONCE).unwrap();
    t.expect_at(5_020, "? cam.local ANY");
    t.hear_at(5_040, NEIGHBOUR, "! cam.local 120 flush NSEC A");
    record(&mut t, request);
    t.expect_at(6_020, "? cam.local ANY");
    t.expect_event_at(6_040, QuerierEvent::Done { request });
}

// M-3-1
#[test]
fn names_of_other_domains_are_refused() {
    let mut machine = machines::querier(7);
    for name in ["example.com", "local", "example.arpa", "."] {
        assert_eq!(machine.records(name, Type::A, ONCE).unwrap_err(), RequestError::NotLocal, "{name}");
    }
    machine.records("a.b.local", Type::A, ONCE).unwrap();
    machine.records("254.169.in-addr.arpa", Type::NS, ONCE).unwrap();
}

#[test]
fn a_lookup_that_goes_on_tells_what_changes_until_it_is_cancelled() {
    let mut t = new(7);
    let request = t.machine.lookup("cam.local", Families::V4, Until::Cancelled).unwrap();
    let told =
        |address: &str| QuerierEvent::Address { request, address: address.parse().unwrap(), ttl_secs: 120 };
    let lost = |address: &str| QuerierEvent::AddressLost { request, address: address.parse().unwrap() };
    let first = t.expect_within(0..=120, "? cam.local A");
    t.hear_at(first + 10, NEIGHBOUR, "! cam.local 120 flush A 192.0.2.9");
    t.expect_event(told("192.0.2.9"));
    t.expect_silence_until(20_000);
    t.hear_at(20_000, NEIGHBOUR, "! cam.local 120 flush A 192.0.2.10");
    t.expect_event(told("192.0.2.10"));
    t.expect_event_at(21_000, lost("192.0.2.9"));
    t.hear_at(30_000, NEIGHBOUR, "! cam.local 0 flush A 192.0.2.10");
    t.expect_event_at(31_000, lost("192.0.2.10"));
    // It is gone, and so looked for anew.
    let again = t.expect_within(31_000..=31_120, "? cam.local A");
    t.expect_at(again + 1_000, "? cam.local A");
    t.call(|machine| machine.cancel(request));
    t.expect_silence_until(HOUR);
}

#[test]
fn an_alias_is_followed_to_its_addresses() {
    let mut t = new(7);
    let request = t.machine.lookup("www.local", Families::V4, ONCE).unwrap();
    t.expect_at(0, "? www.local A");
    t.hear_at(10, NEIGHBOUR, "! www.local 120 flush CNAME cam.local");
    let asked = t.expect_within(30..=130, "? cam.local A");
    t.hear_at(asked + 10, NEIGHBOUR, "! cam.local 120 flush A 192.0.2.9");
    let address = "192.0.2.9".parse().unwrap();
    t.expect_event(QuerierEvent::Address { request, address, ttl_secs: 120 });
    t.expect_event(QuerierEvent::Done { request });
    assert_eq!(t.machine.canonical_name(request), None);
}

#[test]
fn the_name_that_aliases_lead_to_is_told() {
    let mut t = new(7);
    let request = t.machine.lookup("www.local", Families::V4, Until::Cancelled).unwrap();
    let canonical_name = |t: &Script<Querier>| Some(t.machine.canonical_name(request)?.to_string());
    t.expect_within(20..=120, "? www.local A");
    assert_eq!(canonical_name(&t).as_deref(), Some("www.local"));
    t.hear_at(500, NEIGHBOUR, "! www.local 120 flush CNAME web.local, web.local 120 flush CNAME Cam.local");
    assert_eq!(canonical_name(&t).as_deref(), Some("Cam.local"));
    t.call(|machine| machine.cancel(request));
    assert_eq!(canonical_name(&t), None);
}

// S1
#[test]
fn rings_of_aliases_and_a_service_that_is_its_own_host_end() {
    let mut t = new(7);
    let request = t.machine.lookup("a.local", Families::Both, ONCE).unwrap();
    t.expect_at(0, "? a.local A, a.local AAAA");
    t.hear_at(
        10,
        NEIGHBOUR,
        "! a.local 120 flush CNAME b.local, b.local 120 flush CNAME c.local, c.local 120 flush CNAME a.local",
    );
    t.hear_at(11, NEIGHBOUR, "! self.local 120 flush CNAME self.local");
    t.expect_event_at(5_000, QuerierEvent::Failed { request, reason: LookupFailure::Timeout });
    let request = t.machine.lookup("self.local", Families::Both, ONCE).unwrap();
    t.expect_at(5_000, "? self.local A, self.local AAAA");
    t.hear_at(5_001, NEIGHBOUR, "! self.local 120 flush CNAME self.local");
    t.expect_event_at(10_000, QuerierEvent::Failed { request, reason: LookupFailure::Timeout });

    let resolve = t.machine.resolve("P", "_ipp._tcp").unwrap();
    t.expect_at(10_000, "? P._ipp._tcp.local SRV, P._ipp._tcp.local TXT");
    t.hear_at(
        10_010,
        NEIGHBOUR,
        r#"! P._ipp._tcp.local 120 flush SRV 1 P._ipp._tcp.local, P._ipp._tcp.local 120 flush TXT """#,
    );
    let sent = t.sent_until(10_000 + MINUTE).len();
    assert!(sent < 10, "{sent} packets in a minute");
    t.hear_at(10_000 + MINUTE, NEIGHBOUR, "! P._ipp._tcp.local 120 flush A 192.0.2.9");
    t.expect_event_where("resolved", |event| matches!(event, QuerierEvent::Resolved { .. }).then_some(()));
    t.call(|machine| machine.cancel(resolve));
}

// S2
#[test]
fn a_record_may_end_while_others_lead_to_it() {
    let mut t = new(7);
    let browse = t.machine.browse("_ipp._tcp").unwrap();
    let asked = t.expect_within(20..=120, "? _ipp._tcp.local PTR");
    // The addresses end first, then SRV, while PTR and TXT stay.
    t.hear_at(
        asked,
        NEIGHBOUR,
        r#"! _ipp._tcp.local 4500 PTR P._ipp._tcp.local, P._ipp._tcp.local 60 flush SRV 631 p.local,
        P._ipp._tcp.local 4500 flush TXT "", p.local 10 flush A 192.0.2.9"#,
    );
    let instance = found(&mut t, browse);
    t.expect_event(QuerierEvent::Resolved { request: browse, instance });
    // Each that ends unanswered makes us doubt what leads to it.
    while t.next_or_none(asked + 15_000).is_some() {}
    let view = t.machine.instance(instance).unwrap();
    assert_eq!((view.host().unwrap().to_string(), view.addresses().count()), ("p.local".into(), 0));
    while t.next_or_none(asked + 25_000).is_some() {}
    let view = t.machine.instance(instance).unwrap();
    assert!(view.host().is_none() && view.port() == 0 && view.txt().is_some());
    let back = asked + 26_000;
    let alive = "! _ipp._tcp.local 4500 PTR P._ipp._tcp.local, P._ipp._tcp.local 60 flush SRV 632 p.local, p.local 10 flush A 192.0.2.10";
    t.hear_at(back, NEIGHBOUR, alive);
    t.expect_event(QuerierEvent::Updated { request: browse, instance });
    while t.next_or_none(back + 5_000).is_some() {}
    assert_eq!(t.machine.instance(instance).unwrap().port(), 632);
    while t.next_or_none(back + 30_001).is_some() {}
    assert!(t.events().any(|(_, event)| *event == QuerierEvent::Lost { request: browse, instance }));
    t.call(|machine| machine.cancel(browse));
}

// D-2181-1
#[test]
fn the_lowest_time_to_live_of_a_set_counts_for_all_of_it() {
    let mut t = new(7);
    let request = t.machine.lookup("cam.local", Families::V4, Until::Cancelled).unwrap();
    let asked = t.expect_within(0..=120, "? cam.local A");
    t.hear_at(asked, NEIGHBOUR, "! cam.local 120 flush A 192.0.2.9, cam.local 30 flush A 192.0.2.10");
    for address in ["192.0.2.9", "192.0.2.10"] {
        t.expect_event(QuerierEvent::Address { request, address: address.parse().unwrap(), ttl_secs: 30 });
    }
    t.call(|machine| machine.cancel(request));
    // Those of several hosts have each its own.
    let browse = t.machine.records("_ipp._tcp.local", Type::PTR, Until::Cancelled).unwrap();
    let asked = t.expect_within(asked..=asked + 120, "? _ipp._tcp.local PTR");
    t.hear_at(
        asked,
        NEIGHBOUR,
        "! _ipp._tcp.local 4500 PTR a._ipp._tcp.local, _ipp._tcp.local 60 PTR b._ipp._tcp.local",
    );
    t.expect_at(
        asked + 1_000,
        "? _ipp._tcp.local PTR | known _ipp._tcp.local 4499 PTR a._ipp._tcp.local, _ipp._tcp.local 59 PTR b._ipp._tcp.local",
    );
    t.call(|machine| machine.cancel(browse));
}

// D-2181-1, M-10.1-2
#[test]
fn a_goodbye_beside_another_record_of_its_set_is_one_for_itself_alone() {
    let mut t = new(7);
    let request = t.machine.lookup("cam.local", Families::V4, Until::Cancelled).unwrap();
    let asked = t.expect_within(0..=120, "? cam.local A");
    t.hear_at(asked, NEIGHBOUR, "! cam.local 120 flush A 192.0.2.9, cam.local 0 flush A 192.0.2.10");
    t.expect_event(QuerierEvent::Address { request, address: [192, 0, 2, 9].into(), ttl_secs: 120 });
    t.expect_no_event();
    t.call(|machine| machine.cancel(request));
}

#[test]
fn a_life_of_more_than_a_week_counts_as_one_of_a_week() {
    for (said, counted) in [(3 * 86_400, 3 * 86_400), (30 * 86_400, 7 * 86_400), (0x7FFF_FFFF, 7 * 86_400)] {
        let mut t = new(7);
        let request = t.machine.lookup("cam.local", Families::V4, Until::Cancelled).unwrap();
        let asked = t.expect_within(0..=120, "? cam.local A");
        t.hear_at(asked, NEIGHBOUR, &format!("! cam.local {said} flush A 192.0.2.9"));
        let address = [192, 0, 2, 9].into();
        t.expect_event(QuerierEvent::Address { request, address, ttl_secs: counted });
        t.call(|machine| machine.cancel(request));
    }
}

// M-14-1
#[test]
fn each_link_has_a_cache_of_its_own() {
    let (mut here, browse, _, now) = with_printer(7);
    let (mut there, ..) = with_printer(8);
    there.call(|machine| machine.network_changed());
    here.at(now + 500);
    assert!(!here.events().any(|(_, event)| matches!(event, QuerierEvent::Lost { .. })));
    here.call(|machine| machine.cancel(browse));
}
