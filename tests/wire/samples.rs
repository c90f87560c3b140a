//! Data of every type: as a value, as octets, as text.

use dotlocal::name::Name;
use dotlocal::wire::{
    Afsdb, Caa, CharStr, EdnsOption, Hinfo, Minfo, Mx, Naptr, Nsec, Opt, RData, Rp, Soa, Srv, SvcParam,
    SvcParams, Svcb, Type, TypeBitmap, Uri,
};
use dotlocal::{name, txt};

pub(crate) const HOST: Name<'static> = name!("Host.example");
pub(crate) const HOST_OCTETS: &[u8] = b"\x04Host\x07example\0";
pub(crate) const MAIL: Name<'static> = name!("mail.example");
pub(crate) const MAIL_OCTETS: &[u8] = b"\x04mail\x07example\0";

/// Names in the data of these types are compressed everywhere.
pub(crate) const RFC_1035: [Type; 11] = [
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
];

/// And of these in mDNS.
pub(crate) const MULTICAST: [Type; 2] = [Type::SRV, Type::NSEC];

pub(crate) struct Sample {
    pub(crate) data: RData<'static>,
    /// Without compression.
    pub(crate) octets: Vec<u8>,
    /// As zone files have it.
    pub(crate) text: &'static str,
    /// Where the octets may be cut and are still data of the type.
    pub(crate) cuts: Vec<usize>,
}

fn buffer() -> &'static mut [u8] {
    vec![0; 100].leak()
}

