//! Two who probe for one name at once: the lexicographically later set of records wins (RFC 6762 section 8.2).
//!
//! The RFC sorts both sets by class, type and uncompressed RDATA, and compares them pair by pair; the set that ends first
//! loses. The first pair that differs has in it the smallest record that only one set has, so nothing need be sorted:
//! it is enough to compare each of ours with each of theirs.

use core::cmp::Ordering;

use super::Responder;
use super::records::{Hold, OwnRecord};
use crate::wire::{Checked, Class, Record};

impl Responder<'_, '_> {
    /// Whether what a probe proposes for the name of slot `index` is later than what we propose; `None` when it is about
    /// other names. Equal sets are no conflict: our own probe came back, or a twin has our data (M-8.2-3).
    ///
    /// Never inlined: four sets of bits want registers of their own.
    #[inline(never)]
    pub(super) fn loses_to(&self, index: usize, message: &Checked<'_>) -> Option<bool> {
        // A bit for each record of ours: is it, which they have too, and which are below any of theirs, and above one
        // that only they have?
        let (mut all, mut common, mut below, mut above): (u32, u32, u32, u32) = (0, 0, 0, 0);
        let (mut only_theirs, mut is_about_it) = (false, false);
        for their in message.authorities() {
            if !self.is_named(index, &their) {
                continue;
            }
            is_about_it = true;
            // Data that is broken proposes nothing.
            if !is_sound(&their) {
                continue;
            }
            let (mut equal, mut greater) = (0, 0);
            let (mut ours, mut bit) = (self.records(index), 1_u32);
            while let Some(our) = ours.next() {
                if our.hold != Hold::Claimed {
                    continue;
                }
                all |= bit;
                let set = match our.order(&their) {
                    Ordering::Less => &mut below,
                    Ordering::Equal => &mut equal,
                    Ordering::Greater => &mut greater,
                };
                *set |= bit;
                bit <<= 1;
            }
            common |= equal;
            if equal == 0 {
                (only_theirs, above) = (true, above | greater);
            }
        }
        let loses = match (all & !common, only_theirs) {
            // M-8.2.1-1: they have nothing of their own; the set that ends first loses.
            (only_ours, false) => only_ours & below != 0,
            (0, true) => above == 0,
            (only_ours, true) => only_ours & !above != 0,
        };
        is_about_it.then_some(loses)
    }

    /// Whether a record has the name of slot `index`.
    pub(super) fn is_named(&self, index: usize, record: &Record<'_>) -> bool {
        self.slot(index).is_some_and(|slot| slot.has_name(&record.name()))
    }
}

/// Never inlined: what it looks at would stay on the stack below the comparisons.
#[inline(never)]
fn is_sound(their: &Record<'_>) -> bool {
    their.raw_data().uncompressed().is_ok()
}

impl OwnRecord<'_> {
    /// Which of two records of one name comes first (M-8.2-2).
    fn order(&self, their: &Record<'_>) -> Ordering {
        let kind = (Class::IN.0, self.rtype).cmp(&(their.class().0, their.rtype()));
        kind.then_with(|| self.compare(their, usize::MAX))
    }
}
