//! The responder's memory, sized by the caller.

use super::kinds::Kinds;
use super::reply::Reply;
use super::slot::Slot;
use crate::mdns::link::{Addresses, NO_ADDRESS};
use core::net::IpAddr;

/// The memory of a [`Responder`](super::Responder), made in a `static` or on the stack.
///
/// - `ADDRESSES`: addresses of this device on the link. With room for two more than it has, a family that goes is
///   withdrawn at once; else others remember its addresses for up to two minutes.
/// - `NAMES`: the host name, and a name for each service, other host and set of records at a time: 1 and more.
/// - `TXT`: octets of TXT data that change at run time, for each name; 0 when none does.
/// - `REPLIES`: hosts that wait for a unicast reply, or whose split queries are being gathered, at a time. When all are
///   taken, the group is answered instead.
#[derive(Debug)]
pub struct ResponderStorage<
    'a,
    const ADDRESSES: usize,
    const NAMES: usize,
    const TXT: usize,
    const REPLIES: usize = 2,
> {
    slots: [Slot<'a>; NAMES],
    addresses: [IpAddr; ADDRESSES],
    prefixes: [u8; ADDRESSES],
    txt: [[u8; TXT]; NAMES],
    replies: [Reply; REPLIES],
    wanted: [[Kinds; NAMES]; REPLIES],
}

/// The memory in slices.
pub(super) struct Parts<'s, 'a> {
    pub(super) slots: &'s mut [Slot<'a>],
    pub(super) addresses: Addresses<'s>,
    pub(super) txt: &'s mut [u8],
    pub(super) replies: &'s mut [Reply],
    pub(super) wanted: &'s mut [Kinds],
}

impl<'a, const ADDRESSES: usize, const NAMES: usize, const TXT: usize, const REPLIES: usize>
    ResponderStorage<'a, ADDRESSES, NAMES, TXT, REPLIES>
{
    /// Empty memory: all zeros, so that a `static` costs no flash.
    pub const fn new() -> Self {
        const {
            assert!(1 <= NAMES, "NAMES is 1 at least: the host name takes one");
            assert!(NAMES <= 0xFFFF && TXT <= 0xFFFF, "NAMES and TXT are 65535 at most");
        };
        Self {
            slots: [Slot::EMPTY; NAMES],
            addresses: [NO_ADDRESS; ADDRESSES],
            prefixes: [0; ADDRESSES],
            txt: [[0; TXT]; NAMES],
            replies: [Reply::FREE; REPLIES],
            wanted: [[Kinds::NONE; NAMES]; REPLIES],
        }
    }

    pub(super) fn parts(&mut self) -> Parts<'_, 'a> {
        Parts {
            slots: &mut self.slots,
            addresses: Addresses::new(&mut self.addresses, &mut self.prefixes),
            txt: self.txt.as_flattened_mut(),
            replies: &mut self.replies,
            wanted: self.wanted.as_flattened_mut(),
        }
    }
}

impl<const ADDRESSES: usize, const NAMES: usize, const TXT: usize, const REPLIES: usize> Default
    for ResponderStorage<'_, ADDRESSES, NAMES, TXT, REPLIES>
{
    fn default() -> Self {
        Self::new()
    }
}
