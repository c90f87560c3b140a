//! What the tests of the embassy adapter stand on: tasks, a clock that is moved by hand, a wire and boards on it.
//!
//! `cargo test --manifest-path tests/embassy/Cargo.toml` needs no rights for the tests on the wire; those on a tap device
//! beside Avahi say what they lack.

pub mod cable;
pub mod clock;
pub mod frame;
pub mod tasks;
pub mod wire;
pub mod world;
