//! Switches that send multicast only to those who asked for it: we stay in the groups, and join them anew after each
//! change of the link or of the addresses.
//!
//! Linux keeps 224.0.0.251 out of its table, as RFC 4541 section 2.1.2 has it for all of 224.0.0.0/24, and floods it;
//! so it is the report itself that tells of IPv4, and the table that tells of IPv6.

use std::net::IpAddr;
use std::thread;
use std::time::{Duration, Instant};

use super::lan::{Host, Lan};
use super::needs::{self, Need};
use super::ours::{self, SOON};
use super::packets::{self, A, AAAA, GROUP_V4, GROUP_V6, Packet};
use super::process::Process;

const BOTH: [IpAddr; 2] = [GROUP_V4, GROUP_V6];
const NAME: &str = "kitchen-cam.local";

/// Who did not report for so long is forgotten by the bridge, and some more.
const TIMED_OUT: Duration = Duration::from_secs(7);

/// Argument: interface. Prints the reports and the leaves of IGMP (RFC 2236, 3376) and MLD (RFC 2710, 3810) that go out.
const REPORTS: &str = r"
import json, socket, struct, sys

capture = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(3))
capture.bind((sys.argv[1], 0))

def tell(version, kind, group):
    family = socket.AF_INET if version == 4 else socket.AF_INET6
    print(json.dumps({'event': 'membership', 'kind': kind, 'group': socket.inet_ntop(family, group)}), flush=True)

def records(data, version):
    # Kinds of version 3 and 2: 1, 3 change to the empty set; 2, 4 to all but the empty set (RFC 3376 section 4.2.12).
    size, at = (4, 8) if version == 4 else (16, 8)
    for _ in range(struct.unpack_from('!H', data, 6)[0]):
        kind, aux, sources = struct.unpack_from('!BBH', data, at)
        group = data[at + 4:at + 4 + size]
        if kind in (2, 4):
            tell(version, 'report', group)
        elif kind in (1, 3) and not sources:
            tell(version, 'leave', group)
        at += 4 + size + sources * size + aux * 4

print(json.dumps({'event': 'ready'}), flush=True)
while True:
    data, (_, protocol, direction, *_) = capture.recvfrom(65535)
    if direction != 4:
        continue
    if protocol == 0x0800 and data[9] == 2:
        igmp = data[(data[0] & 15) * 4:]
        if igmp[0] in (0x12, 0x16):
            tell(4, 'report', igmp[4:8])
        elif igmp[0] == 0x17:
            tell(4, 'leave', igmp[4:8])
        elif igmp[0] == 0x22:
            records(igmp, 4)
    elif protocol == 0x86DD and data[6] == 0 and data[40] == 58:
        mld = data[40 + 8 * (data[41] + 1):]
        if mld[0] == 131:
            tell(6, 'report', mld[8:24])
        elif mld[0] == 132:
            tell(6, 'leave', mld[8:24])
        elif mld[0] == 143:
            records(mld, 6)
";

fn reports(host: &Host) -> Process {
    let python = needs::python("").expect("asked for by the test's needs");
    let mut capture = host.start(python, &["-c", REPORTS, &host.interface().name]);
    capture.expect_json("the capture's start", SOON, |line| line["event"] == "ready");
    capture
}

/// Waits for a message of this kind about each of these groups.
fn expect(reports: &mut Process, kind: &str, groups: &[IpAddr]) {
    for group in groups {
        reports.expect_json(&format!("a {kind} of {group}"), SOON, |line| {
            line["kind"] == kind && line["group"] == group.to_string()
        });
    }
}

/// Waits until the bridge of `link` knows `host` as a member of the IPv6 group.
fn expect_member(lan: &Lan, link: u8, host: &Host) {
    let deadline = Instant::now() + SOON;
    while !lan.members(link, GROUP_V6).contains(&lan.port(host, 0)) {
        assert!(Instant::now() < deadline, "no member: {:?}", lan.members(link, GROUP_V6));
        thread::sleep(Duration::from_millis(50));
    }
}

/// Whether the group still reaches the device: a query to it, by each family, from a port of its own.
fn expect_hearing(asker: &Host, device: &Host) {
    for (group, rtype, address) in
        [(GROUP_V4, A, IpAddr::from(device.ipv4())), (GROUP_V6, AAAA, device.ipv6().into())]
    {
        let mut asked = packets::ask(asker, "veth0", group, NAME, rtype, 9);
        Packet::expect(&mut asked, &format!("an answer by {group}"), SOON, |packet| {
            packet.answer(NAME, rtype, address).is_some()
        });
    }
}

