//! The whole interface of lookups, and by them that of the endpoint and of the resolver: everything in one firmware.

#![no_std]
#![no_main]

use core::net::IpAddr;

use dotlocal::lookup::{
    CaptiveCheck, Event, LookupId, LookupStorage, Lookups, Search, Typed, in_order, rank,
};
use dotlocal::mdns::{self, Endpoint, EndpointStorage};
use dotlocal::name::{HostLabel, Name, NameBuf};
use dotlocal::resolver::{Resolver, ResolverStorage};
use dotlocal_probes::{
    Registered, address, ask_servers, be_found, datagram, families, find_others, mdns_config, meta, moment,
    opaque, prefix, read_answer, read_found, resolver_config, sink, word,
};

static mut ENDPOINT: EndpointStorage<'static, 2, 4, 64, 4, 2048> = EndpointStorage::new();
static mut RESOLVER: ResolverStorage<3, 4, 1024, 512> = ResolverStorage::new();
static mut STORAGE: LookupStorage<2, 6> = LookupStorage::new();
static DOMAINS: [Name<'static>; 2] = [dotlocal::name!("lab.example"), dotlocal::name!("example")];
static HOSTS: [(Name<'static>, IpAddr); 1] =
    [(dotlocal::name!("gateway"), IpAddr::V4(core::net::Ipv4Addr::new(192, 0, 2, 1)))];

type Everything = Lookups<'static, 'static, Endpoint<'static, 'static>>;

#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    let mut buffer = [0; 1500];
    // SAFETY: each borrowed once, here.
    let (endpoint, resolver, storage, random) = unsafe {
        static mut RANDOM: fn() -> u32 = word;
        (
            &mut *(&raw mut ENDPOINT),
            &mut *(&raw mut RESOLVER),
            &mut *(&raw mut STORAGE),
            &mut *(&raw mut RANDOM),
        )
    };
    let endpoint = Endpoint::new(endpoint, mdns_config());
    let resolver = Resolver::new(resolver, random, resolver_config());
    let mut names = Lookups::new(storage, endpoint, resolver);
    let (mut registered, mut on_link, mut at_servers) = (Registered::default(), None, None);
    let (mut lookup, mut check) = (None, None);
    loop {
        be_found!(names.multicast(), &mut registered);
        find_others!(names.multicast(), &mut on_link);
        ask_servers(names.resolver(), &mut at_servers);
        look_up(&mut names, &mut lookup);
        if word() == 0 {
            let known = opaque(&[IpAddr::V4(core::net::Ipv4Addr::LOCALHOST)]);
            check = CaptiveCheck::start(names.resolver(), ["example.com", "example.net"], known, word()).ok();
        }
        sink(&names.handle_datagram(moment(), meta(), datagram(&mut buffer)));
        names.handle_timeout(moment());
        while let Some(transmit) = names.poll_transmit(moment(), &mut buffer) {
            sink(&transmit);
        }
        while let Some(event) = names.poll_event() {
            sink(&event);
            match event {
                Event::Found { lookup, .. } => read(&mut names, lookup),
                Event::Multicast(mdns::Event::Querier(event)) => read_found!(names.multicast(), event),
                Event::Resolver(event) => {
                    if let Some(check) = &mut check {
                        sink(&check.take(names.resolver(), &event));
                    }
                    read_answer(names.resolver(), event);
                }
                _ => {}
            }
        }
        if let Some(check) = check.take_if(|_| word() == 0) {
            check.cancel(names.resolver());
        }
        sink(&names.poll_timeout());
    }
}

#[inline(never)]
fn look_up(names: &mut Everything, lookup: &mut Option<LookupId>) {
    match word() {
        0 => names.set_search(Search::new(&DOMAINS).ndots(word() as u8).or_local(word() != 0)),
        1 => names.set_hosts(&HOSTS),
        2 => sink(&names.set_addresses(&[prefix(), prefix()])),
        3 => {
            let mut octets = [0; 64];
            let text = core::str::from_utf8(datagram(&mut octets)).unwrap_or_default();
            sink(&Typed::read(text, &mut NameBuf::from(Name::ROOT)));
            let result = names.lookup(text, word() as u16, families(), word());
            *lookup = result.ok();
            sink(&result);
        }
        4 => {
            let label = HostLabel::from_mac(opaque("cam"), core::array::from_fn(|_| word() as u8));
            if let Ok(label) = label {
                sink(&label.as_str());
            }
        }
        5 => {
            if let Some(lookup) = *lookup {
                names.tell_apart(lookup);
                sink(&names.poll_event_of(lookup));
            }
        }
        _ => {
            if let Some(lookup) = lookup.take() {
                names.cancel(lookup);
            }
        }
    }
}

#[inline(never)]
fn read(names: &mut Everything, lookup: LookupId) {
    names.addresses(lookup).for_each(|found| sink(&found));
    sink(&(names.has_more(lookup), names.source(lookup), names.canonical_name(lookup)));
    let own = [prefix(), prefix()];
    let others = [address(), address(), address()];
    in_order(&own, others.iter(), |address| **address).for_each(|address| sink(&rank(&own, *address)));
    while let Some(next) = names.next_address(lookup) {
        names.failed(lookup, next);
    }
    names.failed(lookup, (address(), word() as u16).into());
}
