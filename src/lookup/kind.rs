//! What a text is that was typed for a host.

use core::fmt;
use core::net::{IpAddr, Ipv6Addr};

use super::literal;
use crate::name::{NameBuf, NameTextError};
use crate::realm::Realm;

/// What a user has typed for a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Typed<'t> {
    /// An address: nobody is asked.
    Address(IpAddr),
    /// An IPv6 address with a scope (RFC 4007 section 11): `fe80::1%2`, `fe80::1%eth0`.
    Scoped(Ipv6Addr, Scope<'t>),
    /// A name.
    Name {
        /// It ends with a dot: no search list is for it.
        absolute: bool,
        /// Who knows its addresses.
        realm: Realm,
    },
}

/// Which link an address is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Scope<'t> {
    /// Its number; 0 is none.
    Id(u32),
    /// The name of an interface, whose number the one knows that has the sockets.
    Interface(&'t str),
}

impl<'t> Typed<'t> {
    /// Reads `text`; a name is written into `name`.
    ///
    /// ```
    /// use core::net::Ipv6Addr;
    /// use dotlocal::lookup::{InvalidName, Realm, Scope, Typed};
    /// use dotlocal::name::{Name, NameBuf};
    ///
    /// let mut name = NameBuf::from(Name::ROOT);
    /// let mut read = |text| Typed::read(text, &mut name);
    /// assert_eq!(read("192.168.1.20"), Ok(Typed::Address([192, 168, 1, 20].into())));
    /// let link_local = Ipv6Addr::new(0xFE80, 0, 0, 0, 0, 0, 0, 1);
    /// assert_eq!(read("fe80::1%2"), Ok(Typed::Scoped(link_local, Scope::Id(2))));
    /// assert_eq!(read("printer.local"), Ok(Typed::Name { absolute: false, realm: Realm::Link }));
    /// assert_eq!(read("192.168.1"), Err(InvalidName::Number));
    /// ```
    ///
    /// # Errors
    /// Text that is neither an address nor a name, or a name that nobody should be asked for: see [`InvalidName`].
    pub fn read(text: &'t str, name: &mut NameBuf) -> Result<Self, InvalidName> {
        if let Some(address) = literal::address(text) {
            return Ok(Self::Address(address));
        }
        if let Some((address, scope)) = split_scope(text) {
            return match address {
                IpAddr::V6(ip) if !scope.is_empty() => Ok(Self::Scoped(ip, Scope::read(scope))),
                _ => Err(InvalidName::Scope),
            };
        }
        if text.is_empty() {
            return Err(InvalidName::Empty);
        }
        name.set(text).map_err(InvalidName::Name)?;
        let last = name.name().labels().last().unwrap_or_default();
        if is_number(last) {
            return Err(InvalidName::Number);
        }
        if last.contains(&b':') {
            return Err(InvalidName::Colon);
        }
        let realm = Realm::of(&name.name());
        // Multicast takes UTF-8 as it is (RFC 6762 section 16).
        if realm == Realm::Servers && !text.is_ascii() {
            return Err(InvalidName::NonAscii);
        }
        Ok(Self::Name { absolute: ends_with_dot(text.as_bytes()), realm })
    }
}

impl<'t> Scope<'t> {
    fn read(text: &'t str) -> Self {
        let is_number = text.bytes().all(|octet| octet.is_ascii_digit());
        let number = if is_number { text.parse().ok() } else { None };
        number.map_or(Self::Interface(text), Self::Id)
    }
}

/// An address of either family before the first `%`, and what is behind that: interfaces may have dots in their names.
fn split_scope(text: &str) -> Option<(IpAddr, &str)> {
    let (address, scope) = text.split_once('%')?;
    Some((literal::address(address)?, scope))
}

/// Whether a label reads as a number to those who take `0x7f.1` for an address (the host parser of the WHATWG's URL
/// standard, `inet_aton`): decimal digits alone, or hexadecimal ones behind `0x`.
fn is_number(label: &[u8]) -> bool {
    match label {
        [b'0', b'x' | b'X', digits @ ..] => digits.iter().all(u8::is_ascii_hexdigit),
        digits => !digits.is_empty() && digits.iter().all(u8::is_ascii_digit),
    }
}

