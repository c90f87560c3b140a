//! A message as text, the way `dig` prints it.

use core::fmt;

use super::{CheckError, Checked, Edns, Flags, Message, Question, RData, Rcode, Record, Section, Type};
use crate::ink::{Ink, inked};

/// Octets between quotes, quotes and backslashes escaped, what is not printable as `\DDD` (RFC 1035 section 5.1).
pub(super) fn quoted(ink: &mut impl Ink, octets: &[u8]) -> fmt::Result {
    ink.text("\"")?;
    ink.escaped(octets, b"\"", true)?;
    ink.text("\"")
}

/// Data of a type without a form of its own: `\# 2 abcd` (RFC 3597 section 5).
pub(super) fn opaque(ink: &mut impl Ink, octets: &[u8]) -> fmt::Result {
    ink.text("\\# ")?;
    ink.number(octets.len() as u32)?;
    if !octets.is_empty() {
        ink.text(" ")?;
    }
    octets.iter().try_for_each(|&octet| ink.hex(octet))
}

/// Octets in Base64 (RFC 4648 section 4).
pub(super) fn base64(ink: &mut impl Ink, octets: &[u8]) -> fmt::Result {
    let digit = |bits: u32| match (bits & 63) as u8 {
        value @ ..26 => b'A' + value,
        value @ ..52 => b'a' + (value - 26),
        value @ ..62 => b'0' + (value - 52),
        62 => b'+',
        _ => b'/',
    };
    octets.chunks(3).try_for_each(|chunk| {
        let octet = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let bits = octet(0) << 16 | octet(1) << 8 | octet(2);
        let mut digits = [18, 12, 6, 0].map(|shift| digit(bits >> shift));
        digits.iter_mut().skip(chunk.len() + 1).for_each(|padding| *padding = b'=');
        ink.ascii(&digits)
    })
}

/// Items with commas between them.
pub(super) fn list<I: Ink, T>(
    ink: &mut I,
    items: impl Iterator<Item = T>,
    mut item: impl FnMut(&mut I, T) -> fmt::Result,
) -> fmt::Result {
    for (index, each) in items.enumerate() {
        if index > 0 {
            ink.text(",")?;
        }
        item(ink, each)?;
    }
    Ok(())
}

impl Message<'_> {
    /// Header, questions and records section by section; a broken message up to where it breaks, and why.
    fn ink(&self, ink: &mut impl Ink) -> fmt::Result {
        let read = self.edns();
        let edns = read.ok().flatten();
        self.ink_header(ink, edns.map_or(self.header().flags().rcode(), |edns| edns.rcode))?;
        edns.map_or(Ok(()), |edns| edns.ink(ink))?;
        for (index, question) in self.questions().enumerate() {
            if index == 0 {
                ink.text("\n;; QUESTION SECTION:\n")?;
            }
            match question {
                Ok(question) => question.ink(ink)?,
                Err(error) => return ink_error(ink, error),
            }
            ink.text("\n")?;
        }
        let mut section = None;
        for record in self.records() {
            let record = match record {
                Ok(record) => record,
                Err(error) => return ink_error(ink, error),
            };
            if record.rtype() == Type::OPT && edns.is_some() {
                continue;
            }
            if section != Some(record.section()) {
                section = Some(record.section());
                ink.text(match record.section() {
                    Section::Answer => "\n;; ANSWER SECTION:\n",
                    Section::Authority => "\n;; AUTHORITY SECTION:\n",
                    Section::Additional => "\n;; ADDITIONAL SECTION:\n",
                })?;
            }
            record.ink(ink)?;
            ink.text("\n")?;
        }
        // The message is sound: what is wrong is its OPT record, which was shown as it is.
        read.map_or_else(|error| ink_error(ink, error), |_| Ok(()))
    }

    fn ink_header(&self, ink: &mut impl Ink, status: Rcode) -> fmt::Result {
        let (header, flags) = (self.header(), self.header().flags());
        ink.text(";; ->>HEADER<<- opcode: ")?;
        flags.opcode().ink(ink)?;
        ink.text(", status: ")?;
        status.ink(ink)?;
        ink.text(", id: ")?;
        ink.number(header.id().into())?;
        ink.text("\n;; flags:")?;
        for (flag, name) in FLAGS {
            if flags.has(flag) {
                ink.text(name)?;
            }
        }
        let counts = [
            ("; QUERY: ", header.question_count()),
            (", ANSWER: ", header.record_count(Section::Answer)),
            (", AUTHORITY: ", header.record_count(Section::Authority)),
            (", ADDITIONAL: ", header.record_count(Section::Additional)),
        ];
        for (name, count) in counts {
            ink.text(name)?;
            ink.number(count.into())?;
        }
        ink.text("\n")
    }
}

impl Checked<'_> {
    fn ink(&self, ink: &mut impl Ink) -> fmt::Result {
        self.message().ink(ink)
    }
}

impl Edns<'_> {
    fn ink(&self, ink: &mut impl Ink) -> fmt::Result {
        ink.text("\n;; OPT PSEUDOSECTION:\n; EDNS: version: ")?;
        ink.number(self.version.into())?;
        ink.text(", flags:")?;
        if self.dnssec_ok {
            ink.text(" do")?;
        }
        ink.text("; udp: ")?;
        ink.number(self.payload_size.into())?;
        ink.text("\n")?;
        self.options.ink_lines(ink)
    }
}

impl Question<'_> {
    /// Name, class and type; `QU` for a question of mDNS that asks for a unicast response.
    fn ink(&self, ink: &mut impl Ink) -> fmt::Result {
        ink.text(";")?;
        self.name().ink_absolute(ink)?;
        ink.text("\t\t")?;
        self.class().ink(ink)?;
        ink.text("\t")?;
        self.qtype().ink(ink)?;
        if self.unicast_response() { ink.text("\t; QU") } else { Ok(()) }
    }
}

impl Record<'_> {
    /// Owner name, TTL in seconds, class, type and data; `flush` for the cache-flush bit of mDNS.
    fn ink(&self, ink: &mut impl Ink) -> fmt::Result {
        self.name().ink_absolute(ink)?;
        ink.text("\t")?;
        ink.number(self.ttl_secs())?;
        ink.text("\t")?;
        self.class().ink(ink)?;
        ink.text("\t")?;
        self.rtype().ink(ink)?;
        ink.text("\t")?;
        match self.data() {
            Ok(data) => data.ink(ink)?,
            Err(error) => {
                opaque(ink, self.raw_data().as_octets())?;
                ink.text("\t; ")?;
                error.ink(ink)?;
            }
        }
        if self.cache_flush() { ink.text("\t; flush") } else { Ok(()) }
    }
}

fn ink_error(ink: &mut impl Ink, error: CheckError) -> fmt::Result {
    ink.text(";; broken at ")?;
    error.ink(ink)?;
    ink.text("\n")
}

inked!(
    /// As `dig` prints a message, each line ended.
    Message<'_>,
    /// As `dig` prints a message, each line ended.
    Checked<'_>,
    /// In the manner of `dig`'s pseudo-section, each line ended.
    Edns<'_>,
    /// As `dig` prints a question.
    Question<'_>,
    /// As `dig` and zone files have a record.
    Record<'_>,
    /// As zone files have the data of the type.
    RData<'_>,
);

const FLAGS: [(Flags, &str); 7] = [
    (Flags::QR, " qr"),
    (Flags::AA, " aa"),
    (Flags::TC, " tc"),
    (Flags::RD, " rd"),
    (Flags::RA, " ra"),
    (Flags::AD, " ad"),
    (Flags::CD, " cd"),
];
