//! What a neighbour sees of a querier, held against RFC 6762: how queries look, and how often they come.

use std::collections::BTreeMap;

use dotlocal::Destination;
use dotlocal::wire::{Flags, Message, Section, Type};

use crate::{Seen, see};

/// A name in lower case and a type.
pub type Key = (Vec<u8>, u16);

/// What was asked, as far as it matters for what may be asked next.
#[derive(Default)]
pub struct Asks {
    /// When each question last left.
    last: BTreeMap<Key, u64>,
    /// How often each question left since something last came in, and since when that is.
    since: u64,
    counts: BTreeMap<Key, u64>,
    /// Records that came, by owner: each of them may be asked for again before it ends.
    heard: BTreeMap<Vec<u8>, u64>,
    /// Questions of the query to which more known answers follow.
    cut: Option<Vec<Key>>,
    /// Whether first questions may ask for unicast answers.
    pub may_ask_for_unicast: bool,
}

impl Asks {
    /// Takes note of what the querier hears.
    pub fn hear(&mut self, now: u64, octets: &[u8]) {
        self.is_told(now);
        let Ok(message) = Message::parse(octets).and_then(|message| message.check()) else { return };
        for record in see(&message).iter().filter(|seen| seen.section.is_some()) {
            *self.heard.entry(record.name.to_ascii_lowercase()).or_default() += 1;
        }
    }

    /// Something comes in: questions may start again.
    pub fn is_told(&mut self, now: u64) {
        self.since = now;
        self.counts.clear();
    }

    /// Checks a datagram that was sent, of which an endpoint's responder may be the source, and gives the questions.
    pub fn check(&mut self, now: u64, to: Destination, octets: &[u8], room: usize) -> Vec<Key> {
        let message = Message::parse(octets).and_then(|message| message.check()).unwrap();
        assert!(message.trailing().is_empty() && octets.len() <= room);
        let (header, seen) = (message.header(), see(&message));
        let (questions, records): (Vec<_>, Vec<_>) = seen.iter().partition(|seen| seen.section.is_none());
        if header.is_response() || records.iter().any(|record| record.section == Some(Section::Authority)) {
            return Vec::new();
        }
        assert!(to == Destination::Multicast && header.id() == 0);
        assert_eq!(header.flags().0 & !Flags::TC.0, 0);
        let keys: Vec<_> = questions.iter().map(|question| key(question)).collect();
        for (nth, (question, key)) in questions.iter().zip(&keys).enumerate() {
            assert!(question.class == 1 || question.class == 0x8001 && self.may_ask_for_unicast);
            assert!(!keys[..nth].contains(key), "asked twice in one query: {question:?}");
            self.check_question(now, key);
        }
        // Section 7.2: behind TC there are known answers alone.
        let asked = match self.cut.take() {
            Some(asked) => {
                assert!(keys.is_empty());
                asked
            }
            None => {
                assert!(!keys.is_empty());
                keys.clone()
            }
        };
        for record in &records {
            assert!(record.section == Some(Section::Answer) && record.class == 1 && record.ttl > 0);
            assert!(asked.contains(&key(record)), "known, but not asked for: {record:?}");
        }
        self.cut = (header.flags().0 != 0).then_some(asked);
        keys
    }

    /// Section 5.2: the same question is asked again after a second at the soonest, and ever more rarely; records are
    /// asked for again up to four times in their life.
    fn check_question(&mut self, now: u64, key: &Key) {
        let last = self.last.insert(key.clone(), now);
        let gap = last.map_or(u64::MAX, |last| now - last);
        assert!(gap >= 1_000, "asked again after {gap} ms: {}", show(key));
        let count = self.counts.entry(key.clone()).or_default();
        *count += 1;
        let most = 16 + (now - self.since) / 3_600_000 + 6 * self.heard.get(&key.0).copied().unwrap_or(0);
        assert!(*count <= most, "asked {count} times in {} ms: {}", now - self.since, show(key));
    }

    /// The driver has taken everything.
    pub fn check_drained(&self) {
        assert_eq!(self.cut, None, "the known answers behind TC are missing");
    }

    /// Questions of the last second.
    pub fn in_a_second(&self, now: u64) -> usize {
        self.last.values().filter(|&&at| at + 1_000 > now).count()
    }
}

fn key(seen: &Seen) -> Key {
    (seen.name.to_ascii_lowercase(), seen.rtype)
}

fn show((name, rtype): &Key) -> String {
    format!("{} {}", name.escape_ascii(), Type(*rtype))
}
