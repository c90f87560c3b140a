//! Messages from octets and to octets, written against the RFCs and not against the crate: a strict reader
//! (whatever a machine sends has to be flawless) and a plain writer.

use std::collections::HashMap;
use std::net::{Ipv4Addr, Ipv6Addr};

use super::message::{Data, Msg, Name, Q, R, Section, kind};

/// How names are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// Every name in full.
    None,
    /// Each suffix that was written before becomes a pointer, in RDATA too (RFC 6762 section 18.14).
    Suffixes,
}

/// Reads a whole message. Octets behind the last record, a pointer that does not go back, a name that overruns
/// its RDATA or a bitmap with an empty window are errors.
pub fn decode(octets: &[u8]) -> Result<Msg, String> {
    let mut reader = Reader { octets, at: 0 };
    let (id, flags) = (reader.u16()?, reader.u16()?);
    let counts = [reader.u16()?, reader.u16()?, reader.u16()?, reader.u16()?];
    let mut message = Msg { id, flags, questions: Vec::new(), records: Vec::new() };
    for _ in 0..counts[0] {
        let (name, qtype, class) = (reader.name()?, reader.u16()?, reader.u16()?);
        message.questions.push(Q { name, qtype, class: class & 0x7FFF, qu: class & 0x8000 != 0 });
    }
    for (section, count) in
        [Section::Answer, Section::Authority, Section::Additional].into_iter().zip(&counts[1..])
    {
        for _ in 0..*count {
            message.records.push((section, reader.record()?));
        }
    }
    match octets.len() - reader.at {
        0 => Ok(message),
        left => Err(format!("{left} octets behind the last record")),
    }
}

/// Writes a message; lengths that do not fit their field are a fault of the test and panic.
pub fn encode(message: &Msg, compression: Compression) -> Vec<u8> {
    let mut writer = Writer { octets: Vec::new(), known: HashMap::new(), compression };
    let count = |section| message.section(section).count();
    writer.u16(message.id);
    writer.u16(message.flags);
    for count in [
        message.questions.len(),
        count(Section::Answer),
        count(Section::Authority),
        count(Section::Additional),
    ] {
        writer.u16(u16::try_from(count).unwrap());
    }
    for question in &message.questions {
        writer.name(&question.name);
        writer.u16(question.qtype);
        writer.u16(question.class | u16::from(question.qu) << 15);
    }
    for section in [Section::Answer, Section::Authority, Section::Additional] {
        message.section(section).for_each(|record| writer.record(record));
    }
    writer.octets
}

struct Reader<'m> {
    octets: &'m [u8],
    at: usize,
}

impl Reader<'_> {
    fn take(&mut self, len: usize) -> Result<&[u8], String> {
        let taken = self.octets.get(self.at..self.at + len);
        let taken =
            taken.ok_or_else(|| format!("octet {}: {len} more expected, the message ends", self.at))?;
        self.at += len;
        Ok(taken)
    }

    fn u8(&mut self) -> Result<u8, String> {
        Ok(self.take(1)?[0])
    }

    fn u16(&mut self) -> Result<u16, String> {
        Ok(u16::from(self.u8()?) << 8 | u16::from(self.u8()?))
    }

    fn u32(&mut self) -> Result<u32, String> {
        Ok(u32::from(self.u16()?) << 16 | u32::from(self.u16()?))
    }

    fn name(&mut self) -> Result<Name, String> {
        let (mut labels, mut length, mut lowest, mut resume) = (Vec::new(), 1, self.at, None);
        loop {
            let here = self.at;
            match self.u8()? {
                0 => break,
                len @ 1..=63 => {
                    length += 1 + usize::from(len);
                    labels.push(self.take(usize::from(len))?.to_vec());
                }
                high @ 0xC0.. => {
                    let target = usize::from(high & 0x3F) << 8 | usize::from(self.u8()?);
                    if target < 12 || target >= lowest {
                        return Err(format!("octet {here}: pointer to {target} does not go back"));
                    }
                    resume.get_or_insert(self.at);
                    (lowest, self.at) = (target, target);
                }
                other => return Err(format!("octet {here}: label type {other:#04x}")),
            }
            if length > 255 {
                return Err(format!("octet {here}: name longer than 255 octets"));
            }
        }
        self.at = resume.unwrap_or(self.at);
        Ok(Name(labels))
    }

    fn record(&mut self) -> Result<R, String> {
        let (name, rtype, class, ttl) = (self.name()?, self.u16()?, self.u16()?, self.u32()?);
        let len = usize::from(self.u16()?);
        let (start, end) = (self.at, self.at + len);
        let broken = |what: String| format!("octet {start}, {} RDATA: {what}", kind::name(rtype));
        if end > self.octets.len() {
            return Err(broken("runs past the message".to_owned()));
        }
        let data = self.data(rtype, end).map_err(broken)?;
        if self.at != end {
            return Err(broken(format!("ends at octet {}, its length says {end}", self.at)));
        }
        // OPT has no cache-flush bit: its class is a size (RFC 6762 section 18.13).
        let bit = if rtype == kind::OPT { 0 } else { 0x8000 };
        Ok(R { name, ttl, flush: class & bit != 0, class: class & !bit, rtype, data })
    }

    fn data(&mut self, rtype: u16, end: usize) -> Result<Data, String> {
        Ok(match rtype {
            kind::A => Data::A(Ipv4Addr::from(self.u32()?)),
            kind::AAAA => {
                let octets: [u8; 16] = self.take(16)?.try_into().map_err(|_| "too short")?;
                Data::Aaaa(Ipv6Addr::from(octets))
            }
            kind::PTR | kind::CNAME | kind::NS => Data::Name(self.name()?),
            kind::SRV => {
                let (priority, weight, port) = (self.u16()?, self.u16()?, self.u16()?);
                Data::Srv { priority, weight, port, target: self.name()? }
            }
            kind::TXT => {
                let mut strings = Vec::new();
                while self.at < end {
                    let len = usize::from(self.u8()?);
                    strings.push(self.take(len)?.to_vec());
                }
                if strings.is_empty() {
                    return Err("no string, not even an empty one".to_owned());
                }
                Data::Txt(strings)
            }
            kind::NSEC => {
                let next = self.name()?;
                Data::Nsec { next, types: self.bitmap(end)? }
            }
            _ => Data::Raw(self.take(end - self.at)?.to_vec()),
        })
    }

    /// The type bit map of RFC 4034 section 4.1.2: windows ascend, 1 to 32 octets, the last one not zero.
    fn bitmap(&mut self, end: usize) -> Result<Vec<u16>, String> {
        let (mut types, mut lowest) = (Vec::new(), 0);
        while self.at < end {
            let (window, len) = (u16::from(self.u8()?), self.u8()?);
            if window < lowest || !(1..=32).contains(&len) {
                return Err(format!("window {window} of {len} octets"));
            }
            lowest = window + 1;
            let bits = self.take(usize::from(len))?;
            if bits.last() == Some(&0) {
                return Err(format!("window {window} ends in a zero octet"));
            }
            let set = |bit: &u16| bits[usize::from(bit / 8)] & 0x80 >> (bit % 8) != 0;
            types.extend((0..u16::from(len) * 8).filter(set).map(|bit| window << 8 | bit));
        }
        Ok(types)
    }
}

