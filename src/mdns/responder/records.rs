//! The records that slots stand for: each is made from borrowed pieces when somebody looks at it, and nowhere kept.

use core::cmp::Ordering;
use core::net::IpAddr;

use super::Responder;
use super::extra::ExtraRecord;
use super::service::{Service, Txt};
use super::slot::{Flags, Goodbye, Kinds, Owner, Slot};
use crate::dns_sd::TxtData;
use crate::mdns::own_name::OwnName;
use crate::wire::{Builder, Class, DoesNotFit, Record, RecordHead, Section, Type, Uncompressed, folds_from};

/// A record of ours. Its data is `front`, then `name`, then `behind`.
#[derive(Clone, Copy, Debug)]
pub(super) struct OwnRecord<'x> {
    pub(super) owner: OwnName<'x>,
    pub(super) rtype: Type,
    pub(super) ttl_secs: u32,
    pub(super) hold: Hold,
    front: &'x [u8],
    name: Option<OwnName<'x>>,
    behind: Option<TxtData<'x>>,
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

impl OwnRecord<'_> {
    /// Hands the uncompressed data to `sink`, piece by piece.
    pub(super) fn emit(&self, sink: &mut dyn FnMut(&[u8])) {
        sink(self.front);
        if let Some(name) = self.name {
            sink(name.to_buf().as_octets());
        }
        if let Some(behind) = &self.behind {
            behind.emit(sink);
        }
    }

    /// Compares the uncompressed data with another's, octet by octet as unsigned numbers, the longer one later on a
    /// common beginning (RFC 6762 section 8.2). From `folds_from` on letters are compared without regard to case.
    pub(super) fn compare(&self, mut theirs: Uncompressed<'_>, folds_from: usize) -> Ordering {
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
        let theirs = record.raw_data();
        if self.rtype == Type::TXT && theirs.as_octets().is_empty() {
            // Empty data counts as one empty string (RFC 6763 section 6.1).
            return self.behind.is_some_and(|text| text.len() == 1);
        }
        let same = |octets| self.compare(octets, folds_from(self.rtype)).is_eq();
        theirs.uncompressed().is_ok_and(same)
    }

    /// What the records of one name are sorted by (RFC 6762 section 8.2): no two of a type differ only behind it.
    pub(super) fn sort_key(&self) -> (Type, &[u8]) {
        (self.rtype, self.front)
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
        builder.put_record(
            head,
            |builder| put_own(builder, Type::PTR, self.owner),
            |builder| {
                builder.put(self.front)?;
                if let Some(name) = self.name {
                    put_own(builder, self.rtype, name)?;
                }
                let mut put = Ok(());
                if let Some(behind) = &self.behind {
                    behind.emit(&mut |piece| put = put.and_then(|()| builder.put(piece)));
                }
                put
            },
        )
    }
}

/// Writes a name of ours as data of `rtype` allows it to be compressed.
#[inline(never)]
fn put_own(builder: &mut Builder<'_>, rtype: Type, own: OwnName<'_>) -> Result<(), DoesNotFit> {
    builder.put_name_of(rtype, &own.to_buf().name())
}

