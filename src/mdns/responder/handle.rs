//! What the application holds of names that it registered.

/// A slot, as it was when it was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) struct Handle {
    pub(super) index: u16,
    pub(super) generation: u16,
}

impl Handle {
    /// The host's slot is never given away.
    pub(super) const HOST: Handle = Handle { index: 0, generation: 0 };
}

/// A service that was registered. It turns stale when the service is withdrawn, and fits again only after 65 536
/// further registrations in its slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ServiceId(pub(super) Handle);

/// Another host that was registered; as lasting as a [`ServiceId`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct HostId(pub(super) Handle);

/// Records that were registered under a name of their own; as lasting as a [`ServiceId`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct RecordsId(pub(super) Handle);

/// Whose name something is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Claimed {
    /// The host name of this device.
    Host,
    /// The instance name of a service.
    Service(ServiceId),
    /// The name of another host.
    OtherHost(HostId),
    /// A name with records of its own.
    Records(RecordsId),
}

impl From<ServiceId> for Claimed {
    fn from(id: ServiceId) -> Self {
        Self::Service(id)
    }
}

impl From<HostId> for Claimed {
    fn from(id: HostId) -> Self {
        Self::OtherHost(id)
    }
}

impl From<RecordsId> for Claimed {
    fn from(id: RecordsId) -> Self {
        Self::Records(id)
    }
}

impl Claimed {
    pub(super) fn handle(self) -> Handle {
        match self {
            Self::Host => Handle::HOST,
            Self::Service(ServiceId(handle))
            | Self::OtherHost(HostId(handle))
            | Self::Records(RecordsId(handle)) => handle,
        }
    }
}
