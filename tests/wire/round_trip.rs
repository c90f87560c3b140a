//! What holds for all octets and all values.

use super::*;
use dotlocal::name::Name;
use dotlocal::wire::{Opt, SvcParams, Svcb, Txt, TypeBitmap};
use proptest::prelude::*;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

fn octets(most: usize) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..=most)
}

fn label() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 1..=63),
        prop::sample::select(vec!["local", "LOCAL", "_tcp", "_http", "cam", "Cam", "\x7F"])
            .prop_map(|text| text.as_bytes().to_vec()),
    ]
}

fn any_name() -> impl Strategy<Value = NameBuf> {
    prop::collection::vec(label(), 0..6)
        .prop_filter_map("at most 255 octets", |labels| NameBuf::from_labels(labels).ok())
}

/// What the data of a type consists of.
#[derive(Clone, Copy, Debug)]
enum Field {
    Octets(usize),
    Name,
    String,
    Rest,
    Strings,
    Windows,
    Params,
    Options,
}

const NUMBER: Field = Field::Octets(2);

/// Every type that has a form of its own, and one that has none.
const FORMS: [(Type, &[Field]); 27] = [
    (Type::A, &[Field::Octets(4)]),
    (Type::NS, &[Field::Name]),
    (Type::MD, &[Field::Name]),
    (Type::MF, &[Field::Name]),
    (Type::CNAME, &[Field::Name]),
    (Type::SOA, &[Field::Name, Field::Name, Field::Octets(20)]),
    (Type::MB, &[Field::Name]),
    (Type::MG, &[Field::Name]),
    (Type::MR, &[Field::Name]),
    (Type::PTR, &[Field::Name]),
    (Type::HINFO, &[Field::String, Field::String]),
    (Type::MINFO, &[Field::Name, Field::Name]),
    (Type::MX, &[NUMBER, Field::Name]),
    (Type::TXT, &[Field::Strings]),
    (Type::RP, &[Field::Name, Field::Name]),
    (Type::AFSDB, &[NUMBER, Field::Name]),
    (Type::AAAA, &[Field::Octets(16)]),
    (Type::SRV, &[Field::Octets(6), Field::Name]),
    (Type::NAPTR, &[Field::Octets(4), Field::String, Field::String, Field::String, Field::Name]),
    (Type::DNAME, &[Field::Name]),
    (Type::OPT, &[Field::Options]),
    (Type::NSEC, &[Field::Name, Field::Windows]),
    (Type::SVCB, &[NUMBER, Field::Name, Field::Params]),
    (Type::HTTPS, &[NUMBER, Field::Name, Field::Params]),
    (Type::URI, &[Field::Octets(4), Field::Rest]),
    (Type::CAA, &[Field::Octets(1), Field::String, Field::Rest]),
    (Type(65280), &[Field::Rest]),
];

fn behind_length(value: Vec<u8>) -> Vec<u8> {
    [&[value.len() as u8], value.as_slice()].concat()
}

/// Numbers with values behind their lengths, as options and parameters have them.
fn numbered(items: impl IntoIterator<Item = (u16, Vec<u8>)>) -> Vec<u8> {
    let item = |(number, value): (u16, Vec<u8>)| {
        let head = [number, value.len() as u16].map(u16::to_be_bytes);
        [head.as_flattened(), &value].concat()
    };
    items.into_iter().flat_map(item).collect()
}

