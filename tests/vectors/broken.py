"""Messages with something wrong in them: (what it is, octets). P1 to P23 are classes of defects that shipped DNS
software really had."""

import random
import struct

import sound
from compose import *
from sound import CAM, HOST, LONGEST

SEED = 1035


def frames():
    """Header, owner names, counts or RDLENGTH are broken, and with them the message."""
    for part in [lengths, counts, pointers, labels, rdlengths, cuts]:
        yield from part()


def lengths():
    whole = message(RESPONSE, [q(HOST, A)])
    for length in range(12):
        yield f"P14: {length} octets", whole[:length]


def counts():
    for section in range(4):
        only = [0] * 4
        for count in 1, 256, 0xFFFF:
            only[section] = count
            yield f"P15: a header alone, count {section} is {count}", message(0, counts=only)
    yield "P15: a header alone, every count 65535", message(0, counts=[0xFFFF] * 4)
    record = [r(HOST, A, a(7))]
    for section in range(4):
        told = [None] * 4
        told[section] = 2
        yield f"P16: count {section} is one too many", message(
            RESPONSE, [q(HOST, A)], record, record, record, counts=told)
    yield "P16: a count too many, and octets behind that are no record", message(
        RESPONSE, answers=record, counts=[None, 2, None, None], behind=b"\x03cam\0\0\1")
    yield "P16: a question that is counted as a record", message(0, [q(HOST, A)], counts=[0, 1, 0, 0])
    yield "P17: 256 questions counted, 255 there", message(0, [q(".", n) for n in range(255)], counts=[256, 0, 0, 0])
    yield "P17: 65535 questions counted, 255 there", message(
        0, [q(".", n) for n in range(255)], counts=[0xFFFF, 0, 0, 0])
    yield "P17: 256 questions counted, then a record", message(0, [], record, counts=[256, None, None, None])
    yield "P17: 257 records counted, one there", message(RESPONSE, answers=record, counts=[None, 257, None, None])


def pointers():
    """The first name stands at octet 12; behind a question for HOST the next one stands at 35."""
    first, second = HEADER, 35

    def at_first(octets):
        return message(0, [q(octets, A)])

    def at_second(octets):
        return message(RESPONSE, [q(HOST, A)], [r(octets, A, a(7))])

    def in_data(octets, start):
        """The octets stand at 23, as the data of an opaque record; the next owner is a pointer to `start`."""
        return message(RESPONSE, answers=[r(".", PRIVATE, octets), r(pointer(start), A, a(7))])

    yield "P1: a pointer to itself, question", at_first(pointer(first))
    yield "P1: a pointer to itself, record", at_second(pointer(second))
    yield "P1: a pointer to its own second octet", at_second(pointer(second + 1))
    yield "P1: two pointers to each other", message(0, [q(pointer(18), A), q(pointer(first), A)])
    yield "P1: a label and a pointer back to it", at_first(b"\x03cam" + pointer(first))
    yield "P1: two labels and a pointer to the second", at_first(b"\x03cam\x05local" + pointer(16))
    yield "P1: a label and a pointer back to it, record", at_second(b"\x03cam" + pointer(second))
    yield "P1: two labels with pointers to each other, in data", in_data(
        b"\x03cam" + pointer(29) + b"\x03fan" + pointer(23), 29)
    yield "P2: a ring of three pointers", message(0, [q(pointer(24), A), q(pointer(first), A), q(pointer(18), A)])
    yield "P2: a ring of three pointers, in data", in_data(pointer(27) + pointer(23) + pointer(25), 25)
    yield "P3: a pointer forwards, to a name that is there", message(0, [q(pointer(18), A), q(HOST, A)])
    yield "P3: a pointer to the octet behind it", at_first(pointer(first + 2))
    yield "P3: a pointer behind a label, forwards", at_first(b"\x03cam" + pointer(22) + b"\0\0\0\0\0")
    yield "P3: a pointer to the message's last octet", at_second(pointer(second + 2 + 10 + 3))
    yield "P3: a pointer to the message's end", at_second(pointer(second + 2 + 10 + 4))
    yield "P3: a pointer past the message's end", at_second(pointer(0x1000))
    yield "P3: a pointer as far as pointers go", at_second(pointer(0x3FFF))
    yield "P3: a pointer forwards behind one that goes back", message(
        0, [q(b"\x03cam" + pointer(28), A), q(pointer(first), A), q(HOST, A)])
    yield "P3: a pointer back to a pointer that goes forwards, in data", in_data(pointer(25) + flat(name(HOST)), 23)
    yield "P3: a pointer into a label of its own name", at_first(string(b"\x03cam\0") + pointer(first + 1))
    for offset in range(first):
        # Most octets of this header are zero, which would be a root.
        yield f"P4: a pointer to octet {offset} of the header", at_second(pointer(offset))
    yield "P4: labels, then a pointer into the header", at_first(b"\x03cam" + pointer(4))
    yield "P4: a pointer to a pointer into the header", message(0, [q(pointer(4), A), q(pointer(first), A)])
    whole = message(0, [q(HOST, A), q(HOST, AAAA)])
    yield "P5: the message ends in a pointer's first octet", whole[:-5]
    yield "P5: the message ends in a pointer's first octet, behind a label", at_first(b"\x03cam\xc0")[:-4]
    yield "P5: the message ends in a pointer's first octet, record", at_second(b"\xc0")[:second + 1]
    yield "P6: 400 pointers, one to the other", sound.chain(400)
    yield "P6: 1000 pointers, one to the other", sound.chain(1000)
    yield "P6: 400 names, each a pointer to the pointer before", sound.relay(400)


