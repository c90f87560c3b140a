//! The packet-script kit tested by itself: text to octets and back, and scripts that have to fail.

mod support;

use support::octets::{Compression, decode, encode};
use support::toy::{Fault, Toy, ToyEvent};
use support::{HOUR, LEGACY, Msg, NEIGHBOUR, Name, SECOND, Script};

/// Canonical text: parsing and printing gives it back, through octets with and without compression.
const PACKETS: [&str; 14] = [
    "? cam.local ANY QU | auth cam.local 120 A 192.0.2.7",
    "? cam.local A, cam.local AAAA QU, . TYPE65280 CLASS255",
    "! cam.local 120 flush A 192.0.2.9, cam.local 120 flush AAAA fe80::1 | add cam.local 120 flush NSEC A AAAA",
    r#"?tc _http._tcp.local PTR | known _http._tcp.local 4500 PTR "Kitchen Cam"._http._tcp.local"#,
    r#"?tc | known _http._tcp.local 4500 PTR "a.b, \"c\" | \\d\000\255"._http._tcp.local"#,
    "! id=7 q cam.local A | ans cam.local 10 A 192.0.2.7 | add cam.local 10 AAAA fe80::7",
    "! cam.local 120 flush SRV 80 cam.local, cam.local 120 flush SRV 1 2 3 .",
    r#"! cam.local 4500 flush TXT "path=/" "a b,c" "é", x.local 4500 TXT "" | auth x.local 1 CNAME y.local"#,
    "! x.local 120 NSEC A TXT AAAA SRV TYPE257 TYPE65535, x.local 120 NSEC next=y.local A, x.local 1 NSEC",
    r"! x.local 1 CLASS3 TYPE257 \# 3 abcdef, x.local 1 flush HINFO \# 2 0000",
    r"! | add . 4500 CLASS1440 OPT \# 0",
    "! flags=0x8000 local. 4294967295 NS ns.local",
    "? id=4711 flags=0x0100 Example.COM A",
    "!tc Küche.local 120 flush A 192.0.2.7",
];

#[test]
fn text_survives_the_way_through_octets_and_back() {
    for text in PACKETS {
        let message: Msg = text.parse().unwrap();
        assert_eq!(message.to_string(), text);
        for compression in [Compression::None, Compression::Suffixes] {
            assert_eq!(decode(&encode(&message, compression)).unwrap(), message, "{compression:?}: {text}");
        }
    }
}

