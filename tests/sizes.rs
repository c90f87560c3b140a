//! What each machine and its storage weigh: a snapshot, so that growth is a decision.
#![cfg(target_pointer_width = "64")]

use dotlocal::mdns::{
    Endpoint, EndpointStorage, Querier, QuerierStorage, Responder, ResponderStorage, Service,
};

const fn size<T>() -> usize {
    size_of::<T>()
}

#[test]
fn machines_and_storage_have_the_sizes_that_were_decided() {
    type OneService = ResponderStorage<'static, 2, 2, 0>;
    type TwoServices = ResponderStorage<'static, 2, 3, 0>;
    type FourRequests = QuerierStorage<4, 0>;
    type Both = EndpointStorage<'static, 2, 2, 0, 4, 1024>;
    let sizes = [
        ("Responder", size::<Responder<'_, '_>>(), 320),
        ("ResponderStorage<2 addresses, host and 1 service>", size::<OneService>(), 520),
        ("each further service", size::<TwoServices>() - size::<OneService>(), 184),
        ("Querier", size::<Querier<'_>>(), 120),
        ("QuerierStorage<4 requests, 0 octets>", size::<FourRequests>(), 80),
        ("Endpoint", size::<Endpoint<'_, '_>>(), 448),
        ("EndpointStorage<2 addresses, host and 1 service, 4 requests, 1024 octets>", size::<Both>(), 1_624),
        ("Service", size::<Service<'_>>(), 88),
    ];
    let found: Vec<_> = sizes.iter().filter(|(_, is, decided)| is != decided).collect();
    assert!(found.is_empty(), "name, octets, octets decided: {found:#?}");
}
