//! What differs on an ESP32: chance, and Wi-Fi events.

#![no_std]
#![no_main]

use dotlocal::adapter::esp32::{Random, Station, WifiEvent, seed};
use dotlocal::mdns::{Config, Endpoint, EndpointStorage};
use dotlocal_probes::{datagram, sink, word};

#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    let mut random = Random::new(word() != 0, word);
    let mac = [0; 6].map(|_: u8| word() as u8);
    let mut storage = EndpointStorage::<2, 1, 0, 0, 0>::new();
    let mut endpoint = Endpoint::new(&mut storage, Config::new(seed(mac, word())));
    let (mut station, mut ssid) = (Station::default(), [0; 64]);
    loop {
        match &mut random {
            Ok(random) => sink(&random.draw()),
            Err(error) => sink(error),
        }
        let event = match word() {
            0 => WifiEvent::Disconnected,
            1 => WifiEvent::Woke,
            _ => WifiEvent::Connected { ssid: datagram(&mut ssid) },
        };
        if let Some(change) = station.follow(event) {
            change.tell(&mut endpoint);
        }
    }
}
