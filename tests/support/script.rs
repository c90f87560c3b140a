//! Packet scripts: what a machine hears at which millisecond, what it has to send and tell at which millisecond.
//!
//! The clock moves only by what the script says next, and on the way it stops at each deadline of the machine.
//! A datagram that no line of the script expects fails it, and so does one a millisecond too early or too late.
//! A failing script prints its whole timeline.

use std::fmt::Write;
use std::net::SocketAddr;
use std::ops::RangeInclusive;

use dotlocal::{Destination, Disposition, Meta};

use super::clock::{Clock, Machine, Output, Sent};
use super::message::Msg;
use super::octets::{Compression, decode, encode};
use super::text::hex;

/// One machine, one clock, and what happened so far.
pub struct Script<M: Machine> {
    /// For calls without further ado; whatever they change is drained before the next line of the script.
    pub machine: M,
    clock: Clock,
    /// Left at this moment and not expected yet.
    sent: Vec<Sent>,
    told: Vec<Told<M::Event>>,
    last: Option<Sent>,
    longest: usize,
    timeline: String,
    failed: bool,
}

struct Told<E> {
    at: u64,
    event: E,
    expected: bool,
}

/// Times are milliseconds since the script began.
impl<M: Machine> Script<M> {
    pub fn new(machine: M) -> Self {
        let (timeline, clock) = (String::new(), Clock::new());
        Self {
            machine,
            clock,
            sent: Vec::new(),
            told: Vec::new(),
            last: None,
            longest: 0,
            timeline,
            failed: false,
        }
    }

    /// The same, with a clock that shows `start` at the beginning: a script can run across the wrap.
    pub fn starting_at(machine: M, start: u32) -> Self {
        let mut script = Self::new(machine);
        script.clock.start = start;
        script
    }

    /// The octets that a datagram may have, 1440 unless said.
    pub fn with_buffer(mut self, octets: usize) -> Self {
        self.clock.buffer = octets;
        self
    }

    pub fn now(&self) -> u64 {
        self.clock.now
    }

    /// How often a deadline has woken the machine.
    pub fn wakes(&self) -> u32 {
        self.clock.wakes
    }

    /// The next deadline as a time of the script, once all is drained.
    #[track_caller]
    pub fn deadline(&mut self) -> Option<u64> {
        self.settle();
        self.clock.deadline(&self.machine)
    }

    /// Moves the clock; nothing may be sent before `time`.
    #[track_caller]
    pub fn at(&mut self, time: u64) -> &mut Self {
        self.sleep_until(time, &format!("the script goes on at {time} ms"));
        self
    }

    /// Calls the machine at this moment, and drains it.
    #[track_caller]
    pub fn call<T>(&mut self, call: impl FnOnce(&mut M) -> T) -> T {
        self.settle();
        self.note("call", "", "");
        let result = call(&mut self.machine);
        self.settle();
        result
    }

    /// A datagram to the group, compressed as real neighbours send it.
    #[track_caller]
    pub fn hear_at(&mut self, time: u64, source: SocketAddr, text: &str) -> Disposition {
        let octets = self.octets(text);
        self.hear_octets_at(time, source, &octets)
    }

    /// A datagram to our own address.
    #[track_caller]
    pub fn hear_direct_at(&mut self, time: u64, source: SocketAddr, text: &str) -> Disposition {
        let octets = self.octets(text);
        self.hear_meta_at(time, Meta::mdns(source, false), &octets)
    }

    /// Any octets, to the group.
    #[track_caller]
    pub fn hear_octets_at(&mut self, time: u64, source: SocketAddr, octets: &[u8]) -> Disposition {
        self.hear_meta_at(time, Meta::mdns(source, true), octets)
    }

