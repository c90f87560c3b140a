//! When the queue of datagrams to single hosts is to be emptied.
//!
//! A network stack such as smoltcp keeps a datagram at the head of its socket's queue until the hardware address of the
//! next hop is known, and asks for that for ever; whatever is behind it does not leave either. One host that asks by
//! unicast and never answers ARP would silence a device for good. So what goes to single hosts leaves by a socket of its
//! own, which is closed and bound anew when nothing has left its queue for a while. Nothing that matters is lost: who
//! asked for a unicast answer asks again by multicast (RFC 6762 section 5.4).

use crate::Instant;

/// Watches one queue.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stall {
    /// What waited when it was last looked at.
    waiting: usize,
    /// When it counts as stalled.
    until: Option<Instant>,
}

impl Stall {
    /// Of a queue that is empty.
    pub(super) const fn new() -> Self {
        Self { waiting: 0, until: None }
    }

    /// Takes note that so much waits in the queue at `now`, in octets or datagrams. `true`: it is to be emptied, and
    /// counts as empty from here on.
    ///
    /// To be called before something is added, when it has been added, and when [`until`](Self::until) has come; more
    /// often does no harm.
    #[must_use]
    pub(super) fn is_stalled(&mut self, now: Instant, waiting: usize) -> bool {
        let has_moved = waiting < self.waiting;
        self.waiting = waiting;
        match self.until {
            _ if waiting == 0 => self.until = None,
            Some(until) if !has_moved && until.is_due(now) => {
                *self = Self::new();
                return true;
            }
            Some(_) if !has_moved => {}
            _ => self.until = Some(now.after(PATIENCE_MILLIS)),
        }
        false
    }

    /// When to look at the queue again; `None` while nothing waits in it.
    pub(super) const fn until(&self) -> Option<Instant> {
        self.until
    }
}

/// A host that is there has answered the second or third request for its hardware address by then; they are sent a second
/// apart.
const PATIENCE_MILLIS: u32 = 2_500;

#[cfg(test)]
mod tests {
    use super::*;

    /// At a clock that wraps within the test.
    fn at(millis: u32) -> Instant {
        Instant::from_millis((u32::MAX - 999).wrapping_add(millis))
    }

    #[test]
    fn a_queue_in_which_nothing_moves_is_stalled_after_two_and_a_half_seconds() {
        let mut stall = Stall::new();
        assert!(!stall.is_stalled(at(0), 0));
        assert_eq!(stall.until(), None);
        assert!(!stall.is_stalled(at(10), 100));
        assert_eq!(stall.until(), Some(at(2_510)));
        // More behind it is no progress.
        assert!(!stall.is_stalled(at(1_000), 300));
        assert_eq!(stall.until(), Some(at(2_510)));
        assert!(!stall.is_stalled(at(2_509), 300));
        assert!(stall.is_stalled(at(2_510), 300));
        assert_eq!(stall.until(), None, "it is empty now");
    }

    #[test]
    fn whatever_leaves_the_queue_gives_the_rest_its_time_anew() {
        let mut stall = Stall::new();
        assert!(!stall.is_stalled(at(0), 300));
        assert!(!stall.is_stalled(at(2_400), 200));
        assert_eq!(stall.until(), Some(at(4_900)));
        assert!(!stall.is_stalled(at(4_900), 100), "one left in the last moment");
        assert!(!stall.is_stalled(at(5_000), 0));
        assert_eq!(stall.until(), None);
        assert!(!stall.is_stalled(at(9_000), 100), "time without a queue does not count");
        assert!(stall.is_stalled(at(11_500), 100));
    }

    #[test]
    fn after_a_sleep_of_days_a_queue_that_waits_is_stalled() {
        let mut stall = Stall::new();
        assert!(!stall.is_stalled(at(0), 1));
        assert!(stall.is_stalled(at(20 * 86_400_000), 1));
    }
}
