//! The whole interface of the querier.

#![no_std]
#![no_main]

use dotlocal::mdns::{Querier, QuerierStorage};
use dotlocal_probes::{datagram, find_others, mdns_config, meta, moment, read_found, sink};

static mut STORAGE: QuerierStorage<4, 2048> = QuerierStorage::new();

#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    let mut buffer = [0; 1500];
    // SAFETY: borrowed once, here.
    let storage = unsafe { &mut *(&raw mut STORAGE) };
    let mut querier = Querier::new(storage, mdns_config());
    let mut request = None;
    loop {
        find_others!(&mut querier, &mut request);
        sink(&querier.handle_datagram(moment(), meta(), datagram(&mut buffer)));
        querier.handle_timeout(moment());
        while let Some(transmit) = querier.poll_transmit(moment(), &mut buffer) {
            sink(&transmit);
        }
        while let Some(event) = querier.poll_event() {
            sink(&event);
            read_found!(&mut querier, event);
        }
        sink(&querier.poll_timeout());
    }
}
