//! What of an answer is believed, and where its aliases lead.

use dotlocal::resolver::{Config, Event, Failure, RequestError, ResolverStorage};
use dotlocal::wire::{Rcode, Type};
use dotlocal::{Disposition, Families};

use crate::lab::{FIRST, Lab, SECOND, soa};

// R-2181-2, N6
#[test]
fn only_records_of_the_name_asked_and_along_its_aliases_are_believed() {
    let mut t = Lab::new(&[FIRST]);
    let lookup = t.lookup("cam.example", Families::V4);
    let asked = t.asked_at(0, FIRST, "cam.example a");
    t.answer(
        &asked,
        "| ans bank.example 300 A 192.0.2.66, cam.example 300 CNAME a.example, a.example 300 A 192.0.2.7,
         cam.example 300 CLASS3 A 192.0.2.66
         | auth cam.example 300 A 192.0.2.66 | add bank.example 300 A 192.0.2.66, a.example 300 A 192.0.2.67",
    );
    t.found(lookup, true, &["192.0.2.7"]);
    assert_eq!(t.resolver.canonical_name(lookup).unwrap().to_string(), "a.example");
    // Nothing of the rest is remembered.
    t.lookup("bank.example", Families::V4);
    t.asked_at(0, FIRST, "bank.example a");
    // Of the alias what was believed is.
    let lookup = t.lookup("a.example", Families::V4);
    t.found(lookup, true, &["192.0.2.7"]);
}

// R-2181-2
#[test]
fn an_answer_to_something_else_is_a_failure_of_the_server() {
    let mut t = Lab::new(&[FIRST, SECOND]);
    let lookup = t.lookup("cam.example", Families::V4);
    let asked = t.asked_at(0, FIRST, "cam.example a");
    t.answer(&asked, "| ans bank.example 300 A 192.0.2.66");
    let asked = t.asked_at(0, SECOND, "cam.example a");
    t.answer(&asked, "| ans cam.example 300 AAAA 2001:db8::66");
    t.failed(lookup, Failure::ServerFailure(Rcode::NOERROR));
}

// R-1034-1
#[test]
fn aliases_are_followed_to_their_end_wherever_the_answer_stops() {
    let mut t = Lab::new(&[FIRST]);
    let lookup = t.lookup("a.example", Families::V4);
    let asked = t.asked_at(0, FIRST, "a.example a");
    t.at(10).answer(&asked, "| ans b.example 300 CNAME c.example, a.example 60 CNAME b.example");
    // The missing end is asked for.
    let asked = t.asked_at(10, FIRST, "c.example a");
    t.at(20).answer(&asked, "| ans c.example 300 CNAME d.example");
    let asked = t.asked_at(20, FIRST, "d.example a");
    t.at(30).answer(&asked, "| ans d.example 300 A 192.0.2.7");
    t.found(lookup, true, &["192.0.2.7"]);
    assert_eq!(t.resolver.canonical_name(lookup).unwrap().to_string(), "d.example");
    t.silent_until(10_000);
    // The other family is asked for at the end that is known.
    t.lookup("a.example", Families::V6);
    t.asked_at(10_000, FIRST, "d.example aaaa");
    // Aliases of one name lead nowhere from another.
    t.lookup("e.example", Families::V6);
    t.asked_at(10_000, FIRST, "e.example aaaa");
}

#[test]
fn the_other_family_is_not_asked_for_again_when_one_has_told_of_an_alias() {
    let mut t = Lab::new(&[FIRST]);
    let lookup = t.lookup("a.example", Families::Both);
    let six = t.asked_at(0, FIRST, "a.example aaaa");
    let four = t.asked_at(0, FIRST, "a.example a");
    t.at(10).answer(&four, "| ans a.example 300 CNAME b.example, b.example 300 A 192.0.2.7");
    t.silent_until(20);
    t.answer(&six, "| ans a.example 300 CNAME b.example, b.example 300 AAAA 2001:db8::7");
    t.found(lookup, true, &["2001:db8::7", "192.0.2.7"]);
}

