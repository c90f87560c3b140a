//! The clock that all sockets of a process share.

use ::std::sync::OnceLock;
use ::std::time;

use crate::Instant;

/// The time, for all calls that take `now`. It starts near zero, and it may stand still while the machine is asleep.
pub fn now() -> Instant {
    static START: OnceLock<time::Instant> = OnceLock::new();
    // An `Instant` wraps after 49.7 days, so only the low bits count.
    Instant::from_millis(START.get_or_init(time::Instant::now).elapsed().as_millis() as u32)
}
