//! Servers that are silent, fail, or cannot be reached.

use dotlocal::Families;
use dotlocal::resolver::{Event, Failure};
use dotlocal::wire::{Rcode, Type};

use crate::lab::{AA, FIRST, Lab, RA, REPLY, SECOND, TC, THIRD, soa};

// R-1035-1
#[test]
fn each_silence_leads_to_the_next_server_and_the_waits_double() {
    let mut t = Lab::new(&[FIRST, SECOND]);
    let lookup = t.resolver.lookup("cam.example", Families::V4, 60_000).unwrap();
    let mut times = Vec::new();
    t.at(60_000);
    for asked in t.sent() {
        times.push((asked.at, asked.server.to_string() == FIRST));
    }
    // Once both were silent twice they are asked in turn all the same.
    let expected = [0, 1_000, 2_000, 4_000, 6_000, 10_000, 14_000, 22_000, 30_000, 38_000, 46_000, 54_000];
    let expected: Vec<_> = expected.into_iter().enumerate().map(|(turn, at)| (at, turn % 2 == 0)).collect();
    assert_eq!(times, expected);
    t.failed(lookup, Failure::Timeout { servers: 2 });
    assert!(Failure::Timeout { servers: 2 }.to_string().contains("2 DNS server(s)"));
}

#[test]
fn a_late_answer_of_the_server_that_is_asked_again_still_counts() {
    let mut t = Lab::new(&[FIRST]);
    let lookup = t.lookup("cam.example", Families::V4);
    let first = t.asked_at(0, FIRST, "cam.example a");
    let second = t.asked_at(1_000, FIRST, "cam.example a");
    // The very same question: more of them would be easier to forge an answer to.
    assert_eq!(
        (first.message.id, first.channel, first.name()),
        (second.message.id, second.channel, second.name())
    );
    t.at(1_200).answer(&first, "| ans cam.example 300 A 192.0.2.7");
    t.found(lookup, true, &["192.0.2.7"]);
}

#[test]
fn an_answer_that_a_late_loop_hands_in_counts() {
    for servers in [&[FIRST][..], &[FIRST, SECOND]] {
        // With and without a call before it that brings the time alone.
        for has_timeout in [false, true] {
            let mut t = Lab::new(servers);
            let lookup = t.lookup("cam.example", Families::V4);
            let asked = t.asked_at(0, FIRST, "cam.example a");
            t.now = 3_000;
            if has_timeout {
                t.resolver.handle_timeout(t.instant());
            }
            t.answer(&asked, "| ans cam.example 300 A 192.0.2.7");
            t.found(lookup, true, &["192.0.2.7"]);
            assert!(t.sent().is_empty());
            // The server is no slower for that.
            t.lookup("door.example", Families::V4);
            t.asked_at(3_000, FIRST, "door.example a");
            t.silent_until(3_999);
            assert_eq!(t.at(4_000).sent().len(), 1);
        }
    }
}

#[test]
fn an_answer_to_a_question_that_was_repeated_says_nothing_of_the_time_it_takes() {
    let mut t = Lab::new(&[FIRST]);
    t.lookup("cam.example", Families::V4);
    t.asked_at(0, FIRST, "cam.example a");
    let again = t.asked_at(1_000, FIRST, "cam.example a");
    t.at(1_005).answer(&again, "| ans cam.example 300 A 192.0.2.7");
    t.lookup("door.example", Families::V4);
    t.asked_at(1_005, FIRST, "door.example a");
    t.silent_until(2_004);
    t.asked_at(2_005, FIRST, "door.example a");
}

#[test]
fn the_wait_follows_what_the_server_takes() {
    let mut t = Lab::new(&[FIRST]);
    for number in 0..20 {
        let lookup = t.lookup(&format!("cam{number}.example"), Families::V4);
        let asked = t.asked_at(t.now, FIRST, &format!("cam{number}.example a"));
        t.at(t.now + 20).answer(&asked, &format!("| ans cam{number}.example 300 A 192.0.2.7"));
        t.resolver.cancel(lookup);
    }
    t.told();
    let begin = t.now;
    t.lookup("door.example", Families::V4);
    t.asked_at(begin, FIRST, "door.example a");
    t.asked_at(begin + 250, FIRST, "door.example a");
    t.asked_at(begin + 750, FIRST, "door.example a");
}

