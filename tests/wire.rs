//! The wire as others misuse it, and as it must round-trip.

use dotlocal::name::{Name, NameBuf};
use dotlocal::wire::{Builder, CheckError, Class, Fault, Flags, Message, RData, Section, Srv, Txt, Type};
use proptest::prelude::*;

/// A header with flags of a response and these counts.
fn header(counts: [u16; 4]) -> Vec<u8> {
    let words = [[0, 0x8400].as_slice(), &counts].concat();
    words.into_iter().flat_map(u16::to_be_bytes).collect()
}

/// A message of one answer with the root as its owner.
fn answer(rtype: u16, rdata: &[u8]) -> Vec<u8> {
    let mut octets = header([0, 1, 0, 0]);
    octets.push(0);
    put_record(&mut octets, rtype, 120, rdata.len() as u16, rdata);
    octets
}

fn put_record(octets: &mut Vec<u8>, rtype: u16, ttl: u32, len: u16, rdata: &[u8]) {
    octets.extend(rtype.to_be_bytes());
    octets.extend([0, 1]);
    octets.extend(ttl.to_be_bytes());
    octets.extend(len.to_be_bytes());
    octets.extend(rdata);
}

fn check(octets: &[u8]) -> Result<usize, CheckError> {
    let message = Message::parse(octets)?;
    let lazy = message.records().collect::<Result<Vec<_>, _>>().map(|records| records.len());
    let checked = message.check().map(|checked| checked.records().count());
    assert_eq!(lazy, checked, "both walks say the same");
    checked
}

fn data_fault(octets: &[u8]) -> Fault {
    let message = Message::parse(octets).unwrap().check().unwrap();
    message.answers().next().unwrap().data().unwrap_err().fault()
}

// P14, P15, P16
#[test]
fn a_message_without_what_it_counts_is_truncated() {
    for len in 0..12 {
        let error = Message::parse(&vec![0; len]).unwrap_err();
        assert_eq!((error.fault(), error.at()), (Fault::Truncated, len));
    }
    for counts in [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [0, 0xFFFF, 0, 0]] {
        assert_eq!(check(&header(counts)).unwrap_err().fault(), Fault::Truncated, "{counts:?}");
    }
    let mut octets = answer(1, &[192, 0, 2, 7]);
    octets[7] = 2;
    assert_eq!(check(&octets).unwrap_err().fault(), Fault::Truncated);
    assert_eq!(Message::parse(&[0; 65_536]).unwrap_err().fault(), Fault::MessageTooLong);
}

// P17
#[test]
fn the_counts_have_16_bits() {
    for count in [256_u16, 65_535] {
        let mut octets = header([count, 0, 0, 0]);
        octets.extend([0, 0, 1, 0, 1].repeat(255));
        assert_eq!(check(&octets).unwrap_err().fault(), Fault::Truncated, "{count}");
    }
    let mut octets = header([256, 0, 0, 0]);
    octets.extend([0, 0, 1, 0, 1].repeat(256));
    assert_eq!(Message::parse(&octets).unwrap().check().unwrap().questions().count(), 256);
}

// P18, D-4.1-3
#[test]
fn octets_behind_the_records_are_left_alone_and_shown() {
    let mut octets = answer(1, &[192, 0, 2, 7]);
    octets.extend(b"more");
    let message = Message::parse(&octets).unwrap().check().unwrap();
    assert_eq!((message.records().count(), message.trailing()), (1, b"more".as_slice()));
}

// P10
#[test]
fn what_stands_behind_the_datagram_in_its_buffer_is_never_read() {
    let mut buffer = answer(1, &[192, 0, 2, 7]);
    let whole = buffer.len();
    buffer.extend(answer(1, &[10, 0, 0, 1]));
    for len in 12..whole {
        assert_eq!(check(&buffer[..len]).unwrap_err().fault(), Fault::Truncated, "{len}");
    }
    assert_eq!(check(&buffer[..whole]), Ok(1));
}

// P19
#[test]
fn a_length_past_the_end_is_truncated() {
    for len in [5_u16, 0x7FFF, 0x8004, 0xFFFF] {
        let mut octets = header([0, 1, 0, 0]);
        octets.push(0);
        put_record(&mut octets, 1, 120, len, &[192, 0, 2, 7]);
        assert_eq!(check(&octets).unwrap_err().fault(), Fault::Truncated, "{len}");
    }
}

