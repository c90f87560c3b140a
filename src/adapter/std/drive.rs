//! The loop: drain, sleep, hand in.

use ::std::io;
use core::convert::Infallible;

use super::clock::now;
use super::error::LinkError;
use super::link::{Change, Link};
use super::machine::AtServers;
use super::poll_set::PollSet;
use super::resolving::ResolverSockets;
use crate::adapter::on_link::OnLink;
use crate::driver::Machine;
use crate::lookup::{self, Lookups, Multicast};
use crate::resolver::{self, Resolver};
use crate::{Channel, Transmit};

impl Link {
    /// Does for `machine` all that can be done on this link now, and never blocks: changes of the interface, what is
    /// due, what has come in, what is to be sent and told. It is an [`Endpoint`](crate::mdns::Endpoint), a
    /// [`Responder`](crate::mdns::Responder) or a [`Querier`](crate::mdns::Querier).
    ///
    /// Each turn sees to it that the machine knows the addresses, the scope and the state of the link. Once others share
    /// the port, it asks for no more unicast answers. To announce other addresses than those of the interface, make the
    /// loop yourself.
    ///
    /// A turn takes in 64 datagrams of each family at most; what is left makes [`PollSet::wait`] return at once.
    ///
    /// # Errors
    /// [`LinkError::Gone`] when the interface is no more, [`LinkError::Io`] when the system fails.
    /// [`LinkError::Addresses`], once at first and with each change, when there are more than the machine has room for: it
    /// uses the first ones, all the rest is done by then, and that is no reason to stop the loop.
    pub fn turn<M: OnLink>(
        &mut self,
        machine: &mut M,
        on_event: &mut dyn FnMut(&mut M, M::Event),
    ) -> Result<(), LinkError> {
        let updated = match self.update(machine) {
            Err(error @ LinkError::Addresses { .. }) => Err(error),
            updated => Ok(updated?),
        };
        machine.handle_timeout(now());
        drain(machine, &mut |transmit| self.send(transmit.to, transmit.bytes), on_event);
        let mut buf = [0; MAX_RECEIVED];
        for _ in 0..self.socket_count() * DATAGRAMS {
            let Some((meta, len)) = self.receive(&mut buf)? else { break };
            if self.port_is_shared() {
                machine.ask_for_no_unicast();
            }
            machine.handle_datagram(now(), meta, buf.get(..len).unwrap_or(&[]));
            drain(machine, &mut |transmit| self.send(transmit.to, transmit.bytes), on_event);
        }
        updated
    }

    /// Tells `machine` of the link, as each [`turn`](Self::turn) does: its state, addresses and scope, and whether others
    /// share the port. For a turn of [`Lookups`](ResolverSockets::turn_lookups), before it.
    ///
    /// # Errors
    /// Those of [`turn`](Self::turn).
    pub fn update<M: OnLink>(&mut self, machine: &mut M) -> Result<(), LinkError> {
        const { assert!(!M::ASKS_SERVERS, "what asks DNS servers is driven by ResolverSockets") };
        while let Some(change) = self.changed()? {
            match change {
                Change::Down => machine.link_down(),
                Change::Up => machine.link_up(),
                Change::Addresses => {
                    self.has_new_addresses = true;
                    let _ = self.hand_over_addresses(machine);
                }
            }
        }
        // It may be another machine than the last time.
        machine.set_scope_id(self.index());
        if !self.is_up() {
            machine.link_down();
        }
        if self.port_is_shared() {
            machine.ask_for_no_unicast();
        }
        let handed_over = self.hand_over_addresses(machine);
        if ::core::mem::take(&mut self.has_new_addresses) { handed_over } else { Ok(()) }
    }

    fn hand_over_addresses(&self, machine: &mut impl OnLink) -> Result<(), LinkError> {
        machine
            .set_addresses(self.addresses())
            .map_err(|source| LinkError::Addresses { name: self.name().into(), source })
    }
}

impl ResolverSockets {
    /// Does for `resolver` all that can be done now, and never blocks: what is due, what has come in, what is to be sent
    /// and told. Sockets that it needs no more are closed.
    ///
    /// A turn takes in 64 datagrams and pieces at most; what is left makes [`PollSet::wait`] return at once.
    ///
    /// # Errors
    /// This machine has no more sockets to give.
    pub fn turn<'s>(
        &mut self,
        resolver: &mut Resolver<'s>,
        on_event: &mut dyn FnMut(&mut Resolver<'s>, resolver::Event),
    ) -> io::Result<()> {
        self.go_on(resolver, None, on_event)
    }

