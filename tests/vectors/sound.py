"""Messages with nothing wrong in them, however odd: (what it is, octets)."""

import random
import struct

from compose import *

SEED = 6762
DRAWN = 39
HOST = "kitchen-cam.local"
DEVICES = ["kitchen-cam", "attic-fan", "porch-lamp", "garage-door", "pond-pump", "cellar-sensor"]
INSTANCES = [b"Kitchen Cam", b"Attic Fan (2)", b"Porch. Lamp", b"Garage\\Door", "Pümpchen".encode(), "門番".encode()]
SERVICES = ["_http._tcp.local", "_ipp._tcp.local", "_hap._tcp.local", "_sleep-proxy._udp.local"]
TTLS = [0, 1, 2, 119, 120, 4500, 0x7FFFFFFF, 0x80000000, 0x80000001, 0xFFFFFFFF]
CAM = (b"Kitchen Cam", *name("_http._tcp.local"))


def messages():
    for part in [headers, questions, mdns, dns, names, pointers, data, edns, times_and_classes, long_ones, drawn]:
        yield from part()


def headers():
    yield "header alone, all of it zero", message(0)
    yield "header alone, every flag set", message(0xFFFF, id=0xFFFF)
    flags = [("QR", QR), ("AA", AA), ("TC", TC), ("RD", RD), ("RA", RA), ("Z", Z), ("AD", AD), ("CD", CD)]
    for index, (flag, bit) in enumerate(flags):
        yield f"header alone, {flag}", message(bit, id=1 << index)
    # P26
    for opcode in range(16):
        flags = opcode << 11 | (QR if opcode % 2 else 0)
        yield f"P26: opcode {opcode}", message(flags, [q(HOST, A)], id=opcode)
    for rcode in range(16):
        yield f"P26: rcode {rcode}", message(RESPONSE | rcode, answers=[r(HOST, A, a(7))], id=0x1000 + rcode)


def questions():
    # P25: the types that an implementation does not know must not stop the rest.
    for qtype in [0, A, NS, CNAME, SOA, NULL, PTR, HINFO, MX, TXT, AAAA, SRV, NAPTR, OPT, NSEC, SVCB, HTTPS, 128, IXFR,
                  AXFR, 253, 254, ANY, URI, CAA, 0x4000, PRIVATE, 0xC00C, 0xFFFF]:
        yield f"P25: a question for type {qtype} and one behind it", message(0, [q(HOST, qtype), q(HOST, A)])
    for qclass in [0, 1, 2, 3, 4, 254, 255, 0x7FFF, QU, QU | IN, QU | CH, QU | ANY_CLASS, 0xFFFF]:
        yield f"a question of class {qclass}", message(0, [q(HOST, ANY, qclass)])
    yield "five questions, QU and not", message(0, [
        q(HOST, A, QU | IN), q(HOST, AAAA), q("_http._tcp.local", PTR, QU | IN), q(CAM, SRV), q(CAM, TXT, QU | IN),
    ])
    yield "five questions, no name compressed", message(
        0, [q(HOST, A), q(HOST, AAAA), q("_http._tcp.local", PTR), q(CAM, SRV), q(CAM, TXT)], compress=False)
    # P24
    yield "P24: a query of known answers alone", message(
        0, answers=[r("_http._tcp.local", PTR, CAM, ttl=4400)])
    yield "P24: a response with questions", message(
        RESPONSE, [q(HOST, A), q(HOST, AAAA)], [r(HOST, A, a(7), ttl=10)], id=4711)


