//! What every probe shares: a panic handler that no link survives, and values that the optimiser cannot foresee.
//!
//! `decode`, `encode`, `responder`, `querier` and `endpoint` are what a small firmware does with each piece; those with
//! `_all` behind the name call a piece's whole public interface. Would the optimiser know an argument, it could drop
//! the branch that panics on another one, and the proof would be empty: so each argument comes through a volatile read.

#![no_std]

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use core::ptr;

use dotlocal::lookup::by_weight;
use dotlocal::mdns::{self, ExtraRecord, HostId, Instance, RecordSet, RecordsId, ServiceId};
use dotlocal::name::Name;
use dotlocal::resolver::{self, Resolver};
use dotlocal::wire::{CheckError, Message, RData, Record, Type};
use dotlocal::{Channel, Families, Instant, Meta, Transmit};

/// Calls a function that exists nowhere: the link fails as soon as one panic path survives optimisation.
#[cfg(not(feature = "allow-panics"))]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    unsafe extern "C" {
        fn dotlocal_has_a_panic_path() -> !;
    }
    // SAFETY: never linked, so never called.
    unsafe { dotlocal_has_a_panic_path() }
}

/// Keeps the place of each panic in the image, where `tools/sizes` finds it.
#[cfg(feature = "allow-panics")]
#[panic_handler]
fn panic(info: &core::panic::PanicInfo<'_>) -> ! {
    sink(&info.location());
    loop {}
}

/// A register of the board that does not exist.
const REGISTER: *mut u32 = 0x4000_0000 as *mut u32;

/// Any word.
pub fn word() -> u32 {
    // SAFETY: a probe is linked and never run.
    unsafe { REGISTER.read_volatile() }
}

/// The same value, but nobody can tell.
pub fn opaque<T: Copy>(value: T) -> T {
    // SAFETY: reads a local.
    unsafe { ptr::read_volatile(&value) }
}

/// Uses a value for good.
pub fn sink<T>(value: &T) {
    // SAFETY: a probe is linked and never run.
    unsafe { REGISTER.write_volatile(ptr::from_ref(value).addr() as u32) }
    core::hint::black_box(value);
}

/// Fills the buffer with any octets and returns any part of its front.
pub fn datagram(buffer: &mut [u8]) -> &[u8] {
    for octet in &mut *buffer {
        *octet = word() as u8;
    }
    buffer.get(..word() as usize).unwrap_or(&[])
}

/// Any of these.
pub fn one_of<T: Copy, const N: usize>(values: [T; N]) -> Option<T> {
    values.get(word() as usize).copied()
}

/// Any moment.
pub fn moment() -> Instant {
    Instant::from_millis(word())
}

/// Any address.
pub fn address() -> IpAddr {
    match word() {
        0 => IpAddr::from(word().to_ne_bytes()),
        _ => IpAddr::from(core::array::from_fn::<u16, 8, _>(|_| word() as u16)),
    }
}

/// Any sender, by any channel.
pub fn meta() -> Meta {
    let source = (address(), word() as u16).into();
    match word() {
        0 => Meta::mdns(source, word() != 0),
        1 => Meta::server(source, Channel::Udp(word() as u16)),
        _ => Meta::server(source, Channel::Tcp(word() as u16)),
    }
}

/// Hands a datagram to the board.
pub fn transmit(datagram: Transmit<'_>) {
    sink(&datagram.to);
    sink(&datagram.channel);
    sink(&datagram.bytes);
}

/// What a firmware does all day with a `Responder`, a `Querier` or an `Endpoint`: all that is to be sent and told, then
/// the next datagram or deadline. The block is for what it reads on an event.
#[macro_export]
macro_rules! run {
    ($machine:ident, $event:ident => $read:block) => {{
        let (mut rx, mut tx) = ([0; 1500], [0; 1440]);
        loop {
            loop {
                if let Some(datagram) = $machine.poll_transmit($crate::moment(), &mut tx) {
                    $crate::transmit(datagram);
                } else if let Some($event) = $machine.poll_event() {
                    $crate::sink(&$event);
                    $read
                } else {
                    break;
                }
            }
            $crate::sink(&$machine.poll_timeout());
            match $crate::datagram(&mut rx) {
                [] => $machine.handle_timeout($crate::moment()),
                received => {
                    $machine.handle_datagram($crate::moment(), $crate::meta(), received);
                }
            }
        }
    }};
}

