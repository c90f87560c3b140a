//! Names and parameters, read and compared in the plainest way.

use std::collections::BTreeSet;
use std::ops::Range;

use dotlocal::name::{MAX_LABEL, MAX_NAME, Name};
use dotlocal::wire::Type;

pub type Labels = Vec<Vec<u8>>;

/// A name in a message, read by following whatever leads on. Whether the rules allow that is told beside it.
pub struct Walked {
    pub labels: Labels,
    /// Where what follows the name begins.
    pub end: usize,
    /// Behind the last octet that was read of the name, wherever that stands.
    pub reach: usize,
    pub pointers: usize,
    /// A pointer leads into the header.
    pub header: bool,
    /// The name begins with a pointer.
    pub bare: bool,
    /// A pointer leads to the labels that it stands behind, or further on.
    pub forward: bool,
}

impl Walked {
    /// `None` for what is no name by any rule: cut, a label type that is none, too long, or without an end.
    pub fn new(message: &[u8], at: usize) -> Option<Self> {
        let labels = Vec::new();
        let bare = message.get(at).is_some_and(|&first| first >= 0xC0);
        let mut name = Self { labels, end: 0, reach: at, pointers: 0, header: false, bare, forward: false };
        let (mut pos, mut run) = (at, at);
        loop {
            let first = usize::from(*message.get(pos)?);
            let taken = match first {
                0..=MAX_LABEL => 1 + first,
                0xC0.. => 2,
                _ => return None,
            };
            let octets = message.get(pos + 1..pos + taken)?;
            name.reach = name.reach.max(pos + taken);
            pos += taken;
            if name.pointers == 0 {
                name.end = pos;
            }
            match first {
                0 => return Some(name),
                1..=MAX_LABEL => name.labels.push(octets.to_vec()),
                _ => {
                    name.pointers += 1;
                    pos = (first & 0x3F) << 8 | usize::from(octets[0]);
                    name.header |= pos < 12;
                    name.forward |= pos >= run;
                    run = pos;
                }
            }
            // More pointers than octets of a message: a loop.
            if wire(&name.labels).len() > MAX_NAME || name.pointers > message.len() {
                return None;
            }
        }
    }

    /// Whether the crate's rules allow it: pointers lead strictly backwards, and are at most 127 beside one that the
    /// name begins with.
    pub fn is_lawful(&self) -> bool {
        !self.header && !self.forward && self.pointers <= 127 + usize::from(self.bare)
    }
}

pub fn labels_of(name: &Name<'_>) -> Labels {
    name.labels().map(<[u8]>::to_vec).collect()
}

/// The octets of the name that has these labels.
pub fn wire(labels: &[Vec<u8>]) -> Vec<u8> {
    let mut octets = Vec::new();
    for label in labels {
        octets.push(label.len() as u8);
        octets.extend(label);
    }
    octets.push(0);
    octets
}

/// The labels in lower case: equal for equal names.
pub fn fold(labels: &[Vec<u8>]) -> Labels {
    labels.iter().map(|label| label.to_ascii_lowercase()).collect()
}

/// What orders names (RFC 4034 section 6.1).
pub fn key(labels: &[Vec<u8>]) -> Labels {
    fold(labels).into_iter().rev().collect()
}

/// The labels of a name in presentation format; `None` for a text that is no name.
pub fn parse_text(text: &str) -> Option<Labels> {
    let (mut labels, mut label, mut octets) = (Vec::new(), Vec::new(), text.bytes().peekable());
    if text == "." {
        return Some(labels);
    }
    while let Some(octet) = octets.next() {
        match octet {
            b'.' if label.is_empty() => return None,
            b'.' => labels.push(std::mem::take(&mut label)),
            b'\\' if octets.peek()?.is_ascii_digit() => {
                let digits = String::from_utf8(octets.by_ref().take(3).collect()).ok()?;
                let decimal = digits.len() == 3 && digits.bytes().all(|digit| digit.is_ascii_digit());
                label.push(if decimal { digits.parse().ok()? } else { return None });
            }
            b'\\' => label.push(octets.next()?),
            octet => label.push(octet),
        }
    }
    if !label.is_empty() {
        labels.push(label);
    }
    let fits = labels.iter().all(|label| label.len() <= MAX_LABEL) && wire(&labels).len() <= MAX_NAME;
    (fits && !labels.is_empty()).then_some(labels)
}

