//! smoltcp's interface with its device and sockets.

use ::smoltcp::config::IFACE_MAX_ADDR_COUNT;
use ::smoltcp::iface::{Interface, SocketSet};
use ::smoltcp::phy::Device;
use ::smoltcp::time;
use ::smoltcp::wire::IpCidr;

/// The addresses of an interface, as they were last told.
pub(super) type Addresses = [Option<IpCidr>; IFACE_MAX_ADDR_COUNT];

/// What a turn works on.
pub(super) struct Stack<'t, 's, D: ?Sized> {
    pub(super) now: time::Instant,
    pub(super) interface: &'t mut Interface,
    pub(super) device: &'t mut D,
    pub(super) sockets: &'t mut SocketSet<'s>,
}

impl<D: Device + ?Sized> Stack<'_, '_, D> {
    /// Sends what the device takes.
    pub(super) fn send_queued(&mut self) {
        use ::smoltcp::iface::PollResult::SocketStateChanged;
        while self.interface.poll_egress(self.now, self.device, self.sockets) == SocketStateChanged {}
    }
}
