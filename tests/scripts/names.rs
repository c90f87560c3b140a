//! Names that change: by the application, by others, and across restarts; what the application is told of it.

use super::*;
use crate::support::{HOUR, MINUTE, NEIGHBOUR, OTHER};
use ResponderEvent::{Conflict, Established, Probing, Renamed, Withdrawn};
use dotlocal::mdns::ChangeError;

const HOST: Claimed = Claimed::Host;

fn shown(t: &Script<Responder>, of: impl Into<Claimed>) -> String {
    t.machine.name(of).unwrap().to_string()
}

/// What was told, with times and without.
fn told(t: &Script<Responder>) -> Vec<ResponderEvent> {
    t.events().map(|(_, event)| *event).collect()
}

/// Somebody answers for each name of the host that is asked for, so often.
fn lose(t: &mut Script<Responder>, times: usize) {
    for _ in 0..times {
        let now = t.now();
        let (at, _, probe) = t.next_within(now..=now + 6_000);
        let name = &probe.questions[0].name;
        t.hear_at(at, NEIGHBOUR, &format!("! {name} 120 flush A 192.0.2.9"));
    }
}

// S7, M-8.4-1
#[test]
fn another_instance_name_is_probed_for_after_the_old_one_said_goodbye() {
    let (t, service) = host_with_service(7);
    let (mut t, now) = settled(t);
    t.machine.set_instance(service, "Page").unwrap();
    t.expect_at(
        now,
        r#"! _http._tcp.local 0 PTR Web._http._tcp.local, Web._http._tcp.local 0 flush SRV 80 cam.local,
        Web._http._tcp.local 0 flush TXT "path=/""#,
    );
    let probe = r#"? Page._http._tcp.local ANY QU
        | auth Page._http._tcp.local 120 SRV 80 cam.local, Page._http._tcp.local 4500 TXT "path=/""#;
    t.expect_event(Probing(service.into()));
    let first = t.expect_within(now..=now + 250, probe);
    t.expect_at(first + 250, probe);
    t.hear_at(first + 300, NEIGHBOUR, "? Web._http._tcp.local ANY, Page._http._tcp.local ANY");
    t.expect_at(first + 500, probe);
    let said = r#"! _http._tcp.local 4500 PTR Page._http._tcp.local, Page._http._tcp.local 120 flush SRV 80 cam.local,
        Page._http._tcp.local 4500 flush TXT "path=/" | add cam.local 120 flush A 192.0.2.7,
        cam.local 120 flush NSEC A"#;
    t.expect_at(first + 750, said);
    t.expect_at(first + 1_750, said);
    t.hear_at(first + MINUTE, NEIGHBOUR, "? Web._http._tcp.local SRV");
    t.expect_silence_until(first + HOUR);
}

// S7, M-10.1-1
#[test]
fn after_a_rename_the_old_name_is_withdrawn_at_once_and_the_new_one_in_the_end() {
    let (mut t, now) = settled(host(7));
    t.hear_at(now, NEIGHBOUR, "! cam.local 120 flush A 192.0.2.9");
    lose(&mut t, 1);
    let (_, _, goodbye) = t.next_within(now..=now + 300);
    assert_eq!(goodbye.to_string(), "! cam.local 0 A 192.0.2.7");
    t.sent_until(now + MINUTE);
    // What is withdrawn is what was announced: not the old name once more.
    t.machine.stop();
    t.expect_at(now + MINUTE, "! cam-2.local 0 flush A 192.0.2.7");
    // A name that was lost before anybody heard of it needs no goodbye.
    let mut t = host(7);
    lose(&mut t, 3);
    for (_, message) in all_until(&mut t, MINUTE) {
        assert!(message.records.iter().all(|(_, record)| record.ttl > 0), "{message}");
    }
    t.machine.stop();
    t.expect_at(MINUTE, "! cam-4.local 0 flush A 192.0.2.7");
}

