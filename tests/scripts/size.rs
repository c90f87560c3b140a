//! What fits a packet and what does not: RFC 6762 sections 6 and 17, RFC 6763 section 12.

use super::*;
use crate::support::{Data, HOUR, MINUTE, NEIGHBOUR, Section, kind};
use dotlocal::Destination;
use dotlocal::mdns::{
    ChangeError, Config, ExtraRecord, RecordSet, RegisterError, ResponderStorage, ServiceError,
};
use dotlocal::wire::{TxtError, Type};

/// Octets of a packet of several records, and of a packet at all without the headers of IPv6 and UDP.
const SHARED: usize = 1_440;
const ALONE: usize = 9_000 - 48;

/// `cam.local` with so many services, `service 01` and so on, each with a text of 60 octets.
fn crowded(services: usize) -> Script<Responder> {
    let storage = Box::leak(Box::new(ResponderStorage::<4, 41, 0>::new()));
    let mut t = Script::new(Responder::new(storage, Config::new(7)));
    t.machine.set_hostname("cam").unwrap();
    t.machine.set_addresses(&[("192.0.2.7".parse().unwrap(), 24)]).unwrap();
    let text: &[(&str, &str)] = &[("text", "of a length that makes three services a packet or so")];
    for nth in 1..=services {
        let instance = format!("service {nth:02}").leak();
        t.machine.register(Service::new("_http._tcp", 80).instance(instance).txt(text)).unwrap();
    }
    t
}

/// A text of `octets` octets.
fn text(octets: usize) -> &'static [u8] {
    let mut text = Vec::new();
    while text.len() < octets {
        let len = (octets - text.len() - 1).min(255);
        text.push(len as u8);
        text.extend(std::iter::repeat_n(b'x', len));
    }
    text.leak()
}

