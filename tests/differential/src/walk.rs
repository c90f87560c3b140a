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
pub fn skip_name(octets: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match *octets.get(at)? {
            0 => return Some(at + 1),
            length @ 1..=0x3F => at += 1 + usize::from(length),
            0xC0.. => return (at + 2 <= octets.len()).then_some(at + 2),
            _ => return None,
        }
    }
}
