//! What leaves: goodbyes, probes, replies to single hosts, answers to the group, each with what helps beside it.

use super::Responder;
use super::records::Style;
use super::reply::{Reply, Use};
use super::slot::{Claim, Flags, Goodbye, Kinds, News, Owner, Slot};
use crate::driver::Destination;
use crate::mdns::responder::claim::PROBES;
use crate::wire::{Builder, Class, Compression, Flags as Bits, Section, Type};

/// What a packet is.
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
    pub(super) fn transmit(&mut self, buf: &mut [u8]) -> Option<(Destination, usize)> {
        while let Some(job) = self.next_job() {
            let (to, len) = match job {
                Job::Probe => (Destination::Multicast, self.write_probe(buf)),
                _ => self.write(job, buf),
            };
            if len > 0 {
                return Some((to, len));
            }
        }
        None
    }

    /// What is due, with what each slot has to say in it in `asked`.
    fn next_job(&mut self) -> Option<Job> {
        let now = self.now;
        let mut job = None;
        for slot in self.slots.iter_mut() {
            slot.asked = Kinds::NONE;
            slot.asked = match slot.goodbye {
                Goodbye::Nothing => continue,
                Goodbye::Extra(replaced) => slot.first_extra().and_behind(replaced.len()),
                Goodbye::Name | Goodbye::Label(..) => slot.pending,
            };
            job = Some(Job::Goodbye);
        }
        if job.is_some() {
            return job;
        }
        for index in 0..self.slots.len() {
            let kinds = self.claimed_kinds(index);
            if let Some(slot) = self.slot_mut(index)
                && matches!(slot.claim, Claim::Probing { sent: ..PROBES, due } if due.is_due(now))
            {
                slot.asked = kinds;
                job = Some(Job::Probe);
            }
        }
        if job.is_some() {
            return job;
        }
        let due = |reply: &Reply| !matches!(reply.usage, Use::Free | Use::Gather) && reply.due.is_due(now);
        if let Some(row) = self.replies.iter().position(due) {
            for index in 0..self.slots.len() {
                let wanted = self.wanted(row, index);
                if let Some(slot) = self.slot_mut(index).filter(|slot| slot.claim.is_ours()) {
                    slot.asked = wanted;
                }
            }
            return Some(Job::Reply(row));
        }
        for slot in self.slots.iter_mut() {
            slot.asked = slot.allowed(slot.pending, now);
            if !slot.pending.is_empty() && slot.due.is_due(now) {
                if slot.asked.is_empty() {
                    slot.put_off(now);
                } else {
                    job = Some(Job::Answers);
                }
            }
        }
        job
    }

    /// Questions for as many names as fit, then the records that are proposed for them (M-8.1-3, M-8.1-4).
    fn write_probe(&mut self, buf: &mut [u8]) -> usize {
        let class = Class::IN.0 | if self.config.unicast_answers { Class::TOP } else { 0 };
        let mut limit = MAX_SHARED_PACKET;
        loop {
            let mut builder = Builder::new(buf, 0, Bits::default()).with_compression(Compression::Multicast);
            builder.set_limit(limit);
            let (mut fits, mut last) = (true, None);
            for slot in self.slots.iter().filter(|slot| !slot.asked.is_empty()) {
                fits &= builder.put_question(&slot.name().to_buf().name(), Type::ANY, class).is_ok();
            }
            for index in 0..self.slots.len() {
                let asked = self.slot(index).map_or(Kinds::NONE, |slot| slot.asked);
                if !asked.is_empty() {
                    let put = self.put_kinds(&mut builder, Section::Authority, index, asked, Style::Proposed);
                    (fits, last) = (fits && put == asked, Some(index));
                }
            }
            let len = builder.len();
            let Some(last) = last else { return 0 };
            if fits {
                let now = self.now;
                for slot in self.slots.iter_mut().filter(|slot| !slot.asked.is_empty()) {
                    if let Claim::Probing { sent, .. } = slot.claim {
                        slot.claim = Claim::Probing { sent: sent + 1, due: now.after(250) };
                    }
                }
                return len;
            }
            // The last one waits for the next packet; when it is alone, it is told once, and given up.
            let alone = self.slots.iter().filter(|slot| !slot.asked.is_empty()).count() == 1;
            if alone && limit == MAX_SHARED_PACKET {
                // A record that is longer than a packet should be goes alone (M-17-1).
                limit = MAX_PACKET;
                continue;
            }
            if let Some(slot) = self.slot_mut(last) {
                slot.asked = Kinds::NONE;
                if alone {
                    slot.claim = Claim::Idle;
                    self.tell(last, News::TOO_LARGE);
                }
            }
        }
    }

    /// Writes a packet of answers, and notes what became of them.
    fn write(&mut self, job: Job, buf: &mut [u8]) -> (Destination, usize) {
        let (mut to, mut id, mut style) = (Destination::Multicast, 0, Style::Announced);
        let mut legacy = None;
        if let Job::Reply(row) = job
            && let Some(reply) = self.replies.get(row)
        {
            to = Destination::Unicast(reply.to);
            if let Use::Legacy(echo) = reply.usage {
                (id, style, legacy) = (echo.id, Style::Legacy, Some(echo));
            }
        }
        // Names in SRV and NSEC are compressed for mDNS alone (M-18.14-1, M-18.14-2).
        let compression = if legacy.is_some() { Compression::Unicast } else { Compression::Multicast };
        let mut builder = Builder::new(buf, id, Bits::QR.with(Bits::AA)).with_compression(compression);
        builder.set_limit(MAX_SHARED_PACKET);
        if let Some(echo) = legacy {
            let mut name = None;
            self.each_record(echo.index.into(), echo.kind, &mut |_, record| {
                name.get_or_insert_with(|| record.owner.to_buf());
            });
            if let Some(name) = name {
                // The question of a legacy reply is a courtesy (RFC 6762 section 6.7); the answers go first.
                let _ = builder.put_question(&name.name(), echo.qtype, echo.class);
            }
        }
        self.says_goodbye = job == Job::Goodbye;
        let complete = self.write_answers(&mut builder, style);
        if builder.section().is_none() && !complete {
            // One record that is longer than a packet should be goes alone (M-17-1, P27).
            builder.set_limit(MAX_PACKET);
            let mut found = false;
            for slot in self.slots.iter_mut() {
                slot.asked = if found { Kinds::NONE } else { slot.asked.first() };
                found |= !slot.asked.is_empty();
            }
            self.write_answers(&mut builder, style);
        }
        self.says_goodbye = false;
        if complete && job != Job::Goodbye {
            self.write_additionals(&mut builder, style, job == Job::Answers);
        } else if legacy.is_some() {
            builder.set_flags(Bits::TC);
        }
        let len = if builder.section().is_some() { builder.len() } else { 0 };
        match job {
            Job::Reply(row) => self.note_reply(row, len == 0 || legacy.is_some()),
            Job::Goodbye => self.note_goodbyes(len == 0),
            Job::Answers | Job::Probe => self.note_answers(len == 0),
        }
        (to, len)
    }

    /// Writes what each slot's `asked` holds, and leaves what was written in `written`. Tells whether all has fitted.
    fn write_answers(&mut self, builder: &mut Builder<'_>, style: Style) -> bool {
        let mut complete = true;
        for index in 0..self.slots.len() {
            let Some(slot) = self.slot(index) else { continue };
            let (asked, style) = match slot.goodbye {
                Goodbye::Name if self.says_goodbye => (slot.asked, Style::Goodbye),
                _ if self.says_goodbye => (slot.asked, Style::Yielded),
                _ => (slot.asked, style),
            };
            let written = self.put_kinds(builder, Section::Answer, index, asked, style);
            complete &= written == asked;
            self.slot_mut(index).into_iter().for_each(|slot| slot.written = written);
        }
        complete
    }

    /// SRV, TXT and addresses beside PTR, addresses beside SRV, the other family beside one family, and that there is
    /// none (S-12.1-1, S-12.2-1, M-6.2-1, M-6.1-3); what does not fit is left out (S-12-1). What goes to the group
    /// keeps its distance to the last time.
    fn write_additionals(&mut self, builder: &mut Builder<'_>, style: Style, to_group: bool) {
        for index in 0..self.slots.len() {
            let Some(&Slot { owner, written, .. }) = self.slot(index) else { continue };
            match owner {
                Owner::Service(service) => {
                    // Behind SRV and TXT, PTRs alone.
                    let points = written.has(Kinds::PTR.from_here_on().without(Kinds::TYPE));
                    if points {
                        self.write_beside(builder, index, Kinds::SRV.with(Kinds::TXT), style, to_group);
                    }
                    if points || written.has(Kinds::SRV) {
                        let host = self.slot_mut(service.host.index.into());
                        host.into_iter().for_each(|slot| slot.flags.set(Flags::HELPS, true));
                    }
                }
                Owner::Host(..) | Owner::Other(..) if written.has(Kinds::A.with(Kinds::AAAA)) => {
                    self.slot_mut(index).into_iter().for_each(|slot| slot.flags.set(Flags::HELPS, true));
                }
                _ => {}
            }
        }
        for index in 0..self.slots.len() {
            let all = self.kinds_of(index, |_| true);
            let Some(slot) = self.slot_mut(index).filter(|slot| slot.flags.has(Flags::HELPS)) else {
                continue;
            };
            slot.flags.set(Flags::HELPS, false);
            let both = Kinds::A.with(Kinds::AAAA);
            let missing = if both.without(all).is_empty() { Kinds::NONE } else { Kinds::NSEC };
            if slot.claim.is_ours() {
                self.write_beside(builder, index, both.with(missing), style, to_group);
            }
        }
    }

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
        if let Some(slot) = self.slot_mut(index) {
            slot.written = slot.written.with(written);
        }
    }

    /// What did not fit goes in a further reply, except to a legacy asker, who was told by TC.
    fn note_reply(&mut self, row: usize, over: bool) {
        let mut done = true;
        for index in 0..self.slots.len() {
            let Some(slot) = self.slot(index) else { continue };
            let rest = self.wanted(row, index).without(slot.written);
            self.set_wanted(row, index, rest);
            done &= rest.is_empty() || over;
        }
        self.replies.get_mut(row).filter(|_| done).into_iter().for_each(|reply| reply.usage = Use::Free);
    }

    fn note_goodbyes(&mut self, nothing_fits: bool) {
        for slot in self.slots.iter_mut() {
            if let Goodbye::Extra(replaced) = slot.goodbye {
                // The rest goes in a further packet, but for one that fits none.
                let (first, written) = (slot.first_extra(), slot.written);
                let gone = (0..replaced.len()).take_while(|&nth| written.has(first.nth(nth))).count();
                let tried = !written.is_empty() || nothing_fits && !slot.asked.is_empty();
                slot.goodbye = match replaced.get(gone.max(tried.into())..) {
                    Some(rest @ [_, ..]) => Goodbye::Extra(rest),
                    _ => Goodbye::Nothing,
                };
                continue;
            }
            slot.pending = slot.pending.without(slot.written);
            // What does not fit a packet of its own was never announced either.
            if matches!(slot.goodbye, Goodbye::Nothing) || !(slot.pending.is_empty() || nothing_fits) {
                continue;
            }
            let left = matches!(slot.claim, Claim::Idle | Claim::Leaving);
            slot.has_left(left);
            self.has_news |= left;
        }
    }

    fn note_answers(&mut self, nothing_fits: bool) {
        let now = self.now;
        for slot in self.slots.iter_mut() {
            slot.note_sent(slot.written, now);
            slot.helps = Kinds::ALL;
            slot.pending = slot.pending.without(slot.written);
            let left = slot.asked.without(slot.written);
            if slot.pending.is_empty() {
                slot.flags.set(Flags::DEFEND, false);
            } else if nothing_fits && !left.is_empty() {
                // A record that does not fit a packet of its own: told once, and given up.
                slot.pending = slot.pending.without(left);
                slot.news.add(News::TOO_LARGE);
                self.has_news = true;
            } else if left.is_empty() {
                slot.put_off(now);
            }
        }
    }
}

/// Octets of a packet of several records: what an Ethernet frame carries over IPv6 or IPv4, with some to spare for
/// options and tunnels.
const MAX_SHARED_PACKET: usize = 1_440;

/// Octets of a packet at all: 9000 with the headers of IPv6 and UDP (RFC 6762 section 17).
const MAX_PACKET: usize = 9_000 - 48;
