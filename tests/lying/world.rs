//! A resolver, its driver, its servers and the paths between them under one virtual clock.

use std::collections::{BTreeMap, BTreeSet};

use dotlocal::resolver::{Event, Resolver, ResolverStorage};
use dotlocal::{Channel, Destination, Disposition, Instant, Meta};

use super::figures::Figures;
use super::forger::{BURSTS, Forger, ID, OFFERED, PORT};
use super::judge::{Facts, Looked, judge};
use super::plan::{Held, Plan};
use super::server::Sent;
use crate::lab::Asked;
use crate::support::kind;
use crate::support::octets::decode;
use crate::support::prng::Prng;
use crate::support::text::hex;

enum Happening {
    Begins(usize),
    Arrives(Sent, u64),
    Forges(usize),
}

/// Runs a plan; what is wrong is told with all that happened.
pub(crate) fn run(plan: &Plan) -> Result<Figures, String> {
    if plan.has_stream {
        run_in(plan, &mut ResolverStorage::<4, 4, 16_384, 2_048>::new())
    } else {
        run_in(plan, &mut ResolverStorage::<4, 4, 16_384, 0>::new())
    }
}

fn run_in<const STREAM: usize>(
    plan: &Plan,
    storage: &mut ResolverStorage<4, 4, 16_384, STREAM>,
) -> Result<Figures, String> {
    let (mut drawn, held) = (Prng(!plan.seed), plan.held);
    let mut random = move || match held {
        Held::Nothing => (drawn.next() >> 16) as u32,
        Held::Id => u32::from(ID) << 16 | u32::from(drawn.word()),
        Held::IdAndPort => u32::from(ID) << 16 | u32::from(PORT),
    };
    let mut resolver = Resolver::new(storage, &mut random, plan.config);
    let servers: Vec<_> = plan.servers.iter().map(|server| server.address).collect();
    resolver.set_servers(&servers).unwrap();
    let mut world = World {
        plan,
        prng: Prng(plan.seed ^ 0xD1B5_4A32_D192_ED03),
        now: 0,
        resolver,
        coming: BTreeMap::new(),
        number: 0,
        connections: BTreeMap::new(),
        looked: Vec::new(),
        forgers: Vec::new(),
        facts: Facts::default(),
        figures: Figures::default(),
        record: Vec::new(),
    };
    world
        .run()
        .map(|()| world.figures.clone())
        .map_err(|wrong| format!("{wrong}\n{}\nthe servers: {:#?}", world.record.join("\n"), plan.servers))
}

struct World<'p, 's> {
    plan: &'p Plan,
    prng: Prng,
    now: u64,
    resolver: Resolver<'s>,
    /// By time, and of one time in their order.
    coming: BTreeMap<(u64, u64), Happening>,
    number: u64,
    /// Channels that are open, each with the number of the query that opened it.
    connections: BTreeMap<Socket, u64>,
    looked: Vec<Looked>,
    forgers: Vec<Forger>,
    facts: Facts,
    figures: Figures,
    record: Vec<String>,
}

/// A channel at a server, in an order: whether it is a connection, and its number.
type Socket = (std::net::SocketAddr, bool, u16);

impl World<'_, '_> {
    fn run(&mut self) -> Result<(), String> {
        for (index, wish) in self.plan.wishes.iter().enumerate() {
            self.comes(wish.at, Happening::Begins(index));
        }
        loop {
            self.drain()?;
            let of_machine = self.resolver.poll_timeout().map(|due| {
                let now = self.instant();
                self.now + u64::from(due.millis_until(now))
            });
            let of_world = self.coming.keys().next().map(|key| key.0);
            let is_busy = self.looked.iter().any(|looked| looked.is_open()) || of_world.is_some();
            let Some(next) = of_machine.into_iter().chain(of_world).min().filter(|_| is_busy) else { break };
            self.now = next;
            if of_world == Some(next) {
                let (_, happening) = self.coming.pop_first().unwrap();
                self.happens(happening)?;
            } else {
                self.resolver.handle_timeout(self.instant());
            }
        }
        self.looked.iter().try_for_each(|looked| match looked.is_open() {
            true => Err(format!("{looked:?} has no outcome")),
            false => Ok(()),
        })
    }

    fn instant(&self) -> Instant {
        Instant::from_millis(self.plan.start.wrapping_add(self.now as u32))
    }

    fn comes(&mut self, at: u64, happening: Happening) {
        self.number += 1;
        self.coming.insert((at, self.number), happening);
    }

    fn happens(&mut self, happening: Happening) -> Result<(), String> {
        match happening {
            Happening::Begins(index) => {
                let wish = self.plan.wishes[index];
                self.note(format!("looks {} up, {:?}, {} ms", wish.name, wish.families, self.plan.timeout));
                let id = self.resolver.lookup(wish.name, wish.families, self.plan.timeout).unwrap();
                self.looked.push(Looked::new(id, wish.name, wish.families, self.now, self.plan.timeout));
                if self.plan.is_attacked {
                    self.attack(wish.name, if wish.families.v4() { kind::A } else { kind::AAAA });
                }
            }
            Happening::Arrives(sent, opened_by) => self.arrives(sent, opened_by),
            Happening::Forges(index) => {
                let is_open = self.resolver.channels().next().is_some();
                self.figures.in_time += if is_open { u64::from(OFFERED / BURSTS) } else { 0 };
                for _ in 0..OFFERED / BURSTS {
                    let (source, channel, octets) = self.forgers[index].guess();
                    let now = Instant::from_millis(self.plan.start.wrapping_add(self.now as u32));
                    let meta = Meta::server(source, channel);
                    let disposition = self.resolver.handle_datagram(now, meta, octets);
                    self.figures.offered += 1;
                    self.figures.taken += u64::from(disposition == Disposition::Used);
                }
            }
        }
        Ok(())
    }