/// Values for the keys 0 to 7 of a service binding, and for others.
fn params() -> impl Strategy<Value = Vec<u8>> {
    let addresses = |size: usize| {
        prop::collection::vec(prop::collection::vec(any::<u8>(), size), 1..3).prop_map(|all| all.concat())
    };
    let keys = prop::collection::btree_set(1..1000_u16, 1..4)
        .prop_map(|keys| keys.into_iter().flat_map(u16::to_be_bytes).collect::<Vec<_>>());
    let ids = prop::collection::vec(prop::collection::vec(any::<u8>(), 1..10).prop_map(behind_length), 1..4)
        .prop_map(|ids| ids.concat());
    let maybe = |value: BoxedStrategy<Vec<u8>>| prop::option::of(value);
    let known = (
        maybe(keys.boxed()),
        maybe(ids.boxed()),
        maybe(Just(Vec::new()).boxed()),
        maybe(prop::collection::vec(any::<u8>(), 2).boxed()),
        maybe(addresses(4).boxed()),
        maybe(octets(20).boxed()),
        maybe(addresses(16).boxed()),
        maybe(octets(20).boxed()),
    );
    (known, prop::collection::btree_map(8..=u16::MAX, octets(10), 0..3)).prop_map(
        |((a, b, c, d, e, f, g, h), others)| {
            let known = (0..).zip([a, b, c, d, e, f, g, h]).filter_map(|(key, value)| Some((key, value?)));
            numbered(known.chain(others))
        },
    )
}

/// Options whose data fits their codes, and others.
fn options() -> impl Strategy<Value = Vec<u8>> {
    let cookie =
        prop_oneof![Just(8), 16..=40_usize].prop_flat_map(|len| prop::collection::vec(any::<u8>(), len));
    let subnet =
        (prop::bool::ANY, any::<[u8; 16]>(), any::<(u8, u8)>()).prop_map(|(v4, address, (source, scope))| {
            let (family, most) = if v4 { (1, 32) } else { (2, 128) };
            let (source, scope) = (source % (most + 1), scope % (most + 1));
            let mut used = address[..usize::from(source.div_ceil(8))].to_vec();
            if let (Some(last), rest @ 1..) = (used.last_mut(), source % 8) {
                *last &= 0xFF << (8 - rest);
            }
            [&[0, family, source, scope], used.as_slice()].concat()
        });
    let option = prop_oneof![
        octets(10).prop_map(|data| (3, data)),
        subnet.prop_map(|data| (8, data)),
        cookie.prop_map(|data| (10, data)),
        prop_oneof![Just(vec![]), prop::collection::vec(any::<u8>(), 2)].prop_map(|data| (11, data)),
        octets(10).prop_map(|data| (12, data)),
        prop::collection::vec(any::<u8>(), 2..10).prop_map(|data| (15, data)),
        (16..=u16::MAX, octets(10)),
    ];
    prop::collection::vec(option, 0..6).prop_map(numbered)
}

fn field(field: Field) -> BoxedStrategy<Vec<u8>> {
    match field {
        Field::Octets(len) => prop::collection::vec(any::<u8>(), len).boxed(),
        Field::Name => any_name().prop_map(|name| name.as_octets().to_vec()).boxed(),
        Field::String => octets(255).prop_map(behind_length).boxed(),
        Field::Rest => octets(300).boxed(),
        Field::Strings => prop::collection::vec(octets(40).prop_map(behind_length), 1..5)
            .prop_map(|all| all.concat())
            .boxed(),
        Field::Windows => prop::collection::btree_set(any::<u16>(), 0..6)
            .prop_map(|types| {
                let types: Vec<_> = types.into_iter().map(Type).collect();
                TypeBitmap::build(&mut [0; 300], &types).unwrap().as_octets().to_vec()
            })
            .boxed(),
        Field::Params => params().boxed(),
        Field::Options => options().boxed(),
    }
}

/// Data of every type, without compression.
fn any_data() -> impl Strategy<Value = (Type, Vec<u8>)> {
    prop::sample::select(FORMS.to_vec()).prop_flat_map(|(rtype, form)| {
        let fields: Vec<_> = form.iter().map(|of| field(*of)).collect();
        fields.prop_map(move |fields| (rtype, fields.concat()))
    })
}

fn any_compression() -> impl Strategy<Value = Compression> {
    prop::sample::select(vec![Compression::None, Compression::Unicast, Compression::Multicast])
}

