//! Membership in the groups of mDNS.

use core::net::IpAddr;

use ::smoltcp::iface::MulticastError;
use ::smoltcp::phy::Device;
use ::smoltcp::wire::IpCidr;

use super::stack::Stack;
use super::watch::Watched;
use crate::mdns::{GROUP_V4, GROUP_V6};

/// The groups that an interface is in.
#[derive(Debug)]
pub(super) struct Groups {
    of: [Membership; 2],
}

/// What is known of one.
#[derive(Clone, Copy, Debug)]
struct Membership {
    is_joined: bool,
    /// It is to be left, and joined anew if the interface has an address of the family.
    is_stale: bool,
}

impl Groups {
    /// The group of each family.
    pub(super) const ALL: [IpAddr; 2] = [IpAddr::V4(GROUP_V4), IpAddr::V6(GROUP_V6)];

    /// In none yet.
    pub(super) const fn new() -> Self {
        Self { of: [Membership { is_joined: false, is_stale: true }; 2] }
    }

    /// They are to be left and joined anew. The new report tells switches that we are (still) here.
    pub(super) fn renew(&mut self) {
        self.of.iter_mut().for_each(|membership| membership.is_stale = true);
    }

    /// Whether something is left to do.
    pub(super) fn are_stale(&self) -> bool {
        self.of.iter().any(|membership| membership.is_stale)
    }

    /// Does what there is to do, as far as the device takes frames and the interface has room; the rest waits for the next
    /// time.
    ///
    /// # Errors
    /// The interface has no room for another group.
    pub(super) fn update<D: Device + ?Sized>(
        &mut self,
        stack: &mut Stack<'_, '_, Watched<'_, D>>,
    ) -> Result<(), MulticastError> {
        let mut updated = Ok(());
        for (membership, group) in self.of.iter_mut().zip(Self::ALL) {
            if !membership.is_stale {
                continue;
            }
            // smoltcp reports nothing of a group that is joined before it has been left: the frame has to leave first,
            // and before it those of other groups.
            stack.send_queued();
            if stack.interface.has_multicast_group(group) {
                if stack.device.transmit(stack.now).is_none() {
                    continue;
                }
                stack.device.members.of_mdns &= group.is_ipv4();
                stack.interface.leave_multicast_group(group)?;
                stack.send_queued();
            }
            *membership = Membership { is_joined: false, is_stale: false };
            // Without an address nothing can be sent, a report neither.
            if has_family_of(stack.interface.ip_addrs(), group) {
                stack.device.members.of_mdns |= group.is_ipv6();
                let joined = stack.interface.join_multicast_group(group);
                stack.send_queued();
                *membership = Membership { is_joined: joined.is_ok(), is_stale: joined.is_err() };
                updated = updated.and(joined);
            }
        }
        updated
    }

    /// Whether the interface is in the one of IPv6.
    pub(super) fn has_v6(&self) -> bool {
        self.joined().any(|group| group.is_ipv6())
    }

    /// Those that it is in, as far as it is known to have left the others.
    pub(super) fn joined(&self) -> impl Iterator<Item = IpAddr> + use<> {
        let of = self.of;
        of.into_iter().zip(Self::ALL).filter(|(membership, _)| membership.is_joined).map(|(_, group)| group)
    }
}

/// Whether something can be sent to `group`: from an address that is none yet smoltcp sends too.
pub(super) fn has_family_of<'a>(addresses: impl IntoIterator<Item = &'a IpCidr>, group: IpAddr) -> bool {
    let is_of_family = |ip: IpAddr| ip.is_ipv4() == group.is_ipv4() && !ip.is_unspecified();
    addresses.into_iter().any(|own| is_of_family(own.address().into()))
}
