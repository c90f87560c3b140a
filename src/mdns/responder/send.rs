//! What leaves: goodbyes, probes, replies to single hosts, answers to the group, each with what helps beside it.

use super::Responder;
use super::claim::PROBES;
use super::kinds::Kinds;
use super::records::Style;
use super::reply::{Echo, Reply, Use};
use super::slot::{Claim, Flags, Goodbye, News, Owner, Slot};
use crate::driver::Destination;
use crate::mdns::own_name::OwnName;
use crate::name::Name;
use crate::wire::{Builder, Class, Compression, DoesNotFit, Flags as Bits, Section, Type};

/// What a packet is, the most urgent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Job {
    Goodbye,
    Probe,
    /// The reply in this row.
    Reply(usize),
    Answers,
}

impl Responder<'_, '_> {
    /// Writes the next packet that is due, and tells where it goes and how long it is.
    #[inline(never)]
    pub(super) fn transmit(&mut self, buf: &mut [u8]) -> Option<(Destination, usize)> {
        loop {
            let now = self.now;
            let due =
                |reply: &Reply| !matches!(reply.usage, Use::Free | Use::Gather) && reply.due.is_due(now);
            let reply = self.replies.iter().position(due).map(Job::Reply);
            let jobs = [Some(Job::Goodbye), Some(Job::Probe), reply, Some(Job::Answers)];
            let job = jobs.into_iter().flatten().find(|&job| self.choose(job))?;
            self.says_goodbye = job == Job::Goodbye;
            let len = self.write(job, buf);
            self.says_goodbye = false;
            self.note(job, len == 0);
            if len > 0 {
                let reply = if let Job::Reply(row) = job { self.replies.get(row) } else { None };
                return Some((
                    reply.map_or(Destination::Multicast, |reply| Destination::Unicast(reply.to)),
                    len,
                ));
            }
            // A goodbye that fits no packet may be what a new name waited for.
            self.begin_claims();
        }
    }

