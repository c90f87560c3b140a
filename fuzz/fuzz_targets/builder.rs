//! Drives a builder by a sequence of calls that the input composes: questions, records of all types, EDNS, limits,
//! flags, ids, in buffers of any size, with any compression, for a datagram or a stream.
//!
//! What must hold: a call fails when it comes out of order, when its name is none, or when there is no room for it
//! without compression, and then leaves no trace: the message is the same, octet for octet, as one built of the calls
//! that succeeded alone; the message parses, checks, keeps the limits and has exactly what was accepted, in which every
//! name has its labels in their case; a finished builder refuses everything.

#![no_main]

use arbitrary::Arbitrary;
use dotlocal::name::NameBuf;
use dotlocal::wire::{BuildError, Builder, Compression, Flags, Message, Type};
use dotlocal_fuzz::{Call, Owner, Seen, section_of, see};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
struct Script {
    id: u16,
    flags: u16,
    room: u16,
    compression: u8,
    stream: bool,
    calls: Vec<Call>,
}

/// What the message must be in the end.
struct Expected {
    id: u16,
    flags: u16,
    limit: usize,
    items: Vec<Seen>,
}

fuzz_target!(|script: Script| {
    let before = if script.stream { 2 } else { 0 };
    let room = usize::from(script.room).saturating_sub(before);
    let mut buf = vec![0xAA; script.room.into()];
    let mut builder = script.begin(&mut buf);
    let mut expected =
        Expected { id: script.id, flags: script.flags & !0x40, limit: room, items: Vec::new() };
    let mut accepted = Vec::new();
    for call in &script.calls {
        let len = builder.len();
        let result = call.make(&mut builder);
        if expected.account(call, result, len, room, &builder, script.compression()) {
            accepted.push(call);
        } else {
            assert_eq!(builder.len(), len);
        }
        assert_eq!(builder.flags().0, if room < 12 { 0 } else { expected.flags });
    }
    let built = builder.finish();
    assert!(builder.question("a", Type::A).is_err());

    let mut again = vec![0x55; script.room.into()];
    let mut builder = script.begin(&mut again);
    for call in accepted {
        call.make(&mut builder).unwrap();
    }
    assert_eq!(builder.finish(), built);
    expected.compare(built, before);
});

impl Script {
    fn compression(&self) -> Compression {
        [Compression::None, Compression::Unicast, Compression::Multicast][usize::from(self.compression % 3)]
    }

    fn begin<'b>(&self, buf: &'b mut [u8]) -> Builder<'b> {
        let new = if self.stream { Builder::for_stream } else { Builder::new };
        new(buf, self.id, Flags(self.flags)).with_compression(self.compression())
    }
}

impl Expected {
    /// Takes the call into account; whether it succeeded, as it should have.
    fn account(
        &mut self,
        call: &Call,
        result: Result<(), BuildError>,
        before: usize,
        room: usize,
        builder: &Builder<'_>,
        compression: Compression,
    ) -> bool {
        match call {
            Call::Limit(octets) => self.limit = if room < 12 { 0 } else { room.min((*octets).into()) },
            Call::Flags(flags) => self.flags = (self.flags | flags) & !0x40,
            Call::Id(id) => self.id = *id,
            Call::Question(..) | Call::Record(..) | Call::Edns(..) => {
                let seen = call.seen();
                let section = self.items.last().and_then(|item| item.section);
                let late = match call {
                    Call::Question(..) => section.is_some(),
                    Call::Record(next, ..) => section > Some(section_of(*next)),
                    _ => false,
                };
                match (result, seen) {
                    (result, _) if late => assert_eq!(result, Err(BuildError::OutOfOrder)),
                    (Err(BuildError::Name(error)), None) => {
                        let (Call::Question(owner, ..) | Call::Record(_, owner, ..)) = call else { panic!() };
                        let Owner::Text(text) = owner else { panic!("{owner:?} is a name") };
                        assert_eq!(text.parse::<NameBuf>(), Err(error));
                    }
                    (Ok(()), Some(seen)) => {
                        let plain = before + seen.size();
                        assert!(builder.len() <= plain.min(self.limit));
                        assert!(compression != Compression::None || builder.len() == plain);
                        if let Call::Edns(_, rcode @ 1.., ..) = call {
                            self.flags = self.flags & !0xF | rcode & 0xF;
                        }
                        self.items.push(seen);
                        return true;
                    }
                    (Err(BuildError::DoesNotFit), Some(seen)) => {
                        assert!(room < 12 || before + seen.size() > self.limit, "there was room");
                    }
                    (result, seen) => panic!("{result:?} for {seen:?}"),
                }
                return false;
            }
        }
        true
    }

    fn compare(&self, built: &[u8], before: usize) {
        let Some(octets) = built.get(before..).filter(|octets| !octets.is_empty()) else {
            assert!(self.items.is_empty());
            return;
        };
        if let [high, low, ..] = built[..before] {
            assert_eq!(usize::from(u16::from_be_bytes([high, low])), octets.len());
        }
        let message = Message::parse(octets).unwrap();
        let checked = message.check().unwrap();
        assert!(checked.trailing().is_empty());
        assert_eq!((message.header().id(), message.header().flags().0), (self.id, self.flags));
        assert_eq!(see(&checked), self.items);
    }
}
