//! A responder that is driven; everything that it does is checked.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};

use dotlocal::mdns::{Claimed, Responder, ResponderEvent};
use dotlocal::name::NameBuf;
use dotlocal::{Destination, Disposition, Instant, Meta, Reason};

use crate::{Clock, Driven, Seen, Watch};

/// A responder, its clock, and what is known of it.
pub struct Device<'s> {
    pub machine: Responder<'s, 'static>,
    pub clock: Clock,
    pub watch: Watch,
    /// Whom the application has registered: a handle, and whether it is live. The host comes first, and is live when it
    /// has a name.
    pub handles: Vec<(Claimed, bool)>,
    /// Slots beside the host's; and how many of them say goodbye until the next drain.
    pub capacity: usize,
    pub leaving: usize,
    pub addresses: &'static [(IpAddr, u8)],
    pub is_silent: bool,
    /// The names of the handles, in lower case, as they were last.
    known: Vec<Option<Vec<u8>>>,
    /// What was sent, the last at the end, and what it said: to be sent back to the device.
    pub sent: Vec<Vec<u8>>,
    pub said: Vec<Seen>,
}

/// What a handle stands for, and with which number.
type Named = (Option<NameBuf>, Option<u16>);

impl<'s> Device<'s> {
    pub fn new(machine: Responder<'s, 'static>, capacity: usize, start: u32, room: usize) -> Self {
        Self {
            machine,
            clock: Clock::new(start, room),
            watch: Watch::default(),
            handles: vec![(Claimed::Host, false)],
            capacity,
            leaving: 0,
            addresses: &[],
            is_silent: false,
            known: Vec::new(),
            sent: Vec::new(),
            said: Vec::new(),
        }
    }

    /// The names of all handles with their numbers: what a refused call leaves alone.
    pub fn names(&self) -> Vec<Named> {
        self.handles.iter().map(|&(of, _)| (self.machine.name(of), self.machine.number(of))).collect()
    }

    fn note_sent(&mut self, to: Destination, octets: &[u8]) {
        let seen = self.watch.check(self.clock.now, to, octets);
        for record in seen.into_iter().filter(|seen| seen.section.is_some() && seen.ttl > 0) {
            let same = |other: &Seen| {
                (&other.name, other.rtype, &other.data) == (&record.name, record.rtype, &record.data)
            };
            self.said.retain(|other| !same(other));
            self.said.push(record);
        }
        self.sent.push(octets.to_vec());
        let (old_sent, old_said) = (self.sent.len().saturating_sub(64), self.said.len().saturating_sub(64));
        self.sent.drain(..old_sent);
        self.said.drain(..old_said);
    }

    fn note_event(&mut self, event: ResponderEvent) {
        if let ResponderEvent::Renamed { of, to, .. } = event {
            assert!(to >= 2 && self.machine.number(of).is_none_or(|number| number == to), "{event:?}");
        }
    }

    /// `set_hostname`, `set_number` and renames take no heed of the other names of the device.
    fn note_twins(&mut self) {
        let mut names = BTreeSet::new();
        self.known.resize(self.handles.len(), None);
        for (&(of, _), known) in self.handles.iter().zip(&mut self.known) {
            let name = self.machine.name(of).map(|name| name.as_octets().to_ascii_lowercase());
            // Two of one name that lose it follow each other through the numbers: the second one's probes are its own.
            if *known != name {
                name.iter().for_each(|name| self.watch.forgive_probe(name));
            }
            if let Some(name) = name.clone()
                && !names.insert(name.clone())
            {
                self.watch.twins.insert(name);
            }
            *known = name;
        }
    }

    pub fn hear(&mut self, source: SocketAddr, multicast: bool, octets: &[u8]) {
        let on_link = self.is_on_link(source.ip());
        self.watch.hear(self.clock.now, source, on_link, octets);
        if self.take(Meta::mdns(source, multicast), octets) == Disposition::Ignored(Reason::OffLink) {
            assert!(!multicast && !on_link);
        }
    }

    /// Section 11.
    fn is_on_link(&self, source: IpAddr) -> bool {
        let bits = |ip: IpAddr| match ip {
            IpAddr::V4(ip) => u128::from(ip.to_bits()) << 96,
            IpAddr::V6(ip) => ip.to_bits(),
        };
        let covers = |&(ip, prefix): &(IpAddr, u8)| {
            let len = if ip.is_ipv4() { 32 } else { 128 };
            let differ = bits(ip) ^ bits(source);
            ip.is_ipv4() == source.is_ipv4() && prefix <= len && differ.leading_zeros() >= prefix.into()
        };
        match source {
            IpAddr::V4(ip) if ip.is_link_local() => true,
            IpAddr::V6(ip) if ip.is_unicast_link_local() => true,
            _ => self.addresses.iter().any(covers),
        }
    }
}

impl Driven for Device<'_> {
    type State = Vec<Named>;

    fn state(&self) -> Vec<Named> {
        self.names()
    }

    fn clock(&mut self) -> &mut Clock {
        &mut self.clock
    }

    fn poll_timeout(&self) -> Option<Instant> {
        self.machine.poll_timeout()
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.machine.handle_timeout(now);
    }

    fn handle_datagram(&mut self, now: Instant, meta: Meta, octets: &[u8]) -> Disposition {
        self.machine.handle_datagram(now, meta, octets)
    }

    fn poll_one(&mut self, now: Instant, buf: &mut [u8]) -> bool {
        if let Some(transmit) = self.machine.poll_transmit(now, buf) {
            assert!(!self.is_silent, "a datagram while the link is down");
            self.note_sent(transmit.to, transmit.bytes);
        } else if let Some(event) = self.machine.poll_event() {
            self.note_event(event);
        } else {
            return false;
        }
        true
    }

    fn before_poll(&mut self) {
        self.note_twins();
    }

    fn check_drained(&mut self) {
        self.leaving = 0;
        self.is_silent |= self.watch.only_goodbyes;
        for &(of, is_live) in &self.handles {
            assert_eq!(self.machine.name(of).is_some(), is_live, "{of:?}");
        }
    }

    fn bounds(&mut self) -> (usize, usize) {
        (if self.clock.room() < 1_440 { 2_000 } else { 200 }, 500)
    }
}
