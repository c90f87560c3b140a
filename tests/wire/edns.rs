//! EDNS: the OPT record and its options.

use super::*;
use dotlocal::wire::{BuildError, ClientSubnet, Edns, EdnsOption, Opt, OptionCode, Rcode};

/// A message whose additional record is an OPT with this data.
fn with_options(data: &[u8]) -> Vec<u8> {
    let mut octets = header([0, 0, 0, 1]);
    put_record(&mut octets, b"\0", Type::OPT, data);
    octets
}

fn edns(octets: &[u8]) -> Result<Option<Edns<'_>>, CheckError> {
    Message::parse(octets).unwrap().edns()
}

fn option(code: OptionCode, data: &[u8]) -> Vec<u8> {
    let [[a, b], [c, d]] = [code.0, data.len() as u16].map(u16::to_be_bytes);
    [&[a, b, c, d], data].concat()
}

fn subnet(address: &str, source_prefix: u8, scope_prefix: u8) -> EdnsOption<'static> {
    EdnsOption::ClientSubnet(ClientSubnet { address: address.parse().unwrap(), source_prefix, scope_prefix })
}

// E-6.1-1, P26
#[test]
fn the_pseudo_record_says_size_code_version_and_wish() {
    let said =
        Edns { payload_size: 0x1234, rcode: Rcode(0xABC), version: 5, dnssec_ok: true, options: Opt::EMPTY };
    let octets = built(Compression::Unicast, |builder| {
        builder.edns(&said).unwrap();
    });
    assert_eq!(octets, b"\0\0\x80\x0C\0\0\0\0\0\0\0\x01\0\0\x29\x12\x34\xAB\x05\x80\0\0\0");
    assert_eq!(edns(&octets), Ok(Some(said)));
    // Of the flags only the first bit means something; the others are ignored.
    let mut other = octets.clone();
    other[19..21].copy_from_slice(&[0x7F, 0xFF]);
    assert_eq!(edns(&other), Ok(Some(Edns { dnssec_ok: false, ..said })));
    assert_eq!(edns(&header([0; 4])), Ok(None));
}

// E-6.1-1
#[test]
fn the_response_code_stands_half_in_the_header_and_half_in_the_record() {
    for (code, low) in [
        // What the header says stays when EDNS has nothing to add.
        (Rcode::NOERROR, Rcode::REFUSED),
        (Rcode::NXDOMAIN, Rcode::NXDOMAIN),
        (Rcode::BADVERS, Rcode::NOERROR),
        (Rcode::BADCOOKIE, Rcode(7)),
        (Rcode(4095), Rcode(15)),
    ] {
        let octets = built(Compression::Unicast, |builder| {
            builder.set_flags(Flags::default().with_rcode(Rcode::REFUSED));
            builder.edns(&Edns { rcode: code, ..Edns::new(1232) }).unwrap();
        });
        assert_eq!(Message::parse(&octets).unwrap().header().flags().rcode(), low);
        let whole = if code == Rcode::NOERROR { low } else { code };
        assert_eq!(edns(&octets).unwrap().unwrap().rcode, whole);
    }
    let mut small = [0; 12];
    let mut builder = Builder::new(&mut small, 0, Flags::QR);
    let refused = Edns { rcode: Rcode::REFUSED, ..Edns::new(1232) };
    assert_eq!(builder.edns(&refused).unwrap_err(), BuildError::DoesNotFit);
    assert_eq!(builder.flags(), Flags::QR, "what did not fit has changed nothing");
}

// E-6.2-1
#[test]
fn a_payload_size_below_512_counts_as_512() {
    for (size, counts) in [(0, 512), (511, 512), (512, 512), (513, 513), (65535, 65535_u16)] {
        let mut octets = with_options(b"");
        octets[15..17].copy_from_slice(&u16::to_be_bytes(size));
        assert_eq!(edns(&octets).unwrap().unwrap().payload_size, counts);
        let octets = built(Compression::Unicast, |builder| {
            builder.edns(&Edns::new(size)).unwrap();
        });
        assert_eq!(octets[15..17], counts.to_be_bytes());
    }
}

// E-6.1-2, P26
#[test]
fn an_opt_record_that_is_not_the_one_of_the_root_among_the_additional_ones_is_a_fault() {
    let opt = |owner: &[u8], counts: [u16; 4], times: usize| {
        let mut octets = header(counts);
        (0..times).for_each(|_| put_record(&mut octets, owner, Type::OPT, b""));
        octets
    };
    assert!(edns(&opt(b"\0", [0, 0, 0, 1], 1)).unwrap().is_some());
    for (octets, at) in [
        (opt(b"\0", [0, 0, 0, 2], 2), 12 + 11 + 11),
        (opt(b"\0", [0, 1, 0, 0], 1), 12 + 11),
        (opt(b"\0", [0, 0, 1, 0], 1), 12 + 11),
        (opt(b"\x01a\0", [0, 0, 0, 1], 1), 12 + 13),
    ] {
        let error = edns(&octets).unwrap_err();
        assert_eq!((error.fault(), error.at()), (Fault::Opt, at));
        assert!(check(&octets).is_ok(), "the records can still be read");
    }
    assert_eq!(edns(&opt(b"\0", [0, 0, 0, 2], 1)).unwrap_err().fault(), Fault::Truncated);
}

