//! What RFC 6724 knows of single addresses, and which own address a destination is reached from (section 5).

use core::net::{IpAddr, Ipv6Addr};

/// The own address, and the length of its prefix, that a packet to `destination` leaves with: rules 1, 2, 6 and 8 of RFC
/// 6724 section 5, the first one of equals. `None` when there is none of its family.
pub(super) fn source(own: &[(IpAddr, u8)], destination: IpAddr) -> Option<(IpAddr, u8)> {
    if destination.is_loopback() {
        return Some((destination, u8::MAX));
    }
    let fits = |(ip, _): &&(IpAddr, u8)| ip.is_ipv4() == destination.is_ipv4() && !ip.is_loopback();
    let merit = |(ip, prefix): &&(IpAddr, u8)| {
        let same_label = policy(*ip).1 == policy(destination).1;
        let reach = reach(scope(*ip), scope(destination));
        (*ip == destination, reach, same_label, common_prefix(*ip, *prefix, destination))
    };
    // Of equals the last one wins.
    own.iter().rev().filter(fits).max_by_key(merit).copied()
}

/// How well a source of one scope suits a destination of another: the narrowest that reaches it, else the widest.
fn reach(source: u8, destination: u8) -> u8 {
    if source < destination { source } else { 2 * GLOBAL - source.min(GLOBAL) }
}

/// Precedence and label of an address: the table of RFC 6724 section 2.1, where IPv4 stands as `::ffff:0:0/96`; here it is
/// an address of its own.
pub(super) fn policy(ip: IpAddr) -> (u8, u8) {
    let IpAddr::V6(ip) = ip else { return (35, 4) };
    match ip.segments() {
        [0, 0, 0, 0, 0, 0, 0, 1] => (50, 0),
        [0, 0, 0, 0, 0, 0, ..] => (1, 3),
        [0x2002, ..] => (30, 2),
        [0x2001, 0, ..] => (5, 5),
        [0x3FFE, ..] => (1, 12),
        _ if ip.is_unique_local() => (3, 13),
        _ if is_site_local(ip) => (1, 11),
        _ => (40, 1),
    }
}

/// The scope of an address, as multicast numbers it (RFC 6724 sections 3.1 and 3.2, RFC 4291 section 2.7).
pub(super) fn scope(ip: IpAddr) -> u8 {
    match ip {
        IpAddr::V4(ip) if ip.is_loopback() || ip.is_link_local() => LINK_LOCAL,
        IpAddr::V4(_) => GLOBAL,
        IpAddr::V6(ip) if ip.is_multicast() => ip.octets()[1] & 0xF,
        IpAddr::V6(ip) if ip.is_loopback() || ip.is_unicast_link_local() => LINK_LOCAL,
        IpAddr::V6(ip) if is_site_local(ip) => SITE_LOCAL,
        IpAddr::V6(_) => GLOBAL,
    }
}

const LINK_LOCAL: u8 = 0x2;
const SITE_LOCAL: u8 = 0x5;
const GLOBAL: u8 = 0xE;

/// `fec0::/10`, which nobody should use any more (RFC 3879).
fn is_site_local(ip: Ipv6Addr) -> bool {
    ip.segments()[0] & 0xFFC0 == 0xFEC0
}

/// The bits that both begin with, of the prefix of `own` at most (RFC 6724 section 2.2); 0 for two families.
pub(super) fn common_prefix(own: IpAddr, prefix: u8, other: IpAddr) -> u8 {
    let shared = match (own, other) {
        (IpAddr::V4(own), IpAddr::V4(other)) => (own.to_bits() ^ other.to_bits()).leading_zeros(),
        (IpAddr::V6(own), IpAddr::V6(other)) => (own.to_bits() ^ other.to_bits()).leading_zeros(),
        _ => 0,
    };
    // At most 128.
    prefix.min(shared as u8)
}
