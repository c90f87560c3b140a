//! Domain names: labels in a message or in a buffer of their own, compared in place.

mod buf;
mod presentation;

use core::hash::{Hash, Hasher};

pub use buf::NameBuf;
pub use presentation::{NameTextError, ShowLabel};

use crate::wire::{CheckError, Fault, HEADER_LEN};

/// Octets that a name may take on the wire, its length octets and the root included (RFC 1035 section 2.3.4).
pub const MAX_NAME: usize = 255;

/// Octets that a label may take (RFC 1035 section 2.3.4).
pub const MAX_LABEL: usize = 63;

/// A sound domain name, borrowed: in a message, where it may be compressed, or flat in a buffer.
///
/// Every `Name` has been walked once, so that its labels can be read without errors. Names are equal when their
/// labels are, without regard to ASCII case (RFC 1035 section 2.3.3, RFC 4343). `Display` writes the presentation
/// format without the trailing dot; the root is `.`.
///
/// ```
/// use dotlocal::name::{Name, NameBuf};
///
/// let flat = *b"\x0bkitchen-cam\x05local\0";
/// let name = Name::from_octets(&flat).unwrap();
/// assert_eq!(name.labels().count(), 2);
/// assert_eq!(name, "Kitchen-Cam.LOCAL".parse::<NameBuf>().unwrap().name());
/// assert_eq!(name.to_string(), "kitchen-cam.local");
/// ```
#[derive(Clone, Copy)]
pub struct Name<'a> {
    octets: &'a [u8],
    at: u16,
}

impl<'a> Name<'a> {
    /// The root: no labels.
    pub const ROOT: Name<'static> = Name { octets: &[0], at: 0 };

    /// `local`, the domain of mDNS (RFC 6762 section 3).
    pub const LOCAL: Name<'static> = Name { octets: b"\x05local\0", at: 0 };

    /// The uncompressed name that `octets` begin with; what follows its root label is left alone.
    ///
    /// # Errors
    /// A compression pointer, an octet 0x40 to 0xBF for a length, a name above 255 octets, a missing root label.
    pub fn from_octets(octets: &'a [u8]) -> Result<Self, CheckError> {
        Self::read(octets, 0).map(|(name, _)| name)
    }

    /// The name at `at` and where what follows it begins (D-2.3-3, D-3.1-1, D-4.1.4-1).
    pub(crate) fn read(message: &'a [u8], at: usize) -> Result<(Self, usize), CheckError> {
        let fault = |at, fault| Err(CheckError::new(at, fault));
        let (mut pos, mut run, mut end, mut octets) = (at, at, None, 0);
        for _ in 0..MAX_STEPS {
            let Some(&first) = message.get(pos) else { return fault(message.len(), Fault::Truncated) };
            match first >> 6 {
                0b00 => {
                    let step = 1 + usize::from(first);
                    (pos, octets) = (pos + step, octets + step);
                    if octets > MAX_NAME {
                        break;
                    }
                    if first == 0 {
                        return Ok((Self::trusted(message, at), end.unwrap_or(pos)));
                    }
                }
                0b11 => {
                    let Some(&second) = message.get(pos + 1) else { return fault(pos, Fault::Truncated) };
                    end = end.or(Some(pos + 2));
                    let target = pointer(first, second);
                    // Each run of labels starts before the one that led to it, so the walk ends.
                    if target < HEADER_LEN || target >= run {
                        return fault(pos, Fault::Pointer);
                    }
                    (pos, run) = (target, target);
                }
                _ => return fault(pos, Fault::LabelType),
            }
        }
        fault(at, Fault::NameTooLong)
    }

    /// A name that has been read before, by [`read`](Self::read).
    pub(crate) fn trusted(octets: &'a [u8], at: usize) -> Self {
        // Messages are at most 65 535 octets, so that the offset fits.
        Self { octets, at: at as u16 }
    }

    /// Where a name that has been read before ends.
    pub(crate) fn skip(message: &[u8], mut at: usize) -> usize {
        while let Some(&first) = message.get(at) {
            match first {
                0 => return at + 1,
                0xC0.. => return at + 2,
                _ => at += 1 + usize::from(first),
            }
        }
        at
    }

