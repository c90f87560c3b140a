//! What is shown to an application: nothing that was not heard, and in the end all that is there.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::heard::Heard;
use super::requests::Request;
use crate::finder::Wanted;
use crate::host::{Device, View};
use crate::invariant::Invariant;
use crate::support::{Data, HOUR, Name, SECOND, kind};
use crate::wish::{Model, Own, Power, folded_name, plain};

type Verdict = Result<(), (Invariant, String)>;

/// All that is shown was heard, or is told by the host itself, and its life is not over.
pub(crate) fn supported(
    now: u64,
    request: &Request,
    device: &Device<'_>,
    heard: &Heard,
    own: &[Own],
) -> Verdict {
    let bad = |name: &Name, text: String| Err((Invariant::Unsupported, format!("{name}: {text}")));
    if let Wanted::Lookup { millis: None, .. } = request.wanted {
        let addresses = heard.addresses(&request.name(), now);
        if let Some(ip) = request.told.iter().find(|ip| !addresses.contains_key(ip)) {
            return bad(&request.name(), format!("{ip} was not heard"));
        }
    }
    for shown in &request.shown {
        let name = &shown.name;
        let Some(view) = device.instance(shown.id) else {
            return bad(name, "not lost, and yet not there".to_owned());
        };
        if folded_name(&view.name) != *name {
            return bad(name, format!("it is {} now", view.name));
        }
        let is_own = |rtype, data: Data, of: &Name| {
            let key = plain(of.clone(), rtype, data);
            own.iter().any(|own| own.key == key)
        };
        let pointed = || {
            heard.supports(&request.name(), name, now)
                || is_own(kind::PTR, Data::Name(name.clone()), &request.name())
        };
        if matches!(request.wanted, Wanted::Browse(_)) && !pointed() {
            return bad(name, "nothing points to it".to_owned());
        }
        let Some(host) = view.host.as_ref().map(folded_name) else { continue };
        // While the host looks for a name, its own services are shown under the one that it tries.
        if own.iter().any(|own| own.key.rtype == kind::SRV && own.key.name == *name) {
            continue;
        }
        let port = view.port;
        let srv = Data::Srv { priority: 0, weight: 0, port, target: host.clone() };
        if !heard.servers(name, now).contains(&(host.clone(), port)) && !is_own(kind::SRV, srv, name) {
            return bad(name, format!("{host}:{port} was not heard"));
        }
        if let Some(text) = &view.txt
            && !heard.texts(name, now).contains(text)
            && !is_own(kind::TXT, Data::Txt(text.clone()), name)
        {
            return bad(name, format!("{text:?} was not heard"));
        }
        let addresses = heard.addresses(&host, now);
        let of_own = |ip: &IpAddr| match ip {
            IpAddr::V4(ip) => is_own(kind::A, Data::A(*ip), &host),
            IpAddr::V6(ip) => is_own(kind::AAAA, Data::Aaaa(*ip), &host),
        };
        if let Some(ip) = view.addresses.iter().find(|ip| !addresses.contains_key(ip) && !of_own(ip)) {
            return bad(name, format!("{ip} of {host} was not heard"));
        }
    }
    Ok(())
}

/// What a run knows of the moment in which a host is compared with the truth.
pub(crate) struct Moment<'m> {
    pub(crate) at: u64,
    pub(crate) host: usize,
    pub(crate) models: &'m [Model],
    /// When each host has changed last.
    pub(crate) changed: &'m [u64],
    /// When the link has lost a copy last, or sent a question of the host back to it.
    pub(crate) lost: u64,
    /// When the host was switched on, or its link came up.
    pub(crate) up: u64,
}

