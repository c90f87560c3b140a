//! SRV (RFC 2782).

use super::Rdata;
use crate::name::Name;
use crate::wire::{CheckError, u16_at};

/// Where a service runs. A target of `.` says that it is decidedly not available.
#[derive(Clone, Copy, Debug)]
pub struct Srv<'m> {
    priority: u16,
    weight: u16,
    port: u16,
    target: Name<'m>,
}

impl<'m> Srv<'m> {
    /// A service at `port` of the host `target`.
    pub fn new(priority: u16, weight: u16, port: u16, target: Name<'m>) -> Self {
        Self { priority, weight, port, target }
    }

    pub(super) fn read(rdata: &Rdata<'m>) -> Result<Self, CheckError> {
        let word = |at| u16_at(rdata.as_octets(), at).ok_or(rdata.wrong_length());
        let (priority, weight, port) = (word(0)?, word(2)?, word(4)?);
        Ok(Self { priority, weight, port, target: rdata.last_name(rdata.start() + 6)? })
    }

    /// Lower is tried first.
    pub fn priority(&self) -> u16 {
        self.priority
    }

    /// Share among targets of one priority.
    pub fn weight(&self) -> u16 {
        self.weight
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The host that runs the service.
    pub fn target(&self) -> Name<'m> {
        self.target
    }
}
