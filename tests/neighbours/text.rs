//! What programs print, read independently of the crate.

use std::net::IpAddr;

use serde_json::Value;

/// `Kitchen\032Cam` as `Kitchen Cam`: the escapes `\DDD` and `\X` of the presentation format resolved.
pub fn plain(text: &str) -> String {
    let mut octets = Vec::new();
    let mut pieces = text.split('\\');
    octets.extend(pieces.next().unwrap_or_default().bytes());
    while let Some(piece) = pieces.next() {
        let digits = piece.get(..3).filter(|digits| digits.bytes().all(|octet| octet.is_ascii_digit()));
        match digits.and_then(|digits| digits.parse::<u8>().ok()) {
            Some(octet) => octets.extend([octet].iter().chain(&piece.as_bytes()[3..])),
            // An escaped backslash: what follows it is plain.
            None if piece.is_empty() => {
                octets.extend(b"\\".iter().chain(pieces.next().unwrap_or_default().as_bytes()))
            }
            None => octets.extend(piece.bytes()),
        }
    }
    String::from_utf8_lossy(&octets).into_owned()
}

/// Whether the `addresses` of a JSON line are `wanted`, in any order and whatever their scopes.
pub fn has_addresses(line: &Value, wanted: &[IpAddr]) -> bool {
    let texts = line["addresses"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let mut found: Vec<IpAddr> = texts.filter_map(|text| text.split('%').next()?.parse().ok()).collect();
    let mut wanted = wanted.to_vec();
    found.sort();
    wanted.sort();
    found == wanted
}

/// `1.0.77.10.in-addr.arpa` (RFC 1035 section 3.5), or the same of IPv6 (RFC 3596 section 2.5).
pub fn reverse(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => {
            let [a, b, c, d] = address.octets();
            format!("{d}.{c}.{b}.{a}.in-addr.arpa")
        }
        IpAddr::V6(address) => {
            let digits = format!("{:032x}", address.to_bits());
            digits.chars().rev().map(|digit| format!("{digit}.")).collect::<String>() + "ip6.arpa"
        }
    }
}

#[test]
fn escapes_are_resolved() {
    assert_eq!(plain(r"Kitchen\032Cam._http._tcp.local"), "Kitchen Cam._http._tcp.local");
    assert_eq!(plain(r"B\195\188ro\0322\.0 \\ \\\\"), r"Büro 2.0 \ \\");
}
