//! Questions and answers: RFC 6762 sections 5.4 and 6.

use super::*;
use crate::support::{HOUR, LEGACY, MINUTE, NEIGHBOUR, OTHER, STRANGER};
use dotlocal::mdns::ExtraRecord;
use dotlocal::wire::Type;
use dotlocal::{Disposition, Reason};

const IGNORED: Disposition = Disposition::Ignored(Reason::NotForUs);
const A: &str = "! cam.local 120 flush A 192.0.2.7 | add cam.local 120 flush NSEC A";
// M-6-1, M-6-3, M-6.1-1, M-6.1-3, M-6.5-1, S-12.1-1, S-12.2-1
#[test]
fn only_our_names_and_types_are_answered() {
    let nsec = "! cam.local 120 flush NSEC A";
    let srv = r#"Web._http._tcp.local 120 flush SRV 80 cam.local"#;
    let txt = r#"Web._http._tcp.local 4500 flush TXT "path=/""#;
    let host = "cam.local 120 flush A 192.0.2.7, cam.local 120 flush NSEC A";
    for (question, answer) in [
        ("cam.local A", A.to_owned()),
        ("CAM.Local A", A.to_owned()),
        ("cam.local ANY", A.to_owned()),
        ("cam.local A CLASS255", A.to_owned()),
        ("cam.local ANY CLASS255", A.to_owned()),
        ("Web._http._tcp.local ANY CLASS255", format!("! {srv}, {txt} | add {host}")),
        ("cam.local AAAA", nsec.to_owned()),
        ("cam.local TYPE65", nsec.to_owned()),
        ("Web._http._tcp.local SRV", format!("! {srv} | add {host}")),
        ("Web._http._tcp.local TXT", format!("! {txt}")),
        ("Web._http._tcp.local ANY", format!("! {srv}, {txt} | add {host}")),
        ("Web._http._tcp.local A", "! Web._http._tcp.local 120 flush NSEC TXT SRV".to_owned()),
    ] {
        let (mut t, now) = service_settled();
        assert_eq!(t.hear_at(now, NEIGHBOUR, &format!("? {question}")), Disposition::Used);
        t.expect_within(now..=now + 10, &answer);
    }
    for question in [
        "cam.local A CLASS3",
        "cam A",
        "xcam.local A",
        "cam.local.local A",
        "local ANY",
        "_http._tcp.local A",
        "_http._tcp.local SRV",
        "_ipp._tcp.local PTR",
        "Web2._http._tcp.local SRV",
        "_services._dns-sd._udp.local A",
    ] {
        let (mut t, now) = service_settled();
        assert_eq!(t.hear_at(now, NEIGHBOUR, &format!("? {question}")), IGNORED, "{question}");
        t.expect_silence_until(now + MINUTE);
    }
}

// M-6-2, S6
#[test]
fn a_name_that_is_being_probed_for_is_not_answered() {
    let mut t = host(7);
    let probe = "? cam.local ANY QU | auth cam.local 120 A 192.0.2.7";
    let first = t.expect_within(0..=250, probe);
    for (wait, next) in [(100, 250), (300, 500), (600, 750)] {
        assert_eq!(t.hear_at(first + wait, NEIGHBOUR, "? cam.local ANY"), IGNORED);
        let expected = if next == 750 { A } else { probe };
        t.expect_at(first + next, expected);
    }
    t.expect_at(first + 1_750, A);
}

// M-6-4
#[test]
fn a_shared_record_waits_20_to_120_ms() {
    let mut waits = std::collections::BTreeSet::new();
    for seed in 0..60 {
        let (mut t, now) = settled(host_with_service(seed).0);
        t.hear_at(now, NEIGHBOUR, "? _http._tcp.local PTR");
        waits.insert((t.expect_within(now + 20..=now + 120, PTR) - now) / 20);
    }
    assert!(waits.len() >= 5, "{waits:?}");
}

