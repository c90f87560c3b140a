//! What the bits of the header say, and do not say: RFC 6762 section 18.

use super::*;
use crate::support::octets::{Compression, encode};
use crate::support::{HOUR, LEGACY, MINUTE, Msg, NEIGHBOUR, Section};
use dotlocal::{Disposition, Meta, Reason};

const A: &str = "! cam.local 120 flush A 192.0.2.7 | add cam.local 120 flush NSEC A";
const OTHERS: &str = "cam.local 120 flush A 192.0.2.9";

/// Whether a response with this head says that the name is taken.
fn is_believed(head: &str) -> bool {
    let (mut t, now) = settled(host(7));
    t.hear_at(now, NEIGHBOUR, &format!("{head} ans {OTHERS}"));
    let told = t.events().any(|(_, event)| *event == ResponderEvent::Conflict(Claimed::Host));
    t.call(|machine| machine.link_down());
    told
}

// M-18.1-1
#[test]
fn ids_are_ignored_and_no_packet_but_a_legacy_reply_has_one() {
    // The scripts expect id 0 in probes and announcements already; here they hear others.
    let (mut t, mut now) = settled(host(7));
    for id in [1, 0x8000, 0xFFFF] {
        t.hear_at(now, NEIGHBOUR, &format!("? id={id} cam.local A"));
        t.expect_at(now, A);
        t.hear_at(now + 5_000, NEIGHBOUR, &format!("? id={id} cam.local A QU"));
        t.expect_unicast_at(now + 5_000, NEIGHBOUR, A);
        t.hear_at(now + 10_000, LEGACY, &format!("? id={id} cam.local AAAA"));
        let reply = format!("! id={id} q cam.local AAAA | ans cam.local 10 NSEC A");
        t.expect_unicast_at(now + 10_000, LEGACY, &reply);
        now += MINUTE;
        assert!(is_believed(&format!("! id={id}")));
    }
}

// M-18.2-1
#[test]
fn a_query_claims_nothing_and_a_response_asks_nothing() {
    let (mut t, now) = settled(host(7));
    t.hear_at(now, NEIGHBOUR, &format!("? cam.local A | known {OTHERS} | add {OTHERS}"));
    t.expect_no_event();
    t.expect_at(now, A);
    t.hear_at(now + MINUTE, NEIGHBOUR, "! q cam.local A, cam.local ANY QU");
    t.expect_silence_until(now + HOUR);
    assert!(is_believed("!"));
}

// M-6-9
#[test]
fn responses_have_no_questions_and_are_not_answered() {
    let (mut t, service) = host_with_service(7);
    let mut sent = all_until(&mut t, MINUTE);
    t.hear_at(MINUTE, NEIGHBOUR, "? _http._tcp.local PTR, cam.local AAAA, _services._dns-sd._udp.local PTR");
    sent.extend(all_until(&mut t, 2 * MINUTE));
    t.machine.set_port(service, 81).unwrap();
    sent.extend(all_until(&mut t, 3 * MINUTE));
    t.machine.stop();
    sent.extend(all_until(&mut t, 4 * MINUTE));
    let responses: Vec<_> = sent.iter().filter(|(_, message)| message.is_response()).collect();
    assert!(responses.len() >= 6, "{responses:?}");
    assert!(responses.iter().all(|(_, response)| response.questions.is_empty()), "{responses:?}");
    let (mut t, now) = service_settled();
    // Our own data, somebody else's, and questions in them.
    for response in [A, PTR, "! q _http._tcp.local PTR, cam.local A | ans other.local 120 flush A 192.0.2.9"]
    {
        t.hear_at(now, NEIGHBOUR, response);
        t.hear_direct_at(now, NEIGHBOUR, response);
    }
    t.expect_silence_until(now + HOUR);
}

