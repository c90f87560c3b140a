//! A device that is found: one host name, one service with a subtype.

#![no_std]
#![no_main]

use dotlocal::mdns::{Config, Responder, ResponderStorage, Service};
use dotlocal_probes::{address, run, sink, word};

static mut STORAGE: ResponderStorage<'static, 2, 2, 0> = ResponderStorage::new();

#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    // SAFETY: borrowed once, here.
    let storage = unsafe { &mut *(&raw mut STORAGE) };
    let mut responder = Responder::new(storage, Config::new(word()));
    let service =
        Service::new("_http._tcp", 80).instance("Kitchen Cam").txt(&[("path", "/")]).subtypes(&["_printer"]);
    sink(&responder.set_hostname("kitchen-cam").is_ok());
    sink(&responder.set_addresses(&[(address(), 24), (address(), 64)]).is_ok());
    sink(&responder.register(service).is_ok());
    run!(responder, event => {})
}
