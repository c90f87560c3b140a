//! A connection to one server at a time.

use core::future::Future;
use core::net::SocketAddr;
use core::pin::pin;
use core::task::{Context, Poll};

use embassy_net::Stack;
use embassy_net::tcp::{State, TcpSocket};

/// A socket, what it is open for, and what it has yet to send.
pub(super) struct Stream<'d> {
    socket: TcpSocket<'d>,
    of: Option<(SocketAddr, u16)>,
    query: &'d mut [u8],
    unsent: usize,
}

impl<'d> Stream<'d> {
    pub(super) fn open(stack: Stack<'d>, rx: &'d mut [u8], tx: &'d mut [u8], query: &'d mut [u8]) -> Self {
        Self { socket: TcpSocket::new(stack, rx, tx), of: None, query, unsent: 0 }
    }

    /// The server, and the number of the connection, where there is one.
    pub(super) const fn of(&self) -> Option<(SocketAddr, u16)> {
        self.of
    }

    /// Connects for a query. Whether that works, [`receive`](Self::receive) tells.
    pub(super) fn send(&mut self, server: SocketAddr, number: u16, octets: &[u8], cx: &mut Context<'_>) {
        self.close();
        self.of = Some((server, number));
        if let Some(query) = self.query.get_mut(..octets.len()) {
            query.copy_from_slice(octets);
            self.unsent = octets.len();
            // It begins here, and goes on without this.
            let _ = pin!(self.socket.connect(server)).poll(cx);
        }
    }

    /// Has `take` read a piece of what has come: nothing, where nobody is there any more. `None` when there is none, and
    /// the task is woken once there is.
    pub(super) fn receive<R>(&mut self, cx: &mut Context<'_>, take: impl FnOnce(&[u8]) -> R) -> Option<R> {
        self.of?;
        if let State::SynSent | State::SynReceived = self.socket.state() {
            let _ = pin!(self.socket.wait_write_ready()).poll(cx);
            return None;
        }
        if let Some(query) = self.query.get(..self.unsent).filter(|query| !query.is_empty()) {
            // There is room for all of it, or there is no connection, which is told below.
            let _ = pin!(self.socket.write(query)).poll(cx);
            self.unsent = 0;
        }
        let mut take = Some(take);
        let mut piece = |octets: &[u8]| take.take().map(|take| take(octets));
        let read = pin!(self.socket.read_with(|octets| (octets.len(), piece(octets)))).poll(cx);
        match read {
            Poll::Ready(Ok(taken)) => taken,
            Poll::Ready(Err(_)) => {
                self.close();
                piece(&[])
            }
            Poll::Pending => None,
        }
    }

    pub(super) fn close(&mut self) {
        if self.of.take().is_some() {
            self.socket.abort();
        }
        self.unsent = 0;
    }
}
