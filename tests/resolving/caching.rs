//! What is remembered, and for how long.

use dotlocal::Families;
use dotlocal::resolver::{Config, Event, Failure, ResolverStorage};
use dotlocal::wire::Type;

use crate::lab::{FIRST, Lab, REPLY, soa};

fn answered(t: &mut Lab, text: &str) {
    let lookup = t.lookup("cam.example", Families::V4);
    let asked = t.asked_at(t.now, FIRST, "cam.example a");
    t.answer(&asked, text);
    assert_eq!(t.told().len(), 1);
    t.resolver.cancel(lookup);
}

fn is_known(t: &mut Lab) -> bool {
    let lookup = t.lookup("cam.example", Families::V4);
    t.resolver.cancel(lookup);
    t.told();
    t.sent().is_empty()
}

#[test]
fn a_lookup_of_what_is_known_sends_nothing() {
    let mut t = Lab::new(&[FIRST]);
    answered(&mut t, "| ans cam.example 300 A 192.0.2.7");
    let lookup = t.at(299_000).lookup("cam.example", Families::V4);
    t.found(lookup, true, &["192.0.2.7"]);
    assert_eq!(t.ttls(lookup), [1]);
    assert!(t.sent().is_empty());
    // Held, it stays; for others it is over.
    let other = t.at(300_000).lookup("cam.example", Families::V4);
    let asked = t.asked_at(300_000, FIRST, "cam.example a");
    t.answer(&asked, "| ans cam.example 300 A 192.0.2.8");
    t.found(other, true, &["192.0.2.8"]);
    assert_eq!((t.addresses(lookup), t.ttls(lookup)), (vec!["192.0.2.7".to_owned()], vec![0]));
}

#[test]
fn an_answer_replaces_what_was_known_of_its_type_and_that_there_is_no_such_name() {
    let mut t = Lab::new(&[FIRST]);
    let lookup = t.lookup("cam.example", Families::V6);
    let asked = t.asked_at(0, FIRST, "cam.example aaaa");
    t.answer(&asked, &format!("| auth {}", soa("example.", 60, 60)));
    t.failed(lookup, Failure::NoData);
    answered(&mut t, "| ans cam.example 300 A 192.0.2.7");
    // That there is no IPv6 address is still true.
    let lookup = t.lookup("cam.example", Families::V6);
    t.failed(lookup, Failure::NoData);
    // It was not there, and is by now, as another answer tells.
    let lookup = t.lookup("door.example", Families::V4);
    let asked = t.asked_at(0, FIRST, "door.example a");
    t.reply(&asked, &asked.reply(REPLY | 3, &format!("| auth {}", soa("example.", 60, 60))));
    t.failed(lookup, Failure::NoName);
    let lookup = t.lookup("gate.example", Families::V4);
    let asked = t.asked_at(0, FIRST, "gate.example a");
    t.answer(&asked, "| ans gate.example 300 CNAME door.example, door.example 300 A 192.0.2.8");
    t.found(lookup, true, &["192.0.2.8"]);
    t.lookup("door.example", Families::V6);
    t.asked_at(0, FIRST, "door.example aaaa");
}

// R-TTL-1, N7, S10
#[test]
fn a_ttl_of_zero_is_for_those_who_wait_and_a_long_one_is_cut() {
    let mut t = Lab::new(&[FIRST]);
    let one = t.lookup("cam.example", Families::V4);
    let other = t.lookup("cam.example", Families::V4);
    let asked = t.asked_at(0, FIRST, "cam.example a");
    t.answer(&asked, "| ans cam.example 0 A 192.0.2.7");
    assert_eq!(t.told().len(), 2);
    for request in [one, other] {
        assert_eq!((t.addresses(request), t.ttls(request)), (vec!["192.0.2.7".to_owned()], vec![0]));
        t.resolver.cancel(request);
    }
    assert!(!is_known(&mut t));
    // The top bit makes a zero of it.
    answered(&mut t, "| ans cam.example 2147483648 A 192.0.2.7");
    assert!(!is_known(&mut t));
    let week = 7 * 86_400_000;
    answered(&mut t, "| ans cam.example 2147483647 A 192.0.2.7");
    let since = t.now;
    assert!(is_known(t.at(since + week - 1)));
    assert!(!is_known(t.at(since + week)));
}

