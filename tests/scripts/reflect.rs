//! What we have said comes back: by a bridge, a repeater, a second interface. It is no conflict, ever (RFC 6762
//! sections 14 and 9, and S3).

use std::collections::VecDeque;

use super::*;
use crate::support::octets::{Compression, encode};
use crate::support::{HOUR, MINUTE, NEIGHBOUR, OTHER, US};
use dotlocal::mdns::ExtraRecord;
use dotlocal::wire::Type;

/// What is on its way back.
type Echoes = VecDeque<(u64, Vec<u8>)>;

/// Lets time pass until `end`; each datagram comes back after `delay`. With 0, also what leaves at `end` does.
fn pass(t: &mut Script<Responder>, back: &mut Echoes, delay: u64, end: u64) {
    loop {
        let next = back.front().map_or(end, |(at, _)| end.min(*at));
        if let Some((at, text)) = t.next_or_none(next) {
            back.push_back((at + delay, encode(&text.parse().unwrap(), Compression::Suffixes)));
        } else if back.front().is_some_and(|(at, _)| *at <= end) {
            let (at, octets) = back.pop_front().unwrap();
            t.hear_octets_at(at, US, &octets);
        } else {
            return;
        }
    }
}

type Change = fn(&mut Responder, ServiceId);

/// What an application may do to a device that is found.
const CHANGES: [(&str, Change); 12] = [
    ("nothing", |_, _| ()),
    ("text", |machine, service| machine.set_txt(service, &[("path", "/other")]).unwrap()),
    ("port", |machine, service| machine.set_port(service, 81).unwrap()),
    ("address", |machine, _| machine.set_addresses(&[address("192.0.2.8", 24)]).unwrap()),
    ("family", |machine, _| machine.set_addresses(&[address("fe80::7", 64)]).unwrap()),
    ("host name", |machine, _| machine.set_hostname("door").unwrap()),
    ("instance", |machine, service| machine.set_instance(service, "Page").unwrap()),
    ("number", |machine, _| machine.set_number(Claimed::Host, 5).unwrap()),
    ("records", |machine, _| machine.set_host_records(&ABOUT_AFTER).unwrap()),
    ("link", |machine, _| machine.link_up()),
    ("roaming", |machine, _| {
        machine.link_down();
        machine.set_addresses(&[address("192.0.2.8", 24)]).unwrap();
        machine.link_up();
    }),
    ("restart", |machine, service| {
        machine.stop();
        machine.set_port(service, 81).unwrap();
        machine.link_up();
    }),
];

