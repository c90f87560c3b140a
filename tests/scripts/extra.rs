//! Records beside those of hosts and services: unique ones are claimed, shared ones are not (RFC 6762 sections 2, 8
//! and 9).

use super::*;
use crate::support::{HOUR, MINUTE, NEIGHBOUR, OTHER, Section, kind};
use dotlocal::mdns::{ChangeError, ExtraRecord, RecordSet, RecordsError, RecordsId, RegisterError};
use dotlocal::wire::Type;

const LOC: Type = Type(29);
const CAA: Type = Type(257);
const DOOR: [ExtraRecord<'static>; 2] =
    [ExtraRecord::new(Type::TXT, b"\x04open"), ExtraRecord::new(LOC, b"place").ttl_secs(300)];
const OTHER_DOOR: [ExtraRecord<'static>; 1] = [ExtraRecord::new(Type::TXT, b"\x04shut")];
const MAKE: [ExtraRecord<'static>; 1] = [ExtraRecord::new(Type::HINFO, b"\x01a\x01b")];
const SAID: &str = r#"! door.local 4500 flush TXT "open", door.local 300 flush TYPE29 \# 5 706c616365"#;

/// A machine whose only name is `door.local`, with the records of `DOOR`.
fn door() -> (Script<Responder>, RecordsId) {
    let mut t = Script::new(machines::responder(7));
    t.machine.set_addresses(&[("192.0.2.7".parse().unwrap(), 24)]).unwrap();
    let id = t.machine.register_records(RecordSet::unique(name("door.local"), &DOOR)).unwrap();
    (t, id)
}

/// The same, long settled.
fn door_settled() -> (Script<Responder>, RecordsId, u64) {
    let (mut t, id) = door();
    t.sent_until(HOUR);
    (t, id, HOUR)
}

// M-8.3-1, M-10.1-1
#[test]
fn each_of_many_records_is_announced_answered_and_withdrawn() {
    let records: &'static [_] =
        (0..14).map(|nth| ExtraRecord::new(Type(300 + nth), b"x")).collect::<Vec<_>>().leak();
    let mut t = Script::new(machines::responder(7));
    let id = t.machine.register_records(RecordSet::unique(name("door.local"), records)).unwrap();
    let types =
        |message: &Msg| -> Vec<_> { message.records.iter().map(|(_, record)| record.rtype).collect() };
    let sent: Vec<_> = all_until(&mut t, HOUR).iter().map(|(_, message)| types(message)).collect();
    let all: Vec<u16> = (300..314).collect();
    assert_eq!(sent, vec![all.clone(); 5]);
    t.hear_at(HOUR, NEIGHBOUR, "? door.local TYPE305, door.local TYPE313");
    t.expect_at(HOUR, r"! door.local 4500 flush TYPE305 \# 1 78, door.local 4500 flush TYPE313 \# 1 78");
    // M-6-7: each of them defends the name.
    t.hear_at(HOUR + 10_000, NEIGHBOUR, "? door.local ANY");
    assert_eq!(types(&t.next_within(HOUR + 10_000..=HOUR + 10_000).2), all);
    t.hear_at(HOUR + 10_100, OTHER, "? door.local ANY | auth door.local 120 A 192.0.2.9");
    assert_eq!(types(&t.next_within(HOUR + 10_250..=HOUR + 10_250).2), all);
    t.machine.unregister(id).unwrap();
    let (_, goodbye) = all_until(&mut t, HOUR + MINUTE).remove(0);
    assert_eq!(types(&goodbye), all);
}

// M-8.1-1
#[test]
fn unique_records_are_probed_for_announced_and_withdrawn() {
    let (mut t, id) = door();
    let probe = r#"? door.local ANY QU
        | auth door.local 4500 TXT "open", door.local 300 TYPE29 \# 5 706c616365"#;
    let first = t.expect_within(0..=250, probe);
    t.expect_at(first + 250, probe);
    t.hear_at(first + 300, NEIGHBOUR, "? door.local ANY");
    t.expect_at(first + 500, probe);
    t.expect_at(first + 750, SAID);
    t.expect_event(ResponderEvent::Established(id.into()));
    t.expect_at(first + 1_750, SAID);
    t.expect_silence_until(HOUR);
    for (question, answer) in [
        ("TXT", r#"! door.local 4500 flush TXT "open""#),
        ("TYPE29", r"! door.local 300 flush TYPE29 \# 5 706c616365"),
        ("ANY", SAID),
        ("A", "! door.local 120 flush NSEC TXT TYPE29"),
    ] {
        let now = t.now() + MINUTE;
        t.hear_at(now, NEIGHBOUR, &format!("? DOOR.local {question}"));
        t.expect_at(now, answer);
    }
    let now = t.now() + MINUTE;
    t.at(now);
    t.machine.unregister(id).unwrap();
    t.expect_at(now, &SAID.replace("4500", "0").replace("300", "0"));
    t.expect_event(ResponderEvent::Withdrawn(id.into()));
    assert_eq!(t.machine.unregister(id), Err(ChangeError::Unknown));
    t.expect_silence_until(now + HOUR);
}

// M-8.1-5, M-9-2, S7
#[test]
fn a_name_that_cannot_be_changed_is_lost_until_the_link_is_up_again() {
    // While it is probed for.
    let (mut t, id) = door();
    let (first, _, _) = t.next_within(0..=250);
    t.hear_at(first + 10, NEIGHBOUR, "! door.local 120 flush A 192.0.2.9");
    t.expect_event(ResponderEvent::Conflict(id.into()));
    t.expect_event(ResponderEvent::Withdrawn(id.into()));
    t.hear_at(MINUTE, NEIGHBOUR, "? door.local ANY");
    t.expect_silence_until(HOUR);
    assert_eq!(t.machine.name(id).unwrap().to_string(), "door.local");
    t.machine.link_up();
    let sent = all_until(&mut t, HOUR + MINUTE);
    assert_eq!(sent.len(), 5, "{sent:?}");
    assert!(t.events().any(|(_, event)| *event == ResponderEvent::Established(id.into())));
    // When it was ours: it is probed for once more, and what we have said of it is taken back.
    let (mut t, id, now) = door_settled();
    let rival = r#"! door.local 4500 flush TXT "mine""#;
    t.hear_at(now, NEIGHBOUR, rival);
    t.expect_event(ResponderEvent::Conflict(id.into()));
    let (first, _, _) = t.next_within(now..=now + 250);
    t.hear_at(first + 10, NEIGHBOUR, rival);
    t.expect_event(ResponderEvent::Withdrawn(id.into()));
    t.expect_at(first + 10, r#"! door.local 0 TXT "open", door.local 0 TYPE29 \# 5 706c616365"#);
    t.hear_at(now + MINUTE, NEIGHBOUR, "? door.local ANY");
    t.expect_silence_until(now + HOUR);
    // A change does not bring it back, and the goodbye was said already.
    t.machine.set_records(id, &OTHER_DOOR).unwrap();
    t.expect_silence_until(now + 2 * HOUR);
    t.machine.unregister(id).unwrap();
    t.expect_silence_until(now + 3 * HOUR);
}

// M-9-4, M-6.6-1
#[test]
fn a_twin_and_a_type_that_we_have_not_are_no_rivals_of_records_that_are_ours() {
    let (mut t, id, now) = door_settled();
    t.hear_at(now, NEIGHBOUR, SAID);
    t.hear_at(now, NEIGHBOUR, "! door.local 120 flush A 192.0.2.9");
    t.hear_at(now, NEIGHBOUR, r#"! door.local 120 CLASS3 TXT "mine""#);
    t.expect_silence_until(now + MINUTE);
    assert!(!t.events().any(|(_, event)| *event == ResponderEvent::Conflict(id.into())));
    // Another host's probe is met.
    t.hear_at(now + MINUTE, OTHER, r#"? door.local ANY QU | auth door.local 4500 TXT "mine""#);
    t.expect_unicast_at(now + MINUTE, OTHER, SAID);
    t.expect_at(now + MINUTE, SAID);
}

// M-8.2.1-1, M-8.2-2
#[test]
fn two_who_probe_compare_all_their_records_in_order() {
    let proposal = |records: &str| {
        let (mut t, _) = door();
        let (first, _, _) = t.next_within(0..=250);
        t.hear_at(first + 100, NEIGHBOUR, &format!("? door.local ANY QU | auth {records}"));
        let next = t.next_within(first..=first + 1_100).0 - first;
        t.call(|machine| machine.link_down());
        next
    };
    let (txt, loc) = (r#"door.local 1 TXT "open""#, r"door.local 1 TYPE29 \# 5 706c616365");
    for (records, wait) in [
        (format!("{txt}, {loc}"), 250),
        (format!("{loc}, {txt}"), 250),
        (txt.into(), 250),
        (loc.into(), 1_100),
        (format!("{txt}, {loc}, door.local 1 TYPE30 \\# 0"), 1_100),
        (format!("{loc}, {txt}, door.local 1 A 192.0.2.1"), 250),
        (format!(r#"{loc}, door.local 1 TXT "opened""#), 1_100),
        (format!(r#"{loc}, door.local 1 TXT "opem""#), 250),
        (format!("{txt}, door.local 1 TYPE29 \\# 4 706c6163"), 250),
        (format!("{txt}, door.local 1 TYPE29 \\# 6 706c61636500"), 1_100),
        (format!("{txt}, door.local 1 TYPE29 \\# 1 ff"), 1_100),
    ] {
        assert_eq!(proposal(&records), wait, "{records}");
    }
}

// M-8.1-1, M-8.3-2, M-10.2-2, M-8.4-1
#[test]
fn shared_records_are_announced_without_probing_and_flush_nothing() {
    let mut t = Script::new(machines::responder(7));
    let id = t.machine.register_records(RecordSet::shared(name("hall.local"), &DOOR)).unwrap();
    let said = r#"! hall.local 4500 TXT "open", hall.local 300 TYPE29 \# 5 706c616365"#;
    let first = t.expect_within(0..=250, said);
    t.expect_at(first + 1_000, said);
    assert!(t.events().any(|(_, event)| *event == ResponderEvent::Established(id.into())));
    // What others say under the name is their matter, and a probe for it is none of ours.
    t.hear_at(MINUTE, NEIGHBOUR, r#"! hall.local 4500 flush TXT "mine", hall.local 120 A 192.0.2.9"#);
    t.expect_no_event();
    t.expect_silence_until(HOUR);
    t.hear_at(HOUR, NEIGHBOUR, "? hall.local ANY");
    t.expect_within(HOUR + 20..=HOUR + 120, said);
    t.hear_at(HOUR + MINUTE, NEIGHBOUR, r#"? hall.local ANY | known hall.local 4500 TXT "open""#);
    t.expect_within(HOUR + MINUTE + 20..=HOUR + MINUTE + 120, r"! hall.local 300 TYPE29 \# 5 706c616365");
    // Other records: the old ones go first.
    let now = HOUR + 2 * MINUTE;
    t.at(now);
    t.machine.set_records(id, &OTHER_DOOR).unwrap();
    t.expect_at(now, r#"! hall.local 0 TXT "open", hall.local 0 TYPE29 \# 5 706c616365"#);
    t.expect_at(now, r#"! hall.local 4500 TXT "shut""#);
    t.expect_at(now + 1_000, r#"! hall.local 4500 TXT "shut""#);
    t.at(now + MINUTE);
    t.machine.unregister(id).unwrap();
    t.expect_at(now + MINUTE, r#"! hall.local 0 TXT "shut""#);
    t.expect_event(ResponderEvent::Withdrawn(id.into()));
}

// M-7.1-1
#[test]
fn of_shared_records_of_one_type_each_is_known_or_not() {
    let pointers: &'static [_] = Box::leak(Box::new([
        ExtraRecord::new(Type::PTR, b"\x01a\x05local\x00"),
        ExtraRecord::new(Type::PTR, b"\x01b\x05local\x00"),
    ]));
    let mut t = Script::new(machines::responder(7));
    t.machine.register_records(RecordSet::shared(name("lb._dns-sd._udp.local"), pointers)).unwrap();
    t.sent_until(MINUTE);
    let known = |name: &str| format!("lb._dns-sd._udp.local 4500 PTR {name}.local");
    t.hear_at(MINUTE, NEIGHBOUR, &format!("? lb._dns-sd._udp.local PTR | known {}", known("a")));
    t.expect_within(MINUTE + 20..=MINUTE + 120, &format!("! {}", known("b")));
    let both = format!("{}, {}", known("a"), known("b"));
    t.hear_at(2 * MINUTE, NEIGHBOUR, &format!("? lb._dns-sd._udp.local PTR | known {both}"));
    t.expect_silence_until(HOUR);
}

// M-6-11
#[test]
fn unique_records_of_one_type_are_always_said_together() {
    // Whatever brings one of them up: the flush bit makes the others forgotten where they are not beside it.
    let issuers: &'static [_] = Box::leak(Box::new([
        ExtraRecord::new(CAA, b"\x00\x05issuea"),
        ExtraRecord::new(Type::TXT, b"\x01x"),
        ExtraRecord::new(CAA, b"\x00\x05issueb"),
    ]));
    let (a, b) =
        (r"door.local 4500 TYPE257 \# 8 0005697373756561", r"door.local 4500 TYPE257 \# 8 0005697373756562");
    let flush = |record: &str| record.replace("4500", "4500 flush");
    for heard in [
        "? door.local TYPE257".to_owned(),
        format!("? door.local TYPE257 | known {a}"),
        format!("? door.local TYPE257 | known {b}"),
        format!("! {}", b.replace("4500", "0")),
        format!("! {}", a.replace("4500", "100")),
    ] {
        let mut t = Script::new(machines::responder(7));
        t.machine.register_records(RecordSet::unique(name("door.local"), issuers)).unwrap();
        t.sent_until(MINUTE);
        t.hear_at(MINUTE, NEIGHBOUR, &heard);
        t.expect_at(MINUTE, &format!("! {}, {}", flush(a), flush(b)));
        // All known: nothing is said. One heard from a twin: nothing is left out.
        t.hear_at(2 * MINUTE, NEIGHBOUR, &format!("? door.local TYPE257 | known {a}, {b}"));
        t.hear_at(2 * MINUTE, NEIGHBOUR, "? door.local TYPE257");
        t.expect_at(2 * MINUTE, &format!("! {}, {}", flush(a), flush(b)));
        t.hear_at(2 * MINUTE + 10, NEIGHBOUR, "? door.local TYPE257");
        t.hear_at(2 * MINUTE + 20, OTHER, &format!("! {}", flush(a)));
        t.expect_at(2 * MINUTE + 1_000, &format!("! {}, {}", flush(a), flush(b)));
    }
}

// M-8.4-1, M-10.1-1
#[test]
fn records_beside_the_host_are_claimed_denied_and_replaced_with_it() {
    let mut t = host(7);
    t.machine.set_host_records(&MAKE).unwrap();
    let hinfo = r"cam.local 120 HINFO \# 4 01610162";
    let probe = format!("? cam.local ANY QU | auth cam.local 120 A 192.0.2.7, {hinfo}");
    let first = t.expect_within(0..=250, &probe);
    t.expect_at(first + 250, &probe);
    t.expect_at(first + 500, &probe);
    let said = format!(
        "! cam.local 120 flush A 192.0.2.7, {} | add cam.local 120 flush NSEC A HINFO",
        hinfo.replace("120", "120 flush")
    );
    t.expect_at(first + 750, &said);
    t.expect_at(first + 1_750, &said);
    t.expect_silence_until(HOUR);
    // Another's HINFO under our name is a conflict now.
    t.machine.set_host_records(&DOOR).unwrap();
    t.expect_at(HOUR, r"! cam.local 0 HINFO \# 4 01610162");
    let said = r#"! cam.local 120 flush A 192.0.2.7, cam.local 120 flush TXT "open",
        cam.local 300 flush TYPE29 \# 5 706c616365 | add cam.local 120 flush NSEC A TXT TYPE29"#;
    t.expect_at(HOUR, said);
    t.expect_at(HOUR + 1_000, said);
    t.machine.set_host_records(&[]).unwrap();
    t.expect_at(HOUR + 1_000, r#"! cam.local 0 TXT "open", cam.local 0 TYPE29 \# 5 706c616365"#);
    t.sent_until(HOUR + MINUTE);
    t.hear_at(HOUR + MINUTE, NEIGHBOUR, "? cam.local TXT");
    t.expect_at(HOUR + MINUTE, "! cam.local 120 flush NSEC A");
    // Records may be there before the name is.
    let mut t = Script::new(machines::responder(7));
    t.machine.set_host_records(&DOOR).unwrap();
    t.machine.set_addresses(&[("192.0.2.7".parse().unwrap(), 24)]).unwrap();
    t.expect_silence_until(MINUTE);
    t.machine.set_hostname("cam").unwrap();
    let (_, _, probe) = t.next_within(MINUTE..=MINUTE + 250);
    assert_eq!(probe.section(Section::Authority).count(), 3, "{probe}");
    t.call(|machine| machine.link_down());
}

// M-10.1-1, M-17-1
#[test]
fn a_goodbye_for_records_that_are_replaced_is_split_where_it_is_long() {
    let data: &'static [u8] = vec![7; 400].leak();
    let long: &'static [_] =
        (0..8).map(|nth| ExtraRecord::new(Type(300 + nth), data)).collect::<Vec<_>>().leak();
    let mut t = Script::new(machines::responder(7));
    let id = t.machine.register_records(RecordSet::shared(name("hall.local"), long)).unwrap();
    t.sent_until(MINUTE);
    t.machine.set_records(id, &OTHER_DOOR).unwrap();
    let mut gone = std::collections::BTreeSet::new();
    for (_, message) in all_until(&mut t, 2 * MINUTE) {
        gone.extend(
            message.section(Section::Answer).filter(|record| record.ttl == 0).map(|record| record.rtype),
        );
    }
    assert_eq!(gone.into_iter().collect::<Vec<_>>(), (300..308).collect::<Vec<_>>());
    assert!(t.longest_sent() <= 1_440, "{}", t.longest_sent());
}

#[test]
fn records_that_cannot_be_published_are_refused_and_nothing_changes() {
    let mut t = host(7);
    let many: &'static [_] = vec![DOOR[0]; 15].leak();
    let of =
        |rtype| -> &'static [ExtraRecord<'static>] { vec![DOOR[0], ExtraRecord::new(rtype, b"")].leak() };
    let too_long: &'static [_] = vec![ExtraRecord::new(Type::TXT, vec![0; 65_536].leak())].leak();
    for (records, error) in [
        (&[][..], RecordsError::Empty),
        (many, RecordsError::TooMany { most: 14 }),
        (of(Type::ANY), RecordsError::Type { index: 1 }),
        (of(Type::NSEC), RecordsError::Type { index: 1 }),
        (of(Type::OPT), RecordsError::Type { index: 1 }),
        (of(Type(0)), RecordsError::Type { index: 1 }),
        (too_long, RecordsError::TooLong { index: 0 }),
    ] {
        for set in
            [RecordSet::unique(name("door.local"), records), RecordSet::shared(name("door.local"), records)]
        {
            assert_eq!(t.machine.register_records(set), Err(RegisterError::Records(error)));
        }
    }
    let longest: &'static [_] = vec![ExtraRecord::new(Type::TXT, vec![0; 65_535].leak())].leak();
    let longest = t.machine.register_records(RecordSet::unique(name("long.local"), longest)).unwrap();
    t.machine.unregister(longest).unwrap();
    t.expect_event(ResponderEvent::Withdrawn(longest.into()));
    let id = t.machine.register_records(RecordSet::unique(name("door.local"), &many[..14])).unwrap();
    assert_eq!(t.machine.set_records(id, &[]), Err(ChangeError::Records(RecordsError::Empty)));
    let wrong = RecordsError::Type { index: 1 };
    assert_eq!(t.machine.set_records(id, of(Type::ANY)), Err(ChangeError::Records(wrong)));
    for (records, error) in [
        (&many[..5], RecordsError::TooMany { most: 4 }),
        (of(Type::A), wrong),
        (of(Type::AAAA), wrong),
        (of(Type::NSEC), wrong),
    ] {
        assert_eq!(t.machine.set_host_records(records), Err(error));
        assert!(!error.to_string().is_empty());
    }
    assert_eq!(t.machine.set_host_records(&many[..4]), Ok(()));
    // A name is claimed once: also where one of the two is shared, since the other denies what it has not.
    for again in ["DOOR.local", "cam.local"] {
        for set in [RecordSet::unique(name(again), &DOOR), RecordSet::shared(name(again), &DOOR)] {
            assert_eq!(t.machine.register_records(set), Err(RegisterError::Duplicate), "{again}");
        }
    }
    let shared = RecordSet::shared(name("hall.local"), &DOOR);
    let first = t.machine.register_records(shared).unwrap();
    assert!(t.machine.register_records(shared).is_ok(), "shared names may have two sets");
    let unique = RecordSet::unique(name("hall.local"), &DOOR);
    assert_eq!(t.machine.register_records(unique), Err(RegisterError::Duplicate));
    // All slots are taken now but one.
    t.machine.register(Service::new("_http._tcp", 80).instance("Web")).unwrap();
    let full = Err(RegisterError::Full { capacity: 4 });
    assert_eq!(t.machine.register_records(RecordSet::unique(name("more.local"), &DOOR)), full);
    t.sent_until(HOUR);
    t.machine.unregister(first).unwrap();
    t.sent_until(HOUR + MINUTE);
    assert_eq!(t.machine.set_records(first, &DOOR), Err(ChangeError::Unknown));
    assert_eq!((t.machine.name(first), t.machine.number(first)), (None, None));
    t.hear_at(HOUR + MINUTE, NEIGHBOUR, "? door.local ANY");
    let (_, _, answer) = t.next_within(HOUR + MINUTE..=HOUR + MINUTE);
    assert_eq!(answer.records.iter().filter(|(_, record)| record.rtype == kind::TXT).count(), 14, "{answer}");
}
