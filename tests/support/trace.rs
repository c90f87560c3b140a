//! Random traces of inputs from a seed, and a gallery of datagrams that have to be ignored.

use std::net::SocketAddr;

use dotlocal::Meta;

use super::clock::{LEGACY, NEIGHBOUR, NEIGHBOUR6, OTHER, STRANGER};
use super::message::Msg;
use super::octets::{Compression, encode};
use super::prng::Prng;

/// What can happen to a machine.
#[derive(Clone, Debug)]
pub enum Input {
    Hear(Meta, Vec<u8>),
    Wait(u64),
    /// A call of the application, by its index.
    Call(usize),
}

/// Inputs at random: datagrams of the vocabulary, waits that meet the deadlines of RFC 6762, and each call at
/// most once, so that no capacity decides the outcome. With `group_only` nothing is sent straight to us and no
/// one-shot querier asks.
pub fn trace(seed: u64, vocabulary: &[&str], calls: usize, group_only: bool) -> Vec<Input> {
    let mut prng = Prng(seed);
    let mut calls: Vec<usize> = (0..calls).collect();
    let mut inputs = Vec::new();
    let len = 1 + prng.below(LONGEST);
    while inputs.len() < len {
        match prng.below(10) {
            0..5 => inputs.push(Input::Wait(prng.pick(&WAITS))),
            5 if !calls.is_empty() => inputs.push(Input::Call(calls.remove(prng.below(calls.len())))),
            _ => {
                let text = prng.pick(vocabulary);
                let one_shot = text.starts_with('?') && !group_only && prng.below(4) == 0;
                let source = if one_shot { LEGACY } else { prng.pick(&[NEIGHBOUR, OTHER, NEIGHBOUR6]) };
                let multicast = group_only || prng.below(4) > 0;
                let octets = encode(&message(text), prng.pick(&[Compression::None, Compression::Suffixes]));
                inputs.push(Input::Hear(Meta::mdns(source, multicast), octets));
            }
        }
    }
    inputs
}

/// A datagram that is broken or inadmissible, made from a sound one of the vocabulary. `knows_its_link`: an
/// address off the link can be told.
pub fn hostile(prng: &mut Prng, vocabulary: &[&str], knows_its_link: bool) -> (Meta, Vec<u8>) {
    let message = message(prng.pick(vocabulary));
    let mut octets = encode(&message, Compression::Suffixes);
    let mut meta = Meta::mdns(prng.pick(&[NEIGHBOUR, OTHER]), true);
    let port = |port| SocketAddr::new(NEIGHBOUR.ip(), port);
    match prng.below(10) {
        0 => octets = (0..prng.below(12)).map(|_| prng.next() as u8).collect(),
        // The counts promise more than a cut message has.
        1 => octets.truncate(12 + prng.below(octets.len() - 12)),
        2 => octets[11] += 1,
        3 => octets[4 + 2 * prng.below(4)] = 0xFF,
        // The first name: a pointer to itself, into the header, a label type that does not exist.
        4 => octets[12..14].copy_from_slice(&[0xC0, 12]),
        5 => octets[12..14].copy_from_slice(&[0xC0, prng.below(12) as u8]),
        6 => octets[12] = prng.pick(&[0x40, 0x7F, 0x80, 0xBF]),
        7 => octets[2] |= (1 + prng.below(15) as u8) << 3,
        8 => octets[3] |= 1 + prng.below(15) as u8,
        _ if message.is_response() => meta.source = port(prng.pick(&[0, 53, 40_000])),
        _ if knows_its_link => meta = Meta::mdns(STRANGER, false),
        _ => meta.source = port(0),
    }
    (meta, octets)
}

fn message(text: &str) -> Msg {
    text.parse().unwrap_or_else(|error| panic!("{error}"))
}

/// Long enough to see a name probed, announced, lost, and probed again. Short traces count as well: a later query
/// would make good for an announcement that was lost.
const LONGEST: usize = 100;

/// Around the waits that the protocol knows: at once, the shared delay, a probe, a TC, the second between
/// announcements. Together they stay far below the shortest TTL of a vocabulary.
const WAITS: [u64; 10] = [0, 1, 10, 20, 70, 120, 250, 450, 1_000, 1_700];
