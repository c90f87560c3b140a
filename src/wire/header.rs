//! The header (RFC 1035 section 4.1.1, RFC 4035 section 3 for AD and CD).

use super::{HEADER_LEN, Opcode, Rcode, Section};

/// The 16 bits between id and counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Flags(pub u16);

impl Flags {
    /// A response, not a query.
    pub const QR: Flags = Flags(0x8000);
    /// Authoritative answer.
    pub const AA: Flags = Flags(0x0400);
    /// Truncated; in an mDNS query: more known answers follow.
    pub const TC: Flags = Flags(0x0200);
    /// Recursion desired.
    pub const RD: Flags = Flags(0x0100);
    /// Recursion available.
    pub const RA: Flags = Flags(0x0080);
    /// Authentic data.
    pub const AD: Flags = Flags(0x0020);
    /// Checking disabled.
    pub const CD: Flags = Flags(0x0010);

    /// Both.
    #[must_use]
    pub const fn with(self, other: Flags) -> Flags {
        Flags(self.0 | other.0)
    }

    /// Whether all bits of `other` are set.
    pub const fn has(self, other: Flags) -> bool {
        self.0 & other.0 == other.0
    }

    /// The opcode.
    pub const fn opcode(self) -> Opcode {
        Opcode(self.0 >> 11 & 0xF)
    }

    /// The response code in the header, without what EDNS adds to it (see [`Edns::rcode`](super::Edns::rcode)).
    pub const fn rcode(self) -> Rcode {
        Rcode(self.0 & 0xF)
    }

    /// These flags with the lower four bits of `opcode`.
    #[must_use]
    pub const fn with_opcode(self, opcode: Opcode) -> Flags {
        Flags(self.0 & !0x7800 | (opcode.0 & 0xF) << 11)
    }

    /// These flags with the lower four bits of `rcode`; the others go into the OPT record.
    #[must_use]
    pub const fn with_rcode(self, rcode: Rcode) -> Flags {
        Flags(self.0 & !0xF | rcode.0 & 0xF)
    }

    /// Without the reserved bit, which is sent as zero (RFC 1035 section 4.1.1).
    pub(super) const fn sent(self) -> u16 {
        self.0 & !0x0040
    }
}

/// A message's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Header {
    id: u16,
    flags: Flags,
    counts: [u16; 4],
}

impl Header {
    #[inline]
    pub(super) fn read(octets: &[u8]) -> Option<Self> {
        let &[a, b, c, d, e, f, g, h, i, j, k, l] = octets.first_chunk::<HEADER_LEN>()?;
        let word = |high, low| u16::from_be_bytes([high, low]);
        let counts = [word(e, f), word(g, h), word(i, j), word(k, l)];
        Some(Self { id: word(a, b), flags: Flags(word(c, d)), counts })
    }

    /// The transaction id; 0 in mDNS (RFC 6762 section 18.1).
    pub fn id(&self) -> u16 {
        self.id
    }

    /// The flags with opcode and response code.
    pub fn flags(&self) -> Flags {
        self.flags
    }

    /// Whether the message is a response (QR set).
    pub fn is_response(&self) -> bool {
        self.flags.has(Flags::QR)
    }

    /// The questions that the message counts.
    pub fn question_count(&self) -> u16 {
        self.counts[0]
    }

    /// The records that the message counts in `section`.
    pub fn record_count(&self, section: Section) -> u16 {
        match section {
            Section::Answer => self.counts[1],
            Section::Authority => self.counts[2],
            Section::Additional => self.counts[3],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // D-4.1-1
    #[test]
    fn each_field_is_read_from_its_own_bits() {
        let octets = [0x12, 0x34, 0, 0, 0, 1, 0, 2, 0, 3, 1, 4];
        let header = Header::read(&octets).unwrap();
        assert_eq!((header.id(), header.question_count()), (0x1234, 1));
        let count = |section| header.record_count(section);
        assert_eq!(
            [count(Section::Answer), count(Section::Authority), count(Section::Additional)],
            [2, 3, 0x104]
        );
        let all = [Flags::QR, Flags::AA, Flags::TC, Flags::RD, Flags::RA, Flags::AD, Flags::CD];
        for (index, &set) in all.iter().enumerate() {
            for (other, &asked) in all.iter().enumerate() {
                assert_eq!(set.has(asked), index == other);
                assert!(set.with(asked).has(set) && set.with(asked).has(asked));
            }
            assert_eq!((set.opcode(), set.rcode()), (Opcode::QUERY, Rcode::NOERROR));
        }
        for code in 0..16_u16 {
            assert_eq!(Flags(code << 11 | 0x87FF).opcode(), Opcode(code));
            assert_eq!(Flags(code | 0xFFF0).rcode(), Rcode(code));
            assert_eq!(Flags(0xFFFF).with_opcode(Opcode(code)), Flags(code << 11 | 0x87FF));
            assert_eq!(Flags(0xFFFF).with_rcode(Rcode(code | 0xF0)), Flags(code | 0xFFF0));
        }
    }

    // P14
    #[test]
    fn eleven_octets_are_no_header() {
        assert_eq!(Header::read(&[0; 11]), None);
        assert!(Header::read(&[0; 12]).is_some());
    }
}
