//! A responder under a driver by the book, or one that oversleeps; everything that it does is checked.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};

use dotlocal::mdns::{Claimed, Responder, ResponderEvent};
use dotlocal::name::NameBuf;
use dotlocal::{Destination, Disposition, Instant, Meta, Reason};

use crate::{Seen, Watch};

/// A responder, its clock, and what is known of it.
pub struct Device<'s> {
    pub machine: Responder<'s, 'static>,
    pub now: u64,
    start: u32,
    buf: Vec<u8>,
    pub watch: Watch,
    /// Whom the application has registered: a handle, and whether it is live. The host comes first, and is live when it
    /// has a name.
    pub handles: Vec<(Claimed, bool)>,
    /// Slots beside the host's; and how many of them say goodbye until the next drain.
    pub capacity: usize,
    pub leaving: usize,
    pub addresses: &'static [(IpAddr, u8)],
    pub is_silent: bool,
    is_drained: bool,
    drained_at: u64,
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
            now: 0,
            start,
            buf: vec![0xAA; room],
            watch: Watch::default(),
            handles: vec![(Claimed::Host, false)],
            capacity,
            leaving: 0,
            addresses: &[],
            is_silent: false,
            is_drained: false,
            drained_at: 0,
            known: Vec::new(),
            sent: Vec::new(),
            said: Vec::new(),
        }
    }

    fn instant(&self) -> Instant {
        Watch::instant(self.start, self.now)
    }

    /// The names of all handles with their numbers: what a refused call leaves alone.
    pub fn names(&self) -> Vec<Named> {
        self.handles.iter().map(|&(of, _)| (self.machine.name(of), self.machine.number(of))).collect()
    }

    /// The same, and when the machine wants to be woken; after a drain.
    fn state(&self) -> (Vec<Named>, Option<Instant>) {
        (self.names(), self.machine.poll_timeout())
    }

    /// Asserts that a machine that was drained has nothing to say. (Its deadline may be another: for an answer that
    /// another has given, it was to be woken for nothing.)
    pub fn stays_idle(&mut self) {
        assert!(!self.is_drained || self.poll() == 0, "what was refused has made it speak");
    }

    /// Everything that is said and told now; then nothing more, whatever the driver calls.
    pub fn drain(&mut self) {
        let outputs = self.poll();
        let most = if self.buf.len() < 1_440 { 2_000 } else { 200 };
        assert!(outputs <= most, "{outputs} outputs in one drain");
        self.leaving = 0;
        (self.is_drained, self.drained_at) = (true, self.now);
        self.is_silent |= self.watch.only_goodbyes;
        for &(of, is_live) in &self.handles {
            assert_eq!(self.machine.name(of).is_some(), is_live, "{of:?}");
        }
        let state = self.state();
        assert!(!state.1.is_some_and(|due| due.is_due(self.instant())), "{:?} after a drain", state.1);
        self.machine.handle_timeout(self.instant());
        assert_eq!(self.state(), state);
        assert_eq!(self.poll(), 0, "a spurious handle_timeout did something");
        assert_eq!(self.state(), state);
    }

    fn poll(&mut self) -> usize {
        self.note_twins();
        let mut buf = std::mem::take(&mut self.buf);
        let (now, mut outputs) = (self.instant(), 0);
        loop {
            if let Some(transmit) = self.machine.poll_transmit(now, &mut buf) {
                assert!(!self.is_silent, "a datagram while the link is down");
                self.note_sent(transmit.to, transmit.bytes);
            } else if let Some(event) = self.machine.poll_event() {
                self.note_event(event);
            } else {
                break;
            }
            outputs += 1;
            assert!(outputs < 10_000, "a drain does not end");
        }
        self.buf = buf;
        outputs
    }

    fn note_sent(&mut self, to: Destination, octets: &[u8]) {
        let seen = self.watch.check(self.now, to, octets);
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

    /// Lets time pass as a driver does that sleeps until the next deadline, or (`oversleeps`) as one that does not.
    pub fn pass(&mut self, millis: u64, oversleeps: bool) {
        let until = self.now + millis;
        if until - self.drained_at > LONGEST_SLEEP {
            self.drain();
        }
        if !oversleeps {
            if !self.is_drained {
                self.drain();
            }
            let mut wakes = 0;
            while let Some(due) = self.machine.poll_timeout() {
                let due = self.now + u64::from(due.millis_until(self.instant()));
                if due > until {
                    break;
                }
                self.now = due;
                self.machine.handle_timeout(self.instant());
                self.drain();
                wakes += 1;
                assert!(wakes < 500, "{wakes} wakes without any input");
            }
        }
        self.now = until;
        self.is_drained = false;
    }

    pub fn hear(&mut self, source: SocketAddr, multicast: bool, octets: &[u8]) {
        let on_link = self.is_on_link(source.ip());
        self.watch.hear(self.now, source, on_link, octets);
        let state = self.is_drained.then(|| self.state());
        let disposition = self.machine.handle_datagram(self.instant(), Meta { source, multicast }, octets);
        // What is ignored has changed nothing. (A machine that is not drained catches up first.) Only a deadline may be
        // gone at which the machine was to be woken for nothing: that of an answer that another has given.
        if let (Some((names, due)), Disposition::Ignored(_)) = (state, disposition) {
            let wait = |due: Option<Instant>| due.map_or(u32::MAX, |due| due.millis_until(self.instant()));
            let after = self.state();
            assert!(after.0 == names && wait(after.1) >= wait(due), "{disposition:?}: {due:?} {after:?}");
            self.stays_idle();
        }
        if disposition == Disposition::Ignored(Reason::OffLink) {
            assert!(!multicast && !on_link);
        }
        self.is_drained = false;
    }

    /// The application calls: what it changes is seen in the next drain.
    pub fn is_called(&mut self) {
        self.is_drained = false;
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

/// 30 days: what was due longer ago than the clock's round less the horizon lies ahead again (see `Instant`).
const LONGEST_SLEEP: u64 = 2_592_000_000;
