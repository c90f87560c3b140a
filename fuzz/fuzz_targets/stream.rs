//! Feeds any octets to a `StreamReader`, cut in different ways.
//!
//! What must hold: however the octets arrive, whole, one by one or in pieces, the messages and errors are those of a
//! naive reader with the whole stream before it; a message that is longer than the buffer is told once and passed over;
//! `None` means that all octets were taken; after `reset` the reader is as new; what a builder writes for a stream is a
//! message of it.

#![no_main]

use dotlocal::name;
use dotlocal::wire::{Builder, Flags, Message, StreamError, StreamReader, Type};
use libfuzzer_sys::fuzz_target;

type Told = Result<Vec<u8>, StreamError>;

fuzz_target!(|input: &[u8]| {
    // Room for a message, where the stream is cut, and how many octets a reader had before it was reset.
    let Some((&[room, scale, cut, other, before], stream)) = input.split_first_chunk() else { return };
    let room = usize::from(room) << (scale % 8);
    let built = built(room);
    let stream = [stream, &built].concat();
    let expected = naive(&stream, room);

    let mut buf = vec![0xAA; room];
    let mut reader = StreamReader::new(&mut buf);
    // What came of another stream is forgotten.
    let (mut started, _) = stream.split_at(usize::from(before).min(stream.len()));
    while !matches!(reader.read(&mut started), Ok(None)) {}
    for pieces in [vec![stream.len()], vec![1], vec![cut.into(), other.into()], vec![0, 2, other.into()]] {
        reader.reset();
        assert_eq!(read(&mut reader, &stream, &pieces), expected, "in pieces of {pieces:?}");
    }
});

/// Feeds the stream in pieces of these lengths, over and over.
fn read(reader: &mut StreamReader<'_>, mut stream: &[u8], pieces: &[usize]) -> Vec<Told> {
    let mut told = Vec::new();
    let lengths = if pieces.iter().all(|&len| len == 0) { &[1] } else { pieces };
    for &len in lengths.iter().cycle() {
        let (mut arrived, rest) = stream.split_at(len.min(stream.len()));
        loop {
            let before = arrived.len();
            match reader.read(&mut arrived) {
                Ok(None) => break,
                Ok(Some(message)) => told.push(Ok(message.to_vec())),
                Err(error) => {
                    assert!(usize::from(error.needed) > error.capacity && !error.to_string().is_empty());
                    told.push(Err(error));
                }
            }
            assert!(arrived.len() < before, "a message or an error takes an octet at least");
        }
        assert!(arrived.is_empty());
        stream = rest;
        if stream.is_empty() {
            return told;
        }
    }
    told
}

/// The messages and errors of a stream that is here as a whole.
fn naive(mut stream: &[u8], capacity: usize) -> Vec<Told> {
    let mut told = Vec::new();
    while let [high, low, rest @ ..] = stream {
        let needed = u16::from_be_bytes([*high, *low]);
        let message = rest.get(..needed.into());
        if usize::from(needed) > capacity {
            told.push(Err(StreamError { needed, capacity }));
        } else if let Some(message) = message {
            told.push(Ok(message.to_vec()));
        }
        let Some(_) = message else { break };
        stream = &rest[needed.into()..];
    }
    told
}

/// A query behind its length; nothing when the room is too small for one.
fn built(room: usize) -> Vec<u8> {
    let mut buf = vec![0; room];
    let mut builder = Builder::for_stream(&mut buf, 7, Flags::RD);
    let fits = builder.question(name!("cam.local"), Type::A).is_ok();
    assert_eq!(fits, room >= 2 + 12 + 15);
    let len = builder.len();
    let octets = builder.finish();
    if let Some((length, message)) = octets.split_first_chunk() {
        assert_eq!((usize::from(u16::from_be_bytes(*length)), message.len()), (len, len));
        assert_eq!(Message::parse(message).unwrap().header().question_count(), fits.into());
    } else {
        assert!(room < 2 + 12 && octets.is_empty());
    }
    octets.to_vec()
}
