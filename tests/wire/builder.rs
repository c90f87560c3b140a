//! Writing: sections, room, roll-back, compression.

use super::samples::{HOST, HOST_OCTETS, MAIL_OCTETS, MULTICAST, RFC_1035, samples};
use super::*;
use dotlocal::name::Name;
use dotlocal::name::NameTextError;
use dotlocal::wire::{BuildError, Edns};

fn address() -> RData<'static> {
    RData::A([192, 0, 2, 7].into())
}

fn ask(builder: &mut Builder<'_>, name: &str) {
    builder.question(name, Type::A).unwrap();
}

/// Data of a type that nobody knows, to fill a message.
fn filler(octets: &[u8]) -> RData<'_> {
    RData::Other(Type(65280), octets)
}

// D-4.1.4-3, D-3597-2, M-18.14-1
#[test]
fn only_names_that_every_reader_knows_are_compressed() {
    for (compression, types) in [
        (Compression::None, [].as_slice()),
        (Compression::Unicast, &RFC_1035),
        (Compression::Multicast, &[RFC_1035.as_slice(), &MULTICAST].concat()),
    ] {
        for sample in samples() {
            let octets = built(compression, |builder| {
                builder.question(HOST, Type::ANY).unwrap();
                builder.record(Section::Answer, HOST, Class::IN, 120, &sample.data).unwrap();
            });
            let record = first(&octets);
            // The whole of one name is there already, and all but the first label of the other.
            let saved = [(HOST_OCTETS, 12), (MAIL_OCTETS, 7)].into_iter().map(|(name, saved)| {
                if sample.octets.windows(name.len()).any(|octets| octets == name) { saved } else { 0 }
            });
            let saved: usize = if types.contains(&record.rtype()) { saved.sum() } else { 0 };
            let raw = record.raw_data();
            assert_eq!(raw.as_octets().len(), sample.octets.len() - saved, "{:?}", sample.data);
            assert_eq!(raw.uncompressed().unwrap().collect::<Vec<_>>(), sample.octets);
            assert_eq!(shown(&record.data().unwrap()), shown(&sample.data));
            let owner = if compression == Compression::None { 14 } else { 2 };
            assert_eq!(octets.len(), 12 + 14 + 4 + owner + 10 + raw.as_octets().len());
        }
    }
}

// P27
#[test]
fn what_does_not_fit_is_taken_back_octet_by_octet() {
    for sample in samples() {
        for compression in [Compression::None, Compression::Multicast] {
            let write = |builder: &mut Builder<'_>| {
                builder.record(Section::Answer, "a.mail.example", Class::IN, 9, &sample.data).map(|_| ())
            };
            let whole = built(compression, |builder| {
                ask(builder, "example");
                write(builder).unwrap();
                write(builder).unwrap();
            });
            let mut buf = vec![0xAA; 300];
            for limit in 0..whole.len() {
                let mut builder = Builder::new(&mut buf, 0, Flags::QR).with_compression(compression);
                builder.set_limit(limit);
                let asked = builder.question("example", Type::A).is_ok();
                assert_eq!(asked, limit >= 25);
                while write(&mut builder).is_ok() {}
                let written = builder.len();
                assert!(written <= limit.max(12), "{written} octets of {limit}");
                // Nothing of what failed is left: what comes next is as if it were the first try.
                builder.set_limit(usize::MAX);
                if asked {
                    let records = if written == 25 { 2 } else { 1 };
                    (0..records).for_each(|_| write(&mut builder).unwrap());
                    assert_eq!(builder.finish(), whole, "{limit}");
                }
            }
        }
    }
}

#[test]
fn a_name_that_was_taken_back_is_not_pointed_to() {
    // Of the second try, the first label alone stands where the whole name stood of the first one.
    for limit in 12..12 + 5 + 4 {
        let octets = built(Compression::Unicast, |builder| {
            builder.set_limit(limit);
            assert_eq!(builder.question("a.a", Type::A).unwrap_err(), BuildError::DoesNotFit);
            builder.set_limit(100);
            ask(builder, "a.a");
        });
        assert_eq!(octets[12..], *b"\x01a\x01a\0\0\x01\0\x01", "{limit}");
    }
}

