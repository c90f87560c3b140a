//! Every decoder and builder does its work, and the floor and dotlocal refuse the same broken messages.

use dotlocal_peers::decode::{floor, ours};
use dotlocal_peers::{corpus, tasks};

#[test]
fn all_do_the_same_work() {
    assert!(tasks::all().is_ok_and(|tasks| tasks.len() > 100));
}

#[test]
fn the_floors_agree() {
    for sample in corpus::samples() {
        let octets = sample.octets();
        assert_eq!(floor::sum(&octets), floor::sum_by_labels(&octets), "{}", sample.name);
    }
}

/// Types of the crate that the work leaves out, so that their data is typed for one of the two only; and service
/// bindings, whose values only the crate looks at, and whose alias form it leaves unread.
fn is_typed_by_one(octets: &[u8]) -> bool {
    use dotlocal::wire::{Message, Type};
    let more = [
        Type::MD,
        Type::MF,
        Type::MB,
        Type::MG,
        Type::MR,
        Type::HINFO,
        Type::MINFO,
        Type::RP,
        Type::AFSDB,
        Type::NAPTR,
        Type::DNAME,
        Type::SVCB,
        Type::HTTPS,
        Type::URI,
        Type::CAA,
    ];
    let records = Message::parse(octets).map(|message| message.records());
    records.is_ok_and(|mut records| {
        records.any(|record| record.is_ok_and(|record| more.contains(&record.rtype())))
    })
}

fn both_take_it_the_same(octets: &[u8], what: &dyn Fn() -> String) {
    assert_eq!(ours::check(octets), floor::check(octets), "{}", what());
    if is_typed_by_one(octets) {
        return;
    }
    assert_eq!(ours::sum(octets), floor::sum(octets), "{}", what());
    assert_eq!(floor::sum_by_labels(octets), floor::sum(octets), "{}", what());
}

#[test]
fn broken_messages_are_refused_by_both() {
    for sample in corpus::samples() {
        let mut octets = sample.octets();
        let step = 1 + octets.len() / 300;
        for at in (0..octets.len()).step_by(step) {
            both_take_it_the_same(&octets[..at], &|| format!("{} cut at {at}", sample.name));
            let was = octets[at];
            for is in [0, 1, 12, 0x3F, 0x40, 0xBF, 0xC0, 0xC1, 0xFF, was ^ 1, was ^ 0x80, was.wrapping_add(3)]
            {
                octets[at] = is;
                both_take_it_the_same(&octets, &|| format!("{} with {is:#x} at {at}", sample.name));
            }
            octets[at] = was;
        }
    }
}

/// A message of one record with a name of four labels, and a question whose name has a label and a pointer to it.
fn two_names(lengths: [u8; 5]) -> Vec<u8> {
    let label = |len: u8| [&[len], vec![b'a'; len.into()].as_slice()].concat();
    let [first, others @ ..] = lengths;
    let others = others.map(label).concat();
    let question = [others.as_slice(), &[0, 0, 1, 0, 1]].concat();
    // MX with the preference 10.
    let record =
        [&[0, 15, 0, 1, 0, 0, 0, 9, 0, first + 5, 0, 10], label(first).as_slice(), &[0xC0, 12]].concat();
    [&[0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0], question.as_slice(), &[0xC0, 12], &record].concat()
}

#[test]
fn names_end_at_their_limit_in_both() {
    let longest = two_names([31, 61, 52, 52, 53]);
    assert!(floor::sum(&longest).is_some());
    assert_eq!(floor::sum(&two_names([32, 61, 52, 52, 53])), None);
    for lengths in [[1, 63, 63, 63, 61], [1, 63, 63, 63, 62], [31, 61, 52, 52, 53], [32, 61, 52, 52, 53]] {
        both_take_it_the_same(&two_names(lengths), &|| format!("{lengths:?}"));
    }
    for end in 0..longest.len() {
        both_take_it_the_same(&longest[..end], &|| format!("cut at {end}"));
    }
}
