//! The interface under our feet: it goes, comes back, changes its addresses, and has neighbours of its own.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;
use std::{fs, thread};

use serde_json::json;

use super::avahi::{Avahi, Family};
use super::lan::Lan;
use super::needs::Need;
use super::ours::{self, SOON};
use super::packets::{self, A, AAAA, GROUP_V4, GROUP_V6, Packet};
use super::resolved::Resolved;
use super::zeroconf;

const NAME: &str = "kitchen-cam.local";

/// Long enough for an answer that was not to be given: answers are delayed by half a second at most.
const SILENCE: Duration = Duration::from_millis(1500);

#[test]
fn an_interface_that_is_deleted_ends_the_program_with_a_sentence() {
    let Some(lan) = Lan::new(&[]) else { return };
    let a = lan.host("a");
    let mut programs = [
        ours::advertise(&a, "kitchen-cam"),
        ours::browse(&a, "_http._tcp"),
        ours::start(&a, "lookup", &["nobody.local", "--interface", "veth0", "--timeout", "60"]),
    ];
    ours::expect_resolved(&mut programs[1], ours::INSTANCE, a.ipv4(), a.ipv6());
    a.ip(&["link", "del", "veth0"]);
    for program in &mut programs {
        let ended = program.end(SOON);
        ours::assert_plain_failure(&ended, "veth0");
    }
}

#[test]
fn when_one_of_two_interfaces_is_deleted_the_other_goes_on() {
    let Some(lan) = Lan::new(&[Need::Python]) else { return };
    let (mut a, b) = (lan.host("a"), lan.host("b"));
    lan.attach(&mut a, 1);
    let mut capture = packets::capture(&b, "veth0");
    let mut cam = ours::start(&a, "advertise", &["--hostname", "kitchen-cam"]);
    let mut browser = ours::start(&a, "browse", &["_http._tcp"]);
    for interface in ["veth0", "veth1"] {
        cam.expect_json(&format!("{NAME} on {interface}"), SOON, |line| {
            ours::is(line, "established") && line["interface"] == interface
        });
    }
    a.ip(&["link", "del", "veth1"]);
    assert!(cam.is_running_after(SILENCE) && browser.is_running_after(Duration::ZERO));
    let _b = ours::advertise(&b, "other-cam");
    browser.expect_json("what comes on the other", SOON, |line| {
        ours::is_known(line, ours::INSTANCE) && line["interface"] == "veth0"
    });
    cam.terminate();
    let ended = cam.end(SOON);
    assert_eq!(ended.status.code(), Some(0), "{}", ended.stderr);
    assert!(ended.stderr.contains("veth1 is gone"), "{}", ended.stderr);
    let goodbyes: Vec<_> = ended.json().into_iter().filter(|line| ours::is(line, "goodbye")).collect();
    assert_eq!(goodbyes, [json!({"event": "goodbye", "interface": "veth0"})]);
    Packet::expect(&mut capture, "the goodbye", SOON, |packet| {
        packet.records.iter().any(|r| (r.name.as_str(), r.rtype, r.ttl_secs) == (NAME, A, 0))
    });
    a.ip(&["link", "del", "veth0"]);
    ours::assert_plain_failure(&browser.end(SOON), "veth0");
}

#[test]
fn of_the_interfaces_that_nobody_named_those_that_multicast_are_used() {
    let Some(lan) = Lan::new(&[]) else { return };
    let mut a = lan.host("a");
    lan.attach(&mut a, 1);
    a.ip(&["-6", "route", "del", "multicast", "ff00::/8", "dev", "veth1", "table", "local"]);
    let mut cam = ours::start(&a, "advertise", &["--ipv6", "--hostname", "kitchen-cam"]);
    ours::expect_established(&mut cam, NAME);
    cam.expect("what is not used", SOON, |line| line.contains("interface veth1").then_some(()));
    a.ip(&["-6", "route", "del", "multicast", "ff00::/8", "dev", "veth0", "table", "local"]);
    for arguments in [&["--ipv6"][..], &["--ipv6", "--interface", "veth1"]] {
        ours::assert_plain_failure(&ours::run(&a, "advertise", arguments), "veth1");
    }
}

