//! The loop, as one future.

use core::convert::Infallible;
use core::future::{Future, poll_fn};
use core::net::IpAddr;
use core::pin::pin;
use core::task::{Context, Poll};

use embassy_net::udp::UdpMetadata;
use embassy_net::{IpAddress, Stack};
use embassy_time::Timer;

use super::follow::{Change, Follow, group_of};
use super::now;
use super::servers::Servers;
use super::shared::Shared;
use super::sockets::Sockets;
use super::speaks::Speaks;
use crate::mdns::{Endpoint, GROUP_V4, GROUP_V6, PORT};
use crate::{Channel, Destination, Disposition, Instant, Meta};

/// Drives a machine on a stack: to be run by a task of its own, on the executor of the stack and of all handles.
pub struct Runner<'d, M = Endpoint<'d, 'd>, S = ()> {
    stack: Stack<'d>,
    shared: &'d Shared<'d, M>,
    sockets: Sockets<'d>,
    servers: S,
    follow: Follow,
    /// A message for the groups, as long as this, and the families over which it has yet to leave.
    unsent: Option<(usize, Families)>,
    /// When the task wanted to be woken, whatever happens.
    due: Option<Instant>,
}

impl<'d, M: Speaks<'d>, S: Servers<M>> Runner<'d, M, S> {
    /// A runner whose machine knows that the link is down, until something else is seen.
    pub(super) fn new(stack: Stack<'d>, shared: &'d Shared<'d, M>, sockets: Sockets<'d>, servers: S) -> Self {
        shared.machine.borrow_mut().link_down();
        Self { stack, shared, sockets, servers, follow: Follow::new(), unsent: None, due: None }
    }

    /// Runs for ever. Where it is dropped and called again, it goes on; in between nothing is heard and said.
    pub async fn run(&mut self) -> ! {
        match poll_fn(|cx| self.turn(cx)).await {}
    }

    /// Does all that can be done now.
    fn turn(&mut self, cx: &mut Context<'_>) -> Poll<Infallible> {
        let now = now();
        // Whether there may be something to tell.
        let mut is_news = self.shared.watch(cx.waker());
        is_news |= self.due.is_some_and(|due| due.is_due(now));
        // Nothing of the machine was due as long as the stack had something to send.
        is_news |= self.unsent.is_some();
        is_news |= self.follow_stack(now, cx);
        is_news |= self.servers.follow(self.stack, &mut self.shared.machine.borrow_mut());
        self.shared.machine.borrow_mut().handle_timeout(now);
        let mut is_drained = self.drain(now, cx);
        // There are no more than the buffer has room for: the task of the stack is not running.
        while let Some(disposition) = self.receive(now, cx) {
            is_news |= disposition == Some(Disposition::Used);
            is_drained = self.drain(now, cx);
        }
        if is_news {
            self.shared.tell();
        }
        let machine = self.shared.machine.borrow();
        // What is due is due until it can be sent.
        let of_machine = if is_drained { machine.poll_timeout() } else { None };
        let others = [self.follow.due(now), self.sockets.group.due(), self.sockets.unicast.due()];
        self.due = others.into_iter().flatten().chain(of_machine).reduce(|a, b| a.nearer(b, now));
        if let Some(due) = self.due
            && pin!(Timer::after_millis(due.millis_until(now).into())).poll(cx).is_ready()
        {
            cx.waker().wake_by_ref();
        }
        Poll::Pending
    }

    /// Tells the machine what has changed of the link.
    fn follow_stack(&mut self, now: Instant, cx: &mut Context<'_>) -> bool {
        let mut has_changed = false;
        if self.shared.has_moved.take() {
            self.follow.begin_anew(self.stack, now);
            self.set_addresses();
        }
        while let Some(change) = self.follow.next(self.stack, now, cx) {
            has_changed = true;
            match change {
                Change::Down => {
                    self.shared.is_up.set(false);
                    self.shared.machine.borrow_mut().link_down();
                    self.clear();
                }
                Change::Addresses => {
                    self.set_addresses();
                    self.clear();
                }
                Change::Joined => {
                    if !self.shared.is_up.replace(true) {
                        self.shared.machine.borrow_mut().link_up();
                    }
                }
            }
        }
        has_changed
    }

    fn set_addresses(&self) {
        let mut addresses = [(IpAddr::V4(GROUP_V4), 0); 2];
        let own = addresses.iter_mut().zip(self.follow.addresses());
        let count = own.map(|(place, address)| *place = address).count();
        // What there is no room for is left out.
        let _ = self.shared.machine.borrow_mut().set_addresses(addresses.get(..count).unwrap_or(&[]));
    }

    /// Throws away what has not left: it tells of addresses that are gone, or is for hosts that are.
    fn clear(&mut self) {
        self.unsent = None;
        self.sockets.group.clear();
        self.sockets.unicast.clear();
    }

    /// Sends what is due; `false` where the stack has to send something first.
    fn drain(&mut self, now: Instant, cx: &mut Context<'_>) -> bool {
        let Sockets { group, unicast, message } = &mut self.sockets;
        loop {
            while let Some((len, mut families)) = self.unsent {
                if !group.is_flushed(now, cx) {
                    return false;
                }
                let to = families.take(&self.follow);
                if let (Some(to), Some(octets)) = (to, message.get(..len)) {
                    group.send(octets, (to, PORT).into(), cx);
                }
                self.unsent = to.map(|_| (len, families));
            }
            let mut machine = self.shared.machine.borrow_mut();
            let Some(transmit) = machine.poll_transmit(now, message) else {
                self.servers.tidy(&mut machine);
                break;
            };
            match (transmit.channel, transmit.to) {
                (Channel::Mdns, Destination::Multicast) => {
                    self.unsent = Some((transmit.bytes.len(), Families::ALL))
                }
                (Channel::Mdns, Destination::Unicast(to)) => {
                    unicast.is_flushed(now, cx);
                    unicast.send(transmit.bytes, to, cx);
                }
                _ => self.servers.send(&transmit, cx),
            }
        }
        // The task is woken, and time counts, as long as something is there.
        group.is_flushed(now, cx);
        unicast.is_flushed(now, cx);
        true
    }

    /// Takes one datagram in: `None` when there is none, and nothing within where it is none of ours.
    fn receive(&mut self, now: Instant, cx: &mut Context<'_>) -> Option<Option<Disposition>> {
        let machine = &self.shared.machine;
        let of_link = self.sockets.group.receive(cx, |octets, received| {
            let meta = meta(&received)?;
            Some(machine.borrow_mut().handle_datagram(now, meta, octets))
        });
        of_link.or_else(|| self.servers.receive(machine, now, cx).map(Some))
    }
}

/// Where a datagram came from; `None` where it was sent to another group, or to everybody.
fn meta(received: &UdpMetadata) -> Option<Meta> {
    let multicast = match received.local_address {
        None | Some(IpAddress::Ipv4(GROUP_V4)) | Some(IpAddress::Ipv6(GROUP_V6)) => true,
        Some(to) if to.is_unicast() => false,
        Some(_) => return None,
    };
    Some(Meta::mdns(received.endpoint.into(), multicast))
}

/// Those over which a message has yet to leave.
#[derive(Clone, Copy)]
struct Families {
    v4: bool,
    v6: bool,
}

impl Families {
    const ALL: Self = Self { v4: true, v6: true };

    /// The group of the next one of those that the link has.
    fn take(&mut self, follow: &Follow) -> Option<IpAddr> {
        let (address, _) = follow.addresses().find(|(ip, _)| if ip.is_ipv4() { self.v4 } else { self.v6 })?;
        *if address.is_ipv4() { &mut self.v4 } else { &mut self.v6 } = false;
        Some(group_of(address))
    }
}
