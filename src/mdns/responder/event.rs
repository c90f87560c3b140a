//! What the responder tells and counts.

use super::Responder;
use super::handle::{Claimed, Handle, HostId, RecordsId, ServiceId};
use super::slot::{News, Owner};

/// What became of a name. Events of one name coalesce: the last state is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum ResponderEvent {
    /// Somebody else uses the name. What is lost for good, a name that cannot be renamed, is told as
    /// [`Withdrawn`](Self::Withdrawn) too.
    Conflict(Claimed),
    /// The name was taken, and has another number behind it, which is probed for next. [`Responder::name`] tells it
    /// now, [`Responder::name_with`] with any number.
    Renamed {
        /// Whose name.
        of: Claimed,
        /// The number that it had when the application was told last; 0 for none.
        from: u16,
        /// The number that it has now: 2 and above.
        to: u16,
    },
    /// The link is asked whether the name is free.
    Probing(Claimed),
    /// The name is ours, announced and answered for.
    Established(Claimed),
    /// The name is no longer answered for, and said goodbye if it was announced.
    Withdrawn(Claimed),
    /// The caller's buffer is too small for a record or a probe of this name, which was given up: hand in 1440 octets.
    TooLarge(Claimed),
}

/// What a responder has counted since it was made. Each count wraps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Counters {
    /// Datagrams that were handed in.
    pub received: u32,
    /// Those of them that were no sound messages.
    pub malformed: u32,
    /// Queries that were answered, or are about to be.
    pub answered: u32,
    /// Queries and responses that made an answer needless: it is known, or another has given it.
    pub suppressed: u32,
    /// Replies to single hosts that were not given, because too many asked at once.
    pub limited: u32,
}

impl Responder<'_, '_> {
    /// The next thing to tell; `None` when all is told.
    pub fn poll_event(&mut self) -> Option<ResponderEvent> {
        if !self.has_news {
            return None;
        }
        let Some((index, slot)) = (0..).zip(self.slots.iter_mut()).find(|(_, slot)| !slot.news.is_empty())
        else {
            self.has_news = false;
            return None;
        };
        let handle = Handle { index, generation: slot.generation };
        let of = match slot.owner {
            Owner::Host(..) => Claimed::Host,
            Owner::Other(..) => Claimed::OtherHost(HostId(handle)),
            Owner::Records(..) => Claimed::Records(RecordsId(handle)),
            Owner::Service(_) | Owner::Nobody => Claimed::Service(ServiceId(handle)),
        };
        let news = slot.news.take()?;
        if slot.news.is_empty() && slot.is_spent() {
            slot.owner = Owner::Nobody;
        }
        Some(match news {
            News::CONFLICT => ResponderEvent::Conflict(of),
            News::RENAMED => {
                let from = core::mem::replace(&mut slot.told, slot.number);
                ResponderEvent::Renamed { of, from, to: slot.number }
            }
            News::PROBING => ResponderEvent::Probing(of),
            News::ESTABLISHED => ResponderEvent::Established(of),
            News::WITHDRAWN => ResponderEvent::Withdrawn(of),
            _ => ResponderEvent::TooLarge(of),
        })
    }

    /// What was counted.
    pub fn counters(&self) -> Counters {
        self.counters
    }
}
