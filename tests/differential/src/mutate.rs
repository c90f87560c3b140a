//! Messages that are broken in one place or several, the same in every run.

use crate::made;
use crate::prng::Prng;

/// How many are made.
const MESSAGES: usize = 60_000;

pub(crate) fn messages() -> Vec<Vec<u8>> {
    let mut rng = Prng(2);
    (0..MESSAGES).map(|_| broken(&mut rng)).collect()
}

fn broken(rng: &mut Prng) -> Vec<u8> {
    let mut octets = made::message(rng);
    for _ in 0..1 + rng.below(3) {
        damage(rng, &mut octets);
    }
    octets
}

fn damage(rng: &mut Prng, octets: &mut Vec<u8>) {
    let at = rng.below(octets.len());
    // The header seldom: its counts and flags decide too much.
    let at = if at < 12 && !rng.one_in(4) { octets.len() - 1 } else { at };
    match rng.below(8) {
        0 => octets[at] ^= 1 << rng.below(8),
        1 => octets[at] = rng.pick(&[0, 1, 0x3F, 0x40, 0x80, 0xBF, 0xC0, 0xFF]),
        2 => octets[at] = octets[at].wrapping_add(1),
        3 => octets[at] = octets[at].wrapping_sub(1),
        4 => octets.truncate(at.max(1)),
        5 => octets.insert(at, rng.next() as u8),
        6 => {
            octets.remove(at);
        }
        // A pointer, to anywhere near.
        _ => {
            let target = rng.below(octets.len() + 4) as u16 | 0xC000;
            if let Some(two) = octets.get_mut(at..at + 2) {
                two.copy_from_slice(&target.to_be_bytes());
            }
        }
    }
    if octets.is_empty() {
        octets.push(0);
    }
}
