//! What the device itself has, found by its own requests.

use super::*;
use crate::support::machines::Endpoint;
use crate::support::{HOUR, MINUTE, OTHER, US};
use dotlocal::Disposition;
use dotlocal::mdns::{Config, EndpointStorage, Event, ExtraRecord, Families, Service, ServiceId, Until};
use dotlocal::wire::Type;
use std::net::IpAddr;

const QUESTION: &str = "? _ipp._tcp.local PTR";
const KNOWN: &str = "? _ipp._tcp.local PTR | known _ipp._tcp.local 4500 PTR Own._ipp._tcp.local";
const DOOR: [ExtraRecord<'static>; 1] = [ExtraRecord::new(Type::TXT, b"\x04open")];

/// `cam.local` with `Own._ipp._tcp`, established; the time is that of its last announcement.
fn established(config: Config) -> (Script<Endpoint>, ServiceId, u64) {
    let storage = Box::leak(Box::new(EndpointStorage::<4, 5, 64, 8, 4096>::new()));
    let mut endpoint = Endpoint::new(storage, config.unicast_answers(false));
    endpoint.set_hostname("cam").unwrap();
    endpoint.set_addresses(&[("192.0.2.7".parse().unwrap(), 24)]).unwrap();
    let service =
        endpoint.register(Service::new("_ipp._tcp", 631).instance("Own").txt(&[("a", "b")])).unwrap();
    assert_eq!(endpoint.is_established(service), Some(false));
    let mut t = Script::new(endpoint);
    let mut last = 0;
    while let Some((at, _)) = t.next_or_none(5_000) {
        last = at;
    }
    t.at(5_000);
    assert!(last < 3_000 && t.machine.is_established(service) == Some(true));
    (t, service, 5_000)
}

fn told(
    t: &mut Script<Endpoint>,
    what: &str,
    is_it: impl Fn(&QuerierEvent) -> Option<InstanceId>,
) -> InstanceId {
    t.expect_event_where(what, |event| match event {
        Event::Querier(event) => is_it(event),
        Event::Responder(_) => None,
    })
}

#[test]
fn a_browse_finds_the_own_service_at_once_and_asks_nobody_about_it() {
    let (mut t, service, now) = established(Config::new(7));
    let browse = t.machine.browse("_ipp._tcp").unwrap();
    t.at(now);
    let instance = told(&mut t, "found", |event| match event {
        QuerierEvent::Found { instance, .. } => Some(*instance),
        _ => None,
    });
    told(&mut t, "resolved", |event| matches!(event, QuerierEvent::Resolved { .. }).then_some(instance));
    let view = t.machine.instance(instance).unwrap();
    assert_eq!((view.label(), view.port()), (b"Own".as_slice(), 631));
    assert_eq!(view.addresses().collect::<Vec<_>>(), ["192.0.2.7".parse::<IpAddr>().unwrap()]);
    // Others may have more of them; of ours nothing is asked for, now or when its life would be over.
    let asked = t.expect_within(now + 20..=now + 121, KNOWN);
    let mut at = asked;
    for wait in [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 3600] {
        at += wait * 1_000;
        t.expect_at(at, KNOWN);
    }
    assert!(!t.events().any(|(_, event)| matches!(event, Event::Querier(QuerierEvent::Lost { .. }))));

    // Each change is told at once.
    t.call(|machine| machine.set_txt(service, &[("a", "c")]).unwrap());
    told(&mut t, "updated", |event| matches!(event, QuerierEvent::Updated { .. }).then_some(instance));
    assert_eq!(t.machine.instance(instance).unwrap().txt().unwrap().get("a"), Some(Some(b"c".as_slice())));
    t.call(|machine| machine.unregister(service).unwrap());
    told(&mut t, "lost", |event| matches!(event, QuerierEvent::Lost { .. }).then_some(instance));
    t.call(|machine| machine.cancel(browse));
    t.sent_until(at + 5_000);
    t.expect_silence_until(at + HOUR);
}

#[test]
fn the_own_name_is_looked_up_without_a_packet() {
    let (mut t, _, now) = established(Config::new(7));
    let request =
        t.machine.lookup("CAM.local", Families::Both, Until::Answered { timeout_millis: 5_000 }).unwrap();
    t.at(now + 1);
    t.expect_silence_until(now + 6_000);
    let events: Vec<_> = t.events().map(|(at, event)| (at, *event)).filter(|(at, _)| *at >= now).collect();
    let address = QuerierEvent::Address { request, address: "192.0.2.7".parse().unwrap(), ttl_secs: 120 };
    let done = QuerierEvent::Done { request };
    assert_eq!(events, [(now, address.into()), (now, done.into())]);
    let request =
        t.machine.lookup("cam.local", Families::V6, Until::Answered { timeout_millis: 5_000 }).unwrap();
    t.expect_silence_until(now + 12_000);
    let reason = dotlocal::mdns::LookupFailure::NoData;
    assert!(t.events().any(|(_, event)| *event == QuerierEvent::Failed { request, reason }.into()));
}

// S11
#[test]
fn what_others_say_of_it_changes_nothing() {
    let (mut t, service, now) = established(Config::new(7));
    let browse = t.machine.browse("_ipp._tcp").unwrap();
    let asked = t.expect_within(now + 20..=now + 121, KNOWN);
    let instance = t.events().find_map(|(_, event)| match event {
        Event::Querier(QuerierEvent::Resolved { instance, .. }) => Some(*instance),
        _ => None,
    });
    t.hear_at(asked + 5, OTHER, "! _ipp._tcp.local 0 PTR Own._ipp._tcp.local");
    t.hear_at(asked + 5, OTHER, r#"! Own._ipp._tcp.local 120 flush TXT "a=b""#);
    t.sent_until(asked + 10_000);
    assert!(!t.events().any(|(_, event)| matches!(event, Event::Querier(QuerierEvent::Lost { .. }))));
    assert_eq!(t.machine.instance(instance.unwrap()).unwrap().port(), 631);
    t.call(|machine| machine.unregister(service).unwrap());
    t.call(|machine| machine.cancel(browse));
    t.sent_until(asked + 11_000);
}

// S11
#[test]
fn what_the_device_has_said_before_a_change_and_comes_back_late_is_no_news() {
    let (mut t, service, now) = established(Config::new(7));
    let browse = t.machine.browse("_ipp._tcp").unwrap();
    t.at(now);
    t.call(|machine| machine.set_txt(service, &[("a", "c")]).unwrap());
    let before =
        r#"! Own._ipp._tcp.local 120 flush SRV 631 cam.local, Own._ipp._tcp.local 4500 flush TXT "a=b""#;
    t.sent_until(now + 1_500);
    t.hear_at(now + 1_500, US, before);
    t.sent_until(now + 5_000);
    let is_update = |event: &&Event| matches!(event, Event::Querier(QuerierEvent::Updated { .. }));
    assert_eq!(t.events().map(|(_, event)| event).filter(is_update).count(), 1);
    t.call(|machine| machine.cancel(browse));
}

// M-9-1
#[test]
fn a_service_whose_name_another_claims_is_shown_as_the_other_says() {
    let (mut t, _, now) = established(Config::new(7));
    let request = t.machine.resolve("Own", "_ipp._tcp").unwrap();
    t.at(now);
    let instance = told(&mut t, "resolved", |event| match event {
        QuerierEvent::Resolved { instance, .. } => Some(*instance),
        _ => None,
    });
    t.hear_at(now + 5_000, OTHER, "! Own._ipp._tcp.local 120 flush SRV 9 other.local");
    assert_eq!(t.machine.instance(instance).unwrap().port(), 9);
    t.call(|machine| machine.cancel(request));
    t.sent_until(now + 20_000);
    assert!(!t.events().any(|(_, event)| matches!(event, Event::Querier(QuerierEvent::Lost { .. }))));
}

/// `cam.local` looked up, an IPv6 address for it heard at 120 ms at the latest, and then the name taken by this device: the
/// other one is out of reach, and nobody objects.
fn taken_over() -> (Script<Endpoint>, dotlocal::mdns::RequestId) {
    let storage = Box::leak(Box::new(EndpointStorage::<4, 5, 64, 8, 4096>::new()));
    let mut endpoint = Endpoint::new(storage, Config::new(7).unicast_answers(false));
    endpoint.set_addresses(&[("192.0.2.7".parse().unwrap(), 24)]).unwrap();
    let mut t = Script::new(endpoint);
    let lookup = t.machine.lookup("cam.local", Families::V6, Until::Cancelled).unwrap();
    let asked = t.expect_within(20..=120, "? cam.local AAAA");
    t.hear_at(asked, OTHER, "! cam.local 120 flush AAAA fe80::10");
    t.machine.set_hostname("cam").unwrap();
    t.sent_until(10_000);
    (t, lookup)
}

#[test]
fn what_another_had_under_a_name_that_is_ours_by_now_ends_with_its_goodbye() {
    let (mut t, lookup) = taken_over();
    t.hear_at(10_000, OTHER, "! cam.local 0 flush AAAA fe80::10");
    t.sent_until(11_000);
    let lost = QuerierEvent::AddressLost { request: lookup, address: "fe80::10".parse().unwrap() };
    assert!(t.events().any(|(at, event)| (at, event) == (11_000, &Event::Querier(lost))));
    t.call(|machine| machine.cancel(lookup));
}

#[test]
fn a_conflict_about_one_own_name_has_no_other_one_asked_for() {
    let (mut t, lookup) = taken_over();
    t.call(|machine| machine.register(Service::new("_ipp._tcp", 631).instance("Own")).unwrap());
    // By now its address would have been asked for again, were the name not ours.
    t.sent_until(100_000);
    t.hear_at(100_000, OTHER, "! Own._ipp._tcp.local 120 flush SRV 9 other.local");
    let sent = t.sent_until(110_000);
    let asked: Vec<_> = sent.iter().flat_map(|(_, _, message)| &message.questions).collect();
    assert!(asked.iter().all(|question| question.to_string() == "Own._ipp._tcp.local ANY"), "{asked:?}");
    t.call(|machine| machine.cancel(lookup));
    t.sent_until(120_000);
}

#[test]
fn a_device_may_want_to_find_others_alone() {
    let (mut t, _, now) = established(Config::new(7).finds_own(false));
    let browse = t.machine.browse("_ipp._tcp").unwrap();
    t.expect_within(now + 20..=now + 121, QUESTION);
    t.sent_until(now + 60_000);
    assert!(!t.events().any(|(_, event)| matches!(event, Event::Querier(_))));
    t.call(|machine| machine.cancel(browse));
}

#[test]
fn a_service_of_another_on_our_host_has_our_addresses_at_once() {
    let (mut t, _, now) = established(Config::new(7));
    let browse = t.machine.browse("_http._tcp").unwrap();
    let asked = t.expect_within(now + 20..=now + 121, "? _http._tcp.local PTR");
    let web = r#"! _http._tcp.local 4500 PTR Web._http._tcp.local, Web._http._tcp.local 120 flush SRV 80 cam.local,
        Web._http._tcp.local 4500 flush TXT """#;
    t.hear_at(asked, OTHER, web);
    let instance = told(&mut t, "resolved", |event| match event {
        QuerierEvent::Resolved { instance, .. } => Some(*instance),
        _ => None,
    });
    assert_eq!(t.machine.instance(instance).unwrap().addresses().count(), 1);
    let known = "? _http._tcp.local PTR | known _http._tcp.local 4499 PTR Web._http._tcp.local";
    t.expect_at(asked + 1_000, known);
    t.call(|machine| machine.cancel(browse));
}

// S-9-1
#[test]
fn a_type_of_an_own_service_that_goes_is_lost_in_ten_seconds_unless_others_have_it() {
    let question = "? _services._dns-sd._udp.local PTR";
    for answered in [true, false] {
        let (mut t, service, now) = established(Config::new(7));
        let request = t.machine.browse("_services._dns-sd._udp").unwrap();
        t.at(now);
        let instance = told(&mut t, "found", |event| match event {
            QuerierEvent::Found { instance, .. } => Some(*instance),
            _ => None,
        });
        let gone = now + MINUTE;
        t.sent_until(gone);
        t.call(|machine| machine.unregister(service).unwrap());
        // Until now it was listed as known, which keeps others silent.
        let sent = t.sent_until(gone + 2_000);
        let asked = sent.iter().filter(|(_, _, message)| message.to_string() == question);
        assert_eq!(asked.map(|(at, ..)| at - gone).collect::<Vec<_>>(), [0, 1_000]);
        if answered {
            let listed = "! _services._dns-sd._udp.local 4500 PTR _ipp._tcp.local";
            t.hear_at(gone + 2_000, OTHER, listed);
        }
        t.sent_until(gone + 9_999);
        t.at(gone + 10_000);
        let lost = Event::Querier(QuerierEvent::Lost { request, instance });
        let times: Vec<u64> = t.events().filter(|(_, event)| **event == lost).map(|(at, _)| at).collect();
        assert_eq!(times, if answered { vec![] } else { vec![gone + 10_000] });
        t.call(|machine| machine.cancel(request));
    }
}

// M-9-1
#[test]
fn what_the_device_has_is_lost_with_its_name_before_anything_is_sent() {
    let (mut t, _, now) = established(Config::new(7));
    t.machine.set_host_records(&DOOR).unwrap();
    t.sent_until(now + 5_000);
    let request = t.machine.records("cam.local", Type::TXT, Until::Cancelled).unwrap();
    t.at(now + 5_001);
    let is_record = |event: &Event| matches!(event, Event::Querier(QuerierEvent::Record { .. }));
    assert!(t.events().any(|(at, event)| at == now + 5_000 && is_record(event)));
    t.hear_at(now + 5_100, OTHER, "! cam.local 120 flush A 192.0.2.99");
    let is_lost = |event: &Event| matches!(event, Event::Querier(QuerierEvent::RecordLost { .. }));
    assert!(t.at(now + 5_100).events().any(|(_, event)| is_lost(event)));
    t.call(|machine| machine.link_down());
    t.call(|machine| machine.cancel(request));
}

#[test]
fn what_one_half_has_used_is_used() {
    let (mut t, _, now) = established(Config::new(7));
    let lookup = t.machine.lookup("cam.local", Families::V4, Until::Cancelled).unwrap();
    t.at(now + 1_000);
    assert_eq!(t.hear_at(now + 1_000, OTHER, "? cam.local A"), Disposition::Used);
    t.expect_at(now + 1_000, "! cam.local 120 flush A 192.0.2.7 | add cam.local 120 flush NSEC A");
    t.call(|machine| machine.cancel(lookup));
}

// M-5.2-1, M-8.1-1
#[test]
fn the_waits_of_both_halves_have_nothing_to_do_with_each_other() {
    let mut waits: Vec<_> = (0..40)
        .map(|seed| {
            let mut t = Script::new(machines::endpoint(seed));
            t.machine.set_hostname("cam").unwrap();
            t.machine.set_addresses(&[("192.0.2.7".parse().unwrap(), 24)]).unwrap();
            t.machine.browse("_ipp._tcp").unwrap();
            let sent = t.sent_until(250);
            t.call(|machine| machine.link_down());
            ["cam.local", "_ipp"]
                .map(|name| sent.iter().find(|(_, _, message)| message.to_string().contains(name)).unwrap().0)
        })
        .collect();
    waits.sort_unstable();
    let falls = waits.windows(2).filter(|pair| pair[1][1] < pair[0][1]).count();
    assert!(falls > 10, "{waits:?}");
}
