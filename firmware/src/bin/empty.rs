//! The floor: everything that the other probes have without dotlocal.

#![no_std]
#![no_main]

use dotlocal_probes::{datagram, sink};

#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    let mut buffer = [0; 1500];
    loop {
        sink(&datagram(&mut buffer));
    }
}