    /// The same for lookups of every name, over `link` too: the one that their endpoint or querier speaks on, of which a
    /// turn takes in another 64 datagrams at most. Where the link was away or has other addresses, the resolver is told that
    /// [the network has changed](Resolver::network_changed).
    ///
    /// ```no_run
    /// # use dotlocal::adapter::std::{Link, PollSet, ResolverSockets};
    /// # use dotlocal::{lookup::Lookups, mdns::Endpoint};
    /// # fn run(
    /// #     link: &mut Link, sockets: &mut ResolverSockets, names: &mut Lookups<'_, '_, Endpoint<'_, '_>>,
    /// # ) -> Result<(), Box<dyn std::error::Error>> {
    /// loop {
    ///     link.update(names.multicast())?;
    ///     let own = link.addresses();
    ///     names.set_addresses(&own[..own.len().min(4)])?; // `OWN` of the storage
    ///     sockets.turn_lookups(names, Some(link), |_, event| println!("{event:?}"))?;
    ///     PollSet::new().link(link).resolver(sockets).due(names.poll_timeout()).wait()?;
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    /// This machine has no more sockets to give, or cannot read those of the link.
    pub fn turn_lookups<'s, 'd, M: Multicast>(
        &mut self,
        names: &mut Lookups<'s, 'd, M>,
        mut link: Option<&mut Link>,
        mut on_event: impl FnMut(&mut Lookups<'s, 'd, M>, lookup::Event<M::Event>),
    ) -> io::Result<()> {
        if link.as_mut().is_some_and(|link| ::core::mem::take(&mut link.has_moved)) {
            names.resolver().network_changed();
        }
        self.go_on(names, link, &mut on_event)
    }

    fn go_on<M: AtServers>(
        &mut self,
        machine: &mut M,
        mut link: Option<&mut Link>,
        on_event: &mut dyn FnMut(&mut M, M::Event),
    ) -> io::Result<()> {
        // One for each turn would be 64 KiB of stack.
        let mut buf = ::core::mem::take(&mut self.buf);
        machine.handle_timeout(now());
        self.drain(machine, link.as_deref(), on_event);
        let mut outcome = Ok(());
        let mut had_none = false;
        for turn in 0..2 * DATAGRAMS {
            // Both in turn, so that a flood of one does not drown the other.
            let received = match &mut link {
                Some(link) if turn % 2 == 1 => link.receive(&mut buf).map_err(io::Error::other),
                _ if turn % 2 == 1 => Ok(None),
                _ => self.receive(&mut buf),
            };
            match received {
                Ok(Some((meta, len))) => {
                    had_none = false;
                    machine.handle_datagram(now(), meta, buf.get(..len).unwrap_or(&[]));
                    self.drain(machine, link.as_deref(), on_event);
                }
                Ok(None) if had_none => break,
                Ok(None) => had_none = true,
                Err(error) => {
                    outcome = Err(error);
                    break;
                }
            }
        }
        self.buf = buf;
        outcome
    }

    fn drain<M: AtServers>(
        &mut self,
        machine: &mut M,
        link: Option<&Link>,
        on_event: &mut dyn FnMut(&mut M, M::Event),
    ) {
        let send = &mut |transmit: Transmit<'_>| match (transmit.channel, link) {
            (Channel::Mdns, Some(link)) => link.send(transmit.to, transmit.bytes),
            _ => self.send(&transmit),
        };
        drain(machine, send, on_event);
        machine.close_others(self);
    }
}

/// Drives `machine` on `link` until the link fails: [`Link::turn`], then a sleep, for ever.
///
/// `on_event` gets the machine with each event, to browse, register or cancel in answer to it.
///
/// # Errors
/// Those of [`Link::turn`]. After [`LinkError::Addresses`] it can be called again, and goes on.
pub fn run<M: OnLink>(
    link: &mut Link,
    machine: &mut M,
    mut on_event: impl FnMut(&mut M, M::Event),
) -> Result<Infallible, LinkError> {
    loop {
        link.turn(machine, &mut on_event)?;
        let slept = PollSet::new().link(link).due(machine.poll_timeout()).wait();
        slept.map_err(|source| link.io_error("wait for datagrams", source))?;
    }
}

/// Sends and tells until there is nothing more to send and to tell.
fn drain<M: Machine>(
    machine: &mut M,
    send: &mut dyn FnMut(Transmit<'_>),
    on_event: &mut dyn FnMut(&mut M, M::Event),
) {
    let mut buf = [0; MAX_SENT];
    loop {
        if let Some(transmit) = machine.poll_transmit(now(), &mut buf) {
            send(transmit);
        } else if let Some(event) = machine.poll_event() {
            on_event(machine, event);
        } else {
            break;
        }
    }
}

/// How many datagrams, of each family of a link, one turn takes in: a flood must not keep the caller from its other work.
const DATAGRAMS: usize = 64;
/// No message is longer, IP and UDP headers included (RFC 6762 section 17). More arrives cut, and is refused.
const MAX_RECEIVED: usize = 9000;
/// What is sent fits one packet of an Ethernet, beside an IPv6 header and a VLAN tag or two (RFC 6762 section 17).
const MAX_SENT: usize = 1440;
