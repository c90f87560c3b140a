//! The main job in one command: a camera announces itself as `kitchen-cam.local`, and a laptop finds it.
//!
//! `cargo run --example kitchen_cam` needs no network and no rights: both endpoints are in this program and talk
//! over the machine's loopback. With `--stay` the camera alone is on the real network.

use std::fs;
use std::path::PathBuf;
use std::process::{self, ExitCode};
use std::time::{Duration, Instant};

use clap::Parser;
use dotlocal::adapter::std::{Link, interfaces};
use dotlocal::mdns::{
    Claimed, Endpoint, EndpointStorage, Event, QuerierEvent, ResponderEvent, Service, ServiceId, Until,
};
use serde_json::json;

use common::args::CommonArgs;
use common::node::{self, Node};
use common::output::Output;
use common::signals::Signals;
use common::timeline::Timeline;
use common::{Failure, found};

mod common;

/// Announces kitchen-cam.local on loopback, finds it from a second endpoint, and shows every packet between the two.
#[derive(Parser)]
struct Cli {
    /// Announce kitchen-cam.local on the real network instead, until Ctrl-C
    #[arg(long)]
    stay: bool,
    /// Draw the packets between the two as an SVG picture, into this file
    #[arg(long, value_name = "FILE", conflicts_with = "stay")]
    svg: Option<PathBuf>,
    /// The second endpoint neither sends nor receives
    #[arg(long, hide = true)]
    mute_second: bool,
    #[command(flatten)]
    common: CommonArgs,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    common::exit(if cli.stay { stay(&cli) } else { show(&cli) })
}

/// All that a camera has to say.
fn be_a_camera<'a>(
    endpoint: &mut Endpoint<'_, 'a>,
    txt: &'a [(&'a str, &'a str)],
) -> Result<ServiceId, Failure> {
    endpoint.set_hostname("kitchen-cam")?;
    Ok(endpoint.register(Service::new("_http._tcp", 8080).instance("Kitchen Cam").txt(txt))?)
}

