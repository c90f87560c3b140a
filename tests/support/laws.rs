//! The laws of a machine, run over random traces. Whoever breaks one reads the seed, the law, and what differed.

use std::collections::{BTreeMap, BTreeSet};

use dotlocal::{Destination, Disposition};

use super::clock::{Clock, MINUTE, Machine, Output, SECOND, Sent};
use super::message::{Section, kind};
use super::octets::decode;
use super::prng::Prng;
use super::script::{place, show};
use super::trace::{Input, hostile, trace};

/// A machine, ready to run, and the world around it.
pub struct Subject<M: Machine> {
    /// A machine with its names set, the same one each time.
    pub build: Box<dyn Fn() -> M>,
    /// What the application may do at any moment, each once in a trace. The capacities must suffice for all.
    pub calls: Vec<fn(&mut M)>,
    /// Sound packets that end in the same state whenever the driver drains: nothing in them contradicts the
    /// machine, withdraws a record, or asks for one that is not announced. TTLs of two minutes or more.
    pub peaceful: Vec<&'static str>,
    /// Calls and packets whose outcome depends on the moment: a rival that comes before our first probe is no
    /// rival, a record that is gone before the drain was never told.
    pub unruly_calls: Vec<fn(&mut M)>,
    pub unruly: Vec<&'static str>,
    /// Whether the machine has been told its addresses, and so can tell who is off the link.
    pub knows_its_link: bool,
}

impl<M: Machine> Subject<M> {
    /// Law 5. A drain ends, a second one brings nothing and moves no deadline.
    pub fn the_deadline_after_a_drain_lies_ahead(&self) {
        each_seed(|seed| {
            let player = self.play(seed, &self.wild(seed), &Manner::default());
            assert!(player.clock.wakes < 2_000, "{}: {} wakes", replay(seed), player.clock.wakes);
        });
    }

    /// Law 10.
    pub fn equal_traces_end_in_equal_outputs(&self) {
        self.compare("law 10: the same trace gave other outputs", &Manner::default());
    }

    /// A clock that starts at zero, or seconds before its wrap, is a clock like any other.
    pub fn the_start_of_the_clock_is_not_seen(&self) {
        for start in [0, u32::MAX - 7_000] {
            self.compare(
                "the start or the wrap of the clock is seen",
                &Manner { start, ..Manner::default() },
            );
        }
    }

    /// Law 6.
    pub fn a_spurious_timeout_changes_nothing(&self) {
        self.compare(
            "law 6: a spurious handle_timeout changed something",
            &Manner { spurious: true, ..Manner::default() },
        );
    }

    /// The drain brings the time as well: what it ends is told in it, whoever has called before.
    pub fn a_drain_alone_brings_the_time(&self) {
        self.compare("the drain did not bring the time", &Manner { drains_alone: true, ..Manner::default() });
    }

    /// Laws 7 and 8.
    pub fn a_hostile_datagram_changes_nothing(&self) {
        self.compare(
            "laws 7, 8: a hostile datagram changed something",
            &Manner { hostile: true, ..Manner::default() },
        );
    }

    /// Laws 1, 3 and 4. A driver that drains after each third input only: in the end the application knows the
    /// same, and a neighbour that heard every datagram believes the same.
    pub fn draining_late_loses_nothing(&self) {
        each_seed(|seed| {
            let inputs = trace(seed, &self.peaceful, self.calls.len(), true);
            let eager = self.play(seed, &inputs, &Manner::default());
            let late = self.play(seed, &inputs, &Manner { drain_each: 3, ..Manner::default() });
            let lost = |what: &str, eager: &str, late: &str| {
                panic!(
                    "{}\nlaws 1, 3, 4: drained late, {what} differ\neager: {eager}\nlate:  {late}",
                    replay(seed)
                )
            };
            if eager.told != late.told {
                lost("the last events", &format!("{:#?}", eager.told), &format!("{:#?}", late.told));
            }
            if eager.neighbour != late.neighbour {
                let (eager, late) = (&eager.neighbour, &late.neighbour);
                lost("the records announced", &format!("{eager:#?}"), &format!("{late:#?}"));
            }
        });
    }

