//! The adapter for smoltcp on a device of two queues and a clock that is set: no network.
#![allow(unreachable_pub, reason = "a test target exports nothing")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

#[path = "on_smoltcp/asking.rs"]
mod asking;
#[path = "on_smoltcp/board.rs"]
mod board;
#[path = "on_smoltcp/frames.rs"]
mod frames;
#[path = "on_smoltcp/groups.rs"]
mod groups;
#[path = "on_smoltcp/limits.rs"]
mod limits;
#[path = "on_smoltcp/streams.rs"]
mod streams;

use std::net::{IpAddr, SocketAddr};
use std::sync::Mutex;

use board::{Board, V4, V6, datagrams, query};
use dotlocal::adapter::smoltcp::LinkCounters;
use dotlocal::mdns::{
    Config, Event, GROUP_V4, GROUP_V6, Querier, QuerierStorage, Responder, ResponderEvent, ResponderStorage,
};
use dotlocal::wire::Message;
use dotlocal::{Disposition, Meta, Reason};
use frames::Sent;
use smoltcp::time::{Duration, Instant};

const GROUP: &str = "224.0.0.251:5353";
const GROUP6: &str = "[ff02::fb]:5353";
const GROUPS: [IpAddr; 2] = [IpAddr::V4(GROUP_V4), IpAddr::V6(GROUP_V6)];

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn to(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

/// Where the responses among what was sent went.
fn answered(sent: &[(i64, Sent)]) -> Vec<SocketAddr> {
    datagrams(sent).into_iter().filter(|datagram| datagram.3).map(|datagram| datagram.2).collect()
}

/// Where the queries went.
fn asked(sent: &[(i64, Sent)]) -> Vec<SocketAddr> {
    datagrams(sent).into_iter().filter(|datagram| !datagram.3).map(|datagram| datagram.2).collect()
}

/// The groups that were reported or left.
fn of_groups(sent: &[(i64, Sent)]) -> Vec<Sent> {
    let of_mdns = |frame: &&Sent| match frame {
        Sent::Report(group) | Sent::Leave(group) => GROUPS.contains(group),
        _ => false,
    };
    sent.iter().map(|(_, frame)| frame).filter(of_mdns).cloned().collect()
}

/// How many names were told to be established.
fn established(board: &Board) -> usize {
    let is_established = |event: &&Event| matches!(event, Event::Responder(ResponderEvent::Established(_)));
    board.events.iter().filter(is_established).count()
}

#[test]
fn names_are_claimed_and_announced_on_both_families_with_a_hop_limit_of_255() {
    let mut board = Board::new::<1500>();
    let sent = board.run(5_000);
    assert_eq!(of_groups(&sent), [Sent::Report(GROUPS[0]), Sent::Report(GROUPS[1])]);
    let sent = datagrams(&sent);
    let of = |group: &str| sent.iter().filter(|(_, _, at, _)| *at == to(group)).count();
    // Three probes and two announcements.
    assert_eq!((of(GROUP), of(GROUP6), sent.len()), (5, 5, 10), "{sent:?}");
    for (_, from, at, _) in &sent {
        let ours = if at.is_ipv4() { ip(V4) } else { ip(V6) };
        assert_eq!(*from, SocketAddr::new(ours, 5353));
    }
    assert!(
        board.events.iter().any(|event| matches!(event, Event::Responder(ResponderEvent::Established(_))))
    );
    assert_eq!(board.delay(), None, "a device that is asked nothing sleeps");
    assert_eq!(board.link.counters(), LinkCounters::default());
}

#[test]
fn a_query_to_the_group_is_answered_to_the_group_or_to_its_asker_and_never_from_the_group() {
    let mut board = Board::new::<1500>();
    board.settle();
    board.ask("192.0.2.9:5353", GROUP, "cam.local", false);
    assert_eq!(answered(&board.run(1_000)), [to(GROUP), to(GROUP6)]);
    for (asker, group, ours) in
        [("192.0.2.9:5353", GROUP, V4), ("192.0.2.9:40000", GROUP, V4), ("[fe80::9]:5353", GROUP6, V6)]
    {
        // The asker says its hardware address when it is asked.
        board.ask(asker, group, "cam.local", true);
        let mut sent = board.run(0);
        if sent.iter().any(|(_, frame)| *frame == Sent::WhoHas(to(asker).ip())) {
            board.hand_in(frames::is_at(ip(ours), to(asker).ip()));
        }
        sent.extend(board.run(1_500));
        let answers: Vec<_> = datagrams(&sent).into_iter().filter(|answer| answer.2 == to(asker)).collect();
        assert_eq!(answers.len(), 1, "{asker}: {sent:?}");
        assert_eq!(answers[0].1, SocketAddr::new(ip(ours), 5353));
    }
}

#[test]
fn a_reply_leaves_from_the_address_that_was_asked() {
    let mut board = Board::bare::<1500>();
    board.set_addresses(&["192.0.2.7", "192.0.2.8"]);
    board.endpoint.set_hostname("cam").unwrap();
    board.settle();
    for ours in ["192.0.2.8", "192.0.2.7"] {
        board.ask("192.0.2.9:40000", &format!("{ours}:5353"), "cam.local", false);
        board.hand_in(frames::is_at(ip(ours), ip("192.0.2.9")));
        let sent = datagrams(&board.run(1_000));
        assert_eq!(sent.len(), 1, "{sent:?}");
        assert_eq!((sent[0].1, sent[0].2), (to(&format!("{ours}:5353")), to("192.0.2.9:40000")));
    }
}

#[test]
fn a_reply_leaves_from_no_address_that_is_gone() {
    let mut board = Board::bare::<1500>();
    board.set_addresses(&["192.0.2.7"]);
    board.endpoint.set_hostname("cam").unwrap();
    board.settle();
    let asker = "192.0.2.9:40000";
    for (ours, asked_at) in [("192.0.2.7", "192.0.2.7:5353"), ("192.0.2.17", GROUP)] {
        board.set_addresses(&[ours]);
        board.settle();
        board.ask(asker, asked_at, "cam.local", false);
        board.hand_in(frames::is_at(ip(ours), to(asker).ip()));
        let sent = datagrams(&board.run(1_000));
        assert_eq!(sent.len(), 1, "{sent:?}");
        assert_eq!((sent[0].1.ip(), sent[0].2), (ip(ours), to(asker)));
    }
}

// N9
#[test]
fn an_asker_that_never_says_its_hardware_address_holds_up_nothing_else() {
    let mut board = Board::new::<1500>();
    board.settle();
    let (dead, live) = ("192.0.2.66:5353", "192.0.2.9:5353");
    board.ask(dead, GROUP, "cam.local", true);
    let sent = board.run(1_000);
    assert!(sent.iter().any(|(_, frame)| *frame == Sent::WhoHas(ip("192.0.2.66"))), "{sent:?}");
    assert!(answered(&sent).is_empty(), "the answer waits for a hardware address: {sent:?}");
    // Multicast answers leave as ever.
    board.ask(live, GROUP, "cam.local", false);
    assert_eq!(answered(&board.run(500)), [to(GROUP), to(GROUP6)]);
    // After two and a half seconds the answer is given up, and nothing more is asked for.
    assert!(answered(&board.run(900)).is_empty());
    assert_eq!(board.link.counters(), LinkCounters::default());
    assert!(answered(&board.run(300)).is_empty());
    assert_eq!(board.link.counters(), LinkCounters { stalled: 1, ..LinkCounters::default() });
    assert!(answered(&board.run(800)).is_empty());
    assert_eq!(board.run(20_000), []);
    assert_eq!(board.delay(), None);
    // Single hosts are answered again.
    board.ask(live, GROUP, "cam.local", true);
    board.run(100);
    board.hand_in(frames::is_at(ip(V4), ip("192.0.2.9")));
    assert_eq!(answered(&board.run(1_000)), [to(live)]);
    assert_eq!(board.delay(), None, "nothing is left to watch");
}

#[test]
fn more_answers_to_single_hosts_than_their_queue_holds_are_lost_and_counted() {
    let mut board = Board::new::<1500>();
    board.settle();
    for host in 60..66 {
        board.ask(&format!("192.0.2.{host}:5353"), GROUP, "cam.local", true);
    }
    board.run(1_000);
    let lost = board.link.counters().unsent;
    assert!((1..=4).contains(&lost), "{lost}");
    assert!(answered(&board.run(10_000)).is_empty());
    board.ask("192.0.2.9:5353", GROUP, "cam.local", false);
    assert_eq!(answered(&board.run(500)), [to(GROUP), to(GROUP6)]);
}

#[test]
fn when_the_link_is_up_again_the_groups_are_joined_anew_and_the_names_claimed() {
    let mut board = Board::new::<1500>();
    board.link.link_down();
    let sent = board.run(2_000);
    assert!(datagrams(&sent).is_empty() && of_groups(&sent).is_empty(), "it begins without a link");
    assert_eq!(board.delay(), None);
    board.link.link_up();
    board.settle();
    board.link.link_down();
    assert_eq!(board.delay(), Some(Duration::ZERO), "the machine does not know yet");
    board.ask("192.0.2.9:5353", GROUP, "cam.local", false);
    assert_eq!(board.run(2_000), [], "nothing is sent, and the loop sleeps");
    board.link.link_up();
    let sent = board.run(5_000);
    let [four, six] = GROUPS.map(|group| [Sent::Leave(group), Sent::Report(group)]);
    assert_eq!(of_groups(&sent), [four, six].concat());
    assert_eq!((asked(&sent).len(), answered(&sent).len()), (6, 4), "{sent:?}");
    // A short outage that is over before a turn, and one that nobody has seen: the station has roamed.
    for went_down in [true, false] {
        if went_down {
            board.link.link_down();
        }
        board.link.link_up();
        let sent = board.run(5_000);
        assert_eq!(of_groups(&sent).len(), 4);
        assert_eq!((asked(&sent).len(), answered(&sent).len()), (6, 4));
    }
}

#[test]
fn a_device_that_takes_no_frames_loses_nothing_and_reports_the_groups_later() {
    let mut board = Board::new::<1500>();
    board.port.takes = 0;
    board.turn().unwrap();
    board.port.takes = usize::MAX;
    assert_eq!(of_groups(&board.run(5_000)), GROUPS.map(Sent::Report));
    board.port.takes = 0;
    board.link.link_up();
    for _ in 0..40 {
        board.millis += 50;
        board.turn().unwrap();
    }
    assert!(board.port.from_board.is_empty());
    board.port.takes = usize::MAX;
    let sent = board.run(5_000);
    assert_eq!(of_groups(&sent)[..2], [Sent::Leave(GROUPS[0]), Sent::Report(GROUPS[0])]);
    // The first of the six, over IPv4, was queued.
    let (probes, announcements) = (asked(&sent).len(), answered(&sent).len());
    assert!(probes >= 5 && announcements == 4, "{sent:?}");
    assert_eq!(board.link.counters().stalled, 0);
}

#[test]
fn what_a_device_has_not_taken_for_two_and_a_half_seconds_is_dropped() {
    let mut board = Board::new::<1500>();
    board.settle();
    board.ask("192.0.2.9:5353", GROUP, "cam.local", false);
    // The frame comes in, and its room for an answer is the last.
    board.port.takes = 1;
    board.turn().unwrap();
    board.port.takes = 0;
    for _ in 0..60 {
        board.millis += 100;
        board.turn().unwrap();
    }
    assert!(board.link.counters().stalled >= 1);
    board.port.takes = usize::MAX;
    board.run(5_000);
    board.ask("192.0.2.9:5353", GROUP, "cam.local", false);
    assert_eq!(answered(&board.run(500)), [to(GROUP), to(GROUP6)]);
}

#[test]
fn other_addresses_are_announced_and_the_groups_joined_anew() {
    let mut board = Board::new::<1500>();
    board.settle();
    board.set_addresses(&["192.0.2.17", V6]);
    let sent = board.run(5_000);
    assert_eq!(of_groups(&sent).len(), 4, "{sent:?}");
    let from = datagrams(&sent).iter().map(|datagram| datagram.1).find(SocketAddr::is_ipv4);
    assert_eq!(from, Some(to("192.0.2.17:5353")));
    board.ask("192.0.2.9:5353", GROUP, "cam.local", false);
    let sent = board.run(500);
    let texts: Vec<_> = sent.iter().filter_map(|(_, frame)| text(frame)).collect();
    assert!(!texts.is_empty() && texts.iter().all(|text| text.contains("192.0.2.17")), "{texts:?}");
    // A family that is gone is sent to no more.
    board.set_addresses(&["192.0.2.17"]);
    assert!(board.run(5_000).iter().any(|(_, frame)| *frame == Sent::Report(GROUPS[0])));
    board.ask("192.0.2.9:5353", GROUP, "cam.local", false);
    assert_eq!(answered(&board.run(500)), [to(GROUP)]);
}

#[test]
fn what_waits_to_be_sent_is_dropped_with_the_address_or_the_link_that_it_was_for() {
    let other = "192.0.2.17";
    for changes_address in [true, false] {
        let mut board = Board::new::<1500>();
        board.settle();
        // By unicast, and to the group when the device takes one frame more: both wait.
        board.ask("192.0.2.66:40000", "192.0.2.7:5353", "cam.local", false);
        board.run(100);
        board.ask("192.0.2.9:5353", GROUP, "cam.local", false);
        board.port.takes = 1;
        board.turn().unwrap();
        board.port.takes = 0;
        board.millis += 200;
        board.turn().unwrap();
        if changes_address {
            board.set_addresses(&[other]);
        } else {
            board.link.link_down();
        }
        board.turn().unwrap();
        board.port.takes = usize::MAX;
        board.port.from_board.clear();
        let ours = ip(if changes_address { other } else { V4 });
        board.hand_in(frames::is_at(ours, ip("192.0.2.66")));
        let sent = board.run(5_000);
        assert_eq!(datagrams(&sent).is_empty(), !changes_address, "{sent:?}");
        let texts: Vec<_> = sent.iter().filter_map(|(_, frame)| text(frame)).collect();
        assert!(texts.iter().all(|text| !text.contains("192.0.2.7 ")), "{texts:?}");
        assert!(datagrams(&sent).iter().all(|datagram| datagram.1.ip() == ours), "{sent:?}");
    }
}

fn text(frame: &Sent) -> Option<String> {
    let Sent::Datagram { octets, .. } = frame else { return None };
    let message = Message::parse(octets).unwrap();
    Some(message.records().map(|record| format!("{} ", record.unwrap())).collect())
}

#[test]
fn without_an_address_nothing_is_sent_and_with_the_first_one_all_begins() {
    let mut board = Board::bare::<1500>();
    board.endpoint.set_hostname("cam").unwrap();
    // What a board has that waits for DHCP.
    board.interface.update_ip_addrs(|list| {
        let waiting = smoltcp::wire::Ipv4Cidr::new(smoltcp::wire::Ipv4Address::UNSPECIFIED, 0);
        list.push(waiting.into()).unwrap();
    });
    let sent = board.run(10_000);
    assert!(datagrams(&sent).is_empty() && of_groups(&sent).is_empty(), "{sent:?}");
    assert_eq!(established(&board), 0);
    assert_eq!(board.delay(), None);
    board.set_addresses(&[V4]);
    assert_eq!(board.delay(), Some(Duration::ZERO), "the machine does not know yet");
    let sent = board.run(5_000);
    assert_eq!(established(&board), 1);
    assert_eq!(of_groups(&sent), [Sent::Report(GROUPS[0])]);
    let sent = datagrams(&sent);
    assert!(!sent.is_empty() && sent.iter().all(|datagram| datagram.2 == to(GROUP)), "{sent:?}");
}

static IGNORED: Mutex<Vec<Meta>> = Mutex::new(Vec::new());

#[test]
fn a_datagram_longer_than_the_buffer_is_ignored_counted_and_told() {
    let mut board = Board::new::<512>();
    board.settle();
    board.link.set_trace(Some(|meta, disposition| {
        if disposition == Disposition::Ignored(Reason::Oversize) {
            IGNORED.lock().unwrap().push(meta);
        }
    }));
    let mut octets = query("cam.local", false);
    octets.resize(512, 0);
    let (here, six) = (to("192.0.2.9:5353"), to("[fe80::9]:5353"));
    board.hand_in(frames::datagram(here, to(GROUP), &octets));
    assert_eq!(answered(&board.run(500)).len(), 2, "it fits");
    assert_eq!(board.link.counters().oversize, 0);
    octets.push(0);
    let long = vec![0; 3_000];
    let direct = to("192.0.2.7:5353");
    for (frame, meta) in [
        (frames::datagram(here, to(GROUP), &octets), Meta::mdns(here, true)),
        (frames::datagram(here, direct, &octets), Meta::mdns(here, false)),
        (frames::datagram(six, to(GROUP6), &octets), Meta::mdns(six, true)),
        (frames::first_fragment(here, to(GROUP), &long), Meta::mdns(here, true)),
        (frames::first_fragment(six, to(GROUP6), &long), Meta::mdns(six, true)),
    ] {
        let before = board.link.counters().oversize;
        board.hand_in(frame);
        assert!(answered(&board.run(500)).is_empty());
        assert_eq!(board.link.counters().oversize, before + 1);
        assert_eq!(IGNORED.lock().unwrap().last(), Some(&meta));
    }
    // Others' datagrams, the rest of one, and one that lies about its length.
    let before = board.link.counters();
    let mut lying = frames::datagram(here, to(GROUP), &query("cam.local", false));
    lying[38] = 0x7F;
    for frame in [
        frames::datagram(here, to("224.0.0.251:5354"), &octets),
        frames::datagram(here, to("192.0.2.30:5353"), &octets),
        frames::later_fragment(here, to(GROUP), &octets),
        frames::later_fragment(six, to(GROUP6), &octets),
        lying,
    ] {
        board.hand_in(frame);
    }
    board.run(500);
    assert_eq!(board.link.counters(), before);
}

#[test]
fn frames_that_are_cut_or_broken_are_looked_at_without_harm() {
    let mut board = Board::new::<100>();
    board.settle();
    let (here, six) = (to("192.0.2.9:5353"), to("[fe80::9]:5353"));
    let long = vec![0; 3_000];
    for whole in [
        frames::datagram(here, to(GROUP), &query("cam.local", false)),
        frames::datagram(six, to(GROUP6), &query("cam.local", false)),
        frames::first_fragment(here, to(GROUP), &long),
        frames::first_fragment(six, to(GROUP6), &long),
        frames::who_is_in_groups("192.0.2.1".parse().unwrap()),
        frames::who_is_in_groups_v6("fe80::1".parse().unwrap()),
    ] {
        for len in 0..whole.len().min(80) {
            board.hand_in(whole[..len].to_vec());
        }
        for at in 12..whole.len().min(80) {
            for octet in [0, 0x45, 0x60, 0xFF] {
                let mut broken = whole.clone();
                broken[at] = octet;
                board.hand_in(broken);
            }
        }
        board.run(2_000);
    }
}

#[test]
fn a_flood_leaves_the_loop_its_turn() {
    let mut board = Board::new::<1500>();
    board.settle();
    for _ in 0..100 {
        board.ask("192.0.2.9:5353", GROUP, "other.local", false);
    }
    board.turn().unwrap();
    assert_eq!(board.port.to_board.len(), 36);
    assert_eq!(board.delay(), Some(Duration::ZERO));
    board.turn().unwrap();
    assert!(board.port.to_board.is_empty());
    assert_eq!(board.delay(), None);
}

#[test]
fn what_another_poll_has_taken_in_is_handed_in_by_the_next_turn() {
    let mut board = Board::new::<1500>();
    board.settle();
    board.ask("192.0.2.9:5353", GROUP, "cam.local", false);
    let now = smoltcp::time::Instant::from_millis(board.millis);
    board.interface.poll(now, &mut board.port, &mut board.sockets);
    assert_eq!(board.delay(), Some(Duration::ZERO));
    assert_eq!(answered(&board.run(500)), [to(GROUP), to(GROUP6)]);
}

/// Drives a machine other than the board's endpoint for five seconds; what was sent.
macro_rules! drive {
    ($board:expr, $machine:expr) => {{
        for _ in 0..100 {
            let now = Instant::from_millis($board.millis);
            let Board { link, interface, port, sockets, .. } = &mut $board;
            link.turn(now, interface, port, sockets, $machine, &mut |_, _| {}).unwrap();
            $board.millis += 50;
        }
        let frames = $board.port.from_board.drain(..).filter_map(|frame| frames::read(&frame));
        frames.map(|frame| (0, frame)).collect::<Vec<_>>()
    }};
}

#[test]
fn a_responder_or_a_querier_alone_is_driven_the_same_way() {
    let mut board = Board::bare::<1500>();
    board.set_addresses(&[V4, V6]);
    let mut storage = ResponderStorage::<2, 1, 0>::new();
    let mut responder = Responder::new(&mut storage, Config::new(7));
    responder.set_hostname("cam").unwrap();
    let sent = drive!(board, &mut responder);
    assert_eq!((asked(&sent).len(), answered(&sent).len()), (6, 4));
    board.link.link_up();
    let sent = drive!(board, &mut responder);
    assert_eq!((asked(&sent).len(), answered(&sent).len()), (6, 4));

    let mut board = Board::bare::<1500>();
    board.set_addresses(&[V4]);
    let mut storage = QuerierStorage::<1, 512>::new();
    let mut querier = Querier::new(&mut storage, Config::new(7));
    querier.browse("_http._tcp").unwrap();
    let sent = asked(&drive!(board, &mut querier));
    assert!(sent.len() >= 2 && sent.iter().all(|at| *at == to(GROUP)), "{sent:?}");
    board.link.link_down();
    assert!(drive!(board, &mut querier).is_empty());
}
