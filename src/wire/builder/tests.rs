use std::vec::Vec;

use super::*;
use crate::name::NameBuf;
use crate::wire::Message;

fn announcement(buf: &mut [u8]) -> Result<usize, BuildError> {
    let mut builder =
        Builder::new(buf, 0, Flags::QR.with(Flags::AA)).with_compression(Compression::Multicast);
    let instance: NameBuf = r"Kitchen\032Cam._http._tcp.local".parse().unwrap();
    let host: NameBuf = "kitchen-cam.local".parse().unwrap();
    let srv = crate::wire::Srv { priority: 0, weight: 0, port: 8080, target: host.name() };
    let answer = Section::Answer;
    builder.record(answer, "_http._tcp.local", Class::IN, 4500, &RData::Ptr(instance.name()))?;
    builder.record(answer, instance, Class::IN_CACHE_FLUSH, 120, &RData::Srv(srv))?;
    builder.record(
        Section::Additional,
        host,
        Class::IN_CACHE_FLUSH,
        120,
        &RData::A([192, 0, 2, 7].into()),
    )?;
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
    let flushes: Vec<_> = message.records().map(|record| record.cache_flush()).collect();
    assert_eq!(flushes, [false, true, true]);
    let names: Vec<_> =
        message.records().map(|record| std::string::ToString::to_string(&record.name())).collect();
    assert_eq!(names, ["_http._tcp.local", r"Kitchen\032Cam._http._tcp.local", "kitchen-cam.local"]);
}

// P27
#[test]
fn several_parts_are_taken_back_together() {
    let mut buf = [0; 100];
    let mut builder = Builder::new(&mut buf, 0, Flags::default());
    let host: NameBuf = "cam.local".parse().unwrap();
    let failed = builder.whole(|builder| {
        builder.put_question(&host.name(), Type::A, 1)?;
        assert!(!builder.is_empty());
        builder.put(&[0; 100])
    });
    assert_eq!((failed, builder.len()), (Err(DoesNotFit), HEADER_LEN));
    builder.question("CAM.local", Type::A).unwrap();
    assert_eq!(Message::parse(builder.finish()).unwrap().header().question_count(), 1);
}
