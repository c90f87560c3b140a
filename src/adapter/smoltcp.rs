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
//!     link.turn(now(), interface, device, &mut sockets, &mut endpoint, &mut |_, event| { /* … */ })?;
//!     // Sockets of your own here.
//!     sleep(link.poll_delay(now(), interface, &sockets, &endpoint));
//! }
//! # }
//! ```
//!
//! The interface needs room for its addresses and groups: `IFACE_MAX_ADDR_COUNT` of smoltcp is 2 unless a feature says
//! otherwise, `IFACE_MAX_MULTICAST_GROUP_COUNT` is 4: the two of mDNS, and one for each IPv6 address.
//!
//! # Names of the internet
//! A link that was opened [with servers](Link::with_servers) drives [`Lookups`](crate::lookup::Lookups) the same way: its
//! endpoint speaks on the link, and its resolver asks the DNS servers, each query over a UDP socket of its own at the port
//! that was drawn. There is no TCP: give the resolver's storage no `STREAM`, and an answer that is cut counts as far as it
//! came. Two queries belong to a lookup of both families; those for which there is no socket are asked when there is one.
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
//!   queued for 2.5 s is dropped.
//! - *A host asks for a unicast answer and never says its hardware address.* The answer, and answers to single hosts behind
//!   it, wait for 2.5 s and are dropped. Multicast is not held up.
//! - *The queue to single hosts is full.* The answer is lost and counted; who asked asks again by multicast.

mod groups;
mod link;
mod machine;
mod report;
mod servers;
mod storage;
mod turn;
mod watch;

pub use link::{Link, LinkCounters, Trace};
pub use servers::ServerStorage;
pub use storage::LinkStorage;
pub use turn::LinkError;
