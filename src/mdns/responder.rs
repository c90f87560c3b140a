//! The responder: the device is found under its host name, with its services.

mod answer;
mod claim;
mod conflict;
mod error;
mod event;
mod extra;
mod handle;
mod kinds;
mod records;
mod register;
mod reply;
mod send;
mod service;
mod slot;
mod storage;
mod suppress;
mod tie_break;

pub use error::{ChangeError, HostnameError, RegisterError};
pub use event::{Counters, ResponderEvent};
pub use extra::{ExtraRecord, RecordSet, RecordsError};
pub use handle::{Claimed, HostId, RecordsId, ServiceId};
pub use service::{Service, ServiceError};
pub use storage::ResponderStorage;

use super::admit::admit;
use super::config::Config;
use super::interest::{self, Interest, Word};
use super::link::Addresses;
use crate::driver::{Channel, Disposition, Meta, Reason, Transmit, five_calls};
use crate::jitter::Jitter;
use crate::name::Name;
use crate::time::Instant;
use crate::wire::Checked;
use conflict::Conflicts;
use kinds::Kinds;
use reply::{Budget, Reply, Use};
use slot::{Claim, Flags, Goodbye, News, Owner, Slot};

/// Makes a host name and services found on one link (RFC 6762 sections 6 to 10).
///
/// A machine: see [`Endpoint`](super::Endpoint) for the loop that drives it, and for responder and querier in one.
///
/// # The life of a name
/// A name that is registered is claimed as soon as the link is up and there is something to say under it: a host needs
/// an address, a service a host name. Then it is probed for, announced and answered for, and says goodbye when it is
/// withdrawn. A service is announced when the name of its host is established, not before: it could be another's (RFC
/// 6762 section 8.1).
///
/// | call | what follows |
/// | --- | --- |
/// | [`set_hostname`](Self::set_hostname), [`register`](Self::register) | probes, 750 to 1000 ms; then two announcements a second apart |
/// | [`set_addresses`](Self::set_addresses), [`set_txt`](Self::set_txt), [`set_txt_octets`](Self::set_txt_octets), [`set_port`](Self::set_port) | two announcements of the new data, without probing |
/// | [`link_down`](Self::link_down) | silence; nothing is answered |
/// | [`link_up`](Self::link_up), also after sleep of any length | all names are probed for and announced anew |
/// | [`stop`](Self::stop) | goodbyes, then silence until `link_up` |
#[derive(Debug)]
pub struct Responder<'s, 'a> {
    /// Nothing is claimed while the link is down or the device has stopped.
    is_up: bool,
    /// A goodbye is being written: names are as they were announced.
    says_goodbye: bool,
    /// Something has changed since `next` was worked out.
    is_stale: bool,
    /// A name has changed since `interest` was worked out. Never without `is_stale`.
    has_new_name: bool,
    has_news: bool,
    now: Instant,
    /// The host's, then those of what was registered.
    slots: &'s mut [Slot<'a>],
    replies: &'s mut [Reply],
    /// What each reply is to say of each slot.
    wanted: &'s mut [Kinds],
    addresses: Addresses<'s>,
    /// An area of `txt_each` octets for each slot, for TXT data that changes.
    txt: &'s mut [u8],
    txt_each: usize,
    jitter: Jitter,
    conflicts: Conflicts,
    budget: Budget,
    counters: Counters,
    /// The next deadline, so that packets of strangers need no walk through the slots.
    next: Option<Instant>,
    /// The names of all records of ours.
    interest: Interest,
    config: Config,
}

impl<'s, 'a> Responder<'s, 'a> {
    /// A responder without names on a link that is up. Whatever `storage` held is forgotten.
    pub fn new<const ADDRESSES: usize, const NAMES: usize, const TXT: usize, const REPLIES: usize>(
        storage: &'s mut ResponderStorage<'a, ADDRESSES, NAMES, TXT, REPLIES>,
        config: Config,
    ) -> Self {
        let parts = storage.parts();
        for slot in parts.slots.iter_mut() {
            // What else stands there is written when the slot is taken.
            (slot.owner, slot.goodbye, slot.claim) = (Owner::Nobody, Goodbye::Nothing, Claim::Idle);
            (slot.pending, slot.news, slot.generation) = (Kinds::NONE, News::NONE, 0);
        }
        parts.replies.iter_mut().for_each(|reply| reply.usage = Use::Free);
        Self {
            slots: parts.slots,
            addresses: parts.addresses,
            txt: parts.txt,
            txt_each: TXT,
            replies: parts.replies,
            wanted: parts.wanted,
            is_up: true,
            says_goodbye: false,
            is_stale: false,
            has_new_name: false,
            has_news: false,
            interest: Interest::NONE,
            next: None,
            config,
            jitter: Jitter::new(config.seed),
            conflicts: Conflicts::NONE,
            budget: Budget::FULL,
            counters: Counters::default(),
            now: Instant::from_millis(0),
        }
    }

    /// Whether probes ask for unicast answers from now on; see [`Config::unicast_answers`].
    pub fn ask_for_unicast(&mut self, ask: bool) {
        self.config.unicast_answers = ask;
    }

    /// The link is gone: nothing is sent or answered until [`link_up`](Self::link_up). What was being withdrawn is
    /// withdrawn without a goodbye.
    pub fn link_down(&mut self) {
        self.is_up = false;
        for slot in self.slots.iter_mut() {
            slot.quiet();
            slot.flags.set(Flags::ANNOUNCED, false);
            slot.goodbye = Goodbye::Nothing;
            if matches!(slot.claim, Claim::Leaving) {
                slot.has_left();
            } else {
                slot.claim = Claim::Idle;
            }
        }
        self.forget_replies();
    }

