//! Hosts for which this device speaks, and the names of addresses.

use super::*;
use crate::support::{HOUR, LEGACY, MINUTE, NEIGHBOUR, NEIGHBOUR6, Section};
use core::net::IpAddr;
use dotlocal::mdns::{
    ChangeError, Config, ExtraRecord, HostId, HostnameError, RegisterError, ResponderStorage,
};
use dotlocal::wire::Type;

fn addresses(texts: &[&str]) -> &'static [IpAddr] {
    texts.iter().map(|text| text.parse().unwrap()).collect::<Vec<_>>().leak()
}

/// `cam.local`, which speaks for `lamp.local` and a service on it.
fn bridge(seed: u32, of: &[&str]) -> (Script<Responder>, HostId, ServiceId) {
    let mut t = host(seed);
    let lamp = t.machine.register_host("lamp", addresses(of)).unwrap();
    let service = Service::new("_hue._tcp", 443).instance("Lamp").host(lamp);
    let service = t.machine.register(service).unwrap();
    (t, lamp, service)
}

// M-8.1-1, M-8.1-4, S-12.1-1, S-12.2-1
#[test]
fn another_host_is_claimed_announced_and_answered_for_with_its_addresses() {
    let (mut t, lamp, _) = bridge(7, &["192.0.2.77", "fe80::77"]);
    let probe = r#"? cam.local ANY QU, lamp.local ANY QU, Lamp._hue._tcp.local ANY QU
        | auth cam.local 120 A 192.0.2.7, lamp.local 120 A 192.0.2.77, lamp.local 120 AAAA fe80::77,
        Lamp._hue._tcp.local 120 SRV 443 lamp.local, Lamp._hue._tcp.local 4500 TXT """#;
    let first = t.expect_within(0..=250, probe);
    t.expect_at(first + 250, probe);
    t.expect_at(first + 500, probe);
    let said = r#"! cam.local 120 flush A 192.0.2.7, lamp.local 120 flush A 192.0.2.77, lamp.local 120 flush AAAA fe80::77,
        _hue._tcp.local 4500 PTR Lamp._hue._tcp.local, Lamp._hue._tcp.local 120 flush SRV 443 lamp.local,
        Lamp._hue._tcp.local 4500 flush TXT "" | add cam.local 120 flush NSEC A"#;
    t.expect_at(first + 750, said);
    t.expect_event(ResponderEvent::Established(lamp.into()));
    t.expect_at(first + 1_750, said);
    let a = "lamp.local 120 flush A 192.0.2.77";
    let aaaa = "lamp.local 120 flush AAAA fe80::77";
    for (question, answer) in [
        ("lamp.local A", format!("! {a} | add {aaaa}")),
        ("lamp.local AAAA", format!("! {aaaa} | add {a}")),
        ("lamp.local SRV", "! lamp.local 120 flush NSEC A AAAA".into()),
        (
            "Lamp._hue._tcp.local SRV",
            format!("! Lamp._hue._tcp.local 120 flush SRV 443 lamp.local | add {a}, {aaaa}"),
        ),
        ("77.2.0.192.in-addr.arpa PTR", "! 77.2.0.192.in-addr.arpa 120 flush PTR lamp.local".into()),
        ("7.2.0.192.in-addr.arpa PTR", "! 7.2.0.192.in-addr.arpa 120 flush PTR cam.local".into()),
    ] {
        let now = t.now() + MINUTE;
        t.hear_at(now, NEIGHBOUR, &format!("? {question}"));
        t.expect_at(now, &answer);
    }
}

// M-8.4-1, M-10.1-1
#[test]
fn its_addresses_change_and_it_leaves() {
    let (mut t, lamp, service) = bridge(7, &["192.0.2.77"]);
    t.sent_until(HOUR);
    t.machine.set_host_addresses(lamp, addresses(&["192.0.2.78"])).unwrap();
    let said = "! lamp.local 120 flush A 192.0.2.78 | add lamp.local 120 flush NSEC A";
    t.expect_at(HOUR, said);
    t.expect_at(HOUR + 1_000, said);
    t.expect_silence_until(2 * HOUR);
    t.hear_at(2 * HOUR, NEIGHBOUR, "? 77.2.0.192.in-addr.arpa PTR");
    t.hear_at(2 * HOUR, NEIGHBOUR, "? 78.2.0.192.in-addr.arpa PTR");
    t.expect_at(2 * HOUR, "! 78.2.0.192.in-addr.arpa 120 flush PTR lamp.local");
    assert_eq!(t.machine.unregister(lamp), Err(ChangeError::InUse));
    t.expect_silence_until(3 * HOUR);
    t.machine.unregister(service).unwrap();
    t.machine.unregister(lamp).unwrap();
    t.expect_at(
        3 * HOUR,
        r#"! lamp.local 0 flush A 192.0.2.78, _hue._tcp.local 0 PTR Lamp._hue._tcp.local,
        Lamp._hue._tcp.local 0 flush SRV 443 lamp.local, Lamp._hue._tcp.local 0 flush TXT """#,
    );
    t.expect_event(ResponderEvent::Withdrawn(lamp.into()));
    t.expect_event(ResponderEvent::Withdrawn(service.into()));
    assert_eq!(t.machine.set_host_addresses(lamp, &[]), Err(ChangeError::Unknown));
    assert_eq!(t.machine.unregister(lamp), Err(ChangeError::Unknown));
    let stale = Service::new("_hue._tcp", 443).instance("Lamp").host(lamp);
    assert_eq!(t.machine.register(stale), Err(RegisterError::UnknownHost));
    t.hear_at(3 * HOUR + MINUTE, NEIGHBOUR, "? lamp.local A, _hue._tcp.local PTR");
    t.expect_silence_until(4 * HOUR);
}

