//! Runs with one question each, beside those that are drawn at random.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use dotlocal::Destination;
use typed_arena::Arena;

use crate::draw;
use crate::host::Whose;
use crate::link::Weather;
use crate::plan::{Act, Plan};
use crate::rules::claims::REMEMBERED_CHANGES;
use crate::support::prng::Prng;
use crate::support::{Msg, SECOND};
use crate::wish::{Offer, Wish};
use crate::world::World;

/// `hosts` hosts that all want to be `cam.local` with `Web._http._tcp`.
fn namesakes(hosts: usize) -> Vec<Wish> {
    let offer = Offer {
        key: 1,
        instance: "Web",
        service_type: "_http._tcp",
        subtypes: &[],
        port: 80,
        txt: "0".to_owned(),
    };
    let wish = |host| Wish {
        label: "cam",
        addresses: draw::addresses(host, 0),
        offers: vec![offer.clone()],
        next_key: 1,
    };
    (0..hosts).map(wish).collect()
}

/// Runs a plan for several seeds, each held against the invariants.
fn each(seeds: u64, plan: impl Fn(u64) -> Plan, mut look: impl FnMut(&mut World<'_>)) {
    for seed in 0..seeds {
        let arena = Arena::new();
        let mut world = World::new(&arena, plan(seed));
        look(&mut world);
        let broken = world.judge.findings.first.clone();
        assert!(broken.is_none(), "seed {seed}: {broken:?}\n{}", world.record.lines());
    }
}

fn names(world: &World<'_>, whose: Whose) -> Vec<String> {
    let held = world.judge.models.iter().filter_map(|model| model.names.get(&whose));
    let mut names: Vec<String> =
        held.filter(|held| held.established).map(|held| held.name.to_string()).collect();
    names.sort();
    names
}

fn sent(world: &World<'_>) -> u64 {
    world.figures.sent
}

// M-8.2-1, M-9-3, S5
#[test]
fn twelve_hosts_of_one_name_end_with_twelve_names() {
    let (mut most, mut slowest) = (0, 0);
    each(
        6,
        |seed| Plan::calm(seed, namesakes(12), 250),
        |world| {
            while names(world, Whose::Host).len() + names(world, Whose::Offer(1)).len() < 24 {
                world.run_until(world.now + 100);
                if world.judge.findings.first.is_some() {
                    return;
                }
                assert!(world.now < 120 * SECOND, "{:?}", names(world, Whose::Host));
            }
            for whose in [Whose::Host, Whose::Offer(1)] {
                let mut names = names(world, whose);
                names.dedup();
                assert_eq!(names.len(), 12, "{names:?}");
            }
            (most, slowest) = (most.max(sent(world)), slowest.max(world.now));
        },
    );
    println!("twelve names after {slowest} ms at most, with {most} packets at most");
}

// M-8-1, M-9-1, M-9-2
#[test]
fn a_partition_heals_in_which_both_sides_have_claimed_the_same_names() {
    for told in [true, false] {
        let plan = |seed| {
            let mut plan = Plan::calm(seed, namesakes(4), 250);
            plan.acts.push((0, Act::Split(vec![0, 0, 1, 1, 0])));
            plan.acts.push((30 * SECOND, Act::Merge { told }));
            plan
        };
        each(20, plan, |world| {
            world.run_until(29 * SECOND);
            let names_before = names(world, Whose::Host);
            assert_eq!(names_before, ["cam-2.local", "cam-2.local", "cam.local", "cam.local"]);
            if !told {
                // Nobody knows, until somebody asks and both answer.
                world.run_until(90 * SECOND);
                for question in [
                    "? cam.local A, cam-2.local A",
                    "? Web._http._tcp.local SRV, \"Web (2)\"._http._tcp.local SRV",
                ] {
                    ask(world, question);
                    world.run_until(world.now + 5 * SECOND);
                }
            }
            world.run_until(world.now + 60 * SECOND);
            for whose in [Whose::Host, Whose::Offer(1)] {
                let mut names = names(world, whose);
                names.dedup();
                assert_eq!(names.len(), 4, "{names:?}");
            }
        });
    }
}

fn ask(world: &mut World<'_>, text: &str) {
    let source = SocketAddr::new(Ipv4Addr::new(10, 0, 200, 1).into(), 5353);
    let message: Msg = text.parse().unwrap();
    world.say_later(0, source, Destination::Multicast, &message);
}

// M-8-1
#[test]
fn a_link_that_flaps_ten_times_a_second_causes_no_flood() {
    let mut most = 0;
    let plan = |seed| {
        let mut plan = Plan::calm(seed, namesakes(1), 0);
        for turn in 0..100 {
            plan.acts.push((10 * SECOND + turn * 100, Act::LinkDown(0)));
            plan.acts.push((10 * SECOND + turn * 100 + 50, Act::LinkUp(0)));
        }
        plan
    };
    each(50, plan, |world| {
        world.run_until(9 * SECOND);
        let before = sent(world);
        world.run_until(20 * SECOND);
        most = most.max(sent(world) - before);
    });
    println!("a link that flaps for ten seconds: {most} packets at most");
    // A probe may go out in each time that the link is up, if its random wait is short enough, and no more.
    assert!(most <= 50, "{most} packets");
}

// S3, M-14-2
#[test]
fn own_packets_that_come_back_late_cause_no_rename() {
    let weather = Weather { reflect: 1_000, reflect_late: 5_000, ..Weather::CALM };
    let plan = |seed| {
        let mut plan = Plan::calm(seed, namesakes(1), 0);
        plan.weather = weather.clone();
        plan
    };
    each(100, plan, |world| {
        world.run_until(60 * SECOND);
        assert_eq!(names(world, Whose::Host), ["cam.local"]);
        assert_eq!(names(world, Whose::Offer(1)), ["web._http._tcp.local"]);
        assert_eq!((world.figures.conflicts, world.figures.renames), (0, 0));
    });
}

// S3, M-14-2
#[test]
fn own_packets_from_before_a_change_cause_no_rename() {
    let weather = Weather { reflect: 1_000, reflect_late: 5_000, ..Weather::CALM };
    let plan = |seed| {
        let mut prng = Prng(seed);
        let mut plan = Plan::calm(seed, namesakes(1), 0);
        plan.weather = weather.clone();
        for _ in 0..REMEMBERED_CHANGES {
            let act = prng.pick(&[Act::Txt as fn(usize) -> Act, Act::Port, Act::Addresses])(0);
            plan.acts.push((prng.below(20_000) as u64, act));
        }
        plan
    };
    each(100, plan, |world| {
        world.run_until(60 * SECOND);
        assert_eq!((world.figures.conflicts, world.figures.renames), (0, 0));
    });
}

// M-8.3-3
#[test]
fn a_quiet_hour_on_a_busy_link_costs_nothing_but_the_packets() {
    let plan = |seed| {
        let mut wishes = namesakes(1);
        wishes[0].addresses.push(("fe80::7".parse::<IpAddr>().unwrap(), 64));
        Plan::calm(seed, wishes, 0)
    };
    // What others say to each other: queries, answers, announcements, goodbyes.
    let foreign: Vec<Msg> = [
        "? _ipp._tcp.local PTR | known _ipp._tcp.local 4500 PTR Printer._ipp._tcp.local",
        "? printer.local A QU, printer.local AAAA QU",
        "! printer.local 120 flush A 10.0.200.9 | add printer.local 120 flush NSEC A",
        "! _ipp._tcp.local 4500 PTR Printer._ipp._tcp.local, Printer._ipp._tcp.local 120 flush SRV 631 printer.local",
        "? camera.local ANY QU | auth camera.local 120 A 10.0.200.8",
        "! _ipp._tcp.local 0 PTR Printer._ipp._tcp.local",
    ]
    .map(|text| text.parse().unwrap())
    .into();
    each(1, plan, |world| {
        world.run_until(10 * SECOND);
        let before = (world.own_packets(0), world.wakes(0));
        let source = SocketAddr::new(Ipv4Addr::new(10, 0, 200, 9).into(), 5353);
        for turn in 0..3_600 * 200 / STEP {
            world.say_later(0, source, Destination::Multicast, &foreign[turn % foreign.len()]);
            world.run_until(world.now + 5 * STEP as u64);
        }
        assert_eq!((world.own_packets(0), world.wakes(0)), before, "sent and woken");
    });
}

/// Two hundred packets a second for an hour; in a debug build one in ten of them.
const STEP: usize = if cfg!(debug_assertions) { 10 } else { 1 };
