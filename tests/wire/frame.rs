//! Attacks on the frame: header, counts, lengths.

use super::*;
use dotlocal::wire::{Opcode, Rcode};

// P14, P15, P16, D-4.1-3
#[test]
fn a_message_without_what_it_counts_is_truncated() {
    for len in 0..12 {
        let error = Message::parse(&vec![0; len]).unwrap_err();
        assert_eq!((error.fault(), error.at()), (Fault::Truncated, len));
    }
    for counts in [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [0, 0xFFFF, 0, 0]] {
        let error = check(&header(counts)).unwrap_err();
        assert_eq!((error.fault(), error.at()), (Fault::Truncated, 12), "{counts:?}");
    }
    for section in [7, 9, 11] {
        let mut octets = answer(Type::A, &[192, 0, 2, 7]);
        octets[section] += 1;
        let error = check(&octets).unwrap_err();
        assert_eq!((error.fault(), error.at()), (Fault::Truncated, octets.len()));
    }
}

#[test]
fn a_message_has_at_most_65535_octets() {
    let error = Message::parse(&[0; 65_536]).unwrap_err();
    assert_eq!((error.fault(), error.at()), (Fault::MessageTooLong, 65_535));
    let longest = Message::parse(&[0; 65_535]).unwrap().check().unwrap();
    assert_eq!(longest.trailing().len(), 65_535 - 12);
}

// P17
#[test]
fn the_counts_have_16_bits() {
    for count in [256_u16, 65_535] {
        let mut octets = header([count, 0, 0, 0]);
        octets.extend([0, 0, 1, 0, 1].repeat(255));
        assert_eq!(fault(&octets), Fault::Truncated, "{count}");
    }
    let mut octets = header([256, 0, 0, 0]);
    octets.extend([0, 0, 1, 0, 1].repeat(256));
    let message = Message::parse(&octets).unwrap();
    assert_eq!(message.check().unwrap().questions().count(), 256);
    assert_eq!(message.questions().count(), 256);
    let mut octets = header([0, 300, 300, 300]);
    (0..900).for_each(|_| put_record(&mut octets, b"\0", Type::A, &[192, 0, 2, 7]));
    assert_eq!(check(&octets), Ok(900));
    assert_eq!(Message::parse(&octets).unwrap().authorities().count(), 300);
}

// P18, D-4.1-3
#[test]
fn octets_behind_the_records_are_left_alone_and_shown() {
    let mut octets = answer(Type::A, &[192, 0, 2, 7]);
    octets.extend(b"more");
    let message = Message::parse(&octets).unwrap().check().unwrap();
    assert_eq!((message.records().count(), message.trailing()), (1, b"more".as_slice()));
    assert_eq!(message.message().as_octets(), octets);
}

// P10
#[test]
fn what_stands_behind_the_datagram_in_its_buffer_is_never_read() {
    let mut buffer = answer(Type::A, &[192, 0, 2, 7]);
    let whole = buffer.len();
    buffer.extend(answer(Type::A, &[10, 0, 0, 1]));
    for len in 12..whole {
        assert_eq!(fault(&buffer[..len]), Fault::Truncated, "{len}");
    }
    assert_eq!(check(&buffer[..whole]), Ok(1));
}

// P19
#[test]
fn a_length_past_the_end_is_truncated() {
    for len in [5_u16, 0x7FFF, 0x8004, 0xFFFF] {
        let mut octets = answer(Type::A, &[192, 0, 2, 7]);
        octets[ANSWER_DATA - 2..ANSWER_DATA].copy_from_slice(&len.to_be_bytes());
        let error = check(&octets).unwrap_err();
        assert_eq!((error.fault(), error.at()), (Fault::Truncated, ANSWER_DATA - 2), "{len}");
    }
}

