//! EDNS: the payload size, servers that do not know it, cookies.

use dotlocal::resolver::{Config, Failure, ResolverStorage};
use dotlocal::wire::Rcode;
use dotlocal::{Disposition, Families};

use crate::lab::{Asked, FIRST, Lab, REPLY, cookie, opt};

fn ask(t: &mut Lab, name: &str) -> Asked {
    t.lookup(name, Families::V4);
    t.asked_at(t.now, FIRST, &format!("{name} a"))
}

// E-7-1
#[test]
fn a_server_that_does_not_know_edns_is_asked_without_it_once_and_from_then_on() {
    for rcode in [Rcode::FORMERR, Rcode::NOTIMP] {
        // With the question, and as old servers do it without.
        for has_question in [true, false] {
            let mut t = Lab::new(&[FIRST]);
            let asked = ask(&mut t, "cam.example");
            assert_eq!(asked.payload_size(), Some(1_232));
            let mut reply = asked.reply(REPLY | rcode.0, "");
            if !has_question {
                reply.questions.clear();
            }
            t.at(10).reply(&asked, &reply);
            let again = t.asked_at(10, FIRST, "cam.example a");
            assert_eq!(again.payload_size(), None);
            assert!((again.message.id, again.channel) != (asked.message.id, asked.channel));
            t.answer(&again, "| ans cam.example 300 A 192.0.2.7");
            assert_eq!(ask(&mut t, "door.example").payload_size(), None);
        }
    }
}

// R-5452-2
#[test]
fn a_reply_without_the_question_may_say_that_it_was_not_understood_and_nothing_else() {
    for (rcode, text, counts) in [
        (Rcode::FORMERR, "", true),
        (Rcode::NOTIMP, "", true),
        (Rcode::NOERROR, "| ans cam.example 300 A 192.0.2.66", false),
        (Rcode::NXDOMAIN, "", false),
        (Rcode::FORMERR, "| ans cam.example 300 A 192.0.2.66", false),
    ] {
        let mut t = Lab::new(&[FIRST]);
        let asked = ask(&mut t, "cam.example");
        let mut reply = asked.reply(REPLY | rcode.0, text);
        reply.questions.clear();
        let used = t.reply(&asked, &reply) == Disposition::Used;
        assert_eq!((used, t.sent().len()), (counts, usize::from(counts)), "{rcode}");
        assert_eq!(t.told(), []);
    }
}

// E-7-1
#[test]
fn a_version_that_is_not_known_counts_as_no_edns() {
    let mut t = Lab::new(&[FIRST]);
    let asked = ask(&mut t, "cam.example");
    let mut reply = asked.reply(REPLY, "");
    reply.records.push(opt(1 << 24, &[]));
    t.reply(&asked, &reply);
    assert_eq!(t.asked_at(0, FIRST, "cam.example a").payload_size(), None);
}

// E-7-1
#[test]
fn a_server_that_is_silent_to_edns_is_asked_without_it() {
    let mut t = Lab::new(&[FIRST]);
    t.lookup("cam.example", Families::V4);
    let sizes: Vec<_> = t.at(4_999).sent().iter().map(Asked::payload_size).collect();
    assert_eq!(sizes, [Some(1_232), Some(1_232), None]);
    let asked = {
        let mut t = Lab::new(&[FIRST]);
        t.lookup("cam.example", Families::V4);
        let without = t.at(3_000).sent().remove(2);
        t.answer(&without, "| ans cam.example 300 A 192.0.2.7");
        ask(&mut t, "door.example")
    };
    // It answers without: that is remembered.
    assert_eq!(asked.payload_size(), None);
    // One that has answered with it was lost in the air.
    let mut t = Lab::new(&[FIRST]);
    let asked = ask(&mut t, "cam.example");
    let mut reply = asked.reply(REPLY, "| ans cam.example 300 A 192.0.2.7");
    reply.records.push(opt(0, &[]));
    t.reply(&asked, &reply);
    t.lookup("door.example", Families::V4);
    let sizes: Vec<_> = t.at(4_999).sent().iter().map(Asked::payload_size).collect();
    assert!(sizes.len() > 3 && sizes.iter().all(|size| *size == Some(1_232)), "{sizes:?}");
}

