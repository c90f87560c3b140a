//! The one place that calls the machine: a responder with the wishes of its application, and what it tells.

use dotlocal::mdns::{Claimed, Config, Responder, ResponderEvent, ResponderStorage, Service, ServiceId};
use dotlocal::{Disposition, Instant, Meta, Transmit};

use super::wish::{Offer, Wish};
use crate::support::{Machine, Name};

/// Capacities, so that the acts can ask for one too many.
/// Room for a family that goes while another comes.
pub(crate) const ADDRESSES: usize = 5;
pub(crate) const SERVICES: usize = 3;
pub(crate) const TXT: usize = 64;
pub(crate) const REPLIES: usize = 4;

pub(crate) type Storage = ResponderStorage<'static, ADDRESSES, { SERVICES + 1 }, TXT, REPLIES>;

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

/// A host that has been switched on.
pub(crate) struct Device<'s> {
    machine: Responder<'s, 'static>,
    services: Vec<(u32, ServiceId)>,
}

impl<'s> Device<'s> {
    pub(crate) fn boot(storage: &'s mut Storage, seed: u32, wish: &Wish) -> Self {
        let machine = Responder::new(storage, Config::new(seed));
        let mut device = Self { machine, services: Vec::new() };
        device.set_hostname(wish.label);
        assert!(device.set_addresses(wish), "the plan asks for more than there is");
        for offer in &wish.offers {
            assert!(device.register(offer), "the plan asks for more than there is");
        }
        device
    }

    pub(crate) fn set_hostname(&mut self, label: &'static str) {
        self.machine.set_hostname(label).expect("a label");
    }

    pub(crate) fn set_addresses(&mut self, wish: &Wish) -> bool {
        self.machine.set_addresses(&wish.addresses).is_ok()
    }

    /// Whether there was room for it.
    pub(crate) fn register(&mut self, offer: &Offer) -> bool {
        let service = Service::new(offer.service_type, offer.port)
            .instance(offer.instance)
            .subtypes(offer.subtypes)
            .txt(&[("v", "0")]);
        let Ok(id) = self.machine.register(service) else { return false };
        self.services.push((offer.key, id));
        offer.txt == "0" || self.set_txt(offer.key, &offer.txt)
    }

    /// Whether the service is there and the text fits.
    pub(crate) fn set_txt(&mut self, key: u32, value: &str) -> bool {
        self.id(key).is_some_and(|id| self.machine.set_txt(id, &[("v", value)]).is_ok())
    }

    pub(crate) fn set_port(&mut self, key: u32, port: u16) -> bool {
        self.id(key).is_some_and(|id| self.machine.set_port(id, port).is_ok())
    }

    pub(crate) fn unregister(&mut self, key: u32) -> bool {
        self.id(key).is_some_and(|id| self.machine.unregister(id).is_ok())
    }

    pub(crate) fn link_down(&mut self) {
        self.machine.link_down();
    }

    pub(crate) fn link_up(&mut self) {
        self.machine.link_up();
    }

    pub(crate) fn stop(&mut self) {
        self.machine.stop();
    }

    pub(crate) fn name(&self, of: Whose) -> Option<Name> {
        let claimed = match of {
            Whose::Host => Claimed::Host,
            Whose::Offer(key) => Claimed::Service(self.id(key)?),
        };
        let name = self.machine.name(claimed)?.to_string();
        Some(name.parse().unwrap_or_else(|error| panic!("the machine shows a name as {name}: {error}")))
    }

    fn id(&self, key: u32) -> Option<ServiceId> {
        self.services.iter().find(|(known, _)| *known == key).map(|(_, id)| *id)
    }

    fn whose(&self, claimed: Claimed) -> Whose {
        match claimed {
            Claimed::Host => Whose::Host,
            Claimed::Service(id) => {
                let service = self.services.iter().find(|(_, known)| *known == id);
                Whose::Offer(service.expect("an event is about a service that was never registered").0)
            }
            Claimed::OtherHost(_) | Claimed::Records(_) => unreachable!("nobody registers those here"),
        }
    }
}

impl Machine for Device<'_> {
    type Event = (Whose, News);

    fn handle_datagram(&mut self, now: Instant, meta: Meta, bytes: &[u8]) -> Disposition {
        self.machine.handle_datagram(now, meta, bytes)
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.machine.handle_timeout(now);
    }

    fn poll_transmit<'b>(&mut self, now: Instant, buf: &'b mut [u8]) -> Option<Transmit<'b>> {
        self.machine.poll_transmit(now, buf)
    }

    fn poll_event(&mut self) -> Option<(Whose, News)> {
        let (claimed, news) = match self.machine.poll_event()? {
            ResponderEvent::Probing(of) => (of, News::Probing),
            ResponderEvent::Established(of) => (of, News::Established),
            ResponderEvent::Renamed { of, .. } => (of, News::Renamed),
            ResponderEvent::Conflict(of) => (of, News::Conflict),
            ResponderEvent::Withdrawn(of) => (of, News::Withdrawn),
            ResponderEvent::TooLarge(of) => (of, News::TooLarge),
        };
        Some((self.whose(claimed), news))
    }

    fn poll_timeout(&self) -> Option<Instant> {
        self.machine.poll_timeout()
    }

    fn told(event: &(Whose, News)) -> (String, Option<String>) {
        (format!("{:?}", event.0), Some(format!("{:?}", event.1)))
    }
}
