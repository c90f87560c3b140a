//! SVCB and HTTPS (RFC 9460).

use core::fmt;
use core::net::{Ipv4Addr, Ipv6Addr};

use super::{Builder, DoesNotFit, PutData, Txt, Type, read_fields};
use crate::ink::Ink;
use crate::name::Name;
use crate::wire::{BuildError, Fault, Out, SvcParamKey, show};

/// Where and how a service is reached (RFC 9460).
///
/// Parameters that break the rules of order or format are an error of the record's data; RFC 9460 section 2.2 then
/// wants the whole RRset left unused. A record that is read but not [usable](Self::is_usable) is left out alone
/// (section 2.4.3).
#[derive(Clone, Copy, Debug)]
pub struct Svcb<'m> {
    /// Lower is tried first; 0 is the alias form, whose parameters mean nothing (RFC 9460 section 2.4.2).
    pub priority: u16,
    /// The host, or the name that this one is an alias of. The root stands for the owner name, or in the alias form
    /// for no service at all (RFC 9460 section 2.5).
    pub target: Name<'m>,
    /// The parameters. In the alias form they are as they came, unchecked, as they mean nothing there: do not take them
    /// over into a record of another priority.
    pub params: SvcParams<'m>,
}

impl<'m> Svcb<'m> {
    /// Whether this is the alias form.
    pub fn is_alias(&self) -> bool {
        self.priority == 0
    }

    /// The parameters by key; none in the alias form.
    pub fn params(&self) -> impl Iterator<Item = SvcParam<'m>> + Clone + use<'m> {
        let params = if self.is_alias() { SvcParams::EMPTY } else { self.params };
        params.iter()
    }

    /// Whether each key that the record calls mandatory is there, and `alpn` where `no-default-alpn` is (RFC 9460
    /// sections 2.4.3 and 7.1.1). Whether the caller knows the mandatory keys it must see itself.
    pub fn is_usable(&self) -> bool {
        let has = |key| self.params().any(|param| param.key() == key);
        self.params().all(|param| match param {
            SvcParam::Mandatory(keys) => keys.iter().all(|key| has(SvcParamKey(u16::from_be_bytes(*key)))),
            SvcParam::NoDefaultAlpn => has(SvcParamKey::ALPN),
            _ => true,
        })
    }

    pub(super) fn ink(&self, ink: &mut impl Ink) -> fmt::Result {
        ink.number(self.priority.into())?;
        ink.text(" ")?;
        self.target.ink_absolute(ink)?;
        self.params().try_for_each(|param| {
            ink.text(" ")?;
            param.ink(ink)
        })
    }
}

read_fields!(Svcb for SVCB | HTTPS, |fields| {
    let (priority, target) = (fields.word(), fields.name());
    let params = SvcParams { octets: fields.rest() };
    if let (1.., Err(left)) = (priority, params.check()) {
        fields.fail_before(left, Fault::SvcParam);
    }
    Svcb { priority, target, params }
});

impl PutData for Svcb<'_> {
    fn put(&self, rtype: Type, to: &mut Builder<'_>) -> Result<(), DoesNotFit> {
        to.put(&self.priority.to_be_bytes())?;
        to.put_name_of(rtype, &self.target)?;
        to.put(self.params.octets)
    }
}

/// The parameters of a service binding, ascending by key (RFC 9460 section 2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SvcParams<'m> {
    octets: &'m [u8],
}

impl<'m> SvcParams<'m> {
    /// No parameters.
    pub const EMPTY: SvcParams<'static> = SvcParams { octets: &[] };

