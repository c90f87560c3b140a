//! A querier that is driven, alone or in an endpoint; everything that it does is checked.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use dotlocal::mdns::{
    Endpoint, Event, Families, Instance, InstanceId, LookupFailure, Querier, QuerierEvent, RecordId,
    RequestId, Until,
};
use dotlocal::name::NameBuf;
use dotlocal::wire::Type;
use dotlocal::{Disposition, Instant, Meta};

use crate::{Asks, Clock, Driven, octets, plain};

pub enum Machine<'s> {
    Alone(Querier<'s>),
    InEndpoint(Endpoint<'s, 'static>),
}

/// `with!(machine, querier => querier.cancel(request))`: a call that both have.
#[macro_export]
macro_rules! with {
    ($machine:expr, $inner:ident => $call:expr) => {
        match $machine {
            $crate::Machine::Alone($inner) => $call,
            $crate::Machine::InEndpoint($inner) => $call,
        }
    };
}

/// What a request is about.
#[derive(Clone)]
pub enum Sought {
    Instances(NameBuf),
    Types,
    Resolved(NameBuf),
    Addresses(Families),
    Records(NameBuf, Type),
}

/// What a request can be told of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Thing {
    Address(IpAddr),
    Record(Vec<u8>, u16, Vec<u8>),
    Instance(Vec<u8>),
}

/// What a request was told of an instance.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Told {
    Found,
    Resolved,
}

pub struct Request {
    pub id: RequestId,
    pub is_live: bool,
    sought: Sought,
    until: Until,
    /// When it ends at the latest, once it has begun.
    ends: Option<u64>,
    told: BTreeMap<Thing, (Told, Option<InstanceId>)>,
    was_told: bool,
}

/// A querier, its clock, and what is known of it.
pub struct Finder<'s> {
    pub machine: Machine<'s>,
    pub clock: Clock,
    pub asks: Asks,
    pub requests: Vec<Request>,
    /// Whatever events have named, the last ones at the end.
    pub instances: Vec<InstanceId>,
    pub records: Vec<RecordId>,
    pub is_down: bool,
    /// The driver has not always drained: what has answered may be gone before it was told.
    pub is_late: bool,
    /// How often it was told in this drain that there is no room.
    no_rooms: usize,
    /// What was sent, the last at the end: to be sent back.
    pub sent: Vec<Vec<u8>>,
    /// How many records there can be.
    capacity: usize,
    slots: usize,
}

impl<'s> Finder<'s> {
    pub fn new(machine: Machine<'s>, slots: usize, cache: usize, start: u32, room: usize) -> Self {
        let mut asks = Asks::default();
        asks.may_ask_for_unicast = matches!(machine, Machine::InEndpoint(_));
        Self {
            machine,
            clock: Clock::new(start, room),
            asks,
            requests: Vec::new(),
            instances: Vec::new(),
            records: Vec::new(),
            is_down: false,
            is_late: false,
            no_rooms: 0,
            sent: Vec::new(),
            // A question takes 12 octets, a record more.
            capacity: cache / 12,
            slots,
        }
    }

    pub fn opens(&mut self, id: RequestId, sought: Sought, until: Until) {
        assert!(self.live().count() < self.slots);
        assert!(self.requests.iter().all(|request| request.id != id), "a handle comes again");
        let (ends, told) = (None, BTreeMap::new());
        self.requests.push(Request { id, is_live: true, sought, until, ends, told, was_told: false });
    }

    pub fn live(&self) -> impl Iterator<Item = &Request> {
        self.requests.iter().filter(|request| request.is_live)
    }

    pub fn is_full(&self) -> bool {
        self.live().count() == self.slots
    }

    pub fn hear(&mut self, source: SocketAddr, multicast: bool, octets: &[u8]) {
        self.asks.hear(self.clock.now, octets);
        self.take(Meta::mdns(source, multicast), octets);
    }

    /// A call has brought the time: what is open has begun.
    fn begin(&mut self) {
        for request in self.requests.iter_mut().filter(|request| request.ends.is_none()) {
            if let Until::Answered { timeout_millis } = request.until {
                request.ends = Some(self.clock.now + u64::from(timeout_millis.min(Instant::HORIZON_MILLIS)));
            }
        }
    }

