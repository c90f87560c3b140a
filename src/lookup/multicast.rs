//! The machines of multicast DNS as lookups use them.

use core::net::{IpAddr, SocketAddr};

use crate::driver::{Disposition, Meta, Reason, Transmit};
use crate::families::Families;
use crate::mdns::{Endpoint, Event, Querier, QuerierEvent, RequestError, RequestId, Until};
use crate::name::NameBuf;
use crate::time::Instant;

/// What answers for names of the link: an [`Endpoint`], a [`Querier`], or `()` for a device without multicast DNS. No
/// other type can be one.
pub trait Multicast: sealed::Machine {}

impl Multicast for Endpoint<'_, '_> {}
impl Multicast for Querier<'_> {}
impl Multicast for () {}

pub(super) mod sealed {
    use super::*;

    /// The five calls, and lookups.
    pub trait Machine {
        /// What it tells.
        type Event: Copy + core::fmt::Debug;

        fn start(
            &mut self,
            name: &NameBuf,
            families: Families,
            until: Until,
        ) -> Result<RequestId, RequestError>;
        fn cancel(&mut self, request: RequestId);
        fn forget(&mut self, name: &NameBuf);
        fn socket_addr(&self, address: IpAddr, port: u16) -> SocketAddr;
        fn handle_datagram(&mut self, now: Instant, meta: Meta, datagram: &[u8]) -> Disposition;
        fn handle_timeout(&mut self, now: Instant);
        fn poll_transmit<'b>(&mut self, now: Instant, buf: &'b mut [u8]) -> Option<Transmit<'b>>;
        fn poll_event(&mut self) -> Option<Self::Event>;
        fn poll_timeout(&self) -> Option<Instant>;
        /// What an event tells of what was looked for.
        fn of_querier(event: &Self::Event) -> Option<QuerierEvent>;
    }

    macro_rules! machine {
        ($machine:ty, $event:ty, $of_querier:expr) => {
            impl Machine for $machine {
                type Event = $event;

                fn start(
                    &mut self,
                    name: &NameBuf,
                    families: Families,
                    until: Until,
                ) -> Result<RequestId, RequestError> {
                    self.lookup_name(name, families, until)
                }

                fn cancel(&mut self, request: RequestId) {
                    <$machine>::cancel(self, request);
                }

                fn forget(&mut self, name: &NameBuf) {
                    self.forget_addresses(name);
                }

                fn socket_addr(&self, address: IpAddr, port: u16) -> SocketAddr {
                    <$machine>::socket_addr(self, address, port)
                }

                fn handle_datagram(&mut self, now: Instant, meta: Meta, datagram: &[u8]) -> Disposition {
                    <$machine>::handle_datagram(self, now, meta, datagram)
                }

                fn handle_timeout(&mut self, now: Instant) {
                    <$machine>::handle_timeout(self, now);
                }

                fn poll_transmit<'b>(&mut self, now: Instant, buf: &'b mut [u8]) -> Option<Transmit<'b>> {
                    <$machine>::poll_transmit(self, now, buf)
                }

                fn poll_event(&mut self) -> Option<$event> {
                    <$machine>::poll_event(self)
                }

                fn poll_timeout(&self) -> Option<Instant> {
                    <$machine>::poll_timeout(self)
                }

                fn of_querier(event: &$event) -> Option<QuerierEvent> {
                    $of_querier(*event)
                }
            }
        };
    }

    machine!(Endpoint<'_, '_>, Event, |event| match event {
        Event::Querier(event) => Some(event),
        Event::Responder(_) => None,
    });
    machine!(Querier<'_>, QuerierEvent, Some);

    impl Machine for () {
        type Event = core::convert::Infallible;

        fn start(&mut self, _: &NameBuf, _: Families, _: Until) -> Result<RequestId, RequestError> {
            Err(RequestError::Full { capacity: 0 })
        }

        fn cancel(&mut self, _: RequestId) {}

        fn forget(&mut self, _: &NameBuf) {}

        fn socket_addr(&self, address: IpAddr, port: u16) -> SocketAddr {
            SocketAddr::new(address, port)
        }

        fn handle_datagram(&mut self, _: Instant, _: Meta, _: &[u8]) -> Disposition {
            Disposition::Ignored(Reason::NotForUs)
        }

        fn handle_timeout(&mut self, _: Instant) {}

        fn poll_transmit<'b>(&mut self, _: Instant, _: &'b mut [u8]) -> Option<Transmit<'b>> {
            None
        }

        fn poll_event(&mut self) -> Option<Self::Event> {
            None
        }

        fn poll_timeout(&self) -> Option<Instant> {
            None
        }

        fn of_querier(event: &Self::Event) -> Option<QuerierEvent> {
            match *event {}
        }
    }
}
