//! The presentation format of names (RFC 1035 section 5.1), both ways.

use core::fmt;

use super::{MAX_LABEL, MAX_NAME, Name};
use crate::ink::{Ink, inked};

/// Why a text is no domain name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum NameTextError {
    /// Nothing at all, or nothing between two dots.
    EmptyLabel,
    /// A label of more than 63 octets.
    LabelTooLong,
    /// More than 255 octets on the wire.
    NameTooLong,
    /// A backslash without a character or three digits up to 255 behind it.
    Escape,
}

impl fmt::Display for NameTextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::EmptyLabel => {
                "a label is empty: write labels of 1 to 63 octets between single dots, or \".\" alone"
            }
            Self::LabelTooLong => {
                "a label is longer than 63 octets: shorten it, or write a dot between labels"
            }
            Self::NameTooLong => "the name is longer than 255 octets: shorten it",
            Self::Escape => {
                "a backslash stands before a character or three digits up to 255: write \"\\.\" or \"\\046\""
            }
        })
    }
}

impl core::error::Error for NameTextError {}

/// Writes the name that `text` stands for, uncompressed, behind the labels of `from` octets that stand there, and tells
/// the length of all. For programs that run and for those that are compiled.
pub(super) const fn parse(text: &[u8], out: &mut [u8; MAX_NAME], from: u8) -> Result<u8, NameTextError> {
    if let [b'.'] = text {
        set(out, from as usize, 0);
        return Ok(from.saturating_add(1));
    }
    // `start` is the place of the current label's length, written once the label is complete.
    let (mut rest, mut start, mut len) = (text, from as usize, from as usize + 1);
    while let Some((&first, behind)) = rest.split_first() {
        rest = behind;
        let label = len - start - 1;
        if first == b'.' {
            if label == 0 {
                return Err(NameTextError::EmptyLabel);
            }
            set(out, start, label);
            (start, len) = (len, len + 1);
            continue;
        }
        let mut octet = first;
        if first == b'\\' {
            match unescape(rest) {
                Some(meant) => (octet, rest) = meant,
                None => return Err(NameTextError::Escape),
            }
        }
        if label == MAX_LABEL {
            return Err(NameTextError::LabelTooLong);
        }
        if !set(out, len, octet as usize) {
            return Err(NameTextError::NameTooLong);
        }
        len += 1;
    }
    match len - start - 1 {
        0 if start == from as usize => return Err(NameTextError::EmptyLabel),
        0 => len = start,
        label => {
            set(out, start, label);
        }
    }
    if set(out, len, 0) { Ok(len as u8 + 1) } else { Err(NameTextError::NameTooLong) }
}

/// Whether there is such a place.
#[expect(clippy::indexing_slicing, reason = "in bounds; `get_mut` is not const")]
const fn set(out: &mut [u8; MAX_NAME], at: usize, octet: usize) -> bool {
    let fits = at < MAX_NAME;
    if fits {
        out[at] = octet as u8;
    }
    fits
}

/// The octet that follows a backslash, itself or as three digits, and what follows that.
const fn unescape(text: &[u8]) -> Option<(u8, &[u8])> {
    match text {
        [a @ b'0'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9', rest @ ..] => {
            let value = (*a - b'0') as u16 * 100 + (*b - b'0') as u16 * 10 + (*c - b'0') as u16;
            if value < 256 { Some((value as u8, rest)) } else { None }
        }
        [b'0'..=b'9', ..] | [] => None,
        [other, rest @ ..] => Some((*other, rest)),
    }
}

/// Shows one label in presentation format: dot and backslash behind a backslash, octets outside `!` to `~` as
/// `\DDD`.
#[derive(Clone, Copy)]
pub struct ShowLabel<'a>(pub &'a [u8]);

impl ShowLabel<'_> {
    fn ink(&self, ink: &mut impl Ink) -> fmt::Result {
        ink.escaped(self.0, b".", false)
    }
}

