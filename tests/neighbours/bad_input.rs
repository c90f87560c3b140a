//! What no sound program sends, from a raw socket: after each of it the device still answers a correct query.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use super::lan::Lan;
use super::needs::Need;
use super::ours::{self, INSTANCE, SERVICE_TYPE, SOON};
use super::packets::{self, GROUP_V4, GROUP_V6, PTR, Packet, SRV, TXT};
use super::raw::{
    A, AAAA, Datagram, FLUSH, IN, QU, RESPONSE, Raw, labels, message, query, question, record,
    record_of_length, response,
};

const NAME: &str = "kitchen-cam.local";
const NSEC: u16 = 47;
const OPT: u16 = 41;
const ANY: u16 = 255;
/// Long enough for an answer that was not to be given: answers are delayed by half a second at most.
const SILENCE: Duration = Duration::from_millis(1500);
/// Where the records begin: behind the header.
const START: usize = 12;

/// A pointer to `at`.
fn pointer(at: usize) -> [u8; 2] {
    (0xC000 | at as u16).to_be_bytes()
}

/// Messages that are broken, or odd, in the ways of the table of attacks; each with the row that it belongs to.
fn inputs() -> Vec<(String, Vec<u8>)> {
    let mut inputs: Vec<(String, Vec<u8>)> = Vec::new();
    let mut add = |name: &str, octets: Vec<u8>| inputs.push((name.to_owned(), octets));
    let (ours, other) = (labels(NAME), labels("other.local"));
    let a = |name: &[u8]| record(name, A, IN, 120, &[192, 0, 2, 1]);

    let name_bodies: [(&str, Vec<u8>); 13] = [
        ("P1 a pointer to itself", pointer(START).to_vec()),
        ("P1 two pointers to each other", [pointer(START + 2), pointer(START)].concat()),
        ("P3 a forward pointer", pointer(START + 40).to_vec()),
        ("P3 a forward pointer behind a label", [b"\x01a".as_slice(), &pointer(START + 2)].concat()),
        ("P3 a pointer behind the datagram", pointer(0x3FFF).to_vec()),
        ("P4 a pointer to the id", pointer(0).to_vec()),
        ("P4 a pointer to the counts", pointer(4).to_vec()),
        ("P8 label type 0x40", [&[0x40 | 3_u8, b'a', b'b', b'c'], other.as_slice()].concat()),
        ("P8 label type 0x80", [&[0x80 | 3_u8, b'a', b'b', b'c'], other.as_slice()].concat()),
        ("P11 a NUL in a label", b"\x03a\0b\x05local\0".to_vec()),
        ("P12 a dot in a label", [&[17], NAME.as_bytes(), &[0]].concat()),
        ("P12 a backslash in a label", b"\x04a\\.b\x05local\0".to_vec()),
        ("P13 a label that is no UTF-8", b"\x03\xFF\xFE\x80\x05local\0".to_vec()),
    ];
    for (row, name) in name_bodies {
        add(&format!("{row}, in a question"), query(&[question(&name, ANY, IN)]));
        add(&format!("{row}, in an answer"), response(&[a(&name), a(&other)]));
        add(
            &format!("{row}, in a probe"),
            message(0, [1, 0, 1, 0], &[question(&name, ANY, IN), a(&name)].concat()),
        );
        add(
            &format!("{row}, as the target of a PTR"),
            response(&[record(&labels("_http._tcp.local"), PTR, IN, 120, &name)]),
        );
    }

    // A chain of pointers, each to the one before, as the data of a record that nobody knows.
    let (root, first) = (START + 11, START + 12);
    let links = (0..300).map(|link: usize| if link == 0 { root } else { first + 2 * (link - 1) });
    let data: Vec<u8> = [0].into_iter().chain(links.flat_map(pointer)).collect();
    let store = record(&[0], 0xFF00, IN, 120, &data);
    let end = pointer(first + 2 * 299);
    add("P2 a chain of 300 pointers", response(&[store.clone(), a(&end)]));
    add(
        "P6 a chain of 300 pointers for each of 50 records",
        response(&[vec![store], vec![a(&end); 50]].concat()),
    );
    let question_behind = message(0, [1, 1, 0, 0], &[question(&pointer(START), ANY, IN), a(&other)].concat());
    add("P1 a question that is a pointer to itself before a good record", question_behind);

    let long = [[63].as_slice(), &[b'x'; 63]].concat();
    let three = [long.repeat(3), vec![0]].concat();
    let store = record(&three, 0xFF00, IN, 120, &[]);
    let past = [long.as_slice(), &pointer(START)].concat();
    add(
        "P7 a name of 257 octets, for each of 12 records",
        response(&[vec![store], vec![a(&past); 12]].concat()),
    );
    add(
        "P7 a name of 320 octets without pointers",
        query(&[question(&[long.repeat(5), vec![0]].concat(), A, IN)]),
    );
    add("P5 the first half of a pointer at the end", message(0, [1, 0, 0, 0], b"\x03abc\xC0"));
    add("P9 a name without its root", message(0, [1, 0, 0, 0], b"\x0Bkitchen-cam\x05local"));
    add("P9 a label that is longer than the datagram", message(0, [1, 0, 0, 0], b"\x3Fkitchen-cam"));

    // P10: the long one may still be in the buffer when the short one comes.
    let good = query(&[question(&ours, ANY, IN), question(&other, A, IN)]);
    add("P10 a good query", good.clone());
    add("P10 the first half of it", good[..20].to_vec());
    for length in 0..START {
        add(&format!("P14 {length} octets"), good[..length].to_vec());
    }
    for counts in [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [u16::MAX; 4]] {
        for flags in [0, RESPONSE] {
            add(
                &format!("P15 a header that counts {counts:?}, flags {flags:04x}"),
                message(flags, counts, &[]),
            );
        }
    }
    add("P16 two answers, of which one is there", message(RESPONSE, [0, 2, 0, 0], &a(&other)));
    add(
        "P16 1000 additional records that are not there",
        message(0, [1, 0, 0, 1000], &question(&ours, A, IN)),
    );
    for count in [256, 257, u16::MAX] {
        add(
            &format!("P17 {count} questions, of which one is there"),
            message(0, [count, 0, 0, 0], &question(&ours, A, IN)),
        );
    }
    add("P18 octets behind the last record", [response(&[a(&other)]), vec![0xC0; 50]].concat());
    for length in [5, 200, 0x8004, u16::MAX] {
        for name in [&ours, &other] {
            let cut = record_of_length(name, A, FLUSH, 120, length, &[192, 0, 2, 1]);
            add(&format!("P19 an RDLENGTH of {length}"), response(&[cut]));
        }
    }
    for (rtype, length) in
        [(A, 0), (A, 3), (A, 5), (AAAA, 0), (AAAA, 4), (AAAA, 15), (AAAA, 17), (SRV, 0), (SRV, 6), (PTR, 0)]
    {
        let name = if rtype == SRV { labels("Other._http._tcp.local") } else { other.clone() };
        let odd = record(&name, rtype, FLUSH, 120, &vec![1; length]);
        add(&format!("P20 type {rtype} with {length} octets"), response(&[odd, a(&other)]));
    }
    let bitmaps: [(&str, &[u8]); 7] = [
        ("without windows", &[]),
        ("with a window of no octets", &[0, 0]),
        ("with a window of 33 octets", &[&[0, 33], [0xFF; 33].as_slice()].concat()),
        ("with a window of 255 octets that ends early", &[0, 255, 1]),
        ("with windows that descend", &[1, 1, 0x40, 0, 1, 0x40]),
        ("with a window twice", &[0, 1, 0x40, 0, 1, 0x40]),
        ("with half a window", &[0]),
    ];
    for (what, bitmap) in bitmaps {
        let name = labels("nsec.local");
        let data = [name.as_slice(), bitmap].concat();
        add(&format!("P21 an NSEC {what}"), response(&[record(&name, NSEC, FLUSH, 120, &data), a(&other)]));
    }
    let texts: [(&str, &[u8]); 6] = [
        ("of no octets", &[]),
        ("with a string that is longer than it", b"\x20path=/"),
        ("with a value without a key", b"\x02=x"),
        ("with a key without a value", b"\x04path"),
        ("with a key twice", b"\x06path=/\x06path=?"),
        ("of empty strings", &[0; 300]),
    ];
    for (what, data) in texts {
        add(
            &format!("P22 a TXT {what}"),
            response(&[record(&labels("Other._http._tcp.local"), TXT, FLUSH, 120, data)]),
        );
    }
    let service = [[0; 4].as_slice(), &80_u16.to_be_bytes(), &other].concat();
    let name = labels("Other._http._tcp.local");
    let cut = record_of_length(&name, SRV, FLUSH, 120, 9, &service);
    add("P23 a target that runs past its record", response(&[cut, a(&other)]));
    let pointing = record_of_length(&labels("_http._tcp.local"), PTR, IN, 120, 1, &pointer(START));
    add("P23 a pointer that is half in its record", response(&[pointing]));
    add("P24 a query without a question", message(0, [0, 0, 0, 0], &[]));
    add("P24 a probe without a question", message(0, [0, 0, 1, 0], &a(&ours)));
    for qtype in [0, 64, 65, 99, 257, 0xFF00, u16::MAX] {
        add(
            &format!("P25 a question of type {qtype}"),
            query(&[question(&ours, qtype, IN), question(&other, qtype, QU)]),
        );
        add(
            &format!("P25 a record of type {qtype}"),
            response(&[record(&other, qtype, FLUSH, 120, &[1, 2, 3])]),
        );
    }
    for class in [0, 2, 3, 254, 0x7FFF] {
        add(
            &format!("P25 a question and a claim of class {class}"),
            message(
                0,
                [1, 0, 1, 0],
                &[question(&ours, ANY, class), record(&ours, A, class, 120, &[192, 0, 2, 1])].concat(),
            ),
        );
        add(
            &format!("P25 an answer of class {class}"),
            response(&[record(&ours, A, class, 120, &[192, 0, 2, 1])]),
        );
    }
    for number in 1..16_u16 {
        let claim = record(&ours, A, FLUSH, 120, &[192, 0, 2, 1]);
        add(
            &format!("P26 a query with opcode {number}"),
            message(number << 11, [1, 0, 0, 0], &question(&ours, A, IN)),
        );
        add(
            &format!("P26 a claim with opcode {number}"),
            message(RESPONSE | number << 11, [0, 1, 0, 0], &claim),
        );
        add(
            &format!("P26 a query with rcode {number}"),
            message(number, [1, 0, 0, 0], &question(&ours, A, IN)),
        );
        add(&format!("P26 a claim with rcode {number}"), message(RESPONSE | number, [0, 1, 0, 0], &claim));
    }
    let opt = |name: &[u8], options: &[u8]| record(name, OPT, 1232, 0, options);
    let asked = question(&ours, A, IN);
    let more = |records: &[Vec<u8>]| {
        message(0, [1, 0, 0, records.len() as u16], &[asked.clone(), records.concat()].concat())
    };
    add("P26 an unknown option", more(&[opt(&[0], &[0xFF, 0xFE, 0, 2, 1, 2])]));
    add("P26 an option that is longer than its record", more(&[opt(&[0], &[0, 8, 0, 200, 1])]));
    add("P26 OPT twice", more(&[opt(&[0], &[]), opt(&[0], &[])]));
    add("P26 OPT that is not the root's", more(&[opt(&other, &[])]));
    add("P26 OPT among the answers", message(0, [1, 1, 0, 0], &[asked.clone(), opt(&[0], &[])].concat()));
    let again = vec![question(&pointer(START), ANY, IN); 200];
    add("P27 201 questions for all that we have", query(&[vec![question(&ours, ANY, IN)], again].concat()));
    inputs
}

