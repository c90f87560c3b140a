//! Follows the services of a type until Ctrl-C.
//!
//! `cargo run --example browse -- _http._tcp`

use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use dotlocal::mdns::{Endpoint, EndpointStorage, Event, QuerierEvent};
use serde_json::json;

use common::args::{self, CommonArgs};
use common::node;
use common::output::{Output, say};
use common::signals::Signals;
use common::table::Columns;
use common::{Failure, found};

mod common;

/// Follows the services of a type, until Ctrl-C.
#[derive(Parser)]
struct Cli {
    /// The service type, such as _http._tcp, or _printer._sub._http._tcp for a subtype
    #[arg(value_name = "TYPE", required_unless_present = "types")]
    service_type: Option<String>,
    /// List the service types of the link instead
    #[arg(long, conflicts_with = "service_type")]
    types: bool,
    /// End after so many seconds
    #[arg(long = "for", value_name = "SECONDS", value_parser = args::seconds)]
    duration: Option<Duration>,
    #[command(flatten)]
    common: CommonArgs,
}

fn main() -> ExitCode {
    common::exit(run(&Cli::parse()))
}

fn run(cli: &Cli) -> Result<ExitCode, Failure> {
    let end = cli.duration.and_then(|duration| Instant::now().checked_add(duration));
    let signals = Signals::catch()?;
    let links = node::open_links(&cli.common)?;
    let output = Output::on_links(cli.common.json, links.len());
    let mut storages: Vec<_> = links.iter().map(|_| EndpointStorage::<16, 1, 0, 1, 65536>::new()).collect();
    let mut nodes = node::nodes(links, &mut storages);

    // Wide enough for most, so that the columns seldom move.
    let mut columns = Columns::at_least([0, 8, 24, 20, 5, 30, 0]);
    if !cli.types {
        output.head(|names_links| columns.line(&found::head(names_links)));
    }
    let service_type = cli.service_type.as_deref().unwrap_or("_services._dns-sd._udp");
    for node in &mut nodes {
        node.endpoint.browse(service_type).map_err(Failure::argument)?;
    }
    while !signals.arrived() && end.is_none_or(|end| Instant::now() < end) {
        node::turn(&mut nodes, &mut |interface, endpoint, event| {
            let Event::Querier(event) = event else { return };
            if cli.types {
                tell_type(&output, interface, endpoint, event);
            } else {
                tell(&output, &mut columns, interface, endpoint, event);
            }
        })?;
        node::sleep(&nodes, &[signals.fd()], end)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn tell(
    output: &Output,
    columns: &mut Columns<7>,
    interface: &str,
    endpoint: &Endpoint<'_, '_>,
    event: QuerierEvent,
) {
    let (word, id) = match event {
        QuerierEvent::Found { instance, .. } => ("found", instance),
        QuerierEvent::Resolved { instance, .. } => ("resolved", instance),
        QuerierEvent::Updated { instance, .. } => ("updated", instance),
        QuerierEvent::Lost { instance, .. } => ("lost", instance),
        QuerierEvent::NoRoom => {
            return say(format_args!("{interface}: more services than there is room for"));
        }
        _ => return,
    };
    let Some(instance) = endpoint.instance(id) else { return };
    if matches!(word, "resolved" | "updated") {
        let json = || found::json(word, &instance, interface);
        output.link_text(interface, json, |link| {
            let rows = found::rows(link, word, &instance, interface);
            rows.iter().map(|row| columns.line(row)).collect::<Vec<_>>().join("\n")
        });
    } else {
        let (kind, label) = (found::service_type(&instance), found::label(&instance));
        let json = || json!({"event": word, "type": kind, "instance": label});
        output.link_text(interface, json, |link| columns.line(&found::row(link, word, &instance)));
    }
}

/// In the list of types an "instance" is a type.
fn tell_type(output: &Output, interface: &str, endpoint: &Endpoint<'_, '_>, event: QuerierEvent) {
    let QuerierEvent::Found { instance, .. } = event else { return };
    let Some(service_type) = endpoint.instance(instance).map(|instance| found::below_local(instance.name()))
    else {
        return;
    };
    output.link_line(interface, || json!({"event": "type", "type": service_type}), || service_type.clone());
}
