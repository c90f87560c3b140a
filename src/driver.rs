//! The words between a machine and the loop that drives it.

use core::net::SocketAddr;

use crate::wire::CheckError;

/// What carries octets between a machine and the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Channel {
    /// The UDP socket of mDNS, port 5353.
    Mdns,
    /// A UDP socket at this local port, opened when the machine first sends over it. 0 where the driver has one such
    /// socket for all and does not choose its port.
    Udp(u16),
    /// A TCP connection that has this number, opened when the machine first sends over it, from the local port of that
    /// number where the driver can choose.
    Tcp(u16),
}

/// Where a datagram came from and how it reached us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Meta {
    /// Sender: address, port, and for IPv6 the scope.
    pub source: SocketAddr,
    /// `true` when it was sent to the multicast group, `false` when to an address of ours. A driver that cannot
    /// tell says `true`: answers then go to the group, which is always allowed.
    pub multicast: bool,
    /// What it came by.
    pub channel: Channel,
}

impl Meta {
    /// Of a datagram at the socket of mDNS.
    pub const fn mdns(source: SocketAddr, multicast: bool) -> Self {
        Self { source, multicast, channel: Channel::Mdns }
    }

    /// Of what `server` has sent over a channel of a resolver's.
    pub const fn server(server: SocketAddr, channel: Channel) -> Self {
        Self { source: server, multicast: false, channel }
    }
}

/// Where a datagram is to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Destination {
    /// To the mDNS group, port 5353, on each address family that the link has: 224.0.0.251 and ff02::fb.
    Multicast,
    /// To one host.
    Unicast(SocketAddr),
}

/// A datagram that is to leave now. Returned means sent: no machine asks what became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Transmit<'b> {
    /// Where to.
    pub to: Destination,
    /// By what.
    pub channel: Channel,
    /// What: the part of the caller's buffer that was written.
    pub bytes: &'b [u8],
}

/// What a machine did with a datagram. For logs and counters; there is nothing to handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Disposition {
    /// It changed the machine's state, or asked it for something that is now on its way.
    Used,
    /// It changed nothing.
    Ignored(Reason),
}

/// Why a datagram was ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Reason {
    /// A sound message in which nothing concerns this device.
    NotForUs,
    /// Not a DNS message, or a broken one.
    Malformed(CheckError),
    /// The sender is not on this link (RFC 6762 section 11).
    OffLink,
    /// An mDNS response from a port other than 5353, or anything from port 0 (RFC 6762 sections 6 and 11).
    WrongPort,
    /// A unicast response to nothing that we asked by unicast (RFC 6762 section 6).
    Unsolicited,
    /// An opcode other than QUERY (RFC 6762 section 18.3).
    Opcode,
    /// A response code other than NOERROR (RFC 6762 section 18.11).
    Rcode,
    /// No room to remember that this sender waits for a unicast reply.
    Busy,
}
