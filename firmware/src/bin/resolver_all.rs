//! The whole interface of the resolver.

#![no_std]
#![no_main]

use dotlocal::Families;
use dotlocal::resolver::{Config, Event, Resolver, ResolverStorage};
use dotlocal::wire::Type;
use dotlocal_probes::{address, datagram, meta, moment, one_of, opaque, sink, word};

static mut STORAGE: ResolverStorage<3, 4, 1024, 512> = ResolverStorage::new();

#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    let mut buffer = [0; 1500];
    // SAFETY: borrowed once, here.
    let storage = unsafe { &mut *(&raw mut STORAGE) };
    let mut random = word;
    let config = Config::new()
        .payload_size(word() as u16)
        .negative_secs(word())
        .chooses_ports(word() != 0)
        .mixes_case(word() != 0)
        .serves_stale(word() != 0);
    let mut resolver = Resolver::new(storage, &mut random, config);
    let mut request = None;
    loop {
        match word() {
            0 => {
                let servers = [(address(), word() as u16).into(), (address(), word() as u16).into()];
                sink(&resolver.set_servers(servers.get(..word() as usize).unwrap_or(&[])).is_ok());
            }
            1 => {
                let families = one_of([Families::Both, Families::V4, Families::V6]).unwrap_or_default();
                request = resolver.lookup(opaque("api.example.com"), families, word()).ok();
            }
            2 => request = resolver.records(opaque("example.com"), Type(word() as u16), word()).ok(),
            3 => resolver.network_changed(),
            _ => {
                if let Some(request) = request.take() {
                    resolver.cancel(request);
                }
            }
        }
        sink(&resolver.handle_datagram(moment(), meta(), datagram(&mut buffer)));
        resolver.handle_timeout(moment());
        while let Some(transmit) = resolver.poll_transmit(moment(), &mut buffer) {
            sink(&transmit);
        }
        resolver.channels().for_each(|channel| sink(&channel));
        while let Some(event) = resolver.poll_event() {
            sink(&event);
            if let Event::Found { request, .. } = event {
                for found in resolver.addresses(request) {
                    sink(&found);
                }
                for record in resolver.found_records(request) {
                    sink(&(record.name(), record.rtype(), record.ttl_secs(), record.data()));
                }
                sink(&resolver.canonical_name(request));
                resolver.failed(request, address());
            }
        }
        sink(&(resolver.poll_timeout(), resolver.wrong_replies()));
    }
}
