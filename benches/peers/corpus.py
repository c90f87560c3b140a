#!/usr/bin/env python3
"""Composes messages.txt, the messages that every decoder reads: a line for each, its name, a tab, its octets in hex.

    pip install dnspython
    python3 corpus.py >messages.txt

All of it is made up: names under example.com and .local, addresses of the ranges kept for documentation. The sorts of
messages are those that a firmware meets: small ones of a stub resolver, and what one hears on a link with mDNS. The
message is written here, since dnspython compresses no name in SRV and NSEC, which mDNS does (RFC 6762 section 18.14).
"""

import io
import struct

import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype

IN, FLUSH = 1, 0x8001
RESPONSE, MDNS_RESPONSE, NXDOMAIN, QUERY, MDNS_QUERY = 0x8180, 0x8400, 0x8183, 0x0100, 0
KEY = "pk=" + "0123456789abcdef" * 4
SERVICES = [
    (
        r"Living\032Room",
        "_airplay._tcp",
        7000,
        f"acl=0 deviceid=02:00:00:00:00:01 features=0x4A7FDFD5,0xBC157FDE flags=0x18644 {KEY} srcvers=760.20",
    ),
    (
        r"020000000001@Living\032Room",
        "_raop._tcp",
        7000,
        f"cn=0,1,2,3 da=true et=0,3,5 md=0,1,2 am=Receiver1,1 {KEY} tp=UDP vn=65537 vs=760.20",
    ),
    (r"Living\032Room", "_companion-link._tcp", 49153, "rpMac=0 rpHN=000000000000 rpFl=0xB67A2"),
    (r"70-35-60-63\.1\032Living\032Room", "_sleep-proxy._udp", 60162, "v=1"),
]


class Message:
    """A message that is being written; a record's data is in presentation format."""

    def __init__(self, flags):
        self.flags, self.counts, self.out, self.names = flags, [0, 0, 0, 0], io.BytesIO(bytes(12)), {}
        self.out.seek(12)

    def name(self, text):
        dns.name.from_text(text).to_wire(self.out, self.names)

    def question(self, name, qtype):
        self.counts[0] += 1
        self.name(name)
        self.out.write(struct.pack("!HH", dns.rdatatype.from_text(qtype), IN))

    def record(self, section, owner, rclass, ttl, rtype, data):
        self.counts[section] += 1
        self.name(owner)
        number = dns.rdatatype.from_text(rtype)
        self.out.write(struct.pack("!HHIH", number, rclass, ttl, 0))
        start = self.out.tell()
        if rtype == "SRV":
            *words, target = data.split()
            self.out.write(struct.pack("!HHH", *map(int, words)))
            self.name(target)
        elif rtype == "NSEC":
            next_name, types = data.split(maxsplit=1)
            self.name(next_name)
            # The bitmap, which follows the one octet of the root.
            self.out.write(dns.rdata.from_text(IN, number, f". {types}").to_wire()[1:])
        else:
            dns.rdata.from_text(IN, number, data).to_wire(self.out, self.names)
        end = self.out.tell()
        self.out.seek(start - 2)
        self.out.write(struct.pack("!H", end - start))
        self.out.seek(end)

    def octets(self):
        return struct.pack("!6H", 0, self.flags, *self.counts) + self.out.getvalue()[12:]


def question(flags, name, qtype):
    message = Message(flags)
    message.question(name, qtype)
    return message


def cnames():
    message = question(RESPONSE, "www.example.com", "A")
    chain = ["www.example.com", "www.example.com.web.example.net", "europe.web.example.net", "eu-1.web.example.net"]
    for alias, target in zip(chain, chain[1:]):
        message.record(1, alias, IN, 300, "CNAME", target + ".")
    for host in range(4):
        message.record(1, chain[-1], IN, 60, "A", f"192.0.2.{host + 1}")
    return message


def name_servers():
    message = question(RESPONSE, "example.com", "NS")
    for number in range(8):
        message.record(2, "example.com", IN, 86400, "NS", f"ns{number}.example.net.")
    for number in range(8):
        message.record(3, f"ns{number}.example.net", IN, 86400, "A", f"198.51.100.{number + 1}")
    for number in range(4):
        message.record(3, f"ns{number}.example.net", IN, 86400, "AAAA", f"2001:db8::53:{number + 1}")
    return message


def announcement():
    message, host = Message(MDNS_RESPONSE), "Living-Room.local."
    for instance, kind, port, text in SERVICES:
        instance, kind = f"{instance}.{kind}.local.", f"{kind}.local."
        message.record(1, kind, IN, 4500, "PTR", instance)
        message.record(1, instance, FLUSH, 120, "SRV", f"0 0 {port} {host}")
        message.record(1, instance, FLUSH, 4500, "TXT", " ".join(f'"{part}"' for part in text.split()))
    message.record(3, host, FLUSH, 120, "A", "192.0.2.17")
    for address in ["fe80::1234:5678:9abc:def0", "2001:db8::1234:5678:9abc:def0"]:
        message.record(3, host, FLUSH, 120, "AAAA", address)
    for instance, kind, *_ in SERVICES:
        message.record(3, f"{instance}.{kind}.local.", FLUSH, 120, "NSEC", f"{instance}.{kind}.local. TXT SRV")
    message.record(3, host, FLUSH, 120, "NSEC", f"{host} A AAAA")
    return message


def known_answers():
    message = question(MDNS_QUERY, "_ipp._tcp.local", "PTR")
    for number in range(40):
        message.record(1, "_ipp._tcp.local", IN, 4500, "PTR", rf"Office\032{number:02}._ipp._tcp.local.")
    return message


def nxdomain():
    message = question(NXDOMAIN, "nowhere.example.com", "A")
    soa = "ns1.example.com. hostmaster.example.com. 2024010101 7200 3600 1209600 300"
    message.record(2, "example.com", IN, 300, "SOA", soa)
    return message


def edns():
    message = question(RESPONSE, "example.com", "A")
    message.record(1, "example.com", IN, 300, "A", "192.0.2.80")
    message.record(3, ".", 1232, 0, "OPT", r"\# 0")
    return message


def https():
    message = question(RESPONSE, "example.com", "HTTPS")
    parameters = "alpn=h2,h3 ipv4hint=192.0.2.80,192.0.2.81 ipv6hint=2001:db8::80"
    message.record(1, "example.com", IN, 300, "HTTPS", f"1 . {parameters}")
    return message


def many():
    message, kind = Message(MDNS_RESPONSE), "_http._tcp.local."
    for number in range(60):
        instance, host = rf"Sensor\032{number:02}.{kind}", f"node-{number:02}.local."
        message.record(1, kind, IN, 4500, "PTR", instance)
        message.record(1, instance, FLUSH, 120, "SRV", f"0 0 {8000 + number} {host}")
        message.record(1, instance, FLUSH, 4500, "TXT", f'"path=/{number}" "v=1.2"')
        message.record(1, host, FLUSH, 120, "A", f"203.0.113.{number + 1}")
    return message


MESSAGES = {
    "A query": question(QUERY, "example.com", "A"),
    "3 CNAMEs + 4 A": cnames(),
    "8 NS + 12 addresses": name_servers(),
    "AirPlay-like announcement": announcement(),
    "PTR query, 40 known answers": known_answers(),
    "NXDOMAIN with SOA": nxdomain(),
    "A answer with OPT": edns(),
    "HTTPS answer": https(),
    "240-record mDNS message": many(),
}

for name, message in MESSAGES.items():
    print(name, message.octets().hex(), sep="\t")