impl<'a> Responder<'_, 'a> {
    /// Shows the records of slot `index` that `wanted` asks for to `visit`, each with its kind.
    pub(super) fn each_record(
        &self,
        index: usize,
        wanted: Kinds,
        visit: &mut dyn FnMut(Kinds, &OwnRecord<'_>),
    ) {
        let Some(slot) = self.slot(index) else { return };
        let changed = match slot.goodbye {
            Goodbye::Label(label, number) if self.says_goodbye => Some((label, number)),
            _ => None,
        };
        let name = slot.name_as(changed);
        let unique = OwnRecord {
            owner: name,
            rtype: Type::PTR,
            ttl_secs: 120,
            hold: Hold::Claimed,
            front: &[],
            name: None,
            behind: None,
        };
        let mut show = |kind: Kinds, record: &OwnRecord<'_>| {
            if wanted.has(kind) {
                visit(kind, record);
            }
        };
        match slot.owner {
            Owner::Nobody => return,
            Owner::Host(..) | Owner::Other(..) => {
                let reverse = OwnRecord { hold: Hold::Known, name: Some(name), ..unique };
                for (&ip, nth) in self.addresses_of(slot).iter().zip(0..) {
                    let (v4, v6);
                    let (kind, rtype, front) = match ip {
                        IpAddr::V4(ip) => {
                            v4 = ip.octets();
                            (Kinds::A, Type::A, v4.as_slice())
                        }
                        IpAddr::V6(ip) => {
                            v6 = ip.octets();
                            (Kinds::AAAA, Type::AAAA, v6.as_slice())
                        }
                    };
                    show(kind, &OwnRecord { rtype, front, ..unique });
                    let kind = Kinds::REVERSE.nth(Ord::min(nth, Kinds::REVERSES - 1));
                    show(kind, &OwnRecord { owner: OwnName::Reverse(ip), ..reverse });
                }
            }
            Owner::Service(service) => {
                let shared = OwnRecord { ttl_secs: 4_500, hold: Hold::Shared, name: Some(name), ..unique };
                let service_type = OwnName::Type(service.service_type);
                show(Kinds::PTR, &OwnRecord { owner: service_type, ..shared });
                for (subtype, nth) in service.subtypes.iter().zip(0..) {
                    let owner = OwnName::Subtype(subtype, service.service_type);
                    show(Kinds::SUBTYPE.nth(nth), &OwnRecord { owner, ..shared });
                }
                // The list of types has each type once (RFC 6763 section 9).
                if self.is_first_of_its_type(index, service) {
                    let owner = OwnName::Enumeration;
                    show(Kinds::TYPE, &OwnRecord { owner, name: Some(service_type), ..shared });
                }
                let numbers = [service.priority, service.weight, service.port].map(u16::to_be_bytes);
                let host = self.slot(service.host.index.into()).map(Slot::name);
                let (front, rtype) = (numbers.as_flattened(), Type::SRV);
                show(Kinds::SRV, &OwnRecord { rtype, front, name: host, ..unique });
                let text = OwnRecord { rtype: Type::TXT, ttl_secs: 4_500, ..unique };
                show(Kinds::TXT, &OwnRecord { behind: Some(self.txt_of(index, service)), ..text });
            }
            Owner::Records(..) => {}
        }
        let hold = if slot.flags.has(Flags::SHARED) { Hold::Shared } else { Hold::Claimed };
        let extra = match slot.goodbye {
            Goodbye::Extra(replaced) if self.says_goodbye => replaced,
            _ => slot.extra(),
        };
        for (record, nth) in extra.iter().zip(0..) {
            let &ExtraRecord { rtype, ttl_secs, data } = record;
            // What flushes a cache goes with all of its type (M-6-11); of shared records each goes for itself.
            let first = extra.iter().position(|first| first.rtype == rtype && hold == Hold::Claimed);
            let nth = first.unwrap_or(nth);
            let kind = slot.first_extra().nth(nth);
            let ttl_secs = match ttl_secs {
                0 if slot.is_host() => 120,
                0 => 4_500,
                said => said,
            };
            show(kind, &OwnRecord { rtype, ttl_secs, hold, front: data, ..unique });
        }
        if wanted.has(Kinds::NSEC) && hold == Hold::Claimed {
            self.show_nsec(index, &unique, visit);
        }
    }

    /// What the name of slot `index` has and so what it has not (M-6.1-1), unless a type stands in the way that one
    /// window cannot hold (M-6.1-4).
    fn show_nsec(&self, index: usize, bare: &OwnRecord<'_>, visit: &mut dyn FnMut(Kinds, &OwnRecord<'_>)) {
        let (mut window, mut last, mut fits) = ([0; 34], 0, true);
        self.each_record(index, Kinds::ALL.without(Kinds::NSEC), &mut |_, record| {
            let Type(number) = record.rtype;
            if record.hold == Hold::Claimed {
                let octet = usize::from(number / 8);
                match window.get_mut(2 + octet) {
                    Some(bits) => *bits |= 0x80 >> (number % 8),
                    None => fits = false,
                }
                last = last.max(octet + 1);
            }
        });
        if let (true, Some([_, len, ..])) = (fits && last > 0, window.get_mut(..)) {
            *len = last as u8;
            let behind = window.get(..2 + last).map(TxtData::Octets);
            visit(Kinds::NSEC, &OwnRecord { rtype: Type::NSEC, name: Some(bare.owner), behind, ..*bare });
        }
    }

    /// The kinds that slot `index` has.
    pub(super) fn kinds_of(&self, index: usize, hold: impl Fn(Hold) -> bool) -> Kinds {
        let mut kinds = Kinds::NONE;
        self.each_record(index, Kinds::ALL.without(Kinds::NSEC), &mut |kind, record| {
            if hold(record.hold) {
                kinds = kinds.with(kind);
            }
        });
        kinds
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
            let whole = builder.whole(|builder| {
                let mut put = Ok(());
                self.each_record(index, kind, &mut |_, record| {
                    put = put.and_then(|()| record.put(builder, section, style));
                });
                put
            });
            if whole.is_ok() {
                written = written.with(kind);
            }
        }
        written
    }

    /// The addresses of a host.
    pub(super) fn addresses_of(&self, slot: &Slot<'a>) -> &[IpAddr] {
        match slot.owner {
            Owner::Host(..) => self.addresses.all(),
            Owner::Other(_, addresses) => addresses,
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

    fn is_first_of_its_type(&self, index: usize, service: Service<'_>) -> bool {
        !self.slots.iter().take(index).any(|slot| match slot.owner {
            Owner::Service(other) => {
                slot.claim.is_ours() && other.service_type.eq_ignore_ascii_case(service.service_type)
            }
            _ => false,
        })
    }
}
