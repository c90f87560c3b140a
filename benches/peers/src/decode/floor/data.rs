//! The data of the record types.

use super::super::{HTTPS, MX, NS, NSEC, OPT, SOA, SVCB, touch, touch_all};
use super::{RUNS, name, word};

const A: u16 = 1;
const CNAME: u16 = 5;
const PTR: u16 = 12;
const TXT: u16 = 16;
const AAAA: u16 = 28;
const SRV: u16 = 33;

/// The types whose data is decoded.
pub const KNOWN: &[u16] = &[A, NS, CNAME, SOA, PTR, MX, TXT, AAAA, SRV, OPT, NSEC, SVCB, HTTPS];

/// Adds the data of a record, which reaches from `start` to `end`. Names in it end there, but pointers may lead them to
/// any earlier octet and from there past the end.
#[inline(always)]
pub(super) fn add<const TOUCH: u8>(
    rtype: u16,
    message: &[u8],
    start: usize,
    end: usize,
    sum: &mut u64,
) -> Option<()> {
    let data = message.get(start..end)?;
    // The name at `at`, which must be the last thing in the data.
    let last_name = |at, sum: &mut u64| (name::<TOUCH>(message, at, sum)? == end).then_some(());
    match rtype {
        A => *sum += touch(<&[u8; 4]>::try_from(data).ok()?),
        AAAA => *sum += touch(<&[u8; 16]>::try_from(data).ok()?),
        NS | CNAME | PTR => last_name(start, sum)?,
        MX => {
            let &[p0, p1] = data.first_chunk()?;
            *sum += word(p0, p1);
            last_name(start + 2, sum)?;
        }
        SRV => {
            let &[p0, p1, w0, w1, o0, o1] = data.first_chunk()?;
            *sum += word(p0, p1) + word(w0, w1) + word(o0, o1);
            last_name(start + 6, sum)?;
        }
        SOA => {
            let at = name::<TOUCH>(message, start, sum)?;
            let at = name::<TOUCH>(message, at, sum)?;
            let numbers = <&[u8; 20]>::try_from(message.get(at..end)?).ok()?.as_chunks().0;
            *sum += numbers.iter().map(|&four| u64::from(u32::from_be_bytes(four))).sum::<u64>();
        }
        TXT => {
            let mut rest = data;
            while let Some(&len) = rest.first() {
                let (string, behind) = rest.split_at_checked(1 + usize::from(len))?;
                if TOUCH != RUNS {
                    *sum += touch(string);
                }
                rest = behind;
            }
            if TOUCH == RUNS {
                *sum += touch_all(data);
            }
        }
        NSEC => {
            let at = name::<TOUCH>(message, start, sum)?;
            *sum += windows(message.get(at..end)?)?;
        }
        OPT => *sum += pairs(data, |_| true)?,
        SVCB | HTTPS => {
            let &[p0, p1] = data.first_chunk()?;
            // The name is never compressed in these: in the data alone, every pointer is out of bounds.
            let at = name::<TOUCH>(data, 2, sum)?;
            let mut above = None;
            *sum += word(p0, p1) + pairs(data.get(at..)?, |key| above.replace(key) < Some(key))?;
        }
        _ => *sum += touch_all(data),
    }
    Some(())
}

/// The sum of a bitmap's windows, which ascend and have 1 to 32 octets each.
#[inline(always)]
fn windows(mut rest: &[u8]) -> Option<u64> {
    let (mut sum, mut above) = (0, None);
    while let Some(&[window, len]) = rest.first_chunk() {
        if above.replace(window) >= Some(window) || !(1..=32).contains(&len) {
            return None;
        }
        let (octets, behind) = rest.split_at_checked(2 + usize::from(len))?;
        (sum, rest) = (sum + touch(octets), behind);
    }
    rest.is_empty().then_some(sum)
}

/// The sum of options or parameters: each two octets of key, two of length, and a value.
fn pairs(mut rest: &[u8], mut key_fits: impl FnMut(u64) -> bool) -> Option<u64> {
    let mut sum = 0;
    while let Some((&[k0, k1, l0, l1], behind)) = rest.split_first_chunk() {
        let (value, behind) = behind.split_at_checked(word(l0, l1) as usize)?;
        if !key_fits(word(k0, k1)) {
            return None;
        }
        sum += word(k0, k1) + word(l0, l1) + touch_all(value);
        rest = behind;
    }
    rest.is_empty().then_some(sum)
}
