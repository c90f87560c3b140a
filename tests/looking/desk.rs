//! A device that looks names up, its servers and its link.

#![allow(dead_code, unreachable_pub, reason = "part of a kit in a test target")]

use std::fmt::Debug;
use std::net::{IpAddr, SocketAddr};

use dotlocal::lookup::{Event, Failure, LookupId, LookupStorage, Lookups, Multicast};
use dotlocal::mdns::{self, Querier, QuerierStorage};
use dotlocal::resolver::{self, Resolver, ResolverStorage};
use dotlocal::{Channel, Destination, Families, Instant, Meta};

use crate::lab::{Asked, REPLY};
use crate::support::octets::{Compression, decode, encode};
use crate::support::{Msg, NEIGHBOUR};

pub struct Desk<M: Multicast = Querier<'static>> {
    pub names: Lookups<'static, 'static, M>,
    pub now: u64,
    asked: Vec<Asked>,
    heard: Vec<(u64, String)>,
    pub told: Vec<(u64, Event<M::Event>)>,
}

impl Desk {
    /// A device that finds others alone.
    pub fn new() -> Self {
        let querier = Box::leak(Box::new(QuerierStorage::<4, 4096>::new()));
        Self::with(Querier::new(querier, mdns::Config::new(7).scope_id(3)))
    }
}

impl<M: Multicast> Desk<M>
where
    M::Event: PartialEq + Debug,
{
    /// One server, two lookups of four addresses.
    pub fn with(multicast: M) -> Self {
        let mut prng = crate::support::prng::Prng(7);
        let random: &mut (dyn FnMut() -> u32 + Send) = Box::leak(Box::new(move || prng.next() as u32));
        let storage = Box::leak(Box::new(ResolverStorage::<2, 4, 4096>::new()));
        let mut resolver = Resolver::new(storage, random, resolver::Config::new());
        resolver.set_servers(&[crate::lab::FIRST.parse().unwrap()]).unwrap();
        let storage = Box::leak(Box::new(LookupStorage::<2, 4>::new()));
        let names = Lookups::new(storage, multicast, resolver);
        Self { names, now: 0, asked: Vec::new(), heard: Vec::new(), told: Vec::new() }
    }

    pub fn instant(&self) -> Instant {
        Instant::from_millis(u32::MAX - 5_000).after(self.now as u32)
    }

    #[track_caller]
    pub fn lookup(&mut self, name: &str) -> LookupId {
        self.lookup_with(name, Families::Both)
    }

    #[track_caller]
    pub fn lookup_with(&mut self, name: &str, families: Families) -> LookupId {
        let lookup = self.names.lookup(name, 80, families, 5_000).unwrap();
        self.drain();
        lookup
    }

    #[track_caller]
    pub fn drain(&mut self) {
        let mut buf = [0; 1_440];
        for round in 0.. {
            assert!(round < 200, "a drain does not end");
            let now = self.instant();
            if let Some(transmit) = self.names.poll_transmit(now, &mut buf) {
                let message = decode(transmit.bytes).unwrap();
                match (transmit.to, transmit.channel) {
                    (Destination::Multicast, Channel::Mdns) => {
                        self.heard.push((self.now, message.to_string()))
                    }
                    (Destination::Unicast(server), channel) => {
                        self.asked.push(Asked { at: self.now, server, channel, message });
                    }
                    other => panic!("{other:?}"),
                }
            } else if let Some(event) = self.names.poll_event() {
                self.told.push((self.now, event));
            } else {
                break;
            }
        }
        assert!(self.names.poll_timeout().is_none_or(|deadline| !deadline.is_due(self.instant())));
    }

    #[track_caller]
    pub fn at(&mut self, time: u64) -> &mut Self {
        self.drain();
        while self.now < time {
            let now = self.instant();
            let wait = self.names.poll_timeout().map(|deadline| u64::from(deadline.millis_until(now)));
            self.now = wait.map_or(time, |wait| time.min(self.now + wait));
            self.names.handle_timeout(self.instant());
            self.drain();
        }
        self
    }

    /// What the servers were asked since, each as `"cam.example a"`.
    pub fn asked(&mut self) -> Vec<Asked> {
        self.drain();
        std::mem::take(&mut self.asked)
    }

    /// The same as text; nobody else is asked.
    pub fn questions(&mut self) -> Vec<String> {
        self.asked().iter().map(Asked::question).collect()
    }

    /// What the link heard since.
    pub fn heard(&mut self) -> Vec<String> {
        self.drain();
        std::mem::take(&mut self.heard).into_iter().map(|(_, text)| text).collect()
    }

    /// A server answers all that is open for `question`.
    #[track_caller]
    pub fn answer(&mut self, question: &str, text: &str) {
        self.reply(question, REPLY, text);
    }

    #[track_caller]
    pub fn reply(&mut self, question: &str, flags: u16, text: &str) {
        self.drain();
        let at = self.asked.iter().position(|asked| asked.question() == question);
        let asked =
            self.asked.remove(at.unwrap_or_else(|| panic!("{question} was not asked: {:?}", self.asked)));
        let octets = encode(&asked.reply(flags, text), Compression::Suffixes);
        self.names.handle_datagram(self.instant(), Meta::server(asked.server, asked.channel), &octets);
        self.drain();
    }

    /// A host of the link says so.
    #[track_caller]
    pub fn hear(&mut self, text: &str) {
        let message: Msg = text.parse().unwrap_or_else(|error| panic!("{error}"));
        let octets = encode(&message, Compression::Suffixes);
        self.names.handle_datagram(self.instant(), Meta::mdns(NEIGHBOUR, true), &octets);
        self.drain();
    }

    #[track_caller]
    pub fn found(&mut self, lookup: LookupId, is_complete: bool, addresses: &[&str]) {
        self.drain();
        assert_eq!(std::mem::take(&mut self.told), [(self.now, Event::Found { lookup, is_complete })]);
        assert_eq!(self.addresses(lookup), addresses);
    }

    #[track_caller]
    pub fn failed(&mut self, lookup: LookupId, failure: Failure) {
        self.drain();
        assert_eq!(std::mem::take(&mut self.told), [(self.now, Event::Failed { lookup, failure })]);
        assert_eq!(self.names.addresses(lookup).count(), 0);
    }

    pub fn addresses(&self, lookup: LookupId) -> Vec<String> {
        self.names.addresses(lookup).map(|found| found.address.to_string()).collect()
    }
}

pub fn socket(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

pub fn own(addresses: &[(&str, u8)]) -> Vec<(IpAddr, u8)> {
    addresses.iter().map(|(ip, prefix)| (ip.parse().unwrap(), *prefix)).collect()
}