// E-7-1
#[test]
fn a_server_that_does_not_know_edns_any_more_is_found_out() {
    let answer = |t: &mut Lab, asked: &Asked, has_edns: bool| {
        let name = asked.name().to_lowercase();
        let mut reply = asked.reply(REPLY, &format!("| ans {name} 300 A 192.0.2.7"));
        reply.records.extend(has_edns.then(|| opt(0, &[])));
        t.reply(asked, &reply);
    };
    // After an outage it still does; or it is another one behind the same address.
    for still_does in [true, false] {
        let mut t = Lab::new(&[FIRST]);
        let asked = ask(&mut t, "cam.example");
        answer(&mut t, &asked, true);
        t.resolver.lookup("door.example", Families::V4, 60_000).unwrap();
        let sent = t.at(8_000).sent();
        let sizes: Vec<_> = sent.iter().map(Asked::payload_size).collect();
        assert!(
            sizes.len() == 6 && sizes[..5].iter().all(Option::is_some) && sizes[5].is_none(),
            "{sizes:?}"
        );
        answer(&mut t, &sent[5], false);
        let asked = ask(&mut t, "gate.example");
        assert!(asked.payload_size().is_some());
        if still_does {
            answer(&mut t, &asked, true);
        } else {
            let sent = t.at(t.now + 1_000).sent();
            assert!(sent[1].payload_size().is_none());
            answer(&mut t, &sent[1], false);
        }
        assert_eq!(ask(&mut t, "hall.example").payload_size().is_some(), still_does);
    }
}

// E-7-1
#[test]
fn an_answer_with_edns_counts_when_it_is_asked_without_by_then() {
    let mut t = Lab::new(&[FIRST]);
    let lookup = t.lookup("cam.example", Families::V4);
    let asked = t.asked_at(0, FIRST, "cam.example a");
    // The way there and back takes longer than two waits.
    assert_eq!(t.at(3_100).sent().last().unwrap().payload_size(), None);
    let mut reply = asked.reply(REPLY, "| ans cam.example 300 A 192.0.2.7");
    reply.records.push(opt(0, &cookie(&[asked.cookie().as_slice(), b"theirs01"].concat())));
    t.reply(&asked, &reply);
    t.found(lookup, true, &["192.0.2.7"]);
    assert!(ask(&mut t, "door.example").cookie().ends_with(b"theirs01"));
}

// E-7-1
#[test]
fn a_format_error_of_a_server_that_knows_edns_is_one() {
    let mut t = Lab::new(&[FIRST]);
    let lookup = t.lookup("cam.example", Families::V4);
    let asked = t.asked_at(0, FIRST, "cam.example a");
    let mut reply = asked.reply(REPLY | 1, "");
    reply.records.push(opt(0, &[]));
    t.reply(&asked, &reply);
    t.failed(lookup, Failure::ServerFailure(Rcode::FORMERR));
}

#[test]
fn the_payload_size_is_what_the_driver_can_take() {
    for (given, sent) in [(4_096, 4_096), (100, 512)] {
        let config = Config::new().payload_size(given);
        let mut t = Lab::with(ResolverStorage::<3, 4, 4096>::new(), config, &[FIRST], 7);
        assert_eq!(ask(&mut t, "cam.example").payload_size(), Some(sent));
    }
}

// E-6.1-2
#[test]
fn a_reply_with_two_opt_records_or_a_misplaced_one_is_ignored() {
    let mut t = Lab::new(&[FIRST]);
    let lookup = t.lookup("cam.example", Families::V4);
    let asked = t.asked_at(0, FIRST, "cam.example a");
    let mut twice = asked.reply(REPLY, "| ans cam.example 300 A 192.0.2.66");
    twice.records.extend([opt(0, &[]), opt(0, &[])]);
    assert!(matches!(t.reply(&asked, &twice), Disposition::Ignored(_)));
    let mut misplaced = asked.reply(REPLY, "| ans cam.example 300 A 192.0.2.66");
    misplaced.records.insert(0, (crate::support::Section::Answer, opt(0, &[]).1));
    assert!(matches!(t.reply(&asked, &misplaced), Disposition::Ignored(_)));
    assert_eq!(t.resolver.wrong_replies(), 2);
    t.answer(&asked, "| ans cam.example 300 A 192.0.2.7");
    t.found(lookup, true, &["192.0.2.7"]);
}

