//! Why a name was not found, and why a request was not accepted.

use core::fmt;

use crate::name::NameTextError;
use crate::wire::Rcode;

/// Why a request found nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Failure {
    /// The name does not exist (NXDOMAIN, RFC 2308 section 2.1): most often a typing mistake. Or it is an alias of a name
    /// that servers are not asked for (RFC 6762 section 3, RFC 6761 sections 6.3 and 6.4, RFC 7686).
    NoName,
    /// The name exists, and has no record of this type (RFC 2308 section 2.2).
    NoData,
    /// The service is decidedly not offered at this name: its SRV record has the target `.` (RFC 2782).
    NoService,
    /// No server has answered in time.
    Timeout {
        /// How many servers were asked.
        servers: u8,
    },
    /// The network has refused every datagram and connection.
    Unreachable {
        /// How many servers were tried.
        servers: u8,
    },
    /// There is no server to ask: none was set.
    NoServers,
    /// Each server that answered has failed; this is the code of the last one: SERVFAIL, REFUSED and others; NOERROR where
    /// it answered something else than what was asked.
    ServerFailure(Rcode),
    /// Each server that answered knows only who else could know, and does not ask on behalf of others (RFC 1035
    /// section 4.3.1).
    Lame,
    /// Each server that answered has cut its answer off, and the whole could not be had over TCP (RFC 7766 section 5).
    Truncated,
    /// The name leads from alias to alias, in a ring or further than is followed (RFC 1034 section 3.6.2).
    Aliases,
    /// The answer is longer than what there is to put it together.
    TooLong {
        /// Its octets.
        octets: u16,
    },
    /// The answer did not fit the cache, or the query the buffer of the driver.
    NoRoom,
}

impl Failure {
    /// What is told of two families that failed for different reasons: that which may be different next time.
    pub(super) fn or_worse(self, other: Option<Self>) -> Self {
        other.filter(|other| other.rank() > self.rank()).unwrap_or(self)
    }

    fn rank(self) -> u8 {
        match self {
            Self::NoName => 0,
            Self::NoData => 1,
            Self::NoService => 2,
            Self::Aliases => 3,
            Self::NoServers => 4,
            Self::Unreachable { .. } => 5,
            Self::Timeout { .. } => 6,
            Self::Lame => 7,
            Self::ServerFailure(_) => 8,
            Self::Truncated => 9,
            Self::TooLong { .. } => 10,
            Self::NoRoom => 11,
        }
    }

    /// As it is kept in the cache; `None` for what is not remembered (RFC 2308 section 7, RFC 9520 section 3).
    pub(super) fn to_octet(self) -> Option<u8> {
        match self {
            Self::NoName => Some(NO_NAME),
            Self::NoData => Some(NO_DATA),
            Self::Lame => Some(LAME),
            Self::Truncated => Some(TRUNCATED),
            Self::Timeout { servers } => Some(TIMEOUT | servers & 0x0F),
            // All that are known.
            Self::ServerFailure(Rcode(code @ ..0x40)) => Some(SERVER_FAILURE | code as u8),
            _ => None,
        }
    }

    pub(super) fn from_octet(octet: u8) -> Self {
        match octet {
            NO_NAME => Self::NoName,
            LAME => Self::Lame,
            TRUNCATED => Self::Truncated,
            SERVER_FAILURE.. => Self::ServerFailure(Rcode((octet & 0x3F).into())),
            TIMEOUT.. => Self::Timeout { servers: octet & 0x0F },
            _ => Self::NoData,
        }
    }
}

