//! Whether the network answers everything with itself: a captive portal.

use core::fmt;
use core::net::IpAddr;

use crate::families::Families;
use crate::name::NameBuf;
use crate::resolver::{Event, Failure, RequestError, RequestId, Resolver};

/// A test of the network for a captive portal, which answers all names with its own address until somebody has logged in.
///
/// Three lookups: a random name below `invalid`, which must not exist (RFC 6761 section 6.4), and two names of the
/// application that exist and have nothing to do with each other, such as its own server and one for the time. An
/// application starts it when it is new to a network, or when what it has connected to was not whom it knows; it costs some
/// six small queries. It takes three requests of the resolver while it runs. What the cache knows from another network
/// would hide a portal: tell the resolver by [`Resolver::network_changed`] first, and again once the portal is passed.
///
/// ```
/// use dotlocal::lookup::{CaptiveCheck, Verdict};
/// use dotlocal::resolver::{Event, RequestError, Resolver};
///
/// fn start<'n>(resolver: &mut Resolver<'_>) -> Result<CaptiveCheck<'n>, RequestError> {
///     CaptiveCheck::start(resolver, ["api.example.com", "pool.ntp.org"], &[], 5_000)
/// }
///
/// /// With each event of the resolver, until there is a verdict.
/// fn on_event(check: &mut CaptiveCheck<'_>, resolver: &mut Resolver<'_>, event: &Event) {
///     match check.take(resolver, event) {
///         Some(Verdict::Portal { address, evidence }) => println!("log in at http://{address}: {evidence}"),
///         Some(verdict) => println!("{verdict:?}"),
///         None => {}
///     }
/// }
/// ```
#[derive(Clone, Debug)]
pub struct CaptiveCheck<'n> {
    /// Of the name that does not exist, and the two that do.
    requests: [RequestId; 3],
    outcomes: [Outcome; 3],
    known: &'n [IpAddr],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Open,
    Found,
    Failed(Failure),
}

/// What a [`CaptiveCheck`] has found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Verdict {
    /// Nothing speaks for a portal.
    Clear,
    /// The network answers with itself.
    Portal {
        /// Where the portal is, most likely.
        address: IpAddr,
        /// What speaks for it.
        evidence: Evidence,
    },
    /// The DNS servers of this network invent an address for names that do not exist, and answer truly for others: no
    /// portal, but a spelling mistake finds somebody there.
    InventsNames {
        /// The invented address.
        address: IpAddr,
    },
    /// No name could be looked up, so that nothing is known.
    Unknown(Failure),
}

/// What speaks for a captive portal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Evidence {
    /// A name that cannot exist has an address, and names that exist have the same.
    AnswersForNothing,
    /// Names that have nothing to do with each other share one address of a private network.
    OneAddressForAll,
    /// A name that is known to have certain addresses has others here.
    NotWhereItIs,
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AnswersForNothing => "a name that cannot exist has the address of names that do",
            Self::OneAddressForAll => "names of different owners share one address of a private network",
            Self::NotWhereItIs => "a name that is known to be elsewhere has this address",
        })
    }
}

impl<'n> CaptiveCheck<'n> {
    /// Starts the lookups. `names` exist and have nothing in common; where all addresses of the first are known for good
    /// they are `known`, which is empty otherwise.
    ///
    /// # Errors
    /// As [`Resolver::lookup`]; nothing is started then.
    pub fn start(
        resolver: &mut Resolver<'_>,
        names: [&str; 2],
        known: &'n [IpAddr],
        timeout_millis: u32,
    ) -> Result<Self, RequestError> {
        let [first, second] = names;
        let label = random_label(resolver);
        let nothing = NameBuf::from_labels([&label[..], b"invalid"]).map_err(RequestError::Name)?;
        let nothing = resolver.lookup_name(&nothing, Families::Both, timeout_millis)?;
        let of_first = resolver.lookup(first, Families::Both, timeout_millis);
        let of_second = resolver.lookup(second, Families::Both, timeout_millis);
        let (of_first, of_second) = match (of_first, of_second) {
            (Ok(first), Ok(second)) => (first, second),
            (first, second) => {
                first.into_iter().chain(second).chain([nothing]).for_each(|request| resolver.cancel(request));
                return Err(first.and(second).err().unwrap_or(RequestError::Full { capacity: 0 }));
            }
        };
        Ok(Self { requests: [nothing, of_first, of_second], outcomes: [Outcome::Open; 3], known })
    }

