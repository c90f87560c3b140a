//! Service bindings: what breaks them, and what is only not usable.

use super::*;
use dotlocal::txt;
use dotlocal::wire::{BuildError, SvcParam, SvcParamKey, SvcParams, Svcb};

fn param(key: u16, value: &[u8]) -> Vec<u8> {
    let [[a, b], [c, d]] = [key, value.len() as u16].map(u16::to_be_bytes);
    [&[a, b, c, d], value].concat()
}

/// A record at the root with these parameters.
fn record(priority: u16, params: &[Vec<u8>]) -> Vec<u8> {
    answer(Type::SVCB, &[&priority.to_be_bytes(), [0].as_slice(), &params.concat()].concat())
}

/// Values that their keys cannot have.
fn broken_values() -> Vec<(u16, Vec<u8>)> {
    let values: [(u16, &[u8]); 22] = [
        (0, b""),
        (0, b"\0"),
        (0, b"\0\x01\0"),
        (0, b"\0\0"),
        (0, b"\0\0\0\x01"),
        (0, b"\0\x02\0\x01"),
        (0, b"\0\x01\0\x01"),
        (1, b""),
        (1, b"\0"),
        (1, b"\x02h2\0"),
        (1, b"\x02h"),
        (1, b"\x02h2\x02h"),
        (2, b"\0"),
        (3, b""),
        (3, b"\0"),
        (3, b"\0\0\x01"),
        (4, b""),
        (4, b"\xC0\0\x02"),
        (4, b"\xC0\0\x02\x07\0"),
        (6, b""),
        (6, &[0; 15]),
        (6, &[0; 17]),
    ];
    values.map(|(key, value)| (key, value.to_vec())).to_vec()
}

// V-9460-1
#[test]
fn a_value_that_its_key_cannot_have_breaks_the_record() {
    for (key, value) in broken_values() {
        let octets = record(1, &[param(key, &value), param(9, b"")]);
        assert_eq!(data_error(&octets), (Fault::SvcParam, 3), "key {key}: {value:?}");
    }
}

// V-9460-1
#[test]
fn parameters_that_do_not_ascend_or_are_cut_break_the_record() {
    let (low, high) = (param(3, b"\0\x50"), param(9, b"any"));
    assert!(first(&record(1, &[low.clone(), high.clone()])).data().is_ok());
    for params in [
        [high.clone(), low.clone()],
        [low.clone(), low.clone()],
        [low.clone(), high[..6].to_vec()],
        [low.clone(), high[..3].to_vec()],
        [low.clone(), vec![0]],
        [param(0xFFFF, b""), low.clone()],
    ] {
        assert_eq!(data_error(&record(1, &params)).0, Fault::SvcParam, "{params:?}");
    }
    let mut octets = record(1, &[high.clone(), low]);
    octets[7] = 2;
    put_record(&mut octets, b"\0", Type::HTTPS, &[b"\0\x01\0".as_slice(), &high].concat());
    let last = Message::parse(&octets).unwrap().check().unwrap().answers().last().unwrap();
    assert!(matches!(last.data(), Ok(RData::Https(_))), "the message and its other records stand");
}

