//! How often a host asks: RFC 6762 sections 5.2 and 5.4.

use std::collections::BTreeMap;

use super::heard::{Heard, Targets};
use crate::invariant::Invariant;
use crate::support::{HOUR, Name, Q, SECOND, kind};
use crate::wish::folded_name;

/// A question for as long as somebody wants it.
#[derive(Clone, Debug)]
struct Run {
    /// Since when it may be asked, at first.
    since: u64,
    count: u64,
    /// A record that answers it was there.
    held: bool,
}

/// The questions of a host.
#[derive(Default)]
pub(crate) struct Questions {
    runs: BTreeMap<(Name, u16), Run>,
    last: BTreeMap<(Name, u16), u64>,
}

impl Questions {
    /// The link has come back: everything is asked anew.
    pub(crate) fn begin_anew(&mut self) {
        self.runs.clear();
    }

    /// Somebody waits for the answers of these questions: they begin anew.
    pub(crate) fn hurry(&mut self, now: u64, name: &Name, types: &[u16]) {
        for rtype in types {
            if let Some(run) = self.runs.get_mut(&(name.clone(), *rtype)) {
                (run.since, run.count) = (now, 0);
            }
        }
    }

    /// Something may have changed in what is wanted, or in what is known.
    pub(crate) fn follow(&mut self, now: u64, wanted: &Targets, heard: &mut Heard) {
        let over = heard.follow(now);
        self.runs.retain(|question, _| wanted.contains(question));
        let (mut gone, mut back) = (Vec::new(), Vec::new());
        for question in wanted {
            let (name, rtype) = question;
            let held = heard.surely_has(name, *rtype, now) || heard.denies(name, *rtype, now);
            let run = self.runs.entry(question.clone()).or_insert(Run { since: now, count: 0, held });
            if run.held && !held {
                gone.push(question.clone());
            } else if *rtype == kind::SRV && !run.held && held {
                back.extend(heard.servers(name, now));
            }
            run.held = held;
        }
        // A service may have been gone, and its host of no interest in the meantime.
        for (host, _) in back {
            self.hurry(now, &host, &[kind::A, kind::AAAA]);
        }
        for (name, rtype) in &gone {
            heard.doubt_what_leads_to(now, name, *rtype);
        }
        // What has gone, or may have, is looked for anew, and its sister with it.
        for (name, rtype) in gone.into_iter().chain(over) {
            let sisters = match rtype {
                kind::A | kind::AAAA => [kind::A, kind::AAAA],
                kind::SRV | kind::TXT => [kind::SRV, kind::TXT],
                _ => continue,
            };
            for sister in sisters {
                if let Some(run) = self.runs.get_mut(&(name.clone(), sister)) {
                    (run.since, run.count) = (now, 0);
                }
            }
        }
    }

    /// A question leaves.
    pub(crate) fn asked(
        &mut self,
        now: u64,
        question: &Q,
        heard: &mut Heard,
    ) -> Result<(), (Invariant, String)> {
        let key = (folded_name(&question.name), question.qtype);
        let Some(run) = self.runs.get_mut(&key) else {
            return Err((Invariant::Unwanted, format!("{question}: nobody wants it")));
        };
        let (elapsed, last) = (now - run.since, self.last.insert(key.clone(), now));
        if let Some(last) = last
            && now - last < SECOND
        {
            return Err((Invariant::OneSecond, format!("{question}: asked {} ms ago", now - last)));
        }
        let mut is_refresh = false;
        for life in heard.lives_of(&key.0, key.1).filter(|life| life.expires > now) {
            let due = life.refreshes_due(now);
            is_refresh |= due > life.refreshed || life.confirms > 0;
            life.refreshed = life.refreshed.max(due);
            life.confirms = life.confirms.saturating_sub(1);
        }
        if question.qu && run.count > 0 {
            return Err((Invariant::Qu, format!("{question}: asked {} times before", run.count)));
        }
        if is_refresh && !question.qu {
            return Ok(());
        }
        if question.qtype == kind::PTR && run.count == 0 && elapsed < FIRST_WAIT {
            return Err((Invariant::TooEarly, format!("{question}: after {elapsed} ms")));
        }
        run.count += 1;
        if run.count > most(elapsed) {
            let text = format!("{question}: {} times in {elapsed} ms", run.count);
            return Err((Invariant::TooOften, text));
        }
        Ok(())
    }
}

/// How often a question may have been asked after so long: at once, after 1, 3, 7 … seconds, then each hour.
pub(crate) fn most(elapsed: u64) -> u64 {
    let (mut count, mut at, mut wait) = (0, 0, SECOND);
    while at <= elapsed {
        count += 1;
        at += wait;
        wait = (wait * 2).min(HOUR);
    }
    count
}

const FIRST_WAIT: u64 = 20;
