//! A slot: one name of ours, the records under it, and where they stand.

use core::net::IpAddr;

use super::extra::ExtraRecord;
use super::kinds::Kinds;
use super::service::Service;
use crate::mdns::own_name::OwnName;
use crate::name::Name;
use crate::time::Instant;

/// A name, and everything that is due for it.
///
/// What code touches most stands first, where Thumb reaches it by its short instructions: hence `repr(C)`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(super) struct Slot<'a> {
    pub(super) flags: Flags,
    pub(super) news: News,
    /// What is to be written into the packet at hand, and what was.
    pub(super) asked: Kinds,
    pub(super) written: Kinds,
    /// Answers that wait to be multicast, at `due`.
    pub(super) pending: Kinds,
    /// What helps beside the answers that wait, unless all who asked know it.
    pub(super) helps: Kinds,
    /// What was multicast last at each of `times`, the latest first: no kind stands twice.
    pub(super) sent: [Kinds; TIMES],
    /// The number that renames have put behind the name; 0 for none.
    pub(super) number: u16,
    /// The number that the application knows of.
    pub(super) told: u16,
    pub(super) generation: u16,
    pub(super) claim: Claim,
    pub(super) due: Instant,
    /// What is to be withdrawn before anything else is said: the kinds in `pending`.
    pub(super) goodbye: Goodbye<'a>,
    pub(super) owner: Owner<'a>,
    pub(super) times: [Instant; TIMES],
    /// When the data was last changed, and marks of what it was, while [`Flags::CHANGED`].
    pub(super) changed: Instant,
    pub(super) old_data: u32,
}

