//! Questions sent: which, when, and with which known answers (RFC 6762 sections 5.2, 7.1 and 7.2).

use super::Querier;
use super::request::{Families, Kind, Schedule, first_wait, interval_millis};
use super::store::REFRESHES;
use crate::cache::{Entry, EntryFlags, Head};
use crate::name::Name;
use crate::time::Instant;
use crate::wire::{Builder, Class, DoesNotFit, Flags, RecordHead, Section, Type};

/// The questions that one request or entry has, at most.
type Questions<'n> = [Option<(Name<'n>, Type)>; 2];

impl Querier<'_> {
    /// Does everything that time alone does.
    pub(super) fn catch_up(&mut self, now: Instant) {
        self.now = now;
        self.unicast_until = self.unicast_until.filter(|until| !until.is_due(now));
        for index in 0..self.requests.len() {
            self.start(index, now);
        }
        self.end_lives(now);
        for index in 0..self.requests.len() {
            self.end_lookup(index, now);
        }
    }

    fn start(&mut self, index: usize, now: Instant) {
        let Some(request) = self.requests.get_mut(index) else { return };
        if request.schedule != Schedule::Waiting {
            return;
        }
        // M-5.2-1: a person waits for a lookup, nobody for the first millisecond of a browse.
        let wait = match request.kind {
            Kind::Browse => first_wait(&mut self.jitter),
            _ => 0,
        };
        request.schedule = match self.is_down {
            true => Schedule::Over,
            false => Schedule::Asking { due: now.after(wait), asked: 0 },
        };
        if let Kind::Lookup { timeout_millis, .. } = request.kind {
            request.deadline = request.deadline.or(Some(now.after(timeout_millis)));
        }
        self.news = true;
        // What was complete for nobody may lack something for this request.
        self.cache.update_all(|head| head.ask_anew(now));
    }

    /// Records whose time has come are gone, once everybody is told.
    pub(super) fn end_lives(&mut self, now: Instant) {
        let mut at = 0;
        while let Some(entry) = self.cache.at(at) {
            let head = entry.head;
            let over = !entry.is_anchor() && (head.flags.has(EntryFlags::DEAD) || head.expires.is_due(now));
            if !over {
                at = self.cache.after(at);
                continue;
            }
            if head.rtype == Type::PTR && head.told != 0 {
                self.news |= !head.flags.has(EntryFlags::DEAD);
                self.cache.update(at, |head| head.flags.set(EntryFlags::DEAD, true));
                at = self.cache.after(at);
                continue;
            }
            let name = crate::name::NameBuf::from(entry.name());
            self.cache.remove(at);
            // Of SRV and TXT the last one counts, and an older one that goes changes nothing.
            let replaced = matches!(head.rtype, Type::SRV | Type::TXT) && self.has(&name.name(), head.rtype);
            if !replaced {
                self.touch(&name.name(), head.rtype);
            }
            self.ask_anew(&name.name(), head.rtype, now);
        }
    }

    /// A record has gone: what leads to it looks for another one.
    fn ask_anew(&mut self, name: &Name<'_>, rtype: Type, now: Instant) {
        let (led_by, prefix) = match rtype {
            Type::SRV | Type::TXT => (Type::PTR, 0),
            Type::A | Type::AAAA => (Type::SRV, 6),
            _ => return,
        };
        let mut at = 0;
        while let Some(entry) = self.cache.at(at) {
            if entry.is_live(led_by) && entry.target(prefix) == *name {
                self.cache.update(at, |head| head.ask_anew(now));
            }
            at = self.cache.after(at);
        }
        for request in self.requests.iter_mut().filter(|request| request.kind == Kind::Resolve) {
            let about = self.cache.get(request.anchor).is_some_and(|anchor| anchor.name() == *name);
            if about && request.schedule == Schedule::Over && !self.is_down {
                request.schedule = Schedule::Asking { due: now, asked: 0 };
            }
        }
    }

    /// Writes the questions that are due into one packet, or the known answers that the last one had no room for.
    pub(super) fn transmit_query(&mut self, now: Instant, buf: &mut [u8]) -> Option<usize> {
        if self.cache.entries().any(|entry| entry.head.flags.has(EntryFlags::KNOWN)) {
            let mut builder = Builder::new(buf, 0, Flags::default());
            return self.put_known(&mut builder, now).then(|| builder.len());
        }
        let mut builder = Builder::new(buf, 0, Flags::default());
        self.put_request_questions(&mut builder, now);
        self.put_entry_questions(&mut builder, now);
        if builder.is_empty() {
            return None;
        }
        self.mark_known(&builder, now);
        self.put_known(&mut builder, now);
        Some(builder.len())
    }

    fn put_request_questions(&mut self, builder: &mut Builder<'_>, now: Instant) {
        for index in 0..self.requests.len() {
            let Some(request) = self.requests.get(index) else { continue };
            let Schedule::Asking { due, asked } = request.schedule else { continue };
            if !due.is_due(now) {
                continue;
            }
            let Some(anchor) = self.cache.get(request.anchor) else { continue };
            let name = anchor.name();
            let types = match request.kind {
                Kind::Free => [None, None],
                Kind::Lookup { families, .. } => self.missing_families(&name, families),
                Kind::Browse => [Some(Type::PTR), None],
                Kind::Resolve => {
                    [Type::SRV, Type::TXT].map(|rtype| (!self.has(&name, rtype)).then_some(rtype))
                }
            };
            let questions = types.map(|rtype| rtype.map(|rtype| (name, rtype)));
            // M-5.4-1: the first question of a request may ask for unicast answers.
            let unicast = asked == 0 && self.config.unicast_answers && questions.iter().any(Option::is_some);
            if put_questions(builder, &questions, unicast).is_err() && !builder.is_empty() {
                return;
            }
            if unicast {
                self.unicast_until = Some(now.after(2_000));
            }
            let asked = asked.saturating_add(1);
            let none = questions.iter().all(Option::is_none);
            if let Some(request) = self.requests.get_mut(index) {
                request.schedule = match none {
                    // Until something is missing again.
                    true => Schedule::Over,
                    false => Schedule::Asking { due: now.after(interval_millis(asked)), asked },
                };
            }
        }
    }

    /// Questions that cached records give rise to: their own renewal, and what they lead to.
    fn put_entry_questions(&mut self, builder: &mut Builder<'_>, now: Instant) {
        let mut at = 0;
        while let Some(entry) = self.cache.at(at) {
            let (name, head) = (entry.name(), entry.head);
            let refresh = self.refresh_due(&entry).filter(|due| due.is_due(now));
            if refresh.is_some() {
                if put_questions(builder, &[Some((name, head.rtype)), None], false).is_err()
                    && !builder.is_empty()
                {
                    return;
                }
                self.cache.update(at, |head| head.refreshes += 1);
                continue;
            }
            if ask_due(&entry).is_some_and(|due| due.is_due(now)) {
                let questions = self.missing(&entry);
                let none = questions.iter().all(Option::is_none);
                if put_questions(builder, &questions, false).is_err() && !builder.is_empty() {
                    return;
                }
                self.cache.update(at, |head| {
                    if none {
                        head.asks = Head::ALL_THERE;
                    } else {
                        head.asks = head.asks.saturating_add(1).min(Head::ALL_THERE - 1);
                        head.ask_due = now.after(interval_millis(head.asks));
                    }
                });
            }
            at = self.cache.after(at);
        }
    }

    /// What an entry leads to that is not there: SRV and TXT of an instance, addresses of a host.
    fn missing<'c>(&self, entry: &Entry<'c>) -> Questions<'c> {
        if !self.wants(&entry.name(), entry.head.rtype) {
            return [None, None];
        }
        let (target, types) = match entry.head.rtype {
            Type::PTR => (entry.target(0), [Type::SRV, Type::TXT]),
            _ => (entry.target(6), [Type::A, Type::AAAA]),
        };
        // One address is enough to be reached, and most small devices stay silent on the family that they lack.
        let reached = entry.head.rtype == Type::SRV && types.iter().any(|&rtype| self.has(&target, rtype));
        let enough = reached && entry.head.asks >= ASKS_FOR_OTHER_FAMILY;
        types.map(|rtype| (!enough && !self.has(&target, rtype)).then_some((target, rtype)))
    }

    fn missing_families(&self, name: &Name<'_>, families: Families) -> [Option<Type>; 2] {
        let v4 = families.v4() && !self.has(name, Type::A);
        let v6 = families.v6() && !self.has(name, Type::AAAA);
        [v4.then_some(Type::A), v6.then_some(Type::AAAA)]
    }

    pub(super) fn has(&self, name: &Name<'_>, rtype: Type) -> bool {
        self.live(rtype).any(|entry| entry.name() == *name)
    }

    /// M-5.2-3: when a record in use is asked for again.
    pub(super) fn refresh_due(&self, entry: &Entry<'_>) -> Option<Instant> {
        let head = entry.head;
        if entry.is_anchor() || head.refreshes >= REFRESHES || head.flags.has(EntryFlags::DEAD) {
            return None;
        }
        let percent_left = 20 - 5 * u32::from(head.refreshes);
        // Milliseconds: a thousandth of a life in seconds is as many of them.
        let left = head.ttl_secs * (percent_left * 10 - u32::from(head.spread));
        let due = Instant::from_millis(head.expires.as_millis().wrapping_sub(left));
        self.wants(&entry.name(), head.rtype).then_some(due)
    }

    /// M-7.1-3, M-7.1-5: the shared records of the questions in `builder` that have more than half of their life left.
    fn mark_known(&mut self, builder: &Builder<'_>, now: Instant) {
        let mut at = 0;
        while let Some(entry) = self.cache.at(at) {
            let known = entry.is_live(Type::PTR)
                && remaining_secs(&entry.head, now) > entry.head.ttl_secs / 2
                && builder.has_question(&entry.name(), Type::PTR);
            if known {
                self.cache.update(at, |head| head.flags.set(EntryFlags::KNOWN, true));
            }
            at = self.cache.after(at);
        }
    }

    /// Writes marked known answers; M-7.2-1: with TC when some are left for a further packet. Tells whether any was
    /// written.
    fn put_known(&mut self, builder: &mut Builder<'_>, now: Instant) -> bool {
        let (mut at, before) = (0, builder.len());
        while let Some(entry) = self.cache.at(at) {
            if entry.head.flags.has(EntryFlags::KNOWN) {
                let ttl_secs = remaining_secs(&entry.head, now);
                let head =
                    RecordHead { section: Section::Answer, rtype: Type::PTR, class: Class::IN.0, ttl_secs };
                let (owner, target) = (entry.name(), entry.target(0));
                let put = builder.put_record(
                    head,
                    |builder| builder.put_name(&owner),
                    |builder| builder.put_name(&target),
                );
                // One that does not fit an empty packet is left out: it costs an answer, no more.
                if put.is_err() && !builder.is_empty() {
                    builder.set_flags(Flags::TC);
                    return true;
                }
                self.cache.update(at, |head| head.flags.set(EntryFlags::KNOWN, false));
            }
            at = self.cache.after(at);
        }
        builder.len() > before
    }

    /// The nearest deadline of requests and entries.
    pub(super) fn next_deadline(&self) -> Option<Instant> {
        let mut next = None;
        let mut add = |due: Option<Instant>| {
            if let Some(due) = due {
                next = Some(next.map_or(due, |next: Instant| next.nearer(due, self.now)));
            }
        };
        for request in self.requests.iter() {
            if let Schedule::Asking { due, .. } = request.schedule {
                add(Some(due));
            }
            add(request.deadline);
        }
        for entry in self.cache.entries().filter(|entry| !entry.is_anchor()) {
            if !entry.head.flags.has(EntryFlags::DEAD) {
                add(Some(entry.head.expires));
                add(self.refresh_due(&entry));
                add(ask_due(&entry));
            }
        }
        next
    }
}