/// Lists that data consists of are built again from what was read.
fn lists_are_built_again(data: &RData<'_>) {
    let mut buf = [0; 1000];
    match data {
        RData::Opt(opt) => {
            let options: Result<Vec<_>, _> = opt.options().collect();
            if let Ok(options) = options {
                assert_eq!(Opt::build(&mut buf, &options), Ok(*opt));
            }
        }
        RData::Svcb(Svcb { params, priority: 1.., .. })
        | RData::Https(Svcb { params, priority: 1.., .. }) => {
            assert_eq!(SvcParams::build(&mut buf, &params.iter().collect::<Vec<_>>()), Ok(*params));
        }
        RData::Nsec(nsec) => {
            let types: Vec<_> = nsec.types.iter().collect();
            assert!(types.iter().all(|rtype| nsec.types.has(*rtype)) && types.is_sorted());
            let again = TypeBitmap::build(&mut buf, &types).unwrap();
            assert_eq!(again.iter().collect::<Vec<_>>(), types);
        }
        RData::Txt(txt) => {
            let octets: Vec<u8> = txt.strings().flat_map(|string| behind_length(string.to_vec())).collect();
            assert_eq!(Txt::from_octets(&octets), Some(*txt));
            assert!(txt.attributes().count() <= txt.strings().count());
        }
        _ => {}
    }
}

/// Reads all of a message, however broken, and writes again what could be read.
fn read_all(octets: &[u8]) {
    let Ok(message) = Message::parse(octets) else { return };
    let (mut questions, mut records) = (0, 0);
    for question in message.questions().flatten() {
        questions += 1;
        assert!(question.name().labels().count() <= 127 && question.name().octets().count() <= 255);
    }
    for record in message.records().flatten() {
        records += 1;
        assert!(record.name().labels().count() <= 127 && record.name().octets().count() <= 255);
        let raw = record.raw_data();
        // Two names of 255 octets at most, for pointers of two.
        assert!(raw.uncompressed().map_or(0, Iterator::count) <= raw.as_octets().len() + 2 * 253);
        let Ok(data) = record.data() else { continue };
        lists_are_built_again(&data);
        for compression in [Compression::None, Compression::Multicast] {
            let again = built(compression, |builder| {
                let class = Class(record.raw_class());
                builder.record(Section::Answer, record.name(), class, record.raw_ttl(), &data).unwrap();
            });
            let again = first(&again);
            assert_eq!(shown(&again.data().unwrap()), shown(&data));
            assert_eq!((again.name(), again.raw_class()), (record.name(), record.raw_class()));
            assert_eq!((again.raw_ttl(), again.rtype()), (record.raw_ttl(), record.rtype()));
        }
    }
    let _ = message.edns();
    assert!(HEADER_LEN + questions * 5 + records * 11 <= octets.len(), "no more than the octets hold");
    assert!(message.to_string().len() <= 1000 * octets.len());
    if let Ok(checked) = message.check() {
        assert_eq!((checked.questions().count(), checked.records().count()), (questions, records));
        assert!(checked.trailing().len() <= octets.len() - HEADER_LEN);
        assert!(octets.ends_with(checked.trailing()));
    }
}

/// The octets of the name that this text is.
fn flat(text: &str) -> Vec<u8> {
    name(text).as_octets().to_vec()
}

fn hash(of: impl Hash) -> u64 {
    let mut state = DefaultHasher::new();
    of.hash(&mut state);
    state.finish()
}