// M-9-3, M-8-1
#[test]
fn a_host_that_is_renamed_takes_its_services_along_without_probing_for_them() {
    let (mut t, lamp, _) = bridge(7, &["192.0.2.77"]);
    t.sent_until(HOUR);
    t.hear_at(HOUR, NEIGHBOUR, "! lamp.local 120 flush A 192.0.2.9");
    let probe = |name: &str| format!("? {name}.local ANY QU | auth {name}.local 120 A 192.0.2.77");
    let first = t.expect_within(HOUR..=HOUR + 250, &probe("lamp"));
    t.hear_at(first + 10, NEIGHBOUR, "! lamp.local 120 flush A 192.0.2.9");
    t.expect_event(ResponderEvent::Renamed { of: lamp.into(), from: 0, to: 2 });
    t.expect_at(first + 10, "! lamp.local 0 A 192.0.2.77");
    let again = t.expect_within(first + 10..=first + 260, &probe("lamp-2"));
    t.expect_at(again + 250, &probe("lamp-2"));
    t.expect_at(again + 500, &probe("lamp-2"));
    let said = r#"! lamp-2.local 120 flush A 192.0.2.77, _hue._tcp.local 4500 PTR Lamp._hue._tcp.local,
        Lamp._hue._tcp.local 120 flush SRV 443 lamp-2.local, Lamp._hue._tcp.local 4500 flush TXT ""
        | add lamp-2.local 120 flush NSEC A"#;
    t.expect_at(again + 750, said);
    t.expect_at(again + 1_750, said);
    // The device itself is none of it.
    assert_eq!(t.machine.name(Claimed::Host).unwrap().to_string(), "cam.local");
}

#[test]
fn a_host_without_addresses_is_pointed_to_and_never_claimed_nor_answered_for() {
    let (mut t, lamp, _) = bridge(7, &[]);
    for (_, message) in all_until(&mut t, HOUR) {
        let claims = message.questions.iter().any(|question| question.name.to_string() == "lamp.local");
        assert!(!claims && message.records.iter().all(|(_, record)| record.name.to_string() != "lamp.local"));
    }
    t.hear_at(HOUR, NEIGHBOUR, "? lamp.local ANY");
    t.hear_at(HOUR, NEIGHBOUR, "? lamp.local AAAA");
    // It has a responder of its own, which says so.
    t.hear_at(HOUR, NEIGHBOUR6, "! lamp.local 120 flush A 192.0.2.77");
    t.hear_at(HOUR, NEIGHBOUR6, "? lamp.local ANY QU | auth lamp.local 120 A 192.0.2.77");
    t.expect_no_event();
    t.expect_silence_until(HOUR + MINUTE);
    t.hear_at(HOUR + MINUTE, NEIGHBOUR, "? Lamp._hue._tcp.local SRV");
    t.expect_at(HOUR + MINUTE, "! Lamp._hue._tcp.local 120 flush SRV 443 lamp.local");
    // Addresses make it ours to claim, and it is no more when they are gone.
    t.machine.set_host_addresses(lamp, addresses(&["192.0.2.77"])).unwrap();
    let (_, _, probe) = t.next_within(HOUR + MINUTE..=HOUR + MINUTE + 250);
    assert_eq!(probe.questions.len(), 1, "{probe}");
    t.sent_until(HOUR + 2 * MINUTE);
    assert!(t.events().any(|(_, event)| *event == ResponderEvent::Established(lamp.into())));
    t.machine.set_host_addresses(lamp, &[]).unwrap();
    t.sent_until(HOUR + 3 * MINUTE);
    t.hear_at(HOUR + 3 * MINUTE, NEIGHBOUR, "? lamp.local A");
    t.expect_silence_until(2 * HOUR);
    assert_eq!(t.machine.unregister(lamp), Err(ChangeError::InUse));
}

