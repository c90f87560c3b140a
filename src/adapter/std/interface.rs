//! The interfaces of this machine and the addresses that can be used on them.

use ::std::io;
use ::std::string::String;
use ::std::vec::Vec;
use core::net::IpAddr;

use nix::ifaddrs::getifaddrs;
use nix::net::if_::{InterfaceFlags, if_nametoindex};
use nix::sys::socket::SockaddrStorage;

/// A network interface as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// Its name, such as `eth0`.
    pub name: String,
    /// The number by which the system knows it. It stays when the interface is renamed.
    pub index: u32,
    /// Whether it is switched on and has a carrier: packets can pass.
    pub up: bool,
    /// Whether it says that it can multicast. Linux' loopback does not, and still does it on IPv4.
    pub multicast: bool,
    /// Whether it is the machine's loopback.
    pub loopback: bool,
    /// Its addresses with their prefix lengths, link-local ones included. On Linux without those that may still
    /// turn out to be taken (RFC 4862 section 5.4): they come when that is settled.
    pub addresses: Vec<(IpAddr, u8)>,
}

/// The interfaces of this machine, in the system's own order of numbers.
///
/// # Errors
/// What the system said when it would not list them.
pub fn interfaces() -> io::Result<Vec<Interface>> {
    let listed = getifaddrs()?;
    // After that, so that an address that is new in between is not taken for one that can be used.
    let unusable = unusable::addresses();
    let mut found: Vec<Interface> = Vec::new();
    for entry in listed {
        // Linux lists an IPv4 address under its label, "eth0:1"; no interface name has a colon.
        let name = entry.interface_name.split(':').next().unwrap_or_default();
        let interface = match found.iter_mut().find(|known| known.name == name) {
            Some(known) => known,
            None => {
                // No index: it went away while we were reading.
                let Ok(index) = if_nametoindex(name) else { continue };
                let running = InterfaceFlags::IFF_UP | InterfaceFlags::IFF_RUNNING;
                found.push(Interface {
                    name: name.into(),
                    index,
                    up: entry.flags.contains(running),
                    multicast: entry.flags.contains(InterfaceFlags::IFF_MULTICAST),
                    loopback: entry.flags.contains(InterfaceFlags::IFF_LOOPBACK),
                    addresses: Vec::new(),
                });
                let Some(new) = found.last_mut() else { continue };
                new
            }
        };
        let Some(address) = entry.address.as_ref().and_then(ip) else { continue };
        if unusable.contains(&(interface.index, address)) {
            continue;
        }
        let prefix = entry.netmask.as_ref().and_then(ip).map_or(host_prefix(address), ones);
        if !interface.addresses.contains(&(address, prefix)) {
            interface.addresses.push((address, prefix));
        }
    }
    found.sort_by_key(|interface| interface.index);
    Ok(found)
}

/// The interface with this number, `None` when there is none any more.
pub(super) fn by_index(index: u32) -> io::Result<Option<Interface>> {
    Ok(interfaces()?.into_iter().find(|interface| interface.index == index))
}

fn ip(address: &SockaddrStorage) -> Option<IpAddr> {
    match (address.as_sockaddr_in(), address.as_sockaddr_in6()) {
        (Some(v4), _) => Some(v4.ip().into()),
        (_, Some(v6)) => Some(v6.ip().into()),
        _ => None,
    }
}

/// The prefix length that a netmask stands for.
fn ones(netmask: IpAddr) -> u8 {
    let ones = match netmask {
        IpAddr::V4(mask) => mask.to_bits().leading_ones(),
        IpAddr::V6(mask) => mask.to_bits().leading_ones(),
    };
    ones as u8
}

const fn host_prefix(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

#[cfg(target_os = "linux")]
mod unusable {
    use ::std::fs;
    use ::std::vec::Vec;
    use core::net::{IpAddr, Ipv6Addr};

    /// The IPv6 addresses, each with its interface, that are not ours yet or were found to be taken. `getifaddrs`
    /// does not tell; the kernel wakes us up again when the question is settled.
    pub(super) fn addresses() -> Vec<(u32, IpAddr)> {
        // Of the thread, not of the process: a thread may live in a network namespace of its own.
        let table = fs::read_to_string("/proc/thread-self/net/if_inet6").unwrap_or_default();
        table.lines().filter_map(unusable).collect()
    }

    /// Reads `fe80…7684f 02 40 20 c0 eth0`: address, interface, prefix length, scope, flags, name.
    fn unusable(line: &str) -> Option<(u32, IpAddr)> {
        let mut fields = line.split_ascii_whitespace();
        let address = Ipv6Addr::from_bits(u128::from_str_radix(fields.next()?, 16).ok()?);
        let index = u32::from_str_radix(fields.next()?, 16).ok()?;
        let flags = u8::from_str_radix(fields.nth(2)?, 16).ok()?;
        let tentative = flags & TENTATIVE != 0 && flags & OPTIMISTIC == 0;
        (tentative || flags & DAD_FAILED != 0).then_some((index, address.into()))
    }

    // IFA_F_OPTIMISTIC (RFC 4429: may be used while it is checked), IFA_F_DADFAILED, IFA_F_TENTATIVE.
    const OPTIMISTIC: u8 = 0x04;
    const DAD_FAILED: u8 = 0x08;
    const TENTATIVE: u8 = 0x40;

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn an_address_is_left_out_until_duplicate_detection_has_ended_well() {
            let line = |flags| ::std::format!("fe80000000000000bca4c0fffec7684f 1a 40 20 {flags}       v0");
            let address = "fe80::bca4:c0ff:fec7:684f".parse().unwrap();
            assert_eq!(unusable(&line("c0")), Some((26, address)));
            assert_eq!(unusable(&line("88")), Some((26, address)));
            assert_eq!(unusable(&line("80")), None);
            assert_eq!(unusable(&line("44")), None);
            assert_eq!(unusable("no such table"), None);
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod unusable {
    use core::net::IpAddr;

    /// Told by no safe call here: the addresses are taken as they are listed.
    pub(super) const fn addresses() -> [(u32, IpAddr); 0] {
        []
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_netmask_gives_its_prefix_length() {
        for (mask, prefix) in [("255.255.255.0", 24), ("0.0.0.0", 0), ("255.255.255.255", 32)] {
            assert_eq!(ones(mask.parse().unwrap()), prefix);
        }
        assert_eq!(ones("ffff:ffff:ffff:ffff::".parse().unwrap()), 64);
    }
}
