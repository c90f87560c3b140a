//! Numbers that nobody can guess.

use ::std::fs::File;
use ::std::io::{self, Read};

/// The system's unpredictable numbers, from `/dev/urandom`: what [`Resolver::new`](crate::resolver::Resolver::new)
/// draws ids and ports from.
///
/// ```no_run
/// # use dotlocal::resolver::{Config, Resolver, ResolverStorage};
/// let mut random = dotlocal::adapter::std::Random::open()?;
/// let mut draw = || random.draw();
/// let mut storage = ResolverStorage::<3, 4, 4096, 4096>::new();
/// let resolver = Resolver::new(&mut storage, &mut draw, Config::new());
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Random {
    file: File,
    block: [u8; BLOCK],
    used: usize,
}

/// Octets that are read at a time: those of a lookup and its repetitions.
const BLOCK: usize = 256;

impl Random {
    /// Opens the source, and reads from it once.
    ///
    /// # Errors
    /// What the system said: there is no such device, as in a bare chroot, or it may not be read.
    pub fn open() -> io::Result<Self> {
        let mut random = Self { file: File::open("/dev/urandom")?, block: [0; BLOCK], used: 0 };
        random.file.read_exact(&mut random.block)?;
        Ok(random)
    }

    /// The next number; none is given twice.
    ///
    /// # Panics
    /// When the system gives no more, which no system does that has given some. With numbers that can be guessed,
    /// answers can be forged.
    #[expect(clippy::panic, reason = "nothing that comes in leads here, and to go on would be worse")]
    pub fn draw(&mut self) -> u32 {
        if self.used >= BLOCK {
            if let Err(error) = self.file.read_exact(&mut self.block) {
                panic!("/dev/urandom gives no more: {error}");
            }
            self.used = 0;
        }
        let number = self.block.get(self.used..).and_then(|left| left.first_chunk()).copied();
        self.used += 4;
        u32::from_ne_bytes(number.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::std::collections::BTreeSet;

    #[test]
    fn numbers_do_not_repeat_within_a_block_or_from_one_to_the_next() {
        let mut random = Random::open().unwrap();
        let drawn: BTreeSet<u32> = (0..4 * BLOCK).map(|_| random.draw()).collect();
        // One pair of 1,024 numbers of 32 bits is equal once in 8,000 runs, three never.
        assert!(drawn.len() > 4 * BLOCK - 3, "{}", drawn.len());
        let zeros: u32 = drawn.iter().map(|number| number.count_zeros()).sum();
        assert!((15_500..17_300).contains(&zeros), "{zeros} of 32,768 bits");
    }
}