/// Whose name it is. The tag stands for itself, so that an empty slot is all zeros.
#[derive(Clone, Copy, Debug)]
#[repr(u8)]
pub(super) enum Owner<'a> {
    Nobody,
    /// This device, with records beside those of its addresses.
    Host(&'a str, &'a [ExtraRecord<'a>]),
    /// Another host, for which we speak; without addresses only its name is used.
    Other(&'a str, &'a [IpAddr]),
    Service(Service<'a>),
    /// Records under a name of their own.
    Records(Name<'a>, &'a [ExtraRecord<'a>]),
}

impl<'a> Owner<'a> {
    pub(super) fn label(&self) -> &'a str {
        match self {
            Owner::Host(label, _) | Owner::Other(label, _) => label,
            Owner::Service(service) => service.instance,
            Owner::Records(..) | Owner::Nobody => "",
        }
    }

    /// The type of a service; nothing for who is none.
    pub(super) fn service_type(&self) -> &'a str {
        if let Owner::Service(service) = self { service.service_type } else { "" }
    }

    /// Never inlined: made in several places, and never in a hurry.
    #[inline(never)]
    pub(super) fn name(&self, label: &'a str, number: u16) -> OwnName<'a> {
        match *self {
            Owner::Service(service) => OwnName::Instance(label, number, service.service_type),
            Owner::Records(name, _) => OwnName::Other(name),
            _ => OwnName::Host(label, number),
        }
    }
}

/// What a goodbye is for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Goodbye<'a> {
    Nothing,
    /// The name as it is.
    Name,
    /// The name with this label and number, which was changed.
    Label(&'a str, u16),
    /// Extra records that were replaced.
    Extra(&'a [ExtraRecord<'a>]),
    /// Addresses of a family of which there are none any more: these of another host, or the own ones that are kept.
    Family(&'a [IpAddr]),
}

/// Where a name stands. Each state owns the one deadline that ends it; there is no timer elsewhere to forget.
#[derive(Clone, Copy, Debug)]
pub(super) enum Claim {
    /// Not claimed: the link is down, stopped, or lost to another.
    Idle,
    /// To be claimed as soon as there is something to say, from the next call that brings the time.
    Waiting,
    /// 0 to 3 probes are out (RFC 6762 section 8.1).
    Probing { sent: u8, due: Instant },
    /// Nobody has objected, but the service waits for the name of its host.
    Probed,
    /// Ours; 0 or 1 announcements are out (RFC 6762 section 8.3).
    Announcing { sent: u8, due: Instant },
    /// Ours, and nothing is due.
    Established,
    /// For good, when the goodbye is out.
    Leaving,
}

impl Claim {
    /// Whether questions for the name are answered.
    pub(super) fn is_ours(self) -> bool {
        matches!(self, Claim::Announcing { .. } | Claim::Established)
    }

    /// Whether another's claim would be an answer to our probe (M-8.1-6, S4: before the first one nobody can answer).
    pub(super) fn has_asked(self) -> bool {
        matches!(self, Claim::Probing { sent: 1.., .. } | Claim::Probed)
    }

    pub(super) fn due(self) -> Option<Instant> {
        match self {
            Claim::Probing { due, .. } | Claim::Announcing { due, .. } => Some(due),
            Claim::Idle | Claim::Waiting | Claim::Probed | Claim::Established | Claim::Leaving => None,
        }
    }
}

impl<'a> Slot<'a> {
    pub(super) const EMPTY: Slot<'a> = Slot {
        owner: Owner::Nobody,
        goodbye: Goodbye::Nothing,
        generation: 0,
        number: 0,
        told: 0,
        claim: Claim::Idle,
        pending: Kinds::NONE,
        due: Instant::from_millis(0),
        sent: [Kinds::NONE; TIMES],
        times: [Instant::from_millis(0); TIMES],
        changed: Instant::from_millis(0),
        old_data: 0,
        helps: Kinds::NONE,
        asked: Kinds::NONE,
        written: Kinds::NONE,
        news: News::NONE,
        flags: Flags::NONE,
    };

    /// The name that is claimed.
    pub(super) fn name(&self) -> OwnName<'a> {
        self.name_as(self.label(), self.number)
    }

    /// Whether `name` is the one that is claimed.
    ///
    /// Never inlined: our name is put together here.
    #[inline(never)]
    pub(super) fn has_name(&self, name: &Name<'_>) -> bool {
        self.name().is(name)
    }

    /// What changes when the name is changed.
    pub(super) fn label(&self) -> &'a str {
        self.owner.label()
    }

    /// What the name would be with another label and number.
    pub(super) fn name_as(&self, label: &'a str, number: u16) -> OwnName<'a> {
        self.owner.name(label, number)
    }

    /// Whether addresses stand under the name.
    pub(super) fn is_host(&self) -> bool {
        matches!(self.owner, Owner::Host(..) | Owner::Other(..))
    }

    /// Whether it is a service of this type. One record in the list of types stands for all of them (S-9-1).
    pub(super) fn has_type(&self, service_type: &str) -> bool {
        let own = self.owner.service_type();
        !own.is_empty() && own.eq_ignore_ascii_case(service_type)
    }

    /// Records beside those that come with the owner.
    pub(super) fn extra(&self) -> &'a [ExtraRecord<'a>] {
        match self.owner {
            Owner::Host(_, extra) | Owner::Records(_, extra) => extra,
            Owner::Other(..) | Owner::Service(_) | Owner::Nobody => &[],
        }
    }

    /// The kind of the first of [`extra`](Self::extra), behind those of the owner.
    pub(super) fn first_extra(&self) -> Kinds {
        match self.owner {
            Owner::Host(..) => Kinds::HOST_EXTRA,
            _ => Kinds::EXTRA,
        }
    }

    /// The kinds that others may have too.
    pub(super) fn shared_kinds(&self) -> Kinds {
        match self.owner {
            Owner::Service(_) => Kinds::POINTERS.with(Kinds::TYPE),
            _ if self.flags.has(Flags::SHARED) => Kinds::ALL,
            _ => Kinds::NONE,
        }
    }

    /// Whether the slot is somebody's, and to stay so.
    pub(super) fn is_live(&self) -> bool {
        !matches!(self.owner, Owner::Nobody | Owner::Host("", _)) && !matches!(self.claim, Claim::Leaving)
    }

    /// Forgets answers that wait.
    pub(super) fn quiet(&mut self) {
        self.pending = Kinds::NONE;
        self.flags.set(Flags::DEFEND, false);
    }

    /// The goodbye is out, or none is needed: the name is withdrawn, unless it has only changed.
    pub(super) fn has_left(&mut self) {
        self.goodbye = Goodbye::Nothing;
        self.pending = Kinds::NONE;
        if matches!(self.claim, Claim::Idle | Claim::Leaving) {
            self.news.add(News::WITHDRAWN);
        }
    }

    /// Whether nobody needs the slot any more when the application knows.
    pub(super) fn is_spent(&self) -> bool {
        matches!(self.claim, Claim::Leaving) && matches!(self.goodbye, Goodbye::Nothing)
    }

    /// Adds answers that are to be multicast at `due`, or with what is due earlier.
    pub(super) fn pend(&mut self, kinds: Kinds, due: Instant, now: Instant) {
        if !kinds.is_empty() {
            self.due = if self.pending.is_empty() { due } else { self.due.nearer(due, now) };
            self.pending = self.pending.with(kinds);
        }
    }

    /// Notes that `kinds` have been multicast.
    pub(super) fn note_sent(&mut self, kinds: Kinds, now: Instant) {
        let (mut moved, mut at) = (kinds, now);
        for (sent, time) in self.sent.iter_mut().zip(&mut self.times) {
            *sent = sent.without(kinds);
            // Each entry moves on by one, up to the first that is empty.
            if !moved.is_empty() {
                core::mem::swap(sent, &mut moved);
                core::mem::swap(time, &mut at);
            }
        }
        // The oldest has no place any more, and counts as more recent than it was.
        self.sent.last_mut().into_iter().for_each(|sent| *sent = sent.with(moved));
    }

    /// Forgets those of `kinds` that were multicast `millis` ago or before.
    pub(super) fn forget_sent(&mut self, kinds: Kinds, millis: u32, now: Instant) {
        for (sent, &time) in self.sent.iter_mut().zip(&self.times) {
            if now.millis_since(time) >= millis {
                *sent = sent.without(kinds);
            }
        }
    }

    /// All that was multicast, unless it was so long ago that it matters no more.
    pub(super) fn sent(&self) -> Kinds {
        self.sent.into_iter().fold(Kinds::NONE, Kinds::with)
    }

    /// How long ago `kind` was multicast, in milliseconds; as long as can be for never.
    pub(super) fn millis_since(&self, kind: Kinds, now: Instant) -> u32 {
        let entry = self.sent.iter().zip(&self.times).find(|(sent, _)| sent.has(kind));
        entry.map_or(u32::MAX, |(_, &time)| now.millis_since(time))
    }

    /// What is left to wait before `kind` may be multicast again: a second since its last time, 250 ms in defence
    /// of the name that it stands under (M-6-6, M-6-7).
    fn millis_left(&self, kind: Kinds, now: Instant) -> u32 {
        let defends = self.flags.has(Flags::DEFEND) && !self.elsewhere().has(kind);
        let gap: u32 = if defends { 250 } else { 1_000 };
        gap.saturating_sub(self.millis_since(kind, now))
    }

    /// What stands under other names, which no probe asks for.
    fn elsewhere(&self) -> Kinds {
        match self.owner {
            Owner::Service(_) => self.shared_kinds(),
            Owner::Records(..) => Kinds::NONE,
            _ => Kinds::REVERSE.and_behind(Kinds::REVERSES),
        }
    }

    /// The name is defended until any record of it is out, now `written`: what else waits needs no haste.
    pub(super) fn relax(&mut self, written: Kinds) {
        if self.pending.is_empty() {
            self.flags.set(Flags::ANNOUNCES, false);
        }
        let elsewhere = self.elsewhere();
        if self.pending.without(elsewhere).is_empty() || !written.without(elsewhere).is_empty() {
            self.flags.set(Flags::DEFEND, false);
        }
    }

    /// Those of `kinds` that may be multicast at `now`.
    pub(super) fn allowed(&self, kinds: Kinds, now: Instant) -> Kinds {
        kinds.each().filter(|&kind| self.millis_left(kind, now) == 0).fold(Kinds::NONE, Kinds::with)
    }

    /// Moves `due` to when the first of what waits may be multicast.
    pub(super) fn put_off(&mut self, now: Instant) {
        let wait = self.pending.each().map(|kind| self.millis_left(kind, now)).min();
        self.due = now.after(wait.unwrap_or(0));
    }
}

