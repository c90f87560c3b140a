//! The machines that speak on a link.

use core::net::IpAddr;

use crate::driver::Machine;
use crate::mdns::{AddressesError, Endpoint, Querier, Responder};

/// One that speaks on a link: an endpoint, a responder or a querier.
pub trait OnLink: Machine {
    /// Takes the addresses of this device.
    fn set_addresses(&mut self, addresses: &[(IpAddr, u8)]) -> Result<(), AddressesError>;
    /// The link is gone.
    fn link_down(&mut self);
    /// The link is up again.
    fn link_up(&mut self);
}

macro_rules! on_link {
    ($machine:ty, $set_addresses:expr) => {
        impl OnLink for $machine {
            fn set_addresses(&mut self, addresses: &[(IpAddr, u8)]) -> Result<(), AddressesError> {
                $set_addresses(self, addresses)
            }

            fn link_down(&mut self) {
                <$machine>::link_down(self);
            }

            fn link_up(&mut self) {
                <$machine>::link_up(self);
            }
        }
    };
}

on_link!(Endpoint<'_, '_>, Endpoint::set_addresses);
on_link!(Responder<'_, '_>, Responder::set_addresses);
// It answers to nobody.
on_link!(Querier<'_>, |_, _| Ok(()));
