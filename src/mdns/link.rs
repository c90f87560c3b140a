//! The addresses of this device on its link, and what they say of others.

use core::fmt;
use core::net::{IpAddr, Ipv4Addr, SocketAddr};

/// The addresses of this device, in the caller's storage.
#[derive(Debug)]
pub(crate) struct Addresses<'s> {
    ips: &'s mut [IpAddr],
    /// How many leading bits of each name the link.
    prefixes: &'s mut [u8],
    len: usize,
    /// Where addresses of families begin that the device has no more, as many as there is room for.
    gone_from: usize,
}

/// There are more addresses than slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct AddressesError {
    /// The slots that there are.
    pub capacity: usize,
}

impl fmt::Display for AddressesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "there is room for {} addresses: raise ADDRESSES in the storage, OWN in that of lookups, or give fewer",
            self.capacity
        )
    }
}

impl core::error::Error for AddressesError {}

/// An address that is none, of empty storage.
pub(crate) const NO_ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

impl<'s> Addresses<'s> {
    pub(crate) fn new(ips: &'s mut [IpAddr], prefixes: &'s mut [u8]) -> Self {
        let gone_from = ips.len();
        Self { ips, prefixes, len: 0, gone_from }
    }

    /// Whether they are those of `list`, in its order.
    pub(crate) fn are(&self, list: &[(IpAddr, u8)]) -> bool {
        let mut own = self.ips.iter().zip(self.prefixes.iter()).zip(list);
        self.len == list.len() && own.all(|((ip, prefix), other)| (*ip, *prefix) == *other)
    }

    /// Whether there is room for `list`.
    pub(crate) fn check(&self, list: &[(IpAddr, u8)]) -> Result<(), AddressesError> {
        let capacity = self.ips.len();
        if list.len() > capacity { Err(AddressesError { capacity }) } else { Ok(()) }
    }

    /// Takes `list` over. After an error the old addresses stand. Those of a family that is not in `list` are kept behind
    /// it, as far as there is room, to be withdrawn.
    pub(crate) fn set(&mut self, list: &[(IpAddr, u8)]) -> Result<(), AddressesError> {
        self.check(list)?;
        self.gone_from = self.ips.len();
        for at in (0..self.len).rev() {
            let is_gone = |own: &IpAddr| !list.iter().any(|(ip, _)| ip.is_ipv4() == own.is_ipv4());
            if let Some(ip) = self.ips.get(at).copied().filter(is_gone) {
                // What stands there is in `list`, if it is needed at all.
                self.gone_from -= 1;
                self.ips.get_mut(self.gone_from).into_iter().for_each(|slot| *slot = ip);
            }
        }
        self.len = list.len();
        self.gone_from = self.gone_from.max(self.len);
        let slots = self.ips.iter_mut().zip(self.prefixes.iter_mut());
        for ((ip, prefix), &address) in slots.zip(list) {
            (*ip, *prefix) = address;
        }
        Ok(())
    }

    pub(crate) fn all(&self) -> &[IpAddr] {
        self.ips.get(..self.len).unwrap_or(&[])
    }

    /// The last addresses of families that the device has no more.
    pub(crate) fn gone(&self) -> &[IpAddr] {
        self.ips.get(self.gone_from..).unwrap_or(&[])
    }

    /// Whether `source` is on this link: by a prefix of ours, or link-local by its own (RFC 6762 section 11).
    pub(crate) fn on_link(&self, source: &SocketAddr) -> bool {
        let source = source.ip();
        let mut own = self.all().iter().zip(self.prefixes.iter());
        is_link_local(source) || own.any(|(ip, prefix)| covers(*ip, *prefix, source))
    }
}

/// Whether the first `prefix` bits of both addresses are the same.
fn covers(own: IpAddr, prefix: u8, other: IpAddr) -> bool {
    let equal = match (own, other) {
        (IpAddr::V4(own), IpAddr::V4(other)) => (own.to_bits() ^ other.to_bits()).leading_zeros(),
        (IpAddr::V6(own), IpAddr::V6(other)) => (own.to_bits() ^ other.to_bits()).leading_zeros(),
        _ => return false,
    };
    equal >= prefix.into()
}

