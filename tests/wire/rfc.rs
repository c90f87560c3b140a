//! The examples that the RFCs give.

use super::*;
use dotlocal::name;
use dotlocal::name::Name;
use dotlocal::txt;
use dotlocal::wire::{
    Caa, CharStr, Hinfo, Mx, Naptr, Nsec, Srv, SvcParam, SvcParamKey, SvcParams, Svcb, Txt, TypeBitmap, Uri,
};

/// Reads `wire` as data of `rtype` and shows it, and builds `data` to the same octets.
fn is_both_ways(data: &RData<'_>, wire: &[u8], text: &str) {
    let octets = answer(data.rtype(), wire);
    let read = first(&octets).data().unwrap();
    assert_eq!((shown(&read), read.to_string().as_str()), (shown(data), text));
    assert_eq!(first(&built_answer(data)).raw_data().as_octets(), wire);
}

fn string(text: &str) -> CharStr<'_> {
    CharStr::new(text.as_bytes()).unwrap()
}

// D-4.1.4-1
#[test]
fn rfc_1035_section_4_1_4_compresses_f_isi_arpa() {
    // The names lie three octets behind the places that the RFC gives them, since a record's fields come before.
    let mut data = [0; 73];
    data[..12].copy_from_slice(b"\x01F\x03ISI\x04ARPA\0");
    data[20..26].copy_from_slice(b"\x03FOO\xC0\x17");
    data[44..46].copy_from_slice(b"\xC0\x1D");
    let mut octets = answer(Type(65280), &data);
    octets[7] = 5;
    for at in [20, 40, 64, 92] {
        put_record(&mut octets, &[0xC0, 3 + at], Type(65280), b"");
    }
    let message = Message::parse(&octets).unwrap().check().unwrap();
    let names: Vec<_> = message.records().skip(1).map(|record| record.name().to_string()).collect();
    assert_eq!(names, ["F.ISI.ARPA", "FOO.F.ISI.ARPA", "ARPA", "."]);
}

#[test]
fn rfc_1035_section_4_1_4_builds_f_isi_arpa() {
    let octets = built(Compression::Unicast, |builder| {
        for name in ["F.ISI.ARPA", "FOO.F.ISI.ARPA", "ARPA", "."] {
            builder.question(name, Type::A).unwrap();
        }
    });
    let expected = [b"\x01F\x03ISI\x04ARPA\0".as_slice(), b"\x03FOO\xC0\x0C", b"\xC0\x12", b"\0"]
        .join(b"\0\x01\0\x01".as_slice());
    assert_eq!(octets[12..], [&expected, b"\0\x01\0\x01".as_slice()].concat());
}

// D-3597-1
#[test]
fn rfc_3597_section_5_shows_what_is_not_known() {
    for (class, rtype, data, text) in [
        (32, 731, b"\xAB\xCD\xEF\x01\x23\x45".as_slice(), r"CLASS32 TYPE731 \# 6 abcdef012345"),
        (4, 62347, b"", r"HS TYPE62347 \# 0"),
        (1, 1, b"\x0A\0\0\x01", "IN A 10.0.0.1"),
    ] {
        let octets = built(Compression::Unicast, |builder| {
            builder
                .record(Section::Answer, "a.example", Class(class), 0, &RData::Other(Type(rtype), data))
                .unwrap();
        });
        assert_eq!(first(&octets).to_string().replace('\t', " "), format!("a.example. 0 {text}"));
        assert_eq!(first(&octets).raw_data().as_octets(), data);
    }
    assert_eq!("CLASS1".parse(), Ok(Class::IN));
    assert_eq!("TYPE1".parse(), Ok(Type::A));
}

