//! A microcontroller, emulated, beside Avahi: it is found, finds, gives way, and outlives what no sound program sends.

use std::fs;
use std::net::IpAddr;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use dotlocal::wire::Message;

use super::avahi::{Avahi, Family, Row};
use super::board::Board;
use super::lan::{Host, Lan};
use super::needs::{Need, python};
use super::ours::SOON;
use super::packets::GROUP_V6;
use super::raw::{A, Datagram, IN, QU, Raw, hex, labels, query, question};

const NAME: &str = "kitchen-cam.local";

fn raw(host: &Host) -> Raw {
    Raw::start_at(host, Board::MAC, Board::IPV4, Board::IPV6, NAME)
}

#[test]
fn avahi_finds_the_board_and_the_board_finds_avahi_also_after_its_link_was_down() {
    let Some(lan) = Lan::new(&[Need::Avahi, Need::Tap, Need::Board]) else { return };
    let a = lan.host("a");
    let avahi = Avahi::start(&a, "neighbour");
    let (_publisher, _) = avahi.publish("Printer", "_ipp._tcp", 631, &["rp=queue"]);
    let mut board = Board::start(&lan, "kitchen-cam", "neighbour.local", "_ipp._tcp");
    board.expect("established kitchen-cam.local");
    board.expect("established Cortex-M3._http._tcp.local");
    let found = |board: &mut Board| {
        assert_eq!(avahi.resolve(NAME, Family::V4), Some(Board::IPV4.into()));
        assert_eq!(avahi.resolve(NAME, Family::V6), Some(Board::IPV6.into()));
        let rows = avahi.browse_once("_http._tcp");
        let resolved = rows.iter().filter(|row| row.event == '=' && row.instance == "Cortex-M3");
        let resolved: Vec<_> = resolved.filter_map(|row| row.resolved.as_ref()).collect();
        assert!(!resolved.is_empty(), "{rows:?}");
        for answer in resolved {
            let expected = ("kitchen-cam.local", 80, "\"path=/\"");
            assert_eq!((answer.host.as_str(), answer.port, answer.txt.as_str()), expected);
            assert!([IpAddr::from(Board::IPV4), Board::IPV6.into()].contains(&answer.address));
        }
        board.expect(&format!("resolved \"Printer\" at {}:631", a.ipv4()));
    };
    board.expect(&format!("address {}", a.ipv4()));
    board.expect(&format!("address {}", a.ipv6()));
    found(&mut board);

    let mut browser = avahi.browse("_http._tcp");
    Row::expect(&mut browser, "the board's service", SOON, |row| row.event == '=');
    board.plug(&lan, "down");
    board.process.expect_none("a claim without a link", Duration::from_secs(2), |line| {
        line.starts_with("established")
    });
    board.process.forget();
    board.plug(&lan, "up");
    board.expect("established kitchen-cam.local");
    board.expect("established Cortex-M3._http._tcp.local");
    assert_eq!(avahi.resolve(NAME, Family::V4), Some(Board::IPV4.into()));
    // From a host of its own: a unicast answer reaches only one of those who share a port.
    raw(&lan.host("b")).expect_answers("the link is up again");
    board.end();
    // It has said goodbye.
    Row::expect(&mut browser, "the board's end", SOON, |row| row.event == '-' && row.instance == "Cortex-M3");
}

#[test]
fn avahi_has_the_boards_name_so_the_board_takes_another() {
    let Some(lan) = Lan::new(&[Need::Avahi, Need::Tap, Need::Board]) else { return };
    let a = lan.host("a");
    let avahi = Avahi::start(&a, "kitchen-cam");
    let mut board = Board::start(&lan, "kitchen-cam", NAME, "_http._tcp");
    board.expect("renamed kitchen-cam-2.local");
    board.expect("established kitchen-cam-2.local");
    board.expect(&format!("address {}", a.ipv4()));
    assert_eq!(avahi.resolve("kitchen-cam-2.local", Family::V4), Some(Board::IPV4.into()));
    assert_eq!(avahi.resolve(NAME, Family::V4), Some(a.ipv4().into()));
    board.end();
}

