//! Messages that dotlocal's builder writes, the same in every run.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use dotlocal::name::NameBuf;
use dotlocal::wire::{
    Afsdb, Builder, Caa, CharStr, Class, ClientSubnet, Compression, Edns, EdnsOption, Flags, Hinfo, Minfo,
    Mx, Naptr, Nsec, Opt, OptionCode, RData, Rp, Section, Soa, Srv, SvcParam, SvcParamKey, SvcParams, Svcb,
    Txt, Type, TypeBitmap, Uri,
};

use crate::prng::Prng;

/// How many are built.
const MESSAGES: usize = 3000;

pub fn messages() -> Vec<Vec<u8>> {
    let mut rng = Prng(1);
    (0..MESSAGES).map(|_| message(&mut rng)).collect()
}

pub fn message(rng: &mut Prng) -> Vec<u8> {
    let mut buf = [0; 4096];
    let flags = Flags(rng.word());
    let compression =
        rng.pick(&[Compression::Unicast, Compression::Unicast, Compression::Multicast, Compression::None]);
    let mut builder = Builder::new(&mut buf, rng.word(), flags).with_compression(compression);
    for _ in 0..rng.below(3) {
        let class = Class(rng.pick(&CLASSES));
        // A question or record that does not fit is left out.
        let _ = builder.question_of(name(rng), Type(rng.pick(&QTYPES)), class);
    }
    for section in [Section::Answer, Section::Authority, Section::Additional] {
        for _ in 0..rng.below(4) {
            record(rng, &mut builder, section);
        }
    }
    if rng.one_in(3) {
        edns(rng, &mut builder);
    }
    builder.finish().to_vec()
}

const CLASSES: [u16; 8] = [1, 1, 1, 0x8001, 3, 254, 255, 0x1234];
const QTYPES: [u16; 10] = [1, 2, 6, 12, 28, 33, 47, 65, 255, 0xFF00];
/// Types that have a form, and the octets of data that is seldom of that form.
const TYPED: [u16; 21] = [1, 2, 5, 6, 12, 13, 14, 15, 16, 17, 18, 28, 33, 35, 39, 41, 47, 64, 65, 256, 257];
const PIECES: [u8; 12] = [0, 0, 0, 0, 1, 2, 3, 4, 8, 0xC0, 0x0C, b'a'];
const TTLS: [u32; 6] = [0, 10, 120, 4500, 0x7FFF_FFFF, 0xFFFF_FFFF];

/// Names that share their ends, so that they are compressed.
fn name(rng: &mut Prng) -> NameBuf {
    let ends = ["", "local", "LOCAL", "example.com", "_http._tcp.local", r"a\.b.c\\d.local"];
    let mut text = String::from(rng.pick(&ends));
    for _ in 0..rng.below(3) {
        let fronts =
            ["cam", "Cam", "kitchen-cam", r"Kitchen\032Cam", r"\000\255", "*", "_sub", "é", "xn--caf-dma"];
        let dot = if text.is_empty() { "" } else { "." };
        text = format!("{}{dot}{text}", rng.pick(&fronts));
    }
    let text = if text.is_empty() { "." } else { &text };
    text.parse().expect("a name")
}

fn strings(rng: &mut Prng) -> Vec<u8> {
    (0..1 + rng.below(3)).flat_map(|_| string(rng)).collect()
}

/// A string behind its length.
fn string(rng: &mut Prng) -> Vec<u8> {
    let len = rng.pick(&[0, 1, 4, 20, 255]);
    crate::rdata::counted(&rng.octets(len))
}