def mdns():
    host = [r(HOST, A, a(7), rclass=IN | FLUSH), r(HOST, AAAA, aaaa(7), rclass=IN | FLUSH)]
    service = [
        r("_http._tcp.local", PTR, CAM, ttl=4500),
        r(CAM, SRV, *srv(80, HOST), rclass=IN | FLUSH),
        r(CAM, TXT, txt(b"path=/", b"note", b"empty="), ttl=4500, rclass=IN | FLUSH),
    ]
    negative = [
        r(HOST, NSEC, name(HOST), bitmap(A, AAAA), rclass=IN | FLUSH),
        r(CAM, NSEC, CAM, bitmap(TXT, SRV), ttl=4500, rclass=IN | FLUSH),
    ]
    yield "a probe for a host", message(0, [q(HOST, ANY, QU | IN)], authorities=[
        r(HOST, A, a(7)), r(HOST, AAAA, aaaa(7))])
    yield "a probe for host and service", message(0, [q(HOST, ANY, QU | IN), q(CAM, ANY, QU | IN)], authorities=[
        r(HOST, A, a(7)), r(HOST, AAAA, aaaa(7)), r(CAM, SRV, *srv(80, HOST)), r(CAM, TXT, txt(b"path=/"))])
    yield "a probe without QU", message(0, [q(HOST, ANY)], authorities=[r(HOST, A, a(7))])
    yield "a query that has known answers", message(
        0, [q("_http._tcp.local", PTR)],
        [r("_http._tcp.local", PTR, (label, *name("_http._tcp.local")), ttl=4000) for label in INSTANCES])
    yield "a query with TC: known answers follow", message(
        TC, [q("_http._tcp.local", PTR)], [r("_http._tcp.local", PTR, CAM, ttl=4499)])
    yield "known answers that follow, TC again", message(
        TC, answers=[r("_http._tcp.local", PTR, (b"Attic Fan", *name("_http._tcp.local")), ttl=4499)])
    yield "an announcement", message(RESPONSE, answers=service + host, additionals=negative)
    yield "an announcement, no name compressed", message(
        RESPONSE, answers=service + host, additionals=negative, compress=False)
    yield "an announcement in two sections", message(
        RESPONSE, answers=host[:1] + service[:1], additionals=service[1:] + host[1:])
    yield "a goodbye to all of it", message(
        RESPONSE, answers=[record._replace(ttl=0) for record in service + host])
    yield "a goodbye to a name that was renamed", message(
        RESPONSE, answers=[r("kitchen-cam-2.local", A, a(7), ttl=0, rclass=IN | FLUSH)])
    yield "a negative answer", message(RESPONSE, answers=negative[:1])
    yield "a reply to a legacy querier", message(
        RESPONSE, [q(HOST, A)], [r(HOST, A, a(7), ttl=10)], id=0xBEEF)
    yield "all service types", message(RESPONSE, answers=[
        r("_services._dns-sd._udp.local", PTR, name(service), ttl=4500) for service in SERVICES])
    yield "a subtype", message(RESPONSE, answers=[
        r("_printer._sub._http._tcp.local", PTR, CAM, ttl=4500)], additionals=service[1:] + host)
    yield "reverse names", message(RESPONSE, answers=[
        r("7.2.0.192.in-addr.arpa", PTR, name(HOST), rclass=IN | FLUSH),
        r(".".join("7" + "0" * 23 + "8bd01002") + ".ip6.arpa", PTR, name(HOST), rclass=IN | FLUSH)])
    yield "a query from a sleep proxy's client, with its owner option", message(
        0, [q("_sleep-proxy._udp.local", PTR, QU | IN)],
        additionals=[opt(option(4, bytes([0, 1, 2, 0, 0, 0x5E, 0, 0x53, 1])), ttl=0x1194)])
    yield "records in all three sections", message(
        RESPONSE, [q(HOST, ANY)], host, service, negative)


