//! What a resolver is told once.

/// Settings of a resolver, given when it is made.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Config {
    pub(super) payload_size: u16,
    pub(super) negative_secs: u32,
    pub(super) chooses_ports: bool,
    pub(super) mixes_case: bool,
    pub(super) serves_stale: bool,
}

impl Config {
    /// The usual ones.
    pub const fn new() -> Self {
        Self {
            payload_size: 1_232,
            negative_secs: 900,
            chooses_ports: true,
            mixes_case: true,
            serves_stale: false,
        }
    }

    /// The longest UDP message that the driver can take in, 1,232 octets unless told otherwise, which pass any path
    /// in one piece (RFC 9715). 512 where it is less (RFC 6891 section 6.2.3).
    #[must_use]
    pub const fn payload_size(mut self, octets: u16) -> Self {
        self.payload_size = octets;
        self
    }

    /// For how long at most it is believed that a name, or a type of it, does not exist: 15 minutes unless told
    /// otherwise, three hours at most (RFC 2308 section 5).
    #[must_use]
    pub const fn negative_secs(mut self, secs: u32) -> Self {
        self.negative_secs = if secs > 10_800 { 10_800 } else { secs };
        self
    }

    /// Whether the driver can send from the port that the machine draws; it can unless told otherwise.
    ///
    /// One that cannot sends all from one socket, and hands in [`Channel::Udp(0)`](crate::Channel::Udp). That makes 16
    /// of some 32 unpredictable bits of a query known: see [the arithmetic](crate::resolver#how-hard-a-forgery-is).
    #[must_use]
    pub const fn chooses_ports(mut self, chooses: bool) -> Self {
        self.chooses_ports = chooses;
        self
    }

    /// Whether the letters of a question for addresses go out in random case, so that a forged reply has to guess that too;
    /// they do unless told otherwise. Servers that answer in another case from the beginning are noticed, and asked without.
    #[must_use]
    pub const fn mixes_case(mut self, mixes: bool) -> Self {
        self.mixes_case = mixes;
        self
    }

    /// Whether records that are over are used while no server answers, for a day at most (RFC 8767); they are not
    /// unless told so.
    #[must_use]
    pub const fn serves_stale(mut self, serves: bool) -> Self {
        self.serves_stale = serves;
        self
    }
}

impl Default for Config {
    fn default() -> Self {
        Self::new()
    }
}
