//! Messages as text, the way `dig` prints them.

use super::samples::samples;
use super::*;
use dotlocal::txt;
use dotlocal::wire::{
    Caa, CharStr, ClientSubnet, Edns, EdnsOption, Opcode, Opt, OptionCode, Rcode, StreamError, SvcParam,
    SvcParamKey, SvcParams, Svcb, TxtError,
};

fn text(octets: &[u8]) -> String {
    Message::parse(octets).unwrap().to_string()
}

#[test]
fn data_of_every_type_is_shown_as_zone_files_have_it() {
    for sample in samples() {
        assert_eq!(sample.data.to_string(), sample.text);
        let rtype = sample.data.rtype();
        let record = built_answer(&sample.data);
        assert_eq!(first(&record).to_string(), format!(".\t120\tIN\t{rtype}\t{}", sample.text));
    }
}

#[test]
fn a_message_is_shown_section_by_section() {
    let options = [
        EdnsOption::Nsid(b"\x0A\xF9"),
        EdnsOption::ClientSubnet(ClientSubnet {
            address: [192, 0, 2, 0].into(),
            source_prefix: 24,
            scope_prefix: 16,
        }),
        EdnsOption::Cookie { client: [1, 2, 3, 4, 5, 6, 7, 8], server: &[0xFF; 8] },
        EdnsOption::Keepalive(None),
        EdnsOption::Keepalive(Some(123)),
        EdnsOption::Padding(&[0; 3]),
        EdnsOption::ExtendedError { info_code: 22, text: b"\"no\"" },
        EdnsOption::Other(OptionCode(65001), b"\x7F"),
    ];
    let mut buf = [0; 200];
    let options = Opt::build(&mut buf, &options).unwrap();
    let octets = built(Compression::Unicast, |builder| {
        builder.set_id(4711);
        for flag in [Flags::AA, Flags::TC, Flags::RD, Flags::RA, Flags::AD, Flags::CD] {
            builder.set_flags(flag);
        }
        builder.question(r"Kitchen\032Cam.local", Type::A).unwrap();
        builder.question_of(".", Type::ANY, Class(0x8001)).unwrap();
        let address = RData::A([192, 0, 2, 7].into());
        for (section, class) in [
            (Section::Answer, Class::IN),
            (Section::Answer, Class(0x8001)),
            (Section::Authority, Class::CH),
            (Section::Additional, Class(32)),
        ] {
            builder.record(section, "cam.local", class, 120, &address).unwrap();
        }
        let edns = Edns { rcode: Rcode::BADCOOKIE, dnssec_ok: true, options, ..Edns::new(1232) };
        builder.edns(&edns).unwrap();
    });
    let expected = r#"
;; ->>HEADER<<- opcode: QUERY, status: BADCOOKIE, id: 4711
;; flags: qr aa tc rd ra ad cd; QUERY: 2, ANSWER: 2, AUTHORITY: 1, ADDITIONAL: 2

;; OPT PSEUDOSECTION:
; EDNS: version: 0, flags: do; udp: 1232
; NSID: 0af9
; CLIENT-SUBNET: 192.0.2.0/24/16
; COOKIE: 0102030405060708ffffffffffffffff
; TCP-KEEPALIVE:
; TCP-KEEPALIVE: 12.3 secs
; PADDING: 3 octets
; EDE: 22 "\"no\""
; OPT65001: 7f

;; QUESTION SECTION:
;Kitchen\032Cam.local.		IN	A
;.		IN	ANY	; QU

;; ANSWER SECTION:
cam.local.	120	IN	A	192.0.2.7
cam.local.	120	IN	A	192.0.2.7	; flush

;; AUTHORITY SECTION:
cam.local.	120	CH	A	192.0.2.7

;; ADDITIONAL SECTION:
cam.local.	120	CLASS32	A	192.0.2.7
"#;
    assert_eq!(text(&octets), expected[1..]);
    let message = Message::parse(&octets).unwrap();
    assert_eq!(message.check().unwrap().to_string(), text(&octets));
    assert!(text(&octets).contains(&message.edns().unwrap().unwrap().to_string()));
    assert!(text(&octets).contains(&message.questions().next().unwrap().unwrap().to_string()));
}

