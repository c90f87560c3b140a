//! The stub resolver under a virtual clock, against servers that the tests speak for.

mod support;

#[path = "resolving/lab.rs"]
mod lab;

#[path = "resolving/answers.rs"]
mod answers;
#[path = "resolving/basics.rs"]
mod basics;
#[path = "resolving/caching.rs"]
mod caching;
#[path = "resolving/edns.rs"]
mod edns;
#[path = "resolving/forged.rs"]
mod forged;
#[path = "resolving/servers.rs"]
mod servers;
#[path = "resolving/tcp.rs"]
mod tcp;
