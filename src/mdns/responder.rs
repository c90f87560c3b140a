//! The responder: the device is found under its host name, with its services.

mod answer;
mod claim;
mod conflict;
mod data;
mod records;
mod reply;
mod service;
mod slot;
mod storage;
mod suppress;
mod tie_break;

use core::fmt;
use core::net::IpAddr;

pub use service::{Service, ServiceError};
pub use storage::ResponderStorage;

use super::admit::admit;
use super::config::Config;
use super::link::{Addresses, AddressesError};
use super::own_name::OwnName;
use crate::dns_sd::TxtData;
use crate::driver::{Destination, Disposition, Meta, Reason, Transmit};
use crate::jitter::Jitter;
use crate::time::Instant;
use crate::wire::{Checked, TxtError};
use claim::HOST;
use conflict::Conflicts;
use reply::{Reply, Use};
use service::{LabelError, Txt, check_label};
use slot::{Claim, Kinds, News, Owner, Slot};

/// Makes a host name and services found on one link (RFC 6762 sections 6 to 10).
///
/// A machine: see [`Endpoint`](super::Endpoint) for the loop that drives it, and for responder and querier in one.
#[derive(Debug)]
pub struct Responder<'s, 'a> {
    /// The host's, then those of services.
    slots: &'s mut [Slot<'a>],
    addresses: Addresses<'s>,
    /// An area of `txt_each` octets for each service, for TXT data that changes.
    txt: &'s mut [u8],
    txt_each: usize,
    replies: &'s mut [Reply],
    /// What each reply is to say of each slot.
    wanted: &'s mut [Kinds],
    /// Nothing is claimed while the link is down or the device has stopped.
    is_up: bool,
    /// The host name to be claimed when the old one has said goodbye.
    next_host: Option<&'a str>,
    config: Config,
    jitter: Jitter,
    conflicts: Conflicts,
    query_id: u16,
    now: Instant,
}

/// A service that was registered. It turns stale when the service is withdrawn, and fits again only after 65 536
/// further registrations in its slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ServiceId {
    index: u16,
    generation: u16,
}

/// Whose name an event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Claimed {
    /// The host name.
    Host,
    /// The instance name of a service.
    Service(ServiceId),
}

/// What became of a name. Events of one name coalesce: the last state is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum ResponderEvent {
    /// Somebody else uses the name.
    Conflict(Claimed),
    /// The name was taken; [`Responder::name`] tells the new one, which is probed for next.
    Renamed(Claimed),
    /// The link is asked whether the name is free.
    Probing(Claimed),
    /// The name is ours, announced and answered for.
    Established(Claimed),
    /// The name is no longer answered for, and said goodbye if it was announced.
    Withdrawn(Claimed),
    /// The caller's buffer is too small for a record or a probe of this name, which was given up: hand in 1440 octets.
    TooLarge(Claimed),
}

/// Why a text is no host name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum HostnameError {
    /// Nothing at all.
    Empty,
    /// More than 63 octets.
    TooLong {
        /// How many.
        octets: usize,
    },
    /// `kitchen-cam.local`, where `kitchen-cam` is meant.
    Dotted,
}

impl fmt::Display for HostnameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the host name is empty: write \"kitchen-cam\""),
            Self::TooLong { octets } => write!(f, "the host name has {octets} octets: shorten it to 63"),
            Self::Dotted => {
                f.write_str("a host name is one label: write \"kitchen-cam\", \".local\" is added")
            }
        }
    }
}

impl core::error::Error for HostnameError {}

/// Why a service was not registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum RegisterError {
    /// The service itself is wrong.
    Service(ServiceError),
    /// All slots are taken; one that is saying goodbye is free after the next drain.
    Full {
        /// The slots that there are.
        capacity: usize,
    },
    /// An instance of that name and type is registered already.
    Duplicate,
}

impl fmt::Display for RegisterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Service(error) => error.fmt(f),
            Self::Full { capacity } => {
                write!(
                    f,
                    "all {capacity} service slots are taken: raise NAMES in the storage, or unregister one"
                )
            }
            Self::Duplicate => f.write_str(
                "this instance is registered already: give another instance name, or change the one there",
            ),
        }
    }
}

impl core::error::Error for RegisterError {}

/// Why a service was not changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum ChangeError {
    /// The handle is stale: the service has been withdrawn.
    Unknown,
    /// The TXT data does not fit the area of the slot.
    TxtTooLong {
        /// Octets that it needs.
        needed: usize,
        /// Octets that there are.
        capacity: usize,
    },
    /// The TXT data cannot be published.
    Txt(TxtError),
}

