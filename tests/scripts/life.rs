//! Sleep, links that come and go, changes in quick succession, and long quiet: RFC 6762 sections 8 and 10.

use super::*;
use crate::support::{Data, HOUR, MINUTE, NEIGHBOUR, OTHER, SECOND};

const A: &str = "! cam.local 120 flush A 192.0.2.7 | add cam.local 120 flush NSEC A";
const PROBE: &str = "? cam.local ANY QU | auth cam.local 120 A 192.0.2.7";
const DAY: u64 = 24 * HOUR;

// S12
#[test]
fn the_wrap_of_the_clock_is_nowhere_seen() {
    // All that has a deadline or remembers a time, around the moment at which the clock shows 0.
    let play = |start: u32| {
        let mut t = Script::starting_at(machines::responder(7), start);
        t.machine.set_hostname("cam").unwrap();
        t.machine.set_addresses(&[("192.0.2.7".parse().unwrap(), 24)]).unwrap();
        let web = Service::new("_http._tcp", 80).instance("Web").txt(&[("path", "/")]);
        let service = t.machine.register(web).unwrap();
        let mut sent = t.sent_until(3_000);
        for (at, source, text) in [
            (3_000, NEIGHBOUR, "? _http._tcp.local PTR"),
            (3_010, OTHER, "? cam.local A QU"),
            (3_020, NEIGHBOUR, "?tc _http._tcp.local PTR"),
            (3_100, NEIGHBOUR, "? | known _http._tcp.local 4500 PTR a._http._tcp.local"),
            (3_700, crate::support::LEGACY, "? id=1 cam.local A"),
            (4_100, OTHER, "? cam.local ANY QU | auth cam.local 120 A 192.0.2.9"),
            (4_200, OTHER, "? cam.local ANY | auth cam.local 120 A 192.0.2.9"),
            (5_000, OTHER, "! cam.local 120 flush A 192.0.2.9"),
            (9_000, OTHER, "! cam.local 0 flush A 192.0.2.7"),
        ] {
            sent.extend(t.sent_until(at - 1));
            t.hear_at(at, source, text);
        }
        t.machine.set_port(service, 81).unwrap();
        sent.extend(t.sent_until(12_000));
        t.hear_at(12_000, OTHER, "! Web._http._tcp.local 120 flush SRV 80 cam.local");
        t.machine.link_up();
        sent.extend(t.sent_until(20_000));
        t.machine.stop();
        sent.extend(t.sent_until(MINUTE));
        (sent, t.events().map(|(at, event)| (at, *event)).collect::<Vec<_>>())
    };
    let plain = play(123_456_789);
    assert!(plain.0.len() > 20, "{plain:?}");
    for before in (0..21_000).step_by(250).chain([1, 2, 749, 751]) {
        assert_eq!(play(u32::MAX - before), plain, "{before} ms before the wrap");
    }
}

// S12
#[test]
fn a_clock_that_jumps_ahead_delays_nothing() {
    // Asleep without a word to the machine, in each state of a claim; then at most what was due is sent late.
    for asleep in [MINUTE, HOUR, 8 * HOUR, DAY, 7 * DAY, 20 * DAY] {
        for at in [0, 100, 300, 600, 900, 1_200, 2_500] {
            let (mut machine, _) = (machines::responder(7), ());
            machine.set_hostname("cam").unwrap();
            machine.set_addresses(&[("192.0.2.7".parse().unwrap(), 24)]).unwrap();
            let mut sent = Vec::new();
            let mut play = |machine: &mut Responder, from: u64, to: u64| {
                for millis in from..to {
                    let now = dotlocal::Instant::from_millis(millis as u32);
                    machine.handle_timeout(now);
                    while machine.poll_transmit(now, &mut [0; 1440]).is_some() {
                        sent.push(millis);
                    }
                    while machine.poll_event().is_some() {}
                }
            };
            play(&mut machine, 0, at);
            play(&mut machine, at + asleep, at + asleep + 10 * SECOND);
            assert_eq!(sent.len(), 5, "{asleep} ms of sleep after {at} ms: {sent:?}");
            assert!(sent.last().unwrap() <= &(at + asleep + 3 * SECOND), "{sent:?}");
            assert!(sent.windows(2).all(|pair| pair[1] - pair[0] >= 250), "{sent:?}");
            assert_eq!(machine.poll_timeout(), None);
        }
    }
    // With an answer on its way: it leaves when the device wakes, and the next one is not late.
    for asleep in [MINUTE, HOUR, DAY, 12 * DAY] {
        let (mut t, now) = service_settled();
        t.hear_at(now, NEIGHBOUR, "? _http._tcp.local PTR");
        t.expect_within(now + 20..=now + 120, PTR);
        let now = now + asleep;
        t.hear_at(now, NEIGHBOUR, "? _http._tcp.local PTR");
        t.expect_within(now + 20..=now + 120, PTR);
        t.call(|machine| machine.link_up());
        let (probed, _, _) = t.next_within(now + 20..=now + 400);
        assert_eq!(all_until(&mut t, probed + HOUR).len(), 4);
    }
}