// P1, P2, P3, P4, P5, P6, P7, P8, P9, P10, P11, P12, P13, P14, P15, P16, P17, P18, P19, P20, P21, P22, P23, P24, P25, P26
#[test]
fn after_each_bad_datagram_a_correct_query_is_answered() {
    let Some(lan) = Lan::new(&[Need::Python]) else { return };
    let (a, b) = (lan.host("a"), lan.host("b"));
    let mut cam = ours::advertise(&a, "kitchen-cam");
    let mut raw = Raw::start(&b, &a, NAME);
    raw.expect_answers("nothing");
    let inputs = inputs();
    for (name, octets) in &inputs {
        for source in [b.ipv4().into(), IpAddr::from(b.ipv6())] {
            raw.throw(&Datagram::to_group(source, octets));
            // To one host, and from a port that a resolver would have.
            let destination = if source.is_ipv4() { a.ipv4().into() } else { IpAddr::from(a.ipv6()) };
            let source = SocketAddr::new(source, 40_000);
            raw.throw(&Datagram { source, destination, ..Datagram::to_group(source.ip(), octets) });
        }
        raw.expect_answers(name);
    }
    assert!(inputs.len() > 200, "{}", inputs.len());
    cam.expect_none("a new name without need", Duration::ZERO, |line| {
        line.contains("renamed") || line.contains("goodbye")
    });
}

