//! The list of service types, of which each type is one record whoever of its services lists it: RFC 6763 section 9.

use super::*;
use crate::support::{HOUR, MINUTE, NEIGHBOUR, OTHER};
use dotlocal::Destination;

const LIST: &str = "_services._dns-sd._udp.local PTR";
const GROUP: Destination = Destination::Multicast;

/// `Web._http._tcp` and `Other._HTTP._tcp`, settled.
fn two_of_a_type() -> (Script<Responder>, [ServiceId; 2], u64) {
    let (mut t, web) = host_with_service(7);
    let other = t.machine.register(Service::new("_HTTP._tcp", 81).instance("Other")).unwrap();
    let (t, now) = settled(t);
    (t, [web, other], now)
}

/// Asks the group for the list, and gives the time of the answer.
fn list(t: &mut Script<Responder>, now: u64) -> u64 {
    t.hear_at(now, NEIGHBOUR, &format!("? {LIST}"));
    let sent = t.sent_until(now + 120);
    assert_eq!(listed(&sent).len(), 1, "{sent:?}");
    sent[0].0
}

/// When, to whom and with which TTL the type was listed.
fn listed(sent: &[(u64, Destination, Msg)]) -> Vec<(u64, Destination, u32)> {
    let list: support::Name = "_services._dns-sd._udp.local".parse().unwrap();
    let records = sent.iter().flat_map(|(at, to, message)| {
        message.records.iter().map(move |(_, record)| (*at, *to, record.clone()))
    });
    records
        .filter(|(_, _, record)| record.name == list)
        .map(|(at, to, record)| (at, to, record.ttl))
        .collect()
}

// S-9-1, M-6-6
#[test]
fn a_type_is_listed_though_the_service_that_was_to_list_it_goes() {
    let asked = |leave: fn(&mut Script<Responder>, [ServiceId; 2])| {
        let (mut t, services, now) = two_of_a_type();
        t.hear_at(now, NEIGHBOUR, &format!("? {LIST}"));
        leave(&mut t, services);
        listed(&t.sent_until(now + MINUTE)).iter().map(|(_, to, ttl)| (*to, *ttl)).collect::<Vec<_>>()
    };
    let once = [(GROUP, 4_500)];
    assert_eq!(asked(|_, _| {}), once);
    assert_eq!(asked(|t, [web, _]| t.machine.unregister(web).unwrap()), once);
    assert_eq!(asked(|t, [_, other]| t.machine.unregister(other).unwrap()), once);
    assert_eq!(asked(|t, [web, _]| t.machine.set_instance(web, "New").unwrap()), once);
}

// S-9-1, M-6-6
#[test]
fn the_second_of_a_type_is_one_for_all_its_services() {
    let (mut t, [web, _], now) = two_of_a_type();
    let at = list(&mut t, now);
    t.machine.unregister(web).unwrap();
    // A service that is new to the list waits as well, though it is established within the second.
    t.machine.register(Service::new("_http._tcp", 82).instance("New")).unwrap();
    let mut sent = t.sent_until(at + 800);
    t.hear_at(at + 800, OTHER, &format!("? {LIST}"));
    sent.extend(t.sent_until(at + 5_000));
    let times: Vec<_> = listed(&sent).iter().map(|listed| listed.0).collect();
    assert_eq!(times, [at + 1_000]);
    // So does the only one with a new name, where it is established in time.
    let mut answered = 0;
    for seed in 0..20 {
        let (t, web) = host_with_service(seed);
        let (mut t, now) = settled(t);
        t.hear_at(now, NEIGHBOUR, &format!("? {LIST}"));
        let (at, _, _) = t.next_within(now + 20..=now + 120);
        t.machine.set_instance(web, "New").unwrap();
        t.sent_until(at + 850);
        t.hear_at(at + 850, OTHER, &format!("? {LIST}"));
        assert!(listed(&t.sent_until(at + 999)).is_empty());
        answered += listed(&t.sent_until(at + 5_000)).len();
    }
    assert!((3..17).contains(&answered), "{answered}");
}

// S-9-1, M-5.4-2
#[test]
fn the_quarter_of_a_type_is_one_for_all_its_services() {
    let (mut t, [web, other], now) = two_of_a_type();
    let at = list(&mut t, now);
    t.machine.register(Service::new("_http._tcp", 82).instance("New")).unwrap();
    t.machine.set_instance(other, "Renamed").unwrap();
    t.sent_until(now + MINUTE);
    // Whichever of them is left: the group knows.
    let mut now = now + MINUTE;
    for service in [None, Some(web), Some(other)] {
        service.into_iter().for_each(|service| t.machine.unregister(service).unwrap());
        t.sent_until(now);
        t.hear_at(now, OTHER, &format!("? {LIST} QU"));
        let sent = listed(&t.sent_until(now + 120));
        assert_eq!(sent.iter().map(|sent| sent.1).collect::<Vec<_>>(), [Destination::Unicast(OTHER)]);
        now += MINUTE;
    }
    let now = at + HOUR / 2;
    t.sent_until(now);
    t.hear_at(now, OTHER, &format!("? {LIST} QU"));
    assert_eq!(listed(&t.sent_until(now + 120)).iter().map(|sent| sent.1).collect::<Vec<_>>(), [GROUP]);
}
