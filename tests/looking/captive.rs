//! The suspicion of a captive portal, in networks with one and in those that are only odd.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use dotlocal::lookup::{CaptiveCheck, Evidence, Verdict};
use dotlocal::resolver::{Failure, RequestError};

use crate::lab::{FIRST, Lab, TIMEOUT, soa};

const API: &str = "api.example";
const TIME: &str = "time.test";
/// All names below this one.
const NOTHING: &str = "*.invalid";

/// What a network answers: for each name its addresses; of others it says that they do not exist.
fn verdict_with(known: &'static [IpAddr], network: &[(&str, &[&str])]) -> Verdict {
    let network: BTreeMap<&str, &[&str]> = network.iter().copied().collect();
    let mut t = Lab::new(&[FIRST]);
    let mut check = CaptiveCheck::start(&mut t.resolver, [API, TIME], known, TIMEOUT).unwrap();
    let mut verdicts = Vec::new();
    for _ in 0..20 {
        t.at(t.now + 10);
        for asked in t.sent() {
            let (name, qtype) =
                asked.question().rsplit_once(' ').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
            let key = if name.ends_with(".invalid") { NOTHING } else { name.as_str() };
            let all = network.get(key).copied();
            let some = all.unwrap_or(&[]).iter().filter(|ip| ip.contains(':') == (qtype == "aaaa"));
            let records: Vec<_> = some.map(|ip| format!("{name} 60 {} {ip}", qtype.to_uppercase())).collect();
            let denial = format!("| auth {}", soa(".", 60, 60));
            match (all, records.is_empty()) {
                (Some(["silence"]), _) => {}
                (Some(_), false) => drop(t.answer(&asked, &format!("| ans {}", records.join(", ")))),
                (Some(_), true) => drop(t.answer(&asked, &denial)),
                (None, _) => drop(t.reply(&asked, &asked.reply(0x8183, &denial))),
            }
        }
        for (_, event) in t.told() {
            verdicts.extend(check.take(&mut t.resolver, &event));
        }
        t.at(t.now + 300);
    }
    let [verdict] = verdicts[..] else { panic!("{verdicts:?}") };
    // The requests are given back.
    for number in 0..4 {
        t.resolver.lookup(&format!("c{number}.example"), Default::default(), 1).unwrap();
    }
    verdict
}

fn verdict(network: &[(&str, &[&str])]) -> Verdict {
    verdict_with(&[], network)
}

fn portal(address: &str, evidence: Evidence) -> Verdict {
    Verdict::Portal { address: address.parse().unwrap(), evidence }
}

#[test]
fn a_network_that_answers_everything_with_itself_is_a_portal() {
    let itself: &[&str] = &["10.0.0.1"];
    let network = [(API, itself), (TIME, itself), (NOTHING, itself)];
    assert_eq!(verdict(&network), portal("10.0.0.1", Evidence::AnswersForNothing));
    // A public address of its own, for both families.
    let itself: &[&str] = &["198.51.100.1", "2001:db8::1"];
    let network = [(API, itself), (TIME, itself), (NOTHING, itself)];
    assert_eq!(verdict(&network), portal("2001:db8::1", Evidence::AnswersForNothing));
    // It knows that nothing is there, and still answers all that exists.
    let network: [(&str, &[&str]); 2] = [(API, &["192.168.4.1"]), (TIME, &["192.168.4.1"])];
    assert_eq!(verdict(&network), portal("192.168.4.1", Evidence::OneAddressForAll));
    // Of names that exist it says nothing.
    assert_eq!(verdict(&[(NOTHING, &["10.0.0.1"])]), portal("10.0.0.1", Evidence::AnswersForNothing));
}

#[test]
fn one_address_for_all_is_suspicious_where_it_is_private() {
    for (ip, is_private) in [
        ("172.16.0.1", true),
        ("169.254.1.1", true),
        ("127.0.0.1", true),
        ("100.64.0.1", true),
        ("100.127.255.1", true),
        ("100.63.0.1", false),
        ("100.128.0.1", false),
        ("101.64.0.1", false),
        ("198.51.100.7", false),
        ("fd00::1", true),
        ("fe80::1", true),
        ("::1", true),
        ("2001:db8::1", false),
    ] {
        let expected = if is_private { portal(ip, Evidence::OneAddressForAll) } else { Verdict::Clear };
        assert_eq!(verdict(&[(API, &[ip]), (TIME, &[ip])]), expected, "{ip}");
    }
    assert!(Evidence::OneAddressForAll.to_string().contains("private network"));
}

