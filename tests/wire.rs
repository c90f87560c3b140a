//! The wire as others misuse it, and as it must round-trip.

#[path = "wire/builder.rs"]
mod builder;
#[path = "wire/data.rs"]
mod data;
#[path = "wire/edns.rs"]
mod edns;
#[path = "wire/frame.rs"]
mod frame;
#[path = "wire/names.rs"]
mod names;
#[path = "wire/pointers.rs"]
mod pointers;
#[path = "wire/rfc.rs"]
mod rfc;
#[path = "wire/round_trip.rs"]
mod round_trip;
#[path = "wire/samples.rs"]
mod samples;
#[path = "wire/stream.rs"]
mod stream;
#[path = "wire/svcb.rs"]
mod svcb;
#[path = "wire/text.rs"]
mod text;

use dotlocal::name::NameBuf;
use dotlocal::wire::{
    Builder, CheckError, Class, Compression, Fault, Flags, HEADER_LEN, Message, RData, Record, Section, Type,
};
use proptest::test_runner::Config;

/// A header with flags of a response and these counts.
fn header(counts: [u16; 4]) -> Vec<u8> {
    let words = [[0, 0x8400].as_slice(), &counts].concat();
    words.into_iter().flat_map(u16::to_be_bytes).collect()
}

/// A message of one answer with the root as its owner.
fn answer(rtype: Type, rdata: &[u8]) -> Vec<u8> {
    let mut octets = header([0, 1, 0, 0]);
    put_record(&mut octets, b"\0", rtype, rdata);
    octets
}

/// A record of class IN that lives for two minutes.
fn put_record(octets: &mut Vec<u8>, owner: &[u8], rtype: Type, rdata: &[u8]) {
    octets.extend(owner);
    octets.extend(rtype.0.to_be_bytes());
    octets.extend([0, 1, 0, 0, 0, 120]);
    octets.extend((rdata.len() as u16).to_be_bytes());
    octets.extend(rdata);
}

/// Where data begins of a message by [`answer`].
const ANSWER_DATA: usize = HEADER_LEN + 1 + 10;

/// Checks a message on both ways, which must say the same, and counts its records.
fn check(octets: &[u8]) -> Result<usize, CheckError> {
    let message = Message::parse(octets)?;
    let questions = message.questions().find_map(Result::err);
    let lazy = message.records().collect::<Result<Vec<_>, _>>().map(|records| records.len());
    let checked = message.check().map(|checked| checked.records().count());
    assert_eq!(lazy, checked, "both walks say the same");
    assert!(questions.is_none() || questions == lazy.err());
    checked
}

fn fault(octets: &[u8]) -> Fault {
    check(octets).unwrap_err().fault()
}

/// The first answer of a message whose frame is sound.
fn first(octets: &[u8]) -> Record<'_> {
    Message::parse(octets).unwrap().check().unwrap().answers().next().unwrap()
}

/// What is wrong with the data of the first answer, and where in it.
fn data_error(octets: &[u8]) -> (Fault, usize) {
    let error = first(octets).data().unwrap_err();
    (error.fault(), error.at() - ANSWER_DATA)
}

/// The octets of the message that `write` builds.
fn built(compression: Compression, write: impl FnOnce(&mut Builder<'_>)) -> Vec<u8> {
    let mut buf = vec![0; 70_000];
    let mut builder = Builder::new(&mut buf, 0, Flags::QR).with_compression(compression);
    write(&mut builder);
    builder.finish().to_vec()
}

/// A message with this data in its answer, of a root owner.
fn built_answer(data: &RData<'_>) -> Vec<u8> {
    built(Compression::None, |builder| {
        builder.record(Section::Answer, ".", Class::IN, 120, data).unwrap();
    })
}

fn name(text: &str) -> NameBuf {
    text.parse().unwrap()
}

/// All that data says, names in the case in which they stand; not where options stood.
fn shown(data: &RData<'_>) -> String {
    match data {
        RData::Opt(opt) => format!("{:?}", opt.as_octets()),
        _ => format!("{data:?}"),
    }
}

/// Properties leave no files in the source tree: a failure prints its input.
fn cases(cases: u32) -> Config {
    Config { cases, failure_persistence: None, ..Config::default() }
}
