//! The laws of the driver loop, run over every machine: random datagrams, calls and waits, sound and hostile.
//!
//! `LAWS_SEED=17 cargo test --test machine_laws` replays one trace.

mod support;

use std::sync::LazyLock;

use dotlocal::mdns::{Families, InstanceId, QuerierEvent, RequestId, Service, Until};
use dotlocal::wire::Type;
use support::at_server::AtServer;
use support::laws::Subject;
use support::machines::{self, Endpoint, Lookups, Querier, Resolver, Responder};
use support::toy::{Fault, Toy};
use support::{NEIGHBOUR, Script};

/// What threads ask of that which they share, and so do tasks of different priorities, as those of RTIC. Where it is not so,
/// this does not compile.
#[test]
fn each_machine_can_be_handed_to_another_task() {
    fn is_send<T: Send>() {}
    is_send::<dotlocal::mdns::Responder<'_, '_>>();
    is_send::<dotlocal::mdns::Querier<'_>>();
    is_send::<dotlocal::mdns::Endpoint<'_, '_>>();
    is_send::<dotlocal::resolver::Resolver<'_>>();
    is_send::<dotlocal::lookup::Lookups<'_, '_, dotlocal::mdns::Endpoint<'_, '_>>>();
}

/// A host `cam.local` with `Kitchen Cam._http._tcp`, at 192.0.2.7/24 and fe80::7/64.
macro_rules! be_found {
    ($machine:expr) => {{
        let mut machine = $machine;
        machine.set_hostname("cam").unwrap();
        machine
            .set_addresses(&[("192.0.2.7".parse().unwrap(), 24), ("fe80::7".parse().unwrap(), 64)])
            .unwrap();
        let service = Service::new("_http._tcp", 80).instance("Kitchen Cam").txt(&[("path", "/")]);
        machine.register(service).unwrap();
        machine
    }};
}

/// What a device that is found may do at any time.
macro_rules! device_calls {
    ($machine:ty) => {
        [
            |machine: &mut $machine| {
                let _ = machine
                    .set_addresses(&[("192.0.2.17".parse().unwrap(), 24), ("fe80::7".parse().unwrap(), 64)]);
            },
            |machine: &mut $machine| {
                let _ = machine.register(Service::new("_ipp._tcp", 631).instance("Kitchen Printer"));
            },
            |machine: &mut $machine| {
                if let Ok(service) = machine.register(Service::new("_ssh._tcp", 22)) {
                    let _ = machine.set_txt(service, &[("v", "2")]);
                    let _ = machine.set_port(service, 2222);
                }
            },
            |machine: &mut $machine| {
                if let Ok(service) = machine.register(Service::new("_ftp._tcp", 21)) {
                    let _ = machine.unregister(service);
                }
            },
        ]
        .map(|call| call as fn(&mut $machine))
    };
}

/// What a device that finds others may do at any time. The lookup outlasts the trace.
macro_rules! search_calls {
    ($machine:ty) => {
        [
            |machine: &mut $machine| {
                let _ = machine.browse("_ipp._tcp");
            },
            |machine: &mut $machine| {
                let _ = machine.lookup(
                    "nobody.local",
                    Families::Both,
                    Until::Answered { timeout_millis: 600_000 },
                );
            },
            |machine: &mut $machine| {
                let _ = machine.resolve("Printer", "_ipp._tcp");
            },
            |machine: &mut $machine| {
                if let Ok(request) = machine.browse("_ssh._tcp") {
                    machine.cancel(request);
                }
            },
            |machine: &mut $machine| {
                let _ = machine.records("printer.local", Type(257), Until::Cancelled);
            },
            |machine: &mut $machine| {
                let _ = machine.lookup_address("192.0.2.20".parse().unwrap(), Until::Cancelled);
            },
        ]
        .map(|call| call as fn(&mut $machine))
    };
}

/// The link goes, and the link comes back.
macro_rules! link_calls {
    ($machine:ty) => {
        [|machine: &mut $machine| machine.link_down(), |machine: &mut $machine| machine.link_up()]
            .map(|call| call as fn(&mut $machine))
    };
}

