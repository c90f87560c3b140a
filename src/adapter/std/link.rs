//! One interface: its sockets, its state, what is sent and received on it.

use ::std::boxed::Box;
use ::std::io;
use ::std::os::fd::{AsFd, BorrowedFd};
use ::std::time::Duration;
use ::std::vec::Vec;
use core::cell::RefCell;
use core::fmt;
use core::net::{IpAddr, SocketAddr};

use nix::errno::Errno;

use super::changes::Watch;
use super::clock;
use super::echoes::Echoes;
use super::error::LinkError;
use super::interface::{self, Interface, interfaces};
use super::sharing::{self, Seat};
use super::socket::{Family, Received, Socket, is};
use crate::adapter::replies::Replies;
use crate::mdns::{Families, PORT};
use crate::{Destination, Instant, Meta};

/// The mDNS sockets of one network interface.
///
/// Both families are used as far as the interface has addresses of them; one that gets its first address later is
/// joined then. Nothing here ever waits for the network: [`wait`](super::wait) is the only call that sleeps.
///
/// On Linux the sockets are bound to the interface, so a unicast datagram reaches the link of the interface that it
/// was sent to, even if several links are open (before 5.7 only for root).
pub struct Link {
    /// As it was last told by [`changed`](Self::changed), with the addresses of the wanted families only.
    interface: Interface,
    families: Families,
    sockets: Vec<Socket>,
    watch: Watch,
    /// Somebody else of this machine was found or heard on the port.
    others: bool,
    echoes: Echoes,
    seat: Seat,
    /// The interface may differ from what was told.
    stale: bool,
    /// It was down since it was last told to be up.
    went_down: bool,
    /// That they are too many has not been told yet.
    pub(super) has_new_addresses: bool,
    /// It may be on another network than the last time that servers were asked beside it.
    pub(super) has_moved: bool,
    replies: Replies<ASKERS>,
    trace: RefCell<Option<Trace>>,
}

/// What happened to an interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It was switched off, its cable was pulled, or its last address is gone.
    Down,
    /// It is up, again or for the first time. The groups have been joined anew.
    Up,
    /// [`Link::addresses`] gives others than before. The groups have been joined anew.
    Addresses,
}

