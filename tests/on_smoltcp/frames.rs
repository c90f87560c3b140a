//! Ethernet frames as octets, written and read without smoltcp.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use dotlocal::mdns::{GROUP_V4, GROUP_V6};

/// A frame of the board's, as far as a test asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sent {
    /// A datagram.
    Datagram { from: SocketAddr, to: SocketAddr, hop_limit: u8, octets: Vec<u8> },
    /// ARP or neighbour discovery: whose hardware address is asked for.
    WhoHas(IpAddr),
    /// ARP or neighbour discovery: an answer.
    IsAt(IpAddr),
    /// A report that the board is in a group.
    Report(IpAddr),
    /// A group was left.
    Leave(IpAddr),
}

const UDP: u8 = 17;

fn hardware(ip: IpAddr) -> [u8; 6] {
    match ip {
        IpAddr::V4(ip) if ip.is_multicast() => {
            let [_, b, c, d] = ip.octets();
            [0x01, 0x00, 0x5E, b & 0x7F, c, d]
        }
        IpAddr::V4(ip) if ip.octets()[3] == 255 => [0xFF; 6],
        IpAddr::V4(ip) => [2, 0, 0, 0, ip.octets()[2], ip.octets()[3]],
        IpAddr::V6(ip) => {
            let end: [u8; 4] = ip.octets()[12..].try_into().unwrap();
            let [a, b, c, d] = end;
            if ip.is_multicast() { [0x33, 0x33, a, b, c, d] } else { [2, 0, 0, 6, c, d] }
        }
    }
}

/// The board's own hardware address; it takes no others.
pub const BOARD: [u8; 6] = [2, 0, 0, 0, 0xB0, 0xA2];

fn ethernet(to: IpAddr, from: IpAddr, ethertype: u16, payload: &[u8]) -> Vec<u8> {
    let multicast = to.is_multicast() || hardware(to) == [0xFF; 6];
    let to = if multicast { hardware(to) } else { BOARD };
    [&to[..], &hardware(from), &ethertype.to_be_bytes(), payload].concat()
}

fn ip(from: IpAddr, to: IpAddr, protocol: u8, fragment: u16, payload: &[u8]) -> Vec<u8> {
    match (from, to) {
        (IpAddr::V4(a), IpAddr::V4(b)) => {
            let len = (20 + payload.len() as u16).to_be_bytes();
            let fragment = fragment.to_be_bytes();
            let head = [0x45, 0, len[0], len[1], 0, 7, fragment[0], fragment[1], 255, protocol, 0, 0];
            let packet = [&head[..], &a.octets(), &b.octets(), payload].concat();
            ethernet(to, from, 0x0800, &packet)
        }
        (IpAddr::V6(a), IpAddr::V6(b)) => {
            let len = (payload.len() as u16).to_be_bytes();
            let head = [0x60, 0, 0, 0, len[0], len[1], protocol, 255];
            ethernet(to, from, 0x86DD, &[&head[..], &a.octets(), &b.octets(), payload].concat())
        }
        _ => panic!("{from} writes to {to}"),
    }
}

fn udp(from: SocketAddr, to: SocketAddr, octets: &[u8]) -> Vec<u8> {
    let words = [from.port(), to.port(), 8 + octets.len() as u16, 0];
    [&words.map(u16::to_be_bytes).concat()[..], octets].concat()
}

/// A datagram to the board.
pub fn datagram(from: SocketAddr, to: SocketAddr, octets: &[u8]) -> Vec<u8> {
    ip(from.ip(), to.ip(), UDP, 0, &udp(from, to, octets))
}

/// The first fragment of a datagram: what 1480 octets hold of it.
pub fn first_fragment(from: SocketAddr, to: SocketAddr, octets: &[u8]) -> Vec<u8> {
    let part = &udp(from, to, octets)[..1448];
    match from {
        SocketAddr::V4(_) => ip(from.ip(), to.ip(), UDP, 0x2000, part),
        SocketAddr::V6(_) => ip(from.ip(), to.ip(), 44, 0, &[&[UDP, 0, 0, 1, 0, 0, 0, 7][..], part].concat()),
    }
}

/// A later fragment, in which another datagram seems to begin.
pub fn later_fragment(from: SocketAddr, to: SocketAddr, octets: &[u8]) -> Vec<u8> {
    let part = udp(from, to, octets);
    match from {
        SocketAddr::V4(_) => ip(from.ip(), to.ip(), UDP, 181, &part),
        SocketAddr::V6(_) => {
            let head = [&[UDP, 0][..], &(181_u16 << 3).to_be_bytes(), &[0, 0, 0, 7]].concat();
            ip(from.ip(), to.ip(), 44, 0, &[head, part].concat())
        }
    }
}

fn arp(operation: u8, ours: Ipv4Addr, theirs: Ipv4Addr) -> Vec<u8> {
    let head = [0, 1, 8, 0, 6, 4, 0, operation];
    let arp = [&head[..], &hardware(theirs.into()), &theirs.octets(), &BOARD, &ours.octets()].concat();
    ethernet(ours.into(), theirs.into(), 0x0806, &arp)
}

/// A host asks for the board's hardware address, and says its own.
pub fn who_has(ours: Ipv4Addr, theirs: Ipv4Addr) -> Vec<u8> {
    arp(1, ours, theirs)
}

