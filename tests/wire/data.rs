//! Typed data: exact octets both ways, wrong lengths, names that leave their RDATA.

use super::samples::{HOST_OCTETS, MAIL_OCTETS, MULTICAST, RFC_1035, samples};
use super::*;
use dotlocal::name::Name;
use dotlocal::txt;
use dotlocal::wire::{
    Afsdb, Caa, CharStr, FromRData, Hinfo, Minfo, Mx, Naptr, Nsec, Opt, Rp, Soa, Srv, Svcb, Txt, TxtError,
    TypeBitmap, Uri,
};
use std::net::{Ipv4Addr, Ipv6Addr};

#[test]
fn every_type_has_exactly_its_octets_both_ways() {
    let samples = samples();
    assert_eq!(samples.len(), 27, "each variant of RData");
    for sample in samples {
        let octets = answer(sample.data.rtype(), &sample.octets);
        let record = first(&octets);
        let read = record.data().unwrap();
        assert_eq!(shown(&read), shown(&sample.data));
        assert_eq!((read.rtype(), record.rtype()), (sample.data.rtype(), sample.data.rtype()));
        assert_eq!(record.raw_data().as_octets(), sample.octets);
        assert_eq!(record.raw_data().rtype(), record.rtype());
        assert_eq!(first(&built_answer(&sample.data)).raw_data().as_octets(), sample.octets, "{read:?}");
    }
}

// P20, P23, D-4.1-5, D-4.1-6
#[test]
fn data_that_is_cut_anywhere_is_an_error_of_its_record_alone() {
    for sample in samples() {
        for len in 0..sample.octets.len() {
            // What follows lies behind the record, where none of its fields may reach.
            let mut octets = answer(sample.data.rtype(), &sample.octets[..len]);
            octets[7] = 2;
            put_record(&mut octets, HOST_OCTETS, Type::TXT, &[1; 40]);
            let mut records = Message::parse(&octets).unwrap().check().unwrap().answers();
            let read = records.next().unwrap().data();
            assert_eq!(read.is_ok(), sample.cuts.contains(&len), "{} of {read:?}", len);
            assert!(matches!(records.next().unwrap().data(), Ok(RData::Txt(_))));
        }
    }
}

// P20, D-4.1-5
#[test]
fn octets_that_are_left_over_are_an_error_of_the_record() {
    for mut sample in samples() {
        sample.octets.push(0);
        let octets = answer(sample.data.rtype(), &sample.octets);
        let faults = match sample.data {
            RData::Other(..) | RData::Uri(_) | RData::Caa(_) | RData::Txt(_) => None,
            // In the alias form they mean nothing.
            RData::Https(_) => None,
            RData::Nsec(_) => Some(Fault::Bitmap),
            RData::Svcb(_) => Some(Fault::SvcParam),
            _ => Some(Fault::RdataLength),
        };
        assert_eq!(first(&octets).data().err().map(|error| error.fault()), faults, "{:?}", sample.data);
    }
}

// P20
#[test]
fn an_address_or_a_service_of_a_wrong_length_is_told_at_its_data() {
    for (rtype, lengths) in [
        (Type::A, [0, 3, 5, 16]),
        (Type::AAAA, [0, 4, 15, 17]),
        (Type::SRV, [0, 5, 8, 9]),
        (Type::MX, [0, 1, 4, 5]),
        (Type::SOA, [0, 21, 23, 24]),
    ] {
        for len in lengths {
            let error = data_error(&answer(rtype, &vec![0; len]));
            assert_eq!(error, (Fault::RdataLength, 0), "{rtype}, {len} octets");
        }
    }
    // What stands behind the data is another record's: here no label, and a name that is none.
    for (data, behind) in [
        (b"".as_slice(), b"\x01x\0".as_slice()),
        (b"\x01", b"\x40"),
        (b"\x01a", b"\x40"),
        (b"\x02a", b"\x01@\0"),
    ] {
        let mut octets = answer(Type::PTR, data);
        octets.extend(behind);
        assert_eq!(data_error(&octets), (Fault::RdataLength, 0), "{data:?}");
        let record = first(&octets);
        assert_eq!(record.raw_data().uncompressed().unwrap_err().fault(), Fault::RdataLength, "{data:?}");
    }
    // What is wrong inside the data is told there, whichever way the data is read.
    let octets = answer(Type::PTR, b"\x01a\x40");
    assert_eq!(data_error(&octets), (Fault::LabelType, 2));
    assert_eq!(first(&octets).raw_data().uncompressed().unwrap_err().fault(), Fault::LabelType);
    assert_eq!(data_error(&answer(Type::A, &[0; 5])), (Fault::RdataLength, 0));
    assert_eq!(data_error(&answer(Type::PTR, b"\x01a\0x")), (Fault::RdataLength, 0));
    assert_eq!(data_error(&answer(Type::HINFO, b"\x01a\x02b")), (Fault::RdataLength, 0));
}

