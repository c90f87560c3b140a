//! What a message says, in owned octets, and the way of it through the builder.

use dotlocal::name::{MAX_LABEL, MAX_NAME, Name, NameBuf};
use dotlocal::wire::{
    BuildError, Builder, Checked, Class, Compression, Message, Question, Record, Section, StreamReader,
};

use crate::{Walked, labels_of, plain, wire};

/// A question, which has no section and no data, or a record.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    pub section: Option<Section>,
    /// The name's octets, in the case in which they came.
    pub name: Vec<u8>,
    pub rtype: u16,
    pub class: u16,
    pub ttl: u32,
    /// The data with all names expanded; as it came when it does not read as its type.
    pub data: Vec<u8>,
}

impl Seen {
    pub fn question(question: &Question<'_>) -> Self {
        let (name, rtype, class) =
            (question.name().octets().collect(), question.qtype().0, question.raw_class());
        Self { section: None, name, rtype, class, ttl: 0, data: Vec::new() }
    }

    pub fn record(record: &Record<'_>) -> Self {
        Self {
            section: Some(record.section()),
            name: record.name().octets().collect(),
            rtype: record.rtype().0,
            class: record.raw_class(),
            ttl: record.raw_ttl(),
            data: record.data().map_or_else(|_| record.raw_data().as_octets().to_vec(), |data| plain(&data)),
        }
    }

    /// The octets that it takes without compression.
    pub fn size(&self) -> usize {
        self.name.len() + 4 + self.section.map_or(0, |_| 6 + self.data.len())
    }
}

/// Everything in a message, in its order.
pub fn see(message: &Checked<'_>) -> Vec<Seen> {
    let questions = message.questions().map(|question| Seen::question(&question));
    questions.chain(message.records().map(|record| Seen::record(&record))).collect()
}

/// What holds of every name: its bounds, and the ways through octets, text and labels.
pub fn check_name(name: Name<'_>) {
    let (octets, labels): (Vec<u8>, _) = (name.octets().collect(), labels_of(&name));
    assert_eq!(octets, wire(&labels));
    assert!(octets.len() <= MAX_NAME);
    assert!(labels.iter().all(|label| (1..=MAX_LABEL).contains(&label.len())));
    let walked = Walked::new(&octets, 0).unwrap();
    assert_eq!((walked.labels, walked.end), (labels.clone(), octets.len()));
    assert_eq!(Name::from_octets(&octets).unwrap(), name);
    assert_eq!(NameBuf::from_labels(&labels).unwrap().as_octets(), octets);
    assert_eq!(NameBuf::from(name).as_octets(), octets);
    let text = name.to_string();
    assert!(text.len() <= 4 * MAX_NAME && text.bytes().all(|octet| octet.is_ascii_graphic()));
    assert_eq!(text.parse::<NameBuf>().unwrap().as_octets(), octets);
    assert_eq!(format!("{text}.").parse::<NameBuf>().is_ok(), !name.is_root());
}

/// Writes the message again in every way. Names that compression has changed would show, and so would a record that
/// is refused although there is room for it.
pub fn rebuild(message: &Checked<'_>) {
    for room in [message.message().as_octets().len(), 65_537] {
        for compression in [Compression::None, Compression::Unicast, Compression::Multicast] {
            rebuild_as(message, room, compression);
        }
    }
}

fn rebuild_as(message: &Checked<'_>, room: usize, compression: Compression) {
    let (id, flags) = (message.header().id(), message.header().flags());
    let mut buf = vec![0; room];
    let mut builder = Builder::for_stream(&mut buf, id, flags).with_compression(compression);
    let mut written = Vec::new();
    for question in message.questions() {
        let before = builder.len();
        let result =
            builder.question_of(question.name(), question.qtype(), Class(question.raw_class())).map(|_| ());
        account(result, Seen::question(&question), before, &builder, room - 2, compression, &mut written);
    }
    for record in message.records() {
        let Ok(data) = record.data() else { continue };
        let before = builder.len();
        let (class, ttl) = (Class(record.raw_class()), record.raw_ttl());
        let result = builder.record(record.section(), record.name(), class, ttl, &data).map(|_| ());
        account(result, Seen::record(&record), before, &builder, room - 2, compression, &mut written);
    }
    let mut stream = &*builder.finish();
    let mut copy = vec![0; room];
    let mut reader = StreamReader::new(&mut copy);
    // Without room for a header there is no message.
    let Some(octets) = reader.read(&mut stream).unwrap() else { return };
    let rebuilt = Message::parse(octets).unwrap();
    assert_eq!(rebuilt.header().id(), id);
    assert_eq!(rebuilt.header().flags().0, flags.0 & !0x0040, "the reserved bit is sent as zero");
    let checked = rebuilt.check().unwrap();
    assert!(checked.trailing().is_empty());
    assert_eq!(see(&checked), written, "{compression:?}");
}

/// What was refused has left nothing behind, and would have been too long without compression.
fn account(
    result: Result<(), BuildError>,
    seen: Seen,
    before: usize,
    builder: &Builder<'_>,
    room: usize,
    compression: Compression,
    written: &mut Vec<Seen>,
) {
    match result {
        Ok(()) => {
            assert!(builder.len() <= before + seen.size());
            assert!(compression != Compression::None || builder.len() == before + seen.size());
            written.push(seen);
        }
        Err(error) => {
            assert_eq!((error, builder.len()), (BuildError::DoesNotFit, before));
            assert!(before == 0 || before + seen.size() > room.min(65_535), "there was room");
        }
    }
}
