//! What the others publish is found by our `browse`, `resolve` and `lookup`.

use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use serde_json::{Value, json};

use super::avahi::Avahi;
use super::lan::{Host, Lan};
use super::needs::Need;
use super::ours::{self, SERVICE_TYPE, SOON};
use super::packets::{self, Packet};
use super::resolved::Resolved;
use super::text::reverse;
use super::zeroconf::{self, Service};

const SNAKE: Service<'static> = Service {
    service_type: SERVICE_TYPE,
    instance: "Büro 2",
    port: 8082,
    host: "snake.local",
    txt: r#"{"path": "/x", "secure": null}"#,
    ttl_secs: None,
};

#[test]
fn avahi_is_found() {
    let Some(lan) = Lan::new(&[Need::Avahi]) else { return };
    let (a, b) = (lan.host("a"), lan.host("b"));
    let avahi = Avahi::start(&b, "neighbour");
    let (_publisher, name) = avahi.publish("Büro, 2.0", SERVICE_TYPE, 8081, &["path=/x", "secure"]);
    assert_eq!(name, "Büro, 2.0");
    all_find(&a, &b, &name, "neighbour.local", 8081, &json!([["path", "/x"], ["secure", null]]));
}

#[test]
fn zeroconf_is_found() {
    let Some(lan) = Lan::new(&[Need::Zeroconf]) else { return };
    let (a, b) = (lan.host("a"), lan.host("b"));
    // No dot in this instance name: zeroconf sends what is behind a dot as a label of its own.
    let (_publisher, name) = zeroconf::publish(&b, &SNAKE, false);
    assert_eq!(name.as_deref(), Some("Büro 2"));
    all_find(&a, &b, "Büro 2", "snake.local", 8082, &json!([["path", "/x"], ["secure", null]]));
}

#[test]
fn resolved_is_found() {
    let Some(lan) = Lan::new(&[Need::Resolved]) else { return };
    let (a, b) = (lan.host("a"), lan.host("b"));
    let mut resolved = Resolved::start(&b, "neighbour");
    // No dot here either, for the same reason.
    resolved.publish("Büro, 2", SERVICE_TYPE, 8083, ("path", "/x"));
    all_find(&a, &b, "Büro, 2", "neighbour.local", 8083, &json!([["path", "/x"]]));
}

/// Browse, resolve and lookup on `a` find what `b` publishes: `instance` on `host` and `port`, with `txt` in any order.
fn all_find(a: &Host, b: &Host, instance: &str, host: &str, port: u16, txt: &Value) {
    let scoped = format!("{}%veth0", b.ipv6());
    let check = |line: &Value| {
        assert_eq!((line["type"].as_str(), line["instance"].as_str()), (Some(SERVICE_TYPE), Some(instance)));
        assert_eq!((line["host"].as_str(), line["port"].as_u64()), (Some(host), Some(port.into())));
        let mut found = line["txt"].as_array().unwrap().clone();
        found.sort_by_key(Value::to_string);
        assert_eq!(&Value::from(found), txt);
        let addresses = line["addresses"].as_array().unwrap();
        // A link-local address is of no use without its link.
        assert!(addresses.iter().all(|found| *found == b.ipv4().to_string() || *found == scoped), "{line}");
    };
    let mut browser = ours::browse(a, SERVICE_TYPE);
    check(&ours::expect_resolved(&mut browser, instance, b.ipv4(), b.ipv6()));
    drop(browser);
    for (family, address) in [("--ipv4", b.ipv4().to_string()), ("--ipv6", scoped.clone())] {
        let mut browser = ours::start(a, "browse", &[SERVICE_TYPE, "--interface", "veth0", family]);
        check(&browser.expect_json(&format!("{instance} by {family}"), SOON, |line| {
            ours::is_known(line, instance) && ours::has_address(line, &address)
        }));
    }

    let resolved = ours::run(a, "resolve", &[instance, SERVICE_TYPE, "--interface", "veth0"]);
    assert_eq!(resolved.status.code(), Some(0), "{}", resolved.stderr);
    let lines = resolved.json();
    let line = lines.iter().find(|line| ours::is(line, "resolved")).expect("the line of the service");
    check(line);
    // Each neighbour says by each family what it has of that one.
    assert!(
        [b.ipv4().to_string(), scoped.clone()].iter().all(|found| ours::has_address(line, found)),
        "{line}"
    );

    let (ipv4, ipv6) = (IpAddr::from(b.ipv4()), IpAddr::from(b.ipv6()));
    let (status, mut both) = ours::lookup(a, host, &[]);
    both.sort();
    assert_eq!((status, both), (Some(0), vec![ipv4, ipv6]));
    assert_eq!(ours::lookup(a, host, &["--family", "4"]), (Some(0), vec![ipv4]));
    assert_eq!(ours::lookup(a, host, &["--family", "6"]), (Some(0), vec![ipv6]));
    assert_eq!(ours::lookup(a, host, &["--family", "4", "--ipv4"]), (Some(0), vec![ipv4]));
    assert_eq!(ours::lookup(a, host, &["--family", "6", "--ipv6"]), (Some(0), vec![ipv6]));
    let lines = ours::run(a, "lookup", &[host, "80", "--interface", "veth0", "--family", "6"]).json();
    assert_eq!((&lines[0]["address"], &lines[0]["port"]), (&json!(scoped), &json!(80)));
}

