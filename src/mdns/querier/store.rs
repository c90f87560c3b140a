//! Responses heard: what of them is kept, and for how long (RFC 6762 sections 10.1 and 10.2).

use core::net::{Ipv4Addr, Ipv6Addr};

use super::Querier;
use super::request::Kind;
use crate::cache::{Cache, Entry, EntryFlags, Head};
use crate::name::Name;
use crate::time::Instant;
use crate::wire::{Checked, Class, Nsec, Record, Section, Srv, Txt, Type, folds_from};

impl Querier<'_> {
    /// Takes what open requests want out of a response. Tells whether there was anything.
    pub(super) fn hear_response(&mut self, message: &Checked<'_>, now: Instant) -> bool {
        let records = || {
            let useful =
                |record: &Record<'_>| record.section() != Section::Authority && record.class() == Class::IN;
            message.records().filter(useful)
        };
        let (mut used, mut spread) = (false, None);
        // A PTR makes its SRV wanted, an SRV its addresses, and they may stand in any order: three rounds find all.
        for _ in 0..3 {
            let mut new = false;
            for record in records() {
                if self.wants(&record.name(), record.rtype()) {
                    used = true;
                    // Up to 2 % later, and together: what came in one packet is asked for in one.
                    let spread = *spread.get_or_insert_with(|| self.jitter.between(0, 20) as u8);
                    new |= self.keep(&record, spread, now);
                }
            }
            if !new {
                break;
            }
        }
        for record in records() {
            // A record that was not kept, broken ones among them, replaces nothing.
            if record.cache_flush() && self.find(&record).is_some() {
                self.flush_others(&record, now);
            }
            if record.rtype() == Type::NSEC {
                used |= self.hear_denial(&record);
            }
        }
        used
    }

    /// Whether an open request needs records of this name and type.
    pub(super) fn wants(&self, name: &Name<'_>, rtype: Type) -> bool {
        let asked = self.requests.iter().filter(|request| request.asks_for(rtype));
        if asked.filter_map(|request| self.cache.get(request.anchor)).any(|anchor| anchor.name() == *name) {
            return true;
        }
        match rtype {
            Type::SRV | Type::TXT => self.live(Type::PTR).any(|pointer| {
                pointer.target(0) == *name
                    && self.requests.iter().any(|request| self.browses(request, &pointer))
            }),
            Type::A | Type::AAAA => {
                self.live(Type::SRV).any(|srv| srv.target(6) == *name && self.wants(&srv.name(), Type::SRV))
            }
            _ => false,
        }
    }

    /// Keeps a record that is wanted, or renews it. Tells whether it is new.
    fn keep(&mut self, record: &Record<'_>, spread: u8, now: Instant) -> bool {
        // Data that does not fit its type is no data.
        let Ok(data) = record.raw_data().uncompressed() else { return false };
        let (name, rtype, ttl_secs) = (record.name(), record.rtype(), kept_secs(record.ttl_secs()));
        let fits = match rtype {
            Type::A => record.read::<Ipv4Addr>().is_ok(),
            Type::AAAA => record.read::<Ipv6Addr>().is_ok(),
            Type::SRV => record.read::<Srv<'_>>().is_ok(),
            Type::TXT => record.read::<Txt<'_>>().is_ok(),
            Type::PTR => record.read::<Name<'_>>().is_ok_and(|target| {
                lists_types(&name) || target.is_some_and(|target| target.instance_of(&name).is_some())
            }),
            _ => false,
        };
        if !fits {
            return false;
        }
        let mut found = self.find(record).map(|entry| (entry.at, entry.head));
        if let Some((at, _)) = found
            && ttl_secs > 0
            && matches!(rtype, Type::SRV | Type::TXT)
            && latest(&self.cache, &name, rtype).is_some_and(|latest| latest.at != at)
        {
            // Of SRV and TXT the one that came last counts: an older one that comes again is new.
            self.cache.remove(at);
            found = None;
        }
        if let Some((at, head)) = found {
            let was_dead = head.flags.has(EntryFlags::DEAD);
            self.cache.update(at, |head| {
                if ttl_secs == 0 {
                    // M-10.1-2: a goodbye leaves a second for another owner to object.
                    head.end_within_a_second(now);
                } else {
                    let fresh = Head::record(rtype, ttl_secs, now);
                    *head = Head { ttl_secs, expires: fresh.expires, refreshes: 0, ..*head };
                    head.flags.set(EntryFlags::DEAD, false);
                }
            });
            self.news |= was_dead;
            return false;
        }
        if ttl_secs == 0 {
            return false;
        }
        let mut head = Head { spread, ..Head::record(rtype, ttl_secs, now) };
        let leads_on = rtype == Type::SRV || rtype == Type::PTR && !lists_types(&name);
        if leads_on {
            // What it leads to usually comes with it, or just behind.
            (head.asks, head.ask_due) = (0, now.after(super::request::first_wait(&mut self.jitter)));
        }
        self.make_room_and_insert(head, &name, data)
    }

    /// The entry that holds the very record.
    fn find(&self, record: &Record<'_>) -> Option<Entry<'_>> {
        let (name, rtype) = (record.name(), record.rtype());
        let data = record.raw_data().uncompressed().ok()?;
        self.cache.entries().find(|entry| {
            entry.head.rtype == rtype
                && !entry.is_anchor()
                && entry.name() == name
                && same_data(rtype, entry.data, data.clone())
        })
    }

    fn make_room_and_insert(
        &mut self,
        head: Head,
        name: &Name<'_>,
        data: impl Iterator<Item = u8> + Clone,
    ) -> bool {
        if self.cache.insert(head, name.octets(), data.clone()).is_err() {
            self.evict_unwanted();
            if self.cache.insert(head, name.octets(), data.clone()).is_err() {
                self.no_room = true;
                return false;
            }
        }
        self.news = true;
        self.touch(name, head.rtype);
        true
    }

    /// M-10.2-1: the other records of the set that are older than a second end within a second.
    fn flush_others(&mut self, record: &Record<'_>, now: Instant) {
        let (name, rtype) = (record.name(), record.rtype());
        let mut at = 0;
        while let Some(entry) = self.cache.at(at) {
            if entry.is_live(rtype) && entry.name() == name && entry.head.age_millis(now) > 1_000 {
                self.cache.update(at, |head| head.end_within_a_second(now));
            }
            at = self.cache.after(at);
        }
    }

    /// A negative answer says which types the name has (RFC 6762 section 6.1).
    fn hear_denial(&mut self, record: &Record<'_>) -> bool {
        let Ok(Some(Nsec { types, .. })) = record.read() else { return false };
        let mut used = false;
        for request in self.requests.iter_mut() {
            let Kind::Lookup { denied_v4, denied_v6, .. } = &mut request.kind else { continue };
            let about = self.cache.get(request.anchor).is_some_and(|anchor| anchor.name() == record.name());
            if about && record.ttl_secs() > 0 {
                *denied_v4 = !types.has(Type::A);
                *denied_v6 = !types.has(Type::AAAA);
                used = true;
            }
        }
        used
    }

    /// Removes what no open request needs.
    pub(super) fn evict_unwanted(&mut self) {
        let mut at = 0;
        while let Some(entry) = self.cache.at(at) {
            let needed =
                entry.is_anchor() || entry.head.told != 0 || self.wants(&entry.name(), entry.head.rtype);
            if needed {
                at = self.cache.after(at);
            } else {
                self.cache.remove(at);
            }
        }
    }

    /// A record of this name has come, changed or gone: whoever was told of what it belongs to is told again.
    pub(super) fn touch(&mut self, name: &Name<'_>, rtype: Type) {
        let mut at = 0;
        while let Some(entry) = self.cache.at(at) {
            let instance = instance_of(&entry);
            let concerned = instance.is_some_and(|instance| match rtype {
                Type::SRV | Type::TXT => instance == *name,
                Type::A | Type::AAAA => {
                    latest(&self.cache, &instance, Type::SRV).is_some_and(|srv| srv.target(6) == *name)
                }
                _ => false,
            });
            if concerned {
                self.news = true;
                self.cache.update(at, |head| head.told = changed(head.told));
            }
            at = self.cache.after(at);
        }
    }

    pub(super) fn live(&self, rtype: Type) -> impl Iterator<Item = Entry<'_>> {
        self.cache.entries().filter(move |entry| entry.is_live(rtype))
    }
}

