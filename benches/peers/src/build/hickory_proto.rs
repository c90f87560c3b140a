//! hickory-proto: owned records, then the message from them, into a vector that is used again.

use hickory_proto::op::{Message, MessageType, OpCode, Query};
use hickory_proto::rr::rdata::{A, AAAA, PTR, SRV, TXT};
use hickory_proto::rr::{Name, RData, Record, RecordType};
use hickory_proto::serialize::binary::{BinEncodable, BinEncoder};

use super::{ADDRESS, ADDRESS6, Build, HOST_TTL, Names, OTHER_TTL, PORT, TEXT};

struct HickoryProto {
    asked: Name,
    host: Name,
    service: Name,
    instance: Name,
    pointer: Name,
    targets: Vec<Name>,
    buf: Vec<u8>,
}

pub(super) fn prepare(names: &Names) -> Box<dyn Build> {
    let name = |text: &str| Name::from_ascii(text).expect("a name");
    Box::new(HickoryProto {
        asked: name(names.asked),
        host: name(names.host),
        service: name(names.service),
        instance: name(names.instance),
        pointer: name(names.pointer),
        targets: names.targets.iter().map(|text| name(text)).collect(),
        buf: Vec::new(),
    })
}

impl Build for HickoryProto {
    fn query<'b>(&'b mut self, _: &'b mut [u8]) -> Option<&'b [u8]> {
        let mut message = Message::new(0, MessageType::Query, OpCode::Query);
        message.metadata.recursion_desired = true;
        message.add_query(Query::query(self.asked.clone(), RecordType::A));
        self.emit(&message)
    }

    fn announcement<'b>(&'b mut self, _: &'b mut [u8]) -> Option<&'b [u8]> {
        let (host, service, instance) = (&self.host, &self.service, &self.instance);
        let text = TEXT.iter().map(|string| string.as_bytes()).collect();
        let mut message = response();
        message.add_answer(record(service, OTHER_TTL, false, RData::PTR(PTR(instance.clone()))));
        message.add_answer(record(instance, HOST_TTL, true, RData::SRV(SRV::new(0, 0, PORT, host.clone()))));
        message.add_answer(record(instance, OTHER_TTL, true, RData::TXT(TXT::from_bytes(text))));
        message.add_answer(record(host, HOST_TTL, true, RData::A(A(ADDRESS))));
        message.add_answer(record(host, HOST_TTL, true, RData::AAAA(AAAA(ADDRESS6))));
        self.emit(&message)
    }

    fn pointers<'b>(&'b mut self, _: &'b mut [u8]) -> Option<&'b [u8]> {
        let mut message = response();
        for target in &self.targets {
            message.add_answer(record(&self.pointer, OTHER_TTL, false, RData::PTR(PTR(target.clone()))));
        }
        self.emit(&message)
    }
}

impl HickoryProto {
    fn emit(&mut self, message: &Message) -> Option<&[u8]> {
        self.buf.clear();
        message.emit(&mut BinEncoder::new(&mut self.buf)).ok()?;
        Some(&self.buf)
    }
}

fn response() -> Message {
    let mut message = Message::new(0, MessageType::Response, OpCode::Query);
    message.metadata.authoritative = true;
    message
}

fn record(name: &Name, ttl: u32, flush: bool, data: RData) -> Record {
    let mut record = Record::from_rdata(name.clone(), ttl, data);
    record.mdns_cache_flush = flush;
    record
}