    fn wild(&self, seed: u64) -> Vec<Input> {
        trace(seed, &self.vocabulary(), self.calls.len() + self.unruly_calls.len(), false)
    }

    fn vocabulary(&self) -> Vec<&'static str> {
        [self.peaceful.as_slice(), self.unruly.as_slice()].concat()
    }

    /// Plays each trace plainly and in another manner; every output has to be the same at the same time.
    fn compare(&self, law: &str, manner: &Manner) {
        each_seed(|seed| {
            let inputs = self.wild(seed);
            let plain = self.play(seed, &inputs, &Manner::default()).log;
            let other = self.play(seed, &inputs, manner).log;
            let equal = plain.iter().zip(&other).take_while(|(plain, other)| plain == other).count();
            if equal < plain.len().max(other.len()) {
                let show = |log: &[String]| log.get(equal).map_or("nothing".to_owned(), String::clone);
                let before = plain[equal.saturating_sub(8)..equal].join("\n");
                let (plain, other) = (show(&plain), show(&other));
                panic!("{}\n{law}\n{before}\nplain: {plain}\nthen:  {other}", replay(seed));
            }
        });
    }

    fn play(&self, seed: u64, inputs: &[Input], manner: &Manner) -> Player<M> {
        let mut clock = Clock::new();
        (clock.start, clock.drains_alone) = (manner.start, manner.drains_alone);
        let (told, neighbour, log) = (BTreeMap::new(), BTreeSet::new(), Vec::new());
        let mut player = Player { machine: (self.build)(), clock, seed, told, neighbour, log };
        let mut prng = Prng(!seed);
        let late = manner.drain_each > 1;
        if !late {
            player.drain();
        }
        for (index, input) in inputs.iter().enumerate() {
            match input {
                Input::Wait(millis) if late => player.clock.now += millis,
                Input::Wait(millis) => {
                    let until = player.clock.now + millis;
                    if manner.spurious && *millis > 1 {
                        player.sleep_until(until - 1 - prng.below(*millis as usize - 1) as u64);
                        player.wake();
                    }
                    player.sleep_until(until);
                }
                Input::Hear(meta, octets) => {
                    let disposition = player.machine.handle_datagram(player.clock.instant(), *meta, octets);
                    let line = format!(
                        "{:>6} ms  in {} {} {disposition:?}",
                        player.clock.now,
                        meta.source,
                        show(octets)
                    );
                    player.log.push(line);
                }
                Input::Call(index) => {
                    player.log.push(format!("{:>6} ms  call {index}", player.clock.now));
                    let call = self.calls.iter().chain(&self.unruly_calls).nth(*index).unwrap();
                    call(&mut player.machine);
                }
            }
            if (index + 1) % manner.drain_each == 0 {
                player.drain();
            }
            if manner.spurious {
                player.wake();
            }
            if manner.hostile {
                self.attack(&mut player, &mut prng);
            }
        }
        player.drain();
        player.sleep_until(player.clock.now + QUIET);
        player
    }

    fn attack(&self, player: &mut Player<M>, prng: &mut Prng) {
        let (meta, octets) = hostile(prng, &self.vocabulary(), self.knows_its_link);
        let disposition = player.machine.handle_datagram(player.clock.instant(), meta, &octets);
        assert!(
            matches!(disposition, Disposition::Ignored(_)),
            "{}\nlaws 7, 8: {disposition:?} for {meta:?} {}",
            replay(player.seed),
            show(&octets)
        );
        player.drain();
    }
}

/// How a trace is played; the default is a driver by the book.
struct Manner {
    start: u32,
    drain_each: usize,
    spurious: bool,
    hostile: bool,
    drains_alone: bool,
}

