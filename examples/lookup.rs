//! Looks any name up: `.local` names by multicast, others at DNS servers, address literals and `localhost` at once.
//!
//! `cargo run --example lookup -- kitchen-cam.local`, `… -- --type MX example.com`

use std::net::{IpAddr, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use dotlocal::lookup::{self, FoundAddress, InvalidName, Punycode, Realm, Typed, in_order};
use dotlocal::mdns::{EndpointStorage, Event, Families, FoundRecord, LookupFailure, QuerierEvent, Until};
use dotlocal::name::{Name, NameBuf};
use dotlocal::resolver;
use dotlocal::wire::{RData, Type};
use serde_json::{Value, json};

use common::args::{self, CommonArgs};
use common::node::{self, Node};
use common::output::Output;
use common::servers::{self, Finds, Servers, Wanted};
use common::{Failure, found, table};

mod common;

/// Looks any name up: names that end in .local by multicast, others at DNS servers, address literals and localhost at
/// once.
#[derive(Parser)]
struct Cli {
    /// The name, such as kitchen-cam.local or example.com
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
    /// Ask this DNS server; may be given several times, for others to ask when it fails [default: those of
    /// /etc/resolv.conf]
    #[arg(long = "server", value_name = "ADDR[:PORT]", value_parser = servers::server)]
    servers: Vec<SocketAddr>,
    /// Look short names up below this domain; may be given several times [default without --server: those of
    /// /etc/resolv.conf]
    #[arg(long = "search", value_name = "DOMAIN")]
    search: Vec<NameBuf>,
    #[command(flatten)]
    common: CommonArgs,
}

/// What is found, addresses in the order to try.
struct Answer {
    source: &'static str,
    /// What the aliases of the name lead to.
    canonical_name: String,
    found: Vec<Found>,
}

/// A record as it is printed.
struct Found {
    /// Empty where nothing but addresses is told.
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
    let Answer { source, canonical_name, found } = match find(cli)? {
        Ok(found) => found,
        Err(NotFound { kind, status, message }) => {
            output.error(kind, &message);
            return Ok(ExitCode::from(status));
        }
    };
    let lines = if cli.record_type.is_some() { records(&found) } else { addresses(cli.port, &found) };
    for (json, text) in lines {
        output.line(|| json, || text);
    }
    if cli.common.json {
        let name = shown(&cli.name);
        let done =
            || json!({"event": "done", "name": name, "canonical_name": canonical_name, "source": source});
        output.line(done, String::new);
    }
    Ok(ExitCode::SUCCESS)
}

/// In presentation format, without the trailing dot.
fn shown(typed: &str) -> String {
    typed.parse::<NameBuf>().map_or(typed.to_owned(), |name| name.to_string())
}

fn addresses(port: u16, found: &[Found]) -> Vec<(Value, String)> {
    let line = |Found { ttl_secs, data, .. }: &Found| {
        let text = if port == 0 { data.clone() } else { format!("{data}  port {port}") };
        (json!({"event": "address", "address": data, "port": port, "ttl_secs": ttl_secs}), text)
    };
    found.iter().map(line).collect()
}

fn records(found: &[Found]) -> Vec<(Value, String)> {
    let json = |Found { name, rtype, ttl_secs, data }: &Found| {
        let rtype = rtype.to_string();
        json!({"event": "record", "name": name, "type": rtype, "ttl_secs": ttl_secs, "data": data})
    };
    let row = |found: &Found| {
        [found.name.clone(), format!("{} s", found.ttl_secs), found.rtype.to_string(), found.data.clone()]
    };
    let lines = table::aligned(&found.iter().map(row).collect::<Vec<_>>());
    found.iter().map(json).zip(lines).collect()
}

/// Whoever knows the name is asked.
fn find(cli: &Cli) -> Result<Result<Answer, NotFound>, Failure> {
    let mut name = NameBuf::from(Name::ROOT);
    let answer = |source, found| Answer { source, canonical_name: shown(&cli.name), found };
    let (absolute, realm) = match Typed::read(&cli.name, &mut name) {
        Ok(Typed::Address(address)) => {
            return Ok(cli.known(&[address]).map(|found| answer("literal", found)));
        }
        Ok(Typed::Scoped(address, _)) => {
            let found = cli.known(&[address.into()]).map(|mut found| {
                // The scope as it was typed.
                let scope = cli.name.split_once('%').map_or("", |(_, scope)| scope);
                found.iter_mut().for_each(|found| found.data = format!("{address}%{scope}"));
                found
            });
            return Ok(found.map(|found| answer("literal", found)));
        }
        Ok(Typed::Name { absolute, realm }) => (absolute, realm),
        Err(error) => {
            let hint = match error {
                InvalidName::NonAscii => format!(" ({})", Punycode(&cli.name)),
                _ => String::new(),
            };
            return Ok(Err(not_found("invalid_name", 2, format!("{}: {error}{hint}", cli.name))));
        }
    };
    match realm {
        Realm::Loopback => Ok(cli.known(&Realm::LOOPBACK).map(|found| answer("local", found))),
        Realm::Nowhere(reserved) => Ok(Err(not_found("name_not_found", 3, reserved.to_string()))),
        Realm::Link => ask_group(cli),
        Realm::Servers => ask_servers(cli, absolute),
    }
}

impl Cli {
    fn families(&self) -> Families {
        self.family.unwrap_or(Families::Both)
    }

    /// What is known without asking, as far as it is wanted.
    fn known(&self, addresses: &[IpAddr]) -> Result<Vec<Found>, NotFound> {
        let is_wanted = |address: &&IpAddr| match self.record_type {
            None if address.is_ipv4() => self.families().v4(),
            None => self.families().v6(),
            Some(rtype) => rtype == type_of(address) || rtype == Type::ANY,
        };
        let found = |address: &IpAddr| Found {
            name: shown(&self.name),
            ..Found::address(address, 0, address.to_string())
        };
        let found: Vec<_> = addresses.iter().filter(is_wanted).map(found).collect();
        if found.is_empty() { Err(no_data()) } else { Ok(found) }
    }
}

/// Asks the servers for the name, and below the domains in which it may be.
fn ask_servers(cli: &Cli, absolute: bool) -> Result<Result<Answer, NotFound>, Failure> {
    let mut servers = Servers::given_or_of_system(&cli.servers, &cli.search)?;
    let families = cli.common.families();
    servers.addresses.retain(|server| if server.is_ipv4() { families.v4() } else { families.v6() });
    let wanted = cli.record_type.map_or(Wanted::Addresses(cli.families()), Wanted::Records);
    let mut found = Vec::new();
    let asked = servers::ask(&servers, &cli.name, absolute, wanted, cli.timeout, cli.common.log, &mut found)?;
    Ok(asked
        .map(|canonical_name| Answer { source: "unicast", canonical_name, found })
        .map_err(|failure| why(&cli.name, failure)))
}

impl Finds for Vec<Found> {
    fn address(&mut self, FoundAddress { address, ttl_secs, .. }: FoundAddress) {
        let address = address.ip();
        self.push(Found::address(&address, ttl_secs.unwrap_or(0), address.to_string()));
    }

    fn record(&mut self, found: &FoundRecord<'_>) {
        self.push(Found::record(found, None));
    }
}

/// The kind and exit status of a failure.
fn why(name: &str, failure: lookup::Failure) -> NotFound {
    use resolver::Failure as F;
    let lookup::Failure::Servers(of_servers) = failure else {
        return not_found("no_capacity", 1, format!("{name}: {failure}"));
    };
    let (kind, status) = match of_servers {
        F::NoName => ("name_not_found", 3),
        F::NoData | F::NoService => ("no_data", 4),
        F::Timeout { .. } => ("timeout", 5),
        F::Unreachable { .. } | F::NoServers => ("unreachable", 5),
        F::ServerFailure(_) | F::Lame | F::Truncated | F::Aliases => ("server_failure", 6),
        F::TooLong { .. } | F::NoRoom => ("no_capacity", 1),
    };
    let message = match of_servers {
        F::NoServers => "no DNS server is known: give one by --server".to_owned(),
        _ => failure.to_string(),
    };
    not_found(kind, status, format!("{name}: {message}"))
}

/// Asks on all links at once; the first one that is done decides.
fn ask_group(cli: &Cli) -> Result<Result<Answer, NotFound>, Failure> {
    let links = node::open_links(&cli.common)?;
    let mut storages: Vec<_> = links.iter().map(|_| EndpointStorage::<16, 1, 0, 1, 2048>::new()).collect();
    let mut nodes = node::nodes(links, &mut storages);
    let timeout_millis = cli.timeout.as_millis().try_into().unwrap_or(u32::MAX);
    let until = Until::Answered { timeout_millis };
    for Node { endpoint, .. } in &mut nodes {
        let asked = match cli.record_type {
            None => endpoint.lookup(&cli.name, cli.families(), until),
            Some(rtype) => endpoint.records(&cli.name, rtype, until),
        };
        if let Err(error) = asked {
            return Ok(Err(not_found("invalid_name", 2, error.to_string())));
        }
    }

    let (mut addresses, mut records, mut own) = (Vec::new(), Vec::new(), Vec::new());
    let mut canonical_name = shown(&cli.name);
    // Why it failed, by link.
    let (mut failures, mut done): (Vec<(String, LookupFailure)>, _) = (Vec::new(), false);
    loop {
        node::turn(&mut nodes, &mut |interface, endpoint, event| match event {
            Event::Querier(QuerierEvent::Address { request, address, ttl_secs }) => {
                // Where no alias is, the name stays as it was typed.
                let name = endpoint.canonical_name(request).map(|name| name.to_string());
                if let Some(name) = name.filter(|name| !name.eq_ignore_ascii_case(&canonical_name)) {
                    canonical_name = name;
                }
                addresses.push((address, ttl_secs, found::address(address, interface)));
            }
            Event::Querier(QuerierEvent::Record { record, .. }) => {
                records.extend(endpoint.record(record).map(|record| Found::record(&record, Some(interface))));
            }
            Event::Querier(QuerierEvent::Done { .. }) => done = true,
            Event::Querier(QuerierEvent::Failed { reason, .. }) => {
                failures.push((interface.to_owned(), reason))
            }
            _ => {}
        })?;
        let has_failed = |node: &Node<'_, '_>| failures.iter().any(|(link, _)| link == node.link.name());
        if done || nodes.iter().all(|node| node.is_gone || has_failed(node)) {
            break;
        }
        node::sleep(&nodes, &[], None)?;
    }
    if done {
        nodes.iter().for_each(|node| own.extend_from_slice(node.link.addresses()));
        let ordered = in_order(&own, addresses.iter(), |(address, ..)| *address);
        let found =
            ordered.map(|(address, ttl_secs, shown)| Found::address(address, *ttl_secs, shown.clone()));
        let found = found.chain(records).collect();
        return Ok(Ok(Answer { source: "multicast", canonical_name, found }));
    }
    if failures.iter().any(|(_, reason)| *reason == LookupFailure::NoData) {
        return Ok(Err(no_data()));
    }
    Ok(Err(not_found("timeout", 5, format!("{}: {}", cli.name, LookupFailure::Timeout))))
}

impl Found {
    fn address(address: &IpAddr, ttl_secs: u32, shown: String) -> Self {
        Self { name: String::new(), rtype: type_of(address), ttl_secs, data: shown }
    }

    fn record(record: &FoundRecord<'_>, interface: Option<&str>) -> Self {
        let data = match (record.data(), interface) {
            (Ok(RData::Aaaa(address)), Some(interface)) => found::address(address.into(), interface),
            (Ok(data), _) => data.to_string(),
            (Err(error), _) => format!("broken data: {error}"),
        };
        Self { name: record.name().to_string(), rtype: record.rtype(), ttl_secs: record.ttl_secs(), data }
    }
}

fn type_of(address: &IpAddr) -> Type {
    if address.is_ipv4() { Type::A } else { Type::AAAA }
}

fn family(text: &str) -> Result<Families, String> {
    match text {
        "4" => Ok(Families::V4),
        "6" => Ok(Families::V6),
        _ => Err("write 4 or 6".to_owned()),
    }
}

fn no_data() -> NotFound {
    not_found("no_data", 4, LookupFailure::NoData.to_string())
}

fn not_found(kind: &'static str, status: u8, message: String) -> NotFound {
    NotFound { kind, status, message }
}