/// The claim that another device has our host name.
fn claim(address: [u8; 4]) -> Vec<u8> {
    response(&[record(&labels(NAME), A, FLUSH, 120, &address)])
}

/// An instance that nobody has.
fn ghost(instance: &str) -> Vec<u8> {
    let name = [&[instance.len() as u8], instance.as_bytes(), &labels("_http._tcp.local")].concat();
    response(&[record(&labels("_http._tcp.local"), PTR, IN, 4500, &name)])
}

// M-11-2, M-5.4-3, N1
#[test]
fn a_source_off_the_link_gets_nothing_and_leaves_nothing() {
    let Some(lan) = Lan::new(&[Need::Python]) else { return };
    let (a, b) = (lan.host("a"), lan.host("b"));
    // What was sent there would come to us.
    a.ip(&["route", "add", "default", "via", &b.ipv4().to_string()]);
    a.ip(&["-6", "route", "add", "default", "via", &b.ipv6().to_string(), "dev", "veth0"]);
    let _cam = ours::advertise(&a, "kitchen-cam");
    let mut browser = ours::browse(&a, SERVICE_TYPE);
    ours::expect_resolved(&mut browser, INSTANCE, a.ipv4(), a.ipv6());
    let mut capture = packets::capture(&b, "veth0");
    let mut raw = Raw::start(&b, &a, NAME);
    let strangers: [(IpAddr, IpAddr, IpAddr); 2] = [
        (Ipv4Addr::new(192, 0, 2, 99).into(), a.ipv4().into(), GROUP_V4),
        (Ipv6Addr::new(0x2001, 0xDB8, 0, 9, 0, 0, 0, 9).into(), a.ipv6().into(), GROUP_V6),
    ];
    let questions = [IN, QU].map(|class| query(&[question(&labels(NAME), A, class)]));
    for (stranger, ours, group) in strangers {
        for destination in [ours, group] {
            for port in [5353, 40_000] {
                for payload in &questions {
                    let source = SocketAddr::new(stranger, port);
                    raw.throw(&Datagram { source, destination, ..Datagram::to_group(stranger, payload) });
                }
            }
        }
        raw.throw(&Datagram { destination: ours, ..Datagram::to_group(stranger, &ghost("Ghost")) });
        raw.throw(&Datagram { destination: ours, ..Datagram::to_group(stranger, &claim([192, 0, 2, 1])) });
    }
    raw.expect_answers("what came from off the link");
    // Who writes to the group is on the link: the browse does listen.
    raw.throw(&Datagram::to_group(b.ipv4().into(), &ghost("Neighbour")));
    browser.expect_json("the neighbour", SOON, |line| ours::is_about(line, "found", "Neighbour"));
    browser.expect_none("an entry from off the link", Duration::ZERO, |line| line.contains("Ghost"));
    capture.expect_none("a reply that leaves the link", SILENCE, |line| {
        let to = Packet::parse(line).filter(|packet| !packet.outgoing).and_then(|packet| packet.destination);
        to.is_some_and(|to| strangers.iter().any(|(stranger, ..)| *stranger == to))
    });
}

