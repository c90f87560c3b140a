//! What the others publish changes, and our `browse` follows.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::avahi::Avahi;
use super::lan::{Host, Lan};
use super::needs::Need;
use super::ours::{self, SERVICE_TYPE, SOON};
use super::packets::{PTR, SRV, TXT};
use super::process::Process;
use super::raw;
use super::resolved::Resolved;
use super::zeroconf::{self, Service};

const WEB: Service<'static> = Service {
    service_type: SERVICE_TYPE,
    instance: "Web",
    port: 8082,
    host: "snake.local",
    txt: r#"{"path": "/x"}"#,
    ttl_secs: None,
};

/// A TTL for services whose publisher is killed: what is usual is 75 minutes.
const SHORT_SECS: u32 = 20;

#[test]
fn avahis_changes_are_followed() {
    let Some(lan) = Lan::new(&[Need::Avahi]) else { return };
    let (a, b) = (lan.host("a"), lan.host("b"));
    let mut avahi = Avahi::start(&b, "neighbour");
    let mut browser = ours::browse(&a, SERVICE_TYPE);
    let mut group = avahi.group();
    group.add_service("Web", SERVICE_TYPE, 8081, &["path=/x"]);
    group.commit();
    ours::expect_resolved(&mut browser, "Web", b.ipv4(), b.ipv6());

    group.update_txt("Web", SERVICE_TYPE, &["path=/new"]);
    expect_updated(&mut browser, "the new TXT", |line| line["txt"] == json!([["path", "/new"]]));
    b.ip(&["addr", "add", "10.77.0.200/24", "dev", "veth0"]);
    expect_updated(&mut browser, "the new address", |line| ours::has_address(line, "10.77.0.200"));
    b.ip(&["addr", "del", "10.77.0.200/24", "dev", "veth0"]);
    expect_updated(&mut browser, "the loss of that address", |line| !ours::has_address(line, "10.77.0.200"));
    browser.expect_none("a loss without cause", Duration::ZERO, |line| line.contains("lost"));

    // Whoever publishes a service has to publish it anew on another host.
    avahi.set_host_name("porch-light");
    assert_eq!(avahi.expect_host_name(SOON), "porch-light.local");
    group.reset();
    group.add_service("Web", SERVICE_TYPE, 8083, &["path=/new"]);
    group.commit();
    expect_new(&mut browser, "Web", "porch-light.local", 8083);

    browser.forget();
    group.reset();
    group.add_service("Web 2.0", SERVICE_TYPE, 8083, &[]);
    group.commit();
    expect_other_name(&mut browser, "Web", "Web 2.0", &b);
    group.reset();
    ours::expect_lost(&mut browser, "Web 2.0", SOON);
}

