//! What the application of a host wants, and the records that follow from it: what a host may say at all.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::host::{Device, News, Whose};
use crate::support::{Data, Name, R, kind};

/// A service that is to be found.
#[derive(Clone, Debug)]
pub(crate) struct Offer {
    pub(crate) key: u32,
    pub(crate) instance: &'static str,
    pub(crate) service_type: &'static str,
    pub(crate) subtypes: &'static [&'static str],
    pub(crate) port: u16,
    /// The value of its one TXT attribute, `v`.
    pub(crate) txt: String,
}

/// All that an application has asked for.
#[derive(Clone, Debug)]
pub(crate) struct Wish {
    pub(crate) label: &'static str,
    pub(crate) addresses: Vec<(IpAddr, u8)>,
    pub(crate) offers: Vec<Offer>,
    /// No two offers of a host ever have the same key.
    pub(crate) next_key: u32,
}

/// A name of a host, as its machine shows it.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    /// Folded to lower case.
    pub(crate) name: Name,
    pub(crate) established: bool,
}

/// A record that a host has, with the TTL of RFC 6762 section 10.
#[derive(Clone, Debug)]
pub(crate) struct Own {
    pub(crate) key: R,
    pub(crate) ttl: u32,
    pub(crate) shared: bool,
    pub(crate) whose: Whose,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Power {
    /// Not there: not yet switched on, or crashed.
    Off,
    Up,
    /// The link is down, and the host was told.
    Down,
    /// It has said goodbye.
    Stopped,
}

/// A host as the checker sees it.
pub(crate) struct Model {
    pub(crate) wish: Wish,
    pub(crate) power: Power,
    pub(crate) names: BTreeMap<Whose, Held>,
    pub(crate) records: Vec<Own>,
    /// A host name has been established since the host is up.
    pub(crate) host_was_named: bool,
}

impl Model {
    pub(crate) fn new(wish: Wish) -> Self {
        Self { wish, power: Power::Off, names: BTreeMap::new(), records: Vec::new(), host_was_named: false }
    }

    pub(crate) fn holds(&self, key: &R) -> Option<&Own> {
        self.records.iter().find(|own| own.key == *key)
    }

    /// Whose unique name this is, when it is established.
    pub(crate) fn owner_of(&self, name: &Name) -> Option<Whose> {
        self.names.iter().find(|(_, held)| held.established && held.name == *name).map(|(whose, _)| *whose)
    }

    /// Whether `key` says what an established name has not.
    pub(crate) fn denies(&self, key: &R) -> bool {
        key.rtype == kind::NSEC && self.owner_of(&key.name).is_some()
    }

    /// Takes over the names that the machine has now, and works out the records anew.
    fn refresh(&mut self, device: Option<&Device<'_>>) {
        let mut names = BTreeMap::new();
        let offers = self.wish.offers.iter().map(|offer| Whose::Offer(offer.key));
        for whose in std::iter::once(Whose::Host).chain(offers) {
            if let Some(name) = device.and_then(|device| device.name(whose)) {
                let established =
                    self.power == Power::Up && self.names.get(&whose).is_some_and(|held| held.established);
                names.insert(whose, Held { name: folded_name(&name), established });
            }
        }
        self.names = names;
        self.records = self.own_records(|held| held.established);
    }

    /// Takes over what the machine told of its names.
    pub(crate) fn told(&mut self, device: &Device<'_>, events: &[(Whose, News)]) {
        self.refresh(Some(device));
        for (whose, news) in events {
            if let Some(held) = self.names.get_mut(whose) {
                held.established = *news == News::Established && self.power == Power::Up;
                self.host_was_named |= *whose == Whose::Host && held.established;
            }
        }
        self.refresh(Some(device));
    }

    /// Nothing is established any more.
    pub(crate) fn unsettle(&mut self) {
        self.names.values_mut().for_each(|held| held.established = false);
        self.records.clear();
    }

    /// The unique records of all names, established or not: what probes propose.
    pub(crate) fn proposals(&self) -> Vec<Own> {
        let mut all = self.own_records(|_| true);
        all.retain(|own| !own.shared);
        all
    }

    fn own_records(&self, counts: impl Fn(&Held) -> bool) -> Vec<Own> {
        let mut records = Vec::new();
        let Some(host) = self.names.get(&Whose::Host) else { return records };
        let mut add = |whose, name: &Name, rtype, data, ttl, shared| {
            records.push(Own { key: plain(name.clone(), rtype, data), ttl, shared, whose });
        };
        if counts(host) {
            for (address, _) in &self.wish.addresses {
                match address {
                    IpAddr::V4(ip) => add(Whose::Host, &host.name, kind::A, Data::A(*ip), 120, false),
                    IpAddr::V6(ip) => add(Whose::Host, &host.name, kind::AAAA, Data::Aaaa(*ip), 120, false),
                }
            }
        }
        for offer in &self.wish.offers {
            let whose = Whose::Offer(offer.key);
            let Some(held) = self.names.get(&whose).filter(|held| counts(held)) else { continue };
            let domain = |text: &str| folded_name(&format!("{text}.local").parse().expect("a name"));
            let service_type = domain(offer.service_type);
            let target = host.name.clone();
            let srv = Data::Srv { priority: 0, weight: 0, port: offer.port, target };
            let txt = Data::Txt(vec![format!("v={}", offer.txt).into_bytes()]);
            let pointer = |to: &Name| Data::Name(to.clone());
            add(whose, &held.name, kind::SRV, srv, 120, false);
            add(whose, &held.name, kind::TXT, txt, 4_500, false);
            add(whose, &service_type, kind::PTR, pointer(&held.name), 4_500, true);
            for subtype in offer.subtypes {
                let subtype = domain(&format!("{subtype}._sub.{}", offer.service_type));
                add(whose, &subtype, kind::PTR, pointer(&held.name), 4_500, true);
            }
            let list = domain("_services._dns-sd._udp");
            add(whose, &list, kind::PTR, pointer(&service_type), 4_500, true);
        }
        // Two services of one type list it once.
        records.sort_by(|a, b| a.key.cmp(&b.key));
        records.dedup_by(|a, b| a.key == b.key);
        records
    }
}

/// A record without what changes from packet to packet: the key of all tables here.
pub(crate) fn plain(name: Name, rtype: u16, data: Data) -> R {
    R { name, ttl: 0, flush: false, class: 1, rtype, data }
}

/// The key of a record on the wire. An NSEC record is known by its owner alone.
pub(crate) fn key(record: &R) -> R {
    let data = match &record.data {
        Data::Nsec { .. } => Data::Raw(Vec::new()),
        Data::Name(name) => Data::Name(folded_name(name)),
        Data::Srv { priority, weight, port, target } => {
            Data::Srv { priority: *priority, weight: *weight, port: *port, target: folded_name(target) }
        }
        other => other.clone(),
    };
    plain(folded_name(&record.name), record.rtype, data)
}

/// The key of the record that says what `name` has not.
pub(crate) fn denial(name: &Name) -> R {
    plain(name.clone(), kind::NSEC, Data::Raw(Vec::new()))
}

/// ASCII letters in lower case: names are equal without regard to it (RFC 6762 section 16).
pub(crate) fn folded_name(name: &Name) -> Name {
    Name(name.0.iter().map(|label| label.to_ascii_lowercase()).collect())
}

/// Whether it lists a service type (RFC 6763 section 9).
pub(crate) fn lists_a_type(key: &R) -> bool {
    key.name.0.first().is_some_and(|label| label == b"_services")
}
