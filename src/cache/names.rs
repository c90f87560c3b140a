//! Names, each once: id, marks, and labels with a pointer to the rest.

use super::{Cache, CacheFull, UNIT, in_units};
use crate::name::Name;
use crate::wire::HEADER_LEN;

/// Where a name begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NameAt(u16);

/// Names a name while it is stored. Ids are given anew after 65 535 further ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(crate) struct NameId(u16);

/// What is said of a name in 32 bits; all but one are the querier's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Marks(u32);

impl Marks {
    pub(crate) const NONE: Marks = Marks(0);
    /// Something refers to the name; good during a sweep alone.
    const REFERRED: Marks = Marks(1 << 31);

    pub(crate) const fn of(bits: u32) -> Self {
        Self(bits)
    }

    pub(crate) const fn bit(number: u32) -> Self {
        Self(1 << number)
    }

    /// Whether any of `others` is there.
    pub(crate) const fn any(self, others: Marks) -> bool {
        self.0 & others.0 != 0
    }

    pub(crate) const fn and(self, others: Marks) -> Self {
        Self(self.0 & others.0)
    }

    pub(crate) const fn with(self, others: Marks) -> Self {
        Self(self.0 | others.0)
    }

    pub(crate) const fn with_or_without(self, others: Marks, with: bool) -> Self {
        if with { self.with(others) } else { Self(self.0 & !others.0) }
    }
}

impl NameId {
    /// The id of no name.
    pub(crate) const NONE: NameId = NameId(0);
}

impl NameAt {
    /// Where no name stands.
    pub(crate) const NOWHERE: NameAt = NameAt(0);

    pub(super) fn of(at: usize) -> Self {
        Self((at / UNIT) as u16)
    }

    fn at(self) -> usize {
        usize::from(self.0) * UNIT
    }

    pub(super) fn to_octets(self) -> [u8; 2] {
        self.0.to_le_bytes()
    }

    pub(super) fn from_octets(octets: [u8; 2]) -> Self {
        Self(u16::from_le_bytes(octets))
    }

    /// As a compression pointer, which has 14 bits for the octets before the name.
    fn to_pointer(self) -> Option<[u8; 2]> {
        let at = u16::try_from(self.at()).ok().filter(|at| at & POINTER == 0)?;
        Some((at | POINTER).to_be_bytes())
    }

    fn from_pointer(pointer: [u8; 2]) -> Self {
        Self::of((u16::from_be_bytes(pointer) & !POINTER).into())
    }

    pub(super) fn behind_gap(self, gap: usize, len: usize) -> Self {
        if self.at() > gap { Self::of(self.at().saturating_sub(len)) } else { self }
    }
}

