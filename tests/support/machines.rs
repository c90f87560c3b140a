//! The machines of the crate, ready for scripts and laws. Their storage is leaked, so that they are `'static`.

use dotlocal::lookup::{self, LookupStorage};
use dotlocal::mdns::{
    Config, EndpointStorage, Event, InstanceId, QuerierEvent, QuerierStorage, RequestId, ResponderEvent,
    ResponderStorage,
};

use dotlocal::resolver::{self, ResolverStorage};

use super::at_server::AtServer;
use super::prng::Prng;

pub type Resolver = dotlocal::resolver::Resolver<'static>;
pub type Lookups = dotlocal::lookup::Lookups<'static, 'static, Endpoint>;
pub type Endpoint = dotlocal::mdns::Endpoint<'static, 'static>;
pub type Responder = dotlocal::mdns::Responder<'static, 'static>;
pub type Querier = dotlocal::mdns::Querier<'static>;

pub fn endpoint(seed: u32) -> Endpoint {
    let storage = Box::leak(Box::new(EndpointStorage::<4, 5, 64, 8, 4096>::new()));
    Endpoint::new(storage, Config::new(seed))
}

pub fn responder(seed: u32) -> Responder {
    let storage = Box::leak(Box::new(ResponderStorage::<4, 5, 64>::new()));
    Responder::new(storage, Config::new(seed))
}

pub fn querier(seed: u32) -> Querier {
    let storage = Box::leak(Box::new(QuerierStorage::<8, 4096>::new()));
    Querier::new(storage, Config::new(seed))
}

/// Two servers, and no room for answers by TCP.
pub fn resolver(seed: u64) -> AtServer<Resolver> {
    AtServer::alone(asking(seed))
}

/// Over an endpoint that has no names.
pub fn lookups(seed: u64) -> AtServer<Lookups> {
    let storage = Box::leak(Box::new(LookupStorage::<4, 4>::new()));
    AtServer::on_link(Lookups::new(storage, endpoint(seed as u32), asking(seed)))
}

fn asking(seed: u64) -> Resolver {
    let mut prng = Prng(seed);
    let random = Box::leak(Box::new(move || (prng.next() >> 16) as u32));
    let storage = Box::leak(Box::new(ResolverStorage::<3, 8, 4096>::new()));
    let mut resolver = Resolver::new(storage, random, resolver::Config::new().serves_stale(true));
    resolver.set_servers(&SERVERS.map(|server| server.parse().unwrap())).unwrap();
    resolver
}

pub const SERVERS: [&str; 2] = ["192.0.2.1:53", "[2001:db8::1]:53"];

fn told_by_resolver(_: &Resolver, event: &resolver::Event) -> (String, Option<String>) {
    match event {
        resolver::Event::Found { request, is_complete } => {
            (format!("{request:?}"), Some(format!("found {is_complete}")))
        }
        resolver::Event::Failed { request, failure } => {
            (format!("{request:?}"), Some(format!("{failure:?}")))
        }
    }
}

fn told_by_lookups(_: &Lookups, event: &lookup::Event<Event>) -> (String, Option<String>) {
    match event {
        lookup::Event::Found { lookup, is_complete } => {
            (format!("{lookup:?}"), Some(format!("found {is_complete}")))
        }
        lookup::Event::Failed { lookup, failure } => (format!("{lookup:?}"), Some(format!("{failure:?}"))),
        other => (format!("{other:?}"), Some("told".into())),
    }
}

/// Whom an event is about, and what holds now.
fn told_by_responder(_: &Responder, event: &ResponderEvent) -> (String, Option<String>) {
    told_of_us(event)
}

fn told_of_us(event: &ResponderEvent) -> (String, Option<String>) {
    use ResponderEvent::{Conflict, Established, Probing, Renamed, TooLarge, Withdrawn};
    let state = match event {
        Conflict(of) => (of, Some("conflict")),
        Renamed { of, .. } => (of, Some("renamed")),
        Probing(of) => (of, Some("probing")),
        Established(of) => (of, Some("established")),
        TooLarge(of) => (of, Some("too large")),
        Withdrawn(of) => (of, None),
    };
    (format!("{:?}", state.0), state.1.map(String::from))
}

fn told_by_querier(querier: &Querier, event: &QuerierEvent) -> (String, Option<String>) {
    told_of_others(event, |instance| querier.instance(instance).map(|view| view.name().to_string()))
}

fn told_by_endpoint(endpoint: &Endpoint, event: &Event) -> (String, Option<String>) {
    match event {
        Event::Responder(event) => told_of_us(event),
        Event::Querier(event) => {
            told_of_others(event, |instance| endpoint.instance(instance).map(|view| view.name().to_string()))
        }
    }
}

fn told_of_others(
    event: &QuerierEvent,
    name: impl Fn(InstanceId) -> Option<String>,
) -> (String, Option<String>) {
    use QuerierEvent::{
        Address, AddressLost, Done, Failed, Found, Lost, NoRoom, Record, RecordLost, Resolved, Updated,
    };
    // By name: the number of an instance depends on what came before it.
    let key = |request: &RequestId, instance: InstanceId| format!("{request:?} {:?}", name(instance));
    match event {
        // A lookup ends a second after its first address: how many come until then depends on when it began.
        Address { request, .. } | AddressLost { request, .. } => {
            (format!("{request:?}"), Some("address".into()))
        }
        Record { request, .. } | RecordLost { request, .. } => {
            (format!("{request:?}"), Some("record".into()))
        }
        Done { request } => (format!("{request:?}"), Some("done".into())),
        Failed { request, reason } => (format!("{request:?}"), Some(format!("{reason:?}"))),
        Found { request, instance } => (key(request, *instance), Some("found".into())),
        Resolved { request, instance } | Updated { request, instance } => {
            (key(request, *instance), Some("resolved".into()))
        }
        Lost { request, instance } => (key(request, *instance), None),
        NoRoom => ("cache".into(), Some("no room".into())),
    }
}

super::five_calls!(Endpoint, Event, told_by_endpoint);
super::five_calls!(Responder, ResponderEvent, told_by_responder);
super::five_calls!(Querier, QuerierEvent, told_by_querier);
super::five_calls!(Resolver, resolver::Event, told_by_resolver);
super::five_calls!(Lookups, lookup::Event<Event>, told_by_lookups);