def dns():
    zone = r("example.com", SOA, *soa("ns1.example.com", "hostmaster.example.com"), ttl=3600)
    servers = [r("example.com", NS, name(f"ns{n}.example.com"), ttl=86400) for n in (1, 2)]
    glue = [r(f"ns{n}.example.com", A, a(n), ttl=86400) for n in (1, 2)]
    yield "a query with EDNS", message(RD | AD, [q("www.example.com", A)], additionals=[opt(size=1232)], id=0x1A2B)
    yield "an answer", message(
        QR | RD | RA, [q("www.example.com", A)], [r("www.example.com", A, a(9), ttl=300)], id=0x1A2B)
    yield "an answer by a chain of CNAME", message(QR | RD | RA, [q("www.example.com", AAAA)], [
        r("www.example.com", CNAME, name("web.example.com"), ttl=300),
        r("web.example.com", CNAME, name("host.pool.example.com"), ttl=60),
        r("host.pool.example.com", AAAA, aaaa(9), ttl=20),
    ], id=2)
    yield "CNAME to itself, which is no fault of the frame", message(
        QR, [q("ring.example.com", A)], [r("ring.example.com", CNAME, name("ring.example.com"))])
    yield "NXDOMAIN", message(QR | RD | RA | 3, [q("no.example.com", A)], [], [zone], id=3)
    yield "no data", message(QR | AA | RD, [q("example.com", SRV)], [], [zone], [opt(size=4096)], id=4)
    yield "a referral", message(QR, [q("www.example.com", A)], [], servers, glue + [opt()], id=5)
    yield "a reply that is cut, TC", message(QR | TC | RD | RA, [q("big.example.com", TXT)], id=6)
    yield "BADVERS in the extended rcode", message(QR | 0, [q(".", SOA)], additionals=[opt(ttl=0x01000000)], id=7)
    yield "a question for the root", message(RD, [q(".", NS)], id=8)
    yield "NOTIFY", message(4 << 11 | AA, [q("example.com", SOA)], [zone], id=9)
    yield "UPDATE that deletes by class and empty data", message(
        5 << 11, [q("example.com", SOA)],
        [r("old.example.com", A, ttl=0, rclass=NONE), r("is.example.com", ANY, ttl=0, rclass=ANY_CLASS)],
        [r("old.example.com", ANY, ttl=0, rclass=ANY_CLASS), r("mx.example.com", MX, ttl=0, rclass=ANY_CLASS),
         r("old.example.com", PTR, name("gone.example.com"), ttl=0, rclass=NONE),
         r("new.example.com", A, a(4), ttl=60)],
        id=10)
    yield "a zone transfer's middle", message(QR | AA, [], [zone, *servers, *glue, zone], id=11)
    yield "a chaos TXT", message(
        QR | AA, [q("version.bind", TXT, CH)], [r("version.bind", TXT, txt(b"none"), ttl=0, rclass=CH)], id=12)