// M-5.3-1
#[test]
fn each_of_five_questions_is_answered() {
    let (mut t, now) = service_settled();
    t.hear_at(
        now,
        NEIGHBOUR,
        "? cam.local A, nobody.local A, cam.local AAAA, Web._http._tcp.local SRV, Web._http._tcp.local TXT",
    );
    t.expect_at(
        now,
        r#"! cam.local 120 flush A 192.0.2.7, cam.local 120 flush NSEC A,
        Web._http._tcp.local 120 flush SRV 80 cam.local, Web._http._tcp.local 4500 flush TXT "path=/""#,
    );
    // Each by the way that it asks for.
    let now = now + 5_000;
    t.hear_at(
        now,
        OTHER,
        "? cam.local A QU, cam.local AAAA, Web._http._tcp.local SRV QU, Web._http._tcp.local A, Web._http._tcp.local TXT",
    );
    t.expect_unicast_at(
        now,
        OTHER,
        "! cam.local 120 flush A 192.0.2.7, Web._http._tcp.local 120 flush SRV 80 cam.local | add cam.local 120 flush NSEC A",
    );
    t.expect_at(
        now,
        r#"! cam.local 120 flush NSEC A, Web._http._tcp.local 120 flush NSEC TXT SRV,
        Web._http._tcp.local 4500 flush TXT "path=/""#,
    );
}

// M-6.3-1, M-6-8, M-6.4-1, M-5.3-1
#[test]
fn answers_to_several_questions_and_askers_share_a_packet() {
    let (mut t, now) = service_settled();
    t.hear_at(now, NEIGHBOUR, "? _http._tcp.local PTR, cam.local A");
    t.hear_at(now + 1, OTHER, "? _services._dns-sd._udp.local PTR");
    t.expect_within(
        now + 20..=now + 120,
        r#"! cam.local 120 flush A 192.0.2.7, _http._tcp.local 4500 PTR Web._http._tcp.local,
        _services._dns-sd._udp.local 4500 PTR _http._tcp.local | add Web._http._tcp.local 120 flush SRV 80 cam.local,
        Web._http._tcp.local 4500 flush TXT "path=/", cam.local 120 flush NSEC A"#,
    );
}

// M-6-6
#[test]
fn a_record_is_multicast_once_a_second() {
    let (mut t, now) = settled(host(7));
    t.hear_at(now, NEIGHBOUR, "? cam.local A");
    t.expect_at(now, A);
    t.hear_at(now + 300, OTHER, "? cam.local A");
    t.expect_at(now + 1_000, A);
    t.hear_at(now + 2_000, OTHER, "? cam.local A");
    t.expect_at(now + 2_000, A);
}

// M-6-7
#[test]
fn a_name_is_defended_every_250_ms() {
    let (mut t, now) = settled(host(7));
    let probe = "? cam.local ANY | auth cam.local 120 A 192.0.2.9";
    t.hear_at(now, NEIGHBOUR, probe);
    t.expect_at(now, A);
    t.hear_at(now + 100, NEIGHBOUR, probe);
    t.expect_at(now + 250, A);
}

// M-6-7
#[test]
fn what_is_announced_meanwhile_does_not_put_a_defence_off() {
    let mut t = host_with_service(7).0;
    let ipp = t.machine.register(Service::new("_ipp._tcp", 631).instance("Web")).unwrap();
    let now = HOUR;
    t.sent_until(now);
    t.hear_at(now, NEIGHBOUR, "? Web._http._tcp.local SRV");
    t.sent_until(now + 50);
    t.hear_at(now + 50, OTHER, "? Web._http._tcp.local SRV");
    t.hear_at(now + 60, OTHER, "? Web._http._tcp.local TXT");
    t.sent_until(now + 100);
    t.hear_at(now + 100, NEIGHBOUR, "? cam.local ANY | auth cam.local 120 A 192.0.2.9");
    t.sent_until(now + 149);
    t.machine.set_port(ipp, 632).unwrap();
    t.sent_until(now + 249);
    t.expect_at(now + 250, A);
}

// M-6-7
#[test]
fn a_defence_by_unicast_hastens_nothing_later() {
    let (mut t, now) = settled(host(7));
    t.hear_at(now, NEIGHBOUR, "? cam.local A");
    t.expect_at(now, A);
    t.hear_at(now + 100, NEIGHBOUR, "? cam.local ANY QU | auth cam.local 120 A 192.0.2.9");
    t.expect_unicast_at(now + 100, NEIGHBOUR, A);
    t.hear_at(now + 400, OTHER, "? cam.local A");
    t.expect_at(now + 1_000, A);
}

