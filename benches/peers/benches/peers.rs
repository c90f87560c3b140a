//! All tasks by the clock; see the documentation of the package.

use std::cell::Cell;
use std::time::{Duration, Instant};

use criterion::Criterion;
use dotlocal_peers::report::{self, Measured};
use dotlocal_peers::tasks;

fn main() {
    let tasks = tasks::all().unwrap_or_else(|error| panic!("not the same work: {error}"));
    let mut criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(100))
        .measurement_time(Duration::from_millis(400))
        .configure_from_args();
    let mut measured = Vec::new();
    for mut task in tasks {
        // The fastest sample: what disturbs a measurement only ever makes it longer.
        let best = Cell::new(f64::INFINITY);
        let mut group = criterion.benchmark_group(task.message);
        group.bench_function(task.by, |bencher| {
            bencher.iter_custom(|times| {
                let start = Instant::now();
                (task.run)(times);
                let took = start.elapsed();
                best.set(best.get().min(took.as_nanos() as f64 / times as f64));
                took
            });
        });
        group.finish();
        if best.get().is_finite() {
            measured.push(Measured::new(&task, best.get()));
        }
    }
    criterion.final_summary();
    if !std::env::args().any(|argument| argument == "--test") {
        report::print(&measured);
    }
}
