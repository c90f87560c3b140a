//! DNS messages on the wire (RFC 1035 section 4): read in place, written into the caller's buffer.
//!
//! Reading: [`Message::parse`] looks at the header; iteration reads a record at a time and stops at the first broken
//! one. [`Message::check`] walks the whole message once and gives a [`Checked`] whose iterators cannot fail. RDATA is
//! typed on demand: [`Record::data`] knows every type and [`Record::read`] the one that it is asked for; both fail for
//! that record alone.
//!
//! Writing: a [`Builder`] compresses names, counts, and takes a record back whole when it does not fit.
//!
//! Streams: a [`StreamReader`] puts messages together, [`Builder::for_stream`] writes them.
//!
//! Text: `Display` writes a [`Message`] the way `dig` prints it. A program that does not print pays nothing for it.

mod builder;
mod edns;
mod error;
mod header;
mod kinds;
mod message;
mod out;
mod rdata;
mod record;
mod show;
mod stream;
mod walk;

pub use builder::{AsName, BuildError, Builder, Compression};
pub(crate) use builder::{Label, RecordHead};
pub use edns::Edns;
pub use error::{CheckError, Fault};
pub use header::{Flags, Header};
pub use kinds::{Class, Opcode, OptionCode, ParseKindError, Rcode, Section, SvcParamKey, Type};
pub use message::{Checked, CheckedQuestions, CheckedRecords, Message, Questions, Records};
use out::Out;
pub(crate) use out::{DoesNotFit, copy};
pub use rdata::{
    Afdb, Caa, CharStr, ClientSubnet, EdnsOption, FromRData, Hinfo, Minfo, Mx, Naptr, Nsec, Opt, Options,
    RData, RawData, Rp, Soa, Srv, SvcParam, SvcParams, Svcb, Txt, TxtError, TypeBitmap, Uncompressed, Uri,
};
pub(crate) use rdata::{check_attribute, folds_from};
#[doc(hidden)]
pub use rdata::{const_len, const_octets};
pub use record::{Question, Record};
pub use stream::{StreamError, StreamReader};

/// Octets of the header (RFC 1035 section 4.1.1).
pub const HEADER_LEN: usize = 12;

/// The longest message: a length of 16 bits is all that TCP and UDP carry.
pub const MAX_MESSAGE: usize = 65_535;

fn u16_at(octets: &[u8], at: usize) -> Option<u16> {
    octets.get(at..)?.first_chunk().map(|&two| u16::from_be_bytes(two))
}
