//! The sockets that ask DNS servers: one for each query that waits for its answer, and perhaps a connection.

use core::net::SocketAddr;

use ::smoltcp::iface::{Interface, SocketHandle, SocketSet};
use ::smoltcp::socket::udp::{PacketBuffer, Socket, UdpMetadata};

use super::storage::Lists;
use super::stream::Stream;
use crate::{Channel, Meta};

/// The memory of the sockets by which a [`Link`](super::Link) asks DNS servers: one for each of `SOCKETS` queries that wait
/// for their answers at a time, each with room for an answer of `RECEIVED` octets and a query of `SENT`. `RECEIVED` is not to
/// be less than the [`payload_size`](crate::resolver::Config::payload_size) that servers are told.
#[derive(Debug)]
pub struct ServerStorage<const SOCKETS: usize, const RECEIVED: usize = 1232, const SENT: usize = 512> {
    received: [[u8; RECEIVED]; SOCKETS],
    to_send: [[u8; SENT]; SOCKETS],
    /// Two for each: received and to be sent.
    lists: [Lists<2>; SOCKETS],
}

impl<const SOCKETS: usize, const RECEIVED: usize, const SENT: usize> ServerStorage<SOCKETS, RECEIVED, SENT> {
    /// Empty memory: all zeros, so that a `static` costs no flash.
    pub const fn new() -> Self {
        let lists = [const { Lists::Unused }; SOCKETS];
        Self { received: [[0; RECEIVED]; SOCKETS], to_send: [[0; SENT]; SOCKETS], lists }
    }
}

impl<const SOCKETS: usize, const RECEIVED: usize, const SENT: usize> Default
    for ServerStorage<SOCKETS, RECEIVED, SENT>
{
    fn default() -> Self {
        Self::new()
    }
}

/// The sockets.
#[derive(Debug)]
pub(super) struct Servers<const SOCKETS: usize> {
    places: [Place; SOCKETS],
    pub(super) stream: Option<Stream>,
}

/// One of them.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    handle: SocketHandle,
    /// Whom it speaks with; `None` while it is closed.
    with: Option<(SocketAddr, Channel)>,
}

impl Servers<0> {
    /// None.
    pub(super) const NONE: Self = Self { places: [], stream: None };
}

impl<const SOCKETS: usize> Servers<SOCKETS> {
    /// Adds them to `sockets`, closed.
    pub(super) fn open<'s, const RECEIVED: usize, const SENT: usize>(
        sockets: &mut SocketSet<'s>,
        storage: &'s mut ServerStorage<SOCKETS, RECEIVED, SENT>,
    ) -> Self {
        let mut places = [Place::default(); SOCKETS];
        let memory = storage.received.iter_mut().zip(&mut storage.to_send).zip(&mut storage.lists);
        for (place, ((received, to_send), lists)) in places.iter_mut().zip(memory) {
            let [received_list, to_send_list] = lists.empty();
            let received = PacketBuffer::new(received_list, &mut received[..]);
            let to_send = PacketBuffer::new(to_send_list, &mut to_send[..]);
            place.handle = sockets.add(Socket::new(received, to_send));
        }
        Self { places, stream: None }
    }

    /// Sends a query; `false` when there is no room for it, so that it is lost.
    ///
    /// Where there is no stream, what is to be asked over TCP is told to reach nobody.
    pub(super) fn send(
        &mut self,
        interface: &mut Interface,
        sockets: &mut SocketSet<'_>,
        (server, channel): (SocketAddr, Channel),
        octets: &[u8],
    ) -> bool {
        if let (Some(stream), Channel::Tcp(number)) = (&mut self.stream, channel) {
            stream.send(interface, sockets, (server, number), octets);
            return true;
        }
        let with = Some((server, channel));
        let known = self.places.iter().position(|place| place.with == with);
        let at = known.or_else(|| self.places.iter().position(|place| place.with.is_none()));
        let Some(place) = at.and_then(|at| self.places.get_mut(at)) else { return false };
        place.with = with;
        let Channel::Udp(port) = channel else { return true };
        let socket = sockets.get_mut::<Socket<'_>>(place.handle);
        // Open already, or at the port that was drawn, which none of our other queries has.
        let _ = socket.bind(port);
        socket.send_slice(octets, UdpMetadata::from(server)).is_ok()
    }

    /// Hands the next thing that has come in to `take`; `false` when there is none.
    pub(super) fn receive(&mut self, sockets: &mut SocketSet<'_>, take: &mut dyn FnMut(Meta, &[u8])) -> bool {
        for place in &mut self.places {
            let Some((server, channel)) = place.with else { continue };
            if let Channel::Tcp(_) = channel {
                place.with = None;
                take(Meta::server(server, channel), &[]);
                return true;
            }
            if let Ok((octets, meta)) = sockets.get_mut::<Socket<'_>>(place.handle).recv() {
                // Nothing would say that nobody is there.
                if !octets.is_empty() {
                    take(Meta::server(meta.endpoint.into(), channel), octets);
                }
                return true;
            }
        }
        self.stream.as_mut().is_some_and(|stream| stream.receive(sockets, take))
    }

    /// Whether something has come in.
    pub(super) fn has_news(&self, sockets: &SocketSet<'_>) -> bool {
        let mut of_places = self.places.iter().map(|place| match place.with {
            None => false,
            Some((_, Channel::Tcp(_))) => true,
            Some(_) => sockets.get::<Socket<'_>>(place.handle).can_recv(),
        });
        of_places.any(|has_news| has_news)
            || self.stream.as_ref().is_some_and(|stream| stream.has_news(sockets))
    }

    /// Closes those that are not used any more.
    pub(super) fn close_unused(
        &mut self,
        sockets: &mut SocketSet<'_>,
        is_used: &mut dyn FnMut(SocketAddr, Channel) -> bool,
    ) {
        for place in &mut self.places {
            if place.with.is_some_and(|(server, channel)| !is_used(server, channel)) {
                place.with = None;
                sockets.get_mut::<Socket<'_>>(place.handle).close();
            }
        }
        if let Some(stream) = &mut self.stream {
            stream.close_unused(sockets, is_used);
        }
    }

    /// Drops what cannot leave and nobody waits for.
    pub(super) fn forget(&self, sockets: &mut SocketSet<'_>) {
        if let Some(stream) = &self.stream {
            stream.forget(sockets);
        }
    }
}
