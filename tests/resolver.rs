//! The stub resolver under a virtual clock, against servers that the tests speak for.

mod support;

#[path = "resolving/lab.rs"]
mod lab;

#[path = "resolving/basics.rs"]
mod basics;
