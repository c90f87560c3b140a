//! A device that finds others: it browses for a service type, reads what is resolved, and looks up a host.

#![no_std]
#![no_main]

use dotlocal::mdns::{Config, Families, Querier, QuerierEvent, QuerierStorage};
use dotlocal_probes::{datagram, meta, moment, read_instance, sink, transmit, word};

static mut STORAGE: QuerierStorage<2, 1024> = QuerierStorage::new();

#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    // SAFETY: borrowed once, here.
    let storage = unsafe { &mut *(&raw mut STORAGE) };
    let mut querier = Querier::new(storage, Config::new(word()));
    sink(&querier.browse("_http._tcp").is_ok());
    sink(&querier.lookup("printer.local", Families::Both, 5_000).is_ok());
    let (mut rx, mut tx) = ([0; 1500], [0; 1440]);
    loop {
        loop {
            if let Some(datagram) = querier.poll_transmit(moment(), &mut tx) {
                transmit(datagram);
            } else if let Some(event) = querier.poll_event() {
                sink(&event);
                if let QuerierEvent::Resolved { instance, .. } = event {
                    read_instance(querier.instance(instance));
                }
            } else {
                break;
            }
        }
        sink(&querier.poll_timeout());
        match datagram(&mut rx) {
            [] => querier.handle_timeout(moment()),
            received => {
                querier.handle_datagram(moment(), meta(), received);
            }
        }
    }
}
