//! Replies that lie. What they would have us believe is in no zone.

use std::net::SocketAddr;

use dotlocal::Channel;

use super::zone;
use crate::lab::{Asked, REPLY, TC, cookie, opt};
use crate::support::octets::{Compression, encode};
use crate::support::prng::Prng;
use crate::support::{Data, Msg, R, Section, kind};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Lie {
    Id,
    Port,
    Server,
    ServerPort,
    Connection,
    Name,
    Type,
    Class,
    NoQuestion,
    TwoQuestions,
    NotAReply,
    Opcode,
    Cookie,
    TwoOpts,
    /// A whole message less some octets.
    Cut,
    /// Counts that promise more records than there are.
    Counts,
    /// Data that is longer than its message, or than its type.
    Length,
    /// Names that point to themselves, or on.
    Pointer,
    /// The truth, with other names' records in all sections.
    Extra,
    /// An answer about another name alone.
    Another,
    /// Nothing but records of another class.
    AnotherClass,
    /// The name is an alias of itself.
    Ring,
    /// The name is an alias over too many names.
    Chain,
}

impl Lie {
    pub(crate) const ALL: [Lie; 23] = [
        Lie::Id,
        Lie::Port,
        Lie::Server,
        Lie::ServerPort,
        Lie::Connection,
        Lie::Name,
        Lie::Type,
        Lie::Class,
        Lie::NoQuestion,
        Lie::TwoQuestions,
        Lie::NotAReply,
        Lie::Opcode,
        Lie::Cookie,
        Lie::TwoOpts,
        Lie::Cut,
        Lie::Counts,
        Lie::Length,
        Lie::Pointer,
        Lie::Extra,
        Lie::Another,
        Lie::AnotherClass,
        Lie::Ring,
        Lie::Chain,
    ];

    /// Whether it says of the name itself that it leads nowhere.
    pub(crate) fn is_without_end(self) -> bool {
        matches!(self, Lie::Ring | Lie::Chain)
    }
}

/// Where from, where to, what. `truth` is what an honest server would say.
pub(crate) fn tell(lie: Lie, asked: &Asked, truth: &Msg, prng: &mut Prng) -> (SocketAddr, Channel, Vec<u8>) {
    let (mut source, mut channel) = (asked.server, asked.channel);
    let mut message = asked.reply(REPLY, "");
    let question = message.questions[0].clone();
    let forged = |name: &str| zone::forged(&name.parse().unwrap(), question.qtype);
    message.records = vec![(Section::Answer, zone::forged(&question.name, question.qtype))];
    match lie {
        Lie::Id => message.id ^= 1 << prng.below(16),
        Lie::Port => channel = Channel::Udp(asked.port() ^ 1 << prng.below(16)),
        Lie::Server => source.set_ip("203.0.113.53".parse().unwrap()),
        Lie::ServerPort => source.set_port(prng.pick(&[0, 52, 5353, 40_000])),
        Lie::Connection => channel = Channel::Tcp(asked.port()),
        Lie::Name => message.questions[0].name = "bank.example.org".parse().unwrap(),
        Lie::Type => message.questions[0].qtype ^= 1 << prng.below(8),
        Lie::Class => message.questions[0].class = prng.pick(&[0, 3, 4, 254, 255]),
        Lie::NoQuestion => message.questions.clear(),
        Lie::TwoQuestions => message.questions.push(question.clone()),
        Lie::NotAReply => message.flags &= 0x7FFF,
        Lie::Opcode => message.flags |= (1 + prng.below(15) as u16) << 11,
        Lie::Cookie => message.records.push(opt(0, &cookie(b"no-cookie-of-you"))),
        Lie::TwoOpts => message.records.extend([opt(0, &[]), opt(0, &[])]),
        Lie::Cut | Lie::Counts | Lie::Length | Lie::Pointer => {}
        Lie::Extra => {
            message = truth.clone();
            for (index, name) in ["bank.example", "cam.example", "web.example", "example."].iter().enumerate()
            {
                if zone::fold(&question.name) != name.parse().unwrap() {
                    let section = [Section::Answer, Section::Authority, Section::Additional][index % 3];
                    message.records.insert(0, (section, forged(name)));
                }
            }
            message.records.sort_by_key(|(section, _)| *section);
        }
        Lie::Another => message.records = vec![(Section::Answer, forged("another.example"))],
        Lie::AnotherClass => message.records[0].1.class = 3,
        Lie::Ring => message.records = vec![alias(&question.name, &question.name)],
        Lie::Chain => {
            let mut name = question.name.clone();
            message.records.clear();
            for number in 0..20 {
                let next = format!("alias-{number}.example").parse().unwrap();
                message.records.push(alias(&name, &next));
                name = next;
            }
        }
    }
    if prng.one_in(8) && !matches!(lie, Lie::Extra | Lie::Ring | Lie::Chain) {
        message.flags |= TC;
    }
    let mut octets = encode(&message, Compression::Suffixes);
    let data = octets.len();
    match lie {
        Lie::Cut => octets.truncate(prng.below(octets.len() - 1) + 1),
        Lie::Counts => octets[5 + 2 * prng.below(4)] += 1 + prng.below(200) as u8,
        Lie::Length => {
            let of = if question.qtype == kind::AAAA { 16 } else { 4 };
            octets[data - of - 1] += 1 + prng.below(100) as u8;
        }
        Lie::Pointer => octets[12..14].copy_from_slice(&[0xC0, 12 + prng.below(20) as u8]),
        _ => {}
    }
    (source, channel, octets)
}

fn alias(name: &crate::support::Name, target: &crate::support::Name) -> (Section, R) {
    let data = Data::Name(target.clone());
    (Section::Answer, R { name: name.clone(), ttl: 300, flush: false, class: 1, rtype: kind::CNAME, data })
}
