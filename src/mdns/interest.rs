//! What keeps strangers' packets cheap: their names are told from ours by a few bits.

use crate::name::{Labels, Name};

/// A set of names that may hold a few more than were added: three bits of a word for the first label, and three for the
/// first two, by what is seen of them at a glance. Of the names of strangers, the first label of most is enough.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Interest {
    any: bool,
    words: [Word; 16],
}

/// 32 bits of a set; octets, as some sets lie in bytes of the caller's.
pub(crate) type Word = [u8; 4];

impl Interest {
    pub(crate) const NONE: Interest = Interest { any: false, words: [[0; 4]; 16] };

    pub(crate) fn add(&mut self, name: &Name<'_>) {
        add(&mut self.words, name);
        self.any = true;
    }

    /// Whether `name` may have been added. Names that are equal without regard to case are one.
    #[inline]
    pub(crate) fn has(&self, name: &Name<'_>) -> bool {
        seek([Some(&self.words)], name) != 0
    }

    /// The set; `None` when no name was added.
    #[inline]
    pub(crate) fn words(&self) -> Option<&[Word]> {
        self.any.then_some(&self.words)
    }
}

/// Adds a name to a set of any size.
pub(crate) fn add(words: &mut [Word], name: &Name<'_>) {
    let mut labels = name.labels();
    let mut seen = 0;
    for label in [labels.next(), labels.next()] {
        seen = glance(seen, label);
        if let Some(word) = words.get_mut(word_of(seen, words.len())) {
            *word = (u32::from_le_bytes(*word) | bits(seen)).to_le_bytes();
        }
    }
}

/// To which of the sets a name may have been added: a bit for each. Not inlined, as the walk that it is called from is
/// faster so.
#[inline(never)]
pub(crate) fn seek<const SETS: usize>(sets: [Option<&[Word]>; SETS], name: &Name<'_>) -> u8 {
    let mut labels = name.labels();
    let seen = glance(0, labels.next());
    let mut found = 0;
    for (index, words) in sets.into_iter().enumerate() {
        if words.is_some_and(|words| has_seen(words, seen) && has_second(words, labels.clone(), seen)) {
            found |= 1 << index;
        }
    }
    found
}

#[cold]
fn has_second(words: &[Word], mut labels: Labels<'_>, seen: u32) -> bool {
    has_seen(words, glance(seen, labels.next()))
}

#[inline]
fn has_seen(words: &[Word], seen: u32) -> bool {
    // A set without a word knows nothing, and so may have everything.
    words.get(word_of(seen, words.len())).is_none_or(|word| !u32::from_le_bytes(*word) & bits(seen) == 0)
}

#[inline]
fn word_of(seen: u32, words: usize) -> usize {
    ((seen >> 16) as usize * words) >> 16
}

/// The label's length, its outer letters and the one in its middle, with what was `seen` before it.
#[inline]
fn glance(seen: u32, label: Option<&[u8]>) -> u32 {
    let label = label.unwrap_or(&[]);
    let octet = |octet: Option<&u8>| octet.copied().unwrap_or(0);
    let middle = octet(label.get(label.len() / 2));
    let octets = [octet(label.first()), middle, label.len() as u8, octet(label.last())];
    // 0x20 is what tells the case of a letter. The golden ratio spreads what is close.
    (seen ^ (u32::from_be_bytes(octets) | 0x2020_0020)).wrapping_mul(0x9E37_79B1)
}

#[inline]
fn bits(seen: u32) -> u32 {
    1 << (seen >> 23 & 31) | 1 << (seen >> 18 & 31) | 1 << (seen >> 13 & 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mdns::{Config, Families, Querier, QuerierStorage, Until};
    use crate::name::NameBuf;
    use crate::time::Instant;
    use std::format;
    use std::vec::Vec;

    fn name(text: &str) -> NameBuf {
        text.parse().unwrap()
    }

    #[test]
    fn what_was_added_is_there_in_either_case_and_most_of_the_rest_is_not() {
        let mut interest = Interest::NONE;
        assert!(interest.words().is_none());
        assert!(!interest.has(&name("cam.local").name()) && !interest.has(&Name::ROOT));
        for nth in 0..30 {
            interest.add(&name(&format!("Kitchen Cam {nth}._http._tcp.local")).name());
        }
        assert!(interest.words().is_some());
        for nth in 0..30 {
            assert!(interest.has(&name(&format!("kitchen cam {nth}._HTTP._tcp.local")).name()));
        }
        let strangers: usize = (0..1_000)
            .filter(|nth| interest.has(&name(&format!("device{nth}x{}.local", nth * 7)).name()))
            .count();
        assert!(strangers < 20, "{strangers}");
    }

    #[test]
    fn names_that_differ_in_one_octet_of_a_glance_are_told_apart() {
        for nth in 0..10 {
            let mut interest = Interest::NONE;
            let own = format!("cam-{nth}-cam.a.local");
            interest.add(&name(&own).name());
            let middles = (0..10).map(|other| format!("cam-{other}-cam.a.local"));
            let seconds = (1..60).map(|len| format!("cam-{nth}-cam.{}.local", "a".repeat(len)));
            let others: Vec<_> =
                middles.chain(seconds).filter(|other| interest.has(&name(other).name())).collect();
            assert_eq!(others, [&*own, &*own]);
        }
    }

    #[test]
    fn a_glance_has_three_bits_of_a_word_though_two_may_be_the_same() {
        for (first, second, third) in [(0, 1, 2), (31, 16, 8), (5, 5, 9), (9, 5, 5), (5, 9, 5), (0, 0, 0)] {
            let seen = 7 << 28 | first << 23 | second << 18 | third << 13;
            assert!((0..32).all(|bit| (bits(seen) >> bit & 1 == 1) == [first, second, third].contains(&bit)));
        }
    }

    #[test]
    fn a_querier_tells_strangers_from_all_that_its_cache_has_room_for() {
        let mut storage = QuerierStorage::<16, 1024>::new();
        let mut querier = Querier::new(&mut storage, Config::new(7));
        for nth in 0..16 {
            querier.lookup(&format!("cam-{nth}.local"), Families::V4, Until::Cancelled).unwrap();
        }
        querier.handle_timeout(Instant::from_millis(0));
        let may_be_wanted = |text: &str| seek([querier.names()], &name(text).name()) != 0;
        assert!((0..16).all(|nth| may_be_wanted(&format!("CAM-{nth}.local"))));
        let strangers =
            (0..1_000).filter(|nth| may_be_wanted(&format!("device{nth}x{}.local", nth * 7))).count();
        assert!(strangers < 20, "{strangers}");
    }
}