// M-8-1
#[test]
fn after_link_up_we_probe_and_announce_again() {
    let Some(lan) = Lan::new(&[Need::Avahi, Need::Python]) else { return };
    let (a, b) = (lan.host("a"), lan.host("b"));
    let avahi = Avahi::start(&b, "neighbour");
    let mut capture = packets::capture(&b, "veth0");
    let mut cam = ours::advertise(&a, "kitchen-cam");
    a.ip(&["link", "set", "dev", "veth0", "down"]);
    capture.forget();
    a.ip(&["link", "set", "dev", "veth0", "up"]);
    for source in [a.ipv4().into(), IpAddr::from(a.ipv6())] {
        Packet::expect(&mut capture, &format!("a probe from {source}"), SOON, |packet| {
            packet.source == source && packet.is_probe() && packet.asks(NAME)
        });
        for (rtype, address) in [(A, IpAddr::from(a.ipv4())), (AAAA, a.ipv6().into())] {
            let what = format!("an announcement of {address} from {source}");
            capture.see(&what, SOON, |line| {
                let packet = Packet::parse(line).filter(|packet| packet.source == source)?;
                packet.answer(NAME, rtype, address).map(|record| assert!(record.flush))
            });
        }
    }
    assert_eq!(avahi.resolve(NAME, Family::V4), Some(a.ipv4().into()));
    assert_eq!(avahi.resolve(NAME, Family::V6), Some(a.ipv6().into()));
    cam.expect_none("a new name without need", Duration::ZERO, |line| line.contains("renamed"));
}

/// By those who asked before, and have what they heard in their caches.
// M-8-1
#[test]
fn after_link_down_and_up_each_finds_us_again() {
    let Some(lan) = Lan::new(&[Need::Zeroconf, Need::Resolved]) else { return };
    let (a, b, c) = (lan.host("a"), lan.host("b"), lan.host("c"));
    let mut cam = ours::advertise(&a, "kitchen-cam");
    let resolved = Resolved::start(&b, "neighbour");
    let mut browser = ours::browse(&c, ours::SERVICE_TYPE);
    ours::expect_resolved(&mut browser, ours::INSTANCE, a.ipv4(), a.ipv6());
    for host in [&a, &b, &c] {
        // The interface of the device, then those of the others.
        host.ip(&["link", "set", "dev", "veth0", "down"]);
        cam.forget();
        host.ip(&["link", "set", "dev", "veth0", "up"]);
        if host.ipv4() == a.ipv4() {
            ours::expect_established(&mut cam, NAME);
            ours::expect_established(&mut cam, "Kitchen Cam._http._tcp.local");
        }
        let wanted = [format!("{NAME}: {}", a.ipv4())];
        resolved.wait("resolved finds the host", SOON, || {
            (resolved.query(&["-4", "query", NAME]) == wanted).then_some(())
        });
        assert_eq!(zeroconf::look(&b, NAME, AAAA), [a.ipv6().to_string()]);
        ours::lookup_until(&c, NAME, &["--ipv4", "--family", "4"], &[a.ipv4().into()]);
        ours::lookup_until(&c, NAME, &["--ipv6", "--family", "6"], &[a.ipv6().into()]);
    }
    browser
        .expect_none("a loss of what was there all the time", Duration::ZERO, |line| line.contains("lost"));
    cam.expect_none("a new name without need", Duration::ZERO, |line| line.contains("renamed"));
}

#[test]
fn an_interface_that_is_down_at_first_is_waited_for_or_refused_with_a_sentence() {
    let Some(lan) = Lan::new(&[Need::Python]) else { return };
    let (a, b) = (lan.host("a"), lan.host("b"));
    let mut capture = packets::capture(&b, "veth0");
    a.ip(&["link", "set", "dev", "veth0", "down"]);
    let mut cam = ours::start(&a, "advertise", &["--interface", "veth0", "--hostname", "kitchen-cam"]);
    if cam.is_running_after(SILENCE) {
        a.ip(&["link", "set", "dev", "veth0", "up"]);
        Packet::expect(&mut capture, "an announcement", SOON, |packet| {
            packet.answer(NAME, A, a.ipv4()).is_some()
        });
    } else {
        ours::assert_plain_failure(&cam.end(SOON), "veth0");
    }
}

