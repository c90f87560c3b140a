//! All names, over the same stack: those of the link by the endpoint, all others by the stack's DNS servers.

mod datagrams;
mod memory;
mod sockets;
mod stream;

use core::fmt;
use core::net::SocketAddr;

pub use memory::{NamesResources, with_lookups};
pub use sockets::ServerSockets;

use embassy_time::{Duration, with_timeout};

use super::handle::Mdns;
use super::now;
use super::speaks::Speaks;
use crate::Families;
use crate::lookup::{Event, Failure, LookupError, LookupId, Lookups, Source};
use crate::mdns::Endpoint;
use crate::resolver;

/// The machine of these handles and runners: an endpoint, and lookups of every name.
pub type Names<'d> = Lookups<'d, 'd, Endpoint<'d, 'd>>;

impl<'d> Speaks<'d> for Names<'d> {
    fn endpoint(&mut self) -> &mut Endpoint<'d, 'd> {
        self.multicast()
    }
}

impl<'d> Mdns<'d, Names<'d>> {
    /// Looks up whatever a user may type for a host, to connect to `port` there, and waits for the first addresses; see
    /// [`Lookups::lookup`]. Names of the link wait for an address of the stack, and all others for its first server.
    ///
    /// # Errors
    /// Neither a name nor an address, no free slot, or nothing found in `timeout_millis`.
    pub async fn lookup(
        &self,
        name: &str,
        port: u16,
        families: Families,
        timeout_millis: u32,
    ) -> Result<Lookup<'d>, NotFound> {
        let begin = now();
        let mut left = timeout_millis;
        loop {
            let id = self.with_lookups(|names| {
                let id = names.lookup(name, port, families, left)?;
                names.tell_apart(id);
                Ok(id)
            });
            let mut lookup = Lookup { mdns: *self, id: id.map_err(NotFound::Refused)?, failure: None };
            let Err(failure) = lookup.next().await else { return Ok(lookup) };
            left = timeout_millis.saturating_sub(now().millis_since(begin));
            let has_none = failure == Failure::Servers(resolver::Failure::NoServers);
            if !has_none || !self.servers_within(left).await {
                return Err(NotFound::Failed(failure));
            }
        }
    }

    /// Waits until the stack has servers; `false` where it gets none in time.
    async fn servers_within(&self, millis: u32) -> bool {
        let has_servers = |names: &mut Names<'d>| names.resolver().has_servers().then_some(());
        with_timeout(Duration::from_millis(millis.into()), self.shared.when(has_servers)).await.is_ok()
    }

    /// Everything else that lookups and the resolver can do: a search list, a table of hosts, records of any type, whose
    /// events [`next_event`](Self::next_event) tells. `call` must not use the handle, as dropping a [`Lookup`] does too.
    ///
    /// # Panics
    /// `call` uses the handle.
    pub fn with_lookups<R>(&self, call: impl FnOnce(&mut Names<'d>) -> R) -> R {
        let result = call(&mut self.shared.machine.borrow_mut());
        self.shared.change();
        result
    }
}

/// What a lookup has found. It is cancelled when it is dropped.
pub struct Lookup<'d> {
    mdns: Mdns<'d, Names<'d>>,
    id: LookupId,
    failure: Option<Failure>,
}

impl Lookup<'_> {
    /// The address to try next: the first that has not failed. `None` when there is none.
    pub fn next_address(&self) -> Option<SocketAddr> {
        self.read(|names| names.next_address(self.id))
    }

    /// An address did not work: it goes to the end. Once that is so for all, they are asked for anew, and
    /// [`next`](Self::next) tells when they are there.
    pub fn failed(&self, address: SocketAddr) {
        self.mdns.with_lookups(|names| names.failed(self.id, address));
    }

    /// Waits for more addresses, or for all of them anew: whether these are all.
    ///
    /// # Errors
    /// Nothing was found, or is any more.
    pub async fn next(&mut self) -> Result<bool, Failure> {
        if let Some(failure) = self.failure {
            return Err(failure);
        }
        match self.mdns.shared.when(|names| names.poll_event_of(self.id)).await {
            Event::Failed { failure, .. } => {
                self.failure = Some(failure);
                Err(failure)
            }
            Event::Found { is_complete, .. } => Ok(is_complete),
            // Of this lookup there is nothing else.
            Event::Multicast(_) | Event::Resolver(_) => Ok(false),
        }
    }

    /// The handle, by which [`Lookups`] names it: for [`Lookups::addresses`] and what else is known.
    pub const fn id(&self) -> LookupId {
        self.id
    }

    /// Where the addresses come from.
    pub fn source(&self) -> Option<Source> {
        self.read(|names| names.source(self.id))
    }

    fn read<R>(&self, read: impl FnOnce(&Names<'_>) -> R) -> R {
        read(&self.mdns.shared.machine.borrow())
    }
}

impl Drop for Lookup<'_> {
    fn drop(&mut self) {
        self.mdns.with_lookups(|names| names.cancel(self.id));
    }
}

impl fmt::Debug for Lookup<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lookup").field("id", &self.id).field("failure", &self.failure).finish_non_exhaustive()
    }
}

/// Why a lookup brought nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum NotFound {
    /// It was not accepted.
    Refused(LookupError),
    /// It has failed.
    Failed(Failure),
}

impl fmt::Display for NotFound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(error) => error.fmt(f),
            Self::Failed(failure) => failure.fmt(f),
        }
    }
}

impl core::error::Error for NotFound {}
