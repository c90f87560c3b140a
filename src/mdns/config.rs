//! What a machine is told once.

/// Settings of a machine, given when it is made.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Config {
    pub(crate) seed: u32,
    pub(crate) unicast_answers: bool,
}

impl Config {
    /// `seed` spreads the random waits of RFC 6762. It need not be secret, but should differ among the devices of a
    /// link: a hash of the MAC address, a chip id, a random number.
    pub const fn new(seed: u32) -> Self {
        Self { seed, unicast_answers: true }
    }

    /// Whether probes and first queries ask for unicast answers (the QU bit); they do unless told otherwise. Say
    /// `false` where another program shares port 5353: a unicast answer reaches only one of them (RFC 6762 section
    /// 15.1).
    #[must_use]
    pub const fn unicast_answers(mut self, ask: bool) -> Self {
        self.unicast_answers = ask;
        self
    }
}
