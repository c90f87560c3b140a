//! Questions sent: which, when, and with which known answers (RFC 6762 sections 5.2, 7.1 and 7.2).

use super::Querier;
use super::lifetime::remaining_secs;
use super::question::{ASKING, ASKS_FOR_OTHER_FAMILY, IDLE};
use super::request::interval_millis;
use crate::cache::{Entry, EntryFlags, NameAt, Question};
use crate::wire::{Builder, Class, DoesNotFit, Flags, RecordHead, Section, Type};

impl Querier<'_> {
    /// Writes the questions that are due into one packet, or the known answers that the last one had no room for.
    pub(super) fn transmit_query(&mut self, buf: &mut [u8]) -> Option<usize> {
        if self.is_down {
            return None;
        }
        let mut builder = Builder::new(buf, 0, Flags::default());
        if self.put_known(&mut builder) {
            return Some(builder.len());
        }
        self.put_due(&mut builder);
        if builder.is_empty() {
            return None;
        }
        self.put_known(&mut builder);
        Some(builder.len())
    }

    /// Questions of their own, and those that renew records.
    fn put_due(&mut self, builder: &mut Builder<'_>) {
        let now = self.now;
        let mut question = self.cache.before_questions();
        while self.cache.step_question(&mut question) {
            let is_due = question.state == ASKING && question.due.is_due(now);
            // M-5.4-1: the first question may ask for unicast answers.
            let unicast = question.is_first && self.config.unicast_answers;
            if is_due && !self.put_one(builder, question.name, question.qtype, true, unicast) {
                return;
            }
        }
        let mut entry = self.cache.before_entries();
        while self.cache.step(&mut entry) {
            let is_due = self.renewal_due(&entry).is_some_and(|due| due.is_due(now));
            if is_due && !self.put_one(builder, entry.name, entry.rtype, false, false) {
                return;
            }
        }
    }

    /// Writes a question that is due, or notes that it has left just now. Tells whether there may be room for another.
    fn put_one(
        &mut self,
        builder: &mut Builder<'_>,
        name: NameAt,
        qtype: Type,
        is_its_time: bool,
        unicast: bool,
    ) -> bool {
        if self.was_just_asked(name, qtype) {
            self.note_renewed(name, qtype);
            return true;
        }
        let class = Class::IN.0 | if unicast { Class::TOP } else { 0 };
        let put = builder.put_question(&self.cache.name(name), qtype, class);
        // One that does not fit an empty packet is left out, and counts as asked.
        if put.is_err() && !builder.is_empty() {
            return false;
        }
        if unicast {
            self.unicast_until = Some(self.now.after(2_000));
        }
        // So that it does not stand in the packet twice.
        self.note_asked(name, qtype, is_its_time);
        if put.is_ok() {
            self.mark_known(name, qtype);
        }
        true
    }

    /// Whether the question has left within the last second, and so must not leave again.
    fn was_just_asked(&self, name: NameAt, qtype: Type) -> bool {
        let question = self.find_question(name, qtype);
        question.is_some_and(|question| question.pause(self.now) > 0)
    }

    /// The question was asked just now, by us or by another host in our place; when it was not its time, for a record
    /// alone.
    pub(super) fn note_asked(&mut self, name: NameAt, qtype: Type, was_its_time: bool) {
        let now = self.now;
        if let Some(mut question) = self.find_question(name, qtype) {
            (question.last, question.is_first) = (now, false);
            if was_its_time {
                question.asked = question.asked.saturating_add(1);
                question.due = now.after(interval_millis(question.asked));
                // It may have been asked often enough.
                self.has_changed |= question.asked == ASKS_FOR_OTHER_FAMILY;
            } else if question.due.millis_until(now) < 1_000 {
                question.due = now.after(1_000);
            }
            self.cache.set_question(&question);
        } else {
            // So that the record, should it end, is not asked for at once again; without room it may be.
            let due = now.after(1_000);
            let mut resting = Question { last: now, state: IDLE, ..Question::new(name, qtype, due) };
            let _ = self.cache.insert_question(&mut resting, 0);
        }
        self.note_renewed(name, qtype);
    }

    /// The question for these records has left, now or within the last second.
    fn note_renewed(&mut self, name: NameAt, qtype: Type) {
        let now = self.now;
        self.cache.for_each_entry(|entry| {
            if entry.name == name && (entry.rtype == qtype || qtype == Type::ANY) {
                entry.was_asked_for(now);
            }
        });
        self.is_stale = true;
    }

    /// M-7.1-3, M-7.1-5: the shared records of a question in the packet that have more than half of their life left.
    fn mark_known(&mut self, name: NameAt, qtype: Type) {
        let mut entry = self.cache.before_entries();
        while self.cache.step(&mut entry) {
            if entry.name == name && entry.rtype == qtype && self.is_known(&entry) {
                entry.flags.set(EntryFlags::KNOWN, true);
                self.cache.set_entry(&entry);
            }
        }
    }

    /// Whether we would list a record as known.
    pub(super) fn is_known(&self, entry: &Entry) -> bool {
        entry.is_live(entry.rtype)
            && !entry.flags.has(EntryFlags::UNIQUE)
            // Whoever has what is to be confirmed would stay silent.
            && !entry.is_nearly_over()
            && remaining_secs(entry, self.now) > entry.ttl_secs / 2
    }

    /// Writes marked known answers; M-7.2-1: with TC when some are left for a further packet. Tells whether any was
    /// written.
    fn put_known(&mut self, builder: &mut Builder<'_>) -> bool {
        let (mut entry, before) = (self.cache.before_entries(), builder.len());
        while self.cache.step(&mut entry) {
            if entry.flags.has(EntryFlags::KNOWN) {
                // One that does not fit an empty packet is left out: it costs an answer, no more.
                if self.put_record(builder, &entry).is_err() && !builder.is_empty() {
                    builder.set_flags(Flags::TC);
                    return true;
                }
                entry.flags.set(EntryFlags::KNOWN, false);
                self.cache.set_entry(&entry);
            }
        }
        builder.len() > before
    }

    fn put_record(&self, builder: &mut Builder<'_>, entry: &Entry) -> Result<(), DoesNotFit> {
        let ttl_secs = remaining_secs(entry, self.now);
        let head = RecordHead { section: Section::Answer, rtype: entry.rtype, class: Class::IN.0, ttl_secs };
        let (owner, front) = (self.cache.name(entry.name), self.cache.front(entry));
        builder.put_record(
            head,
            |builder| builder.put_name(&owner),
            |builder| {
                builder.put(front)?;
                match entry.target() {
                    Some(target) => builder.put_name(&self.cache.name(target)),
                    None => Ok(()),
                }
            },
        )
    }

    /// The pending known answers are those of a query that nobody waits for any more.
    pub(super) fn forget_known(&mut self) {
        self.cache.for_each_entry(|entry| entry.flags.set(EntryFlags::KNOWN, false));
    }
}
