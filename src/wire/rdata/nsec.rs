//! NSEC (RFC 4034 section 4), in mDNS the list of types that a name has (RFC 6762 section 6.1).

use core::fmt;

use super::{Builder, DoesNotFit, PutData, Type, read_fields};
use crate::ink::Ink;
use crate::name::Name;
use crate::wire::{BuildError, Fault, Out};

/// The types that exist at a name (RFC 4034 section 4, in mDNS RFC 6762 section 6.1).
#[derive(Clone, Copy, Debug)]
pub struct Nsec<'m> {
    /// The next owner name of the zone; in mDNS the owner itself.
    pub next: Name<'m>,
    /// The types.
    pub types: TypeBitmap<'m>,
}

impl Nsec<'_> {
    pub(super) fn ink(&self, ink: &mut impl Ink) -> fmt::Result {
        self.next.ink_absolute(ink)?;
        self.types.iter().try_for_each(|rtype| {
            ink.text(" ")?;
            rtype.ink(ink)
        })
    }
}

read_fields!(Nsec for NSEC, |fields| {
    let (next, windows) = (fields.name(), fields.rest());
    if let Err(left) = check_windows(windows) {
        fields.fail_before(left, Fault::Bitmap);
    }
    Nsec { next, types: TypeBitmap { windows } }
});

impl PutData for Nsec<'_> {
    fn put(&self, rtype: Type, to: &mut Builder<'_>) -> Result<(), DoesNotFit> {
        to.put_name_of(rtype, &self.next)?;
        to.put(self.types.windows)
    }
}

/// A set of types, as windows of up to 256 bits (RFC 4034 section 4.1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TypeBitmap<'m> {
    windows: &'m [u8],
}

impl<'m> TypeBitmap<'m> {
    /// The set of `types`, in any order, written into `buf`. A type below 256 takes up to 34 octets.
    ///
    /// ```
    /// use dotlocal::wire::{Type, TypeBitmap};
    ///
    /// let mut buf = [0; 8];
    /// let types = TypeBitmap::build(&mut buf, &[Type::AAAA, Type::A])?;
    /// assert_eq!(types.as_octets(), [0, 4, 0x40, 0, 0, 8]);
    /// # Ok::<(), dotlocal::wire::BuildError>(())
    /// ```
    ///
    /// # Errors
    /// [`BuildError::DoesNotFit`].
    pub fn build(buf: &'m mut [u8], types: &[Type]) -> Result<Self, BuildError> {
        let mut out = Out::new(buf);
        for window in 0..=255_u8 {
            let inside = types.iter().map(|rtype| rtype.0.to_be_bytes()).filter(|[high, _]| *high == window);
            let mut bitmap = [0; 32];
            let mut len = 0;
            for [_, low] in inside {
                let at = usize::from(low / 8);
                if let Some(octet) = bitmap.get_mut(at) {
                    *octet |= 0x80 >> (low % 8);
                    len = len.max(at + 1);
                }
            }
            if let Some(octets @ [_, ..]) = bitmap.get(..len) {
                out.put(&[window, len as u8])?;
                out.put(octets)?;
            }
        }
        Ok(Self { windows: out.finish() })
    }

    /// The windows as they go over the wire: number, length, bits.
    pub fn as_octets(&self) -> &'m [u8] {
        self.windows
    }

    /// Whether `rtype` is in the set.
    pub fn has(&self, rtype: Type) -> bool {
        let [high, low] = rtype.0.to_be_bytes();
        let mut rest = self.windows;
        while let Some((window, bitmap, behind)) = split_window(rest) {
            if window == high {
                let octet = bitmap.get(usize::from(low / 8));
                return octet.is_some_and(|octet| octet & (0x80 >> (low % 8)) != 0);
            }
            rest = behind;
        }
        false
    }

    /// The types, ascending.
    pub fn iter(&self) -> impl Iterator<Item = Type> + Clone + use<'m> {
        let (mut windows, mut next) = (self.windows, 0_u16);
        core::iter::from_fn(move || {
            loop {
                let (window, bitmap, behind) = split_window(windows)?;
                let Some(octet) = bitmap.get(usize::from(next / 8)) else {
                    (windows, next) = (behind, 0);
                    continue;
                };
                let (bit, low) = (0x80 >> (next % 8), next);
                next += 1;
                if octet & bit != 0 {
                    return Some(Type(u16::from(window) << 8 | low));
                }
            }
        })
    }
}

/// Windows out of order, or of a length other than 1 to 32, are an error: how many octets are left there.
fn check_windows(windows: &[u8]) -> Result<(), usize> {
    let (mut rest, mut above) = (windows, None);
    while let Some((window, _, behind)) = split_window(rest) {
        if above.is_some_and(|above| window <= above) {
            break;
        }
        (rest, above) = (behind, Some(window));
    }
    if rest.is_empty() { Ok(()) } else { Err(rest.len()) }
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