/// 169.254/16 and fe80::/10.
fn is_link_local(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => Ipv4Addr::is_link_local(&ip),
        IpAddr::V6(ip) => ip.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // N1
    #[test]
    fn the_link_is_told_by_the_prefixes() {
        let (mut ips, mut prefixes) = ([NO_ADDRESS; 3], [0; 3]);
        let mut addresses = Addresses::new(&mut ips, &mut prefixes);
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        let host = |text: &str| SocketAddr::new(ip(text), 5353);
        assert!(addresses.on_link(&host("169.254.1.1")) && addresses.on_link(&host("fe80::1")));
        assert!(!addresses.on_link(&host("192.0.2.9")));
        assert_eq!(addresses.set(&[(ip("192.0.2.7"), 24), (ip("2001:db8::7"), 64)]), Ok(()));
        for (source, inside) in [
            ("192.0.2.9", true),
            ("192.0.3.9", false),
            ("2001:db8::9", true),
            ("2001:db8:0:1::9", false),
            ("fe80::9", true),
            ("169.253.255.255", false),
            ("fec0::1", false),
        ] {
            assert_eq!(addresses.on_link(&host(source)), inside, "{source}");
        }
        assert_eq!(addresses.set(&[(ip("192.0.2.7"), 32)]), Ok(()));
        assert!(addresses.on_link(&host("192.0.2.7")) && !addresses.on_link(&host("192.0.2.6")));
        assert_eq!(addresses.set(&[(ip("192.0.2.7"), 0)]), Ok(()));
        assert!(addresses.on_link(&host("8.8.8.8")) && !addresses.on_link(&host("2001:db8::9")));
    }

    #[test]
    fn a_list_that_is_too_long_changes_nothing() {
        let (mut ips, mut prefixes) = ([NO_ADDRESS; 1], [0; 1]);
        let mut addresses = Addresses::new(&mut ips, &mut prefixes);
        let (one, two) = ("192.0.2.1".parse().unwrap(), "2001:db8::2".parse().unwrap());
        assert_eq!(addresses.set(&[(one, 24)]), Ok(()));
        assert!(addresses.are(&[(one, 24)]));
        for others in [&[][..], &[(one, 25)], &[(two, 24)], &[(one, 24), (two, 64)]] {
            assert!(!addresses.are(others));
        }
        assert_eq!(addresses.set(&[(one, 24), (two, 64)]), Err(AddressesError { capacity: 1 }));
        assert_eq!(addresses.all(), [one]);
        assert_eq!(addresses.set(&[]), Ok(()));
        assert!(addresses.all().is_empty());
        assert_eq!(addresses.gone(), [one]);
    }

    #[test]
    fn the_last_of_a_family_are_kept_where_there_is_room() {
        let (mut ips, mut prefixes) = ([NO_ADDRESS; 4], [0; 4]);
        let mut addresses = Addresses::new(&mut ips, &mut prefixes);
        let list = |texts: &[&str]| -> std::vec::Vec<(IpAddr, u8)> {
            texts.iter().map(|text| (text.parse().unwrap(), 24)).collect()
        };
        let ips =
            |texts: &[&str]| -> std::vec::Vec<IpAddr> { list(texts).iter().map(|(ip, _)| *ip).collect() };
        for (set, all, gone) in [
            (&["192.0.2.1", "fe80::1", "fe80::2"][..], &["192.0.2.1", "fe80::1", "fe80::2"][..], &[][..]),
            (&["192.0.2.2", "192.0.2.3"], &["192.0.2.2", "192.0.2.3"], &["fe80::1", "fe80::2"]),
            (&["192.0.2.2"], &["192.0.2.2"], &[]),
            (
                &["fe80::3", "fe80::4", "fe80::5", "fe80::6"],
                &["fe80::3", "fe80::4", "fe80::5", "fe80::6"],
                &[],
            ),
            (&["fe80::3", "fe80::4"], &["fe80::3", "fe80::4"], &[]),
            (&[], &[], &["fe80::3", "fe80::4"]),
        ] {
            assert_eq!(addresses.set(&list(set)), Ok(()));
            assert_eq!(addresses.all(), ips(all));
            assert_eq!(addresses.gone(), ips(gone), "{set:?}");
        }
    }
}
