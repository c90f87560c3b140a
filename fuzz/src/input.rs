//! A fuzz input as a list of choices. `arbitrary` would do, but reads from both ends: seeds could not be written.

/// What is left of an input; behind its end there are zeros.
pub struct Input<'a>(pub &'a [u8]);

impl<'a> Input<'a> {
    pub fn byte(&mut self) -> u8 {
        self.0.split_off_first().copied().unwrap_or(0)
    }

    /// One of `choices`.
    pub fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[usize::from(self.byte()) % choices.len()]
    }

    /// One of a list that may be empty.
    pub fn pick_from<'l, T>(&mut self, choices: &'l [T]) -> Option<&'l T> {
        let byte = usize::from(self.byte());
        choices.get(byte % choices.len().max(1))
    }

    /// Octets behind their number.
    pub fn octets(&mut self) -> &'a [u8] {
        let len = usize::from(self.byte()) * 2;
        let (octets, rest) = self.0.split_at(len.min(self.0.len()));
        self.0 = rest;
        octets
    }
}
