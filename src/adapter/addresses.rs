//! More addresses than a machine has room for.

use core::net::IpAddr;

use crate::mdns::AddressesError;

/// Sets all of them, or the first ones where there is no room for more.
pub(super) fn as_many(
    addresses: &[(IpAddr, u8)],
    mut set: impl FnMut(&[(IpAddr, u8)]) -> Result<(), AddressesError>,
) -> Result<(), AddressesError> {
    let all = set(addresses);
    if let Err(full) = all {
        // A list of that length is not refused.
        let _ = set(addresses.get(..full.capacity).unwrap_or(&[]));
    }
    all
}
