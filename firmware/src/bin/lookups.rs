//! A device that is found, finds others, and looks up whatever a user types: endpoint, resolver and lookups.

#![no_std]
#![no_main]

use dotlocal::Families;
use dotlocal::lookup::{Event, LookupStorage, Lookups};
use dotlocal::mdns::{self, Endpoint, EndpointStorage, QuerierEvent, Service};
use dotlocal::resolver::{self, Resolver, ResolverStorage};
use dotlocal_probes::{address, read_instance, run, sink, word};

static mut ENDPOINT: EndpointStorage<'static, 2, 2, 0, 4, 1024> = EndpointStorage::new();
static mut RESOLVER: ResolverStorage<3, 4, 1024, 512> = ResolverStorage::new();
static mut STORAGE: LookupStorage<2, 6> = LookupStorage::new();

#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    // SAFETY: each borrowed once, here.
    let (endpoint, resolver, storage) =
        unsafe { (&mut *(&raw mut ENDPOINT), &mut *(&raw mut RESOLVER), &mut *(&raw mut STORAGE)) };
    let mut random = word;
    let mut endpoint = Endpoint::new(endpoint, mdns::Config::new(word()));
    sink(&endpoint.set_hostname("kitchen-cam").is_ok());
    sink(&endpoint.set_addresses(&[(address(), 24)]).is_ok());
    sink(&endpoint.register(Service::new("_http._tcp", 80).instance("Kitchen Cam")).is_ok());
    sink(&endpoint.browse("_ipp._tcp").is_ok());
    let mut resolver = Resolver::new(resolver, &mut random, resolver::Config::new());
    sink(&resolver.set_servers(&[(address(), 53).into()]).is_ok());
    let mut names = Lookups::new(storage, endpoint, resolver);
    sink(&names.set_addresses(&[(address(), 24)]).is_ok());
    sink(&names.lookup("api.example.com", 443, Families::Both, 5_000).is_ok());
    run!(names, event => {
        match event {
            Event::Found { lookup, .. } => {
                while let Some(address) = names.next_address(lookup) {
                    sink(&address);
                    names.failed(lookup, address);
                }
                names.cancel(lookup);
            }
            Event::Multicast(mdns::Event::Querier(QuerierEvent::Resolved { instance, .. })) => {
                read_instance(names.multicast().instance(instance));
            }
            _ => {}
        }
    })
}
