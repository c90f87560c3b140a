//! Boards on a wire, with a virtual clock.

use std::cell::{Cell, RefCell};
use std::net::IpAddr;
use std::rc::Rc;

use dotlocal::adapter::embassy::{self, Resources};
use dotlocal::mdns::{
    Claimed, Config, Event, Families, QuerierEvent, RequestError, ResponderEvent, Service, Until,
};
use dotlocal_embassy::frame::{self, query};
use dotlocal_embassy::world::{Board, World, leak};
use embassy_net::MulticastError;
use embassy_time::{Duration, Timer, with_timeout};

/// Starts a task that notes each event of a browse.
fn browse(world: &mut World, board: Board, service_type: &str) -> (Rc<RefCell<Vec<QuerierEvent>>>, usize) {
    let mut request = board.mdns.browse(service_type).unwrap();
    let events = Rc::<RefCell<Vec<QuerierEvent>>>::default();
    let seen = Rc::clone(&events);
    let task = world.tasks.start(async move {
        while let Some(event) = request.next().await {
            seen.borrow_mut().push(event);
        }
    });
    (events, task)
}

/// The addresses of a host, as a lookup tells them.
fn lookup(
    world: &mut World,
    board: Board,
    name: &str,
    timeout_millis: u32,
) -> Rc<RefCell<(Vec<IpAddr>, bool)>> {
    let until = Until::Answered { timeout_millis };
    let mut request = board.mdns.request(|mdns| mdns.lookup(name, Families::Both, until)).unwrap();
    let found = Rc::<RefCell<(Vec<IpAddr>, bool)>>::default();
    let seen = Rc::clone(&found);
    world.tasks.start(async move {
        while let Some(event) = request.next().await {
            if let QuerierEvent::Address { address, .. } = event {
                seen.borrow_mut().0.push(address);
            }
        }
        seen.borrow_mut().1 = true;
    });
    found
}

fn is_resolved(events: &RefCell<Vec<QuerierEvent>>) -> bool {
    events.borrow().iter().any(|event| matches!(event, QuerierEvent::Resolved { .. }))
}

#[test]
fn a_board_finds_another_by_both_families() {
    let mut world = World::begin();
    let (cam, desk) = (world.named_board("cam"), world.named_board("desk"));
    let service = Service::new("_http._tcp", 80).instance("Kitchen Cam").txt(&[("path", "/")]);
    let service = cam.mdns.register(service).unwrap();
    let is_established = Rc::new(Cell::new(false));
    let seen = Rc::clone(&is_established);
    world.tasks.start(async move { seen.set(cam.mdns.established(service).await) });
    world.until("the service is established", 2_000, || is_established.get());

    let (events, _) = browse(&mut world, desk, "_http._tcp");
    world.until("the service is resolved", 1_000, || is_resolved(&events));
    let QuerierEvent::Resolved { instance, .. } = *events.borrow().last().unwrap() else {
        panic!("{events:?}")
    };
    desk.mdns.with(|mdns| {
        let found = mdns.instance(instance).unwrap();
        assert_eq!((found.label(), found.port()), (&b"Kitchen Cam"[..], 80));
        let mut addresses: Vec<_> = found.addresses().collect();
        addresses.sort();
        assert_eq!(addresses, [IpAddr::from(cam.v4()), "fe80::ff:fe00:1".parse().unwrap()]);
    });

    let found = lookup(&mut world, desk, "cam.local", 3_000);
    world.until("the lookup ends", 3_000, || found.borrow().1);
    assert_eq!(found.borrow().0.len(), 2);
    // What leaves for port 5353 is good for the link alone (RFC 6762 section 11).
    let sent = world.take_datagrams(cam.card);
    assert!(sent.iter().any(|sent| sent.source.is_ipv4()) && sent.iter().any(|sent| sent.source.is_ipv6()));
    assert!(sent.iter().all(|sent| sent.hops == 255 && sent.to.port() == 5353), "{sent:?}");
}

