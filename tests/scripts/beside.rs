//! What stands beside an answer, and what is said of what there is not: RFC 6762 sections 6.1, 6.2 and 10, RFC 6763
//! sections 6 and 12.

use super::*;
use crate::support::{HOUR, LEGACY, MINUTE, NEIGHBOUR, OTHER, R, Section, kind};
use dotlocal::mdns::{ExtraRecord, RecordSet};
use dotlocal::wire::Type;

/// `cam.local` with these addresses, its claims long settled.
fn host_at(addresses: &[&str]) -> (Script<Responder>, u64) {
    let mut t = Script::new(machines::responder(7));
    t.machine.set_hostname("cam").unwrap();
    let addresses: Vec<_> = addresses.iter().map(|ip| (ip.parse().unwrap(), 24)).collect();
    t.machine.set_addresses(&addresses).unwrap();
    t.sent_until(HOUR);
    (t, HOUR)
}

// M-6.2-1, M-6.1-3, M-6-11
#[test]
fn addresses_of_both_families_come_together_and_what_is_missing_is_denied() {
    let a = "cam.local 120 flush A 192.0.2.7, cam.local 120 flush A 192.0.2.8";
    let aaaa = "cam.local 120 flush AAAA fe80::7, cam.local 120 flush AAAA fe80::8";
    let both = ["192.0.2.7", "fe80::7", "192.0.2.8", "fe80::8"];
    for (addresses, question, answer) in [
        (&both[..], "A", format!("! {a} | add {aaaa}")),
        (&both, "AAAA", format!("! {aaaa} | add {a}")),
        (&both, "ANY", format!("! {a}, {aaaa}")),
        (&both, "TYPE65", "! cam.local 120 flush NSEC A AAAA".into()),
        (&both[..1], "A", "! cam.local 120 flush A 192.0.2.7 | add cam.local 120 flush NSEC A".into()),
        (&both[..1], "AAAA", "! cam.local 120 flush NSEC A".into()),
        (
            &both[1..2],
            "AAAA",
            "! cam.local 120 flush AAAA fe80::7 | add cam.local 120 flush NSEC AAAA".into(),
        ),
        (&both[1..2], "A", "! cam.local 120 flush NSEC AAAA".into()),
    ] {
        let (mut t, now) = host_at(addresses);
        t.hear_at(now, NEIGHBOUR, &format!("? cam.local {question}"));
        t.expect_at(now, &answer);
        t.expect_silence_until(now + MINUTE);
    }
}

// M-6.1-1
#[test]
fn a_type_that_a_name_of_ours_lacks_is_denied_by_what_it_has() {
    for (name, has, lacks) in [
        ("cam.local", "A HINFO TXT", [28, 33, 65, 253, 256, 65_535]),
        ("Web._http._tcp.local", "TXT SRV", [1, 28, 12, 65, 257, 65_280]),
    ] {
        let (mut t, _) = host_with_service(7);
        t.machine.set_host_records(&ABOUT).unwrap();
        t.sent_until(HOUR);
        for (nth, qtype) in (1..).zip(lacks) {
            let (now, of) = (HOUR + nth * MINUTE, kind::name(qtype));
            // The denial comes at once, and the next name is the name itself.
            t.hear_at(now, NEIGHBOUR, &format!("? {name} {of}"));
            t.expect_at(now, &format!("! {name} 120 flush NSEC {has}"));
            t.hear_at(now, LEGACY, &format!("? id=1 {name} {of}"));
            t.expect_unicast_at(now, LEGACY, &format!("! id=1 q {name} {of} | ans {name} 10 NSEC {has}"));
        }
    }
}

