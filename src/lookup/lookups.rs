//! One lookup for every name.

use core::net::{IpAddr, SocketAddr, SocketAddrV6};

use super::slot::{Asks, Found, Slot};
use super::{Event, LookupError, LookupId, LookupStorage, Multicast, Scope, Search, Source, Typed, in_order};
use crate::driver::{Channel, Disposition, Meta, Transmit, five_calls};
use crate::families::Families;
use crate::mdns::AddressesError;
use crate::name::Name;
use crate::resolver::{Resolver, State};
use crate::time::Instant;

/// Looks up whatever a user may type for a host, and is driven by the five calls of its two machines.
///
/// | name | who is asked |
/// | --- | --- |
/// | `192.168.1.20`, `fe80::1%2` | nobody |
/// | `localhost` and all below, names of the table of hosts | nobody |
/// | `printer.local`, and the names of link-local addresses | the link |
/// | names below `invalid` and `onion` | nobody: they are not there |
/// | `api.example.com`, and all others | the DNS servers |
/// | `printer` | the DNS servers with the search list, and the link where [`Search::or_local`] says so |
///
/// ```
/// use dotlocal::Families;
/// use dotlocal::lookup::{Event, LookupStorage, Lookups};
/// use dotlocal::mdns::{self, Endpoint, EndpointStorage};
/// use dotlocal::resolver::{self, Resolver, ResolverStorage};
///
/// let mut endpoint = EndpointStorage::<2, 2, 0, 2, 1024>::new();
/// let mut resolver = ResolverStorage::<2, 2, 1024>::new();
/// let mut storage = LookupStorage::<2, 8>::new();
/// let mut random = || 4; // the hardware's random numbers, and not this
///
/// let endpoint = Endpoint::new(&mut endpoint, mdns::Config::new(0x3FA2));
/// let resolver = Resolver::new(&mut resolver, &mut random, resolver::Config::new());
/// let mut names = Lookups::new(&mut storage, endpoint, resolver);
/// names.multicast().set_hostname("kitchen-cam")?;
/// names.resolver().set_servers(&["192.0.2.1:53".parse()?])?;
///
/// let lookup = names.lookup("192.168.1.20", 80, Families::Both, 5_000)?;
/// // The driver's loop goes on from here, and tells:
/// # names.handle_timeout(dotlocal::Instant::from_millis(0));
/// while let Some(event) = names.poll_event() {
///     match event {
///         Event::Found { lookup, .. } => {
///             for found in names.addresses(lookup) {
///                 // Connect to found.address; names.failed(lookup, found.address) where that does not work.
/// #               assert_eq!(found.address, "192.168.1.20:80".parse()?);
///             }
///             names.cancel(lookup);
///         }
///         Event::Failed { failure, .. } => println!("{failure}"),
///         _ => {}
///     }
/// }
/// # let _ = lookup;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Lookups<'s, 'd, M: Multicast> {
    pub(super) multicast: M,
    pub(super) resolver: Resolver<'s>,
    pub(super) slots: &'s mut [Slot],
    /// As many for each slot.
    pub(super) addresses: &'s mut [Found],
    own: &'s mut [(IpAddr, u8)],
    own_count: usize,
    pub(super) search: Search<'d>,
    pub(super) hosts: &'d [(Name<'d>, IpAddr)],
    pub(super) now: Instant,
}

/// An address that a lookup has found, to connect to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct FoundAddress {
    /// Address and port; a link-local IPv6 address with its scope.
    pub address: SocketAddr,
    /// How long it may still be used, in seconds; `None` where nothing ends it.
    pub ttl_secs: Option<u32>,
    /// [`Lookups::failed`] was called for it.
    pub has_failed: bool,
}

