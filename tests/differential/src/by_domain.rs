//! What `domain` says of a message.

use domain::base::iana::{OptionCode, Rtype};
use domain::base::name::ToName;
use domain::base::opt::{AllOptData, ComposeOptData, Opt, OptData, ParseOptData, UnknownOptData};
use domain::base::rdata::ComposeRecordData;
use domain::base::record::ParsedRecord;
use domain::base::wire::ParseError;
use domain::base::{Message, Name, ParsedName, Question};
use domain::dep::octseq::Parser;
use domain::rdata::AllRecordData;
use domain::rdata::svcb::value::AllValues;
use domain::rdata::svcb::{ComposeSvcParamValue, SvcParamValue, SvcParams};

use crate::by_dotlocal::{EXPANDED, TYPED_OPTIONS};
use crate::view::{Data, Field, Part, Refusal, View, numbered};
use crate::walk::{Start, starts};

type Octets<'m> = &'m [u8];
type AnyOption<'m> = AllOptData<Octets<'m>, Name<Octets<'m>>>;
type Any<'m> = AllRecordData<Octets<'m>, ParsedName<Octets<'m>>>;

pub fn view(octets: &[u8]) -> View {
    let message = match Message::from_octets(octets) {
        Ok(message) => message,
        Err(error) => {
            let refusal = Refusal::new(error);
            return View { header: Err(refusal.clone()), parts: vec![], whole: Err(refusal), edns: None };
        }
    };
    let read = |start| part(octets, start).map_err(Refusal::new);
    View {
        header: Ok(header(&message)),
        parts: starts(octets).into_iter().map(read).collect(),
        whole: whole(&message).map_err(Refusal::new),
        edns: edns(&message),
    }
}

/// The iterators that users have.
fn whole(message: &Message<Octets<'_>>) -> Result<(), ParseError> {
    for question in message.question() {
        question?;
    }
    let mut section = Some(message.answer()?);
    while let Some(mut records) = section {
        for record in records.by_ref() {
            record?;
        }
        section = records.next_section()?;
    }
    Ok(())
}

fn header(message: &Message<Octets<'_>>) -> Vec<Field> {
    let (header, counts) = (message.header(), message.header_counts());
    let bits = [
        (header.qr(), 0x8000),
        (header.aa(), 0x0400),
        (header.tc(), 0x0200),
        (header.rd(), 0x0100),
        (header.ra(), 0x0080),
        (header.z(), 0x0040),
        (header.ad(), 0x0020),
        (header.cd(), 0x0010),
    ];
    let set = bits.into_iter().filter(|(is_set, _)| *is_set).map(|(_, bit)| bit).sum::<u16>();
    let flags = set | u16::from(header.opcode().to_int()) << 11 | u16::from(header.rcode().to_int());
    vec![
        Field::word("id", header.id()),
        Field::word("flags", flags),
        Field::word("questions", counts.qdcount()),
        Field::word("answers", counts.ancount()),
        Field::word("authorities", counts.nscount()),
        Field::word("additionals", counts.arcount()),
    ]
}

/// Its look for an OPT record says nothing of one that it cannot read.
fn edns(message: &Message<Octets<'_>>) -> Option<Result<Vec<Field>, Refusal>> {
    let is_there = || {
        let mut additionals = message.additional().ok()?;
        additionals.find(|record| record.as_ref().is_ok_and(|record| record.rtype() == Rtype::OPT))
    };
    let Some(opt) = message.opt() else {
        return is_there().map(|_| Err(Refusal::new("an OPT record that cannot be read")));
    };
    Some(Ok(vec![
        Field::word("payload size", opt.udp_payload_size()),
        Field::word("rcode", opt.rcode(message.header()).to_int()),
        Field::new("version", [opt.version()]),
        Field::new("DO", [opt.dnssec_ok().into()]),
    ]))
}

