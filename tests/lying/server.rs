//! The servers of a run: honest, dead, lame, slow, old, or lying.

use std::net::SocketAddr;

use dotlocal::Channel;

use super::lie::{self, Lie};
use super::zone;
use crate::lab::{AA, Asked, REPLY, TC, cookie, opt};
use crate::support::octets::{Compression, encode};
use crate::support::prng::Prng;
use crate::support::{Msg, R, Section};

/// How a server answers datagrams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    Honest,
    Dead,
    /// The network says that nobody is there.
    Unreachable,
    /// It takes so many milliseconds more.
    Slow(u64),
    /// It knows only who else could know.
    Lame,
    /// It answers with this code.
    Fails(u16),
    /// It answers EDNS with this code.
    KnowsNoEdns(u16),
    /// It does not answer EDNS at all.
    DropsEdns,
    /// It answers with the question in small letters.
    ChangesCase,
    /// It sets TC on answers that are whole, or (`empty`) sends none at all.
    Truncates {
        empty: bool,
    },
    /// It wants its cookie.
    WantsCookie,
    /// Once in a while it lies, and tells the truth behind it or not.
    Lies,
}

/// How a server answers connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tcp {
    Works,
    Refuses,
    /// Nothing comes.
    Dead,
    /// The connection is closed in the middle of the answer.
    Cuts,
    /// An octet at a time, each so many milliseconds behind the other.
    Trickles(u64),
    /// The length in front is this much off.
    Lengthens(i32),
    /// The answer is one to something else.
    Lies,
}

#[derive(Clone, Debug)]
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) manner: Manner,
    pub(crate) tcp: Tcp,
    pub(crate) has_edns: bool,
    pub(crate) has_cookies: bool,
    /// Milliseconds from the query to the reply, at least and at most.
    pub(crate) delay: (u64, u64),
    /// Datagrams that are lost each way, of a thousand.
    pub(crate) loss: usize,
    /// Replies that come twice, of a thousand.
    pub(crate) twice: usize,
}

/// What a server sends, so long after the query has left.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) after: u64,
    pub(crate) source: SocketAddr,
    pub(crate) channel: Channel,
    pub(crate) octets: Vec<u8>,
    /// What honest failure it may lead to.
    pub(crate) lie: Option<Lie>,
}

impl Server {
    /// Whether what it says is true, and never the last word that there is no answer.
    pub(crate) fn lets_others_answer(&self, has_stream: bool) -> bool {
        let by_stream = matches!(self.tcp, Tcp::Works | Tcp::Refuses | Tcp::Cuts | Tcp::Lies);
        let is_final = match self.manner {
            Manner::Lies => true,
            // What it could not send is taken for all that there is.
            Manner::Truncates { .. } => !has_stream || self.tcp != Tcp::Works,
            _ => false,
        };
        !is_final && by_stream
    }

    pub(crate) fn is_sure(&self, has_stream: bool) -> bool {
        let is_honest = matches!(self.manner, Manner::Honest | Manner::ChangesCase | Manner::WantsCookie)
            || matches!(self.manner, Manner::KnowsNoEdns(_) | Manner::Slow(0..=2_000));
        is_honest && has_stream && self.tcp == Tcp::Works && self.loss == 0
    }

    /// What comes of a query.
    pub(crate) fn serve(&self, asked: &Asked, prng: &mut Prng) -> Vec<Sent> {
        let (low, high) = self.delay;
        let after = low + prng.below((high - low) as usize + 1) as u64;
        if asked.by_tcp() {
            return self.serve_stream(asked, after, prng);
        }
        if self.manner == Manner::Unreachable {
            return vec![Sent { after: 1, ..self.sent(asked, Vec::new()) }];
        }
        let is_lost = |prng: &mut Prng| prng.below(1_000) < self.loss;
        if is_lost(prng) {
            return Vec::new();
        }
        let mut all = self.datagrams(asked, after, prng);
        all.retain(|_| !is_lost(prng));
        if prng.below(1_000) < self.twice {
            all.extend(all.first().cloned().map(|sent| Sent { after: sent.after + 40, ..sent }));
        }
        all
    }

