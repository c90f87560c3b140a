//! What the runner and all handles have in common.

use core::cell::{Cell, RefCell};
use core::future::poll_fn;
use core::task::{Poll, Waker};

use super::speaks::Speaks;
use crate::mdns::Endpoint;

/// The machine, and who is to be woken.
///
/// For one executor: nothing here can be sent to another, and no borrow outlasts a call.
pub(super) struct Shared<'d, M> {
    pub(super) machine: RefCell<M>,
    /// The runner, alone.
    runner: [Cell<Option<Waker>>; 1],
    /// Tasks that wait for something to be told.
    waiting: &'d mut [Cell<Option<Waker>>],
    /// Whether packets can pass, as the runner knows.
    pub(super) is_up: Cell<bool>,
    /// The device has moved, and the runner has not seen to that yet.
    pub(super) has_moved: Cell<bool>,
    /// A handle has changed the machine.
    is_changed: Cell<bool>,
}

impl<'d, M> Shared<'d, M> {
    pub(super) fn new(machine: M, waiting: &'d mut [Cell<Option<Waker>>]) -> Self {
        Self {
            machine: RefCell::new(machine),
            runner: [Cell::new(None)],
            waiting,
            is_up: Cell::new(false),
            has_moved: Cell::new(false),
            is_changed: Cell::new(false),
        }
    }

    /// Has the runner woken when a handle has changed the machine; tells whether that is so.
    pub(super) fn watch(&self, runner: &Waker) -> bool {
        register(&self.runner, runner);
        self.is_changed.take()
    }

    /// The machine has been changed: it may have something to send, and to tell.
    pub(super) fn change(&self) {
        self.is_changed.set(true);
        wake(&self.runner);
    }

    /// Has a task woken when there may be something to tell.
    pub(super) fn wait(&self, task: &Waker) {
        register(self.waiting, task);
    }

    /// Waits until the machine has something for the task. What it has may be all that has kept something else.
    pub(super) async fn when<R>(&self, mut look: impl FnMut(&mut M) -> Option<R>) -> R {
        poll_fn(|cx| match look(&mut self.machine.borrow_mut()) {
            Some(found) => {
                self.change();
                Poll::Ready(found)
            }
            None => {
                self.wait(cx.waker());
                Poll::Pending
            }
        })
        .await
    }

    /// There may be something to tell.
    pub(super) fn tell(&self) {
        wake(self.waiting);
    }
}

impl<'d, M: Speaks<'d>> Shared<'d, M> {
    /// Has a handle call the endpoint.
    pub(super) fn with<R>(&self, call: impl FnOnce(&mut Endpoint<'d, 'd>) -> R) -> R {
        let result = call(self.machine.borrow_mut().endpoint());
        self.change();
        result
    }
}

/// A task has one place, whatever it waits for. Without a free one all have to come again.
fn register(places: &[Cell<Option<Waker>>], task: &Waker) {
    let mut free = None;
    for place in places {
        let waker = place.take();
        let is_known = waker.as_ref().is_some_and(|waker| waker.will_wake(task));
        if waker.is_none() {
            free = free.or(Some(place));
        }
        place.set(waker);
        if is_known {
            return;
        }
    }
    let place = free.or_else(|| {
        wake(places);
        places.first()
    });
    match place {
        Some(place) => place.set(Some(task.clone())),
        None => task.wake_by_ref(),
    }
}

fn wake(places: &[Cell<Option<Waker>>]) {
    places.iter().filter_map(Cell::take).for_each(Waker::wake);
}
