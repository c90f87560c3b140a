//! What the neighbours of a fuzzed machine say: of a responder's own names, mostly in its own words, or of what there is.

use std::net::SocketAddr;

use dotlocal::wire::{Class, Flags, Section, Type};

use crate::{Input, Seen, v4, v6};

/// Who sends.
pub fn source(input: &mut Input<'_>) -> SocketAddr {
    let (ip, port) = match input.byte() {
        0 => (v4(192, 0, 2, 9), 5353),
        1 => (v6(0xFE80, 9), 5353),
        2 => (v4(192, 0, 2, 9), 40_000),
        3 => (v6(0xFE80, 9), 40_000),
        4 => (v4(192, 0, 2, 7), 5353),
        5 => (v4(198, 51, 100, 9), 5353),
        6 => (v4(198, 51, 100, 9), 40_000),
        7 => (v4(192, 0, 2, 9), 0),
        // Many hosts, with their resolvers.
        last @ 8..64 => (v4(192, 0, 2, last), 5353),
        last @ 64..128 => (v4(192, 0, 2, last), 40_000),
        last => (v4(169, 254, 1, last), 5353),
    };
    SocketAddr::new(ip, port)
}

/// A message of which the input tells what is in it. `names`: those that the device may know; `said`: records that it has
/// sent, or that there are, the last one for the choice 0.
pub fn message(input: &mut Input<'_>, names: &[Vec<u8>], said: &[Seen]) -> Vec<u8> {
    let form = input.byte();
    let mut made = Made { octets: vec![0; 12], counts: [0; 4] };
    // More known answers follow (RFC 6762 section 7.2).
    let cut = if form & 0x80 == 0 { Flags(0) } else { Flags::TC };
    match form % 5 {
        0 => {
            let id = input.byte();
            for _ in 0..1 + input.byte() % 4 {
                made.question(input, names);
            }
            for _ in 0..input.byte() % 8 {
                made.record(input, Section::Answer, names, said);
            }
            made.finish(id.into(), cut)
        }
        1 => made.probe(input, names, said),
        2 => {
            for _ in 0..1 + input.byte() % 8 {
                made.record(input, Section::Answer, names, said);
            }
            made.finish(0, Flags::QR.with(Flags::AA).with(cut))
        }
        3 => {
            for _ in 0..input.byte() % 8 {
                made.record(input, Section::Answer, names, said);
            }
            made.finish(0, cut)
        }
        _ => {
            let (id, high, low) = (input.byte(), input.byte(), input.byte());
            for _ in 0..input.byte() % 4 {
                made.question(input, names);
            }
            for section in [Section::Answer, Section::Authority, Section::Additional] {
                for _ in 0..input.byte() % 4 {
                    made.record(input, section, names, said);
                }
            }
            made.finish(id.into(), Flags(u16::from_be_bytes([high, low])))
        }
    }
}

/// A response with these records.
pub fn response(records: &[Seen]) -> Vec<u8> {
    let mut made = Made { octets: vec![0; 12], counts: [0; 4] };
    records.iter().for_each(|record| made.put_record(Section::Answer, record));
    made.finish(0, Flags::QR.with(Flags::AA))
}

struct Made {
    octets: Vec<u8>,
    counts: [u16; 4],
}

impl Made {
    fn question(&mut self, input: &mut Input<'_>, names: &[Vec<u8>]) {
        let name = pick_name(input, names);
        let qtype = input.pick(&[
            Type::ANY,
            Type::A,
            Type::AAAA,
            Type::SRV,
            Type::TXT,
            Type::PTR,
            Type::NSEC,
            Type::HINFO,
            Type(0),
        ]);
        let class = input.pick(&[1, 0x8001, 255, 0x80FF, 3]);
        self.put_question(&name, qtype, class);
    }

    fn put_question(&mut self, name: &[u8], qtype: Type, class: u16) {
        self.counts[0] += 1;
        self.octets.extend([name, &qtype.0.to_be_bytes(), &class.to_be_bytes()].concat());
    }

