//! One work of building, done by each builder.
//!
//! # The work
//! From names that are parsed already, each in the type that the builder's crate has for them, and from plain values to
//! the octets of a message in a buffer that lasts: the caller's where the crate takes one, else one that is used again.
//! What a crate makes of a name or a record on the way belongs to the work. Names are compressed where the crate can.
//! All records stand in the answer section; the floor finds the same sum in each builder's message.

mod dns_protocol;
mod domain;
mod hickory_proto;
mod mdns_proto;
mod ours;
mod simple_dns;

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::decode::floor;

/// One that does the work.
pub trait Build {
    /// A query for the addresses of a name.
    fn query<'b>(&'b mut self, buf: &'b mut [u8]) -> Option<&'b [u8]>;
    /// What a host with one service announces: PTR, SRV, TXT, A and AAAA.
    fn announcement<'b>(&'b mut self, buf: &'b mut [u8]) -> Option<&'b [u8]>;
    /// A response with a PTR record for each of many instances.
    fn pointers<'b>(&'b mut self, buf: &'b mut [u8]) -> Option<&'b [u8]>;
}

/// A builder that is made ready by parsing its names.
#[derive(Clone, Copy)]
pub struct Builder {
    pub name: &'static str,
    pub prepare: fn(&Names) -> Box<dyn Build>,
}

/// dotlocal first.
pub const BUILDERS: [Builder; 6] = [
    Builder { name: "dotlocal", prepare: ours::prepare },
    Builder { name: "mdns-proto", prepare: mdns_proto::prepare },
    Builder { name: "domain", prepare: domain::prepare },
    Builder { name: "hickory-proto", prepare: hickory_proto::prepare },
    Builder { name: "simple-dns", prepare: simple_dns::prepare },
    // It compresses nothing, and takes data as octets.
    Builder { name: "dns-protocol", prepare: dns_protocol::prepare },
];

/// How one of the messages is had from a builder.
pub type Written = for<'b> fn(&'b mut dyn Build, &'b mut [u8]) -> Option<&'b [u8]>;

/// The messages.
pub const MESSAGES: [(&str, Written); 3] = [
    ("build A query", |builder, buf| builder.query(buf)),
    ("build announcement", |builder, buf| builder.announcement(buf)),
    ("build 40 PTR records", |builder, buf| builder.pointers(buf)),
];

/// What every builder may need of its buffer.
pub const ROOM: usize = 4096;

/// The names, in lower case, which is all that some crates write.
pub struct Names {
    pub asked: &'static str,
    pub host: &'static str,
    pub service: &'static str,
    pub instance: &'static str,
    pub pointer: &'static str,
    pub targets: Vec<String>,
}

pub fn names() -> Names {
    Names {
        asked: "www.example.com",
        host: "kitchen-cam.local",
        service: "_http._tcp.local",
        instance: "kitchen._http._tcp.local",
        pointer: "_ipp._tcp.local",
        targets: (0..40).map(|number| format!("office-{number:02}._ipp._tcp.local")).collect(),
    }
}

const PORT: u16 = 8080;
const TEXT: [&str; 2] = ["path=/", "v=1.2"];
const ADDRESS: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 7);
const ADDRESS6: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 7);
/// Seconds that a record with a host's name or address lives, and any other (RFC 6762 section 10).
const HOST_TTL: u32 = 120;
const OTHER_TTL: u32 = 4500;
/// QR and AA.
const RESPONSE: u16 = 0x8400;
/// RD.
const QUERY: u16 = 0x0100;
/// Class IN with the cache-flush bit.
const FLUSH: u16 = 0x8001;

/// The octets of each builder's message, which all have the same sum; `None` of those that cannot build it.
///
/// # Errors
/// A message that is broken, or has another sum than the first builder's.
pub fn sizes(written: Written) -> Result<Vec<Option<usize>>, String> {
    let (names, mut sizes, mut expected) = (names(), Vec::new(), None);
    for builder in BUILDERS {
        let (mut ready, mut buf) = ((builder.prepare)(&names), [0; ROOM]);
        let Some(octets) = written(&mut *ready, &mut buf) else {
            sizes.push(None);
            continue;
        };
        let sum = floor::sum(octets).filter(|_| floor::check(octets) == Some(octets.len() as u64));
        if sum.is_none() || sum != *expected.get_or_insert(sum) {
            return Err(format!("{}: the sum is {sum:?}, expected {expected:?}", builder.name));
        }
        sizes.push(Some(octets.len()));
    }
    Ok(sizes)
}
