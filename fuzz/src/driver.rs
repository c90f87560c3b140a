//! A driver by the book, or one that oversleeps, and the laws that it holds every machine to.

use std::fmt::Debug;

use dotlocal::{Disposition, Instant, Meta};

/// Time, and how far the driver has come.
pub struct Clock {
    pub now: u64,
    /// What the machine's clock shows in the beginning.
    start: u32,
    buf: Vec<u8>,
    is_drained: bool,
    drained_at: u64,
}

impl Clock {
    /// `room`: octets of the transmit buffer.
    pub fn new(start: u32, room: usize) -> Self {
        Self { now: 0, start, buf: vec![0xAA; room], is_drained: false, drained_at: 0 }
    }

    /// What the machine's clock shows.
    pub fn instant(&self) -> Instant {
        Instant::from_millis(self.start.wrapping_add(self.now as u32))
    }

    pub fn is_drained(&self) -> bool {
        self.is_drained
    }

    pub fn room(&self) -> usize {
        self.buf.len()
    }

    /// The application calls: what it changes is seen in the next drain.
    pub fn is_called(&mut self) {
        self.is_drained = false;
    }
}

/// A machine that is driven, with everything that it does checked.
pub trait Driven {
    /// What the application can see between two events.
    type State: Debug + PartialEq;

    fn state(&self) -> Self::State;
    fn clock(&mut self) -> &mut Clock;
    fn poll_timeout(&self) -> Option<Instant>;
    fn handle_timeout(&mut self, now: Instant);
    fn handle_datagram(&mut self, now: Instant, meta: Meta, octets: &[u8]) -> Disposition;

    /// Takes and checks one datagram or event; `false` when there is none.
    fn poll_one(&mut self, now: Instant, buf: &mut [u8]) -> bool;

    /// Before something is polled.
    fn before_poll(&mut self) {}

    /// After a drain.
    fn check_drained(&mut self);

    /// Makes the machine look at the time, and changes nothing.
    fn nudge(&mut self, now: Instant) {
        self.handle_timeout(now);
    }

    /// Outputs of a drain, and wakes without any input.
    fn bounds(&mut self) -> (usize, usize);

    /// Asserts that a machine that was drained has nothing to say. (Its deadline may be another: for an answer that
    /// another has given, it was to be woken for nothing.)
    fn stays_idle(&mut self) {
        assert!(!self.clock().is_drained || self.poll() == 0, "what was refused has made it speak");
    }

    /// Everything that is said and told now; then nothing more, whatever the driver calls.
    fn drain(&mut self) {
        let (outputs, (most, _)) = (self.poll(), self.bounds());
        assert!(outputs <= most, "{outputs} outputs in one drain");
        let clock = self.clock();
        (clock.is_drained, clock.drained_at) = (true, clock.now);
        let now = clock.instant();
        self.check_drained();
        let due = self.poll_timeout();
        assert!(!due.is_some_and(|due| due.is_due(now)), "{due:?} after a drain");
        self.is_nudged();
    }

    /// Asserts that nothing was due.
    fn is_nudged(&mut self) {
        let (now, state) = (self.clock().instant(), (self.state(), self.poll_timeout()));
        self.nudge(now);
        assert_eq!((self.state(), self.poll_timeout()), state);
        assert_eq!(self.poll(), 0, "a spurious handle_timeout did something");
        assert_eq!((self.state(), self.poll_timeout()), state);
    }

    fn poll(&mut self) -> usize {
        self.before_poll();
        let clock = self.clock();
        let (now, mut buf, mut outputs) = (clock.instant(), std::mem::take(&mut clock.buf), 0);
        while self.poll_one(now, &mut buf) {
            outputs += 1;
            assert!(outputs < 10_000, "a drain does not end");
        }
        self.clock().buf = buf;
        outputs
    }

    /// Lets time pass as a driver does that sleeps until the next deadline, or (`oversleeps`) as one that does not.
    fn pass(&mut self, millis: u64, oversleeps: bool) {
        let until = self.clock().now + millis;
        if until - self.clock().drained_at > LONGEST_SLEEP {
            self.drain();
        }
        if !oversleeps {
            if !self.clock().is_drained {
                self.drain();
            }
            let (mut wakes, (_, most)) = (0, self.bounds());
            while let Some(due) = self.poll_timeout() {
                let clock = self.clock();
                let due = clock.now + u64::from(due.millis_until(clock.instant()));
                if due > until {
                    break;
                }
                // What it has forgotten to be woken for would come now.
                clock.now = due - 1;
                self.is_nudged();
                self.clock().now = due;
                let now = self.clock().instant();
                self.handle_timeout(now);
                self.drain();
                wakes += 1;
                assert!(wakes < most, "{wakes} wakes without any input");
            }
        }
        let clock = self.clock();
        (clock.now, clock.is_drained) = (until, false);
    }

    /// A datagram comes. What is ignored has changed nothing. (A machine that is not drained catches up first.) Only a
    /// deadline may be gone at which the machine was to be woken for nothing: that of an answer that another has given.
    fn take(&mut self, meta: Meta, octets: &[u8]) -> Disposition {
        let now = self.clock().instant();
        let before = if self.clock().is_drained { Some((self.state(), self.poll_timeout())) } else { None };
        let disposition = self.handle_datagram(now, meta, octets);
        if let (Some((state, due)), Disposition::Ignored(_)) = (before, disposition) {
            let wait = |due: Option<Instant>| due.map_or(u32::MAX, |due| due.millis_until(now));
            let after = self.poll_timeout();
            assert_eq!(self.state(), state, "{disposition:?}");
            assert!(wait(after) >= wait(due), "{disposition:?}: {due:?} {after:?}");
            self.stays_idle();
        }
        self.clock().is_drained = false;
        disposition
    }
}

/// 30 days: what was due longer ago than the clock's round less the horizon lies ahead again (see `Instant`).
const LONGEST_SLEEP: u64 = 2_592_000_000;
