//! One UDP socket: one address family on one interface.

use ::std::io::{self, IoSlice, IoSliceMut};
use ::std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use ::std::vec;
use ::std::vec::Vec;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};

use nix::errno::Errno;
use nix::libc;
use nix::sys::socket::{
    ControlMessage, ControlMessageOwned, MsgFlags, SockaddrStorage, recvmsg, sendmsg, setsockopt, sockopt,
};
use socket2::{Domain, InterfaceIndexOrAddress, Protocol, Type};

use super::interface::Interface;
use crate::mdns::{GROUP_V4, GROUP_V6, PORT};

/// An address family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    V4,
    V6,
}

impl Family {
    /// The mDNS group.
    pub(super) const fn group(self) -> IpAddr {
        match self {
            Self::V4 => IpAddr::V4(GROUP_V4),
            Self::V6 => IpAddr::V6(GROUP_V6),
        }
    }

    pub(super) const fn of(address: &IpAddr) -> Self {
        if address.is_ipv4() { Self::V4 } else { Self::V6 }
    }

    const fn any_address(self) -> SocketAddr {
        let any = match self {
            Self::V4 => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            Self::V6 => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
        };
        SocketAddr::new(any, PORT)
    }
}

/// A datagram that a socket has read.
pub(super) struct Received {
    pub(super) source: SocketAddr,
    pub(super) to: IpAddr,
    pub(super) interface: u32,
    pub(super) len: usize,
}

/// Bound to port 5353 of one interface, beside others.
#[derive(Debug)]
pub(super) struct Socket {
    family: Family,
    interface: u32,
    inner: socket2::Socket,
    bound_to_interface: bool,
    in_group: bool,
    control: Vec<u8>,
}

impl Socket {
    /// A socket that is bound to no port yet. `None`: this system does not have the family.
    pub(super) fn new(family: Family, interface: &Interface) -> io::Result<Option<Self>> {
        let domain = if family == Family::V4 { Domain::IPV4 } else { Domain::IPV6 };
        let inner = match socket2::Socket::new(domain, Type::DGRAM, Some(Protocol::UDP)) {
            Err(error) if is(&error, &[Errno::EAFNOSUPPORT]) => return Ok(None),
            other => other?,
        };
        inner.set_nonblocking(true)?;
        if family == Family::V6 {
            inner.set_only_v6(true)?;
        }
        let bound_to_interface = bind_to_interface(&inner, family, interface);
        let control = nix::cmsg_space!(libc::in_pktinfo, libc::in6_pktinfo);
        let interface = interface.index;
        Ok(Some(Self { family, interface, inner, bound_to_interface, in_group: false, control }))
    }

    /// Takes port 5353, if nobody else has it.
    pub(super) fn bind_alone(&self) -> io::Result<()> {
        self.inner.bind(&self.family.any_address().into())
    }

    /// Takes port 5353 beside others, with everything set that mDNS asks of a socket.
    pub(super) fn bind_shared(&self) -> io::Result<()> {
        let socket = &self.inner;
        socket.set_reuse_address(true)?;
        socket.set_reuse_port(true)?;
        // M-11-1, and M-15-1: the other responders of this machine are to hear us.
        match self.family {
            Family::V4 => {
                socket.set_ttl_v4(TTL)?;
                socket.set_multicast_ttl_v4(TTL)?;
                socket.set_multicast_loop_v4(true)?;
                setsockopt(socket, sockopt::Ipv4PacketInfo, &true)?;
            }
            Family::V6 => {
                socket.set_unicast_hops_v6(TTL)?;
                socket.set_multicast_hops_v6(TTL)?;
                socket.set_multicast_loop_v6(true)?;
                setsockopt(socket, sockopt::Ipv6RecvPacketInfo, &true)?;
            }
        }
        // Linux hands each socket what any program of the machine has joined, on any interface, unless told not to.
        // IPv6 can do it since 4.20 only; what came on another interface is dropped here in any case.
        #[cfg(target_os = "linux")]
        match self.family {
            Family::V4 => socket.set_multicast_all_v4(false)?,
            Family::V6 => drop(socket.set_multicast_all_v6(false)),
        }
        socket.bind(&self.family.any_address().into())
    }

