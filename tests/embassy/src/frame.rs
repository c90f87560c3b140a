//! Ethernet frames, made and read by hand.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// A datagram to or from port 5353.
#[derive(Clone, Debug)]
pub struct Datagram {
    pub source: IpAddr,
    pub to: SocketAddr,
    /// TTL or hop limit.
    pub hops: u8,
    pub message: Vec<u8>,
}

impl Datagram {
    pub fn parse(frame: &[u8]) -> Option<Self> {
        let (source, to, hops, udp): (IpAddr, IpAddr, u8, &[u8]) = match frame.get(12..14)? {
            [8, 0] if frame.get(23) == Some(&17) => {
                let address = |at: usize| -> Option<IpAddr> {
                    Some(Ipv4Addr::from(<[u8; 4]>::try_from(frame.get(at..at + 4)?).ok()?).into())
                };
                (address(26)?, address(30)?, *frame.get(22)?, frame.get(34..)?)
            }
            [0x86, 0xDD] if frame.get(20) == Some(&17) => {
                let address = |at: usize| -> Option<IpAddr> {
                    Some(Ipv6Addr::from(<[u8; 16]>::try_from(frame.get(at..at + 16)?).ok()?).into())
                };
                (address(22)?, address(38)?, *frame.get(21)?, frame.get(54..)?)
            }
            _ => return None,
        };
        let port = |at| Some(u16::from_be_bytes([*udp.get(at)?, *udp.get(at + 1)?]));
        let is_ours = port(0)? == 5353 || port(2)? == 5353;
        is_ours.then_some(Self { source, to: (to, port(2)?).into(), hops, message: udp.get(8..)?.to_vec() })
    }

    pub fn is_response(&self) -> bool {
        self.message.get(2).is_some_and(|flags| flags & 0x80 != 0)
    }
}

/// An IGMPv2 message: its type and group.
pub fn igmp(frame: &[u8]) -> Option<(u8, Ipv4Addr)> {
    let is_igmp = frame.get(12..14)? == [8, 0] && frame.get(23) == Some(&2);
    let header = usize::from(frame.get(14)? & 15) * 4;
    let igmp = frame.get(14 + header..14 + header + 8).filter(|_| is_igmp)?;
    Some((igmp[0], Ipv4Addr::new(igmp[4], igmp[5], igmp[6], igmp[7])))
}

/// A datagram of IPv4 to a group, without a checksum of UDP.
pub fn udp(source: SocketAddr, to: SocketAddr, message: &[u8]) -> Vec<u8> {
    let (IpAddr::V4(source_ip), IpAddr::V4(to_ip)) = (source.ip(), to.ip()) else { panic!("IPv4 alone") };
    let octets = to_ip.octets();
    let mut frame = vec![1, 0, 0x5E, octets[1] & 0x7F, octets[2], octets[3], 2, 0, 0, 0, 9, 9, 8, 0];
    let total = (28 + message.len()) as u16;
    let mut header = vec![0x45, 0];
    header.extend(total.to_be_bytes());
    header.extend([0, 0, 0, 0, 255, 17, 0, 0]);
    header.extend(source_ip.octets());
    header.extend(octets);
    seal(&mut header);
    frame.extend(header);
    frame.extend(source.port().to_be_bytes());
    frame.extend(to.port().to_be_bytes());
    frame.extend((8 + message.len() as u16).to_be_bytes());
    frame.extend([0, 0]);
    frame.extend(message);
    frame
}

/// Puts the checksum into a header of IPv4.
fn seal(header: &mut [u8]) {
    header[10..12].fill(0);
    let sum: u32 = header.chunks(2).map(|pair| u32::from(u16::from_be_bytes([pair[0], pair[1]]))).sum();
    let sum = !((sum & 0xFFFF) + (sum >> 16)) as u16;
    header[10..12].copy_from_slice(&sum.to_be_bytes());
}

/// A frame of IPv4 as two fragments.
pub fn fragments(frame: &[u8]) -> [Vec<u8>; 2] {
    let (head, data) = frame.split_at(34);
    let middle = data.len() / 16 * 8;
    [(0x2000, &data[..middle]), (middle as u16 / 8, &data[middle..])].map(|(offset, part)| {
        let mut fragment = head.to_vec();
        fragment[16..18].copy_from_slice(&(20 + part.len() as u16).to_be_bytes());
        fragment[18..20].copy_from_slice(&7_u16.to_be_bytes());
        fragment[20..22].copy_from_slice(&offset.to_be_bytes());
        seal(&mut fragment[14..34]);
        fragment.extend(part);
        fragment
    })
}

/// A query as long as this, by questions that nobody answers.
pub fn lengthened(query: &[u8], len: usize) -> Vec<u8> {
    let mut message = query.to_vec();
    while message.len() < len {
        // A name of one label, its type and its class; what is left over has to be one, too.
        let left = len - message.len();
        let label = match left {
            ..=69 => left - 6,
            70..=75 => left - 13,
            _ => 63,
        };
        message.push(label as u8);
        message.extend(std::iter::repeat_n(b'x', label));
        message.extend([0, 0, 1, 0, 1]);
        message[5] += 1;
    }
    assert_eq!(message.len(), len);
    message
}

/// A query for one name and type; with `unicast` it asks for a unicast answer.
pub fn query(name: &str, rtype: u16, unicast: bool) -> Vec<u8> {
    let mut message = vec![0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in name.split('.') {
        message.push(label.len() as u8);
        message.extend(label.bytes());
    }
    message.push(0);
    message.extend(rtype.to_be_bytes());
    message.extend((1 | u16::from(unicast) << 15).to_be_bytes());
    message
}
