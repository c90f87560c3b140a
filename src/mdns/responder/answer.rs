//! Questions heard: what is to be answered, when and to whom (RFC 6762 sections 5.4 and 6).

use super::Responder;
use super::kinds::Kinds;
use super::records::{Hold, OwnRecord};
use super::reply::Echo;
use super::slot::{Flags, Slot};
use crate::driver::{Disposition, Meta, Reason};
use crate::mdns::PORT;
use crate::time::Instant;
use crate::wire::{Checked, Class, Flags as Bits, Question, Type};

/// What a question asks of one slot.
struct Asked {
    kinds: Kinds,
    /// Those of them that the group has heard within a quarter of their life.
    fresh: Kinds,
}

impl Asked {
    fn add(&mut self, slot: &Slot<'_>, record: &OwnRecord<'_>, now: Instant) {
        self.kinds = self.kinds.with(record.kind);
        if slot.millis_since(record.kind, now) / 250 < record.ttl_secs {
            self.fresh = self.fresh.with(record.kind);
        }
    }
}

impl Responder<'_, '_> {
    /// Takes a query for a name that may be ours, or known answers alone.
    pub(super) fn hear_query(&mut self, message: &Checked<'_>, meta: &Meta) -> Disposition {
        if message.header().question_count() == 0 {
            return self.gather_known(message, meta);
        }
        self.is_stale = true;
        let yields = self.hear_probes(message);
        let disposition = self.hear_questions(message, meta);
        // Whom the group is not to be told for needs no haste later.
        self.slots.iter_mut().for_each(|slot| slot.relax(Kinds::NONE));
        if yields { Disposition::Used } else { disposition }
    }

    fn hear_questions(&mut self, message: &Checked<'_>, meta: &Meta) -> Disposition {
        let header = message.header();
        let legacy = meta.source.port() != PORT;
        let more_follows = header.flags().has(Bits::TC) && !legacy;
        // A legacy asker hears no multicast; who asked our address wants no other to hear it.
        let alone = legacy || !meta.multicast;
        let on_link = self.addresses.on_link(&meta.source);
        if alone && !on_link {
            return Disposition::NOT_FOR_US;
        }
        for slot in self.slots.iter_mut() {
            // `asked` is for the group, `written` for this host alone.
            (slot.asked, slot.written) = (Kinds::NONE, Kinds::NONE);
        }
        let mut echo = None;
        for question in message.questions() {
            if !self.interest.has(&question.name()) {
                continue;
            }
            let by_unicast = question.unicast_response() && on_link && !more_follows;
            for index in 0..self.slots.len() {
                let Asked { kinds, fresh } = self.asked_of(index, &question);
                let Some(slot) = self.slot_mut(index) else { continue };
                if alone {
                    slot.written = slot.written.with(kinds);
                } else if by_unicast {
                    // M-5.4-2: what the group has not heard for a quarter of its life, the group hears. M-5.4-4: a
                    // probe has its answer by unicast in any case.
                    let defends = slot.flags.has(Flags::DEFEND);
                    slot.written = slot.written.with(if defends { kinds } else { fresh });
                    slot.asked = slot.asked.with(kinds.without(fresh));
                } else {
                    slot.asked = slot.asked.with(kinds);
                }
                if legacy && echo.is_none() && !kinds.is_empty() {
                    let (qtype, class) = (question.qtype(), question.raw_class());
                    let nth = self.first_of(index, &question.name(), kinds);
                    let (id, index, is_only) = (header.id(), index as u16, header.question_count() == 1);
                    echo = Some(Echo { id, qtype, class, index, nth, is_only });
                }
            }
        }
        let waits = self.slots.iter().any(|slot| !slot.pending.is_empty());
        let (mut asked, mut written, mut is_shared) = (Kinds::NONE, Kinds::NONE, false);
        for index in 0..self.slots.len() {
            self.leave_out_known(index, message, waits);
            if let Some(slot) = self.slot(index) {
                (asked, written) = (asked.with(slot.asked), written.with(slot.written));
                is_shared |= slot.asked.with(slot.written).has(slot.shared_kinds());
            }
        }
        if asked.with(written).is_empty() {
            return Disposition::NOT_FOR_US;
        }
        // M-6-3, M-6-4, M-6.3-1: one draw for the packet; what is unique alone goes at once.
        let wait = if is_shared { self.jitter.between(20, 120) } else { 0 };
        let due = self.now.after(wait);
        if !written.is_empty() && !self.keep_reply(meta, echo, due) {
            self.counters.limited = self.counters.limited.wrapping_add(1);
            if legacy {
                return Disposition::Ignored(Reason::Busy);
            }
            // QU is only a wish: without a slot for the reply the group gets the answer.
            self.slots.iter_mut().for_each(|slot| slot.asked = slot.asked.with(slot.written));
        }
        self.counters.answered = self.counters.answered.wrapping_add(1);
        if !more_follows || !self.keep_gathering(meta) {
            let now = self.now;
            self.slots.iter_mut().for_each(|slot| slot.pend(slot.asked, due, now));
        }
        Disposition::Used
    }

    /// What `question` asks of slot `index`: the records of its name and type, or the negative when the name is ours
    /// alone and has no such record (M-6-1, M-6-2, M-6.1-1, M-6.5-1).
    fn asked_of(&self, index: usize, question: &Question<'_>) -> Asked {
        let mut asked = Asked { kinds: Kinds::NONE, fresh: Kinds::NONE };
        let Some(slot) = self.slot(index).filter(|slot| slot.claim.is_ours()) else { return asked };
        if !matches!(question.class(), Class::IN | Class::ANY) {
            return asked;
        }
        let (name, qtype) = (question.name(), question.qtype());
        let named = !slot.flags.has(Flags::SHARED) && slot.has_name(&name);
        let mut records = self.records(index);
        while let Some(record) = records.next() {
            let fits = qtype == record.rtype || qtype == Type::ANY;
            let is_meant = match record.hold {
                Hold::Claimed => fits && named,
                Hold::Denied => named && asked.kinds.is_empty(),
                Hold::Shared | Hold::Known => fits && record.owner.is(&name),
            };
            if is_meant {
                asked.add(slot, record, self.now);
            }
        }
        asked
    }
}
