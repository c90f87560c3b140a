//! What happens to an endpoint when the Wi-Fi of its chip comes and goes, under a virtual clock.

mod support;

use dotlocal::adapter::esp32::{LinkChange, Station, WifiEvent, seed};
use dotlocal::mdns::{Claimed, Event, QuerierEvent, ResponderEvent};
use support::machines::{self, Endpoint};
use support::{NEIGHBOUR, OTHER, Script};

const PRINTER: &str = r#"! _ipp._tcp.local 4500 PTR Printer._ipp._tcp.local
    | add Printer._ipp._tcp.local 4500 flush SRV 631 printer.local, Printer._ipp._tcp.local 4500 flush TXT "rp=q",
    printer.local 4500 flush A 192.0.2.20"#;

const HOME: WifiEvent<'_> = WifiEvent::Connected { ssid: b"home" };
const WORK: WifiEvent<'_> = WifiEvent::Connected { ssid: b"work" };

/// A board that has lost the network at home, where its name was established and a printer was found; and the time.
fn after_a_loss() -> (Script<Endpoint>, Station, u64) {
    let (mut t, mut station) = (Script::new(machines::endpoint(7)), Station::new());
    t.machine.link_down();
    t.machine.set_hostname("cam").unwrap();
    t.machine.set_addresses(&[("192.0.2.7".parse().unwrap(), 24)]).unwrap();
    t.machine.browse("_ipp._tcp").unwrap();
    // Nobody is connected yet, whatever was tried.
    assert_eq!(station.follow(WifiEvent::Disconnected), None);
    assert_eq!(station.follow(WifiEvent::Woke), None);
    t.expect_silence_until(5_000);

    wifi(&mut t, &mut station, HOME, LinkChange::NewNetwork);
    assert!(t.sent_until(6_500).len() > 3, "probes, and a question");
    t.hear_at(6_500, NEIGHBOUR, PRINTER);
    assert!(t.sent_until(60_000).len() > 1, "announcements, and a question");
    assert_eq!((established(&t), found(&t), lost(&t)), (1, 1, 0));

    wifi(&mut t, &mut station, WifiEvent::Disconnected, LinkChange::Down);
    // Each failed attempt to connect is one more.
    assert_eq!(station.follow(WifiEvent::Disconnected), None);
    t.expect_silence_until(90_000);
    (t, station, 90_000)
}

fn wifi(t: &mut Script<Endpoint>, station: &mut Station, event: WifiEvent<'_>, expected: LinkChange) {
    let change = station.follow(event);
    assert_eq!(change, Some(expected));
    t.call(|endpoint| expected.tell(endpoint));
}

fn established(t: &Script<Endpoint>) -> usize {
    t.events()
        .filter(|(_, event)| matches!(event, Event::Responder(ResponderEvent::Established { .. })))
        .count()
}

fn found(t: &Script<Endpoint>) -> usize {
    t.events().filter(|(_, event)| matches!(event, Event::Querier(QuerierEvent::Found { .. }))).count()
}

fn lost(t: &Script<Endpoint>) -> usize {
    t.events().filter(|(_, event)| matches!(event, Event::Querier(QuerierEvent::Lost { .. }))).count()
}

#[test]
fn back_in_its_network_a_board_probes_anew_and_what_is_confirmed_stays() {
    let (mut t, mut station, start) = after_a_loss();
    wifi(&mut t, &mut station, HOME, LinkChange::Up);
    let probes = t.sent_until(start + 1_500);
    assert!(probes.iter().any(|(.., message)| message.to_string().contains("? cam.local ANY")), "{probes:?}");
    t.hear_at(start + 1_500, NEIGHBOUR, PRINTER);
    t.sent_until(start + 20_000);
    assert_eq!((established(&t), found(&t), lost(&t)), (2, 1, 0));
}

#[test]
fn back_in_its_network_what_is_not_confirmed_is_lost_in_ten_seconds() {
    let (mut t, mut station, start) = after_a_loss();
    wifi(&mut t, &mut station, HOME, LinkChange::Up);
    t.sent_until(start + 9_900);
    assert_eq!(lost(&t), 0);
    t.sent_until(start + 10_100);
    assert_eq!(lost(&t), 1);
}

#[test]
fn in_another_network_what_was_found_is_lost_at_once() {
    let (mut t, mut station, start) = after_a_loss();
    wifi(&mut t, &mut station, WORK, LinkChange::NewNetwork);
    assert_eq!((t.now(), lost(&t)), (start, 1));
    t.sent_until(start + 5_000);
    assert_eq!(established(&t), 2);
}

