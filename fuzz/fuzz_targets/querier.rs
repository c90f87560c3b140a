//! Drives a `Querier`, alone or in an `Endpoint`, with whatever can come: datagrams, calls of the application, time.
//!
//! What must hold: the laws of a machine; what is asked for, how it looks and how often it comes (RFC 6762 sections 5.2
//! and 7; see `Asks`); that events fit what was asked for and told before, that what they name can be read, and that
//! requests end in time (see `Finder`); that stale handles stand for nobody, and refused calls change nothing; and that a
//! querier of which nobody wants anything falls silent and forgets.

#![no_main]

use dotlocal::mdns::{
    Config, Endpoint, EndpointStorage, Querier, QuerierStorage, RequestError, RequestId, Service, Until,
};
use dotlocal::name;
use dotlocal::name::NameBuf;
use dotlocal_fuzz::{
    ADDRESSES, ASKED_TYPES, BROWSED, Driven, Finder, HOSTS, INSTANCES, Input, Machine, NAMES, OWNERS, Sought,
    WORLD, families, flood, message, response, source, until, with,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    let mut input = Input(octets);
    match input.byte() % 6 {
        0 => run::<4, 2_048>(input),
        1 => run::<3, 400>(input),
        2 => run::<1, 64>(input),
        3 => run::<16, 20_000>(input),
        4 => run::<8, 2_048>(input),
        _ => run::<2, 0>(input),
    }
});

fn run<const REQUESTS: usize, const CACHE: usize>(mut input: Input<'_>) {
    let (start, form) = (input.pick(&[123_456_789, u32::MAX - 9_000]), input.byte());
    // Any question fits; a driver hands in 1440 octets.
    let room = [1_440, 9_000, 512, 300][usize::from(form / 2) % 4];
    let config = Config::new(form.into()).scope_id(2);
    let mut alone = QuerierStorage::<REQUESTS, CACHE>::new();
    let mut endpoint = EndpointStorage::<'static, 4, 3, 64, REQUESTS, CACHE>::new();
    let machine = if form & 1 == 0 {
        Machine::Alone(Querier::new(&mut alone, config))
    } else {
        let mut endpoint = Endpoint::new(&mut endpoint, config);
        endpoint.set_hostname("cam").unwrap();
        endpoint.set_addresses(ADDRESSES[1]).unwrap();
        endpoint.register(Service::new("_http._tcp", 80).instance("Own")).unwrap();
        Machine::InEndpoint(endpoint)
    };
    let mut finder = Finder::new(machine, REQUESTS, CACHE, start, room);
    while !input.0.is_empty() {
        let step = input.byte();
        match step & 0x7F {
            0..40 => call(&mut finder, &mut input),
            40..72 => {
                let (source, addressed) = (source(&mut input), input.byte() & 1 == 1);
                let octets = message(&mut input, &NAMES, &WORLD);
                finder.hear(source, !addressed, &octets);
            }
            72..76 => {
                let source = source(&mut input);
                finder.hear(source, true, &response(&flood(&mut input)));
            }
            // What we have sent comes back, the last one first.
            76..80 => {
                let sent: Vec<_> = finder.sent.iter().rev().cloned().collect();
                let (source, octets) = (source(&mut input), input.pick_from(&sent));
                octets.into_iter().for_each(|octets| finder.hear(source, true, octets));
            }
            80..84 => {
                let (source, addressed) = (source(&mut input), input.byte() & 1 == 1);
                finder.hear(source, !addressed, input.octets());
            }
            step @ 84..120 => finder.pass(input.pick(&WAITS), step >= 116),
            _ => finder.pass(input.pick(&LONG_WAITS), true),
        }
        // Not every driver drains after each call.
        if step & 0x80 == 0 {
            finder.drain();
        } else {
            finder.is_late = true;
        }
    }
    let open: Vec<_> = finder.live().map(|request| request.id).collect();
    open.into_iter().for_each(|id| cancel(&mut finder, id));
    if let Machine::InEndpoint(endpoint) = &mut finder.machine {
        endpoint.stop();
    }
    finder.drain();
    finder.pass(8 * 86_400_000, true);
    finder.drain();
    assert_eq!(finder.poll_timeout(), None, "restless though nobody wants anything");
    assert!(finder.state().0.iter().all(Option::is_none), "something is left that nobody wants");
}

const WAITS: [u64; 22] = [
    1_000, 120, 20, 0, 1, 19, 250, 500, 999, 1_001, 2_000, 3_000, 5_000, 8_000, 9_500, 10_001, 30_000,
    60_000, 96_000, 120_000, 1_000_000, 4_500_000,
];

const LONG_WAITS: [u64; 5] = [86_400_000, 1_073_741_824, 1_100_000_000, 2_592_000_000, 10_000];