#[test]
fn an_alias_of_no_time_is_followed_once() {
    let mut t = Lab::new(&[FIRST]);
    let lookup = t.lookup("cam.example", Families::V4);
    let asked = t.asked_at(0, FIRST, "cam.example a");
    t.answer(&asked, "| ans cam.example 0 CNAME a.example");
    let asked = t.asked_at(0, FIRST, "a.example a");
    t.at(2_000).sent();
    t.answer(&asked, "| ans a.example 0 A 192.0.2.7");
    t.found(lookup, true, &["192.0.2.7"]);
}

// R-2308-2
#[test]
fn a_name_that_does_not_exist_is_denied_for_all_types_no_data_for_one() {
    let mut t = Lab::new(&[FIRST]);
    t.lookup("cam.example", Families::V4);
    let asked = t.asked_at(0, FIRST, "cam.example a");
    t.reply(&asked, &asked.reply(0x8183, &format!("| auth {}", soa("example.", 60, 60))));
    t.told();
    for rtype in [Type::A, Type::AAAA, Type::TXT] {
        let request = t.at(t.now + 1).records("cam.example", rtype);
        t.failed(request, Failure::NoName);
    }
    t.lookup("door.example", Families::V4);
    let asked = t.asked_at(t.now, FIRST, "door.example a");
    t.answer(&asked, &format!("| auth {}", soa("example.", 60, 60)));
    t.told();
    let request = t.records("door.example", Type::A);
    t.failed(request, Failure::NoData);
    t.records("door.example", Type::TXT);
    t.asked_at(t.now, FIRST, "door.example txt");
}

#[test]
fn a_name_that_is_denied_for_one_family_may_have_the_other_one() {
    // A proxy that says so of all names of IPv6 (RFC 4074 section 4.2), for longer than the others live.
    let denial = format!("| auth {}", soa("example.", 600, 600));
    for ttl in [300, 0] {
        let mut t = Lab::new(&[FIRST]);
        let lookup = t.lookup("cam.example", Families::Both);
        let six = t.asked_at(0, FIRST, "cam.example aaaa");
        let four = t.asked_at(0, FIRST, "cam.example a");
        t.reply(&six, &six.reply(0x8183, &denial));
        t.at(20).answer(&four, &format!("| ans cam.example {ttl} A 192.0.2.7"));
        t.found(lookup, true, &["192.0.2.7"]);
        t.resolver.cancel(lookup);
        // And in the other order.
        let lookup = t.lookup("cam.example", Families::Both);
        let six = t.asked_at(20, FIRST, "cam.example aaaa");
        if ttl == 0 {
            let four = t.asked_at(20, FIRST, "cam.example a");
            t.answer(&four, "| ans cam.example 300 A 192.0.2.7");
        }
        t.reply(&six, &six.reply(0x8183, &denial));
        t.found(lookup, true, &["192.0.2.7"]);
        let again = t.lookup("cam.example", Families::Both);
        t.found(again, true, &["192.0.2.7"]);
        let again = t.lookup("cam.example", Families::V6);
        t.failed(again, Failure::NoData);
        // Nor is it gone with the address.
        t.at(301_000).lookup("cam.example", Families::Both);
        t.asked_at(301_000, FIRST, "cam.example a");
        assert!(t.sent().is_empty());
    }
    // The other answer is waited for no longer than the caller waits.
    let mut t = Lab::new(&[FIRST]);
    let lookup = t.lookup("cam.example", Families::Both);
    let six = t.asked_at(0, FIRST, "cam.example aaaa");
    t.reply(&six, &six.reply(0x8183, &denial));
    assert_eq!(t.at(4_999).told(), []);
    t.at(5_000).failed(lookup, Failure::NoName);
}

