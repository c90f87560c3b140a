//! Two who probe for one name at once: the lexicographically later set of records wins (RFC 6762 section 8.2).
//!
//! Both sets are taken in ascending order of class, type and uncompressed RDATA, and compared pair by pair. Neither
//! is copied: the next record of the other's set is the smallest one above the last, the next of ours the one that has
//! just so many below it.

use core::cmp::Ordering;

use super::Responder;
use super::records::{Hold, OwnRecord};
use crate::name::Name;
use crate::wire::{Checked, Class, Record, Type, Uncompressed};

/// The records that another host proposes for a name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Proposal<'m> {
    message: &'m Checked<'m>,
    name: Name<'m>,
}

/// What records are sorted by.
#[derive(Clone, Debug)]
struct Theirs<'m> {
    class: Class,
    rtype: Type,
    octets: Uncompressed<'m>,
}

impl<'m> Proposal<'m> {
    pub(super) fn new(message: &'m Checked<'m>, name: Name<'m>) -> Self {
        Self { message, name }
    }

    /// The smallest record above `last`.
    fn next(&self, last: Option<&Theirs<'m>>) -> Option<Theirs<'m>> {
        let mut next: Option<Theirs<'m>> = None;
        for record in self.message.authorities().filter(|record| record.name() == self.name) {
            if let Some(record) = Theirs::new(record)
                && last.is_none_or(|last| record.order(last).is_gt())
                && next.as_ref().is_none_or(|next| record.order(next).is_lt())
            {
                next = Some(record);
            }
        }
        next
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
    pub(super) fn loses_to(&self, index: usize, proposal: Proposal<'_>) -> bool {
        let mut theirs = None;
        for below in 0.. {
            theirs = proposal.next(theirs.as_ref());
            let Some(their) = &theirs else { break };
            // M-8.2.1-1: the set that ends first loses.
            let order = self.nth_claimed(index, below).map_or(Ordering::Less, |our| {
                let kind = (Class::IN.0, our.rtype).cmp(&(their.class.0, their.rtype));
                kind.then_with(|| our.compare(their.octets.clone(), usize::MAX))
            });
            if order.is_ne() {
                return order.is_lt();
            }
        }
        false
    }

    /// The record that is probed for and has `below` others below it.
    fn nth_claimed(&self, index: usize, below: usize) -> Option<OwnRecord<'_>> {
        let claimed = || self.records(index).filter(|record| record.hold == Hold::Claimed);
        claimed().find(|record| claimed().filter(|other| other.is_below(record)).count() == below)
    }
}
