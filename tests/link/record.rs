//! The last things that happened, kept for the picture of a run that broke something.

use std::collections::VecDeque;
use std::rc::Rc;

use super::findings::Broken;
use super::link::{Fate, Packet};
use super::svg::{Copy, Mark, Picture, Tone};
use crate::support::{Msg, Section, kind};

enum Entry {
    Said { packet: Rc<Packet>, fates: Vec<Fate> },
    Told { at: u64, host: usize, text: String },
    Did { at: u64, host: Option<usize>, text: String },
    Deadline { at: u64, host: usize },
}

#[derive(Default)]
pub(crate) struct Record {
    entries: VecDeque<Entry>,
}

impl Record {
    fn add(&mut self, entry: Entry) {
        if self.entries.len() == KEPT {
            self.entries.pop_front();
        }
        self.entries.push_back(entry);
    }

    pub(crate) fn said(&mut self, packet: Rc<Packet>, fates: Vec<Fate>) {
        self.add(Entry::Said { packet, fates });
    }

    pub(crate) fn told(&mut self, at: u64, host: usize, text: String) {
        self.add(Entry::Told { at, host, text });
    }

    pub(crate) fn act(&mut self, at: u64, host: Option<usize>, text: String) {
        self.add(Entry::Did { at, host, text });
    }

    pub(crate) fn deadline(&mut self, at: u64, host: usize) {
        self.add(Entry::Deadline { at, host });
    }

    /// The last packets, with all that happened between them.
    pub(crate) fn picture(&self, title: String, hosts: usize, now: u64, broken: Option<&Broken>) -> Picture {
        let mut from = 0;
        let packets =
            self.entries.iter().enumerate().filter(|(_, entry)| matches!(entry, Entry::Said { .. }));
        if let Some((index, _)) = packets.rev().nth(PACKETS - 1) {
            from = index;
        }
        let mut marks: Vec<Mark> = self.entries.iter().skip(from).map(|entry| mark(entry, now)).collect();
        if let Some(broken) = broken {
            let label = format!("broken: {:?}", broken.invariant);
            marks.push(Mark::Event { lane: broken.host, at: broken.at, label, tone: Tone::Bad });
        }
        let mut lanes: Vec<String> = (0..hosts).map(|host| format!("host {host}")).collect();
        lanes.push("observer".to_owned());
        Picture { title, lanes, marks }
    }

    /// The same as lines.
    pub(crate) fn lines(&self) -> String {
        // Whoever replays one seed wants to see it all.
        let shown = if std::env::var_os("DOTLOCAL_SEED").is_some() { KEPT } else { 60 };
        let shown = self.entries.len().saturating_sub(shown);
        let line = |entry: &Entry| match entry {
            Entry::Said { packet, fates } => {
                let lost: Vec<usize> =
                    fates.iter().filter(|fate| fate.at.is_none()).map(|fate| fate.to).collect();
                let lost = if lost.is_empty() { String::new() } else { format!("  (lost: {lost:?})") };
                let to = if packet.is_multicast() { String::new() } else { format!(" {:?}", packet.to) };
                format!(
                    "{:>9} ms  {:>2}  {}{to} {}{lost}\n",
                    packet.at, packet.from, packet.source, packet.message
                )
            }
            Entry::Told { at, host, text } => format!("{at:>9} ms  {host:>2}  told {text}\n"),
            Entry::Did { at, host: Some(host), text } => format!("{at:>9} ms  {host:>2}  {text}\n"),
            Entry::Did { at, host: None, text } => format!("{at:>9} ms  --  {text}\n"),
            Entry::Deadline { .. } => String::new(),
        };
        self.entries.iter().skip(shown).map(line).collect()
    }
}

fn mark(entry: &Entry, now: u64) -> Mark {
    match entry {
        Entry::Said { packet, fates } => {
            // What was on its way when the run ended is shown as arriving.
            let copy = |fate: &Fate| Copy { lane: fate.to, at: fate.at.map(|at| at.min(now.max(packet.at))) };
            let copies = fates.iter().map(copy).collect();
            Mark::Packet { lane: packet.from, at: packet.at, label: brief(&packet.message), copies }
        }
        Entry::Told { at, host, text } => {
            let tone = match text.split(' ').next() {
                Some("Established") => Tone::Good,
                _ => Tone::Plain,
            };
            Mark::Event { lane: *host, at: *at, label: text.clone(), tone }
        }
        Entry::Did { at, host: Some(host), text } => {
            Mark::Event { lane: *host, at: *at, label: text.clone(), tone: Tone::Plain }
        }
        Entry::Did { at, host: None, text } => Mark::Note { at: *at, label: text.clone() },
        Entry::Deadline { at, host } => Mark::Deadline { lane: *host, at: *at },
    }
}

/// A message in a few words: `? cam.local ANY`, `! cam.local A`.
pub(crate) fn brief(message: &Msg) -> String {
    let head = if message.is_response() { "!" } else { "?" };
    // Each name once, with its types behind it.
    let mut parts: Vec<(String, String)> = Vec::new();
    let mut add = |name: String, word: String| match parts.iter_mut().find(|(known, _)| *known == name) {
        Some((_, words)) if words.ends_with(&word) => {}
        Some((_, words)) => words.push_str(&word),
        None => parts.push((name, word)),
    };
    for question in &message.questions {
        let qu = if question.qu { " QU" } else { "" };
        add(question.name.to_string(), format!(" {}{qu}", kind::name(question.qtype)));
    }
    if message.questions.is_empty() {
        for record in message.section(Section::Answer) {
            let gone = if record.ttl == 0 { " 0" } else { "" };
            add(record.name.to_string(), format!(" {}{gone}", kind::name(record.rtype)));
        }
    }
    let shown: Vec<String> = parts.iter().take(2).map(|(name, words)| format!("{name}{words}")).collect();
    let mut text = format!("{head} {}", shown.join(", "));
    if parts.len() > 2 {
        text += &format!(" +{}", parts.len() - 2);
    }
    if text.chars().count() > 50 {
        text = text.chars().take(49).chain(['…']).collect();
    }
    text
}

/// Entries that are kept, and packets that are drawn.
const KEPT: usize = 2_000;
const PACKETS: usize = 40;