    /// The one that all others end in. A deadline at `time` is handled before the datagram.
    #[track_caller]
    pub fn hear_meta_at(&mut self, time: u64, meta: Meta, octets: &[u8]) -> Disposition {
        self.sleep_until(time, &format!("a datagram is heard at {time} ms"));
        let direct = if meta.multicast { "" } else { " to us" };
        let disposition = self.machine.handle_datagram(self.clock.instant(), meta, octets);
        self.note("in", &format!("{}{direct}", meta.source), &format!("{}  {disposition:?}", show(octets)));
        self.settle();
        disposition
    }

    /// Exactly then, to the group.
    #[track_caller]
    pub fn expect_at(&mut self, time: u64, text: &str) {
        self.expect(time..=time, Destination::Multicast, text);
    }

    /// The next datagram is this one, leaves in this range, to the group. Gives the time.
    #[track_caller]
    pub fn expect_within(&mut self, range: RangeInclusive<u64>, text: &str) -> u64 {
        self.expect(range, Destination::Multicast, text)
    }

    #[track_caller]
    pub fn expect_unicast_at(&mut self, time: u64, to: SocketAddr, text: &str) {
        self.expect(time..=time, Destination::Unicast(to), text);
    }

    #[track_caller]
    pub fn expect_unicast_within(&mut self, range: RangeInclusive<u64>, to: SocketAddr, text: &str) -> u64 {
        self.expect(range, Destination::Unicast(to), text)
    }

    /// The next datagrams are these, in any order, each in this range, to the group. Gives the times, in the
    /// order of `texts`.
    #[track_caller]
    pub fn expect_all_within(&mut self, range: RangeInclusive<u64>, texts: &[&str]) -> Vec<u64> {
        let wanted: Vec<Msg> = texts.iter().map(|text| self.message(text)).collect();
        let mut times = vec![None; texts.len()];
        while times.contains(&None) {
            self.sleep_to_next(&range, &format!("{texts:?}"));
            let decoded = self.decoded(&self.sent[0]);
            let open = |index: &usize| times[*index].is_none() && wanted[*index].same_as(&decoded);
            match (0..wanted.len()).find(open) {
                Some(index) if self.sent[0].to == Destination::Multicast => {
                    times[index] = Some(self.sent.remove(0).at);
                }
                _ => self.fail(&format!("{decoded}\nis none of\n{}", texts.join("\n"))),
            }
        }
        times.into_iter().flatten().collect()
    }

    /// The next datagram, whatever it is, for tests that look inside.
    #[track_caller]
    pub fn next_within(&mut self, range: RangeInclusive<u64>) -> (u64, Destination, Msg) {
        self.sleep_to_next(&range, "a datagram");
        let sent = self.sent.remove(0);
        (sent.at, sent.to, self.decoded(&sent))
    }

    /// The next datagram until `end`, as text, or none: for scripts that count instead of expecting.
    #[track_caller]
    pub fn next_or_none(&mut self, end: u64) -> Option<(u64, String)> {
        self.settle();
        while self.sent.is_empty() && self.clock.now < end {
            self.sleep(end, "the script counts what is sent");
        }
        if self.sent.is_empty() {
            return None;
        }
        let sent = self.sent.remove(0);
        let message = self.decoded(&sent);
        Some((sent.at, message.to_string()))
    }

    /// Everything that is sent up to and including `end`, for scripts that weigh instead of expecting.
    #[track_caller]
    pub fn sent_until(&mut self, end: u64) -> Vec<(u64, Destination, Msg)> {
        let mut all = Vec::new();
        self.settle();
        loop {
            let sent = std::mem::take(&mut self.sent);
            all.extend(sent.iter().map(|sent| (sent.at, sent.to, self.decoded(sent))));
            if self.clock.now >= end {
                return all;
            }
            self.sleep(end, "the script weighs what is sent");
        }
    }

    /// Nothing is sent up to and including `time`.
    #[track_caller]
    pub fn expect_silence_until(&mut self, time: u64) {
        let what = format!("silence is expected until {time} ms");
        self.sleep_until(time, &what);
        self.no_leftover(&what);
    }

