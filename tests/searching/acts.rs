//! What happens to hosts and link: power, network, and the calls of the applications.

use std::net::{Ipv4Addr, SocketAddr};

use dotlocal::Destination;

use super::draw::{self, ADDRESS_SETS, LABELS};
use super::finder::{SMALL, Wanted};
use super::host::Device;
use super::invariant::Invariant;
use super::plan::Act;
use super::wish::{Offer, Power};
use super::world::World;

impl World<'_> {
    pub(super) fn act(&mut self, act: Act) {
        match act {
            Act::Boot(host) => {
                self.note(host, "is switched on");
                self.unplug(host);
                self.judge.powered(self.now, host, Power::Off);
                self.boot(host);
                self.power(host, Power::Up);
            }
            Act::Crash(host) => {
                self.note(host, "crashes");
                self.unplug(host);
                self.power(host, Power::Off);
            }
            Act::Stop(host) if self.is(host, Power::Up) => {
                self.note(host, "stops");
                self.with(host, |device, _| device.stop());
                self.judge.powered(self.now, host, Power::Stopped);
                self.settle(host, true);
            }
            Act::LinkDown(host) if self.is(host, Power::Up) => {
                self.note(host, "link down");
                self.with(host, |device, _| device.link_down());
                self.power(host, Power::Down);
            }
            Act::LinkUp(host) if !self.is(host, Power::Off) => {
                self.note(host, "link up");
                self.with(host, |device, _| device.link_up());
                self.judge.confirms_all(self.now, host);
                self.power(host, Power::Up);
            }
            Act::Network(host) if !self.is(host, Power::Off) => {
                self.note(host, "another network");
                self.with(host, |device, _| device.network_changed());
                self.judge.forgets(self.now, host);
                self.power(host, Power::Up);
            }
            Act::Txt(host) => {
                let value = self.prng.below(1_000).to_string();
                self.change_offer(host, |device, offer| {
                    offer.txt.clone_from(&value);
                    device.set_txt(offer.key, &value)
                });
            }
            Act::Port(host) => {
                let port = 1 + self.prng.below(65_535) as u16;
                self.change_offer(host, |device, offer| {
                    offer.port = port;
                    device.set_port(offer.key, port)
                });
            }
            Act::Addresses(host) if !self.is(host, Power::Off) => {
                let set = self.prng.below(ADDRESS_SETS);
                self.judge.models[host].wish.addresses = draw::addresses(host, set);
                let wish = self.judge.models[host].wish.clone();
                self.note(host, &format!("addresses {:?}", wish.addresses));
                self.with(host, |device, _| device.set_addresses(&wish));
                self.settle(host, false);
            }
            Act::Hostname(host) if !self.is(host, Power::Off) => {
                let label = self.prng.pick(&LABELS);
                self.note(host, &format!("host name {label}"));
                self.judge.models[host].wish.label = label;
                self.with(host, |device, _| device.set_hostname(label));
                self.settle(host, false);
            }
            Act::Register(host) if !self.is(host, Power::Off) => self.register(host),
            Act::Unregister(host) if !self.is(host, Power::Off) => self.unregister(host),
            Act::Want(host) if !self.is(host, Power::Off) => self.want(host),
            Act::Cancel(host) if !self.is(host, Power::Off) => self.cancel(host),
            Act::Reconfirm(host) if !self.is(host, Power::Off) => self.reconfirm(host),
            Act::Weather(weather) => {
                self.record.act(self.now, None, format!("weather: {weather:?}"));
                self.link.weather = weather;
            }
            Act::Split(sides) => {
                self.record.act(self.now, None, format!("partition {sides:?}"));
                self.link.sides = sides;
            }
            Act::Merge => {
                self.record.act(self.now, None, "the link is whole".to_owned());
                self.link.sides.fill(0);
            }
            Act::Ask => self.ask(),
            Act::Twin => self.twin(),
            Act::Rival => self.rival(),
            Act::Probe => self.probe(),
            Act::Announce => {
                let source = SocketAddr::new(Ipv4Addr::new(10, 0, 200, 8).into(), 5353);
                let text = format!("! {SMALL}.local 120 flush A {}", source.ip());
                let message = text.parse().unwrap_or_else(|error| panic!("{error}"));
                self.say_later(0, source, Destination::Multicast, &message);
            }
            // The host is not in a state for it.
            _ => {}
        }
    }

    fn is(&self, host: usize, power: Power) -> bool {
        self.judge.models[host].power == power
    }

    fn note(&mut self, host: usize, what: &str) {
        self.record.act(self.now, Some(host), what.to_owned());
    }

    fn power(&mut self, host: usize, power: Power) {
        self.judge.powered(self.now, host, power);
        self.settle(host, false);
    }

    fn change_offer(&mut self, host: usize, change: impl FnOnce(&mut Device<'_>, &mut Offer) -> bool) {
        let count = self.judge.models[host].wish.offers.len();
        if count == 0 || self.is(host, Power::Off) {
            return;
        }
        let index = self.prng.below(count);
        let mut offer = self.judge.models[host].wish.offers[index].clone();
        if self.with(host, |device, _| change(device, &mut offer)) != Some(true) {
            self.judge.broken(host, Invariant::Driver, format!("{offer:?} cannot be changed"));
        }
        self.note(
            host,
            &format!("{} {}: port {}, v={}", offer.instance, offer.service_type, offer.port, offer.txt),
        );
        self.judge.models[host].wish.offers[index] = offer;
        self.settle(host, false);
    }

    fn register(&mut self, host: usize) {
        if self.births[host].part == super::host::Part::Querier {
            return;
        }
        let Some(offer) = draw::offer(&mut self.prng, &mut self.judge.models[host].wish) else { return };
        self.note(host, &format!("registers {} {}", offer.instance, offer.service_type));
        self.with(host, |device, _| device.register(&offer));
        self.judge.models[host].wish.offers.push(offer);
        self.settle(host, false);
    }

    fn unregister(&mut self, host: usize) {
        let count = self.judge.models[host].wish.offers.len();
        if count == 0 {
            return;
        }
        let index = self.prng.below(count);
        let offer = self.judge.models[host].wish.offers.remove(index);
        self.note(host, &format!("unregisters {} {}", offer.instance, offer.service_type));
        self.with(host, |device, _| device.unregister(offer.key));
        self.settle(host, false);
    }

    fn want(&mut self, host: usize) {
        let wanted = Wanted::draw(&mut self.prng);
        self.look_for(host, wanted);
    }

    pub(super) fn look_for(&mut self, host: usize, wanted: Wanted) {
        if let Some(Some(id)) = self.with(host, |device, _| device.want(&wanted)) {
            self.note(host, &format!("looks for {wanted:?}"));
            self.judge.wants(self.now, host, id, wanted);
            self.settle(host, false);
        }
    }

    fn cancel(&mut self, host: usize) {
        let open = self.judge.open(host);
        if !open.is_empty() {
            let (id, wanted) =
                self.prng.pick(&(0..open.len()).map(|at| &open[at]).collect::<Vec<_>>()).clone();
            self.note(host, &format!("cancels {wanted:?}"));
            self.with(host, |device, _| device.cancel(id));
            self.judge.cancelled(self.now, host, id);
            self.settle(host, false);
        }
    }

    fn reconfirm(&mut self, host: usize) {
        let shown = self.judge.shown(host);
        if !shown.is_empty() {
            let (id, name) = shown[self.prng.below(shown.len())].clone();
            self.note(host, &format!("doubts {name}"));
            let of = self.with(host, |device, _| {
                device.reconfirm(id);
                device.instance(id).and_then(|view| view.host)
            });
            self.judge.confirms(self.now, host, &name, of.flatten().as_ref());
            self.settle(host, false);
        }
    }
}
