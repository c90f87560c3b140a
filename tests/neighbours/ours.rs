//! The crate's own examples on a host.

use std::env;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::lan::Host;
use super::process::{Ended, Process};
use super::text::{has_addresses, plain};

/// Probing and announcing take two seconds, a rename one or two more; the rest is for a slow machine.
pub const SOON: Duration = Duration::from_secs(15);

/// What goodbyes are held to.
pub const TWO_SECONDS: Duration = Duration::from_secs(2);

/// The service that the tests advertise: instance, type and port.
pub const INSTANCE: &str = "Kitchen Cam";
pub const SERVICE_TYPE: &str = "_http._tcp";
pub const PORT: u16 = 8080;

/// Starts an example with `--json`; it has not printed anything yet.
pub fn start(host: &Host, example: &str, arguments: &[&str]) -> Process {
    host.start(program(example), &[arguments, &["--json"]].concat())
}

/// Runs an example to its end.
pub fn run(host: &Host, example: &str, arguments: &[&str]) -> Ended {
    start(host, example, arguments).end(Duration::from_secs(20))
}

/// Advertises `host_name` with the service [`INSTANCE`] on the first interface, and waits until both are established.
pub fn advertise(host: &Host, host_name: &str) -> Process {
    advertise_with(host, host_name, INSTANCE, &[])
}

pub fn advertise_with(host: &Host, host_name: &str, instance: &str, more: &[&str]) -> Process {
    let service = format!("{instance}.{SERVICE_TYPE}:{PORT}");
    let interface = &host.interface().name;
    let arguments =
        ["--interface", interface, "--hostname", host_name, "--service", &service, "--txt", "path=/"];
    let mut advertiser = start(host, "advertise", &[&arguments, more].concat());
    expect_established(&mut advertiser, &format!("{host_name}.local"));
    expect_established(&mut advertiser, &format!("{instance}.{SERVICE_TYPE}.local"));
    advertiser
}

pub fn expect_established(advertiser: &mut Process, name: &str) {
    advertiser.expect_json(&format!("established {name}"), SOON, |line| {
        is(line, "established") && named(line, "name", name)
    });
}

pub fn expect_renamed(advertiser: &mut Process, from: &str, to: &str) {
    advertiser.expect_json(&format!("renamed {from} to {to}"), SOON, |line| {
        is(line, "renamed") && named(line, "from", from) && named(line, "to", to)
    });
}

/// Starts a browse that ends when it is dropped.
pub fn browse(host: &Host, service_type: &str) -> Process {
    start(host, "browse", &[service_type, "--interface", &host.interface().name])
}

/// Waits until our browse has found `instance` and resolved it with exactly these addresses.
pub fn expect_resolved(browser: &mut Process, instance: &str, ipv4: Ipv4Addr, ipv6: Ipv6Addr) -> Value {
    let wanted = [IpAddr::from(ipv4), IpAddr::from(ipv6)];
    browser.expect_json(&format!("found {instance}"), SOON, |line| is_about(line, "found", instance));
    browser.expect_json(&format!("{instance} resolved to {wanted:?}"), SOON, |line| {
        is_known(line, instance) && has_addresses(line, &wanted)
    })
}

/// Waits until our browse has lost `instance`.
pub fn expect_lost(browser: &mut Process, instance: &str, within: Duration) {
    browser.expect_json(&format!("lost {instance}"), within, |line| is_about(line, "lost", instance));
}

/// Looks `name` up by the first interface: exit status and the addresses without their scopes, in order.
pub fn lookup(host: &Host, name: &str, more: &[&str]) -> (Option<i32>, Vec<IpAddr>) {
    let ended = run(host, "lookup", &[&[name, "--interface", &host.interface().name], more].concat());
    let lines = ended.json();
    let texts = lines.iter().filter(|line| is(line, "address")).filter_map(|line| line["address"].as_str());
    (ended.status.code(), texts.filter_map(|text| text.split('%').next()?.parse().ok()).collect())
}

/// Looks `name` up until it has these addresses alone: what is withdrawn may be cached for a second more.
pub fn lookup_until(host: &Host, name: &str, more: &[&str], wanted: &[IpAddr]) {
    let deadline = Instant::now() + SOON;
    loop {
        let (status, found) = lookup(host, name, more);
        if (status, found.as_slice()) == (Some(0), wanted) {
            return;
        }
        assert!(
            Instant::now() < deadline,
            "{name} is at {found:?} and not at {wanted:?}; exit status {status:?}"
        );
    }
}

/// A failure as people can read it: a status of its own, and a sentence that names `what`.
pub fn assert_plain_failure(ended: &Ended, what: &str) {
    let message = format!("{}{}", ended.stderr, ended.stdout);
    assert!(ended.status.code().is_some_and(|code| code != 0), "{}: {message}", ended.status);
    assert!(message.contains(what), "{what} is not named: {message}");
    for sign in ["panicked", "Error {", "Os {", "backtrace"] {
        assert!(!message.contains(sign), "no sentence: {message}");
    }
}

pub fn is(line: &Value, event: &str) -> bool {
    line["event"] == event
}

/// Whether a line of browse or resolve is this event about `instance`.
pub fn is_about(line: &Value, event: &str, instance: &str) -> bool {
    is(line, event) && line["instance"] == instance
}

/// Whether a line tells where `instance` is: `resolved` or `updated`.
pub fn is_known(line: &Value, instance: &str) -> bool {
    is_about(line, "resolved", instance) || is_about(line, "updated", instance)
}

/// Whether a line has this address, with its scope.
pub fn has_address(line: &Value, address: &str) -> bool {
    line["addresses"].as_array().is_some_and(|addresses| addresses.iter().any(|found| found == address))
}

/// Whether `key` of `line` is `name`, which stands there in presentation format.
fn named(line: &Value, key: &str, name: &str) -> bool {
    line[key].as_str().is_some_and(|text| plain(text) == name)
}

/// Where cargo puts the examples beside this test program. They are built first: `cargo test --test neighbours`
/// would leave those of an earlier build.
pub fn program(example: &str) -> PathBuf {
    static DIRECTORY: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let directory = DIRECTORY.get_or_init(|| {
        let test = env::current_exe().expect("a test program knows where it is");
        let profile = test.parent().and_then(Path::parent).expect("target/<profile>/deps/<test>");
        build(profile).map(|()| profile.join("examples"))
    });
    let program = directory.as_ref().unwrap_or_else(|message| panic!("{message}")).join(example);
    assert!(program.is_file(), "no example at {}", program.display());
    program
}

fn build(profile: &Path) -> Result<(), String> {
    let name = match profile.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => "dev",
        Some(name) => name,
    };
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--profile", name]);
    cargo.args(["advertise", "browse", "resolve", "lookup"].map(|example| format!("--example={example}")));
    cargo.args(["--manifest-path", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"), "--target-dir"]);
    cargo.arg(profile.parent().expect("target/<profile>"));
    match cargo.output() {
        Ok(output) if !output.status.success() => {
            Err(format!("the examples do not build:\n{}", String::from_utf8_lossy(&output.stderr)))
        }
        // Where there is no cargo any more, the examples of the same build may be beside the test program.
        _ => Ok(()),
    }
}
