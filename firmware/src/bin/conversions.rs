//! What stands beside reading, writing and the machines: codes by their names, conversions, comparisons, defaults.

#![no_std]
#![no_main]

use core::str::FromStr;

use dotlocal::lookup::LookupStorage;
use dotlocal::mdns::{EndpointStorage, QuerierStorage, ResponderStorage};
use dotlocal::name::{Name, NameBuf};
use dotlocal::resolver::{self, ResolverStorage};
use dotlocal::wire::{Class, Message, Opcode, OptionCode, RData, Rcode, SvcParamKey, Type};
use dotlocal_probes::{datagram, sink, word};

#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    let mut buffer = [0; 1500];
    loop {
        let octets = datagram(&mut buffer);
        codes(core::str::from_utf8(octets).unwrap_or_default());
        if let Ok(name) = Name::from_octets(octets) {
            let (name, copy) = (NameBuf::from(name), NameBuf::from(Name::LOCAL));
            sink(&(name == copy, name.partial_cmp(&copy), name.name().partial_cmp(&Name::LOCAL)));
        }
        if let Ok(message) = Message::parse(octets) {
            data(&message);
        }
        storages();
    }
}

/// Each kind of number by its name, and the name by the number.
#[inline(never)]
fn codes(text: &str) {
    let number = word() as u16;
    sink(&(Type::from_str(text), Type(number).name()));
    sink(&(Class::from_str(text), Class(number).name()));
    sink(&(Rcode::from_str(text), Rcode(number).name()));
    sink(&(Opcode::from_str(text), Opcode(number).name()));
    sink(&(OptionCode::from_str(text), OptionCode(number).name()));
    sink(&(SvcParamKey::from_str(text), SvcParamKey(number).name()));
}

#[inline(never)]
fn data(message: &Message<'_>) {
    let mut before = None;
    for record in message.records().flatten() {
        match record.data() {
            Ok(RData::Opt(opt)) => sink(&(before.replace(opt) == Some(opt))),
            Ok(RData::Https(svcb)) => sink(&svcb.params.as_octets()),
            _ => {}
        }
    }
}

#[inline(never)]
fn storages() {
    sink(&ResponderStorage::<1, 1, 0>::default());
    sink(&QuerierStorage::<1, 64>::default());
    sink(&EndpointStorage::<1, 1, 0, 1, 64>::default());
    sink(&ResolverStorage::<1, 1, 64, 64>::default());
    sink(&LookupStorage::<1, 1>::default());
    sink(&resolver::Config::default());
}
