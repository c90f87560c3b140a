//! The whole interface of the endpoint.

#![no_std]
#![no_main]

use dotlocal::mdns::{
    Claimed, Config, Endpoint, EndpointStorage, Event, Families, QuerierEvent, RequestId, ResponderEvent,
    Until,
};
use dotlocal_probes::{
    Registered, be_found, datagram, meta, moment, one_of, opaque, read_instance, sink, word,
};

static mut STORAGE: EndpointStorage<'static, 2, 4, 64, 4, 2048> = EndpointStorage::new();

#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    let mut buffer = [0; 1500];
    // SAFETY: borrowed once, here.
    let storage = unsafe { &mut *(&raw mut STORAGE) };
    let config = Config::new(word()).unicast_answers(word() != 0);
    let mut endpoint = Endpoint::new(storage, config);
    let (mut registered, mut request) = (Registered::default(), None);
    loop {
        be_found!(&mut endpoint, &mut registered);
        find_others(&mut endpoint, &mut request);
        sink(&endpoint.handle_datagram(moment(), meta(), datagram(&mut buffer)));
        endpoint.handle_timeout(moment());
        while let Some(transmit) = endpoint.poll_transmit(moment(), &mut buffer) {
            sink(&transmit);
        }
        while let Some(event) = endpoint.poll_event() {
            sink(&event);
            match event {
                Event::Responder(ResponderEvent::Established(Claimed::Service(id))) => {
                    registered.service = Some(id)
                }
                Event::Querier(QuerierEvent::Resolved { instance, .. }) => {
                    read_instance(endpoint.instance(instance))
                }
                _ => {}
            }
        }
        sink(&endpoint.poll_timeout());
    }
}

fn find_others(endpoint: &mut Endpoint<'_, 'static>, request: &mut Option<RequestId>) {
    match word() {
        0 => {
            let families = one_of([Families::Both, Families::V4, Families::V6]).unwrap_or_default();
            *request = endpoint
                .lookup(opaque("printer.local"), families, Until::Answered { timeout_millis: word() })
                .ok();
        }
        1 => *request = endpoint.browse(opaque("_http._tcp")).ok(),
        2 => *request = endpoint.resolve(opaque("Kitchen Cam"), opaque("_http._tcp")).ok(),
        _ => {
            if let Some(request) = request.take() {
                endpoint.cancel(request);
            }
        }
    }
}
