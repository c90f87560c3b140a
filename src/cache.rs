//! A bounded store of records in the caller's bytes.
//!
//! Records stand one behind the other, each a fixed head, its owner name and its data, both uncompressed. Removing one
//! closes the gap, so nothing fragments. An entry's place changes; its id does not.

use crate::name::Name;
use crate::time::Instant;
use crate::wire::Type;

/// The store.
#[derive(Debug)]
pub(crate) struct Cache<'s> {
    octets: &'s mut [u8],
    used: usize,
    next_id: u16,
}

/// Names an entry while it is stored. Ids are given anew after 65 536 further ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(crate) struct EntryId(u16);

/// What is kept of an entry beside name and data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) id: EntryId,
    pub(crate) rtype: Type,
    pub(crate) flags: EntryFlags,
    /// Time to live as it came, in seconds.
    pub(crate) ttl_secs: u32,
    /// When the record's life ends; means nothing for an anchor.
    pub(crate) expires: Instant,
    /// Refreshes that were asked for, 0 to 4 (RFC 6762 section 5.2).
    pub(crate) refreshes: u8,
    /// Thousandths of its life by which the refreshes are put off; the same for all that came in one packet.
    pub(crate) spread: u8,
    /// Questions that were asked for what the entry's data names; [`Head::ALL_THERE`] when none is missing,
    /// [`Head::NO_ASK`] when it names nothing that could be.
    pub(crate) asks: u8,
    /// When the next of these is due.
    pub(crate) ask_due: Instant,
    /// What each request was told of the entry: 2 bits a request.
    pub(crate) told: u32,
}

/// Marks of an entry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct EntryFlags(u8);

impl EntryFlags {
    /// Not a record: it holds the name that a request is about, and never expires.
    pub(crate) const ANCHOR: EntryFlags = EntryFlags(1);
    /// Its life has ended, and somebody is still to be told.
    pub(crate) const DEAD: EntryFlags = EntryFlags(1 << 1);
    /// A known answer that did not fit its query, for the packet behind it (RFC 6762 section 7.2).
    pub(crate) const KNOWN: EntryFlags = EntryFlags(1 << 2);

    pub(crate) const fn has(self, other: EntryFlags) -> bool {
        self.0 & other.0 != 0
    }

    pub(crate) fn set(&mut self, other: EntryFlags, on: bool) {
        self.0 = if on { self.0 | other.0 } else { self.0 & !other.0 };
    }
}

/// The store has no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CacheFull {
    /// Octets that the entry needs.
    pub(crate) needed: usize,
}

/// An entry, in place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry<'c> {
    pub(crate) at: usize,
    pub(crate) head: Head,
    name: &'c [u8],
    /// RDATA with its names uncompressed.
    pub(crate) data: &'c [u8],
}

impl EntryId {
    /// An id for what is not stored.
    pub(crate) const NONE: EntryId = EntryId(0);
}

impl Head {
    /// The entry leads to nothing.
    pub(crate) const NO_ASK: u8 = u8::MAX;

    /// Everything that the entry leads to is there.
    pub(crate) const ALL_THERE: u8 = u8::MAX - 1;

    /// A record of `ttl_secs` that has just come.
    pub(crate) fn record(rtype: Type, ttl_secs: u32, now: Instant) -> Self {
        Self {
            id: EntryId(0),
            rtype,
            flags: EntryFlags::default(),
            ttl_secs,
            expires: now.after(ttl_secs.saturating_mul(1_000)),
            refreshes: 0,
            spread: 0,
            asks: Self::NO_ASK,
            ask_due: now,
            told: 0,
        }
    }

    /// The name that a request is about.
    pub(crate) fn anchor() -> Self {
        let now = Instant::from_millis(0);
        Self { flags: EntryFlags::ANCHOR, ..Self::record(Type::ANY, 0, now) }
    }

    fn to_octets(self) -> [u8; HEAD] {
        let mut octets = [0; HEAD];
        let words = [self.ttl_secs, self.expires.as_millis(), self.ask_due.as_millis(), self.told];
        let shorts = [self.id.0, self.rtype.0].map(u16::to_le_bytes);
        let all = words.map(u32::to_le_bytes);
        let bytes = all.as_flattened().iter().chain(shorts.as_flattened());
        let bytes = bytes.copied().chain([self.flags.0, self.refreshes, self.spread, self.asks]);
        octets.iter_mut().zip(bytes).for_each(|(slot, octet)| *slot = octet);
        octets
    }

