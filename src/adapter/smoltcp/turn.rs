//! The loop: what has changed, what is due, what has come in, what is to be sent and told.

use core::fmt;
use core::net::IpAddr;

use ::smoltcp::config::IFACE_MAX_ADDR_COUNT;
use ::smoltcp::iface::{Interface, PollIngressSingleResult, SocketSet};
use ::smoltcp::phy::Device;
use ::smoltcp::socket::udp::Socket;
use ::smoltcp::time;

use super::link::Link;
use super::report::Members;
use super::stack::{Addresses, Stack};
use super::watch::Watched;
use crate::adapter::on_link::OnLink;
use crate::mdns::AddressesError;
use crate::{Disposition, Instant, Reason};

/// Why a [`Link`] cannot do what it should. It goes on without that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum LinkError {
    /// The interface has more addresses than the machine's storage has room for: it uses the first ones.
    Addresses(AddressesError),
    /// The interface has no room for the mDNS groups beside those that it is in already: nothing is said and heard over
    /// the family whose group it is not in. It is tried again until there is room.
    Groups,
}

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Addresses(error) => error.fmt(f),
            Self::Groups => f.write_str(
                "the interface has no room for the mDNS groups: raise smoltcp's IFACE_MAX_MULTICAST_GROUP_COUNT",
            ),
        }
    }
}

impl core::error::Error for LinkError {}

impl<const SERVERS: usize> Link<SERVERS> {
    /// Does for `machine` all that can be done on this link now, and never blocks: changes of the link and of the
    /// interface's addresses, what is due, what has come in, what is to be sent and told. It is an
    /// [`Endpoint`](crate::mdns::Endpoint), a [`Responder`](crate::mdns::Responder) or a
    /// [`Querier`](crate::mdns::Querier); on a link with [servers](Self::with_servers) also
    /// [`Lookups`](crate::lookup::Lookups) or a [`Resolver`](crate::resolver::Resolver).
    ///
    /// It polls the interface, for all sockets of it: look at your own ones after each turn. A turn takes in 64 frames at
    /// most; where more wait, [`poll_delay`](Self::poll_delay) is zero.
    ///
    /// As long as the device takes no frames, the machine is asked for no further datagram, and goes on from there.
    ///
    /// # Errors
    /// What cannot be done is told once: [`LinkError::Addresses`] when the link is up or has other addresses, and these are
    /// more than the machine's storage has room for, [`LinkError::Groups`] when the groups cannot be joined. All the rest
    /// is done by then: it is no reason to stop the loop.
    pub fn turn<M: OnLink, D: Device + ?Sized>(
        &mut self,
        now: time::Instant,
        interface: &mut Interface,
        device: &mut D,
        sockets: &mut SocketSet<'_>,
        machine: &mut M,
        on_event: &mut dyn FnMut(&mut M, M::Event),
    ) -> Result<(), LinkError> {
        const { assert!(SERVERS > 0 || !M::ASKS_SERVERS, "to ask DNS servers, open the link by with_servers") };
        let room = sockets.get::<Socket<'_>>(self.to_group.handle).payload_recv_capacity();
        let members = Members { of_mdns: self.groups.has_v6(), addresses: addresses_of(interface) };
        let mut device = Watched::new(device, room, members);
        let mut stack = Stack { now, interface, device: &mut device, sockets };
        stack.interface.poll_maintenance(now);
        let updated = self.update(&mut stack, machine);
        machine.handle_timeout(instant(now));
        self.take_in(&mut stack, machine, on_event);
        self.drain(&mut stack, machine, on_event);
        self.has_more = true;
        for _ in 0..FRAMES {
            let polled = stack.interface.poll_ingress_single(now, stack.device, stack.sockets);
            if polled == PollIngressSingleResult::None {
                self.has_more = false;
                break;
            }
            self.look_at_frame(&mut stack);
            self.take_in(&mut stack, machine, on_event);
        }
        stack.send_queued();
        self.servers.forget(stack.sockets);
        self.empty_stalled(instant(now), stack.sockets);
        self.reports_until = self.reports_until.filter(|until| !until.is_due(instant(now)));
        updated
    }

