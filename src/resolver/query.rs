//! One question on its way to one server, and how the next server is chosen.

use super::Failure;
use super::server::Server;
use crate::cache::NameId;
use crate::driver::Channel;
use crate::time::Instant;
use crate::wire::Type;

/// A question of which the answer is waited for. Requests of one question share it (RFC 5452 section 5: more than one at
/// a time would make a forgery as many times easier).
#[derive(Clone, Copy, Debug)]
pub(super) struct Query {
    pub(super) name: NameId,
    pub(super) qtype: Type,
    pub(super) state: State,
    pub(super) id: u16,
    /// The local port, or the number of the connection.
    pub(super) port: u16,
    /// The case of the letters in the question, a bit for each in turn.
    pub(super) case: u32,
    pub(super) server: u8,
    /// How often it was sent.
    pub(super) sent_count: u8,
    /// When it was sent last, and until when the answer is waited for.
    pub(super) sent: Instant,
    pub(super) due: Instant,
    /// Servers that were asked, that have failed, and that the network could not reach: a bit for each.
    pub(super) asked: u8,
    pub(super) failed: u8,
    pub(super) refused: u8,
    /// What is told when all have failed; that there is no such name until one has.
    failure: Failure,
    /// Replies that pretended to be the answer.
    pub(super) wrong: u8,
    pub(super) traits: Traits,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Free,
    /// It is to be sent now.
    Due,
    /// Its answer is waited for.
    Sent,
    /// It is sent anew when its time has come; until then no reply counts.
    Resting,
}

/// What is special about a query.
#[derive(Clone, Copy, Debug)]
pub(super) struct Traits {
    /// Somebody waits for it.
    pub(super) is_wanted: bool,
    /// It goes over TCP.
    pub(super) by_stream: bool,
    /// TCP did not work, and what UDP brings is used even if it is truncated.
    pub(super) without_stream: bool,
    /// It is the very same as before: id, port and case stay.
    pub(super) is_repeat: bool,
    pub(super) with_edns: bool,
    pub(super) with_case: bool,
    /// The server has asked for its cookie once.
    pub(super) had_bad_cookie: bool,
    /// All servers have been unreachable once.
    pub(super) is_second_round: bool,
}

impl Query {
    pub(super) const FREE: Query = Query {
        name: NameId::NONE,
        qtype: Type(0),
        state: State::Free,
        id: 0,
        port: 0,
        case: 0,
        server: 0,
        sent_count: 0,
        sent: Instant::from_millis(0),
        due: Instant::from_millis(0),
        asked: 0,
        failed: 0,
        refused: 0,
        failure: Failure::NoName,
        wrong: 0,
        traits: Traits {
            is_wanted: false,
            by_stream: false,
            without_stream: false,
            is_repeat: false,
            with_edns: false,
            with_case: false,
            had_bad_cookie: false,
            is_second_round: false,
        },
    };

    /// One that is to be sent to the first server that works.
    pub(super) fn new(name: NameId, qtype: Type, servers: &[Server], now: Instant) -> Self {
        let mut query = Self { name, qtype, state: State::Due, server: u8::MAX, ..Self::FREE };
        query.traits.is_wanted = true;
        query.server = query.next_server(servers, now).unwrap_or(0);
        query
    }

    fn bit(server: u8) -> u8 {
        1_u8.checked_shl(server.into()).unwrap_or(0)
    }

    /// Which server is asked next: in turn, those first that have answered lately; `None` when all have failed.
    fn next_server(&self, servers: &[Server], now: Instant) -> Option<u8> {
        let count = servers.len() as u8;
        let turn = (1..=count).map(|step| self.server.wrapping_add(step) % count.max(1));
        // From nowhere the first one is the next.
        let turn = turn.filter(|&server| self.failed & Self::bit(server) == 0);
        let is_good =
            |server: &u8| servers.get(usize::from(*server)).is_some_and(|server| !server.is_bad(now));
        turn.clone().find(is_good).or_else(|| turn.clone().next())
    }

    /// Sends it anew, to the same server or another one; all that a forger would have to guess is drawn again.
    pub(super) fn ask_again(&mut self) {
        (self.state, self.wrong, self.traits.is_repeat) = (State::Due, 0, false);
    }

    /// The server is silent: the next one is asked, or the same again.
    pub(super) fn move_on(&mut self, servers: &[Server], now: Instant) {
        let before = self.server;
        let was_resting = self.state == State::Resting;
        self.server = self.next_server(servers, now).unwrap_or(before);
        self.ask_again();
        // A late answer still counts.
        self.traits.is_repeat = self.server == before && !was_resting;
    }

    /// The server has failed: the next one is asked at once. `false` when there is none.
    pub(super) fn give_server_up(
        &mut self,
        failure: Option<Failure>,
        servers: &[Server],
        now: Instant,
    ) -> bool {
        self.failed |= Self::bit(self.server);
        self.failure = failure.unwrap_or(self.failure);
        // What did not work there may work elsewhere.
        (self.traits.by_stream, self.traits.without_stream) = (false, false);
        let Some(next) = self.next_server(servers, now) else { return false };
        self.server = next;
        self.ask_again();
        true
    }

    pub(super) fn note_sent(&mut self, now: Instant, wait_millis: u32) {
        (self.state, self.sent, self.due) = (State::Sent, now, now.after(wait_millis));
        self.sent_count = self.sent_count.saturating_add(1);
        self.asked |= Self::bit(self.server);
    }

    /// The network cannot reach the server.
    pub(super) fn note_refused(&mut self) {
        self.refused |= Self::bit(self.server);
    }

    /// All servers have been refused: they are tried once more, a second later, with other ports. `false` when that
    /// was so already.
    pub(super) fn try_refused_again(&mut self, now: Instant) -> bool {
        let is_first = !self.traits.is_second_round && self.refused != 0;
        if is_first {
            (self.failed, self.traits.is_second_round) = (self.failed & !self.refused, true);
            (self.state, self.due) = (State::Resting, now.after(1_000));
        }
        is_first
    }

    /// How often each of so many servers was asked, about.
    pub(super) fn round(&self, servers: u32) -> u32 {
        u32::from(self.sent_count) / servers.max(1)
    }

    /// By what it goes.
    pub(super) fn channel(&self) -> Channel {
        if self.traits.by_stream { Channel::Tcp(self.port) } else { Channel::Udp(self.port) }
    }

    /// Whether time ends its state.
    pub(super) fn waits(&self) -> bool {
        matches!(self.state, State::Sent | State::Resting)
    }

    /// Whether its channel is in use.
    pub(super) fn is_open(&self) -> bool {
        self.state == State::Sent
    }

    /// Whether what comes by this channel may be its answer.
    pub(super) fn is_asked_by(&self, channel: Channel) -> bool {
        self.state == State::Sent && self.channel() == channel
    }

    /// Why nothing is found when no more is asked.
    pub(super) fn why(&self) -> Failure {
        let servers = self.asked.count_ones() as u8;
        match self.failure {
            Failure::NoName if self.asked != 0 && self.asked == self.refused => {
                Failure::Unreachable { servers }
            }
            Failure::NoName => Failure::Timeout { servers },
            failure => failure,
        }
    }
}
