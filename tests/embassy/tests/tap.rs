//! A board on a tap device beside Avahi.
#![cfg(target_os = "linux")]
#![allow(dead_code, unreachable_pub, reason = "other tests use the rest of these modules")]

#[path = "../../neighbours/avahi.rs"]
mod avahi;
#[path = "../../neighbours/bus.rs"]
mod bus;
#[path = "../../neighbours/dns_servers.rs"]
mod dns_servers;
#[path = "../../neighbours/lan.rs"]
mod lan;
#[path = "../../neighbours/needs.rs"]
mod needs;
#[path = "../../neighbours/packets.rs"]
mod packets;
#[path = "../../neighbours/process.rs"]
mod process;
#[path = "../../neighbours/raw.rs"]
mod raw;
#[path = "../../neighbours/resolved.rs"]
mod resolved;
#[path = "../../neighbours/text.rs"]
mod text;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::{Duration, Instant};

use avahi::{Avahi, Family, Row};
use lan::Lan;
use needs::Need;
use process::Process;
use raw::{A, Datagram, IN, QU, Raw, labels, query, question};

const SOON: Duration = Duration::from_secs(15);
const V4: Ipv4Addr = Ipv4Addr::new(10, 77, 0, 150);
const V6: Ipv6Addr = Ipv6Addr::new(0xFE80, 0, 0, 0, 3, 0x4FF, 0xFE05, 0x607);

/// A board called `kitchen-cam`, once its service is established.
fn board(lan: &Lan) -> Process {
    board_at(lan, &V4.to_string())
}

fn board_at(lan: &Lan, address: &str) -> Process {
    for arguments in [
        &["tuntap", "add", "dev", "tap0", "mode", "tap"][..],
        &["link", "set", "dev", "tap0", "master", "br0", "up"],
    ] {
        let ended = lan.start_at_bridge("ip", arguments).end(SOON);
        assert!(ended.status.success(), "{}", ended.stderr);
    }
    let mut board = lan.start_at_bridge(env!("CARGO_BIN_EXE_board"), &["tap0", "kitchen-cam", address]);
    expect(&mut board, "Established(Service");
    board
}

fn expect(board: &mut Process, what: &str) -> String {
    board.expect(what, SOON, |line| line.contains(what).then(|| line.to_owned()))
}

/// Waits until Avahi has the name at an address.
fn expect_at(avahi: &Avahi, family: Family, wanted: IpAddr) {
    let deadline = Instant::now() + SOON;
    loop {
        let found = avahi.resolve("kitchen-cam.local", family);
        if found == Some(wanted) {
            return;
        }
        assert!(Instant::now() < deadline, "{found:?} and not {wanted}");
    }
}

#[test]
fn avahi_and_a_board_find_each_other_and_the_board_follows_its_link() {
    let Some(lan) = Lan::new(&[Need::Avahi, Need::Tap]) else { return };
    let b = lan.host("b");
    let avahi = Avahi::start(&b, "neighbour");
    let _printer = avahi.publish("Printer", "_ipp._tcp", 631, &["rp=queue"]);
    let mut board = board(&lan);

    assert_eq!(avahi.resolve("kitchen-cam.local", Family::V4), Some(V4.into()));
    assert_eq!(avahi.resolve("kitchen-cam.local", Family::V6), Some(V6.into()));
    let mut browser = avahi.browse("_http._tcp");
    for protocol in ["IPv4", "IPv6"] {
        // Whichever address Avahi shows.
        Row::expect(&mut browser, &format!("the service by {protocol}"), SOON, |row| {
            (row.protocol.as_str(), row.instance.as_str()) == (protocol, "Kitchen Cam")
                && row.resolved.as_ref().is_some_and(|found| {
                    (found.host.as_str(), found.port, found.txt.as_str())
                        == ("kitchen-cam.local", 8080, "\"path=/\"")
                        && [IpAddr::from(V4), V6.into()].contains(&found.address)
                })
        });
    }

    board.write_line("browse _ipp._tcp");
    let v4 = b.ipv4().to_string();
    board.expect("the printer", SOON, |line| {
        (line.contains(" Printer port 631 ") && line.contains(&v4)).then_some(())
    });
    board.write_line("lookup neighbour.local");
    expect(&mut board, &format!("neighbour.local at {}", b.ipv4()));
    board.write_line("lookup nobody.local");
    expect(&mut board, "nobody.local failed: nobody on the link answers");

    // Another address.
    board.write_line("address 10.77.0.160");
    expect_at(&avahi, Family::V4, Ipv4Addr::new(10, 77, 0, 160).into());

    // A cable that is pulled and plugged in.
    board.forget();
    board.write_line("plug down");
    expect(&mut board, "link down");
    board.write_line("lookup neighbour.local");
    board.write_line("plug up");
    expect(&mut board, "Probing(Host)");
    expect(&mut board, "Established(Host)");
    expect(&mut board, &format!("neighbour.local at {}", b.ipv4()));
    expect_at(&avahi, Family::V4, Ipv4Addr::new(10, 77, 0, 160).into());
    drop(avahi);
    board.expect_none("a new name without need", Duration::ZERO, |line| line.contains("Renamed"));
}