impl<'s, 'd, M: Multicast> Lookups<'s, 'd, M> {
    /// Lookups over these two machines, which are driven from now on through the five calls of this one. `multicast` is an
    /// [`Endpoint`](crate::mdns::Endpoint), a [`Querier`](crate::mdns::Querier), or `()`.
    pub fn new<const LOOKUPS: usize, const ADDRESSES: usize, const OWN: usize>(
        storage: &'s mut LookupStorage<LOOKUPS, ADDRESSES, OWN>,
        multicast: M,
        resolver: Resolver<'s>,
    ) -> Self {
        *storage = LookupStorage::new();
        Self {
            multicast,
            resolver,
            slots: &mut storage.slots,
            addresses: storage.addresses.as_flattened_mut(),
            own: &mut storage.own,
            own_count: 0,
            search: Search::NONE,
            hosts: &[],
            now: Instant::from_millis(0),
        }
    }

    /// The multicast machine, for all but its five calls.
    pub fn multicast(&mut self) -> &mut M {
        &mut self.multicast
    }

    /// The resolver, for all but its five calls: its servers, records of any type.
    pub fn resolver(&mut self) -> &mut Resolver<'s> {
        &mut self.resolver
    }

    /// Sets in which domains short names are looked for; none unless this is called.
    pub fn set_search(&mut self, search: Search<'d>) {
        self.search = search;
    }

    /// Sets names whose addresses this device knows itself; several entries may have one name.
    pub fn set_hosts(&mut self, hosts: &'d [(Name<'d>, IpAddr)]) {
        self.hosts = hosts;
    }

    /// Sets the addresses of this device with their prefix lengths, by which those of others are put into order (RFC
    /// 6724). The endpoint is not told of them: that has a call of its own.
    ///
    /// # Errors
    /// More than `OWN` of the storage; the old ones then stay.
    pub fn set_addresses(&mut self, addresses: &[(IpAddr, u8)]) -> Result<(), AddressesError> {
        let capacity = self.own.len();
        let own = self.own.get_mut(..addresses.len()).ok_or(AddressesError { capacity })?;
        own.iter_mut().zip(addresses).for_each(|(slot, address)| *slot = *address);
        self.own_count = addresses.len();
        Ok(())
    }

    /// Looks up `name`, to connect to `port` there. It fails when nothing has come after `timeout_millis`, counted from the
    /// next call that brings the time; [`Instant::HORIZON_MILLIS`] at most.
    ///
    /// # Errors
    /// Neither a name nor an address, or no free slot.
    pub fn lookup(
        &mut self,
        name: &str,
        port: u16,
        families: Families,
        timeout_millis: u32,
    ) -> Result<LookupId, LookupError> {
        let capacity = self.slots.len();
        let free = self.slots.iter().position(|slot| slot.state == State::Free);
        let index = free.ok_or(LookupError::Full { capacity })?;
        let slot = self.slots.get_mut(index).ok_or(LookupError::Full { capacity })?;
        let generation = slot.generation.wrapping_add(1);
        let typed = Typed::read(name, &mut slot.name).map_err(LookupError::Name)?;
        let (literal, scope_id) = match typed {
            Typed::Address(address) => (Some(address), 0),
            Typed::Scoped(address, Scope::Id(id)) => (Some(address.into()), id),
            Typed::Scoped(_, Scope::Interface(_)) => return Err(LookupError::Interface),
            Typed::Name { .. } => (None, 0),
        };
        let is_absolute = matches!(typed, Typed::Name { absolute: true, .. });
        let name = slot.name;
        *slot = Slot { generation, families, port, is_absolute, timeout_millis, name, ..Slot::FREE };
        slot.state = State::Fresh;
        if let Some(address) = &literal {
            self.know(index, address, scope_id);
            self.finish_here(index, Source::Literal);
        }
        Ok(LookupId { index: index as u16, generation })
    }

    /// Ends a lookup: nothing more is asked or told for it. A stale handle is ignored.
    pub fn cancel(&mut self, lookup: LookupId) {
        if let Some(index) = self.index_of(lookup) {
            self.release(index);
        }
    }

    /// Has the events of a lookup told by [`poll_event_of`](Self::poll_event_of) alone from now on, for a task that waits
    /// for nothing else: so it holds up nobody, however late it asks. A stale handle is ignored.
    pub fn tell_apart(&mut self, lookup: LookupId) {
        let slot = self.index_of(lookup).and_then(|index| self.slots.get_mut(index));
        slot.into_iter().for_each(|slot| slot.is_apart = true);
    }

    /// The addresses that a lookup has found, in the order in which to try them (RFC 6724, RFC 8305), those last that have
    /// failed; none for a stale handle.
    pub fn addresses(&self, lookup: LookupId) -> impl Iterator<Item = FoundAddress> {
        let index = self.index_of(lookup);
        let port = index.and_then(|index| self.slots.get(index)).map_or(0, |slot| slot.port);
        let found = index.map_or(&[][..], |index| self.found(index));
        let own = self.own.get(..self.own_count).unwrap_or(&[]);
        let ordered = move |has_failed: bool| {
            let some = found.iter().filter(move |found| found.has_failed == has_failed);
            in_order(own, some, |found| found.address)
        };
        ordered(false).chain(ordered(true)).map(move |found| FoundAddress {
            address: match found.address {
                IpAddr::V6(ip) if found.scope_id != 0 => {
                    SocketAddrV6::new(ip, port, 0, found.scope_id).into()
                }
                address => self.multicast.socket_addr(address, port),
            },
            ttl_secs: found.expires.map(|expires| expires.millis_until(self.now) / 1_000),
            has_failed: found.has_failed,
        })
    }

    /// The address to try next: the first that has not failed. `None` when there is none, and for a stale handle.
    pub fn next_address(&self, lookup: LookupId) -> Option<SocketAddr> {
        self.addresses(lookup).find(|found| !found.has_failed).map(|found| found.address)
    }

    /// Whether a lookup has found more addresses than the storage has room for.
    pub fn has_more(&self, lookup: LookupId) -> bool {
        self.slot(lookup).is_some_and(|slot| slot.has_more)
    }

    /// Where the addresses of a lookup come from; `None` for a stale handle.
    pub fn source(&self, lookup: LookupId) -> Option<Source> {
        self.slot(lookup).map(|slot| slot.source)
    }

    /// The name at which the servers have the addresses: that which was looked up, or where its aliases lead. `None` for
    /// what others than servers know, and for a stale handle.
    pub fn canonical_name(&self, lookup: LookupId) -> Option<Name<'_>> {
        match self.slot(lookup)?.asks {
            Asks::Servers(request) => self.resolver.canonical_name(request),
            _ => None,
        }
    }

    /// An address did not work: nobody was there, or a connection was refused. It goes to the end. Once that is so for all
    /// of a lookup, they are asked for anew, past the cache, and told as before.
    pub fn failed(&mut self, lookup: LookupId, address: SocketAddr) {
        let Some(index) = self.index_of(lookup) else { return };
        let found = self.found_mut(index);
        let failed = found.iter_mut().filter(|found| found.address == address.ip());
        failed.for_each(|found| found.has_failed = true);
        let have_all_failed = !found.is_empty() && found.iter().all(|found| found.has_failed);
        let Some(slot) = self.slots.get_mut(index) else { return };
        match slot.asks {
            Asks::Servers(request) => {
                self.resolver.failed(request, address.ip());
                let is_left = self.resolver.addresses(request).next().is_some();
                if !is_left && matches!(slot.state, State::Found | State::Partly) {
                    self.resolver.cancel(request);
                    slot.begin_anew();
                } else if have_all_failed {
                    // Those that had no room take their places.
                    (slot.found, slot.has_more) = (0, false);
                    self.take_addresses(index, request);
                }
            }
            asks if have_all_failed && slot.source == Source::Multicast => {
                if let Asks::Link(request) = asks {
                    self.multicast.cancel(request);
                }
                slot.begin_anew();
                slot.doubts = true;
            }
            // What this device knows by itself does not change by asking again.
            _ => {}
        }
    }

    /// Takes what came in at `now`: a datagram, or a piece of a stream.
    pub fn handle_datagram(&mut self, now: Instant, meta: Meta, octets: &[u8]) -> Disposition {
        self.now = now;
        let disposition = match meta.channel {
            Channel::Mdns => self.multicast.handle_datagram(now, meta, octets),
            Channel::Udp(_) | Channel::Tcp(_) => self.resolver.handle_datagram(now, meta, octets),
        };
        self.catch_up(now);
        disposition
    }

    /// Lets time pass up to `now`.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.multicast.handle_timeout(now);
        self.resolver.handle_timeout(now);
        self.catch_up(now);
    }

    /// The next datagram that is to leave at `now`, written into `buf`; `None` when nothing is due. What is returned counts
    /// as sent.
    pub fn poll_transmit<'b>(&mut self, now: Instant, buf: &'b mut [u8]) -> Option<Transmit<'b>> {
        self.catch_up(now);
        loop {
            // Borrows of one buffer, each of which is over when it has brought nothing.
            let of_link = self.multicast.poll_transmit(now, buf);
            let sent = of_link.map(|sent| (sent.to, sent.channel, sent.bytes.len()));
            let sent = sent.or_else(|| {
                let of_servers = self.resolver.poll_transmit(now, buf);
                of_servers.map(|sent| (sent.to, sent.channel, sent.bytes.len()))
            });
            if let Some((to, channel, len)) = sent {
                return Some(Transmit { to, channel, bytes: buf.get(..len)? });
            }
            // The time may have ended something in them, and another name may be next.
            if !self.take_events() {
                return None;
            }
        }
    }

    /// The next thing to tell; `None` when all is told, but for what is [told apart](Self::tell_apart).
    pub fn poll_event(&mut self) -> Option<Event<M::Event>> {
        // What the machines tell of lookups was taken when time was brought.
        if let Some(event) = self.multicast.poll_event() {
            return Some(Event::Multicast(event));
        }
        if let Some(event) = self.resolver.poll_event() {
            return Some(Event::Resolver(event));
        }
        let index = self.slots.iter().position(|slot| slot.has_news && !slot.is_apart)?;
        self.news_of(index)
    }

    /// What is to be told of one lookup; `None` when that is told, and for a stale handle.
    pub fn poll_event_of(&mut self, lookup: LookupId) -> Option<Event<M::Event>> {
        self.news_of(self.index_of(lookup)?)
    }

    fn news_of(&mut self, index: usize) -> Option<Event<M::Event>> {
        let slot = self.slots.get_mut(index)?;
        if !core::mem::take(&mut slot.has_news) {
            return None;
        }
        let lookup = LookupId { index: index as u16, generation: slot.generation };
        Some(match slot.state {
            State::Failed => {
                let failure = slot.failure;
                self.release(index);
                Event::Failed { lookup, failure }
            }
            state => Event::Found { lookup, is_complete: state == State::Found },
        })
    }

    /// When the machine wants to be called again; `None` while it waits for datagrams and calls alone. Valid after a
    /// drain.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let held =
            self.slots.iter().filter(|slot| slot.state == State::Open).filter_map(|slot| slot.held_until);
        let of_machines = [self.multicast.poll_timeout(), self.resolver.poll_timeout()];
        of_machines.into_iter().flatten().chain(held).reduce(|a, b| a.nearer(b, self.now))
    }

    fn index_of(&self, lookup: LookupId) -> Option<usize> {
        let index = usize::from(lookup.index);
        let slot = self.slots.get(index)?;
        (slot.generation == lookup.generation && slot.state != State::Free).then_some(index)
    }

    fn slot(&self, lookup: LookupId) -> Option<&Slot> {
        self.slots.get(self.index_of(lookup)?)
    }

    fn range(&self, index: usize) -> core::ops::Range<usize> {
        let room = self.addresses.len().checked_div(self.slots.len()).unwrap_or(0);
        let start = index * room;
        start..start + self.slots.get(index).map_or(0, |slot| usize::from(slot.found))
    }

    fn found(&self, index: usize) -> &[Found] {
        self.addresses.get(self.range(index)).unwrap_or(&[])
    }

    fn found_mut(&mut self, index: usize) -> &mut [Found] {
        let range = self.range(index);
        self.addresses.get_mut(range).unwrap_or_default()
    }
}

five_calls!([M: Multicast] Lookups<'_, '_, M>, Event<M::Event>);
