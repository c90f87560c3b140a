//! Probing, announcing and leaving: RFC 6762 sections 8 and 10.1.

use super::*;
use crate::support::{HOUR, MINUTE, NEIGHBOUR};
use dotlocal::mdns::ExtraRecord;
use dotlocal::wire::Type;

const PROBE: &str = "? cam.local ANY QU | auth cam.local 120 A 192.0.2.7";
const ANNOUNCEMENT: &str = "! cam.local 120 flush A 192.0.2.7 | add cam.local 120 flush NSEC A";

// M-8.1-2, M-8.1-3, M-8.3-1, M-8.3-2, M-8.3-3
#[test]
fn a_free_name_is_probed_three_times_and_announced_twice() {
    let mut starts = std::collections::BTreeSet::new();
    for seed in 0..40 {
        let mut t = host(seed);
        let first = t.expect_within(0..=250, PROBE);
        starts.insert(first / 50);
        t.expect_at(first + 250, PROBE);
        t.expect_at(first + 500, PROBE);
        t.expect_at(first + 750, ANNOUNCEMENT);
        t.expect_event(established());
        t.expect_at(first + 1_750, ANNOUNCEMENT);
        assert_eq!(t.deadline(), None, "nothing is armed: the device may sleep");
        t.expect_silence_until(first + HOUR);
    }
    assert_eq!(starts.len(), 5, "the start is spread over 250 ms: {starts:?}");
}

// M-8.1-4, M-8.1-1, M-8.3-2, S-5-1
#[test]
fn host_and_service_share_their_probes_and_announcements() {
    let (mut t, service) = host_with_service(7);
    let probe = r#"? cam.local ANY QU, Web._http._tcp.local ANY QU | auth cam.local 120 A 192.0.2.7,
        Web._http._tcp.local 120 SRV 80 cam.local, Web._http._tcp.local 4500 TXT "path=/""#;
    let announcement = r#"! cam.local 120 flush A 192.0.2.7,
        _http._tcp.local 4500 PTR Web._http._tcp.local,
        Web._http._tcp.local 120 flush SRV 80 cam.local, Web._http._tcp.local 4500 flush TXT "path=/"
        | add cam.local 120 flush NSEC A"#;
    let first = t.expect_within(0..=250, probe);
    t.expect_at(first + 250, probe);
    t.expect_at(first + 500, probe);
    t.expect_at(first + 750, announcement);
    t.expect_event(established());
    t.expect_event(ResponderEvent::Established(Claimed::Service(service)));
    t.expect_at(first + 1_750, announcement);
    t.expect_silence_until(first + MINUTE);
}

// M-8-1
#[test]
fn without_an_address_nothing_is_claimed() {
    let mut t = Script::new(machines::responder(7));
    t.machine.set_hostname("cam").unwrap();
    // What a service says would reach nobody.
    let service = t.machine.register(Service::new("_http._tcp", 80).instance("Web")).unwrap();
    t.expect_silence_until(HOUR / 2);
    t.machine.unregister(service).unwrap();
    t.expect_event(ResponderEvent::Withdrawn(Claimed::Service(service)));
    t.expect_silence_until(HOUR);
    t.machine.set_addresses(&[("192.0.2.7".parse().unwrap(), 24)]).unwrap();
    t.expect_within(HOUR..=HOUR + 250, PROBE);
    t.expect_within(HOUR..=HOUR + 500, PROBE);
    t.expect_within(HOUR..=HOUR + 750, PROBE);
    t.expect_within(HOUR..=HOUR + 1_000, ANNOUNCEMENT);
    t.expect_within(HOUR..=HOUR + 2_000, ANNOUNCEMENT);
}

// M-8-1
#[test]
fn a_link_that_comes_up_again_is_probed_anew() {
    let (mut t, now) = settled(host(7));
    t.call(|machine| machine.link_down());
    t.hear_at(now + 5, NEIGHBOUR, "? cam.local A");
    t.expect_silence_until(now + MINUTE);
    t.call(|machine| machine.link_up());
    let first = t.expect_within(now + MINUTE..=now + MINUTE + 250, PROBE);
    t.expect_at(first + 250, PROBE);
    t.expect_at(first + 500, PROBE);
    t.expect_at(first + 750, ANNOUNCEMENT);
    t.expect_at(first + 1_750, ANNOUNCEMENT);
}

