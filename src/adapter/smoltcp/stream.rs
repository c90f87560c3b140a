//! A TCP connection to one DNS server at a time.

use core::net::SocketAddr;

use ::smoltcp::iface::{Interface, SocketHandle, SocketSet};
use ::smoltcp::socket::tcp::{Socket, SocketBuffer, State};

use crate::{Channel, Meta};

/// The memory of the connection by which a [`Link`](super::Link) asks DNS servers what no datagram holds. An answer may be
/// longer than `RECEIVED`: it is put together from pieces of any size.
#[derive(Debug)]
pub struct StreamStorage<const RECEIVED: usize = 1024> {
    received: [u8; RECEIVED],
    to_send: [u8; QUERY],
}

impl<const RECEIVED: usize> StreamStorage<RECEIVED> {
    /// Empty memory: all zeros, so that a `static` costs no flash.
    pub const fn new() -> Self {
        Self { received: [0; RECEIVED], to_send: [0; QUERY] }
    }
}

impl<const RECEIVED: usize> Default for StreamStorage<RECEIVED> {
    fn default() -> Self {
        Self::new()
    }
}

/// A socket, what it is open for, and what it has yet to send.
#[derive(Debug)]
pub(super) struct Stream {
    handle: SocketHandle,
    /// The server, and the number of the connection.
    of: Option<(SocketAddr, u16)>,
    query: [u8; QUERY],
    unsent: usize,
}

impl Stream {
    /// Adds it to `sockets`, closed.
    pub(super) fn open<'s, const RECEIVED: usize>(
        sockets: &mut SocketSet<'s>,
        storage: &'s mut StreamStorage<RECEIVED>,
    ) -> Self {
        let received = SocketBuffer::new(&mut storage.received[..]);
        let to_send = SocketBuffer::new(&mut storage.to_send[..]);
        let handle = sockets.add(Socket::new(received, to_send));
        Self { handle, of: None, query: [0; QUERY], unsent: 0 }
    }

    /// Connects for a query. Whether that works, [`receive`](Self::receive) tells.
    pub(super) fn send(
        &mut self,
        interface: &mut Interface,
        sockets: &mut SocketSet<'_>,
        (server, number): (SocketAddr, u16),
        octets: &[u8],
    ) {
        self.close(sockets);
        self.of = Some((server, number));
        if let Some(query) = self.query.get_mut(..octets.len()) {
            query.copy_from_slice(octets);
            self.unsent = octets.len();
            // Without an address of this family it stays closed.
            let _ = sockets.get_mut::<Socket<'_>>(self.handle).connect(interface.context(), server, number);
        }
    }

    /// Hands the next piece that has come in to `take`: nothing, where nobody is there any more; `false` when there is none.
    pub(super) fn receive(&mut self, sockets: &mut SocketSet<'_>, take: &mut dyn FnMut(Meta, &[u8])) -> bool {
        let Some((server, number)) = self.of.filter(|_| self.has_news(sockets)) else { return false };
        let meta = Meta::server(server, Channel::Tcp(number));
        let socket = sockets.get_mut::<Socket<'_>>(self.handle);
        let unsent = core::mem::take(&mut self.unsent);
        if let Some(query) = self.query.get(..unsent).filter(|query| !query.is_empty()) {
            // There is room for all of it, or there is no connection, which is told below.
            let _ = socket.send_slice(query);
        }
        if socket.can_recv() {
            let _ = socket.recv(|octets| (octets.len(), take(meta, octets)));
            return true;
        }
        let is_over = !socket.may_recv();
        if is_over {
            self.close(sockets);
            take(meta, &[]);
        }
        is_over
    }

    /// Whether something is to be done with it that [`receive`](Self::receive) does.
    pub(super) fn has_news(&self, sockets: &SocketSet<'_>) -> bool {
        let socket = sockets.get::<Socket<'_>>(self.handle);
        let is_settled = !matches!(socket.state(), State::SynSent | State::SynReceived);
        self.of.is_some() && is_settled && (self.unsent > 0 || socket.can_recv() || !socket.may_recv())
    }

    /// Closes it if it is not used any more.
    pub(super) fn close_unused(
        &mut self,
        sockets: &mut SocketSet<'_>,
        is_used: &mut dyn FnMut(SocketAddr, Channel) -> bool,
    ) {
        if self.of.is_some_and(|(server, number)| !is_used(server, Channel::Tcp(number))) {
            self.close(sockets);
        }
    }

    fn close(&mut self, sockets: &mut SocketSet<'_>) {
        (self.of, self.unsent) = (None, 0);
        sockets.get_mut::<Socket<'_>>(self.handle).abort();
    }

    /// Has a reset that could not leave forgotten: smoltcp would ask for the hardware address of the server each second,
    /// without end.
    pub(super) fn forget(&self, sockets: &mut SocketSet<'_>) {
        let socket = sockets.get_mut::<Socket<'_>>(self.handle);
        if self.of.is_none() && socket.remote_endpoint().is_some() {
            // There is no other call that empties a socket.
            let _ = socket.listen(1);
            socket.close();
        }
    }
}

/// The longest query: a name of 255 octets, and what EDNS and a cookie take.
const QUERY: usize = 384;
