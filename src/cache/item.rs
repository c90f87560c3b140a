//! Records and questions: fields at the end of an item, a record's data before them.

use super::{Cache, CacheFull, NameAt, UNIT, in_units};
use crate::time::Instant;
use crate::wire::Type;

/// Where an item ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ItemAt(u16);

/// A record, but for its data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) at: ItemAt,
    pub(crate) name: NameAt,
    pub(crate) rtype: Type,
    /// When the record's life ends.
    pub(crate) expires: Instant,
    /// Time to live as it came, in seconds; 24 bits.
    pub(crate) ttl_secs: u32,
    pub(crate) flags: EntryFlags,
    /// Which renewal is the next one, 0 to 7; what that means is the querier's.
    pub(crate) stage: u8,
    /// Thousandths of its life by which renewals are put off, 0 to 31.
    pub(crate) spread: u8,
    /// When somebody asked for it and nobody answered, by a coarse clock; 0 for never.
    pub(crate) doubted: u8,
    /// What each request was told of it: 2 bits a request.
    pub(crate) told: u32,
}

/// A question that is asked or may be asked again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Question {
    pub(crate) at: ItemAt,
    pub(crate) name: NameAt,
    pub(crate) qtype: Type,
    /// When it is asked next, or when it may be forgotten.
    pub(crate) due: Instant,
    /// When it was asked last, if it was.
    pub(crate) last: Instant,
    /// How often it was asked.
    pub(crate) asked: u8,
    /// Nobody has asked it yet for what it is for.
    pub(crate) is_first: bool,
    /// 0 to 127; what that means is the querier's.
    pub(crate) state: u8,
}

/// Marks of a record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct EntryFlags(u8);

impl EntryFlags {
    /// Its life has ended, and somebody is still to be told.
    pub(crate) const DEAD: EntryFlags = EntryFlags(1);
    /// A known answer that did not fit its query, for the packet behind it (RFC 6762 section 7.2).
    pub(crate) const KNOWN: EntryFlags = EntryFlags(1 << 1);
    /// It came with the cache-flush bit: all records of its set come from one host (RFC 6762 section 10.2).
    pub(crate) const UNIQUE: EntryFlags = EntryFlags(1 << 2);
    /// This device itself has it: it stays until the device has it no more.
    pub(crate) const OWN: EntryFlags = EntryFlags(1 << 3);
    /// The same, and not yet found again among what the device has.
    pub(crate) const UNSEEN: EntryFlags = EntryFlags(1 << 4);
    /// It says that there is nothing, or why nothing was found.
    pub(crate) const NEGATIVE: EntryFlags = EntryFlags(1 << 5);

    pub(crate) const fn has(self, other: EntryFlags) -> bool {
        self.0 & other.0 != 0
    }

    pub(crate) fn set(&mut self, other: EntryFlags, on: bool) {
        self.0 = if on { self.0 | other.0 } else { self.0 & !other.0 };
    }
}

impl ItemAt {
    /// For an item that is not stored yet.
    const NOWHERE: ItemAt = ItemAt(0);

    pub(crate) const fn number(self) -> u16 {
        self.0
    }

    pub(crate) const fn from_number(number: u16) -> Self {
        Self(number)
    }

    pub(super) fn of(end: usize) -> Self {
        Self((end / UNIT) as u16)
    }

    pub(super) fn end(self) -> usize {
        usize::from(self.0) * UNIT
    }
}

/// The last fields of both kinds: name, type, time, length and kind.
const TAIL: usize = 2 + 2 + 4 + 2;
const LENGTH: usize = 2;

/// The bit of the length that marks a question.
const QUESTION: u16 = 1 << 15;

/// Fields of a record before those: life and flags, stage and spread, doubt, told.
const OF_ENTRY: usize = 4 + 1 + 1 + 4;

/// Fields of a question before those: when last, how often, state.
const OF_QUESTION: usize = 4 + 1 + 1;

impl Entry {
    /// Octets of a record beside its data.
    pub(crate) const FIXED: usize = OF_ENTRY + TAIL;

    /// A record of `ttl_secs` that has just come, to be stored.
    pub(crate) fn new(name: NameAt, rtype: Type, ttl_secs: u32, now: Instant) -> Self {
        Self {
            at: ItemAt::NOWHERE,
            name,
            rtype,
            expires: now.after(ttl_secs.saturating_mul(1_000)),
            ttl_secs,
            flags: EntryFlags::default(),
            stage: 0,
            spread: 0,
            doubted: 0,
            told: 0,
        }
    }

    /// Octets before the name that the data of `rtype` ends with; `None` for types whose data is kept as it is.
    pub(crate) fn front_of(rtype: Type) -> Option<usize> {
        match rtype {
            Type::PTR | Type::CNAME => Some(0),
            Type::SRV => Some(6),
            _ => None,
        }
    }

    /// Whether it is a record of `rtype` whose life has not ended.
    pub(crate) fn is_live(&self, rtype: Type) -> bool {
        self.rtype == rtype && !self.flags.has(EntryFlags::DEAD)
    }
}

impl Question {
    /// Octets of a question.
    pub(crate) const FIXED: usize = OF_QUESTION + TAIL;

