//! OPT: the options of EDNS (RFC 6891 section 6.1.2).

use core::fmt;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{Builder, DoesNotFit, FromRData, PutData, RawData, Type};
use crate::ink::Ink;
use crate::wire::{BuildError, CheckError, Fault, OptionCode, Out, copy, show};

/// An EDNS option (RFC 6891 section 6.1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EdnsOption<'m> {
    /// The server's identifier; empty in a query (RFC 5001).
    Nsid(&'m [u8]),
    /// For which network the answer is meant (RFC 7871).
    ClientSubnet(ClientSubnet),
    /// Cookies of client and server (RFC 7873).
    Cookie {
        /// Eight octets of the client.
        client: [u8; 8],
        /// 8 to 32 octets of the server, or none yet.
        server: &'m [u8],
    },
    /// How long a connection may idle, in units of 100 milliseconds; none in a query (RFC 7828).
    Keepalive(Option<u16>),
    /// Octets without a meaning, which should be zero (RFC 7830).
    Padding(&'m [u8]),
    /// Why an answer is an error, or not what was hoped for (RFC 8914).
    ExtendedError {
        /// The registry's number (RFC 8914 section 4).
        info_code: u16,
        /// More of it for people, UTF-8 by the rule.
        text: &'m [u8],
    },
    /// Any other option.
    Other(OptionCode, &'m [u8]),
}

/// An address of which only the first bits count (RFC 7871 section 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ClientSubnet {
    /// The address; the bits behind the prefix are zero.
    pub address: IpAddr,
    /// How many bits of it the query tells: up to 32 or 128.
    pub source_prefix: u8,
    /// For how many bits the answer holds; 0 in queries.
    pub scope_prefix: u8,
}

impl ClientSubnet {
    fn read(octets: &[u8]) -> Option<Self> {
        let (&[0, family, source_prefix, scope_prefix], octets) = octets.split_first_chunk()? else {
            return None;
        };
        let mut all = [0; 16];
        let most = if family == 1 { 32 } else { 128 };
        // As many octets as the prefix needs, and no bit behind it.
        if source_prefix > most
            || scope_prefix > most
            || octets.len() != usize::from(source_prefix.div_ceil(8))
        {
            return None;
        }
        let spare = source_prefix.wrapping_neg() % 8;
        if octets.last().is_some_and(|last| last & !(0xFF << spare) != 0) {
            return None;
        }
        copy(octets, &mut all);
        let [a, b, c, d, ..] = all;
        let address = match family {
            1 => Ipv4Addr::new(a, b, c, d).into(),
            2 => Ipv6Addr::from(all).into(),
            _ => return None,
        };
        Some(Self { address, source_prefix, scope_prefix })
    }

    /// The octets, and how many of them count.
    fn octets(&self) -> ([u8; 20], usize) {
        let mut octets = [0; 20];
        let (head, tail) = octets.split_at_mut(4);
        let (family, most) = match self.address {
            IpAddr::V4(ip) => {
                copy(&ip.octets(), tail);
                (1, 32)
            }
            IpAddr::V6(ip) => {
                copy(&ip.octets(), tail);
                (2, 128)
            }
        };
        let prefix = self.source_prefix.min(most);
        let len = usize::from(prefix.div_ceil(8));
        if let Some(last) = tail.get_mut(..len).and_then(<[u8]>::last_mut) {
            *last &= 0xFF << (prefix.wrapping_neg() % 8);
        }
        copy(&[0, family, prefix, self.scope_prefix.min(most)], head);
        (octets, 4 + len)
    }
}

impl<'m> EdnsOption<'m> {
    /// The code.
    pub fn code(&self) -> OptionCode {
        match self {
            Self::Nsid(_) => OptionCode::NSID,
            Self::ClientSubnet(_) => OptionCode::CLIENT_SUBNET,
            Self::Cookie { .. } => OptionCode::COOKIE,
            Self::Keepalive(_) => OptionCode::KEEPALIVE,
            Self::Padding(_) => OptionCode::PADDING,
            Self::ExtendedError { .. } => OptionCode::EXTENDED_ERROR,
            Self::Other(code, _) => *code,
        }
    }

    /// `None` for octets that do not fit the code.
    fn read(code: OptionCode, octets: &'m [u8]) -> Option<Self> {
        Some(match code {
            OptionCode::NSID => Self::Nsid(octets),
            OptionCode::CLIENT_SUBNET => Self::ClientSubnet(ClientSubnet::read(octets)?),
            OptionCode::COOKIE => {
                let (&client, server) = octets.split_first_chunk()?;
                if !matches!(server.len(), 0 | 8..=32) {
                    return None;
                }
                Self::Cookie { client, server }
            }
            OptionCode::KEEPALIVE => Self::Keepalive(match *octets {
                [] => None,
                [high, low] => Some(u16::from_be_bytes([high, low])),
                _ => return None,
            }),
            OptionCode::PADDING => Self::Padding(octets),
            OptionCode::EXTENDED_ERROR => {
                let (&code, text) = octets.split_first_chunk()?;
                Self::ExtendedError { info_code: u16::from_be_bytes(code), text }
            }
            other => Self::Other(other, octets),
        })
    }

    /// Hands the data to `sink`, piece by piece.
    fn emit<E>(&self, mut sink: impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        match self {
            Self::Nsid(octets) | Self::Padding(octets) | Self::Other(_, octets) => sink(octets),
            Self::ClientSubnet(subnet) => {
                let (octets, len) = subnet.octets();
                sink(octets.get(..len).unwrap_or(&octets))
            }
            Self::Cookie { client, server } => {
                sink(client)?;
                sink(server)
            }
            Self::Keepalive(idle) => idle.map_or(Ok(()), |idle| sink(&idle.to_be_bytes())),
            Self::ExtendedError { info_code, text } => {
                sink(&info_code.to_be_bytes())?;
                sink(text)
            }
        }
    }

    fn ink(&self, ink: &mut impl Ink) -> fmt::Result {
        self.code().ink(ink)?;
        ink.text(":")?;
        match self {
            Self::ClientSubnet(subnet) => {
                ink.text(" ")?;
                ink.address(subnet.address)?;
                for prefix in [subnet.source_prefix, subnet.scope_prefix] {
                    ink.text("/")?;
                    ink.number(prefix.into())?;
                }
                Ok(())
            }
            Self::Keepalive(idle) => idle.map_or(Ok(()), |idle| {
                ink.text(" ")?;
                ink.number((idle / 10).into())?;
                ink.text(".")?;
                ink.number((idle % 10).into())?;
                ink.text(" secs")
            }),
            Self::Padding(octets) => {
                ink.text(" ")?;
                ink.number(octets.len() as u32)?;
                ink.text(" octets")
            }
            Self::ExtendedError { info_code, text } => {
                ink.text(" ")?;
                ink.number((*info_code).into())?;
                ink.text(" ")?;
                show::quoted(ink, text)
            }
            Self::Nsid(_) | Self::Cookie { .. } | Self::Other(..) => {
                ink.text(" ")?;
                self.emit(|octets| octets.iter().try_for_each(|&octet| ink.hex(octet)))
            }
        }
    }
}

/// The options of an OPT record (RFC 6891 section 6.1.2); equal when their octets are, wherever those stand.
#[derive(Clone, Copy, Debug)]
pub struct Opt<'m> {
    octets: &'m [u8],
    /// Where they begin in their message.
    at: u16,
}

