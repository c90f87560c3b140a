//! The one place that calls the machines: a host with the wishes of its application, and what it tells.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::net::IpAddr;

use dotlocal::mdns::{
    Claimed, Config, Endpoint, EndpointStorage, Event, InstanceId, Querier, QuerierEvent, QuerierStorage,
    Responder, ResponderEvent, ResponderStorage, Service, ServiceId,
};
use dotlocal::{Disposition, Instant, Meta, Transmit};

use super::wish::{Offer, Wish};
use crate::support::{Machine, Name};

/// Capacities, so that the acts can ask for one too many.
/// Room for a family that goes while another comes.
pub(crate) const ADDRESSES: usize = 5;
pub(crate) const SERVICES: usize = 3;
pub(crate) const TXT: usize = 64;
pub(crate) const REPLIES: usize = 4;
pub(crate) const REQUESTS: usize = 6;
/// Enough for all that is found in a run.
pub(crate) const CACHE: usize = 32_768;

/// What a host has of the machines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Responder,
    Querier,
    Endpoint,
}

/// The memory of a host.
#[expect(clippy::large_enum_variant, reason = "it lives in an arena")]
pub(crate) enum Storage {
    Responder(ResponderStorage<'static, ADDRESSES, { SERVICES + 1 }, TXT, REPLIES>),
    Querier(QuerierStorage<REQUESTS, CACHE>),
    Endpoint(EndpointStorage<'static, ADDRESSES, { SERVICES + 1 }, TXT, REQUESTS, CACHE, REPLIES>),
}

impl Storage {
    pub(crate) fn new(part: Part) -> Self {
        match part {
            Part::Responder => Self::Responder(ResponderStorage::new()),
            Part::Querier => Self::Querier(QuerierStorage::new()),
            Part::Endpoint => Self::Endpoint(EndpointStorage::new()),
        }
    }
}

/// The machine of a host.
pub(crate) enum Unit<'s> {
    Responder(Responder<'s, 'static>),
    Querier(Querier<'s>),
    Endpoint(Endpoint<'s, 'static>),
}

/// What every machine has.
macro_rules! any {
    ($device:expr, |$machine:ident| $call:expr) => {
        match &mut $device.machine {
            Unit::Responder($machine) => $call,
            Unit::Querier($machine) => $call,
            Unit::Endpoint($machine) => $call,
        }
    };
}

/// What a host that is to be found has: `None` for a querier alone.
macro_rules! found {
    ($machine:expr, |$unit:ident| $call:expr) => {
        match $machine {
            Unit::Responder($unit) => Some($call),
            Unit::Endpoint($unit) => Some($call),
            Unit::Querier(_) => None,
        }
    };
}

/// Whose name: the host's, or that of the offer with this key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Whose {
    Host,
    Offer(u32),
}

/// What an event says of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum News {
    Probing,
    Established,
    Renamed,
    Conflict,
    Withdrawn,
    TooLarge,
}

/// What a host tells.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Told {
    /// Of its own names.
    Own(Whose, News),
    /// Of what it looks for, and what was known of it in that moment.
    Other(QuerierEvent, Option<View>),
}

impl Told {
    pub(crate) fn own(&self) -> Option<(Whose, News)> {
        match self {
            Self::Own(whose, news) => Some((*whose, *news)),
            Self::Other(..) => None,
        }
    }
}

/// What a querier shows of an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct View {
    pub(crate) name: Name,
    pub(crate) host: Option<Name>,
    pub(crate) port: u16,
    pub(crate) txt: Option<Vec<Vec<u8>>>,
    pub(crate) addresses: BTreeSet<IpAddr>,
}

/// A host that has been switched on.
pub(crate) struct Device<'s> {
    pub(crate) machine: Unit<'s>,
    services: Vec<(u32, ServiceId)>,
}

impl<'s> Device<'s> {
    pub(crate) fn new(machine: Unit<'s>) -> Self {
        Self { machine, services: Vec::new() }
    }

    pub(crate) fn boot(storage: &'s mut Storage, seed: u32, wish: &Wish) -> Self {
        let config = Config::new(seed);
        let machine = match storage {
            Storage::Responder(storage) => Unit::Responder(Responder::new(storage, config)),
            Storage::Querier(storage) => Unit::Querier(Querier::new(storage, config)),
            Storage::Endpoint(storage) => Unit::Endpoint(Endpoint::new(storage, config)),
        };
        let mut device = Self::new(machine);
        device.set_hostname(wish.label);
        assert!(device.set_addresses(wish), "the plan asks for more than there is");
        for offer in &wish.offers {
            assert!(device.register(offer), "the plan asks for more than there is");
        }
        device
    }

    pub(crate) fn set_hostname(&mut self, label: &'static str) {
        found!(&mut self.machine, |unit| unit.set_hostname(label).expect("a label"));
    }

    pub(crate) fn set_addresses(&mut self, wish: &Wish) -> bool {
        found!(&mut self.machine, |unit| unit.set_addresses(&wish.addresses).is_ok()).unwrap_or(true)
    }

    /// Whether there was room for it.
    pub(crate) fn register(&mut self, offer: &Offer) -> bool {
        let service = Service::new(offer.service_type, offer.port)
            .instance(offer.instance)
            .subtypes(offer.subtypes)
            .txt(&[("v", "0")]);
        let id = found!(&mut self.machine, |unit| unit.register(service).ok());
        let Some(Some(id)) = id else { return false };
        self.services.push((offer.key, id));
        offer.txt == "0" || self.set_txt(offer.key, &offer.txt)
    }

