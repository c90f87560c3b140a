//! The records that slots stand for: each is made from borrowed pieces when somebody looks at it, and nowhere kept.

use core::cmp::Ordering;
use core::net::IpAddr;

use super::Responder;
use super::extra::ExtraRecord;
use super::kinds::Kinds;
use super::service::{Service, Txt};
use super::slot::{Flags, Goodbye, Owner, Slot};
use crate::dns_sd::TxtData;
use crate::mdns::own_name::OwnName;
use crate::wire::{Builder, Class, DoesNotFit, Record, RecordHead, Section, Type, folds_from};

/// A record of ours.
#[derive(Debug)]
pub(super) struct OwnRecord<'x> {
    pub(super) kind: Kinds,
    pub(super) owner: OwnName<'x>,
    pub(super) rtype: Type,
    pub(super) ttl_secs: u32,
    pub(super) hold: Hold,
    /// The data before the name in it.
    octets: [u8; 16],
    len: u8,
    name: Option<OwnName<'x>>,
    text: TxtData<'x>,
    /// The types that the name has by the records before this one.
    types: Types,
}

/// The records of a slot, the negative one behind all that it is about. Each takes the place of the one before it: a
/// copy of each would weigh on flash and stack.
pub(super) struct OwnRecords<'x, 'a> {
    responder: &'x Responder<'x, 'a>,
    index: usize,
    nth: usize,
    record: OwnRecord<'x>,
}

impl<'x> OwnRecords<'x, '_> {
    #[inline(never)]
    pub(super) fn next(&mut self) -> Option<&OwnRecord<'x>> {
        let (nth, record) = (self.nth, &mut self.record);
        if record.hold == Hold::Claimed {
            record.types.add(record.rtype);
        }
        self.nth += 1;
        self.responder.make(record, self.index, nth)?;
        Some(record)
    }
}

/// What stands in NSEC behind the name: the number of the first window of types, its length, and a bit for each type
/// (RFC 4034 section 4.1.2).
#[derive(Debug)]
struct Types {
    octets: [u8; 34],
    len: u8,
    fit: bool,
}

impl Types {
    fn add(&mut self, Type(number): Type) {
        let at = 2 + usize::from(number / 8);
        let Some(octet) = self.octets.get_mut(at) else {
            self.fit = false;
            return;
        };
        *octet |= 0x80 >> (number % 8);
        self.len = self.len.max(at as u8 + 1);
        let [_, len, ..] = &mut self.octets;
        *len = self.len - 2;
    }

    fn octets(&self) -> &[u8] {
        self.octets.get(..self.len.into()).unwrap_or(&[])
    }
}

/// Whose the owner name of a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hold {
    /// Of everybody who has such records.
    Shared,
    /// Ours by the address in it: nobody is asked.
    Known,
    /// Ours once the link was asked.
    Claimed,
    /// Of the negative record: ours as all records of the name are.
    Denied,
}

/// How records are written into a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// With the cache-flush bit on unique records, for other responders and queriers.
    Announced,
    /// TTL 0 (RFC 6762 section 10.1).
    Goodbye,
    /// TTL 0 for data under a name that may be another's by now: no cache is flushed of his.
    Yielded,
    /// No cache-flush bit: what a probe proposes (RFC 6762 section 8.2).
    Proposed,
    /// For a resolver that knows nothing of mDNS: no cache-flush bit, TTL 10 at most (RFC 6762 section 6.7).
    Legacy,
}

impl<'x> OwnRecord<'x> {
    /// Hands the uncompressed data to `sink`, piece by piece.
    pub(super) fn emit(&self, sink: &mut dyn FnMut(&[u8])) {
        let (before, behind) = self.around();
        sink(before);
        if let Some(name) = &self.name {
            name.emit(&mut |label| {
                sink(&[label.len() as u8]);
                sink(label);
            });
            sink(&[0]);
        }
        sink(behind);
        self.text.emit(sink);
    }

    /// The octets before and behind the name.
    fn around(&self) -> (&[u8], &[u8]) {
        if self.rtype == Type::NSEC { (&[], self.types.octets()) } else { (self.octets(), &[]) }
    }

    fn octets(&self) -> &[u8] {
        self.octets.get(..self.len.into()).unwrap_or(&[])
    }

    fn set_octets(&mut self, octets: &[u8]) {
        self.octets.iter_mut().zip(octets).for_each(|(slot, octet)| *slot = *octet);
        self.len = octets.len() as u8;
    }

    /// Makes the record say what its name has, and so what it has not (M-6.1-1); nothing for a shared name (M-6.1-2), nor
    /// where a type stands in the way that the first window cannot hold (M-6.1-4).
    fn deny(&mut self) {
        (self.rtype, self.name, self.hold) = (Type::NSEC, Some(self.owner), Hold::Denied);
        if self.types.fit && self.types.len > 0 {
            self.kind = Kinds::NSEC;
        }
    }

