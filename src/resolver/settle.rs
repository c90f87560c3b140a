//! Where each request stands: what the cache has for it, what is missing, when it is to be told.

use super::query::{self, Query};
use super::request::{Request, State};
use super::{Event, Failure, RequestId, Resolver};
use crate::cache::{Entry, EntryFlags, NameAt, NameId};
use crate::realm::Realm;
use crate::wire::Type;

/// Aliases that are followed for one request (R-1034-1).
pub(super) const MAX_ALIASES: usize = 12;

/// What came first waits so long for the other family (RFC 8305 section 3).
const HOLD_MILLIS: u32 = 50;

/// For how long after their end (RFC 8767 section 5).
const STALE_MILLIS: u32 = 86_400_000;

/// Where a request stands with one type.
enum Standing {
    /// The records are there, under this name.
    Found(NameAt),
    Failed(Failure),
    /// They are to be asked for under this name.
    Missing(NameAt),
}

impl Resolver<'_> {
    /// Brings requests and queries in line with the cache.
    pub(super) fn review(&mut self) {
        self.queries.iter_mut().for_each(|query| query.traits.is_wanted = false);
        for index in 0..self.requests.len() {
            self.settle(index, false);
        }
        for index in 0..self.queries.len() {
            if self.queries.get(index).is_some_and(|query| !query.traits.is_wanted) {
                self.end_query(index);
            }
        }
        // Now there is a slot for each query that is missing.
        for index in 0..self.requests.len() {
            self.settle(index, true);
        }
    }

    /// Looks at one request. Queries that are missing are begun if it `asks`.
    fn settle(&mut self, index: usize, asks: bool) {
        let now = self.now;
        let Some(slot) = self.requests.get_mut(index) else { return };
        if slot.state == State::Fresh {
            (slot.state, slot.began) = (State::Open, now);
        }
        let request = *slot;
        if !request.is_open() {
            return;
        }
        let is_over = request.deadline().is_due(now);
        let (mut found, mut missing, mut failure) = ([false; 2], false, None::<Failure>);
        for ((number, qtype), found) in request.types().into_iter().enumerate().zip(&mut found) {
            let Some(qtype) = qtype else { continue };
            let failed = match self.standing(index, qtype, false) {
                Standing::Found(end) => {
                    *found = self.note_end(index, number, end);
                    continue;
                }
                // There are servers that deny the name to who asks for IPv6 (RFC 4074 section 4.2).
                Standing::Failed(Failure::NoName) if !is_over && self.is_on_its_way(index, qtype) => {
                    missing = true;
                    continue;
                }
                Standing::Failed(failure) => failure,
                Standing::Missing(_) if request.failed >> number & 1 != 0 => request.failure,
                Standing::Missing(_) if self.server_count == 0 => Failure::NoServers,
                Standing::Missing(_) if is_over => self.why_missing(index, qtype),
                Standing::Missing(name) => {
                    missing = true;
                    self.want(index, name, qtype, asks);
                    continue;
                }
            };
            failure = Some(failed.or_worse(failure));
        }
        if self.config.serves_stale && found == [false; 2] {
            let may_be_answered_yet = missing && !request.stale_from().is_due(now);
            // What is decidedly not there has no stale records either.
            if !may_be_answered_yet && !matches!(failure, Some(Failure::NoName | Failure::NoData)) {
                for ((number, qtype), found) in request.types().into_iter().enumerate().zip(&mut found) {
                    if let Some(qtype) = qtype
                        && let Standing::Found(end) = self.standing(index, qtype, true)
                    {
                        *found = self.note_end(index, number, end);
                        missing = false;
                    }
                }
            }
        }
        let [found_v6, found_any] = [found[0], found != [false; 2]];
        let Some(slot) = self.requests.get_mut(index) else { return };
        let state = match missing {
            false if found_any => State::Found,
            false => State::Failed,
            true if !found_any => State::Open,
            true => {
                // R-8305-1: what is tried first need not wait for what is tried second.
                let until = *slot.held_until.get_or_insert(now.after(HOLD_MILLIS));
                if found_v6 || until.is_due(now) { State::Partly } else { State::Open }
            }
        };
        if state == State::Failed {
            slot.failure = failure.unwrap_or(Failure::NoData);
        }
        if state != slot.state {
            (slot.state, slot.has_news) = (state, state != State::Open);
        }
        if state == State::Found {
            self.restart_if_all_failed(index);
        }
    }

    /// Records were found under this name.
    fn note_end(&mut self, index: usize, number: usize, end: NameAt) -> bool {
        let end = self.cache.id(end);
        let slot = self.requests.get_mut(index).and_then(|request| request.ends.get_mut(number));
        slot.into_iter().for_each(|slot| *slot = end);
        true
    }

    /// Follows the aliases from the name of a request. What there is on the way is kept for it until it is cancelled.
    fn standing(&mut self, index: usize, qtype: Type, stale: bool) -> Standing {
        let name = self.requests.get(index).and_then(|request| self.cache.named(request.name));
        let Some(mut name) = name else { return Standing::Failed(Failure::NoRoom) };
        for aliases in 0..=MAX_ALIASES {
            let (mut failure, mut alias, mut is_found, mut is_offered) = (None, None, false, false);
            let mut entry = self.cache.before_entries();
            while self.cache.step(&mut entry) {
                let is_held = held(&entry, index) != FREE;
                if entry.name != name || !is_held && !self.counts(&entry, stale) {
                    continue;
                }
                if entry.flags.has(EntryFlags::NEGATIVE) {
                    let why = Failure::from_octet(entry.doubted);
                    // Of all types at once it is said only that there is no such name.
                    let is_of_all = entry.rtype == Type::ANY && why == Failure::NoName;
                    if entry.rtype != qtype && !is_of_all {
                        continue;
                    }
                    failure = Some(why);
                } else if entry.rtype == qtype || qtype == Type::ANY && is_held {
                    is_found = true;
                    let target = entry.target().filter(|_| qtype == Type::SRV);
                    is_offered |= target.is_none_or(|target| !self.cache.name(target).is_root());
                } else if entry.rtype == Type::CNAME {
                    alias = entry.target();
                } else {
                    continue;
                }
                if !is_held {
                    set_held(&mut entry, index, HELD);
                    self.cache.set_entry(&entry);
                }
            }
            match (is_found, alias, failure) {
                (true, ..) if is_offered => return Standing::Found(name),
                // V-2782-1
                (true, ..) => return Standing::Failed(Failure::NoService),
                (_, Some(target), _) => name = target,
                (_, _, Some(failure)) => return Standing::Failed(failure),
                // M-3-1, R-6761-1, R-7686-1: an alias does not make servers be asked for what they are not asked for.
                _ if aliases > 0 && Realm::of(&self.cache.name(name)) != Realm::Servers => {
                    return Standing::Failed(Failure::NoName);
                }
                _ => return Standing::Missing(name),
            }
        }
        Standing::Failed(Failure::Aliases)
    }

    /// Whether an entry is an answer to new requests.
    pub(super) fn counts(&self, entry: &Entry, stale: bool) -> bool {
        !entry.flags.has(EntryFlags::DEAD)
            && (!entry.expires.is_due(self.now)
                || stale && !entry.flags.has(EntryFlags::NEGATIVE) && self.is_usable_stale(entry))
    }

    /// Whether an entry that is over may still be used while no server answers.
    pub(super) fn is_usable_stale(&self, entry: &Entry) -> bool {
        self.config.serves_stale
            && !entry.flags.has(EntryFlags::DEAD)
            && self.now.millis_since(entry.expires) < STALE_MILLIS
    }

    /// The requests that wait for the answer, as entries keep them: two bits for each.
    pub(super) fn waiting(&mut self, query: &Query) -> u32 {
        let mut told = 0;
        for index in 0..self.requests.len() {
            let Some(&request) = self.requests.get(index).filter(|request| request.is_open()) else {
                continue;
            };
            let asks = request.types().contains(&Some(query.qtype))
                && matches!(
                    self.standing(index, query.qtype, false),
                    Standing::Missing(_) | Standing::Failed(Failure::NoName)
                )
                && self.leads_over(index, query.name);
            told |= if asks { HELD << (2 * index) } else { 0 };
        }
        told
    }

    /// Whether a name is that of a request, or one of its aliases.
    fn leads_over(&self, index: usize, name: NameId) -> bool {
        let mut at = self.requests.get(index).and_then(|request| self.cache.named(request.name));
        for _ in 0..=MAX_ALIASES {
            let Some(of_request) = at else { break };
            if self.cache.id(of_request) == name {
                return true;
            }
            let counts = |entry: &Entry| {
                entry.name == of_request
                    && entry.rtype == Type::CNAME
                    && !entry.flags.has(EntryFlags::NEGATIVE)
                    && (held(entry, index) != FREE || self.counts(entry, false))
            };
            // Of several the one that is followed: the newest.
            at = self.cache.entries().filter(counts).last().and_then(|entry| entry.target());
        }
        false
    }

    /// The query whose answer a request waits for: that of its name, or of an alias of it that is on its way already.
    fn query_of(&self, index: usize, qtype: Type) -> Option<usize> {
        let is_it = |query: &Query| {
            query.state != query::State::Free && query.qtype == qtype && self.leads_over(index, query.name)
        };
        self.queries.iter().position(is_it)
    }

    /// Whether the question is on its way; it is kept there.
    fn is_on_its_way(&mut self, index: usize, qtype: Type) -> bool {
        let open = self.query_of(index, qtype);
        let query = open.and_then(|open| self.queries.get_mut(open));
        query.map(|query| query.traits.is_wanted = true).is_some()
    }

    /// Makes sure that the question is on its way.
    fn want(&mut self, index: usize, name: NameAt, qtype: Type, asks: bool) {
        if self.is_on_its_way(index, qtype) {
            return;
        }
        let name = self.cache.id(name);
        if asks {
            let servers = self.servers.get(..self.server_count).unwrap_or(&[]);
            let query = Query::new(name, qtype, servers, self.now);
            let free = self.queries.iter_mut().find(|query| query.state == query::State::Free);
            free.into_iter().for_each(|slot| *slot = query);
        }
    }

    /// Why the deadline has come before an answer.
    fn why_missing(&mut self, index: usize, qtype: Type) -> Failure {
        let Some(&query) = self.query_of(index, qtype).and_then(|open| self.queries.get(open)) else {
            return Failure::Timeout { servers: 0 };
        };
        let failure = query.why();
        // Others may have more time.
        let others = self.waiting(&query) & !(3 << (2 * index));
        if query.sent_count > 1 && others == 0 {
            self.remember_failure(query.name, qtype, failure);
        }
        failure
    }

    /// A query has failed for good: those who wait for it are told.
    pub(super) fn fail(&mut self, index: usize, failure: Failure) {
        let Some(&query) = self.queries.get(index) else { return };
        self.remember_failure(query.name, query.qtype, failure);
        let told = self.waiting(&query);
        self.fail_for(index, told, failure);
    }

    /// The same, for these requests.
    pub(super) fn fail_for(&mut self, index: usize, told: u32, failure: Failure) {
        let Some(&query) = self.queries.get(index) else { return };
        for (index, request) in self.requests.iter_mut().enumerate() {
            if told >> (2 * index) & HELD != 0 {
                request.failure = failure.or_worse((request.failed != 0).then_some(request.failure));
                for (number, _) in
                    request.types().into_iter().enumerate().filter(|(_, qtype)| *qtype == Some(query.qtype))
                {
                    request.failed |= 1 << number;
                }
            }
        }
        self.end_query(index);
        self.is_stale = true;
    }

    /// The next thing to tell.
    pub(super) fn next_event(&mut self) -> Option<Event> {
        let mut together = (0..self.requests.len()).filter(|index| self.apart >> index & 1 == 0);
        let has_news = |index: &usize| self.requests.get(*index).is_some_and(|request| request.has_news);
        let index = together.find(has_news)?;
        self.news_of(index)
    }

    /// What is to be told of request number `index`.
    pub(super) fn news_of(&mut self, index: usize) -> Option<Event> {
        let slot = self.requests.get_mut(index)?;
        if !core::mem::take(&mut slot.has_news) {
            return None;
        }
        let request = RequestId { index: index as u16, generation: slot.generation };
        Some(match slot.state {
            State::Failed => {
                let failure = slot.failure;
                self.release(index);
                Event::Failed { request, failure }
            }
            state => Event::Found { request, is_complete: state == State::Found },
        })
    }

    /// Frees the slot of a request, and what it has kept.
    pub(super) fn release(&mut self, index: usize) {
        if let Some(slot) = self.requests.get_mut(index) {
            *slot = Request { generation: slot.generation, ..Request::FREE };
            self.apart &= !(1 << index);
            self.cache.for_each_entry(|entry| set_held(entry, index, FREE));
            self.is_stale = true;
        }
    }
}

/// What an entry is to a request, in two bits: nothing.
pub(super) const FREE: u32 = 0;
/// The request has it.
pub(super) const HELD: u32 = 1;
/// The same, and it did not work.
pub(super) const FAILED: u32 = 2;

pub(super) fn held(entry: &Entry, index: usize) -> u32 {
    entry.told >> (2 * index) & 3
}

pub(super) fn set_held(entry: &mut Entry, index: usize, to: u32) {
    entry.told = entry.told & !(3 << (2 * index)) | to << (2 * index);
}
