//! Responder and querier on one socket.

mod storage;

use core::net::{IpAddr, SocketAddr};

pub use storage::EndpointStorage;

use super::admit::admit;
use super::interest;
use super::{
    AddressesError, ChangeError, Claimed, Config, Counters, ExtraRecord, Families, FoundRecord, HostId,
    HostnameError, Instance, InstanceId, Querier, QuerierEvent, RecordId, RecordSet, RecordsError, RecordsId,
    RegisterError, RequestError, RequestId, Responder, ResponderEvent, Service, ServiceId, Until,
};
use crate::driver::{Channel, Disposition, Meta, Reason, Transmit, five_calls};
use crate::name::{Name, NameBuf};
use crate::time::Instant;
use crate::wire::{Checked, Type};

/// Be found and find others: a [`Responder`] and a [`Querier`] that share one link, one port and one parse.
///
/// The machine never reads a clock or a socket. Every driver is this loop:
///
/// ```
/// use dotlocal::mdns::{Endpoint, Event};
/// use dotlocal::{Instant, Meta, Transmit};
///
/// trait Link {
///     fn now(&self) -> Instant;
///     fn send(&mut self, transmit: Transmit<'_>);
///     /// Waits for a datagram until the deadline, or for ever.
///     fn receive(&mut self, until: Option<Instant>, buf: &mut [u8]) -> Option<(Meta, usize)>;
/// }
///
/// fn turn(endpoint: &mut Endpoint<'_, '_>, link: &mut impl Link, on_event: &mut impl FnMut(Event)) {
///     let (mut rx, mut tx) = ([0; 1500], [0; 1440]);
///     // Drain, until a round brings nothing. What was handed out counts as sent.
///     loop {
///         if let Some(transmit) = endpoint.poll_transmit(link.now(), &mut tx) {
///             link.send(transmit);
///         } else if let Some(event) = endpoint.poll_event() {
///             on_event(event);
///         } else {
///             break;
///         }
///     }
///     // Sleep, then exactly one of two changes.
///     match link.receive(endpoint.poll_timeout(), &mut rx) {
///         Some((meta, len)) => {
///             endpoint.handle_datagram(link.now(), meta, &rx[..len]);
///         }
///         None => endpoint.handle_timeout(link.now()),
///     }
/// }
/// ```
#[derive(Debug)]
pub struct Endpoint<'s, 'a> {
    responder: Responder<'s, 'a>,
    querier: Querier<'s>,
    /// Requests find what the device itself has.
    finds_own: bool,
    /// What they know of it may be old.
    own_is_stale: bool,
}

/// What an [`Endpoint`] tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Event {
    /// Of a name of ours.
    Responder(ResponderEvent),
    /// Of what was looked for.
    Querier(QuerierEvent),
}

impl From<ResponderEvent> for Event {
    fn from(event: ResponderEvent) -> Self {
        Self::Responder(event)
    }
}

impl From<QuerierEvent> for Event {
    fn from(event: QuerierEvent) -> Self {
        Self::Querier(event)
    }
}

impl<'s, 'a> Endpoint<'s, 'a> {
    /// An endpoint without names and requests on a link that is up. Whatever `storage` held is forgotten.
    pub fn new<
        const ADDRESSES: usize,
        const NAMES: usize,
        const TXT: usize,
        const REQUESTS: usize,
        const CACHE: usize,
        const REPLIES: usize,
    >(
        storage: &'s mut EndpointStorage<'a, ADDRESSES, NAMES, TXT, REQUESTS, CACHE, REPLIES>,
        config: Config,
    ) -> Self {
        Self {
            responder: Responder::new(&mut storage.responder, config),
            querier: Querier::with_unicast(&mut storage.querier, config),
            finds_own: config.finds_own,
            own_is_stale: false,
        }
    }

    /// Claims a host name; see [`Responder::set_hostname`].
    ///
    /// # Errors
    /// Not a label of 1 to 63 octets.
    pub fn set_hostname(&mut self, label: &'a str) -> Result<(), HostnameError> {
        self.responder.set_hostname(label)
    }

    /// Sets the addresses of this device, with their prefix lengths; see [`Responder::set_addresses`].
    ///
    /// # Errors
    /// More than the storage has room for.
    pub fn set_addresses(&mut self, addresses: &[(IpAddr, u8)]) -> Result<(), AddressesError> {
        self.responder.set_addresses(addresses)
    }

    /// Registers a service; see [`Responder::register`].
    ///
    /// # Errors
    /// A service that cannot be published, no free slot, or an instance that is registered already.
    pub fn register(&mut self, service: Service<'a>) -> Result<ServiceId, RegisterError> {
        self.responder.register(service)
    }

