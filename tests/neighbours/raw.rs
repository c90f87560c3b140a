//! Datagrams from a raw socket, with any source, port, hop limit and content, and messages written octet by octet.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use serde_json::json;

use super::lan::Host;
use super::needs::python;
use super::packets::{GROUP_V4, GROUP_V6};
use super::process::Process;

const START: Duration = Duration::from_secs(15);

/// Argument: interface. Reads a JSON object a line; `throw` sends one or more datagrams past the host's own stack, `ask`
/// sends a query from port 5353 until an answer holds the wanted octets, twenty times at most.
const SCRIPT: &str = r"
import ipaddress, json, socket, struct, sys, time

interface = sys.argv[1]
index = socket.if_nametoindex(interface)
raw = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0)

def checksum(data):
    data += b'\0' * (len(data) % 2)
    total = sum(struct.unpack('!%dH' % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF

def datagram(source, destination, ports, hops, payload):
    length = 8 + len(payload)
    udp = struct.pack('!4H', *ports, length, 0)
    if source.version == 4:
        pseudo = source.packed + destination.packed + struct.pack('!2H', 17, length)
        head = struct.pack('!2B3H2BH', 0x45, 0, 20 + length, 0, 0, hops, 17, 0) + source.packed + destination.packed
        head = head[:10] + struct.pack('!H', checksum(head)) + head[12:]
    else:
        pseudo = source.packed + destination.packed + struct.pack('!2I', length, 17)
        head = struct.pack('!IH2B', 6 << 28, length, 17, hops) + source.packed + destination.packed
    udp = udp[:6] + struct.pack('!H', checksum(pseudo + udp + payload) or 0xFFFF)
    return head + udp + payload

def group_socket(version):
    family = socket.AF_INET if version == 4 else socket.AF_INET6
    s = socket.socket(family, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    if version == 4:
        request = struct.pack('=4s4si', socket.inet_aton('224.0.0.251'), b'', index)
        s.bind(('', 5353))
        s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, request)
        s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, struct.pack('=4s4si', b'', b'', index))
        s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 0)
        s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255)
    else:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        s.bind(('', 5353))
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, socket.inet_pton(family, 'ff02::fb') + struct.pack('=I', index))
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_LOOP, 0)
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
    return s

sockets = {4: group_socket(4), 6: group_socket(6)}
groups = {4: ('224.0.0.251', 5353), 6: ('ff02::fb', 5353, 0, index)}

def drain(s):
    s.setblocking(False)
    try:
        while True:
            s.recvfrom(65535)
    except BlockingIOError:
        pass

def ask(version, query, wanted):
    s = sockets[version]
    drain(s)
    for tries in range(1, 21):
        s.sendto(query, groups[version])
        end = time.monotonic() + 0.5
        while True:
            left = end - time.monotonic()
            if left <= 0:
                break
            s.settimeout(left)
            try:
                data, _ = s.recvfrom(65535)
            except TimeoutError:
                break
            if len(data) > 2 and data[2] & 0x80 and wanted in data:
                return tries
    return 0

print(json.dumps({'event': 'ready'}), flush=True)
for line in sys.stdin:
    what = json.loads(line)
    if what['do'] == 'ask':
        tries = ask(what['version'], bytes.fromhex(what['query']), bytes.fromhex(what['wanted']))
        print(json.dumps({'event': 'asked', 'tries': tries}), flush=True)
        continue
    source, destination = (ipaddress.ip_address(what[end]) for end in ('source', 'destination'))
    payload = bytes.fromhex(what['payload'])
    protocol = 0x0800 if source.version == 4 else 0x86DD
    # Of several, each comes from a source of its own, or from a port of its own.
    for number in range(what['count']):
        from_port = what['ports'][0] + number * what['port_step']
        packet = datagram(source + number * what['source_step'], destination, (from_port, what['ports'][1]),
                          what['hops'], payload)
        raw.sendto(packet, (interface, protocol, 0, 0, bytes.fromhex(what['mac'].replace(':', ''))))
";

/// A host that sends what it likes to another one.
pub struct Raw {
    process: Process,
    mac: String,
    wanted: [(u8, Vec<u8>, String); 2],
}

/// A datagram, or several that differ in their sources or source ports.
#[derive(Clone, Debug)]
pub struct Datagram {
    pub source: SocketAddr,
    pub destination: IpAddr,
    pub hops: u8,
    pub payload: Vec<u8>,
    pub count: u16,
    /// By how much each source address and source port is above the one before.
    pub steps: (u16, u16),
}

impl Datagram {
    /// To the group, as multicast DNS is sent.
    pub fn to_group(source: IpAddr, payload: &[u8]) -> Self {
        let destination = if source.is_ipv4() { GROUP_V4 } else { GROUP_V6 };
        let source = SocketAddr::new(source, 5353);
        Self { source, destination, hops: 255, payload: payload.to_vec(), count: 1, steps: (0, 0) }
    }
}

