//! The words of DNS-based service discovery (RFC 6763): service types and TXT attributes.

mod service_type;
mod txt;

pub use service_type::ServiceTypeError;
pub(crate) use service_type::{check_browsed, check_registered};
pub(crate) use txt::TxtData;
