//! Events: the difference between what is in the cache and what each request was told.

use super::instance::{InstanceId, RecordId};
use super::life::canonical;
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
            if let Some(event) = self.news_of(index) {
                // What was to be told of it may be all that has kept a record.
                self.is_stale = true;
                return Some(event);
            }
        }
        self.has_news = false;
        None
    }

    fn news_of(&mut self, index: usize) -> Option<QuerierEvent> {
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
        let change = self.cache.entries().filter(|_| !has_failed).find_map(|entry| {
            let (told, event) = self.change(&request, id, about, &entry, Told::of(entry.told, index))?;
            Some((entry, told, event))
        });
        if let Some((mut entry, told, event)) = change {
            entry.told = told.set(entry.told, index);
            self.cache.set_entry(&entry);
            self.requests.get_mut(index)?.told = Told::Found;
            return Some(event);
        }
        let event = match request.state {
            State::Failed(reason) => QuerierEvent::Failed { request: id, reason },
            State::Done => QuerierEvent::Done { request: id },
            _ => return None,
        };
        self.release(index);
        Some(event)
    }

    /// What a request has not been told of an entry, and what it will have been.
    fn change(
        &self,
        request: &Request,
        id: RequestId,
        about: NameAt,
        entry: &Entry,
        told: Told,
    ) -> Option<(Told, QuerierEvent)> {
        let is_lost = told != Told::Nothing && entry.flags.has(EntryFlags::DEAD);
        let is_new = told == Told::Nothing && entry.is_live(entry.rtype) && entry.name == about;
        match request.kind {
            Kind::Lookup(families) => {
                let address = self.cache.address(entry)?;
                let ttl_secs = super::life::remaining_secs(entry, self.now);
                let is_asked_for = if address.is_ipv4() { families.v4() } else { families.v6() };
                match is_lost {
                    true => Some((Told::Nothing, QuerierEvent::AddressLost { request: id, address })),
                    false if is_new && is_asked_for => {
                        Some((Told::Found, QuerierEvent::Address { request: id, address, ttl_secs }))
                    }
                    false => None,
                }
            }
            Kind::Records(_) => {
                let record = RecordId::of(&self.cache, entry);
                match is_lost {
                    true => Some((Told::Nothing, QuerierEvent::RecordLost { request: id, record })),
                    false if is_new && request.is_for_records(entry.rtype) => {
                        Some((Told::Found, QuerierEvent::Record { request: id, record }))
                    }
                    false => None,
                }
            }
            _ => {
                if entry.rtype != Type::PTR {
                    return None;
                }
                let target = self.cache.target(entry)?;
                let instance = InstanceId(self.cache.id(target));
                let is_resolved = || self.cache.marks(target).any(marks::RESOLVED);
                // A request for records may have kept others.
                let is_instance = || {
                    let (name, service_type) = (self.cache.name(target), self.cache.name(about));
                    request.kind == Kind::Types || name.instance_of(&service_type).is_some()
                };
                match told {
                    _ if is_lost => Some((Told::Nothing, QuerierEvent::Lost { request: id, instance })),
                    Told::Nothing if is_new && is_instance() => {
                        Some((Told::Found, QuerierEvent::Found { request: id, instance }))
                    }
                    Told::Found if is_resolved() => {
                        Some((Told::Resolved, QuerierEvent::Resolved { request: id, instance }))
                    }
                    Told::Changed if is_resolved() => {
                        Some((Told::Resolved, QuerierEvent::Updated { request: id, instance }))
                    }
                    _ => None,
                }
            }
        }
    }

    fn news_of_instance(
        &mut self,
        index: usize,
        request: RequestId,
        name: NameAt,
        told: Told,
    ) -> Option<QuerierEvent> {
        let instance = InstanceId(self.cache.id(name));
        let marks = self.cache.marks(name);
        let (told, event) = match told {
            Told::Nothing | Told::Found if marks.any(marks::RESOLVED) => {
                (Told::Resolved, QuerierEvent::Resolved { request, instance })
            }
            Told::Changed if marks.any(marks::RESOLVED) => {
                (Told::Resolved, QuerierEvent::Updated { request, instance })
            }
            Told::Resolved | Told::Changed if !marks.any(has(Type::SRV)) => {
                (Told::Nothing, QuerierEvent::Lost { request, instance })
            }
            _ => return None,
        };
        self.requests.get_mut(index)?.told = told;
        Some(event)
    }
}
