//! simple-dns: owned records, then the message from them, into the caller's buffer.

use std::io::Cursor;

use simple_dns::rdata::{A, AAAA, PTR, RData, SRV, TXT};
use simple_dns::{CLASS, Name, Packet, PacketFlag, QCLASS, Question, ResourceRecord, TYPE};

use super::{ADDRESS, ADDRESS6, Build, HOST_TTL, Names, OTHER_TTL, PORT, TEXT};

struct SimpleDns {
    asked: Name<'static>,
    host: Name<'static>,
    service: Name<'static>,
    instance: Name<'static>,
    pointer: Name<'static>,
    targets: Vec<Name<'static>>,
}

pub(super) fn prepare(names: &Names) -> Box<dyn Build> {
    let name = |text| Name::new(text).expect("a name").into_owned();
    Box::new(SimpleDns {
        asked: name(names.asked),
        host: name(names.host),
        service: name(names.service),
        instance: name(names.instance),
        pointer: name(names.pointer),
        targets: names.targets.iter().map(|text| name(text)).collect(),
    })
}

impl Build for SimpleDns {
    fn query<'b>(&'b mut self, buf: &'b mut [u8]) -> Option<&'b [u8]> {
        let mut packet = Packet::new_query(0);
        packet.set_flags(PacketFlag::RECURSION_DESIRED);
        let question = Question::new(self.asked.clone(), TYPE::A.into(), QCLASS::CLASS(CLASS::IN), false);
        packet.questions.push(question);
        write(&packet, buf)
    }

    fn announcement<'b>(&'b mut self, buf: &'b mut [u8]) -> Option<&'b [u8]> {
        let (host, service, instance) = (&self.host, &self.service, &self.instance);
        let text = TEXT.iter().try_fold(TXT::new(), |text, string| text.with_string(string)).ok()?;
        let srv = SRV { priority: 0, weight: 0, port: PORT, target: host.clone() };
        let mut packet = response();
        packet.answers.push(record(service, OTHER_TTL, false, RData::PTR(PTR(instance.clone()))));
        packet.answers.push(record(instance, HOST_TTL, true, RData::SRV(srv)));
        packet.answers.push(record(instance, OTHER_TTL, true, RData::TXT(text)));
        packet.answers.push(record(host, HOST_TTL, true, RData::A(A::from(ADDRESS))));
        packet.answers.push(record(host, HOST_TTL, true, RData::AAAA(AAAA::from(ADDRESS6))));
        write(&packet, buf)
    }

    fn pointers<'b>(&'b mut self, buf: &'b mut [u8]) -> Option<&'b [u8]> {
        let mut packet = response();
        for target in &self.targets {
            packet.answers.push(record(&self.pointer, OTHER_TTL, false, RData::PTR(PTR(target.clone()))));
        }
        write(&packet, buf)
    }
}

fn response() -> Packet<'static> {
    let mut packet = Packet::new_reply(0);
    packet.set_flags(PacketFlag::AUTHORITATIVE_ANSWER);
    packet
}

fn record<'n>(name: &Name<'n>, ttl: u32, flush: bool, data: RData<'n>) -> ResourceRecord<'n> {
    ResourceRecord::new(name.clone(), CLASS::IN, ttl, data).with_cache_flush(flush)
}

fn write<'b>(packet: &Packet<'_>, buf: &'b mut [u8]) -> Option<&'b [u8]> {
    let mut cursor = Cursor::new(&mut *buf);
    packet.write_compressed_to(&mut cursor).ok()?;
    let len = cursor.position() as usize;
    buf.get(..len)
}