impl Cache<'_> {
    /// The name there.
    pub(crate) fn name(&self, at: NameAt) -> Name<'_> {
        Name::trusted(self.octets, at.at())
    }

    /// The names, the first stored first.
    pub(crate) fn names(&self) -> impl Iterator<Item = NameAt> + Clone {
        let mut next = self.first_name();
        core::iter::from_fn(move || {
            let at = next?;
            next = self.name_behind(at);
            Some(at)
        })
    }

    /// The id of the name there.
    pub(crate) fn id(&self, at: NameAt) -> NameId {
        NameId(u16::from_le_bytes(self.chunk(at.at() - HEAD)))
    }

    /// The name of an id.
    pub(crate) fn named(&self, id: NameId) -> Option<NameAt> {
        self.names().find(|&at| self.id(at) == id)
    }

    pub(crate) fn marks(&self, at: NameAt) -> Marks {
        Marks(u32::from_le_bytes(self.chunk(at.at() - MARKS)))
    }

    pub(crate) fn set_marks(&mut self, at: NameAt, marks: Marks) {
        self.put(at.at() - MARKS, marks.0.to_le_bytes());
    }

    pub(crate) fn add_marks(&mut self, at: NameAt, marks: Marks) {
        self.set_marks(at, self.marks(at).with(marks));
    }

    /// Keeps of all names the marks that are among `kept`.
    pub(crate) fn keep_marks(&mut self, kept: Marks) {
        let mut next = self.first_name();
        while let Some(at) = next {
            self.set_marks(at, self.marks(at).and(kept));
            next = self.name_behind(at);
        }
    }

    /// Where a name stands, in whatever case.
    pub(crate) fn find_name(&self, name: &Name<'_>) -> Option<NameAt> {
        // Most differ in the length of the first label already.
        let len = name.labels().next().map_or(0, <[u8]>::len) as u8;
        self.names().find(|&at| self.chunk(at.at()) == [len] && self.name(at) == *name)
    }

    /// Stores a name that may be there already; `reserve` octets are to stay free.
    pub(crate) fn put_name(&mut self, name: &Name<'_>, reserve: usize) -> Result<NameAt, CacheFull> {
        let count = name.labels().count();
        let shared = count.min(1)..=count.min(SHARED);
        let (mut above, mut labels_above) = (None, 0);
        for labels in shared.chain((count > SHARED).then_some(count)) {
            let mut ending = *name;
            for _ in labels..count {
                ending = ending.split_first().map_or(ending, |(_, rest)| rest);
            }
            above = Some(match self.find_name(&ending) {
                Some(at) => at,
                None => {
                    // What stands too far behind for a pointer is repeated.
                    let pointer = above.and_then(NameAt::to_pointer);
                    let own = if pointer.is_some() { labels - labels_above } else { labels };
                    self.push_name(&ending, own, pointer, reserve)?
                }
            });
            labels_above = labels;
        }
        above.ok_or(CacheFull { needed: 0 })
    }

    /// Stores the first `labels` of `name` before what `pointer` leads to, or before the root.
    fn push_name(
        &mut self,
        name: &Name<'_>,
        labels: usize,
        pointer: Option<[u8; 2]>,
        reserve: usize,
    ) -> Result<NameAt, CacheFull> {
        let len: usize = name.labels().take(labels).map(|label| 1 + label.len()).sum();
        let at = in_units(self.names + HEAD);
        let needed = at + len + if pointer.is_some() { 2 } else { 1 } - self.names;
        if needed + reserve > self.free() {
            return Err(CacheFull { needed });
        }
        let slots = self.octets.get_mut(at..at + len).into_iter().flatten();
        slots.zip(name.octets()).for_each(|(slot, octet)| *slot = octet);
        match pointer {
            Some(pointer) => self.put(at + len, pointer),
            None => self.put(at + len, [0]),
        }
        self.names += needed;
        self.set_marks(NameAt::of(at), Marks::NONE);
        let id = self.free_id();
        self.put(at - HEAD, id.0.to_le_bytes());
        Ok(NameAt::of(at))
    }

    fn free_id(&mut self) -> NameId {
        loop {
            let id = NameId(self.next_id);
            self.next_id = self.next_id.wrapping_add(1);
            if id != NameId::NONE && self.named(id).is_none() {
                return id;
            }
        }
    }

    /// Removes the names that no item refers to and that have none of the marks `kept`.
    pub(crate) fn sweep(&mut self, kept: Marks) {
        loop {
            self.keep_marks(Marks(!Marks::REFERRED.0));
            let mut item = self.oldest();
            while self.is_item(item) {
                let entry = self.entry(item);
                let name =
                    entry.map(|entry| entry.name).or(self.question(item).map(|question| question.name));
                let target = entry.and_then(|entry| self.target(&entry));
                for at in name.into_iter().chain(target) {
                    self.add_marks(at, Marks::REFERRED);
                }
                item = self.newer(item);
            }
            let mut next = self.first_name();
            while let Some(at) = next {
                if let Some(pointer) = self.pointer_of(at) {
                    self.add_marks(NameAt::from_pointer(self.chunk(pointer)), Marks::REFERRED);
                }
                next = self.name_behind(at);
            }
            // What a name that goes has referred to goes in the next round.
            if !self.remove_names(kept.with(Marks::REFERRED)) {
                return;
            }
        }
    }

    fn remove_names(&mut self, kept: Marks) -> bool {
        let (mut next, before) = (self.first_name(), self.names);
        while let Some(at) = next {
            if self.marks(at).any(kept) {
                next = self.name_behind(at);
                continue;
            }
            self.remove_name(at);
            // What stood behind it stands here now.
            next = self.is_name(at).then_some(at);
        }
        self.names != before
    }

    fn remove_name(&mut self, at: NameAt) {
        let gap = at.at();
        // The last name leaves the end of the names where the next one would begin.
        let behind = self.name_behind(at).map_or(self.names + HEAD, NameAt::at);
        let len = behind - gap;
        for from in behind - HEAD..self.names {
            self.move_octet(from, from - len);
        }
        self.names -= len;
        self.version = self.version.wrapping_add(1);
        self.move_names_of_items(gap, len);
        let mut next = self.first_name();
        while let Some(name) = next {
            if let Some(pointer) = self.pointer_of(name) {
                let moved = NameAt::from_pointer(self.chunk(pointer)).behind_gap(gap, len).to_pointer();
                // It comes nearer, so it is within reach.
                moved.into_iter().for_each(|moved| self.put(pointer, moved));
            }
            next = self.name_behind(name);
        }
    }

    pub(crate) fn first_name(&self) -> Option<NameAt> {
        let first = NameAt::of(START + HEAD);
        self.is_name(first).then_some(first)
    }

    /// The name that stands behind this one.
    pub(crate) fn name_behind(&self, at: NameAt) -> Option<NameAt> {
        let behind = NameAt::of(in_units(self.name_end(at) + HEAD));
        self.is_name(behind).then_some(behind)
    }

    fn is_name(&self, at: NameAt) -> bool {
        at.at() < self.names
    }

    fn name_end(&self, at: NameAt) -> usize {
        self.pointer_of(at).map_or_else(|| self.labels_end(at) + 1, |pointer| pointer + 2)
    }

    /// Where the pointer of a name stands that has one.
    fn pointer_of(&self, at: NameAt) -> Option<usize> {
        let end = self.labels_end(at);
        (self.chunk::<1>(end) >= [0xC0]).then_some(end)
    }

    /// Where the labels of a name end that stand there: at a pointer, or at the root.
    fn labels_end(&self, at: NameAt) -> usize {
        let mut end = at.at();
        while let [len @ 1..0xC0] = self.chunk(end) {
            end += 1 + usize::from(len);
        }
        end
    }
}

/// The endings of at most so many labels are names of their own, which others share: those of service types.
const SHARED: usize = 3;

/// Octets before a name: its id and its marks.
const HEAD: usize = 2 + MARKS;
const MARKS: usize = 4;

/// Octets that stay unused, so that no name begins where a message has its header: pointers to there are refused (P4).
pub(super) const START: usize = HEADER_LEN - HEAD;

/// The bits that make a number a pointer.
const POINTER: u16 = 0xC000;
