//! What the public types say to `defmt`, by a logger that keeps it: `cargo test --features defmt --test logging`.

use std::sync::Mutex;

use defmt::Format;
use dotlocal::adapter::esp32::{LinkChange, RandomError, WifiEvent};
use dotlocal::mdns::Config;
use dotlocal::name::HostLabel;
use dotlocal::wire::{Message, Type};
use dotlocal::{Disposition, Instant, Meta, Reason};

#[defmt::global_logger]
struct Kept;

/// What was written and not taken yet.
static WRITTEN: Mutex<Vec<u8>> = Mutex::new(Vec::new());

// SAFETY: the one test below logs from one thread.
unsafe impl defmt::Logger for Kept {
    fn acquire() {}
    unsafe fn flush() {}
    unsafe fn release() {}
    unsafe fn write(octets: &[u8]) {
        WRITTEN.lock().unwrap().extend_from_slice(octets);
    }
}

defmt::timestamp!("");

fn logged(value: &impl Format) -> Vec<u8> {
    defmt::println!("{}", value);
    std::mem::take(&mut WRITTEN.lock().unwrap())
}

/// The pieces of text put together: each has its length before it, in four octets. What else stands between them differs
/// from run to run.
fn text(mut octets: &[u8]) -> String {
    let mut text = String::new();
    while let [len, rest @ ..] = octets {
        let piece = rest
            .strip_prefix(&[0; 3])
            .filter(|_| *len > 0)
            .and_then(|rest| rest.split_at_checked((*len).into()));
        let read = piece.map(|(piece, rest)| (String::from_utf8_lossy(piece), rest));
        octets = match read {
            Some((piece, rest)) => {
                text.push_str(&piece);
                rest
            }
            None => rest,
        };
    }
    text
}

#[test]
fn values_are_told_apart_and_names_can_be_read() {
    let label = HostLabel::from_mac("cam", [0, 0, 0, 0, 0x3F, 0xA2]).unwrap();
    assert_eq!(text(&logged(&label)), "cam-3fa2");
    assert!(logged(&WifiEvent::Connected { ssid: b"home" }).windows(4).any(|octets| octets == b"home"));

    let mut buf = [0; 64];
    let query = Message::query(&mut buf, 7).question("cam.local", Type::A).unwrap().finish();
    let message = Message::parse(query).unwrap();
    let name = message.questions().next().unwrap().unwrap().name();
    assert_eq!(text(&logged(&name)), "cam.local");
    // By labels and not by letters: each piece has six octets before it.
    assert!(logged(&name).len() < 40, "{:?}", logged(&name));

    let ignored = |reason| logged(&Disposition::Ignored(reason));
    let all = [
        logged(&LinkChange::Down),
        logged(&LinkChange::Up),
        logged(&LinkChange::NewNetwork),
        logged(&RandomError::NoNoise),
        logged(&RandomError::Stuck),
        logged(&Disposition::Used),
        ignored(Reason::OffLink),
        ignored(Reason::Oversize),
        logged(&Instant::from_millis(7)),
        logged(&Instant::from_millis(8)),
        logged(&Meta::mdns(([192, 0, 2, 9], 5353).into(), true)),
        logged(&Meta::mdns(([192, 0, 2, 9], 5353).into(), false)),
        logged(&Config::new(7)),
    ];
    for (at, one) in all.iter().enumerate() {
        assert!(!one.is_empty() && !all[..at].contains(one), "number {at}: {one:?}");
    }
}
