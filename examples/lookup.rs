//! Looks a name up: `.local` names by multicast, address literals and `localhost` at once.
//!
//! `cargo run --example lookup -- kitchen-cam.local`, `… -- --type TXT "Kitchen Cam._http._tcp.local"`

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use dotlocal::mdns::{EndpointStorage, Event, Families, FoundRecord, LookupFailure, QuerierEvent, Until};
use dotlocal::name::NameBuf;
use dotlocal::wire::{RData, Type};
use serde_json::{Value, json};

use common::args::{self, CommonArgs};
use common::node::{self, Node};
use common::output::Output;
use common::{Failure, found, table};

mod common;

/// Looks a name up: names that end in .local by multicast, address literals and localhost at once.
///
/// Other names need unicast DNS, which is not supported yet.
#[derive(Parser)]
struct Cli {
    /// The name, such as kitchen-cam.local
    name: String,
    /// The port to print with each address
    #[arg(default_value_t = 0, hide_default_value = true)]
    port: u16,
    /// One address family only: 4 or 6
    #[arg(long, value_name = "4|6", value_parser = family)]
    family: Option<Families>,
    /// Give up after so many seconds
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = args::seconds)]
    timeout: Duration,
    /// Records of this type, such as TXT, instead of addresses
    #[arg(long = "type", value_name = "TYPE", conflicts_with = "family")]
    record_type: Option<Type>,
    /// DNS server for unicast names (not supported yet)
    #[arg(long = "server", value_name = "ADDR[:PORT]")]
    servers: Vec<String>,
    /// Domain to look short names up in (not supported yet)
    #[arg(long = "search", value_name = "DOMAIN")]
    search: Vec<String>,
    #[command(flatten)]
    common: CommonArgs,
}

/// A record as it is printed.
struct Found {
    /// Empty where it is that of the question.
    name: String,
    rtype: Type,
    /// For how long it may be used; 0 where nobody says.
    ttl_secs: u32,
    data: String,
}

/// Why there is none, with the exit status of that kind.
struct NotFound {
    kind: &'static str,
    status: u8,
    message: String,
}

fn main() -> ExitCode {
    common::exit(run(&Cli::parse()))
}

fn run(cli: &Cli) -> Result<ExitCode, Failure> {
    let output = Output::new(cli.common.json);
    let (source, found) = match find(cli)? {
        Ok(found) => found,
        Err(NotFound { kind, status, message }) => {
            output.error(kind, &message);
            return Ok(ExitCode::from(status));
        }
    };
    // In presentation format, without the trailing dot.
    let name = cli.name.parse::<NameBuf>().map_or(cli.name.clone(), |name| name.to_string());
    let lines = if cli.record_type.is_some() { records(&name, &found) } else { addresses(cli.port, &found) };
    for (json, text) in lines {
        output.line(|| json, || text);
    }
    if cli.common.json {
        let done = || json!({"event": "done", "name": name, "canonical_name": name, "source": source});
        output.line(done, String::new);
    }
    Ok(ExitCode::SUCCESS)
}

fn addresses(port: u16, found: &[Found]) -> Vec<(Value, String)> {
    let line = |Found { ttl_secs, data, .. }: &Found| {
        let text = if port == 0 { data.clone() } else { format!("{data}  port {port}") };
        (json!({"event": "address", "address": data, "port": port, "ttl_secs": ttl_secs}), text)
    };
    found.iter().map(line).collect()
}

fn records(asked: &str, found: &[Found]) -> Vec<(Value, String)> {
    let name = |found: &Found| if found.name.is_empty() { asked.to_owned() } else { found.name.clone() };
    let json = |found: &Found| {
        let (rtype, ttl_secs, data) = (found.rtype.to_string(), found.ttl_secs, &found.data);
        json!({"event": "record", "name": name(found), "type": rtype, "ttl_secs": ttl_secs, "data": data})
    };
    let row = |found: &Found| {
        [name(found), format!("{} s", found.ttl_secs), found.rtype.to_string(), found.data.clone()]
    };
    let lines = table::aligned(&found.iter().map(row).collect::<Vec<_>>());
    found.iter().map(json).zip(lines).collect()
}

/// The addresses or records of the name, addresses in the order to try, and where they come from.
fn find(cli: &Cli) -> Result<Result<(&'static str, Vec<Found>), NotFound>, Failure> {
    let families = cli.family.unwrap_or(Families::Both);
    let wanted = |address: &IpAddr| match cli.record_type {
        None if address.is_ipv4() => families.v4(),
        None => families.v6(),
        Some(rtype) => rtype == type_of(address) || rtype == Type::ANY,
    };
    if let Some((address, shown)) = literal(&cli.name) {
        let found = wanted(&address).then(|| Found::address(&address, 0, shown));
        return Ok(found.map(|found| ("literal", vec![found])).ok_or_else(no_data));
    }
    let name: NameBuf = match cli.name.parse() {
        Ok(name) => name,
        Err(error) => {
            return Ok(Err(NotFound {
                kind: "invalid_name",
                status: 2,
                message: format!("{}: {error}", cli.name),
            }));
        }
    };
    if is_below(&name, "localhost") {
        // RFC 6761 section 6.3: never asked for.
        let both = [IpAddr::from(Ipv6Addr::LOCALHOST), IpAddr::from(Ipv4Addr::LOCALHOST)];
        let found = both.iter().filter(|address| wanted(address));
        let found: Vec<_> = found.map(|address| Found::address(address, 0, address.to_string())).collect();
        return Ok(if found.is_empty() { Err(no_data()) } else { Ok(("local", found)) });
    }
    // RFC 6762 sections 3 and 4.
    let zones = [
        "local",
        "254.169.in-addr.arpa",
        "8.e.f.ip6.arpa",
        "9.e.f.ip6.arpa",
        "a.e.f.ip6.arpa",
        "b.e.f.ip6.arpa",
    ];
    if zones.iter().any(|zone| is_below(&name, zone)) {
        return Ok(ask_group(cli, families)?.map(|found| ("multicast", found)));
    }
    Ok(Err(unsupported("names that do not end in .local")))
}