#[test]
fn an_alias_that_changes_between_the_families_is_followed_to_its_newest_end() {
    let mut t = Lab::new(&[FIRST]);
    let lookup = t.lookup("a.example", Families::Both);
    let six = t.asked_at(0, FIRST, "a.example aaaa");
    let four = t.asked_at(0, FIRST, "a.example a");
    t.answer(&four, "| ans a.example 300 CNAME b.example");
    t.asked_at(0, FIRST, "b.example a");
    t.answer(&six, "| ans a.example 300 CNAME c.example");
    // Once each.
    for (question, answer) in [("c.example aaaa", "AAAA 2001:db8::7"), ("c.example a", "A 192.0.2.7")] {
        let asked = t.asked_at(0, FIRST, question);
        t.answer(&asked, &format!("| ans c.example 300 {answer}"));
    }
    t.silent_until(0);
    assert_eq!(t.addresses(lookup), ["2001:db8::7", "192.0.2.7"]);
    assert_eq!(t.resolver.canonical_name(lookup).unwrap().to_string(), "c.example");
}

// R-1034-1, S1
#[test]
fn aliases_without_end_are_a_failure() {
    let failed = |answer: &str| {
        let mut t = Lab::new(&[FIRST]);
        let lookup = t.lookup("a0.example", Families::V4);
        let asked = t.asked_at(0, FIRST, "a0.example a");
        t.answer(&asked, answer);
        t.failed(lookup, Failure::Aliases);
        t.silent_until(10_000);
    };
    failed("| ans a0.example 300 CNAME a0.example");
    failed("| ans a0.example 300 CNAME b.example, b.example 300 CNAME a0.example");
    let chain = |len: usize| {
        let aliases: Vec<_> =
            (0..len).map(|number| format!("a{number}.example 300 CNAME a{}.example", number + 1)).collect();
        format!("| ans {}, a{len}.example 300 A 192.0.2.7", aliases.join(", "))
    };
    failed(&chain(13));
    let mut t = Lab::new(&[FIRST]);
    let lookup = t.lookup("a0.example", Families::V4);
    let asked = t.asked_at(0, FIRST, "a0.example a");
    t.answer(&asked, &chain(12));
    t.found(lookup, true, &["192.0.2.7"]);
    // A ring that comes piece by piece.
    let mut t = Lab::new(&[FIRST]);
    let lookup = t.lookup("a.example", Families::V4);
    let asked = t.asked_at(0, FIRST, "a.example a");
    t.answer(&asked, "| ans a.example 300 CNAME b.example");
    let asked = t.asked_at(0, FIRST, "b.example a");
    t.answer(&asked, "| ans b.example 300 CNAME a.example");
    t.failed(lookup, Failure::Aliases);
    t.silent_until(10_000);
}

// M-3-1, R-6761-1, R-7686-1
#[test]
fn an_alias_does_not_make_servers_be_asked_for_what_they_are_not_asked_for() {
    for name in [
        "cam.local",
        "1.2.254.169.in-addr.arpa",
        "abc.onion",
        "ONION",
        "x.y.invalid",
        "invalid",
        "localhost",
        "x.localhost",
    ] {
        let mut t = Lab::new(&[FIRST]);
        let lookup = t.lookup("a.example", Families::V4);
        let asked = t.asked_at(0, FIRST, "a.example a");
        t.answer(&asked, &format!("| ans a.example 300 CNAME b.example, b.example 300 CNAME {name}"));
        t.failed(lookup, Failure::NoName);
        let records = t.records("a.example", Type::TXT);
        t.failed(records, Failure::NoName);
        t.silent_until(10_000);
    }
}

#[test]
fn an_alias_that_nobody_can_tell_of_is_followed_all_the_same_by_whoever_has_it() {
    let mut t = Lab::new(&[FIRST]);
    let lookup = t.lookup("a.example", Families::V4);
    let asked = t.asked_at(0, FIRST, "a.example a");
    t.answer(&asked, "| ans a.example 0 CNAME b.example");
    let end = t.asked_at(0, FIRST, "b.example a");
    let alias = t.records("a.example", Type::CNAME);
    let asked = t.asked_at(0, FIRST, "a.example cname");
    t.code(&asked, 2);
    t.failed(alias, Failure::ServerFailure(Rcode::SERVFAIL));
    // The end is asked for once, and not with each call anew.
    assert!(t.sent().is_empty());
    t.at(10).answer(&end, "| ans b.example 0 A 192.0.2.7");
    t.found(lookup, true, &["192.0.2.7"]);
}