    /// Told at this very moment; events that nothing asks about only stand in the timeline.
    #[track_caller]
    pub fn expect_event(&mut self, event: impl Into<M::Event>) {
        let event = event.into();
        self.expect_event_where(&format!("{event:?}"), |told| (*told == event).then_some(()));
    }

    #[track_caller]
    pub fn expect_event_at(&mut self, time: u64, event: impl Into<M::Event>) {
        let event = event.into();
        self.sleep_until(time, &format!("{event:?} is told at {time} ms"));
        self.expect_event(event);
    }

    /// Told once in this range, with nothing sent before. Gives the time.
    #[track_caller]
    pub fn expect_event_within(&mut self, range: RangeInclusive<u64>, event: impl Into<M::Event>) -> u64 {
        let event = event.into();
        let what = format!("{event:?} is told within {range:?} ms");
        self.sleep_until(*range.start().max(&self.clock.now), &what);
        while !self.waiting().any(|told| told.event == event) && self.clock.now < *range.end() {
            self.sleep(*range.end(), &what);
        }
        self.expect_event(event);
        self.clock.now
    }

    /// An event told at this moment of which `pick` makes something, such as a handle; `what` names it.
    #[track_caller]
    pub fn expect_event_where<T>(&mut self, what: &str, mut pick: impl FnMut(&M::Event) -> Option<T>) -> T {
        self.settle();
        let now = self.clock.now;
        let waiting = self.told.iter_mut().filter(|told| told.at == now && !told.expected);
        for told in waiting {
            if let Some(picked) = pick(&told.event) {
                told.expected = true;
                return picked;
            }
        }
        self.fail(&format!("this event is not told: {what}"))
    }

    /// Nothing more is told at this moment.
    #[track_caller]
    pub fn expect_no_event(&mut self) {
        self.settle();
        let event = self.waiting().next().map(|told| format!("{:?}", told.event));
        if let Some(event) = event {
            self.fail(&format!("no event is expected, this one is told: {event}"));
        }
    }

    /// Everything told so far, expected or not.
    pub fn events(&self) -> impl Iterator<Item = (u64, &M::Event)> {
        self.told.iter().map(|told| (told.at, &told.event))
    }

    /// The last datagram that left, as octets: what a switch that reflects would send back.
    #[track_caller]
    pub fn last_sent(&self) -> &[u8] {
        &self.last.as_ref().expect("nothing has been sent").bytes
    }

    /// Octets of the longest datagram that left so far.
    pub fn longest_sent(&self) -> usize {
        self.longest
    }

    #[track_caller]
    fn expect(&mut self, range: RangeInclusive<u64>, to: Destination, text: &str) -> u64 {
        let wanted = self.message(text);
        self.sleep_to_next(&range, text);
        let matching = self.sent.iter().position(|sent| sent.to == to && self.decoded(sent).same_as(&wanted));
        if let Some(index) = matching {
            return self.sent.remove(index).at;
        }
        let sent = &self.sent[0];
        let difference = Msg::difference(&wanted, &self.decoded(sent));
        let sent_to =
            if sent.to == to { String::new() } else { format!(", but it goes to {}", place(sent.to)) };
        self.fail(&format!("to {}, - expected, + sent{sent_to}:\n{difference}", place(to)))
    }

    /// Stops as soon as something has been sent, which must be inside the range.
    #[track_caller]
    fn sleep_to_next(&mut self, range: &RangeInclusive<u64>, what: &str) {
        self.settle();
        if *range.end() < self.clock.now {
            self.fail(&format!("the script goes back in time, {} ms is past", range.end()));
        }
        while self.sent.is_empty() && self.clock.now < *range.end() {
            self.sleep(*range.end(), what);
        }
        if self.sent.is_empty() {
            self.fail(&format!("nothing is sent, expected within {range:?} ms: {what}"));
        } else if self.clock.now < *range.start() {
            let early = range.start() - self.clock.now;
            self.fail(&format!("sent {early} ms too early, expected within {range:?} ms: {what}"));
        }
    }