def names():
    # Every octet there is.
    for start in range(0, 256, 63):
        label = bytes(range(start, min(start + 63, 256)))
        yield f"P11, P12, P13: a label of the octets from {start} on", message(0, [q((label, b"local"), A)])
    for what, labels in [
        ("a dot in a label", (b"porch.lamp", b"local")),
        ("a label that is a dot", (b".", b"local")),
        ("two names that only dots in labels tell apart", (b"a.b", b"c.d")),
        ("a label that ends in a dot", (b"porch.", b"local")),
        ("a backslash in a label", (b"porch\\lamp", b"local")),
        ("a label that is a backslash", (b"\\", b"local")),
        ("a backslash at the end of the name", (b"local\\",)),
        ("a backslash and three digits as they are", (b"porch\\046lamp", b"local")),
        ("a backslash before a dot", (b"porch\\.lamp", b"local")),
        ("digits behind an octet that is escaped", (b"\x00123\xff456", b"local")),
        ("NUL in a label", (b"porch\0lamp", b"local")),
        ("a label of NUL alone", (b"\0", b"local")),
        ("blanks around a label", (b" Porch Lamp ", b"local")),
        ("quotes", (b"\"Porch\" 'Lamp'", b"local")),
        ("signs that master files give a meaning", (b"$a(b)c;d@e*", b"@", b"*")),
        ("octets that look like a pointer", (b"\xc0\x0c", b"\xc0\x0c")),
        ("octets that look like lengths", (b"\x03cam\x05local\0", b"local")),
        ("DEL and the controls of C1", (b"\x7f\x80\x9f", b"local")),
        ("upper case", (b"KITCHEN-CAM", b"LOCAL")),
        ("a wildcard", (b"*", b"example", b"com")),
        ("punycode as it is", (b"xn--pmpchen-n2a", b"example", b"com")),
        ("hyphens at the ends", (b"-cam-", b"local")),
        ("one label", (b"cam",)),
        ("the root", ()),
        ("UTF-8 of two octets", ("Pümpchen".encode(), b"local")),
        ("UTF-8 of three octets", ("玄関カメラ".encode(), b"local")),
        ("UTF-8 of four octets", ("Cam 📷".encode(), b"local")),
        ("UTF-8 that is not normalised", ("Pu\u0308mpchen".encode(), b"local")),
        ("UTF-8 with a bidirectional mark and a joiner", ("a\u202eb\u200dc".encode(), b"local")),
        ("UTF-8 cut in its middle by the label's end", ("カ".encode()[:2], "メ".encode()[2:], b"local")),
        ("UTF-8 of 63 octets", (("門" * 21).encode(), b"local")),
        ("an overlong NUL, no UTF-8", (b"\xc0\x80", b"local")),
        ("half a surrogate, no UTF-8", (b"\xed\xa0\x80", b"local")),
        ("Latin-1, no UTF-8", ("Pümpchen".encode("latin-1"), b"local")),
        ("0xFF alone", (b"\xff" * 63, b"local")),
        ("a label of 63 octets", (b"k" * 63, b"local")),
        ("three labels of 63 octets", (b"k" * 63, b"c" * 63, b"l" * 63)),
        ("255 octets in four labels", LONGEST),
        ("255 octets in 127 labels", tuple(b"%c" % (97 + n % 26) for n in range(127))),
        ("255 octets, all of them to be escaped", (b"\xfe" * 63, b"." * 63, b"\\" * 63, b"\0" * 61)),
    ]:
        yield f"name: {what}", message(RESPONSE, [q(labels, A)], [r(labels, PTR, labels)])
    yield "P12: a.b.c in three labels, in two, in one", message(0, [
        q((b"a", b"b", b"c"), A), q((b"a.b", b"c"), A), q((b"a", b"b.c"), A), q((b"a.b.c",), A)])
    yield "one name in five cases, no octet of them lost", message(
        RESPONSE, [q("Cam.Local", A), q("cam.Local", A)],
        [r("CAM.LOCAL", A, a(1)), r("cam.local", A, a(1)), r("cAM.Local", CNAME, name("CAM.local"))])


LONGEST = b"k" * 63, b"c" * 63, b"l" * 63, b"e" * 61


