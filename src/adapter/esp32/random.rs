//! Numbers that nobody can guess, from a source that is not always awake.

use core::fmt;

use super::chacha20::block;

/// The unpredictable numbers of the chip: what [`Resolver::new`](crate::resolver::Resolver::new) draws ids and ports from.
///
/// The chip's generator gives random words only while the radio or the ADC feeds noise into it; else it goes on with
/// numbers that can be computed, and nothing in them shows it. In the pauses of modem sleep the noise is off too. So it is
/// asked for once whether there is noise, 66 words of it are looked at and taken as a key, and all numbers come from
/// ChaCha20 (RFC 8439) with that key, into which fresh words go all the time. Each block replaces the key, so that the
/// numbers before cannot be worked out from what the memory holds. Whatever the source does later, what is drawn stays
/// unpredictable; nothing can fail any more.
///
/// ```
/// use dotlocal::adapter::esp32::Random;
/// use dotlocal::resolver::{Config, Resolver, ResolverStorage};
///
/// # struct TrngSource; struct Rng(u64);
/// # impl TrngSource { fn is_enabled() -> bool { true } }
/// # impl Rng { fn random(&mut self) -> u32 {
/// #     self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
/// #     (self.0 >> 32) as u32
/// # } }
/// # let mut rng = Rng(1);
/// // With esp-hal, behind WifiController::new: esp_hal::rng::{Rng, TrngSource}
/// let mut random = Random::new(TrngSource::is_enabled(), || rng.random())?;
///
/// let mut draw = || random.draw();
/// let mut storage = ResolverStorage::<2, 2, 512, 0>::new();
/// let resolver = Resolver::new(&mut storage, &mut draw, Config::new());
/// # Ok::<(), dotlocal::adapter::esp32::RandomError>(())
/// ```
pub struct Random<F> {
    source: F,
    key: [[u32; 4]; 2],
    /// What is left of the last block, and how much.
    numbers: [[u32; 4]; 2],
    left: usize,
}

impl<F: FnMut() -> u32> Random<F> {
    /// Starts from 66 words of `source`. `has_noise` says whether the radio or the ADC feeds it now: the words alone do not
    /// show that.
    ///
    /// # Errors
    /// There is no noise, or the words are none that noise makes: zeros, one word again and again, a counter.
    pub fn new(has_noise: bool, mut source: F) -> Result<Self, RandomError> {
        if !has_noise {
            return Err(RandomError::NoNoise);
        }
        let mut words = [0; WORDS];
        words.fill_with(&mut source);
        if is_stuck(&words) {
            return Err(RandomError::Stuck);
        }
        let mut random = Self { source, key: [[0; 4]; 2], numbers: [[0; 4]; 2], left: 0 };
        for &fresh in words.as_chunks().0 {
            random.mix(fresh);
        }
        Ok(random)
    }

    /// The next number.
    pub fn draw(&mut self) -> u32 {
        if self.left == 0 {
            let fresh = core::array::from_fn(|_| (self.source)());
            self.mix(fresh);
            self.left = self.numbers.as_flattened().len();
        }
        self.left -= 1;
        // Whoever reads the memory later does not find it.
        self.numbers.as_flattened_mut().get_mut(self.left).map(core::mem::take).unwrap_or_default()
    }

    /// A block of the cipher, with the fresh words where its nonce stands: one half is the next key, the other the numbers.
    fn mix(&mut self, [a, b, c]: [u32; 3]) {
        let [key_begin, key_end, begin, end] = block(self.key, [0, a, b, c]);
        (self.key, self.numbers) = ([key_begin, key_end], [begin, end]);
    }
}

/// How many words are looked at.
const WORDS: usize = 66;

/// Whether a bit stays as it is, or two words have come before. Noise does the one once in 10^18 starts, the other once in
/// 10^13.
fn is_stuck(words: &[u32; WORDS]) -> bool {
    let (ones, zeros) = words.iter().fold((0, 0), |(ones, zeros), word| (ones | word, zeros | !word));
    let came_before = |&(at, word): &(usize, &u32)| words.iter().take(at).any(|before| before == word);
    ones & zeros != u32::MAX || words.iter().enumerate().filter(came_before).count() > 1
}

impl<F> fmt::Debug for Random<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Random").finish_non_exhaustive()
    }
}

/// Why numbers of a source would not be unpredictable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum RandomError {
    /// Nothing feeds it.
    NoNoise,
    /// It repeats itself.
    Stuck,
}

impl fmt::Display for RandomError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoNoise => {
                "the random source has no noise yet, its numbers can be guessed: start the radio, or feed it from the ADC, \
                 before it is used"
            }
            Self::Stuck => {
                "the random source repeats itself, its numbers can be guessed: is its clock on, and are its words read as \
                 slowly as the chip makes them?"
            }
        })
    }
}

