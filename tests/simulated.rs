//! A simulated link: many hosts under one virtual clock, everything from one seed, each run held against the RFC.
//!
//! `DOTLOCAL_SEED=17 cargo test --test simulated one_seed -- --nocapture` replays a run and draws it,
//! `DOTLOCAL_SEEDS=10000 cargo test --release --test simulated seeds -- --nocapture` runs many.

mod support;

#[path = "simulated/acts.rs"]
mod acts;
#[path = "simulated/directed.rs"]
mod directed;
#[path = "simulated/host.rs"]
mod host;
#[path = "simulated/invariant.rs"]
mod invariant;
#[path = "simulated/judge.rs"]
mod judge;
#[path = "simulated/link.rs"]
mod link;
#[path = "simulated/observer.rs"]
mod observer;
#[path = "simulated/plan.rs"]
mod plan;
#[path = "simulated/record.rs"]
mod record;
#[path = "simulated/rules/mod.rs"]
mod rules;
#[path = "simulated/seeds.rs"]
mod seeds;
#[path = "../examples/common/svg.rs"]
mod svg;
#[path = "simulated/wish.rs"]
mod wish;
#[path = "simulated/world.rs"]
mod world;

use plan::Plan;

/// A number of the environment.
fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
}

#[test]
fn all_seeds_keep_the_invariants() {
    seeds::run_all(number("DOTLOCAL_SEEDS").unwrap_or(200));
}

#[test]
fn one_seed_is_replayed() {
    let seed = number("DOTLOCAL_SEED").unwrap_or(0);
    if let Err(broken) = seeds::run(Plan::draw(seed)) {
        panic!("{broken}");
    }
}