/// When what an entry leads to is asked for.
fn ask_due(entry: &Entry<'_>) -> Option<Instant> {
    let asks = entry.head.asks < Head::ALL_THERE && !entry.head.flags.has(EntryFlags::DEAD);
    asks.then_some(entry.head.ask_due)
}

/// How often the second family of a host is asked for while the first one is known.
const ASKS_FOR_OTHER_FAMILY: u8 = 3;

impl Head {
    /// Asks again for what the record leads to.
    fn ask_anew(&mut self, now: Instant) {
        if self.asks == Self::ALL_THERE {
            (self.asks, self.ask_due) = (0, now);
        }
    }
}

fn remaining_secs(head: &Head, now: Instant) -> u32 {
    head.expires.millis_until(now) / 1_000
}

/// Writes all questions or none; one that stands in the packet already is not repeated.
fn put_questions(
    builder: &mut Builder<'_>,
    questions: &Questions<'_>,
    unicast: bool,
) -> Result<(), DoesNotFit> {
    let class = Class::IN.0 | if unicast { Class::TOP } else { 0 };
    builder.whole(|builder| {
        for (name, qtype) in questions.iter().flatten() {
            if !builder.has_question(name, *qtype) {
                builder.put_question(name, *qtype, class)?;
            }
        }
        Ok(())
    })
}
