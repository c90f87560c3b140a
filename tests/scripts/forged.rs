//! Floods of forged packets: tables and traffic stay bounded, and requests end with the truth (S9, S11).

use super::*;
use crate::support::OTHER;
use dotlocal::mdns::{Config, Families, QuerierStorage, Until};

const ONCE: Until = Until::Answered { timeout_millis: 60_000 };

/// Item number `n` of a flood.
type Forge = fn(u32) -> String;

const FLOODS: [(&str, Forge); 10] = [
    ("records of random names", |n| {
        format!("h{n}.local 120 flush A 10.0.0.1, i{n}._http._tcp.local 120 flush SRV 1 h{n}.local")
    }),
    ("instances that nobody has", |n| format!("_ipp._tcp.local 4500 PTR i{n}._ipp._tcp.local")),
    ("whole instances", |n| {
        format!(
            r#"_ipp._tcp.local 4500 PTR i{n}._ipp._tcp.local, i{n}._ipp._tcp.local 120 flush SRV 1 h{n}.local,
            i{n}._ipp._tcp.local 4500 flush TXT "", h{n}.local 120 flush A 10.0.0.1"#
        )
    }),
    ("goodbyes", |_| {
        "_ipp._tcp.local 0 PTR Printer._ipp._tcp.local, printer.local 0 flush A 192.0.2.20".into()
    }),
    ("lives of no and of one second", |n| {
        let ttl_secs = n % 2;
        format!("_ipp._tcp.local {ttl_secs} PTR i{n}._ipp._tcp.local, h{n}.local {ttl_secs} flush A 10.0.0.1")
    }),
    ("cache-flush on shared names", |n| format!("_ipp._tcp.local 4500 flush PTR i{}._ipp._tcp.local", n % 3)),
    ("rings of aliases", |n| {
        let (a, b) = (n % 5, (n + 1) % 5);
        format!("cam.local 120 flush CNAME a{a}.local, a{a}.local 120 flush CNAME a{b}.local")
    }),
    ("services that are their own host", |n| {
        format!(
            "_ipp._tcp.local 4500 PTR i{n}._ipp._tcp.local, i{n}._ipp._tcp.local 120 flush SRV 1 i{n}._ipp._tcp.local"
        )
    }),
    ("broken data", |n| {
        format!(
            r"_ipp._tcp.local 4500 PTR \# 1 c0, printer.local 120 flush A \# 3 0a0000, _ipp._tcp.local 4500 PTR i{n}._ipp._tcp.local, Printer._ipp._tcp.local 120 flush SRV \# 2 0001"
        )
    }),
    ("questions", |n| {
        if n % 2 == 0 { "_ipp._tcp.local PTR".into() } else { "Printer._ipp._tcp.local ANY".into() }
    }),
];

// S9, S11
#[test]
fn a_flood_keeps_no_request_from_the_truth_and_draws_no_traffic() {
    for (what, forge) in FLOODS {
        let storage = Box::leak(Box::new(QuerierStorage::<3, 2048>::new()));
        let mut t = Script::new(Querier::new(storage, Config::new(7)));
        let browse = t.machine.browse("_ipp._tcp").unwrap();
        let lookup = t.machine.lookup("printer.local", Families::V4, ONCE).unwrap();
        let mut sent = 0;
        // A thousand records a second for ten seconds; in the midst of them the printer answers.
        for packet in 0..500 {
            let now = 20 * u64::from(packet) + 1;
            while t.next_or_none(now).is_some() {
                sent += 1;
            }
            let items: Vec<_> = (20 * packet..20 * packet + 20).map(forge).collect();
            let head = if what == "questions" { "?" } else { "!" };
            t.hear_at(now, OTHER, &format!("{head} {}", items.join(", ")));
            if packet % 50 == 25 {
                t.hear_at(now, NEIGHBOUR, PRINTER);
            }
        }
        while t.next_or_none(11_000).is_some() {
            sent += 1;
        }
        println!("{what}: {sent} packets sent for 10,000 that were forged");
        assert!(sent <= 60, "{what}: {sent} packets");
        let told = |wanted: QuerierEvent| t.events().any(|(_, event)| *event == wanted);
        assert!(told(QuerierEvent::Done { request: lookup }), "{what}: the lookup");
        let address = "192.0.2.20".parse().unwrap();
        assert!(
            told(QuerierEvent::Address { request: lookup, address, ttl_secs: 120 }),
            "{what}: the address"
        );

        // The flood is over, and the forged records end: the browse finds the printer.
        while let Some((at, _)) = t.next_or_none(600_000) {
            t.hear_at(at, NEIGHBOUR, PRINTER);
        }
        let is_printer = |event: &QuerierEvent| match event {
            QuerierEvent::Resolved { request, instance } if *request == browse => t
                .machine
                .instance(*instance)
                .is_some_and(|view| view.label() == b"Printer" && view.port() == 631),
            _ => false,
        };
        assert!(t.events().any(|(_, event)| is_printer(event)), "{what}: the printer");
        t.call(|machine| machine.cancel(browse));
    }
}
