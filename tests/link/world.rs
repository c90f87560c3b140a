//! The run: time goes from one thing to the next, a deadline of a host, a datagram that arrives, or an act.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;

use dotlocal::{Destination, Meta};
use typed_arena::Arena;

use super::draw::Birth;
use super::findings::Broken;
use super::host::{Device, News, Storage, Told};
use super::invariant::Invariant;
use super::judge::Judge;
use super::link::{Link, Packet};
use super::plan::{Act, Plan};
use super::record::Record;
use super::wish::Power;
use crate::support::octets::decode;
use crate::support::prng::Prng;
use crate::support::{Clock, Machine, Output};

/// What a run came to.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Figures {
    pub(crate) hosts: u64,
    /// Datagrams that left, of hosts and of the observer.
    pub(crate) sent: u64,
    /// Copies that arrived at a node, and copies that did not.
    pub(crate) delivered: u64,
    pub(crate) lost: u64,
    pub(crate) millis: u64,
    pub(crate) wakes: u64,
    pub(crate) conflicts: u64,
    pub(crate) renames: u64,
    /// Events of queriers.
    pub(crate) finds: u64,
}

impl Figures {
    fn count(&mut self, event: &Told) {
        match event {
            Told::Own(_, News::Conflict) => self.conflicts += 1,
            Told::Own(_, News::Renamed) => self.renames += 1,
            Told::Own(..) => {}
            Told::Other(..) => self.finds += 1,
        }
    }
}

enum Coming {
    Packet { to: usize, packet: Rc<Packet> },
    Act(Act),
}

pub(crate) struct World<'s> {
    pub(crate) now: u64,
    arena: &'s Arena<Storage>,
    pub(super) births: Vec<Birth>,
    pub(super) devices: Vec<Option<Device<'s>>>,
    clocks: Vec<Clock>,
    sent_by: Vec<u64>,
    /// When each host wants to be woken, by the link's clock.
    due: Vec<Option<u64>>,
    pub(crate) link: Link,
    coming: BTreeMap<(u64, u64), Coming>,
    serial: u64,
    pub(super) prng: Prng,
    pub(crate) judge: Judge,
    pub(crate) record: Record,
    pub(crate) figures: Figures,
    /// Until when somebody wants every name.
    pub(super) stubborn_until: u64,
    pub(crate) end: u64,
}

impl<'s> World<'s> {
    pub(crate) fn new(arena: &'s Arena<Storage>, plan: Plan) -> Self {
        let Plan { seed, births, weather, acts, end } = plan;
        let mut prng = Prng(!seed);
        let hosts = births.len();
        let link = Link { weather, sides: vec![0; hosts + 1], prng: Prng(prng.next()) };
        let clock = |birth: &Birth| Clock { start: birth.skew.start, buffer: birth.buffer, ..Clock::new() };
        let mut world = Self {
            now: 0,
            arena,
            devices: births.iter().map(|_| None).collect(),
            clocks: births.iter().map(clock).collect(),
            sent_by: vec![0; hosts],
            due: vec![None; hosts],
            link,
            coming: BTreeMap::new(),
            serial: 0,
            prng,
            judge: Judge::new(&births),
            record: Record::default(),
            figures: Figures { hosts: hosts as u64, ..Figures::default() },
            stubborn_until: 0,
            births,
            end,
        };
        acts.into_iter().for_each(|(at, act)| world.plan(at, act));
        world
    }

    /// The node that is no host: it asks, and listens.
    pub(crate) fn observer(&self) -> usize {
        self.births.len()
    }

    pub(crate) fn plan(&mut self, at: u64, act: Act) {
        self.come(at, Coming::Act(act));
    }

    fn come(&mut self, at: u64, coming: Coming) {
        self.serial += 1;
        self.coming.insert((at.max(self.now), self.serial), coming);
    }

    /// Runs to the end, or to the first broken invariant.
    pub(crate) fn run(&mut self) -> Option<Broken> {
        self.run_until(self.end);
        self.judge.finish();
        self.figures.millis = self.now;
        self.figures.wakes = self.clocks.iter().map(|clock| u64::from(clock.wakes)).sum();
        self.judge.findings.first.clone()
    }

    pub(crate) fn run_until(&mut self, end: u64) {
        while self.judge.findings.first.is_none() {
            let deadline = (0..self.due.len()).filter_map(|host| Some((self.due[host]?, host))).min();
            let coming = self.coming.keys().next().map(|(at, _)| *at);
            // A host acts on its deadline before it hears what comes at the same moment.
            let wake = deadline.filter(|(at, _)| coming.is_none_or(|coming| *at <= coming));
            let Some(next) = wake.map(|(at, _)| at).or(coming).filter(|next| *next <= end) else { break };
            self.pass(next);
            if let Some((_, host)) = wake {
                self.wake(host);
            } else if let Some((_, coming)) = self.coming.pop_first() {
                match coming {
                    Coming::Packet { to, packet } => self.arrives(to, &packet),
                    Coming::Act(act) => self.act(act),
                }
            }
        }
        if self.judge.findings.first.is_none() {
            self.pass(end);
        }
    }

    fn pass(&mut self, to: u64) {
        let silent = to - self.now > 250;
        // What the devices show has to be true up to the moment before.
        self.judge.until(to, silent, &self.devices);
        self.now = to;
    }

