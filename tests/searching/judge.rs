//! The checker: it sees what passes on the link and what the applications ask for and are told, and puts it before
//! the rules.

use std::net::SocketAddr;

use dotlocal::mdns::{InstanceId, QuerierEvent, RequestId};

use super::draw::Birth;
use super::finder::Wanted;
use super::findings::Findings;
use super::host::{Device, Part, Told, View};
use super::invariant::Invariant;
use super::link::{Packet, Skew};
use super::rules::complete::{Moment, supported};
use super::rules::heard::{Heard, Targets};
use super::rules::known::Known;
use super::rules::questions::Questions;
use super::rules::requests::Request;
use super::wish::{Model, Power, folded_name};
use crate::support::{Data, Name, R, SECOND, kind};

/// What the checker knows of a host that looks for others.
#[derive(Default)]
struct Finder {
    requests: Vec<Request>,
    heard: Heard,
    questions: Questions,
    known: Known,
    /// Until when unicast answers count: two seconds behind a question that asked for them (RFC 6762 section 6).
    unicast_until: u64,
    /// When it was switched on, or its link came up; by the link's clock.
    up: u64,
    /// When a question of its own came back last, which may count as that of another (7.3); by the link's clock.
    sent_back: u64,
}

pub(crate) struct Judge {
    pub(crate) models: Vec<Model>,
    skews: Vec<Skew>,
    parts: Vec<Part>,
    finders: Vec<Finder>,
    /// When the records of each host have changed last, and when the link has lost a copy last.
    changed: Vec<u64>,
    lost: u64,
    compared: u64,
    pub(crate) findings: Findings,
    now: u64,
}

impl Judge {
    pub(crate) fn new(births: &[Birth]) -> Self {
        Self {
            models: births.iter().map(|birth| Model::new(birth.wish.clone())).collect(),
            skews: births.iter().map(|birth| birth.skew).collect(),
            parts: births.iter().map(|birth| birth.part).collect(),
            finders: births.iter().map(|_| Finder::default()).collect(),
            changed: vec![0; births.len()],
            lost: 0,
            compared: 0,
            findings: Findings::default(),
            now: 0,
        }
    }

    fn local(&self, host: usize) -> u64 {
        self.skews[host].local(self.now)
    }

