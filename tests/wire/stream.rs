//! Messages in a stream, however they are cut on their way.

use dotlocal::wire::{StreamError, StreamReader};

fn behind_length(message: &[u8]) -> Vec<u8> {
    [&(message.len() as u16).to_be_bytes(), message].concat()
}

/// What the reader makes of a stream that comes in pieces of `size`.
fn read(reader: &mut StreamReader<'_>, stream: &[u8], size: usize) -> Vec<Result<Vec<u8>, StreamError>> {
    let mut all = Vec::new();
    for mut piece in stream.chunks(size) {
        while let Some(one) = reader.read(&mut piece).map(|message| message.map(<[u8]>::to_vec)).transpose() {
            all.push(one);
        }
        assert!(piece.is_empty(), "all is taken");
    }
    all
}

// D-4.2-1
#[test]
fn messages_come_whole_from_pieces_of_any_size() {
    let messages: Vec<Vec<u8>> =
        [12, 0, 1, 300, 0, 0, 256, 255].iter().map(|&len| (0..len).map(|at| at as u8).collect()).collect();
    let stream: Vec<u8> = messages.iter().flat_map(|message| behind_length(message)).collect();
    let expected: Vec<_> = messages.into_iter().map(Ok).collect();
    for size in 1..=stream.len() {
        let mut buf = [0; 300];
        assert_eq!(read(&mut StreamReader::new(&mut buf), &stream, size), expected, "{size}");
    }
}

// D-4.2-1
#[test]
fn a_message_that_is_too_long_is_told_once_and_passed_over() {
    let (short, long) = (behind_length(b"short"), behind_length(&[0xAA; 300]));
    let stream = [long.as_slice(), &short, &long, &long, b"\0\0", &behind_length(b"exactly!")].concat();
    let error = || Err(StreamError { needed: 300, capacity: 8 });
    let expected = [error(), Ok(b"short".to_vec()), error(), error(), Ok(vec![]), Ok(b"exactly!".to_vec())];
    for size in 1..=stream.len() {
        let mut buf = [0; 8];
        assert_eq!(read(&mut StreamReader::new(&mut buf), &stream, size), expected, "{size}");
    }
}

#[test]
fn a_reader_without_a_buffer_reads_messages_of_nothing() {
    let mut reader = StreamReader::new(&mut []);
    let error = Err(StreamError { needed: 1, capacity: 0 });
    assert_eq!(read(&mut reader, b"\0\0\0\x01a\0\0", 1), [Ok(vec![]), error, Ok(vec![])]);
}

#[test]
fn a_reset_forgets_what_has_come() {
    for begun in [b"\0".as_slice(), b"\0\x05", b"\0\x05abc", b"\0\x63abc"] {
        let mut buf = [0; 8];
        let mut reader = StreamReader::new(&mut buf);
        let _ = reader.read(&mut &*begun);
        reader.reset();
        assert_eq!(read(&mut reader, b"\0\x02hi", 4), [Ok(b"hi".to_vec())], "{begun:?}");
    }
}

#[test]
fn what_is_behind_a_message_is_left_for_the_next_call() {
    let mut buf = [0; 8];
    let mut reader = StreamReader::new(&mut buf);
    let mut arrived = b"\0\x02hi\0\x01".as_slice();
    assert_eq!(reader.read(&mut arrived), Ok(Some(b"hi".as_slice())));
    assert_eq!(arrived, b"\0\x01");
    assert_eq!(reader.read(&mut arrived), Ok(None));
    assert_eq!(reader.read(&mut b"!".as_slice()), Ok(Some(b"!".as_slice())));
}
