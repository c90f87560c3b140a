//! The addresses of this device on its link, and what they say of others.

use core::fmt;
use core::net::{IpAddr, Ipv4Addr};

/// The addresses of this device, in the caller's storage.
#[derive(Debug)]
pub(crate) struct Addresses<'s> {
    slots: &'s mut [Address],
    len: usize,
}

/// An address and how many of its leading bits name the link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) ip: IpAddr,
    prefix: u8,
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
            "there is room for {} addresses: raise ADDRESSES in the storage, or give fewer",
            self.capacity
        )
    }
}

impl core::error::Error for AddressesError {}

impl Address {
    pub(crate) const NONE: Address = Address { ip: IpAddr::V4(Ipv4Addr::UNSPECIFIED), prefix: 0 };
}

impl<'s> Addresses<'s> {
    pub(crate) fn new(slots: &'s mut [Address]) -> Self {
        Self { slots, len: 0 }
    }

    /// Takes `list` over; tells whether that changed anything. After an error the old addresses stand.
    pub(crate) fn set(&mut self, list: &[(IpAddr, u8)]) -> Result<bool, AddressesError> {
        if list.len() > self.slots.len() {
            return Err(AddressesError { capacity: self.slots.len() });
        }
        let mut changed = self.len != list.len();
        self.len = list.len();
        for (slot, &(ip, prefix)) in self.slots.iter_mut().zip(list) {
            let address = Address { ip, prefix };
            changed |= *slot != address;
            *slot = address;
        }
        Ok(changed)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = IpAddr> + Clone + '_ {
        self.slots.iter().take(self.len).map(|address| address.ip)
    }

    pub(crate) fn has_v4(&self) -> bool {
        self.iter().any(|ip| ip.is_ipv4())
    }

    pub(crate) fn has_v6(&self) -> bool {
        self.iter().any(|ip| ip.is_ipv6())
    }

    /// Whether `source` is on this link: by a prefix of ours, or link-local by its own (RFC 6762 section 11).
    pub(crate) fn on_link(&self, source: IpAddr) -> bool {
        is_link_local(source) || self.slots.iter().take(self.len).any(|address| address.covers(source))
    }
}

impl Address {
    fn covers(&self, other: IpAddr) -> bool {
        match (self.ip, other) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let differ = own.to_bits() ^ other.to_bits();
                differ.leading_zeros() >= self.prefix.into()
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let differ = own.to_bits() ^ other.to_bits();
                differ.leading_zeros() >= self.prefix.into()
            }
            _ => false,
        }
    }
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
        let mut slots = [Address::NONE; 3];
        let mut addresses = Addresses::new(&mut slots);
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        assert!(addresses.on_link(ip("169.254.1.1")) && addresses.on_link(ip("fe80::1")));
        assert!(!addresses.on_link(ip("192.0.2.9")));
        assert_eq!(addresses.set(&[(ip("192.0.2.7"), 24), (ip("2001:db8::7"), 64)]), Ok(true));
        for (source, inside) in [
            ("192.0.2.9", true),
            ("192.0.3.9", false),
            ("2001:db8::9", true),
            ("2001:db8:0:1::9", false),
            ("fe80::9", true),
            ("169.253.255.255", false),
            ("fec0::1", false),
        ] {
            assert_eq!(addresses.on_link(ip(source)), inside, "{source}");
        }
        assert_eq!(addresses.set(&[(ip("192.0.2.7"), 32)]), Ok(true));
        assert!(addresses.on_link(ip("192.0.2.7")) && !addresses.on_link(ip("192.0.2.6")));
        assert_eq!(addresses.set(&[(ip("192.0.2.7"), 0)]), Ok(true));
        assert!(addresses.on_link(ip("8.8.8.8")) && !addresses.on_link(ip("2001:db8::9")));
    }

    #[test]
    fn a_list_that_is_too_long_changes_nothing() {
        let mut slots = [Address::NONE; 1];
        let mut addresses = Addresses::new(&mut slots);
        let (one, two) = ("192.0.2.1".parse().unwrap(), "2001:db8::2".parse().unwrap());
        assert_eq!(addresses.set(&[(one, 24)]), Ok(true));
        assert_eq!(addresses.set(&[(one, 24)]), Ok(false));
        assert_eq!(addresses.set(&[(one, 24), (two, 64)]), Err(AddressesError { capacity: 1 }));
        assert!(addresses.has_v4() && !addresses.has_v6());
        assert_eq!(addresses.set(&[]), Ok(true));
        assert_eq!(addresses.iter().count(), 0);
    }
}
