//! What a host has heard, by the rules of RFC 6762 section 10: all that a cache may hold, whoever wants it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};

use crate::link::Packet;
use crate::support::{Data, Name, R, SECOND, kind};
use crate::wish::{Own, folded_name, lists_a_type, plain};

/// The life of a record; times are of the host's own clock.
#[derive(Clone, Debug)]
pub(crate) struct Life {
    pub(crate) received: u64,
    pub(crate) expires: u64,
    pub(crate) ttl: u64,
    /// A goodbye or a cache-flush bit leaves it a second.
    pub(crate) ends: bool,
    /// So many of its refreshes are spent.
    pub(crate) refreshed: usize,
    /// How often others have asked for it since, and heard nothing (RFC 6762 section 10.5).
    pub(crate) doubted: usize,
    /// So many questions may be asked to confirm it (10.4).
    pub(crate) confirms: usize,
    /// When it may be over, or is at the latest: each time what leads to it may be doubted.
    ends_at: Vec<u64>,
}

#[derive(Default)]
pub(crate) struct Heard {
    records: BTreeMap<R, Life>,
    /// What the host has itself, and whether it has it alone.
    own: BTreeMap<R, (Life, bool)>,
    /// What each name has no other types than.
    types: BTreeMap<Name, (Vec<u16>, u64)>,
}

impl Heard {
    /// A response arrives.
    pub(crate) fn hear(&mut self, now: u64, packet: &Packet) {
        for (_, key, record) in packet.said() {
            if let (Data::Nsec { types, .. }, true) = (&record.data, record.ttl > 0) {
                let until = now + u64::from(record.ttl).max(SHORTEST_SECS) * SECOND;
                self.types.insert(key.name.clone(), (types.clone(), until));
            }
            if record.ttl == 0 {
                if let Some(life) = self.records.get_mut(key) {
                    life.end(now);
                }
                continue;
            }
            let ttl = u64::from(record.ttl).max(SHORTEST_SECS) * SECOND;
            self.records.insert(key.clone(), Life::new(now, now + ttl, ttl));
        }
        // All of a packet comes at once (10.2).
        for (_, key, _) in packet.said().filter(|(_, _, record)| record.flush && record.ttl > 0) {
            let others = self.records.iter_mut().filter(|(other, life)| {
                other.name == key.name && other.rtype == key.rtype && life.received + SECOND < now
            });
            others.for_each(|(_, life)| life.end(now));
        }
    }

    /// The host has these records itself: what others say of them does not count, and what it has no more is gone.
    pub(crate) fn has_itself(&mut self, now: u64, records: &[Own]) {
        let is_gone = |key: &R| !records.iter().any(|own| own.key == *key);
        let gone: Vec<R> = self.own.keys().filter(|key| is_gone(key)).cloned().collect();
        for key in gone {
            // It is shown until the machine looks at its own names again, or for as long as others have said, and may be
            // lost at once. A type that others may have as well is to be confirmed.
            let Some((own, _)) = self.own.remove(&key) else { continue };
            let is_type = lists_a_type(&key);
            let expires = now + if is_type { CONFIRMED } else { OWN_LATE };
            let others = self.records.remove(&key).filter(|life| life.expires > expires);
            let mut life = others.unwrap_or_else(|| Life { ends: true, ..Life::new(now, expires, own.ttl) });
            life.doubted = 2;
            if is_type {
                life.confirm(now);
            }
            self.records.insert(key, life);
        }
        for own in records {
            let life = Life::new(now, u64::MAX / 2, u64::from(own.ttl) * SECOND);
            self.own.entry(own.key.clone()).or_insert((life, !own.shared));
        }
    }

    /// Whether the host has the name for itself.
    pub(crate) fn is_ours(&self, name: &Name) -> bool {
        self.own.iter().any(|(key, (_, alone))| *alone && key.name == *name)
    }

