//! A forger off the path: it knows when which name is looked up and at which servers, and sees no query.

use std::net::SocketAddr;

use dotlocal::Channel;

use super::plan::Held;
use super::zone;
use crate::support::octets::{Compression, encode};
use crate::support::prng::Prng;
use crate::support::{Msg, Q, Section};

/// Replies for each lookup that is attacked.
pub(crate) const OFFERED: u32 = 65_536;

/// They come in so many bursts, a millisecond apart.
pub(crate) const BURSTS: u32 = 64;

/// What is known of id and port where a test holds them.
pub(crate) const ID: u16 = 0x3A7C;
pub(crate) const PORT: u16 = 50_123;

pub(crate) struct Forger {
    octets: Vec<u8>,
    /// Where the letters of the question stand.
    letters: Vec<usize>,
    servers: Vec<SocketAddr>,
    held: Held,
    /// Ports are tried in turn from here, in steps that meet them all.
    port: u16,
    step: u16,
    prng: Prng,
}

impl Forger {
    pub(crate) fn new(name: &str, qtype: u16, servers: Vec<SocketAddr>, held: Held, mut prng: Prng) -> Self {
        let question = Q::new(name.parse().unwrap(), qtype);
        let forged = zone::forged(&question.name, qtype);
        let message =
            Msg { id: 0, flags: 0x8180, questions: vec![question], records: vec![(Section::Answer, forged)] };
        let octets = encode(&message, Compression::Suffixes);
        let end = 12 + octets[12..].iter().position(|octet| *octet == 0).unwrap();
        // No length of a label is a letter.
        let letters = (12..end).filter(|at| octets[*at].is_ascii_alphabetic()).collect();
        let (port, step) = (prng.word(), prng.word() | 1);
        Self { octets, letters, servers, held, port, step, prng }
    }

    /// The next guess.
    pub(crate) fn guess(&mut self) -> (SocketAddr, Channel, &[u8]) {
        let drawn = self.prng.next();
        self.port = self.port.wrapping_add(self.step);
        while self.port < 1_024 {
            self.port = self.port.wrapping_add(self.step);
        }
        let (id, port) = match self.held {
            Held::Nothing => (drawn as u16, self.port),
            Held::Id => (ID, self.port),
            Held::IdAndPort => (ID, PORT),
        };
        self.octets[..2].copy_from_slice(&id.to_be_bytes());
        let mut bits = if self.held == Held::Nothing { drawn >> 16 } else { 0 };
        for at in &self.letters {
            let letter = &mut self.octets[*at];
            *letter = *letter & !0x20 | if bits & 1 == 0 { 0x20 } else { 0 };
            bits = bits.rotate_right(1);
        }
        // The first one is asked first, most likely.
        let server = if drawn >> 60 < 12 { 0 } else { (drawn >> 48) as usize % self.servers.len() };
        let server = self.servers[server];
        (server, Channel::Udp(port), &self.octets)
    }
}
