//! What there is no room for: groups, addresses, datagrams; and what is not for this device.

use std::sync::Mutex;

use dotlocal::adapter::smoltcp::LinkError;
use dotlocal::mdns::{
    AddressesError, Claimed, Config, Endpoint, EndpointStorage, Event, ResponderEvent, Service,
};
use dotlocal::{Disposition, Reason};
use smoltcp::time::Duration;

use super::board::{Board, V4, V6, datagrams, leak};
use super::frames::{self, Sent};
use super::{GROUP, GROUP6, GROUPS, answered, established, ip, of_groups, to};

#[test]
fn a_group_without_room_is_told_once_and_joined_when_there_is_room() {
    let mut board = Board::new::<1500>();
    // Beside the one that belongs to the IPv6 address, so that one is left of four.
    let others = [[224, 0, 1, 1], [224, 0, 1, 2]].map(std::net::IpAddr::from);
    others.iter().for_each(|group| board.interface.join_multicast_group(*group).unwrap());
    let error = board.turn().unwrap_err();
    assert_eq!(error, LinkError::Groups);
    assert!(error.to_string().contains("IFACE_MAX_MULTICAST_GROUP_COUNT"));
    let sent = board.run(5_000);
    assert_eq!(of_groups(&sent), [Sent::Report(GROUPS[0])]);
    let sent = datagrams(&sent);
    assert!(!sent.is_empty() && sent.iter().all(|datagram| datagram.2 == to(GROUP)), "{sent:?}");
    assert_eq!(board.delay(), Some(Duration::from_millis(500)), "it looks now and then");
    board.interface.leave_multicast_group(others[1]).unwrap();
    assert_eq!(of_groups(&board.run(1_000)), [Sent::Report(GROUPS[1])]);
    board.ask("192.0.2.9:5353", GROUP, "cam.local", false);
    assert_eq!(answered(&board.run(500)), [to(GROUP), to(GROUP6)]);
    assert_eq!(board.delay(), None);
}

#[test]
fn of_more_addresses_than_there_is_room_for_the_first_are_used() {
    let mut board = Board::with::<1500, 1>();
    board.endpoint.set_hostname("cam").unwrap();
    board.set_addresses(&["192.0.2.17", V6]);
    let refused = LinkError::Addresses(AddressesError { capacity: 1 });
    assert_eq!(board.turn(), Err(refused));
    board.run(5_000);
    assert_eq!(established(&board), 1, "it is told once, and goes on");
    // None from before is kept in place of one that is there.
    board.set_addresses(&[V4, V6]);
    assert_eq!(board.turn(), Err(refused));
    board.run(5_000);
    board.ask("192.0.2.9:5353", GROUP, "cam.local", false);
    let sent = board.run(500);
    let texts: Vec<_> = sent.iter().filter_map(|(_, frame)| super::text(frame)).collect();
    assert!(!texts.is_empty() && texts.iter().all(|text| text.contains(V4)), "{texts:?}");
    assert!(!texts.iter().any(|text| text.contains("192.0.2.17")), "{texts:?}");
}

#[test]
fn neither_of_two_errors_hides_the_other_or_keeps_the_rest_from_being_done() {
    let mut board = Board::with::<1500, 1>();
    board.endpoint.set_hostname("cam").unwrap();
    for group in 1..=3 {
        board.interface.join_multicast_group(std::net::IpAddr::from([224, 0, 1, group])).unwrap();
    }
    board.set_addresses(&[V4, V6]);
    board.hand_in(frames::who_has(V4.parse().unwrap(), "192.0.2.9".parse().unwrap()));
    let first = board.turn().unwrap_err();
    let answer = board.port.from_board.iter().filter_map(|frame| frames::read(frame)).next_back();
    assert_eq!(answer, Some(Sent::IsAt(ip(V4))));
    let second = board.turn().unwrap_err();
    assert_eq!((first, second), (LinkError::Addresses(AddressesError { capacity: 1 }), LinkError::Groups));
    assert_eq!(board.turn(), Ok(()));
}

