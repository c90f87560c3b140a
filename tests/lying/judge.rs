//! Whether an outcome is right, or an honest error in time.

use std::collections::BTreeSet;
use std::net::IpAddr;

use dotlocal::Families;
use dotlocal::resolver::{Event, Failure, FoundAddress, RequestId};
use dotlocal::wire::Rcode;

use super::lie::Lie;
use super::plan::{Held, Plan};
use super::server::{Manner, Sent, Tcp};
use super::zone::{FORGED, Truth, truth};
use crate::support::{Data, kind};

/// What was said in a run, as far as failures have to follow from it.
#[derive(Default)]
pub(crate) struct Facts {
    lies: BTreeSet<Lie>,
    /// Codes of replies.
    codes: BTreeSet<u16>,
    /// A datagram had a part of an answer.
    has_parts: bool,
    pub(crate) wrong_replies: u32,
}

impl Facts {
    pub(crate) fn note(&mut self, sent: &Sent) {
        self.lies.extend(sent.lie);
        let is_stream = matches!(sent.channel, dotlocal::Channel::Tcp(_));
        if let (false, [_, _, high, low, ..]) = (is_stream, sent.octets.as_slice()) {
            self.codes.insert((low & 15).into());
            self.has_parts |= high & 2 != 0;
        }
    }
}

/// A lookup, and what became of it.
#[derive(Clone, Debug)]
pub(crate) struct Looked {
    pub(crate) id: RequestId,
    pub(crate) name: &'static str,
    families: Families,
    pub(crate) began: u64,
    timeout: u32,
    found: Vec<FoundAddress>,
    canonical: Option<String>,
    outcome: Option<Event>,
    pub(crate) ended: Option<u64>,
    /// Queries that have left since it began.
    pub(crate) sent: u32,
}

impl Looked {
    pub(crate) fn new(
        id: RequestId,
        name: &'static str,
        families: Families,
        began: u64,
        timeout: u32,
    ) -> Self {
        let (found, canonical, outcome, ended) = (Vec::new(), None, None, None);
        Self { id, name, families, began, timeout, found, canonical, outcome, ended, sent: 0 }
    }

    pub(crate) fn is_open(&self) -> bool {
        self.ended.is_none()
    }

    pub(crate) fn note(
        &mut self,
        event: Event,
        found: Vec<FoundAddress>,
        canonical: Option<String>,
        now: u64,
    ) {
        (self.outcome, self.found, self.canonical) = (Some(event), found, canonical);
        let is_over = !matches!(event, Event::Found { is_complete: false, .. });
        self.ended = is_over.then_some(now);
    }

    pub(crate) fn failure(&self) -> Option<Failure> {
        match self.outcome {
            Some(Event::Failed { failure, .. }) => Some(failure),
            _ => None,
        }
    }

    fn types(&self) -> impl Iterator<Item = u16> {
        [(kind::AAAA, self.families.v6()), (kind::A, self.families.v4())]
            .into_iter()
            .filter_map(|(rtype, is_wanted)| is_wanted.then_some(rtype))
    }

    fn truths(&self) -> impl Iterator<Item = (u16, Truth)> {
        let name = self.name.parse().unwrap();
        self.types().map(move |rtype| (rtype, truth(&name, rtype).1))
    }
}

fn is_of(address: IpAddr, rtype: u16) -> bool {
    address.is_ipv4() == (rtype == kind::A)
}

/// Holds what was told against what is true. Tells whether a forged address was believed where that is to be expected.
pub(crate) fn judge(looked: &Looked, plan: &Plan, facts: &Facts, others: &[Looked]) -> Result<bool, String> {
    let wrong = |what: &str| Err(format!("WRONG {what}: {looked:?}"));
    let now = looked.ended.unwrap_or(looked.began);
    if now > looked.began + u64::from(looked.timeout) {
        return wrong("it ends behind its deadline");
    }
    let forged = FORGED.map(|forged| forged.split(' ').nth(1).unwrap().parse::<IpAddr>().unwrap());
    if looked.found.iter().any(|found| forged.contains(&found.address)) {
        return if plan.held == Held::Nothing { wrong("a forged address") } else { Ok(true) };
    }
    match looked.failure() {
        Some(failure) => is_honest(looked, failure, plan, facts, others),
        None => is_right(looked, plan, facts),
    }
}

