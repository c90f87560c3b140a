//! The machines that speak on a link.

use core::net::{IpAddr, SocketAddr};

use crate::Channel;
use crate::adapter::addresses::as_many;
use crate::driver::Machine;
use crate::lookup::{Lookups, Multicast};
use crate::mdns::{AddressesError, Endpoint, Querier, Responder};
use crate::resolver::Resolver;

/// One that speaks on a link.
pub trait OnLink: Machine {
    /// Whether it asks DNS servers, for which a link has to have sockets.
    const ASKS_SERVERS: bool = false;

    /// Takes the addresses of this device, or as many as there is room for.
    ///
    /// # Errors
    /// There is no room for all of them.
    fn set_addresses(&mut self, addresses: &[(IpAddr, u8)]) -> Result<(), AddressesError>;
    /// The link is gone.
    fn link_down(&mut self);
    /// The link is up again; its addresses are told before.
    fn link_up(&mut self);
    /// The number of the link, for link-local addresses that are found.
    #[cfg(feature = "std")]
    fn set_scope_id(&mut self, _scope_id: u32) {}
    /// Others share the port of this device, so that an answer by unicast may reach them.
    #[cfg(feature = "std")]
    fn ask_for_no_unicast(&mut self) {}
    /// Whether it waits for an answer of this server's by this channel.
    fn waits_for(&mut self, _server: SocketAddr, _channel: Channel) -> bool {
        false
    }
}

macro_rules! on_link {
    ($machine:ty, $set_addresses:expr, $set_scope_id:expr, $ask_for_unicast:expr) => {
        impl OnLink for $machine {
            fn set_addresses(&mut self, addresses: &[(IpAddr, u8)]) -> Result<(), AddressesError> {
                as_many(addresses, |addresses| $set_addresses(&mut *self, addresses))
            }

            fn link_down(&mut self) {
                <$machine>::link_down(self);
            }

            fn link_up(&mut self) {
                <$machine>::link_up(self);
            }

            #[cfg(feature = "std")]
            fn set_scope_id(&mut self, scope_id: u32) {
                $set_scope_id(self, scope_id);
            }

            #[cfg(feature = "std")]
            fn ask_for_no_unicast(&mut self) {
                $ask_for_unicast(self, false);
            }
        }
    };
}

on_link!(Endpoint<'_, '_>, Endpoint::set_addresses, Endpoint::set_scope_id, Endpoint::ask_for_unicast);
// It finds nobody.
on_link!(Responder<'_, '_>, Responder::set_addresses, |_: &mut Self, _| {}, Responder::ask_for_unicast);
// It answers to nobody, and asks for unicast answers in no case.
on_link!(Querier<'_>, |_: &mut Self, _| Ok(()), Querier::set_scope_id, |_: &mut Self, _| {});

/// Of a device without multicast DNS.
impl OnLink for () {
    fn set_addresses(&mut self, _: &[(IpAddr, u8)]) -> Result<(), AddressesError> {
        Ok(())
    }

    fn link_down(&mut self) {}

    fn link_up(&mut self) {}
}

impl OnLink for Resolver<'_> {
    const ASKS_SERVERS: bool = true;

    // What was asked before was asked from an address that is gone, or from none.
    fn set_addresses(&mut self, _: &[(IpAddr, u8)]) -> Result<(), AddressesError> {
        self.network_changed();
        Ok(())
    }

    // What is asked meanwhile is asked again.
    fn link_down(&mut self) {}

    // With its addresses, all is asked anew.
    fn link_up(&mut self) {}

    fn waits_for(&mut self, server: SocketAddr, channel: Channel) -> bool {
        self.channels().any(|open| open == (server, channel))
    }
}

impl<M: Multicast + OnLink> OnLink for Lookups<'_, '_, M> {
    const ASKS_SERVERS: bool = true;

    fn set_addresses(&mut self, addresses: &[(IpAddr, u8)]) -> Result<(), AddressesError> {
        self.resolver().network_changed();
        // Each has its own room.
        let multicast = self.multicast().set_addresses(addresses);
        as_many(addresses, |addresses| Lookups::set_addresses(self, addresses)).and(multicast)
    }

    fn link_down(&mut self) {
        self.multicast().link_down();
    }

    fn link_up(&mut self) {
        self.multicast().link_up();
    }

    fn waits_for(&mut self, server: SocketAddr, channel: Channel) -> bool {
        self.resolver().waits_for(server, channel)
    }
}
