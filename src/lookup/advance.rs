//! What each lookup does next.

use core::net::IpAddr;

use super::slot::{Asks, Found, Slot};
use super::{Failure, Lookups, Multicast, Realm, Source};
use crate::mdns::{self, QuerierEvent, Until};
use crate::name::NameBuf;
use crate::resolver::{self, State};
use crate::time::Instant;

impl<M: Multicast> Lookups<'_, '_, M> {
    /// Begins what is fresh, takes what the machines tell, and tells what was held back long enough.
    pub(super) fn catch_up(&mut self, now: Instant) {
        self.now = now;
        for index in 0..self.slots.len() {
            let Some(slot) = self.slots.get_mut(index) else { continue };
            match slot.state {
                State::Fresh => {
                    (slot.state, slot.deadline) = (State::Open, now.after(slot.timeout_millis));
                    self.ask_next(index);
                }
                State::Open if slot.held_until.is_some_and(|until| until.is_due(now)) => {
                    (slot.state, slot.has_news, slot.held_until) = (State::Partly, true, None);
                }
                _ => {}
            }
        }
        // What one machine fails to find the other one may be asked for, and may know.
        while self.take_events() {}
    }

    /// Takes what the machines tell of lookups. Tells whether there was anything.
    pub(super) fn take_events(&mut self) -> bool {
        let mut taken = false;
        for index in 0..self.slots.len() {
            match self.slots.get(index).map(|slot| slot.asks) {
                Some(Asks::Link(request)) => {
                    let event = self.multicast.event_of(request);
                    event.iter().for_each(|event| self.take_from_link(index, event));
                    taken |= event.is_some();
                }
                Some(Asks::Servers(request)) => {
                    let event = self.resolver.poll_event_of(request);
                    event.iter().for_each(|event| self.take_from_servers(index, event));
                    taken |= event.is_some();
                }
                _ => {}
            }
        }
        taken
    }

    /// Looks for the next name of the search list; when there is none, the lookup has failed.
    pub(super) fn ask_next(&mut self, index: usize) {
        loop {
            let Some(slot) = self.slots.get_mut(index) else { return };
            let next = self.search.next(&slot.name.name(), slot.is_absolute, &mut slot.tried);
            let Some(name) = next else {
                (slot.state, slot.has_news) = (State::Failed, true);
                return;
            };
            let hosts = self.hosts;
            let mut is_known = false;
            for (_, address) in hosts.iter().filter(|(host, _)| *host == name.name()) {
                self.know(index, address, 0);
                is_known = true;
            }
            if is_known {
                return self.finish_here(index, Source::Local);
            }
            let failure = match Realm::of(&name.name()) {
                Realm::Loopback => {
                    Realm::LOOPBACK.iter().for_each(|address| self.know(index, address, 0));
                    return self.finish_here(index, Source::Local);
                }
                Realm::Nowhere(reserved) => Failure::Nowhere(reserved),
                realm => match self.ask(index, realm, &name) {
                    Ok(()) => return,
                    Err(failure) => failure,
                },
            };
            if !self.goes_on_behind(index, failure) {
                return;
            }
        }
    }

    /// Asks the machine that answers for the name.
    fn ask(&mut self, index: usize, realm: Realm, name: &NameBuf) -> Result<(), Failure> {
        let Some(slot) = self.slots.get_mut(index) else { return Ok(()) };
        let (families, timeout_millis) = (slot.families, slot.deadline.millis_until(self.now));
        if realm == Realm::Link {
            let until = Until::Answered { timeout_millis };
            if core::mem::take(&mut slot.doubts) {
                self.multicast.forget(name);
            }
            let request = self.multicast.start(name, families, until).map_err(|error| match error {
                mdns::RequestError::Full { capacity: 0 } => Failure::NoMulticast,
                _ => Failure::NoCapacity,
            })?;
            (slot.asks, slot.source) = (Asks::Link(request), Source::Multicast);
            self.multicast.handle_timeout(self.now);
        } else {
            let request = self.resolver.lookup_name(name, families, timeout_millis);
            let request = request.map_err(|_| Failure::NoCapacity)?;
            self.resolver.tell_apart(request);
            (slot.asks, slot.source) = (Asks::Servers(request), Source::Unicast);
            self.resolver.handle_timeout(self.now);
        }
        Ok(())
    }

    /// A name was not found. Tells whether the next one of the search list is to be tried.
    fn goes_on_behind(&mut self, index: usize, failure: Failure) -> bool {
        let Some(slot) = self.slots.get_mut(index) else { return false };
        slot.asks = Asks::Nobody;
        slot.note_failure(failure);
        if failure.lets_search_go_on() {
            return true;
        }
        (slot.state, slot.has_news, slot.failure) = (State::Failed, true, failure);
        false
    }

