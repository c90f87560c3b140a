//! Questions heard and answers given: what, when, to whom, and with what beside (RFC 6762 section 6).

use super::claim::HOST;
use super::records::Style;
use super::reply::{Echo, Reply, Use};
use super::slot::{Kinds, News};
use super::{Responder, Step};
use crate::driver::{Destination, Meta};
use crate::mdns::PORT;
use crate::time::Instant;
use crate::wire::{Builder, Checked, Class, Flags, HEADER_LEN, Section};

impl Responder<'_, '_> {
    /// Reads the questions of a query and notes what is to be answered. Tells whether anything is; `None` when it
    /// should be, but nobody can remember it.
    pub(super) fn hear_questions(
        &mut self,
        message: &Checked<'_>,
        meta: &Meta,
        now: Instant,
    ) -> Option<bool> {
        let more_follows = message.header().flags().has(Flags::TC);
        if message.header().question_count() == 0 {
            return Some(self.gather_known(message, meta, more_follows, now));
        }
        let legacy = meta.source.port() != PORT;
        let echo = self.note_asked(message, meta, legacy, now);
        let (mut by_group, mut by_unicast) = (Kinds::NONE, Kinds::NONE);
        for index in 0..self.slots.len() {
            let Some(asked) = self.slot(index).map(|slot| slot.asked.with(slot.asked_unicast)) else {
                continue;
            };
            let known = self.known(index, asked, message);
            if let Some(slot) = self.slot_mut(index) {
                slot.asked = slot.asked.without(known);
                slot.asked_unicast = slot.asked_unicast.without(known);
                by_group = by_group.with(slot.asked);
                by_unicast = by_unicast.with(slot.asked_unicast);
            }
        }
        let all = by_group.with(by_unicast);
        if all.is_empty() {
            return Some(false);
        }
        // M-6-3, M-6-4, M-6.3-1: one draw for the packet; what is unique alone goes at once.
        let wait = if all.is_shared() { self.jitter.between(20, 120) } else { 0 };
        if !by_unicast.is_empty() && !self.keep_reply(meta, legacy, echo, now.after(wait)) {
            if legacy {
                return None;
            }
            // QU is only a wish: without a slot for the reply the group gets the answer.
            self.slots.iter_mut().for_each(|slot| slot.asked = slot.asked.with(slot.asked_unicast));
        }
        if more_follows && !legacy && self.keep_gathering(meta, now) {
            return Some(true);
        }
        for slot in self.slots.iter_mut() {
            slot.pend(slot.asked, now.after(wait), now);
        }
        Some(true)
    }

    /// Sets what each slot is asked for, and finds the question that a legacy reply repeats.
    fn note_asked(&mut self, message: &Checked<'_>, meta: &Meta, legacy: bool, now: Instant) -> Echo {
        let mut echo = Echo::default();
        for slot in self.slots.iter_mut() {
            (slot.asked, slot.asked_unicast) = (Kinds::NONE, Kinds::NONE);
        }
        let on_link = self.addresses.on_link(meta.source.ip());
        for question in message.questions() {
            if !matches!(question.class(), Class::IN | Class::ANY) {
                continue;
            }
            for index in 0..self.slots.len() {
                if !self.slot(index).is_some_and(|slot| slot.claim.is_ours()) {
                    continue;
                }
                let kinds = self.matching(index, &question.name(), question.qtype());
                let Some(slot) = self.slot_mut(index) else { continue };
                let unicast = if legacy || !meta.multicast {
                    kinds
                } else if question.unicast_response() && on_link {
                    // M-5.4-2: what the group has not heard for a quarter of its life, the group hears.
                    let fresh = |kind: &Kinds| {
                        slot.sent_ago(*kind, now).is_some_and(|ago| ago < kind.ttl_secs() * 250)
                    };
                    kinds.each().filter(fresh).fold(Kinds::NONE, Kinds::with)
                } else {
                    Kinds::NONE
                };
                slot.asked_unicast = slot.asked_unicast.with(unicast);
                slot.asked = slot.asked.with(kinds.without(unicast));
                if !kinds.is_empty() && echo.kind.is_empty() {
                    echo = Echo {
                        index: index as u16,
                        kind: kinds,
                        qtype: question.qtype(),
                        class: question.raw_class(),
                    };
                }
            }
        }
        if legacy && !on_link {
            // Off the link nobody is answered (N1); a legacy asker hears no multicast either.
            self.slots.iter_mut().for_each(|slot| slot.asked_unicast = Kinds::NONE);
        }
        echo
    }