    /// Makes the record one of those of an address of a host.
    fn address(&mut self, ip: &'x IpAddr, nth: usize) {
        if nth % 2 == 1 {
            self.kind = Kinds::REVERSE.nth(Ord::min(nth / 2, Kinds::REVERSES - 1));
            self.name = Some(core::mem::replace(&mut self.owner, OwnName::Reverse(ip)));
            self.hold = Hold::Known;
            return;
        }
        match ip {
            IpAddr::V4(ip) => {
                (self.kind, self.rtype) = (Kinds::A, Type::A);
                self.set_octets(&ip.octets());
            }
            IpAddr::V6(ip) => {
                (self.kind, self.rtype) = (Kinds::AAAA, Type::AAAA);
                self.set_octets(&ip.octets());
            }
        }
    }

    /// Compares the uncompressed data with another's, octet by octet as unsigned numbers, the longer one later on a
    /// common beginning (RFC 6762 section 8.2). From `folds_from` on letters are compared without regard to case.
    /// Broken data comes before all.
    pub(super) fn compare(&self, their: &Record<'_>, folds_from: usize) -> Ordering {
        let mut theirs = their.raw_data().uncompressed();
        let Ok(theirs) = &mut theirs else { return Ordering::Greater };
        let (mut order, mut at) = (Ordering::Equal, 0);
        self.emit(&mut |piece| {
            for own in piece {
                let lower = |octet: u8| if at >= folds_from { octet.to_ascii_lowercase() } else { octet };
                order = order.then_with(|| Some(lower(*own)).cmp(&theirs.next().map(lower)));
                at += 1;
            }
        });
        order.then_with(|| if theirs.next().is_some() { Ordering::Less } else { Ordering::Equal })
    }

    /// Whether `record` says the same of the same name; its TTL and cache-flush bit aside.
    pub(super) fn says(&self, record: &Record<'_>) -> bool {
        if record.rtype() != self.rtype || record.class() != Class::IN || !self.owner.is(&record.name()) {
            return false;
        }
        // Empty data counts as one empty string (RFC 6763 section 6.1).
        let is_empty = self.rtype == Type::TXT && record.raw_data().as_octets().is_empty();
        if is_empty { self.octets() == [0] } else { self.compare(record, folds_from(self.rtype)).is_eq() }
    }

    /// Writes the record.
    pub(super) fn put(
        &self,
        builder: &mut Builder<'_>,
        section: Section,
        style: Style,
    ) -> Result<(), DoesNotFit> {
        let flush = matches!(style, Style::Announced | Style::Goodbye) && self.hold != Hold::Shared;
        let ttl_secs = match style {
            Style::Goodbye | Style::Yielded => 0,
            Style::Legacy => self.ttl_secs.min(10),
            Style::Announced | Style::Proposed => self.ttl_secs,
        };
        let class = Class::IN.0 | if flush { Class::TOP } else { 0 };
        let head = RecordHead { section, rtype: self.rtype, class, ttl_secs };
        builder.put_part(
            head,
            |builder| put_own(builder, Type::PTR, &self.owner),
            |builder| {
                let (before, behind) = self.around();
                builder.put(before)?;
                if let Some(name) = &self.name {
                    put_own(builder, self.rtype, name)?;
                }
                let mut put = builder.put(behind);
                self.text.emit(&mut |piece| put = put.and_then(|()| builder.put(piece)));
                put
            },
        )
    }
}

/// Writes a name of ours as data of `rtype` allows it to be compressed.
#[inline(never)]
fn put_own(builder: &mut Builder<'_>, rtype: Type, own: &OwnName<'_>) -> Result<(), DoesNotFit> {
    own.read(|name| builder.put_name_of(rtype, &name.name()))
}