// M-8-1
#[test]
fn a_link_that_flaps_ten_times_a_second_is_not_flooded_and_has_the_name_when_it_stays() {
    for seed in 0..10 {
        let (mut t, now) = settled(host(seed));
        let mut sent = Vec::new();
        for flap in 0..600 {
            t.machine.link_down();
            sent.extend(all_until(&mut t, now + flap * 100 + 50));
            t.machine.link_up();
            sent.extend(all_until(&mut t, now + flap * 100 + 100));
        }
        // A probe has time to leave in one of five: fewer than a name that is claimed in peace sends.
        assert!((60..=180).contains(&sent.len()), "{} in a minute", sent.len());
        assert!(sent.iter().all(|(_, message)| !message.is_response()), "nothing is announced");
        let end = now + 60_000;
        t.machine.link_down();
        t.machine.link_up();
        let first = t.expect_within(end..=end + 250, PROBE);
        t.expect_at(first + 250, PROBE);
        t.expect_at(first + 500, PROBE);
        t.expect_at(first + 750, A);
        t.expect_event(established());
        t.expect_at(first + 1_750, A);
        t.expect_silence_until(end + MINUTE);
        t.machine.link_up();
        t.expect_within(end + MINUTE..=end + MINUTE + 250, PROBE);
        t.call(|machine| machine.link_down());
    }
}

// M-8-1, M-10.1-1
#[test]
fn stop_and_link_up_begin_anew_as_often_as_they_are_called() {
    let (mut t, mut now) = service_settled();
    for _ in 0..3 {
        t.machine.stop();
        let (_, _, goodbye) = t.next_within(now..=now);
        assert!(goodbye.records.iter().all(|(_, record)| record.ttl == 0) && goodbye.records.len() == 4);
        t.machine.stop();
        t.hear_at(now + SECOND, NEIGHBOUR, "? cam.local A, _http._tcp.local PTR");
        // Nor is a name defended that is given up.
        t.hear_at(now + SECOND, NEIGHBOUR, "! cam.local 120 flush A 192.0.2.9");
        t.hear_at(now + SECOND, NEIGHBOUR, "! cam.local 0 flush A 192.0.2.7");
        now += HOUR;
        t.expect_silence_until(now);
        t.machine.link_up();
        assert_eq!(all_until(&mut t, now + MINUTE).len(), 5);
        now += HOUR;
        t.sent_until(now);
    }
    // Down is silent at once, and says no goodbye: nobody would hear it.
    t.machine.stop();
    t.machine.link_down();
    t.expect_silence_until(now + HOUR);
}

// M-8-1
#[test]
fn only_what_is_new_is_probed_for() {
    let (mut t, now) = settled(host(7));
    let service = t.machine.register(Service::new("_http._tcp", 80).instance("Web")).unwrap();
    for (_, message) in all_until(&mut t, now + MINUTE) {
        assert!(message.questions.iter().all(|question| question.name.to_string() == "Web._http._tcp.local"));
    }
    // A change of data is announced, and nothing is asked.
    t.machine.set_port(service, 81).unwrap();
    t.machine.set_addresses(&[("192.0.2.8".parse().unwrap(), 24)]).unwrap();
    let said = all_until(&mut t, now + 2 * MINUTE);
    assert!(said.len() == 2 && said.iter().all(|(_, message)| message.is_response()), "{said:?}");
}

