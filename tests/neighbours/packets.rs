//! The packets themselves: a capture, and questions from a port of their own, read by a small reader of its own.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use serde_json::Value;

use super::lan::Host;
use super::needs::python;
use super::process::Process;

const START: Duration = Duration::from_secs(15);

pub const GROUP_V4: IpAddr = IpAddr::V4(Ipv4Addr::new(224, 0, 0, 251));
pub const GROUP_V6: IpAddr = IpAddr::V6(Ipv6Addr::new(0xFF02, 0, 0, 0, 0, 0, 0, 0xFB));

pub const A: u16 = 1;
pub const PTR: u16 = 12;
pub const TXT: u16 = 16;
pub const AAAA: u16 = 28;
pub const SRV: u16 = 33;
pub const ANY: u16 = 255;

const READER: &str = r#"
import json, socket, struct, sys, time

def name_at(data, at):
    labels, end = [], None
    while data[at]:
        if data[at] >= 0xC0:
            end = end or at + 2
            at = (data[at] & 0x3F) << 8 | data[at + 1]
        else:
            labels.append(data[at + 1:at + 1 + data[at]].decode())
            at += 1 + data[at]
    return '.'.join(labels), end or at + 1

def message(data):
    ident, flags, *counts = struct.unpack_from('!6H', data)
    at, questions, records = 12, [], []
    for _ in range(counts[0]):
        name, at = name_at(data, at)
        rtype, rclass = struct.unpack_from('!HH', data, at)
        questions.append({'name': name, 'type': rtype, 'unicast': rclass >= 0x8000})
        at += 4
    for section, count in enumerate(counts[1:]):
        for _ in range(count):
            name, at = name_at(data, at)
            rtype, rclass, ttl, length = struct.unpack_from('!HHIH', data, at)
            rdata = data[at + 10:at + 10 + length]
            family = {1: socket.AF_INET, 28: socket.AF_INET6}.get(rtype)
            records.append({'section': section, 'name': name, 'type': rtype, 'flush': rclass >= 0x8000, 'ttl': ttl,
                            'data': socket.inet_ntop(family, rdata) if family else rdata.hex()})
            at += 10 + length
    return {'id': ident, 'flags': flags, 'questions': questions, 'records': records, 'hex': data.hex()}

def tell(**what):
    print(json.dumps(what), flush=True)
"#;

/// Argument: interface. Prints what goes out and comes in on it from or to port 5353.
const CAPTURE: &str = r#"
capture = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(3))
capture.bind((sys.argv[1], 0))
tell(event='ready')
while True:
    data, (_, protocol, direction, *_) = capture.recvfrom(65535)
    if protocol == 0x0800 and data[9] == 17:
        header, hops, family, addresses = (data[0] & 15) * 4, data[8], socket.AF_INET, (data[12:16], data[16:20])
    elif protocol == 0x86DD and data[6] == 17:
        header, hops, family, addresses = 40, data[7], socket.AF_INET6, (data[8:24], data[24:40])
    else:
        continue
    source, destination = (socket.inet_ntop(family, octets) for octets in addresses)
    ports = struct.unpack_from('!HH', data, header)
    if 5353 in ports:
        try:
            read = message(data[header + 8:])
        except Exception as error:
            tell(event='broken', outgoing=direction == 4, error=str(error), hex=data[header + 8:].hex())
            continue
        tell(event='packet', outgoing=direction == 4, source=source, source_port=ports[0], destination=destination,
             destination_port=ports[1], hops=hops, **read)
"#;

/// Arguments: interface, destination, name, type, id. Prints the replies to one query from a port of its own.
const ASK: &str = r#"
interface, destination, name, rtype, ident = sys.argv[1:]
index = socket.if_nametoindex(interface)
if ':' in destination:
    asker = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    asker.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
    to = (destination, 5353, 0, index)
else:
    asker = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    asker.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, struct.pack('=4s4si', b'', b'', index))
    to = (destination, 5353)
labels = b''.join(bytes([len(label)]) + label for label in name.encode().split(b'.'))
asker.sendto(struct.pack('!6H', int(ident), 0, 1, 0, 0, 0) + labels + struct.pack('!BHH', 0, int(rtype), 1), to)
tell(event='asked')
while True:
    data, (source, port, *_) = asker.recvfrom(65535)
    tell(event='packet', outgoing=False, source=source.split('%')[0], source_port=port, destination=None,
         destination_port=None, hops=None, **message(data))
"#;