    /// One that was never asked, to be stored.
    pub(crate) fn new(name: NameAt, qtype: Type, due: Instant) -> Self {
        Self { at: ItemAt::NOWHERE, name, qtype, due, last: due, asked: 0, is_first: false, state: 0 }
    }
}

impl Cache<'_> {
    /// The record there, if it is one.
    pub(crate) fn entry(&self, at: ItemAt) -> Option<Entry> {
        let (is_question, name, rtype, expires) = self.tail(at)?;
        if is_question {
            return None;
        }
        let [l0, l1, l2, flags, renewal, doubted, t0, t1, t2, t3] =
            self.chunk::<OF_ENTRY>(at.end().saturating_sub(Entry::FIXED));
        Some(Entry {
            at,
            name,
            rtype,
            expires,
            ttl_secs: u32::from_le_bytes([l0, l1, l2, 0]),
            flags: EntryFlags(flags),
            stage: renewal & 7,
            spread: renewal >> 3,
            doubted,
            told: u32::from_le_bytes([t0, t1, t2, t3]),
        })
    }

    /// The question there, if it is one.
    pub(crate) fn question(&self, at: ItemAt) -> Option<Question> {
        let (is_question, name, qtype, due) = self.tail(at)?;
        let [l0, l1, l2, l3, asked, state] =
            self.chunk::<OF_QUESTION>(at.end().saturating_sub(Question::FIXED));
        let last = Instant::from_millis(u32::from_le_bytes([l0, l1, l2, l3]));
        let (is_first, state) = (state >= 0x80, state & 0x7F);
        is_question.then_some(Question { at, name, qtype, due, last, asked, is_first, state })
    }

    /// Writes the fields of a record.
    pub(crate) fn set_entry(&mut self, entry: &Entry) {
        let [l0, l1, l2, _] = entry.ttl_secs.to_le_bytes();
        let renewal = entry.spread << 3 | entry.stage & 7;
        let [t0, t1, t2, t3] = entry.told.to_le_bytes();
        let own = [l0, l1, l2, entry.flags.0, renewal, entry.doubted, t0, t1, t2, t3];
        self.put(entry.at.end().saturating_sub(Entry::FIXED), own);
        self.set_tail(entry.at, 0, entry.name, entry.rtype, entry.expires);
    }

    /// Writes the fields of a question.
    pub(crate) fn set_question(&mut self, question: &Question) {
        let Question { at, name, qtype, due, last, asked, is_first, state } = *question;
        let state = state | u8::from(is_first) << 7;
        let [l0, l1, l2, l3] = last.as_millis().to_le_bytes();
        self.put(at.end().saturating_sub(Question::FIXED), [l0, l1, l2, l3, asked, state]);
        self.set_tail(at, QUESTION, name, qtype, due);
    }

    /// Octets of the item there.
    pub(super) fn len_of(&self, at: ItemAt) -> usize {
        let len = u16::from_le_bytes(self.chunk(at.end().saturating_sub(LENGTH)));
        (len & !QUESTION).into()
    }

    /// Makes room for an item of `len` octets, of which nothing is written but that number.
    pub(super) fn reserve(&mut self, len: usize, reserve: usize) -> Result<ItemAt, CacheFull> {
        let needed = in_units(len);
        if needed + reserve > self.free() || len >= QUESTION.into() {
            return Err(CacheFull { needed });
        }
        let at = ItemAt::of(self.items);
        self.put(self.items.saturating_sub(LENGTH), (len as u16).to_le_bytes());
        self.items -= needed;
        Ok(at)
    }

    fn tail(&self, at: ItemAt) -> Option<(bool, NameAt, Type, Instant)> {
        if !self.is_item(at) {
            return None;
        }
        let [n0, n1, t0, t1, d0, d1, d2, d3, _, high] = self.chunk::<TAIL>(at.end().saturating_sub(TAIL));
        Some((
            high >= 0x80,
            NameAt::from_octets([n0, n1]),
            Type(u16::from_le_bytes([t0, t1])),
            Instant::from_millis(u32::from_le_bytes([d0, d1, d2, d3])),
        ))
    }

    fn set_tail(&mut self, at: ItemAt, kind: u16, name: NameAt, rtype: Type, time: Instant) {
        let [n0, n1] = name.to_octets();
        let [t0, t1] = rtype.0.to_le_bytes();
        let [d0, d1, d2, d3] = time.as_millis().to_le_bytes();
        let [low, high] = (self.len_of(at) as u16 | kind).to_le_bytes();
        self.put(at.end().saturating_sub(TAIL), [n0, n1, t0, t1, d0, d1, d2, d3, low, high]);
    }

    /// Moves the references of items to names behind `gap`, where `len` octets are gone.
    pub(super) fn move_names_of_items(&mut self, gap: usize, len: usize) {
        let mut at = self.oldest();
        while self.is_item(at) {
            if let Some(mut question) = self.question(at) {
                question.name = question.name.behind_gap(gap, len);
                self.set_question(&question);
            } else if let Some(mut entry) = self.entry(at) {
                if let Some(target) = self.target(&entry) {
                    let moved = target.behind_gap(gap, len).to_octets();
                    self.put(at.end().saturating_sub(Entry::FIXED + moved.len()), moved);
                }
                entry.name = entry.name.behind_gap(gap, len);
                self.set_entry(&entry);
            }
            at = self.newer(at);
        }
    }
}
