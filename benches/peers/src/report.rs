//! The table at the end of a run by the clock.

use crate::foreign;
use crate::tasks::{Task, Work};

/// How long a task took, in nanoseconds each time.
#[derive(Clone, Copy)]
pub struct Measured {
    pub work: Work,
    pub message: &'static str,
    pub by: &'static str,
    raw: bool,
    size: usize,
    nanos: f64,
}

impl Measured {
    pub fn new(task: &Task, nanos: f64) -> Self {
        let &Task { work, message, by, raw, size, .. } = task;
        Self { work, message, by, raw, size, nanos }
    }
}

/// Prints ratios, a message a line: of decoding to the floor, of checking to its floor, of building to the fastest
/// peer.
pub fn print(all: &[Measured]) {
    for (work, title) in [
        (Work::Decode, "Decoding, times the floor (raw: some data is left to the user)"),
        (Work::Check, "Checking, times its floor"),
        (Work::Foreign, "Packets of strangers, times the check of the packet"),
        (
            Work::Build,
            "Building, times the fastest peer whose message is about as short (octets of the message)",
        ),
    ] {
        let measured: Vec<_> = all.iter().filter(|measured| measured.work == work).collect();
        let by = distinct(measured.iter().map(|measured| measured.by));
        if by.is_empty() {
            continue;
        }
        println!("\n{title}\n\n| message | 1 is, ns | {} |", by.join(" | "));
        println!("| --- |{}", " --- |".repeat(by.len() + 1));
        for message in distinct(measured.iter().map(|measured| measured.message)) {
            let row: Vec<_> =
                measured.iter().copied().filter(|measured| measured.message == message).collect();
            let Some(unit) = unit(work, &row) else { continue };
            let cells = by.iter().map(|by| row.iter().find(|measured| measured.by == *by));
            let cells = cells.map(|found| found.map_or("–".into(), |found| cell(found, unit)));
            println!("| {message} | {unit:.0} | {} |", cells.collect::<Vec<_>>().join(" | "));
        }
    }
}

/// What the other times of a row are compared with.
fn unit(work: Work, row: &[&Measured]) -> Option<f64> {
    if work == Work::Foreign {
        return row.iter().find(|measured| measured.by == foreign::CHECK).map(|check| check.nanos);
    }
    if work != Work::Build {
        return row.iter().find(|measured| measured.by.contains("floor")).map(|floor| floor.nanos);
    }
    // One that compresses nothing does less work, and is no measure.
    let shortest = row.iter().map(|measured| measured.size).min()?;
    let peers = row.iter().filter(|measured| measured.by != "dotlocal" && 4 * measured.size <= 5 * shortest);
    peers.map(|measured| measured.nanos).min_by(f64::total_cmp)
}

fn cell(measured: &Measured, unit: f64) -> String {
    let ratio = measured.nanos / unit;
    match measured {
        Measured { work: Work::Build, size, .. } => format!("{ratio:.2} ({size})"),
        Measured { raw: true, .. } => format!("{ratio:.2} raw"),
        _ => format!("{ratio:.2}"),
    }
}

fn distinct<'t>(items: impl Iterator<Item = &'t str>) -> Vec<&'t str> {
    let mut distinct = Vec::new();
    for item in items {
        if !distinct.contains(&item) {
            distinct.push(item);
        }
    }
    distinct
}