    /// The labels from the left, the root left out. A label may hold any octet, dots included.
    pub fn labels(&self) -> Labels<'a> {
        Labels { octets: self.octets, at: self.at.into() }
    }

    /// The name as uncompressed octets: each label behind its length, then a zero.
    pub fn octets(&self) -> NameOctets<'a> {
        NameOctets { labels: self.labels(), label: &[], ended: false }
    }

    /// The first label and the name behind it; `None` for the root.
    pub fn split_first(&self) -> Option<(&'a [u8], Name<'a>)> {
        let mut labels = self.labels();
        let first = labels.next()?;
        Some((first, Self::trusted(self.octets, labels.at)))
    }

    /// Whether this is the root.
    pub fn is_root(&self) -> bool {
        self.labels().next().is_none()
    }

    /// Whether `zone` is this name or a name above it: `cam.local` ends with `local`.
    pub fn ends_with(&self, zone: &Name<'_>) -> bool {
        let (own, above) = (self.labels().count(), zone.labels().count());
        own >= above && eq_labels(self.labels().skip(own - above), zone.labels())
    }
}

impl PartialEq for Name<'_> {
    fn eq(&self, other: &Self) -> bool {
        eq_labels(self.labels(), other.labels())
    }
}

impl Eq for Name<'_> {}

impl Hash for Name<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.octets().for_each(|octet| state.write_u8(octet.to_ascii_lowercase()));
    }
}

fn eq_labels<'l>(mut a: impl Iterator<Item = &'l [u8]>, mut b: impl Iterator<Item = &'l [u8]>) -> bool {
    loop {
        match (a.next(), b.next()) {
            (None, None) => return true,
            (Some(a), Some(b)) if a.eq_ignore_ascii_case(b) => {}
            _ => return false,
        }
    }
}

/// The labels of a [`Name`], from the left.
#[derive(Clone, Debug)]
pub struct Labels<'a> {
    octets: &'a [u8],
    at: usize,
}

impl<'a> Iterator for Labels<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        loop {
            let first = *self.octets.get(self.at)?;
            let start = self.at + 1;
            if first >= 0xC0 {
                self.at = pointer(first, *self.octets.get(start)?);
                continue;
            }
            if first == 0 {
                return None;
            }
            let end = start + usize::from(first);
            let label = self.octets.get(start..end)?;
            self.at = end;
            return Some(label);
        }
    }
}

/// The uncompressed octets of a [`Name`].
#[derive(Clone, Debug)]
pub struct NameOctets<'a> {
    labels: Labels<'a>,
    label: &'a [u8],
    ended: bool,
}

impl Iterator for NameOctets<'_> {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        if let Some((&octet, rest)) = self.label.split_first() {
            self.label = rest;
            return Some(octet);
        }
        if self.ended {
            return None;
        }
        match self.labels.next() {
            Some(label) => self.label = label,
            None => self.ended = true,
        }
        Some(self.label.len() as u8)
    }
}

fn pointer(first: u8, second: u8) -> usize {
    u16::from_be_bytes([first & 0x3F, second]).into()
}

