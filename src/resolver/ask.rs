//! Queries on their way out.

use core::net::SocketAddr;

use super::query::{Query, State};
use super::server::{Case, Edns as Copes};
use super::settle::HELD;
use super::{Resolver, case};
use crate::driver::Channel;
use crate::wire::{Builder, Class, Edns, Flags, HEADER_LEN, Opt};

/// How long a connection may take to bring its answer, in milliseconds, and half of the time that is left at most: where a
/// firewall swallows it, there is to be time left for what UDP brings.
const STREAM_MILLIS: u32 = 4_000;

/// Silences behind which a server of which nothing is known is asked without EDNS (RFC 6891 section 6.2.2).
const SILENCES_TO_EDNS: u8 = 2;

impl Resolver<'_> {
    /// The query that is to be sent next.
    pub(super) fn next_to_send(&self) -> Option<usize> {
        // One answer at a time is put together from a stream.
        let may_go = |(index, query): &(usize, &Query)| {
            let is_free = self.stream_of.is_none_or(|of| of == *index);
            query.state == State::Due && (is_free || !query.traits.by_stream)
        };
        self.queries.iter().enumerate().find(may_go).map(|(index, _)| index)
    }

    /// Writes a query: where to, by what, how many octets. `None` when it does not fit.
    pub(super) fn write_query(
        &mut self,
        index: usize,
        buf: &mut [u8],
    ) -> Option<(SocketAddr, Channel, usize)> {
        let mut query = *self.queries.get(index)?;
        let mut server = *self.servers.get(usize::from(query.server))?;
        let by_stream = query.traits.by_stream;
        if !query.traits.is_repeat {
            self.draw(&mut query);
        }
        if server.client_cookie == [0; 8] {
            let [a, b, c, d] = (self.random)().to_be_bytes();
            let [e, f, g, h] = (self.random)().to_be_bytes();
            server.client_cookie = [a, b, c, d, e, f, g, h];
        }
        query.traits.with_edns = match server.edns {
            Copes::Works => true,
            Copes::Doubted | Copes::Fails => false,
            Copes::Unknown => server.silences < SILENCES_TO_EDNS,
        };
        // A stream cannot be forged that easily.
        let takes_case = !by_stream && server.case != Case::Changes;
        query.traits.with_case = self.config.mixes_case && takes_case && case::is_for(query.qtype);

        let name = self.cache.name(self.cache.named(query.name)?);
        let labels = name.labels().count();
        let (mut builder, start) = match by_stream {
            true => (Builder::for_stream(buf, query.id, Flags::RD), 2),
            false => (Builder::new(buf, query.id, Flags::RD), 0),
        };
        builder.put_question(&name, query.qtype, Class::IN.0).ok()?;
        if query.traits.with_edns {
            let mut options = [0; Opt::MAX_COOKIE];
            let options = Opt::of_cookie(&mut options, server.client_cookie, server.server_cookie());
            builder.edns(&Edns { options, ..Edns::new(self.config.payload_size) }).ok()?;
        }
        let octets = builder.finish();
        if query.traits.with_case {
            case::mix(octets.get_mut(start + HEADER_LEN..)?, labels, query.case);
        }
        let len = octets.len();
        if by_stream {
            self.stream_of = Some(index);
            self.stream.reset();
        }
        let servers = u32::try_from(self.server_count).unwrap_or(1);
        let wait = match by_stream {
            true => STREAM_MILLIS.min(self.millis_left(&query) / 2),
            false => server.wait_millis(query.round(servers)),
        };
        query.note_sent(self.now, wait);
        let channel = query.channel();
        if let (Some(of_server), Some(slot)) =
            (self.servers.get_mut(usize::from(query.server)), self.queries.get_mut(index))
        {
            (*of_server, *slot) = (server, query);
        }
        Some((server.address, channel, len))
    }

    /// How long who waits longest for a query still does.
    fn millis_left(&mut self, query: &Query) -> u32 {
        let (told, now) = (self.waiting(query), self.now);
        let waiting = self.requests.iter().enumerate().filter(|(index, _)| told >> (2 * index) & HELD != 0);
        waiting.map(|(_, request)| request.deadline().millis_until(now)).max().unwrap_or(0)
    }

    /// Draws what a forger would have to guess (RFC 5452 section 9.2).
    fn draw(&mut self, query: &mut Query) {
        query.case = (self.random)();
        // Some draws are for ports that others use; none of so many in a row is not to be expected.
        for _ in 0..16 {
            let [a, b, c, d] = (self.random)().to_be_bytes();
            (query.id, query.port) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
            let is_taken =
                self.queries.iter().any(|other| other.state != State::Free && other.port == query.port);
            if query.port >= MIN_PORT && query.port != MDNS_PORT && !is_taken {
                break;
            }
        }
        if !self.config.chooses_ports && !query.traits.by_stream {
            query.port = 0;
        }
    }
}

/// Ports below are those of services.
const MIN_PORT: u16 = 1_024;

/// The port that the endpoint of this device uses.
const MDNS_PORT: u16 = 5_353;
