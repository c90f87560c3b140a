//! A reader as a firmware would write it: check the message, follow every name, read all data by its type.

#![no_std]
#![no_main]

use dotlocal::name::Name;
use dotlocal::wire::{CheckError, Message, RData, Record};
use dotlocal_probes::{datagram, sink};

#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    let mut buffer = [0; 1500];
    loop {
        sink(&sum(datagram(&mut buffer)));
    }
}

fn sum(octets: &[u8]) -> Result<u32, CheckError> {
    let message = Message::parse(octets)?.check()?;
    let mut sum = message.header().flags().0.into();
    for question in message.questions() {
        sum += name(question.name()) + u32::from(question.qtype().0);
    }
    for record in message.records() {
        sum +=
            name(record.name()) + u32::from(record.rtype().0) + record.ttl_secs() + data(record).unwrap_or(0);
    }
    Ok(sum)
}

fn data(record: Record<'_>) -> Result<u32, CheckError> {
    Ok(match record.data()? {
        RData::A(address) => bytes(&address.octets()),
        RData::Aaaa(address) => bytes(&address.octets()),
        RData::Ptr(target) | RData::Cname(target) => name(target),
        RData::Srv(srv) => u32::from(srv.port()) + name(srv.target()),
        RData::Txt(txt) => txt.strings().map(bytes).sum(),
        RData::Nsec(nsec) => name(nsec.next()) + nsec.types().map(|rtype| u32::from(rtype.0)).sum::<u32>(),
        RData::Other(_, octets) => bytes(octets),
        _ => 0,
    })
}

fn name(name: Name<'_>) -> u32 {
    name.labels().map(bytes).sum()
}

fn bytes(octets: &[u8]) -> u32 {
    octets.iter().map(|&octet| u32::from(octet)).sum()
}