/// Beyond the time after which the bridge would have forgotten us, without ever leaving.
#[test]
fn behind_a_snooping_bridge_we_hear_the_group_beyond_its_timeout() {
    let Some(lan) = Lan::new(&[Need::Python]) else { return };
    lan.snoop(0);
    let (a, b, c) = (lan.host("a"), lan.host("b"), lan.host("c"));
    let mut reports = reports(&a);
    let _cam = ours::advertise(&a, "kitchen-cam");
    expect(&mut reports, "report", &BOTH);
    expect_member(&lan, 0, &a);
    expect_hearing(&b, &a);
    // Who has not joined does not hear: the bridge does hold back.
    let mut stranger = packets::capture(&c, "veth0");
    reports.forget();
    reports.expect_none("a leave without cause", TIMED_OUT, |line| line.contains("leave"));
    expect(&mut reports, "report", &BOTH);
    expect_member(&lan, 0, &a);
    expect_hearing(&b, &a);
    stranger.expect_none("a query of IPv6 where nobody asked for it", Duration::ZERO, |line| {
        Packet::parse(line).is_some_and(|packet| packet.destination == Some(GROUP_V6))
    });
}

// M-8-1
#[test]
fn after_a_move_to_another_bridge_we_join_probe_and_hear_there() {
    let Some(lan) = Lan::new(&[Need::Python]) else { return };
    lan.snoop(0);
    lan.snoop(1);
    let (a, b, c) = (lan.host("a"), lan.host("b"), lan.host_on("c", 1));
    // The same network on both bridges, as between the access points of one house.
    c.ip(&["addr", "flush", "dev", "veth0", "scope", "global"]);
    c.ip(&["addr", "add", "10.77.0.99/24", "dev", "veth0"]);
    let mut reports = reports(&a);
    let mut cam = ours::advertise(&a, "kitchen-cam");
    expect_member(&lan, 0, &a);
    expect_hearing(&b, &a);
    let mut there = packets::capture(&c, "veth0");
    for (link, asker) in [(1, &c), (0, &b)] {
        lan.plug(&a, 0, "down");
        reports.forget();
        cam.forget();
        lan.move_to(&a, 0, link);
        lan.plug(&a, 0, "up");
        ours::expect_established(&mut cam, NAME);
        // Linux itself reports IPv6 groups anew, as MLD version 2 knows no leave before a report, but not those of IPv4.
        expect(&mut reports, "leave", &[GROUP_V4]);
        expect(&mut reports, "report", &BOTH);
        expect_member(&lan, link, &a);
        expect_hearing(asker, &a);
    }
    Packet::expect(&mut there, "our probe on the other link", SOON, |packet| {
        packet.source == IpAddr::from(a.ipv4()) && packet.is_probe() && packet.asks(NAME)
    });
    thread::sleep(TIMED_OUT);
    expect_member(&lan, 0, &a);
    expect_hearing(&b, &a);
    cam.expect_none("a new name without need", Duration::ZERO, |line| line.contains("renamed"));
}

// M-8.4-1
#[test]
fn after_a_change_of_addresses_we_are_in_the_groups_beyond_the_timeout() {
    let Some(lan) = Lan::new(&[Need::Python]) else { return };
    lan.snoop(0);
    let (a, b) = (lan.host("a"), lan.host("b"));
    let mut reports = reports(&a);
    let mut cam = ours::advertise(&a, "kitchen-cam");
    expect_member(&lan, 0, &a);
    let address = |host: &Host| format!("{}/24", host.ipv4());
    for (command, wanted) in [("add", "10.77.0.200/24"), ("del", "10.77.0.200/24")] {
        reports.forget();
        a.ip(&["addr", command, wanted, "dev", "veth0"]);
        expect(&mut reports, "leave", &BOTH);
        expect(&mut reports, "report", &BOTH);
    }
    // All of a family's go, and come back: so does the membership.
    a.ip(&["addr", "flush", "dev", "veth0", "scope", "global"]);
    ours::lookup_until(&b, NAME, &["--family", "6"], &[a.ipv6().into()]);
    a.ip(&["addr", "add", &address(&a), "dev", "veth0"]);
    ours::lookup_until(&b, NAME, &["--family", "4"], &[a.ipv4().into()]);
    thread::sleep(TIMED_OUT);
    expect_member(&lan, 0, &a);
    expect_hearing(&b, &a);
    cam.expect_none("a new name without need", Duration::ZERO, |line| line.contains("renamed"));
}
