//! What an answer says: aliases, the records at their end, or that there are none (RFC 1034 section 5.3.3, RFC 2308).

use super::settle::MAX_ALIASES;
use super::{Failure, Resolver};
use crate::cache::{CacheFull, Data};
use crate::name::Name;
use crate::wire::{Checked, CheckedRecords, Class, Flags, Rcode, Record, Type};

/// What a reply means for its question.
enum Meaning {
    /// Records of the type are there, under the name at the end of the aliases.
    Records,
    /// There is nothing there, and why.
    Denied(Failure),
    /// Aliases lead to a name that the reply says nothing of.
    Continues,
    /// The server does not answer.
    Fails(Failure),
}

impl Resolver<'_> {
    /// Takes a reply without an error, or the one that says that the name does not exist.
    pub(super) fn take_answer(&mut self, index: usize, message: &Checked<'_>, rcode: Rcode) {
        let Some(&query) = self.queries.get(index) else { return };
        let Some(question) = message.questions().next() else { return };
        let (qtype, told) = (query.qtype, self.waiting(&query));
        let Some((end, aliases)) = end_of_aliases(message, question.name(), qtype) else {
            self.fail(index, Failure::Aliases);
            self.review();
            return;
        };
        let meaning = meaning(message, &end, aliases, qtype, rcode);
        if let Meaning::Fails(failure) = meaning {
            self.server_failed(index, failure);
            return;
        }
        let mut stored = self.store_aliases(message, question.name(), aliases, told);
        stored = stored.and_then(|()| match meaning {
            Meaning::Records => self.store_set(message, &end, qtype, told),
            Meaning::Denied(denial) => {
                let ttl_secs = denial_secs(message, &end).min(self.config.negative_secs);
                self.replace(&end, qtype);
                self.store_denial(&end, qtype, denial, ttl_secs, told)
            }
            Meaning::Continues | Meaning::Fails(_) => Ok(()),
        });
        match stored {
            Ok(()) => self.end_query(index),
            Err(_) => {
                // A part of a set would pass for the whole.
                self.cache.for_each_entry(|entry| entry.told &= !told);
                self.replace(&end, qtype);
                self.fail_for(index, told, Failure::NoRoom);
            }
        }
        self.review();
        self.is_stale = true;
    }

    fn store_aliases(
        &mut self,
        message: &Checked<'_>,
        from: Name<'_>,
        aliases: usize,
        told: u32,
    ) -> Result<(), CacheFull> {
        let mut name = from;
        for _ in 0..aliases {
            let Some((record, target)) = alias(message, &name) else { break };
            self.replace(&name, Type::CNAME);
            self.store(&record, record.ttl_secs(), told)?;
            name = target;
        }
        Ok(())
    }

    fn store_set(
        &mut self,
        message: &Checked<'_>,
        name: &Name<'_>,
        qtype: Type,
        told: u32,
    ) -> Result<(), CacheFull> {
        self.replace(name, qtype);
        let mut records = message.answers();
        while let Some(record) = next_of(&mut records, qtype, name) {
            // D-2181-1: the lowest time to live counts for all.
            let (mut of_set, mut lowest) = (message.answers(), u32::MAX);
            while let Some(other) = next_of(&mut of_set, record.rtype(), name) {
                lowest = lowest.min(other.ttl_secs());
            }
            self.store(&record, lowest, told)?;
        }
        Ok(())
    }
}

/// The next answer of this type under this name that is believed (R-2181-2): of our class, with data that fits its type.
///
/// Never inlined, as it is all that is looked for.
#[inline(never)]
fn next_of<'m>(records: &mut CheckedRecords<'m>, rtype: Type, name: &Name<'_>) -> Option<Record<'m>> {
    records.find(|record| {
        let is_of_type = record.rtype() == rtype || rtype == Type::ANY && record.rtype() != Type::OPT;
        is_of_type && record.class() == Class::IN && record.name() == *name && Data::of(record).is_some()
    })
}

/// The alias that a name is, and what for.
fn alias<'m>(message: &Checked<'m>, name: &Name<'_>) -> Option<(Record<'m>, Name<'m>)> {
    let record = next_of(&mut message.answers(), Type::CNAME, name)?;
    Some((record, record.read::<Name<'m>>().ok()??))
}

/// Where the aliases of a reply lead from `name`, and over how many; `None` when they do not end.
fn end_of_aliases<'m>(message: &Checked<'m>, name: Name<'m>, qtype: Type) -> Option<(Name<'m>, usize)> {
    let mut end = name;
    if qtype == Type::CNAME || qtype == Type::ANY {
        return Some((end, 0));
    }
    // A DNAME comes with the CNAME that follows from it (R-6672-1).
    for aliases in 0..=MAX_ALIASES {
        match alias(message, &end) {
            Some((_, target)) => end = target,
            None => return Some((end, aliases)),
        }
    }
    None
}

fn meaning(message: &Checked<'_>, end: &Name<'_>, aliases: usize, qtype: Type, rcode: Rcode) -> Meaning {
    if rcode == Rcode::NXDOMAIN {
        return Meaning::Denied(Failure::NoName);
    }
    if next_of(&mut message.answers(), qtype, end).is_some() {
        Meaning::Records
    } else if soa(message, end).is_some() {
        Meaning::Denied(Failure::NoData)
    } else if aliases > 0 {
        Meaning::Continues
    } else if message.header().flags().has(Flags::TC) {
        Meaning::Fails(Failure::Truncated)
    } else if message.answers().next().is_some() {
        // Answers to something else.
        Meaning::Fails(Failure::ServerFailure(rcode))
    } else if !message.header().flags().has(Flags::RA)
        || message.authorities().any(|record| record.rtype() == Type::NS)
    {
        // R-1035-3
        Meaning::Fails(Failure::Lame)
    } else {
        Meaning::Denied(Failure::NoData)
    }
}

/// The SOA of the zone that denies a name.
fn soa<'m>(message: &Checked<'m>, name: &Name<'_>) -> Option<Record<'m>> {
    message.authorities().find(|record| {
        record.rtype() == Type::SOA && record.class() == Class::IN && name.ends_with(&record.name())
    })
}

/// How long a denial holds (D-2308-1): the lesser of the SOA's TTL and its last field, the minimum; without an SOA for
/// nobody but those who wait (R-2308-2).
fn denial_secs(message: &Checked<'_>, name: &Name<'_>) -> u32 {
    let Some(record) = soa(message, name) else { return 0 };
    let minimum = record.raw_data().as_octets().last_chunk().copied().map_or(0, u32::from_be_bytes);
    record.ttl_secs().min(minimum)
}
