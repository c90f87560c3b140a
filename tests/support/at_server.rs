//! A machine that asks servers, at the laws: a trace has no replies in it, as it does not know what will be asked.

use std::net::SocketAddr;

use dotlocal::{Channel, Destination, Disposition, Instant, Meta, Transmit};

use super::clock::{Machine, NEIGHBOUR, NEIGHBOUR6, OTHER};
use super::message::{Msg, Name};
use super::octets::{Compression, decode, encode};

/// The machine, and what it has asked last.
///
/// A sound response about a name below `example` is made the reply to that: it gets id and question, and comes from the
/// server to the port. Records of `asked.example` get the name that was asked for.
pub struct AtServer<M> {
    pub machine: M,
    asked: Option<(SocketAddr, Channel, Msg)>,
    /// By what all else comes: to a port at which nobody waits, if it does not come by the link.
    stray: Option<Channel>,
}

impl<M> AtServer<M> {
    /// One that hears nothing of the link.
    pub fn alone(machine: M) -> Self {
        Self { machine, asked: None, stray: Some(Channel::Udp(1)) }
    }

    /// One that hears the link as well.
    pub fn on_link(machine: M) -> Self {
        Self { machine, asked: None, stray: None }
    }

    fn reply(&self, source: SocketAddr, octets: &[u8]) -> Option<(Meta, Vec<u8>)> {
        let (server, channel, asked) = self.asked.as_ref()?;
        let mut message = decode(octets).ok()?;
        let labels = |text: &str| text.parse::<Msg>().unwrap().questions[0].name.clone();
        let (example, placeholder) = (labels("? example A"), labels("? asked.example A"));
        let is_below_example = |name: &Name| name.0.last() == example.0.last();
        let is_sound = message.flags == 0x8400 && [NEIGHBOUR, OTHER, NEIGHBOUR6].contains(&source);
        if !is_sound || !message.records.first().is_some_and(|(_, record)| is_below_example(&record.name)) {
            return None;
        }
        for (_, record) in message.records.iter_mut().filter(|(_, record)| record.name == placeholder) {
            record.name = asked.questions[0].name.clone();
        }
        (message.id, message.flags, message.questions) = (asked.id, 0x8180, asked.questions.clone());
        Some((Meta::server(*server, *channel), encode(&message, Compression::Suffixes)))
    }
}

impl<M: Machine> Machine for AtServer<M> {
    type Event = M::Event;

    fn handle_datagram(&mut self, now: Instant, meta: Meta, bytes: &[u8]) -> Disposition {
        match self.reply(meta.source, bytes) {
            Some((meta, octets)) => self.machine.handle_datagram(now, meta, &octets),
            None => {
                let meta = self.stray.map_or(meta, |channel| Meta::server(meta.source, channel));
                self.machine.handle_datagram(now, meta, bytes)
            }
        }
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.machine.handle_timeout(now);
    }

    fn poll_transmit<'b>(&mut self, now: Instant, buf: &'b mut [u8]) -> Option<Transmit<'b>> {
        let sent = self.machine.poll_transmit(now, buf)?;
        if let (Destination::Unicast(server), Channel::Udp(_)) = (sent.to, sent.channel) {
            self.asked = Some((server, sent.channel, decode(sent.bytes).unwrap()));
        }
        Some(sent)
    }

    fn poll_event(&mut self) -> Option<M::Event> {
        self.machine.poll_event()
    }

    fn poll_timeout(&self) -> Option<Instant> {
        self.machine.poll_timeout()
    }

    fn told(&self, event: &M::Event) -> (String, Option<String>) {
        self.machine.told(event)
    }
}
