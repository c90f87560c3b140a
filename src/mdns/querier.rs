//! The querier: the device finds hosts and services.

mod ask;
mod instance;
mod request;
mod storage;
mod store;
mod tell;

use core::net::IpAddr;

pub use instance::{Instance, InstanceId};
pub use request::{Families, LookupFailure, RequestError, RequestId};
pub use storage::QuerierStorage;

use super::admit::admit;
use super::config::Config;
use crate::cache::{Cache, Entry, Head};
use crate::dns_sd::check_browsed;
use crate::driver::{Destination, Disposition, Meta, Reason, Transmit};
use crate::jitter::Jitter;
use crate::name::{MAX_LABEL, Name, NameBuf};
use crate::time::Instant;
use crate::wire::{Checked, Flags};
use request::{End, Kind, Request, Schedule};
use store::instance_of;

/// Looks hosts up and browses for services on one link (RFC 6762 sections 5 and 7, RFC 6763).
///
/// A machine: see [`Endpoint`](super::Endpoint) for the loop that drives it, and for responder and querier in one.
/// Alone it does not know which addresses are on the link, and so never asks for unicast answers.
#[derive(Debug)]
pub struct Querier<'s> {
    requests: &'s mut [Request],
    cache: Cache<'s>,
    config: Config,
    jitter: Jitter,
    now: Instant,
    /// Until when unicast answers count: two seconds behind a question that asked for them (M-6.12).
    unicast_until: Option<Instant>,
    is_down: bool,
    /// Something may have to be told.
    news: bool,
    no_room: bool,
}

/// What became known. Events of one instance coalesce: the last state is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum QuerierEvent {
    /// A lookup has found an address; more may follow.
    Address {
        /// The lookup.
        request: RequestId,
        /// The address.
        address: IpAddr,
        /// How long it may be used, in seconds.
        ttl_secs: u32,
    },
    /// A lookup has ended; its handle is stale.
    Done {
        /// The lookup.
        request: RequestId,
    },
    /// A lookup has ended without an address; its handle is stale.
    Failed {
        /// The lookup.
        request: RequestId,
        /// Why.
        reason: LookupFailure,
    },
    /// A browse has found an instance; of its host nothing may be known yet.
    Found {
        /// The browse.
        request: RequestId,
        /// The instance.
        instance: InstanceId,
    },
    /// Host, port, an address and TXT of an instance are known.
    Resolved {
        /// The browse or resolve.
        request: RequestId,
        /// The instance.
        instance: InstanceId,
    },
    /// Something of a resolved instance has changed.
    Updated {
        /// The browse or resolve.
        request: RequestId,
        /// The instance.
        instance: InstanceId,
    },
    /// An instance is gone. [`Querier::instance`] still tells its name, until the next call.
    Lost {
        /// The browse or resolve.
        request: RequestId,
        /// The instance.
        instance: InstanceId,
    },
    /// Something that a request wants did not fit the cache: raise CACHE in the storage, or cancel a request.
    NoRoom,
}

impl<'s> Querier<'s> {
    /// A querier without requests on a link that is up. Whatever `storage` held is forgotten.
    pub fn new<const REQUESTS: usize, const CACHE: usize>(
        storage: &'s mut QuerierStorage<REQUESTS, CACHE>,
        config: Config,
    ) -> Self {
        Self::with_unicast(storage, config.unicast_answers(false))
    }

    /// As [`new`](Self::new), for an endpoint, which knows what is on the link.
    pub(super) fn with_unicast<const REQUESTS: usize, const CACHE: usize>(
        storage: &'s mut QuerierStorage<REQUESTS, CACHE>,
        config: Config,
    ) -> Self {
        *storage = QuerierStorage::new();
        Self {
            requests: &mut storage.requests,
            cache: Cache::new(&mut storage.cache),
            config,
            // Another seed than the responder's, whose waits would be the same.
            jitter: Jitter::new(!config.seed),
            now: Instant::from_millis(0),
            unicast_until: None,
            is_down: false,
            news: false,
            no_room: false,
        }
    }

