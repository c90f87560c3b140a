//! Answers to single hosts: RFC 6762 sections 5.4, 5.5 and 6.7.

use super::*;
use crate::support::{HOUR, LEGACY, MINUTE, NEIGHBOUR, OTHER, STRANGER};
use core::net::{IpAddr, SocketAddr};
use dotlocal::mdns::{Config, ResponderStorage};
use dotlocal::{Destination, Disposition, Reason};

const A: &str = "! cam.local 120 flush A 192.0.2.7 | add cam.local 120 flush NSEC A";
const PROBE: &str = "? cam.local ANY QU | auth cam.local 120 A 192.0.2.9";

// M-6.7-2
#[test]
fn a_legacy_reply_never_repeats_a_name_that_was_not_asked_for() {
    let (mut t, now) = service_settled();
    // It waits for the shared answer; meanwhile the host gets another name.
    t.hear_at(now, LEGACY, "? id=7 cam.local A, _http._tcp.local PTR");
    t.machine.set_hostname("door").unwrap();
    let sent = t.sent_until(now + 200);
    let replies: Vec<_> = sent.iter().filter(|sent| sent.1 == Destination::Unicast(LEGACY)).collect();
    assert_eq!(replies.len(), 1, "{sent:?}");
    assert!(replies[0].2.questions.is_empty(), "{}", replies[0].2);
}

// M-5.4-4
#[test]
fn a_probe_that_asks_for_unicast_has_it_at_once_and_the_group_what_it_has_not_heard_lately() {
    for (quiet, group_too) in [(1_000, false), (29_999, false), (30_000, true), (HOUR, true)] {
        let (mut t, now) = settled(host(7));
        t.hear_at(now, NEIGHBOUR, "? cam.local A");
        t.expect_at(now, A);
        t.hear_at(now + quiet, OTHER, PROBE);
        t.expect_unicast_at(now + quiet, OTHER, A);
        if group_too {
            t.expect_at(now + quiet, A);
        }
        t.expect_silence_until(now + quiet + MINUTE);
    }
    // A service is defended by all that it has.
    let (mut t, now) = service_settled();
    t.hear_at(now, OTHER, "? Web._http._tcp.local ANY QU | auth Web._http._tcp.local 120 SRV 9 other.local");
    let defence = r#"! Web._http._tcp.local 120 flush SRV 80 cam.local, Web._http._tcp.local 4500 flush TXT "path=/"
        | add cam.local 120 flush A 192.0.2.7, cam.local 120 flush NSEC A"#;
    t.expect_unicast_at(now, OTHER, defence);
    t.expect_at(now, defence);
}

/// What is sent to one host alone.
fn replies_to(to: SocketAddr, sent: &[(u64, Destination, Msg)]) -> Vec<(u64, String)> {
    let to_him = sent.iter().filter(|sent| sent.1 == Destination::Unicast(to));
    to_him.map(|(at, _, message)| (*at, message.to_string())).collect()
}

// M-5.4-3
#[test]
fn each_asker_has_a_reply_of_his_own_and_one_for_all_that_he_asks() {
    let (http, ipp) = ("? _http._tcp.local PTR QU", "? _ipp._tcp.local PTR QU");
    let mut together = 0;
    for seed in 0..40 {
        let (mut t, _) = host_with_service(seed);
        t.machine.register(Service::new("_ipp._tcp", 631).instance("Print")).unwrap();
        let now = 20_000;
        t.sent_until(now);
        // What waits for longer is no reason to let another wait.
        t.hear_at(now, NEIGHBOUR, http);
        t.hear_at(now + 1, NEIGHBOUR, "? cam.local A QU");
        let replies = replies_to(NEIGHBOUR, &t.sent_until(now + 1));
        assert!(matches!(&replies[..], [(_, reply)] if !reply.contains("PTR")), "{replies:?}");
        assert_eq!(replies_to(NEIGHBOUR, &t.sent_until(MINUTE)).len(), 1);

        let now = 2 * MINUTE;
        t.hear_at(now, NEIGHBOUR, http);
        t.hear_at(now + 1, OTHER, ipp);
        let sent = t.sent_until(now + MINUTE);
        for (asker, own, strange) in
            [(NEIGHBOUR, "_http._tcp.local", "_ipp"), (OTHER, "_ipp._tcp.local", "_http")]
        {
            let replies = replies_to(asker, &sent);
            assert_eq!(replies.len(), 1, "{sent:?}");
            assert!(replies[0].1.contains(own) && !replies[0].1.contains(strange), "{replies:?}");
        }

        let now = 3 * MINUTE + 1_000;
        t.hear_at(now, NEIGHBOUR, http);
        if t.sent_until(now + 105).is_empty() {
            // It leaves within 15 ms, what is asked now waits for 20 at least.
            t.hear_at(now + 105, NEIGHBOUR, ipp);
            let replies = replies_to(NEIGHBOUR, &t.sent_until(now + MINUTE));
            assert_eq!(replies.len(), 1, "{replies:?}");
            assert!(replies[0].1.contains("_http") && replies[0].1.contains("_ipp"), "{replies:?}");
            together += 1;
        }
    }
    assert!(together > 0);
}