    /// Puts what is asked by unicast into a reply slot.
    fn keep_reply(&mut self, meta: &Meta, legacy: bool, echo: Echo, due: Instant) -> bool {
        let new = Use::Unicast { legacy: legacy.then_some((self.query_id, echo)) };
        let same = |reply: &Reply| reply.to == meta.source && reply.usage == Use::Unicast { legacy: None };
        let found = self.replies.iter().position(|reply| !legacy && same(reply));
        let Some(row) = found.or_else(|| self.replies.iter().position(|reply| reply.usage == Use::Free))
        else {
            return false;
        };
        let now = self.now;
        if let Some(reply) = self.replies.get_mut(row) {
            reply.due = if found.is_some() { reply.due.nearer(due, now) } else { due };
            (reply.usage, reply.to) = (new, meta.source);
        }
        for index in 0..self.slots.len() {
            let asked = self.slot(index).map_or(Kinds::NONE, |slot| slot.asked_unicast);
            let before = if found.is_some() { self.wanted(row, index) } else { Kinds::NONE };
            self.set_wanted(row, index, before.with(asked));
        }
        true
    }

    /// Holds back what is asked until its known answers have come (M-6-5, M-7.2-2).
    fn keep_gathering(&mut self, meta: &Meta, now: Instant) -> bool {
        let Some(row) = self.replies.iter().position(|reply| reply.usage == Use::Free) else { return false };
        let due = now.after(self.jitter.between(400, 500));
        if let Some(reply) = self.replies.get_mut(row) {
            (reply.usage, reply.to, reply.due) = (Use::Gather, meta.source, due);
        }
        for index in 0..self.slots.len() {
            let asked = self.slot(index).map_or(Kinds::NONE, |slot| slot.asked);
            self.set_wanted(row, index, asked);
        }
        true
    }

    /// Takes further known answers of a query that was split (M-7.2-2).
    fn gather_known(&mut self, message: &Checked<'_>, meta: &Meta, more_follows: bool, now: Instant) -> bool {
        let gathers = |reply: &Reply| reply.usage == Use::Gather && reply.to == meta.source;
        let Some(row) = self.replies.iter().position(gathers) else { return false };
        for index in 0..self.slots.len() {
            let wanted = self.wanted(row, index);
            let known = self.known(index, wanted, message);
            self.set_wanted(row, index, wanted.without(known));
        }
        if more_follows {
            let due = now.after(self.jitter.between(400, 500));
            if let Some(reply) = self.replies.get_mut(row) {
                reply.due = due;
            }
        }
        true
    }

