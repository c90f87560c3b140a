//! Replies that lie about where they come from.

use std::collections::{BTreeMap, BTreeSet};

use dotlocal::resolver::{Config, RequestId, ResolverStorage};
use dotlocal::{Channel, Disposition, Families};

use crate::lab::{Asked, FIRST, Lab, REPLY, SECOND};
use crate::support::octets::{Compression, encode};
use crate::support::{Msg, Q};

const FORGED: &str = "| ans cam.example 300 A 192.0.2.66";

fn asked() -> (Lab, RequestId, Asked) {
    let mut t = Lab::new(&[FIRST, SECOND]);
    let lookup = t.lookup("cam.example", Families::V4);
    let asked = t.asked_at(0, FIRST, "cam.example a");
    (t, lookup, asked)
}

// R-5452-2, N5
#[test]
fn a_reply_counts_only_with_our_id_and_our_question() {
    let lies: [fn(&mut Msg); 9] = [
        |message| message.id ^= 0x8000,
        |message| message.flags &= 0x7FFF,
        |message| message.flags |= 0x2800,
        |message| message.questions[0].name = "bank.example".parse().unwrap(),
        |message| message.questions[0].qtype = 28,
        |message| message.questions[0].class = 3,
        |message| message.questions[0].qu = true,
        |message| message.questions.clear(),
        |message| {
            let more = Q { name: "x.example".parse().unwrap(), ..message.questions[0].clone() };
            message.questions.push(more);
        },
    ];
    for lie in lies {
        let (mut t, lookup, asked) = asked();
        let mut message = asked.reply(REPLY, FORGED);
        lie(&mut message);
        assert!(matches!(t.reply(&asked, &message), Disposition::Ignored(_)), "{message}");
        assert_eq!((t.told(), t.resolver.wrong_replies()), (vec![], 1), "{message}");
        t.answer(&asked, "| ans cam.example 300 A 192.0.2.7");
        t.found(lookup, true, &["192.0.2.7"]);
    }
}

// R-5452-2, N5
#[test]
fn a_reply_counts_only_from_the_server_to_the_port_by_the_way_it_was_asked() {
    let (mut t, lookup, asked) = asked();
    let right = encode(&asked.reply(REPLY, FORGED), Compression::Suffixes);
    for (server, channel) in [
        ("198.51.100.66:53", asked.channel),
        (SECOND, asked.channel),
        ("192.0.2.1:5353", asked.channel),
        (FIRST, Channel::Udp(asked.port() ^ 1)),
        (FIRST, Channel::Tcp(asked.port())),
        (FIRST, Channel::Mdns),
        (FIRST, Channel::Udp(0)),
    ] {
        let disposition = t.hear(server.parse().unwrap(), channel, &right);
        assert!(matches!(disposition, Disposition::Ignored(_)), "{server} {channel:?}");
    }
    assert_eq!(t.told(), []);
    t.answer(&asked, "| ans cam.example 300 A 192.0.2.7");
    t.found(lookup, true, &["192.0.2.7"]);
    // Of a query that is over nothing is believed either.
    assert!(matches!(t.hear(asked.server, asked.channel, &right), Disposition::Ignored(_)));
}

// R-5452-2
#[test]
fn the_letters_of_the_question_come_back_as_they_went_out() {
    let mut t = Lab::new(&[FIRST]);
    let lookup = t.lookup("kitchen-camera.example", Families::V4);
    let asked = t.asked_at(0, FIRST, "kitchen-camera.example a");
    let upper = asked.name().chars().filter(|letter| letter.is_ascii_uppercase()).count();
    assert!((3..=18).contains(&upper), "{}", asked.name());
    // The server has changed the case: it is asked anew, with another id, port and all letters small.
    let mut reply = asked.reply(REPLY, "| ans kitchen-camera.example 300 A 192.0.2.66");
    reply.questions[0].name = "kitchen-camera.example".parse().unwrap();
    t.at(10).reply(&asked, &reply);
    let again = t.asked_at(10, FIRST, "kitchen-camera.example a");
    assert_eq!(again.name(), "kitchen-camera.example");
    assert!(again.message.id != asked.message.id && again.channel != asked.channel);
    let mut reply = again.reply(REPLY, "| ans kitchen-camera.example 300 A 192.0.2.7");
    reply.questions[0].name = "KITCHEN-camera.example".parse().unwrap();
    t.reply(&again, &reply);
    t.found(lookup, true, &["192.0.2.7"]);
    // That is remembered of the server.
    t.lookup("door.example", Families::V4);
    assert_eq!(t.sent()[0].name(), "door.example");
    // And nobody need have it.
    let config = Config::new().mixes_case(false);
    let mut t = Lab::with(ResolverStorage::<3, 4, 4096>::new(), config, &[FIRST], 7);
    t.lookup("Door.example", Families::V4);
    assert_eq!(t.sent()[0].name(), "Door.example");
}

