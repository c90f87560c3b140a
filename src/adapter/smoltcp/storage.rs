//! The buffers of a link's two sockets.

use ::smoltcp::socket::udp::{PacketBuffer, PacketMetadata, Socket};

/// The memory of a [`Link`](super::Link)'s sockets.
///
/// - `RECEIVED`: what one datagram may have to be read. A packet of an Ethernet holds 1472 octets of one over IPv4, 1452
///   over IPv6; what is longer comes in fragments, which smoltcp drops unless it was built to put them together. So 1500
///   lose only what answers in more than one packet: [`LinkCounters::oversize`](super::LinkCounters::oversize) counts it.
/// - `SENT`: what may wait to be sent, once for the group and once for single hosts. 1440 octets are the longest datagram
///   that a machine writes; with less it writes shorter ones, and gives up a record that fits none. A device that takes
///   only one frame at a time wants twice that, so that a multicast waits whole for both families.
#[derive(Debug)]
pub struct LinkStorage<const RECEIVED: usize = 1500, const SENT: usize = 1440> {
    received: [u8; RECEIVED],
    to_group: [u8; SENT],
    to_hosts: [u8; SENT],
    lists: Lists<3>,
}

/// What some queues know of their datagrams. Of smoltcp's an empty one is not all zeros; this is, until it is used.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "it stands once, in the caller's memory")]
#[repr(u8)]
pub(super) enum Lists<const QUEUES: usize> {
    Unused,
    Used([[PacketMetadata; DATAGRAMS]; QUEUES]),
}

impl<const QUEUES: usize> Lists<QUEUES> {
    /// Empties them.
    pub(super) fn empty(&mut self) -> [&mut [PacketMetadata]; QUEUES] {
        *self = Self::Used([[PacketMetadata::EMPTY; DATAGRAMS]; QUEUES]);
        match self {
            Self::Used(lists) => lists.each_mut().map(|list| &mut list[..]),
            // Never: it was set just now.
            Self::Unused => core::array::from_fn(|_| Default::default()),
        }
    }
}

impl<const RECEIVED: usize, const SENT: usize> LinkStorage<RECEIVED, SENT> {
    /// Empty memory: all zeros, so that a `static` costs no flash.
    pub const fn new() -> Self {
        Self { received: [0; RECEIVED], to_group: [0; SENT], to_hosts: [0; SENT], lists: Lists::Unused }
    }

    /// The socket of the group, and the one that sends to single hosts: that receives nothing.
    pub(super) fn sockets(&mut self) -> (Socket<'_>, Socket<'_>) {
        let [received, to_group, to_hosts] = self.lists.empty();
        let received = PacketBuffer::new(received, &mut self.received[..]);
        let to_group = PacketBuffer::new(to_group, &mut self.to_group[..]);
        let to_hosts = PacketBuffer::new(to_hosts, &mut self.to_hosts[..]);
        let none = PacketBuffer::new(&mut [][..], &mut [][..]);
        (Socket::new(received, to_group), Socket::new(none, to_hosts))
    }
}

impl<const RECEIVED: usize, const SENT: usize> Default for LinkStorage<RECEIVED, SENT> {
    fn default() -> Self {
        Self::new()
    }
}

/// How many datagrams one queue may hold, if there is room for their octets. A queue that wraps counts its gap as one.
const DATAGRAMS: usize = 4;
