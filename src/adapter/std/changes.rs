//! The wake-up when a link or an address of this machine changes.

pub(super) use self::system::Watch;

/// What was heard since the last time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct News {
    /// Something changed, perhaps on another interface: read the interfaces again.
    pub(super) any: bool,
    /// This interface was down for a while, even if it is up again by now, or may have been.
    pub(super) went_down: bool,
}

#[cfg(target_os = "linux")]
mod system {
    use ::std::io;
    use ::std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
    use ::std::vec;
    use ::std::vec::Vec;

    use nix::errno::Errno;
    use nix::libc;
    use nix::sys::socket::{
        AddressFamily, MsgFlags, NetlinkAddr, SockFlag, SockProtocol, SockType, bind, recv, socket,
    };

    use super::News;

    /// A routing socket (rtnetlink(7)). Its messages wake up and tell of a short outage; the state itself is read
    /// from the interfaces.
    #[derive(Debug)]
    pub(in super::super) struct Watch {
        socket: OwnedFd,
        buf: Vec<u8>,
    }

    impl Watch {
        pub(in super::super) fn open() -> io::Result<Self> {
            let flags = SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC;
            let socket = socket(AddressFamily::Netlink, SockType::Raw, flags, SockProtocol::NetlinkRoute)?;
            let groups = libc::RTMGRP_LINK | libc::RTMGRP_IPV4_IFADDR | libc::RTMGRP_IPV6_IFADDR;
            bind(socket.as_raw_fd(), &NetlinkAddr::new(0, groups as u32))?;
            Ok(Self { socket, buf: vec![0; BUF_LEN] })
        }

        /// Reads away what waits.
        pub(in super::super) fn news(&mut self, interface: u32) -> io::Result<News> {
            let mut news = News::default();
            for _ in 0..READS {
                match recv(self.socket.as_raw_fd(), &mut self.buf, MsgFlags::empty()) {
                    Ok(len) => {
                        news.any = true;
                        news.went_down |= tells_down(self.buf.get(..len).unwrap_or(&[]), interface);
                    }
                    Err(Errno::EAGAIN) => break,
                    // More happened than the socket could hold, a short outage perhaps.
                    Err(Errno::ENOBUFS) => (news.any, news.went_down) = (true, true),
                    Err(Errno::EINTR) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            Ok(news)
        }

        pub(in super::super) fn fd(&self) -> Option<BorrowedFd<'_>> {
            Some(self.socket.as_fd())
        }
    }

    /// Whether one of the netlink messages in `bytes` says that `interface` is down.
    fn tells_down(mut bytes: &[u8], interface: u32) -> bool {
        while let Some((header, rest)) = bytes.split_first_chunk::<HEADER_LEN>() {
            let [l0, l1, l2, l3, t0, t1, ..] = *header;
            let len = u32::from_ne_bytes([l0, l1, l2, l3]) as usize;
            let body = rest.get(..len.saturating_sub(HEADER_LEN)).unwrap_or(rest);
            if u16::from_ne_bytes([t0, t1]) == libc::RTM_NEWLINK && link_is_down(body, interface) {
                return true;
            }
            // Each message starts at a multiple of four. A length shorter than the header is no message.
            match len.checked_next_multiple_of(4).and_then(|end| bytes.get(end..)) {
                Some(next) if len >= HEADER_LEN => bytes = next,
                _ => break,
            }
        }
        false
    }

    /// Reads the `ifinfomsg`: family, padding, type (2 octets), index, flags, change mask (4 octets each).
    fn link_is_down(body: &[u8], interface: u32) -> bool {
        let Some(&[family, _, _, _, i0, i1, i2, i3, f0, f1, f2, f3]) = body.first_chunk() else {
            return false;
        };
        let flags = u32::from_ne_bytes([f0, f1, f2, f3]);
        let running = (libc::IFF_UP | libc::IFF_RUNNING) as u32;
        // Bridges send messages of their own family about their ports.
        i32::from(family) == libc::AF_UNSPEC
            && u32::from_ne_bytes([i0, i1, i2, i3]) == interface
            && flags & running != running
    }

    const HEADER_LEN: usize = 16;
    /// Linux fits its messages to 8 KiB; of a longer one the beginning is enough.
    const BUF_LEN: usize = 8192;
    /// More are left for the next time: the socket stays readable, so nobody sleeps over them.
    const READS: u32 = 256;

    #[cfg(test)]
    mod tests {
        use super::*;

        fn link_message(kind: u16, family: u8, index: u32, flags: u32) -> Vec<u8> {
            let mut message = Vec::new();
            message.extend(37_u32.to_ne_bytes());
            message.extend(kind.to_ne_bytes());
            message.extend([0; 10]);
            message.extend([family, 0, 1, 0]);
            message.extend(index.to_ne_bytes());
            message.extend(flags.to_ne_bytes());
            message.extend([0; 4]);
            // An attribute of five octets, and the padding up to the next message.
            message.extend([0; 8]);
            message
        }

        const UP: u32 = 0x1_1043;
        const NO_CARRIER: u32 = 0x1003;

        #[test]
        fn only_a_link_message_about_this_interface_tells_that_it_was_down() {
            let up = link_message(libc::RTM_NEWLINK, 0, 3, UP);
            let down = link_message(libc::RTM_NEWLINK, 0, 3, NO_CARRIER);
            assert!(!tells_down(&up, 3));
            assert!(tells_down(&down, 3));
            assert!(!tells_down(&down, 4));
            assert!(tells_down(&[up.clone(), down.clone(), up.clone()].concat(), 3));
            assert!(!tells_down(&link_message(libc::RTM_NEWLINK, 7, 3, NO_CARRIER), 3));
            assert!(!tells_down(&link_message(libc::RTM_NEWADDR, 0, 3, NO_CARRIER), 3));
        }

        #[test]
        fn a_message_that_is_cut_or_lies_about_its_length_ends_the_reading() {
            let down = link_message(libc::RTM_NEWLINK, 0, 3, NO_CARRIER);
            for cut in 0..28 {
                assert!(!tells_down(&down[..cut], 3));
            }
            for len in [0_u32, 15, 16, 27, u32::MAX - 2, u32::MAX] {
                let mut lying = down.clone();
                lying[..4].copy_from_slice(&len.to_ne_bytes());
                let _ = tells_down(&[lying, down.clone()].concat(), 4);
            }
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use ::std::io;
    use ::std::os::fd::BorrowedFd;

    use super::News;

    /// No wake-up here: the interfaces are read again each time somebody asks.
    #[derive(Debug)]
    pub(in super::super) struct Watch;

    impl Watch {
        pub(in super::super) const fn open() -> io::Result<Self> {
            Ok(Self)
        }

        pub(in super::super) const fn news(&mut self, _: u32) -> io::Result<News> {
            Ok(News { any: true, went_down: false })
        }

        pub(in super::super) const fn fd(&self) -> Option<BorrowedFd<'_>> {
            None
        }
    }
}
