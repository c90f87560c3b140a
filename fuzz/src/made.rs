//! Names and data that a fuzz input composes: sound ones, to be built.

use std::net::{Ipv4Addr, Ipv6Addr};

use arbitrary::Arbitrary;
use dotlocal::name::{MAX_LABEL, MAX_NAME, Name, NameBuf};
use dotlocal::wire::{
    Afsdb, Caa, CharStr, EdnsOption, Hinfo, Minfo, Mx, Naptr, Nsec, Opt, OptionCode, RData, Rp, Soa, Srv,
    SvcParam, SvcParamKey, SvcParams, Svcb, Txt, Type, TypeBitmap, Uri,
};

use crate::wire;

/// An EDNS option of a code that the crate does not know, so that any data fits it.
#[derive(Arbitrary, Clone, Debug)]
pub struct MadeOption(u16, Vec<u8>);

impl MadeOption {
    pub fn option(&self) -> EdnsOption<'_> {
        EdnsOption::Other(OptionCode(self.0 | 0x8000), &self.1)
    }

    /// Code, length and data.
    pub fn octets(&self) -> Vec<u8> {
        [&(self.0 | 0x8000).to_be_bytes(), &(self.1.len() as u16).to_be_bytes(), self.1.as_slice()].concat()
    }
}

/// Endings that names share, with others that differ in case, in where labels end, or not at all.
const POOL: [&str; 12] = [
    ".",
    "local",
    "LOCAL",
    "cam.local",
    "Cam.local",
    "_http._tcp.local",
    "_tcp.local",
    "a.a.a.local",
    r"cam\.local",
    "example.com",
    "www.example.com",
    "com",
];

/// A name from the pool, a label before one, or any labels.
#[derive(Arbitrary, Clone, Debug)]
pub enum MadeName {
    Pool(u8),
    Under(Vec<u8>, u8),
    /// Many that differ, of which all find a place in the message but not in the builder's memory.
    Numbered(u8, u8),
    Labels(Vec<Vec<u8>>),
}

impl MadeName {
    pub fn name(&self) -> NameBuf {
        let pool = |index: &u8| -> NameBuf { POOL[usize::from(*index) % POOL.len()].parse().unwrap() };
        match self {
            Self::Pool(index) => pool(index),
            Self::Under(label, index) => under(label, pool(index)),
            Self::Numbered(number, index) => under(format!("host-{number}").as_bytes(), pool(index)),
            Self::Labels(labels) => {
                let mut sound: Vec<Vec<u8>> = Vec::new();
                for label in labels.iter().filter(|label| !label.is_empty()) {
                    sound.push(label.iter().copied().take(MAX_LABEL).collect());
                    if wire(&sound).len() > MAX_NAME {
                        sound.pop();
                    }
                }
                NameBuf::from_labels(sound).unwrap()
            }
        }
    }
}

fn under(label: &[u8], above: NameBuf) -> NameBuf {
    let label = label.get(..MAX_LABEL).unwrap_or(label);
    if label.is_empty() {
        return above;
    }
    NameBuf::from_labels(std::iter::once(label).chain(above.name().labels())).unwrap()
}

/// Data of every type that the crate knows, and of one that it does not.
#[derive(Arbitrary, Clone, Debug)]
pub enum MadeData {
    A([u8; 4]),
    Aaaa([u8; 16]),
    Name(u8, MadeName),
    Soa(MadeName, MadeName, [u32; 5]),
    Names(bool, MadeName, MadeName),
    NumberAndName(bool, u16, MadeName),
    Srv([u16; 3], MadeName),
    Naptr([u16; 2], [Vec<u8>; 3], MadeName),
    Hinfo(Vec<u8>, Vec<u8>),
    Txt(Vec<Vec<u8>>),
    Caa(u8, Vec<u8>, Vec<u8>),
    Uri([u16; 2], Vec<u8>),
    Nsec(MadeName, Vec<u16>),
    Opt(Vec<MadeOption>),
    Svcb(bool, u16, MadeName, Option<u16>, Vec<[u8; 4]>, Vec<u8>),
    Other(u8, Vec<u8>),
    /// Fills the message to where pointers no longer reach.
    Long(u16),
}

fn string(octets: &[u8]) -> CharStr<'_> {
    CharStr::new(octets.get(..255).unwrap_or(octets)).unwrap()
}

