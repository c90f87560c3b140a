//! A slot: one name of ours, the records under it, and where they stand.

use super::service::Service;
use crate::time::Instant;

/// The host or a service, and everything that is due for it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot<'a> {
    pub(super) owner: Owner<'a>,
    pub(super) generation: u16,
    /// The number that renames have put behind the name; 0 for none.
    pub(super) number: u16,
    pub(super) claim: Claim,
    pub(super) news: News,
    /// Answers that wait to be multicast, at `due`.
    pub(super) pending: Kinds,
    pub(super) due: Instant,
    /// When each kind was last multicast, for those in `sent`.
    pub(super) sent: Kinds,
    pub(super) last: [Instant; Kinds::GROUPS],
    /// Somebody probes for the name: the gap between two multicasts is 250 ms (RFC 6762 section 6).
    pub(super) defend: bool,
    /// What the query that is being read asks of this slot: by multicast, and by unicast.
    pub(super) asked: Kinds,
    pub(super) asked_unicast: Kinds,
}

/// Whose name it is. The tag stands for itself, so that an empty slot is all zeros.
#[derive(Clone, Copy, Debug)]
#[repr(u8)]
pub(super) enum Owner<'a> {
    Nobody,
    Host(&'a str),
    Service(Service<'a>),
}

/// Where a name stands. Each state owns the one deadline that ends it; there is no timer elsewhere to forget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Claim {
    /// Not claimed: no address yet, the link is down, or stopped.
    Idle,
    /// To be probed for, from the next call that brings the time.
    Waiting,
    /// 0 to 3 probes are out (RFC 6762 section 8.1).
    Probing { sent: u8, due: Instant },
    /// Ours; 0 or 1 announcements are out (RFC 6762 section 8.3).
    Announcing { sent: u8, due: Instant },
    /// Ours, and nothing is due.
    Established,
    /// The goodbye is due (RFC 6762 section 10.1); then the slot is free, or idle.
    Leaving { free: bool },
}

impl Claim {
    /// Whether questions for the name are answered.
    pub(super) fn is_ours(self) -> bool {
        matches!(self, Claim::Announcing { .. } | Claim::Established)
    }

    pub(super) fn due(self) -> Option<Instant> {
        match self {
            Claim::Probing { due, .. } | Claim::Announcing { due, .. } => Some(due),
            Claim::Idle | Claim::Waiting | Claim::Established | Claim::Leaving { .. } => None,
        }
    }
}

impl<'a> Slot<'a> {
    pub(super) const EMPTY: Slot<'a> = Slot {
        owner: Owner::Nobody,
        generation: 0,
        number: 0,
        claim: Claim::Idle,
        news: News(0),
        pending: Kinds::NONE,
        due: Instant::from_millis(0),
        sent: Kinds::NONE,
        last: [Instant::from_millis(0); Kinds::GROUPS],
        defend: false,
        asked: Kinds::NONE,
        asked_unicast: Kinds::NONE,
    };

    /// Whether it says goodbye for good.
    pub(super) fn is_going(&self) -> bool {
        self.claim == (Claim::Leaving { free: true })
    }

    /// Adds answers that are to be multicast at `due`, or with what is due earlier.
    pub(super) fn pend(&mut self, kinds: Kinds, due: Instant, now: Instant) {
        if kinds.is_empty() {
            return;
        }
        self.due = if self.pending.is_empty() { due } else { self.due.nearer(due, now) };
        self.pending = self.pending.with(kinds);
    }

    /// Forgets answers that wait and what was multicast; the claim and the news stay.
    pub(super) fn quiet(&mut self) {
        self.pending = Kinds::NONE;
        self.sent = Kinds::NONE;
        self.defend = false;
    }

    /// Notes that `kind` has been multicast.
    pub(super) fn note_sent(&mut self, kind: Kinds, now: Instant) {
        self.sent = self.sent.with(kind);
        if let Some(last) = self.last.get_mut(kind.group()) {
            *last = now;
        }
    }

    /// How long ago `kind` was multicast, in milliseconds; `None` for never or long ago.
    pub(super) fn sent_ago(&self, kind: Kinds, now: Instant) -> Option<u32> {
        let last = self.last.get(kind.group())?;
        self.sent.has(kind).then(|| now.millis_since(*last))
    }

    /// When `kind` may be multicast next (RFC 6762 section 6): a second after its last time, 250 ms in defence.
    pub(super) fn next_allowed(&self, kind: Kinds, now: Instant) -> Option<Instant> {
        let gap = if self.defend { 250 } else { 1_000 };
        let ago = self.sent_ago(kind, now)?;
        (ago < gap).then(|| now.after(gap - ago))
    }

    /// Moves `due` to when the first of what waits may be multicast.
    pub(super) fn put_off(&mut self, now: Instant) {
        let allowed = self.pending.each().filter_map(|kind| self.next_allowed(kind, now));
        self.due = allowed.reduce(|a, b| a.nearer(b, now)).unwrap_or(now);
    }

    /// Forgets what was multicast so long ago that it matters no more, before the clock wraps around to it.
    pub(super) fn forget_old(&mut self, now: Instant) {
        for kind in self.sent.each() {
            if self.sent_ago(kind, now).is_some_and(|ago| ago >= kind.ttl_secs() * 250) {
                self.sent = self.sent.without(kind);
            }
        }
    }
}

