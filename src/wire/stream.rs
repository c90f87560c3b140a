//! Messages in a stream: DNS over TCP, each behind its length as 16 bits (RFC 1035 section 4.2.2, RFC 7766 section 8).

use core::fmt;

use super::out::copy;

/// Puts messages together from a stream's octets, as they come, in the caller's buffer (RFC 1035 section 4.2.2,
/// RFC 7766 section 8).
///
/// ```
/// use dotlocal::wire::{Message, StreamReader};
///
/// let mut buf = [0; 512];
/// let mut stream = StreamReader::new(&mut buf);
/// let arrived = b"\0\x0c\0\x07\x81\x80\0\0\0\0\0\0\0\0\0\x0c\0";
///
/// let mut rest = arrived.as_slice();
/// let message = stream.read(&mut rest)?.expect("a whole message");
/// assert_eq!(Message::parse(message).unwrap().header().id(), 7);
/// // Of the next one only its length and an octet are here.
/// assert!(stream.read(&mut rest)?.is_none());
/// # Ok::<(), dotlocal::wire::StreamError>(())
/// ```
#[derive(Debug)]
pub struct StreamReader<'b> {
    buf: &'b mut [u8],
    /// Octets of the current message that came, those of its length first.
    have: usize,
    length: [u8; 2],
}

/// A message of the stream cannot be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct StreamError {
    /// The octets that the message has.
    pub needed: u16,
    /// The octets that the buffer has.
    pub capacity: usize,
}

impl fmt::Display for StreamError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { needed, capacity } = self;
        write!(f, "a message of {needed} octets is longer than the buffer of {capacity}: give a larger one")
    }
}

impl core::error::Error for StreamError {}

impl<'b> StreamReader<'b> {
    /// At the beginning of a stream. Messages up to the length of `buf` can be read.
    pub fn new(buf: &'b mut [u8]) -> Self {
        Self { buf, have: 0, length: [0; 2] }
    }

    /// Takes octets from the front of `arrived` until a message is whole, and returns that; `None` when all were taken
    /// and more are needed. Call it again until then.
    ///
    /// # Errors
    /// A message that is longer than the buffer. It is told once; the octets of that message are then passed over, and
    /// the stream goes on with the next one.
    pub fn read(&mut self, arrived: &mut &[u8]) -> Result<Option<&[u8]>, StreamError> {
        loop {
            while let Some(slot) = self.length.get_mut(self.have) {
                let Some((&octet, rest)) = arrived.split_first() else { return Ok(None) };
                *slot = octet;
                (*arrived, self.have) = (rest, self.have + 1);
                let (needed, capacity) = (u16::from_be_bytes(self.length), self.buf.len());
                if self.have == self.length.len() && usize::from(needed) > capacity {
                    return Err(StreamError { needed, capacity });
                }
            }
            let needed = usize::from(u16::from_be_bytes(self.length));
            let have = self.have - self.length.len();
            let (taken, rest) = arrived.split_at_checked(needed - have).unwrap_or((*arrived, &[]));
            // Of a message that is passed over nothing is used.
            if let Some(slot) = self.buf.get_mut(have..have + taken.len()) {
                copy(taken, slot);
            }
            (*arrived, self.have) = (rest, self.have + taken.len());
            if have + taken.len() < needed {
                return Ok(None);
            }
            self.have = 0;
            if needed <= self.buf.len() {
                return Ok(self.buf.get(..needed));
            }
        }
    }

    /// The octets of the longest message that can be read.
    pub fn capacity(&self) -> usize {
        self.buf.len()
    }

    /// Forgets what has come, for a new stream.
    pub fn reset(&mut self) {
        self.have = 0;
    }
}
