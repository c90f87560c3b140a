//! One socket to one server: UDP from the port that was drawn, or a connection.

use ::std::io::{self, ErrorKind, Read, Write};
use ::std::net::{TcpStream, UdpSocket};
use ::std::os::fd::{AsFd, BorrowedFd};
use ::std::vec::Vec;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use nix::errno::Errno;
use socket2::{Domain, Protocol, Type};

use super::socket::is;
use crate::Channel;

/// A channel of a resolver's.
#[derive(Debug)]
pub(super) struct ServerSocket {
    pub(super) server: SocketAddr,
    pub(super) channel: Channel,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Udp(UdpSocket),
    Tcp {
        stream: TcpStream,
        /// What the connection has not taken yet.
        unsent: Vec<u8>,
    },
}

impl ServerSocket {
    /// A socket at the number of the channel, or at any port where that one is taken, that speaks with the server alone:
    /// then refusals come as errors.
    pub(super) fn open(server: SocketAddr, channel: Channel) -> io::Result<Self> {
        let domain = Domain::for_address(server);
        let (socket, port) = match channel {
            Channel::Tcp(port) => (socket2::Socket::new(domain, Type::STREAM, Some(Protocol::TCP))?, port),
            Channel::Udp(port) => (socket2::Socket::new(domain, Type::DGRAM, Some(Protocol::UDP))?, port),
            Channel::Mdns => return Err(ErrorKind::Unsupported.into()),
        };
        socket.set_nonblocking(true)?;
        let any = match server {
            SocketAddr::V4(_) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            SocketAddr::V6(server) => {
                // An IPv4 server may be written so (RFC 4291 section 2.5.5.2).
                socket.set_only_v6(server.ip().to_ipv4_mapped().is_none())?;
                IpAddr::V6(Ipv6Addr::UNSPECIFIED)
            }
        };
        let bind = |port| socket.bind(&SocketAddr::new(any, port).into());
        bind(port).or_else(|_| bind(0))?;
        match socket.connect(&server.into()) {
            Err(error) if is(&error, &[Errno::EINPROGRESS]) => {}
            connected => connected?,
        }
        let kind = match channel {
            Channel::Tcp(_) => Kind::Tcp { stream: socket.into(), unsent: Vec::new() },
            _ => Kind::Udp(socket.into()),
        };
        Ok(Self { server, channel, kind })
    }

    /// Sends a message. A connection sends what it does not take now later; a datagram that finds no room is lost.
    ///
    /// # Errors
    /// The server cannot be reached.
    pub(super) fn send(&mut self, octets: &[u8]) -> io::Result<()> {
        match &mut self.kind {
            Kind::Udp(socket) => match socket.send(octets) {
                Err(error) if !is_passing(&error) => Err(error),
                _ => Ok(()),
            },
            Kind::Tcp { stream, unsent } => {
                unsent.extend_from_slice(octets);
                flush(stream, unsent)
            }
        }
    }

    /// Reads a datagram or a piece of a stream into `buf`: from whom, and how long; `None` when nothing waits.
    ///
    /// # Errors
    /// The server cannot be reached, or has closed the connection.
    pub(super) fn receive(&mut self, buf: &mut [u8]) -> io::Result<Option<(SocketAddr, usize)>> {
        match &mut self.kind {
            Kind::Udp(socket) => {
                for _ in 0..EMPTY {
                    match socket.recv_from(buf) {
                        // Nothing would say that nobody is there.
                        Ok((0, _)) => {}
                        // Perhaps of another one, who has sent before the socket was connected.
                        Ok((len, source)) => return Ok(Some((source, len))),
                        Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                        Err(error) if is_passing(&error) => {}
                        Err(error) => return Err(error),
                    }
                }
                Ok(None)
            }
            Kind::Tcp { stream, unsent } => {
                flush(stream, unsent)?;
                if !unsent.is_empty() {
                    return Ok(None);
                }
                match stream.read(buf) {
                    Ok(0) => Err(ErrorKind::UnexpectedEof.into()),
                    Ok(len) => Ok(Some((self.server, len))),
                    Err(error) if is_passing(&error) => Ok(None),
                    Err(error) => Err(error),
                }
            }
        }
    }

    /// Whether it can be gone on with only when something can be sent.
    pub(super) fn waits_to_send(&self) -> bool {
        matches!(&self.kind, Kind::Tcp { unsent, .. } if !unsent.is_empty())
    }
}

impl AsFd for ServerSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match &self.kind {
            Kind::Udp(socket) => socket.as_fd(),
            Kind::Tcp { stream, .. } => stream.as_fd(),
        }
    }
}

/// Sends what a connection takes now.
fn flush(stream: &mut TcpStream, unsent: &mut Vec<u8>) -> io::Result<()> {
    while !unsent.is_empty() {
        // Apple's systems say of a connection that has failed what they say of one that is not there yet.
        if let Some(error) = stream.take_error()? {
            return Err(error);
        }
        match stream.write(unsent) {
            Ok(len) => drop(unsent.drain(..len)),
            Err(error) if is_passing(&error) || error.kind() == ErrorKind::NotConnected => break,
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Whether an error says nothing of the server: it is tried again, or a datagram is lost.
fn is_passing(error: &io::Error) -> bool {
    is(error, &[Errno::EAGAIN, Errno::EINTR, Errno::EMSGSIZE, Errno::ENOBUFS, Errno::ENOMEM])
}

/// Whether an error says that this machine has no more sockets to give.
pub(super) fn is_shortage(error: &io::Error) -> bool {
    is(error, &[Errno::EMFILE, Errno::ENFILE, Errno::ENOBUFS, Errno::ENOMEM])
}

/// How many datagrams without octets one call of `receive` reads away before it lets others have a turn.
const EMPTY: u32 = 16;