impl fmt::Display for ChangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("the service is gone: register it again"),
            Self::TxtTooLong { needed, capacity } => {
                write!(f, "TXT of {needed} octets does not fit: raise TXT in the storage from {capacity}")
            }
            Self::Txt(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for ChangeError {}

/// What a step of transmitting came to.
pub(super) enum Step {
    /// So many octets of the buffer are to go there.
    Sent(Destination, usize),
    /// Something could not be written and left the schedule; there may be more.
    GaveUp,
    Nothing,
}

impl<'s, 'a> Responder<'s, 'a> {
    /// A responder without names on a link that is up. Whatever `storage` held is forgotten.
    pub fn new<const ADDRESSES: usize, const NAMES: usize, const TXT: usize, const REPLIES: usize>(
        storage: &'s mut ResponderStorage<'a, ADDRESSES, NAMES, TXT, REPLIES>,
        config: Config,
    ) -> Self {
        *storage = ResponderStorage::new();
        let parts = storage.parts();
        Self {
            slots: parts.slots,
            addresses: Addresses::new(parts.addresses),
            txt: parts.txt,
            txt_each: TXT,
            replies: parts.replies,
            wanted: parts.wanted,
            is_up: true,
            next_host: None,
            config,
            jitter: Jitter::new(config.seed),
            conflicts: Conflicts::NONE,
            query_id: 0,
            now: Instant::from_millis(0),
        }
    }

    /// Claims a host name: `kitchen-cam` will be found as `kitchen-cam.local`. It is borrowed and costs no RAM.
    ///
    /// Once there is an address, the name is probed for before it is used, 750 to 1000 ms on a quiet link; until then
    /// nothing is answered under it ([RFC 6762 section 8.1](https://www.rfc-editor.org/rfc/rfc6762#section-8.1)).
    /// [`Established`](ResponderEvent::Established) says that it is ours, [`Renamed`](ResponderEvent::Renamed) that it
    /// became `kitchen-cam-2`. An old name says goodbye first.
    ///
    /// # Errors
    /// Not a label of 1 to 63 octets. After an error the name from before still stands.
    pub fn set_hostname(&mut self, label: &'a str) -> Result<(), HostnameError> {
        check_label(label).map_err(|error| match error {
            LabelError::Empty => HostnameError::Empty,
            LabelError::TooLong { octets } => HostnameError::TooLong { octets },
        })?;
        if label.bytes().any(|octet| octet == b'.') {
            return Err(HostnameError::Dotted);
        }
        let stands = |slot: &Slot<'_>| matches!(slot.owner, Owner::Host(own) if own == label);
        if self.next_host.is_none() && self.slot(HOST).is_some_and(stands) {
            return Ok(());
        }
        let claim = self.host_claim();
        if claim.is_ours() || matches!(claim, Claim::Leaving { .. }) {
            self.next_host = Some(label);
            self.leave(HOST, false);
        } else {
            self.claim_host(label);
        }
        Ok(())
    }

    /// Sets the addresses of this device on the link, each with the length of its prefix, which tells who is on the
    /// link (RFC 6762 section 11). When they change, the host is announced anew.
    ///
    /// # Errors
    /// More than the storage has room for; the old ones still stand.
    pub fn set_addresses(&mut self, addresses: &[(IpAddr, u8)]) -> Result<(), AddressesError> {
        if self.addresses.set(addresses)? {
            let none = addresses.is_empty();
            let claimed = |slot: &&mut Slot<'_>| slot.claim.due().is_some() || slot.claim.is_ours();
            if let Some(slot) = self.slot_mut(HOST).filter(|slot| none && claimed(slot)) {
                slot.quiet();
                slot.claim = Claim::Waiting;
            }
            self.announce_again(HOST);
        }
        Ok(())
    }

    /// Registers a service: it is probed for, announced, and answered for until
    /// [`unregister`](Self::unregister) (RFC 6763 sections 4 to 7).
    ///
    /// # Errors
    /// A service that cannot be published, no free slot, or an instance that is registered already. Nothing changes
    /// then.
    pub fn register(&mut self, service: Service<'a>) -> Result<ServiceId, RegisterError> {
        service.check().map_err(RegisterError::Service)?;
        if self.has_name(&OwnName::instance(service.instance, 0, service.service_type), HOST) {
            return Err(RegisterError::Duplicate);
        }
        let capacity = self.slots.len().saturating_sub(1);
        let is_free = |slot: &Slot<'_>| matches!(slot.owner, Owner::Nobody) && slot.news.is_empty();
        let free = self.slots.iter_mut().zip(0..).skip(1).find(|(slot, _)| is_free(slot));
        let (slot, index) = free.ok_or(RegisterError::Full { capacity })?;
        let generation = slot.generation.wrapping_add(1);
        let claim = if self.is_up { Claim::Waiting } else { Claim::Idle };
        *slot = Slot { owner: Owner::Service(service), generation, claim, ..Slot::EMPTY };
        Ok(ServiceId { index, generation })
    }

    /// Replaces the TXT data of a service, copied into the storage, and announces it (RFC 6762 section 8.4).
    ///
    /// # Errors
    /// A stale handle, pairs that cannot be published, or more octets than TXT in the storage; nothing changes then.
    pub fn set_txt(&mut self, service: ServiceId, pairs: &[(&str, &str)]) -> Result<(), ChangeError> {
        let data = TxtData::Pairs(pairs);
        data.check().map_err(ChangeError::Txt)?;
        let index = self.index_of(service).ok_or(ChangeError::Unknown)?;
        let (needed, capacity) = (data.len(), self.txt_each);
        let start = index * capacity;
        let area = self.txt.get_mut(start..start + capacity).and_then(|area| area.get_mut(..needed));
        let area = area.ok_or(ChangeError::TxtTooLong { needed, capacity })?;
        let mut rest = area;
        data.emit(&mut |piece| {
            if let Some((front, behind)) = core::mem::take(&mut rest).split_at_mut_checked(piece.len()) {
                front.iter_mut().zip(piece).for_each(|(slot, octet)| *slot = *octet);
                rest = behind;
            }
        });
        self.change(index, |service| service.txt = Txt::Copied(needed as u16));
        Ok(())
    }

    /// Changes the port of a service, and announces it.
    ///
    /// # Errors
    /// A stale handle.
    pub fn set_port(&mut self, service: ServiceId, port: u16) -> Result<(), ChangeError> {
        let index = self.index_of(service).ok_or(ChangeError::Unknown)?;
        self.change(index, |service| service.port = port);
        Ok(())
    }

    /// Withdraws a service: its goodbye goes out with the next drain, and the handle turns stale.
    ///
    /// # Errors
    /// A stale handle.
    pub fn unregister(&mut self, service: ServiceId) -> Result<(), ChangeError> {
        let index = self.index_of(service).ok_or(ChangeError::Unknown)?;
        self.leave(index, true);
        Ok(())
    }

    /// Whether probes ask for unicast answers from now on; see [`Config::unicast_answers`].
    pub fn ask_for_unicast(&mut self, ask: bool) {
        self.config.unicast_answers = ask;
    }

    /// The link is gone: nothing is sent or answered until [`link_up`](Self::link_up).
    pub fn link_down(&mut self) {
        self.is_up = false;
        for slot in self.slots.iter_mut() {
            slot.quiet();
            if slot.claim == (Claim::Leaving { free: true }) {
                slot.owner = Owner::Nobody;
                slot.news.add(News::WITHDRAWN);
            }
            slot.claim = Claim::Idle;
        }
        if let Some(label) = self.next_host.take() {
            self.claim_host(label);
        }
        self.replies.iter_mut().for_each(|reply| reply.usage = Use::Free);
    }

    /// The link is up, perhaps another one, or the device has slept: all names are probed for anew, as they are
    /// (RFC 6762 section 8). Also starts again what [`stop`](Self::stop) has ended.
    pub fn link_up(&mut self) {
        self.link_down();
        self.is_up = true;
        for slot in self.slots.iter_mut().filter(|slot| !matches!(slot.owner, Owner::Nobody)) {
            slot.claim = Claim::Waiting;
        }
    }

    /// Says goodbye for everything with the next drain; then the device is silent, until [`link_up`](Self::link_up).
    pub fn stop(&mut self) {
        self.is_up = false;
        for index in 0..self.slots.len() {
            let freed = self.slot(index).is_some_and(|slot| slot.claim == (Claim::Leaving { free: true }));
            self.leave(index, freed);
        }
        self.replies.iter_mut().for_each(|reply| reply.usage = Use::Free);
    }

    /// The name as it is now, renames included; `None` for a stale handle or before
    /// [`set_hostname`](Self::set_hostname).
    pub fn name(&self, of: Claimed) -> Option<OwnName<'a>> {
        match of {
            Claimed::Host => self.host(),
            Claimed::Service(service) => self.name_of(self.slot(self.index_of(service)?)?),
        }
    }

    /// Takes a datagram that came in at `now`.
    pub fn handle_datagram(&mut self, now: Instant, meta: Meta, datagram: &[u8]) -> Disposition {
        match admit(&meta, || self.addresses.on_link(meta.source.ip()), datagram) {
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
        let used = if message.header().is_response() {
            let claims = self.hear_claims(message, now);
            Some(claims | (meta.multicast && self.hear_answers(message, now)))
        } else {
            self.query_id = message.header().id();
            self.hear_probes(message, now);
            let used = self.hear_questions(message, meta, now);
            // Whom the group is not to be told for needs no haste later.
            self.slots.iter_mut().filter(|slot| slot.pending.is_empty()).for_each(|slot| slot.defend = false);
            used
        };
        match used {
            Some(true) => Disposition::Used,
            Some(false) => Disposition::Ignored(Reason::NotForUs),
            None => Disposition::Ignored(Reason::Busy),
        }
    }

    /// Lets time pass up to `now`.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.catch_up(now);
    }

    /// The next datagram that is to leave at `now`, written into `buf`; `None` when nothing is due. What is returned
    /// counts as sent. Hand in 1440 octets or the link's MTU less 60; answers that are longer are split.
    pub fn poll_transmit<'b>(&mut self, now: Instant, buf: &'b mut [u8]) -> Option<Transmit<'b>> {
        self.catch_up(now);
        loop {
            let steps =
                [Self::transmit_probe, Self::transmit_goodbye, Self::transmit_reply, Self::transmit_answers];
            let mut gave_up = false;
            for step in steps {
                match step(self, now, buf) {
                    Step::Sent(to, len) => return Some(Transmit { to, bytes: buf.get(..len)? }),
                    Step::GaveUp => gave_up = true,
                    Step::Nothing => {}
                }
            }
            if !gave_up {
                return None;
            }
        }
    }

    /// The next thing to tell; `None` when all is told.
    pub fn poll_event(&mut self) -> Option<ResponderEvent> {
        let (index, slot) = (0..).zip(self.slots.iter_mut()).find(|(_, slot)| !slot.news.is_empty())?;
        let claimed = match usize::from(index) {
            HOST => Claimed::Host,
            _ => Claimed::Service(ServiceId { index, generation: slot.generation }),
        };
        Some(match slot.news.take()? {
            News::CONFLICT => ResponderEvent::Conflict(claimed),
            News::RENAMED => ResponderEvent::Renamed(claimed),
            News::PROBING => ResponderEvent::Probing(claimed),
            News::ESTABLISHED => ResponderEvent::Established(claimed),
            News::WITHDRAWN => ResponderEvent::Withdrawn(claimed),
            _ => ResponderEvent::TooLarge(claimed),
        })
    }

    /// When the machine wants to be called again; `None` while it waits for datagrams and calls alone. Valid after a
    /// drain.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let mut next = None;
        let mut add =
            |due: Instant| next = Some(next.map_or(due, |next: Instant| next.nearer(due, self.now)));
        for slot in self.slots.iter() {
            slot.claim.due().into_iter().for_each(&mut add);
            if !slot.pending.is_empty() {
                add(slot.due);
            }
        }
        for reply in self.replies.iter().filter(|reply| reply.usage != Use::Free) {
            add(reply.due);
        }
        next
    }

    pub(super) fn now(&self) -> Instant {
        self.now
    }

    pub(super) fn addresses(&self) -> &Addresses<'s> {
        &self.addresses
    }

    fn claim_host(&mut self, label: &'a str) {
        let is_up = self.is_up;
        if let Some(slot) = self.slot_mut(HOST) {
            let claim = if is_up { Claim::Waiting } else { Claim::Idle };
            *slot = Slot { owner: Owner::Host(label), claim, news: slot.news, ..Slot::EMPTY };
        }
    }

    fn host_claim(&self) -> Claim {
        self.slot(HOST).map_or(Claim::Idle, |slot| slot.claim)
    }

    /// Changes a registered service and announces it.
    fn change(&mut self, index: usize, change: impl FnOnce(&mut Service<'a>)) {
        if let Some(Slot { owner: Owner::Service(service), .. }) = self.slot_mut(index) {
            change(service);
        }
        self.announce_again(index);
    }

    /// The slot of a service that is registered still.
    fn index_of(&self, service: ServiceId) -> Option<usize> {
        let index = usize::from(service.index);
        let slot = self.slot(index)?;
        let is_live =
            matches!(slot.owner, Owner::Service(_)) && slot.claim != (Claim::Leaving { free: true });
        (is_live && slot.generation == service.generation).then_some(index)
    }

    fn slot(&self, index: usize) -> Option<&Slot<'a>> {
        self.slots.get(index)
    }

    fn slot_mut(&mut self, index: usize) -> Option<&mut Slot<'a>> {
        self.slots.get_mut(index)
    }
}