// M-10.1-1
#[test]
fn a_reply_that_waits_does_not_outlive_the_goodbye() {
    let (mut t, service) = host_with_service(7);
    t.sent_until(MINUTE);
    t.hear_at(MINUTE, NEIGHBOUR, "? _http._tcp.local PTR QU");
    t.machine.unregister(service).unwrap();
    let sent = t.sent_until(2 * MINUTE);
    assert_eq!(sent.len(), 1, "{sent:?}");
    assert!(sent[0].2.to_string().contains("_http._tcp.local 0 PTR"), "{}", sent[0].2);
}

// M-6-2
#[test]
fn a_reply_that_waits_does_not_tell_a_name_that_is_not_ours_yet() {
    let (mut t, service) = host_with_service(7);
    t.sent_until(MINUTE);
    t.hear_at(MINUTE, NEIGHBOUR, "? _http._tcp.local PTR QU");
    t.machine.set_instance(service, "New").unwrap();
    assert_eq!(replies_to(NEIGHBOUR, &t.sent_until(MINUTE + 740)), []);
    t.call(|machine| machine.link_down());
}

// M-5.4-4, M-6-7
#[test]
fn a_probe_that_asks_for_multicast_is_answered_by_multicast() {
    let (mut t, now) = settled(host(7));
    t.hear_at(now, OTHER, &PROBE.replace(" QU", ""));
    t.expect_at(now, A);
    t.expect_silence_until(now + MINUTE);
}

// M-5.4-2
#[test]
fn the_quarter_of_its_life_is_counted_for_each_record() {
    let (mut t, now) = service_settled();
    let txt = r#"Web._http._tcp.local 4500 flush TXT "path=/""#;
    t.hear_at(now, NEIGHBOUR, "? Web._http._tcp.local TXT");
    t.expect_at(now, &format!("! {txt}"));
    // A quarter of 75 minutes later the text is new to the group, a millisecond earlier it is not.
    let quarter = 4_500_000 / 4;
    t.hear_at(now + quarter - 1, OTHER, "? Web._http._tcp.local TXT QU");
    t.expect_unicast_at(now + quarter - 1, OTHER, &format!("! {txt}"));
    // Of two questions in a packet, the one goes to the asker and the other to the group.
    t.hear_at(now + quarter - 1, OTHER, "? Web._http._tcp.local TXT QU, cam.local A QU");
    t.expect_unicast_at(now + quarter - 1, OTHER, &format!("! {txt}"));
    t.expect_at(now + quarter - 1, A);
    t.hear_at(now + quarter, OTHER, "? Web._http._tcp.local TXT QU");
    t.expect_at(now + quarter, &format!("! {txt}"));
}