// P23
#[test]
fn a_name_that_runs_into_the_next_record_is_an_error_of_its_record() {
    let mut octets = answer(Type::PTR, b"\x01a");
    octets[7] = 2;
    put_record(&mut octets, b"\0", Type::A, &[192, 0, 2, 7]);
    assert_eq!(data_error(&octets), (Fault::RdataLength, 0));
    let error = first(&octets).raw_data().uncompressed().unwrap_err();
    assert_eq!((error.fault(), error.at()), (Fault::RdataLength, ANSWER_DATA));
}

// D-4.1.4-3
#[test]
fn a_reader_takes_compressed_names_in_data_of_every_type() {
    for sample in samples() {
        let mut data = sample.octets.clone();
        for (name, pointer) in [(HOST_OCTETS, b"\xC0\x0C"), (MAIL_OCTETS, b"\xC0\x1E")] {
            if let Some(at) = data.windows(name.len()).position(|octets| octets == name) {
                data.splice(at..at + name.len(), *pointer);
            }
        }
        let mut octets = header([2, 1, 0, 0]);
        // The second name stands at octet 30.
        octets.extend([HOST_OCTETS, b"\0\x01\0\x01", MAIL_OCTETS, b"\0\x01\0\x01"].concat());
        put_record(&mut octets, b"\0", sample.data.rtype(), &data);
        let record = first(&octets);
        assert_eq!(shown(&record.data().unwrap()), shown(&sample.data));
        let rtype = sample.data.rtype();
        let expands = RFC_1035.contains(&rtype) || MULTICAST.contains(&rtype);
        let expected = if expands { &sample.octets } else { &data };
        assert_eq!(&record.raw_data().uncompressed().unwrap().collect::<Vec<_>>(), expected, "{rtype}");
    }
}

// D-3597-2
#[test]
fn what_looks_like_a_name_in_data_that_is_not_known_is_left_alone() {
    let data = [HOST_OCTETS, b"\xC0\x0C\xC0\xFF"].concat();
    for compression in [Compression::None, Compression::Unicast, Compression::Multicast] {
        let octets = built(compression, |builder| {
            let data = RData::Other(Type(65280), &data);
            builder.record(Section::Answer, "Host.example", Class::IN, 120, &data).unwrap();
        });
        let raw = first(&octets).raw_data();
        assert_eq!(raw.as_octets(), data);
        assert_eq!(raw.uncompressed().unwrap().collect::<Vec<_>>(), data);
        assert!(matches!(first(&octets).data(), Ok(RData::Other(Type(65280), octets)) if octets == data));
    }
}

#[test]
fn data_too_short_for_its_names_cannot_be_expanded() {
    for sample in samples() {
        let (rtype, len) = (sample.data.rtype(), sample.octets.len());
        let octets = answer(rtype, &sample.octets[..len.min(5)]);
        let expands = RFC_1035.contains(&rtype) || MULTICAST.contains(&rtype);
        assert_eq!(first(&octets).raw_data().uncompressed().is_err(), expands, "{rtype}");
    }
}

