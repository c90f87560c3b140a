//! Names on their way into a message: compressed where that is allowed (RFC 1035 section 4.1.4).

use super::label::AsLabel;
use super::{Builder, DoesNotFit};
use crate::name::Name;
use crate::wire::rdata::names_in;
use crate::wire::{Type, copy};

/// Which names a [`Builder`] compresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Compression {
    /// None.
    None,
    /// Owner names, and names in the data of the types of RFC 1035, which every reader knows (RFC 3597 section 4).
    Unicast,
    /// Also those in SRV and NSEC, as readers of mDNS expect them (RFC 6762 section 18.14).
    Multicast,
}

/// Where names and name endings were written, in ascending order.
///
/// 16 entries: PTR, SRV, TXT and addresses of one service have 5 distinct endings, a subtype and the type enumeration
/// add 5. What finds no entry is written out.
#[derive(Debug)]
pub(super) struct Written {
    entries: [Entry; 16],
    known: usize,
}

/// An ending that was written.
#[derive(Clone, Copy, Debug)]
struct Entry {
    offset: u16,
    key: Key,
}

/// Length and last octet of an ending's first label: what tells most labels apart before they are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Key {
    len: u8,
    last: u8,
}

impl Key {
    #[inline]
    fn of<'n>(label: impl AsLabel<'n>) -> Self {
        let (head, tail) = label.pieces();
        let last = tail.last().or(head.last());
        Self { len: (head.len() + tail.len()) as u8, last: last.copied().unwrap_or(0) }
    }
}

impl Written {
    pub(super) const NONE: Self =
        Self { entries: [Entry { offset: 0, key: Key { len: 0, last: 0 } }; 16], known: 0 };

    /// A point to come back to.
    pub(super) fn mark(&self) -> usize {
        self.known
    }

    pub(super) fn take_back(&mut self, mark: usize) {
        self.known = mark;
    }

    #[inline]
    fn remember(&mut self, key: Key, offset: usize) {
        // A pointer has 14 bits (D-4.1.4-2).
        if let (Some(entry), ..0x4000) = (self.entries.get_mut(self.known), offset) {
            *entry = Entry { offset: offset as u16, key };
            self.known += 1;
        }
    }
}

impl Builder<'_> {
    /// Writes a name, its longest ending that was written before as a pointer.
    pub(crate) fn put_name<'n, L: AsLabel<'n>>(
        &mut self,
        labels: impl Iterator<Item = L> + Clone,
    ) -> Result<(), DoesNotFit> {
        self.put_labels(labels, true)
    }

    /// Writes a name that must not be compressed.
    pub(crate) fn put_plain_name<'n, L: AsLabel<'n>>(
        &mut self,
        labels: impl Iterator<Item = L> + Clone,
    ) -> Result<(), DoesNotFit> {
        self.put_labels(labels, false)
    }

    /// Endings are compared octet by octet, case included (the case of a name is kept), and never by a hash alone: a
    /// wrong pointer is a wrong name.
    fn put_labels<'n, L: AsLabel<'n>>(
        &mut self,
        mut labels: impl Iterator<Item = L> + Clone,
        may_point: bool,
    ) -> Result<(), DoesNotFit> {
        let compressed = may_point && self.compression != Compression::None;
        // A name must never point into itself: `a.a.local`.
        let before = self.names.mark();
        while let Some(label) = labels.next() {
            if compressed {
                let key = Key::of(label);
                if let Some(offset) = self.find(before, key, label, &labels) {
                    return self.put(&(0xC000 | offset).to_be_bytes());
                }
                self.names.remember(key, self.len - self.start);
            }
            self.put_label(label)?;
        }
        self.put(&[0])
    }

    /// Writes a name in the data of a record of type `rtype` (D-4.1.4-3).
    pub(in crate::wire) fn put_name_of(&mut self, rtype: Type, name: &Name<'_>) -> Result<(), DoesNotFit> {
        let everywhere = !matches!(rtype, Type::SRV | Type::NSEC);
        let (_, compressible) = names_in(rtype);
        let may_point = compressible > 0 && (everywhere || self.compression == Compression::Multicast);
        self.put_labels(name.labels(), may_point)
    }

    #[inline]
    fn put_label<'n, L: AsLabel<'n>>(&mut self, label: L) -> Result<(), DoesNotFit> {
        let (head, tail) = label.pieces();
        let len = head.len() + tail.len();
        if let [first, octets @ ..] = self.room(1 + len)?
            && let Some((front, back)) = octets.split_at_mut_checked(head.len())
        {
            *first = len as u8;
            copy(head, front);
            copy(tail, back);
        }
        Ok(())
    }

    /// Where the label and those behind it stand as a whole name among the first `known` entries.
    #[inline]
    fn find<'n, L: AsLabel<'n>>(
        &self,
        known: usize,
        key: Key,
        label: L,
        labels: &(impl Iterator<Item = L> + Clone),
    ) -> Option<u16> {
        let alike = self.names.entries.iter().take(known).filter(|entry| entry.key == key);
        alike.map(|entry| entry.offset).find(|&offset| self.stands_at(offset, label, labels))
    }

    fn stands_at<'n, L: AsLabel<'n>>(
        &self,
        offset: u16,
        label: L,
        labels: &(impl Iterator<Item = L> + Clone),
    ) -> bool {
        let mut there = Name::trusted(self.written(), offset.into()).labels();
        let (mut next, mut labels) = (Some(label), labels.clone());
        loop {
            match (next, there.next()) {
                (Some(label), Some(octets)) if is_written(label, octets) => next = labels.next(),
                (end, other) => return end.is_none() && other.is_none(),
            }
        }
    }
}

/// Whether the label is written just like this.
#[inline]
fn is_written<'n, L: AsLabel<'n>>(label: L, octets: &[u8]) -> bool {
    let (head, tail) = label.pieces();
    octets.len() == head.len() + tail.len() && octets.starts_with(head) && octets.ends_with(tail)
}
