//! Time as a machine sees it: one wrapping count of milliseconds.

/// A moment, in milliseconds of a clock that may start anywhere and wraps after 49.7 days.
///
/// A board hands in its millisecond tick as it is. Two moments cannot be ordered without knowing `now`, so there
/// is no `Ord`: a moment up to [`HORIZON_MILLIS`](Instant::HORIZON_MILLIS) ahead of `now` lies in the future,
/// every other one is past. A sleep of hours or a wrap of the clock therefore reads as "due", never as "in weeks".
///
/// ```
/// use dotlocal::Instant;
///
/// let now = Instant::from_millis(u32::MAX);
/// let later = now.after(250);
/// assert_eq!(later.as_millis(), 249);
/// assert!(!later.is_due(now));
/// assert_eq!(later.millis_until(now), 250);
/// assert!(later.is_due(now.after(250)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Instant(u32);

impl Instant {
    /// How far ahead a deadline may lie: 2^30 ms, 12 days and 10 hours.
    pub const HORIZON_MILLIS: u32 = 1 << 30;

    /// The moment at which the clock showed `millis`.
    pub const fn from_millis(millis: u32) -> Self {
        Self(millis)
    }

    /// What the clock showed, in milliseconds.
    pub const fn as_millis(self) -> u32 {
        self.0
    }

    /// The moment `millis` later; anything above [`HORIZON_MILLIS`](Self::HORIZON_MILLIS) is cut to it.
    pub const fn after(self, millis: u32) -> Self {
        let millis = if millis > Self::HORIZON_MILLIS { Self::HORIZON_MILLIS } else { millis };
        Self(self.0.wrapping_add(millis))
    }

    /// Whether this moment has come at `now`.
    pub const fn is_due(self, now: Self) -> bool {
        // One comparison for both: none ahead wraps beyond the horizon as well.
        self.0.wrapping_sub(now.0).wrapping_sub(1) >= Self::HORIZON_MILLIS
    }

    /// The wait from `now` to this moment in milliseconds, 0 when it has come.
    pub const fn millis_until(self, now: Self) -> u32 {
        let ahead = self.0.wrapping_sub(now.0);
        if ahead <= Self::HORIZON_MILLIS { ahead } else { 0 }
    }

    /// How long ago `earlier` was, in milliseconds; right up to 49.7 days.
    pub const fn millis_since(self, earlier: Self) -> u32 {
        self.0.wrapping_sub(earlier.0)
    }

    /// The nearer of two deadlines as seen from `now`.
    pub(crate) const fn nearer(self, other: Self, now: Self) -> Self {
        if other.millis_until(now) < self.millis_until(now) { other } else { self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // S12
    #[test]
    fn a_deadline_crosses_the_wrap_of_the_clock() {
        let now = Instant::from_millis(u32::MAX - 99);
        let due = now.after(250);
        assert!(!due.is_due(Instant::from_millis(149)));
        assert!(due.is_due(Instant::from_millis(150)));
        assert_eq!(due.millis_until(now), 250);
        assert_eq!(Instant::from_millis(150).millis_since(now), 250);
    }

    // S12
    #[test]
    fn after_a_jump_of_days_everything_is_due() {
        let due = Instant::from_millis(1_000);
        assert!(due.is_due(Instant::from_millis(1_000 + 20 * 86_400_000)));
    }

    #[test]
    fn the_horizon_bounds_both_the_deadline_and_the_test() {
        let now = Instant::from_millis(7);
        assert_eq!(now.after(u32::MAX), now.after(Instant::HORIZON_MILLIS));
        assert!(!now.after(Instant::HORIZON_MILLIS).is_due(now));
        assert!(Instant::from_millis(7 + Instant::HORIZON_MILLIS + 1).is_due(now));
        assert!(now.is_due(now));
    }

    #[test]
    fn the_nearer_of_two_is_told_from_now() {
        let now = Instant::from_millis(u32::MAX);
        let (soon, late) = (now.after(5), now.after(6));
        assert_eq!(soon.nearer(late, now), soon);
        assert_eq!(late.nearer(soon, now), soon);
    }
}