// P20, D-4.1-5
#[test]
fn data_of_a_wrong_length_is_an_error_of_its_record() {
    for (rtype, lengths) in [(1, [0, 3, 5, 16]), (28, [0, 4, 15, 17]), (33, [0, 5, 6, 8])] {
        for len in lengths {
            let fault = data_fault(&answer(rtype, &vec![0; len]));
            let expected = if rtype == 33 && len == 6 { Fault::Truncated } else { Fault::RdataLength };
            assert_eq!(fault, expected, "type {rtype}, {len} octets");
        }
    }
    for rtype in [5, 12] {
        assert_eq!(data_fault(&answer(rtype, b"\x01a\0x")), Fault::RdataLength);
    }
}

// P23
#[test]
fn a_name_that_leaves_its_record_is_an_error_of_its_record() {
    let mut octets = header([0, 2, 0, 0]);
    octets.push(0);
    put_record(&mut octets, 12, 120, 2, b"\x01a");
    octets.push(0);
    put_record(&mut octets, 1, 120, 4, &[192, 0, 2, 7]);
    let message = Message::parse(&octets).unwrap().check().unwrap();
    let mut records = message.answers();
    let first = records.next().unwrap();
    assert_eq!(first.data().unwrap_err().fault(), Fault::RdataLength);
    assert!(first.raw_data().uncompressed().is_err());
    assert!(matches!(records.next().unwrap().data(), Ok(RData::A(_))));
}

// P21, D-NSEC-1, D-4.1-6
#[test]
fn a_bad_bitmap_is_an_error_of_its_record() {
    for bitmap in [
        b"\0\0".as_slice(),
        b"\0\x21",
        b"\0\x02\x40",
        b"\0",
        b"\x01\x01\x40\0\x01\x40",
        b"\x01\x01\x40\x01\x01\x40",
        &[[0, 33].as_slice(), &[1; 33]].concat(),
    ] {
        let data = [b"\0".as_slice(), bitmap].concat();
        assert_eq!(data_fault(&answer(47, &data)), Fault::Bitmap, "{bitmap:?}");
    }
    let data = [b"\0\0\x05\x40\0\x80\0\x08\x01\x01\x40".as_slice()].concat();
    let octets = answer(47, &data);
    let message = Message::parse(&octets).unwrap();
    let Ok(RData::Nsec(nsec)) = message.answers().next().unwrap().unwrap().data() else { panic!("no NSEC") };
    let types: Vec<_> = nsec.types.iter().collect();
    assert_eq!(types, [Type::A, Type::TXT, Type(36), Type(257)]);
    assert!(nsec.types.has(Type::TXT) && !nsec.types.has(Type::AAAA) && nsec.next.is_root());
}

// N7, D-4.1-4
#[test]
fn a_ttl_with_its_top_bit_set_is_zero() {
    for (ttl, secs) in [(0, 0), (0x7FFF_FFFF, 0x7FFF_FFFF), (0x8000_0000, 0), (0xFFFF_FFFF, 0)] {
        let mut octets = header([0, 1, 0, 0]);
        octets.push(0);
        put_record(&mut octets, 16, ttl, 1, &[0]);
        let record = Message::parse(&octets).unwrap().answers().next().unwrap().unwrap();
        assert_eq!((record.ttl_secs(), record.raw_ttl()), (secs, ttl));
    }
}

// M-18.12-1, M-18.13-1
#[test]
fn the_top_bit_of_a_class_is_kept_apart_but_not_in_opt() {
    let mut octets = header([1, 2, 0, 0]);
    octets.extend([0, 0, 1, 0x80, 1]);
    for rtype in [1, 41] {
        octets.push(0);
        octets.extend([0, rtype, 0x80, 1, 0, 0, 0, 0, 0, 0]);
    }
    let message = Message::parse(&octets).unwrap().check().unwrap();
    let question = message.questions().next().unwrap();
    assert_eq!(
        (question.class(), question.unicast_response(), question.raw_class()),
        (Class::IN, true, 0x8001)
    );
    let records: Vec<_> = message.answers().map(|record| (record.class(), record.cache_flush())).collect();
    assert_eq!(records, [(Class::IN, true), (Class(0x8001), false)]);
}

