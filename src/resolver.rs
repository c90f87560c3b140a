//! The stub resolver: names on the internet, by the DNS servers of this network (RFC 1034 section 5.3.1).
//!
//! A machine without clock and socket, driven by the five calls that [`mdns::Endpoint`](crate::mdns::Endpoint) shows. Each
//! [`Transmit`] names the server and the [`Channel`]: a UDP port that was drawn for this query, or a TCP connection.
//!
//! ```
//! use dotlocal::resolver::{Config, Event, Resolver, ResolverStorage};
//! use dotlocal::{Families, Instant};
//!
//! // 2 servers, 2 lookups at a time, 1 KiB for what they find, answers of up to 512 octets by TCP.
//! let mut storage = ResolverStorage::<2, 2, 1024, 512>::new();
//! let mut random = || 4; // the hardware's random numbers, and not this
//! let mut resolver = Resolver::new(&mut storage, &mut random, Config::new());
//! resolver.set_servers(&["192.0.2.1:53".parse()?])?;
//! let lookup = resolver.lookup("api.example.com", Families::Both, 5_000)?;
//!
//! // The driver's loop goes on from here.
//! let mut tx = [0; 512];
//! let query = resolver.poll_transmit(Instant::from_millis(0), &mut tx).expect("a query");
//! # let _ = query;
//! while let Some(event) = resolver.poll_event() {
//!     match event {
//!         Event::Found { request, .. } if request == lookup => {
//!             for found in resolver.addresses(request) {
//!                 // 192.0.2.20 for 300 s
//!             }
//!             resolver.cancel(request);
//!         }
//!         Event::Failed { failure, .. } => println!("{failure}"),
//!         _ => {}
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What a driver does
//! - For [`Channel::Udp`] it sends from a socket at that local port, and hands in what the socket receives with
//!   [`Meta::server`]. A driver that cannot choose ports says so by [`Config::chooses_ports`].
//! - For [`Channel::Tcp`] it connects when it first hears the number, writes all octets, and hands in what arrives, in
//!   pieces of any size.
//! - Whoever cannot be reached (no route, a port or connection refused, a connection closed) is told by handing in
//!   no octets. Empty datagrams that arrive are not handed in.
//! - After a drain it closes the sockets that [`Resolver::channels`] does not name.
//!
//! # How hard a forgery is
//! A forger who does not see the query has to guess, before the server has answered: the id, 16 bits; the port, which is
//! drawn from 64,511, 15.98 bits; and, of a question for addresses, the case of each letter in the first label and the last
//! three, up to 32 bits, once the server has kept it in an answer. Of
//! `api.example.com`, of 13 letters, that makes 45 bits: with 100,000 forged replies a second, and an open query all the
//! time, it takes five years on average to be believed once. Of a name without letters it is 32 bits, and half a
//! day. With one port for all it is 16 bits and the letters: without letters a third of a second. After eight wrong
//! replies to a port a query goes by TCP, where there is room for it, or gets a new port and id; at most one query
//! is open for a question, however many ask it (RFC 5452).
//!
//! Until a server has answered for the first time, and behind a silence of it, a forger who has guessed id and port has the
//! letters left out from then on, as a server that does not keep them would.

mod answer;
mod ask;
mod case;
mod config;
mod event;
mod failure;
mod hear;
mod query;
mod request;
mod server;
mod settle;
mod storage;
mod store;
mod view;

use core::fmt;
use core::net::SocketAddr;

pub use crate::cache::FoundRecord;
pub use config::Config;
pub use event::Event;
pub use failure::{Failure, RequestError, ServersError};
pub use request::RequestId;
pub(crate) use request::State;
pub use storage::ResolverStorage;
pub use view::FoundAddress;

use crate::cache::{Cache, EntryFlags};
use crate::driver::{Channel, Destination, Disposition, Meta, Transmit, five_calls};
use crate::families::Families;
use crate::name::NameBuf;
use crate::realm::{Realm, Reserved};
use crate::time::Instant;
use crate::wire::{StreamReader, Type};
use query::Query;
use request::{Kind, Request};
use server::Server;

