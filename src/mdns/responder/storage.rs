//! The responder's memory, sized by the caller.

use super::reply::Reply;
use super::slot::{Kinds, Slot};
use crate::mdns::link::Address;

/// The memory of a [`Responder`](super::Responder), made in a `static` or on the stack.
///
/// - `ADDRESSES`: addresses of this device on the link.
/// - `SERVICES`: services at a time.
/// - `TXT`: octets of TXT data that change at run time, for each service; 0 when none does.
/// - `REPLIES`: hosts that wait for a unicast reply, or whose split queries are being gathered, at a time. When all are
///   taken, the group is answered instead.
#[derive(Debug)]
pub struct ResponderStorage<
    'a,
    const ADDRESSES: usize,
    const SERVICES: usize,
    const TXT: usize,
    const REPLIES: usize = 2,
> {
    host: Slot<'a>,
    services: [Slot<'a>; SERVICES],
    addresses: [Address; ADDRESSES],
    txt: [[u8; TXT]; SERVICES],
    replies: [Reply; REPLIES],
    wanted: [[Kinds; SERVICES]; REPLIES],
}

/// The memory in slices.
pub(super) struct Parts<'s, 'a> {
    pub(super) host: &'s mut Slot<'a>,
    pub(super) services: &'s mut [Slot<'a>],
    pub(super) addresses: &'s mut [Address],
    pub(super) txt: &'s mut [u8],
    pub(super) replies: &'s mut [Reply],
    pub(super) wanted: &'s mut [Kinds],
}

impl<'a, const ADDRESSES: usize, const SERVICES: usize, const TXT: usize, const REPLIES: usize>
    ResponderStorage<'a, ADDRESSES, SERVICES, TXT, REPLIES>
{
    /// Empty memory: all zeros, so that a `static` costs no flash.
    pub const fn new() -> Self {
        const { assert!(SERVICES < 0xFFFF && TXT <= 0xFFFF) };
        Self {
            host: Slot::EMPTY,
            services: [Slot::EMPTY; SERVICES],
            addresses: [Address::NONE; ADDRESSES],
            txt: [[0; TXT]; SERVICES],
            replies: [Reply::FREE; REPLIES],
            wanted: [[Kinds::NONE; SERVICES]; REPLIES],
        }
    }

    pub(super) fn parts(&mut self) -> Parts<'_, 'a> {
        Parts {
            host: &mut self.host,
            services: &mut self.services,
            addresses: &mut self.addresses,
            txt: self.txt.as_flattened_mut(),
            replies: &mut self.replies,
            wanted: self.wanted.as_flattened_mut(),
        }
    }
}

impl<const ADDRESSES: usize, const SERVICES: usize, const TXT: usize, const REPLIES: usize> Default
    for ResponderStorage<'_, ADDRESSES, SERVICES, TXT, REPLIES>
{
    fn default() -> Self {
        Self::new()
    }
}