    /// Replaces the TXT data of a service; see [`Responder::set_txt`].
    ///
    /// # Errors
    /// A stale handle, or data that cannot be published or does not fit.
    pub fn set_txt(&mut self, service: ServiceId, pairs: &[(&str, &str)]) -> Result<(), ChangeError> {
        self.responder.set_txt(service, pairs)
    }

    /// The same with octets as they go over the wire; see [`Responder::set_txt_octets`].
    ///
    /// # Errors
    /// A stale handle, or data that cannot be published or does not fit.
    pub fn set_txt_octets(&mut self, service: ServiceId, octets: &[u8]) -> Result<(), ChangeError> {
        self.responder.set_txt_octets(service, octets)
    }

    /// Changes the port of a service.
    ///
    /// # Errors
    /// A stale handle.
    pub fn set_port(&mut self, service: ServiceId, port: u16) -> Result<(), ChangeError> {
        self.responder.set_port(service, port)
    }

    /// Gives a service another instance name; see [`Responder::set_instance`].
    ///
    /// # Errors
    /// A stale handle, not an instance name, or one that is registered already.
    pub fn set_instance(&mut self, service: ServiceId, instance: &'a str) -> Result<(), ChangeError> {
        self.responder.set_instance(service, instance)
    }

    /// Publishes records beside the host's addresses; see [`Responder::set_host_records`].
    ///
    /// # Errors
    /// Records that cannot be published there.
    pub fn set_host_records(&mut self, records: &'a [ExtraRecord<'a>]) -> Result<(), RecordsError> {
        self.responder.set_host_records(records)
    }

    /// Registers another host, for which this device speaks; see [`Responder::register_host`].
    ///
    /// # Errors
    /// Not a host name, no free slot, or a name that is registered already.
    pub fn register_host(
        &mut self,
        label: &'a str,
        addresses: &'a [IpAddr],
    ) -> Result<HostId, RegisterError> {
        self.responder.register_host(label, addresses)
    }

    /// Changes the addresses of another host.
    ///
    /// # Errors
    /// A stale handle.
    pub fn set_host_addresses(&mut self, host: HostId, addresses: &'a [IpAddr]) -> Result<(), ChangeError> {
        self.responder.set_host_addresses(host, addresses)
    }

    /// Registers records of any type; see [`Responder::register_records`].
    ///
    /// # Errors
    /// Records that cannot be published, no free slot, or a name that is registered already.
    pub fn register_records(&mut self, set: RecordSet<'a>) -> Result<RecordsId, RegisterError> {
        self.responder.register_records(set)
    }

    /// Publishes other records instead; see [`Responder::set_records`].
    ///
    /// # Errors
    /// A stale handle, or records that cannot be published.
    pub fn set_records(&mut self, id: RecordsId, records: &'a [ExtraRecord<'a>]) -> Result<(), ChangeError> {
        self.responder.set_records(id, records)
    }

    /// Withdraws a name and what is under it with a goodbye; see [`Responder::unregister`].
    ///
    /// # Errors
    /// A stale handle, or a host on which services run.
    pub fn unregister(&mut self, of: impl Into<Claimed>) -> Result<(), ChangeError> {
        self.responder.unregister(of)
    }

    /// The name as it is now, renames included.
    pub fn name(&self, of: impl Into<Claimed>) -> Option<NameBuf> {
        self.responder.name(of)
    }

    /// The name as it would be with `number` behind it; 0 for none.
    pub fn name_with(&self, of: impl Into<Claimed>, number: u16) -> Option<NameBuf> {
        self.responder.name_with(of, number)
    }

    /// The number that renames have put behind the name; see [`Responder::number`].
    pub fn number(&self, of: impl Into<Claimed>) -> Option<u16> {
        self.responder.number(of)
    }

    /// Whether the name is ours and answered for; see [`Responder::is_established`].
    pub fn is_established(&self, of: impl Into<Claimed>) -> Option<bool> {
        self.responder.is_established(of)
    }

    /// Claims the name with a number behind it; see [`Responder::set_number`].
    ///
    /// # Errors
    /// A stale handle, a host name that was not set, or a name that is registered already.
    pub fn set_number(&mut self, of: impl Into<Claimed>, number: u16) -> Result<(), ChangeError> {
        self.responder.set_number(of, number)
    }

    /// What the responder has counted; see [`Counters`].
    pub fn counters(&self) -> Counters {
        self.responder.counters()
    }

    /// Looks up the addresses of a `.local` host; see [`Querier::lookup`].
    ///
    /// # Errors
    /// Not a name below `local`, no free slot, no room in the cache.
    pub fn lookup(
        &mut self,
        name: &str,
        families: Families,
        until: Until,
    ) -> Result<RequestId, RequestError> {
        self.own_is_stale = true;
        self.querier.lookup(name, families, until)
    }

    pub(crate) fn lookup_name(
        &mut self,
        name: &NameBuf,
        families: Families,
        until: Until,
    ) -> Result<RequestId, RequestError> {
        self.own_is_stale = true;
        self.querier.lookup_name(name, families, until)
    }

    pub(crate) fn forget_addresses(&mut self, name: &NameBuf) {
        self.querier.forget_addresses(name);
    }

    /// Asks which names an address has, a reverse lookup; see [`Querier::lookup_address`].
    ///
    /// # Errors
    /// No free slot, no room in the cache.
    pub fn lookup_address(&mut self, address: IpAddr, until: Until) -> Result<RequestId, RequestError> {
        self.own_is_stale = true;
        self.querier.lookup_address(address, until)
    }

    /// Asks for records of any type; see [`Querier::records`].
    ///
    /// # Errors
    /// Not a name that multicast answers, no free slot, no room in the cache.
    pub fn records(&mut self, name: &str, rtype: Type, until: Until) -> Result<RequestId, RequestError> {
        self.own_is_stale = true;
        self.querier.records(name, rtype, until)
    }

    /// Follows the instances of a service type; see [`Querier::browse`].
    ///
    /// # Errors
    /// Not a service type, no free slot, no room in the cache.
    pub fn browse(&mut self, service_type: &str) -> Result<RequestId, RequestError> {
        self.own_is_stale = true;
        self.querier.browse(service_type)
    }

    /// Resolves one instance and follows it; see [`Querier::resolve`].
    ///
    /// # Errors
    /// Not an instance name or service type, no free slot, no room in the cache.
    pub fn resolve(&mut self, instance: &str, service_type: &str) -> Result<RequestId, RequestError> {
        self.own_is_stale = true;
        self.querier.resolve(instance, service_type)
    }

    /// Ends a request. A stale handle is ignored.
    pub fn cancel(&mut self, request: RequestId) {
        self.querier.cancel(request);
    }

    /// Has the events of a request told apart from all others; see [`Querier::tell_apart`].
    pub fn tell_apart(&mut self, request: RequestId) {
        self.querier.tell_apart(request);
    }

    /// What the aliases of a host lead to; see [`Querier::canonical_name`].
    pub fn canonical_name(&self, request: RequestId) -> Option<Name<'_>> {
        self.querier.canonical_name(request)
    }

    /// What is known of an instance; `None` once it is gone.
    pub fn instance(&self, instance: InstanceId) -> Option<Instance<'_>> {
        self.querier.instance(instance)
    }

    /// A record that an event has named; `None` when something has changed since.
    pub fn record(&self, record: RecordId) -> Option<FoundRecord<'_>> {
        self.querier.record(record)
    }

    /// Where to connect, with the scope of this link; see [`Querier::socket_addr`].
    pub fn socket_addr(&self, address: IpAddr, port: u16) -> SocketAddr {
        self.querier.socket_addr(address, port)
    }

    /// What was known of an instance did not work; see [`Querier::reconfirm`].
    pub fn reconfirm(&mut self, instance: InstanceId) {
        self.querier.reconfirm(instance);
    }

    /// What a lookup was told did not work; see [`Querier::reconfirm_request`].
    pub fn reconfirm_request(&mut self, request: RequestId) {
        self.querier.reconfirm_request(request);
    }

    /// Whether probes and first queries ask for unicast answers from now on: `false` when another program turns out to
    /// share the port; see [`Config::unicast_answers`].
    pub fn ask_for_unicast(&mut self, ask: bool) {
        self.responder.ask_for_unicast(ask);
        self.querier.ask_for_unicast(ask);
    }

    /// The number of the link, of a driver that knows it; see [`Config::scope_id`].
    #[cfg(feature = "std")]
    pub(crate) fn set_scope_id(&mut self, scope_id: u32) {
        self.querier.set_scope_id(scope_id);
    }

    /// The link is gone: nothing is sent; see [`Responder::link_down`] and [`Querier::link_down`].
    pub fn link_down(&mut self) {
        self.own_is_stale = true;
        self.responder.link_down();
        self.querier.link_down();
    }

    /// The link is up again, or the device has slept: names are probed for, requests asked anew, and what is known is
    /// lost in ten seconds unless it is confirmed.
    pub fn link_up(&mut self) {
        self.own_is_stale = true;
        self.responder.link_up();
        self.querier.link_up();
    }

    /// The device is on another network: as [`link_up`](Self::link_up), but all that was found is lost at once.
    pub fn network_changed(&mut self) {
        self.own_is_stale = true;
        self.responder.link_up();
        self.querier.network_changed();
    }

    /// Says goodbye for everything with the next drain, and ends asking.
    pub fn stop(&mut self) {
        self.own_is_stale = true;
        self.responder.stop();
        self.querier.link_down();
    }

    /// Takes a datagram that came in at `now`. A hostile one is no error: the disposition is for logs.
    pub fn handle_datagram(&mut self, now: Instant, meta: Meta, datagram: &[u8]) -> Disposition {
        self.handle_timeout(now);
        let (ours, wanted) = (self.responder.names(), self.querier.names());
        let (has_names, mut found) = (ours.or(wanted).is_some(), 0);
        let see = |name: &Name<'_>| {
            if has_names {
                found |= interest::seek([ours, wanted], name);
            }
        };
        let admitted = admit(&meta, || self.responder.is_on_link(&meta), datagram, see);
        let responder = self.responder.hear(&meta, &admitted, found & 1 != 0);
        // A conflict takes a name from us before it makes us send anything.
        let is_response = admitted.as_ref().is_ok_and(|message| message.header().is_response());
        self.own_is_stale |= is_response && responder == Disposition::Used;
        if is_response && self.responder.has_news() {
            self.querier.disown();
        }
        let Some(message) = admitted.as_ref().ok().filter(|_| found & 2 != 0) else { return responder };
        let querier = self.querier.hear(&meta, message);
        // What was heard may lead to a name of ours.
        self.own_is_stale |= querier == Disposition::Used;
        match (responder, querier) {
            (Disposition::Used, _) | (_, Disposition::Ignored(Reason::NotForUs)) => responder,
            _ => querier,
        }
    }

    /// Lets time pass up to `now`.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.responder.handle_timeout(now);
        self.querier.handle_timeout(now);
    }

    /// The next datagram that is to leave at `now`, written into `buf`; `None` when nothing is due. What is returned
    /// counts as sent. Hand in 1440 octets, or the link's MTU less 60.
    pub fn poll_transmit<'b>(&mut self, now: Instant, buf: &'b mut [u8]) -> Option<Transmit<'b>> {
        let (to, len) = match self.responder.poll_transmit(now, buf) {
            Some(transmit) => (transmit.to, transmit.bytes.len()),
            None => {
                self.find_own(now, buf);
                return self.querier.poll_transmit(now, buf);
            }
        };
        // Every change of what the device has is told to the link.
        self.own_is_stale = true;
        Some(Transmit { to, channel: Channel::Mdns, bytes: buf.get(..len)? })
    }

    /// Tells the querier what the responder has.
    fn find_own(&mut self, now: Instant, buf: &mut [u8]) {
        self.querier.handle_timeout(now);
        if !core::mem::take(&mut self.own_is_stale) || !self.finds_own || self.querier.names().is_none() {
            return;
        }
        self.querier.begin_own();
        // A service makes its host wanted, which may stand before it.
        for _ in 0..2 {
            let mut index = 0;
            while let Some(octets) = self.responder.write_own(index, buf) {
                if let Some(message) = Checked::built(octets) {
                    self.querier.hear_own(&message);
                }
                index += 1;
            }
        }
        self.querier.end_own();
    }

    /// The next thing to tell; `None` when all is told, but for what is [told apart](Self::tell_apart).
    pub fn poll_event(&mut self) -> Option<Event> {
        let responder = self.responder.poll_event().map(Event::Responder);
        responder.or_else(|| self.querier.poll_event().map(Event::Querier))
    }

    /// The next thing to tell of one request; see [`Querier::poll_event_of`].
    pub fn poll_event_of(&mut self, request: RequestId) -> Option<QuerierEvent> {
        self.querier.poll_event_of(request)
    }

    /// When the machine wants to be called again; `None` while it waits for datagrams and calls alone. Valid after a
    /// drain.
    pub fn poll_timeout(&self) -> Option<Instant> {
        match (self.responder.poll_timeout(), self.querier.poll_timeout()) {
            (Some(a), Some(b)) => Some(a.nearer(b, self.responder.now())),
            (a, b) => a.or(b),
        }
    }
}

five_calls!([] Endpoint<'_, '_>, Event);
