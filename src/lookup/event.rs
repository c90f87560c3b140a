//! What lookups tell, and why they fail.

use core::fmt;

use super::{InvalidName, Reserved};
use crate::mdns::LookupFailure;
use crate::resolver;

/// A lookup. It turns stale when it is cancelled or has failed, and fits again only after 65,536 further lookups in its
/// slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct LookupId {
    pub(super) index: u16,
    pub(super) generation: u16,
}

/// What became known; `M` is what the multicast machine tells of its other work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Event<M> {
    /// A lookup has addresses, to be read by [`Lookups::addresses`](super::Lookups::addresses) until it is cancelled.
    Found {
        /// The lookup.
        lookup: LookupId,
        /// Whether these are all. Otherwise it is told again once more have come, or are not to be waited for.
        is_complete: bool,
    },
    /// A lookup has found nothing; its handle is stale.
    Failed {
        /// The lookup.
        lookup: LookupId,
        /// Why.
        failure: Failure,
    },
    /// Of the multicast machine.
    Multicast(M),
    /// Of a request that was made at the resolver itself.
    Resolver(resolver::Event),
}

/// Where addresses come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Source {
    /// The name was an address.
    Literal,
    /// This device itself: `localhost`, or its table of hosts.
    Local,
    /// The hosts of the link, by multicast DNS.
    Multicast,
    /// The DNS servers of the network.
    Unicast,
}

/// Why a lookup has found nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Failure {
    /// What the DNS servers say, or that they do not.
    Servers(resolver::Failure),
    /// What the hosts of the link say, or that they do not.
    Link(LookupFailure),
    /// The name is one that nobody is asked for (RFC 6761, RFC 7686).
    Nowhere(Reserved),
    /// The name is an address of the family that is not wanted, or one of this device without such an address.
    NoSuchFamily,
    /// The name is one of multicast DNS, which this device does not have: [`Multicast`](super::Multicast) is `()`, or a
    /// machine without request slots.
    NoMulticast,
    /// The machine that would ask has no free slot or no room for the name.
    NoCapacity,
}

impl Failure {
    /// Whether the search list goes on behind it: another name may be there, or on the link where there are no servers.
    pub(super) fn lets_search_go_on(self) -> bool {
        use resolver::Failure::{NoData, NoName, NoServers};

        matches!(
            self,
            Self::Servers(NoName | NoData | NoServers) | Self::Link(_) | Self::Nowhere(_) | Self::NoMulticast
        )
    }

    /// Whether it tells more than that there is no such name.
    pub(super) fn is_useful(self) -> bool {
        !matches!(self, Self::Servers(resolver::Failure::NoName) | Self::Link(LookupFailure::Timeout))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Servers(failure) => failure.fmt(f),
            Self::Link(failure) => failure.fmt(f),
            Self::Nowhere(reserved) => reserved.fmt(f),
            Self::NoSuchFamily => f.write_str("it has no address of the family that is asked for"),
            Self::NoMulticast => f.write_str(
                "the hosts of the link are asked for this name, and this device has no multicast DNS: give Lookups an \
                 Endpoint or a Querier",
            ),
            Self::NoCapacity => f.write_str(
                "there was no free request: raise LOOKUPS of the resolver's storage and REQUESTS of the endpoint's to \
                 that of the lookups",
            ),
        }
    }
}

impl core::error::Error for Failure {}

/// Why a lookup was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum LookupError {
    /// The text is neither a name nor an address.
    Name(InvalidName),
    /// The scope of an address is the name of an interface, which only the system knows: give its number.
    Interface,
    /// All slots are taken.
    Full {
        /// The slots that there are.
        capacity: usize,
    },
}

impl fmt::Display for LookupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(error) => error.fmt(f),
            Self::Interface => {
                f.write_str("the scope is the name of an interface: give its number, as in \"fe80::1%2\"")
            }
            Self::Full { capacity } => {
                write!(f, "all {capacity} lookups are taken: raise LOOKUPS in the storage, or cancel one")
            }
        }
    }
}

impl core::error::Error for LookupError {}
