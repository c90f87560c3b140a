//! The memory, and how all of it begins.

use core::cell::Cell;
use core::mem::MaybeUninit;
use core::task::Waker;

use embassy_net::{MulticastError, Stack};

use super::follow;
use super::handle::Mdns;
use super::runner::Runner;
use super::shared::Shared;
use super::sockets::SocketBuffers;
use crate::mdns::{Config, Endpoint, EndpointStorage};

/// The memory of an endpoint on one stack, its sockets' buffers included: a `static`, by `ConstStaticCell` of the crate
/// `static_cell`, which costs no flash.
///
/// - `NAMES`, `TXT`, `REQUESTS`, `CACHE`: those of [`EndpointStorage`]; there are two addresses, one of each family.
/// - `RX`: octets for what was received and is not handled yet, 1,536 at least: a packet of an Ethernet.
/// - `WAITERS`: tasks that wait at once.
///
/// The stack needs two sockets for it (`StackResources`), and two places for multicast groups beside those that it
/// takes for IPv6 addresses: smoltcp has four in all, unless `SMOLTCP_IFACE_MAX_MULTICAST_GROUP_COUNT` says more.
pub struct Resources<
    'd,
    const NAMES: usize,
    const TXT: usize,
    const REQUESTS: usize,
    const CACHE: usize,
    const RX: usize = 3072,
    const WAITERS: usize = 8,
> {
    endpoint: EndpointStorage<'d, 2, NAMES, TXT, REQUESTS, CACHE>,
    sockets: SocketBuffers<RX>,
    waiting: [Cell<Option<Waker>>; WAITERS],
    shared: MaybeUninit<Shared<'d, Endpoint<'d, 'd>>>,
}

impl<
    const NAMES: usize,
    const TXT: usize,
    const REQUESTS: usize,
    const CACHE: usize,
    const RX: usize,
    const WAITERS: usize,
> Resources<'_, NAMES, TXT, REQUESTS, CACHE, RX, WAITERS>
{
    /// Empty memory.
    pub const fn new() -> Self {
        const { assert!(WAITERS > 0, "WAITERS is 1 at least") };
        Self {
            endpoint: EndpointStorage::new(),
            sockets: SocketBuffers::NEW,
            waiting: [const { Cell::new(None) }; WAITERS],
            shared: MaybeUninit::uninit(),
        }
    }
}

impl<
    const NAMES: usize,
    const TXT: usize,
    const REQUESTS: usize,
    const CACHE: usize,
    const RX: usize,
    const WAITERS: usize,
> Default for Resources<'_, NAMES, TXT, REQUESTS, CACHE, RX, WAITERS>
{
    fn default() -> Self {
        Self::new()
    }
}

/// An endpoint on `stack`, without names and requests: the handle to give it some, and the runner that has to run in a
/// task of its own.
///
/// # Errors
/// The stack has no room for the two multicast groups.
///
/// # Panics
/// In embassy-net, where the stack has no room for two sockets.
pub fn new<
    'd,
    const NAMES: usize,
    const TXT: usize,
    const REQUESTS: usize,
    const CACHE: usize,
    const RX: usize,
    const WAITERS: usize,
>(
    stack: Stack<'d>,
    resources: &'d mut Resources<'d, NAMES, TXT, REQUESTS, CACHE, RX, WAITERS>,
    config: Config,
) -> Result<(Mdns<'d>, Runner<'d>), MulticastError> {
    follow::try_groups(stack)?;
    let endpoint = Endpoint::new(&mut resources.endpoint, config);
    let shared = &*resources.shared.write(Shared::new(endpoint, &mut resources.waiting));
    Ok((Mdns::new(shared), Runner::new(stack, shared, resources.sockets.open(stack), ())))
}