// M-5.4-2, M-5.4-3
#[test]
fn only_who_is_on_the_link_is_answered_by_unicast() {
    let (mut t, now) = settled(host(7));
    t.hear_at(now, NEIGHBOUR, "? cam.local A");
    t.expect_at(now, A);
    // What reached the group is from the link, whatever its source says: the group has the answer.
    t.hear_at(now + 5_000, STRANGER, "? cam.local A QU");
    t.expect_at(now + 5_000, A);
    for (source, is_on_link) in [
        ("192.0.2.1:5353", true),
        ("192.0.2.254:5353", true),
        ("169.254.1.1:5353", true),
        ("[fe80::1]:5353", true),
        ("192.0.3.1:5353", false),
        ("[2001:db8::1]:5353", false),
        ("127.0.0.1:5353", false),
    ] {
        let source: SocketAddr = source.parse().unwrap();
        for question in ["cam.local A", "cam.local A QU"] {
            let disposition = t.hear_direct_at(now + MINUTE, source, &format!("? {question}"));
            if is_on_link {
                t.expect_unicast_at(now + MINUTE, source, A);
            } else {
                assert_eq!(disposition, Disposition::Ignored(Reason::OffLink), "{source}");
            }
        }
    }
    t.expect_silence_until(now + HOUR);
}

// N1
#[test]
fn what_was_sent_to_us_from_off_the_link_is_not_even_read() {
    let (mut t, now) = settled(host(7));
    for text in [
        "? cam.local A",
        "?tc cam.local A",
        PROBE,
        "! cam.local 120 flush A 192.0.2.9",
        "! cam.local 0 flush A 192.0.2.7",
    ] {
        for port in [5353, 53, 40_000] {
            let source = SocketAddr::new(STRANGER.ip(), port);
            assert_eq!(t.hear_direct_at(now, source, text), Disposition::Ignored(Reason::OffLink), "{text}");
        }
    }
    // To the group it is a packet of the link, but no legacy reply leaves the link.
    let disposition = t.hear_at(now, SocketAddr::new(STRANGER.ip(), 40_000), "? id=1 cam.local A");
    assert_eq!(disposition, Disposition::Ignored(Reason::NotForUs));
    t.expect_no_event();
    t.expect_silence_until(now + HOUR);
    t.hear_direct_at(now + HOUR, NEIGHBOUR, "? cam.local A");
    t.expect_unicast_at(now + HOUR, NEIGHBOUR, A);
}

