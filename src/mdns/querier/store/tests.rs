use super::*;
use crate::mdns::{Config, QuerierStorage};
use crate::wire::{Checked, Class, Message, Section};
use std::boxed::Box;
use std::vec::Vec;
use std::{eprintln, format, fs, path::Path, println};

/// A message, and the octets of each of its records there: owner name as it stands, fixed fields, data as it stands.
fn records_and_sizes<'m>(message: &Checked<'m>, octets: &[u8]) -> Vec<(Record<'m>, usize)> {
    let word = |at: usize| usize::from(octets[at]) << 8 | usize::from(octets[at + 1]);
    let end_of_name = |mut at: usize| loop {
        match octets[at] {
            0 => return at + 1,
            0xC0.. => return at + 2,
            len => at += 1 + usize::from(len),
        }
    };
    let mut at = (0..word(4)).fold(12, |at, _| end_of_name(at) + 4);
    let records = message.records().map(|record| {
        let fixed = end_of_name(at);
        let end = fixed + 10 + word(fixed + 8);
        (record, end - core::mem::replace(&mut at, end))
    });
    records.collect()
}

/// Octets that the records of a response take in a cache of their own, and those that they take in the response; `None`
/// when there are none that could be kept.
fn kept_and_sent(octets: &[u8]) -> Option<(usize, usize)> {
    let message = Message::parse(octets).ok()?.check().ok()?;
    if !message.header().is_response() {
        return None;
    }
    let mut storage = Box::new(QuerierStorage::<1, 65_536>::new());
    let mut querier = Querier::new(&mut storage, Config::new(1));
    let (free, mut sent) = (querier.cache.free(), 0);
    for (record, octets) in records_and_sizes(&message, octets) {
        let could_be_kept = record.section() != Section::Authority
            && record.class() == Class::IN
            && !matches!(record.rtype(), Type::NSEC | Type::OPT);
        if !could_be_kept {
            continue;
        }
        let name = querier.cache.put_name(&record.name(), 0).unwrap();
        let Some(data) = querier.read(name, &record) else { continue };
        if querier.cache.find_record(name, record.rtype(), &data).is_none() {
            querier.try_to_store(&record, &data, record.ttl_secs(), 0, 0).unwrap();
            sent += octets;
        }
    }
    (sent > 0).then_some((free - querier.cache.free(), sent))
}

#[test]
fn records_take_at_most_seven_quarters_of_what_they_take_in_packets() {
    let Some(folder) = std::env::var_os("DOTLOCAL_CORPUS") else {
        eprintln!("skipped: DOTLOCAL_CORPUS names no folder with captured messages");
        return;
    };
    let mut ratios = Vec::new();
    let (mut all_kept, mut all_sent) = (0, 0);
    for file in ["mdns-captures", "mdns-fixtures", "mdns-iot"] {
        let container = fs::read(Path::new(&folder).join(format!("{file}.dnsc"))).unwrap();
        let mut rest = &container[..];
        while let Some((len, behind)) = rest.split_first_chunk() {
            let (octets, behind) = behind.split_at(u16::from_be_bytes(*len).into());
            rest = behind;
            if let Some((kept, sent)) = kept_and_sent(octets) {
                ratios.push(kept as f64 / sent as f64);
                (all_kept, all_sent) = (all_kept + kept, all_sent + sent);
            }
        }
    }
    ratios.sort_unstable_by(f64::total_cmp);
    let (count, average) = (ratios.len(), ratios.iter().sum::<f64>() / ratios.len() as f64);
    println!(
        "{count} responses: on average {average:.3} times what they take there, {:.3} to {:.3}; all together {:.3}",
        ratios[0],
        ratios[count - 1],
        f64::from(all_kept as u32) / f64::from(all_sent as u32),
    );
    assert!(count > 100 && average <= 1.75, "{average}");
}
