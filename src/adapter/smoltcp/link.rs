//! One interface: its two sockets, its groups, what is sent and received on it.

use core::net::{IpAddr, SocketAddr};

use ::smoltcp::config::IFACE_MAX_ADDR_COUNT;
use ::smoltcp::iface::{SocketHandle, SocketSet};
use ::smoltcp::phy::Device;
use ::smoltcp::socket::udp::{Socket, UdpMetadata};

use super::groups::{Groups, has_family_of};
use super::servers::{ServerStorage, Servers};
use super::stack::{Addresses, Stack};
use super::storage::LinkStorage;
#[cfg(feature = "smoltcp-tcp")]
use super::stream::{Stream, StreamStorage};
use crate::adapter::replies::Replies;
use crate::adapter::stall::Stall;
use crate::mdns::PORT;
use crate::{Channel, Destination, Disposition, Instant, Meta, Transmit};

/// The mDNS sockets of one smoltcp interface.
///
/// [`turn`](Self::turn) is all that a loop needs, with [`poll_delay`](Self::poll_delay) to sleep. The link tells by
/// itself what addresses the interface has and when they change; the application tells it of the cable, or of Wi-Fi:
/// [`link_down`](Self::link_down), [`link_up`](Self::link_up).
///
/// Both sockets are bound to port 5353. One receives everything and sends to the groups, the other sends to single hosts:
/// a host that never says its hardware address blocks that one alone, and for two and a half seconds at most.
///
/// [`with_servers`](Self::with_servers) adds `SERVERS` sockets that ask DNS servers, for the resolver of
/// [`Lookups`](crate::lookup::Lookups).
#[derive(Debug)]
pub struct Link<const SERVERS: usize = 0> {
    pub(super) to_group: Queue,
    to_hosts: Queue,
    pub(super) servers: Servers<SERVERS>,
    pub(super) groups: Groups,
    pub(super) addresses: Addresses,
    replies: Replies<ASKERS>,
    counters: LinkCounters,
    trace: Option<Trace>,
    /// The link was down since its machine was last told that it is up.
    pub(super) went_down: bool,
    /// It is up, which its machine does not know yet.
    pub(super) came_up: bool,
    pub(super) is_up: bool,
    /// More frames wait than one turn takes in.
    pub(super) has_more: bool,
    /// Until when a question about group membership may have to be answered.
    pub(super) reports_until: Option<Instant>,
    /// The interface had no room for a group, which was told.
    pub(super) lacks_groups: bool,
}

/// Called with each datagram that came in, and what became of it: for logs.
pub type Trace = fn(Meta, Disposition);

/// What a [`Link`] has counted. The counts wrap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct LinkCounters {
    /// Datagrams for which the buffer was too short: ignored, [`Reason::Oversize`](crate::Reason::Oversize).
    pub oversize: u32,
    /// Datagrams that were to be sent and found no room in their queue, once for each family: lost. What matters is
    /// sent again by its schedule.
    pub unsent: u32,
    /// How often a queue was emptied, because nothing had left it for two and a half seconds.
    pub stalled: u32,
}

/// A socket, and whether what it is to send leaves.
#[derive(Debug)]
pub(super) struct Queue {
    pub(super) handle: SocketHandle,
    pub(super) stall: Stall,
}

impl Link {
    /// Adds the two sockets of a link to `sockets`, bound to port 5353 with a TTL and hop limit of 255. They belong to the
    /// link: leave them there, and alone. No other socket is to have the port. The link is up until it is told otherwise.
    ///
    /// # Panics
    /// `sockets` has no room for two more.
    pub fn open<'s, const RECEIVED: usize, const SENT: usize>(
        sockets: &mut SocketSet<'s>,
        storage: &'s mut LinkStorage<RECEIVED, SENT>,
    ) -> Self {
        Self::with(sockets, storage, Servers::NONE)
    }
}

