//! One lookup for every name: from what somebody typed to the addresses to connect to.
//!
//! [`Lookups`] does all of it, over a resolver and a machine of multicast DNS. Its pieces stand by themselves: [`Typed`] is
//! what a text is, an address or a name of some [`Realm`]; [`Search`] makes the names that are tried for it; [`in_order`]
//! puts the addresses of a host into the order in which to try them.

mod advance;
mod captive;
mod event;
mod kind;
mod literal;
mod lookups;
mod multicast;
mod order;
mod punycode;
mod search;
mod slot;
mod weight;

pub use crate::realm::{Realm, Reserved};
pub use captive::{CaptiveCheck, Evidence, Verdict};
pub use event::{Event, Failure, LookupError, LookupId, Source};
pub use kind::{InvalidName, Scope, Typed};
pub use lookups::{FoundAddress, Lookups};
pub use multicast::Multicast;
pub use order::{InOrder, Rank, in_order, rank};
pub use punycode::Punycode;
pub use search::Search;
pub use slot::LookupStorage;
pub use weight::{ByWeight, by_weight};