    /// Looks up the addresses of a host: `printer.local`.
    ///
    /// Each address is told by [`Address`](QuerierEvent::Address) as it comes. The lookup ends by itself, with
    /// [`Done`](QuerierEvent::Done) or [`Failed`](QuerierEvent::Failed): when all families have answered, one second
    /// after the first address, or after `timeout_millis`.
    ///
    /// # Errors
    /// Not a name below `local`, no free slot, no room in the cache.
    pub fn lookup(
        &mut self,
        name: &str,
        families: Families,
        timeout_millis: u32,
    ) -> Result<RequestId, RequestError> {
        let name: NameBuf = name.parse().map_err(RequestError::Name)?;
        if !name.name().ends_with(&Name::LOCAL) || name.name() == Name::LOCAL {
            return Err(RequestError::NotLocal);
        }
        let kind = Kind::Lookup { families, timeout_millis, denied_v4: false, denied_v6: false };
        self.request(kind, &name)
    }

    /// Follows the instances of a service type: `_http._tcp`, or of a subtype: `_printer._sub._http._tcp`. Goes on
    /// until cancelled.
    ///
    /// # Errors
    /// Not a service type, no free slot, no room in the cache.
    pub fn browse(&mut self, service_type: &str) -> Result<RequestId, RequestError> {
        let name = local_name(&[], service_type)?;
        self.request(Kind::Browse, &name)
    }

    /// Resolves one instance to host, port, addresses and TXT, and goes on following it until cancelled.
    ///
    /// # Errors
    /// Not an instance name or service type, no free slot, no room in the cache.
    pub fn resolve(&mut self, instance: &str, service_type: &str) -> Result<RequestId, RequestError> {
        let octets = instance.len();
        if !(1..=MAX_LABEL).contains(&octets) {
            return Err(RequestError::Instance { octets });
        }
        let name = local_name(instance.as_bytes(), service_type)?;
        self.request(Kind::Resolve, &name)
    }

    /// Ends a request: nothing more is asked or told for it. A stale handle is ignored.
    pub fn cancel(&mut self, request: RequestId) {
        let index = usize::from(request.index);
        let is_it = |slot: &Request| slot.generation == request.generation && slot.kind != Kind::Free;
        if self.requests.get(index).is_some_and(is_it) {
            self.release(index);
        }
    }