def pointers():
    """Names written by hand; the first one stands at octet 12."""
    yield "255 octets by a pointer to 191 of them", message(
        RESPONSE, [q(LONGEST[1:], A)], [r(string(LONGEST[0]) + pointer(HEADER), A, a(1))])
    yield "255 octets by pointers, a label at each", message(
        RESPONSE, [q(LONGEST[3:], A), q(LONGEST[2:], A), q(LONGEST[1:], A)], [r(LONGEST, PTR, LONGEST)])
    yield "255 octets, expanded again for each of 8 records", message(
        RESPONSE, [q(LONGEST, A)], [r(LONGEST, A, a(n)) for n in range(8)])
    yield "a pointer to the first name", message(0, [q(HOST, A), q(pointer(HEADER), AAAA)])
    yield "a pointer to a name's second label", message(0, [q(HOST, A), q(b"\x03fan" + pointer(24), A)])
    yield "a pointer to a root label", message(0, [q(HOST, A), q(b"\x03cam" + pointer(30), A), q(pointer(30), NS)])
    yield "a pointer to a pointer", message(
        0, [q(HOST, A), q(pointer(HEADER), A), q(pointer(35), AAAA), q(b"\x03sub" + pointer(41), TXT)])
    for length in 2, 16, 100:
        yield f"P6: {length} pointers, one to the other", chain(length)
    # What a plain encoder makes of names that grow: each is its own label and a pointer to the name before.
    growing = [tuple(b"%c" % (97 + n % 26) for n in reversed(range(length))) for length in range(1, 128)]
    yield "127 names, each the one before and a label", message(0, [q(labels, A) for labels in growing])
    yield "40 names, each a pointer to the pointer before", relay(40)
    for length in 64, 127:
        yield f"a name of {length} labels, each followed by a pointer", chain(length, string(b"x"))
    yield "a pointer into the middle of a label, where octets of a name stand", message(
        0, [q((b"\x03cam\x05local\0", b"x"), A), q(pointer(13), AAAA)])
    yield "a pointer into the data of TXT, where octets of a name stand", message(
        RESPONSE, answers=[r(".", TXT, txt(flat(name(HOST)))), r(pointer(24), A, a(7))])
    yield "a pointer to the zero octet of a question's type, which is a root", message(
        RESPONSE, [q("cam", A)], [r(pointer(17), A, a(7))])
    yield "a pointer from data to its own record's name", message(
        RESPONSE, answers=[r(HOST, NSEC, pointer(HEADER), bitmap(A))])
    yield "a pointer from data into the same data", message(
        RESPONSE, answers=[r(".", SOA, flat(name("ns.example.com")), b"\x04mail" + pointer(26), bytes(20))])
    yield "a pointer from a name into the data before it", message(
        RESPONSE, answers=[r("_http._tcp.local", PTR, CAM), r(CAM, SRV, *srv(80, HOST)), r(HOST, A, a(7))])
    yield "upper case is pointed to and stays", message(
        RESPONSE, answers=[r("Kitchen-Cam.Local", A, a(7)), r(pointer(HEADER), AAAA, aaaa(7))])
    for rtype in sorted(COMPRESSED - {SOA, MINFO, MX, SRV, NSEC}):
        yield f"type {rtype}: a pointer alone as data", message(
            RESPONSE, [q("example.com", rtype)], [r("www.example.com", rtype, name("example.com"))])


def chain(length, label=b""):
    """A record whose owner is a label and the last of so many pointers. Each of them leads to the one before, the first
    to a root label, and `label` stands before each; all of it is in the data of an opaque record."""
    start = HEADER + len(b"\0") + 10
    links, last = b"\0", start
    for _ in range(length - 1):
        here = start + len(links)
        links += label + pointer(last)
        last = here
    return message(RESPONSE, answers=[r(".", PRIVATE, links), r(string(b"a") + pointer(last), A, a(1))])


def relay(length):
    """A question, and so many behind it whose names are pointers, each to the name before."""
    second = HEADER + len(flat(name(HOST))) + 4
    offsets = [HEADER, *range(second, second + 6 * (length - 1), 6)]
    return message(0, [q(HOST, A), *(q(pointer(offset), AAAA) for offset in offsets)])


