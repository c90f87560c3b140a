//! What dotlocal says of a message.

use dotlocal::name::Name;
use dotlocal::wire::{
    Edns, EdnsOption, Message, OptionCode, Question, RData, Record, Section, SvcParam, Svcb, Type,
};

use crate::view::{Data, Field, Part, Refusal, View, numbered};

/// The types of which [`Part::expanded`] is compared: those whose names may be compressed on the wire.
pub const EXPANDED: [Type; 13] = [
    Type::NS,
    Type::MD,
    Type::MF,
    Type::CNAME,
    Type::SOA,
    Type::MB,
    Type::MG,
    Type::MR,
    Type::PTR,
    Type::MINFO,
    Type::MX,
    Type::SRV,
    Type::NSEC,
];

pub fn view(octets: &[u8]) -> View {
    let message = match Message::parse(octets) {
        Ok(message) => message,
        Err(error) => {
            return View { header: Err(error.into()), parts: vec![], whole: Err(error.into()), edns: None };
        }
    };
    let mut questions = message.questions();
    let mut parts: Vec<_> = questions.by_ref().map(|each| each.map(|each| question(&each))).collect();
    parts.extend(questions.records().map(|each| each.map(|each| record(&each))));
    View {
        header: Ok(header(&message)),
        parts: parts.into_iter().map(|part| part.map_err(Refusal::from)).collect(),
        whole: message.check().map(|_| ()).map_err(Refusal::from),
        edns: match message.edns() {
            Ok(edns) => edns.map(|edns| Ok(edns_fields(&edns))),
            Err(error) => Some(Err(error.into())),
        },
    }
}

fn header(message: &Message<'_>) -> Vec<Field> {
    let header = message.header();
    let count = |section| header.record_count(section);
    vec![
        Field::word("id", header.id()),
        Field::word("flags", header.flags().0),
        Field::word("questions", header.question_count()),
        Field::word("answers", count(Section::Answer)),
        Field::word("authorities", count(Section::Authority)),
        Field::word("additionals", count(Section::Additional)),
    ]
}

fn question(question: &Question<'_>) -> Part {
    let fields = vec![
        name("name", &question.name()),
        Field::word("type", question.qtype().0),
        Field::word("class", question.raw_class()),
    ];
    Part { fields, data: None, expanded: None }
}

fn record(record: &Record<'_>) -> Part {
    let fields = vec![
        name("owner", &record.name()),
        Field::word("type", record.rtype().0),
        Field::word("class", record.raw_class()),
        Field::long("ttl", record.raw_ttl()),
    ];
    let data = match record.data() {
        Ok(RData::Other(_, octets)) => Data::Raw(octets.to_vec()),
        Ok(data) => Data::Typed(typed(&data)),
        Err(error) => Data::Refused(error.into()),
    };
    let is_expanded = EXPANDED.contains(&record.rtype()) && matches!(data, Data::Typed(_));
    let expanded = record.raw_data().uncompressed().ok().filter(|_| is_expanded).map(Iterator::collect);
    Part { fields, data: Some(data), expanded }
}

fn edns_fields(edns: &Edns<'_>) -> Vec<Field> {
    vec![
        Field::word("payload size", edns.payload_size),
        Field::word("rcode", edns.rcode.0),
        Field::new("version", [edns.version]),
        Field::new("DO", [edns.dnssec_ok.into()]),
    ]
}

fn name(field: &'static str, name: &Name<'_>) -> Field {
    Field::new(field, name.octets().collect::<Vec<u8>>())
}

