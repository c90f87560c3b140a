//! What the packet scripts are written with: a DNS message model that shares no code with the crate, its text
//! form, a virtual clock, and the laws that every machine has to keep.

#![allow(dead_code, unused_imports, unused_macros, reason = "each test target uses a part of the kit")]
#![allow(unreachable_pub, reason = "a test target exports nothing")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a panic is how a test fails"
)]

pub mod at_server;
pub mod clock;
pub mod laws;
pub mod machines;
pub mod message;
pub mod octets;
mod parse;
pub mod prng;
pub mod script;
pub mod seeds;
pub mod text;
pub mod toy;
pub mod trace;

pub use clock::*;
pub use message::*;
pub use script::Script;
