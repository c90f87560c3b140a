//! The life of one record: when it is asked for again, and when it ends (RFC 6762 sections 5.2 and 10).

use crate::cache::{Entry, EntryFlags};
use crate::time::Instant;

/// The stages of a record: how often its renewal was asked for, at 80, 85, 90 and 95 percent of its life. Then:
const NO_MORE: u8 = 4;
/// It is to be confirmed within ten seconds, and asked for at once and a second later (RFC 6762 section 10.4).
pub(super) const CONFIRM: u8 = 5;
/// The same, the first of these questions asked or left out.
pub(super) const CONFIRM_AGAIN: u8 = 6;
/// The same, from the next call that brings the time.
pub(super) const CONFIRM_FRESH: u8 = 7;

/// How long a record may still live that is to be confirmed.
const CONFIRM_MILLIS: u32 = 10_000;

impl Entry {
    /// Whether it is to be confirmed, or has been asked for as often as it is.
    pub(super) fn is_nearly_over(&self) -> bool {
        self.stage >= NO_MORE
    }

    pub(super) fn is_over(&self, now: Instant) -> bool {
        !self.flags.has(EntryFlags::OWN) && self.expires.is_due(now)
    }

    /// The record has come again, with so much life.
    pub(super) fn renew(&mut self, ttl_secs: u32, now: Instant) {
        let fresh = Entry::new(self.name, self.rtype, ttl_secs, now);
        (self.ttl_secs, self.expires, self.stage, self.doubted) = (ttl_secs, fresh.expires, 0, 0);
    }

    /// The record's life ends in a second, unless somebody renews it; it is not asked for again.
    pub(super) fn end_within_a_second(&mut self, now: Instant) {
        self.expires = self.expires.nearer(now.after(1_000), now);
        self.stage = NO_MORE;
    }

    pub(super) fn age_millis(&self, now: Instant) -> u32 {
        self.ttl_secs.saturating_mul(1_000).saturating_sub(self.expires.millis_until(now))
    }

    /// It ends in ten seconds, unless somebody renews it; one that ends sooner keeps its end.
    pub(super) fn confirm(&mut self, stage: u8, now: Instant) {
        if self.flags.has(EntryFlags::OWN) {
            self.stage = 0;
        } else if self.expires.millis_until(now) > CONFIRM_MILLIS {
            (self.expires, self.stage) = (now.after(CONFIRM_MILLIS), stage);
        } else if self.stage == CONFIRM_FRESH {
            self.stage = stage;
        }
    }

    /// Two hosts have asked for it, and nobody has answered (RFC 6762 section 10.5).
    pub(super) fn doubt(&mut self, now: Instant) {
        self.confirm(CONFIRM, now);
    }

    /// When it is asked for again.
    pub(super) fn renewal(&self) -> Option<Instant> {
        let left = match self.stage {
            _ if self.flags.has(EntryFlags::OWN) => return None,
            CONFIRM => CONFIRM_MILLIS,
            CONFIRM_AGAIN => CONFIRM_MILLIS - 1_000,
            NO_MORE.. => return None,
            // Milliseconds: a thousandth of a life in seconds is as many of them.
            stage => self.ttl_secs * (200 - 50 * u32::from(stage) - u32::from(self.spread)),
        };
        Some(Instant::from_millis(self.expires.as_millis().wrapping_sub(left)))
    }

    /// The question for it has left: that serves a renewal that is due, or nearly so.
    pub(super) fn was_asked_for(&mut self, now: Instant) {
        let Some(due) = self.renewal() else { return };
        // Renewals lie up to 2 % of a life apart that might as well be one question.
        let mut is_served = due.millis_until(now) <= self.ttl_secs * 20;
        while is_served {
            self.stage = match self.stage {
                CONFIRM => CONFIRM_AGAIN,
                CONFIRM_AGAIN => NO_MORE,
                stage => stage + 1,
            };
            // After a sleep, and of a life that is short or nearly over, several lie within the second in which a question
            // is not asked again (RFC 6762 section 5.2).
            is_served = self.renewal().is_some_and(|due| due.millis_until(now) < 1_000);
        }
    }
}

/// How long it may still be used, to be told to others.
pub(super) fn remaining_secs(entry: &Entry, now: Instant) -> u32 {
    let is_own = entry.flags.has(EntryFlags::OWN);
    if is_own { entry.ttl_secs } else { entry.expires.millis_until(now) / 1_000 }
}