#[test]
fn whoever_does_not_read_holds_up_nobody() {
    let mut world = World::begin();
    let (cam, desk) = (world.named_board("cam"), world.named_board("desk"));
    let idle = desk.mdns.browse("_ipp._tcp").unwrap();
    let (events, _) = browse(&mut world, desk, "_http._tcp");
    for (service_type, port) in [("_ipp._tcp", 631), ("_http._tcp", 80)] {
        cam.mdns.register(Service::new(service_type, port).instance("Cam")).unwrap();
    }
    world.until("one is resolved", 4_000, || is_resolved(&events));
    // The third request, and nobody reads what the board tells of itself.
    let found = lookup(&mut world, desk, "cam.local", 3_000);
    world.until("the lookup ends", 3_000, || found.borrow().1);
    assert_eq!(found.borrow().0.len(), 2);

    // What is gone and was not read keeps nobody awake.
    world.wire.plug(cam.card, false);
    world.pass(130_000);
    let lost = |event: &QuerierEvent| matches!(event, QuerierEvent::Lost { .. });
    assert!(events.borrow().iter().any(lost), "{events:?}");
    let before = world.tasks.polls(desk.runner);
    world.pass(60_000);
    let polls = world.tasks.polls(desk.runner) - before;
    assert!(polls < 40, "{polls} polls in a minute");
    drop(idle);
}

#[test]
fn a_request_that_is_dropped_is_cancelled() {
    let mut world = World::begin();
    let desk = world.named_board("desk");
    let requests: Vec<_> = (0..3).map(|_| desk.mdns.browse("_http._tcp").unwrap()).collect();
    assert_eq!(desk.mdns.browse("_http._tcp").map(drop), Err(RequestError::Full { capacity: 3 }));
    drop(requests);
    let (_, task) = browse(&mut world, desk, "_http._tcp");
    world.pass(1_000);
    assert!(world.take_datagrams(desk.card).iter().any(|sent| !sent.is_response()));
    // With the task that reads it, too.
    world.tasks.end(task);
    let again: Vec<_> = (0..3).map(|_| desk.mdns.browse("_http._tcp").is_ok()).collect();
    assert_eq!(again, [true; 3]);
}

#[test]
fn the_rest_is_told_by_one_call() {
    let mut world = World::begin();
    let cam = world.named_board("cam");
    let events = Rc::<RefCell<Vec<Event>>>::default();
    let seen = Rc::clone(&events);
    world.tasks.start(async move {
        loop {
            let event = cam.mdns.next_event().await;
            seen.borrow_mut().push(event);
        }
    });
    // One that is told apart, and one that is not.
    let (_, _) = browse(&mut world, cam, "_http._tcp");
    let until = Until::Answered { timeout_millis: 500 };
    let raw = cam.mdns.with(|mdns| mdns.lookup("nobody.local", Families::V4, until)).unwrap();
    cam.mdns.register(Service::new("_http._tcp", 80).instance("Cam")).unwrap();
    world.pass(3_000);
    let events = events.borrow();
    let of_names =
        events.iter().filter(|event| matches!(event, Event::Responder(ResponderEvent::Established(_))));
    assert_eq!(of_names.count(), 2, "{events:?}");
    let of_requests: Vec<_> = events.iter().filter(|event| matches!(event, Event::Querier(_))).collect();
    assert!(
        matches!(of_requests[..], [Event::Querier(QuerierEvent::Failed { request, .. })] if *request == raw),
        "{of_requests:?}"
    );
}

