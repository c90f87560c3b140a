//! dns-parser: frame and data into vectors, names in place; a name is shown only by formatting it. It refuses messages
//! with types that it does not know, and does not tell the type of data that it does not decode.

use std::fmt::{self, Write};

use dns_parser::{Name, Packet, RData, ResourceRecord};

use super::{touch, touch_all, touch_counted};

pub(super) fn sum(octets: &[u8]) -> Option<u64> {
    let packet = Packet::parse(octets).ok()?;
    let mut sum = 0;
    for question in &packet.questions {
        let class = question.qclass as u16 | u16::from(question.prefer_unicast) << 15;
        sum += name(&question.qname) + question.qtype as u64 + u64::from(class);
    }
    for record in packet.answers.iter().chain(&packet.nameservers).chain(&packet.additional) {
        let class = record.cls as u16 | u16::from(record.multicast_unique) << 15;
        sum += name(&record.name) + u64::from(class) + u64::from(record.ttl) + data(record)?;
    }
    if let Some(opt) = &packet.opt {
        let ttl = u32::from(opt.extrcode) << 24 | u32::from(opt.version) << 16 | u32::from(opt.flags);
        let RData::Unknown(octets) = opt.data else { return None };
        sum += 41 + u64::from(opt.udp) + u64::from(ttl) + touch_all(octets);
    }
    Some(sum)
}

/// The type, which only the kind of data tells, and the data.
fn data(record: &ResourceRecord<'_>) -> Option<u64> {
    let (rtype, sum) = match &record.data {
        RData::A(a) => (1, touch(&a.0.octets())),
        RData::AAAA(aaaa) => (28, touch(&aaaa.0.octets())),
        RData::NS(ns) => (2, name(&ns.0)),
        RData::CNAME(cname) => (5, name(&cname.0)),
        RData::PTR(ptr) => (12, name(&ptr.0)),
        RData::SRV(srv) => {
            let numbers = u64::from(srv.priority) + u64::from(srv.weight) + u64::from(srv.port);
            (33, numbers + name(&srv.target))
        }
        RData::TXT(txt) => (16, txt.iter().map(touch_counted).sum()),
        RData::SOA(soa) => {
            let numbers = [soa.serial, soa.refresh, soa.retry, soa.expire, soa.minimum_ttl].map(u64::from);
            (6, numbers.iter().sum::<u64>() + name(&soa.primary_ns) + name(&soa.mailbox))
        }
        RData::MX(mx) => (15, u64::from(mx.preference) + name(&mx.exchange)),
        RData::Unknown(_) => return None,
    };
    Some(rtype + sum)
}

/// Takes the labels from the formatter, which writes the dots between them as characters.
struct Labels(u64);

impl Write for Labels {
    fn write_str(&mut self, label: &str) -> fmt::Result {
        self.0 += touch_counted(label.as_bytes());
        Ok(())
    }

    fn write_char(&mut self, _: char) -> fmt::Result {
        Ok(())
    }
}

fn name(name: &Name<'_>) -> u64 {
    let mut labels = Labels(0);
    match write!(labels, "{name}") {
        Ok(()) => labels.0,
        Err(fmt::Error) => 0,
    }
}
