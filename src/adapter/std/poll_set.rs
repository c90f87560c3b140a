//! The sleep between two turns: one poll(2) over all sockets of a loop.

use ::std::io;
use ::std::os::fd::BorrowedFd;
use ::std::time::Duration;
use ::std::vec::Vec;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::clock::now;
use super::link::Link;
use super::resolving::ResolverSockets;
use crate::Instant;

/// What a loop sleeps for: links, the sockets of resolvers, files of the caller's own, and deadlines.
///
/// ```no_run
/// # use dotlocal::adapter::std::{Link, PollSet, ResolverSockets};
/// # use dotlocal::{mdns::Endpoint, resolver::Resolver};
/// # fn sleep(
/// #     link: &Link, endpoint: &Endpoint<'_, '_>, sockets: &ResolverSockets, resolver: &Resolver<'_>,
/// # ) -> std::io::Result<()> {
/// PollSet::new()
///     .link(link)
///     .due(endpoint.poll_timeout())
///     .resolver(sockets)
///     .due(resolver.poll_timeout())
///     .wait()
/// # }
/// ```
#[derive(Debug, Default)]
pub struct PollSet<'f> {
    fds: Vec<PollFd<'f>>,
    /// The sleep ends by then; `None` sets no time.
    left: Option<Duration>,
}

impl<'f> PollSet<'f> {
    /// Nothing, for ever.
    pub const fn new() -> Self {
        Self { fds: Vec::new(), left: None }
    }

    /// Wakes up when the link has something to read or has changed.
    #[must_use]
    pub fn link(mut self, link: &'f Link) -> Self {
        self.fds.extend(link.fds().map(|fd| PollFd::new(fd, PollFlags::POLLIN)));
        link.retry().into_iter().fold(self, Self::at_most)
    }

    /// Wakes up when a server has sent something, or a connection to one can be gone on with.
    #[must_use]
    pub fn resolver(mut self, sockets: &'f ResolverSockets) -> Self {
        let interest = |waits_to_send| if waits_to_send { PollFlags::POLLOUT } else { PollFlags::POLLIN };
        self.fds.extend(sockets.fds().map(|(fd, waits_to_send)| PollFd::new(fd, interest(waits_to_send))));
        if sockets.has_news() { self.at_most(Duration::ZERO) } else { self }
    }

    /// Wakes up when `fd` can be read or is closed.
    #[must_use]
    pub fn readable(mut self, fd: BorrowedFd<'f>) -> Self {
        self.fds.push(PollFd::new(fd, PollFlags::POLLIN));
        self
    }

    /// Wakes up when a deadline of a machine has come: what `poll_timeout` says.
    #[must_use]
    pub fn due(self, deadline: Option<Instant>) -> Self {
        match deadline {
            Some(deadline) => self.at_most(Duration::from_millis(deadline.millis_until(now()).into())),
            None => self,
        }
    }

    /// Wakes up after `time`.
    #[must_use]
    pub fn at_most(mut self, time: Duration) -> Self {
        self.left = Some(self.left.map_or(time, |left| left.min(time)));
        self
    }

    /// Sleeps.
    ///
    /// The time is rounded up to whole milliseconds, so that a deadline has come when the sleep was for it. A signal may
    /// end the sleep early. What can be read and is not read lets the next call return at once.
    ///
    /// # Errors
    /// What the system said when it could not poll.
    pub fn wait(mut self) -> io::Result<()> {
        let timeout = self.left.map_or(PollTimeout::NONE, |left| {
            PollTimeout::try_from(left.as_nanos().div_ceil(1_000_000)).unwrap_or(PollTimeout::MAX)
        });
        match poll(&mut self.fds, timeout) {
            Ok(_) | Err(Errno::EINTR) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// Sleeps until one of `links` has something to read or has changed, until one of `extra` can be read or is closed,
/// or until the time is over; `None` sets no time. The short form of a [`PollSet`].
///
/// # Errors
/// What the system said when it could not poll.
pub fn wait(links: &[&Link], extra: &[BorrowedFd<'_>], until: Option<Duration>) -> io::Result<()> {
    let set = links.iter().fold(PollSet::new(), |set, link| set.link(link));
    let set = extra.iter().fold(set, |set, fd| set.readable(*fd));
    until.into_iter().fold(set, PollSet::at_most).wait()
}
