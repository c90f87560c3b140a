//! Reads any text as a name, and as a type, class, opcode, response code, option code or parameter key.
//!
//! What must hold: a name parses when a naive parser takes it, to the same labels; numbers parse from the names that
//! they show, in any case, and from the word of their kind with a number in range, and from nothing else; what parses
//! shows, and parses again to the same; an error says something; the builder takes the texts that parse, and no other.

#![no_main]

use std::fmt::{Debug, Display};
use std::str::FromStr;

use dotlocal::name::{NameBuf, NameTextError};
use dotlocal::wire::{
    BuildError, Builder, Class, Flags, Message, Opcode, OptionCode, Rcode, SvcParamKey, Type,
};
use dotlocal_fuzz::{check_name, parse_text, wire};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    let text = String::from_utf8_lossy(octets);
    name(&text);
    // Numbers are short: a line at a time, so that an input has several.
    for line in text.split('\n').take(8) {
        number::<Type>(line, "TYPE", 65_535, Type, |kind| kind.0, Type::name);
        number::<Class>(line, "CLASS", 65_535, Class, |kind| kind.0, Class::name);
        number::<Opcode>(line, "OPCODE", 15, Opcode, |kind| kind.0, Opcode::name);
        number::<Rcode>(line, "RCODE", 4095, Rcode, |kind| kind.0, Rcode::name);
        number::<OptionCode>(line, "OPT", 65_535, OptionCode, |kind| kind.0, OptionCode::name);
        number::<SvcParamKey>(line, "key", 65_535, SvcParamKey, |kind| kind.0, SvcParamKey::name);
    }
});

fn name(text: &str) {
    let expected = parse_text(text);
    let parsed = text.parse::<NameBuf>();
    assert_eq!(parsed.as_ref().ok().map(NameBuf::as_octets), expected.as_deref().map(wire).as_deref());
    match &parsed {
        Ok(name) => {
            check_name(name.name());
            assert_eq!(name.to_string().parse::<NameBuf>().unwrap().as_octets(), name.as_octets());
            assert_eq!(name.to_string(), name.name().to_string());
        }
        Err(error) => {
            assert!(!error.to_string().is_empty());
            // A reason that can be seen in the text.
            match error {
                NameTextError::EmptyLabel => {
                    assert!(text.is_empty() || text.starts_with('.') || text.contains(".."))
                }
                NameTextError::Escape => assert!(text.contains('\\')),
                NameTextError::LabelTooLong => assert!(text.len() > 63),
                NameTextError::NameTooLong => assert!(text.len() > 252),
            }
        }
    }
    let mut buf = [0; 300];
    let mut builder = Builder::new(&mut buf, 7, Flags::RD);
    match (builder.question(text, Type::A).map(|_| ()), parsed) {
        (Ok(()), Ok(name)) => {
            let message = Message::parse(builder.finish()).unwrap();
            let question = message.questions().next().unwrap().unwrap();
            assert!(question.name().octets().eq(name.as_octets().iter().copied()));
        }
        (result, parsed) => {
            assert_eq!(result, Err(BuildError::Name(parsed.unwrap_err())));
            assert!(builder.is_empty());
        }
    }
}

/// One kind: its word, the most it can be, and the ways between it and a number.
fn number<K: FromStr<Err: Display> + Display + Copy + PartialEq + Debug>(
    text: &str,
    word: &str,
    most: u16,
    of: fn(u16) -> K,
    number: fn(K) -> u16,
    name: fn(K) -> Option<&'static str>,
) {
    let digits =
        text.get(..word.len()).filter(|front| front.eq_ignore_ascii_case(word)).map(|_| &text[word.len()..]);
    let digits =
        digits.filter(|digits| !digits.is_empty() && digits.bytes().all(|octet| octet.is_ascii_digit()));
    let numbered = digits.and_then(|digits| digits.parse().ok()).filter(|number| *number <= most);
    match text.parse::<K>() {
        Ok(kind) => {
            let named = name(kind).is_some_and(|name| name.eq_ignore_ascii_case(text));
            assert!(named || numbered == Some(number(kind)), "{text:?} is no {kind:?}");
            assert!(number(kind) <= most);
            for again in [kind.to_string(), kind.to_string().to_ascii_lowercase(), text.to_ascii_uppercase()]
            {
                assert_eq!(again.parse().ok(), Some(kind));
            }
            assert_eq!(
                kind.to_string(),
                name(kind).map_or(format!("{word}{}", number(kind)), str::to_string)
            );
        }
        Err(error) => {
            assert_eq!(numbered, None, "{text:?} has a number");
            assert!(error.to_string().contains(word));
        }
    }
    // Any number shows as something that parses, whatever the text was.
    let any = text.bytes().fold(0_u16, |any, octet| any.wrapping_mul(31).wrapping_add(octet.into())) & most;
    assert_eq!(of(any).to_string().parse().ok(), Some(of(any)));
}
