//! What a decoder says of a message, in a form that all decoders share.

use dotlocal::wire::{CheckError, Fault};

/// A field by name: octets as on the wire, names uncompressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    pub name: &'static str,
    pub value: Vec<u8>,
    pub judged: Judged,
}

/// What a decoder says of a value whose form is another matter than that of the data around it: an EDNS option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judged {
    Taken,
    Refused,
    /// The decoder has no form for it.
    Not,
}

impl Field {
    pub fn new(name: &'static str, value: impl Into<Vec<u8>>) -> Self {
        Self { name, value: value.into(), judged: Judged::Taken }
    }

    pub fn word(name: &'static str, value: u16) -> Self {
        Self::new(name, value.to_be_bytes())
    }

    pub fn long(name: &'static str, value: u32) -> Self {
        Self::new(name, value.to_be_bytes())
    }

    pub fn refused(name: &'static str, value: impl Into<Vec<u8>>) -> Self {
        Self { judged: Judged::Refused, ..Self::new(name, value) }
    }
}

/// A value behind its number: an EDNS option, a service parameter.
pub fn numbered(number: u16, value: &[u8]) -> Vec<u8> {
    [&number.to_be_bytes(), value].concat()
}

/// Why a decoder refuses something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub why: String,
    /// What dotlocal finds wrong, and at which octet.
    pub fault: Option<(Fault, usize)>,
}

impl Refusal {
    pub fn new(why: impl ToString) -> Self {
        Self { why: why.to_string(), fault: None }
    }
}

impl From<CheckError> for Refusal {
    fn from(error: CheckError) -> Self {
        Self { fault: Some((error.fault(), error.at())), ..Self::new(error) }
    }
}

/// The data of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Data {
    /// The decoder has no form for the type: the octets as they came.
    Raw(Vec<u8>),
    /// Field by field.
    Typed(Vec<Field>),
    /// No data of the type.
    Refused(Refusal),
}

/// A question or record that the decoder takes, whatever it says of the data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub fields: Vec<Field>,
    /// None for a question.
    pub data: Option<Data>,
    /// The data with its names uncompressed, where the decoder can say that.
    pub expanded: Option<Vec<u8>>,
}

/// What a decoder says of a message.
#[derive(Clone, Debug)]
pub struct View {
    pub header: Result<Vec<Field>, Refusal>,
    /// Questions and records in their order; for dotlocal up to the first that is refused.
    pub parts: Vec<Result<Part, Refusal>>,
    /// Whether the decoder takes the message when it is given all of it.
    pub whole: Result<(), Refusal>,
    /// What EDNS says; none where the decoder did not get that far.
    pub edns: Option<Result<Vec<Field>, Refusal>>,
}
