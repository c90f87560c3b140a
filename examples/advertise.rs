//! Announces a host and services until Ctrl-C, then says goodbye.
//!
//! `cargo run --example advertise -- --hostname kitchen-cam --service "Kitchen Cam._http._tcp:8080" --txt path=/`

use std::process::ExitCode;

use clap::{ArgMatches, CommandFactory as _, FromArgMatches as _, Parser};
use dotlocal::mdns::{
    ChangeError, Claimed, Endpoint, EndpointStorage, Event, ResponderEvent, Service, ServiceId,
};
use serde_json::json;
use typed_arena::Arena;

use common::Failure;
use common::args::CommonArgs;
use common::command::{Command, ServiceText, attribute};
use common::input::Input;
use common::node::{self, Node};
use common::output::{Output, say};
use common::signals::Signals;

mod common;

/// Announces a host and its services until SIGINT or SIGTERM, then says goodbye.
///
/// Changes while it runs, a line each on standard input: txt INSTANCE KEY=VALUE…, port INSTANCE N,
/// add INSTANCE.TYPE:PORT, remove INSTANCE, hostname NAME, link down, link up. Names with blanks stand in double
/// quotes.
#[derive(Parser)]
struct Cli {
    /// The host is found as NAME.local
    #[arg(long, value_name = "NAME", default_value = "kitchen-cam")]
    hostname: String,
    /// A service, such as "Kitchen Cam._http._tcp:8080"; may be given several times
    #[arg(long = "service", value_name = "INSTANCE.TYPE:PORT")]
    services: Vec<ServiceText>,
    /// A TXT attribute of the service before it; may be given several times
    #[arg(long = "txt", value_name = "KEY=VALUE")]
    txt: Vec<String>,
    /// A subtype, such as _printer, of the service before it; may be given several times
    #[arg(long = "subtype", value_name = "SUBTYPE")]
    subtypes: Vec<String>,
    #[command(flatten)]
    common: CommonArgs,
}

fn main() -> ExitCode {
    let matches = Cli::command().get_matches();
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    common::exit(run(&cli, &matches))
}

fn run(cli: &Cli, matches: &ArgMatches) -> Result<ExitCode, Failure> {
    let offers = offers(cli, matches)?;
    let (signals, mut input) = (Signals::catch()?, Input::new());
    let links = node::open_links(&cli.common)?;
    let mut report = Report {
        output: Output::on_links(cli.common.json, links.len()).outlives_reader(),
        names: Vec::new(),
    };
    let mut storages: Vec<_> = links.iter().map(|_| EndpointStorage::<16, 17, 1024, 0, 0>::new()).collect();
    // An endpoint borrows its text; what comes on standard input is kept here.
    let texts = Arena::new();
    let mut host = Host { nodes: node::nodes(links, &mut storages), services: Vec::new(), texts: &texts };

    host.set_hostname(&cli.hostname).map_err(Failure::argument)?;
    for Offer { text, txt, subtypes } in &offers {
        let service =
            Service::new(&text.service_type, text.port).instance(&text.instance).txt(txt).subtypes(subtypes);
        host.register(&text.instance, &text.service_type, service).map_err(Failure::argument)?;
    }
    while !signals.arrived() {
        // As many as one read may bring, so that input without an end starves nobody.
        for line in std::iter::from_fn(|| input.line().transpose()).take(10_000) {
            let line = line?;
            if let Err(sentence) = host.change(&line) {
                say(sentence);
            }
        }
        host.turn(&mut report)?;
        let extra: Vec<_> = input.fd().into_iter().chain([signals.fd()]).collect();
        node::sleep(&host.nodes, &extra, None)?;
    }

    for node in &mut host.nodes {
        node.endpoint.stop();
    }
    host.turn(&mut report)?;
    for node in host.nodes.iter().filter(|node| !node.is_gone) {
        report.output.link_line(node.link.name(), || json!({"event": "goodbye"}), || "goodbye".to_owned());
    }
    Ok(ExitCode::SUCCESS)
}

/// A service of the arguments, with what stands behind it.
struct Offer<'c> {
    text: &'c ServiceText,
    txt: Vec<(&'c str, &'c str)>,
    subtypes: Vec<&'c str>,
}

/// Each `--txt` and `--subtype` belongs to the `--service` before it.
fn offers<'c>(cli: &'c Cli, matches: &ArgMatches) -> Result<Vec<Offer<'c>>, Failure> {
    let places = |id| matches.indices_of(id).into_iter().flatten().collect::<Vec<usize>>();
    let services = places("services");
    // How many services stand before the argument at `place`.
    let owner = |place| match services.partition_point(|&service| service < place) {
        0 => Err(Failure::argument("--txt and --subtype stand behind the --service that they belong to")),
        count => Ok(count - 1),
    };
    let offer = |text| Offer { text, txt: Vec::new(), subtypes: Vec::new() };
    let mut offers: Vec<Offer<'c>> = cli.services.iter().map(offer).collect();
    for (text, place) in cli.txt.iter().zip(places("txt")) {
        let pair = attribute(text).map_err(Failure::argument)?;
        offers.iter_mut().skip(owner(place)?).take(1).for_each(|offer| offer.txt.push(pair));
    }
    for (text, place) in cli.subtypes.iter().zip(places("subtypes")) {
        offers.iter_mut().skip(owner(place)?).take(1).for_each(|offer| offer.subtypes.push(text));
    }
    Ok(offers)
}

/// The host on all its links.
struct Host<'s, 'a> {
    nodes: Vec<Node<'s, 'a>>,
    services: Vec<Registered<'a>>,
    texts: &'a Arena<String>,
}

