//! What the endpoint tells, a line each.

use cortex_m_semihosting::hprintln;
use dotlocal::adapter::smoltcp::LinkError;
use dotlocal::mdns::{Endpoint, Event, QuerierEvent, ResponderEvent};

/// Prints what a turn could not do. It is told once, and all the rest was done.
pub fn error(turned: Result<(), LinkError>) {
    if let Err(error) = turned {
        hprintln!("{}", error);
    }
}

/// Prints one event.
pub fn event(endpoint: &mut Endpoint<'_, '_>, event: Event) {
    match event {
        Event::Responder(event) => of_ours(endpoint, event),
        Event::Querier(event) => of_others(endpoint, event),
    }
}

fn of_ours(endpoint: &Endpoint<'_, '_>, event: ResponderEvent) {
    let (what, of) = match event {
        ResponderEvent::Established(of) => ("established", of),
        ResponderEvent::Renamed { of, .. } => ("renamed", of),
        ResponderEvent::Conflict(of) => ("conflict", of),
        _ => return,
    };
    if let Some(name) = endpoint.name(of) {
        hprintln!("{} {}", what, name);
    }
}

fn of_others(endpoint: &Endpoint<'_, '_>, event: QuerierEvent) {
    match event {
        QuerierEvent::Address { address, .. } => hprintln!("address {}", address),
        QuerierEvent::Resolved { instance, .. } | QuerierEvent::Updated { instance, .. } => {
            let Some(found) = endpoint.instance(instance) else { return };
            for address in found.socket_addrs() {
                hprintln!("resolved \"{}\" at {}", found.label().escape_ascii(), address);
            }
        }
        QuerierEvent::Lost { instance, .. } => {
            let Some(lost) = endpoint.instance(instance) else { return };
            hprintln!("lost \"{}\"", lost.label().escape_ascii());
        }
        _ => {}
    }
}