/// What a host says of its hardware address.
pub fn is_at(ours: IpAddr, theirs: IpAddr) -> Vec<u8> {
    match (ours, theirs) {
        (IpAddr::V4(ours), IpAddr::V4(theirs)) => arp(2, ours, theirs),
        (IpAddr::V6(_), IpAddr::V6(host)) => {
            let advert = [&[136, 0, 0, 0, 0x60, 0, 0, 0][..], &host.octets(), &[2, 1], &hardware(theirs)];
            ip(theirs, ours, 58, 0, &advert.concat())
        }
        _ => panic!("{theirs} answers {ours}"),
    }
}

/// A router's question who is in which group.
pub fn who_is_in_groups(router: Ipv4Addr) -> Vec<u8> {
    // A general query of IGMPv2, with ten seconds to answer.
    igmp(router, Ipv4Addr::new(224, 0, 0, 1), [0x11, 100], Ipv4Addr::UNSPECIFIED)
}

/// What a host reports: it is in the group of mDNS.
pub fn is_in_group(host: Ipv4Addr) -> Vec<u8> {
    igmp(host, GROUP_V4, [0x16, 0], GROUP_V4)
}

fn igmp(from: Ipv4Addr, to: Ipv4Addr, [kind, time]: [u8; 2], group: Ipv4Addr) -> Vec<u8> {
    let [a, b, c, d] = group.octets();
    let words = [[kind, time], [a, b], [c, d]].map(|word| u32::from(u16::from_be_bytes(word)));
    let sum: u32 = words.iter().sum();
    let [s0, s1] = (!((sum >> 16) + (sum & 0xFFFF)) as u16).to_be_bytes();
    ip(from.into(), to.into(), 2, 0, &[kind, time, s0, s1, a, b, c, d])
}

/// The same over IPv6.
pub fn who_is_in_groups_v6(router: Ipv6Addr) -> Vec<u8> {
    let all = Ipv6Addr::new(0xFF02, 0, 0, 0, 0, 0, 0, 1);
    // Ten seconds to answer, no group, no sources.
    mld(router, all, &[&[130, 0, 0, 0, 0x27, 0x10, 0, 0][..], &[0; 20]].concat())
}

/// What a host reports: it is in the group of mDNS. Switches get this, and who hears everything.
pub fn is_in_group_v6(host: Ipv6Addr) -> Vec<u8> {
    let report = [&[143, 0, 0, 0, 0, 0, 0, 1, 4, 0, 0, 0][..], &GROUP_V6.octets()].concat();
    mld(host, GROUP_V6, &report)
}

/// Behind a router alert (RFC 3810 section 5).
fn mld(from: Ipv6Addr, to: Ipv6Addr, message: &[u8]) -> Vec<u8> {
    let mut frame = ip(from.into(), to.into(), 0, 0, &[&[58, 0, 5, 2, 0, 0, 1, 0], message].concat());
    // The hop limit (RFC 3810 section 6.2).
    frame[21] = 1;
    frame
}

/// Reads a frame; `None` for what no test asks about.
pub fn read(frame: &[u8]) -> Option<Sent> {
    match (frame[12], frame[13]) {
        (8, 6) => {
            let ip = |at: usize| IpAddr::from(<[u8; 4]>::try_from(&frame[at..at + 4]).unwrap());
            Some(if frame[21] == 1 { Sent::WhoHas(ip(38)) } else { Sent::IsAt(ip(28)) })
        }
        (8, 0) => read_v4(&frame[14..]),
        (0x86, 0xDD) => read_v6(&frame[14..]),
        _ => None,
    }
}

fn read_v4(packet: &[u8]) -> Option<Sent> {
    let ip = |at: usize| IpAddr::from(<[u8; 4]>::try_from(&packet[at..at + 4]).unwrap());
    let payload = &packet[usize::from(packet[0] & 15) * 4..];
    match packet[9] {
        UDP => Some(read_udp(ip(12), ip(16), packet[8], payload)),
        2 => {
            let group = IpAddr::from(<[u8; 4]>::try_from(&payload[4..8]).unwrap());
            Some(if payload[0] == 0x17 { Sent::Leave(group) } else { Sent::Report(group) })
        }
        _ => None,
    }
}

fn read_v6(packet: &[u8]) -> Option<Sent> {
    let ip = |at: usize| IpAddr::from(<[u8; 16]>::try_from(&packet[at..at + 16]).unwrap());
    match (packet[6], packet[40]) {
        (UDP, _) => Some(read_udp(ip(8), ip(24), packet[7], &packet[40..])),
        // The first record of a report.
        (0, 58) if packet[48] == 143 => match packet[56] {
            2 | 4 => Some(Sent::Report(ip(60))),
            _ => Some(Sent::Leave(ip(60))),
        },
        (58, 135) => Some(Sent::WhoHas(ip(48))),
        (58, 136) => Some(Sent::IsAt(ip(48))),
        _ => None,
    }
}

fn read_udp(from: IpAddr, to: IpAddr, hop_limit: u8, payload: &[u8]) -> Sent {
    let port = |at: usize| u16::from_be_bytes([payload[at], payload[at + 1]]);
    Sent::Datagram {
        from: SocketAddr::new(from, port(0)),
        to: SocketAddr::new(to, port(2)),
        hop_limit,
        octets: payload[8..usize::from(port(4))].to_vec(),
    }
}
