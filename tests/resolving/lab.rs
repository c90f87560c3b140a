//! A resolver under a virtual clock, and the servers that a test speaks for.

#![allow(dead_code, unreachable_pub, reason = "part of a kit in a test target")]

use std::net::{IpAddr, SocketAddr};

use dotlocal::resolver::{Config, Event, Failure, RequestId, Resolver, ResolverStorage};
use dotlocal::wire::Type;
use dotlocal::{Channel, Destination, Disposition, Families, Instant, Meta};

use crate::support::octets::{Compression, decode, encode};
use crate::support::text::hex;
use crate::support::{Data, Msg, Name, R, Section};

pub const FIRST: &str = "192.0.2.1:53";
pub const SECOND: &str = "192.0.2.2:53";
pub const THIRD: &str = "[2001:db8::3]:53";

/// What most tests wait for at most, in milliseconds.
pub const TIMEOUT: u32 = 5_000;

/// Flags of a reply: QR, RD, RA.
pub const REPLY: u16 = 0x8180;
pub const TC: u16 = 0x0200;
pub const RA: u16 = 0x0080;
pub const AA: u16 = 0x0400;

/// A query that was sent.
#[derive(Clone, Debug)]
pub struct Asked {
    pub at: u64,
    pub server: SocketAddr,
    pub channel: Channel,
    pub message: Msg,
}

impl Asked {
    /// Name in lower case, and type.
    pub fn question(&self) -> String {
        self.message.questions[0].to_string().to_lowercase()
    }

    /// The name as it went out.
    pub fn name(&self) -> String {
        self.message.questions[0].name.to_string()
    }

    pub fn port(&self) -> u16 {
        match self.channel {
            Channel::Udp(port) | Channel::Tcp(port) => port,
            Channel::Mdns => panic!("a resolver has no part in mDNS"),
        }
    }

    pub fn by_tcp(&self) -> bool {
        matches!(self.channel, Channel::Tcp(_))
    }

    fn opt(&self) -> Option<&R> {
        self.message.section(Section::Additional).find(|record| record.rtype == 41)
    }

    /// The payload size that EDNS offers, if it is used.
    pub fn payload_size(&self) -> Option<u16> {
        self.opt().map(|opt| opt.class)
    }

    /// The cookies that it carries: of client and server together.
    pub fn cookie(&self) -> Vec<u8> {
        match self.opt().map(|opt| &opt.data) {
            Some(Data::Raw(octets)) if octets.starts_with(&[0, 10]) => octets[4..].to_vec(),
            _ => Vec::new(),
        }
    }

    /// A reply: `"ans cam.example 300 A 192.0.2.7 | auth …"`, the question and its id as they came.
    pub fn reply(&self, flags: u16, text: &str) -> Msg {
        let text =
            format!("! id={} flags={flags:#06x} q {} {text}", self.message.id, self.message.questions[0]);
        text.parse().unwrap_or_else(|error| panic!("{error}"))
    }
}

/// An OPT record for replies.
pub fn opt(ttl: u32, options: &[u8]) -> (Section, R) {
    let name = Name(Vec::new());
    let data = Data::Raw(options.to_vec());
    (Section::Additional, R { name, ttl, flush: false, class: 1232, rtype: 41, data })
}

/// The option that carries cookies.
pub fn cookie(octets: &[u8]) -> Vec<u8> {
    [&[0, 10, 0, octets.len() as u8], octets].concat()
}

pub struct Lab {
    pub resolver: Resolver<'static>,
    pub now: u64,
    start: u32,
    pub buffer: usize,
    sent: Vec<Asked>,
    told: Vec<(u64, Event)>,
}

impl Lab {
    /// Three servers at most, four lookups, 4 KiB of cache, answers of 2 KiB by TCP.
    pub fn new(servers: &[&str]) -> Self {
        Self::with(ResolverStorage::<3, 4, 4096, 2048>::new(), Config::new(), servers, 7)
    }

