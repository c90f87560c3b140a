//! The whole interface of the responder.

#![no_std]
#![no_main]

use dotlocal::mdns::{Claimed, Config, Responder, ResponderEvent, ResponderStorage};
use dotlocal_probes::{Registered, be_found, datagram, meta, moment, sink, word};

static mut STORAGE: ResponderStorage<'static, 2, 4, 64> = ResponderStorage::new();

#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    let mut buffer = [0; 1500];
    // SAFETY: borrowed once, here.
    let storage = unsafe { &mut *(&raw mut STORAGE) };
    let config = Config::new(word()).unicast_answers(word() != 0);
    let mut responder = Responder::new(storage, config);
    let mut registered = Registered::default();
    loop {
        be_found!(&mut responder, &mut registered);
        sink(&responder.handle_datagram(moment(), meta(), datagram(&mut buffer)));
        responder.handle_timeout(moment());
        while let Some(transmit) = responder.poll_transmit(moment(), &mut buffer) {
            sink(&transmit);
        }
        while let Some(event) = responder.poll_event() {
            if let ResponderEvent::Established(Claimed::Service(id)) = event {
                registered.service = Some(id);
            }
            sink(&event);
        }
        sink(&responder.poll_timeout());
    }
}
