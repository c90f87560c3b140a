//! Who else of this machine speaks on port 5353: their multicast comes back to us as ours does, and is not ours.

use ::std::collections::VecDeque;
use ::std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// The last datagrams that were multicast, by their hashes. A false match or a forgotten one costs nothing but
/// knowledge of who shares the port.
#[derive(Debug, Default)]
pub(super) struct Echoes {
    sent: VecDeque<u64>,
}

impl Echoes {
    /// Notes what is multicast.
    pub(super) fn note(&mut self, bytes: &[u8]) {
        if self.sent.len() == KEPT {
            self.sent.pop_front();
        }
        self.sent.push_back(hash(bytes));
    }

    /// Whether this was multicast by us, a short while ago.
    pub(super) fn has(&self, bytes: &[u8]) -> bool {
        self.sent.contains(&hash(bytes))
    }
}

fn hash(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    hasher.finish()
}

/// More than one turn sends.
const KEPT: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sent_lately_is_known_again() {
        let mut echoes = Echoes::default();
        assert!(!echoes.has(b"0"));
        for number in 0..=KEPT {
            echoes.note(&[number as u8]);
        }
        assert!(!echoes.has(&[0]), "the oldest is forgotten");
        assert!((1..=KEPT).all(|number| echoes.has(&[number as u8])));
    }
}
