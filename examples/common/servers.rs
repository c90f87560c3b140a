//! Names at DNS servers, asked until one is found or the time is over.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use dotlocal::Families;
use dotlocal::adapter::std::{PollSet, Random, ResolvConf, ResolverSockets, interfaces, server_address};
use dotlocal::lookup::in_order;
use dotlocal::name::NameBuf;
use dotlocal::resolver::{Config, Event, Failure, FoundAddress, FoundRecord, Resolver, ResolverStorage};
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
    pub(crate) fn given_or_of_system(servers: &[SocketAddr], search: &[NameBuf]) -> std::io::Result<Self> {
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

/// Asks for each of `names` in turn until one has what is wanted, and says what its aliases lead to. What failed first of
/// what is worth knowing is told when none has.
pub(crate) fn ask(
    servers: &[SocketAddr],
    names: impl Iterator<Item = NameBuf>,
    wanted: Wanted,
    timeout: Duration,
    log: bool,
    finds: &mut dyn Finds,
) -> Result<Result<String, Failure>, super::Failure> {
    let end = Instant::now() + timeout;
    let mut random = Random::open()?;
    let mut draw = || random.draw();
    let mut storage = Box::new(ResolverStorage::<MOST, 1, 131_072, 65_535>::new());
    let mut resolver = Resolver::new(&mut storage, &mut draw, Config::new());
    resolver.set_servers(servers)?;
    let mut sockets = ResolverSockets::new();
    if log {
        trace::log_servers(&mut sockets);
    }
    let mut failed: Option<Failure> = None;
    for name in names {
        let left = end.saturating_duration_since(Instant::now()).as_millis();
        let left = left.try_into().unwrap_or(u32::MAX);
        // Absolute, as the search list is ours.
        let text = name.to_string();
        let request = match wanted {
            Wanted::Addresses(families) => resolver.lookup(&text, families, left)?,
            Wanted::Records(rtype) => resolver.records(&text, rtype, left)?,
        };
        match complete(&mut resolver, &mut sockets)? {
            None => {
                let own: Vec<_> =
                    interfaces()?.into_iter().filter(|it| it.up).flat_map(|it| it.addresses).collect();
                let ordered = in_order(&own, resolver.addresses(request), |found| found.address);
                match wanted {
                    Wanted::Addresses(_) => ordered.for_each(|found| finds.address(found)),
                    Wanted::Records(_) => {
                        resolver.found_records(request).for_each(|found| finds.record(&found));
                    }
                }
                return Ok(Ok(resolver.canonical_name(request).map_or(text, |name| name.to_string())));
            }
            Some(failure) => {
                let is_worse = failed.is_none_or(|failed| worth(failure) > worth(failed));
                failed = if is_worse { Some(failure) } else { failed };
                // Where nobody answers for one name, nobody does for the next one.
                if worth(failure) > SERVERS_FAILED {
                    break;
                }
            }
        }
    }
    // There is at least the name as it is, unless it was too long below each domain.
    Ok(Err(failed.unwrap_or(Failure::NoName)))
}

/// Drives the resolver until its request is complete, or has failed.
fn complete(resolver: &mut Resolver<'_>, sockets: &mut ResolverSockets) -> std::io::Result<Option<Failure>> {
    loop {
        let mut done = None;
        sockets.turn(resolver, &mut |_, event| match event {
            Event::Found { is_complete, .. } => done = is_complete.then_some(None).or(done),
            Event::Failed { failure, .. } => done = Some(Some(failure)),
        })?;
        if let Some(failure) = done {
            return Ok(failure);
        }
        PollSet::new().resolver(sockets).due(resolver.poll_timeout()).wait()?;
    }
}

/// How much a failure tells: that a name is there more than that it is not, and that nobody knows more than both.
fn worth(failure: Failure) -> u8 {
    match failure {
        Failure::NoName => 0,
        Failure::NoData | Failure::NoService => 1,
        Failure::ServerFailure(_) | Failure::Lame | Failure::Aliases => SERVERS_FAILED,
        _ => SERVERS_FAILED + 1,
    }
}

const SERVERS_FAILED: u8 = 2;

/// Reads the address of a server.
pub(crate) fn server(text: &str) -> Result<SocketAddr, String> {
    server_address(text)
        .ok_or_else(|| "write an address, such as 192.0.2.1, 192.0.2.1:5300 or [2001:db8::1]:5300".to_owned())
}

/// So many servers are asked at most.
const MOST: usize = 8;
