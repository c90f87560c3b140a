//! What `hickory-proto` says of a message.

use hickory_proto::dnssec::rdata::DNSSECRData;
use hickory_proto::op::{Header, Message, MessageType, Query};
use hickory_proto::rr::rdata::opt::EdnsOption;
use hickory_proto::rr::rdata::svcb::{SVCB, SvcParamValue};
use hickory_proto::rr::{Name, RData, Record, RecordType};
use hickory_proto::serialize::binary::{BinDecodable, BinDecoder, DecodeError};

use crate::rdata::{counted, subnet};
use crate::view::{Data, Field, Judged, Part, Refusal, View, numbered};
use crate::walk::{Start, starts};

pub fn view(octets: &[u8]) -> View {
    let header = Header::read(&mut BinDecoder::new(octets));
    let message = Message::from_vec(octets);
    View {
        header: header.map(|header| header_fields(&header)).map_err(Refusal::new),
        parts: starts(octets).into_iter().map(|start| part(octets, start).map_err(Refusal::new)).collect(),
        edns: message.as_ref().ok().and_then(edns).map(Ok),
        whole: message.map(|_| ()).map_err(Refusal::new),
    }
}

/// Without the reserved bit, which it does not keep.
fn header_fields(header: &Header) -> Vec<Field> {
    let bits = [
        (header.message_type == MessageType::Response, 0x8000),
        (header.authoritative, 0x0400),
        (header.truncation, 0x0200),
        (header.recursion_desired, 0x0100),
        (header.recursion_available, 0x0080),
        (header.authentic_data, 0x0020),
        (header.checking_disabled, 0x0010),
    ];
    let set = bits.into_iter().filter(|(is_set, _)| *is_set).map(|(_, bit)| bit).sum::<u16>();
    let flags = set | u16::from(u8::from(header.op_code)) << 11 | u16::from(header.response_code);
    vec![
        Field::word("id", header.id),
        Field::word("flags", flags),
        Field::word("questions", header.counts.queries),
        Field::word("answers", header.counts.answers),
        Field::word("authorities", header.counts.authorities),
        Field::word("additionals", header.counts.additionals),
    ]
}

fn edns(message: &Message) -> Option<Vec<Field>> {
    let edns = message.edns.as_ref()?;
    Some(vec![
        Field::word("payload size", edns.max_payload()),
        Field::word("rcode", message.metadata.response_code.into()),
        Field::new("version", [edns.version()]),
        Field::new("DO", [edns.flags().dnssec_ok.into()]),
    ])
}

fn part(octets: &[u8], start: Start) -> Result<Part, DecodeError> {
    // A message has at most 65 535 octets.
    let at = || BinDecoder::new(octets).clone(start.at as u16);
    if start.is_record { record(at()) } else { question(at()) }
}

fn question(mut decoder: BinDecoder<'_>) -> Result<Part, DecodeError> {
    let query = Query::read(&mut decoder)?;
    let fields = vec![
        name("name", &query.name),
        Field::word("type", query.query_type.into()),
        Field::word("class", query.query_class.into()),
    ];
    Ok(Part { fields, data: None, expanded: None })
}

/// Its record decoder reads the data with the record. What comes before the data is read first by its decoders of
/// names and numbers, so that data which it refuses leaves the rest to be compared.
fn record(mut decoder: BinDecoder<'_>) -> Result<Part, DecodeError> {
    let mut again = decoder.clone(decoder.index() as u16);
    let owner = Name::read(&mut decoder)?;
    let rtype = RecordType::read(&mut decoder)?;
    let class = decoder.read_u16()?.unverified();
    let ttl = decoder.read_u32()?.unverified();
    let length = usize::from(decoder.read_u16()?.unverified());
    decoder.read_slice(length)?;
    let head = |owner: &Name, rtype: RecordType, class: u16, ttl: u32| {
        vec![
            name("owner", owner),
            Field::word("type", rtype.into()),
            Field::word("class", class),
            Field::long("ttl", ttl),
        ]
    };
    let (fields, data) = match Record::read(&mut again) {
        Ok(record) => {
            let class = record.dns_class.into();
            (head(&record.name, record.record_type(), class, record.ttl), data(&record.data))
        }
        Err(error) => (head(&owner, rtype, class, ttl), Data::Refused(Refusal::new(error))),
    };
    Ok(Part { fields, data: Some(data), expanded: None })
}

fn name(field: &'static str, name: &Name) -> Field {
    let labels = name.iter().flat_map(counted);
    Field::new(field, labels.chain([0]).collect::<Vec<u8>>())
}

