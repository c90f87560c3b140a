//! What can be wrong with a message.

use core::fmt;

use crate::ink::{Ink, inked};

/// Where a message is broken, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckError {
    at: u16,
    fault: Fault,
}

/// The ways in which a message can be broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Fault {
    /// The message ends too early: in the header, a name, a record, or before the records that it counts.
    Truncated,
    /// More than 65 535 octets.
    MessageTooLong,
    /// A compression pointer that does not point strictly backwards, or into the header.
    Pointer,
    /// A label that begins with an octet from 0x40 to 0xBF, which is no length.
    LabelType,
    /// A name of more than 255 octets, or of more than 127 pointers; a pointer that the name begins with is not
    /// counted.
    NameTooLong,
    /// RDATA that is too short or too long for its type.
    RdataLength,
    /// An NSEC bitmap with windows out of order, cut, or of a length other than 1 to 32.
    Bitmap,
    /// An OPT record that is not alone, not of the root, or not in the additional section (RFC 6891 section 6.1.1).
    Opt,
    /// The data of an EDNS option that does not fit its code.
    OptionData,
    /// Service parameters out of order, twice, cut, or with a value that does not fit its key (RFC 9460 section 2.2).
    SvcParam,
}

impl CheckError {
    pub(crate) fn new(at: usize, fault: Fault) -> Self {
        Self { at: at.min(super::MAX_MESSAGE) as u16, fault }
    }

    /// Where what is wrong begins, from the beginning of the message: the octet itself, or the name, the option or the
    /// data that has it.
    pub fn at(&self) -> usize {
        self.at.into()
    }

    /// What is wrong there.
    pub fn fault(&self) -> Fault {
        self.fault
    }
}

impl CheckError {
    pub(super) fn ink(&self, ink: &mut impl Ink) -> fmt::Result {
        ink.text("octet ")?;
        ink.number(self.at.into())?;
        ink.text(": ")?;
        ink.text(match self.fault {
            Fault::Truncated => "the message ends before its header, a question or a record is whole",
            Fault::MessageTooLong => "a message has at most 65535 octets",
            Fault::Pointer => "a compression pointer does not point backwards to a name",
            Fault::LabelType => "an octet from 0x40 to 0xBF is no label length",
            Fault::NameTooLong => "a name is longer than 255 octets or a chain of pointers",
            Fault::RdataLength => "the record's data has not the length of its type",
            Fault::Bitmap => "the windows of a type bitmap are out of order or of a wrong length",
            Fault::Opt => "an OPT record is not the only one, not of the root or not an additional record",
            Fault::OptionData => "the data of an EDNS option does not fit its code",
            Fault::SvcParam => {
                "a service parameter is out of order, repeated, or has a value that it cannot have"
            }
        })
    }
}

inked!(CheckError);

impl core::error::Error for CheckError {}
