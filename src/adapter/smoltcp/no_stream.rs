//! What stands for a TCP connection without the feature `smoltcp-tcp`: there is none.

use core::net::SocketAddr;

use ::smoltcp::iface::{Interface, SocketSet};

use crate::{Channel, Meta};

#[derive(Debug)]
pub(super) enum Stream {}

impl Stream {
    pub(super) fn send(&mut self, _: &mut Interface, _: &mut SocketSet<'_>, _: (SocketAddr, u16), _: &[u8]) {
        match *self {}
    }

    pub(super) fn receive(&mut self, _: &mut SocketSet<'_>, _: &mut dyn FnMut(Meta, &[u8])) -> bool {
        match *self {}
    }

    pub(super) fn has_news(&self, _: &SocketSet<'_>) -> bool {
        match *self {}
    }

    pub(super) fn close_unused(
        &mut self,
        _: &mut SocketSet<'_>,
        _: &mut dyn FnMut(SocketAddr, Channel) -> bool,
    ) {
        match *self {}
    }

    pub(super) fn forget(&self, _: &mut SocketSet<'_>) {
        match *self {}
    }
}
