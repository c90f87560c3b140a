//! The resolver's memory, sized by the caller.

use super::query::Query;
use super::request::Request;
use super::server::Server;

/// The memory of a [`Resolver`](super::Resolver), made in a `static` or on the stack.
///
/// - `SERVERS`: DNS servers, 8 at most.
/// - `LOOKUPS`: requests at a time, 16 at most; one counts until it is cancelled or has failed.
/// - `CACHE`: octets for names and records, 262,144 at most; some 80 for a name with an address. What does not fit
///   makes older answers go; what no request could be answered without is told as [`NoRoom`](super::Failure::NoRoom).
/// - `STREAM`: octets of the longest answer that comes by TCP; 0 for no TCP, and then what a server could not send by UDP
///   is used as far as it came.
#[derive(Debug)]
pub struct ResolverStorage<
    const SERVERS: usize,
    const LOOKUPS: usize,
    const CACHE: usize,
    const STREAM: usize = 0,
> {
    pub(super) servers: [Server; SERVERS],
    pub(super) requests: [Request; LOOKUPS],
    /// One for each family of each request.
    pub(super) queries: [[Query; 2]; LOOKUPS],
    pub(super) cache: [u8; CACHE],
    pub(super) stream: [u8; STREAM],
}

impl<const SERVERS: usize, const LOOKUPS: usize, const CACHE: usize, const STREAM: usize>
    ResolverStorage<SERVERS, LOOKUPS, CACHE, STREAM>
{
    /// Empty memory: all zeros, so that a `static` costs no flash.
    pub const fn new() -> Self {
        // An entry keeps two bits for each request, a query one for each server.
        const {
            assert!(SERVERS <= 8 && LOOKUPS <= 16, "SERVERS are 8 and LOOKUPS 16 at most");
            assert!(CACHE <= 262_144 && STREAM <= 65_535, "CACHE is 262144 and STREAM 65535 at most");
        };
        Self {
            servers: [Server::NONE; SERVERS],
            requests: [Request::FREE; LOOKUPS],
            queries: [[Query::FREE; 2]; LOOKUPS],
            cache: [0; CACHE],
            stream: [0; STREAM],
        }
    }
}

impl<const SERVERS: usize, const LOOKUPS: usize, const CACHE: usize, const STREAM: usize> Default
    for ResolverStorage<SERVERS, LOOKUPS, CACHE, STREAM>
{
    fn default() -> Self {
        Self::new()
    }
}
