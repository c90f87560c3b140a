//! Whether port 5353 is ours alone (RFC 6762 section 15.1).

use ::std::io;
use ::std::sync::{Mutex, MutexGuard, PoisonError};
use ::std::thread;
use ::std::time::Duration;
use ::std::vec::Vec;

use nix::errno::Errno;

use super::interface::Interface;
use super::socket::{Family, Socket, is};

/// Opens a socket of `family` on port 5353, and says whether somebody else had the port before.
/// `None`: this system does not have the family.
pub(super) fn open(family: Family, interface: &Interface) -> io::Result<Option<(Socket, bool)>> {
    // One at a time in this process: two exclusive binds at once would each take the other for a stranger.
    let _turn = lock(&OPENING);
    let Some(alone) = Socket::new(family, interface)? else { return Ok(None) };
    let shared = alone.bind_alone().is_err_and(|error| is(&error, &[Errno::EADDRINUSE]));
    drop(alone);

    let Some(socket) = Socket::new(family, interface)? else { return Ok(None) };
    let mut tries = 1;
    loop {
        match socket.bind_shared() {
            // Perhaps it is only the exclusive bind of another process that starts right now, gone in no time.
            Err(error) if is(&error, &[Errno::EADDRINUSE]) && tries < TRIES => {
                tries += 1;
                thread::sleep(PAUSE);
            }
            bound => return bound.map(|()| Some((socket, shared))),
        }
    }
}

/// One open link of this process. The first of several cannot see the others come, so they are counted here.
#[derive(Debug)]
pub(super) struct Seat {
    /// `None`: not bound to its interface, so it shares with the links of all.
    interface: Option<u32>,
}

impl Seat {
    pub(super) fn take(interface: Option<u32>) -> Self {
        lock(&SEATS).push(interface);
        Self { interface }
    }

    /// Whether another link of this process competes for the same unicast datagrams.
    pub(super) fn is_shared(&self) -> bool {
        let competes =
            |other: &&Option<u32>| other.is_none() || self.interface.is_none() || **other == self.interface;
        // One of them is this one.
        lock(&SEATS).iter().filter(competes).count() > 1
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut seats = lock(&SEATS);
        if let Some(mine) = seats.iter().position(|seat| *seat == self.interface) {
            seats.swap_remove(mine);
        }
    }
}

/// A panic elsewhere leaves both locks' data sound.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

static OPENING: Mutex<()> = Mutex::new(());
static SEATS: Mutex<Vec<Option<u32>>> = Mutex::new(Vec::new());

/// A quarter of a second in all: long enough for a process that was put to sleep between bind and close.
const TRIES: u32 = 10;
const PAUSE: Duration = Duration::from_millis(25);
