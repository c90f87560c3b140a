//! What happens to hosts and link: power, network, and the calls of the applications.

use super::draw::{self, ADDRESS_SETS, LABELS};
use super::host::{ADDRESSES, SERVICES, TXT, Whose};
use super::invariant::Invariant;
use super::judge::{after_change, after_goodbye, after_new_name};
use super::plan::Act;
use super::wish::{Offer, Own, Power};
use super::world::World;

impl World<'_> {
    pub(super) fn act(&mut self, act: Act) {
        let slowest = self.link.weather.delay.1 + self.link.weather.late;
        match act {
            Act::Boot(host) => {
                self.note(host, "is switched on");
                if self.devices[host].is_some() {
                    self.crash(host);
                }
                self.boot(host);
                self.judge.boots(host);
                self.settle(host, false);
            }
            Act::Crash(host) => {
                self.note(host, "crashes");
                self.crash(host);
            }
            Act::Stop(host) if self.is(host, Power::Up) => self.stop(host, slowest),
            Act::LinkDown(host) if self.is(host, Power::Up) => {
                self.note(host, "link down");
                self.judge.leaves(host, Power::Down);
                self.with(host, |device, _| device.link_down());
                self.settle(host, false);
            }
            Act::LinkUp(host) if !self.is(host, Power::Off) => {
                self.note(host, "link up");
                self.judge.link_up(host);
                self.with(host, |device, _| device.link_up());
                self.settle(host, false);
            }
            Act::Txt(host) => {
                let value = self.prng.below(1_000).to_string();
                self.change_offer(host, slowest, |device, offer| {
                    offer.txt.clone_from(&value);
                    device.set_txt(offer.key, &value)
                });
            }
            Act::Port(host) => {
                let port = 1 + self.prng.below(65_535) as u16;
                self.change_offer(host, slowest, |device, offer| {
                    offer.port = port;
                    device.set_port(offer.key, port)
                });
            }
            Act::Addresses(host) if !self.is(host, Power::Off) => {
                let set = self.prng.below(ADDRESS_SETS);
                self.readdress(host, set, slowest);
            }
            Act::Hostname(host) if !self.is(host, Power::Off) => {
                let label = self.prng.pick(&LABELS);
                self.rehost(host, label, slowest);
            }
            Act::Register(host) if !self.is(host, Power::Off) => self.register(host),
            Act::Unregister(host) if !self.is(host, Power::Off) => self.unregister(host, slowest),
            Act::Overfill(host) if !self.is(host, Power::Off) => self.overfill(host),
            Act::Weather(weather) => {
                self.record.act(self.now, None, format!("weather: {weather:?}"));
                self.link.weather = weather;
            }
            Act::Split(sides) => {
                self.record.act(self.now, None, format!("partition {sides:?}"));
                self.link.sides = sides;
            }
            Act::Merge { told } => self.merge(told),
            Act::Ask => self.ask(),
            Act::Twin => self.twin(),
            Act::Rival => self.rival(),
            Act::Probe => self.probe(),
            Act::Stubborn(millis) => {
                self.record.act(self.now, None, format!("somebody wants every name for {millis} ms"));
                self.stubborn_until = self.now + millis;
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

    fn crash(&mut self, host: usize) {
        let before = self.judge.models[host].records.clone();
        self.judge.leaves(host, Power::Off);
        self.judge.withdrawn(host, &before, |_| None);
        self.unplug(host);
    }

    fn stop(&mut self, host: usize, slowest: u64) {
        self.note(host, "stops");
        let before = self.judge.models[host].records.clone();
        self.judge.leaves(host, Power::Stopped);
        self.judge.withdrawn(host, &before, after_goodbye(slowest));
        self.with(host, |device, _| device.stop());
        self.settle(host, true);
    }

    /// Makes a call that changes records, and tells the checker which ones are gone.
    fn change(&mut self, host: usize, within: impl Fn(&Own) -> Option<u64>, call: impl FnOnce(&mut Self)) {
        let before = self.judge.models[host].records.clone();
        call(self);
        self.settle(host, false);
        let is_up = self.is(host, Power::Up);
        self.judge.withdrawn(host, &before, |own| within(own).filter(|_| is_up));
    }

    fn change_offer(
        &mut self,
        host: usize,
        slowest: u64,
        change: impl FnOnce(&mut super::host::Device<'_>, &mut Offer) -> bool,
    ) {
        let count = self.judge.models[host].wish.offers.len();
        if count == 0 || self.is(host, Power::Off) {
            return;
        }
        let index = self.prng.below(count);
        let mut offer = self.judge.models[host].wish.offers[index].clone();
        self.change(host, after_change(slowest), |world| {
            let done = world.with(host, |device, _| change(device, &mut offer));
            if done != Some(true) {
                world.judge.broken(host, Invariant::Tables, format!("{offer:?} cannot be changed"));
            }
            world.note(
                host,
                &format!("{} {}: port {}, v={}", offer.instance, offer.service_type, offer.port, offer.txt),
            );
            let key = offer.key;
            world.judge.models[host].wish.offers[index] = offer;
            world.judge.has_news(host, Whose::Offer(key));
        });
    }

    fn readdress(&mut self, host: usize, set: usize, slowest: u64) {
        let addresses = draw::addresses(host, set);
        self.change(host, after_change(slowest), |world| {
            world.note(host, &format!("addresses {addresses:?}"));
            world.judge.models[host].wish.addresses = addresses;
            let wish = world.judge.models[host].wish.clone();
            if world.with(host, |device, _| device.set_addresses(&wish)) != Some(true) {
                world.judge.broken(host, Invariant::Tables, "no room for the addresses".to_owned());
            }
            world.judge.has_news(host, Whose::Host);
        });
    }

    fn rehost(&mut self, host: usize, label: &'static str, slowest: u64) {
        let same = self.judge.models[host].wish.label == label;
        self.change(host, after_new_name(slowest), |world| {
            world.note(host, &format!("host name {label}"));
            world.judge.models[host].wish.label = label;
            world.with(host, |device, _| device.set_hostname(label));
            if !same {
                world.judge.begins(host, Whose::Host);
            }
        });
    }

    fn register(&mut self, host: usize) {
        let Some(offer) = draw::offer(&mut self.prng, &mut self.judge.models[host].wish) else { return };
        self.note(host, &format!("registers {} {}", offer.instance, offer.service_type));
        if self.with(host, |device, _| device.register(&offer)) != Some(true) {
            self.judge.broken(host, Invariant::Tables, format!("{offer:?} is not registered"));
        }
        let key = offer.key;
        self.judge.models[host].wish.offers.push(offer);
        self.judge.begins(host, Whose::Offer(key));
        self.settle(host, false);
    }

    fn unregister(&mut self, host: usize, slowest: u64) {
        let count = self.judge.models[host].wish.offers.len();
        if count == 0 {
            return;
        }
        let index = self.prng.below(count);
        self.change(host, after_goodbye(slowest), |world| {
            let offer = world.judge.models[host].wish.offers.remove(index);
            world.note(host, &format!("unregisters {} {}", offer.instance, offer.service_type));
            world.judge.ends(host, Whose::Offer(offer.key));
            if world.with(host, |device, _| device.unregister(offer.key)) != Some(true) {
                world.judge.broken(host, Invariant::Tables, format!("{offer:?} is not withdrawn"));
            }
        });
    }

    /// Calls that must fail. That the old stands is seen by everything that the host says later.
    fn overfill(&mut self, host: usize) {
        self.note(host, "asks for more than there is");
        let mut wish = self.judge.models[host].wish.clone();
        wish.addresses = (0..=ADDRESSES).map(|last| (draw::addresses(200 + last, 0)[0].0, 16)).collect();
        if self.with(host, |device, _| device.set_addresses(&wish)) == Some(true) {
            self.judge.broken(
                host,
                Invariant::Tables,
                format!("{} addresses are taken", wish.addresses.len()),
            );
        }
        if let Some(offer) = wish.offers.first().cloned() {
            let long = "v".repeat(TXT);
            if self.with(host, |device, _| device.set_txt(offer.key, &long)) == Some(true) {
                self.judge.broken(host, Invariant::Tables, "a TXT that is too long is taken".to_owned());
            }
            // After a rename the name that was wished for is free again on this host.
            let name = self.judge.models[host]
                .names
                .get(&Whose::Offer(offer.key))
                .map(|held| held.name.0[0].clone());
            let is_renamed = name.is_none_or(|name| name != offer.instance.to_ascii_lowercase().into_bytes());
            let twice = Offer { key: 1_000_000, ..offer };
            if !is_renamed && self.with(host, |device, _| device.register(&twice)) == Some(true) {
                self.judge.broken(host, Invariant::Tables, "an instance is registered twice".to_owned());
            }
        }
        if wish.offers.len() == SERVICES {
            let more = Offer { key: 1_000_001, instance: "One too many", ..wish.offers[0].clone() };
            if self.with(host, |device, _| device.register(&more)) == Some(true) {
                self.judge.broken(
                    host,
                    Invariant::Tables,
                    "a service is taken for which there is no slot".to_owned(),
                );
            }
        }
        self.settle(host, false);
    }

    fn merge(&mut self, told: bool) {
        self.record.act(
            self.now,
            None,
            format!("the link is whole{}", if told { ", all are told" } else { "" }),
        );
        self.link.sides.fill(0);
        for host in 0..self.births.len() {
            if told && matches!(self.judge.models[host].power, Power::Up | Power::Down) {
                let at = self.now + self.prng.below(1_000) as u64;
                self.plan(at, Act::LinkUp(host));
            }
        }
    }
}