def data():
    www, mail = name("www.example.com"), name("mail.example.com")
    service = name("_http._tcp.example.com")
    kinds = [
        ("A", A, [a(7)]),
        ("NS", NS, [www]),
        ("MD", MD, [mail]),
        ("MF", MF, [mail]),
        ("CNAME", CNAME, [www]),
        ("SOA", SOA, [*soa("ns.example.com", "hostmaster.example.com")]),
        ("MB", MB, [mail]),
        ("MG", MG, [mail]),
        ("MR", MR, [mail]),
        ("NULL", NULL, [b"\x07anything"]),
        ("PTR", PTR, [www]),
        ("HINFO", HINFO, [string(b"CAM-1"), string(b"")]),
        ("MINFO", MINFO, [mail, www]),
        ("MX", MX, [b"\x00\x0a", mail]),
        ("TXT", TXT, [txt(b"a=b", b"", b"c")]),
        ("RP", RP, [mail, www]),
        ("AFSDB", AFSDB, [b"\0\1", www]),
        ("RT", RT, [b"\0\1", www]),
        ("PX", PX, [b"\0\1", www, mail]),
        ("AAAA", AAAA, [aaaa(7)]),
        ("SRV", SRV, srv(8080, "www.example.com", 10, 20)),
        ("NAPTR", NAPTR, [struct.pack("!HH", 100, 10), string(b"S"), string(b"http+I2R"), string(b""), service]),
        ("NAPTR with an expression", NAPTR, [
            struct.pack("!HH", 1, 1), string(b"u"), string(b"E2U+sip"), string(b"!^.*$!sip:a@example.com!"), ()]),
        ("DNAME", DNAME, [www]),
        ("DS", DS, [struct.pack("!HBB", 4711, 13, 2), bytes(range(32))]),
        ("RRSIG", RRSIG, [struct.pack("!HBBIIIH", A, 13, 3, 300, 1735689600, 1733097600, 4711), name("example.com"),
                          bytes(range(64))]),
        ("NSEC", NSEC, [www, bitmap(A, AAAA, RRSIG, NSEC)]),
        ("DNSKEY", DNSKEY, [struct.pack("!HBB", 257, 3, 13), bytes(range(64))]),
        ("TLSA", TLSA, [bytes([3, 1, 1]), bytes(range(32))]),
        ("SVCB", SVCB, [b"\0\1", www, struct.pack("!HH", 1, 3), string(b"h2"), struct.pack("!HHH", 3, 2, 8443)]),
        ("SVCB as an alias", SVCB, [b"\0\0", www]),
        ("HTTPS", HTTPS, [b"\0\1", (), struct.pack("!HH", 1, 3), string(b"h3"), struct.pack("!HH", 4, 4), a(7),
                          struct.pack("!HH", 6, 16), aaaa(7)]),
        ("URI", URI, [struct.pack("!HH", 1, 2), b"https://www.example.com/"]),
        ("CAA", CAA, [b"\x80", string(b"issue"), b"ca.example.net; policy=ev"]),
        ("type 11", 11, [a(7), b"\x06\x40"]),
        ("type 65280", PRIVATE, [flat(www)]),
        ("type 65535", 65535, [b"\xff"]),
        ("type 0", 0, [b"\0"]),
    ]
    for what, rtype, parts in kinds:
        record = r("www.example.com", rtype, *parts, ttl=300)
        yield f"{what}, in the answer section", message(RESPONSE, [q("example.com", rtype)], [record])
        yield f"{what}, no name compressed, cache-flush, then another", message(
            RESPONSE, answers=[record._replace(rclass=IN | FLUSH), r("www.example.com", A, a(8))], compress=False)
    # The contract has these names as they came, also where senders compress them against RFC 3597.
    for what, rtype, parts in kinds:
        if what in ("RP", "AFSDB", "RT", "PX", "NAPTR"):
            yield f"{what}, names in its data compressed and left so", message(
                RESPONSE, [q("example.com", rtype)], [r("www.example.com", rtype, *parts)], compress_all=True)
    for what, parts in [
        ("windows 0, 1 and 255", bitmap(A, AAAA, URI, CAA, 65535)),
        ("a window of 32 octets", bitmap(A, ANY)),
        ("the lowest and the highest type of a window", bitmap(0, 7, 8, 255)),
        ("no types at all", b""),
    ]:
        yield f"NSEC with {what}", message(RESPONSE, answers=[r(HOST, NSEC, name(HOST), parts)])
    yield "NSEC whose next name is another one, compressed", message(
        RESPONSE, answers=[r(HOST, NSEC, name("attic-fan.local"), bitmap(A))])
    yield "SRV to the root: decidedly no service", message(RESPONSE, answers=[r(CAM, SRV, *srv(0, "."))])
    yield "SRV with every field at its end", message(
        RESPONSE, answers=[r(CAM, SRV, *srv(0xFFFF, HOST, 0xFFFF, 0xFFFF))])
    # P22
    for what, octets in [
        ("one empty string", b"\0"),
        ("empty strings between others", txt(b"", b"a=1", b"", b"")),
        ("=x, a key alone, the same key twice", txt(b"=x", b"key", b"a=1", b"A=2")),
        ("a string of 255 octets", txt(b"v" * 255)),
        ("octets that are no text", txt(b"bin=" + bytes(range(0xF0, 0x100)))),
    ]:
        yield f"P22: TXT, {what}", message(RESPONSE, answers=[r(CAM, TXT, octets, ttl=4500)])


