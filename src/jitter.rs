//! The random waits of mDNS: a small generator, seeded once, so that a run can be repeated.

/// Spreads waits, nothing else: it is predictable, so ids and ports must never come from it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Jitter(u32);

impl Jitter {
    /// Any seed will do; devices on one link should differ in it (MAC address, chip id).
    pub(crate) const fn new(seed: u32) -> Self {
        // Xorshift stands still at zero; the multiplication spreads seeds that differ in few bits.
        Self(seed.wrapping_mul(0x9E37_79B9) | 1)
    }

    /// A wait in milliseconds, uniform from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: u32, high: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        let span = u64::from(high - low) + 1;
        low + ((u64::from(self.0) * span) >> 32) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wait_in_the_range_occurs_and_none_outside() {
        let mut jitter = Jitter::new(0);
        let mut seen = [0_u32; 101];
        for _ in 0..20_000 {
            seen[(jitter.between(20, 120) - 20) as usize] += 1;
        }
        assert!(seen.iter().all(|&count| (100..300).contains(&count)), "{seen:?}");
    }

    #[test]
    fn the_generator_is_that_of_marsaglia() {
        let mut jitter = Jitter(1);
        let drawn: [u32; 4] = core::array::from_fn(|_| jitter.between(0, u32::MAX));
        assert_eq!(drawn, [270_369, 67_634_689, 2_647_435_461, 307_599_695]);
    }

    #[test]
    fn equal_seeds_repeat_and_neighbouring_seeds_differ() {
        let draw = |seed| {
            let mut jitter = Jitter::new(seed);
            core::array::from_fn::<u32, 4, _>(|_| jitter.between(0, 250))
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
        assert_ne!(draw(0), draw(1));
    }
}
