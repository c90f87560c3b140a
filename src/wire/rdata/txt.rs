//! TXT (RFC 1035 section 3.3.14), with the attributes of DNS-SD (RFC 6763 section 6).

use core::fmt;

use super::{Builder, DoesNotFit, FromRData, PutData, RawData, Type};
use crate::ink::Ink;
use crate::wire::{CheckError, Out, show};

/// One or more strings of up to 255 octets (RFC 1035 section 3.3.14), in DNS-SD the attributes of a service (RFC 6763
/// section 6). Empty data, which RFC 1035 forbids and senders emit, counts as one empty string (RFC 6763 section 6.1).
///
/// ```
/// use dotlocal::txt;
/// use dotlocal::wire::Txt;
///
/// // Checked when it is compiled:
/// let fixed = txt!("path=/", "tls");
/// assert_eq!(fixed.get("Path"), Some(Some(b"/".as_slice())));
///
/// // In the caller's bytes:
/// let mut buf = [0; 64];
/// let built = Txt::build(&mut buf, &[("path", Some(b"/")), ("tls", None)])?;
/// assert_eq!(built, fixed);
/// # Ok::<(), dotlocal::wire::TxtError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Txt<'m> {
    octets: &'m [u8],
}

/// Why TXT data cannot be built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum TxtError {
    /// The attribute at `index` is longer than 255 octets with its `=`.
    AttributeTooLong {
        /// Which one, from 0.
        index: usize,
    },
    /// The key of the attribute at `index` is empty, or has other characters than printable ASCII without `=`.
    Key {
        /// Which one, from 0.
        index: usize,
    },
    /// The octets are not strings behind their lengths.
    Octets,
    /// All strings together are longer than 65 535 octets, or than the buffer.
    TooLong,
}

impl fmt::Display for TxtError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AttributeTooLong { index } => {
                write!(f, "TXT attribute {index} is longer than 255 octets: shorten its value")
            }
            Self::Key { index } => write!(
                f,
                "the key of TXT attribute {index} is empty or has a character that keys have not: \
                 write printable ASCII without \"=\""
            ),
            Self::Octets => {
                f.write_str("the TXT octets are cut: write each string behind an octet with its length")
            }
            Self::TooLong => f.write_str(
                "the TXT data is longer than its buffer or than 65535 octets: leave attributes out",
            ),
        }
    }
}

impl core::error::Error for TxtError {}

impl From<DoesNotFit> for TxtError {
    fn from(_: DoesNotFit) -> Self {
        Self::TooLong
    }
}

impl<'m> Txt<'m> {
    /// The strings that `octets` hold, each behind its length; `None` when the last one is cut.
    pub fn from_octets(octets: &'m [u8]) -> Option<Self> {
        let mut rest = octets;
        while let Some((_, behind)) = split_string(rest) {
            rest = behind;
        }
        let octets = if octets.is_empty() { &[0] } else { octets };
        rest.is_empty().then_some(Self { octets })
    }

    /// The octets that [`txt!`](crate::txt!) has put together.
    #[doc(hidden)]
    pub const fn from_const(octets: &'static [u8]) -> Txt<'static> {
        Txt { octets }
    }

    /// These attributes, written into `buf`: a key alone for a value of `None`; a single empty string when there is no
    /// attribute (RFC 6763 section 6.1).
    ///
    /// # Errors
    /// What [`TxtError`] lists; no room in `buf` is [`TxtError::TooLong`].
    pub fn build(buf: &'m mut [u8], attributes: &[(&str, Option<&[u8]>)]) -> Result<Self, TxtError> {
        let mut out = Out::new(buf);
        for (index, (key, value)) in attributes.iter().enumerate() {
            let len = check_attribute(key, value.map(<[u8]>::len)).map_err(|wrong| wrong.at(index))?;
            out.put(&[len])?;
            out.put(key.as_bytes())?;
            if let Some(value) = value {
                out.put(b"=")?;
                out.put(value)?;
            }
        }
        if attributes.is_empty() {
            out.put(&[0])?;
        }
        let octets = out.finish();
        if octets.len() > crate::wire::MAX_MESSAGE { Err(TxtError::TooLong) } else { Ok(Self { octets }) }
    }

    /// The octets, each string behind its length; one at least.
    pub fn as_octets(&self) -> &'m [u8] {
        self.octets
    }