proptest! {
    #![proptest_config(cases(256))]

    // D-3597-1, D-3597-2, D-4.1.4-3
    #[test]
    fn what_is_built_reads_as_it_was_meant(
        compression in any_compression(),
        question in any_name(),
        records in prop::collection::vec((any_name(), any::<u16>(), any::<u32>(), any_data()), 1..12),
    ) {
        let sources: Vec<_> = records.iter().map(|(.., (rtype, data))| answer(*rtype, data)).collect();
        let octets = built(compression, |builder| {
            builder.question(question, Type::ANY).unwrap();
            for ((owner, class, ttl, _), source) in records.iter().zip(&sources) {
                let data = first(source).data().unwrap();
                builder.record(Section::Answer, owner, Class(*class), *ttl, &data).unwrap();
            }
        });
        let message = Message::parse(&octets).unwrap().check().unwrap();
        prop_assert_eq!(message.trailing(), b"");
        let asked = message.questions().next().unwrap().name();
        prop_assert_eq!(asked.octets().collect::<Vec<_>>(), question.as_octets());
        prop_assert_eq!(message.answers().count(), records.len());
        for (record, ((owner, class, ttl, (rtype, sent)), source)) in
            message.answers().zip(records.iter().zip(&sources))
        {
            prop_assert_eq!(record.name().octets().collect::<Vec<_>>(), owner.as_octets());
            prop_assert_eq!((record.raw_class(), record.raw_ttl(), record.rtype()), (*class, *ttl, *rtype));
            prop_assert_eq!(&record.raw_data().uncompressed().unwrap().collect::<Vec<_>>(), sent);
            prop_assert_eq!(shown(&record.data().unwrap()), shown(&first(source).data().unwrap()));
            lists_are_built_again(&record.data().unwrap());
        }
    }

    #[test]
    fn a_damaged_message_is_read_within_bounds(
        compression in any_compression(),
        records in prop::collection::vec((any_name(), any_data()), 1..6),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut octets = built(compression, |builder| {
            for (owner, (rtype, data)) in &records {
                let source = answer(*rtype, data);
                builder.record(Section::Additional, owner, Class::IN, 9, &first(&source).data().unwrap()).unwrap();
            }
        });
        for (at, octet) in damage {
            let len = octets.len();
            octets[at.index(len)] = octet;
        }
        read_all(&octets);
        octets.truncate(cut.index(octets.len()));
        read_all(&octets);
    }

    // D-2.3-4, D-5.1-1
    #[test]
    fn a_name_survives_the_way_through_text(name in any_name()) {
        let text = name.to_string();
        prop_assert_eq!(flat(&text), name.as_octets());
        if text != "." {
            prop_assert_eq!(flat(&(text + ".")), name.as_octets());
        }
    }

    #[test]
    fn any_text_is_a_name_or_an_error(text in r"[ -~]{0,80}|([a\\.0-9]{0,3}){0,90}") {
        if let Ok(name) = text.parse::<NameBuf>() {
            prop_assert_eq!(Name::from_octets(name.as_octets()).unwrap(), name);
            prop_assert_eq!(flat(&name.to_string()), name.as_octets());
        }
    }

    // D-2.3-1
    #[test]
    fn order_and_hash_agree_with_equality(a in any_name(), b in any_name(), c in any_name()) {
        let folded = NameBuf::from_labels(a.name().labels().map(<[u8]>::to_ascii_uppercase)).unwrap();
        prop_assert_eq!(folded, a);
        for (a, b) in [(a, b), (a, folded)] {
            prop_assert_eq!(a == b, a.as_octets().eq_ignore_ascii_case(b.as_octets()));
            prop_assert_eq!(a == b, a.cmp(&b).is_eq());
            prop_assert_eq!(a == b, hash(a) == hash(b));
            prop_assert_eq!(a.cmp(&b), b.cmp(&a).reverse());
        }
        let mut all = [a, b, c];
        all.sort();
        prop_assert!(all[0] <= all[2]);
    }
}

proptest! {
    #![proptest_config(cases(2_000))]

    // P14, P16
    #[test]
    fn any_octets_are_read_within_bounds(
        counts in any::<[u16; 4]>(),
        few in prop::bool::ANY,
        body in octets(600),
    ) {
        read_all(&body);
        let counts = if few { counts.map(|count| count % 4) } else { counts };
        read_all(&[header(counts), body].concat());
    }
}