fn data(data: &RData) -> Data {
    Data::Typed(match data {
        RData::A(a) => vec![Field::new("address", a.0.octets())],
        RData::AAAA(aaaa) => vec![Field::new("address", aaaa.0.octets())],
        RData::NS(target) => vec![name("target", target)],
        RData::CNAME(target) => vec![name("target", target)],
        RData::PTR(target) => vec![name("target", target)],
        RData::SOA(soa) => vec![
            name("mname", &soa.mname),
            name("rname", &soa.rname),
            Field::long("serial", soa.serial),
            Field::new("refresh", soa.refresh.to_be_bytes()),
            Field::new("retry", soa.retry.to_be_bytes()),
            Field::new("expire", soa.expire.to_be_bytes()),
            Field::long("minimum", soa.minimum),
        ],
        RData::HINFO(hinfo) => vec![Field::new("cpu", &*hinfo.cpu), Field::new("os", &*hinfo.os)],
        RData::MX(mx) => vec![Field::word("preference", mx.preference), name("exchange", &mx.exchange)],
        RData::TXT(txt) => txt.txt_data.iter().map(|string| Field::new("string", &**string)).collect(),
        RData::SRV(srv) => vec![
            Field::word("priority", srv.priority),
            Field::word("weight", srv.weight),
            Field::word("port", srv.port),
            name("target", &srv.target),
        ],
        RData::NAPTR(naptr) => vec![
            Field::word("order", naptr.order),
            Field::word("preference", naptr.preference),
            Field::new("flags", &*naptr.flags),
            Field::new("services", &*naptr.services),
            Field::new("regexp", &*naptr.regexp),
            name("replacement", &naptr.replacement),
        ],
        RData::OPT(opt) => opt.options.iter().map(|(code, each)| option((*code).into(), each)).collect(),
        RData::DNSSEC(DNSSECRData::NSEC(nsec)) => {
            let types = nsec.type_bit_maps().map(|rtype| Field::word("exists", rtype.into()));
            [name("next", nsec.next_domain_name())].into_iter().chain(types).collect()
        }
        RData::SVCB(svcb) => binding(svcb),
        RData::HTTPS(https) => binding(&https.0),
        RData::CAA(caa) => vec![
            Field::new("flags", [caa.flags()]),
            Field::new("tag", caa.tag.as_bytes()),
            Field::new("value", caa.value.as_slice()),
        ],
        RData::Unknown { rdata, .. } => return Data::Raw(rdata.anything.clone()),
        // No data at all, which it judges by the whole message; and types that dotlocal has no form for.
        _ => return Data::Raw(vec![]),
    })
}

fn option(code: u16, option: &EdnsOption) -> Field {
    let value = match option {
        EdnsOption::Subnet(net) => subnet(net.addr(), net.source_prefix(), net.scope_prefix()),
        EdnsOption::NSID(id) => id.as_ref().to_vec(),
        EdnsOption::Unknown(_, octets) => octets.clone(),
        // DAU, a set of algorithms: those that it does not know are gone.
        other => Vec::try_from(other).expect("what was read can be written"),
    };
    let judged = if matches!(option, EdnsOption::Unknown(..)) { Judged::Not } else { Judged::Taken };
    Field { judged, ..Field::new("option", numbered(code, &value)) }
}

fn binding(svcb: &SVCB) -> Vec<Field> {
    let mut fields = vec![Field::word("priority", svcb.svc_priority), name("target", &svcb.target_name)];
    // The alias form's parameters mean nothing (RFC 9460 section 2.4.2).
    if svcb.svc_priority > 0 {
        let params = svcb.svc_params.iter();
        fields.extend(
            params.map(|(key, value)| Field::new("param", numbered((*key).into(), &param_value(value)))),
        );
    }
    fields
}

fn param_value(value: &SvcParamValue) -> Vec<u8> {
    match value {
        SvcParamValue::Mandatory(keys) => {
            keys.0.iter().flat_map(|key| u16::from(*key).to_be_bytes()).collect()
        }
        SvcParamValue::Alpn(ids) => ids.0.iter().flat_map(|id| counted(id.as_bytes())).collect(),
        SvcParamValue::NoDefaultAlpn => vec![],
        SvcParamValue::Port(port) => port.to_be_bytes().to_vec(),
        SvcParamValue::Ipv4Hint(addresses) => addresses.0.iter().flat_map(|ip| ip.0.octets()).collect(),
        SvcParamValue::Ipv6Hint(addresses) => addresses.0.iter().flat_map(|ip| ip.0.octets()).collect(),
        SvcParamValue::EchConfigList(octets) => octets.0.clone(),
        SvcParamValue::Unknown(octets) => octets.0.clone(),
    }
}
