//! The machines that a runner drives.

use crate::adapter::on_link::OnLink;
use crate::mdns::Endpoint;

/// A machine in which there is an endpoint. No other type can be one.
pub trait Speaks<'d>: OnLink {
    /// That endpoint.
    fn endpoint(&mut self) -> &mut Endpoint<'d, 'd>;
}

impl<'d> Speaks<'d> for Endpoint<'d, 'd> {
    fn endpoint(&mut self) -> &mut Endpoint<'d, 'd> {
        self
    }
}
