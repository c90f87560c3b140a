//! A stub resolver that is driven; everything that it does is checked.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeSet, VecDeque};
use std::hash::Hash;
use std::net::{IpAddr, SocketAddr};

use dotlocal::name::NameBuf;
use dotlocal::resolver::{Event, RequestId, Resolver};
use dotlocal::wire::{Class, Flags, Message, Opcode, RData, Section, Type};
use dotlocal::{Channel, Destination, Disposition, Families, Instant, Meta};

use crate::{Clock, Driven};

/// What a request is about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Wanted {
    Addresses(Families),
    Records(Type),
}

/// A request, and what it was told.
pub struct Wish {
    pub id: RequestId,
    pub is_live: bool,
    wanted: Wanted,
    timeout_millis: u32,
    /// When it ends at the latest, once it has begun.
    ends: Option<u64>,
    is_complete: bool,
    /// Some of what it has found did not work.
    may_begin_anew: bool,
}

/// A query that was sent.
#[derive(Clone)]
pub struct Asked {
    pub server: SocketAddr,
    pub channel: Channel,
    /// The message, without its length.
    pub octets: Vec<u8>,
}

impl Asked {
    fn question(&self) -> (NameBuf, Type) {
        let message = Message::parse(&self.octets).unwrap();
        let question = message.questions().next().unwrap().unwrap();
        (question.name().into(), question.qtype())
    }
}

/// A resolver, its clock, and what is known of it.
pub struct Client<'s> {
    pub resolver: Resolver<'s>,
    pub clock: Clock,
    pub wishes: Vec<Wish>,
    pub servers: Vec<SocketAddr>,
    /// What was sent, the last at the end.
    pub asked: Vec<Asked>,
    /// Addresses that stood in replies which fit a query.
    offered: BTreeSet<IpAddr>,
    /// When something was sent, and what may have made it so.
    sent: VecDeque<u64>,
    causes: VecDeque<(u64, usize)>,
    slots: usize,
    /// Whether the numbers that are drawn differ: otherwise queries cannot be told from each other by them.
    draws: bool,
    /// A request that has got what is over may get it while its query is still open.
    pub serves_stale: bool,
    /// Of all that it has done.
    pub digest: DefaultHasher,
}

impl<'s> Client<'s> {
    pub fn new(resolver: Resolver<'s>, slots: usize, draws: bool, start: u32, room: usize) -> Self {
        Self {
            resolver,
            clock: Clock::new(start, room),
            wishes: Vec::new(),
            servers: Vec::new(),
            asked: Vec::new(),
            offered: BTreeSet::new(),
            sent: VecDeque::new(),
            causes: VecDeque::new(),
            slots,
            draws,
            serves_stale: false,
            digest: DefaultHasher::new(),
        }
    }

    pub fn opens(&mut self, id: RequestId, wanted: Wanted, timeout_millis: u32) {
        assert!(!self.is_full());
        assert!(self.wishes.iter().all(|wish| wish.id != id), "a handle comes again");
        let (is_live, is_complete, may_begin_anew) = (true, false, false);
        self.wishes.push(Wish {
            id,
            is_live,
            wanted,
            timeout_millis,
            ends: None,
            is_complete,
            may_begin_anew,
        });
        self.causes(2);
    }

    pub fn live(&self) -> impl Iterator<Item = &Wish> {
        self.wishes.iter().filter(|wish| wish.is_live)
    }

    pub fn is_full(&self) -> bool {
        self.live().count() == self.slots
    }

    /// Every query may leave anew.
    pub fn causes_all(&mut self) {
        self.causes(2 * self.slots);
    }

    fn causes(&mut self, queries: usize) {
        self.causes.push_back((self.clock.now, queries));
    }

    pub fn cancel(&mut self, id: RequestId) {
        self.resolver.cancel(id);
        let wish = self.wishes.iter_mut().find(|wish| wish.id == id).unwrap();
        if !std::mem::take(&mut wish.is_live) {
            self.stays_idle();
        }
        self.clock.is_called();
    }

    /// An address did not work. Once that is so for all that a request has found, it begins anew: at once, or when it has
    /// found all.
    pub fn failed(&mut self, id: RequestId, address: IpAddr) {
        let had_it = self.resolver.addresses(id).any(|found| found.address == address && !found.has_failed);
        self.resolver.failed(id, address);
        if had_it {
            let wish = self.wishes.iter_mut().find(|wish| wish.id == id).unwrap();
            wish.may_begin_anew = true;
            self.causes(2);
            self.clock.is_called();
        } else {
            self.stays_idle();
        }
    }

    /// A call has brought the time: what is open has begun.
    fn begin(&mut self) {
        let now = self.clock.now;
        for wish in self.wishes.iter_mut().filter(|wish| wish.ends.is_none()) {
            wish.ends = Some(now + u64::from(wish.timeout_millis.min(Instant::HORIZON_MILLIS)));
        }
    }

