//! What every probe shares: a panic handler that no link survives, and values that the optimiser cannot foresee.
//!
//! `decode`, `encode`, `responder`, `querier` and `endpoint` are what a small firmware does with each piece; those with
//! `_all` behind the name call a piece's whole public interface. Would the optimiser know an argument, it could drop
//! the branch that panics on another one, and the proof would be empty: so each argument comes through a volatile read.

#![no_std]

use core::net::IpAddr;
use core::ptr;

use dotlocal::mdns::Instance;
use dotlocal::name::Name;
use dotlocal::wire::{CheckError, Message, Record};
use dotlocal::{Instant, Meta, Transmit};

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

/// Any sender.
pub fn meta() -> Meta {
    Meta { source: (address(), word() as u16).into(), multicast: word() != 0 }
}

/// Hands a datagram to the board.
pub fn transmit(datagram: Transmit<'_>) {
    sink(&datagram.to);
    sink(&datagram.bytes);
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