const ABOUT: [ExtraRecord<'static>; 1] = [ExtraRecord::new(Type::HINFO, b"\x03one\x00")];
const ABOUT_AFTER: [ExtraRecord<'static>; 1] = [ExtraRecord::new(Type::HINFO, b"\x03two\x00")];

fn address(ip: &str, prefix: u8) -> (core::net::IpAddr, u8) {
    (ip.parse().unwrap(), prefix)
}

// M-14-2, S3
#[test]
fn our_own_packets_never_take_a_name_from_us() {
    for (what, change) in CHANGES {
        // At once, after each time that the protocol knows, and as late as a bridge can be; after days of quiet and
        // while the second announcement is still to come.
        for delay in [0, 1, 100, 250, 300, 999, 1_000, 2_500, 6_000, 9_900] {
            for (seed, quiet) in [(1, 1_200), (2, 3_000), (3, 20_000), (4, HOUR), (5, 72 * HOUR)] {
                let (mut t, service) = host_with_service(seed);
                t.machine.set_host_records(&ABOUT).unwrap();
                let mut back = Echoes::new();
                pass(&mut t, &mut back, delay, quiet);
                change(&mut t.machine, service);
                let names = [Claimed::Host, service.into()].map(|of| t.machine.name(of).unwrap().to_string());
                pass(&mut t, &mut back, delay, quiet + 30_000);
                let told: Vec<_> = t.events().map(|(_, event)| *event).collect();
                let lost = told.iter().any(|event| {
                    matches!(event, ResponderEvent::Conflict(_) | ResponderEvent::Renamed { .. })
                });
                assert!(!lost, "{what}, {delay} ms late, after {quiet} ms: {told:?}");
                let after = [Claimed::Host, service.into()].map(|of| t.machine.name(of).unwrap().to_string());
                assert_eq!(names, after, "{what}, {delay} ms late");
                let established = [Claimed::Host, service.into()].map(ResponderEvent::Established);
                assert!(established.iter().all(|event| told.contains(event)), "{what}: {told:?}");
            }
        }
    }
}

// M-14-2, M-8.2-3
#[test]
fn what_comes_back_is_not_answered_and_delays_nothing() {
    // The timeline of a link without a bridge.
    let mut alone = host_with_service(7).0;
    let plain = all_until(&mut alone, MINUTE);
    for delay in [0, 1, 20, 100, 249] {
        let (mut t, _) = host_with_service(7);
        let mut seen = Vec::new();
        let mut back = Echoes::new();
        while t.now() < MINUTE {
            let next = back.front().map_or(MINUTE, |(at, _)| *at);
            match t.next_or_none(next) {
                Some((at, text)) => {
                    let message: Msg = text.parse().unwrap();
                    back.push_back((at + delay, encode(&message, Compression::Suffixes)));
                    seen.push((at, message));
                }
                None => {
                    back.pop_front().into_iter().for_each(|(at, octets)| {
                        t.hear_octets_at(at, US, &octets);
                    });
                }
            }
        }
        assert_eq!(seen, plain, "{delay} ms late");
    }
}

// S3, M-9-1
#[test]
fn data_that_was_ours_is_no_conflict_for_ten_seconds_and_other_data_is_one() {
    let old = [
        r#"! Web._http._tcp.local 4500 flush TXT "path=/""#,
        "! Web._http._tcp.local 120 flush SRV 80 cam.local",
        "! WEB._http._tcp.local 120 flush SRV 80 CAM.local",
    ];
    for (after, is_conflict) in [(1, false), (9_999, false), (10_000, true), (HOUR, true)] {
        for (nth, old) in old.iter().enumerate() {
            let (t, service) = host_with_service(7);
            let (mut t, now) = settled(t);
            t.machine.set_txt(service, &[("path", "/new")]).unwrap();
            t.machine.set_port(service, 8_080).unwrap();
            all_until(&mut t, now + after);
            t.hear_at(now + after, NEIGHBOUR, old);
            let told = t.events().any(|(_, event)| *event == ResponderEvent::Conflict(service.into()));
            assert_eq!(told, is_conflict, "{nth} after {after} ms");
            t.call(|machine| machine.link_down());
        }
    }
    // What never was ours is found out at any time, but for few that have the marks of what was ours.
    let mut found = 0;
    for nth in 0..100 {
        let (t, service) = host_with_service(nth);
        let (mut t, now) = settled(t);
        t.machine.set_txt(service, &[("path", "/new")]).unwrap();
        let after = now + u64::from(nth) * 50;
        all_until(&mut t, after);
        let rival = if nth % 2 == 0 {
            format!("120 flush SRV {nth} other.local")
        } else {
            format!(r#"4500 flush TXT "path=/{nth}""#)
        };
        t.hear_at(after, NEIGHBOUR, &format!("! Web._http._tcp.local {rival}"));
        found += u32::from(t.events().any(|(_, event)| *event == ResponderEvent::Conflict(service.into())));
        all_until(&mut t, after + MINUTE);
    }
    assert!(found >= 95, "{found} of 100 conflicts");
}

// M-9-1
#[test]
fn our_data_is_ours_in_any_case_and_empty_text_in_either_form() {
    for (text, rival, is_conflict) in [
        (&[][..], r"4500 flush TXT \# 0", false),
        (&[], r#"4500 flush TXT """#, false),
        (&[("a", "1")], r"4500 flush TXT \# 0", true),
        (&[("a", "1")], r#"4500 flush TXT "A=1""#, true),
        (&[], "120 flush SRV 80 CAM.local", false),
        (&[], "120 flush SRV 80 can.local", true),
    ] {
        let (t, service) = host_with_service(7);
        let (mut t, now) = settled(t);
        t.machine.set_txt(service, text).unwrap();
        all_until(&mut t, now + MINUTE);
        t.hear_at(now + MINUTE, OTHER, &format!("! WEB._http._tcp.local {rival}"));
        let told = t.events().any(|(_, event)| *event == ResponderEvent::Conflict(service.into()));
        assert_eq!(told, is_conflict, "{text:?} {rival}");
        t.call(|machine| machine.link_down());
    }
}

// S3
#[test]
fn each_of_the_addresses_that_were_ours_is_no_conflict() {
    for net in 0..20 {
        let of = |last: u8| address(&format!("192.0.{net}.{last}"), 16);
        let mut t = host(7);
        t.machine.set_addresses(&[of(1), of(2), of(3), of(4)]).unwrap();
        all_until(&mut t, HOUR);
        t.machine.set_addresses(&[of(9)]).unwrap();
        all_until(&mut t, HOUR + 10);
        for last in 1..=4 {
            t.hear_at(HOUR + 10, OTHER, &format!("! cam.local 120 flush A 192.0.{net}.{last}"));
        }
        assert!(!t.events().any(|(_, event)| *event == ResponderEvent::Conflict(Claimed::Host)), "{net}");
        t.call(|machine| machine.link_down());
    }
}

// M-9-1
#[test]
fn what_was_said_long_ago_is_no_echo() {
    let (mut t, now) = settled(host(7));
    // So long after the announcement nothing of it is on its way any more.
    t.hear_at(now, NEIGHBOUR, "? cam.local TYPE257");
    t.expect_at(now, "! cam.local 120 flush NSEC A");
    t.machine.set_addresses(&[address("192.0.2.8", 24)]).unwrap();
    all_until(&mut t, now + 10);
    t.hear_at(now + 10, OTHER, "! cam.local 120 flush A 192.0.2.7");
    t.expect_event(ResponderEvent::Conflict(Claimed::Host));
    t.call(|machine| machine.link_down());
}

// M-9-1
#[test]
fn what_is_refused_makes_nothing_an_echo() {
    let (mut t, now) = settled(host(7));
    t.machine.set_addresses(&[address("192.0.2.8", 24)]).unwrap();
    all_until(&mut t, now + 9_000);
    // A driver that has more addresses than there is room for may say so again and again.
    let too_many: Vec<_> = (1..=9).map(|last| address(&format!("192.0.2.{last}"), 24)).collect();
    assert!(t.machine.set_addresses(&too_many).is_err());
    all_until(&mut t, now + 15_000);
    t.hear_at(now + 15_000, OTHER, "! cam.local 120 flush A 192.0.2.7");
    t.expect_event(ResponderEvent::Conflict(Claimed::Host));
    t.call(|machine| machine.link_down());

    let (t, service) = host_with_service(7);
    let (mut t, now) = settled(t);
    t.machine.set_txt(service, &[("path", "/other")]).unwrap();
    all_until(&mut t, now + 9_000);
    assert!(t.machine.set_txt(service, &[("path", &"/".repeat(250))]).is_err());
    all_until(&mut t, now + 15_000);
    t.hear_at(now + 15_000, OTHER, r#"! Web._http._tcp.local 4500 flush TXT "path=/""#);
    t.expect_event(ResponderEvent::Conflict(service.into()));
    t.call(|machine| machine.link_down());
}

// S3, M-9-1
#[test]
fn a_service_whose_text_changes_all_the_time_still_sees_conflicts() {
    let (t, service) = host_with_service(7);
    let (mut t, mut now) = settled(t);
    let value = |nth: u64| nth.to_string();
    for nth in 0..120 {
        t.machine.set_txt(service, &[("count", &value(nth))]).unwrap();
        all_until(&mut t, now + 3_000);
        // What was said a moment ago comes back.
        let echo = format!(r#"! Web._http._tcp.local 4500 flush TXT "count={}""#, nth.saturating_sub(1));
        t.hear_at(now + 3_000, US, &echo);
        t.expect_no_event();
        now += 5_000;
        all_until(&mut t, now);
    }
    let found = (0..10).filter(|nth| {
        now += MINUTE;
        all_until(&mut t, now);
        t.machine.set_txt(service, &[("count", &value(200 + nth))]).unwrap();
        for _ in 0..10 {
            now += 5_000;
            t.machine.set_txt(service, &[("count", &value(300 + now))]).unwrap();
            all_until(&mut t, now);
        }
        let before = t.events().count();
        t.hear_at(now, OTHER, &format!("! Web._http._tcp.local 120 flush SRV {nth} other.local"));
        let conflict = ResponderEvent::Conflict(service.into());
        t.events().skip(before).any(|(_, event)| *event == conflict)
    });
    let found = found.count();
    assert!(found >= 8, "{found} of 10 conflicts");
    t.call(|machine| machine.link_down());
}

// M-14-1, M-15-1, M-9-4
#[test]
fn two_interfaces_of_one_device_are_two_machines_that_do_not_disturb_each_other() {
    // Both on one link, as where a switch joins the cable and the radio; each says both addresses.
    let both = [address("192.0.2.7", 24), address("192.0.2.8", 24)];
    for seed in 0..20 {
        let mut machines = [seed, 1_000 + seed].map(|seed| {
            let mut t = host_with_service(seed).0;
            t.machine.set_addresses(&both).unwrap();
            t
        });
        let mut sent = [0, 0];
        for now in 0..5_000 {
            for from in 0..2 {
                while let Some((at, text)) = machines[from].next_or_none(now) {
                    sent[from] += 1;
                    machines[1 - from].hear_at(at, if from == 0 { US } else { OTHER }, &text);
                }
            }
        }
        for t in &mut machines {
            let told: Vec<_> = t.events().map(|(_, event)| *event).collect();
            let lost = |event: &ResponderEvent| {
                matches!(event, ResponderEvent::Conflict(_) | ResponderEvent::Renamed { .. })
            };
            assert!(!told.iter().any(lost) && told.contains(&established()), "{told:?}");
        }
        // Each probes and announces for itself.
        assert!(sent.iter().all(|sent| *sent >= 5), "{sent:?}");
    }
}

// M-14-1
#[test]
fn links_that_are_apart_are_claimed_and_answered_apart() {
    let (mut cable, now) = service_settled();
    let (mut radio, same) = service_settled();
    assert_eq!(now, same);
    // A rival on the one link takes no name on the other.
    cable.hear_at(now, NEIGHBOUR, "! cam.local 120 flush A 192.0.2.9");
    let (probed, _, _) = cable.next_within(now..=now + 250);
    cable.hear_at(probed, NEIGHBOUR, "! cam.local 120 flush A 192.0.2.9");
    all_until(&mut cable, now + MINUTE);
    let name = |t: &Script<Responder>| t.machine.name(Claimed::Host).unwrap().to_string();
    assert_eq!((name(&cable), name(&radio)), ("cam-2.local".into(), "cam.local".into()));
    radio.expect_silence_until(now + MINUTE);
    // What was just multicast on the one is due on the other.
    cable.hear_at(now + MINUTE, NEIGHBOUR, "? Web._http._tcp.local TXT");
    radio.hear_at(now + MINUTE + 1, NEIGHBOUR, "? Web._http._tcp.local TXT");
    let text = r#"! Web._http._tcp.local 4500 flush TXT "path=/""#;
    cable.expect_at(now + MINUTE, text);
    radio.expect_at(now + MINUTE + 1, text);
    // The one is down, and the other goes on.
    cable.call(|machine| machine.link_down());
    radio.hear_at(now + 2 * MINUTE, NEIGHBOUR, "? Web._http._tcp.local TXT");
    radio.expect_at(now + 2 * MINUTE, text);
    cable.expect_silence_until(now + HOUR);
}