    #[track_caller]
    fn sleep_until(&mut self, time: u64, what: &str) {
        self.settle();
        if time < self.clock.now {
            self.fail(&format!("the script goes back in time: {what}"));
        }
        while self.clock.now < time {
            self.sleep(time, what);
        }
    }

    /// One step of the driver.
    #[track_caller]
    fn sleep(&mut self, until: u64, what: &str) {
        self.no_leftover(what);
        let outputs = self.clock.sleep(&mut self.machine, until);
        self.record(outputs);
    }

    /// Drains what a call has brought about.
    #[track_caller]
    fn settle(&mut self) {
        let outputs = self.clock.drain(&mut self.machine);
        self.record(outputs);
    }

    #[track_caller]
    fn record(&mut self, outputs: Result<Vec<Output<M::Event>>, String>) {
        let outputs = outputs.unwrap_or_else(|broken| self.fail(&broken));
        for output in outputs {
            match output {
                Output::Sent(sent) => {
                    self.note("out", &place(sent.to), &show(&sent.bytes));
                    self.decoded(&sent);
                    self.last = Some(sent.clone());
                    self.longest = self.longest.max(sent.bytes.len());
                    self.sent.push(sent);
                }
                Output::Told(at, event) => {
                    self.note("told", "", &format!("{event:?}"));
                    self.told.push(Told { at, event, expected: false });
                }
            }
        }
    }

    #[track_caller]
    fn no_leftover(&mut self, what: &str) {
        if let Some(sent) = self.sent.first() {
            let (at, text) = (sent.at, show(&sent.bytes));
            self.fail(&format!(
                "nothing in the script expects what is sent at {at} ms: {text}\nthen: {what}"
            ));
        }
    }

    fn waiting(&self) -> impl Iterator<Item = &Told<M::Event>> {
        let now = self.clock.now;
        self.told.iter().filter(move |told| told.at == now && !told.expected)
    }

    #[track_caller]
    fn decoded(&self, sent: &Sent) -> Msg {
        decode(&sent.bytes).unwrap_or_else(|error| {
            panic!("at {} ms a broken message is sent: {error}\n{}", sent.at, hex(&sent.bytes))
        })
    }

    /// Through octets, so that there is one form of each message whichever way it was written.
    #[track_caller]
    fn message(&self, text: &str) -> Msg {
        let parsed: Msg = text.parse().unwrap_or_else(|error| panic!("{error}"));
        decode(&encode(&parsed, Compression::None)).unwrap_or_else(|error| panic!("{error}, in: {text}"))
    }

    #[track_caller]
    fn octets(&self, text: &str) -> Vec<u8> {
        let parsed: Msg = text.parse().unwrap_or_else(|error| panic!("{error}"));
        encode(&parsed, Compression::Suffixes)
    }

    fn note(&mut self, direction: &str, place: &str, text: &str) {
        let _ = writeln!(self.timeline, "{:>9} ms  {direction:<5}{place:<25}{text}", self.clock.now);
    }

    #[track_caller]
    fn fail(&mut self, reason: &str) -> ! {
        self.failed = true;
        panic!("at {} ms: {reason}\nthe timeline:\n{}", self.clock.now, self.timeline)
    }
}

/// The end of the script is its last line: what the machine has sent by then must have been expected.
impl<M: Machine> Drop for Script<M> {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.settle();
            self.no_leftover("the script ends");
        } else if !self.failed {
            eprintln!("the timeline of the script:\n{}", self.timeline);
        }
    }
}

/// A datagram for people.
pub fn show(octets: &[u8]) -> String {
    decode(octets)
        .map_or_else(|error| format!("octets {} ({error})", hex(octets)), |message| message.to_string())
}

/// A destination for people.
pub fn place(to: Destination) -> String {
    match to {
        Destination::Multicast => "the group".to_owned(),
        Destination::Unicast(address) => address.to_string(),
    }
}
