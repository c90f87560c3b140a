//! `responder` that speaks for another host too, with a service there, and has records of any type under its own name
//! and under another.

#![no_std]
#![no_main]

use core::net::{IpAddr, Ipv4Addr};

use dotlocal::mdns::{Config, ExtraRecord, RecordSet, Responder, ResponderStorage, Service};
use dotlocal::name;
use dotlocal::wire::Type;
use dotlocal_probes::{address, run, sink, word};

static ABOUT: [ExtraRecord<'static>; 1] = [ExtraRecord::new(Type::HINFO, b"\x03ARM\x05board")];
static THERE: [IpAddr; 1] = [IpAddr::V4(Ipv4Addr::new(192, 0, 2, 9))];

static mut STORAGE: ResponderStorage<'static, 2, 5, 0> = ResponderStorage::new();

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
    if let Ok(host) = responder.register_host("porch", &THERE) {
        let service = Service::new("_ipp._tcp", 631).instance("Porch Printer").host(host);
        sink(&responder.register(service).is_ok());
    }
    sink(&responder.set_host_records(&ABOUT).is_ok());
    sink(&responder.register_records(RecordSet::unique(name!("about.local"), &ABOUT)).is_ok());
    run!(responder, event => {})
}