impl core::error::Error for RandomError {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::string::ToString;
    use std::vec::Vec;

    /// Words that look like noise.
    fn noise(seed: u64) -> impl FnMut() -> u32 {
        let mut state = seed;
        move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 32) as u32
        }
    }

    fn drawn<F: FnMut() -> u32>(random: &mut Random<F>, count: usize) -> Vec<u32> {
        (0..count).map(|_| random.draw()).collect()
    }

    #[test]
    fn a_source_without_noise_is_refused_before_it_is_asked() {
        let refused = Random::new(false, || panic!("it was asked"));
        assert_eq!(refused.unwrap_err(), RandomError::NoNoise);
        assert!(RandomError::NoNoise.to_string().contains("start the radio"));
    }

    #[test]
    fn words_that_noise_does_not_make_are_refused() {
        let mut counter = 0_u32;
        let mut count = move || {
            counter += 1;
            counter
        };
        let mut turn = false;
        let mut alternate = move || {
            turn = !turn;
            if turn { 0x5A5A_1234 } else { !0x5A5A_1234 }
        };
        let mut slow = noise(1);
        let mut reads = 0;
        let mut last = 0;
        let mut read_too_fast = move || {
            if reads % 2 == 0 {
                last = slow();
            }
            reads += 1;
            last
        };
        let mut fine = noise(1);
        let mut one_bit_stays = move || fine() | 0x0100;
        let sources: [(&str, &mut dyn FnMut() -> u32); 7] = [
            ("zeros", &mut || 0),
            ("ones", &mut || u32::MAX),
            ("one word", &mut || 0xDEAD_BEEF),
            ("counter", &mut count),
            ("two in turn", &mut alternate),
            ("each twice", &mut read_too_fast),
            ("one bit stays", &mut one_bit_stays),
        ];
        for (what, source) in sources {
            assert_eq!(Random::new(true, source).unwrap_err(), RandomError::Stuck, "{what}");
        }
        assert!(RandomError::Stuck.to_string().contains("repeats itself"));
    }

    #[test]
    fn noise_is_taken() {
        for seed in 0..2_000 {
            assert!(Random::new(true, noise(seed)).is_ok(), "{seed}");
        }
    }

    #[test]
    fn one_word_may_come_twice() {
        let repeating = |twice: &'static [usize]| {
            let mut words: Vec<_> = core::iter::repeat_with(noise(1)).take(WORDS + 3).collect();
            twice.iter().for_each(|at| words[*at] = words[0]);
            let mut words = words.into_iter();
            Random::new(true, move || words.next().unwrap()).map(|_| ())
        };
        assert_eq!(repeating(&[40]), Ok(()));
        assert_eq!(repeating(&[40, 41]), Err(RandomError::Stuck));
    }

    #[test]
    fn what_is_printed_shows_no_numbers() {
        let random = Random::new(true, noise(1)).unwrap();
        assert_eq!(std::format!("{random:?}"), "Random { .. }");
    }

    #[test]
    fn a_source_that_dies_later_leaves_the_numbers_unpredictable() {
        // After the words of the start, zeros for ever.
        let dying = |seed| {
            let mut alive = noise(seed);
            let mut reads = 0;
            move || {
                reads += 1;
                if reads > WORDS { 0 } else { alive() }
            }
        };
        let [one, other] = [1, 2].map(|seed| drawn(&mut Random::new(true, dying(seed)).unwrap(), 4_096));
        let distinct: BTreeSet<_> = one.iter().chain(&other).collect();
        // One pair of 8,192 numbers of 32 bits is equal in a run of 128, three never.
        assert!(distinct.len() > 8_192 - 3, "{}", distinct.len());
        let ones: u32 = one.iter().map(|number| number.count_ones()).sum();
        assert!((64_500..66_600).contains(&ones), "{ones} of 131,072 bits");
    }

    #[test]
    fn each_word_of_the_start_counts_and_so_do_later_ones() {
        let words: Vec<u32> = core::iter::repeat_with(noise(7)).take(WORDS + 6).collect();
        let first = |change: Option<usize>| {
            let mut words = words.clone();
            if let Some(at) = change {
                words[at] ^= 0x0001_0000;
            }
            let mut words = words.into_iter();
            drawn(&mut Random::new(true, move || words.next().unwrap()).unwrap(), 9)
        };
        let usual = first(None);
        for at in 0..WORDS + 3 {
            assert_ne!(first(Some(at))[..8], usual[..8], "word {at}");
        }
        // The first block is out when they come in.
        for at in WORDS + 3..WORDS + 6 {
            assert_eq!(first(Some(at))[..8], usual[..8], "word {at}");
            assert_ne!(first(Some(at))[8], usual[8], "word {at}");
        }
    }
}
