//! Records that lead on to others.

use crate::cache::{Cache, Entry, NameAt};
use crate::wire::Type;

/// How far records are followed that lead on: PTR, SRV, and CNAMEs between.
pub(super) const MAX_HOPS: usize = 8;

/// The record of a set of one that came last.
pub(super) fn latest(cache: &Cache<'_>, name: NameAt, rtype: Type) -> Option<Entry> {
    last_behind(cache, cache.before_entries(), name, rtype)
}

/// The one that came last of those that came after another one.
pub(super) fn last_behind(cache: &Cache<'_>, mut entry: Entry, name: NameAt, rtype: Type) -> Option<Entry> {
    let mut last = None;
    while cache.step(&mut entry) {
        if entry.name == name && entry.is_live(rtype) {
            last = Some(entry);
        }
    }
    last
}

/// Where the CNAMEs of a name end; rings at their bound (S1).
pub(super) fn canonical(cache: &Cache<'_>, mut name: NameAt) -> NameAt {
    for _ in 0..MAX_HOPS {
        match latest(cache, name, Type::CNAME).and_then(|alias| alias.target()) {
            Some(target) => name = target,
            None => break,
        }
    }
    name
}
