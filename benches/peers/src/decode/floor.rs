//! The yardstick: the work with the checks that reading in place needs, and nothing else.
//!
//! No index can panic. A label length of 0x40 to 0xBF is refused; each run of labels starts before the one that led to
//! it and behind the header; a name has at most 255 octets and a bounded number of pointers; data stays inside its
//! RDLENGTH, which typed data fills exactly. Each name is followed once: checks and sum are made in the same loop.
//!
//! The labels of a run, with their lengths, lie side by side. The floor touches a run as a whole, which no reader can
//! that hands out labels; [`sum_by_labels`] touches one label at a time, and so is the floor of such readers.

mod data;

pub use data::KNOWN;

use super::touch;

const HEADER: usize = 12;
const MAX_MESSAGE: usize = 65_535;
const MAX_NAME: usize = 255;
/// As many as a name has labels: no encoder chains more.
const MAX_POINTERS: usize = 127;

/// What is touched of a name: nothing, each label, or each run of labels.
const NOTHING: u8 = 0;
const LABELS: u8 = 1;
const RUNS: u8 = 2;

/// The work.
pub fn sum(message: &[u8]) -> Option<u64> {
    work::<RUNS>(message, |rtype| rtype)
}

/// The work as one does it that sees one label after the other.
pub fn sum_by_labels(message: &[u8]) -> Option<u64> {
    work::<LABELS>(message, |rtype| rtype)
}

/// The work, with the data of the types `raw` taken as that of unknown ones.
pub fn sum_leaving(message: &[u8], raw: &[u16]) -> Option<u64> {
    work::<RUNS>(message, |rtype| if raw.contains(&rtype) { 0 } else { rtype })
}

#[inline(always)]
fn work<const TOUCH: u8>(message: &[u8], taken_as: impl Fn(u16) -> u16) -> Option<u64> {
    let data = |rtype, start, end, sum: &mut _| data::add::<TOUCH>(taken_as(rtype), message, start, end, sum);
    walk::<TOUCH>(message, data).map(|(sum, _)| sum)
}

/// Whether a sound message has a record of one of these types.
pub fn has_any(message: &[u8], types: &[u16]) -> bool {
    walk::<NOTHING>(message, |rtype, _, _, _| (!types.contains(&rtype)).then_some(())).is_none()
}

/// The frame alone: where the last record ends.
pub fn check(message: &[u8]) -> Option<u64> {
    walk::<NOTHING>(message, |_, _, _, _| Some(())).map(|(_, end)| end as u64)
}

/// Walks the frame and tells the sum and where the last record ends. `data` gets a record's type, where its data starts
/// and ends, and the sum.
#[inline(always)]
fn walk<const TOUCH: u8>(
    message: &[u8],
    data: impl Fn(u16, usize, usize, &mut u64) -> Option<()>,
) -> Option<(u64, usize)> {
    let &[.., q0, q1, n0, n1, u0, u1, d0, d1] = message.first_chunk::<HEADER>()?;
    if message.len() > MAX_MESSAGE {
        return None;
    }
    let (mut at, mut sum) = (HEADER, 0);
    for _ in 0..word(q0, q1) {
        at = name::<TOUCH>(message, at, &mut sum)?;
        let &[t0, t1, c0, c1] = message.get(at..)?.first_chunk()?;
        sum += word(t0, t1) + word(c0, c1);
        at += 4;
    }
    for _ in 0..word(n0, n1) + word(u0, u1) + word(d0, d1) {
        at = name::<TOUCH>(message, at, &mut sum)?;
        let &[t0, t1, c0, c1, ttl @ .., r0, r1] = message.get(at..)?.first_chunk::<10>()?;
        let start = at + 10;
        at = start + word(r0, r1) as usize;
        sum += word(t0, t1) + word(c0, c1) + u64::from(u32::from_be_bytes(ttl));
        if at > message.len() {
            return None;
        }
        data(u16::from_be_bytes([t0, t1]), start, at, &mut sum)?;
    }
    Some((sum, at))
}

/// Adds the name at `start` and tells where it ends.
#[inline(always)]
fn name<const TOUCH: u8>(message: &[u8], start: usize, sum: &mut u64) -> Option<usize> {
    let (mut run, mut stop) = (start, start + MAX_NAME);
    let (mut at, mut target) = labels::<TOUCH>(message, run, stop, sum)?;
    if target == ROOT {
        return Some(at + 1);
    }
    let end = at + 2;
    for _ in 0..MAX_POINTERS {
        if !(HEADER..run).contains(&target) {
            return None;
        }
        (run, stop) = (target, target + stop - at);
        (at, target) = labels::<TOUCH>(message, run, stop, sum)?;
        if target == ROOT {
            return Some(end);
        }
    }
    None
}

/// In place of a pointer's target.
const ROOT: usize = usize::MAX;

/// Adds the labels from `run` on, of a name that ends before `stop`. Tells where they end, and the target of the
/// pointer there.
#[inline(always)]
fn labels<const TOUCH: u8>(message: &[u8], run: usize, stop: usize, sum: &mut u64) -> Option<(usize, usize)> {
    // One bound for the message and the name. One octet more than the name may have: the second one of a pointer.
    let octets = message.get(..=stop).unwrap_or(message);
    let mut at = run;
    loop {
        let first = *octets.get(at)?;
        if !(1..=63).contains(&first) {
            if TOUCH == RUNS && at > run {
                *sum += touch(octets.get(run..at)?);
            }
            if first == 0 {
                return (at < stop).then_some((at, ROOT));
            }
            let target = u16::from_be_bytes([first, *octets.get(at + 1)?]).checked_sub(0xC000)?;
            return Some((at, target.into()));
        }
        let next = at + 1 + usize::from(first);
        if TOUCH == LABELS {
            *sum += touch(octets.get(at..next)?);
        }
        at = next;
    }
}

fn word(high: u8, low: u8) -> u64 {
    u16::from_be_bytes([high, low]).into()
}