impl Raw {
    /// `name` is the host name by which `target` has to be found all the time.
    pub fn start(host: &Host, target: &Host, name: &str) -> Self {
        let output = target.ip(&["-o", "link", "show", "dev", &target.interface().name]);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let mac = text.split_once("link/ether ").and_then(|(_, rest)| rest.split(' ').next());
        Self::start_at(host, mac.expect("an Ethernet address"), target.ipv4(), target.ipv6(), name)
    }

    /// The same with a target that is no host of the [`Lan`](super::lan::Lan).
    pub fn start_at(host: &Host, mac: &str, ipv4: Ipv4Addr, ipv6: Ipv6Addr, name: &str) -> Self {
        let python = python("").expect("asked for by the test's needs");
        let mut process = host.start(python, &["-c", SCRIPT, &host.interface().name]);
        process.expect_json("the raw socket", START, |line| line["event"] == "ready");
        let wanted = [
            (4, query(&[question(&labels(name), A, QU)]), hex(&ipv4.octets())),
            (6, query(&[question(&labels(name), AAAA, QU)]), hex(&ipv6.octets())),
        ];
        Self { process, mac: mac.to_owned(), wanted }
    }

    /// Has it sent; what is asked for afterwards is sent after it.
    pub fn throw(&mut self, datagram: &Datagram) {
        let mac = match datagram.destination {
            GROUP_V4 => "01:00:5e:00:00:fb",
            GROUP_V6 => "33:33:00:00:00:fb",
            _ => &self.mac,
        };
        let line = json!({
            "do": "throw", "source": datagram.source.ip(), "destination": datagram.destination, "mac": mac,
            "ports": [datagram.source.port(), 5353], "hops": datagram.hops, "payload": hex(&datagram.payload),
            "count": datagram.count, "source_step": datagram.steps.0, "port_step": datagram.steps.1,
        });
        self.process.write_line(&line.to_string());
    }

    /// Fails when the target does not answer a correct query of each family any more.
    pub fn expect_answers(&mut self, after: &str) {
        for (version, query, wanted) in self.wanted.clone() {
            self.expect_answer(version, &query, &wanted, after);
        }
    }

    /// Fails when no answer to `query` by IP of this version has `wanted` (hexadecimal) in it; how often it had to ask,
    /// every half second.
    pub fn expect_answer(&mut self, version: u8, query: &[u8], wanted: &str, after: &str) -> u64 {
        let line = json!({"do": "ask", "version": version, "query": hex(query), "wanted": wanted});
        self.process.write_line(&line.to_string());
        let said = self.process.expect_json("the end of the asking", START, |line| line["event"] == "asked");
        let tries = said["tries"].as_u64().unwrap_or(0);
        assert_ne!(tries, 0, "no answer by IPv{version} any more after: {after}");
        tries
    }
}

pub const A: u16 = 1;
pub const AAAA: u16 = 28;
pub const IN: u16 = 1;
/// Class IN with the unicast-response or the cache-flush bit.
pub const QU: u16 = 0x8001;
pub const FLUSH: u16 = 0x8001;
pub const RESPONSE: u16 = 0x8400;

/// A name in full; the text has no escapes.
pub fn labels(name: &str) -> Vec<u8> {
    let mut octets = Vec::new();
    for label in name.split('.') {
        octets.push(label.len() as u8);
        octets.extend(label.as_bytes());
    }
    octets.push(0);
    octets
}

pub fn question(name: &[u8], qtype: u16, class: u16) -> Vec<u8> {
    [name, &qtype.to_be_bytes(), &class.to_be_bytes()].concat()
}

pub fn record(name: &[u8], rtype: u16, class: u16, ttl_secs: u32, data: &[u8]) -> Vec<u8> {
    record_of_length(name, rtype, class, ttl_secs, data.len() as u16, data)
}

/// A record whose RDLENGTH says what it likes.
pub fn record_of_length(
    name: &[u8],
    rtype: u16,
    class: u16,
    ttl_secs: u32,
    length: u16,
    data: &[u8],
) -> Vec<u8> {
    let fixed = [rtype.to_be_bytes(), class.to_be_bytes()].concat();
    [name, &fixed, &ttl_secs.to_be_bytes(), &length.to_be_bytes(), data].concat()
}

/// A header, whatever follows.
pub fn message(flags: u16, counts: [u16; 4], body: &[u8]) -> Vec<u8> {
    let words = [0, flags].into_iter().chain(counts);
    let mut octets: Vec<u8> = words.flat_map(u16::to_be_bytes).collect();
    octets.extend(body);
    octets
}

pub fn query(questions: &[Vec<u8>]) -> Vec<u8> {
    message(0, [questions.len() as u16, 0, 0, 0], &questions.concat())
}

pub fn response(answers: &[Vec<u8>]) -> Vec<u8> {
    message(RESPONSE, [0, answers.len() as u16, 0, 0], &answers.concat())
}

pub fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}
