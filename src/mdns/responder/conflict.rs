//! Others who use a name of ours (RFC 6762 sections 8.1, 8.2 and 9).

use super::Responder;
use super::kinds::Kinds;
use super::slot::{Claim, Flags, Goodbye, News, Owner, Slot};
use crate::time::Instant;
use crate::wire::{Checked, Class, Record, Type};

impl Responder<'_, '_> {
    /// Whether `record`, whose data slot `index` has not, says that somebody else holds its name.
    pub(super) fn is_conflict(&self, index: usize, record: &Record<'_>) -> bool {
        let Some(slot) = self.slot(index) else { return false };
        // A goodbye claims nothing.
        let claims = record.ttl_secs() > 0 && record.class() == Class::IN && record.rtype() != Type::NSEC;
        let contested = slot.claim.has_asked() || slot.claim.is_ours();
        if !claims || !contested || slot.flags.has(Flags::SHARED) || !slot.has_name(&record.name()) {
            return false;
        }
        // A type that we do not have: the probe asked for every type; later it is no business of ours.
        let ours = slot.claim.has_asked() || self.has_type(index, record.rtype());
        // S3: data that was ours a moment ago comes back late, by a bridge or another interface.
        let lately = slot.flags.has(Flags::CHANGED) && self.now.millis_since(slot.changed) < SETTLES_MILLIS;
        let certain = slot.claim.is_ours() || slot.old_data.count_ones() <= MOST_MARKS_PROBING;
        let was_ours = |bits: u32| lately && certain && slot.old_data & bits == bits;
        ours && !marked(record).is_some_and(was_ours)
    }

    fn has_type(&self, index: usize, rtype: Type) -> bool {
        let mut records = self.records(index);
        while let Some(own) = records.next() {
            if own.rtype == rtype {
                return true;
            }
        }
        false
    }

    /// Remembers by a few bits what of `changes` was said under the name of slot `index` and is about to change; at what
    /// time, the next call tells. The link may be down just now: what was said before comes back also when it is up
    /// again.
    pub(super) fn note_old_data(&mut self, index: usize, changes: Kinds) {
        let Some(said) = self.slot(index).map(|slot| slot.sent().only(changes)) else { return };
        let mut bits = 0;
        let mut records = self.records(index);
        while let Some(record) = records.next() {
            if !said.has(record.kind) {
                continue;
            }
            let mut mark = Mark::of(record.rtype);
            record.emit(&mut |piece| piece.iter().for_each(|&octet| mark.add(octet)));
            bits |= mark.bits();
        }
        self.is_stale = true;
        if let Some(slot) = self.slot_mut(index) {
            // With more marks than that, what others say would be taken for ours too often.
            let all = slot.old_data | bits;
            let remembers = slot.flags.has(Flags::CHANGED) && all.count_ones() <= MOST_MARKS;
            slot.old_data = if remembers { all } else { bits };
            slot.flags.set(Flags::CHANGED.with(Flags::CHANGES), true);
        }
    }

    /// While probing the name is lost at once (M-8.1-5); a name that is ours goes back to probing (M-9-1).
    pub(super) fn lose_or_contest(&mut self, index: usize) {
        self.tell(index, News::CONFLICT);
        let before = self.conflicts.wait(self.now);
        self.conflicts.note(self.now);
        if before == 0 {
            self.put_off_attempts();
        }
        if self.slot(index).is_some_and(|slot| slot.claim.has_asked()) {
            if let Some(Slot { owner: Owner::Records(..), .. }) = self.slot(index) {
                self.give_up(index);
                return;
            }
            self.count_up(index);
        }
        let due = self.start_of_probing();
        self.probe_from(index, due);
        self.is_stale = true;
    }

    /// Other names wait too, where there are many conflicts, unless their attempt has begun (M-8.1-7).
    fn put_off_attempts(&mut self) {
        let (now, wait) = (self.now, self.conflicts.wait(self.now));
        for slot in self.slots.iter_mut() {
            if let Claim::Probing { sent: 0, due } = &mut slot.claim {
                *due = now.after(wait.max(due.millis_until(now)));
            }
        }
    }

    /// A name that cannot be renamed is another's, until the link is up again.
    fn give_up(&mut self, index: usize) {
        self.rename(index, 0, None, true);
        if let Some(slot) = self.slot_mut(index) {
            slot.claim = Claim::Idle;
            if let Goodbye::Nothing = slot.goodbye {
                slot.has_left();
            }
        }
    }

    /// The next number that no other name of ours has (M-9-3). Where many want one name, counting up takes them all
    /// through every number: after three names that were lost it jumps.
    fn count_up(&mut self, index: usize) {
        let Some(mut number) = self.slot(index).map(|slot| slot.number) else { return };
        let step = if number < 4 { 1 } else { self.jitter.between(1, FARTHEST_JUMP) as u16 };
        number = number.wrapping_add(step).max(2);
        while let Some(slot) = self.slot(index)
            && self.has_name(slot.name_as(slot.label(), number), index, false)
        {
            number = number.wrapping_add(1).max(2);
        }
        self.rename(index, number, None, true);
        self.tell(index, News::RENAMED);
    }

