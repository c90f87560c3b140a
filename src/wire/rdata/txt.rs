//! TXT (RFC 1035 section 3.3.14), with the attributes of DNS-SD (RFC 6763 section 6).

use super::Rdata;
use crate::wire::CheckError;

/// One or more strings of up to 255 octets. Empty data, which RFC 1035 forbids and senders emit, reads as no string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Txt<'m> {
    octets: &'m [u8],
}

impl<'m> Txt<'m> {
    pub(super) fn read(rdata: &Rdata<'m>) -> Result<Self, CheckError> {
        Self::from_octets(rdata.as_octets()).ok_or(rdata.wrong_length())
    }

    /// The strings that `octets` hold, each behind its length; `None` when the last one is cut.
    pub fn from_octets(octets: &'m [u8]) -> Option<Self> {
        let mut rest = octets;
        while let Some((_, behind)) = split_string(rest) {
            rest = behind;
        }
        rest.is_empty().then_some(Self { octets })
    }

    /// The octets as they came, each string behind its length.
    pub fn as_octets(&self) -> &'m [u8] {
        self.octets
    }

    /// The strings in their order, empty ones included.
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
}

fn split_string(octets: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&len, rest) = octets.split_first()?;
    rest.split_at_checked(len.into())
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
        assert_eq!(strings(b""), Some([].to_vec()));
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
}
