//! Sockets for Unix hosts: one [`Link`] is one network interface, on IPv4 and IPv6 together, for multicast DNS;
//! [`ResolverSockets`] ask DNS servers.
//!
//! # Links
//! A [`Link`] receives and sends the datagrams of one interface and notices when its cable is pulled or its
//! addresses change. [`run`] drives one [`Endpoint`](crate::mdns::Endpoint), responder or querier on one link for ever. A program with
//! more links, or with input of its own, calls [`Link::turn`] itself, and sleeps by
//! a [`PollSet`]:
//!
//! ```no_run
//! use dotlocal::adapter::std::{Link, PollSet};
//! use dotlocal::mdns::{Config, Endpoint, EndpointStorage, Families};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut link = Link::open("eth0", Families::Both)?;
//! let mut storage = EndpointStorage::<16, 1, 0, 0, 0>::new();
//! let config = Config::new(std::process::id()).unicast_answers(!link.port_is_shared());
//! let mut endpoint = Endpoint::new(&mut storage, config);
//! endpoint.set_hostname("kitchen-cam")?;
//! loop {
//!     link.turn(&mut endpoint, &mut |_, event| println!("{event:?}"))?;
//!     PollSet::new().link(&link).due(endpoint.poll_timeout()).wait()?;
//! }
//! # }
//! ```
//!
//! # Servers
//! The same for a resolver, with the servers of this machine:
//!
//! ```no_run
//! use dotlocal::Families;
//! use dotlocal::adapter::std::{PollSet, Random, ResolvConf, ResolverSockets};
//! use dotlocal::resolver::{Config, ResolverStorage, Resolver};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut random = Random::open()?;
//! let mut draw = || random.draw();
//! let mut storage = ResolverStorage::<3, 4, 4096, 4096>::new();
//! let mut resolver = Resolver::new(&mut storage, &mut draw, Config::new());
//! resolver.set_servers(&ResolvConf::of_system()?.servers[..1])?;
//! resolver.lookup("api.example.com", Families::Both, 5_000)?;
//! let mut sockets = ResolverSockets::new();
//! loop {
//!     sockets.turn(&mut resolver, &mut |_, event| println!("{event:?}"))?;
//!     PollSet::new().resolver(&sockets).due(resolver.poll_timeout()).wait()?;
//! }
//! # }
//! ```
//!
//! # Sharing port 5353
//! All sockets are bound to port 5353 beside other mDNS programs of the same machine. Multicast reaches each of
//! them, unicast only one, so nobody who shares the port should ask for unicast answers
//! ([RFC 6762 section 15.1](https://www.rfc-editor.org/rfc/rfc6762#section-15.1)):
//! [`Link::port_is_shared`] says whether that is so. Open all links first, then ask, then make the endpoints.
//!
//! # A machine that was asleep
//! [`now`] may stand still while the machine is suspended, and where the link stays up meanwhile nothing tells the endpoint
//! of it. A program that learns of it, as by a signal of its service manager, calls
//! [`link_up`](crate::mdns::Endpoint::link_up), or [`network_changed`](crate::mdns::Endpoint::network_changed) where the
//! network may be another one.
//!
//! # Systems
//! Linux wakes up by itself when a link or an address changes. On Apple's systems the interfaces are read again in
//! each [`turn`](Link::turn), so a change is noticed with the next datagram or deadline. Other systems are not
//! supported: they tell destination and interface of an IPv4 datagram in ways of their own.

mod changes;
mod clock;
mod drive;
mod echoes;
mod error;
mod interface;
mod link;
mod machine;
mod poll_set;
mod random;
mod resolv_conf;
mod resolving;
mod server_socket;
mod sharing;
mod socket;

pub use self::clock::now;
pub use self::drive::run;
pub use self::error::LinkError;
pub use self::interface::{Interface, interfaces};
pub use self::link::{Change, Link, Trace, Traffic};
pub use self::poll_set::{PollSet, wait};
pub use self::random::Random;
pub use self::resolv_conf::{ResolvConf, server_address};
pub use self::resolving::ResolverSockets;