fn part(octets: &[u8], start: Start) -> Result<Part, ParseError> {
    let mut parser = Parser::from_ref(octets);
    parser.seek(start.at)?;
    if start.is_record { record(&mut parser) } else { question(&mut parser) }
}

fn question(parser: &mut Parser<'_, [u8]>) -> Result<Part, ParseError> {
    let question = Question::<ParsedName<Octets<'_>>>::parse(parser)?;
    let fields = vec![
        name("name", question.qname()),
        Field::word("type", question.qtype().to_int()),
        Field::word("class", question.qclass().to_int()),
    ];
    Ok(Part { fields, data: None, expanded: None })
}

fn record(parser: &mut Parser<'_, [u8]>) -> Result<Part, ParseError> {
    let record = ParsedRecord::parse(parser)?;
    let fields = vec![
        name("owner", &record.owner()),
        Field::word("type", record.rtype().to_int()),
        Field::word("class", record.class().to_int()),
        Field::long("ttl", record.ttl().as_secs()),
    ];
    let read = record.to_any_record::<Any<'_>>().and_then(|record| data(record.data()));
    let (data, expanded) = match read {
        Ok(both) => both,
        Err(error) => (Data::Refused(Refusal::new(error)), None),
    };
    let is_expanded = |octets: &Vec<u8>| {
        !octets.is_empty() && EXPANDED.iter().any(|rtype| rtype.0 == record.rtype().to_int())
    };
    Ok(Part { fields, data: Some(data), expanded: expanded.filter(is_expanded) })
}

fn name(field: &'static str, name: &impl ToName) -> Field {
    Field::new(field, name.to_vec().as_slice())
}

/// The data, and composed again with its names uncompressed.
fn data(data: &Any<'_>) -> Result<(Data, Option<Vec<u8>>), ParseError> {
    let Some(fields) = typed(data)? else {
        let raw = if let AllRecordData::Unknown(data) = data { data.data() } else { [].as_slice() };
        return Ok((Data::Raw(raw.to_vec()), None));
    };
    let mut expanded = vec![];
    // A vector takes everything.
    let Ok(()) = data.compose_rdata(&mut expanded);
    Ok((Data::Typed(fields), Some(expanded)))
}

