//! What is withdrawn is gone for the others within two seconds, and for us.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use super::avahi::{Avahi, Row};
use super::lan::Lan;
use super::needs::Need;
use super::ours::{self, INSTANCE, SERVICE_TYPE, SOON, TWO_SECONDS};
use super::packets::{self, A, AAAA, PTR, Packet, SRV, TXT};
use super::zeroconf::{self, Service};

// M-10.1-1
#[test]
fn our_goodbye_reaches_everybody() {
    let Some(lan) = Lan::new(&[Need::Avahi, Need::Zeroconf]) else { return };
    let (a, b, c, d) = (lan.host("a"), lan.host("b"), lan.host("c"), lan.host("d"));
    let avahi = Avahi::start(&b, "neighbour");
    let mut rows = avahi.browse(SERVICE_TYPE);
    let mut snake = zeroconf::browse(&c, SERVICE_TYPE);
    let mut browser = ours::browse(&d, SERVICE_TYPE);
    let mut capture = packets::capture(&d, "veth0");
    let mut cam = ours::advertise(&a, "kitchen-cam");
    for protocol in ["IPv4", "IPv6"] {
        Row::expect(&mut rows, protocol, SOON, |row| row.event == '=' && row.protocol == protocol);
    }
    zeroconf::expect_resolved(&mut snake, INSTANCE, a.ipv4(), a.ipv6());
    ours::expect_resolved(&mut browser, INSTANCE, a.ipv4(), a.ipv6());
    rows.expect_none("a removal without cause", Duration::ZERO, |line| line.starts_with('-'));
    snake.expect_none("a removal without cause", Duration::ZERO, |line| line.contains("removed"));
    browser.expect_none("a loss without cause", Duration::ZERO, |line| line.contains("lost"));

    cam.terminate();
    let asked = Instant::now();
    let left = || TWO_SECONDS.saturating_sub(asked.elapsed());
    ours::expect_lost(&mut browser, INSTANCE, left());
    zeroconf::expect(&mut snake, "removed", INSTANCE, left());
    for protocol in ["IPv4", "IPv6"] {
        Row::expect(&mut rows, &format!("its removal by {protocol}"), left(), |row| {
            row.event == '-' && row.protocol == protocol && row.instance == INSTANCE
        });
    }
    let ended = cam.end(TWO_SECONDS);
    assert_eq!(ended.status.code(), Some(0), "{}", ended.stderr);
    assert!(ended.json().iter().any(|line| ours::is(line, "goodbye")), "{}", ended.stdout);

    // All that was announced is withdrawn, by each family.
    let instance = "Kitchen Cam._http._tcp.local";
    let announced = [
        ("kitchen-cam.local", A),
        ("kitchen-cam.local", AAAA),
        (instance, SRV),
        (instance, TXT),
        ("_http._tcp.local", PTR),
    ];
    for source in [a.ipv4().into(), IpAddr::from(a.ipv6())] {
        for (name, rtype) in announced {
            let what = format!("goodbye of {name} type {rtype} from {source}");
            capture.see(&what, SOON, |line| {
                let packet = Packet::parse(line).filter(|packet| packet.source == source)?;
                packet
                    .records
                    .iter()
                    .any(|r| r.name == name && r.rtype == rtype && r.ttl_secs == 0)
                    .then_some(())
            });
        }
    }
}

#[test]
fn avahis_goodbye_reaches_us() {
    let Some(lan) = Lan::new(&[Need::Avahi]) else { return };
    let (a, b) = (lan.host("a"), lan.host("b"));
    let avahi = Avahi::start(&b, "neighbour");
    let (publisher, _) = avahi.publish("Web", SERVICE_TYPE, 8081, &[]);
    let mut browser = ours::browse(&a, SERVICE_TYPE);
    ours::expect_resolved(&mut browser, "Web", b.ipv4(), b.ipv6());
    publisher.terminate();
    ours::expect_lost(&mut browser, "Web", TWO_SECONDS);

    browser.forget();
    let (_publisher, _) = avahi.publish("Web", SERVICE_TYPE, 8083, &[]);
    let again = ours::expect_resolved(&mut browser, "Web", b.ipv4(), b.ipv6());
    assert_eq!(again["port"], 8083);
    avahi.daemon.terminate();
    ours::expect_lost(&mut browser, "Web", TWO_SECONDS);
}

#[test]
fn zeroconfs_goodbye_reaches_us() {
    let Some(lan) = Lan::new(&[Need::Zeroconf]) else { return };
    let (a, b) = (lan.host("a"), lan.host("b"));
    let service = Service {
        service_type: SERVICE_TYPE,
        instance: "Web",
        port: 8082,
        host: "snake.local",
        txt: "{}",
        ttl_secs: None,
    };
    let (publisher, _) = zeroconf::publish(&b, &service, false);
    let mut browser = ours::browse(&a, SERVICE_TYPE);
    ours::expect_resolved(&mut browser, "Web", b.ipv4(), b.ipv6());
    publisher.terminate();
    ours::expect_lost(&mut browser, "Web", TWO_SECONDS);
}

#[test]
fn a_service_that_we_remove_is_gone_and_the_host_stays() {
    let Some(lan) = Lan::new(&[Need::Avahi]) else { return };
    let (a, b) = (lan.host("a"), lan.host("b"));
    let avahi = Avahi::start(&b, "neighbour");
    let mut rows = avahi.browse(SERVICE_TYPE);
    let mut cam = ours::advertise(&a, "kitchen-cam");
    Row::expect(&mut rows, "our service", SOON, |row| row.event == '=' && row.protocol == "IPv6");
    cam.write_line("remove \"Kitchen Cam\"");
    Row::expect(&mut rows, "its removal", TWO_SECONDS, |row| row.event == '-' && row.protocol == "IPv6");
    assert_eq!(avahi.resolve("kitchen-cam.local", super::avahi::Family::V4), Some(a.ipv4().into()));
}

/// What was announced under the old name is withdrawn at the change of names, what is announced under the new one at the
/// end; and the old name is not withdrawn by the new one alone.
// S7
#[test]
fn after_a_new_name_both_names_are_withdrawn_in_their_time() {
    let Some(lan) = Lan::new(&[Need::Python]) else { return };
    let (a, b) = (lan.host("a"), lan.host("b"));
    let mut capture = packets::capture(&b, "veth0");
    let mut cam = ours::advertise(&a, "kitchen-cam");
    let withdrawn = |name: &'static str| {
        move |line: &str| {
            let packet = Packet::parse(line)?;
            let gone =
                |rtype| packet.records.iter().any(|r| r.name == name && r.rtype == rtype && r.ttl_secs == 0);
            (gone(A) && gone(AAAA)).then_some(())
        }
    };
    capture.forget();
    cam.write_line("hostname porch-light");
    capture.expect("the goodbye of the first name", SOON, withdrawn("kitchen-cam.local"));
    ours::expect_established(&mut cam, "porch-light.local");
    capture.expect_none("a goodbye of the name that is in use", Duration::ZERO, |line| {
        withdrawn("porch-light.local")(line).is_some()
    });
    capture.forget();
    cam.terminate();
    capture.expect("the goodbye of the second name", SOON, withdrawn("porch-light.local"));
    capture.expect_none("a record of the first name", Duration::ZERO, |line| {
        Packet::parse(line).is_some_and(|packet| packet.records.iter().any(|r| r.name == "kitchen-cam.local"))
    });
}