    /// Whether the service is there and the text fits.
    pub(crate) fn set_txt(&mut self, key: u32, value: &str) -> bool {
        let Some(id) = self.id(key) else { return false };
        found!(&mut self.machine, |unit| unit.set_txt(id, &[("v", value)]).is_ok()) == Some(true)
    }

    pub(crate) fn set_port(&mut self, key: u32, port: u16) -> bool {
        let Some(id) = self.id(key) else { return false };
        found!(&mut self.machine, |unit| unit.set_port(id, port).is_ok()) == Some(true)
    }

    pub(crate) fn unregister(&mut self, key: u32) -> bool {
        let Some(id) = self.id(key) else { return false };
        found!(&mut self.machine, |unit| unit.unregister(id).is_ok()) == Some(true)
    }

    pub(crate) fn link_down(&mut self) {
        any!(self, |machine| machine.link_down());
    }

    pub(crate) fn link_up(&mut self) {
        any!(self, |machine| machine.link_up());
    }

    /// A querier alone has nothing to say goodbye for.
    pub(crate) fn stop(&mut self) {
        match &mut self.machine {
            Unit::Responder(machine) => machine.stop(),
            Unit::Endpoint(machine) => machine.stop(),
            Unit::Querier(machine) => machine.link_down(),
        }
    }

    pub(crate) fn name(&self, of: Whose) -> Option<Name> {
        let claimed = match of {
            Whose::Host => Claimed::Host,
            Whose::Offer(key) => Claimed::Service(self.id(key)?),
        };
        Some(name(found!(&self.machine, |unit| unit.name(claimed))??))
    }

    /// What is known of an instance.
    pub(crate) fn instance(&self, id: InstanceId) -> Option<View> {
        let instance = match &self.machine {
            Unit::Responder(_) => None,
            Unit::Querier(machine) => machine.instance(id),
            Unit::Endpoint(machine) => machine.instance(id),
        }?;
        let strings = |txt: dotlocal::wire::Txt<'_>| txt.strings().map(<[u8]>::to_vec).collect();
        Some(View {
            name: name(instance.name()),
            host: instance.host().map(name),
            port: instance.port(),
            txt: instance.txt().map(strings),
            addresses: instance.addresses().collect(),
        })
    }

    fn id(&self, key: u32) -> Option<ServiceId> {
        self.services.iter().find(|(known, _)| *known == key).map(|(_, id)| *id)
    }

    fn own(&self, event: ResponderEvent) -> Told {
        let (claimed, news) = match event {
            ResponderEvent::Probing(of) => (of, News::Probing),
            ResponderEvent::Established(of) => (of, News::Established),
            ResponderEvent::Renamed { of, .. } => (of, News::Renamed),
            ResponderEvent::Conflict(of) => (of, News::Conflict),
            ResponderEvent::Withdrawn(of) => (of, News::Withdrawn),
            ResponderEvent::TooLarge(of) => (of, News::TooLarge),
        };
        let whose = match claimed {
            Claimed::Host => Whose::Host,
            Claimed::Service(id) => {
                let service = self.services.iter().find(|(_, known)| *known == id);
                Whose::Offer(service.expect("an event is about a service that was never registered").0)
            }
            Claimed::OtherHost(_) | Claimed::Records(_) => unreachable!("nobody registers those here"),
        };
        Told::Own(whose, news)
    }

    fn other(&self, event: QuerierEvent) -> Told {
        use QuerierEvent::{Found, Lost, Resolved, Updated};
        let view = match event {
            Found { instance, .. }
            | Resolved { instance, .. }
            | Updated { instance, .. }
            | Lost { instance, .. } => self.instance(instance),
            _ => None,
        };
        Told::Other(event, view)
    }
}

/// A name as the machine shows it.
fn name(shown: impl Display) -> Name {
    let text = shown.to_string();
    text.parse().unwrap_or_else(|error| panic!("the machine shows a name as {text}: {error}"))
}

impl Machine for Device<'_> {
    type Event = Told;

    fn handle_datagram(&mut self, now: Instant, meta: Meta, bytes: &[u8]) -> Disposition {
        any!(self, |machine| machine.handle_datagram(now, meta, bytes))
    }

    fn handle_timeout(&mut self, now: Instant) {
        any!(self, |machine| machine.handle_timeout(now));
    }

    fn poll_transmit<'b>(&mut self, now: Instant, buf: &'b mut [u8]) -> Option<Transmit<'b>> {
        any!(self, |machine| machine.poll_transmit(now, buf))
    }

    fn poll_event(&mut self) -> Option<Told> {
        let event = match &mut self.machine {
            Unit::Responder(machine) => Event::Responder(machine.poll_event()?),
            Unit::Querier(machine) => Event::Querier(machine.poll_event()?),
            Unit::Endpoint(machine) => machine.poll_event()?,
        };
        Some(match event {
            Event::Responder(event) => self.own(event),
            Event::Querier(event) => self.other(event),
        })
    }

    fn poll_timeout(&self) -> Option<Instant> {
        match &self.machine {
            Unit::Responder(machine) => machine.poll_timeout(),
            Unit::Querier(machine) => machine.poll_timeout(),
            Unit::Endpoint(machine) => machine.poll_timeout(),
        }
    }

    fn told(&self, event: &Told) -> (String, Option<String>) {
        match event {
            Told::Own(whose, news) => (format!("{whose:?}"), Some(format!("{news:?}"))),
            Told::Other(event, _) => (String::new(), Some(format!("{event:?}"))),
        }
    }
}