// S-7.1-1
#[test]
fn subtypes_are_browsed() {
    let Some(lan) = Lan::new(&[Need::Avahi, Need::Zeroconf]) else { return };
    let (a, b, c) = (lan.host("a"), lan.host("b"), lan.host("c"));
    let avahi = Avahi::start(&b, "neighbour");
    let subtype = "_printer._sub._http._tcp";
    let options = ["--subtype", subtype];
    let (_printer, _) = avahi.publish_with(&options, "Printer", SERVICE_TYPE, 8081, &["path=/x"]);
    let (_other, _) = avahi.publish("No Printer", SERVICE_TYPE, 8081, &["path=/x"]);
    let (_publisher, _) = zeroconf::publish(&c, &Service { service_type: subtype, ..SNAKE }, false);
    let mut browser = ours::browse(&a, subtype);
    for (instance, host) in [("Printer", &b), ("Büro 2", &c)] {
        let line = ours::expect_resolved(&mut browser, instance, host.ipv4(), host.ipv6());
        assert_eq!(line["type"], SERVICE_TYPE, "the type of a service is not its subtype");
    }
    let mut all = ours::browse(&a, SERVICE_TYPE);
    ours::expect_resolved(&mut all, "No Printer", b.ipv4(), b.ipv6());
    browser.expect_none("a service without the subtype", Duration::ZERO, |line| line.contains("No Printer"));
}

/// Who registers a service has to keep to 15 letters, digits and hyphens (RFC 6335 section 5.1); who looks finds what
/// is out there.
#[test]
fn types_that_no_registry_would_take_are_browsed() {
    let Some(lan) = Lan::new(&[Need::Avahi]) else { return };
    let (a, b) = (lan.host("a"), lan.host("b"));
    let avahi = Avahi::start(&b, "neighbour");
    for (service_type, port) in [("_androidtvremote2._tcp", 6466), ("_nvstream_dbd._tcp", 47989)] {
        let (_publisher, name) = avahi.publish("Living Room", service_type, port, &["bt=00:11:22:33:44:55"]);
        assert_eq!(name, "Living Room");
        let mut browser = ours::browse(&a, service_type);
        let line = ours::expect_resolved(&mut browser, "Living Room", b.ipv4(), b.ipv6());
        assert_eq!((&line["type"], &line["port"]), (&json!(service_type), &json!(port)));
        let resolved = ours::run(&a, "resolve", &["Living Room", service_type, "--interface", "veth0"]);
        assert_eq!((resolved.status.code(), &resolved.json()[0]["port"]), (Some(0), &json!(port)));
    }
}

