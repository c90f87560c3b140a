//! Sockets of [smoltcp](https://docs.rs/smoltcp) in the caller's poll loop: no `async`, no allocator.
//!
//! A [`Link`] is one interface, on IPv4 and IPv6 together. The firmware's loop calls [`Link::turn`] where it would poll the
//! interface, and sleeps for [`Link::poll_delay`] or until the next frame:
//!
//! ```no_run
//! use dotlocal::adapter::smoltcp::{Link, LinkStorage};
//! use dotlocal::mdns::{Config, Endpoint, EndpointStorage, Service};
//! use smoltcp::iface::{Interface, SocketSet, SocketStorage};
//! use smoltcp::time::{Duration, Instant};
//! # use smoltcp::phy::Device;
//! # fn run(
//! #     interface: &mut Interface, device: &mut impl Device, now: fn() -> Instant, sleep: fn(Option<Duration>),
//! # ) -> Result<(), Box<dyn std::error::Error>> {
//!
//! // `interface` and `device` are the board's, and its addresses are set by hand or by DHCP, now or later.
//! let mut buffers = LinkStorage::<1500, 1440>::new();
//! let mut places = [SocketStorage::EMPTY; 2]; // and one for each socket of yours
//! let mut sockets = SocketSet::new(&mut places[..]);
//! let mut link = Link::open(&mut sockets, &mut buffers);
//!
//! let mut storage = EndpointStorage::<2, 2, 0, 2, 1024>::new();
//! let mut endpoint = Endpoint::new(&mut storage, Config::new(0x3FA2));
//! endpoint.set_hostname("kitchen-cam")?;
//! endpoint.register(Service::new("_http._tcp", 80).instance("Kitchen Cam"))?;
//! loop {
//!     let turned = link.turn(now(), interface, device, &mut sockets, &mut endpoint, &mut |_, event| { /* … */ });
//!     if let Err(error) = turned { /* Log it: it is told once, and all the rest was done. */ }
//!     // Sockets of your own here.
//!     sleep(link.poll_delay(now(), interface, &sockets, &endpoint));
//! }
//! # }
//! ```
//!
//! # Addresses
//! The link follows the addresses that the interface has, and says nothing over a family without one. smoltcp makes none by
//! itself: over IPv6 a device needs one that belongs to the link alone, which follows from its hardware address; over IPv4
//! it has one that was set by hand, or comes from DHCP (smoltcp's feature `socket-dhcpv4`):
//!
//! ```
//! use smoltcp::iface::{Interface, SocketHandle, SocketSet};
//! use smoltcp::socket::dhcpv4;
//! use smoltcp::wire::{IpCidr, Ipv4Cidr, Ipv6Address, Ipv6Cidr};
//!
//! /// Once, when the interface is made.
//! fn begin(interface: &mut Interface) {
//!     let link_local = Ipv6Cidr::new(Ipv6Address::new(0xFE80, 0, 0, 0, 0, 0, 0, 0), 64);
//!     let own = Ipv6Cidr::from_link_prefix(&link_local, interface.hardware_addr());
//!     interface.update_ip_addrs(|list| list.extend(own.map(IpCidr::Ipv6)));
//! }
//!
//! /// After each turn.
//! fn follow_dhcp(interface: &mut Interface, sockets: &mut SocketSet<'_>, handle: SocketHandle) {
//!     match sockets.get_mut::<dhcpv4::Socket<'_>>(handle).poll() {
//!         Some(dhcpv4::Event::Configured(config)) => {
//!             set_v4(interface, Some(config.address));
//!             // interface.routes_mut() and Resolver::set_servers, from config.router and config.dns_servers.
//!         }
//!         Some(dhcpv4::Event::Deconfigured) => set_v4(interface, None),
//!         None => {}
//!     }
//! }
//!
//! /// Those of IPv6 stay.
//! fn set_v4(interface: &mut Interface, address: Option<Ipv4Cidr>) {
//!     interface.update_ip_addrs(|list| {
//!         list.retain(|cidr| matches!(cidr, IpCidr::Ipv6(_)));
//!         list.extend(address.map(IpCidr::Ipv4));
//!     });
//! }
//! ```
//!
//! There has to be room for them and for the groups: `IFACE_MAX_ADDR_COUNT` of smoltcp is 2 unless a feature says otherwise,
//! `IFACE_MAX_MULTICAST_GROUP_COUNT` is 4: the two of mDNS, and one for each IPv6 address. And the driver has to let in what
//! is sent to the groups: the frames to 01:00:5E:00:00:FB and 33:33:00:00:00:FB.
//!
//! # Names of the internet
//! A link that was opened [with servers](Link::with_servers) drives [`Lookups`](crate::lookup::Lookups) the same way: its
//! endpoint speaks on the link, and its resolver asks the DNS servers, each query over a UDP socket of its own at the port
//! that was drawn. Without TCP give the resolver's storage no `STREAM`: an answer that is cut then counts as far as it came.
//! With the feature `smoltcp-tcp`, `Link::add_stream` adds a connection, by which such an answer is asked for again. Two queries belong to a lookup of both families; those for which there is no socket are asked when there is one.
//! A machine that asks servers, on a link that was opened without them, does not compile.
//!
//! ```no_run
//! use dotlocal::adapter::smoltcp::{Link, LinkError, LinkStorage, ServerStorage};
//! use dotlocal::lookup::{Event, Lookups};
//! use dotlocal::mdns::Endpoint;
//! use smoltcp::iface::{Interface, SocketSet, SocketStorage};
//! use smoltcp::time::{Duration, Instant};
//! # use smoltcp::phy::Device;
//! # fn run(
//! #     interface: &mut Interface, device: &mut impl Device, now: fn() -> Instant, sleep: fn(Option<Duration>),
//! #     names: &mut Lookups<'_, '_, Endpoint<'_, '_>>,
//! # ) -> Result<(), LinkError> {
//!
//! let (mut buffers, mut servers) = (LinkStorage::<1500, 1440>::new(), ServerStorage::<4>::new());
//! let mut places = [SocketStorage::EMPTY; 2 + 4];
//! let mut sockets = SocketSet::new(&mut places[..]);
//! let mut link = Link::with_servers(&mut sockets, &mut buffers, &mut servers);
//! loop {
//!     link.turn(now(), interface, device, &mut sockets, names, &mut |names, event| {
//!         if let Event::Found { lookup, .. } = event {
//!             // Connect to names.next_address(lookup).
//!         }
//!     })?;
//!     sleep(link.poll_delay(now(), interface, &sockets, names));
//! }
//! # }
//! ```
//!
//! # What happens when
//! - *There is no address yet.* Nothing is sent; names are claimed as soon as there is one. A family without an address is
//!   left out.
//! - *The interface has more addresses than the machine has room for.* The first ones are used, and the turn tells
//!   [`LinkError::Addresses`].
//! - *The interface is in too many groups already.* Nothing is sent over that family until there is room, and the turn tells
//!   [`LinkError::Groups`]. Neither error ends anything: log it, and go on.
//! - *A record is longer than what may wait to be sent.* The machine gives it up, and tells that its name is
//!   [`TooLarge`](crate::mdns::ResponderEvent::TooLarge): raise `SENT` of the [`LinkStorage`].
//! - *A datagram is longer than the buffer.* It is ignored and counted, and the trace is told of it as
//!   [`Reason::Oversize`](crate::Reason::Oversize); see [`LinkStorage`] for what 1500 octets lose.
//! - *More comes in than is taken out.* Each frame is taken out before the next one comes in; what the device has no room
//!   for is lost, and mDNS asks again.
//! - *The device takes no frames.* What is to be multicast waits in the machine, and leaves when there is room; what was
//!   queued for 2.5 s is dropped, and at once where the link is down or the addresses are others.
//! - *A host asks for a unicast answer and never says its hardware address.* The answer, and answers to single hosts behind
//!   it, wait for 2.5 s and are dropped. Multicast is not held up.
//! - *The queue to single hosts is full.* The answer is lost and counted; who asked asks again by multicast.

mod groups;
mod link;
mod report;
mod servers;
mod stack;
mod storage;
#[cfg(feature = "smoltcp-tcp")]
mod stream;
#[cfg(not(feature = "smoltcp-tcp"))]
#[path = "smoltcp/no_stream.rs"]
mod stream;
mod turn;
mod watch;

pub use link::{Link, LinkCounters, Trace};
pub use servers::ServerStorage;
pub use storage::LinkStorage;
#[cfg(feature = "smoltcp-tcp")]
pub use stream::StreamStorage;
pub use turn::LinkError;