// M-10.1-1
#[test]
fn of_addresses_that_changed_twice_the_last_ones_say_goodbye() {
    let (mut t, lamp, _) = bridge(7, &["192.0.2.77", "fe80::77"]);
    t.sent_until(HOUR);
    t.machine.set_host_addresses(lamp, addresses(&["192.0.2.78", "fe80::78"])).unwrap();
    t.sent_until(HOUR + MINUTE);
    t.machine.set_host_addresses(lamp, addresses(&["192.0.2.78"])).unwrap();
    let said = all_until(&mut t, HOUR + 2 * MINUTE);
    assert_eq!(said[0].1.to_string(), "! lamp.local 0 AAAA fe80::78");
}

// M-10.1-1
#[test]
fn addresses_of_another_host_that_are_gone_say_goodbye() {
    for after in [&[][..], &["fe80::77"]] {
        let (mut t, lamp, _) = bridge(7, &["192.0.2.77", "fe80::77"]);
        t.sent_until(HOUR);
        t.machine.set_host_addresses(lamp, addresses(after)).unwrap();
        let said = all_until(&mut t, HOUR + MINUTE);
        let is_goodbye =
            |text: String| text == "lamp.local 0 A 192.0.2.77" || text == "lamp.local 0 flush A 192.0.2.77";
        let gone = said
            .iter()
            .flat_map(|(_, message)| message.section(Section::Answer))
            .any(|record| is_goodbye(record.to_string()));
        assert!(gone, "{said:?}");
    }
}

// M-10.1-1
#[test]
fn an_own_family_that_is_gone_says_goodbye() {
    let mut t = host(7);
    let both = [("192.0.2.7".parse().unwrap(), 24), ("fe80::7".parse().unwrap(), 64)];
    t.machine.set_addresses(&both).unwrap();
    t.sent_until(HOUR);
    t.machine.set_addresses(&both[1..]).unwrap();
    let said = all_until(&mut t, HOUR + MINUTE);
    assert!(said[0].1.to_string().contains("cam.local 0"), "{said:?}");
}

#[test]
fn a_host_that_cannot_be_registered_is_refused_and_nothing_changes() {
    let mut t = host(7);
    let some = addresses(&["192.0.2.77"]);
    let long: &'static str = "a".repeat(64).leak();
    for (label, error) in [
        ("", RegisterError::Host(HostnameError::Empty)),
        ("lamp.local", RegisterError::Host(HostnameError::Dotted)),
        (long, RegisterError::Host(HostnameError::TooLong { octets: 64 })),
        ("CAM", RegisterError::Duplicate),
    ] {
        assert_eq!(t.machine.register_host(label, some), Err(error));
        assert!(!error.to_string().is_empty());
    }
    let hosts = ["a", "b", "c", "d"].map(|label| t.machine.register_host(label, some).unwrap());
    assert_eq!(t.machine.register_host("e", some), Err(RegisterError::Full { capacity: 4 }));
    assert_eq!(t.machine.register_host("A", some), Err(RegisterError::Duplicate));
    // A name of ours is no host name a second time, and the old one stands.
    assert_eq!(t.machine.set_hostname("B"), Err(HostnameError::Duplicate));
    t.sent_until(HOUR);
    assert_eq!(t.machine.name(Claimed::Host).unwrap().to_string(), "cam.local");
    for (host, label) in hosts.into_iter().zip(["a", "b", "c", "d"]) {
        assert_eq!(t.machine.name(host).unwrap().to_string(), format!("{label}.local"));
        t.machine.unregister(host).unwrap();
    }
    t.sent_until(HOUR + MINUTE);
    assert_eq!(t.machine.set_hostname("b"), Ok(()));
    t.machine.link_down();
}

