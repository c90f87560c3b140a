//! What an application looks for, and the calls for it.

use dotlocal::mdns::{Families, InstanceId, RequestId, Until};

use super::draw::{INSTANCES, LABELS, TYPES};
use super::host::{Device, Unit};
use crate::support::prng::Prng;

/// The host name of a small device.
pub(crate) const SMALL: &str = "lamp";

/// What is looked for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Wanted {
    /// The instances of a service type, of a subtype, or the list of types.
    Browse(&'static str),
    Resolve {
        instance: &'static str,
        service_type: &'static str,
    },
    Lookup {
        host: String,
        families: Families,
        /// How long it waits; without, it goes on until it is cancelled.
        millis: Option<u32>,
    },
}

impl Wanted {
    pub(crate) fn draw(prng: &mut Prng) -> Self {
        match prng.below(8) {
            0 | 1 => {
                let instance = prng.pick(&INSTANCES);
                // A dot in an instance name would end its label in the text of a name.
                let instance = if instance.contains('.') { INSTANCES[0] } else { instance };
                Self::Resolve { instance, service_type: prng.pick(&TYPES) }
            }
            2 | 3 => {
                let label = match prng.below(6) {
                    0 => "nobody",
                    1 | 2 => SMALL,
                    _ => prng.pick(&LABELS),
                };
                let families = prng.pick(&[Families::Both, Families::V4, Families::V6]);
                Self::Lookup {
                    host: format!("{label}.local"),
                    families,
                    millis: prng.pick(&[Some(400), Some(3_000), Some(20_000), None]),
                }
            }
            4 => Self::Browse(prng.pick(&["_printer._sub._http._tcp", "_a._sub._ipp._tcp", "_none._tcp"])),
            5 => Self::Browse("_services._dns-sd._udp"),
            _ => Self::Browse(prng.pick(&TYPES)),
        }
    }
}

impl Device<'_> {
    /// Starts a request; `None` when the host looks for nothing, or for too much already.
    pub(crate) fn want(&mut self, wanted: &Wanted) -> Option<RequestId> {
        macro_rules! start {
            ($machine:expr) => {
                match wanted {
                    Wanted::Browse(service_type) => $machine.browse(service_type),
                    Wanted::Resolve { instance, service_type } => $machine.resolve(instance, service_type),
                    Wanted::Lookup { host, families, millis } => {
                        let answered = |timeout_millis| Until::Answered { timeout_millis };
                        $machine.lookup(host, *families, millis.map_or(Until::Cancelled, answered))
                    }
                }
                .ok()
            };
        }
        match &mut self.machine {
            Unit::Responder(_) => None,
            Unit::Querier(machine) => start!(machine),
            Unit::Endpoint(machine) => start!(machine),
        }
    }

    /// What is known of an instance did not work.
    pub(crate) fn reconfirm(&mut self, instance: InstanceId) {
        match &mut self.machine {
            Unit::Responder(_) => {}
            Unit::Querier(machine) => machine.reconfirm(instance),
            Unit::Endpoint(machine) => machine.reconfirm(instance),
        }
    }

    /// Another network.
    pub(crate) fn network_changed(&mut self) {
        match &mut self.machine {
            Unit::Responder(machine) => machine.link_up(),
            Unit::Querier(machine) => machine.network_changed(),
            Unit::Endpoint(machine) => machine.network_changed(),
        }
    }

    pub(crate) fn cancel(&mut self, request: RequestId) {
        match &mut self.machine {
            Unit::Responder(_) => {}
            Unit::Querier(machine) => machine.cancel(request),
            Unit::Endpoint(machine) => machine.cancel(request),
        }
    }
}
