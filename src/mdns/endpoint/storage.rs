//! The memory of an endpoint.

use crate::mdns::{QuerierStorage, ResponderStorage};

/// The memory of an [`Endpoint`](super::Endpoint), made in a `static` or on the stack: `EndpointStorage<2, 2, 0, 2, 1024>`.
///
/// The numbers in their order:
/// - `ADDRESSES`, `NAMES`, `TXT`, as in [`ResponderStorage`];
/// - `REQUESTS`, `CACHE`, as in [`QuerierStorage`];
/// - `REPLIES`, as in [`ResponderStorage`]; 2 where it is left out.
///
/// The crate's `guide` has them for devices of three sizes.
#[derive(Debug)]
pub struct EndpointStorage<
    'a,
    const ADDRESSES: usize,
    const NAMES: usize,
    const TXT: usize,
    const REQUESTS: usize,
    const CACHE: usize,
    const REPLIES: usize = 2,
> {
    pub(super) responder: ResponderStorage<'a, ADDRESSES, NAMES, TXT, REPLIES>,
    pub(super) querier: QuerierStorage<REQUESTS, CACHE>,
}

impl<
    const ADDRESSES: usize,
    const NAMES: usize,
    const TXT: usize,
    const REQUESTS: usize,
    const CACHE: usize,
    const REPLIES: usize,
> EndpointStorage<'_, ADDRESSES, NAMES, TXT, REQUESTS, CACHE, REPLIES>
{
    /// Empty memory: all zeros, so that a `static` costs no flash.
    pub const fn new() -> Self {
        Self { responder: ResponderStorage::new(), querier: QuerierStorage::new() }
    }
}

impl<
    const ADDRESSES: usize,
    const NAMES: usize,
    const TXT: usize,
    const REQUESTS: usize,
    const CACHE: usize,
    const REPLIES: usize,
> Default for EndpointStorage<'_, ADDRESSES, NAMES, TXT, REQUESTS, CACHE, REPLIES>
{
    fn default() -> Self {
        Self::new()
    }
}
