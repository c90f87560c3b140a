//! The whole interface of the endpoint.

#![no_std]
#![no_main]

use dotlocal::mdns::{Claimed, Endpoint, EndpointStorage, Event, ResponderEvent};
use dotlocal_probes::{
    Registered, be_found, datagram, find_others, mdns_config, meta, moment, read_found, sink,
};

static mut STORAGE: EndpointStorage<'static, 2, 4, 64, 4, 2048> = EndpointStorage::new();

#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    let mut buffer = [0; 1500];
    // SAFETY: borrowed once, here.
    let storage = unsafe { &mut *(&raw mut STORAGE) };
    let mut endpoint = Endpoint::new(storage, mdns_config());
    let (mut registered, mut request) = (Registered::default(), None);
    loop {
        be_found!(&mut endpoint, &mut registered);
        find_others!(&mut endpoint, &mut request);
        sink(&endpoint.handle_datagram(moment(), meta(), datagram(&mut buffer)));
        endpoint.handle_timeout(moment());
        while let Some(transmit) = endpoint.poll_transmit(moment(), &mut buffer) {
            sink(&transmit);
        }
        while let Some(event) = endpoint.poll_event() {
            sink(&event);
            match event {
                Event::Responder(event) => {
                    sink(&Event::from(event));
                    if let ResponderEvent::Established(Claimed::Service(id)) = event {
                        registered.service = Some(id);
                    }
                }
                Event::Querier(event) => {
                    sink(&Event::from(event));
                    read_found!(&mut endpoint, event);
                }
            }
        }
        sink(&endpoint.poll_timeout());
    }
}
