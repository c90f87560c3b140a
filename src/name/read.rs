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
    /// Where its first label is; for none an offset that no pointer of 14 bits can name. Not 0: that one can be named,
    /// and what then stands in the header was never checked.
    at: u16,
    /// What it takes uncompressed.
    octets: u8,
    /// Pointers behind that.
    pointers: u8,
}

impl Known {
    pub(crate) const NONE: Known = Known { at: u16::MAX, octets: 0, pointers: 0 };

    /// The name, in the message that it was found in.
    #[inline]
    pub(crate) fn name<'m>(&self, message: &'m [u8]) -> Name<'m> {
        Name::trusted(message, self.at.into())
    }
}

/// A name that was found sound. Small enough to be returned in a register.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found {
    /// What a later name of the message can use of it.
    pub(crate) known: Known,
    end: u16,
}

impl Found {
    /// Where what follows the name begins.
    #[inline]
    pub(crate) fn end(&self) -> usize {
        self.end.into()
    }
}

/// Finds the name at `at` sound, or where it is not (D-2.3-3, D-3.1-1, D-4.1.4-1). Offsets fit 16 bits, as a message
/// has at most 65 535 octets.
#[inline]
pub(crate) fn read_name(message: &[u8], at: usize, known: Known) -> Result<Found, CheckError> {
    let (pos, last) = labels(message, at)?;
    if last > 0 {
        return follow(message, at, pos, last, known);
    }
    let known = Known { at: at as u16, octets: (pos + 1 - at) as u8, pointers: 0 };
    Ok(Found { known, end: (pos + 1) as u16 })
}

/// Walks labels from `start` on. Where the octet is that is none, and which: the root, or what begins a pointer.
#[inline]
fn labels(message: &[u8], start: usize) -> Result<(usize, u8), CheckError> {
    let mut pos = start;
    loop {
        let Some(&first) = message.get(pos) else { return Err(truncated(message.len())) };
        if first == 0 || first >= 0x40 {
            return Ok((pos, first));
        }
        pos += 1 + usize::from(first);
        // The root follows at least.
        if pos - start >= MAX_NAME {
            return Err(too_long(start));
        }
    }
}

/// The rest of the name at `start`, from what is no label at `pos` on, which begins with `first`.
fn follow(message: &[u8], start: usize, pos: usize, first: u8, known: Known) -> Result<Found, CheckError> {
    let target = target(message, pos, first)?;
    // What is known was found sound: nothing but the bounds of the whole is left to see.
    let tail = if target == known.at.into() { known } else { walk(message, start, pos, target)? };
    let octets = pos - start + usize::from(tail.octets);
    if octets > MAX_NAME || tail.pointers == MAX_POINTERS {
        return Err(too_long(start));
    }
    // A name that is nothing but a pointer stands where that leads.
    let known = if pos == start {
        tail
    } else {
        Known { at: start as u16, octets: octets as u8, pointers: tail.pointers + 1 }
    };
    Ok(Found { known, end: (pos + 2) as u16 })
}

/// What the pointer at `pos` of the name at `start` leads to.
fn walk(message: &[u8], start: usize, mut pos: usize, at: usize) -> Result<Known, CheckError> {
    let (mut run, mut target, mut octets) = (start, at, 0);
    for pointers in 0..MAX_POINTERS {
        // Each run of labels starts before the one that led to it, so the walk ends.
        if target < HEADER_LEN || target >= run {
            return Err(CheckError::new(pos, Fault::Pointer));
        }
        run = target;
        let last;
        (pos, last) = labels(message, run)?;
        octets += pos - run;
        if octets >= MAX_NAME {
            break;
        }
        if last == 0 {
            return Ok(Known { at: at as u16, octets: octets as u8 + 1, pointers });
        }
        target = self::target(message, pos, last)?;
    }
    Err(too_long(start))
}

/// Where the pointer at `pos` leads, which begins with `first`.
#[inline]
fn target(message: &[u8], pos: usize, first: u8) -> Result<usize, CheckError> {
    match message.get(pos + 1) {
        _ if first < 0xC0 => Err(CheckError::new(pos, Fault::LabelType)),
        Some(&second) => Ok(pointer(first, second)),
        None => Err(truncated(pos)),
    }
}

#[cold]
fn truncated(at: usize) -> CheckError {
    CheckError::new(at, Fault::Truncated)
}

#[cold]
fn too_long(at: usize) -> CheckError {
    CheckError::new(at, Fault::NameTooLong)
}

/// A name of 255 octets has at most 127 labels, and no encoder needs more pointers than labels.
const MAX_POINTERS: u8 = 127;
