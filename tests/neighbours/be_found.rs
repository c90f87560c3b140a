//! What we advertise is found by the others, by each family.

use std::net::IpAddr;
use std::time::Duration;

use super::avahi::{Avahi, Family, Row};
use super::lan::Lan;
use super::needs::Need;
use super::ours::{self, INSTANCE, PORT, SERVICE_TYPE, SOON};
use super::packets::{self, Packet};
use super::text::plain;
use super::zeroconf;

#[test]
fn avahi_finds_our_host_and_service() {
    let Some(lan) = Lan::new(&[Need::Avahi]) else { return };
    let (a, b) = (lan.host("a"), lan.host("b"));
    let _cam = ours::advertise(&a, "kitchen-cam");
    let avahi = Avahi::start(&b, "neighbour");
    assert_eq!(avahi.resolve("kitchen-cam.local", Family::V4), Some(a.ipv4().into()));
    assert_eq!(avahi.resolve("kitchen-cam.local", Family::V6), Some(a.ipv6().into()));

    let mut browser = avahi.browse(SERVICE_TYPE);
    for protocol in ["IPv4", "IPv6"] {
        let row = Row::expect(&mut browser, &format!("a service resolved by {protocol}"), SOON, |row| {
            row.event == '=' && row.protocol == protocol
        });
        assert_eq!((row.instance.as_str(), row.service_type.as_str()), (INSTANCE, SERVICE_TYPE));
        let resolved = row.resolved.unwrap();
        assert_eq!((resolved.host.as_str(), resolved.port), ("kitchen-cam.local", PORT));
        assert_eq!(resolved.txt, "\"path=/\"");
        assert!([IpAddr::from(a.ipv4()), a.ipv6().into()].contains(&resolved.address), "{resolved:?}");
    }
    // It asks for the list of service types, then browses each.
    let rows = avahi.browse_once("--all");
    let ours = |row: &&Row| (row.instance.as_str(), row.service_type.as_str()) == (INSTANCE, SERVICE_TYPE);
    assert!(rows.iter().any(|row| ours(&row)), "{rows:?}");
}

#[test]
fn avahi_that_was_there_before_hears_our_announcements() {
    let Some(lan) = Lan::new(&[Need::Avahi]) else { return };
    let (a, b) = (lan.host("a"), lan.host("b"));
    let avahi = Avahi::start(&b, "neighbour");
    let mut browser = avahi.browse(SERVICE_TYPE);
    let _cam = ours::advertise(&a, "kitchen-cam");
    for protocol in ["IPv4", "IPv6"] {
        Row::expect(&mut browser, &format!("a service resolved by {protocol}"), SOON, |row| {
            row.event == '=' && row.protocol == protocol && row.instance == INSTANCE
        });
    }
}

#[test]
fn zeroconf_finds_our_service_by_each_family_and_by_both() {
    let Some(lan) = Lan::new(&[Need::Zeroconf]) else { return };
    let (a, b) = (lan.host("a"), lan.host("b"));
    let _cam = ours::advertise(&a, "kitchen-cam");
    for version in ["4", "6", "46"] {
        let mut browser = zeroconf::browse_by(version, &b, SERVICE_TYPE);
        let line = zeroconf::expect_resolved(&mut browser, INSTANCE, a.ipv4(), a.ipv6());
        assert_eq!(line["host"], "kitchen-cam.local");
        assert_eq!(line["port"], PORT);
        assert_eq!(line["txt"], serde_json::json!({"path": "/"}));
    }
}

/// Names beyond ASCII, a dot in the instance name, and a subtype.
#[test]
fn avahi_finds_unusual_names_and_subtypes() {
    let Some(lan) = Lan::new(&[Need::Avahi]) else { return };
    let (a, b) = (lan.host("a"), lan.host("b"));
    let _cam = ours::advertise_with(&a, "küche", "Büro, 2.0", &["--subtype", "_printer"]);
    let avahi = Avahi::start(&b, "neighbour");
    for what in [SERVICE_TYPE, "_printer._sub._http._tcp"] {
        let mut browser = avahi.browse(what);
        let row = Row::expect(&mut browser, &format!("the service as {what}"), SOON, |row| row.event == '=');
        assert_eq!(row.instance, "Büro, 2.0");
        let resolved = row.resolved.unwrap();
        assert_eq!((plain(&resolved.host).as_str(), resolved.port), ("küche.local", PORT));
    }
}

#[test]
fn with_one_family_the_other_stays_silent() {
    let Some(lan) = Lan::new(&[Need::Python]) else { return };
    let (a, b) = (lan.host("a"), lan.host("b"));
    for (flag, used) in [("--ipv4", IpAddr::from(a.ipv4())), ("--ipv6", a.ipv6().into())] {
        let mut capture = packets::capture(&b, "veth0");
        let _cam = ours::advertise_with(&a, "kitchen-cam", INSTANCE, &[flag]);
        Packet::expect(&mut capture, "a packet of the one family", SOON, |packet| packet.source == used);
        capture.expect_none("a packet of the other family", Duration::ZERO, |line| {
            Packet::parse(line).is_some_and(|packet| packet.source != used)
        });
    }
}

#[test]
fn changes_while_it_runs_reach_everybody() {
    let Some(lan) = Lan::new(&[Need::Avahi, Need::Zeroconf]) else { return };
    let (a, b, c, d) = (lan.host("a"), lan.host("b"), lan.host("c"), lan.host("d"));
    let mut cam = ours::advertise(&a, "kitchen-cam");
    let mut snake = zeroconf::browse(&b, SERVICE_TYPE);
    zeroconf::expect_resolved(&mut snake, INSTANCE, a.ipv4(), a.ipv6());
    let mut browser = ours::browse(&c, SERVICE_TYPE);
    ours::expect_resolved(&mut browser, INSTANCE, a.ipv4(), a.ipv6());

    cam.write_line("txt \"Kitchen Cam\" path=/new");
    snake.expect_json("zeroconf's new TXT", SOON, |line| line["txt"]["path"] == "/new");
    browser.expect_json("our new TXT", SOON, |line| {
        ours::is_about(line, "updated", INSTANCE) && line["txt"] == serde_json::json!([["path", "/new"]])
    });
    cam.write_line("port \"Kitchen Cam\" 8090");
    browser.expect_json("our new port", SOON, |line| {
        ours::is_about(line, "updated", INSTANCE) && line["port"] == 8090
    });
    cam.write_line("hostname porch-light");
    ours::expect_established(&mut cam, "porch-light.local");
    browser.expect_json("our new host", SOON, |line| {
        ours::is_about(line, "updated", INSTANCE) && line["host"] == "porch-light.local"
    });
    let avahi = Avahi::start(&d, "neighbour");
    assert_eq!(avahi.resolve("porch-light.local", Family::V4), Some(a.ipv4().into()));
    assert_eq!(avahi.resolve("porch-light.local", Family::V6), Some(a.ipv6().into()));
    let mut rows = avahi.browse(SERVICE_TYPE);
    Row::expect(&mut rows, "the service on its new host and port", SOON, |row| {
        row.resolved
            .as_ref()
            .is_some_and(|found| (found.host.as_str(), found.port) == ("porch-light.local", 8090))
    });
    browser.expect_none("a loss without cause", Duration::ZERO, |line| line.contains("lost"));
}
