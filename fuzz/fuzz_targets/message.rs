//! Reads any octets as a message, in every way there is.
//!
//! What must hold: nothing panics, `check` and the lazy walk agree to the octet, names and data keep their bounds, a
//! name survives the way through text, and a record the way through the builder.

#![no_main]

use dotlocal::name::{MAX_LABEL, MAX_NAME, Name, NameBuf};
use dotlocal::wire::{BuildError, Builder, CheckError, Class, Message, Question, RData, Record, Section};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    let Ok(message) = Message::parse(octets) else {
        assert!(octets.len() < 12 || octets.len() > 65_535);
        return;
    };
    let questions: Result<Vec<Question<'_>>, CheckError> = message.questions().collect();
    let records: Result<Vec<Record<'_>>, CheckError> = message.records().collect();
    each_section_is_a_part(&message);
    match message.check() {
        Err(error) => {
            assert_eq!(records.err(), Some(error));
            assert!(!error.to_string().is_empty());
            assert!(error.at() <= octets.len());
        }
        Ok(checked) => {
            let (questions, records) = (questions.unwrap(), records.unwrap());
            assert_eq!(questions.len(), message.header().question_count().into());
            assert!(checked.trailing().len() <= octets.len() - 12);
            assert!(questions.iter().map(shown_question).eq(checked.questions().map(|q| shown_question(&q))));
            assert!(records.iter().map(shown_record).eq(checked.records().map(|r| shown_record(&r))));
            for question in &questions {
                read_name(question.name());
                let _ = (question.qtype().to_string(), question.class(), question.unicast_response());
            }
            for record in &records {
                read_name(record.name());
                read_data(record);
            }
            rebuild(&message, &records);
        }
    }
});

fn shown_question(question: &Question<'_>) -> String {
    format!("{} {} {}", question.name(), question.qtype(), question.raw_class())
}

fn shown_record(record: &Record<'_>) -> String {
    let (ttl, section) = (record.ttl_secs(), record.section());
    let data = record.raw_data().as_octets();
    format!("{} {} {} {ttl} {section:?} {data:?}", record.name(), record.rtype(), record.raw_class())
}

/// The iterators of one section give what the walk over all gives, up to the first error.
fn each_section_is_a_part(message: &Message<'_>) {
    let sections = [
        (Section::Answer, message.answers()),
        (Section::Authority, message.authorities()),
        (Section::Additional, message.additionals()),
    ];
    for (section, records) in sections {
        let all = message.records().flatten().filter(|record| record.section() == section);
        assert!(all.map(|r| shown_record(&r)).eq(records.flatten().map(|r| shown_record(&r))));
    }
}

fn read_name(name: Name<'_>) {
    let octets: Vec<u8> = name.octets().collect();
    assert!(octets.len() <= MAX_NAME && octets.last() == Some(&0));
    assert!(name.labels().all(|label| (1..=MAX_LABEL).contains(&label.len())));
    assert_eq!(name.labels().map(|label| label.len() + 1).sum::<usize>() + 1, octets.len());
    assert_eq!(Name::from_octets(&octets).unwrap(), name);
    let text = name.to_string();
    assert!(text.len() <= 4 * MAX_NAME && text.is_ascii());
    assert_eq!(text.parse::<NameBuf>().unwrap().as_octets(), octets);
    if let Some((_, above)) = name.split_first() {
        assert!(name.ends_with(&above) && !above.ends_with(&name));
    }
}

fn read_data(record: &Record<'_>) {
    let received = record.raw_data().as_octets();
    if let Ok(octets) = record.raw_data().uncompressed() {
        // Two names at most are expanded, each of which took at least an octet.
        assert!(octets.count() <= received.len() + 2 * MAX_NAME);
    }
    let Ok(data) = record.data() else { return };
    assert_eq!(data.rtype(), record.rtype());
    match data {
        RData::A(_) => assert_eq!(received.len(), 4),
        RData::Aaaa(_) => assert_eq!(received.len(), 16),
        RData::Ptr(name) | RData::Cname(name) => read_name(name),
        RData::Srv(srv) => {
            assert_eq!(
                [srv.priority(), srv.weight(), srv.port()].map(u16::to_be_bytes).concat(),
                received[..6]
            );
            read_name(srv.target());
        }
        RData::Txt(txt) => {
            assert_eq!(txt.strings().map(|string| string.len() + 1).sum::<usize>(), received.len());
            for (key, _) in txt.attributes() {
                assert!(!key.is_empty());
            }
        }
        RData::Nsec(nsec) => {
            read_name(nsec.next());
            assert!(nsec.types().is_sorted());
            assert!(nsec.types().all(|rtype| nsec.has(rtype)));
        }
        RData::Other(_, octets) => assert_eq!(octets, received),
        _ => {}
    }
}

/// Writes the records into a buffer that may be too small; those that fitted must read as before.
fn rebuild(message: &Message<'_>, records: &[Record<'_>]) {
    let header = message.header();
    let mut buf = vec![0; message.as_octets().len()];
    let mut builder = Builder::new(&mut buf, header.id(), header.flags());
    let mut written = Vec::new();
    for record in records {
        let Ok(data) = record.data() else { continue };
        let before = builder.len();
        let class = Class(record.raw_class());
        match builder.record(record.section(), record.name(), class, record.raw_ttl(), &data) {
            Ok(_) => written.push(rebuilt_record(record)),
            Err(error) => {
                assert_eq!(error, BuildError::DoesNotFit);
                assert_eq!(builder.len(), before);
            }
        }
    }
    let message = Message::parse(builder.finish()).unwrap();
    assert_eq!((message.header().id(), message.header().flags()), (header.id(), header.flags()));
    let checked = message.check().unwrap();
    assert!(checked.trailing().is_empty());
    assert!(checked.records().map(|record| rebuilt_record(&record)).eq(written));
}

fn rebuilt_record(record: &Record<'_>) -> (String, u16, u32, Section, Vec<u8>) {
    let data = match record.data() {
        // Names in data that is not typed here stay pointers into the old message.
        Ok(RData::Other(_, octets)) => octets.to_vec(),
        _ => record.raw_data().uncompressed().unwrap().collect(),
    };
    (record.name().to_string(), record.raw_class(), record.raw_ttl(), record.section(), data)
}