    /// Time passes up to `at`; until then nothing changes.
    pub(crate) fn until(&mut self, at: u64, silent: bool, devices: &[Option<Device<'_>>]) {
        if at == self.now {
            return;
        }
        // One moment before what comes.
        self.now = at - 1;
        if silent || at - self.compared > SELDOM {
            self.compared = at;
            for (host, device) in devices.iter().enumerate() {
                if let (Some(device), Power::Up) = (device, self.models[host].power) {
                    self.compare(host, device);
                }
            }
        }
        self.now = at;
    }

    /// What is shown to the application against what was heard, and against the truth.
    fn compare(&mut self, host: usize, device: &Device<'_>) {
        let (now, finder) = (self.local(host), &self.finders[host]);
        let (models, changed) = (&self.models, &self.changed);
        let lost = self.lost.max(finder.sent_back);
        let moment = Moment { at: self.now, host, models, changed, lost, up: finder.up };
        for request in &finder.requests {
            let same = finder.requests.iter().filter(|other| other.wanted == request.wanted);
            let began = same.map(|other| other.began).min().unwrap_or(0);
            let verdict = if request.is_overdue(now) {
                Err((Invariant::Lookup, "goes on after its time".to_owned()))
            } else {
                supported(now, request, device, &finder.heard, &models[host].records)
                    .and_then(|()| moment.complete(request, began, device, &finder.heard, now))
            };
            if let Err((invariant, text)) = verdict {
                let text = format!("{:?}: {text}", request.wanted);
                return self.findings.note(self.now, host, invariant, text);
            }
        }
    }

    pub(crate) fn finish(&self) {}

    pub(crate) fn broken(&mut self, host: usize, invariant: Invariant, text: String) {
        self.findings.note(self.now, host, invariant, text);
    }

    fn check(&mut self, host: usize, verdict: Result<(), (Invariant, String)>) {
        if let Err((invariant, text)) = verdict {
            self.broken(host, invariant, text);
        }
    }

    /// The host is switched on or off, or its link comes or goes.
    pub(crate) fn powered(&mut self, at: u64, host: usize, power: Power) {
        self.now = at;
        let model = &mut self.models[host];
        let was = std::mem::replace(&mut model.power, power);
        model.unsettle();
        self.changed[host] = at;
        (self.finders[host].up, self.finders[host].unicast_until) = (at, 0);
        self.finders[host].questions.begin_anew();
        if power == Power::Off || was == Power::Off {
            self.models[host].names.clear();
            self.finders[host] = Finder { up: at, ..Finder::default() };
        }
    }

    /// The application looks for something.
    pub(crate) fn wants(&mut self, at: u64, host: usize, id: RequestId, wanted: Wanted) {
        self.now = at;
        let request = Request::new(id, wanted, self.local(host), at);
        if !matches!(request.wanted, Wanted::Browse(_)) {
            let now = self.local(host);
            self.finders[host].questions.hurry(now, &request.name(), &request.types());
        }
        self.finders[host].requests.push(request);
    }

    /// It looks for it no more.
    pub(crate) fn cancelled(&mut self, at: u64, host: usize, id: RequestId) {
        self.now = at;
        self.finders[host].requests.retain(|request| request.id != id);
    }

    /// The open requests of a host.
    pub(crate) fn open(&self, host: usize) -> Vec<(RequestId, Wanted)> {
        self.finders[host].requests.iter().map(|request| (request.id, request.wanted.clone())).collect()
    }

    /// The instances that an application knows of.
    pub(crate) fn shown(&self, host: usize) -> Vec<(InstanceId, Name)> {
        let shown = self.finders[host].requests.iter().flat_map(|request| &request.shown);
        shown.map(|shown| (shown.id, shown.name.clone())).collect()
    }

    /// The link was down: all is to be confirmed (RFC 6762 section 10.3).
    pub(crate) fn confirms_all(&mut self, at: u64, host: usize) {
        self.now = at;
        let now = self.local(host);
        self.finders[host].heard.confirm(now, |_| true);
    }

    /// An instance did not work.
    pub(crate) fn confirms(&mut self, at: u64, host: usize, name: &Name, of: Option<&Name>) {
        self.now = at;
        let (now, of) = (self.local(host), of.map(folded_name));
        self.finders[host].heard.confirm(now, |key| {
            key.name == *name || key.data == Data::Name(name.clone()) || of.as_ref() == Some(&key.name)
        });
    }

    /// Another network: nothing is known.
    pub(crate) fn forgets(&mut self, at: u64, host: usize) {
        self.now = at;
        self.finders[host].heard.forget();
    }

    /// What the machine told in one drain.
    pub(crate) fn told(&mut self, host: usize, device: &Device<'_>, events: &[Told]) {
        let before: Vec<_> = self.models[host].records.iter().map(|own| own.key.clone()).collect();
        let own: Vec<_> = events.iter().filter_map(Told::own).collect();
        self.models[host].told(device, &own);
        if !self.models[host].records.iter().map(|own| &own.key).eq(before.iter()) {
            self.changed[host] = self.now;
        }
        let now = self.local(host);
        if self.parts[host] == Part::Endpoint {
            self.finders[host].heard.has_itself(now, &self.models[host].records);
        }
        // What ends in this moment may have asked in it.
        let mut wanted = self.wanted(host);
        for event in events {
            if let Told::Other(event, view) = event {
                let verdict = self.other(host, event, view.as_ref());
                let with = |(invariant, text)| (invariant, format!("{event:?}: {text}"));
                self.check(host, verdict.map_err(with));
            }
        }
        wanted.extend(self.wanted(host));
        let (now, finder) = (self.local(host), &mut self.finders[host]);
        finder.requests.iter_mut().for_each(|request| request.follow(device, &finder.heard, now));
        finder.questions.follow(now, &wanted, &mut finder.heard);
    }

    /// The questions that a host may ask.
    fn wanted(&self, host: usize) -> Targets {
        let (now, finder) = (self.local(host), &self.finders[host]);
        let mut wanted = Targets::new();
        if self.models[host].power == Power::Up {
            finder.requests.iter().for_each(|request| request.add_questions(&finder.heard, now, &mut wanted));
        }
        wanted.retain(|(name, _)| !finder.heard.is_ours(name));
        wanted
    }

    fn other(
        &mut self,
        host: usize,
        event: &QuerierEvent,
        view: Option<&View>,
    ) -> Result<(), (Invariant, String)> {
        use QuerierEvent::{
            Address, AddressLost, Done, Failed, Found, Lost, NoRoom, Record, RecordLost, Resolved, Updated,
        };
        let id = match *event {
            NoRoom => return Err((Invariant::NoRoom, "something did not fit".to_owned())),
            Address { request, .. }
            | AddressLost { request, .. }
            | Record { request, .. }
            | RecordLost { request, .. }
            | Done { request }
            | Failed { request, .. }
            | Found { request, .. }
            | Resolved { request, .. }
            | Updated { request, .. }
            | Lost { request, .. } => request,
        };
        let now = self.local(host);
        let lost = |request: &&Request| request.id == id && matches!(event, Lost { .. });
        if let Some(request) = self.finders[host].requests.iter().find(lost)
            && !self.may_be_lost(host, request, view)
        {
            return Err((
                Invariant::TooSoon,
                "its life is not over, and it was not asked for in vain".to_owned(),
            ));
        }
        let Finder { requests, heard, .. } = &mut self.finders[host];
        let Some(at) = requests.iter().position(|request| request.id == id) else {
            return Err((Invariant::Cancelled, "a request that is not open".to_owned()));
        };
        match *event {
            Address { address, .. } => requests[at].finds(address, heard, now),
            AddressLost { address, .. } => requests[at].loses(address),
            Done { .. } => requests.remove(at).ends(None, heard, now),
            Failed { reason, .. } => requests.remove(at).ends(Some(reason), heard, now),
            _ => requests[at].shows(event, view),
        }
    }

    /// Whether an instance may be lost now: what shows it has ended, or others have asked for it in vain. What was heard
    /// before anybody looked for it, and was not told, need not have been kept.
    fn may_be_lost(&self, host: usize, request: &Request, view: Option<&View>) -> bool {
        let (now, heard) = (self.local(host), &self.finders[host].heard);
        let (name, rtype) = (request.name(), request.types()[0]);
        let was_told = |key: &R| {
            let told = request.shown.iter().filter_map(|shown| shown.resolved.as_ref());
            told.filter_map(|view| Some((view.host.as_ref()?, view.port)))
                .any(|(host, port)| matches!(&key.data, Data::Srv { target, port: of, .. } if *target == folded_name(host) && *of == port))
        };
        let mut showing = heard.of(&name, rtype, now).filter(|(key, life)| match rtype {
            kind::PTR => view.is_some_and(|view| key.data == Data::Name(folded_name(&view.name))),
            _ => life.received >= request.since || was_told(key),
        });
        // Without a link nothing can be confirmed.
        self.models[host].power != Power::Up
            || !showing.any(|(_, life)| life.expires > now && life.doubted < 2)
    }

    /// A datagram reaches a host.
    pub(crate) fn heard(&mut self, host: usize, packet: &Packet, _: SocketAddr) {
        let now = self.local(host);
        // A lie, or late: it has to be made good first. So has what a neighbour says of one of several addresses as if it
        // were all of them.
        let is_partial = |record: &R| packet.from >= self.models.len() && record.flush;
        if packet.said().any(|(_, _, record)| record.ttl == 0 || is_partial(record)) {
            self.lost = self.now;
        }
        if !packet.message.is_response() && packet.proposed().count() == 0 {
            self.finders[host].heard.overhear(now, packet);
            if packet.from == host {
                self.finders[host].sent_back = self.now;
            }
        }
        let counts = packet.is_multicast() || now < self.finders[host].unicast_until;
        if counts && self.models[host].power == Power::Up {
            self.finders[host].heard.hear(now, packet);
        }
    }

    /// A host sends.
    pub(crate) fn sent(&mut self, packet: &Packet, _: bool) {
        let host = packet.from;
        if packet.message.is_response() || packet.proposed().count() > 0 {
            return;
        }
        if self.models[host].power != Power::Up {
            let text = format!("{:?}, but {}", self.models[host].power, packet.message);
            return self.broken(host, Invariant::Silence, text);
        }
        let (now, own) = (self.local(host), &self.models[host].records);
        let Finder { requests, heard, questions, known, unicast_until, .. } = &mut self.finders[host];
        if packet.message.questions.iter().any(|question| question.qu) {
            *unicast_until = now + 2 * SECOND;
        }
        let mut verdict = known.asked(now, packet, heard, requests, own);
        for question in &packet.message.questions {
            verdict = verdict.and_then(|()| questions.asked(now, question, heard));
        }
        self.check(host, verdict);
    }

    /// A datagram does not reach `to`.
    pub(crate) fn lost(&mut self, _: &Packet, to: usize) {
        if self.models.get(to).is_some_and(|model| model.power == Power::Up) {
            self.lost = self.now;
        }
    }

    pub(crate) fn observed(&self, _: &Packet) {}
}

/// In a busy time the views are compared once in so long.
const SELDOM: u64 = 1_000;