#[test]
fn what_is_over_or_denied_itself_keeps_no_name_from_being_denied() {
    let denial = format!("| auth {}", soa("example.", 600, 600));
    for is_there in [true, false] {
        let mut t = Lab::new(&[FIRST]);
        let lookup = t.lookup("cam.example", Families::V4);
        let four = t.asked_at(0, FIRST, "cam.example a");
        if is_there {
            t.answer(&four, "| ans cam.example 60 A 192.0.2.7");
            t.found(lookup, true, &["192.0.2.7"]);
            t.resolver.cancel(lookup);
        } else {
            t.answer(&four, &denial);
            t.failed(lookup, Failure::NoData);
        }
        let lookup = t.at(61_000).lookup("cam.example", Families::V6);
        let six = t.asked_at(61_000, FIRST, "cam.example aaaa");
        t.reply(&six, &six.reply(0x8183, &denial));
        t.failed(lookup, Failure::NoName);
    }
}

// D-2308-1
#[test]
fn a_denial_lives_as_long_as_the_lesser_of_ttl_and_minimum() {
    for (ttl, minimum) in [(30, 60), (60, 30)] {
        let mut t = Lab::new(&[FIRST]);
        answered(&mut t, &format!("| auth {}", soa("example.", ttl, minimum)));
        assert!(is_known(t.at(29_999)));
        assert!(!is_known(t.at(30_000)));
    }
    // Of another zone it says nothing.
    let mut t = Lab::new(&[FIRST]);
    answered(&mut t, &format!("| auth {}", soa("elsewhere.", 60, 60)));
    assert!(!is_known(&mut t));
}

// R-2308-2
#[test]
fn a_denial_without_an_soa_is_not_remembered() {
    let mut t = Lab::new(&[FIRST]);
    answered(&mut t, "");
    assert!(!is_known(&mut t));
    let lookup = t.lookup("door.example", Families::V4);
    let asked = t.asked_at(0, FIRST, "door.example a");
    t.code(&asked, 3);
    t.failed(lookup, Failure::NoName);
    t.lookup("door.example", Families::V4);
    t.asked_at(0, FIRST, "door.example a");
}

// R-2308-3
#[test]
fn denials_are_believed_for_a_quarter_of_an_hour_at_most_and_three_hours_where_wanted() {
    let long = format!("| auth {}", soa("example.", 86_400, 86_400));
    let mut t = Lab::new(&[FIRST]);
    answered(&mut t, &long);
    assert!(is_known(t.at(899_999)));
    assert!(!is_known(t.at(900_000)));
    let config = Config::new().negative_secs(1_000_000);
    let mut t = Lab::with(ResolverStorage::<3, 4, 4096>::new(), config, &[FIRST], 7);
    answered(&mut t, &long);
    assert!(is_known(t.at(10_799_999)));
    assert!(!is_known(t.at(10_800_000)));
}