    /// The records of a name and type that a cache may still hold.
    pub(crate) fn of<'h>(
        &'h self,
        name: &Name,
        rtype: u16,
        now: u64,
    ) -> impl Iterator<Item = (&'h R, &'h Life)> {
        let first = plain(name.clone(), rtype, Data::A(Ipv4Addr::UNSPECIFIED));
        let own = self.own.range(first.clone()..).map(|(key, (life, _))| (key, life));
        let of_it =
            |first: R| move |(key, _): &(&R, &Life)| key.name == first.name && key.rtype == first.rtype;
        let heard = self.records.range(first.clone()..).take_while(of_it(first.clone()));
        own.take_while(of_it(first)).chain(heard).filter(move |(_, life)| life.expires + LATE > now)
    }

    pub(crate) fn lives_of(&mut self, name: &Name, rtype: u16) -> impl Iterator<Item = &mut Life> {
        let first = plain(name.clone(), rtype, Data::A(Ipv4Addr::UNSPECIFIED));
        let of_it = self.records.range_mut(first.clone()..);
        of_it
            .take_while(move |(key, _)| key.name == first.name && key.rtype == first.rtype)
            .map(|(_, life)| life)
    }

    /// Whether a record of this name and type is alive, to the millisecond, and nobody has asked for it in vain.
    pub(crate) fn surely_has(&self, name: &Name, rtype: u16, now: u64) -> bool {
        self.of(name, rtype, now).any(|(_, life)| life.expires > now && life.doubted < 2)
    }

    /// What pointers of a name point to.
    pub(crate) fn pointed(&self, name: &Name, now: u64) -> Vec<Name> {
        let target = |(key, _): (&R, &Life)| match &key.data {
            Data::Name(target) => Some(target.clone()),
            _ => None,
        };
        self.of(name, kind::PTR, now).filter_map(target).collect()
    }

    /// The hosts that an instance may run on, with ports.
    pub(crate) fn servers(&self, instance: &Name, now: u64) -> Vec<(Name, u16)> {
        let server = |(key, _): (&R, &Life)| match &key.data {
            Data::Srv { target, port, .. } => Some((target.clone(), *port)),
            _ => None,
        };
        self.of(instance, kind::SRV, now).filter_map(server).collect()
    }

    pub(crate) fn texts(&self, instance: &Name, now: u64) -> Vec<Vec<Vec<u8>>> {
        let text = |(key, _): (&R, &Life)| match &key.data {
            Data::Txt(strings) => Some(strings.clone()),
            _ => None,
        };
        self.of(instance, kind::TXT, now).filter_map(text).collect()
    }

    /// The addresses of a host, and when each was heard last.
    pub(crate) fn addresses(&self, host: &Name, now: u64) -> BTreeMap<IpAddr, u64> {
        let of = |rtype| self.of(host, rtype, now);
        let address = |(key, life): (&R, &Life)| match key.data {
            Data::A(ip) => Some((IpAddr::from(ip), life.received)),
            Data::Aaaa(ip) => Some((IpAddr::from(ip), life.received)),
            _ => None,
        };
        of(kind::A).chain(of(kind::AAAA)).filter_map(address).collect()
    }

    /// Whether somebody has said that the name has no records of the type (6.1).
    pub(crate) fn denies(&self, name: &Name, rtype: u16, now: u64) -> bool {
        self.types.get(name).is_some_and(|(types, until)| *until > now && !types.contains(&rtype))
    }

    /// Others ask, and list what they know.
    pub(crate) fn overhear(&mut self, now: u64, packet: &Packet) {
        let known: Vec<&R> = packet.known().map(|(_, key, _)| key).collect();
        for question in packet.message.questions.iter().filter(|question| !question.qu) {
            let name = folded_name(&question.name);
            let asked_for = |key: &R| key.name == name && [key.rtype, 255].contains(&question.qtype);
            for (key, life) in self.records.iter_mut().filter(|(key, _)| asked_for(key)) {
                if life.expires > now && !known.contains(&key) {
                    life.doubted += 1;
                    // The same query by another way does not count, so it may be this one or a later one.
                    if life.doubted >= 2 {
                        life.confirm(now);
                    }
                }
            }
        }
    }

    /// Records that somebody doubts end in ten seconds, unless they come again (10.3, 10.4).
    pub(crate) fn confirm(&mut self, now: u64, doubts: impl Fn(&R) -> bool) {
        for (_, life) in self.records.iter_mut().filter(|(key, _)| doubts(key)) {
            life.expires = life.expires.min(now + CONFIRMED);
            life.confirm(now);
        }
    }

    /// Of each record that is over, or may be, what leads to it may be doubted. Gives their names and types.
    pub(crate) fn follow(&mut self, now: u64) -> Vec<(Name, u16)> {
        let mut over = Vec::new();
        for (key, life) in &mut self.records {
            let before = life.ends_at.len();
            life.ends_at.retain(|end| *end > now);
            if life.ends_at.len() < before {
                over.push((key.name.clone(), key.rtype));
            }
        }
        over.iter().for_each(|(name, rtype)| self.doubt_what_leads_to(now, name, *rtype));
        over
    }

    /// What leads to a name that has gone, or may have, may be doubted, and in the end be lost.
    pub(crate) fn doubt_what_leads_to(&mut self, now: u64, name: &Name, rtype: u16) {
        let leads = |key: &R| match &key.data {
            Data::Name(target) => rtype == kind::SRV && target == name,
            Data::Srv { target, .. } => [kind::A, kind::AAAA].contains(&rtype) && target == name,
            _ => false,
        };
        for (_, life) in self.records.iter_mut().filter(|(key, _)| leads(key)) {
            life.doubted = 2;
            life.confirm(now);
        }
    }

    pub(crate) fn forget(&mut self) {
        *self = Self::default();
    }

    /// The very record, with names folded.
    pub(crate) fn life(&self, record: &R) -> Option<&Life> {
        let key = crate::wish::key(record);
        self.own.get(&key).map(|(life, _)| life).or_else(|| self.records.get(&key))
    }

    /// All names of pointers that are known.
    pub(crate) fn supports(&self, owner: &Name, target: &Name, now: u64) -> bool {
        self.pointed(owner, now).contains(&folded_name(target))
    }
}