// E-7873-1
#[test]
fn cookies_are_sent_kept_for_each_server_and_held_against_replies() {
    let mut t = Lab::new(&[FIRST]);
    let lookup = t.lookup("cam.example", Families::V4);
    let asked = t.asked_at(0, FIRST, "cam.example a");
    let ours = asked.cookie();
    assert_eq!(ours.len(), 8);
    let reply = |address: &str, octets: &[u8]| {
        let mut reply = asked.reply(REPLY, &format!("| ans cam.example 300 A {address}"));
        reply.records.push(opt(0, &cookie(octets)));
        reply
    };
    // Another client cookie: not from whom we asked.
    let wrong = t.reply(&asked, &reply("192.0.2.66", b"wrongone87654321"));
    assert!(matches!(wrong, Disposition::Ignored(_)));
    assert_eq!((t.told(), t.resolver.wrong_replies()), (vec![], 1));
    t.reply(&asked, &reply("192.0.2.7", &[ours.as_slice(), b"theirs01"].concat()));
    t.found(lookup, true, &["192.0.2.7"]);
    // The server's comes back to it, and to no other one.
    let asked = ask(&mut t, "door.example");
    assert_eq!(asked.cookie(), [ours.as_slice(), b"theirs01"].concat());
    let second = "192.0.2.2:53";
    t.resolver.set_servers(&[second.parse().unwrap()]).unwrap();
    let asked = t.asked_at(0, second, "door.example a");
    assert!(asked.cookie().len() == 8 && asked.cookie() != ours);
}

// E-7873-1
#[test]
fn a_reply_without_a_cookie_is_none_of_a_server_that_has_sent_one() {
    let mut t = Lab::new(&[FIRST]);
    let asked = ask(&mut t, "cam.example");
    let mut reply = asked.reply(REPLY, "| ans cam.example 300 A 192.0.2.7");
    reply.records.push(opt(0, &cookie(&[asked.cookie().as_slice(), b"theirs01"].concat())));
    t.reply(&asked, &reply);
    t.told();
    let lookup = t.lookup("door.example", Families::V4);
    let asked = t.asked_at(0, FIRST, "door.example a");
    let forged = "| ans door.example 300 A 192.0.2.66";
    assert!(matches!(t.answer(&asked, forged), Disposition::Ignored(_)));
    assert_eq!((t.told(), t.resolver.wrong_replies()), (vec![], 1));
    // After a silence it may be another server behind that address.
    let again = t.asked_at(250, FIRST, "door.example a");
    assert_eq!(again.cookie().len(), 8);
    t.answer(&again, "| ans door.example 300 A 192.0.2.8");
    t.found(lookup, true, &["192.0.2.8"]);
}

// E-7873-1
#[test]
fn a_server_that_wants_its_cookie_gets_it_once() {
    let mut t = Lab::new(&[FIRST]);
    let lookup = t.lookup("cam.example", Families::V4);
    let asked = t.asked_at(0, FIRST, "cam.example a");
    let bad = |asked: &Asked| {
        let mut reply = asked.reply(REPLY | 7, "");
        reply.records.push(opt(1 << 24, &cookie(&[&asked.cookie()[..8], b"theirs01"].concat())));
        reply
    };
    t.reply(&asked, &bad(&asked));
    let again = t.asked_at(0, FIRST, "cam.example a");
    assert!(again.cookie().ends_with(b"theirs01") && !again.by_tcp());
    // A second time: TCP needs none.
    t.reply(&again, &bad(&again));
    let by_tcp = t.asked_at(0, FIRST, "cam.example a");
    assert!(by_tcp.by_tcp());
    t.answer(&by_tcp, "| ans cam.example 300 A 192.0.2.7");
    t.found(lookup, true, &["192.0.2.7"]);
}

// E-7873-1
#[test]
fn a_server_that_likes_no_cookie_has_failed_where_there_is_no_tcp() {
    let mut t = Lab::with(ResolverStorage::<3, 4, 4096>::new(), Config::new(), &[FIRST], 7);
    let lookup = t.lookup("cam.example", Families::V4);
    for _ in 0..2 {
        let asked = t.asked_at(0, FIRST, "cam.example a");
        let mut reply = asked.reply(REPLY | 7, "");
        reply.records.push(opt(1 << 24, &cookie(&[&asked.cookie()[..8], b"theirs01"].concat())));
        t.reply(&asked, &reply);
    }
    t.failed(lookup, Failure::ServerFailure(Rcode::BADCOOKIE));
}
