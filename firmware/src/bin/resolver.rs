//! A device that looks hosts up at the servers of its network: four at a time, three servers, TCP for long answers.

#![no_std]
#![no_main]

use dotlocal::Families;
use dotlocal::resolver::{Config, Event, Resolver, ResolverStorage};
use dotlocal_probes::{address, run, sink, word};

static mut STORAGE: ResolverStorage<3, 4, 1024, 512> = ResolverStorage::new();

#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    // SAFETY: borrowed once, here.
    let storage = unsafe { &mut *(&raw mut STORAGE) };
    let mut random = word;
    let mut resolver = Resolver::new(storage, &mut random, Config::new());
    sink(&resolver.set_servers(&[(address(), 53).into()]).is_ok());
    sink(&resolver.lookup("api.example.com", Families::Both, 5_000).is_ok());
    run!(resolver, event => {
        if let Event::Found { request, .. } = event {
            for found in resolver.addresses(request) {
                sink(&found.address);
            }
            resolver.cancel(request);
        }
    })
}
