//! Many hosts that were given one name start at once: after a power cut, or fresh from the factory.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use super::lan::{Host, Lan};
use super::needs::Need;
use super::ours::{self, SOON};
use super::packets::{self, A, Packet};

/// What the slowest of them has to have a name of its own in.
const SETTLED: Duration = Duration::from_secs(120);

/// The hosts are there, their cables are plugged in at one moment; all shall have a name that nobody else has.
fn settle(count: usize) {
    let Some(lan) = Lan::new(&[Need::Python]) else { return };
    let watcher = lan.host("watcher");
    let hosts: Vec<Host> = (0..count).map(|number| lan.host(&format!("cam{number}"))).collect();
    lan.plug_all(&hosts, "down");
    let arguments = ["--interface", "veth0", "--hostname", "kitchen-cam"];
    let mut cams: Vec<_> = hosts.iter().map(|host| ours::start(host, "advertise", &arguments)).collect();
    for cam in &mut cams {
        cam.expect("that it waits for its link", SOON, |line| line.contains("is down").then_some(()));
    }
    let mut capture = packets::capture(&watcher, "veth0");
    lan.plug_all(&hosts, "up");
    let began = Instant::now();
    let left = || SETTLED.saturating_sub(began.elapsed());
    // A name that was established may still be lost to somebody who was not heard, so the last one counts.
    let mut names = vec![String::new(); count];
    while names.iter().collect::<BTreeSet<_>>().len() < count || names.contains(&String::new()) {
        let unsettled = names.iter().filter(|name| name.is_empty()).count();
        for (cam, name) in cams.iter_mut().zip(&mut names) {
            for line in cam.take_json() {
                if ours::is(&line, "established") {
                    *name = line["name"].as_str().unwrap().to_owned();
                } else if ours::is(&line, "probing") || ours::is(&line, "renamed") {
                    name.clear();
                }
            }
        }
        assert!(!left().is_zero(), "{unsettled} of {count} hosts have no name of their own: {names:?}");
        std::thread::sleep(Duration::from_millis(50));
    }
    let took = began.elapsed();
    let packets = capture.count(Duration::ZERO, |line| Packet::parse(line).is_some());
    // Not caught by the output of a test that passes.
    let _ = std::io::Write::write_all(
        &mut std::io::stderr(),
        format!("{count} hosts of one name: {count} names after {took:.1?} and {packets} packets\n")
            .as_bytes(),
    );
    // Others see the same.
    for (host, name) in hosts.iter().zip(&names).step_by(5) {
        let mut asker = packets::ask(&watcher, "veth0", packets::GROUP_V4, name, A, 5);
        let reply = Packet::expect(&mut asker, &format!("the address of {name}"), SOON, Packet::is_response);
        assert!(reply.answer(name, A, host.ipv4()).is_some() && reply.source == IpAddr::from(host.ipv4()));
    }
}

#[test]
fn twelve_hosts_that_start_at_once_with_one_name_end_with_twelve() {
    settle(12);
}

#[test]
#[ignore = "names count up by one: 50 hosts need about 50 rounds, most of them 5 seconds apart"]
fn fifty_hosts_that_start_at_once_with_one_name_end_with_fifty() {
    settle(50);
}
