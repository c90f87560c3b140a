//! The letters of a question in random case, which a server gives back as it got it: a forger has to guess that too.
//!
//! Servers compress names of the answer against the question, so that its case comes back in them. The first label and the
//! last three alone are mixed: these stand in the cache as they were asked for, and are shared from there. And only
//! addresses are asked for that way: names in other data are kept as they come.

use crate::name::Name;
use crate::wire::Type;

/// Whether questions for this type are mixed.
pub(super) fn is_for(qtype: Type) -> bool {
    qtype == Type::A || qtype == Type::AAAA
}

/// Whether label number `index` of `count` is mixed.
fn is_mixed_at(index: usize, count: usize) -> bool {
    index == 0 || index + 3 >= count
}

/// Sets the case of the letters in `name`, which `octets` begin with uncompressed: upper where a bit of `case` is set, the
/// bits taken in turn.
pub(super) fn mix(octets: &mut [u8], labels: usize, case: u32) {
    let (mut at, mut bits) = (0, case);
    for index in 0..labels {
        let Some(&len) = octets.get(at) else { return };
        let end = at + 1 + usize::from(len);
        let label = octets.get_mut(at + 1..end).filter(|_| is_mixed_at(index, labels)).unwrap_or_default();
        for letter in label.iter_mut().filter(|octet| octet.is_ascii_alphabetic()) {
            *letter = if bits & 1 == 0 { letter.to_ascii_lowercase() } else { letter.to_ascii_uppercase() };
            bits = bits.rotate_right(1);
        }
        at = end;
    }
}

/// Whether the letters of `name` have the case that [`mix`] gives them.
pub(super) fn is_mixed(name: &Name<'_>, case: u32) -> bool {
    let (mut bits, count) = (case, name.labels().count());
    let labels = name.labels().enumerate().filter(|(index, _)| is_mixed_at(*index, count));
    labels.flat_map(|(_, label)| label).filter(|octet| octet.is_ascii_alphabetic()).all(|letter| {
        let is_right = letter.is_ascii_uppercase() == (bits & 1 == 1);
        bits = bits.rotate_right(1);
        is_right
    })
}

/// Whether any letter is a capital one.
pub(super) fn has_capitals(name: &Name<'_>) -> bool {
    name.labels().flatten().any(u8::is_ascii_uppercase)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::NameBuf;
    use std::vec::Vec;

    #[test]
    fn the_case_of_each_letter_follows_its_bit_and_other_octets_stay() {
        let name: NameBuf = "aB1-c.\\195\\132xyz.example".parse().unwrap();
        let mut octets: Vec<u8> = name.as_octets().to_vec();
        octets.extend(b"abc");
        mix(&mut octets, 3, 0b101);
        assert_eq!(octets, b"\x05Ab1-C\x05\xc3\x84xyz\x07example\0abc");
        for case in [0, 0b101, u32::MAX, 0x8000_0001] {
            mix(&mut octets, 3, case);
            let mixed = Name::from_octets(&octets).unwrap();
            assert!(mixed == name && is_mixed(&mixed, case));
            assert!(!is_mixed(&mixed, case ^ 1) && !is_mixed(&mixed, case ^ 1 << 12));
            // Of 13 letters the bits behind do not count.
            assert!(is_mixed(&mixed, case ^ 1 << 13));
        }
    }

    #[test]
    fn labels_in_the_middle_stay_as_they_are() {
        let name: NameBuf = "a.b.C.d.e.f".parse().unwrap();
        let mut octets: Vec<u8> = name.as_octets().to_vec();
        mix(&mut octets, 6, u32::MAX);
        assert_eq!(octets, b"\x01A\x01b\x01C\x01D\x01E\x01F\0");
        assert!(is_mixed(&Name::from_octets(&octets).unwrap(), 0b1111));
        assert!(!is_mixed(&Name::from_octets(&octets).unwrap(), 0b0111));
    }

    #[test]
    fn a_long_name_takes_the_bits_again() {
        let name: NameBuf = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnop".parse().unwrap();
        let mut octets: Vec<u8> = name.as_octets().to_vec();
        mix(&mut octets, 1, 1);
        let upper: Vec<usize> = (0..octets.len()).filter(|&at| octets[at].is_ascii_uppercase()).collect();
        assert_eq!(upper, [1, 33]);
        assert!(is_mixed(&Name::from_octets(&octets).unwrap(), 1));
    }
}