/// Its own reports tell where it is: smoltcp tells the contrary, which the adapter sets right.
#[test]
fn a_switch_that_asks_nobody_knows_in_which_groups_of_ipv6_the_board_is() {
    let Some(lan) = Lan::new(&[Need::Tap, Need::Board]) else { return };
    lan.snoop_silently(0);
    let mut board = Board::start(&lan, "kitchen-cam", "neighbour.local", "_ipp._tcp");
    board.expect("established kitchen-cam.local");
    assert_eq!(lan.members(0, GROUP_V6), [Board::TAP]);
    // Where it is asked for its hardware address, by the end of its own (RFC 4291 section 2.7.1).
    assert_eq!(lan.members(0, "ff02::1:ff12:3456".parse().unwrap()), [Board::TAP]);
    board.end();
}

/// What a fuzz target starts from, each message broken until it is no message any more.
fn malformed(directory: &Path, number: usize) -> Vec<Vec<u8>> {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds");
    let python = python("").expect("asked for by the test's needs");
    let wrote = Command::new(python).arg(seeds).arg(directory).arg("message").status();
    assert!(wrote.is_ok_and(|status| status.success()), "fuzz/seeds writes its messages");
    let mut files: Vec<_> = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let seeds: Vec<Vec<u8>> = files.iter().map(|file| fs::read(file).unwrap()).collect();
    let seeds: Vec<_> = seeds.into_iter().filter(|seed| (12..1_400).contains(&seed.len())).collect();
    let mut random = 0x2545_F491_u32;
    let mut draw = |below: usize| {
        random ^= random << 13;
        random ^= random >> 17;
        random ^= random << 5;
        random as usize % below
    };
    let broken = (0..).map(|at| {
        let mut octets: Vec<u8> = seeds[at % seeds.len()].clone();
        for _ in 0..=draw(4) {
            let place = draw(octets.len());
            match draw(4) {
                0 => octets.truncate(place.max(1)),
                1 => octets[place] = [0, 0xC0, 0xFF, 0x3F][draw(4)],
                2 => octets[place] ^= 1 << draw(8),
                _ => octets.insert(place, draw(256) as u8),
            }
        }
        octets
    });
    let is_malformed =
        |octets: &Vec<u8>| Message::parse(octets).and_then(|message| message.check().map(drop)).is_err();
    broken.filter(is_malformed).take(number).collect()
}

// N9
#[test]
fn the_board_still_answers_after_a_thousand_malformed_packets_and_an_asker_that_never_answers_arp() {
    let Some(lan) = Lan::new(&[Need::Python, Need::Tap, Need::Board]) else { return };
    let a = lan.host("a");
    let mut board = Board::start(&lan, "kitchen-cam", "neighbour.local", "_ipp._tcp");
    board.expect("established kitchen-cam.local");
    let mut raw = raw(&a);
    raw.expect_answers("nothing");
    let packets = malformed(&lan.host("seeds").directory, 1_000);
    for (number, octets) in packets.iter().enumerate() {
        let source = if number % 2 == 0 { IpAddr::from(a.ipv4()) } else { a.ipv6().into() };
        let mut datagram = Datagram::to_group(source, octets);
        if number % 5 == 0 {
            datagram.destination = if number % 2 == 0 { Board::IPV4.into() } else { Board::IPV6.into() };
        }
        raw.throw(&datagram);
        if number % 100 == 99 {
            raw.expect_answers("malformed packets");
        }
    }
    // Nobody is at this address.
    let dead = IpAddr::from([10, 77, 0, 66]);
    raw.throw(&Datagram::to_group(dead, &query(&[question(&labels(NAME), A, QU)])));
    let asked = query(&[question(&labels(NAME), A, IN)]);
    let tries =
        raw.expect_answer(4, &asked, &hex(&Board::IPV4.octets()), "an asker without a hardware address");
    // An answer that is held up comes at the sixth.
    assert!(tries <= 5, "answers to the group were held up: {tries}");
    raw.expect_answers("an asker without a hardware address");
    board.end();
}
