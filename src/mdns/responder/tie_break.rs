//! Two who probe for one name at once: the lexicographically later set of records wins (RFC 6762 section 8.2).
//!
//! Both sets are taken in ascending order of class, type and uncompressed RDATA, and compared pair by pair. Neither
//! is copied: the next record of a set is the smallest one above the last.

use core::cmp::Ordering;
use core::net::IpAddr;

use super::claim::HOST;
use super::data::OwnData;
use super::slot::Kinds;
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
        let octets = record.raw_data().uncompressed().ok()?;
        Some(Self { class: record.class(), rtype: record.rtype(), octets })
    }

    fn order(&self, other: &Self) -> Ordering {
        let kind = (self.class.0, self.rtype).cmp(&(other.class.0, other.rtype));
        kind.then_with(|| self.octets.clone().cmp(other.octets.clone()))
    }
}

impl Responder<'_, '_> {
    /// Whether what the other proposes for the name of slot `index` is later than what we propose. Equal sets are no
    /// conflict: our own probe came back, or a twin has our data (M-8.2-3).
    pub(super) fn proposal_loses(&self, index: usize, proposal: Proposal<'_, '_>) -> bool {
        let (mut ours, mut theirs) = (self.next_ours(index, None), proposal.next(None));
        loop {
            match (&ours, &theirs) {
                (_, None) => return false,
                // M-8.2.1-1: the set that ends first loses.
                (None, Some(_)) => return true,
                (Some(our), Some(their)) => {
                    let kind = (Class::IN.0, our.rtype()).cmp(&(their.class.0, their.rtype));
                    match kind.then_with(|| our.order(their.octets.clone())) {
                        Ordering::Less => return true,
                        Ordering::Greater => return false,
                        Ordering::Equal => {}
                    }
                    ours = self.next_ours(index, ours);
                    theirs = proposal.next(theirs.as_ref());
                }
            }
        }
    }

    /// The smallest record of ours above `last`: by type, TXT before SRV, and addresses by their octets.
    fn next_ours(&self, index: usize, last: Option<OwnData<'_>>) -> Option<OwnData<'_>> {
        let kind = match last {
            None if index == HOST => Kinds::NONE,
            None => Kinds::TXT,
            Some(OwnData::Txt(_)) => Kinds::SRV,
            Some(OwnData::Address(_)) => Kinds::NONE,
            Some(_) => return None,
        };
        if !kind.is_empty() {
            return self.data(index, kind);
        }
        // `IpAddr` sorts IPv4 before IPv6, and each by its octets: the order of section 8.2.
        let above = |ip: &IpAddr| match last {
            Some(OwnData::Address(last)) => last < *ip,
            _ => true,
        };
        self.addresses.iter().filter(above).min().map(OwnData::Address)
    }
}