// M-11-1, N2
#[test]
fn a_claim_from_another_port_is_none_and_port_0_gets_no_reply_and_hop_limits_do_not_matter() {
    let Some(lan) = Lan::new(&[Need::Python]) else { return };
    let (a, b) = (lan.host("a"), lan.host("b"));
    let mut cam = ours::advertise(&a, "kitchen-cam");
    let mut capture = packets::capture(&b, "veth0");
    let mut raw = Raw::start(&b, &a, NAME);
    let sources = [b.ipv4().into(), IpAddr::from(b.ipv6())];
    for source in sources {
        for port in [1, 53, 5352, 40_000] {
            let source = SocketAddr::new(source, port);
            raw.throw(&Datagram { source, ..Datagram::to_group(source.ip(), &claim([192, 0, 2, 1])) });
        }
        let asked = query(&[question(&labels(NAME), A, IN)]);
        let nowhere = SocketAddr::new(source, 0);
        raw.throw(&Datagram { source: nowhere, ..Datagram::to_group(source, &asked) });
    }
    raw.expect_answers("claims from other ports");
    cam.expect_none("a conflict with another port", SILENCE, |line| line.contains("conflict"));
    capture.expect_none("a reply to port 0", Duration::ZERO, |line| {
        Packet::parse(line).is_some_and(|packet| !packet.outgoing && packet.destination_port == Some(0))
    });
    // The same from port 5353 is heard, whatever became of its hop limit (RFC 6762 section 11).
    let heard = Datagram { hops: 7, ..Datagram::to_group(sources[0], &claim([192, 0, 2, 1])) };
    raw.throw(&heard);
    cam.expect_json("the conflict", SOON, |line| ours::is(line, "conflict"));
    raw.expect_answers("the conflict");
    cam.expect_none("a new name though nobody answers the probes", Duration::ZERO, |line| {
        line.contains("renamed")
    });
}

