use std::vec::Vec;

use super::*;
use crate::name::{NameBuf, NameTextError};

fn announcement(buf: &mut [u8]) -> Result<usize, BuildError> {
    let mut builder =
        Builder::new(buf, 0, Flags::QR.with(Flags::AA)).with_compression(Compression::Multicast);
    let instance: NameBuf = r"Kitchen\032Cam._http._tcp.local".parse().unwrap();
    let host: NameBuf = "kitchen-cam.local".parse().unwrap();
    let srv = crate::wire::Srv { priority: 0, weight: 0, port: 8080, target: host.name() };
    let answer = Section::Answer;
    builder.record(answer, "_http._tcp.local", Class::IN, 4500, &RData::Ptr(instance.name()))?;
    builder.record(answer, instance, Class(0x8001), 120, &RData::Srv(srv))?;
    builder.record(Section::Additional, host, Class(0x8001), 120, &RData::A([192, 0, 2, 7].into()))?;
    Ok(builder.finish().len())
}

// M-18.14-1
#[test]
fn endings_that_were_written_become_pointers() {
    let mut buf = [0; 512];
    let len = announcement(&mut buf).unwrap();
    let plain = 18 + 10 + 30 + 30 + 10 + 6 + 19 + 19 + 10 + 4;
    // Saved: 16 of the type in PTR's target, all but 2 of the instance, `local` in the host, all but 2 of the host.
    assert_eq!(len, 12 + plain - 16 - 28 - 5 - 17);
    let message = Message::parse(&buf[..len]).unwrap().check().unwrap();
    let names: Vec<_> =
        message.records().map(|record| std::string::ToString::to_string(&record.name())).collect();
    assert_eq!(names, ["_http._tcp.local", r"Kitchen\032Cam._http._tcp.local", "kitchen-cam.local"]);
}

#[test]
fn a_record_that_does_not_fit_leaves_the_message_as_it_was() {
    let mut whole = [0; 512];
    let full = announcement(&mut whole).unwrap();
    for size in 0..full {
        let mut buf = [0; 512];
        assert_eq!(announcement(&mut buf[..size]), Err(BuildError::DoesNotFit), "{size}");
        if size < HEADER_LEN {
            continue;
        }
        let message = Message::parse(&buf[..size]).unwrap().check().unwrap();
        let count = message.records().count();
        assert!(count < 3);
        for (kept, record) in message.records().zip(Message::parse(&whole[..full]).unwrap().records()) {
            assert_eq!(kept.name(), record.unwrap().name());
        }
    }
}

// D-4.1.4-4
#[test]
fn another_case_is_written_out() {
    let mut buf = [0; 64];
    let mut builder = Builder::new(&mut buf, 0, Flags::default());
    builder.question("Foo.local", Type::A).unwrap().question("foo.local", Type::A).unwrap();
    let message = Message::parse(builder.finish()).unwrap();
    let names: Vec<_> = message
        .questions()
        .map(|question| std::string::ToString::to_string(&question.unwrap().name()))
        .collect();
    assert_eq!(names, ["Foo.local", "foo.local"]);
}

#[test]
fn a_name_never_points_into_itself() {
    let mut buf = [0; 64];
    let mut builder = Builder::new(&mut buf, 0, Flags::default());
    builder.question("a.a.a", Type::A).unwrap();
    assert_eq!(builder.finish()[12..19], *b"\x01a\x01a\x01a\0");
}

// D-4.1.4-2
#[test]
fn nothing_points_beyond_14_bits() {
    let mut buf = std::vec![0; 20_000];
    let mut builder = Builder::new(&mut buf, 0, Flags::default());
    let filler = [0; 16_000];
    builder.record(Section::Answer, Name::ROOT, Class::IN, 0, &RData::Other(Type(65280), &filler)).unwrap();
    builder
        .record(Section::Answer, Name::ROOT, Class::IN, 0, &RData::Other(Type(65280), &filler[..361]))
        .unwrap();
    let data = RData::Other(Type(65280), &[]);
    assert_eq!(builder.len(), 16_395);
    builder.record(Section::Answer, "far.local", Class::IN, 0, &data).unwrap();
    let before = builder.len();
    builder.record(Section::Answer, "far.local", Class::IN, 0, &data).unwrap();
    assert_eq!(builder.len() - before, 11 + 10);
}

#[test]
fn sections_come_in_order() {
    let mut buf = [0; 128];
    let mut builder = Builder::new(&mut buf, 0, Flags::default());
    let a = RData::A([192, 0, 2, 7].into());
    builder.record(Section::Additional, "cam.local", Class::IN, 1, &a).unwrap();
    let len = builder.len();
    assert_eq!(
        builder.record(Section::Answer, "b.local", Class::IN, 1, &a).unwrap_err(),
        BuildError::OutOfOrder
    );
    assert_eq!(builder.question("b.local", Type::A).unwrap_err(), BuildError::OutOfOrder);
    let error = builder.record(Section::Additional, "b..local", Class::IN, 1, &a).unwrap_err();
    assert_eq!(error, BuildError::Name(NameTextError::EmptyLabel));
    assert_eq!(builder.finish().len(), len);
}

// E-6.1-1, E-6.2-1
#[test]
fn edns_is_a_pseudo_record_of_the_root() {
    let mut buf = [0; 64];
    let query = Message::query(&mut buf, 7)
        .question("example.com", Type::A)
        .unwrap()
        .edns(&Edns::new(100))
        .unwrap()
        .finish();
    let message = Message::parse(query).unwrap().check().unwrap();
    let opt = message.additionals().next().unwrap();
    assert_eq!((opt.rtype(), opt.class(), opt.name().is_root()), (Type::OPT, Class(512), true));
    assert!(message.header().flags().has(Flags::RD));
}

#[test]
fn a_finished_builder_and_one_without_room_for_a_header_refuse_everything() {
    let mut buf = [0; 64];
    let mut builder = Builder::new(&mut buf, 0, Flags::default());
    assert_eq!(builder.finish().len(), HEADER_LEN);
    assert_eq!(builder.question("a", Type::A).unwrap_err(), BuildError::DoesNotFit);
    let mut small = [0; 11];
    let mut builder = Builder::new(&mut small, 0, Flags::default());
    assert_eq!(builder.question("a", Type::A).unwrap_err(), BuildError::DoesNotFit);
    assert!(builder.finish().is_empty());
}

// P27
#[test]
fn several_parts_are_taken_back_together() {
    let mut buf = [0; 100];
    let mut builder = Builder::new(&mut buf, 0, Flags::default());
    let host: NameBuf = "cam.local".parse().unwrap();
    let failed = builder.whole(|builder| {
        builder.put_question(host.name().labels(), Type::A, 1)?;
        assert!(builder.has_question(&host.name(), Type::A));
        builder.put(&[0; 100])
    });
    assert_eq!((failed, builder.len()), (Err(DoesNotFit), HEADER_LEN));
    assert!(!builder.has_question(&host.name(), Type::A));
    builder.question("CAM.local", Type::A).unwrap();
    assert!(builder.has_question(&host.name(), Type::A), "the case does not count");
    assert!(!builder.has_question(&host.name(), Type::AAAA));
    assert!(!builder.has_question(&Name::LOCAL, Type::A));
    assert_eq!(Message::parse(builder.finish()).unwrap().header().question_count(), 1);
}
