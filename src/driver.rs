//! The words between a machine and the loop that drives it.

use core::net::SocketAddr;

use crate::time::Instant;
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

impl Disposition {
    pub(crate) const NOT_FOR_US: Self = Self::Ignored(Reason::NotForUs);
}

/// Why a datagram was ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Reason {
    /// A sound message in which nothing concerns this device, or what came by a channel of another machine.
    NotForUs,
    /// Not a DNS message, or a broken one.
    Malformed(CheckError),
    /// The sender is not on this link (RFC 6762 section 11).
    OffLink,
    /// An mDNS response from a port other than 5353, or anything from port 0 (RFC 6762 sections 6 and 11).
    WrongPort,
    /// A unicast response to nothing that we asked by unicast (RFC 6762 section 6), or a reply that fits no query that is
    /// open (RFC 5452 section 9.1).
    Unsolicited,
    /// An opcode other than QUERY (RFC 6762 section 18.3).
    Opcode,
    /// A response code other than NOERROR (RFC 6762 section 18.11).
    Rcode,
    /// No room to remember that this sender waits for a unicast reply.
    Busy,
    /// Longer than the driver has room for, which therefore does not hand it in.
    Oversize,
}

/// The five calls, for what drives any machine. Nobody outside can name it: a machine's own calls are the interface.
pub trait Machine {
    /// What it tells.
    type Event: Copy + core::fmt::Debug;

    /// Takes what came in at `now`.
    fn handle_datagram(&mut self, now: Instant, meta: Meta, octets: &[u8]) -> Disposition;
    /// Lets time pass up to `now`.
    fn handle_timeout(&mut self, now: Instant);
    /// The next datagram that is to leave at `now`.
    fn poll_transmit<'b>(&mut self, now: Instant, buf: &'b mut [u8]) -> Option<Transmit<'b>>;
    /// The next thing to tell.
    fn poll_event(&mut self) -> Option<Self::Event>;
    /// When it wants to be called again.
    fn poll_timeout(&self) -> Option<Instant>;
}

/// Implements [`Machine`] for a type that has the five calls.
macro_rules! five_calls {
    ([$($generics:tt)*] $machine:ty, $event:ty) => {
        impl<$($generics)*> $crate::driver::Machine for $machine {
            type Event = $event;

            fn handle_datagram(
                &mut self,
                now: $crate::Instant,
                meta: $crate::Meta,
                octets: &[u8],
            ) -> $crate::Disposition {
                <$machine>::handle_datagram(self, now, meta, octets)
            }

            fn handle_timeout(&mut self, now: $crate::Instant) {
                <$machine>::handle_timeout(self, now);
            }

            fn poll_transmit<'b>(
                &mut self,
                now: $crate::Instant,
                buf: &'b mut [u8],
            ) -> Option<$crate::Transmit<'b>> {
                <$machine>::poll_transmit(self, now, buf)
            }

            fn poll_event(&mut self) -> Option<$event> {
                <$machine>::poll_event(self)
            }

            fn poll_timeout(&self) -> Option<$crate::Instant> {
                <$machine>::poll_timeout(self)
            }
        }
    };
}
pub(crate) use five_calls;
