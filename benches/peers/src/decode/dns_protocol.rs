//! dns-protocol: into arrays of the caller; all data is left raw, labels are strings.

use dns_protocol::{Label, Message, Question, ResourceRecord};

use super::{touch_all, touch_counted};

/// The arrays borrow from the message, so that none can be kept for the next one: here the smallest that will do.
pub(super) fn sum(octets: &[u8]) -> Option<u64> {
    let counts = octets.get(4..12)?.as_chunks().0;
    let counts = <[[u8; 2]; 4]>::try_from(counts).ok()?.map(|count| usize::from(u16::from_be_bytes(count)));
    match counts.iter().sum::<usize>() {
        ..=4 => with::<4>(octets, counts),
        5..=32 => with::<32>(octets, counts),
        _ => with::<256>(octets, counts),
    }
}

fn with<const N: usize>(octets: &[u8], counts: [usize; 4]) -> Option<u64> {
    let (mut questions, mut records) = ([Question::default(); 4], [ResourceRecord::default(); N]);
    let (answers, rest) = records.split_at_mut_checked(counts[1])?;
    let (authorities, rest) = rest.split_at_mut_checked(counts[2])?;
    let additional = rest.get_mut(..counts[3])?;
    let questions = questions.get_mut(..counts[0])?;
    let message = Message::read(octets, questions, answers, authorities, additional).ok()?;
    let mut sum = 0;
    for question in message.questions() {
        sum += name(question.name())? + u64::from(u16::from(question.ty())) + u64::from(question.class());
    }
    for record in message.answers().iter().chain(message.authorities()).chain(message.additional()) {
        sum += name(record.name())? + u64::from(u16::from(record.ty())) + u64::from(record.class());
        sum += u64::from(record.ttl()) + touch_all(record.data());
    }
    Some(sum)
}

fn name(name: Label<'_>) -> Option<u64> {
    let mut sum = 0;
    for label in name.names() {
        sum += touch_counted(label.ok()?.as_bytes());
    }
    Some(sum)
}