#[test]
fn a_name_that_is_known_to_be_elsewhere_gives_a_portal_away() {
    const KNOWN: [IpAddr; 1] = [IpAddr::V4(core::net::Ipv4Addr::new(192, 0, 2, 20))];
    let network: [(&str, &[&str]); 2] = [(API, &["198.51.100.66"]), (TIME, &["203.0.113.1"])];
    assert_eq!(verdict_with(&KNOWN, &network), portal("198.51.100.66", Evidence::NotWhereItIs));
    let network: [(&str, &[&str]); 2] = [(API, &["192.0.2.20"]), (TIME, &["203.0.113.1"])];
    assert_eq!(verdict_with(&KNOWN, &network), Verdict::Clear);
}

#[test]
fn networks_that_are_only_odd_are_none() {
    let networks: [&[(&str, &[&str])]; 6] = [
        // As it should be.
        &[(API, &["192.0.2.20", "2001:db8::20"]), (TIME, &["203.0.113.1"])],
        // Split horizon: names of the own network are inside.
        &[(API, &["10.1.2.3"]), (TIME, &["10.9.9.9"])],
        // One of them is unknown here, or has nothing; or both, as the network is no part of the internet.
        &[(API, &["10.1.2.3"])],
        &[],
        // DNS64: IPv6 addresses made of those of IPv4.
        &[(API, &["192.0.2.20", "64:ff9b::c000:214"]), (TIME, &["203.0.113.1", "64:ff9b::cb00:7101"])],
        // Both at one provider of content.
        &[(API, &["198.51.100.7"]), (TIME, &["198.51.100.7"])],
    ];
    for network in networks {
        assert_eq!(verdict(network), Verdict::Clear, "{network:?}");
    }
}

#[test]
fn a_provider_that_invents_addresses_is_named_as_such() {
    let invents = Verdict::InventsNames { address: "198.51.100.99".parse().unwrap() };
    let network: [(&str, &[&str]); 3] =
        [(API, &["192.0.2.20"]), (TIME, &["203.0.113.1"]), (NOTHING, &["198.51.100.99"])];
    assert_eq!(verdict(&network), invents);
    // One of the names does not exist for it either.
    let network: [(&str, &[&str]); 3] =
        [(API, &["198.51.100.99"]), (TIME, &["203.0.113.1"]), (NOTHING, &["198.51.100.99"])];
    assert_eq!(verdict(&network), invents);
}

#[test]
fn where_nobody_answers_nothing_is_known() {
    let silence: &[&str] = &["silence"];
    let network = [(API, silence), (TIME, silence), (NOTHING, silence)];
    assert_eq!(verdict(&network), Verdict::Unknown(Failure::Timeout { servers: 1 }));
    let network = [(API, &["192.0.2.20"][..]), (TIME, silence), (NOTHING, silence)];
    assert_eq!(verdict(&network), Verdict::Clear);
}

#[test]
fn a_check_that_cannot_start_leaves_nothing_behind() {
    let mut t = Lab::new(&[FIRST]);
    let error = CaptiveCheck::start(&mut t.resolver, [API, "printer.local"], &[], TIMEOUT).unwrap_err();
    assert_eq!(error, RequestError::Multicast);
    t.silent_until(100);
    let check = CaptiveCheck::start(&mut t.resolver, [API, TIME], &[], TIMEOUT).unwrap();
    t.drain();
    let asked = t.sent();
    assert_eq!(asked.len(), 6);
    let nothing = |asked: &crate::lab::Asked| asked.question().contains(".invalid");
    assert_eq!(asked.iter().filter(|asked| nothing(asked)).count(), 2);
    check.cancel(&mut t.resolver);
    t.silent_until(20_000);
    // Another name each time, of letters alone.
    let labels = (0..8).map(|_| {
        let check = CaptiveCheck::start(&mut t.resolver, [API, TIME], &[], TIMEOUT).unwrap();
        t.drain();
        let question = t.sent().iter().find(|asked| nothing(asked)).unwrap().question();
        check.cancel(&mut t.resolver);
        t.drain();
        let label = question.split('.').next().unwrap().to_owned();
        let letters: BTreeSet<char> = label.chars().collect();
        assert!(label.len() == 12 && label.chars().all(|letter| letter.is_ascii_lowercase()), "{label}");
        assert!(letters.len() > 5, "{label}");
        label
    });
    assert_eq!(labels.collect::<BTreeSet<_>>().len(), 8);
}
