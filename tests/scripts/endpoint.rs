//! Responder and querier as one machine: each call and each datagram reaches the half that it is for.

use super::*;
use crate::support::machines::Endpoint;
use crate::support::{LEGACY, MINUTE, OTHER};
use dotlocal::mdns::{
    Claimed, Config, EndpointStorage, Event, ExtraRecord, Families, RecordSet, Service, Until,
};
use dotlocal::name::NameBuf;
use dotlocal::wire::Type;
use std::net::{IpAddr, Ipv4Addr};

const DOOR: [ExtraRecord<'static>; 1] = [ExtraRecord::new(Type::TXT, b"\x04open")];
const SHUT: [ExtraRecord<'static>; 1] = [ExtraRecord::new(Type::TXT, b"\x04shut")];
const TV: [IpAddr; 1] = [IpAddr::V4(Ipv4Addr::new(192, 0, 2, 8))];
const NEW_TV: [IpAddr; 1] = [IpAddr::V4(Ipv4Addr::new(192, 0, 2, 9))];

/// All that a machine sends, tells and says while what it has changes from minute to minute.
macro_rules! minutes_of_names {
    ($machine:expr, $change_network:ident) => {{
        let mut t = Script::new($machine);
        let door = Box::leak(Box::new("door.local".parse::<NameBuf>().unwrap())).name();
        t.machine.set_hostname("cam").unwrap();
        t.machine.set_addresses(&[("192.0.2.7".parse().unwrap(), 24)]).unwrap();
        let web = t.machine.register(Service::new("_http._tcp", 80).instance("Web")).unwrap();
        let tv = t.machine.register_host("tv", &TV).unwrap();
        let door = t.machine.register_records(RecordSet::unique(door, &DOOR)).unwrap();
        let (mut sent, mut said) = (Vec::new(), Vec::new());
        for minute in 0..15 {
            match minute {
                0 => t.machine.set_txt_octets(web, b"\x01z").unwrap(),
                1 => t.machine.set_txt(web, &[("a", "b")]).unwrap(),
                2 => t.machine.set_port(web, 81).unwrap(),
                3 => t.machine.set_instance(web, "Net").unwrap(),
                4 => t.machine.set_host_records(&SHUT).unwrap(),
                5 => t.machine.set_host_addresses(tv, &NEW_TV).unwrap(),
                6 => t.machine.set_records(door, &SHUT).unwrap(),
                7 => t.machine.set_number(web, 4).unwrap(),
                8 => t.machine.unregister(door).unwrap(),
                9 => t.machine.ask_for_unicast(false),
                10 => t.machine.link_down(),
                11 => t.machine.link_up(),
                12 => t.machine.$change_network(),
                13 => t.machine.stop(),
                _ => {}
            }
            let names = [Claimed::from(web), tv.into(), door.into(), Claimed::Host].map(|of| {
                let is_established = t.machine.is_established(of);
                (t.machine.name(of), t.machine.name_with(of, 3), t.machine.number(of), is_established)
            });
            let from = minute * MINUTE;
            sent.extend(t.sent_until(from + 10_000));
            let heard = [
                t.hear_at(from + 10_000, NEIGHBOUR, "? cam.local A, _http._tcp.local PTR"),
                t.hear_at(from + 10_000, NEIGHBOUR, "! tv.local 120 flush A 192.0.2.77"),
                t.hear_at(from + 10_000, NEIGHBOUR, "? printer.local A"),
                t.hear_at(from + 10_000, LEGACY, "? id=1 cam.local AAAA"),
                t.hear_direct_at(from + 10_000, OTHER, "! printer.local 120 A 192.0.2.20"),
                t.hear_octets_at(from + 10_000, OTHER, b"?"),
            ];
            sent.extend(t.sent_until(from + MINUTE));
            said.push((names, heard, t.machine.counters()));
        }
        let told: Vec<_> = t.events().map(|(at, event)| (at, Event::from(*event))).collect();
        (sent, told, said)
    }};
}

#[test]
fn an_endpoint_that_looks_for_nothing_does_what_a_responder_does() {
    let alone = minutes_of_names!(machines::responder(7), link_up);
    assert_eq!(minutes_of_names!(machines::endpoint(7), network_changed), alone);
    assert!(alone.0.len() > 40 && alone.1.len() > 10, "{alone:?}");
}

/// The same of a machine that looks for others.
macro_rules! minutes_of_requests {
    ($machine:expr) => {{
        let mut t = Script::new($machine);
        let browse = t.machine.browse("_ipp._tcp").unwrap();
        let resolve = t.machine.resolve("Printer", "_ipp._tcp").unwrap();
        let lookup = t.machine.lookup("printer.local", Families::Both, Until::Cancelled).unwrap();
        let records = t.machine.records("Printer._ipp._tcp.local", Type::ANY, Until::Cancelled).unwrap();
        let names = t.machine.lookup_address(TV[0], Until::Cancelled).unwrap();
        let (mut sent, mut said) = (Vec::new(), Vec::new());
        for minute in 0..11 {
            let instance = t.events().find_map(|(_, event)| match Event::from(*event) {
                Event::Querier(QuerierEvent::Resolved { instance, .. }) => Some(instance),
                _ => None,
            });
            match minute {
                1 => t.machine.reconfirm(instance.unwrap()),
                2 => {
                    t.machine.reconfirm_request(records);
                    t.machine.tell_apart(resolve);
                }
                3 => t.machine.link_down(),
                4 => t.machine.link_up(),
                5 => t.machine.network_changed(),
                6 => t.machine.cancel(names),
                7 => [browse, resolve, lookup].map(|request| t.machine.cancel(request)).into_iter().collect(),
                _ => {}
            }
            let from = minute * MINUTE;
            sent.extend(t.sent_until(from + 5_000));
            let heard = [
                t.hear_at(from + 5_000, NEIGHBOUR, PRINTER),
                t.hear_at(from + 5_000, OTHER, "! tv.local 120 flush A 192.0.2.8"),
                t.hear_at(from + 5_000, OTHER, "? printer.local A"),
                t.hear_direct_at(from + 5_000, OTHER, PRINTER),
            ];
            let record = t.events().filter_map(|(_, event)| match Event::from(*event) {
                Event::Querier(QuerierEvent::Record { record, .. }) => t.machine.record(record),
                _ => None,
            });
            let record = record.last().map(|record| (record.rtype(), record.ttl_secs()));
            let instance = instance.and_then(|instance| t.machine.instance(instance));
            let instance = instance.map(|view| (view.port(), view.socket_addrs().collect::<Vec<_>>()));
            let apart = t.machine.poll_event_of(resolve);
            let socket_addr = t.machine.socket_addr("fe80::9".parse().unwrap(), 80);
            let canonical_name = t.machine.canonical_name(lookup).map(|name| name.to_string());
            said.push((heard, record, instance, apart, socket_addr, canonical_name));
            sent.extend(t.sent_until(from + MINUTE));
        }
        let told: Vec<_> = t.events().map(|(at, event)| (at, Event::from(*event))).collect();
        t.call(|machine| machine.cancel(records));
        (sent, told, said)
    }};
}

#[test]
fn an_endpoint_that_has_nothing_does_what_a_querier_does() {
    let alone = minutes_of_requests!(machines::querier(7));
    let storage = Box::leak(Box::new(EndpointStorage::<4, 5, 64, 8, 4096>::new()));
    let endpoint = Endpoint::new(storage, Config::new(7).unicast_answers(false));
    assert_eq!(minutes_of_requests!(endpoint), alone);
    assert!(alone.0.len() > 40 && alone.1.len() > 10, "{alone:?}");
}
