//! What is owed to single hosts: the only state that others can make us keep, bounded by the storage.

use core::net::{Ipv4Addr, SocketAddr, SocketAddrV4};

use super::Responder;
use super::answer::NOT_FOR_US;
use super::slot::Kinds;
use crate::driver::{Disposition, Meta};
use crate::time::Instant;
use crate::wire::{Checked, Flags, Type};

/// One host that waits for a reply, or whose known answers are being gathered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reply {
    pub(super) usage: Use,
    pub(super) to: SocketAddr,
    pub(super) due: Instant,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Use {
    Free,
    /// A query with TC set: more known answers may follow (RFC 6762 section 7.2).
    Gather,
    /// A reply by unicast.
    Unicast,
    /// A reply to a resolver that knows nothing of mDNS, with its id and question (RFC 6762 section 6.7).
    Legacy(Echo),
}

/// A legacy query, as ours: which slot's name, and what was asked of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Echo {
    pub(super) id: u16,
    pub(super) index: u16,
    pub(super) kind: Kinds,
    pub(super) qtype: Type,
    pub(super) class: u16,
}

impl Echo {
    pub(super) const NONE: Echo = Echo { id: 0, index: 0, kind: Kinds::NONE, qtype: Type::ANY, class: 1 };
}

impl Reply {
    pub(super) const FREE: Reply = Reply {
        usage: Use::Free,
        to: SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0)),
        due: Instant::from_millis(0),
    };
}

impl Responder<'_, '_> {
    /// Puts what each slot has in `written` into a reply to one host. Tells whether there was room.
    pub(super) fn keep_reply(&mut self, meta: &Meta, legacy: Option<Echo>, due: Instant) -> bool {
        let usage = legacy.map_or(Use::Unicast, Use::Legacy);
        let waits = |reply: &Reply| reply.to == meta.source && reply.usage == Use::Unicast;
        let waiting = self.replies.iter().position(|reply| legacy.is_none() && waits(reply));
        if let Some(row) = waiting {
            self.want(row, |slot, before| before.with(slot));
            return true;
        }
        self.budget.take(self.now)
            && self.take_row(usage, meta, due).is_some_and(|row| {
                self.want(row, |written, _| written);
                true
            })
    }

    /// Holds back what is asked until its known answers have come (M-6-5, M-7.2-2).
    pub(super) fn keep_gathering(&mut self, meta: &Meta) -> bool {
        let due = self.gathered_at();
        let Some(row) = self.take_row(Use::Gather, meta, due) else { return false };
        for index in 0..self.slots.len() {
            let asked = self.slot(index).map_or(Kinds::NONE, |slot| slot.asked);
            self.set_wanted(row, index, asked);
        }
        true
    }

    /// Takes further known answers of a query that was split (M-7.2-2).
    pub(super) fn gather_known(&mut self, message: &Checked<'_>, meta: &Meta) -> Disposition {
        let gathers = |reply: &Reply| reply.usage == Use::Gather && reply.to == meta.source;
        let mut disposition = NOT_FOR_US;
        for row in 0..self.replies.len() {
            if !self.replies.get(row).is_some_and(gathers) {
                continue;
            }
            if message.header().flags().has(Flags::TC) {
                let due = self.gathered_at();
                self.replies.get_mut(row).into_iter().for_each(|reply| reply.due = due);
            }
            for index in 0..self.slots.len() {
                let wanted = self.wanted(row, index);
                let known = self.known(index, wanted, message);
                self.set_wanted(row, index, wanted.without(known));
            }
            (self.is_stale, disposition) = (true, Disposition::Used);
        }
        disposition
    }

    /// Lets go what was held back for known answers.
    pub(super) fn release_gathered(&mut self) {
        let now = self.now;
        for row in 0..self.replies.len() {
            let due = |reply: &&mut Reply| reply.usage == Use::Gather && reply.due.is_due(now);
            let Some(reply) = self.replies.get_mut(row).filter(due) else { continue };
            reply.usage = Use::Free;
            for index in 0..self.slots.len() {
                let wanted = self.wanted(row, index);
                if let Some(slot) = self.slot_mut(index).filter(|slot| slot.claim.is_ours()) {
                    slot.pend(wanted, now, now);
                }
            }
        }
    }

    fn gathered_at(&mut self) -> Instant {
        self.now.after(self.jitter.between(400, 500))
    }

    fn take_row(&mut self, usage: Use, meta: &Meta, due: Instant) -> Option<usize> {
        let row = self.replies.iter().position(|reply| reply.usage == Use::Free)?;
        *self.replies.get_mut(row)? = Reply { usage, to: meta.source, due };
        Some(row)
    }

    fn want(&mut self, row: usize, all: impl Fn(Kinds, Kinds) -> Kinds) {
        for index in 0..self.slots.len() {
            let written = self.slot(index).map_or(Kinds::NONE, |slot| slot.written);
            let wanted = all(written, self.wanted(row, index));
            self.set_wanted(row, index, wanted);
        }
    }

    /// What reply `row` is to say of slot `index`.
    pub(super) fn wanted(&self, row: usize, index: usize) -> Kinds {
        self.wanted.get(row * self.slots.len() + index).copied().unwrap_or(Kinds::NONE)
    }

    pub(super) fn set_wanted(&mut self, row: usize, index: usize, kinds: Kinds) {
        let at = row * self.slots.len() + index;
        self.wanted.get_mut(at).into_iter().for_each(|wanted| *wanted = kinds);
    }
}

/// Bounds the replies to single hosts: a storm of queries, perhaps in another's name, brings no storm of replies (N3).
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget {
    since: Instant,
    left: u8,
}

impl Budget {
    pub(super) const FULL: Budget = Budget { since: Instant::from_millis(0), left: REPLIES_AT_ONCE as u8 };

    fn take(&mut self, now: Instant) -> bool {
        let earned = now.millis_since(self.since) / MILLIS_A_REPLY;
        if earned > 0 {
            let left = earned.saturating_add(self.left.into()).min(REPLIES_AT_ONCE);
            *self = Budget { since: now, left: left as u8 };
        }
        let any = self.left > 0;
        self.left = self.left.saturating_sub(1);
        any
    }
}

/// Ten at once, and then one each 100 ms, are at most twenty in any second: enough for a room of people who open the
/// same page, and a fraction of what a link carries.
const REPLIES_AT_ONCE: u32 = 10;
const MILLIS_A_REPLY: u32 = 100;
