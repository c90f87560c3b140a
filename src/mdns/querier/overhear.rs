//! Queries of others: they may ask in our place, and show that nobody answers (RFC 6762 sections 7.3 and 10.5).

use super::Querier;
use super::question::ASKING;
use super::request::interval_millis;
use crate::cache::{EntryFlags, NameAt, Question};
use crate::wire::{self, Checked, Class, Flags, Section, Type};

impl Querier<'_> {
    /// Takes a query. Tells whether it concerns a request.
    ///
    /// Never inlined: what hears responses has no use for this frame.
    #[inline(never)]
    pub(super) fn overhear(&mut self, message: &Checked<'_>) -> bool {
        let header = message.header();
        // A probe waits for no answer, and behind TC more known answers follow.
        let is_probe = header.record_count(Section::Authority) > 0;
        if is_probe || header.flags().has(Flags::TC) {
            return false;
        }
        let mut used = false;
        for question in message.questions() {
            // Who asks for unicast answers asks for itself alone.
            if question.unicast_response() || question.class() != Class::IN {
                continue;
            }
            let name = question.name();
            if let Some(at) = self.may_want(&name).then(|| self.cache.find_name(&name)).flatten() {
                let all_known = self.see_listed(at, &question, message);
                used |= all_known && self.was_asked_by_another(at, question.qtype());
                used |= self.doubt_unanswered(at, question.qtype());
            }
        }
        used
    }

    /// Flags the records that the asker lists as known. Tells whether they are all among those that we would list.
    fn see_listed(&mut self, name: NameAt, asked: &wire::Question<'_>, message: &Checked<'_>) -> bool {
        let mut all_known = true;
        for record in message.answers() {
            if record.name() != asked.name() || !answers(record.rtype(), asked.qtype()) {
                continue;
            }
            let data = self.read(name, &record);
            let listed = data.and_then(|data| self.cache.find_record(name, record.rtype(), &data));
            all_known &= listed.is_some_and(|entry| self.is_known(&entry));
            if let Some(mut entry) = listed {
                entry.flags.set(EntryFlags::LISTED, true);
                self.cache.set_entry(&entry);
            }
        }
        all_known
    }

    /// M-7.3-1: a question that would get us the same answers counts as ours.
    fn was_asked_by_another(&mut self, name: NameAt, qtype: Type) -> bool {
        // Long before ours it would but silence us, and within the second behind ours it may be our own, sent back.
        let comes_in_time = |own: &Question| {
            let soon = interval_millis(own.asked) / 2;
            own.pause(self.now) == 0 && (own.asked == 0 || own.due.millis_until(self.now) <= soon)
        };
        let own = self.find_question(name, qtype);
        let counts = own.is_some_and(|own| own.state == ASKING && comes_in_time(&own));
        if counts {
            self.note_asked(name, qtype, true);
        }
        counts
    }

    /// M-10.5-1: records that were asked for twice, with nobody to answer, are confirmed or lost in ten seconds.
    ///
    /// RFC 6762 section 10.5 would let go of them without a question, so that not all hosts ask. Only what a request needs is
    /// asked for here, and it has to be: what is there, and was lost for the answers that this host has missed, a browse would
    /// not find again before its next question, up to an hour later.
    fn doubt_unanswered(&mut self, name: NameAt, qtype: Type) -> bool {
        let now = self.now;
        let tick = (now.as_millis() / DOUBT_MILLIS) as u8 | 1;
        let mut used = false;
        let mut entry = self.cache.before_entries();
        while self.cache.step(&mut entry) {
            if entry.name != name || !answers(entry.rtype, qtype) {
                continue;
            }
            let settled = EntryFlags::LISTED.with(EntryFlags::OWN).with(EntryFlags::DEAD);
            if !entry.flags.has(settled) {
                if entry.doubted == 0 {
                    entry.doubted = tick;
                } else if tick.wrapping_sub(entry.doubted) >= 2 {
                    // Not the same query by another way.
                    entry.doubted = 0;
                    entry.doubt(now);
                }
                (used, self.is_stale) = (true, true);
            }
            entry.flags.set(EntryFlags::LISTED, false);
            self.cache.set_entry(&entry);
        }
        used
    }
}

/// Whether records of a type are answers to a question.
fn answers(rtype: Type, qtype: Type) -> bool {
    rtype == qtype || qtype == Type::ANY
}

/// Steps of the clock that tells two queries from one that came twice.
const DOUBT_MILLIS: u32 = 256;