const ABOUT: [ExtraRecord<'static>; 2] =
    [ExtraRecord::new(Type::HINFO, b"\x00\x00"), ExtraRecord::new(Type::TXT, b"\x00")];

// M-6.1-2
#[test]
fn a_name_that_others_may_have_too_is_not_denied() {
    let mut t = host(7);
    let service = Service::new("_http._tcp", 80).instance("Web").subtypes(&["_printer"]);
    t.machine.register(service).unwrap();
    t.machine.register_records(RecordSet::shared(name("shared.local"), &ABOUT[1..])).unwrap();
    t.sent_until(HOUR);
    let now = HOUR;
    for name in [
        "_http._tcp.local",
        "_printer._sub._http._tcp.local",
        "_services._dns-sd._udp.local",
        "shared.local",
        "7.2.0.192.in-addr.arpa",
        "local.",
    ] {
        for question in ["A", "AAAA", "SRV", "TYPE65", "NSEC"] {
            t.hear_at(now, NEIGHBOUR, &format!("? {name} {question}"));
            t.hear_at(now, LEGACY, &format!("? id=1 {name} {question}"));
        }
    }
    // What another says that there is not, and takes back, is not set right by a denial of ours.
    t.hear_at(now, NEIGHBOUR, "! shared.local 0 NSEC");
    t.expect_silence_until(now + HOUR);
    // A denial lives as long as the address that is denied would.
    t.hear_at(now + HOUR, NEIGHBOUR, "? cam.local AAAA");
    t.expect_at(now + HOUR, "! cam.local 120 flush NSEC A");
}

// M-6.1-4
#[test]
fn a_name_with_a_type_above_255_is_denied_nothing() {
    for (rtype, is_denied) in
        [(Type(254), true), (Type(256), false), (Type(257), false), (Type(65_535), false)]
    {
        let records = Box::leak(Box::new([ExtraRecord::new(rtype, b"\x00\x05issue")]));
        let mut t = host(7);
        t.machine.set_host_records(records).unwrap();
        t.sent_until(HOUR);
        t.hear_at(HOUR, NEIGHBOUR, "? cam.local AAAA");
        if is_denied {
            t.expect_at(HOUR, "! cam.local 120 flush NSEC A TYPE254");
        }
        // Beside the address neither.
        t.hear_at(HOUR + MINUTE, NEIGHBOUR, "? cam.local A");
        let (_, _, answer) = t.next_within(HOUR + MINUTE..=HOUR + MINUTE);
        let denials = answer.records.iter().filter(|(_, record)| record.rtype == kind::NSEC).count();
        assert_eq!(denials == 1, is_denied, "{answer}");
        // The record itself is there.
        t.hear_at(HOUR + 2 * MINUTE, NEIGHBOUR, &format!("? cam.local {}", kind::name(rtype.0)));
        let (_, _, answer) = t.next_within(HOUR + 2 * MINUTE..=HOUR + 2 * MINUTE);
        assert_eq!(answer.section(Section::Answer).map(|record| record.rtype).collect::<Vec<_>>(), [rtype.0]);
    }
}

// M-10-1
#[test]
fn what_has_a_host_name_lives_for_two_minutes_and_the_rest_for_75() {
    let mut t = host(7);
    t.machine.set_addresses(&[("192.0.2.7".parse().unwrap(), 24), ("fe80::7".parse().unwrap(), 64)]).unwrap();
    let service = Service::new("_http._tcp", 80).instance("Web").subtypes(&["_printer"]);
    t.machine.register(service).unwrap();
    t.machine.set_host_records(&ABOUT[..1]).unwrap();
    let ip6 = format!("7.{}8.e.f.ip6.arpa", "0.".repeat(28));
    let mut lives = std::collections::BTreeMap::new();
    let mut sent = all_until(&mut t, MINUTE);
    for question in [
        "cam.local ANY",
        "cam.local TYPE65",
        "Web._http._tcp.local ANY",
        "Web._http._tcp.local A",
        "_http._tcp.local PTR",
        "_printer._sub._http._tcp.local PTR",
        "_services._dns-sd._udp.local PTR",
        "7.2.0.192.in-addr.arpa PTR",
        &format!("{ip6} PTR"),
    ] {
        let now = t.now();
        t.hear_at(now, NEIGHBOUR, &format!("? {question}"));
        sent.extend(all_until(&mut t, now + MINUTE));
    }
    for (_, record) in sent.into_iter().flat_map(|(_, message)| message.records) {
        let life = lives.entry((record.name.to_string(), kind::name(record.rtype))).or_insert(record.ttl);
        assert_eq!(*life, record.ttl, "{record}");
    }
    let lives: Vec<_> = lives.iter().map(|((name, of), life)| format!("{name} {of} {life}")).collect();
    let expected = [
        &format!("{ip6} PTR 120"),
        "7.2.0.192.in-addr.arpa PTR 120",
        "Web._http._tcp.local NSEC 120",
        "Web._http._tcp.local SRV 120",
        "Web._http._tcp.local TXT 4500",
        "_http._tcp.local PTR 4500",
        "_printer._sub._http._tcp.local PTR 4500",
        "_services._dns-sd._udp.local PTR 4500",
        "cam.local A 120",
        "cam.local AAAA 120",
        "cam.local HINFO 120",
        "cam.local NSEC 120",
    ];
    assert_eq!(lives, expected);
}

// S-5-1
#[test]
fn priority_and_weight_are_zero_unless_told_otherwise() {
    for (service, srv) in [
        (Service::new("_http._tcp", 80), "80 cam.local"),
        (Service::new("_http._tcp", 65_535).priority(1, 2), "1 2 65535 cam.local"),
        (Service::new("_http._tcp", 0).priority(65_535, 0), "65535 0 0 cam.local"),
    ] {
        let mut t = host(7);
        t.machine.register(service.instance("Web")).unwrap();
        t.sent_until(HOUR);
        t.hear_at(HOUR, NEIGHBOUR, "? Web._http._tcp.local ANY");
        t.expect_at(
            HOUR,
            &format!(
                r#"! Web._http._tcp.local 120 flush SRV {srv}, Web._http._tcp.local 4500 flush TXT ""
                | add cam.local 120 flush A 192.0.2.7, cam.local 120 flush NSEC A"#
            ),
        );
    }
}

// S-6.1-1
#[test]
fn a_service_with_nothing_to_say_has_a_text_of_one_zero_octet() {
    for service in [
        Service::new("_http._tcp", 80),
        Service::new("_http._tcp", 80).txt(&[]),
        Service::new("_http._tcp", 80).txt_octets(b""),
        Service::new("_http._tcp", 80).txt_octets(b"\x00"),
    ] {
        let mut t = host(7);
        let id = t.machine.register(service.instance("Web")).unwrap();
        let announced = all_until(&mut t, HOUR);
        // In the probe, in the announcement, and in the answer.
        let texts = announced.iter().filter(|(_, message)| message.to_string().contains(r#"TXT """#)).count();
        assert_eq!(texts, 5, "{announced:?}");
        t.hear_at(HOUR, NEIGHBOUR, "? Web._http._tcp.local TXT");
        t.expect_at(HOUR, r#"! Web._http._tcp.local 4500 flush TXT """#);
        assert!(t.last_sent().ends_with(&[0, 1, 0]), "{:?}", t.last_sent());
        t.machine.set_txt(id, &[("a", "b")]).unwrap();
        t.sent_until(HOUR + MINUTE);
        t.machine.set_txt(id, &[]).unwrap();
        t.sent_until(HOUR + 2 * MINUTE);
        t.hear_at(HOUR + 2 * MINUTE, OTHER, "? Web._http._tcp.local TXT");
        t.expect_at(HOUR + 2 * MINUTE, r#"! Web._http._tcp.local 4500 flush TXT """#);
    }
}

// S-4.1-1
#[test]
fn an_instance_name_is_one_label_whatever_stands_in_it() {
    let longest = "é".repeat(31) + "x";
    for (instance, text) in [
        ("Dr. Smith's Cam", r#""Dr. Smith's Cam""#),
        (r"back\slash", r#""back\\slash""#),
        ("Küche – oben", r#""Küche – oben""#),
        ("_http._tcp.local", r#""_http._tcp.local""#),
        (longest.clone().leak(), &longest),
    ] {
        let mut t = host(7);
        let service = t.machine.register(Service::new("_http._tcp", 80).instance(instance)).unwrap();
        t.sent_until(HOUR);
        t.hear_at(HOUR, NEIGHBOUR, &format!("? {text}._http._tcp.local TXT"));
        t.expect_at(HOUR, &format!(r#"! {text}._http._tcp.local 4500 flush TXT """#));
        let name = t.machine.name(service).unwrap();
        assert_eq!(name.name().labels().map(<[u8]>::to_vec).next().unwrap(), instance.as_bytes());
        assert_eq!(name.name().labels().count(), 4);
    }
}

// L-8882-1
#[test]
fn nothing_is_published_that_the_application_has_not_said() {
    let (t, _) = host_with_service(7);
    let (mut t, now) = settled(t);
    t.hear_at(now, NEIGHBOUR, "? cam.local ANY, Web._http._tcp.local ANY, _http._tcp.local ANY");
    let (_, _, answer) = t.next_within(now..=now + 120);
    let expected =
        ["cam.local A", "Web._http._tcp.local SRV", "Web._http._tcp.local TXT", "_http._tcp.local PTR"];
    let mut of: Vec<_> =
        answer.section(Section::Answer).map(|of| format!("{} {}", of.name, kind::name(of.rtype))).collect();
    let mut expected = expected.map(String::from).to_vec();
    of.sort();
    expected.sort();
    assert_eq!(of, expected, "{answer}");
    // No model, no serial number, no other name.
    for octets in ["dotlocal", "rust", "thumb", "linux"] {
        let sent = String::from_utf8_lossy(t.last_sent()).to_lowercase();
        assert!(!sent.contains(octets), "{sent}");
    }
}

// S-12.1-1, S-12.2-1, S-12-1
#[test]
fn what_the_asker_knows_does_not_stand_beside_the_answer() {
    let srv = "Web._http._tcp.local 120 flush SRV 80 cam.local";
    let txt = r#"Web._http._tcp.local 4500 flush TXT "path=/""#;
    let a = "cam.local 120 flush A 192.0.2.7";
    let nsec = "cam.local 120 flush NSEC A";
    let all = [srv, txt, a, nsec];
    let known = |record: &str| record.replace(" flush", "");
    for left_out in [&[][..], &[0], &[1], &[2], &[3], &[0, 1], &[2, 3], &[0, 1, 2, 3]] {
        let (mut t, now) = service_settled();
        let knows: Vec<_> = left_out.iter().map(|&nth: &usize| known(all[nth])).collect();
        let beside: Vec<_> = (0..4).filter(|nth| !left_out.contains(nth)).map(|nth| all[nth]).collect();
        let section = |word: &str, records: String| {
            if records.is_empty() { String::new() } else { format!("| {word} {records}") }
        };
        t.hear_at(now, NEIGHBOUR, &format!("? _http._tcp.local PTR {}", section("known", knows.join(", "))));
        t.expect_within(
            now + 20..=now + 120,
            &format!(
                "! _http._tcp.local 4500 PTR Web._http._tcp.local {}",
                section("add", beside.join(", "))
            ),
        );
        // Half of the life is too little to be known, as with answers.
        let now = now + MINUTE;
        t.hear_at(
            now,
            NEIGHBOUR,
            &format!("? _http._tcp.local PTR | known {}", known(a).replace("120", "59")),
        );
        t.expect_within(now + 20..=now + 120, PTR);
    }
}

// S-12-1
#[test]
fn what_one_of_two_askers_does_not_know_stands_beside_the_answer_to_both() {
    let (plain, knowing) =
        ("? _http._tcp.local PTR", "? _http._tcp.local PTR | known cam.local 120 A 192.0.2.7");
    for (first, second) in [(plain, knowing), (knowing, plain)] {
        let (mut t, now) = service_settled();
        t.hear_at(now, NEIGHBOUR, first);
        t.hear_at(now + 10, OTHER, second);
        t.expect_within(now + 20..=now + 120, PTR);
    }
    // Nor does what one knew stay away from the next one.
    let (mut t, now) = service_settled();
    t.hear_at(now, NEIGHBOUR, &format!("{knowing}, _http._tcp.local 4500 PTR Web._http._tcp.local"));
    t.expect_silence_until(now + MINUTE);
    t.machine.link_up();
    t.sent_until(now + 2 * MINUTE);
    t.hear_at(now + 2 * MINUTE, OTHER, plain);
    t.expect_within(now + 2 * MINUTE + 20..=now + 2 * MINUTE + 120, PTR);
}

// M-10.2-2
#[test]
fn no_shared_record_ever_flushes_a_cache() {
    let mut t = host(7);
    let service = Service::new("_http._tcp", 80).instance("Web").subtypes(&["_printer"]);
    let service = t.machine.register(service).unwrap();
    let mut sent = all_until(&mut t, MINUTE);
    for question in
        ["_http._tcp.local ANY", "_services._dns-sd._udp.local PTR", "_printer._sub._http._tcp.local PTR"]
    {
        let now = t.now();
        t.hear_at(now, NEIGHBOUR, &format!("? {question}"));
        t.hear_at(now, LEGACY, &format!("? id=1 {question}, cam.local ANY"));
        sent.extend(all_until(&mut t, now + MINUTE));
    }
    t.machine.set_instance(service, "Page").unwrap();
    let now = t.now();
    sent.extend(all_until(&mut t, now + MINUTE));
    t.machine.stop();
    sent.extend(all_until(&mut t, now + 2 * MINUTE));
    let unique = |record: &R| {
        let first = &record.name.0[0];
        [b"cam".as_slice(), b"Web", b"Page"].contains(&first.as_slice())
    };
    let mut seen = [0, 0];
    for (_, message) in sent {
        let to_the_group = message.is_response() && message.questions.is_empty();
        for (_, record) in &message.records {
            let flushes = to_the_group && unique(record);
            assert_eq!(record.flush, flushes, "{record} in {message}");
            seen[usize::from(flushes)] += 1;
        }
    }
    assert!(seen.iter().all(|seen| *seen > 20), "{seen:?}");
}
