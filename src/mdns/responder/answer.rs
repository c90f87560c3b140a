//! Questions heard: what is to be answered, when and to whom (RFC 6762 sections 5.4 and 6).

use super::Responder;
use super::records::Hold;
use super::reply::Echo;
use super::slot::{Flags, Kinds};
use crate::driver::{Disposition, Meta, Reason};
use crate::mdns::PORT;
use crate::wire::{Checked, Class, Flags as Bits, Question, Type};

/// What a question asks of one slot.
struct Asked {
    kinds: Kinds,
    /// Those of them that the group has heard within a quarter of their life.
    fresh: Kinds,
}

impl Responder<'_, '_> {
    /// Takes a query.
    pub(super) fn hear_query(&mut self, message: &Checked<'_>, meta: &Meta) -> Disposition {
        if message.header().question_count() == 0 {
            return self.gather_known(message, meta);
        }
        if !message.questions().any(|question| self.interest.has(&question.name())) {
            return NOT_FOR_US;
        }
        self.is_stale = true;
        self.hear_probes(message);
        let disposition = self.hear_questions(message, meta);
        // Whom the group is not to be told for needs no haste later.
        let quiet = self.slots.iter_mut().filter(|slot| slot.pending.is_empty());
        quiet.for_each(|slot| slot.flags.set(Flags::DEFEND, false));
        disposition
    }

    fn hear_questions(&mut self, message: &Checked<'_>, meta: &Meta) -> Disposition {
        let legacy = meta.source.port() != PORT;
        let more_follows = message.header().flags().has(Bits::TC) && !legacy;
        let on_link = self.addresses.on_link(meta.source.ip());
        for slot in self.slots.iter_mut() {
            // `asked` is for the group, `written` for this host alone.
            (slot.asked, slot.written) = (Kinds::NONE, Kinds::NONE);
        }
        let (mut echo, mut is_shared) = (Echo::NONE, false);
        for question in message.questions() {
            if !self.interest.has(&question.name()) {
                continue;
            }
            for index in 0..self.slots.len() {
                let Asked { kinds, fresh } = self.asked_of(index, &question, &mut is_shared);
                let Some(slot) = self.slot_mut(index) else { continue };
                let (by_group, by_unicast) = if legacy || !meta.multicast {
                    // Off the link nobody is answered (N1); a legacy asker hears no multicast either.
                    (Kinds::NONE, if on_link { kinds } else { Kinds::NONE })
                } else if question.unicast_response() && on_link && !more_follows {
                    // M-5.4-2: what the group has not heard for a quarter of its life, the group hears. M-5.4-4: a
                    // probe has its answer by unicast in any case.
                    let defends = slot.flags.has(Flags::DEFEND);
                    (kinds.without(fresh), if defends { kinds } else { fresh })
                } else {
                    (kinds, Kinds::NONE)
                };
                slot.asked = slot.asked.with(by_group);
                slot.written = slot.written.with(by_unicast);
                if echo.kind.is_empty() {
                    let id = message.header().id();
                    echo = Echo {
                        id,
                        index: index as u16,
                        kind: kinds,
                        qtype: question.qtype(),
                        class: question.raw_class(),
                    };
                }
            }
        }
        let waits = self.slots.iter().any(|slot| !slot.pending.is_empty());
        let (mut any, mut any_alone) = (false, false);
        for index in 0..self.slots.len() {
            self.leave_out_known(index, message, waits);
            if let Some(slot) = self.slot(index) {
                any |= !slot.asked.is_empty();
                any_alone |= !slot.written.is_empty();
            }
        }
        if !any && !any_alone {
            return NOT_FOR_US;
        }
        // M-6-3, M-6-4, M-6.3-1: one draw for the packet; what is unique alone goes at once.
        let wait = if is_shared { self.jitter.between(20, 120) } else { 0 };
        let due = self.now.after(wait);
        if any_alone && !self.keep_reply(meta, legacy.then_some(echo), due) {
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
    fn asked_of(&self, index: usize, question: &Question<'_>, is_shared: &mut bool) -> Asked {
        let mut asked = Asked { kinds: Kinds::NONE, fresh: Kinds::NONE };
        let Some(slot) = self.slot(index).filter(|slot| slot.claim.is_ours()) else { return asked };
        if !matches!(question.class(), Class::IN | Class::ANY) {
            return asked;
        }
        let (name, qtype) = (question.name(), question.qtype());
        let add = |asked: &mut Asked, kind: Kinds, ttl_secs: u32| {
            asked.kinds = asked.kinds.with(kind);
            if slot.millis_since(kind, self.now) / 250 < ttl_secs {
                asked.fresh = asked.fresh.with(kind);
            }
        };
        let named = !slot.flags.has(Flags::SHARED) && slot.name().is(&name);
        let mut shared = false;
        self.each_record(index, Kinds::ALL.without(Kinds::NSEC), &mut |kind, record| {
            let fits = qtype == record.rtype || qtype == Type::ANY;
            if fits && if record.hold == Hold::Claimed { named } else { record.owner.is(&name) } {
                shared |= record.hold == Hold::Shared;
                add(&mut asked, kind, record.ttl_secs);
            }
        });
        if named && asked.kinds.is_empty() {
            self.each_record(index, Kinds::NSEC, &mut |kind, record| {
                add(&mut asked, kind, record.ttl_secs);
            });
        }
        *is_shared |= shared;
        asked
    }
}

pub(super) const NOT_FOR_US: Disposition = Disposition::Ignored(Reason::NotForUs);