/// A name of 255 octets has at most 127 labels and the root; 16 pointers more than any encoder chains.
const MAX_STEPS: usize = 128 + 16;

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    fn fault(message: &[u8], at: usize) -> Fault {
        Name::read(message, at).unwrap_err().fault()
    }

    fn behind_header(octets: &[u8]) -> Vec<u8> {
        [&[0; HEADER_LEN], octets].concat()
    }

    // D-2.3-1, D-2.3-2
    #[test]
    fn ascii_case_folds_and_other_octets_do_not() {
        let name = |octets| Name::from_octets(octets).unwrap();
        assert_eq!(name(b"\x07ExAmPlE\0"), name(b"\x07example\0"));
        assert_ne!(name(b"\x02\xC3\x89\0"), name(b"\x02\xC3\xA9\0"));
        assert_ne!(name(b"\x01@\0"), name(b"\x01`\0"));
        assert_ne!(name(b"\x01a\x01b\0"), name(b"\x01a\0"));
        assert_ne!(name(b"\x01a\0"), name(b"\x01a\x01b\0"));
    }

    // D-2.3-3, P7, P9
    #[test]
    fn labels_and_names_end_at_their_limits() {
        let mut longest = Vec::new();
        for _ in 0..3 {
            longest.push(63);
            longest.extend([b'a'; 63]);
        }
        longest.push(61);
        longest.extend([b'a'; 61]);
        longest.push(0);
        assert_eq!(longest.len(), MAX_NAME);
        assert_eq!(Name::from_octets(&longest).unwrap().octets().count(), MAX_NAME);
        longest[192] = 62;
        longest.insert(193, b'a');
        assert_eq!(fault(&longest, 0), Fault::NameTooLong);
        assert_eq!(fault(b"\x01a", 0), Fault::Truncated);
        assert_eq!(fault(&[63; 63], 0), Fault::Truncated);
    }

    // D-3.1-1, P8
    #[test]
    fn lengths_of_64_to_191_are_none() {
        for first in 0x40..=0xBF {
            assert_eq!(fault(&[&[first], [1; 200].as_slice()].concat(), 0), Fault::LabelType);
        }
    }

    // D-4.1.4-1, P1, P2, P3, P4
    #[test]
    fn pointers_go_strictly_backwards_and_never_into_the_header() {
        assert_eq!(fault(&behind_header(b"\xC0\x0C"), 12), Fault::Pointer);
        assert_eq!(fault(&behind_header(b"\xC0\x0E\xC0\x0C"), 12), Fault::Pointer);
        assert_eq!(fault(&behind_header(b"\xC0\x0E\xC0\x0C"), 14), Fault::Pointer);
        assert_eq!(fault(&behind_header(b"\x01a\xC0\x0C"), 12), Fault::Pointer);
        assert_eq!(fault(&behind_header(b"\x01a\0\xC0\x0B"), 15), Fault::Pointer);
        let sound = behind_header(b"\x01a\0\x01b\xC0\x0C");
        let (name, end) = Name::read(&sound, 15).unwrap();
        assert_eq!(name.labels().collect::<Vec<_>>(), [b"b", b"a"]);
        assert_eq!(end, 19);
        assert_eq!(Name::skip(&sound, 15), 19);
        assert_eq!(Name::skip(&sound, 12), 15);
    }

    #[test]
    fn a_name_that_is_cut_is_told_at_the_end_of_its_message() {
        assert_eq!(Name::read(&behind_header(b"\x3Fa"), 12).unwrap_err().at(), 14);
    }

    // P5
    #[test]
    fn a_pointer_cut_in_half_is_truncated() {
        assert_eq!(fault(&behind_header(b"\x01a\xC0"), 12), Fault::Truncated);
    }

    // P6
    #[test]
    fn a_chain_of_pointers_costs_no_more_than_a_name() {
        let mut message = behind_header(b"\0");
        let mut last = 12;
        for _ in 0..400 {
            let at = message.len();
            message.extend([0xC0 | (last >> 8) as u8, last as u8]);
            last = at;
        }
        assert_eq!(fault(&message, last), Fault::NameTooLong);
    }

    // D-2.3-3
    #[test]
    fn the_limit_of_255_octets_holds_across_pointers() {
        let mut message = behind_header(b"");
        message.extend([63].iter().chain(&[b'a'; 63]).copied().collect::<Vec<_>>().repeat(3));
        message.push(0);
        let at = message.len();
        message.push(61);
        message.extend([b'b'; 61]);
        message.extend([0xC0, 12]);
        assert!(Name::read(&message, at).is_ok());
        message[at] = 62;
        message.insert(at + 1, b'b');
        assert_eq!(fault(&message, at), Fault::NameTooLong);
    }

    #[test]
    fn a_zone_is_told_by_whole_labels() {
        let name = |octets| Name::from_octets(octets).unwrap();
        let cam = name(b"\x03cam\x05local\0");
        assert!(cam.ends_with(&name(b"\x05LOCAL\0")) && cam.ends_with(&cam) && cam.ends_with(&Name::ROOT));
        assert!(!cam.ends_with(&name(b"\x02al\0")));
        assert!(!name(b"\x05local\0").ends_with(&cam));
        assert_eq!(cam.split_first(), Some((b"cam".as_slice(), name(b"\x05local\0"))));
        assert_eq!(Name::ROOT.split_first(), None);
        assert!(Name::ROOT.is_root() && !cam.is_root());
    }

    #[test]
    fn equal_names_hash_alike() {
        let hash = |octets| {
            let mut state = std::hash::DefaultHasher::new();
            Name::from_octets(octets).unwrap().hash(&mut state);
            state.finish()
        };
        assert_eq!(hash(b"\x03CAM\x05local\0"), hash(b"\x03cam\x05LOCAL\0"));
        assert_ne!(hash(b"\x03cam\0"), hash(b"\x03can\0"));
    }
}
