//! What is wanted, and so what is asked for: worked out anew whenever requests or records have changed.

use super::Querier;
use super::follow::{MAX_HOPS, canonical};
use super::marks::{self, asking, has, is_missing, passed_on};
use super::question::{ASKING, ASKS_FOR_OTHER_FAMILY, IDLE};
use super::request::{Ends, FIRST_WAIT, Kind, Request, State};
use crate::cache::{CacheFull, Entry, EntryFlags, Marks, NameAt, Question};
use crate::time::Instant;
use crate::wire::Type;

impl Querier<'_> {
    /// Marks the names in the cache, and sets up the questions that follow.
    pub(super) fn mark(&mut self) {
        self.is_stale = true;
        self.cache.keep_marks(marks::ENOUGH);
        for request in self.requests.iter().filter(|request| request.state != State::Free) {
            let Some(name) = self.cache.named(request.name) else { continue };
            let is_over = !request.is_open();
            self.cache.add_marks(name, if is_over { marks::TO_TELL } else { request.marks() });
            if is_over {
                let of_alias = canonical(&self.cache, name);
                self.cache.add_marks(of_alias, marks::TO_TELL);
            }
        }
        self.pass_on();
        self.mark_resolved();
        self.review_questions();
        if self.ask_for_missing().is_err() {
            self.evict_unwanted();
            if self.ask_for_missing().is_err() {
                (self.no_room, self.has_news) = (true, true);
            }
        }
        self.has_changed = false;
        self.fill_interest();
    }

    /// Marks what is there, and the targets of what is wanted: a PTR makes its instance wanted, an SRV its host, a
    /// CNAME its other name. Rings end by the bound on rounds (S1).
    fn pass_on(&mut self) {
        for _ in 0..MAX_HOPS {
            let mut grew = false;
            let mut entry = self.cache.before_entries();
            while self.cache.step(&mut entry) {
                if entry.is_live(entry.rtype) {
                    let mut own = self.cache.marks(entry.name).with(has(entry.rtype));
                    if entry.flags.has(EntryFlags::OWN) && entry.flags.has(EntryFlags::UNIQUE) {
                        own = own.with(marks::OURS);
                    }
                    self.cache.set_marks(entry.name, own);
                    if let Some(target) = entry.target() {
                        let before = self.cache.marks(target);
                        let with = before.with(passed_on(own, entry.rtype));
                        grew |= with != before;
                        self.cache.set_marks(target, with);
                    }
                }
            }
            if !grew {
                break;
            }
        }
    }

    fn mark_resolved(&mut self) {
        let mut srv = self.cache.before_entries();
        while self.cache.step(&mut srv) {
            if srv.is_live(Type::SRV) {
                let host = srv.target().map_or(Marks::NONE, |host| self.cache.marks(host));
                let own = self.cache.marks(srv.name);
                let resolved = own.any(has(Type::TXT)) && host.any(has(Type::A).with(has(Type::AAAA)));
                // The last SRV counts.
                self.cache.set_marks(srv.name, own.with_or_without(marks::RESOLVED, resolved));
            }
        }
    }

    /// Rests the questions that nobody needs, and forgets them a second after they were asked: until then the same
    /// question must not leave again (RFC 6762 section 5.2). What was denied is remembered for as long as that holds.
    fn review_questions(&mut self) {
        let (now, starts_again) = (self.now, core::mem::take(&mut self.starts_again));
        let mut question = self.cache.before_questions();
        while self.cache.step_question(&mut question) {
            // Whoever has denied it may be gone.
            if starts_again && question.state != IDLE {
                let wait = self.wait_before(question.name);
                question.restart(now, wait);
                question.is_first = true;
            }
            self.see_enough(&question);
            let needed = self.needs(question.name, question.qtype);
            if needed && question.state == IDLE {
                let wait = self.wait_before(question.name);
                question.restart(now, wait);
            } else if !needed && question.state == ASKING {
                (question.due, question.state) = (now.after(question.pause(now)), IDLE);
            }
            if question.state != ASKING && question.due.is_due(now) {
                self.cache.remove_question(&mut question);
                continue;
            }
            self.cache.set_question(&question);
            if question.state != IDLE {
                self.cache.add_marks(question.name, asking(question.qtype));
            }
        }
    }

    /// One address is enough for a service to be reached: the other family is asked for three times, no more.
    fn see_enough(&mut self, question: &Question) {
        let marks = self.cache.marks(question.name);
        let other = match question.qtype {
            Type::A => has(Type::AAAA),
            Type::AAAA => has(Type::A),
            _ => return,
        };
        if marks.any(other) && question.asked >= ASKS_FOR_OTHER_FAMILY {
            self.cache.add_marks(question.name, marks::ENOUGH);
        }
    }

    /// Whether records of the type are to be asked for.
    fn needs(&self, name: NameAt, qtype: Type) -> bool {
        let marks = self.cache.marks(name);
        is_missing(marks, qtype) || marks.any(marks::RECORDS) && self.needs_records(name, qtype)
    }

    fn needs_records(&self, name: NameAt, qtype: Type) -> bool {
        self.is_about(name, &|request| request.kind == Kind::Records(qtype))
            && !self.has_unique(name, qtype)
            && !self.cache.marks(name).any(marks::OURS)
    }

    /// Whether the one host that has such records has answered.
    pub(super) fn has_unique(&self, name: NameAt, rtype: Type) -> bool {
        let is_it =
            |entry: &Entry| entry.name == name && entry.is_live(rtype) && entry.flags.has(EntryFlags::UNIQUE);
        self.cache.any_entry(is_it)
    }

    /// Sets up the questions that are missing. Those that come up together are asked together.
    fn ask_for_missing(&mut self) -> Result<(), CacheFull> {
        let mut name = self.cache.first_name();
        while self.cache.is_name(name) {
            let marks = self.cache.marks(name);
            for qtype in marks::TYPES_OF_SERVICES {
                if is_missing(marks, qtype) && !marks.any(asking(qtype)) {
                    self.ask_for(name, qtype)?;
                }
            }
            name = self.cache.name_behind(name);
        }
        for index in 0..self.requests.len() {
            let Some(Request { kind: Kind::Records(qtype), name, .. }) = self.requests.get(index).copied()
            else {
                continue;
            };
            if let Some(name) = self.cache.named(name)
                && self.needs_records(name, qtype)
                && self.find_question(name, qtype).is_none()
            {
                self.ask_for(name, qtype)?;
            }
        }
        Ok(())
    }

    fn ask_for(&mut self, name: NameAt, qtype: Type) -> Result<(), CacheFull> {
        let due = self.now.after(self.wait_before(name));
        let long_ago = Instant::from_millis(self.now.as_millis().wrapping_sub(1_000));
        let mut question = Question {
            state: ASKING,
            is_first: self.is_starting,
            last: long_ago,
            ..Question::new(name, qtype, due)
        };
        let is_first = self.cache.marks(name).any(marks::BROWSE.with(marks::TYPES));
        let reserve = if is_first { 0 } else { self.reserve_for(name, qtype) };
        self.cache.insert_question(&mut question, reserve)?;
        self.cache.add_marks(name, asking(qtype));
        Ok(())
    }

    /// M-5.2-1: a person waits for a lookup, nobody for the first millisecond of a browse. What a record leads to
    /// usually comes with it, or just behind.
    pub(super) fn wait_before(&mut self, name: NameAt) -> u32 {
        if self.is_about(name, &|request| request.kind == Kind::Resolve || request.ends != Ends::Never) {
            return 0;
        }
        // Together with what waits already: a flood of instances must not become one of packets.
        let now = self.now;
        let waiting = self.cache.find_question(|question| {
            let wait = question.due.millis_until(now);
            question.asked == 0 && question.state == ASKING && FIRST_WAIT.contains(&wait)
        });
        match waiting {
            Some(question) => question.due.millis_until(now),
            None => self.jitter.between(*FIRST_WAIT.start(), *FIRST_WAIT.end()),
        }
    }

    /// Octets that are to stay free for what is needed more: what requests are about goes before what a browse has
    /// found leads to, and that before what a browse may still find. A flood of instances leaves room for a lookup.
    pub(super) fn reserve_for(&self, name: NameAt, rtype: Type) -> usize {
        let marks = self.cache.marks(name);
        let direct = marks::V4.with(marks::V6).with(marks::RESOLVE).with(marks::RECORDS);
        match rtype {
            _ if marks.any(direct) => 0,
            Type::PTR => self.cache.capacity() / 4,
            _ => self.cache.capacity() / 8,
        }
    }

    fn fill_interest(&mut self) {
        self.interest.iter_mut().for_each(|word| *word = [0; 4]);
        self.is_interested = false;
        let mut at = self.cache.first_name();
        while self.cache.is_name(at) {
            if self.cache.marks(at).any(marks::WANTED.with(marks::THERE)) {
                super::interest::add(self.interest, &self.cache.name(at));
                self.is_interested = true;
            }
            at = self.cache.name_behind(at);
        }
    }

    /// Whether an open request of this sort is about the name.
    pub(super) fn is_about(&self, name: NameAt, sort: &dyn Fn(&Request) -> bool) -> bool {
        let id = self.cache.id(name);
        self.requests.iter().any(|request| request.is_open() && request.name == id && sort(request))
    }

    pub(super) fn find_question(&self, name: NameAt, qtype: Type) -> Option<Question> {
        self.cache.find_question(|question| question.name == name && question.qtype == qtype)
    }
}
