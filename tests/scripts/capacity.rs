//! What fits a cache: figures of the README.

use super::*;
use crate::support::MINUTE;
use dotlocal::mdns::{Config, Families, QuerierStorage, Until};

const ONCE: Until = Until::Answered { timeout_millis: 5_000 };

/// How many services are resolved of those that one after the other are heard by one browse with 2,048 octets of cache.
fn resolved(service_type: &str, service: impl Fn(u32) -> String) -> usize {
    let storage = Box::leak(Box::new(QuerierStorage::<1, 2_048>::new()));
    let mut t = Script::new(Querier::new(storage, Config::new(7)));
    let browse = t.machine.browse(service_type).unwrap();
    let mut instances = std::collections::BTreeSet::new();
    for nth in 1.. {
        if t.events().any(|(_, event)| *event == QuerierEvent::NoRoom) {
            break;
        }
        let now = u64::from(nth) * 200;
        t.sent_until(now);
        t.hear_at(now, NEIGHBOUR, &service(nth));
    }
    for (_, event) in t.events() {
        if let QuerierEvent::Resolved { request, instance } = event {
            assert_eq!(*request, browse);
            let view = t.machine.instance(*instance).unwrap();
            assert!(view.port() != 0 && view.addresses().count() == 2 && view.txt().is_some());
            instances.insert(label(&t, *instance));
        }
    }
    instances.len()
}

#[test]
fn eight_web_servers_fit_two_kibibytes_of_cache() {
    let count = resolved("_http._tcp", |nth| {
        format!(
            r#"! _http._tcp.local 4500 PTR "Kitchen Cam {nth:02}"._http._tcp.local
            | add "Kitchen Cam {nth:02}"._http._tcp.local 120 flush SRV 80 kitchen-cam-{nth:02}.local,
            "Kitchen Cam {nth:02}"._http._tcp.local 4500 flush TXT "path=/",
            kitchen-cam-{nth:02}.local 120 flush A 192.0.2.{nth}, kitchen-cam-{nth:02}.local 120 flush AAAA fe80::{nth}"#
        )
    });
    println!("{count} full _http._tcp services in 2,048 octets of cache");
    assert_eq!(count, 8);
}