def edns():
    for what, options in [
        ("no option", []),
        ("NSID asked for", [option(3)]),
        ("owner of a sleeping host", [option(4, bytes([0, 7, 2, 0, 0, 0x5E, 0, 0x53, 2, 2, 0, 0, 0x5E, 0, 0x53, 3]))]),
        ("client subnet", [option(8, struct.pack("!HBB", 1, 24, 0) + a(0)[:3])]),
        ("a cookie", [option(10, bytes(range(8)))]),
        ("padding of 64", [option(12, bytes(64))]),
        ("unknown options, the first of them empty", [option(65001), option(65534, b"\xc0\x0c")]),
        ("the same option twice", [option(12, b"\0"), option(12)]),
    ]:
        yield f"P26: OPT with {what}", message(RD, [q("example.com", A)], additionals=[opt(*options)])
    for size in 0, 511, 512, 0x7FFF, 0x8000, 0xFFFF:
        yield f"OPT, a size of {size}: no class and no flush bit", message(0, additionals=[opt(size=size)])
    for ttl in 0x00008000, 0x7FFFFFFF, 0x80000000, 0xFF018000, 0xFFFFFFFF:
        yield f"OPT, flags {ttl:#010x}: no TTL", message(0, additionals=[opt(ttl=ttl)])
    yield "P26: OPT twice", message(0, additionals=[opt(option(3)), opt(size=512)])
    yield "P26: OPT not at the root", message(0, additionals=[opt(option(3), owner=HOST)])
    yield "P26: OPT among the answers, and records behind it", message(
        RESPONSE, answers=[r(HOST, A, a(7)), opt(ttl=0x80000001), r(HOST, AAAA, aaaa(7))])


def times_and_classes():
    for ttl in TTLS:
        yield f"TTL {ttl:#010x}", message(RESPONSE, answers=[r(HOST, A, a(7), ttl=ttl)])
    for rclass in [0, 2, 3, 4, 254, 255, 0x7FFF, FLUSH, FLUSH | CH, FLUSH | ANY_CLASS, 0xFFFF]:
        yield f"a record of class {rclass}", message(
            RESPONSE, answers=[r(HOST, A, a(7), rclass=rclass), r(HOST, TXT, txt(b"x"), rclass=rclass)])
    # By type alone: the layout is the same in every class that has the type at all.
    for rclass in [CH, NONE, FLUSH | CH]:
        yield f"names in data, class {rclass}", message(RESPONSE, answers=[
            r("example.com", NS, name("ns.example.com"), rclass=rclass),
            r("example.com", MX, b"\0\1", name("mail.example.com"), rclass=rclass),
            r("_http._tcp.example.com", SRV, *srv(80, "www.example.com"), rclass=rclass)])
    # P18
    whole = message(RESPONSE, answers=[r(HOST, A, a(7))])
    for what, behind in [
        ("one octet", b"\0"), ("an octet of a pointer", b"\xc0"), ("a pointer forwards", b"\xff\xff"),
        ("a whole message", whole), ("a record that nobody counts", whole[HEADER:]), ("200 octets", b"\xa5" * 200),
    ]:
        yield f"P18: {what} behind the last record", whole + behind
    yield "P18: octets behind a header that counts nothing", message(0, behind=b"\x03cam\0\0\1\0\1")
    yield "P18: fewer counted than there are", message(
        RESPONSE, [q(HOST, A)], [r(HOST, A, a(n)) for n in range(3)], counts=[None, 2, None, None])