impl Default for Manner {
    fn default() -> Self {
        Self { start: 123_456_789, drain_each: 1, spurious: false, hostile: false, drains_alone: false }
    }
}

struct Player<M: Machine> {
    machine: M,
    clock: Clock,
    seed: u64,
    /// What the application knows: by the subject of the event, the last one.
    told: BTreeMap<String, String>,
    /// What a neighbour believes, by the rules of RFC 6762 section 10.
    neighbour: BTreeSet<(String, String)>,
    log: Vec<String>,
}

impl<M: Machine> Player<M> {
    /// A drain, and a second one that must be idle.
    fn drain(&mut self) {
        let outputs = self.clock.drain(&mut self.machine);
        self.note(outputs);
        let deadline = self.clock.deadline(&self.machine);
        let again = self.clock.drain(&mut self.machine);
        let idle = matches!(&again, Ok(outputs) if outputs.is_empty());
        let same = self.clock.deadline(&self.machine) == deadline;
        assert!(
            idle && same,
            "{}\nlaw 5: a second drain at {} ms did something: {again:?}",
            replay(self.seed),
            self.clock.now
        );
    }

    fn wake(&mut self) {
        self.machine.handle_timeout(self.clock.instant());
        self.drain();
    }

    fn sleep_until(&mut self, time: u64) {
        while self.clock.now < time {
            let outputs = self.clock.sleep(&mut self.machine, time);
            self.note(outputs);
        }
    }

    fn note(&mut self, outputs: Result<Vec<Output<M::Event>>, String>) {
        for output in outputs.unwrap_or_else(|broken| panic!("{}\n{broken}", replay(self.seed))) {
            match output {
                Output::Sent(sent) => self.hear_as_neighbour(&sent),
                Output::Told(at, event) => {
                    self.log.push(format!("{at:>6} ms  told {event:?}"));
                    match self.machine.told(&event) {
                        (whom, Some(what)) => self.told.insert(whom, what),
                        (whom, None) => self.told.remove(&whom),
                    };
                }
            }
        }
    }

    fn hear_as_neighbour(&mut self, sent: &Sent) {
        let message = decode(&sent.bytes);
        let message = message.unwrap_or_else(|error| panic!("{}\nbroken: {error}", replay(self.seed)));
        let len = sent.bytes.len();
        self.log.push(format!("{:>6} ms  to {} {message} ({len} octets)", sent.at, place(sent.to)));
        if sent.to != Destination::Multicast || !message.is_response() {
            return;
        }
        // What a name lacks follows from the rest, and is told only to those who ask.
        let believed = |record: &&_| -> bool { !matches!(record, super::R { rtype: kind::NSEC, .. }) };
        let answers: Vec<_> = message.section(Section::Answer).filter(believed).collect();
        let set = |record: &super::R| format!("{} {}", record.name, kind::name(record.rtype));
        for record in answers.iter().filter(|record| record.flush) {
            self.neighbour.retain(|(owner, _)| *owner != set(record));
        }
        for record in answers {
            let belief = (set(record), format!("{:?}", record.data));
            if record.ttl == 0 {
                self.neighbour.remove(&belief)
            } else {
                self.neighbour.insert(belief)
            };
        }
    }
}

/// All seeds, or the one that `LAWS_SEED` names.
fn each_seed(play: impl Fn(u64)) {
    match std::env::var("LAWS_SEED") {
        Ok(seed) => play(seed.parse().expect("LAWS_SEED is a number")),
        Err(_) => (0..SEEDS).for_each(play),
    }
}

fn replay(seed: u64) -> String {
    format!("seed {seed}; to replay: LAWS_SEED={seed} cargo test --test machine_laws")
}

/// Traces a law.
const SEEDS: u64 = 100;

/// After a trace: time for the last probe, announcement and goodbye, but below the shortest TTL of a vocabulary.
const QUIET: u64 = MINUTE / 2 + SECOND;
