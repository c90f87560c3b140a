//! What a caller may do wrong: a typed error that says what to write instead, and nothing has changed.

use super::*;
use crate::support::{HOUR, NEIGHBOUR};
use dotlocal::mdns::{
    AddressesError, ChangeError, Config, HostnameError, RegisterError, ResponderStorage, ServiceError,
};

#[test]
fn what_is_no_host_name_is_refused_and_the_old_one_stands() {
    let (mut t, now) = settled(host(7));
    let long = "a".repeat(64);
    for (label, error, hint) in [
        ("kitchen-cam.local", HostnameError::Dotted, r#"write "kitchen-cam""#),
        ("", HostnameError::Empty, r#"write "kitchen-cam""#),
        (long.leak(), HostnameError::TooLong { octets: 64 }, "64 octets: shorten it to 63"),
    ] {
        assert_eq!(t.machine.set_hostname(label), Err(error));
        assert!(error.to_string().contains(hint), "{error}");
    }
    t.hear_at(now, NEIGHBOUR, "? cam.local A");
    t.expect_at(now, "! cam.local 120 flush A 192.0.2.7 | add cam.local 120 flush NSEC A");
}

#[test]
fn more_addresses_than_there_is_room_for_are_refused_and_the_old_ones_stand() {
    let (mut t, now) = settled(host(7));
    let addresses: Vec<_> = (1..=5).map(|last| ([192, 0, 2, last].into(), 24)).collect();
    let error = t.machine.set_addresses(&addresses).unwrap_err();
    assert_eq!(error, AddressesError { capacity: 4 });
    assert!(error.to_string().contains("raise ADDRESSES"), "{error}");
    t.hear_at(now, NEIGHBOUR, "? cam.local A");
    t.expect_at(now, "! cam.local 120 flush A 192.0.2.7 | add cam.local 120 flush NSEC A");
}

#[test]
fn a_service_that_cannot_be_published_is_refused_with_a_hint() {
    let mut machine = machines::responder(7);
    let web = || Service::new("_http._tcp", 80).instance("Web");
    let long = "a".repeat(64).leak();
    for (service, hint) in [
        (Service::new("http._tcp", 80).instance("Web"), r#"write "_http._tcp""#),
        (Service::new("_http", 80).instance("Web"), r#"write "_http._tcp""#),
        (Service::new("_http._tcp", 80), r#"add .instance("Kitchen Cam")"#),
        (Service::new("_http._tcp", 80).instance(long), "shorten it to 63"),
        (web().subtypes(&["_a", ""]), "subtype 1"),
        (web().subtypes(&["_a"; 9]), "at most 8"),
        (web().txt(&[("a", "1"), ("b=", "2")]), "attribute 1"),
        (web().txt_octets(b"\x05a"), "octets are cut"),
    ] {
        let error = machine.register(service).unwrap_err();
        assert!(matches!(error, RegisterError::Service(_)) && error.to_string().contains(hint), "{error}");
    }
    assert_eq!(
        machine.register(Service::new("_http._tcp", 80)),
        Err(RegisterError::Service(ServiceError::NoInstance))
    );
    assert!(machine.register(web()).is_ok());
    assert_eq!(machine.register(web().instance("WEB")), Err(RegisterError::Duplicate));
    assert!(machine.register(web().instance("Other")).is_ok());
}

#[test]
fn with_every_slot_taken_the_services_that_are_there_go_on() {
    let storage = Box::leak(Box::new(ResponderStorage::<1, 2, 8>::new()));
    let mut t = Script::new(Responder::new(storage, Config::new(7)));
    t.machine.set_hostname("cam").unwrap();
    t.machine.set_addresses(&[("192.0.2.7".parse().unwrap(), 24)]).unwrap();
    let web =
        t.machine.register(Service::new("_http._tcp", 80).instance("Web").txt(&[("path", "/")])).unwrap();
    let error = t.machine.register(Service::new("_http._tcp", 81).instance("Other")).unwrap_err();
    assert_eq!(error, RegisterError::Full { capacity: 1 });
    assert!(error.to_string().contains("raise NAMES"), "{error}");
    let error = t.machine.set_txt(web, &[("path", "/long")]).unwrap_err();
    assert_eq!(error, ChangeError::TxtTooLong { needed: 11, capacity: 8 });
    assert!(error.to_string().contains("raise TXT"), "{error}");
    let (mut t, now) = settled(t);
    t.hear_at(now, NEIGHBOUR, "? Web._http._tcp.local TXT");
    t.expect_at(now, r#"! Web._http._tcp.local 4500 flush TXT "path=/""#);

    // Its slot is free again once the goodbye is out, and the old handle is stale.
    t.machine.unregister(web).unwrap();
    assert_eq!(
        t.machine.register(Service::new("_ipp._tcp", 631).instance("New")),
        Err(RegisterError::Full { capacity: 1 })
    );
    t.next_within(now..=now + 1_000);
    let new = t.machine.register(Service::new("_ipp._tcp", 631).instance("New")).unwrap();
    assert_eq!(t.machine.set_port(web, 1), Err(ChangeError::Unknown));
    assert_eq!(t.machine.set_txt(web, &[]), Err(ChangeError::Unknown));
    assert_eq!(t.machine.unregister(web), Err(ChangeError::Unknown));
    assert!(t.machine.name(Claimed::Service(web)).is_none());
    assert_eq!(t.machine.name(Claimed::Service(new)).unwrap().to_string(), "New._ipp._tcp.local");
    t.call(|machine| machine.link_down());
    t.expect_silence_until(now + HOUR);
}

#[test]
fn the_host_name_that_stands_may_be_set_again() {
    let (mut t, now) = settled(host(7));
    t.machine.set_hostname("cam").unwrap();
    t.expect_silence_until(now + HOUR);
    t.hear_at(now + HOUR, NEIGHBOUR, "? cam.local A");
    t.expect_at(now + HOUR, "! cam.local 120 flush A 192.0.2.7 | add cam.local 120 flush NSEC A");
}

#[test]
fn a_service_may_be_registered_again_while_it_says_goodbye() {
    let (t, service) = host_with_service(7);
    let (mut t, now) = settled(t);
    t.machine.unregister(service).unwrap();
    t.machine.register(Service::new("_http._tcp", 80).instance("Web")).unwrap();
    t.next_within(now..=now);
    t.next_within(now..=now + 250);
    t.call(|machine| machine.link_down());
}
