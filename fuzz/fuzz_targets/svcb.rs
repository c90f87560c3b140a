//! Reads any octets as the data of SVCB and HTTPS records, and builds service parameters.
//!
//! What must hold: data reads when a naive walk over its name and parameters allows it, and not otherwise; both types
//! read alike; keys ascend, and a record is usable when it has its mandatory keys; the alias form shows no parameters;
//! what was read is built again to the same octets, and refused when it is built out of order or twice.

#![no_main]

use dotlocal::wire::{BuildError, SvcParam, SvcParamKey, SvcParams, Svcb, Type};
use dotlocal_fuzz::{TypedRecord, Walked, check_data, is_lawful_param, split_params, typed_message};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let mut read = Vec::new();
    for rtype in [Type::SVCB, Type::HTTPS] {
        let Some(typed) = TypedRecord::of(rtype, input) else { return };
        let expected = is_lawful(&typed_message(rtype, input[0], typed.data), typed.data.len());
        typed.read(|record| {
            check_data(record);
            let svcb = record.read::<Svcb<'_>>().map(Option::unwrap);
            assert_eq!(svcb.is_ok(), expected, "{svcb:?}");
            if let Ok(svcb) = svcb {
                rebuild(&svcb);
            }
            // Not the data: a name in it may lead to the octets of the type.
            read.push(record.data().map(drop));
        });
    }
    assert_eq!(read[0], read[1]);
    if let Some(params) = split_params(&input[1..]) {
        build(&params);
    }
});

/// Whether the data, which ends before the 16 octets of its neighbour, is a service binding (RFC 9460 section 2.2).
fn is_lawful(message: &[u8], len: usize) -> bool {
    let (start, end) = (message.len() - 16 - len, message.len() - 16);
    let name = if len < 2 { None } else { Walked::new(message, start + 2) };
    let Some(name) = name.filter(|name| name.is_lawful() && name.end <= end) else { return false };
    if message[start..start + 2] == [0, 0] {
        return true;
    }
    split_params(&message[name.end..end]).is_some_and(|params| {
        params.is_sorted_by(|a, b| a.0 < b.0)
            && params.iter().all(|(key, value)| is_lawful_param(*key, value))
    })
}

fn rebuild(svcb: &Svcb<'_>) {
    let mut buf = vec![0; svcb.params.as_octets().len()];
    let params: Vec<SvcParam<'_>> = svcb.params().collect();
    if svcb.is_alias() {
        assert!(svcb.is_usable());
        return;
    }
    assert_eq!(SvcParams::build(&mut buf, &params), Ok(svcb.params));
    assert!(svcb.params.iter().eq(params.iter().copied()));
    if let Some(small) = buf.len().checked_sub(1) {
        assert_eq!(SvcParams::build(&mut buf[..small], &params), Err(BuildError::DoesNotFit));
    }
    let mut room = vec![0; 2 * buf.len() + 64];
    if params.len() > 1 {
        let backwards: Vec<SvcParam<'_>> = params.iter().copied().rev().collect();
        assert_eq!(SvcParams::build(&mut room, &backwards), Err(BuildError::SvcParams));
    }
    if let Some(last) = params.last() {
        let twice = [params.as_slice(), &[*last]].concat();
        assert_eq!(SvcParams::build(&mut room, &twice), Err(BuildError::SvcParams));
    }
}

/// Parameters given as octets are checked like those that come over the wire.
fn build(params: &[(u16, &[u8])]) {
    let given: Vec<_> = params.iter().map(|(key, value)| SvcParam::Other(SvcParamKey(*key), value)).collect();
    let lawful = params.is_sorted_by(|a, b| a.0 < b.0)
        && params.iter().all(|(key, value)| is_lawful_param(*key, value));
    let mut buf = vec![0; params.iter().map(|(_, value)| 4 + value.len()).sum()];
    match SvcParams::build(&mut buf, &given) {
        Ok(built) => {
            assert!(lawful);
            assert!(built.iter().map(|param| param.key().0).eq(params.iter().map(|(key, _)| *key)));
            assert_eq!(split_params(built.as_octets()).as_deref(), Some(params));
        }
        Err(error) => assert!(!lawful && error == BuildError::SvcParams),
    }
}