fn typed(data: &RData<'_>) -> Vec<Field> {
    match data {
        RData::A(address) => vec![Field::new("address", address.octets())],
        RData::Aaaa(address) => vec![Field::new("address", address.octets())],
        RData::Ns(target)
        | RData::Md(target)
        | RData::Mf(target)
        | RData::Cname(target)
        | RData::Mb(target)
        | RData::Mg(target)
        | RData::Mr(target)
        | RData::Ptr(target)
        | RData::Dname(target) => vec![name("target", target)],
        RData::Soa(soa) => vec![
            name("mname", &soa.mname),
            name("rname", &soa.rname),
            Field::long("serial", soa.serial),
            Field::long("refresh", soa.refresh_secs),
            Field::long("retry", soa.retry_secs),
            Field::long("expire", soa.expire_secs),
            Field::long("minimum", soa.minimum_secs),
        ],
        RData::Hinfo(hinfo) => {
            vec![Field::new("cpu", hinfo.cpu.as_octets()), Field::new("os", hinfo.os.as_octets())]
        }
        RData::Minfo(minfo) => vec![name("rmailbx", &minfo.rmailbx), name("emailbx", &minfo.emailbx)],
        RData::Mx(mx) => vec![Field::word("preference", mx.preference), name("exchange", &mx.exchange)],
        RData::Txt(txt) => txt.strings().map(|string| Field::new("string", string)).collect(),
        RData::Rp(rp) => vec![name("mbox", &rp.mbox), name("txt", &rp.txt)],
        RData::Afsdb(afsdb) => vec![Field::word("subtype", afsdb.subtype), name("hostname", &afsdb.hostname)],
        RData::Srv(srv) => vec![
            Field::word("priority", srv.priority),
            Field::word("weight", srv.weight),
            Field::word("port", srv.port),
            name("target", &srv.target),
        ],
        RData::Naptr(naptr) => vec![
            Field::word("order", naptr.order),
            Field::word("preference", naptr.preference),
            Field::new("flags", naptr.flags.as_octets()),
            Field::new("services", naptr.services.as_octets()),
            Field::new("regexp", naptr.regexp.as_octets()),
            name("replacement", &naptr.replacement),
        ],
        RData::Opt(opt) => opt_fields(opt),
        RData::Nsec(nsec) => {
            let types = nsec.types.iter().map(|rtype| Field::word("exists", rtype.0));
            [name("next", &nsec.next)].into_iter().chain(types).collect()
        }
        RData::Svcb(svcb) | RData::Https(svcb) => svcb_fields(svcb),
        RData::Uri(uri) => vec![
            Field::word("priority", uri.priority),
            Field::word("weight", uri.weight),
            Field::new("target", uri.target),
        ],
        RData::Caa(caa) => vec![
            Field::new("flags", [caa.flags]),
            Field::new("tag", caa.tag.as_octets()),
            Field::new("value", caa.value),
        ],
        other => panic!("a type that is not compared yet: {}", other.rtype()),
    }
}

fn opt_fields(opt: &dotlocal::wire::Opt<'_>) -> Vec<Field> {
    // A refused option says its code only by where it stands.
    let mut codes = vec![];
    let mut rest = opt.as_octets();
    while let [a, b, c, d, behind @ ..] = rest {
        codes.push(u16::from_be_bytes([*a, *b]));
        rest = &behind[usize::from(u16::from_be_bytes([*c, *d]))..];
    }
    let option = |(option, code): (Result<EdnsOption<'_>, _>, u16)| match option {
        Ok(option) => Field::new("option", numbered(option.code().0, &option_value(&option))),
        Err(_) => Field::refused("option", code.to_be_bytes()),
    };
    opt.options().zip(codes).map(option).collect()
}

/// Built again from what was read, so that what was read is what is compared.
fn option_value(option: &EdnsOption<'_>) -> Vec<u8> {
    match *option {
        EdnsOption::Nsid(octets) | EdnsOption::Padding(octets) | EdnsOption::Other(_, octets) => {
            octets.to_vec()
        }
        EdnsOption::ClientSubnet(subnet) => {
            crate::rdata::subnet(subnet.address, subnet.source_prefix, subnet.scope_prefix)
        }
        EdnsOption::Cookie { client, server } => [&client, server].concat(),
        EdnsOption::Keepalive(idle) => idle.map_or(vec![], |idle| idle.to_be_bytes().to_vec()),
        EdnsOption::ExtendedError { info_code, text } => numbered(info_code, text),
        _ => panic!("an option that is not compared yet: {}", option.code()),
    }
}

/// The options that dotlocal has a form for; of others the octets are compared.
pub const TYPED_OPTIONS: [OptionCode; 6] = [
    OptionCode::NSID,
    OptionCode::CLIENT_SUBNET,
    OptionCode::COOKIE,
    OptionCode::KEEPALIVE,
    OptionCode::PADDING,
    OptionCode::EXTENDED_ERROR,
];

fn svcb_fields(svcb: &Svcb<'_>) -> Vec<Field> {
    let params =
        svcb.params().map(|param| Field::new("param", numbered(param.key().0, &param_value(&param))));
    let head = [Field::word("priority", svcb.priority), name("target", &svcb.target)];
    head.into_iter().chain(params).collect()
}

fn param_value(param: &SvcParam<'_>) -> Vec<u8> {
    match *param {
        SvcParam::Mandatory(keys) => keys.as_flattened().to_vec(),
        SvcParam::Alpn(ids) => ids.strings().flat_map(crate::rdata::counted).collect(),
        SvcParam::NoDefaultAlpn => vec![],
        SvcParam::Port(port) => port.to_be_bytes().to_vec(),
        SvcParam::Ipv4Hint(addresses) => addresses.as_flattened().to_vec(),
        SvcParam::Ipv6Hint(addresses) => addresses.as_flattened().to_vec(),
        SvcParam::Ech(octets) | SvcParam::DohPath(octets) | SvcParam::Other(_, octets) => octets.to_vec(),
        _ => panic!("a parameter that is not compared yet: {}", param.key()),
    }
}
