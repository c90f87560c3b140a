//! Drives a `Resolver` with whatever can come: replies, pieces of streams, calls of the application, time.
//!
//! What must hold: the laws of a machine; that queries look as they should, go to the servers, are open once for each
//! question, and do not come more often than what comes in and the waits allow; that a datagram which fits no query changes
//! nothing; that addresses stood in a reply that fits; that requests end in time (see `Client`); that the same input does
//! the same again; and that a resolver of which nobody wants anything falls silent and forgets.

#![no_main]

use std::hash::Hasher;
use std::net::SocketAddr;

use dotlocal::name::NameBuf;
use dotlocal::resolver::{Config, RequestError, RequestId, Resolver, ResolverStorage};
use dotlocal::wire::{Flags, Type};
use dotlocal::{Channel, Meta};
use dotlocal_fuzz::{Asked, Client, Driven, Input, Wanted, families};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    let digest = any(octets);
    // Every time would take twice as long.
    if octets.last().is_some_and(|octet| octet % 8 == 7) {
        assert_eq!(any(octets), digest, "the same again is another run");
    }
});

fn any(octets: &[u8]) -> u64 {
    let mut input = Input(octets);
    match input.byte() % 6 {
        0 => run::<2, 2, 2_048, 512>(input),
        1 => run::<3, 4, 4_096, 0>(input),
        2 => run::<1, 1, 160, 64>(input),
        3 => run::<8, 3, 700, 2_048>(input),
        4 => run::<4, 16, 9_000, 512>(input),
        _ => run::<0, 2, 40, 8>(input),
    }
}

fn run<const SERVERS: usize, const LOOKUPS: usize, const CACHE: usize, const STREAM: usize>(
    mut input: Input<'_>,
) -> u64 {
    let (start, form, seed) = (input.pick(&[123_456_789, u32::MAX - 9_000]), input.byte(), input.byte());
    let room = [512, 1_440, 300, 40][usize::from(form >> 6)];
    let config = Config::new()
        .chooses_ports(form & 1 == 0)
        .mixes_case(form & 2 == 0)
        .serves_stale(form & 4 != 0)
        .payload_size(if form & 8 == 0 { 1_232 } else { 512 });
    let mut state = u64::from(seed);
    // A source that is stuck must do no harm but that it can be foretold.
    let draws = form & 16 == 0;
    let mut random = || {
        if draws {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        }
        (state >> 32) as u32
    };
    let mut storage = ResolverStorage::<SERVERS, LOOKUPS, CACHE, STREAM>::new();
    let mut client = Client::new(
        Resolver::new(&mut storage, &mut random, config),
        LOOKUPS,
        draws && form & 1 == 0,
        start,
        room,
    );
    client.serves_stale = form & 4 != 0;
    set_servers(&mut client, SERVERS.min(2));
    while !input.0.is_empty() {
        let step = input.byte();
        match step & 0x7F {
            0..32 => call(&mut client, &mut input, SERVERS),
            32..84 => reply(&mut client, &mut input),
            step @ 84..120 => client.pass(input.pick(&WAITS), step >= 116),
            _ => client.pass(input.pick(&LONG_WAITS), true),
        }
        // Not every driver drains after each call.
        if step & 0x80 == 0 {
            client.drain();
        }
    }
    let open: Vec<_> = client.live().map(|wish| wish.id).collect();
    open.into_iter().for_each(|id| client.cancel(id));
    client.drain();
    assert_eq!(client.resolver.channels().count(), 0);
    client.pass(13 * 86_400_000, true);
    client.drain();
    assert_eq!(client.poll_timeout(), None, "restless though nobody wants anything");
    client.digest.finish()
}

const WAITS: [u64; 16] =
    [20, 0, 1, 49, 50, 51, 250, 500, 999, 1_000, 1_800, 2_000, 5_000, 10_000, 60_000, 300_000];

const LONG_WAITS: [u64; 4] = [3_600_000, 604_800_000, 1_073_741_824, 1_100_000_000];

/// What is asked for; the last ones are nobody's.
static NAMES: [&str; 12] = [
    "cam.example",
    "a.example",
    "b.example",
    "CAM.example",
    "www.cam.example",
    "c.example",
    "example",
    ".",
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.example",
    "cam.local",
    "a..example",
    "",
];

