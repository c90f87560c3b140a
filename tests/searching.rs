//! The simulated link with queriers: hosts that look for each other, everything from one seed, each run held against
//! the RFC.
//!
//! `DOTLOCAL_SEED=17 cargo test --test searching one_seed -- --nocapture` replays a run and draws it,
//! `DOTLOCAL_SEEDS=10000 cargo test --release --test searching all_seeds -- --nocapture` runs many.

mod support;

#[path = "searching/acts.rs"]
mod acts;
#[path = "link/draw.rs"]
mod draw;
#[path = "searching/finder.rs"]
mod finder;
#[path = "link/findings.rs"]
mod findings;
#[path = "link/host.rs"]
mod host;
#[path = "searching/invariant.rs"]
mod invariant;
#[path = "searching/judge.rs"]
mod judge;
#[path = "link/link.rs"]
mod link;
#[allow(dead_code, reason = "nobody takes every name here")]
#[path = "link/observer.rs"]
mod observer;
#[path = "searching/plan.rs"]
mod plan;
#[path = "link/record.rs"]
mod record;
#[path = "searching/rules/mod.rs"]
mod rules;
#[path = "link/seeds.rs"]
mod seeds;
#[path = "../examples/common/svg.rs"]
mod svg;
#[path = "searching/tables.rs"]
mod tables;
#[allow(dead_code, reason = "what a host claims is checked elsewhere")]
#[path = "link/wish.rs"]
mod wish;
#[allow(dead_code, reason = "the packets of one host are counted elsewhere")]
#[path = "link/world.rs"]
mod world;

#[test]
fn all_seeds_keep_the_invariants() {
    // Without optimisation a seed takes a third of a second.
    let usual = if cfg!(debug_assertions) { 60 } else { 200 };
    seeds::run_all(support::seeds::number("DOTLOCAL_SEEDS").unwrap_or(usual));
}

#[test]
fn one_seed_is_replayed() {
    seeds::one(support::seeds::number("DOTLOCAL_SEED").unwrap_or(0));
}
