//! Sockets for Unix hosts: one [`Link`] is one network interface, on IPv4 and IPv6 together.
//!
//! A [`Link`] receives and sends the datagrams of one interface and notices when its cable is pulled or its
//! addresses change. [`run`] drives one [`Endpoint`](crate::mdns::Endpoint) on one link for ever. A program with
//! more links, or with input of its own, calls [`Link::turn`] and [`wait`] itself:
//!
//! ```no_run
//! use std::time::Duration;
//!
//! use dotlocal::adapter::std::{Link, wait};
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
//!     let now = link.now();
//!     let sleep = endpoint.poll_timeout().map(|due| Duration::from_millis(due.millis_until(now).into()));
//!     wait(&[&link], &[], sleep)?;
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
//! # Systems
//! Linux wakes up by itself when a link or an address changes. On Apple's systems the interfaces are read again in
//! each [`turn`](Link::turn), so a change is noticed with the next datagram or deadline. Other systems are not
//! supported: they tell destination and interface of an IPv4 datagram in ways of their own.

mod changes;
mod drive;
mod echoes;
mod error;
mod interface;
mod link;
mod replies;
mod sharing;
mod socket;

pub use self::drive::{run, wait};
pub use self::error::LinkError;
pub use self::interface::{Interface, interfaces};
pub use self::link::{Change, Link, Trace, Traffic};