const TYPES: [Type; 9] =
    [Type::A, Type::AAAA, Type::CNAME, Type::TXT, Type::SRV, Type::ANY, Type::SOA, Type::NS, Type(257)];

fn address(number: usize) -> SocketAddr {
    let text = ["192.0.2.1:53", "[2001:db8::53]:53", "192.0.2.2:53", "192.0.2.1:5353", "192.0.2.3:53"];
    let mut address: SocketAddr = text[number % text.len()].parse().unwrap();
    address.set_port(address.port() + (number / text.len()) as u16);
    address
}

fn set_servers(client: &mut Client<'_>, count: usize) {
    let servers: Vec<_> = (0..count).map(address).collect();
    client.resolver.set_servers(&servers).unwrap();
    client.servers = servers;
}

/// One call of the application. What is refused has changed nothing.
fn call(client: &mut Client<'_>, input: &mut Input<'_>, most: usize) {
    match input.byte() % 16 {
        0..6 => {
            let (name, families, timeout) = (input.pick(&NAMES), families(input), input.pick(&TIMEOUTS));
            let result = client.resolver.lookup(name, families, timeout);
            opens(client, result, Wanted::Addresses(families), timeout);
        }
        6..9 => {
            let (name, rtype, timeout) = (input.pick(&NAMES), input.pick(&TYPES), input.pick(&TIMEOUTS));
            let result = client.resolver.records(name, rtype, timeout);
            opens(client, result, Wanted::Records(rtype), timeout);
        }
        9 | 10 => {
            if let Some(id) = a_request(client, input) {
                client.cancel(id);
            }
        }
        11 | 12 => {
            let Some(id) = a_request(client, input) else { return };
            let found: Vec<_> = client.resolver.addresses(id).map(|found| found.address).collect();
            let address = input.pick_from(&found).copied().unwrap_or("192.0.2.250".parse().unwrap());
            client.failed(id, address);
        }
        13 | 14 => {
            let count = usize::from(input.byte());
            let skipped = count >> 4;
            let servers: Vec<_> = (skipped..skipped + count % 16).map(address).collect();
            match client.resolver.set_servers(&servers) {
                Ok(()) => {
                    client.servers = servers;
                    client.causes_all();
                }
                Err(_) => {
                    assert!(servers.len() > most);
                    client.stays_idle();
                }
            }
        }
        _ => {
            client.resolver.network_changed();
            client.causes_all();
        }
    }
    client.clock.is_called();
}

const TIMEOUTS: [u32; 7] = [5_000, 60_000, 0, 1, 1_000, 3_600_000, u32::MAX];

/// A request, live or stale, the last one first.
fn a_request(client: &Client<'_>, input: &mut Input<'_>) -> Option<RequestId> {
    let all: Vec<_> = client.wishes.iter().rev().map(|wish| wish.id).collect();
    input.pick_from(&all).copied()
}

/// A request more, or none.
fn opens(client: &mut Client<'_>, result: Result<RequestId, RequestError>, wanted: Wanted, timeout: u32) {
    match result {
        Ok(id) => client.opens(id, wanted, timeout),
        Err(RequestError::Full { capacity }) => {
            assert!(client.is_full(), "{capacity} are not taken");
            client.stays_idle();
        }
        Err(_) => client.stays_idle(),
    }
}

