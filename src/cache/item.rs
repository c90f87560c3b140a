//! Records and questions: fields at the end of an item, a record's data before them.

use super::{Cache, CacheFull, NameAt, UNIT, in_units};
use crate::time::Instant;
use crate::wire::Type;

/// Where an item ends. A whole word, as it is handed about more than it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ItemAt(usize);

/// A record, but for its data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) at: ItemAt,
    /// Where a walk goes on.
    pub(crate) next: ItemAt,
    pub(crate) name: NameAt,
    /// The name that the data ends with, of a PTR, SRV or CNAME.
    pub(crate) target: NameAt,
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
    /// Where a walk goes on.
    pub(crate) next: ItemAt,
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
    /// Whose query is being looked at lists it as known.
    pub(crate) const LISTED: EntryFlags = EntryFlags(1 << 6);

    pub(crate) const fn with(self, other: EntryFlags) -> Self {
        Self(self.0 | other.0)
    }

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

    pub(super) fn of(end: usize) -> Self {
        Self(end)
    }

    pub(super) fn end(self) -> usize {
        self.0
    }
}

/// The last field of both kinds: length and kind.
const LENGTH: usize = 2;

/// The bit of the length that marks a question.
pub(super) const QUESTION: u16 = 1 << 15;

/// Fields of a record before it: life and flags, stage and spread, doubt, told; name, type, time.
const OF_ENTRY: usize = 4 + 1 + 1 + 4 + 2 + 2 + 4;

/// Fields of a question before it: when last, how often, state; name, type, time.
const OF_QUESTION: usize = 4 + 1 + 1 + 2 + 2 + 4;

impl Entry {
    /// Octets of a record beside its data.
    pub(crate) const FIXED: usize = OF_ENTRY + LENGTH;

    /// None that is stored.
    pub(super) const NOWHERE: Self = Self {
        at: ItemAt::NOWHERE,
        next: ItemAt::NOWHERE,
        name: NameAt::NOWHERE,
        target: NameAt::NOWHERE,
        rtype: Type(0),
        expires: Instant::from_millis(0),
        ttl_secs: 0,
        flags: EntryFlags(0),
        stage: 0,
        spread: 0,
        doubted: 0,
        told: 0,
    };

    /// A record of `ttl_secs` that has just come, to be stored.
    pub(crate) fn new(name: NameAt, rtype: Type, ttl_secs: u32, now: Instant) -> Self {
        let expires = now.after(ttl_secs.saturating_mul(1_000));
        Self { name, rtype, expires, ttl_secs, ..Self::NOWHERE }
    }

    /// The name that the data ends with, of a PTR, SRV or CNAME.
    pub(crate) fn target(&self) -> Option<NameAt> {
        (self.target != NameAt::NOWHERE).then_some(self.target)
    }

    /// Whether the data ends with this name.
    pub(crate) fn leads_to(&self, name: NameAt) -> bool {
        self.target == name
    }

    /// Whether both stand at one place.
    pub(crate) fn is_same(&self, other: &Entry) -> bool {
        self.at == other.at
    }

    /// The place as a number, until something is removed.
    pub(crate) fn number(&self) -> u16 {
        (self.at.end() / UNIT) as u16
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
    pub(crate) const FIXED: usize = OF_QUESTION + LENGTH;

    /// None that is stored.
    pub(super) const NOWHERE: Self = Self {
        at: ItemAt::NOWHERE,
        next: ItemAt::NOWHERE,
        name: NameAt::NOWHERE,
        qtype: Type(0),
        due: Instant::from_millis(0),
        last: Instant::from_millis(0),
        asked: 0,
        is_first: false,
        state: 0,
    };

    /// One that was never asked, to be stored.
    pub(crate) fn new(name: NameAt, qtype: Type, due: Instant) -> Self {
        Self { name, qtype, due, last: due, ..Self::NOWHERE }
    }
}

impl Cache<'_> {
    /// Puts the next record in the place of this one; tells whether there is one. On the way records may be changed.
    ///
    /// Never inlined, as walks are many.
    #[inline(never)]
    pub(crate) fn step(&self, entry: &mut Entry) -> bool {
        let Some(at) = self.pass(&mut entry.next, 0) else { return false };
        let Some(&[l0, l1, l2, flags, renewal, doubted, t0, t1, t2, t3, n0, n1, r0, r1, e0, e1, e2, e3]) =
            self.fields(at, Entry::FIXED)
        else {
            return false;
        };
        entry.at = at;
        entry.ttl_secs = u32::from_le_bytes([l0, l1, l2, 0]);
        (entry.flags, entry.doubted) = (EntryFlags(flags), doubted);
        (entry.stage, entry.spread) = (renewal & 7, renewal >> 3);
        entry.told = u32::from_le_bytes([t0, t1, t2, t3]);
        entry.name = NameAt::from_octets([n0, n1]);
        entry.rtype = Type(u16::from_le_bytes([r0, r1]));
        entry.expires = Instant::from_millis(u32::from_le_bytes([e0, e1, e2, e3]));
        entry.target = match Entry::front_of(entry.rtype) {
            Some(_) => NameAt::from_octets(self.chunk(at.end().saturating_sub(Entry::FIXED + 2))),
            None => NameAt::NOWHERE,
        };
        true
    }