/// What was found is no more, or may be.
macro_rules! doubts {
    ($machine:ty) => {
        [
            |machine: &mut $machine| machine.network_changed(),
            |machine: &mut $machine| machine.reconfirm_request(FIRST.0),
            |machine: &mut $machine| machine.reconfirm(FIRST.1),
        ]
        .map(|call| call as fn(&mut $machine))
    };
}

/// The handles of a browse, and of what it finds, where that is the first thing to happen: every machine counts alike.
static FIRST: LazyLock<(RequestId, InstanceId)> = LazyLock::new(|| {
    let mut t = Script::new(machines::querier(7));
    let browse = t.machine.browse("_ipp._tcp").unwrap();
    t.expect_within(20..=120, "? _ipp._tcp.local PTR");
    t.hear_at(120, NEIGHBOUR, "! _ipp._tcp.local 4500 PTR Printer._ipp._tcp.local");
    let instance = t.expect_event_where("the instance is found", |event| match event {
        QuerierEvent::Found { instance, .. } => Some(*instance),
        _ => None,
    });
    t.call(|machine| machine.link_down());
    (browse, instance)
});

const PEACEFUL: [&str; 19] = [
    "? cam.local A",
    "? cam.local AAAA",
    "? cam.local ANY",
    "? CAM.local A QU",
    "? cam.local TYPE257",
    "? cam-2.local A",
    "? _http._tcp.local PTR",
    r#"? _http._tcp.local PTR | known _http._tcp.local 4500 PTR "Kitchen Cam"._http._tcp.local"#,
    r#"?tc _http._tcp.local PTR | known _http._tcp.local 4500 PTR Other._http._tcp.local"#,
    r#"? | known _http._tcp.local 4500 PTR "Kitchen Cam"._http._tcp.local"#,
    r#"? "Kitchen Cam"._http._tcp.local SRV, "Kitchen Cam"._http._tcp.local TXT QU, cam.local A"#,
    "? nobody.local ANY, _ipp._tcp.local PTR",
    "! printer.local 120 flush A 192.0.2.20",
    "! printer.local 120 flush AAAA fe80::20",
    "! printer.local 120 flush NSEC A AAAA",
    "! _ipp._tcp.local 4500 PTR Printer._ipp._tcp.local",
    r#"! _ipp._tcp.local 4500 PTR Printer._ipp._tcp.local
       | add Printer._ipp._tcp.local 120 flush SRV 631 printer.local,
             Printer._ipp._tcp.local 4500 flush TXT "rp=q", printer.local 120 flush A 192.0.2.20"#,
    "! _ssh._tcp.local 4500 PTR Shell._ssh._tcp.local",
    r"! printer.local 120 flush TYPE257 \# 3 abcdef",
];

const UNRULY: [&str; 15] = [
    "? _services._dns-sd._udp.local PTR",
    "? 7.2.0.192.in-addr.arpa PTR",
    "! cam.local 120 flush A 192.0.2.9",
    "! cam-2.local 120 flush A 192.0.2.9",
    "! cam.local 0 flush A 192.0.2.7",
    "? cam.local ANY QU | auth cam.local 120 A 192.0.2.9",
    "? cam.local ANY QU | auth cam.local 120 A 192.0.2.1",
    "? cam.local ANY QU | auth cam.local 120 A 192.0.2.7, cam.local 120 AAAA fe80::7",
    r#"! "Kitchen Cam"._http._tcp.local 120 flush SRV 80 other.local"#,
    r#"? "Kitchen Cam"._http._tcp.local ANY QU | auth "Kitchen Cam"._http._tcp.local 120 SRV 9 other.local"#,
    "! printer.local 0 flush A 192.0.2.20",
    "! printer.local 1 flush A 192.0.2.21",
    "! _ipp._tcp.local 0 PTR Printer._ipp._tcp.local",
    r#"! Printer._ipp._tcp.local 4500 flush TXT "rp=r""#,
    "! Printer._ipp._tcp.local 120 flush SRV 631 elsewhere.local",
];

fn endpoint() -> Subject<Endpoint> {
    Subject {
        build: Box::new(|| be_found!(machines::endpoint(7))),
        calls: [&device_calls!(Endpoint)[..], &search_calls!(Endpoint)[..]].concat(),
        unruly_calls: [&link_calls!(Endpoint)[..], &doubts!(Endpoint)[..]].concat(),
        peaceful: PEACEFUL.to_vec(),
        unruly: UNRULY.to_vec(),
        knows_its_link: true,
    }
}

