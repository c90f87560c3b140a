//! The observer: a neighbour with a plain querier, and now and then a twin, a rival or a liar. All that it says is put
//! together by the kit.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::rc::Rc;

use dotlocal::Destination;

use super::link::Packet;
use super::wish::{Own, Power};
use super::world::World;
use crate::support::octets::{Compression, decode, encode};
use crate::support::{CLASS_IN, Data, Msg, Name, Q, R, Section, kind};

/// The observer's addresses: a few, so that it can be several askers.
pub(crate) fn is_ours(ip: IpAddr) -> bool {
    matches!(ip, IpAddr::V4(ip) if ip.octets()[2] == 200)
}

fn address(last: u8, port: u16) -> SocketAddr {
    SocketAddr::new(Ipv4Addr::new(10, 0, 200, last).into(), port)
}

impl World<'_> {
    /// A record that a host has, and the host.
    fn any_record(&mut self) -> Option<(usize, Own)> {
        let is_up = |host: &usize| {
            let model = &self.judge.models[*host];
            model.power == Power::Up && !model.records.is_empty()
        };
        let hosts: Vec<usize> = (0..self.births.len()).filter(is_up).collect();
        if hosts.is_empty() {
            return None;
        }
        let host = self.prng.pick(&hosts);
        let records = &self.judge.models[host].records;
        Some((host, records[self.prng.below(records.len())].clone()))
    }

    /// The same for a unique record.
    fn any_unique(&mut self) -> Option<(usize, Own)> {
        (0..20).find_map(|_| self.any_record().filter(|(_, own)| !own.shared))
    }

    /// A query, drawn so that it meets the bounds of sections 5.4, 6, 6.7, 7.1 and 7.2.
    pub(super) fn ask(&mut self) {
        let Some((host, own)) = self.any_record() else { return };
        let mut questions = vec![self.question(&own)];
        if self.prng.below(4) == 0
            && let Some((_, second)) = self.any_record()
        {
            questions.push(self.question(&second));
        }
        let asker = 1 + self.prng.below(3) as u8;
        let mut source = address(asker, 5353);
        let (mut to, mut flags, mut id) = (Destination::Multicast, Msg::QUERY, 0);
        match self.prng.below(10) {
            0..3 => questions.iter_mut().for_each(|question| question.qu = true),
            3 => {
                questions.truncate(1);
                source.set_port(40_000 + self.prng.below(1_000) as u16);
                id = self.prng.next() as u16;
            }
            4 => flags = Msg::TC,
            5 => {
                let ip = self.judge.models[host].wish.addresses[0].0;
                to = Destination::Unicast(SocketAddr::new(ip, 5353));
            }
            _ => {}
        }
        let mut known = Vec::new();
        if source.port() == 5353 && self.prng.below(2) == 0 {
            known.push((Section::Answer, self.known(&own)));
        }
        let message = Msg { id, flags, questions, records: known };
        self.say_later(0, source, to, &message);
        if flags == Msg::TC {
            for _ in 0..self.prng.below(3) {
                let Some((_, other)) = self.any_record() else { return };
                let records =
                    vec![(Section::Answer, self.known(&other)), (Section::Answer, self.known(&own))];
                let rest = Msg { id: 0, flags: Msg::QUERY, questions: Vec::new(), records };
                let later = 10 + self.prng.below(380) as u64;
                self.say_later(later, source, to, &rest);
            }
        } else if self.prng.below(3) == 0 {
            let later = self.prng.pick(&[1, 30, 150, 400, 900, 995, 1_005]);
            self.say_later(later, source, to, &message);
        }
    }

    /// Asks for the record, for all of the name, or for what is not there.
    fn question(&mut self, own: &Own) -> Q {
        let qtype = match self.prng.below(8) {
            0 => 255,
            1 => self.prng.pick(&[kind::AAAA, kind::A, kind::TXT, kind::SRV, 257]),
            _ => own.key.rtype,
        };
        Q { name: own.key.name.clone(), qtype, class: CLASS_IN, qu: false }
    }

    /// The record as a querier lists it, around half of its TTL (7.1), now and then with other data.
    fn known(&mut self, own: &Own) -> R {
        let ttl = own.ttl;
        let left = self.prng.pick(&[ttl, ttl / 2 + 1, ttl / 2, ttl / 2 - 1, ttl / 4 + 1, 1]);
        let mut record = R { ttl: left, ..own.key.clone() };
        if self.prng.below(8) == 0 {
            record.data = other_data(&record.data);
        }
        record
    }

    /// A sleep proxy, a repeater or a liar speaks for a host, with a TTL around half of the true one (6.6, 10.1).
    pub(super) fn twin(&mut self) {
        let Some((_, own)) = self.any_record() else { return };
        let ttl = self.prng.pick(&[0, 0, 1, own.ttl / 2 - 1, own.ttl / 2, own.ttl]);
        let record = R { ttl, flush: !own.shared, ..own.key };
        let message = Msg {
            id: 0,
            flags: Msg::RESPONSE,
            questions: Vec::new(),
            records: vec![(Section::Answer, record)],
        };
        self.say_later(0, address(4, 5353), Destination::Multicast, &message);
    }

    /// Other data under a unique name: a conflict, and then nobody who holds to it (9).
    pub(super) fn rival(&mut self) {
        let Some((_, own)) = self.any_unique() else { return };
        let record = R { ttl: own.ttl, flush: true, data: other_data(&own.key.data), ..own.key };
        let message = Msg {
            id: 0,
            flags: Msg::RESPONSE,
            questions: Vec::new(),
            records: vec![(Section::Answer, record)],
        };
        self.say_later(0, address(5, 5353), Destination::Multicast, &message);
    }

    /// A probe for a name that is held, which has to be defended, or is probed for just now (8.1, 8.2).
    pub(super) fn probe(&mut self) {
        let models = self.judge.models.iter().filter(|model| model.power == Power::Up);
        let names: Vec<(bool, Name)> = models
            .flat_map(|model| model.names.iter())
            .map(|(whose, held)| (*whose == super::host::Whose::Host, held.name.clone()))
            .collect();
        if names.is_empty() {
            return;
        }
        let (is_host, name) = names[self.prng.below(names.len())].clone();
        let last = self.prng.pick(&[0, 255]);
        let data = if is_host {
            Data::A(Ipv4Addr::new(last, 0, 0, last))
        } else {
            let target = Name(vec![b"somebody".to_vec(), b"local".to_vec()]);
            Data::Srv { priority: u16::from(last), weight: 0, port: 1, target }
        };
        let rtype = if is_host { kind::A } else { kind::SRV };
        let record = R { name: name.clone(), ttl: 120, flush: false, class: CLASS_IN, rtype, data };
        let qu = self.prng.below(2) == 0;
        let message = Msg {
            id: 0,
            flags: Msg::QUERY,
            questions: vec![Q { name, qtype: 255, class: CLASS_IN, qu }],
            records: vec![(Section::Authority, record)],
        };
        let times = 1 + self.prng.below(3) as u64;
        for turn in 0..times {
            self.say_later(turn * 250, address(6, 5353), Destination::Multicast, &message);
        }
    }

    /// The observer hears a packet. While somebody wants every name, each probe is answered with a conflict.
    pub(super) fn observe(&mut self, packet: &Packet) {
        if self.now >= self.stubborn_until || packet.from == self.observer() {
            return;
        }
        let mut records: Vec<(Section, R)> = Vec::new();
        for (_, key, _) in packet.proposed() {
            let taken = R { ttl: 120, flush: true, data: other_data(&key.data), ..key.clone() };
            if !records.iter().any(|(_, other)| other.name == taken.name) {
                records.push((Section::Answer, taken));
            }
        }
        if !records.is_empty() {
            let message = Msg { id: 0, flags: Msg::RESPONSE, questions: Vec::new(), records };
            self.say_later(0, address(7, 5353), Destination::Multicast, &message);
        }
    }

    /// Says it in so many milliseconds.
    pub(crate) fn say_later(&mut self, later: u64, source: SocketAddr, to: Destination, message: &Msg) {
        let octets = encode(message, Compression::Suffixes);
        let message = decode(&octets).unwrap_or_else(|error| panic!("the observer's own message: {error}"));
        let packet = Packet::new(self.observer(), source, to, self.now + later, octets, message);
        self.carry(Rc::new(packet));
    }
}

/// Data of the same type that no host has.
fn other_data(data: &Data) -> Data {
    match data {
        Data::A(_) => Data::A(Ipv4Addr::new(10, 0, 201, 1)),
        Data::Srv { target, .. } => Data::Srv { priority: 9, weight: 9, port: 9, target: target.clone() },
        Data::Txt(_) => Data::Txt(vec![b"other".to_vec()]),
        Data::Aaaa(_) => Data::Aaaa(std::net::Ipv6Addr::LOCALHOST),
        _ => Data::Name(Name(vec![b"other".to_vec(), b"local".to_vec()])),
    }
}
