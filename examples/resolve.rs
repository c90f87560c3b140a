//! Resolves one service instance to host, port, addresses and TXT.
//!
//! `cargo run --example resolve -- "Kitchen Cam" _http._tcp`

use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use dotlocal::mdns::{EndpointStorage, Event, QuerierEvent};

use common::args::{self, CommonArgs};
use common::node::{self, Node};
use common::output::Output;
use common::{Failure, found, table};

mod common;

/// Resolves one service instance to host, port, addresses and TXT.
#[derive(Parser)]
struct Cli {
    /// The name that people see, such as "Kitchen Cam"
    instance: String,
    /// The service type, such as _http._tcp
    #[arg(value_name = "TYPE")]
    service_type: String,
    /// Give up after so many seconds
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = args::seconds)]
    timeout: Duration,
    #[command(flatten)]
    common: CommonArgs,
}

fn main() -> ExitCode {
    common::exit(run(&Cli::parse()))
}

fn run(cli: &Cli) -> Result<ExitCode, Failure> {
    let end = Instant::now().checked_add(cli.timeout);
    let links = node::open_links(&cli.common)?;
    let output = Output::on_links(cli.common.json, links.len());
    let mut storages: Vec<_> = links.iter().map(|_| EndpointStorage::<16, 1, 0, 1, 4096>::new()).collect();
    let mut nodes = node::nodes(links, &mut storages);

    for node in &mut nodes {
        if let Err(error) = node.endpoint.resolve(&cli.instance, &cli.service_type) {
            output.error("invalid_name", &error.to_string());
            return Ok(ExitCode::from(2));
        }
    }
    let mut resolved = false;
    while !resolved && end.is_none_or(|end| Instant::now() < end) {
        for Node { link, endpoint } in &mut nodes {
            let interface = link.name().to_owned();
            link.turn(endpoint, &mut |endpoint, event| {
                let Event::Querier(QuerierEvent::Resolved { instance, .. }) = event else { return };
                let Some(instance) = endpoint.instance(instance).filter(|_| !resolved) else { return };
                let json = || found::json("resolved", &instance, &interface);
                output.link_text(&interface, json, |link| {
                    let mut rows = vec![found::head(!link.is_empty())];
                    rows.extend(found::rows(link, "", &instance, &interface));
                    table::aligned(&rows).join("\n")
                });
                resolved = true;
            })?;
        }
        if !resolved {
            node::sleep(&nodes, &[], end)?;
        }
    }
    if resolved {
        return Ok(ExitCode::SUCCESS);
    }
    let message = format!("nobody on the link offers \"{}\" of type {}", cli.instance, cli.service_type);
    output.error("timeout", &message);
    Ok(ExitCode::from(5))
}