    /// Reads the probes in a query: a tie is broken, a name that is ours will be defended. Tells whether we yield a name.
    pub(super) fn hear_probes(&mut self, message: &Checked<'_>) -> bool {
        let mut yields = false;
        for index in 0..self.slots.len() {
            let Some(loses) = self.loses_to(index, message) else { continue };
            let now = self.now;
            let Some(slot) = self.slot_mut(index) else { continue };
            if slot.claim.is_ours() && !slot.flags.has(Flags::SHARED) {
                slot.flags.set(Flags::DEFEND, true);
            } else if slot.claim.has_asked() && (loses || matches!(slot.claim, Claim::Probed)) {
                // M-8.2-1: the winner will be there in a second, or it was never there at all. Who loses to us while we
                // only wait has to see a probe of ours.
                self.probe_from(index, if loses { now.after(1_000) } else { now });
                yields = true;
            }
        }
        yields
    }
}

/// Three bits of 32 that stand for the data of a record, whatever the case of its letters (FNV-1a).
struct Mark(u32);

impl Mark {
    fn of(rtype: Type) -> Self {
        Self(0x811C_9DC5 ^ u32::from(rtype.0))
    }

    fn add(&mut self, octet: u8) {
        self.0 = (self.0 ^ u32::from(octet.to_ascii_lowercase())).wrapping_mul(0x0100_0193);
    }

    fn bits(&self) -> u32 {
        [0, 5, 10].into_iter().fold(0, |bits, shift| bits | 1 << (self.0 >> shift & 31))
    }
}

/// The bits of another's record; none when its data is broken. Never inlined: the data would stay on the stack below all
/// else that a response leads to.
#[inline(never)]
fn marked(record: &Record<'_>) -> Option<u32> {
    let mut theirs = record.raw_data().uncompressed();
    let Ok(octets) = &mut theirs else { return None };
    let mut mark = Mark::of(record.rtype());
    octets.for_each(|octet| mark.add(octet));
    Some(mark.bits())
}

/// Bounds the rate of probing where every name is taken (M-8.1-7, S5): after fifteen conflicts in any ten seconds, until
/// there was peace for as long.
#[derive(Clone, Copy, Debug)]
pub(super) struct Conflicts {
    /// The last ones in a ring; once there were so many, the oldest is next.
    times: [Instant; MANY],
    next: u8,
    count: u8,
    are_many: bool,
    latest: Instant,
}

impl Conflicts {
    pub(super) const NONE: Conflicts = Conflicts {
        times: [Instant::from_millis(0); MANY],
        next: 0,
        count: 0,
        are_many: false,
        latest: Instant::from_millis(0),
    };

    pub(super) fn note(&mut self, now: Instant) {
        if self.are_many && self.wait(now) == 0 {
            *self = Self::NONE;
        }
        let at = usize::from(self.next);
        let next = (at + 1) % MANY;
        self.times.get_mut(at).into_iter().for_each(|time| *time = now);
        (self.next, self.count, self.latest) = (next as u8, self.count.saturating_add(1), now);
        let oldest = self.times.get(next).filter(|_| usize::from(self.count) >= MANY);
        self.are_many |= oldest.is_some_and(|oldest| now.millis_since(*oldest) <= SPAN_MILLIS);
    }

    /// What to wait before the next attempt at probing, beside the usual.
    pub(super) fn wait(&self, now: Instant) -> u32 {
        let recent = now.millis_since(self.latest) <= SPAN_MILLIS;
        if self.are_many && recent { WAIT_MILLIS } else { 0 }
    }
}

/// Fifteen conflicts in ten seconds put five before each attempt (RFC 6762 section 8.1).
const MANY: usize = 15;
const SPAN_MILLIS: u32 = 10_000;
const WAIT_MILLIS: u32 = 5_000;

/// How long after a change of our data the old data is no conflict. Bridges and repeaters hold packets back for less.
pub(super) const SETTLES_MILLIS: u32 = 10_000;

/// Bits of old data: six changes in ten seconds. One of six rivals goes unnoticed for so long then, if any.
const MOST_MARKS: u32 = 18;

/// While probing a rival that is taken for an echo is robbed of his name: one of twenty at most.
const MOST_MARKS_PROBING: u32 = 12;

/// How many numbers a name that was lost four times may jump over.
const FARTHEST_JUMP: u32 = 100;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_that_of_the_hash_and_tells_types_apart() {
        let mut mark = Mark::of(Type(0));
        b"FooBar".iter().for_each(|&octet| mark.add(octet));
        assert_eq!(mark.0, 0xBF9C_F968);
        let marks = [Type::A, Type::CNAME, Type::SRV].map(|rtype| Mark::of(rtype).0);
        assert!(marks[0] != marks[1] && marks[0] != marks[2] && marks[1] != marks[2]);
        // Two of the three bits may be the same one.
        assert_eq!(Mark(1).bits(), 0b11);
        assert_eq!(Mark(1 << 5).bits(), 0b11);
        assert_eq!(Mark(1 << 10).bits(), 0b11);
    }
}
