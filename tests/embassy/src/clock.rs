//! The clock of a test program: embassy-time's mock, which all tests of a program share.

use std::sync::{Mutex, MutexGuard, PoisonError};

use embassy_time::{Duration, Instant, MockDriver};

/// The clock, for one test at a time.
pub struct Clock {
    _turn: MutexGuard<'static, ()>,
}

impl Clock {
    /// It begins at 0.
    pub fn begin() -> Self {
        static TURN: Mutex<()> = Mutex::new(());
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        MockDriver::get().reset();
        Self { _turn: turn }
    }

    pub fn advance_millis(&self, millis: u64) {
        MockDriver::get().advance(Duration::from_millis(millis));
    }

    pub fn millis(&self) -> u64 {
        Instant::now().as_millis()
    }
}