/// Every option, and its octets behind code and length.
fn options() -> Vec<(EdnsOption<'static>, OptionCode, &'static [u8])> {
    let cookie = |server| EdnsOption::Cookie { client: *b"client--", server };
    let error = |info_code, text| EdnsOption::ExtendedError { info_code, text };
    vec![
        (EdnsOption::Nsid(b""), OptionCode::NSID, b""),
        (EdnsOption::Nsid(b"ns1"), OptionCode::NSID, b"ns1"),
        (subnet("192.0.2.128", 25, 24), OptionCode::CLIENT_SUBNET, b"\0\x01\x19\x18\xC0\0\x02\x80"),
        (subnet("192.0.2.7", 32, 32), OptionCode::CLIENT_SUBNET, b"\0\x01\x20\x20\xC0\0\x02\x07"),
        (subnet("0.0.0.0", 0, 0), OptionCode::CLIENT_SUBNET, b"\0\x01\0\0"),
        (subnet("128.0.0.0", 1, 0), OptionCode::CLIENT_SUBNET, b"\0\x01\x01\0\x80"),
        (subnet("2001:db8::", 32, 128), OptionCode::CLIENT_SUBNET, b"\0\x02\x20\x80\x20\x01\x0D\xB8"),
        (subnet("2001:db8:2000::", 36, 0), OptionCode::CLIENT_SUBNET, b"\0\x02\x24\0\x20\x01\x0D\xB8\x20"),
        (
            subnet("2001:db8::7", 128, 0),
            OptionCode::CLIENT_SUBNET,
            b"\0\x02\x80\0\x20\x01\x0D\xB8\0\0\0\0\0\0\0\0\0\0\0\x07",
        ),
        (cookie(b""), OptionCode::COOKIE, b"client--"),
        (cookie(b"server--"), OptionCode::COOKIE, b"client--server--"),
        (cookie(&[7; 32]), OptionCode::COOKIE, b"client--\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07"),
        (EdnsOption::Keepalive(None), OptionCode::KEEPALIVE, b""),
        (EdnsOption::Keepalive(Some(0x0102)), OptionCode::KEEPALIVE, b"\x01\x02"),
        (EdnsOption::Padding(b""), OptionCode::PADDING, b""),
        (EdnsOption::Padding(b"\0\0"), OptionCode::PADDING, b"\0\0"),
        (error(0x0103, b""), OptionCode::EXTENDED_ERROR, b"\x01\x03"),
        (error(22, b"no answer"), OptionCode::EXTENDED_ERROR, b"\0\x16no answer"),
        (EdnsOption::Other(OptionCode(65001), b""), OptionCode(65001), b""),
        (EdnsOption::Other(OptionCode(9), b"\x01"), OptionCode(9), b"\x01"),
    ]
}

// E-6.2-2
#[test]
fn every_option_has_exactly_its_octets_both_ways() {
    let all = options();
    let values: Vec<_> = all.iter().map(|(value, ..)| *value).collect();
    let wire: Vec<u8> = all.iter().flat_map(|(_, code, data)| option(*code, data)).collect();
    let mut buf = vec![0; wire.len()];
    let built_options = Opt::build(&mut buf, &values).unwrap();
    assert_eq!(built_options.as_octets(), wire);
    let built_options = Edns { options: built_options, ..Edns::new(1232) };
    let octets = built(Compression::Unicast, |builder| {
        builder.edns(&built_options).unwrap();
    });
    let read = edns(&octets).unwrap().unwrap();
    assert_eq!(read, built_options, "wherever the options stand");
    assert_eq!(
        read.options.options().collect::<Vec<_>>(),
        values.iter().copied().map(Ok).collect::<Vec<_>>()
    );
    assert!(values.iter().zip(&all).all(|(value, (_, code, _))| value.code() == *code));
    for room in 0..wire.len() {
        assert_eq!(Opt::build(&mut vec![0; room], &values), Err(BuildError::DoesNotFit));
    }
    assert_ne!(Opt::build(&mut [0; 4], &[EdnsOption::Keepalive(None)]).unwrap(), Opt::EMPTY);
    // RFC 7873 section 4
    for (len, sound) in [(0, true), (1, false), (7, false), (8, true), (32, true), (33, false)] {
        let cookie = EdnsOption::Cookie { client: [1; 8], server: &[2; 40][..len] };
        let built = Opt::build(&mut buf, &[cookie]);
        assert_eq!(built.err(), (!sound).then_some(BuildError::OptionData), "{len}");
    }
    assert_eq!(Opt::EMPTY.options().count(), 0);
}

