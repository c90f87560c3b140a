//! The rules that every run is held against. None of them reads the machine: they see what passes on the link, what
//! the applications ask for, the events, and what is shown to the applications.

pub(crate) mod complete;
pub(crate) mod heard;
pub(crate) mod known;
pub(crate) mod questions;
pub(crate) mod requests;
