//! Names: equality, hash and order, wherever they stand; labels from both ends.

use super::*;
use dotlocal::name;
use dotlocal::name::{Name, NameTextError};
use std::cmp::Ordering;
use std::hash::{DefaultHasher, Hash, Hasher};

fn hash(of: impl Hash) -> u64 {
    let mut state = DefaultHasher::new();
    of.hash(&mut state);
    state.finish()
}

/// Has `with` look at `text` as a name in every form: flat, in a buffer, and compressed in a message.
fn in_every_form(text: &str, mut with: impl FnMut(Name<'_>)) {
    let buf = name(text);
    with(buf.name());
    with(Name::from_octets(buf.as_octets()).unwrap());
    // All but the first label is behind a pointer, and then all of it.
    let octets = built(Compression::Unicast, |builder| {
        if let Some((_, rest)) = buf.name().split_first() {
            builder.question(rest, Type::A).unwrap();
        }
        builder.question(buf, Type::A).unwrap().question(buf, Type::A).unwrap();
    });
    let message = Message::parse(&octets).unwrap().check().unwrap();
    message.questions().skip(usize::from(text != ".")).for_each(|question| with(question.name()));
}

// D-2.3-1, D-2.3-2
#[test]
fn a_name_is_equal_to_itself_in_every_form_and_case() {
    for (a, b, equal) in [
        ("kitchen-cam.local", "KITCHEN-Cam.LOCAL", true),
        (".", ".", true),
        (r"\195\137.local", r"\195\169.local", false),
        ("a@.local", "a`.local", false),
        ("a[.local", "a{.local", false),
        ("a.local", "b.local", false),
        ("a.local", "a.locam", false),
        ("a.local", "local", false),
        ("a.local", "x.a.local", false),
        ("a.local", "aa.local", false),
        (r"a\.local", "a.local", false),
        ("a", ".", false),
    ] {
        in_every_form(a, |a| {
            in_every_form(b, |b| {
                assert_eq!((a == b, b == a), (equal, equal), "{a} and {b}");
                assert_eq!(a.cmp(&b) == Ordering::Equal, equal, "{a} and {b}");
                assert_eq!(hash(a) == hash(b), equal, "{a} and {b}");
                let (a, b) = (NameBuf::from(a), NameBuf::from(b));
                assert_eq!([a == b, a == b.name(), a.name() == b], [equal; 3]);
                assert_eq!((hash(a) == hash(b), a.cmp(&b) == Ordering::Equal), (equal, equal));
            });
            assert_eq!(a.to_string(), name(&a.to_string()).to_string(), "the case is kept");
        });
    }
    assert_eq!(name!("Kitchen-Cam.local"), name("kitchen-cam.LOCAL"));
    assert_eq!(name!("Kitchen-Cam.local").to_string(), "Kitchen-Cam.local");
    assert_eq!(name!("kitchen-cam.local").split_first().unwrap().1, Name::LOCAL);
    assert_eq!(name!("."), Name::ROOT);
}

// D-2.3-1
#[test]
fn every_letter_of_every_label_folds() {
    for (upper, lower) in (b'A'..=b'Z').zip(b'a'..=b'z') {
        let names = [upper, lower].map(|letter| [b"\x02x".as_slice(), &[letter, 1, letter, 0]].concat());
        let [a, b] = names.each_ref().map(|octets| Name::from_octets(octets).unwrap());
        assert_eq!(a, b);
        assert_eq!((hash(a), a.cmp(&b)), (hash(b), Ordering::Equal));
        assert_eq!(a.octets().collect::<Vec<_>>(), names[0]);
    }
}

#[test]
fn names_are_ordered_from_the_right_by_lower_case_octets() {
    let ascending =
        [".", "a", "a.a", "b.a", "a.b.a", "aa", "a.aa", "ab", r"a\255", "B", "a.b", "bb", r"\200", "a.\\200"];
    for (at, a) in ascending.iter().enumerate() {
        for (other, b) in ascending.iter().enumerate() {
            in_every_form(a, |a| {
                in_every_form(b, |b| {
                    assert_eq!(a.cmp(&b), at.cmp(&other), "{a} and {b}");
                    assert_eq!(a.partial_cmp(&b), Some(at.cmp(&other)));
                });
            });
            assert_eq!(name(a).partial_cmp(&name(b)), Some(at.cmp(&other)));
        }
    }
}

#[test]
fn labels_come_from_both_ends_and_each_once() {
    in_every_form("a.bb.ccc.local", |name| {
        let all = [b"a".as_slice(), b"bb", b"ccc", b"local"];
        assert_eq!(name.labels().collect::<Vec<_>>(), all);
        assert_eq!(name.labels().rev().collect::<Vec<_>>(), [all[3], all[2], all[1], all[0]]);
        for taken in 0..=all.len() {
            let mut labels = name.labels();
            assert_eq!(labels.by_ref().take(taken).collect::<Vec<_>>(), all[..taken]);
            let mut left = labels.rev();
            assert_eq!(left.by_ref().collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>(), all[taken..]);
            assert_eq!(left.next(), None);
        }
    });
    assert_eq!(Name::ROOT.labels().rev().next(), None);
    assert_eq!(Name::ROOT.octets().collect::<Vec<_>>(), [0]);
}

#[test]
fn a_name_starts_and_ends_with_whole_labels() {
    in_every_form("cam._http._tcp.local", |name| {
        let starts = |front: &str| name.starts_with(&super::name(front).name());
        let ends = |zone: &str| name.ends_with(&super::name(zone).name());
        for front in [".", "CAM", "cam._http", "cam._HTTP._tcp.local"] {
            assert!(starts(front), "{front}");
        }
        for front in ["ca", "cam.x", "_http", "cam._http._tcp.local.x"] {
            assert!(!starts(front), "{front}");
        }
        for zone in [".", "LOCAL", "_tcp.local", "cam._http._tcp.local"] {
            assert!(ends(zone), "{zone}");
        }
        for zone in ["ocal", "_tcp", "x.local", "x.cam._http._tcp.local"] {
            assert!(!ends(zone), "{zone}");
        }
        assert!(!name.is_root());
        let (first, rest) = name.split_first().unwrap();
        assert_eq!((first, rest.to_string().as_str()), (b"cam".as_slice(), "_http._tcp.local"));
    });
    assert!(Name::ROOT.is_root() && Name::ROOT.split_first().is_none());
}

// S-4.1-1, M-16-1, P12, P13
#[test]
fn an_instance_is_one_label_of_any_octets_before_its_type() {
    let labels = ["Dr. Smith's Küche", r"a\b", "\u{FFFD}"].map(str::as_bytes);
    for label in labels.into_iter().chain([b"\xFF\xFE\0".as_slice(), &[b'x'; 63]]) {
        let instance = NameBuf::from_labels([label, b"_http", b"_tcp", b"local"]).unwrap();
        in_every_form(&instance.to_string(), |name| {
            assert_eq!(name.labels().next(), Some(label), "as it was given: no normal form, no mark");
            assert_eq!(name.labels().count(), 4);
            for (service_type, found) in [
                ("_HTTP._tcp.local", true),
                ("_printer._SUB._http._tcp.local", true),
                ("_sub._http._tcp.local", false),
                ("_ipp._tcp.local", false),
                ("_tcp.local", false),
                ("x._http._tcp.local", false),
                (".", false),
            ] {
                let expected = found.then_some(label);
                assert_eq!(name.instance_of(&super::name(service_type).name()), expected, "{service_type}");
            }
        });
    }
    let service_type = name!("_http._tcp.local");
    assert_eq!(service_type.instance_of(&service_type), None);
    assert_eq!(Name::ROOT.instance_of(&Name::ROOT), None);
    assert_eq!(name!("cam").instance_of(&Name::ROOT), Some(b"cam".as_slice()));
}

// P13
#[test]
fn a_label_that_is_no_utf8_leaves_its_record_and_the_others_standing() {
    let mut octets = header([0, 2, 0, 0]);
    put_record(&mut octets, b"\x02\xC3\x28\0", Type::PTR, b"\x03\xFF\0.\0");
    put_record(&mut octets, b"\0", Type::A, &[192, 0, 2, 7]);
    assert_eq!(check(&octets), Ok(2));
    let record = first(&octets);
    assert_eq!(record.name().to_string(), r"\195(");
    assert!(matches!(record.data(), Ok(RData::Ptr(target)) if target.to_string() == r"\255\000\."));
}

// S-4.3-1, P11, P12
#[test]
fn text_escapes_what_is_data_and_no_separator() {
    let instance = NameBuf::from_labels(["Dr. Smith\\s Cam\0", "_http", "_tcp", "local"]).unwrap();
    assert_eq!(instance.to_string(), r"Dr\.\032Smith\\s\032Cam\000._http._tcp.local");
    assert_eq!(format!("{instance:?}"), r"Name(Dr\.\032Smith\\s\032Cam\000._http._tcp.local)");
    assert_eq!(name(&instance.to_string()).as_octets(), instance.as_octets());
    assert_eq!(name(r#"a"b;c$@"#).to_string(), r#"a"b;c$@"#);
    assert_eq!((Name::ROOT.to_string().as_str(), name("a.").to_string().as_str()), (".", "a"));
}

// D-2.3-3
#[test]
fn labels_of_1_to_63_octets_make_a_name_of_255() {
    let of = |lengths: &[usize]| NameBuf::from_labels(lengths.iter().map(|&len| vec![b'a'; len]));
    assert_eq!(of(&[]).unwrap().as_octets(), [0]);
    assert_eq!(of(&[63, 63, 63, 61]).unwrap().as_octets().len(), 255);
    assert_eq!(of(&[1; 127]).unwrap().as_octets().len(), 255);
    for (lengths, error) in [
        ([63, 63, 63, 62].as_slice(), NameTextError::NameTooLong),
        (&[63, 63, 63, 61, 1], NameTextError::NameTooLong),
        (&[1; 128], NameTextError::NameTooLong),
        (&[64], NameTextError::LabelTooLong),
        (&[1, 0], NameTextError::EmptyLabel),
    ] {
        assert_eq!(of(lengths), Err(error), "{lengths:?}");
    }
}

#[test]
fn flat_octets_hold_no_pointer_and_what_follows_the_root_is_left_alone() {
    let name = Name::from_octets(b"\x03cam\0behind").unwrap();
    assert_eq!((name.to_string().as_str(), name.octets().count()), ("cam", 5));
    for (octets, fault) in [
        (b"\x03cam\xC0\0".as_slice(), Fault::Pointer),
        (b"\xC0\0", Fault::Pointer),
        (b"\xC0\x0C", Fault::Pointer),
        (b"\x40", Fault::LabelType),
        (b"\x03ca", Fault::Truncated),
        (b"", Fault::Truncated),
    ] {
        // What is wrongly taken for a name may have no end, and is not to be printed.
        assert_eq!(Name::from_octets(octets).err().map(|error| error.fault()), Some(fault), "{octets:?}");
    }
}

#[test]
fn every_kind_of_name_can_be_asked_for() {
    let (constant, buf) = (name!("cam.local"), name("cam.local"));
    let octets = built(Compression::None, |builder| {
        builder.question(constant, Type::A).unwrap().question(buf, Type::A).unwrap();
        let (a, b) = (&constant, &buf);
        builder.question(a, Type::A).unwrap().question(b, Type::A).unwrap();
        builder.question("cam.local.", Type::A).unwrap();
    });
    assert_eq!(octets[12..], b"\x03cam\x05local\0\0\x01\0\x01".repeat(5));
}
