//! hickory-proto: the whole message into structures of its own, with a heap. NSEC stays raw without its DNSSEC, which
//! needs a crypto library.

use hickory_proto::op::Message;
use hickory_proto::rr::rdata::opt::{EdnsCode, EdnsOption};
use hickory_proto::rr::rdata::svcb::{SVCB, SvcParamKey, SvcParamValue};
use hickory_proto::rr::{Name, RData, Record};

use super::{touch, touch_all, touch_counted, touch_value};

pub(super) fn sum(octets: &[u8]) -> Option<u64> {
    let message = Message::from_vec(octets).ok()?;
    let mut sum = 0;
    for query in &message.queries {
        let class = u16::from(query.query_class()) | u16::from(query.mdns_unicast_response()) << 15;
        sum += name(query.name()) + u64::from(u16::from(query.query_type())) + u64::from(class);
    }
    for record in message.all_sections() {
        let class = u16::from(record.dns_class) | u16::from(record.mdns_cache_flush) << 15;
        sum += name(&record.name) + u64::from(u16::from(record.record_type())) + u64::from(class);
        sum += u64::from(record.ttl) + data(record)?;
    }
    if let Some(edns) = &message.edns {
        // The type, and class and TTL from the fields that they are taken apart into.
        let ttl = u32::from(edns.rcode_high()) << 24 | u32::from(edns.version()) << 16;
        sum += 41 + u64::from(edns.max_payload()) + u64::from(ttl) + u64::from(u16::from(*edns.flags()));
        sum += edns.options().as_ref().iter().map(option).sum::<Option<u64>>()?;
    }
    Some(sum)
}

fn data(record: &Record) -> Option<u64> {
    Some(match &record.data {
        RData::A(a) => touch(&a.0.octets()),
        RData::AAAA(aaaa) => touch(&aaaa.0.octets()),
        RData::NS(ns) => name(&ns.0),
        RData::CNAME(cname) => name(&cname.0),
        RData::PTR(ptr) => name(&ptr.0),
        RData::SRV(srv) => {
            u64::from(srv.priority) + u64::from(srv.weight) + u64::from(srv.port) + name(&srv.target)
        }
        RData::TXT(txt) => txt.txt_data.iter().map(|string| touch_counted(string)).sum(),
        RData::SOA(soa) => {
            let times = [soa.refresh, soa.retry, soa.expire].map(|time| u64::from(time.cast_unsigned()));
            let numbers = u64::from(soa.serial) + u64::from(soa.minimum) + times.iter().sum::<u64>();
            numbers + name(&soa.mname) + name(&soa.rname)
        }
        RData::MX(mx) => u64::from(mx.preference) + name(&mx.exchange),
        RData::SVCB(svcb) => service_binding(svcb)?,
        RData::HTTPS(https) => service_binding(&https.0)?,
        RData::Unknown { rdata, .. } => touch_all(&rdata.anything),
        _ => return None,
    })
}

fn option((code, option): &(EdnsCode, EdnsOption)) -> Option<u64> {
    let octets = match option {
        EdnsOption::Unknown(_, octets) => octets.as_slice(),
        EdnsOption::NSID(payload) => payload.as_ref(),
        // A client subnet is taken apart into an address and prefixes.
        _ => return None,
    };
    Some(u64::from(u16::from(*code)) + touch_value(octets))
}

fn service_binding(svcb: &SVCB) -> Option<u64> {
    let mut sum = u64::from(svcb.svc_priority) + name(&svcb.target_name);
    for (key, value) in &svcb.svc_params {
        sum += u64::from(u16::from(*key)) + parameter(value)?;
    }
    Some(sum)
}

/// Length and octets that the value had.
fn parameter(value: &SvcParamValue) -> Option<u64> {
    let hints = |len: usize, octets: u64| len as u64 + octets;
    Some(match value {
        SvcParamValue::Mandatory(keys) => {
            keys.0.iter().map(|&key: &SvcParamKey| touch_counted(&u16::from(key).to_be_bytes())).sum()
        }
        // Each identifier behind its length.
        SvcParamValue::Alpn(alpn) => {
            alpn.0.iter().map(|id| 1 + id.len() as u64 + touch_counted(id.as_bytes())).sum()
        }
        SvcParamValue::NoDefaultAlpn => 0,
        SvcParamValue::Port(port) => touch_counted(&port.to_be_bytes()),
        SvcParamValue::Ipv4Hint(hint) => {
            hints(4 * hint.0.len(), hint.0.iter().map(|address| touch(&address.0.octets())).sum())
        }
        SvcParamValue::Ipv6Hint(hint) => {
            hints(16 * hint.0.len(), hint.0.iter().map(|address| touch(&address.0.octets())).sum())
        }
        SvcParamValue::EchConfigList(list) => touch_value(&list.0),
        SvcParamValue::Unknown(unknown) => touch_value(&unknown.0),
    })
}

fn name(name: &Name) -> u64 {
    name.iter().map(touch_counted).sum()
}
