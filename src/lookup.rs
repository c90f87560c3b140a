//! From what somebody typed to the addresses to connect to: the pieces that no machine is needed for.
//!
//! [`Typed`] is what a text is: an address, or a name of some [`Realm`]. [`Search`] makes the names that are tried for it.
//! [`in_order`] puts the addresses of a host into the order in which to try them.

mod kind;
mod order;
mod punycode;
mod search;

pub use kind::{InvalidName, Realm, Reserved, Scope, Typed};
pub use order::{InOrder, Rank, in_order, rank};
pub use punycode::Punycode;
pub use search::Search;
