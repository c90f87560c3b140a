//! A host name made from what tells a board from its sisters.

use core::fmt;

use super::MAX_LABEL;

/// A host name of the board's own, `cam-3fa2`: the front is yours, the rest are the last two octets of its MAC address.
///
/// For devices that nobody has named yet. One label of letters, digits and hyphens (RFC 1123 section 2.1), so that the same
/// text goes to the router by DHCP (option 12, RFC 2132 section 3.14) and to the link by mDNS. Two boards in 65,536 have the
/// same one; on a link the second one is renamed.
///
/// ```
/// use dotlocal::mdns::{Config, Endpoint, EndpointStorage};
/// use dotlocal::name::HostLabel;
///
/// let label = HostLabel::from_mac("cam", [0x02, 0x00, 0x5E, 0x10, 0x3F, 0xA2])?;
/// assert_eq!(label.as_str(), "cam-3fa2");
///
/// // dhcp.set_hostname(label.as_str());
/// let mut storage = EndpointStorage::<2, 1, 0, 0, 0>::new();
/// let mut endpoint = Endpoint::new(&mut storage, Config::new(0x3FA2));
/// endpoint.set_hostname(label.as_str())?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct HostLabel {
    octets: [u8; MAX_LABEL],
    len: u8,
}

impl HostLabel {
    /// The label of `front`, a hyphen, and the last two octets of `mac` in hexadecimal digits. A board with a longer
    /// identity than a MAC address gives the six octets of it that end with those which differ most.
    ///
    /// # Errors
    /// A front that is empty, longer than 58 octets, or has another character than letters and digits of ASCII, and hyphens
    /// behind its first one.
    pub fn from_mac(front: &str, mac: [u8; 6]) -> Result<Self, HostLabelError> {
        let is_sound = |octet: u8| octet.is_ascii_alphanumeric() || octet == b'-';
        match front.as_bytes() {
            [] => return Err(HostLabelError::Empty),
            [b'-', ..] => return Err(HostLabelError::Character),
            octets if !octets.iter().copied().all(is_sound) => return Err(HostLabelError::Character),
            octets if octets.len() > MAX_FRONT => {
                return Err(HostLabelError::TooLong { octets: octets.len() });
            }
            _ => {}
        }
        let [.., high, low] = mac;
        let digits = [high >> 4, high & 0xF, low >> 4, low & 0xF]
            .map(|digit| if digit < 10 { b'0' + digit } else { b'a' + digit - 10 });
        let mut label = Self { octets: [0; MAX_LABEL], len: 0 };
        for (slot, octet) in label.octets.iter_mut().zip(front.bytes().chain([b'-']).chain(digits)) {
            *slot = octet;
            label.len += 1;
        }
        Ok(label)
    }

    /// The label.
    pub fn as_str(&self) -> &str {
        let octets = self.octets.get(..self.len.into()).unwrap_or(&[]);
        // They are ASCII.
        core::str::from_utf8(octets).unwrap_or("")
    }
}

/// Octets that are left by a hyphen and four digits.
const MAX_FRONT: usize = MAX_LABEL - 5;

impl fmt::Display for HostLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for HostLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HostLabel({self})")
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for HostLabel {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{=str}", self.as_str());
    }
}

/// Why a text is no front of a [`HostLabel`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum HostLabelError {
    /// Nothing at all.
    Empty,
    /// A character that host names do not have, or a hyphen at the beginning.
    Character,
    /// No room for the digits.
    TooLong {
        /// How many octets it has.
        octets: usize,
    },
}

impl fmt::Display for HostLabelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the host name has nothing before its digits: write \"cam\""),
            Self::Character => f.write_str(
                "a host name has letters, digits and hyphens, and begins with no hyphen: write \"kitchen-cam\"",
            ),
            Self::TooLong { octets } => {
                write!(f, "{octets} octets leave no room for digits behind them: shorten them to {MAX_FRONT}")
            }
        }
    }
}

impl core::error::Error for HostLabelError {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::format;

    const MAC: [u8; 6] = [0x02, 0, 0x5E, 0x10, 0x09, 0xAF];

    #[test]
    fn the_last_octets_of_the_mac_address_stand_behind_the_front() {
        let longest = "a".repeat(58);
        for front in ["cam", "c", "3d-Printer", "a-", &longest] {
            let label = HostLabel::from_mac(front, MAC).unwrap();
            assert_eq!(label.as_str(), format!("{front}-09af"));
            assert_eq!(format!("{label:>70}"), format!("{:>70}", label.as_str()));
            assert_eq!(format!("{label:?}"), format!("HostLabel({front}-09af)"));
        }
        let all_digits: [_; 8] = core::array::from_fn(|n| {
            let octets = [0x01, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF];
            HostLabel::from_mac("x", [0, 0, 0, 0, 0xA9, octets[n]]).unwrap()
        });
        let shown = all_digits.map(|label| format!("{label}").split_off(4));
        assert_eq!(shown.concat(), "0123456789abcdef");
    }

    #[test]
    fn a_front_that_makes_no_host_name_is_refused() {
        let long = "a".repeat(59);
        for (front, error, help) in [
            ("", HostLabelError::Empty, "write \"cam\""),
            ("-cam", HostLabelError::Character, "begins with no hyphen"),
            ("kitchen.cam", HostLabelError::Character, "letters, digits and hyphens"),
            ("kitchen cam", HostLabelError::Character, "letters, digits and hyphens"),
            ("k_c", HostLabelError::Character, "letters, digits and hyphens"),
            ("küche", HostLabelError::Character, "letters, digits and hyphens"),
            (&long, HostLabelError::TooLong { octets: 59 }, "59 octets"),
        ] {
            assert_eq!(HostLabel::from_mac(front, MAC), Err(error), "{front}");
            assert!(format!("{error}").contains(help));
        }
    }
}
