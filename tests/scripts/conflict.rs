//! Names that others use: RFC 6762 sections 8.1 and 9.

use super::*;
use crate::support::octets::{Compression, encode};
use crate::support::{HOUR, MINUTE, NEIGHBOUR, OTHER};
use dotlocal::{Instant, Meta};

fn probe(name: &str) -> String {
    format!("? {name} ANY QU | auth {name} 120 A 192.0.2.7")
}

fn announcement(name: &str) -> String {
    format!("! {name} 120 flush A 192.0.2.7 | add {name} 120 flush NSEC A")
}

// M-8.1-5, M-9-3, M-8.1-2
#[test]
fn a_taken_host_name_is_changed_probed_again_and_announced() {
    for probes in 1..=3 {
        let mut t = host(7);
        let first = t.expect_within(0..=250, &probe("cam.local"));
        for sent in 1..probes {
            t.expect_at(first + 250 * sent, &probe("cam.local"));
        }
        let conflict = first + 250 * (probes - 1) + 50;
        t.hear_at(conflict, NEIGHBOUR, "! CAM.local 120 flush A 192.0.2.9");
        t.expect_event(ResponderEvent::Conflict(Claimed::Host));
        t.expect_event(ResponderEvent::Renamed { of: Claimed::Host, from: 0, to: 2 });
        let again = t.expect_within(conflict..=conflict + 250, &probe("cam-2.local"));
        t.expect_at(again + 250, &probe("cam-2.local"));
        t.expect_at(again + 500, &probe("cam-2.local"));
        t.expect_at(again + 750, &announcement("cam-2.local"));
        t.expect_event(established());
        t.expect_at(again + 1_750, &announcement("cam-2.local"));
        assert_eq!(t.machine.name(Claimed::Host).unwrap().to_string(), "cam-2.local");
        t.hear_at(again + MINUTE, NEIGHBOUR, "? cam.local A");
        t.expect_silence_until(again + HOUR);
        t.hear_at(again + HOUR, NEIGHBOUR, "? cam-2.local A");
        t.expect_at(again + HOUR, &announcement("cam-2.local"));
    }
}

// M-8.1-6, S4
#[test]
fn a_conflict_before_the_first_probe_is_ignored() {
    let mut t = host(7);
    t.hear_at(1, NEIGHBOUR, "! cam.local 120 flush A 192.0.2.9");
    let first = t.expect_within(2..=250, &probe("cam.local"));
    t.expect_at(first + 250, &probe("cam.local"));
    t.expect_at(first + 500, &probe("cam.local"));
    t.expect_at(first + 750, &announcement("cam.local"));
    t.expect_at(first + 1_750, &announcement("cam.local"));
}

// M-8.1-5
#[test]
fn any_type_under_the_name_shows_that_it_is_taken() {
    let mut t = host(7);
    let first = t.expect_within(0..=250, &probe("cam.local"));
    t.hear_at(first + 10, NEIGHBOUR, "! cam.local 120 flush AAAA fe80::9");
    t.expect_event(ResponderEvent::Renamed { of: Claimed::Host, from: 0, to: 2 });
    let again = t.expect_within(first..=first + 260, &probe("cam-2.local"));
    t.at(again + 1);
    t.call(|machine| machine.link_down());
}

// M-9-1, M-9-2, M-6.6-1, S7
#[test]
fn a_conflict_after_the_claim_goes_back_to_probing_and_the_loser_takes_another_name() {
    let (mut t, now) = settled(host(7));
    t.hear_at(now, NEIGHBOUR, "! cam.local 120 flush A 192.0.2.9");
    t.expect_event(ResponderEvent::Conflict(Claimed::Host));
    let first = t.expect_within(now..=now + 250, &probe("cam.local"));
    t.hear_at(first + 100, NEIGHBOUR, "! cam.local 120 flush A 192.0.2.9");
    t.expect_event(ResponderEvent::Renamed { of: Claimed::Host, from: 0, to: 2 });
    // S7: the name that was announced is withdrawn, and nobody's cache is flushed of what the winner says.
    t.expect_at(first + 100, "! cam.local 0 A 192.0.2.7");
    let again = t.expect_within(first + 100..=first + 350, &probe("cam-2.local"));
    t.expect_at(again + 250, &probe("cam-2.local"));
    t.expect_at(again + 500, &probe("cam-2.local"));
    t.expect_at(again + 750, &announcement("cam-2.local"));
    t.expect_at(again + 1_750, &announcement("cam-2.local"));
}

// M-9-2
#[test]
fn a_conflict_that_nobody_repeats_is_won() {
    let (mut t, now) = settled(host(7));
    t.hear_at(now, NEIGHBOUR, "! cam.local 120 flush A 192.0.2.9");
    let first = t.expect_within(now..=now + 250, &probe("cam.local"));
    t.expect_at(first + 250, &probe("cam.local"));
    t.expect_at(first + 500, &probe("cam.local"));
    t.expect_at(first + 750, &announcement("cam.local"));
    t.expect_event(established());
    t.expect_at(first + 1_750, &announcement("cam.local"));
}

