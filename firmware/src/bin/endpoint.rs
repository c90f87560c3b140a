//! A device that is found and finds others: `responder` and `querier` in one.

#![no_std]
#![no_main]

use dotlocal::mdns::{Config, Endpoint, EndpointStorage, Event, Families, QuerierEvent, Service, Until};
use dotlocal_probes::{address, read_instance, run, sink, word};

static mut STORAGE: EndpointStorage<'static, 2, 2, 0, 2, 1024> = EndpointStorage::new();

#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    // SAFETY: borrowed once, here.
    let storage = unsafe { &mut *(&raw mut STORAGE) };
    let mut endpoint = Endpoint::new(storage, Config::new(word()));
    let service = Service::new("_http._tcp", 80).instance("Kitchen Cam").txt(&[("path", "/")]);
    sink(&endpoint.set_hostname("kitchen-cam").is_ok());
    sink(&endpoint.set_addresses(&[(address(), 24), (address(), 64)]).is_ok());
    sink(&endpoint.register(service).is_ok());
    sink(&endpoint.browse("_http._tcp").is_ok());
    sink(
        &endpoint.lookup("printer.local", Families::Both, Until::Answered { timeout_millis: 5_000 }).is_ok(),
    );
    run!(endpoint, event => {
        if let Event::Querier(QuerierEvent::Resolved { instance, .. }) = event {
            read_instance(endpoint.instance(instance));
        }
    })
}