impl Life {
    fn new(received: u64, expires: u64, ttl: u64) -> Self {
        let ends_at = vec![expires];
        Self { received, expires, ttl, ends: false, refreshed: 0, doubted: 0, confirms: 0, ends_at }
    }

    fn end(&mut self, now: u64) {
        self.expires = self.expires.min(now + SECOND);
        self.ends = true;
        self.ends_at.push(self.expires);
    }

    /// It may be asked for at once and a second later, and be over in ten seconds (10.4).
    fn confirm(&mut self, now: u64) {
        self.confirms += 2;
        self.ends_at.push(now + CONFIRMED);
    }

    /// How many of 80, 85, 90 and 95 % of its life are over (RFC 6762 section 5.2).
    pub(crate) fn refreshes_due(&self, now: u64) -> usize {
        let age = now - self.received;
        let over = |percent: &&u64| age * 100 >= self.ttl * **percent;
        if self.ends { 0 } else { [80, 85, 90, 95].iter().filter(over).count() }
    }
}

pub(crate) type Targets = BTreeSet<(Name, u16)>;

/// A record that is told for less is kept for so long (S10 of the list of attacks).
const SHORTEST_SECS: u64 = 10;

/// By so much later than its end a record may still be shown: until the driver wakes.
pub(crate) const LATE: u64 = 20;

/// How long a record lives that is to be confirmed.
const CONFIRMED: u64 = 10 * SECOND;

/// The machine looks at its own names when it says something of them, which may have to wait for the second between two
/// announcements.
const OWN_LATE: u64 = SECOND;