fn record(rng: &mut Prng, builder: &mut Builder<'_>, section: Section) {
    let owner = name(rng);
    let (class, ttl) = (Class(rng.pick(&CLASSES)), rng.pick(&TTLS));
    let (first, second) = (name(rng), name(rng));
    let (first, second) = (first.name(), second.name());
    let text = strings(rng);
    let mut buf = [0; 1024];
    let raw: Vec<u8>;
    let words = [rng.word(), rng.word(), rng.word()];
    let string = |octets| CharStr::new(octets).expect("a short string");
    let long = |word: u16| u32::from(word) << 16 | 7;
    let data = match rng.below(28) {
        0 => RData::A(Ipv4Addr::from_bits(rng.next() as u32)),
        1 => RData::Aaaa(Ipv6Addr::from_bits(rng.next().into())),
        2 => rng.pick(&[RData::Ns(first), RData::Md(first), RData::Mf(first)]),
        3 => rng.pick(&[RData::Mb(first), RData::Mg(first), RData::Mr(first)]),
        4 => rng.pick(&[RData::Cname(first), RData::Dname(first)]),
        5 | 6 => RData::Ptr(first),
        7 => RData::Soa(Soa {
            mname: first,
            rname: second,
            serial: long(words[0]),
            refresh_secs: long(words[1]),
            retry_secs: long(words[2]),
            expire_secs: u32::MAX,
            minimum_secs: 0,
        }),
        8 => RData::Hinfo(Hinfo { cpu: string(b"RFC8482"), os: string(&text[1..1 + usize::from(text[0])]) }),
        9 => RData::Minfo(Minfo { rmailbx: first, emailbx: second }),
        10 => RData::Mx(Mx { preference: words[0], exchange: first }),
        11 | 12 => RData::Txt(Txt::from_octets(&text).expect("whole strings")),
        13 => RData::Rp(Rp { mbox: first, txt: second }),
        14 => RData::Afsdb(Afsdb { subtype: words[0], hostname: first }),
        15 | 16 => RData::Srv(Srv { priority: words[0], weight: words[1], port: words[2], target: first }),
        17 => RData::Naptr(Naptr {
            order: words[0],
            preference: words[1],
            flags: string(rng.pick(&[b"".as_slice(), b"s", b"U", b"p9", b"!"])),
            services: string(b"SIP+D2U"),
            regexp: string(&text[1..1 + usize::from(text[0])]),
            replacement: first,
        }),
        18 | 19 => {
            let types = [Type::A, Type::AAAA, Type::SRV, Type::CAA, Type(words[0]), Type(words[1])];
            let types = TypeBitmap::build(&mut buf, &types[rng.below(3)..3 + rng.below(4)]);
            RData::Nsec(Nsec { next: first, types: types.expect("room") })
        }
        20..23 => {
            let params = params(rng);
            let params = SvcParams::build(&mut buf, &params[rng.below(params.len())..]).expect("in order");
            let svcb = Svcb { priority: rng.pick(&[0, 1, words[0]]), target: first, params };
            rng.pick(&[RData::Svcb(svcb), RData::Https(svcb)])
        }
        23 => RData::Uri(Uri { priority: words[0], weight: words[1], target: &text }),
        24 => {
            let tag =
                rng.pick(&[b"issue".as_slice(), b"issuewild", b"iodef", b"a-b", b"", b"abcdefghijklmnop"]);
            RData::Caa(Caa { flags: words[0] as u8, tag: string(tag), value: &text })
        }
        25 => RData::Other(Type(rng.pick(&[10, 46, 48, 50, 99, 250, 65280])), &text),
        _ => {
            raw = (0..rng.below(30)).map(|_| rng.pick(&PIECES)).collect();
            RData::Other(Type(rng.pick(&TYPED)), &raw)
        }
    };
    let _ = builder.record(section, owner, class, ttl, &data);
}

fn params(rng: &mut Prng) -> Vec<SvcParam<'static>> {
    let alpn = Txt::from_octets(b"\x02h2\x02h3").expect("two strings");
    let all = [
        SvcParam::Mandatory(&[[0, 1], [0, 3]]),
        SvcParam::Alpn(alpn),
        SvcParam::NoDefaultAlpn,
        SvcParam::Port(rng.word()),
        SvcParam::Ipv4Hint(&[[192, 0, 2, 1], [192, 0, 2, 2]]),
        SvcParam::Ech(b"\0\x01\x02"),
        SvcParam::Ipv6Hint(&[[1; 16], [2; 16]]),
        SvcParam::DohPath(b"/dns-query{?dns}"),
        SvcParam::Other(SvcParamKey(9), if rng.one_in(8) { b"x" } else { b"\0\x02\0\x1D" }),
        SvcParam::Other(SvcParamKey(65280), &[0xFF]),
    ];
    let keep = rng.word() | 1;
    all.into_iter().enumerate().filter(|(index, _)| keep >> index & 1 == 1).map(|(_, param)| param).collect()
}

fn edns(rng: &mut Prng, builder: &mut Builder<'_>) {
    let octets = rng.octets(40);
    let source_prefix = rng.pick(&[0, 20, 24, 32]);
    let v4 = IpAddr::from(<[u8; 4]>::try_from(&octets[..4]).expect("four"));
    let v6 = IpAddr::from(<[u8; 16]>::try_from(&octets[..16]).expect("sixteen"));
    let all = [
        EdnsOption::Nsid(&octets[..rng.below(9)]),
        EdnsOption::ClientSubnet(ClientSubnet { address: v4, source_prefix, scope_prefix: 0 }),
        EdnsOption::ClientSubnet(ClientSubnet { address: v6, source_prefix: 56, scope_prefix: 48 }),
        EdnsOption::Cookie { client: *b"12345678", server: &octets[..rng.pick(&[0, 8, 32])] },
        EdnsOption::Keepalive(rng.pick(&[None, Some(100)])),
        EdnsOption::Padding(&[0; 16]),
        EdnsOption::ExtendedError { info_code: rng.word(), text: rng.pick::<&[u8]>(&[b"", b"why", b"\xFF"]) },
        EdnsOption::Other(OptionCode(rng.pick(&[4, 5, 9, 13, 65001])), &octets[..rng.below(20)]),
    ];
    let mut buf = [0; 512];
    let from = rng.below(all.len());
    let options = Opt::build(&mut buf, &all[from..from + 1 + rng.below(all.len() - from)]).expect("room");
    let edns = Edns { dnssec_ok: rng.one_in(2), options, ..Edns::new(rng.word()) };
    let _ = builder.edns(&edns);
}
