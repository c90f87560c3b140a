//! mdns-proto: read in place; a name is skipped first, and followed when its labels are asked for.

use mdns_proto::wire::{
    HEADER_SIZE, Header, MessageReader, NameRef, QuestionRef, Rdata, Records, Ref, ResourceClass,
    ResourceType,
};

use super::{touch, touch_all, touch_counted};

/// By its reader, as its documentation has it. The reader walks all sections before the one that is asked for again.
pub(super) fn sum(message: &[u8]) -> Option<u64> {
    let reader = MessageReader::try_parse(message).ok()?;
    let mut sum = 0;
    for item in reader.questions() {
        sum += question(&item.ok()?)?;
    }
    sum += section(reader.answers())? + section(reader.authority())?;
    Some(sum + section(reader.additional())?)
}

/// By the parsers that the reader stands on, each message walked once: the fastest that it offers.
pub(super) fn sum_by_cursor(message: &[u8]) -> Option<u64> {
    let (header, _) = Header::try_parse(message).ok()?;
    let (mut at, mut sum) = (HEADER_SIZE, 0);
    for _ in 0..header.question_count() {
        let (item, next) = QuestionRef::try_parse(message, at).ok()?;
        sum += question(&item)?;
        at = next;
    }
    let counts = [header.answer_count(), header.authority_count(), header.additional_count()];
    for _ in 0..counts.into_iter().map(u32::from).sum() {
        let (item, next) = Ref::try_parse(message, at).ok()?;
        sum += record(&item)?;
        at = next;
    }
    Some(sum)
}

fn section(records: Records<'_>) -> Option<u64> {
    let mut sum = 0;
    for item in records {
        sum += record(&item.ok()?)?;
    }
    Some(sum)
}

fn question(question: &QuestionRef<'_>) -> Option<u64> {
    let fields = type_and_class(question.qtype(), question.qclass(), question.unicast_response_requested());
    Some(name(question.qname())? + fields)
}

fn record(record: &Ref<'_>) -> Option<u64> {
    let fields = type_and_class(record.rtype(), record.rclass(), record.cache_flush());
    Some(name(record.name())? + fields + u64::from(record.ttl()) + data(record)?)
}

fn type_and_class(rtype: ResourceType, class: ResourceClass, top_bit: bool) -> u64 {
    u64::from(rtype.to_u16()) + u64::from(class.to_u16() | u16::from(top_bit) << 15)
}

fn data(record: &Ref<'_>) -> Option<u64> {
    Some(match record.rdata_view().ok()? {
        Rdata::A(a) => touch(&a.addr().octets()),
        Rdata::AAAA(aaaa) => touch(&aaaa.addr().octets()),
        Rdata::Ptr(ptr) => name(ptr.target())?,
        Rdata::Cname(cname) => name(cname.target())?,
        Rdata::Srv(srv) => {
            let numbers = u64::from(srv.priority()) + u64::from(srv.weight()) + u64::from(srv.port());
            numbers + name(srv.target())?
        }
        Rdata::Txt(txt) => {
            let mut sum = 0;
            for string in txt.segments() {
                sum += touch_counted(string.ok()?);
            }
            sum
        }
        Rdata::Nsec(nsec) => name(nsec.next_name())? + touch_all(nsec.type_bitmap_slice()),
        Rdata::Other(octets) => touch_all(octets),
        _ => return None,
    })
}

fn name(name: &NameRef<'_>) -> Option<u64> {
    let mut sum = 0;
    for label in name.labels() {
        sum += touch_counted(label.ok()?);
    }
    Some(sum)
}
