//! What there is, and what an honest server says of it.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use crate::lab::soa;
use crate::support::{Data, Msg, Name, Q, R, Section, kind};

/// Nobody honest tells of these.
pub(crate) const FORGED: [&str; 2] = ["A 203.0.113.66", "AAAA 2001:db8:bad::66"];

/// What is asked for. The last ones are aliases: of a host, of nothing, in a ring.
pub(crate) const NAMES: [&str; 11] = [
    "cam.example",
    "door.example",
    "six.example",
    "bank.example",
    "many.example",
    "empty.example",
    "gone.example",
    "long-name-with-many-letters.of-a-zone-below.example",
    "www.example",
    "old.example",
    "ring.example",
];

const ZONE: &str = "! flags=0x8180 | ans
    cam.example 300 A 192.0.2.7, cam.example 300 AAAA 2001:db8::7,
    door.example 60 A 192.0.2.8, door.example 60 A 192.0.2.9, door.example 60 A 192.0.2.10,
    six.example 5 AAAA 2001:db8::11, six.example 5 AAAA 2001:db8::12,
    bank.example 3600 A 192.0.2.13, bank.example 3600 AAAA 2001:db8::13,
    long-name-with-many-letters.of-a-zone-below.example 0 A 192.0.2.14,
    empty.example 300 TXT \"text alone\", many.example 300 TXT \"many\",
    www.example 300 CNAME web.example, web.example 30 CNAME host.example,
    host.example 300 A 192.0.2.15, host.example 300 AAAA 2001:db8::15,
    old.example 300 CNAME gone.example,
    ring.example 300 CNAME round.example, round.example 300 CNAME ring.example";

static RECORDS: LazyLock<Vec<R>> = LazyLock::new(|| {
    let zone: Msg = ZONE.parse().unwrap();
    let mut records: Vec<R> = zone.records.into_iter().map(|(_, record)| record).collect();
    // 50 addresses of IPv4 need EDNS, those of IPv6 a stream.
    for (rtype, count) in [(kind::A, 50), (kind::AAAA, 50)] {
        for last in 0..count {
            let data = match rtype {
                kind::A => Data::A([198, 51, 100, last].into()),
                _ => Data::Aaaa([0x2001, 0xDB8, 0, 0, 0, 0, 1, last.into()].into()),
            };
            let name = "many.example".parse().unwrap();
            records.push(R { name, ttl: 300, flush: false, class: 1, rtype, data });
        }
    }
    records
});

/// What is true of a name and type.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Truth {
    /// `ttl` is the least of the records and of the aliases that lead to them.
    Records {
        canonical: Name,
        ttl: u32,
        data: BTreeSet<Data>,
    },
    NoName,
    NoData,
    Ring,
}

/// The name in small letters.
pub(crate) fn fold(name: &Name) -> Name {
    Name(name.0.iter().map(|label| label.to_ascii_lowercase()).collect())
}

/// The aliases on the way, and what is at their end.
pub(crate) fn truth(name: &Name, rtype: u16) -> (Vec<R>, Truth) {
    let (mut name, mut aliases) = (fold(name), Vec::<R>::new());
    loop {
        let here: Vec<&R> = RECORDS.iter().filter(|record| record.name == name).collect();
        let found: Vec<&&R> = here.iter().filter(|record| record.rtype == rtype).collect();
        if let Some(first) = found.first() {
            let data = found.iter().map(|record| record.data.clone()).collect();
            let ttl = aliases.iter().map(|alias| alias.ttl).fold(first.ttl, u32::min);
            return (aliases, Truth::Records { canonical: name, ttl, data });
        }
        let alias = here.iter().find(|record| record.rtype == kind::CNAME);
        match alias {
            None if here.is_empty() => return (aliases, Truth::NoName),
            None => return (aliases, Truth::NoData),
            Some(alias) if aliases.contains(alias) => return (aliases, Truth::Ring),
            Some(alias) => {
                let Data::Name(target) = &alias.data else { panic!("an alias has a target") };
                name = target.clone();
                aliases.push((*alias).clone());
            }
        }
    }
}

/// The records of an honest answer, and its code.
pub(crate) fn answer(question: &Q) -> (Vec<(Section, R)>, u16) {
    let (aliases, truth) = truth(&question.name, question.qtype);
    let mut records: Vec<_> = aliases.into_iter().map(|alias| (Section::Answer, alias)).collect();
    match truth {
        Truth::Records { canonical, data, .. } => {
            let of_set = RECORDS.iter().filter(|record| record.name == canonical);
            let of_set =
                of_set.filter(|record| record.rtype == question.qtype && data.contains(&record.data));
            records.extend(of_set.map(|record| (Section::Answer, record.clone())));
            (records, 0)
        }
        Truth::Ring => (records, 0),
        denied => {
            let soa: Msg = format!("! flags=0x8180 | auth {}", soa("example.", 60, 30)).parse().unwrap();
            records.extend(soa.records);
            (records, if denied == Truth::NoName { 3 } else { 0 })
        }
    }
}

/// The records that a forger would like to be believed, of the type asked for.
pub(crate) fn forged(name: &Name, qtype: u16) -> R {
    let text = if qtype == kind::AAAA { FORGED[1] } else { FORGED[0] };
    let made: Msg = format!("! forged.example 86400 {text}").parse().unwrap();
    let (_, record) = made.records.into_iter().next().unwrap();
    R { name: name.clone(), ..record }
}
