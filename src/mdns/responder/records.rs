//! The records that a slot stands for: their names, their data, their octets.

use core::net::IpAddr;

use super::service::{Service, Txt};
use super::slot::{Kinds, Owner, Slot};
use super::{OwnName, Responder};
use crate::dns_sd::TxtData;
use crate::name::Name;
use crate::wire::{Builder, Class, DoesNotFit, RData, Record, RecordHead, Section, Type};

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
        self.name_of(self.host)
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
        if record.class() != Class::IN {
            return Kinds::NONE;
        }
        let kinds = self.matching(index, &record.name(), record.rtype()).without(Kinds::NSEC);
        let (Some(slot), Ok(data)) = (self.slot(index), record.data()) else { return Kinds::NONE };
        let same = match (data, slot.owner) {
            (RData::A(ip), _) => self.addresses.iter().any(|own| own == IpAddr::V4(ip)),
            (RData::Aaaa(ip), _) => self.addresses.iter().any(|own| own == IpAddr::V6(ip)),
            (RData::Srv(srv), Owner::Service(service)) => {
                (srv.priority(), srv.weight(), srv.port()) == (service.priority, service.weight, service.port)
                    && self.host().is_some_and(|host| host.is(&srv.target()))
            }
            (RData::Txt(txt), Owner::Service(service)) => {
                // Empty data counts as the single empty string that ours would be (RFC 6763 section 6.1).
                let theirs = TxtData::Octets(txt.as_octets()).octets();
                self.txt_of(index, service).octets().eq(theirs)
            }
            (RData::Ptr(target), Owner::Service(service)) if kinds.has(Kinds::TYPE) => {
                OwnName::service_type(service.service_type).is(&target)
            }
            (RData::Ptr(target), _) => self.name_of(slot).is_some_and(|own| own.is(&target)),
            _ => false,
        };
        if same { kinds } else { Kinds::NONE }
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
                let start = (index - 1) * self.txt_each;
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
        let Some(slot) = self.slot(index) else { return Ok(()) };
        let (Some(own), Some(owner)) = (self.name_of(slot), self.owner_of(slot, kind)) else { return Ok(()) };
        let flush = if matches!(style, Style::Announced | Style::Goodbye) && !kind.is_shared() {
            Class::TOP
        } else {
            0
        };
        let ttl_secs = match style {
            Style::Goodbye => 0,
            Style::Legacy => kind.ttl_secs().min(10),
            Style::Announced | Style::Proposed => kind.ttl_secs(),
        };
        let rtype = match kind {
            Kinds::A => Type::A,
            Kinds::AAAA => Type::AAAA,
            Kinds::NSEC => Type::NSEC,
            Kinds::SRV => Type::SRV,
            Kinds::TXT => Type::TXT,
            _ => Type::PTR,
        };
        let head = RecordHead { section, rtype, class: Class::IN.0 | flush, ttl_secs };
        if rtype == Type::A || rtype == Type::AAAA {
            return builder.whole(|builder| {
                let mut family = self.addresses.iter().filter(|ip| ip.is_ipv4() == (rtype == Type::A));
                family.try_for_each(|ip| {
                    builder.put_record(owner.labels(), head, |builder| match ip {
                        IpAddr::V4(ip) => builder.put(&ip.octets()),
                        IpAddr::V6(ip) => builder.put(&ip.octets()),
                    })
                })
            });
        }
        builder.put_record(owner.labels(), head, |builder| match (kind, slot.owner) {
            (Kinds::NSEC, _) => {
                builder.put_name(own.labels())?;
                put_bitmap(builder, self.all_kinds(slot))
            }
            (Kinds::SRV, Owner::Service(service)) => {
                builder.put_srv_head(service.priority, service.weight, service.port)?;
                match (self.host(), style) {
                    (Some(host), Style::Legacy) => builder.put_plain_name(host.labels()),
                    (Some(host), _) => builder.put_name(host.labels()),
                    (None, _) => builder.put(&[0]),
                }
            }
            (Kinds::TXT, Owner::Service(service)) => {
                self.txt_of(index, service).octets().try_for_each(|octet| builder.put(&[octet]))
            }
            (Kinds::TYPE, Owner::Service(service)) => {
                builder.put_name(OwnName::service_type(service.service_type).labels())
            }
            _ => builder.put_name(own.labels()),
        })
    }

    /// The list of types has each type once (RFC 6763 section 9).
    fn is_first_of_its_type(&self, index: usize, service: Service<'_>) -> bool {
        let before = self.services.get(..index.saturating_sub(1)).unwrap_or(&[]);
        !before.iter().any(|slot| match slot.owner {
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

/// Writes the one bitmap window that types below 256 need (RFC 4034 section 4.1.2).
fn put_bitmap(builder: &mut Builder<'_>, kinds: Kinds) -> Result<(), DoesNotFit> {
    let mut bitmap = [0_u8; 5];
    let types =
        [(Kinds::A, Type::A), (Kinds::TXT, Type::TXT), (Kinds::AAAA, Type::AAAA), (Kinds::SRV, Type::SRV)];
    for (_, Type(number)) in types.into_iter().filter(|&(kind, _)| kinds.has(kind)) {
        if let Some(octet) = bitmap.get_mut(usize::from(number / 8)) {
            *octet |= 0x80 >> (number % 8);
        }
    }
    let len = bitmap.iter().rposition(|&octet| octet != 0).map_or(0, |last| last + 1);
    if len == 0 {
        return Ok(());
    }
    builder.put(&[0, len as u8])?;
    builder.put(bitmap.get(..len).unwrap_or(&[]))
}
