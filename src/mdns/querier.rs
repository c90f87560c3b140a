//! The querier: the device finds hosts and services.

mod ask;
mod event;
mod follow;
mod hear;
mod instance;
mod life;
mod lifetime;
mod marks;
mod overhear;
mod question;
mod request;
mod storage;
mod store;
mod tell;
mod want;

use core::net::{IpAddr, SocketAddr, SocketAddrV6};

pub use event::QuerierEvent;
pub use instance::{Instance, InstanceId, RecordId};
pub use request::{LookupFailure, RequestError, RequestId, Until};
pub use storage::QuerierStorage;

use super::admit::admit;
use super::config::Config;
use super::interest::{self, Word};
use super::own_name::OwnName;
use crate::cache::{Cache, EntryFlags, FoundRecord, Question};
use crate::dns_sd::check_browsed;
use crate::driver::{Channel, Destination, Disposition, Meta, Reason, Transmit, five_calls};
use crate::families::Families;
use crate::jitter::Jitter;
use crate::name::{MAX_LABEL, Name, NameBuf};
use crate::time::Instant;
use crate::wire::{Checked, Type};
use request::{Ends, Kind, Request, State, Told};

/// Finds hosts and services on one link (RFC 6762 sections 5, 7 and 10, RFC 6763).
///
/// A machine: see [`Endpoint`](super::Endpoint) for the loop that drives it, and for responder and querier in one.
/// Alone it does not know which addresses are on the link, and so never asks for unicast answers.
///
/// Requests of one question share one schedule and one cache. What nobody asks for is not stored, whatever comes.
#[derive(Debug)]
#[repr(C)]
pub struct Querier<'s> {
    /// At the front, where it is reached without an offset: most of what is done is done with it.
    cache: Cache<'s>,
    requests: &'s mut [Request],
    /// The names in the cache, so that strangers' packets stay cheap.
    interest: &'s mut [Word],
    config: Config,
    jitter: Jitter,
    now: Instant,
    /// When something is to be done next; good unless the state has changed since.
    next: Option<Instant>,
    /// Until when unicast answers count: two seconds behind a question that asked for them (M-6.12).
    unicast_until: Option<Instant>,
    /// The requests whose events are told to whoever asks for those of one: a bit for each.
    apart: u16,
    is_stale: bool,
    is_down: bool,
    /// What is wanted may be another than is marked.
    has_changed: bool,
    /// Something may have to be told.
    has_news: bool,
    no_room: bool,
    /// All is to be asked anew: the link is up again.
    starts_again: bool,
    /// A name may be wanted at all.
    is_interested: bool,
    /// What is to be asked now is for a request that has just begun.
    is_starting: bool,
    /// What is heard is what this device itself has.
    hears_own: bool,
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
        // A name has six bits, and some 40 octets of cache.
        let (interest, octets) = storage.cache.split_at_mut_checked(CACHE / 32 / 4 * 4).unwrap_or_default();
        Self {
            requests: &mut storage.requests,
            cache: Cache::new(octets),
            interest: interest.as_chunks_mut().0,
            config,
            // Another seed than the responder's, whose waits would be the same.
            jitter: Jitter::new(!config.seed),
            now: Instant::from_millis(0),
            next: None,
            apart: 0,
            is_stale: false,
            unicast_until: None,
            is_down: false,
            has_changed: false,
            has_news: false,
            no_room: false,
            starts_again: false,
            is_interested: false,
            is_starting: false,
            hears_own: false,
        }
    }

    /// Looks up the addresses of a host: `printer.local`.
    ///
    /// Each address is told by [`Address`](QuerierEvent::Address) as it comes. [`Until::Answered`] ends by itself, with
    /// [`Done`](QuerierEvent::Done) or [`Failed`](QuerierEvent::Failed): when all families have answered, one second
    /// after the first address, or when its time is over. [`Until::Cancelled`] goes on, and tells by
    /// [`AddressLost`](QuerierEvent::AddressLost) what is no more.
    ///
    /// # Errors
    /// Not a name that [multicast](Name::is_multicast) answers for, no free slot, no room in the cache.
    pub fn lookup(
        &mut self,
        name: &str,
        families: Families,
        until: Until,
    ) -> Result<RequestId, RequestError> {
        let mut buf = NameBuf::ROOT;
        buf.append_text(name).map_err(RequestError::Name)?;
        if !is_of_link(&buf.name()) {
            return Err(RequestError::NotLocal);
        }
        self.lookup_name(&buf, families, until)
    }

    /// The same, for a name that the caller knows to be one of the link.
    pub(crate) fn lookup_name(
        &mut self,
        name: &NameBuf,
        families: Families,
        until: Until,
    ) -> Result<RequestId, RequestError> {
        self.request(Kind::Lookup(families), name, until)
    }

    /// Asks which names an address has, a reverse lookup: its PTR records (RFC 6762 section 4), as [`records`](Self::records).
    ///
    /// # Errors
    /// No free slot, no room in the cache.
    pub fn lookup_address(&mut self, address: IpAddr, until: Until) -> Result<RequestId, RequestError> {
        self.request(Kind::Records(Type::PTR), &OwnName::Reverse(&address).to_buf(), until)
    }

    /// Asks for records of any type, or of all by [`Type::ANY`], under a name below `local`, `in-addr.arpa` or
    /// `ip6.arpa`: `b._dns-sd._udp.local` with PTR names domains to browse (RFC 6763 section 11).
    ///
    /// Each is told by [`Record`](QuerierEvent::Record). [`Until::Answered`] ends with the answer of a name that one
    /// host has, and a second after the first one where others may have more to say.
    ///
    /// # Errors
    /// Not such a name, no free slot, no room in the cache.
    pub fn records(&mut self, name: &str, rtype: Type, until: Until) -> Result<RequestId, RequestError> {
        let mut buf = NameBuf::ROOT;
        buf.append_text(name).map_err(RequestError::Name)?;
        const REVERSE: &[Name<'_>] = &[crate::name!("in-addr.arpa"), crate::name!("ip6.arpa")];
        if !is_of_link(&buf.name()) && !REVERSE.iter().any(|zone| buf.name().ends_with(zone)) {
            return Err(RequestError::NotLocal);
        }
        self.request(Kind::Records(rtype), &buf, until)
    }

    /// Follows the instances of a service type, `_http._tcp`, or of a subtype, `_printer._sub._http._tcp`, or the list
    /// of types, `_services._dns-sd._udp`. Goes on until cancelled.
    ///
    /// # Errors
    /// Not a service type, no free slot, no room in the cache.
    pub fn browse(&mut self, service_type: &str) -> Result<RequestId, RequestError> {
        let mut name = NameBuf::ROOT;
        append_service(&mut name, service_type)?;
        let lists_types = name.name() == crate::name!("_services._dns-sd._udp.local");
        let kind = if lists_types { Kind::Types } else { Kind::Browse };
        self.request(kind, &name, Until::Cancelled)
    }

    /// Resolves one instance to host, port, addresses and TXT, and goes on following it until cancelled. `instance` is the
    /// instance name alone, `Kitchen Cam`, as [`Instance::label`] tells it.
    ///
    /// It never fails: while nobody has such an instance, nothing is told. Who waits for it sets a time of their own, and
    /// cancels it then.
    ///
    /// # Errors
    /// Not an instance name or service type, no free slot, no room in the cache.
    pub fn resolve(&mut self, instance: &str, service_type: &str) -> Result<RequestId, RequestError> {
        let octets = instance.len();
        if !(1..=MAX_LABEL).contains(&octets) {
            return Err(RequestError::Instance { octets });
        }
        let mut name = NameBuf::ROOT;
        name.append(instance.as_bytes());
        append_service(&mut name, service_type)?;
        self.request(Kind::Resolve, &name, Until::Cancelled)
    }

    /// Ends a request: nothing more is asked or told for it. A stale handle is ignored.
    pub fn cancel(&mut self, request: RequestId) {
        if self.is_current(request) {
            self.release(request.index.into());
        }
    }

    /// Has the events of a request told by [`poll_event_of`](Self::poll_event_of) alone from now on, for a task that waits
    /// for nothing else: so it holds up nobody, however late it asks. A stale handle is ignored.
    pub fn tell_apart(&mut self, request: RequestId) {
        if self.is_current(request) {
            self.apart |= 1 << request.index;
        }
    }

    /// What is known of an instance; `None` once it is gone.
    pub fn instance(&self, instance: InstanceId) -> Option<Instance<'_>> {
        let name = self.cache.named(instance.0)?;
        let is_pointed_to =
            |rtype| self.cache.any_entry(|entry| entry.rtype == rtype && entry.leads_to(name));
        let is_resolved = || {
            let mut open = self.requests.iter().filter(|request| request.state != State::Free);
            open.any(|request| request.kind == Kind::Resolve && request.name == instance.0)
        };
        let is_there = is_pointed_to(Type::PTR) || is_resolved();
        is_there.then(|| Instance::new(&self.cache, name, self.config.scope_id))
    }

    /// The name that the aliases of a request's name lead to, or that name itself, in the case in which the cache met it
    /// first: to be asked for when an address is told. `None` for a stale handle, as is that of a request that is done.
    pub fn canonical_name(&self, request: RequestId) -> Option<Name<'_>> {
        let slot = self.requests.get(usize::from(request.index)).filter(|_| self.is_current(request))?;
        let name = self.cache.named(slot.name)?;
        Some(self.cache.name(follow::canonical(&self.cache, name)))
    }

    /// A record that an event has named; `None` when something has changed since.
    pub fn record(&self, record: RecordId) -> Option<FoundRecord<'_>> {
        let entry = record.entry(&self.cache)?;
        Some(FoundRecord::new(&self.cache, entry, lifetime::remaining_secs(&entry, self.now)))
    }

    /// Where to connect: a link-local IPv6 address with the scope of this link, which
    /// [`Config::scope_id`](super::Config::scope_id) gives, any other one as it is.
    pub fn socket_addr(&self, address: IpAddr, port: u16) -> SocketAddr {
        socket_addr(address, port, self.config.scope_id)
    }

    /// What was known of an instance did not work: a connection was refused, or nobody was there. It is asked for at
    /// once and a second later, and lost in ten seconds when nobody answers (RFC 6762 section 10.4). A stale handle is
    /// ignored.
    pub fn reconfirm(&mut self, instance: InstanceId) {
        let Some(name) = self.cache.named(instance.0) else { return };
        let host = Instance::new(&self.cache, name, 0).host_at();
        self.reconfirm_where(&|entry| {
            let of_instance = entry.name == name || entry.leads_to(name);
            of_instance || host == Some(entry.name) && matches!(entry.rtype, Type::A | Type::AAAA)
        });
    }

    /// As [`reconfirm`](Self::reconfirm), for all that a lookup or a request for records was told.
    pub fn reconfirm_request(&mut self, request: RequestId) {
        if self.is_current(request) {
            self.reconfirm_where(&|entry| Told::of(entry.told, request.index.into()) != Told::Nothing);
        }
    }

    /// What is known of the addresses of a host did not work: whoever wants them asks anew.
    pub(crate) fn forget_addresses(&mut self, name: &NameBuf) {
        if let Some(name) = self.cache.find_name(&name.name()) {
            self.end_lives_where(|entry| {
                let is_address = matches!(entry.rtype, Type::A | Type::AAAA);
                entry.name == name && is_address && !entry.flags.has(EntryFlags::OWN)
            });
        }
    }

    pub(super) fn ask_for_unicast(&mut self, ask: bool) {
        self.config.unicast_answers = ask;
    }

    #[cfg(feature = "std")]
    pub(crate) fn set_scope_id(&mut self, scope_id: u32) {
        self.config.scope_id = scope_id;
    }

    /// The link is gone: nothing is asked until [`link_up`](Self::link_up), and what was found stays for as long as it
    /// lives. Lookups wait no longer than their time.
    pub fn link_down(&mut self) {
        (self.is_down, self.unicast_until, self.is_stale) = (true, None, true);
        self.forget_known();
    }

    /// The link is up again: all requests ask anew, and what is known is lost in ten seconds unless it is confirmed
    /// (RFC 6762 section 10.3).
    pub fn link_up(&mut self) {
        self.link_down();
        self.is_down = false;
        self.start_again();
    }

    /// The device is on another network: all that was found is lost, and all requests ask anew (RFC 6762 section 10.3).
    pub fn network_changed(&mut self) {
        self.end_all();
        self.link_up();
    }

    /// Takes a datagram that came in at `now`.
    pub fn handle_datagram(&mut self, now: Instant, meta: Meta, datagram: &[u8]) -> Disposition {
        self.catch_up(now);
        let (names, mut may_be_wanted) = (self.names(), false);
        let see = |name: &Name<'_>| {
            if names.is_some() && !may_be_wanted {
                may_be_wanted = interest::seek([names], name) != 0;
            }
        };
        match admit(&meta, || false, datagram, see) {
            Ok(message) if may_be_wanted => self.hear(&meta, &message),
            Ok(_) => Disposition::NOT_FOR_US,
            Err(reason) => Disposition::Ignored(reason),
        }
    }

    /// The names that are of interest, as of the last call that brought the time.
    #[inline]
    pub(super) fn names(&self) -> Option<&[Word]> {
        self.is_interested.then_some(self.interest)
    }

    /// Whether a record or question of this name may concern a request.
    fn may_want(&self, name: &Name<'_>) -> bool {
        interest::seek([self.names()], name) != 0
    }

    /// Takes a message that was looked at just now, and has a name that may be wanted.
    #[inline(never)]
    pub(super) fn hear(&mut self, meta: &Meta, message: &Checked<'_>) -> Disposition {
        if self.is_down {
            return Disposition::NOT_FOR_US;
        }
        let used = if !message.header().is_response() {
            self.overhear(message)
        } else if !meta.multicast && self.unicast_until.is_none_or(|until| until.is_due(self.now)) {
            return Disposition::Ignored(Reason::Unsolicited);
        } else {
            self.hear_response(message)
        };
        if used { Disposition::Used } else { Disposition::NOT_FOR_US }
    }

    /// Lets time pass up to `now`.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.catch_up(now);
    }

    /// The next datagram that is to leave at `now`, written into `buf`; `None` when nothing is due. What is returned
    /// counts as sent. Known answers that do not fit follow in further packets (RFC 6762 section 7.2).
    pub fn poll_transmit<'b>(&mut self, now: Instant, buf: &'b mut [u8]) -> Option<Transmit<'b>> {
        self.catch_up(now);
        if !self.is_stale {
            return None;
        }
        match self.transmit_query(buf) {
            Some(len) => {
                Some(Transmit { to: Destination::Multicast, channel: Channel::Mdns, bytes: buf.get(..len)? })
            }
            None => {
                (self.next, self.is_stale) = (self.next_deadline(), false);
                None
            }
        }
    }

    /// The next thing to tell; `None` when all is told, but for what is [told apart](Self::tell_apart).
    pub fn poll_event(&mut self) -> Option<QuerierEvent> {
        self.next_event()
    }

    /// The next thing to tell of one request; `None` when all is told, and for a stale handle. What is not asked for
    /// coalesces, as always; an instance that is gone takes its octets of the cache until that is told.
    pub fn poll_event_of(&mut self, request: RequestId) -> Option<QuerierEvent> {
        if self.is_current(request) { self.news_of(request.index.into()) } else { None }
    }

    /// When the machine wants to be called again; `None` while it waits for datagrams and calls alone. Valid after a
    /// drain.
    pub fn poll_timeout(&self) -> Option<Instant> {
        if self.is_stale { self.next_deadline() } else { self.next }
    }

    /// Does everything that time alone does.
    #[inline]
    pub(super) fn catch_up(&mut self, now: Instant) {
        self.now = now;
        if self.is_stale || self.next.is_some_and(|next| next.is_due(now)) {
            self.pass();
        }
    }

    fn is_current(&self, request: RequestId) -> bool {
        let slot = self.requests.get(usize::from(request.index));
        slot.is_some_and(|slot| slot.generation == request.generation && slot.state != State::Free)
    }

    /// Takes a free slot for a request about `name`.
    fn request(&mut self, kind: Kind, name: &NameBuf, until: Until) -> Result<RequestId, RequestError> {
        let capacity = self.requests.len();
        let free = self.requests.iter().position(|request| request.state == State::Free);
        let index = free.ok_or(RequestError::Full { capacity })?;
        // Room for the questions of both families, or of SRV and TXT.
        let reserve = 2 * Question::FIXED;
        let mut at = self.cache.put_name(&name.name(), reserve);
        if at.is_err() {
            self.evict_unwanted();
            at = self.cache.put_name(&name.name(), reserve);
        }
        let at = at.map_err(|full| RequestError::CacheFull { needed: full.needed + reserve })?;
        let request = self.requests.get_mut(index).ok_or(RequestError::Full { capacity })?;
        let ends = match until {
            Until::Answered { timeout_millis } => Ends::After(timeout_millis),
            Until::Cancelled => Ends::Never,
        };
        let generation = request.generation.wrapping_add(1);
        let name = self.cache.id(at);
        *request = Request { generation, name, kind, state: State::Fresh, ends, ..Request::FREE };
        // So that it is not swept before its time has come.
        self.cache.add_marks(at, request.marks());
        (self.has_changed, self.is_stale) = (true, true);
        Ok(RequestId { index: index as u16, generation })
    }

    /// Frees the slot of a request, and forgets what it was told.
    fn release(&mut self, index: usize) {
        let Some(request) = self.requests.get_mut(index) else { return };
        *request = Request { generation: request.generation, ..Request::FREE };
        self.apart &= !(1 << index);
        self.forget_told(index);
        (self.has_changed, self.is_stale) = (true, true);
    }
}

/// Whether hosts of the link may have the name: `local` itself is none's.
fn is_of_link(name: &Name<'_>) -> bool {
    name.is_multicast() && *name != Name::LOCAL
}

/// Appends `_http._tcp.local`.
fn append_service(name: &mut NameBuf, service_type: &str) -> Result<(), RequestError> {
    check_browsed(service_type).map_err(RequestError::Type)?;
    name.append_text(service_type).and_then(|()| name.push(b"local")).map_err(RequestError::Name)
}

fn socket_addr(address: IpAddr, port: u16, scope_id: u32) -> SocketAddr {
    match address {
        IpAddr::V6(v6) if v6.is_unicast_link_local() => SocketAddrV6::new(v6, port, 0, scope_id).into(),
        address => SocketAddr::new(address, port),
    }
}

five_calls!([] Querier<'_>, QuerierEvent);
