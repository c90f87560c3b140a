//! The writer alone: names from text, questions, records of all types, EDNS.

#![no_std]
#![no_main]

use dotlocal::name::{Name, NameBuf};
use dotlocal::wire::{AsName, Builder, Class, Flags, Message, RData, Section, Srv, Txt, Type};
use dotlocal_probes::{datagram, one_of, opaque, sink, word};

#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    let mut input = [0; 1500];
    let mut output = [0; 1500];
    loop {
        let octets = datagram(&mut input);
        let room = output.get_mut(..word() as usize).unwrap_or_default();
        let mut builder = match one_of([true, false]) {
            Some(true) => Message::query(room, word() as u16),
            _ => Builder::new(room, word() as u16, Flags(word() as u16)),
        };
        while word() != 0 {
            match opaque("kitchen-cam.local").parse::<NameBuf>() {
                Ok(name) => sink(&write(&mut builder, name, octets).is_ok()),
                Err(error) => sink(&error),
            }
            sink(&(builder.len(), builder.is_empty()));
        }
        sink(&builder.finish());
    }
}

#[inline(never)]
fn write(
    builder: &mut Builder<'_>,
    owner: impl AsName,
    octets: &[u8],
) -> Result<(), dotlocal::wire::BuildError> {
    let name = Name::from_octets(octets).unwrap_or(Name::ROOT);
    let srv = Srv::new(word() as u16, word() as u16, word() as u16, name);
    let data = [
        RData::A(word().into()),
        RData::Aaaa([word() as u16; 8].into()),
        RData::Ptr(name),
        RData::Cname(name),
        RData::Srv(srv),
        RData::Txt(Txt::from_octets(octets).unwrap_or(Txt::from_octets(&[]).unwrap_or_else(|| loop {}))),
        RData::Other(Type(word() as u16), octets),
    ];
    builder.question(&owner, Type(word() as u16))?;
    let section =
        one_of([Section::Answer, Section::Authority, Section::Additional]).unwrap_or(Section::Answer);
    if let Some(data) = one_of(data) {
        builder.record(section, &owner, Class(word() as u16), word(), &data)?;
    }
    builder.set_flags(Flags::TC);
    builder.edns(word() as u16)?;
    Ok(())
}