// D-TXT-1, S-6.4-3
#[test]
fn rfc_6763_section_6_reads_attributes() {
    let octets = answer(Type::TXT, b"\x09key=value\x08paper=A4\x07passreq");
    let txt = first(&octets).read::<Txt<'_>>().unwrap().unwrap();
    assert_eq!(txt, txt!("key=value", "paper=A4", "passreq"));
    let attributes: Vec<_> = txt.attributes().collect();
    assert_eq!(
        attributes,
        [(b"key".as_slice(), Some(b"value".as_slice())), (b"paper", Some(b"A4")), (b"passreq", None)]
    );
    let empty = txt!("PlugIns=");
    assert_eq!((empty.get("plugins"), empty.get("passreq")), (Some(Some(b"".as_slice())), None));
    assert_eq!(txt!("PlugIns=JPEG,MPEG2,MPEG4").get("PLUGINS"), Some(Some(b"JPEG,MPEG2,MPEG4".as_slice())));
}

// V-9460-1, V-9460-2
#[test]
fn rfc_9460_appendix_d_binds_services() {
    const COM: &[u8] = b"\x03foo\x07example\x03com\0";
    const ORG: &[u8] = b"\x03foo\x07example\x03org\0";
    let hints: [[u8; 16]; 2] =
        ["2001:db8::1", "2001:db8::53:1"].map(|text| text.parse::<std::net::Ipv6Addr>().unwrap().octets());
    let mapped = [[0x20, 1, 0x0D, 0xB8, 1, 0x22, 3, 0x44, 0, 0, 0, 0, 0xC0, 0, 2, 0x21]];
    let (com, org) = (name!("foo.example.com"), name!("foo.example.org"));
    type Case<'a> = (u16, Name<'a>, &'a [SvcParam<'a>], Vec<u8>, &'a str);
    let cases: [Case<'_>; 9] = [
        (0, com, &[], [b"\0\0", COM].concat(), "0 foo.example.com."),
        (1, Name::ROOT, &[], b"\0\x01\0".to_vec(), "1 ."),
        (
            16,
            com,
            &[SvcParam::Port(53)],
            [b"\0\x10", COM, b"\0\x03\0\x02\0\x35"].concat(),
            "16 foo.example.com. port=53",
        ),
        (
            1,
            com,
            &[SvcParam::Other(SvcParamKey(667), b"hello")],
            [b"\0\x01", COM, b"\x02\x9B\0\x05hello"].concat(),
            r#"1 foo.example.com. key667="hello""#,
        ),
        (
            1,
            com,
            &[SvcParam::Other(SvcParamKey(667), b"hello\xD2qoo")],
            [b"\0\x01", COM, b"\x02\x9B\0\x09hello\xD2qoo"].concat(),
            r#"1 foo.example.com. key667="hello\210qoo""#,
        ),
        (
            1,
            com,
            &[SvcParam::Ipv6Hint(&hints)],
            [b"\0\x01", COM, b"\0\x06\0\x20", hints.as_flattened()].concat(),
            "1 foo.example.com. ipv6hint=2001:db8::1,2001:db8::53:1",
        ),
        (
            1,
            name!("example.com"),
            &[SvcParam::Ipv6Hint(&mapped)],
            [b"\0\x01", &COM[4..], b"\0\x06\0\x10", mapped.as_flattened()].concat(),
            "1 example.com. ipv6hint=2001:db8:122:344::c000:221",
        ),
        (
            16,
            org,
            &[
                SvcParam::Mandatory(&[[0, 1], [0, 4]]),
                SvcParam::Alpn(txt!("h2", "h3-19")),
                SvcParam::Ipv4Hint(&[[192, 0, 2, 1]]),
            ],
            [b"\0\x10", ORG, b"\0\0\0\x04\0\x01\0\x04\0\x01\0\x09\x02h2\x05h3-19\0\x04\0\x04\xC0\0\x02\x01"]
                .concat(),
            r#"16 foo.example.org. mandatory=alpn,ipv4hint alpn="h2,h3-19" ipv4hint=192.0.2.1"#,
        ),
        (
            16,
            org,
            &[SvcParam::Alpn(txt!(r"f\oo,bar", "h2"))],
            [b"\0\x10", ORG, b"\0\x01\0\x0C\x08f\\oo,bar\x02h2"].concat(),
            r#"16 foo.example.org. alpn="f\\\\oo\\,bar,h2""#,
        ),
    ];
    for (priority, target, params, wire, text) in cases {
        let mut buf = [0; 64];
        let params = SvcParams::build(&mut buf, params).unwrap();
        is_both_ways(&RData::Svcb(Svcb { priority, target, params }), &wire, text);
        is_both_ways(&RData::Https(Svcb { priority, target, params }), &wire, text);
    }
}

