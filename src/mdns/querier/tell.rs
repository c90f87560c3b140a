//! Events: the difference between what is in the cache and what each request was told.

use super::instance::{Instance, InstanceId};
use super::request::{End, Kind, LookupFailure, RequestId, Schedule};
use super::store::instance_of;
use super::{Querier, QuerierEvent};
use crate::cache::{Entry, EntryFlags};
use crate::time::Instant;
use crate::wire::Type;
use core::net::IpAddr;

/// What a request was told of an entry; two bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    Nothing = 0,
    Found = 1,
    Resolved = 2,
    /// Resolved, and something has changed since.
    Changed = 3,
}

impl Told {
    fn of(told: u32, request: usize) -> Told {
        match told >> (2 * request) & 3 {
            0 => Told::Nothing,
            1 => Told::Found,
            2 => Told::Resolved,
            _ => Told::Changed,
        }
    }

    fn set(self, told: u32, request: usize) -> u32 {
        let shift = 2 * request;
        told & !(3 << shift) | (self as u32) << shift
    }
}

impl Querier<'_> {
    /// The next thing to tell.
    pub(super) fn next_event(&mut self) -> Option<QuerierEvent> {
        if core::mem::take(&mut self.no_room) {
            return Some(QuerierEvent::NoRoom);
        }
        if !self.news {
            return None;
        }
        for index in 0..self.requests.len() {
            if let Some(event) = self.news_of(index) {
                return Some(event);
            }
        }
        self.news = false;
        None
    }

    fn news_of(&mut self, index: usize) -> Option<QuerierEvent> {
        let request = *self.requests.get(index)?;
        let id = RequestId { index: index as u16, generation: request.generation };
        if matches!(request.kind, Kind::Free) || request.schedule == Schedule::Waiting {
            return None;
        }
        let change = self.cache.entries().find_map(|entry| {
            let (told, event) = self.change(index, id, &entry)?;
            Some((entry.at, told, event))
        });
        if let Some((at, told, event)) = change {
            self.cache.update(at, |head| head.told = told.set(head.told, index));
            return Some(event);
        }
        let event = match request.end {
            End::NotYet => return None,
            End::Done => QuerierEvent::Done { request: id },
            End::Failed(reason) => QuerierEvent::Failed { request: id, reason },
        };
        self.release(index);
        Some(event)
    }

    /// What request `index` has not been told of an entry, and what it will have been.
    fn change(&self, index: usize, id: RequestId, entry: &Entry<'_>) -> Option<(Told, QuerierEvent)> {
        let request = self.requests.get(index)?;
        let told = Told::of(entry.head.told, index);
        let instance = InstanceId(entry.head.id);
        match request.kind {
            Kind::Free => None,
            Kind::Lookup { .. } => {
                let anchor = self.cache.get(request.anchor)?;
                let address = address_of(entry).filter(|_| request.asks_for(entry.head.rtype))?;
                let new = told == Told::Nothing && entry.name() == anchor.name();
                let ttl_secs = entry.head.expires.millis_until(self.now) / 1_000;
                new.then_some((Told::Found, QuerierEvent::Address { request: id, address, ttl_secs }))
            }
            Kind::Browse => {
                if entry.head.flags.has(EntryFlags::DEAD) {
                    return (told != Told::Nothing)
                        .then_some((Told::Nothing, QuerierEvent::Lost { request: id, instance }));
                }
                if !entry.is_live(Type::PTR) || !self.browses(request, entry) {
                    return None;
                }
                match told {
                    Told::Nothing => Some((Told::Found, QuerierEvent::Found { request: id, instance })),
                    Told::Found if self.is_resolved(entry) => {
                        Some((Told::Resolved, QuerierEvent::Resolved { request: id, instance }))
                    }
                    Told::Changed if self.is_resolved(entry) => {
                        Some((Told::Resolved, QuerierEvent::Updated { request: id, instance }))
                    }
                    _ => None,
                }
            }
            Kind::Resolve => {
                if entry.head.id != request.anchor {
                    return None;
                }
                match (told, self.is_resolved(entry)) {
                    (Told::Nothing, true) => {
                        Some((Told::Resolved, QuerierEvent::Resolved { request: id, instance }))
                    }
                    (Told::Changed, true) => {
                        Some((Told::Resolved, QuerierEvent::Updated { request: id, instance }))
                    }
                    (Told::Resolved | Told::Changed, false) if !self.has(&entry.name(), Type::SRV) => {
                        Some((Told::Nothing, QuerierEvent::Lost { request: id, instance }))
                    }
                    _ => None,
                }
            }
        }
    }

    /// Whether host, port, an address and TXT of the instance are known.
    fn is_resolved(&self, entry: &Entry<'_>) -> bool {
        let Some(name) = instance_of(entry) else { return false };
        let instance = Instance::new(&self.cache, name);
        instance.host().is_some() && instance.txt().is_some() && instance.addresses().next().is_some()
    }

    /// Ends a lookup that has what it wants, or whose time is over.
    pub(super) fn end_lookup(&mut self, index: usize, now: Instant) {
        let Some(request) = self.requests.get(index) else { return };
        let Kind::Lookup { families, denied_v4, denied_v6, .. } = request.kind else { return };
        let (Some(anchor), End::NotYet) = (self.cache.get(request.anchor), request.end) else { return };
        let name = anchor.name();
        let (v4, v6) = (self.has(&name, Type::A), self.has(&name, Type::AAAA));
        let settled_v4 = !families.v4() || denied_v4 || v4;
        let settled_v6 = !families.v6() || denied_v6 || v6;
        // An address that was told counts, though it may be gone again.
        let any = request.has_address || families.v4() && v4 || families.v6() && v6;
        let over = request.deadline.is_some_and(|deadline| deadline.is_due(now));
        let settled = settled_v4 && settled_v6;
        let end = match any {
            true if settled || over => End::Done,
            false if settled => End::Failed(LookupFailure::NoData),
            false if over => End::Failed(LookupFailure::Timeout),
            _ => End::NotYet,
        };
        let Some(request) = self.requests.get_mut(index) else { return };
        if end != End::NotYet {
            (request.end, request.schedule, request.deadline) = (end, Schedule::Over, None);
            self.news = true;
        } else if any {
            // Most small devices stay silent on the family that they lack: a second is enough for the other one.
            if !core::mem::replace(&mut request.has_address, true) {
                let soon = now.after(1_000);
                request.deadline = Some(request.deadline.map_or(soon, |deadline| deadline.nearer(soon, now)));
            }
        }
    }
}

/// The address that a record holds.
pub(super) fn address_of(entry: &Entry<'_>) -> Option<IpAddr> {
    match entry.head.rtype {
        _ if entry.is_anchor() => None,
        Type::A => <[u8; 4]>::try_from(entry.data).ok().map(IpAddr::from),
        Type::AAAA => <[u8; 16]>::try_from(entry.data).ok().map(IpAddr::from),
        _ => None,
    }
}
