//! What each of the others can ask for is there: host, service, subtype, the list of types, the name of an address.
//! Avahi's questions are in `be_found.rs`.

use std::net::IpAddr;

use super::avahi::Avahi;
use super::dig::dig;
use super::lan::{Host, Lan};
use super::needs::Need;
use super::ours::{self, INSTANCE, PORT, SERVICE_TYPE, SOON};
use super::packets::{A, AAAA, PTR};
use super::process::Process;
use super::resolved::Resolved;
use super::text::reverse;
use super::zeroconf;

const NAME: &str = "kitchen-cam.local";
const SUBTYPE: &str = "_printer._sub._http._tcp";
const TYPES: &str = "_services._dns-sd._udp.local";

/// The device that all look for: with a subtype.
fn advertise(host: &Host) -> Process {
    ours::advertise_with(host, "kitchen-cam", INSTANCE, &["--subtype", "_printer"])
}

// S-7.1-1, S-9-1
#[test]
fn zeroconf_finds_our_host_subtype_and_types() {
    let Some(lan) = Lan::new(&[Need::Zeroconf]) else { return };
    let (a, b) = (lan.host("a"), lan.host("b"));
    let _cam = advertise(&a);
    assert_eq!(zeroconf::look(&b, NAME, A), [a.ipv4().to_string()]);
    assert_eq!(zeroconf::look(&b, NAME, AAAA), [a.ipv6().to_string()]);
    assert_eq!(
        zeroconf::look(&b, &format!("{SUBTYPE}.local"), PTR),
        [format!("{INSTANCE}.{SERVICE_TYPE}.local")]
    );
    assert_eq!(zeroconf::types(&b), [SERVICE_TYPE]);
}

// S-5-1, S-7.1-1, S-9-1
#[test]
fn resolved_finds_our_host_service_subtype_and_types() {
    let Some(lan) = Lan::new(&[Need::Resolved]) else { return };
    let (a, b) = (lan.host("a"), lan.host("b"));
    let _cam = advertise(&a);
    let resolved = Resolved::start(&b, "neighbour");
    assert_eq!(resolved.query(&["-4", "query", NAME]), [format!("{NAME}: {}", a.ipv4())]);
    let answers = resolved.query(&["-6", "query", NAME]);
    let [answer] = answers.as_slice() else { panic!("{answers:?}") };
    assert!(answer.starts_with(&format!("{NAME}: {}%", a.ipv6())), "{answer}");

    let service = resolved.service(INSTANCE, SERVICE_TYPE);
    for part in [format!("{NAME}:{PORT} [priority=0, weight=0]"), a.ipv4().to_string(), "path=/".into()] {
        assert!(service.contains(&part), "{part} is not in {service}");
    }
    for (name, data) in [
        ("_http._tcp.local", r"Kitchen\032Cam._http._tcp.local"),
        ("_printer._sub._http._tcp.local", r"Kitchen\032Cam._http._tcp.local"),
        (TYPES, "_http._tcp.local"),
    ] {
        assert_eq!(resolved.query(&["--type=PTR", "query", name]), [format!("{name} IN PTR {data}")]);
    }
}

#[test]
fn we_find_what_resolved_claims() {
    let Some(lan) = Lan::new(&[Need::Resolved]) else { return };
    let (a, b) = (lan.host("a"), lan.host("b"));
    let _resolved = Resolved::start(&b, "neighbour");
    // It answers for its name once it has probed for it; until then the lookup asks again.
    ours::lookup_until(&a, "neighbour.local", &["--family", "4"], &[b.ipv4().into()]);
    ours::lookup_until(&a, "neighbour.local", &["--family", "6"], &[b.ipv6().into()]);
}

// S-7.1-1, S-9-1
#[test]
fn dig_finds_our_service_subtype_and_types() {
    let Some(lan) = Lan::new(&[Need::Dig]) else { return };
    let (a, b) = (lan.host("a"), lan.host("b"));
    let _cam = advertise(&a);
    for server in [format!("@{}", a.ipv4()), format!("@{}%veth0", a.ipv6())] {
        for (name, rtype, data) in [
            ("_http._tcp.local", "PTR", r"Kitchen\032Cam._http._tcp.local."),
            ("_printer._sub._http._tcp.local", "PTR", r"Kitchen\032Cam._http._tcp.local."),
            (TYPES, "PTR", "_http._tcp.local."),
            (r"Kitchen\ Cam._http._tcp.local", "TXT", "\"path=/\""),
        ] {
            let answers = dig(&b, &server, name, rtype);
            let [answer] = answers.as_slice() else { panic!("{server} {name}: {answers:?}") };
            assert!(answer.ends_with(&format!("IN {rtype} {data}")), "{answer}");
        }
    }
}

// S-7.1-1, S-9-1
#[test]
fn a_second_one_of_ours_finds_host_service_subtype_and_types_by_each_family() {
    let Some(lan) = Lan::new(&[]) else { return };
    let (a, b) = (lan.host("a"), lan.host("b"));
    let _cam = advertise(&a);
    for family in ["--ipv4", "--ipv6"] {
        let (status, mut addresses) = ours::lookup(&b, NAME, &[family]);
        addresses.sort();
        assert_eq!((status, addresses), (Some(0), vec![a.ipv4().into(), IpAddr::from(a.ipv6())]), "{family}");
        for service_type in [SERVICE_TYPE, SUBTYPE] {
            let arguments = [service_type, "--interface", "veth0", family];
            let mut browser = ours::start(&b, "browse", &arguments);
            ours::expect_resolved(&mut browser, INSTANCE, a.ipv4(), a.ipv6());
        }
        let mut types = ours::start(&b, "browse", &["--types", "--interface", "veth0", family]);
        types.expect_json("our type", SOON, |line| line["type"] == SERVICE_TYPE);
    }
}

#[test]
fn each_finds_our_name_by_our_addresses() {
    let Some(lan) = Lan::new(&[Need::Avahi, Need::Zeroconf, Need::Resolved, Need::Dig]) else { return };
    let (a, b, c) = (lan.host("a"), lan.host("b"), lan.host("c"));
    let _cam = advertise(&a);
    let avahi = Avahi::start(&b, "neighbour");
    let resolved = Resolved::start(&c, "resolver");
    for address in [a.ipv4().into(), IpAddr::from(a.ipv6())] {
        let (name, text) = (reverse(address), address.to_string());
        assert_eq!(avahi.reverse(address).as_deref(), Some(NAME), "Avahi, {address}");
        assert_eq!(zeroconf::look(&b, &name, PTR), [NAME], "zeroconf, {address}");
        let found = resolved.query(&["--type=PTR", "query", &name]);
        assert_eq!(found, [format!("{name} IN PTR {NAME}")], "resolved, {address}");
        let server = if address.is_ipv4() { format!("@{text}") } else { format!("@{text}%veth0") };
        let answers = dig(&b, &server, &name, "PTR");
        assert!(answers.len() == 1 && answers[0].ends_with("IN PTR kitchen-cam.local."), "dig: {answers:?}");
    }
}