/// A set of the records that a slot stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kinds(u16);

impl Kinds {
    pub(super) const NONE: Kinds = Kinds(0);
    /// The host's IPv4 addresses.
    pub(super) const A: Kinds = Kinds(1);
    /// The host's IPv6 addresses.
    pub(super) const AAAA: Kinds = Kinds(1 << 1);
    /// What the host or instance has, and so what it has not.
    pub(super) const NSEC: Kinds = Kinds(1 << 2);
    /// From the service type to the instance.
    pub(super) const PTR: Kinds = Kinds(1 << 3);
    /// The instance's host and port.
    pub(super) const SRV: Kinds = Kinds(1 << 4);
    /// The instance's text.
    pub(super) const TXT: Kinds = Kinds(1 << 5);
    /// From the list of service types to the type.
    pub(super) const TYPE: Kinds = Kinds(1 << 6);
    /// From a subtype to the instance; the first of [`MAX_SUBTYPES`](Self::MAX_SUBTYPES).
    pub(super) const SUBTYPES: Kinds = Kinds(0xFF << 7);

    /// Subtypes of one service: a bit each.
    pub(super) const MAX_SUBTYPES: usize = 8;

    /// Kinds with a time of their own for their last multicast; the subtypes share one.
    pub(super) const GROUPS: usize = 8;

    pub(super) fn subtype(index: usize) -> Kinds {
        Kinds(1 << 7 << index).only(Kinds::SUBTYPES)
    }

    pub(super) const fn with(self, other: Kinds) -> Kinds {
        Kinds(self.0 | other.0)
    }

    pub(super) const fn without(self, other: Kinds) -> Kinds {
        Kinds(self.0 & !other.0)
    }

    pub(super) const fn only(self, other: Kinds) -> Kinds {
        Kinds(self.0 & other.0)
    }

    pub(super) const fn has(self, other: Kinds) -> bool {
        self.0 & other.0 != 0
    }

    pub(super) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Shared records are answered after a wait, and never flush caches (RFC 6762 sections 6, 10.2).
    pub(super) const fn is_shared(self) -> bool {
        self.has(Kinds::PTR.with(Kinds::TYPE).with(Kinds::SUBTYPES))
    }

    /// 120 s for what holds a host name in name or data, else 75 minutes (RFC 6762 section 10).
    pub(super) const fn ttl_secs(self) -> u32 {
        let with_host = Kinds::A.with(Kinds::AAAA).with(Kinds::NSEC).with(Kinds::SRV);
        if self.has(with_host) { 120 } else { 4_500 }
    }

    /// The members, one by one.
    pub(super) fn each(self) -> impl Iterator<Item = Kinds> {
        (0..16).map(|bit| Kinds(1 << bit)).filter(move |&kind| self.has(kind))
    }

    /// The index of a single kind's time.
    fn group(self) -> usize {
        (self.0.trailing_zeros() as usize).min(Self::GROUPS - 1)
    }
}

/// What the application has not been told yet; the last of each sort.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct News(u8);

impl News {
    pub(super) const CONFLICT: News = News(1);
    pub(super) const RENAMED: News = News(1 << 1);
    pub(super) const PROBING: News = News(1 << 2);
    pub(super) const ESTABLISHED: News = News(1 << 3);
    pub(super) const WITHDRAWN: News = News(1 << 4);
    pub(super) const TOO_LARGE: News = News(1 << 5);

    pub(super) fn add(&mut self, news: News) {
        // A name is probed for, or established, or withdrawn: the last one holds.
        const STATE: u8 = News::PROBING.0 | News::ESTABLISHED.0 | News::WITHDRAWN.0;
        if news.0 & STATE != 0 {
            self.0 &= !STATE;
        }
        self.0 |= news.0;
    }

    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Takes the first one out.
    pub(super) fn take(&mut self) -> Option<News> {
        let first = News(self.0 & self.0.wrapping_neg());
        self.0 &= !first.0;
        (first.0 != 0).then_some(first)
    }
}
