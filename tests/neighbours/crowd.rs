//! Many hosts that were given one name start at once: after a power cut, or fresh from the factory.

use std::collections::BTreeSet;
use std::fs;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use super::lan::{Host, Lan};
use super::needs::Need;
use super::ours::{self, SOON};
use super::packets::{self, A, Packet};

/// Linux keeps one table of neighbours for all namespaces, of 1024 entries unless told otherwise. Fifty hosts that answer
/// each other by unicast need more; when it is full, nobody on this machine can send to a new one. Not settable inside a
/// namespace, so it is the machine's own limit that is raised for a minute.
struct ManyNeighbours([(&'static str, Option<String>); 2]);

impl ManyNeighbours {
    fn allow() -> Self {
        let files =
            ["/proc/sys/net/ipv4/neigh/default/gc_thresh3", "/proc/sys/net/ipv6/neigh/default/gc_thresh3"];
        Self(files.map(|file| {
            let before = fs::read_to_string(file).ok().filter(|text| {
                text.trim().parse::<u32>().is_ok_and(|limit| limit < ENOUGH)
                    && fs::write(file, ENOUGH.to_string()).is_ok()
            });
            (file, before)
        }))
    }
}

impl Drop for ManyNeighbours {
    fn drop(&mut self) {
        for (file, before) in &self.0 {
            let _ = before.as_ref().map(|before| fs::write(file, before.trim()));
        }
    }
}

/// Each of fifty hosts may know each other one.
const ENOUGH: u32 = 8192;

/// What the slowest of them has to have a name of its own in.
const SETTLED: Duration = Duration::from_secs(120);

// M-9-3
#[test]
fn fifty_hosts_that_start_at_once_with_one_name_end_with_fifty() {
    settle(50);
}

/// The hosts are there, their cables are plugged in at one moment; all shall have a name that nobody else has.
fn settle(count: usize) {
    let Some(lan) = Lan::new(&[Need::Python]) else { return };
    let _limits = ManyNeighbours::allow();
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
