//! domain: read in place; a name is checked when it is parsed and followed again by its labels.

use domain::base::opt::{Opt, UnknownOptData};
use domain::base::rdata::{ParseRecordData, UnknownRecordData};
use domain::base::{Message, ParsedName, ParsedRecord, Rtype};
use domain::rdata::{A, Aaaa, Cname, Https, Mx, Ns, Nsec, Ptr, Soa, Srv, Svcb, Txt};

use super::{touch, touch_all, touch_counted, touch_value};

pub(super) fn sum(octets: &[u8]) -> Option<u64> {
    let message = Message::from_slice(octets).ok()?;
    let (mut sum, mut questions) = (0, message.question());
    for question in &mut questions {
        let question = question.ok()?;
        sum += name(question.qname());
        sum += u64::from(question.qtype().to_int()) + u64::from(question.qclass().to_int());
    }
    let mut section = Some(questions.answer().ok()?);
    while let Some(mut records) = section {
        for record in &mut records {
            let record = record.ok()?;
            sum += name(&record.owner());
            sum += u64::from(record.rtype().to_int()) + u64::from(record.class().to_int());
            sum += u64::from(record.ttl().as_secs()) + data(record)?;
        }
        section = records.next_section().ok()?;
    }
    Some(sum)
}

fn data(record: ParsedRecord<'_, [u8]>) -> Option<u64> {
    Some(match record.rtype() {
        Rtype::A => touch(&typed::<A>(record)?.addr().octets()),
        Rtype::AAAA => touch(&typed::<Aaaa>(record)?.addr().octets()),
        Rtype::NS => name(typed::<Ns<_>>(record)?.nsdname()),
        Rtype::CNAME => name(typed::<Cname<_>>(record)?.cname()),
        Rtype::PTR => name(typed::<Ptr<_>>(record)?.ptrdname()),
        Rtype::SRV => {
            let srv = typed::<Srv<_>>(record)?;
            let numbers = u64::from(srv.priority()) + u64::from(srv.weight()) + u64::from(srv.port());
            numbers + name(srv.target())
        }
        Rtype::TXT => typed::<Txt<_>>(record)?.iter().map(touch_counted).sum(),
        Rtype::SOA => {
            let soa = typed::<Soa<_>>(record)?;
            let times = [soa.refresh(), soa.retry(), soa.expire(), soa.minimum()];
            let times = times.map(|time| u64::from(time.as_secs()));
            let numbers = u64::from(soa.serial().into_int()) + times.iter().sum::<u64>();
            numbers + name(soa.mname()) + name(soa.rname())
        }
        Rtype::MX => {
            let mx = typed::<Mx<_>>(record)?;
            u64::from(mx.preference()) + name(mx.exchange())
        }
        Rtype::NSEC => {
            let nsec = typed::<Nsec<&[u8], _>>(record)?;
            name(nsec.next_name()) + touch_all(nsec.types().as_slice())
        }
        Rtype::OPT => {
            let mut sum = 0;
            for option in typed::<Opt<&[u8]>>(record)?.iter::<UnknownOptData<_>>() {
                let option = option.ok()?;
                sum += u64::from(option.code().to_int()) + touch_value(option.as_slice());
            }
            sum
        }
        Rtype::SVCB => {
            let svcb = typed::<Svcb<&[u8], _>>(record)?;
            u64::from(svcb.priority()) + name(svcb.target()) + parameters(svcb.params())
        }
        Rtype::HTTPS => {
            let https = typed::<Https<&[u8], _>>(record)?;
            u64::from(https.priority()) + name(https.target()) + parameters(https.params())
        }
        _ => touch_all(typed::<UnknownRecordData<&[u8]>>(record)?.data()),
    })
}

fn typed<'m, Data: ParseRecordData<'m, [u8]>>(record: ParsedRecord<'m, [u8]>) -> Option<Data> {
    Some(record.into_record::<Data>().ok()??.into_data())
}

fn parameters(params: &domain::rdata::svcb::SvcParams<&[u8]>) -> u64 {
    params.iter_raw().map(|param| u64::from(param.key().to_int()) + touch_value(param.as_slice())).sum()
}

/// The labels with the root's, which adds nothing.
fn name<Octs: AsRef<[u8]>>(name: &ParsedName<Octs>) -> u64 {
    name.iter().map(|label| touch_counted(label.as_slice())).sum()
}