/// Everything that a firmware may ask of a service instance.
pub fn read_instance(instance: Option<Instance<'_>>) {
    let Some(instance) = instance else { return };
    sink(&(instance.label(), instance.port()));
    for name in [Some(instance.name()), Some(instance.service_type()), instance.host()].into_iter().flatten()
    {
        name.labels().for_each(|label| sink(&label));
    }
    instance.addresses().for_each(|address| sink(&address));
    if let Some(txt) = instance.txt() {
        sink(&txt.get("path"));
    }
}

/// What was registered and stands still.
#[derive(Default)]
pub struct Registered {
    pub service: Option<ServiceId>,
    pub host: Option<HostId>,
    pub records: Option<RecordsId>,
}

/// Every call by which the application says what is found, of a `Responder` or an `Endpoint`: both have the same.
#[macro_export]
macro_rules! be_found {
    ($machine:expr, $registered:expr) => {{
        use ::dotlocal::mdns::{Claimed, Service};
        let (machine, registered): (_, &mut $crate::Registered) = ($machine, $registered);
        match $crate::word() {
            0 => $crate::sink(&machine.set_hostname($crate::opaque("kitchen-cam"))),
            1 => $crate::sink(&machine.set_addresses(&[$crate::prefix(), $crate::prefix()])),
            2 => {
                let mut service = Service::new($crate::opaque("_http._tcp"), $crate::word() as u16)
                    .instance($crate::opaque("Kitchen Cam"))
                    .txt($crate::opaque(&[("path", "/")]))
                    .subtypes($crate::opaque(&["_printer"]))
                    .priority($crate::word() as u16, $crate::word() as u16);
                if let Some(host) = registered.host {
                    service = service.host(host);
                }
                let result = machine.register(service);
                registered.service = result.ok();
                $crate::sink(&result);
            }
            3 => {
                let bare = Service::new($crate::opaque("_http._tcp"), $crate::word() as u16);
                let bare = bare.instance($crate::opaque("Porch Cam"));
                $crate::sink(&machine.register(bare.txt_octets($crate::opaque(b"\x06path=/"))));
            }
            4 => machine.link_down(),
            5 => machine.link_up(),
            6 => machine.stop(),
            7 => $crate::sink(&machine.set_host_records($crate::extra())),
            8 => {
                let result = machine.register_host($crate::opaque("porch"), $crate::addresses());
                registered.host = result.ok();
                $crate::sink(&result);
            }
            9 => {
                let result = machine.register_records($crate::record_set());
                registered.records = result.ok();
                $crate::sink(&result);
            }
            10 => machine.ask_for_unicast($crate::word() != 0),
            11 => $crate::sink(&machine.counters()),
            _ => {}
        }
        if let Some(id) = registered.service {
            match $crate::word() {
                0 => $crate::sink(&machine.set_txt(id, &[($crate::opaque("path"), $crate::opaque("/"))])),
                1 => $crate::sink(&machine.set_port(id, $crate::word() as u16)),
                2 => $crate::sink(&machine.set_instance(id, $crate::opaque("Garden Cam"))),
                3 => $crate::sink(&machine.unregister(id)),
                4 => $crate::sink(&machine.set_txt_octets(id, $crate::opaque(b"\x06path=/"))),
                _ => {}
            }
        }
        if let Some(id) = registered.host {
            match $crate::word() {
                0 => $crate::sink(&machine.set_host_addresses(id, $crate::addresses())),
                1 => $crate::sink(&machine.unregister(id)),
                _ => {}
            }
        }
        if let Some(id) = registered.records {
            match $crate::word() {
                0 => $crate::sink(&machine.set_records(id, $crate::extra())),
                1 => $crate::sink(&machine.unregister(id)),
                _ => {}
            }
        }
        let of = [
            Some(Claimed::Host),
            registered.service.map(Claimed::from),
            registered.host.map(Claimed::from),
            registered.records.map(Claimed::from),
        ];
        if let Some(of) = $crate::one_of(of).flatten() {
            match $crate::word() {
                0 => $crate::sink(&machine.name(of)),
                1 => $crate::sink(&machine.name_with(of, $crate::word() as u16)),
                2 => $crate::sink(&machine.number(of)),
                3 => $crate::sink(&machine.set_number(of, $crate::word() as u16)),
                4 => $crate::sink(&machine.unregister(of)),
                5 => $crate::sink(&machine.is_established(of)),
                _ => {}
            }
        }
    }};
}

