//! Machines with everything established, found and quiet.

use std::hint::black_box;
use std::net::IpAddr;

use dotlocal::mdns::{
    Config, Endpoint, EndpointStorage, ExtraRecord, PORT, Querier, QuerierStorage, RecordSet, Responder,
    ResponderStorage, Service,
};
use dotlocal::name::NameBuf;
use dotlocal::wire::{Builder, Class, Flags, RData, Section, Srv, Txt, Type};
use dotlocal::{Disposition, Instant, Meta, name};

/// A sort of machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    /// With records that are registered.
    Responder,
    /// With records that its browses have found.
    Querier,
    /// With a service, and records that its browses have found.
    Endpoint,
}

/// What all of them have.
trait Calls {
    fn handle(&mut self, now: Instant, meta: Meta, octets: &[u8]) -> Disposition;
    fn drain(&mut self, now: Instant, buf: &mut [u8]);
}

macro_rules! calls {
    ($machine:ty) => {
        impl Calls for $machine {
            #[inline(never)]
            fn handle(&mut self, now: Instant, meta: Meta, octets: &[u8]) -> Disposition {
                self.handle_datagram(black_box(now), black_box(meta), black_box(octets))
            }

            fn drain(&mut self, now: Instant, buf: &mut [u8]) {
                while let Some(transmit) = self.poll_transmit(black_box(now), buf) {
                    black_box(transmit);
                }
                while let Some(event) = self.poll_event() {
                    black_box(event);
                }
                black_box(self.poll_timeout());
            }
        }
    };
}

