//! A board on a tap device: `board TAP NAME ADDRESS`, or `board TAP NAME dhcp`. It has a service `Kitchen Cam` on port 8080,
//! and does what the lines of its standard input say, in real time: `plug down`, `plug up`, `address 10.77.0.60`,
//! `browse _ipp._tcp`, `lookup printer.local`, `count api.example.com`. What it is told, it prints.

use std::fs::File;
use std::io::{Read, stdin};
use std::net::Ipv4Addr;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use dotlocal::adapter::embassy::{self, Names, NamesResources, link_local};
use dotlocal::lookup::{Event, LookupStorage, Lookups};
use dotlocal::mdns::{self, Endpoint, EndpointStorage, Families, QuerierEvent, Service};
use dotlocal::resolver::{self, Resolver, ResolverStorage};
use dotlocal_embassy::cable::{Cable, Cabled};
use dotlocal_embassy::clock::Clock;
use dotlocal_embassy::tasks::Tasks;
use embassy_net::{ConfigV4, Ipv4Cidr, Stack, StackResources, StaticConfigV4};
use embassy_net_tuntap::TunTapDevice;
use static_cell::{ConstStaticCell, StaticCell};

static STACK: StaticCell<StackResources<8>> = StaticCell::new();
static ENDPOINT: ConstStaticCell<EndpointStorage<'static, 2, 2, 0, 8, 4096>> =
    ConstStaticCell::new(EndpointStorage::new());
static RESOLVER: ConstStaticCell<ResolverStorage<3, 4, 8192, 4096>> =
    ConstStaticCell::new(ResolverStorage::new());
static LOOKUPS: ConstStaticCell<LookupStorage<2, 6>> = ConstStaticCell::new(LookupStorage::new());
static RANDOM: StaticCell<fn() -> u32> = StaticCell::new();
static RESOURCES: StaticCell<NamesResources<'static, 4>> = StaticCell::new();

type Mdns = embassy::Mdns<'static, Names<'static>>;

const MAC: [u8; 6] = [2, 3, 4, 5, 6, 7];

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, tap, name, address] = &arguments[..] else { panic!("board TAP NAME ADDRESS") };
    let name = name.clone().leak();
    let mut device = TunTapDevice::new(tap).expect("the tap device is there");
    device.set_hardware_address(MAC);
    let (card, cable) = Cabled::new(device);
    let mut config = embassy_net::Config::default();
    config.ipv4 = v4(address);
    config.ipv6 = link_local(MAC);
    let clock = Clock::begin();
    let mut tasks = Tasks::new();
    let (stack, mut runner) = embassy_net::new(card, config, STACK.init(StackResources::new()), 7);
    tasks.start(async move { runner.run().await });
    let config = mdns::Config::new(std::process::id());
    let endpoint = Endpoint::new(ENDPOINT.take(), config);
    let resolver = Resolver::new(RESOLVER.take(), RANDOM.init(random), resolver::Config::new());
    let names = Lookups::new(LOOKUPS.take(), endpoint, resolver);
    let made = embassy::with_lookups(stack, RESOURCES.init_with(NamesResources::new), names);
    let (mdns, mut runner) = made.expect("room for two groups");
    tasks.start(async move { runner.run().await });

    mdns.set_hostname(name).expect("a label");
    let service = Service::new("_http._tcp", 8080).instance("Kitchen Cam").txt(&[("path", "/")]);
    mdns.register(service).expect("a name left");
    tasks.start(async move {
        loop {
            match mdns.next_event().await {
                Event::Multicast(event) => println!("{event:?}"),
                Event::Resolver(resolver::Event::Found { request, .. }) => mdns.with_lookups(|names| {
                    println!("{} addresses", names.resolver().addresses(request).count());
                    names.resolver().cancel(request);
                }),
                event => println!("{event:?}"),
            }
        }
    });
    tasks.start(async move {
        for is_up in [true, false].into_iter().cycle() {
            mdns.wait_link(is_up).await;
            println!("link {}", if is_up { "up" } else { "down" });
        }
    });
    run(&clock, &mut tasks, mdns, stack, &cable);
}

/// In real time, which the tasks' clock follows.
fn run(clock: &Clock, tasks: &mut Tasks, mdns: Mdns, stack: Stack<'static>, cable: &Cable) {
    let (begin, lines) = (Instant::now(), lines());
    loop {
        clock.advance_millis((begin.elapsed().as_millis() as u64).saturating_sub(clock.millis()));
        while let Ok(line) = lines.try_recv() {
            match line.split_once(' ').expect("a word and what it is for") {
                ("plug", state) => cable.plug(state == "up"),
                ("address", address) => stack.set_config_v4(v4(address)),
                ("browse", service_type) => drop(tasks.start(browse(mdns, service_type.to_owned()))),
                ("lookup", name) => drop(tasks.start(lookup(mdns, name.to_owned()))),
                ("count", name) => mdns.with_lookups(|names| {
                    names.resolver().lookup(name, Families::V4, 5_000).map(drop).expect("a request left");
                }),
                _ => panic!("what is {line}?"),
            }
        }
        tasks.run();
        thread::park_timeout(Duration::from_millis(2));
    }
}

async fn browse(mdns: Mdns, service_type: String) {
    let mut request = mdns.browse(&service_type).expect("a request left");
    while let Some(event) = request.next().await {
        let (what, instance) = match event {
            QuerierEvent::Resolved { instance, .. } => ("resolved", instance),
            QuerierEvent::Updated { instance, .. } => ("updated", instance),
            QuerierEvent::Lost { instance, .. } => ("lost", instance),
            _ => continue,
        };
        mdns.with(|mdns| {
            let found = mdns.instance(instance).expect("it can be read at once");
            let label = String::from_utf8_lossy(found.label()).into_owned();
            println!("{what} {label} port {} at {:?}", found.port(), found.addresses().collect::<Vec<_>>());
        });
    }
}

async fn lookup(mdns: Mdns, name: String) {
    match mdns.lookup(&name, 80, Families::Both, 5_000).await {
        Ok(found) => mdns.with_lookups(|names| {
            for found in names.addresses(found.id()) {
                println!("{name} at {}", found.address.ip());
            }
        }),
        Err(error) => println!("{name} failed: {error}"),
    }
}

/// What a board's hardware would give.
fn random() -> u32 {
    let mut octets = [0; 4];
    let mut source = File::open("/dev/urandom").expect("a system with chance");
    source.read_exact(&mut octets).expect("chance has no end");
    u32::from_ne_bytes(octets)
}

fn v4(address: &str) -> ConfigV4 {
    if address == "dhcp" {
        return ConfigV4::Dhcp(Default::default());
    }
    let address: Ipv4Addr = address.parse().expect("an IPv4 address");
    ConfigV4::Static(StaticConfigV4 {
        address: Ipv4Cidr::new(address, 24),
        gateway: None,
        dns_servers: Default::default(),
    })
}

fn lines() -> Receiver<String> {
    let (sender, lines) = channel();
    let main = thread::current();
    thread::spawn(move || {
        for line in stdin().lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
            main.unpark();
        }
        std::process::exit(0);
    });
    lines
}
