//! The whole interface of the querier.

#![no_std]
#![no_main]

use dotlocal::mdns::{Config, Families, Querier, QuerierEvent, QuerierStorage, Until};
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
            if let QuerierEvent::Resolved { instance, .. } = event {
                read_instance(querier.instance(instance));
            }
        }
        sink(&querier.poll_timeout());
    }
}
