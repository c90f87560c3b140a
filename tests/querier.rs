//! The querier under a virtual clock, as packet scripts.

mod support;

#[path = "scripts/browse.rs"]
mod browse;
#[path = "scripts/by_type.rs"]
mod by_type;
#[path = "scripts/capacity.rs"]
mod capacity;
#[path = "scripts/endpoint.rs"]
mod endpoint;
#[path = "scripts/forged.rs"]
mod forged;
#[path = "scripts/known.rs"]
mod known;
#[path = "scripts/lookup.rs"]
mod lookup;
#[path = "scripts/overheard.rs"]
mod overheard;
#[path = "scripts/own.rs"]
mod own;
#[path = "scripts/records.rs"]
mod records;
#[path = "scripts/side_by_side.rs"]
mod side_by_side;

use dotlocal::mdns::{InstanceId, QuerierEvent, RequestId};
use support::machines::{self, Querier};
use support::{NEIGHBOUR, Script};

const PRINTER: &str = r#"! _ipp._tcp.local 4500 PTR Printer._ipp._tcp.local
    | add Printer._ipp._tcp.local 120 flush SRV 631 printer.local, Printer._ipp._tcp.local 4500 flush TXT "rp=q",
    printer.local 120 flush A 192.0.2.20, printer.local 120 flush AAAA fe80::20"#;

fn new(seed: u32) -> Script<Querier> {
    Script::new(machines::querier(seed))
}

/// A browse whose one printer was found and resolved at the time that is returned.
fn with_printer(seed: u32) -> (Script<Querier>, RequestId, InstanceId, u64) {
    let mut t = new(seed);
    let browse = t.machine.browse("_ipp._tcp").unwrap();
    let asked = t.expect_within(20..=120, "? _ipp._tcp.local PTR");
    t.hear_at(asked + 5, NEIGHBOUR, PRINTER);
    let instance = found(&mut t, browse);
    t.expect_event(QuerierEvent::Resolved { request: browse, instance });
    (t, browse, instance, asked + 5)
}

fn found(t: &mut Script<Querier>, browse: RequestId) -> InstanceId {
    t.expect_event_where("the instance is found", |event| match event {
        QuerierEvent::Found { request, instance } if *request == browse => Some(*instance),
        _ => None,
    })
}

fn label(t: &Script<Querier>, instance: InstanceId) -> String {
    String::from_utf8(t.machine.instance(instance).unwrap().label().to_vec()).unwrap()
}
