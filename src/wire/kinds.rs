//! Types, classes and sections.

use core::fmt;
use core::str::FromStr;

/// A record or question type; any number is one (RFC 3597).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Type(pub u16);

macro_rules! types {
    ($($name:ident = $number:literal, $doc:literal;)*) => {
        impl Type {
            $(#[doc = $doc] pub const $name: Type = Type($number);)*

            /// The registry's name, where this crate knows it.
            fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($number => Some(stringify!($name)),)*
                    _ => None,
                }
            }

            fn from_name(text: &str) -> Option<Type> {
                $(if text.eq_ignore_ascii_case(stringify!($name)) {
                    return Some(Type::$name);
                })*
                None
            }
        }
    };
}

types! {
    A = 1, "IPv4 address (RFC 1035).";
    NS = 2, "Name server (RFC 1035).";
    CNAME = 5, "Canonical name of an alias (RFC 1035).";
    SOA = 6, "Start of a zone of authority (RFC 1035).";
    PTR = 12, "Pointer to a name (RFC 1035).";
    HINFO = 13, "Host information (RFC 1035).";
    MX = 15, "Mail exchange (RFC 1035).";
    TXT = 16, "Text strings (RFC 1035, RFC 6763 section 6).";
    AAAA = 28, "IPv6 address (RFC 3596).";
    SRV = 33, "Host and port of a service (RFC 2782).";
    NAPTR = 35, "Naming authority pointer (RFC 3403).";
    DNAME = 39, "Redirection of a subtree (RFC 6672).";
    OPT = 41, "EDNS0 pseudo-record (RFC 6891).";
    DS = 43, "Delegation signer (RFC 4034).";
    RRSIG = 46, "Signature (RFC 4034).";
    NSEC = 47, "Types that exist at a name (RFC 4034, RFC 6762 section 6.1).";
    DNSKEY = 48, "Zone key (RFC 4034).";
    SVCB = 64, "Service binding (RFC 9460).";
    HTTPS = 65, "Service binding for HTTPS (RFC 9460).";
    ANY = 255, "All types, in questions only (RFC 1035, RFC 8482).";
    URI = 256, "Uniform resource identifier (RFC 7553).";
    CAA = 257, "Certification authority authorization (RFC 8659).";
}

impl fmt::Display for Type {
    /// The registry's name, or `TYPE65280` (RFC 3597 section 5).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.pad(name),
            None => write!(f, "TYPE{}", self.0),
        }
    }
}

/// The text is neither the name of a type nor `TYPE` and a number up to 65535.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ParseTypeError;

impl fmt::Display for ParseTypeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "no record type: write a name such as AAAA, or TYPE and a number up to 65535 such as TYPE65280",
        )
    }
}

impl core::error::Error for ParseTypeError {}

impl FromStr for Type {
    type Err = ParseTypeError;

    /// Reads `AAAA` or `TYPE28`, in any case.
    fn from_str(text: &str) -> Result<Self, ParseTypeError> {
        let number = || {
            let (word, digits) = text.split_at_checked(4)?;
            let plain = digits.bytes().all(|octet| octet.is_ascii_digit());
            (word.eq_ignore_ascii_case("TYPE") && plain).then(|| digits.parse().ok())?.map(Type)
        };
        Type::from_name(text).or_else(number).ok_or(ParseTypeError)
    }
}

/// A class; any number is one. The top bit, which mDNS uses for other things, is kept apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Class(pub u16);

impl Class {
    /// Internet.
    pub const IN: Class = Class(1);
    /// Any class, in questions only.
    pub const ANY: Class = Class(255);

    /// The bit of mDNS: unicast-response in a question, cache-flush in a record (RFC 6762 sections 18.12, 18.13).
    pub(crate) const TOP: u16 = 0x8000;
}

impl fmt::Display for Class {
    /// `IN`, `ANY`, or `CLASS32` (RFC 3597 section 5).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Class::IN => f.pad("IN"),
            Class::ANY => f.pad("ANY"),
            Class(number) => write!(f, "CLASS{number}"),
        }
    }
}

/// The three sections that hold records, in their order on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Section {
    /// Answers; in an mDNS query the known answers.
    Answer,
    /// Authority; in an mDNS probe the records that are proposed.
    Authority,
    /// Additional records.
    Additional,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    // D-3597-1
    #[test]
    fn types_are_shown_and_read_by_name_or_number() {
        assert_eq!(Type::AAAA.to_string(), "AAAA");
        assert_eq!(Type(65280).to_string(), "TYPE65280");
        for (text, number) in [("aaaa", 28), ("SRV", 33), ("TYPE28", 28), ("type65535", 65535), ("TYPE0", 0)]
        {
            assert_eq!(text.parse(), Ok(Type(number)));
        }
        for text in ["", "TYPE", "TYPE65536", "TYPE+1", "TYPE 1", "AAAAA", "28", "é€"] {
            assert_eq!(text.parse::<Type>(), Err(ParseTypeError), "{text}");
        }
        assert_eq!(
            [Class::IN, Class::ANY, Class(32)].map(|class| class.to_string()),
            ["IN", "ANY", "CLASS32"]
        );
    }
}