impl<'m> Opt<'m> {
    /// No options.
    pub const EMPTY: Opt<'static> = Opt { octets: &[], at: 0 };

    /// These options, written into `buf`.
    ///
    /// ```
    /// use dotlocal::wire::{EdnsOption, Opt};
    ///
    /// let mut buf = [0; 32];
    /// let options = Opt::build(&mut buf, &[EdnsOption::Cookie { client: *b"12345678", server: &[] }])?;
    /// assert_eq!(options.as_octets(), b"\0\x0a\0\x0812345678");
    /// # Ok::<(), dotlocal::wire::BuildError>(())
    /// ```
    ///
    /// # Errors
    /// No room in `buf`, or a server cookie of a length that it cannot have. Prefixes of a client subnet are cut to
    /// what its address has.
    pub fn build(buf: &'m mut [u8], options: &[EdnsOption<'_>]) -> Result<Self, BuildError> {
        let mut out = Out::new(buf);
        for option in options {
            out.put(&option.code().0.to_be_bytes())?;
            out.counted(|out| option.emit(|octets| out.put(octets)))?;
        }
        let built = Self { octets: out.finish(), at: 0 };
        if built.options().all(|option| option.is_ok()) { Ok(built) } else { Err(BuildError::OptionData) }
    }

    /// The options as they go over the wire: code, length, data.
    pub fn as_octets(&self) -> &'m [u8] {
        self.octets
    }

    /// The options in their order. One whose data does not fit its code is an error, and the others stay readable.
    pub fn options(&self) -> Options<'m> {
        Options { rest: *self }
    }

    /// Octets of the longest cookie option.
    pub(crate) const MAX_COOKIE: usize = MAX_COOKIE;

    /// One option, a cookie, of up to 32 octets of the server; without all that [`build`](Self::build) can do.
    pub(crate) fn of_cookie(buf: &'m mut [u8; MAX_COOKIE], client: [u8; 8], server: &[u8]) -> Self {
        let len = 8 + server.len().min(32);
        let [high, low] = OptionCode::COOKIE.0.to_be_bytes();
        let [a, b, c, d, e, f, g, h] = client;
        let head = [high, low, 0, len as u8, a, b, c, d, e, f, g, h];
        for (slot, octet) in buf.iter_mut().zip(head.iter().chain(server)) {
            *slot = *octet;
        }
        Self { octets: buf.get(..4 + len).unwrap_or(&[]), at: 0 }
    }

    /// The first cookie: the client's half and the server's.
    pub(crate) fn cookie(&self) -> Option<([u8; 8], &'m [u8])> {
        let mut rest = *self;
        while let Some((code, octets, behind)) = rest.split_first() {
            if code == OptionCode::COOKIE {
                return octets.split_first_chunk().map(|(client, server)| (*client, server));
            }
            rest = behind;
        }
        None
    }

    pub(super) fn ink(&self, ink: &mut impl Ink) -> fmt::Result {
        show::opaque(ink, self.octets)
    }

    /// One line for each option, in the manner of `dig`.
    pub(in crate::wire) fn ink_lines(&self, ink: &mut impl Ink) -> fmt::Result {
        self.options().try_for_each(|option| {
            ink.text("; ")?;
            match option {
                Ok(option) => option.ink(ink)?,
                Err(error) => error.ink(ink)?,
            }
            ink.text("\n")
        })
    }

    /// The first option and those behind it; `None` when it is longer than what is there.
    fn split_first(&self) -> Option<(OptionCode, &'m [u8], Self)> {
        let (&[a, b, c, d], rest) = self.octets.split_first_chunk()?;
        let len = u16::from_be_bytes([c, d]);
        let (data, octets) = rest.split_at_checked(len.into())?;
        // An offset in a message, which has at most 65 535 octets.
        let at = self.at.saturating_add(4).saturating_add(len);
        Some((OptionCode(u16::from_be_bytes([a, b])), data, Self { octets, at }))
    }
}

