//! The whole reading interface: lazy and checked walk, all names in every form, all data. Nothing is shown as text.

#![no_std]
#![no_main]

use dotlocal::name::Name;
use dotlocal::wire::{Message, Question, RData, Record, Type};
use dotlocal_probes::{datagram, sink, word};

#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    let mut buffer = [0; 1500];
    loop {
        let Ok(message) = Message::parse(datagram(&mut buffer)) else { continue };
        let header = message.header();
        sink(&(header.id(), header.flags().opcode(), header.flags().rcode(), header.is_response()));
        for question in message.questions().flatten() {
            read_question(question);
        }
        let sections = [message.records(), message.answers(), message.authorities(), message.additionals()];
        for record in sections.into_iter().flatten().flatten() {
            read_record(record);
        }
        match message.check() {
            Ok(checked) => {
                checked.questions().for_each(read_question);
                let sections =
                    [checked.records(), checked.answers(), checked.authorities(), checked.additionals()];
                sections.into_iter().flatten().for_each(read_record);
                sink(&checked.trailing());
            }
            Err(error) => sink(&(error.at(), error.fault())),
        }
    }
}

#[inline(never)]
fn read_question(question: Question<'_>) {
    sink(&(question.qtype(), question.class(), question.raw_class(), question.unicast_response()));
    read_name(question.name());
}

#[inline(never)]
fn read_record(record: Record<'_>) {
    sink(&(record.section(), record.class(), record.cache_flush(), record.raw_class()));
    sink(&(record.ttl_secs(), record.raw_ttl(), record.rtype()));
    read_name(record.name());
    match record.raw_data().uncompressed() {
        Ok(octets) => octets.for_each(|octet| sink(&octet)),
        Err(error) => sink(&error),
    }
    match record.data() {
        Ok(RData::Ptr(name) | RData::Cname(name)) => read_name(name),
        Ok(RData::Srv(srv)) => {
            sink(&(srv.priority(), srv.weight(), srv.port()));
            read_name(srv.target());
        }
        Ok(RData::Txt(txt)) => {
            txt.strings().for_each(|string| sink(&string));
            txt.attributes().for_each(|attribute| sink(&attribute));
            sink(&txt.get("path"));
        }
        Ok(RData::Nsec(nsec)) => {
            read_name(nsec.next());
            nsec.types().for_each(|rtype| sink(&rtype));
            sink(&nsec.has(Type(word() as u16)));
        }
        other => sink(&other),
    }
}

#[inline(never)]
fn read_name(name: Name<'_>) {
    name.labels().for_each(|label| sink(&label));
    name.octets().for_each(|octet| sink(&octet));
    if let Some((label, above)) = name.split_first() {
        sink(&(label, above == name, name.ends_with(&above), above.is_root()));
    }
}