    fn note_event(&mut self, event: QuerierEvent) {
        use QuerierEvent as E;
        match event {
            E::NoRoom => {
                self.no_rooms += 1;
                assert!(self.no_rooms < 100, "it says without end that there is no room");
            }
            E::Address { request, address, ttl_secs } => {
                assert!(ttl_secs <= 7 * 86_400);
                let request = self.named(request, event);
                let Sought::Addresses(families) = request.sought else { panic!("{event:?}") };
                assert!(if address.is_ipv4() { families.v4() } else { families.v6() });
                request.is_told(Thing::Address(address), None, event);
            }
            E::AddressLost { request, address } => {
                self.named(request, event).loses(&Thing::Address(address), None, event);
            }
            E::Record { request, record } | E::RecordLost { request, record } => {
                self.records.push(record);
                let found =
                    with!(&self.machine, querier => querier.record(record)).expect("the record of an event");
                let (name, rtype) = (NameBuf::from(found.name()), found.rtype());
                // Data that does not fit its type cannot be told from other such data.
                let data = found.data().ok().map(|data| plain(&data));
                let request = self.named(request, event);
                let Sought::Records(owner, asked) = &request.sought else { panic!("{event:?}") };
                assert!(
                    *owner == name && (*asked == rtype || *asked == Type::ANY),
                    "{event:?} {name} {rtype}"
                );
                let Some(data) = data else { return request.was_told = true };
                let in_lower_case = matches!(rtype, Type::PTR | Type::CNAME | Type::SRV);
                let data = if in_lower_case { data.to_ascii_lowercase() } else { data };
                let thing = Thing::Record(name.as_octets().to_ascii_lowercase(), rtype.0, data);
                match event {
                    E::Record { .. } => request.is_told(thing, None, event),
                    _ => request.loses(&thing, None, event),
                }
            }
            E::Done { request } => {
                let request = self.ended(request, event);
                assert!(request.was_told, "{event:?}, and nothing was told");
            }
            E::Failed { request, reason } => {
                let (now, is_late) = (self.clock.now, self.is_late);
                let request = self.ended(request, event);
                assert!(!request.was_told, "{event:?}, and something was told");
                let is_over = request.ends.is_some_and(|ends| ends <= now);
                let is_early = reason == LookupFailure::Timeout && !is_over;
                assert!(!is_early || is_late, "{event:?} before its time");
            }
            E::Found { request, instance } => {
                let (thing, name) = self.instance(instance);
                let request = self.named(request, event);
                match &request.sought {
                    Sought::Instances(of) => {
                        assert!(name.name().instance_of(&of.name()).is_some(), "{event:?} {name}")
                    }
                    Sought::Types => {}
                    _ => panic!("{event:?}"),
                }
                request.is_told(thing, Some(instance), event);
            }
            E::Resolved { request, instance } => {
                let (thing, name) = self.instance(instance);
                self.is_complete(instance);
                let request = self.named(request, event);
                if let Sought::Resolved(of) = &request.sought {
                    assert_eq!(*of, name);
                    request.is_told(thing.clone(), Some(instance), event);
                }
                let told = request.told.get_mut(&thing);
                assert_eq!(told, Some(&mut (Told::Found, Some(instance))), "{event:?}");
                told.into_iter().for_each(|told| told.0 = Told::Resolved);
            }
            E::Updated { request, instance } => {
                let (thing, _) = self.instance(instance);
                self.is_complete(instance);
                let told = self.named(request, event).told.get(&thing);
                assert_eq!(told, Some(&(Told::Resolved, Some(instance))), "{event:?}");
            }
            E::Lost { request, instance } => {
                let (thing, _) = self.instance(instance);
                self.named(request, event).loses(&thing, Some(instance), event);
            }
        }
    }

    /// An event names a request that is open.
    fn named(&mut self, id: RequestId, event: QuerierEvent) -> &mut Request {
        let request = self.requests.iter_mut().find(|request| request.id == id);
        request.filter(|request| request.is_live).unwrap_or_else(|| panic!("{event:?} for nobody"))
    }

    fn ended(&mut self, id: RequestId, event: QuerierEvent) -> &mut Request {
        let request = self.named(id, event);
        assert!(request.until != Until::Cancelled, "{event:?}");
        request.is_live = false;
        request
    }

    /// An event names an instance, which can be read.
    fn instance(&mut self, id: InstanceId) -> (Thing, NameBuf) {
        if !self.instances.contains(&id) {
            self.instances.push(id);
        }
        let view = with!(&self.machine, querier => querier.instance(id)).expect("the instance of an event");
        (Thing::Instance(view.name().octets().collect::<Vec<_>>().to_ascii_lowercase()), view.name().into())
    }

    fn is_complete(&self, id: InstanceId) {
        let view = with!(&self.machine, querier => querier.instance(id)).unwrap();
        assert!(view.host().is_some() && view.srv().is_some() && view.txt().is_some(), "{}", show(&view));
        assert!(view.addresses().next().is_some() && view.socket_addrs().next().is_some(), "{}", show(&view));
    }
}

impl Request {
    fn is_told(&mut self, thing: Thing, id: Option<InstanceId>, event: QuerierEvent) {
        self.was_told = true;
        let before = self.told.insert(thing, (Told::Found, id));
        assert!(before.is_none(), "{event:?} once more");
    }

    fn loses(&mut self, thing: &Thing, id: Option<InstanceId>, event: QuerierEvent) {
        let told = self.told.remove(thing);
        assert!(told.is_some_and(|told| told.1 == id), "{event:?}, but told was {told:?}");
    }
}