/// An answer to `asked` in small letters.
fn in_small_letters(asked: &Asked, address: &str) -> Msg {
    let name = asked.name().to_lowercase();
    let mut reply = asked.reply(REPLY, &format!("| ans {name} 300 A {address}"));
    reply.questions[0].name = name.parse().unwrap();
    reply
}

// R-5452-2
#[test]
fn letters_that_a_server_keeps_are_not_left_out_for_one_reply_without_them() {
    let mut t = Lab::new(&[FIRST]);
    let lookup = t.lookup("kitchen-camera.example", Families::V4);
    let asked = t.asked_at(0, FIRST, "kitchen-camera.example a");
    t.answer(&asked, "| ans kitchen-camera.example 300 A 192.0.2.7");
    t.found(lookup, true, &["192.0.2.7"]);
    let lookup = t.lookup("front-door.example", Families::V4);
    let asked = t.asked_at(0, FIRST, "front-door.example a");
    // A forger who has guessed id and port has the letters yet to guess.
    let forged = in_small_letters(&asked, "192.0.2.66");
    assert!(matches!(t.reply(&asked, &forged), Disposition::Ignored(_)));
    assert_eq!((t.resolver.wrong_replies(), t.told(), t.sent().len()), (1, vec![], 0));
    t.answer(&asked, "| ans front-door.example 300 A 192.0.2.8");
    t.found(lookup, true, &["192.0.2.8"]);
    // Behind that address there may be another server by now, which is told by its silence to what it was asked.
    let lookup = t.lookup("garden-gate.example", Families::V4);
    let asked = t.asked_at(0, FIRST, "garden-gate.example a");
    t.reply(&asked, &in_small_letters(&asked, "192.0.2.9"));
    let again = t.asked_at(250, FIRST, "garden-gate.example a");
    assert_ne!(again.name(), "garden-gate.example");
    t.reply(&again, &in_small_letters(&again, "192.0.2.9"));
    let without = t.asked_at(250, FIRST, "garden-gate.example a");
    assert_eq!(without.name(), "garden-gate.example");
    t.reply(&without, &in_small_letters(&without, "192.0.2.9"));
    t.found(lookup, true, &["192.0.2.9"]);
}

// R-5452-2
#[test]
fn small_letters_that_come_back_do_not_show_that_a_server_keeps_capital_ones() {
    // Nothing but zeros is drawn for the letters of the first question.
    let mut drawn = 0;
    let random = Box::leak(Box::new(move || {
        drawn += 1;
        if drawn == 1 { 0 } else { 0x1234_8000 + 77 * drawn }
    }));
    let mut t = Lab::drawing(ResolverStorage::<1, 2, 1024>::new(), Config::new(), &[FIRST], random);
    t.lookup("cam.example", Families::V4);
    let asked = t.asked_at(0, FIRST, "cam.example a");
    assert_eq!(asked.name(), "cam.example");
    t.reply(&asked, &in_small_letters(&asked, "192.0.2.7"));
    t.lookup("door.example", Families::V4);
    let asked = t.asked_at(0, FIRST, "door.example a");
    assert_ne!(asked.name(), "door.example");
    assert_eq!(t.reply(&asked, &in_small_letters(&asked, "192.0.2.8")), Disposition::Used);
    assert_eq!(t.asked_at(0, FIRST, "door.example a").name(), "door.example");
}

fn draws(count: usize) -> Vec<Asked> {
    let mut t = Lab::new(&[FIRST]);
    (0..count)
        .map(|_| {
            let lookup = t.lookup("abcdefgh.example", Families::V4);
            let asked = t.sent().remove(0);
            t.resolver.cancel(lookup);
            t.drain();
            asked
        })
        .collect()
}

// R-5452-1, N4
#[test]
fn ids_ports_and_letters_are_drawn_anew_for_each_query() {
    let asked = draws(10_000);
    let ids: BTreeSet<_> = asked.iter().map(|asked| asked.message.id).collect();
    let ports: BTreeSet<_> = asked.iter().map(Asked::port).collect();
    // Of 10,000 draws out of 65,536 some 9,277 differ; of 64,511 some 9,266.
    assert!((9_150..9_400).contains(&ids.len()), "{}", ids.len());
    assert!((9_150..9_400).contains(&ports.len()), "{}", ports.len());
    assert!(ports.iter().all(|port| *port >= 1_024 && *port != 5_353));
    // No step is more frequent than others, in any of them and between them.
    for series in [
        asked.iter().map(|asked| asked.message.id).collect::<Vec<_>>(),
        asked.iter().map(Asked::port).collect(),
        asked.iter().map(|asked| asked.message.id ^ asked.port()).collect(),
    ] {
        let mut steps = BTreeMap::new();
        for pair in series.windows(2) {
            *steps.entry(pair[1].wrapping_sub(pair[0])).or_insert(0) += 1;
        }
        assert!(steps.values().all(|&count| count <= 5), "{:?}", steps.values().max());
        for bit in 0..16 {
            let set = series.iter().filter(|word| **word >> bit & 1 == 1).count();
            assert!((4_700..5_300).contains(&set), "bit {bit}: {set}");
        }
    }
    let cases: BTreeSet<_> = asked.iter().map(Asked::name).collect();
    // 15 letters: 32,768 cases.
    assert!((8_400..8_800).contains(&cases.len()), "{}", cases.len());
}