    /// The link is up, perhaps another one, or the device has slept: all names are probed for anew, as they are
    /// (RFC 6762 section 8). Also starts again what [`stop`](Self::stop) has ended.
    ///
    /// A link that flaps causes no flood: the first probe waits for up to 250 ms each time, so that few leave at all.
    pub fn link_up(&mut self) {
        self.link_down();
        self.is_up = true;
        for slot in self.slots.iter_mut().filter(|slot| slot.is_live()) {
            slot.claim = Claim::Waiting;
        }
    }

    /// Says goodbye for everything with the next drain; then the device is silent, until [`link_up`](Self::link_up).
    pub fn stop(&mut self) {
        self.is_up = false;
        for index in 0..self.slots.len() {
            self.leave(index, false);
        }
        self.forget_replies();
    }

    /// Takes a datagram that came in at `now`.
    pub fn handle_datagram(&mut self, now: Instant, meta: Meta, datagram: &[u8]) -> Disposition {
        self.catch_up(now);
        let (names, mut may_be_ours) = (self.names(), false);
        let see = |name: &Name<'_>| {
            if names.is_some() && !may_be_ours {
                may_be_ours = interest::seek([names], name) != 0;
            }
        };
        let admitted = admit(&meta, || self.is_on_link(&meta), datagram, see);
        self.hear(&meta, &admitted, may_be_ours)
    }

    /// The names that are ours, as of the last call that brought the time.
    #[inline]
    pub(super) fn names(&self) -> Option<&[Word]> {
        self.interest.words()
    }

    pub(super) fn is_on_link(&self, meta: &Meta) -> bool {
        self.addresses.on_link(&meta.source)
    }

    /// Takes what was looked at just now, and whether a name in it may be one of ours.
    #[inline]
    pub(super) fn hear(
        &mut self,
        meta: &Meta,
        admitted: &Result<Checked<'_>, Reason>,
        may_be_ours: bool,
    ) -> Disposition {
        self.counters.received = self.counters.received.wrapping_add(1);
        match admitted {
            // Known answers alone may be those of a query that was split.
            Ok(message)
                if may_be_ours
                    || message.header().question_count() == 0 && !message.header().is_response() =>
            {
                self.hear_ours(message, meta)
            }
            Ok(_) => Disposition::NOT_FOR_US,
            Err(reason) => {
                if let Reason::Malformed(_) = *reason {
                    self.counters.malformed = self.counters.malformed.wrapping_add(1);
                }
                Disposition::Ignored(*reason)
            }
        }
    }

    /// Never inlined: one frame for all of it is the smaller code, and strangers' messages need none.
    #[inline(never)]
    fn hear_ours(&mut self, message: &Checked<'_>, meta: &Meta) -> Disposition {
        if message.header().is_response() {
            self.hear_response(message, meta)
        } else {
            self.hear_query(message, meta)
        }
    }

    /// Whether there is something to tell: behind what was heard, that a name may be ours no more.
    pub(super) fn has_news(&self) -> bool {
        self.has_news
    }

    /// Lets time pass up to `now`.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.catch_up(now);
    }

    /// The next datagram that is to leave at `now`, written into `buf`; `None` when nothing is due. What is returned
    /// counts as sent.
    ///
    /// Hand in 1440 octets, or the link's MTU less 60; answers that are longer are split. A single record that is
    /// longer takes what room there is up to 8952 octets (RFC 6762 section 17), and is told as
    /// [`TooLarge`](ResponderEvent::TooLarge) when that is not enough.
    pub fn poll_transmit<'b>(&mut self, now: Instant, buf: &'b mut [u8]) -> Option<Transmit<'b>> {
        self.catch_up(now);
        if !self.is_stale {
            return None;
        }
        match self.transmit(buf) {
            Some((to, len)) => Some(Transmit { to, channel: Channel::Mdns, bytes: buf.get(..len)? }),
            None => {
                (self.next, self.is_stale) = (self.next_deadline(), false);
                None
            }
        }
    }

    /// When the machine wants to be called again; `None` while it waits for datagrams and calls alone. Valid after a
    /// drain.
    pub fn poll_timeout(&self) -> Option<Instant> {
        if self.is_stale { self.next_deadline() } else { self.next }
    }

    fn next_deadline(&self) -> Option<Instant> {
        let mut next = None;
        let mut add =
            |due: Instant| next = Some(next.map_or(due, |next: Instant| next.nearer(due, self.now)));
        for slot in self.slots.iter() {
            slot.claim.due().into_iter().for_each(&mut add);
            if !slot.pending.is_empty() {
                add(slot.due);
            }
        }
        for reply in self.replies.iter().filter(|reply| !matches!(reply.usage, Use::Free)) {
            add(reply.due);
        }
        next
    }

    pub(super) fn now(&self) -> Instant {
        self.now
    }

    fn forget_replies(&mut self) {
        self.replies.iter_mut().for_each(|reply| reply.usage = Use::Free);
        (self.is_stale, self.has_news) = (true, true);
    }

    fn slot(&self, index: usize) -> Option<&Slot<'a>> {
        self.slots.get(index)
    }

    fn slot_mut(&mut self, index: usize) -> Option<&mut Slot<'a>> {
        self.slots.get_mut(index)
    }
}

five_calls!([] Responder<'_, '_>, ResponderEvent);

/// Index of the host among the slots; what is registered follows.
const HOST: usize = 0;