#[test]
fn the_first_broken_record_ends_the_iteration() {
    let mut octets = header([2, 2, 0, 0]);
    octets.extend(b"\0\0\x01\0\x01\x40");
    octets.extend([0; 40]);
    let message = Message::parse(&octets).unwrap();
    let mut questions = message.questions();
    assert!(questions.next().unwrap().is_ok());
    assert_eq!(questions.next().unwrap().unwrap_err().fault(), Fault::LabelType);
    assert!(questions.next().is_none());
    assert_eq!(questions.records().count(), 0);
    assert_eq!(message.records().map(|record| record.unwrap_err().at()).collect::<Vec<_>>(), [17]);
    assert_eq!(message.additionals().count(), 1, "also when its section was not asked for");
}

// D-4.1-1
#[test]
fn each_bit_of_the_header_has_its_place() {
    let mut buf = [0; 12];
    let flags = [
        (Flags::QR, 0x8000),
        (Flags::AA, 0x0400),
        (Flags::TC, 0x0200),
        (Flags::RD, 0x0100),
        (Flags::RA, 0x0080),
        (Flags::AD, 0x0020),
        (Flags::CD, 0x0010),
        (Flags::default().with_opcode(Opcode(0xFFFF)), 0x7800),
        (Flags::default().with_rcode(Rcode(0xFFFF)), 0x000F),
    ];
    for (flag, word) in flags {
        let octets = Builder::new(&mut buf, 0x1234, flag).finish();
        assert_eq!(octets[..4], [[0x12, 0x34], u16::to_be_bytes(word)].concat());
        let read = Message::parse(octets).unwrap().header();
        assert_eq!((read.id(), read.flags(), read.is_response()), (0x1234, flag, flag == Flags::QR));
        assert!(read.flags().has(flag) && !Flags(!word).has(flag));
    }
    assert!(!Flags::QR.has(Flags::QR.with(Flags::AA)));
}

// P26
#[test]
fn any_opcode_and_any_response_code_is_read() {
    for code in 0..16 {
        let mut octets = answer(Type::A, &[192, 0, 2, 7]);
        (octets[2], octets[3]) = (0x80 | (code << 3), code);
        let flags = Message::parse(&octets).unwrap().header().flags();
        assert_eq!((flags.opcode(), flags.rcode()), (Opcode(code.into()), Rcode(code.into())));
        assert_eq!(check(&octets), Ok(1));
    }
}

// D-4.1-2
#[test]
fn the_reserved_bit_is_ignored_and_sent_as_zero() {
    let mut octets = answer(Type::A, &[192, 0, 2, 7]);
    octets[3] |= 0x40;
    assert_eq!(check(&octets), Ok(1));
    let mut buf = [0; 12];
    let mut builder = Builder::new(&mut buf, 0, Flags(0xFFFF));
    assert_eq!(builder.flags(), Flags(0xFFBF));
    builder.set_flags(Flags(0x0040));
    assert_eq!(builder.flags(), Flags(0xFFBF));
    builder.set_limit(100);
    assert_eq!(builder.finish()[2..4], [0xFF, 0xBF]);
}

// P24
#[test]
fn a_response_without_a_question_is_read() {
    let octets = answer(Type::A, &[192, 0, 2, 7]);
    let message = Message::parse(&octets).unwrap();
    assert_eq!(message.questions().count(), 0);
    assert_eq!(message.check().unwrap().questions().count(), 0);
    assert_eq!(check(&octets), Ok(1));
    assert_eq!(check(&header([0; 4])), Ok(0));
}

// P25, D-3597-1
#[test]
fn a_type_or_class_that_is_not_known_stops_nothing() {
    let mut octets = header([4, 4, 0, 0]);
    let types = [65, 64, 257, 65280_u16];
    for rtype in types {
        octets.extend([[0, 0].as_slice(), &rtype.to_be_bytes()[1..]].concat());
        octets.extend([0, 1]);
    }
    for rtype in types {
        let start = octets.len();
        put_record(&mut octets, b"\0", Type(rtype), b"\0\0\0");
        octets[start + 3] = 0x12;
    }
    let message = Message::parse(&octets).unwrap().check().unwrap();
    assert_eq!(message.questions().count(), 4);
    let last = message.answers().last().unwrap();
    assert_eq!(
        (last.rtype(), last.class(), last.raw_data().as_octets()),
        (Type(65280), Class(0x1201), [0; 3].as_slice())
    );
    assert!(matches!(last.data(), Ok(RData::Other(Type(65280), [0, 0, 0]))));
}