// R-5452-1
#[test]
fn no_two_open_queries_have_one_port() {
    let mut drawn = 0;
    let random = Box::leak(Box::new(move || {
        drawn += 1;
        // The first seven numbers are those of case, id and port, and cookie of one query, and two draws of the next one.
        if drawn <= 7 { 0x1234_8000 } else { 0x1234_8000 + drawn }
    }));
    let mut t = Lab::drawing(ResolverStorage::<1, 2, 1024>::new(), Config::new(), &[FIRST], random);
    t.lookup("cam.example", Families::Both);
    let ports: Vec<_> = t.sent().iter().map(Asked::port).collect();
    assert_eq!(ports, [0x8000, 0x8008]);
}

// R-5452-4
#[test]
fn wrong_replies_are_counted_and_some_of_them_lead_to_tcp() {
    let mut t = Lab::new(&[FIRST]);
    let lookup = t.lookup("cam.example", Families::V4);
    let asked = t.asked_at(0, FIRST, "cam.example a");
    let guess = |id: u16| {
        let mut message = asked.reply(REPLY, FORGED);
        message.id = asked.message.id.wrapping_add(id);
        message
    };
    for id in 1..8 {
        t.reply(&asked, &guess(id));
    }
    assert!(t.sent().is_empty());
    t.reply(&asked, &guess(8));
    assert_eq!(t.resolver.wrong_replies(), 8);
    let by_tcp = t.asked_at(0, FIRST, "cam.example a");
    assert!(by_tcp.by_tcp());
    // The right guess comes too late.
    assert!(matches!(t.reply(&asked, &guess(0)), Disposition::Ignored(_)));
    t.answer(&by_tcp, "| ans cam.example 300 A 192.0.2.7");
    t.found(lookup, true, &["192.0.2.7"]);
}

// R-5452-4
#[test]
fn without_tcp_a_query_under_attack_is_drawn_anew_when_its_time_has_come() {
    let mut t = Lab::with(ResolverStorage::<3, 4, 4096>::new(), Config::new(), &[FIRST], 7);
    let lookup = t.lookup("cam.example", Families::V4);
    let mut sent = vec![t.asked_at(0, FIRST, "cam.example a")];
    for round in 0..2 {
        let asked = sent.last().unwrap().clone();
        for id in 1..=500_u16 {
            let mut message = asked.reply(REPLY, FORGED);
            message.id = asked.message.id.wrapping_add(id);
            t.reply(&asked, &message);
        }
        assert_eq!(t.resolver.wrong_replies(), 8 * (round + 1));
        // The forger has the right one at last, and nobody listens.
        t.reply(&asked, &asked.reply(REPLY, FORGED));
        assert_eq!(t.told(), []);
        let at = [1_000, 3_000][round as usize];
        let again = t.asked_at(at, FIRST, "cam.example a");
        assert!(again.message.id != asked.message.id && again.channel != asked.channel);
        sent.push(again);
    }
    let asked = sent.last().unwrap().clone();
    t.answer(&asked, "| ans cam.example 300 A 192.0.2.7");
    t.found(lookup, true, &["192.0.2.7"]);
}

#[test]
fn a_driver_without_ports_to_choose_is_told_none() {
    let config = Config::new().chooses_ports(false);
    let mut t = Lab::with(ResolverStorage::<3, 4, 4096, 512>::new(), config, &[FIRST], 7);
    let lookup = t.lookup("cam.example", Families::V4);
    let asked = t.asked_at(0, FIRST, "cam.example a");
    assert_eq!(asked.channel, Channel::Udp(0));
    t.answer(&asked, "| ans cam.example 300 A 192.0.2.7");
    t.found(lookup, true, &["192.0.2.7"]);
    // Connections have numbers all the same.
    t.lookup("door.example", Families::V4);
    let asked = t.asked_at(0, FIRST, "door.example a");
    t.reply(&asked, &asked.reply(REPLY | 0x0200, ""));
    assert!(t.asked_at(0, FIRST, "door.example a").port() >= 1_024);
}