fn string(text: &'static str) -> CharStr<'static> {
    CharStr::new(text.as_bytes()).unwrap()
}

fn sample(data: RData<'static>, pieces: &[&[u8]], text: &'static str) -> Sample {
    Sample { data, octets: pieces.concat(), text, cuts: Vec::new() }
}

fn that_ends(at: impl IntoIterator<Item = usize>, sample: Sample) -> Sample {
    Sample { cuts: at.into_iter().collect(), ..sample }
}

pub(crate) fn samples() -> Vec<Sample> {
    [names(), numbers(), lists()].into_iter().flatten().collect()
}

/// Names alone, or with numbers before them.
fn names() -> Vec<Sample> {
    let one: [fn(Name<'static>) -> RData<'static>; 9] = [
        RData::Ns,
        RData::Md,
        RData::Mf,
        RData::Cname,
        RData::Mb,
        RData::Mg,
        RData::Mr,
        RData::Ptr,
        RData::Dname,
    ];
    let soa = Soa {
        mname: HOST,
        rname: MAIL,
        serial: 0x0102_0304,
        refresh_secs: 7200,
        retry_secs: 600,
        expire_secs: 3_600_000,
        minimum_secs: 60,
    };
    let naptr = Naptr {
        order: 100,
        preference: 10,
        flags: string("S"),
        services: string("SIP+D2U"),
        regexp: string(""),
        replacement: HOST,
    };
    let two = [HOST_OCTETS, MAIL_OCTETS];
    let mut all = vec![
        sample(
            RData::Soa(soa),
            &[HOST_OCTETS, MAIL_OCTETS, b"\x01\x02\x03\x04\0\0\x1c\x20\0\0\x02\x58\0\x36\xee\x80\0\0\0\x3c"],
            "Host.example. mail.example. 16909060 7200 600 3600000 60",
        ),
        sample(RData::Minfo(Minfo { rmailbx: HOST, emailbx: MAIL }), &two, "Host.example. mail.example."),
        sample(RData::Rp(Rp { mbox: HOST, txt: MAIL }), &two, "Host.example. mail.example."),
        sample(
            RData::Mx(Mx { preference: 0x010A, exchange: HOST }),
            &[b"\x01\x0a", HOST_OCTETS],
            "266 Host.example.",
        ),
        sample(
            RData::Afsdb(Afsdb { subtype: 0x0102, hostname: HOST }),
            &[b"\x01\x02", HOST_OCTETS],
            "258 Host.example.",
        ),
        sample(
            RData::Srv(Srv { priority: 1, weight: 2, port: 8080, target: HOST }),
            &[b"\0\x01\0\x02\x1f\x90", HOST_OCTETS],
            "1 2 8080 Host.example.",
        ),
        sample(
            RData::Naptr(naptr),
            &[b"\0\x64\0\x0a\x01S\x07SIP+D2U\0", HOST_OCTETS],
            r#"100 10 "S" "SIP+D2U" "" Host.example."#,
        ),
    ];
    all.extend(one.map(|of| sample(of(HOST), &[HOST_OCTETS], "Host.example.")));
    all
}

/// Numbers, addresses and strings.
fn numbers() -> Vec<Sample> {
    vec![
        sample(RData::A([192, 0, 2, 7].into()), &[b"\xc0\0\x02\x07"], "192.0.2.7"),
        sample(
            RData::Aaaa("2001:db8::7".parse().unwrap()),
            &[b"\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x07"],
            "2001:db8::7",
        ),
        sample(
            RData::Hinfo(Hinfo { cpu: string("ARM"), os: string("a \"b\"") }),
            &[b"\x03ARM\x05a \"b\""],
            r#""ARM" "a \"b\"""#,
        ),
        that_ends(
            4..20,
            sample(
                RData::Uri(Uri { priority: 10, weight: 1, target: b"https://example/" }),
                &[b"\0\x0a\0\x01https://example/"],
                r#"10 1 "https://example/""#,
            ),
        ),
        that_ends(
            7..17,
            sample(
                RData::Caa(Caa { flags: 128, tag: string("issue"), value: b"ca.example" }),
                &[b"\x80\x05issueca.example"],
                r#"128 issue "ca.example""#,
            ),
        ),
        that_ends(0..3, sample(RData::Other(Type(65280), b"\xab\x00\x7f"), &[b"\xab\0\x7f"], r"\# 3 ab007f")),
    ]
}

/// Lists of strings, types, parameters and options.
fn lists() -> Vec<Sample> {
    let types = TypeBitmap::build(buffer(), &[Type(1234), Type::AAAA, Type::A]).unwrap();
    let window = [&[4, 27], [0; 26].as_slice(), &[0x20]].concat();
    let params =
        SvcParams::build(buffer(), &[SvcParam::Alpn(txt!("h2", "h3")), SvcParam::Port(8443)]).unwrap();
    let options = Opt::build(buffer(), &[EdnsOption::Nsid(b"ns1"), EdnsOption::Keepalive(None)]).unwrap();
    vec![
        that_ends(
            [0, 7],
            sample(RData::Txt(txt!("path=/", "tls")), &[b"\x06path=/\x03tls"], r#""path=/" "tls""#),
        ),
        that_ends(
            [14, 20],
            sample(
                RData::Nsec(Nsec { next: HOST, types }),
                &[HOST_OCTETS, b"\0\x04\x40\0\0\x08", &window],
                "Host.example. A AAAA TYPE1234",
            ),
        ),
        that_ends(
            [16, 26],
            sample(
                RData::Svcb(Svcb { priority: 1, target: HOST, params }),
                &[b"\0\x01", HOST_OCTETS, b"\0\x01\0\x06\x02h2\x02h3\0\x03\0\x02\x20\xfb"],
                r#"1 Host.example. alpn="h2,h3" port=8443"#,
            ),
        ),
        sample(
            RData::Https(Svcb { priority: 0, target: HOST, params: SvcParams::EMPTY }),
            &[b"\0\0", HOST_OCTETS],
            "0 Host.example.",
        ),
        that_ends(
            [0, 7],
            sample(RData::Opt(options), &[b"\0\x03\0\x03ns1\0\x0b\0\0"], r"\# 11 000300036e7331000b0000"),
        ),
    ]
}
