//! The whole interface of the querier.

#![no_std]
#![no_main]

use dotlocal::mdns::{Config, Families, Querier, QuerierEvent, QuerierStorage, Until};
use dotlocal::wire::Type;
use dotlocal_probes::{datagram, meta, moment, one_of, opaque, read_instance, sink, word};

static mut STORAGE: QuerierStorage<4, 2048> = QuerierStorage::new();

#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    let mut buffer = [0; 1500];
    // SAFETY: borrowed once, here.
    let storage = unsafe { &mut *(&raw mut STORAGE) };
    let mut querier = Querier::new(storage, Config::new(word()));
    let mut request = None;
    loop {
        match word() {
            0 => {
                let families = one_of([Families::Both, Families::V4, Families::V6]).unwrap_or_default();
                request = querier
                    .lookup(opaque("printer.local"), families, Until::Answered { timeout_millis: word() })
                    .ok();
            }
            1 => request = querier.browse(opaque("_http._tcp")).ok(),
            2 => request = querier.resolve(opaque("Kitchen Cam"), opaque("_http._tcp")).ok(),
            3 => querier.link_down(),
            4 => querier.link_up(),
            5 => querier.network_changed(),
            6 => request = querier.records(opaque("cam.local"), Type(word() as u16), Until::Cancelled).ok(),
            7 => request = querier.lookup_address([192, 0, 2, 7].into(), Until::Cancelled).ok(),
            8 => {
                if let Some(request) = request {
                    querier.reconfirm_request(request);
                }
            }
            _ => {
                if let Some(request) = request.take() {
                    querier.cancel(request);
                }
            }
        }
        sink(&querier.handle_datagram(moment(), meta(), datagram(&mut buffer)));
        querier.handle_timeout(moment());
        while let Some(transmit) = querier.poll_transmit(moment(), &mut buffer) {
            sink(&transmit);
        }
        while let Some(event) = querier.poll_event() {
            sink(&event);
            match event {
                QuerierEvent::Resolved { instance, .. } => {
                    read_instance(querier.instance(instance));
                    querier.reconfirm(instance);
                }
                QuerierEvent::Address { address, .. } => sink(&querier.socket_addr(address, word() as u16)),
                QuerierEvent::Record { record, .. } => {
                    if let Some(record) = querier.record(record) {
                        sink(&(
                            record.name(),
                            record.rtype(),
                            record.ttl_secs(),
                            record.target(),
                            record.data(),
                        ));
                    }
                }
                _ => {}
            }
        }
        sink(&querier.poll_timeout());
    }
}