    fn from_octets(octets: &[u8; HEAD]) -> Self {
        let [w0, w1, w2, w3] = *octets.as_chunks::<4>().0.first_chunk::<4>().unwrap_or(&[[0; 4]; 4]);
        let word = u32::from_le_bytes;
        let [.., i0, i1, t0, t1, flags, refreshes, spread, asks] = *octets;
        Self {
            id: EntryId(u16::from_le_bytes([i0, i1])),
            rtype: Type(u16::from_le_bytes([t0, t1])),
            flags: EntryFlags(flags),
            ttl_secs: word(w0),
            expires: Instant::from_millis(word(w1)),
            refreshes,
            spread,
            asks,
            ask_due: Instant::from_millis(word(w2)),
            told: word(w3),
        }
    }
}

impl<'c> Entry<'c> {
    /// The owner name.
    pub(crate) fn name(&self) -> Name<'c> {
        Name::trusted(self.name, 0)
    }

    /// The name in the data, behind `prefix` octets.
    pub(crate) fn target(&self, prefix: usize) -> Name<'c> {
        Name::trusted(self.data, prefix)
    }

    pub(crate) fn is_anchor(&self) -> bool {
        self.head.flags.has(EntryFlags::ANCHOR)
    }

    /// Whether it is a record of `rtype` whose life has not ended.
    pub(crate) fn is_live(&self, rtype: Type) -> bool {
        self.head.rtype == rtype && !self.is_anchor() && !self.head.flags.has(EntryFlags::DEAD)
    }

    fn end(&self) -> usize {
        self.at + FIXED + self.name.len() + self.data.len()
    }
}

impl<'s> Cache<'s> {
    /// An empty store.
    pub(crate) fn new(octets: &'s mut [u8]) -> Self {
        Self { octets, used: 0, next_id: 1 }
    }

    /// The entries, oldest first.
    pub(crate) fn entries(&self) -> impl Iterator<Item = Entry<'_>> + Clone {
        let mut at = 0;
        core::iter::from_fn(move || {
            let entry = self.at(at)?;
            at = entry.end();
            Some(entry)
        })
    }

    /// The entry at an offset; the next one stands at [`after`](Self::after).
    pub(crate) fn at(&self, at: usize) -> Option<Entry<'_>> {
        let rest = self.octets.get(at..self.used)?;
        let (head, rest) = rest.split_first_chunk::<HEAD>()?;
        let (&[name_len, low, high], rest) = rest.split_first_chunk::<LENGTHS>()?;
        let (name, rest) = rest.split_at_checked(name_len.into())?;
        let data = rest.get(..u16::from_le_bytes([low, high]).into())?;
        Some(Entry { at, head: Head::from_octets(head), name, data })
    }

    /// Where the entry behind the one at `at` stands.
    pub(crate) fn after(&self, at: usize) -> usize {
        self.at(at).map_or(self.used, |entry| entry.end())
    }

    /// The entry of an id.
    pub(crate) fn get(&self, id: EntryId) -> Option<Entry<'_>> {
        self.entries().find(|entry| entry.head.id == id)
    }

    /// Changes the head of the entry at an offset.
    pub(crate) fn update(&mut self, at: usize, change: impl FnOnce(&mut Head)) {
        let Some(entry) = self.at(at) else { return };
        let mut head = entry.head;
        change(&mut head);
        if let Some(slot) = self.octets.get_mut(at..).and_then(|rest| rest.first_chunk_mut::<HEAD>()) {
            *slot = head.to_octets();
        }
    }

    /// Changes the heads of all entries.
    pub(crate) fn update_all(&mut self, mut change: impl FnMut(&mut Head)) {
        let mut at = 0;
        while self.at(at).is_some() {
            self.update(at, &mut change);
            at = self.after(at);
        }
    }

    /// Stores an entry behind the others, under a new id.
    pub(crate) fn insert(
        &mut self,
        head: Head,
        name: impl Iterator<Item = u8> + Clone,
        data: impl Iterator<Item = u8> + Clone,
    ) -> Result<EntryId, CacheFull> {
        let (name_len, data_len) = (name.clone().count(), data.clone().count());
        let needed = FIXED + name_len + data_len;
        let (Ok(name_len), Ok(data_len)) = (u8::try_from(name_len), u16::try_from(data_len)) else {
            return Err(CacheFull { needed });
        };
        let end = self.used + needed;
        let slot = self.octets.get_mut(self.used..end).ok_or(CacheFull { needed })?;
        let id = EntryId(self.next_id);
        let [low, high] = data_len.to_le_bytes();
        let head = Head { id, ..head }.to_octets();
        let octets = head.into_iter().chain([name_len, low, high]).chain(name).chain(data);
        slot.iter_mut().zip(octets).for_each(|(slot, octet)| *slot = octet);
        self.used = end;
        self.next_id = self.next_id.wrapping_add(1);
        while self.next_id == EntryId::NONE.0 || self.get(EntryId(self.next_id)).is_some() {
            self.next_id = self.next_id.wrapping_add(1);
        }
        Ok(id)
    }

    /// Removes the entry at an offset; the ones behind it move up.
    pub(crate) fn remove(&mut self, at: usize) {
        let end = self.after(at);
        let gap = end - at;
        // Octet by octet: `copy_within` has panic paths.
        for to in at..self.used - gap {
            let moved = self.octets.get(to + gap).copied();
            if let (Some(slot), Some(octet)) = (self.octets.get_mut(to), moved) {
                *slot = octet;
            }
        }
        self.used -= gap;
    }

    /// Removes the entries for which `condemned` holds; tells whether there were any.
    pub(crate) fn remove_where(&mut self, mut condemned: impl FnMut(&Self, &Entry<'_>) -> bool) -> bool {
        let (mut at, before) = (0, self.used);
        while let Some(entry) = self.at(at) {
            if condemned(self, &entry) {
                self.remove(at);
            } else {
                at = entry.end();
            }
        }
        self.used != before
    }
}

