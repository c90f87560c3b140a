//! A machine for testing the kit itself: it claims `cam.local` for 192.0.2.7 and answers under it, and tells who asks,
//! no more. With a [`Fault`] it breaks one law, and the kit has to notice.

use std::sync::atomic::{AtomicU64, Ordering};

use dotlocal::{Channel, Destination, Disposition, Instant, Meta, Reason, Transmit};

use super::message::{Data, Msg, Section, kind};
use super::octets::{Compression, decode, encode};
use super::prng::Prng;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    None,
    /// The deadline of the last announcement stays for ever.
    PastDeadline,
    /// The jitter goes on from one machine to the next.
    SharedJitter,
    /// A `handle_timeout` before its time puts a probe off.
    NervousTimeout,
    /// A broken datagram is answered.
    AnswersRubbish,
    /// A datagram that cannot be read is said to be of use.
    UsesRubbish,
    /// Deadlines are compared as numbers.
    NoWrap,
    /// Announcements that are late are left out.
    SkipsLate,
    /// What a drain has ended is told behind the next `handle_timeout`.
    WaitsForTimeout,
    /// An event that nobody has fetched is forgotten with the next datagram.
    ForgetsEvent,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ToyEvent {
    Established(String),
    Renamed(String),
    /// Somebody asks for our name and this type.
    Asked(u16),
}

pub struct Toy {
    fault: Fault,
    number: u32,
    claim: Claim,
    answer: bool,
    event: Option<ToyEvent>,
    asked: Option<u16>,
    jitter: Prng,
    was_called: bool,
}

#[derive(Clone, Copy)]
enum Claim {
    New,
    Probing { sent: u8, due: Instant },
    Announcing { sent: u8, due: Instant },
    Established { since: Instant },
}

impl Toy {
    pub fn new(fault: Fault) -> Self {
        static SHARED: AtomicU64 = AtomicU64::new(0);
        let shared = fault == Fault::SharedJitter;
        let jitter = Prng(if shared { SHARED.fetch_add(1, Ordering::Relaxed) } else { 7 });
        Self {
            fault,
            number: 1,
            claim: Claim::New,
            answer: false,
            event: None,
            asked: None,
            jitter,
            was_called: false,
        }
    }

    pub fn handle_datagram(&mut self, now: Instant, meta: Meta, bytes: &[u8]) -> Disposition {
        if self.fault == Fault::ForgetsEvent {
            self.asked = None;
        }
        let Ok(message) = decode(bytes) else {
            self.answer |= self.fault == Fault::AnswersRubbish;
            let used = self.fault == Fault::UsesRubbish;
            return if used { Disposition::Used } else { Disposition::Ignored(Reason::NotForUs) };
        };
        let port_is_wrong = meta.source.port() == 0 || message.is_response() && meta.source.port() != 5353;
        let off_link = !meta.multicast && meta.source.ip().to_string().starts_with("198.");
        if message.flags & 0x780F != 0 || port_is_wrong || off_link {
            return Disposition::Ignored(Reason::NotForUs);
        }
        let mine = |name: &super::Name| name.to_string() == self.name();
        let started = !matches!(self.claim, Claim::New | Claim::Probing { sent: 0, .. });
        let ready = matches!(self.claim, Claim::Announcing { .. } | Claim::Established { .. });
        if message.is_response() {
            let ours = Data::A(ADDRESS);
            let other =
                |record: &super::R| mine(&record.name) && record.rtype == kind::A && record.data != ours;
            if started && message.section(Section::Answer).any(other) {
                self.number += 1;
                self.claim = Claim::Probing { sent: 0, due: self.soon(now) };
                self.answer = false;
                self.event = Some(ToyEvent::Renamed(self.name()));
                return Disposition::Used;
            }
        } else if let Some(question) = message.questions.iter().find(|question| mine(&question.name)) {
            self.answer = ready;
            self.asked = Some(question.qtype);
            return Disposition::Used;
        }
        Disposition::Ignored(Reason::NotForUs)
    }

    pub fn handle_timeout(&mut self, now: Instant) {
        self.was_called = true;
        if let (Fault::NervousTimeout, Claim::Probing { due, .. }) = (self.fault, &mut self.claim)
            && !due.is_due(now)
        {
            *due = due.after(1);
        }
    }

    pub fn poll_transmit<'b>(&mut self, now: Instant, buf: &'b mut [u8]) -> Option<Transmit<'b>> {
        if matches!(self.claim, Claim::New) {
            self.claim = Claim::Probing { sent: 0, due: self.soon(now) };
        }
        let name = self.name();
        let record = |flush: &str| format!("{name} 120 {flush}A {ADDRESS}");
        if let Claim::Probing { sent: 3, due } = self.claim
            && self.is_due(due, now)
        {
            self.claim = Claim::Announcing { sent: 0, due: now };
            if self.fault == Fault::SkipsLate && now.millis_since(due) > 0 {
                self.claim = Claim::Established { since: now };
            }
            self.event = Some(ToyEvent::Established(self.name()));
        }
        let text = match self.claim {
            Claim::Probing { sent, due } if self.is_due(due, now) => {
                self.claim = Claim::Probing { sent: sent + 1, due: now.after(250) };
                format!("? {name} ANY QU | auth {}", record(""))
            }
            Claim::Announcing { sent, due } if self.is_due(due, now) => {
                self.claim = Claim::Announcing { sent: 1, due: now.after(1_000) };
                if sent == 1 {
                    self.claim = Claim::Established { since: now };
                }
                format!("! {}", record("flush "))
            }
            _ if self.answer => {
                self.answer = false;
                format!("! {}", record("flush "))
            }
            _ => return None,
        };
        let message: Msg = text.parse().unwrap();
        let octets = encode(&message, Compression::Suffixes);
        let bytes = &mut buf[..octets.len()];
        bytes.copy_from_slice(&octets);
        Some(Transmit { to: Destination::Multicast, channel: Channel::Mdns, bytes })
    }

    pub fn poll_event(&mut self) -> Option<ToyEvent> {
        if self.fault == Fault::WaitsForTimeout && !self.was_called {
            return None;
        }
        self.event.take().or_else(|| self.asked.take().map(ToyEvent::Asked))
    }

    pub fn poll_timeout(&self) -> Option<Instant> {
        match self.claim {
            Claim::Probing { due, .. } | Claim::Announcing { due, .. } => Some(due),
            Claim::Established { since } => Some(since).filter(|_| self.fault == Fault::PastDeadline),
            Claim::New => None,
        }
    }

    fn name(&self) -> String {
        if self.number == 1 { "cam.local".to_owned() } else { format!("cam-{}.local", self.number) }
    }

    fn soon(&mut self, now: Instant) -> Instant {
        now.after(self.jitter.below(251) as u32)
    }

    fn is_due(&self, due: Instant, now: Instant) -> bool {
        if self.fault == Fault::NoWrap { due.as_millis() <= now.as_millis() } else { due.is_due(now) }
    }
}

fn told(_: &Toy, event: &ToyEvent) -> (String, Option<String>) {
    let whom = if matches!(event, ToyEvent::Asked(_)) { "question" } else { "host" };
    (whom.to_owned(), Some(format!("{event:?}")))
}

super::five_calls!(Toy, ToyEvent, told);

const ADDRESS: std::net::Ipv4Addr = std::net::Ipv4Addr::new(192, 0, 2, 7);