    /// How long the loop may sleep, unless a frame comes in; `None` for as long as it likes. To be asked after a
    /// [`turn`](Self::turn).
    ///
    /// It takes the place of [`Interface::poll_delay`], which knows nothing of the machine, nor of reports to a switch that
    /// asks who is in a group: without them a snooping switch lets no multicast through after some minutes.
    pub fn poll_delay<M: OnLink>(
        &self,
        now: time::Instant,
        interface: &mut Interface,
        sockets: &SocketSet<'_>,
        machine: &M,
    ) -> Option<time::Duration> {
        let has_changed = self.went_down || self.came_up || addresses_of(interface) != self.addresses;
        let can_receive = sockets.get::<Socket<'_>>(self.to_group.handle).can_recv();
        if self.has_more || has_changed || can_receive || self.servers.has_news(sockets) {
            return Some(time::Duration::ZERO);
        }
        let at = instant(now);
        let reports = self.reports_until.is_some() || self.is_up && self.groups.are_stale();
        let look = reports.then(|| at.after(REPORT_MILLIS));
        let deadlines = self.stalls().chain(machine.poll_timeout()).chain(look);
        let own = deadlines.map(|due| time::Duration::from_millis(due.millis_until(at).into()));
        own.chain(interface.poll_delay(now, sockets)).min()
    }

    /// Tells the machine of the link and of the interface's addresses.
    fn update<M: OnLink, D: Device + ?Sized>(
        &mut self,
        stack: &mut Stack<'_, '_, Watched<'_, D>>,
        machine: &mut M,
    ) -> Result<(), LinkError> {
        let went_down = core::mem::take(&mut self.went_down);
        if went_down {
            machine.link_down();
        }
        let addresses = addresses_of(stack.interface);
        let have_changed = addresses != self.addresses;
        if went_down || have_changed {
            // What waits tells of addresses that are gone, or hosts of another link.
            self.empty_queues(stack.sockets);
        }
        if have_changed || self.came_up {
            self.groups.renew();
        }
        // What is reported to a link that is down reaches nobody.
        let joined = if self.is_up { self.groups.update(stack) } else { Ok(()) };
        let mut handed_over = Ok(());
        if have_changed {
            self.addresses = addresses;
            self.forget_askers();
        }
        let came_up = core::mem::take(&mut self.came_up);
        if have_changed || came_up {
            handed_over = self.hand_over(machine);
        }
        if came_up {
            machine.link_up();
        }
        handed_over.map_err(LinkError::Addresses)?;
        let is_told = core::mem::replace(&mut self.lacks_groups, joined.is_err());
        if is_told { Ok(()) } else { joined.map_err(|_| LinkError::Groups) }
    }

    fn hand_over<M: OnLink>(&self, machine: &mut M) -> Result<(), AddressesError> {
        let mut list = [(IpAddr::from([0; 4]), 0); IFACE_MAX_ADDR_COUNT];
        let told = self.addresses.iter().flatten().map(|cidr| (cidr.address().into(), cidr.prefix_len()));
        // A board that waits for DHCP has 0.0.0.0.
        let usable = told.filter(|(address, _): &(IpAddr, u8)| !address.is_unspecified());
        let mut len = 0;
        list.iter_mut().zip(usable).for_each(|(slot, address)| (*slot, len) = (address, len + 1));
        machine.set_addresses(list.get(..len).unwrap_or(&[]))
    }

    /// Tells of what smoltcp has kept to itself.
    fn look_at_frame<D: Device + ?Sized>(&mut self, stack: &mut Stack<'_, '_, Watched<'_, D>>) {
        let seen = core::mem::take(&mut stack.device.seen);
        if seen.asks_for_members {
            self.reports_until = Some(instant(stack.now).after(REPORTS_MILLIS));
        }
        if let Some((source, to)) = seen.oversize
            && let Some(meta) = self.admit(source, to)
        {
            self.count_oversize();
            self.tell(meta, Disposition::Ignored(Reason::Oversize));
        }
    }

