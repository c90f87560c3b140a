//! A reader of everything: every name followed, the data of every type by [`Record::data`], each option and parameter.

#![no_std]
#![no_main]

use dotlocal::wire::{CharStr, CheckError, EdnsOption, RData, Record, SvcParam, Svcb};
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
    let string = |string: CharStr<'_>| bytes(string.as_octets());
    Ok(match record.data()? {
        RData::A(address) => address.to_bits(),
        RData::Aaaa(address) => address.to_bits() as u32,
        RData::Ns(target)
        | RData::Md(target)
        | RData::Mf(target)
        | RData::Cname(target)
        | RData::Mb(target)
        | RData::Mg(target)
        | RData::Mr(target)
        | RData::Ptr(target)
        | RData::Dname(target) => name(target),
        RData::Soa(soa) => name(soa.mname) + name(soa.rname) + soa.serial + soa.minimum_secs,
        RData::Hinfo(hinfo) => string(hinfo.cpu) + string(hinfo.os),
        RData::Minfo(minfo) => name(minfo.rmailbx) + name(minfo.emailbx),
        RData::Mx(mx) => u32::from(mx.preference) + name(mx.exchange),
        RData::Txt(txt) => txt.strings().map(bytes).sum(),
        RData::Rp(rp) => name(rp.mbox) + name(rp.txt),
        RData::Afsdb(afsdb) => u32::from(afsdb.subtype) + name(afsdb.hostname),
        RData::Srv(srv) => u32::from(srv.port) + name(srv.target),
        RData::Naptr(naptr) => {
            let strings = string(naptr.flags) + string(naptr.services) + string(naptr.regexp);
            u32::from(naptr.order) + u32::from(naptr.preference) + strings + name(naptr.replacement)
        }
        RData::Opt(opt) => opt.options().flatten().map(option).sum(),
        RData::Nsec(nsec) => name(nsec.next) + nsec.types.iter().map(|rtype| u32::from(rtype.0)).sum::<u32>(),
        RData::Svcb(svcb) | RData::Https(svcb) => service(&svcb),
        RData::Uri(uri) => u32::from(uri.priority) + u32::from(uri.weight) + bytes(uri.target),
        RData::Caa(caa) => u32::from(caa.flags) + string(caa.tag) + bytes(caa.value),
        RData::Other(_, octets) => bytes(octets),
        _ => 0,
    })
}

#[inline(never)]
fn option(option: EdnsOption<'_>) -> u32 {
    match option {
        EdnsOption::Nsid(octets) | EdnsOption::Padding(octets) | EdnsOption::Other(_, octets) => {
            bytes(octets)
        }
        EdnsOption::ClientSubnet(subnet) => u32::from(subnet.source_prefix) + u32::from(subnet.scope_prefix),
        EdnsOption::Cookie { client, server } => bytes(&client) + bytes(server),
        EdnsOption::Keepalive(idle) => idle.map_or(0, u32::from),
        EdnsOption::ExtendedError { info_code, text } => u32::from(info_code) + bytes(text),
        _ => 0,
    }
}

#[inline(never)]
fn service(svcb: &Svcb<'_>) -> u32 {
    let params = svcb.params().map(|param| match param {
        SvcParam::Mandatory(keys) => bytes(keys.as_flattened()),
        SvcParam::Alpn(ids) => ids.strings().map(bytes).sum(),
        SvcParam::NoDefaultAlpn => 1,
        SvcParam::Port(port) => port.into(),
        SvcParam::Ipv4Hint(addresses) => bytes(addresses.as_flattened()),
        SvcParam::Ipv6Hint(addresses) => bytes(addresses.as_flattened()),
        SvcParam::Ech(octets) | SvcParam::DohPath(octets) | SvcParam::Other(_, octets) => bytes(octets),
        _ => 0,
    });
    u32::from(svcb.priority) + name(svcb.target) + params.sum::<u32>() + u32::from(svcb.is_usable())
}