#[test]
fn each_section_has_its_own_records() {
    let mut buf = [0; 128];
    let mut builder = Builder::new(&mut buf, 7, Flags::QR);
    builder.question("q.local", Type::A).unwrap();
    for (section, last) in [(Section::Answer, 1), (Section::Answer, 2), (Section::Additional, 3)] {
        builder.record(section, "a.local", Class::IN, 9, &RData::A([10, 0, 0, last].into())).unwrap();
    }
    let octets = builder.finish();
    let message = Message::parse(octets).unwrap();
    let checked = message.check().unwrap();
    let last = |record: &dotlocal::wire::Record<'_>| record.raw_data().as_octets()[3];
    for (section, expected) in
        [(Section::Answer, vec![1, 2]), (Section::Authority, vec![]), (Section::Additional, vec![3])]
    {
        let (lazy, sound) = match section {
            Section::Answer => (message.answers(), checked.answers()),
            Section::Authority => (message.authorities(), checked.authorities()),
            Section::Additional => (message.additionals(), checked.additionals()),
        };
        assert_eq!(lazy.map(|record| last(&record.unwrap())).collect::<Vec<_>>(), expected);
        assert_eq!(sound.map(|record| last(&record)).collect::<Vec<_>>(), expected);
    }
    assert_eq!(checked.records().map(|record| last(&record)).collect::<Vec<_>>(), [1, 2, 3]);
}

fn label() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 1..=63),
        prop::sample::select(vec![b"local".to_vec(), b"_tcp".to_vec(), b"_http".to_vec(), b"cam".to_vec()]),
    ]
}

fn name() -> impl Strategy<Value = NameBuf> {
    let fits = |labels: Vec<Vec<u8>>| {
        let octets: Vec<u8> = labels
            .iter()
            .flat_map(|label| [&[label.len() as u8], label.as_slice()].concat())
            .chain([0])
            .collect();
        Name::from_octets(&octets).ok().map(NameBuf::from)
    };
    prop::collection::vec(label(), 0..6).prop_filter_map("at most 255 octets", fits)
}

#[derive(Clone, Debug)]
enum Data {
    A([u8; 4]),
    Aaaa([u8; 16]),
    Ptr(NameBuf),
    Srv([u16; 3], NameBuf),
    Txt(Vec<Vec<u8>>),
    Other(u16, Vec<u8>),
}

fn data() -> impl Strategy<Value = Data> {
    prop_oneof![
        any::<[u8; 4]>().prop_map(Data::A),
        any::<[u8; 16]>().prop_map(Data::Aaaa),
        name().prop_map(Data::Ptr),
        (any::<[u16; 3]>(), name()).prop_map(|(words, target)| Data::Srv(words, target)),
        prop::collection::vec(prop::collection::vec(any::<u8>(), 0..=40), 0..5).prop_map(Data::Txt),
        (60_000_u16.., prop::collection::vec(any::<u8>(), 0..50))
            .prop_map(|(rtype, octets)| Data::Other(rtype, octets)),
    ]
}