/// Looks names up at DNS servers.
///
/// Requests of one question share one query and one cache. A request is open until it is cancelled, or has failed: what
/// it has found stays as it was, however long that takes.
pub struct Resolver<'s> {
    servers: &'s mut [Server],
    server_count: usize,
    requests: &'s mut [Request],
    queries: &'s mut [Query],
    cache: Cache<'s>,
    stream: StreamReader<'s>,
    /// The query whose answer comes by the stream.
    stream_of: Option<usize>,
    /// The requests whose events are told to whoever asks for those of one: a bit for each.
    apart: u16,
    random: &'s mut (dyn FnMut() -> u32 + Send),
    config: Config,
    now: Instant,
    /// When something is to be done next; good unless the state has changed since.
    next: Option<Instant>,
    is_stale: bool,
    /// When the cache was last rid of what is over.
    tidied: Instant,
    wrong_replies: u32,
}

impl<'s> Resolver<'s> {
    /// A resolver without servers and requests. Whatever `storage` held is forgotten.
    ///
    /// `random` gives unpredictable numbers, of the hardware's generator or one that is seeded from it: ids and ports of
    /// queries come from there, and with numbers that can be guessed, answers can be forged (RFC 5452). It is `Send`, so that
    /// a resolver may be handed to another thread, or to a task of another priority; a generator that tasks share is
    /// behind a mutex for that, and not in a `RefCell` alone.
    pub fn new<const SERVERS: usize, const LOOKUPS: usize, const CACHE: usize, const STREAM: usize>(
        storage: &'s mut ResolverStorage<SERVERS, LOOKUPS, CACHE, STREAM>,
        random: &'s mut (dyn FnMut() -> u32 + Send),
        config: Config,
    ) -> Self {
        *storage = ResolverStorage::new();
        Self {
            servers: &mut storage.servers,
            server_count: 0,
            requests: &mut storage.requests,
            queries: storage.queries.as_flattened_mut(),
            cache: Cache::new(&mut storage.cache),
            stream: StreamReader::new(&mut storage.stream),
            stream_of: None,
            apart: 0,
            random,
            config,
            now: Instant::from_millis(0),
            next: None,
            is_stale: false,
            tidied: Instant::from_millis(0),
            wrong_replies: 0,
        }
    }

    /// Sets the servers that are asked, in this order while all work: those that DHCP or router advertisements give. What
    /// is known of one that stays is kept; open queries begin anew. Those that are set already change nothing, so that a
    /// loop may set them each time.
    ///
    /// # Errors
    /// More than the storage has room for; the old ones then stay.
    pub fn set_servers(&mut self, servers: &[SocketAddr]) -> Result<(), ServersError> {
        let capacity = self.servers.len();
        if servers.len() > capacity {
            return Err(ServersError { capacity });
        }
        let current = self.servers.iter().take(self.server_count).map(|server| server.address);
        if current.eq(servers.iter().copied()) {
            return Ok(());
        }
        for (index, address) in servers.iter().enumerate() {
            let known = self.servers.iter().skip(index).position(|server| server.address == *address);
            let is_to_stay = |server: &Server| servers.contains(&server.address);
            let last = || self.servers.iter().rposition(|server| !is_to_stay(server));
            let from = known.map(|offset| index + offset).or_else(last).map_or(capacity, |at| at + 1);
            for at in (index + 1..from).rev() {
                if let Some([before, behind]) = self.servers.get_mut(at - 1..=at) {
                    (*before, *behind) = (*behind, *before);
                }
            }
            if let (None, Some(slot)) = (known, self.servers.get_mut(index)) {
                *slot = Server::new(*address);
            }
        }
        self.server_count = servers.len();
        self.begin_anew();
        Ok(())
    }

    #[cfg(feature = "embassy-lookup")]
    pub(crate) const fn has_servers(&self) -> bool {
        self.server_count > 0
    }

    /// Looks up the addresses of a host: `api.example.com`. It fails when nothing has come after `timeout_millis`, counted
    /// from the next call that brings the time.
    ///
    /// A family that was found is told of at once (IPv6), or when the other one has not come within 50 ms.
    ///
    /// # Errors
    /// Not a name, one that servers are not asked for, no free slot, no room in the cache.
    pub fn lookup(
        &mut self,
        name: &str,
        families: Families,
        timeout_millis: u32,
    ) -> Result<RequestId, RequestError> {
        self.lookup_name(&read(name)?, families, timeout_millis)
    }

