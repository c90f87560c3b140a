//! TCP, for answers that do not fit a datagram.

use dotlocal::resolver::{Config, Failure, ResolverStorage};
use dotlocal::wire::Type;
use dotlocal::{Channel, Disposition, Families};

use crate::lab::{Asked, FIRST, Lab, REPLY, SECOND, TC};
use crate::support::octets::{Compression, encode};

fn truncated(t: &mut Lab) -> (dotlocal::resolver::RequestId, Asked) {
    let lookup = t.lookup("cam.example", Families::V4);
    let asked = t.asked_at(t.now, FIRST, "cam.example a");
    t.reply(&asked, &asked.reply(REPLY | TC, "| ans cam.example 300 A 192.0.2.66"));
    assert_eq!(t.told(), []);
    (lookup, t.asked_at(t.now, FIRST, "cam.example a"))
}

// R-7766-1
#[test]
fn a_truncated_answer_is_asked_for_by_tcp_and_not_used() {
    let mut t = Lab::new(&[FIRST]);
    let (lookup, asked) = truncated(&mut t);
    assert!(asked.by_tcp());
    assert_eq!(t.resolver.channels().collect::<Vec<_>>(), [(asked.server, asked.channel)]);
    t.at(50).answer(&asked, "| ans cam.example 300 A 192.0.2.7, cam.example 300 A 192.0.2.8");
    t.found(lookup, true, &["192.0.2.7", "192.0.2.8"]);
    assert_eq!(t.resolver.channels().count(), 0);
}

// D-4.2-1
#[test]
fn an_answer_by_tcp_comes_in_pieces_of_any_size() {
    for size in [1, 2, 3, 7, 1_000] {
        let mut t = Lab::new(&[FIRST]);
        let (lookup, asked) = truncated(&mut t);
        let message = encode(&asked.reply(REPLY, "| ans cam.example 300 A 192.0.2.7"), Compression::Suffixes);
        let stream = [&(message.len() as u16).to_be_bytes(), message.as_slice()].concat();
        for piece in stream.chunks(size) {
            assert_eq!(t.told(), []);
            assert_eq!(t.hear_octets(asked.server, asked.channel, piece), Disposition::Used);
        }
        t.found(lookup, true, &["192.0.2.7"]);
    }
}

// R-7766-1
#[test]
fn where_tcp_does_not_work_what_udp_brings_is_used() {
    let mut t = Lab::new(&[FIRST]);
    let (lookup, asked) = truncated(&mut t);
    t.at(20).refuse(&asked);
    let asked = t.asked_at(20, FIRST, "cam.example a");
    assert!(!asked.by_tcp());
    t.reply(&asked, &asked.reply(REPLY | TC, "| ans cam.example 300 A 192.0.2.7"));
    t.found(lookup, true, &["192.0.2.7"]);
    // Nor is there any without octets for it.
    let mut t = Lab::with(ResolverStorage::<3, 4, 4096>::new(), Config::new(), &[FIRST], 7);
    let lookup = t.lookup("cam.example", Families::V4);
    let asked = t.asked_at(0, FIRST, "cam.example a");
    t.reply(&asked, &asked.reply(REPLY | TC, "| ans cam.example 300 A 192.0.2.7"));
    t.found(lookup, true, &["192.0.2.7"]);
    // Without a word in it, it is none.
    let lookup = t.lookup("door.example", Families::V4);
    let asked = t.asked_at(0, FIRST, "door.example a");
    t.reply(&asked, &asked.reply(REPLY | TC, ""));
    t.failed(lookup, Failure::Truncated);
    // That is remembered for some seconds.
    let again = t.lookup("door.example", Families::V4);
    t.failed(again, Failure::Truncated);
}

#[test]
fn a_connection_that_is_cut_or_slow_is_given_up() {
    // Cut in the middle.
    let mut t = Lab::new(&[FIRST]);
    let (lookup, asked) = truncated(&mut t);
    t.hear_octets(asked.server, asked.channel, &[0, 60, 1, 2, 3]);
    t.refuse(&asked);
    let asked = t.asked_at(0, FIRST, "cam.example a");
    t.reply(&asked, &asked.reply(REPLY, "| ans cam.example 300 A 192.0.2.7"));
    t.found(lookup, true, &["192.0.2.7"]);
    // An octet a second.
    let mut t = Lab::new(&[FIRST]);
    let lookup = t.resolver.lookup("cam.example", Families::V4, 30_000).unwrap();
    let asked = t.asked_at(0, FIRST, "cam.example a");
    t.reply(&asked, &asked.reply(REPLY | TC, ""));
    let asked = t.asked_at(0, FIRST, "cam.example a");
    for second in 1..4 {
        t.at(second * 1_000).hear_octets(asked.server, asked.channel, &[1]);
    }
    let again = t.asked_at(4_000, FIRST, "cam.example a");
    assert!(!again.by_tcp());
    // What comes of it now is nobody's.
    assert!(matches!(t.hear_octets(asked.server, asked.channel, &[1]), Disposition::Ignored(_)));
    t.resolver.cancel(lookup);
}