def labels():
    def asked(octets):
        return message(0, [q(octets, A)])

    for what, octets in [
        ("256 octets in four labels", LONGEST[:3] + (b"e" * 62,)),
        ("256 octets, the last label of one octet", LONGEST[:3] + (b"e" * 60, b"z")),
        ("257 octets in 128 labels", (b"k",) * 128),
        ("five labels of 63 octets", (b"k" * 63,) * 5),
    ]:
        yield f"P7: {what}, question", asked(octets)
        yield f"P7: {what}, record", message(RESPONSE, answers=[r(octets, A, a(7))])
    yield "P7: 256 octets by a pointer", message(
        RESPONSE, [q(LONGEST[1:], A)], [r(string(b"k" * 62) + string(b"x") + pointer(HEADER), A, a(7))])
    yield "P7: 256 octets by a pointer, the second time only", message(
        RESPONSE, [q(LONGEST, A), q(pointer(HEADER), A)], [r(string(b"x") + pointer(HEADER), A, a(7))])
    yield "P7: names that grow by a label of 63 with each record", message(
        RESPONSE, [q((b"k" * 63,), A)],
        [r(string(b"g" * 63) + pointer(HEADER if n == 0 else 81 + 80 * (n - 1)), A, a(n)) for n in range(5)])
    for first in 0x40, 0x41, 0x7F, 0x80, 0xA0, 0xBF:
        octets = bytes([first])
        yield f"P8: label type {first:#04x}, first in a question", asked(octets + b"cam" * 70 + b"\0")
        yield f"P8: label type {first:#04x}, behind a label", asked(b"\x03cam" + octets + bytes(200))
        yield f"P8: label type {first:#04x}, record", message(
            RESPONSE, [q(HOST, A)], [r(octets + b"k" * 191 + b"\0", A, a(7))])
    yield "P8: label type 0x40 behind a pointer", message(
        RESPONSE, answers=[r(".", PRIVATE, b"\x40\0"), r(pointer(23), A, a(7))])
    yield "P9: a label of 64 octets", asked(b"\x40" + b"k" * 64 + b"\0")
    yield "P9: a label longer than the message", asked(b"\x3fcam\0")
    yield "P9: a name without a root label", asked(b"\x03cam\x05local")[:-4]
    yield "P9: a name whose root label is the next field's octet", asked(b"\x03cam\x05local")
    yield "P9: labels of 63 up to the message's end", message(
        0, counts=[1, 0, 0, 0], behind=string(b"k" * 63) * 3)