// M-5.4-2, M-6.1-3
#[test]
fn a_qu_question_is_answered_by_unicast_unless_the_group_has_not_heard_it_for_a_quarter_of_its_life() {
    let (mut t, now) = settled(host(7));
    t.hear_at(now, NEIGHBOUR, "? cam.local A");
    t.expect_at(now, A);
    t.hear_at(now + 29_999, OTHER, "? cam.local A QU");
    t.expect_unicast_at(now + 29_999, OTHER, A);
    t.hear_at(now + 30_000, OTHER, "? cam.local A QU");
    t.expect_at(now + 30_000, A);
}

// M-5.4-3, N1
#[test]
fn a_query_to_our_address_is_answered_by_unicast_on_the_link_alone() {
    let (mut t, now) = settled(host(7));
    t.hear_direct_at(now, NEIGHBOUR, "? cam.local A");
    t.expect_unicast_at(now, NEIGHBOUR, A);
    let disposition = t.hear_direct_at(now + 10, STRANGER, "? cam.local A");
    assert_eq!(disposition, Disposition::Ignored(Reason::OffLink));
    t.expect_silence_until(now + MINUTE);
}

// M-6.7-1, M-6.7-2, M-6.7-3, M-10.2-2
#[test]
fn a_legacy_query_gets_id_and_question_back_and_a_short_life() {
    let (mut t, now) = service_settled();
    t.hear_at(now, LEGACY, "? id=4711 cam.local A");
    t.expect_unicast_at(
        now,
        LEGACY,
        "! id=4711 q cam.local A | ans cam.local 10 A 192.0.2.7 | add cam.local 10 NSEC A",
    );
    t.hear_direct_at(now + 5_000, LEGACY, "? id=2 _http._tcp.local PTR");
    t.expect_unicast_within(
        now + 5_020..=now + 5_120,
        LEGACY,
        r#"! id=2 q _http._tcp.local PTR | ans _http._tcp.local 10 PTR Web._http._tcp.local
        | add Web._http._tcp.local 10 SRV 80 cam.local, Web._http._tcp.local 10 TXT "path=/",
        cam.local 10 A 192.0.2.7, cam.local 10 NSEC A"#,
    );
    t.expect_silence_until(now + MINUTE);
}

// N1
#[test]
fn a_legacy_query_from_off_the_link_gets_nothing() {
    let (mut t, now) = settled(host(7));
    let stranger = core::net::SocketAddr::new(STRANGER.ip(), 40_000);
    t.hear_at(now, stranger, "? id=1 cam.local A");
    t.expect_silence_until(now + MINUTE);
}

// M-6.1-2, S-9-1
#[test]
fn shared_names_have_no_negative_and_types_are_listed_once() {
    let (mut t, _) = host_with_service(7);
    t.machine.register(Service::new("_http._tcp", 81).instance("Other")).unwrap();
    let (mut t, now) = settled(t);
    t.hear_at(now, NEIGHBOUR, "? _services._dns-sd._udp.local PTR");
    t.expect_within(now + 20..=now + 120, "! _services._dns-sd._udp.local 4500 PTR _http._tcp.local");
}

// S-7.1-1
#[test]
fn a_subtype_is_answered_under_its_own_name() {
    let mut t = host(7);
    let subtypes = &["_printer", "_scan", "_a", "_b", "_c", "_d", "_e", "_f"];
    t.machine.register(Service::new("_http._tcp", 80).instance("Web").subtypes(subtypes)).unwrap();
    let (mut t, mut now) = settled(t);
    for subtype in subtypes {
        now += HOUR;
        t.hear_at(now, NEIGHBOUR, &format!("? {subtype}._sub._http._tcp.local PTR"));
        t.expect_within(
            now + 20..=now + 120,
            &format!(
                r#"! {subtype}._sub._http._tcp.local 4500 PTR Web._http._tcp.local
                | add Web._http._tcp.local 120 flush SRV 80 cam.local, Web._http._tcp.local 4500 flush TXT "",
                cam.local 120 flush A 192.0.2.7, cam.local 120 flush NSEC A"#
            ),
        );
    }
    t.hear_at(now + HOUR, NEIGHBOUR, "? _fax._sub._http._tcp.local PTR");
    t.expect_silence_until(now + HOUR + MINUTE);
}