def long_ones():
    # P17
    yield "P17: 256 questions", message(0, [q(".", n) for n in range(256)])
    yield "256 records, each with the same name", message(
        RESPONSE, answers=[r(HOST, A, a(n), rclass=IN | FLUSH) for n in range(256)])
    yield "300 records without data", message(RESPONSE, answers=[r(".", PRIVATE, ttl=n) for n in range(300)])
    yield "60 instances in three sections", message(
        RESPONSE, [], *[[r("_http._tcp.local", PTR, (b"Fan %d" % n, *name("_http._tcp.local")), ttl=4500)
                         for n in range(part, part + 20)] for part in (0, 20, 40)])
    # Names that differ from their first label to their last, so that nothing in them can be pointed to; then data up to
    # the last offset that a pointer can tell.
    long_names = [tuple(b"%c%d" % (65 + part, n) + b"k" * 55 for part in range(4)) for n in range(67)]
    filled = HEADER + sum(len(flat(labels)) + 4 for labels in long_names)
    lamp = (b"Lamp", *name("_http._tcp.example.com"))
    yield "more than 16 KiB: a name at the last octet to point to, and names behind it in full", message(
        RESPONSE, [q(labels, A) for labels in long_names],
        [r(".", PRIVATE, b"\xa5" * (LAST_POINTER - filled - 11)), r("cam.local", A, a(1)), r("cam.local", A, a(2)),
         r("fan.cam.local", A, a(3)), r("fan.cam.local", PTR, name("cam.local")), r(lamp, A, a(4)), r(lamp, PTR, lamp),
         r(long_names[0], A, a(5)), r(long_names[66], PTR, long_names[0])])


def drawn():
    """Messages as they could come from a link, drawn by lot."""
    draw = random.Random(SEED)
    for number in range(DRAWN):
        yield f"drawn by lot, {number}", message(
            draw.choice([0, 0, TC, RESPONSE, RESPONSE, QR | RD | RA, draw.randrange(0x10000)]),
            [drawn_question(draw) for _ in range(draw.choice([0, 1, 1, 2, 5]))],
            *[[drawn_record(draw) for _ in range(draw.choice([0, 0, 1, 2]))] for _ in range(3)],
            id=draw.choice([0, draw.randrange(0x10000)]), compress=draw.random() < 0.7)


def drawn_name(draw):
    service = name(draw.choice(SERVICES))
    return draw.choice([
        service,
        (draw.choice(INSTANCES), *service),
        name(draw.choice(DEVICES) + ".local"),
        name(draw.choice(DEVICES).upper() + ".example.com"),
        (draw.randbytes(draw.randint(1, 12)), b"local"),
    ])


def drawn_question(draw):
    qtype = draw.choice([A, AAAA, PTR, SRV, TXT, ANY, HTTPS, draw.randrange(0x10000)])
    return q(drawn_name(draw), qtype, draw.choice([IN, QU | IN, ANY_CLASS]))


def drawn_record(draw):
    target = drawn_name(draw)
    rtype, data = draw.choice([
        (A, [a(draw.randrange(256))]),
        (AAAA, [aaaa(draw.randrange(0x10000))]),
        (PTR, [target]),
        (CNAME, [target]),
        (NS, [target]),
        (SRV, srv(draw.randrange(0x10000), target)),
        (TXT, [txt(*(draw.randbytes(draw.randrange(20)) for _ in range(draw.randint(1, 4))))]),
        (NSEC, [target, bitmap(*draw.sample(range(1, 300), 4))]),
        (MX, [b"\0\5", target]),
        (SOA, [target, drawn_name(draw), draw.randbytes(20)]),
        (draw.randrange(PRIVATE, 0x10000), [draw.randbytes(draw.randrange(30))]),
    ])
    return r(drawn_name(draw), rtype, *data, ttl=draw.choice(TTLS), rclass=draw.choice([IN, FLUSH | IN]))
