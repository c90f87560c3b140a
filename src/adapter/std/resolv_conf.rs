//! The servers of this machine: what `/etc/resolv.conf` says.

use ::std::fs;
use ::std::io;
use ::std::string::String;
use ::std::time::Duration;
use ::std::vec::Vec;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};

use nix::net::if_::if_nametoindex;

/// What a resolv.conf says, as resolv.conf(5) has it. Lines and options that are not known are passed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvConf {
    /// The servers, in the order in which to ask them; where none is named, this machine.
    pub servers: Vec<SocketAddr>,
    /// Domains below which short names are looked up.
    pub search: Vec<String>,
    /// From how many dots on a name is tried as it is before it is looked up below these domains: 1 unless told
    /// otherwise.
    pub ndots: u8,
    /// For how long a server is waited for before the next one is asked, where it is told. A
    /// [`Resolver`](crate::resolver::Resolver) measures that by itself.
    pub timeout: Option<Duration>,
}

impl ResolvConf {
    /// That of this machine, as it is now. Where it has none, it is its own server. A program that outlives a network reads it
    /// again, and tells the [`Resolver`](crate::resolver::Resolver) by `set_servers` and `network_changed`.
    ///
    /// # Errors
    /// The file is there, and what the system said when it could not be read.
    pub fn of_system() -> io::Result<Self> {
        Self::at("/etc/resolv.conf")
    }

    fn at(path: &str) -> io::Result<Self> {
        match fs::read(path) {
            Ok(octets) => Ok(Self::parse(&String::from_utf8_lossy(&octets))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::parse("")),
            Err(error) => Err(error),
        }
    }

    /// Reads the text of one. Servers whose scope is no interface of this machine are left out.
    ///
    /// ```
    /// let conf = dotlocal::adapter::std::ResolvConf::parse("nameserver 192.0.2.1\nsearch lan.example\n");
    /// assert_eq!(conf.servers, ["192.0.2.1:53".parse().unwrap()]);
    /// assert_eq!(conf.search, ["lan.example"]);
    /// ```
    pub fn parse(text: &str) -> Self {
        let mut conf = Self { servers: Vec::new(), search: Vec::new(), ndots: 1, timeout: None };
        // Comments are whole lines.
        for line in text.lines().filter(|line| !line.starts_with(['#', ';'])) {
            let mut words = line.split_ascii_whitespace();
            match words.next() {
                Some("nameserver") => conf.servers.extend(words.next().and_then(server_address)),
                // Of several lines the last one counts, for both.
                Some("domain") => conf.search = words.next().map(String::from).into_iter().collect(),
                Some("search") => conf.search = words.map(String::from).collect(),
                Some("options") => words.for_each(|option| conf.set(option)),
                _ => {}
            }
        }
        // The root says that short names are looked up as they are.
        conf.search.retain(|domain| domain != ".");
        if conf.servers.is_empty() {
            conf.servers.push(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), PORT));
        }
        conf
    }

    fn set(&mut self, option: &str) {
        let Some((name, value)) = option.split_once(':') else { return };
        let Ok(value) = value.parse::<u8>() else { return };
        match name {
            "ndots" => self.ndots = value.min(MAX_NDOTS),
            "timeout" => self.timeout = Some(Duration::from_secs(value.clamp(1, MAX_TIMEOUT_SECS).into())),
            _ => {}
        }
    }
}

/// Reads the address of a DNS server: `192.0.2.1`, `192.0.2.1:5300`, `2001:db8::1`, `[2001:db8::1]:5300`,
/// `fe80::1%eth0`, `[fe80::1%2]:53`. `None` for anything else, and where there is no such interface. The port is 53 unless
/// told otherwise. `0.0.0.0` and `::` stand for this machine.
pub fn server_address(text: &str) -> Option<SocketAddr> {
    let mut server = address_and_port(text)?;
    // Its answers come from there.
    if server.ip().is_unspecified() {
        server.set_ip(if server.is_ipv4() { Ipv4Addr::LOCALHOST.into() } else { Ipv6Addr::LOCALHOST.into() });
    }
    Some(server)
}

fn address_and_port(text: &str) -> Option<SocketAddr> {
    if let Some((address, port)) = text.strip_prefix('[').and_then(|text| text.split_once(']')) {
        let (ip, scope) = scoped(address)?;
        let port = if port.is_empty() { PORT } else { port_number(port.strip_prefix(':')?)? };
        return Some(SocketAddrV6::new(ip, port, 0, scope).into());
    }
    if let Some((ip, scope)) = scoped(text) {
        return Some(SocketAddrV6::new(ip, PORT, 0, scope).into());
    }
    let (address, port) = match text.split_once(':') {
        Some((address, port)) => (address, port_number(port)?),
        None => (text, PORT),
    };
    Some(SocketAddr::new(address.parse::<Ipv4Addr>().ok()?.into(), port))
}