// M-8.4-2
#[test]
fn of_ten_changes_in_a_tenth_of_a_second_the_last_one_is_said_once_a_second() {
    for seed in 0..10 {
        let (t, service) = host_with_service(seed);
        let (mut t, now) = settled(t);
        let mut ports = Vec::new();
        let mut times = Vec::new();
        let mut look = |sent: Vec<(u64, Msg)>| {
            for (at, message) in sent {
                times.push(at);
                ports.extend(message.records.iter().filter_map(|(_, record)| match record.data {
                    Data::Srv { port, .. } => Some(port),
                    _ => None,
                }));
            }
        };
        for nth in 0..10 {
            look(all_until(&mut t, now + u64::from(nth) * 10));
            t.machine.set_port(service, 1_000 + nth).unwrap();
        }
        look(all_until(&mut t, now + MINUTE));
        assert!(times.windows(2).all(|pair| pair[1] - pair[0] >= 1_000), "{times:?}");
        assert!(times.len() <= 3, "{times:?}");
        assert_eq!((ports[0], ports[1..].iter().all(|port| *port == 1_009)), (1_000, true), "{ports:?}");
        assert!(ports.len() >= 3, "the last state is said twice: {ports:?}");
    }
    // Address by address, as an interface comes up.
    let (mut t, now) = settled(host(7));
    for last in 8..18 {
        t.sent_until(now + u64::from(last));
        t.machine.set_addresses(&[([192, 0, 2, last].into(), 24)]).unwrap();
    }
    let said = all_until(&mut t, now + MINUTE);
    assert!(said.last().unwrap().1.to_string().contains("A 192.0.2.17"), "{said:?}");
    assert!(said.windows(2).all(|pair| pair[1].0 - pair[0].0 >= 1_000), "{said:?}");
}

// M-8.3-3
#[test]
fn through_a_quiet_hour_on_a_busy_link_nothing_is_sent_and_no_deadline_wakes() {
    let (mut t, now) = service_settled();
    let wakes = t.wakes();
    let strangers = [
        "? _ipp._tcp.local PTR QU, printer.local A",
        r#"! _ipp._tcp.local 4500 PTR Printer._ipp._tcp.local | add printer.local 120 flush A 192.0.2.20"#,
        "? printer.local ANY QU | auth printer.local 120 A 192.0.2.20",
        "! Other._http._tcp.local 120 flush SRV 80 other.local, _http._tcp.local 4500 PTR Other._http._tcp.local",
        "?tc _services._dns-sd._tcp.local PTR | known _ipp._tcp.local 4500 PTR a._ipp._tcp.local",
    ];
    for nth in 0..36_000 {
        t.hear_at(now + nth * 100, OTHER, strangers[nth as usize % strangers.len()]);
    }
    t.expect_silence_until(now + HOUR);
    assert_eq!((t.wakes(), t.deadline()), (wakes, None));
    t.hear_at(now + HOUR, NEIGHBOUR, "? _http._tcp.local PTR");
    t.expect_within(now + HOUR + 20..=now + HOUR + 120, PTR);
}

// M-8.1-2, M-6-4
#[test]
fn the_waits_of_many_devices_are_spread_evenly() {
    // 500 seeds in five parts: none is empty or holds half of them.
    let (mut starts, mut answers) = ([0; 5], [0; 5]);
    for seed in 0..500 {
        let mut t = host_with_service(seed).0;
        let first = t.next_within(0..=250).0;
        starts[(first * 5 / 251) as usize] += 1;
        t.sent_until(MINUTE);
        t.hear_at(MINUTE, NEIGHBOUR, "? _http._tcp.local PTR");
        let wait = t.next_within(MINUTE + 20..=MINUTE + 120).0 - MINUTE;
        answers[((wait - 20) * 5 / 101) as usize] += 1;
    }
    assert!(starts.iter().chain(&answers).all(|part| (60..=140).contains(part)), "{starts:?} {answers:?}");
}
