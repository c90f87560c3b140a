//! Attacks on names: pointers, lengths, and what the walk remembers of them.

use super::*;
use proptest::prelude::*;

/// A message of questions whose names these octets are, one behind the other.
fn asked(names: &[&[u8]]) -> Vec<u8> {
    let mut octets = header([names.len() as u16, 0, 0, 0]);
    for name in names {
        octets.extend([name, b"\0\x01\0\x01".as_slice()].concat());
    }
    octets
}

fn error(names: &[&[u8]]) -> (Fault, usize) {
    let error = check(&asked(names)).unwrap_err();
    (error.fault(), error.at())
}

/// The names of the questions, as text.
fn names(octets: &[u8]) -> Vec<String> {
    let message = Message::parse(octets).unwrap().check().unwrap();
    message.questions().map(|question| question.name().to_string()).collect()
}

// P1, P2, P3, P4, D-4.1.4-1
#[test]
fn a_pointer_leads_strictly_backwards_and_behind_the_header() {
    // The first name stands at octet 12, one behind a root at 17.
    for (name, at) in [
        (b"\xC0\x0C".as_slice(), 12),
        (b"\xC0\x0D", 12),
        (b"\xC0\x0E\xC0\x0C", 12),
        (b"\x01a\xC0\x0C", 14),
        (b"\x01a\xC0\x0E", 14),
        (b"\x01a\xC0\x10\0", 14),
        (b"\xFF\xFF", 12),
    ] {
        assert_eq!(error(&[name]), (Fault::Pointer, at), "{name:?}");
    }
    for into_header in 0..12 {
        assert_eq!(error(&[&[0xC0, into_header]]), (Fault::Pointer, 12), "{into_header}");
        assert_eq!(error(&[b"\0", &[0xC0, into_header]]), (Fault::Pointer, 17), "{into_header}");
        assert_eq!(error(&[b"\0", &[1, b'a', 0xC0, into_header]]), (Fault::Pointer, 19), "{into_header}");
    }
    assert_eq!(names(&asked(&[b"\x01a\0", b"\x01b\xC0\x0C", b"\xC0\x13"])), ["a", "b.a", "b.a"]);
}

// P4
#[test]
fn an_id_that_reads_as_a_pointer_leads_nowhere() {
    let with_id = |mut octets: Vec<u8>| {
        octets[..2].copy_from_slice(b"\xC0\x00");
        octets
    };
    assert_eq!(fault(&with_id(asked(&[b"\xC0\x00"]))), Fault::Pointer);
    let octets = with_id(answer(Type::PTR, b"\xC0\x00"));
    // Such a name must not even be printed by a test that fails: it has no end.
    assert_eq!(first(&octets).data().err().map(|error| error.fault()), Some(Fault::Pointer));
}

// P3, D-4.1.4-1
#[test]
fn no_way_leads_forward_to_a_name_that_was_read() {
    let ahead = pointer_to(ANSWER_DATA + 2);
    for owner in [b"\xC0\x17".as_slice(), b"\x01b\xC0\x17"] {
        let mut octets = answer(Type(65280), &ahead);
        octets[7] = 3;
        put_record(&mut octets, b"\x01a\0", Type::A, &[192, 0, 2, 7]);
        put_record(&mut octets, owner, Type::A, &[192, 0, 2, 7]);
        let error = check(&octets).unwrap_err();
        assert_eq!((error.fault(), error.at()), (Fault::Pointer, ANSWER_DATA));
    }
}

// P1, P2
#[test]
fn pointers_that_lead_to_each_other_end() {
    // The second name leads into the fields of the first question, where a pointer to the second stands.
    let mut octets = asked(&[b"\0", b"\xC0\x0D"]);
    octets[13..15].copy_from_slice(b"\xC0\x11");
    assert_eq!(fault(&octets), Fault::Pointer);
}

// P5
#[test]
fn a_pointer_that_the_datagram_cuts_in_half_is_truncated() {
    for name in [b"\xC0".as_slice(), b"\x01a\xC0"] {
        let mut octets = header([1, 0, 0, 0]);
        octets.extend(name);
        let error = check(&octets).unwrap_err();
        assert_eq!((error.fault(), error.at()), (Fault::Truncated, octets.len()));
    }
}

// P8, D-3.1-1
#[test]
fn octets_of_64_to_191_are_no_lengths() {
    for first in 0x40..=0xBF {
        let name = [&[first], [1; 200].as_slice()].concat();
        assert_eq!(error(&[&name]), (Fault::LabelType, 12));
        assert_eq!(error(&[&[b"\x01a".as_slice(), &name].concat()]), (Fault::LabelType, 14));
        let mut octets = asked(&[b"\0", b"\xC0\x0D"]);
        octets[13] = first;
        assert_eq!(fault(&octets), Fault::LabelType, "behind a pointer");
    }
}

