//! DNS and multicast DNS for firmware.
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(any(test, feature = "std"))]
extern crate std;

mod cache;
pub mod dns_sd;
mod driver;
mod jitter;
pub mod mdns;
pub mod name;
mod time;
pub mod wire;

pub use driver::{Destination, Disposition, Meta, Reason, Transmit};
pub use time::Instant;
