//! The header (RFC 1035 section 4.1.1, RFC 4035 section 3 for AD and CD).

use super::{HEADER_LEN, Section, u16_at};

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
    pub const fn with(self, other: Flags) -> Flags {
        Flags(self.0 | other.0)
    }

    /// Whether all bits of `other` are set.
    pub const fn has(self, other: Flags) -> bool {
        self.0 & other.0 == other.0
    }

    /// The opcode, 0 to 15; 0 is QUERY.
    pub const fn opcode(self) -> u8 {
        (self.0 >> 11) as u8 & 0xF
    }

    /// The response code in the header, 0 to 15; 0 is NOERROR.
    pub const fn rcode(self) -> u8 {
        self.0 as u8 & 0xF
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
    pub(super) fn read(octets: &[u8]) -> Option<Self> {
        octets.get(..HEADER_LEN)?;
        let word = |index: usize| u16_at(octets, 2 * index);
        Some(Self { id: word(0)?, flags: Flags(word(1)?), counts: [word(2)?, word(3)?, word(4)?, word(5)?] })
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
            }
            assert_eq!((set.opcode(), set.rcode()), (0, 0));
        }
        for code in 0..16_u16 {
            assert_eq!(Flags(code << 11 | 0x87F0).opcode(), code as u8);
            assert_eq!(Flags(code | 0xFFF0).rcode(), code as u8);
        }
    }

    // P14
    #[test]
    fn eleven_octets_are_no_header() {
        assert_eq!(Header::read(&[0; 11]), None);
        assert!(Header::read(&[0; 12]).is_some());
    }
}