#[test]
fn whoever_asks_for_aliases_themselves_does_not_follow_them() {
    let answer = "| ans a.example 300 CNAME b.example, b.example 300 CNAME a.example, a.example 60 TXT \"x\"";
    for (qtype, found) in [(Type::CNAME, vec![Type::CNAME]), (Type::ANY, vec![Type::CNAME, Type::TXT])] {
        let mut t = Lab::new(&[FIRST]);
        let request = t.records("a.example", qtype);
        let asked = t.asked_at(0, FIRST, &format!("a.example {qtype}"));
        t.answer(&asked, answer);
        assert_eq!(t.told(), [(0, Event::Found { request, is_complete: true })]);
        let types: Vec<_> = t.resolver.found_records(request).map(|record| record.rtype()).collect();
        assert_eq!(types, found);
    }
}

// R-6672-1
#[test]
fn a_dname_is_followed_by_the_cname_that_comes_with_it() {
    let mut t = Lab::new(&[FIRST]);
    let lookup = t.lookup("cam.old.example", Families::V4);
    let asked = t.asked_at(0, FIRST, "cam.old.example a");
    t.answer(
        &asked,
        "| ans old.example 300 TYPE39 \\# 13 036e6577076578616d706c6500,
         cam.old.example 300 CNAME cam.new.example, cam.new.example 300 A 192.0.2.7",
    );
    t.found(lookup, true, &["192.0.2.7"]);
    assert_eq!(t.resolver.canonical_name(lookup).unwrap().to_string(), "cam.new.example");
}

#[test]
fn the_end_of_aliases_may_not_be_there() {
    let mut t = Lab::new(&[FIRST]);
    let lookup = t.lookup("a.example", Families::V4);
    let asked = t.asked_at(0, FIRST, "a.example a");
    let text = format!("| ans a.example 300 CNAME b.example | auth {}", soa("example.", 60, 60));
    t.reply(&asked, &asked.reply(0x8183, &text));
    t.failed(lookup, Failure::NoName);
    // It is the end that does not exist, and the alias does.
    let request = t.records("a.example", Type::CNAME);
    assert_eq!(t.told(), [(0, Event::Found { request, is_complete: true })]);
    let lookup = t.lookup("b.example", Families::V6);
    t.failed(lookup, Failure::NoName);
    assert!(t.sent().is_empty());
}

// D-2181-1
#[test]
fn the_lowest_time_to_live_of_a_set_counts() {
    let mut t = Lab::new(&[FIRST]);
    let lookup = t.lookup("cam.example", Families::V4);
    let asked = t.asked_at(0, FIRST, "cam.example a");
    t.answer(
        &asked,
        "| ans cam.example 300 A 192.0.2.7, cam.example 20 A 192.0.2.8, cam.example 60 A 192.0.2.9",
    );
    t.found(lookup, true, &["192.0.2.7", "192.0.2.8", "192.0.2.9"]);
    assert_eq!(t.ttls(lookup), [20, 20, 20]);
    t.at(5_500);
    t.resolver.handle_timeout(t.instant());
    assert_eq!(t.ttls(lookup), [14, 14, 14]);
}

#[test]
fn an_address_lives_no_longer_than_the_aliases_that_lead_to_it() {
    let mut t = Lab::new(&[FIRST]);
    let lookup = t.lookup("www.example", Families::V4);
    let asked = t.asked_at(0, FIRST, "www.example a");
    t.answer(
        &asked,
        "| ans www.example 60 CNAME web.example, web.example 20 CNAME host.example, host.example 300 A 192.0.2.7",
    );
    t.found(lookup, true, &["192.0.2.7"]);
    assert_eq!(t.ttls(lookup), [20]);
    // Without them it lives as long as it says.
    let straight = t.lookup("host.example", Families::V4);
    t.found(straight, true, &["192.0.2.7"]);
    assert_eq!(t.ttls(straight), [300]);
}

#[test]
fn broken_data_costs_its_own_record_alone() {
    let mut t = Lab::new(&[FIRST]);
    let lookup = t.lookup("cam.example", Families::V4);
    let asked = t.asked_at(0, FIRST, "cam.example a");
    t.answer(
        &asked,
        "| ans cam.example 300 A \\# 3 c00002, cam.example 300 A 192.0.2.8, cam.example 300 A \\# 0",
    );
    t.found(lookup, true, &["192.0.2.8"]);
}