/// As when a cable is plugged in and duplicate address detection or DHCP takes longer than probing.
// M-8.1-1
#[test]
fn what_has_no_address_yet_takes_no_name_from_another() {
    let Some(lan) = Lan::new(&[]) else { return };
    let (a, b) = (lan.host("a"), lan.host("b"));
    let mut other = ours::advertise(&b, "other-cam");
    a.ip(&["addr", "flush", "dev", "veth0"]);
    let service = format!("{}.{}:80", ours::INSTANCE, ours::SERVICE_TYPE);
    let arguments = ["--interface", "veth0", "--hostname", "kitchen-cam", "--service", &service];
    let mut cam = ours::start(&a, "advertise", &arguments);
    cam.expect_none("a name that nobody was asked about", SILENCE, |line| line.contains("established"));
    a.ip(&["addr", "add", &format!("{}/24", a.ipv4()), "dev", "veth0"]);
    ours::expect_established(&mut cam, "Kitchen Cam (2)._http._tcp.local");
    other.expect_none("the loss of a name", Duration::ZERO, |line| {
        line.contains("conflict") || line.contains("renamed")
    });
    // And so each time.
    cam.forget();
    a.ip(&["addr", "flush", "dev", "veth0"]);
    cam.expect_none("a name that nobody was asked about", SILENCE, |line| line.contains("established"));
    a.ip(&["addr", "add", &format!("{}/24", a.ipv4()), "dev", "veth0"]);
    ours::expect_established(&mut cam, NAME);
}

/// Linux has no route to a group on loopback, and tells nobody when there is one.
#[test]
fn a_group_that_could_not_be_joined_is_tried_again() {
    let Some(lan) = Lan::new(&[]) else { return };
    let a = lan.host("a");
    a.ip(&["link", "set", "dev", "lo", "down"]);
    let arguments = ["--interface", "lo", "--ipv6", "--hostname", "kitchen-cam"];
    let mut cam = ours::start(&a, "advertise", &arguments);
    assert!(cam.is_running_after(SILENCE));
    a.ip(&["link", "set", "dev", "lo", "up"]);
    cam.expect_none("a name that nobody was asked about", SILENCE, |line| line.contains("established"));
    a.ip(&["-6", "route", "add", "multicast", "ff00::/8", "dev", "lo", "table", "local"]);
    ours::expect_established(&mut cam, NAME);
}

#[test]
fn a_lookup_ends_in_time_though_the_interface_is_down() {
    let Some(lan) = Lan::new(&[]) else { return };
    let a = lan.host("a");
    a.ip(&["link", "set", "dev", "veth0", "down"]);
    let cases: [(&str, &[&str]); 2] =
        [("lookup", &["nobody.local", "--timeout", "1"]), ("resolve", &["Nobody", "_http._tcp"])];
    for (example, arguments) in cases {
        let mut asker = ours::start(&a, example, &[arguments, &["--interface", "veth0"]].concat());
        let ended = asker.end(SOON);
        assert_eq!(ended.status.code(), Some(5), "{example}: {}{}", ended.stdout, ended.stderr);
    }
}

#[test]
fn a_host_without_one_of_the_families_is_found_by_the_other() {
    let Some(lan) = Lan::new(&[Need::Avahi]) else { return };
    let (four, six, b) = (lan.host("four"), lan.host("six"), lan.host("b"));
    four.ip(&["-6", "addr", "flush", "dev", "veth0"]);
    six.ip(&["-4", "addr", "flush", "dev", "veth0"]);
    let _four = ours::advertise_with(&four, "four", "Four", &[]);
    let _six = ours::advertise_with(&six, "six", "Six", &[]);
    let avahi = Avahi::start(&b, "neighbour");
    assert_eq!(avahi.resolve("four.local", Family::V4), Some(four.ipv4().into()));
    assert_eq!(avahi.resolve("six.local", Family::V6), Some(six.ipv6().into()));
    assert_eq!(ours::lookup(&b, "four.local", &[]), (Some(0), vec![four.ipv4().into()]));
    assert_eq!(ours::lookup(&b, "six.local", &[]), (Some(0), vec![six.ipv6().into()]));
}

