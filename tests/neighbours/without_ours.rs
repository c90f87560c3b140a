//! The neighbours among themselves: when these fail, it is the machine or the harness, not the crate.

use std::net::IpAddr;
use std::time::Duration;

use super::avahi::{Avahi, Family, Row};
use super::lan::Lan;
use super::needs::Need;
use super::packets::{self, A, AAAA, GROUP_V4, GROUP_V6, Packet};
use super::zeroconf::{self, Service};

const SOON: Duration = Duration::from_secs(15);

#[test]
fn avahi_and_zeroconf_find_and_lose_each_other() {
    let Some(lan) = Lan::new(&[Need::Avahi, Need::Zeroconf]) else { return };
    let (a, b) = (lan.host("a"), lan.host("b"));
    let avahi = Avahi::start(&b, "neighbour");
    assert_eq!(avahi.host_name, "neighbour.local");

    let (publisher, instance) = zeroconf::publish(&a, &DESK_LAMP, false);
    assert_eq!(instance.as_deref(), Some("Desk Lamp"));
    let mut rows = avahi.browse("_http._tcp");
    for protocol in ["IPv4", "IPv6"] {
        let row = Row::expect(&mut rows, protocol, SOON, |row| row.event == '=' && row.protocol == protocol);
        assert_eq!(row.instance, "Desk Lamp");
        let resolved = row.resolved.unwrap();
        assert_eq!((resolved.host.as_str(), resolved.port), ("desk-lamp.local", 8088));
        assert_eq!(resolved.txt, "\"path=/lamp\"");
        assert!([a.ipv4().into(), a.ipv6().into()].contains(&resolved.address));
    }
    assert_eq!(avahi.resolve("desk-lamp.local", Family::V4), Some(a.ipv4().into()));
    assert_eq!(avahi.resolve("desk-lamp.local", Family::V6), Some(a.ipv6().into()));
    publisher.terminate();
    Row::expect(&mut rows, "the lamp's removal", SOON, |row| row.event == '-');

    let mut browser = zeroconf::browse(&a, "_ipp._tcp");
    let (printer, name) = avahi.publish("Printer", "_ipp._tcp", 631, &["rp=queue"]);
    assert_eq!(name, "Printer");
    let line = zeroconf::expect_resolved(&mut browser, "Printer", b.ipv4(), b.ipv6());
    assert_eq!(line["txt"]["rp"], "queue");
    printer.terminate();
    zeroconf::expect(&mut browser, "removed", "Printer", SOON);
}

#[test]
fn the_capture_and_the_one_shot_query_see_avahi() {
    let Some(lan) = Lan::new(&[Need::Avahi, Need::Python]) else { return };
    let (mut a, b) = (lan.host("a"), lan.host("b"));
    lan.attach(&mut a, 1);
    let mut capture = packets::capture(&b, "veth0");
    let mut elsewhere = packets::capture(&a, "veth1");
    let _avahi = Avahi::start(&b, "neighbour");
    let probe = Packet::expect(&mut capture, "Avahi's probe", SOON, Packet::is_probe);
    assert!(probe.outgoing && probe.asks("neighbour.local"), "{probe:?}");
    // Avahi gives its IPv4 addresses by IPv4 only.
    for (group, rtype, address) in [(GROUP_V4, A, b.ipv4().into()), (GROUP_V6, AAAA, IpAddr::from(b.ipv6()))]
    {
        let mut asker = packets::ask(&a, "veth0", group, "neighbour.local", rtype, 7);
        let reply = Packet::expect(&mut asker, "Avahi's reply", SOON, Packet::is_response);
        assert!(reply.id == 7 && reply.answer("neighbour.local", rtype, address).is_some(), "{reply:?}");
    }
    elsewhere.expect_none("a packet on the other link", Duration::ZERO, |line| Packet::parse(line).is_some());
}

const DESK_LAMP: Service<'static> = Service {
    service_type: "_http._tcp",
    instance: "Desk Lamp",
    port: 8088,
    host: "desk-lamp.local",
    txt: r#"{"path": "/lamp"}"#,
    ttl_secs: None,
};