def rdlengths():
    for length in 5, 0xFF, 0x0400, 0x7FFF, 0x8004, 0xFFFF:
        whole = message(RESPONSE, answers=[r(HOST, A, a(7))])
        yield f"P19: RDLENGTH {length} with 4 octets left", whole[:-6] + struct.pack("!H", length) + a(7)
    whole = message(RESPONSE, answers=[r(HOST, A, a(7)), r(HOST, AAAA, aaaa(7)), r(HOST, TXT, txt(b"x"))])
    first = HEADER + len(flat(name(HOST))) + 8
    for length in 3, 5, 0, 0x8004:
        yield f"P19: RDLENGTH {length} of the first of three records", \
            whole[:first] + struct.pack("!H", length) + whole[first + 2:]
    yield "P19: RDLENGTH 1 and nothing left", message(RESPONSE, answers=[r(HOST, A)])[:-1] + b"\1"
    yield "P19: RDLENGTH past the end, opaque", message(RESPONSE, answers=[r(HOST, PRIVATE, b"x")])[:-1]
    yield "P19: RDLENGTH past the end, OPT", message(0, additionals=[opt(option(12, bytes(8)))])[:-1]


def cuts():
    """P10, P16: one message, cut at every kind of place: what stood behind is not there."""
    whole = message(RESPONSE, [q(HOST, ANY)], [r(CAM, SRV, *srv(80, HOST)), r(HOST, A, a(7))],
                    [r(HOST, NSEC, name(HOST), bitmap(A))], [opt(option(12, bytes(4)))])
    length = len(flat(name(HOST)))
    question = HEADER + length
    owner = question + 4
    for what, at in [
        ("behind the header", HEADER),
        ("behind a label's length", HEADER + 1),
        ("inside a label", HEADER + 5),
        ("between labels", HEADER + 12),
        ("before a root label", question - 1),
        ("behind a question's name", question),
        ("inside a question's type", question + 1),
        ("behind a question's type", question + 2),
        ("inside a question's class", question + 3),
        ("behind the questions", owner),
        ("inside an owner's label", owner + 4),
    ]:
        yield f"P10: cut {what}", whole[:at]
    fields = whole.index(struct.pack("!HHI", SRV, IN, 120))
    for what, at in [
        ("behind an owner", 0), ("inside a type", 1), ("behind a type", 2), ("inside a class", 3),
        ("behind a class", 4), ("inside a TTL", 6), ("behind a TTL", 8), ("inside RDLENGTH", 9),
        ("behind RDLENGTH", 10), ("inside data", 13), ("before a name in data", 16),
        ("inside a pointer in data", 17), ("behind a record, one more counted", 18),
        ("inside a pointer of an owner", 19), ("behind a pointer of an owner", 20), ("inside the last answer", 31),
        ("behind the answers", 34), ("inside an authority", 40),
    ]:
        yield f"P10: cut {what}", whole[:fields + at]
    for octets in 1, 4, 8, 9, 12, 17:
        yield f"P10: cut {octets} octets before the end", whole[:-octets]


