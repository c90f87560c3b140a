//! The loop: drain, sleep, hand in.

use ::std::io;
use ::std::os::fd::BorrowedFd;
use ::std::time::Duration;
use ::std::vec::Vec;
use core::convert::Infallible;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::error::LinkError;
use super::link::{Change, Link};
use crate::mdns::{Endpoint, Event};

impl Link {
    /// Does for `endpoint` all that can be done on this link now, and never blocks: changes of the interface, what is
    /// due, what has come in, what is to be sent and told.
    ///
    /// The addresses and the state of the link are handed to the endpoint by the first turn, and by each turn that
    /// finds them changed. Once others share the port, it asks for no more unicast answers. To announce other addresses
    /// than those of the interface, make the loop yourself.
    ///
    /// A turn takes in 64 datagrams of each family at most; what is left makes [`wait`] return at once.
    ///
    /// # Errors
    /// [`LinkError::Gone`] when the interface is no more, [`LinkError::Addresses`] when it has addresses that the
    /// endpoint refuses, [`LinkError::Io`] when the system fails.
    pub fn turn<'s, 'a>(
        &mut self,
        endpoint: &mut Endpoint<'s, 'a>,
        on_event: &mut dyn FnMut(&mut Endpoint<'s, 'a>, Event),
    ) -> Result<(), LinkError> {
        self.apply_changes(endpoint)?;
        if self.port_is_shared() {
            endpoint.ask_for_unicast(false);
        }
        endpoint.handle_timeout(self.now());
        self.drain(endpoint, on_event);
        let mut buf = [0; MAX_RECEIVED];
        for _ in 0..self.socket_count() * DATAGRAMS {
            let Some((meta, len)) = self.receive(&mut buf)? else { break };
            if self.port_is_shared() {
                endpoint.ask_for_unicast(false);
            }
            endpoint.handle_datagram(self.now(), meta, buf.get(..len).unwrap_or(&[]));
            self.drain(endpoint, on_event);
        }
        Ok(())
    }

    fn apply_changes(&mut self, endpoint: &mut Endpoint<'_, '_>) -> Result<(), LinkError> {
        if !self.introduced {
            self.introduced = true;
            if !self.is_up() {
                endpoint.link_down();
            }
            self.hand_over_addresses(endpoint)?;
        }
        while let Some(change) = self.changed()? {
            match change {
                Change::Down => endpoint.link_down(),
                Change::Up => endpoint.link_up(),
                Change::Addresses => self.hand_over_addresses(endpoint)?,
            }
        }
        Ok(())
    }

    fn hand_over_addresses(&self, endpoint: &mut Endpoint<'_, '_>) -> Result<(), LinkError> {
        endpoint
            .set_addresses(self.addresses())
            .map_err(|source| LinkError::Addresses { name: self.name().into(), source })
    }

    fn drain<'s, 'a>(
        &self,
        endpoint: &mut Endpoint<'s, 'a>,
        on_event: &mut dyn FnMut(&mut Endpoint<'s, 'a>, Event),
    ) {
        let mut buf = [0; MAX_SENT];
        loop {
            if let Some(transmit) = endpoint.poll_transmit(self.now(), &mut buf) {
                self.send(transmit.to, transmit.bytes);
            } else if let Some(event) = endpoint.poll_event() {
                on_event(endpoint, event);
            } else {
                break;
            }
        }
    }
}

/// Drives `endpoint` on `link` until the link fails: [`Link::turn`], then [`wait`], for ever.
///
/// `on_event` gets the endpoint with each event, to browse, register or cancel in answer to it.
///
/// # Errors
/// Those of [`Link::turn`].
pub fn run<'s, 'a>(
    link: &mut Link,
    endpoint: &mut Endpoint<'s, 'a>,
    mut on_event: impl FnMut(&mut Endpoint<'s, 'a>, Event),
) -> Result<Infallible, LinkError> {
    loop {
        link.turn(endpoint, &mut on_event)?;
        let now = link.now();
        let until = endpoint.poll_timeout().map(|due| Duration::from_millis(due.millis_until(now).into()));
        wait(&[link], &[], until).map_err(|source| link.io_error("wait for datagrams", source))?;
    }
}

/// Sleeps until one of `links` has something to read or has changed, until one of `extra` can be read or is closed,
/// or until the time is over; `None` sets no time. One poll(2) over all of them.
///
/// The time is rounded up to whole milliseconds, so that a deadline has come when the sleep was for it. A signal may
/// end the sleep early. What can be read and is not read lets the next call return at once.
///
/// # Errors
/// What the system said when it could not poll.
pub fn wait(links: &[&Link], extra: &[BorrowedFd<'_>], until: Option<Duration>) -> io::Result<()> {
    let fds = links.iter().flat_map(|link| link.fds()).chain(extra.iter().copied());
    let mut fds: Vec<PollFd<'_>> = fds.map(|fd| PollFd::new(fd, PollFlags::POLLIN)).collect();
    let timeout = until.map_or(PollTimeout::NONE, |until| {
        PollTimeout::try_from(until.as_nanos().div_ceil(1_000_000)).unwrap_or(PollTimeout::MAX)
    });
    match poll(&mut fds, timeout) {
        Ok(_) | Err(Errno::EINTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// How many datagrams of each family one turn takes in: a flood must not keep the caller from its other work.
const DATAGRAMS: usize = 64;
/// No message is longer, IP and UDP headers included (RFC 6762 section 17). More arrives cut, and is refused.
const MAX_RECEIVED: usize = 9000;
/// What is sent fits one packet of an Ethernet, beside an IPv6 header and a VLAN tag or two (RFC 6762 section 17).
const MAX_SENT: usize = 1440;
