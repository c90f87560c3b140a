//! What differs on an ESP32: chance, a name of the board's own, Wi-Fi that comes and goes, sleep, two networks at once.
//!
//! It serves the C3, C6, S3 and their sisters, with whatever crates drive the chip: what comes from the chip comes in as
//! values and closures. `examples/esp32c3` is a whole firmware, with esp-hal and embassy-net.
//!
//! # Start
//! In this order, because each step needs the one before:
//! 1. Start the radio: before, the chip's random numbers can be guessed, and [`Random`] refuses them.
//! 2. Take the name, and give it to the DHCP client *before* the link comes up. A router that has once handed out an
//!    address without a name (option 12, RFC 2132 section 3.14) shows none until the lease is renewed.
//! 3. Connect, and start the endpoint. It may be made and given its names at any time: nothing is sent without an address.
//!
//! ```
//! use dotlocal::adapter::esp32::{Random, seed};
//! use dotlocal::mdns::{Config, Endpoint, EndpointStorage};
//! use dotlocal::name::HostLabel;
//!
//! # fn chip_random() -> u32 {
//! #     use std::hash::{BuildHasher, Hasher};
//! #     std::hash::RandomState::new().build_hasher().finish() as u32
//! # }
//! let mac = [0x02, 0x00, 0x5E, 0x10, 0x3F, 0xA2]; // Interface::station().mac_address()
//! let mut random = Random::new(true, chip_random)?; // TrngSource::is_enabled(), || rng.random()
//! let label = HostLabel::from_mac("kitchen-cam", mac)?; // kitchen-cam-3fa2
//!
//! // embassy-net, feature `dhcpv4-hostname`: dhcp.hostname = Some(label.as_str().try_into()?), up to 32 octets, which
//! // leaves 27 for the front. smoltcp: socket.set_outgoing_options(&[DhcpOption { kind: 12, data: label_octets }]).
//!
//! let mut storage = EndpointStorage::<2, 2, 0, 2, 1024>::new();
//! let mut endpoint = Endpoint::new(&mut storage, Config::new(seed(mac, random.draw())));
//! endpoint.set_hostname(label.as_str())?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! DHCP keeps the name as it was given when a conflict on the link makes it `kitchen-cam-3fa2-2`: the router has a table of
//! its own.
//!
//! # Wi-Fi that comes and goes
//! [`Station`] makes of the driver's events what an endpoint is to be told. Connect again after a loss, with a pause that
//! grows to half a minute or so: each attempt takes the channel from whoever uses the access point of the chip.
//!
//! A new connection, also to another access point of the same network, has to bring three things back that access points
//! and switches keep for each connection: the groups are left and joined again, DHCP asks again, and the endpoint is told.
//! With `adapter::smoltcp` the link is told instead of the endpoint, and does all but DHCP; with `adapter::embassy` all of it
//! happens by itself as the stack's link goes down and up. Neither can see that it is another network: the endpoint is told
//! of it beside, on embassy by `Mdns::network_changed`.
//!
//! ```
//! use dotlocal::adapter::esp32::{LinkChange, Station, WifiEvent};
//! use dotlocal::mdns::{AddressesError, Endpoint};
//!
//! /// For a loop that drives the endpoint itself.
//! fn on_wifi(
//!     station: &mut Station,
//!     event: WifiEvent<'_>,
//!     endpoint: &mut Endpoint<'_, '_>,
//!     join: impl FnOnce(),
//! ) -> Result<(), AddressesError> {
//!     if let Some(change) = station.follow(event) {
//!         if change != LinkChange::Down {
//!             join(); // leave and join 224.0.0.251 and ff02::fb, and start DHCP again
//!         }
//!         if change == LinkChange::NewNetwork {
//!             endpoint.set_addresses(&[])?; // until DHCP has one: that of the network before is not to be announced here
//!         }
//!         change.tell(endpoint);
//!     }
//!     Ok(())
//! }
//! ```
//!
//! # Sleep
//! | the chip sleeps | what is lost | what is to be told |
//! | --- | --- | --- |
//! | modem sleep that wakes for each DTIM beacon (`Minimum`) | nothing: the access point holds multicast back until then; answers come 0.1 to 0.3 s later | nothing |
//! | modem sleep over several beacons (`Maximum`) | queries and probes of others, as an access point sends each once: the device is found late or not at all, and conflicts are found late | nothing; not for a device that is to be found |
//! | light sleep with the radio off | all that was sent meanwhile, and soon the connection | [`WifiEvent::Woke`], or the events of the new connection |
//! | deep sleep | all memory: the chip starts anew | the number of the name, by [`Endpoint::set_number`](crate::mdns::Endpoint::set_number), where it was kept |
//!
//! RFC 6762 section 8 wants names probed for after each sleep during which nobody listened: another one may have taken
//! them. That is a second in which the device is not found, so a device that is to be found wakes for seconds, not for
//! moments. Who sleeps for minutes says goodbye before, by [`Endpoint::stop`](crate::mdns::Endpoint::stop) and one more
//! drain, or others show for two minutes what does not answer.
//!
//! The device may sleep until `poll_timeout`, after a drain. A responder whose names are established has nothing to do
//! until somebody asks; a browse keeps fresh what it has found, every minute or two.
//!
//! ```
//! use dotlocal::Instant;
//! use dotlocal::mdns::Endpoint;
//!
//! /// A clock for a chip whose counter stands still in sleep. That of esp-hal does not: its light sleep adds the time.
//! struct Clock {
//!     slept_millis: u32,
//! }
//!
//! impl Clock {
//!     fn now(&self, ticks_millis: u32) -> Instant {
//!         Instant::from_millis(ticks_millis.wrapping_add(self.slept_millis))
//!     }
//!
//!     fn woke_after(&mut self, millis: u32) {
//!         self.slept_millis = self.slept_millis.wrapping_add(millis);
//!     }
//! }
//!
//! /// How long the chip may sleep; not so long that the connection is given up.
//! fn may_sleep_millis(endpoint: &Endpoint<'_, '_>, now: Instant, at_most: u32) -> u32 {
//!     endpoint.poll_timeout().map_or(at_most, |due| due.millis_until(now).min(at_most))
//! }
//! # use dotlocal::mdns::{Config, EndpointStorage};
//! # let mut storage = EndpointStorage::<2, 1, 0, 1, 256>::new();
//! # let mut endpoint = Endpoint::new(&mut storage, Config::new(7));
//! # let mut clock = Clock { slept_millis: 0 };
//! # endpoint.handle_timeout(clock.now(0));
//! # assert_eq!(may_sleep_millis(&endpoint, clock.now(0), 60_000), 60_000);
//! # endpoint.set_hostname("cam").unwrap();
//! # endpoint.set_addresses(&[("192.0.2.7".parse().unwrap(), 24)]).unwrap();
//! # let mut buf = [0; 1440];
//! # assert!(endpoint.poll_transmit(clock.now(0), &mut buf).is_none());
//! # let sleep = may_sleep_millis(&endpoint, clock.now(0), 60_000);
//! # assert!((1..=250).contains(&sleep), "the first probe: {sleep}");
//! # clock.woke_after(sleep);
//! # assert!(endpoint.poll_transmit(clock.now(0), &mut buf).is_some());
//! ```
//!
//! # Station and access point side by side
//! Two networks are two endpoints: each has its own storage, groups and addresses, and hears only what came in by its own
//! interface. Both may have the same name, made from the MAC address of the station (that of the access point ends with
//! another octet). On the network that the chip opens itself, a [`Portal`](crate::portal::Portal) at port 53 leads phones to
//! the set-up page. With smoltcp these are two interfaces, each with its sockets and its link.
//!
//! ```
//! use dotlocal::Instant;
//! use dotlocal::adapter::esp32::seed;
//! use dotlocal::mdns::{Config, Endpoint, EndpointStorage};
//! use dotlocal::portal::Portal;
//!
//! let mac = [0x02, 0x00, 0x5E, 0x10, 0x3F, 0xA2];
//! let mut at_home = EndpointStorage::<2, 2, 0, 2, 1024>::new();
//! let mut at_home = Endpoint::new(&mut at_home, Config::new(seed(mac, 0)));
//! // To be found, and nothing else: no requests, no cache.
//! let mut opened = EndpointStorage::<1, 1, 0, 0, 0>::new();
//! let mut opened = Endpoint::new(&mut opened, Config::new(seed(mac, 1)));
//! let portal = Portal::new([192, 168, 4, 1].into());
//!
//! at_home.set_hostname("kitchen-cam-3fa2")?;
//! opened.set_hostname("kitchen-cam-3fa2")?;
//! // The access point's address is there from its start, the station's when DHCP has it.
//! opened.set_addresses(&[([192, 168, 4, 1].into(), 24)])?;
//! at_home.link_down(); // until LinkChange::tell
//!
//! // Both are driven in turn; the loop sleeps until the nearer of two deadlines.
//! # let mut buf = [0; 1440];
//! # let now = Instant::from_millis(0);
//! # assert!(at_home.poll_transmit(now, &mut buf).is_none() && at_home.poll_timeout().is_none());
//! # assert!(opened.poll_transmit(now, &mut buf).is_none());
//! # let due = opened.poll_timeout().unwrap();
//! # assert!(opened.poll_transmit(due, &mut buf).is_some() && at_home.poll_transmit(due, &mut buf).is_none());
//!
//! fn on_port_53(portal: &Portal, query: &[u8], send: impl FnOnce(&[u8])) {
//!     let mut buf = [0; Portal::MAX_LEN];
//!     if let Some(answer) = portal.answer(query, &mut buf) {
//!         send(answer);
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! With embassy-net these are two stacks, of `Interface::station()` with DHCP and of `Interface::access_point()` with a
//! static address, and a DHCP server of yours that names the board as the DNS server:
//!
#![cfg_attr(feature = "embassy", doc = "```no_run")]
#![cfg_attr(not(feature = "embassy"), doc = "```ignore")]
//! use dotlocal::adapter::embassy::{self, Mdns, Resources, Runner};
//! use dotlocal::adapter::esp32::{LinkChange, Station, WifiEvent, seed};
//! use dotlocal::mdns::{Config, Endpoint};
//! use dotlocal::portal::Portal;
//! use embassy_net::Stack;
//! use embassy_net::udp::{PacketMetadata, UdpSocket};
//! use static_cell::ConstStaticCell;
//!
//! static AT_HOME: ConstStaticCell<Resources<'static, 2, 0, 1, 2048>> = ConstStaticCell::new(Resources::new());
//! static OPENED: ConstStaticCell<Resources<'static, 1, 0, 0, 0>> = ConstStaticCell::new(Resources::new());
//!
//! // Each runner is run by a task of its own: #[embassy_executor::task(pool_size = 2)]
//! fn start(
//!     stacks: [Stack<'static>; 2],
//!     name: &'static str,
//!     mac: [u8; 6],
//! ) -> [(Mdns<'static>, Runner<'static>); 2] {
//!     let [at_home, opened] = stacks;
//!     let both = [
//!         embassy::new(at_home, AT_HOME.take(), Config::new(seed(mac, 0))).expect("room for two groups"),
//!         embassy::new(opened, OPENED.take(), Config::new(seed(mac, 1))).expect("room for two groups"),
//!     ];
//!     both.each_ref().map(|(mdns, _)| mdns.set_hostname(name).expect("a label"));
//!     both
//! }
//!
//! /// In the task that connects the station: whatever was found in another network is not there.
//! fn connected(station: &mut Station, ssid: &str, at_home: Mdns<'static>) {
//!     let change = station.follow(WifiEvent::Connected { ssid: ssid.as_bytes() });
//!     if change == Some(LinkChange::NewNetwork) {
//!         at_home.network_changed();
//!     }
//! }
//!
//! /// After a sleep with the radio off that the connection has survived.
//! fn woke(station: &mut Station, at_home: Mdns<'static>) {
//!     if station.follow(WifiEvent::Woke).is_some() && at_home.is_link_up() {
//!         at_home.with(Endpoint::link_up);
//!     }
//! }
//!
//! async fn set_up(opened: Stack<'static>) -> ! {
//!     let (mut rx_meta, mut tx_meta) = ([PacketMetadata::EMPTY; 4], [PacketMetadata::EMPTY; 4]);
//!     let (mut rx, mut tx) = ([0; 1024], [0; 1024]);
//!     let mut socket = UdpSocket::new(opened, &mut rx_meta, &mut rx, &mut tx_meta, &mut tx);
//!     socket.bind(53).expect("a free port");
//!     let portal = Portal::new([192, 168, 4, 1].into());
//!     let (mut query, mut answer) = ([0; 512], [0; Portal::MAX_LEN]);
//!     loop {
//!         if let Ok((len, from)) = socket.recv_from(&mut query).await
//!             && let Some(answer) = portal.answer(&query[..len], &mut answer)
//!         {
//!             // One that is lost is asked for again.
//!             let _ = socket.send_to(answer, from).await;
//!         }
//!     }
//! }
//! ```
//!
//! The access point follows the channel of the station: when the station connects, phones lose the access point for some
//! seconds and come back. For the endpoint there that is nothing; it is told [`LinkChange::Up`] when the access point was
//! started anew.

