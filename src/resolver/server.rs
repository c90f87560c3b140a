//! A server: how fast it is, what it copes with, its cookie.

use core::net::{IpAddr, Ipv4Addr, SocketAddr};

use crate::time::Instant;

/// What is known of a server.
#[derive(Clone, Copy, Debug)]
pub(super) struct Server {
    pub(super) address: SocketAddr,
    /// Smoothed round-trip time and its deviation in milliseconds; 0 while nothing is known.
    rtt: u16,
    deviation: u16,
    pub(super) edns: Edns,
    pub(super) case: Case,
    /// Queries in a row that it has not answered, or has failed to answer.
    pub(super) silences: u8,
    /// Until when others are asked first; good while there were silences.
    bad_until: Instant,
    /// Our half of the cookie (RFC 7873), drawn when it is first needed; 0 until then.
    pub(super) client_cookie: [u8; 8],
    server_cookie: [u8; 32],
    cookie_len: u8,
}

/// Whether a server copes with EDNS (RFC 6891 section 7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Edns {
    Unknown,
    Works,
    /// It did, and is silent to it by now: asked without it, it may tell that it is there.
    Doubted,
    Fails,
}

/// Whether a server gives questions back in the case that they had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Case {
    Unknown,
    /// It does: what comes back in another one is not from it.
    Keeps,
    Changes,
}

impl Server {
    pub(super) const NONE: Server = Server::new(SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0));

    pub(super) const fn new(address: SocketAddr) -> Self {
        Self {
            address,
            rtt: 0,
            deviation: 0,
            edns: Edns::Unknown,
            case: Case::Unknown,
            silences: 0,
            bad_until: Instant::from_millis(0),
            client_cookie: [0; 8],
            server_cookie: [0; 32],
            cookie_len: 0,
        }
    }

    /// It has answered, and if `millis` is known, after so long (RFC 6298 section 2).
    pub(super) fn has_answered(&mut self, millis: Option<u32>) {
        self.silences = 0;
        let Some(millis) = millis else { return };
        let millis = millis.min(MAX_WAIT_MILLIS) as u16;
        if self.rtt == 0 {
            (self.rtt, self.deviation) = (millis.max(1), millis / 2);
        } else {
            let off = self.rtt.abs_diff(millis);
            self.deviation = self.deviation - self.deviation / 4 + off / 4;
            self.rtt = (self.rtt - self.rtt / 8 + millis / 8).max(1);
        }
    }

    /// It has not answered, or has failed to.
    pub(super) fn was_silent(&mut self, now: Instant) {
        self.silences = self.silences.saturating_add(1);
        // It may be another one by now, behind the same address, that knows no cookies and keeps no case.
        self.cookie_len = 0;
        if self.case == Case::Keeps {
            self.case = Case::Unknown;
        }
        if self.edns == Edns::Works && self.silences >= DOUBTED_AFTER {
            self.edns = Edns::Doubted;
        }
        let doublings = u32::from(self.silences.saturating_sub(BAD_AFTER)).min(4);
        self.bad_until = now.after(BAD_MILLIS << doublings);
    }

    /// Others are asked first for a while: it does not serve us.
    pub(super) fn put_last(&mut self, now: Instant) {
        self.silences = self.silences.max(BAD_AFTER - 1);
        self.was_silent(now);
    }

    /// Whether others are to be asked first.
    pub(super) fn is_bad(&self, now: Instant) -> bool {
        self.silences >= BAD_AFTER && !self.bad_until.is_due(now)
    }

    /// How long to wait for its answer in milliseconds when it was asked `round` times before (RFC 1035 section 7.2:
    /// measured, and backing off).
    pub(super) fn wait_millis(&self, round: u32) -> u32 {
        let usual = match self.rtt {
            0 => FIRST_WAIT_MILLIS,
            rtt => (u32::from(rtt) + 4 * u32::from(self.deviation)).max(MIN_WAIT_MILLIS),
        };
        (usual << round.min(4)).min(MAX_WAIT_MILLIS)
    }

    pub(super) fn server_cookie(&self) -> &[u8] {
        self.server_cookie.get(..self.cookie_len.into()).unwrap_or(&[])
    }

    pub(super) fn set_server_cookie(&mut self, cookie: &[u8]) {
        if cookie.len() <= self.server_cookie.len() {
            crate::wire::copy(cookie, &mut self.server_cookie);
            self.cookie_len = cookie.len() as u8;
        }
    }
}

/// Silences after which a server is asked last.
const BAD_AFTER: u8 = 2;

/// Silences after which it is doubted that a server still copes with EDNS: some are those of the network.
const DOUBTED_AFTER: u8 = 5;

/// For how long, doubled with each further silence up to four minutes.
const BAD_MILLIS: u32 = 15_000;

const FIRST_WAIT_MILLIS: u32 = 1_000;
const MIN_WAIT_MILLIS: u32 = 250;
const MAX_WAIT_MILLIS: u32 = 8_000;

#[cfg(test)]
mod tests {
    use super::*;

    // R-1035-1
    #[test]
    fn the_wait_follows_the_round_trip_time_and_doubles() {
        let mut server = Server::NONE;
        assert_eq!(
            [0, 1, 2, 3, 9].map(|round| server.wait_millis(round)),
            [1_000, 2_000, 4_000, 8_000, 8_000]
        );
        // RFC 6298 section 2: the time and four times its deviation, which is half of the first one.
        let mut other = Server::NONE;
        other.has_answered(Some(400));
        assert_eq!(other.wait_millis(0), 400 + 4 * 200);
        other.has_answered(Some(800));
        assert_eq!(other.wait_millis(0), 450 + 4 * (150 + 100));
        server.has_answered(Some(40));
        assert_eq!(server.wait_millis(0), 250);
        for _ in 0..50 {
            server.has_answered(Some(400));
        }
        assert!((400..700).contains(&server.wait_millis(0)), "{}", server.wait_millis(0));
        server.has_answered(Some(u32::MAX));
        assert!(server.wait_millis(0) <= 8_000);
        server.has_answered(None);
        assert_eq!(server.silences, 0);
    }

    #[test]
    fn a_server_that_was_silent_twice_is_asked_last_for_a_while() {
        let (mut server, now) = (Server::NONE, Instant::from_millis(u32::MAX - 5));
        server.was_silent(now);
        assert!(!server.is_bad(now));
        server.was_silent(now);
        assert!(server.is_bad(now.after(14_999)) && !server.is_bad(now.after(15_000)));
        for _ in 0..20 {
            server.was_silent(now);
        }
        assert!(server.is_bad(now.after(239_999)) && !server.is_bad(now.after(240_000)));
        server.has_answered(Some(10));
        assert!(!server.is_bad(now));
        server.put_last(now);
        assert!(server.is_bad(now.after(14_999)) && !server.is_bad(now.after(15_000)));
    }
}
