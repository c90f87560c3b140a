//! What comes in: which query it answers, if any (RFC 5452 section 9.1).

use core::net::SocketAddr;

use super::query::State;
use super::server::{Case, Edns as Copes};
use super::{Failure, Resolver, case};
use crate::driver::{Channel, Disposition, Reason};
use crate::wire::{Checked, Class, Flags, Message, Opcode, Rcode, StreamReader};

/// Wrong replies to a query, from which on UDP is not believed (R-5452-4).
const MAX_WRONG: u8 = 8;

impl Resolver<'_> {
    /// Takes a datagram that came in at a port; an empty one says that the server cannot be reached.
    pub(super) fn hear_datagram(
        &mut self,
        channel: Channel,
        source: SocketAddr,
        octets: &[u8],
    ) -> Disposition {
        if octets.is_empty() {
            return match self.asked(channel, source, None) {
                Some(index) => self.refused(index),
                None => Disposition::Ignored(Reason::Unsolicited),
            };
        }
        let reason = match Message::parse(octets).and_then(|message| message.check()) {
            Ok(message) => match self.asked(channel, source, Some(&message)) {
                Some(index) => return self.hear_reply(index, &message),
                None => Reason::Unsolicited,
            },
            Err(error) => Reason::Malformed(error),
        };
        // Whoever sends to this port has guessed that already.
        for index in 0..self.queries.len() {
            if self.queries.get(index).is_some_and(|query| query.is_asked_by(channel)) {
                self.suspect(index);
            }
        }
        Disposition::Ignored(reason)
    }

    /// Takes what a connection has brought; nothing says that it is closed or was refused.
    pub(super) fn hear_piece(&mut self, channel: Channel, source: SocketAddr, octets: &[u8]) -> Disposition {
        let index = self.asked(channel, source, None);
        let Some(index) = index.filter(|index| self.stream_of == Some(*index)) else {
            return Disposition::Ignored(Reason::Unsolicited);
        };
        if octets.is_empty() {
            self.without_stream(index);
            return Disposition::Used;
        }
        // What comes first on a connection of ours is the answer, or nothing is.
        let mut stream = core::mem::replace(&mut self.stream, StreamReader::new(&mut []));
        let mut rest = octets;
        let disposition = match stream.read(&mut rest) {
            Ok(None) => Disposition::Used,
            Ok(Some(octets)) => match Message::parse(octets).and_then(|message| message.check()) {
                Ok(message) if self.answers(index, &message) => self.hear_reply(index, &message),
                Ok(_) => {
                    self.without_stream(index);
                    Disposition::Ignored(Reason::Unsolicited)
                }
                Err(error) => {
                    self.without_stream(index);
                    Disposition::Ignored(Reason::Malformed(error))
                }
            },
            Err(error) => {
                self.fail(index, Failure::TooLong { octets: error.needed });
                self.review();
                Disposition::Used
            }
        };
        self.stream = stream;
        disposition
    }

    /// The query that was sent by `channel` to `server`, and that `message` answers.
    #[inline(never)]
    fn asked(&self, channel: Channel, server: SocketAddr, message: Option<&Checked<'_>>) -> Option<usize> {
        (0..self.queries.len()).find(|&index| {
            let Some(query) = self.queries.get(index).filter(|query| query.is_asked_by(channel)) else {
                return false;
            };
            let asked = self.servers.get(usize::from(query.server)).map(|server| server.address);
            asked.is_some_and(|asked| asked.ip() == server.ip() && asked.port() == server.port())
                && message.is_none_or(|message| self.answers(index, message))
        })
    }

    /// Whether a message is an answer to a query, whatever it says (R-5452-2).
    fn answers(&self, index: usize, message: &Checked<'_>) -> bool {
        let Some(query) = self.queries.get(index) else { return false };
        let Some(name) = self.cache.named(query.name).map(|name| self.cache.name(name)) else { return false };
        let header = message.header();
        if !header.is_response() || header.flags().opcode() != Opcode::QUERY || header.id() != query.id {
            return false;
        }
        let mut questions = message.questions();
        match (questions.next(), questions.next()) {
            (Some(question), None) => {
                question.qtype() == query.qtype
                    && question.raw_class() == Class::IN.0
                    && question.name() == name
            }
            // Old servers say so of what they cannot read.
            (None, _) => {
                matches!(header.flags().rcode(), Rcode::FORMERR | Rcode::NOTIMP)
                    && message.records().all(|record| record.rtype() == crate::wire::Type::OPT)
            }
            _ => false,
        }
    }

    /// Takes the reply of the server that a query was sent to.
    fn hear_reply(&mut self, index: usize, message: &Checked<'_>) -> Disposition {
        let (Some(&query), now) = (self.queries.get(index), self.now) else {
            return Disposition::Ignored(Reason::Unsolicited);
        };
        let Some(&(mut server)) = self.servers.get(usize::from(query.server)) else {
            return Disposition::Ignored(Reason::Unsolicited);
        };
        let traits = query.traits;
        // E-6.1-2
        let edns = match message.edns() {
            Ok(edns) => edns,
            Err(error) => {
                self.suspect(index);
                return Disposition::Ignored(Reason::Malformed(error));
            }
        };
        // E-7873-1: whoever has not seen the query does not know its cookie.
        let cookie = edns.and_then(|edns| edns.options.cookie());
        let expects = traits.with_edns && !traits.by_stream && !server.server_cookie().is_empty();
        let is_sound = cookie.map_or(!expects, |(client, _)| client == server.client_cookie);
        if !is_sound {
            self.suspect(index);
            return Disposition::Ignored(Reason::Unsolicited);
        }
        if let Some((_, cookie)) = cookie.filter(|(_, cookie)| !cookie.is_empty()) {
            server.set_server_cookie(cookie);
        }
        if let Some(question) = message.questions().next().filter(|_| traits.with_case) {
            let name = question.name();
            match (case::is_mixed(&name, query.case), server.case) {
                // It knows id and port, and yet it is another one, or else two guesses would do: one to have the letters
                // left out, and one without them.
                (false, Case::Keeps) => {
                    self.suspect(index);
                    return Disposition::Ignored(Reason::Unsolicited);
                }
                // It has seen the query, most likely: a server that does not keep the case. Asked again without, a forger
                // has to guess both once more.
                (false, _) => {
                    server.case = Case::Changes;
                    self.put_server(query.server, server);
                    self.again(index);
                    return Disposition::Used;
                }
                // Small letters alone come back from all.
                (true, Case::Unknown) if case::has_capitals(&name) => server.case = Case::Keeps,
                (true, _) => {}
            }
        }
        // What was handed in late says nothing of the time that the server takes, nor does what was asked twice.
        let is_measured = !traits.is_repeat && !traits.by_stream && !query.due.is_due(now);
        let waited = is_measured.then(|| now.millis_since(query.sent));
        server.has_answered(waited);
        let flags = message.header().flags();
        let rcode = edns.map_or(flags.rcode(), |edns| edns.rcode);
        let is_old = edns.is_none() || rcode == Rcode::BADVERS;
        match (traits.with_edns, edns) {
            (true, Some(_)) if rcode != Rcode::BADVERS => server.edns = Copes::Works,
            // E-7-1
            (true, _) if matches!(rcode, Rcode::FORMERR | Rcode::NOTIMP | Rcode::BADVERS) && is_old => {
                server.edns = Copes::Fails;
                self.put_server(query.server, server);
                self.again(index);
                return Disposition::Used;
            }
            // With it, it may answer late to the question before.
            (false, None) => {
                // Silent it may have been to all there is.
                let was_doubted = server.edns == Copes::Doubted;
                server.edns = if was_doubted { Copes::Unknown } else { Copes::Fails };
            }
            _ => {}
        }
        self.put_server(query.server, server);
        let can_stream = self.stream.capacity() > 0 && !traits.without_stream && !traits.by_stream;
        // R-7766-1
        if flags.has(Flags::TC) && can_stream {
            self.by_stream(index);
            return Disposition::Used;
        }
        match rcode {
            Rcode::NOERROR | Rcode::NXDOMAIN => self.take_answer(index, message, rcode),
            Rcode::BADCOOKIE if !traits.had_bad_cookie => {
                if let Some(query) = self.queries.get_mut(index) {
                    query.traits.had_bad_cookie = true;
                }
                self.again(index);
            }
            Rcode::BADCOOKIE if can_stream => self.by_stream(index),
            _ => self.server_failed(index, Failure::ServerFailure(rcode)),
        }
        Disposition::Used
    }

    fn put_server(&mut self, index: u8, server: super::server::Server) {
        if let Some(slot) = self.servers.get_mut(usize::from(index)) {
            *slot = server;
        }
    }

    /// Sends a query anew to the same server.
    fn again(&mut self, index: usize) {
        self.leave_stream(index);
        self.queries.get_mut(index).into_iter().for_each(super::query::Query::ask_again);
        self.is_stale = true;
    }

    fn by_stream(&mut self, index: usize) {
        if let Some(query) = self.queries.get_mut(index) {
            query.ask_again();
            query.traits.by_stream = true;
            self.is_stale = true;
        }
    }

    /// The connection did not work: UDP has to do.
    pub(super) fn without_stream(&mut self, index: usize) {
        self.again(index);
        if let Some(query) = self.queries.get_mut(index) {
            (query.traits.by_stream, query.traits.without_stream) = (false, true);
        }
    }

    pub(super) fn leave_stream(&mut self, index: usize) {
        self.stream_of = self.stream_of.filter(|of| *of != index);
    }

    /// A reply to a query was wrong: after some of them it is taken to be under attack (R-5452-4).
    fn suspect(&mut self, index: usize) {
        self.wrong_replies = self.wrong_replies.wrapping_add(1);
        let can_stream = self.stream.capacity() > 0;
        let Some(query) = self.queries.get_mut(index) else { return };
        query.wrong = query.wrong.saturating_add(1);
        if query.wrong < MAX_WRONG || query.traits.by_stream {
            return;
        }
        if can_stream && !query.traits.without_stream {
            self.by_stream(index);
        } else {
            // By then all that was guessed is drawn anew.
            query.state = State::Resting;
        }
    }

    /// The server of a query has failed: the next one is asked at once (R-1035-2).
    pub(super) fn server_failed(&mut self, index: usize, failure: Failure) {
        let now = self.now;
        self.leave_stream(index);
        let (servers, _) = self.servers.split_at_mut_checked(self.server_count).unwrap_or_default();
        let Some(query) = self.queries.get_mut(index) else { return };
        if let Some(server) = servers.get_mut(usize::from(query.server))
            && matches!(failure, Failure::Lame | Failure::ServerFailure(Rcode::REFUSED))
        {
            server.put_last(now);
        }
        self.go_on_without_server(index, Some(failure));
    }

    /// The network cannot reach the server of a query.
    fn refused(&mut self, index: usize) -> Disposition {
        let now = self.now;
        let (servers, _) = self.servers.split_at_mut_checked(self.server_count).unwrap_or_default();
        let Some(query) = self.queries.get_mut(index) else {
            return Disposition::Ignored(Reason::Unsolicited);
        };
        if let Some(server) = servers.get_mut(usize::from(query.server)) {
            server.was_silent(now);
        }
        query.note_refused();
        self.go_on_without_server(index, None);
        Disposition::Used
    }

    /// The next server is asked, or all of them have failed.
    fn go_on_without_server(&mut self, index: usize, failure: Option<Failure>) {
        let now = self.now;
        let servers = self.servers.get(..self.server_count).unwrap_or(&[]);
        let Some(query) = self.queries.get_mut(index) else { return };
        if !query.give_server_up(failure, servers, now) && !query.try_refused_again(now) {
            let failure = query.why();
            self.fail(index, failure);
            self.review();
        }
        self.is_stale = true;
    }

    /// The time of a query has come without an answer.
    pub(super) fn silence(&mut self, index: usize) {
        let now = self.now;
        let (servers, _) = self.servers.split_at_mut_checked(self.server_count).unwrap_or_default();
        let Some(query) = self.queries.get_mut(index) else { return };
        if query.traits.by_stream {
            self.without_stream(index);
            return;
        }
        if let (Some(server), State::Sent) = (servers.get_mut(usize::from(query.server)), query.state) {
            server.was_silent(now);
        }
        query.move_on(servers, now);
    }
}
