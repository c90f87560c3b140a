//! Ctrl-C and `kill` as something that can be waited for beside sockets.

use std::io::{self, Read as _};
use std::os::fd::{AsFd as _, BorrowedFd};
use std::os::unix::net::UnixStream;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::low_level::pipe;

/// Readable once SIGINT or SIGTERM has come.
pub(crate) struct Signals(UnixStream);

impl Signals {
    /// From now on these signals no longer end the process.
    pub(crate) fn catch() -> io::Result<Self> {
        let (receiver, sender) = UnixStream::pair()?;
        receiver.set_nonblocking(true)?;
        for signal in [SIGINT, SIGTERM] {
            pipe::register(signal, sender.try_clone()?)?;
        }
        Ok(Self(receiver))
    }

    /// Whether one has come since the last call.
    pub(crate) fn arrived(&self) -> bool {
        matches!((&self.0).read(&mut [0; 16]), Ok(1..))
    }

    /// What to wait for.
    pub(crate) fn fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
