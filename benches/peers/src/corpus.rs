//! The messages, which corpus.py composed.

/// A message and what it is.
#[derive(Clone, Copy)]
pub struct Sample {
    pub name: &'static str,
    digits: &'static str,
}

/// All messages, from the file that is built in.
///
/// # Panics
/// A line is not as corpus.py writes it.
pub fn samples() -> impl Iterator<Item = Sample> {
    include_str!("../messages.txt").lines().map(|line| {
        let (name, digits) = line.split_once('\t').expect("a name and a tab");
        Sample { name, digits }
    })
}

impl Sample {
    /// The message.
    ///
    /// # Panics
    /// It is not in hex.
    pub fn octets(&self) -> Vec<u8> {
        let octet = |at| u8::from_str_radix(&self.digits[at..at + 2], 16).expect("two digits of hex");
        (0..self.digits.len()).step_by(2).map(octet).collect()
    }
}
