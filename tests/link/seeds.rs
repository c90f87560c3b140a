//! Runs of the simulated link, each from its own seed, and the picture of one that breaks an invariant.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Instant;

use typed_arena::Arena;

use super::plan::Plan;
use super::world::{Figures, World};
use crate::support::seeds;

/// Runs one seed.
pub(crate) fn one(seed: u64) {
    if let Err(broken) = run(Plan::draw(seed)) {
        panic!("{broken}");
    }
}

/// Runs a plan; a broken invariant is an error, with its picture already written.
fn run(plan: Plan) -> Result<Figures, String> {
    let seed = plan.seed;
    let replay = format!(
        "DOTLOCAL_SEED={seed} cargo test --test {} one_seed -- --nocapture",
        env!("CARGO_CRATE_NAME")
    );
    let arena = Arena::new();
    let mut world = World::new(&arena, plan);
    let Some(broken) = world.run() else {
        if std::env::var_os("DOTLOCAL_SEED").is_some() {
            println!("{}{}", world.record.lines(), draw(&world, seed, None));
        }
        return Ok(world.figures);
    };
    let picture = draw(&world, seed, Some(&broken));
    Err(format!(
        "BROKEN seed={seed} invariant={:?}\nat {} ms, host {}: {}\n{}\n{}the picture: {picture}\nto replay: {replay}",
        broken.invariant,
        broken.at,
        broken.host,
        broken.invariant,
        broken.text,
        world.record.lines(),
    ))
}

/// Writes the picture of a run, and gives its path.
fn draw(world: &World<'_>, seed: u64, broken: Option<&super::findings::Broken>) -> String {
    let title = broken.map_or(format!("seed {seed}"), |broken| format!("seed {seed}: {}", broken.invariant));
    let picture = world.record.picture(title, world.observer(), world.now, broken);
    let path =
        PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{seed}.svg", env!("CARGO_CRATE_NAME")));
    match std::fs::write(&path, picture.draw()) {
        Ok(()) => path.display().to_string(),
        Err(error) => format!("not written: {error}"),
    }
}

/// Runs the seeds from 0 up; of several that break something the lowest is told. With `DOTLOCAL_SURVEY` set all are
/// run, and each invariant is told with how many seeds break it.
pub(crate) fn run_all(count: u64) {
    let start = Instant::now();
    let survey = std::env::var_os("DOTLOCAL_SURVEY").is_some();
    let each = |seed| run(Plan::draw(seed));
    let (figures, broken) = seeds::run(count, survey, each, Figures::add);
    if survey {
        tell_survey(&broken);
    }
    if let Some((_, text)) = broken.first() {
        panic!("{text}");
    }
    println!("{count} seeds in {:.1} s: {figures}", start.elapsed().as_secs_f64());
}

fn tell_survey(broken: &[(u64, String)]) {
    let mut rows = BTreeMap::<&str, (usize, u64)>::new();
    for (seed, text) in broken {
        let lines: Vec<&str> = text.lines().collect();
        println!("{}  {}", lines[0], lines.get(2).unwrap_or(&""));
        let invariant = text.split("invariant=").nth(1).and_then(|rest| rest.split_whitespace().next());
        rows.entry(invariant.unwrap_or("?")).or_insert((0, *seed)).0 += 1;
    }
    for (invariant, (count, first)) in rows {
        println!("{invariant:<20} {count:>6} seeds, the first is {first}");
    }
}

impl Figures {
    pub(crate) fn add(&mut self, other: &Self) {
        self.hosts += other.hosts;
        self.sent += other.sent;
        self.delivered += other.delivered;
        self.lost += other.lost;
        self.millis += other.millis;
        self.wakes += other.wakes;
        self.conflicts += other.conflicts;
        self.renames += other.renames;
        self.finds += other.finds;
    }
}

impl std::fmt::Display for Figures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} hosts, {:.1} virtual hours, {} packets sent, {} copies delivered, {} lost, {} wakes, {} conflicts, \
             {} renames, {} events of queriers",
            self.hosts,
            self.millis as f64 / 3_600_000.0,
            self.sent,
            self.delivered,
            self.lost,
            self.wakes,
            self.conflicts,
            self.renames,
            self.finds
        )
    }
}
