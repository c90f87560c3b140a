//! Several responders on one machine, all on port 5353 of one interface (RFC 6762 section 15).

use std::net::IpAddr;
use std::time::Duration;

use super::avahi::{Avahi, Family};
use super::lan::{Host, Lan};
use super::needs::Need;
use super::ours::{self, INSTANCE, PORT, SERVICE_TYPE, SOON};
use super::packets::{self, ANY, Packet};
use super::process::Process;

// M-8.1-3
#[test]
fn alone_on_the_port_probes_ask_for_unicast_answers() {
    let Some(lan) = Lan::new(&[Need::Python]) else { return };
    let a = lan.host("a");
    let mut capture = packets::capture(&a, "veth0");
    let _cam = ours::advertise(&a, "kitchen-cam");
    for source in [a.ipv4().into(), IpAddr::from(a.ipv6())] {
        let probe = Packet::expect(&mut capture, "our probe", SOON, |packet| {
            packet.source == source && packet.is_probe() && packet.asks("kitchen-cam.local")
        });
        assert!(
            probe.questions.iter().all(|question| question.unicast && question.qtype == ANY),
            "{probe:?}"
        );
        let proposed =
            |name: &str| probe.records.iter().any(|r| r.section == 1 && r.name == name && !r.flush);
        assert!(probe.questions.iter().all(|question| proposed(&question.name)), "{probe:?}");
    }
}

// M-15.1-1
#[test]
fn two_of_ours_share_the_port_and_find_each_other() {
    let Some(lan) = Lan::new(&[Need::Python]) else { return };
    let (a, b) = (lan.host("a"), lan.host("b"));
    let mut first = ours::advertise(&a, "kitchen-cam");
    let mut capture = packets::capture(&a, "veth0");
    let mut second = ours::advertise_with(&a, "porch-light", "Porch Light", &[]);
    let everywhere = [a.ipv4().into(), IpAddr::from(a.ipv6())];
    for host in [&a, &b] {
        for name in ["kitchen-cam.local", "porch-light.local"] {
            let (status, mut addresses) = ours::lookup(host, name, &[]);
            addresses.sort();
            assert_eq!((status, addresses), (Some(0), everywhere.to_vec()), "{name}");
        }
        let mut browser = ours::browse(host, SERVICE_TYPE);
        for instance in [INSTANCE, "Porch Light"] {
            ours::expect_resolved(&mut browser, instance, a.ipv4(), a.ipv6());
        }
    }
    expect_no_unicast_questions(&mut capture, &a);
    for cam in [&mut first, &mut second] {
        cam.expect_none("a new name without need", Duration::ZERO, |line| line.contains("renamed"));
    }
}

/// The one that had the port for itself when it began.
// M-15.1-1
#[test]
fn the_first_of_two_processes_asks_for_no_unicast_answers_once_the_second_is_there() {
    let Some(lan) = Lan::new(&[Need::Python]) else { return };
    let a = lan.host("a");
    let mut first = ours::advertise(&a, "kitchen-cam");
    let _second = ours::advertise_with(&a, "porch-light", "Porch Light", &[]);
    let mut capture = packets::capture(&a, "veth0");
    first.write_line("add \"Back Door._http._tcp:81\"");
    ours::expect_established(&mut first, "Back Door._http._tcp.local");
    expect_no_unicast_questions(&mut capture, &a);
}

