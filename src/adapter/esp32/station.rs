//! What the radio says of the link, as an endpoint is to be told.

use crate::mdns::Endpoint;

/// What happened to the station, by the events of the Wi-Fi driver or by whoever has put the chip to sleep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum WifiEvent<'e> {
    /// It is connected to an access point of this network.
    Connected {
        /// The name of the network, as the access point sends it: up to 32 octets.
        ssid: &'e [u8],
    },
    /// It is connected no more.
    Disconnected,
    /// The chip has slept with the radio off, for however long.
    Woke,
}

/// What an endpoint is to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum LinkChange {
    /// No packet passes any more.
    Down,
    /// The network is there again, by the same access point or another one, or nobody listened to it for a while.
    Up,
    /// It is another network: what was found is not there.
    NewNetwork,
}

impl LinkChange {
    /// Tells it. The groups are to be joined before: those of the link before are forgotten by the access point.
    pub fn tell(self, endpoint: &mut Endpoint<'_, '_>) {
        match self {
            Self::Down => endpoint.link_down(),
            Self::Up => endpoint.link_up(),
            Self::NewNetwork => endpoint.network_changed(),
        }
    }
}

/// The station's link, followed by events.
///
/// ```
/// use dotlocal::adapter::esp32::{LinkChange, Station, WifiEvent};
///
/// let mut station = Station::new();
/// assert_eq!(station.follow(WifiEvent::Connected { ssid: b"home" }), Some(LinkChange::NewNetwork));
/// assert_eq!(station.follow(WifiEvent::Disconnected), Some(LinkChange::Down));
/// // Back, or at another access point of the same network:
/// assert_eq!(station.follow(WifiEvent::Connected { ssid: b"home" }), Some(LinkChange::Up));
/// // change.tell(&mut endpoint)
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Station {
    /// The network that it was last connected to, and how many octets of it count; more than there are for none.
    ssid: [u8; MAX_SSID],
    ssid_len: usize,
    is_up: bool,
}

/// IEEE 802.11 has no longer one.
const MAX_SSID: usize = 32;

impl Station {
    /// Connected to nothing yet.
    pub const fn new() -> Self {
        Self { ssid: [0; MAX_SSID], ssid_len: usize::MAX, is_up: false }
    }

    /// Takes an event, and says what the endpoint is to be told of it: nothing when it brings no news.
    ///
    /// Drivers repeat events and leave some out. A second `Connected` means that there was a moment without a link, even
    /// where nobody has said so; a `Disconnected` after the other (each failed attempt is one) means nothing.
    pub fn follow(&mut self, event: WifiEvent<'_>) -> Option<LinkChange> {
        match event {
            WifiEvent::Connected { ssid } => {
                self.is_up = true;
                let is_known = self.ssid.get(..self.ssid_len) == Some(ssid);
                if !is_known {
                    self.ssid_len = ssid.len();
                    self.ssid.iter_mut().zip(ssid).for_each(|(place, octet)| *place = *octet);
                }
                Some(if is_known { LinkChange::Up } else { LinkChange::NewNetwork })
            }
            WifiEvent::Disconnected => core::mem::take(&mut self.is_up).then_some(LinkChange::Down),
            WifiEvent::Woke => self.is_up.then_some(LinkChange::Up),
        }
    }
}

impl Default for Station {
    fn default() -> Self {
        Self::new()
    }
}
