//! One endpoint a link, all in one thread.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::io;
use std::os::fd::BorrowedFd;
use std::time::{Duration, Instant};

use dotlocal::adapter::std::{Link, LinkError, interfaces, wait};
use dotlocal::mdns::{Config, Endpoint, EndpointStorage, Event};

use super::args::CommonArgs;
use super::output::say;
use super::{Failure, trace};

/// A link and the endpoint that speaks on it.
pub(crate) struct Node<'s, 'a> {
    pub(crate) link: Link,
    pub(crate) endpoint: Endpoint<'s, 'a>,
    /// Its interface is no more.
    pub(crate) is_gone: bool,
}

/// Does on each link what can be done now, and tells `on_event` on which one something happened. A link whose interface
/// is gone rests from then on; without any left this fails.
pub(crate) fn turn<'s, 'a>(
    nodes: &mut [Node<'s, 'a>],
    on_event: &mut dyn FnMut(&str, &mut Endpoint<'s, 'a>, Event),
) -> Result<(), Failure> {
    for at in 0..nodes.len() {
        let are_others = nodes.iter().enumerate().any(|(other, node)| other != at && !node.is_gone);
        let Some(node) = nodes.get_mut(at).filter(|node| !node.is_gone) else { continue };
        let name = node.link.name().to_owned();
        match node.link.turn(&mut node.endpoint, &mut |endpoint, event| on_event(&name, endpoint, event)) {
            Err(error @ LinkError::Gone { .. }) if are_others => {
                node.is_gone = true;
                say(error);
            }
            Err(error @ LinkError::Addresses { .. }) => say(error),
            turned => turned?,
        }
    }
    Ok(())
}

/// Opens the links that the arguments name.
pub(crate) fn open_links(args: &CommonArgs) -> Result<Vec<Link>, Failure> {
    let is_default = args.interfaces.is_empty();
    let names = if is_default { default_interfaces()? } else { args.interfaces.clone() };
    let (mut links, mut failed): (Vec<Link>, Vec<LinkError>) = (Vec::new(), Vec::new());
    for name in names {
        if links.iter().any(|link| link.name() == name) {
            continue;
        }
        let mut link = match Link::open(&name, args.families()) {
            // Nobody has asked for this one: the others serve.
            Err(error @ (LinkError::NoMulticast { .. } | LinkError::NoSuchInterface { .. }))
                if is_default =>
            {
                failed.push(error);
                continue;
            }
            opened => opened?,
        };
        if !link.is_up() {
            say(format_args!(
                "{name} is down or has no address yet: it is used as soon as it is up and has one"
            ));
        }
        if args.log {
            trace::log(&mut link);
        }
        links.push(link);
    }
    match failed.pop() {
        Some(error) if links.is_empty() => Err(error.into()),
        last => {
            failed.iter().chain(&last).for_each(say);
            Ok(links)
        }
    }
}

/// Every multicast-capable interface that is up; loopback when there is no other.
fn default_interfaces() -> Result<Vec<String>, Failure> {
    let up: Vec<_> = interfaces()?.into_iter().filter(|interface| interface.up).collect();
    let real: Vec<_> = up.iter().filter(|interface| interface.multicast && !interface.loopback).collect();
    let chosen =
        if real.is_empty() { up.iter().filter(|interface| interface.loopback).collect() } else { real };
    if chosen.is_empty() {
        return Err(Failure::new("no network interface is up"));
    }
    Ok(chosen.into_iter().map(|interface| interface.name.clone()).collect())
}

/// An endpoint for each link.
pub(crate) fn nodes<
    's,
    'a,
    const A: usize,
    const S: usize,
    const T: usize,
    const R: usize,
    const C: usize,
>(
    links: Vec<Link>,
    storages: &'s mut [EndpointStorage<'a, A, S, T, R, C>],
) -> Vec<Node<'s, 'a>> {
    let node =
        |(link, storage)| Node { endpoint: Endpoint::new(storage, config(&link)), link, is_gone: false };
    links.into_iter().zip(storages).map(node).collect()
}

/// The settings for an endpoint on `link`, once all links are open: they may share the port with each other.
pub(crate) fn config(link: &Link) -> Config {
    let seed = RandomState::new().build_hasher().finish() as u32;
    Config::new(seed).unicast_answers(!link.port_is_shared())
}

/// Sleeps until a datagram, a deadline of an endpoint, `until`, or something to read from `extra`.
pub(crate) fn sleep<'n, 's: 'n, 'a: 's>(
    nodes: impl IntoIterator<Item = &'n Node<'s, 'a>>,
    extra: &[BorrowedFd<'_>],
    until: Option<Instant>,
) -> io::Result<()> {
    let (mut links, mut due) =
        (Vec::new(), until.map(|until| until.saturating_duration_since(Instant::now())));
    for Node { link, endpoint, .. } in nodes.into_iter().filter(|node| !node.is_gone) {
        if let Some(deadline) = endpoint.poll_timeout() {
            let wait = Duration::from_millis(deadline.millis_until(link.now()).into());
            due = Some(due.map_or(wait, |due| due.min(wait)));
        }
        links.push(link);
    }
    wait(&links, extra, due)
}