    pub fn with<const S: usize, const L: usize, const C: usize, const T: usize>(
        storage: ResolverStorage<S, L, C, T>,
        config: Config,
        servers: &[&str],
        seed: u64,
    ) -> Self {
        let mut prng = crate::support::prng::Prng(seed);
        let random: &mut (dyn FnMut() -> u32 + Send) =
            Box::leak(Box::new(move || (prng.next() >> 16) as u32));
        Self::drawing(storage, config, servers, random)
    }

    /// With these random numbers.
    pub fn drawing<const S: usize, const L: usize, const C: usize, const T: usize>(
        storage: ResolverStorage<S, L, C, T>,
        config: Config,
        servers: &[&str],
        random: &'static mut (dyn FnMut() -> u32 + Send),
    ) -> Self {
        let mut resolver = Resolver::new(Box::leak(Box::new(storage)), random, config);
        let servers: Vec<SocketAddr> = servers.iter().map(|server| server.parse().unwrap()).collect();
        resolver.set_servers(&servers).unwrap();
        // The clock wraps a minute after the beginning.
        let start = u32::MAX - 60_000;
        Self { resolver, now: 0, start, buffer: 512, sent: Vec::new(), told: Vec::new() }
    }

    pub fn instant(&self) -> Instant {
        Instant::from_millis(self.start.wrapping_add(self.now as u32))
    }

    #[track_caller]
    pub fn lookup(&mut self, name: &str, families: Families) -> RequestId {
        let request = self.resolver.lookup(name, families, TIMEOUT).unwrap();
        self.drain();
        request
    }

    #[track_caller]
    pub fn records(&mut self, name: &str, rtype: Type) -> RequestId {
        let request = self.resolver.records(name, rtype, TIMEOUT).unwrap();
        self.drain();
        request
    }

    /// The driver's drain, with the law of deadlines.
    #[track_caller]
    pub fn drain(&mut self) {
        let mut buf = vec![0; self.buffer];
        for round in 0.. {
            assert!(round < 200, "a drain does not end");
            let now = self.instant();
            if let Some(transmit) = self.resolver.poll_transmit(now, &mut buf) {
                let Destination::Unicast(server) = transmit.to else {
                    panic!("a resolver sends to servers alone")
                };
                let (channel, octets) = (transmit.channel, transmit.bytes.to_vec());
                let octets = match channel {
                    Channel::Tcp(_) => {
                        assert_eq!(usize::from(octets[0]) << 8 | usize::from(octets[1]), octets.len() - 2);
                        octets[2..].to_vec()
                    }
                    _ => octets,
                };
                let message = decode(&octets).unwrap_or_else(|error| panic!("{error}: {}", hex(&octets)));
                assert_eq!((message.flags, message.questions.len()), (0x0100, 1), "{message}");
                assert!(self.resolver.channels().any(|open| open == (server, channel)), "it is open");
                self.sent.push(Asked { at: self.now, server, channel, message });
            } else if let Some(event) = self.resolver.poll_event() {
                self.told.push((self.now, event));
            } else {
                break;
            }
        }
        let deadline = self.resolver.poll_timeout();
        assert!(deadline.is_none_or(|deadline| !deadline.is_due(self.instant())), "a deadline in the past");
    }

    /// Lets time pass; what is due on the way happens.
    #[track_caller]
    pub fn at(&mut self, time: u64) -> &mut Self {
        self.drain();
        assert!(time >= self.now, "the test goes back in time");
        while self.now < time {
            let now = self.instant();
            let wait = self.resolver.poll_timeout().map(|deadline| u64::from(deadline.millis_until(now)));
            self.now = wait.map_or(time, |wait| time.min(self.now + wait));
            self.resolver.handle_timeout(self.instant());
            self.drain();
        }
        self
    }

