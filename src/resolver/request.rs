//! What the application asks for.

use super::Failure;
use crate::cache::NameId;
use crate::families::Families;
use crate::time::Instant;
use crate::wire::Type;

/// A request. It turns stale when it is cancelled or has failed, and fits again only after 65,536 further requests in
/// its slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct RequestId {
    pub(super) index: u16,
    pub(super) generation: u16,
}

/// A slot for a request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Request {
    pub(super) generation: u16,
    pub(super) name: NameId,
    /// The names under which records of its types were found.
    pub(super) ends: [NameId; 2],
    pub(super) kind: Kind,
    pub(super) state: State,
    /// Something is to be told.
    pub(super) has_news: bool,
    /// Types whose query has failed, a bit for each, and why.
    pub(super) failed: u8,
    pub(super) failure: Failure,
    pub(super) timeout_millis: u32,
    /// When it began: with the first call that brought the time.
    pub(super) began: Instant,
    /// Until when what was found first is held back for the other family.
    pub(super) held_until: Option<Instant>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Lookup(Families),
    Records(Type),
}

/// How far a request is, or a lookup over it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Free,
    /// It begins with the next call that brings the time.
    Fresh,
    Open,
    /// One family has been found, and the other is waited for.
    Partly,
    /// All that is to be found is found. It stays so until it is cancelled.
    Found,
    Failed,
}

impl Request {
    pub(super) const FREE: Request = Request {
        generation: 0,
        name: NameId::NONE,
        ends: [NameId::NONE; 2],
        kind: Kind::Lookup(Families::Both),
        state: State::Free,
        has_news: false,
        failed: 0,
        failure: Failure::NoName,
        timeout_millis: 0,
        began: Instant::from_millis(0),
        held_until: None,
    };

    /// The types that it asks for, IPv6 first.
    pub(super) fn types(&self) -> [Option<Type>; 2] {
        match self.kind {
            Kind::Lookup(families) => [families.v6().then_some(Type::AAAA), families.v4().then_some(Type::A)],
            Kind::Records(rtype) => [Some(rtype), None],
        }
    }

    /// Whether something is still waited for.
    pub(super) fn is_open(&self) -> bool {
        matches!(self.state, State::Open | State::Partly)
    }

    pub(super) fn deadline(&self) -> Instant {
        self.began.after(self.timeout_millis)
    }

    /// From when on records that are over are used, where that is wanted (RFC 8767 section 5).
    pub(super) fn stale_from(&self) -> Instant {
        self.began.after(STALE_AFTER_MILLIS)
    }
}

const STALE_AFTER_MILLIS: u32 = 1_800;