/// The names in data of a type, as far as there are any.
pub fn names_in_data(rtype: Type, octets: &[u8], data: Range<usize>) -> Vec<Walked> {
    let (mut at, count) = match rtype {
        Type::SOA | Type::MINFO | Type::RP => (data.start, 2),
        Type::MX | Type::AFSDB | Type::SVCB | Type::HTTPS => (data.start + 2, 1),
        Type::SRV => (data.start + 6, 1),
        Type::NAPTR => {
            // Behind three strings.
            let string = |at: usize| at + 1 + usize::from(octets.get(at).copied().unwrap_or(0));
            (string(string(string(data.start + 4))), 1)
        }
        Type::NS | Type::MD | Type::MF | Type::CNAME | Type::MB | Type::MG | Type::MR | Type::PTR => {
            (data.start, 1)
        }
        Type::DNAME | Type::NSEC => (data.start, 1),
        _ => (data.start, 0),
    };
    let mut names = Vec::new();
    while let Some(name) = Walked::new(octets, at).filter(|_| names.len() < count) {
        at = name.end;
        names.push(name);
    }
    names
}

/// Numbers, each with what stands behind its length: the options of OPT and the parameters of SVCB. `None` when one
/// is cut.
pub fn split_params(mut octets: &[u8]) -> Option<Vec<(u16, &[u8])>> {
    let mut params = Vec::new();
    while !octets.is_empty() {
        let head = octets.get(..4)?;
        let end = 4 + usize::from(u16::from_be_bytes([head[2], head[3]]));
        params.push((u16::from_be_bytes([head[0], head[1]]), octets.get(4..end)?));
        octets = &octets[end..];
    }
    Some(params)
}

/// The types of the windows; `None` for windows that are cut, out of order, empty or too long (RFC 4034 section 4.1.2).
pub fn types_in(mut windows: &[u8]) -> Option<BTreeSet<u16>> {
    let (mut types, mut last) = (BTreeSet::new(), None);
    while !windows.is_empty() {
        let (window, len) = (*windows.first()?, usize::from(*windows.get(1)?));
        let bitmap = windows.get(2..2 + len)?;
        if len == 0 || len > 32 || last >= Some(window) {
            return None;
        }
        for bit in 0..8 * len {
            if bitmap[bit / 8] >> (7 - bit % 8) & 1 == 1 {
                types.insert(u16::from(window) << 8 | bit as u16);
            }
        }
        (windows, last) = (&windows[2 + len..], Some(window));
    }
    Some(types)
}

/// Whether the key of a service parameter can have this value (RFC 9460 sections 7 and 8).
pub fn is_lawful_param(key: u16, value: &[u8]) -> bool {
    match key {
        0 => {
            let keys: Vec<u16> =
                value.chunks(2).map(|two| two.iter().fold(0, |key, &o| key << 8 | u16::from(o))).collect();
            value.len().is_multiple_of(2)
                && keys.first().is_some_and(|&key| key > 0)
                && keys.windows(2).all(|two| two[0] < two[1])
        }
        1 => {
            let mut rest = value;
            while let [len, behind @ ..] = rest {
                match behind.get(usize::from(*len)..) {
                    Some(behind) if *len > 0 => rest = behind,
                    _ => return false,
                }
            }
            !value.is_empty()
        }
        2 => value.is_empty(),
        3 => value.len() == 2,
        4 => !value.is_empty() && value.len().is_multiple_of(4),
        6 => !value.is_empty() && value.len().is_multiple_of(16),
        _ => true,
    }
}
