//! A board without hardware: a smoltcp interface on a device of two queues, a clock that stands still until it is set,
//! and an endpoint.

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};

use dotlocal::adapter::smoltcp::{Link, LinkError, LinkStorage};
use dotlocal::mdns::{Config, Endpoint, EndpointStorage, Event, Service};
use dotlocal::wire::{Class, Message, Type};
use smoltcp::iface::{Config as InterfaceConfig, Interface, SocketSet, SocketStorage};
use smoltcp::phy::{ChecksumCapabilities, Device, DeviceCapabilities, Medium, RxToken, TxToken};
use smoltcp::time::{Duration, Instant};
use smoltcp::wire::{EthernetAddress, HardwareAddress, IpCidr};

use super::frames::{self, BOARD, Sent};

/// What the frames go through.
pub struct Port {
    pub to_board: VecDeque<Vec<u8>>,
    pub from_board: VecDeque<Vec<u8>>,
    /// How many frames it takes from the board.
    pub takes: usize,
}

pub struct Frame(Vec<u8>);
pub struct Room<'p>(&'p mut VecDeque<Vec<u8>>, &'p mut usize);

impl RxToken for Frame {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, take: F) -> R {
        take(&self.0)
    }
}

impl TxToken for Room<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, len: usize, fill: F) -> R {
        let mut frame = vec![0; len];
        let filled = fill(&mut frame);
        self.0.push_back(frame);
        *self.1 -= 1;
        filled
    }
}

impl Device for Port {
    type RxToken<'a> = Frame;
    type TxToken<'a> = Room<'a>;

    fn receive(&mut self, now: Instant) -> Option<(Frame, Room<'_>)> {
        if self.takes == 0 {
            return None;
        }
        let frame = self.to_board.pop_front()?;
        Some((Frame(frame), self.transmit(now)?))
    }

    fn transmit(&mut self, _: Instant) -> Option<Room<'_>> {
        (self.takes > 0).then_some(Room(&mut self.from_board, &mut self.takes))
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.medium = Medium::Ethernet;
        capabilities.max_transmission_unit = 1514;
        // The frames of the tests have none.
        capabilities.checksum = ChecksumCapabilities::ignored();
        capabilities
    }
}

impl Port {
    pub const fn new() -> Self {
        Self { to_board: VecDeque::new(), from_board: VecDeque::new(), takes: usize::MAX }
    }
}

/// An interface at a port, without addresses.
pub fn interface(port: &mut Port, hardware: [u8; 6]) -> Interface {
    let hardware = HardwareAddress::Ethernet(EthernetAddress(hardware));
    Interface::new(InterfaceConfig::new(hardware), port, Instant::ZERO)
}

pub fn set_addresses(interface: &mut Interface, addresses: &[&str]) {
    interface.update_ip_addrs(|list| {
        list.clear();
        for address in addresses {
            let address: IpAddr = address.parse().unwrap();
            let prefix = if address.is_ipv4() { 24 } else { 64 };
            list.push(IpCidr::new(address.into(), prefix)).unwrap();
        }
    });
}

/// Memory for as long as the test runs.
pub fn leak<T>(memory: T) -> &'static mut T {
    Box::leak(Box::new(memory))
}

pub struct Board {
    pub millis: i64,
    pub port: Port,
    pub interface: Interface,
    pub sockets: SocketSet<'static>,
    pub link: Link,
    pub endpoint: Endpoint<'static, 'static>,
    pub events: Vec<Event>,
}

pub const V4: &str = "192.0.2.7";
pub const V6: &str = "fe80::7";

impl Board {
    /// At 192.0.2.7/24 and fe80::7/64, with `cam.local` and `Cam._http._tcp` on it, room for datagrams of `RECEIVED`.
    pub fn new<const RECEIVED: usize>() -> Self {
        let mut board = Self::bare::<RECEIVED>();
        board.set_addresses(&[V4, V6]);
        board.endpoint.set_hostname("cam").unwrap();
        board.endpoint.register(Service::new("_http._tcp", 80).instance("Cam")).unwrap();
        board
    }