    /// Leaves the group, and joins it anew when `wanted`. The new report tells switches that we are (still) here,
    /// and a membership that the kernel has dropped with an address or a link is there again.
    pub(super) fn renew_membership(&mut self, wanted: bool) -> io::Result<()> {
        let index = InterfaceIndexOrAddress::Index(self.interface);
        // Not a member any more, or never: both are what we want.
        let _ = match self.family.group() {
            IpAddr::V4(group) => self.inner.leave_multicast_v4_n(&group, &index),
            IpAddr::V6(group) => self.inner.leave_multicast_v6(&group, self.interface),
        };
        self.in_group = false;
        if !wanted {
            return Ok(());
        }
        match self.family.group() {
            IpAddr::V4(group) => self.inner.join_multicast_v4_n(&group, &index)?,
            IpAddr::V6(group) => {
                self.inner.join_multicast_v6(&group, self.interface)?;
                self.check_route(group)?;
            }
        }
        self.in_group = true;
        Ok(())
    }

    /// Linux joins an IPv6 group on interfaces that cannot send to it, its loopback for one. Connecting looks up
    /// the route and sends nothing.
    fn check_route(&self, group: Ipv6Addr) -> io::Result<()> {
        let group = SocketAddrV6::new(group, PORT, 0, self.interface);
        socket2::Socket::new(Domain::IPV6, Type::DGRAM, Some(Protocol::UDP))?.connect(&group.into())
    }

    /// Sends one datagram on this interface, whatever the routes say, from `ours` when that is given.
    #[allow(clippy::useless_conversion, reason = "the type of an interface number differs between systems")]
    pub(super) fn send(&self, to: SocketAddr, ours: Option<IpAddr>, bytes: &[u8]) -> io::Result<()> {
        let to = SockaddrStorage::from(self.scoped(to));
        let fd = self.inner.as_raw_fd();
        let data = [IoSlice::new(bytes)];
        // One call for each family: the control message borrows what it carries.
        match self.family {
            Family::V4 => {
                let source = if let Some(IpAddr::V4(ours)) = ours { ours } else { Ipv4Addr::UNSPECIFIED };
                let info = libc::in_pktinfo {
                    ipi_ifindex: self.interface.try_into().map_err(io::Error::other)?,
                    ipi_spec_dst: libc::in_addr { s_addr: u32::from_ne_bytes(source.octets()) },
                    ipi_addr: libc::in_addr { s_addr: 0 },
                };
                sendmsg(fd, &data, &[ControlMessage::Ipv4PacketInfo(&info)], MsgFlags::empty(), Some(&to))?;
            }
            Family::V6 => {
                let source = if let Some(IpAddr::V6(ours)) = ours { ours } else { Ipv6Addr::UNSPECIFIED };
                let info = libc::in6_pktinfo {
                    ipi6_addr: libc::in6_addr { s6_addr: source.octets() },
                    ipi6_ifindex: self.interface.try_into().map_err(io::Error::other)?,
                };
                sendmsg(fd, &data, &[ControlMessage::Ipv6PacketInfo(&info)], MsgFlags::empty(), Some(&to))?;
            }
        }
        Ok(())
    }

    /// Reads one datagram, cut to the length of `buf`; `None` when nothing waits.
    pub(super) fn receive(&mut self, buf: &mut [u8]) -> io::Result<Option<Received>> {
        for _ in 0..REFUSALS {
            let mut data = [IoSliceMut::new(buf)];
            let control = Some(self.control.as_mut_slice());
            match recvmsg::<SockaddrStorage>(self.inner.as_raw_fd(), &mut data, control, MsgFlags::empty()) {
                Ok(message) => {
                    let source = message.address.as_ref().and_then(socket_address);
                    let arrival = message.cmsgs().ok().and_then(|mut told| told.find_map(arrival));
                    let (Some(source), Some((to, interface))) = (source, arrival) else { continue };
                    return Ok(Some(Received { source, to, interface, len: message.bytes }));
                }
                Err(Errno::EAGAIN) => return Ok(None),
                // Late news of something sent before, or a link that is down: reading it has taken it away.
                Err(
                    Errno::EINTR
                    | Errno::ECONNREFUSED
                    | Errno::EHOSTUNREACH
                    | Errno::EHOSTDOWN
                    | Errno::ENETUNREACH
                    | Errno::ENETDOWN
                    | Errno::EMSGSIZE,
                ) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(None)
    }

    pub(super) const fn family(&self) -> Family {
        self.family
    }

    /// The group's address when it can be sent to now.
    pub(super) fn group(&self) -> Option<SocketAddr> {
        self.in_group.then(|| SocketAddr::new(self.family.group(), PORT))
    }

    /// Whether the system keeps packets of other interfaces away. Then nobody else's socket on another interface
    /// shares the port with this one.
    pub(super) const fn is_bound_to_interface(&self) -> bool {
        self.bound_to_interface
    }

    /// A link-local address means nothing without the interface.
    fn scoped(&self, to: SocketAddr) -> SocketAddr {
        match to {
            SocketAddr::V6(mut to) if to.ip().is_unicast_link_local() || to.ip().is_multicast() => {
                to.set_scope_id(self.interface);
                to.into()
            }
            to => to,
        }
    }
}

impl AsFd for Socket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.inner.as_fd()
    }
}

