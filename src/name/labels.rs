//! What a name consists of, one by one.

use core::iter::FusedIterator;

use super::Name;

/// The labels of a [`Name`](super::Name), from the left; [`rev`](Self::rev) gives them from the right.
#[derive(Clone, Debug)]
pub struct Labels<'a> {
    octets: &'a [u8],
    /// Where the next one begins.
    at: usize,
}

impl<'a> Labels<'a> {
    #[inline]
    pub(super) fn new(octets: &'a [u8], at: usize) -> Self {
        Self { octets, at }
    }

    /// The name that the labels which are left make.
    pub(crate) fn name(&self) -> Name<'a> {
        Name::trusted(self.octets, self.at)
    }

    /// The labels that are left, from the right.
    ///
    /// Only the beginning of a name is known, so that each costs a walk to it; for names of a few labels that is
    /// nothing, and walking from the left stays free of it.
    #[must_use]
    pub fn rev(self) -> LabelsFromRight<'a> {
        LabelsFromRight { left: self.clone().count(), labels: self }
    }
}

impl<'a> Iterator for Labels<'a> {
    type Item = &'a [u8];

    #[inline]
    fn next(&mut self) -> Option<&'a [u8]> {
        loop {
            let &first = self.octets.get(self.at)?;
            let start = self.at + 1;
            if first >= 0xC0 {
                self.at = pointer(first, *self.octets.get(start)?);
                continue;
            }
            if first == 0 {
                return None;
            }
            self.at = start + usize::from(first);
            return self.octets.get(start..self.at);
        }
    }
}

impl FusedIterator for Labels<'_> {}

/// The labels of a [`Name`](super::Name), from the right.
#[derive(Clone, Debug)]
pub struct LabelsFromRight<'a> {
    labels: Labels<'a>,
    left: usize,
}

impl<'a> Iterator for LabelsFromRight<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        self.left = self.left.checked_sub(1)?;
        self.labels.clone().nth(self.left)
    }
}

impl FusedIterator for LabelsFromRight<'_> {}

/// The uncompressed octets of a [`Name`](super::Name).
#[derive(Clone, Debug)]
pub struct NameOctets<'a> {
    labels: Labels<'a>,
    label: &'a [u8],
    ended: bool,
}

impl<'a> NameOctets<'a> {
    pub(super) fn new(labels: Labels<'a>) -> Self {
        Self { labels, label: &[], ended: false }
    }
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

#[inline]
fn pointer(first: u8, second: u8) -> usize {
    u16::from_be_bytes([first & 0x3F, second]).into()
}
