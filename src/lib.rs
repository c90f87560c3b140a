//! DNS and multicast DNS for firmware.
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(any(test, feature = "std"))]
extern crate std;

mod driver;
mod jitter;
pub mod name;
mod time;
pub mod wire;

pub use driver::{Destination, Disposition, Meta, Reason, Transmit};
pub use time::Instant;