impl Moment<'_> {
    /// All that other hosts have of what is asked for, and that could have come by now, is shown.
    pub(crate) fn complete(
        &self,
        request: &Request,
        began: u64,
        device: &Device<'_>,
        heard: &Heard,
        now: u64,
    ) -> Verdict {
        let began = began.max(self.up);
        for (other, model) in self.models.iter().enumerate() {
            if other == self.host || model.power != Power::Up {
                continue;
            }
            let since = self.lost.max(self.changed[other]).max(self.up).max(request.began);
            let due = after_back_off(began, since);
            if self.at < due {
                continue;
            }
            // Of a name that is its own a host asks nobody: that another one has it too is found out by conflicts.
            let is_own = self.models[self.host].owner_of(&request.name()).is_some();
            if let Wanted::Lookup { millis: None, .. } = request.wanted
                && !is_own
                && self.at >= due + LIFE
            {
                let truth = addresses_of(&request.name(), &model.records);
                let fits = |ip: &&IpAddr| {
                    request.types().contains(if ip.is_ipv4() { &kind::A } else { &kind::AAAA })
                };
                if let Some(ip) = truth.iter().filter(fits).find(|ip| !request.told.contains(ip)) {
                    return Err((Invariant::Incomplete, format!("{ip} of host {other} is not told")));
                }
            }
            for instance in instances(request, &model.records) {
                let bad = |text: &str| {
                    let text = format!(
                        "{instance} of host {other}: {text}, {} ms after all could be heard",
                        self.at - since
                    );
                    Err((Invariant::Incomplete, text))
                };
                let Some(shown) = request.shown.iter().find(|shown| shown.name == instance) else {
                    return bad("not shown");
                };
                if !request.leads_on() && matches!(request.wanted, Wanted::Browse(_)) {
                    continue;
                }
                let view = device.instance(shown.id);
                if shown.resolved.is_none() {
                    return bad("not resolved");
                }
                let Some(view) = view else { return bad("not there") };
                self.true_or_stale(&view, &model.records, heard, now, due).or_else(|text| bad(&text))?;
            }
        }
        Ok(())
    }

    /// What is shown of an instance is the truth, or something older whose life is not over.
    fn true_or_stale(
        &self,
        view: &View,
        records: &[Own],
        heard: &Heard,
        now: u64,
        due: u64,
    ) -> Result<(), String> {
        let name = folded_name(&view.name);
        let has = |rtype, data| {
            let key = plain(name.clone(), rtype, data);
            records.iter().any(|own| own.key == key)
        };
        let Some(host) = view.host.as_ref().map(folded_name) else { return Err("no host".to_owned()) };
        let Some(text) = &view.txt else { return Err("no TXT".to_owned()) };
        let srv = Data::Srv { priority: 0, weight: 0, port: view.port, target: host.clone() };
        if !has(kind::SRV, srv) {
            let stale = heard.servers(&name, now).contains(&(host.clone(), view.port));
            return if stale { Ok(()) } else { Err(format!("{host}:{} is not true", view.port)) };
        }
        if !has(kind::TXT, Data::Txt(text.clone())) && !heard.texts(&name, now).contains(text) {
            return Err(format!("{text:?} is not true"));
        }
        if self.at < due + LIFE {
            return Ok(());
        }
        let truth = addresses_of(&host, records);
        if view.addresses.is_superset(&truth) {
            Ok(())
        } else {
            Err(format!("{:?} are not all", view.addresses))
        }
    }
}

fn addresses_of(host: &Name, records: &[Own]) -> BTreeSet<IpAddr> {
    let address = |own: &Own| match own.key.data {
        Data::A(ip) if own.key.name == *host => Some(IpAddr::from(ip)),
        Data::Aaaa(ip) if own.key.name == *host => Some(IpAddr::from(ip)),
        _ => None,
    };
    records.iter().filter_map(address).collect()
}

/// The instances, or types, that a host's records show to a request; those whose host has addresses.
fn instances(request: &Request, records: &[Own]) -> Vec<Name> {
    let name = request.name();
    let has_address = records.iter().any(|own| matches!(own.key.rtype, kind::A | kind::AAAA));
    let of = |own: &Own| match (&request.wanted, &own.key.data) {
        (Wanted::Browse(_), Data::Name(target)) if own.key.name == name => Some(target.clone()),
        (Wanted::Resolve { .. }, Data::Srv { .. }) if own.key.name == name => Some(name.clone()),
        _ => None,
    };
    records.iter().filter(|_| has_address).filter_map(of).collect()
}

/// When a question that began at `began` has been asked again after `since`, and what it leads to has been asked for:
/// the wait doubles, so it is not longer than all the time before (RFC 6762 section 5.2), or than twice that where each
/// question was another's, half a wait early (7.3).
fn after_back_off(began: u64, since: u64) -> u64 {
    let wait = (2 * (since - began)).min(HOUR) + SECOND;
    since + wait + wait / 50 + ANSWERS
}

/// Three answers, each delayed by 120 ms, and 500 ms more after a query with TC; a second for records that were
/// multicast just now; and what is on its way.
const ANSWERS: u64 = 6 * SECOND;

/// An address that another one hides is learnt when that one is refreshed.
const LIFE: u64 = 125 * SECOND;