// S9
#[test]
fn floods_from_forged_sources_leave_us_answering() {
    let Some(lan) = Lan::new(&[Need::Python]) else { return };
    let (a, b) = (lan.host("a"), lan.host("b"));
    let mut cam = ours::advertise(&a, "kitchen-cam");
    let mut raw = Raw::start(&b, &a, NAME);
    let first: IpAddr = Ipv4Addr::new(10, 77, 0, 20).into();
    let asked = |class| question(&labels(NAME), A, class);
    let known = record(&labels("_http._tcp.local"), PTR, IN, 4500, &labels("Other._http._tcp.local"));
    let floods = [
        ("queries with TC", message(0x0200, [1, 0, 0, 0], &question(&labels("_http._tcp.local"), PTR, IN))),
        ("known answers without a question", message(0x0200, [0, 1, 0, 0], &known)),
        ("queries for unicast answers", query(&[asked(QU)])),
        (
            "claims of other names",
            response(&[record(&labels("other.local"), A, FLUSH, 120, &[192, 0, 2, 1])]),
        ),
        ("probes for other names", message(0, [1, 0, 0, 0], &question(&labels("other.local"), ANY, QU))),
    ];
    for (name, payload) in floods {
        raw.throw(&Datagram { count: 200, steps: (1, 0), ..Datagram::to_group(first, &payload) });
        raw.expect_answers(name);
    }
    cam.expect_none("a new name without need", Duration::ZERO, |line| line.contains("renamed"));
}

/// A storm from one host with ports of all numbers: what it costs the link is bounded, whoever forged the source.
// N3
#[test]
fn a_storm_of_legacy_queries_gets_few_replies() {
    let Some(lan) = Lan::new(&[Need::Python]) else { return };
    let (a, b) = (lan.host("a"), lan.host("b"));
    let _cam = ours::advertise(&a, "kitchen-cam");
    let mut capture = packets::capture(&b, "veth0");
    let mut raw = Raw::start(&b, &a, NAME);
    let asked = query(&[question(&labels(NAME), A, IN)]);
    let source = SocketAddr::new(b.ipv4().into(), 40_000);
    raw.throw(&Datagram { source, count: 2_000, steps: (0, 1), ..Datagram::to_group(source.ip(), &asked) });
    raw.expect_answers("the storm");
    let replies = capture.count(SILENCE, |line| {
        let to = Packet::parse(line).filter(|packet| !packet.outgoing).and_then(|p| p.destination_port);
        to.is_some_and(|port| (40_000..42_000).contains(&port))
    });
    assert!((1..=60).contains(&replies), "{replies} replies to 2000 queries");
}

/// Somebody withdraws our records, or claims a service type for itself: we say at once that they are still there.
// M-6.6-2, S11
#[test]
fn a_forged_goodbye_is_made_good_within_two_seconds() {
    let Some(lan) = Lan::new(&[Need::Python]) else { return };
    let (a, b, c) = (lan.host("a"), lan.host("b"), lan.host("c"));
    let mut cam = ours::advertise(&a, "kitchen-cam");
    let mut browser = ours::browse(&c, SERVICE_TYPE);
    ours::expect_resolved(&mut browser, INSTANCE, a.ipv4(), a.ipv6());
    let mut raw = Raw::start(&b, &a, NAME);
    let mut capture = packets::capture(&b, "veth0");
    let instance = [&[INSTANCE.len() as u8], INSTANCE.as_bytes(), &labels("_http._tcp.local")].concat();
    let goodbye = response(&[
        record(&labels(NAME), A, FLUSH, 0, &a.ipv4().octets()),
        record(&labels("_http._tcp.local"), PTR, IN, 0, &instance),
    ]);
    // Not within the second of the announcements, in which nothing is said again.
    browser.expect_none("a loss without cause", SILENCE, |line| line.contains("lost"));
    capture.forget();
    raw.throw(&Datagram::to_group(b.ipv4().into(), &goodbye));
    Packet::expect(&mut capture, "our address again", ours::TWO_SECONDS, |packet| {
        !packet.outgoing && packet.answer(NAME, A, a.ipv4()).is_some()
    });
    browser.expect_none("a loss of what is still there", ours::TWO_SECONDS, |line| line.contains("lost"));
    raw.expect_answers("a forged goodbye");
    cam.expect_none("a new name without need", Duration::ZERO, |line| line.contains("renamed"));
}

