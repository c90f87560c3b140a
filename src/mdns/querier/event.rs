//! What a querier tells.

use core::net::IpAddr;

use super::{InstanceId, LookupFailure, RecordId, RequestId};

/// What became known. Events of one instance coalesce: the last state is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum QuerierEvent {
    /// A lookup has found an address; more may follow.
    Address {
        /// The lookup.
        request: RequestId,
        /// The address. A link-local one needs the scope: see [`Querier::socket_addr`](super::Querier::socket_addr).
        address: IpAddr,
        /// How long it may be used, in seconds.
        ttl_secs: u32,
    },
    /// An address that was told is one of the host no more.
    AddressLost {
        /// The lookup.
        request: RequestId,
        /// The address.
        address: IpAddr,
    },
    /// A record that was asked for by its type is there; more may follow.
    Record {
        /// The request.
        request: RequestId,
        /// The record, to be read by [`Querier::record`](super::Querier::record) before the next call.
        record: RecordId,
    },
    /// A record that was told is gone; it can still be read until the next call.
    RecordLost {
        /// The request.
        request: RequestId,
        /// The record.
        record: RecordId,
    },
    /// A lookup has ended, or a request for records; its handle is stale.
    Done {
        /// The request.
        request: RequestId,
    },
    /// A lookup or a request for records has ended without an answer; its handle is stale.
    Failed {
        /// The request.
        request: RequestId,
        /// Why.
        reason: LookupFailure,
    },
    /// A browse has found an instance; of its host nothing may be known yet.
    Found {
        /// The browse.
        request: RequestId,
        /// The instance.
        instance: InstanceId,
    },
    /// Host, port, an address and TXT of an instance are known.
    Resolved {
        /// The browse or resolve.
        request: RequestId,
        /// The instance.
        instance: InstanceId,
    },
    /// Something of a resolved instance has changed.
    Updated {
        /// The browse or resolve.
        request: RequestId,
        /// The instance.
        instance: InstanceId,
    },
    /// An instance is gone. [`Querier::instance`](super::Querier::instance) still tells its name, until the next call.
    Lost {
        /// The browse or resolve.
        request: RequestId,
        /// The instance.
        instance: InstanceId,
    },
    /// Something that a request wants did not fit the cache: raise CACHE in the storage, or cancel a request. Instances
    /// that nobody has resolved make room for others; what does not fit is asked for again.
    NoRoom,
}
