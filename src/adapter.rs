//! Drivers: what carries datagrams between a machine and a network. The only part of the crate that does I/O.

#[cfg(any(
    feature = "embassy",
    feature = "smoltcp",
    all(feature = "std", any(target_os = "linux", target_vendor = "apple"))
))]
mod addresses;
#[cfg(feature = "embassy")]
pub mod embassy;
#[cfg(feature = "esp32")]
pub mod esp32;
#[cfg(any(
    feature = "embassy",
    feature = "smoltcp",
    all(feature = "std", any(target_os = "linux", target_vendor = "apple"))
))]
mod on_link;
#[cfg(any(feature = "smoltcp", all(feature = "std", any(target_os = "linux", target_vendor = "apple"))))]
mod replies;
#[cfg(feature = "smoltcp")]
pub mod smoltcp;
#[cfg(any(feature = "embassy", feature = "smoltcp"))]
mod stall;
#[cfg(all(feature = "std", any(target_os = "linux", target_vendor = "apple")))]
pub mod std;

#[cfg(all(feature = "std", unix, not(any(target_os = "linux", target_vendor = "apple"))))]
compile_error!("the feature `std` of dotlocal has sockets for Linux and Apple's systems only");