// M-9-4, S3
#[test]
fn a_twin_with_our_data_and_our_own_echo_are_no_conflict() {
    let mut t = host(7);
    let first = t.expect_within(0..=250, &probe("cam.local"));
    t.hear_at(first + 1, NEIGHBOUR, &probe("cam.local"));
    t.hear_at(first + 100, NEIGHBOUR, "! cam.local 120 flush A 192.0.2.7");
    t.expect_at(first + 250, &probe("cam.local"));
    t.expect_at(first + 500, &probe("cam.local"));
    t.expect_at(first + 750, &announcement("cam.local"));
    t.hear_at(first + 751, NEIGHBOUR, &announcement("cam.local"));
    t.expect_at(first + 1_750, &announcement("cam.local"));
    t.hear_at(first + MINUTE, NEIGHBOUR, &announcement("cam.local"));
    t.hear_at(first + MINUTE, NEIGHBOUR, "! cam.local 0 flush A 192.0.2.9");
    t.expect_silence_until(first + HOUR);
    assert_eq!(t.machine.name(Claimed::Host).unwrap().to_string(), "cam.local");
}

/// Who wants a name says so to all of the link. By unicast it is said as if from the link by anybody, unless our probe has
/// asked for it.
// M-6-12
#[test]
fn a_claim_by_unicast_counts_as_an_answer_to_a_probe_alone() {
    let claim = "! cam.local 120 flush A 192.0.2.9";
    let mut t = host(7);
    let first = t.expect_within(0..=250, &probe("cam.local"));
    t.hear_direct_at(first + 50, NEIGHBOUR, claim);
    t.expect_event(ResponderEvent::Renamed { of: Claimed::Host, from: 0, to: 2 });

    let mut t = host(7);
    let first = t.expect_within(0..=250, &probe("cam.local"));
    for after in [250, 500] {
        t.expect_at(first + after, &probe("cam.local"));
    }
    for after in [750, 1_750] {
        t.expect_at(first + after, &announcement("cam.local"));
    }
    t.hear_direct_at(first + 2_000, NEIGHBOUR, claim);
    t.expect_silence_until(first + HOUR);
    t.hear_at(first + HOUR, NEIGHBOUR, claim);
    t.expect_event(ResponderEvent::Conflict(Claimed::Host));
}

