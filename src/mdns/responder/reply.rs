//! What is owed to single hosts: the only state that others can make us keep, bounded by the storage.

use core::net::{Ipv4Addr, SocketAddr, SocketAddrV4};

use super::Responder;
use super::kinds::Kinds;
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

#[derive(Clone, Copy, Debug)]
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

/// What a legacy query wants repeated, beside the name of what answers it: of several questions the first that has an
/// answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Echo {
    pub(super) id: u16,
    pub(super) qtype: Type,
    pub(super) class: u16,
    pub(super) index: u16,
    /// Which record of slot `index` answers it: reverse records of many addresses share a kind.
    pub(super) nth: u16,
    /// It is the only question, which every record that goes out answers.
    pub(super) is_only: bool,
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
        let (now, wait) = (self.now, due.millis_until(self.now));
        // What waits for no longer takes this along.
        let takes = |reply: &Reply| {
            reply.to == meta.source
                && matches!(reply.usage, Use::Unicast)
                && reply.due.millis_until(now) <= wait
        };
        let waiting = self.replies.iter().position(|reply| legacy.is_none() && takes(reply));
        let Some(row) = waiting else {
            return self.budget.take(now) && self.take_row(usage, meta, due);
        };
        self.want(row, true);
        true
    }

    /// Holds back what each slot has in `asked` until its known answers have come (M-6-5, M-7.2-2). Tells whether there
    /// was room.
    pub(super) fn keep_gathering(&mut self, meta: &Meta) -> bool {
        let due = self.gathered_at();
        self.take_row(Use::Gather, meta, due)
    }

    /// Takes further known answers of queries that were split (M-7.2-2): all that the host has asked and will have
    /// answered later.
    pub(super) fn gather_known(&mut self, message: &Checked<'_>, meta: &Meta) -> Disposition {
        let (due, more_follows) = (self.gathered_at(), message.header().flags().has(Flags::TC));
        let mut disposition = Disposition::NOT_FOR_US;
        for row in 0..self.replies.len() {
            let gathers = |reply: &&mut Reply| matches!(reply.usage, Use::Gather) && reply.to == meta.source;
            let Some(reply) = self.replies.get_mut(row).filter(gathers) else { continue };
            if more_follows {
                reply.due = due;
            }
            (self.is_stale, disposition) = (true, Disposition::Used);
            for index in 0..self.slots.len() {
                let known = self.known(index, message);
                self.set_wanted(row, index, self.wanted(row, index).without(known));
            }
        }
        disposition
    }

    /// Lets go what was held back for known answers.
    pub(super) fn release_gathered(&mut self) {
        let now = self.now;
        for row in 0..self.replies.len() {
            let due = |reply: &&mut Reply| matches!(reply.usage, Use::Gather) && reply.due.is_due(now);
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

    fn take_row(&mut self, usage: Use, meta: &Meta, due: Instant) -> bool {
        let mut rows = (0..).zip(self.replies.iter_mut());
        let Some((row, reply)) = rows.find(|(_, reply)| matches!(reply.usage, Use::Free)) else {
            return false;
        };
        (reply.usage, reply.to, reply.due) = (usage, meta.source, due);
        self.want(row, false);
        true
    }

    /// Notes what the host of `row` is to be told; `keeps` tells whether beside what was noted before.
    fn want(&mut self, row: usize, keeps: bool) {
        let gathers = self.replies.get(row).is_some_and(|reply| matches!(reply.usage, Use::Gather));
        let wanted = self.wanted.get_mut(row * self.slots.len()..).unwrap_or_default();
        for (wanted, slot) in wanted.iter_mut().zip(self.slots.iter()) {
            let new = if gathers { slot.asked } else { slot.written };
            *wanted = if keeps { wanted.with(new) } else { new };
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
/// Ten may go at once, then one every 100 ms: at most twenty in any second.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget {
    since: Instant,
    credit_millis: u32,
}

impl Budget {
    pub(super) const FULL: Budget = Budget { since: Instant::from_millis(0), credit_millis: BURST_MILLIS };

    pub(super) fn take(&mut self, now: Instant) -> bool {
        let credit_millis = now.millis_since(self.since).saturating_add(self.credit_millis).min(BURST_MILLIS);
        let left = credit_millis.checked_sub(REPLY_MILLIS);
        *self = Budget { since: now, credit_millis: left.unwrap_or(credit_millis) };
        left.is_some()
    }
}

/// What a reply costs, and what there is at most.
const REPLY_MILLIS: u32 = 100;
const BURST_MILLIS: u32 = 1_000;