#[test]
fn other_spellings_are_read_as_well() {
    let same = |one: &str, other: &str| assert_eq!(one.parse::<Msg>().unwrap(), other.parse().unwrap());
    same(r"? Kitchen\032Cam._http._tcp.local. SRV", r#"? "Kitchen Cam"._http._tcp.local SRV"#);
    same(r"? K\195\188che.local A", "? Küche.local A");
    same(r"! x.local 1 A \# 4 c0000207", "! x.local 1 A \\# 4 c000 0207");
    same("! x.local 1 SRV 0 0 80 y.local", "! x.local 1 SRV 80 y.local");
    same("! ans x.local 1 A 192.0.2.7 | q x.local A", "! q x.local A | ans x.local 1 A 192.0.2.7");
    assert_eq!(r"a\.b.c".parse::<Name>().unwrap(), Name(vec![b"a.b".to_vec(), b"c".to_vec()]));
}

#[test]
fn nonsense_is_refused_with_a_reason() {
    for (text, reason) in [
        ("cam.local A", "a packet starts with"),
        ("? cam.local", "a word is missing"),
        ("? cam.local AA", "no record type"),
        ("? cam..local A", "a label of 0 octets"),
        ("? cam.local A | cam.local 1 A 192.0.2.7", "is missing after `|`"),
        ("! cam.local 120 A 192.0.2", "no number"),
        ("! cam.local 120 A 192.0.2.7 flush", "one word too many"),
        ("! cam.local 120 TXT a=b", "in quotes"),
        ("! cam.local 120 TXT \"a", "left open"),
        (r"! cam.local 120 HINFO \# 2 00", "not 2 octets"),
    ] {
        let error = text.parse::<Msg>().unwrap_err();
        assert!(error.contains(reason), "{text}: {error}");
    }
}

#[test]
fn octets_are_what_the_rfc_says() {
    let octets = encode(&"! cam.local 120 flush A 192.0.2.7".parse().unwrap(), Compression::None);
    let record = b"\x03cam\x05local\0\0\x01\x80\x01\0\0\0\x78\0\x04\xC0\0\x02\x07";
    assert_eq!(octets, [&[0, 0, 0x84, 0, 0, 0, 0, 1, 0, 0, 0, 0], &record[..]].concat());
    let octets = encode(&"? cam.local A QU, x.cam.local A".parse().unwrap(), Compression::Suffixes);
    assert_eq!(octets[12..], *b"\x03cam\x05local\0\0\x01\x80\x01\x01x\xC0\x0C\0\x01\0\x01");
    let octets = encode(&r#"! . 0 TXT "" | add . 0 NSEC next=x. A AAAA"#.parse().unwrap(), Compression::None);
    assert_eq!(
        octets[12..],
        *b"\0\0\x10\0\x01\0\0\0\0\0\x01\0\0\0\x2F\0\x01\0\0\0\0\0\x09\x01x\0\0\x04\x40\0\0\x08"
    );
}

#[test]
fn broken_octets_are_refused_with_a_reason() {
    let header = |records: u8| [0, 0, 0x84, 0, 0, 0, 0, records, 0, 0, 0, 0];
    for (count, octets, reason) in [
        (0, &b"\0"[..], "behind the last record"),
        (1, b"", "the message ends"),
        (1, b"\xC0\x0C\0\x01\0\x01\0\0\0\0\0\0", "does not go back"),
        (1, b"\xC0\x00\0\x01\0\x01\0\0\0\0\0\0", "does not go back"),
        (1, b"\x40x\0\0\x01\0\x01\0\0\0\0\0\0", "label type"),
        (1, b"\0\0\x01\0\x01\0\0\0\0\0\x03abc", "the message ends"),
        (1, b"\0\0\x01\0\x01\0\0\0\0\0\x05abcde", "its length says"),
        (1, b"\0\0\x01\0\x01\0\0\0\0\x80\0abc", "runs past the message"),
        (1, b"\0\0\x10\0\x01\0\0\0\0\0\0", "no string"),
        (1, b"\0\0\x2F\0\x01\0\0\0\0\0\x05\0\0\x02\x40\0", "ends in a zero octet"),
        (1, b"\0\0\x2F\0\x01\0\0\0\0\0\x03\0\0\0", "window 0 of 0 octets"),
    ] {
        let error = decode(&[&header(count), octets].concat()).unwrap_err();
        assert!(error.contains(reason), "{octets:?}: {error}");
    }
    let long = "! ".to_owned() + &[["x"; 63].concat().as_str(); 4].join(".") + " 1 A 192.0.2.7";
    let octets = encode(&long.parse().unwrap(), Compression::None);
    assert!(decode(&octets).unwrap_err().contains("longer than 255 octets"));
}

#[test]
fn only_the_order_inside_a_section_is_free() {
    let is_same = |one: &str, other: &str| one.parse::<Msg>().unwrap().same_as(&other.parse().unwrap());
    let base = "! a.local 1 A 192.0.2.7, b.local 2 flush A 192.0.2.8 | add c.local 3 TXT \"\"";
    assert!(is_same(base, "! b.local 2 flush A 192.0.2.8, a.local 1 A 192.0.2.7 | add c.local 3 TXT \"\""));
    for other in [
        "! a.local 1 A 192.0.2.7, b.local 2 flush A 192.0.2.8 | auth c.local 3 TXT \"\"",
        "! a.local 1 A 192.0.2.7, b.local 2 A 192.0.2.8 | add c.local 3 TXT \"\"",
        "! a.local 1 A 192.0.2.7, b.local 3 flush A 192.0.2.8 | add c.local 3 TXT \"\"",
        "! A.local 1 A 192.0.2.7, b.local 2 flush A 192.0.2.8 | add c.local 3 TXT \"\"",
        "! a.local 1 A 192.0.2.7, b.local 2 flush CLASS3 A 192.0.2.8 | add c.local 3 TXT \"\"",
        "! id=1 a.local 1 A 192.0.2.7, b.local 2 flush A 192.0.2.8 | add c.local 3 TXT \"\"",
        "! flags=0x8000 a.local 1 A 192.0.2.7, b.local 2 flush A 192.0.2.8 | add c.local 3 TXT \"\"",
        "! a.local 1 A 192.0.2.7, b.local 2 flush A 192.0.2.8",
    ] {
        assert!(!is_same(base, other), "{other}");
    }
}

const PROBE: &str = "? cam.local ANY QU | auth cam.local 120 A 192.0.2.7";
const CLAIM: &str = "! cam.local 120 flush A 192.0.2.7";

fn established(script: &mut Script<Toy>) -> u64 {
    let first = script.expect_within(0..=250, PROBE);
    script.expect_at(first + 250, PROBE);
    script.expect_at(first + 500, PROBE);
    script.expect_at(first + 750, CLAIM);
    script.expect_event(ToyEvent::Established("cam.local".to_owned()));
    script.expect_at(first + 1_750, CLAIM);
    first + 1_750
}

#[test]
fn a_script_follows_a_claim_a_conflict_and_a_query() {
    for start in [0, 123_456_789, u32::MAX - 400] {
        let mut t = Script::starting_at(Toy::new(Fault::None), start);
        let done = established(&mut t);
        t.expect_silence_until(done + HOUR);
        assert_eq!(t.deadline(), None);
        t.hear_at(done + HOUR, NEIGHBOUR, "? cam.local A");
        t.expect_at(done + HOUR, CLAIM);
        t.hear_direct_at(done + HOUR + 5, NEIGHBOUR, "! cam.local 120 flush A 192.0.2.9");
        t.expect_event(ToyEvent::Renamed("cam-2.local".to_owned()));
        t.expect_no_event();
        let again = t.expect_within(
            t.now()..=t.now() + 250,
            "? cam-2.local ANY QU | auth cam-2.local 120 A 192.0.2.7",
        );
        let (at, _, probe) = t.next_within(again + 250..=again + 250);
        assert_eq!((at, probe.questions[0].qu), (again + 250, true));
        t.expect_all_within(
            again..=again + 500,
            &["? cam-2.local ANY QU | auth cam-2.local 120 A 192.0.2.7"],
        );
        let now = t.expect_within(0..=again + SECOND, "! cam-2.local 120 flush A 192.0.2.7");
        t.expect_event_at(now, ToyEvent::Established("cam-2.local".to_owned()));
        t.expect_at(now + SECOND, "! cam-2.local 120 flush A 192.0.2.7");
        assert_eq!(t.events().count(), 4);
    }
}

#[test]
#[should_panic(expected = "too early")]
fn a_millisecond_too_early_fails() {
    let mut t = Script::new(Toy::new(Fault::None));
    let first = t.expect_within(0..=250, PROBE);
    t.expect_at(first + 251, PROBE);
}

#[test]
#[should_panic(expected = "nothing is sent")]
fn a_millisecond_too_late_fails() {
    let mut t = Script::new(Toy::new(Fault::None));
    let first = t.expect_within(0..=250, PROBE);
    t.expect_at(first + 249, PROBE);
}

#[test]
#[should_panic(expected = "nothing in the script expects")]
fn a_record_too_many_fails() {
    let mut t = Script::new(Toy::new(Fault::None));
    let done = established(&mut t);
    t.hear_at(done + 1, LEGACY, "? cam.local A");
    t.expect_silence_until(done + 2);
}

#[test]
#[should_panic(expected = "the script ends")]
fn what_is_left_over_at_the_end_fails() {
    let mut t = Script::new(Toy::new(Fault::None));
    let done = established(&mut t);
    t.hear_at(done + 1, NEIGHBOUR, "? cam.local A");
}

#[test]
#[should_panic(expected = "- ans cam.local 120 A 192.0.2.7\n  + ans cam.local 120 flush A 192.0.2.7")]
fn another_bit_fails_and_is_shown() {
    let mut t = Script::new(Toy::new(Fault::None));
    let done = established(&mut t);
    t.hear_at(done + 1, NEIGHBOUR, "? cam.local A");
    t.expect_at(done + 1, "! cam.local 120 A 192.0.2.7");
}

#[test]
#[should_panic(expected = "but it goes to the group")]
fn another_destination_fails() {
    let mut t = Script::new(Toy::new(Fault::None));
    let done = established(&mut t);
    t.hear_at(done + 1, LEGACY, "? cam.local A");
    t.expect_unicast_at(done + 1, LEGACY, CLAIM);
}

#[test]
#[should_panic(expected = "this event is not told")]
fn an_event_at_another_time_fails() {
    let mut t = Script::new(Toy::new(Fault::None));
    established(&mut t);
    t.expect_event(ToyEvent::Established("cam.local".to_owned()));
}

#[test]
#[should_panic(expected = "law 5")]
fn a_deadline_in_the_past_fails_any_script() {
    let mut t = Script::new(Toy::new(Fault::PastDeadline));
    established(&mut t);
}