// M-18.3-1, M-18.11-1
#[test]
fn another_opcode_or_an_error_makes_a_sound_message_nothing() {
    let (mut t, now) = settled(host(7));
    let octets = |text: &str| encode(&text.parse::<Msg>().unwrap(), Compression::Suffixes);
    for number in 1..16_u8 {
        for text in [
            "? cam.local A",
            "? cam.local ANY QU | auth cam.local 120 A 200.0.0.1",
            "! cam.local 120 A 192.0.2.9",
        ] {
            let (mut opcode, mut rcode) = (octets(text), octets(text));
            opcode[2] |= number << 3;
            rcode[3] |= number;
            for meta in [true, false].map(|multicast| Meta::mdns(NEIGHBOUR, multicast)) {
                assert_eq!(t.hear_meta_at(now, meta, &opcode), Disposition::Ignored(Reason::Opcode));
                assert_eq!(t.hear_meta_at(now, meta, &rcode), Disposition::Ignored(Reason::Rcode));
            }
        }
    }
    t.expect_no_event();
    t.expect_silence_until(now + MINUTE);
    t.hear_at(now + MINUTE, NEIGHBOUR, "? cam.local A");
    t.expect_at(now + MINUTE, A);
}

// M-18.4-1
#[test]
fn whether_a_message_is_authoritative_is_said_and_not_read() {
    // `!` has AA set and `?` has not: each packet of each script is compared with that.
    assert_eq!((Msg::RESPONSE & 0x0400, Msg::QUERY & 0x0400), (0x0400, 0));
    let (mut t, now) = settled(host(7));
    t.hear_at(now, NEIGHBOUR, "? flags=0x0400 cam.local A");
    t.expect_at(now, A);
    t.hear_at(now + 10_000, LEGACY, "? id=9 flags=0x0400 cam.local A");
    let reply = "! id=9 q cam.local A | ans cam.local 10 A 192.0.2.7 | add cam.local 10 NSEC A";
    t.expect_unicast_at(now + 10_000, LEGACY, reply);
    assert!(is_believed("! flags=0x8000"));
}

// M-18.5-1
#[test]
fn a_response_is_not_read_as_cut_and_none_to_the_group_says_so() {
    assert!(is_believed("!tc"));
    // More than a packet holds: the rest follows, and no packet says that it was cut.
    let long: &'static str = "v".repeat(200).leak();
    let mut t = host(7);
    for instance in ["a", "b", "c", "d"] {
        let txt = Box::leak(Box::new([("a", long), ("b", long), ("c", long)]));
        t.machine.register(Service::new("_http._tcp", 80).instance(instance).txt(txt)).unwrap();
    }
    all_until(&mut t, MINUTE);
    t.hear_at(MINUTE, NEIGHBOUR, "? a._http._tcp.local ANY, b._http._tcp.local ANY, c._http._tcp.local ANY");
    for _ in 0..2 {
        let (_, _, answer) = t.next_within(MINUTE..=MINUTE);
        assert_eq!(answer.flags, Msg::RESPONSE, "{answer}");
    }
}

// M-18.6-1
#[test]
fn the_bits_of_other_protocols_are_ignored_and_never_sent() {
    // RD, RA, Z, AD, CD; that none of them is sent shows in each packet of each script.
    for bit in [0x0100, 0x0080, 0x0040, 0x0020, 0x0010, 0x01F0] {
        let (mut t, now) = settled(host(7));
        t.hear_at(now, NEIGHBOUR, &format!("? flags={bit:#06x} cam.local A"));
        t.expect_at(now, A);
        t.hear_at(now + 10_000, LEGACY, &format!("? id=9 flags={bit:#06x} cam.local AAAA"));
        t.expect_unicast_at(now + 10_000, LEGACY, "! id=9 q cam.local AAAA | ans cam.local 10 NSEC A");
        assert!(is_believed(&format!("! flags={:#06x}", Msg::RESPONSE | bit)));
        let mut t = host(7);
        let first = t.expect_within(0..=250, "? cam.local ANY QU | auth cam.local 120 A 192.0.2.7");
        let probe = format!("? flags={bit:#06x} cam.local ANY QU | auth cam.local 120 A 192.0.2.8");
        t.hear_at(first + 1, NEIGHBOUR, &probe);
        t.expect_silence_until(first + 1_000);
        t.call(|machine| machine.link_down());
    }
}

