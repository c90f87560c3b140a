//! A message around the data of one record, with names before it that the data can point to.

use dotlocal::wire::{Message, Record, Type};

/// Octets of a fuzz input as a record: type, form of the owner name, data.
pub struct TypedRecord<'a> {
    pub rtype: Type,
    form: u8,
    pub data: &'a [u8],
}

impl<'a> TypedRecord<'a> {
    /// The type is one octet, so that any input has many chances to be of a known one: URI and CAA have numbers above
    /// 255 and stand for 0 and 255, which are no types of records.
    pub fn any(input: &'a [u8]) -> Option<Self> {
        let (&first, rest) = input.split_first()?;
        let rtype = match first {
            0 => Type::URI,
            255 => Type::CAA,
            number => Type(number.into()),
        };
        Self::of(rtype, rest)
    }

    /// A record of one type, of which the input has form and data.
    pub fn of(rtype: Type, input: &'a [u8]) -> Option<Self> {
        let (&form, data) = input.split_first()?;
        Some(Self { rtype, form, data })
    }

    /// Calls `with` with the record in its message.
    pub fn read<R>(&self, with: impl FnOnce(&Record<'_>) -> R) -> R {
        let octets = typed_message(self.rtype, self.form, self.data);
        let message = Message::parse(&octets).unwrap();
        let record = message.answers().next().unwrap().unwrap();
        assert_eq!(record.raw_data().as_octets(), self.data);
        with(&record)
    }
}

/// The names of the questions: a short one at offset 12, one of 255 octets, one that ends in a pointer, and the root.
pub fn typed_message(rtype: Type, form: u8, data: &[u8]) -> Vec<u8> {
    let mut octets = vec![0, 7, 0x84, 0, 0, 4, 0, 2, 0, 0, 0, 0];
    let longest =
        [[&[63], [b'x'; 63].as_slice()].concat().repeat(3), [&[61], [b'y'; 61].as_slice()].concat()].concat();
    for name in
        [b"\x03Cam\x05local\0".as_slice(), &[longest.as_slice(), b"\0"].concat(), b"\x05_http\xc0\x10", b"\0"]
    {
        octets.extend([name, &[0, 1, 0, 1]].concat());
    }
    // The owner name is what data often ends in, and what the crate remembers of a record.
    octets.extend(match form % 4 {
        0 => b"\xc0\x0c".as_slice(),
        1 => b"\x03cam\xc0\x10",
        2 => b"\x03www\x07example\0",
        _ => b"\0",
    });
    octets.extend(rtype.0.to_be_bytes());
    octets.extend([0x80, 1, 0, 0, 0, 120]);
    octets.extend((data.len() as u16).to_be_bytes());
    octets.extend(data);
    // A neighbour, which data must not reach into.
    octets.extend(b"\0\0\x10\0\x01\0\0\0\0\0\x05\x04next");
    octets
}
