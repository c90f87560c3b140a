//! The memory, and how all of it begins.

use core::cell::Cell;
use core::mem::MaybeUninit;
use core::task::Waker;

use embassy_net::udp::PacketMetadata;
use embassy_net::{MulticastError, Stack};

use super::follow;
use super::handle::Mdns;
use super::port::Port;
use super::runner::Runner;
use super::shared::Shared;
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

/// The buffers of the two sockets at port 5353, and of what is about to be sent.
pub(super) struct SocketBuffers<const RX: usize> {
    rx_meta: MaybeUninit<[PacketMetadata; RX_PACKETS]>,
    rx: [u8; RX],
    group_meta: MaybeUninit<[PacketMetadata; GROUP_PACKETS]>,
    group: [u8; MAX_SENT],
    unicast_meta: MaybeUninit<[PacketMetadata; UNICAST_PACKETS]>,
    unicast: [u8; MAX_SENT],
    message: [u8; MAX_SENT],
}

impl<const RX: usize> SocketBuffers<RX> {
    pub(super) const NEW: Self = {
        assert!(RX >= 1536, "RX is 1536 at least: a packet of an Ethernet");
        Self {
            rx_meta: MaybeUninit::uninit(),
            rx: [0; RX],
            group_meta: MaybeUninit::uninit(),
            group: [0; MAX_SENT],
            unicast_meta: MaybeUninit::uninit(),
            unicast: [0; MAX_SENT],
            message: [0; MAX_SENT],
        }
    };

    pub(super) fn open<'d>(&'d mut self, stack: Stack<'d>) -> Sockets<'d> {
        // The stack gives what is received to the first socket at a port, in the order in which they are made.
        let group = Port::open(
            stack,
            self.rx_meta.write([PacketMetadata::EMPTY; RX_PACKETS]),
            &mut self.rx,
            self.group_meta.write([PacketMetadata::EMPTY; GROUP_PACKETS]),
            &mut self.group,
        );
        let unicast_meta = self.unicast_meta.write([PacketMetadata::EMPTY; UNICAST_PACKETS]);
        let unicast = Port::open(stack, &mut [], &mut [], unicast_meta, &mut self.unicast);
        Sockets { group, unicast, message: &mut self.message }
    }
}

/// Both sockets at port 5353.
pub(super) struct Sockets<'d> {
    /// Receives everything, and sends to the groups.
    pub(super) group: Port<'d>,
    /// Sends to single hosts.
    pub(super) unicast: Port<'d>,
    /// Where a message is made.
    pub(super) message: &'d mut [u8],
}

/// What is sent fits one packet of an Ethernet, beside an IPv6 header and a VLAN tag or two (RFC 6762 section 17).
const MAX_SENT: usize = 1440;
/// Most packets are short; a place is taken by what is left over at the end of the buffer too.
const RX_PACKETS: usize = 8;
const GROUP_PACKETS: usize = 2;
const UNICAST_PACKETS: usize = 4;
