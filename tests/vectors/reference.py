"""What dnspython makes of a message, in the form of the lines that `decode --json` prints.

It is called record by record: its reader of whole messages merges records into sets, follows the rules of each opcode
and refuses what is only odd (two OPT, the class bit of mDNS).
"""

import dns.exception
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.wire
from dns.rdtypes.ANY.NSEC import Bitmap

from compose import COMPRESSED, HEADER, MINFO, NSEC, OPT

# A name of 255 octets has up to 127 labels, and each of them may be written by another record and pointed to
# (RFC 1035 section 4.1.4). dnspython stops at 16 pointers, for its own protection.
dns.name.MAX_COMPRESSION_POINTER_CHAIN = 127


class Refused(Exception):
    """The frame is broken: header, owner names, counts or RDLENGTH."""


def decode(message):
    """The expected fields, and whether dnspython takes the data of every record for sound."""
    try:
        return read(message)
    except Refused:
        return {"accepted": False}, True


def read(message):
    parser = dns.wire.Parser(message)
    id, flags, *counts = framed(parser.get_struct, "!6H")
    # dnspython follows pointers into the header, which holds no names. There it finds no label type it knows.
    parser.wire = b"\x80" * HEADER + message[HEADER:]
    questions = [question(parser) for _ in range(counts[0])]
    records, sound = [], True
    for section, count in enumerate(counts[1:]):
        for _ in range(count):
            fields, data_is_sound = record(parser)
            records.append([section, *fields])
            sound &= data_is_sound
    # Octets behind the last record are allowed, so that nobody asks whether the parser is at its end.
    fields = {"accepted": True, "id": id, "flags": flags, "questions": questions, "records": records}
    return fields, sound


def framed(read, *arguments):
    try:
        return read(*arguments)
    except dns.exception.DNSException as error:
        raise Refused from error


def question(parser):
    owner = framed(parser.get_name, None, True)
    return [presentation(owner), *framed(parser.get_struct, "!HH")]


def record(parser):
    owner = framed(parser.get_name, None, True)
    rtype, rclass, ttl, length = framed(parser.get_struct, "!HHIH")
    start = parser.current
    framed(parser.get_bytes, length)
    end = parser.current
    raw = parser.wire[start:end]
    try:
        expanded, sound = data(parser.wire, rtype, start, length), True
    except (dns.exception.DNSException, ValueError):
        # Broken data is its record's own fault: it is shown as it came, and what follows stands.
        expanded, sound = raw, False
    # The data of other types is shown as it came too, names in it as they are.
    shown = expanded if rtype in COMPRESSED else raw
    # The TTL of OPT holds flags (RFC 6891 section 6.1.3); in others a set top bit means 0 (RFC 2181 section 8).
    if rtype != OPT and ttl >> 31:
        ttl = 0
    return [presentation(owner), rtype, rclass, ttl, shown.hex()], sound


def data(wire, rtype, start, length):
    """The data read by type and written again, which expands its names."""
    if length == 0:
        # RFC 2136 sections 2.4 and 2.5: an UPDATE names records by type alone.
        return b""
    parser = dns.wire.Parser(wire, start)
    with parser.restrict_to(length):
        if rtype == NSEC:
            # dnspython refuses compressed next names, which mDNS senders write (RFC 6762 section 18.14).
            next_name = parser.get_name(None, True).to_wire()
            start = parser.current
            Bitmap.from_wire_parser(parser)
            return next_name + wire[start:parser.current]
        # Class IN whatever the record says: the top bit is not part of the class, and the contract has names
        # expanded by type alone.
        known = dns.rdata.get_rdata_class(dns.rdataclass.IN, rtype, use_generic=False)
        if rtype in COMPRESSED and known is None:
            # MD, MF, MB, MG, MR and MINFO, which dnspython has no classes for, are names and nothing else.
            return b"".join(parser.get_name(None, True).to_wire() for _ in range(2 if rtype == MINFO else 1))
        return dns.rdata.from_wire_parser(dns.rdataclass.IN, rtype, parser).to_wire()


def presentation(owner):
    """RFC 1035 section 5.1, without the trailing dot; dnspython's own text escapes more than it has to."""
    labels = [b"".join(map(escaped, label)).decode() for label in owner.labels[:-1]]
    return ".".join(labels) or "."


def escaped(octet):
    if octet in b".\\":
        return b"\\%c" % octet
    return b"%c" % octet if 0x21 <= octet <= 0x7E else b"\\%03d" % octet