fn responder() -> Subject<Responder> {
    Subject {
        build: Box::new(|| be_found!(machines::responder(7))),
        calls: device_calls!(Responder).to_vec(),
        unruly_calls: link_calls!(Responder).to_vec(),
        peaceful: PEACEFUL.to_vec(),
        unruly: UNRULY.to_vec(),
        knows_its_link: true,
    }
}

fn querier() -> Subject<Querier> {
    Subject {
        build: Box::new(|| machines::querier(7)),
        calls: search_calls!(Querier).to_vec(),
        unruly_calls: [&link_calls!(Querier)[..], &doubts!(Querier)[..]].concat(),
        peaceful: PEACEFUL.to_vec(),
        unruly: UNRULY.to_vec(),
        knows_its_link: false,
    }
}

/// What a device that asks servers may do at any time. The requests outlast the trace.
const RESOLVER_CALLS: [fn(&mut AtServer<Resolver>); 4] = [
    |at| {
        let _ = at.machine.lookup("cam.example", Families::Both, 600_000);
    },
    |at| {
        let _ = at.machine.lookup("x.door.example", Families::V4, 600_000);
    },
    |at| {
        let _ = at.machine.records("door.example", Type::TXT, 600_000);
    },
    |at| {
        if let Ok(request) = at.machine.lookup("gate.example", Families::Both, 600_000) {
            at.machine.cancel(request);
        }
    },
];

/// How long a request takes that ends within the trace depends on when the driver drains, and so do replies.
const UNRULY_RESOLVER_CALLS: [fn(&mut AtServer<Resolver>); 4] = [
    |at| {
        let _ = at.machine.lookup("brief.example", Families::Both, 3_000);
    },
    |at| {
        let _ = at.machine.lookup("cam.example", Families::V6, 5_000);
    },
    |at| at.machine.network_changed(),
    |at| at.machine.set_servers(&["192.0.2.2:53".parse().unwrap()]).unwrap(),
];

const REPLIES: [&str; 8] = [
    "! asked.example 300 A 192.0.2.20, asked.example 300 AAAA 2001:db8::20",
    "! asked.example 2 A 192.0.2.21, asked.example 0 AAAA 2001:db8::21",
    r#"! asked.example 300 TXT "x""#,
    "! asked.example 60 CNAME www.example, www.example 60 A 192.0.2.22, www.example 60 AAAA 2001:db8::22",
    "! asked.example 60 CNAME elsewhere.example",
    "! asked.example 60 CNAME asked.example",
    "! bank.example 300 A 192.0.2.66",
    r"! | auth example 60 SOA \# 22 0000000000000000000000000000000000000000003c",
];

fn resolver() -> Subject<AtServer<Resolver>> {
    Subject {
        build: Box::new(|| machines::resolver(7)),
        calls: RESOLVER_CALLS.to_vec(),
        unruly_calls: UNRULY_RESOLVER_CALLS.to_vec(),
        // What comes by itself is nothing to it.
        peaceful: vec!["? cam.example A", "! printer.local 120 flush A 192.0.2.20"],
        unruly: REPLIES.to_vec(),
        knows_its_link: true,
    }
}

fn lookups() -> Subject<AtServer<Lookups>> {
    Subject {
        build: Box::new(|| machines::lookups(7)),
        calls: vec![
            |at| {
                let _ = at.machine.lookup("192.0.2.20", 80, Families::Both, 600_000);
            },
            |at| {
                let _ = at.machine.lookup("localhost", 80, Families::Both, 600_000);
            },
            |at| {
                let _ = at.machine.lookup("nobody.local", 80, Families::Both, 600_000);
            },
        ],
        unruly_calls: vec![
            |at| {
                let _ = at.machine.lookup("x.onion", 80, Families::Both, 600_000);
            },
            |at| {
                let _ = at.machine.lookup("cam.example", 80, Families::Both, 600_000);
            },
            |at| {
                let _ = at.machine.lookup("printer.local", 80, Families::Both, 5_000);
            },
            |at| {
                let _ = at.machine.lookup("brief.example", 80, Families::V4, 3_000);
            },
            |at| at.machine.resolver().network_changed(),
            |at| at.machine.multicast().link_up(),
        ],
        peaceful: PEACEFUL.to_vec(),
        unruly: [&UNRULY[..], &REPLIES[..]].concat(),
        knows_its_link: false,
    }
}

