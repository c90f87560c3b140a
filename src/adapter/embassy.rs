//! Multicast DNS on an [`embassy_net`] stack: a task that runs it, and a handle for all others.
//!
//! ```no_run
//! # use embassy_net::{ConfigV6, Stack};
//! use dotlocal::adapter::embassy::{self, Mdns, Resources, Runner};
//! use dotlocal::mdns::{Config, QuerierEvent, Service};
//! use static_cell::ConstStaticCell;
//!
//! // 1 host and 1 service, no TXT that changes, 2 requests, 2 KiB for what they find.
//! static RESOURCES: ConstStaticCell<Resources<'static, 2, 0, 2, 2048>> = ConstStaticCell::new(Resources::new());
//!
//! // #[embassy_executor::task]
//! async fn mdns_task(mut runner: Runner<'static>) -> ! {
//!     runner.run().await
//! }
//!
//! // With the link-local address of IPv6 beside DHCP: config.ipv6 = embassy::link_local(mac);
//! fn start(stack: Stack<'static>, seed: u32) -> (Mdns<'static>, Runner<'static>) {
//!     let (mdns, runner) = embassy::new(stack, RESOURCES.take(), Config::new(seed)).expect("room for two groups");
//!     mdns.set_hostname("kitchen-cam").expect("a label");
//!     mdns.register(Service::new("_http._tcp", 80).instance("Kitchen Cam")).expect("a name left");
//!     (mdns, runner) // spawner.spawn(mdns_task(runner))
//! }
//!
//! // #[embassy_executor::task]
//! async fn printers(mdns: Mdns<'static>) {
//!     let mut printers = mdns.browse("_ipp._tcp").expect("two requests");
//!     while let Some(event) = printers.next().await {
//!         if let QuerierEvent::Resolved { instance, .. } = event {
//!             mdns.with(|mdns| mdns.instance(instance).map(|printer| {
//!                 // printer.label(), printer.host(), printer.socket_addrs(), printer.txt()
//!             }));
//!         }
//!     }
//! }
//! # let _ = (start, printers, mdns_task, embassy::link_local([2, 0, 0, 0, 0, 1]));
//! ```
//!
//! # All names
//! With the feature `embassy-lookup`, [`with_lookups`] has the same handle and runner over [`Lookups`](crate::lookup::Lookups),
//! which take whatever a user types: `printer.local`, `192.168.1.20`, `api.example.com`. The servers are those of the stack,
//! as DHCP gives them; a lookup waits for the first one. What a server cuts comes by TCP. The resolver is a machine of its own
//! with a memory of its own, so that those who need the endpoint alone pay for nothing of it.
//!
//! ```no_run
//! # #[cfg(feature = "embassy-lookup")]
//! # mod names {
//! # use embassy_net::{MulticastError, Stack};
//! use dotlocal::Families;
//! use dotlocal::adapter::embassy::{self, Mdns, Names, NamesResources, Runner, ServerSockets};
//! use dotlocal::lookup::{LookupStorage, Lookups};
//! use dotlocal::mdns::{self, Endpoint, EndpointStorage};
//! use dotlocal::resolver::{self, Resolver, ResolverStorage};
//! use static_cell::{ConstStaticCell, StaticCell};
//!
//! static ENDPOINT: ConstStaticCell<EndpointStorage<'static, 2, 2, 0, 4, 2048>> =
//!     ConstStaticCell::new(EndpointStorage::new());
//! static RESOLVER: ConstStaticCell<ResolverStorage<3, 2, 1024, 1024>> = ConstStaticCell::new(ResolverStorage::new());
//! static LOOKUPS: ConstStaticCell<LookupStorage<2, 6>> = ConstStaticCell::new(LookupStorage::new());
//! static RANDOM: StaticCell<fn() -> u32> = StaticCell::new();
//! static RESOURCES: StaticCell<NamesResources<'static, 4>> = StaticCell::new();
//!
//! type NamesRunner = Runner<'static, Names<'static>, ServerSockets<'static>>;
//!
//! // #[embassy_executor::task]
//! async fn names_task(mut runner: NamesRunner) -> ! {
//!     runner.run().await
//! }
//!
//! /// `hardware` gives unpredictable numbers.
//! fn start(
//!     stack: Stack<'static>, seed: u32, hardware: fn() -> u32,
//! ) -> Result<(Mdns<'static, Names<'static>>, NamesRunner), MulticastError> {
//!     let endpoint = Endpoint::new(ENDPOINT.take(), mdns::Config::new(seed));
//!     let resolver = Resolver::new(RESOLVER.take(), RANDOM.init(hardware), resolver::Config::new());
//!     let names = Lookups::new(LOOKUPS.take(), endpoint, resolver);
//!     embassy::with_lookups(stack, RESOURCES.init_with(NamesResources::new), names) // spawner.spawn(names_task(runner))
//! }
//!
//! async fn report(mdns: Mdns<'static, Names<'static>>) {
//!     match mdns.lookup("api.example.com", 443, Families::Both, 10_000).await {
//!         Ok(found) => while let Some(address) = found.next_address() {
//!             // TcpSocket::connect(address), and where that fails:
//!             found.failed(address);
//!         },
//!         Err(why) => { /* what to tell the user */ }
//!     }
//! }
//! # }
//! ```
//!
//! # Who does what
//! The [`Runner`] owns the sockets and drives the machine; [`Mdns`] is a pointer to what they share, to be copied to
//! every task of the same executor. There are no queues between them. A call changes the machine and wakes the runner;
//! what the machine has to tell stays in its slots, where it coalesces, until the task that it is for takes it:
//! - [`Requests`](Request) tell their own events, to their own task. One that is slow, or that has stopped reading, holds
//!   up nobody; an instance that is gone takes its octets of the cache until that is read.
//! - [`Mdns::next_event`] tells the rest: of names of ours, and that there was no room.
//!
//! Tasks that wait at once, counted without the runner, are as many as `WAITERS` of the [`Resources`], or they wake each
//! other all the time.
//!
//! # The link
//! The runner follows the stack. With the link down or without an address, nothing is sent, and requests wait: names are
//! claimed and questions asked once there is an address. An address is what `config_v4` or `config_v6` of the stack say:
//! of a link-local one that embassy-net's feature `slaac` adds by itself, nobody is told. After each change of link or
//! address the groups are left and joined anew, so that switches hear of it; where the stack shows nothing of a move to
//! another network, [`Mdns::network_changed`] does all that. After a sleep in which datagrams were lost, say
//! `mdns.with(|mdns| mdns.link_up())`.
//!
//! embassy-net wakes only one of the tasks that wait for such changes, and two that wait wake each other without end. Until
//! there is an address, other tasks may wait (`wait_config_up`): the runner looks twice a second. From then on the runner
//! itself waits; tasks that want to know when the link goes call [`Mdns::wait_link`] and not `wait_link_down`.
//!
//! # What is lost
//! - What does not fit the `RX` octets of [`Resources`] while the runner is busy, is lost without a trace in the stack. It
//!   is repeated by those who care, as multicast DNS is made to be lossy.
//! - A message longer than the link's packets, some 1,472 octets, comes in fragments. embassy-net puts them together only
//!   with smoltcp's feature `proto-ipv4-fragmentation`, and then up to `RX` octets; without it, all of such a message is
//!   lost: answers of hosts with dozens of services, which are as well asked for one by one.
//! - Over IPv6, smoltcp 0.13, on which embassy-net 0.9 stands, reports a group that is joined as one that is left (RFC 3810
//!   section 5.2.12): a switch that snoops MLD lets multicast through only once it has asked who is in the group, two
//!   minutes later at most.
//! - A unicast answer to an address that nobody has blocks its socket until it is given up, in two and a half seconds.
//!   Unicast has a socket of its own for that reason: multicast goes on meanwhile, and unicast does behind it.
//!
//! # Clock and chance
//! The clock is that of embassy-time, and may begin at 0 and at any time. `Config::new` takes the seed for waits that
//! keep devices apart, which need not be secret: where the random source is not ready yet, take the MAC address or the
//! number of the chip. The resolver's numbers have to be unpredictable: it draws the first one for the first query to a
//! server, which is not before the link is up. Hand in a source that is ready by then; one that is not has to be waited for
//! before [`with_lookups`], as no lookup can tell good numbers from bad ones.