// N7, D-4.1-4
#[test]
fn a_ttl_with_its_top_bit_set_is_zero() {
    for (ttl, secs) in [(0, 0), (0x7FFF_FFFF, 0x7FFF_FFFF), (0x8000_0000_u32, 0), (0xFFFF_FFFF, 0)] {
        let mut octets = answer(Type::TXT, &[0]);
        octets[ANSWER_DATA - 6..ANSWER_DATA - 2].copy_from_slice(&ttl.to_be_bytes());
        assert_eq!((first(&octets).ttl_secs(), first(&octets).raw_ttl()), (secs, ttl));
    }
}

// M-18.12-1, M-18.13-1
#[test]
fn the_top_bit_of_a_class_is_kept_apart_but_not_in_opt() {
    let mut octets = header([2, 3, 0, 0]);
    octets.extend([0, 0, 1, 0x80, 1, 0, 0, 1, 0x7F, 0xFF]);
    for (rtype, high) in [(1, 0x80), (41, 0x80), (1, 0x7F)] {
        octets.extend([0, 0, rtype, high, 1, 0, 0, 0, 0, 0, 0]);
    }
    let message = Message::parse(&octets).unwrap().check().unwrap();
    let questions: Vec<_> = message
        .questions()
        .map(|question| (question.class(), question.unicast_response(), question.raw_class()))
        .collect();
    assert_eq!(questions, [(Class::IN, true, 0x8001), (Class(0x7FFF), false, 0x7FFF)]);
    let records: Vec<_> =
        message.answers().map(|record| (record.class(), record.cache_flush(), record.raw_class())).collect();
    assert_eq!(
        records,
        [(Class::IN, true, 0x8001), (Class(0x8001), false, 0x8001), (Class(0x7F01), false, 0x7F01)]
    );
}

#[test]
fn each_section_has_its_own_records() {
    let octets = built(Compression::Unicast, |builder| {
        builder.question("q.local", Type::A).unwrap();
        for (section, last) in [(Section::Answer, 1), (Section::Answer, 2), (Section::Additional, 3)] {
            builder.record(section, "a.local", Class::IN, 9, &RData::A([10, 0, 0, last].into())).unwrap();
        }
    });
    let message = Message::parse(&octets).unwrap();
    let checked = message.check().unwrap();
    let last = |record: &Record<'_>| (record.section(), record.raw_data().as_octets()[3]);
    for (section, expected) in
        [(Section::Answer, vec![1, 2]), (Section::Authority, vec![]), (Section::Additional, vec![3])]
    {
        let (lazy, sound) = match section {
            Section::Answer => (message.answers(), checked.answers()),
            Section::Authority => (message.authorities(), checked.authorities()),
            Section::Additional => (message.additionals(), checked.additionals()),
        };
        let expected: Vec<_> = expected.into_iter().map(|last| (section, last)).collect();
        assert_eq!(lazy.map(|record| last(&record.unwrap())).collect::<Vec<_>>(), expected);
        assert_eq!(sound.map(|record| last(&record)).collect::<Vec<_>>(), expected);
        assert_eq!(usize::from(message.header().record_count(section)), expected.len());
    }
    assert_eq!(checked.records().map(|record| last(&record).1).collect::<Vec<_>>(), [1, 2, 3]);
    let mut questions = message.questions();
    assert_eq!(questions.by_ref().count(), 1);
    assert_eq!(questions.records().count(), 3, "the questions are not read again");
}
