//! Reports of MLDv2 (RFC 3810 section 5.2) say the truth.
//!
//! smoltcp 0.14 reports a group that is joined as one of which nobody wants anything any more, and one that is left as one
//! of which all is wanted: a switch that snoops MLD then keeps multicast from a device that has just come, until it asks
//! who is in the group. So the records of the group of mDNS, and of those by which a device is asked for its hardware
//! address, are written anew, whatever stands there. Of other groups only the application knows.

use core::net::IpAddr;

use super::stack::Addresses;
use crate::mdns::GROUP_V6;

/// What tells in which groups an interface is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Members {
    /// It is in the group of mDNS over IPv6, or about to be.
    pub(super) of_mdns: bool,
    pub(super) addresses: Addresses,
}

impl Members {
    /// Whether it is in `group`; `None` where that is not known.
    fn has(&self, group: [u8; 16]) -> Option<bool> {
        if group == GROUP_V6.octets() {
            return Some(self.of_mdns);
        }
        let end = group.strip_prefix(&SOLICITED_NODE)?;
        Some(self.addresses.iter().flatten().any(|own| match own.address().into() {
            IpAddr::V6(own) => own.octets().ends_with(end),
            IpAddr::V4(_) => false,
        }))
    }
}

/// Sets right what a packet on its way out reports of groups. It has a checksum, or the hardware fills that in.
pub(super) fn set_right(packet: &mut [u8], members: &Members, has_checksum: bool) {
    // A report stands behind the options of one header, which is what RFC 3810 section 5 has it need.
    let Some((ipv6, report)) = packet.split_at_mut_checked(IPV6_HEADER + OPTIONS_HEADER) else { return };
    let (Some(first), Some(next), Some(behind)) = (ipv6.first(), ipv6.get(6), ipv6.get(IPV6_HEADER)) else {
        return;
    };
    if (*first >> 4, *next, *behind) != (6, HOP_BY_HOP, ICMPV6) {
        return;
    }
    let Some((head, mut records)) = report.split_first_chunk_mut::<8>() else { return };
    let [REPORT, 0, c0, c1, ..] = head else { return };
    while let Some((record, rest)) = records.split_first_chunk_mut::<20>() {
        let [kind, aux_words, s0, s1, group @ ..] = record;
        let is_change = matches!(*kind, CHANGE_TO_INCLUDE | CHANGE_TO_EXCLUDE);
        if is_change
            && [*s0, *s1] == [0, 0]
            && let Some(is_member) = members.has(*group)
        {
            let right = if is_member { CHANGE_TO_EXCLUDE } else { CHANGE_TO_INCLUDE };
            if has_checksum {
                let sum = u16::from_be_bytes([*c0, *c1]);
                // The kind is the upper half of its word.
                let [new0, new1] = adjusted(sum, u16::from(*kind) << 8, u16::from(right) << 8).to_be_bytes();
                (*c0, *c1) = (new0, new1);
            }
            *kind = right;
        }
        let sources = usize::from(u16::from_be_bytes([*s0, *s1])) * 16;
        records = rest.get_mut(sources + usize::from(*aux_words) * 4..).unwrap_or_default();
    }
}

/// A checksum when one of the words that it covers has changed (RFC 1624 section 3).
const fn adjusted(sum: u16, old: u16, new: u16) -> u16 {
    let mut total = !sum as u32 + !old as u32 + new as u32;
    while total > 0xFFFF {
        total = (total & 0xFFFF) + (total >> 16);
    }
    !(total as u16)
}

/// What stands before the last three octets of an address (RFC 4291 section 2.7.1).
const SOLICITED_NODE: [u8; 13] = [0xFF, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xFF];
const IPV6_HEADER: usize = 40;
const OPTIONS_HEADER: usize = 8;
const HOP_BY_HOP: u8 = 0;
const ICMPV6: u8 = 58;
const REPORT: u8 = 143;
/// All but these sources are refused: with none named, the group was left.
const CHANGE_TO_INCLUDE: u8 = 3;
/// All but these sources are wanted: with none named, the group was joined.
const CHANGE_TO_EXCLUDE: u8 = 4;

#[cfg(test)]
mod tests {
    use super::*;
    use ::smoltcp::config::IFACE_MAX_ADDR_COUNT;
    use ::smoltcp::wire::{Ipv6Address, Ipv6Cidr};
    use ::std::vec::Vec;

    /// At fe80::1234:5678, perhaps in the group of mDNS.
    fn members(of_mdns: bool) -> Members {
        let mut addresses = [None; IFACE_MAX_ADDR_COUNT];
        let own = Ipv6Address::new(0xFE80, 0, 0, 0, 0, 0, 0x1234, 0x5678);
        addresses[0] = Some(Ipv6Cidr::new(own, 64).into());
        Members { of_mdns, addresses }
    }