    /// These parameters, written into `buf`.
    ///
    /// ```
    /// use dotlocal::wire::{SvcParam, SvcParams};
    /// use dotlocal::txt;
    ///
    /// let mut buf = [0; 32];
    /// let params = SvcParams::build(&mut buf, &[SvcParam::Alpn(txt!("h2", "h3")), SvcParam::Port(8443)])?;
    /// assert_eq!(params.iter().count(), 2);
    /// # Ok::<(), dotlocal::wire::BuildError>(())
    /// ```
    ///
    /// # Errors
    /// No room in `buf`; keys that do not ascend, or a value that its key cannot have.
    pub fn build(buf: &'m mut [u8], params: &[SvcParam<'_>]) -> Result<Self, BuildError> {
        let mut out = Out::new(buf);
        for param in params {
            out.put(&param.key().0.to_be_bytes())?;
            out.counted(|out| param.emit(|octets| out.put(octets)))?;
        }
        let built = Self { octets: out.finish() };
        built.check().map(|()| built).map_err(|_| BuildError::SvcParams)
    }

    /// The parameters as they go over the wire: key, length, value.
    pub fn as_octets(&self) -> &'m [u8] {
        self.octets
    }

    /// The parameters by key.
    pub fn iter(&self) -> impl Iterator<Item = SvcParam<'m>> + Clone + use<'m> {
        let mut rest = self.octets;
        core::iter::from_fn(move || {
            let (key, value, behind) = split_param(rest)?;
            rest = behind;
            // A value that does not fit is found only in the alias form, where nobody should look.
            Some(SvcParam::read(key, value).unwrap_or(SvcParam::Other(key, value)))
        })
    }

    /// Order, lengths, and values by their keys (V-9460-1). Of what is wrong: how many octets are left there.
    fn check(&self) -> Result<(), usize> {
        let (mut rest, mut above) = (self.octets, None);
        while let Some((key, value, behind)) = split_param(rest) {
            if above.is_some_and(|above| key <= above) || SvcParam::read(key, value).is_none() {
                break;
            }
            (rest, above) = (behind, Some(key));
        }
        if rest.is_empty() { Ok(()) } else { Err(rest.len()) }
    }
}

/// The first parameter and those behind it; `None` when it is longer than what is there.
fn split_param(octets: &[u8]) -> Option<(SvcParamKey, &[u8], &[u8])> {
    let (&[a, b, c, d], rest) = octets.split_first_chunk()?;
    let (value, behind) = rest.split_at_checked(u16::from_be_bytes([c, d]).into())?;
    Some((SvcParamKey(u16::from_be_bytes([a, b])), value, behind))
}

