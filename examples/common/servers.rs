//! Names at DNS servers, asked until one is found or the time is over.

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use dotlocal::Families;
use dotlocal::adapter::std::{PollSet, Random, ResolvConf, ResolverSockets, interfaces, server_address};
use dotlocal::lookup::{Event, Failure, FoundAddress, LookupStorage, Lookups, Search};
use dotlocal::name::NameBuf;
use dotlocal::resolver::{self, Config, FoundRecord, Resolver, ResolverStorage};
use dotlocal::wire::Type;

use super::trace;

/// Servers, and where short names are looked for.
pub(crate) struct Servers {
    pub(crate) addresses: Vec<SocketAddr>,
    pub(crate) search: Vec<NameBuf>,
    pub(crate) ndots: u8,
}

impl Servers {
    /// Those that are given, or the ones of this machine, with its domains.
    pub(crate) fn given_or_of_system(servers: &[SocketAddr], search: &[NameBuf]) -> io::Result<Self> {
        let mut found = Self { addresses: servers.to_vec(), search: search.to_vec(), ndots: 1 };
        if servers.is_empty() {
            let conf = ResolvConf::of_system()?;
            found.addresses = conf.servers;
            found.addresses.truncate(MOST);
            found.ndots = conf.ndots;
            if search.is_empty() {
                found.search = conf.search.iter().filter_map(|domain| domain.parse().ok()).collect();
            }
        }
        Ok(found)
    }
}

/// What is asked for.
#[derive(Clone, Copy)]
pub(crate) enum Wanted {
    Addresses(Families),
    Records(Type),
}

/// What is found of it. Called for each address, in the order to try, or each record.
pub(crate) trait Finds {
    fn address(&mut self, found: FoundAddress);
    fn record(&mut self, found: &FoundRecord<'_>);
}

/// Lookups of what the link has no part in.
type Names<'s, 'd> = Lookups<'s, 'd, ()>;

/// Asks for a name, which is `absolute` if a dot is behind it, and says what its aliases lead to.
pub(crate) fn ask(
    servers: &Servers,
    typed: &str,
    absolute: bool,
    wanted: Wanted,
    timeout: Duration,
    log: bool,
    finds: &mut dyn Finds,
) -> Result<Result<String, Failure>, super::Failure> {
    let mut random = Random::open()?;
    let mut draw = || random.draw();
    let mut storage = Box::new(ResolverStorage::<MOST, 1, 131_072, 65_535>::new());
    let mut lookups = Box::new(LookupStorage::<1, 255, 64>::new());
    let mut names = Names::new(&mut lookups, (), Resolver::new(&mut storage, &mut draw, Config::new()));
    names.resolver().set_servers(&servers.addresses)?;
    let mut own: Vec<_> = interfaces()?.into_iter().filter(|it| it.up).flat_map(|it| it.addresses).collect();
    own.truncate(64);
    names.set_addresses(&own)?;
    let domains: Vec<_> = servers.search.iter().map(NameBuf::name).collect();
    let search = Search::new(&domains).ndots(servers.ndots);
    names.set_search(search);
    let mut sockets = ResolverSockets::new();
    if log {
        trace::log_servers(&mut sockets);
    }
    match wanted {
        Wanted::Addresses(families) => {
            let lookup = names.lookup(typed, 0, families, millis(timeout))?;
            let failure = complete(&mut names, &mut sockets)?;
            names.addresses(lookup).for_each(|found| finds.address(found));
            let canonical = names.canonical_name(lookup).map(|name| name.to_string());
            Ok(failure.map_or(Ok(canonical.unwrap_or_default()), Err))
        }
        Wanted::Records(rtype) => {
            let (end, mut at, mut failed) = (Instant::now().checked_add(timeout), 0, None);
            let name: NameBuf = typed.parse()?;
            while let Some(name) = search.next(&name.name(), absolute, &mut at) {
                let left = end.map_or(timeout, |end| end.saturating_duration_since(Instant::now()));
                let name = name.to_string();
                let request = names.resolver().records(&name, rtype, millis(left))?;
                let Some(failure) = complete(&mut names, &mut sockets)? else {
                    let resolver = names.resolver();
                    resolver.found_records(request).for_each(|found| finds.record(&found));
                    return Ok(Ok(resolver.canonical_name(request).map_or(name, |name| name.to_string())));
                };
                // That a name is there tells more than that it is not, and whoever does not know ends it.
                match failure {
                    Failure::Servers(resolver::Failure::NoName) => failed = failed.or(Some(failure)),
                    Failure::Servers(resolver::Failure::NoData) => failed = Some(failure),
                    failure => return Ok(Err(failure)),
                }
            }
            Ok(Err(failed.unwrap_or(Failure::Servers(resolver::Failure::NoName))))
        }
    }
}

/// Drives the machines until what they were asked for is complete, or has failed.
fn complete(names: &mut Names<'_, '_>, sockets: &mut ResolverSockets) -> io::Result<Option<Failure>> {
    loop {
        let mut done = None;
        sockets.turn_lookups(names, None, |_, event| match event {
            Event::Found { is_complete: true, .. }
            | Event::Resolver(resolver::Event::Found { is_complete: true, .. }) => done = Some(None),
            Event::Failed { failure, .. } => done = Some(Some(failure)),
            Event::Resolver(resolver::Event::Failed { failure, .. }) => {
                done = Some(Some(Failure::Servers(failure)));
            }
            _ => {}
        })?;
        if let Some(failure) = done {
            return Ok(failure);
        }
        PollSet::new().resolver(sockets).due(names.poll_timeout()).wait()?;
    }
}

fn millis(time: Duration) -> u32 {
    time.as_millis().try_into().unwrap_or(u32::MAX)
}

/// Reads the address of a server.
pub(crate) fn server(text: &str) -> Result<SocketAddr, String> {
    server_address(text)
        .ok_or_else(|| "write an address, such as 192.0.2.1, 192.0.2.1:5300 or [2001:db8::1]:5300".to_owned())
}

/// So many servers are asked at most.
const MOST: usize = 8;
