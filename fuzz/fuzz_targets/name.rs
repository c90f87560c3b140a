//! Reads any octets as names: flat, as labels, and in a message with pointers.
//!
//! What must hold: a name reads when the naive walk and the rules for pointers allow it, and not otherwise; equality,
//! order and hash agree with each other, with `NameBuf` and with names copied into vectors; `starts_with`, `ends_with`
//! and `instance_of` say what vectors say; labels from the right are those that the left has left; a name survives the
//! ways through octets, text and labels.

#![no_main]

use std::hash::{DefaultHasher, Hash, Hasher};

use dotlocal::name::{Name, NameBuf, NameTextError};
use dotlocal::wire::Message;
use dotlocal_fuzz::{Labels, Walked, check_name, fold, key, labels_of, wire};
use libfuzzer_sys::fuzz_target;

/// Pairs of names are compared: more would cost more than they find.
const MOST_NAMES: usize = 8;

fuzz_target!(|input: &[u8]| {
    let Some((&taken, octets)) = input.split_first() else { return };
    // Questions without end, so that the octets are names with four octets behind each.
    let message = [[0, 0, 0, 0, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0].as_slice(), octets].concat();
    let names: Vec<Name<'_>> = [flat(octets), in_message(&message)].concat();
    let ends: Vec<NameBuf> =
        names.iter().take(3).filter_map(|name| name.split_first()).map(|(_, above)| above.into()).collect();
    let fronts = names
        .iter()
        .take(3)
        .map(|name| NameBuf::from_labels(name.labels().take(1 + usize::from(taken) % 4)).unwrap());
    let own: Vec<NameBuf> = fronts.chain(ends).chain(swapped(&names)).collect();
    let all: Vec<Name<'_>> = names.iter().copied().chain(own.iter().map(NameBuf::name)).collect();
    let all: Vec<Modelled<'_>> = all.into_iter().map(Modelled::new).collect();
    for name in &all {
        check_name(name.name);
        from_the_right(&name.name, taken);
        for other in &all {
            compare(name, other);
        }
    }
    from_labels(octets);
});

/// The names that the octets begin with, one after the other.
fn flat(mut octets: &[u8]) -> Vec<Name<'_>> {
    let mut names = Vec::new();
    while names.len() < MOST_NAMES / 2 {
        let expected = Walked::new(octets, 0).filter(|name| name.pointers == 0);
        let Ok(name) = Name::from_octets(octets) else {
            assert!(expected.is_none());
            break;
        };
        let expected = expected.unwrap();
        assert_eq!(labels_of(&name), expected.labels);
        names.push(name);
        octets = &octets[expected.end..];
    }
    names
}

fn in_message(octets: &[u8]) -> Vec<Name<'_>> {
    let (mut names, mut at) = (Vec::new(), 12);
    for question in Message::parse(octets).unwrap().questions() {
        let expected = Walked::new(octets, at).filter(Walked::is_lawful);
        let expected = expected.filter(|name| name.end + 4 <= octets.len());
        assert_eq!(question.is_ok(), expected.is_some(), "at {at}: {question:?}");
        let (Ok(question), Some(expected)) = (question, expected) else { break };
        assert_eq!(labels_of(&question.name()), expected.labels);
        at = expected.end + 4;
        names.push(question.name());
    }
    names.truncate(MOST_NAMES);
    names
}

/// The first name in the other case, and with a label that differs in its last octet.
fn swapped(names: &[Name<'_>]) -> Vec<NameBuf> {
    let Some(first) = names.first() else { return Vec::new() };
    let mut labels = labels_of(first);
    let swap = |octet: &u8| {
        if octet.is_ascii_lowercase() { octet.to_ascii_uppercase() } else { octet.to_ascii_lowercase() }
    };
    let swapped: Labels = labels.iter().map(|label| label.iter().map(swap).collect()).collect();
    if let Some(last) = labels.first_mut().and_then(|label| label.last_mut()) {
        *last ^= 0x20;
    }
    [swapped, labels].map(|labels| NameBuf::from_labels(labels).unwrap()).to_vec()
}

/// A name and its model, made once for all the names that it is compared with.
struct Modelled<'a> {
    name: Name<'a>,
    own: NameBuf,
    labels: Labels,
    low: Labels,
    key: Labels,
    hash: u64,
}

impl<'a> Modelled<'a> {
    fn new(name: Name<'a>) -> Self {
        let (labels, own) = (labels_of(&name), NameBuf::from(name));
        let (hash, same) = (hash(&name), hash(&own));
        assert_eq!(hash, same);
        Self { name, own, low: fold(&labels), key: key(&labels), labels, hash }
    }
}

fn hash(name: &impl Hash) -> u64 {
    let mut state = DefaultHasher::new();
    name.hash(&mut state);
    state.finish()
}

fn compare(left: &Modelled<'_>, right: &Modelled<'_>) {
    let (a, b, low, labels) = (&left.name, &right.name, &left.low, &left.labels);
    let equal = *low == right.low;
    assert_eq!([a == b, left.own == right.own, *a == right.own, left.own == *b], [equal; 4]);
    let order = left.key.cmp(&right.key);
    assert_eq!([a.cmp(b), left.own.cmp(&right.own)], [order; 2]);
    assert_eq!([order.is_eq(), left.hash == right.hash], [equal; 2]);
    assert_eq!(a.starts_with(b), low.starts_with(&right.low));
    assert_eq!(a.ends_with(b), low.ends_with(&right.low));
    let of_type = match right.low.as_slice() {
        [_, sub, rest @ ..] if sub == b"_sub" => rest,
        all => all,
    };
    let instance = (low.len() == of_type.len() + 1 && low.ends_with(of_type)).then(|| labels[0].as_slice());
    assert_eq!(a.instance_of(b), instance);
    assert_eq!((a.is_root(), a.split_first().is_none()), (labels.is_empty(), labels.is_empty()));
    if let Some((first, above)) = a.split_first() {
        assert_eq!((first, labels_of(&above)), (labels[0].as_slice(), labels[1..].to_vec()));
    }
}

/// From the right come the labels that are left, however many were taken from the left.
fn from_the_right(name: &Name<'_>, taken: u8) {
    let labels = labels_of(name);
    for taken in [0, usize::from(taken) % 8] {
        let mut left = name.labels();
        left.by_ref().take(taken).for_each(drop);
        let mut expected = labels.iter().skip(taken).map(Vec::as_slice);
        let mut from_right = left.clone().rev();
        assert!(left.eq(expected.clone()));
        assert!(from_right.by_ref().eq(expected.by_ref().rev()));
        assert_eq!(from_right.next(), None);
    }
}

/// Labels of any length, each behind its length.
fn from_labels(mut octets: &[u8]) {
    let mut labels: Labels = Vec::new();
    while let Some((&len, rest)) = octets.split_first().filter(|_| labels.len() < 140) {
        let (label, rest) = rest.split_at(rest.len().min(usize::from(len) % 66));
        labels.push(label.to_vec());
        octets = rest;
    }
    let mut expected = Ok(vec![0]);
    for (index, label) in labels.iter().enumerate() {
        expected = match label.len() {
            0 => Err(NameTextError::EmptyLabel),
            64.. => Err(NameTextError::LabelTooLong),
            _ if wire(&labels[..=index]).len() > 255 => Err(NameTextError::NameTooLong),
            _ => Ok(wire(&labels[..=index])),
        };
        if expected.is_err() {
            break;
        }
    }
    assert_eq!(NameBuf::from_labels(&labels).map(|name| name.as_octets().to_vec()), expected);
}