    /// Whether a datagram is a reply to what is open: to the port that asked, from the server asked, with id and question.
    fn fits(&self, meta: Meta, octets: &[u8]) -> bool {
        let Ok(message) = Message::parse(octets).and_then(|message| message.check()) else { return false };
        let header = message.header();
        let mut questions = message.questions();
        let question = questions.next();
        if !header.is_response() || header.flags().opcode() != Opcode::QUERY || questions.next().is_some() {
            return false;
        }
        let is_open =
            |asked: &&Asked| self.resolver.channels().any(|open| open == (asked.server, asked.channel));
        self.asked.iter().filter(is_open).any(|asked| {
            let (name, qtype) = asked.question();
            let is_same = question.is_none_or(|question| {
                question.name() == name.name()
                    && question.qtype() == qtype
                    && question.raw_class() == Class::IN.0
            });
            let id = Message::parse(&asked.octets).unwrap().header().id();
            let way = (asked.server.ip(), asked.server.port(), asked.channel);
            way == (meta.source.ip(), meta.source.port(), meta.channel) && id == header.id() && is_same
        })
    }

    /// Something comes in. What is ignored changes nothing that can be seen, and what fits no query is.
    pub fn hear(&mut self, meta: Meta, octets: &[u8]) {
        let is_stream = matches!(meta.channel, Channel::Tcp(_));
        let fits = self.fits(meta, octets);
        if is_stream || fits {
            self.note_offers(octets.get(if is_stream { 2 } else { 0 }..).unwrap_or(&[]));
        }
        let is_drained = self.clock.is_drained();
        let (before, wrong) = (self.state(), self.resolver.wrong_replies());
        let now = self.clock.instant();
        let disposition = self.handle_datagram(now, meta, octets);
        format!("{disposition:?}").hash(&mut self.digest);
        assert!(
            is_stream || fits || octets.is_empty() || disposition != Disposition::Used,
            "it fits nothing"
        );
        if is_drained && disposition != Disposition::Used {
            assert_eq!(self.state(), before, "{disposition:?}");
            // Who is under attack, or whose connection lies, asks anew.
            if self.resolver.wrong_replies() == wrong && !is_stream {
                self.stays_idle();
            }
        }
        self.causes(1);
        self.clock.is_called();
    }

    /// Takes note of a message that may be believed, or of the first one in a stream.
    pub fn note_offers(&mut self, octets: &[u8]) {
        let Ok(message) = Message::parse(octets) else { return };
        for record in message.answers().map_while(Result::ok) {
            match record.data() {
                Ok(RData::A(address)) => drop(self.offered.insert(address.into())),
                Ok(RData::Aaaa(address)) => drop(self.offered.insert(address.into())),
                _ => {}
            }
        }
    }

    fn check_query(&mut self, to: Destination, channel: Channel, octets: &[u8]) {
        let Destination::Unicast(server) = to else { panic!("to the group") };
        assert!(self.servers.contains(&server), "{server} is none of the servers");
        let octets = match channel {
            Channel::Udp(_) => octets,
            Channel::Tcp(_) => {
                assert_eq!(octets[..2], ((octets.len() - 2) as u16).to_be_bytes());
                &octets[2..]
            }
            Channel::Mdns => panic!("by the socket of mDNS"),
        };
        let message = Message::parse(octets).and_then(|message| message.check()).unwrap();
        assert_eq!(message.header().flags(), Flags::RD);
        assert!(message.trailing().is_empty() && message.message().edns().is_ok());
        assert_eq!(message.questions().count(), 1);
        assert!(message.records().all(|record| record.section() == Section::Additional));
        let open: Vec<_> = self.resolver.channels().collect();
        assert!(open.contains(&(server, channel)), "{channel:?} is not open");
        let asked = Asked { server, channel, octets: octets.to_vec() };
        // RFC 5452 section 5: a question is open once.
        let (name, qtype) = asked.question();
        let others = open.iter().filter(|open| **open != (server, channel));
        let of = |way| self.asked.iter().rfind(|asked| (asked.server, asked.channel) == way);
        let is_twice =
            others.filter_map(|way| of(*way)).any(|other| other.question() == (name.clone(), qtype));
        assert!(!is_twice || !self.draws, "{name} {qtype} is asked twice");
        (server, format!("{channel:?}"), octets).hash(&mut self.digest);
        self.asked.push(asked);
        let old = self.asked.len().saturating_sub(64);
        self.asked.drain(..old);
    }