    /// The sum of all words of the report and its pseudo header.
    fn sum(packet: &[u8]) -> u32 {
        let words = |octets: &[u8]| -> u32 {
            octets.chunks(2).map(|pair| u32::from(pair[0]) << 8 | u32::from(pair[1])).sum()
        };
        let report = &packet[48..];
        let mut total = words(&packet[8..40]) + words(report) + report.len() as u32 + 58;
        while total > 0xFFFF {
            total = (total & 0xFFFF) + (total >> 16);
        }
        total
    }

    fn report(records: &[(u8, [u8; 16])]) -> Vec<u8> {
        let mut packet = [&[0x60, 0, 0, 0, 0, 36, 0, 1][..], &[1; 32]].concat();
        packet.extend([58, 0, 5, 2, 0, 0, 1, 0, 143, 0, 0, 0, 0, 0, 0, records.len() as u8]);
        for (kind, group) in records {
            packet.extend([*kind, 0, 0, 0]);
            packet.extend(group);
        }
        let checksum = !(sum(&packet) as u16);
        packet[50..52].copy_from_slice(&checksum.to_be_bytes());
        assert_eq!(sum(&packet), 0xFFFF);
        packet
    }

    #[test]
    fn the_record_of_our_group_says_what_is_so_and_the_checksum_holds() {
        let (ours, other) = (GROUP_V6.octets(), [7; 16]);
        for said in [3, 4] {
            for (is_member, right) in [(true, 4), (false, 3)] {
                let mut packet = report(&[(said, other), (said, ours)]);
                set_right(&mut packet, &members(is_member), true);
                assert_eq!((packet[56], packet[76], sum(&packet)), (said, right, 0xFFFF));
            }
            // By the last three octets one is asked for the hardware address.
            let [own, another] = [0x34, 0x35].map(|octet| {
                let mut group = [0xFF, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xFF, 0, 0x56, 0x78];
                group[13] = octet;
                group
            });
            let mut packet = report(&[(said, own), (said, another)]);
            set_right(&mut packet, &members(false), true);
            assert_eq!((packet[56], packet[76], sum(&packet)), (4, 3, 0xFFFF));
        }
        // Behind the sources of another one, and what may stand there beside them.
        let mut packet = report(&[(5, other), (0, [8; 16]), (0, [8; 16]), (3, ours)]);
        let named = |packet: &mut Vec<u8>, aux_words, sources| {
            (packet[57], packet[59]) = (aux_words, sources);
            packet[50..52].fill(0);
            let checksum = !(sum(packet) as u16);
            packet[50..52].copy_from_slice(&checksum.to_be_bytes());
        };
        for (aux_words, sources) in [(2, 2), (6, 1), (10, 0)] {
            packet[116] = 3;
            named(&mut packet, aux_words, sources);
            set_right(&mut packet, &members(true), true);
            assert_eq!((packet[116], sum(&packet)), (4, 0xFFFF));
        }
        // What answers a query is right already.
        let current = report(&[(2, ours)]);
        let mut packet = current.clone();
        set_right(&mut packet, &members(false), true);
        assert_eq!(packet, current);
    }

    #[test]
    fn a_checksum_holds_whatever_it_was() {
        for sum in 0..=u16::MAX {
            let right = adjusted(sum, 0x0300, 0x0400);
            assert_eq!((u32::from(right) + 0x0400) % 0xFFFF, (u32::from(sum) + 0x0300) % 0xFFFF, "{sum}");
        }
        // One of 0 is a checksum like any other.
        let mut packet = report(&[(3, [7; 16]), (3, GROUP_V6.octets())]);
        let (head, records) = packet.split_at_mut(56);
        let makes_up = u16::from_be_bytes([head[50], head[51]]) + u16::from_be_bytes([7, 7]);
        records[4..6].copy_from_slice(&makes_up.to_be_bytes());
        head[50..52].fill(0);
        assert_eq!(sum(&packet), 0xFFFF);
        set_right(&mut packet, &members(true), true);
        assert_eq!((packet[76], sum(&packet)), (4, 0xFFFF));
    }

    #[test]
    fn nothing_else_is_touched_whatever_it_looks_like() {
        let whole = report(&[(3, GROUP_V6.octets())]);
        for len in 0..whole.len() {
            let mut cut = whole[..len].to_vec();
            set_right(&mut cut, &members(true), true);
            assert_eq!(cut, whole[..len]);
        }
        for at in [0, 6, 40, 48] {
            let mut other = whole.clone();
            other[at] ^= 0x41;
            let before = other.clone();
            set_right(&mut other, &members(true), true);
            assert_eq!(other, before, "{at}");
        }
        // No checksum yet: the hardware's.
        let mut packet = whole;
        packet[50..52].fill(0);
        set_right(&mut packet, &members(true), false);
        assert_eq!((packet[56], &packet[50..52]), (4, &[0, 0][..]));
        // Lengths that lead beyond the end.
        let mut lying = report(&[(1, [7; 16]), (3, GROUP_V6.octets())]);
        lying[57..60].fill(0xFF);
        set_right(&mut lying, &members(true), true);
        assert_eq!(lying[76], 3);
    }
}