// M-10.1-1, M-10-1
#[test]
fn a_device_that_stops_says_goodbye_and_is_silent() {
    let (t, _) = host_with_service(7);
    let (mut t, now) = settled(t);
    t.call(|machine| machine.stop());
    t.expect_at(
        now,
        r#"! cam.local 0 flush A 192.0.2.7, _http._tcp.local 0 PTR Web._http._tcp.local,
        Web._http._tcp.local 0 flush SRV 80 cam.local, Web._http._tcp.local 0 flush TXT "path=/""#,
    );
    t.expect_event(ResponderEvent::Withdrawn(Claimed::Host));
    t.hear_at(now + 1_000, NEIGHBOUR, "? cam.local A, _http._tcp.local PTR");
    t.expect_silence_until(now + HOUR);
    assert_eq!(t.deadline(), None);
}

// M-10.1-1
#[test]
fn a_service_that_is_withdrawn_says_goodbye_alone() {
    let (t, service) = host_with_service(7);
    let (mut t, now) = settled(t);
    t.machine.unregister(service).unwrap();
    t.expect_at(
        now,
        r#"! _http._tcp.local 0 PTR Web._http._tcp.local, Web._http._tcp.local 0 flush SRV 80 cam.local,
        Web._http._tcp.local 0 flush TXT "path=/""#,
    );
    t.expect_event(ResponderEvent::Withdrawn(Claimed::Service(service)));
    assert!(t.machine.unregister(service).is_err(), "the handle is stale");
    assert!(t.machine.set_port(service, 1).is_err(), "the handle is stale");
    t.hear_at(now + 2_000, NEIGHBOUR, "? _http._tcp.local PTR");
    t.expect_silence_until(now + MINUTE);
}

// M-10.1-1
#[test]
fn a_goodbye_that_fits_no_packet_goes_in_several() {
    let (mut t, _) = settled(host(7));
    let long: &'static str = "v".repeat(250).leak();
    let txt = Box::leak(Box::new(["a", "b", "c", "d", "e"].map(|key| (key, long))));
    let subtypes = &["_aaaaaaaaaaaaaaaa", "_bbbbbbbbbbbbbbbbb", "_cccccccccccccccccc", "_dddddddddddddd"];
    let service = Service::new("_http._tcp", 80).instance("Web").txt(txt).subtypes(subtypes);
    let service = t.machine.register(service).unwrap();
    let until = t.now() + HOUR;
    while t.next_or_none(until).is_some() {}
    t.machine.unregister(service).unwrap();
    let mut said = String::new();
    while let Some((_, text)) = t.next_or_none(until + 10) {
        said += &text;
    }
    for owner in subtypes {
        assert!(
            said.contains(&format!("{owner}._sub._http._tcp.local 0 PTR Web._http._tcp.local")),
            "{owner}: {said}"
        );
    }
    assert!(said.contains("Web._http._tcp.local 0 flush SRV 80 cam.local"), "{said}");
    let withdrawn = ResponderEvent::Withdrawn(Claimed::Service(service));
    assert!(t.events().any(|(_, event)| *event == withdrawn));
}

#[test]
fn a_service_that_is_withdrawn_while_the_device_stops_does_not_come_back() {
    let (t, service) = host_with_service(7);
    let (mut t, now) = settled(t);
    t.machine.stop();
    t.machine.unregister(service).unwrap();
    t.next_within(now..=now);
    assert!(t.machine.unregister(service).is_err());
    t.machine.link_up();
    for _ in 0..3 {
        t.expect_within(now..=now + 1_000, PROBE);
    }
    t.call(|machine| machine.link_down());
}