// S7
#[test]
fn names_that_change_again_before_the_goodbye_is_out_withdraw_what_was_announced() {
    let (t, service) = host_with_service(7);
    let (mut t, now) = settled(t);
    for name in ["door", "gate", "hall"] {
        t.machine.set_hostname(name).unwrap();
    }
    for name in ["Page", "Site"] {
        t.machine.set_instance(service, name).unwrap();
    }
    let (_, _, goodbye) = t.next_within(now..=now);
    for gone in ["cam.local 0 flush A 192.0.2.7", "_http._tcp.local 0 PTR Web._http._tcp.local"] {
        assert!(goodbye.records.iter().any(|(_, record)| record.to_string() == gone), "{goodbye}");
    }
    let (_, _, probe) = t.next_within(now..=now + 250);
    let names: Vec<_> = probe.questions.iter().map(|question| question.name.to_string()).collect();
    assert_eq!(names, ["hall.local", "Site._http._tcp.local"]);
    t.sent_until(now + MINUTE);
}

// S8, M-9-3
#[test]
fn a_long_name_is_cut_between_characters_when_it_is_renamed() {
    for (label, renamed) in [
        ("a".repeat(63), format!("{}-2", "a".repeat(61))),
        ("é".repeat(31), format!("{}-2", "é".repeat(30))),
        ("a".repeat(60) + "é", "a".repeat(60) + "-2"),
        ("x".to_owned() + &"漢".repeat(20), "x".to_owned() + &"漢".repeat(20) + "-2"),
        ("xy".to_owned() + &"🎥".repeat(15), "xy".to_owned() + &"🎥".repeat(14) + "-2"),
    ] {
        let mut t = host(7);
        t.machine.set_hostname(label.leak()).unwrap();
        lose(&mut t, 1);
        let now = t.now();
        let (_, _, probe) = t.next_within(now..=now + 250);
        assert_eq!(probe.questions[0].name.0[0], renamed.as_bytes());
        assert!(renamed.len() <= 63);
        t.sent_until(MINUTE);
        t.hear_at(MINUTE, OTHER, &format!("? {renamed}.local A"));
        assert_eq!(t.next_within(MINUTE..=MINUTE).2.records.len(), 2);
        // Ten times as far the number has one digit more.
        t.machine.set_number(HOST, 10).unwrap();
        assert!(shown(&t, HOST).contains("-10"));
        assert!(t.machine.name(HOST).unwrap().name().labels().next().unwrap().len() <= 63);
        t.machine.link_down();
    }
}

// M-9-3
#[test]
fn names_are_numbered_upwards_then_by_jumps_and_each_one_is_told() {
    let mut jumps = 0;
    for seed in 0..20 {
        let mut t = host(seed);
        lose(&mut t, 8);
        t.sent_until(t.now() + MINUTE);
        let renamed: Vec<_> = told(&t)
            .into_iter()
            .filter_map(
                |event| if let Renamed { of: HOST, from, to } = event { Some((from, to)) } else { None },
            )
            .collect();
        assert_eq!(renamed[..3], [(0, 2), (2, 3), (3, 4)]);
        assert!(renamed.windows(2).all(|pair| pair[0].1 == pair[1].0), "{renamed:?}");
        assert!(renamed[3..].iter().all(|(from, to)| (1..=100).contains(&(to - from))), "{renamed:?}");
        jumps += u32::from(renamed[3].1 > 5);
        assert_eq!(shown(&t, HOST), format!("cam-{}.local", renamed[7].1));
        assert_eq!(t.machine.number(HOST), Some(renamed[7].1));
        assert_eq!(told(&t).last(), Some(&established()));
    }
    assert!(jumps > 10, "{jumps}");
    // Behind the last number there is the second one again.
    let mut t = host(7);
    t.machine.set_number(HOST, 65_535).unwrap();
    lose(&mut t, 1);
    assert!(t.machine.number(HOST).unwrap() >= 2);
    t.call(|machine| machine.link_down());
}