/// Whether the last dot of a sound name is a separator: an even number of backslashes stands before it, none included.
fn ends_with_dot(text: &[u8]) -> bool {
    let Some((b'.', before)) = text.split_last() else { return false };
    before.iter().rev().take_while(|&&octet| octet == b'\\').count() % 2 == 0
}

/// Why a text is no name to look up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum InvalidName {
    /// Nothing at all.
    Empty,
    /// An empty or long label, a long name, a wrong escape.
    Name(NameTextError),
    /// `1.2.3`, `0x7f.1`, `256.1.1.1`, `1.2.3.4.5`: the last label is a number.
    ///
    /// Some read the shorter forms as addresses, each others (`0x7f.1` is 127.0.0.1 to `inet_aton`, and to browsers by the
    /// WHATWG's URL standard), so that they are no addresses here. Nor are they asked for: no top-level domain is a number,
    /// so that names and addresses can be told apart (RFC 1123 section 2.1), and what a server would answer is a trap.
    Number,
    /// `example.com:80`, `[::1]`: a colon in the last label, where no name has one.
    Colon,
    /// `192.0.2.1%eth0`, `fe80::1%`: a scope of an IPv4 address, or none behind the `%`.
    Scope,
    /// Text beyond ASCII in a name that servers are to be asked for, which know it in another form:
    /// [`Punycode`](super::Punycode) shows it.
    NonAscii,
}

impl fmt::Display for InvalidName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "the name is empty: write \"printer.local\", \"example.com\" or \"192.168.1.20\"",
            Self::Name(error) => return error.fmt(f),
            Self::Number => {
                "what ends with a number is an address, and this is none: write four numbers from 0 to 255, \
                 such as \"192.168.1.20\""
            }
            Self::Colon => {
                "a name has no colon in its last label: give the port apart, and an IPv6 address without brackets"
            }
            Self::Scope => "a scope stands behind an IPv6 address: write \"fe80::1%2\" or \"fe80::1%eth0\"",
            Self::NonAscii => {
                "servers know names with letters beyond ASCII in punycode: write \"xn--mnchen-3ya\" for \"münchen\""
            }
        })
    }
}

impl core::error::Error for InvalidName {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::realm::Reserved;
    use std::string::ToString;

