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
    #[inline]
    fn new(at: usize, octets: usize, pointers: u8, end: usize) -> Self {
        Self { known: Known { at: at as u16, octets: octets as u8, pointers }, end: end as u16 }
    }

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
    // The commonest name of all is the one before, as a pointer.
    match message.get(at..).and_then(|rest| rest.first_chunk()) {
        Some(&two) if u16::from_be_bytes(two).checked_sub(0xC000) == Some(known.at) => {
            Ok(Found { known, end: (at + 2) as u16 })
        }
        _ => walk(message, at, known),
    }
}

fn walk(message: &[u8], at: usize, known: Known) -> Result<Found, CheckError> {
    // A run of labels begins at `run`; the name may have octets up to `stop` there.
    let (mut pos, mut run, mut stop) = (at, at, at + MAX_NAME);
    let (mut first_label, mut end, mut pointers) = (at, 0, 0_u8);
    let (wrong, fault) = loop {
        let Some(&first) = message.get(pos) else { break (message.len(), Fault::Truncated) };
        if first < 0x40 {
            pos += 1 + usize::from(first);
            if pos > stop {
                break (at, Fault::NameTooLong);
            }
            if first > 0 {
                continue;
            }
            end = if end > 0 { end } else { pos };
            let octets = MAX_NAME - (stop - pos);
            return Ok(Found::new(first_label, octets, pointers, end));
        }
        if first < 0xC0 {
            break (pos, Fault::LabelType);
        }
        let Some(&second) = message.get(pos + 1) else { break (pos, Fault::Truncated) };
        let target = pointer(first, second);
        if end == 0 {
            end = pos + 2;
        }
        if pos == at {
            // A name that is nothing but a pointer stands where that leads.
            first_label = target;
        } else {
            pointers += 1;
        }
        if target == usize::from(known.at) {
            // It was found sound: nothing but the bounds of the whole is left to see.
            let octets = MAX_NAME - (stop - pos) + usize::from(known.octets);
            pointers = pointers.saturating_add(known.pointers);
            if octets > MAX_NAME || pointers >= MAX_POINTERS {
                break (at, Fault::NameTooLong);
            }
            return Ok(Found::new(first_label, octets, pointers, end));
        }
        // Each run of labels starts before the one that led to it, so the walk ends.
        if target < HEADER_LEN || target >= run {
            break (pos, Fault::Pointer);
        }
        if pointers >= MAX_POINTERS {
            break (at, Fault::NameTooLong);
        }
        stop = target + (stop - pos);
        (pos, run) = (target, target);
    };
    Err(CheckError::new(wrong, fault))
}

/// A name of 255 octets has at most 127 labels, and no encoder needs as many pointers.
const MAX_POINTERS: u8 = 127;
