//! One question: its states, and when it may be asked.

use crate::cache::Question;
use crate::time::Instant;

/// State of a question that is asked when it is due.
pub(super) const ASKING: u8 = 0;
/// Nobody needs it; kept until it may be asked again.
pub(super) const IDLE: u8 = 1;
/// Its owner has said that there is no such record, which holds until it is due (RFC 6762 section 6.1).
pub(super) const DENIED: u8 = 2;

/// How often the second family of a host is asked for while the first one is known.
pub(super) const ASKS_FOR_OTHER_FAMILY: u8 = 3;

impl Question {
    /// How long it may not be asked again: up to a second behind the last time (M-5.2-2).
    pub(super) fn pause(&self, now: Instant) -> u32 {
        1_000_u32.saturating_sub(now.millis_since(self.last))
    }

    /// As if it had never been asked, but for the second behind the last time.
    pub(super) fn restart(&mut self, now: Instant, wait: u32) {
        self.due = now.after(wait.max(self.pause(now)));
        (self.asked, self.state) = (0, ASKING);
    }
}