#[test]
fn the_number_of_a_former_run_is_claimed_at_once() {
    let (mut t, service) = host_with_service(7);
    lose(&mut t, 2);
    t.sent_until(MINUTE);
    let numbers = [HOST, service.into()].map(|of| t.machine.number(of).unwrap());
    assert_eq!(numbers, [3, 0]);
    // The device starts again, and remembers.
    let (mut t, service) = host_with_service(8);
    t.machine.set_number(HOST, numbers[0]).unwrap();
    t.machine.set_number(service, 7).unwrap();
    let (_, _, probe) = t.next_within(0..=250);
    let names: Vec<_> = probe.questions.iter().map(|question| question.name.to_string()).collect();
    assert_eq!(names, ["cam-3.local", r#""Web (7)"._http._tcp.local"#]);
    let claims = t.sent_until(MINUTE);
    assert_eq!(claims.len(), 4, "two probes, two announcements");
    assert!(!told(&t).iter().any(|event| matches!(event, Renamed { .. } | Conflict(_))));
    // What a name would be, and what it is.
    let shown = |number| t.machine.name_with(HOST, number).unwrap().to_string();
    assert_eq!([0, 2, 3].map(shown), ["cam.local", "cam-2.local", "cam-3.local"]);
    assert_eq!(t.machine.name_with(service, 9).unwrap().to_string(), r"Web\032(9)._http._tcp.local");
    // Back to the name as it was given: the numbered one says goodbye. The same number again is no change.
    t.machine.set_number(HOST, 3).unwrap();
    t.expect_silence_until(2 * MINUTE);
    t.machine.set_number(HOST, 0).unwrap();
    t.expect_at(2 * MINUTE, "! cam-3.local 0 flush A 192.0.2.7");
    t.sent_until(3 * MINUTE);
    t.hear_at(3 * MINUTE, NEIGHBOUR, "? cam.local AAAA");
    t.expect_at(3 * MINUTE, "! cam.local 120 flush NSEC A");
}

#[test]
fn a_name_or_number_that_another_of_ours_has_is_refused() {
    let (mut t, service) = host_with_service(7);
    let second = t.machine.register(Service::new("_http._tcp", 81).instance("Web (2)")).unwrap();
    assert_eq!(t.machine.set_number(service, 2), Err(ChangeError::Duplicate));
    assert_eq!(t.machine.set_instance(second, "WEB"), Err(ChangeError::Duplicate));
    assert_eq!(t.machine.set_instance(second, ""), Err(ChangeError::Instance { octets: 0 }));
    let long: &'static str = "x".repeat(64).leak();
    assert_eq!(t.machine.set_instance(second, long), Err(ChangeError::Instance { octets: 64 }));
    let (mut t, now) = settled(t);
    let names = [service, second].map(|of| shown(&t, of));
    assert_eq!(names, [r"Web._http._tcp.local", r"Web\032(2)._http._tcp.local"]);
    t.machine.unregister(service).unwrap();
    for error in [t.machine.set_instance(service, "Other"), t.machine.set_number(service, 3)] {
        assert_eq!(error, Err(ChangeError::Unknown));
    }
    assert_eq!((t.machine.number(service), t.machine.name_with(service, 3)), (None, None));
    // The name of one that leaves is free.
    assert_eq!(t.machine.set_instance(second, "Web"), Ok(()));
    t.sent_until(now + MINUTE);
    t.hear_at(now + MINUTE, NEIGHBOUR, "? Web._http._tcp.local SRV");
    t.next_within(now + MINUTE..=now + MINUTE);
}

#[test]
fn what_nobody_asked_for_meanwhile_is_told_once_in_the_order_of_a_life() {
    // Nobody polls for events while names are lost and won; a driver that sends only.
    let mut machine = machines::responder(7);
    machine.set_hostname("cam").unwrap();
    machine.set_addresses(&[("192.0.2.7".parse().unwrap(), 24)]).unwrap();
    let service = machine.register(Service::new("_http._tcp", 80).instance("Web")).unwrap();
    let mut lost = 0;
    for millis in 0..20_000 {
        let now = dotlocal::Instant::from_millis(millis);
        machine.handle_timeout(now);
        while let Some(sent) = machine.poll_transmit(now, &mut [0; 1440]).map(|sent| sent.bytes.to_vec()) {
            let message = crate::support::octets::decode(&sent).unwrap();
            if lost < 5 && !message.is_response() {
                lost += 1;
                let rival = format!("! {} 120 flush A 192.0.2.9", machine.name(HOST).unwrap());
                let rival = crate::support::octets::encode(
                    &rival.parse().unwrap(),
                    crate::support::octets::Compression::None,
                );
                let meta = dotlocal::Meta::mdns(NEIGHBOUR, true);
                machine.handle_datagram(now, meta, &rival);
            }
        }
    }
    let to = machine.number(HOST).unwrap();
    let told: Vec<_> = core::iter::from_fn(|| machine.poll_event()).collect();
    // Five renames are one, from the name that the application knows to the one that holds.
    let expected =
        [Conflict(HOST), Renamed { of: HOST, from: 0, to }, established(), Established(service.into())];
    assert_eq!(told, expected);
    machine.stop();
    assert_eq!(machine.poll_event(), None, "withdrawn is what said goodbye");
    let now = dotlocal::Instant::from_millis(20_001);
    while machine.poll_transmit(now, &mut [0; 1440]).is_some() {}
    let told: Vec<_> = core::iter::from_fn(|| machine.poll_event()).collect();
    assert_eq!(told, [Withdrawn(HOST), Withdrawn(service.into())]);
}

#[test]
fn a_rename_that_the_application_has_overruled_is_not_told() {
    let overrule: [fn(&mut Responder); 2] =
        [|machine| machine.set_hostname("door").unwrap(), |machine| machine.set_number(HOST, 0).unwrap()];
    for overrule in overrule {
        let mut machine = machines::responder(7);
        machine.set_hostname("cam").unwrap();
        machine.set_addresses(&[("192.0.2.7".parse().unwrap(), 24)]).unwrap();
        let at = dotlocal::Instant::from_millis;
        let meta = dotlocal::Meta::mdns(NEIGHBOUR, true);
        let rival = "! cam.local 120 flush A 192.0.2.9".parse().unwrap();
        let rival = crate::support::octets::encode(&rival, crate::support::octets::Compression::None);
        assert!(machine.poll_transmit(at(0), &mut [0; 1440]).is_none());
        assert!(machine.poll_transmit(at(251), &mut [0; 1440]).is_some());
        machine.handle_datagram(at(252), meta, &rival);
        assert_eq!(machine.number(HOST), Some(2));
        overrule(&mut machine);
        assert!(machine.poll_transmit(at(253), &mut [0; 1440]).is_none());
        let told: Vec<_> = core::iter::from_fn(|| machine.poll_event()).collect();
        assert_eq!(told, [Conflict(HOST), Probing(HOST)]);
    }
}

// M-9-1, M-9-2, M-9-3
#[test]
fn the_life_of_a_name_is_told_step_by_step() {
    let (mut t, now) = settled(host(7));
    assert_eq!(told(&t), [Probing(HOST), established()]);
    t.hear_at(now, NEIGHBOUR, "! cam.local 120 flush A 192.0.2.9");
    assert_eq!(told(&t)[2..], [Conflict(HOST), Probing(HOST)]);
    lose(&mut t, 1);
    assert_eq!(told(&t)[4..], [Conflict(HOST), Renamed { of: HOST, from: 0, to: 2 }, Probing(HOST)]);
    t.sent_until(now + MINUTE);
    assert_eq!(told(&t)[7..], [established()]);
    t.machine.stop();
    t.sent_until(now + 2 * MINUTE);
    assert_eq!(told(&t)[8..], [Withdrawn(HOST)]);
    // What is withdrawn twice is told once.
    t.machine.stop();
    t.sent_until(now + 3 * MINUTE);
    t.machine.link_up();
    t.sent_until(now + 4 * MINUTE);
    assert_eq!(told(&t)[9..], [Probing(HOST), established()]);
    assert_eq!(shown(&t, HOST), "cam-2.local");
}

// M-6-6
#[test]
fn a_name_in_another_spelling_keeps_its_second() {
    let (mut t, now) = settled(host(7));
    t.hear_at(now, NEIGHBOUR, "? cam.local A");
    t.sent_until(now);
    t.machine.set_hostname("Cam").unwrap();
    let sent = t.sent_until(now + 2_000);
    let mut answers = sent.iter().filter(|(.., message)| message.to_string().contains("120 flush A"));
    let (at, ..) = answers.next().unwrap();
    assert!(*at >= now + 1_000, "{at} is less than a second behind {now}");
}