impl<const SERVERS: usize> Link<SERVERS> {
    /// The same with sockets that ask DNS servers: `SERVERS` more.
    ///
    /// # Panics
    /// `sockets` has no room for them.
    pub fn with_servers<
        's,
        const RECEIVED: usize,
        const SENT: usize,
        const ANSWER: usize,
        const QUERY: usize,
    >(
        sockets: &mut SocketSet<'s>,
        storage: &'s mut LinkStorage<RECEIVED, SENT>,
        servers: &'s mut ServerStorage<SERVERS, ANSWER, QUERY>,
    ) -> Self {
        let servers = Servers::open(sockets, servers);
        Self::with(sockets, storage, servers)
    }

    fn with<'s, const RECEIVED: usize, const SENT: usize>(
        sockets: &mut SocketSet<'s>,
        storage: &'s mut LinkStorage<RECEIVED, SENT>,
        servers: Servers<SERVERS>,
    ) -> Self {
        let (to_group, to_hosts) = storage.sockets();
        // In this order: the first that is bound to the port gets all that comes in.
        let [to_group, to_hosts] = [to_group, to_hosts].map(|mut socket| {
            bind(&mut socket);
            Queue { handle: sockets.add(socket), stall: Stall::new() }
        });
        Self {
            to_group,
            to_hosts,
            servers,
            groups: Groups::new(),
            addresses: [None; IFACE_MAX_ADDR_COUNT],
            replies: Replies::new(),
            counters: LinkCounters::default(),
            trace: None,
            went_down: false,
            came_up: false,
            is_up: true,
            has_more: false,
            reports_until: None,
            lacks_groups: false,
        }
    }

    /// Adds a TCP socket to `sockets`, for answers that were cut (RFC 7766 section 5). It belongs to the link, as the
    /// others do; the resolver's storage needs a `STREAM` as long as the longest answer. With the feature `smoltcp-tcp`.
    ///
    /// # Panics
    /// `sockets` has no room for it.
    #[cfg(feature = "smoltcp-tcp")]
    pub fn add_stream<'s, const RECEIVED: usize>(
        &mut self,
        sockets: &mut SocketSet<'s>,
        storage: &'s mut StreamStorage<RECEIVED>,
    ) {
        self.servers.stream = Some(Stream::open(sockets, storage));
    }

    /// The cable is pulled, the station is not associated: the next turn tells it to the machine, which sends nothing
    /// until the link is up.
    pub fn link_down(&mut self) {
        (self.is_up, self.went_down, self.came_up) = (false, true, false);
    }

    /// The link is up, perhaps at another place: also to be called when a station has roamed, after a sleep, and when
    /// another machine is to be driven on it. The next turn leaves the groups and joins them again, and tells the machine
    /// of it and of the addresses. On another network take the old addresses from the interface before, and call the
    /// machine's own `network_changed`: what it knows is forgotten then, and not confirmed.
    pub fn link_up(&mut self) {
        (self.is_up, self.came_up) = (true, true);
    }

    /// What was counted.
    pub const fn counters(&self) -> LinkCounters {
        self.counters
    }

    /// Has each datagram that comes in told to `trace` from now on; `None` ends it.
    pub const fn set_trace(&mut self, trace: Option<Trace>) {
        self.trace = trace;
    }

    /// Whether what was multicast before has left.
    pub(super) fn can_send(&self, sockets: &SocketSet<'_>) -> bool {
        sockets.get::<Socket<'_>>(self.to_group.handle).send_queue() == 0
    }

    /// Sends one datagram, as far as there is room in the queue.
    pub(super) fn send<D: Device + ?Sized>(&mut self, stack: &mut Stack<'_, '_, D>, transmit: &Transmit<'_>) {
        match (transmit.to, transmit.channel) {
            (Destination::Multicast, _) => {
                let own = self.addresses;
                // One of the others is still to be left where the device takes no frames.
                for group in self.groups.joined().filter(|group| has_family_of(own.iter().flatten(), *group))
                {
                    let meta = UdpMetadata::from(SocketAddr::new(group, PORT));
                    self.enqueue(stack, self.to_group.handle, meta, transmit.bytes);
                }
            }
            // smoltcp knows no scopes: an interface has one link.
            (Destination::Unicast(to), Channel::Mdns) => {
                let mut meta = UdpMetadata::from(to);
                meta.local_address = self.replies.address_for(to).map(Into::into);
                self.enqueue(stack, self.to_hosts.handle, meta, transmit.bytes);
            }
            (Destination::Unicast(server), channel) => {
                if !self.servers.send(stack.interface, stack.sockets, (server, channel), transmit.bytes) {
                    self.count_unsent();
                }
                stack.send_queued();
            }
        }
    }

    fn enqueue<D: Device + ?Sized>(
        &mut self,
        stack: &mut Stack<'_, '_, D>,
        handle: SocketHandle,
        meta: UdpMetadata,
        octets: &[u8],
    ) {
        if stack.sockets.get_mut::<Socket<'_>>(handle).send_slice(octets, meta).is_err() {
            self.count_unsent();
        }
        stack.send_queued();
    }

    fn count_unsent(&mut self) {
        self.counters.unsent = self.counters.unsent.wrapping_add(1);
    }

    /// Empties the queues in which nothing moves.
    pub(super) fn empty_stalled(&mut self, now: Instant, sockets: &mut SocketSet<'_>) {
        for queue in [&mut self.to_group, &mut self.to_hosts] {
            let socket = sockets.get_mut::<Socket<'_>>(queue.handle);
            if queue.stall.is_stalled(now, socket.send_queue()) {
                empty(socket);
                self.counters.stalled = self.counters.stalled.wrapping_add(1);
            }
        }
    }

    /// Drops what waits to be sent.
    pub(super) fn empty_queues(&mut self, sockets: &mut SocketSet<'_>) {
        for queue in [&mut self.to_group, &mut self.to_hosts] {
            empty(sockets.get_mut::<Socket<'_>>(queue.handle));
            queue.stall = Stall::new();
        }
    }

    /// Takes note of a datagram that came to `to`; `None` when it is not for us.
    pub(super) fn admit(&mut self, source: SocketAddr, to: IpAddr) -> Option<Meta> {
        let multicast = Groups::ALL.contains(&to);
        // Other groups and broadcast are no way to speak mDNS, nor are addresses that an interface takes for another host.
        if !multicast && !self.addresses.iter().flatten().any(|own| IpAddr::from(own.address()) == to) {
            return None;
        }
        if !multicast {
            self.replies.note(source, to);
        }
        Some(Meta::mdns(source, multicast))
    }

    pub(super) fn forget_askers(&mut self) {
        self.replies.clear();
    }

    pub(super) fn count_oversize(&mut self) {
        self.counters.oversize = self.counters.oversize.wrapping_add(1);
    }

    pub(super) fn tell(&self, meta: Meta, disposition: Disposition) {
        if let Some(trace) = self.trace {
            trace(meta, disposition);
        }
    }

    /// When to look at the queues again.
    pub(super) fn stalls(&self) -> impl Iterator<Item = Instant> {
        self.to_group.stall.until().into_iter().chain(self.to_hosts.stall.until())
    }
}

/// Drops all that a socket holds.
fn empty(socket: &mut Socket<'_>) {
    socket.close();
    bind(socket);
}

/// Binds a socket that is closed.
fn bind(socket: &mut Socket<'_>) {
    // Never refused: it is closed, and the port is not 0.
    let _ = socket.bind(PORT);
    // RFC 6762 section 11.
    socket.set_hop_limit(Some(255));
}

// A reply waits half a second at most (RFC 6762 sections 6 and 7.2); to more askers in that time the stack chooses the
// address to reply from.
const ASKERS: usize = 4;
