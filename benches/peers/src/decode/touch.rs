//! How every decoder touches what it read: by the sum of the octets.

/// The sum of up to 256 octets, for labels, strings and addresses. Eight octets at a time and one body for all, lest
/// the touching hide what the decoding costs.
#[inline(never)]
pub(super) fn touch(octets: &[u8]) -> u64 {
    let (mut sum, mut rest) = (0, octets);
    while let (Some((&eight, behind)), 17..) = (rest.split_first_chunk::<8>(), rest.len()) {
        (sum, rest) = (sum + pairs(u64::from_le_bytes(eight)), behind);
    }
    if let (Some(&first), Some(&last), 9..) = (rest.first_chunk::<8>(), rest.last_chunk::<8>(), rest.len()) {
        let last = u64::from_le_bytes(last) >> (8 * (16 - rest.len()));
        return add_up(sum + pairs(u64::from_le_bytes(first)) + pairs(last));
    }
    // Octets in both halves fall on themselves.
    if let (Some(&first), Some(&last)) = (rest.first_chunk::<4>(), rest.last_chunk::<4>()) {
        let last = u64::from(u32::from_le_bytes(last)) << (8 * (rest.len() - 4));
        return add_up(pairs(last | u64::from(u32::from_le_bytes(first))));
    }
    rest.iter().map(|&octet| u64::from(octet)).sum()
}

/// The sum of any number of octets: for values and for raw data.
pub(super) fn touch_all(octets: &[u8]) -> u64 {
    octets.chunks(256).map(touch).sum()
}

/// The sums of each two of eight octets, in 16 bits each.
fn pairs(eight: u64) -> u64 {
    const EVEN: u64 = 0x00FF_00FF_00FF_00FF;
    (eight & EVEN) + (eight >> 8 & EVEN)
}

/// The sum of the four.
fn add_up(pairs: u64) -> u64 {
    pairs.wrapping_mul(0x0001_0001_0001_0001) >> 48
}

/// A label or a string of which the decoder gives the octets behind the length.
pub(super) fn touch_counted(octets: &[u8]) -> u64 {
    octets.len() as u64 + touch(octets)
}

/// The value of an option or a parameter, with its length.
pub(super) fn touch_value(octets: &[u8]) -> u64 {
    octets.len() as u64 + touch_all(octets)
}