// P9, D-2.3-3
#[test]
fn a_name_without_a_root_is_truncated() {
    for name in [b"\x01a".as_slice(), b"\x01", b"\x3f", b""] {
        let mut octets = header([1, 0, 0, 0]);
        octets.extend(name);
        assert_eq!(fault(&octets), Fault::Truncated);
    }
    let longest = [&[63], [b'a'; 63].as_slice(), &[0]].concat();
    assert_eq!(names(&asked(&[&longest])), ["a".repeat(63)]);
}

/// Labels of these lengths, and what ends them.
fn labels(lengths: &[u8], end: &[u8]) -> Vec<u8> {
    let label = |&len: &u8| [vec![len], vec![b'a'; len.into()]].concat();
    [lengths.iter().flat_map(label).collect(), end.to_vec()].concat()
}

fn pointer_to(at: usize) -> [u8; 2] {
    (0xC000 | at as u16).to_be_bytes()
}

// P7, P9, D-2.3-3
#[test]
fn a_name_of_255_octets_is_the_longest_also_through_pointers() {
    for (last, sound) in [(61, true), (62, false)] {
        let direct = labels(&[63, 63, 63, last], b"\0");
        assert_eq!(check(&asked(&[&direct])).is_ok(), sound);
        let base = labels(&[63, 63], b"\0");
        let second_at = 12 + base.len() + 4;
        let second = labels(&[last], &pointer_to(12));
        let third = labels(&[63], &pointer_to(second_at));
        // The second name is the last one that was read, or another one is.
        for between in [[].as_slice(), &[b"\0".as_slice()]] {
            let names = [&[base.as_slice(), &second], between, &[&third]].concat();
            assert_eq!(check(&asked(&names)).is_ok(), sound);
        }
        if !sound {
            assert_eq!(error(&[&direct]), (Fault::NameTooLong, 12));
            let third_at = second_at + second.len() + 4;
            assert_eq!(error(&[&base, &second, &third]), (Fault::NameTooLong, third_at));
        }
    }
}

// P7
#[test]
fn a_long_name_that_nobody_checked_is_found_behind_a_pointer() {
    for (last, sound) in [(61, true), (62, false)] {
        let mut octets = header([0, 2, 0, 0]);
        put_record(&mut octets, b"\0", Type(65280), &labels(&[63, 63, 63, last], b"\0"));
        put_record(&mut octets, &pointer_to(ANSWER_DATA), Type::A, &[192, 0, 2, 7]);
        let expected = if sound { Ok(2) } else { Err(Fault::NameTooLong) };
        assert_eq!(check(&octets).map_err(|error| error.fault()), expected);
    }
}

/// A record whose data are a root and pointers, each to what stands before it; with where they stand.
fn chain(pointers: usize) -> (Vec<u8>, Vec<usize>) {
    let at: Vec<usize> =
        [0].into_iter().chain((0..pointers).map(|n| 1 + 2 * n)).map(|at| ANSWER_DATA + at).collect();
    let data = at[..pointers].iter().flat_map(|&before| pointer_to(before));
    (answer(Type(65280), &[0].into_iter().chain(data).collect::<Vec<_>>()), at)
}

/// How many records are sound when these owners follow.
fn sound_owners(mut octets: Vec<u8>, owners: &[&[u8]]) -> usize {
    octets[7] += owners.len() as u8;
    owners.iter().for_each(|owner| put_record(&mut octets, owner, Type::A, &[192, 0, 2, 7]));
    let message = Message::parse(&octets).unwrap();
    message.records().filter(Result::is_ok).count() - 1
}

// P2, P6, D-4.1.4-1
#[test]
fn a_name_has_127_pointers_at_most() {
    let (octets, at) = chain(400);
    for (last, bare, labelled) in [(126, 1, 1), (127, 1, 0), (128, 0, 0), (400, 0, 0)] {
        assert_eq!(sound_owners(octets.clone(), &[&pointer_to(at[last])]), bare, "{last}");
        assert_eq!(sound_owners(octets.clone(), &[&labels(&[1], &pointer_to(at[last]))]), labelled, "{last}");
    }
    // Also when most of them are remembered: the second name leads to where the first one does.
    for (last, sound) in [(125, 3), (126, 2), (127, 1), (128, 0)] {
        let first = pointer_to(at[last]);
        let second = labels(&[1], &first);
        let third = labels(&[1], &pointer_to(octets.len() + 2 + 10 + 4));
        assert_eq!(sound_owners(octets.clone(), &[&first, &second, &third]), sound, "{last}");
    }
}