#[test]
fn zeroconfs_changes_are_followed() {
    let Some(lan) = Lan::new(&[Need::Zeroconf]) else { return };
    let (a, b) = (lan.host("a"), lan.host("b"));
    let mut browser = ours::browse(&a, SERVICE_TYPE);
    let (mut publisher, _) = zeroconf::publish(&b, &WEB, false);
    ours::expect_resolved(&mut browser, "Web", b.ipv4(), b.ipv6());

    publisher.write_line(r#"{"txt": {"path": "/new"}}"#);
    expect_updated(&mut browser, "the new TXT", |line| line["txt"] == json!([["path", "/new"]]));
    publisher.write_line(r#"{"host": "porch-light.local", "port": 8083}"#);
    expect_new(&mut browser, "Web", "porch-light.local", 8083);
    browser.expect_none("a loss without cause", Duration::ZERO, |line| line.contains("lost"));

    publisher.write_line(r#"{"instance": "Web 2"}"#);
    expect_other_name(&mut browser, "Web", "Web 2", &b);
    publisher.terminate();
    ours::expect_lost(&mut browser, "Web 2", SOON);
}

#[test]
fn resolveds_changes_are_followed() {
    let Some(lan) = Lan::new(&[Need::Resolved]) else { return };
    let (a, b) = (lan.host("a"), lan.host("b"));
    let mut resolved = Resolved::start(&b, "neighbour");
    let mut browser = ours::browse(&a, SERVICE_TYPE);
    let service = resolved.publish("Web", SERVICE_TYPE, 8081, ("path", "/x"));
    ours::expect_resolved(&mut browser, "Web", b.ipv4(), b.ipv6());

    // It changes nothing of a service that is there.
    resolved.withdraw(&service);
    let service = resolved.publish("Web", SERVICE_TYPE, 8083, ("path", "/new"));
    let line = expect_new(&mut browser, "Web", "neighbour.local", 8083);
    assert_eq!(line["txt"], json!([["path", "/new"]]));
    resolved.set_host_name("porch-light");
    expect_new(&mut browser, "Web", "porch-light.local", 8083);

    browser.forget();
    resolved.withdraw(&service);
    let service = resolved.publish("Web 2", SERVICE_TYPE, 8083, ("path", "/new"));
    expect_other_name(&mut browser, "Web", "Web 2", &b);
    resolved.withdraw(&service);
    ours::expect_lost(&mut browser, "Web 2", SOON);
}

/// One after the other they want a name that is taken.
#[test]
fn names_that_others_take_instead_are_found() {
    let Some(lan) = Lan::new(&[Need::Avahi, Need::Zeroconf]) else { return };
    let (a, b, c, d) = (lan.host("a"), lan.host("b"), lan.host("c"), lan.host("d"));
    let mut browser = ours::browse(&a, SERVICE_TYPE);
    let _cam = ours::advertise_with(&b, "kitchen-cam", "Web", &[]);
    let avahi = Avahi::start(&c, "neighbour");
    let (_publisher, name) = avahi.publish("Web", SERVICE_TYPE, 8081, &[]);
    let (_snake, other) = zeroconf::publish(&d, &WEB, true);
    for (name, host) in [("Web", &b), (&name, &c), (&other.expect("it takes another name"), &d)] {
        ours::expect_resolved(&mut browser, name, host.ipv4(), host.ipv6());
    }
}

/// Nobody says goodbye: the records end with their TTL, and not before while somebody answers for them. That of resolved
/// is two minutes, whatever one wants.
// M-5.2-3
#[test]
fn a_killed_publisher_is_lost_with_the_ttl_of_its_records() {
    let Some(lan) = Lan::new(&[Need::Avahi, Need::Zeroconf, Need::Resolved]) else { return };
    let (a, b, c, d) = (lan.host("a"), lan.host("b"), lan.host("c"), lan.host("d"));
    let mut avahi = Avahi::start(&b, "neighbour");
    let mut group = avahi.group();
    let (kind, instance) = ("_http._tcp.local", "Avahi._http._tcp.local");
    let target = [[0, 0, 0, 0, 0x1F, 0x90].as_slice(), &raw::labels("neighbour.local")].concat();
    group.add_record(kind, PTR, false, SHORT_SECS, &raw::labels(instance));
    group.add_record(instance, SRV, true, SHORT_SECS, &target);
    group.add_record(instance, TXT, true, SHORT_SECS, b"\x07path=/x");
    group.commit();
    let snake = Service { instance: "Snake", ttl_secs: Some(SHORT_SECS), ..WEB };
    let (mut snake, _) = zeroconf::publish(&c, &snake, false);
    let mut resolved = Resolved::start(&d, "resolver");
    resolved.publish("Resolved", SERVICE_TYPE, 8081, ("path", "/x"));
    let mut browser = ours::browse(&a, SERVICE_TYPE);
    for (instance, host) in [("Avahi", &b), ("Snake", &c), ("Resolved", &d)] {
        ours::expect_resolved(&mut browser, instance, host.ipv4(), host.ipv6());
    }

    // Two minutes from now; resolved comes first so that the others' time is within its own.
    resolved.daemon.kill();
    let killed = Instant::now();
    // The questions of the browse itself, at 1, 3, 7, 15, 31 and 63 seconds, keep nothing alive from 51 seconds on.
    let lost = |line: &str| line.contains("lost");
    browser.expect_none("a loss of those who answer", Duration::from_secs(55), lost);
    avahi.daemon.kill();
    snake.kill();
    ours::expect_lost(&mut browser, "Avahi", Duration::from_secs(SHORT_SECS.into()) + SOON);
    ours::expect_lost(&mut browser, "Snake", SOON);
    let left = Duration::from_secs(120).saturating_sub(killed.elapsed());
    ours::expect_lost(&mut browser, "Resolved", left + SOON);
}

/// Nothing is lost with our own link, and when it is back what has changed meanwhile is noticed (RFC 6762 section 10.3).
#[test]
fn what_changed_while_our_link_was_down_is_noticed() {
    let Some(lan) = Lan::new(&[Need::Avahi, Need::Zeroconf, Need::Resolved]) else { return };
    let (a, b, c, d) = (lan.host("a"), lan.host("b"), lan.host("c"), lan.host("d"));
    let avahi = Avahi::start(&b, "neighbour");
    let (_stays, _) = avahi.publish("Stays", SERVICE_TYPE, 8081, &[]);
    let (mut goes, _) = avahi.publish("Goes", SERVICE_TYPE, 8081, &[]);
    let (mut snake, _) = zeroconf::publish(&c, &WEB, false);
    let mut resolved = Resolved::start(&d, "resolver");
    let mut browser = ours::browse(&a, SERVICE_TYPE);
    for (instance, host) in [("Stays", &b), ("Goes", &b), ("Web", &c)] {
        ours::expect_resolved(&mut browser, instance, host.ipv4(), host.ipv6());
    }

    a.ip(&["link", "set", "dev", "veth0", "down"]);
    goes.terminate();
    goes.end(SOON);
    snake.write_line(r#"{"txt": {"path": "/new"}, "port": 8090}"#);
    snake.expect_json("the change", SOON, |line| line["event"] == "changed");
    resolved.publish("Comes", SERVICE_TYPE, 8083, ("path", "/x"));
    browser.expect_none("a loss while nothing can be asked", Duration::ZERO, |line| line.contains("lost"));
    a.ip(&["link", "set", "dev", "veth0", "up"]);
    ours::expect_resolved(&mut browser, "Comes", d.ipv4(), d.ipv6());
    expect_updated(&mut browser, "the new TXT and port", |line| {
        line["txt"] == json!([["path", "/new"]]) && line["port"] == 8090
    });
    ours::expect_lost(&mut browser, "Goes", SOON);
    // Goes was lost when it had not been confirmed for ten seconds: the others were.
    browser
        .expect_none("a loss of those who are there", Duration::from_secs(2), |line| line.contains("lost"));
}

/// The link of a publisher goes and comes back: what it publishes then is followed.
#[test]
fn after_their_links_were_down_each_is_followed_again() {
    let Some(lan) = Lan::new(&[Need::Avahi, Need::Zeroconf, Need::Resolved]) else { return };
    let (a, b, c, d) = (lan.host("a"), lan.host("b"), lan.host("c"), lan.host("d"));
    let avahi = Avahi::start(&b, "neighbour");
    let mut group = avahi.group();
    group.add_service("Avahi", SERVICE_TYPE, 8081, &["path=/x"]);
    group.commit();
    let (mut snake, _) = zeroconf::publish(&c, &Service { instance: "Snake", ..WEB }, false);
    let mut resolved = Resolved::start(&d, "resolver");
    let service = resolved.publish("Resolved", SERVICE_TYPE, 8081, ("path", "/x"));
    let mut browser = ours::browse(&a, SERVICE_TYPE);
    for (instance, host) in [("Avahi", &b), ("Snake", &c), ("Resolved", &d)] {
        ours::expect_resolved(&mut browser, instance, host.ipv4(), host.ipv6());
    }
    for host in [&b, &c, &d] {
        host.ip(&["link", "set", "dev", "veth0", "down"]);
        host.ip(&["link", "set", "dev", "veth0", "up"]);
    }
    browser.forget();
    group.update_txt("Avahi", SERVICE_TYPE, &["path=/new"]);
    snake.write_line(r#"{"txt": {"path": "/new"}}"#);
    resolved.withdraw(&service);
    resolved.publish("Resolved", SERVICE_TYPE, 8081, ("path", "/new"));
    for instance in ["Avahi", "Snake", "Resolved"] {
        browser.expect_json(&format!("the new TXT of {instance}"), SOON, |line| {
            ours::is_known(line, instance) && line["txt"] == json!([["path", "/new"]])
        });
    }
}

fn expect_updated(browser: &mut Process, what: &str, wanted: impl Fn(&Value) -> bool) {
    browser.expect_json(what, SOON, |line| ours::is_about(line, "updated", "Web") && wanted(line));
}

/// Waits until `instance` is on `host` and `port`, after a loss where it was published anew and not changed.
fn expect_new(browser: &mut Process, instance: &str, host: &str, port: u16) -> Value {
    browser.expect_json(&format!("{instance} on {host}:{port}"), SOON, |line| {
        ours::is_known(line, instance) && line["host"] == host && line["port"] == port
    })
}

fn expect_other_name(browser: &mut Process, old: &str, new: &str, host: &Host) {
    ours::expect_lost(browser, old, SOON);
    ours::expect_resolved(browser, new, host.ipv4(), host.ipv6());
}

/// Its SRV record and addresses end after two minutes, and nobody answers when they are asked for; the PTR record has 75
/// minutes.
#[test]
fn a_killed_avahi_with_usual_ttls_is_lost_soon_after_two_minutes() {
    let Some(lan) = Lan::new(&[Need::Avahi]) else { return };
    let (a, b) = (lan.host("a"), lan.host("b"));
    let mut avahi = Avahi::start(&b, "neighbour");
    let (_publisher, _) = avahi.publish("Web", SERVICE_TYPE, 8081, &["path=/x"]);
    let mut browser = ours::browse(&a, SERVICE_TYPE);
    ours::expect_resolved(&mut browser, "Web", b.ipv4(), b.ipv6());
    avahi.daemon.kill();
    ours::expect_lost(&mut browser, "Web", Duration::from_secs(130) + SOON);
}