/// Every call by which the application finds others, of a `Querier` or an `Endpoint`: both have the same.
#[macro_export]
macro_rules! find_others {
    ($machine:expr, $request:expr) => {{
        use ::dotlocal::mdns::Until;
        let (machine, request): (_, &mut Option<::dotlocal::mdns::RequestId>) = ($machine, $request);
        match $crate::word() {
            0 => {
                let until = Until::Answered { timeout_millis: $crate::word() };
                *request = machine.lookup($crate::opaque("printer.local"), $crate::families(), until).ok();
            }
            1 => *request = machine.browse($crate::opaque("_http._tcp")).ok(),
            2 => *request = machine.resolve($crate::opaque("Kitchen Cam"), $crate::opaque("_http._tcp")).ok(),
            3 => machine.link_down(),
            4 => machine.link_up(),
            5 => machine.network_changed(),
            6 => {
                let rtype = ::dotlocal::wire::Type($crate::word() as u16);
                *request = machine.records($crate::opaque("cam.local"), rtype, Until::Cancelled).ok();
            }
            7 => *request = machine.lookup_address($crate::address(), Until::Cancelled).ok(),
            8 => {
                if let Some(request) = *request {
                    machine.reconfirm_request(request);
                }
            }
            9 => {
                if let Some(request) = *request {
                    machine.tell_apart(request);
                    $crate::sink(&machine.poll_event_of(request));
                }
            }
            _ => {
                if let Some(request) = request.take() {
                    machine.cancel(request);
                }
            }
        }
    }};
}

/// What an application reads when a `Querier` or an `Endpoint` tells it of something.
#[macro_export]
macro_rules! read_found {
    ($machine:expr, $event:expr) => {{
        use ::dotlocal::mdns::QuerierEvent;
        let machine = $machine;
        match $event {
            QuerierEvent::Resolved { instance, .. } => {
                $crate::read_instance(machine.instance(instance));
                if let Some(instance) = machine.instance(instance) {
                    instance.socket_addrs().for_each(|address| $crate::sink(&address));
                }
                machine.reconfirm(instance);
            }
            QuerierEvent::Address { request, address, .. } => {
                $crate::sink(&machine.socket_addr(address, $crate::word() as u16));
                $crate::sink(&machine.canonical_name(request));
            }
            QuerierEvent::Record { record, .. } => {
                if let Some(record) = machine.record(record) {
                    $crate::sink(&(record.name(), record.rtype(), record.ttl_secs()));
                    $crate::sink(&(record.target(), record.data()));
                }
            }
            _ => {}
        }
    }};
}

/// Every call by which the application asks servers.
pub fn ask_servers(resolver: &mut Resolver<'_>, request: &mut Option<resolver::RequestId>) {
    match word() {
        0 => {
            let servers = [(address(), word() as u16).into(), (address(), word() as u16).into()];
            sink(&resolver.set_servers(servers.get(..word() as usize).unwrap_or(&[])).is_ok());
        }
        1 => *request = resolver.lookup(opaque("api.example.com"), families(), word()).ok(),
        2 => *request = resolver.records(opaque("example.com"), Type(word() as u16), word()).ok(),
        3 => resolver.network_changed(),
        4 => {
            if let Some(request) = *request {
                resolver.tell_apart(request);
                sink(&resolver.poll_event_of(request));
            }
        }
        _ => {
            if let Some(request) = request.take() {
                resolver.cancel(request);
            }
        }
    }
    resolver.channels().for_each(|channel| sink(&channel));
    sink(&resolver.wrong_replies());
}

