//! From which address a unicast reply leaves.

use core::net::{IpAddr, SocketAddr};

/// The address of ours to which each of the latest unicast queries was sent.
///
/// A reply has to come from there, or the asker does not know it for one (RFC 2181 section 4.1). A machine with
/// several addresses cannot leave that to the system: it would choose one by the route.
#[derive(Debug)]
pub(super) struct Replies<const LATEST: usize> {
    latest: [Option<(SocketAddr, IpAddr)>; LATEST],
}

impl<const LATEST: usize> Replies<LATEST> {
    /// Nothing noted.
    pub(super) const fn new() -> Self {
        Self { latest: [None; LATEST] }
    }

    /// Notes that `source` wrote to `ours`; the oldest note goes.
    pub(super) fn note(&mut self, source: SocketAddr, ours: IpAddr) {
        let known = self.latest.iter().position(|note| note.is_some_and(|(asker, _)| asker == source));
        let end = known.map_or(LATEST, |at| at + 1);
        if let Some(newer) = self.latest.get_mut(..end) {
            newer.rotate_right(1);
        }
        if let Some(first) = self.latest.first_mut() {
            *first = Some((source, ours));
        }
    }

    /// The address to reply from; `None` when the system may choose.
    pub(super) fn address_for(&self, to: SocketAddr) -> Option<IpAddr> {
        self.latest.iter().flatten().find(|(asker, _)| *asker == to).map(|&(_, ours)| ours)
    }

    /// Forgets all: addresses of ours have changed.
    pub(super) fn clear(&mut self) {
        *self = Self::new();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_note_of_each_asker_counts_and_the_oldest_goes() {
        let asker = |port| SocketAddr::from(([192, 0, 2, 9], port));
        let ours = |last| IpAddr::from([192, 0, 2, last]);
        let mut replies = Replies::<3>::new();
        assert_eq!(replies.address_for(asker(1)), None);
        replies.note(asker(1), ours(1));
        replies.note(asker(2), ours(2));
        replies.note(asker(1), ours(3));
        assert_eq!(replies.address_for(asker(1)), Some(ours(3)));
        assert_eq!(replies.address_for(asker(2)), Some(ours(2)));
        for port in 100..102 {
            replies.note(asker(port), ours(4));
        }
        assert_eq!(replies.address_for(asker(1)), Some(ours(3)));
        assert_eq!(replies.address_for(asker(2)), None);
        replies.clear();
        assert_eq!(replies.address_for(asker(1)), None);
    }
}