#[test]
fn two_of_ours_find_each_other_on_loopback_where_there_is_nothing_else() {
    let Some(lan) = Lan::new(&[]) else { return };
    let a = lan.host("a");
    a.ip(&["link", "del", "veth0"]);
    let mut cam = ours::start(&a, "advertise", &["--hostname", "kitchen-cam"]);
    ours::expect_established(&mut cam, NAME);
    let found = ours::run(&a, "lookup", &[NAME]);
    assert_eq!(found.status.code(), Some(0), "{}", found.stderr);
    for address in ["127.0.0.1", "::1"] {
        assert!(found.json().iter().any(|line| line["address"] == address), "{address}: {}", found.stdout);
    }
}

// M-8.4-1
#[test]
fn changed_addresses_are_announced_without_probing() {
    let Some(lan) = Lan::new(&[Need::Avahi, Need::Python]) else { return };
    let (a, b) = (lan.host("a"), lan.host("b"));
    let avahi = Avahi::start(&b, "neighbour");
    let mut capture = packets::capture(&b, "veth0");
    let _cam = ours::advertise(&a, "kitchen-cam");
    assert_eq!(avahi.resolve(NAME, Family::V4), Some(a.ipv4().into()));
    let new = Ipv4Addr::new(10, 77, 0, 200);
    capture.forget();
    a.ip(&["addr", "add", &format!("{new}/24"), "dev", "veth0"]);
    Packet::expect(&mut capture, "both addresses announced", SOON, |packet| {
        [a.ipv4(), new]
            .iter()
            .all(|address| packet.answer(NAME, A, address).is_some_and(|record| record.flush))
    });
    a.ip(&["addr", "del", &format!("{new}/24"), "dev", "veth0"]);
    Packet::expect(&mut capture, "the first address announced alone", SOON, |packet| {
        packet.answer(NAME, A, a.ipv4()).is_some_and(|record| record.flush)
            && packet.answer(NAME, A, new).is_none()
    });
    capture.expect_none("a probe", Duration::ZERO, |line| Packet::parse(line).is_some_and(|p| p.is_probe()));
    ours::lookup_until(&b, NAME, &["--family", "4"], &[a.ipv4().into()]);
}

/// A program that was not scheduled while much happened has to think that the cable was pulled.
// M-8-1
#[test]
fn where_news_were_lost_names_are_probed_for_again() {
    let Some(lan) = Lan::new(&[]) else { return };
    let a = lan.host("a");
    let mut cam = ours::advertise(&a, "kitchen-cam");
    a.ip(&["link", "add", "other0", "type", "veth", "peer", "name", "other1"]);
    cam.stop();
    // More than fits its socket, and then what it does not learn of.
    let flood = "for n in $(seq 1000); do echo addr add 10.99.0.1/24 dev other0; echo addr del 10.99.0.1/24 dev other0; \
         done | ip -batch - && ip link set dev veth0 down && ip link set dev veth0 up";
    assert!(a.run("sh", &["-c", flood]).status.success());
    cam.forget();
    cam.resume();
    cam.expect_json("a probe", SOON, |line| ours::is(line, "probing") && line["name"] == NAME);
    ours::expect_established(&mut cam, NAME);
}

/// There is room for 16 in what the example has.
#[test]
fn of_too_many_addresses_the_first_ones_are_announced_and_none_that_is_gone() {
    let Some(lan) = Lan::new(&[Need::Python]) else { return };
    let (a, b) = (lan.host("a"), lan.host("b"));
    let mut cam = ours::advertise(&a, "kitchen-cam");
    let mut capture = packets::capture(&b, "veth0");
    a.ip(&["addr", "flush", "dev", "veth0", "scope", "global"]);
    let more = |last: u8| Ipv4Addr::new(10, 77, 0, last);
    for last in 200..=216 {
        a.ip(&["addr", "add", &format!("{}/24", more(last)), "dev", "veth0"]);
    }
    cam.expect("what is left out", SOON, |line| line.contains("room for 16 addresses").then_some(()));
    let all_but_last = |packet: &Packet| (200..=215).all(|last| packet.answer(NAME, A, more(last)).is_some());
    Packet::expect(&mut capture, "the first ones", SOON, |packet| {
        all_but_last(packet) && packet.answer(NAME, A, more(216)).is_none()
    });
    capture.forget();
    let mut asked = packets::ask(&b, "veth0", GROUP_V4, NAME, A, 1);
    Packet::expect(&mut asked, "an answer", SOON, |packet| packet.answer(NAME, A, a.ipv4()).is_none());
    assert!(cam.is_running_after(Duration::ZERO));
}

