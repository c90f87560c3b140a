//! What can be wrong with a message.

use core::fmt;

/// Where a message is broken, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
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
    /// A name of more than 255 octets, or of more pointers than a name can need.
    NameTooLong,
    /// RDATA that is too short or too long for its type.
    RdataLength,
    /// An NSEC bitmap with windows out of order or of a length other than 1 to 32.
    Bitmap,
}

impl CheckError {
    pub(crate) fn new(at: usize, fault: Fault) -> Self {
        Self { at: at.min(super::MAX_MESSAGE) as u16, fault }
    }

    /// The offset of the octet that is wrong, from the beginning of the message.
    pub fn at(&self) -> usize {
        self.at.into()
    }

    /// What is wrong there.
    pub fn fault(&self) -> Fault {
        self.fault
    }
}

impl fmt::Display for CheckError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.fault {
            Fault::Truncated => "the message ends here, before what it announces",
            Fault::MessageTooLong => "a message has at most 65535 octets",
            Fault::Pointer => "a compression pointer does not point backwards to a name",
            Fault::LabelType => "an octet from 0x40 to 0xBF is no label length",
            Fault::NameTooLong => "a name is longer than 255 octets or a chain of pointers",
            Fault::RdataLength => "the record's data has not the length of its type",
            Fault::Bitmap => "the windows of a type bitmap are out of order or of a wrong length",
        };
        write!(f, "octet {}: {what}", self.at)
    }
}

impl core::error::Error for CheckError {}