    /// The same of questions.
    #[inline(never)]
    pub(crate) fn step_question(&self, question: &mut Question) -> bool {
        let Some(at) = self.pass(&mut question.next, QUESTION) else { return false };
        let Some(&[l0, l1, l2, l3, asked, state, n0, n1, q0, q1, d0, d1, d2, d3]) =
            self.fields(at, Question::FIXED)
        else {
            return false;
        };
        *question = Question {
            at,
            next: question.next,
            name: NameAt::from_octets([n0, n1]),
            qtype: Type(u16::from_le_bytes([q0, q1])),
            due: Instant::from_millis(u32::from_le_bytes([d0, d1, d2, d3])),
            last: Instant::from_millis(u32::from_le_bytes([l0, l1, l2, l3])),
            asked,
            is_first: state >= 0x80,
            state: state & 0x7F,
        };
        true
    }

    /// The record that has this [`number`](Entry::number).
    pub(crate) fn numbered(&self, number: u16) -> Option<Entry> {
        let mut entry = Entry { next: ItemAt::of(usize::from(number) * UNIT), ..Entry::NOWHERE };
        self.step(&mut entry).then_some(entry)
    }

    /// Writes the fields of a record.
    pub(crate) fn set_entry(&mut self, entry: &Entry) {
        let [l0, l1, l2, _] = entry.ttl_secs.to_le_bytes();
        let renewal = entry.spread << 3 | entry.stage & 7;
        let [t0, t1, t2, t3] = entry.told.to_le_bytes();
        let ([n0, n1], [r0, r1]) = (entry.name.to_octets(), entry.rtype.0.to_le_bytes());
        let [e0, e1, e2, e3] = entry.expires.as_millis().to_le_bytes();
        if entry.target != NameAt::NOWHERE {
            self.put(entry.at.end().saturating_sub(Entry::FIXED + 2), entry.target.to_octets());
        }
        let (flags, doubted) = (entry.flags.0, entry.doubted);
        self.put(
            entry.at.end().saturating_sub(Entry::FIXED),
            [l0, l1, l2, flags, renewal, doubted, t0, t1, t2, t3, n0, n1, r0, r1, e0, e1, e2, e3],
        );
    }

    /// Writes the fields of a question.
    pub(crate) fn set_question(&mut self, question: &Question) {
        let Question { at, name, qtype, due, last, asked, is_first, state, .. } = *question;
        let state = state | u8::from(is_first) << 7;
        let [l0, l1, l2, l3] = last.as_millis().to_le_bytes();
        let ([n0, n1], [q0, q1]) = (name.to_octets(), qtype.0.to_le_bytes());
        let [d0, d1, d2, d3] = due.as_millis().to_le_bytes();
        let fields = [l0, l1, l2, l3, asked, state, n0, n1, q0, q1, d0, d1, d2, d3];
        self.put(at.end().saturating_sub(Question::FIXED), fields);
    }

    /// Moves `next` behind the first item of a kind from there on, and tells where that is.
    fn pass(&self, next: &mut ItemAt, kind: u16) -> Option<ItemAt> {
        loop {
            let at = *next;
            if at.end() <= self.items {
                return None;
            }
            let length = self.length_of(at);
            *next = ItemAt::of(at.end().saturating_sub(in_units((length & !QUESTION).into())));
            if length & QUESTION == kind {
                return Some(at);
            }
        }
    }

    fn fields<const N: usize>(&self, at: ItemAt, fixed: usize) -> Option<&[u8; N]> {
        self.octets.get(at.end().saturating_sub(fixed)..)?.first_chunk()
    }

    /// Octets of the item there.
    pub(super) fn len_of(&self, at: ItemAt) -> usize {
        (self.length_of(at) & !QUESTION).into()
    }

    /// The same with the kind.
    fn length_of(&self, at: ItemAt) -> u16 {
        u16::from_le_bytes(self.chunk(at.end().saturating_sub(LENGTH)))
    }

    /// Makes room for an item of `len` octets, of which nothing is written but that number and the kind.
    pub(super) fn reserve(&mut self, len: usize, kind: u16, reserve: usize) -> Result<ItemAt, CacheFull> {
        let needed = in_units(len);
        if needed + reserve > self.free() || len >= QUESTION.into() {
            return Err(CacheFull { needed });
        }
        let at = ItemAt::of(self.items);
        self.put(self.items.saturating_sub(LENGTH), (len as u16 | kind).to_le_bytes());
        self.items -= needed;
        Ok(at)
    }
}
