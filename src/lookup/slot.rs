//! A lookup's slot, and the memory of them all.

use core::net::{IpAddr, Ipv4Addr};

use super::{Failure, Source};
use crate::families::Families;
use crate::mdns;
use crate::name::NameBuf;
use crate::resolver::{self, State};
use crate::time::Instant;

/// The memory of [`Lookups`](super::Lookups), made in a `static` or on the stack.
///
/// - `LOOKUPS`: lookups at a time; one counts until it is cancelled or has failed. Resolver and multicast machine need as
///   many requests.
/// - `ADDRESSES`: addresses of each, 255 at most; of a name that has more the rest is left out, and
///   [`Lookups::has_more`](super::Lookups::has_more) says so.
/// - `OWN`: addresses of this device, by which those of others are put into order.
#[derive(Debug)]
pub struct LookupStorage<const LOOKUPS: usize, const ADDRESSES: usize, const OWN: usize = 4> {
    pub(super) slots: [Slot; LOOKUPS],
    pub(super) addresses: [[Found; ADDRESSES]; LOOKUPS],
    pub(super) own: [(IpAddr, u8); OWN],
}

impl<const LOOKUPS: usize, const ADDRESSES: usize, const OWN: usize> LookupStorage<LOOKUPS, ADDRESSES, OWN> {
    /// Empty memory: all zeros, so that a `static` costs no flash.
    pub const fn new() -> Self {
        const { assert!(ADDRESSES <= 255, "ADDRESSES are 255 at most") };
        Self {
            slots: [Slot::FREE; LOOKUPS],
            addresses: [[Found::NONE; ADDRESSES]; LOOKUPS],
            own: [(NO_ADDRESS, 0); OWN],
        }
    }
}

impl<const LOOKUPS: usize, const ADDRESSES: usize, const OWN: usize> Default
    for LookupStorage<LOOKUPS, ADDRESSES, OWN>
{
    fn default() -> Self {
        Self::new()
    }
}

const NO_ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

/// An address that a lookup has.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    pub(super) address: IpAddr,
    /// What a literal had.
    pub(super) scope_id: u32,
    /// When its life ends; of what has no end, never.
    pub(super) expires: Option<Instant>,
    pub(super) has_failed: bool,
}

impl Found {
    pub(super) const NONE: Found =
        Found { address: NO_ADDRESS, scope_id: 0, expires: None, has_failed: false };
}

/// One lookup.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    pub(super) generation: u16,
    pub(super) state: State,
    pub(super) asks: Asks,
    pub(super) families: Families,
    pub(super) port: u16,
    /// How many addresses it has, and whether there were more.
    pub(super) found: u8,
    pub(super) has_more: bool,
    pub(super) source: Source,
    pub(super) is_absolute: bool,
    /// How many names of the search list were tried.
    pub(super) tried: usize,
    pub(super) timeout_millis: u32,
    pub(super) deadline: Instant,
    /// Until when addresses of the link are held back for IPv6.
    pub(super) held_until: Option<Instant>,
    pub(super) has_news: bool,
    /// It is told to whoever asks for what is told of this one.
    pub(super) is_apart: bool,
    /// The first failure that tells something.
    pub(super) failure: Failure,
    pub(super) has_failed: bool,
    /// What is known from the link did not work, and is to be forgotten.
    pub(super) doubts: bool,
    /// As it was typed.
    pub(super) name: NameBuf,
}

/// Whom it asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asks {
    Nobody,
    Link(mdns::RequestId),
    Servers(resolver::RequestId),
}

impl Slot {
    pub(super) const FREE: Slot = Slot {
        generation: 0,
        state: State::Free,
        asks: Asks::Nobody,
        families: Families::Both,
        port: 0,
        found: 0,
        has_more: false,
        source: Source::Literal,
        is_absolute: false,
        tried: 0,
        timeout_millis: 0,
        deadline: Instant::from_millis(0),
        held_until: None,
        has_news: false,
        is_apart: false,
        failure: Failure::Servers(resolver::Failure::NoName),
        has_failed: false,
        doubts: false,
        name: NameBuf::ROOT,
    };

    pub(super) fn wants(&self, address: IpAddr) -> bool {
        if address.is_ipv4() { self.families.v4() } else { self.families.v6() }
    }

    /// Looks anew for the name that was found last, and from there on, with all of its time.
    pub(super) fn begin_anew(&mut self) {
        (self.state, self.found, self.has_news) = (State::Fresh, 0, false);
        (self.has_failed, self.held_until) = (false, None);
        self.tried = self.tried.saturating_sub(1);
    }

    /// Why nothing is found, if a name of the search list has not told more before.
    pub(super) fn note_failure(&mut self, failure: Failure) {
        if !self.has_failed || failure.is_useful() && !self.failure.is_useful() {
            (self.failure, self.has_failed) = (failure, true);
        }
    }
}
