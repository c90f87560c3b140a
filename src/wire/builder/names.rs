//! Names on their way into a message: compressed where that is allowed (RFC 1035 section 4.1.4).

use super::{Builder, DoesNotFit};
use crate::name::{Labels, Name};
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
    fn of(label: &[u8]) -> Self {
        Self { len: label.len() as u8, last: label.last().copied().unwrap_or(0) }
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
    pub(crate) fn put_name(&mut self, name: &Name<'_>) -> Result<(), DoesNotFit> {
        self.put_labels(name.labels(), true)
    }

    /// Writes a name in the data of a record of type `rtype` (D-4.1.4-3).
    pub(crate) fn put_name_of(&mut self, rtype: Type, name: &Name<'_>) -> Result<(), DoesNotFit> {
        let everywhere = !matches!(rtype, Type::SRV | Type::NSEC);
        let (_, compressible) = names_in(rtype);
        let may_point = compressible > 0 && (everywhere || self.compression == Compression::Multicast);
        self.put_labels(name.labels(), may_point)
    }

    /// Endings are compared octet by octet, case included (the case of a name is kept), and never by a hash alone: a
    /// wrong pointer is a wrong name.
    fn put_labels(&mut self, mut labels: Labels<'_>, may_point: bool) -> Result<(), DoesNotFit> {
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

    #[inline]
    fn put_label(&mut self, label: &[u8]) -> Result<(), DoesNotFit> {
        if let [first, octets @ ..] = self.room(1 + label.len())? {
            *first = label.len() as u8;
            copy(label, octets);
        }
        Ok(())
    }

    /// Where the label and those behind it stand as a whole name among the first `known` entries.
    #[inline]
    fn find(&self, known: usize, key: Key, label: &[u8], labels: &Labels<'_>) -> Option<u16> {
        let alike = self.names.entries.iter().take(known).filter(|entry| entry.key == key);
        alike.map(|entry| entry.offset).find(|&offset| self.stands_at(offset, label, labels))
    }

    fn stands_at(&self, offset: u16, label: &[u8], labels: &Labels<'_>) -> bool {
        let mut there = Name::trusted(self.written(), offset.into()).labels();
        let (mut next, mut labels) = (Some(label), labels.clone());
        loop {
            match (next, there.next()) {
                (Some(label), Some(octets)) if label == octets => next = labels.next(),
                (end, other) => return end.is_none() && other.is_none(),
            }
        }
    }
}