// R-8482-1
#[test]
fn any_is_asked_only_when_the_caller_asks_it_and_hinfo_answers_it() {
    let mut t = Lab::new(&[FIRST]);
    let request = t.records("cam.example", Type::ANY);
    let asked = t.asked_at(0, FIRST, "cam.example any");
    t.answer(&asked, "| ans cam.example 300 HINFO \\# 9 07524643383438 3200");
    assert_eq!(t.told(), [(0, Event::Found { request, is_complete: true })]);
    let types: Vec<_> = t.resolver.found_records(request).map(|record| record.rtype()).collect();
    assert_eq!(types, [Type(13)]);
    // That there is a HINFO says nothing of addresses.
    t.lookup("cam.example", Families::V4);
    t.asked_at(0, FIRST, "cam.example a");
    // Nothing of any type: good for the one who asked, not for others.
    let request = t.records("door.example", Type::ANY);
    let asked = t.asked_at(0, FIRST, "door.example any");
    t.answer(&asked, &format!("| auth {}", soa("example.", 60, 60)));
    t.failed(request, Failure::NoData);
    t.lookup("door.example", Families::V4);
    t.asked_at(0, FIRST, "door.example a");
}

// R-8482-1, R-9520-1
#[test]
fn that_any_is_not_answered_says_nothing_of_single_types() {
    let mut t = Lab::new(&[FIRST]);
    let lookup = t.lookup("cam.example", Families::V4);
    let four = t.asked_at(0, FIRST, "cam.example a");
    let request = t.records("cam.example", Type::ANY);
    let any = t.asked_at(0, FIRST, "cam.example any");
    t.code(&any, Rcode::REFUSED.0);
    t.failed(request, Failure::ServerFailure(Rcode::REFUSED));
    t.answer(&four, "| ans cam.example 300 A 192.0.2.7");
    t.found(lookup, true, &["192.0.2.7"]);
    t.lookup("cam.example", Families::V6);
    t.asked_at(0, FIRST, "cam.example aaaa");
    // Nor is it asked again at once.
    let request = t.records("gate.example", Type::ANY);
    let any = t.asked_at(0, FIRST, "gate.example any");
    t.code(&any, Rcode::REFUSED.0);
    t.failed(request, Failure::ServerFailure(Rcode::REFUSED));
    let request = t.records("gate.example", Type::ANY);
    t.failed(request, Failure::ServerFailure(Rcode::REFUSED));
    assert!(t.sent().is_empty());
}

#[test]
fn names_that_differ_in_case_are_one() {
    let mut t = Lab::new(&[FIRST]);
    let lookup = t.lookup("Cam.Example", Families::V4);
    let asked = t.asked_at(0, FIRST, "cam.example a");
    let other = t.lookup("cAM.eXAMPLE.", Families::V4);
    t.answer(&asked, "| ans CAM.EXAMPLE 300 CNAME Other.example, other.EXAMPLE 300 A 192.0.2.7");
    let found = |request| (0, Event::Found { request, is_complete: true });
    assert_eq!(t.told(), [found(lookup), found(other)]);
    // Of the case of a name the cache keeps what it met first.
    let other: dotlocal::name::NameBuf = "other.example".parse().unwrap();
    assert_eq!(t.resolver.canonical_name(lookup).unwrap(), other);
}

#[test]
fn the_root_and_the_longest_name_are_names_like_others() {
    let longest = format!("{0}.{0}.{0}.{1}", "a".repeat(63), "b".repeat(61));
    let mut t = Lab::new(&[FIRST]);
    t.records(".", Type::NS);
    t.asked_at(0, FIRST, ". ns");
    let lookup = t.lookup(&longest, Families::V4);
    let asked = t.asked_at(0, FIRST, &format!("{longest} a"));
    assert_eq!(t.answer(&asked, &format!("| ans {longest} 300 A 192.0.2.7")), Disposition::Used);
    t.found(lookup, true, &["192.0.2.7"]);
    assert!(t.resolver.lookup(&format!("{longest}b"), Families::V4, 1).is_err());
}

