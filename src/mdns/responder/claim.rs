//! From a name wished for to a name of ours: probe, announce, leave (RFC 6762 sections 8 and 10.1).

use super::records::Style;
use super::slot::{Claim, Kinds, News, Owner, Slot};
use super::{OwnName, Responder, Step};
use crate::driver::Destination;
use crate::time::Instant;
use crate::wire::{Builder, Class, DoesNotFit, Flags, HEADER_LEN, Section, Type};

impl Responder<'_, '_> {
    /// Does everything that time alone does, so that each call sees the states that hold at `now`.
    pub(super) fn catch_up(&mut self, now: Instant) {
        self.now = now;
        self.begin_claims(now);
        for index in 0..self.slots.len() {
            let Some(slot) = self.slot_mut(index) else { continue };
            slot.forget_old(now);
            match slot.claim {
                Claim::Probing { sent: PROBES, due } if due.is_due(now) => {
                    slot.claim = Claim::Announcing { sent: 0, due: now };
                    slot.news.add(News::ESTABLISHED);
                    if index == HOST {
                        self.announce_services(now);
                    }
                    self.announce(index, now);
                }
                Claim::Announcing { due, .. } if due.is_due(now) => self.announce(index, now),
                _ => {}
            }
        }
        self.release_gathered(now);
    }

    /// Names that are to be probed for start together, so that their probes share packets (M-8.1-4).
    fn begin_claims(&mut self, now: Instant) {
        let mut start = None;
        for index in 0..self.slots.len() {
            // A host without an address and a service without a host have nothing to say yet.
            let ready = self.slot(index).is_some_and(|slot| {
                let complete =
                    if index == HOST { !self.all_kinds(slot).is_empty() } else { self.host().is_some() };
                slot.claim == Claim::Waiting && complete
            });
            if ready {
                let due = *start
                    .get_or_insert_with(|| now.after(self.jitter.between(0, 250) + self.conflicts.wait(now)));
                self.probe_from(index, due);
            }
        }
    }

    /// Starts probing for the name of slot `index` at `due`.
    pub(super) fn probe_from(&mut self, index: usize, due: Instant) {
        if let Some(slot) = self.slot_mut(index) {
            slot.quiet();
            slot.claim = Claim::Probing { sent: 0, due };
            slot.news.add(News::PROBING);
        }
    }

    /// One announcement: all records at once, with a second one after a second (M-8.3-1).
    fn announce(&mut self, index: usize, now: Instant) {
        let Some(kinds) = self.slot(index).map(|slot| self.all_kinds(slot)) else { return };
        let Some(slot) = self.slot_mut(index) else { return };
        let Claim::Announcing { sent, .. } = slot.claim else { return };
        slot.pend(kinds, now, now);
        slot.claim = match sent + 1 {
            ANNOUNCEMENTS.. => Claim::Established,
            sent => Claim::Announcing { sent, due: now.after(1_000) },
        };
    }

    /// The host has got a new name, or its first one: the records that point to it are told anew, without probing.
    fn announce_services(&mut self, now: Instant) {
        for slot in self.slots.iter_mut().skip(1).filter(|slot| slot.claim.is_ours()) {
            slot.claim = Claim::Announcing { sent: 0, due: now };
        }
    }

    /// Records of slot `index` have changed: announce anew, if the name is ours already (M-8.4-1).
    pub(super) fn announce_again(&mut self, index: usize) {
        let now = self.now;
        if let Some(slot) = self.slot_mut(index).filter(|slot| slot.claim.is_ours()) {
            slot.claim = Claim::Announcing { sent: 0, due: now };
        }
    }

