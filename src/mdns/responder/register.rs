//! What the application says of its names and records: each call is checked first, then carried out whole.

use core::net::IpAddr;

use super::error::check_hostname;
use super::extra::{ExtraRecord, RecordSet, check_extra};
use super::handle::{Claimed, Handle, HostId, RecordsId, ServiceId};
use super::kinds::Kinds;
use super::service::{LabelError, Txt, check_label};
use super::slot::{Claim, Flags, Goodbye, News, Owner, Slot};
use super::{ChangeError, HOST, HostnameError, RecordsError, RegisterError, Responder, Service};
use crate::dns_sd::TxtData;
use crate::mdns::link::AddressesError;
use crate::mdns::own_name::OwnName;
use crate::name::NameBuf;
use crate::wire::Type;

impl<'a> Responder<'_, 'a> {
    /// Claims a host name: `kitchen-cam` will be found as `kitchen-cam.local`. It is borrowed and costs no RAM.
    ///
    /// Once there is an address, the name is probed for before it is used, 750 to 1000 ms on a quiet link; until then
    /// nothing is answered under it ([RFC 6762 section 8.1](https://www.rfc-editor.org/rfc/rfc6762#section-8.1)).
    /// [`Established`](super::ResponderEvent::Established) says that it is ours,
    /// [`Renamed`](super::ResponderEvent::Renamed) that it became `kitchen-cam-2`; then the application may as well
    /// choose another name itself, by this call. An old name says goodbye first.
    ///
    /// # Errors
    /// Not a label of 1 to 63 octets, or one that is registered already. After an error the name from before still
    /// stands.
    pub fn set_hostname(&mut self, label: &'a str) -> Result<(), HostnameError> {
        check_hostname(label)?;
        let extra = match self.slot(HOST) {
            Some(Slot { owner: Owner::Host(own, _), claim, .. })
                if *own == label && !matches!(claim, Claim::Leaving) =>
            {
                return Ok(());
            }
            Some(slot) => slot.extra(),
            None => &[],
        };
        if self.has_name(OwnName::Host(label, 0), HOST, false) {
            return Err(HostnameError::Duplicate);
        }
        self.rename(HOST, 0, Some(Owner::Host(label, extra)), false);
        Ok(())
    }

    /// Sets the addresses of this device on the link, each with the length of its prefix, which tells who is on the
    /// link (RFC 6762 section 11). When they change, the host is announced anew.
    ///
    /// A device with two interfaces on one network hears itself: give both responders all addresses, or let the driver
    /// drop what the device sent itself, as the std adapter does. Else each takes the other for a rival.
    ///
    /// # Errors
    /// More than the storage has room for; the old ones still stand.
    pub fn set_addresses(&mut self, addresses: &[(IpAddr, u8)]) -> Result<(), AddressesError> {
        if self.addresses.are(addresses) {
            return Ok(());
        }
        // What is refused changes nothing, so what stands is no old data by it.
        self.addresses.check(addresses)?;
        self.note_old_data(HOST, Kinds::A.with(Kinds::AAAA));
        self.addresses.set(addresses)?;
        self.lose_family(HOST, &[]);
        self.has_new_name = true;
        self.announce_again(HOST);
        Ok(())
    }

    /// Publishes records beside the host's addresses, such as HINFO, instead of those that were before; at most 4, of
    /// other types than A and AAAA.
    ///
    /// # Errors
    /// Records that cannot be published there; nothing changes then.
    pub fn set_host_records(&mut self, records: &'a [ExtraRecord<'a>]) -> Result<(), RecordsError> {
        check_extra(records, Kinds::HOST_EXTRA, &[Type::A, Type::AAAA])?;
        self.replace_extra(HOST, records);
        Ok(())
    }

    /// Registers a service: it is probed for, announced, and answered for until
    /// [`unregister`](Self::unregister) (RFC 6763 sections 4 to 7).
    ///
    /// # Errors
    /// A service that cannot be published, no free slot, or an instance that is registered already. Nothing changes
    /// then.
    pub fn register(&mut self, service: Service<'a>) -> Result<ServiceId, RegisterError> {
        service.check().map_err(RegisterError::Service)?;
        if service.host != Handle::HOST && self.index_of(service.host).is_none() {
            return Err(RegisterError::UnknownHost);
        }
        self.take_slot(Owner::Service(service), false).map(ServiceId)
    }

    /// Registers another host, for which this device speaks: services may [run on it](Service::host), and its name is
    /// claimed like the own one. Without addresses its name is pointed to and never claimed: that is for a host that
    /// has a responder of its own.
    ///
    /// # Errors
    /// Not a host name, no free slot, or a name that is registered already. Nothing changes then.
    pub fn register_host(
        &mut self,
        label: &'a str,
        addresses: &'a [IpAddr],
    ) -> Result<HostId, RegisterError> {
        check_hostname(label).map_err(RegisterError::Host)?;
        self.take_slot(Owner::Other(label, addresses), false).map(HostId)
    }

    /// Changes the addresses of another host, and announces them.
    ///
    /// # Errors
    /// A stale handle.
    pub fn set_host_addresses(&mut self, host: HostId, addresses: &'a [IpAddr]) -> Result<(), ChangeError> {
        let index = self.index_of(host.0).ok_or(ChangeError::Unknown)?;
        self.note_old_data(index, Kinds::A.with(Kinds::AAAA));
        if let Some(Slot { owner: Owner::Other(_, known), .. }) = self.slot_mut(index) {
            let old = core::mem::replace(known, addresses);
            self.lose_family(index, old);
        }
        self.has_new_name = true;
        self.announce_again(index);
        Ok(())
    }

    /// Registers records of any type under a name of their own; at most 14.
    ///
    /// # Errors
    /// Records that cannot be published, no free slot, or a name that is registered already, unless both are shared.
    /// Nothing changes then.
    pub fn register_records(&mut self, set: RecordSet<'a>) -> Result<RecordsId, RegisterError> {
        check_set(set.records).map_err(RegisterError::Records)?;
        self.take_slot(Owner::Records(set.name, set.records), set.shared).map(RecordsId)
    }

    /// Publishes other records under the name: those that were before say goodbye.
    ///
    /// # Errors
    /// A stale handle, or records that cannot be published; nothing changes then.
    pub fn set_records(&mut self, id: RecordsId, records: &'a [ExtraRecord<'a>]) -> Result<(), ChangeError> {
        check_set(records).map_err(ChangeError::Records)?;
        let index = self.index_of(id.0).ok_or(ChangeError::Unknown)?;
        self.replace_extra(index, records);
        Ok(())
    }

    /// Replaces the TXT data of a service, copied into the storage, and announces it (RFC 6762 section 8.4). A pair takes
    /// the octets of key and value and two more.
    ///
    /// # Errors
    /// A stale handle, pairs that cannot be published, or more octets than TXT in the storage; nothing changes then.
    pub fn set_txt(&mut self, service: ServiceId, pairs: &[(&str, &str)]) -> Result<(), ChangeError> {
        self.copy_txt(service, TxtData::Pairs(pairs))
    }

    /// The same with octets as they go over the wire, for attributes without a value and values that are no text: see
    /// [`Service::txt_octets`].
    ///
    /// # Errors
    /// A stale handle, no strings behind their lengths, or more octets than TXT in the storage; nothing changes then.
    pub fn set_txt_octets(&mut self, service: ServiceId, octets: &[u8]) -> Result<(), ChangeError> {
        self.copy_txt(service, TxtData::Octets(octets))
    }

    fn copy_txt(&mut self, service: ServiceId, data: TxtData<'_>) -> Result<(), ChangeError> {
        data.check().map_err(ChangeError::Txt)?;
        let index = self.index_of(service.0).ok_or(ChangeError::Unknown)?;
        let (needed, capacity) = (data.len(), self.txt_each);
        if needed > capacity {
            return Err(ChangeError::TxtTooLong { needed, capacity });
        }
        self.note_old_data(index, Kinds::TXT);
        let start = index * capacity;
        let area = self.txt.get_mut(start..start + needed);
        let mut rest = area.ok_or(ChangeError::TxtTooLong { needed, capacity })?.iter_mut();
        data.emit(&mut |piece| rest.by_ref().zip(piece).for_each(|(slot, octet)| *slot = *octet));
        self.change(index, |service| service.txt = Txt::Copied(needed as u16));
        Ok(())
    }

    /// Changes the port of a service, and announces it.
    ///
    /// # Errors
    /// A stale handle.
    pub fn set_port(&mut self, service: ServiceId, port: u16) -> Result<(), ChangeError> {
        let index = self.index_of(service.0).ok_or(ChangeError::Unknown)?;
        self.note_old_data(index, Kinds::SRV);
        self.change(index, |service| service.port = port);
        Ok(())
    }

    /// Gives a service another instance name, which is probed for. The old one says goodbye first.
    ///
    /// # Errors
    /// A stale handle, not an instance name, or one that is registered already; nothing changes then.
    pub fn set_instance(&mut self, service: ServiceId, instance: &'a str) -> Result<(), ChangeError> {
        let index = self.index_of(service.0).ok_or(ChangeError::Unknown)?;
        check_label(instance).map_err(|error| match error {
            LabelError::Empty => ChangeError::Instance { octets: 0 },
            LabelError::TooLong { octets } => ChangeError::Instance { octets },
        })?;
        let Some(&Slot { owner: Owner::Service(service), .. }) = self.slot(index) else {
            return Err(ChangeError::Unknown);
        };
        if self.has_name(OwnName::Instance(instance, 0, service.service_type), index, false) {
            return Err(ChangeError::Duplicate);
        }
        self.rename(index, 0, Some(Owner::Service(Service { instance, ..service })), false);
        Ok(())
    }

    /// Claims the name with `number` behind it: `kitchen-cam-2` for 2, the name as it was given for 0. A name that differs
    /// says goodbye first. To go on with the name of a former run, call it behind [`set_hostname`](Self::set_hostname) or
    /// [`register`](Self::register), before the next drain; the crate's `guide` shows it.
    ///
    /// # Errors
    /// A stale handle, a host name that was not set, or a name that is registered already; nothing changes then.
    pub fn set_number(&mut self, of: impl Into<Claimed>, number: u16) -> Result<(), ChangeError> {
        let index = self.index_of(of.into().handle()).ok_or(ChangeError::Unknown)?;
        if let Some(slot) = self.slot(index).filter(|slot| slot.number != number) {
            if self.has_name(slot.name_as(slot.label(), number), index, false) {
                return Err(ChangeError::Duplicate);
            }
            self.rename(index, number, None, false);
            self.slot_mut(index).into_iter().for_each(|slot| slot.told = number);
        }
        Ok(())
    }

    /// Withdraws a name and what is under it: its goodbye goes out with the next drain, and the handle turns stale.
    /// Its slot is free when [`Withdrawn`](super::ResponderEvent::Withdrawn) was told.
    ///
    /// # Errors
    /// A stale handle, or a host on which services run.
    pub fn unregister(&mut self, of: impl Into<Claimed>) -> Result<(), ChangeError> {
        let index = self.index_of(of.into().handle()).ok_or(ChangeError::Unknown)?;
        let runs_there = |&at: &usize| self.runs_on(at, index) && self.slot(at).is_some_and(Slot::is_live);
        if (0..self.slots.len()).find(runs_there).is_some() {
            return Err(ChangeError::InUse);
        }
        self.leave(index, true);
        Ok(())
    }

    /// The name as it is now, renames included; `None` for a stale handle or before
    /// [`set_hostname`](Self::set_hostname).
    pub fn name(&self, of: impl Into<Claimed>) -> Option<NameBuf> {
        let slot = self.slot(self.index_of(of.into().handle())?)?;
        Some(slot.name().to_buf())
    }

    /// The name as it would be with `number` behind it; 0 for none.
    pub fn name_with(&self, of: impl Into<Claimed>, number: u16) -> Option<NameBuf> {
        let slot = self.slot(self.index_of(of.into().handle())?)?;
        Some(slot.name_as(slot.label(), number).to_buf())
    }

    /// The number that renames have put behind the name, 0 for none: what to keep across a restart for
    /// [`set_number`](Self::set_number). `None` for a stale handle.
    pub fn number(&self, of: impl Into<Claimed>) -> Option<u16> {
        Some(self.slot(self.index_of(of.into().handle())?)?.number)
    }

    /// Whether the name is ours and answered for (RFC 6762 sections 8.1 and 8.3): what
    /// [`Established`](super::ResponderEvent::Established) tells. `None` for a stale handle.
    pub fn is_established(&self, of: impl Into<Claimed>) -> Option<bool> {
        Some(self.slot(self.index_of(of.into().handle())?)?.claim.is_ours())
    }

    /// Puts somebody into a free slot.
    fn take_slot(&mut self, owner: Owner<'a>, shared: bool) -> Result<Handle, RegisterError> {
        if self.has_name(owner.name(owner.label(), 0), usize::MAX, shared) {
            return Err(RegisterError::Duplicate);
        }
        let full = RegisterError::Full { capacity: self.slots.len().saturating_sub(1) };
        let claim = if self.is_up { Claim::Waiting } else { Claim::Idle };
        let is_free = |slot: &Slot<'_>| matches!(slot.owner, Owner::Nobody);
        let index = (1..self.slots.len()).find(|&at| self.slot(at).is_some_and(is_free)).ok_or(full)?;
        // The type may be in the list for another service of ours.
        let same = |slot: &&Slot<'_>| slot.has_type(owner.service_type());
        let known = self.slots.iter().find(same).map(|slot| (slot.sent, slot.times));
        let slot = self.slot_mut(index).ok_or(full)?;
        (slot.owner, slot.claim) = (owner, claim);
        (slot.number, slot.told, slot.sent, slot.flags) = (0, 0, Slot::EMPTY.sent, Flags::NONE);
        if let Some((sent, times)) = known {
            (slot.sent, slot.times) = (sent.map(|sent| sent.only(Kinds::TYPE)), times);
        }
        slot.flags.set(Flags::SHARED, shared);
        slot.generation = slot.generation.wrapping_add(1);
        let handle = Handle { index: index as u16, generation: slot.generation };
        (self.is_stale, self.has_new_name) = (true, true);
        Ok(handle)
    }

    /// A family of addresses may be gone: no cache is flushed of it by what is announced now.
    fn lose_family(&mut self, index: usize, old: &'a [IpAddr]) {
        let keeps_both = self.lacking_families(index).is_empty();
        let slot = self.slot_mut(index).filter(|slot| slot.flags.has(Flags::ANNOUNCED));
        if let Some(slot) = slot.filter(|_| !keeps_both)
            && let Goodbye::Nothing = slot.goodbye
        {
            slot.goodbye = Goodbye::Family(old);
        }
    }

    /// Changes a registered service and announces it.
    fn change(&mut self, index: usize, change: impl FnOnce(&mut Service<'a>)) {
        if let Some(Slot { owner: Owner::Service(service), .. }) = self.slot_mut(index) {
            change(service);
        }
        self.announce_again(index);
    }

    fn replace_extra(&mut self, index: usize, records: &'a [ExtraRecord<'a>]) {
        self.note_old_data(index, Kinds::ALL);
        let Some(slot) = self.slot_mut(index) else { return };
        // Of nothing there is no goodbye, which would stand in the way of the next one.
        if let (Goodbye::Nothing, true, replaced @ [_, ..]) =
            (slot.goodbye, slot.flags.has(Flags::ANNOUNCED), slot.extra())
        {
            slot.goodbye = Goodbye::Extra(replaced);
        }
        match &mut slot.owner {
            Owner::Host(_, extra) | Owner::Records(_, extra) => *extra = records,
            // A host that has no name yet is nobody: its records are kept for the name.
            owner => *owner = Owner::Host("", records),
        }
        self.announce_again(index);
    }

    /// Gives the slot another number, and perhaps another label: the name that the link knows says goodbye, the new
    /// one is to be claimed. Of a service whose name is `lost` to another only what points to it is withdrawn: the rest
    /// may have changed since it was announced, and the other's announcement flushes it.
    pub(super) fn rename(&mut self, index: usize, number: u16, owner: Option<Owner<'a>>, lost: bool) {
        // The data of services that run there changes with the name.
        for service in 0..self.slots.len() {
            if self.runs_on(service, index) {
                self.note_old_data(service, Kinds::SRV);
            }
        }
        let mut goodbyes = self.announced_kinds(index);
        if lost && matches!(self.slot(index), Some(Slot { owner: Owner::Service(_), .. })) {
            goodbyes = goodbyes.without(Kinds::SRV.with(Kinds::TXT));
        }
        let (now, claim) = (self.now, if self.is_up { Claim::Waiting } else { Claim::Idle });
        let Some(slot) = self.slot_mut(index) else { return };
        let old = Goodbye::Label(slot.label(), slot.number);
        match slot.goodbye {
            Goodbye::Name => slot.goodbye = old,
            Goodbye::Label(..) => {}
            Goodbye::Nothing | Goodbye::Extra(_) | Goodbye::Family(_) => {
                slot.quiet();
                // Without records, as a host is without addresses, nothing waits for a goodbye.
                let has_any = slot.flags.has(Flags::ANNOUNCED) && !goodbyes.is_empty();
                slot.goodbye = if has_any { old } else { Goodbye::Nothing };
                slot.pending = if has_any { goodbyes } else { Kinds::NONE };
                slot.flags.set(Flags::LOST, lost);
            }
        }
        slot.flags.set(Flags::ANNOUNCED.with(Flags::CHANGED), false);
        // The name may come back, or differ in its spelling alone: its records keep their second (M-6-6).
        slot.forget_sent(Kinds::ALL.without(Kinds::TYPE), 1_000, now);
        (slot.number, slot.claim) = (number, claim);
        slot.news.forget(News::RENAMED);
        if let Some(owner) = owner {
            (slot.owner, slot.told) = (owner, number);
        }
        (self.is_stale, self.has_new_name) = (true, true);
    }

    /// The slot of a name that is registered still.
    fn index_of(&self, handle: Handle) -> Option<usize> {
        let index = usize::from(handle.index);
        let slot = self.slot(index)?;
        (slot.is_live() && slot.generation == handle.generation).then_some(index)
    }

    /// Whether a slot other than `except` has this name for itself, or at all unless the name is to be `shared`.
    pub(super) fn has_name(&self, name: OwnName<'_>, except: usize, shared: bool) -> bool {
        let mut others = (0..).zip(self.slots.iter());
        name.read(|name| {
            others.any(|(index, slot)| {
                let apart = shared && slot.flags.has(Flags::SHARED);
                index != except && slot.is_live() && !apart && slot.has_name(&name.name())
            })
        })
    }
}

fn check_set(records: &[ExtraRecord<'_>]) -> Result<(), RecordsError> {
    if records.is_empty() { Err(RecordsError::Empty) } else { check_extra(records, Kinds::EXTRA, &[]) }
}
