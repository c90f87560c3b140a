"""A small composer of DNS messages: what is asked for is written, sound or not."""

import ipaddress
import struct
from collections import namedtuple

A, NS, MD, MF, CNAME, SOA, MB, MG, MR, NULL = range(1, 11)
PTR, HINFO, MINFO, MX, TXT, RP, AFSDB = range(12, 19)
RT, PX, AAAA, SRV, NAPTR, DNAME, OPT = 21, 26, 28, 33, 35, 39, 41
DS, RRSIG, NSEC, DNSKEY, TLSA = 43, 46, 47, 48, 52
SVCB, HTTPS, IXFR, AXFR, ANY, URI, CAA = 64, 65, 251, 252, 255, 256, 257
PRIVATE = 65280

IN, CH, NONE, ANY_CLASS = 1, 3, 254, 255
# The top bit of the class: unicast-response in a question, cache-flush in a record (RFC 6762 section 18).
QU = FLUSH = 0x8000

QR, AA, TC, RD, RA, Z, AD, CD = 0x8000, 0x0400, 0x0200, 0x0100, 0x0080, 0x0040, 0x0020, 0x0010
RESPONSE = QR | AA

HEADER = 12
LAST_POINTER = 0x3FFF

# Senders compress the names in the data of these (RFC 1035 section 3.3, RFC 6762 section 18.14).
COMPRESSED = {*range(NS, NULL), PTR, MINFO, MX, SRV, NSEC}

# A name is a tuple of labels, or octets that are written as they are: pointers, and what is no name.
# Data is a row of names and octets.
Question = namedtuple("Question", "name qtype qclass")
Record = namedtuple("Record", "name rtype rclass ttl data")


def name(text):
    """Labels without dots in them; the root is "."."""
    return tuple(label.encode() for label in text.split(".") if label)


def pointer(offset):
    return struct.pack("!H", 0xC000 | offset)


def q(owner, qtype, qclass=IN):
    return Question(as_name(owner), qtype, qclass)


def r(owner, rtype, *data, ttl=120, rclass=IN):
    return Record(as_name(owner), rtype, rclass, ttl, data)


def as_name(owner):
    return name(owner) if isinstance(owner, str) else owner


def message(flags, questions=(), answers=(), authorities=(), additionals=(), *, id=0, compress=True,
            compress_all=False, counts=None, behind=b""):
    """The octets of a message.

    `compress_all` writes pointers in the data of every type; `counts` are told instead of the true ones, where they
    are not None; `behind` follows the last record.
    """
    sections = answers, authorities, additionals
    true_counts = [len(questions), *map(len, sections)]
    counts = [true if told is None else told for told, true in zip(counts or [None] * 4, true_counts)]
    out = Writer(compress)
    out.octets += struct.pack("!6H", id, flags, *counts)
    for question in questions:
        out.name(question.name)
        out.octets += struct.pack("!HH", question.qtype, question.qclass)
    for record in (record for section in sections for record in section):
        out.name(record.name)
        out.octets += struct.pack("!HHI", record.rtype, record.rclass, record.ttl)
        length_at = len(out.octets)
        out.octets += b"\0\0"
        for part in record.data:
            if isinstance(part, tuple):
                out.name(part, compress_all or record.rtype in COMPRESSED)
            else:
                out.octets += part
        struct.pack_into("!H", out.octets, length_at, len(out.octets) - length_at - 2)
    return bytes(out.octets) + behind


class Writer:
    def __init__(self, compress):
        self.octets = bytearray()
        self.compress = compress
        self.offsets = {}

    def name(self, labels, compress=True):
        """Each suffix that was written before becomes a pointer, where a pointer can reach it."""
        if isinstance(labels, bytes):
            self.octets += labels
            return
        for index, label in enumerate(labels):
            suffix = labels[index:]
            if self.compress and compress and suffix in self.offsets:
                self.octets += pointer(self.offsets[suffix])
                return
            if len(self.octets) <= LAST_POINTER:
                self.offsets.setdefault(suffix, len(self.octets))
            self.octets += bytes([len(label)]) + label
        self.octets.append(0)


def flat(labels):
    """The octets of a name that is not compressed."""
    writer = Writer(False)
    writer.name(labels)
    return bytes(writer.octets)


# Data by type.

def a(host):
    return ipaddress.IPv4Address(f"192.0.2.{host}").packed


def aaaa(host):
    return ipaddress.IPv6Address(f"2001:db8::{host:x}").packed


def string(octets):
    return bytes([len(octets)]) + octets


def txt(*strings):
    return b"".join(map(string, strings))


def srv(port, target, priority=0, weight=0):
    return struct.pack("!3H", priority, weight, port), as_name(target)


def soa(primary, mailbox, serial=2024010101):
    return name(primary), name(mailbox), struct.pack("!5I", serial, 7200, 3600, 1209600, 300)


def bitmap(*types):
    """The windows of RFC 4034 section 4.1.2."""
    windows = {}
    for rtype in types:
        bits = windows.setdefault(rtype >> 8, bytearray(32))
        bits[(rtype & 0xFF) // 8] |= 0x80 >> (rtype % 8)
    return b"".join(bytes([window]) + string(bits.rstrip(b"\0")) for window, bits in sorted(windows.items()))


def option(code, data=b""):
    return struct.pack("!HH", code, len(data)) + data


def opt(*options, size=1440, ttl=0, owner="."):
    return r(owner, OPT, *options, ttl=ttl, rclass=size)
