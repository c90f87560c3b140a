//! What switches and routers are told of the groups, and when.

use std::net::IpAddr;

use super::GROUPS;
use super::board::{Board, V6};
use super::frames::{self, Sent};

const DAY_MILLIS: i64 = 86_400_000;

/// By these groups a device is asked for its hardware address (RFC 4291 section 2.7.1).
const SOLICITED: [&str; 2] = ["ff02::1:ff00:7", "ff02::1:ff00:8"];

#[test]
fn the_groups_of_neighbour_discovery_are_reported_as_they_are_too() {
    let [old, new] = SOLICITED.map(|group| group.parse::<IpAddr>().unwrap());
    let mut board = Board::new::<1500>();
    let of_addresses = |sent: &[(i64, Sent)]| -> Vec<Sent> {
        let is_one = |frame: &&Sent| match frame {
            Sent::Report(group) | Sent::Leave(group) => [old, new].contains(group),
            _ => false,
        };
        sent.iter().map(|(_, frame)| frame).filter(is_one).cloned().collect()
    };
    assert_eq!(of_addresses(&board.run(1_000)), [Sent::Report(old)]);
    board.set_addresses(&[V6, "fe80::8"]);
    assert_eq!(of_addresses(&board.run(1_000)), [Sent::Report(new)]);
    board.set_addresses(&["fe80::8"]);
    assert_eq!(of_addresses(&board.run(1_000)), [Sent::Leave(old)]);
}

#[test]
fn a_router_that_asks_who_is_in_the_groups_gets_its_report_from_a_loop_that_sleeps() {
    let mut board = Board::new::<1500>();
    board.settle();
    assert_eq!(board.delay(), None);
    board.hand_in(frames::who_is_in_groups("192.0.2.1".parse().unwrap()));
    let sent = board.run(30_000);
    let reported = sent.iter().find(|(_, frame)| *frame == Sent::Report(GROUPS[0])).map(|(at, _)| *at);
    assert!(reported.is_some_and(|at| at <= 10_000), "{sent:?}");
    board.hand_in(frames::who_is_in_groups_v6("fe80::1".parse().unwrap()));
    let sent = board.run(30_000);
    assert!(sent.iter().any(|(at, frame)| matches!(frame, Sent::Report(_)) && *at <= 10_000), "{sent:?}");
    assert_eq!(board.delay(), None, "then it sleeps again");
}

#[test]
fn what_others_report_of_their_groups_wakes_nobody_and_old_questions_neither() {
    let mut board = Board::new::<1500>();
    board.settle();
    board.hand_in(frames::is_in_group("192.0.2.9".parse().unwrap()));
    board.hand_in(frames::is_in_group_v6("fe80::9".parse().unwrap()));
    assert_eq!(board.run(0), []);
    assert_eq!(board.delay(), None);
    board.hand_in(frames::who_is_in_groups("192.0.2.1".parse().unwrap()));
    board.run(30_000);
    for _ in 0..50 {
        assert_eq!(board.delay(), None);
        board.millis += DAY_MILLIS;
    }
}