    /// What was sent and not looked at yet.
    #[track_caller]
    pub fn sent(&mut self) -> Vec<Asked> {
        self.drain();
        std::mem::take(&mut self.sent)
    }

    /// The next query, which leaves at `time` to `server`: `"cam.example a"`.
    #[track_caller]
    pub fn asked_at(&mut self, time: u64, server: &str, question: &str) -> Asked {
        self.at(time);
        assert!(!self.sent.is_empty(), "nothing is asked by {time} ms, {server} should be for {question}");
        let asked = self.sent.remove(0);
        let server: SocketAddr = server.parse().unwrap();
        assert_eq!((asked.at, asked.server, asked.question()), (time, server, question.to_lowercase()));
        asked
    }

    /// Nothing is asked up to and including `time`.
    #[track_caller]
    pub fn silent_until(&mut self, time: u64) -> &mut Self {
        self.at(time);
        assert!(self.sent.is_empty(), "{:?}", self.sent);
        self
    }

    /// A reply without an error, from the server, to the port asked.
    #[track_caller]
    pub fn answer(&mut self, asked: &Asked, text: &str) -> Disposition {
        self.reply(asked, &asked.reply(REPLY, text))
    }

    #[track_caller]
    pub fn reply(&mut self, asked: &Asked, message: &Msg) -> Disposition {
        self.hear(asked.server, asked.channel, &encode(message, Compression::Suffixes))
    }

    /// A reply with this code and nothing else.
    #[track_caller]
    pub fn code(&mut self, asked: &Asked, rcode: u16) -> Disposition {
        self.reply(asked, &asked.reply(REPLY | rcode, ""))
    }

    /// The network says that the server cannot be reached.
    #[track_caller]
    pub fn refuse(&mut self, asked: &Asked) -> Disposition {
        self.hear(asked.server, asked.channel, &[])
    }

    /// A message by a stream gets its length; datagrams go as they are.
    #[track_caller]
    pub fn hear(&mut self, server: SocketAddr, channel: Channel, octets: &[u8]) -> Disposition {
        let octets = match channel {
            Channel::Tcp(_) if !octets.is_empty() => [&(octets.len() as u16).to_be_bytes(), octets].concat(),
            _ => octets.to_vec(),
        };
        self.hear_octets(server, channel, &octets)
    }

    #[track_caller]
    pub fn hear_octets(&mut self, server: SocketAddr, channel: Channel, octets: &[u8]) -> Disposition {
        let meta = Meta::server(server, channel);
        let disposition = self.resolver.handle_datagram(self.instant(), meta, octets);
        self.drain();
        disposition
    }

    /// What was told and not looked at yet.
    pub fn told(&mut self) -> Vec<(u64, Event)> {
        self.drain();
        std::mem::take(&mut self.told)
    }

    /// Told at this moment, and nothing else: these addresses.
    #[track_caller]
    pub fn found(&mut self, request: RequestId, is_complete: bool, addresses: &[&str]) {
        assert_eq!(self.told(), [(self.now, Event::Found { request, is_complete })]);
        assert_eq!(self.addresses(request), addresses);
    }

    #[track_caller]
    pub fn failed(&mut self, request: RequestId, failure: Failure) {
        assert_eq!(self.told(), [(self.now, Event::Failed { request, failure })]);
        assert_eq!(self.resolver.addresses(request).count(), 0);
    }

    pub fn addresses(&self, request: RequestId) -> Vec<String> {
        self.resolver.addresses(request).map(|found| found.address.to_string()).collect()
    }

    pub fn ttls(&self, request: RequestId) -> Vec<u32> {
        self.resolver.addresses(request).map(|found| found.ttl_secs).collect()
    }

    pub fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }
}

/// An SOA with this TTL and MINIMUM, as text.
pub fn soa(owner: &str, ttl: u32, minimum: u32) -> String {
    format!("{owner} {ttl} SOA \\# 22 0000{}{minimum:08x}", "00000000".repeat(4))
}