// P14, P15, P24, P25, M-18.3-1, M-18.11-1, N2
#[test]
fn a_datagram_that_is_no_query_is_ignored_with_its_reason_and_the_next_one_is_served() {
    let (mut t, now) = settled(host(7));
    let header =
        |flags: u16, questions: u8| [0, 0, (flags >> 8) as u8, flags as u8, 0, questions, 0, 0, 0, 0, 0, 0];
    let ignored = |disposition| match disposition {
        Disposition::Ignored(reason) => reason,
        Disposition::Used => panic!("used"),
    };
    assert!(matches!(ignored(t.hear_octets_at(now, NEIGHBOUR, b"")), Reason::Malformed(_)));
    assert!(matches!(ignored(t.hear_octets_at(now, NEIGHBOUR, &[0; 11])), Reason::Malformed(_)));
    assert!(matches!(ignored(t.hear_octets_at(now, NEIGHBOUR, &header(0, 1))), Reason::Malformed(_)));
    for opcode in 1..16 {
        assert_eq!(ignored(t.hear_octets_at(now, NEIGHBOUR, &header(opcode << 11, 0))), Reason::Opcode);
    }
    for rcode in 1..16 {
        assert_eq!(ignored(t.hear_octets_at(now, NEIGHBOUR, &header(rcode, 0))), Reason::Rcode);
    }
    assert_eq!(ignored(t.hear_octets_at(now, NEIGHBOUR, &header(0, 0))), Reason::NotForUs);
    assert_eq!(ignored(t.hear_octets_at(now, LEGACY, &header(0x8400, 0))), Reason::WrongPort);
    let nowhere = core::net::SocketAddr::new(NEIGHBOUR.ip(), 0);
    assert_eq!(ignored(t.hear_at(now, nowhere, "? cam.local A")), Reason::WrongPort);
    t.hear_at(now, NEIGHBOUR, "? cam.local TYPE257, other.local TYPE65, cam.local A");
    t.expect_at(now, "! cam.local 120 flush A 192.0.2.7, cam.local 120 flush NSEC A");
    t.hear_at(now + MINUTE, NEIGHBOUR, "? cam.local A, other.local A");
    t.expect_at(now + MINUTE, "! cam.local 120 flush A 192.0.2.7 | add cam.local 120 flush NSEC A");
}

// S9, N3
#[test]
fn reply_slots_are_bounded_and_the_group_is_answered_when_they_are_taken() {
    let (mut t, now) = service_settled();
    t.hear_at(now, NEIGHBOUR, "? _http._tcp.local PTR");
    t.expect_within(now + 20..=now + 120, PTR);
    let later = now + 10_000;
    let asker = |last| core::net::SocketAddr::from(([192, 0, 2, last], 5353));
    for last in 100..110 {
        t.hear_at(later, asker(last), "? _http._tcp.local PTR QU");
    }
    let mut to = Vec::new();
    for _ in 0..3 {
        to.push(t.next_within(later + 20..=later + 120).1);
    }
    assert_eq!(to.iter().filter(|&&to| to == dotlocal::Destination::Multicast).count(), 1, "{to:?}");
    let legacy = |last| core::net::SocketAddr::from(([192, 0, 2, last], 9_999));
    let answers: Vec<_> = (100..105)
        .map(|last| t.hear_at(later + 20_000, legacy(last), "? id=1 _http._tcp.local PTR"))
        .collect();
    let busy = Disposition::Ignored(Reason::Busy);
    assert_eq!(answers, [Disposition::Used, Disposition::Used, busy, busy, busy]);
    for _ in 0..2 {
        t.next_within(later + 20_020..=later + 20_120);
    }
}

// S-9-1
#[test]
fn the_list_of_types_has_each_once() {
    let mut t = host(7);
    for (service_type, instance) in [("_http._tcp", "Web"), ("_ipp._tcp", "Web"), ("_HTTP._tcp", "Other")] {
        t.machine.register(Service::new(service_type, 80).instance(instance)).unwrap();
    }
    t.sent_until(HOUR);
    t.hear_at(HOUR, NEIGHBOUR, "? _services._dns-sd._udp.local PTR");
    t.expect_within(
        HOUR + 20..=HOUR + 120,
        "! _services._dns-sd._udp.local 4500 PTR _http._tcp.local, _services._dns-sd._udp.local 4500 PTR _ipp._tcp.local",
    );
}

