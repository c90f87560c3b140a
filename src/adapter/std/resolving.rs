//! The sockets of a resolver: one for each query that waits for its answer.

use ::std::format;
use ::std::io;
use ::std::os::fd::{AsFd, BorrowedFd};
use ::std::vec;
use ::std::vec::Vec;
use core::fmt;
use core::net::SocketAddr;

use super::link::{Trace, Traffic};
use super::server_socket::{ServerSocket, is_shortage};
use crate::{Channel, Destination, Meta, Transmit};

/// The sockets of one [`Resolver`](crate::resolver::Resolver).
///
/// [`turn`](Self::turn) is all that a loop needs, with a [`PollSet`](super::PollSet) to sleep. Nothing here ever waits
/// for the network.
///
/// Each query has a socket of its own, which speaks with its server alone: UDP from the port that was drawn, or from
/// another one where that port is taken, and TCP where an answer is longer.
pub struct ResolverSockets {
    open: Vec<ServerSocket>,
    /// By which nobody was reached, to be told.
    refused: Vec<(SocketAddr, Channel)>,
    /// Why there was no socket, to be told.
    shortage: Option<io::Error>,
    trace: Option<Trace>,
    /// For what comes in.
    pub(super) buf: Vec<u8>,
}

impl ResolverSockets {
    /// No sockets yet.
    pub fn new() -> Self {
        // No message is longer.
        let buf = vec![0; usize::from(u16::MAX)];
        Self { open: Vec::new(), refused: Vec::new(), shortage: None, trace: None, buf }
    }

    /// Sends what [`poll_transmit`](crate::resolver::Resolver::poll_transmit) gave, over the socket of its channel, which
    /// is opened where there is none. Never blocks. What became of it is told by [`receive`](Self::receive).
    pub fn send(&mut self, transmit: &Transmit<'_>) {
        let (Destination::Unicast(server), channel) = (transmit.to, transmit.channel) else { return };
        let sent = self.socket(server, channel).and_then(|socket| socket.send(transmit.bytes));
        // Behind the length that it has in a stream.
        let message = match channel {
            Channel::Tcp(_) => transmit.bytes.get(2..).unwrap_or(&[]),
            _ => transmit.bytes,
        };
        match sent {
            Ok(()) => self.tell(Traffic::Sent(transmit.to), message),
            Err(error) => {
                self.tell(Traffic::Unsent(transmit.to, &error), message);
                self.open.retain(|socket| (socket.server, socket.channel) != (server, channel));
                if is_shortage(&error) {
                    let message = format!("cannot open a socket to ask DNS server {server}: {error}");
                    self.shortage = Some(io::Error::new(error.kind(), message));
                } else {
                    self.refused.push((server, channel));
                }
            }
        }
    }

    /// Reads one datagram or piece of a stream into `buf`, to be handed in, and says how long it is; `None` when nothing
    /// waits. Never blocks. A length of 0 says that nobody is there; the socket is closed by then.
    ///
    /// # Errors
    /// This machine has no more sockets to give.
    pub fn receive(&mut self, buf: &mut [u8]) -> io::Result<Option<(Meta, usize)>> {
        if let Some(error) = self.shortage.take() {
            return Err(error);
        }
        if let Some((server, channel)) = self.refused.pop() {
            return Ok(Some((Meta::server(server, channel), 0)));
        }
        for _ in 0..self.open.len() {
            // The other ones are next, so that a flood of one does not drown them.
            self.open.rotate_left(1);
            let Some(socket) = self.open.last_mut() else { break };
            let (server, channel) = (socket.server, socket.channel);
            match socket.receive(buf) {
                Ok(None) => {}
                Ok(Some((source, len))) => {
                    let meta = Meta::server(source, channel);
                    self.tell(Traffic::Received(meta), buf.get(..len).unwrap_or(&[]));
                    return Ok(Some((meta, len)));
                }
                Err(error) => {
                    self.open.pop();
                    self.tell(Traffic::Unreachable(server, &error), &[]);
                    return Ok(Some((Meta::server(server, channel), 0)));
                }
            }
        }
        Ok(None)
    }

    /// Closes all sockets but those that are `named`: by [`channels`](crate::resolver::Resolver::channels) after a drain.
    pub fn close_others(&mut self, named: impl Iterator<Item = (SocketAddr, Channel)>) {
        let named: Vec<_> = named.collect();
        self.open.retain(|socket| named.contains(&(socket.server, socket.channel)));
        self.refused.retain(|channel| named.contains(channel));
    }

    /// Has all that is sent and received told to `trace` from now on; `None` ends it. What goes by a connection is told
    /// without its length, what comes is told in pieces.
    pub fn set_trace(&mut self, trace: Option<Trace>) {
        self.trace = trace;
    }

    /// What becomes ready when there is something to do, each with whether that is to send.
    pub(super) fn fds(&self) -> impl Iterator<Item = (BorrowedFd<'_>, bool)> {
        self.open.iter().map(|socket| (socket.as_fd(), socket.waits_to_send()))
    }

    /// Whether something is to be told at once.
    pub(super) const fn has_news(&self) -> bool {
        !self.refused.is_empty() || self.shortage.is_some()
    }

    fn socket(&mut self, server: SocketAddr, channel: Channel) -> io::Result<&mut ServerSocket> {
        let known = self.open.iter().position(|socket| (socket.server, socket.channel) == (server, channel));
        if known.is_none() {
            self.open.push(ServerSocket::open(server, channel)?);
        }
        let at = known.unwrap_or(self.open.len() - 1);
        self.open.get_mut(at).ok_or_else(|| io::ErrorKind::NotConnected.into())
    }

    fn tell(&mut self, traffic: Traffic<'_>, octets: &[u8]) {
        if let Some(trace) = &mut self.trace {
            trace(traffic, octets);
        }
    }
}

impl Default for ResolverSockets {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for ResolverSockets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResolverSockets").field("open", &self.open).finish_non_exhaustive()
    }
}
