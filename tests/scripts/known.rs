//! Known answers: RFC 6762 sections 7.1 and 7.2.

use super::*;
use crate::support::octets::{Compression, encode};
use std::collections::BTreeSet;

const QUESTION: &str = "? _ipp._tcp.local PTR";

// M-7.1-3, M-7.1-5
#[test]
fn known_answers_are_listed_with_their_remaining_life_while_more_than_half_is_left() {
    let mut t = new(7);
    let types = t.machine.browse("_services._dns-sd._udp").unwrap();
    let question = "? _services._dns-sd._udp.local PTR";
    let asked = t.expect_within(20..=120, question);
    t.hear_at(asked, NEIGHBOUR, "! _services._dns-sd._udp.local 4500 flush PTR _ipp._tcp.local");
    let mut age = 0;
    for wait in [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024] {
        age += wait;
        let known =
            format!("{question} | known _services._dns-sd._udp.local {} PTR _ipp._tcp.local", 4_500 - age);
        t.expect_at(asked + age * 1_000, &known);
    }
    // 2047 s are over; 404 s before the next question the record is asked for on its own account.
    let refresh = t.expect_within(asked + 3_600_000..=asked + 3_690_000, question);
    assert!(refresh < asked + 4_095_000);
    t.call(|machine| machine.cancel(types));
}

// M-7.1-3
#[test]
fn a_known_answer_with_half_of_its_life_left_is_not_listed() {
    let mut t = new(7);
    t.machine.browse("_ipp._tcp").unwrap();
    let asked = t.expect_within(20..=120, QUESTION);
    t.hear_at(asked, NEIGHBOUR, "! _ipp._tcp.local 14 PTR Printer._ipp._tcp.local");
    let mut asked_of_type = Vec::new();
    while let Some((at, sent)) = t.next_or_none(asked + 7_000) {
        if sent.starts_with(QUESTION) {
            asked_of_type.push((at - asked, sent.contains("known")));
        }
    }
    assert_eq!(asked_of_type, [(1_000, true), (3_000, true), (7_000, false)]);
    t.call(|machine| machine.link_down());
}

#[test]
fn a_known_answer_that_fits_no_packet_is_left_out() {
    let mut t = new(7).with_buffer(60);
    t.machine.browse("_ipp._tcp").unwrap();
    let asked = t.expect_within(20..=120, QUESTION);
    let long = "a".repeat(63);
    t.hear_at(asked, NEIGHBOUR, &format!("! _ipp._tcp.local 4500 PTR {long}._ipp._tcp.local"));
    t.expect_at(asked + 1_000, "?tc _ipp._tcp.local PTR");
    t.expect_at(asked + 3_000, "?tc _ipp._tcp.local PTR");
    t.call(|machine| machine.link_down());
}

// M-7.2-1
#[test]
fn known_answers_that_do_not_fit_follow_in_packets_without_questions() {
    let mut t = new(7).with_buffer(120);
    t.machine.browse("_ipp._tcp").unwrap();
    let asked = t.expect_within(20..=120, QUESTION);
    let listed = |n: u32| format!("_ipp._tcp.local 4500 PTR Printer-{n}-on-the-floor._ipp._tcp.local");
    for n in 0..5 {
        t.hear_at(asked, NEIGHBOUR, &format!("! {}", listed(n)));
    }
    let mut known = Vec::new();
    let mut flags = Vec::new();
    loop {
        let (_, _, message) = t.next_within(asked + 20..=asked + 1_000);
        if message.questions.iter().all(|question| question.qtype != 12) && !message.questions.is_empty() {
            continue;
        }
        flags.push((message.questions.len(), message.flags & 0x0200 != 0));
        known.extend(message.records.iter().map(|(_, record)| format!("{record}")));
        if message.flags & 0x0200 == 0 {
            break;
        }
    }
    assert_eq!(flags.first(), Some(&(1, true)), "{flags:?}");
    assert!(flags[1..].iter().all(|&(questions, _)| questions == 0), "{flags:?}");
    assert_eq!(known.len(), 5, "{known:?}");
    assert_eq!(known.iter().collect::<BTreeSet<_>>().len(), 5);
    t.call(|machine| machine.link_down());
}

