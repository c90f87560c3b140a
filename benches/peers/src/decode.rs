//! One work of decoding, done by each decoder.
//!
//! # The work
//! Walk every question and every record of all sections, and add up as one number:
//! - of each name, in the frame and in data, its labels: every octet of a label, and the label's length. The name is
//!   followed through its pointers; the root adds nothing;
//! - of each question type and class, of each record type, class and TTL, all bits as they came;
//! - the data of each record by its type:
//!
//! | type | what is added |
//! | --- | --- |
//! | A, AAAA | the octets of the address |
//! | NS, CNAME, PTR | the name |
//! | SRV | priority, weight, port, and the name |
//! | TXT | of each string its octets and its length |
//! | SOA | both names and the five numbers |
//! | MX | the preference and the name |
//! | NSEC | the name and the octets of the bitmap's windows |
//! | OPT | of each option code, length and octets |
//! | SVCB, HTTPS | priority, name, and of each parameter key, length and octets |
//! | others | the octets |
//!
//! Data that a decoder leaves to its user (its [`raw`](Decoder::raw) types) adds its octets, as that of other types.

mod dns_parser;
mod dns_protocol;
mod domain;
pub mod floor;
mod hickory_proto;
mod mdns_proto;
pub mod ours;
mod simple_dns;
mod touch;

use touch::{touch, touch_all, touch_counted, touch_value};

/// One that does the work.
#[derive(Clone, Copy)]
pub struct Decoder {
    pub name: &'static str,
    /// The work; `None` when it refuses the message.
    pub sum: fn(&[u8]) -> Option<u64>,
    /// Types whose data it does not decode.
    pub raw: &'static [u16],
}

/// How much of a message a decoder does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    All,
    /// All but the data of its raw types.
    Raw,
    /// It refuses the message.
    None,
}

const NS: u16 = 2;
const SOA: u16 = 6;
const MX: u16 = 15;
const OPT: u16 = 41;
const NSEC: u16 = 47;
const SVCB: u16 = 64;
const HTTPS: u16 = 65;

/// The yardstick first, then dotlocal.
pub const DECODERS: [Decoder; 10] = [
    Decoder { name: "floor", sum: floor::sum, raw: &[] },
    Decoder { name: "floor by labels", sum: floor::sum_by_labels, raw: &[] },
    Decoder { name: "dotlocal", sum: ours::sum, raw: &[] },
    Decoder { name: "mdns-proto", sum: mdns_proto::sum, raw: MDNS_PROTO_RAW },
    Decoder { name: "mdns-proto by cursor", sum: mdns_proto::sum_by_cursor, raw: MDNS_PROTO_RAW },
    Decoder { name: "domain", sum: domain::sum, raw: &[] },
    Decoder { name: "hickory-proto", sum: hickory_proto::sum, raw: &[NSEC] },
    Decoder { name: "simple-dns", sum: simple_dns::sum, raw: &[] },
    Decoder { name: "dns-protocol", sum: dns_protocol::sum, raw: floor::KNOWN },
    Decoder { name: "dns-parser", sum: dns_parser::sum, raw: &[OPT] },
];

const MDNS_PROTO_RAW: &[u16] = &[NS, SOA, MX, OPT, SVCB, HTTPS];

/// What a machine does with every datagram before it looks closer: the frame and every name in it, nothing added up.
pub const CHECKS: [Check; 2] =
    [Check { name: "check floor", end: floor::check }, Check { name: "check", end: ours::check }];

/// One that checks the frame.
#[derive(Clone, Copy)]
pub struct Check {
    pub name: &'static str,
    /// Where the last record ends; `None` when it refuses the message.
    pub end: fn(&[u8]) -> Option<u64>,
}

impl Decoder {
    /// How much of the message it does.
    ///
    /// # Errors
    /// Its sum is not the floor's.
    pub fn extent(&self, message: &[u8]) -> Result<Extent, String> {
        let Some(sum) = (self.sum)(message) else { return Ok(Extent::None) };
        let expected = floor::sum_leaving(message, self.raw);
        if expected != Some(sum) {
            return Err(format!("{} has the sum {sum}, the floor {expected:?}", self.name));
        }
        Ok(if floor::has_any(message, self.raw) { Extent::Raw } else { Extent::All })
    }
}
