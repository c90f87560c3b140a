//! A device in access-point mode that answers every name with its own address.

#![no_std]
#![no_main]

use dotlocal::portal::Portal;
use dotlocal_probes::{datagram, sink, word};

#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    let (mut rx, mut tx) = ([0; 1500], [0; 512]);
    let portal = Portal::new(word().to_ne_bytes().into());
    loop {
        sink(&portal.answer(datagram(&mut rx), &mut tx));
    }
}