// M-6-6
#[test]
fn a_type_is_listed_again_after_a_second_also_by_another_of_its_services() {
    let (mut t, _) = host_with_service(7);
    t.machine.register(Service::new("_HTTP._tcp", 81).instance("Other")).unwrap();
    let now = support::HOUR;
    t.sent_until(now);
    t.hear_at(now, NEIGHBOUR, "? _services._dns-sd._udp.local PTR");
    let (at, _, _) = t.next_within(now + 20..=now + 120);
    // The first of them, which has told it, is asking for its name now.
    t.hear_at(at + 1, OTHER, "! Web._http._tcp.local 120 flush SRV 80 tv.local");
    t.hear_at(at + 2, NEIGHBOUR, "? _services._dns-sd._udp.local PTR");
    let listed = |sent: &[(u64, dotlocal::Destination, Msg)]| {
        sent.iter().any(|(_, _, message)| message.to_string().contains("_services"))
    };
    // It loses the name, so that it is still probing when the second is over.
    assert!(!listed(&t.sent_until(at + 600)));
    t.hear_at(at + 600, OTHER, "! Web._http._tcp.local 120 flush SRV 80 tv.local");
    assert!(!listed(&t.sent_until(at + 999)));
    assert!(listed(&t.sent_until(at + 1_000)));
}

// M-6-6, M-6-7
#[test]
fn a_probe_brings_no_haste_to_what_points_to_the_name() {
    let subtypes = &["_a", "_b", "_c", "_d", "_e", "_f", "_g", "_h"];
    for pointer in ["_http._tcp.local", "_services._dns-sd._udp.local", "_h._sub._http._tcp.local"] {
        let mut t = host(7);
        t.machine.register(Service::new("_http._tcp", 80).instance("Web").subtypes(subtypes)).unwrap();
        let now = HOUR;
        t.sent_until(now);
        let question = format!("? {pointer} PTR");
        // The instance too has been told, so that what is told in its defence is still to come.
        t.hear_at(now, NEIGHBOUR, &format!("{question}, Web._http._tcp.local ANY"));
        let (at, _, _) = t.next_within(now..=now + 120);
        t.hear_at(at + 100, OTHER, &question);
        let probe = "? Web._http._tcp.local ANY | auth Web._http._tcp.local 120 SRV 80 tv.local";
        t.hear_at(at + 150, NEIGHBOUR, probe);
        let sent = t.sent_until(at + 999);
        assert_eq!(sent.iter().map(|sent| sent.0).collect::<Vec<_>>(), [at + 250]);
        assert!(!sent[0].2.to_string().contains("PTR"), "{}", sent[0].2);
        assert!(t.next_within(at + 1_000..=at + 1_000).2.to_string().contains(pointer));
    }
}

// M-6-6, M-5.4-2
#[test]
fn that_one_record_was_told_says_nothing_of_another() {
    let subtypes = &["_a", "_b"];
    let mut t = host(7);
    t.machine.register(Service::new("_http._tcp", 80).instance("Web").subtypes(subtypes)).unwrap();
    let now = HOUR;
    t.sent_until(now);
    let pointer = |name| format!("? {name}._sub._http._tcp.local PTR");
    t.hear_at(now, NEIGHBOUR, &pointer("_b"));
    t.next_within(now + 20..=now + 120);
    t.hear_at(now + 5_000, NEIGHBOUR, &pointer("_a"));
    let (at, _, _) = t.next_within(now + 5_020..=now + 5_120);
    t.hear_at(at + 1, NEIGHBOUR, &pointer("_b"));
    t.next_within(at + 21..=at + 121);
    // The type was told not long ago, and what was told of the instance since takes nothing from that.
    t.hear_at(now + 10_000, NEIGHBOUR, "? _http._tcp.local PTR");
    t.next_within(now + 10_020..=now + 10_120);
    t.hear_at(now + 20_000, NEIGHBOUR, "? Web._http._tcp.local SRV");
    t.next_within(now + 20_000..=now + 20_000);
    t.hear_at(now + 25_000, NEIGHBOUR, "? _http._tcp.local PTR QU");
    let (_, to, _) = t.next_within(now + 25_020..=now + 25_120);
    assert_eq!(to, dotlocal::Destination::Unicast(NEIGHBOUR));
}

