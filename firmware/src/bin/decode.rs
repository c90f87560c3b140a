//! A reader as an mDNS firmware would write it: every name followed, and the data of the types of mDNS by
//! [`Record::read`], so that no other type is paid for.

#![no_std]
#![no_main]

use core::net::{Ipv4Addr, Ipv6Addr};

use dotlocal::name::Name;
use dotlocal::wire::{CheckError, Nsec, Record, Srv, Txt};
use dotlocal_probes::{bytes, datagram, name, sink, sum};

#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    let mut buffer = [0; 1500];
    loop {
        sink(&sum(datagram(&mut buffer), data));
    }
}

#[inline(never)]
fn data(record: &Record<'_>) -> Result<u32, CheckError> {
    Ok(if let Some(address) = record.read::<Ipv4Addr>()? {
        address.to_bits()
    } else if let Some(address) = record.read::<Ipv6Addr>()? {
        address.to_bits() as u32
    } else if let Some(target) = record.read::<Name<'_>>()? {
        name(target)
    } else if let Some(srv) = record.read::<Srv<'_>>()? {
        u32::from(srv.port) + name(srv.target)
    } else if let Some(txt) = record.read::<Txt<'_>>()? {
        txt.strings().map(bytes).sum()
    } else if let Some(nsec) = record.read::<Nsec<'_>>()? {
        name(nsec.next) + nsec.types.iter().map(|rtype| u32::from(rtype.0)).sum::<u32>()
    } else {
        bytes(record.raw_data().as_octets())
    })
}
