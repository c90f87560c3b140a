use std::vec::Vec;

use super::*;
use crate::wire::{Fault, HEADER_LEN};

/// The name and where what follows it begins.
fn read(message: &[u8], at: usize) -> Result<(Name<'_>, usize), CheckError> {
    read_name(message, at, Known::NONE).map(|found| (found.known.name(message), found.end()))
}

fn fault(message: &[u8], at: usize) -> Fault {
    read(message, at).unwrap_err().fault()
}

fn behind_header(octets: &[u8]) -> Vec<u8> {
    [&[0; HEADER_LEN], octets].concat()
}

// D-2.3-1, D-2.3-2
#[test]
fn ascii_case_folds_and_other_octets_do_not() {
    let name = |octets| Name::from_octets(octets).unwrap();
    assert_eq!(name(b"\x07ExAmPlE\0"), name(b"\x07example\0"));
    assert_ne!(name(b"\x02\xC3\x89\0"), name(b"\x02\xC3\xA9\0"));
    assert_ne!(name(b"\x01@\0"), name(b"\x01`\0"));
    assert_ne!(name(b"\x01a\x01b\0"), name(b"\x01a\0"));
    assert_ne!(name(b"\x01a\0"), name(b"\x01a\x01b\0"));
}

// D-2.3-3, P7, P9
#[test]
fn labels_and_names_end_at_their_limits() {
    let mut longest = Vec::new();
    for _ in 0..3 {
        longest.push(63);
        longest.extend([b'a'; 63]);
    }
    longest.push(61);
    longest.extend([b'a'; 61]);
    longest.push(0);
    assert_eq!(longest.len(), MAX_NAME);
    assert_eq!(Name::from_octets(&longest).unwrap().octets().count(), MAX_NAME);
    longest[192] = 62;
    longest.insert(193, b'a');
    assert_eq!(fault(&longest, 0), Fault::NameTooLong);
    assert_eq!(fault(b"\x01a", 0), Fault::Truncated);
    assert_eq!(fault(&[63; 63], 0), Fault::Truncated);
}

// D-3.1-1, P8
#[test]
fn lengths_of_64_to_191_are_none() {
    for first in 0x40..=0xBF {
        assert_eq!(fault(&[&[first], [1; 200].as_slice()].concat(), 0), Fault::LabelType);
    }
}

// D-4.1.4-1, P1, P2, P3, P4
#[test]
fn pointers_go_strictly_backwards_and_never_into_the_header() {
    assert_eq!(fault(&behind_header(b"\xC0\x0C"), 12), Fault::Pointer);
    assert_eq!(fault(&behind_header(b"\xC0\x0E\xC0\x0C"), 12), Fault::Pointer);
    assert_eq!(fault(&behind_header(b"\xC0\x0E\xC0\x0C"), 14), Fault::Pointer);
    assert_eq!(fault(&behind_header(b"\x01a\xC0\x0C"), 12), Fault::Pointer);
    assert_eq!(fault(&behind_header(b"\x01a\0\xC0\x0B"), 15), Fault::Pointer);
    assert_eq!(fault(&behind_header(b"\xC0\0"), 12), Fault::Pointer);
    let sound = behind_header(b"\x01a\0\x01b\xC0\x0C");
    let (name, end) = read(&sound, 15).unwrap();
    assert_eq!(name.labels().collect::<Vec<_>>(), [b"b", b"a"]);
    assert_eq!(end, 19);
}

#[test]
fn a_name_that_is_cut_is_told_at_the_end_of_its_message() {
    assert_eq!(read(&behind_header(b"\x3Fa"), 12).unwrap_err().at(), 14);
}

// P5
#[test]
fn a_pointer_cut_in_half_is_truncated() {
    assert_eq!(fault(&behind_header(b"\x01a\xC0"), 12), Fault::Truncated);
}

// P6
#[test]
fn a_chain_of_pointers_costs_no_more_than_a_name() {
    let mut message = behind_header(b"\0");
    let mut last = 12;
    for _ in 0..400 {
        let at = message.len();
        message.extend([0xC0 | (last >> 8) as u8, last as u8]);
        last = at;
    }
    assert_eq!(fault(&message, last), Fault::NameTooLong);
}

// D-2.3-3
#[test]
fn the_limit_of_255_octets_holds_across_pointers() {
    let mut message = behind_header(b"");
    message.extend([63].iter().chain(&[b'a'; 63]).copied().collect::<Vec<_>>().repeat(3));
    message.push(0);
    let at = message.len();
    message.push(61);
    message.extend([b'b'; 61]);
    message.extend([0xC0, 12]);
    assert!(read(&message, at).is_ok());
    message[at] = 62;
    message.insert(at + 1, b'b');
    assert_eq!(fault(&message, at), Fault::NameTooLong);
}

#[test]
fn a_zone_is_told_by_whole_labels() {
    let name = |octets| Name::from_octets(octets).unwrap();
    let cam = name(b"\x03cam\x05local\0");
    assert!(cam.ends_with(&name(b"\x05LOCAL\0")) && cam.ends_with(&cam) && cam.ends_with(&Name::ROOT));
    assert!(!cam.ends_with(&name(b"\x02al\0")));
    assert!(!name(b"\x05local\0").ends_with(&cam));
    assert_eq!(cam.split_first(), Some((b"cam".as_slice(), name(b"\x05local\0"))));
    assert_eq!(Name::ROOT.split_first(), None);
    assert!(Name::ROOT.is_root() && !cam.is_root());
}