#[test]
fn rfc_4034_section_6_1_orders_names() {
    let ascending = [
        "example",
        "a.example",
        "yljkjljk.a.example",
        "Z.a.example",
        "zABC.a.EXAMPLE",
        "z.example",
        r"\001.z.example",
        "*.z.example",
        r"\200.z.example",
    ]
    .map(name);
    let mut sorted = ascending;
    sorted.reverse();
    sorted.sort();
    assert_eq!(sorted.map(|name| name.to_string()), ascending.map(|name| name.to_string()));
}

// D-NSEC-1
#[test]
fn rfc_4034_section_4_3_lists_types() {
    let wire =
        [b"\x04host\x07example\x03com\0\0\x06\x40\x01\0\0\0\x03\x04\x1B".as_slice(), &[0; 26], b"\x20"]
            .concat();
    let mut buf = [0; 64];
    let types =
        TypeBitmap::build(&mut buf, &[Type::A, Type::MX, Type::RRSIG, Type::NSEC, Type(1234)]).unwrap();
    let nsec = RData::Nsec(Nsec { next: name!("host.example.com"), types });
    is_both_ways(&nsec, &wire, "host.example.com. A MX RRSIG NSEC TYPE1234");
}

#[test]
fn small_examples_have_their_text_and_octets() {
    // RFC 2782, its example zone; RFC 7505 section 3; RFC 6672 section 2.4.
    let srv = |port, target| RData::Srv(Srv { priority: 0, weight: 1, port, target });
    let slow = b"\0\0\0\x01\0\x09\x0Cold-slow-box\x07example\x03com\0";
    is_both_ways(&srv(9, name!("old-slow-box.example.com")), slow, "0 1 9 old-slow-box.example.com.");
    is_both_ways(&srv(0, Name::ROOT), b"\0\0\0\x01\0\0\0", "0 1 0 .");
    is_both_ways(&RData::Mx(Mx { preference: 0, exchange: Name::ROOT }), b"\0\0\0", "0 .");
    let frobozz = b"\x10frobozz-division\x04acme\x07example\0";
    let target = name!("frobozz-division.acme.example");
    is_both_ways(&RData::Dname(target), frobozz, "frobozz-division.acme.example.");
    // RFC 3403 section 6.2.
    let regexp = r"!^urn:cid:.+@([^\.]+\.)(.*)$!\2!i";
    let cid = Naptr {
        order: 100,
        preference: 10,
        flags: string(""),
        services: string(""),
        regexp: string(regexp),
        replacement: Name::ROOT,
    };
    let wire = [b"\0\x64\0\x0A\0\0".as_slice(), &[regexp.len() as u8], regexp.as_bytes(), b"\0"].concat();
    is_both_ways(&RData::Naptr(cid), &wire, r#"100 10 "" "" "!^urn:cid:.+@([^\\.]+\\.)(.*)$!\\2!i" ."#);
    // RFC 7553 section 4.5, RFC 8659 section 4, RFC 8482 section 4.2.
    let target = b"ftp://ftp1.example.com/public";
    let uri = RData::Uri(Uri { priority: 10, weight: 1, target });
    is_both_ways(
        &uri,
        &[b"\0\x0A\0\x01".as_slice(), target].concat(),
        r#"10 1 "ftp://ftp1.example.com/public""#,
    );
    let caa = RData::Caa(Caa { flags: 128, tag: string("tbs"), value: b"Unknown" });
    is_both_ways(&caa, b"\x80\x03tbsUnknown", r#"128 tbs "Unknown""#);
    let hinfo = RData::Hinfo(Hinfo { cpu: string("RFC8482"), os: string("") });
    is_both_ways(&hinfo, b"\x07RFC8482\0", r#""RFC8482" """#);
}