#[test]
fn a_server_that_is_silent_is_asked_last_and_again_later() {
    let mut t = Lab::new(&[FIRST, SECOND]);
    for _ in 0..2 {
        let lookup = t.lookup("cam.example", Families::V4);
        let begin = t.now;
        t.asked_at(begin, FIRST, "cam.example a");
        let asked = t.asked_at(begin + 1_000, SECOND, "cam.example a");
        t.answer(&asked, "| ans cam.example 0 A 192.0.2.7");
        t.found(lookup, true, &["192.0.2.7"]);
        t.resolver.cancel(lookup);
    }
    let since = t.now;
    for wait in [0, 14_999] {
        let lookup = t.at(since + wait).lookup("cam.example", Families::V4);
        let asked = t.asked_at(since + wait, SECOND, "cam.example a");
        t.answer(&asked, "| ans cam.example 0 A 192.0.2.7");
        t.resolver.cancel(lookup);
    }
    t.at(since + 16_000).lookup("cam.example", Families::V4);
    t.asked_at(since + 16_000, FIRST, "cam.example a");
}

// R-1035-2
#[test]
fn a_server_that_fails_sends_us_to_the_next_one_at_once() {
    for rcode in [Rcode::SERVFAIL, Rcode::REFUSED, Rcode::YXDOMAIN, Rcode::NOTAUTH] {
        let mut t = Lab::new(&[FIRST, SECOND, THIRD]);
        let lookup = t.lookup("cam.example", Families::V4);
        let asked = t.asked_at(0, FIRST, "cam.example a");
        t.at(10).code(&asked, rcode.0);
        let asked = t.asked_at(10, SECOND, "cam.example a");
        t.at(20).code(&asked, rcode.0);
        let asked = t.asked_at(20, THIRD, "cam.example a");
        t.at(30).answer(&asked, "| ans cam.example 300 A 192.0.2.7");
        t.found(lookup, true, &["192.0.2.7"]);
    }
    // From every server it is final, and says which code it was.
    let mut t = Lab::new(&[FIRST, SECOND]);
    let lookup = t.lookup("cam.example", Families::V4);
    let asked = t.asked_at(0, FIRST, "cam.example a");
    t.code(&asked, 2);
    let asked = t.asked_at(0, SECOND, "cam.example a");
    t.code(&asked, 5);
    t.failed(lookup, Failure::ServerFailure(Rcode::REFUSED));
    assert!(Failure::ServerFailure(Rcode::REFUSED).to_string().contains("REFUSED"));
}

// R-1035-2
#[test]
fn what_is_decidedly_not_there_is_final() {
    let mut t = Lab::new(&[FIRST, SECOND]);
    let lookup = t.lookup("cam.example", Families::Both);
    let six = t.asked_at(0, FIRST, "cam.example aaaa");
    let four = t.asked_at(0, FIRST, "cam.example a");
    for asked in [six, four] {
        assert_eq!(t.told(), []);
        t.reply(&asked, &asked.reply(0x8183, &format!("| auth {}", soa("example.", 60, 60))));
    }
    t.failed(lookup, Failure::NoName);
    t.silent_until(10_000);
    let lookup = t.lookup("door.example", Families::V4);
    let asked = t.asked_at(10_000, FIRST, "door.example a");
    t.answer(&asked, &format!("| auth {}", soa("example.", 60, 60)));
    t.failed(lookup, Failure::NoData);
    t.silent_until(20_000);
}

// R-1035-3
#[test]
fn a_server_that_does_not_ask_for_us_has_failed() {
    let referral = "| auth example. 300 NS ns.example | add ns.example 300 A 192.0.2.53";
    for (flags, text) in [(0x8100, ""), (0x8180, referral), (0x8100, referral), (0x8100 | AA, "")] {
        let mut t = Lab::new(&[FIRST, SECOND]);
        let lookup = t.lookup("cam.example", Families::V4);
        let asked = t.asked_at(0, FIRST, "cam.example a");
        t.reply(&asked, &asked.reply(flags, text));
        let asked = t.asked_at(0, SECOND, "cam.example a");
        t.reply(&asked, &asked.reply(flags, text));
        t.failed(lookup, Failure::Lame);
        // Such a server is asked last from then on.
        let mut t = Lab::new(&[FIRST, SECOND]);
        let asked = {
            t.lookup("cam.example", Families::V4);
            t.asked_at(0, FIRST, "cam.example a")
        };
        t.reply(&asked, &asked.reply(flags, text));
        t.asked_at(0, SECOND, "cam.example a");
        t.lookup("door.example", Families::V4);
        t.asked_at(0, SECOND, "door.example a");
    }
    // NOERROR of one that asks for others, without an answer and an SOA, is no data.
    let mut t = Lab::new(&[FIRST, SECOND]);
    let lookup = t.lookup("cam.example", Families::V4);
    let asked = t.asked_at(0, FIRST, "cam.example a");
    t.reply(&asked, &asked.reply(0x8100 | RA, ""));
    t.failed(lookup, Failure::NoData);
}

