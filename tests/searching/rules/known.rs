//! The form of a query, and its known answers: RFC 6762 sections 7.1, 7.2 and 18.

use super::heard::Heard;
use super::requests::Request;
use crate::invariant::Invariant;
use crate::link::Packet;
use crate::support::{Data, Msg, Name, R, SECOND, Section, kind};
use crate::wish::{Own, folded_name, key, plain};

/// A query whose known answers are not all told.
#[derive(Default)]
pub(crate) struct Known {
    /// What is asked for.
    asked: Vec<(Name, u16)>,
    told: Vec<R>,
    more: bool,
}

type Verdict = Result<(), (Invariant, String)>;

impl Known {
    /// A query leaves.
    pub(crate) fn asked(
        &mut self,
        now: u64,
        packet: &Packet,
        heard: &Heard,
        requests: &[Request],
        own: &[Own],
    ) -> Verdict {
        let message = &packet.message;
        let form = |text: &str| Err((Invariant::Form, format!("{text}: {message}")));
        if !packet.is_multicast() || message.id != 0 || message.flags & !Msg::TC != 0 {
            return form("not a query as they are");
        }
        if packet.records.iter().any(|(section, ..)| *section != Section::Answer) {
            return form("a record that is no known answer");
        }
        if message.questions.is_empty() && !self.more {
            return form("no question, and none before it with TC");
        }
        if !message.questions.is_empty() {
            let asked =
                message.questions.iter().map(|question| (folded_name(&question.name), question.qtype));
            self.asked = asked.collect();
            self.told.clear();
        }
        for (_, _, record) in packet.known() {
            self.listed(now, record, heard, own)?;
            self.told.push(key(record));
        }
        self.more = message.flags & Msg::TC != 0;
        if self.more { Ok(()) } else { self.whole(now, heard, requests) }
    }

    fn listed(&self, now: u64, record: &R, heard: &Heard, own: &[Own]) -> Verdict {
        let bad = |text: &str| Err((Invariant::KnownAnswer, format!("{record}: {text}")));
        if record.flush || record.class != 1 {
            return bad("with a cache-flush bit, or of another class");
        }
        if !self.asked.contains(&(folded_name(&record.name), record.rtype)) {
            return bad("nobody has asked for it");
        }
        if self.told.contains(&key(record)) {
            return bad("told twice");
        }
        if own.iter().any(|own| own.key == key(record) && record.ttl <= own.ttl) {
            return Ok(());
        }
        let Some(life) = heard.life(record) else { return bad("it was never heard") };
        let left = life.expires.saturating_sub(now);
        if (u64::from(record.ttl) * SECOND).abs_diff(left) > SECOND {
            return bad(&format!("{left} ms of its life are left"));
        }
        if left * 2 < life.ttl { bad("less than half of its life is left") } else { Ok(()) }
    }

    /// Whether all that is shown to the application and young enough was listed.
    fn whole(&self, now: u64, heard: &Heard, requests: &[Request]) -> Verdict {
        for request in requests.iter().filter(|request| self.asked.contains(&(request.name(), kind::PTR))) {
            for shown in &request.shown {
                let pointer = plain(request.name(), kind::PTR, Data::Name(shown.name.clone()));
                let young = heard.life(&pointer).is_some_and(|life| {
                    !life.ends
                        && life.doubted < 2
                        && life.expires.saturating_sub(now) * 2 > life.ttl + 4 * SECOND
                });
                if young && !self.told.contains(&pointer) {
                    return Err((Invariant::KnownMissing, format!("{pointer} is not listed")));
                }
            }
        }
        Ok(())
    }
}
