//! EDNS (RFC 6891): what a message's OPT record says beside its options.

use super::{CheckError, Fault, Flags, Opt, Rcode, Record, Section};

/// What a message says by EDNS (RFC 6891 section 6.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edns<'m> {
    /// The largest UDP message that the sender takes, 512 octets at least.
    pub payload_size: u16,
    /// The whole response code; in a query [`Rcode::NOERROR`].
    pub rcode: Rcode,
    /// The version, of which there is only 0.
    pub version: u8,
    /// The sender wants DNSSEC records (RFC 3225).
    pub dnssec_ok: bool,
    /// The options.
    pub options: Opt<'m>,
}

impl<'m> Edns<'m> {
    /// Offers messages of up to `payload_size` octets and says nothing else.
    pub const fn new(payload_size: u16) -> Edns<'static> {
        Edns { payload_size, rcode: Rcode::NOERROR, version: 0, dnssec_ok: false, options: Opt::EMPTY }
    }

    pub(super) fn find(
        flags: Flags,
        records: impl Iterator<Item = Result<Record<'m>, CheckError>>,
    ) -> Result<Option<Self>, CheckError> {
        let mut found = None;
        for record in records {
            let record = record?;
            if let Some(options) = record.read::<Opt<'m>>()? {
                let lawful =
                    found.is_none() && record.name().is_root() && record.section() == Section::Additional;
                if !lawful {
                    return Err(record.raw_data().error(Fault::Opt));
                }
                found = Some(Self::read(&record, flags, options));
            }
        }
        Ok(found)
    }

    fn read(record: &Record<'m>, flags: Flags, options: Opt<'m>) -> Self {
        let [extended, version, high, _] = record.raw_ttl().to_be_bytes();
        Self {
            // E-6.2-1
            payload_size: record.raw_class().max(MIN_PAYLOAD),
            rcode: Rcode(u16::from(extended) << 4 | flags.rcode().0),
            version,
            dnssec_ok: high & DNSSEC_OK != 0,
            options,
        }
    }

    /// The class and TTL fields that say this.
    pub(super) fn fields(&self) -> (u16, u32) {
        let [extended, _] = (self.rcode.0 << 4).to_be_bytes();
        let high = if self.dnssec_ok { DNSSEC_OK } else { 0 };
        (self.payload_size.max(MIN_PAYLOAD), u32::from_be_bytes([extended, self.version, high, 0]))
    }
}

/// A smaller payload size counts as this (RFC 6891 section 6.2.3).
const MIN_PAYLOAD: u16 = 512;

/// The DO bit in the upper half of the flags (RFC 3225 section 3).
const DNSSEC_OK: u8 = 0x80;
