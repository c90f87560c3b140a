//! The order in which to try the hosts of a service (RFC 2782).

use crate::jitter::Jitter;
use crate::wire::Srv;

/// Gives the records of a service in the order in which to try them: the lowest priority first, and among equals each next
/// one drawn by its weight (RFC 2782). Of more than 32 records the rest is left out.
///
/// `seed` is a random number, another one for each time that somebody connects; it need not be unpredictable. Nothing is
/// copied or sorted: each step walks over all records, which must be the same in each walk.
///
/// ```
/// use dotlocal::lookup::by_weight;
/// use dotlocal::name;
/// use dotlocal::wire::Srv;
///
/// let srv = |priority, port| Srv { priority, weight: 1, port, target: name!("cam.example") };
/// let order = by_weight([srv(2, 80), srv(1, 81)].into_iter(), 4);
/// assert_eq!(order.map(|srv| srv.port).collect::<Vec<_>>(), [81, 80]);
/// ```
pub fn by_weight<'r, I>(records: I, seed: u32) -> ByWeight<I>
where
    I: Iterator<Item = Srv<'r>> + Clone,
{
    ByWeight { records, random: Jitter::new(seed), given: 0 }
}

/// The records of a service in the order in which to try them; made by [`by_weight`].
#[derive(Clone, Debug)]
pub struct ByWeight<I> {
    records: I,
    random: Jitter,
    /// Those that were given, a bit for each.
    given: u32,
}

impl<'r, I: Iterator<Item = Srv<'r>> + Clone> Iterator for ByWeight<I> {
    type Item = Srv<'r>;

    fn next(&mut self) -> Option<Srv<'r>> {
        let given = self.given;
        let left = || (0..32).zip(self.records.clone()).filter(|(index, _)| given >> index & 1 == 0);
        let priority = left().map(|(_, srv)| srv.priority).min()?;
        let equals = || left().filter(|(_, srv)| srv.priority == priority);
        let sum: u32 = equals().map(|(_, srv)| u32::from(srv.weight)).sum();
        // Those of weight zero stand first, so that they have a small chance.
        let zeros = equals().filter(|(_, srv)| srv.weight == 0);
        let others = equals().filter(|(_, srv)| srv.weight != 0);
        let (drawn, mut running) = (self.random.between(0, sum), 0);
        let (index, srv) = zeros.chain(others).find(|(_, srv)| {
            running += u32::from(srv.weight);
            running >= drawn
        })?;
        self.given |= 1 << index;
        Some(srv)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    fn srv(priority: u16, weight: u16, port: u16) -> Srv<'static> {
        Srv { priority, weight, port, target: crate::name!("cam.example") }
    }

    /// How often each stands first.
    fn first(records: &[Srv<'static>]) -> Vec<u32> {
        let mut counts = std::vec![0; records.len()];
        for seed in 0..10_000_u32 {
            let order: Vec<_> = by_weight(records.iter().copied(), seed.wrapping_mul(2_654_435_761))
                .map(|srv| srv.port)
                .collect();
            let mut sorted = order.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, (0..records.len() as u16).collect::<Vec<_>>(), "each stands there once");
            counts[usize::from(order[0])] += 1;
        }
        counts
    }

    // V-2782-2
    #[test]
    fn weights_are_chances_and_zero_is_a_small_one() {
        let counts = first(&[srv(1, 10, 0), srv(1, 30, 1), srv(1, 60, 2)]);
        for (count, expected) in counts.iter().zip([1_000, 3_000, 6_000_u32]) {
            assert!(count.abs_diff(expected) < 250, "{counts:?}");
        }
        let counts = first(&[srv(1, 99, 0), srv(1, 0, 1)]);
        assert!((20..250).contains(&counts[1]), "{counts:?}");
        // RFC 2782 counts among nothing but zeros in whatever order.
        assert_eq!(first(&[srv(1, 0, 0), srv(1, 0, 1)]).iter().sum::<u32>(), 10_000);
    }

    // V-2782-2
    #[test]
    fn no_weight_makes_up_for_a_priority() {
        assert_eq!(first(&[srv(2, 65_535, 0), srv(1, 0, 1), srv(3, 7, 2)]), [0, 10_000, 0]);
        let all: Vec<_> = (0..40).map(|port| srv(1, 65_535, port)).collect();
        assert_eq!(by_weight(all.iter().copied(), 7).count(), 32);
        assert_eq!(by_weight([].into_iter(), 7).count(), 0);
    }
}