const NO_NAME: u8 = 0;
const NO_DATA: u8 = 1;
const LAME: u8 = 2;
const TRUNCATED: u8 = 3;
/// With the number of servers below it.
const TIMEOUT: u8 = 0x10;
/// With the code below it.
const SERVER_FAILURE: u8 = 0x40;

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoName => f.write_str("there is no such name: check its spelling"),
            Self::NoData => {
                f.write_str("the name is there, but has no address of this family, or no record of this type")
            }
            Self::NoService => f.write_str("the domain says that it does not offer this service"),
            Self::Timeout { servers: 0 } => f.write_str("there was no time to ask a server: give more of it"),
            Self::Timeout { servers } => write!(
                f,
                "none of {servers} DNS server(s) has answered in time: check that the network is up, and that the servers \
                 are those of this network"
            ),
            Self::Unreachable { servers } => write!(
                f,
                "none of {servers} DNS server(s) can be reached: check that the link is up and has a route, and that these \
                 are DNS servers"
            ),
            Self::NoServers => {
                f.write_str("no DNS server is known: wait for DHCP, or give one by set_servers")
            }
            Self::ServerFailure(Rcode::NOERROR) => {
                f.write_str("the DNS servers answer something else than what was asked: give another server")
            }
            Self::ServerFailure(rcode) => {
                write!(f, "the DNS servers failed with {rcode}: try again later, or another server")
            }
            Self::Lame => {
                f.write_str("the DNS servers do not resolve names for others: give a recursive resolver")
            }
            Self::Truncated => f.write_str(
                "the answer is too long for a datagram, and could not be had over TCP: check that STREAM in the storage \
                 is not 0, or give another server",
            ),
            Self::Aliases => f.write_str("the name is an alias that leads in a ring, or too far"),
            Self::TooLong { octets } => {
                write!(f, "an answer of {octets} octets is too long: raise STREAM in the storage")
            }
            Self::NoRoom => f.write_str(
                "the answer does not fit the cache, or the query the driver's buffer: raise CACHE in the storage, cancel a \
                 request, or give poll_transmit 512 octets",
            ),
        }
    }
}

impl core::error::Error for Failure {}

/// Why a request was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum RequestError {
    /// The text is not a domain name.
    Name(NameTextError),
    /// The name is one that only multicast answers (RFC 6762 sections 3 and 4).
    Multicast,
    /// The name is `localhost`, `invalid` or `onion`, or one below: no server is asked for it (RFC 6761 sections 6.3 and
    /// 6.4, RFC 7686 section 2). `lookup::Lookups` knows what it is.
    Reserved,
    /// All request slots are taken.
    Full {
        /// The slots that there are.
        capacity: usize,
    },
    /// The cache has no room for the name.
    CacheFull {
        /// Octets that it needs.
        needed: usize,
    },
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(error) => error.fmt(f),
            Self::Multicast => {
                f.write_str("no DNS server knows this name: ask for it by mdns::Endpoint::lookup")
            }
            Self::Reserved => f.write_str(
                "no DNS server is asked for names below \"localhost\", \"invalid\" and \"onion\": ask lookup::Lookups",
            ),
            Self::Full { capacity } => {
                write!(f, "all {capacity} requests are taken: raise LOOKUPS in the storage, or cancel one")
            }
            Self::CacheFull { needed } => write!(
                f,
                "the cache has no {needed} octets left: raise CACHE in the storage, or cancel a request"
            ),
        }
    }
}

impl core::error::Error for RequestError {}

/// There are more servers than slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ServersError {
    /// The slots that there are.
    pub capacity: usize,
}

impl fmt::Display for ServersError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "there is room for {} DNS servers: raise SERVERS in the storage, or give fewer",
            self.capacity
        )
    }
}

impl core::error::Error for ServersError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_different_next_time_is_worse() {
        let by_rank = [
            Failure::NoName,
            Failure::NoData,
            Failure::NoService,
            Failure::Aliases,
            Failure::NoServers,
            Failure::Unreachable { servers: 1 },
            Failure::Timeout { servers: 1 },
            Failure::Lame,
            Failure::ServerFailure(Rcode::REFUSED),
            Failure::Truncated,
            Failure::TooLong { octets: 7 },
            Failure::NoRoom,
        ];
        for (&better, &worse) in by_rank.iter().zip(by_rank.iter().skip(1)) {
            assert_eq!((worse.or_worse(Some(better)), better.or_worse(Some(worse))), (worse, worse));
        }
        // Of equals the later one is told.
        let later = Failure::ServerFailure(Rcode::SERVFAIL);
        assert_eq!(later.or_worse(Some(Failure::ServerFailure(Rcode::REFUSED))), later);
    }

    #[test]
    fn what_is_remembered_comes_back_as_it_was() {
        let remembered = [Failure::NoName, Failure::NoData, Failure::Lame, Failure::Truncated];
        let timeouts = (0..=8).map(|servers| Failure::Timeout { servers });
        let codes = (0..64).map(|code| Failure::ServerFailure(Rcode(code)));
        for failure in remembered.into_iter().chain(timeouts).chain(codes) {
            assert_eq!(failure.to_octet().map(Failure::from_octet), Some(failure));
        }
        for failure in [
            Failure::NoServers,
            Failure::NoRoom,
            Failure::Aliases,
            Failure::TooLong { octets: 7 },
            Failure::Unreachable { servers: 1 },
            Failure::ServerFailure(Rcode(64)),
        ] {
            assert_eq!(failure.to_octet(), None);
        }
    }
}