impl Driven for Finder<'_> {
    /// The instances and records that events have named last.
    type State = (Vec<Option<String>>, Vec<bool>);

    fn state(&self) -> Self::State {
        let instances = self.instances.iter().rev().take(8);
        let instances = instances
            .map(|&id| with!(&self.machine, querier => querier.instance(id)).map(|view| show(&view)));
        let records = self.records.iter().rev().take(8);
        let records = records.map(|&id| {
            let record = with!(&self.machine, querier => querier.record(id));
            record
                .map(|record| {
                    (record.name().to_string(), record.rtype(), record.data().is_ok(), record.ttl_secs())
                })
                .is_some()
        });
        (instances.collect(), records.collect())
    }

    fn clock(&mut self) -> &mut Clock {
        &mut self.clock
    }

    fn poll_timeout(&self) -> Option<Instant> {
        with!(&self.machine, querier => querier.poll_timeout())
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.begin();
        with!(&mut self.machine, querier => querier.handle_timeout(now));
    }

    fn handle_datagram(&mut self, now: Instant, meta: Meta, octets: &[u8]) -> Disposition {
        self.begin();
        with!(&mut self.machine, querier => querier.handle_datagram(now, meta, octets))
    }

    fn poll_one(&mut self, now: Instant, buf: &mut [u8]) -> bool {
        self.begin();
        if let Some(transmit) = with!(&mut self.machine, querier => querier.poll_transmit(now, buf)) {
            let room = self.clock.room().max(transmit.bytes.len());
            let asked = self.asks.check(self.clock.now, transmit.to, transmit.bytes, room);
            let octets = transmit.bytes.to_vec();
            if !asked.is_empty() {
                assert!(!self.is_down, "a query while the link is down");
                assert!(self.live().next().is_some(), "a query for nobody");
                let most = self.capacity + 2;
                assert!(
                    self.asks.in_a_second(self.clock.now) <= most,
                    "more questions than the cache has room for"
                );
            }
            self.sent.push(octets);
            let old = self.sent.len().saturating_sub(32);
            self.sent.drain(..old);
            return true;
        }
        let event = match &mut self.machine {
            Machine::Alone(querier) => querier.poll_event().map(Event::Querier),
            Machine::InEndpoint(endpoint) => endpoint.poll_event(),
        };
        if let Some(Event::Querier(event)) = event {
            self.note_event(event);
        }
        // That there is still no room is no news: a call that was refused may have made it try.
        event.is_some_and(|event| event != Event::Querier(QuerierEvent::NoRoom) || self.poll_one(now, buf))
    }

    fn before_poll(&mut self) {
        self.no_rooms = 0;
    }

    /// An endpoint looks anew for what it has itself after any call, and may find what it had no room for.
    fn stays_idle(&mut self) {
        if matches!(self.machine, Machine::Alone(_)) {
            assert!(!self.clock.is_drained() || self.poll() == 0, "what was refused has made it speak");
        }
    }

    fn check_drained(&mut self) {
        self.asks.check_drained();
        for request in self.live() {
            assert!(request.ends.is_none_or(|ends| ends > self.clock.now), "{:?} does not end", request.id);
            for (thing, told) in &request.told {
                let (Thing::Instance(name), Some(id)) = (thing, told.1) else { continue };
                let view = with!(&self.machine, querier => querier.instance(id))
                    .expect("an instance that was found");
                assert_eq!(view.name().octets().collect::<Vec<_>>().to_ascii_lowercase(), *name);
            }
        }
    }

    /// To doubt what a request was told, which was told nothing, has the machine look at everything.
    fn nudge(&mut self, now: Instant) {
        let id = self.live().find(|request| request.told.is_empty());
        if let Some(id) = id.map(|request| request.id) {
            with!(&mut self.machine, querier => querier.reconfirm_request(id));
        }
        self.handle_timeout(now);
    }

    fn bounds(&mut self) -> (usize, usize) {
        (300 + 3 * self.capacity * self.slots.max(1), 600 + 8 * self.capacity)
    }
}

/// Everything that a view shows.
fn show(view: &Instance<'_>) -> String {
    let name = octets(&view.name().to_string());
    assert_eq!(view.label(), &name[1..][..view.label().len()]);
    assert_eq!(view.srv().map_or(0, |srv| srv.port), view.port());
    assert_eq!(view.srv().is_some(), view.host().is_some());
    assert_eq!(view.addresses().count(), view.socket_addrs().count());
    let (host, addresses): (_, Vec<_>) =
        (view.host().map(|host| host.to_string()), view.addresses().collect());
    let txt = view.txt().map(|txt| txt.as_octets().to_vec());
    format!("{} of {} at {host:?} {} {addresses:?} {txt:?}", view.name(), view.service_type(), view.port())
}