    /// Takes an event of the resolver. `None` until all is known, and for events that are not of this check; with the
    /// verdict the requests are given back.
    pub fn take(&mut self, resolver: &mut Resolver<'_>, event: &Event) -> Option<Verdict> {
        let (request, outcome) = match *event {
            Event::Found { request, is_complete: true } => (request, Outcome::Found),
            Event::Failed { request, failure } => (request, Outcome::Failed(failure)),
            Event::Found { .. } => return None,
        };
        let of_check = self.requests.iter().zip(&mut self.outcomes).find(|(own, _)| **own == request);
        *of_check?.1 = outcome;
        if self.outcomes.contains(&Outcome::Open) {
            return None;
        }
        let verdict = self.verdict(resolver);
        self.cancel(resolver);
        Some(verdict)
    }

    /// Ends the check before there is a verdict.
    pub fn cancel(&self, resolver: &mut Resolver<'_>) {
        self.requests.iter().for_each(|request| resolver.cancel(*request));
    }

    fn verdict(&self, resolver: &Resolver<'_>) -> Verdict {
        let addresses = |request| resolver.addresses(request).map(|found| found.address.to_canonical());
        let shared = |a, b| addresses(a).find(|address| addresses(b).any(|other| other == *address));
        let [nothing, first, second] = self.requests;
        let mut elsewhere = addresses(first).filter(|address| !self.known.contains(address));
        if let (false, Some(address)) = (self.known.is_empty(), elsewhere.next()) {
            return Verdict::Portal { address, evidence: Evidence::NotWhereItIs };
        }
        if let Some(invented) = addresses(nothing).next() {
            let exist = [first, second].into_iter().filter(|request| addresses(*request).next().is_some());
            let have_another = |request| shared(nothing, request).is_none();
            return match exist.map(have_another).reduce(|a, b| a || b) {
                Some(true) => Verdict::InventsNames { address: invented },
                _ => Verdict::Portal { address: invented, evidence: Evidence::AnswersForNothing },
            };
        }
        if let Some(address) = shared(first, second).filter(is_private) {
            return Verdict::Portal { address, evidence: Evidence::OneAddressForAll };
        }
        let failures = self.outcomes.iter().filter_map(|outcome| match outcome {
            // What is denied was answered.
            Outcome::Failed(failure) if !matches!(failure, Failure::NoName | Failure::NoData) => {
                Some(*failure)
            }
            _ => None,
        });
        match failures.clone().count() {
            3 => failures.clone().next().map_or(Verdict::Clear, Verdict::Unknown),
            _ => Verdict::Clear,
        }
    }
}

/// Letters of which nobody else has thought.
fn random_label(resolver: &mut Resolver<'_>) -> [u8; 12] {
    let mut label = [b'a'; 12];
    for part in label.chunks_mut(4) {
        let mut drawn = resolver.random_word();
        for letter in part {
            *letter += (drawn % 26) as u8;
            drawn /= 26;
        }
    }
    label
}

/// Whether an address is one of a private network (RFC 1918, RFC 4193, RFC 6598, RFC 3927, RFC 4291).
fn is_private(address: &IpAddr) -> bool {
    match address {
        IpAddr::V4(ip) => {
            let [a, b, ..] = ip.octets();
            ip.is_private() || ip.is_link_local() || ip.is_loopback() || a == 100 && (64..128).contains(&b)
        }
        IpAddr::V6(ip) => ip.is_unique_local() || ip.is_unicast_link_local() || ip.is_loopback(),
    }
}
