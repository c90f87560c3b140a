//! The machines that a runner drives.

use core::net::IpAddr;

use crate::adapter::addresses::as_many;
use crate::driver::Machine;
use crate::mdns::Endpoint;

/// A machine in which there is an endpoint. No other type can be one.
pub trait Speaks<'d>: Machine {
    /// That endpoint.
    fn endpoint(&mut self) -> &mut Endpoint<'d, 'd>;

    /// The link has these addresses: what there is no room for is left out.
    fn set_addresses(&mut self, addresses: &[(IpAddr, u8)]) {
        let _ = as_many(addresses, |addresses| self.endpoint().set_addresses(addresses));
    }
}

impl<'d> Speaks<'d> for Endpoint<'d, 'd> {
    fn endpoint(&mut self) -> &mut Endpoint<'d, 'd> {
        self
    }
}
