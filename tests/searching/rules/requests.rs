//! What an application has asked for, and what it was told: the events of each request in their order.

use std::collections::BTreeSet;
use std::net::IpAddr;

use dotlocal::mdns::{Families, InstanceId, LookupFailure, QuerierEvent, RequestId};

use super::heard::{Heard, Targets};
use crate::finder::Wanted;
use crate::host::{Device, View};
use crate::invariant::Invariant;
use crate::support::{Name, SECOND, kind};
use crate::wish::folded_name;

/// An open request.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) id: RequestId,
    pub(crate) wanted: Wanted,
    /// By the host's clock.
    pub(crate) since: u64,
    /// By the link's clock.
    pub(crate) began: u64,
    pub(crate) shown: Vec<Shown>,
    /// The addresses that a lookup was told, and when the first one.
    pub(crate) told: BTreeSet<IpAddr>,
    first: Option<u64>,
    /// The families of which it was told any, though it may be gone.
    families: BTreeSet<u16>,
}

/// An instance that the application knows of.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    pub(crate) id: InstanceId,
    pub(crate) name: Name,
    /// What was told when it was resolved or updated last.
    pub(crate) resolved: Option<View>,
    /// Since then something of it was missing.
    gap: bool,
}

type Verdict = Result<(), (Invariant, String)>;

fn wrong(text: impl Into<String>) -> Verdict {
    Err((Invariant::Sequence, text.into()))
}

/// A name of the link, folded.
pub(crate) fn local(text: &str) -> Name {
    folded_name(&format!("{text}.local").parse().expect("a name"))
}

impl Request {
    pub(crate) fn new(id: RequestId, wanted: Wanted, since: u64, began: u64) -> Self {
        Self {
            id,
            wanted,
            since,
            began,
            shown: Vec::new(),
            told: BTreeSet::new(),
            first: None,
            families: BTreeSet::new(),
        }
    }

    /// The name that it asks for.
    pub(crate) fn name(&self) -> Name {
        match &self.wanted {
            Wanted::Browse(service_type) => local(service_type),
            Wanted::Resolve { instance, service_type } => {
                let mut name = local(service_type);
                name.0.insert(0, instance.to_ascii_lowercase().into_bytes());
                name
            }
            Wanted::Lookup { host, .. } => folded_name(&host.parse().expect("a name")),
        }
    }

    pub(crate) fn types(&self) -> Vec<u16> {
        match &self.wanted {
            Wanted::Browse(_) => vec![kind::PTR],
            Wanted::Resolve { .. } => vec![kind::SRV, kind::TXT],
            Wanted::Lookup { families: Families::Both, .. } => vec![kind::A, kind::AAAA],
            Wanted::Lookup { families: Families::V4, .. } => vec![kind::A],
            Wanted::Lookup { families: Families::V6, .. } => vec![kind::AAAA],
        }
    }

    /// Whether it browses for instances, not for types (RFC 6763 section 9).
    pub(crate) fn leads_on(&self) -> bool {
        matches!(&self.wanted, Wanted::Browse(service_type) if !service_type.starts_with("_services."))
    }

    /// Adds the questions that may be asked for it: its own, and those for what it leads to.
    pub(crate) fn add_questions(&self, heard: &Heard, now: u64, to: &mut Targets) {
        let name = self.name();
        to.extend(self.types().into_iter().map(|rtype| (name.clone(), rtype)));
        let instances = match &self.wanted {
            Wanted::Browse(_) if self.leads_on() => heard.pointed(&name, now),
            Wanted::Resolve { .. } => vec![name],
            _ => Vec::new(),
        };
        for instance in instances {
            for (server, _) in heard.servers(&instance, now) {
                to.extend([kind::A, kind::AAAA].map(|rtype| (server.clone(), rtype)));
            }
            to.extend([kind::SRV, kind::TXT].map(|rtype| (instance.clone(), rtype)));
        }
    }

