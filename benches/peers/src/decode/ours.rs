//! dotlocal, as its user would write it.

use dotlocal::name::Name;
use dotlocal::wire::{EdnsOption, Message, RData, Record, SvcParam, Svcb};

use super::{touch, touch_all, touch_counted, touch_value};

/// The work: the message is read lazily, and each name twice, once when it is found sound and once by its labels.
pub fn sum(octets: &[u8]) -> Option<u64> {
    let mut questions = Message::parse(octets).ok()?.questions();
    let mut sum = 0;
    for question in questions.by_ref() {
        let question = question.ok()?;
        sum += name(question.name()) + u64::from(question.qtype().0) + u64::from(question.raw_class());
    }
    for record in questions.records() {
        let record = record.ok()?;
        sum += name(record.name()) + u64::from(record.rtype().0) + u64::from(record.raw_class());
        sum += u64::from(record.raw_ttl()) + data(&record)?;
    }
    Some(sum)
}

/// The check of a whole message: where its last record ends.
pub fn check(octets: &[u8]) -> Option<u64> {
    let message = Message::parse(octets).ok()?.check().ok()?;
    Some((octets.len() - message.trailing().len()) as u64)
}

fn data(record: &Record<'_>) -> Option<u64> {
    Some(match record.data().ok()? {
        RData::A(address) => touch(&address.octets()),
        RData::Aaaa(address) => touch(&address.octets()),
        RData::Ns(target) | RData::Ptr(target) | RData::Cname(target) => name(target),
        RData::Mx(mx) => u64::from(mx.preference) + name(mx.exchange),
        RData::Soa(soa) => {
            let times = [soa.serial, soa.refresh_secs, soa.retry_secs, soa.expire_secs, soa.minimum_secs];
            name(soa.mname) + name(soa.rname) + times.into_iter().map(u64::from).sum::<u64>()
        }
        RData::Srv(srv) => {
            u64::from(srv.priority) + u64::from(srv.weight) + u64::from(srv.port) + name(srv.target)
        }
        RData::Txt(txt) => txt.strings().map(touch_counted).sum(),
        RData::Nsec(nsec) => name(nsec.next) + touch_all(nsec.types.as_octets()),
        RData::Opt(opt) => {
            let mut sum = 0;
            for option in opt.options() {
                sum += value(option.ok()?);
            }
            sum
        }
        RData::Svcb(svcb) | RData::Https(svcb) => service(&svcb),
        RData::Other(_, octets) => touch_all(octets),
        _ => return None,
    })
}

fn name(name: Name<'_>) -> u64 {
    name.labels().map(touch_counted).sum()
}

fn value(option: EdnsOption<'_>) -> u64 {
    let code = u64::from(option.code().0);
    code + match option {
        EdnsOption::Nsid(octets) | EdnsOption::Padding(octets) | EdnsOption::Other(_, octets) => {
            touch_value(octets)
        }
        EdnsOption::Cookie { client, server } => touch_value(&client) + touch_value(server),
        EdnsOption::Keepalive(idle) => idle.map_or(0, |idle| touch_value(&idle.to_be_bytes())),
        EdnsOption::ExtendedError { info_code, text } => {
            touch_value(&info_code.to_be_bytes()) + touch_value(text)
        }
        // The corpus has none of the others.
        _ => 0,
    }
}

fn service(svcb: &Svcb<'_>) -> u64 {
    let params = svcb.params.iter().map(|param| {
        let key = u64::from(param.key().0);
        key + match param {
            SvcParam::Mandatory(keys) => touch_value(keys.as_flattened()),
            SvcParam::Alpn(ids) => touch_value(ids.as_octets()),
            SvcParam::NoDefaultAlpn => 0,
            SvcParam::Port(port) => touch_value(&port.to_be_bytes()),
            SvcParam::Ipv4Hint(addresses) => touch_value(addresses.as_flattened()),
            SvcParam::Ipv6Hint(addresses) => touch_value(addresses.as_flattened()),
            SvcParam::Ech(octets) | SvcParam::DohPath(octets) | SvcParam::Other(_, octets) => {
                touch_value(octets)
            }
            _ => 0,
        }
    });
    u64::from(svcb.priority) + name(svcb.target) + params.sum::<u64>()
}
