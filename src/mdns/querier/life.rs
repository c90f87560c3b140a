//! What time does: lives end, records in use are renewed, requests run out (RFC 6762 sections 5.2 and 10).

use super::Querier;
use super::follow::{canonical, last_behind, latest};
use super::lifetime::{CONFIRM, CONFIRM_AGAIN, CONFIRM_FRESH};
use super::marks;
use super::question::{ASKING, DENIED};
use super::request::{Ends, Kind, LookupFailure, State, Told};
use crate::cache::{Entry, EntryFlags, NameAt, Question};
use crate::time::Instant;
use crate::wire::Type;

impl Querier<'_> {
    /// Brings everything up to now.
    pub(super) fn pass(&mut self) {
        let now = self.now;
        self.is_stale = true;
        self.unicast_until = self.unicast_until.filter(|until| !until.is_due(now));
        let started = self.start_requests();
        if self.starts_again {
            // Some of it nobody needs.
            self.has_changed = true;
            // The answers to all questions, which are asked anew, confirm most of it.
            self.cache.for_each_entry(|entry| entry.confirm(CONFIRM_AGAIN, now));
        }
        self.end_lives();
        let is_over = |question: &Question| question.state != ASKING && question.due.is_due(now);
        self.has_changed |= self.cache.find_question(is_over).is_some();
        if self.has_changed {
            self.is_starting = started != 0;
            self.mark();
            self.is_starting = false;
        }
        for index in (0..self.requests.len()).filter(|index| started >> index & 1 != 0) {
            self.hurry(index);
        }
        self.end_requests();
    }

    /// Begins what is fresh: a bit for each.
    fn start_requests(&mut self) -> u32 {
        let mut started = 0;
        for (index, request) in self.requests.iter_mut().enumerate() {
            if request.state != State::Fresh {
                continue;
            }
            request.state = State::Open;
            if let Ends::After(timeout_millis) = request.ends {
                request.ends = Ends::At(self.now.after(timeout_millis));
            }
            started |= 1 << index;
            (self.has_changed, self.has_news) = (true, true);
        }
        started
    }

    /// Somebody waits for what is asked for ever more rarely by now.
    fn hurry(&mut self, index: usize) {
        let Some(&request) = self.requests.get(index) else { return };
        let waits = !matches!(request.kind, Kind::Browse | Kind::Types);
        let Some(name) = self.cache.named(request.name).filter(|_| waits) else { return };
        let asks_for = |qtype| request.marks().any(marks::wanted_by(qtype)) || request.is_for_records(qtype);
        let now = self.now;
        let mut question = self.cache.before_questions();
        while self.cache.step_question(&mut question) {
            if question.name == name
                && question.state == ASKING
                && question.asked > 0
                && asks_for(question.qtype)
            {
                question.restart(now, 0);
                question.is_first = true;
                self.cache.set_question(&question);
            }
        }
    }

    /// With the next call that brings the time, all is asked for as if it never had been, and what is known is to be
    /// confirmed.
    pub(super) fn start_again(&mut self) {
        (self.starts_again, self.is_stale) = (true, true);
    }

    /// Whoever `doubts` these records wants them confirmed.
    pub(super) fn reconfirm_where(&mut self, doubts: &dyn Fn(&Entry) -> bool) {
        let mut entry = self.cache.before_entries();
        while self.cache.step(&mut entry) {
            if doubts(&entry) {
                entry.stage = CONFIRM_FRESH;
                self.cache.set_entry(&entry);
            }
        }
        self.is_stale = true;
    }

    /// Records whose time has come are gone, once everybody is told.
    fn end_lives(&mut self) {
        let now = self.now;
        self.end_lives_where(|entry| entry.flags.has(EntryFlags::DEAD) || entry.is_over(now));
        self.cache.for_each_entry(|entry| {
            if entry.stage == CONFIRM_FRESH {
                entry.confirm(CONFIRM, now);
            }
        });
    }

    fn end_life(&mut self, entry: &mut Entry) {
        let is_news = !entry.flags.has(EntryFlags::DEAD);
        entry.flags.set(EntryFlags::DEAD, true);
        self.cache.set_entry(entry);
        if is_news {
            (self.has_changed, self.has_news) = (true, true);
            // Of SRV and TXT the last one counts, and an older one that goes changes nothing.
            let is_overtaken = matches!(entry.rtype, Type::SRV | Type::TXT)
                && last_behind(&self.cache, *entry, entry.name, entry.rtype).is_some();
            if !is_overtaken {
                self.touch(entry.name, entry.rtype);
                // Over a link that is down nobody could have renewed it.
                if !self.is_down && self.is_wanted(entry.name, entry.rtype) {
                    self.doubt_what_leads_to(entry.name, entry.rtype);
                }
            }
        }
        if entry.told == 0 {
            self.cache.remove(entry);
        }
    }

    /// A service whose host or port is gone, and a host without an address, may be gone as well: nobody has renewed it.
    fn doubt_what_leads_to(&mut self, name: NameAt, rtype: Type) {
        let leads = match rtype {
            Type::SRV if !self.has_live(name, Type::SRV) => Type::PTR,
            Type::A | Type::AAAA if !self.has_live(name, Type::A) && !self.has_live(name, Type::AAAA) => {
                Type::SRV
            }
            _ => return,
        };
        self.reconfirm_where(&|entry| entry.is_live(leads) && entry.leads_to(name));
    }

    /// Everything that was found is lost.
    pub(super) fn end_all(&mut self) {
        self.end_lives_where(|_| true);
    }

    pub(super) fn end_lives_where(&mut self, condemned: impl Fn(&Entry) -> bool) {
        let mut entry = self.cache.before_entries();
        while self.cache.step(&mut entry) {
            if condemned(&entry) {
                self.end_life(&mut entry);
            }
        }
        self.is_stale = true;
    }

    /// M-5.2-3: when a record in use is asked for again.
    pub(super) fn renewal_due(&self, entry: &Entry) -> Option<Instant> {
        let due = entry.renewal()?;
        // What others say under our name, the responder sees to.
        let is_ours = self.cache.marks(entry.name).any(marks::OURS);
        (!is_ours && entry.is_live(entry.rtype) && self.is_wanted(entry.name, entry.rtype)).then_some(due)
    }

    /// Whether an open request needs records of this name and type.
    pub(super) fn is_wanted(&self, name: NameAt, rtype: Type) -> bool {
        let marks = self.cache.marks(name);
        let by_type = || self.is_about(name, &|request| request.is_for_records(rtype));
        marks.any(marks::wanted_by(rtype)) || marks.any(marks::RECORDS) && by_type()
    }

    /// The nearest deadline of requests, questions and records.
    pub(super) fn next_deadline(&self) -> Option<Instant> {
        let mut next = None;
        let mut add =
            |due: Instant| next = Some(next.map_or(due, |next: Instant| next.nearer(due, self.now)));
        for request in self.requests.iter().filter(|request| request.is_open()) {
            if let Ends::At(end) = request.ends {
                add(end);
            }
        }
        // Over a link that is down nothing is asked.
        let mut question = self.cache.before_questions();
        while self.cache.step_question(&mut question) {
            if !self.is_down || question.state != ASKING {
                add(question.due);
            }
        }
        let mut entry = self.cache.before_entries();
        while self.cache.step(&mut entry) {
            if !entry.is_live(entry.rtype) {
                continue;
            }
            if !entry.flags.has(EntryFlags::OWN) {
                add(entry.expires);
            }
            if let Some(due) = self.renewal_due(&entry).filter(|_| !self.is_down) {
                add(due);
            }
        }
        next
    }

    /// Ends the requests that have what they want, or whose time is over.
    pub(super) fn end_requests(&mut self) {
        for index in 0..self.requests.len() {
            let Some(request) = self.requests.get(index).copied() else { continue };
            // One that was answered goes on when the answer is gone before it was told.
            let is_untold = request.state == State::Done && request.told == Told::Nothing;
            let Ends::At(end) = request.ends else { continue };
            if request.state != State::Open && !is_untold {
                continue;
            }
            let Some(name) = self.cache.named(request.name) else { continue };
            let (mut answered, mut settled) = (false, true);
            let mut look = |name, rtype, one_is_enough| {
                let is_there = self.has_live(name, rtype);
                answered |= is_there;
                settled &= is_there && one_is_enough
                    || self.has_unique(name, rtype)
                    || self.cache.marks(name).any(marks::OURS)
                    || self.is_denied(name, rtype);
            };
            match request.kind {
                Kind::Lookup(families) => {
                    let host = canonical(&self.cache, name);
                    if families.v4() {
                        look(host, Type::A, true);
                    }
                    if families.v6() {
                        look(host, Type::AAAA, true);
                    }
                }
                Kind::Records(rtype) => look(name, rtype, false),
                _ => continue,
            }
            // An address that was told counts, though it may be gone again.
            let any = answered || request.told != Told::Nothing;
            let is_over = end.is_due(self.now);
            let Some(request) = self.requests.get_mut(index) else { continue };
            let before = request.state;
            request.state = match any {
                true if settled || is_over => State::Done,
                false if settled => State::Failed(LookupFailure::NoData),
                false if is_over => State::Failed(LookupFailure::Timeout),
                _ => State::Open,
            };
            if request.state != before {
                (self.has_news, self.has_changed, self.is_stale) = (true, true, true);
            } else if answered && !request.is_answered {
                // Most small devices stay silent on the family that they lack, and of what is shared there may be
                // more: a second is enough for the rest.
                request.is_answered = true;
                request.ends = Ends::At(end.nearer(self.now.after(1_000), self.now));
                self.is_stale = true;
            }
        }
    }

    fn has_live(&self, name: NameAt, rtype: Type) -> bool {
        self.cache.any_entry(|entry| {
            entry.name == name && (entry.is_live(rtype) || rtype == Type::ANY && entry.is_live(entry.rtype))
        })
    }

    fn is_denied(&self, name: NameAt, qtype: Type) -> bool {
        self.find_question(name, qtype).is_some_and(|question| question.state == DENIED)
    }

    /// A record of this name has come, changed or gone: whoever was told of what it belongs to is told again.
    pub(super) fn touch(&mut self, name: NameAt, rtype: Type) {
        match rtype {
            Type::SRV | Type::TXT => self.touch_instance(name),
            Type::A | Type::AAAA => {
                let mut srv = self.cache.before_entries();
                while self.cache.step(&mut srv) {
                    if srv.is_live(Type::SRV)
                        && srv.leads_to(name)
                        && latest(&self.cache, srv.name, Type::SRV).is_some_and(|last| last.is_same(&srv))
                    {
                        self.touch_instance(srv.name);
                    }
                }
            }
            _ => {}
        }
    }

    fn touch_instance(&mut self, name: NameAt) {
        self.has_news = true;
        let id = self.cache.id(name);
        for request in
            self.requests.iter_mut().filter(|request| request.name == id && request.told == Told::Resolved)
        {
            request.told = Told::Changed;
        }
        let mut pointer = self.cache.before_entries();
        while self.cache.step(&mut pointer) {
            if pointer.rtype == Type::PTR && pointer.leads_to(name) {
                pointer.told = Told::changed(pointer.told);
                self.cache.set_entry(&pointer);
            }
        }
    }
}