    /// Hands in what waits in the socket.
    fn take_in<M: OnLink, D: Device + ?Sized>(
        &mut self,
        stack: &mut Stack<'_, '_, D>,
        machine: &mut M,
        on_event: &mut dyn FnMut(&mut M, M::Event),
    ) {
        let handle = self.to_group.handle;
        while let Ok((octets, meta)) = stack.sockets.get_mut::<Socket<'_>>(handle).recv() {
            let Some(to) = meta.local_address else { continue };
            if let Some(meta) = self.admit(meta.endpoint.into(), to.into()) {
                let disposition = machine.handle_datagram(instant(stack.now), meta, octets);
                self.tell(meta, disposition);
                self.drain(stack, machine, on_event);
            }
        }
        let now = instant(stack.now);
        let mut heard = None;
        while self.servers.receive(stack.sockets, &mut |meta, octets| {
            heard = Some((meta, machine.handle_datagram(now, meta, octets)));
        }) {
            if let Some((meta, disposition)) = heard {
                self.tell(meta, disposition);
            }
            self.drain(stack, machine, on_event);
        }
    }

    /// Sends and tells until there is nothing more to send and to tell.
    fn drain<M: OnLink, D: Device + ?Sized>(
        &mut self,
        stack: &mut Stack<'_, '_, D>,
        machine: &mut M,
        on_event: &mut dyn FnMut(&mut M, M::Event),
    ) {
        let now = instant(stack.now);
        let mut buf = [0; MAX_SENT];
        // A link with smaller packets: room for the headers of IPv6 and UDP, and of a VLAN tag or two. And of what the
        // queue cannot hold the machine has to know, as it counts as sent what it has written.
        let room = stack.sockets.get::<Socket<'_>>(self.to_group.handle).payload_send_capacity();
        let len = stack.device.capabilities().ip_mtu().saturating_sub(60).min(room).min(MAX_SENT);
        let buf = buf.get_mut(..len).unwrap_or_default();
        loop {
            self.empty_stalled(now, stack.sockets);
            if self.can_send(stack.sockets)
                && let Some(transmit) = machine.poll_transmit(now, buf)
            {
                self.send(stack, &transmit);
            } else if let Some(event) = machine.poll_event() {
                on_event(machine, event);
            } else {
                break;
            }
        }
        self.servers.close_unused(stack.sockets, &mut |server, channel| machine.waits_for(server, channel));
    }
}

/// The addresses that an interface has now.
fn addresses_of(interface: &Interface) -> Addresses {
    let mut addresses = [None; IFACE_MAX_ADDR_COUNT];
    addresses.iter_mut().zip(interface.ip_addrs()).for_each(|(slot, address)| *slot = Some(*address));
    addresses
}

/// The time of the machines.
fn instant(now: time::Instant) -> Instant {
    // An `Instant` wraps after 49.7 days, so only the low bits count.
    Instant::from_millis(now.total_millis() as u32)
}

/// How many frames one turn takes in: a flood must not keep the caller from its other work.
const FRAMES: u32 = 64;
/// What is sent fits one packet of an Ethernet, beside an IPv6 header and a VLAN tag or two (RFC 6762 section 17).
const MAX_SENT: usize = 1440;
/// How often reports are looked after while some may be due.
const REPORT_MILLIS: u32 = 500;
/// How long after a question that is: the longest that routers give time to answer by default (RFC 2236 section 8.3, RFC
/// 3810 section 9.3), and a little.
const REPORTS_MILLIS: u32 = 10_500;

/// ```compile_fail
/// use dotlocal::{adapter::smoltcp::Link, resolver::Resolver};
/// # use smoltcp::{iface::{Interface, SocketSet}, phy, time::Instant};
/// # enum No {}
/// # impl phy::RxToken for No {
/// #     fn consume<R, F: FnOnce(&[u8]) -> R>(self, _: F) -> R { match self {} }
/// # }
/// # impl phy::TxToken for No {
/// #     fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, _: usize, _: F) -> R { match self {} }
/// # }
/// # impl phy::Device for No {
/// #     type RxToken<'a> = No;
/// #     type TxToken<'a> = No;
/// #     fn receive(&mut self, _: Instant) -> Option<(No, No)> { None }
/// #     fn transmit(&mut self, _: Instant) -> Option<No> { None }
/// #     fn capabilities(&self) -> phy::DeviceCapabilities { Default::default() }
/// # }
///
/// // `Link<1>` compiles.
/// fn run(link: &mut Link<0>, now: Instant, at: &mut Interface, by: &mut No, of: &mut SocketSet, to: &mut Resolver) {
///     let _ = link.turn(now, at, by, of, to, &mut |_, _| {});
/// }
/// # let _ = run as *const ();
/// ```
#[cfg(doctest)]
struct ServersNeedSockets;
