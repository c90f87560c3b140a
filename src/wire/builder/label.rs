//! A label to be written: as it is, or with a number behind it.

use crate::name::MAX_LABEL;

/// A label in up to two pieces.
pub(crate) trait AsLabel<'n>: Copy {
    fn pieces(&self) -> (&'n [u8], &[u8]);
}

impl<'n> AsLabel<'n> for &'n [u8] {
    #[inline]
    fn pieces(&self) -> (&'n [u8], &[u8]) {
        (self, &[])
    }
}

impl<'n> AsLabel<'n> for Label<'n> {
    fn pieces(&self) -> (&'n [u8], &[u8]) {
        (self.head, self.tail())
    }
}

/// One label in two pieces: what it begins with, and a number that a rename has put behind it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Label<'n> {
    head: &'n [u8],
    tail: Tail,
}

/// `-2` or ` (2)`; eight octets hold ` (65535)`.
#[derive(Clone, Copy, Debug)]
struct Tail {
    octets: [u8; 8],
    len: u8,
}

impl<'n> From<&'n [u8]> for Label<'n> {
    fn from(head: &'n [u8]) -> Self {
        Self { head, tail: Tail { octets: [0; 8], len: 0 } }
    }
}

impl<'n> Label<'n> {
    /// `text` with `open`, the number and `close` behind it; `text` is cut between characters so that all fits the 63
    /// octets of a label.
    pub(crate) fn numbered(text: &'n str, open: &[u8], number: u16, close: &[u8]) -> Self {
        let mut tail = Tail { octets: [0; 8], len: 0 };
        tail.push_all(open);
        let mut divisor = 10_000;
        while divisor > number && divisor > 1 {
            divisor /= 10;
        }
        while divisor > 0 {
            tail.push_all(&[b'0' + (number / divisor % 10) as u8]);
            divisor /= 10;
        }
        tail.push_all(close);
        let mut end = text.len().min(MAX_LABEL - usize::from(tail.len));
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        Self { head: text.get(..end).unwrap_or(text).as_bytes(), tail }
    }

    pub(crate) fn len(&self) -> usize {
        self.head.len() + usize::from(self.tail.len)
    }

    pub(crate) fn head(&self) -> &'n [u8] {
        self.head
    }

    pub(crate) fn tail(&self) -> &[u8] {
        self.tail.octets.get(..self.tail.len.into()).unwrap_or(&[])
    }

    /// Whether both are one label, without regard to ASCII case, wherever their pieces end.
    pub(crate) fn eq_ignoring_case(&self, other: &Label<'_>) -> bool {
        let octets = |label: &Label<'_>, at: usize| {
            label.head.get(at).or_else(|| label.tail().get(at - label.head.len())).map(u8::to_ascii_lowercase)
        };
        self.len() == other.len() && (0..self.len()).all(|at| octets(self, at) == octets(other, at))
    }

    /// Whether the label is that of `octets`, without regard to ASCII case.
    pub(crate) fn is_ignoring_case(&self, octets: &[u8]) -> bool {
        octets.split_at_checked(self.head.len()).is_some_and(|(head, tail)| {
            head.eq_ignore_ascii_case(self.head) && tail.eq_ignore_ascii_case(self.tail())
        })
    }
}

impl Tail {
    fn push_all(&mut self, octets: &[u8]) {
        for &octet in octets {
            if let Some(slot) = self.octets.get_mut(usize::from(self.len)) {
                *slot = octet;
                self.len += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::format;
    use std::string::String;

    fn text_of(label: Label<'_>) -> String {
        String::from_utf8([label.head(), label.tail()].concat()).unwrap()
    }

    fn host(text: &str, number: u16) -> String {
        text_of(Label::numbered(text, b"-", number, b""))
    }

    fn instance(text: &str, number: u16) -> String {
        text_of(Label::numbered(text, b" (", number, b")"))
    }

    // M-9-3
    #[test]
    fn a_number_is_put_behind_the_label() {
        assert_eq!(
            [2, 9, 10, 100, 65535].map(|n| host("cam", n)),
            ["cam-2", "cam-9", "cam-10", "cam-100", "cam-65535"]
        );
        assert_eq!(instance("Kitchen Cam", 2), "Kitchen Cam (2)");
        assert_eq!(instance("Kitchen Cam", 65535), "Kitchen Cam (65535)");
    }

    // S8
    #[test]
    fn a_long_label_is_cut_between_characters() {
        let long = "a".repeat(63);
        assert_eq!(host(&long, 2), format!("{}-2", "a".repeat(61)));
        assert_eq!(instance(&long, 10), format!("{} (10)", "a".repeat(58)));
        let accents = format!("{}é", "a".repeat(60));
        assert_eq!(host(&accents, 2), format!("{}-2", "a".repeat(60)));
        assert_eq!(instance(&accents, 9), format!("{} (9)", "a".repeat(59)));
        assert_eq!(host(&"é".repeat(31), 2), format!("{}-2", "é".repeat(30)));
    }

    #[test]
    fn a_label_is_compared_across_its_two_pieces() {
        let label = Label::numbered("Cam", b"-", 12, b"");
        assert!(label.is_ignoring_case(b"cAM-12"));
        for other in ["Cam-1", "Cam-123", "Cam", "", "Cax-12", "Cam-13"] {
            assert!(!label.is_ignoring_case(other.as_bytes()), "{other}");
        }
    }
}