#[test]
fn a_message_without_edns_shows_the_code_of_its_header() {
    let mut octets = header([0; 4]);
    octets[2..4].copy_from_slice(&[0x28, 0x03]);
    let expected = ";; ->>HEADER<<- opcode: UPDATE, status: NXDOMAIN, id: 0
;; flags:; QUERY: 0, ANSWER: 0, AUTHORITY: 0, ADDITIONAL: 0
";
    assert_eq!(text(&octets), expected);
    let octets = built(Compression::Unicast, |builder| {
        builder.edns(&Edns::new(512)).unwrap();
    });
    assert!(text(&octets).ends_with("\n; EDNS: version: 0, flags:; udp: 512\n"), "{}", text(&octets));
}

#[test]
fn a_broken_message_is_shown_up_to_where_it_breaks_and_why() {
    let octets = built(Compression::Unicast, |builder| {
        builder.question("a", Type::A).unwrap();
        let address = RData::A([192, 0, 2, 7].into());
        (0..2).for_each(|_| {
            builder.record(Section::Answer, "a", Class::IN, 1, &address).unwrap();
        });
    });
    let head = ";; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: 0
;; flags: qr; QUERY: 1, ANSWER: 2, AUTHORITY: 0, ADDITIONAL: 0
";
    let cut = text(&octets[..octets.len() - 1]);
    let expected = "
;; QUESTION SECTION:
;a.		IN	A

;; ANSWER SECTION:
a.	1	IN	A	192.0.2.7
;; broken at octet 45: the message ends before its header, a question or a record is whole
";
    assert_eq!(cut, [head, expected].concat());
    let mut wrong = octets;
    wrong[12] = 0x40;
    let expected = "
;; QUESTION SECTION:
;; broken at octet 12: an octet from 0x40 to 0xBF is no label length
";
    assert_eq!(text(&wrong), [head, expected].concat());
}

// D-4.1-6
#[test]
fn data_that_is_broken_is_shown_as_octets_with_the_reason() {
    let octets = answer(Type::A, &[1, 2, 0xFE]);
    let expected =
        ".\t120\tIN\tA\t\\# 3 0102fe\t; octet 23: the record's data has not the length of its type";
    assert_eq!(first(&octets).to_string(), expected);
    // Not among the additional records, so that it is shown as a record.
    let mut octets = header([0, 1, 0, 0]);
    put_record(&mut octets, b"\0", Type::OPT, b"");
    let expected = "
;; ANSWER SECTION:
.\t120\tIN\tOPT\t\\# 0
;; broken at octet 23: an OPT record is not the only one, not of the root or not an additional record
";
    assert!(text(&octets).ends_with(expected), "{}", text(&octets));
    let mut octets = header([0, 0, 0, 1]);
    put_record(&mut octets, b"\0", Type::OPT, b"\0\x0B\0\x01a");
    let expected = "; octet 23: the data of an EDNS option does not fit its code\n";
    assert!(text(&octets).ends_with(expected), "{}", text(&octets));
}

// D-3597-1
#[test]
fn what_is_not_known_is_shown_by_its_number() {
    let octets = built_answer(&RData::Other(Type(65280), b"\xAB\xCD"));
    assert_eq!(first(&octets).to_string(), ".\t120\tIN\tTYPE65280\t\\# 2 abcd");
    let octets = built_answer(&RData::Other(Type(65280), b""));
    assert_eq!(first(&octets).to_string(), ".\t120\tIN\tTYPE65280\t\\# 0");
    assert_eq!(Class(32).to_string() + &Type(54).to_string(), "CLASS32TYPE54");
    assert_eq!(Rcode(4095).to_string() + &Opcode(15).to_string(), "RCODE4095OPCODE15");
    assert_eq!(SvcParamKey(667).to_string() + &OptionCode(9).to_string(), "key667OPT9");
    assert_eq!(format!("{:>6}|{:<6}|", Type::A, Class::IN), "     A|IN    |");
}

