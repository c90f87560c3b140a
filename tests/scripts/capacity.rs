//! What fits a cache: figures of the README.

use super::*;
use dotlocal::mdns::{Config, QuerierStorage};

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
