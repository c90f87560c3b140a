//! What the others publish is found by our `browse`, `resolve` and `lookup`.

use std::net::{IpAddr, Ipv6Addr};

use serde_json::{Value, json};

use super::avahi::Avahi;
use super::lan::{Host, Lan};
use super::needs::Need;
use super::ours::{self, SERVICE_TYPE, SOON};
use super::packets::{self, Packet};
use super::zeroconf::{self, Service};

#[test]
fn avahi_is_found() {
    let Some(lan) = Lan::new(&[Need::Avahi]) else { return };
    let (a, b) = (lan.host("a"), lan.host("b"));
    let avahi = Avahi::start(&b, "neighbour");
    let (_publisher, name) = avahi.publish("Büro, 2.0", SERVICE_TYPE, 8081, &["path=/x", "secure"]);
    assert_eq!(name, "Büro, 2.0");
    all_find(&a, &b, &name, "neighbour.local", 8081);
}

#[test]
fn zeroconf_is_found() {
    let Some(lan) = Lan::new(&[Need::Zeroconf]) else { return };
    let (a, b) = (lan.host("a"), lan.host("b"));
    let txt = r#"{"path": "/x", "secure": null}"#;
    // No dot in this instance name: zeroconf sends what is behind a dot as a label of its own.
    let service =
        Service { service_type: SERVICE_TYPE, instance: "Büro 2", port: 8082, host: "snake.local", txt };
    let (_publisher, name) = zeroconf::publish(&b, &service, false);
    assert_eq!(name.as_deref(), Some("Büro 2"));
    all_find(&a, &b, "Büro 2", "snake.local", 8082);
}

/// Browse, resolve and lookup on `a` find what `b` publishes: `instance` on `host` and `port`.
fn all_find(a: &Host, b: &Host, instance: &str, host: &str, port: u16) {
    let check = |line: &Value| {
        assert_eq!((line["type"].as_str(), line["instance"].as_str()), (Some(SERVICE_TYPE), Some(instance)));
        assert_eq!((line["host"].as_str(), line["port"].as_u64()), (Some(host), Some(port.into())));
        let mut txt = line["txt"].as_array().unwrap().clone();
        txt.sort_by_key(Value::to_string);
        assert_eq!(txt, [json!(["path", "/x"]), json!(["secure", null])]);
    };
    let mut browser = ours::browse(a, SERVICE_TYPE);
    let line = ours::expect_resolved(&mut browser, instance, b.ipv4(), b.ipv6());
    check(&line);
    let scoped = format!("{}%veth0", b.ipv6());
    assert!(line["addresses"].as_array().unwrap().contains(&json!(scoped)), "{line}");
    drop(browser);

    let resolved = ours::run(a, "resolve", &[instance, SERVICE_TYPE, "--interface", "veth0"]);
    assert_eq!(resolved.status.code(), Some(0), "{}", resolved.stderr);
    let lines = resolved.json();
    check(lines.iter().find(|line| ours::is(line, "resolved")).expect("the line of the service"));

    let (ipv4, ipv6) = (IpAddr::from(b.ipv4()), IpAddr::from(b.ipv6()));
    let (status, mut both) = ours::lookup(a, host, &[]);
    both.sort();
    assert_eq!((status, both), (Some(0), vec![ipv4, ipv6]));
    assert_eq!(ours::lookup(a, host, &["--family", "4"]), (Some(0), vec![ipv4]));
    assert_eq!(ours::lookup(a, host, &["--family", "6"]), (Some(0), vec![ipv6]));
    assert_eq!(ours::lookup(a, host, &["--family", "4", "--ipv4"]), (Some(0), vec![ipv4]));
    assert_eq!(ours::lookup(a, host, &["--family", "6", "--ipv6"]), (Some(0), vec![ipv6]));
}

#[test]
fn what_comes_after_the_browse_has_begun_is_found_too() {
    let Some(lan) = Lan::new(&[Need::Avahi]) else { return };
    let (a, b) = (lan.host("a"), lan.host("b"));
    let avahi = Avahi::start(&b, "neighbour");
    let mut browser = ours::browse(&a, SERVICE_TYPE);
    let (_first, _) = avahi.publish("First", SERVICE_TYPE, 81, &[]);
    ours::expect_resolved(&mut browser, "First", b.ipv4(), b.ipv6());
    let (_second, _) = avahi.publish("Second", SERVICE_TYPE, 82, &[]);
    ours::expect_resolved(&mut browser, "Second", b.ipv4(), b.ipv6());
}

#[test]
fn service_types_are_listed() {
    let Some(lan) = Lan::new(&[Need::Avahi]) else { return };
    let (a, b) = (lan.host("a"), lan.host("b"));
    let avahi = Avahi::start(&b, "neighbour");
    let (_web, _) = avahi.publish("Web", "_http._tcp", 80, &[]);
    let (_printer, _) = avahi.publish("Printer", "_ipp._tcp", 631, &[]);
    let mut browser = ours::start(&a, "browse", &["--types", "--interface", "veth0"]);
    for service_type in ["_http._tcp", "_ipp._tcp"] {
        browser
            .expect_json(service_type, SOON, |line| ours::is(line, "type") && line["type"] == service_type);
    }
}

/// The second half of the rule; the first half is in `legacy.rs`.
// M-5.1-1
#[test]
fn queries_go_to_the_groups_from_port_5353_with_hop_limit_255() {
    let Some(lan) = Lan::new(&[Need::Python]) else { return };
    let (a, b) = (lan.host("a"), lan.host("b"));
    let mut capture = packets::capture(&b, "veth0");
    let _browser = ours::browse(&a, SERVICE_TYPE);
    for (source, group) in
        [(IpAddr::from(a.ipv4()), packets::GROUP_V4), (Ipv6Addr::into(a.ipv6()), packets::GROUP_V6)]
    {
        let query = Packet::expect(&mut capture, &format!("a query to {group}"), SOON, |packet| {
            packet.source == source && packet.asks("_http._tcp.local")
        });
        assert_eq!(query.destination, Some(group));
        assert_eq!((query.source_port, query.hops, query.id, query.flags), (5353, Some(255), 0, 0));
    }
}

#[test]
fn nobody_of_that_name_is_a_timeout() {
    let Some(lan) = Lan::new(&[]) else { return };
    let a = lan.host("a");
    let ended = ours::run(&a, "lookup", &["nobody.local", "--interface", "veth0", "--timeout", "1"]);
    assert_eq!(ended.status.code(), Some(5), "{}", ended.stderr);
    assert!(ended.json().iter().any(|line| line["kind"] == "timeout"), "{}", ended.stdout);
}

// M-6.1-1
#[test]
fn a_family_that_a_host_lacks_is_known_at_once() {
    let Some(lan) = Lan::new(&[]) else { return };
    let (a, b) = (lan.host("a"), lan.host("b"));
    let _cam = ours::advertise_with(&b, "kitchen-cam", ours::INSTANCE, &["--ipv4"]);
    let mut lookup = ours::start(
        &a,
        "lookup",
        &["kitchen-cam.local", "--interface", "veth0", "--family", "6", "--timeout", "60"],
    );
    let ended = lookup.end(SOON);
    assert_eq!(ended.status.code(), Some(4), "{}", ended.stderr);
    assert!(ended.json().iter().any(|line| line["kind"] == "no_data"), "{}", ended.stdout);
}