    /// What is known of an instance; `None` once it is gone.
    pub fn instance(&self, instance: InstanceId) -> Option<Instance<'_>> {
        let entry = self.cache.get(instance.0)?;
        Some(Instance::new(&self.cache, instance_of(&entry)?))
    }

    pub(super) fn ask_for_unicast(&mut self, ask: bool) {
        self.config.unicast_answers = ask;
    }

    /// The link is gone, and with it everything that was found on it. Browses and resolves wait for
    /// [`link_up`](Self::link_up); lookups too, but no longer than their time.
    pub fn link_down(&mut self) {
        let now = self.now;
        self.cache.update_all(|head| head.expires = now);
        self.end_lives(now);
        for request in self.requests.iter_mut().filter(|request| request.schedule != Schedule::Waiting) {
            request.schedule = Schedule::Over;
        }
        self.is_down = true;
        self.unicast_until = None;
    }

    /// The link is up, perhaps another one: all requests ask anew (RFC 6762 section 10.3).
    pub fn link_up(&mut self) {
        self.link_down();
        self.is_down = false;
        let is_open = |request: &&mut Request| request.kind != Kind::Free && request.end == End::NotYet;
        for request in self.requests.iter_mut().filter(is_open) {
            request.schedule = Schedule::Waiting;
        }
    }

    /// Takes a datagram that came in at `now`.
    pub fn handle_datagram(&mut self, now: Instant, meta: Meta, datagram: &[u8]) -> Disposition {
        match admit(&meta, || false, datagram, |_| {}) {
            Ok(message) => self.hear(now, &meta, &message),
            Err(reason) => {
                self.catch_up(now);
                Disposition::Ignored(reason)
            }
        }
    }

    /// Takes a message that was looked at before.
    pub(super) fn hear(&mut self, now: Instant, meta: &Meta, message: &Checked<'_>) -> Disposition {
        self.catch_up(now);
        if self.is_down || !message.header().flags().has(Flags::QR) {
            return Disposition::Ignored(Reason::NotForUs);
        }
        if !meta.multicast && self.unicast_until.is_none_or(|until| until.is_due(now)) {
            return Disposition::Ignored(Reason::Unsolicited);
        }
        let used = self.hear_response(message, now);
        for index in 0..self.requests.len() {
            self.end_lookup(index, now);
        }
        if used { Disposition::Used } else { Disposition::Ignored(Reason::NotForUs) }
    }

    /// Lets time pass up to `now`.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.catch_up(now);
    }

    /// The next datagram that is to leave at `now`, written into `buf`; `None` when nothing is due. What is returned
    /// counts as sent. Known answers that do not fit follow in further packets (RFC 6762 section 7.2).
    pub fn poll_transmit<'b>(&mut self, now: Instant, buf: &'b mut [u8]) -> Option<Transmit<'b>> {
        self.catch_up(now);
        let len = self.transmit_query(now, buf)?;
        Some(Transmit { to: Destination::Multicast, bytes: buf.get(..len)? })
    }

    /// The next thing to tell; `None` when all is told.
    pub fn poll_event(&mut self) -> Option<QuerierEvent> {
        self.next_event()
    }

    /// When the machine wants to be called again; `None` while it waits for datagrams and calls alone. Valid after a
    /// drain.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.next_deadline()
    }

    /// Whether `request` is a browse for the owner name of `entry`.
    fn browses(&self, request: &Request, entry: &Entry<'_>) -> bool {
        let is_it = || self.cache.get(request.anchor).is_some_and(|anchor| anchor.name() == entry.name());
        request.kind == Kind::Browse && is_it()
    }

    /// Takes a free slot for a request about `name`.
    fn request(&mut self, kind: Kind, name: &NameBuf) -> Result<RequestId, RequestError> {
        let capacity = self.requests.len();
        let free = self.requests.iter().position(|request| request.kind == Kind::Free);
        let index = free.ok_or(RequestError::Full { capacity })?;
        let octets = name.as_octets().iter().copied();
        let mut anchor = self.cache.insert(Head::anchor(), octets.clone(), core::iter::empty());
        if anchor.is_err() {
            self.evict_unwanted();
            anchor = self.cache.insert(Head::anchor(), octets, core::iter::empty());
        }
        let anchor = anchor.map_err(|full| RequestError::CacheFull { needed: full.needed })?;
        let request = self.requests.get_mut(index).ok_or(RequestError::Full { capacity })?;
        let generation = request.generation.wrapping_add(1);
        *request = Request { generation, kind, anchor, schedule: Schedule::Waiting, ..Request::FREE };
        Ok(RequestId { index: index as u16, generation })
    }

    /// Frees the slot of a request, and forgets what it was told.
    fn release(&mut self, index: usize) {
        let Some(request) = self.requests.get_mut(index) else { return };
        let anchor = request.anchor;
        *request = Request { generation: request.generation, ..Request::FREE };
        self.cache.remove_where(|_, entry| entry.head.id == anchor && entry.is_anchor());
        self.cache.update_all(|head| head.told &= !(3 << (2 * index)));
    }
}

/// `label._http._tcp.local`, or without the label when it is empty.
fn local_name(label: &[u8], service_type: &str) -> Result<NameBuf, RequestError> {
    check_browsed(service_type).map_err(RequestError::Type)?;
    let service_type: NameBuf = service_type.parse().map_err(RequestError::Name)?;
    let (label, service_type) = ((!label.is_empty()).then_some(label), service_type.name());
    NameBuf::from_labels(label.into_iter().chain(service_type.labels()).chain(Name::LOCAL.labels()))
        .map_err(RequestError::Name)
}
