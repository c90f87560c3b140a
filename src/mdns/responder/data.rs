//! The data of a record of ours: handed out in pieces, compared in place.

use core::cmp::Ordering;
use core::net::IpAddr;

use super::service::Service;
use crate::dns_sd::TxtData;
use crate::mdns::own_name::OwnName;
use crate::wire::{Builder, DoesNotFit, RawData, Type, Uncompressed, folds_from};

/// RDATA of ours, where its pieces are.
#[derive(Clone, Copy, Debug)]
pub(super) enum OwnData<'x> {
    Address(IpAddr),
    /// PTR.
    Pointer(OwnName<'x>),
    /// SRV: the service, and where it runs.
    Srv(Service<'x>, OwnName<'x>),
    Txt(TxtData<'x>),
    /// NSEC: the owner, and the bitmap of its types, which are all below 40.
    Denial(OwnName<'x>, [u8; 5]),
}

impl OwnData<'_> {
    pub(super) fn rtype(&self) -> Type {
        match self {
            Self::Address(IpAddr::V4(_)) => Type::A,
            Self::Address(IpAddr::V6(_)) => Type::AAAA,
            Self::Pointer(_) => Type::PTR,
            Self::Srv(..) => Type::SRV,
            Self::Txt(_) => Type::TXT,
            Self::Denial(..) => Type::NSEC,
        }
    }

    /// The part before a name, and the name.
    fn parts(&self, sink: &mut dyn FnMut(&[u8])) -> Option<OwnName<'_>> {
        match self {
            Self::Address(IpAddr::V4(ip)) => sink(&ip.octets()),
            Self::Address(IpAddr::V6(ip)) => sink(&ip.octets()),
            Self::Txt(data) => data.emit(sink),
            Self::Srv(service, host) => {
                let fixed = [service.priority, service.weight, service.port].map(u16::to_be_bytes);
                sink(fixed.as_flattened());
                return Some(*host);
            }
            Self::Pointer(name) | Self::Denial(name, _) => return Some(*name),
        }
        None
    }

    /// Writes the data. For `legacy` resolvers the names of SRV and NSEC are not compressed (RFC 6762 section 18.14).
    pub(super) fn write(&self, builder: &mut Builder<'_>, legacy: bool) -> Result<(), DoesNotFit> {
        let mut written = Ok(());
        let name = self.parts(&mut |piece| written = written.and_then(|()| builder.put(piece)));
        written?;
        if let Some(name) = name {
            if legacy && !matches!(self, Self::Pointer(_)) {
                builder.put_plain_name(name.labels())?;
            } else {
                builder.put_name(name.labels())?;
            }
        }
        match self {
            Self::Denial(_, bitmap) => put_bitmap(builder, bitmap),
            _ => Ok(()),
        }
    }

    /// Compares the uncompressed data with another's, octet by octet as unsigned numbers, the longer one later on a
    /// common beginning (RFC 6762 section 8.2). From `folds_from` on letters are compared without regard to case.
    fn compare(&self, mut theirs: Uncompressed<'_>, folds_from: usize) -> Ordering {
        let (mut order, mut at) = (Ordering::Equal, 0);
        let mut sink = |piece: &[u8]| {
            for &own in piece {
                if order != Ordering::Equal {
                    return;
                }
                order = match theirs.next() {
                    Some(their) if at >= folds_from && own.eq_ignore_ascii_case(&their) => Ordering::Equal,
                    Some(their) => own.cmp(&their),
                    None => Ordering::Greater,
                };
                at += 1;
            }
        };
        if let Some(name) = self.parts(&mut sink) {
            name.emit(&mut sink);
        }
        if order == Ordering::Equal && theirs.next().is_some() { Ordering::Less } else { order }
    }

    /// The order of a tie-break.
    pub(super) fn order(&self, theirs: Uncompressed<'_>) -> Ordering {
        self.compare(theirs, usize::MAX)
    }

    /// Whether another's data of the same type says the same.
    pub(super) fn is(&self, theirs: RawData<'_>) -> bool {
        if let (Self::Txt(data), []) = (self, theirs.as_octets()) {
            // Empty data counts as one empty string (RFC 6763 section 6.1).
            return data.len() == 1;
        }
        let same = |octets| self.compare(octets, folds_from(self.rtype())) == Ordering::Equal;
        self.rtype() == theirs.rtype() && theirs.uncompressed().is_ok_and(same)
    }
}

/// Writes the one bitmap window that types below 256 need (RFC 4034 section 4.1.2).
fn put_bitmap(builder: &mut Builder<'_>, bitmap: &[u8]) -> Result<(), DoesNotFit> {
    let len = bitmap.iter().rposition(|&octet| octet != 0).map_or(0, |last| last + 1);
    if len == 0 {
        return Ok(());
    }
    builder.put(&[0, len as u8])?;
    builder.put(bitmap.get(..len).unwrap_or(&[]))
}