mod chacha20;
mod random;
mod station;

pub use random::{Random, RandomError};
pub use station::{LinkChange, Station, WifiEvent};

/// The seed of an endpoint's waits, for [`mdns::Config::new`](crate::mdns::Config::new): boards that are switched on at one
/// moment, by one switch, must not speak at one moment. The MAC address alone keeps them apart, so that `random` may be 0
/// where there is nothing random; with it, one that is started again has other waits than before.
pub const fn seed(mac: [u8; 6], random: u32) -> u32 {
    let [a, b, c, d, e, f] = mac;
    u32::from_be_bytes([c, d, e, f]) ^ u32::from_be_bytes([0, 0, a, b]) ^ random
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn boards_of_one_maker_have_seeds_of_their_own_without_chance() {
        let boards = (0..=u16::MAX).map(|board| {
            let [high, low] = board.to_be_bytes();
            seed([0x02, 0x00, 0x5E, 0x10, high, low], 0)
        });
        assert_eq!(boards.collect::<BTreeSet<_>>().len(), 65_536);
        // Two makers, one number.
        assert_ne!(seed([0x02, 0, 0x5E, 1, 2, 3], 0), seed([0x02, 1, 0x5E, 1, 2, 3], 0));
    }

    #[test]
    fn a_board_that_is_started_again_has_another_seed() {
        let mac = [0x02, 0x00, 0x5E, 0x10, 0x3F, 0xA2];
        let seeds = (0..=u16::MAX).map(|random| seed(mac, random.into()));
        assert_eq!(seeds.collect::<BTreeSet<_>>().len(), 65_536);
    }
}