// M-6.2-1
#[test]
fn the_names_of_addresses_are_told_to_who_asks_and_never_claimed() {
    let mut t = host(7);
    let ip6 = "7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa";
    t.machine
        .set_addresses(&[("192.0.2.7".parse().unwrap(), 24), ("2001:db8::7".parse().unwrap(), 64)])
        .unwrap();
    // Neither in probes nor in announcements.
    for (_, message) in all_until(&mut t, HOUR) {
        assert!(!message.to_string().contains("arpa"), "{message}");
    }
    let mut now = HOUR;
    for reverse in ["7.2.0.192.in-addr.arpa", ip6] {
        for question in ["PTR", "ANY"] {
            now += MINUTE;
            t.hear_at(now, NEIGHBOUR, &format!("? {} {question}", reverse.to_uppercase()));
            t.expect_at(now, &format!("! {reverse} 120 flush PTR cam.local"));
        }
        now += MINUTE;
        t.hear_at(now, LEGACY, &format!("? id=5 {reverse} PTR"));
        t.expect_unicast_at(now, LEGACY, &format!("! id=5 q {reverse} PTR | ans {reverse} 10 PTR cam.local"));
        t.hear_at(now, NEIGHBOUR, &format!("? {reverse} PTR | known {reverse} 120 PTR cam.local"));
        // Another who says that the address is his has made no claim to our name.
        t.hear_at(now, NEIGHBOUR, &format!("! {reverse} 120 flush PTR other.local"));
        t.hear_at(now, NEIGHBOUR, &format!("? {reverse} ANY QU | auth {reverse} 120 PTR other.local"));
        t.expect_no_event();
        t.sent_until(now + 1);
    }
    for stranger in ["8.2.0.192.in-addr.arpa", "07.2.0.192.in-addr.arpa", "2.0.192.in-addr.arpa"] {
        t.hear_at(now + MINUTE, NEIGHBOUR, &format!("? {stranger} PTR"));
    }
    t.expect_silence_until(now + HOUR);
    // An address that is gone has no name of ours any more, and a new name of the host is the name at once.
    t.machine.set_addresses(&[("192.0.2.8".parse().unwrap(), 24)]).unwrap();
    t.machine.set_hostname("door").unwrap();
    now += 2 * HOUR;
    t.sent_until(now);
    t.hear_at(now, NEIGHBOUR, "? 7.2.0.192.in-addr.arpa PTR");
    t.hear_at(now, NEIGHBOUR, "? 8.2.0.192.in-addr.arpa PTR");
    t.expect_at(now, "! 8.2.0.192.in-addr.arpa 120 flush PTR door.local");
}

// M-6-1
#[test]
fn of_many_addresses_the_first_seven_are_answered_for_one_by_one() {
    static ABOUT: [ExtraRecord<'static>; 1] = [ExtraRecord::new(Type::HINFO, b"\x03one\x00")];
    let storage = Box::leak(Box::new(ResponderStorage::<10, 1, 0>::new()));
    let mut t = Script::new(Responder::new(storage, Config::new(7)));
    t.machine.set_hostname("cam").unwrap();
    t.machine.set_host_records(&ABOUT).unwrap();
    let addresses: Vec<_> = (1..=10).map(|last| ([192, 0, 2, last].into(), 24)).collect();
    t.machine.set_addresses(&addresses).unwrap();
    let mut now = HOUR;
    t.sent_until(now);
    let reverse = |last: u8| format!("{last}.2.0.192.in-addr.arpa 120 flush PTR cam.local");
    for last in 1..=10 {
        now += MINUTE;
        t.hear_at(now, NEIGHBOUR, &format!("? {last}.2.0.192.in-addr.arpa PTR"));
        let answers: Vec<_> = if last < 8 { vec![reverse(last)] } else { (8..=10).map(reverse).collect() };
        t.expect_at(now, &format!("! {}", answers.join(", ")));
    }
}
