//! Two who probe for one name at once: the lexicographically later set of records wins (RFC 6762 section 8.2).
//!
//! Both sets are taken in ascending order of class, type and uncompressed RDATA, and compared pair by pair. Neither
//! is copied: the next record of a set is the smallest one above the last.

use core::cmp::Ordering;
use core::net::IpAddr;

use super::slot::{Owner, Slot};
use super::{OwnName, Responder};
use crate::wire::{Checked, Class, Record, Type, Uncompressed};

/// The records that another host proposes for a name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Proposal<'m, 'a> {
    message: &'m Checked<'m>,
    name: OwnName<'a>,
}

/// What records are sorted by.
#[derive(Clone, Debug)]
struct Theirs<'m> {
    class: Class,
    rtype: Type,
    octets: Uncompressed<'m>,
}

impl<'m, 'a> Proposal<'m, 'a> {
    pub(super) fn new(message: &'m Checked<'m>, name: OwnName<'a>) -> Self {
        Self { message, name }
    }

    /// The smallest record above `last`.
    fn next(&self, last: Option<&Theirs<'m>>) -> Option<Theirs<'m>> {
        let records = self.message.authorities().filter(|record| self.name.is(&record.name()));
        records
            .filter_map(Theirs::new)
            .filter(|record| last.is_none_or(|last| record.order(last) == Ordering::Greater))
            .min_by(Theirs::order)
    }
}

impl<'m> Theirs<'m> {
    /// A record whose data is broken proposes nothing.
    fn new(record: Record<'m>) -> Option<Self> {
        let octets = record.rdata().uncompressed().ok()?;
        Some(Self { class: record.class(), rtype: record.rtype(), octets })
    }

    fn order(&self, other: &Self) -> Ordering {
        let kind = (self.class.0, self.rtype).cmp(&(other.class.0, other.rtype));
        kind.then_with(|| self.octets.clone().cmp(other.octets.clone()))
    }
}

/// A record that we propose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ours {
    Address(IpAddr),
    Txt,
    Srv,
}

impl<'a> Responder<'_, 'a> {
    /// Whether what the other proposes for the name of slot `index` is later than what we propose. Equal sets are no
    /// conflict: our own probe came back, or a twin has our data (M-8.2-3).
    pub(super) fn proposal_loses(&self, index: usize, proposal: Proposal<'_, '_>) -> bool {
        let Some(slot) = self.slot(index) else { return false };
        let (mut ours, mut theirs) = (self.next_ours(slot, None), proposal.next(None));
        loop {
            match (ours, theirs) {
                (None, None) | (Some(_), None) => return false,
                // M-8.2.1-1: the set that ends first loses.
                (None, Some(_)) => return true,
                (Some(our), Some(their)) => {
                    match self.order(slot, index, our, &their) {
                        Ordering::Less => return true,
                        Ordering::Greater => return false,
                        Ordering::Equal => {}
                    }
                    ours = self.next_ours(slot, Some(our));
                    theirs = proposal.next(Some(&their));
                }
            }
        }
    }

    /// The smallest record of ours above `last`. A before AAAA, TXT before SRV: the order of their numbers.
    fn next_ours(&self, slot: &Slot<'a>, last: Option<Ours>) -> Option<Ours> {
        match (slot.owner, last) {
            (Owner::Nobody, _) => None,
            (Owner::Host(_), last) => {
                // `IpAddr` sorts IPv4 before IPv6, and each by its octets: the order of section 8.2.
                let last = match last {
                    Some(Ours::Address(ip)) => Some(ip),
                    _ => None,
                };
                let above = |ip: &IpAddr| last.is_none_or(|last| last < *ip);
                self.addresses.iter().filter(above).min().map(Ours::Address)
            }
            (Owner::Service(_), None) => Some(Ours::Txt),
            (Owner::Service(_), Some(Ours::Txt)) => Some(Ours::Srv),
            (Owner::Service(_), Some(_)) => None,
        }
    }

    fn order(&self, slot: &Slot<'a>, index: usize, ours: Ours, theirs: &Theirs<'_>) -> Ordering {
        let octets = theirs.octets.clone();
        let (rtype, data) = match (ours, slot.owner) {
            (Ours::Address(IpAddr::V4(ip)), _) => (Type::A, ip.octets().into_iter().cmp(octets)),
            (Ours::Address(IpAddr::V6(ip)), _) => (Type::AAAA, ip.octets().into_iter().cmp(octets)),
            (Ours::Txt, Owner::Service(service)) => {
                (Type::TXT, self.txt_of(index, service).octets().cmp(octets))
            }
            (Ours::Srv, Owner::Service(service)) => {
                let fixed = [service.priority, service.weight, service.port].map(u16::to_be_bytes);
                let target = self.host().into_iter().flat_map(|host| host.octets());
                (Type::SRV, fixed.into_iter().flatten().chain(target).cmp(octets))
            }
            _ => return Ordering::Equal,
        };
        (Class::IN.0, rtype).cmp(&(theirs.class.0, theirs.rtype)).then(data)
    }
}