/// A datagram with an mDNS message.
#[derive(Clone, Debug)]
pub struct Packet {
    /// Sent by the host that captured it.
    pub outgoing: bool,
    pub source: IpAddr,
    pub source_port: u16,
    /// `None` in replies to [`ask`].
    pub destination: Option<IpAddr>,
    pub destination_port: Option<u64>,
    /// TTL or hop limit.
    pub hops: Option<u64>,
    pub id: u64,
    pub flags: u64,
    pub questions: Vec<Question>,
    pub records: Vec<Record>,
    /// Octets of the message.
    pub length: usize,
}

#[derive(Clone, Debug)]
pub struct Question {
    pub name: String,
    pub qtype: u16,
    /// The unicast-response (QU) bit.
    pub unicast: bool,
}

#[derive(Clone, Debug)]
pub struct Record {
    /// 0, 1, 2 for answer, authority, additional.
    pub section: u64,
    pub name: String,
    pub rtype: u16,
    pub flush: bool,
    pub ttl_secs: u64,
    /// An address as text, other data as hex digits.
    pub data: String,
}

/// Starts to capture on one interface; returns once nothing more is missed.
pub fn capture(host: &Host, interface: &str) -> Process {
    let mut capture = start(host, CAPTURE, &[interface]);
    capture.expect_json("the capture's start", START, |line| line["event"] == "ready");
    capture
}

/// Sends one query from an ephemeral port to `to`, a group or an address; returns once it is sent.
pub fn ask(host: &Host, interface: &str, to: IpAddr, name: &str, rtype: u16, id: u16) -> Process {
    let arguments = [interface, &to.to_string(), name, &rtype.to_string(), &id.to_string()];
    let mut asker = start(host, ASK, &arguments);
    asker.expect_json("the query to be sent", START, |line| line["event"] == "asked");
    asker
}

impl Packet {
    pub fn parse(line: &str) -> Option<Self> {
        let line: Value = serde_json::from_str(line).ok()?;
        (line["event"] == "packet").then(|| Self {
            outgoing: line["outgoing"] == true,
            source: address(&line["source"]).unwrap(),
            source_port: number(&line["source_port"]) as u16,
            destination: address(&line["destination"]),
            destination_port: line["destination_port"].as_u64(),
            hops: line["hops"].as_u64(),
            id: number(&line["id"]),
            flags: number(&line["flags"]),
            questions: line["questions"].as_array().unwrap().iter().map(Question::from_json).collect(),
            records: line["records"].as_array().unwrap().iter().map(Record::from_json).collect(),
            length: text(&line["hex"]).len() / 2,
        })
    }

    /// Waits for a packet of a capture or a reply that satisfies `wanted`.
    pub fn expect(from: &mut Process, what: &str, within: Duration, wanted: impl Fn(&Self) -> bool) -> Self {
        from.expect(what, within, |line| Self::parse(line).filter(|packet| wanted(packet)))
    }

    pub fn is_response(&self) -> bool {
        self.flags & 0x8000 != 0
    }

    /// A query with proposed records in its authority section (RFC 6762 section 8.1).
    pub fn is_probe(&self) -> bool {
        !self.is_response() && self.records.iter().any(|record| record.section == 1)
    }

    pub fn asks(&self, name: &str) -> bool {
        self.questions.iter().any(|question| question.name.eq_ignore_ascii_case(name))
    }

    /// The answer of this name, type and data, unless it is a goodbye.
    pub fn answer(&self, name: &str, rtype: u16, data: impl ToString) -> Option<&Record> {
        let data = data.to_string();
        self.records.iter().find(|record| {
            record.section == 0
                && record.ttl_secs > 0
                && record.name.eq_ignore_ascii_case(name)
                && record.rtype == rtype
                && record.data == data
        })
    }
}

impl Question {
    fn from_json(json: &Value) -> Self {
        Self {
            name: text(&json["name"]),
            qtype: number(&json["type"]) as u16,
            unicast: json["unicast"] == true,
        }
    }
}

impl Record {
    fn from_json(json: &Value) -> Self {
        Self {
            section: number(&json["section"]),
            name: text(&json["name"]),
            rtype: number(&json["type"]) as u16,
            flush: json["flush"] == true,
            ttl_secs: number(&json["ttl"]),
            data: text(&json["data"]),
        }
    }
}

fn address(json: &Value) -> Option<IpAddr> {
    json.as_str()?.parse().ok()
}

fn number(json: &Value) -> u64 {
    json.as_u64().unwrap()
}

fn text(json: &Value) -> String {
    json.as_str().unwrap().to_owned()
}

fn start(host: &Host, script: &str, arguments: &[&str]) -> Process {
    let python = python("").expect("asked for by the test's needs");
    host.start(python, &[&["-c", &format!("{READER}{script}")], arguments].concat())
}
