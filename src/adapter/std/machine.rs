//! The machines that ask servers.

use super::resolving::ResolverSockets;
use crate::driver::Machine;
use crate::lookup::{Lookups, Multicast};
use crate::resolver::Resolver;

/// One that asks servers.
pub(super) trait AtServers: Machine {
    /// Closes the sockets that it needs no more.
    fn close_others(&mut self, sockets: &mut ResolverSockets);
}

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
