//! The protocol trace of `--log`.

use std::time::Instant;

use dotlocal::adapter::std::{Link, ResolverSockets, Traffic};
use dotlocal::wire::Message;
use dotlocal::{Channel, Destination, Meta};

use super::output::say;
use super::packet;

/// Prints every packet of `link` on standard error, with the time since now.
pub(crate) fn log(link: &mut Link) {
    let name = link.name().to_owned();
    let start = Instant::now();
    link.set_trace(Some(Box::new(move |traffic, octets| print(&name, start, traffic, octets))));
}

/// The same for what goes to servers and comes from them.
pub(crate) fn log_servers(sockets: &mut ResolverSockets) {
    let start = Instant::now();
    sockets.set_trace(Some(Box::new(move |traffic, octets| print("servers", start, traffic, octets))));
}

/// Prints one packet of `whom`.
pub(crate) fn print(whom: &str, start: Instant, traffic: Traffic<'_>, octets: &[u8]) {
    let way = match traffic {
        Traffic::Received(meta) if meta.multicast => format!("from {} to the group", meta.source),
        Traffic::Received(meta) => format!("from {} to us", meta.source),
        Traffic::Sent(Destination::Multicast) => "sent to the group".to_owned(),
        Traffic::Sent(Destination::Unicast(to)) => format!("sent to {to}"),
        Traffic::Unsent(_, error) => format!("not sent: {error}"),
        Traffic::Unreachable(server, error) => format!("{server} is not there: {error}"),
    };
    let millis = start.elapsed().as_millis();
    let line = format!("{millis:>6} ms  {whom}  {way}");
    if matches!(traffic, Traffic::Unreachable(..)) {
        return say(line);
    }
    if matches!(traffic, Traffic::Received(Meta { channel: Channel::Tcp(_), .. })) {
        return say(format_args!("{line}: {} octets of a stream", octets.len()));
    }
    match Message::parse(octets).and_then(|message| message.check()) {
        Ok(message) => {
            say(format_args!("{line}: {}", packet::header_line(&message)));
            packet::lines(&message).iter().for_each(|line| say(format_args!("           {line}")));
        }
        Err(error) => say(format_args!("{line}: {} octets, no message: {error}", octets.len())),
    }
}
