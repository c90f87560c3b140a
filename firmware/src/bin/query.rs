//! A firmware that asks one question: a constant name, EDNS, nothing else.

#![no_std]
#![no_main]

use dotlocal::name;
use dotlocal::wire::{BuildError, Edns, Message, Type};
use dotlocal_probes::{sink, word};

#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    let mut buffer = [0; 1500];
    loop {
        let room = buffer.get_mut(..word() as usize).unwrap_or_default();
        sink(&query(room));
    }
}

#[inline(never)]
fn query(room: &mut [u8]) -> Result<&[u8], BuildError> {
    let mut query = Message::query(room, word() as u16);
    query.question(name!("api.example.com"), Type(word() as u16))?.edns(&Edns::new(1232))?;
    Ok(query.finish())
}
