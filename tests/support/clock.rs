//! A machine under a virtual clock: the five calls, made exactly as a real driver makes them.

use std::fmt::Debug;
use std::net::SocketAddr;

use dotlocal::{Destination, Disposition, Instant, Meta, Transmit};

/// What every machine of the crate has. The crate shows no such trait: its own is for its driver loops alone.
/// [`five_calls!`](crate::support::five_calls) writes the impl.
pub trait Machine {
    type Event: Clone + Debug + PartialEq;

    fn handle_datagram(&mut self, now: Instant, meta: Meta, bytes: &[u8]) -> Disposition;
    fn handle_timeout(&mut self, now: Instant);
    fn poll_transmit<'b>(&mut self, now: Instant, buf: &'b mut [u8]) -> Option<Transmit<'b>>;
    fn poll_event(&mut self) -> Option<Self::Event>;
    fn poll_timeout(&self) -> Option<Instant>;

    /// What an event leaves standing, without times: whom it is about, and what is true of it from now on
    /// (`None`: it is gone). A later event about the same one replaces it. The laws compare these.
    fn told(&self, event: &Self::Event) -> (String, Option<String>);
}

/// Implements [`Machine`] for a type with the five calls: `five_calls!(Endpoint<'_, '_>, Event, told)`, where
/// `told` is a function as in the trait.
#[macro_export]
macro_rules! five_calls {
    ($machine:ty, $event:ty, $told:path) => {
        impl $crate::support::Machine for $machine {
            type Event = $event;

            fn handle_datagram(
                &mut self,
                now: dotlocal::Instant,
                meta: dotlocal::Meta,
                bytes: &[u8],
            ) -> dotlocal::Disposition {
                <$machine>::handle_datagram(self, now, meta, bytes)
            }

            fn handle_timeout(&mut self, now: dotlocal::Instant) {
                <$machine>::handle_timeout(self, now);
            }

            fn poll_transmit<'b>(
                &mut self,
                now: dotlocal::Instant,
                buf: &'b mut [u8],
            ) -> Option<dotlocal::Transmit<'b>> {
                <$machine>::poll_transmit(self, now, buf)
            }

            fn poll_event(&mut self) -> Option<$event> {
                <$machine>::poll_event(self)
            }

            fn poll_timeout(&self) -> Option<dotlocal::Instant> {
                <$machine>::poll_timeout(self)
            }

            fn told(&self, event: &$event) -> (String, Option<String>) {
                $told(self, event)
            }
        }
    };
}
pub use five_calls;

/// A datagram that left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    pub at: u64,
    pub to: Destination,
    pub bytes: Vec<u8>,
}

/// What a drain brought.
#[derive(Clone, Debug, PartialEq)]
pub enum Output<E> {
    Sent(Sent),
    Told(u64, E),
}

/// Virtual time: `u64` milliseconds that start at 0, shown to the machine as a wrapping [`Instant`].
#[derive(Clone, Debug)]
pub struct Clock {
    pub now: u64,
    /// What the machine's clock shows at 0.
    pub start: u32,
    /// Size of the transmit buffer.
    pub buffer: usize,
    /// How often a deadline has woken the driver.
    pub wakes: u32,
    /// The driver does not call `handle_timeout`: the drain behind a sleep brings the time.
    pub drains_alone: bool,
}

impl Clock {
    /// A board that has been up for a day and a half, with an Ethernet-sized buffer.
    pub const fn new() -> Self {
        Self { now: 0, start: 123_456_789, buffer: 1440, wakes: 0, drains_alone: false }
    }

    pub fn instant(&self) -> Instant {
        Instant::from_millis(self.start.wrapping_add(self.now as u32))
    }

    /// Polls transmits and events until both are empty, then checks law 5. An error is a broken law.
    pub fn drain<M: Machine>(&self, machine: &mut M) -> Result<Vec<Output<M::Event>>, String> {
        let mut out = Vec::new();
        let mut buf = vec![0; self.buffer];
        loop {
            if let Some(transmit) = machine.poll_transmit(self.instant(), &mut buf) {
                let (to, bytes) = (transmit.to, transmit.bytes.to_vec());
                out.push(Output::Sent(Sent { at: self.now, to, bytes }));
            } else if let Some(event) = machine.poll_event() {
                out.push(Output::Told(self.now, event));
            } else {
                break;
            }
            if out.len() > MAX_DRAIN {
                return Err(format!(
                    "a drain does not end: {MAX_DRAIN} outputs, the last is {:?}",
                    out.last()
                ));
            }
        }
        match machine.poll_timeout() {
            Some(deadline) if deadline.is_due(self.instant()) => Err(format!(
                "law 5: after a drain at {:?} the deadline {deadline:?} lies in the past",
                self.instant()
            )),
            _ => Ok(out),
        }
    }

    /// When the machine wants to be woken; only after a drain.
    pub fn deadline<M: Machine>(&self, machine: &M) -> Option<u64> {
        let deadline = machine.poll_timeout()?;
        Some(self.now + u64::from(deadline.millis_until(self.instant())))
    }

    /// Sleeps until the deadline or `until`, whichever comes first; a deadline is handled and drained.
    pub fn sleep<M: Machine>(
        &mut self,
        machine: &mut M,
        until: u64,
    ) -> Result<Vec<Output<M::Event>>, String> {
        match self.deadline(machine) {
            Some(deadline) if deadline <= until => {
                self.now = deadline;
                self.wakes += 1;
                if !self.drains_alone {
                    machine.handle_timeout(self.instant());
                }
                self.drain(machine)
            }
            _ => {
                self.now = until;
                Ok(Vec::new())
            }
        }
    }
}

/// More than any machine may want to say at one moment.
const MAX_DRAIN: usize = 100;

/// The hosts of the scripts. The device under test is 192.0.2.7/24 and fe80::7/64.
pub const US: SocketAddr = v4(192, 0, 2, 7, 5353);
pub const US6: SocketAddr = v6(7, 5353);
pub const NEIGHBOUR: SocketAddr = v4(192, 0, 2, 9, 5353);
pub const NEIGHBOUR6: SocketAddr = v6(9, 5353);
/// A second neighbour.
pub const OTHER: SocketAddr = v4(192, 0, 2, 10, 5353);
/// A one-shot querier such as `dig` (RFC 6762 section 6.7).
pub const LEGACY: SocketAddr = v4(192, 0, 2, 9, 40_000);
/// Not on the link.
pub const STRANGER: SocketAddr = v4(198, 51, 100, 9, 5353);

pub const SECOND: u64 = 1_000;
pub const MINUTE: u64 = 60 * SECOND;
pub const HOUR: u64 = 60 * MINUTE;

const fn v4(a: u8, b: u8, c: u8, d: u8, port: u16) -> SocketAddr {
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::new(a, b, c, d)), port)
}

const fn v6(last: u16, port: u16) -> SocketAddr {
    let address = std::net::Ipv6Addr::new(0xFE80, 0, 0, 0, 0, 0, 0, last);
    SocketAddr::V6(std::net::SocketAddrV6::new(address, port, 0, 2))
}