#[test]
fn an_address_that_did_not_work_goes_to_the_end_and_all_of_them_are_asked_for_again() {
    let mut t = Lab::new(&[FIRST]);
    let lookup = t.lookup("cam.example", Families::V4);
    let asked = t.asked_at(0, FIRST, "cam.example a");
    t.answer(&asked, "| ans cam.example 300 A 192.0.2.7, cam.example 300 A 192.0.2.8");
    t.found(lookup, true, &["192.0.2.7", "192.0.2.8"]);
    t.at(1_000).resolver.failed(lookup, Lab::ip("192.0.2.7"));
    let failed: Vec<_> = t.resolver.addresses(lookup).map(|found| found.has_failed).collect();
    assert_eq!(failed, [true, false]);
    t.resolver.failed(lookup, Lab::ip("192.0.2.99"));
    t.silent_until(2_000);
    // Past the cache, though it would know for minutes.
    t.resolver.failed(lookup, Lab::ip("192.0.2.8"));
    let asked = t.asked_at(2_000, FIRST, "cam.example a");
    assert_eq!(t.told(), []);
    t.at(2_010).answer(&asked, "| ans cam.example 300 A 192.0.2.9");
    t.found(lookup, true, &["192.0.2.9"]);
    // And it may fail by then.
    t.resolver.failed(lookup, Lab::ip("192.0.2.9"));
    t.at(7_010).failed(lookup, Failure::Timeout { servers: 1 });
    t.sent();
    // The aliases on the way are asked for anew with it.
    let lookup = t.lookup("door.example", Families::V4);
    let asked = t.asked_at(7_010, FIRST, "door.example a");
    t.answer(&asked, "| ans door.example 300 CNAME old.example, old.example 300 A 192.0.2.7");
    t.found(lookup, true, &["192.0.2.7"]);
    t.resolver.failed(lookup, Lab::ip("192.0.2.7"));
    t.asked_at(7_010, FIRST, "door.example a");
}

#[test]
fn an_address_that_did_not_work_leaves_time_for_the_other_family() {
    let mut t = Lab::new(&[FIRST]);
    let lookup = t.lookup("cam.example", Families::Both);
    let six = t.asked_at(0, FIRST, "cam.example aaaa");
    let four = t.asked_at(0, FIRST, "cam.example a");
    t.answer(&six, "| ans cam.example 300 AAAA 2001:db8::7");
    t.found(lookup, false, &["2001:db8::7"]);
    t.at(100).resolver.failed(lookup, Lab::ip("2001:db8::7"));
    t.silent_until(200);
    // The other one has nothing: both are asked for anew.
    t.answer(&four, &format!("| auth {}", soa("example.", 60, 60)));
    assert_eq!(t.told(), []);
    let six = t.asked_at(200, FIRST, "cam.example aaaa");
    let four = t.asked_at(200, FIRST, "cam.example a");
    t.answer(&four, &format!("| auth {}", soa("example.", 60, 60)));
    t.answer(&six, "| ans cam.example 300 AAAA 2001:db8::8");
    t.found(lookup, true, &["2001:db8::8"]);
    // While nothing is there, nothing can fail.
    let other = t.lookup("door.example", Families::V4);
    t.asked_at(200, FIRST, "door.example a");
    t.resolver.failed(other, Lab::ip("192.0.2.7"));
    t.silent_until(300);
}

#[test]
fn another_network_knows_other_names() {
    let mut t = Lab::new(&[FIRST]);
    answered(&mut t, "| ans cam.example 300 A 192.0.2.7");
    assert!(is_known(&mut t));
    let held = t.lookup("cam.example", Families::V4);
    t.found(held, true, &["192.0.2.7"]);
    t.resolver.network_changed();
    assert!(!is_known(&mut t));
    assert_eq!(t.addresses(held), ["192.0.2.7"]);
    // An alias that was on the way there leads elsewhere here.
    let lookup = t.lookup("door.example", Families::V4);
    let asked = t.asked_at(0, FIRST, "door.example a");
    t.answer(&asked, "| ans door.example 300 CNAME old.example");
    t.asked_at(0, FIRST, "old.example a");
    t.resolver.network_changed();
    let asked = t.asked_at(0, FIRST, "door.example a");
    t.answer(&asked, "| ans door.example 300 A 192.0.2.8");
    t.found(lookup, true, &["192.0.2.8"]);
}