#[test]
fn in_another_network_the_address_of_the_one_before_is_not_told() {
    let (mut t, mut station, start) = after_a_loss();
    // As the documentation has it.
    t.machine.set_addresses(&[]).unwrap();
    wifi(&mut t, &mut station, WORK, LinkChange::NewNetwork);
    let said = |t: &mut Script<Endpoint>, until| -> Vec<_> {
        t.sent_until(until).iter().map(|(.., message)| message.to_string()).collect()
    };
    let before = said(&mut t, start + 5_000);
    assert!(!before.iter().any(|said| said.contains("192.0.2.7")), "{before:?}");
    t.machine.set_addresses(&[("198.51.100.7".parse().unwrap(), 24)]).unwrap();
    let behind = said(&mut t, start + 10_000);
    assert!(behind.iter().any(|said| said.contains("198.51.100.7")), "{behind:?}");
    assert!(!behind.iter().any(|said| said.contains("192.0.2.7")), "{behind:?}");
}

#[test]
fn who_roams_without_a_word_of_the_loss_probes_anew() {
    let (mut t, mut station, start) = after_a_loss();
    wifi(&mut t, &mut station, HOME, LinkChange::Up);
    t.sent_until(start + 5_000);
    // Another access point, and the driver has told of no disconnection.
    wifi(&mut t, &mut station, HOME, LinkChange::Up);
    t.sent_until(start + 10_000);
    assert_eq!(established(&t), 3);
}

#[test]
fn after_a_sleep_without_the_radio_names_are_probed_for_anew() {
    let (mut t, mut station, start) = after_a_loss();
    // It sleeps while it has no network: there is nothing to tell.
    assert_eq!(station.follow(WifiEvent::Woke), None);
    wifi(&mut t, &mut station, HOME, LinkChange::Up);
    t.sent_until(start + 5_000);
    wifi(&mut t, &mut station, WifiEvent::Woke, LinkChange::Up);
    let probes = t.sent_until(start + 6_500);
    assert!(probes.iter().any(|(.., message)| message.to_string().contains("? cam.local ANY")), "{probes:?}");
    assert_eq!(established(&t), 3);
}

#[test]
fn names_of_networks_are_told_apart_by_all_their_octets() {
    let mut station = Station::new();
    let longest = [b'x'; 32];
    for (ssid, expected) in [
        (&b""[..], LinkChange::NewNetwork),
        (b"", LinkChange::Up),
        (b"home", LinkChange::NewNetwork),
        (b"home-guests", LinkChange::NewNetwork),
        (b"home", LinkChange::NewNetwork),
        (b"home", LinkChange::Up),
        (b"Home", LinkChange::NewNetwork),
        (&longest, LinkChange::NewNetwork),
        (&longest, LinkChange::Up),
        (&longest[..31], LinkChange::NewNetwork),
        // No network has such a name; nothing is known of it.
        (&[b'x'; 33], LinkChange::NewNetwork),
        (&[b'x'; 33], LinkChange::NewNetwork),
    ] {
        assert_eq!(station.follow(WifiEvent::Connected { ssid }), Some(expected), "{ssid:?}");
    }
}

/// Station and access point: a name on two networks, by two endpoints.
#[test]
fn each_network_of_a_board_hears_of_its_own_address_and_a_conflict_in_one_is_none_in_the_other() {
    let mac = [0x02, 0x00, 0x5E, 0x10, 0x3F, 0xA2];
    let own = [("192.0.2.7", "192.168.4.1"), ("192.168.4.1", "192.0.2.7")];
    let mut networks = own.into_iter().zip(0..).map(|((address, others), number)| {
        let mut t = Script::new(machines::endpoint(seed(mac, number)));
        t.machine.set_hostname("cam").unwrap();
        t.machine.set_addresses(&[(address.parse().unwrap(), 24)]).unwrap();
        let probes = t.sent_until(10_000).into_iter().map(|(at, ..)| at).collect::<Vec<_>>();
        assert_eq!(established(&t), 1);
        t.hear_at(10_000, NEIGHBOUR, "? cam.local A");
        let said: Vec<_> = t.sent_until(12_000).iter().map(|(.., message)| message.to_string()).collect();
        assert!(said.iter().any(|said| said.contains(address)), "{said:?}");
        assert!(!said.iter().any(|said| said.contains(others)), "{said:?}");
        (t, probes)
    });
    let ((mut at_home, first), (opened, second)) = (networks.next().unwrap(), networks.next().unwrap());
    // They share the radio: with one seed both would speak in the same moments.
    assert_ne!(first, second);
    at_home.hear_at(20_000, OTHER, "! cam.local 120 flush A 192.0.2.10");
    // It is asked for the name again, and has it.
    assert!(!at_home.sent_until(20_300).is_empty());
    at_home.hear_at(20_300, OTHER, "! cam.local 120 flush A 192.0.2.10");
    at_home.sent_until(60_000);
    let names = [&at_home, &opened].map(|t| t.machine.name(Claimed::Host).unwrap().to_string());
    assert_eq!(names, ["cam-2.local", "cam.local"]);
}
