//! Our own packets come back: from a bridge or a repeater that reflects them, or by a second interface.

use std::time::{Duration, Instant};

use super::lan::{Host, Lan};
use super::needs::{self, Need};
use super::ours::{self, INSTANCE, SERVICE_TYPE, SOON};
use super::packets::{self, A, Packet};
use super::process::Process;

const NAME: &str = "kitchen-cam.local";

/// Arguments: interface, then delays in milliseconds. Sends each frame with multicast DNS that comes in on the interface
/// out on it again, octet for octet, after each of the delays.
const REFLECT: &str = r"
import heapq, json, select, socket, sys, time

interface, delays = sys.argv[1], [int(delay) / 1000 for delay in sys.argv[2:]]
raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
raw.bind((interface, 0))
waiting, number = [], 0
print(json.dumps({'event': 'ready'}), flush=True)
while True:
    left = max(0, waiting[0][0] - time.monotonic()) if waiting else None
    if select.select([raw], [], [], left)[0]:
        frame, (_, protocol, direction, *_) = raw.recvfrom(65535)
        ports = {0x0800: 34, 0x86DD: 54}.get(protocol)
        # Not what was sent from here: that would go round for ever.
        if direction != 4 and ports and frame[ports:ports + 2] == b'\x14\xe9':
            for delay in delays:
                number += 1
                heapq.heappush(waiting, (time.monotonic() + delay, number, frame))
    while waiting and waiting[0][0] <= time.monotonic():
        raw.send(heapq.heappop(waiting)[2])
        print(json.dumps({'event': 'reflected'}), flush=True)
";

/// Reflects what `host` sends on link 0, at the bridge's end of its cable.
fn reflect(lan: &Lan, host: &Host, delays: &[&str]) -> Process {
    // Linux drops IPv4 packets that claim to come from itself, unless it is told to take them; other stacks do not.
    for which in ["all", "veth0"] {
        let setting = format!("echo 1 >/proc/sys/net/ipv4/conf/{which}/accept_local");
        host.run("sh", &["-c", &setting]);
    }
    let python = needs::python("").expect("asked for by the test's needs");
    let port = lan.port(host, 0);
    let mut reflector = lan.start_at_bridge(python, &[&["-c", REFLECT, &port], delays].concat());
    reflector.expect_json("the reflector's start", SOON, |line| line["event"] == "ready");
    reflector
}

fn expect_peace(cam: &mut Process, watched: Duration) {
    cam.expect_none("a conflict with ourselves", watched, |line| {
        line.contains("renamed") || line.contains("conflict")
    });
}

// M-14-2, M-8.2-3, S3
#[test]
fn a_bridge_that_reflects_our_packets_at_once_and_later_costs_us_no_name() {
    let Some(lan) = Lan::new(&[Need::Python]) else { return };
    let (a, b) = (lan.host("a"), lan.host("b"));
    let mut reflector = reflect(&lan, &a, &["0", "1", "40", "260", "700", "1100"]);
    let mut heard = packets::capture(&a, "veth0");
    let began = Instant::now();
    let mut cam = ours::advertise(&a, "kitchen-cam");
    for source in [a.ipv4().into(), std::net::IpAddr::from(a.ipv6())] {
        Packet::expect(&mut heard, &format!("a probe of ours that comes back to {source}"), SOON, |packet| {
            !packet.outgoing && packet.source == source && packet.is_probe()
        });
        Packet::expect(&mut heard, &format!("an announcement that comes back to {source}"), SOON, |packet| {
            !packet.outgoing && packet.source == source && packet.answer(NAME, A, a.ipv4()).is_some()
        });
    }
    // Questions and answers of ours come back too.
    let mut browser = ours::browse(&a, SERVICE_TYPE);
    ours::expect_resolved(&mut browser, INSTANCE, a.ipv4(), a.ipv6());
    let mut other = ours::browse(&b, SERVICE_TYPE);
    ours::expect_resolved(&mut other, INSTANCE, a.ipv4(), a.ipv6());
    reflector.forget();
    expect_peace(&mut cam, Duration::from_secs(3));
    // Nothing keeps itself going by its own echoes.
    let reflected = reflector.count(Duration::from_secs(2), |line| line.contains("reflected"));
    assert!(
        reflected <= 60,
        "{reflected} reflections in the last seconds, {:?} after the start",
        began.elapsed()
    );
}

/// What comes back late shows data that we do not have any more.
// M-14-2, S3
#[test]
fn an_old_packet_that_comes_back_after_a_change_of_data_costs_us_no_name() {
    let Some(lan) = Lan::new(&[Need::Python]) else { return };
    let (a, b) = (lan.host("a"), lan.host("b"));
    let _reflector = reflect(&lan, &a, &["300", "900"]);
    let mut cam = ours::advertise(&a, "kitchen-cam");
    let mut browser = ours::browse(&b, SERVICE_TYPE);
    ours::expect_resolved(&mut browser, INSTANCE, a.ipv4(), a.ipv6());
    for number in 1..4 {
        cam.write_line(&format!("txt \"Kitchen Cam\" path=/{number}"));
        cam.write_line(&format!("port \"Kitchen Cam\" 808{number}"));
        a.ip(&["addr", "add", &format!("10.77.0.20{number}/24"), "dev", "veth0"]);
        browser.expect_json("the changed service", SOON, |line| {
            line["txt"] == serde_json::json!([["path", format!("/{number}")]])
                && line["port"] == 8080 + number
        });
    }
    cam.expect_none("a new name without need", Duration::from_secs(3), |line| line.contains("renamed"));
    ours::lookup_until(&b, NAME, &["--family", "6"], &[a.ipv6().into()]);
}

/// Both interfaces are on one link, so that each hears what the other one says.
// M-14-2, S3
#[test]
fn a_second_interface_on_the_same_link_costs_us_no_name() {
    let Some(lan) = Lan::new(&[Need::Python]) else { return };
    let (mut a, b) = (lan.host("a"), lan.host("b"));
    lan.attach(&mut a, 0);
    for which in ["all", "veth0", "veth1"] {
        let setting = format!("echo 1 >/proc/sys/net/ipv4/conf/{which}/accept_local");
        a.run("sh", &["-c", &setting]);
    }
    let service = format!("{INSTANCE}.{SERVICE_TYPE}:8080");
    let arguments =
        ["--interface", "veth0", "--interface", "veth1", "--hostname", "kitchen-cam", "--service", &service];
    let mut cam = ours::start(&a, "advertise", &arguments);
    for interface in ["veth0", "veth1"] {
        cam.expect_json(&format!("{NAME} on {interface}"), SOON, |line| {
            ours::is(line, "established") && line["interface"] == interface && line["name"] == NAME
        });
    }
    let (status, found) = ours::lookup(&b, NAME, &["--family", "4"]);
    assert_eq!(status, Some(0));
    assert!(found.iter().all(|address| a.interfaces.iter().any(|ours| ours.ipv4 == *address)), "{found:?}");
    cam.expect_none("a conflict with ourselves", Duration::from_secs(3), |line| line.contains("renamed"));
}