    /// Lets go what was held back for known answers.
    pub(super) fn release_gathered(&mut self, now: Instant) {
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

    /// The reply to one host that is due.
    pub(super) fn transmit_reply(&mut self, now: Instant, buf: &mut [u8]) -> Step {
        let due = |reply: &Reply| matches!(reply.usage, Use::Unicast { .. }) && reply.due.is_due(now);
        let Some(row) = self.replies.iter().position(due) else { return Step::Nothing };
        let Some(&Reply { usage: Use::Unicast { legacy }, to, .. }) = self.replies.get(row) else {
            return Step::Nothing;
        };
        for index in 0..self.slots.len() {
            let wanted = self.wanted(row, index);
            if let Some(slot) = self.slot_mut(index) {
                slot.asked = if slot.claim.is_ours() { wanted } else { Kinds::NONE };
            }
        }
        let (id, style) = legacy.map_or((0, Style::Announced), |(id, _)| (id, Style::Legacy));
        let mut builder = Builder::new(buf, id, Flags::QR.with(Flags::AA));
        if let Some((_, echo)) = legacy {
            let name = self.slot(echo.index.into()).and_then(|slot| self.owner_of(slot, echo.kind));
            if let Some(name) = name {
                // The question of a legacy reply is a courtesy (RFC 6762 section 6.7); the answers go first.
                let _ = builder.put_question(name.labels(), echo.qtype, echo.class);
            }
        }
        let complete = self.put_answers(&mut builder, style, None);
        if !complete && legacy.is_some() {
            builder.set_flags(Flags::TC);
        }
        let (any, len) = (self.slots.iter().any(|slot| !slot.asked_unicast.is_empty()), builder.len());
        for index in 0..self.slots.len() {
            let written = self.slot(index).map_or(Kinds::NONE, |slot| slot.asked_unicast);
            let rest = self.wanted(row, index).without(written);
            self.set_wanted(row, index, rest);
        }
        let done = complete || !any || legacy.is_some();
        if let Some(reply) = self.replies.get_mut(row).filter(|_| done) {
            reply.usage = Use::Free;
        }
        if any { Step::Sent(Destination::Unicast(to), len) } else { Step::GaveUp }
    }

    /// The multicast answers that are due, with those that wait (M-6.4-1).
    pub(super) fn transmit_answers(&mut self, now: Instant, buf: &mut [u8]) -> Step {
        let mut any_due = false;
        for slot in self.slots.iter_mut() {
            let allowed = |kind: &Kinds| slot.next_allowed(*kind, now).is_none();
            slot.asked = slot.pending.each().filter(allowed).fold(Kinds::NONE, Kinds::with);
            if slot.pending.is_empty() || !slot.due.is_due(now) {
                continue;
            }
            any_due |= !slot.asked.is_empty();
            if slot.asked.is_empty() {
                slot.put_off(now);
            }
        }
        if !any_due {
            return Step::Nothing;
        }
        let mut builder = Builder::new(buf, 0, Flags::QR.with(Flags::AA));
        self.put_answers(&mut builder, Style::Announced, Some(now));
        let len = builder.len();
        for slot in self.slots.iter_mut() {
            for kind in slot.asked_unicast.each() {
                slot.note_sent(kind, now);
            }
            slot.pending = slot.pending.without(slot.asked_unicast);
            if slot.pending.is_empty() {
                slot.defend = false;
            } else if slot.asked.without(slot.asked_unicast).is_empty() {
                slot.put_off(now);
            }
        }
        if len > HEADER_LEN {
            return Step::Sent(Destination::Multicast, len);
        }
        // A record that does not fit a packet of its own: told once, and given up.
        for slot in self.slots.iter_mut().filter(|slot| !slot.asked.is_empty()) {
            slot.pending = slot.pending.without(slot.asked);
            slot.news.add(News::TOO_LARGE);
        }
        Step::GaveUp
    }

    /// Writes what each slot's `asked` holds as answers, then what helps beside them. What was written stands in
    /// `asked_unicast` afterwards. Tells whether all answers fitted; additional records may be left out (S-12-1).
    /// What goes to the group at `group_now` keeps its distance to the last time.
    fn put_answers(&mut self, builder: &mut Builder<'_>, style: Style, group_now: Option<Instant>) -> bool {
        let mut complete = true;
        for index in 0..self.slots.len() {
            let asked = self.slot(index).map_or(Kinds::NONE, |slot| slot.asked);
            let written = self.put_kinds(builder, Section::Answer, index, asked, style);
            complete &= written == asked;
            if let Some(slot) = self.slot_mut(index) {
                slot.asked_unicast = written;
            }
        }
        if complete {
            self.put_additionals(builder, style, group_now);
        }
        complete
    }

    /// SRV, TXT and addresses beside PTR, addresses beside SRV, the other family beside one family, and that there is
    /// none (S-12.1-1, S-12.2-1, M-6.2-1, M-6.1-3).
    fn put_additionals(&mut self, builder: &mut Builder<'_>, style: Style, group_now: Option<Instant>) {
        let pointers = Kinds::PTR.with(Kinds::SUBTYPES);
        let written_of_host = self.slot(HOST).map_or(Kinds::NONE, |slot| slot.asked_unicast);
        let mut host_helps = written_of_host.has(Kinds::A.with(Kinds::AAAA));
        for index in 1..self.slots.len() {
            let Some(written) = self.slot(index).map(|slot| slot.asked_unicast) else { continue };
            host_helps |= written.has(pointers.with(Kinds::SRV));
            if written.has(pointers) {
                let beside = Kinds::SRV.with(Kinds::TXT).without(written);
                self.put_beside(builder, index, beside, style, group_now);
            }
        }
        let host = self.slot(HOST).filter(|slot| host_helps && slot.claim.is_ours());
        if let Some(all) = host.map(|slot| self.all_kinds(slot)) {
            let both = Kinds::A.with(Kinds::AAAA);
            let missing = if both.without(all).is_empty() { Kinds::NONE } else { Kinds::NSEC };
            self.put_beside(builder, HOST, all.with(missing).without(written_of_host), style, group_now);
        }
    }

    fn put_beside(
        &mut self,
        builder: &mut Builder<'_>,
        index: usize,
        kinds: Kinds,
        style: Style,
        group_now: Option<Instant>,
    ) {
        let Some(slot) = self.slot(index) else { return };
        let allowed = |kind: &Kinds| group_now.is_none_or(|now| slot.next_allowed(*kind, now).is_none());
        let kinds = kinds.each().filter(allowed).fold(Kinds::NONE, Kinds::with);
        let written = self.put_kinds(builder, Section::Additional, index, kinds, style);
        if let Some(slot) = self.slot_mut(index) {
            slot.asked_unicast = slot.asked_unicast.with(written);
        }
    }

    /// Writes the kinds that fit, and tells which did.
    pub(super) fn put_kinds(
        &self,
        builder: &mut Builder<'_>,
        section: Section,
        index: usize,
        kinds: Kinds,
        style: Style,
    ) -> Kinds {
        let mut fits = |kind: &Kinds| self.put(builder, section, index, *kind, style).is_ok();
        kinds.each().filter(|kind| fits(kind)).fold(Kinds::NONE, Kinds::with)
    }
}
