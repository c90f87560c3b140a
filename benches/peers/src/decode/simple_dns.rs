//! simple-dns: the whole message into structures of its own, with a heap; labels and strings are borrowed.

use simple_dns::rdata::{OPT, RData, SVCB, SVCParam};
use simple_dns::{Name, Packet, ResourceRecord};

use super::{touch, touch_all, touch_counted, touch_value};

pub(super) fn sum(octets: &[u8]) -> Option<u64> {
    let packet = Packet::parse(octets).ok()?;
    let mut sum = 0;
    for question in &packet.questions {
        let class = u16::from(question.qclass) | u16::from(question.unicast_response) << 15;
        sum += name(&question.qname) + u64::from(u16::from(question.qtype)) + u64::from(class);
    }
    for record in packet.answers.iter().chain(&packet.name_servers).chain(&packet.additional_records) {
        let class = u16::from(record.class) | u16::from(record.cache_flush) << 15;
        sum += name(&record.name) + u64::from(u16::from(record.rdata.type_code())) + u64::from(class);
        sum += u64::from(record.ttl) + data(record)?;
    }
    Some(sum + packet.opt().map_or(0, edns))
}

fn data(record: &ResourceRecord<'_>) -> Option<u64> {
    Some(match &record.rdata {
        RData::A(a) => touch(&a.address.to_be_bytes()),
        RData::AAAA(aaaa) => touch(&aaaa.address.to_be_bytes()),
        RData::NS(ns) => name(ns),
        RData::CNAME(cname) => name(cname),
        RData::PTR(ptr) => name(ptr),
        RData::SRV(srv) => {
            u64::from(srv.priority) + u64::from(srv.weight) + u64::from(srv.port) + name(&srv.target)
        }
        // It shows the strings as attributes only.
        RData::TXT(txt) => txt.iter_raw().map(attribute).sum(),
        RData::SOA(soa) => {
            let times = [soa.refresh, soa.retry, soa.expire].map(|time| u64::from(time.cast_unsigned()));
            let numbers = u64::from(soa.serial) + u64::from(soa.minimum) + times.iter().sum::<u64>();
            numbers + name(&soa.mname) + name(&soa.rname)
        }
        RData::MX(mx) => u64::from(mx.preference) + name(&mx.exchange),
        RData::NSEC(nsec) => {
            let windows = nsec.type_bit_maps.iter();
            let windows =
                windows.map(|window| u64::from(window.window_block) + touch_counted(&window.bitmap));
            name(&nsec.next_name) + windows.sum::<u64>()
        }
        RData::SVCB(svcb) => service_binding(svcb),
        RData::HTTPS(https) => service_binding(https),
        RData::NULL(_, octets) => touch_all(octets.get_data()),
        _ => return None,
    })
}

/// The type, and class and TTL from the fields that it keeps of them: the flags of the TTL are lost.
fn edns(opt: &OPT<'_>) -> u64 {
    let options = opt.opt_codes.iter().map(|option| u64::from(option.code) + touch_value(&option.data));
    41 + u64::from(opt.udp_packet_size) + (u64::from(opt.version) << 16) + options.sum::<u64>()
}

fn attribute((key, value): (&[u8], Option<&[u8]>)) -> u64 {
    touch_counted(key) + value.map_or(0, |value| 1 + u64::from(b'=') + touch_counted(value))
}

fn service_binding(svcb: &SVCB<'_>) -> u64 {
    let parameters = svcb.iter_params().map(|param| u64::from(param.key_code()) + parameter(param));
    u64::from(svcb.priority) + name(&svcb.target) + parameters.sum::<u64>()
}

/// Length and octets that the value had.
fn parameter(param: &SVCParam<'_>) -> u64 {
    match param {
        SVCParam::Mandatory(keys) => keys.iter().map(|key| touch_counted(&key.to_be_bytes())).sum(),
        // Each identifier behind its length; it gives the octets as an owned string only.
        SVCParam::Alpn(ids) => {
            let ids = ids.iter().filter_map(|id| String::try_from(id.clone()).ok());
            ids.map(|id| 1 + id.len() as u64 + touch_counted(id.as_bytes())).sum()
        }
        SVCParam::NoDefaultAlpn | SVCParam::InvalidKey => 0,
        SVCParam::Port(port) => touch_counted(&port.to_be_bytes()),
        SVCParam::Ipv4Hint(hints) => hints.iter().map(|hint| touch_counted(&hint.to_be_bytes())).sum(),
        SVCParam::Ipv6Hint(hints) => hints.iter().map(|hint| touch_counted(&hint.to_be_bytes())).sum(),
        SVCParam::Ech(octets) | SVCParam::Unknown(_, octets) => touch_value(octets),
    }
}

fn name(name: &Name<'_>) -> u64 {
    name.get_labels().iter().map(|label| touch_counted(label.as_ref())).sum()
}
