//! The chip's Ethernet controller, for smoltcp (LM3S6965 data sheet, chapter 15).
//!
//! Frames pass through two FIFOs behind one register, a word of 32 bits at a time, the first octet in its lowest bits.
//! A received frame begins with 16 bits of length, which count themselves and the four octets of checksum behind it; a
//! frame to send begins with 16 bits that tell how long it is behind its Ethernet header. The driver polls: no interrupts.

use core::ptr::{read_volatile, write_volatile};

use smoltcp::iface::{Config, Interface};
use smoltcp::phy::{self, DeviceCapabilities, Medium};
use smoltcp::time::Instant;
use smoltcp::wire::{EthernetAddress, HardwareAddress, IpCidr, Ipv6Address, Ipv6Cidr};

/// A register of the controller, by its offset.
#[derive(Clone, Copy)]
enum Register {
    Acknowledge = 0x00,
    InterruptMask = 0x04,
    ReceiveControl = 0x08,
    SendControl = 0x0C,
    Data = 0x10,
    AddressLow = 0x14,
    AddressHigh = 0x18,
    FramesWaiting = 0x34,
    SendRequest = 0x38,
}

impl Register {
    fn at(self) -> *mut u32 {
        (0x4004_8000 + self as usize) as *mut u32
    }

    fn read(self) -> u32 {
        // SAFETY: a register of this chip. Only `Enet` reads those of which reading changes something.
        unsafe { read_volatile(self.at()) }
    }

    fn write(self, value: u32) {
        // SAFETY: as above.
        unsafe { write_volatile(self.at(), value) }
    }
}

/// The longest frame, without its checksum.
const MAX_FRAME: usize = 1514;
/// Destination, source and type.
const HEADER: usize = 14;
/// The length in front of a received frame, and the checksum behind it.
const AROUND: usize = 2 + 4;

/// A frame for each direction.
pub struct Frames {
    received: [u8; MAX_FRAME],
    to_send: [u8; MAX_FRAME],
}

impl Frames {
    pub const fn new() -> Self {
        Self { received: [0; MAX_FRAME], to_send: [0; MAX_FRAME] }
    }
}

/// The controller.
pub struct Enet {
    frames: &'static mut Frames,
}

impl Enet {
    /// Switches the controller on. To be called once.
    pub fn start(frames: &'static mut Frames) -> Self {
        let gate = 0x400F_E108 as *mut u32;
        // SAFETY: the clock gates of this chip: those of the controller and its PHY.
        unsafe { write_volatile(gate, read_volatile(gate) | 1 << 28 | 1 << 30) };
        Register::InterruptMask.write(0);
        Register::Acknowledge.write(0x7F);
        // Empty the FIFO; then receive, multicast too, and drop what has a wrong checksum.
        Register::ReceiveControl.write(0x10);
        Register::ReceiveControl.write(0x0B);
        // Send at full duplex, with padding and checksum.
        Register::SendControl.write(0x0F);
        Self { frames }
    }

    /// A number in which boards of one link differ.
    pub fn seed(&self) -> u32 {
        let [_, _, seed @ ..] = self.hardware_address();
        u32::from_le_bytes(seed)
    }

    /// The address that the emulator has chosen. On hardware it is to be set first.
    fn hardware_address(&self) -> [u8; 6] {
        let [a, b, c, d] = Register::AddressLow.read().to_le_bytes();
        let [e, f, ..] = Register::AddressHigh.read().to_le_bytes();
        [a, b, c, d, e, f]
    }

    pub fn has_frame(&self) -> bool {
        Register::FramesWaiting.read() & 0x3F != 0
    }

    /// Takes the next frame out of the FIFO, all of its words; its length, or `None` for one that is no Ethernet frame or
    /// longer than it may be.
    fn receive_frame(&mut self) -> Option<usize> {
        let [l0, l1, first @ ..] = Register::Data.read().to_le_bytes();
        let length = usize::from(u16::from_le_bytes([l0, l1]));
        let words = (1..length.div_ceil(4)).flat_map(|_| Register::Data.read().to_le_bytes());
        let mut room = self.frames.received.iter_mut();
        for octet in first.into_iter().chain(words) {
            if let Some(place) = room.next() {
                *place = octet;
            }
        }
        length.checked_sub(AROUND).filter(|len| (HEADER..=MAX_FRAME).contains(len))
    }
}

/// An interface at `address`, and at the link-local address that follows from that of the hardware.
pub fn interface(device: &mut Enet, address: Option<IpCidr>, now: Instant) -> Interface {
    let hardware = HardwareAddress::Ethernet(EthernetAddress(device.hardware_address()));
    let mut config = Config::new(hardware);
    config.random_seed = device.seed().into();
    let mut interface = Interface::new(config, device, now);
    let prefix = Ipv6Cidr::new(Ipv6Address::new(0xFE80, 0, 0, 0, 0, 0, 0, 0), 64);
    let link_local = Ipv6Cidr::from_link_prefix(&prefix, hardware);
    interface.update_ip_addrs(|addresses| {
        for address in address.into_iter().chain(link_local.map(IpCidr::Ipv6)) {
            addresses.push(address).unwrap();
        }
    });
    interface
}

/// Puts a frame into the FIFO and has it sent.
fn send_frame(frame: &[u8]) {
    // The one before.
    while Register::SendRequest.read() & 1 != 0 {}
    let length = (frame.len().saturating_sub(HEADER) as u16).to_le_bytes();
    let mut octets = length.into_iter().chain(frame.iter().copied());
    for _ in 0..(length.len() + frame.len()).div_ceil(4) {
        let mut word = [0; 4];
        word.iter_mut().zip(&mut octets).for_each(|(place, octet)| *place = octet);
        Register::Data.write(u32::from_le_bytes(word));
    }
    Register::SendRequest.write(1);
}

pub struct Received<'e>(&'e [u8]);
pub struct Room<'e>(&'e mut [u8; MAX_FRAME]);

impl phy::RxToken for Received<'_> {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, take: F) -> R {
        take(self.0)
    }
}

impl phy::TxToken for Room<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, len: usize, fill: F) -> R {
        // smoltcp asks for no more than the capabilities allow.
        let frame = &mut self.0[..len];
        let filled = fill(frame);
        send_frame(frame);
        filled
    }
}

impl phy::Device for Enet {
    type RxToken<'a> = Received<'a>;
    type TxToken<'a> = Room<'a>;

    fn receive(&mut self, _: Instant) -> Option<(Received<'_>, Room<'_>)> {
        while self.has_frame() {
            if let Some(len) = self.receive_frame() {
                return Some((Received(&self.frames.received[..len]), Room(&mut self.frames.to_send)));
            }
        }
        None
    }

    fn transmit(&mut self, _: Instant) -> Option<Room<'_>> {
        Some(Room(&mut self.frames.to_send))
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.medium = Medium::Ethernet;
        capabilities.max_transmission_unit = MAX_FRAME;
        capabilities.max_burst_size = Some(1);
        capabilities
    }
}
