//! New TXT data, a new host name and the goodbye are seen by each of the others within two seconds, by what they have in
//! their caches or by what they ask.

use std::thread;
use std::time::{Duration, Instant};

use super::avahi::Avahi;
use super::dig::dig;
use super::lan::Lan;
use super::needs::Need;
use super::ours::{self, INSTANCE, PORT, SERVICE_TYPE, SOON, TWO_SECONDS};
use super::resolved::Resolved;
use super::zeroconf;

/// The instance as resolvectl and dig take it.
const ESCAPED: &str = r"Kitchen\032Cam._http._tcp.local";

/// Waits until `seen`, which asks a program, so that a slow machine gets one more attempt when the time is over.
fn expect(what: &str, deadline: Instant, mut seen: impl FnMut() -> bool) {
    loop {
        let late = Instant::now() >= deadline;
        if seen() {
            return;
        }
        assert!(!late, "not seen within two seconds: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

// M-8.4-1, M-10.1-1
#[test]
fn new_txt_a_new_host_name_and_the_goodbye_reach_each_within_two_seconds() {
    let Some(lan) = Lan::new(&[Need::Avahi, Need::Zeroconf, Need::Resolved, Need::Dig]) else { return };
    let (a, b, c, d) = (lan.host("a"), lan.host("b"), lan.host("c"), lan.host("d"));
    let mut cam = ours::advertise(&a, "kitchen-cam");
    let (avahi, resolved) = (Avahi::start(&b, "neighbour"), Resolved::start(&c, "resolver"));
    let mut rows = avahi.browse(SERVICE_TYPE);
    let mut snake = zeroconf::browse(&d, SERVICE_TYPE);
    let mut browser = ours::browse(&d, SERVICE_TYPE);
    rows.expect("Avahi's find", SOON, |line| line.starts_with('=').then_some(()));
    zeroconf::expect_resolved(&mut snake, INSTANCE, a.ipv4(), a.ipv6());
    ours::expect_resolved(&mut browser, INSTANCE, a.ipv4(), a.ipv6());
    assert_eq!(resolved.query(&["--type=TXT", "query", ESCAPED]), [format!("{ESCAPED} IN TXT \"path=/\"")]);
    assert_eq!(resolved.query(&["--type=SRV", "query", ESCAPED]).len(), 1);
    let server = format!("@{}", a.ipv4());

    cam.write_line("txt \"Kitchen Cam\" path=/new");
    let deadline = Instant::now() + TWO_SECONDS;
    let left = || deadline.saturating_duration_since(Instant::now());
    snake.expect_json("zeroconf's new TXT", left(), |line| line["txt"]["path"] == "/new");
    browser.expect_json("our new TXT", left(), |line| {
        ours::is_about(line, "updated", INSTANCE) && line["txt"] == serde_json::json!([["path", "/new"]])
    });
    let new = format!("{ESCAPED} IN TXT \"path=/new\"");
    expect("resolved's new TXT", deadline, || resolved.cached(ESCAPED, "TXT") == [new.as_str()]);
    expect("dig's new TXT", deadline, || {
        dig(&d, &server, ESCAPED, "TXT").iter().any(|line| line.ends_with("\"path=/new\""))
    });
    expect("Avahi's new TXT", deadline, || {
        let rows = avahi.cached(SERVICE_TYPE);
        rows.iter().any(|row| row.resolved.as_ref().is_some_and(|found| found.txt == "\"path=/new\""))
    });

    // The name has to be probed for first: it is there when it is told to be.
    cam.write_line("hostname porch-light");
    ours::expect_established(&mut cam, "porch-light.local");
    let deadline = Instant::now() + TWO_SECONDS;
    let left = || deadline.saturating_duration_since(Instant::now());
    snake.expect_json("zeroconf's new host", left(), |line| line["host"] == "porch-light.local");
    browser.expect_json("our new host", left(), |line| {
        ours::is_about(line, "updated", INSTANCE) && line["host"] == "porch-light.local"
    });
    let new = format!("{ESCAPED} IN SRV 0 0 {PORT} porch-light.local");
    expect("resolved's new host", deadline, || resolved.cached(ESCAPED, "SRV") == [new.as_str()]);
    expect("resolved's loss of the old host", deadline, || {
        resolved.cached("kitchen-cam.local", "A").is_empty()
    });
    expect("dig's new host", deadline, || dig(&d, &server, "porch-light.local", "A").len() == 1);
    expect("Avahi's new host", deadline, || {
        let rows = avahi.cached(SERVICE_TYPE);
        rows.iter().any(|row| row.resolved.as_ref().is_some_and(|found| found.host == "porch-light.local"))
    });

    assert_eq!(resolved.query(&["--type=PTR", "query", "_http._tcp.local"]).len(), 1);
    cam.terminate();
    let deadline = Instant::now() + TWO_SECONDS;
    let left = || deadline.saturating_duration_since(Instant::now());
    zeroconf::expect(&mut snake, "removed", INSTANCE, left());
    ours::expect_lost(&mut browser, INSTANCE, left());
    rows.expect("Avahi's removal", left(), |line| line.starts_with('-').then_some(()));
    for (name, rtype) in
        [("_http._tcp.local", "PTR"), (ESCAPED, "SRV"), (ESCAPED, "TXT"), ("porch-light.local", "A")]
    {
        let what = format!("resolved's loss of {name} {rtype}");
        expect(&what, deadline, || resolved.cached(name, rtype).is_empty());
    }
    expect("nothing for dig", deadline, || dig(&d, &server, "porch-light.local", "A").is_empty());
}