#[test]
fn a_runner_that_is_dropped_and_called_again_goes_on() {
    let mut world = World::begin();
    let stack = world.stack_at(1);
    let resources = leak(Resources::<'_, 1, 0, 1, 512>::new());
    let (mdns, mut runner) = embassy::new(stack, resources, Config::new(1)).unwrap();
    mdns.set_hostname("cam").unwrap();
    world.tasks.start(async move {
        loop {
            let _ = with_timeout(Duration::from_millis(70), runner.run()).await;
            Timer::after_millis(10).await;
        }
    });
    world.pass(3_000);
    assert_eq!(mdns.with(|mdns| mdns.is_established(Claimed::Host)), Some(true));
    assert_eq!(memberships(&world, 0), [JOINED]);
    world.stranger(98).multicast(&query("cam.local", 1, false));
    world.pass(500);
    assert!(world.take_datagrams(0).iter().any(|sent| sent.is_response()));
}

#[test]
fn as_many_tasks_wait_as_there_are_places() {
    let mut world = World::begin();
    let cam = world.named_board("cam");
    let service = cam.mdns.register(Service::new("_http._tcp", 80).instance("Cam")).unwrap();
    let done = Rc::new(Cell::new(0));
    for _ in 0..8 {
        let done = Rc::clone(&done);
        world.tasks.start(async move {
            cam.mdns.established(service).await;
            done.set(done.get() + 1);
        });
    }
    world.until("all are told", 2_000, || done.get() == 8);
}

// N9
#[test]
fn a_host_that_answers_no_arp_silences_nobody() {
    let mut world = World::begin();
    let cam = world.named_board("cam");
    world.pass(5_000);
    let dead = world.stranger(99);
    let asked = |unicast| query("cam.local", 1, unicast);
    dead.multicast(&asked(true));
    world.pass(500);
    world.take_datagrams(cam.card);

    // Multicast goes on at once.
    let other = world.stranger(98);
    other.multicast(&asked(false));
    world.pass(500);
    let sent = world.take_datagrams(cam.card);
    assert!(sent.iter().any(|sent| sent.is_response() && sent.to.ip().is_multicast()), "{sent:?}");

    // And so does unicast, once the dead one is given up.
    let desk = world.named_board("desk");
    world.pass(2_500);
    world.take_datagrams(cam.card);
    let mut message = asked(true);
    message[5] = 1;
    let alive = world.stranger(desk.card as u8 + 1);
    alive.multicast(&message);
    world.pass(1_500);
    let sent = world.take_datagrams(cam.card);
    assert!(
        sent.iter().any(|sent| sent.is_response() && sent.to.ip() == IpAddr::from(desk.v4())),
        "{sent:?}"
    );
}

/// The groups of IPv4 that were joined and left, in this order.
fn memberships(world: &World, card: usize) -> Vec<u8> {
    let sent = world.wire.take_sent();
    let of_card = sent.iter().filter(|frame| frame.card == card);
    let group = std::net::Ipv4Addr::new(224, 0, 0, 251);
    of_card
        .filter_map(|frame| frame::igmp(&frame.octets))
        .filter(|(_, of)| *of == group)
        .map(|(kind, _)| kind)
        .collect()
}

const JOINED: u8 = 0x16;
const LEFT: u8 = 0x17;

#[test]
fn link_and_addresses_are_followed_and_the_groups_joined_anew() {
    let mut world = World::begin();
    let (cam, desk) = (world.named_board("cam"), world.named_board("desk"));
    world.pass(5_000);
    assert_eq!(memberships(&world, cam.card), [JOINED]);
    assert!(cam.mdns.is_link_up());

    // Another address is announced, and the old one is not.
    cam.set_v4(77);
    world.pass(5_000);
    assert_eq!(memberships(&world, cam.card), [LEFT, JOINED]);
    let found = lookup(&mut world, desk, "cam.local", 3_000);
    world.until("the lookup ends", 3_000, || found.borrow().1);
    assert!(found.borrow().0.contains(&"192.0.2.77".parse().unwrap()), "{found:?}");
    assert!(!found.borrow().0.contains(&IpAddr::from(cam.v4())), "{found:?}");

    // A roam that the stack does not show.
    let begin = world.clock.millis();
    cam.mdns.network_changed();
    world.until("the name is probed for again", 1_000, || {
        cam.mdns.with(|mdns| mdns.is_established(Claimed::Host)) == Some(false)
    });
    world.pass(5_000);
    assert!(world.clock.millis() - begin < 5_100, "it begins at once");
    assert_eq!(memberships(&world, cam.card), [LEFT, JOINED]);
    assert_eq!(cam.mdns.with(|mdns| mdns.is_established(Claimed::Host)), Some(true));

    // A cable that is pulled and plugged in: the name is probed for again.
    world.wire.plug(cam.card, false);
    world.pass(1_000);
    assert!(!cam.mdns.is_link_up());
    world.wire.take_sent();
    world.wire.plug(cam.card, true);
    world.pass(2_000);
    assert!(cam.mdns.is_link_up());
    let sent = world.wire.take_sent();
    let of_cam = sent.iter().filter(|frame| frame.card == cam.card);
    let joined =
        of_cam.clone().filter_map(|frame| frame::igmp(&frame.octets)).filter(|(kind, _)| *kind == JOINED);
    assert_eq!(joined.count(), 1);
    let datagrams: Vec<_> = of_cam.filter_map(|frame| frame::Datagram::parse(&frame.octets)).collect();
    assert!(datagrams.iter().any(|sent| !sent.is_response()), "probes");
    assert!(datagrams.iter().any(|sent| sent.is_response()), "announcements");

    // Whoever waits for the link is told.
    let downs = Rc::new(Cell::new(0));
    let seen = Rc::clone(&downs);
    world.tasks.start(async move {
        for is_up in [false, true] {
            cam.mdns.wait_link(is_up).await;
            seen.set(seen.get() + 1);
        }
    });
    world.wire.plug(cam.card, false);
    world.pass(100);
    assert_eq!(downs.get(), 1);
    world.wire.plug(cam.card, true);
    world.pass(600);
    assert_eq!(downs.get(), 2);
}

#[test]
fn an_address_that_is_gone_is_not_told_any_more() {
    let mut world = World::begin();
    let cam = world.named_board("cam");
    cam.mdns.register(Service::new("_http._tcp", 80).instance("Cam")).unwrap();
    let stranger = world.stranger(98);
    let mut last = 1;
    for round in 0..60_u8 {
        world.pass(5_000);
        // An answer that waits for its time, or for the card.
        stranger.multicast(&query("_http._tcp.local", 12, false));
        world.pass(if round % 2 == 0 { 10 } else { 5 });
        world.wire.let_send(cam.card, round % 2 == 0);
        world.pass(if round % 2 == 0 { 5 } else { 150 });
        world.take_datagrams(cam.card);
        let before = [192, 0, 2, last];
        last = 100 + round;
        cam.set_v4(last);
        world.pass(5);
        world.wire.let_send(cam.card, true);
        world.pass(1_000);
        let tells = |sent: &frame::Datagram| sent.message.windows(4).any(|octets| octets == before);
        let sent = world.take_datagrams(cam.card);
        assert!(!sent.iter().any(tells), "round {round}: {sent:?}");
    }
}

#[test]
fn a_board_that_is_told_of_another_network_while_it_has_none_waits_for_it() {
    let mut world = World::begin();
    let cam = world.named_board("cam");
    let (events, _) = browse(&mut world, cam, "_http._tcp");
    let desk = world.named_board("desk");
    desk.mdns.register(Service::new("_http._tcp", 80).instance("Desk")).unwrap();
    world.until("the service is resolved", 4_000, || is_resolved(&events));
    world.wire.plug(cam.card, false);
    world.pass(1_000);
    world.take_datagrams(cam.card);
    cam.mdns.network_changed();
    world.pass(5_000);
    assert!(world.take_datagrams(cam.card).is_empty());
    assert_eq!(cam.mdns.with(|mdns| mdns.is_established(Claimed::Host)), Some(false));
    let is_lost = |event: &QuerierEvent| matches!(event, QuerierEvent::Lost { .. });
    assert!(events.borrow().iter().any(is_lost), "{events:?}");
    world.wire.plug(cam.card, true);
    world.pass(3_000);
    assert_eq!(cam.mdns.with(|mdns| mdns.is_established(Claimed::Host)), Some(true));
    assert!(matches!(events.borrow().last(), Some(QuerierEvent::Resolved { .. })), "{events:?}");
}

#[test]
fn without_an_address_nothing_is_sent_and_with_the_first_one_all_begins() {
    for begin_millis in [0, u64::from(u32::MAX) - 1_000] {
        let mut world = World::begin();
        world.clock.advance_millis(begin_millis);
        let cam = world.board();
        cam.mdns.set_hostname("cam").unwrap();
        cam.mdns.register(Service::new("_http._tcp", 80).instance("Cam")).unwrap();
        let found = lookup(&mut world, cam, "nobody.local", 3_000);
        let _browse = cam.mdns.browse("_ipp._tcp").unwrap();
        world.pass(10_000);
        assert!(world.take_datagrams(cam.card).is_empty());
        assert!(found.borrow().1, "a lookup ends in its time");
        let polls = world.tasks.polls(cam.runner);
        assert!(polls < 24, "{polls} polls");
        assert_eq!(cam.mdns.with(|mdns| mdns.is_established(Claimed::Host)), Some(false));
        cam.set_v4(1);
        world.pass(680);
        let asks = |sent: &frame::Datagram| sent.message.windows(5).any(|name| name == b"\x04_ipp");
        assert!(world.take_datagrams(cam.card).iter().any(asks), "a question at once");
        world.pass(3_000);
        let sent = world.take_datagrams(cam.card);
        assert!(sent.iter().any(|sent| sent.is_response()), "{sent:?}");
        assert!(sent.iter().all(|sent| sent.source.is_ipv4()), "a family without an address: {sent:?}");
    }
}

#[test]
fn another_task_may_wait_for_the_first_address_of_the_stack() {
    let mut world = World::begin();
    let cam = world.board();
    let is_up = Rc::new(Cell::new(false));
    let seen = Rc::clone(&is_up);
    world.tasks.start(async move {
        cam.stack.wait_config_up().await;
        seen.set(true);
    });
    world.pass(2_000);
    assert!(!is_up.get());
    cam.set_v4(1);
    world.pass(600);
    assert!(is_up.get() && cam.mdns.is_link_up());
}

#[test]
fn a_flood_that_overflows_the_buffers_is_survived() {
    let mut world = World::begin();
    let cam = world.named_board("cam");
    world.pass(5_000);
    let stranger = world.stranger(98);
    // The runner has no turn in between.
    for length in 0..200 {
        let mut message = query("other.local", 1, false);
        message.resize(message.len() + 7 * length, 0);
        stranger.multicast(&message);
    }
    world.pass(1_000);
    world.take_datagrams(cam.card);
    stranger.multicast(&query("cam.local", 1, false));
    world.pass(500);
    assert!(world.take_datagrams(cam.card).iter().any(|sent| sent.is_response()));
}

#[test]
fn a_datagram_is_read_as_long_as_a_packet_can_be_and_one_in_fragments_is_lost() {
    let mut world = World::begin();
    let cam = world.named_board("cam");
    world.pass(5_000);
    let stranger = world.stranger(98);
    let short = query("cam.local", 1, false);
    let long = frame::lengthened(&short, 1_472);
    let mut is_answered = |send: &dyn Fn()| {
        world.take_datagrams(cam.card);
        send();
        world.pass(1_500);
        world.take_datagrams(cam.card).iter().any(|sent| sent.is_response())
    };
    assert!(is_answered(&|| stranger.multicast(&short)));
    assert!(is_answered(&|| stranger.multicast(&long)), "1,472 octets");
    assert!(!is_answered(&|| stranger.in_fragments(&long)));
    assert!(is_answered(&|| stranger.multicast(&short)));
}

#[test]
fn a_card_without_room_is_waited_for() {
    let mut world = World::begin();
    let cam = world.named_board("cam");
    world.pass(100);
    world.wire.let_send(cam.card, false);
    let before = world.tasks.polls(cam.runner);
    world.pass(60_000);
    let polls = world.tasks.polls(cam.runner) - before;
    assert!(polls < 200, "{polls} polls in a minute");
    world.wire.let_send(cam.card, true);
    world.pass(5_000);
    let stranger = world.stranger(98);
    world.take_datagrams(cam.card);
    stranger.multicast(&query("cam.local", 1, false));
    world.pass(500);
    assert!(world.take_datagrams(cam.card).iter().any(|sent| sent.is_response()));
}

#[test]
fn what_comes_due_while_the_card_has_no_room_is_told_as_soon_as_it_has() {
    let mut world = World::begin();
    let cam = world.named_board("cam");
    world.pass(60_000);
    world.wire.let_send(cam.card, false);
    let found = lookup(&mut world, cam, "nobody.local", 1_000);
    world.pass(1_500);
    world.wire.let_send(cam.card, true);
    world.pass(20);
    assert!(found.borrow().1, "the lookup has ended");
}

#[test]
fn a_stack_without_room_for_the_groups_is_refused_at_once() {
    let mut world = World::begin();
    let (stack, _) = world.stack();
    for last in 1..=3 {
        stack.join_multicast_group(std::net::Ipv4Addr::new(224, 0, 1, last)).unwrap();
    }
    let resources = leak(Resources::<'_, 2, 0, 1, 512>::new());
    let made = embassy::new(stack, resources, Config::new(1));
    assert_eq!(made.map(drop), Err(MulticastError::GroupTableFull));
}
