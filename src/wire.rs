//! DNS messages on the wire (RFC 1035 section 4): read in place, written into the caller's buffer.
//!
//! Reading: [`Message::parse`] looks at the header; iteration reads a record at a time and stops at the first broken
//! one. [`Message::check`] walks the whole message once and gives a [`Checked`] whose iterators cannot fail. RDATA is
//! typed on demand: [`Record::data`] fails for that record alone.
//!
//! Writing: a [`Builder`] compresses names, counts, and takes a record back whole when it does not fit.

mod builder;
mod error;
mod header;
mod kinds;
mod message;
mod rdata;
mod record;

pub use builder::{AsName, BuildError, Builder};
pub(crate) use builder::{DoesNotFit, Label, RecordHead};
pub use error::{CheckError, Fault};
pub use header::{Flags, Header};
pub use kinds::{Class, ParseTypeError, Section, Type};
pub use message::{Checked, CheckedQuestions, CheckedRecords, Message, Questions, Records};
pub(crate) use rdata::folds_from;
pub use rdata::{Nsec, RData, Rdata, Srv, Txt, Uncompressed};
pub use record::{Question, Record};

/// Octets of the header (RFC 1035 section 4.1.1).
pub const HEADER_LEN: usize = 12;

/// The longest message: a length of 16 bits is all that TCP and UDP carry.
pub const MAX_MESSAGE: usize = 65_535;

fn u16_at(octets: &[u8], at: usize) -> Option<u16> {
    octets.get(at..)?.first_chunk().map(|&two| u16::from_be_bytes(two))
}

fn u32_at(octets: &[u8], at: usize) -> Option<u32> {
    octets.get(at..)?.first_chunk().map(|&four| u32::from_be_bytes(four))
}