/// Asks on all links at once; the first one that is done decides.
fn ask_group(cli: &Cli, families: Families) -> Result<Result<Vec<Found>, NotFound>, Failure> {
    let links = node::open_links(&cli.common)?;
    let mut storages: Vec<_> = links.iter().map(|_| EndpointStorage::<16, 1, 0, 1, 2048>::new()).collect();
    let mut nodes = node::nodes(links, &mut storages);
    let timeout_millis = cli.timeout.as_millis().try_into().unwrap_or(u32::MAX);
    let until = Until::Answered { timeout_millis };
    for Node { endpoint, .. } in &mut nodes {
        let asked = match cli.record_type {
            None => endpoint.lookup(&cli.name, families, until),
            Some(rtype) => endpoint.records(&cli.name, rtype, until),
        };
        if let Err(error) = asked {
            return Ok(Err(NotFound { kind: "invalid_name", status: 2, message: error.to_string() }));
        }
    }

    let (mut found, mut failures, mut done) = (Vec::new(), Vec::new(), false);
    while !done && failures.len() < nodes.len() {
        for Node { link, endpoint } in &mut nodes {
            let interface = link.name().to_owned();
            let own = link.addresses().to_vec();
            link.turn(endpoint, &mut |endpoint, event| match event {
                Event::Querier(QuerierEvent::Address { address, ttl_secs, .. }) => {
                    let shown = found::address(address, &interface);
                    found.push((rank(address, &own), Found::address(&address, ttl_secs, shown)));
                }
                Event::Querier(QuerierEvent::Record { record, .. }) => {
                    let record = endpoint.record(record).map(|record| Found::record(&record, &interface));
                    found.extend(record.map(|record| (Default::default(), record)));
                }
                Event::Querier(QuerierEvent::Done { .. }) => done = true,
                Event::Querier(QuerierEvent::Failed { reason, .. }) => failures.push(reason),
                _ => {}
            })?;
        }
        if !done && failures.len() < nodes.len() {
            node::sleep(&nodes, &[], None)?;
        }
    }
    if done {
        found.sort_by_key(|(rank, _)| *rank);
        return Ok(Ok(found.into_iter().map(|(_, found)| found).collect()));
    }
    if failures.contains(&LookupFailure::NoData) {
        return Ok(Err(no_data()));
    }
    let message = format!("{}: {}", cli.name, LookupFailure::Timeout);
    Ok(Err(NotFound { kind: "timeout", status: 5, message }))
}

impl Found {
    fn address(address: &IpAddr, ttl_secs: u32, shown: String) -> Self {
        Self { name: String::new(), rtype: type_of(address), ttl_secs, data: shown }
    }

    fn record(record: &FoundRecord<'_>, interface: &str) -> Self {
        let data = match record.data() {
            Ok(RData::Aaaa(address)) => found::address(address.into(), interface),
            Ok(data) => data.to_string(),
            Err(error) => format!("broken data: {error}"),
        };
        Self { name: record.name().to_string(), rtype: record.rtype(), ttl_secs: record.ttl_secs(), data }
    }
}

fn type_of(address: &IpAddr) -> Type {
    if address.is_ipv4() { Type::A } else { Type::AAAA }
}

/// The order to try, in short (RFC 6724 section 6): families that we have an address of, then by kind of address.
fn rank(address: IpAddr, own: &[(IpAddr, u8)]) -> (bool, u8) {
    let is_unique_local = |ip: &IpAddr| matches!(ip, IpAddr::V6(ip) if ip.is_unique_local());
    let no_source = !own.iter().any(|(ip, _)| ip.is_ipv4() == address.is_ipv4());
    let precedence = if is_unique_local(&address) { 2 } else { u8::from(address.is_ipv4()) };
    (no_source, precedence)
}

fn family(text: &str) -> Result<Families, String> {
    match text {
        "4" => Ok(Families::V4),
        "6" => Ok(Families::V6),
        _ => Err("write 4 or 6".to_owned()),
    }
}

/// An address literal, and how it is printed. Only IPv6 has scopes.
fn literal(text: &str) -> Option<(IpAddr, String)> {
    let (address, scope) =
        text.split_once('%').map_or((text, None), |(address, scope)| (address, Some(scope)));
    let address: IpAddr = address.parse().ok()?;
    match scope {
        None => Some((address, address.to_string())),
        Some(scope) => {
            (address.is_ipv6() && !scope.is_empty()).then(|| (address, format!("{address}%{scope}")))
        }
    }
}

fn is_below(name: &NameBuf, zone: &str) -> bool {
    zone.parse::<NameBuf>().is_ok_and(|zone| name.name().ends_with(&zone.name()))
}

fn no_data() -> NotFound {
    NotFound { kind: "no_data", status: 4, message: LookupFailure::NoData.to_string() }
}

fn unsupported(what: &str) -> NotFound {
    NotFound { kind: "unsupported", status: 1, message: format!("not supported yet: {what}") }
}
