//! Names that are checked when the program is compiled.

use super::presentation::parse;
use super::{MAX_NAME, NameTextError};

/// A constant [`Name`](crate::name::Name) from text in presentation format, checked when it is compiled.
///
/// It costs its octets on the wire, and no code.
///
/// ```
/// use dotlocal::name;
/// use dotlocal::name::Name;
///
/// const HTTP: Name<'static> = name!("_http._tcp.local");
/// assert_eq!(HTTP.octets().count(), 18);
/// ```
///
/// Text that is no name does not compile:
///
/// ```compile_fail
/// const NONE: dotlocal::name::Name<'static> = dotlocal::name!("_http.._tcp");
/// ```
#[macro_export]
macro_rules! name {
    ($text:expr) => {{
        const TEXT: &str = $text;
        const OCTETS: [u8; $crate::name::const_len(TEXT)] = $crate::name::const_octets(TEXT);
        const NAME: $crate::name::Name<'static> = $crate::name::Name::from_const(&OCTETS);
        NAME
    }};
}

/// The octets that the name of `text` takes.
#[doc(hidden)]
#[must_use]
pub const fn const_len(text: &str) -> usize {
    parsed(text).1 as usize
}

/// The name of `text`, which takes `LEN` octets.
#[doc(hidden)]
#[must_use]
#[expect(clippy::indexing_slicing, reason = "a wrong length does not compile")]
pub const fn const_octets<const LEN: usize>(text: &str) -> [u8; LEN] {
    let (name, mut octets, mut at) = (parsed(text).0, [0; LEN], 0);
    while at < LEN {
        octets[at] = name[at];
        at += 1;
    }
    octets
}

#[expect(clippy::panic, reason = "it is the compiler's message")]
const fn parsed(text: &str) -> ([u8; MAX_NAME], u8) {
    let mut name = [0; MAX_NAME];
    match parse(text.as_bytes(), &mut name, 0) {
        Ok(len) => (name, len),
        Err(NameTextError::EmptyLabel) => panic!("a label of the name is empty"),
        Err(NameTextError::LabelTooLong) => panic!("a label of the name is longer than 63 octets"),
        Err(NameTextError::NameTooLong) => panic!("the name is longer than 255 octets"),
        Err(NameTextError::Escape) => {
            panic!("a backslash stands before a character or three digits up to 255")
        }
    }
}