// M-7.2-1
#[test]
fn questions_that_do_not_fit_wait_until_the_known_answers_before_them_have_left() {
    let mut t = new(7).with_buffer(100);
    let types = ["a", "b", "c", "d", "e", "f"].map(|letter| format!("_{}._tcp", letter.repeat(7)));
    for service_type in &types {
        t.machine.browse(service_type).unwrap();
    }
    let asks =
        |types: &[String]| types.iter().map(|of| format!("{of}.local PTR")).collect::<Vec<_>>().join(", ");
    let asked = t.expect_within(20..=120, &format!("? {}", asks(&types[..5])));
    t.expect_at(asked, &format!("? {}", asks(&types[5..])));
    let known = |ttl: u32| format!("{0}.local {ttl} PTR x.{0}.local", types[0]);
    t.hear_at(asked, NEIGHBOUR, &format!("! {}", known(4_500)));
    let sent = t.sent_until(asked + 1_000);
    let sent: Vec<_> = sent.iter().map(|(_, _, message)| message.to_string()).collect();
    let [.., first, second, third] = &sent[..] else { panic!("{sent:?}") };
    assert_eq!(*first, format!("?tc {}", asks(&types[..5])));
    assert_eq!(*second, format!("? | known {}", known(4_499)));
    assert_eq!(*third, format!("? {}", asks(&types[5..])));
    t.call(|machine| machine.link_down());
}

// M-7.2-1
#[test]
fn known_answers_that_a_link_has_no_more_heard_are_not_sent_when_it_is_back() {
    let mut machine = machines::querier(7);
    let now = dotlocal::Instant::from_millis;
    machine.browse("_ipp._tcp").unwrap();
    machine.handle_timeout(now(0));
    let mut buf = [0; 50];
    while machine.poll_transmit(now(200), &mut buf).is_some() {}
    let answer = "! _ipp._tcp.local 4500 PTR Printer._ipp._tcp.local";
    let octets = encode(&answer.parse().unwrap(), Compression::None);
    machine.handle_datagram(now(200), dotlocal::Meta::mdns(NEIGHBOUR, true), &octets);
    while machine.poll_transmit(now(1_199), &mut buf).is_some() {}
    // The question has left, and behind it the answer is to follow.
    assert!(machine.poll_transmit(now(1_200), &mut buf).is_some());
    machine.link_down();
    machine.link_up();
    assert!(machine.poll_transmit(now(1_201), &mut buf).is_none());
}

// M-7.1-3
#[test]
fn what_is_to_be_confirmed_is_no_known_answer_however_short_its_life() {
    let mut t = new(7);
    let browse = t.machine.browse("_ipp._tcp").unwrap();
    let asked = t.expect_within(20..=120, "? _ipp._tcp.local PTR");
    // Of 16 seconds the ten that are left for that are more than half.
    t.hear_at(asked + 5, NEIGHBOUR, "! _ipp._tcp.local 16 PTR Printer._ipp._tcp.local");
    let instance = crate::found(&mut t, browse);
    let sent = t.sent_until(asked + 1_500);
    assert!(sent.iter().any(|(_, _, message)| message.to_string().contains("known")), "{sent:?}");
    t.call(|machine| machine.reconfirm(instance));
    let sent = t.sent_until(asked + 3_900);
    let asks = |text: String| text.starts_with("? _ipp._tcp.local PTR");
    assert!(sent.iter().any(|(_, _, message)| asks(message.to_string())), "{sent:?}");
    assert!(sent.iter().all(|(_, _, message)| !message.to_string().contains("known")), "{sent:?}");
    t.call(|machine| machine.cancel(browse));
}
