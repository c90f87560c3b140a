//! Reads any octets as a message, in every way there is.
//!
//! What must hold:
//! - nothing panics, and what has fewer than 12 octets or more than 65 535 is no message, and nothing else;
//! - `check`, the walk that can fail, the records behind the questions and the sections agree to the octet;
//! - names and data keep their bounds, and data of one type is what data of any type is;
//! - `Display` never fails, is printable, and no longer than a bound in the octets of the message;
//! - written again, with whatever compression, the message is the same.

#![no_main]

use dotlocal::wire::{CheckError, Edns, Fault, Message, Opt, Question, Record, Section, Type};
use dotlocal_fuzz::{Seen, check_data, check_name, rebuild, see};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    let Ok(message) = Message::parse(octets) else {
        assert!(octets.len() < 12 || octets.len() > 65_535);
        return;
    };
    let questions: Result<Vec<Question<'_>>, CheckError> = message.questions().collect();
    let records: Result<Vec<Record<'_>>, CheckError> = message.records().collect();
    each_section_is_a_part(&message);
    behind_the_questions(&message);
    shown(&message);
    edns(&message);
    match message.check() {
        Err(error) => {
            assert_eq!(records.err(), Some(error));
            assert!(!error.to_string().is_empty());
            assert!(error.at() <= octets.len());
            let data = [Fault::Bitmap, Fault::SvcParam, Fault::OptionData, Fault::Opt, Fault::RdataLength];
            assert!(!data.contains(&error.fault()), "data is not part of the frame");
        }
        Ok(checked) => {
            let (questions, records) = (questions.unwrap(), records.unwrap());
            assert_eq!(questions.len(), message.header().question_count().into());
            assert!(checked.trailing().len() <= octets.len() - 12);
            let lazy = questions.iter().map(Seen::question).chain(records.iter().map(Seen::record));
            assert!(lazy.eq(see(&checked)));
            for question in &questions {
                check_name(question.name());
                assert_eq!(question.unicast_response(), question.raw_class() & 0x8000 != 0);
                assert_eq!(question.class().0, question.raw_class() & 0x7FFF);
            }
            for record in &records {
                check_name(record.name());
                check_data(record);
                assert!(record.ttl_secs() == record.raw_ttl() || record.ttl_secs() == 0);
            }
            assert_eq!(checked.to_string(), message.to_string());
            rebuild(&checked);
        }
    }
});

/// The iterators of one section give what the walk over all gives, up to the first error.
fn each_section_is_a_part(message: &Message<'_>) {
    let sections = [
        (Section::Answer, message.answers()),
        (Section::Authority, message.authorities()),
        (Section::Additional, message.additionals()),
    ];
    for (section, records) in sections {
        let all = message.records().flatten().filter(|record| record.section() == section);
        assert!(all.map(|r| Seen::record(&r)).eq(records.clone().flatten().map(|r| Seen::record(&r))));
        // The error is told whichever section was asked for, and once.
        let errors = |records: &mut dyn Iterator<Item = Result<Record<'_>, _>>| {
            records.filter_map(Result::err).count()
        };
        assert_eq!(errors(&mut records.clone()), errors(&mut message.records()));
        if let Ok(checked) = message.check() {
            let checked = match section {
                Section::Answer => checked.answers(),
                Section::Authority => checked.authorities(),
                Section::Additional => checked.additionals(),
            };
            assert_eq!(checked.count(), message.header().record_count(section).into());
        }
    }
}

/// However many questions were read before, the records are the same; behind a broken question there are none.
fn behind_the_questions(message: &Message<'_>) {
    let expected: Vec<_> =
        message.records().map(|record| record.map(|record| Seen::record(&record))).collect();
    for read in [1, usize::MAX] {
        let mut questions = message.questions();
        let broken = questions.by_ref().take(read).any(|question| question.is_err());
        let records: Vec<_> =
            questions.records().map(|record| record.map(|record| Seen::record(&record))).collect();
        assert_eq!(records, if broken { Vec::new() } else { expected.clone() });
    }
}

fn shown(message: &Message<'_>) {
    let text = message.to_string();
    // The most for an octet is what a MINFO record shows: 16 octets, which lead to three names of 1004 characters.
    assert!(text.len() <= 1000 + 200 * message.as_octets().len());
    assert!(text.bytes().all(|octet| matches!(octet, b' '..=b'~' | b'\t' | b'\n')), "{text:?}");
    assert!(text.ends_with('\n'));
    let lines = text.lines().filter(|line| line.starts_with(";; broken at ")).count();
    assert!(message.check().is_ok() || lines > 0);
}

fn edns(message: &Message<'_>) {
    let all: Result<Vec<Record<'_>>, CheckError> = message.records().collect();
    let edns = match (message.edns(), &all) {
        (Ok(edns), Ok(all)) => {
            assert_eq!(edns.is_some(), all.iter().any(|record| record.rtype() == Type::OPT));
            edns
        }
        (Ok(_), Err(error)) => panic!("nothing was found in a broken message: {error}"),
        (Err(_), _) => return,
    };
    if let Some(edns) = edns {
        let record = message.additionals().flatten().find(|record| record.rtype() == Type::OPT).unwrap();
        let options = record.read::<Opt<'_>>().unwrap().unwrap();
        assert_eq!(edns.rcode.0 & 0xF, message.header().flags().rcode().0);
        let plain = Edns { options, ..edns };
        assert_eq!((plain, record.name().is_root()), (edns, true));
        assert_eq!(
            (record.raw_class().max(512), record.raw_ttl() >> 16 & 0xFF),
            (edns.payload_size, edns.version.into())
        );
        assert_eq!(record.raw_ttl() >> 15 & 1 == 1, edns.dnssec_ok);
        assert!(edns.to_string().is_ascii());
    }
}
