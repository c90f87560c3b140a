//! The sockets of a resolver: one for each query that waits for its answer, and one connection.

use core::cell::RefCell;
use core::net::{IpAddr, SocketAddr};
use core::task::Context;

use embassy_net::Stack;

use super::Names;
use super::datagrams::Datagrams;
use super::stream::Stream;
use crate::adapter::embassy::servers::Servers;
use crate::{Channel, Destination, Disposition, Instant, Meta, Reason, Transmit};

/// The sockets to the servers of a stack.
pub struct ServerSockets<'d> {
    datagrams: &'d mut [Datagrams<'d>],
    stream: Stream<'d>,
    /// The servers that the stack had, as many as it can have.
    servers: [Option<IpAddr>; 6],
}

impl<'d> ServerSockets<'d> {
    pub(super) const fn new(datagrams: &'d mut [Datagrams<'d>], stream: Stream<'d>) -> Self {
        Self { datagrams, stream, servers: [None; 6] }
    }
}

impl<'d> Servers<Names<'d>> for ServerSockets<'d> {
    fn follow(&mut self, stack: Stack<'_>, machine: &mut Names<'d>) -> bool {
        let (v4, v6) = (stack.config_v4(), stack.config_v6());
        let v4 = v4.iter().flat_map(|config| &config.dns_servers).map(|server| IpAddr::V4(*server));
        let v6 = v6.iter().flat_map(|config| &config.dns_servers).map(|server| IpAddr::V6(*server));
        let mut servers = [None; 6];
        servers.iter_mut().zip(v4.chain(v6)).for_each(|(place, server)| *place = Some(server));
        if servers == self.servers {
            return false;
        }
        self.servers = servers;
        let mut list = [SocketAddr::from(([0; 4], 53)); 6];
        let named = list.iter_mut().zip(servers.into_iter().flatten());
        let count = named.map(|(place, server)| place.set_ip(server)).count();
        let list = list.get(..count).unwrap_or(&[]);
        if let Err(full) = machine.resolver().set_servers(list) {
            // As many as there is room for.
            let _ = machine.resolver().set_servers(list.get(..full.capacity).unwrap_or(&[]));
        }
        true
    }

    fn send(&mut self, transmit: &Transmit<'_>, cx: &mut Context<'_>) {
        let Destination::Unicast(server) = transmit.to else { return };
        match transmit.channel {
            Channel::Udp(port) => {
                let of = Some((server, port));
                let open = self.datagrams.iter().position(|socket| socket.of() == of);
                let place = open.or_else(|| self.datagrams.iter().position(|socket| socket.of().is_none()));
                if let Some(socket) = place.and_then(|place| self.datagrams.get_mut(place)) {
                    socket.send(server, port, transmit.bytes, cx);
                }
            }
            Channel::Tcp(number) => self.stream.send(server, number, transmit.bytes, cx),
            Channel::Mdns => {}
        }
    }

    fn receive(
        &mut self,
        machine: &RefCell<Names<'d>>,
        now: Instant,
        cx: &mut Context<'_>,
    ) -> Option<Disposition> {
        let take = |meta, octets: &[u8]| machine.borrow_mut().handle_datagram(now, meta, octets);
        for socket in &mut *self.datagrams {
            let Some((_, port)) = socket.of() else { continue };
            let received = socket.receive(cx, |from, octets| {
                // Nothing would say that nobody is there.
                (!octets.is_empty()).then(|| take(Meta::server(from, Channel::Udp(port)), octets))
            });
            if let Some(disposition) = received {
                return Some(disposition.unwrap_or(Disposition::Ignored(Reason::Unsolicited)));
            }
        }
        let (server, number) = self.stream.of()?;
        self.stream.receive(cx, |octets| take(Meta::server(server, Channel::Tcp(number)), octets))
    }

    fn tidy(&mut self, machine: &mut Names<'d>) {
        let resolver = machine.resolver();
        let is_open = |server, channel| resolver.channels().any(|open| open == (server, channel));
        for socket in &mut *self.datagrams {
            if socket.of().is_some_and(|(server, port)| !is_open(server, Channel::Udp(port))) {
                socket.close();
            }
        }
        if self.stream.of().is_some_and(|(server, number)| !is_open(server, Channel::Tcp(number))) {
            self.stream.close();
        }
    }
}
