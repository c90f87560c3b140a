//! Resolves one service instance to host, port, addresses and TXT.
//!
//! `cargo run --example resolve -- "Kitchen Cam" _http._tcp`

use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use dotlocal::mdns::{EndpointStorage, Event, Instance, InstanceId, QuerierEvent};

use common::args::{self, CommonArgs};
use common::node;
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
    // On which link it is, and until when it may become more.
    let mut resolved: Option<(String, InstanceId, Instant)> = None;
    loop {
        node::turn(&mut nodes, &mut |interface, _, event| {
            if let Event::Querier(QuerierEvent::Resolved { instance, .. }) = event {
                resolved.get_or_insert_with(|| (interface.to_owned(), instance, Instant::now() + REST));
            }
        })?;
        let is_over = |end: Option<Instant>| end.is_some_and(|end| Instant::now() >= end);
        let Some((link, id, until)) = &resolved else {
            if is_over(end) {
                break;
            }
            node::sleep(&nodes, &[], end)?;
            continue;
        };
        let until = end.map_or(*until, |end| end.min(*until));
        let node = nodes.iter().find(|node| node.link.name() == link);
        let Some(instance) = node.and_then(|node| node.endpoint.instance(*id)) else {
            // Its owner has taken leave, or its interface.
            resolved = None;
            continue;
        };
        if has_both_families(&instance) || is_over(Some(until)) {
            print(&output, link, &instance);
            return Ok(ExitCode::SUCCESS);
        }
        node::sleep(&nodes, &[], Some(until))?;
    }
    let message = format!("nobody on the link offers \"{}\" of type {}", cli.instance, cli.service_type);
    output.error("timeout", &message);
    Ok(ExitCode::from(5))
}

fn has_both_families(instance: &Instance<'_>) -> bool {
    instance.addresses().any(|ip| ip.is_ipv4()) && instance.addresses().any(|ip| ip.is_ipv6())
}

fn print(output: &Output, interface: &str, instance: &Instance<'_>) {
    let json = || found::json("resolved", instance, interface);
    output.link_text(interface, json, |link| {
        let mut rows = vec![found::head(!link.is_empty())];
        rows.extend(found::rows(link, "", instance, interface));
        table::aligned(&rows).join("\n")
    });
}

/// Many hosts tell by each family only what they have of that one. The second may come so much later than the first.
const REST: Duration = Duration::from_millis(250);
