//! What a neighbour sees of a responder, held against RFC 6762: how messages look, and how often they come.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::SocketAddr;

use dotlocal::Destination;
use dotlocal::mdns::PORT;
use dotlocal::wire::{Flags, Message, Opcode, Rcode, Section, Type};

use crate::{Seen, has_its_ttl, is_shared, see};

/// What was sent and heard, as far as it matters for what may be sent next.
#[derive(Default)]
pub struct Watch {
    /// When each record was last multicast with a TTL.
    multicast: BTreeMap<(Vec<u8>, u16, Vec<u8>), u64>,
    /// When each name was last probed for, by us and by others.
    probed: BTreeMap<Vec<u8>, u64>,
    contested: BTreeMap<Vec<u8>, u64>,
    unicast: VecDeque<u64>,
    /// Queries from hosts on the link: when, who, with which id and questions.
    asked: VecDeque<(u64, SocketAddr, u16, Vec<Seen>)>,
    /// Names that the application has given twice: what stands under them comes from two slots that do not know of
    /// each other.
    pub twins: BTreeSet<Vec<u8>>,
    /// Whether probes ask for unicast answers.
    pub unicast_answers: bool,
    /// After `stop`: what leaves is goodbyes.
    pub only_goodbyes: bool,
}

impl Watch {
    /// Takes note of a datagram that the responder hears.
    pub fn hear(&mut self, now: u64, source: SocketAddr, on_link: bool, octets: &[u8]) {
        let Ok(message) = Message::parse(octets).and_then(|message| message.check()) else { return };
        if message.header().is_response() {
            return;
        }
        let id = message.header().id();
        let (questions, records): (Vec<_>, Vec<_>) =
            see(&message).into_iter().partition(|seen| seen.section.is_none());
        for record in records.iter().filter(|record| record.section == Some(Section::Authority)) {
            self.contested.insert(record.name.to_ascii_lowercase(), now);
        }
        if on_link {
            self.asked.push_back((now, source, id, questions));
        }
        if self.asked.len() > 64 {
            self.asked.pop_front();
        }
    }

    /// The application has given or taken names, or other records to a name: what is announced then is news, whatever
    /// was said under the name before.
    pub fn forgive(&mut self) {
        self.multicast.clear();
        self.probed.clear();
        // A legacy reply that waits while its name goes may repeat the one that came instead.
        self.asked.iter_mut().for_each(|asked| asked.3.clear());
    }

    /// The link is up anew: so is probing (RFC 6762 section 8).
    pub fn forgive_probes(&mut self) {
        self.probed.clear();
    }

    /// The name is another slot's now.
    pub fn forgive_probe(&mut self, name: &[u8]) {
        self.probed.remove(name);
    }

    /// Checks a datagram that was sent, and gives what is in it.
    pub fn check(&mut self, now: u64, to: Destination, octets: &[u8]) -> Vec<Seen> {
        let message = Message::parse(octets).and_then(|message| message.check()).unwrap();
        assert!(message.trailing().is_empty());
        let (header, seen) = (message.header(), see(&message));
        // Sections 18.2 to 18.11: QR and AA alone, and TC where a legacy reply is cut.
        let (flags, legacy) =
            (header.flags(), matches!(to, Destination::Unicast(source) if source.port() != PORT));
        assert_eq!((flags.opcode(), flags.rcode()), (Opcode::QUERY, Rcode::NOERROR));
        let cut = if legacy { flags.0 & Flags::TC.0 } else { 0 };
        let expected = if header.is_response() { Flags::QR.0 | Flags::AA.0 } else { 0 };
        assert_eq!(flags.0, expected | cut);
        assert!(legacy || header.id() == 0);
        if header.is_response() {
            self.check_response(now, to, legacy, header.id(), &seen);
        } else {
            assert!(to == Destination::Multicast && !self.only_goodbyes);
            self.check_probe(now, &seen);
        }
        let sets: BTreeSet<_> = seen
            .iter()
            .map(|seen| (seen.name.to_ascii_lowercase(), if header.is_response() { seen.rtype } else { 0 }))
            .collect();
        assert!(octets.len() <= 1_440 || octets.len() <= 8_952 && (sets.len() == 1 || legacy));
        seen
    }

