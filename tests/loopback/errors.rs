//! What becomes of what the system says when it cannot do what it is asked for.

use std::env;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::Command;
use std::sync::mpsc;
use std::time::Duration;

use dotlocal::adapter::std::{PollSet, ResolverSockets, Traffic};
use dotlocal::{Channel, Destination, Meta, Transmit};

use super::server::{Server, nobody};

#[test]
fn a_datagram_that_no_packet_holds_is_lost_and_says_nothing_of_its_server() {
    let (server, channel) = (Server::new(), Channel::Udp(0));
    let to = Destination::Unicast(server.address);
    let mut sockets = ResolverSockets::new();
    sockets.send(&Transmit { to, channel, bytes: &[0; 70_000] });
    assert_eq!(sockets.receive(&mut [0; 512]).unwrap(), None);
    sockets.send(&Transmit { to, channel, bytes: b"query" });
    assert_eq!(server.asked().0, b"query");
    assert!(format!("{sockets:?}").contains(&server.address.to_string()), "what is open is shown");
}

#[test]
fn a_refusal_that_sending_is_told_is_not_lost() {
    let (_holder, nobody) = nobody();
    let (to, channel) = (Destination::Unicast(nobody), Channel::Udp(0));
    let mut sockets = ResolverSockets::new();
    sockets.send(&Transmit { to, channel, bytes: b"query" });
    // What has come of the first is there.
    PollSet::new().resolver(&sockets).at_most(Duration::from_secs(10)).wait().unwrap();
    sockets.send(&Transmit { to, channel, bytes: b"query" });
    assert_eq!(sockets.receive(&mut [0; 512]).unwrap(), Some((Meta::server(nobody, channel), 0)));
}

#[test]
fn a_connection_that_is_reset_is_told_at_once_and_one_to_a_group_never_begins() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let (server, channel) = (listener.local_addr().unwrap(), Channel::Tcp(0));
    let group = "224.0.0.1:53".parse().unwrap();
    let (tell, told) = mpsc::channel();
    let mut sockets = ResolverSockets::new();
    sockets.set_trace(Some(Box::new(move |traffic, _| {
        if let Traffic::Unsent(_, error) | Traffic::Unreachable(_, error) = traffic {
            tell.send(error.kind()).unwrap();
        }
    })));
    let mut buf = [0; 512];
    sockets.send(&Transmit { to: Destination::Unicast(server), channel, bytes: b"query" });
    let (stream, _) = listener.accept().unwrap();
    stream.peek(&mut buf).unwrap();
    // With a query that nobody reads.
    drop(stream);
    PollSet::new().resolver(&sockets).at_most(Duration::from_secs(10)).wait().unwrap();
    assert_eq!(sockets.receive(&mut buf).unwrap(), Some((Meta::server(server, channel), 0)));
    assert_eq!(told.recv().unwrap(), ErrorKind::ConnectionReset);
    sockets.send(&Transmit { to: Destination::Unicast(group), channel, bytes: b"query" });
    assert_eq!(sockets.receive(&mut buf).unwrap(), Some((Meta::server(group, channel), 0)));
    assert_eq!(told.recv().unwrap(), ErrorKind::NetworkUnreachable);
}

/// In a process of its own that may open few files.
#[test]
fn when_there_are_no_more_sockets_it_is_told() {
    const INSIDE: &str = "DOTLOCAL_FEW_FILES";
    if env::var_os(INSIDE).is_none() {
        let again = r#"ulimit -n 32 && exec "$0" --exact errors::when_there_are_no_more_sockets_it_is_told"#;
        let mut command = Command::new("sh");
        let done = command.arg("-c").arg(again).arg(env::current_exe().unwrap()).env(INSIDE, "1").output();
        let done = done.unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stdout));
        return;
    }
    let mut sockets = ResolverSockets::new();
    for port in 1..=32 {
        let to = Destination::Unicast(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
        sockets.send(&Transmit { to, channel: Channel::Udp(0), bytes: b"query" });
    }
    let error = sockets.receive(&mut [0; 512]).unwrap_err();
    assert!(
        error.to_string().starts_with("cannot open a socket to ask DNS server 127.0.0.1:32: "),
        "{error}"
    );
}