// R-7766-1
#[test]
fn a_connection_takes_half_of_the_time_at_most_where_that_is_short() {
    let mut t = Lab::new(&[FIRST]);
    let lookup = t.resolver.lookup("cam.example", Families::V4, 1_100).unwrap();
    let patient = t.resolver.lookup("cam.example", Families::V4, 2_100).unwrap();
    let asked = t.asked_at(0, FIRST, "cam.example a");
    t.at(100).reply(&asked, &asked.reply(REPLY | TC, ""));
    assert!(t.asked_at(100, FIRST, "cam.example a").by_tcp());
    // Half of what the one has who waits longest.
    let asked = t.asked_at(1_100, FIRST, "cam.example a");
    t.told();
    t.reply(&asked, &asked.reply(REPLY | TC, "| ans cam.example 300 A 192.0.2.7"));
    t.found(patient, true, &["192.0.2.7"]);
    assert_eq!(t.addresses(lookup).len(), 0);
}

#[test]
fn a_stream_that_does_not_answer_is_given_up() {
    let answers: [fn(&Asked) -> Vec<u8>; 4] = [
        // Another id.
        |asked| {
            let mut reply = asked.reply(REPLY, "| ans cam.example 300 A 192.0.2.66");
            reply.id ^= 1;
            encode(&reply, Compression::None)
        },
        // Another question.
        |asked| {
            let mut reply = asked.reply(REPLY, "| ans cam.example 300 A 192.0.2.66");
            reply.questions[0].qtype = 28;
            encode(&reply, Compression::None)
        },
        // No message.
        |_| vec![1, 2, 3],
        // Records that are counted and not there.
        |asked| {
            let mut octets =
                encode(&asked.reply(REPLY, "| ans cam.example 300 A 192.0.2.66"), Compression::None);
            octets.truncate(octets.len() - 1);
            octets
        },
    ];
    for answer in answers {
        let mut t = Lab::new(&[FIRST]);
        let (_, asked) = truncated(&mut t);
        assert!(matches!(t.hear(asked.server, asked.channel, &answer(&asked)), Disposition::Ignored(_)));
        assert_eq!(t.told(), []);
        assert!(!t.asked_at(0, FIRST, "cam.example a").by_tcp());
    }
}

#[test]
fn an_answer_that_is_longer_than_its_room_is_told_with_its_length() {
    let mut t = Lab::new(&[FIRST]);
    let (lookup, asked) = truncated(&mut t);
    t.hear_octets(asked.server, asked.channel, &[0x08]);
    t.hear_octets(asked.server, asked.channel, &[0x01]);
    t.failed(lookup, Failure::TooLong { octets: 2_049 });
    assert!(Failure::TooLong { octets: 2_049 }.to_string().contains("STREAM"));
    assert_eq!(t.resolver.channels().count(), 0);
    t.silent_until(10_000);
}

#[test]
fn answers_by_tcp_are_put_together_one_at_a_time() {
    let mut t = Lab::new(&[FIRST]);
    let mut requests = Vec::new();
    for name in ["a.example", "b.example"] {
        requests.push(t.records(name, Type::TXT));
    }
    for asked in t.sent() {
        t.reply(&asked, &asked.reply(REPLY | TC, ""));
    }
    let first = t.asked_at(0, FIRST, "a.example txt");
    t.silent_until(30);
    t.answer(&first, "| ans a.example 300 TXT \"a\"");
    let second = t.asked_at(30, FIRST, "b.example txt");
    assert!(first.by_tcp() && second.by_tcp() && first.channel != second.channel);
    // A cancelled one leaves the way free, too.
    t.resolver.cancel(requests[1]);
    t.told();
    assert_eq!(t.resolver.channels().count(), 0);
    let request = t.records("c.example", Type::TXT);
    let asked = t.asked_at(30, FIRST, "c.example txt");
    t.reply(&asked, &asked.reply(REPLY | TC, ""));
    let asked = t.asked_at(30, FIRST, "c.example txt");
    t.answer(&asked, "| ans c.example 300 TXT \"c\"");
    assert_eq!(t.resolver.found_records(request).count(), 1);
    t.told();
}

#[test]
fn a_server_that_fails_by_tcp_sends_us_to_the_next_one_by_udp() {
    let mut t = Lab::new(&[FIRST, SECOND]);
    let (_, asked) = truncated(&mut t);
    t.code(&asked, 2);
    let asked = t.asked_at(0, SECOND, "cam.example a");
    assert!(!asked.by_tcp());
    // There too the whole answer comes by TCP.
    t.reply(&asked, &asked.reply(REPLY | TC, ""));
    assert!(matches!(t.asked_at(0, SECOND, "cam.example a").channel, Channel::Tcp(_)));
}

#[test]
fn a_server_that_was_refused_is_tried_again_when_another_one_has_failed_by_tcp() {
    let mut t = Lab::new(&[FIRST, SECOND]);
    let lookup = t.lookup("cam.example", Families::V4);
    let asked = t.asked_at(0, FIRST, "cam.example a");
    t.refuse(&asked);
    let asked = t.asked_at(0, SECOND, "cam.example a");
    t.reply(&asked, &asked.reply(REPLY | TC, ""));
    let asked = t.asked_at(0, SECOND, "cam.example a");
    t.code(&asked, 2);
    let asked = t.asked_at(1_000, FIRST, "cam.example a");
    assert!(!asked.by_tcp());
    t.answer(&asked, "| ans cam.example 300 A 192.0.2.7");
    t.found(lookup, true, &["192.0.2.7"]);
}