proptest! {
    #[test]
    fn what_is_built_reads_as_it_was_meant(
        question in name(),
        records in prop::collection::vec((name(), any::<u32>(), data()), 0..12),
    ) {
        let mut buf = vec![0; 20_000];
        let mut builder = Builder::new(&mut buf, 99, Flags::QR);
        builder.question(question, Type::ANY).unwrap();
        for (owner, ttl, data) in &records {
            let txt: Vec<u8>;
            let data = match data {
                Data::A(octets) => RData::A((*octets).into()),
                Data::Aaaa(octets) => RData::Aaaa((*octets).into()),
                Data::Ptr(target) => RData::Ptr(target.name()),
                Data::Srv([a, b, c], target) => RData::Srv(Srv { priority: *a, weight: *b, port: *c, target: target.name() }),
                Data::Txt(strings) => {
                    txt = strings.iter().flat_map(|s| [&[s.len() as u8], s.as_slice()].concat()).collect();
                    RData::Txt(Txt::from_octets(&txt).unwrap())
                }
                Data::Other(rtype, octets) => RData::Other(Type(*rtype), octets),
            };
            builder.record(Section::Answer, owner, Class::IN, *ttl, &data).unwrap();
        }
        let message = Message::parse(builder.finish()).unwrap().check().unwrap();
        prop_assert_eq!(message.trailing(), b"");
        let asked: Vec<u8> = message.questions().next().unwrap().name().octets().collect();
        prop_assert_eq!(asked.as_slice(), question.as_octets());
        prop_assert_eq!(message.answers().count(), records.len());
        for (record, (owner, ttl, data)) in message.answers().zip(&records) {
            prop_assert_eq!(record.name().octets().collect::<Vec<_>>(), owner.as_octets());
            prop_assert_eq!(record.raw_ttl(), *ttl);
            match (record.data().unwrap(), data) {
                (RData::A(ip), Data::A(octets)) => prop_assert_eq!(ip.octets(), *octets),
                (RData::Aaaa(ip), Data::Aaaa(octets)) => prop_assert_eq!(ip.octets(), *octets),
                (RData::Ptr(name), Data::Ptr(target)) => {
                    prop_assert_eq!(name.octets().collect::<Vec<_>>(), target.as_octets());
                }
                (RData::Srv(srv), Data::Srv(words, target)) => {
                    prop_assert_eq!([srv.priority, srv.weight, srv.port], *words);
                    prop_assert_eq!(srv.target.octets().collect::<Vec<_>>(), target.as_octets());
                }
                (RData::Txt(txt), Data::Txt(strings)) => {
                    // No string at all counts as an empty one.
                    let sent = if strings.is_empty() { vec![vec![]] } else { strings.clone() };
                    prop_assert_eq!(txt.strings().map(<[u8]>::to_vec).collect::<Vec<_>>(), sent);
                }
                (RData::Other(rtype, octets), Data::Other(expected, sent)) => {
                    prop_assert_eq!((rtype.0, octets), (*expected, sent.as_slice()));
                }
                (found, sent) => prop_assert!(false, "{:?} for {:?}", found, sent),
            }
        }
    }

    // D-2.3-4, D-5.1-1
    #[test]
    fn a_name_survives_the_way_through_text(name in name()) {
        let text = name.to_string();
        let again: NameBuf = text.parse().unwrap();
        prop_assert_eq!(again.as_octets(), name.as_octets());
    }

    // D-2.3-1
    #[test]
    fn names_are_equal_whatever_their_ascii_case(name in name(), other in name()) {
        let upper = name.as_octets().to_vec();
        let folded: Vec<u8> = name.name().labels().flat_map(|label| {
            [&[label.len() as u8], label.to_ascii_uppercase().as_slice()].concat()
        }).chain([0]).collect();
        prop_assert_eq!(Name::from_octets(&folded).unwrap(), name.name());
        prop_assert_eq!(Name::from_octets(&upper).unwrap(), name.name());
        prop_assert_eq!(name == other, name.as_octets().eq_ignore_ascii_case(other.as_octets()));
    }

    #[test]
    fn arbitrary_octets_are_read_the_same_both_ways(octets in prop::collection::vec(any::<u8>(), 0..600)) {
        if let Ok(message) = Message::parse(&octets) {
            let sound = message.check().is_ok();
            prop_assert_eq!(sound, message.questions().all(|q| q.is_ok()) && message.records().all(|r| r.is_ok()));
        }
    }

    #[test]
    fn a_damaged_message_is_read_within_bounds(
        at in 0_usize..200,
        octet in any::<u8>(),
        cut in 0_usize..200,
    ) {
        let mut buf = [0; 512];
        let mut builder = Builder::new(&mut buf, 0, Flags::QR);
        let instance: NameBuf = r"Kitchen\032Cam._http._tcp.local".parse().unwrap();
        let host: NameBuf = "kitchen-cam.local".parse().unwrap();
        let answer = Section::Answer;
        builder.record(answer, "_http._tcp.local", Class::IN, 4500, &RData::Ptr(instance.name())).unwrap();
        builder.record(answer, instance, Class::IN, 120, &RData::Srv(Srv { priority: 0, weight: 0, port: 80, target: host.name() })).unwrap();
        builder.record(answer, host, Class::IN, 120, &RData::A([192, 0, 2, 7].into())).unwrap();
        let octets = builder.finish();
        if let Some(slot) = octets.get_mut(at) {
            *slot = octet;
        }
        let octets = &octets[..octets.len().saturating_sub(cut)];
        let Ok(message) = Message::parse(octets) else { return Ok(()) };
        if let Ok(checked) = message.check() {
            for record in checked.records() {
                prop_assert!(record.name().octets().count() <= 255);
                let _ = record.data();
                if let Ok(data) = record.raw_data().uncompressed() {
                    prop_assert!(data.count() <= 65_535);
                }
            }
        }
    }
}