/// Sixteen services with long TXT, all asked for in one query.
// P27, M-17-1
#[test]
fn answers_that_do_not_fit_one_packet_come_in_several() {
    let Some(lan) = Lan::new(&[Need::Python]) else { return };
    let (a, b) = (lan.host("a"), lan.host("b"));
    let txt = format!("text={}", "x".repeat(200));
    let services: Vec<_> = (10..26).map(|number| format!("Cam {number}._http._tcp:80{number}")).collect();
    let more: Vec<_> = services.iter().flat_map(|service| ["--service", service, "--txt", &txt]).collect();
    let arguments = [&["--interface", "veth0", "--hostname", "kitchen-cam"], more.as_slice()].concat();
    let mut cam = ours::start(&a, "advertise", &arguments);
    ours::expect_established(&mut cam, NAME);
    for number in 10..26 {
        ours::expect_established(&mut cam, &format!("Cam {number}._http._tcp.local"));
    }
    let mut raw = Raw::start(&b, &a, NAME);
    raw.expect_answers("sixteen services");
    let mut capture = packets::capture(&b, "veth0");
    let behind = [b"\x06Cam 10".as_slice(), &labels("_http._tcp.local")].concat();
    let questions = (11..26).map(|number| {
        [format!("\x06Cam {number}").as_bytes(), &pointer(START + 7), &ANY.to_be_bytes(), &IN.to_be_bytes()]
            .concat()
    });
    let questions: Vec<_> = [question(&behind, ANY, IN)].into_iter().chain(questions).collect();
    raw.throw(&Datagram::to_group(b.ipv4().into(), &query(&questions)));
    for number in 10..26 {
        let name = format!("Cam {number}._http._tcp.local");
        capture.see(&format!("the TXT of {name}"), SOON, |line| {
            let packet = Packet::parse(line).filter(|packet| !packet.outgoing)?;
            assert!(packet.length <= 1452 && packet.flags == u64::from(RESPONSE), "{packet:?}");
            packet.records.iter().any(|r| r.name == name && r.rtype == TXT).then_some(())
        });
    }
    capture.expect_none("a message that is not sound", Duration::ZERO, |line| line.contains("\"broken\""));
    raw.expect_answers("a query for all");
}

/// Somebody has every name that we try, until it goes away: the link is not flooded, and then we have a name.
// M-8.1-7, S5
#[test]
fn an_owner_of_every_name_slows_us_down_and_does_not_stop_us() {
    let Some(lan) = Lan::new(&[Need::Python]) else { return };
    let (a, b) = (lan.host("a"), lan.host("b"));
    let python = super::needs::python("").expect("asked for above");
    let mut stubborn = b.start(python, &["-c", STUBBORN, "veth0"]);
    stubborn.expect("its start", SOON, |line| line.contains("ready").then_some(()));
    let mut cam = ours::start(&a, "advertise", &["--interface", "veth0", "--hostname", "kitchen-cam"]);
    // Fifteen conflicts come fast; then five seconds pass before each probe.
    for number in 1..=15 {
        cam.expect_json(&format!("rename {number}"), SOON, |line| ours::is(line, "renamed"));
    }
    cam.forget();
    let renames = cam.count(Duration::from_secs(11), |line| line.contains("renamed"));
    assert!((1..=3).contains(&renames), "{renames} renames in eleven seconds after the fifteenth");
    drop(stubborn);
    cam.expect_json("a name at last", SOON, |line| ours::is(line, "established"));
}

/// Argument: interface. Answers each probe with a claim of its name to another address.
const STUBBORN: &str = r"
import socket, struct, sys

index = socket.if_nametoindex(sys.argv[1])
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(('', 5353))
s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, struct.pack('=4s4si', socket.inet_aton('224.0.0.251'), b'', index))
s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, struct.pack('=4s4si', b'', b'', index))
s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 0)
print('ready', flush=True)
while True:
    data, _ = s.recvfrom(9000)
    if len(data) > 12 and not data[2] & 0x80 and data[8:10] != b'\0\0':
        name = data[12:data.index(b'\0', 12) + 1]
        record = name + struct.pack('!HHIH4s', 1, 0x8001, 120, 4, bytes([192, 0, 2, 1]))
        s.sendto(struct.pack('!6H', 0, 0x8400, 0, 1, 0, 0) + record, ('224.0.0.251', 5353))
";