/// Hands the data of a name to `with`, as one of the types that have nothing else.
fn one_name<R>(which: u8, name: Name<'_>, with: impl FnOnce(&RData<'_>) -> R) -> R {
    with(&match which % 9 {
        0 => RData::Ns(name),
        1 => RData::Md(name),
        2 => RData::Mf(name),
        3 => RData::Cname(name),
        4 => RData::Mb(name),
        5 => RData::Mg(name),
        6 => RData::Mr(name),
        7 => RData::Ptr(name),
        _ => RData::Dname(name),
    })
}

impl MadeData {
    pub fn with<R>(&self, with: impl FnOnce(&RData<'_>) -> R) -> R {
        let mut buf = vec![0; 70_000];
        match self {
            Self::A(octets) => with(&RData::A(Ipv4Addr::from(*octets))),
            Self::Aaaa(octets) => with(&RData::Aaaa(Ipv6Addr::from(*octets))),
            Self::Name(which, name) => one_name(*which, name.name().name(), with),
            Self::Soa(mname, rname, [serial, refresh_secs, retry_secs, expire_secs, minimum_secs]) => {
                let (mname, rname) = (mname.name(), rname.name());
                with(&RData::Soa(Soa {
                    mname: mname.name(),
                    rname: rname.name(),
                    serial: *serial,
                    refresh_secs: *refresh_secs,
                    retry_secs: *retry_secs,
                    expire_secs: *expire_secs,
                    minimum_secs: *minimum_secs,
                }))
            }
            Self::Names(rp, first, second) => {
                let (first, second) = (first.name(), second.name());
                let (first, second) = (first.name(), second.name());
                with(&match rp {
                    true => RData::Rp(Rp { mbox: first, txt: second }),
                    false => RData::Minfo(Minfo { rmailbx: first, emailbx: second }),
                })
            }
            Self::NumberAndName(mx, number, name) => {
                let name = name.name();
                with(&match mx {
                    true => RData::Mx(Mx { preference: *number, exchange: name.name() }),
                    false => RData::Afsdb(Afsdb { subtype: *number, hostname: name.name() }),
                })
            }
            Self::Srv([priority, weight, port], target) => {
                let target = target.name();
                with(&RData::Srv(Srv {
                    priority: *priority,
                    weight: *weight,
                    port: *port,
                    target: target.name(),
                }))
            }
            Self::Naptr([order, preference], [flags, services, regexp], replacement) => {
                let replacement = replacement.name();
                with(&RData::Naptr(Naptr {
                    order: *order,
                    preference: *preference,
                    flags: string(flags),
                    services: string(services),
                    regexp: string(regexp),
                    replacement: replacement.name(),
                }))
            }
            Self::Hinfo(cpu, os) => with(&RData::Hinfo(Hinfo { cpu: string(cpu), os: string(os) })),
            Self::Txt(strings) => {
                let mut octets = Vec::new();
                for string in strings.iter().map(|octets| string(octets).as_octets()) {
                    octets.push(string.len() as u8);
                    octets.extend(string);
                }
                with(&RData::Txt(Txt::from_octets(&octets).unwrap()))
            }
            Self::Caa(flags, tag, value) => with(&RData::Caa(Caa { flags: *flags, tag: string(tag), value })),
            Self::Uri([priority, weight], target) => {
                with(&RData::Uri(Uri { priority: *priority, weight: *weight, target }))
            }
            Self::Nsec(next, types) => {
                let (next, types): (_, Vec<Type>) = (next.name(), types.iter().copied().map(Type).collect());
                let types = TypeBitmap::build(&mut buf, &types).unwrap();
                with(&RData::Nsec(Nsec { next: next.name(), types }))
            }
            Self::Opt(options) => {
                let options: Vec<_> = options.iter().map(MadeOption::option).collect();
                with(&RData::Opt(Opt::build(&mut buf, &options).unwrap()))
            }
            Self::Svcb(https, priority, target, port, hints, last) => {
                let target = target.name();
                let mut params: Vec<SvcParam<'_>> = port.iter().copied().map(SvcParam::Port).collect();
                if !hints.is_empty() {
                    params.push(SvcParam::Ipv4Hint(hints));
                }
                params.push(SvcParam::Other(SvcParamKey(667), last));
                let params = SvcParams::build(&mut buf, &params).unwrap();
                let svcb = Svcb { priority: *priority, target: target.name(), params };
                with(&if *https { RData::Https(svcb) } else { RData::Svcb(svcb) })
            }
            Self::Other(number, octets) => with(&RData::Other(Type(65_280 | u16::from(*number)), octets)),
            Self::Long(len) => with(&RData::Other(Type::NULL, &vec![0xC0; usize::from(*len) / 2])),
        }
    }
}
