//! What smoltcp does not tell of the frames that come in: a datagram that its socket had no room for, and that somebody
//! asks who is in which group. And what it says wrongly in those that go out.

use core::net::{IpAddr, SocketAddr};

use ::smoltcp::phy::{Device, DeviceCapabilities, Medium, PacketMeta, RxToken, TxToken};
use ::smoltcp::time::Instant;
use ::smoltcp::wire::{EthernetFrame, EthernetProtocol, IpProtocol, Ipv4Packet, Ipv6Packet};

use super::report::{self, Members};
use crate::mdns::PORT;

/// What was seen of a frame.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Seen {
    /// A datagram of mDNS that is longer than there is room for: from whom, and to whom.
    pub(super) oversize: Option<(SocketAddr, IpAddr)>,
    /// A question of IGMP or MLD, which is answered after a while.
    pub(super) asks_for_members: bool,
}

impl Seen {
    const fn of_groups(asks_for_members: bool) -> Self {
        Self { oversize: None, asks_for_members }
    }
}

/// A device whose frames are looked at on their way in, and reports of groups on their way out.
pub(super) struct Watched<'d, D: ?Sized> {
    device: &'d mut D,
    pub(super) members: Members,
    /// How many octets of a datagram there is room for.
    room: usize,
    pub(super) seen: Seen,
}

impl<'d, D: Device + ?Sized> Watched<'d, D> {
    pub(super) fn new(device: &'d mut D, room: usize, members: Members) -> Self {
        Self { device, members, room, seen: Seen::default() }
    }
}

impl<D: Device + ?Sized> Device for Watched<'_, D> {
    type RxToken<'a>
        = WatchedFrame<'a, D::RxToken<'a>>
    where
        Self: 'a;
    type TxToken<'a>
        = WatchedRoom<'a, D::TxToken<'a>>
    where
        Self: 'a;

    fn receive(&mut self, timestamp: Instant) -> Option<(Self::RxToken<'_>, Self::TxToken<'_>)> {
        let capabilities = self.device.capabilities();
        let medium = capabilities.medium;
        let (frame, answer) = self.device.receive(timestamp)?;
        let answer = WatchedRoom { room: answer, capabilities, members: &self.members };
        Some((WatchedFrame { frame, medium, room: self.room, seen: &mut self.seen }, answer))
    }

    fn transmit(&mut self, timestamp: Instant) -> Option<Self::TxToken<'_>> {
        let capabilities = self.device.capabilities();
        let room = self.device.transmit(timestamp)?;
        Some(WatchedRoom { room, capabilities, members: &self.members })
    }

    fn capabilities(&self) -> DeviceCapabilities {
        self.device.capabilities()
    }
}

/// A frame that is looked at when it is read.
pub(super) struct WatchedFrame<'a, F> {
    frame: F,
    medium: Medium,
    room: usize,
    seen: &'a mut Seen,
}

impl<F: RxToken> RxToken for WatchedFrame<'_, F> {
    fn consume<R, T: FnOnce(&[u8]) -> R>(self, take: T) -> R {
        let Self { frame, medium, room, seen } = self;
        frame.consume(|octets| {
            *seen = look(octets, medium, room).unwrap_or_default();
            take(octets)
        })
    }

    fn meta(&self) -> PacketMeta {
        self.frame.meta()
    }
}

/// Room for a frame in which reports are set right.
pub(super) struct WatchedRoom<'a, R> {
    room: R,
    capabilities: DeviceCapabilities,
    members: &'a Members,
}

impl<T: TxToken> TxToken for WatchedRoom<'_, T> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, len: usize, fill: F) -> R {
        let Self { room, capabilities: DeviceCapabilities { medium, checksum, .. }, members } = self;
        room.consume(len, |octets| {
            let filled = fill(octets);
            let header = if medium == Medium::Ethernet { EthernetFrame::<&[u8]>::header_len() } else { 0 };
            let packet = octets.get_mut(header..).unwrap_or_default();
            report::set_right(packet, members, checksum.icmpv6.tx());
            filled
        })
    }

    fn set_meta(&mut self, meta: PacketMeta) {
        self.room.set_meta(meta);
    }
}

