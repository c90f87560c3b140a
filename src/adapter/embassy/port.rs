//! A socket at port 5353.

use core::future::Future;
use core::net::SocketAddr;
use core::pin::pin;
use core::task::{Context, Poll};

use embassy_net::Stack;
use embassy_net::udp::{PacketMetadata, UdpMetadata, UdpSocket};

use crate::Instant;
use crate::adapter::stall::Stall;
use crate::mdns::PORT;

/// A socket of the stack, whose queue does not stay full for ever.
pub(super) struct Port<'d> {
    socket: UdpSocket<'d>,
    stall: Stall,
}

impl<'d> Port<'d> {
    pub(super) fn open(
        stack: Stack<'d>,
        rx_meta: &'d mut [PacketMetadata],
        rx: &'d mut [u8],
        tx_meta: &'d mut [PacketMetadata],
        tx: &'d mut [u8],
    ) -> Self {
        let mut socket = UdpSocket::new(stack, rx_meta, rx, tx_meta, tx);
        socket.set_hop_limit(Some(255));
        let mut port = Self { socket, stall: Stall::new() };
        port.bind();
        port
    }

    /// It fails at port 0 and for a socket that is open: this is neither.
    fn bind(&mut self) {
        let _ = self.socket.bind(PORT);
    }

    /// Throws away what has not left, and what was received and not read.
    pub(super) fn clear(&mut self) {
        self.socket.close();
        self.bind();
    }

    /// Whether everything has left. What is stuck is thrown away when its time has come; until then the task is woken
    /// when it has left.
    pub(super) fn is_flushed(&mut self, now: Instant, cx: &mut Context<'_>) -> bool {
        let is_flushed = pin!(self.socket.flush()).poll(cx).is_ready();
        let is_stuck = self.stall.is_stalled(now, usize::from(!is_flushed));
        if is_stuck {
            self.clear();
        }
        is_flushed || is_stuck
    }

    /// When what is stuck is to be thrown away.
    pub(super) fn due(&self) -> Option<Instant> {
        self.stall.until()
    }

    /// Sends a datagram, or not: nothing tells, as mDNS repeats what matters.
    pub(super) fn send(&mut self, octets: &[u8], to: SocketAddr, cx: &mut Context<'_>) {
        let _ = self.socket.poll_send_to(octets, to, cx);
    }

    /// Has `take` read a datagram where it lies; `None` when there is none, and the task is woken once there is.
    pub(super) fn receive<R>(
        &mut self,
        cx: &mut Context<'_>,
        take: impl FnOnce(&[u8], UdpMetadata) -> R,
    ) -> Option<R> {
        match pin!(self.socket.recv_from_with(take)).poll(cx) {
            Poll::Ready(taken) => Some(taken),
            Poll::Pending => None,
        }
    }
}
