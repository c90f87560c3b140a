//! The memory, and how all of it begins.

use core::cell::Cell;
use core::mem::MaybeUninit;
use core::task::Waker;

use embassy_net::{MulticastError, Stack};

use super::Names;
use super::datagrams::{Datagrams, UdpBuffers};
use super::sockets::ServerSockets;
use super::stream::Stream;
use crate::adapter::embassy::follow;
use crate::adapter::embassy::handle::Mdns;
use crate::adapter::embassy::runner::Runner;
use crate::adapter::embassy::shared::Shared;
use crate::adapter::embassy::sockets::SocketBuffers;

/// The memory of [`with_lookups`], sockets' buffers included, the machines' storage not: a `static`, by `StaticCell` of
/// the crate `static_cell`, with `init_with`, so that it is made in place.
///
/// - `QUERIES`: UDP sockets to servers, each for a query that waits for its answer: two for each lookup of both families.
///   With fewer a query that finds none free counts as lost, and is repeated.
/// - `RX`, `WAITERS`: those of [`Resources`](crate::adapter::embassy::Resources).
///
/// The stack needs three sockets for it, and `QUERIES` more.
pub struct NamesResources<'d, const QUERIES: usize, const RX: usize = 3072, const WAITERS: usize = 8> {
    link: SocketBuffers<RX>,
    udp: [UdpBuffers; QUERIES],
    datagrams: MaybeUninit<[Datagrams<'d>; QUERIES]>,
    tcp_rx: [u8; TCP_RX],
    tcp_tx: [u8; TCP_TX],
    query: [u8; TCP_TX],
    waiting: [Cell<Option<Waker>>; WAITERS],
    shared: MaybeUninit<Shared<'d, Names<'d>>>,
}

impl<const QUERIES: usize, const RX: usize, const WAITERS: usize> NamesResources<'_, QUERIES, RX, WAITERS> {
    /// Empty memory.
    pub const fn new() -> Self {
        const { assert!(WAITERS > 0, "WAITERS is 1 at least") };
        Self {
            link: SocketBuffers::NEW,
            udp: [const { UdpBuffers::NEW }; QUERIES],
            datagrams: MaybeUninit::uninit(),
            tcp_rx: [0; TCP_RX],
            tcp_tx: [0; TCP_TX],
            query: [0; TCP_TX],
            waiting: [const { Cell::new(None) }; WAITERS],
            shared: MaybeUninit::uninit(),
        }
    }
}

impl<const QUERIES: usize, const RX: usize, const WAITERS: usize> Default
    for NamesResources<'_, QUERIES, RX, WAITERS>
{
    fn default() -> Self {
        Self::new()
    }
}

/// Lookups of every name on `stack`, and their endpoint: the handle, and the runner that has to run in a task of its own.
/// The servers are those of the stack, by DHCP or set by hand; the resolver need not be told them. The addresses are the
/// stack's too, one of each family: storage with room for one alone has that of IPv4.
///
/// # Errors
/// The stack has no room for the two multicast groups.
///
/// # Panics
/// In embassy-net, where the stack has no room for the sockets.
pub fn with_lookups<'d, const QUERIES: usize, const RX: usize, const WAITERS: usize>(
    stack: Stack<'d>,
    resources: &'d mut NamesResources<'d, QUERIES, RX, WAITERS>,
    names: Names<'d>,
) -> Result<(Mdns<'d, Names<'d>>, Runner<'d, Names<'d>, ServerSockets<'d>>), MulticastError> {
    follow::try_groups(stack)?;
    let shared = &*resources.shared.write(Shared::new(names, &mut resources.waiting));
    let link = resources.link.open(stack);
    let datagrams = resources.datagrams.write(resources.udp.each_mut().map(|udp| udp.open(stack)));
    let stream = Stream::open(stack, &mut resources.tcp_rx, &mut resources.tcp_tx, &mut resources.query);
    let servers = ServerSockets::new(datagrams, stream);
    Ok((Mdns::new(shared), Runner::new(stack, shared, link, servers)))
}

/// An answer is put together from pieces of any size.
const TCP_RX: usize = 1024;
/// The longest query: a name of 255 octets, and what EDNS and a cookie take.
const TCP_TX: usize = 384;