// M-14-1
#[test]
fn on_two_interfaces_each_line_says_on_which() {
    let Some(lan) = Lan::new(&[Need::Avahi]) else { return };
    let mut a = lan.host("a");
    let (b, c) = (lan.host("b"), lan.host_on("c", 1));
    lan.attach(&mut a, 1);
    let both = ["--interface", "veth0", "--interface", "veth1"];
    let mut browser = ours::start(&a, "browse", &[[SERVICE_TYPE].as_slice(), &both].concat());
    for (host, interface) in [(&b, "veth0"), (&c, "veth1")] {
        let avahi = Avahi::start(host, "neighbour");
        // The same name on another link is another service.
        let (_publisher, name) = avahi.publish("Web", SERVICE_TYPE, 8081, &[]);
        assert_eq!(name, "Web");
        let scoped = format!("{}%{interface}", host.ipv6());
        browser.expect_json(&format!("it on {interface}"), SOON, |line| {
            ours::is_known(line, "Web") && line["interface"] == interface && ours::has_address(line, &scoped)
        });
        let resolved = ours::run(&a, "resolve", &[["Web", SERVICE_TYPE].as_slice(), &both].concat());
        assert_eq!((resolved.status.code(), &resolved.json()[0]["interface"]), (Some(0), &json!(interface)));
        drop(avahi);
    }
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

// S-9-1
#[test]
fn service_types_are_listed() {
    let Some(lan) = Lan::new(&[Need::Avahi, Need::Zeroconf, Need::Resolved]) else { return };
    let (a, b, c, d) = (lan.host("a"), lan.host("b"), lan.host("c"), lan.host("d"));
    let avahi = Avahi::start(&b, "neighbour");
    let (_web, _) = avahi.publish("Web", "_http._tcp", 80, &[]);
    let (_printer, _) = avahi.publish("Printer", "_ipp._tcp", 631, &[]);
    let service = Service { service_type: "_snake._udp", ..SNAKE };
    let (_publisher, _) = zeroconf::publish(&c, &service, false);
    let mut resolved = Resolved::start(&d, "resolver");
    resolved.publish("Files", "_sftp-ssh._tcp", 22, ("u", "guest"));
    let mut browser = ours::start(&a, "browse", &["--types", "--interface", "veth0"]);
    for service_type in ["_http._tcp", "_ipp._tcp", "_snake._udp", "_sftp-ssh._tcp"] {
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

/// Most small devices send no NSEC: the family of which nothing comes is not waited for.
#[test]
fn a_family_that_nobody_speaks_of_is_not_waited_for() {
    let Some(lan) = Lan::new(&[Need::Avahi, Need::Resolved]) else { return };
    let (a, b, c) = (lan.host("a"), lan.host("b"), lan.host("c"));
    b.ip(&["-6", "addr", "flush", "dev", "veth0"]);
    c.ip(&["-4", "addr", "flush", "dev", "veth0"]);
    let avahi = Avahi::start(&b, "neighbour");
    let (_publisher, _) = avahi.publish("Four", SERVICE_TYPE, 8081, &["path=/x"]);
    let mut resolved = Resolved::start(&c, "resolver");
    resolved.publish("Six", SERVICE_TYPE, 8083, ("path", "/x"));
    let (ipv4, ipv6) = (b.ipv4().to_string(), format!("{}%veth0", c.ipv6()));
    let mut browser = ours::browse(&a, SERVICE_TYPE);
    for (instance, host, address) in [("Four", "neighbour.local", &ipv4), ("Six", "resolver.local", &ipv6)] {
        let line = browser.expect_json(instance, SOON, |line| ours::is_about(line, "resolved", instance));
        assert_eq!(line["addresses"], json!([address]));
        let arguments = [host, "--interface", "veth0", "--timeout", "60"];
        let ended = ours::start(&a, "lookup", &arguments).end(SOON);
        assert_eq!((ended.status.code(), &ended.json()[0]["address"]), (Some(0), &json!(address)));
    }
}

/// TXT strings, the records of a service, and the name of an address, asked for one by one.
#[test]
fn records_of_any_type_are_looked_up() {
    let Some(lan) = Lan::new(&[Need::Avahi, Need::Zeroconf, Need::Resolved]) else { return };
    let (a, b, c, d) = (lan.host("a"), lan.host("b"), lan.host("c"), lan.host("d"));
    let avahi = Avahi::start(&b, "neighbour");
    let (_publisher, _) = avahi.publish("Web", SERVICE_TYPE, 8081, &["path=/x"]);
    let (_snake, _) = zeroconf::publish(&c, &SNAKE, false);
    let mut resolved = Resolved::start(&d, "resolver");
    resolved.publish("Files", SERVICE_TYPE, 8083, ("path", "/x"));
    let records = |name: &str, rtype: &str| {
        let ended = ours::run(&a, "lookup", &[name, "--type", rtype, "--interface", "veth0"]);
        assert_eq!(ended.status.code(), Some(0), "{name} {rtype}: {}{}", ended.stdout, ended.stderr);
        let lines = ended.json();
        assert!(lines.iter().any(|line| ours::is(line, "done") && line["source"] == "multicast"));
        let records = lines.iter().filter(|line| ours::is(line, "record") && line["type"] == rtype);
        let mut data: Vec<_> = records.map(|line| line["data"].as_str().unwrap().to_owned()).collect();
        data.sort();
        data
    };
    for (instance, host, port) in
        [("Web", "neighbour.local", 8081), ("Büro 2", "snake.local", 8082), ("Files", "resolver.local", 8083)]
    {
        let name = format!("{instance}.{SERVICE_TYPE}.local");
        assert_eq!(records(&name, "SRV"), [format!("0 0 {port} {host}.")]);
        let [txt] = &records(&name, "TXT")[..] else { panic!("not one TXT record of {name}") };
        assert!(txt.contains("\"path=/x\""), "{txt}");
    }
    let instances = records("_http._tcp.local", "PTR");
    assert_eq!(instances.len(), 3, "{instances:?}");
    // Those of link-local addresses are asked by multicast (RFC 6762 section 4).
    for (host, name) in [(&b, "neighbour.local."), (&d, "resolver.local.")] {
        assert_eq!(records(&reverse(host.ipv6().into()), "PTR"), [name]);
    }
}

/// Home servers give themselves more names that way.
#[test]
fn an_alias_leads_to_the_host_and_its_name() {
    const CNAME: u16 = 5;
    let Some(lan) = Lan::new(&[Need::Avahi, Need::Python]) else { return };
    let (a, b) = (lan.host("a"), lan.host("b"));
    let avahi = Avahi::start(&b, "neighbour");
    let mut group = avahi.group();
    group.add_record("media.local", CNAME, true, 120, b"\x09neighbour\x05local\0");
    group.commit();
    let ended = ours::run(&a, "lookup", &["media.local", "--interface", "veth0"]);
    assert_eq!(ended.status.code(), Some(0), "{}{}", ended.stdout, ended.stderr);
    let [.., done] = &ended.json()[..] else { panic!("nothing is told") };
    let wanted = json!({
        "event": "done", "name": "media.local", "canonical_name": "neighbour.local", "source": "multicast",
    });
    assert_eq!(done, &wanted);
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