    /// The strings in their order, empty ones included.
    #[inline]
    pub fn strings(&self) -> impl Iterator<Item = &'m [u8]> + Clone + use<'m> {
        let mut rest = self.octets;
        core::iter::from_fn(move || {
            let (string, behind) = split_string(rest)?;
            rest = behind;
            Some(string)
        })
    }

    /// The attributes: key and, behind the first `=`, value. `None` for a key alone; strings without a key are left
    /// out (RFC 6763 section 6.4).
    pub fn attributes(&self) -> impl Iterator<Item = (&'m [u8], Option<&'m [u8]>)> + Clone + use<'m> {
        self.strings().filter_map(|string| {
            let mut parts = string.splitn(2, |&octet| octet == b'=');
            let key = parts.next().filter(|key| !key.is_empty())?;
            Some((key, parts.next()))
        })
    }

    /// The first attribute named `key`, in any ASCII case: `None` when there is none, `Some(None)` for the key alone.
    pub fn get(&self, key: &str) -> Option<Option<&'m [u8]>> {
        self.attributes().find(|(name, _)| name.eq_ignore_ascii_case(key.as_bytes())).map(|(_, value)| value)
    }

    pub(super) fn ink(&self, ink: &mut impl Ink) -> fmt::Result {
        for (index, string) in self.strings().enumerate() {
            if index > 0 {
                ink.text(" ")?;
            }
            show::quoted(ink, string)?;
        }
        Ok(())
    }
}

impl<'m> FromRData<'m> for Txt<'m> {
    fn is_for(rtype: Type) -> bool {
        rtype == Type::TXT
    }

    #[inline]
    fn read(data: &RawData<'m>) -> Result<Self, CheckError> {
        Self::from_octets(data.as_octets()).ok_or(data.wrong_length())
    }
}

impl PutData for Txt<'_> {
    fn put(&self, _: Type, to: &mut Builder<'_>) -> Result<(), DoesNotFit> {
        to.put(self.octets)
    }
}

#[inline]
fn split_string(octets: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&len, rest) = octets.split_first()?;
    rest.split_at_checked(len.into())
}

/// What is wrong with an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WrongAttribute {
    Key,
    TooLong,
}

impl WrongAttribute {
    pub(crate) fn at(self, index: usize) -> TxtError {
        match self {
            Self::Key => TxtError::Key { index },
            Self::TooLong => TxtError::AttributeTooLong { index },
        }
    }
}

/// The length of the string that key and value make (RFC 6763 section 6.4).
pub(crate) fn check_attribute(key: &str, value_len: Option<usize>) -> Result<u8, WrongAttribute> {
    if key.is_empty() || key.bytes().any(|octet| !matches!(octet, b' '..=b'~') || octet == b'=') {
        return Err(WrongAttribute::Key);
    }
    let len = key.len() + value_len.map_or(0, |len| len + 1);
    u8::try_from(len).map_err(|_| WrongAttribute::TooLong)
}

/// Constant [`Txt`] data of these strings, checked when it is compiled. It costs its octets on the wire, and no code.
///
/// ```
/// let txt = dotlocal::txt!("path=/", "tls");
/// assert_eq!(txt.as_octets(), b"\x06path=/\x03tls");
/// ```
///
/// A string above 255 octets does not compile; nor does a key that is no key, which is all before the first `=`:
///
/// ```compile_fail
/// dotlocal::txt!("=/");
/// ```
#[macro_export]
macro_rules! txt {
    ($($string:expr),* $(,)?) => {{
        const STRINGS: &[&str] = &[$($string),*];
        const OCTETS: [u8; $crate::wire::const_len(STRINGS)] = $crate::wire::const_octets(STRINGS);
        const TXT: $crate::wire::Txt<'static> = $crate::wire::Txt::from_const(&OCTETS);
        TXT
    }};
}

