//! What is owed to single hosts: the only state that others can make us keep, bounded by the storage.

use core::net::{Ipv4Addr, SocketAddr, SocketAddrV4};

use super::Responder;
use super::slot::Kinds;
use crate::time::Instant;
use crate::wire::Type;

/// One host that waits for a reply, or whose known answers are being gathered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reply {
    pub(super) usage: Use,
    pub(super) to: SocketAddr,
    pub(super) due: Instant,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Use {
    Free,
    /// A query with TC set: more known answers may follow (RFC 6762 section 7.2).
    Gather,
    /// A reply by unicast; for a legacy query with its id and question (RFC 6762 section 6.7).
    Unicast {
        legacy: Option<(u16, Echo)>,
    },
}

/// The question of a legacy query, as ours: which slot's name, and what was asked of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Echo {
    pub(super) index: u16,
    pub(super) kind: Kinds,
    pub(super) qtype: Type,
    pub(super) class: u16,
}

impl Default for Echo {
    fn default() -> Self {
        Self { index: 0, kind: Kinds::NONE, qtype: Type::ANY, class: 1 }
    }
}

impl Reply {
    pub(super) const FREE: Reply = Reply {
        usage: Use::Free,
        to: SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0)),
        due: Instant::from_millis(0),
    };
}

impl Responder<'_, '_> {
    /// What reply `row` is to say of slot `index`.
    pub(super) fn wanted(&self, row: usize, index: usize) -> Kinds {
        self.wanted.get(row * self.slots.len() + index).copied().unwrap_or(Kinds::NONE)
    }

    pub(super) fn set_wanted(&mut self, row: usize, index: usize, kinds: Kinds) {
        let at = row * self.slots.len() + index;
        if let Some(wanted) = self.wanted.get_mut(at) {
            *wanted = kinds;
        }
    }
}