    fn datagrams(&self, asked: &Asked, after: u64, prng: &mut Prng) -> Vec<Sent> {
        let with_edns = asked.payload_size().is_some();
        let code = |code| vec![self.reply(asked, after, &asked.reply(REPLY | code, ""))];
        match self.manner {
            Manner::Dead | Manner::Unreachable => Vec::new(),
            Manner::Fails(rcode) => code(rcode),
            Manner::KnowsNoEdns(rcode) if with_edns => code(rcode),
            Manner::DropsEdns if with_edns => Vec::new(),
            Manner::Lame => {
                let text = "| auth example. 300 NS ns.example | add ns.example 300 A 203.0.113.66";
                vec![self.reply(asked, after, &asked.reply(0x8100 | prng.pick(&[0, AA]), text))]
            }
            Manner::WantsCookie if with_edns && asked.cookie().len() == 8 => {
                let mut message = asked.reply(REPLY | 7, "");
                message.records.push(self.opt(asked, 1 << 24));
                vec![self.reply(asked, after, &message)]
            }
            Manner::Slow(millis) => vec![self.truth(asked, after + millis)],
            Manner::Truncates { empty } => {
                let mut message = self.whole(asked);
                message.flags |= TC;
                message.records.retain(|(_, record)| !empty || record.rtype == 41);
                vec![self.reply(asked, after, &message)]
            }
            Manner::ChangesCase => {
                let mut message = self.whole(asked);
                message.questions[0].name = zone::fold(&message.questions[0].name);
                vec![self.reply(asked, after, &self.cut(asked, message))]
            }
            Manner::Lies => {
                let lie = prng.pick(&Lie::ALL);
                let truth = self.truth(asked, after);
                let (source, channel, octets) =
                    lie::tell(lie, asked, &self.cut(asked, self.whole(asked)), prng);
                let mut all = vec![Sent { after, source, channel, octets, lie: Some(lie) }];
                all.extend(prng.one_in(2).then(|| Sent { after: truth.after + 5, ..truth }));
                all
            }
            _ => vec![self.truth(asked, after)],
        }
    }

    fn serve_stream(&self, asked: &Asked, after: u64, prng: &mut Prng) -> Vec<Sent> {
        // Connections cost one more way there and back.
        let mut at = 2 * after;
        let mut message = self.whole(asked);
        let mut end = None;
        let closed = Sent { after: at, ..self.sent(asked, Vec::new()) };
        if self.manner == Manner::Dead || self.tcp == Tcp::Dead {
            return Vec::new();
        }
        if self.manner == Manner::Unreachable || self.tcp == Tcp::Refuses {
            return vec![closed];
        }
        if let Manner::Fails(rcode) = self.manner {
            message = asked.reply(REPLY | rcode, "");
        }
        if self.tcp == Tcp::Lies {
            message = asked.reply(REPLY, "");
            message.records =
                vec![(Section::Answer, zone::forged(&message.questions[0].name, message.questions[0].qtype))];
            message.id ^= 1 << prng.below(16);
        }
        let octets = encode(&message, Compression::Suffixes);
        let off = if let Tcp::Lengthens(off) = self.tcp { off } else { 0 };
        let length = (octets.len() as i32 + off).clamp(0, 65_535) as u16;
        let mut octets = [&length.to_be_bytes(), octets.as_slice()].concat();
        if self.tcp == Tcp::Cuts {
            octets.truncate(prng.below(octets.len()));
            end = Some(1);
        }
        let (size, pause) = match self.tcp {
            Tcp::Trickles(millis) => (1, millis),
            _ => (prng.pick(&[1, 2, 7, 500, 2_000]), prng.pick(&[0, 0, 1, 3])),
        };
        let mut pieces = Vec::new();
        for piece in octets.chunks(size) {
            pieces.push(Sent { after: at, ..self.sent(asked, piece.to_vec()) });
            at += pause;
        }
        pieces.push(Sent { after: at + end.unwrap_or(200), ..closed });
        pieces
    }

    /// The true answer, as far as it fits.
    fn truth(&self, asked: &Asked, after: u64) -> Sent {
        self.reply(asked, after, &self.cut(asked, self.whole(asked)))
    }

    fn whole(&self, asked: &Asked) -> Msg {
        let mut message = asked.reply(REPLY, "");
        let (records, rcode) = zone::answer(&message.questions[0]);
        message.flags |= rcode;
        message.records = records;
        if self.has_edns && asked.payload_size().is_some() {
            message.records.push(self.opt(asked, 0));
        }
        message
    }

    fn opt(&self, asked: &Asked, ttl: u32) -> (Section, R) {
        let ours = asked.cookie();
        let options = match ours.get(..8) {
            Some(client) if self.has_cookies || self.manner == Manner::WantsCookie => {
                cookie(&[client, b"of-this."].concat())
            }
            _ => Vec::new(),
        };
        opt(ttl, &options)
    }

    /// As much of it as the client takes in one datagram, with TC where that is not all.
    fn cut(&self, asked: &Asked, mut message: Msg) -> Msg {
        let limit = asked.payload_size().filter(|_| self.has_edns).map_or(512, usize::from);
        while encode(&message, Compression::Suffixes).len() > limit {
            message.flags |= TC;
            let last = message.records.iter().rposition(|(_, record)| record.rtype != 41);
            message.records.remove(last.expect("something to leave out"));
        }
        message
    }

    fn reply(&self, asked: &Asked, after: u64, message: &Msg) -> Sent {
        Sent { after, ..self.sent(asked, encode(message, Compression::Suffixes)) }
    }

    fn sent(&self, asked: &Asked, octets: Vec<u8>) -> Sent {
        Sent { after: 0, source: self.address, channel: asked.channel, octets, lie: None }
    }
}
