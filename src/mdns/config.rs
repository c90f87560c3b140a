//! What a machine is told once.

/// Settings of a machine, given when it is made.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Config {
    pub(crate) seed: u32,
    pub(crate) unicast_answers: bool,
    pub(crate) scope_id: u32,
    pub(crate) finds_own: bool,
}

impl Config {
    /// `seed` spreads the random waits of RFC 6762. It need not be secret, but should differ among the devices of a
    /// link: a hash of the MAC address, a chip id, a random number.
    pub const fn new(seed: u32) -> Self {
        Self { seed, unicast_answers: true, scope_id: 0, finds_own: true }
    }

    /// Whether probes and first queries ask for unicast answers (the QU bit); they do unless told otherwise. Say
    /// `false` where another program shares port 5353: a unicast answer reaches only one of them (RFC 6762 section
    /// 15.1).
    #[must_use]
    pub const fn unicast_answers(mut self, ask: bool) -> Self {
        self.unicast_answers = ask;
        self
    }

    /// Whether an endpoint finds what it has itself; it does unless told otherwise. Nobody else is asked for it, and a
    /// change is told at once. A driver that hands in what came back of our own multicasts brings it in all the same.
    #[must_use]
    pub const fn finds_own(mut self, finds: bool) -> Self {
        self.finds_own = finds;
        self
    }

    /// The number that the network stack has for the link, which connections to link-local IPv6 addresses need; 0, which
    /// names none, unless told otherwise. The links of the std adapter tell it to their endpoint; smoltcp and embassy-net
    /// have no scopes.
    #[must_use]
    pub const fn scope_id(mut self, scope_id: u32) -> Self {
        self.scope_id = scope_id;
        self
    }
}