/// Camera and laptop, each with sockets of its own on one interface.
fn show(cli: &Cli) -> Result<ExitCode, Failure> {
    let deadline = Instant::now() + Duration::from_secs(SECONDS);
    // Two runs at once are two cameras: other data under the same name makes one of them change it.
    let id = process::id().to_string();
    let txt = [("path", "/"), ("id", id.as_str())];
    let interface = cli.common.interfaces.first().cloned().map_or_else(loopback, Ok)?;
    let mut timeline = Timeline::new(Output::new(cli.common.json));
    let mut links = Vec::new();
    for who in ["camera", "laptop"] {
        let mut link = Link::open(&interface, cli.common.families())?;
        timeline.watch(&mut link, who, cli.common.log);
        links.push(link);
    }
    let mut storages = [const { EndpointStorage::<16, 2, 0, 2, 2048>::new() }; 2];
    let mut nodes = node::nodes(links, &mut storages);
    let [camera, laptop] = nodes.as_mut_slice() else { return Err(Failure::new("two endpoints are needed")) };

    timeline.step("camera", "claims kitchen-cam.local, and offers Kitchen Cam, a web server at port 8080");
    let service = be_a_camera(&mut camera.endpoint, &txt)?;
    let (muted, instance, seen) = (cli.mute_second, String::new(), Seen::default());
    let mut show = Show { deadline, muted, camera, laptop, timeline, instance, seen };
    show.until("the laptop did not hear the camera announce its names", |show| {
        show.seen.established == 2 && show.timeline.announcements() >= 2
    })?;

    // If somebody else on the link is called so, these names have got a number.
    let name = |of| show.camera.endpoint.name(of).map(|name| name.to_string()).unwrap_or_default();
    let (host, instance) = (name(Claimed::Host), name(Claimed::Service(service)));
    show.instance = instance;
    show.timeline.step("laptop", &format!("looks {host} up, and browses for web servers"));
    show.laptop.endpoint.lookup(&host, cli.common.families(), Until::Answered { timeout_millis: 3_000 })?;
    show.laptop.endpoint.browse("_http._tcp")?;
    show.until("the laptop did not find the camera", |show| show.seen.looked_up && show.seen.resolved)?;

    show.timeline.step("camera", "is switched off");
    show.camera.endpoint.stop();
    show.until("the laptop did not notice that the camera is gone", |show| show.seen.lost)?;
    if let Some(file) = &cli.svg {
        fs::write(file, show.timeline.svg())
            .map_err(|error| Failure::new(format!("{}: {error}", file.display())))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn loopback() -> Result<String, Failure> {
    let loopback = interfaces()?.into_iter().find(|interface| interface.loopback && interface.up);
    loopback.map(|interface| interface.name).ok_or_else(|| Failure::new("no loopback interface is up"))
}

struct Show<'n, 's, 'a> {
    deadline: Instant,
    muted: bool,
    camera: &'n mut Node<'s, 'a>,
    laptop: &'n mut Node<'s, 'a>,
    timeline: Timeline,
    /// The camera's service: others on the link may offer more.
    instance: String,
    seen: Seen,
}

/// What the two endpoints have told so far.
#[derive(Default)]
struct Seen {
    established: usize,
    looked_up: bool,
    resolved: bool,
    lost: bool,
}

impl Show<'_, '_, '_> {
    /// Goes on until `done`. When that is not so in time, the sentence says what is missing.
    fn until(&mut self, sentence: &str, done: impl Fn(&Self) -> bool) -> Result<(), Failure> {
        loop {
            self.turn()?;
            if done(self) {
                return Ok(());
            }
            if Instant::now() >= self.deadline {
                let interface = self.camera.link.name();
                let hint = format!("does something block multicast to UDP port 5353 on {interface}?");
                return Err(Failure::new(format!("{sentence} within {SECONDS} seconds: {hint}")));
            }
            let laptop = (!self.muted).then_some(&*self.laptop);
            node::sleep(laptop.into_iter().chain([&*self.camera]), &[], Some(self.deadline))?;
        }
    }

    /// Does on both sides what can be done now.
    fn turn(&mut self) -> Result<(), Failure> {
        let Self { camera, laptop, timeline, instance: ours, seen, .. } = self;
        camera.link.turn(&mut camera.endpoint, &mut |camera, event| match event {
            Event::Responder(ResponderEvent::Established(_)) => seen.established += 1,
            Event::Responder(ResponderEvent::Renamed { of: claimed, .. }) => {
                let name = camera.name(claimed).map(|name| name.to_string()).unwrap_or_default();
                timeline.step("camera", &format!("finds its name taken, and tries {name}"));
            }
            _ => {}
        })?;
        if !self.muted {
            let interface = laptop.link.name().to_owned();
            laptop.link.turn(&mut laptop.endpoint, &mut |laptop, event| match event {
                Event::Querier(QuerierEvent::Address { address, .. }) => {
                    timeline.step(
                        "laptop",
                        &format!("has an address of the camera: {}", found::address(address, &interface)),
                    );
                    seen.looked_up = true;
                }
                Event::Querier(QuerierEvent::Resolved { instance, .. }) => {
                    let Some(instance) = laptop.instance(instance) else { return };
                    if instance.name().to_string() == *ours {
                        timeline.step("laptop", &format!("has found {}", found::line(&instance, &interface)));
                        seen.resolved = true;
                    }
                }
                Event::Querier(QuerierEvent::Lost { instance, .. }) => {
                    let Some(instance) = laptop.instance(instance) else { return };
                    if instance.name().to_string() == *ours {
                        timeline.step("laptop", &format!("has lost {}", found::shown(instance.label())));
                        seen.lost = true;
                    }
                }
                _ => {}
            })?;
        }
        timeline.print();
        Ok(())
    }
}

/// The camera on all links of the arguments, until Ctrl-C.
fn stay(cli: &Cli) -> Result<ExitCode, Failure> {
    let signals = Signals::catch()?;
    let links = node::open_links(&cli.common)?;
    let output = Output::on_links(cli.common.json, links.len()).outlives_reader();
    let mut storages: Vec<_> = links.iter().map(|_| EndpointStorage::<16, 2, 0, 0, 0>::new()).collect();
    let mut nodes = node::nodes(links, &mut storages);
    for node in &mut nodes {
        be_a_camera(&mut node.endpoint, &[("path", "/")])?;
    }
    let mut left = false;
    while !left {
        left = signals.arrived();
        if left {
            nodes.iter_mut().for_each(|node| node.endpoint.stop());
        }
        node::turn(&mut nodes, &mut |interface, endpoint, event| {
            let Event::Responder(ResponderEvent::Established(claimed)) = event else { return };
            let name = endpoint.name(claimed).map(|name| name.to_string()).unwrap_or_default();
            let json = || json!({"event": "established", "name": name});
            output.link_line(interface, json, || format!("{name} is announced; Ctrl-C ends it"));
        })?;
        if !left {
            node::sleep(&nodes, &[signals.fd()], None)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The show takes about four; each rename by a neighbour costs one or two more.
const SECONDS: u64 = 9;