    /// Without addresses and names.
    pub fn bare<const RECEIVED: usize>() -> Self {
        Self::with::<RECEIVED, 2>()
    }

    /// With an endpoint that has room for so many addresses.
    pub fn with<const RECEIVED: usize, const ADDRESSES: usize>() -> Self {
        Self::sized::<RECEIVED, 1440, ADDRESSES>()
    }

    /// With room for so many octets that wait to be sent.
    pub fn sized<const RECEIVED: usize, const SENT: usize, const ADDRESSES: usize>() -> Self {
        let mut port = Port::new();
        let interface = interface(&mut port, BOARD);
        let mut sockets = SocketSet::new(&mut leak([SocketStorage::EMPTY; 3])[..]);
        let link = Link::open(&mut sockets, leak(LinkStorage::<RECEIVED, SENT>::new()));
        let storage = leak(EndpointStorage::<ADDRESSES, 2, 0, 2, 1024, 8>::new());
        let endpoint = Endpoint::new(storage, Config::new(7));
        Self { millis: 5_000, port, interface, sockets, link, endpoint, events: Vec::new() }
    }

    pub fn set_addresses(&mut self, addresses: &[&str]) {
        set_addresses(&mut self.interface, addresses);
    }

    pub fn turn(&mut self) -> Result<(), LinkError> {
        let events = &mut self.events;
        self.link.turn(
            Instant::from_millis(self.millis),
            &mut self.interface,
            &mut self.port,
            &mut self.sockets,
            &mut self.endpoint,
            &mut |_, event| events.push(event),
        )
    }

    pub fn delay(&mut self) -> Option<Duration> {
        let now = Instant::from_millis(self.millis);
        self.link.poll_delay(now, &mut self.interface, &self.sockets, &self.endpoint)
    }

    /// Goes on for so long, sleeping as a loop does; what was sent, and when.
    pub fn run(&mut self, millis: i64) -> Vec<(i64, Sent)> {
        let (start, end) = (self.millis, self.millis + millis);
        let mut sent = Vec::new();
        for _ in 0..10_000 {
            self.turn().unwrap();
            let frames = self.port.from_board.drain(..).filter_map(|frame| frames::read(&frame));
            sent.extend(frames.map(|frame| (self.millis - start, frame)));
            let delay = self.delay().map_or(i64::MAX, |delay| delay.total_millis() as i64);
            if delay > end - self.millis {
                self.millis = end;
                return sent;
            }
            self.millis += delay;
        }
        panic!("the loop does not sleep: {:?}", self.delay());
    }

    /// Until names are claimed and announced.
    pub fn settle(&mut self) {
        self.run(5_000);
    }

    pub fn hand_in(&mut self, frame: Vec<u8>) {
        self.port.to_board.push_back(frame);
    }

    /// A query from `from` to `to`.
    pub fn ask(&mut self, from: &str, to: &str, name: &str, qu: bool) {
        let octets = query(name, qu);
        self.hand_in(frames::datagram(from.parse().unwrap(), to.parse().unwrap(), &octets));
    }
}

pub fn query(name: &str, qu: bool) -> Vec<u8> {
    let mut buf = [0; 300];
    let class = if qu { Class(0x8001) } else { Class::IN };
    Message::query(&mut buf, 0).question_of(name, Type::ANY, class).unwrap().finish().to_vec()
}

/// The datagrams among what was sent: when, from where, to where, whether it is a response.
pub fn datagrams(sent: &[(i64, Sent)]) -> Vec<(i64, SocketAddr, SocketAddr, bool)> {
    sent.iter()
        .filter_map(|(at, frame)| match frame {
            Sent::Datagram { from, to, hop_limit, octets } => {
                assert_eq!(*hop_limit, 255);
                let message = Message::parse(octets).unwrap().check().unwrap();
                Some((*at, *from, *to, message.header().is_response()))
            }
            _ => None,
        })
        .collect()
}
