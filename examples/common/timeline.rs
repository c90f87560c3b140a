//! Who told whom what: the packets between two endpoints, decoded from what the other one received.

use std::sync::mpsc::{self, Receiver, Sender};
use std::time::Instant;

use dotlocal::adapter::std::{Link, Traffic};
use dotlocal::name::NameBuf;
use dotlocal::wire::{Checked, Message, Type};
use serde_json::json;

use super::output::Output;
use super::svg::{Copy, Mark, Picture, Tone};
use super::{packet, trace};

/// The packets of the links that it watches.
pub(crate) struct Timeline {
    output: Output,
    start: Instant,
    sender: Sender<Packet>,
    packets: Receiver<Packet>,
    /// What was sent and has not been received yet: so that strangers' packets stay out.
    under_way: Vec<Packet>,
    /// Questions that wait for their answer.
    open: Vec<(NameBuf, Type)>,
    announcements: usize,
    /// The same for `--svg`; its lanes are those who are watched.
    picture: Picture,
}

struct Packet {
    who: &'static str,
    at_ms: u128,
    sent: bool,
    octets: Vec<u8>,
}

impl Timeline {
    pub(crate) fn new(output: Output) -> Self {
        let (sender, packets) = mpsc::channel();
        let (under_way, open) = (Vec::new(), Vec::new());
        let picture = Picture { title: "What went over the wire".to_owned(), ..Picture::default() };
        Self { output, start: Instant::now(), sender, packets, under_way, open, announcements: 0, picture }
    }

    /// Notes from now on what `who` sends and receives on `link`; with `log` it is printed as well, at once.
    pub(crate) fn watch(&mut self, link: &mut Link, who: &'static str, log: bool) {
        self.picture.lanes.push(who.to_owned());
        let (sender, start) = (self.sender.clone(), self.start);
        link.set_trace(Some(Box::new(move |traffic, octets| {
            if log {
                trace::print(who, start, traffic, octets);
            }
            let sent = match traffic {
                Traffic::Sent(_) => true,
                Traffic::Received(_) => false,
                Traffic::Unsent(..) | Traffic::Unreachable(..) => return,
            };
            // The receiver lives as long as the program.
            let _ = sender.send(Packet {
                who,
                at_ms: start.elapsed().as_millis(),
                sent,
                octets: octets.to_vec(),
            });
        })));
    }

    /// Announcements that have been received.
    pub(crate) fn announcements(&self) -> usize {
        self.announcements
    }

    /// Prints what `who` does or finds, behind the packets before it.
    pub(crate) fn step(&mut self, who: &str, what: &str) {
        self.print();
        let at_ms = self.start.elapsed().as_millis();
        let (lane, at) = (self.lane(who), at_ms as u64);
        let label = what.split([',', ':']).next().unwrap_or(what).to_owned();
        self.picture.marks.push(Mark::Event { lane, at, label, tone: Tone::Plain });
        let json = || json!({"event": "step", "at_ms": at_ms as u64, "who": who, "what": what});
        self.output.line(json, || format!("{at_ms:>6} ms  {who}  {what}"));
    }

    /// Prints the packets that have come since the last call.
    pub(crate) fn print(&mut self) {
        while let Ok(packet) = self.packets.try_recv() {
            if packet.sent {
                self.under_way.push(packet);
                continue;
            }
            // What comes back to its sender is no news.
            let same = |sent: &Packet| sent.who != packet.who && sent.octets == packet.octets;
            let Some(at) = self.under_way.iter().position(same) else { continue };
            let Packet { who: from, at_ms: sent_ms, .. } = self.under_way.remove(at);
            let Ok(message) = Message::parse(&packet.octets).and_then(|message| message.check()) else {
                continue;
            };
            let kind = self.kind(&message);
            self.picture.marks.push(Mark::Packet {
                lane: self.lane(from),
                at: sent_ms as u64,
                label: format!("{kind}  {}", packet::brief(&message)),
                copies: vec![Copy { lane: self.lane(packet.who), at: Some(packet.at_ms as u64) }],
            });
            let head = json!({"event": "packet", "at_ms": packet.at_ms as u64, "from": from, "kind": kind});
            self.output.line(
                || packet::json_behind(head, &message),
                || {
                    let lines = packet::lines(&message).into_iter().map(|line| format!("\n{:19}{line}", ""));
                    format!("{:>6} ms  {from}  {kind}{}", packet.at_ms, lines.collect::<String>())
                },
            );
        }
    }

    /// Everything so far as a picture.
    pub(crate) fn svg(&self) -> String {
        self.picture.draw()
    }

    fn lane(&self, who: &str) -> usize {
        self.picture.lanes.iter().position(|lane| lane == who).unwrap_or(0)
    }

    /// What a packet is for. Only the question before it tells an answer from an announcement.
    fn kind(&mut self, message: &Checked<'_>) -> &'static str {
        if !message.header().is_response() {
            if message.authorities().next().is_some() {
                return "probe";
            }
            self.open.extend(message.questions().map(|question| (question.name().into(), question.qtype())));
            return "query";
        }
        if message.records().all(|record| record.ttl_secs() == 0) {
            return "goodbye";
        }
        let waiting = self.open.len();
        for record in message.answers() {
            self.open.retain(|(name, qtype)| name.name() != record.name() || *qtype != record.rtype());
        }
        if self.open.len() < waiting {
            return "answer";
        }
        self.announcements += 1;
        "announcement"
    }
}
