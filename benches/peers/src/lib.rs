//! What dotlocal costs beside other crates and beside code written by hand, in one run on one machine.
//!
//! - [`decode`] defines one work of decoding; `decode/*.rs` do it over the messages of [`corpus`]: a floor, dotlocal,
//!   peers. All sums are checked to be the floor's before anything is measured.
//! - [`build`] defines one work of building; `build/*.rs` do it. All messages are checked to have one sum.
//! - [`foreign`] is what dotlocal's machines pay for packets of strangers, beside the check of the same packet.
//!
//! A change of the API of dotlocal is followed in `decode/ours.rs`, `build/ours.rs` and `foreign/machine.rs` alone.
//!
//! By the clock, with ratios to the floor at the end (a part of a name given behind `--` chooses):
//!
//! ```sh
//! cargo bench --manifest-path benches/peers/Cargo.toml
//! ```
//!
//! In instructions, the same on every run; needs valgrind:
//!
//! ```sh
//! benches/peers/instructions
//! ```
//!
//! `cargo test --manifest-path benches/peers/Cargo.toml` checks the sums alone, and that the floor and dotlocal refuse
//! the same broken messages: what one of them leaves unchecked must not look like speed.

pub mod build;
pub mod corpus;
pub mod decode;
pub mod foreign;
pub mod report;
pub mod tasks;

/// Does a task so many times.
pub type Run = Box<dyn FnMut(u64)>;
