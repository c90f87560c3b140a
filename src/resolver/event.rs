//! What a resolver tells.

use super::{Failure, RequestId};

/// What became of a request. Events of one request coalesce: the last state is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Event {
    /// Something is there, to be read by [`Resolver::addresses`](super::Resolver::addresses) or
    /// [`Resolver::found_records`](super::Resolver::found_records) until the request is cancelled.
    Found {
        /// The request.
        request: RequestId,
        /// Whether that is all. Otherwise it is told again once the other family has come, or has failed to.
        is_complete: bool,
    },
    /// Nothing was found; the handle is stale.
    Failed {
        /// The request.
        request: RequestId,
        /// Why.
        failure: Failure,
    },
}
