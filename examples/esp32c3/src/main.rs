//! `kitchen-cam-3fa2.local` on an ESP32: a name of the board's own, a service, and a browse that is printed.

#![no_std]
#![no_main]

mod board;

use dotlocal::adapter::embassy::{self, Resources, Runner};
use dotlocal::adapter::esp32::seed;
use dotlocal::mdns::{Config, QuerierEvent, Service};
use embassy_executor::Spawner;
use esp_println::println;
use static_cell::ConstStaticCell;

/// 1 host and 1 service, no TXT that changes, 1 request, 2 KiB for what it finds.
static RESOURCES: ConstStaticCell<Resources<'static, 2, 0, 1, 2048>> = ConstStaticCell::new(Resources::new());

#[embassy_executor::task]
async fn run_mdns(mut runner: Runner<'static>) -> ! {
    runner.run().await
}

#[esp_rtos::main]
async fn main(spawner: Spawner) {
    let board = board::start(spawner, "kitchen-cam");
    let config = Config::new(seed(board.mac, board.random));
    let (mdns, runner) = embassy::new(board.stack, RESOURCES.take(), config).expect("room for two groups");
    spawner.spawn(run_mdns(runner).expect("one task"));

    mdns.set_hostname(board.name).expect("a label");
    // Whatever serves this port is yours to add.
    let service = Service::new("_http._tcp", 80).instance("Kitchen Cam").txt(&[("path", "/")]);
    let service = mdns.register(service).expect("a free name");
    mdns.established(service).await;
    if let Some(name) = mdns.with(|mdns| mdns.name(service)) {
        println!("announced {name}");
    }

    let mut found = mdns.browse("_http._tcp").expect("a free request");
    while let Some(event) = found.next().await {
        let (QuerierEvent::Resolved { instance, .. }
        | QuerierEvent::Updated { instance, .. }
        | QuerierEvent::Lost { instance, .. }) = event
        else {
            continue;
        };
        let is_lost = matches!(event, QuerierEvent::Lost { .. });
        mdns.with(|mdns| match mdns.instance(instance) {
            Some(service) if is_lost => println!("lost {}", service.name()),
            Some(service) => {
                println!("found {}", service.name());
                service.socket_addrs().for_each(|address| println!("  at {address}"));
            }
            None => {}
        });
    }
}
