//! From a name wished for to a name of ours: probe, announce, leave (RFC 6762 sections 8 and 10.1).

use super::Responder;
use super::handle::Handle;
use super::kinds::Kinds;
use super::slot::{Claim, Flags, Goodbye, News, Owner, Slot};
use crate::mdns::interest::Interest;
use crate::time::Instant;

impl Responder<'_, '_> {
    /// Does everything that time alone does, so that each call sees the states that hold at `now`.
    #[inline]
    pub(super) fn catch_up(&mut self, now: Instant) {
        self.now = now;
        if self.is_stale || self.next.is_some_and(|next| next.is_due(now)) {
            self.advance(now);
        }
    }

    #[inline(never)]
    fn advance(&mut self, now: Instant) {
        self.is_stale = true;
        if self.has_new_name {
            self.note_names();
        }
        self.begin_claims();
        for index in 0..self.slots.len() {
            let Some(slot) = self.slot_mut(index) else { continue };
            slot.forget_old(now);
            match slot.claim {
                Claim::Probing { sent: PROBES, due } if due.is_due(now) => self.establish(index),
                Claim::Announcing { due, .. } if due.is_due(now) => self.announce(index),
                _ => {}
            }
        }
        self.release_gathered();
    }

    /// Notes all names of ours, so that strangers' are passed over. Never inlined: a name stands on the stack here.
    #[inline(never)]
    fn note_names(&mut self) {
        let mut interest = Interest::NONE;
        for index in (0..self.slots.len()).filter(|&index| self.slot(index).is_some_and(Slot::is_live)) {
            let mut records = self.records(index);
            while let Some(record) = records.next() {
                record.owner.read(|owner| interest.add(&owner.name()));
            }
        }
        (self.interest, self.has_new_name) = (interest, false);
    }

    /// Names that are to be probed for start together, so that their probes share packets (M-8.1-4). Shared ones are
    /// announced without (M-8.1-1).
    pub(super) fn begin_claims(&mut self) {
        let mut start = None;
        for index in 0..self.slots.len() {
            if self.is_ready(index) {
                let due = *start.get_or_insert_with(|| self.start_of_probing());
                let Some(slot) = self.slot_mut(index) else { continue };
                if slot.flags.has(Flags::SHARED) {
                    slot.claim = Claim::Announcing { sent: 0, due };
                    self.tell(index, News::ESTABLISHED);
                } else {
                    self.probe_from(index, due);
                }
            }
        }
    }

    /// Whether a name waits to be claimed and there is something to say: a host without an address and a service
    /// without a host have nothing to say yet. Nor has a service of this device where that has no address: what it says would
    /// reach nobody.
    fn is_ready(&self, index: usize) -> bool {
        self.slot(index).is_some_and(|slot| {
            let complete = match slot.owner {
                Owner::Service(service) => {
                    let is_reachable = service.host != Handle::HOST || !self.addresses.all().is_empty();
                    self.slot(service.host.index.into()).is_some_and(Slot::is_live) && is_reachable
                }
                _ => !self.announced_kinds(index).is_empty(),
            };
            matches!(slot.claim, Claim::Waiting) && matches!(slot.goodbye, Goodbye::Nothing) && complete
        })
    }

    /// M-8.1-2: a random wait before the first probe; M-8.1-7: longer where every name is taken.
    pub(super) fn start_of_probing(&mut self) -> Instant {
        self.now.after(self.jitter.between(0, 250) + self.conflicts.wait(self.now))
    }

    /// Starts probing for the name of slot `index` at `due`.
    pub(super) fn probe_from(&mut self, index: usize, due: Instant) {
        if let Some(slot) = self.slot_mut(index) {
            // What waits is no answer where it is a name's goodbye.
            if !matches!(slot.goodbye, Goodbye::Name | Goodbye::Label(..)) {
                slot.quiet();
            }
            slot.claim = Claim::Probing { sent: 0, due };
            self.tell(index, News::PROBING);
        }
    }

    /// Nobody has objected to our probes. A service is not told of before its host, whose name may be another's.
    fn establish(&mut self, index: usize) {
        if self.waits_for_host(index) {
            self.slot_mut(index).into_iter().for_each(|slot| slot.claim = Claim::Probed);
            return;
        }
        self.take_name(index);
        // A host has got a new name, or its first one: the records that point to it are told anew, without probing.
        for service in 0..self.slots.len() {
            if self.runs_on(service, index) {
                if self.slot(service).is_some_and(|slot| matches!(slot.claim, Claim::Probed)) {
                    self.take_name(service);
                }
                self.announce_again(service);
            }
        }
        self.announce(index);
    }

    /// The name of slot `index` is ours from now on.
    fn take_name(&mut self, index: usize) {
        let due = self.now;
        self.slot_mut(index).into_iter().for_each(|slot| slot.claim = Claim::Announcing { sent: 0, due });
        self.tell(index, News::ESTABLISHED);
    }

