//! What the stack says of its link and its addresses.

use core::future::Future;
use core::net::IpAddr;
use core::pin::pin;
use core::task::Context;

use embassy_net::{IpAddress, IpCidr, MulticastError, Stack};

use crate::Instant;
use crate::mdns::{GROUP_V4, GROUP_V6};

/// What was last seen of a stack, and which groups it is in.
pub(super) struct Follow {
    seen: Seen,
    /// When the groups that were left are joined again.
    join_at: Option<Instant>,
    is_joined: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Seen {
    is_up: bool,
    v4: Option<(IpAddr, u8)>,
    v6: Option<(IpAddr, u8)>,
}

/// What has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// No packet passes any more, or there is no address.
    Down,
    /// The addresses are these, and the groups are left.
    Addresses,
    /// The groups are joined.
    Joined,
}

impl Follow {
    pub(super) const fn new() -> Self {
        Self { seen: Seen { is_up: false, v4: None, v6: None }, join_at: None, is_joined: false }
    }

    /// The next change of `stack`. Call it until it is `None`; the task is woken when there is another one.
    pub(super) fn next(&mut self, stack: Stack<'_>, now: Instant, cx: &mut Context<'_>) -> Option<Change> {
        // embassy-net wakes one task alone that waits, and that may be another one until there is an address.
        if self.seen.is_usable() {
            watch(stack, cx);
        }
        let seen = Seen::of(stack);
        if seen != self.seen {
            let was_usable = self.seen.is_usable();
            self.seen = seen;
            self.begin_anew(stack, now);
            return match seen.is_usable() {
                true => Some(Change::Addresses),
                false => was_usable.then_some(Change::Down),
            };
        }
        if !self.join_at?.is_due(now) {
            return None;
        }
        self.join_at = None;
        self.join(stack);
        Some(Change::Joined)
    }

    /// Leaves the groups, and joins them in a moment if the link can be used.
    pub(super) fn begin_anew(&mut self, stack: Stack<'_>, now: Instant) {
        self.leave(stack);
        self.join_at = self.seen.is_usable().then(|| now.after(APART_MILLIS));
    }

    /// When [`next`](Self::next) is to be called again, whatever the stack says.
    pub(super) fn due(&self, now: Instant) -> Option<Instant> {
        if self.seen.is_usable() { self.join_at } else { Some(now.after(LOOK_MILLIS)) }
    }

    /// The addresses of the link with their prefix lengths, IPv4 first.
    pub(super) fn addresses(&self) -> impl Iterator<Item = (IpAddr, u8)> {
        self.seen.v4.into_iter().chain(self.seen.v6)
    }

    /// Reports are sent from an address: a family without one is not joined.
    fn join(&mut self, stack: Stack<'_>) {
        for (address, _) in self.addresses() {
            // There was room when the runner was made; a group that has taken it since is not ours to leave.
            let _ = stack.join_multicast_group(group_of(address));
        }
        self.is_joined = true;
    }

    fn leave(&mut self, stack: Stack<'_>) {
        if core::mem::take(&mut self.is_joined) {
            leave_groups(stack);
        }
    }
}

impl Seen {
    fn of(stack: Stack<'_>) -> Self {
        let cidr = |cidr: IpCidr| (cidr.address().into(), cidr.prefix_len());
        Self {
            is_up: stack.is_link_up(),
            v4: stack.config_v4().map(|config| cidr(config.address.into())),
            v6: stack.config_v6().map(|config| cidr(config.address.into())),
        }
    }

    fn is_usable(&self) -> bool {
        self.is_up && (self.v4.is_some() || self.v6.is_some())
    }
}

/// The group of the family of `address`.
pub(super) fn group_of(address: IpAddr) -> IpAddr {
    if address.is_ipv4() { GROUP_V4.into() } else { GROUP_V6.into() }
}

/// Whether the stack has room for both groups.
pub(super) fn try_groups(stack: Stack<'_>) -> Result<(), MulticastError> {
    let joined = GROUPS.into_iter().try_for_each(|group| stack.join_multicast_group(group));
    leave_groups(stack);
    joined
}

fn leave_groups(stack: Stack<'_>) {
    for group in GROUPS {
        // It fails for what is no group.
        let _ = stack.leave_multicast_group(group);
    }
}

/// Has the task woken when the link or an address changes. One waker of the stack serves all that can be waited for.
fn watch(stack: Stack<'_>, cx: &mut Context<'_>) {
    let is_over = if stack.is_link_up() {
        pin!(stack.wait_link_down()).poll(cx)
    } else {
        pin!(stack.wait_link_up()).poll(cx)
    };
    if is_over.is_ready() {
        cx.waker().wake_by_ref();
    }
}

const GROUPS: [IpAddress; 2] = [IpAddress::Ipv4(GROUP_V4), IpAddress::Ipv6(GROUP_V6)];
/// A group that is joined at once after it was left is one that was never left: the stack has to run in between.
const APART_MILLIS: u32 = 20;
/// How often a stack is looked at that cannot be used.
const LOOK_MILLIS: u32 = 500;