// M-6.7-1, M-6.7-2
#[test]
fn a_legacy_asker_is_answered_at_his_address_and_port_whichever_way_he_asks() {
    let (mut t, mut now) = service_settled();
    for source in ["192.0.2.9:1024", "192.0.2.200:65535", "[fe80::9]:53"] {
        let source: SocketAddr = source.parse().unwrap();
        for (question, records) in [
            ("cam.local A", "cam.local 10 A 192.0.2.7 | add cam.local 10 NSEC A"),
            ("cam.local A QU", "cam.local 10 A 192.0.2.7 | add cam.local 10 NSEC A"),
            ("cam.local TYPE65", "cam.local 10 NSEC A"),
            ("Web._http._tcp.local TXT", r#"Web._http._tcp.local 10 TXT "path=/""#),
        ] {
            let reply = format!("! id=258 q {question} | ans {records}");
            t.hear_at(now, source, &format!("? id=258 {question}"));
            t.expect_unicast_at(now, source, &reply);
            t.hear_direct_at(now + 500, source, &format!("? id=258 {question}"));
            t.expect_unicast_at(now + 500, source, &reply);
            now += MINUTE;
        }
    }
    t.hear_at(now, LEGACY, "? id=1 nobody.local A");
    t.hear_at(now, LEGACY, "? id=1 cam.local A CLASS3");
    t.expect_silence_until(now + HOUR);
}

// M-6.7-3
#[test]
fn a_legacy_reply_is_nothing_that_the_group_has_heard() {
    let (mut t, now) = settled(host(7));
    t.hear_at(now, LEGACY, "? id=1 cam.local A");
    t.next_within(now..=now);
    t.expect_silence_until(now + 100);
    // Neither the second between multicasts nor the quarter of a life counts from it.
    t.hear_at(now + 100, NEIGHBOUR, "? cam.local A QU");
    t.expect_at(now + 100, A);
    t.hear_at(now + 200, LEGACY, "? id=2 cam.local A");
    assert_eq!(t.next_within(now + 200..=now + 200).1, Destination::Unicast(LEGACY));
    t.expect_silence_until(now + MINUTE);
}

// M-6.7-1
#[test]
fn each_of_many_addresses_is_asked_about_by_its_own_name() {
    let storage = Box::leak(Box::new(ResponderStorage::<10, 1, 0>::new()));
    let mut machine = Responder::new(storage, Config::new(7));
    machine.set_hostname("cam").unwrap();
    let addresses: Vec<_> = (1..=10).map(|n| (IpAddr::from([192, 0, 2, n]), 24)).collect();
    machine.set_addresses(&addresses).unwrap();
    let mut t = Script::new(machine);
    t.sent_until(MINUTE);
    for n in [1, 7, 8, 9, 10] {
        let now = MINUTE * (n + 1);
        t.hear_at(now, LEGACY, &format!("? id=1 {n}.2.0.192.in-addr.arpa PTR"));
        let (_, _, reply) = t.next_within(now..=now + 120);
        assert_eq!(reply.questions[0].to_string(), format!("{n}.2.0.192.in-addr.arpa PTR"));
    }
}

// M-6.7-1
#[test]
fn of_two_questions_for_one_host_one_is_repeated_as_it_was_asked() {
    let mut t = host(7);
    t.machine.set_addresses(&[(IpAddr::from([192, 0, 2, 7]), 24), ("fe80::7".parse().unwrap(), 64)]).unwrap();
    t.sent_until(MINUTE);
    let questions = ["cam.local AAAA", "7.2.0.192.in-addr.arpa PTR"];
    for (n, [first, second]) in [questions, [questions[1], questions[0]]].into_iter().enumerate() {
        let now = MINUTE * (n as u64 + 1);
        t.hear_at(now, LEGACY, &format!("? id=1 {first}, {second}"));
        let (_, _, reply) = t.next_within(now..=now + 120);
        let repeated = reply.questions.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(repeated, [first]);
    }
}

// M-6.7-1, P27
#[test]
fn a_legacy_reply_that_does_not_fit_says_that_it_was_cut() {
    let mut t = host(7).with_buffer(120);
    let txt: &[(&str, &str)] = &[("key", "a value of so many octets that a small packet does not hold it")];
    t.machine.register(Service::new("_http._tcp", 80).instance("Web").txt(txt)).unwrap();
    t.sent_until(MINUTE);
    let mut t = t.with_buffer(1_440);
    t.machine.link_up();
    t.sent_until(2 * MINUTE);
    let mut t = t.with_buffer(120);
    t.hear_at(2 * MINUTE, LEGACY, "? id=3 Web._http._tcp.local ANY");
    t.expect_unicast_at(
        2 * MINUTE,
        LEGACY,
        "!tc id=3 q Web._http._tcp.local ANY | ans Web._http._tcp.local 10 SRV 80 cam.local",
    );
    t.expect_silence_until(HOUR);
}

// M-6.7-1
#[test]
fn a_legacy_reply_repeats_the_question_though_a_service_has_gone_meanwhile() {
    let (mut t, web) = host_with_service(7);
    t.machine.register(Service::new("_http._tcp", 81).instance("Page")).unwrap();
    let now = HOUR;
    t.sent_until(now);
    t.hear_at(now, LEGACY, "? id=4711 _http._tcp.local PTR");
    t.machine.unregister(web).unwrap();
    let sent = t.sent_until(now + 120);
    let text = sent.last().unwrap().2.to_string();
    assert!(
        text.starts_with("! id=4711 q _http._tcp.local PTR | ans _http._tcp.local 10 PTR Page._http"),
        "{text}"
    );
}

// M-6.7-1
#[test]
fn of_several_legacy_questions_one_is_repeated_as_it_was_asked() {
    let (mut t, now) = service_settled();
    t.hear_at(now, LEGACY, "? id=4711 Web._http._tcp.local AAAA, cam.local HINFO");
    let text = t.next_within(now..=now).2.to_string();
    assert!(text.starts_with("! id=4711 q Web._http._tcp.local AAAA | "), "{text}");
}