/// Something comes from a server: an answer to the last query but so many, as it should be or not.
fn reply(client: &mut Client<'_>, input: &mut Input<'_>) {
    let sent: Vec<_> = client.asked.iter().rev().cloned().collect();
    let Some(asked) = input.pick_from(&sent).cloned() else { return };
    let (how, mut meta) = (input.byte(), Meta::server(asked.server, asked.channel));
    let mut octets = if how & 0x80 == 0 { message(&asked, input) } else { input.octets().to_vec() };
    let by_stream = matches!(asked.channel, Channel::Tcp(_));
    match how % 16 {
        1 => octets.clear(),
        2 => octets.get_mut(1).into_iter().for_each(|octet| *octet ^= 1),
        3 => meta.source = address(3),
        4 => {
            meta.channel = match asked.channel {
                Channel::Udp(port) => Channel::Udp(port ^ 1),
                _ => Channel::Udp(0),
            }
        }
        5 => octets.truncate(usize::from(input.byte())),
        6 => {
            let (at, octet) = (usize::from(input.byte()), input.byte());
            octets.get_mut(at).into_iter().for_each(|slot| *slot ^= octet);
        }
        7 => meta.channel = Channel::Mdns,
        _ => {}
    }
    if !by_stream || octets.is_empty() {
        client.hear(meta, &octets);
        return;
    }
    client.note_offers(&octets);
    let length = (octets.len() as u16).wrapping_add(u16::from(input.pick(&[0, 0, 0, 1, 255_u8])));
    let stream = [&length.to_be_bytes(), octets.as_slice()].concat();
    for piece in stream.chunks(input.pick(&[600, 1, 2, 3, 50])) {
        client.hear(meta, piece);
    }
}

/// A reply to a query: its id and question, a code, and records of which the input tells what they are.
fn message(asked: &Asked, input: &mut Input<'_>) -> Vec<u8> {
    let end = 12 + 4 + 1 + asked.octets[12..].iter().position(|octet| *octet == 0).unwrap_or(0);
    let question = asked.octets.get(12..end).unwrap_or(&[]);
    let flags = match input.byte() {
        0..128 => Flags(0x8180),
        form @ 128..160 => Flags(0x8180 | u16::from(form & 15)),
        160..192 => Flags(0x8180).with(Flags::TC),
        192..208 => Flags(0x8100),
        _ => Flags(u16::from_be_bytes([input.byte(), input.byte()])),
    };
    let mut octets = [&asked.octets[..2], &flags.0.to_be_bytes(), &[0, 1], &[0; 6], question].concat();
    let form = input.byte();
    if form & 0x40 != 0 {
        octets[12..].make_ascii_lowercase();
    }
    if form & 0x80 != 0 {
        octets.truncate(12);
        octets[5] = 0;
    }
    let qtype = question.last_chunk::<4>().map_or(1, |last| u16::from_be_bytes([last[0], last[1]]));
    for section in [7, 9, 11] {
        let count = if section == 7 { form % 8 } else { input.byte() % 3 };
        for _ in 0..count {
            record(&mut octets, qtype, input);
        }
        octets[section] = count;
    }
    octets
}

fn record(octets: &mut Vec<u8>, qtype: u16, input: &mut Input<'_>) {
    let name = |number: u8| {
        let name: NameBuf = NAMES[usize::from(number) % 9].parse().unwrap();
        name.as_octets().to_vec()
    };
    match input.byte() {
        0..128 => octets.extend([0xC0, 12]),
        number => octets.extend(name(number)),
    }
    let what = input.byte();
    let rtype = match what {
        0..128 => qtype,
        128..160 => Type::CNAME.0,
        160..176 => Type::SOA.0,
        176..192 => Type::OPT.0,
        number => TYPES[usize::from(number) % TYPES.len()].0,
    };
    let last = input.byte();
    let data = match Type(rtype) {
        Type::A => vec![192, 0, 2, last],
        Type::AAAA => [&[0x20, 1, 0x0D, 0xB8][..], &[0; 11], &[last]].concat(),
        Type::CNAME | Type::NS => name(last),
        Type::SOA => [&[0; 2][..], &[0; 19], &[last]].concat(),
        Type::TXT => [vec![last % 64], vec![b't'; usize::from(last % 64)]].concat(),
        Type::SRV => [&[0, 1, 0, last, 0, 80][..], &name(last)].concat(),
        Type::OPT => [&[0, 10, 0, 16][..], &[last; 16]].concat(),
        _ => vec![last; 3],
    };
    let ttl: u32 = input.pick(&[300, 0, 1, 60, 86_400, u32::MAX, 0x7FFF_FFFF]);
    let class: u16 = if last == 255 { 3 } else { 1 };
    octets.extend([&rtype.to_be_bytes()[..], &class.to_be_bytes(), &ttl.to_be_bytes()].concat());
    octets.extend((data.len() as u16).to_be_bytes());
    octets.extend(data);
}
