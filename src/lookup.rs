//! From what somebody typed to the addresses to connect to: the pieces that no machine is needed for.
//!
//! [`in_order`] puts the addresses of a host into the order in which to try them.

mod order;

pub use order::{InOrder, Rank, in_order, rank};