fn toy(fault: Fault) -> Subject<Toy> {
    Subject {
        build: Box::new(move || Toy::new(fault)),
        calls: Vec::new(),
        unruly_calls: Vec::new(),
        peaceful: PEACEFUL.to_vec(),
        unruly: UNRULY.to_vec(),
        knows_its_link: true,
    }
}

fn sound_toy() -> Subject<Toy> {
    toy(Fault::None)
}

/// Every law over one machine.
macro_rules! keeps_the_laws {
    ($machine:ident) => {
        mod $machine {
            #[test]
            fn law_5_the_deadline_after_a_drain_lies_ahead() {
                super::$machine().the_deadline_after_a_drain_lies_ahead();
            }

            #[test]
            fn law_10_equal_traces_end_in_equal_outputs() {
                super::$machine().equal_traces_end_in_equal_outputs();
            }

            // S12
            #[test]
            fn the_start_of_the_clock_is_not_seen() {
                super::$machine().the_start_of_the_clock_is_not_seen();
            }

            #[test]
            fn law_6_a_spurious_timeout_changes_nothing() {
                super::$machine().a_spurious_timeout_changes_nothing();
            }

            #[test]
            fn a_drain_alone_brings_the_time() {
                super::$machine().a_drain_alone_brings_the_time();
            }

            #[test]
            fn laws_7_and_8_a_hostile_datagram_changes_nothing() {
                super::$machine().a_hostile_datagram_changes_nothing();
            }

            #[test]
            fn laws_1_3_and_4_draining_late_loses_nothing() {
                super::$machine().draining_late_loses_nothing();
            }
        }
    };
}

keeps_the_laws!(endpoint);
keeps_the_laws!(responder);
keeps_the_laws!(querier);
keeps_the_laws!(resolver);
keeps_the_laws!(lookups);
keeps_the_laws!(sound_toy);

/// The laws would notice: one that broke a law in each of these ways is caught.
mod a_machine_is_caught_that {
    use super::{Fault, toy};

    #[test]
    #[should_panic(expected = "law 5")]
    fn keeps_a_deadline_in_the_past() {
        toy(Fault::PastDeadline).the_deadline_after_a_drain_lies_ahead();
    }

    #[test]
    #[should_panic(expected = "law 10")]
    fn has_other_jitter_each_time() {
        toy(Fault::SharedJitter).equal_traces_end_in_equal_outputs();
    }

    #[test]
    #[should_panic(expected = "wrap")]
    fn compares_deadlines_as_numbers() {
        toy(Fault::NoWrap).the_start_of_the_clock_is_not_seen();
    }

    #[test]
    #[should_panic(expected = "law 6")]
    fn counts_its_timeouts() {
        toy(Fault::NervousTimeout).a_spurious_timeout_changes_nothing();
    }

    #[test]
    #[should_panic(expected = "did not bring the time")]
    fn waits_for_its_timeout() {
        toy(Fault::WaitsForTimeout).a_drain_alone_brings_the_time();
    }

    #[test]
    #[should_panic(expected = "laws 7, 8: a hostile")]
    fn answers_rubbish() {
        toy(Fault::AnswersRubbish).a_hostile_datagram_changes_nothing();
    }

    #[test]
    #[should_panic(expected = "laws 7, 8: Used")]
    fn uses_rubbish() {
        toy(Fault::UsesRubbish).a_hostile_datagram_changes_nothing();
    }

    #[test]
    #[should_panic(expected = "laws 1, 3, 4")]
    fn leaves_out_what_is_late() {
        toy(Fault::SkipsLate).draining_late_loses_nothing();
    }

    #[test]
    #[should_panic(expected = "laws 1, 3, 4")]
    fn forgets_an_event() {
        toy(Fault::ForgetsEvent).draining_late_loses_nothing();
    }
}