    fn attack(&mut self, name: &str, qtype: u16) {
        let servers = self.plan.servers.iter().map(|server| server.address).collect();
        let prng = Prng(self.prng.next());
        self.forgers.push(Forger::new(name, qtype, servers, self.plan.held, prng));
        for burst in 0..BURSTS {
            self.comes(self.now + u64::from(burst), Happening::Forges(self.forgers.len() - 1));
        }
    }

    /// What comes to a socket that is closed gets nowhere; but one that was not closed yet may bring it all the same.
    fn arrives(&mut self, sent: Sent, opened_by: u64) {
        let open = self.connections.get(&key(sent.source, sent.channel));
        if matches!(sent.channel, Channel::Tcp(_)) && open.is_some_and(|number| *number != opened_by) {
            return;
        }
        self.facts.note(&sent);
        let meta = Meta::server(sent.source, sent.channel);
        let disposition = self.resolver.handle_datagram(self.instant(), meta, &sent.octets);
        let what = match decode(&sent.octets) {
            _ if sent.octets.is_empty() => "nobody is there".to_owned(),
            Ok(message) if !matches!(sent.channel, Channel::Tcp(_)) => message.to_string(),
            _ => hex(&sent.octets),
        };
        let lie = sent.lie.map_or(String::new(), |lie| format!(" lie {lie:?}"));
        self.note(format!("from {} {:?}{lie}: {disposition:?} {what}", sent.source, sent.channel));
    }

    fn drain(&mut self) -> Result<(), String> {
        let mut buf = [0; 512];
        for round in 0.. {
            if round > 200 {
                return Err("a drain does not end".into());
            }
            let now = self.instant();
            if let Some(transmit) = self.resolver.poll_transmit(now, &mut buf) {
                let Destination::Unicast(server) = transmit.to else { return Err("not to a server".into()) };
                let (channel, mut octets) = (transmit.channel, transmit.bytes);
                if matches!(channel, Channel::Tcp(_)) {
                    octets = &octets[2..];
                }
                let message = decode(octets)?;
                self.asks(Asked { at: self.now, server, channel, message });
            } else if let Some(event) = self.resolver.poll_event() {
                self.is_told(event)?;
            } else {
                break;
            }
        }
        let open: BTreeSet<_> =
            self.resolver.channels().map(|(server, channel)| key(server, channel)).collect();
        self.connections.retain(|channel, _| open.contains(channel));
        if open.len() > 2 * self.looked.iter().filter(|looked| looked.is_open()).count() {
            return Err(format!("channels that nobody needs: {open:?}"));
        }
        match self.resolver.poll_timeout() {
            Some(due) if due.is_due(self.instant()) => Err("a deadline in the past".into()),
            _ => Ok(()),
        }
    }

    fn asks(&mut self, asked: Asked) {
        self.note(format!("to {} {:?}: {}", asked.server, asked.channel, asked.message));
        self.figures.sent += 1;
        self.figures.by_stream += u64::from(asked.by_tcp());
        self.looked.iter_mut().filter(|looked| looked.is_open()).for_each(|looked| looked.sent += 1);
        self.number += 1;
        let number = self.number;
        self.connections.insert(key(asked.server, asked.channel), number);
        let server = self.plan.servers.iter().find(|server| server.address == asked.server).unwrap();
        for sent in server.serve(&asked, &mut self.prng) {
            self.comes(self.now + sent.after, Happening::Arrives(sent, number));
        }
    }

    fn is_told(&mut self, event: Event) -> Result<(), String> {
        self.note(format!("{event:?}"));
        let (Event::Found { request, .. } | Event::Failed { request, .. }) = event;
        let index = self.looked.iter().position(|looked| looked.id == request && looked.is_open());
        let index = index.ok_or_else(|| format!("{event:?} for nobody"))?;
        let found: Vec<_> = self.resolver.addresses(request).collect();
        let canonical = self.resolver.canonical_name(request).map(|name| name.to_string());
        let mut looked = self.looked[index].clone();
        looked.note(event, found, canonical, self.now);
        let earlier: Vec<_> = self.looked.iter().filter(|other| other.id != request).cloned().collect();
        self.facts.wrong_replies = self.resolver.wrong_replies();
        let is_over = !looked.is_open();
        let forged = judge(&looked, self.plan, &self.facts, &earlier)?;
        if is_over {
            self.figures.add_outcome(&looked, forged);
            self.figures.sure += u64::from(self.plan.must_succeed());
            self.figures.wrong_replies = self.facts.wrong_replies.into();
            self.resolver.cancel(request);
        }
        self.looked[index] = looked;
        Ok(())
    }

    fn note(&mut self, what: String) {
        self.record.push(format!("{:>6} ms  {what}", self.now));
    }
}

fn key(server: std::net::SocketAddr, channel: Channel) -> Socket {
    match channel {
        Channel::Udp(port) => (server, false, port),
        Channel::Tcp(number) => (server, true, number),
        Channel::Mdns => panic!("a resolver has no part in mDNS"),
    }
}
