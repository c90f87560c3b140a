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
//!
//! # Choices
//! Measured with rustc 1.96 for thumbv7m, `opt-level = "z"`, fat LTO; instructions with callgrind at `opt-level = 3`.
//!
//! - `byteorder` reads the fixed fields of question and record: no octet of flash and no instruction more than
//!   `from_be_bytes`. The header is read without it: there it cost 15 instructions more for each message in `check()`.
//!   Writing stays with `to_be_bytes`: `BigEndian::write_u16` into an array leaves a panic path in the link (a copy
//!   between slices whose equal lengths are not proven at "z"), and 1,974 octets of flash with it.
//! - `nom` 8 is not used. The fields of HINFO, URI, CAA and TXT read by it take the same instructions (7,296 for 20
//!   records, 7,307 by our reader), but 1,247 octets of flash more, and a panic path stays (its `take` splits a slice
//!   by a length that it checked before). Names in RDATA need the whole message, which its input does not have, and the
//!   presentation format is read by a `const fn`, so that [`name!`](crate::name!) needs no second parser.
//! - A name is followed once when a record is read, and once more by each reader of its labels, so that a
//!   [`Name`](crate::name::Name) cannot fail later. Part of what the first walk costs is saved again: the walk
//!   remembers the last owner or question name.

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

pub(crate) use builder::RecordHead;
pub use builder::{AsName, BuildError, Builder, Compression};
pub use edns::Edns;
pub use error::{CheckError, Fault};
pub use header::{Flags, Header};
pub use kinds::{Class, Opcode, OptionCode, ParseKindError, Rcode, Section, SvcParamKey, Type};
pub(crate) use message::Named;
pub use message::{Checked, CheckedQuestions, CheckedRecords, Message, Questions, Records};
use out::Out;
pub(crate) use out::{DoesNotFit, copy};
pub use rdata::{
    Afsdb, Caa, CharStr, ClientSubnet, EdnsOption, FromRData, Hinfo, Minfo, Mx, Naptr, Nsec, Opt, Options,
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

/// Where the fields behind a name stand: of a record all (RFC 1035 section 4.1.3), of a question the first two.
mod field {
    use core::ops::Range;

    pub(super) const TYPE: Range<usize> = 0..2;
    pub(super) const CLASS: Range<usize> = 2..4;
    pub(super) const TTL: Range<usize> = 4..8;
    pub(super) const LEN: Range<usize> = 8..10;
    pub(super) const ALL: usize = 10;
}

fn u16_at(octets: &[u8], at: usize) -> Option<u16> {
    octets.get(at..)?.first_chunk().map(|&two| u16::from_be_bytes(two))
}