/// Head, the client's half, the server's.
const MAX_COOKIE: usize = 4 + 8 + 32;

impl PartialEq for Opt<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.octets == other.octets
    }
}

impl Eq for Opt<'_> {}

impl<'m> FromRData<'m> for Opt<'m> {
    fn is_for(rtype: Type) -> bool {
        rtype == Type::OPT
    }

    #[inline]
    fn read(data: &RawData<'m>) -> Result<Self, CheckError> {
        let opt = Self { octets: data.as_octets(), at: data.start() as u16 };
        let mut rest = opt;
        while let Some((_, _, behind)) = rest.split_first() {
            rest = behind;
        }
        if rest.octets.is_empty() {
            Ok(opt)
        } else {
            Err(CheckError::new(rest.at.into(), Fault::RdataLength))
        }
    }
}

impl PutData for Opt<'_> {
    fn put(&self, _: Type, to: &mut Builder<'_>) -> Result<(), DoesNotFit> {
        to.put(self.octets)
    }
}

/// The options of an [`Opt`].
#[derive(Clone, Debug)]
pub struct Options<'m> {
    rest: Opt<'m>,
}

impl<'m> Iterator for Options<'m> {
    type Item = Result<EdnsOption<'m>, CheckError>;

    fn next(&mut self) -> Option<Self::Item> {
        let (code, data, behind) = self.rest.split_first()?;
        let at = usize::from(self.rest.at);
        self.rest = behind;
        Some(EdnsOption::read(code, data).ok_or(CheckError::new(at, Fault::OptionData)))
    }
}
