//! Where questions and records begin: lengths alone, no name is followed and nothing is judged.

/// Octets of the header.
const HEADER: usize = 12;

/// A question or record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Start {
    pub at: usize,
    pub is_record: bool,
}

/// All that the header counts, up to the first whose end cannot be found.
pub fn starts(octets: &[u8]) -> Vec<Start> {
    let Some(counts) = octets.get(4..HEADER) else { return vec![] };
    let count = |at: usize| usize::from(u16::from_be_bytes([counts[at], counts[at + 1]]));
    let (questions, records) = (count(0), count(2) + count(4) + count(6));
    let mut starts = vec![];
    let mut next = Some(HEADER);
    for index in 0..questions + records {
        let Some(at) = next else { break };
        let is_record = index >= questions;
        starts.push(Start { at, is_record });
        next = end(octets, at, is_record);
    }
    starts
}

fn end(octets: &[u8], at: usize, is_record: bool) -> Option<usize> {
    let name_end = skip_name(octets, at)?;
    let end = if is_record {
        let length = octets.get(name_end + 8..name_end + 10)?;
        name_end + 10 + usize::from(u16::from_be_bytes([length[0], length[1]]))
    } else {
        name_end + 4
    };
    (end <= octets.len()).then_some(end)
}

/// Behind the root or the first pointer.
pub fn skip_name(octets: &[u8], at: usize) -> Option<usize> {
    run(octets, at).map(|run| run.end)
}

/// Labels in a row up to the root, or up to a pointer and where it leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    pub start: usize,
    /// Behind the root or the pointer.
    pub end: usize,
    pub target: Option<usize>,
}

fn run(octets: &[u8], start: usize) -> Option<Run> {
    let mut at = start;
    loop {
        match *octets.get(at)? {
            0 => return Some(Run { start, end: at + 1, target: None }),
            length @ 1..=0x3F => at += 1 + usize::from(length),
            0xC0.. => return Some(Run { start, end: at + 2, target: Some(pointer(octets, at)?) }),
            _ => return None,
        }
    }
}

/// Where the pointer at `at` leads.
pub fn pointer(octets: &[u8], at: usize) -> Option<usize> {
    let word = octets.get(at..)?.first_chunk()?;
    Some(usize::from(u16::from_be_bytes(*word) & 0x3FFF))
}

/// The runs of the name at `at`, wherever its pointers lead, up to 300 of them.
pub fn runs(octets: &[u8], at: usize) -> Vec<Run> {
    let first = run(octets, at);
    std::iter::successors(first, |last| run(octets, last.target?)).take(300).collect()
}

/// A record as it stands in the message.
#[derive(Clone, Copy, Debug)]
pub struct Raw<'m> {
    pub rtype: u16,
    /// Where the data begins.
    pub at: usize,
    pub data: &'m [u8],
}

/// The record that begins at `at`, if its end can be found.
pub fn record(octets: &[u8], at: usize) -> Option<Raw<'_>> {
    let end = end(octets, at, true)?;
    let fields = skip_name(octets, at)?;
    let rtype = u16::from_be_bytes([octets[fields], octets[fields + 1]]);
    Some(Raw { rtype, at: fields + 10, data: &octets[fields + 10..end] })
}