#[test]
fn two_printers_with_400_octets_of_text_fit_two_kibibytes_of_cache() {
    // Four strings of 99 octets, each behind its length.
    let text =
        ["note", "adminurl", "ty", "product"].map(|key| format!(r#""{key}={:x<1$}""#, "", 98 - key.len()));
    let count = resolved("_ipp._tcp", |nth| {
        format!(
            r#"! _ipp._tcp.local 4500 PTR "Office LaserJet {nth:02}"._ipp._tcp.local
            | add "Office LaserJet {nth:02}"._ipp._tcp.local 120 flush SRV 631 HPA0B1C2D3E4{nth:02}.local,
            "Office LaserJet {nth:02}"._ipp._tcp.local 4500 flush TXT {},
            HPA0B1C2D3E4{nth:02}.local 120 flush A 192.0.2.{nth}, HPA0B1C2D3E4{nth:02}.local 120 flush AAAA fe80::{nth}"#,
            text.join(" ")
        )
    });
    println!("{count} printers with 400 octets of TXT in 2,048 octets of cache");
    assert_eq!(count, 2);
}

/// Octets of the longest label that a lookup may have beside what was done before.
fn longest_label<const CACHE: usize>(before: impl Fn(&mut Script<Querier>)) -> usize {
    let fits = |len: &usize| {
        let storage = Box::leak(Box::new(QuerierStorage::<3, CACHE>::new()));
        let mut t = Script::new(Querier::new(storage, Config::new(7)));
        before(&mut t);
        t.sent_until(MINUTE);
        let is_accepted = t.machine.lookup(&format!("{:a<len$}.local", ""), Families::V4, ONCE).is_ok();
        t.machine.link_down();
        is_accepted
    };
    (1..=63).filter(fits).count()
}

// S9
#[test]
fn what_nobody_needs_any_more_takes_no_room() {
    // A denial that holds for long still.
    let denied = longest_label::<112>(|t| {
        t.machine.lookup("cam.local", Families::V6, ONCE).unwrap();
        t.expect_at(0, "? cam.local AAAA");
        t.hear_at(0, NEIGHBOUR, "! cam.local 4500 flush NSEC A");
    });
    assert_eq!(denied, longest_label::<112>(|_| {}));
    assert!(denied < 63);
    // The other family of a host of which one is looked up again.
    let one = |t: &mut Script<Querier>| {
        t.machine.lookup("cam.local", Families::V4, Until::Cancelled).unwrap();
    };
    let answered = |families: Families| {
        longest_label::<160>(|t| {
            t.machine.lookup("cam.local", families, ONCE).unwrap();
            t.sent_until(0);
            t.hear_at(0, NEIGHBOUR, "! cam.local 4500 flush A 192.0.2.9, cam.local 4500 flush AAAA fe80::9");
            one(t);
        })
    };
    assert_eq!(answered(Families::Both), answered(Families::V4));
    assert!(answered(Families::V4) < 63);
}

// S9
#[test]
fn a_flood_of_instances_leaves_room_for_what_is_known_of_one() {
    let storage = Box::leak(Box::new(QuerierStorage::<1, 512>::new()));
    let mut t = Script::new(Querier::new(storage, Config::new(7)));
    let browse = t.machine.browse("_ipp._tcp").unwrap();
    let asked = t.expect_within(20..=120, "? _ipp._tcp.local PTR");
    for n in 0..40 {
        t.hear_at(asked, NEIGHBOUR, &format!("! _ipp._tcp.local 4500 PTR i{n}._ipp._tcp.local"));
    }
    t.expect_event(QuerierEvent::NoRoom);
    t.hear_at(asked, NEIGHBOUR, r#"! i0._ipp._tcp.local 120 flush SRV 631 i.local"#);
    let instance = found(&mut t, browse);
    assert_eq!(t.machine.instance(instance).unwrap().port(), 631);
    t.call(|machine| machine.link_down());
}

/// Renewals of records that live ten seconds, of which 80, 85, 90 and 95 percent lie half a second apart.
fn renewals<const CACHE: usize>(instances: usize) -> usize {
    let storage = Box::leak(Box::new(QuerierStorage::<1, CACHE>::new()));
    let mut t = Script::new(Querier::new(storage, Config::new(7)));
    let browse = t.machine.browse("_http._tcp").unwrap();
    let now = t.expect_within(20..=120, "? _http._tcp.local PTR");
    let all = (0..instances).map(|nth| {
        let (host, service) = (nth % 8, format!("n{nth}._http._tcp.local"));
        format!(
            r#"_http._tcp.local 10 PTR {service}, {service} 10 flush SRV {nth} h{host}.local,
            {service} 10 flush TXT "paper", h{host}.local 10 flush A 192.0.2.{host}"#
        )
    });
    t.hear_at(now + 10, NEIGHBOUR, &format!("! {}", all.collect::<Vec<_>>().join(", ")));
    let (mut last, mut count) = (std::collections::BTreeMap::new(), 0);
    for (at, _, message) in t.sent_until(now + 9_999) {
        for question in message.questions {
            let before = last.insert((question.name.to_string(), question.qtype), at);
            assert!(before.is_none_or(|before| at - before >= 1_000), "at {at} ms: {question:?}");
            count += usize::from(at > now + 8_000);
        }
    }
    t.call(|machine| machine.cancel(browse));
    count
}

// M-5.2-2
#[test]
fn where_there_is_no_room_to_remember_a_question_it_is_not_asked_twice_in_a_second() {
    for instances in 1..=12 {
        let all = [
            renewals::<800>(instances),
            renewals::<1_000>(instances),
            renewals::<1_200>(instances),
            renewals::<1_400>(instances),
            renewals::<1_600>(instances),
            renewals::<1_800>(instances),
            renewals::<2_048>(instances),
        ];
        assert!(all.iter().all(|count| *count > 1), "{all:?}");
    }
}