/// Octets of a head: four words, two numbers, four octets.
const HEAD: usize = 4 * 4 + 2 * 2 + 4;

/// Octets of the lengths of name and data.
const LENGTHS: usize = 3;

const FIXED: usize = HEAD + LENGTHS;

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    fn insert(cache: &mut Cache<'_>, name: &[u8], data: &[u8]) -> Result<EntryId, CacheFull> {
        let head = Head::record(Type::TXT, 120, Instant::from_millis(7));
        cache.insert(head, name.iter().copied(), data.iter().copied())
    }

    fn data<'c>(cache: &'c Cache<'_>) -> Vec<&'c [u8]> {
        cache.entries().map(|entry| entry.data).collect()
    }

    #[test]
    fn a_head_keeps_every_field() {
        let mut octets = [0; 64];
        let mut cache = Cache::new(&mut octets);
        insert(&mut cache, b"\x01a\0", b"x").unwrap();
        let head = Head {
            id: EntryId(0x1234),
            rtype: Type(0xFEDC),
            flags: EntryFlags(5),
            ttl_secs: 0x0102_0304,
            expires: Instant::from_millis(0x0506_0708),
            refreshes: 3,
            spread: 17,
            asks: 9,
            ask_due: Instant::from_millis(0x090A_0B0C),
            told: 0x0D0E_0F10,
        };
        cache.update(0, |old| *old = head);
        assert_eq!(cache.at(0).unwrap().head, head);
        assert_eq!(data(&cache), [b"x"]);
    }

    #[test]
    fn removing_closes_the_gap_and_ids_stay() {
        let mut octets = [0; 200];
        let mut cache = Cache::new(&mut octets);
        let ids =
            [b"one".as_slice(), b"", b"three"].map(|data| insert(&mut cache, b"\x01a\0", data).unwrap());
        cache.remove(cache.get(ids[1]).unwrap().at);
        assert_eq!(data(&cache), [b"one".as_slice(), b"three"]);
        assert_eq!(cache.get(ids[2]).unwrap().data, b"three");
        assert!(cache.get(ids[1]).is_none());
        assert!(cache.remove_where(|_, entry| entry.data == b"one"));
        assert!(!cache.remove_where(|_, entry| entry.data == b"one"));
        assert_eq!(data(&cache), [b"three"]);
        assert_eq!(cache.entries().next().unwrap().name(), Name::from_octets(b"\x01A\0").unwrap());
        cache.remove(0);
        cache.remove(0);
        assert_eq!(data(&cache).len(), 0);
    }

    // S9
    #[test]
    fn a_full_store_says_what_it_needs_and_stays_as_it_was() {
        let mut octets = [0; FIXED + 3 + 4];
        let mut cache = Cache::new(&mut octets);
        assert_eq!(insert(&mut cache, b"\x01a\0", b"12345"), Err(CacheFull { needed: FIXED + 8 }));
        insert(&mut cache, b"\x01a\0", b"1234").unwrap();
        assert_eq!(insert(&mut cache, b"\0", b""), Err(CacheFull { needed: FIXED + 1 }));
        assert_eq!(data(&cache), [b"1234"]);
    }

    #[test]
    fn an_id_in_use_is_not_given_again() {
        let mut octets = [0; 100];
        let mut cache = Cache::new(&mut octets);
        let first = insert(&mut cache, b"\0", b"").unwrap();
        for _ in 0..=u16::MAX {
            let id = insert(&mut cache, b"\0", b"").unwrap();
            assert_ne!(id, first);
            cache.remove(cache.get(id).unwrap().at);
        }
    }
}
