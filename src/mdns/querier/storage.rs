//! The querier's memory, sized by the caller.

use super::request::Request;

/// The memory of a [`Querier`](super::Querier), made in a `static` or on the stack.
///
/// - `REQUESTS`: lookups, browses and resolves at a time, 16 at most.
/// - `CACHE`: octets for the names of requests and the records that they want, 262 144 at most; about 200 for an instance
///   that is resolved, and its TXT. What does not fit is told by [`NoRoom`](super::QuerierEvent::NoRoom).
#[derive(Debug)]
pub struct QuerierStorage<const REQUESTS: usize, const CACHE: usize> {
    pub(super) requests: [Request; REQUESTS],
    pub(super) cache: [u8; CACHE],
}

impl<const REQUESTS: usize, const CACHE: usize> QuerierStorage<REQUESTS, CACHE> {
    /// Empty memory: all zeros, so that a `static` costs no flash.
    pub const fn new() -> Self {
        const {
            // An entry keeps two bits for each request.
            assert!(REQUESTS <= 16, "REQUESTS are 16 at most");
            assert!(CACHE <= 262_144, "CACHE is 262144 at most");
        };
        Self { requests: [Request::FREE; REQUESTS], cache: [0; CACHE] }
    }
}

impl<const REQUESTS: usize, const CACHE: usize> Default for QuerierStorage<REQUESTS, CACHE> {
    fn default() -> Self {
        Self::new()
    }
}
