//! The differences that are known, and who is right.

mod messages;
mod records;

use std::fmt;

use crate::compare::{Peer, Place};
use crate::rules::Case;

/// Which differences an entry covers.
#[derive(Clone, Copy)]
pub enum Key {
    /// All for which the rule holds, under its name.
    Rule(&'static str, fn(&Case<'_>) -> bool),
    /// One place in one message, under the hash of its octets.
    Message(u64, Place),
}

/// Who reads the message as the RFC wants it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    Dotlocal,
    Peer,
    /// The RFC leaves it open.
    Both,
}

/// A known difference.
#[derive(Clone, Copy)]
pub struct Entry {
    pub peer: Peer,
    pub key: Key,
    pub right: Right,
    /// The section that decides.
    pub by: &'static str,
    pub why: &'static str,
    /// Whether it occurs in captured messages alone.
    pub of_corpus: bool,
}

/// The list. At most 40 entries; what no entry covers fails the run, and so does an entry that covers nothing.
pub fn all() -> Vec<&'static Entry> {
    records::ENTRIES.iter().chain(messages::ENTRIES).collect()
}

const fn rule(
    peer: Peer,
    name: &'static str,
    holds: fn(&Case<'_>) -> bool,
    right: Right,
    by: &'static str,
    why: &'static str,
) -> Entry {
    Entry { peer, key: Key::Rule(name, holds), right, by, why, of_corpus: false }
}

const fn message(
    peer: Peer,
    hash: u64,
    place: Place,
    right: Right,
    by: &'static str,
    why: &'static str,
) -> Entry {
    Entry { peer, key: Key::Message(hash, place), right, by, why, of_corpus: false }
}

impl Entry {
    pub fn covers(&self, case: &Case<'_>, hash: u64) -> bool {
        self.peer == case.difference.peer
            && match self.key {
                Key::Rule(_, holds) => holds(case),
                Key::Message(of, place) => of == hash && place == case.difference.place,
            }
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { peer, right, by, .. } = self;
        match self.key {
            Key::Rule(name, _) => write!(f, "{peer}: {name}")?,
            Key::Message(hash, place) => write!(f, "{peer}: message {hash:#018x}, {place:?}")?,
        }
        write!(f, " ({by}; right: {right:?})")
    }
}

/// FNV-1a of 64 bits: the same on every machine and in every release.
pub fn stable_hash(octets: &[u8]) -> u64 {
    octets.iter().fold(0xCBF2_9CE4_8422_2325, |hash, &octet| {
        (hash ^ u64::from(octet)).wrapping_mul(0x0000_0100_0000_01B3)
    })
}