    fn read(text: &str) -> Result<Typed<'_>, InvalidName> {
        let mut name = NameBuf::ROOT;
        Typed::read(text, &mut name)
    }

    fn realm(text: &str) -> Realm {
        match read(text) {
            Ok(Typed::Name { realm, .. }) => realm,
            other => panic!("{text} is no name: {other:?}"),
        }
    }

    // R-LIT-1
    #[test]
    fn literals_are_addresses_and_near_ones_are_nothing() {
        for text in
            ["192.168.1.20", "0.0.0.0", "255.255.255.255", "::", "::1", "2001:DB8::7", "::ffff:192.0.2.1"]
        {
            assert_eq!(read(text), Ok(Typed::Address(text.parse().unwrap())), "{text}");
        }
        let ip = Ipv6Addr::new(0xFE80, 0, 0, 0, 0, 0, 0, 1);
        for (scope, read_as) in [
            ("2", Scope::Id(2)),
            ("0", Scope::Id(0)),
            ("4294967295", Scope::Id(u32::MAX)),
            ("4294967296", Scope::Interface("4294967296")),
            ("eth0", Scope::Interface("eth0")),
            ("eth0.5", Scope::Interface("eth0.5")),
            ("+2", Scope::Interface("+2")),
            ("a%b", Scope::Interface("a%b")),
        ] {
            assert_eq!(read(&std::format!("fe80::1%{scope}")), Ok(Typed::Scoped(ip, read_as)), "{scope}");
        }
        for text in [
            "1",
            "1.2.3",
            "192.168.1",
            "0x7f.1",
            "0X7F.0x1",
            "1.2.3.4.5",
            "256.1.1.1",
            "1.2.3.4.",
            "01.2.3.4",
            "0x",
            "127.0.0.01",
            "4294967296",
            "example.7",
            "::1.2.3",
            "1.2.3.0xff",
        ] {
            assert_eq!(read(text), Err(InvalidName::Number), "{text}");
        }
        for text in ["[::1]", "::1::", "1:2", "example.com:80", "192.0.2.1:80", "fe80::1.", ":"] {
            assert_eq!(read(text), Err(InvalidName::Colon), "{text}");
        }
        for text in ["192.0.2.1%eth0", "192.0.2.1%2", "fe80::1%"] {
            assert_eq!(read(text), Err(InvalidName::Scope), "{text}");
        }
        for text in ["1.2.3.4.example", "0x7g", "1a", "0xa.b", "fe80::1.example", "a%b", "x%2.example", "-1"]
        {
            assert_eq!(realm(text), Realm::Servers, "{text}");
        }
    }

    #[test]
    fn a_name_is_kept_and_a_dot_behind_it_makes_it_absolute() {
        for (text, is_absolute) in [
            ("cam", false),
            ("cam.", true),
            ("Cam.example.", true),
            (r"cam\.", false),
            (r"cam\\.", true),
            (r"cam\\\.", false),
            (r"cam\046", false),
            (".", true),
        ] {
            let mut name = NameBuf::ROOT;
            let typed = Typed::read(text, &mut name);
            assert_eq!(typed, Ok(Typed::Name { absolute: is_absolute, realm: Realm::Servers }), "{text}");
            assert_eq!(name.as_octets(), text.parse::<NameBuf>().unwrap().as_octets());
        }
    }

    #[test]
    fn what_is_no_name_is_told_with_its_reason() {
        let long = "a".repeat(64);
        let name_of_256 = [&long[..63]; 4].join(".");
        for (text, error, help) in [
            ("", InvalidName::Empty, "192.168.1.20"),
            ("a..b", InvalidName::Name(NameTextError::EmptyLabel), "label is empty"),
            (".a", InvalidName::Name(NameTextError::EmptyLabel), "label is empty"),
            (&long, InvalidName::Name(NameTextError::LabelTooLong), "63 octets"),
            (&name_of_256, InvalidName::Name(NameTextError::NameTooLong), "255 octets"),
            (r"a\", InvalidName::Name(NameTextError::Escape), "backslash"),
            ("münchen.example", InvalidName::NonAscii, "punycode: write \"xn--"),
            ("1.2", InvalidName::Number, "four numbers"),
            ("a:b", InvalidName::Colon, "port"),
            ("1.2.3.4%5", InvalidName::Scope, "fe80::1%2"),
        ] {
            assert_eq!(read(text), Err(error), "{text}");
            assert!(error.to_string().contains(help), "{error}");
        }
        for reserved in [Reserved::Invalid, Reserved::Onion] {
            assert!(reserved.to_string().ends_with("nobody was asked"));
        }
        assert!(Reserved::Local.to_string().contains("printer.local"));
    }

    mod properties {
        use super::*;
        use proptest::prelude::*;

        proptest! {
            #[test]
            fn any_text_is_read_as_what_it_is(
                text in prop_oneof![r"\PC{0,80}", r"[0-9a-fx:.%]{0,20}", r"([a-z0-9\\.]{0,9}\.){0,9}(local|onion)?"],
            ) {
                let mut name = NameBuf::ROOT;
                match Typed::read(&text, &mut name) {
                    Ok(Typed::Address(address)) => prop_assert_eq!(text.parse(), Ok(address)),
                    Ok(Typed::Scoped(ip, Scope::Id(id))) => {
                        let (address, scope) = text.split_once('%').unwrap();
                        prop_assert_eq!((address.parse(), scope.parse()), (Ok(ip), Ok(id)));
                    }
                    Ok(Typed::Scoped(ip, Scope::Interface(scope))) => {
                        let (address, behind) = text.split_once('%').unwrap();
                        prop_assert_eq!((address.parse(), behind), (Ok(ip), scope));
                    }
                    Ok(Typed::Name { absolute, realm }) => {
                        prop_assert_eq!(text.parse(), Ok(name));
                        prop_assert_eq!(realm, Realm::of(&name.name()));
                        prop_assert!(!absolute || text.ends_with('.'));
                        prop_assert!(text.is_ascii() || realm != Realm::Servers);
                    }
                    Err(InvalidName::Name(error)) => prop_assert_eq!(text.parse::<NameBuf>(), Err(error)),
                    Err(_) => prop_assert!(text.parse::<IpAddr>().is_err()),
                }
            }
        }
    }
}
