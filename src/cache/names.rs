//! Names, each once: id, marks, and labels with a pointer to the rest.

use super::{Cache, CacheFull, UNIT, in_units};
use crate::name::Name;
use crate::wire::HEADER_LEN;

/// Where a name begins. A whole word, as it is handed about more than it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NameAt(usize);

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
        Self(at)
    }

    fn at(self) -> usize {
        self.0
    }

    pub(super) fn to_octets(self) -> [u8; 2] {
        ((self.0 / UNIT) as u16).to_le_bytes()
    }

    pub(super) fn from_octets(octets: [u8; 2]) -> Self {
        Self(usize::from(u16::from_le_bytes(octets)) * UNIT)
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

    /// The id of the name there.
    pub(crate) fn id(&self, at: NameAt) -> NameId {
        NameId(u16::from_le_bytes(self.chunk(at.at() - HEAD)))
    }

    /// The name of an id.
    pub(crate) fn named(&self, id: NameId) -> Option<NameAt> {
        self.first_where(|at| self.id(at) == id)
    }

    #[inline(never)]
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
        let mut at = self.first_name();
        while self.is_name(at) {
            self.set_marks(at, self.marks(at).and(kept));
            at = self.name_behind(at);
        }
    }

    /// Where a name stands, in whatever case.
    pub(crate) fn find_name(&self, name: &Name<'_>) -> Option<NameAt> {
        // Most differ in the length of the first label already.
        let len = name.labels().next().map_or(0, <[u8]>::len) as u8;
        self.first_where(|at| self.chunk(at.at()) == [len] && self.name(at) == *name)
    }

    fn first_where(&self, is_it: impl Fn(NameAt) -> bool) -> Option<NameAt> {
        let mut at = self.first_name();
        while self.is_name(at) {
            if is_it(at) {
                return Some(at);
            }
            at = self.name_behind(at);
        }
        None
    }

    /// Stores a name that may be there already; `reserve` octets are to stay free.
    pub(crate) fn put_name(&mut self, name: &Name<'_>, reserve: usize) -> Result<NameAt, CacheFull> {
        let count = name.labels().count();
        let (mut above, mut labels_above, mut labels) = (None, 0, count.min(1));
        loop {
            let mut ending = name.labels();
            for _ in labels..count {
                ending.next();
            }
            let ending = ending.name();
            let mut at = self.find_name(&ending);
            if at.is_none() && (labels <= SHARED || labels == count) {
                // What stands too far behind for a pointer is repeated.
                let pointer = above.and_then(NameAt::to_pointer);
                let own = if pointer.is_some() { labels - labels_above } else { labels };
                at = Some(self.push_name(&ending, own, pointer, reserve)?);
            }
            if let Some(at) = at {
                if labels == count {
                    return Ok(at);
                }
                (above, labels_above) = (Some(at), labels);
            }
            labels += 1;
        }
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
        let slots = self.octets.get_mut(at..at + len).unwrap_or_default();
        slots.iter_mut().zip(name.octets()).for_each(|(slot, octet)| *slot = octet);
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
            self.refer_anew(&|cache, name| {
                cache.add_marks(name, Marks::REFERRED);
                name
            });
            // What a name that goes has referred to goes in the next round.
            if !self.remove_names(kept.with(Marks::REFERRED)) {
                return;
            }
        }
    }

    fn remove_names(&mut self, kept: Marks) -> bool {
        let (mut at, before) = (self.first_name(), self.names);
        while self.is_name(at) {
            if self.marks(at).any(kept) {
                at = self.name_behind(at);
            } else {
                // What stood behind it stands here then.
                self.remove_name(at);
            }
        }
        self.names != before
    }

    fn remove_name(&mut self, at: NameAt) {
        let gap = at.at();
        // The last name leaves the end of the names where the next one would begin.
        let behind = self.name_behind(at).at().min(self.names + HEAD);
        let len = behind - gap;
        for from in behind - HEAD..self.names {
            self.move_octet(from, from - len);
        }
        self.names -= len;
        self.version = self.version.wrapping_add(1);
        self.refer_anew(&|_, name| name.behind_gap(gap, len));
    }

    /// Puts what `anew` gives in the place of each reference to a name, of questions, records and names.
    fn refer_anew(&mut self, anew: &dyn Fn(&mut Self, NameAt) -> NameAt) {
        let mut question = self.before_questions();
        while self.step_question(&mut question) {
            question.name = anew(self, question.name);
            self.set_question(&question);
        }
        let mut entry = self.before_entries();
        while self.step(&mut entry) {
            entry.name = anew(self, entry.name);
            if let Some(target) = entry.target() {
                entry.target = anew(self, target);
            }
            self.set_entry(&entry);
        }
        let mut at = self.first_name();
        while self.is_name(at) {
            if let Some(pointer) = self.pointer_of(at) {
                let to = NameAt::from_pointer(self.chunk(pointer));
                // It comes nearer at most, so it is within reach.
                let anew = anew(self, to).to_pointer();
                anew.into_iter().for_each(|anew| self.put(pointer, anew));
            }
            at = self.name_behind(at);
        }
    }

    /// Where the first name stands, if [there is one](Self::is_name).
    pub(crate) fn first_name(&self) -> NameAt {
        NameAt::of(START + HEAD)
    }

    /// Where the name behind this one stands, if there is one.
    pub(crate) fn name_behind(&self, at: NameAt) -> NameAt {
        NameAt::of(in_units(self.name_end(at) + HEAD))
    }

    pub(crate) fn is_name(&self, at: NameAt) -> bool {
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
