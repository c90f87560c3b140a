//! The arguments that the mDNS examples share.

use std::time::Duration;

use clap::Args;
use dotlocal::adapter::std::{LinkError, interfaces};
use dotlocal::mdns::Families;

/// Which links, and how to print.
#[derive(Args)]
pub(crate) struct CommonArgs {
    /// Use this network interface; may be given several times [default: every multicast-capable one that is up,
    /// loopback when there is no other]
    #[arg(long = "interface", value_name = "NAME", value_parser = interface)]
    pub(crate) interfaces: Vec<String>,
    /// IPv4 only
    #[arg(long, conflicts_with = "ipv6")]
    ipv4: bool,
    /// IPv6 only
    #[arg(long)]
    ipv6: bool,
    /// One JSON object a line
    #[arg(long)]
    pub(crate) json: bool,
    /// Protocol trace on standard error: every packet in and out
    #[arg(long)]
    pub(crate) log: bool,
}

impl CommonArgs {
    pub(crate) fn families(&self) -> Families {
        match (self.ipv4, self.ipv6) {
            (true, _) => Families::V4,
            (_, true) => Families::V6,
            _ => Families::Both,
        }
    }
}

/// Reads the name of an interface that there is.
fn interface(name: &str) -> Result<String, String> {
    let is_there = interfaces().map_err(|error| error.to_string())?.iter().any(|it| it.name == name);
    let name = name.to_owned();
    if is_there { Ok(name) } else { Err(LinkError::NoSuchInterface { name }.to_string()) }
}

/// Reads a time in seconds, such as `5` or `0.5`.
pub(crate) fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    seconds.ok_or_else(|| "write a number of seconds, such as 5 or 0.5".to_owned())
}
