//! RDATA: as it came, with its names expanded, or by its type.

mod nsec;
mod srv;
mod txt;

use core::net::{Ipv4Addr, Ipv6Addr};

pub use nsec::Nsec;
pub use srv::Srv;
pub use txt::Txt;

use super::{CheckError, Fault, Type};
use crate::name::{Name, NameOctets};

/// The data of a record in its message.
#[derive(Clone, Copy, Debug)]
pub struct Rdata<'m> {
    message: &'m [u8],
    rtype: Type,
    start: u16,
    len: u16,
}

impl<'m> Rdata<'m> {
    pub(super) fn new(message: &'m [u8], rtype: Type, start: u16, len: u16) -> Self {
        Self { message, rtype, start, len }
    }

    /// The type whose data this is.
    pub fn rtype(&self) -> Type {
        self.rtype
    }

    /// The octets as they came.
    pub fn as_octets(&self) -> &'m [u8] {
        self.message.get(self.start()..self.end()).unwrap_or(&[])
    }

    /// The octets with names expanded, for the types in which RFC 1035 allows compression, and SRV and NSEC, where
    /// mDNS does (RFC 6762 section 18.14). Other types as they came.
    ///
    /// # Errors
    /// A broken name, or data too short for its type.
    pub fn uncompressed(&self) -> Result<Uncompressed<'m>, CheckError> {
        let (prefix, names) = names_in(self.rtype);
        let first_name = self.start() + prefix;
        let mut at = first_name;
        for _ in 0..names {
            at = self.name(at)?.1;
        }
        if at > self.end() {
            return Err(self.wrong_length());
        }
        Ok(Uncompressed {
            message: self.message,
            at: self.start(),
            raw: first_name,
            names,
            name: None,
            end: self.end(),
        })
    }

    /// The data by its type.
    pub(super) fn typed(&self) -> Result<RData<'m>, CheckError> {
        let octets = self.as_octets();
        let exactly = |data: Option<RData<'m>>| data.ok_or(self.wrong_length());
        match self.rtype {
            Type::A => exactly(octets.try_into().ok().map(|four: [u8; 4]| RData::A(four.into()))),
            Type::AAAA => {
                exactly(octets.try_into().ok().map(|sixteen: [u8; 16]| RData::Aaaa(sixteen.into())))
            }
            Type::PTR => Ok(RData::Ptr(self.last_name(self.start())?)),
            Type::CNAME => Ok(RData::Cname(self.last_name(self.start())?)),
            Type::SRV => Srv::read(self).map(RData::Srv),
            Type::TXT => Txt::read(self).map(RData::Txt),
            Type::NSEC => Nsec::read(self).map(RData::Nsec),
            other => Ok(RData::Other(other, octets)),
        }
    }

    fn start(&self) -> usize {
        self.start.into()
    }

    fn end(&self) -> usize {
        self.start() + usize::from(self.len)
    }

    /// The name at `at`, which must end inside the data, and where it ends (P23).
    fn name(&self, at: usize) -> Result<(Name<'m>, usize), CheckError> {
        let (name, end) = Name::read(self.message, at)?;
        if end > self.end() { Err(self.wrong_length()) } else { Ok((name, end)) }
    }

    /// The name at `at`, which must be the last thing in the data.
    fn last_name(&self, at: usize) -> Result<Name<'m>, CheckError> {
        let (name, end) = self.name(at)?;
        if end == self.end() { Ok(name) } else { Err(self.wrong_length()) }
    }

    fn wrong_length(&self) -> CheckError {
        CheckError::new(self.start(), Fault::RdataLength)
    }
}

/// Where the names stand that senders compress: octets before them, and how many.
fn names_in(rtype: Type) -> (usize, u8) {
    match rtype.0 {
        // NS, MD, MF, CNAME, MB, MG, MR, PTR, NSEC
        2..=5 | 7..=9 | 12 | 47 => (0, 1),
        // SOA, MINFO
        6 | 14 => (0, 2),
        // MX
        15 => (2, 1),
        // SRV
        33 => (6, 1),
        _ => (0, 0),
    }
}

/// From which octet of uncompressed data on letters are compared without regard to case: where names begin.
pub(crate) fn folds_from(rtype: Type) -> usize {
    match rtype {
        Type::PTR | Type::CNAME => 0,
        Type::SRV => 6,
        _ => usize::MAX,
    }
}

/// The octets of [`Rdata::uncompressed`].
#[derive(Clone, Debug)]
pub struct Uncompressed<'m> {
    message: &'m [u8],
    at: usize,
    /// Octets before this offset are taken as they are.
    raw: usize,
    /// Names that follow there.
    names: u8,
    name: Option<NameOctets<'m>>,
    end: usize,
}

impl Iterator for Uncompressed<'_> {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        if let Some(octet) = self.name.as_mut().and_then(Iterator::next) {
            return Some(octet);
        }
        self.name = None;
        if self.at == self.raw && self.names > 0 {
            self.names -= 1;
            let mut octets = Name::trusted(self.message, self.at).octets();
            self.at = Name::skip(self.message, self.at);
            self.raw = self.at;
            let first = octets.next();
            self.name = Some(octets);
            return first;
        }
        if self.at >= self.end {
            return None;
        }
        let octet = self.message.get(self.at).copied();
        self.at += 1;
        octet
    }
}

/// Data by type.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum RData<'m> {
    /// An IPv4 address.
    A(Ipv4Addr),
    /// An IPv6 address.
    Aaaa(Ipv6Addr),
    /// A name that is pointed to.
    Ptr(Name<'m>),
    /// The canonical name of an alias.
    Cname(Name<'m>),
    /// A service's host and port.
    Srv(Srv<'m>),
    /// Text strings.
    Txt(Txt<'m>),
    /// The types that exist at a name.
    Nsec(Nsec<'m>),
    /// Any other type: its octets as they came (RFC 3597).
    Other(Type, &'m [u8]),
}

impl RData<'_> {
    /// The type whose data this is.
    pub fn rtype(&self) -> Type {
        match self {
            Self::A(_) => Type::A,
            Self::Aaaa(_) => Type::AAAA,
            Self::Ptr(_) => Type::PTR,
            Self::Cname(_) => Type::CNAME,
            Self::Srv(_) => Type::SRV,
            Self::Txt(_) => Type::TXT,
            Self::Nsec(_) => Type::NSEC,
            Self::Other(rtype, _) => *rtype,
        }
    }
}
