//! The whole interface of the responder.

#![no_std]
#![no_main]

use dotlocal::mdns::{Claimed, Config, Responder, ResponderEvent, ResponderStorage, Service, ServiceId};
use dotlocal_probes::{address, datagram, meta, moment, opaque, sink, word};

static mut STORAGE: ResponderStorage<'static, 2, 2, 64> = ResponderStorage::new();

#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    let mut buffer = [0; 1500];
    // SAFETY: borrowed once, here.
    let storage = unsafe { &mut *(&raw mut STORAGE) };
    let config = Config::new(word()).unicast_answers(word() != 0);
    let mut responder = Responder::new(storage, config);
    let mut service = None;
    loop {
        call(&mut responder, &mut service);
        sink(&responder.handle_datagram(moment(), meta(), datagram(&mut buffer)));
        responder.handle_timeout(moment());
        while let Some(transmit) = responder.poll_transmit(moment(), &mut buffer) {
            sink(&transmit);
        }
        while let Some(event) = responder.poll_event() {
            if let ResponderEvent::Established(Claimed::Service(id)) = event {
                service = Some(id);
            }
            sink(&event);
        }
        sink(&responder.poll_timeout());
    }
}

fn call(responder: &mut Responder<'_, 'static>, service: &mut Option<ServiceId>) {
    match word() {
        0 => sink(&responder.set_hostname(opaque("kitchen-cam"))),
        1 => sink(&responder.set_addresses(&[(address(), word() as u8), (address(), word() as u8)])),
        2 => {
            let registered = responder.register(
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
            sink(&responder.register(bare.txt_octets(opaque(b"\x06path=/"))));
        }
        4 => responder.link_down(),
        5 => responder.link_up(),
        6 => responder.stop(),
        7 => sink(&responder.name(Claimed::Host)),
        _ => {}
    }
    if let Some(id) = *service {
        match word() {
            0 => sink(&responder.set_txt(id, &[(opaque("path"), opaque("/"))])),
            1 => sink(&responder.set_port(id, word() as u16)),
            2 => sink(&responder.unregister(id)),
            3 => sink(&responder.name(Claimed::Service(id))),
            _ => {}
        }
    }
}