    /// Writes all that slot `index` has, as an announcement has it, for this device itself; nothing before the name is
    /// ours.
    pub(in crate::mdns) fn write_own<'b>(&self, index: usize, buf: &'b mut [u8]) -> Option<&'b [u8]> {
        let slot = self.slot(index)?;
        let mut builder = Builder::new(buf, 0, Bits::QR.with(Bits::AA));
        if slot.claim.is_ours() {
            self.put_kinds(&mut builder, Section::Answer, index, self.kinds_of(index).0, Style::Announced);
        }
        Some(builder.finish())
    }

    /// Puts what each slot has to say in a packet of this sort into its `asked`. Tells whether any of it is due.
    ///
    /// Like `note` never inlined: in one function with the writing, registers would be too few for all three.
    #[inline(never)]
    fn choose(&mut self, job: Job) -> bool {
        let (now, mut any) = (self.now, matches!(job, Job::Reply(_)));
        for index in 0..self.slots.len() {
            let Some(slot) = self.slot(index) else { continue };
            let asked = match (job, slot.goodbye, slot.claim) {
                (Job::Goodbye, Goodbye::Nothing, _) => Kinds::NONE,
                (Job::Goodbye, Goodbye::Extra(replaced), _) => slot.first_extra().and_behind(replaced.len()),
                (Job::Goodbye, Goodbye::Family(_), _) => self.lacking_families(index),
                (Job::Goodbye, ..) => slot.pending,
                (Job::Probe, _, Claim::Probing { sent: ..PROBES, due }) if due.is_due(now) => {
                    self.claimed_kinds(index)
                }
                (Job::Reply(row), ..) if slot.claim.is_ours() => self.wanted(row, index),
                (Job::Answers, ..) => slot.allowed(slot.pending, now),
                _ => Kinds::NONE,
            };
            let Some(slot) = self.slot_mut(index) else { continue };
            slot.asked = asked;
            if job != Job::Answers {
                any |= !slot.asked.is_empty();
            } else if !slot.pending.is_empty() && slot.due.is_due(now) {
                any |= !slot.asked.is_empty();
                // All of it was multicast a moment ago.
                if slot.asked.is_empty() {
                    slot.put_off(now);
                }
            }
        }
        any
    }

    /// Writes a packet of what `asked` holds, as much of it as fits, and tells how long it is.
    fn write(&mut self, job: Job, buf: &mut [u8]) -> usize {
        let (mut id, mut legacy) = (0, None);
        let (mut flags, mut section, mut style) =
            (Bits::QR.with(Bits::AA), Section::Answer, Style::Announced);
        if job == Job::Probe {
            (flags, section, style) = (Bits::default(), Section::Authority, Style::Proposed);
        }
        if let Job::Reply(row) = job
            && let Some(&Reply { usage: Use::Legacy(echo), .. }) = self.replies.get(row)
        {
            (id, style, legacy) = (echo.id, Style::Legacy, Some(echo));
        }
        // Names in SRV and NSEC are compressed for mDNS alone (M-18.14-1, M-18.14-2).
        let compression = if legacy.is_some() { Compression::Unicast } else { Compression::Multicast };
        let mut limit = MAX_SHARED_PACKET;
        loop {
            let mut builder = Builder::new(buf, id, flags).with_compression(compression);
            builder.set_limit(limit);
            legacy.into_iter().for_each(|echo| self.write_echo(&mut builder, echo));
            let mut complete = job != Job::Probe || self.write_questions(&mut builder);
            self.slots.iter_mut().for_each(|slot| slot.written = Kinds::NONE);
            for index in 0..self.slots.len() {
                let Some(slot) = self.slot(index) else { continue };
                let (asked, style) = match (job, slot.goodbye) {
                    (Job::Goodbye, Goodbye::Label(..)) if slot.flags.has(Flags::LOST) => {
                        (slot.asked, Style::Yielded)
                    }
                    (Job::Goodbye, Goodbye::Label(..) | Goodbye::Name) => (slot.asked, Style::Goodbye),
                    (Job::Goodbye, _) => (slot.asked, Style::Yielded),
                    _ => (slot.asked, style),
                };
                let left = asked.without(slot.written);
                let written = self.put_kinds(&mut builder, section, index, left, style);
                complete &= written == left;
                self.note_written(index, written);
            }
            if complete && matches!(job, Job::Reply(_) | Job::Answers) {
                self.write_additionals(&mut builder, style, job == Job::Answers);
            }
            if job == Job::Probe {
                if complete {
                    return builder.len();
                }
                if self.spare_last_probe() {
                    continue;
                }
            } else if builder.section().is_some() {
                if !complete && legacy.is_some() {
                    builder.set_flags(Bits::TC);
                }
                return builder.len();
            }
            if complete || limit == MAX_PACKET {
                return 0;
            }
            // One record that is longer than a packet should be goes alone, and is probed for so (M-17-1, P27).
            limit = MAX_PACKET;
            if job != Job::Probe {
                let mut first = true;
                for slot in self.slots.iter_mut() {
                    slot.asked = if first { slot.asked.first() } else { Kinds::NONE };
                    first &= slot.asked.is_empty();
                }
            }
        }
    }

    /// Notes what slot `index` has in the packet. A type that it lists is listed for all services of that type: none of
    /// them repeats it, now or within its second (S-9-1, M-6-6).
    fn note_written(&mut self, index: usize, written: Kinds) {
        let Some(slot) = self.slot_mut(index) else { return };
        slot.written = slot.written.with(written);
        if written.has(Kinds::TYPE) {
            let service_type = slot.owner.service_type();
            for slot in self.slots.iter_mut().filter(|slot| slot.has_type(service_type)) {
                slot.written = slot.written.with(Kinds::TYPE);
            }
        }
    }

    /// Repeats the question of a legacy query before its answers: a courtesy, which they need not wait for (M-6.7-1).
    ///
    /// Never inlined: a record stands on the stack here.
    #[inline(never)]
    fn write_echo(&self, builder: &mut Builder<'_>, echo: Echo) {
        // The record that it was asked for, or where that is gone, any, if nothing else was asked.
        for is_gone in [false, true] {
            for index in 0..self.slots.len() {
                let asked = self.slot(index).map_or(Kinds::NONE, |slot| slot.asked);
                let (mut records, mut nth) = (self.records(index), 0);
                while let Some(record) = records.next() {
                    let answers = usize::from(echo.index) == index && nth == echo.nth;
                    if asked.has(record.kind) && (answers || is_gone && echo.is_only) {
                        let _ = put_question(builder, &record.owner, echo.qtype, echo.class);
                        return;
                    }
                    nth += 1;
                }
            }
        }
    }

    /// Which record of slot `index` is the first of these kinds that has this owner name.
    pub(super) fn first_of(&self, index: usize, name: &Name<'_>, kinds: Kinds) -> u16 {
        let (mut records, mut nth) = (self.records(index), 0);
        while let Some(record) = records.next() {
            if kinds.has(record.kind) && record.owner.is(name) {
                break;
            }
            nth += 1;
        }
        nth
    }

    /// A question for each name that is probed for (M-8.1-3, M-8.1-4). Tells whether all fit.
    fn write_questions(&self, builder: &mut Builder<'_>) -> bool {
        let class = Class::IN.0 | if self.config.unicast_answers { Class::TOP } else { 0 };
        let mut probed = self.slots.iter().filter(|slot| !slot.asked.is_empty());
        probed.all(|slot| put_question(builder, &slot.name(), Type::ANY, class).is_ok())
    }

    /// Leaves the last name that is probed for to another packet, unless it is the only one.
    fn spare_last_probe(&mut self) -> bool {
        let mut probed = self.slots.iter_mut().filter(|slot| !slot.asked.is_empty());
        let last = probed.next_back();
        let spares = probed.next().is_some();
        if let (Some(last), true) = (last, spares) {
            last.asked = Kinds::NONE;
        }
        spares
    }

    /// SRV, TXT and addresses beside PTR, addresses beside SRV, the other family beside one family, and that there is
    /// none (S-12.1-1, S-12.2-1, M-6.2-1, M-6.1-3); what does not fit is left out (S-12-1). What goes to the group
    /// keeps its distance to the last time.
    fn write_additionals(&mut self, builder: &mut Builder<'_>, style: Style, to_group: bool) {
        for index in 0..self.slots.len() {
            let Some(&Slot { owner, written, .. }) = self.slot(index) else { continue };
            let mut helps = index;
            if let Owner::Service(service) = owner {
                let points = written.has(Kinds::POINTERS);
                if points {
                    self.write_beside(builder, index, Kinds::SRV.with(Kinds::TXT), style, to_group);
                } else if !written.has(Kinds::SRV) {
                    continue;
                }
                helps = service.host.index.into();
            } else if !written.has(Kinds::A.with(Kinds::AAAA)) {
                continue;
            }
            self.slot_mut(helps).into_iter().for_each(|slot| slot.flags.set(Flags::HELPS, true));
        }
        for index in 0..self.slots.len() {
            let all = self.claimed_kinds(index);
            let Some(slot) = self.slot_mut(index) else { continue };
            let helps = slot.flags.has(Flags::HELPS) && slot.is_host() && slot.claim.is_ours();
            slot.flags.set(Flags::HELPS, false);
            if helps {
                let both = Kinds::A.with(Kinds::AAAA);
                let missing = if both.without(all).is_empty() { Kinds::NONE } else { Kinds::NSEC };
                self.write_beside(builder, index, both.only(all).with(missing), style, to_group);
            }
        }
    }

    /// Always inlined: nothing lies deeper on the stack than what it calls.
    #[inline(always)]
    fn write_beside(
        &mut self,
        builder: &mut Builder<'_>,
        index: usize,
        kinds: Kinds,
        style: Style,
        to_group: bool,
    ) {
        let Some(slot) = self.slot(index) else { return };
        let mut kinds = kinds.without(slot.written);
        if to_group {
            kinds = slot.allowed(kinds.only(slot.helps), self.now);
        }
        let written = self.put_kinds(builder, Section::Additional, index, kinds, style);
        self.slot_mut(index).into_iter().for_each(|slot| slot.written = slot.written.with(written));
    }

    /// Notes what became of what was asked; `nothing` of it has fitted even a packet of its own.
    #[inline(never)]
    fn note(&mut self, job: Job, nothing: bool) {
        let (now, mut over) = (self.now, true);
        for index in 0..self.slots.len() {
            let Some(slot) = self.slot_mut(index) else { continue };
            let (asked, written) = (slot.asked, slot.written);
            let gave_up = nothing && !asked.without(written).is_empty();
            match job {
                Job::Reply(row) => {
                    // What did not fit goes in a further reply, except to a legacy asker, who was told by TC.
                    let rest = self.wanted(row, index).without(written);
                    self.set_wanted(row, index, rest);
                    over &= rest.is_empty();
                    continue;
                }
                Job::Probe => match &mut slot.claim {
                    Claim::Probing { .. } if gave_up => slot.claim = Claim::Idle,
                    Claim::Probing { sent, due } if !asked.is_empty() => {
                        (*sent, *due) = (*sent + 1, now.after(250));
                    }
                    _ => continue,
                },
                Job::Goodbye => match slot.goodbye {
                    Goodbye::Nothing => continue,
                    Goodbye::Family(_) => slot.goodbye = Goodbye::Nothing,
                    Goodbye::Extra(replaced) => {
                        // The rest goes in a further packet, but for one that fits none.
                        let first = slot.first_extra();
                        let gone = (0..replaced.len()).take_while(|&nth| written.has(first.nth(nth))).count();
                        // A first one too long for a packet with others is passed over: its TTL ends it.
                        let passed = nothing || !written.is_empty();
                        slot.goodbye = match replaced.get(gone.max(passed.into())..) {
                            Some(rest @ [_, ..]) => Goodbye::Extra(rest),
                            _ => Goodbye::Nothing,
                        };
                    }
                    Goodbye::Name | Goodbye::Label(..) => {
                        if let Goodbye::Name = slot.goodbye {
                            slot.note_sent(written, now);
                        }
                        slot.pending = slot.pending.without(written);
                        // What does not fit a packet of its own was never announced either.
                        if slot.pending.is_empty() || nothing {
                            slot.has_left();
                        }
                    }
                },
                Job::Answers => {
                    slot.note_sent(written, now);
                    slot.helps = Kinds::ALL;
                    slot.pending = slot.pending.without(written);
                    if gave_up {
                        slot.pending = slot.pending.without(asked);
                    }
                    slot.relax(written);
                }
            }
            if gave_up && job != Job::Goodbye {
                slot.news.add(News::TOO_LARGE);
            }
            self.has_news = true;
        }
        if let Job::Reply(row) = job
            && let Some(reply) = self.replies.get_mut(row)
        {
            let over = over || nothing || matches!(reply.usage, Use::Legacy(_));
            // A further packet costs what the first one did (N3).
            let limited = !over && !self.budget.take(now);
            self.counters.limited = self.counters.limited.wrapping_add(limited.into());
            if over || limited {
                reply.usage = Use::Free;
            }
        }
    }
}

#[inline(never)]
fn put_question(
    builder: &mut Builder<'_>,
    name: &OwnName<'_>,
    qtype: Type,
    class: u16,
) -> Result<(), DoesNotFit> {
    name.read(|name| builder.put_question(&name.name(), qtype, class))
}

/// Octets of a packet of several records: what an Ethernet frame carries over IPv6 or IPv4, with some to spare for
/// options and tunnels.
const MAX_SHARED_PACKET: usize = 1_440;

/// Octets of a packet at all: 9000 with the headers of IPv6 and UDP (RFC 6762 section 17).
const MAX_PACKET: usize = 9_000 - 48;