#[test]
fn a_device_that_stops_or_has_no_link_claims_nothing_until_the_link_is_up() {
    let (mut t, now) = settled(host(7));
    t.machine.set_hostname("door").unwrap();
    t.machine.stop();
    t.expect_at(now, "! cam.local 0 flush A 192.0.2.7");
    t.expect_silence_until(now + MINUTE);
    let (mut t, now) = settled(host(7));
    t.call(|machine| machine.link_down());
    t.machine.set_hostname("door").unwrap();
    t.machine.register(Service::new("_http._tcp", 80).instance("Web")).unwrap();
    t.expect_silence_until(now + MINUTE);
    t.machine.link_up();
    let (_, _, probe) = t.next_within(now + MINUTE..=now + MINUTE + 250);
    assert_eq!(probe.questions.len(), 2, "{probe}");
    t.call(|machine| machine.link_down());
}

#[test]
fn a_service_waits_for_the_host_that_it_runs_on() {
    let mut t = Script::new(machines::responder(7));
    t.machine.set_addresses(&[("192.0.2.7".parse().unwrap(), 24)]).unwrap();
    t.machine.register(Service::new("_http._tcp", 80).instance("Web")).unwrap();
    t.expect_silence_until(HOUR);
    t.machine.set_hostname("cam").unwrap();
    let (_, _, probe) = t.next_within(HOUR..=HOUR + 250);
    assert_eq!(probe.questions.len(), 2, "{probe}");
    t.call(|machine| machine.link_down());
}

#[test]
fn what_was_never_announced_leaves_without_a_word() {
    let (mut t, service) = host_with_service(7);
    t.at(100);
    t.call(|machine| machine.stop());
    t.expect_event(ResponderEvent::Withdrawn(Claimed::Host));
    t.expect_event(ResponderEvent::Withdrawn(Claimed::Service(service)));
    t.expect_silence_until(HOUR);
}