// P7
#[test]
fn a_name_that_many_records_point_to_costs_each_no_more_than_a_name() {
    let mut octets = header([0, 2000, 0, 0]);
    put_record(&mut octets, &labels(&[63, 63, 63, 61], b"\0"), Type::A, &[192, 0, 2, 7]);
    (1..2000).for_each(|_| put_record(&mut octets, b"\xC0\x0C", Type::PTR, b"\xC0\x0C"));
    let message = Message::parse(&octets).unwrap().check().unwrap();
    assert_eq!(message.records().count(), 2000);
    for record in message.records().skip(1) {
        assert!(matches!(record.data(), Ok(RData::Ptr(target)) if target.octets().count() == 255));
    }
}

/// A name's octets and where it ends, by a reader that does nothing but follow the rules.
fn reference(message: &[u8], start: usize) -> Option<(Vec<u8>, usize)> {
    let (mut name, mut at, mut run, mut end, mut pointers) = (Vec::new(), start, start, None, 0);
    while name.len() < 255 {
        match *message.get(at)? {
            0 => return Some(([name, vec![0]].concat(), end.unwrap_or(at + 1))),
            len @ 1..=63 => {
                name.extend(message.get(at..=at + usize::from(len))?);
                at += 1 + usize::from(len);
            }
            0x40..=0xBF => return None,
            first => {
                let target = usize::from(u16::from_be_bytes([first & 0x3F, *message.get(at + 1)?]));
                pointers += 1;
                // A pointer that the name begins with is not counted.
                let bare = message[start] >= 0xC0;
                if target < HEADER_LEN || target >= run || pointers > 127 + usize::from(bare) {
                    return None;
                }
                end = end.or(Some(at + 2));
                (at, run) = (target, target);
            }
        }
    }
    None
}

#[derive(Clone, Debug)]
enum End {
    Root,
    /// To what begins this many labels and pointers before.
    Back(usize),
    /// To what begins this many labels and pointers behind, which is forbidden.
    Ahead(usize),
    Wild(u16),
}

/// The lengths of labels and what follows them.
type Shape = (Vec<u8>, End);

fn any_name(ahead: u32) -> impl Strategy<Value = Shape> {
    let lengths = prop::collection::vec(prop_oneof![9 => 1..=4_u8, 1 => 60..=63_u8], 0..4);
    let end = prop_oneof![
        3 => Just(End::Root),
        12 => (0..12_usize).prop_map(End::Back),
        4 => (0..400_usize).prop_map(End::Back),
        1 => (0..0x4000_u16).prop_map(End::Wild),
        ahead => (0..6_usize).prop_map(End::Ahead),
    ];
    (lengths, end)
}

/// PTR records whose owners and targets these are.
fn pointing(names: &[(Shape, Shape)]) -> Vec<u8> {
    let (mut octets, mut places) = (header([0, names.len() as u16, 0, 0]), vec![HEADER_LEN]);
    let mut ahead = Vec::new();
    let mut written = |mut at: usize, (lengths, end): &Shape| {
        let known = places.len();
        for len in lengths {
            places.push(at);
            at += 1 + usize::from(*len);
        }
        let target = match end {
            End::Root => return labels(lengths, &[0]),
            End::Back(back) => places[known - 1 - back.min(&(known - 1))],
            End::Ahead(more) => {
                ahead.push((at, places.len() + 1 + more));
                0
            }
            End::Wild(target) => (*target).into(),
        };
        places.push(at);
        labels(lengths, &pointer_to(target & 0x3FFF))
    };
    for (owner, target) in names {
        let owner = written(octets.len(), owner);
        let target = written(octets.len() + owner.len() + 10, target);
        put_record(&mut octets, &owner, Type::PTR, &target);
    }
    for (at, place) in ahead {
        let target = places.get(place).copied().unwrap_or(0x3FFF).min(0x3FFF);
        octets[at..at + 2].copy_from_slice(&pointer_to(target));
    }
    octets
}

proptest! {
    #![proptest_config(cases(2_000))]

    // D-4.1.4-1
    #[test]
    fn a_name_reads_the_same_whatever_the_walk_remembers(
        names in prop::collection::vec((any_name(0), any_name(2)), 1..40),
    ) {
        let octets = pointing(&names);
        let mut records = Message::parse(&octets).unwrap().records();
        let mut at = HEADER_LEN;
        for _ in 0..names.len() {
            let record = records.next().unwrap();
            let Some((owner, end)) = reference(&octets, at) else {
                prop_assert!(record.is_err());
                prop_assert!(records.next().is_none());
                break;
            };
            let record = record.unwrap();
            prop_assert_eq!(record.name().octets().collect::<Vec<_>>(), owner);
            at = end + 10 + record.raw_data().as_octets().len();
            match (record.data(), reference(&octets, end + 10).filter(|(_, end)| *end == at)) {
                (Ok(RData::Ptr(read)), Some((target, _))) => {
                    prop_assert_eq!(read.octets().collect::<Vec<_>>(), target);
                }
                (Err(_), None) => {}
                (read, target) => prop_assert!(false, "{:?} for {:?}", read, target),
            }
        }
    }
}