    /// The same of a name that may be of any realm.
    pub(crate) fn lookup_name(
        &mut self,
        name: &NameBuf,
        families: Families,
        timeout_millis: u32,
    ) -> Result<RequestId, RequestError> {
        self.request(Kind::Lookup(families), name, timeout_millis)
    }

    /// Asks for records of any type under a name.
    ///
    /// # Errors
    /// Not a name, one that servers are not asked for, no free slot, no room in the cache.
    pub fn records(
        &mut self,
        name: &str,
        rtype: Type,
        timeout_millis: u32,
    ) -> Result<RequestId, RequestError> {
        self.request(Kind::Records(rtype), &read(name)?, timeout_millis)
    }

    /// Ends a request: nothing more is asked or told for it, and what it has found may go. A stale handle is ignored.
    pub fn cancel(&mut self, request: RequestId) {
        if let Some(index) = self.index_of(request) {
            self.release(index);
        }
    }

    /// Has the events of a request told by [`poll_event_of`](Self::poll_event_of) alone from now on, for a task that waits
    /// for nothing else: so it holds up nobody, however late it asks. A stale handle is ignored.
    pub fn tell_apart(&mut self, request: RequestId) {
        if let Some(index) = self.index_of(request) {
            self.apart |= 1 << index;
        }
    }

    /// The device is on another network, or on the same one again: what is known of names may be wrong there, and the
    /// servers may be reached again. Open requests ask anew.
    pub fn network_changed(&mut self) {
        self.cache.for_each_entry(|entry| entry.flags.set(EntryFlags::DEAD, true));
        self.end_lives();
        self.servers.iter_mut().for_each(|server| *server = Server::new(server.address));
        self.begin_anew();
    }

    /// What is to be open: the servers and channels of queries whose answers are waited for. Everything else a driver may
    /// close.
    pub fn channels(&self) -> impl Iterator<Item = (SocketAddr, Channel)> {
        self.queries.iter().filter(|query| query.is_open()).filter_map(|query| {
            let server = self.servers.get(usize::from(query.server))?;
            Some((server.address, query.channel()))
        })
    }

    /// Replies that were no answers to what was asked, since the beginning: strays, or forgeries.
    pub fn wrong_replies(&self) -> u32 {
        self.wrong_replies
    }

    /// Takes what came in at `now`: a datagram, or a piece of a stream; no octets where the network says that nobody is
    /// there.
    pub fn handle_datagram(&mut self, now: Instant, meta: Meta, octets: &[u8]) -> Disposition {
        self.catch_up(now);
        match meta.channel {
            Channel::Mdns => Disposition::NOT_FOR_US,
            Channel::Udp(_) => self.hear_datagram(meta.channel, meta.source, octets),
            Channel::Tcp(_) => self.hear_piece(meta.channel, meta.source, octets),
        }
    }