/// A service and its handle on each link.
struct Registered<'a> {
    instance: &'a str,
    service_type: &'a str,
    ids: Vec<ServiceId>,
}

impl<'s, 'a> Host<'s, 'a> {
    fn set_hostname(&mut self, name: &'a str) -> Result<(), String> {
        for node in &mut self.nodes {
            node.endpoint.set_hostname(name).map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    fn register(
        &mut self,
        instance: &'a str,
        service_type: &'a str,
        service: Service<'a>,
    ) -> Result<(), String> {
        let ids = self.nodes.iter_mut().map(|node| node.endpoint.register(service)).collect::<Result<_, _>>();
        self.services.push(Registered {
            instance,
            service_type,
            ids: ids.map_err(|error| error.to_string())?,
        });
        Ok(())
    }

    /// Carries out a line of standard input.
    fn change(&mut self, line: &str) -> Result<(), String> {
        match line.parse()? {
            Command::Nothing => {}
            Command::Txt { instance, entries } => {
                let txt = entries.iter().map(|entry| attribute(entry)).collect::<Result<Vec<_>, _>>()?;
                self.change_service(&instance, |endpoint, id| endpoint.set_txt(id, &txt))?;
            }
            Command::Port { instance, port } => {
                self.change_service(&instance, |endpoint, id| endpoint.set_port(id, port))?;
            }
            Command::Add(text) => {
                let (instance, service_type) =
                    (self.texts.alloc(text.instance), self.texts.alloc(text.service_type));
                self.register(
                    instance,
                    service_type,
                    Service::new(service_type, text.port).instance(instance),
                )?;
            }
            Command::Remove { instance } => {
                let at = self.change_service(&instance, |endpoint, id| endpoint.unregister(id))?;
                self.services.remove(at);
            }
            Command::Hostname(name) => self.set_hostname(self.texts.alloc(name))?,
            Command::LinkDown => self.nodes.iter_mut().for_each(|node| node.endpoint.link_down()),
            Command::LinkUp => self.nodes.iter_mut().for_each(|node| node.endpoint.link_up()),
        }
        Ok(())
    }

    /// Changes a service on all links, and tells where it stands in the list. `name` is its instance name as it was
    /// given, with `.TYPE` where that is needed to tell two apart.
    fn change_service(
        &mut self,
        name: &str,
        change: impl Fn(&mut Endpoint<'s, 'a>, ServiceId) -> Result<(), ChangeError>,
    ) -> Result<usize, String> {
        let is_meant = |service: &Registered<'_>| {
            let rest = name.strip_prefix(service.instance);
            rest.is_some_and(|rest| rest.is_empty() || rest.strip_prefix('.') == Some(service.service_type))
        };
        let mut meant = self.services.iter().enumerate().filter(|(_, service)| is_meant(service));
        let (at, service) = match (meant.next(), meant.next()) {
            (Some(one), None) => one,
            (None, _) => {
                return Err(format!("no service is called \"{name}\": write the name that it was given"));
            }
            (Some((_, one)), Some(_)) => {
                return Err(format!(
                    "several services are called \"{name}\": write \"{name}.{}\"",
                    one.service_type
                ));
            }
        };
        for (node, &id) in self.nodes.iter_mut().zip(&service.ids) {
            change(&mut node.endpoint, id).map_err(|error| error.to_string())?;
        }
        Ok(at)
    }

    fn turn(&mut self, report: &mut Report) -> Result<(), Failure> {
        node::turn(&mut self.nodes, &mut |interface, endpoint, event| {
            if let Event::Responder(event) = event {
                report.tell(interface, endpoint, event);
            }
        })
    }
}

/// Tells what becomes of the names.
struct Report {
    output: Output,
    /// The last name told, by link.
    names: Vec<(String, Claimed, String)>,
}

impl Report {
    fn tell(&mut self, interface: &str, endpoint: &Endpoint<'_, '_>, event: ResponderEvent) {
        let (word, claimed) = match event {
            ResponderEvent::Probing(claimed) => ("probing", claimed),
            ResponderEvent::Established(claimed) => ("established", claimed),
            ResponderEvent::Conflict(claimed) => ("conflict", claimed),
            ResponderEvent::Renamed { of: claimed, .. } => ("renamed", claimed),
            ResponderEvent::TooLarge(claimed) => {
                let name = endpoint.name(claimed).map(|name| name.to_string()).unwrap_or_default();
                return say(format_args!(
                    "{interface}: the records of {name} do not fit a packet: shorten its TXT"
                ));
            }
            // Told when all have said goodbye.
            ResponderEvent::Withdrawn(_) => return,
        };
        let Some(name) = endpoint.name(claimed).map(|name| name.to_string()) else { return };
        let known = self.names.iter_mut().find(|(link, of, _)| link == interface && *of == claimed);
        // A conflict is about the name from before the renaming that follows.
        let before = match known {
            Some((_, _, told)) if word == "conflict" => told.clone(),
            Some((_, _, told)) => std::mem::replace(told, name.clone()),
            None => {
                self.names.push((interface.to_owned(), claimed, name.clone()));
                name.clone()
            }
        };
        match word {
            "renamed" => self.output.link_line(
                interface,
                || json!({"event": word, "from": before, "to": name}),
                || format!("{word:11}  {before} is taken, now {name}"),
            ),
            "conflict" => self.output.link_line(
                interface,
                || json!({"event": word, "name": before}),
                || format!("{word:11}  {before}"),
            ),
            _ => self.output.link_line(
                interface,
                || json!({"event": word, "name": name}),
                || format!("{word:11}  {name}"),
            ),
        }
    }
}
