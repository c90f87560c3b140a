//! What the fuzz targets share: naive models to compare with, and what must hold of anything that was read.
//!
//! A model is written to be seen to be right: it copies into `Vec`s, walks as often as it likes, and knows nothing of
//! how the crate does the same.

mod asks;
mod calls;
mod client;
mod data;
mod device;
mod driver;
mod finder;
mod input;
mod made;
mod model;
mod peer;
mod pool;
mod prelude;
mod seen;
mod watch;
mod world;

pub use asks::Asks;
pub use calls::{Call, Owner, section_of};
pub use client::{Asked, Client, Wanted};
pub use data::{check_data, plain};
pub use device::Device;
pub use driver::{Clock, Driven};
pub use finder::{Finder, Machine, Sought};
pub use input::Input;
pub use made::{MadeData, MadeName, MadeOption};
pub use model::{
    Labels, Walked, fold, is_lawful_param, key, labels_of, names_in_data, parse_text, split_params, types_in,
    wire,
};
pub use peer::{message, response, source};
pub use pool::{
    ADDRESSES, EXTRA, OCTETS, OTHERS, PAIRS, TEXTS, common_names, has_its_ttl, is_shared, record_set,
    service, v4, v6,
};
pub use prelude::{TypedRecord, typed_message};
pub use seen::{Seen, check_name, rebuild, see};
pub use watch::Watch;
pub use world::{
    ASKED_TYPES, BROWSED, HOSTS, INSTANCES, NAMES, OWNERS, WORLD, families, flood, octets, until,
};
