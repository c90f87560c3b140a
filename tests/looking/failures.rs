//! When it fails, which failure; and addresses that do not work.

use dotlocal::lookup::{Event, Failure, Multicast, Search};
use dotlocal::mdns::{Config, Endpoint, EndpointStorage};
use dotlocal::name::Name;
use dotlocal::resolver::Failure as Servers;
use dotlocal::wire::Rcode;
use dotlocal::{Families, Meta, name};

use crate::desk::{Desk, socket};
use crate::lab::{REPLY, soa};
use crate::support::NEIGHBOUR;
use crate::support::octets::{Compression, encode};

const DOMAINS: [Name<'static>; 2] = [name!("lab.example"), name!("example")];

// R-SEARCH-1
#[test]
fn the_first_failure_that_tells_something_is_reported_not_the_last() {
    let nx = 0x8183;
    // There, without such an address, in the first domain; not there at all in the others.
    let mut t = Desk::new();
    t.names.set_search(Search::new(&DOMAINS).or_local(true));
    let lookup = t.lookup_with("cam", Families::V4);
    t.reply("cam.lab.example a", 0x8180, &format!("| auth {}", soa("example.", 60, 60)));
    t.reply("cam.example a", nx, "");
    t.reply("cam. a", nx, "");
    t.at(5_000).failed(lookup, Failure::Servers(Servers::NoData));
    // Nothing anywhere: that of the name itself, not the silence of the link.
    let mut t = Desk::new();
    t.names.set_search(Search::new(&DOMAINS).or_local(true));
    let lookup = t.lookup_with("cam", Families::V4);
    for name in ["cam.lab.example a", "cam.example a", "cam. a"] {
        t.reply(name, nx, "");
    }
    t.at(5_000).failed(lookup, Failure::Servers(Servers::NoName));
    // What is known of all of them is told at once, and nobody is asked.
    let mut t = Desk::new();
    t.names.set_search(Search::new(&DOMAINS));
    for is_known in [false, true] {
        let lookup = t.lookup_with("cam", Families::V4);
        for name in ["cam.lab.example a", "cam.example a", "cam. a"].iter().filter(|_| !is_known) {
            t.reply(name, nx, &format!("| auth {}", soa(".", 60, 60)));
        }
        t.failed(lookup, Failure::Servers(Servers::NoName));
    }
    // That a domain has the name is told, whatever was said before.
    let mut t = Desk::new();
    t.names.set_search(Search::new(&DOMAINS));
    let lookup = t.lookup_with("cam", Families::V4);
    t.reply("cam.lab.example a", nx, "");
    t.reply("cam.example a", 0x8180, &format!("| auth {}", soa("example.", 60, 60)));
    t.reply("cam. a", nx, "");
    t.failed(lookup, Failure::Servers(Servers::NoData));
    // Servers that fail end the search: the name may well be there.
    let mut t = Desk::new();
    t.names.set_search(Search::new(&DOMAINS));
    let lookup = t.lookup_with("cam", Families::V4);
    t.reply("cam.lab.example a", 0x8182, "");
    t.failed(lookup, Failure::Servers(Servers::ServerFailure(Rcode::SERVFAIL)));
    assert_eq!(t.questions(), [""; 0]);
}

#[test]
fn a_short_name_is_looked_for_on_the_link_where_there_are_no_servers() {
    let mut t = Desk::new();
    t.names.resolver().set_servers(&[]).unwrap();
    t.names.set_search(Search::new(&DOMAINS).or_local(true));
    let lookup = t.lookup_with("printer", Families::V4);
    assert_eq!(t.heard(), ["? printer.local A"]);
    t.at(40).hear("! printer.local 120 flush A 192.0.2.20");
    t.found(lookup, true, &["192.0.2.20:80"]);
    // Who is not there either is told of the servers, without which little is.
    let lookup = t.lookup_with("nobody", Families::V4);
    t.at(5_040).failed(lookup, Failure::Servers(Servers::NoServers));
}

#[test]
fn one_time_bounds_the_whole_search() {
    let mut t = Desk::new();
    t.names.set_search(Search::new(&DOMAINS));
    let lookup = t.lookup_with("cam", Families::V4);
    t.at(900).reply("cam.lab.example a", 0x8183, "");
    assert_eq!(t.questions(), ["cam.example a"]);
    t.at(4_999);
    assert_eq!(t.told, []);
    t.at(5_000).failed(lookup, Failure::Servers(Servers::Timeout { servers: 1 }));
}

#[test]
fn time_alone_ends_what_is_over_when_the_machine_has_asked_to_be_called() {
    let mut t = Desk::new();
    let link = t.lookup_with("printer.local", Families::Both);
    let servers = t.lookup_with("api.example", Families::V4);
    t.at(40).hear("! printer.local 120 flush A 192.0.2.20");
    // Each at its own time, though nobody calls but at the deadlines of the machine.
    t.at(20_000);
    let timeout = Failure::Servers(Servers::Timeout { servers: 1 });
    let told = [
        (90, Event::Found { lookup: link, is_complete: false }),
        (1_040, Event::Found { lookup: link, is_complete: true }),
        (5_000, Event::Failed { lookup: servers, failure: timeout }),
    ];
    assert_eq!(t.told, told);
    // The call that brings the time is enough.
    let lookup = t.lookup_with("door.local", Families::V4);
    t.now += 5_000;
    t.names.handle_timeout(t.instant());
    let failure = Failure::Link(dotlocal::mdns::LookupFailure::Timeout);
    assert_eq!(t.names.poll_event(), Some(Event::Failed { lookup, failure }));
}

#[test]
fn what_the_call_for_a_datagram_has_ended_is_told_at_once() {
    let timeout = Failure::Servers(Servers::Timeout { servers: 1 });
    let silence = Failure::Link(dotlocal::mdns::LookupFailure::Timeout);
    for (name, failure) in [("api.example", timeout), ("printer.local", silence)] {
        let mut t = Desk::new();
        let lookup = t.lookup_with(name, Families::V4);
        t.at(4_999);
        // A loop that asks for the time more than once in a turn: nothing would wake it again.
        t.now = 5_000;
        t.failed(lookup, failure);
    }
    // A buffer that holds no query.
    let mut t = Desk::new();
    let lookup = t.names.lookup("api.example", 80, Families::V4, 5_000).unwrap();
    assert_eq!(t.names.poll_transmit(t.instant(), &mut [0; 20]), None);
    t.failed(lookup, Failure::Servers(Servers::NoRoom));
}

#[test]
fn machines_without_a_free_request_say_so() {
    let mut t = Desk::new();
    for number in 0..4 {
        t.names.resolver().lookup(&format!("c{number}.example"), Families::V4, 60_000).unwrap();
    }
    let lookup = t.lookup("cam.example");
    t.failed(lookup, Failure::NoCapacity);
    assert!(Failure::NoCapacity.to_string().contains("LOOKUPS"));
    let lookup = t.lookup("192.0.2.1");
    t.found(lookup, true, &["192.0.2.1:80"]);
    t.lookup("192.0.2.2");
    let error = t.names.lookup("192.0.2.3", 80, Families::Both, 5_000).unwrap_err();
    assert_eq!(error.to_string(), "all 2 lookups are taken: raise LOOKUPS in the storage, or cancel one");
}

#[test]
fn a_device_without_multicast_dns_says_so_of_names_of_the_link() {
    let mut t = Desk::with(());
    let lookup = t.lookup("printer.local");
    t.failed(lookup, Failure::NoMulticast);
    assert!(Failure::NoMulticast.to_string().contains("Querier"));
    // What the link cannot tell the servers may.
    let domains = Box::leak(Box::new([Name::LOCAL, name!("example")]));
    t.names.set_search(Search::new(domains));
    let lookup = t.lookup_with("printer", Families::V4);
    t.answer("printer.example a", "| ans printer.example 60 A 192.0.2.20");
    t.found(lookup, true, &["192.0.2.20:80"]);
}

#[test]
fn an_address_that_did_not_work_goes_to_the_end_and_all_of_them_are_asked_for_again() {
    let mut t = Desk::new();
    let lookup = t.lookup_with("api.example", Families::V4);
    t.answer("api.example a", "| ans api.example 300 A 192.0.2.20, api.example 300 A 192.0.2.21");
    t.found(lookup, true, &["192.0.2.20:80", "192.0.2.21:80"]);
    t.names.failed(lookup, socket("192.0.2.20:80"));
    assert_eq!(t.addresses(lookup), ["192.0.2.21:80", "192.0.2.20:80"]);
    assert_eq!(t.names.next_address(lookup), Some(socket("192.0.2.21:80")));
    assert_eq!(t.questions(), [""; 0]);
    t.at(1_000).names.failed(lookup, socket("192.0.2.21:80"));
    assert_eq!(t.names.next_address(lookup), None);
    t.at(1_010).answer("api.example a", "| ans api.example 300 A 192.0.2.22");
    t.found(lookup, true, &["192.0.2.22:80"]);
    t.names.failed(lookup, socket("192.0.2.22:80"));
    t.drain();
    t.reply("api.example a", 0x8183, "");
    t.failed(lookup, Failure::Servers(Servers::NoName));
}

#[test]
fn the_search_goes_on_with_new_time_when_what_it_has_found_is_gone() {
    let mut t = Desk::new();
    t.names.set_search(Search::new(&DOMAINS));
    let lookup = t.lookup_with("cam", Families::V4);
    t.answer("cam.lab.example a", "| ans cam.lab.example 300 A 192.0.2.20");
    t.found(lookup, true, &["192.0.2.20:80"]);
    t.at(60_000).names.failed(lookup, socket("192.0.2.20:80"));
    // Nothing is left of it, so that a second word of it changes nothing.
    t.drain();
    t.names.failed(lookup, socket("192.0.2.20:80"));
    t.at(60_010).reply("cam.lab.example a", 0x8183, "");
    t.answer("cam.example a", "| ans cam.example 300 A 192.0.2.21");
    t.found(lookup, true, &["192.0.2.21:80"]);
    assert_eq!(t.questions(), [""; 0]);
}

#[test]
fn addresses_that_have_failed_before_they_were_told_are_not_told() {
    let printer = "! printer.local 120 flush A 192.0.2.20";
    for name in ["printer.local", "api.example"] {
        let mut t = Desk::new();
        let lookup = t.lookup_with(name, Families::V4);
        let (meta, message) = match t.asked().first() {
            Some(asked) => {
                let reply = asked.reply(REPLY, "| ans api.example 60 A 192.0.2.20");
                (Meta::server(asked.server, asked.channel), reply)
            }
            None => (Meta::mdns(NEIGHBOUR, true), printer.parse().unwrap()),
        };
        t.names.handle_datagram(t.instant(), meta, &encode(&message, Compression::Suffixes));
        t.names.failed(lookup, t.names.next_address(lookup).unwrap());
        assert_eq!((t.names.poll_event(), t.names.next_address(lookup)), (None, None), "{name}");
    }
}

/// Two hosts of the link are found, and one of them does not answer: the other one is still known.
fn one_host_fails<M: Multicast>(mut t: Desk<M>)
where
    M::Event: PartialEq + std::fmt::Debug,
{
    for (name, ip) in [("printer.local", "192.0.2.20"), ("door.local", "192.0.2.30")] {
        let lookup = t.lookup_with(name, Families::V4);
        t.at(t.now + 40).hear(&format!("! {name} 120 flush A {ip}"));
        t.found(lookup, true, &[&format!("{ip}:80")]);
        if name == "door.local" {
            t.names.cancel(lookup);
        }
    }
    let printer = t.lookup_with("printer.local", Families::V4);
    t.found(printer, true, &["192.0.2.20:80"]);
    t.heard();
    t.at(2_000).names.failed(printer, socket("192.0.2.20:80"));
    t.at(2_200);
    assert_eq!(t.heard(), ["? printer.local A"]);
    t.names.cancel(printer);
    let door = t.lookup_with("door.local", Families::V4);
    t.found(door, true, &["192.0.2.30:80"]);
    assert_eq!(t.heard(), [""; 0]);
}

#[test]
fn a_host_of_the_link_that_does_not_answer_says_nothing_of_others() {
    one_host_fails(Desk::new());
    let storage = Box::leak(Box::new(EndpointStorage::<1, 1, 0, 4, 4096>::new()));
    one_host_fails(Desk::with(Endpoint::new(storage, Config::new(7).unicast_answers(false))));
}

#[test]
fn hosts_of_the_link_that_do_not_answer_any_more_are_asked_for_again() {
    let mut t = Desk::new();
    let lookup = t.lookup_with("printer.local", Families::V4);
    t.heard();
    t.at(40).hear("! printer.local 120 flush A 192.0.2.20");
    t.found(lookup, true, &["192.0.2.20:80"]);
    t.at(2_000).names.failed(lookup, socket("192.0.2.20:80"));
    t.at(2_200);
    assert_eq!(t.heard(), ["? printer.local A"]);
    t.hear("! printer.local 120 flush A 192.0.2.21");
    t.at(5_000);
    assert!(
        t.told.iter().any(|(_, event)| *event == Event::Found { lookup, is_complete: true }),
        "{:?}",
        t.told
    );
    assert!(t.addresses(lookup).contains(&"192.0.2.21:80".to_owned()), "{:?}", t.addresses(lookup));
    // What this device knows by itself is not asked for.
    let lookup = t.lookup("192.0.2.1");
    t.told.clear();
    t.names.failed(lookup, socket("192.0.2.1:80"));
    t.drain();
    assert_eq!(t.told, []);
    assert!(t.names.addresses(lookup).all(|found| found.has_failed));
}

#[test]
fn more_addresses_than_there_is_room_for_are_told_of() {
    let mut t = Desk::new();
    let lookup = t.lookup_with("api.example", Families::V4);
    let many: Vec<_> = (1..=5).map(|last| format!("api.example 60 A 192.0.2.{last}")).collect();
    t.answer("api.example a", &format!("| ans {}", many.join(", ")));
    t.told.clear();
    assert!(t.names.has_more(lookup) && t.addresses(lookup).len() == 4);
    let one = t.lookup("192.0.2.1");
    assert!(!t.names.has_more(one));
    t.names.cancel(one);
    // Once those that had room have failed, the others are there.
    for _ in 0..4 {
        let address = t.names.next_address(lookup).unwrap();
        t.names.failed(lookup, address);
    }
    assert_eq!(t.questions(), [""; 0]);
    assert_eq!(t.names.next_address(lookup), Some(socket("192.0.2.5:80")));
    t.names.failed(lookup, socket("192.0.2.5:80"));
    assert_eq!(t.questions(), ["api.example a"]);
}

#[test]
fn what_the_application_asks_the_machines_itself_is_told_as_theirs() {
    let mut t = Desk::new();
    let own = t.names.resolver().lookup("cam.example", Families::V4, 5_000).unwrap();
    let browse = t.names.multicast().browse("_http._tcp").unwrap();
    let lookup = t.lookup_with("cam.example", Families::V4);
    t.answer("cam.example a", "| ans cam.example 60 A 192.0.2.7");
    let told: Vec<_> = t.told.drain(..).map(|(_, event)| event).collect();
    assert!(told.contains(&Event::Found { lookup, is_complete: true }));
    let theirs = dotlocal::resolver::Event::Found { request: own, is_complete: true };
    assert!(told.contains(&Event::Resolver(theirs)), "{told:?}");
    t.at(200).hear("! _http._tcp.local 4500 PTR Cam._http._tcp.local");
    assert!(t.told.iter().any(|(_, event)| matches!(event,
        Event::Multicast(dotlocal::mdns::QuerierEvent::Found { request, .. }) if *request == browse)));
}

#[test]
fn nothing_fails_while_nothing_is_found() {
    let mut t = Desk::new();
    let lookup = t.lookup_with("printer.local", Families::V4);
    t.at(3_000).names.failed(lookup, socket("192.0.2.20:80"));
    t.at(5_000).failed(lookup, Failure::Link(dotlocal::mdns::LookupFailure::Timeout));
}
