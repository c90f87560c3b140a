//! The walk over a name in a message, which makes every check there is (rows P1 to P9 of attacks).

use super::labels::pointer;
use super::{MAX_NAME, Name};
use crate::wire::{CheckError, Fault, HEADER_LEN};

/// A name that was walked before in the same message.
///
/// Most names of a message end in the one before them, or are the same. Remembering one saves the walk behind the
/// pointer, and changes nothing else: a name is sound or not by the same rules.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    /// Where its first label is; 0 for none, as no pointer may lead there.
    at: u16,
    /// What it takes uncompressed.
    octets: u8,
    /// Pointers behind that.
    pointers: u8,
}

impl Known {
    pub(crate) const NONE: Known = Known { at: 0, octets: 0, pointers: 0 };
}

/// The name at `at`, where what follows it begins, and what a later name can use of it (D-2.3-3, D-3.1-1, D-4.1.4-1).
#[inline]
pub(crate) fn read_name(
    message: &[u8],
    at: usize,
    known: Known,
) -> Result<(Name<'_>, usize, Known), CheckError> {
    let mut pos = at;
    loop {
        let first = octet(message, pos)?;
        if first >= 0x40 {
            let (tail, pointers) = follow(message, at, pos, known)?;
            let octets = pos - at + usize::from(tail.octets);
            if octets > MAX_NAME {
                return Err(CheckError::new(at, Fault::NameTooLong));
            }
            // A name that is nothing but a pointer stands where that leads.
            let found =
                if pos == at { tail } else { Known { at: at as u16, octets: octets as u8, pointers } };
            return Ok((Name::trusted(message, found.at.into()), pos + 2, found));
        }
        pos += 1 + usize::from(first);
        let octets = pos - at;
        if octets > MAX_NAME {
            return Err(CheckError::new(at, Fault::NameTooLong));
        }
        if first == 0 {
            let found = Known { at: at as u16, octets: octets as u8, pointers: 0 };
            return Ok((Name::trusted(message, at), pos, found));
        }
    }
}

/// What the pointer at `pos` of the name at `start` leads to, and how many pointers the name has from there on.
#[inline]
fn follow(message: &[u8], start: usize, pos: usize, known: Known) -> Result<(Known, u8), CheckError> {
    let target = target(message, pos)?;
    if target != usize::from(known.at) {
        return walk(message, start, pos, target);
    }
    match known.pointers.checked_add(1) {
        Some(pointers @ ..=MAX_POINTERS) => Ok((known, pointers)),
        _ => Err(CheckError::new(start, Fault::NameTooLong)),
    }
}

/// The rest of a name, from the target of a pointer on.
fn walk(message: &[u8], start: usize, mut pos: usize, mut target: usize) -> Result<(Known, u8), CheckError> {
    let (mut run, mut octets, mut first_label) = (start, 0, None);
    for pointers in 1..=MAX_POINTERS {
        // Each run of labels starts before the one that led to it, so the walk ends.
        if target < HEADER_LEN || target >= run {
            return Err(CheckError::new(pos, Fault::Pointer));
        }
        (pos, run) = (target, target);
        loop {
            let first = octet(message, pos)?;
            if first >= 0x40 {
                break;
            }
            let (at, before) = *first_label.get_or_insert((pos, pointers));
            let step = 1 + usize::from(first);
            (pos, octets) = (pos + step, octets + step);
            if octets > MAX_NAME {
                return Err(CheckError::new(start, Fault::NameTooLong));
            }
            if first == 0 {
                let found = Known { at: at as u16, octets: octets as u8, pointers: pointers - before };
                return Ok((found, pointers));
            }
        }
        target = self::target(message, pos)?;
    }
    Err(CheckError::new(start, Fault::NameTooLong))
}

/// Where the pointer at `pos` leads.
#[inline]
fn target(message: &[u8], pos: usize) -> Result<usize, CheckError> {
    let first = octet(message, pos)?;
    if first < 0xC0 {
        return Err(CheckError::new(pos, Fault::LabelType));
    }
    match message.get(pos + 1) {
        Some(&second) => Ok(pointer(first, second)),
        None => Err(CheckError::new(pos, Fault::Truncated)),
    }
}

#[inline]
fn octet(message: &[u8], pos: usize) -> Result<u8, CheckError> {
    message.get(pos).copied().ok_or(CheckError::new(message.len(), Fault::Truncated))
}

/// A name of 255 octets has at most 127 labels, and no encoder needs more pointers than labels.
const MAX_POINTERS: u8 = 127;