    /// How many datagrams the host has sent, and how often a deadline has woken it.
    pub(crate) fn own_packets(&self, host: usize) -> u64 {
        self.sent_by[host]
    }

    pub(crate) fn wakes(&self, host: usize) -> u32 {
        self.clocks[host].wakes
    }

    fn wake(&mut self, host: usize) {
        self.record.deadline(self.now, host);
        self.clocks[host].wakes += 1;
        self.with(host, |device, clock| device.handle_timeout(clock.instant()));
        self.settle(host, false);
    }

    /// Whatever a driver does begins by looking at the clock.
    pub(super) fn with<T>(
        &mut self,
        host: usize,
        call: impl FnOnce(&mut Device<'s>, &Clock) -> T,
    ) -> Option<T> {
        let clock = &mut self.clocks[host];
        clock.now = self.births[host].skew.local(self.now);
        self.devices[host].as_mut().map(|device| call(device, clock))
    }

    pub(super) fn boot(&mut self, host: usize) {
        let birth = &mut self.births[host];
        birth.seed = birth.seed.wrapping_mul(31).wrapping_add(7);
        let wish = &self.judge.models[host].wish;
        self.devices[host] = Some(Device::boot(self.arena.alloc(Storage::new(birth.part)), birth.seed, wish));
    }

    pub(super) fn unplug(&mut self, host: usize) {
        self.devices[host] = None;
        self.due[host] = None;
    }

    /// The driver's drain. `stopped_now`: it follows the call that stops the host.
    pub(super) fn settle(&mut self, host: usize, stopped_now: bool) {
        let drained = self.with(host, |device, clock| {
            let drained = clock.drain(device);
            (drained, clock.deadline(device))
        });
        let Some((drained, deadline)) = drained else { return };
        let outputs = match drained {
            Ok(outputs) => outputs,
            Err(text) => return self.judge.broken(host, Invariant::Driver, text),
        };
        self.due[host] = deadline.map(|local| self.births[host].skew.global(local).max(self.now + 1));
        let mut events = Vec::new();
        for output in &outputs {
            if let Output::Told(_, event) = output {
                self.record.told(self.now, host, self.describe(host, event));
                self.figures.count(event);
                events.push(event.clone());
            }
        }
        if let Some(device) = &self.devices[host] {
            self.judge.told(host, device, &events);
        }
        for output in outputs {
            if let Output::Sent(sent) = output {
                self.transmit(host, sent.to, sent.bytes, stopped_now);
            }
        }
    }

    fn describe(&self, host: usize, event: &Told) -> String {
        match event {
            Told::Own(whose, news) => {
                let name = self.devices[host].as_ref().and_then(|device| device.name(*whose));
                format!("{news:?} {}", name.map_or(String::new(), |name| name.to_string()))
            }
            Told::Other(event, Some(view)) => {
                let word = format!("{event:?}");
                let text: Vec<_> =
                    view.txt.iter().flatten().map(|text| String::from_utf8_lossy(text)).collect();
                format!(
                    "{} {} port {} {text:?} {:?}",
                    word.split(' ').next().unwrap_or(""),
                    view.name,
                    view.port,
                    view.addresses
                )
            }
            Told::Other(event, None) => format!("{event:?}"),
        }
    }

    fn transmit(&mut self, host: usize, to: Destination, octets: Vec<u8>, stopped_now: bool) {
        let source = SocketAddr::new(self.judge.models[host].wish.addresses[0].0, 5353);
        let message = match decode(&octets) {
            Ok(message) => message,
            Err(text) => return self.judge.broken(host, Invariant::Form, text),
        };
        let packet = Rc::new(Packet::new(host, source, to, self.now, octets, message));
        self.sent_by[host] += 1;
        self.judge.sent(&packet, stopped_now);
        self.carry(packet);
    }

    /// Puts a datagram on the wire.
    pub(super) fn carry(&mut self, packet: Rc<Packet>) {
        self.figures.sent += 1;
        let models = &self.judge.models;
        let is_at = |node: usize, ip: IpAddr| match models.get(node) {
            Some(model) => model.wish.addresses.iter().any(|(own, _)| *own == ip),
            None => super::observer::is_ours(ip),
        };
        let fates = self.link.carry(&packet, |node| match packet.to {
            Destination::Multicast => models.get(node).is_none_or(|model| model.power != Power::Off),
            Destination::Unicast(to) => is_at(node, to.ip()),
        });
        for fate in &fates {
            match fate.at {
                Some(at) => self.come(at, Coming::Packet { to: fate.to, packet: Rc::clone(&packet) }),
                None => self.misses(fate.to, &packet),
            }
        }
        self.record.said(packet, fates);
    }

    fn misses(&mut self, to: usize, packet: &Packet) {
        self.figures.lost += 1;
        self.judge.lost(packet, to);
    }

    fn arrives(&mut self, to: usize, packet: &Rc<Packet>) {
        if to == self.observer() {
            self.figures.delivered += 1;
            self.judge.observed(packet);
            return self.observe(packet);
        }
        if !matches!(self.judge.models[to].power, Power::Up | Power::Stopped) {
            return self.misses(to, packet);
        }
        self.figures.delivered += 1;
        self.judge.heard(to, packet, packet.source);
        let meta = Meta::mdns(packet.source, packet.is_multicast());
        self.with(to, |device, clock| device.handle_datagram(clock.instant(), meta, &packet.octets));
        self.settle(to, false);
    }
}