#[test]
fn each_reader_takes_the_records_of_its_types_alone() {
    fn types<'m, T: FromRData<'m>>(expected: &[Type]) {
        let taken: Vec<_> = (0..=u16::MAX).map(Type).filter(|rtype| T::is_for(*rtype)).collect();
        assert_eq!(taken, expected);
    }
    types::<Ipv4Addr>(&[Type::A]);
    types::<Ipv6Addr>(&[Type::AAAA]);
    types::<Name<'_>>(&[
        Type::NS,
        Type::MD,
        Type::MF,
        Type::CNAME,
        Type::MB,
        Type::MG,
        Type::MR,
        Type::PTR,
        Type::DNAME,
    ]);
    types::<Soa<'_>>(&[Type::SOA]);
    types::<Hinfo<'_>>(&[Type::HINFO]);
    types::<Minfo<'_>>(&[Type::MINFO]);
    types::<Mx<'_>>(&[Type::MX]);
    types::<Txt<'_>>(&[Type::TXT]);
    types::<Rp<'_>>(&[Type::RP]);
    types::<Afsdb<'_>>(&[Type::AFSDB]);
    types::<Srv<'_>>(&[Type::SRV]);
    types::<Naptr<'_>>(&[Type::NAPTR]);
    types::<Opt<'_>>(&[Type::OPT]);
    types::<Nsec<'_>>(&[Type::NSEC]);
    types::<Svcb<'_>>(&[Type::SVCB, Type::HTTPS]);
    types::<Uri<'_>>(&[Type::URI]);
    types::<Caa<'_>>(&[Type::CAA]);
    assert!(RData::is_for(Type(65280)));
    let broken = answer(Type::A, &[1, 2, 3]);
    assert!(matches!(first(&broken).read::<Txt<'_>>(), Ok(None)), "what is not asked for is not looked at");
    assert!(first(&broken).read::<Ipv4Addr>().is_err());
    let sound = answer(Type::A, &[192, 0, 2, 7]);
    assert_eq!(first(&sound).read::<Ipv4Addr>(), Ok(Some([192, 0, 2, 7].into())));
}

// V-2782-1
#[test]
fn a_service_at_the_root_is_not_available() {
    for (octets, available) in [(b"\0\0\0\0\0\0\0".as_slice(), false), (b"\0\0\0\0\0\x50\x01a\0", true)] {
        let octets = answer(Type::SRV, octets);
        let srv = first(&octets).read::<Srv<'_>>().unwrap().unwrap();
        assert_eq!(srv.is_available(), available);
    }
}

// D-2308-1
#[test]
fn a_denial_lives_as_long_as_the_lesser_of_ttl_and_minimum() {
    for sample in samples() {
        if let RData::Soa(soa) = sample.data {
            assert_eq!([59, 60, 61].map(|ttl| soa.negative_ttl_secs(ttl)), [59, 60, 60]);
        }
    }
}

// P21, D-NSEC-1, D-4.1-6
#[test]
fn a_bad_bitmap_is_an_error_of_its_record_at_the_window() {
    let long = [[0, 33].as_slice(), &[1; 33]].concat();
    for (bitmap, at) in [
        (b"\0\0".as_slice(), 0),
        (b"\0\x21", 0),
        (&long, 0),
        (b"\0\x02\x40", 0),
        (b"\0", 0),
        (b"\0\x01\x40\x01", 3),
        (b"\x01\x01\x40\0\x01\x40", 3),
        (b"\x01\x01\x40\x01\x01\x40", 3),
        (b"\0\x01\x40\x01\x01\x40\x02\0", 6),
    ] {
        let octets = answer(Type::NSEC, &[b"\0".as_slice(), bitmap].concat());
        assert_eq!(data_error(&octets), (Fault::Bitmap, 1 + at), "{bitmap:?}");
    }
    let whole = [[0, 32].as_slice(), &[0xFF; 32], &[255, 1, 0]].concat();
    let octets = answer(Type::NSEC, &[b"\0".as_slice(), &whole].concat());
    let nsec = first(&octets).read::<Nsec<'_>>().unwrap().unwrap();
    assert_eq!(nsec.types.iter().map(|rtype| rtype.0).collect::<Vec<_>>(), (0..256).collect::<Vec<_>>());
}

// D-NSEC-1
#[test]
fn a_set_of_types_is_written_in_windows_without_trailing_zeros() {
    let types = [0, 1, 7, 8, 255, 256, 257, 0x7FFF, 0xFF00, 0xFFFF].map(Type);
    let mut shuffled = types.to_vec();
    shuffled.rotate_left(4);
    shuffled.extend(&types[..3]);
    let mut buf = [0; 34 + 3 + 34 + 34];
    let set = TypeBitmap::build(&mut buf, &shuffled).unwrap();
    let zeros = [0; 30];
    let expected = [
        &[0, 32, 0xC1, 0x80],
        &zeros[..29],
        &[0x01, 1, 1, 0xC0, 0x7F, 32],
        &zeros,
        &[0, 0x01, 0xFF, 32, 0x80],
        &zeros,
        &[0x01],
    ];
    assert_eq!(set.as_octets(), expected.concat());
    assert_eq!(set.iter().collect::<Vec<_>>(), types);
    for rtype in (0..=u16::MAX).map(Type) {
        assert_eq!(set.has(rtype), types.contains(&rtype), "{rtype}");
    }
    let needed = set.as_octets().len();
    for room in 0..needed {
        assert_eq!(TypeBitmap::build(&mut buf[..room], &types), Err(dotlocal::wire::BuildError::DoesNotFit));
    }
    assert_eq!(TypeBitmap::build(&mut [], &[]).unwrap().as_octets(), b"");
}

#[test]
fn a_string_has_at_most_255_octets() {
    let octets = [b'a'; 256];
    assert_eq!(CharStr::new(&octets), None);
    let longest = CharStr::new(&octets[..255]).unwrap();
    assert_eq!(longest.as_octets(), &octets[..255]);
    let hinfo = Hinfo { cpu: longest, os: CharStr::new(b"").unwrap() };
    let octets = built_answer(&RData::Hinfo(hinfo));
    assert_eq!(first(&octets).raw_data().as_octets(), [&[255], [b'a'; 255].as_slice(), &[0]].concat());
    assert_eq!(first(&octets).read::<Hinfo<'_>>().unwrap().unwrap().cpu, longest);
}

// P22, D-TXT-1
#[test]
fn strings_end_with_the_data() {
    for (octets, strings) in [
        (b"".as_slice(), Some([b"".as_slice()].as_slice())),
        (b"\0", Some(&[b""])),
        (b"\0\0\x01a\0", Some(&[b"", b"", b"a", b""])),
        (b"\x01", None),
        (b"\x01a\x02b", None),
        (b"\xFFa", None),
    ] {
        let message = answer(Type::TXT, octets);
        let read = first(&message).read::<Txt<'_>>();
        match strings {
            Some(strings) => {
                let txt = read.unwrap().unwrap();
                assert_eq!(txt.strings().collect::<Vec<_>>(), strings);
                assert_eq!(txt.as_octets(), if octets.is_empty() { &[0] } else { octets });
            }
            None => assert_eq!(data_error(&message), (Fault::RdataLength, 0)),
        }
        assert_eq!(Txt::from_octets(octets).is_some(), strings.is_some());
    }
}

// P22, S-6.4-1, S-6.4-2, S-6.4-3
#[test]
fn an_attribute_is_absent_or_alone_or_empty_or_a_value() {
    let octets = b"\x02=x\x01=\0\x05path=\x08PATH=/no\x03tls\x05a=b=c\x05~=\0\xFF=";
    let txt = Txt::from_octets(octets).unwrap();
    for (key, value) in [
        ("Path", Some(Some(b"".as_slice()))),
        ("TLS", Some(None)),
        ("a", Some(Some(b"b=c"))),
        ("~", Some(Some(b"\0\xFF="))),
        ("a=b", None),
        ("", None),
        ("missing", None),
        ("pat", None),
    ] {
        assert_eq!(txt.get(key), value, "{key}");
    }
    let keys: Vec<_> = txt.attributes().map(|(key, _)| key).collect();
    assert_eq!(keys, [b"path".as_slice(), b"PATH", b"tls", b"a", b"~"]);
}

// S-6.4-1
#[test]
fn only_a_key_of_printable_ascii_is_written() {
    let mut buf = [0; 100];
    for key in [" ", "~", "a key of more than nine"] {
        assert_eq!(Txt::build(&mut buf, &[(key, Some(b""))]).unwrap().get(key), Some(Some(b"".as_slice())));
    }
    for key in ["", "=", "a=b", "\x1F", "\x7F", "é"] {
        let error = Txt::build(&mut buf, &[("sound", None), (key, None)]);
        assert_eq!(error, Err(TxtError::Key { index: 1 }), "{key:?}");
    }
    assert_eq!(txt!("a=\u{7f}").get("a"), Some(Some(b"\x7f".as_slice())), "values may be anything");
}

#[test]
fn a_string_with_its_key_has_at_most_255_octets_and_all_of_them_65535() {
    let mut buf = vec![0; 70_000];
    let long = [b'v'; 255];
    let mut built = |attributes: &[(&str, Option<&[u8]>)]| {
        Txt::build(&mut buf, attributes).map(|txt| txt.as_octets().len())
    };
    assert_eq!(built(&[("k", Some(&long[..253]))]), Ok(256));
    assert_eq!(built(&[("k", Some(&long[..254]))]), Err(TxtError::AttributeTooLong { index: 0 }));
    // 256 octets each: the last of 256 must be an octet shorter.
    let mut all = vec![("k", Some(&long[..253])); 256];
    assert_eq!(built(&all), Err(TxtError::TooLong));
    all[255].1 = Some(&long[..252]);
    assert_eq!(built(&all), Ok(65_535));
}