mod follow;
mod handle;
#[cfg(feature = "embassy-lookup")]
mod names;
mod port;
mod request;
mod resources;
mod runner;
mod servers;
mod shared;
mod sockets;
mod speaks;

pub use handle::Mdns;
#[cfg(feature = "embassy-lookup")]
pub use names::{Lookup, Names, NamesResources, NotFound, ServerSockets, with_lookups};
pub use request::Request;
pub use resources::{Resources, new};
pub use runner::Runner;

use embassy_net::{ConfigV6, Ipv6Address, Ipv6Cidr, StaticConfigV6};

/// The configuration of a stack with the IPv6 address alone that each interface has on its link, made from its MAC
/// address (RFC 4291 appendix A): most hosts ask and answer multicast DNS with it, and nobody has to give it out.
///
/// With it a stack counts as configured from the start: `wait_config_up` and [`Mdns::wait_link`] do not wait for DHCP. Who
/// wants to speak beyond the link looks whether there is `config_v4`.
pub fn link_local(mac: [u8; 6]) -> ConfigV6 {
    let [a, b, c, d, e, f] = mac.map(u16::from);
    let address = Ipv6Address::new(0xFE80, 0, 0, 0, (a ^ 2) << 8 | b, c << 8 | 0xFF, 0xFE00 | d, e << 8 | f);
    ConfigV6::Static(StaticConfigV6 {
        address: Ipv6Cidr::new(address, 64),
        gateway: None,
        dns_servers: Default::default(),
    })
}

/// The time, of embassy-time.
fn now() -> crate::Instant {
    crate::Instant::from_millis(embassy_time::Instant::now().as_millis() as u32)
}
