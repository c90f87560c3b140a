//! NSEC (RFC 4034 section 4), in mDNS the list of types that a name has (RFC 6762 section 6.1).

use super::Rdata;
use crate::name::Name;
use crate::wire::{CheckError, Fault, Type};

/// The types that exist at a name.
#[derive(Clone, Copy, Debug)]
pub struct Nsec<'m> {
    next: Name<'m>,
    windows: &'m [u8],
}

impl<'m> Nsec<'m> {
    pub(super) fn read(rdata: &Rdata<'m>) -> Result<Self, CheckError> {
        let (next, end) = rdata.name(rdata.start())?;
        let windows = rdata.message.get(end..rdata.end()).unwrap_or(&[]);
        let (mut rest, mut above) = (windows, None);
        while let Some((window, _, behind)) = split_window(rest) {
            if above.is_some_and(|above| window <= above) {
                break;
            }
            (rest, above) = (behind, Some(window));
        }
        if !rest.is_empty() {
            return Err(CheckError::new(rdata.end() - rest.len(), Fault::Bitmap));
        }
        Ok(Self { next, windows })
    }

    /// The next owner name of the zone; in mDNS the owner itself.
    pub fn next(&self) -> Name<'m> {
        self.next
    }

    /// The bitmap windows as they came.
    pub fn windows(&self) -> &'m [u8] {
        self.windows
    }

    /// Whether the name has records of type `rtype`.
    pub fn has(&self, rtype: Type) -> bool {
        let [high, low] = rtype.0.to_be_bytes();
        let mut rest = self.windows;
        while let Some((window, bitmap, behind)) = split_window(rest) {
            if window == high {
                return bitmap
                    .get(usize::from(low / 8))
                    .is_some_and(|octet| octet & (0x80 >> (low % 8)) != 0);
            }
            rest = behind;
        }
        false
    }

    /// The types, ascending.
    pub fn types(&self) -> impl Iterator<Item = Type> + use<'m> {
        let mut rest = self.windows;
        let windows = core::iter::from_fn(move || {
            let (window, bitmap, behind) = split_window(rest)?;
            rest = behind;
            Some((window, bitmap))
        });
        windows.flat_map(|(window, bitmap)| {
            let bits = bitmap.iter().zip(0_u16..).flat_map(|(&octet, index)| {
                (0..8).filter(move |bit| octet & (0x80 >> bit) != 0).map(move |bit| index * 8 + bit)
            });
            bits.map(move |low| Type(u16::from(window) << 8 | low))
        })
    }
}

/// The first window's number and bitmap, and what follows; `None` for a length other than 1 to 32 or past the end.
fn split_window(octets: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&[window, len], rest) = octets.split_first_chunk()?;
    if !(1..=32).contains(&len) {
        return None;
    }
    let (bitmap, behind) = rest.split_at_checked(len.into())?;
    Some((window, bitmap, behind))
}
