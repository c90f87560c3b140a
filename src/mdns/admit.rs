//! What is looked at at all (RFC 6762 sections 6, 11 and 18).

use super::PORT;
use crate::driver::{Meta, Reason};
use crate::name::Name;
use crate::wire::{Checked, Message, Named, Opcode, Rcode};

/// The datagram as a sound message, or why it is ignored. Nothing has changed until here. On the way `see` gets the names
/// that are asked for by a query, or told of by a response, so that strangers' messages are walked once.
#[inline]
pub(crate) fn admit<'m>(
    meta: &Meta,
    on_link: impl FnOnce() -> bool,
    octets: &'m [u8],
    mut see: impl FnMut(&Name<'m>),
) -> Result<Checked<'m>, Reason> {
    // A reply could go nowhere.
    if meta.source.port() == 0 {
        return Err(Reason::WrongPort);
    }
    // What reached the group comes from the link; what was sent to our address may come from anywhere.
    if !meta.multicast && !on_link() {
        return Err(Reason::OffLink);
    }
    let message = Message::parse(octets).map_err(Reason::Malformed)?;
    let header = message.header();
    if header.flags().opcode() != Opcode::QUERY {
        return Err(Reason::Opcode);
    }
    if header.flags().rcode() != Rcode::NOERROR {
        return Err(Reason::Rcode);
    }
    if header.is_response() && meta.source.port() != PORT {
        return Err(Reason::WrongPort);
    }
    let heard = if header.is_response() { Named::Record } else { Named::Question };
    let checked = message.check_with(|name, at| {
        if at == heard {
            see(&name);
        }
    });
    checked.map_err(Reason::Malformed)
}