    /// What leaves in a second is bounded by what came, and by the shortest wait for an answer.
    fn check_rate(&mut self) {
        let now = self.clock.now;
        self.sent.push_back(now);
        self.sent.retain(|at| at + 1_000 > now);
        self.causes.retain(|(at, _)| at + 1_000 >= now);
        let most = self.causes.iter().map(|(_, queries)| queries).sum::<usize>() + 2 * self.slots * 5;
        assert!(self.sent.len() <= most, "{} queries in a second, {most} at most", self.sent.len());
    }

    fn note_event(&mut self, event: Event) {
        format!("{event:?}").hash(&mut self.digest);
        let (Event::Found { request, .. } | Event::Failed { request, .. }) = event;
        let found: Vec<_> = self.resolver.addresses(request).collect();
        let records: Vec<_> = self
            .resolver
            .found_records(request)
            .map(|found| (NameBuf::from(found.name()), found.rtype(), found.ttl_secs()))
            .collect();
        let canonical = self.resolver.canonical_name(request).map(NameBuf::from);
        let wish = self.wishes.iter_mut().find(|wish| wish.id == request && wish.is_live);
        let wish = wish.unwrap_or_else(|| panic!("{event:?} for nobody"));
        let Event::Found { is_complete, .. } = event else {
            assert!(found.is_empty() && records.is_empty() && canonical.is_none());
            wish.is_live = false;
            return;
        };
        wish.is_complete = is_complete;
        // An alias that has changed meanwhile may have led the families to two names.
        assert!(canonical.is_some() && records.iter().any(|record| Some(&record.0) == canonical.as_ref()));
        assert!(records.iter().all(|(_, _, ttl_secs)| *ttl_secs <= 7 * 86_400));
        match wish.wanted {
            Wanted::Addresses(families) => {
                assert!(!found.is_empty());
                for address in found.iter().map(|found| found.address) {
                    assert!(if address.is_ipv4() { families.v4() } else { families.v6() });
                    assert!(self.offered.contains(&address), "{address} was told by nobody");
                }
            }
            Wanted::Records(rtype) => {
                assert!(!records.is_empty() && found.len() <= records.len());
                assert!(rtype == Type::ANY || records.iter().all(|record| record.1 == rtype));
            }
        }
    }
}

impl Driven for Client<'_> {
    /// Of each request the name at the end of its aliases, its addresses, and how many records it has.
    type State = Vec<(Option<String>, Vec<(IpAddr, bool)>, usize)>;

    fn state(&self) -> Self::State {
        let of = |wish: &Wish| {
            let canonical = self.resolver.canonical_name(wish.id).map(|name| name.to_string());
            let addresses = self.resolver.addresses(wish.id);
            let addresses = addresses.map(|found| (found.address, found.has_failed)).collect();
            (canonical, addresses, self.resolver.found_records(wish.id).count())
        };
        self.wishes.iter().rev().take(6).map(of).collect()
    }

    fn clock(&mut self) -> &mut Clock {
        &mut self.clock
    }

    fn poll_timeout(&self) -> Option<Instant> {
        self.resolver.poll_timeout()
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.begin();
        self.resolver.handle_timeout(now);
    }

    fn handle_datagram(&mut self, now: Instant, meta: Meta, octets: &[u8]) -> Disposition {
        self.begin();
        self.resolver.handle_datagram(now, meta, octets)
    }

    fn poll_one(&mut self, now: Instant, buf: &mut [u8]) -> bool {
        self.begin();
        if let Some(transmit) = self.resolver.poll_transmit(now, buf) {
            let (to, channel, octets) = (transmit.to, transmit.channel, transmit.bytes.to_vec());
            self.check_query(to, channel, &octets);
            self.check_rate();
            return true;
        }
        let event = self.resolver.poll_event();
        event.into_iter().for_each(|event| self.note_event(event));
        event.is_some()
    }

    fn check_drained(&mut self) {
        let now = self.clock.now;
        let open: Vec<_> = self.resolver.channels().collect();
        let waiting =
            self.live().filter(|wish| !wish.is_complete || wish.may_begin_anew || self.serves_stale).count();
        assert!(open.len() <= 2 * waiting, "{open:?} for {waiting} requests");
        assert!(open.iter().filter(|(_, channel)| matches!(channel, Channel::Tcp(_))).count() <= 1);
        assert!(open.iter().all(|(server, _)| self.servers.contains(server)));
        let late = self.live().find(|wish| {
            !wish.is_complete && !wish.may_begin_anew && wish.ends.is_some_and(|ends| ends <= now)
        });
        assert!(late.is_none(), "a request outlives its time");
        self.poll_timeout().map(|due| due.millis_until(self.clock.instant())).hash(&mut self.digest);
    }

    fn bounds(&mut self) -> (usize, usize) {
        (8 * self.slots + 2 * self.slots * self.servers.len(), 10_000)
    }
}