struct Writer {
    octets: Vec<u8>,
    known: HashMap<Vec<Vec<u8>>, u16>,
    compression: Compression,
}

impl Writer {
    fn u16(&mut self, value: u16) {
        self.octets.extend(value.to_be_bytes());
    }

    fn name(&mut self, name: &Name) {
        for (index, label) in name.0.iter().enumerate() {
            let suffix = name.0[index..].to_vec();
            if let Some(offset) = self.known.get(&suffix) {
                return self.u16(0xC000 | offset);
            }
            if self.compression == Compression::Suffixes && self.octets.len() < 0x4000 {
                self.known.insert(suffix, self.octets.len() as u16);
            }
            assert!((1..=63).contains(&label.len()), "a label of {} octets", label.len());
            self.string(label);
        }
        self.octets.push(0);
    }

    fn string(&mut self, octets: &[u8]) {
        self.octets.push(u8::try_from(octets.len()).unwrap());
        self.octets.extend(octets);
    }

    fn record(&mut self, record: &R) {
        self.name(&record.name);
        self.u16(record.rtype);
        self.u16(record.class | u16::from(record.flush) << 15);
        self.octets.extend(record.ttl.to_be_bytes());
        let at = self.octets.len();
        self.u16(0);
        self.data(&record.data);
        let len = u16::try_from(self.octets.len() - at - 2).unwrap();
        self.octets[at..at + 2].copy_from_slice(&len.to_be_bytes());
    }

    fn data(&mut self, data: &Data) {
        match data {
            Data::A(address) => self.octets.extend(address.octets()),
            Data::Aaaa(address) => self.octets.extend(address.octets()),
            Data::Name(name) => self.name(name),
            Data::Srv { priority, weight, port, target } => {
                [priority, weight, port].into_iter().for_each(|field| self.u16(*field));
                self.name(target);
            }
            Data::Txt(strings) => strings.iter().for_each(|string| self.string(string)),
            Data::Nsec { next, types } => {
                self.name(next);
                self.bitmap(types);
            }
            Data::Raw(octets) => self.octets.extend(octets),
        }
    }

    fn bitmap(&mut self, types: &[u16]) {
        let mut types = types.to_vec();
        types.sort_unstable();
        for window in types.chunk_by(|a, b| a >> 8 == b >> 8) {
            let mut bits = [0_u8; 32];
            window.iter().for_each(|of| bits[usize::from(of & 0xFF) / 8] |= 0x80 >> (of % 8));
            let len = bits.iter().rposition(|octet| *octet != 0).map_or(0, |last| last + 1);
            self.octets.push((window[0] >> 8) as u8);
            self.string(&bits[..len]);
        }
    }
}
