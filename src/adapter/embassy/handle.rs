//! What all tasks but the runner have.

use core::fmt;
use core::future::poll_fn;
use core::task::Poll;

use super::request::Request;
use super::shared::Shared;
use super::speaks::Speaks;
use crate::driver::Machine;
use crate::mdns::{
    Claimed, Endpoint, HostnameError, RegisterError, RequestError, RequestId, Service, ServiceId,
};

/// The endpoint of a [`Runner`](super::Runner), for all tasks of its executor: to be copied.
///
/// What waits is `async`, and nothing is lost where such a call is dropped before its end.
pub struct Mdns<'d, M = Endpoint<'d, 'd>> {
    pub(super) shared: &'d Shared<'d, M>,
}

impl<M> Clone for Mdns<'_, M> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M> Copy for Mdns<'_, M> {}

impl<M> fmt::Debug for Mdns<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mdns").field("is_up", &self.shared.is_up.get()).finish_non_exhaustive()
    }
}

impl<'d, M: Speaks<'d>> Mdns<'d, M> {
    pub(super) const fn new(shared: &'d Shared<'d, M>) -> Self {
        Self { shared }
    }

    /// Claims a host name; see [`Endpoint::set_hostname`].
    ///
    /// # Errors
    /// Not a label of 1 to 63 octets.
    pub fn set_hostname(&self, label: &'d str) -> Result<(), HostnameError> {
        self.with(|mdns| mdns.set_hostname(label))
    }

    /// Registers a service; see [`Endpoint::register`]. Its name is probed for from now on:
    /// [`established`](Self::established) waits for that.
    ///
    /// # Errors
    /// A service that cannot be published, no free slot, or an instance that is registered already.
    pub fn register(&self, service: Service<'d>) -> Result<ServiceId, RegisterError> {
        self.with(|mdns| mdns.register(service))
    }

    /// Waits until a name is announced and answered for: a second or two where the link is up and nobody else has it.
    /// `false` for a stale handle. [`Endpoint::name`] then tells it with the number that it may have got.
    pub async fn established(&self, of: impl Into<Claimed>) -> bool {
        let of = of.into();
        self.shared
            .when(|mdns| mdns.endpoint().is_established(of).map_or(Some(false), |is| is.then_some(true)))
            .await
    }

    /// Follows the instances of a service type; see [`Endpoint::browse`].
    ///
    /// # Errors
    /// Not a service type, no free slot, no room in the cache.
    pub fn browse(&self, service_type: &str) -> Result<Request<'d, M>, RequestError> {
        self.request(|mdns| mdns.browse(service_type))
    }

    /// Resolves one instance and follows it; see [`Endpoint::resolve`].
    ///
    /// # Errors
    /// Not an instance name or service type, no free slot, no room in the cache.
    pub fn resolve(&self, instance: &str, service_type: &str) -> Result<Request<'d, M>, RequestError> {
        self.request(|mdns| mdns.resolve(instance, service_type))
    }

    /// Makes any request of an endpoint, whose events are then told by what is returned:
    ///
    /// ```no_run
    /// # use dotlocal::{adapter::embassy::Mdns, mdns::{RequestError, Until}, wire::Type};
    /// # fn follow(mdns: Mdns<'static>) -> Result<(), RequestError> {
    /// let domains = mdns.request(|mdns| mdns.records("b._dns-sd._udp.local", Type::PTR, Until::Cancelled))?;
    /// # drop(domains);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// What `make` returns.
    pub fn request(
        &self,
        make: impl FnOnce(&mut Endpoint<'d, 'd>) -> Result<RequestId, RequestError>,
    ) -> Result<Request<'d, M>, RequestError> {
        let id = self.with(|mdns| {
            let id = make(mdns)?;
            mdns.tell_apart(id);
            Ok(id)
        })?;
        Ok(Request::new(self.shared, id))
    }

    /// The next thing to tell that no [`Request`] tells: of names of ours, that there was no room in the cache, and of
    /// requests that were made by [`with`](Self::with). For one task. Only who withdraws names has to call it: a name that
    /// was unregistered keeps its slot until that was told.
    pub async fn next_event(&self) -> M::Event {
        self.shared.when(Machine::poll_event).await
    }

    /// Whether the link is up, with an address.
    pub fn is_link_up(&self) -> bool {
        self.shared.is_up.get()
    }

    /// Waits until [`is_link_up`](Self::is_link_up) is `is_up`.
    pub async fn wait_link(&self, is_up: bool) {
        poll_fn(|cx| {
            if self.is_link_up() == is_up {
                return Poll::Ready(());
            }
            self.shared.wait(cx.waker());
            Poll::Pending
        })
        .await
    }

    /// The device is on another network, or at another access point of the same one, and neither link nor addresses of the
    /// stack have shown it: the groups are left and joined anew, and all begins again, as
    /// [`Endpoint::network_changed`] says. Where the link is down, what was found is lost at once, and the rest waits for
    /// an address.
    pub fn network_changed(&self) {
        self.shared.has_moved.set(true);
        self.with(|mdns| {
            mdns.network_changed();
            if !self.is_link_up() {
                mdns.link_down();
            }
        });
    }

    /// Everything else that an endpoint can do, and all that it knows: what was found, names, counters. `call` must not
    /// use the handle, as dropping a [`Request`] does too.
    ///
    /// # Panics
    /// `call` uses the handle.
    pub fn with<R>(&self, call: impl FnOnce(&mut Endpoint<'d, 'd>) -> R) -> R {
        self.shared.with(call)
    }
}
