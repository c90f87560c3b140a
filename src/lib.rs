//! DNS and multicast DNS for firmware: no heap, no `unsafe`, no sockets and no clock of its own.
//!
//! A device calls itself `kitchen-cam`, and every phone and laptop on the link reaches `kitchen-cam.local`; the device
//! itself finds `printer.local` and the services around it.
//!
//! ```
//! use dotlocal::mdns::{Config, Endpoint, EndpointStorage, Service};
//!
//! // 2 addresses, 2 names (host and service), no TXT that changes, 2 requests, 1 KiB for what they find.
//! let mut storage = EndpointStorage::<2, 2, 0, 2, 1024>::new();
//! let mut endpoint = Endpoint::new(&mut storage, Config::new(0x3FA2));
//!
//! endpoint.set_hostname("kitchen-cam")?;
//! endpoint.set_addresses(&[("192.0.2.7".parse()?, 24)])?;
//! endpoint.register(Service::new("_http._tcp", 80).instance("Kitchen Cam").txt(&[("path", "/")]))?;
//! let printers = endpoint.browse("_ipp._tcp")?;
//! # let _ = printers;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The endpoint is then driven over the caller's UDP socket by five calls; [`mdns::Endpoint`] shows the loop. The features
//! `embassy`, `smoltcp` and `std` have it ready to run, each for its network stack: see [`adapter`]. What comes next for a
//! firmware is in the [`guide`]: sizes, a name that stays, sleep and Wi-Fi, what to do when nothing is found.
//!
//! # Find others
//! A request gives a handle, each event names the handle that it is for, and what an event is about is read in place
//! until the next call. A firmware that lists the printers of its link:
//!
//! ```
//! use dotlocal::mdns::{Endpoint, Event, QuerierEvent};
//!
//! fn on_event(mdns: &Endpoint<'_, '_>, event: Event) {
//!     match event {
//!         Event::Querier(QuerierEvent::Resolved { instance, .. } | QuerierEvent::Updated { instance, .. }) => {
//!             let Some(printer) = mdns.instance(instance) else { return };
//!             // "Laserjet": printer.label(), "laserjet.local": printer.host(), "rp" => "queue": printer.txt()
//!             for address in printer.socket_addrs() {
//!                 // 192.0.2.20:631
//!             }
//!         }
//!         Event::Querier(QuerierEvent::Lost { instance, .. }) => {
//!             let name = mdns.instance(instance).map(|printer| printer.label());
//!         }
//!         _ => {}
//!     }
//! }
//! # fn start(mdns: &mut Endpoint<'_, '_>) -> Result<(), dotlocal::mdns::RequestError> {
//! let printers = mdns.browse("_ipp._tcp")?; // goes on until mdns.cancel(printers)
//! # let _ = printers;
//! # Ok(())
//! # }
//! ```
//!
//! [`lookup`](mdns::Endpoint::lookup) finds the addresses of a host, [`resolve`](mdns::Endpoint::resolve) one instance
//! that is known by name, [`records`](mdns::Endpoint::records) anything else. Requests of one question share its schedule
//! and the cache; what nobody asks for is not stored. What did not work is told by
//! [`reconfirm`](mdns::Endpoint::reconfirm).
//!
//! A task that waits for one thing is a small loop around the same calls: drive the endpoint, and look at each event for
//! the handle that the task was given. When the task is dropped, a request with a time ends by that; one without is
//! cancelled by whoever has its handle.
//!
//! ```
//! use core::net::IpAddr;
//! use dotlocal::mdns::{Event, Families, QuerierEvent, RequestError, RequestId, Until};
//! # type Endpoint = dotlocal::mdns::Endpoint<'static, 'static>;
//! # trait Board { async fn next_event(&mut self, mdns: &mut Endpoint) -> Event; }
//!
//! async fn printer(board: &mut impl Board, mdns: &mut Endpoint) -> Result<Option<IpAddr>, RequestError> {
//!     let until = Until::Answered { timeout_millis: 5_000 };
//!     let lookup = mdns.lookup("printer.local", Families::Both, until)?;
//!     loop {
//!         // The driver's loop, until it has something to tell.
//!         match board.next_event(mdns).await {
//!             Event::Querier(QuerierEvent::Address { request, address, .. }) if request == lookup => {
//!                 mdns.cancel(lookup);
//!                 return Ok(Some(address));
//!             }
//!             Event::Querier(QuerierEvent::Failed { request, .. }) if request == lookup => return Ok(None),
//!             _ => {}
//!         }
//!     }
//! }
//! ```
//!
//! # Look names up
//! [`lookup::Lookups`] takes whatever a user types: `192.168.1.20`, `printer.local`, `api.example.com`, `printer` with a
//! search list. It asks whom the name is for, gives the addresses in the order to try, and tells which failure it was; the
//! README's table says what to do about each. It drives an endpoint and a [`resolver::Resolver`] by the same five calls.
//! Records of any type come from [`Resolver::records`](resolver::Resolver::records), the hosts of a service in their order
//! from [`lookup::by_weight`], a suspicion of a captive portal from [`lookup::CaptiveCheck`]. In access-point mode
//! [`portal::Portal`] is the other side of that.
//!
//! # The floors
//! Each knows only those below it.
//!
//! | floor | modules |
//! | --- | --- |
//! | adapter | `adapter::std`: sockets, with the feature `std`; `adapter::smoltcp`: smoltcp's, with `smoltcp`; `adapter::embassy`: a task, with `embassy`; `adapter::esp32`: what differs there, with `esp32` |
//! | facade | [`lookup`]: one lookup for every name, addresses in the order to try |
//! | machines | [`mdns`]: responder, querier, and both as an endpoint; [`resolver`]: names by DNS servers |
//! | | [`portal`]: a DNS server for a device that is being set up |
//! | shared | [`dns_sd`]: service types and TXT data; a cache in the caller's bytes |
//! | wire | [`wire`]: messages read in place and built in the caller's buffer |
//! | ground | [`mod@name`], [`Instant`], the words of the driver loop |
//!
//! # The laws of a machine
//! 1. The driver drains `poll_transmit` and `poll_event` until both are empty, then sleeps until `poll_timeout` or a
//!    datagram. A machine needs no call that this loop does not make.
//! 2. What `poll_transmit` returned counts as sent.
//! 3. Nothing queues: what is to be sent and told follows from the state of the slots. Events of one slot coalesce.
//! 4. After a drain `poll_timeout` lies in the future, or is none.
//! 5. Each call that brings `now` first catches up to it, so that a flood cannot starve a deadline.
//! 6. A hostile datagram yields a [`Disposition`], never an error, and half a bad packet changes nothing.
//! 7. The same inputs give the same outputs.
//! 8. A stale handle gets `None` or a typed error, never another's record.
//!
//! # Features
//! - `std`: the socket adapter for Unix hosts. It alone uses the standard library.
//! - `smoltcp`: the adapter for firmware that polls smoltcp: no `async`, no allocator; `smoltcp-tcp`: with TCP to DNS servers.
//! - `esp32`: chance, Wi-Fi and sleep of the ESP32 chips, without a crate of theirs.
//! - `embassy`: a task on an embassy-net stack, and a handle for all others; `embassy-lookup`: the same for every name.
//! - `defmt`: `defmt::Format` for the public types.
#![no_std]
#![forbid(unsafe_code)]
#![warn(missing_docs)]
#![cfg_attr(docsrs, feature(doc_cfg))]
// No panic path: tools/sizes proves it by a link, these say where one would be.
#![warn(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unreachable,
    clippy::unwrap_used
)]

#[cfg(any(test, feature = "std"))]
extern crate std;

pub mod adapter;
mod cache;
pub mod dns_sd;
mod driver;
mod families;
#[cfg(any(doc, doctest))]
pub mod guide;
mod ink;
mod jitter;
pub mod lookup;
pub mod mdns;
pub mod name;
pub mod portal;
mod realm;
pub mod resolver;
mod time;
pub mod wire;

pub use driver::{Channel, Destination, Disposition, Meta, Reason, Transmit};
pub use families::Families;
pub use time::Instant;

/// The README's code compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
