//! The machines of multicast DNS as lookups use them.

use core::net::{IpAddr, SocketAddr};

use crate::driver::{Disposition, Machine, Meta, Transmit};
use crate::families::Families;
use crate::mdns::{Endpoint, Querier, QuerierEvent, RequestError, RequestId, Until};
use crate::name::NameBuf;
use crate::time::Instant;

/// What answers for names of the link: an [`Endpoint`], a [`Querier`], or `()` for a device without multicast DNS. No
/// other type can be one.
pub trait Multicast: sealed::Lookup {}

impl Multicast for Endpoint<'_, '_> {}
impl Multicast for Querier<'_> {}
impl Multicast for () {}

pub(super) mod sealed {
    use super::*;

    /// What a lookup asks of it, beside the five calls.
    pub trait Lookup: Machine {
        /// A request that is told apart.
        fn start(
            &mut self,
            name: &NameBuf,
            families: Families,
            until: Until,
        ) -> Result<RequestId, RequestError>;
        fn cancel(&mut self, request: RequestId);
        fn forget(&mut self, name: &NameBuf);
        fn socket_addr(&self, address: IpAddr, port: u16) -> SocketAddr;
        fn event_of(&mut self, request: RequestId) -> Option<QuerierEvent>;
    }

    macro_rules! lookup {
        ($machine:ty) => {
            impl Lookup for $machine {
                fn start(
                    &mut self,
                    name: &NameBuf,
                    families: Families,
                    until: Until,
                ) -> Result<RequestId, RequestError> {
                    let request = self.lookup_name(name, families, until)?;
                    self.tell_apart(request);
                    Ok(request)
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

                fn event_of(&mut self, request: RequestId) -> Option<QuerierEvent> {
                    self.poll_event_of(request)
                }
            }
        };
    }

    lookup!(Endpoint<'_, '_>);
    lookup!(Querier<'_>);

    impl Machine for () {
        type Event = core::convert::Infallible;

        fn handle_datagram(&mut self, _: Instant, _: Meta, _: &[u8]) -> Disposition {
            Disposition::NOT_FOR_US
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
    }

    impl Lookup for () {
        fn start(&mut self, _: &NameBuf, _: Families, _: Until) -> Result<RequestId, RequestError> {
            Err(RequestError::Full { capacity: 0 })
        }

        fn cancel(&mut self, _: RequestId) {}

        fn forget(&mut self, _: &NameBuf) {}

        fn socket_addr(&self, address: IpAddr, port: u16) -> SocketAddr {
            SocketAddr::new(address, port)
        }

        fn event_of(&mut self, _: RequestId) -> Option<QuerierEvent> {
            None
        }
    }
}
