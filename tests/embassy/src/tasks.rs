//! Tasks of one thread.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Wake, Waker};
use std::thread::{self, Thread};

/// Tasks, each polled when it was woken.
#[derive(Default)]
pub struct Tasks {
    all: Vec<Task>,
}

struct Task {
    future: Pin<Box<dyn Future<Output = ()>>>,
    woken: Arc<Woken>,
    polls: usize,
}

struct Woken {
    is_woken: AtomicBool,
    thread: Thread,
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.is_woken.store(true, Ordering::Release);
        self.thread.unpark();
    }
}

impl Tasks {
    pub fn new() -> Self {
        Self::default()
    }

    /// Starts a task; its number.
    pub fn start(&mut self, task: impl Future<Output = ()> + 'static) -> usize {
        let woken = Arc::new(Woken { is_woken: AtomicBool::new(true), thread: thread::current() });
        self.all.push(Task { future: Box::pin(task), woken, polls: 0 });
        self.all.len() - 1
    }

    /// Polls those that were woken, until all wait.
    ///
    /// # Panics
    /// Tasks wake each other without end.
    pub fn run(&mut self) {
        for _ in 0..1_000 {
            let mut has_run = false;
            for task in &mut self.all {
                if task.woken.is_woken.swap(false, Ordering::Acquire) {
                    has_run = true;
                    task.polls += 1;
                    let waker = Waker::from(Arc::clone(&task.woken));
                    if task.future.as_mut().poll(&mut Context::from_waker(&waker)).is_ready() {
                        task.future = Box::pin(std::future::pending());
                    }
                }
            }
            if !has_run {
                return;
            }
        }
        let polls: Vec<_> = self.all.iter().map(|task| task.polls).collect();
        panic!("tasks wake each other without end; polls: {polls:?}");
    }

    /// Ends a task where it is.
    pub fn end(&mut self, number: usize) {
        self.all[number].future = Box::pin(std::future::pending());
    }

    /// How often a task was polled.
    pub fn polls(&self, number: usize) -> usize {
        self.all[number].polls
    }
}