#[test]
fn a_network_that_refuses_is_told_from_servers_that_are_silent() {
    let mut t = Lab::new(&[FIRST, SECOND]);
    let lookup = t.lookup("cam.example", Families::V4);
    for _ in 0..2 {
        for server in [FIRST, SECOND] {
            let asked = t.asked_at(t.now, server, "cam.example a");
            t.refuse(&asked);
        }
        // Perhaps the ports were taken: once more, with others.
        t.at((t.now + 1_000).min(1_000));
    }
    t.failed(lookup, Failure::Unreachable { servers: 2 });
    assert_eq!(t.now, 1_000);
    // One that can be reached is enough.
    let lookup = t.at(10_000).lookup("cam.example", Families::V4);
    let asked = t.sent().remove(0);
    t.refuse(&asked);
    let asked = t.sent().remove(0);
    t.at(10_020).answer(&asked, "| ans cam.example 300 A 192.0.2.7");
    t.found(lookup, true, &["192.0.2.7"]);
}

#[test]
fn one_server_that_refuses_and_one_that_is_silent_make_a_timeout() {
    let mut t = Lab::new(&[FIRST, SECOND]);
    let lookup = t.lookup("cam.example", Families::V4);
    let asked = t.asked_at(0, FIRST, "cam.example a");
    t.refuse(&asked);
    t.at(5_000);
    assert!(t.sent().iter().all(|asked| asked.server.to_string() == SECOND));
    t.failed(lookup, Failure::Timeout { servers: 2 });
}

// R-9520-1
#[test]
fn failures_are_remembered_for_five_seconds_and_not_hammered() {
    let mut t = Lab::new(&[FIRST]);
    for _ in 0..10 {
        let lookup = t.lookup("cam.example", Families::V4);
        for asked in t.sent() {
            assert_eq!(t.now, 0);
            t.code(&asked, 2);
        }
        t.failed(lookup, Failure::ServerFailure(Rcode::SERVFAIL));
        t.at(t.now + 100);
    }
    t.silent_until(4_999);
    t.lookup("cam.example", Families::V4);
    assert_eq!(t.sent().len(), 0);
    t.told();
    t.at(5_000).lookup("cam.example", Families::V4);
    t.asked_at(5_000, FIRST, "cam.example a");
    // Servers that were silent are remembered as that.
    let mut t = Lab::new(&[FIRST]);
    t.resolver.lookup("door.example", Families::V4, 60_000).unwrap();
    let lookup = t.lookup("cam.example", Families::V4);
    t.at(5_000).failed(lookup, Failure::Timeout { servers: 1 });
    t.sent();
    t.at(9_999).sent();
    let lookup = t.lookup("cam.example", Families::V4);
    t.failed(lookup, Failure::Timeout { servers: 1 });
    assert!(t.sent().is_empty());
    // Another network, another chance.
    t.resolver.network_changed();
    t.asked_at(9_999, FIRST, "door.example a");
    t.lookup("cam.example", Families::V4);
    t.asked_at(9_999, FIRST, "cam.example a");
}

#[test]
fn what_comes_of_a_question_is_told_to_those_alone_who_wait_for_it() {
    let mut t = Lab::new(&[FIRST]);
    let cam = t.lookup("cam.example", Families::V4);
    let door = t.lookup("door.example", Families::V4);
    let any = t.records("door.example", Type::ANY);
    let asked = t.asked_at(0, FIRST, "cam.example a");
    t.code(&asked, 2);
    t.failed(cam, Failure::ServerFailure(Rcode::SERVFAIL));
    let asked = t.asked_at(0, FIRST, "door.example a");
    t.answer(&asked, "| ans door.example 300 A 192.0.2.7");
    t.found(door, true, &["192.0.2.7"]);
    let asked = t.asked_at(0, FIRST, "door.example any");
    t.answer(&asked, "| ans door.example 300 TXT \"x\"");
    assert_eq!(t.told(), [(0, Event::Found { request: any, is_complete: true })]);
    assert_eq!(t.resolver.found_records(any).count(), 1);
}

// R-9520-1
#[test]
fn who_has_more_time_waits_on_where_another_one_gives_up() {
    let mut t = Lab::new(&[FIRST]);
    let short = t.lookup("cam.example", Families::V4);
    let long = t.resolver.lookup("cam.example", Families::V4, 20_000).unwrap();
    let asked = t.asked_at(0, FIRST, "cam.example a");
    t.at(5_000).failed(short, Failure::Timeout { servers: 1 });
    t.sent();
    t.at(6_000).answer(&asked, "| ans cam.example 300 A 192.0.2.7");
    t.found(long, true, &["192.0.2.7"]);
}

