//! Lines of standard input, in the same wait as the sockets.

use std::io::{self, BufRead as _, Stdin};
use std::os::fd::{AsFd as _, BorrowedFd};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

/// Standard input, read only when something is there.
pub(crate) struct Input {
    stdin: Stdin,
    /// The beginning of a line whose end has not come.
    line: Vec<u8>,
    ended: bool,
}

impl Input {
    pub(crate) fn new() -> Self {
        Self { stdin: io::stdin(), line: Vec::new(), ended: false }
    }

    /// What to wait for: nothing once the input has ended, since an end is readable for ever.
    pub(crate) fn fd(&self) -> Option<BorrowedFd<'_>> {
        (!self.ended).then(|| self.stdin.as_fd())
    }

    /// The next whole line that is already there. Never blocks, and reads at most once: input without an end must not
    /// keep the program from its sockets and signals.
    pub(crate) fn line(&mut self) -> io::Result<Option<String>> {
        if let Some(line) = self.take_line() {
            return Ok(Some(line));
        }
        let Some(fd) = self.fd() else { return Ok(None) };
        if poll(&mut [PollFd::new(fd, PollFlags::POLLIN)], PollTimeout::ZERO)? == 0 {
            return Ok(None);
        }
        // One read(2): the buffer is always emptied.
        let mut stdin = self.stdin.lock();
        let octets = stdin.fill_buf()?.to_vec();
        stdin.consume(octets.len());
        drop(stdin);
        self.ended = octets.is_empty();
        if self.ended && !self.line.is_empty() {
            self.line.push(b'\n');
        }
        self.line.extend(octets);
        if self.line.len() > LONGEST {
            // Nothing that is understood is so long.
            self.line.push(b'\n');
        }
        Ok(self.take_line())
    }

    fn take_line(&mut self) -> Option<String> {
        let end = self.line.iter().position(|&octet| octet == b'\n')?;
        let rest = self.line.split_off(end + 1);
        let line = std::mem::replace(&mut self.line, rest);
        Some(String::from_utf8_lossy(&line).trim().to_owned())
    }
}

/// Octets after which a line ends, whatever stands there.
const LONGEST: usize = 65_536;
