//! One lookup for every name, under a virtual clock, against servers and hosts of the link that the tests speak for.

mod support;

#[path = "resolving/lab.rs"]
mod lab;

#[path = "looking/captive.rs"]
mod captive;
#[path = "looking/desk.rs"]
mod desk;
#[path = "looking/failures.rs"]
mod failures;
#[path = "looking/names.rs"]
mod names;
#[path = "looking/order.rs"]
mod order;
