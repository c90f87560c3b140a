//! Responses heard: what of them is kept, and for how long (RFC 6762 sections 6, 10.1 and 10.2).

use super::Querier;
use super::follow::{MAX_HOPS, latest};
use super::marks;
use super::question::{DENIED, IDLE};
use super::store::{Heard, is_unique};
use crate::cache::{Entry, EntryFlags, Marks, NameAt};
use crate::wire::{Checked, Class, Nsec, Record, Section, Type};

impl Querier<'_> {
    /// Takes what open requests want out of a response. Tells whether there was anything.
    pub(super) fn hear_response(&mut self, message: &Checked<'_>) -> bool {
        let mut used = false;
        // Up to 2 % later, and together: what came in one packet is asked for in one.
        let mut spread = None;
        // A PTR makes its SRV wanted, an SRV its addresses, and they may stand in any order.
        for _ in 0..MAX_HOPS {
            let mut found = false;
            for record in message.records() {
                let heard = self.keep(&record, &mut spread);
                used |= heard != Heard::Nothing;
                found |= heard == Heard::New;
            }
            if !found {
                break;
            }
            self.mark();
        }
        for record in message.records() {
            if let Some(name) = self.named(&record) {
                if record.rtype() == Type::NSEC {
                    used |= self.hear_denial(name, &record);
                } else if is_unique(&record) {
                    used |= self.flush_others(name, &record);
                }
            }
        }
        if used {
            self.is_stale = true;
            if self.has_changed {
                self.mark();
            }
            self.end_requests();
        }
        used
    }

    /// Keeps a record that is wanted, or renews it.
    fn keep(&mut self, record: &Record<'_>, spread: &mut Option<u8>) -> Heard {
        let Some(name) = self.named(record) else { return Heard::Nothing };
        // What others say under a name of ours is a conflict, which the responder sees to, or something of ours that comes
        // back late. A goodbye still ends what somebody had said before it was ours.
        if !self.hears_own && record.ttl_secs() > 0 && self.cache.marks(name).any(marks::OURS) {
            return Heard::Again;
        }
        // Data that does not fit its type is no data.
        let Some(data) = self.read(name, record) else { return Heard::Nothing };
        let (now, ttl_secs) = (self.now, kept_secs(record.ttl_secs()));
        if let Some(mut entry) = self.cache.find_record(name, record.rtype(), &data) {
            if entry.flags.has(EntryFlags::OWN) && !self.hears_own {
                // Whatever others say of it.
                return Heard::Again;
            }
            let counts_alone = matches!(entry.rtype, Type::SRV | Type::TXT);
            let last = latest(&self.cache, name, entry.rtype).filter(|_| counts_alone);
            // Those of one packet are a set, as of a service with several texts (RFC 6763 section 6.8).
            let is_overtaken = last.is_some_and(|last| {
                let (since_last, since) = (last.age_millis(now), entry.age_millis(now));
                since_last > 0 && since_last < since
            });
            if ttl_secs > 0 && is_overtaken {
                // Of SRV and TXT the one that came last counts: an older one that comes again is new.
                self.cache.remove(&mut entry);
                return self.store(record, name, &data, ttl_secs, entry.spread);
            }
            if ttl_secs == 0 {
                // M-10.1-2: a goodbye leaves a second for another owner to object.
                entry.end_within_a_second(now);
            } else {
                entry.renew(ttl_secs, now);
                self.set_own(&mut entry);
                entry.flags.set(EntryFlags::UNIQUE, is_unique(record));
                if entry.flags.has(EntryFlags::DEAD) {
                    entry.flags.set(EntryFlags::DEAD, false);
                    (self.has_news, self.has_changed) = (true, true);
                    self.cache.set_entry(&entry);
                    self.touch(name, entry.rtype);
                }
            }
            self.cache.set_entry(&entry);
            return Heard::Again;
        }
        // Of ours all is kept, so that it is known to be ours.
        let is_wanted = match self.hears_own {
            true => self.cache.marks(name).any(marks::WANTED),
            false => self.is_wanted(name, record.rtype()),
        };
        if ttl_secs == 0 || !is_wanted {
            return Heard::Nothing;
        }
        let of_set = self.cache.find_entry(|entry| entry.name == name && entry.rtype == record.rtype());
        let drawn = || self.jitter.between(0, 20) as u8;
        let spread = of_set.map_or_else(|| *spread.get_or_insert_with(drawn), |entry| entry.spread);
        self.store(record, name, &data, ttl_secs, spread)
    }

    /// M-10.2-1: the other records of the set that are older than a second end within a second. D-2181-1: those that came
    /// with it live no longer than it does.
    fn flush_others(&mut self, name: NameAt, record: &Record<'_>) -> bool {
        let (now, ttl_secs, mut flushed) = (self.now, kept_secs(record.ttl_secs()), false);
        // A record that is not kept, broken ones among them, replaces nothing; what is ours is compared whole.
        if self.hears_own || self.read(name, record).is_none() || ttl_secs == 0 {
            return false;
        }
        let mut entry = self.cache.before_entries();
        while self.cache.step(&mut entry) {
            if entry.name == name && entry.is_live(record.rtype()) && !entry.flags.has(EntryFlags::OWN) {
                if entry.age_millis(now) > 1_000 {
                    entry.end_within_a_second(now);
                    flushed = true;
                } else if entry.ttl_secs > ttl_secs {
                    entry.renew(ttl_secs, now);
                }
                self.cache.set_entry(&entry);
            }
        }
        flushed
    }

    /// A negative answer says which types the name has (RFC 6762 section 6.1).
    fn hear_denial(&mut self, name: NameAt, record: &Record<'_>) -> bool {
        let Ok(Some(Nsec { types, .. })) = record.read() else { return false };
        // What several hosts have, none of them can deny.
        if record.ttl_secs() == 0 || self.cache.marks(name).any(marks::BROWSE.with(marks::TYPES)) {
            return false;
        }
        let mut used = false;
        let mut question = self.cache.before_questions();
        while self.cache.step_question(&mut question) {
            if question.name == name
                && question.state != IDLE
                // The form of mDNS has room for these types alone.
                && question.qtype.0 < 255
                && !types.has(question.qtype)
            {
                question.state = DENIED;
                question.due = self.now.after(kept_secs(record.ttl_secs()).saturating_mul(1_000));
                self.cache.set_question(&question);
                used = true;
            }
        }
        used
    }

    /// A name of ours may be another's now: of what comes next nothing is left out.
    pub(in crate::mdns) fn disown(&mut self) {
        self.cache.keep_marks(Marks::of(u32::MAX).with_or_without(marks::OURS, false));
        // The names that are still ours are marked anew before anything is asked.
        (self.has_changed, self.is_stale) = (true, true);
    }

    /// Begins to look at all that this device itself has.
    pub(in crate::mdns) fn begin_own(&mut self) {
        self.cache.for_each_entry(|entry| {
            let is_own = entry.flags.has(EntryFlags::OWN);
            entry.flags.set(EntryFlags::UNSEEN, is_own);
        });
    }

    /// Takes in what this device has under one of its names: requests find it as they find that of others, and nobody is
    /// asked for it.
    pub(in crate::mdns) fn hear_own(&mut self, message: &Checked<'_>) {
        self.hears_own = true;
        self.hear_response(message);
        self.hears_own = false;
    }

    /// What the device has no more is gone at once, but for what others may have as well, as a type in the list of types:
    /// that is to be confirmed, since our known answers have kept them silent.
    pub(in crate::mdns) fn end_own(&mut self) {
        let now = self.now;
        let mut entry = self.cache.before_entries();
        while self.cache.step(&mut entry) {
            if self.others_may_have(&entry) {
                entry.flags.set(EntryFlags::OWN, false);
                entry.flags.set(EntryFlags::UNSEEN, false);
                entry.renew(entry.ttl_secs, now);
                entry.doubt(now);
                self.cache.set_entry(&entry);
            }
        }
        self.end_lives_where(|entry| entry.flags.has(EntryFlags::UNSEEN));
    }

    /// Whether a record that this device has no more is one that others may have: a shared one that does not lead to a
    /// service instance, whose name is unique.
    fn others_may_have(&self, entry: &Entry) -> bool {
        let owner = self.cache.name(entry.name);
        entry.flags.has(EntryFlags::UNSEEN)
            && !entry.flags.has(EntryFlags::UNIQUE)
            && entry.target().is_none_or(|to| self.cache.name(to).instance_of(&owner).is_none())
    }

    pub(super) fn set_own(&self, entry: &mut Entry) {
        entry.flags.set(EntryFlags::OWN, self.hears_own);
        entry.flags.set(EntryFlags::UNSEEN, false);
    }

    /// Where the owner name of a record that can be an answer stands, if anything is known of it.
    fn named(&self, record: &Record<'_>) -> Option<NameAt> {
        let (name, is_answer) = (record.name(), record.section() != Section::Authority);
        (is_answer && record.class() == Class::IN && self.may_want(&name))
            .then(|| self.cache.find_name(&name))
            .flatten()
    }
}

/// How long a record is kept: at least ten seconds and at most a week, unless it is a goodbye. Records of a second
/// would have what they lead to asked for without end (S10).
fn kept_secs(ttl_secs: u32) -> u32 {
    if ttl_secs == 0 { 0 } else { ttl_secs.clamp(10, 7 * 86_400) }
}
