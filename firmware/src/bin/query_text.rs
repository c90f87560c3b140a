//! A firmware that asks one question for a name that it gets as text.

#![no_std]
#![no_main]

use dotlocal::wire::{BuildError, Edns, Message, Type};
use dotlocal_probes::{datagram, sink, word};

#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    let (mut text, mut buffer) = ([0; 1500], [0; 1500]);
    loop {
        let name = core::str::from_utf8(datagram(&mut text)).unwrap_or("");
        let room = buffer.get_mut(..word() as usize).unwrap_or_default();
        sink(&query(room, name));
    }
}

#[inline(never)]
fn query<'b>(room: &'b mut [u8], name: &str) -> Result<&'b [u8], BuildError> {
    let mut query = Message::query(room, word() as u16);
    query.question(name, Type(word() as u16))?.edns(&Edns::new(1232))?;
    Ok(query.finish())
}
