//! The control of the proof: this one has a panic path, so it must not link.

#![no_std]
#![no_main]

use dotlocal_probes::{datagram, sink, word};

#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    let mut buffer = [0; 1500];
    let octets = datagram(&mut buffer);
    loop {
        sink(&octets[word() as usize]);
    }
}
