//! Octets of values, from their parts.

use std::net::IpAddr;

/// A string behind its length.
pub(crate) fn counted(octets: &[u8]) -> Vec<u8> {
    [&[octets.len() as u8], octets].concat()
}

/// An EDNS client subnet (RFC 7871 section 6) of an address, all of whose octets are told: how many of them go over
/// the wire is the decoders' business.
pub(crate) fn subnet(address: IpAddr, source_prefix: u8, scope_prefix: u8) -> Vec<u8> {
    let (family, octets) = match address {
        IpAddr::V4(address) => (1, address.octets().to_vec()),
        IpAddr::V6(address) => (2, address.octets().to_vec()),
    };
    [&[0, family, source_prefix, scope_prefix], octets.as_slice()].concat()
}