#[test]
fn strings_are_quoted_and_escaped() {
    let octets: Vec<u8> = (0..=255).collect();
    let tag = CharStr::new(b"x y\"").unwrap();
    let shown = RData::Caa(Caa { flags: 0, tag, value: &octets }).to_string();
    assert!(shown.starts_with(r#"0 x\032y\" "\000\001"#), "{shown}");
    assert!(shown.contains(r##"\030\031 !\"#$%&'()*+,-./0123"##), "{shown}");
    assert!(shown.contains(r"XYZ[\\]^_`a") && shown.contains(r"z{|}~\127\128"), "{shown}");
    assert!(shown.ends_with("\\254\\255\""), "{shown}");
    // 93 octets stand for themselves, quote and backslash behind another one.
    assert_eq!(shown.len(), r#"0 x\032y\" """#.len() + 93 + 2 * 2 + 4 * (256 - 95));
}

#[test]
fn parameters_are_shown_by_their_keys() {
    let v6 = [0x20, 1, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7];
    let mut buf = [0; 200];
    let all = [
        SvcParam::Mandatory(&[[0, 1], [2, 0x9B]]),
        SvcParam::Alpn(txt!("h2", r#"f\oo,"bar"#)),
        SvcParam::NoDefaultAlpn,
        SvcParam::Port(8443),
        SvcParam::Ipv4Hint(&[[192, 0, 2, 7], [192, 0, 2, 8]]),
        SvcParam::Ech(b"\0\x01\xFB\xFD"),
        SvcParam::Ipv6Hint(&[v6, v6]),
        SvcParam::DohPath(b"/q{?dns}"),
        SvcParam::Other(SvcParamKey(667), b"a,\"b\""),
    ];
    let params = SvcParams::build(&mut buf, &all).unwrap();
    let shown = RData::Svcb(Svcb { priority: 1, target: dotlocal::name::Name::ROOT, params }).to_string();
    let expected = [
        r#"1 . mandatory=alpn,key667 alpn="h2,f\\\\oo\\,\"bar" no-default-alpn port=8443"#,
        r#"ipv4hint=192.0.2.7,192.0.2.8 ech=AAH7/Q== ipv6hint=2001:db8::7,2001:db8::7 dohpath="/q{?dns}""#,
        r#"key667="a,\"b\"""#,
    ];
    assert_eq!(shown, expected.join(" "));
}

#[test]
fn errors_say_what_is_wrong_and_what_to_do() {
    let words = |octets: &[u8]| check(octets).unwrap_err().to_string();
    let asked = |name: &[u8]| [&header([1, 0, 0, 0]), name, &[0; 4]].concat();
    let data = |rtype, octets: &[u8]| first(&answer(rtype, octets)).data().unwrap_err().to_string();
    for (words, expected) in [
        (Message::parse(&[0; 11]).unwrap_err().to_string(), "octet 11: the message ends before its header"),
        (Message::parse(&[0; 65_536]).unwrap_err().to_string(), "octet 65535: a message has at most 65535"),
        (words(&asked(b"\xC0\x0C")), "octet 12: a compression pointer does not point backwards"),
        (words(&asked(b"\x80")), "octet 12: an octet from 0x40 to 0xBF is no label length"),
        (words(&asked(&[1; 300])), "octet 12: a name is longer than 255 octets"),
        (data(Type::A, b""), "octet 23: the record's data has not the length of its type"),
        (data(Type::NSEC, b"\0\0\0"), "octet 24: the windows of a type bitmap are out of order"),
        (data(Type::SVCB, b"\0\x01\0\0"), "octet 26: a service parameter is out of order, repeated"),
        (StreamError { needed: 9, capacity: 8 }.to_string(), "9 octets is longer than the buffer of 8"),
        (TxtError::AttributeTooLong { index: 2 }.to_string(), "TXT attribute 2 is longer than 255 octets"),
        (TxtError::Key { index: 3 }.to_string(), "the key of TXT attribute 3 is empty"),
        (TxtError::Octets.to_string(), "the TXT octets are cut"),
        (TxtError::TooLong.to_string(), "leave attributes out"),
        (dotlocal::wire::BuildError::DoesNotFit.to_string(), "the buffer has no room"),
        (dotlocal::wire::BuildError::OutOfOrder.to_string(), "questions come first"),
        (dotlocal::wire::BuildError::SvcParams.to_string(), "by ascending key"),
        (
            Builder::new(&mut [0; 12], 0, Flags::QR).question("..", Type::A).unwrap_err().to_string(),
            "a label is empty",
        ),
        ("a\\".parse::<NameBuf>().unwrap_err().to_string(), "a backslash stands before"),
        ("a".repeat(64).parse::<NameBuf>().unwrap_err().to_string(), "a label is longer than 63 octets"),
        ("a.".repeat(128).parse::<NameBuf>().unwrap_err().to_string(), "the name is longer than 255 octets"),
        ("TYPE".parse::<Type>().unwrap_err().to_string(), "such as AAAA, or TYPE and a number"),
        ("x".parse::<Rcode>().unwrap_err().to_string(), "such as RCODE5"),
    ] {
        assert!(words.contains(expected), "{words}");
    }
}

/// The vectors of RFC 4648 section 10, and the digits at the ends.
#[test]
fn a_client_hello_configuration_is_shown_in_base64() {
    let mut buf = [0; 300];
    let mut shown = |octets: &[u8]| {
        let params = SvcParams::build(&mut buf, &[SvcParam::Ech(octets)]).unwrap();
        let data = RData::Svcb(Svcb { priority: 1, target: dotlocal::name::Name::ROOT, params });
        data.to_string().replace("1 . ech=", "")
    };
    for (octets, text) in [
        (b"".as_slice(), ""),
        (b"f", "Zg=="),
        (b"fo", "Zm8="),
        (b"foo", "Zm9v"),
        (b"foob", "Zm9vYg=="),
        (b"fooba", "Zm9vYmE="),
        (b"foobar", "Zm9vYmFy"),
        (&[0, 0x10, 0x83, 0x10, 0x51, 0x87], "ABCDEFGH"),
    ] {
        assert_eq!(shown(octets), text);
    }
    // Each of the 64 digits in its order.
    let all: Vec<u8> = (0..64_u32)
        .collect::<Vec<_>>()
        .chunks(4)
        .flat_map(|four| {
            let bits = four.iter().fold(0, |bits, six| bits << 6 | six);
            bits.to_be_bytes()[1..].to_vec()
        })
        .collect();
    assert_eq!(shown(&all), "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
}

// D-5.1-1, S-4.3-1
#[test]
fn what_zone_files_give_a_meaning_is_escaped_in_records_and_read_again() {
    let mut buf = [0; 128];
    let label = br#"Cam (2);@$I"N"#;
    let name = dotlocal::name::NameBuf::from_labels([label.as_slice(), b"local"]).unwrap();
    let mut builder = Builder::new(&mut buf, 0, Flags::QR);
    builder.record(Section::Answer, name, Class::IN, 1, &RData::Ptr(name.name())).unwrap();
    let shown = first(builder.finish()).to_string();
    let escaped = r#"Cam\032\(2\)\;\@\$I\"N.local."#;
    assert_eq!(shown, format!("{escaped}\t1\tIN\tPTR\t{escaped}"));
    assert_eq!(escaped.parse(), Ok(name));
    // A name by itself escapes no more than it must.
    assert_eq!(name.to_string(), r#"Cam\032(2);@$I"N.local"#);
}