    /// What the device said of a name, or nearly so, proposed by another.
    fn probe(mut self, input: &mut Input<'_>, names: &[Vec<u8>], said: &[Seen]) -> Vec<u8> {
        let name = pick_name(input, names);
        self.put_question(&name, Type::ANY, input.pick(&[0x8001, 1]));
        let how = input.byte();
        let mut proposed: Vec<Seen> =
            said.iter().filter(|seen| seen.name.eq_ignore_ascii_case(&name)).cloned().collect();
        if proposed.is_empty() {
            let (section, data) = (Some(Section::Authority), vec![192, 0, 2, how]);
            proposed.push(Seen { section, name, rtype: 1, class: 1, ttl: 120, data });
        }
        for mut record in proposed {
            record.class = Class::IN.0;
            change(&mut record, how);
            self.put_record(Section::Authority, &record);
        }
        self.finish(0, Flags(0))
    }

    /// A record that the device has sent, the last one for 0, changed a little or not at all.
    fn record(&mut self, input: &mut Input<'_>, section: Section, names: &[Vec<u8>], said: &[Seen]) {
        let latest = usize::from(input.byte()) % said.len().max(1);
        let mut record = said.iter().rev().nth(latest).cloned().unwrap_or_else(|| Seen {
            section: None,
            name: names[0].clone(),
            rtype: 1,
            class: 1,
            ttl: 120,
            data: vec![192, 0, 2, 99],
        });
        let how = input.byte();
        if how % 16 == 15 {
            record.name = pick_name(input, names);
        }
        change(&mut record, how);
        let half = record.ttl / 2;
        record.ttl =
            input.pick(&[record.ttl, 0, 1, half.saturating_sub(1), half, record.ttl * 2, u32::MAX, 10]);
        self.put_record(section, &record);
    }

    fn put_record(&mut self, section: Section, record: &Seen) {
        self.counts[1 + section as usize] += 1;
        let head = [record.rtype.to_be_bytes(), record.class.to_be_bytes()].concat();
        let len = (record.data.len() as u16).to_be_bytes();
        self.octets.extend([&record.name, &head, &record.ttl.to_be_bytes()[..], &len, &record.data].concat());
    }

    fn finish(mut self, id: u16, flags: Flags) -> Vec<u8> {
        let words = [id, flags.0, self.counts[0], self.counts[1], self.counts[2], self.counts[3]];
        self.octets[..12].copy_from_slice(words.map(u16::to_be_bytes).as_flattened());
        self.octets
    }
}

fn pick_name(input: &mut Input<'_>, names: &[Vec<u8>]) -> Vec<u8> {
    let byte = input.byte();
    let mut name = names[usize::from(byte & 0x7F) % names.len()].clone();
    if byte & 0x80 != 0 {
        name.make_ascii_uppercase();
    }
    name
}

/// Says something else about the same name: the same, later or earlier data, broken data, another type or class.
fn change(record: &mut Seen, how: u8) {
    let last = record.data.last_mut();
    match how % 16 {
        1 => last.into_iter().for_each(|last| *last = last.wrapping_add(1)),
        2 => last.into_iter().for_each(|last| *last = last.wrapping_sub(1)),
        3 => drop(record.data.pop()),
        4 => record.data.clear(),
        5 => (record.rtype, record.data) = (1, vec![255; 4]),
        6 => (record.rtype, record.data) = (1, vec![0; 4]),
        7 => record.class = record.class & 0x8000 | 3,
        8 => record.data.push(0),
        9 => record.data.make_ascii_uppercase(),
        10 => (record.rtype, record.data) = (13, b"\x01a\x01b".to_vec()),
        11 => record.data.first_mut().into_iter().for_each(|first| *first ^= 1),
        _ => {}
    }
    if how & 0x80 != 0 {
        record.class ^= 0x8000;
    }
}
