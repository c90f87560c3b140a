//! Servers that are stopped, killed, not there, or that refuse, and links that are down.

use std::net::IpAddr;
use std::thread;
use std::time::{Duration, Instant};

use super::dns_servers::{dnsmasq, knot};
use super::lan::{Host, Lan};
use super::needs::Need;
use super::ours;

/// A name that dnsmasq knows by itself.
const KNOWN: &str = "--address=/cam.example/192.0.2.7";

/// Exit status, and the address that was found or the kind of failure.
fn lookup(host: &Host, servers: &[IpAddr], more: &[&str]) -> (Option<i32>, String) {
    let servers: Vec<_> = servers.iter().map(|server| format!("--server={server}")).collect();
    let servers: Vec<_> = servers.iter().map(String::as_str).collect();
    let ended = ours::run(host, "lookup", &[&["cam.example", "--family=4"], more, &servers].concat());
    let lines = ended.json();
    let told = ["address", "kind"].iter().find_map(|key| lines.first()?[key].as_str());
    (ended.status.code(), told.unwrap_or(&ended.stderr).to_owned())
}

fn found() -> (Option<i32>, String) {
    (Some(0), "192.0.2.7".to_owned())
}

fn failed(status: i32, kind: &str) -> (Option<i32>, String) {
    (Some(status), kind.to_owned())
}

// R-1035-1
#[test]
fn when_a_server_is_stopped_or_killed_the_second_one_answers() {
    let Some(lan) = Lan::new(&[Need::Dnsmasq]) else { return };
    let (a, b, c) = (lan.host("a"), lan.host("b"), lan.host("c"));
    let (mut first, second) = (dnsmasq(&b, None, &[KNOWN]), dnsmasq(&c, None, &[KNOWN]));
    let servers = [b.ipv4(), c.ipv4()].map(IpAddr::from);
    assert_eq!(lookup(&a, &servers, &[]), found());
    first.stop();
    assert_eq!(lookup(&a, &servers, &[]), found());
    assert_eq!(lookup(&a, &servers[..1], &["--timeout=1.5"]), failed(5, "timeout"));
    // Its port is closed now, and Linux says so.
    first.kill();
    let start = Instant::now();
    assert_eq!(lookup(&a, &servers, &[]), found());
    assert!(start.elapsed() < Duration::from_millis(900), "{:?}", start.elapsed());
    assert_eq!(lookup(&a, &servers[..1], &[]), failed(5, "unreachable"));
    drop(second);
    assert_eq!(lookup(&a, &servers, &[]), failed(5, "unreachable"));
}

/// One of which it is not known that it will be back, and is.
#[test]
fn a_server_that_is_slow_is_waited_for() {
    let Some(lan) = Lan::new(&[Need::Dnsmasq]) else { return };
    let (a, b) = (lan.host("a"), lan.host("b"));
    let server = dnsmasq(&b, None, &[KNOWN]);
    server.stop();
    let mut lookup =
        ours::start(&a, "lookup", &["cam.example", "--server", &b.ipv4().to_string(), "--timeout=15"]);
    thread::sleep(Duration::from_millis(1_500));
    server.resume();
    let ended = lookup.end(Duration::from_secs(20));
    assert_eq!((ended.status.code(), &ended.json()[0]["address"]), (Some(0), &"192.0.2.7".into()));
}

// R-1035-2
#[test]
fn a_server_that_refuses_is_passed_over_and_two_that_do_are_told() {
    let Some(lan) = Lan::new(&[Need::Knot, Need::Dnsmasq]) else { return };
    let (a, b, c) = (lan.host("a"), lan.host("b"), lan.host("c"));
    // Knot has no such zone, and dnsmasq has nobody to ask for other names.
    let _servers = [knot(&b), dnsmasq(&c, None, &[KNOWN])];
    let servers = [b.ipv4(), c.ipv4()].map(IpAddr::from);
    let start = Instant::now();
    assert_eq!(lookup(&a, &servers, &[]), found());
    assert!(start.elapsed() < Duration::from_millis(900), "{:?}", start.elapsed());
    assert_eq!(lookup(&a, &servers[..1], &[]), failed(6, "server_failure"));
    let ended = ours::run(&a, "lookup", &["www.example.com", "--server", &c.ipv4().to_string()]);
    assert_eq!((ended.status.code(), &ended.json()[0]["kind"]), (Some(6), &"server_failure".into()));
}

#[test]
fn without_a_link_or_a_route_nobody_is_reached_and_that_is_told_soon() {
    let Some(lan) = Lan::new(&[Need::Dnsmasq]) else { return };
    let (a, b) = (lan.host("a"), lan.host("b"));
    let _server = dnsmasq(&b, None, &[KNOWN]);
    let server = [IpAddr::from(b.ipv4())];
    assert_eq!(lookup(&a, &server, &[]), found());
    let start = Instant::now();
    for nowhere in ["203.0.113.1", "2001:db8::1"] {
        assert_eq!(lookup(&a, &[nowhere.parse().unwrap()], &[]), failed(5, "unreachable"));
    }
    // The server behind it is asked at once.
    assert_eq!(lookup(&a, &["2001:db8::1".parse().unwrap(), server[0]], &[]), found());
    a.ip(&["link", "set", "dev", "veth0", "down"]);
    assert_eq!(lookup(&a, &server, &[]), failed(5, "unreachable"));
    a.ip(&["link", "set", "dev", "veth0", "up"]);
    assert!(start.elapsed() < Duration::from_secs(8), "{:?}", start.elapsed());
    assert_eq!(lookup(&a, &server, &[]), found());
    // A cable that is pulled is not seen by who sends: nobody answers.
    lan.plug(&a, 0, "down");
    assert_eq!(lookup(&a, &server, &["--timeout=1"]), failed(5, "timeout"));
}
