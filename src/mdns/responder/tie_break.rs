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
    /// Whether what a probe proposes for the name of slot `index` is later than what we propose. Equal sets are no
    /// conflict: our own probe came back, or a twin has our data (M-8.2-3).
    pub(super) fn loses_to(&self, index: usize, message: &Checked<'_>) -> bool {
        let ours = || self.records(index).filter(|our| our.hold == Hold::Claimed);
        // Data that is broken proposes nothing.
        let is_sound = |their: &Record<'_>| their.raw_data().uncompressed().is_ok();
        let theirs = || message.authorities().filter(|their| self.is_named(index, their) && is_sound(their));
        // Per record of ours that they do not have: whether all that only they have, or any that they have, is later.
        let (mut only_ours, mut before_theirs, mut below_any) = (false, false, false);
        for our in ours() {
            let (mut shared, mut first, mut below) = (false, true, false);
            for their in theirs() {
                match our.order(&their) {
                    Ordering::Equal => shared = true,
                    Ordering::Less => below = true,
                    Ordering::Greater if ours().all(|our| our.order(&their).is_ne()) => first = false,
                    Ordering::Greater => {}
                }
            }
            if !shared {
                only_ours = true;
                before_theirs |= first;
                below_any |= below;
            }
        }
        let mut only_theirs = theirs().filter(|their| ours().all(|our| our.order(their).is_ne())).peekable();
        match (only_ours, only_theirs.peek().is_some()) {
            (_, false) => below_any,
            (true, true) => before_theirs,
            // M-8.2.1-1: all of ours were matched; theirs goes on, unless what only they have comes between.
            (false, true) => only_theirs.all(|their| ours().all(|our| our.order(&their).is_lt())),
        }
    }

    /// Whether a record has the name of slot `index`.
    pub(super) fn is_named(&self, index: usize, record: &Record<'_>) -> bool {
        self.slot(index).is_some_and(|slot| slot.name().is(&record.name()))
    }
}

impl OwnRecord<'_> {
    /// Which of two records of one name comes first (M-8.2-2).
    fn order(&self, their: &Record<'_>) -> Ordering {
        let kind = (Class::IN.0, self.rtype).cmp(&(their.class().0, their.rtype()));
        kind.then_with(|| self.compare(their, usize::MAX))
    }
}
