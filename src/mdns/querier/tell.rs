//! Events: the difference between what is in the cache and what each request was told.

use super::follow::canonical;
use super::instance::{InstanceId, RecordId};
use super::lifetime::remaining_secs;
use super::marks::{self, has};
use super::request::{Kind, Request, RequestId, State, Told};
use super::{Querier, QuerierEvent};
use crate::cache::{Entry, EntryFlags, NameAt};
use crate::wire::Type;

impl Querier<'_> {
    /// The next thing to tell.
    pub(super) fn next_event(&mut self) -> Option<QuerierEvent> {
        if core::mem::take(&mut self.no_room) {
            return Some(QuerierEvent::NoRoom);
        }
        if !self.has_news {
            return None;
        }
        for index in 0..self.requests.len() {
            if self.apart >> index & 1 == 0
                && let Some(event) = self.news_of(index)
            {
                return Some(event);
            }
        }
        self.has_news = false;
        None
    }

    /// The next thing to tell of request number `index`.
    pub(super) fn news_of(&mut self, index: usize) -> Option<QuerierEvent> {
        let event = self.untold_of(index)?;
        // What was to be told of it may be all that has kept a record.
        self.is_stale = true;
        Some(event)
    }

    fn untold_of(&mut self, index: usize) -> Option<QuerierEvent> {
        let request = *self.requests.get(index)?;
        let id = RequestId { index: index as u16, generation: request.generation };
        if matches!(request.state, State::Free | State::Fresh) {
            return None;
        }
        let name = self.cache.named(request.name)?;
        if request.kind == Kind::Resolve {
            return self.news_of_instance(index, id, name, request.told);
        }
        let about = if matches!(request.kind, Kind::Lookup(_)) { canonical(&self.cache, name) } else { name };
        // What comes after its time is nothing to a request that has failed.
        let has_failed = matches!(request.state, State::Failed(_));
        let mut entry = self.cache.before_entries();
        while !has_failed && self.cache.step(&mut entry) {
            let was = Told::of(entry.told, index);
            if let Some(told) = self.change(&request, about, &entry, was) {
                entry.told = told.set(entry.told, index);
                self.cache.set_entry(&entry);
                self.requests.get_mut(index)?.told = Told::Found;
                return self.event(&request, id, &entry, was, told);
            }
        }
        let event = match request.state {
            State::Failed(reason) => QuerierEvent::Failed { request: id, reason },
            State::Done => QuerierEvent::Done { request: id },
            _ => return None,
        };
        self.release(index);
        Some(event)
    }

    /// What a request will have been told of an entry, if there is something that it has not been told.
    ///
    /// Never inlined: what is kept over the walk needs the registers.
    #[inline(never)]
    fn change(&self, request: &Request, about: NameAt, entry: &Entry, told: Told) -> Option<Told> {
        let (rtype, is_dead) = (entry.rtype, entry.flags.has(EntryFlags::DEAD));
        let instances = matches!(request.kind, Kind::Browse | Kind::Types);
        match told {
            Told::Nothing => {
                let by_type = rtype != Type::CNAME && request.marks().any(marks::wanted_by(rtype));
                let is_asked_for = by_type || request.is_for_records(rtype);
                // A request for records may have kept others.
                let fits = request.kind != Kind::Browse
                    || entry.target().is_some_and(|target| {
                        self.cache.name(target).instance_of(&self.cache.name(about)).is_some()
                    });
                (!is_dead && entry.name == about && is_asked_for && fits).then_some(Told::Found)
            }
            _ if is_dead => Some(Told::Nothing),
            Told::Found | Told::Changed if instances => {
                let target = entry.target()?;
                self.cache.marks(target).any(marks::RESOLVED).then_some(Told::Resolved)
            }
            _ => None,
        }
    }

    /// That of an entry a request was told one thing and is told another.
    fn event(
        &self,
        request: &Request,
        id: RequestId,
        entry: &Entry,
        was: Told,
        told: Told,
    ) -> Option<QuerierEvent> {
        let (request, kind, is_lost) = (id, request.kind, told == Told::Nothing);
        Some(match kind {
            Kind::Lookup(_) => {
                let address = self.cache.address(entry)?;
                let ttl_secs = remaining_secs(entry, self.now);
                match is_lost {
                    true => QuerierEvent::AddressLost { request, address },
                    false => QuerierEvent::Address { request, address, ttl_secs },
                }
            }
            Kind::Records(_) => {
                let record = RecordId::of(&self.cache, entry);
                match is_lost {
                    true => QuerierEvent::RecordLost { request, record },
                    false => QuerierEvent::Record { request, record },
                }
            }
            _ => self.event_of_instance(id, entry.target()?, was, told),
        })
    }

    fn event_of_instance(&self, request: RequestId, name: NameAt, was: Told, told: Told) -> QuerierEvent {
        let instance = InstanceId(self.cache.id(name));
        match told {
            Told::Nothing => QuerierEvent::Lost { request, instance },
            Told::Found => QuerierEvent::Found { request, instance },
            _ if was == Told::Changed => QuerierEvent::Updated { request, instance },
            _ => QuerierEvent::Resolved { request, instance },
        }
    }

    fn news_of_instance(
        &mut self,
        index: usize,
        request: RequestId,
        name: NameAt,
        was: Told,
    ) -> Option<QuerierEvent> {
        let marks = self.cache.marks(name);
        let told = match was {
            Told::Nothing | Told::Found | Told::Changed if marks.any(marks::RESOLVED) => Told::Resolved,
            Told::Resolved | Told::Changed if !marks.any(has(Type::SRV)) => Told::Nothing,
            _ => return None,
        };
        self.requests.get_mut(index)?.told = told;
        Some(self.event_of_instance(request, name, was, told))
    }
}
