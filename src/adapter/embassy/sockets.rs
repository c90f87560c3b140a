//! The two sockets at port 5353, and their memory.

use core::mem::MaybeUninit;

use embassy_net::Stack;
use embassy_net::udp::PacketMetadata;

use super::port::Port;

/// The buffers of the two sockets at port 5353, and of what is about to be sent.
pub(super) struct SocketBuffers<const RX: usize> {
    rx_meta: MaybeUninit<[PacketMetadata; RX_PACKETS]>,
    rx: [u8; RX],
    group_meta: MaybeUninit<[PacketMetadata; GROUP_PACKETS]>,
    group: [u8; MAX_SENT],
    unicast_meta: MaybeUninit<[PacketMetadata; UNICAST_PACKETS]>,
    unicast: [u8; MAX_SENT],
    message: [u8; MAX_SENT],
}

impl<const RX: usize> SocketBuffers<RX> {
    pub(super) const NEW: Self = {
        assert!(RX >= 1536, "RX is 1536 at least: a packet of an Ethernet");
        Self {
            rx_meta: MaybeUninit::uninit(),
            rx: [0; RX],
            group_meta: MaybeUninit::uninit(),
            group: [0; MAX_SENT],
            unicast_meta: MaybeUninit::uninit(),
            unicast: [0; MAX_SENT],
            message: [0; MAX_SENT],
        }
    };

    pub(super) fn open<'d>(&'d mut self, stack: Stack<'d>) -> Sockets<'d> {
        // The stack gives what is received to the first socket at a port, in the order in which they are made.
        let group = Port::open(
            stack,
            self.rx_meta.write([PacketMetadata::EMPTY; RX_PACKETS]),
            &mut self.rx,
            self.group_meta.write([PacketMetadata::EMPTY; GROUP_PACKETS]),
            &mut self.group,
        );
        let unicast_meta = self.unicast_meta.write([PacketMetadata::EMPTY; UNICAST_PACKETS]);
        let unicast = Port::open(stack, &mut [], &mut [], unicast_meta, &mut self.unicast);
        Sockets { group, unicast, message: &mut self.message }
    }
}

/// Both sockets at port 5353.
pub(super) struct Sockets<'d> {
    /// Receives everything, and sends to the groups.
    pub(super) group: Port<'d>,
    /// Sends to single hosts.
    pub(super) unicast: Port<'d>,
    /// Where a message is made.
    pub(super) message: &'d mut [u8],
}

/// What is sent fits one packet of an Ethernet, beside an IPv6 header and a VLAN tag or two (RFC 6762 section 17).
const MAX_SENT: usize = 1440;
/// Most packets are short; a place is taken by what is left over at the end of the buffer too.
const RX_PACKETS: usize = 8;
const GROUP_PACKETS: usize = 2;
const UNICAST_PACKETS: usize = 4;
