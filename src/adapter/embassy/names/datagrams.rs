//! A UDP socket to one server at a time, at the port that was drawn.

use core::future::Future;
use core::mem::MaybeUninit;
use core::net::SocketAddr;
use core::pin::pin;
use core::task::{Context, Poll};

use embassy_net::Stack;
use embassy_net::udp::{PacketMetadata, UdpSocket};

/// A socket, and what it is open for.
pub(super) struct Datagrams<'d> {
    socket: UdpSocket<'d>,
    of: Option<(SocketAddr, u16)>,
}

/// Its buffers.
pub(super) struct UdpBuffers {
    rx_meta: MaybeUninit<[PacketMetadata; 2]>,
    rx: [u8; RX],
    tx_meta: MaybeUninit<[PacketMetadata; 1]>,
    tx: [u8; TX],
}

impl UdpBuffers {
    pub(super) const NEW: Self =
        Self { rx_meta: MaybeUninit::uninit(), rx: [0; RX], tx_meta: MaybeUninit::uninit(), tx: [0; TX] };

    pub(super) fn open<'d>(&'d mut self, stack: Stack<'d>) -> Datagrams<'d> {
        let rx_meta = self.rx_meta.write([PacketMetadata::EMPTY; 2]);
        let tx_meta = self.tx_meta.write([PacketMetadata::EMPTY; 1]);
        Datagrams { socket: UdpSocket::new(stack, rx_meta, &mut self.rx, tx_meta, &mut self.tx), of: None }
    }
}

impl Datagrams<'_> {
    /// The server, and the local port, where it is open.
    pub(super) const fn of(&self) -> Option<(SocketAddr, u16)> {
        self.of
    }

    /// Sends a query from `port`; what finds no room is lost.
    pub(super) fn send(&mut self, server: SocketAddr, port: u16, octets: &[u8], cx: &mut Context<'_>) {
        if self.of.is_none() {
            // It fails at port 0 and for a socket that is open: this is neither.
            let _ = self.socket.bind(port);
        }
        self.of = Some((server, port));
        let _ = self.socket.poll_send_to(octets, server, cx);
    }

    /// Has `take` read what has come and from where; `None` when there is nothing, and the task is woken once there is.
    pub(super) fn receive<R>(
        &mut self,
        cx: &mut Context<'_>,
        take: impl FnOnce(SocketAddr, &[u8]) -> R,
    ) -> Option<R> {
        self.of?;
        match pin!(self.socket.recv_from_with(|octets, from| take(from.endpoint.into(), octets))).poll(cx) {
            Poll::Ready(taken) => Some(taken),
            Poll::Pending => None,
        }
    }

    pub(super) fn close(&mut self) {
        self.socket.close();
        self.of = None;
    }
}

/// What resolvers say that they can take in, unless told otherwise (RFC 9715).
const RX: usize = 1232;
/// The longest query: a name of 255 octets, and what EDNS and a cookie take.
const TX: usize = 384;