// D-2.3-3, D-3.1-1
#[test]
fn a_constant_of_octets_is_one_name_and_no_more() {
    let is_name = |octets: &[u8]| {
        let octets: &'static [u8] = octets.to_vec().leak();
        std::panic::catch_unwind(|| Name::from_const(octets)).is_ok()
    };
    let run = |len: u8| [&[len], std::vec![b'a'; len.into()].as_slice()].concat();
    let long = |last: u8| [run(63).repeat(3), run(last), std::vec![0]].concat();
    for octets in [b"\0".as_slice(), b"\x05local\0", &long(61)] {
        assert!(is_name(octets), "{octets:?}");
        assert!(!is_name(&octets[..octets.len() - 1]), "{octets:?} cut");
        assert!(!is_name(&[octets, b"\0"].concat()), "{octets:?} and more");
    }
    for octets in
        [b"\xC0\0".as_slice(), b"\x01a\xC0\0", &[run(64), std::vec![0]].concat(), b"\xFF", &long(62)]
    {
        assert!(!is_name(octets), "{octets:?}");
    }
}

#[test]
fn equal_names_hash_alike() {
    let hash = |octets| {
        let mut state = std::hash::DefaultHasher::new();
        Name::from_octets(octets).unwrap().hash(&mut state);
        state.finish()
    };
    assert_eq!(hash(b"\x03CAM\x05local\0"), hash(b"\x03cam\x05LOCAL\0"));
    assert_ne!(hash(b"\x03cam\0"), hash(b"\x03can\0"));
}

/// Names each of which ends in a pointer to the one before: labels of `label` octets, `pure` pointers before each.
fn chain(label: u8, pure: usize, names: usize) -> (Vec<u8>, Vec<usize>) {
    let mut message = behind_header(b"\x01z\0");
    let (mut last, mut starts) = (12, std::vec![12]);
    let pointer = |at: usize| [0xC0 | (at >> 8) as u8, at as u8];
    for _ in 0..names {
        for _ in 0..pure {
            starts.push(message.len());
            message.extend(pointer(last));
            last = message.len() - 2;
        }
        starts.push(message.len());
        message.push(label);
        message.extend(std::vec![b'a'; label.into()]);
        message.extend(pointer(last));
        last = starts[starts.len() - 1];
    }
    (message, starts)
}

// D-2.3-3, D-4.1.4-1
#[test]
fn the_limits_are_the_same_whichever_name_was_read_before() {
    for (label, pure, names) in [(19, 0, 14), (20, 0, 14), (1, 0, 127), (1, 1, 70), (2, 2, 50), (20, 2, 14)] {
        let (message, starts) = chain(label, pure, names);
        let mut refused = 0;
        for (index, &at) in starts.iter().enumerate() {
            let alone = read_name(&message, at, Known::NONE);
            let told = |read: Result<read::Found, CheckError>| read.map(|found| std::format!("{found:?}"));
            for &before in &starts[..index] {
                if let Ok(known) = read_name(&message, before, Known::NONE).map(|found| found.known) {
                    let read = read_name(&message, at, known);
                    assert_eq!(told(read), told(alone), "{label} {pure}: {at} after {before}");
                }
            }
            refused += usize::from(alone.is_err());
            // The root and `z`; each name but the first adds a pointer, and one of `1 + pure` also a label.
            let octets = 3 + index / (1 + pure) * (1 + usize::from(label));
            let bare = message[at] >= 0xC0;
            assert_eq!(alone.is_ok(), octets <= MAX_NAME && index <= 127 + usize::from(bare), "{index}");
        }
        assert!(refused > 0);
    }
}

// D-2.3-3
#[test]
fn the_limit_of_255_octets_holds_across_two_pointers() {
    let run = |len: u8| [&[len], std::vec![b'a'; len.into()].as_slice()].concat();
    let long = |last: u8| {
        let mut message = behind_header(&[run(63).repeat(2), std::vec![0]].concat());
        let second = message.len();
        message.extend([run(62), run(last), std::vec![0xC0, 12]].concat());
        let third = message.len();
        message.extend([0xC0, second as u8]);
        read(&message, third).map(|(name, _)| name.octets().count())
    };
    assert_eq!(long(62).unwrap(), MAX_NAME);
    assert_eq!(long(63).unwrap_err().fault(), Fault::NameTooLong);
}

// M-3-1, M-4-1
#[test]
fn multicast_answers_for_local_and_for_the_reverse_names_of_link_local_addresses() {
    for (name, is_multicast) in [
        ("local", true),
        ("Printer.LOCAL", true),
        ("a.b.local", true),
        ("printer.local.example", false),
        ("notlocal", false),
        (".", false),
        ("7.1.254.169.in-addr.arpa", true),
        ("254.169.in-addr.arpa", true),
        ("1.168.192.in-addr.arpa", false),
        ("1.0.0.8.e.f.ip6.arpa", true),
        ("f.b.e.f.ip6.arpa", true),
        ("c.e.f.ip6.arpa", false),
        ("7.e.f.ip6.arpa", false),
    ] {
        let name: NameBuf = name.parse().unwrap();
        assert_eq!(name.name().is_multicast(), is_multicast, "{name}");
    }
}