// V-9460-1
#[test]
fn a_record_without_a_parameter_that_it_calls_mandatory_is_read_but_not_usable() {
    for (mandatory, usable) in [
        (b"\0\x01\0\x03".as_slice(), true),
        (b"\0\x03", true),
        (b"\0\x04", false),
        (b"\0\x01\0\x02\0\x03", false),
        (b"\x01\x03", false),
    ] {
        let octets = record(1, &[param(0, mandatory), param(1, b"\x02h2"), param(3, b"\0\x50")]);
        let svcb = first(&octets).read::<Svcb<'_>>().unwrap().unwrap();
        assert_eq!(svcb.is_usable(), usable, "{mandatory:?}");
        assert_eq!((svcb.is_alias(), svcb.params().count()), (false, 3));
    }
    // RFC 9460 section 7.1.1
    for (params, usable) in [(vec![param(1, b"\x02h2"), param(2, b"")], true), (vec![param(2, b"")], false)] {
        let octets = record(1, &params);
        assert_eq!(first(&octets).read::<Svcb<'_>>().unwrap().unwrap().is_usable(), usable);
    }
}

// V-9460-1
#[test]
fn a_parameter_that_is_wrong_is_told_where_it_begins() {
    let sound = param(3, b"\0\x50");
    for (second, at) in [(param(1, b"\x02h2"), 3 + 6), (vec![0, 4, 0], 3 + 6), (param(3, b"\0\x50"), 3 + 6)] {
        let error = data_error(&record(1, &[sound.clone(), second]));
        assert_eq!(error, (Fault::SvcParam, at));
    }
}

// V-9460-2
#[test]
fn the_parameters_of_an_alias_are_ignored() {
    let mut values = broken_values();
    values.push((0, b"\0\x09".to_vec()));
    for (key, value) in values {
        let octets = record(0, &[param(key, &value), param(key, &value), vec![1]]);
        let svcb = first(&octets).read::<Svcb<'_>>().unwrap().unwrap();
        assert!(svcb.is_alias() && svcb.is_usable());
        assert_eq!(svcb.params().count(), 0);
        assert_eq!(svcb.params.as_octets().len(), 2 * (4 + value.len()) + 1, "as they came");
        // Who looks all the same finds no broken value.
        assert!(svcb.params.iter().all(|param| param.key().0 == key));
        assert_eq!(first(&octets).data().unwrap().to_string(), "0 .");
    }
}

/// Every parameter, and its octets behind key and length.
fn params() -> Vec<(SvcParam<'static>, u16, Vec<u8>)> {
    let v6 = [0x20, 1, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7];
    let two = Box::leak(Box::new([v6, [0; 16]]));
    vec![
        (SvcParam::Mandatory(&[[0, 1], [0, 3]]), 0, b"\0\x01\0\x03".to_vec()),
        (SvcParam::Alpn(txt!("h2", "h3")), 1, b"\x02h2\x02h3".to_vec()),
        (SvcParam::NoDefaultAlpn, 2, vec![]),
        (SvcParam::Port(0x0102), 3, vec![1, 2]),
        (SvcParam::Ipv4Hint(&[[192, 0, 2, 7], [192, 0, 2, 8]]), 4, b"\xC0\0\x02\x07\xC0\0\x02\x08".to_vec()),
        (SvcParam::Ech(b"ech"), 5, b"ech".to_vec()),
        (SvcParam::Ipv6Hint(two), 6, two.concat()),
        (SvcParam::DohPath(b"/q{?dns}"), 7, b"/q{?dns}".to_vec()),
        (SvcParam::Other(SvcParamKey(65535), b"any"), 65535, b"any".to_vec()),
    ]
}

#[test]
fn every_parameter_has_exactly_its_octets_both_ways() {
    let all = params();
    let values: Vec<_> = all.iter().map(|(value, ..)| *value).collect();
    let wire: Vec<u8> = all.iter().flat_map(|(_, key, value)| param(*key, value)).collect();
    let mut buf = vec![0; wire.len()];
    let built = SvcParams::build(&mut buf, &values).unwrap();
    assert_eq!(built.as_octets(), wire);
    assert_eq!(built.iter().collect::<Vec<_>>(), values);
    assert!(values.iter().zip(&all).all(|(value, (_, key, _))| value.key() == SvcParamKey(*key)));
    for room in 0..wire.len() {
        assert_eq!(SvcParams::build(&mut vec![0; room], &values), Err(BuildError::DoesNotFit));
    }
    assert_eq!(SvcParams::build(&mut [], &[]), Ok(SvcParams::EMPTY));
}

// V-9460-1
#[test]
fn broken_parameters_are_not_built() {
    let any = SvcParam::Other(SvcParamKey(9), b"");
    for params in [
        [any, any],
        [any, SvcParam::Port(80)],
        [SvcParam::Mandatory(&[]), any],
        [SvcParam::Mandatory(&[[0, 0]]), any],
        [SvcParam::Mandatory(&[[0, 9], [0, 9]]), any],
        [SvcParam::Alpn(txt!()), any],
        [SvcParam::Ipv4Hint(&[]), any],
        [SvcParam::Ipv6Hint(&[]), any],
        [SvcParam::Other(SvcParamKey::PORT, b"80!"), any],
    ] {
        assert_eq!(SvcParams::build(&mut [0; 64], &params), Err(BuildError::SvcParams), "{params:?}");
    }
    let (mut buf, value) = (vec![0; 70_000], vec![0; 65_536]);
    let long = SvcParam::Other(SvcParamKey(9), &value);
    assert_eq!(SvcParams::build(&mut buf, &[long]), Err(BuildError::DoesNotFit), "a length has 16 bits");
    let longest = SvcParam::Other(SvcParamKey(9), &value[1..]);
    assert_eq!(SvcParams::build(&mut buf, &[longest]).unwrap().as_octets()[..4], [0, 9, 0xFF, 0xFF]);
}