/// An IPv6 address, and the number of its scope; 0 is none.
fn scoped(text: &str) -> Option<(Ipv6Addr, u32)> {
    let (address, scope) =
        text.split_once('%').map_or((text, None), |(address, scope)| (address, Some(scope)));
    let number = |scope: &str| scope.parse().ok().or_else(|| if_nametoindex(scope).ok());
    let (address, scope) = (address.parse::<Ipv6Addr>().ok()?, scope.map_or(Some(0), number)?);
    // Other addresses answer without a scope, so that nobody would know them again.
    Some((address, if address.is_unicast_link_local() { scope } else { 0 }))
}

/// No server is at port 0.
fn port_number(text: &str) -> Option<u16> {
    text.parse().ok().filter(|port| *port != 0)
}

const PORT: u16 = 53;

// What resolv.conf(5) cuts values to.
const MAX_NDOTS: u8 = 15;
const MAX_TIMEOUT_SECS: u8 = 30;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapter::std::interfaces;

    fn servers(text: &str) -> Vec<String> {
        ResolvConf::parse(text).servers.iter().map(::std::string::ToString::to_string).collect()
    }

    #[test]
    fn servers_are_read_in_their_order_with_their_scopes() {
        let text = "# made by hand\n\
            nameserver 192.0.2.1\n\
            nameserver\t2001:db8::1 # another one\n\
            ; nameserver 192.0.2.99\n\
            nameserver fe80::1%7\n  nameserver 192.0.2.2\r\n\
            nameserver [2001:db8::2]:5300\n\
            nameserver 192.0.2\nnameserver\nnameserver dns.example\nnameservers 192.0.2.98\n";
        let expected =
            ["192.0.2.1:53", "[2001:db8::1]:53", "[fe80::1%7]:53", "192.0.2.2:53", "[2001:db8::2]:5300"];
        assert_eq!(servers(text), expected);
        let lo = interfaces().unwrap().into_iter().find(|interface| interface.loopback).unwrap();
        let named = ::std::format!("nameserver fe80::1%{}\nnameserver fe80::1%no-such-link0", lo.name);
        assert_eq!(servers(&named), [::std::format!("[fe80::1%{}]:53", lo.index)]);
    }

    #[test]
    fn without_a_server_it_is_this_machine() {
        assert_eq!(servers(""), ["127.0.0.1:53"]);
        assert_eq!(servers("search example"), ["127.0.0.1:53"]);
        // Nor without the file; a file that cannot be read is another matter.
        assert_eq!(ResolvConf::at("/no/such/file").unwrap().servers, ["127.0.0.1:53".parse().unwrap()]);
        assert!(ResolvConf::at("/").is_err());
    }

    #[test]
    fn of_search_and_domain_the_last_line_counts() {
        let search = |text: &str| ResolvConf::parse(text).search;
        assert_eq!(search("domain a.example\nsearch b.example  c.example."), ["b.example", "c.example."]);
        assert_eq!(search("search b.example c.example\ndomain a.example d.example"), ["a.example"]);
        assert_eq!(search("search ."), [""; 0]);
        assert_eq!(search("nameserver 192.0.2.1"), [""; 0]);
    }

    #[test]
    fn options_are_cut_to_what_they_may_be() {
        let options = |text: &str| {
            let conf = ResolvConf::parse(text);
            (conf.ndots, conf.timeout.map(|timeout| timeout.as_secs()))
        };
        assert_eq!(options(""), (1, None));
        assert_eq!(options("options rotate ndots:2 timeout:3"), (2, Some(3)));
        assert_eq!(options("options ndots:200\noptions timeout:0 edns0"), (15, Some(1)));
        assert_eq!(options("options timeout:200 ndots:0"), (0, Some(30)));
        assert_eq!(options("options ndots:x timeout: ndots:-1 ndots timeout:300"), (1, None));
    }

    #[test]
    fn an_address_may_have_a_port() {
        let read = |text: &str| server_address(text).map(|server| ::std::format!("{server}"));
        for (text, server) in [
            ("192.0.2.1:5300", "192.0.2.1:5300"),
            ("[2001:db8::1]", "[2001:db8::1]:53"),
            ("::1", "[::1]:53"),
            ("0.0.0.0", "127.0.0.1:53"),
            ("[::]:5300", "[::1]:5300"),
            ("2001:db8::1%2", "[2001:db8::1]:53"),
            ("[fe80::1%2]:5300", "[fe80::1%2]:5300"),
            ("::ffff:192.0.2.1", "[::ffff:192.0.2.1]:53"),
        ] {
            assert_eq!(read(text).as_deref(), Some(server), "{text}");
        }
        for text in [
            "",
            "192.0.2.1:",
            "192.0.2.1:0",
            "192.0.2.1:65536",
            "192.0.2.1:x",
            "[192.0.2.1]:53",
            "[::1]53",
            "[::1]:",
            "[::1",
            "fe80::1%",
            "192.0.2.1%2",
            "dns.example",
            "192.0.2.1 ",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