/// One call of the application. What is refused has changed nothing.
fn call(finder: &mut Finder<'_>, input: &mut Input<'_>) {
    finder.asks.is_told(finder.clock.now);
    match input.byte() % 24 {
        0..4 => {
            let browsed = input.pick(&BROWSED);
            let result = with!(&mut finder.machine, querier => querier.browse(browsed));
            let name: Option<NameBuf> = format!("{browsed}.local").parse().ok();
            opens(finder, result, Until::Cancelled, name, |name| {
                match name == name!("_services._dns-sd._udp.local") {
                    true => Sought::Types,
                    false => Sought::Instances(name),
                }
            });
        }
        4..8 => {
            let (host, families, until) = (input.pick(&HOSTS), families(input), until(input));
            let result = with!(&mut finder.machine, querier => querier.lookup(host, families, until));
            opens(finder, result, until, host.parse().ok(), |_| Sought::Addresses(families));
        }
        8 => {
            let ((address, _), until) = (input.pick(ADDRESSES[1]), until(input));
            let result = with!(&mut finder.machine, querier => querier.lookup_address(address, until));
            let name = if address.is_ipv4() { "7.2.0.192.in-addr.arpa" } else { V6_NAME };
            opens(finder, result, until, name.parse().ok(), |name| {
                Sought::Records(name, dotlocal::wire::Type::PTR)
            });
        }
        9..12 => {
            let (owner, rtype, until) = (input.pick(&OWNERS), input.pick(&ASKED_TYPES), until(input));
            let result = with!(&mut finder.machine, querier => querier.records(owner, rtype, until));
            opens(finder, result, until, owner.parse().ok(), |name| Sought::Records(name, rtype));
        }
        12 | 13 => {
            let (instance, kind) = (input.pick(&INSTANCES), input.pick(&BROWSED));
            let result = with!(&mut finder.machine, querier => querier.resolve(instance, kind));
            opens(
                finder,
                result,
                Until::Cancelled,
                format!("{instance}.{kind}.local").parse().ok(),
                Sought::Resolved,
            );
        }
        14..17 => {
            if let Some(id) = a_request(finder, input) {
                cancel(finder, id);
            }
        }
        17 | 18 => {
            let named: Vec<_> = finder.instances.iter().rev().copied().collect();
            if let Some(&instance) = input.pick_from(&named) {
                let is_known = with!(&finder.machine, querier => querier.instance(instance).is_some());
                with!(&mut finder.machine, querier => querier.reconfirm(instance));
                changes(finder, is_known);
            }
        }
        19 | 20 => {
            if let Some(id) = a_request(finder, input) {
                with!(&mut finder.machine, querier => querier.reconfirm_request(id));
                let is_live = finder.live().any(|request| request.id == id);
                changes(finder, is_live);
            }
        }
        21 => {
            with!(&mut finder.machine, querier => querier.link_down());
            finder.is_down = true;
        }
        22 => {
            with!(&mut finder.machine, querier => querier.link_up());
            finder.is_down = false;
        }
        _ => {
            let how = input.byte();
            match &mut finder.machine {
                Machine::InEndpoint(endpoint) if how % 3 == 1 => endpoint.ask_for_unicast(how & 0x80 == 0),
                Machine::InEndpoint(endpoint) if how % 3 == 2 => {
                    endpoint.stop();
                    finder.is_down = true;
                }
                machine => {
                    with!(machine, querier => querier.network_changed());
                    finder.is_down = false;
                }
            }
        }
    }
    finder.clock.is_called();
}

const V6_NAME: &str = "7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.e.f.ip6.arpa";

/// A request, live or stale, the last one first.
fn a_request(finder: &Finder<'_>, input: &mut Input<'_>) -> Option<RequestId> {
    let all: Vec<_> = finder.requests.iter().rev().map(|request| request.id).collect();
    input.pick_from(&all).copied()
}

/// A request more, or none.
fn opens(
    finder: &mut Finder<'_>,
    result: Result<RequestId, RequestError>,
    until: Until,
    name: Option<NameBuf>,
    sought: impl FnOnce(NameBuf) -> Sought,
) {
    match result {
        Ok(id) => finder.opens(id, sought(name.unwrap()), until),
        Err(RequestError::Full { capacity }) => {
            assert!(finder.is_full(), "{capacity} are not taken");
            finder.stays_idle();
        }
        Err(_) => finder.stays_idle(),
    }
}

fn cancel(finder: &mut Finder<'_>, id: RequestId) {
    with!(&mut finder.machine, querier => querier.cancel(id));
    let request = finder.requests.iter_mut().find(|request| request.id == id).unwrap();
    let was_live = std::mem::take(&mut request.is_live);
    changes(finder, was_live);
}

/// A call with a stale handle changes nothing.
fn changes(finder: &mut Finder<'_>, is_known: bool) {
    if !is_known {
        finder.stays_idle();
    }
}
