//! The events of one request.

use core::fmt;

use super::shared::Shared;
use super::speaks::Speaks;
use crate::mdns::{Endpoint, QuerierEvent, RequestId};

/// A request of [`Mdns`](super::Mdns), and what it tells. It is cancelled when it is dropped.
///
/// What an event is about is read by [`Mdns::with`](super::Mdns::with) at once: before the task waits for anything else.
pub struct Request<'d, M: Speaks<'d> = Endpoint<'d, 'd>> {
    shared: &'d Shared<'d, M>,
    id: RequestId,
    is_over: bool,
}

impl<'d, M: Speaks<'d>> Request<'d, M> {
    pub(super) const fn new(shared: &'d Shared<'d, M>, id: RequestId) -> Self {
        Self { shared, id, is_over: false }
    }

    /// The handle of the request, by which [`Endpoint::reconfirm_request`] names it.
    pub const fn id(&self) -> RequestId {
        self.id
    }

    /// Waits for the next event; `None` behind [`Done`](QuerierEvent::Done) and [`Failed`](QuerierEvent::Failed).
    pub async fn next(&mut self) -> Option<QuerierEvent> {
        if self.is_over {
            return None;
        }
        let event = self.shared.when(|machine| machine.endpoint().poll_event_of(self.id)).await;
        self.is_over = matches!(event, QuerierEvent::Done { .. } | QuerierEvent::Failed { .. });
        Some(event)
    }
}

impl<'d, M: Speaks<'d>> Drop for Request<'d, M> {
    fn drop(&mut self) {
        self.shared.with(|mdns| mdns.cancel(self.id));
    }
}

impl<'d, M: Speaks<'d>> fmt::Debug for Request<'d, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("id", &self.id)
            .field("is_over", &self.is_over)
            .finish_non_exhaustive()
    }
}