// P27
#[test]
fn a_cut_message_counts_what_it_has_and_says_that_it_is_cut() {
    for size in 0..200 {
        let mut buf = vec![0xAA; size];
        let mut builder = Builder::new(&mut buf, 7, Flags::QR);
        let fits = (0..20)
            .take_while(|_| builder.record(Section::Authority, "a.example", Class::IN, 9, &address()).is_ok())
            .count();
        builder.set_flags(Flags::TC);
        assert_eq!(fits, size.saturating_sub(12 + 9) / 16, "{size}");
        assert_eq!(builder.is_empty(), fits == 0);
        let octets = builder.finish().to_vec();
        let Ok(message) = Message::parse(&octets) else {
            assert!(size < 12 && octets.is_empty());
            continue;
        };
        assert_eq!(message.header().flags(), Flags::QR.with(Flags::TC));
        assert_eq!(message.check().unwrap().authorities().count(), fits);
        assert_eq!((message.header().id(), octets.len()), (7, 12 + fits * 16 + if fits > 0 { 9 } else { 0 }));
    }
}

#[test]
fn sections_come_in_order_and_a_mistake_changes_nothing() {
    let sections = [Section::Answer, Section::Authority, Section::Additional];
    for (at, section) in sections.into_iter().enumerate() {
        let mut buf = [0; 200];
        let mut builder = Builder::new(&mut buf, 0, Flags::QR);
        ask(&mut builder, "q.example");
        builder.record(section, "a.example", Class::IN, 1, &address()).unwrap();
        let len = builder.len();
        assert_eq!(builder.question("b.example", Type::A).unwrap_err(), BuildError::OutOfOrder);
        for before in &sections[..at] {
            let error = builder.record(*before, "b.example", Class::IN, 1, &address()).unwrap_err();
            assert_eq!(error, BuildError::OutOfOrder);
        }
        let error = builder.record(section, "b..example", Class::IN, 1, &address()).unwrap_err();
        assert_eq!(error, BuildError::Name(NameTextError::EmptyLabel));
        assert_eq!(builder.len(), len);
        // What failed for room does not begin its section.
        builder.set_limit(len);
        assert!(builder.record(Section::Additional, "c.example", Class::IN, 1, &address()).is_err());
        builder.set_limit(200);
        for same_or_later in &sections[at..] {
            builder.record(*same_or_later, "b.example", Class::IN, 1, &address()).unwrap();
        }
        let message = Message::parse(builder.finish()).unwrap().check().unwrap();
        assert_eq!((message.questions().count(), message.records().count()), (1, 1 + sections.len() - at));
    }
    let mut buf = [0; 100];
    let error = Builder::new(&mut buf, 0, Flags::QR).question("a..b", Type::A).unwrap_err();
    assert_eq!(error, BuildError::Name(NameTextError::EmptyLabel));
}

// D-4.1.4-2
#[test]
fn nothing_points_beyond_14_bits() {
    // The name is written at the last offset that a pointer can name, or behind it.
    for (at, pointed) in [(0x3FFE, true), (0x3FFF, true), (0x4000, false), (0x4001, false)] {
        let data = vec![0; at - 12 - 11];
        let octets = built(Compression::Unicast, |builder| {
            builder.record(Section::Answer, Name::ROOT, Class::IN, 0, &filler(&data)).unwrap();
            assert_eq!(builder.len(), at);
            for _ in 0..2 {
                builder.record(Section::Answer, "far", Class::IN, 0, &filler(&[])).unwrap();
            }
        });
        assert_eq!(octets.len(), at + 5 + 10 + 10 + if pointed { 2 } else { 5 });
        let message = Message::parse(&octets).unwrap().check().unwrap();
        assert_eq!(
            message.records().skip(1).map(|record| record.name().to_string()).collect::<Vec<_>>(),
            ["far"; 2]
        );
    }
}