/// What an application reads when a resolver tells it of something.
pub fn read_answer(resolver: &mut Resolver<'_>, event: resolver::Event) {
    let resolver::Event::Found { request, .. } = event else { return };
    resolver.addresses(request).for_each(|found| sink(&found));
    for record in resolver.found_records(request) {
        sink(&(record.name(), record.rtype(), record.ttl_secs(), record.data()));
    }
    let services = resolver.found_records(request).filter_map(|record| match record.data() {
        Ok(RData::Srv(srv)) => Some(srv),
        _ => None,
    });
    by_weight(services, word()).for_each(|srv| sink(&srv));
    sink(&resolver.canonical_name(request));
    resolver.failed(request, address());
}

/// Any choice by the application of how a resolver asks.
pub fn resolver_config() -> resolver::Config {
    resolver::Config::default()
        .payload_size(word() as u16)
        .negative_secs(word())
        .chooses_ports(word() != 0)
        .mixes_case(word() != 0)
        .serves_stale(word() != 0)
}

/// Any choice by the application of how an endpoint, a responder or a querier behaves.
pub fn mdns_config() -> mdns::Config {
    mdns::Config::new(word()).unicast_answers(word() != 0).finds_own(word() != 0).scope_id(word())
}

/// Any families.
pub fn families() -> Families {
    one_of([Families::Both, Families::V4, Families::V6]).unwrap_or_default()
}

/// An address with any prefix.
pub fn prefix() -> (IpAddr, u8) {
    (address(), word() as u8)
}

/// Any of some addresses, none among them.
pub fn addresses() -> &'static [IpAddr] {
    static ADDRESSES: [IpAddr; 2] =
        [IpAddr::V4(Ipv4Addr::new(192, 0, 2, 9)), IpAddr::V6(Ipv6Addr::new(0xFE80, 0, 0, 0, 0, 0, 0, 9))];
    ADDRESSES.get(..word() as usize).unwrap_or(&[])
}

/// Any of some records, none among them.
pub fn extra() -> &'static [ExtraRecord<'static>] {
    static EXTRA: [ExtraRecord<'static>; 2] = [
        ExtraRecord::new(Type::HINFO, b"\x03ARM\x05board"),
        ExtraRecord::new(Type(65_400), b"any").ttl_secs(120),
    ];
    sink(&ExtraRecord::new(Type(word() as u16), opaque(b"any")).ttl_secs(word()));
    EXTRA.get(..word() as usize).unwrap_or(&[])
}

/// Records under a name of their own.
pub fn record_set() -> RecordSet<'static> {
    let name = opaque(dotlocal::name!("about.local"));
    if word() == 0 { RecordSet::shared(name, extra()) } else { RecordSet::unique(name, extra()) }
}

/// The sum of the octets.
pub fn bytes(octets: &[u8]) -> u32 {
    octets.iter().map(|&octet| u32::from(octet)).sum()
}

/// The sum of the name's label octets.
pub fn name(name: Name<'_>) -> u32 {
    name.labels().map(bytes).sum()
}

/// Reads a whole message: every name, and the data of every record by `data`.
#[inline(never)]
pub fn sum(octets: &[u8], data: impl Fn(&Record<'_>) -> Result<u32, CheckError>) -> Result<u32, CheckError> {
    let message = Message::parse(octets)?;
    let mut sum = message.header().flags().0.into();
    for question in message.questions() {
        let question = question?;
        sum += name(question.name()) + u32::from(question.qtype().0);
    }
    for record in message.records() {
        let record = record?;
        sum += name(record.name())
            + u32::from(record.rtype().0)
            + record.ttl_secs()
            + data(&record).unwrap_or(0);
    }
    Ok(sum)
}