// N9
#[test]
fn a_dead_address_that_asks_for_unicast_silences_nobody() {
    let Some(lan) = Lan::new(&[Need::Avahi, Need::Python, Need::Tap]) else { return };
    let (b, c) = (lan.host("b"), lan.host("c"));
    let _board = board(&lan);
    // What the board has announced is announced long enough ago.
    std::thread::sleep(Duration::from_secs(3));
    let name = labels("kitchen-cam.local");
    let mut raw = Raw::start(&c, &b, "unused.local");
    let asks_by_unicast = query(&[question(&name, A, QU)]);
    raw.throw(&Datagram::to_group(Ipv4Addr::new(10, 77, 0, 250).into(), &asks_by_unicast));
    std::thread::sleep(Duration::from_millis(300));
    let before = Instant::now();
    let asks = query(&[question(&name, A, IN)]);
    raw.expect_answer(4, &asks, &raw::hex(&V4.octets()), "a query from a dead address");
    assert!(before.elapsed() < Duration::from_millis(1_500), "{:?}", before.elapsed());
    std::thread::sleep(Duration::from_millis(2_500));
    raw.expect_answer(4, &asks_by_unicast, &raw::hex(&V4.octets()), "the dead one was given up");
}

#[test]
fn a_board_gets_its_address_and_servers_by_dhcp_and_looks_all_names_up() {
    let Some(lan) = Lan::new(&[Need::Avahi, Need::Dnsmasq, Need::Tap]) else { return };
    let b = lan.host("b");
    let hosts = b.directory.join("hosts");
    let many = (1..=100).map(|last| format!("198.51.100.{last} many.lab.example\n"));
    std::fs::write(&hosts, many.collect::<String>() + "192.0.2.7 api.lab.example\n").unwrap();
    let more = [
        "--dhcp-range=10.77.0.200,10.77.0.200,1h".to_owned(),
        "--local=/lab.example/".to_owned(),
        format!("--dhcp-leasefile={}", b.directory.join("leases").display()),
        format!("--addn-hosts={}", hosts.display()),
    ];
    let _server = dns_servers::dnsmasq(&b, None, &more.each_ref().map(String::as_str));
    let avahi = Avahi::start(&b, "neighbour");
    let mut board = board_at(&lan, "dhcp");
    expect_at(&avahi, Family::V4, Ipv4Addr::new(10, 77, 0, 200).into());

    board.write_line("lookup api.lab.example");
    expect(&mut board, "api.lab.example at 192.0.2.7");
    board.write_line("lookup neighbour.local");
    expect(&mut board, &format!("neighbour.local at {}", b.ipv4()));
    // More than a datagram has room for: by TCP.
    board.write_line("count many.lab.example");
    expect(&mut board, "100 addresses");
    // Its network goes, and comes again.
    board.forget();
    board.write_line("plug down");
    expect(&mut board, "link down");
    board.write_line("lookup api.lab.example");
    board.write_line("plug up");
    expect(&mut board, "api.lab.example at 192.0.2.7");
}