    fn check_probe(&mut self, now: u64, seen: &[Seen]) {
        let (questions, records): (Vec<_>, Vec<_>) = seen.iter().partition(|seen| seen.section.is_none());
        let class = if self.unicast_answers { 0x8001 } else { 1 };
        for question in &questions {
            assert_eq!((question.rtype, question.class), (Type::ANY.0, class));
            assert!(records.iter().any(|record| record.name.eq_ignore_ascii_case(&question.name)));
            // Section 8.1.
            let name = question.name.to_ascii_lowercase();
            let last = self.probed.insert(name.clone(), now);
            let gap = last.map_or(u64::MAX, |last| now - last);
            assert!(
                gap >= 250 || self.twins.contains(&name),
                "probed for again after {gap} ms: {question:?}"
            );
        }
        for record in records {
            assert_eq!((record.section, record.class), (Some(Section::Authority), 1));
            assert!(questions.iter().any(|question| record.name.eq_ignore_ascii_case(&question.name)));
            assert!(!is_shared(&record.name) && has_its_ttl(record, false), "{record:?}");
        }
    }

    fn check_response(&mut self, now: u64, to: Destination, legacy: bool, id: u16, seen: &[Seen]) {
        let (questions, records): (Vec<_>, Vec<_>) = seen.iter().partition(|seen| seen.section.is_none());
        assert!(!records.is_empty() || legacy);
        for record in &records {
            assert_ne!(record.section, Some(Section::Authority));
            // Section 10.2: shared records are flushed for nobody, and legacy resolvers know no such bit.
            let flush = record.class == 0x8001;
            assert!(flush || record.class == 1);
            assert!(!flush || !legacy && !is_shared(&record.name), "{record:?}");
            if record.ttl == 0 {
                assert!(to == Destination::Multicast, "a goodbye to one host: {record:?}");
            } else {
                assert!(!self.only_goodbyes && has_its_ttl(record, legacy), "{record:?}");
                assert!(flush || legacy || is_shared(&record.name), "{record:?}");
            }
        }
        match to {
            Destination::Multicast => {
                assert!(questions.is_empty());
                self.check_gaps(now, &records);
            }
            Destination::Unicast(to) => self.check_reply(now, to, legacy, id, &questions),
        }
    }

    /// Section 6: a record is multicast again after a second at the soonest, in defence after a quarter of one.
    fn check_gaps(&mut self, now: u64, records: &[&Seen]) {
        let mut heard = Vec::new();
        for record in records.iter().filter(|record| record.ttl > 0) {
            let name = record.name.to_ascii_lowercase();
            let key = (name.clone(), record.rtype, record.data.to_ascii_lowercase());
            // A service type points to a name that two have twice.
            let is_twin = self.twins.contains(&name) || self.twins.contains(&key.2);
            if let Some(&last) = self.multicast.get(&key).filter(|_| !is_twin) {
                let defends = self.contested.get(&name).is_some_and(|&heard| heard >= last);
                let gap = now - last;
                assert!(gap >= if defends { 250 } else { 1_000 }, "multicast after {gap} ms: {record:?}");
            }
            heard.push(key);
        }
        self.multicast.extend(heard.into_iter().map(|key| (key, now)));
    }

    fn check_reply(&mut self, now: u64, to: SocketAddr, legacy: bool, id: u16, questions: &[&Seen]) {
        self.unicast.push_back(now);
        while self.unicast.front().is_some_and(|&first| first + 1_000 <= now) {
            self.unicast.pop_front();
        }
        assert!(self.unicast.len() <= MAX_UNICAST, "{} unicast datagrams in a second", self.unicast.len());
        // Section 6.7: the reply repeats the id and the question. Only who asked is answered.
        let said = questions.first();
        let asked = self.asked.iter().any(|(_, source, asked_id, asked)| {
            let repeats = said.is_none_or(|said| {
                asked.is_empty()
                    || asked.iter().any(|asked| {
                        (asked.rtype, asked.class) == (said.rtype, said.class)
                            && asked.name.eq_ignore_ascii_case(&said.name)
                    })
            });
            *source == to && (!legacy || *asked_id == id) && repeats
        });
        assert!(asked, "{to} has not asked for {said:?}");
        assert!(questions.len() <= legacy.into());
    }
}

/// What may go to single hosts in a second.
const MAX_UNICAST: usize = 20;