def data():
    """The frame is sound, the data of one record is not: it is shown as it came, and the record behind it stands.

    Names in it are not compressed: how far a reader expands broken data is its own affair.
    """
    # RFC 3597 section 4 forbids pointers here, and dnspython refuses them; the contract has this data as it came.
    target = name("www.example.com")
    for what, rtype, parts in [
        ("DNAME", DNAME, [target]),
        ("SVCB", SVCB, [b"\0\1", target]),
        ("HTTPS", HTTPS, [b"\0\1", target, struct.pack("!HHH", 3, 2, 8443)]),
        ("RRSIG", RRSIG, [struct.pack("!HBBIIIH", A, 13, 3, 300, 1735689600, 1733097600, 4711), target, bytes(8)]),
    ]:
        yield f"data: {what}, its name compressed", message(
            RESPONSE, [q(target, rtype)], [r(target, rtype, *parts), r(target, A, a(9))], compress_all=True)
    www = flat(target)
    for what, rtype, octets in [
        ("P20: A of 3 octets", A, a(7)[:3]),
        ("P20: A of 5 octets", A, a(7) + b"\0"),
        ("P20: A of 16 octets", A, aaaa(7)),
        ("P20: AAAA of 4 octets", AAAA, a(7)),
        ("P20: AAAA of 15 octets", AAAA, aaaa(7)[:15]),
        ("P20: AAAA of 17 octets", AAAA, aaaa(7) + b"\0"),
        ("P20: SRV of 1 octet", SRV, b"\0"),
        ("P20: SRV of 5 octets", SRV, bytes(5)),
        ("P20: SRV of 6 octets, no target", SRV, struct.pack("!3H", 0, 0, 80)),
        ("P20: SRV with octets behind its target", SRV, struct.pack("!3H", 0, 0, 80) + www + b"\0"),
        ("P20: MX of 2 octets", MX, b"\0\1"),
        ("P20: PTR with octets behind its name", PTR, www + b"\1"),
        ("P20: SOA without its numbers", SOA, www + www),
        ("P20: SOA with one number less", SOA, www + www + bytes(16)),
        ("P20: MINFO of one name", MINFO, www),
        ("P21: NSEC, a bitmap of 0 octets", NSEC, www + b"\0\0"),
        ("P21: NSEC, a bitmap of 33 octets", NSEC, www + b"\0\x21" + b"\x40" * 33),
        ("P21: NSEC, a bitmap past the end", NSEC, www + b"\0\x04\x40"),
        ("P21: NSEC, a window without a length", NSEC, www + b"\0"),
        ("P21: NSEC, windows that descend", NSEC, www + b"\1\1\x40\0\1\x40"),
        ("P21: NSEC, a window twice", NSEC, www + b"\0\1\x40\0\1\x40"),
        ("P22: TXT, a string past the end", TXT, b"\x03a=1\x05b=2"),
        ("P22: TXT, a length and nothing behind it", TXT, b"\x03a=1\x01"),
        ("P23: CNAME, a name that goes on behind the data", CNAME, www[:-1]),
        ("P23: PTR, a label that goes on behind the data", PTR, b"\x3fwww"),
        ("P23: SRV, a target that goes on behind the data", SRV, struct.pack("!3H", 0, 0, 80) + www[:-4]),
        ("P23: NSEC, a next name that goes on behind the data", NSEC, b"\x03cam"),
        ("P23: SOA, a mailbox that goes on behind the data", SOA, www + www[:-1]),
        ("P5: PTR, half a pointer", PTR, b"\xc0"),
        ("P1: CNAME, a pointer to itself", CNAME, pointer(45)),
        ("P3: CNAME, a pointer past the end", CNAME, pointer(0x3000)),
        ("P4: CNAME, a pointer into the header", CNAME, pointer(4)),
        ("P8: NS, label type 0x40", NS, b"\x40" + b"k" * 64 + b"\0"),
        ("P7: PTR, a name of 256 octets", PTR, flat(LONGEST[:3] + (b"e" * 62,))),
        ("P26: OPT, an option past the end", OPT, b"\0\x0c\0\x09" + bytes(8)),
        ("P26: OPT, half an option", OPT, b"\0\x0c\0"),
    ]:
        yield f"data: {what}", message(
            RESPONSE, [q(target, rtype)], [r(target, rtype, octets), r(target, A, a(9))])
    yield "data: P21: a bad NSEC between two good A", message(
        RESPONSE, answers=[r(HOST, A, a(1)), r(HOST, NSEC, flat(name(HOST)), b"\0\x40"), r(HOST, A, a(2))])


def mutants():
    """Sound messages with one octet changed, and cut, by lot; dnspython says what has become of them."""
    draw = random.Random(SEED)
    for about, whole in sound.drawn():
        if len(whole) <= HEADER:
            continue
        octets = bytearray(whole)
        at = draw.randrange(HEADER, len(octets))
        octets[at] = draw.choice([0, 0x3F, 0x40, 0xC0, 0xFF, octets[at] ^ 1 << draw.randrange(8)])
        if octets != whole:
            yield f"{about}, octet {at} changed", bytes(octets)
        yield f"{about}, cut by lot", whole[:draw.randrange(HEADER, len(whole))]