// M-8.4-1, M-8.4-2
#[test]
fn changed_text_is_announced_without_probing_and_the_last_state_wins() {
    let (t, service) = host_with_service(7);
    let (mut t, now) = settled(t);
    t.machine.set_txt(service, &[("v", "1")]).unwrap();
    let announced = |text: &str| {
        format!(
            r#"! _http._tcp.local 4500 PTR Web._http._tcp.local, Web._http._tcp.local 120 flush SRV 80 cam.local,
            Web._http._tcp.local 4500 flush TXT "v={text}" | add cam.local 120 flush A 192.0.2.7,
            cam.local 120 flush NSEC A"#
        )
    };
    t.expect_at(now, &announced("1"));
    for (millis, text) in [(20, "2"), (40, "3"), (60, "4")] {
        t.at(now + millis);
        t.call(|machine| machine.set_txt(service, &[("v", text)]).unwrap());
    }
    t.expect_at(now + 1_000, &announced("4"));
    // The last change was at 60 ms, and its second announcement comes a second after the first one that carried it.
    t.expect_within(now + 2_000..=now + 2_060, &announced("4"));
    t.expect_silence_until(now + HOUR);
    // Octets say what no pair does.
    let now = t.now();
    t.call(|machine| machine.set_txt_octets(service, b"\x03tls\x05v=\xC3\xA4x").unwrap());
    let octets = announced("x").replace(r#""v=x""#, r#""tls" "v=\195\164x""#);
    t.expect_at(now, &octets);
    t.expect_at(now + 1_000, &octets);
    t.expect_silence_until(now + HOUR);
}

#[test]
fn a_timeout_alone_brings_the_news_that_time_brings() {
    let mut t = host(7);
    for _ in 0..3 {
        t.next_within(0..=750);
    }
    let due = t.machine.poll_timeout().unwrap();
    t.machine.handle_timeout(due);
    assert_eq!(t.machine.poll_event(), Some(established()));
    t.call(|machine| machine.link_down());
}

// M-15.1-1
#[test]
fn probes_ask_for_unicast_as_long_as_they_are_to() {
    let mut t = host(7);
    let first = t.expect_within(0..=250, PROBE);
    t.machine.ask_for_unicast(false);
    t.expect_at(first + 250, &PROBE.replace(" QU", ""));
    t.machine.ask_for_unicast(true);
    t.expect_at(first + 500, PROBE);
    t.expect_at(first + 750, ANNOUNCEMENT);
    t.expect_at(first + 1_750, ANNOUNCEMENT);
}

// M-8-1
#[test]
fn a_host_whose_addresses_were_gone_is_probed_for_when_there_are_some() {
    let old = [("192.0.2.7".parse().unwrap(), 24)];
    // While it is probed for, and long after.
    for after in [400, HOUR] {
        let mut t = host(7);
        all_until(&mut t, after);
        t.machine.set_addresses(&[]).unwrap();
        all_until(&mut t, after + MINUTE);
        t.machine.set_addresses(&old).unwrap();
        let first = t.expect_within(after + MINUTE..=after + MINUTE + 250, PROBE);
        t.expect_at(first + 250, PROBE);
        t.expect_at(first + 500, PROBE);
        t.expect_at(first + 750, ANNOUNCEMENT);
        t.expect_at(first + 1_750, ANNOUNCEMENT);
    }
}

// M-8.4-1
#[test]
fn a_changed_address_is_announced_without_probing() {
    let (mut t, now) = settled(host(7));
    t.machine.set_addresses(&[("192.0.2.8".parse().unwrap(), 24), ("fe80::8".parse().unwrap(), 64)]).unwrap();
    let announced = "! cam.local 120 flush A 192.0.2.8, cam.local 120 flush AAAA fe80::8";
    t.expect_at(now, announced);
    t.expect_at(now + 1_000, announced);
    t.machine.set_addresses(&[("192.0.2.8".parse().unwrap(), 24), ("fe80::8".parse().unwrap(), 64)]).unwrap();
    t.expect_silence_until(now + HOUR);
}

// S7
#[test]
fn another_host_name_is_probed_after_the_old_one_said_goodbye() {
    let (t, _) = host_with_service(7);
    let (mut t, now) = settled(t);
    t.machine.set_hostname("door").unwrap();
    t.expect_at(now, "! cam.local 0 flush A 192.0.2.7");
    let probe = "? door.local ANY QU | auth door.local 120 A 192.0.2.7";
    let first = t.expect_within(now..=now + 250, probe);
    t.expect_at(first + 250, probe);
    t.expect_at(first + 500, probe);
    // The service is where the host is: it is announced anew, without probing.
    let announced = r#"! door.local 120 flush A 192.0.2.7,
        _http._tcp.local 4500 PTR Web._http._tcp.local,
        Web._http._tcp.local 120 flush SRV 80 door.local, Web._http._tcp.local 4500 flush TXT "path=/"
        | add door.local 120 flush NSEC A"#;
    t.expect_at(first + 750, announced);
    t.expect_at(first + 1_750, announced);
    assert_eq!(t.machine.name(Claimed::Host).unwrap().to_string(), "door.local");
}

// S12
#[test]
fn the_clock_may_wrap_while_a_name_is_claimed() {
    for before in [1, 300, 900, 1_800] {
        let mut t = Script::starting_at(machines::responder(7), u32::MAX - before);
        t.machine.set_hostname("cam").unwrap();
        t.machine.set_addresses(&[("192.0.2.7".parse().unwrap(), 24)]).unwrap();
        let first = t.expect_within(0..=250, PROBE);
        t.expect_at(first + 250, PROBE);
        t.expect_at(first + 500, PROBE);
        t.expect_at(first + 750, ANNOUNCEMENT);
        t.expect_at(first + 1_750, ANNOUNCEMENT);
        t.expect_silence_until(first + HOUR);
    }
}

// P27
#[test]
fn a_record_that_fits_no_packet_is_told_once_and_given_up() {
    let mut t = Script::new(machines::responder(7)).with_buffer(60);
    t.machine.set_hostname("cam").unwrap();
    t.machine.set_addresses(&[("192.0.2.7".parse().unwrap(), 24)]).unwrap();
    let txt: &[(&str, &str)] = &[("key", "a value that is too long for a datagram of sixty octets")];
    let service = t.machine.register(Service::new("_http._tcp", 80).instance("Web").txt(txt)).unwrap();
    t.expect_within(0..=250, PROBE);
    t.expect_event(ResponderEvent::TooLarge(Claimed::Service(service)));
    t.expect_within(0..=500, PROBE);
    t.expect_within(0..=750, PROBE);
    t.expect_within(0..=1_000, ANNOUNCEMENT);
    t.expect_within(0..=2_000, ANNOUNCEMENT);
    t.expect_silence_until(HOUR);
}

// M-10.1-1
#[test]
fn records_added_to_a_host_that_is_there_say_goodbye_when_they_are_replaced() {
    static ADDED: [ExtraRecord<'static>; 1] = [ExtraRecord::new(Type::HINFO, b"\x03one\x00")];
    let (mut t, now) = settled(host(7));
    let told = |t: &mut Script<Responder>, end: u64| {
        t.sent_until(end).iter().map(|sent| sent.2.to_string()).collect::<String>()
    };
    t.machine.set_host_records(&ADDED).unwrap();
    assert!(!told(&mut t, now + 10_000).contains(" 0 "));
    t.machine.set_host_records(&[]).unwrap();
    assert!(told(&mut t, now + 10_000).contains("cam.local 0 HINFO"));
    // Nor does a goodbye of nothing keep a host from its name when its addresses come back.
    t.machine.set_addresses(&[]).unwrap();
    t.sent_until(now + 20_000);
    t.machine.set_addresses(&[("192.0.2.8".parse().unwrap(), 24)]).unwrap();
    assert!(told(&mut t, now + 30_000).contains("192.0.2.8"));
}

#[test]
fn a_host_without_addresses_is_renamed_and_withdrawn_without_a_goodbye() {
    // What has lost its addresses has nothing left to take back: neither its new name nor its slot waits for a goodbye.
    let (mut t, now) = settled(host(7));
    t.machine.set_addresses(&[]).unwrap();
    t.sent_until(now);
    t.machine.set_hostname("door").unwrap();
    t.sent_until(now);
    t.machine.set_addresses(&[("192.0.2.8".parse().unwrap(), 24)]).unwrap();
    assert!(
        t.sent_until(now + 10_000).iter().any(|sent| sent.2.to_string().contains("door.local 120 flush A"))
    );

    static ADDRESS: [core::net::IpAddr; 1] = [core::net::IpAddr::V4(core::net::Ipv4Addr::new(192, 0, 2, 70))];
    let tv = t.machine.register_host("tv", &ADDRESS).unwrap();
    t.sent_until(now + 20_000);
    t.machine.set_host_addresses(tv, &[]).unwrap();
    t.machine.unregister(tv).unwrap();
    t.sent_until(now + 20_000);
    t.expect_event_at(now + 20_000, ResponderEvent::Withdrawn(tv.into()));
}

// M-8.1-5
#[test]
fn a_service_is_not_announced_before_its_host_has_a_name() {
    let mut t = host_with_service(7).0;
    let (first, ..) = t.next_within(0..=250);
    t.hear_at(first + 10, NEIGHBOUR, "! cam.local 120 flush A 192.0.2.9");
    let sent = t.sent_until(first + 2_000);
    let announced: Vec<_> = sent.iter().filter(|(.., message)| message.is_response()).collect();
    let (at, _, message) = announced[0];
    assert!(*at >= first + 760, "{at}: {message}");
    let text = message.to_string();
    assert!(text.contains("cam-2.local 120 flush A") && text.contains("SRV 80 cam-2.local"), "{text}");
}

// M-8.1-5, M-8.2-1
#[test]
fn a_service_that_waits_for_its_host_probes_again_when_another_does() {
    let mut t = host_with_service(7).0;
    let (first, ..) = t.next_within(0..=250);
    t.sent_until(first + 700);
    t.hear_at(first + 700, NEIGHBOUR, "! cam.local 120 flush A 192.0.2.9");
    t.sent_until(first + 760);
    // Ours is later in order, so we win the tie, but for that the other has to see a probe.
    let probe = "? Web._http._tcp.local ANY | auth Web._http._tcp.local 4500 TXT \"a\"";
    t.hear_at(first + 770, NEIGHBOUR, probe);
    let sent = t.sent_until(first + 780);
    let asks = |text: String| text.starts_with("? ") && text.contains("Web._http._tcp.local ANY");
    assert!(sent.iter().any(|(.., message)| asks(message.to_string())), "{sent:?}");
}
