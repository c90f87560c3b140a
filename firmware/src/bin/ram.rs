//! `size_of` on the target, as the sizes of symbols: no host test can tell what a struct takes where words have 32
//! bits.

#![no_std]
#![no_main]

use dotlocal::lookup::{LookupStorage, Lookups};
use dotlocal::mdns::{
    Endpoint, EndpointStorage, Event, Instance, Querier, QuerierStorage, Responder, ResponderStorage,
};
use dotlocal::resolver::{Resolver, ResolverStorage};
use dotlocal_probes::sink;

macro_rules! sizes {
    ($($label:literal: $type:ty,)*) => {
        #[unsafe(no_mangle)]
        extern "C" fn _start() -> ! {
            $({
                #[unsafe(export_name = concat!("size_of ", $label))]
                static OCTETS: [u8; size_of::<$type>()] = [0; size_of::<$type>()];
                sink(&OCTETS);
            })*
            loop {}
        }
    };
}

sizes! {
    "Responder": Responder<'_, '_>,
    "ResponderStorage<2, 2, 0>, host and one service": ResponderStorage<'_, 2, 2, 0>,
    "ResponderStorage<2, 3, 0>, a service more": ResponderStorage<'_, 2, 3, 0>,
    "ResponderStorage<2, 5, 0>, responder_rich": ResponderStorage<'_, 2, 5, 0>,
    "ResponderStorage<2, 3, 64>, a service more whose TXT changes": ResponderStorage<'_, 2, 3, 64>,
    "Querier": Querier<'_>,
    "QuerierStorage<2, 1024>": QuerierStorage<2, 1024>,
    "QuerierStorage<3, 1024>, a request more": QuerierStorage<3, 1024>,
    "Endpoint": Endpoint<'_, '_>,
    "EndpointStorage<2, 2, 0, 2, 1024>": EndpointStorage<'_, 2, 2, 0, 2, 1024>,
    "Resolver": Resolver<'_>,
    "ResolverStorage<3, 4, 0, 0>, 3 servers and 4 lookups without cache": ResolverStorage<3, 4, 0, 0>,
    "ResolverStorage<3, 4, 1024, 512>": ResolverStorage<3, 4, 1024, 512>,
    "LookupStorage<2, 6>, 2 lookups of 6 addresses": LookupStorage<2, 6>,
    "Lookups over an endpoint": Lookups<'_, '_, Endpoint<'_, '_>>,
    "Event": Event,
    "Instance": Instance<'_>,
}
