//! A device that is found under its name, and finds others: a poll loop around smoltcp, without `async` and allocator.
#![no_std]
#![no_main]

mod board;
mod enet;
mod tell;

use board::{Arguments, Board};
use cortex_m_semihosting::hprintln;
use dotlocal::adapter::smoltcp::{Link, LinkStorage};
use dotlocal::mdns::{Config, Endpoint, EndpointStorage, Families, Service, Until};
use enet::{Enet, Frames};
use smoltcp::iface::{SocketSet, SocketStorage};
use static_cell::ConstStaticCell;

static TEXT: ConstStaticCell<[u8; 128]> = ConstStaticCell::new([0; 128]);
static FRAMES: ConstStaticCell<Frames> = ConstStaticCell::new(Frames::new());
static BUFFERS: ConstStaticCell<LinkStorage> = ConstStaticCell::new(LinkStorage::new());
/// 2 addresses, 2 names (host and service), no TXT that changes, 2 requests, 2 KiB for what they find.
static STORAGE: ConstStaticCell<EndpointStorage<'static, 2, 2, 0, 2, 2048>> =
    ConstStaticCell::new(EndpointStorage::new());

#[cortex_m_rt::entry]
fn main() -> ! {
    let Arguments { host, address, seconds, find, service_type } = Arguments::read(TEXT.take());
    let (mut board, mut device) = (Board::start(), Enet::start(FRAMES.take()));

    let mut interface = enet::interface(&mut device, address, board.now());
    let mut places = [SocketStorage::EMPTY; 2];
    let mut sockets = SocketSet::new(&mut places[..]);
    let mut link = Link::open(&mut sockets, BUFFERS.take());

    let mut endpoint = Endpoint::new(STORAGE.take(), Config::new(device.seed()));
    endpoint.set_hostname(host).unwrap();
    endpoint.register(Service::new("_http._tcp", 80).instance("Cortex-M3").txt(&[("path", "/")])).unwrap();
    endpoint.lookup(find, Families::Both, Until::Cancelled).unwrap();
    endpoint.browse(service_type).unwrap();

    hprintln!("ready as {}", host);
    let end = board.now() + seconds;
    loop {
        let letter = board.letter(end);
        match letter {
            // A real board asks its PHY; QEMU emulates none.
            Some(b'u') => link.link_up(),
            Some(b'd') => link.link_down(),
            Some(b'q') => endpoint.stop(),
            _ => {}
        }
        let (now, on_event) = (board.now(), &mut tell::event);
        tell::error(link.turn(now, &mut interface, &mut device, &mut sockets, &mut endpoint, on_event));
        if letter == Some(b'q') {
            break;
        }
        board.sleep(link.poll_delay(now, &mut interface, &sockets, &endpoint), end, &device);
    }
    hprintln!("{:?}, stack: {} octets", link.counters(), board::most_stack());
    board::exit(0)
}
