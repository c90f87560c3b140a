//! Many runs, each from its own seed, on all processors: what comes of a seed does not depend on the others.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// A number of the environment.
pub fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
}

/// Runs the seeds from 0 up, and adds what comes of them. `is_survey`: all are run whatever breaks; otherwise none
/// above the lowest that does. What has broken is told in the order of the seeds.
pub fn run<T: Default + Send>(
    count: u64,
    is_survey: bool,
    run: impl Fn(u64) -> Result<T, String> + Sync,
    add: impl Fn(&mut T, &T) + Sync,
) -> (T, Vec<(u64, String)>) {
    let (next, first_bad) = (AtomicU64::new(0), AtomicU64::new(u64::MAX));
    let total = Mutex::new((T::default(), Vec::<(u64, String)>::new()));
    let work = || {
        let mut sum = T::default();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            // Seeds are handed out in order, so all below the first bad one are run.
            if seed >= count || !is_survey && seed > first_bad.load(Ordering::Relaxed) {
                break;
            }
            let outcome = catch_unwind(AssertUnwindSafe(|| run(seed)));
            match outcome.unwrap_or_else(|_| Err(format!("BROKEN seed={seed} invariant=Panic"))) {
                Ok(figures) => add(&mut sum, &figures),
                Err(text) => {
                    first_bad.fetch_min(seed, Ordering::Relaxed);
                    total.lock().unwrap().1.push((seed, text));
                }
            }
        }
        add(&mut total.lock().unwrap().0, &sum);
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
    let (sum, mut broken) = total.into_inner().unwrap();
    broken.sort();
    (sum, broken)
}

/// The same without a survey; the lowest seed that breaks something fails the test.
pub fn all<T: Default + Send>(
    count: u64,
    each: impl Fn(u64) -> Result<T, String> + Sync,
    add: impl Fn(&mut T, &T) + Sync,
) -> T {
    let (sum, broken) = run(count, false, each, add);
    if let Some((_, text)) = broken.first() {
        panic!("{text}");
    }
    sum
}
