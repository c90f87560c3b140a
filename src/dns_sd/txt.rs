//! TXT data of a service of ours, as pairs or as octets.

use crate::wire::{Txt, TxtError, check_attribute};

/// What a service's TXT record says, where its text is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum TxtData<'a> {
    /// Keys and values, put together when they are written.
    Pairs(&'a [(&'a str, &'a str)]),
    /// Octets as they go over the wire.
    Octets(&'a [u8]),
}

impl TxtData<'_> {
    /// Checks keys and lengths (RFC 6763 section 6).
    pub(crate) fn check(&self) -> Result<(), TxtError> {
        match self {
            Self::Pairs(pairs) => {
                for (index, (key, value)) in pairs.iter().enumerate() {
                    check_attribute(key, Some(value.len())).map_err(|wrong| wrong.at(index))?;
                }
            }
            Self::Octets(octets) => {
                Txt::from_octets(octets).ok_or(TxtError::Octets)?;
            }
        }
        if self.len() > crate::wire::MAX_MESSAGE { Err(TxtError::TooLong) } else { Ok(()) }
    }

    /// The octets that the strings take.
    pub(crate) fn len(&self) -> usize {
        let mut len = 0;
        self.emit(&mut |octets| len += octets.len());
        len
    }

    /// Whether there is nothing to say: a single zero octet on the wire (RFC 6763 section 6.1).
    pub(crate) fn is_empty(&self) -> bool {
        matches!(self, Self::Pairs([]) | Self::Octets([]))
    }

    /// Hands the strings to `sink`, piece by piece.
    pub(crate) fn emit(&self, sink: &mut dyn FnMut(&[u8])) {
        match self {
            Self::Octets(octets) => sink(octets),
            Self::Pairs(pairs) => {
                for (key, value) in *pairs {
                    sink(&[(key.len() + value.len() + 1) as u8]);
                    sink(key.as_bytes());
                    sink(b"=");
                    sink(value.as_bytes());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    fn octets(data: TxtData<'_>) -> Vec<u8> {
        let mut octets = Vec::new();
        data.emit(&mut |piece| octets.extend(piece));
        assert_eq!(data.len(), octets.len());
        octets
    }

    #[test]
    fn attributes_become_strings_behind_their_lengths() {
        for empty in [TxtData::Pairs(&[]), TxtData::Octets(&[])] {
            assert!(empty.is_empty() && octets(empty).is_empty());
        }
        let pairs = TxtData::Pairs(&[("path", "/"), ("tls", "")]);
        assert_eq!(octets(pairs), b"\x06path=/\x04tls=");
        assert_eq!(octets(TxtData::Octets(b"\x01a")), b"\x01a");
    }

    // S-6.2-1
    #[test]
    fn the_attribute_that_is_wrong_is_named() {
        let long = "v".repeat(252);
        let check = |pairs: &[(&str, &str)]| TxtData::Pairs(pairs).check();
        assert_eq!(check(&[("ab", &long)]), Ok(()));
        assert_eq!(check(&[("a", "1"), ("abc", &long)]), Err(TxtError::AttributeTooLong { index: 1 }));
        for key in ["", "a=b", "é", "\n"] {
            assert_eq!(check(&[(key, "1")]), Err(TxtError::Key { index: 0 }));
        }
        assert_eq!(TxtData::Octets(b"\x02a").check(), Err(TxtError::Octets));
        let strings = [255; 256].repeat(257);
        assert_eq!(TxtData::Octets(&strings).check(), Err(TxtError::TooLong));
    }
}
