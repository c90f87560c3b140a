//! A guide for firmware: what to take, how to drive it, and what to do when nothing is found.
//!
//! It stands in the documentation alone; there is no code in it but what compiles as its examples.
//!
//! # Which machine
//! | the device | machine | what it costs |
//! | --- | --- | --- |
//! | is found by its name, with its services | [`Responder`](crate::mdns::Responder) | the least |
//! | finds others, and has no name | [`Querier`](crate::mdns::Querier) | |
//! | both | [`Endpoint`](crate::mdns::Endpoint) | one socket and one parse for the two |
//! | looks up names on the internet | [`Resolver`](crate::resolver::Resolver) | ports and TCP of its own |
//! | looks up whatever a user types | [`Lookups`](crate::lookup::Lookups) | an endpoint or a querier, and a resolver |
//! | is being set up by a phone | [`Portal`](crate::portal::Portal) | 3 KB, no memory |
//!
//! Flash, RAM and stack of each are in the README, measured for a Cortex-M3; a RISC-V chip such as the ESP32-C3 needs a
//! quarter more flash. What is not called is not linked.
//!
//! # Which sizes
//! All memory is in a storage type, whose parameters are the capacities. One that is too small is told at the first call
//! that needs more, by an error that names the parameter; what is impossible does not compile.
//!
//! | parameter | is for | octets each | a sensor | a camera | a hub |
//! | --- | --- | ---: | ---: | ---: | ---: |
//! | `ADDRESSES` | own addresses of the link: IPv4, link-local IPv6, further IPv6 | 18 | 2 | 3 | 4 |
//! | `NAMES` | the host, and each service, further host and set of records | 128 | 2 | 3 | 6 |
//! | `TXT` | octets of TXT data that changes at run time, in each name | 1 | 0 | 0 | 64 |
//! | `REPLIES` | hosts that wait for a unicast reply at a time; may be left out, and is 2 then | 56 | 2 | 2 | 4 |
//! | `REQUESTS` | lookups, browses and resolves at a time | 20 | | 2 | 8 |
//! | `CACHE` | octets for what they find: some 200 for a service with its host | 1 | | 1,024 | 8,192 |
//! | `SERVERS` | DNS servers that DHCP gives | 84 | | 2 | 3 |
//! | `LOOKUPS` of a resolver | names that are looked up there at a time | 116 | | 2 | 4 |
//! | `LOOKUPS` of lookups | names of all kinds at a time, with room for two addresses each | 370 | | 1 | 2 |
//! | `STREAM` | octets of the longest answer by TCP; 0 for no TCP | 1 | | 512 | 4,096 |
//!
//! A machine borrows its storage as slices of slots, so that its code is there once for all capacities. Each slot tells by
//! its state whether it is free, and keeps its place as long as a handle points to it, which the vectors of `heapless`
//! would not do.
//!
//! Names and TXT data that never change are borrowed from flash and take no RAM. A full cache forgets what no request
//! needs first, and tells of what was needed and had no room
//! ([`NoRoom`](crate::mdns::QuerierEvent::NoRoom)).
//!
//! Buffers are the caller's: 1,440 octets for what is sent, and for what is received as many as a datagram may have. 1,500
//! are enough for all that fits one Ethernet frame, which is what this crate, Apple and Avahi send. Messages of up to 9,000
//! octets are allowed (RFC 6762 section 17); a driver that cannot take them drops them whole, never in part.
//!
//! # Without async
//! A loop of one's own calls the five functions and sleeps in between:
//! [`Endpoint`](crate::mdns::Endpoint) has it in full. Where there is no loop, as under RTIC, each task is one of the two
//! things that can happen, and gives back when the next alarm is to be:
//!
//! ```
//! use dotlocal::mdns::{Endpoint, Event};
//! use dotlocal::{Instant, Meta, Transmit};
//!
//! # trait Network { fn send(&mut self, transmit: Transmit<'_>); }
//! /// The task of the network interrupt.
//! fn on_datagram(
//!     mdns: &mut Endpoint<'_, '_>, network: &mut impl Network, now: Instant, meta: Meta, datagram: &[u8],
//! ) -> Option<Instant> {
//!     mdns.handle_datagram(now, meta, datagram);
//!     drain(mdns, network, now)
//! }
//!
//! /// The task of the timer interrupt.
//! fn on_alarm(mdns: &mut Endpoint<'_, '_>, network: &mut impl Network, now: Instant) -> Option<Instant> {
//!     mdns.handle_timeout(now);
//!     drain(mdns, network, now)
//! }
//!
//! /// After each of them, and after each call of the application, such as `register`. Set the alarm to what it returns.
//! fn drain(mdns: &mut Endpoint<'_, '_>, network: &mut impl Network, now: Instant) -> Option<Instant> {
//!     let mut buf = [0; 1440];
//!     loop {
//!         if let Some(transmit) = mdns.poll_transmit(now, &mut buf) {
//!             network.send(transmit);
//!         } else if let Some(event) = mdns.poll_event() {
//!             // Pass it to the task that waits for it.
//!             # let _: Event = event;
//!         } else {
//!             return mdns.poll_timeout();
//!         }
//!     }
//! }
//! ```
//!
//! The machine is one resource that all of them lock; nothing in it waits, and the longest call is a walk over its tables.
//!
//! # With a network stack
//! Whoever has one of these needs no loop of their own; each adapter's page says what it does about groups, addresses,
//! unicast answers and buffers.
//!
//! | stack | adapter | feature |
//! | --- | --- | --- |
//! | smoltcp, in a poll loop | `adapter::smoltcp`: a turn of the loop | `smoltcp`; with TCP to DNS servers `smoltcp-tcp` |
//! | embassy-net | `adapter::embassy`: a task, and handles with `async` calls and streams of events | `embassy`; with lookups `embassy-lookup` |
//! | on ESP32 chips beside one of them | `adapter::esp32`: random numbers, Wi-Fi events, sleep, two networks | `esp32` |
//! | Linux, Apple's systems | `adapter::std` | `std` |
//!
//! `examples/cortex-m3-qemu` and `examples/esp32c3` are whole firmwares.
//!
//! # The clock and the random source
//! [`Instant`](crate::Instant) is a tick of milliseconds that wraps after 49 days: a board hands in its own. It may begin at
//! any number, 0 among them, and must not stand still or go back; where it stops in deep sleep, tell the machine of the link
//! as below. A deadline that was missed is made up for by the next call.
//!
//! The seed of multicast DNS only has to differ from device to device: a hash of the MAC address is enough. The resolver is
//! another matter: what keeps a forger out is that its numbers cannot be guessed, so its closure must be the hardware's
//! random source, and must not be called before that is ready.
//!
//! # A name that stays
//! Where two devices have one name, the one that comes later gets a number behind it. To keep that across a restart,
//! store the number and give it back; else the two may change names whenever the power has been away.
//!
//! ```
//! use dotlocal::mdns::{Claimed, Endpoint, Event, HostnameError, ResponderEvent};
//!
//! # trait Flash { fn read(&self) -> u16; fn write(&mut self, number: u16); }
//! /// At the start, and before the first drain. `flash` has 0 as long as nothing was stored.
//! fn claim(mdns: &mut Endpoint<'_, '_>, flash: &impl Flash) -> Result<(), HostnameError> {
//!     mdns.set_hostname("kitchen-cam")?;
//!     // It fails where another name of ours is this one.
//!     let _ = mdns.set_number(Claimed::Host, flash.read());
//!     Ok(())
//! }
//!
//! /// With each event. A name is established anew after each sleep, and flash wears out.
//! fn keep(mdns: &Endpoint<'_, '_>, flash: &mut impl Flash, event: Event) {
//!     if let Event::Responder(ResponderEvent::Established(Claimed::Host)) = event {
//!         let number = mdns.number(Claimed::Host).filter(|number| *number != flash.read());
//!         number.into_iter().for_each(|number| flash.write(number));
//!     }
//! }
//! # use dotlocal::mdns::{Config, EndpointStorage};
//! # impl Flash for u16 { fn read(&self) -> u16 { *self } fn write(&mut self, number: u16) { *self = number } }
//! # let mut storage = EndpointStorage::<2, 1, 0, 0, 0>::new();
//! # let mut mdns = Endpoint::new(&mut storage, Config::new(4));
//! # let mut flash = 0;
//! # claim(&mut mdns, &2)?;
//! # assert_eq!(mdns.name(Claimed::Host).unwrap().to_string(), "kitchen-cam-2.local");
//! # keep(&mdns, &mut flash, Event::Responder(ResponderEvent::Established(Claimed::Host)));
//! # assert_eq!(flash, 2);
//! # Ok::<(), HostnameError>(())
//! ```
//!
//! A service has a number of its own, by its [`ServiceId`](crate::mdns::ServiceId).
//!
//! # Link, sleep and roaming
//! The adapters do some of this: that of std and that of embassy see link and addresses by themselves, that of smoltcp sees
//! the addresses. With smoltcp call `link_down` and `link_up` of the adapter's `Link`, which joins the groups too, and not
//! those of the machine; with embassy after a sleep `mdns.with(|mdns| mdns.link_up())`.
//!
//! | what happens | what to call |
//! | --- | --- |
//! | there is no address yet | nothing: names wait until [`set_addresses`](crate::mdns::Endpoint::set_addresses) |
//! | the address changes | `set_addresses`; the new one is announced |
//! | Wi-Fi is lost | [`link_down`](crate::mdns::Endpoint::link_down): nothing is sent, nothing is asked |
//! | Wi-Fi is back, or another access point of the same network | join the groups again, then [`link_up`](crate::mdns::Endpoint::link_up): names are probed for, what is known is confirmed |
//! | another network | `set_addresses` without any until there is one of its own, [`network_changed`](crate::mdns::Endpoint::network_changed), and that of the resolver: what is known is forgotten |
//! | light sleep between two datagrams | nothing, when the radio still wakes the device for multicast |
//! | a sleep in which datagrams were lost | `link_up` when it ends |
//! | before power is cut | [`stop`](crate::mdns::Endpoint::stop) and a drain: the others forget the device at once and not in two minutes |
//! | DHCP gives DNS servers | [`set_servers`](crate::resolver::Resolver::set_servers) |
//!
//! How long a device may sleep is what `poll_timeout` says; `None` is for ever. A device that has announced itself and asks
//! for nothing has no deadline, and wakes for datagrams alone. What keeps it awake is what it asks for: a browse keeps
//! each instance that it has found fresh, every two minutes or so. The README has the figures of a day. So:
//!
//! - Browse while somebody looks at the list, then cancel. Use [`lookup`](crate::mdns::Endpoint::lookup) with
//!   [`Until::Answered`](crate::mdns::Until::Answered) for one known host, in the moment in which it is needed.
//! - Where the access point buffers multicast for sleeping stations (DTIM), a long listen interval delays answers to the
//!   device's own probes by as much; three probes and a quarter of a second each are forgiving, a listen interval above
//!   half a second is not.
//! - Nothing is gained by a filter in front of the machine: a packet that does not concern it costs little more than
//!   reading it once.
//!
//! # Several links
//! An endpoint is one link: Ethernet and Wi-Fi are two, and so are station and access point of one radio. Give each its own
//! addresses; the same host name may stand on both. Meta and transmits of one must never reach the other. An access point
//! that a phone joins to set the device up answers that phone's DNS by a [`Portal`](crate::portal::Portal) at its port 53.
//!
//! # When nothing is found
//! Count or log what [`handle_datagram`](crate::mdns::Endpoint::handle_datagram) returns, and the events. What they show:
//!
//! | log | what it means |
//! | --- | --- |
//! | nothing at all comes in | the groups 224.0.0.251 and ff02::fb are not joined, or the chip's multicast filter is closed; on Wi-Fi the access point isolates its stations, or has dropped the device from the group (IGMP snooping without a querier): join again every few minutes and after each reconnect |
//! | own probes alone come in | the access point reflects, and passes on nobody else's: client isolation |
//! | `Ignored(OffLink)` | the sender is on another subnet: a wrong prefix length in `set_addresses`, or a router that forwards multicast |
//! | `Ignored(WrongPort)` | the board hands in a port that is not the sender's, or somebody answers from a port other than 5353 |
//! | `Ignored(Unsolicited)` | the board says `multicast: false` of what came to the group: say `true` where it cannot tell |
//! | `Ignored(Malformed(…))` for everything | the buffer is handed in whole instead of the datagram's part, or with a header before it |
//! | `Probing`, then nothing | the machine is not called when `poll_timeout` has come |
//! | `Probing`, `Established`, and others do not see it | what is sent does not leave: port 5353 as the source, TTL and hop limit 255, the VLAN, and a unicast answer that waits for ARP in front of all others (see the adapters) |
//! | an address that begins with `fe80` is found, and does not connect | its scope is missing: [`Config::scope_id`](crate::mdns::Config::scope_id), and [`socket_addrs`](crate::mdns::Instance::socket_addrs) in the place of `addresses` |
//! | nothing at all of a `resolve` | nobody has that instance: it does not fail by itself, cancel it when it is no longer waited for |
//! | [`NoRoom`](crate::mdns::QuerierEvent::NoRoom) | `CACHE` is too small for what is asked for |
//! | `Renamed` at each start | another device has the same name: [keep the number](self#a-name-that-stays), or make names that differ by a [`HostLabel`](crate::name::HostLabel) |
//! | `Conflict` again and again | a second device has the name and does not give way, or the board hands in its own datagrams with other data: an old address after a change |
//! | lookups of `.local` end with a timeout, phones reach it | the device asks by a socket that is not bound to 5353: answers to a group are not received |
//! | `Failed` with `Servers(NoServers)` | DHCP has not given a server yet |
//! | all names have one address | a captive portal: [`CaptiveCheck`](crate::lookup::CaptiveCheck) |
