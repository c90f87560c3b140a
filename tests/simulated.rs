//! A simulated link: many hosts under one virtual clock, everything from one seed, each run held against the RFC.
//!
//! `DOTLOCAL_SEED=17 cargo test --test simulated one_seed -- --nocapture` replays a run and draws it,
//! `DOTLOCAL_SEEDS=10000 cargo test --release --test simulated seeds -- --nocapture` runs many.

mod support;

#[path = "simulated/acts.rs"]
mod acts;
#[path = "simulated/directed.rs"]
mod directed;
#[path = "link/draw.rs"]
mod draw;
#[path = "link/findings.rs"]
mod findings;
#[allow(dead_code, reason = "nobody looks for anything here")]
#[path = "link/host.rs"]
mod host;
#[path = "simulated/invariant.rs"]
mod invariant;
#[path = "simulated/judge.rs"]
mod judge;
#[path = "link/link.rs"]
mod link;
#[path = "link/observer.rs"]
mod observer;
#[path = "simulated/plan.rs"]
mod plan;
#[path = "link/record.rs"]
mod record;
#[path = "simulated/rules/mod.rs"]
mod rules;
#[path = "link/seeds.rs"]
mod seeds;
#[path = "../examples/common/svg.rs"]
mod svg;
#[path = "link/wish.rs"]
mod wish;
#[path = "link/world.rs"]
mod world;

#[test]
fn all_seeds_keep_the_invariants() {
    seeds::run_all(support::seeds::number("DOTLOCAL_SEEDS").unwrap_or(200));
}

#[test]
fn one_seed_is_replayed() {
    seeds::one(support::seeds::number("DOTLOCAL_SEED").unwrap_or(0));
}
