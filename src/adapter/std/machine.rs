//! The five calls, for all machines that a loop drives.

use super::resolving::ResolverSockets;
use crate::lookup::{self, Lookups, Multicast};
use crate::mdns::{self, Endpoint};
use crate::resolver::{self, Resolver};
use crate::{Instant, Meta, Transmit};

/// What a turn needs of a machine.
pub(super) trait Machine {
    /// What it tells.
    type Event;
    fn handle_datagram(&mut self, now: Instant, meta: Meta, octets: &[u8]);
    fn handle_timeout(&mut self, now: Instant);
    fn poll_transmit<'b>(&mut self, now: Instant, buf: &'b mut [u8]) -> Option<Transmit<'b>>;
    fn poll_event(&mut self) -> Option<Self::Event>;
}

/// One that asks servers.
pub(super) trait AtServers: Machine {
    /// Closes the sockets that it needs no more.
    fn close_others(&mut self, sockets: &mut ResolverSockets);
}

macro_rules! machine {
    ([$($generics:tt)*] $machine:ty, $event:ty) => {
        impl<$($generics)*> Machine for $machine {
            type Event = $event;

            fn handle_datagram(&mut self, now: Instant, meta: Meta, octets: &[u8]) {
                <$machine>::handle_datagram(self, now, meta, octets);
            }

            fn handle_timeout(&mut self, now: Instant) {
                <$machine>::handle_timeout(self, now);
            }

            fn poll_transmit<'b>(&mut self, now: Instant, buf: &'b mut [u8]) -> Option<Transmit<'b>> {
                <$machine>::poll_transmit(self, now, buf)
            }

            fn poll_event(&mut self) -> Option<$event> {
                <$machine>::poll_event(self)
            }
        }
    };
}

machine!([] Endpoint<'_, '_>, mdns::Event);
machine!([] Resolver<'_>, resolver::Event);
machine!([M: Multicast] Lookups<'_, '_, M>, lookup::Event<M::Event>);

impl AtServers for Resolver<'_> {
    fn close_others(&mut self, sockets: &mut ResolverSockets) {
        sockets.close_others(self.channels());
    }
}

impl<M: Multicast> AtServers for Lookups<'_, '_, M> {
    fn close_others(&mut self, sockets: &mut ResolverSockets) {
        sockets.close_others(self.resolver().channels());
    }
}
