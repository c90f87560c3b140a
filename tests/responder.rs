//! The responder under a virtual clock, as packet scripts: what goes in at which time, what must come out.

mod support;

#[path = "scripts/answer.rs"]
mod answer;
#[path = "scripts/beside.rs"]
mod beside;
#[path = "scripts/claim.rs"]
mod claim;
#[path = "scripts/conflict.rs"]
mod conflict;
#[path = "scripts/extra.rs"]
mod extra;
#[path = "scripts/flood.rs"]
mod flood;
#[path = "scripts/header.rs"]
mod header;
#[path = "scripts/life.rs"]
mod life;
#[path = "scripts/misuse.rs"]
mod misuse;
#[path = "scripts/names.rs"]
mod names;
#[path = "scripts/other_hosts.rs"]
mod other_hosts;
#[path = "scripts/reflect.rs"]
mod reflect;
#[path = "scripts/size.rs"]
mod size;
#[path = "scripts/suppress.rs"]
mod suppress;
#[path = "scripts/tie_break.rs"]
mod tie_break;
#[path = "scripts/types.rs"]
mod types;
#[path = "scripts/unicast.rs"]
mod unicast;

use dotlocal::mdns::{Claimed, ResponderEvent, Service, ServiceId};
use dotlocal::name::{Name, NameBuf};
use support::machines::{self, Responder};
use support::{Msg, Script};

/// `cam.local` at 192.0.2.7, probing since time 0.
fn host(seed: u32) -> Script<Responder> {
    let mut t = Script::new(machines::responder(seed));
    t.machine.set_hostname("cam").unwrap();
    t.machine.set_addresses(&[("192.0.2.7".parse().unwrap(), 24)]).unwrap();
    t
}

/// The same with `Web._http._tcp`.
fn host_with_service(seed: u32) -> (Script<Responder>, ServiceId) {
    let mut t = host(seed);
    let service =
        t.machine.register(Service::new("_http._tcp", 80).instance("Web").txt(&[("path", "/")])).unwrap();
    (t, service)
}

/// Lets the machine claim its names undisturbed, and an hour pass.
fn settled(mut t: Script<Responder>) -> (Script<Responder>, u64) {
    let mut last = 0;
    for _ in 0..5 {
        last = t.next_within(last..=last + 1_000).0;
    }
    let later = last + support::HOUR;
    t.expect_silence_until(later);
    (t, later)
}

/// A name that lives as long as the test.
fn name(text: &str) -> Name<'static> {
    Box::leak(Box::new(text.parse::<NameBuf>().unwrap())).name()
}

/// Everything that is sent until `end`, to whomever.
fn all_until(t: &mut Script<Responder>, end: u64) -> Vec<(u64, Msg)> {
    t.sent_until(end).into_iter().map(|(at, _, message)| (at, message)).collect()
}

fn established() -> ResponderEvent {
    ResponderEvent::Established(Claimed::Host)
}

/// The same, its claims long settled.
fn service_settled() -> (Script<Responder>, u64) {
    settled(host_with_service(7).0)
}

/// What a browser is told of it.
const PTR: &str = r#"! _http._tcp.local 4500 PTR Web._http._tcp.local | add Web._http._tcp.local 120 flush SRV 80 cam.local,
    Web._http._tcp.local 4500 flush TXT "path=/", cam.local 120 flush A 192.0.2.7, cam.local 120 flush NSEC A"#;