// M-18.14-2, M-18.14-1
#[test]
fn only_to_the_group_is_the_target_of_a_service_compressed() {
    // The length of the data, port 80, and `cam`, behind which the group gets a pointer.
    const FRONT: [u8; 10] = [0, 0, 0, 0, 0, 80, 3, b'c', b'a', b'm'];
    let data = |octets: &[u8]| {
        let at = octets.windows(FRONT.len()).position(|window| window == FRONT).unwrap();
        (octets[at - 1], octets[at + FRONT.len()..].to_vec())
    };
    let (mut t, now) = service_settled();
    t.hear_at(now, LEGACY, "? id=1 Web._http._tcp.local SRV");
    t.next_within(now..=now);
    let (len, rest) = data(t.last_sent());
    assert_eq!((len, &rest[..7]), (6 + 11, b"\x05local\0".as_slice()));
    t.hear_at(now, NEIGHBOUR, "? Web._http._tcp.local SRV");
    t.next_within(now..=now);
    let (len, rest) = data(t.last_sent());
    assert_eq!((len, rest[0] & 0xC0), (6 + 6, 0xC0));
}

// N2
#[test]
fn a_response_from_another_port_claims_nothing_and_port_0_gets_no_reply() {
    let (mut t, now) = settled(host(7));
    for port in [0, 1, 53, 5_352, 5_354, 40_000] {
        let source = core::net::SocketAddr::new(NEIGHBOUR.ip(), port);
        let wrong = Disposition::Ignored(Reason::WrongPort);
        assert_eq!(t.hear_at(now, source, &format!("! {OTHERS}")), wrong, "{port}");
        // A goodbye of our record would have to be set right.
        assert_eq!(t.hear_at(now, source, "! cam.local 0 flush A 192.0.2.7"), wrong, "{port}");
    }
    let nowhere = core::net::SocketAddr::new(NEIGHBOUR.ip(), 0);
    for question in ["cam.local A", "cam.local A QU"] {
        t.hear_at(now, nowhere, &format!("? id=1 {question}"));
        t.hear_direct_at(now, nowhere, &format!("? id=1 {question}"));
    }
    t.expect_no_event();
    t.expect_silence_until(now + HOUR);
    t.hear_at(now + HOUR, NEIGHBOUR, "? cam.local A");
    t.expect_at(now + HOUR, A);
}

// M-18.6-1
#[test]
fn every_packet_of_a_life_has_the_usual_header_alone() {
    let (mut t, service) = host_with_service(3);
    let mut end = MINUTE;
    let mut heads = std::collections::BTreeSet::new();
    let changes: [fn(&mut Responder, ServiceId); 4] = [
        |_, _| (),
        |machine, service| machine.set_port(service, 81).unwrap(),
        |machine, _| machine.set_hostname("door").unwrap(),
        |machine, _| machine.stop(),
    ];
    for change in changes {
        change(&mut t.machine, service);
        for (_, message) in all_until(&mut t, end) {
            let claims = message.section(Section::Authority).next().is_some();
            assert_eq!(claims, !message.is_response(), "{message}");
            heads.insert((message.id, message.flags));
        }
        t.hear_at(end, NEIGHBOUR, "? _http._tcp.local PTR, door.local A, cam.local A");
        end += MINUTE;
    }
    all_until(&mut t, end);
    assert_eq!(heads.into_iter().collect::<Vec<_>>(), [(0, Msg::QUERY), (0, Msg::RESPONSE)]);
}