fn is_right(looked: &Looked, plan: &Plan, facts: &Facts) -> Result<bool, String> {
    let wrong = |what: &str| Err(format!("WRONG {what}: {looked:?}"));
    if looked.found.is_empty() {
        return wrong("found, and nothing is there");
    }
    let mut places = BTreeSet::new();
    for (rtype, truth) in looked.truths() {
        let found: Vec<_> = looked.found.iter().filter(|found| is_of(found.address, rtype)).collect();
        let (data, ttl) = match truth {
            Truth::Records { canonical, ttl, data } => {
                places.insert(canonical.to_string());
                (data, ttl)
            }
            _ => (BTreeSet::new(), 0),
        };
        let addresses: BTreeSet<Data> = found
            .iter()
            .map(|found| match found.address {
                IpAddr::V4(address) => Data::A(address),
                IpAddr::V6(address) => Data::Aaaa(address),
            })
            .collect();
        if addresses.len() < found.len() || !addresses.is_subset(&data) {
            return wrong("addresses that nobody has");
        }
        // A part is used where the whole cannot be had.
        if !addresses.is_empty() && addresses.len() < data.len() && !facts.has_parts {
            return wrong("a part of the addresses");
        }
        if found.iter().any(|found| found.ttl_secs > if plan.serves_stale { ttl.max(30) } else { ttl }) {
            return wrong("it lives longer than it may");
        }
        let is_complete = matches!(looked.outcome, Some(Event::Found { is_complete: true, .. }));
        if is_complete && plan.must_succeed() && addresses.is_empty() && !data.is_empty() {
            return wrong("a family is missing");
        }
    }
    if looked.found.iter().any(|found| !looked.types().any(|rtype| is_of(found.address, rtype))) {
        return wrong("a family that is not wanted");
    }
    match &looked.canonical {
        Some(name) if places.contains(name) => Ok(false),
        _ => wrong("the canonical name"),
    }
}

fn is_honest(
    looked: &Looked,
    failure: Failure,
    plan: &Plan,
    facts: &Facts,
    others: &[Looked],
) -> Result<bool, String> {
    let all = |wanted: &[Truth]| looked.truths().all(|(_, truth)| wanted.contains(&truth));
    let any = |manners: fn(&Manner) -> bool| plan.servers.iter().any(|server| manners(&server.manner));
    let ended = looked.ended.unwrap_or(0);
    let is_it = match failure {
        Failure::NoName => all(&[Truth::NoName]),
        Failure::NoData => all(&[Truth::NoData, Truth::NoName]),
        Failure::Aliases => {
            looked.truths().any(|(_, truth)| truth == Truth::Ring)
                || facts.lies.iter().any(|lie| lie.is_without_end())
        }
        Failure::Timeout { servers } => {
            // It is remembered for five seconds.
            let is_remembered =
                others.iter().any(|other| other.ended.is_some_and(|at| at <= ended && ended - at < 5_000));
            let is_over = ended == looked.began + u64::from(looked.timeout);
            usize::from(servers) <= plan.servers.len() && (is_over || is_remembered)
        }
        Failure::Unreachable { .. } => plan.servers.iter().all(|server| server.manner == Manner::Unreachable),
        Failure::Truncated => facts.has_parts,
        Failure::ServerFailure(Rcode::NOERROR) => any(|manner| *manner == Manner::Lies),
        // It was asked again once with the cookie that it gave, and that was lost (RFC 7873 section 5.3).
        Failure::ServerFailure(Rcode::BADCOOKIE) => any(|manner| *manner == Manner::WantsCookie),
        Failure::ServerFailure(Rcode(code)) => facts.codes.contains(&code),
        Failure::Lame => any(|manner| *manner == Manner::Lame),
        Failure::TooLong { .. } => plan.servers.iter().any(|server| matches!(server.tcp, Tcp::Lengthens(_))),
        _ => false,
    };
    if !is_it {
        return Err(format!("WRONG failure {failure}: {looked:?}"));
    }
    let is_final = looked.truths().all(|(_, truth)| !matches!(truth, Truth::Records { .. }));
    if plan.must_succeed() && !is_final {
        return Err(format!("WRONG it had to be found: {looked:?}"));
    }
    Ok(false)
}
