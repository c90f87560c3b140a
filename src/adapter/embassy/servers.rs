//! How a machine asks servers: by sockets of its own, or not at all.

use core::cell::RefCell;
use core::task::Context;

use embassy_net::Stack;

use crate::driver::Machine;
use crate::{Disposition, Instant, Transmit};

/// The sockets to servers of a machine; `()` for one that asks none. No other type can be one.
pub trait Servers<M: Machine> {
    /// Tells the machine of the servers that the stack has; whether that changed anything.
    fn follow(&mut self, _stack: Stack<'_>, _machine: &mut M) -> bool {
        false
    }

    /// Sends by a channel of a resolver.
    fn send(&mut self, _transmit: &Transmit<'_>, _cx: &mut Context<'_>) {}

    /// Hands in one datagram or piece of a stream; `None` when there is none, and the task is woken once there is.
    fn receive(
        &mut self,
        _machine: &RefCell<M>,
        _now: Instant,
        _cx: &mut Context<'_>,
    ) -> Option<Disposition> {
        None
    }

    /// Closes what the machine needs no more, after a drain.
    fn tidy(&mut self, _machine: &mut M) {}
}

impl<M: Machine> Servers<M> for () {}
