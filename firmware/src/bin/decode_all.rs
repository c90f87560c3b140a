//! The whole reading interface: lazy and checked walk, all names in every form, all data. Nothing is shown as text.

#![no_std]
#![no_main]

use dotlocal::name::{Name, NameBuf};
use dotlocal::wire::{Message, Question, RData, Record, StreamReader, SvcParams, Type};
use dotlocal_probes::{datagram, sink, word};

#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    let (mut buffer, mut stream) = ([0; 1500], [0; 1500]);
    let mut stream = StreamReader::new(&mut stream);
    loop {
        let mut arrived = datagram(&mut buffer);
        match stream.read(&mut arrived) {
            Ok(message) => sink(&message),
            Err(error) => sink(&error),
        }
        if word() != 0 {
            stream.reset();
        }
        let Ok(message) = Message::parse(datagram(&mut buffer)) else { continue };
        read_message(&message);
    }
}

fn read_message(message: &Message<'_>) {
    let header = message.header();
    sink(&(header.id(), header.flags().opcode(), header.flags().rcode(), header.is_response()));
    sink(&message.edns());
    for question in message.questions().flatten() {
        read_question(question);
    }
    let behind = message.questions().records();
    let sections =
        [behind, message.records(), message.answers(), message.authorities(), message.additionals()];
    for record in sections.into_iter().flatten().flatten() {
        read_record(record);
    }
    match message.check() {
        Ok(checked) => {
            checked.questions().for_each(read_question);
            let sections =
                [checked.records(), checked.answers(), checked.authorities(), checked.additionals()];
            sections.into_iter().flatten().for_each(read_record);
            sink(&(checked.trailing(), checked.header(), checked.message().as_octets()));
        }
        Err(error) => sink(&(error.at(), error.fault())),
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
        Ok(RData::Soa(soa)) => {
            sink(&soa.negative_ttl_secs(word()));
            read_name(soa.rname);
        }
        Ok(RData::Srv(srv)) => {
            sink(&(srv.priority, srv.weight, srv.port, srv.is_available()));
            read_name(srv.target);
        }
        Ok(RData::Txt(txt)) => {
            txt.strings().for_each(|string| sink(&string));
            txt.attributes().for_each(|attribute| sink(&attribute));
            sink(&txt.get("path"));
        }
        Ok(RData::Nsec(nsec)) => {
            read_name(nsec.next);
            nsec.types.iter().for_each(|rtype| sink(&rtype));
            sink(&(nsec.types.has(Type(word() as u16)), nsec.types.as_octets()));
        }
        Ok(RData::Opt(opt)) => opt.options().for_each(|option| sink(&option)),
        Ok(RData::Svcb(svcb) | RData::Https(svcb)) => {
            svcb.params().for_each(|param| sink(&param));
            SvcParams::iter(&svcb.params).for_each(|param| sink(&param.key()));
            sink(&(svcb.is_alias(), svcb.is_usable()));
        }
        other => sink(&other),
    }
}

#[inline(never)]
fn read_name(name: Name<'_>) {
    name.labels().for_each(|label| sink(&label));
    name.labels().rev().for_each(|label| sink(&label));
    name.octets().for_each(|octet| sink(&octet));
    sink(&NameBuf::from(name).as_octets());
    if let Some((label, above)) = name.split_first() {
        sink(&(label, above == name, above.cmp(&name), above.is_root()));
        sink(&(name.ends_with(&above), name.starts_with(&above), name.instance_of(&above)));
    }
}