#[test]
fn what_is_longer_than_the_queue_holds_is_told_and_nothing_is_lost_unseen() {
    let mut board = Board::sized::<1500, 200, 2>();
    board.set_addresses(&[V4, V6]);
    board.endpoint.set_hostname("cam").unwrap();
    let long = "x".repeat(180);
    let long: &'static [(&str, &str)] = Box::leak(Box::new([("long", &*long.leak())]));
    board.endpoint.register(Service::new("_http._tcp", 80).instance("Cam").txt(long)).unwrap();
    board.run(5_000);
    let too_large =
        |event: &Event| matches!(event, Event::Responder(ResponderEvent::TooLarge(Claimed::Service(_))));
    assert!(board.events.iter().any(too_large), "{:?}", board.events);
    assert_eq!(board.link.counters().unsent, 0);
    board.ask("192.0.2.9:5353", GROUP, "cam.local", false);
    assert_eq!(answered(&board.run(500)), [to(GROUP), to(GROUP6)]);
}

#[test]
fn broadcasts_and_datagrams_to_other_groups_get_no_answer_of_any_kind() {
    let mut board = Board::new::<1500>();
    board.settle();
    // With the host known, so that a reply would leave at once.
    board.hand_in(frames::who_has(V4.parse().unwrap(), "192.0.2.9".parse().unwrap()));
    board.run(10);
    board.interface.join_multicast_group(ip("224.0.0.120")).unwrap();
    board.run(10);
    for any_ip in [false, true] {
        board.interface.set_any_ip(any_ip);
        for other in ["224.0.0.120:5353", "192.0.2.255:5353", "255.255.255.255:5353"] {
            board.ask("192.0.2.9:5353", other, "cam.local", false);
            assert_eq!(board.run(1_000), [], "{other}");
        }
    }
    board.ask("192.0.2.9:5353", "192.0.2.7:5353", "cam.local", false);
    assert_eq!(answered(&board.run(1_000)), [to("192.0.2.9:5353")], "it would be seen");
}

static HEARD: Mutex<Vec<Disposition>> = Mutex::new(Vec::new());

/// RFC 6762 section 11: by the prefix lengths of the interface.
#[test]
fn what_is_sent_to_the_board_from_beyond_its_link_is_ignored() {
    let mut board = Board::new::<1500>();
    board.settle();
    board.link.set_trace(Some(|_, disposition| HEARD.lock().unwrap().push(disposition)));
    for (from, to, heard) in [
        ("192.0.2.200:5353", "192.0.2.7:5353", Disposition::Used),
        ("192.0.3.9:5353", "192.0.2.7:5353", Disposition::Ignored(Reason::OffLink)),
        ("[fe80::9]:5353", "[fe80::7]:5353", Disposition::Used),
        ("[2001:db8::9]:5353", "[fe80::7]:5353", Disposition::Ignored(Reason::OffLink)),
        // What reaches the group is of the link.
        ("192.0.3.9:5353", GROUP, Disposition::Used),
    ] {
        board.ask(from, to, "cam.local", false);
        board.run(5_000);
        assert_eq!(HEARD.lock().unwrap().drain(..).collect::<Vec<_>>(), [heard], "{from}");
    }
}

#[test]
fn another_machine_is_told_the_addresses_with_the_next_link_up() {
    let mut board = Board::new::<1500>();
    board.settle();
    let storage = leak(EndpointStorage::<2, 1, 0, 0, 0>::new());
    board.endpoint = Endpoint::new(storage, Config::new(9));
    board.endpoint.set_hostname("dog").unwrap();
    board.link.link_up();
    board.settle();
    board.ask("192.0.2.9:5353", GROUP, "dog.local", false);
    assert_eq!(answered(&board.run(500)), [to(GROUP), to(GROUP6)]);
}
