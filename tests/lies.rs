//! Lookups over lossy paths at servers of which some are dead, lame, slow or lying, some under attack: each outcome is
//! right, or an honest error in time.
//!
//! `DOTLOCAL_SEED=17 cargo test --test lies one_seed -- --nocapture` replays a run,
//! `DOTLOCAL_SEEDS=10000 cargo test --release --test lies -- --nocapture` runs many.

mod support;

#[path = "resolving/lab.rs"]
mod lab;

#[path = "lying/figures.rs"]
mod figures;
#[path = "lying/forger.rs"]
mod forger;
#[path = "lying/judge.rs"]
mod judge;
#[path = "lying/lie.rs"]
mod lie;
#[path = "lying/plan.rs"]
mod plan;
#[path = "lying/server.rs"]
mod server;
#[path = "lying/world.rs"]
mod world;
#[path = "lying/zone.rs"]
mod zone;

use figures::Figures;
use plan::{Held, Plan};
use support::seeds;

fn all(count: u64, plan: impl Fn(u64) -> Plan + Sync) -> Figures {
    let run = |seed| {
        let replay = format!("DOTLOCAL_SEED={seed} cargo test --test lies one_seed -- --nocapture");
        world::run(&plan(seed)).map_err(|wrong| format!("seed {seed}: {wrong}\nto replay: {replay}"))
    };
    let figures = seeds::all(count, run, Figures::add);
    println!("{count} seeds: {figures}");
    figures
}

#[test]
fn every_outcome_is_right_or_an_honest_error_in_time_and_nothing_forged_is_believed() {
    let count = seeds::number("DOTLOCAL_SEEDS").unwrap_or(200);
    let figures = all(count, Plan::draw);
    assert!(figures.offered >= 65_536 * (count / 10) && figures.believed == 0, "{figures}");
    assert!(figures.sure >= count / 4, "{figures}");
}

#[test]
fn one_seed_is_replayed() {
    let plan = Plan::draw(seeds::number("DOTLOCAL_SEED").unwrap_or(0));
    match world::run(&plan) {
        Ok(figures) => println!("{figures}"),
        Err(wrong) => panic!("{wrong}"),
    }
}

/// The forger is real: what it need not guess it does not miss.
#[test]
fn with_the_id_known_and_then_the_port_forgeries_are_believed() {
    let count = seeds::number("DOTLOCAL_SEEDS").unwrap_or(200) / 10;
    for (held, at_least) in [(Held::Id, 50), (Held::IdAndPort, 90)] {
        let figures = all(count, |seed| Plan::attacked(seed, held));
        let share = 100 * figures.believed / figures.lookups() as u64;
        assert!(share >= at_least, "{share} of 100 with {held:?}");
    }
    assert_eq!(all(count, |seed| Plan::attacked(seed, Held::Nothing)).believed, 0);
}
