//! Lookups that the cache knows: what a device pays that asks for its server's address each time that it connects.

#![allow(clippy::unwrap_used, reason = "a bench may panic")]

use std::hint::black_box;
use std::net::SocketAddr;

use criterion::{Criterion, criterion_group, criterion_main};
use dotlocal::resolver::{Config, Event, RequestId, Resolver, ResolverStorage};
use dotlocal::wire::{Builder, Class, Flags, Message, RData, Section};
use dotlocal::{Families, Instant, Meta};

const NOW: Instant = Instant::from_millis(0);

/// Answers what is asked, until nothing is.
fn answer_all(resolver: &mut Resolver<'_>) {
    let (mut tx, mut rx) = ([0; 512], [0; 512]);
    let server = SocketAddr::from(([192, 0, 2, 1], 53));
    while let Some(query) = resolver.poll_transmit(NOW, &mut tx) {
        let channel = query.channel;
        let message = Message::parse(query.bytes).unwrap();
        let question = message.questions().next().unwrap().unwrap();
        let mut reply =
            Builder::new(&mut rx, message.header().id(), Flags::QR.with(Flags::RD).with(Flags::RA));
        reply.question(question.name(), question.qtype()).unwrap();
        let address = RData::A([192, 0, 2, 7].into());
        reply.record(Section::Answer, question.name(), Class::IN, 3_600, &address).unwrap();
        let reply = reply.finish();
        resolver.handle_datagram(NOW, Meta::server(server, channel), reply);
    }
}

fn found(resolver: &mut Resolver<'_>, lookup: RequestId) {
    let event = resolver.poll_event();
    assert_eq!(event, Some(Event::Found { request: lookup, is_complete: true }));
    black_box(resolver.addresses(lookup).count());
    resolver.cancel(lookup);
}

fn warm(c: &mut Criterion) {
    for names in [1, 20, 100] {
        let mut storage = Box::new(ResolverStorage::<1, 1, 16_384>::new());
        // Nothing here is attacked.
        let mut word = 1_u32;
        let mut random = || {
            word = word.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            word
        };
        let mut resolver = Resolver::new(&mut storage, &mut random, Config::new());
        resolver.set_servers(&[([192, 0, 2, 1], 53).into()]).unwrap();
        for number in 0..names {
            let lookup = resolver.lookup(&format!("c{number}.example.com"), Families::V4, 5_000).unwrap();
            answer_all(&mut resolver);
            found(&mut resolver, lookup);
        }
        let name = format!("c{}.example.com", names / 2);
        let mut tx = [0; 512];
        c.bench_function(&format!("lookup that is known, among {names} names"), |b| {
            b.iter(|| {
                let lookup = resolver.lookup(black_box(&name), Families::V4, 5_000).unwrap();
                assert!(resolver.poll_transmit(NOW, &mut tx).is_none(), "nothing is asked");
                found(&mut resolver, lookup);
            });
        });
    }
}

criterion_group!(benches, warm);
criterion_main!(benches);
