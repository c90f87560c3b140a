//! Who knows what is under a name, and which names nobody is asked for.

use core::fmt;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::name::Name;

/// Who knows what is under a name: the special-use names of RFC 6761 and others.
///
/// `test`, `example` and `home.arpa` (RFC 8375), and the reverse names of private addresses, are as any other name to a
/// resolver: its own server is the one that may know them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Realm {
    /// `localhost` and what is below it: this device, whatever a server says (RFC 6761 section 6.3). It has the addresses
    /// of [`LOOPBACK`](Self::LOOPBACK), and nobody is asked.
    Loopback,
    /// A name that does not exist, and that nobody is asked for.
    Nowhere(Reserved),
    /// The hosts of the link, asked by multicast and never otherwise: names below `local`, and the reverse names of
    /// link-local addresses (RFC 6762 sections 3 and 4).
    Link,
    /// The servers of the resolver.
    Servers,
}

impl Realm {
    /// Where `localhost` is, in the order to try.
    pub const LOOPBACK: [IpAddr; 2] = [IpAddr::V6(Ipv6Addr::LOCALHOST), IpAddr::V4(Ipv4Addr::LOCALHOST)];

    /// The realm of a name.
    pub fn of(name: &Name<'_>) -> Self {
        if *name == Name::LOCAL {
            return Self::Nowhere(Reserved::Local);
        }
        if name.is_multicast() {
            return Self::Link;
        }
        let last = name.labels().last().unwrap_or_default();
        let is = |domain: &[u8]| last.eq_ignore_ascii_case(domain);
        if is(b"localhost") {
            Self::Loopback
        } else if is(b"invalid") {
            Self::Nowhere(Reserved::Invalid)
        } else if is(b"onion") {
            Self::Nowhere(Reserved::Onion)
        } else {
            Self::Servers
        }
    }
}

/// Why a name does not exist, whoever would be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Reserved {
    /// `invalid`, or a name below it (RFC 6761 section 6.4).
    Invalid,
    /// `onion`, or a name below it (RFC 7686 section 2).
    Onion,
    /// `local` itself, which is no host.
    Local,
}

impl fmt::Display for Reserved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Invalid => "names below \"invalid\" never exist: nobody was asked",
            Self::Onion => "names below \"onion\" exist inside Tor alone: nobody was asked",
            Self::Local => "\"local\" is no host: write a name below it, such as \"printer.local\"",
        })
    }
}

impl core::error::Error for Reserved {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::NameBuf;

    fn realm(text: &str) -> Realm {
        Realm::of(&text.parse::<NameBuf>().unwrap().name())
    }

    // R-6761-1, R-7686-1, R-8375-1
    #[test]
    fn names_that_nobody_may_be_asked_for_are_known() {
        for (domain, expected) in [
            ("localhost", Realm::Loopback),
            ("invalid", Realm::Nowhere(Reserved::Invalid)),
            ("onion", Realm::Nowhere(Reserved::Onion)),
            ("test", Realm::Servers),
            ("example", Realm::Servers),
            ("home.arpa", Realm::Servers),
        ] {
            for text in
                [domain, &std::format!("{domain}."), &std::format!("a.b.{domain}"), &domain.to_uppercase()]
            {
                assert_eq!(realm(text), expected, "{text}");
            }
            for text in
                [std::format!("{domain}.example.com"), std::format!("x{domain}"), std::format!("{domain}x")]
            {
                assert_eq!(realm(&text), Realm::Servers, "{text}");
            }
        }
        assert!(Realm::LOOPBACK.iter().all(IpAddr::is_loopback));
    }

    // M-3-1, M-4-1, R-ARPA-1
    #[test]
    fn names_of_the_link_are_asked_for_there_and_private_ones_of_servers() {
        for text in [
            "printer.local",
            "a.b.LOCAL.",
            "_http._tcp.local",
            "küche.local",
            "254.169.in-addr.arpa",
            "7.1.254.169.IN-ADDR.ARPA",
            "8.e.f.ip6.arpa",
            "9.E.F.ip6.arpa",
            "1.a.e.f.ip6.arpa",
            "b.e.f.ip6.arpa.",
        ] {
            assert_eq!(realm(text), Realm::Link, "{text}");
        }
        for text in [
            "local.example",
            "xlocal",
            "253.169.in-addr.arpa",
            "169.in-addr.arpa",
            "254.169.in-addr.arpa.example",
            "1.1.168.192.in-addr.arpa",
            "1.10.in-addr.arpa",
            "7.e.f.ip6.arpa",
            "c.e.f.ip6.arpa",
            "d.f.ip6.arpa",
            "e.f.ip6.arpa",
        ] {
            assert_eq!(realm(text), Realm::Servers, "{text}");
        }
        assert_eq!(realm("local"), Realm::Nowhere(Reserved::Local));
    }
}