/// A parameter of a service binding (RFC 9460 sections 7 and 8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SvcParam<'m> {
    /// Keys that a client must know to use the record, ascending, each as two octets (RFC 9460 section 8).
    Mandatory(&'m [[u8; 2]]),
    /// Protocols that are spoken, a string each, none of them empty (RFC 9460 section 7.1).
    Alpn(Txt<'m>),
    /// The scheme's own protocol is not spoken (RFC 9460 section 7.1).
    NoDefaultAlpn,
    /// The port (RFC 9460 section 7.2).
    Port(u16),
    /// IPv4 addresses to begin with, one at least (RFC 9460 section 7.3).
    Ipv4Hint(&'m [[u8; 4]]),
    /// Configuration of encrypted client hellos (RFC 9848).
    Ech(&'m [u8]),
    /// IPv6 addresses to begin with, one at least (RFC 9460 section 7.3).
    Ipv6Hint(&'m [[u8; 16]]),
    /// Template of the path for DNS over HTTPS, UTF-8 by the rule (RFC 9461 section 5).
    DohPath(&'m [u8]),
    /// Any other parameter.
    Other(SvcParamKey, &'m [u8]),
}

impl<'m> SvcParam<'m> {
    /// The key.
    pub fn key(&self) -> SvcParamKey {
        match self {
            Self::Mandatory(_) => SvcParamKey::MANDATORY,
            Self::Alpn(_) => SvcParamKey::ALPN,
            Self::NoDefaultAlpn => SvcParamKey::NO_DEFAULT_ALPN,
            Self::Port(_) => SvcParamKey::PORT,
            Self::Ipv4Hint(_) => SvcParamKey::IPV4HINT,
            Self::Ech(_) => SvcParamKey::ECH,
            Self::Ipv6Hint(_) => SvcParamKey::IPV6HINT,
            Self::DohPath(_) => SvcParamKey::DOHPATH,
            Self::Other(key, _) => *key,
        }
    }

    /// `None` for a value that its key cannot have.
    fn read(key: SvcParamKey, value: &'m [u8]) -> Option<Self> {
        Some(match key {
            SvcParamKey::MANDATORY => {
                let keys = all_chunks(value)?;
                // Ascending, and without itself, which is 0.
                if keys.first() == Some(&[0, 0]) || !keys.is_sorted_by(|a, b| a < b) {
                    return None;
                }
                Self::Mandatory(keys)
            }
            SvcParamKey::ALPN => {
                let ids = Txt::from_octets(value)?;
                if value.is_empty() || ids.strings().any(<[u8]>::is_empty) {
                    return None;
                }
                Self::Alpn(ids)
            }
            SvcParamKey::NO_DEFAULT_ALPN if value.is_empty() => Self::NoDefaultAlpn,
            SvcParamKey::NO_DEFAULT_ALPN => return None,
            SvcParamKey::PORT => Self::Port(u16::from_be_bytes(value.try_into().ok()?)),
            SvcParamKey::IPV4HINT => Self::Ipv4Hint(all_chunks(value)?),
            SvcParamKey::ECH => Self::Ech(value),
            SvcParamKey::IPV6HINT => Self::Ipv6Hint(all_chunks(value)?),
            SvcParamKey::DOHPATH => Self::DohPath(value),
            other => Self::Other(other, value),
        })
    }

    /// Hands the value to `sink`, piece by piece.
    fn emit<E>(&self, mut sink: impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        match self {
            Self::Mandatory(keys) => sink(keys.as_flattened()),
            Self::Alpn(ids) => sink(ids.as_octets()),
            Self::NoDefaultAlpn => Ok(()),
            Self::Port(port) => sink(&port.to_be_bytes()),
            Self::Ipv4Hint(addresses) => sink(addresses.as_flattened()),
            Self::Ipv6Hint(addresses) => sink(addresses.as_flattened()),
            Self::Ech(octets) | Self::DohPath(octets) | Self::Other(_, octets) => sink(octets),
        }
    }

    fn ink(&self, ink: &mut impl Ink) -> fmt::Result {
        self.key().ink(ink)?;
        if *self != Self::NoDefaultAlpn {
            ink.text("=")?;
        }
        match self {
            Self::Mandatory(keys) => {
                show::list(ink, keys.iter(), |ink, key| SvcParamKey(u16::from_be_bytes(*key)).ink(ink))
            }
            Self::Alpn(ids) => {
                ink.text("\"")?;
                // First as an item of a list, then as a part of the string (RFC 9460 appendix A.1).
                show::list(ink, ids.strings(), |ink, id| {
                    id.iter().try_for_each(|octet| {
                        if matches!(octet, b'\\' | b',') {
                            ink.text("\\\\")?;
                        }
                        ink.escaped(core::slice::from_ref(octet), b"\"", true)
                    })
                })?;
                ink.text("\"")
            }
            Self::Port(port) => ink.number((*port).into()),
            Self::Ipv4Hint(all) => {
                show::list(ink, all.iter(), |ink, &octets| ink.address(Ipv4Addr::from(octets).into()))
            }
            Self::Ipv6Hint(all) => {
                show::list(ink, all.iter(), |ink, &octets| ink.address(Ipv6Addr::from(octets).into()))
            }
            Self::Ech(octets) => show::base64(ink, octets),
            Self::DohPath(octets) | Self::Other(_, octets) => show::quoted(ink, octets),
            Self::NoDefaultAlpn => Ok(()),
        }
    }
}

/// The octets in groups of `N`; `None` when they do not divide, or there is none.
fn all_chunks<const N: usize>(octets: &[u8]) -> Option<&[[u8; N]]> {
    match octets.as_chunks() {
        ([], _) => None,
        (chunks, []) => Some(chunks),
        _ => None,
    }
}
