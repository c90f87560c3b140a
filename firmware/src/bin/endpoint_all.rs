//! The whole interface of the endpoint.

#![no_std]
#![no_main]

use dotlocal::mdns::{
    Claimed, Config, Endpoint, EndpointStorage, Event, Families, QuerierEvent, RequestId, ResponderEvent,
    Service, ServiceId,
};
use dotlocal_probes::{address, datagram, meta, moment, one_of, opaque, read_instance, sink, word};

static mut STORAGE: EndpointStorage<'static, 2, 2, 64, 4, 2048> = EndpointStorage::new();

#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    let mut buffer = [0; 1500];
    // SAFETY: borrowed once, here.
    let storage = unsafe { &mut *(&raw mut STORAGE) };
    let config = Config::new(word()).unicast_answers(word() != 0);
    let mut endpoint = Endpoint::new(storage, config);
    let (mut service, mut request) = (None, None);
    loop {
        be_found(&mut endpoint, &mut service);
        find_others(&mut endpoint, &mut request);
        sink(&endpoint.handle_datagram(moment(), meta(), datagram(&mut buffer)));
        endpoint.handle_timeout(moment());
        while let Some(transmit) = endpoint.poll_transmit(moment(), &mut buffer) {
            sink(&transmit);
        }
        while let Some(event) = endpoint.poll_event() {
            sink(&event);
            match event {
                Event::Responder(ResponderEvent::Established(Claimed::Service(id))) => service = Some(id),
                Event::Querier(QuerierEvent::Resolved { instance, .. }) => {
                    read_instance(endpoint.instance(instance))
                }
                _ => {}
            }
        }
        sink(&endpoint.poll_timeout());
    }
}

fn be_found(endpoint: &mut Endpoint<'_, 'static>, service: &mut Option<ServiceId>) {
    match word() {
        0 => sink(&endpoint.set_hostname(opaque("kitchen-cam"))),
        1 => sink(&endpoint.set_addresses(&[(address(), word() as u8), (address(), word() as u8)])),
        2 => {
            let registered = endpoint.register(
                Service::new(opaque("_http._tcp"), word() as u16)
                    .instance(opaque("Kitchen Cam"))
                    .txt(opaque(&[("path", "/")]))
                    .subtypes(opaque(&["_printer"]))
                    .priority(word() as u16, word() as u16),
            );
            *service = registered.ok();
            sink(&registered);
        }
        3 => {
            let bare = Service::new(opaque("_http._tcp"), word() as u16).instance(opaque("Porch Cam"));
            sink(&endpoint.register(bare.txt_octets(opaque(b"\x06path=/"))));
        }
        4 => endpoint.link_down(),
        5 => endpoint.link_up(),
        6 => endpoint.stop(),
        7 => sink(&endpoint.name(Claimed::Host)),
        _ => {}
    }
    if let Some(id) = *service {
        match word() {
            0 => sink(&endpoint.set_txt(id, &[(opaque("path"), opaque("/"))])),
            1 => sink(&endpoint.set_port(id, word() as u16)),
            2 => sink(&endpoint.unregister(id)),
            3 => sink(&endpoint.name(Claimed::Service(id))),
            _ => {}
        }
    }
}

fn find_others(endpoint: &mut Endpoint<'_, 'static>, request: &mut Option<RequestId>) {
    match word() {
        0 => {
            let families = one_of([Families::Both, Families::V4, Families::V6]).unwrap_or_default();
            *request = endpoint.lookup(opaque("printer.local"), families, word()).ok();
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
