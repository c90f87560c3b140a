//! A device that finds others: it browses for a service type, reads what is resolved, and looks up a host.

#![no_std]
#![no_main]

use dotlocal::mdns::{Config, Families, Querier, QuerierEvent, QuerierStorage, Until};
use dotlocal_probes::{read_instance, run, sink, word};

static mut STORAGE: QuerierStorage<2, 1024> = QuerierStorage::new();

#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    // SAFETY: borrowed once, here.
    let storage = unsafe { &mut *(&raw mut STORAGE) };
    let mut querier = Querier::new(storage, Config::new(word()));
    sink(&querier.browse("_http._tcp").is_ok());
    sink(&querier.lookup("printer.local", Families::Both, Until::Answered { timeout_millis: 5_000 }).is_ok());
    run!(querier, event => {
        if let QuerierEvent::Resolved { instance, .. } = event {
            read_instance(querier.instance(instance));
        }
    })
}