    /// The application is told something of an instance.
    pub(crate) fn shows(&mut self, event: &QuerierEvent, view: Option<&View>) -> Verdict {
        use QuerierEvent::{Found, Lost, Resolved, Updated};
        let (Found { instance, .. }
        | Resolved { instance, .. }
        | Updated { instance, .. }
        | Lost { instance, .. }) = *event
        else {
            return wrong("an event of another kind of request");
        };
        let at = self.shown.iter().position(|shown| shown.id == instance);
        if let Lost { .. } = event {
            return match at {
                Some(at) => {
                    self.shown.remove(at);
                    Ok(())
                }
                None => wrong("lost without having been found"),
            };
        }
        let Some(view) = view else { return wrong("an instance that is not there") };
        let name = folded_name(&view.name);
        let is_browse = matches!(self.wanted, Wanted::Browse(_));
        let full = view.host.is_some() && view.txt.is_some() && !view.addresses.is_empty();
        match (event, at) {
            (Found { .. }, None) if is_browse => {
                if self.shown.iter().any(|shown| shown.name == name) {
                    return wrong("found twice");
                }
                self.shown.push(Shown { id: instance, name, resolved: None, gap: false });
                Ok(())
            }
            (Resolved { .. } | Updated { .. }, _) if !full => {
                wrong("told as resolved, but something is missing")
            }
            (Resolved { .. }, None) if !is_browse => {
                self.shown.push(Shown { id: instance, name, resolved: Some(view.clone()), gap: false });
                Ok(())
            }
            (Resolved { .. }, Some(at)) if self.shown[at].resolved.is_none() => {
                self.shown[at].resolved = Some(view.clone());
                Ok(())
            }
            (Updated { .. }, Some(at)) if self.shown[at].resolved.is_some() => {
                let shown = &mut self.shown[at];
                let (before, gap) = (shown.resolved.replace(view.clone()), std::mem::take(&mut shown.gap));
                if before.as_ref() == Some(view) && !gap {
                    wrong("updated, but nothing has changed")
                } else {
                    Ok(())
                }
            }
            _ => wrong("out of order"),
        }
    }

    /// Notes of which instances something is missing now, or something else is shown than was told: in between it is not
    /// resolved.
    pub(crate) fn follow(&mut self, device: &Device<'_>, heard: &Heard, now: u64) {
        for shown in &mut self.shown {
            let Some(resolved) = &shown.resolved else { continue };
            let Some(host) = resolved.host.as_ref().map(folded_name) else { continue };
            let has = |name: &Name, rtype| heard.surely_has(name, rtype, now);
            let has_address = has(&host, kind::A) || has(&host, kind::AAAA);
            let is_whole = has_address && has(&shown.name, kind::SRV) && has(&shown.name, kind::TXT);
            shown.gap |= !is_whole || device.instance(shown.id).as_ref() != Some(resolved);
        }
    }

    /// A lookup is told an address.
    pub(crate) fn finds(&mut self, address: IpAddr, heard: &Heard, now: u64) -> Verdict {
        let fits = self.types().contains(if address.is_ipv4() { &kind::A } else { &kind::AAAA });
        if !fits || !heard.addresses(&self.name(), now).contains_key(&address) {
            return Err((Invariant::Unsupported, format!("{address} was not heard for {}", self.name())));
        }
        self.first.get_or_insert(now);
        self.families.insert(if address.is_ipv4() { kind::A } else { kind::AAAA });
        if self.told.insert(address) { Ok(()) } else { wrong(format!("{address} is told twice")) }
    }

    /// An address is gone.
    pub(crate) fn loses(&mut self, address: IpAddr) -> Verdict {
        if self.told.remove(&address) { Ok(()) } else { wrong(format!("{address} was not told")) }
    }

    /// A lookup has ended.
    pub(crate) fn ends(&self, failure: Option<LookupFailure>, heard: &Heard, now: u64) -> Verdict {
        let Wanted::Lookup { millis: Some(millis), .. } = self.wanted else {
            return wrong("the end of what goes on");
        };
        let bad = |text: String| Err((Invariant::Lookup, text));
        let due = self.due(millis);
        // A fast clock leaves milliseconds out.
        if now > due + 1 {
            return bad(format!("ends {} ms late", now - due));
        }
        let name = self.name();
        let heard_of: Vec<_> = heard.addresses(&name, now).into_iter().collect();
        let fits =
            |address: &IpAddr| self.types().contains(if address.is_ipv4() { &kind::A } else { &kind::AAAA });
        let untold = |(address, received): &&(IpAddr, u64)| {
            *received >= self.since && fits(address) && !self.told.contains(address)
        };
        if let Some((address, _)) = heard_of.iter().find(untold) {
            return bad(format!("{address} was heard and is not told"));
        }
        let settled = |rtype: &u16| {
            heard.is_ours(&name) || heard.denies(&name, *rtype, now) || self.families.contains(rtype)
        };
        let settled = self.types().iter().all(settled);
        match (failure, self.families.is_empty()) {
            (None, true) => bad("done without an address".to_owned()),
            (Some(_), false) => bad("failed with an address".to_owned()),
            (None, false) if !settled && now < due => {
                bad("done before the other family could answer".to_owned())
            }
            (Some(LookupFailure::Timeout), true) if now < due => bad("timed out before its time".to_owned()),
            (Some(LookupFailure::NoData), true) if !settled => {
                bad("nobody has said that there is none".to_owned())
            }
            _ => Ok(()),
        }
    }

    /// A lookup that goes on after its time.
    pub(crate) fn is_overdue(&self, now: u64) -> bool {
        matches!(self.wanted, Wanted::Lookup { millis: Some(millis), .. } if now > self.due(millis) + super::heard::LATE)
    }

    fn due(&self, millis: u32) -> u64 {
        let due = self.since + u64::from(millis);
        self.first.map_or(due, |first| due.min(first + SECOND))
    }
}
