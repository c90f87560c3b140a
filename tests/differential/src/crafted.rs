//! One message for each rule of the list that chance finds seldom, so that no change of the builder makes it idle.

/// Types and data, in hexadecimal digits.
const DATA: &[(u16, &str)] = &[
    // TXT without a string.
    (16, ""),
    // SVCB: the alias form with a parameter that is cut.
    (64, "0000 00 0003 0002 01"),
    // HTTPS: no mandatory key, keys that descend, the list itself.
    (65, "0001 00 0000 0000"),
    (65, "0001 00 0000 0004 0003 0001 0001 0003 026832 0003 0002 01bb"),
    (65, "0001 00 0000 0004 0000 0003 0003 0002 01bb"),
    // ALPN: none, one of no octets, one that is not UTF-8.
    (65, "0001 00 0001 0000"),
    (65, "0001 00 0001 0001 00"),
    (65, "0001 00 0001 0002 01ff"),
    // A port of three octets, hints without an address.
    (64, "0001 00 0003 0003 01bb00"),
    (64, "0001 00 0004 0000"),
    (64, "0001 00 0006 0000"),
    // ohttp with a value, and tls-supported-groups of half a group.
    (64, "0001 00 0008 0001 00"),
    (64, "0001 00 0009 0001 00"),
    // CAA without a tag, and with a tag of another character.
    (257, "00 00 6361"),
    (257, "00 03 612d62 6361"),
    // NSEC: windows that descend, without an octet, cut.
    (47, "00 01 01 40 00 01 40"),
    (47, "00 00 00"),
    (47, "00 00 04 40"),
];

/// The same for an OPT record among the additional records.
const OPTIONS: &[&str] = &[
    // Client subnet: a scope of 64 bits of an IPv4 address, a bit behind the prefix, an octet too many, no family.
    "0008 0007 0001 18 40 c00002",
    "0008 0007 0001 14 00 c0000f",
    "0008 0008 0001 18 00 c0000201",
    "0008 0004 0003 00 00",
    // An option that is cut.
    "000a 0008 3132",
    // DAU with an algorithm that few know.
    "0005 0002 08fd",
];

/// Whole messages.
const MESSAGES: &[&str] = &[
    // The second name is a pointer to a label in the first one that runs on over the pointer.
    "0000 0000 0002 0000 0000 0000 05 0b61626364 00 0001 0001 c00d 0001 0001",
];

pub(crate) fn messages() -> Vec<Vec<u8>> {
    let data = DATA.iter().map(|(rtype, data)| record(1, *rtype, 1, data));
    let options = OPTIONS.iter().map(|options| record(3, 41, 1232, options));
    data.chain(options).chain(MESSAGES.iter().map(|digits| octets(digits))).collect()
}

/// A message of one record of the root, in the section with that count: 1 for answers, 3 for additional records.
fn record(count: usize, rtype: u16, class: u16, data: &str) -> Vec<u8> {
    let mut words = [7, 0x8400, 0, 0, 0, 0];
    words[2 + count] = 1;
    let data = octets(data);
    let fields = [rtype, class, 0, 0, data.len() as u16];
    let [head, fields] =
        [words.as_slice(), &fields].map(|words| words.iter().flat_map(|word| word.to_be_bytes()));
    head.chain([0]).chain(fields).chain(data).collect()
}

fn octets(digits: &str) -> Vec<u8> {
    crate::messages::unhex(&digits.replace(' ', ""))
}