// M-6-6, M-6-7
#[test]
fn a_name_is_defended_once_for_a_probe() {
    static ABOUT: [ExtraRecord<'static>; 1] = [ExtraRecord::new(Type::HINFO, b"\x03one\x00")];
    let mut t = host(7);
    t.machine.set_host_records(&ABOUT).unwrap();
    let now = HOUR;
    t.sent_until(now);
    t.hear_at(now, NEIGHBOUR, "? cam.local A");
    t.sent_until(now + 50);
    t.hear_at(now + 50, NEIGHBOUR, "? cam.local HINFO");
    t.sent_until(now + 100);
    t.hear_at(now + 100, OTHER, "? cam.local ANY | auth cam.local 120 A 192.0.2.9");
    assert_eq!(t.sent_until(now + 260).len(), 1);
    // The address has just been told: who asks for it has to wait, though the rest is still to come.
    t.hear_at(now + 260, NEIGHBOUR, "? cam.local A");
    let times: Vec<_> = t.sent_until(now + 5_000).iter().map(|sent| sent.0 - now).collect();
    assert_eq!(times, [1_050, 1_250]);
}

// M-6-6, S-7.1-1
#[test]
fn a_subtype_does_not_wait_for_the_second_of_another() {
    static SUBTYPES: [&str; 8] = ["_a", "_b", "_c", "_d", "_e", "_f", "_g", "_h"];
    let mut t = host(7);
    t.machine.register(Service::new("_http._tcp", 80).instance("Web").subtypes(&SUBTYPES)).unwrap();
    let (mut t, now) = settled(t);
    let question = |nth: usize| format!("{}._sub._http._tcp.local PTR", SUBTYPES[nth]);
    let answers =
        |message: &Msg, nth: usize| message.to_string().contains(&question(nth).replace(" ", " 4500 "));
    for (wait, nth) in [(0, 0), (300, 1), (600, 2), (1_150, 0), (1_450, 1)] {
        let asked = now + wait;
        t.hear_at(asked, NEIGHBOUR, &format!("? {}", question(nth)));
        assert!(answers(&t.next_within(asked + 20..=asked + 120).2, nth));
    }
    // More in a second than times are kept for: some wait longer then, and none comes too early.
    let now = now + HOUR;
    let mut last = [None; 8];
    for asked in (now..now + 10_000).step_by(130) {
        let nth = (asked - now) as usize / 130 % 9 % 8;
        t.hear_at(asked, NEIGHBOUR, &format!("? {}", question(nth)));
        for (at, message) in all_until(&mut t, asked + 129) {
            for (nth, last) in last.iter_mut().enumerate().filter(|(nth, _)| answers(&message, *nth)) {
                assert!(last.is_none_or(|last| at - last >= 1_000), "{nth}: {last:?}, {at}");
                *last = Some(at);
            }
        }
    }
    assert!(last.iter().all(|last| last.is_some_and(|last| last > now + 7_500)), "{last:?}");
}

// M-6-6
#[test]
fn a_reverse_name_an_extra_record_and_a_denial_have_a_second_of_their_own() {
    static EXTRA: [ExtraRecord<'static>; 2] =
        [ExtraRecord::new(Type::HINFO, b"\x03one\x00"), ExtraRecord::new(Type(200), b"two")];
    let mut t = host(7);
    t.machine.set_host_records(&EXTRA).unwrap();
    let now = HOUR;
    t.sent_until(now);
    let reverse = "7.2.0.192.in-addr.arpa PTR";
    for (wait, question) in
        [(0, "cam.local HINFO"), (200, "cam.local TYPE200"), (400, "cam.local AAAA"), (600, reverse)]
    {
        t.hear_at(now + wait, NEIGHBOUR, &format!("? {question}"));
        assert_eq!(t.next_within(now + wait..=now + wait + 120).0, now + wait, "{question}");
    }
    t.hear_at(now + 700, OTHER, "? cam.local HINFO, cam.local TYPE200");
    let times: Vec<_> = all_until(&mut t, now + 5_000).iter().map(|sent| sent.0 - now).collect();
    assert_eq!(times, [1_000, 1_200]);
}
