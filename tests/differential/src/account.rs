//! Balances the differences against the list: every one covered, every entry in use.

use std::fmt;

use crate::by_dotlocal;
use crate::compare::{Count, Difference, Peer, differences};
use crate::entries::{Entry, stable_hash};
use crate::messages::{Message, hex};
use crate::rules::Case;
use crate::view::View;

/// A message with differences.
#[derive(Debug)]
pub struct Found {
    pub message: Message,
    pub ours: View,
    pub differences: Vec<Difference>,
}

/// Everything that was found, and what was compared with each peer.
#[derive(Debug, Default)]
pub struct Findings {
    pub counts: [Count; Peer::ALL.len()],
    pub found: Vec<Found>,
}

/// Compares all messages.
pub fn find(messages: Vec<Message>) -> Findings {
    let mut findings = Findings::default();
    for message in messages {
        let ours = by_dotlocal::view(&message.octets);
        let with =
            |(peer, count): (Peer, &mut Count)| differences(&ours, &peer.view(&message.octets), peer, count);
        let differences: Vec<_> = Peer::ALL.into_iter().zip(&mut findings.counts).flat_map(with).collect();
        if !differences.is_empty() {
            findings.found.push(Found { message, ours, differences });
        }
    }
    findings
}

/// How the list fares.
#[derive(Debug)]
pub struct Balance {
    /// How many differences each entry is the first to cover.
    pub covered: Vec<usize>,
    /// What no entry covers.
    pub uncovered: Vec<String>,
    /// Entries that cover nothing.
    pub unused: Vec<String>,
}

impl Balance {
    pub fn is_even(&self) -> bool {
        self.uncovered.is_empty() && self.unused.is_empty()
    }
}

/// Balances `found` against `entries`. Those that only the corpus can use may be idle without it.
pub fn balance(found: &[Found], entries: &[&Entry], has_corpus: bool) -> Balance {
    let mut covered = vec![0; entries.len()];
    let mut uncovered = vec![];
    for Found { message, ours, differences } in found {
        let hash = stable_hash(&message.octets);
        for difference in differences {
            let case = Case { octets: &message.octets, ours, difference };
            match entries.iter().position(|entry| entry.covers(&case, hash)) {
                Some(entry) => covered[entry] += 1,
                None => uncovered.push(tell(message, hash, difference)),
            }
        }
    }
    let idle = entries
        .iter()
        .zip(&covered)
        .filter(|(entry, covered)| **covered == 0 && (has_corpus || !entry.of_corpus));
    let unused = idle.map(|(entry, _)| entry.to_string()).collect();
    Balance { covered, uncovered, unused }
}

fn tell(message: &Message, hash: u64, difference: &Difference) -> String {
    let Difference { peer, place, what } = difference;
    let octets = hex(&message.octets);
    format!("{} (hash {hash:#018x}), {peer}, {place:?}: {what:?}\n    {octets}", message.key)
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { messages, questions, records, typed } = self;
        write!(f, "{messages} messages, {questions} questions, {records} records, {typed} of them by type")
    }
}
