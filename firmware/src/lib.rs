//! What every probe shares: a panic handler that no link survives, and values that the optimiser cannot foresee.
//!
//! `decode`, `encode`, `responder`, `querier` and `endpoint` are what a small firmware does with each piece; those with
//! `_all` behind the name call a piece's whole public interface. Would the optimiser know an argument, it could drop
//! the branch that panics on another one, and the proof would be empty: so each argument comes through a volatile read.

#![no_std]

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use core::ptr;

use dotlocal::mdns::{ExtraRecord, HostId, Instance, RecordSet, RecordsId, ServiceId};
use dotlocal::name::Name;
use dotlocal::wire::{CheckError, Message, Record, Type};
use dotlocal::{Channel, Instant, Meta, Transmit};

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
    let channel = match word() {
        0 => Channel::Mdns,
        1 => Channel::Udp(word() as u16),
        _ => Channel::Tcp(word() as u16),
    };
    Meta { source: (address(), word() as u16).into(), multicast: word() != 0, channel }
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
                _ => {}
            }
        }
    }};
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
