//! Types, classes, opcodes and response codes: open numbers with the names of the registry.
//!
//! Any number is one of them, whether this crate knows a name for it or not (RFC 3597).

mod codes;
mod types;

pub use codes::{Class, Opcode, OptionCode, Rcode, SvcParamKey};
pub use types::Type;

use core::fmt;

/// The text is neither a name of the registry nor the word for a number and a number in range: `TYPE28`, `CLASS1`,
/// `OPCODE0`, `RCODE3`, `OPT10`, `key3`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ParseKindError {
    /// What was expected, how its numbers are written, and an example.
    what: &'static str,
    word: &'static str,
    example: &'static str,
}

impl fmt::Display for ParseKindError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, word, example } = self;
        write!(
            f,
            "no {what} has this name: write one such as {example}, or {word} and a number such as {word}5"
        )
    }
}

impl core::error::Error for ParseKindError {}

/// Finds the number of a text: a name of `names` in any ASCII case, or the expected word and a decimal number up to
/// `most`.
fn parse(
    text: &str,
    names: &[(u16, &str)],
    most: u16,
    expected: ParseKindError,
) -> Result<u16, ParseKindError> {
    let word = expected.word;
    let named = names.iter().find(|(_, name)| text.eq_ignore_ascii_case(name)).map(|(number, _)| *number);
    let numbered = || {
        let (front, digits) = text.split_at_checked(word.len())?;
        let plain = digits.bytes().all(|octet| octet.is_ascii_digit());
        let number = (front.eq_ignore_ascii_case(word) && plain).then(|| digits.parse().ok())??;
        (number <= most).then_some(number)
    };
    named.or_else(numbered).ok_or(expected)
}

/// An open number with names: the newtype's constants, `Display`, `FromStr` and `defmt::Format`.
macro_rules! kind {
    (
        $(#[$meta:meta])* $kind:ident($what:literal, $word:literal up to $most:literal, such as $example:literal);
        $($constant:ident = $number:literal, $name:literal, $doc:literal;)*
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $kind(pub u16);

        impl $kind {
            $(#[doc = $doc] pub const $constant: $kind = $kind($number);)*

            pub(super) const NAMES: &[(u16, &str)] = &[$(($number, $name)),*];

            /// The registry's name, where there is one.
            #[must_use]
            pub fn name(self) -> Option<&'static str> {
                Self::NAMES.iter().find(|(number, _)| *number == self.0).map(|(_, name)| *name)
            }

            pub(in crate::wire) fn ink(self, ink: &mut impl crate::ink::Ink) -> core::fmt::Result {
                match self.name() {
                    Some(name) => ink.text(name),
                    None => {
                        ink.text($word)?;
                        ink.number(self.0.into())
                    }
                }
            }
        }

        impl core::fmt::Display for $kind {
            #[doc = concat!("The registry's name, or `", $word, "` and the number.")]
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                match self.name() {
                    Some(name) => f.pad(name),
                    None => self.ink(f),
                }
            }
        }

        #[cfg(feature = "defmt")]
        impl defmt::Format for $kind {
            fn format(&self, mut f: defmt::Formatter<'_>) {
                // Nothing that is written through defmt fails.
                let _ = self.ink(&mut f);
            }
        }

        impl core::str::FromStr for $kind {
            type Err = super::ParseKindError;

            #[doc = concat!("Reads a name such as `", $example, "`, or `", $word, "` and a number, in any case.")]
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let expected = super::ParseKindError { what: $what, word: $word, example: $example };
                super::parse(text, Self::NAMES, $most, expected).map(Self)
            }
        }
    };
}
use kind;

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
    fn types_and_classes_are_shown_and_read_by_name_or_number() {
        assert_eq!(Type::AAAA.to_string(), "AAAA");
        assert_eq!(Type(65280).to_string(), "TYPE65280");
        for (text, number) in [("aaaa", 28), ("SRV", 33), ("TYPE28", 28), ("type65535", 65535), ("TYPE0", 0)]
        {
            assert_eq!(text.parse(), Ok(Type(number)));
        }
        for text in ["", "TYPE", "TYPE65536", "TYPE+1", "TYPE 1", "AAAAA", "28", "é€"] {
            assert!(text.parse::<Type>().is_err(), "{text}");
        }
        let shown =
            [Class::IN, Class::CH, Class::HS, Class::NONE, Class::ANY, Class(32)].map(|c| c.to_string());
        assert_eq!(shown, ["IN", "CH", "HS", "NONE", "ANY", "CLASS32"]);
        assert_eq!(
            ["in", "CLASS1", "class65535"].map(str::parse),
            [Ok(Class::IN), Ok(Class::IN), Ok(Class(65535))]
        );
    }

    #[test]
    fn codes_have_the_names_of_the_registry_and_their_range() {
        assert_eq!(
            [0, 3, 5, 16, 23, 4095].map(|code| Rcode(code).to_string()),
            ["NOERROR", "NXDOMAIN", "REFUSED", "BADVERS", "BADCOOKIE", "RCODE4095"]
        );
        assert_eq!(
            ["nxdomain", "RCODE3", "RCODE4095"].map(str::parse),
            [Ok(Rcode::NXDOMAIN), Ok(Rcode::NXDOMAIN), Ok(Rcode(4095))]
        );
        assert!("RCODE4096".parse::<Rcode>().is_err() && "OPCODE16".parse::<Opcode>().is_err());
        assert_eq!(
            [0, 3, 4, 5, 6].map(|code| Opcode(code).to_string()),
            ["QUERY", "OPCODE3", "NOTIFY", "UPDATE", "DSO"]
        );
        assert_eq!("opcode15".parse(), Ok(Opcode(15)));
        let help = "AAAAA".parse::<Type>().unwrap_err().to_string();
        assert!(help.contains("AAAA") && help.contains("TYPE"), "{help}");
    }

    #[test]
    fn no_name_stands_for_two_numbers() {
        let keys = [OptionCode::NAMES, SvcParamKey::NAMES];
        for names in [Type::NAMES, Class::NAMES, Opcode::NAMES, Rcode::NAMES].into_iter().chain(keys) {
            for (at, (number, name)) in names.iter().enumerate() {
                assert!(!names[..at].iter().any(|(n, other)| n == number || other == name), "{name}");
            }
        }
        for (number, name) in Type::NAMES {
            assert_eq!(name.parse(), Ok(Type(*number)));
        }
    }
}