/// Called with each datagram that a [`Link`] or [`ResolverSockets`](super::ResolverSockets) has received, or has been given
/// to send.
pub type Trace = Box<dyn FnMut(Traffic<'_>, &[u8]) + Send>;

/// Which way a datagram went, for a [`Trace`].
#[derive(Clone, Copy, Debug)]
pub enum Traffic<'t> {
    /// It came in.
    Received(Meta),
    /// It went out, for [`Destination::Multicast`] on one family at least.
    Sent(Destination),
    /// The system refused to send it. For [`Destination::Multicast`] on one family, perhaps not on the other.
    Unsent(Destination, &'t io::Error),
    /// The network says that nobody is there, or a connection was closed; of [`ResolverSockets`](super::ResolverSockets)
    /// alone.
    Unreachable(SocketAddr, &'t io::Error),
}

impl Link {
    /// Opens the sockets of the interface `name`: port 5353, shared with other programs, in the groups 224.0.0.251
    /// and ff02::fb as far as `families` asks for them
    /// ([RFC 6762 section 3](https://www.rfc-editor.org/rfc/rfc6762#section-3)).
    ///
    /// An interface that is down or has no address yet can be opened too: it [is up](Self::is_up) once packets can pass.
    ///
    /// # Errors
    /// [`NoSuchInterface`](LinkError::NoSuchInterface), [`NoRights`](LinkError::NoRights),
    /// [`PortTaken`](LinkError::PortTaken), [`NoMulticast`](LinkError::NoMulticast), and
    /// [`Io`](LinkError::Io) for what else the system may refuse.
    pub fn open(name: &str, families: Families) -> Result<Self, LinkError> {
        let io_error = |doing, source| LinkError::Io { name: name.into(), doing, source };
        // Before the interface is read, so that no change falls between.
        let watch = Watch::open().map_err(|source| io_error("watch for changes", source))?;
        let mut interface = interfaces()
            .map_err(|source| io_error(LIST, source))?
            .into_iter()
            .find(|interface| interface.name == name)
            .ok_or_else(|| LinkError::NoSuchInterface { name: name.into() })?;
        retain(families, &mut interface.addresses);

        let mut sockets = Vec::new();
        let mut others = false;
        for family in [Family::V4, Family::V6] {
            if !wants(families, family) {
                continue;
            }
            match sharing::open(family, &interface) {
                Ok(Some((socket, shared))) => {
                    others |= shared;
                    sockets.push(socket);
                }
                Ok(None) => {}
                Err(source) if is(&source, &[Errno::EACCES, Errno::EPERM]) => {
                    return Err(LinkError::NoRights { source });
                }
                Err(source) if is(&source, &[Errno::EADDRINUSE]) => return Err(LinkError::PortTaken),
                Err(source) => return Err(io_error("open a socket", source)),
            }
        }
        let no_multicast = |source| LinkError::NoMulticast { name: name.into(), source };
        if sockets.is_empty() {
            return Err(no_multicast(Errno::EAFNOSUPPORT.into()));
        }
        let bound = sockets.iter().all(Socket::is_bound_to_interface);
        let seat = Seat::take(bound.then_some(interface.index));
        let echoes = Echoes::new(interface.index, &interface.addresses);
        let mut link = Self {
            interface,
            families,
            sockets,
            watch,
            others,
            echoes,
            seat,
            stale: false,
            went_down: false,
            has_new_addresses: true,
            has_moved: false,
            replies: Replies::new(),
            trace: RefCell::new(None),
        };
        match link.renew_memberships(true) {
            Err(source) if link.is_up() => return Err(no_multicast(source)),
            _ => link.interface.up &= link.is_in_group(),
        }
        Ok(link)
    }

    /// Reads one datagram into `buf` and says how long it is; `None` when nothing waits. Never blocks.
    ///
    /// Only what came on this interface is handed on, and only if it was sent to the mDNS group or to one host. Where
    /// two interfaces are on one network, what this process has multicast on the other one is not handed on either: it
    /// would look like another host with our names. A datagram longer than `buf` is cut. Under a flood of others' datagrams `None` may come early:
    /// [`wait`](super::wait) then returns at once.
    ///
    /// # Errors
    /// [`LinkError::Io`] when the system cannot read the socket.
    pub fn receive(&mut self, buf: &mut [u8]) -> Result<Option<(Meta, usize)>, LinkError> {
        for _ in 0..STRANGERS {
            let Some((received, group)) = self.next_datagram(buf)? else { return Ok(None) };
            let Received { source, to, interface, len } = received;
            let multicast = to == group;
            // Other groups and broadcast are no way to speak mDNS.
            if interface != self.interface.index || !multicast && !is_one_host(to, self.addresses()) {
                continue;
            }
            let bytes = buf.get(..len).unwrap_or(&[]);
            if multicast && source.port() == PORT && self.echoes.are_of_another_interface(source.ip(), bytes)
            {
                continue;
            }
            if !multicast {
                self.replies.note(source, to);
            } else if !self.others && source.port() == PORT && self.is_own(source.ip()) {
                self.others = !self.echoes.has(bytes);
            }
            let meta = Meta::mdns(source, multicast);
            self.tell(Traffic::Received(meta), bytes);
            return Ok(Some((meta, len)));
        }
        Ok(None)
    }

    /// The next change of this interface since the link was opened; `None` when there is none (any more). Never
    /// blocks. Call it until `None` before you [`wait`](super::wait).
    ///
    /// A short outage that is over already is told as [`Change::Down`] and [`Change::Up`]: meanwhile the cable may
    /// have moved to another network ([RFC 6762 section 8](https://www.rfc-editor.org/rfc/rfc6762#section-8)).
    ///
    /// # Errors
    /// [`LinkError::Gone`] when the interface is no more, [`LinkError::Io`] when the system does not tell.
    pub fn changed(&mut self) -> Result<Option<Change>, LinkError> {
        let news = self.watch.news(self.interface.index);
        let news = news.map_err(|source| self.io_error("watch for changes", source))?;
        self.stale |= news.any;
        self.went_down |= news.went_down;
        if !self.stale {
            return Ok(None);
        }
        let current =
            interface::by_index(self.interface.index).map_err(|source| self.io_error(LIST, source))?;
        let Some(mut current) = current else {
            return Err(LinkError::Gone { name: self.interface.name.clone() });
        };
        retain(self.families, &mut current.addresses);
        let outage = core::mem::take(&mut self.went_down) || !current.up || current.addresses.is_empty();
        let can_speak = !outage && self.is_in_group();
        let told = &mut self.interface;
        told.name = current.name;
        // New addresses are told while the link is silent, if it is: after Down and before Up.
        let told_up = told.up;
        if told_up && !can_speak {
            told.up = false;
            return Ok(Some(Change::Down));
        }
        if told.addresses != current.addresses {
            told.addresses = current.addresses;
            self.echoes.set_addresses(&told.addresses);
            self.replies.clear();
            self.has_moved = true;
            let _ = self.renew_memberships(true);
            return Ok(Some(Change::Addresses));
        }
        // Probes that nobody can hear would give us names that others have (RFC 6762 section 8.1): a family whose group
        // cannot be joined is not used, and tried again with the next news.
        let lacking = self.lacking_groups();
        if current.up && (!told_up || lacking > 0) {
            let _ = self.renew_memberships(!told_up);
            if self.lacking_groups() < lacking || !told_up && self.is_in_group() {
                (self.interface.up, self.has_moved) = (true, true);
                return Ok(Some(Change::Up));
            }
        }
        // No news tell when there is a route to the group.
        self.stale = current.up && !told_up && lacking > 0;
        Ok(None)
    }

    /// Sends one datagram, or not: nothing tells, as mDNS repeats what matters. Never blocks.
    ///
    /// [`Destination::Multicast`] goes out on each family whose group was joined. A unicast reply leaves from the
    /// address to which its asker wrote
    /// ([RFC 2181 section 4.1](https://www.rfc-editor.org/rfc/rfc2181#section-4.1)). Both leave on this interface,
    /// whatever the routes say, with TTL or hop limit 255.
    pub fn send(&self, to: Destination, bytes: &[u8]) {
        let mut sent = false;
        if to == Destination::Multicast {
            self.echoes.note(bytes);
        }
        for socket in &self.sockets {
            let family = socket.family();
            let (target, ours) = match to {
                Destination::Multicast => (socket.group(), self.multicast_source(family)),
                Destination::Unicast(to) if family == Family::of(&to.ip()) => {
                    (Some(to), self.replies.address_for(to))
                }
                Destination::Unicast(_) => (None, None),
            };
            let Some(target) = target else { continue };
            match socket.send(target, ours, bytes) {
                Ok(()) => sent = true,
                Err(error) => self.tell(Traffic::Unsent(to, &error), bytes),
            }
        }
        if sent {
            self.tell(Traffic::Sent(to), bytes);
        }
    }

    /// Has each datagram told to `trace` from now on; `None` ends it. Before this call nothing is told.
    pub fn set_trace(&mut self, trace: Option<Trace>) {
        *self.trace.get_mut() = trace;
    }

    /// The interface's name. It follows when the interface is renamed.
    pub fn name(&self) -> &str {
        &self.interface.name
    }

    /// The number by which the system knows the interface. It is the scope of link-local IPv6 addresses.
    pub const fn index(&self) -> u32 {
        self.interface.index
    }

    /// The interface's addresses of the wanted families with their prefix lengths, as last told by
    /// [`changed`](Self::changed). What [`Endpoint::set_addresses`](crate::mdns::Endpoint::set_addresses) takes.
    pub fn addresses(&self) -> &[(IpAddr, u8)] {
        &self.interface.addresses
    }

    /// Whether packets can pass, as last told by [`changed`](Self::changed): it is switched on, has a carrier, an address of
    /// a wanted family, and is in the mDNS group of that.
    pub const fn is_up(&self) -> bool {
        self.interface.up
    }

    /// Whether other sockets on this machine have port 5353 of this interface too. Unicast reaches one of them only,
    /// so neither queries nor probes should ask for unicast answers then
    /// ([RFC 6762 section 15.1](https://www.rfc-editor.org/rfc/rfc6762#section-15.1)).
    ///
    /// Others' sockets are looked for when the link is opened, with an exclusive bind that is undone at once. A program
    /// that comes later is noticed by its first multicast; other links of this process at any time.
    pub fn port_is_shared(&self) -> bool {
        self.others || self.seat.is_shared()
    }

    /// The time, for all calls that take `now`: [`now`](super::now).
    pub fn now(&self) -> Instant {
        clock::now()
    }

    /// What becomes readable when there is something to do.
    pub(super) fn fds(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        self.sockets.iter().map(AsFd::as_fd).chain(self.watch.fd())
    }

    /// By when something is to be tried again that [`changed`](Self::changed) could not do, and no news will tell of.
    pub(super) fn retry(&self) -> Option<Duration> {
        self.stale.then_some(RETRY)
    }

    /// How many sockets there are: one for each family.
    pub(super) const fn socket_count(&self) -> usize {
        self.sockets.len()
    }

    pub(super) fn io_error(&self, doing: &'static str, source: io::Error) -> LinkError {
        LinkError::Io { name: self.name().into(), doing, source }
    }

    /// The next datagram of any family, and the group of that family.
    fn next_datagram(&mut self, buf: &mut [u8]) -> Result<Option<(Received, IpAddr)>, LinkError> {
        for _ in 0..self.sockets.len() {
            let Some(socket) = self.sockets.first_mut() else { break };
            let group = socket.family().group();
            let received = socket.receive(buf);
            // The other family is next, so that a flood of one does not drown the other.
            self.sockets.rotate_left(1);
            if let Some(received) = received.map_err(|source| self.io_error("receive", source))? {
                return Ok(Some((received, group)));
            }
        }
        Ok(None)
    }

    /// Joins the group of each family that has an address: anew, or where that has failed before. An error when none of
    /// them can.
    fn renew_memberships(&mut self, anew: bool) -> io::Result<()> {
        let mut outcome = Ok(());
        for socket in &mut self.sockets {
            let wanted = has_family(&self.interface, socket.family());
            if !anew && wanted == socket.group().is_some() {
                continue;
            }
            let renewed = socket.renew_membership(wanted);
            if wanted && outcome.is_ok() {
                outcome = renewed;
            }
        }
        if self.is_in_group() { Ok(()) } else { outcome }
    }

    /// How many families have an address, and cannot be used yet.
    fn lacking_groups(&self) -> usize {
        let lacks =
            |socket: &&Socket| socket.group().is_none() && has_family(&self.interface, socket.family());
        self.sockets.iter().filter(lacks).count()
    }

    fn is_in_group(&self) -> bool {
        self.sockets.iter().any(|socket| socket.group().is_some())
    }

    fn is_own(&self, source: IpAddr) -> bool {
        self.interface.addresses.iter().any(|&(address, _)| address == source)
    }

    /// From where multicast leaves; `None` lets the system choose, which takes an address of this interface. Not so on
    /// loopback: 127.0.0.1 is no address for a group to Linux, and it takes one of another interface.
    fn multicast_source(&self, family: Family) -> Option<IpAddr> {
        let mut ours = self.interface.addresses.iter().map(|&(address, _)| address);
        ours.find(|address| self.interface.loopback && family == Family::of(address))
    }

    fn tell(&self, traffic: Traffic<'_>, bytes: &[u8]) {
        // Never in use already: a trace has no way to this link.
        if let Ok(mut trace) = self.trace.try_borrow_mut()
            && let Some(trace) = trace.as_mut()
        {
            trace(traffic, bytes);
        }
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link")
            .field("interface", &self.interface)
            .field("families", &self.families)
            .field("port_is_shared", &self.port_is_shared())
            .finish_non_exhaustive()
    }
}

fn has_family(interface: &Interface, family: Family) -> bool {
    interface.addresses.iter().any(|(address, _)| family == Family::of(address))
}

const fn wants(families: Families, family: Family) -> bool {
    match family {
        Family::V4 => families.v4(),
        Family::V6 => families.v6(),
    }
}

fn retain(families: Families, addresses: &mut Vec<(IpAddr, u8)>) {
    addresses.retain(|(address, _)| wants(families, Family::of(address)));
}

/// Whether `to` is no group and no broadcast address (RFC 919 section 7), of the networks of `own` neither.
fn is_one_host(to: IpAddr, own: &[(IpAddr, u8)]) -> bool {
    let is_broadcast = |own: &(IpAddr, u8)| match (to, *own) {
        // A network of one or two hosts has none (RFC 3021).
        (IpAddr::V4(to), (IpAddr::V4(own), prefix @ ..=30)) => {
            let hosts = u32::MAX >> prefix;
            to.to_bits() == own.to_bits() | hosts
        }
        _ => false,
    };
    match to {
        IpAddr::V4(to) if to.is_multicast() || to.is_broadcast() => false,
        IpAddr::V6(to) if to.is_multicast() => false,
        _ => !own.iter().any(is_broadcast),
    }
}

/// Of joining the group, where there is no other way to speak.
const RETRY: Duration = Duration::from_secs(1);
const LIST: &str = "list the addresses";
// A reply waits half a second at most (RFC 6762 sections 6 and 7.2); more askers in that time are a storm.
const ASKERS: usize = 16;
/// How many datagrams of others `receive` reads away before it lets its caller have a turn.
const STRANGERS: u32 = 64;
