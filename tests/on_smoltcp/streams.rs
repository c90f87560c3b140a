//! Answers that no datagram holds come by a connection: with a server of smoltcp's own at the other end of the wire.

use dotlocal::adapter::smoltcp::StreamStorage;
use dotlocal::lookup::LookupId;
use smoltcp::iface::{Interface, SocketHandle, SocketSet, SocketStorage};
use smoltcp::socket::tcp::{Socket, SocketBuffer, State};
use smoltcp::time::{Duration, Instant};

use super::asking::{ANSWER, CUT, Desk, asked, reply};
use super::board::{self, Port, leak};
use super::frames::{self, Sent};

/// A server that takes one connection at a time, at 192.0.2.1.
struct Server {
    port: Port,
    interface: Interface,
    sockets: SocketSet<'static>,
    handle: SocketHandle,
}

impl Server {
    fn new() -> Self {
        let mut port = Port::new();
        let mut interface = board::interface(&mut port, [2, 0, 0, 0, 2, 1]);
        board::set_addresses(&mut interface, &["192.0.2.1"]);
        let mut sockets = SocketSet::new(&mut leak([SocketStorage::EMPTY; 1])[..]);
        let buffer = || SocketBuffer::new(&mut leak([0; 4_096])[..]);
        let handle = sockets.add(Socket::new(buffer(), buffer()));
        let mut server = Self { port, interface, sockets, handle };
        server.listen();
        server
    }

    fn listen(&mut self) {
        self.socket().listen(53).unwrap();
    }

    fn socket(&mut self) -> &mut Socket<'static> {
        self.sockets.get_mut(self.handle)
    }

    /// What was asked, without the length before it.
    fn query(&mut self) -> Vec<u8> {
        let octets = self.socket().recv(|octets| (octets.len(), octets.to_vec())).unwrap();
        assert_eq!(usize::from(u16::from_be_bytes([octets[0], octets[1]])), octets.len() - 2);
        octets[2..].to_vec()
    }

    fn send(&mut self, octets: &[u8]) {
        assert_eq!(self.socket().send_slice(octets), Ok(octets.len()));
    }
}

/// Lets both go on for so long, with all frames that pass between them; what the desk has sent.
fn exchange(desk: &mut Desk, server: &mut Server, millis: i64) -> Vec<(i64, Sent)> {
    let (start, end) = (desk.millis, desk.millis + millis);
    let mut sent = Vec::new();
    while desk.millis < end {
        desk.turn();
        let frames = desk.port.from_board.iter().filter_map(|frame| frames::read(frame));
        sent.extend(frames.map(|frame| (desk.millis - start, frame)));
        server.port.to_board.append(&mut desk.port.from_board);
        server.interface.poll(Instant::from_millis(desk.millis), &mut server.port, &mut server.sockets);
        desk.port.to_board.append(&mut server.port.from_board);
        desk.millis += 2;
    }
    sent
}

/// A desk with a stream, and a lookup of which the answer by UDP was cut.
fn cut() -> (Desk, LookupId) {
    let mut desk = Desk::with::<2048, 512>();
    desk.link.add_stream(&mut desk.sockets, leak(StreamStorage::<1024>::new()));
    let lookup = desk.look_up("many.example");
    let sent = asked(&desk.run(10));
    desk.answer(&sent[0], CUT, &[]);
    (desk, lookup)
}

/// With the length before it.
fn framed(message: &[u8]) -> Vec<u8> {
    [&(message.len() as u16).to_be_bytes(), message].concat()
}

#[test]
fn an_answer_that_was_cut_comes_whole_by_a_connection() {
    let (mut desk, lookup) = cut();
    let mut server = Server::new();
    for round in 0..2 {
        exchange(&mut desk, &mut server, 50);
        assert_eq!(server.socket().state(), State::Established);
        let query = server.query();
        assert!(server.socket().remote_endpoint().unwrap().port >= 1_024);
        // Longer than the buffer of the connection, in pieces.
        let addresses: Vec<_> = (0..65).map(|last| [203, 0, 113 + round, last]).collect();
        let answer = framed(&reply(&query, ANSWER, &addresses));
        assert!(answer.len() > 1_024);
        let (first, rest) = answer.split_at(1);
        server.send(first);
        exchange(&mut desk, &mut server, 50);
        server.send(rest);
        exchange(&mut desk, &mut server, 200);
        if round == 0 {
            assert!(desk.found(lookup).iter().any(|found| found.starts_with("203.0.113.")));
            // It is closed, and serves the next one.
            assert!(!server.socket().is_open());
            server.listen();
            desk.look_up("more.example");
            let sent = asked(&desk.run(10));
            desk.answer(&sent[0], CUT, &[]);
        }
    }
    assert!(desk.names.addresses(lookup).count() > 0);
    assert_eq!(desk.link.counters().unsent, 0);
    assert_ne!(desk.delay(), Some(Duration::ZERO));
}

#[test]
fn what_another_poll_has_taken_in_of_a_connection_is_handed_in_by_the_next_turn() {
    let (mut desk, lookup) = cut();
    let mut server = Server::new();
    exchange(&mut desk, &mut server, 50);
    let query = server.query();
    assert_ne!(desk.delay(), Some(Duration::ZERO), "the loop sleeps until there is an answer");
    server.send(&framed(&reply(&query, ANSWER, &[[203, 0, 113, 1]])));
    let now = Instant::from_millis(desk.millis);
    server.interface.poll(now, &mut server.port, &mut server.sockets);
    desk.port.to_board.append(&mut server.port.from_board);
    desk.interface.poll(now, &mut desk.port, &mut desk.sockets);
    assert_eq!(desk.delay(), Some(Duration::ZERO));
    desk.turn();
    assert_eq!(desk.found(lookup), ["203.0.113.1:80"]);
}

#[test]
fn a_server_that_refuses_or_ends_the_connection_is_not_waited_for() {
    for answers in [false, true] {
        let (mut desk, lookup) = cut();
        let mut server = Server::new();
        if answers {
            exchange(&mut desk, &mut server, 50);
            server.query();
            server.socket().close();
        } else {
            server.socket().close();
        }
        // A SYN is repeated once, as the server does not know whom to refuse it; a resolver waits four seconds.
        let again = asked(&exchange(&mut desk, &mut server, 1_200));
        desk.answer(again.first().expect("it is asked by UDP again"), ANSWER, &[[203, 0, 113, 1]]);
        desk.run(100);
        assert_eq!(desk.found(lookup), ["203.0.113.1:80"]);
    }
}

#[test]
fn of_a_server_that_is_gone_nothing_is_left_that_is_tried_for_ever() {
    let (mut desk, _) = cut();
    let mut server = Server::new();
    exchange(&mut desk, &mut server, 50);
    assert_eq!(server.socket().state(), State::Established);
    // From now on nobody is there, and its hardware address is forgotten.
    board::set_addresses(&mut desk.interface, &["192.0.2.7"]);
    let mut asked_for = 0;
    for _ in 0..600 {
        desk.turn();
        let frames = desk.port.from_board.drain(..).filter_map(|frame| frames::read(&frame));
        let who_has = frames.filter(|frame| matches!(frame, Sent::WhoHas(_))).count();
        asked_for = if desk.millis > 30_000 { asked_for + who_has } else { 0 };
        desk.millis += 100;
    }
    assert_eq!(asked_for, 0);
    assert!(desk.delay().is_none_or(|delay| delay > Duration::from_secs(3_600)), "{:?}", desk.delay());
}