calls!(Responder<'static, 'static>);
calls!(Querier<'static>);
calls!(Endpoint<'static, 'static>);

/// A machine, and what a driver of it has.
pub(super) struct Machine {
    machine: Box<dyn Calls>,
    now: Instant,
    buf: Vec<u8>,
}

const TYPES: [&str; 4] = ["_coap._udp", "_mqtt._tcp", "_modbus._tcp", "_opcua-tcp._tcp"];
const ADDRESSES: [&str; 2] = ["192.0.2.200", "2001:db8::1c2f:9aff:fe3b:4d71"];

impl Machine {
    /// With so many records: 0, 1, 10 or 100 of a responder, 0, 10, 100 or 1,000 of the others.
    pub(super) fn new(sort: Sort, records: usize) -> Self {
        let machine: Box<dyn Calls> = match sort {
            Sort::Responder => Box::new(responder(records)),
            // As much memory as they take, and the quarter that a browse leaves free.
            Sort::Querier if records > 100 => Box::new(querier::<57_344>(records)),
            Sort::Querier if records > 10 => Box::new(querier::<6_144>(records)),
            Sort::Querier => Box::new(querier::<1_024>(records)),
            Sort::Endpoint if records > 100 => Box::new(endpoint::<57_344>(records)),
            Sort::Endpoint if records > 10 => Box::new(endpoint::<6_144>(records)),
            Sort::Endpoint => Box::new(endpoint::<1_024>(records)),
        };
        let mut machine = Self { machine, now: Instant::from_millis(0), buf: vec![0; 1_440] };
        machine.pass();
        if sort != Sort::Responder {
            for nth in 0..records / 4 {
                let packet = found(nth, nth < records % 4);
                let heard = machine.handle_and_drain(&packet);
                assert_eq!(heard, Disposition::Used, "instance {nth} of {records} records");
                machine.pass_millis(200);
            }
            machine.pass();
        }
        machine
    }

    /// Beyond probes, announcements, first questions, and what is remembered of them.
    fn pass(&mut self) {
        (0..40).for_each(|_| self.pass_millis(500));
    }

    fn pass_millis(&mut self, millis: u32) {
        self.now = self.now.after(millis);
        self.machine.drain(self.now, &mut self.buf);
    }

    pub(super) fn handle(&mut self, octets: &[u8]) -> Disposition {
        let meta = Meta::mdns(([192, 0, 2, 77], PORT).into(), true);
        self.machine.handle(self.now, meta, octets)
    }

    #[inline(never)]
    pub(super) fn handle_and_drain(&mut self, octets: &[u8]) -> Disposition {
        let heard = self.handle(octets);
        self.machine.drain(self.now, &mut self.buf);
        heard
    }
}

fn addresses() -> [(IpAddr, u8); 2] {
    ADDRESSES.map(|address| (address.parse().unwrap(), 24))
}

fn responder(records: usize) -> Responder<'static, 'static> {
    let storage = Box::leak(Box::new(ResponderStorage::<'static, 2, 32, 0>::new()));
    let mut responder = Responder::new(storage, Config::new(1));
    static EXTRA: [ExtraRecord<'static>; 2] =
        [ExtraRecord::new(Type::HINFO, b"\x03ARM\x05board"), ExtraRecord::new(Type(65_400), b"any")];
    let set = |count| RecordSet::shared(name!("about.kitchen-cam.local"), &EXTRA[..count]);
    match records {
        0 => {}
        1 => drop(responder.register_records(set(1)).unwrap()),
        _ => {
            // Four with the reverse ones, then four of each service.
            responder.set_hostname("kitchen-cam").unwrap();
            responder.set_addresses(&addresses()).unwrap();
            for nth in 0..(records - 4) / 4 {
                let instance = format!("Kitchen Cam {nth}").leak();
                responder.register(Service::new(TYPES[nth % 4], 5683).instance(instance)).unwrap();
            }
            if (records - 4) % 4 == 2 {
                responder.register_records(set(2)).unwrap();
            }
        }
    }
    responder
}

fn querier<const CACHE: usize>(records: usize) -> Querier<'static> {
    let mut querier = Querier::new(Box::leak(Box::new(QuerierStorage::<4, CACHE>::new())), Config::new(1));
    for service_type in TYPES.iter().take(records) {
        querier.browse(service_type).unwrap();
    }
    querier
}

fn endpoint<const CACHE: usize>(records: usize) -> Endpoint<'static, 'static> {
    let storage = Box::leak(Box::new(EndpointStorage::<'static, 2, 2, 0, 4, CACHE>::new()));
    let mut endpoint = Endpoint::new(storage, Config::new(1));
    endpoint.set_hostname("kitchen-cam").unwrap();
    endpoint.set_addresses(&addresses()).unwrap();
    endpoint.register(Service::new(TYPES[0], 5683).instance("Kitchen Cam")).unwrap();
    for service_type in TYPES.iter().take(records) {
        endpoint.browse(service_type).unwrap();
    }
    endpoint
}

/// The answer with the instance `nth`: four records, and a fifth of the other family.
fn found(nth: usize, of_both_families: bool) -> Vec<u8> {
    let name = |text: String| text.parse::<NameBuf>().unwrap();
    let service_type = name(format!("{}.local", TYPES[nth % 4]));
    let instance = name(format!(r"Hall\032Sensor\032{nth}.{service_type}"));
    let host = name(format!("hall-{nth}.local"));
    let srv = Srv { priority: 0, weight: 0, port: 5_683, target: host.name() };
    let mut records = vec![
        (&service_type, Class::IN, RData::Ptr(instance.name())),
        (&instance, Class(0x8001), RData::Srv(srv)),
        (&instance, Class(0x8001), RData::Txt(Txt::from_octets(b"\x06path=/").unwrap())),
        (&host, Class(0x8001), RData::A([198, 51, 100, nth as u8].into())),
    ];
    if of_both_families {
        records.push((&host, Class(0x8001), RData::Aaaa([0x2001, 0xDB8, 0, 0, 0, 0, 0, nth as u16].into())));
    }
    let mut buf = [0; 512];
    let mut builder = Builder::new(&mut buf, 0, Flags::QR.with(Flags::AA));
    for (owner, class, data) in &records {
        builder.record(Section::Answer, *owner, *class, 4_500, data).unwrap();
    }
    builder.finish().to_vec()
}
