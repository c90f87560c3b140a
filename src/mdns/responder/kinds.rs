//! Which of its records a slot means.

/// A set of the records that a slot stands for. What a bit stands for depends on whose the slot is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kinds(u16);

impl Kinds {
    pub(super) const NONE: Kinds = Kinds(0);
    pub(super) const ALL: Kinds = Kinds(0xFFFF);
    /// What the name has, and so what it has not.
    pub(super) const NSEC: Kinds = Kinds(1 << 15);
    /// A host's IPv4 addresses.
    pub(super) const A: Kinds = Kinds(1 << 1);
    /// A host's IPv6 addresses.
    pub(super) const AAAA: Kinds = Kinds(1 << 2);
    /// From the address to the host; the first of [`Self::REVERSES`].
    pub(super) const REVERSE: Kinds = Kinds(1 << 3);
    /// From the list of service types to the type.
    pub(super) const TYPE: Kinds = Kinds(1);
    /// The instance's host and port.
    pub(super) const SRV: Kinds = Kinds(1 << 1);
    /// The instance's text.
    pub(super) const TXT: Kinds = Kinds(1 << 2);
    /// From the service type to the instance.
    pub(super) const PTR: Kinds = Kinds(1 << 3);
    /// From a subtype to the instance; the first of [`Self::MAX_SUBTYPES`].
    pub(super) const SUBTYPE: Kinds = Kinds(1 << 4);
    /// All that leads to the instance.
    pub(super) const POINTERS: Kinds = Kinds(0x1FF << 3);

    /// Subtypes of one service, a bit each.
    pub(super) const MAX_SUBTYPES: usize = 8;
    /// Addresses whose reverse records have a bit each; those of further addresses share the last.
    pub(super) const REVERSES: usize = 8;
    /// The first record under a name of its own, of 14.
    pub(super) const EXTRA: Kinds = Kinds(1 << 1);
    /// The first record beside a host's addresses, of 4.
    pub(super) const HOST_EXTRA: Kinds = Kinds(1 << 11);

    /// The kind `places` behind this one.
    pub(super) fn nth(self, places: usize) -> Kinds {
        Kinds(self.0.checked_shl(places as u32).unwrap_or(0))
    }

    /// How many kinds there are from this one on, the negative record left out.
    pub(super) fn count_to_last(self) -> usize {
        self.0.leading_zeros() as usize
    }

    /// This kind and those behind it, so many in all.
    pub(super) fn and_behind(self, count: usize) -> Kinds {
        (0..count).fold(Kinds::NONE, |kinds, nth| kinds.with(self.nth(nth)))
    }

    /// The first member alone.
    pub(super) const fn first(self) -> Kinds {
        Kinds(self.0 & self.0.wrapping_neg())
    }

    pub(super) const fn with(self, other: Kinds) -> Kinds {
        Kinds(self.0 | other.0)
    }

    pub(super) const fn without(self, other: Kinds) -> Kinds {
        Kinds(self.0 & !other.0)
    }

    pub(super) const fn only(self, other: Kinds) -> Kinds {
        Kinds(self.0 & other.0)
    }

    pub(super) const fn has(self, other: Kinds) -> bool {
        self.0 & other.0 != 0
    }

    pub(super) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The members, one by one.
    pub(super) fn each(self) -> impl Iterator<Item = Kinds> {
        let mut left = self;
        core::iter::from_fn(move || {
            let first = left.first();
            left = left.without(first);
            (!first.is_empty()).then_some(first)
        })
    }
}
