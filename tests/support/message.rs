//! A DNS message as the tests see it: plain owned data, compared without regard to order.

use std::net::{Ipv4Addr, Ipv6Addr};

/// A whole message. `text.rs` reads and prints it, `octets.rs` decodes and encodes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Msg {
    pub id: u16,
    /// The second word of the header, all sixteen bits of it.
    pub flags: u16,
    pub questions: Vec<Q>,
    pub records: Vec<(Section, R)>,
}

/// A question.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Q {
    pub name: Name,
    pub qtype: u16,
    /// Without the unicast-response bit.
    pub class: u16,
    /// The unicast-response (QU) bit.
    pub qu: bool,
}

/// A resource record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct R {
    pub name: Name,
    pub ttl: u32,
    /// The cache-flush bit.
    pub flush: bool,
    /// Without the cache-flush bit; for OPT all sixteen bits.
    pub class: u16,
    pub rtype: u16,
    pub data: Data,
}

/// RDATA. Types that the kit does not know, and broken ones, are `Raw`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Data {
    A(Ipv4Addr),
    Aaaa(Ipv6Addr),
    /// PTR, CNAME, NS.
    Name(Name),
    Srv {
        priority: u16,
        weight: u16,
        port: u16,
        target: Name,
    },
    Txt(Vec<Vec<u8>>),
    Nsec {
        next: Name,
        types: Vec<u16>,
    },
    Raw(Vec<u8>),
}

/// A name, label by label, the root not counted; case is kept and compared.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(pub Vec<Vec<u8>>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Section {
    Answer,
    Authority,
    Additional,
}

impl Msg {
    /// Flags of a query, RFC 6762 section 18: nothing set.
    pub const QUERY: u16 = 0;
    /// Flags of a response, RFC 6762 section 18: QR and AA.
    pub const RESPONSE: u16 = 0x8400;
    /// The truncation bit.
    pub const TC: u16 = 0x0200;

    pub fn is_response(&self) -> bool {
        self.flags & 0x8000 != 0
    }

    pub fn section(&self, section: Section) -> impl Iterator<Item = &R> {
        self.records.iter().filter(move |(of, _)| *of == section).map(|(_, record)| record)
    }

    /// Equal but for the order of records inside a section. Name compression is gone by then; all else counts.
    pub fn same_as(&self, other: &Self) -> bool {
        self.sorted() == other.sorted()
    }

    fn sorted(&self) -> Self {
        let mut sorted = self.clone();
        sorted.questions.sort();
        sorted.records.sort();
        sorted
    }

    /// Both messages a line each record: `-` only expected, `+` only sent, blank in both.
    pub fn difference(expected: &Self, sent: &Self) -> String {
        let mut rest = sent.lines();
        let mut out = String::new();
        for line in expected.lines() {
            let found = rest.iter().position(|other| *other == line);
            let mark = if found.is_some() { ' ' } else { '-' };
            found.map(|index| rest.remove(index));
            out.push_str(&format!("  {mark} {line}\n"));
        }
        rest.iter().for_each(|line| out.push_str(&format!("  + {line}\n")));
        out
    }
}

impl Q {
    pub fn new(name: Name, qtype: u16) -> Self {
        Self { name, qtype, class: CLASS_IN, qu: false }
    }
}

pub const CLASS_IN: u16 = 1;

/// Type numbers that the kit reads or writes by more than their name.
pub mod kind {
    pub const A: u16 = 1;
    pub const NS: u16 = 2;
    pub const CNAME: u16 = 5;
    pub const PTR: u16 = 12;
    pub const TXT: u16 = 16;
    pub const AAAA: u16 = 28;
    pub const SRV: u16 = 33;
    pub const OPT: u16 = 41;
    pub const NSEC: u16 = 47;

    const NAMES: [(&str, u16); 15] = [
        ("A", A),
        ("NS", NS),
        ("CNAME", CNAME),
        ("SOA", 6),
        ("PTR", PTR),
        ("HINFO", 13),
        ("MX", 15),
        ("TXT", TXT),
        ("AAAA", AAAA),
        ("SRV", SRV),
        ("OPT", OPT),
        ("NSEC", NSEC),
        ("SVCB", 64),
        ("HTTPS", 65),
        ("ANY", 255),
    ];

    pub fn name(number: u16) -> String {
        let known = NAMES.iter().find(|(_, known)| *known == number);
        known.map_or_else(|| format!("TYPE{number}"), |(name, _)| (*name).to_owned())
    }

    pub fn number(name: &str) -> Option<u16> {
        let known = NAMES.iter().find(|(known, _)| *known == name);
        known.map(|(_, number)| *number).or_else(|| name.strip_prefix("TYPE")?.parse().ok())
    }
}