// M-17-1, M-6-8
#[test]
fn what_twenty_services_say_is_split_over_packets_of_1440_octets() {
    for buffer in [300, 600, SHARED, 9_000] {
        let mut t = crowded(20).with_buffer(buffer);
        // Probes and announcements are split too, and each name is probed for three times.
        let claims = t.sent_until(MINUTE);
        let probed = claims.iter().flat_map(|(_, _, message)| &message.questions);
        assert_eq!(probed.count(), 3 * 21);
        t.hear_at(MINUTE, NEIGHBOUR, "? _http._tcp.local PTR, _services._dns-sd._udp.local PTR");
        let answer = t.sent_until(MINUTE + 1_000);
        assert!(answer.len() > 1 || buffer > 300, "{}", answer.len());
        let mut names = Vec::new();
        for (at, to, message) in &answer {
            assert!((MINUTE + 20..=MINUTE + 120).contains(at) && *to == Destination::Multicast);
            // M-18.5-1: no packet is cut, the next one follows.
            assert_eq!(message.flags, Msg::RESPONSE);
            for record in message.section(Section::Answer) {
                let Data::Name(name) = &record.data else { panic!("{record}") };
                names.push(name.to_string());
            }
        }
        names.sort();
        let mut expected: Vec<_> =
            (1..=20).map(|nth| format!(r#""service {nth:02}"._http._tcp.local"#)).collect();
        expected.push("_http._tcp.local".into());
        assert_eq!(names, expected);
        // By unicast as well.
        t.hear_at(MINUTE + 5_000, NEIGHBOUR, "? _http._tcp.local PTR QU");
        let reply = t.sent_until(MINUTE + 6_000);
        let count = reply.iter().flat_map(|(_, _, message)| message.section(Section::Answer)).count();
        assert_eq!(count, 20, "{reply:?}");
        assert!(reply.iter().all(|(_, to, _)| *to == Destination::Unicast(NEIGHBOUR)));
        assert!(t.longest_sent() <= buffer.min(SHARED), "{} octets", t.longest_sent());
    }
}

// M-17-1
#[test]
fn no_packet_of_several_records_is_longer_than_1440_octets() {
    let mut longest = 0;
    for services in [3, 10, 13, 17, 40] {
        let mut t = crowded(services).with_buffer(9_000);
        t.sent_until(MINUTE);
        for (nth, question) in
            (1..).zip(["? _http._tcp.local ANY", "?tc _http._tcp.local PTR", "? _http._tcp.local PTR QU"])
        {
            t.hear_at(nth * MINUTE, NEIGHBOUR, question);
            assert!(!t.sent_until(nth * MINUTE + 1_000).is_empty());
        }
        t.machine.stop();
        t.sent_until(HOUR);
        longest = longest.max(t.longest_sent());
    }
    // They are filled, and not over.
    assert!((SHARED - 200..=SHARED).contains(&longest), "{longest}");
}

// M-17-1, P27
#[test]
fn one_record_that_is_longer_goes_alone_up_to_9000_octets_with_its_headers() {
    // A probe for it has the question and the other record beside it.
    let around = 12 + (22 + 4) + (2 + 10 + 6 + 6) + (2 + 10);
    let most = ALONE - around;
    for (octets, fits) in [(1_300, true), (1_500, true), (5_000, true), (most, true), (most + 1, false)] {
        let mut t = host(7).with_buffer(9_000);
        let service = Service::new("_http._tcp", 80).instance("Web").txt_octets(text(octets));
        let service = t.machine.register(service).unwrap();
        let claims = all_until(&mut t, MINUTE);
        let too_large = t.events().any(|(_, event)| *event == ResponderEvent::TooLarge(service.into()));
        t.hear_at(MINUTE, NEIGHBOUR, "? Web._http._tcp.local TXT, cam.local A");
        let answers = all_until(&mut t, 2 * MINUTE);
        let has_text = |message: &Msg| message.records.iter().any(|(_, record)| record.rtype == kind::TXT);
        if octets > SHARED {
            let alone = answers.iter().filter(|(_, message)| has_text(message));
            assert!(alone.clone().all(|(_, message)| message.records.len() == 1), "{octets}");
            assert_eq!(alone.count(), usize::from(fits), "{octets}");
        }
        assert_eq!(too_large || !answers.iter().any(|(_, message)| has_text(message)), !fits, "{octets}");
        assert_eq!(claims.iter().any(|(_, message)| has_text(message)), fits, "{octets}");
        // Whatever became of it, the host is answered for.
        assert!(answers.iter().any(|(_, message)| message.to_string().contains("A 192.0.2.7")), "{octets}");
    }
}

// M-17-1
#[test]
fn of_several_records_that_are_longer_each_goes_alone() {
    let mut t = host(7).with_buffer(9_000);
    for instance in ["Web", "Other"] {
        let service = Service::new("_http._tcp", 80).instance(instance).txt_octets(text(2_000));
        t.machine.register(service).unwrap();
    }
    all_until(&mut t, MINUTE);
    t.hear_at(MINUTE, NEIGHBOUR, "? Web._http._tcp.local TXT, Other._http._tcp.local TXT");
    let answers = all_until(&mut t, 2 * MINUTE);
    assert_eq!(answers.iter().map(|(_, message)| message.records.len()).collect::<Vec<_>>(), [1, 1]);
}

// M-17-1, P27
#[test]
fn nothing_is_longer_than_9000_octets_with_its_headers() {
    let most = ALONE - 12 - (11 + 10);
    for (octets, fits) in [(most, true), (most + 1, false)] {
        let mut t = host(7).with_buffer(20_000);
        let records = Box::leak(Box::new([ExtraRecord::new(Type::TXT, text(octets))]));
        let big = t.machine.register_records(RecordSet::shared(name("big.local"), records)).unwrap();
        t.sent_until(MINUTE);
        let too_large = t.events().any(|(_, event)| *event == ResponderEvent::TooLarge(big.into()));
        assert_eq!(too_large, !fits, "{octets}");
        assert_eq!(t.longest_sent() == ALONE, fits, "{octets}: {}", t.longest_sent());
        t.hear_at(MINUTE, NEIGHBOUR, "? big.local TXT");
        assert_eq!(t.sent_until(2 * MINUTE).len(), usize::from(fits));
    }
}

// P27
#[test]
fn a_buffer_of_any_size_is_never_overrun_and_what_fits_goes_out() {
    // Each packet of a script is read strictly to its last octet.
    let mut went_out = std::collections::BTreeMap::new();
    for buffer in 0..=300 {
        let mut t = Script::new(machines::responder(7)).with_buffer(buffer);
        t.machine.set_hostname("cam").unwrap();
        t.machine
            .set_addresses(&[("192.0.2.7".parse().unwrap(), 24), ("fe80::7".parse().unwrap(), 64)])
            .unwrap();
        let service = Service::new("_http._tcp", 80).instance("Web").subtypes(&["_a"]).txt(&[("path", "/")]);
        let service = t.machine.register(service).unwrap();
        t.sent_until(MINUTE);
        for question in
            ["cam.local ANY", "_http._tcp.local PTR", "Web._http._tcp.local ANY", "cam.local ANY QU"]
        {
            let now = t.now();
            t.hear_at(now, NEIGHBOUR, &format!("? {question}"));
            t.hear_at(now, crate::support::LEGACY, &format!("? id=1 {question}"));
            t.sent_until(now + MINUTE);
        }
        let _ = t.machine.unregister(service);
        t.machine.stop();
        let now = t.now();
        t.sent_until(now + MINUTE);
        assert_eq!(t.deadline(), None, "nothing is tried for ever with {buffer} octets");
        let established =
            t.events().filter(|(_, event)| matches!(event, ResponderEvent::Established(_))).count();
        went_out.insert(buffer, established);
        let told = t.events().filter(|(_, event)| matches!(event, ResponderEvent::TooLarge(_))).count();
        // The caller is told of each name that the buffer is too small for.
        assert!(established == 2 || told > 0, "{buffer} octets: {established} {told}");
        assert!(told <= 12, "{buffer} octets: told {told} times");
    }
    assert_eq!((went_out[&30], went_out[&80], went_out[&300]), (0, 1, 2));
}

// M-6-11
#[test]
fn all_addresses_of_a_family_are_in_one_packet() {
    let addresses: Vec<_> = (1..=4).map(|last| (core::net::IpAddr::from([192, 0, 2, last]), 24)).collect();
    for buffer in 60..=150 {
        let mut t = host(7).with_buffer(buffer);
        t.machine.set_addresses(&addresses).unwrap();
        let claims = all_until(&mut t, MINUTE);
        t.hear_at(MINUTE, NEIGHBOUR, "? cam.local A");
        t.hear_at(MINUTE, NEIGHBOUR, "? cam.local A QU");
        let mut whole = 0;
        for (_, message) in all_until(&mut t, 2 * MINUTE).iter().chain(&claims) {
            let count = message.section(Section::Answer).filter(|record| record.rtype == kind::A).count();
            assert!(count == 0 || count == 4, "{buffer}: {message}");
            whole += usize::from(count == 4);
        }
        assert!(whole >= 2 || buffer < 100, "{buffer}");
    }
    // Asked for when the packet is nearly full already, the set goes into the next one whole.
    let mut t = crowded(16);
    let four: &'static [_] = Box::leak(Box::new([1, 2, 3, 4].map(|last| [192, 0, 2, last].into())));
    t.machine.register_host("lamp", four).unwrap();
    t.sent_until(MINUTE);
    let mut packets = std::collections::BTreeSet::new();
    for (nth, (services, texts)) in (2..).zip((1..=16).flat_map(|n| (0..n.min(4)).map(move |m| (n, m)))) {
        let now = MINUTE * nth;
        // Some are asked for their host alone, so that the packet fills in small steps.
        let question = |nth| {
            format!(r#""service {nth:02}"._http._tcp.local {}"#, if nth > texts { "ANY" } else { "SRV" })
        };
        let questions: Vec<_> = (1..=services).map(question).collect();
        t.hear_at(now, NEIGHBOUR, &format!("? {}, lamp.local A", questions.join(", ")));
        let sent = all_until(&mut t, now + 1_000);
        let is_of_the_lamp =
            |record: &&crate::support::R| record.name.to_string() == "lamp.local" && record.rtype == kind::A;
        let sets =
            sent.iter().map(|(_, message)| message.section(Section::Answer).filter(is_of_the_lamp).count());
        assert_eq!(sets.filter(|count| *count > 0).collect::<Vec<_>>(), [4], "{services} services, {texts}");
        packets.insert(sent.len());
    }
    assert!(packets.len() > 1, "{packets:?}");
}

// S-12-1
#[test]
fn when_space_is_short_what_stands_beside_is_left_out_and_never_an_answer() {
    let answer = "_http._tcp.local 4500 PTR Web._http._tcp.local";
    let beside = [
        "Web._http._tcp.local 120 flush SRV 80 cam.local",
        r#"Web._http._tcp.local 4500 flush TXT "path=/""#,
        "cam.local 120 flush A 192.0.2.7",
        "cam.local 120 flush NSEC A",
    ];
    let mut counts = std::collections::BTreeSet::new();
    let (t, _) = host_with_service(7);
    let (mut t, mut now) = settled(t);
    for buffer in (46..=200).rev() {
        t = t.with_buffer(buffer);
        t.hear_at(now, NEIGHBOUR, "? _http._tcp.local PTR");
        let (_, _, message) = t.next_within(now + 20..=now + 120);
        let answers: Vec<_> = message.section(Section::Answer).map(ToString::to_string).collect();
        assert_eq!(answers, [answer], "{buffer}");
        let there: Vec<_> = message.section(Section::Additional).map(ToString::to_string).collect();
        assert!(there.iter().all(|record| beside.contains(&record.as_str())), "{message}");
        counts.insert(there.len());
        // With all the space there is all, and the service comes before the addresses.
        assert!(there.len() == 4 || buffer < 170, "{buffer}");
        now += MINUTE;
    }
    assert_eq!(counts.into_iter().collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
    // A legacy asker too has the answer first.
    t = t.with_buffer(80);
    t.hear_at(now, crate::support::LEGACY, "? id=1 _http._tcp.local PTR");
    let (_, _, message) = t.next_within(now + 20..=now + 120);
    assert_eq!(message.section(Section::Answer).count(), 1, "{message}");
    assert_eq!(message.flags & Msg::TC, 0, "what is beside is not missed: {message}");
}

// S-6.2-1
#[test]
fn a_text_has_limits_and_the_error_names_the_string_that_breaks_them() {
    let value = |octets: usize| -> &'static str { "v".repeat(octets).leak() };
    let register = |text| {
        let mut machine = machines::responder(7);
        let result = machine.register(Service::new("_http._tcp", 80).instance("Web").txt(text));
        (machine.counters(), result.map(|_| ())).1
    };
    // `k=` and 253 octets are 255.
    let fits: &'static [_] = Box::leak(Box::new([("a", "b"), ("k", value(253))]));
    let long: &'static [_] = Box::leak(Box::new([("a", "b"), ("k", value(254)), ("l", value(300))]));
    assert_eq!(register(fits), Ok(()));
    let error = RegisterError::Service(ServiceError::Txt(TxtError::AttributeTooLong { index: 1 }));
    assert_eq!(register(long), Err(error));
    assert!(error.to_string().contains("attribute 1"), "{error}");
    // 255 strings of 256 octets and one of 254 with their lengths are 65 535 octets; one more is too much.
    let pairs = |last: usize| -> &'static [(&'static str, &'static str)] {
        let mut pairs = vec![("k", value(253)); 255];
        pairs.push(("k", value(last)));
        pairs.leak()
    };
    assert_eq!(register(pairs(252)), Ok(()));
    assert_eq!(register(pairs(253)), Err(RegisterError::Service(ServiceError::Txt(TxtError::TooLong))));
    // At run time as well, and the old text stands.
    let (t, service) = host_with_service(7);
    let (mut t, now) = settled(t);
    assert_eq!(
        t.machine.set_txt(service, long),
        Err(ChangeError::Txt(TxtError::AttributeTooLong { index: 1 }))
    );
    assert_eq!(t.machine.set_txt(service, &[("=", "x")]), Err(ChangeError::Txt(TxtError::Key { index: 0 })));
    let full = ChangeError::TxtTooLong { needed: 256, capacity: 64 };
    assert_eq!(t.machine.set_txt(service, &fits[1..]), Err(full));
    t.expect_silence_until(now + MINUTE);
    t.hear_at(now + MINUTE, NEIGHBOUR, "? Web._http._tcp.local TXT");
    t.expect_at(now + MINUTE, r#"! Web._http._tcp.local 4500 flush TXT "path=/""#);
    t.expect_silence_until(now + HOUR);
    // There is room for 64 octets, and not for one more.
    let mut machine = machines::responder(7);
    let service = machine.register(Service::new("_http._tcp", 80).instance("Web")).unwrap();
    assert_eq!(machine.set_txt(service, &[("k", value(61))]), Ok(()));
    let full = ChangeError::TxtTooLong { needed: 65, capacity: 64 };
    assert_eq!(machine.set_txt(service, &[("k", value(62))]), Err(full));
    assert_eq!(machine.set_txt_octets(service, &[0; 64]), Ok(()));
    assert_eq!(machine.set_txt_octets(service, &[0; 65]), Err(full));
    assert_eq!(machine.set_txt_octets(service, b"\x05ab"), Err(ChangeError::Txt(TxtError::Octets)));
    // What is advised at most, 1300 octets, fits a packet with the rest of the service.
    let mut t = host(7);
    t.machine.register(Service::new("_http._tcp", 80).instance("Web").txt_octets(text(1_300))).unwrap();
    t.sent_until(MINUTE);
    t.hear_at(MINUTE, NEIGHBOUR, "? Web._http._tcp.local ANY");
    let (_, _, answer) = t.next_within(MINUTE..=MINUTE);
    assert_eq!(answer.records.len(), 4, "{answer}");
}

#[test]
fn a_name_that_follows_one_too_large_for_a_goodbye_is_probed_for_at_once() {
    // A goodbye that fits no packet holds up the new name no longer than one that does.
    static LARGE: [ExtraRecord<'static>; 1] = [ExtraRecord::new(Type(1_000), &[7; 9_000])];
    let (mut t, now) = settled(host(7));
    t.machine.set_host_records(&LARGE).unwrap();
    t.sent_until(now + 10_000);
    t.machine.set_hostname("door").unwrap();
    t.sent_until(now + 10_000);
    t.expect_event_at(now + 10_000, ResponderEvent::Probing(Claimed::Host));
}

#[test]
fn what_is_told_late_is_told_beside_what_was_too_large() {
    static LARGE: [ExtraRecord<'static>; 1] = [ExtraRecord::new(Type(1_000), &[7; 9_000])];
    let mut machine = machines::responder(7);
    let id = machine.register_records(RecordSet::shared(name("hall.local"), &LARGE)).unwrap();
    let mut buf = [0; SHARED];
    for millis in 0..1_000 {
        assert!(machine.poll_transmit(dotlocal::Instant::from_millis(millis), &mut buf).is_none());
    }
    let events: Vec<_> = std::iter::from_fn(|| machine.poll_event()).collect();
    assert_eq!(events, [ResponderEvent::Established(id.into()), ResponderEvent::TooLarge(id.into())]);
}

#[test]
fn a_goodbye_ends_although_a_record_before_another_fits_no_packet() {
    // A drain ends, whatever of the goodbye of replaced records fits.
    static BEFORE: [ExtraRecord<'static>; 2] =
        [ExtraRecord::new(Type(1_000), &[7; 2_000]), ExtraRecord::new(Type::HINFO, b"\x03one\x00")];
    for octets in [1_440, 9_000] {
        let (mut t, now) = settled(host(7).with_buffer(octets));
        t.machine.set_host_records(&BEFORE).unwrap();
        t.sent_until(now + 10_000);
        t.machine.set_host_records(&[]).unwrap();
        let goodbyes: Vec<_> = t.sent_until(now + 10_000).iter().map(|sent| sent.2.to_string()).collect();
        assert!(goodbyes.iter().any(|text| text.contains("cam.local 0 HINFO")), "{goodbyes:?}");
    }
}
