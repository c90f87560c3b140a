//! What many runs have come to.

use std::collections::BTreeMap;
use std::fmt::{Display, Formatter, Result};

use super::judge::Looked;

#[derive(Clone, Debug, Default)]
pub(crate) struct Figures {
    outcomes: BTreeMap<String, u64>,
    /// Of each lookup: milliseconds to its outcome, and queries sent meanwhile.
    millis: Vec<u64>,
    queries: Vec<u64>,
    pub(crate) sent: u64,
    pub(crate) by_stream: u64,
    pub(crate) wrong_replies: u64,
    /// Lookups that had to succeed, if there is something to be found.
    pub(crate) sure: u64,
    /// Forged replies that a forger has offered, those of them while a query was open, those that were used in any way, and
    /// lookups that believed one.
    pub(crate) offered: u64,
    pub(crate) in_time: u64,
    pub(crate) taken: u64,
    pub(crate) believed: u64,
}

impl Figures {
    pub(crate) fn add_outcome(&mut self, looked: &Looked, is_forged: bool) {
        let outcome = match looked.failure() {
            None if is_forged => "a forged address".to_owned(),
            None => "right addresses".to_owned(),
            Some(failure) => format!("{failure:?}"),
        };
        // Without the number of servers.
        let kind = outcome.split(" {").next().unwrap_or("").to_owned();
        *self.outcomes.entry(kind).or_default() += 1;
        self.believed += u64::from(is_forged);
        self.millis.push(looked.ended.unwrap_or(0) - looked.began);
        self.queries.push(looked.sent.into());
    }

    pub(crate) fn add(&mut self, other: &Self) {
        for (kind, count) in &other.outcomes {
            *self.outcomes.entry(kind.clone()).or_default() += count;
        }
        self.millis.extend(&other.millis);
        self.queries.extend(&other.queries);
        self.sent += other.sent;
        self.by_stream += other.by_stream;
        self.wrong_replies += other.wrong_replies;
        self.sure += other.sure;
        self.offered += other.offered;
        self.in_time += other.in_time;
        self.taken += other.taken;
        self.believed += other.believed;
    }

    pub(crate) fn lookups(&self) -> usize {
        self.millis.len()
    }
}

/// The median, nine of ten, 99 of 100, and the largest.
fn spread(values: &[u64]) -> String {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let at = |share: usize| sorted.get((sorted.len() * share / 100).min(sorted.len().saturating_sub(1)));
    let shown = [50, 90, 99, 100].map(|share| at(share).copied().unwrap_or(0).to_string());
    shown.join(", ")
}

impl Display for Figures {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        writeln!(f, "{} lookups, {} of them with a server that suffices", self.lookups(), self.sure)?;
        for (kind, count) in &self.outcomes {
            writeln!(f, "{count:>8} {kind}")?;
        }
        writeln!(f, "half, 90, 99 and 100 of 100 take {} ms at most", spread(&self.millis))?;
        writeln!(f, "and see {} queries leave at most", spread(&self.queries))?;
        let each = self.sent as f64 / self.lookups().max(1) as f64;
        writeln!(f, "{} queries, {each:.2} a lookup, {} of them by TCP", self.sent, self.by_stream)?;
        writeln!(
            f,
            "{} forged replies offered by a forger off the path, {} of them while a query was open; {} used in any way, \
             {} lookups have believed one; {} wrong replies in all were noticed",
            self.offered, self.in_time, self.taken, self.believed, self.wrong_replies
        )
    }
}