impl<'a> Responder<'_, 'a> {
    /// The records of slot `index`, the negative one behind all that it is about.
    #[inline(never)]
    pub(super) fn records(&self, index: usize) -> OwnRecords<'_, 'a> {
        let record = OwnRecord {
            kind: Kinds::NONE,
            owner: OwnName::Enumeration,
            rtype: Type::PTR,
            ttl_secs: 0,
            hold: Hold::Shared,
            octets: [0; 16],
            len: 0,
            name: None,
            text: TxtData::Octets(&[]),
            types: Types { octets: [0; 34], len: 0, fit: true },
        };
        OwnRecords { responder: self, index, nth: 0, record }
    }

    /// Makes `record`, which was the one before it, the one `nth` of slot `index`.
    #[inline(always)]
    fn make<'x>(&'x self, record: &mut OwnRecord<'x>, index: usize, nth: usize) -> Option<()> {
        let slot = self.slot(index)?;
        let (mut label, mut number, mut extra) = (slot.label(), slot.number, slot.extra());
        match slot.goodbye {
            Goodbye::Label(old, old_number) if self.says_goodbye => (label, number) = (old, old_number),
            Goodbye::Extra(replaced) if self.says_goodbye => extra = replaced,
            _ => {}
        }
        (record.owner, record.rtype, record.name) = (slot.name_as(label, number), Type::PTR, None);
        (record.hold, record.ttl_secs, record.kind) = (Hold::Claimed, 120, Kinds::NONE);
        (record.len, record.text) = (0, TxtData::Octets(&[]));
        let addresses = self.addresses_of(slot);
        if let Owner::Service(service) = slot.owner {
            return self.service_record(record, index, service, nth);
        } else if let Some(ip) = addresses.get(nth / 2) {
            record.address(ip, nth);
        } else {
            let nth = nth - 2 * addresses.len();
            if nth == extra.len() {
                record.deny();
                return Some(());
            }
            let &ExtraRecord { rtype, ttl_secs, data } = extra.get(nth)?;
            (record.rtype, record.text) = (rtype, TxtData::Octets(data));
            record.ttl_secs = match ttl_secs {
                0 if slot.is_host() => 120,
                0 => 4_500,
                said => said,
            };
            let mut first = nth;
            if slot.flags.has(Flags::SHARED) {
                record.hold = Hold::Shared;
            } else {
                // What flushes a cache goes with all of its type (M-6-11); of shared records each goes for itself.
                first = extra.iter().position(|first| first.rtype == rtype).unwrap_or(nth);
            }
            record.kind = slot.first_extra().nth(first);
        }
        Some(())
    }

    /// Makes `record` the one `nth` of a service.
    fn service_record<'x>(
        &'x self,
        record: &mut OwnRecord<'x>,
        index: usize,
        service: Service<'x>,
        nth: usize,
    ) -> Option<()> {
        match nth {
            0 => {
                (record.kind, record.rtype) = (Kinds::SRV, Type::SRV);
                record.set_octets(
                    [service.priority, service.weight, service.port].map(u16::to_be_bytes).as_flattened(),
                );
                record.name = self.slot(service.host.index.into()).map(Slot::name);
                return Some(());
            }
            1 => {
                (record.kind, record.rtype, record.ttl_secs) = (Kinds::TXT, Type::TXT, 4_500);
                record.text = self.txt_of(index, service);
                if record.text.is_empty() {
                    // S-6.1-1: a single zero octet when there is nothing to say.
                    record.set_octets(&[0]);
                }
                return Some(());
            }
            _ => {}
        }
        if nth == 3 + service.subtypes.len() {
            record.deny();
            return Some(());
        }
        (record.ttl_secs, record.hold) = (4_500, Hold::Shared);
        let service_type = OwnName::Type(service.service_type);
        let instance = core::mem::replace(&mut record.owner, service_type);
        record.name = Some(instance);
        if nth == 2 {
            record.kind = Kinds::PTR;
        } else if let Some(subtype) = service.subtypes.get(nth - 3) {
            record.kind = Kinds::SUBTYPE.nth(nth - 3);
            record.owner = OwnName::Subtype(subtype, service.service_type);
        } else if nth - 4 == service.subtypes.len() {
            record.kind = Kinds::TYPE;
            (record.owner, record.name) = (OwnName::Enumeration, Some(service_type));
        } else {
            return None;
        }
        Some(())
    }

    /// The kinds that slot `index` has, and those of them that are `Claimed`.
    pub(super) fn kinds_of(&self, index: usize) -> (Kinds, Kinds) {
        let (mut records, mut all, mut claimed) = (self.records(index), Kinds::NONE, Kinds::NONE);
        while let Some(record) = records.next() {
            all = all.with(record.kind);
            if record.hold == Hold::Claimed {
                claimed = claimed.with(record.kind);
            }
        }
        (all, claimed)
    }

    /// Writes the records of `kinds`, all of a kind or none (M-6-11), and tells which were written.
    pub(super) fn put_kinds(
        &self,
        builder: &mut Builder<'_>,
        section: Section,
        index: usize,
        kinds: Kinds,
        style: Style,
    ) -> Kinds {
        let mut written = Kinds::NONE;
        for kind in kinds.each() {
            let put = builder.whole(|builder| {
                let mut records = self.records(index);
                while let Some(record) = records.next() {
                    if record.kind == kind {
                        record.put(builder, section, style)?;
                    }
                }
                Ok(())
            });
            if put.is_ok() {
                written = written.with(kind);
            }
        }
        written
    }

    /// The addresses of a host.
    pub(super) fn addresses_of(&self, slot: &Slot<'a>) -> &[IpAddr] {
        let gone = match slot.goodbye {
            Goodbye::Family(gone) if self.says_goodbye => Some(gone),
            _ => None,
        };
        match slot.owner {
            Owner::Host(..) if gone.is_some() => self.addresses.gone(),
            Owner::Host(..) => self.addresses.all(),
            Owner::Other(_, addresses) => gone.unwrap_or(addresses),
            _ => &[],
        }
    }

    /// The TXT data of a service in slot `index`.
    fn txt_of<'x>(&'x self, index: usize, service: Service<'x>) -> TxtData<'x> {
        match service.txt {
            Txt::Borrowed(data) => data,
            Txt::Copied(len) => {
                let start = index * self.txt_each;
                TxtData::Octets(self.txt.get(start..start + usize::from(len)).unwrap_or(&[]))
            }
        }
    }
}
