//! The whole interface of the resolver.

#![no_std]
#![no_main]

use dotlocal::resolver::{Resolver, ResolverStorage};
use dotlocal_probes::{ask_servers, datagram, meta, moment, read_answer, resolver_config, sink, word};

static mut STORAGE: ResolverStorage<3, 4, 1024, 512> = ResolverStorage::new();

#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    let mut buffer = [0; 1500];
    // SAFETY: borrowed once, here.
    let storage = unsafe { &mut *(&raw mut STORAGE) };
    let mut random = word;
    let mut resolver = Resolver::new(storage, &mut random, resolver_config());
    let mut request = None;
    loop {
        ask_servers(&mut resolver, &mut request);
        sink(&resolver.handle_datagram(moment(), meta(), datagram(&mut buffer)));
        resolver.handle_timeout(moment());
        while let Some(transmit) = resolver.poll_transmit(moment(), &mut buffer) {
            sink(&transmit);
        }
        while let Some(event) = resolver.poll_event() {
            sink(&event);
            read_answer(&mut resolver, event);
        }
        sink(&resolver.poll_timeout());
    }
}