#[test]
fn an_answer_that_does_not_fit_is_told_and_others_stay() {
    let mut t = Lab::with(ResolverStorage::<1, 2, 256>::new(), Default::default(), &[FIRST], 5);
    t.buffer = 512;
    let one = t.lookup("cam.example", Families::V4);
    let asked = t.asked_at(0, FIRST, "cam.example a");
    t.answer(&asked, "| ans cam.example 300 A 192.0.2.7");
    t.found(one, true, &["192.0.2.7"]);
    let other = t.lookup("big.example", Families::V4);
    let asked = t.asked_at(0, FIRST, "big.example a");
    let many: Vec<_> = (1..=20).map(|last| format!("big.example 300 A 192.0.2.{last}")).collect();
    t.answer(&asked, &format!("| ans {}", many.join(", ")));
    t.failed(other, Failure::NoRoom);
    assert_eq!(t.addresses(one), ["192.0.2.7"]);
    // What nobody holds makes room.
    t.resolver.cancel(one);
    for number in 0..60 {
        let lookup = t.lookup(&format!("c{number}.example"), Families::V4);
        let asked = t.sent().remove(0);
        t.answer(&asked, &format!("| ans c{number}.example 300 A 192.0.2.7"));
        t.found(lookup, true, &["192.0.2.7"]);
        t.resolver.cancel(lookup);
    }
    // The oldest go, and no more of them than need be.
    for number in [59, 58] {
        let lookup = t.lookup(&format!("c{number}.example"), Families::V4);
        t.found(lookup, true, &["192.0.2.7"]);
    }
    assert_eq!(t.sent().len(), 0);
}

#[test]
fn names_that_fit_in_part_only_are_told_once() {
    // Its end is stored first, and is not what would have to go.
    let long = format!("{}.example", "a".repeat(63));
    let storage = ResolverStorage::<1, 2, 80>::new();
    let mut t = Lab::with(storage, Config::new(), &[FIRST], 5);
    let lookup = t.lookup("cam.example", Families::V4);
    let refused = t.resolver.lookup(&long, Families::V4, 1_000).unwrap_err();
    assert!(matches!(refused, RequestError::CacheFull { .. }), "{refused}");
    // The same that an answer brings, from whomever.
    let asked = t.asked_at(0, FIRST, "cam.example a");
    t.answer(
        &asked,
        &format!("| ans cam.example 300 CNAME {0}.test, {0}.test 300 A 192.0.2.7", "a".repeat(63)),
    );
    t.failed(lookup, Failure::NoRoom);
}

#[test]
fn a_buffer_that_holds_no_query_is_told() {
    let mut t = Lab::new(&[FIRST]);
    t.buffer = 20;
    let lookup = t.lookup("cam.example", Families::V4);
    t.failed(lookup, Failure::NoRoom);
}

#[test]
fn the_random_case_of_a_question_is_not_seen_in_what_is_found() {
    // Servers compress against the question, which they give back as it came.
    let mut t = Lab::new(&[FIRST]);
    let lookup = t.lookup("cam.one.two.lab.example", Families::V4);
    let asked = t.sent().remove(0);
    let zone = asked.name().split_once('.').unwrap().1.to_owned();
    assert_ne!(zone, "one.two.lab.example", "this seed draws some capital letters");
    t.answer(
        &asked,
        &format!(
            "| ans {0} 300 CNAME x.{0}, x.{0} 300 CNAME www.{zone}, www.{zone} 300 A 192.0.2.7",
            asked.name()
        ),
    );
    assert_eq!(t.told().len(), 1);
    assert_eq!(t.resolver.canonical_name(lookup).unwrap().to_string(), "www.one.two.lab.example");
    let alias = t.records("x.cam.one.two.lab.example", Type::CNAME);
    let shown: Vec<_> = t.resolver.found_records(alias).map(|record| record.name().to_string()).collect();
    assert_eq!(shown, ["x.cam.one.two.lab.example"]);
    t.told();
    // What has names in its data is asked for as it was written.
    for rtype in [Type::PTR, Type::MX, Type::SRV] {
        let request = t.records("_http._tcp.lab.example", rtype);
        assert_eq!(t.sent()[0].name(), "_http._tcp.lab.example");
        t.resolver.cancel(request);
    }
}
