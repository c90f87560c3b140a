//! DNS servers on loopback, which a test speaks for.

#![allow(dead_code, unreachable_pub, reason = "part of a kit in a test target")]

use std::io::Read;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::thread;
use std::time::Duration;

/// How long a server waits for a query.
pub const PATIENCE: Duration = Duration::from_secs(20);

pub const TC: u16 = 0x0200;

/// A server at a port of its own.
pub struct Server {
    pub udp: UdpSocket,
    pub address: SocketAddr,
}

impl Server {
    pub fn at(ip: impl Into<IpAddr>) -> Self {
        let udp = UdpSocket::bind((ip.into(), 0)).unwrap();
        udp.set_read_timeout(Some(PATIENCE)).unwrap();
        let address = udp.local_addr().unwrap();
        Self { udp, address }
    }

    pub fn new() -> Self {
        Self::at(Ipv4Addr::LOCALHOST)
    }

    /// A query, and from where it came.
    pub fn asked(&self) -> (Vec<u8>, SocketAddr) {
        self.next_query().unwrap()
    }

    fn next_query(&self) -> std::io::Result<(Vec<u8>, SocketAddr)> {
        let mut buf = [0; 512];
        let (len, from) = self.udp.recv_from(&mut buf)?;
        Ok((buf[..len].to_vec(), from))
    }

    /// Answers each query by what `knows` says of a name in lower case and a type: flags with code, and answers; or not at all.
    pub fn serve(
        self,
        mut knows: impl FnMut(&str, u16) -> Option<(u16, Vec<(u16, Vec<u8>)>)> + Send + 'static,
    ) -> SocketAddr {
        let address = self.address;
        thread::spawn(move || {
            while let Ok((query, from)) = self.next_query() {
                let (name, qtype) = question(&query);
                if let Some((flags, answers)) = knows(&name, qtype) {
                    self.udp.send_to(&reply(&query, flags, &answers), from).unwrap();
                }
            }
        });
        address
    }

    /// Has an address for each name.
    pub fn serves_addresses(self) -> SocketAddr {
        self.serve(|_, _| Some((0, a(7))))
    }

    /// Answers one query with TC and `.1`, and lets `speak` answer the connection that follows; then answers one more query
    /// with TC and `.1`.
    pub fn then_by_tcp(self, speak: impl FnOnce(&mut TcpStream, &[u8]) + Send + 'static) -> SocketAddr {
        let (address, listener) = (self.address, TcpListener::bind(self.address).unwrap());
        thread::spawn(move || {
            let (query, from) = self.asked();
            self.udp.send_to(&reply(&query, TC, &a(1)), from).unwrap();
            let (mut stream, _) = listener.accept().unwrap();
            stream.set_nodelay(true).unwrap();
            let mut length = [0; 2];
            stream.read_exact(&mut length).unwrap();
            let mut query = vec![0; u16::from_be_bytes(length).into()];
            stream.read_exact(&mut query).unwrap();
            speak(&mut stream, &query);
            drop(stream);
            if let Ok((query, from)) = self.next_query() {
                self.udp.send_to(&reply(&query, TC, &a(1)), from).unwrap();
            }
        });
        address
    }
}

/// The answer 192.0.2.`last`.
pub fn a(last: u8) -> Vec<(u16, Vec<u8>)> {
    vec![(1, vec![192, 0, 2, last])]
}

/// A port at which nobody answers, and nobody else comes to: it is taken, and heard from itself alone.
pub fn nobody() -> (UdpSocket, SocketAddr) {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = socket.local_addr().unwrap();
    socket.connect(address).unwrap();
    (socket, address)
}

/// Where the question of a query ends, and its name.
fn name_of(query: &[u8]) -> (usize, String) {
    let (mut at, mut name) = (12, String::new());
    while query[at] != 0 {
        let end = at + 1 + usize::from(query[at]);
        name += &String::from_utf8_lossy(&query[at + 1..end]).to_lowercase();
        name.push('.');
        at = end;
    }
    (at + 5, name)
}

/// Name, in lower case, and type.
fn question(query: &[u8]) -> (String, u16) {
    let (end, name) = name_of(query);
    (name, u16::from_be_bytes([query[end - 4], query[end - 3]]))
}

/// A reply to `query` with these flags or code beside QR, RD and RA, and these answers of a minute to its question.
pub fn reply(query: &[u8], flags: u16, answers: &[(u16, Vec<u8>)]) -> Vec<u8> {
    let [high, low] = (0x8180 | flags).to_be_bytes();
    let mut reply = vec![query[0], query[1], high, low, 0, 1, 0, answers.len() as u8, 0, 0, 0, 0];
    reply.extend(&query[12..name_of(query).0]);
    for (rtype, data) in answers {
        let [high, low] = rtype.to_be_bytes();
        reply.extend([0xC0, 12, high, low, 0, 1, 0, 0, 0, 60, 0, data.len() as u8]);
        reply.extend(data);
    }
    reply
}
