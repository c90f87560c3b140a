//! Queries of others: they may ask in our place, and show that nobody answers (RFC 6762 sections 7.3 and 10.5).

use super::Querier;
use super::ask::ASKING;
use super::request::interval_millis;
use crate::cache::{Entry, EntryFlags, NameAt, Question};
use crate::wire::{self, Checked, Class, Flags, Section, Type};

impl Querier<'_> {
    /// Takes a query. Tells whether it concerns a request.
    ///
    /// Never inlined: what hears responses has no use for this frame.
    #[inline(never)]
    pub(super) fn overhear(&mut self, message: &Checked<'_>) -> bool {
        let header = message.header();
        // A probe waits for no answer, and behind TC more known answers follow.
        let is_probe = message.records().any(|record| record.section() == Section::Authority);
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
                used |= self.was_asked_by_another(at, &question, message);
                used |= self.doubt_unanswered(at, &question, message);
            }
        }
        used
    }

    /// M-7.3-1: a question that would get us the same answers counts as ours.
    fn was_asked_by_another(
        &mut self,
        name: NameAt,
        asked: &wire::Question<'_>,
        message: &Checked<'_>,
    ) -> bool {
        let own = self.find_question(name, asked.qtype());
        // Long before ours it would but silence us, and within the second behind ours it may be our own, sent back.
        let comes_in_time = |own: &Question| {
            let soon = interval_millis(own.asked) / 2;
            own.pause(self.now) == 0 && (own.asked == 0 || own.due.millis_until(self.now) <= soon)
        };
        if !own.is_some_and(|own| own.state == ASKING && comes_in_time(&own)) {
            return false;
        }
        let all_known = known_answers(asked, message).all(|record| {
            let data = self.read(name, &record);
            let entry = data.and_then(|data| self.cache.find_record(name, record.rtype(), &data));
            entry.is_some_and(|entry| self.is_known(&entry))
        });
        if all_known {
            self.note_asked(name, asked.qtype(), true);
        }
        all_known
    }

    /// M-10.5-1: records that were asked for twice, with nobody to answer, are confirmed or lost in ten seconds.
    fn doubt_unanswered(&mut self, name: NameAt, asked: &wire::Question<'_>, message: &Checked<'_>) -> bool {
        let now = self.now;
        let tick = (now.as_millis() / DOUBT_MILLIS) as u8 | 1;
        let mut used = false;
        let mut at = self.cache.oldest();
        while self.cache.is_item(at) {
            let is_expected = |entry: &Entry| {
                entry.name == name
                    && entry.is_live(entry.rtype)
                    && !entry.flags.has(EntryFlags::OWN)
                    && (entry.rtype == asked.qtype() || asked.qtype() == Type::ANY)
            };
            if let Some(mut entry) = self.cache.entry(at).filter(is_expected)
                && !self.is_listed(&entry, asked, message)
            {
                if entry.doubted == 0 {
                    entry.doubted = tick;
                } else if tick.wrapping_sub(entry.doubted) >= 2 {
                    // Not the same query by another way.
                    entry.doubted = 0;
                    entry.doubt(now);
                }
                self.cache.set_entry(&entry);
                (used, self.is_stale) = (true, true);
            }
            at = self.cache.newer(at);
        }
        used
    }

    fn is_listed(&self, entry: &Entry, asked: &wire::Question<'_>, message: &Checked<'_>) -> bool {
        known_answers(asked, message).any(|record| {
            let data = self.read(entry.name, &record);
            data.and_then(|data| self.cache.find_record(entry.name, record.rtype(), &data))
                .is_some_and(|listed| listed.at == entry.at)
        })
    }
}

/// The known answers to a question.
fn known_answers<'m>(
    asked: &wire::Question<'m>,
    message: &Checked<'m>,
) -> impl Iterator<Item = wire::Record<'m>> {
    let (name, qtype) = (asked.name(), asked.qtype());
    message.records().filter(move |record| {
        record.section() == Section::Answer
            && record.name() == name
            && (record.rtype() == qtype || qtype == Type::ANY)
    })
}

/// Steps of the clock that tells two queries from one that came twice.
const DOUBT_MILLIS: u32 = 256;
