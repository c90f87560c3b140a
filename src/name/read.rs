//! The walk over a name in a message, which makes every check there is (rows P1 to P9 of attacks).

use super::{MAX_NAME, Name};
use crate::wire::{CheckError, Fault, HEADER_LEN};

/// A name that was walked before in the same message.
///
/// Names of a message often end in the one before them, or are the same. Remembering one saves the walk behind the
/// pointer, and changes nothing else: a name is sound or not by the same rules.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    /// Where it stands: its first label, or what a bare pointer leads to, which may be a pointer again; for none an
    /// offset that no pointer of 14 bits can name. Not 0: that one can be named, and what then stands in the header was
    /// never checked.
    at: u16,
    /// What it takes uncompressed.
    octets: u8,
    /// Pointers behind that.
    pointers: u8,
}

impl Known {
    pub(crate) const NONE: Known = Known { at: u16::MAX, octets: 0, pointers: 0 };

    /// The name that begins at `start` with labels and at `pos` points here; `None` when it is too long.
    #[inline]
    fn behind_labels(self, start: usize, pos: usize) -> Option<Self> {
        let octets = pos - start + usize::from(self.octets);
        let pointers = usize::from(self.pointers) + 1;
        let fits = octets <= MAX_NAME && pointers <= MAX_POINTERS;
        fits.then_some(Self { at: start as u16, octets: octets as u8, pointers: pointers as u8 })
    }

    #[inline]
    pub(crate) fn at(&self) -> u16 {
        self.at
    }

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
    let mut pos = at;
    loop {
        let Some(&first) = message.get(pos) else { return Err(wrong(message.len(), Fault::Truncated)) };
        if first >= 0x40 {
            // What is known was found sound: nothing but the bounds of the whole is left to see.
            let is_known = target(message, pos) == Some(known.at);
            let tail = if is_known { known } else { follow(message, at, pos, known)? };
            // A name that is nothing but a pointer stands where that leads.
            let known = if pos == at { Some(tail) } else { tail.behind_labels(at, pos) };
            let Some(known) = known else { return Err(wrong(at, Fault::NameTooLong)) };
            return Ok(Found { known, end: (pos + 2) as u16 });
        }
        pos += 1 + usize::from(first);
        if pos - at > MAX_NAME {
            return Err(wrong(at, Fault::NameTooLong));
        }
        if first == 0 {
            let known = Known { at: at as u16, octets: (pos - at) as u8, pointers: 0 };
            return Ok(Found { known, end: pos as u16 });
        }
    }
}

/// What the pointer at `pos` of the name at `start` leads to.
fn follow(message: &[u8], start: usize, mut pos: usize, known: Known) -> Result<Known, CheckError> {
    let (mut run, mut octets, mut pointers, mut begin) = (start, 0, 0, None);
    let (at, fault) = 'name: loop {
        let Some(target) = target(message, pos) else {
            let cut = message.get(pos).is_some_and(|&first| first >= 0xC0);
            break if cut { (message.len(), Fault::Truncated) } else { (pos, Fault::LabelType) };
        };
        let begin = *begin.get_or_insert(target);
        // Each run of labels starts before the one that led to it, so the walk ends. So does a known name: it may
        // stand behind the names on this way.
        let at = usize::from(target);
        if at < HEADER_LEN || at >= run {
            break (pos, Fault::Pointer);
        }
        if target == known.at {
            octets += usize::from(known.octets);
            pointers += usize::from(known.pointers);
            if octets > MAX_NAME || pointers > MAX_POINTERS {
                break (start, Fault::NameTooLong);
            }
            return Ok(Known { at: begin, octets: octets as u8, pointers: pointers as u8 });
        }
        (run, pos) = (at, at);
        let stop = at + MAX_NAME - octets;
        loop {
            let Some(&first) = message.get(pos) else { break 'name (message.len(), Fault::Truncated) };
            if first >= 0x40 {
                break;
            }
            pos += 1 + usize::from(first);
            if pos > stop {
                break 'name (start, Fault::NameTooLong);
            }
            if first == 0 {
                octets += pos - run;
                return Ok(Known { at: begin, octets: octets as u8, pointers: pointers as u8 });
            }
        }
        octets += pos - run;
        pointers += 1;
        if pointers > MAX_POINTERS {
            break (start, Fault::NameTooLong);
        }
    };
    Err(wrong(at, fault))
}

/// Where the pointer at `pos` leads; `None` when there is none.
#[inline]
fn target(message: &[u8], pos: usize) -> Option<u16> {
    let two = message.get(pos..)?.first_chunk()?;
    u16::from_be_bytes(*two).checked_sub(0xC000)
}

#[cold]
fn wrong(at: usize, fault: Fault) -> CheckError {
    CheckError::new(at, fault)
}

/// A name of 255 octets has at most 127 labels, and no encoder needs more pointers behind the first label. A bare
/// pointer to a name does not count.
const MAX_POINTERS: usize = 127;
