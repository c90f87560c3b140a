//! Multicast DNS on one link: be found, find others (RFC 6762, RFC 6763).
//!
//! A [`Responder`] makes the device found, a [`Querier`] finds others, and an [`Endpoint`] is both on one socket. Each
//! is a machine without clock and socket, driven by the same five calls; [`Endpoint`] shows the loop.

mod admit;
mod config;
mod endpoint;
mod interest;
mod link;
mod own_name;
mod querier;
mod responder;

pub use crate::cache::FoundRecord;
pub use crate::families::Families;
pub use config::Config;
pub use endpoint::{Endpoint, EndpointStorage, Event};
pub use link::AddressesError;
pub use querier::{
    Instance, InstanceId, LookupFailure, Querier, QuerierEvent, QuerierStorage, RecordId, RequestError,
    RequestId, Until,
};
pub use responder::{
    ChangeError, Claimed, Counters, ExtraRecord, HostId, HostnameError, RecordSet, RecordsError, RecordsId,
    RegisterError, Responder, ResponderEvent, ResponderStorage, Service, ServiceError, ServiceId,
};

/// The port of mDNS.
pub const PORT: u16 = 5353;

/// The IPv4 group of mDNS.
pub const GROUP_V4: core::net::Ipv4Addr = core::net::Ipv4Addr::new(224, 0, 0, 251);

/// The IPv6 group of mDNS.
pub const GROUP_V6: core::net::Ipv6Addr = core::net::Ipv6Addr::new(0xFF02, 0, 0, 0, 0, 0, 0, 0xFB);