/// The octets that these strings take.
#[doc(hidden)]
#[must_use]
#[expect(clippy::indexing_slicing, clippy::panic, reason = "it is the compiler's message")]
pub const fn const_len(strings: &[&str]) -> usize {
    let (mut len, mut index) = (0, 0);
    while index < strings.len() {
        let string = strings[index].as_bytes();
        if string.len() > 255 {
            panic!("a TXT string is longer than 255 octets");
        }
        if string.is_empty() || string[0] == b'=' {
            panic!("a TXT string has no key before its \"=\"");
        }
        let mut at = 0;
        while at < string.len() && string[at] != b'=' {
            if string[at] < b' ' || string[at] > b'~' {
                panic!("a TXT key has a character that is not printable ASCII");
            }
            at += 1;
        }
        len += 1 + string.len();
        index += 1;
    }
    if strings.is_empty() { 1 } else { len }
}

/// These strings, which take `LEN` octets, each behind its length.
#[doc(hidden)]
#[must_use]
#[expect(clippy::indexing_slicing, reason = "a wrong length does not compile")]
pub const fn const_octets<const LEN: usize>(strings: &[&str]) -> [u8; LEN] {
    let (mut octets, mut len, mut index) = ([0; LEN], 0, 0);
    while index < strings.len() {
        let string = strings[index].as_bytes();
        octets[len] = string.len() as u8;
        let mut at = 0;
        while at < string.len() {
            octets[len + 1 + at] = string[at];
            at += 1;
        }
        len += 1 + string.len();
        index += 1;
    }
    octets
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    // D-TXT-1, P22
    #[test]
    fn strings_end_with_the_data() {
        let strings =
            |octets: &'static [u8]| Txt::from_octets(octets).map(|txt| txt.strings().collect::<Vec<_>>());
        assert_eq!(strings(b"\x01a\0\x02bc"), Some([b"a".as_slice(), b"", b"bc"].to_vec()));
        assert_eq!(strings(b""), Some([b"".as_slice()].to_vec()));
        assert_eq!(strings(b"\0"), Some([b"".as_slice()].to_vec()));
        assert_eq!(strings(b"\x01a\x02b"), None);
    }

    // S-6.4-1, S-6.4-2, S-6.4-3
    #[test]
    fn an_attribute_is_absent_or_alone_or_empty_or_a_value() {
        let txt = Txt::from_octets(b"\x02=x\x05path=\x08PATH=/no\x03tls\x05a=b=c\x01=").unwrap();
        assert_eq!(txt.get("Path"), Some(Some(b"".as_slice())));
        assert_eq!(txt.get("TLS"), Some(None));
        assert_eq!(txt.get("a"), Some(Some(b"b=c".as_slice())));
        assert_eq!(txt.get(""), None);
        assert_eq!(txt.get("missing"), None);
        assert_eq!(txt.attributes().count(), 4);
    }

    #[test]
    fn attributes_are_checked_before_they_are_written() {
        let mut buf = [0; 600];
        let long = [b'v'; 254];
        let mut error = |attributes: &[(&str, Option<&[u8]>)]| Txt::build(&mut buf, attributes).unwrap_err();
        assert_eq!(
            error(&[("a", None), ("ab", Some(&long[..253]))]),
            TxtError::AttributeTooLong { index: 1 }
        );
        for key in ["", "a=b", "é", "\n"] {
            assert_eq!(error(&[(key, None)]), TxtError::Key { index: 0 });
        }
        let all = [("a", Some(&long[..252])); 3];
        assert_eq!(error(&all), TxtError::TooLong);
        assert_eq!(Txt::build(&mut buf, &[]).unwrap().as_octets(), b"\0");
        let built = Txt::build(&mut buf, &[("a", Some(&long[..253]))]).unwrap();
        assert_eq!(built.as_octets().len(), 256);
        assert_eq!(Txt::build(&mut buf[..2], &[("a", None)]).unwrap().as_octets(), b"\x01a");
        assert_eq!(Txt::build(&mut buf[..1], &[("a", None)]), Err(TxtError::TooLong));
        assert_eq!(crate::txt!().as_octets(), b"\0");
    }
}
