//! What this process has multicast lately, link by link: it comes back, as that of others on this machine does.

use ::std::collections::VecDeque;
use ::std::hash::{DefaultHasher, Hash as _, Hasher as _};
use ::std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use ::std::vec::Vec;
use core::net::IpAddr;

/// The last datagrams that a link has multicast, by their hashes. A false match or a forgotten one costs nothing but
/// knowledge of who shares the port, or a datagram that will be repeated.
#[derive(Debug)]
pub(super) struct Echoes {
    mine: Arc<Mutex<Sent>>,
}

#[derive(Debug)]
struct Sent {
    interface: u32,
    /// From where it left.
    addresses: Vec<IpAddr>,
    hashes: VecDeque<u64>,
}

impl Echoes {
    pub(super) fn new(interface: u32, addresses: &[(IpAddr, u8)]) -> Self {
        let sent = Sent { interface, addresses: Vec::new(), hashes: VecDeque::new() };
        let echoes = Self { mine: Arc::new(Mutex::new(sent)) };
        echoes.set_addresses(addresses);
        let mut all = lock(&ALL);
        all.retain(|sent| sent.strong_count() > 0);
        all.push(Arc::downgrade(&echoes.mine));
        echoes
    }

    pub(super) fn set_addresses(&self, addresses: &[(IpAddr, u8)]) {
        lock(&self.mine).addresses = addresses.iter().map(|&(address, _)| address).collect();
    }

    /// Notes what is multicast.
    pub(super) fn note(&self, bytes: &[u8]) {
        lock(&self.mine).note(hash(bytes));
    }

    /// Whether this was multicast by this link, a short while ago.
    pub(super) fn has(&self, bytes: &[u8]) -> bool {
        lock(&self.mine).hashes.contains(&hash(bytes))
    }

    /// Whether this came from one of this process's links of other interfaces: both are on one network then. What we
    /// say there is no claim of somebody else here (RFC 6762 section 14).
    pub(super) fn are_of_another_interface(&self, source: IpAddr, bytes: &[u8]) -> bool {
        let interface = lock(&self.mine).interface;
        let all: Vec<_> = lock(&ALL).iter().filter_map(Weak::upgrade).collect();
        let mut others = all.iter().filter(|other| !Arc::ptr_eq(other, &self.mine));
        others.any(|other| {
            let other = lock(other);
            other.interface != interface
                && other.addresses.contains(&source)
                && other.hashes.contains(&hash(bytes))
        })
    }
}

impl Sent {
    fn note(&mut self, hash: u64) {
        if self.hashes.len() == KEPT {
            self.hashes.pop_front();
        }
        self.hashes.push_back(hash);
    }
}

fn hash(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    hasher.finish()
}

/// A panic elsewhere leaves the data sound.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Those of the links that are open.
static ALL: Mutex<Vec<Weak<Mutex<Sent>>>> = Mutex::new(Vec::new());

/// More than one turn sends.
const KEPT: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(core::net::Ipv4Addr::new(192, 0, 2, 1));
    const THERE: IpAddr = IpAddr::V4(core::net::Ipv4Addr::new(192, 0, 2, 2));

    #[test]
    fn what_was_sent_lately_is_known_again() {
        let echoes = Echoes::new(1, &[]);
        assert!(!echoes.has(b"0"));
        for number in 0..=KEPT {
            echoes.note(&[number as u8]);
        }
        assert!(!echoes.has(&[0]), "the oldest is forgotten");
        assert!((1..=KEPT).all(|number| echoes.has(&[number as u8])));
    }

    // M-14-2
    #[test]
    fn what_another_interface_of_ours_has_sent_is_told_from_what_others_say() {
        let (here, twin) = (Echoes::new(77_001, &[(HERE, 24)]), Echoes::new(77_001, &[(HERE, 24)]));
        let there = Echoes::new(77_002, &[]);
        there.note(b"ours");
        assert!(!here.are_of_another_interface(THERE, b"ours"), "not its address");
        there.set_addresses(&[(THERE, 24)]);
        assert!(here.are_of_another_interface(THERE, b"ours"));
        // Another program on this machine, another host that asks the same, another link on the same interface.
        assert!(!here.are_of_another_interface(THERE, b"theirs"));
        assert!(!here.are_of_another_interface(HERE, b"ours"));
        twin.note(b"twin");
        assert!(!here.are_of_another_interface(HERE, b"twin"));
        assert!(there.are_of_another_interface(HERE, b"twin"));
        drop(there);
        assert!(!here.are_of_another_interface(THERE, b"ours"), "the link is closed");
    }
}