/// What there is to be seen of a frame.
fn look(frame: &[u8], medium: Medium, room: usize) -> Option<Seen> {
    // Only this one has a header before that of IP; the first four bits behind it tell the version.
    let packet = if medium == Medium::Ethernet {
        let frame = EthernetFrame::new_checked(frame).ok()?;
        if !matches!(frame.ethertype(), EthernetProtocol::Ipv4 | EthernetProtocol::Ipv6) {
            return None;
        }
        frame.into_inner().get(EthernetFrame::<&[u8]>::header_len()..)?
    } else {
        frame
    };
    match packet.first()? >> 4 {
        4 => look_v4(packet, room),
        6 => look_v6(packet, room),
        _ => None,
    }
}

fn look_v4(packet: &[u8], room: usize) -> Option<Seen> {
    let packet = Ipv4Packet::new_checked(packet).ok()?;
    match packet.next_header() {
        IpProtocol::Igmp => Some(Seen::of_groups(packet.payload().first() == Some(&IGMP_QUERY))),
        // Of a datagram in fragments the first has its header.
        IpProtocol::Udp if packet.frag_offset() == 0 => {
            let (source, to) = (packet.src_addr().into(), packet.dst_addr().into());
            oversize(packet.payload(), packet.more_frags(), room, source, to)
        }
        _ => None,
    }
}

fn look_v6(packet: &[u8], room: usize) -> Option<Seen> {
    let packet = Ipv6Packet::new_checked(packet).ok()?;
    let (source, to) = (packet.src_addr().into(), packet.dst_addr().into());
    match packet.next_header() {
        // Behind its router alert stands MLD.
        IpProtocol::HopByHop => {
            let [next, words, ..] = *packet.payload() else { return None };
            let kind = packet.payload().get((usize::from(words) + 1) * 8);
            Some(Seen::of_groups(IpProtocol::from(next) == IpProtocol::Icmpv6 && kind == Some(&MLD_QUERY)))
        }
        IpProtocol::Udp => oversize(packet.payload(), false, room, source, to),
        IpProtocol::Ipv6Frag => {
            // The header of a fragment: what is in it, reserved, the offset in units of 8 octets, flags, a number.
            let ([protocol, _, high, low, ..], datagram) = packet.payload().split_first_chunk::<8>()?;
            let is_first = u16::from_be_bytes([*high, *low]) >> 3 == 0;
            (IpProtocol::from(*protocol) == IpProtocol::Udp && is_first)
                .then(|| oversize(datagram, true, room, source, to))?
        }
        _ => None,
    }
}

/// Tells of a datagram that is longer than `room`. `datagram` is the whole of it or its first fragment.
fn oversize(datagram: &[u8], is_part: bool, room: usize, source: IpAddr, to: IpAddr) -> Option<Seen> {
    let [s0, s1, d0, d1, l0, l1, ..] = *datagram.first_chunk::<8>()?;
    let length = usize::from(u16::from_be_bytes([l0, l1]));
    // One that claims to be longer than it is is broken, and not for us to count.
    let is_sound = is_part || length <= datagram.len();
    let is_oversize = is_sound && u16::from_be_bytes([d0, d1]) == PORT && length > room.saturating_add(8);
    let source = SocketAddr::new(source, u16::from_be_bytes([s0, s1]));
    is_oversize.then_some(Seen { oversize: Some((source, to)), asks_for_members: false })
}

/// Of all versions (RFC 2236 section 2.1).
const IGMP_QUERY: u8 = 0x11;
/// RFC 3810 section 5.
const MLD_QUERY: u8 = 130;
