//! The same messages read by dotlocal and by two other crates, `domain` and `hickory-proto`, and compared part by part.
//!
//! A message is cut into its questions and records by a walk of its own ([`walk`]), and each decoder reads each part
//! where it stands, so that what one refuses hides nothing behind it. What they read becomes one form ([`view`]), which
//! is compared ([`compare`]). Every difference must be covered by an entry of a list that says who is right by which
//! RFC ([`entries`]), and every entry must occur ([`account`]).

pub mod account;
pub mod by_domain;
pub mod by_dotlocal;
pub mod by_hickory;
pub mod compare;
mod crafted;
pub mod entries;
pub mod made;
pub mod messages;
mod mutate;
#[path = "../../support/prng.rs"]
mod prng;
mod rdata;
mod rules;
pub mod view;
pub mod walk;