// R-8767-1
#[test]
fn records_that_are_over_are_used_where_wanted_while_no_server_answers() {
    let stale = |serves: bool| {
        let config = Config::new().serves_stale(serves);
        let mut t = Lab::with(ResolverStorage::<3, 4, 4096>::new(), config, &[FIRST], 7);
        answered(&mut t, "| ans cam.example 60 A 192.0.2.7");
        t.at(600_000);
        let lookup = t.lookup("cam.example", Families::V4);
        (t, lookup)
    };
    // The server is dead: a refresh is tried first.
    let (mut t, lookup) = stale(true);
    t.asked_at(600_000, FIRST, "cam.example a");
    t.at(601_799);
    assert_eq!(t.told(), []);
    t.at(601_800).found(lookup, true, &["192.0.2.7"]);
    assert_eq!(t.ttls(lookup), [30]);
    // What was never to be kept is not shown as if it were.
    t.resolver.cancel(lookup);
    t.sent();
    let lookup = t.lookup("once.example", Families::V4);
    let asked = t.asked_at(601_800, FIRST, "once.example a");
    t.answer(&asked, "| ans once.example 0 A 192.0.2.9");
    t.found(lookup, true, &["192.0.2.9"]);
    assert_eq!(t.ttls(lookup), [0]);
    // It fails.
    let (mut t, lookup) = stale(true);
    let asked = t.asked_at(600_000, FIRST, "cam.example a");
    t.code(&asked, 2);
    t.found(lookup, true, &["192.0.2.7"]);
    // It answers in time.
    let (mut t, lookup) = stale(true);
    let asked = t.asked_at(600_000, FIRST, "cam.example a");
    t.at(601_000).answer(&asked, "| ans cam.example 60 A 192.0.2.8");
    t.found(lookup, true, &["192.0.2.8"]);
    // One family is found: the other one is waited for as ever.
    let (mut t, lookup) = stale(true);
    t.resolver.cancel(lookup);
    t.sent();
    let lookup = t.lookup("cam.example", Families::Both);
    let asked = t.asked_at(600_000, FIRST, "cam.example aaaa");
    t.answer(&asked, "| ans cam.example 60 AAAA 2001:db8::7");
    t.found(lookup, false, &["2001:db8::7"]);
    assert_eq!(t.at(604_999).told(), []);
    t.at(605_000).found(lookup, true, &["2001:db8::7"]);
    t.sent();
    // It says that the name is gone.
    let (mut t, lookup) = stale(true);
    let asked = t.asked_at(600_000, FIRST, "cam.example a");
    t.reply(&asked, &asked.reply(0x8183, &format!("| auth {}", soa("example.", 60, 60))));
    t.failed(lookup, Failure::NoName);
    // Not asked for, not done.
    let (mut t, lookup) = stale(false);
    t.at(605_000).failed(lookup, Failure::Timeout { servers: 1 });
    // A day later it is forgotten.
    let (mut t, lookup) = stale(true);
    t.sent();
    t.at(602_000).told();
    t.resolver.cancel(lookup);
    let forgotten = 60_000 + 86_400_000;
    let lookup = t.at(forgotten - 1_800).lookup("cam.example", Families::V4);
    t.at(forgotten + 3_200).failed(lookup, Failure::Timeout { servers: 1 });
    t.sent();
}

// S12
#[test]
fn what_is_over_stays_over_when_the_clock_wraps_and_when_it_jumps() {
    let mut t = Lab::new(&[FIRST]);
    answered(&mut t, "| ans cam.example 60 A 192.0.2.7");
    // 40 days of sleep in pieces that the machine asks for; its clock wraps on the way.
    for day in 1..=60 {
        t.at(day * 86_400_000);
        if [45, 60].contains(&day) {
            assert!(!is_known(&mut t), "day {day}");
        }
    }
    let lookup = t.lookup("cam.example", Families::V4);
    // The board sleeps for hours in the middle of a query.
    t.sent();
    t.now += 5 * 3_600_000;
    t.resolver.handle_timeout(t.instant());
    t.drain();
    assert_eq!(
        t.told(),
        [(t.now, Event::Failed { request: lookup, failure: Failure::Timeout { servers: 1 } })]
    );
}