// M-15.1-1
#[test]
fn beside_avahi_both_are_found_and_find_each_other() {
    let Some(lan) = Lan::new(&[Need::Avahi, Need::Python]) else { return };
    let (a, b) = (lan.host("a"), lan.host("b"));
    let avahi = Avahi::start(&a, "neighbour");
    let (_publisher, _) = avahi.publish("Web", SERVICE_TYPE, 8081, &[]);
    let mut capture = packets::capture(&a, "veth0");
    let mut cam = ours::advertise(&a, "kitchen-cam");

    let elsewhere = Avahi::start(&b, "elsewhere");
    for resolver in [&avahi, &elsewhere] {
        for name in ["neighbour.local", "kitchen-cam.local"] {
            assert_eq!(resolver.resolve(name, Family::V4), Some(a.ipv4().into()), "{name}");
            assert_eq!(resolver.resolve(name, Family::V6), Some(a.ipv6().into()), "{name}");
        }
    }
    for host in [&a, &b] {
        let (status, addresses) = ours::lookup(host, "neighbour.local", &["--family", "4"]);
        assert_eq!((status, addresses), (Some(0), vec![a.ipv4().into()]));
        let mut browser = ours::browse(host, SERVICE_TYPE);
        let line = ours::expect_resolved(&mut browser, "Web", a.ipv4(), a.ipv6());
        assert_eq!((line["host"].as_str(), line["port"].as_u64()), (Some("neighbour.local"), Some(8081)));
        let line = ours::expect_resolved(&mut browser, INSTANCE, a.ipv4(), a.ipv6());
        assert_eq!(
            (line["host"].as_str(), line["port"].as_u64()),
            (Some("kitchen-cam.local"), Some(PORT.into()))
        );
    }
    expect_no_unicast_questions(&mut capture, &a);
    cam.expect_none("a new name without need", Duration::ZERO, |line| line.contains("renamed"));
}

// M-15-1, M-9-4
#[test]
fn avahi_on_the_same_machine_may_have_the_same_host_name() {
    let Some(lan) = Lan::new(&[Need::Avahi]) else { return };
    let (a, b) = (lan.host("a"), lan.host("b"));
    let mut avahi = Avahi::start(&a, "kitchen-cam");
    let mut cam = ours::advertise(&a, "kitchen-cam");
    let (status, mut addresses) = ours::lookup(&b, "kitchen-cam.local", &[]);
    addresses.sort();
    assert_eq!((status, addresses), (Some(0), vec![a.ipv4().into(), a.ipv6().into()]));
    cam.expect_none("a new name without need", Duration::from_secs(2), |line| line.contains("renamed"));
    let conflict = |line: &str| line.contains("conflict");
    avahi.daemon.expect_none("a conflict seen by Avahi", Duration::ZERO, conflict);
}

/// All three say the same of the machine's name; the services are different.
// M-15-1, M-15.1-1, M-9-4
#[test]
fn two_of_ours_and_avahi_on_one_machine_may_all_have_its_name() {
    let Some(lan) = Lan::new(&[Need::Avahi, Need::Python]) else { return };
    let (a, b) = (lan.host("a"), lan.host("b"));
    let mut avahi = Avahi::start(&a, "kitchen-cam");
    let mut capture = packets::capture(&a, "veth0");
    let mut cams =
        [INSTANCE, "Porch Light"].map(|instance| ours::advertise_with(&a, "kitchen-cam", instance, &[]));
    let (_publisher, _) = avahi.publish("Web", SERVICE_TYPE, 8081, &[]);
    let mut browser = ours::browse(&b, SERVICE_TYPE);
    for instance in [INSTANCE, "Porch Light", "Web"] {
        let line = ours::expect_resolved(&mut browser, instance, a.ipv4(), a.ipv6());
        assert_eq!(line["host"], "kitchen-cam.local");
    }
    expect_no_unicast_questions(&mut capture, &a);
    for cam in &mut cams {
        cam.expect_none("a new name without need", Duration::from_secs(2), |line| line.contains("renamed"));
    }
    let conflict = |line: &str| line.contains("conflict");
    avahi.daemon.expect_none("a conflict seen by Avahi", Duration::ZERO, conflict);
}

/// Avahi itself never sets the bit, so that whatever leaves `host` may be looked at.
fn expect_no_unicast_questions(capture: &mut Process, host: &Host) {
    let interface = host.interface();
    Packet::expect(capture, "a question of this host", SOON, |packet| {
        packet.outgoing && !packet.questions.is_empty()
    });
    capture.expect_none(
        &format!("a question with the QU bit on {}", interface.name),
        Duration::ZERO,
        |line| {
            Packet::parse(line)
                .is_some_and(|packet| packet.outgoing && packet.questions.iter().any(|q| q.unicast))
        },
    );
}