    /// A name was not found: the next one of the search list is asked for, or the lookup has failed.
    fn go_on_behind(&mut self, index: usize, failure: Failure) {
        if self.goes_on_behind(index, failure) {
            self.ask_next(index);
        }
    }

    /// Adds an address that this device knows by itself.
    pub(super) fn know(&mut self, index: usize, address: &IpAddr, scope_id: u32) {
        add(self.slots, self.addresses, index, Found { address: *address, scope_id, ..Found::NONE });
    }

    /// What this device knows by itself is all there is.
    pub(super) fn finish_here(&mut self, index: usize, source: Source) {
        if let Some(slot) = self.slots.get_mut(index) {
            (slot.source, slot.has_news, slot.asks) = (source, true, Asks::Nobody);
            slot.state = if slot.found > 0 { State::Found } else { State::Failed };
            slot.failure = Failure::NoSuchFamily;
        }
    }

    /// Takes what the link says of a lookup.
    fn take_from_link(&mut self, index: usize, event: &QuerierEvent) {
        let now = self.now;
        match *event {
            QuerierEvent::Address { address, ttl_secs, .. } => {
                let expires = Some(now.after(ttl_secs.saturating_mul(1_000)));
                add(self.slots, self.addresses, index, Found { address, expires, ..Found::NONE });
                let Some(slot) = self.slots.get_mut(index) else { return };
                // R-8305-1: what is tried first need not wait for what is tried second.
                if address.is_ipv6() || slot.state == State::Partly {
                    (slot.state, slot.has_news, slot.held_until) = (State::Partly, true, None);
                } else {
                    slot.held_until.get_or_insert(now.after(HOLD_MILLIS));
                }
            }
            QuerierEvent::Done { .. } => {
                if let Some(slot) = self.slots.get_mut(index) {
                    (slot.state, slot.has_news, slot.asks) = (State::Found, true, Asks::Nobody);
                }
            }
            QuerierEvent::Failed { reason, .. } => self.go_on_behind(index, Failure::Link(reason)),
            _ => {}
        }
    }

    /// Takes what the servers say of a lookup.
    fn take_from_servers(&mut self, index: usize, event: &resolver::Event) {
        match *event {
            resolver::Event::Found { request, is_complete } => {
                if let Some(slot) = self.slots.get_mut(index) {
                    (slot.found, slot.has_more, slot.has_news) = (0, false, true);
                    slot.state = if is_complete { State::Found } else { State::Partly };
                }
                self.take_addresses(index, request);
            }
            resolver::Event::Failed { failure, .. } => self.go_on_behind(index, Failure::Servers(failure)),
        }
    }

    /// Takes what the resolver has found: first what has not failed, as there may be no room for all.
    pub(super) fn take_addresses(&mut self, index: usize, request: resolver::RequestId) {
        for has_failed in [false, true] {
            let addresses = self.resolver.addresses_for_millis(request);
            for (found, millis) in addresses.filter(|(found, _)| found.has_failed == has_failed) {
                let expires = Some(self.now.after(millis));
                let found = Found { address: found.address, scope_id: 0, expires, has_failed };
                add(self.slots, self.addresses, index, found);
            }
        }
    }

    /// Frees a slot, and what it asks for.
    pub(super) fn release(&mut self, index: usize) {
        let Some(slot) = self.slots.get_mut(index) else { return };
        match slot.asks {
            Asks::Link(request) => self.multicast.cancel(request),
            Asks::Servers(request) => self.resolver.cancel(request),
            Asks::Nobody => {}
        }
        *slot = Slot { generation: slot.generation, ..Slot::FREE };
    }
}

/// What the link has answered first waits so long for IPv6 (RFC 8305 section 3).
const HOLD_MILLIS: u32 = 50;

/// Adds an address of a family that is wanted to those of slot number `index`.
fn add(slots: &mut [Slot], addresses: &mut [Found], index: usize, found: Found) {
    let room = addresses.len().checked_div(slots.len()).unwrap_or(0);
    let Some(slot) = slots.get_mut(index).filter(|slot| slot.wants(found.address)) else { return };
    let places = addresses.get_mut(index * room..(index + 1) * room).unwrap_or_default();
    if places.iter().take(slot.found.into()).any(|other| other.address == found.address) {
        return;
    }
    match places.get_mut(usize::from(slot.found)) {
        Some(place) => (*place, slot.found) = (found, slot.found + 1),
        None => slot.has_more = true,
    }
}