#[test]
fn what_arrives_on_another_interface_is_not_answered() {
    let Some(lan) = Lan::new(&[Need::Python]) else { return };
    let mut a = lan.host("a");
    let (b, c) = (lan.host("b"), lan.host_on("c", 1));
    lan.attach(&mut a, 1);
    let other = a.interfaces[1].clone();
    // Linux takes packets for any of its addresses on any of its interfaces.
    c.ip(&["route", "add", "10.77.0.0/24", "via", &other.ipv4.to_string()]);
    let mut other_side = packets::capture(&a, &other.name);
    let _cam = ours::advertise(&a, "kitchen-cam");
    let addresses = [GROUP_V4, GROUP_V6, other.ipv4.into(), other.ipv6.into(), a.ipv4().into()];
    let mut askers = addresses.map(|to| packets::ask(&c, "veth0", to, NAME, A, 1));
    for to in addresses {
        Packet::expect(&mut other_side, &format!("the question to {to}"), SOON, |packet| {
            packet.destination == Some(to) && packet.asks(NAME)
        });
    }
    other_side.expect_none("a packet of ours on the other link", SILENCE, |line| {
        Packet::parse(line).is_some_and(|packet| packet.outgoing)
    });
    for asker in &mut askers {
        asker.expect_none("a reply", Duration::ZERO, |line| Packet::parse(line).is_some());
    }
    for to in [GROUP_V4, GROUP_V6, a.ipv4().into(), a.ipv6().into()] {
        let mut asker = packets::ask(&b, "veth0", to, NAME, A, 2);
        Packet::expect(&mut asker, &format!("a reply by {to} on our own link"), SOON, Packet::is_response);
    }
}

// M-14-1
#[test]
fn on_two_interfaces_each_link_has_its_own_names_and_addresses() {
    let Some(lan) = Lan::new(&[Need::Avahi]) else { return };
    let mut a = lan.host("a");
    let (b, c) = (lan.host("b"), lan.host_on("c", 1));
    lan.attach(&mut a, 1);
    let taken = Avahi::start(&c, "kitchen-cam");
    let arguments = ["--interface", "veth0", "--interface", "veth1", "--hostname", "kitchen-cam"];
    let mut cam = ours::start(&a, "advertise", &arguments);
    for (interface, name) in [("veth0", NAME), ("veth1", "kitchen-cam-2.local")] {
        cam.expect_json(&format!("{name} on {interface}"), SOON, |line| {
            ours::is(line, "established") && line["interface"] == interface && line["name"] == name
        });
    }
    let (here, there) = (&a.interfaces[0], &a.interfaces[1]);
    assert_eq!(ours::lookup(&b, NAME, &["--family", "4"]), (Some(0), vec![here.ipv4.into()]));
    assert_eq!(ours::lookup(&b, NAME, &["--family", "6"]), (Some(0), vec![here.ipv6.into()]));
    assert_eq!(taken.resolve("kitchen-cam-2.local", Family::V4), Some(there.ipv4.into()));
    assert_eq!(taken.resolve("kitchen-cam-2.local", Family::V6), Some(there.ipv6.into()));
}

/// No polling: an advertiser that has nothing to do does nothing.
#[test]
fn an_idle_advertiser_sleeps() {
    let Some(lan) = Lan::new(&[Need::Python]) else { return };
    let (a, b) = (lan.host("a"), lan.host("b"));
    let mut capture = packets::capture(&b, "veth0");
    let cam = ours::advertise(&a, "kitchen-cam");
    for number in ["the first", "the second"] {
        Packet::expect(&mut capture, &format!("{number} announcement"), SOON, |packet| {
            packet.source == IpAddr::from(a.ipv4()) && packet.answer(NAME, A, a.ipv4()).is_some()
        });
    }
    let before = wake_ups(cam.id());
    thread::sleep(Duration::from_secs(3));
    let woken = wake_ups(cam.id()) - before;
    assert!(woken <= 10, "woken {woken} times in three idle seconds");
}

/// How often the process gave the processor up to wait.
fn wake_ups(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).expect("the process runs");
    let count = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
    count.and_then(|count| count.trim().parse().ok()).expect("Linux counts them")
}