// E-6.2-2, P26
#[test]
fn an_option_whose_data_does_not_fit_its_code_is_an_error_and_the_others_stay_readable() {
    let long = [1; 41];
    for (code, data) in [
        (OptionCode::COOKIE, &long[..0]),
        (OptionCode::COOKIE, &long[..7]),
        (OptionCode::COOKIE, &long[..9]),
        (OptionCode::COOKIE, &long[..15]),
        (OptionCode::COOKIE, &long[..41]),
        (OptionCode::KEEPALIVE, &long[..1]),
        (OptionCode::KEEPALIVE, &long[..3]),
        (OptionCode::EXTENDED_ERROR, &long[..0]),
        (OptionCode::EXTENDED_ERROR, &long[..1]),
        (OptionCode::CLIENT_SUBNET, b""),
        (OptionCode::CLIENT_SUBNET, b"\0\x01\0"),
        (OptionCode::CLIENT_SUBNET, b"\x01\x01\0\0"),
        (OptionCode::CLIENT_SUBNET, b"\0\0\0\0"),
        (OptionCode::CLIENT_SUBNET, b"\0\x03\0\0"),
        (OptionCode::CLIENT_SUBNET, b"\0\x01\x18\0\xC0\0"),
        (OptionCode::CLIENT_SUBNET, b"\0\x01\x18\0\xC0\0\x02\0"),
        (OptionCode::CLIENT_SUBNET, b"\0\x01\x21\0\xC0\0\x02\0\x80"),
        (OptionCode::CLIENT_SUBNET, b"\0\x01\x18\x21\xC0\0\x02"),
        (OptionCode::CLIENT_SUBNET, b"\0\x01\x19\0\xC0\0\x02\x40"),
        (OptionCode::CLIENT_SUBNET, b"\0\x01\x01\0\xC0"),
        (OptionCode::CLIENT_SUBNET, b"\0\x02\x81\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
        (OptionCode::CLIENT_SUBNET, b"\0\x02\x08\x81\x20"),
    ] {
        let sound = option(OptionCode::NSID, b"a");
        let octets = with_options(&[sound.clone(), option(code, data), sound].concat());
        let found = edns(&octets).unwrap().unwrap();
        let [first, broken, last] = found.options.options().collect::<Vec<_>>().try_into().unwrap();
        assert_eq!([first, last], [Ok(EdnsOption::Nsid(b"a")); 2]);
        let error = broken.unwrap_err();
        assert_eq!((error.fault(), error.at()), (Fault::OptionData, ANSWER_DATA + 5), "{code} {data:?}");
    }
}

// E-6.2-2
#[test]
fn an_option_past_the_end_is_an_error_of_the_record() {
    let sound = option(OptionCode(65001), b"ab");
    for left in [b"\0".as_slice(), b"\0\x03", b"\0\x03\0", b"\0\x03\0\x01", b"\0\x03\xFF\xFFab"] {
        let octets = with_options(&[&sound, left].concat());
        let error = edns(&octets).unwrap_err();
        assert_eq!((error.fault(), error.at()), (Fault::RdataLength, ANSWER_DATA + sound.len()), "{left:?}");
        assert!(check(&octets).is_ok());
    }
}

#[test]
fn a_subnet_is_sent_without_the_bits_behind_its_prefix() {
    for (given, sent) in [
        (subnet("192.0.2.255", 25, 99), b"\0\x01\x19\x20\xC0\0\x02\x80".as_slice()),
        (subnet("192.0.2.255", 24, 0), b"\0\x01\x18\0\xC0\0\x02"),
        (subnet("192.0.2.255", 200, 0), b"\0\x01\x20\0\xC0\0\x02\xFF"),
        (subnet("255.255.255.255", 1, 0), b"\0\x01\x01\0\x80"),
        (subnet("255.255.255.255", 0, 0), b"\0\x01\0\0"),
        (subnet("ff::", 15, 200), b"\0\x02\x0F\x80\0\xFE"),
        (subnet("2001:db8::7", 255, 0), b"\0\x02\x80\0\x20\x01\x0D\xB8\0\0\0\0\0\0\0\0\0\0\0\x07"),
    ] {
        let mut buf = [0; 24];
        let options = Opt::build(&mut buf, &[given]).unwrap();
        assert_eq!(options.as_octets(), option(OptionCode::CLIENT_SUBNET, sent), "{given:?}");
        assert!(options.options().all(|option| option.is_ok()));
    }
}
