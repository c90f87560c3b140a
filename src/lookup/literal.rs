//! Addresses as text (RFC 4291 section 2.2, RFC 6943 section 3.1.1), read as the standard library reads them, but without
//! its panic paths.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The address that a text is, as a whole.
pub(super) fn address(text: &str) -> Option<IpAddr> {
    let text = text.as_bytes();
    v4(text).map(IpAddr::V4).or_else(|| v6(text).map(IpAddr::V6))
}

/// Four numbers without leading zeros: what has those was octal once.
fn v4(text: &[u8]) -> Option<Ipv4Addr> {
    let (mut octets, mut parts) = ([0; 4], text.split(|octet| *octet == b'.'));
    for octet in &mut octets {
        let part = parts.next()?;
        let is_short = part.len() == 1 || matches!(part, [b'1'..=b'9', _] | [b'1'..=b'9', _, _]);
        *octet = number(part, 10).filter(|_| is_short)?.try_into().ok()?;
    }
    parts.next().is_none().then(|| octets.into())
}

fn v6(text: &[u8]) -> Option<Ipv6Addr> {
    let mut octets = [0; 16];
    let gap = text.windows(2).position(|pair| pair == b"::");
    let Some(gap) = gap else {
        return (groups(text, &mut octets)? == octets.len()).then(|| octets.into());
    };
    let (mut tail, behind) = ([0; 16], text.get(gap + 2..)?);
    let (before, behind) = (groups(text.get(..gap)?, &mut octets)?, groups(behind, &mut tail)?);
    // Two colons stand for one group at least.
    if before + behind > octets.len() - 2 {
        return None;
    }
    let slots = octets.iter_mut().rev().zip(tail.iter().take(behind).rev());
    slots.for_each(|(slot, octet)| *slot = *octet);
    Some(octets.into())
}

/// Reads groups between colons, the last one perhaps as an IPv4 address; how many octets they make.
fn groups(text: &[u8], octets: &mut [u8; 16]) -> Option<usize> {
    let (mut at, mut parts) = (0, text.split(|octet| *octet == b':').peekable());
    if text.is_empty() {
        return Some(0);
    }
    while let Some(part) = parts.next() {
        let is_last = parts.peek().is_none();
        if let Some(v4) = v4(part).filter(|_| is_last) {
            *octets.get_mut(at..)?.first_chunk_mut()? = v4.octets();
            return Some(at + 4);
        }
        if part.len() > 4 {
            return None;
        }
        *octets.get_mut(at..)?.first_chunk_mut()? = number(part, 16)?.to_be_bytes();
        at += 2;
    }
    Some(at)
}

/// Digits, one at least and of at most 16 bits in all.
fn number(digits: &[u8], radix: u16) -> Option<u16> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u16, |number, digit| {
        let digit = char::from(*digit).to_digit(radix.into())?;
        number.checked_mul(radix)?.checked_add(digit as u16)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn text_is_read_as_the_standard_library_reads_it(
            text in "([0-9]{1,3}[.:]){0,3}[0-9a-fA-F:.]{0,20}|[0-9a-f:]{0,40}|([0-9a-f]{0,4}:){1,8}([0-9]{1,3}[.]){3}[0-9]{1,3}|.{0,8}"
        ) {
            prop_assert_eq!(address(&text), text.parse().ok());
        }

        #[test]
        fn every_address_comes_back_from_its_text(octets: [u8; 16], zeros in 0_u16..=255, v4: [u8; 4]) {
            // Zeros in a row are what colons stand for.
            let mut octets = octets;
            for group in (0..8).filter(|group| zeros >> group & 1 == 1) {
                octets[2 * group..2 * group + 2].fill(0);
            }
            for ip in [IpAddr::from(octets), v4.into()] {
                prop_assert_eq!(address(&std::format!("{ip}")), Some(ip));
            }
        }
    }

    #[test]
    fn what_is_nearly_an_address_is_none() {
        for text in [
            "",
            ".",
            ":",
            ":::",
            "1:2:3:4:5:6:7:8:9",
            "1:2:3:4:5:6:7::8:9",
            "::1::",
            "1.2.3",
            "1.2.3.4.5",
            "01.2.3.4",
            "256.1.1.1",
            "1.2.3.4 ",
            "+1.2.3.4",
            "::12345",
            "::g",
            "1:2:3:4:5:6:7:1.2.3.4",
            "::1.2.3.4:5",
            "1::2:3:4:5:6:7:8",
        ] {
            assert_eq!((address(text), text.parse::<IpAddr>().ok()), (None, None), "{text}");
        }
    }
}