// M-9-3
#[test]
fn a_taken_instance_name_gets_a_number_in_brackets() {
    let (mut t, service) = host_with_service(7);
    let (first, _, _) = t.next_within(0..=250);
    t.hear_at(first + 10, NEIGHBOUR, r#"! Web._http._tcp.local 120 flush SRV 80 other.local"#);
    t.expect_event(ResponderEvent::Renamed { of: Claimed::Service(service), from: 0, to: 2 });
    for _ in 0..9 {
        t.next_within(first..=first + 3_000);
    }
    assert_eq!(
        t.machine.name(Claimed::Service(service)).unwrap().to_string(),
        r"Web\032(2)._http._tcp.local"
    );
    assert_eq!(t.machine.name(Claimed::Host).unwrap().to_string(), "cam.local");
    t.hear_at(first + HOUR, NEIGHBOUR, "? _http._tcp.local PTR");
    t.expect_within(
        first + HOUR + 20..=first + HOUR + 120,
        r#"! _http._tcp.local 4500 PTR "Web (2)"._http._tcp.local | add "Web (2)"._http._tcp.local 120 flush SRV 80 cam.local,
        "Web (2)"._http._tcp.local 4500 flush TXT "path=/", cam.local 120 flush A 192.0.2.7, cam.local 120 flush NSEC A"#,
    );
}

// M-8.1-7, S5
#[test]
fn where_every_name_is_taken_the_rate_is_bounded_until_one_is_free() {
    let mut t = host(7);
    let (mut times, mut numbers) = (Vec::new(), Vec::new());
    for _ in 0..20 {
        let from = times.last().copied().unwrap_or(0);
        let (sent, _, message) = t.next_within(from..=from + 5_260);
        let name = message.questions[0].name.to_string();
        assert_eq!(message.to_string(), probe(&name));
        times.push(sent);
        numbers.push(
            name.trim_start_matches("cam")
                .trim_end_matches(".local")
                .trim_start_matches('-')
                .parse()
                .unwrap_or(0),
        );
        t.hear_at(sent + 1, NEIGHBOUR, &format!("! {name} 120 flush A 192.0.2.9"));
    }
    assert!(times[14] - times[0] < 10_000, "fifteen conflicts come quickly: {times:?}");
    for pair in times[15..].windows(2) {
        assert!(pair[1] - pair[0] >= 5_000, "{times:?}");
    }
    // M-9-3: counting up, then by jumps, so that many hosts of one name do not go through each number together.
    assert_eq!(numbers[..4], [0_u32, 2, 3, 4]);
    assert!(numbers[4..].windows(2).all(|pair| (1..=100).contains(&(pair[1] - pair[0]))), "{numbers:?}");
    assert!(numbers[4..].windows(2).any(|pair| pair[1] - pair[0] > 1), "{numbers:?}");
    let (free, _, message) = t.next_within(times[19]..=times[19] + 5_260);
    let name = message.questions[0].name.to_string();
    t.expect_at(free + 250, &probe(&name));
    t.expect_at(free + 500, &probe(&name));
    t.expect_at(free + 750, &announcement(&name));
    t.expect_at(free + 1_750, &announcement(&name));
}

// M-8.1-7
#[test]
fn the_fifteenth_conflict_holds_back_names_that_were_about_to_be_probed_for() {
    let mut t = host(7);
    let mut sent = 0;
    for nth in 1..=15 {
        let (at, _, message) = t.next_within(sent..=sent + 260);
        sent = at + 1;
        if nth == 15 {
            t.machine.register(Service::new("_http._tcp", 80).instance("Web")).unwrap();
        }
        let name = &message.questions[0].name;
        t.hear_at(sent, NEIGHBOUR, &format!("! {name} 120 flush A 192.0.2.9"));
    }
    t.expect_silence_until(sent + 4_999);
    while t.next_or_none(sent + MINUTE).is_some() {}
    assert_eq!(t.events().filter(|(_, event)| matches!(event, ResponderEvent::Established(_))).count(), 2);
}

// M-8.1-7
#[test]
fn conflicts_a_second_apart_hold_nothing_back() {
    let mut t = host(7);
    let mut now = 0;
    for _ in 0..40 {
        let (sent, _, message) = t.next_within(now..=now + 250);
        let name = message.questions[0].name.to_string();
        t.expect_at(sent + 250, &probe(&name));
        t.expect_at(sent + 500, &probe(&name));
        now = sent + 700;
        t.hear_at(now, NEIGHBOUR, &format!("! {name} 120 flush A 192.0.2.9"));
    }
    t.call(|machine| machine.link_down());
}

// M-9-3
#[test]
fn a_new_name_is_none_of_our_own() {
    let mut t = host(7);
    let web = |instance| Service::new("_http._tcp", 80).instance(instance);
    let first = t.machine.register(web("Web")).unwrap();
    let second = t.machine.register(web("Web (2)")).unwrap();
    let (probed, _, _) = t.next_within(0..=250);
    t.hear_at(probed + 10, NEIGHBOUR, "! Web._http._tcp.local 120 flush SRV 80 other.local");
    while t.next_or_none(HOUR).is_some() {}
    let name = |of| t.machine.name(Claimed::Service(of)).unwrap().to_string();
    assert_eq!(name(first), r"Web\032(3)._http._tcp.local");
    assert_eq!(name(second), r"Web\032(2)._http._tcp.local");
    assert!(t.machine.register(web("Web")).is_ok(), "the name that was lost may be tried again");
    assert!(t.machine.register(web("web (3)")).is_err(), "the name that was given is ours");
    t.call(|machine| machine.link_down());
}

#[test]
fn a_rename_that_was_not_told_in_time_is_not_told_any_more() {
    // An application that chooses another name itself, before it hears of the rename, hears of no rename to nothing.
    for choose in [
        |machine: &mut Responder| machine.set_hostname("door").unwrap(),
        |machine: &mut Responder| {
            machine.set_number(Claimed::Host, 0).unwrap();
        },
    ] {
        let mut t = host(7);
        t.next_within(0..=250);
        let rival = encode(&"! cam.local 120 flush A 192.0.2.9".parse().unwrap(), Compression::Suffixes);
        let (at, meta) = (Instant::from_millis(123_456_789 + t.now() as u32), Meta::mdns(NEIGHBOUR, true));
        t.machine.handle_datagram(at, meta, &rival);
        choose(&mut t.machine);
        t.sent_until(5_000);
        assert!(t.events().all(|(_, event)| !matches!(event, ResponderEvent::Renamed { .. })));
    }
}

// M-9-1
#[test]
fn a_contested_name_is_silent_also_after_a_change_of_addresses() {
    let mut t = host(7);
    let now = HOUR;
    t.sent_until(now);
    t.machine.set_addresses(&[("192.0.2.7".parse().unwrap(), 24), ("fe80::7".parse().unwrap(), 64)]).unwrap();
    t.sent_until(now + MINUTE);
    t.hear_at(now + MINUTE, NEIGHBOUR, "? cam.local TXT");
    t.sent_until(now + MINUTE + 50);
    t.hear_at(now + MINUTE + 50, OTHER, "? cam.local TXT");
    t.hear_at(now + MINUTE + 500, NEIGHBOUR, "! cam.local 120 flush A 192.0.2.9");
    // The other answer waits for the second of the first one, until when the name is no longer ours.
    let sent = t.sent_until(now + MINUTE + 1_200);
    assert!(sent.iter().all(|(.., message)| !message.is_response()), "{sent:?}");
}