// D-4.1.4-4, D-2.3-1
#[test]
fn another_case_is_written_out() {
    let octets = built(Compression::Unicast, |builder| {
        ["Foo.local", "foo.local", "foo.Local", "Foo.local"].iter().for_each(|name| ask(builder, name));
    });
    let message = Message::parse(&octets).unwrap().check().unwrap();
    let names: Vec<_> = message.questions().map(|question| question.name().to_string()).collect();
    assert_eq!(names, ["Foo.local", "foo.local", "foo.Local", "Foo.local"]);
    assert_eq!(octets.len(), 12 + (11 + 4) + (6 + 4) + (11 + 4) + (2 + 4));
}

#[test]
fn a_name_points_to_the_longest_ending_and_never_into_itself() {
    let octets = built(Compression::Unicast, |builder| {
        ["a.a.a", "b.a.a", "a.a", "ab.a.a", "b.a.a.x", "."].iter().for_each(|name| ask(builder, name));
    });
    let names: Vec<u8> = [
        b"\x01a\x01a\x01a\0\0\x01\0\x01".as_slice(),
        b"\x01b\xC0\x0E\0\x01\0\x01",
        b"\xC0\x0E\0\x01\0\x01",
        b"\x02ab\xC0\x0E\0\x01\0\x01",
        b"\x01b\x01a\x01a\x01x\0\0\x01\0\x01",
        b"\0\0\x01\0\x01",
    ]
    .concat();
    assert_eq!(octets[12..], names);
}

#[test]
fn names_are_compressed_as_long_as_their_endings_are_remembered() {
    let names: Vec<_> = (10..40).map(|n| format!("n{n}")).collect();
    let octets = built(Compression::Unicast, |builder| {
        names.iter().chain(&names).for_each(|name| ask(builder, name));
    });
    assert_eq!(octets.len(), 12 + 30 * 9 + 16 * 6 + 14 * 9, "16 of them");
    let message = Message::parse(&octets).unwrap().check().unwrap();
    let read: Vec<_> = message.questions().map(|question| question.name().to_string()).collect();
    assert_eq!(read, [names.clone(), names].concat());
}

#[test]
fn a_message_has_as_many_questions_as_65535_octets_hold() {
    let mut buf = vec![0; 70_000];
    let mut builder = Builder::new(&mut buf, 0, Flags::QR);
    let asked = (0..).take_while(|_| builder.question(Name::ROOT, Type::A).is_ok()).count();
    assert_eq!(asked, (65_535 - 12) / 5);
    let message = Message::parse(builder.finish()).unwrap();
    assert_eq!(usize::from(message.header().question_count()), asked);
    assert_eq!(message.check().unwrap().questions().count(), asked);
}

#[test]
fn a_record_fills_a_message_to_its_last_octet() {
    let mut buf = vec![0; 70_000];
    for (data, fits) in [(65_535 - 12 - 11, true), (65_535 - 12 - 10, false)] {
        let data = vec![1; data];
        for (start, stream) in [(0, false), (2, true)] {
            let new = if stream { Builder::for_stream } else { Builder::new };
            let mut builder = new(&mut buf, 0, Flags::QR);
            let result =
                builder.record(Section::Answer, Name::ROOT, Class::IN, 0, &filler(&data)).map(|_| ());
            assert_eq!(result, if fits { Ok(()) } else { Err(BuildError::DoesNotFit) });
            assert_eq!(builder.finish().len(), if fits { start + 65_535 } else { start + 12 });
        }
    }
}

#[test]
fn a_limit_holds_for_what_comes_and_leaves_what_stands() {
    let mut buf = [0; 64];
    let mut builder = Builder::new(&mut buf, 0, Flags::QR);
    ask(&mut builder, "a");
    builder.set_limit(10);
    assert_eq!(builder.question("b", Type::A).unwrap_err(), BuildError::DoesNotFit);
    builder.set_limit(19 + 7);
    ask(&mut builder, "b");
    assert_eq!(builder.question(".", Type::A).unwrap_err(), BuildError::DoesNotFit);
    builder.set_limit(1000);
    while builder.question(".", Type::A).is_ok() {}
    assert_eq!(builder.len(), 61);
    assert_eq!(check(builder.finish()), Ok(0));
}