    /// Whether slot `index` is a service on a host whose name is to be claimed first.
    fn waits_for_host(&self, index: usize) -> bool {
        let Some(&Slot { owner: Owner::Service(service), .. }) = self.slot(index) else { return false };
        self.slot(service.host.index.into())
            .is_some_and(|host| !host.claim.is_ours() && !matches!(host.owner, Owner::Other(_, [])))
    }

    /// Whether slot `service` is a service on the host in slot `index`.
    pub(super) fn runs_on(&self, service: usize, index: usize) -> bool {
        self.slot(service).is_some_and(
            |slot| matches!(slot.owner, Owner::Service(service) if usize::from(service.host.index) == index),
        )
    }

    /// One announcement: all records at once, with a second one after a second (M-8.3-1).
    fn announce(&mut self, index: usize) {
        let (kinds, now) = (self.announced_kinds(index), self.now);
        if let Some(slot) = self.slot_mut(index)
            && let Claim::Announcing { sent, .. } = slot.claim
        {
            slot.pend(kinds, now, now);
            slot.helps = Kinds::ALL;
            slot.flags.set(Flags::ANNOUNCED.with(Flags::ANNOUNCES), true);
            slot.claim = match sent + 1 {
                ANNOUNCEMENTS.. => Claim::Established,
                sent => Claim::Announcing { sent, due: now.after(1_000) },
            };
        }
    }

    /// Records of slot `index` have changed: announce anew, if the name is ours already (M-8.4-1). A host without
    /// addresses waits for some.
    pub(super) fn announce_again(&mut self, index: usize) {
        let (now, any) = (self.now, !self.announced_kinds(index).is_empty());
        self.is_stale = true;
        let Some(slot) = self.slot_mut(index) else { return };
        let claimed = slot.claim.is_ours() || slot.claim.due().is_some();
        if claimed && !any {
            slot.quiet();
            slot.claim = Claim::Waiting;
        } else if slot.claim.is_ours() {
            slot.claim = Claim::Announcing { sent: 0, due: now };
        }
    }

    /// What is announced of slot `index`, and withdrawn in the end. Reverse names and the list of types are told to who
    /// asks: others may stand behind them too, and an address that is gone could not be withdrawn any more.
    pub(super) fn announced_kinds(&self, index: usize) -> Kinds {
        let on_request = match self.slot(index) {
            Some(Slot { owner: Owner::Service(_), .. }) => Kinds::TYPE,
            Some(slot) if slot.is_host() => Kinds::REVERSE.and_behind(Kinds::REVERSES),
            _ => Kinds::NONE,
        };
        self.kinds_of(index).0.without(on_request.with(Kinds::NSEC))
    }

    /// Withdraws slot `index`, for good or until the link is up: with a goodbye when it was announced, else at once.
    pub(super) fn leave(&mut self, index: usize, for_good: bool) {
        let goodbyes = self.announced_kinds(index);
        self.is_stale = true;
        let Some(slot) = self.slot_mut(index).filter(|slot| slot.is_live()) else { return };
        let was_claimed = !matches!(slot.claim, Claim::Idle);
        slot.claim = if for_good { Claim::Leaving } else { Claim::Idle };
        let announced = slot.flags.has(Flags::ANNOUNCED);
        slot.flags.set(Flags::ANNOUNCED, false);
        if announced && !goodbyes.is_empty() {
            slot.quiet();
            (slot.goodbye, slot.pending) = (Goodbye::Name, goodbyes);
        } else if !matches!(slot.goodbye, Goodbye::Name | Goodbye::Label(..)) && (was_claimed || for_good) {
            slot.has_left();
            self.has_news = true;
        }
    }

    /// Something to be told of slot `index`.
    pub(super) fn tell(&mut self, index: usize, news: News) {
        if let Some(slot) = self.slot_mut(index) {
            slot.news.add(news);
            self.has_news = true;
        }
    }

    /// The families of addresses that a host has none of.
    pub(super) fn lacking_families(&self, index: usize) -> Kinds {
        Kinds::A.with(Kinds::AAAA).without(self.claimed_kinds(index))
    }

    /// The kinds that are probed for.
    pub(super) fn claimed_kinds(&self, index: usize) -> Kinds {
        self.kinds_of(index).1
    }
}

impl Slot<'_> {
    /// Forgets what was multicast or changed so long ago that it matters no more, before the clock wraps around to it.
    fn forget_old(&mut self, now: Instant) {
        self.forget_sent(Kinds::ALL, LONGEST_QUARTER, now);
        if self.flags.has(Flags::CHANGES) {
            self.changed = now;
            self.flags.set(Flags::CHANGES, false);
        } else if now.millis_since(self.changed) >= super::conflict::SETTLES_MILLIS {
            self.flags.set(Flags::CHANGED, false);
        }
    }
}

/// Probes before a name is ours (RFC 6762 section 8.1).
pub(super) const PROBES: u8 = 3;

/// Announcements, one second apart (RFC 6762 section 8.3).
const ANNOUNCEMENTS: u8 = 2;

/// A quarter of 75 minutes: longer ago than this, the group is told anew anyhow (M-5.4-2).
const LONGEST_QUARTER: u32 = 4_500_000 / 4;