/// Asks the system to keep other interfaces away. Linux before 5.7 lets root only do it. Without it all works, but
/// of several sockets of ours a unicast datagram may reach the one whose interface it did not come on.
fn bind_to_interface(socket: &socket2::Socket, family: Family, interface: &Interface) -> bool {
    #[cfg(target_os = "linux")]
    let bound = {
        let _ = family;
        socket.bind_device(Some(interface.name.as_bytes()))
    };
    #[cfg(target_vendor = "apple")]
    let bound = match family {
        Family::V4 => socket.bind_device_by_index_v4(core::num::NonZeroU32::new(interface.index)),
        Family::V6 => socket.bind_device_by_index_v6(core::num::NonZeroU32::new(interface.index)),
    };
    bound.is_ok()
}

/// Whether `error` is one of `codes`.
pub(super) fn is(error: &io::Error, codes: &[Errno]) -> bool {
    error.raw_os_error().is_some_and(|code| codes.contains(&Errno::from_raw(code)))
}

fn socket_address(address: &SockaddrStorage) -> Option<SocketAddr> {
    match (address.as_sockaddr_in(), address.as_sockaddr_in6()) {
        (Some(v4), _) => Some(SocketAddr::V4((*v4).into())),
        (_, Some(v6)) => Some(SocketAddr::V6((*v6).into())),
        _ => None,
    }
}

/// The destination of a datagram and the interface it came on.
#[allow(clippy::useless_conversion, reason = "the type of an interface number differs between systems")]
fn arrival(message: ControlMessageOwned) -> Option<(IpAddr, u32)> {
    match message {
        ControlMessageOwned::Ipv4PacketInfo(info) => {
            Some((IpAddr::from(info.ipi_addr.s_addr.to_ne_bytes()), info.ipi_ifindex.try_into().ok()?))
        }
        ControlMessageOwned::Ipv6PacketInfo(info) => {
            Some((IpAddr::from(info.ipi6_addr.s6_addr), info.ipi6_ifindex.try_into().ok()?))
        }
        _ => None,
    }
}

/// For all that is sent (RFC 6762 section 11).
const TTL: u32 = 255;
/// How many errors of earlier sends one call of `receive` reads away before it lets others have a turn.
const REFUSALS: u32 = 16;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapter::std::{interfaces, sharing};

    // M-11-1, M-5.1-1
    #[test]
    fn all_leaves_with_ttl_255_from_port_5353_and_is_heard_on_this_machine_too() {
        let lo = interfaces().unwrap().into_iter().find(|interface| interface.loopback).unwrap();
        let (v4, _) = sharing::open(Family::V4, &lo).unwrap().unwrap();
        assert_eq!((v4.inner.ttl_v4().unwrap(), v4.inner.multicast_ttl_v4().unwrap()), (255, 255));
        assert!(v4.inner.multicast_loop_v4().unwrap());
        assert_eq!(v4.inner.local_addr().unwrap().as_socket(), Some(Family::V4.any_address()));

        let Some((v6, _)) = sharing::open(Family::V6, &lo).unwrap() else { return };
        assert_eq!((v6.inner.unicast_hops_v6().unwrap(), v6.inner.multicast_hops_v6().unwrap()), (255, 255));
        assert!(v6.inner.multicast_loop_v6().unwrap());
        assert_eq!(v6.inner.local_addr().unwrap().as_socket(), Some(Family::V6.any_address()));
    }

    #[test]
    fn a_link_local_address_gets_the_scope_of_the_interface_and_no_other_does() {
        let lo = interfaces().unwrap().into_iter().find(|interface| interface.loopback).unwrap();
        let Some(socket) = Socket::new(Family::V6, &lo).unwrap() else { return };
        for (given, scoped) in [
            ("[fe80::1]:5353", ::std::format!("[fe80::1%{}]:5353", lo.index)),
            ("[fe80::1%77]:5353", ::std::format!("[fe80::1%{}]:5353", lo.index)),
            ("[2001:db8::1]:5353", "[2001:db8::1]:5353".into()),
        ] {
            assert_eq!(::std::format!("{}", socket.scoped(given.parse().unwrap())), scoped);
        }
    }
}
