//! The records that a slot stands for: their names, their data, their octets.

use core::net::IpAddr;

use super::claim::HOST;
use super::data::OwnData;
use super::service::{Service, Txt};
use super::slot::{Kinds, Owner, Slot};
use super::{OwnName, Responder};
use crate::dns_sd::TxtData;
use crate::name::Name;
use crate::wire::{Builder, Class, DoesNotFit, Record, RecordHead, Section, Type};

/// How records are written into a message.
#[derive(Clone, Copy, Debug)]
pub(super) enum Style {
    /// With the cache-flush bit on unique records, for other responders and queriers.
    Announced,
    /// TTL 0 (RFC 6762 section 10.1).
    Goodbye,
    /// No cache-flush bit: what a probe proposes (RFC 6762 section 8.2).
    Proposed,
    /// For a resolver that knows nothing of mDNS: no cache-flush bit, TTL 10 at most, SRV target not compressed
    /// (RFC 6762 sections 6.7, 18.14).
    Legacy,
}

impl<'a> Responder<'_, 'a> {
    /// The name of the slot: of the host, or of the service instance.
    pub(super) fn name_of(&self, slot: &Slot<'a>) -> Option<OwnName<'a>> {
        match slot.owner {
            Owner::Nobody => None,
            Owner::Host(label) => Some(OwnName::host(label, slot.number)),
            Owner::Service(service) => {
                Some(OwnName::instance(service.instance, slot.number, service.service_type))
            }
        }
    }

    /// The host's name, where services are.
    pub(super) fn host(&self) -> Option<OwnName<'a>> {
        self.name_of(self.slot(HOST)?)
    }

    /// The records of a slot that are announced: all but the negative and the list of types.
    pub(super) fn all_kinds(&self, slot: &Slot<'a>) -> Kinds {
        match slot.owner {
            Owner::Nobody => Kinds::NONE,
            Owner::Host(_) => {
                let v4 = if self.addresses.has_v4() { Kinds::A } else { Kinds::NONE };
                let v6 = if self.addresses.has_v6() { Kinds::AAAA } else { Kinds::NONE };
                v4.with(v6)
            }
            Owner::Service(service) => {
                let subtypes =
                    (0..service.subtypes.len()).fold(Kinds::NONE, |kinds, i| kinds.with(Kinds::subtype(i)));
                Kinds::PTR.with(Kinds::SRV).with(Kinds::TXT).with(subtypes)
            }
        }
    }

    /// The records of slot `index` that a question for `name` and `qtype` asks for; the negative when the name is ours
    /// alone and has no such record (RFC 6762 section 6.1).
    pub(super) fn matching(&self, index: usize, name: &Name<'_>, qtype: Type) -> Kinds {
        let Some(slot) = self.slot(index) else { return Kinds::NONE };
        if self.name_of(slot).is_some_and(|own| own.is(name)) {
            let owned = Kinds::A.with(Kinds::AAAA).with(Kinds::SRV).with(Kinds::TXT);
            let kinds = self.all_kinds(slot).only(owned).only(of_type(qtype));
            return if kinds.is_empty() { Kinds::NSEC } else { kinds };
        }
        let Owner::Service(service) = slot.owner else { return Kinds::NONE };
        if qtype != Type::PTR && qtype != Type::ANY {
            return Kinds::NONE;
        }
        if OwnName::service_type(service.service_type).is(name) {
            return Kinds::PTR;
        }
        if OwnName::enumeration().is(name) && self.is_first_of_its_type(index, service) {
            return Kinds::TYPE;
        }
        let is_asked = |subtype: &&str| OwnName::subtype(subtype, service.service_type).is(name);
        service.subtypes.iter().position(is_asked).map_or(Kinds::NONE, Kinds::subtype)
    }

    /// The kind of slot `index` whose very data `record` has.
    pub(super) fn same_data(&self, index: usize, record: &Record<'_>) -> Kinds {
        if record.class() != Class::IN || record.rtype() == Type::ANY {
            return Kinds::NONE;
        }
        let kind = self.matching(index, &record.name(), record.rtype());
        let same = self.addresses_of(kind).any(|ip| OwnData::Address(ip).is(record.raw_data()))
            || self.data(index, kind).is_some_and(|data| data.is(record.raw_data()));
        if same { kind } else { Kinds::NONE }
    }

    /// The addresses that a kind stands for.
    pub(super) fn addresses_of(&self, kind: Kinds) -> impl Iterator<Item = IpAddr> {
        self.addresses.iter().filter(move |ip| kind == if ip.is_ipv4() { Kinds::A } else { Kinds::AAAA })
    }

    /// The data of a kind that stands for one record.
    pub(super) fn data(&self, index: usize, kind: Kinds) -> Option<OwnData<'_>> {
        let slot = self.slot(index)?;
        match (kind, slot.owner) {
            (Kinds::A | Kinds::AAAA | Kinds::NONE, _) => None,
            (Kinds::NSEC, _) => Some(OwnData::Denial(self.name_of(slot)?, bitmap(self.all_kinds(slot)))),
            (Kinds::SRV, Owner::Service(service)) => Some(OwnData::Srv(service, self.host()?)),
            (Kinds::TXT, Owner::Service(service)) => Some(OwnData::Txt(self.txt_of(index, service))),
            (Kinds::TYPE, Owner::Service(service)) => {
                Some(OwnData::Pointer(OwnName::service_type(service.service_type)))
            }
            _ => Some(OwnData::Pointer(self.name_of(slot)?)),
        }
    }

    /// The owner name of a kind of the slot's records.
    pub(super) fn owner_of(&self, slot: &Slot<'a>, kind: Kinds) -> Option<OwnName<'a>> {
        let Owner::Service(service) = slot.owner else { return self.name_of(slot) };
        if kind.has(Kinds::PTR) {
            return Some(OwnName::service_type(service.service_type));
        }
        if kind.has(Kinds::TYPE) {
            return Some(OwnName::enumeration());
        }
        let subtype = service.subtypes.iter().zip(0..).find(|&(_, index)| kind.has(Kinds::subtype(index)));
        match subtype {
            Some((subtype, _)) => Some(OwnName::subtype(subtype, service.service_type)),
            None => self.name_of(slot),
        }
    }

    /// The TXT data of a service in slot `index`.
    pub(super) fn txt_of<'x>(&'x self, index: usize, service: Service<'x>) -> TxtData<'x> {
        match service.txt {
            Txt::Borrowed(data) => data,
            Txt::Copied(len) => {
                let start = index * self.txt_each;
                TxtData::Octets(self.txt.get(start..start + usize::from(len)).unwrap_or(&[]))
            }
        }
    }

    /// Writes the records of one kind, all or none.
    pub(super) fn put(
        &self,
        builder: &mut Builder<'_>,
        section: Section,
        index: usize,
        kind: Kinds,
        style: Style,
    ) -> Result<(), DoesNotFit> {
        let Some(owner) = self.slot(index).and_then(|slot| self.owner_of(slot, kind)) else { return Ok(()) };
        let (unique, legacy) = (!kind.is_shared(), matches!(style, Style::Legacy));
        let flush = matches!(style, Style::Announced | Style::Goodbye) && unique;
        let ttl_secs = match style {
            Style::Goodbye => 0,
            Style::Legacy => kind.ttl_secs().min(10),
            Style::Announced | Style::Proposed => kind.ttl_secs(),
        };
        builder.whole(|builder| {
            let data = self.addresses_of(kind).map(OwnData::Address).chain(self.data(index, kind));
            for data in data {
                let class = Class::IN.0 | if flush { Class::TOP } else { 0 };
                let head = RecordHead { section, rtype: data.rtype(), class, ttl_secs };
                builder.put_record(owner.labels(), head, |builder| data.write(builder, legacy))?;
            }
            Ok(())
        })
    }

    /// The list of types has each type once (RFC 6763 section 9).
    fn is_first_of_its_type(&self, index: usize, service: Service<'_>) -> bool {
        !self.slots.iter().take(index).any(|slot| match slot.owner {
            Owner::Service(other) => {
                slot.claim.is_ours() && other.service_type.eq_ignore_ascii_case(service.service_type)
            }
            _ => false,
        })
    }
}

/// The kinds with records of a type.
fn of_type(qtype: Type) -> Kinds {
    match qtype {
        Type::A => Kinds::A,
        Type::AAAA => Kinds::AAAA,
        Type::SRV => Kinds::SRV,
        Type::TXT => Kinds::TXT,
        Type::ANY => Kinds::A.with(Kinds::AAAA).with(Kinds::SRV).with(Kinds::TXT),
        _ => Kinds::NONE,
    }
}

/// The bitmap of the types that kinds have, all below 40.
fn bitmap(kinds: Kinds) -> [u8; 5] {
    let mut bitmap = [0; 5];
    let types =
        [(Kinds::A, Type::A), (Kinds::TXT, Type::TXT), (Kinds::AAAA, Type::AAAA), (Kinds::SRV, Type::SRV)];
    for (_, Type(number)) in types.into_iter().filter(|&(kind, _)| kinds.has(kind)) {
        if let Some(octet) = bitmap.get_mut(usize::from(number / 8)) {
            *octet |= 0x80 >> (number % 8);
        }
    }
    bitmap
}