    /// Lets time pass up to `now`.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.catch_up(now);
    }

    /// The next query that is to leave at `now`, written into `buf`, 512 octets at best; `None` when nothing is due. What is
    /// returned counts as sent.
    pub fn poll_transmit<'b>(&mut self, now: Instant, buf: &'b mut [u8]) -> Option<Transmit<'b>> {
        self.catch_up(now);
        if !self.is_stale {
            return None;
        }
        // Here alone: where a loop is late, the answer may have come in time and be handed in first.
        for index in 0..self.queries.len() {
            if self.queries.get(index).is_some_and(|query| query.waits() && query.due.is_due(now)) {
                self.silence(index);
            }
        }
        while let Some(index) = self.next_to_send() {
            if let Some((server, channel, len)) = self.write_query(index, buf) {
                return Some(Transmit { to: Destination::Unicast(server), channel, bytes: buf.get(..len)? });
            }
            self.fail(index, Failure::NoRoom);
            self.review();
        }
        (self.next, self.is_stale) = (self.next_deadline(), false);
        None
    }

    /// The next thing to tell; `None` when all is told, but for what is [told apart](Self::tell_apart).
    pub fn poll_event(&mut self) -> Option<Event> {
        self.next_event()
    }

    /// What is to be told of one request; `None` when that is told, and for a stale handle.
    pub fn poll_event_of(&mut self, request: RequestId) -> Option<Event> {
        self.news_of(self.index_of(request)?)
    }

    /// When the machine wants to be called again; `None` while it waits for calls alone. Valid after a drain.
    pub fn poll_timeout(&self) -> Option<Instant> {
        if self.is_stale { self.next_deadline() } else { self.next }
    }

    fn catch_up(&mut self, now: Instant) {
        self.now = now;
        if self.is_stale || self.next.is_some_and(|next| next.is_due(now)) {
            self.pass();
        }
    }

    /// Brings everything up to now but queries, which go out anew when the driver is ready to send.
    fn pass(&mut self) {
        let now = self.now;
        self.is_stale = true;
        if now.millis_since(self.tidied) >= TIDY_MILLIS {
            self.tidied = now;
            self.end_lives();
        }
        self.review();
    }

    fn next_deadline(&self) -> Option<Instant> {
        let (now, mut next) = (self.now, None);
        let mut note = |due: Instant| {
            next = Some(next.map_or(due, |next: Instant| next.nearer(due, now)));
        };
        for query in self.queries.iter().filter(|query| query.waits()) {
            note(query.due);
        }
        for request in self.requests.iter().filter(|request| request.is_open()) {
            note(request.deadline());
            // What was held back, and what waits for stale records, is due once: later it is past.
            if request.state == State::Open {
                let stale_from = self.config.serves_stale.then(|| request.stale_from());
                let times = [request.held_until, stale_from];
                times.into_iter().flatten().filter(|due| !due.is_due(now)).for_each(&mut note);
            }
        }
        // A time that is long past would read as one to come: what is over goes before that.
        if !self.cache.is_empty() {
            note(self.tidied.after(TIDY_MILLIS));
        }
        next
    }

    fn index_of(&self, request: RequestId) -> Option<usize> {
        let slot = self.requests.get(usize::from(request.index))?;
        let is_current = slot.generation == request.generation && slot.state != State::Free;
        is_current.then_some(request.index.into())
    }

    fn request(
        &mut self,
        kind: Kind,
        name: &NameBuf,
        timeout_millis: u32,
    ) -> Result<RequestId, RequestError> {
        let capacity = self.requests.len();
        let free = self.requests.iter().position(|request| request.state == State::Free);
        let index = free.ok_or(RequestError::Full { capacity })?;
        let name =
            self.put_name(&name.name()).map_err(|full| RequestError::CacheFull { needed: full.needed })?;
        let slot = self.requests.get_mut(index).ok_or(RequestError::Full { capacity })?;
        let generation = slot.generation.wrapping_add(1);
        *slot = Request { generation, name, kind, state: State::Fresh, timeout_millis, ..Request::FREE };
        self.is_stale = true;
        Ok(RequestId { index: index as u16, generation })
    }

    /// An unpredictable number.
    pub(crate) fn random_word(&mut self) -> u32 {
        (self.random)()
    }

    /// Frees the slot of a query.
    fn end_query(&mut self, index: usize) {
        self.leave_stream(index);
        if let Some(query) = self.queries.get_mut(index) {
            *query = Query::FREE;
        }
    }

    /// All queries begin anew.
    fn begin_anew(&mut self) {
        for index in 0..self.queries.len() {
            self.end_query(index);
        }
        for index in 0..self.requests.len() {
            if let Some(request) = self.requests.get_mut(index).filter(|request| request.state == State::Open)
            {
                // What led on there may lead elsewhere here.
                (request.failed, request.held_until) = (0, None);
                self.cache.for_each_entry(|entry| settle::set_held(entry, index, settle::FREE));
            }
        }
        self.is_stale = true;
    }
}

/// The name that a text is, if servers are asked for it.
fn read(text: &str) -> Result<NameBuf, RequestError> {
    let mut name = NameBuf::ROOT;
    name.set(text).map_err(RequestError::Name)?;
    match Realm::of(&name.name()) {
        Realm::Servers => Ok(name),
        Realm::Link | Realm::Nowhere(Reserved::Local) => Err(RequestError::Multicast),
        Realm::Loopback | Realm::Nowhere(_) => Err(RequestError::Reserved),
    }
}

/// How often the cache is rid of what is over when nothing else does it: less often than a time could be mistaken.
const TIDY_MILLIS: u32 = Instant::HORIZON_MILLIS;

impl fmt::Debug for Resolver<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resolver").field("requests", &self.requests).field("queries", &self.queries).finish()
    }
}

five_calls!([] Resolver<'_>, Event);
