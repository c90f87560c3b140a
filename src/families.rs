//! Which of the two address families are of interest.

/// The address families that are of interest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Families {
    /// IPv4 and IPv6.
    #[default]
    Both,
    /// IPv4 alone.
    V4,
    /// IPv6 alone.
    V6,
}

impl Families {
    /// Whether IPv4 is among them.
    pub const fn v4(self) -> bool {
        matches!(self, Self::Both | Self::V4)
    }

    /// Whether IPv6 is among them.
    pub const fn v6(self) -> bool {
        matches!(self, Self::Both | Self::V6)
    }
}
