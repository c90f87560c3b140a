//! Reads any octets as NSEC data, and builds type bitmaps.
//!
//! What must hold: data reads when a naive walk over its name and windows allows it, and not otherwise; `iter` ascends
//! and agrees with `has`; a bitmap that is built of any types, in any order and with repetitions, has those and no
//! others, in the least octets; in a buffer that is too small it is an error, and nothing is cut.

#![no_main]

use std::collections::BTreeSet;

use dotlocal::wire::{BuildError, Fault, Nsec, Type, TypeBitmap};
use dotlocal_fuzz::{TypedRecord, Walked, check_data, typed_message, types_in};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Some(typed) = TypedRecord::of(Type::NSEC, input) else { return };
    let message = typed_message(Type::NSEC, input[0], typed.data);
    typed.read(|record| {
        check_data(record);
        // The neighbour behind the data takes 16 octets.
        let (start, end) = (message.len() - 16 - typed.data.len(), message.len() - 16);
        let name = Walked::new(&message, start).filter(|name| name.is_lawful() && name.end <= end);
        let windows = name.as_ref().map(|name| &message[name.end..end]);
        let types = windows.and_then(types_in);
        match record.read::<Nsec<'_>>() {
            Ok(nsec) => {
                let nsec = nsec.unwrap();
                assert_eq!(nsec.next.labels().collect::<Vec<_>>(), name.unwrap().labels);
                assert!(nsec.types.iter().map(|rtype| rtype.0).eq(types.unwrap()));
                assert_eq!(nsec.types.as_octets(), windows.unwrap());
                let all: Vec<Type> = nsec.types.iter().collect();
                build(&all);
            }
            Err(error) => {
                assert!(types.is_none());
                assert_eq!(error.fault() == Fault::Bitmap, name.is_some());
            }
        }
    });
    let types: Vec<Type> =
        typed.data.chunks_exact(2).map(|two| Type(u16::from_be_bytes([two[0], two[1]]))).collect();
    build(&types);
});

fn build(types: &[Type]) {
    let expected: BTreeSet<u16> = types.iter().map(|rtype| rtype.0).collect();
    let mut buf = vec![0; 256 * 34];
    let built = TypeBitmap::build(&mut buf, types).unwrap();
    let octets = built.as_octets();
    assert!(built.iter().map(|rtype| rtype.0).eq(expected.iter().copied()));
    assert_eq!(types_in(octets), Some(expected.clone()));
    let windows: BTreeSet<u16> = expected.iter().map(|rtype| rtype >> 8).collect();
    let last_of =
        |window: u16| usize::from(*expected.range(..=window << 8 | 0xFF).next_back().unwrap() & 0xFF);
    assert_eq!(octets.len(), windows.iter().map(|&window| 2 + last_of(window) / 8 + 1).sum::<usize>());
    let mut exact = vec![0; octets.len()];
    assert_eq!(TypeBitmap::build(&mut exact, types).map(|bitmap| bitmap.as_octets()), Ok(octets));
    if let Some(small) = octets.len().checked_sub(1) {
        assert_eq!(TypeBitmap::build(&mut exact[..small], types), Err(BuildError::DoesNotFit));
    }
}
