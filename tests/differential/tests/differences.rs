//! Every difference is on the list, and everything on the list occurs.

use std::io::{self, Write};

use dotlocal_differential::account::{balance, find};
use dotlocal_differential::compare::Peer;
use dotlocal_differential::entries;
use dotlocal_differential::messages::{self, Source};

/// Differences that are told in full when there are more.
const TOLD: usize = 20;

#[test]
fn every_difference_is_listed_and_every_entry_occurs() -> io::Result<()> {
    let has_corpus = messages::has_corpus();
    let all = messages::all();
    let of = |source| all.iter().filter(|message| message.source == source).count();
    let (corpus, vectors, made) = (of(Source::Corpus), of(Source::Vectors), of(Source::Made));
    let findings = find(all);
    let entries = entries::all();
    let balance = balance(&findings.found, &entries, has_corpus);

    // Past the capture of the test runner: the counts are told whether the test fails or not.
    let mut out = io::stdout().lock();
    writeln!(out, "\n{corpus} messages of the corpus, {vectors} of the vectors, {made} made here")?;
    if !has_corpus {
        writeln!(out, "DOTLOCAL_CORPUS is not set: no captured messages")?;
    }
    for (peer, count) in Peer::ALL.into_iter().zip(&findings.counts) {
        writeln!(out, "with {peer}: {count}")?;
    }
    for (entry, covered) in entries.iter().zip(&balance.covered) {
        writeln!(out, "{covered:6} {entry}")?;
    }
    for difference in balance.uncovered.iter().take(TOLD) {
        writeln!(out, "not listed: {difference}")?;
    }
    for entry in &balance.unused {
        writeln!(out, "does not occur: {entry}")?;
    }
    assert!(corpus > 0 || !has_corpus);
    assert!(
        balance.is_even(),
        "{} differences are not listed, {} entries do not occur",
        balance.uncovered.len(),
        balance.unused.len()
    );
    Ok(())
}

#[test]
fn the_list_is_short_and_gives_reasons() {
    let entries = entries::all();
    assert!(entries.len() <= 40);
    for entry in entries {
        assert!(entry.by.starts_with("RFC ") && !entry.why.is_empty(), "{entry}");
    }
}
