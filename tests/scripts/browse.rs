//! Browsing and resolving: RFC 6762 sections 5.2 and 7, RFC 6763.

use super::*;
use crate::support::octets::{Compression, encode};
use crate::support::{HOUR, MINUTE, OTHER};
use dotlocal::mdns::{Config, QuerierStorage, RequestError, Until};
use dotlocal::wire::Type;
use dotlocal::{Disposition, Reason};
use std::collections::BTreeSet;

const QUESTION: &str = "? _ipp._tcp.local PTR";

// M-5.2-1, M-5.2-2
#[test]
fn a_browse_asks_after_20_to_120_ms_then_ever_more_rarely_up_to_an_hour() {
    let mut waits = BTreeSet::new();
    for seed in 0..40 {
        let mut t = new(seed);
        t.machine.browse("_ipp._tcp").unwrap();
        let mut last = t.expect_within(20..=120, QUESTION);
        waits.insert(last / 20);
        for wait in [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 3600, 3600, 3600] {
            last += wait * 1_000;
            t.expect_at(last, QUESTION);
        }
        t.call(|machine| machine.link_down());
    }
    assert!(waits.len() >= 5, "{waits:?}");
}

// S-13-1, M-6-10
#[test]
fn an_instance_is_found_and_resolved_from_records_in_any_order_and_only_what_is_missing_is_asked() {
    let (t, _, instance, _) = with_printer(7);
    let view = t.machine.instance(instance).unwrap();
    assert_eq!(view.label(), b"Printer");
    assert_eq!(view.name().to_string(), "Printer._ipp._tcp.local");
    assert_eq!(view.service_type().to_string(), "_ipp._tcp.local");
    assert_eq!(view.host().unwrap().to_string(), "printer.local");
    assert_eq!(view.port(), 631);
    assert_eq!(view.txt().unwrap().get("rp"), Some(Some(b"q".as_slice())));
    let addresses: Vec<_> = view.addresses().map(|ip| ip.to_string()).collect();
    assert_eq!(addresses, ["192.0.2.20", "fe80::20"]);

    // The other way round in one packet.
    let mut t = new(7);
    let browse = t.machine.browse("_ipp._tcp").unwrap();
    let asked = t.expect_within(20..=120, QUESTION);
    t.hear_at(
        asked,
        NEIGHBOUR,
        r#"! p.local 120 flush A 192.0.2.20, P._ipp._tcp.local 120 flush TXT "", P._ipp._tcp.local 120 flush SRV 1 p.local,
        _ipp._tcp.local 4500 PTR P._ipp._tcp.local"#,
    );
    let instance = found(&mut t, browse);
    t.expect_event(QuerierEvent::Resolved { request: browse, instance });
    t.expect_within(asked + 20..=asked + 120, "? p.local AAAA");
    t.expect_at(asked + 1_000, "? _ipp._tcp.local PTR | known _ipp._tcp.local 4499 PTR P._ipp._tcp.local");
    t.call(|machine| machine.link_down());

    // One by one.
    let mut t = new(7);
    let browse = t.machine.browse("_ipp._tcp").unwrap();
    let asked = t.expect_within(20..=120, QUESTION);
    t.hear_at(asked, NEIGHBOUR, "! _ipp._tcp.local 4500 PTR P._ipp._tcp.local");
    let instance = found(&mut t, browse);
    let next = t.expect_within(asked + 20..=asked + 120, "? P._ipp._tcp.local SRV, P._ipp._tcp.local TXT");
    t.hear_at(next, NEIGHBOUR, "! P._ipp._tcp.local 120 flush SRV 631 p.local");
    let host = t.expect_within(next + 20..=next + 120, "? p.local A, p.local AAAA");
    t.hear_at(host, NEIGHBOUR, "! p.local 120 flush AAAA fe80::20");
    t.expect_no_event();
    let mut again = t.expect_all_within(
        asked + 1_000..=next + 1_000,
        &[
            "? _ipp._tcp.local PTR | known _ipp._tcp.local 4499 PTR P._ipp._tcp.local",
            "? P._ipp._tcp.local TXT",
        ],
    );
    again.sort_unstable();
    t.hear_at(again[1], NEIGHBOUR, r#"! P._ipp._tcp.local 4500 flush TXT "a""#);
    t.expect_event(QuerierEvent::Resolved { request: browse, instance });
    t.call(|machine| machine.link_down());
}

// M-10.1-2
#[test]
fn a_goodbye_leaves_a_second_of_grace() {
    let (mut t, browse, instance, now) = with_printer(7);
    t.hear_at(now + 100, NEIGHBOUR, "! _ipp._tcp.local 0 PTR Printer._ipp._tcp.local");
    t.expect_no_event();
    // It has less than half of its life left, and so is not listed as known.
    t.expect_within(now + 900..=now + 1_000, QUESTION);
    let lost =
        t.expect_event_within(now + 900..=now + 1_100, QuerierEvent::Lost { request: browse, instance });
    assert_eq!(lost, now + 1_100);
    t.call(|machine| machine.link_down());

    // S11: the owner objects.
    let (mut t, _, instance, now) = with_printer(7);
    t.hear_at(now + 100, OTHER, "! _ipp._tcp.local 0 PTR Printer._ipp._tcp.local");
    t.hear_at(now + 200, NEIGHBOUR, "! _ipp._tcp.local 4500 PTR Printer._ipp._tcp.local");
    t.expect_within(
        now + 200..=now + 1_000,
        "? _ipp._tcp.local PTR | known _ipp._tcp.local 4499 PTR Printer._ipp._tcp.local",
    );
    t.expect_silence_until(now + 2_000);
    assert_eq!(label(&t, instance), "Printer");
    assert!(!t.events().any(|(_, event)| matches!(event, QuerierEvent::Lost { .. })));
    t.call(|machine| machine.link_down());
}

#[test]
fn the_name_of_a_lost_instance_can_be_read_until_the_next_call() {
    let mut machine = machines::querier(7);
    let now = dotlocal::Instant::from_millis;
    let meta = dotlocal::Meta::mdns(NEIGHBOUR, true);
    let hear = |machine: &mut Querier, at, text: &str| {
        machine.handle_datagram(now(at), meta, &encode(&text.parse().unwrap(), Compression::None));
    };
    machine.browse("_ipp._tcp").unwrap();
    machine.handle_timeout(now(0));
    hear(&mut machine, 1, "! _ipp._tcp.local 4500 PTR Printer._ipp._tcp.local");
    assert!(matches!(machine.poll_event(), Some(QuerierEvent::Found { .. })));
    hear(&mut machine, 2, "! _ipp._tcp.local 0 PTR Printer._ipp._tcp.local");
    machine.handle_timeout(now(1_002));
    let Some(QuerierEvent::Lost { instance, .. }) = machine.poll_event() else { panic!("not lost") };
    assert_eq!(machine.instance(instance).unwrap().label(), b"Printer");
    machine.handle_timeout(now(1_002));
    assert!(machine.instance(instance).is_none());
}

// M-10.3-1
#[test]
fn a_link_that_comes_back_has_what_was_found_on_it_confirmed() {
    let (mut t, browse, instance, now) = with_printer(7);
    t.at(now + 100);
    t.call(|machine| machine.link_down());
    t.expect_silence_until(now + 60_000);
    t.call(|machine| machine.link_up());
    let asked = t.expect_within(now + 60_020..=now + 60_120, QUESTION);
    t.hear_at(asked + 30, NEIGHBOUR, PRINTER);
    t.expect_silence_until(now + 61_000);
    assert_eq!(label(&t, instance), "Printer");
    assert!(!t.events().any(|(_, event)| matches!(event, QuerierEvent::Lost { .. })));

    // Nobody is there any more: the instance is lost in ten seconds. Unique records are asked for too.
    let down = now + 70_000;
    while t.next_or_none(down).is_some() {}
    t.call(|machine| machine.link_down());
    t.call(|machine| machine.link_up());
    let asked = t.expect_within(down + 20..=down + 120, QUESTION);
    t.expect_at(
        down + 1_000,
        "? Printer._ipp._tcp.local SRV, Printer._ipp._tcp.local TXT, printer.local A, printer.local AAAA",
    );
    t.expect_at(asked + 1_000, QUESTION);
    t.expect_at(asked + 3_000, QUESTION);
    t.expect_at(asked + 7_000, QUESTION);
    t.expect_event_at(down + 10_000, QuerierEvent::Lost { request: browse, instance });
    t.call(|machine| machine.cancel(browse));
    t.expect_silence_until(down + HOUR);
}

// M-10.3-1
#[test]
fn another_network_has_nothing_of_what_was_found_on_the_last_one() {
    let (mut t, browse, instance, now) = with_printer(7);
    while t.next_or_none(now + 2_000).is_some() {}
    t.call(|machine| machine.network_changed());
    t.expect_event(QuerierEvent::Lost { request: browse, instance });
    t.expect_within(now + 2_020..=now + 2_120, QUESTION);
    t.hear_at(now + 2_200, NEIGHBOUR, PRINTER);
    let again = found(&mut t, browse);
    t.expect_event(QuerierEvent::Resolved { request: browse, instance: again });
    t.call(|machine| machine.cancel(browse));
}

// M-5.2-2
#[test]
fn a_link_that_flaps_asks_once_a_second_at_most() {
    let mut t = new(7);
    let browse = t.machine.browse("_ipp._tcp").unwrap();
    let mut asked = Vec::new();
    for flap in 1..60 {
        while let Some((at, question)) = t.next_or_none(flap * 150) {
            assert_eq!(question, QUESTION);
            asked.push(at);
        }
        t.call(|machine| machine.link_down());
        t.call(|machine| machine.link_up());
    }
    assert!(asked.windows(2).all(|pair| pair[1] - pair[0] >= 1_000), "{asked:?}");
    assert!(asked.len() > 3, "{asked:?}");
    t.call(|machine| machine.cancel(browse));
}

#[test]
fn a_change_of_text_or_address_is_told() {
    for change in [
        r#"! Printer._ipp._tcp.local 4500 flush TXT "rp=r""#,
        "! printer.local 120 flush A 192.0.2.21",
        "! Printer._ipp._tcp.local 120 flush SRV 632 printer.local",
    ] {
        let (mut t, browse, instance, now) = with_printer(7);
        t.hear_at(now + 500, NEIGHBOUR, change);
        t.expect_event(QuerierEvent::Updated { request: browse, instance });
        t.call(|machine| machine.cancel(browse));
        t.expect_silence_until(now + HOUR);
    }
    let (mut t, browse, instance, now) = with_printer(7);
    let known = "? _ipp._tcp.local PTR | known _ipp._tcp.local 4499 PTR Printer._ipp._tcp.local";
    t.expect_within(now + 900..=now + 1_000, known);
    t.hear_at(now + 1_500, NEIGHBOUR, r#"! Printer._ipp._tcp.local 4500 flush TXT "rp=r""#);
    t.expect_event(QuerierEvent::Updated { request: browse, instance });
    let view = t.machine.instance(instance).unwrap();
    assert_eq!(view.txt().unwrap().get("rp"), Some(Some(b"r".as_slice())));
    // A second later the old text goes, which is no news.
    t.expect_silence_until(now + 2_900);
    assert_eq!(t.events().filter(|(_, event)| matches!(event, QuerierEvent::Updated { .. })).count(), 1);
    t.call(|machine| machine.cancel(browse));
}

#[test]
fn a_browse_over_an_old_cache_asks_for_what_has_gone_from_it() {
    let (mut t, browse, _, now) = with_printer(7);
    t.call(|machine| machine.cancel(browse));
    t.expect_silence_until(now + 10 * MINUTE);
    let again = t.machine.browse("_ipp._tcp").unwrap();
    let from = now + 10 * MINUTE;
    found(&mut t, again);
    t.expect_within(
        from + 20..=from + 120,
        "? _ipp._tcp.local PTR, Printer._ipp._tcp.local SRV | known _ipp._tcp.local 3899 PTR Printer._ipp._tcp.local",
    );
    t.call(|machine| machine.cancel(again));
}

#[test]
fn data_that_flips_back_within_a_second_is_told() {
    let (mut t, browse, instance, now) = with_printer(7);
    let srv = |port: u16| format!("! Printer._ipp._tcp.local 120 flush SRV {port} printer.local");
    while t.next_or_none(now + 5_000).is_some() {}
    t.hear_at(now + 5_000, NEIGHBOUR, &srv(632));
    t.expect_event(QuerierEvent::Updated { request: browse, instance });
    assert_eq!(t.machine.instance(instance).unwrap().port(), 632);
    t.hear_at(now + 5_900, NEIGHBOUR, &srv(631));
    t.expect_event(QuerierEvent::Updated { request: browse, instance });
    assert_eq!(t.machine.instance(instance).unwrap().port(), 631);
    while t.next_or_none(now + 60_000).is_some() {}
    assert_eq!(t.machine.instance(instance).unwrap().port(), 631);
    t.call(|machine| machine.cancel(browse));
}

#[test]
fn a_service_that_leaves_its_last_place_is_where_it_was_before() {
    let (mut t, browse, instance, now) = with_printer(7);
    while t.next_or_none(now + 5_000).is_some() {}
    let srv = |ttl: u32, port: u16| format!("Printer._ipp._tcp.local {ttl} SRV {port} printer.local");
    t.hear_at(now + 5_000, NEIGHBOUR, &format!("! {}, {}", srv(120, 631), srv(120, 632)));
    t.expect_event(QuerierEvent::Updated { request: browse, instance });
    assert_eq!(t.machine.instance(instance).unwrap().port(), 632);
    while t.next_or_none(now + 7_500).is_some() {}
    t.hear_at(now + 7_500, NEIGHBOUR, &format!("! {}", srv(0, 632)));
    t.expect_silence_until(now + 8_500);
    t.expect_event(QuerierEvent::Updated { request: browse, instance });
    assert_eq!(t.machine.instance(instance).unwrap().port(), 631);
    // That it is offered at all is not in doubt.
    t.expect_silence_until(now + 14_000);
    t.call(|machine| machine.link_down());
}

#[test]
fn a_service_with_two_texts_that_come_again_together_has_not_changed() {
    // RFC 6763 section 6.8: each queue of a printer has a text of its own.
    let (mut t, browse, instance, now) = with_printer(7);
    while t.next_or_none(now + 5_000).is_some() {}
    let texts = |first: &str, second: &str| {
        let text = |queue: &str| format!(r#"Printer._ipp._tcp.local 4500 flush TXT "rp={queue}""#);
        format!("! {}, {}", text(first), text(second))
    };
    t.hear_at(now + 5_000, NEIGHBOUR, &texts("a", "b"));
    t.expect_event(QuerierEvent::Updated { request: browse, instance });
    while t.next_or_none(now + 10_000).is_some() {}
    t.hear_at(now + 10_000, NEIGHBOUR, &texts("a", "b"));
    t.hear_at(now + 10_500, NEIGHBOUR, &texts("b", "a"));
    assert_eq!(t.events().filter(|(_, event)| matches!(event, QuerierEvent::Updated { .. })).count(), 1);
    let text = |t: &Script<Querier>| {
        let view = t.machine.instance(instance).unwrap();
        view.txt().unwrap().get("rp").unwrap().unwrap().to_vec()
    };
    assert_eq!(text(&t), b"b");
    // The one that comes alone is all there is, a second later (RFC 6762 section 10.2).
    t.hear_at(now + 12_000, NEIGHBOUR, r#"! Printer._ipp._tcp.local 4500 flush TXT "rp=a""#);
    while t.next_or_none(now + 13_000).is_some() {}
    t.expect_event(QuerierEvent::Updated { request: browse, instance });
    assert_eq!(text(&t), b"a");
    t.call(|machine| machine.link_down());
}

// M-10.3-1
#[test]
fn what_comes_late_over_a_link_that_is_down_is_ignored() {
    let mut t = new(7);
    t.machine.browse("_ipp._tcp").unwrap();
    let asked = t.expect_within(20..=120, QUESTION);
    t.call(|machine| machine.link_down());
    t.hear_at(asked + 5, NEIGHBOUR, "! _ipp._tcp.local 4500 PTR Printer._ipp._tcp.local");
    t.expect_silence_until(asked + HOUR);
}

#[test]
fn a_resolve_follows_one_instance() {
    let mut t = new(7);
    let request = t.machine.resolve("Printer", "_ipp._tcp").unwrap();
    t.expect_at(0, "? Printer._ipp._tcp.local SRV, Printer._ipp._tcp.local TXT");
    t.hear_at(10, NEIGHBOUR, PRINTER);
    let instance = t.expect_event_where("resolved", |event| match event {
        QuerierEvent::Resolved { request: of, instance } if *of == request => Some(*instance),
        _ => None,
    });
    assert_eq!(t.machine.instance(instance).unwrap().port(), 631);
    t.expect_silence_until(60_000);
    t.hear_at(60_000, NEIGHBOUR, "! Printer._ipp._tcp.local 0 flush SRV 631 printer.local");
    // It is looked for at once, and told to be lost.
    t.expect_at(61_000, "? Printer._ipp._tcp.local SRV");
    t.expect_event(QuerierEvent::Lost { request, instance });
    t.call(|machine| machine.cancel(request));
}

#[test]
fn the_second_family_of_a_host_is_asked_for_three_times_and_no_more() {
    for (known, missing) in [("A 192.0.2.20", "AAAA"), ("AAAA fe80::20", "A")] {
        let mut t = new(7);
        let request = t.machine.resolve("Printer", "_ipp._tcp").unwrap();
        t.expect_at(0, "? Printer._ipp._tcp.local SRV, Printer._ipp._tcp.local TXT");
        t.hear_at(
            10,
            NEIGHBOUR,
            &format!(
                r#"! Printer._ipp._tcp.local 120 flush SRV 631 printer.local,
                Printer._ipp._tcp.local 4500 flush TXT "", printer.local 120 flush {known}"#
            ),
        );
        let question = format!("? printer.local {missing}");
        let asked = t.expect_within(30..=130, &question);
        t.expect_at(asked + 1_000, &question);
        t.expect_at(asked + 3_000, &question);
        t.expect_silence_until(96_000);
        t.call(|machine| machine.cancel(request));
    }
}

#[test]
fn a_browse_goes_on_with_what_a_resolve_has_found_before_it() {
    let mut t = new(7);
    let resolve = t.machine.resolve("Printer", "_ipp._tcp").unwrap();
    t.expect_at(0, "? Printer._ipp._tcp.local SRV, Printer._ipp._tcp.local TXT");
    t.hear_at(0, NEIGHBOUR, PRINTER);
    t.machine.browse("_ipp._tcp").unwrap();
    let asked = t.expect_within(20..=120, QUESTION);
    t.hear_at(asked, NEIGHBOUR, PRINTER);
    t.call(|machine| machine.cancel(resolve));
    let renewal = "? Printer._ipp._tcp.local SRV, printer.local A, printer.local AAAA";
    let sent = t.sent_until(asked + 98_400);
    assert!(sent.iter().any(|(_, _, message)| message.to_string() == renewal), "{sent:?}");
    t.call(|machine| machine.link_down());
}

// M-5.2-1
#[test]
fn an_instance_that_is_found_just_behind_a_renewal_is_asked_for_in_20_to_120_ms() {
    let (mut t, browse, _, now) = with_printer(7);
    while t.next_or_none(now + 96_000).is_some() {}
    let renewal = "? Printer._ipp._tcp.local SRV, printer.local A, printer.local AAAA";
    let renewed = t.expect_within(now + 96_000..=now + 98_400, renewal);
    t.hear_at(renewed + 100, NEIGHBOUR, "! _ipp._tcp.local 4500 PTR Other._ipp._tcp.local");
    let question = "? Other._ipp._tcp.local SRV, Other._ipp._tcp.local TXT";
    t.expect_within(renewed + 120..=renewed + 220, question);
    t.call(|machine| machine.cancel(browse));
}

#[test]
fn a_link_local_address_alone_has_the_scope_of_the_link() {
    let storage = Box::leak(Box::new(QuerierStorage::<1, 1024>::new()));
    let machine = Querier::new(storage, Config::new(7).scope_id(3));
    for (address, text) in [
        ("fe80::20", "[fe80::20%3]:631"),
        ("2001:db8::20", "[2001:db8::20]:631"),
        ("192.0.2.20", "192.0.2.20:631"),
    ] {
        assert_eq!(machine.socket_addr(address.parse().unwrap(), 631).to_string(), text);
    }
}

// S-7.1-1
#[test]
fn a_subtype_and_the_list_of_types_can_be_browsed() {
    let mut t = new(7);
    t.machine.browse("_duplex._sub._ipp._tcp").unwrap();
    t.expect_within(20..=120, "? _duplex._sub._ipp._tcp.local PTR");
    t.hear_at(200, NEIGHBOUR, "! _duplex._sub._ipp._tcp.local 4500 PTR Printer._duplex._sub._ipp._tcp.local");
    t.expect_no_event();
    t.hear_at(200, NEIGHBOUR, "! _duplex._sub._ipp._tcp.local 4500 PTR Printer._ipp._tcp.local");
    t.expect_event_where("found", |event| matches!(event, QuerierEvent::Found { .. }).then_some(()));
    t.call(|machine| machine.link_down());
    let mut t = new(7);
    let types = t.machine.browse("_services._dns-sd._udp").unwrap();
    t.expect_within(20..=120, "? _services._dns-sd._udp.local PTR");
    t.hear_at(200, NEIGHBOUR, "! _services._dns-sd._udp.local 4500 PTR _ipp._tcp.local");
    let found = found(&mut t, types);
    assert_eq!(t.machine.instance(found).unwrap().name().to_string(), "_ipp._tcp.local");
    t.expect_within(
        1_000..=1_120,
        "? _services._dns-sd._udp.local PTR | known _services._dns-sd._udp.local 4499 PTR _ipp._tcp.local",
    );
    t.call(|machine| machine.link_down());
}

#[test]
fn a_cancelled_browse_is_silent_and_its_handle_stale() {
    let (mut t, browse, _, now) = with_printer(7);
    t.call(|machine| machine.cancel(browse));
    t.hear_at(now + 10, NEIGHBOUR, r#"! Printer._ipp._tcp.local 4500 flush TXT "rp=r""#);
    t.expect_silence_until(now + 2 * HOUR);
    assert_eq!(t.deadline(), None);
    let other = t.machine.browse("_http._tcp").unwrap();
    t.machine.cancel(browse);
    t.expect_within(now + 2 * HOUR..=now + 2 * HOUR + MINUTE, "? _http._tcp.local PTR");
    t.call(|machine| machine.cancel(other));
}

#[test]
fn two_browses_of_one_type_are_both_told_and_one_may_end() {
    let (mut t, first, instance, now) = with_printer(7);
    t.at(now + 100);
    let second = t.machine.browse("_ipp._tcp").unwrap();
    t.expect_event_at(now + 100, QuerierEvent::Found { request: second, instance });
    t.expect_event_at(now + 100, QuerierEvent::Resolved { request: second, instance });
    let known = "? _ipp._tcp.local PTR | known _ipp._tcp.local 4499 PTR Printer._ipp._tcp.local";
    // One question, one schedule.
    t.expect_within(now + 900..=now + 1_000, known);
    t.call(|machine| machine.cancel(first));
    t.hear_at(now + 1_400, NEIGHBOUR, r#"! Printer._ipp._tcp.local 4500 flush TXT "rp=r""#);
    t.expect_event(QuerierEvent::Updated { request: second, instance });
    t.call(|machine| machine.cancel(second));
    t.expect_silence_until(now + HOUR);
}

#[test]
fn a_request_in_the_place_of_one_that_was_cancelled_is_told_anew() {
    let (mut t, first, instance, now) = with_printer(7);
    for _ in 0..2 {
        t.at(now + 100);
        let second = t.machine.browse("_ipp._tcp").unwrap();
        t.expect_event_at(now + 100, QuerierEvent::Found { request: second, instance });
        t.expect_event_at(now + 100, QuerierEvent::Resolved { request: second, instance });
        t.call(|machine| machine.cancel(second));
    }
    t.call(|machine| machine.cancel(first));
}

#[test]
fn two_browses_of_two_types_are_told_of_their_own_instances_alone() {
    let mut t = new(7);
    let printers = t.machine.browse("_ipp._tcp").unwrap();
    let others = t.machine.browse("_http._tcp").unwrap();
    let asked = t.expect_within(20..=120, "? _ipp._tcp.local PTR, _http._tcp.local PTR");
    t.hear_at(asked, NEIGHBOUR, PRINTER);
    let instance = found(&mut t, printers);
    t.expect_event(QuerierEvent::Resolved { request: printers, instance });
    t.expect_no_event();
    t.call(|machine| machine.cancel(printers));
    t.call(|machine| machine.cancel(others));
}

#[test]
fn what_is_no_service_type_is_refused_with_a_hint() {
    let mut machine = machines::querier(7);
    for text in ["http._tcp", "_http", "_http._tcp.local"] {
        let error = machine.browse(text).unwrap_err();
        assert!(
            matches!(error, RequestError::Type(_)) && error.to_string().contains("_http._tcp"),
            "{error}"
        );
    }
    assert_eq!(machine.resolve("", "_http._tcp").unwrap_err(), RequestError::Instance { octets: 0 });
    assert_eq!(
        machine.resolve(&"a".repeat(64), "_http._tcp").unwrap_err(),
        RequestError::Instance { octets: 64 }
    );
}

#[test]
fn a_browse_over_records_that_were_asked_for_by_their_type_finds_instances_alone() {
    let mut t = new(7);
    t.machine.records("_ipp._tcp.local", Type::PTR, Until::Cancelled).unwrap();
    let asked = t.expect_within(20..=120, "? _ipp._tcp.local PTR");
    t.hear_at(
        asked,
        NEIGHBOUR,
        "! _ipp._tcp.local 4500 PTR _ipp._tcp.local, _ipp._tcp.local 4500 PTR a.b._ipp._tcp.local,
        _ipp._tcp.local 4500 PTR Printer._ipp._tcp.local",
    );
    let browse = t.machine.browse("_ipp._tcp").unwrap();
    let instance = found(&mut t, browse);
    assert_eq!(label(&t, instance), "Printer");
    let is_found = |event: &QuerierEvent| matches!(event, QuerierEvent::Found { .. });
    assert_eq!(t.events().filter(|(_, event)| is_found(event)).count(), 1);
    t.call(|machine| machine.link_down());
}

// M-5.2-3
#[test]
fn a_denial_that_comes_again_holds_anew() {
    let mut t = new(7);
    t.machine.browse("_ipp._tcp").unwrap();
    let asked = t.expect_within(20..=120, QUESTION);
    let host = "p.local 120 flush A 192.0.2.20, p.local 120 flush NSEC A";
    let printer = r#"_ipp._tcp.local 4500 PTR P._ipp._tcp.local, P._ipp._tcp.local 120 flush SRV 1 p.local,
        P._ipp._tcp.local 4500 flush TXT "a""#;
    t.hear_at(asked + 5, NEIGHBOUR, &format!("! {printer}, {host}"));
    // The answer to each renewal says again that there is no AAAA, as most hosts do (RFC 6762 section 6.1).
    for round in 1..=14 {
        let (_, _, sent) = t.next_within(t.now()..=t.now() + 2_000_000);
        let wants_aaaa = sent.questions.iter().any(|question| question.qtype == 28);
        assert!(!wants_aaaa, "round {round}: {sent}");
        let at = t.now() + 1;
        t.hear_at(at, NEIGHBOUR, &format!("! {printer}, {host}"));
    }
}

#[test]
fn what_a_service_type_leads_to_that_is_no_instance_of_it_is_not_for_us() {
    let mut t = new(7);
    let browse = t.machine.browse("_ipp._tcp").unwrap();
    let asked = t.expect_within(20..=120, QUESTION);
    let stranger = "! _ipp._tcp.local 4500 PTR cam.local";
    assert_eq!(t.hear_at(asked, OTHER, stranger), Disposition::Ignored(Reason::NotForUs));
    t.expect_at(asked + 1_000, QUESTION);
    t.call(|machine| machine.cancel(browse));
}

#[test]
fn a_goodbye_for_what_was_replaced_leaves_what_has_replaced_it() {
    let (mut t, browse, instance, now) = with_printer(7);
    let srv = |ttl: u32, port: u16| format!("! Printer._ipp._tcp.local {ttl} SRV {port} printer.local");
    while t.next_or_none(now + 5_000).is_some() {}
    t.hear_at(now + 5_000, NEIGHBOUR, &srv(120, 632));
    t.expect_event(QuerierEvent::Updated { request: browse, instance });
    t.hear_at(now + 5_500, NEIGHBOUR, &srv(0, 631));
    t.expect_no_event();
    assert_eq!(t.machine.instance(instance).unwrap().port(), 632);
    t.call(|machine| machine.cancel(browse));
}

#[test]
fn a_change_of_an_instance_is_told_when_all_of_it_is_known_again() {
    for resolves in [false, true] {
        let mut t = new(7);
        let request = match resolves {
            true => t.machine.resolve("Printer", "_ipp._tcp").unwrap(),
            false => t.machine.browse("_ipp._tcp").unwrap(),
        };
        t.sent_until(200);
        t.hear_at(200, NEIGHBOUR, PRINTER);
        let instance = t.expect_event_where("resolved", |event| match event {
            QuerierEvent::Resolved { instance, .. } => Some(*instance),
            _ => None,
        });
        t.sent_until(5_000);
        t.hear_at(
            5_000,
            NEIGHBOUR,
            "! printer.local 0 flush A 192.0.2.20, printer.local 0 flush AAAA fe80::20",
        );
        t.sent_until(6_500);
        let is_told = |t: &Script<Querier>| {
            t.events().any(|(_, event)| *event == QuerierEvent::Updated { request, instance })
        };
        assert!(!is_told(&t));
        t.hear_at(6_500, NEIGHBOUR, "! printer.local 120 flush A 192.0.2.21");
        t.expect_event(QuerierEvent::Updated { request, instance });
        t.call(|machine| machine.cancel(request));
    }
}