    /// The probe that is due, for as many names as fit one packet.
    pub(super) fn transmit_probe(&mut self, now: Instant, buf: &mut [u8]) -> Step {
        let is_due =
            |slot: &Slot<'_>| matches!(slot.claim, Claim::Probing { sent: ..PROBES, due } if due.is_due(now));
        let mut names = self.slots.iter().filter(|slot| is_due(slot)).count();
        let mut len = 0;
        while names > 0 {
            let mut builder = Builder::new(buf, 0, Flags::default());
            let probed = (0..self.slots.len()).filter(|&i| self.slot(i).is_some_and(is_due)).take(names);
            if self.put_probe(&mut builder, probed).is_ok() {
                len = builder.len();
                break;
            }
            names -= 1;
        }
        for slot in self.slots.iter_mut().filter(|slot| is_due(slot)).take(names) {
            if let Claim::Probing { sent, .. } = slot.claim {
                slot.claim = Claim::Probing { sent: sent + 1, due: now.after(250) };
            }
        }
        if names > 0 {
            return Step::Sent(Destination::Multicast, len);
        }
        // Not even one name fits: told once, and given up.
        let Some(slot) = self.slots.iter_mut().find(|slot| is_due(slot)) else { return Step::Nothing };
        slot.claim = Claim::Idle;
        slot.news.add(News::TOO_LARGE);
        Step::GaveUp
    }

    /// Questions for all names, then the records that are proposed for them (M-8.1-3).
    fn put_probe(
        &self,
        builder: &mut Builder<'_>,
        names: impl Iterator<Item = usize> + Clone,
    ) -> Result<(), DoesNotFit> {
        let class = Class::IN.0 | if self.config.unicast_answers { Class::TOP } else { 0 };
        let slots = || names.clone().filter_map(|index| Some((index, self.slot(index)?)));
        for name in slots().filter_map(|(_, slot)| self.name_of(slot)) {
            builder.put_question(OwnName::labels(&name), Type::ANY, class)?;
        }
        for (index, slot) in slots() {
            for kind in self.all_kinds(slot).each().filter(|kind| !kind.is_shared()) {
                self.put(builder, Section::Authority, index, kind, Style::Proposed)?;
            }
        }
        Ok(())
    }

    /// Withdraws slot `index`: with a goodbye when it was announced, else at once.
    pub(super) fn leave(&mut self, index: usize, free: bool) {
        let Some(kinds) = self.slot(index).map(|slot| self.all_kinds(slot)) else { return };
        let now = self.now;
        let Some(slot) = self.slot_mut(index) else { return };
        if let Claim::Leaving { free: before } = slot.claim {
            slot.claim = Claim::Leaving { free: before || free };
            return;
        }
        slot.quiet();
        if slot.claim.is_ours() {
            slot.claim = Claim::Leaving { free };
            slot.pend(kinds, now, now);
        } else {
            slot.has_left(free);
        }
    }

    /// The goodbye that is due, as much of it as fits one packet.
    pub(super) fn transmit_goodbye(&mut self, _now: Instant, buf: &mut [u8]) -> Step {
        let is_leaving = |slot: &Slot<'_>| matches!(slot.claim, Claim::Leaving { .. });
        if !self.slots.iter().any(is_leaving) {
            return Step::Nothing;
        }
        let mut builder = Builder::new(buf, 0, Flags::QR.with(Flags::AA));
        for index in 0..self.slots.len() {
            let Some(slot) = self.slot(index).filter(|slot| is_leaving(slot)) else { continue };
            let written = self.put_kinds(&mut builder, Section::Answer, index, slot.pending, Style::Goodbye);
            if let Some(slot) = self.slot_mut(index) {
                slot.pending = slot.pending.without(written);
            }
        }
        let len = builder.len();
        for slot in self.slots.iter_mut() {
            let Claim::Leaving { free } = slot.claim else { continue };
            // What does not fit a packet of its own was never announced either.
            if slot.pending.is_empty() || len == HEADER_LEN {
                slot.pending = Kinds::NONE;
                slot.has_left(free);
            }
        }
        if let Some(label) =
            self.next_host.take_if(|_| self.slots.first().is_some_and(|host| host.claim == Claim::Idle))
        {
            self.claim_host(label);
        }
        if len > HEADER_LEN { Step::Sent(Destination::Multicast, len) } else { Step::GaveUp }
    }
}

impl Slot<'_> {
    fn has_left(&mut self, free: bool) {
        if self.claim != Claim::Idle || free {
            self.news.add(News::WITHDRAWN);
        }
        self.claim = Claim::Idle;
        if free {
            self.owner = Owner::Nobody;
        }
    }
}

/// Index of the host among the slots; services follow.
pub(super) const HOST: usize = 0;

/// Probes before a name is ours (RFC 6762 section 8.1).
const PROBES: u8 = 3;

/// Announcements, one second apart (RFC 6762 section 8.3).
const ANNOUNCEMENTS: u8 = 2;