// D-4.2-1
#[test]
fn a_message_for_a_stream_stands_behind_its_length() {
    let plain = built(Compression::Unicast, |builder| {
        ask(builder, "a.example");
        ask(builder, "b.example");
    });
    for (size, fits) in [(1, 0), (13, 0), (14, 0), (2 + plain.len() - 1, 1), (2 + plain.len(), 2), (700, 2)] {
        let mut buf = vec![0xAA; size];
        let mut builder = Builder::for_stream(&mut buf, 0, Flags::QR);
        let questions = ["a.example", "b.example"];
        let fitting = questions.iter().take_while(|name| builder.question(**name, Type::A).is_ok()).count();
        assert_eq!(fitting, fits);
        assert_eq!(builder.is_empty(), fits == 0);
        let len = builder.len();
        let octets = builder.finish();
        if size < 14 {
            assert_eq!((len, octets.len()), (0, 0));
            continue;
        }
        assert_eq!(octets[..2], (len as u16).to_be_bytes());
        assert_eq!(octets.len(), 2 + len);
        if fits == 2 {
            assert_eq!(octets[2..], plain, "pointers count from the message");
        }
    }
    let mut buf = vec![0; 1000];
    let mut builder = Builder::for_stream(&mut buf, 0, Flags::QR);
    builder.set_limit(12 + 7);
    assert!(builder.question("a", Type::A).is_ok() && builder.question("a", Type::A).is_err());
    builder.set_id(0x0102);
    builder.set_flags(Flags::TC);
    assert_eq!(builder.finish()[..8], [0, 19, 1, 2, 0x82, 0, 0, 1]);
    let mut long = vec![0; 700];
    let mut builder = Builder::for_stream(&mut long, 0, Flags::QR);
    builder.record(Section::Answer, Name::ROOT, Class::IN, 0, &filler(&[0; 600])).unwrap();
    assert_eq!(builder.finish()[..2], (12 + 11 + 600_u16).to_be_bytes());
}

#[test]
fn an_id_is_set_before_and_after_the_message_is_finished() {
    let mut buf = [0; 12];
    let mut builder = Builder::new(&mut buf, 0, Flags::QR);
    builder.set_id(0x1234);
    let octets = builder.finish();
    assert_eq!(octets[..2], [0x12, 0x34]);
    Message::set_id(octets, 0x5678);
    assert_eq!(octets[..3], [0x56, 0x78, 0x80]);
    let mut one = [9];
    Message::set_id(&mut one, 0x5678);
    assert_eq!(one, [9]);
}

#[test]
fn a_finished_builder_and_one_without_room_for_a_header_refuse_everything() {
    let mut buf = [0; 64];
    let mut builder = Builder::new(&mut buf, 0, Flags::QR);
    assert_eq!((builder.len(), builder.is_empty()), (HEADER_LEN, true));
    assert_eq!(builder.finish().len(), HEADER_LEN);
    let mut small = [0; 11];
    for mut builder in [builder, Builder::new(&mut small, 0, Flags::QR)] {
        builder.set_limit(usize::MAX);
        builder.set_flags(Flags::TC);
        builder.set_id(7);
        assert_eq!(builder.question("a", Type::A).unwrap_err(), BuildError::DoesNotFit);
        assert_eq!(builder.edns(&Edns::new(1232)).unwrap_err(), BuildError::DoesNotFit);
        assert_eq!((builder.len(), builder.flags()), (0, Flags::default()));
        assert!(builder.finish().is_empty());
    }
}

// M-18.12-1, M-18.13-1
#[test]
fn class_and_time_to_live_are_written_as_they_are() {
    let octets = built(Compression::None, |builder| {
        builder.question_of("a", Type::ANY, Class(0x80FF)).unwrap();
        builder.record(Section::Answer, "a", Class(0x8001), 0x0102_0304, &address()).unwrap();
    });
    assert_eq!(octets[12..19], *b"\x01a\0\0\xFF\x80\xFF");
    assert_eq!(octets[19..], *b"\x01a\0\0\x01\x80\x01\x01\x02\x03\x04\0\x04\xC0\0\x02\x07");
}

#[test]
fn a_query_desires_recursion() {
    let mut buf = [0; 40];
    let octets = Message::query(&mut buf, 7).question("a", Type::A).unwrap().finish();
    assert_eq!(octets, b"\0\x07\x01\0\0\x01\0\0\0\0\0\0\x01a\0\0\x01\0\x01");
}