/// None for the types that dotlocal has no form for.
fn typed(data: &Any<'_>) -> Result<Option<Vec<Field>>, ParseError> {
    Ok(Some(match data {
        AllRecordData::A(a) => vec![Field::new("address", a.addr().octets())],
        AllRecordData::Aaaa(aaaa) => vec![Field::new("address", aaaa.addr().octets())],
        AllRecordData::Ns(data) => vec![name("target", data.nsdname())],
        AllRecordData::Md(data) => vec![name("target", data.madname())],
        AllRecordData::Mf(data) => vec![name("target", data.madname())],
        AllRecordData::Cname(data) => vec![name("target", data.cname())],
        AllRecordData::Mb(data) => vec![name("target", data.madname())],
        AllRecordData::Mg(data) => vec![name("target", data.madname())],
        AllRecordData::Mr(data) => vec![name("target", data.newname())],
        AllRecordData::Ptr(data) => vec![name("target", data.ptrdname())],
        AllRecordData::Dname(data) => vec![name("target", data.dname())],
        AllRecordData::Soa(soa) => vec![
            name("mname", soa.mname()),
            name("rname", soa.rname()),
            Field::long("serial", soa.serial().into_int()),
            Field::long("refresh", soa.refresh().as_secs()),
            Field::long("retry", soa.retry().as_secs()),
            Field::long("expire", soa.expire().as_secs()),
            Field::long("minimum", soa.minimum().as_secs()),
        ],
        AllRecordData::Hinfo(hinfo) => {
            vec![Field::new("cpu", hinfo.cpu().as_slice()), Field::new("os", hinfo.os().as_slice())]
        }
        AllRecordData::Minfo(data) => vec![name("rmailbx", data.rmailbx()), name("emailbx", data.emailbx())],
        AllRecordData::Mx(mx) => {
            vec![Field::word("preference", mx.preference()), name("exchange", mx.exchange())]
        }
        AllRecordData::Txt(txt) => txt.iter().map(|string| Field::new("string", string)).collect(),
        AllRecordData::Rp(rp) => vec![name("mbox", rp.mbox()), name("txt", rp.txt())],
        AllRecordData::Srv(srv) => vec![
            Field::word("priority", srv.priority()),
            Field::word("weight", srv.weight()),
            Field::word("port", srv.port()),
            name("target", srv.target()),
        ],
        AllRecordData::Naptr(naptr) => vec![
            Field::word("order", naptr.order()),
            Field::word("preference", naptr.preference()),
            Field::new("flags", naptr.flags().as_slice()),
            Field::new("services", naptr.services().as_slice()),
            Field::new("regexp", naptr.regexp().as_slice()),
            name("replacement", naptr.replacement()),
        ],
        AllRecordData::Opt(opt) => options(opt),
        AllRecordData::Nsec(nsec) => {
            let types = nsec.types().iter().map(|rtype| Field::word("exists", rtype.to_int()));
            [name("next", nsec.next_name())].into_iter().chain(types).collect()
        }
        AllRecordData::Svcb(svcb) => binding(svcb.priority(), svcb.target(), svcb.params())?,
        AllRecordData::Https(svcb) => binding(svcb.priority(), svcb.target(), svcb.params())?,
        AllRecordData::Caa(caa) => {
            let mut tag = vec![];
            let Ok(()) = caa.tag().compose(&mut tag);
            vec![
                Field::new("flags", [caa.flags().bits()]),
                // Behind its length.
                Field::new("tag", &tag[1..]),
                Field::new("value", *caa.value()),
            ]
        }
        _ => return Ok(None),
    }))
}

/// Each option is read alone: the iterator of typed options ends behind the first that it refuses.
fn options(opt: &Opt<Octets<'_>>) -> Vec<Field> {
    let option = |raw: UnknownOptData<Octets<'_>>| {
        let (code, octets) = (raw.code().to_int(), *raw.data());
        if !TYPED_OPTIONS.iter().any(|typed| typed.0 == code) {
            return Field::new("option", numbered(code, octets));
        }
        let mut parser = Parser::from_ref(&octets);
        match AnyOption::parse_option(raw.code(), &mut parser) {
            Ok(Some(typed)) if parser.remaining() == 0 => {
                Field::new("option", numbered(code, &option_value(&typed)))
            }
            _ => Field::refused("option", code.to_be_bytes()),
        }
    };
    let raw = opt.iter::<UnknownOptData<Octets<'_>>>();
    raw.map(|raw| option(raw.expect("every option has a code and octets"))).collect()
}

fn option_value(option: &AnyOption<'_>) -> Vec<u8> {
    if let AllOptData::ClientSubnet(subnet) = option {
        return crate::rdata::subnet(subnet.addr(), subnet.source_prefix_len(), subnet.scope_prefix_len());
    }
    debug_assert_ne!(option.code(), OptionCode::CLIENT_SUBNET);
    let mut value = vec![];
    let Ok(()) = option.compose_option(&mut value);
    value
}

fn binding(
    priority: u16,
    target: &ParsedName<Octets<'_>>,
    params: &SvcParams<Octets<'_>>,
) -> Result<Vec<Field>, ParseError> {
    let mut fields = vec![Field::word("priority", priority), name("target", target)];
    // The alias form's parameters mean nothing (RFC 9460 section 2.4.2).
    if priority > 0 {
        for param in params.iter::<AllValues<Octets<'_>>>() {
            let param = param?;
            let mut value = vec![];
            let Ok(()) = param.compose_value(&mut value);
            fields.push(Field::new("param", numbered(param.key().to_int(), &value)));
        }
    }
    Ok(fields)
}