#[test]
fn a_deadline_that_leaves_no_time_is_no_failure_of_the_servers() {
    let mut t = Lab::new(&[FIRST]);
    let lookup = t.resolver.lookup("cam.example", Families::V4, 500).unwrap();
    t.asked_at(0, FIRST, "cam.example a");
    t.at(500).failed(lookup, Failure::Timeout { servers: 1 });
    let lookup = t.lookup("cam.example", Families::V4);
    let asked = t.asked_at(500, FIRST, "cam.example a");
    t.answer(&asked, "| ans cam.example 300 A 192.0.2.7");
    t.found(lookup, true, &["192.0.2.7"]);
    let lookup = t.resolver.lookup("door.example", Families::V4, 0).unwrap();
    t.drain();
    t.failed(lookup, Failure::Timeout { servers: 0 });
    assert!(t.sent().is_empty());
}

#[test]
fn the_worse_failure_of_two_families_is_told() {
    let mut t = Lab::new(&[FIRST]);
    let lookup = t.lookup("cam.example", Families::Both);
    let six = t.asked_at(0, FIRST, "cam.example aaaa");
    let four = t.asked_at(0, FIRST, "cam.example a");
    t.answer(&six, &format!("| auth {}", soa("example.", 60, 60)));
    t.code(&four, 2);
    t.failed(lookup, Failure::ServerFailure(Rcode::SERVFAIL));
    // Whichever it is.
    let lookup = t.lookup("door.example", Families::Both);
    let six = t.asked_at(0, FIRST, "door.example aaaa");
    let four = t.asked_at(0, FIRST, "door.example a");
    t.code(&six, 2);
    t.answer(&four, &format!("| auth {}", soa("example.", 60, 60)));
    t.failed(lookup, Failure::ServerFailure(Rcode::SERVFAIL));
    // And whether it is remembered or not.
    let lookup = t.lookup("gate.example", Families::Both);
    let six = t.asked_at(0, FIRST, "gate.example aaaa");
    let four = t.asked_at(0, FIRST, "gate.example a");
    t.reply(&six, &six.reply(REPLY | TC, ""));
    let six = t.asked_at(0, FIRST, "gate.example aaaa");
    t.hear_octets(six.server, six.channel, &[0xFF, 0xFF]);
    t.answer(&four, "| ans gate.example 300 CNAME gate.example");
    t.failed(lookup, Failure::TooLong { octets: 0xFFFF });
}

#[test]
fn what_is_known_of_a_server_stays_with_it_when_the_list_changes() {
    let mut t = Lab::new(&[FIRST, SECOND]);
    t.resolver.lookup("cam.example", Families::V4, 60_000).unwrap();
    t.at(6_000);
    t.sent();
    // Both are known as silent; a third comes between them.
    t.resolver.set_servers(&[SECOND, THIRD, FIRST].map(|server| server.parse().unwrap())).unwrap();
    t.asked_at(6_000, THIRD, "cam.example a");
}

#[test]
fn what_is_known_of_a_server_stays_with_it_when_another_one_goes_for_a_new_one() {
    let mut t = Lab::new(&[FIRST, SECOND, THIRD]);
    t.lookup("cam.example", Families::V4);
    // Each says that it knows no EDNS, and is asked no more.
    for server in [FIRST, SECOND, THIRD] {
        for has_edns in [true, false] {
            let asked = t.asked_at(0, server, "cam.example a");
            assert_eq!(asked.payload_size().is_some(), has_edns);
            t.code(&asked, Rcode::FORMERR.0);
        }
    }
    t.told();
    t.at(5_000);
    let new = "192.0.2.4:53";
    t.resolver.set_servers(&[new, THIRD, SECOND].map(|server| server.parse().unwrap())).unwrap();
    t.lookup("cam.example", Families::V4);
    for (server, has_edns) in [(new, true), (new, false), (THIRD, false), (SECOND, false)] {
        let asked = t.asked_at(5_000, server, "cam.example a");
        assert_eq!(asked.payload_size().is_some(), has_edns, "{server}");
        t.code(&asked, Rcode::FORMERR.0);
    }
}

#[test]
fn servers_are_asked_in_the_order_in_which_they_are_set() {
    let mut t = Lab::new(&[FIRST, SECOND, THIRD]);
    t.lookup("cam.example", Families::V4);
    let asked = t.asked_at(0, FIRST, "cam.example a");
    t.code(&asked, 1);
    assert_eq!(t.asked_at(0, FIRST, "cam.example a").payload_size(), None);
    t.resolver.set_servers(&[THIRD, FIRST, SECOND].map(|server| server.parse().unwrap())).unwrap();
    t.asked_at(0, THIRD, "cam.example a");
    // What is known of one goes with it.
    assert_eq!(t.asked_at(1_000, FIRST, "cam.example a").payload_size(), None);
    assert!(t.asked_at(1_250, SECOND, "cam.example a").payload_size().is_some());
    t.asked_at(2_250, THIRD, "cam.example a");
}
