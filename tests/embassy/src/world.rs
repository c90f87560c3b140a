//! Boards on one wire.

use std::net::{Ipv4Addr, SocketAddr};

use dotlocal::adapter::embassy::{self, Mdns, Resources, link_local};
use dotlocal::mdns::Config;
use embassy_net::{ConfigV4, Ipv4Cidr, Stack, StackResources, StaticConfigV4};

use crate::clock::Clock;
use crate::frame;
use crate::tasks::Tasks;
use crate::wire::{Card, Wire};

/// Time passes in steps as long as this.
const STEP_MILLIS: u64 = 5;

/// One clock, one wire, one executor.
pub struct World {
    pub clock: Clock,
    pub tasks: Tasks,
    pub wire: Wire,
}

/// A board, whose two tasks run.
#[derive(Clone, Copy)]
pub struct Board {
    pub mdns: Mdns<'static>,
    pub stack: Stack<'static>,
    /// The number of its card.
    pub card: usize,
    /// The task of its runner.
    pub runner: usize,
}

impl World {
    pub fn begin() -> Self {
        Self { clock: Clock::begin(), tasks: Tasks::new(), wire: Wire::new() }
    }

    /// A stack without addresses, and the number of its card.
    pub fn stack(&mut self) -> (Stack<'static>, usize) {
        let card = self.wire.card();
        let number = card.number;
        let (stack, runner) =
            embassy_net::new(card, embassy_net::Config::default(), leak(StackResources::<8>::new()), 7);
        self.tasks.start(run_stack(runner));
        (stack, number)
    }

    /// One at 192.0.2.`last`.
    pub fn stack_at(&mut self, last: u8) -> Stack<'static> {
        let (stack, _) = self.stack();
        stack.set_config_v4(v4(last, &[]));
        stack
    }

    /// A board without addresses: 1 host and 2 services, 3 requests.
    pub fn board(&mut self) -> Board {
        let (stack, card) = self.stack();
        let resources = leak(Resources::<'static, 3, 0, 3, 2048>::new());
        let (mdns, mut runner) = embassy::new(stack, resources, Config::new(card as u32)).unwrap();
        let runner = self.tasks.start(async move { runner.run().await });
        Board { mdns, stack, card, runner }
    }

    /// A board at 192.0.2.`last` and with its link-local address, called `name`, a second later.
    pub fn named_board(&mut self, name: &'static str) -> Board {
        let board = self.board();
        board.set_v4(board.card as u8 + 1);
        board.set_v6();
        board.mdns.set_hostname(name).unwrap();
        board
    }

    /// Lets time pass.
    pub fn pass(&mut self, millis: u64) {
        let end = self.clock.millis() + millis;
        self.tasks.run();
        while self.clock.millis() < end {
            self.clock.advance_millis(STEP_MILLIS);
            self.tasks.run();
        }
    }

    /// Lets time pass until something is so, or panics.
    pub fn until(&mut self, what: &str, within_millis: u64, mut is_so: impl FnMut() -> bool) {
        let end = self.clock.millis() + within_millis;
        self.tasks.run();
        while !is_so() {
            assert!(self.clock.millis() < end, "not within {within_millis} ms: {what}");
            self.clock.advance_millis(STEP_MILLIS);
            self.tasks.run();
        }
    }

    /// The datagrams at port 5353 that a card has sent since the last call.
    pub fn take_datagrams(&self, card: usize) -> Vec<frame::Datagram> {
        let sent = self.wire.take_sent();
        let of_card = sent.iter().filter(|frame| frame.card == card);
        of_card.filter_map(|frame| frame::Datagram::parse(&frame.octets)).collect()
    }
}

impl Board {
    pub fn v4(&self) -> Ipv4Addr {
        Ipv4Addr::new(192, 0, 2, self.card as u8 + 1)
    }

    pub fn set_v4(&self, last: u8) {
        self.stack.set_config_v4(v4(last, &[]));
    }

    pub fn set_v6(&self) {
        self.stack.set_config_v6(link_local([2, 0, 0, 0, 0, self.card as u8 + 1]));
    }
}

/// 192.0.2.`last`, with DNS servers of the same network.
pub fn v4(last: u8, servers: &[u8]) -> ConfigV4 {
    let address = |last| Ipv4Addr::new(192, 0, 2, last);
    ConfigV4::Static(StaticConfigV4 {
        address: Ipv4Cidr::new(address(last), 24),
        gateway: None,
        dns_servers: servers.iter().map(|last| address(*last)).collect(),
    })
}

/// A host that speaks by hand.
pub struct Stranger {
    wire: Wire,
    card: usize,
    pub address: SocketAddr,
}

impl World {
    /// One at 192.0.2.`last`, port 5353, that answers no ARP.
    pub fn stranger(&mut self, last: u8) -> Stranger {
        let Card { number, .. } = self.wire.card();
        Stranger { wire: self.wire.clone(), card: number, address: ([192, 0, 2, last], 5353).into() }
    }
}

impl Stranger {
    /// Sends a message to the group.
    pub fn multicast(&self, message: &[u8]) {
        let group = ([224, 0, 0, 251], 5353).into();
        self.wire.send(self.card, &frame::udp(self.address, group, message));
    }

    /// The same as two fragments.
    pub fn in_fragments(&self, message: &[u8]) {
        let group = ([224, 0, 0, 251], 5353).into();
        for fragment in frame::fragments(&frame::udp(self.address, group, message)) {
            self.wire.send(self.card, &fragment);
        }
    }
}

async fn run_stack(mut runner: embassy_net::Runner<'static, Card>) {
    runner.run().await
}

pub fn leak<T>(value: T) -> &'static mut T {
    Box::leak(Box::new(value))
}