impl Name<'_> {
    fn ink_relative(&self, ink: &mut impl Ink) -> fmt::Result {
        let mut labels = self.labels();
        match labels.next() {
            Some(first) => ShowLabel(first).ink(ink)?,
            None => ink.text(".")?,
        }
        labels.try_for_each(|label| {
            ink.text(".")?;
            ShowLabel(label).ink(ink)
        })
    }

    /// As zone files have it: with the dot of the root.
    pub(crate) fn ink_absolute(&self, ink: &mut impl Ink) -> fmt::Result {
        self.labels().try_for_each(|label| {
            // What zone files give a meaning of its own (RFC 1035 section 5.1).
            ink.escaped(label, b".\"();@$", false)?;
            ink.text(".")
        })?;
        if self.is_root() { ink.text(".") } else { Ok(()) }
    }
}

inked!(ShowLabel<'_>);
inked!(Name<'_> => ink_relative);

impl fmt::Debug for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Name({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::NameBuf;
    use std::string::{String, ToString};

    fn error(text: &str) -> NameTextError {
        text.parse::<NameBuf>().unwrap_err()
    }

    // D-5.1-1
    #[test]
    fn text_is_read_with_and_without_the_trailing_dot() {
        let octets = |text: &str| text.parse::<NameBuf>().unwrap().as_octets().to_vec();
        assert_eq!(octets("cam.local"), b"\x03cam\x05local\0");
        assert_eq!(octets("cam.local."), b"\x03cam\x05local\0");
        assert_eq!(octets("."), b"\0");
        assert_eq!(octets(r"a\.b\\\009c.d"), b"\x06a.b\\\x09c\x01d\0");
    }

    // D-2.3-4, D-5.1-1, P11, P12, S-4.3-1
    #[test]
    fn every_octet_of_a_label_survives_the_way_through_text() {
        for octet in 0..=255_u8 {
            let octets = [2, octet, b'x', 1, octet, 0];
            let name = Name::from_octets(&octets).unwrap();
            let text = name.to_string();
            assert_eq!(text.parse::<NameBuf>().unwrap().as_octets(), octets, "{text}");
        }
        let octets = b"\x10Dr. Smith\\s Cam\0\x05local\0";
        let text = Name::from_octets(octets).unwrap().to_string();
        assert_eq!(text, r"Dr\.\032Smith\\s\032Cam\000.local");
    }

    #[test]
    fn what_is_no_name_is_told_by_its_reason() {
        for text in ["", "..", "a..b", ".a", "a.."] {
            assert_eq!(error(text), NameTextError::EmptyLabel, "{text}");
        }
        for text in ["\\", "a\\", "\\2", "\\25", "\\256", "\\25x"] {
            assert_eq!(error(text), NameTextError::Escape, "{text}");
        }
        assert_eq!(error(&"a".repeat(64)), NameTextError::LabelTooLong);
        assert!("a".repeat(63).parse::<NameBuf>().is_ok());
    }

    // D-2.3-3
    #[test]
    fn text_of_255_octets_on_the_wire_is_the_longest() {
        let label = "a".repeat(63) + ".";
        let long = |last| label.repeat(3) + &"b".repeat(last);
        assert_eq!(long(61).parse::<NameBuf>().unwrap().as_octets().len(), MAX_NAME);
        assert_eq!((long(61) + ".").parse::<NameBuf>().unwrap().as_octets().len(), MAX_NAME);
        assert_eq!(error(&long(62)), NameTextError::NameTooLong);
        assert_eq!(error(&(long(61) + ".c")), NameTextError::NameTooLong);
        let dots: String = "a.".repeat(127);
        assert_eq!(dots.parse::<NameBuf>().unwrap().as_octets().len(), MAX_NAME);
        assert_eq!(error(&(dots + "a")), NameTextError::NameTooLong);
    }
}