/// Times at which kinds of a slot were multicast last: the more there are, the rarer is one shared.
const TIMES: usize = 4;

/// What the application has not been told yet; the last of each sort.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct News(u8);

impl News {
    pub(super) const NONE: News = News(0);
    pub(super) const CONFLICT: News = News(1);
    pub(super) const RENAMED: News = News(1 << 1);
    pub(super) const PROBING: News = News(1 << 2);
    pub(super) const ESTABLISHED: News = News(1 << 3);
    pub(super) const WITHDRAWN: News = News(1 << 4);
    pub(super) const TOO_LARGE: News = News(1 << 5);

    pub(super) fn add(&mut self, news: News) {
        // A name is probed for, or established, or withdrawn: the last one holds.
        const STATE: u8 = News::PROBING.0 | News::ESTABLISHED.0 | News::WITHDRAWN.0;
        if news.0 & STATE != 0 {
            self.0 &= !STATE;
        }
        self.0 |= news.0;
    }

    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Forgets what is true no more.
    pub(super) fn forget(&mut self, news: News) {
        self.0 &= !news.0;
    }

    /// Takes the first one out.
    pub(super) fn take(&mut self) -> Option<News> {
        let first = News(self.0 & self.0.wrapping_neg());
        self.0 &= !first.0;
        (first.0 != 0).then_some(first)
    }
}

/// What else is true of a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Flags(u8);

impl Flags {
    pub(super) const NONE: Flags = Flags(0);
    /// The link has heard this name from us: it has to hear its goodbye.
    pub(super) const ANNOUNCED: Flags = Flags(1);
    /// Somebody probes for the name: the gap between two multicasts is 250 ms (M-6-7).
    pub(super) const DEFEND: Flags = Flags(1 << 1);
    /// The data was changed under the announced name, lately.
    pub(super) const CHANGED: Flags = Flags(1 << 2);
    /// The records under the name are nobody's own.
    pub(super) const SHARED: Flags = Flags(1 << 3);
    /// The addresses help beside what is being written.
    pub(super) const HELPS: Flags = Flags(1 << 4);
    /// What waits is an announcement: it goes out whoever else says the same.
    pub(super) const ANNOUNCES: Flags = Flags(1 << 7);
    /// The name that says goodbye may be another's by now.
    pub(super) const LOST: Flags = Flags(1 << 6);
    /// The data was changed since the last call that brought the time.
    pub(super) const CHANGES: Flags = Flags(1 << 5);

    pub(super) fn with(self, other: Flags) -> Flags {
        Flags(self.0 | other.0)
    }

    pub(super) fn has(self, other: Flags) -> bool {
        self.0 & other.0 != 0
    }

    pub(super) fn set(&mut self, flags: Flags, on: bool) {
        self.0 = if on { self.0 | flags.0 } else { self.0 & !flags.0 };
    }
}