impl Head {
    /// The record's life ends in a second, unless somebody renews it; it is not asked for again.
    pub(super) fn end_within_a_second(&mut self, now: Instant) {
        self.expires = self.expires.nearer(now.after(1_000), now);
        self.refreshes = REFRESHES;
    }

    fn age_millis(&self, now: Instant) -> u32 {
        let life = self.ttl_secs.saturating_mul(1_000);
        life.saturating_sub(self.expires.millis_until(now))
    }
}

/// The instance that an entry stands for: the one that a PTR points to, or that a resolve is about.
pub(super) fn instance_of<'c>(entry: &Entry<'c>) -> Option<Name<'c>> {
    if entry.is_anchor() {
        Some(entry.name())
    } else if entry.head.rtype == Type::PTR {
        Some(entry.target(0))
    } else {
        None
    }
}

/// Whether the PTRs of this name point to service types, not to instances (RFC 6763 section 9).
fn lists_types(name: &Name<'_>) -> bool {
    let known = ["_services", "_dns-sd", "_udp"].iter();
    let mut labels = name.labels();
    known.into_iter().all(|own| labels.next().is_some_and(|label| label.eq_ignore_ascii_case(own.as_bytes())))
}

/// The record of a set of one that came last.
pub(super) fn latest<'c>(cache: &'c Cache<'_>, name: &Name<'_>, rtype: Type) -> Option<Entry<'c>> {
    cache.entries().filter(|entry| entry.is_live(rtype) && entry.name() == *name).last()
}

/// Names in data are compared as names are, everything else to the bit.
fn same_data(rtype: Type, stored: &[u8], data: impl Iterator<Item = u8>) -> bool {
    let folds_from = folds_from(rtype);
    let mut stored = stored.iter().enumerate();
    let same = data.into_iter().all(|octet| {
        stored
            .next()
            .is_some_and(|(at, own)| *own == octet || at >= folds_from && own.eq_ignore_ascii_case(&octet))
    });
    same && stored.next().is_none()
}

/// Every request that was told that an instance is resolved has a change to hear of.
fn changed(told: u32) -> u32 {
    // The states of `tell`: 2 is resolved, 3 is resolved and changed since.
    told | (told >> 1 & 0x5555_5555)
}

/// How long a record is kept: at least ten seconds and at most a week, unless it is a goodbye. Records of a second
/// would have what they lead to asked for without end (S10).
fn kept_secs(ttl_secs: u32) -> u32 {
    if ttl_secs == 0 { 0 } else { ttl_secs.clamp(10, 7 * 86_400) }
}

/// Refreshes of a record: at 80, 85, 90 and 95 % of its life (RFC 6762 section 5.2).
pub(super) const REFRESHES: u8 = 4;
